//! The JSON API over HTTP: tokens, conventions, bad input, and that nobody learns of another's records.

use crate::support::{Served, TestNode, consent_to, person};
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::services::admin;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

/// A program signed in to a node.
pub struct Program {
    client: reqwest::Client,
    base: String,
    token: String,
}

impl Program {
    pub async fn of(node: &TestNode, served: &Served, actor: &Actor) -> Self {
        let made = admin::add_client(&node.app, actor.user, "test").await.unwrap();
        let base = format!("{}/api/v1", served.url);
        let client = reqwest::Client::new();
        let body = json!({ "grant_type": "client_credentials", "client_id": made.id, "client_secret": made.secret, "purpose": actor.purpose });
        let answer = client.post(format!("{base}/token")).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let token = answer.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
        Self { client, base, token }
    }

    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path).send().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.ask(Method::POST, path).json(body).send().await.unwrap()
    }
}

/// The body of a problem, whose form every error has.
pub async fn problem(response: Response, status: StatusCode) -> Value {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["status"], status.as_u16());
    assert!(body["type"].as_str().unwrap().starts_with("urn:rastro:problem:"), "{body}");
    assert!(body["title"].is_string());
    body
}

struct Scene {
    node: TestNode,
    served: Served,
    officer: Actor,
    commission: Program,
    bank: Program,
    stranger: Program,
}

/// A commission and a bank that agreed, and a commission that agreed with nobody.
async fn scene() -> Scene {
    let node = TestNode::start_with_key().await;
    let ours = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    let other = node.authority("CBZ", "GTM", AuthorityKind::SearchCommission).await;
    node.agreement(ours, bank).await;
    let officer = node.user(ours, "officer", &[Role::SearchOfficer, Role::Reviewer]).await;
    let doctor = node.user(bank, "doctor", &[Role::ForensicOfficer, Role::Reviewer]).await;
    let stranger = node.user(other, "stranger", &[Role::SearchOfficer, Role::Reviewer]).await;
    let served = node.serve().await;
    let (commission, bank, stranger) =
        (Program::of(&node, &served, &officer).await, Program::of(&node, &served, &doctor).await, Program::of(&node, &served, &stranger).await);
    Scene { node, served, officer, commission, bank, stranger }
}

fn new_case(given: &str) -> Value {
    json!({
        "person": person(given, "Zelaya", "Prueba"),
        "external_id": format!("EXT-{given}"),
        "inquirer": { "name": "Madre Inventada", "relation": "mother" },
        "consent": consent_to(&[AuthorityKind::ForensicBank]),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_goes_through_the_api_from_report_to_two_verdicts() {
    let s = scene().await;
    let found = json!({ "kind": "remains_named", "person": person("Xiomara", "Zelaya", "Prueba") });
    let found = s.bank.post("/found-records", &found).await;
    assert_eq!(found.status(), StatusCode::CREATED);

    let made = s.commission.post("/cases", &new_case("Xiomara")).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let location = made.headers()["location"].to_str().unwrap().to_owned();
    let etag = made.headers()["etag"].to_str().unwrap().to_owned();
    let made: Value = made.json().await.unwrap();
    assert_eq!(location, format!("/api/v1/cases/{}", made["id"].as_str().unwrap()));
    assert_eq!(made["family_pin"].as_str().unwrap().len(), 8);
    let path = format!("/cases/{}", made["id"].as_str().unwrap());

    let read: Value = s.commission.get(&path).await.json().await.unwrap();
    assert_eq!(read["own"]["state"], "registered");
    assert_eq!(read["person"]["names"][0]["given_names"], "Xiomara");
    // The bank sees what was agreed and consented to, and nothing of the owner's own part.
    let seen: Value = s.bank.get(&path).await.json().await.unwrap();
    assert!(seen["own"].is_null() && seen["person"]["names"][0]["given_names"] == "Xiomara", "{seen}");

    let correction = json!({ "reason": "la familia lo dijo", "itinerary": { "destination_country": "USA" } });
    let without = s.commission.ask(Method::PATCH, &path).json(&correction).send().await.unwrap();
    problem(without, StatusCode::PRECONDITION_REQUIRED).await;
    let done = s.commission.ask(Method::PATCH, &path).header("if-match", &etag).json(&correction).send().await.unwrap();
    assert_eq!((done.status(), done.headers()["etag"].to_str().unwrap()), (StatusCode::OK, "\"2\""));
    let stale = s.commission.ask(Method::PATCH, &path).header("if-match", &etag).json(&correction).send().await.unwrap();
    assert_eq!(stale.headers()["etag"], "\"2\"");
    assert_eq!(problem(stale, StatusCode::PRECONDITION_FAILED).await["revision"], 2);
    let corrected: Value = s.commission.get(&format!("{path}/corrections")).await.json().await.unwrap();
    assert_eq!(corrected["items"][0]["reason"], "la familia lo dijo");

    let illegal = s.commission.ask(Method::POST, &format!("{path}/moves")).header("if-match", "\"2\"");
    let illegal = problem(illegal.json(&json!({ "command": "close", "reason": "x" })).send().await.unwrap(), StatusCode::CONFLICT).await;
    assert_eq!(illegal["type"], "urn:rastro:problem:illegal-move");
    let legal = read["own"]["legal"].clone();
    assert!(illegal["legal"] == legal && !legal.as_array().unwrap().is_empty(), "{illegal}");

    // The worker of the node finds the pair; the list waits for it.
    let hypothesis = loop {
        let list: Value = s.commission.get(&format!("/hypotheses?case={}", made["id"].as_str().unwrap())).await.json().await.unwrap();
        if let Some(first) = list["items"].get(0) {
            break first["id"].as_str().unwrap().to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let path = format!("/hypotheses/{hypothesis}");
    let seen = s.commission.get(&path).await;
    let etag = seen.headers()["etag"].to_str().unwrap().to_owned();
    let seen: Value = seen.json().await.unwrap();
    let sum: f64 = seen["evidence"].as_array().unwrap().iter().map(|e| e["log10_lr"].as_f64().unwrap()).sum();
    assert!((sum + seen["log10_prior"].as_f64().unwrap() - seen["log10_odds"].as_f64().unwrap()).abs() < 1e-9, "{seen}");
    let verdict = json!({ "verdict": "support", "reasons": ["mark"], "note": "coinciden" });
    let give = async |program: &Program, etag: &str| {
        program.ask(Method::POST, &format!("{path}/verdicts")).header("if-match", etag).json(&verdict).send().await.unwrap()
    };
    let first = give(&s.commission, &etag).await;
    let etag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(first.json::<Value>().await.unwrap()["state"], "second_review");
    problem(give(&s.commission, &etag).await, StatusCode::CONFLICT).await;
    let blind: Value = s.bank.get(&path).await.json().await.unwrap();
    assert!(blind["reviews"].as_array().unwrap().is_empty() && blind["verdicts_given"] == 1, "{blind}");
    assert_eq!(give(&s.bank, &etag).await.json::<Value>().await.unwrap()["state"], "board");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_makes_one_record_and_another_body_under_it_is_refused() {
    let s = scene().await;
    let send = async |program: &Program, key: &str, body: &Value| {
        program.ask(Method::POST, "/cases").header("idempotency-key", key).json(body).send().await.unwrap()
    };
    let body = new_case("Xiomara");
    let (a, b) = tokio::join!(send(&s.commission, "key-number-1", &body), send(&s.commission, "key-number-1", &body));
    let mut statuses = [a.status(), b.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::CREATED]);
    let (a, b): (Value, Value) = (a.json().await.unwrap(), b.json().await.unwrap());
    assert_eq!(a["id"], b["id"]);
    assert_eq!(a["family_pin"].is_string(), b["family_pin"].is_null(), "the PIN is told once");
    let reused = problem(send(&s.commission, "key-number-1", &new_case("Ignacia")).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(reused["type"], "urn:rastro:problem:key-reused");
    // A key is its sender's own: somebody else's is another.
    assert_eq!(send(&s.stranger, "key-number-1", &body).await.status(), StatusCode::CREATED);
    problem(send(&s.commission, "short", &body).await, StatusCode::BAD_REQUEST).await;
    let list: Value = s.commission.get("/cases").await.json().await.unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_end_refresh_once_and_name_their_purpose() {
    let s = scene().await;
    let made = admin::add_client(&s.node.app, s.officer.user, "test").await.unwrap();
    let url = format!("{}/api/v1/token", s.served.url);
    let client = reqwest::Client::new();
    let ask = async |body: Value| client.post(&url).json(&body).send().await.unwrap();
    let wrong = ask(json!({ "grant_type": "client_credentials", "client_id": made.id, "client_secret": "wrong" })).await;
    assert_eq!(wrong.headers()["www-authenticate"], "Bearer");
    let wrong = problem(wrong, StatusCode::UNAUTHORIZED).await;
    let unknown = ask(json!({ "grant_type": "client_credentials", "client_id": Uuid::now_v7(), "client_secret": "wrong" })).await;
    assert_eq!(problem(unknown, StatusCode::UNAUTHORIZED).await, wrong);
    let purpose =
        ask(json!({ "grant_type": "client_credentials", "client_id": made.id, "client_secret": made.secret, "purpose": "statistics" }));
    problem(purpose.await, StatusCode::CONFLICT).await;
    let enforcement = ask(
        json!({ "grant_type": "client_credentials", "client_id": made.id, "client_secret": made.secret, "purpose": "immigration_enforcement" }),
    );
    assert_eq!(problem(enforcement.await, StatusCode::UNPROCESSABLE_ENTITY).await["errors"][0]["pointer"], "/purpose");

    // The form that RFC 6749 asks for.
    let fields = [("grant_type", "client_credentials"), ("client_id", &made.id.to_string()), ("client_secret", &made.secret)];
    let granted: Value = client.post(&url).form(&fields).send().await.unwrap().json().await.unwrap();
    assert_eq!((granted["token_type"].as_str(), granted["purpose"].as_str()), (Some("Bearer"), Some("search")));
    let next: Value = ask(json!({ "grant_type": "refresh_token", "refresh_token": granted["refresh_token"] })).await.json().await.unwrap();
    assert_ne!(next["refresh_token"], granted["refresh_token"]);

    // A token of another key, of no algorithm, or changed by a letter is none.
    let good = next["access_token"].as_str().unwrap();
    let me = async |token: &str| client.get(format!("{}/api/v1/me", s.served.url)).bearer_auth(token).send().await.unwrap();
    assert_eq!(me(good).await.json::<Value>().await.unwrap()["purpose"], "search");
    let parts: Vec<&str> = good.split('.').collect();
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{}.", parts[1]);
    let turned: String = parts[2].chars().rev().collect();
    for bad in [unsigned, format!("{}.{}.{turned}", parts[0], parts[1]), String::new(), "x".to_owned()] {
        problem(me(&bad).await, StatusCode::UNAUTHORIZED).await;
    }
    // A disabled client is out at once, with its token still running.
    let database = s.node.everything().await;
    database.execute("UPDATE api_client SET disabled_at = now() WHERE id = $1", &[&made.id]).await.unwrap();
    problem(me(good).await, StatusCode::UNAUTHORIZED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_where_the_page_before_ended() {
    let s = scene().await;
    for n in 0..7 {
        s.commission.post("/cases", &json!({ "person": person(&format!("Nombre{n}"), "Zelaya", "Prueba") })).await;
    }
    let mut seen = Vec::new();
    let mut path = "/cases?limit=3".to_owned();
    loop {
        let page: Value = s.commission.get(&path).await.json().await.unwrap();
        seen.extend(page["items"].as_array().unwrap().iter().map(|c| c["folio"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => path = format!("/cases?limit=3&cursor={next}"),
            None => break,
        }
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!((seen.len(), sorted.len()), (7, 7));
    // Accents and order of words do not matter.
    let found: Value = s.commission.get("/cases?q=zelaya%20nombr%C3%A93").await.json().await.unwrap();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_a_clear_4xx_that_names_its_place_and_writes_nothing() {
    let s = scene().await;
    let with = |change: Value| {
        let mut case = new_case("Xiomara");
        for (field, value) in change.as_object().unwrap() {
            case[field] = value.clone();
        }
        case
    };
    let long = "x".repeat(10_000);
    let named = |name: &str| json!({ "names": [{ "kind": "legal", "given_names": name }] });
    let faults: Vec<(Value, &str)> = vec![
        (with(json!({ "unknown_field": 1 })), "/unknown_field"),
        (with(json!({ "person": named(&long) })), "/person/names/0"),
        (with(json!({ "person": named("a\u{0}b") })), "/person/names/0/given_names"),
        (with(json!({ "person": named("a\u{202e}b") })), "/person/names/0"),
        (with(json!({ "person": { "names": "no list" } })), "/person/names"),
        (with(json!({ "person": { "sex": "boat" } })), "/person/sex"),
        (with(json!({ "person": { "birth": "2999-01-01" } })), "/person/birth"),
        (with(json!({ "person": { "birth": "1994-02-31" } })), "/person/birth"),
        (with(json!({ "person": { "height_min_cm": -3 } })), "/person/height_min_cm"),
        (with(json!({ "last_contact": { "place": { "lat": -99.1, "lon": 19.4 } } })), "/last_contact/place/lat"),
        (with(json!({ "last_contact": { "place": { "lat": 19.4, "lon": 999 } } })), "/last_contact/place/lon"),
        (with(json!({ "last_contact": { "at": "2999" } })), "/last_contact/at"),
        (with(json!({ "origin_country": "Honduras" })), "/origin_country"),
        (
            with(json!({ "consent": { "grants": [{ "purpose": "immigration", "recipient": "forensic_bank", "categories": [] }],
            "language": "es", "explained_by": "x", "granted_by": "y" } })),
            "/consent/grants/0/purpose",
        ),
    ];
    for (body, pointer) in &faults {
        let answer = s.commission.post("/cases", body).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "wanted a fault at {pointer}");
        let told = problem(answer, StatusCode::UNPROCESSABLE_ENTITY).await;
        let errors = told["errors"].as_array().unwrap();
        assert!(errors.iter().any(|e| e["pointer"] == *pointer), "wanted {pointer}: {told}");
    }
    let raw = |body: Vec<u8>, kind: &str| s.commission.ask(Method::POST, "/cases").header("content-type", kind).body(body).send();
    problem(raw(b"{".to_vec(), "application/json").await.unwrap(), StatusCode::BAD_REQUEST).await;
    problem(raw(b"\xff\xfe".to_vec(), "application/json").await.unwrap(), StatusCode::BAD_REQUEST).await;
    problem(raw(b"[]".to_vec(), "application/json").await.unwrap(), StatusCode::UNPROCESSABLE_ENTITY).await;
    problem(raw(b"a=b".to_vec(), "text/plain").await.unwrap(), StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
    problem(raw(vec![b' '; 2 << 20], "application/json").await.unwrap(), StatusCode::PAYLOAD_TOO_LARGE).await;
    for path in ["/cases?limit=0", "/cases?limit=1000"] {
        problem(s.commission.get(path).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    for path in ["/cases?cursor=x", "/cases?nothing=1", "/cases?q=%00", "/cases?due_before=yesterday", "/hypotheses?case=1"] {
        problem(s.commission.get(path).await, StatusCode::BAD_REQUEST).await;
    }
    problem(s.commission.get("/cases?state=boat").await, StatusCode::UNPROCESSABLE_ENTITY).await;
    for path in ["/cases/1", "/nothing", "/cases/%00", "/cases/../admin"] {
        problem(s.commission.get(path).await, StatusCode::NOT_FOUND).await;
    }
    let method = s.commission.ask(Method::DELETE, "/cases").send().await.unwrap();
    assert_eq!(method.headers()["allow"], "GET, POST");
    problem(method, StatusCode::METHOD_NOT_ALLOWED).await;
    let list: Value = s.commission.get("/cases").await.json().await.unwrap();
    assert!(list["items"].as_array().unwrap().is_empty(), "nothing was written: {list}");
}

/// What an answer is, apart from what the request itself named.
async fn told(response: Response, named: &str) -> (StatusCode, String) {
    let status = response.status();
    (status, response.text().await.unwrap().replace(named, "ID"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_without_an_agreement_learns_nothing_of_anothers_records() {
    let s = scene().await;
    let found: Value = s
        .bank
        .post("/found-records", &json!({ "kind": "remains_named", "person": person("Xiomara", "Zelaya", "Prueba") }))
        .await
        .json()
        .await
        .unwrap();
    let case: Value = s.commission.post("/cases", &new_case("Xiomara")).await.json().await.unwrap();
    s.node.work().await;
    let (case, found) = (case["id"].as_str().unwrap().to_owned(), found["id"].as_str().unwrap().to_owned());
    let hypothesis = loop {
        let list: Value = s.commission.get("/hypotheses").await.json().await.unwrap();
        if let Some(first) = list["items"].get(0) {
            break first["id"].as_str().unwrap().to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    // Each path answers for a record of somebody else byte by byte as for one that never was.
    let paths: Vec<(Method, String, Option<Value>)> = vec![
        (Method::GET, format!("/cases/{case}"), None),
        (Method::GET, format!("/cases/{case}/file"), None),
        (Method::GET, format!("/cases/{case}/corrections"), None),
        (Method::PATCH, format!("/cases/{case}"), Some(json!({ "reason": "x", "itinerary": { "destination_country": "USA" } }))),
        (Method::POST, format!("/cases/{case}/moves"), Some(json!({ "command": "close", "reason": "x" }))),
        (Method::POST, format!("/cases/{case}/withdrawals"), Some(json!({ "reason": "x" }))),
        (Method::POST, format!("/cases/{case}/actions"), Some(json!({ "kind": "call", "due": "2030-01-01" }))),
        (Method::POST, format!("/cases/{case}/family-pin"), None),
        (Method::PUT, format!("/cases/{case}/family-phase"), Some(json!({ "phase": 2 }))),
        (Method::GET, format!("/hypotheses/{hypothesis}"), None),
        (Method::POST, format!("/hypotheses/{hypothesis}/verdicts"), Some(json!({ "verdict": "support", "reasons": ["mark"], "note": "x" }))),
        (Method::POST, format!("/hypotheses/{hypothesis}/moves"), Some(json!({ "command": "begin_review" }))),
    ];
    let send = async |method: &Method, path: &str, body: &Option<Value>| {
        let mut request = s.stranger.ask(method.clone(), path).header("if-match", "\"1\"");
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.unwrap()
    };
    for (method, path, body) in &paths {
        let real = if path.contains(&case) { &case } else { &hypothesis };
        let never = Uuid::now_v7().to_string();
        let there = told(send(method, path, body).await, real).await;
        let nowhere = told(send(method, &path.replace(real.as_str(), &never), body).await, &never).await;
        assert_eq!(there, nowhere, "{method} {path}");
        assert_eq!(there.0, StatusCode::NOT_FOUND, "{method} {path}: {}", there.1);
    }
    for path in ["/cases", "/cases?q=Xiomara", "/cases?q=EXT-Xiomara", "/found-records", "/hypotheses", &format!("/hypotheses?case={case}")] {
        let answer = s.stranger.get(path).await;
        if answer.status() == StatusCode::OK {
            assert_eq!(answer.json::<Value>().await.unwrap(), json!({ "items": [] }), "{path}");
        } else {
            assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        }
    }
    // The same external id is free for another authority: a refusal would tell that it is in use.
    assert_eq!(s.stranger.post("/cases", &new_case("Xiomara")).await.status(), StatusCode::CREATED);
    assert_eq!(found.len(), 36);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_checked_confirmed_and_its_faults_are_told_by_row_and_column() {
    let s = scene().await;
    let csv = "folio,tipo,nombre,edad,lugar\nR-1,shelter,Inventada Una,30,Tapachula\nR-2,shelter,Inventada Dos,treinta,Tapachula\n";
    let begun = s
        .bank
        .ask(Method::POST, "/imports?kind=records&file_name=hallazgos.csv")
        .header("content-type", "text/csv")
        .body(csv)
        .send()
        .await
        .unwrap();
    assert_eq!(begun.status(), StatusCode::ACCEPTED);
    let id = begun.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    let wait = async |state: &str| loop {
        let run: Value = s.bank.get(&format!("/imports/{id}")).await.json().await.unwrap();
        if run["state"] == state {
            break run;
        }
        assert!(["checking", "running", "checked"].contains(&run["state"].as_str().unwrap()), "{run}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let checked = wait("checked").await;
    assert_eq!((&checked["accepted"], &checked["rejected"]), (&json!(1), &json!(1)));
    let problems: Value = s.bank.get(&format!("/imports/{id}/problems")).await.json().await.unwrap();
    assert_eq!((&problems["items"][0]["row_no"], &problems["items"][0]["column_name"]), (&json!(3), &json!("edad")));
    let list: Value = s.bank.get("/found-records").await.json().await.unwrap();
    assert!(list["items"].as_array().unwrap().is_empty(), "nothing before the confirmation");
    problem(s.stranger.post(&format!("/imports/{id}/confirmation"), &json!({})).await, StatusCode::NOT_FOUND).await;
    assert_eq!(s.bank.post(&format!("/imports/{id}/confirmation"), &json!({})).await.status(), StatusCode::ACCEPTED);
    wait("finished").await;
    problem(s.bank.post(&format!("/imports/{id}/confirmation"), &json!({})).await, StatusCode::CONFLICT).await;
    let errors = s.bank.get(&format!("/imports/{id}/errors.csv")).await.text().await.unwrap();
    assert!(errors.contains("3,edad,treinta,not_a_number,error,"), "{errors}");
    problem(
        s.bank.ask(Method::POST, "/imports?kind=ships").header("content-type", "text/csv").body(csv).send().await.unwrap(),
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn corridors_answer_with_what_may_be_seen_and_a_snap_adds_up_to_one() {
    let s = scene().await;
    let corridors: Value = s.commission.get("/corridors").await.json().await.unwrap();
    assert_eq!(corridors["items"].as_array().unwrap().len(), 24);
    let snap: Value = s.commission.get("/corridor-snaps?lat=16.3&lon=-95.24&uncertainty_m=2000").await.json().await.unwrap();
    let sum: f64 = snap["items"].as_array().unwrap().iter().map(|l| l["weight"].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-9 && snap["items"].as_array().unwrap().len() > 1, "{snap}");
    problem(s.commission.get("/corridor-snaps?lat=95&lon=0").await, StatusCode::UNPROCESSABLE_ENTITY).await;
    problem(s.commission.get("/corridors/nowhere/records?within_km=5").await, StatusCode::UNPROCESSABLE_ENTITY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_reads_a_revision_and_reading_corrections_is_audited() {
    let s = scene().await;
    let case = s.node.case(&s.officer, person("Xiomara", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    let own = s.commission.get(&format!("/cases/{case}")).await;
    assert!(own.headers().contains_key("etag") && own.json::<Value>().await.unwrap()["revision"] == 1);
    let partner = s.bank.get(&format!("/cases/{case}")).await;
    assert_eq!(partner.status(), StatusCode::OK);
    assert!(!partner.headers().contains_key("etag"));
    assert!(partner.json::<Value>().await.unwrap().get("revision").is_none(), "it would tell that something happened");

    let read = "SELECT count(*) FROM audit_event WHERE action = 'read' AND fields = '{corrections}' AND $1 = ANY (subject_ids)";
    let everything = s.node.everything().await;
    assert_eq!(s.commission.get(&format!("/cases/{case}/corrections")).await.status(), StatusCode::OK);
    assert_eq!(everything.query_one(read, &[&case.0]).await.unwrap().get::<_, i64>(0), 1);
}
