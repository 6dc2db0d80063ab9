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
async fn a_missing_person_s_own_things_are_compared_with_remains_and_speak_before_relatives() {
    let s = scene().await;
    let mut nature = Nature::new(21);
    let daughter = nature.founder();
    let case = s.case("Xiomara").await;
    let (found, other) = (s.remains("Desconocida").await, s.remains("Ignota").await);
    let brush = s.sample(json!({ "source": "direct_reference", "case": case, "material": "personal_object" })).await;
    s.typed(&brush, &daughter).await;
    // Nobody of the family was typed.
    let mut drawn = trio("", "", case);
    drawn["donors"] = json!([]);
    let pedigree = made(s.first.post("/pedigrees", &drawn).await).await;
    let bone = s.sample(json!({ "source": "remains", "found_record": found, "material": "bone" })).await;
    s.typed(&bone, &daughter).await;
    let stranger = s.sample(json!({ "source": "remains", "found_record": other, "material": "bone" })).await;
    s.typed(&stranger, &nature.founder()).await;
    let whole = s.dna_evidence(case, found, "dna.supports").await;
    let dna = whole["evidence"].as_array().unwrap().iter().find(|e| e["field"] == "dna").unwrap();
    assert_eq!(dna["log10_lr"], 12.0, "23 markers alike are more than DNA may weigh: {dna}");
    let read: Value = s.first.get(&format!("/pedigrees/{}", id(&pedigree))).await.json().await.unwrap();
    let direct = read["results"].as_array().unwrap().iter().find(|r| r["basis"] == "direct").unwrap();
    assert_eq!((&direct["found_id"], &direct["excluding"], &direct["compared"]), (&json!(found), &json!(0), &json!(23)));
    let of_other: Value = s.reviewer.get(&format!("/hypotheses?case={case}&found_record={other}")).await.json().await.unwrap();
    let told = of_other["items"].as_array().unwrap().iter().flat_map(|l| l["evidence"].as_array().unwrap());
    assert!(told.filter(|e| e["field"] == "dna").all(|e| e["level"] != "dna.supports"), "{of_other}");
}

/// A Y haplotype of an invented line; `differs` loci are others.
fn y_haplotype(differs: usize) -> BTreeMap<String, Vec<String>> {
    let names = ["DYS19", "DYS389I", "DYS390", "DYS391", "DYS392", "DYS393", "DYS437", "DYS438", "DYS439", "DYS448"];
    names.iter().enumerate().map(|(n, name)| ((*name).to_owned(), vec![(12 + usize::from(n < differs)).to_string()])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn remains_of_another_male_line_do_not_support_whatever_the_other_markers_weigh() {
    let s = scene().await;
    let mut nature = Nature::new(22);
    let (mother, father) = (nature.founder(), nature.founder());
    let son = nature.child(&mother, &father);
    let case = s.case("Wilmer").await;
    let man =
        |given: &str| rastro::domain::person::Description { sex: Some(rastro::domain::person::Sex::Male), ..person(given, "Nadie", "Prueba") };
    let [found, other] = ["Desconocido", "Ignoto"].map(|given| s.node.remains(&s.doctor, man(given)));
    let (found, other) = (found.await, other.await);
    let with = |genome: &Genome, differs: usize| {
        let mut whole = reading(genome);
        whole["loci"].as_object_mut().unwrap().extend(json!(y_haplotype(differs)).as_object().unwrap().clone());
        whole["loci"]["Amelogenin"] = json!(["X", "Y"]);
        whole
    };
    let enter = async |sample: &str, whole: Value| {
        let path = format!("/samples/{sample}/readings");
        made(s.first.post(&path, &whole).await).await;
        made(s.second.post(&path, &whole).await).await
    };
    let donor = s.donor(case, "father", "male").await;
    let sample = s.sample(json!({ "source": "relative", "donor": donor })).await;
    assert_eq!(enter(&sample, with(&father, 0)).await["state"], "searchable");
    let mut drawn = trio("", &donor, case);
    drawn["donors"].as_array_mut().unwrap().remove(0);
    drawn["individuals"][2]["sex"] = json!("male");
    let pedigree = made(s.first.post("/pedigrees", &drawn).await).await;
    for (remains, differs) in [(found, 0), (other, 4)] {
        let bone = s.sample(json!({ "source": "remains", "found_record": remains, "material": "bone" })).await;
        // Of two who are one by all other markers.
        enter(&bone, with(&son, differs)).await;
    }
    s.dna_evidence(case, found, "dna.supports").await;
    let client = s.node.everything().await;
    count(&client, "SELECT count(*) FROM job WHERE failed_at IS NULL", |n| n == 0).await;
    let of_other: Value = s.reviewer.get(&format!("/hypotheses?case={case}&found_record={other}")).await.json().await.unwrap();
    let told = of_other["items"].as_array().unwrap().iter().flat_map(|l| l["evidence"].as_array().unwrap());
    assert!(told.filter(|e| e["field"] == "dna").all(|e| e["log10_lr"].as_f64().unwrap() <= -3.0), "{of_other}");
    let read: Value = s.first.get(&format!("/pedigrees/{}", id(&pedigree))).await.json().await.unwrap();
    let weight =
        |of: FoundId| read["results"].as_array().unwrap().iter().find(|r| r["found_id"] == json!(of)).unwrap()["log10_lr"].as_f64().unwrap();
    assert!((weight(found) - weight(other)).abs() < 1e-9, "the other markers are the same");
    let lines = |of: FoundId| read["results"].as_array().unwrap().iter().find(|r| r["found_id"] == json!(of)).unwrap()["lines"].clone();
    assert_eq!(lines(found), json!(["sex_consistent", "y_consistent"]));
    assert_eq!(lines(other), json!(["sex_consistent", "y_excludes"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_runs_out_takes_back_what_rested_on_it() {
    let s = scene().await;
    let mut nature = Nature::new(23);
    let (mother, father) = (nature.founder(), nature.founder());
    let daughter = nature.child(&mother, &father);
    let case = s.case("Xiomara").await;
    let found = s.remains("Desconocida").await;
    let m = s.relative(case, "mother", "female", &mother).await;
    let mut drawn = trio(&m, "", case);
    drawn["donors"].as_array_mut().unwrap().pop();
    made(s.first.post("/pedigrees", &drawn).await).await;
    let bone = s.sample(json!({ "source": "remains", "found_record": found, "material": "bone" })).await;
    s.typed(&bone, &daughter).await;
    s.dna_evidence(case, found, "dna.supports").await;
    let client = s.node.everything().await;
    client.execute("UPDATE consent SET expires_at = now() WHERE subject_kind = 'donor'", &[]).await.unwrap();
    let pool = &s.node.app.pool;
    let end = async || {
        let mut tx = pool.begin(rastro::db::Role::Jobs, &rastro::db::Scope::default()).await.unwrap();
        let ended = rastro::db::samples::end_expired(&mut tx, s.node.app.now() + chrono::Duration::minutes(1)).await.unwrap();
        tx.commit().await.unwrap();
        ended
    };
    assert_eq!(end().await, 1);
    s.dna_evidence(case, found, "dna.withdrawn").await;
    count(&client, "SELECT count(*) FROM job WHERE failed_at IS NULL", |n| n == 0).await;
    assert_eq!(end().await, 0, "once it is taken back there is nothing to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn remains_and_families_of_one_event_are_weighed_together() {
    let s = scene().await;
    let mut nature = Nature::new(25);
    let (mother, father) = (nature.founder(), nature.founder());
    let [one, two] = [(); 2].map(|()| nature.child(&mother, &father));
    let (other_mother, stranger) = (nature.founder(), nature.founder());
    let other_father = nature.founder();
    let cousin = nature.child(&other_mother, &other_father);
    let (first, second, third) = (s.case("Xiomara").await, s.case("Yadira").await, s.case("Zulma").await);
    let [m, f] =
        [("mother", "female", &mother), ("father", "male", &father)].map(|(relation, sex, genome)| s.relative(first, relation, sex, genome));
    let (m, f) = (m.await, f.await);
    let mut drawn = trio(&m, &f, first);
    drawn["individuals"].as_array_mut().unwrap().push(json!({ "id": "sister", "sex": "female", "mother": "mother", "father": "father" }));
    drawn["missing"].as_array_mut().unwrap().push(json!({ "individual": "sister", "case": second }));
    made(s.first.post("/pedigrees", &drawn).await).await;
    let o = s.relative(third, "mother", "female", &other_mother).await;
    let mut drawn = trio(&o, "", third);
    drawn["donors"].as_array_mut().unwrap().pop();
    made(s.first.post("/pedigrees", &drawn).await).await;
    // Four remains of three persons and of somebody else: one of them lies in two parts.
    let mut founds = Vec::new();
    for genome in [&one, &two, &cousin, &stranger, &two] {
        let found = s.remains("Desconocida").await;
        let bone = s.sample(json!({ "source": "remains", "found_record": found, "material": "bone" })).await;
        s.typed(&bone, genome).await;
        founds.push(found);
    }
    let nobody_s = s.remains("Sin perfil").await;
    founds.push(nobody_s);
    let new = json!({ "title": "Invented shipwreck", "cases": [first, second, third], "found_records": founds });
    let begun = s.first.post("/joint-identifications", &new).await;
    assert_eq!(begun.status(), StatusCode::ACCEPTED);
    let path = format!("/joint-identifications/{}", id(&begun.json::<Value>().await.unwrap()));
    let told = loop {
        let told: Value = s.first.get(&path).await.json().await.unwrap();
        if !told["ended_at"].is_null() {
            break told;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(told["problem"].is_null(), "{told}");
    let outcome = &told["outcome"];
    assert_eq!(outcome["left_out"], json!([nobody_s]));
    let groups = outcome["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 4, "two of the five are of one person: {outcome}");
    let group = |found: FoundId| groups.iter().find(|g| g["found_records"].as_array().unwrap().contains(&json!(found))).unwrap();
    assert_eq!(group(founds[1])["found_records"], json!([founds[1], founds[4]]));
    // Which of two sisters is which their parents' DNA does not tell; that they are both does.
    for found in [founds[0], founds[1]] {
        let shares: Vec<f64> = group(found)["candidates"].as_array().unwrap().iter().map(|c| c["posterior"].as_f64().unwrap()).collect();
        assert!((shares[0] - 0.5).abs() < 0.01 && (shares[1] - 0.5).abs() < 0.01, "{outcome}");
        assert_eq!(group(found)["conclusion"], "symmetric", "{outcome}");
    }
    let of_cousin = &group(founds[2])["candidates"][0];
    assert_eq!((&of_cousin["case"], of_cousin["posterior"].as_f64().unwrap() > 0.99), (&json!(third), true), "{outcome}");
    assert!(group(founds[3])["nobody"].as_f64().unwrap() > 0.99, "{outcome}");
    assert_eq!(outcome["ties"], 2.0);
    // With a donor's consent goes what came of it.
    assert_eq!(s.forensic.post(&format!("/donors/{m}/withdrawals"), &json!({})).await.status(), StatusCode::OK);
    let after: Value = s.first.get(&path).await.json().await.unwrap();
    assert_eq!((&after["outcome"], &after["problem"]), (&Value::Null, &json!("withdrawn")));
    // Who has no pedigree of a case, or may not see remains, hears which.
    let strange = json!({ "title": "x", "cases": [s.case("Nadia").await], "found_records": [uuid::Uuid::now_v7()] });
    let refused = problem(s.first.post("/joint-identifications", &strange).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    let pointers: Vec<&Value> = refused["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, [&json!("/cases/0"), &json!("/found_records/0")]);
}

/// `rastro bank ...` on the scene's database: whether it went well, and what it printed.
async fn command(s: &Scene, folder: &Folder, arguments: &[&str]) -> (bool, String) {
    let run = tokio::process::Command::new(env!("CARGO_BIN_EXE_rastro"))
        .arg("bank")
        .args(arguments)
        .env("DATABASE_URL", &s.node.app_url)
        .env("RASTRO_KEYS__BANK_KEY", folder.0.join("bank.key"))
        .env("RASTRO_LOG__FILTER", "warn")
        .output()
        .await
        .unwrap();
    (run.status.success(), format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr)))
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_leave_the_bank_under_codes_and_come_into_another_sample_whole_or_not_at_all() {
    let s = scene().await;
    let folder = Folder::new();
    folder.file("bank.key", &hex::encode([7; 32]));
    let address = |who: &str| format!("{who}@{}.invalid", s.bank.0.simple());
    let mut nature = Nature::new(24);
    let found = s.remains("Desconocida").await;
    let bone = s.sample(json!({ "source": "remains", "found_record": found, "material": "bone" })).await;
    let genome = nature.founder();
    let code = s.typed(&bone, &genome).await["code"].as_str().unwrap().to_owned();
    let whole: Value = s.first.get(&format!("/samples/{bone}/profile")).await.json().await.unwrap();
    // Another sample of the same remains is known elsewhere by that code.
    let number = json!([{ "scheme": "bank", "value": code }]);
    let tooth = s.sample(json!({ "source": "remains", "found_record": found, "material": "tooth", "identifiers": number })).await;
    for (format, name) in [("cmf", "profiles.xml"), ("wide", "profiles.csv")] {
        let out = folder.0.join(name).display().to_string();
        let (well, printed) = command(&s, &folder, &["export", "--format", format, "--user", &address("one"), "--out", &out]).await;
        assert!(well, "{printed}");
        let text = std::fs::read_to_string(&out).unwrap();
        assert!(text.contains(&code), "{text}");
        for told in ["Desconocida", "Nadie", &found.to_string(), &bone] {
            assert!(!text.contains(told), "{format} tells {told}");
        }
        for (locus, alleles) in &genome {
            assert!(text.contains(locus.as_str()) && text.contains(alleles[0].as_str()), "{format} lacks {locus}");
        }
        // One analyst in CMF, the other from the table: what two formats carry is alike, or the two would not agree.
        let who = address(if format == "cmf" { "one" } else { "two" });
        let arguments = ["import", &out, "--user", &who, "--laboratory", "Invented", "--kit", "GlobalFiler", "--run-on", "2026-03-05"];
        let (well, printed) = command(&s, &folder, &arguments).await;
        assert!(well && printed.contains("1 readings entered"), "{printed}");
        assert!(!genome.values().any(|a| a[0].contains('.') && printed.contains(&a[0])), "what is printed tells no allele: {printed}");
        // Somebody without the right hears so, and nothing is written.
        let refused = folder.0.join("refused").display().to_string();
        let (well, _) = command(&s, &folder, &["export", "--format", format, "--user", &address("doctor"), "--out", &refused]).await;
        assert!(!well && !std::path::Path::new(&refused).exists());
    }
    let again: Value = s.first.get(&format!("/samples/{tooth}/profile")).await.json().await.unwrap();
    assert_eq!(again["loci"], whole["loci"], "{again}");
    assert_eq!(again["standing"]["state"], "searchable");
    // A file of which one sample is unknown enters nothing.
    let table = std::fs::read_to_string(folder.0.join("profiles.csv")).unwrap();
    let row = table.lines().nth(1).unwrap().replace(&code, "nobody's");
    std::fs::write(folder.0.join("two.csv"), format!("{table}{row}\n")).unwrap();
    let client = s.node.everything().await;
    let readings = || client.query_one("SELECT count(*) FROM bank.reading", &[]);
    let before: i64 = readings().await.unwrap().get(0);
    let two = folder.0.join("two.csv").display().to_string();
    let who = address("one");
    let arguments = ["import", &two, "--user", &who, "--laboratory", "Invented", "--kit", "GlobalFiler", "--run-on", "2026-03-05"];
    let (well, printed) = command(&s, &folder, &arguments).await;
    assert!(!well && printed.contains("nobody's"), "{printed}");
    assert_eq!(readings().await.unwrap().get::<_, i64>(0), before);
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
