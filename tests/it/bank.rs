//! The forensic bank over the API: consent before samples, custody, readings of two analysts, and a profile that becomes evidence of a hypothesis.

use crate::api::{Program, problem};
use crate::support::{Folder, Served, TestNode, consent_to, person};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::ids::{CaseId, FoundId};
use rastro::genetics::tables;
use rastro::services::bank::runs;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// An invented genome: two alleles at every autosomal locus of the table that the node weighs with.
pub type Genome = BTreeMap<String, [String; 2]>;

/// Draws invented people.
pub struct Nature(StdRng);

impl Nature {
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// Somebody of whom nothing is known.
    pub fn founder(&mut self) -> Genome {
        let (_, table) = tables::shipped(tables::DEFAULT).unwrap();
        let mut one = |alleles: &[(String, f64)]| {
            let mut at = self.0.random::<f64>();
            let last = alleles.last().unwrap();
            alleles
                .iter()
                .find(|(_, p)| {
                    at -= p;
                    at < 0.0
                })
                .unwrap_or(last)
                .0
                .clone()
        };
        table.loci().iter().map(|l| (l.locus().to_owned(), [one(l.alleles()), one(l.alleles())])).collect()
    }

    pub fn child(&mut self, mother: &Genome, father: &Genome) -> Genome {
        let mut pick = |of: &[String; 2]| of[usize::from(self.0.random::<bool>())].clone();
        mother.iter().map(|(locus, m)| (locus.clone(), [pick(m), pick(&father[locus])])).collect()
    }
}

pub fn reading(genome: &Genome) -> Value {
    json!({ "kit": "GlobalFiler", "laboratory": "Invented laboratory", "run_on": "2026-03-04", "loci": genome })
}

struct Scene {
    node: TestNode,
    served: Served,
    commission: Actor,
    /// The commission's officer, the bank's forensic officer, and its two geneticists.
    officer: Program,
    forensic: Program,
    first: Program,
    second: Program,
    reviewer: Program,
    bank: rastro::domain::ids::AuthorityId,
    doctor: Actor,
    geneticist: Actor,
}

async fn scene() -> Scene {
    let node = TestNode::start_with_key().await;
    let ours = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    node.agreement(ours, bank).await;
    let commission = node.user(ours, "officer", &[Role::SearchOfficer, Role::ForensicOfficer, Role::Reviewer]).await;
    let doctor = node.user(bank, "doctor", &[Role::ForensicOfficer]).await;
    let one = node.user(bank, "one", &[Role::Geneticist]).await;
    let two = node.user(bank, "two", &[Role::Geneticist]).await;
    let reviewer = node.user(bank, "reviewer", &[Role::Reviewer]).await;
    let served = node.serve().await;
    let program = async |actor: &Actor| Program::of(&node, &served, actor).await;
    let (officer, forensic, first) = (program(&commission).await, program(&doctor).await, program(&one).await);
    let (second, reviewer) = (program(&two).await, program(&reviewer).await);
    Scene { served, commission, officer, forensic, first, second, reviewer, bank, doctor, geneticist: one, node }
}

fn consent() -> Value {
    json!({ "institutions": ["forensic_bank", "search_commission"], "language": "es", "explained_by": "Invented", "granted_by": "the donor", "form_version": "1" })
}

async fn made(answer: reqwest::Response) -> Value {
    let status = answer.status();
    let body: Value = answer.json().await.unwrap();
    assert!(status == StatusCode::CREATED || status == StatusCode::OK, "{status}: {body}");
    body
}

fn id(of: &Value) -> String {
    of["id"].as_str().unwrap().to_owned()
}

impl Scene {
    /// A case whose family consents to being searched for with the bank.
    async fn case(&self, given: &str) -> CaseId {
        self.node.case(&self.commission, person(given, "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await
    }

    async fn remains(&self, given: &str) -> FoundId {
        self.node.remains(&self.doctor, person(given, "Nadie", "Prueba")).await
    }

    async fn donor(&self, case: CaseId, relation: &str, sex: &str) -> String {
        let new = json!({ "case": case, "relation": relation, "name": "Donante Inventada", "sex": sex, "consent": consent() });
        id(&made(self.forensic.post("/donors", &new).await).await)
    }

    async fn sample(&self, of: Value) -> String {
        let mut new = json!({ "material": "saliva", "taken_on": "2026-03-01" });
        new.as_object_mut().unwrap().extend(of.as_object().unwrap().clone());
        id(&made(self.forensic.post("/samples", &new).await).await)
    }

    /// Both analysts read the same.
    async fn typed(&self, sample: &str, genome: &Genome) -> Value {
        let path = format!("/samples/{sample}/readings");
        made(self.first.post(&path, &reading(genome)).await).await;
        made(self.second.post(&path, &reading(genome)).await).await
    }

    async fn relative(&self, case: CaseId, relation: &str, sex: &str, genome: &Genome) -> String {
        let donor = self.donor(case, relation, sex).await;
        let sample = self.sample(json!({ "source": "relative", "donor": donor })).await;
        assert_eq!(self.typed(&sample, genome).await["state"], "searchable");
        donor
    }

    /// Waits until the bank's reviewer sees a hypothesis of the two with evidence by DNA on this level, and gives it.
    async fn dna_evidence(&self, case: CaseId, found: FoundId, level: &str) -> Value {
        loop {
            let page: Value = self.reviewer.get(&format!("/hypotheses?case={case}&found_record={found}")).await.json().await.unwrap();
            if let Some(line) = page["items"].as_array().unwrap().first() {
                let whole: Value = self.reviewer.get(&format!("/hypotheses/{}", line["id"].as_str().unwrap())).await.json().await.unwrap();
                let dna = whole["evidence"].as_array().unwrap().iter().find(|e| e["field"] == "dna").cloned();
                if dna.is_some_and(|d| d["level"] == level) {
                    return whole;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn trio(mother: &str, father: &str, case: CaseId) -> Value {
    json!({
        "individuals": [
            { "id": "mother", "sex": "female" },
            { "id": "father", "sex": "male" },
            { "id": "missing", "sex": "female", "mother": "mother", "father": "father" },
        ],
        "missing": [{ "individual": "missing", "case": case }],
        "donors": [{ "individual": "mother", "donor": mother }, { "individual": "father", "donor": father }],
        "state": "validated",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_saved_through_the_api_is_evidence_of_the_right_hypothesis_and_ends_with_the_consent() {
    let s = scene().await;
    let mut nature = Nature::new(1);
    let (mother, father) = (nature.founder(), nature.founder());
    let daughter = nature.child(&mother, &father);
    let case = s.case("Xiomara").await;
    let (found, other) = (s.remains("Desconocida").await, s.remains("Ignota").await);
    let m = s.relative(case, "mother", "female", &mother).await;
    let f = s.relative(case, "father", "male", &father).await;
    let pedigree = made(s.first.post("/pedigrees", &trio(&m, &f, case)).await).await;
    let stranger = s.sample(json!({ "source": "remains", "found_record": other, "material": "bone" })).await;
    s.typed(&stranger, &nature.founder()).await;
    let bone = s.sample(json!({ "source": "remains", "found_record": found, "material": "bone" })).await;
    assert_eq!(s.typed(&bone, &daughter).await["state"], "searchable");

    let whole = s.dna_evidence(case, found, "dna.supports").await;
    let evidence = whole["evidence"].as_array().unwrap();
    let dna = evidence.iter().find(|e| e["field"] == "dna").unwrap();
    let weight = dna["log10_lr"].as_f64().unwrap();
    assert!(weight >= 6.0, "both parents of a daughter weigh much: {dna}");
    assert!((weight * 10.0).fract().abs() < 1e-9, "told in tenths, so that no locus can be read from it: {weight}");
    let sum: f64 = evidence.iter().map(|e| e["log10_lr"].as_f64().unwrap()).sum::<f64>() + whole["log10_prior"].as_f64().unwrap();
    assert!((sum - whole["log10_odds"].as_f64().unwrap()).abs() < 1e-9, "the parts add up to the whole: {whole}");
    let strangers: Value = s.reviewer.get(&format!("/hypotheses?case={case}&found_record={other}")).await.json().await.unwrap();
    let of_strangers = strangers["items"].as_array().unwrap().iter().flat_map(|l| l["evidence"].as_array().unwrap());
    assert!(of_strangers.filter(|e| e["field"] == "dna").all(|e| e["level"] != "dna.supports"), "{strangers}");

    // The pedigree's page has the result, with what it was weighed with.
    let path = format!("/pedigrees/{}", id(&pedigree));
    let read: Value = s.first.get(&path).await.json().await.unwrap();
    let result = &read["results"][0];
    assert_eq!((&result["found_id"], &result["excluding"], &result["compared"]), (&json!(found), &json!(0), &json!(23)));
    assert!(result["model"].as_str().unwrap().contains("fbi2015_sw_hispanic"), "{result}");

    // The father withdraws: what rested on both is taken back, and then weighed anew by the mother alone.
    let ended = s.forensic.post(&format!("/donors/{f}/withdrawals"), &json!({})).await;
    assert_eq!(ended.status(), StatusCode::OK);
    assert!(ended.json::<Value>().await.unwrap()["pairs"].as_u64().unwrap() >= 1);
    let alone = loop {
        let whole = s.dna_evidence(case, found, "dna.supports").await;
        let now = whole["evidence"].as_array().unwrap().iter().find(|e| e["field"] == "dna").unwrap()["log10_lr"].as_f64().unwrap();
        if now != weight {
            break now;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(alone < weight, "one parent says less than two: {alone} {weight}");
    // With the mother's consent the last profile goes, and the hypothesis says so.
    assert_eq!(s.forensic.post(&format!("/donors/{m}/withdrawals"), &json!({})).await.status(), StatusCode::OK);
    let whole = s.dna_evidence(case, found, "dna.withdrawn").await;
    let dna = whole["evidence"].as_array().unwrap().iter().find(|e| e["field"] == "dna").unwrap();
    assert_eq!(dna["log10_lr"], 0.0);
    assert_eq!(dna["comparison"], "not_comparable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pedigree_that_is_closed_takes_its_evidence_back_and_one_s_own_things_do_not_stop_the_search() {
    let s = scene().await;
    let mut nature = Nature::new(9);
    let (mother, father) = (nature.founder(), nature.founder());
    let daughter = nature.child(&mother, &father);
    let case = s.case("Xiomara").await;
    let found = s.remains("Desconocida").await;
    // A thing of the missing person's own is typed too.
    let brush = s.sample(json!({ "source": "direct_reference", "case": case, "material": "personal_object" })).await;
    s.typed(&brush, &daughter).await;
    let m = s.relative(case, "mother", "female", &mother).await;
    let mut drawn = trio(&m, "", case);
    drawn["donors"].as_array_mut().unwrap().pop();
    let pedigree = made(s.first.post("/pedigrees", &drawn).await).await;
    let bone = s.sample(json!({ "source": "remains", "found_record": found, "material": "bone" })).await;
    s.typed(&bone, &daughter).await;
    s.dna_evidence(case, found, "dna.supports").await;
    drawn["state"] = json!("closed");
    let path = format!("/pedigrees/{}", id(&pedigree));
    let closed = s.first.ask(Method::PUT, &path).header("if-match", "\"1\"").json(&drawn).send().await.unwrap();
    assert_eq!(closed.status(), StatusCode::OK);
    s.dna_evidence(case, found, "dna.withdrawn").await;
    drawn["state"] = json!("validated");
    assert_eq!(s.first.ask(Method::PUT, &path).header("if-match", "\"2\"").json(&drawn).send().await.unwrap().status(), StatusCode::OK);
    s.dna_evidence(case, found, "dna.supports").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_of_a_relative_without_a_consent_that_covers_the_institution() {
    let s = scene().await;
    let case = s.case("Xiomara").await;
    let new = json!({ "case": case, "relation": "mother", "name": "Donante Inventada" });
    let donor = id(&made(s.forensic.post("/donors", &new).await).await);
    let sample = json!({ "source": "relative", "donor": donor, "material": "saliva", "taken_on": "2026-03-01" });
    let refused = problem(s.forensic.post("/samples", &sample).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/donor"), &json!("no_consent")));

    // A consent for hospitals does not cover a bank.
    let mut elsewhere = consent();
    elsewhere["institutions"] = json!(["hospital"]);
    assert_eq!(s.forensic.post(&format!("/donors/{donor}/consents"), &elsewhere).await.status(), StatusCode::NO_CONTENT);
    problem(s.forensic.post("/samples", &sample).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(s.forensic.post(&format!("/donors/{donor}/consents"), &consent()).await.status(), StatusCode::NO_CONTENT);
    let kept = id(&made(s.forensic.post("/samples", &sample).await).await);

    // Withdrawn, it is neither read nor divided; it is destroyed before a witness.
    assert_eq!(s.forensic.post(&format!("/donors/{donor}/withdrawals"), &json!({})).await.status(), StatusCode::OK);
    let genome = Nature::new(2).founder();
    problem(s.first.post(&format!("/samples/{kept}/readings"), &reading(&genome)).await, StatusCode::CONFLICT).await;
    let part = json!({ "source": "relative", "parent": kept, "material": "extract", "taken_on": "2026-03-02" });
    problem(s.forensic.post("/samples", &part).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    let write = async |line: Value| {
        let etag = s.forensic.get(&format!("/samples/{kept}")).await.headers()["etag"].clone();
        s.forensic.ask(Method::POST, &format!("/samples/{kept}/custody")).header("if-match", etag).json(&line).send().await.unwrap()
    };
    problem(write(json!({ "kind": "destroyed", "witness": "Testigo Inventado" })).await, StatusCode::CONFLICT).await;
    made(write(json!({ "kind": "search_stopped" })).await).await;
    problem(write(json!({ "kind": "destroyed" })).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(made(write(json!({ "kind": "destroyed", "witness": "Testigo Inventado" })).await).await["state"], "destroyed");
    // Whoever has a sample was called upon.
    let told = s.node.everything().await.query("SELECT kind FROM notice WHERE kind = 'sample_recalled'", &[]).await.unwrap();
    assert_eq!(told.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_analysts_make_a_profile_and_what_they_tell_differently_is_looked_at_again() {
    let s = scene().await;
    let found = s.remains("Desconocida").await;
    let sample = s.sample(json!({ "source": "remains", "found_record": found, "material": "tooth" })).await;
    let path = format!("/samples/{sample}/readings");
    let genome = Nature::new(3).founder();
    let standing = made(s.first.post(&path, &reading(&genome)).await).await;
    assert_eq!((&standing["state"], &standing["loci"]), (&json!("draft"), &json!(0)));
    // The same analyst again is no second reading.
    assert_eq!(made(s.first.post(&path, &reading(&genome)).await).await["state"], "draft");
    let mut other = genome.clone();
    other.insert("FGA".to_owned(), ["18".to_owned(), "18".to_owned()]);
    let standing = made(s.second.post(&path, &reading(&other)).await).await;
    assert_eq!((&standing["state"], &standing["differing"]), (&json!("discordant"), &json!(["FGA"])));
    let standing = made(s.second.post(&path, &reading(&genome)).await).await;
    assert_eq!((&standing["state"], &standing["flags"]), (&json!("searchable"), &json!([])));
    let read: Value = s.second.get(&format!("/samples/{sample}/profile")).await.json().await.unwrap();
    assert_eq!(read["readings"].as_array().unwrap().len(), 4, "no reading is lost");
    assert_eq!(read["loci"]["FGA"].as_array().unwrap().len(), 2);
    assert_eq!(s.forensic.get(&format!("/samples/{sample}")).await.json::<Value>().await.unwrap()["state"], "banked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_by_locus_and_nothing_of_it_is_kept() {
    let s = scene().await;
    let found = s.remains("Desconocida").await;
    let sample = s.sample(json!({ "source": "remains", "found_record": found, "material": "tooth" })).await;
    let path = format!("/samples/{sample}/readings");
    let bad = json!({ "kit": "x", "laboratory": "y", "run_on": "2026-03-04",
        "loci": { "FGA": ["20", "21", "22", "23"], "TH01": ["6", "7"], "THO1": ["6", "7"], "vWA": ["seventeen"] } });
    let refused = problem(s.first.post(&path, &bad).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    let faults: Vec<(&str, &str)> =
        refused["errors"].as_array().unwrap().iter().map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap())).collect();
    assert_eq!(faults, [("/loci/FGA", "too_many_alleles"), ("/loci/THO1", "twice"), ("/loci/vWA", "allele")]);
    assert!(!refused.to_string().contains("seventeen"), "an error repeats no value");
    let kept = s.node.everything().await.query_one("SELECT count(*) FROM bank.reading", &[]).await.unwrap();
    assert_eq!(kept.get::<_, i64>(0), 0);

    let case = s.case("Xiomara").await;
    let mut cycle = trio("0", "0", case);
    cycle["donors"] = json!([]);
    cycle["individuals"][0]["mother"] = json!("missing");
    let refused = problem(s.first.post("/pedigrees", &cycle).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(refused["errors"][0]["code"], "cycle");
    let mut swapped = trio("0", "0", case);
    swapped["donors"] = json!([]);
    swapped["individuals"][2]["mother"] = json!("father");
    let refused = problem(s.first.post("/pedigrees", &swapped).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(refused["errors"][0]["code"], "sex");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_of_staff_stays_out_of_the_search() {
    let s = scene().await;
    let analyst = Nature::new(4).founder();
    let own = s.sample(json!({ "source": "staff", "staff": s.doctor.user })).await;
    assert_eq!(s.typed(&own, &analyst).await["state"], "not_searchable");
    let found = s.remains("Desconocida").await;
    let bone = s.sample(json!({ "source": "remains", "found_record": found, "material": "bone" })).await;
    let standing = s.typed(&bone, &analyst).await;
    assert_eq!(standing["state"], "not_searchable");
    assert!(standing["flags"].as_array().unwrap().contains(&json!("staff_match")), "{standing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_receiver_ends_a_hand_over_and_only_with_the_label_in_hand() {
    let s = scene().await;
    let case = s.case("Xiomara").await;
    // The commission takes the sample and hands it to the bank.
    let new = json!({ "case": case, "relation": "mother", "name": "Donante Inventada", "sex": "female", "consent": consent() });
    let donor = id(&made(s.officer.post("/donors", &new).await).await);
    let new = json!({ "source": "relative", "donor": donor, "material": "saliva", "taken_on": "2026-03-01",
        "identifiers": [{ "scheme": "kit", "value": "HN-kit/0041" }] });
    let registered = made(s.officer.post("/samples", &new).await).await;
    let (sample, code) = (id(&registered), registered["code"].as_str().unwrap().to_owned());
    let write = async |who: &Program, line: Value| {
        let etag = who.get(&format!("/samples/{sample}")).await.headers()["etag"].clone();
        who.ask(Method::POST, &format!("/samples/{sample}/custody")).header("if-match", etag).json(&line).send().await.unwrap()
    };
    assert_eq!(s.forensic.get(&format!("/samples/{sample}")).await.status(), StatusCode::NOT_FOUND, "not before it is handed over");
    made(write(&s.officer, json!({ "kind": "sealed", "seal": "S-1" })).await).await;
    let handed = made(write(&s.officer, json!({ "kind": "handed_over", "to": s.bank, "seal": "S-1", "to_name": "courier" })).await).await;
    problem(write(&s.officer, json!({ "kind": "stored", "location": "freezer" })).await, StatusCode::CONFLICT).await;

    let open: Value = s.forensic.get("/hand-overs").await.json().await.unwrap();
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
    assert!(open["items"][0]["code"].as_str().unwrap().contains('•'), "the receiver reads the label, not the screen: {open}");
    let path = format!("/hand-overs/{}/reception", id(&handed));
    let mine = json!({ "code": code, "condition": "intact", "seal": "S-1" });
    problem(s.officer.post(&path, &mine).await, StatusCode::NOT_FOUND).await;
    problem(s.forensic.post(&path, &json!({ "code": "MEX-1", "condition": "intact", "seal": "S-1" })).await, StatusCode::UNPROCESSABLE_ENTITY)
        .await;
    let came = made(s.forensic.post(&path, &json!({ "code": code, "condition": "opened", "seal": "S-2" })).await).await;
    assert_eq!(came["state"], "discrepancy", "another seal is a discrepancy");
    problem(s.forensic.post(&path, &mine).await, StatusCode::CONFLICT).await;
    made(write(&s.forensic, json!({ "kind": "discrepancy_resolved", "reason": "opened at customs, paper attached" })).await).await;

    // Any number finds it, however it is written; its name stays with the commission.
    let found: Value = s.forensic.get("/samples?q=hnkit%200041").await.json().await.unwrap();
    assert_eq!(found["items"][0]["id"], sample.as_str());
    let seen: Value = s.forensic.get(&format!("/donors/{donor}")).await.json().await.unwrap();
    assert!(seen["name"].is_null() && seen["covered"] == true, "{seen}");
    // The bank types it, and the commission's own ledger shows all of it, whole.
    let genome = Nature::new(5).founder();
    assert_eq!(s.typed(&sample, &genome).await["state"], "searchable");
    let whole: Value = s.officer.get(&format!("/samples/{sample}")).await.json().await.unwrap();
    assert_eq!((&whole["ledger_holds"], whole["ledger"].as_array().unwrap().len()), (&json!(true), 5), "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_a_ledger_finds_what_was_done_to_it_in_the_database() {
    let s = scene().await;
    let found = s.remains("Desconocida").await;
    let client = s.node.everything().await;
    client.batch_execute("ALTER TABLE custody_event DISABLE TRIGGER custody_append_only").await.unwrap();
    let tampering: [(&str, &str, &str); 5] = [
        ("edited", "UPDATE custody_event SET seal = 'S-9' WHERE sample_id = $1 AND seq = 2", "line 2 is not what was written"),
        ("deleted", "DELETE FROM custody_event WHERE sample_id = $1 AND seq = 3", "line 3 is missing"),
        ("deleted last", "DELETE FROM custody_event WHERE sample_id = $1 AND seq = 4", "line 4 is missing"),
        (
            "inserted",
            "INSERT INTO custody_event (id, authority_id, user_id, sample_id, seq, kind, location, at, prev_hash, hash) \
             SELECT gen_random_uuid(), authority_id, user_id, sample_id, 5, kind, 'elsewhere', at, hash, hash FROM custody_event \
              WHERE sample_id = $1 AND seq = 4",
            "line 5",
        ),
        ("reordered", "UPDATE custody_event SET seq = CASE seq WHEN 2 THEN 3 WHEN 3 THEN 2 ELSE seq END + 100 WHERE sample_id = $1", "line 2"),
    ];
    for (what, statement, wanted) in tampering {
        let sample = s.sample(json!({ "source": "remains", "found_record": found, "material": "bone" })).await;
        for line in [
            json!({ "kind": "sealed", "seal": "S-1" }),
            json!({ "kind": "stored", "location": "A-1" }),
            json!({ "kind": "sealed", "seal": "S-2" }),
        ] {
            let etag = s.forensic.get(&format!("/samples/{sample}")).await.headers()["etag"].clone();
            let path = format!("/samples/{sample}/custody");
            made(s.forensic.ask(Method::POST, &path).header("if-match", etag).json(&line).send().await.unwrap()).await;
        }
        let read: Value = s.forensic.get(&format!("/samples/{sample}")).await.json().await.unwrap();
        assert_eq!(read["ledger_holds"], true, "{what}: {read}");
        let id: uuid::Uuid = sample.parse().unwrap();
        client.execute(statement, &[&id]).await.unwrap();
        if what == "reordered" {
            client.execute("UPDATE custody_event SET seq = seq - 100 WHERE sample_id = $1", &[&id]).await.unwrap();
        }
        let read: Value = s.forensic.get(&format!("/samples/{sample}")).await.json().await.unwrap();
        assert_eq!(read["ledger_holds"], false, "{what}");
        assert!(read["ledger_fault"].as_str().unwrap().contains(wanted), "{what}: {}", read["ledger_fault"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_role_but_genetics_reads_a_genotype_and_the_database_has_none_in_the_clear() {
    let s = scene().await;
    let found = s.remains("Desconocida").await;
    let sample = s.sample(json!({ "source": "remains", "found_record": found, "material": "bone" })).await;
    // Alleles that nothing else says.
    let genome: Genome = Nature::new(6).founder().into_keys().map(|locus| (locus, ["77.7".to_owned(), "88.8".to_owned()])).collect();
    s.typed(&sample, &genome).await;
    for program in [&s.officer, &s.forensic, &s.reviewer] {
        for path in [format!("/samples/{sample}/profile"), "/pedigrees".to_owned(), "/bank-searches".to_owned()] {
            let answer = program.get(&path).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
        }
        for path in [
            "/samples",
            &format!("/samples/{sample}"),
            &format!("/found-records/{found}"),
            &format!("/found-records/{found}/file"),
            "/hypotheses",
        ] {
            let text = program.get(path).await.text().await.unwrap();
            assert!(!text.contains("77.7") && !text.contains("88.8"), "{path}: {text}");
        }
    }
    let client = s.node.everything().await;
    let tables = client
        .query(
            "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables \
              WHERE table_schema IN ('public', 'bank') AND table_type = 'BASE TABLE'",
            &[],
        )
        .await
        .unwrap();
    assert!(tables.len() > 50);
    for table in tables {
        let table: String = table.get(0);
        let hits = client
            .query_one(&format!("SELECT count(*) FROM {table} t WHERE t::text LIKE '%77.7%' OR t::text LIKE '%37372e37%'"), &[])
            .await
            .unwrap();
        assert_eq!(hits.get::<_, i64>(0), 0, "{table} holds an allele in the clear");
    }
    // The role of pages and API may not even look into the schema.
    let mut raw = rastro::db::tx::connect(&s.node.app_url, "test", &tokio::runtime::Handle::current()).await.unwrap();
    for role in ["rastro_web", "rastro_auth", "rastro_jobs", "rastro_matcher"] {
        for table in ["profile", "reading", "pedigree", "kinship_result"] {
            let tx = raw.transaction().await.unwrap();
            tx.batch_execute(&format!("SET LOCAL ROLE {role}")).await.unwrap();
            assert!(tx.query(&format!("SELECT 1 FROM bank.{table}"), &[]).await.is_err(), "{role} can read bank.{table}");
        }
    }
    drop(s.served);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_is_told_what_its_samples_can_tell_and_whom_to_ask_next() {
    let s = scene().await;
    let mut nature = Nature::new(7);
    let case = s.case("Xiomara").await;
    let mother = s.relative(case, "mother", "female", &nature.founder()).await;
    let mut pedigree = trio(&mother, "", case);
    pedigree["donors"].as_array_mut().unwrap().pop();
    pedigree["individuals"].as_array_mut().unwrap().extend([
        json!({ "id": "grandmother", "sex": "female" }),
        json!({ "id": "grandfather", "sex": "male" }),
        json!({ "id": "uncle", "sex": "male", "mother": "grandmother", "father": "grandfather" }),
    ]);
    pedigree["individuals"][1]["mother"] = json!("grandmother");
    pedigree["individuals"][1]["father"] = json!("grandfather");
    let drawn = made(s.first.post("/pedigrees", &pedigree).await).await;
    let power: Value = s.first.get(&format!("/pedigrees/{}/power", id(&drawn))).await.json().await.unwrap();
    let power = &power["items"][0];
    assert_eq!(power["individual"], "missing");
    assert!(power["exclusion"].as_f64().unwrap() > 0.999, "{power}");
    assert!(power["expected_if_true"].as_f64().unwrap() > 4.0 && power["expected_if_not"].as_f64().unwrap() < 0.0, "{power}");
    let next: Vec<&str> = power["next_donors"].as_array().unwrap().iter().map(|d| d["individual"].as_str().unwrap()).collect();
    assert_eq!(next[0], "father", "the other parent tells most: {power}");
    assert_eq!(next.len(), 4);
}

/// What a search found to speak for kinship, without when. (What speaks against it is kept as long as somebody looks at the pair.)
async fn kept(client: &tokio_postgres::Client) -> Vec<String> {
    let rows = client
        .query(
            "SELECT format('%s %s %s %s %s %s', pedigree_id, individual, found_id, log10_lr, excluding, compared) FROM bank.kinship_result \
              WHERE log10_lr >= 1 ORDER BY 1",
            &[],
        )
        .await
        .unwrap();
    rows.iter().map(|r| r.get(0)).collect()
}

/// Waits until a query counts to something.
async fn count(client: &tokio_postgres::Client, query: &str, enough: impl Fn(i64) -> bool) {
    while !enough(client.query_one(query, &[]).await.unwrap().get(0)) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn working(s: &Scene, folder: &Folder) -> tokio::process::Child {
    tokio::process::Command::new(env!("CARGO_BIN_EXE_rastro"))
        .arg("work")
        .env("DATABASE_URL", &s.node.app_url)
        .env("RASTRO_KEYS__BANK_KEY", folder.0.join("bank.key"))
        .env("RASTRO_LOG__FILTER", "warn")
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_of_the_whole_bank_ends_the_same_when_one_of_two_workers_is_killed_in_the_middle() {
    let s = scene().await;
    let mut nature = Nature::new(8);
    for n in 0..12 {
        let (mother, father) = (nature.founder(), nature.founder());
        let daughter = nature.child(&mother, &father);
        let case = s.case(&format!("Xiomara{n}")).await;
        let m = s.relative(case, "mother", "female", &mother).await;
        let mut pedigree = trio(&m, "", case);
        pedigree["donors"].as_array_mut().unwrap().pop();
        made(s.first.post("/pedigrees", &pedigree).await).await;
        let found = s.remains(&format!("Ignota{n}")).await;
        let bone = s.sample(json!({ "source": "remains", "found_record": found, "material": "bone" })).await;
        s.typed(&bone, &daughter).await;
    }
    let client = s.node.everything().await;
    count(&client, "SELECT count(*) FROM job WHERE failed_at IS NULL", |n| n == 0).await;
    let one_by_one = kept(&client).await;
    client.execute("DELETE FROM bank.kinship_result", &[]).await.unwrap();
    let undisturbed = runs::begin_run(&s.node.app, &s.geneticist, 5).await.unwrap();
    count(&client, "SELECT count(*) FROM bank.search_run WHERE ended_at IS NULL", |n| n == 0).await;
    assert_eq!(runs::read(&s.node.app, &s.geneticist, undisturbed).await.unwrap().chunks, 3);
    count(&client, "SELECT count(*) FROM job WHERE failed_at IS NULL", |n| n == 0).await;
    let wanted = kept(&client).await;
    assert!(wanted.len() >= 12);
    assert!(wanted == one_by_one, "what came of it profile by profile is what a search of the whole gives");
    // The node's own worker rests from here on.
    s.served.life.shutdown();
    let folder = Folder::new();
    folder.file("bank.key", &hex::encode([7; 32]));
    client.execute("DELETE FROM bank.kinship_result", &[]).await.unwrap();
    client.execute("UPDATE job SET run_after = now() + interval '1 hour'", &[]).await.unwrap();
    let run = runs::begin_run(&s.node.app, &s.geneticist, 1).await.unwrap();
    // Whoever finishes a part waits here.
    let mut gate = s.node.everything().await;
    let gate = gate.transaction().await.unwrap();
    gate.execute("SELECT FROM bank.search_run FOR UPDATE", &[]).await.unwrap();
    let mut workers = [working(&s, &folder), working(&s, &folder)];
    count(&client, "SELECT count(DISTINCT claimed_by) FROM job WHERE kind = 'bank_chunk' AND claimed_by IS NOT NULL", |n| n == 2).await;
    count(&client, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", |n| n == 2).await;
    workers[0].kill().await.unwrap();
    gate.commit().await.unwrap();
    count(&client, "SELECT count(*) FROM bank.search_chunk WHERE done_at IS NULL", |n| n == 1).await;
    assert_eq!(
        runs::read(&s.node.app, &s.geneticist, run).await.unwrap().ended_at,
        None,
        "the part of the killed worker is not lost and not done"
    );
    // Its lease runs out.
    client.execute("UPDATE job SET lease_until = now() - interval '1 second' WHERE kind = 'bank_chunk'", &[]).await.unwrap();
    client.execute("SELECT pg_notify('rastro_job', '')", &[]).await.unwrap();
    count(&client, "SELECT count(*) FROM bank.search_run WHERE ended_at IS NULL", |n| n == 0).await;
    let line = runs::read(&s.node.app, &s.geneticist, run).await.unwrap();
    assert_eq!((line.done, line.pairs, line.workers), (12, 144, 1));
    assert!(kept(&client).await == wanted, "the same as undisturbed");
    workers[1].kill().await.unwrap();
}
