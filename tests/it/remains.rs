//! Remains over the API: inventory, minimum number of individuals, re-association, checklist, burial and exhumation, images; and that nobody else learns of any.

use crate::api::{Program, problem};
use crate::support::{Served, TestNode, person};
use rastro::db::remains as rows;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::ids::{FoundId, RemainsId};
use rastro::domain::remains::ImagePurpose;
use rastro::services::ServiceError;
use rastro::services::remains::images::{self, NewImage};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

struct Scene {
    node: TestNode,
    served: Served,
    doctor: Actor,
    forensic: Program,
    stranger: Program,
    officer: Actor,
    record: FoundId,
}

async fn scene() -> Scene {
    let node = TestNode::start_with_key().await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    let other = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    node.agreement(bank, other).await;
    let doctor = node.user(bank, "doctor", &[Role::ForensicOfficer]).await;
    let officer = node.user(other, "officer", &[Role::SearchOfficer, Role::ForensicOfficer]).await;
    let served = node.serve().await;
    let (forensic, stranger) = (Program::of(&node, &served, &doctor).await, Program::of(&node, &served, &officer).await);
    let unnamed = serde_json::from_value(json!({ "kind": "remains_unnamed" })).unwrap();
    let record = rastro::services::found::register(&node.app, &doctor, None, unnamed).await.unwrap().made.id;
    Scene { node, served, doctor, forensic, stranger, officer, record }
}

async fn made(answer: Response) -> Value {
    let status = answer.status();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{body}");
    body
}

fn faults(problem: &Value) -> Vec<(&str, &str)> {
    problem["errors"].as_array().unwrap().iter().map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap())).collect()
}

fn element(bone: &str, side: Option<&str>) -> Value {
    json!({ "bone": bone, "side": side, "completeness": "complete", "age_class": "adult" })
}

fn burial() -> Value {
    json!({ "cemetery": "Panteón Inventado", "plot": "Lote 4, fosa 2", "marker": "PLACA-0007", "exhumable": true, "ficha": "F-12" })
}

impl Scene {
    async fn remains(&self, kind: &str) -> String {
        let body = made(self.forensic.post(&format!("/found-records/{}/remains", self.record), &json!({ "kind": kind })).await).await;
        body["id"].as_str().unwrap().to_owned()
    }

    async fn elements(&self, remains: &str, all: Value) -> Vec<String> {
        let body = made(self.forensic.post(&format!("/remains/{remains}/elements"), &json!({ "elements": all })).await).await;
        body["elements"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn file(&self, remains: &str) -> Value {
        let answer = self.forensic.get(&format!("/remains/{remains}")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.unwrap()
    }

    async fn associate(&self, element: &str, individual: &str, verdict: &str, despite: bool) -> Response {
        let body = json!({ "individual": individual, "verdict": verdict, "reason": "articulation", "despite_doubts": despite });
        self.forensic.post(&format!("/skeletal-elements/{element}/associations"), &body).await
    }

    async fn go(&self, remains: &str, rev: i64, body: &Value) -> Response {
        let request = self.forensic.ask(Method::POST, &format!("/remains/{remains}/moves")).header("if-match", format!("\"{rev}\""));
        request.json(body).send().await.unwrap()
    }

    async fn sampled(&self, remains: &str) {
        let body = json!({ "source": "remains", "found_record": self.record, "remains": remains, "material": "bone", "taken_on": "2026-03-01" });
        made(self.forensic.post("/samples", &body).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn remains_and_elements_get_codes_with_a_check_digit_and_the_set_says_how_many_people_at_least_and_why() {
    let s = scene().await;
    let set = s.remains("commingled_set").await;
    let all = json!([element("femur", Some("left")), element("femur", Some("left")), element("femur", Some("right")), element("cranium", None)]);
    s.elements(&set, all).await;
    let file = s.file(&set).await;
    for code in [&file["code"], &file["elements"][0]["code"], &file["elements"][3]["code"]] {
        code.as_str().unwrap().parse::<rastro::domain::folio::Folio>().unwrap();
    }
    let minimum = &file["minimum_number_of_individuals"];
    assert_eq!(minimum["individuals"], 2);
    assert_eq!((&minimum["because"][0]["bone"], &minimum["because"][0]["left"]), (&json!("femur"), &json!(2)));
    assert_eq!(file["disposition"], "in_custody");
    drop(s.served);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_skeleton_has_is_refused_at_its_place_and_nothing_of_the_batch_is_written() {
    let s = scene().await;
    let set = s.remains("commingled_set").await;
    let all = json!([
        element("femur", Some("left")),
        element("sternum", Some("left")),
        { "bone": "femur", "completeness": "partial", "zones": ["middle_shaft", "frontal"], "age_class": "adult" },
        { "bone": "tibia", "completeness": "partial", "age_class": "adult", "measurements": { "maximum_length": 9000 } },
    ]);
    let refused =
        problem(s.forensic.post(&format!("/remains/{set}/elements"), &json!({ "elements": all })).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(
        faults(&refused),
        [("/elements/1/side", "unpaired"), ("/elements/2/zones/1", "other_bone"), ("/elements/3/measurements/maximum_length", "out_of_range")]
    );
    assert_eq!(s.file(&set).await["elements"], json!([]));
    let isolated = s.remains("isolated_element").await;
    let two = json!([element("femur", Some("left")), element("tibia", Some("left"))]);
    let refused =
        problem(s.forensic.post(&format!("/remains/{isolated}/elements"), &json!({ "elements": two })).await, StatusCode::UNPROCESSABLE_ENTITY)
            .await;
    assert_eq!(faults(&refused), [("/elements/1", "isolated")]);
    let bad = json!({ "kind": "complete_body", "completeness": "fragment", "pmi_from": "1_to_2_years", "pmi_to": "under_1_week" });
    let refused = s.forensic.post(&format!("/found-records/{}/remains", s.record), &bad).await;
    assert_eq!(
        faults(&problem(refused, StatusCode::UNPROCESSABLE_ENTITY).await),
        [("/pmi_from", "reversed"), ("/completeness", "complete_body")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_registers_and_inventories_once() {
    let s = scene().await;
    let register = async || {
        let request = s.forensic.ask(Method::POST, &format!("/found-records/{}/remains", s.record)).header("idempotency-key", "remains-0001");
        request.json(&json!({ "kind": "commingled_set" })).send().await.unwrap()
    };
    let set = made(register().await).await["id"].as_str().unwrap().to_owned();
    let again = register().await;
    assert_eq!(again.status(), StatusCode::OK);
    assert_eq!(again.json::<Value>().await.unwrap()["id"], set.as_str());
    let inventory = async || {
        let request = s.forensic.ask(Method::POST, &format!("/remains/{set}/elements")).header("idempotency-key", "elements-0001");
        request.json(&json!({ "elements": [element("femur", Some("left"))] })).send().await.unwrap().status()
    };
    assert_eq!((inventory().await, inventory().await), (StatusCode::CREATED, StatusCode::OK));
    assert_eq!(s.file(&set).await["elements"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_element_is_of_one_individual_what_cannot_be_is_refused_and_doubts_stay_written() {
    let s = scene().await;
    let set = s.remains("commingled_set").await;
    let (one, two) = (s.remains("incomplete_body").await, s.remains("incomplete_body").await);
    let upper =
        json!({ "bone": "tibia", "side": "left", "completeness": "partial", "zones": ["proximal_end", "middle_shaft"], "age_class": "adult" });
    let lower =
        json!({ "bone": "tibia", "side": "left", "completeness": "partial", "zones": ["middle_shaft", "distal_end"], "age_class": "adult" });
    let child = json!({ "bone": "cranium", "completeness": "complete", "age_class": "child" });
    let all = json!([element("femur", Some("left")), element("femur", Some("left")), upper, lower, child]);
    let ids = s.elements(&set, all).await;
    made(s.associate(&ids[0], &one, "inclusion", false).await).await;
    let second = problem(s.associate(&ids[1], &one, "inclusion", true).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&second), [("/individual", "same_bone")], "no doubt can be answered for what cannot be");
    let elsewhere = problem(s.associate(&ids[0], &two, "inclusion", false).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&elsewhere), [("/individual", "included_elsewhere")]);
    let young = problem(s.associate(&ids[4], &one, "inclusion", true).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&young), [("/individual", "ages_apart")]);

    made(s.associate(&ids[2], &one, "inclusion", false).await).await;
    let doubted = problem(s.associate(&ids[3], &one, "inclusion", false).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&doubted), [("/despite_doubts", "overlapping_zone")]);
    let answered = made(s.associate(&ids[3], &one, "inclusion", true).await).await;
    assert_eq!(answered["doubts"], json!(["overlapping_zone"]));
    let file = s.file(&one).await;
    assert_eq!(file["included"].as_array().unwrap().len(), 3);
    assert_eq!(file["associations"].as_array().unwrap().iter().filter(|a| a["doubts"] == json!(["overlapping_zone"])).count(), 1);

    // A set is nobody, and the other reason has to be told.
    let set_itself = problem(s.associate(&ids[1], &set, "inclusion", false).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&set_itself), [("/individual", "no_individual")]);
    let other = json!({ "individual": two, "verdict": "inclusion", "reason": "other" });
    let untold = s.forensic.post(&format!("/skeletal-elements/{}/associations", ids[1]), &other).await;
    assert_eq!(faults(&problem(untold, StatusCode::UNPROCESSABLE_ENTITY).await), [("/note", "empty")]);

    // An exclusion stands instead of the inclusion, and the history stays.
    made(s.associate(&ids[0], &one, "exclusion", false).await).await;
    made(s.associate(&ids[0], &two, "inclusion", false).await).await;
    let lines = s.file(&set).await["associations"].as_array().unwrap().iter().filter(|a| a["element_id"] == ids[0].as_str()).count();
    assert_eq!(lines, 3);
    assert_eq!(s.file(&two).await["included"][0]["id"], ids[0].as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_with_a_body_is_of_that_body_until_somebody_excludes_it() {
    let s = scene().await;
    let (one, two) = (s.remains("incomplete_body").await, s.remains("incomplete_body").await);
    let own = s.elements(&one, json!([element("femur", Some("left"))])).await;
    let stray = s.elements(&two, json!([element("femur", Some("left"))])).await;
    let refused = problem(s.associate(&own[0], &two, "inclusion", false).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&refused), [("/individual", "included_elsewhere"), ("/individual", "same_bone")]);
    made(s.associate(&stray[0], &two, "exclusion", false).await).await;
    assert_eq!(s.file(&two).await["minimum_number_of_individuals"]["individuals"], 0);
    made(s.associate(&own[0], &one, "exclusion", false).await).await;
    made(s.associate(&own[0], &two, "inclusion", false).await).await;
    assert_eq!(s.file(&one).await["minimum_number_of_individuals"]["individuals"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_include_an_element_at_once_cannot_both_have_it() {
    let s = scene().await;
    let set = s.remains("commingled_set").await;
    let (one, two) = (s.remains("incomplete_body").await, s.remains("incomplete_body").await);
    for id in s.elements(&set, json!(vec![element("femur", Some("left")); 4])).await {
        let (a, b) = tokio::join!(s.associate(&id, &one, "inclusion", false), s.associate(&id, &two, "inclusion", false));
        assert!(!(a.status() == StatusCode::CREATED && b.status() == StatusCode::CREATED), "{id} is of two people");
    }
    assert!(s.file(&one).await["included"].as_array().unwrap().len() <= 1, "nobody has two left femora");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_keeps_what_it_was_and_refuses_what_the_individual_could_not_be_and_a_stale_revision() {
    let s = scene().await;
    let body = s.remains("incomplete_body").await;
    let ids = s.elements(&body, json!([element("femur", Some("left")), element("femur", Some("right"))])).await;
    for id in &ids {
        made(s.associate(id, &body, "inclusion", false).await).await;
    }
    let correct = async |rev: i32, side: &str, bone: &str| {
        let request = s.forensic.ask(Method::PATCH, &format!("/skeletal-elements/{}", ids[1])).header("if-match", format!("\"{rev}\""));
        request.json(&json!({ "reason": "Se leyó de nuevo", "element": element(bone, Some(side)) })).send().await.unwrap()
    };
    let refused = problem(correct(1, "left", "femur").await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&refused), [("/element", "contradiction")]);
    assert_eq!(correct(1, "right", "tibia").await.status(), StatusCode::OK);
    let stale = problem(correct(1, "right", "fibula").await, StatusCode::PRECONDITION_FAILED).await;
    assert_eq!(stale["revision"], 2);
    let kept = s
        .node
        .everything()
        .await
        .query("SELECT field, old_value #>> '{}', reason FROM correction WHERE subject_kind = 'skeletal_element'", &[])
        .await
        .unwrap();
    assert!(
        kept.iter().any(|r| r.get::<_, String>(0) == "bone" && r.get::<_, String>(1) == "femur" && r.get::<_, String>(2) == "Se leyó de nuevo")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_buried_without_a_sample_a_marker_and_a_place() {
    let s = scene().await;
    let body = s.remains("complete_body").await;
    let bare = json!({ "command": "bury_individually", "on": "2026-04-02", "burial": { "cemetery": " ", "plot": "", "marker": "", "exhumable": true } });
    let refused = problem(s.go(&body, 1, &bare).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&refused), [("/burial/cemetery", "empty"), ("/burial/plot", "empty"), ("/burial/marker", "empty")]);
    let bury = json!({ "command": "bury_individually", "on": "2026-04-02", "burial": burial() });
    for command in ["bury_individually", "bury_in_common_grave", "place_in_ossuary"] {
        let mut any = bury.clone();
        any["command"] = json!(command);
        let refused = problem(s.go(&body, 1, &any).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(faults(&refused), [("/command", "sample")], "{command}");
    }
    // A sample that is only planned, or of another body of the same record, is none of this one.
    let other = s.remains("complete_body").await;
    s.sampled(&other).await;
    let planned = json!({ "source": "remains", "found_record": s.record, "remains": body, "material": "tooth" });
    made(s.forensic.post("/samples", &planned).await).await;
    problem(s.go(&body, 1, &bury).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    s.sampled(&body).await;
    let buried = made(s.go(&body, 1, &bury).await).await;
    assert_eq!((&buried["disposition"], &buried["revision"]), (&json!("individual_grave"), &json!(2)));

    let twice = problem(s.go(&body, 2, &bury).await, StatusCode::CONFLICT).await;
    assert_eq!(twice["legal"], json!(["exhume", "report_missing"]));
    let stale = problem(
        s.go(&body, 1, &json!({ "command": "exhume", "on": "2026-05-01", "order_ref": "x", "reason": "x" })).await,
        StatusCode::PRECONDITION_FAILED,
    )
    .await;
    assert_eq!(stale["revision"], 2);
    let unordered = problem(s.go(&body, 2, &json!({ "command": "exhume", "on": "2026-05-01" })).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&unordered), [("/order_ref", "empty"), ("/reason", "empty")]);
    let order = json!({ "command": "exhume", "on": "2026-05-01", "order_ref": "Orden 12/2026", "reason": "Peritaje independiente", "location": "Cámara 1" });
    assert_eq!(made(s.go(&body, 2, &order).await).await["disposition"], "in_custody");
    let file = s.file(&body).await;
    assert_eq!(file["location"], "Cámara 1");
    let told: Vec<&str> = file["moves"].as_array().unwrap().iter().map(|m| m["command"].as_str().unwrap()).collect();
    assert_eq!(told, ["bury_individually", "exhume"]);
    assert_eq!(file["burials"][0]["ficha"], "F-12");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_that_cannot_be_taken_is_said_with_its_reason_and_a_cremation_waits_for_every_operation() {
    let s = scene().await;
    let body = s.remains("incomplete_body").await;
    let say = async |operation: &str, state: &str, more: Value| {
        let mut told = json!({ "operation": operation, "state": state });
        told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        s.forensic.post(&format!("/remains/{body}/operations"), &told).await
    };
    let refused = problem(say("sampling", "not_possible", json!({})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&refused), [("/reason", "empty")]);
    let refused = problem(say("autopsy", "done", json!({})).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&refused), [("/done_on", "empty")]);
    assert_eq!(say("sampling", "not_possible", json!({ "reason": "La familia se opuso" })).await.status(), StatusCode::NO_CONTENT);
    let cremate = json!({ "command": "cremate", "on": "2026-04-02", "burial": burial(), "order_ref": "Orden 4", "reason": "Orden sanitaria" });
    let refused = problem(s.go(&body, 1, &cremate).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&refused), [("/command", "operations")]);
    for operation in
        ["photographs", "external_examination", "fingerprints", "odontology", "radiographs", "autopsy", "anthropology", "belongings"]
    {
        assert_eq!(say(operation, "done", json!({ "done_on": "2026-03-20" })).await.status(), StatusCode::NO_CONTENT);
    }
    // One is taken back: the last word counts.
    assert_eq!(say("autopsy", "not_done", json!({})).await.status(), StatusCode::NO_CONTENT);
    problem(s.go(&body, 1, &cremate).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(say("autopsy", "done", json!({ "done_on": "2026-03-21" })).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(made(s.go(&body, 1, &cremate).await).await["disposition"], "cremated");
    assert_eq!(s.file(&body).await["kind"], "cremains");
    let bones = s.remains("isolated_element").await;
    let asked = s.forensic.post(&format!("/remains/{bones}/operations"), &json!({ "operation": "fingerprints", "state": "not_done" })).await;
    assert_eq!(faults(&problem(asked, StatusCode::UNPROCESSABLE_ENTITY).await), [("/operation", "not_applicable")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_given_back_unidentified_or_before_the_family_was_told_in_person() {
    let s = scene().await;
    let body = s.remains("complete_body").await;
    let bare =
        problem(s.go(&body, 1, &json!({ "command": "return_to_family", "on": "2026-04-02" })).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&bare), [("/order_ref", "empty"), ("/receiver", "empty"), ("/told_on", "empty")]);
    let give =
        json!({ "command": "return_to_family", "on": "2026-04-02", "order_ref": "Acta 3", "receiver": "Hermana", "told_on": "2026-04-01" });
    let refused = problem(s.go(&body, 1, &give).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&refused), [("/command", "identification")]);
    let mut late = give.clone();
    late["told_on"] = json!("2026-04-03");
    let refused = problem(s.go(&body, 1, &late).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&refused), [("/told_on", "told_after")]);
    // A name on a paper beside them is no identification; one that two institutions signed is.
    let named = s.node.remains(&s.doctor, person("Ignacia", "Zelaya", "Prueba")).await;
    let theirs = made(s.forensic.post(&format!("/found-records/{named}/remains"), &json!({ "kind": "complete_body" })).await).await;
    let refused = problem(s.go(theirs["id"].as_str().unwrap(), 1, &give).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&refused), [("/command", "identification")]);
    // How one comes to be is told by the tests of identification.
    let client = s.node.everything().await;
    client.batch_execute("SET session_replication_role = replica").await.unwrap();
    let issued = "INSERT INTO identification (id, number, hypothesis_id, case_id, found_id, case_authority, found_authority, case_folio, found_folio, state, \
                      methods, snapshot, drafted_by, drafted_name, drafted_authority, issued_at, created_at, updated_at) \
                  SELECT gen_random_uuid(), 'X', gen_random_uuid(), gen_random_uuid(), f.id, gen_random_uuid(), f.authority_id, 'C', f.folio, 'issued', \
                      '{dna}', '{}', gen_random_uuid(), 'Invented', f.authority_id, now(), now(), now() FROM found_record f WHERE f.id = $1";
    assert_eq!(client.execute(issued, &[&named.0]).await.unwrap(), 1);
    let refused = problem(s.go(theirs["id"].as_str().unwrap(), 1, &give).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&refused), [("/command", "identification")], "nothing leaves before a person told the family");
    let told = "INSERT INTO notification (id, authority_id, case_id, identification_id, kind, state, due_at, delivery, delivered_at, created_at, updated_at) \
                SELECT gen_random_uuid(), i.case_authority, i.case_id, i.id, 'identified_deceased', 'delivered', now(), '{}', now(), now(), now() FROM identification i";
    assert_eq!(client.execute(told, &[]).await.unwrap(), 1);
    assert_eq!(made(s.go(theirs["id"].as_str().unwrap(), 1, &give).await).await["disposition"], "returned_to_family");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_is_of_an_element_and_counts_for_the_individual_that_includes_it() {
    let s = scene().await;
    let (set, body) = (s.remains("commingled_set").await, s.remains("incomplete_body").await);
    let ids = s.elements(&set, json!([element("femur", Some("left"))])).await;
    let sample = json!({ "source": "remains", "found_record": s.record, "element": ids[0], "material": "bone", "taken_on": "2026-03-01" });
    let wrong = json!({ "source": "remains", "found_record": s.record, "remains": body, "element": ids[0], "material": "bone" });
    let refused = problem(s.forensic.post("/samples", &wrong).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(faults(&refused), [("/element", "other_remains")]);
    let made_sample = made(s.forensic.post("/samples", &sample).await).await;
    let read: Value = s.forensic.get(&format!("/samples/{}", made_sample["id"].as_str().unwrap())).await.json().await.unwrap();
    assert_eq!((&read["remains"], &read["element"]), (&json!(set), &json!(ids[0])));
    assert_eq!(s.file(&set).await["samples"][0]["element_id"], ids[0].as_str());
    let bury = json!({ "command": "bury_individually", "on": "2026-04-02", "burial": burial() });
    problem(s.go(&body, 1, &bury).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    made(s.associate(&ids[0], &body, "inclusion", false).await).await;
    made(s.go(&body, 1, &bury).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_institution_learns_nothing_of_remains_not_even_with_an_agreement() {
    let s = scene().await;
    let set = s.remains("commingled_set").await;
    let ids = s.elements(&set, json!([element("femur", Some("left"))])).await;
    for path in [format!("/remains/{set}"), format!("/found-records/{}/remains", s.record)] {
        problem(s.stranger.get(&path).await, StatusCode::NOT_FOUND).await;
    }
    let verdict = json!({ "individual": set, "verdict": "exclusion", "reason": "dna" });
    problem(s.stranger.post(&format!("/skeletal-elements/{}/associations", ids[0]), &verdict).await, StatusCode::NOT_FOUND).await;
    problem(s.stranger.post(&format!("/remains/{set}/elements"), &json!({ "elements": [element("femur", None)] })).await, StatusCode::NOT_FOUND)
        .await;
    let theirs = s.stranger.get(&format!("/found-records/{}", s.record)).await;
    if theirs.status() == StatusCode::OK {
        let body = theirs.text().await.unwrap();
        assert!(!body.contains(&set) && !body.contains("commingled"), "{body}");
    }
    // A forgotten WHERE leaks nothing either.
    let mut tx = s.node.app.pool.begin_for(&s.officer).await.unwrap();
    for table in
        ["remains", "skeletal_element", "element_association", "burial_record", "disposition_event", "post_mortem_operation", "remains_image"]
    {
        assert_eq!(rastro::db::visible_rows(&mut tx, table).await.unwrap(), 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_itself_lets_nobody_hang_anything_on_another_institution_s_remains() {
    let s = scene().await;
    let set = s.remains("commingled_set").await;
    let mut client = rastro::db::tx::connect(&s.node.app_url, "test", &tokio::runtime::Handle::current()).await.unwrap();
    let (owner, record) = (s.officer.authority, s.record);
    let remains = format!(
        "INSERT INTO remains (id, authority_id, code, found_id, kind, disposition, created_by, created_at, updated_at) \
         VALUES (gen_random_uuid(), '{owner}', 'X-1', '{record}', 'complete_body', 'in_custody', '{owner}', now(), now())"
    );
    let element = format!(
        "INSERT INTO skeletal_element (id, authority_id, code, remains_id, bone, completeness, age_class, created_by, created_at, updated_at) \
         VALUES (gen_random_uuid(), '{owner}', 'X-2', '{set}', 'femur', 'complete', 'adult', '{owner}', now(), now())"
    );
    let sided =
        element.replace("bone, completeness", "bone, side, completeness").replace("'femur', 'complete'", "'sternum', 'left', 'complete'");
    for (statement, wanted) in [(&remains, "42501"), (&element, "23503"), (&sided, "23514")] {
        let tx = client.transaction().await.unwrap();
        tx.batch_execute(&format!("SELECT set_config('app.authority', '{owner}', true)")).await.unwrap();
        tx.batch_execute("SELECT set_config('role', 'rastro_web', true)").await.unwrap();
        let refused = tx.execute(statement.as_str(), &[]).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), wanted, "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_and_writes_are_audited_and_no_line_of_history_can_be_changed() {
    let s = scene().await;
    let body = s.remains("incomplete_body").await;
    let ids = s.elements(&body, json!([element("femur", Some("left"))])).await;
    made(s.associate(&ids[0], &body, "inclusion", false).await).await;
    s.file(&body).await;
    let client = s.node.everything().await;
    let told: Vec<(String, String)> = client
        .query("SELECT action, subject_kind FROM audit_event WHERE subject_kind IN ('remains', 'skeletal_element') ORDER BY at, id", &[])
        .await
        .unwrap()
        .iter()
        .map(|r| (r.get(0), r.get(1)))
        .collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(a, k)| (a.as_str(), k.as_str())).collect();
    assert_eq!(told, [("create", "remains"), ("create", "skeletal_element"), ("associate", "skeletal_element"), ("read", "remains")]);
    for table in ["element_association", "burial_record", "disposition_event", "post_mortem_operation", "remains_image"] {
        assert!(client.execute(&format!("DELETE FROM {table}"), &[]).await.is_err(), "{table} was emptied");
    }
}

/// A picture of an invented board.
pub fn board() -> Vec<u8> {
    let image =
        image::RgbImage::from_fn(64, 48, |x, y| if (x / 4 + y / 4) % 2 == 0 { image::Rgb([250, 250, 250]) } else { image::Rgb([5, 5, 5]) });
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(image).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_blurred_until_asked_for_asking_is_audited_and_a_bomb_is_refused() {
    let s = scene().await;
    let body = RemainsId(s.remains("complete_body").await.parse().unwrap());
    let new = |file: Vec<u8>| NewImage { purpose: ImagePurpose::Recovery, element: None, caption: None, sensitive: true, file };
    let refused = images::add(&s.node.app, &s.doctor, body, None, new(b"%PDF-1.7".to_vec())).await;
    assert!(matches!(refused, Err(ServiceError::Invalid(faults)) if faults.0[0].code == "image_format"));
    let id = images::add(&s.node.app, &s.doctor, body, None, new(board())).await.unwrap().made;
    let (blurred, sharp) =
        (images::unasked(&s.node.app, &s.doctor, id).await.unwrap(), images::shown(&s.node.app, &s.doctor, id).await.unwrap());
    let contrast = |bytes: &[u8]| {
        let pixels = image::load_from_memory(bytes).unwrap().to_luma8().into_raw();
        pixels.iter().max().unwrap() - pixels.iter().min().unwrap()
    };
    assert!(contrast(&sharp) > 200 && contrast(&blurred) < 100, "{} {}", contrast(&sharp), contrast(&blurred));
    let actions: Vec<String> = s
        .node
        .everything()
        .await
        .query("SELECT action FROM audit_event WHERE subject_kind = 'remains_image' ORDER BY at, id", &[])
        .await
        .unwrap()
        .iter()
        .map(|r| r.get(0))
        .collect();
    assert_eq!(actions, ["create", "read", "show"]);
    let mut tx = s.node.app.pool.begin_for(&s.doctor).await.unwrap();
    assert_eq!(rows::get(&mut tx, body).await.unwrap().rev, 1);
}
