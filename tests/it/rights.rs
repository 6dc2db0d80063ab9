//! The rights matrix: every operation of the API with every role. An operation without a row fails the test.

use crate::api::Program;
use crate::support::{TestNode, consent_to, person};
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::person::Description;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

use Role::{
    Administrator as Admin, AssociationMember as Member, ConsularOfficer as Consul, ForensicOfficer as Forensic, Geneticist,
    PublicDefender as Defender, Reviewer, SearchOfficer as Officer,
};

const EVERYBODY: &[Role] = &[Officer, Reviewer, Forensic, Geneticist, Consul, Defender, Member, Admin];

/// An operation, who may do it, and what the others hear: 403, or 404 where even the record's being there is not theirs to know.
struct Row {
    operation: &'static str,
    may: &'static [Role],
    others: StatusCode,
}

const fn row(operation: &'static str, may: &'static [Role]) -> Row {
    Row { operation, may, others: StatusCode::FORBIDDEN }
}

const fn hidden(operation: &'static str, may: &'static [Role]) -> Row {
    Row { operation, may, others: StatusCode::NOT_FOUND }
}

const MATRIX: &[Row] = &[
    row("GET /me", EVERYBODY),
    row("POST /cases", &[Officer]),
    row("GET /cases", &[Officer, Reviewer]),
    hidden("GET /cases/{id}", &[Officer, Reviewer, Consul, Defender, Member]),
    row("PATCH /cases/{id}", &[Officer]),
    row("GET /cases/{id}/file", &[Officer, Reviewer]),
    row("GET /cases/{id}/corrections", &[Officer, Reviewer]),
    row("POST /cases/{id}/moves", &[Officer]),
    row("POST /cases/{id}/consents", &[Officer]),
    row("POST /cases/{id}/withdrawals", &[Officer]),
    row("POST /cases/{id}/actions", &[Officer]),
    row("PUT /cases/{id}/actions/{action}/result", &[Officer]),
    row("PUT /cases/{id}/family-phase", &[Officer]),
    row("POST /cases/{id}/family-pin", &[Officer]),
    row("POST /cases/{id}/mandates", &[Officer]),
    row("POST /cases/{id}/messages/{message}/answers", &[Officer]),
    row("POST /found-records", &[Forensic]),
    row("GET /found-records", &[Officer, Reviewer, Forensic, Geneticist]),
    hidden("GET /found-records/{id}", &[Officer, Reviewer, Forensic, Geneticist, Consul, Defender]),
    row("PATCH /found-records/{id}", &[Forensic]),
    row("GET /found-records/{id}/file", &[Officer, Reviewer, Forensic, Geneticist]),
    row("GET /found-records/{id}/corrections", &[Officer, Reviewer, Forensic, Geneticist]),
    row("POST /found-records/{id}/consents", &[Forensic]),
    row("POST /found-records/{id}/withdrawals", &[Forensic]),
    row("GET /hypotheses", &[Officer, Reviewer, Forensic, Geneticist]),
    row("GET /hypotheses/{id}", &[Officer, Reviewer, Forensic, Geneticist]),
    row("POST /hypotheses/{id}/verdicts", &[Reviewer]),
    row("POST /hypotheses/{id}/moves", &[Reviewer]),
    row("GET /explanations", &[Officer, Reviewer, Forensic, Geneticist]),
    row("GET /events", &[Officer, Reviewer, Forensic, Geneticist]),
    row("GET /possible-duplicates", &[Officer, Reviewer, Forensic, Geneticist]),
    row("GET /possible-duplicates/{id}", &[Officer, Reviewer, Forensic, Geneticist]),
    row("POST /possible-duplicates", &[Officer]),
    row("POST /possible-duplicates/{id}/moves", &[Officer, Forensic]),
    row("POST /imports", &[Officer]),
    row("GET /imports", &[Officer, Forensic]),
    row("GET /imports/{id}", &[Officer, Forensic]),
    row("POST /imports/{id}/confirmation", &[Officer, Forensic]),
    row("POST /imports/{id}/cancellation", &[Officer, Forensic]),
    row("GET /imports/{id}/problems", &[Officer, Forensic]),
    row("GET /imports/{id}/errors.csv", &[Officer, Forensic]),
    row("GET /imports/{id}/differences", &[Officer, Forensic]),
    row("POST /import-differences/{difference}/acceptance", &[Officer, Forensic]),
    row("POST /import-differences/{difference}/refusal", &[Officer, Forensic]),
    row("POST /partner-queries", &[Officer, Consul, Defender]),
    row("GET /partner-queries", &[Officer, Consul, Defender]),
    row("GET /notices", &[Officer, Consul, Defender]),
    row("POST /notices/{id}/reading", EVERYBODY),
    row("GET /mandates", &[Member]),
    row("GET /mandates/{case}", &[Member]),
    row("POST /mandates/{case}/questions", &[Member]),
    row("GET /corridors", &[Officer, Reviewer, Forensic, Consul, Defender]),
    row("GET /corridors/{corridor}/records", &[Officer, Reviewer, Forensic, Consul, Defender]),
    row("GET /corridor-snaps", &[Officer, Reviewer, Forensic, Consul, Defender]),
    row("POST /donors", &[Forensic, Geneticist]),
    row("GET /donors", &[Officer, Forensic, Geneticist]),
    row("GET /donors/{id}", &[Officer, Forensic, Geneticist]),
    row("POST /donors/{id}/consents", &[Forensic, Geneticist]),
    row("POST /donors/{id}/withdrawals", &[Forensic, Geneticist]),
    row("POST /samples", &[Forensic, Geneticist]),
    row("GET /samples", &[Officer, Forensic, Geneticist]),
    row("GET /samples/{id}", &[Officer, Forensic, Geneticist]),
    row("POST /samples/{id}/identifiers", &[Forensic, Geneticist]),
    row("POST /samples/{id}/custody", &[Forensic, Geneticist]),
    row("GET /hand-overs", &[Officer, Forensic, Geneticist]),
    row("POST /hand-overs/{id}/reception", &[Forensic, Geneticist]),
    row("POST /samples/{id}/readings", &[Geneticist]),
    row("GET /samples/{id}/profile", &[Geneticist]),
    row("POST /pedigrees", &[Geneticist]),
    row("GET /pedigrees", &[Geneticist]),
    row("GET /pedigrees/{id}", &[Geneticist]),
    row("PUT /pedigrees/{id}", &[Geneticist]),
    row("GET /pedigrees/{id}/power", &[Geneticist]),
    row("POST /bank-searches", &[Geneticist]),
    row("GET /bank-searches", &[Geneticist]),
    row("GET /bank-searches/{id}", &[Geneticist]),
    row("POST /bank-searches/{id}/cancellation", &[Geneticist]),
    row("GET /patterns", &[Officer, Reviewer, Forensic, Consul, Defender]),
    row("POST /identifications", &[Reviewer, Forensic]),
    row("GET /identifications", &[Officer, Reviewer, Forensic, Geneticist]),
    row("GET /identifications/{id}", &[Officer, Reviewer, Forensic, Geneticist]),
    row("PUT /identifications/{id}", &[Reviewer, Forensic]),
    row("PUT /identifications/{id}/genetic-opinion", &[Geneticist]),
    row("PUT /identifications/{id}/alternatives/{hypothesis}", &[Reviewer, Forensic]),
    row("POST /identifications/{id}/moves", &[Reviewer, Forensic]),
    row("GET /identifications/{id}/reports/{version}", &[Officer, Reviewer, Forensic, Geneticist]),
    row("POST /notifications", &[Officer]),
    row("GET /notifications", &[Officer, Reviewer]),
    row("GET /notifications/{id}", &[Officer, Reviewer]),
    row("PUT /notifications/{id}/plan", &[Officer]),
    row("POST /notifications/{id}/moves", &[Officer]),
    row("POST /notifications/{id}/delivery", &[Officer]),
    row("POST /restitutions", &[Officer]),
    row("GET /restitutions", &[Officer, Reviewer, Forensic, Geneticist]),
    row("GET /restitutions/{id}", &[Officer, Reviewer, Forensic, Geneticist]),
    row("PUT /restitutions/{id}", &[Officer, Forensic]),
    row("POST /restitutions/{id}/items", &[Officer, Forensic]),
    row("PUT /restitutions/{id}/items/{item}/receipt", &[Officer, Forensic]),
    row("POST /restitutions/{id}/moves", &[Officer, Forensic]),
];

/// Operations that need no token.
const OPEN: &[&str] = &["POST /token", "GET /verifications/{code}"];

fn described() -> BTreeSet<String> {
    let document = serde_json::to_value(rastro::web::api::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .keys()
                .filter(|k| *k != "parameters")
                .map(move |method| format!("{} {}", method.to_uppercase(), path.strip_prefix("/api/v1").unwrap()))
        })
        .collect()
}

/// A body that is read without a fault, so that the right is what is asked for.
fn body(operation: &str) -> Option<Value> {
    let description = Description::default();
    Some(match operation {
        "POST /cases" => json!({ "person": description }),
        "PATCH /cases/{id}" => json!({ "reason": "x", "itinerary": { "destination_country": "USA" } }),
        "POST /cases/{id}/moves" => json!({ "command": "close", "reason": "x" }),
        "POST /cases/{id}/consents" | "POST /found-records/{id}/consents" => json!(consent_to(&[AuthorityKind::ForensicBank])),
        "POST /cases/{id}/withdrawals" | "POST /found-records/{id}/withdrawals" => json!({ "reason": "x" }),
        "POST /cases/{id}/actions" => json!({ "kind": "call", "due": "2030-01-01" }),
        "PUT /cases/{id}/actions/{action}/result" => json!({ "result": "done" }),
        "PUT /cases/{id}/family-phase" => json!({ "phase": 2 }),
        "POST /cases/{id}/mandates" => json!({ "association": Uuid::now_v7() }),
        "POST /found-records" => json!({ "kind": "shelter", "person": description }),
        "PATCH /found-records/{id}" => json!({ "reason": "x", "person": description }),
        "POST /hypotheses/{id}/verdicts" => json!({ "verdict": "support", "reasons": ["mark"], "note": "x" }),
        "POST /hypotheses/{id}/moves" => json!({ "command": "begin_review" }),
        "POST /possible-duplicates" => json!({ "kind": "case", "folio": "x", "other_folio": "y", "reason": "x" }),
        "POST /possible-duplicates/{id}/moves" => json!({ "command": "link", "reason": "x" }),
        "POST /donors" => json!({ "case": Uuid::now_v7(), "relation": "mother", "name": "x" }),
        "POST /donors/{id}/consents" => {
            json!({ "institutions": ["forensic_bank"], "language": "es", "explained_by": "x", "granted_by": "x", "form_version": "1" })
        }
        "POST /donors/{id}/withdrawals" => json!({ "reason": "x" }),
        "POST /samples" => json!({ "source": "remains", "found_record": Uuid::now_v7(), "material": "bone" }),
        "POST /samples/{id}/identifiers" => json!({ "scheme": "x", "value": "y" }),
        "POST /samples/{id}/custody" => json!({ "kind": "stored", "location": "x" }),
        "POST /hand-overs/{id}/reception" => json!({ "code": "x", "condition": "intact" }),
        "POST /samples/{id}/readings" => json!({ "kit": "x", "laboratory": "x", "run_on": "2026-01-01", "loci": { "FGA": ["20", "21"] } }),
        "POST /pedigrees" | "PUT /pedigrees/{id}" => {
            json!({ "individuals": [{ "id": "a", "sex": "male" }], "missing": [{ "individual": "a", "case": Uuid::now_v7() }], "state": "draft" })
        }
        "POST /identifications" => json!({ "hypothesis": Uuid::now_v7() }),
        "PUT /identifications/{id}" => json!({ "methods": ["dental"] }),
        "PUT /identifications/{id}/genetic-opinion" => json!({ "words": "a long enough sentence of words" }),
        "PUT /identifications/{id}/alternatives/{hypothesis}" => json!({ "comparison": "a long enough sentence of words" }),
        "POST /identifications/{id}/moves" => json!({ "command": "sign" }),
        "POST /notifications" => json!({ "case": Uuid::now_v7(), "kind": "search_status" }),
        "PUT /notifications/{id}/plan" => json!({ "notifier": "x", "language": "es" }),
        "POST /notifications/{id}/moves" => json!({ "command": "authorise" }),
        "POST /notifications/{id}/delivery" => json!({ "mode": "in_person", "at": "2026-01-01T10:00:00Z", "present": "x" }),
        "POST /restitutions" => json!({ "identification": Uuid::now_v7() }),
        "PUT /restitutions/{id}" => json!({ "carrier": "x" }),
        "POST /restitutions/{id}/items" => json!({ "kind": "belonging", "description": "x" }),
        "PUT /restitutions/{id}/items/{item}/receipt" => {
            json!({ "received_by": "x", "handed_over_by": "y", "receipt": "1", "at": "2026-01-01T10:00:00Z" })
        }
        "POST /restitutions/{id}/moves" => json!({ "command": "accept" }),
        "POST /partner-queries" => json!({ "document": "0801199400001", "legal_basis": "x" }),
        _ if operation.ends_with("/answers") || operation.ends_with("/questions") || operation.contains("differences/") => {
            json!({ "text": "x" })
        }
        _ => return None,
    })
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let rows: BTreeSet<String> = MATRIX.iter().map(|r| r.operation).chain(OPEN.iter().copied()).map(str::to_owned).collect();
    assert_eq!(rows, described());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_may_do_what_its_row_says_and_nothing_else() {
    let node = TestNode::start_with_key().await;
    let authority = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let officer = node.user(authority, "maker", &[Officer, Forensic]).await;
    let case = node.case(&officer, person("Xiomara", "Zelaya", "Prueba"), None).await.to_string();
    let found = node.remains(&officer, person("Ignacia", "Zelaya", "Prueba")).await.to_string();
    let served = node.serve().await;
    let mut wrong = Vec::new();
    for role in EVERYBODY {
        let actor = node.user(authority, role.as_str(), &[*role]).await;
        let program = Program::of(&node, &served, &actor).await;
        for row in MATRIX {
            let (method, path) = row.operation.split_once(' ').unwrap();
            let mut path = path.to_owned();
            // Reading asks for a record that is there; whoever may change one is refused for another reason, as nothing here is found.
            let of_case = path == "/cases/{id}";
            let of_found = path == "/found-records/{id}";
            if method == "GET" && (of_case || of_found) {
                path = path.replace("{id}", if of_case { &case } else { &found });
            }
            for name in ["{id}", "{action}", "{message}", "{difference}", "{case}", "{hypothesis}", "{item}"] {
                path = path.replace(name, &Uuid::now_v7().to_string());
            }
            path = path.replace("{corridor}", "bestia-tronco").replace("{version}", "1");
            match row.operation {
                "GET /corridors/{corridor}/records" => path.push_str("?within_km=5"),
                "GET /corridor-snaps" => path.push_str("?lat=16&lon=-95"),
                "GET /patterns" => path.push_str("?kind=case&shared=true"),
                "GET /explanations" => path.push_str("?case=HN-0&found_record=MX-0"),
                "GET /donors" => path.push_str(&format!("?case={}", Uuid::now_v7())),
                "POST /imports" => path.push_str("?kind=cases"),
                _ => {}
            }
            let mut request = program.ask(Method::from_bytes(method.as_bytes()).unwrap(), &path).header("if-match", "\"1\"");
            if row.operation == "POST /imports" {
                request = request.header("content-type", "text/csv").body("folio,nombre\nX-1,Inventada Una\n");
            } else if let Some(body) = body(row.operation) {
                request = request.json(&body);
            }
            let status = request.send().await.unwrap().status();
            let may = row.may.contains(role);
            let as_wanted = if may {
                status != StatusCode::FORBIDDEN
                    && status != StatusCode::UNAUTHORIZED
                    && status.as_u16() < 500
                    && !(row.others == StatusCode::NOT_FOUND && status == StatusCode::NOT_FOUND)
            } else {
                status == row.others
            };
            if !as_wanted {
                wrong.push(format!("{} by {role}: {status}, may: {may}", row.operation));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_without_a_token_does_anything() {
    let node = TestNode::start_with_key().await;
    let served = node.serve().await;
    let client = reqwest::Client::new();
    for row in MATRIX {
        let (method, path) = row.operation.split_once(' ').unwrap();
        let mut path = path.to_owned();
        for name in ["{id}", "{action}", "{message}", "{difference}", "{case}", "{corridor}", "{hypothesis}", "{item}"] {
            path = path.replace(name, &Uuid::now_v7().to_string());
        }
        path = path.replace("{version}", "1");
        match row.operation {
            "GET /corridors/{corridor}/records" => path.push_str("?within_km=5"),
            "GET /corridor-snaps" => path.push_str("?lat=16&lon=-95"),
            "GET /patterns" => path.push_str("?kind=case&shared=true"),
            "GET /explanations" => path.push_str("?case=HN-0&found_record=MX-0"),
            "GET /donors" => path.push_str(&format!("?case={}", Uuid::now_v7())),
            "POST /imports" => path.push_str("?kind=cases"),
            _ => {}
        }
        let url = format!("{}/api/v1{path}", served.url);
        let mut request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), url).header("if-match", "\"1\"");
        if let Some(body) = body(row.operation) {
            request = request.json(&body);
        }
        assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "{}", row.operation);
    }
}
