//! The API at its edges: whatever is sent, the answer is a clear 4xx and nothing is half written; the document is whole; a key is good for one
//! request wherever it makes something.

use crate::api::{Program, problem};
use crate::support::{Served, TestNode, consent_to, person};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rastro::app::{App, SystemClock, SystemIds, SystemRandom};
use rastro::db::Pool;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::ids::AuthorityId;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

struct Scene {
    node: TestNode,
    served: Served,
    authority: AuthorityId,
    /// A program with every right that registers, searches and decides.
    program: Program,
}

async fn scene() -> Scene {
    let node = TestNode::start_with_key().await;
    let authority = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let officer = node.user(authority, "officer", &[Role::SearchOfficer, Role::ForensicOfficer, Role::Reviewer]).await;
    let served = node.serve().await;
    let program = Program::of(&node, &served, &officer).await;
    Scene { node, served, authority, program }
}

async fn made(program: &Program, path: &str, body: &Value) -> String {
    let answer = program.post(path, body).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    answer.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
}

/// A case with something in every field.
fn full_case() -> Value {
    json!({
        "external_id": "EXT-1", "scheme": "OWN", "channel": "office", "report_language": "es", "report_date": "2024-03-01",
        "person": {
            "names": [{ "kind": "legal", "given_names": "Xiomara", "first_surname": "Zelaya", "second_surname": "Prueba", "full_text": "Xiomara Zelaya" }],
            "sex": "female", "gender_identity": "x", "birth": "1994", "birth_place": "x", "age_min": 29, "age_max": 31, "age_as_of": "2024-01-01",
            "nationalities": ["HND"], "languages": ["spa"], "people": "x", "height_min_cm": 158.0, "height_max_cm": 160.5, "height_method": "stated",
            "build": "x", "hair_color": "x", "eye_color": "x", "marks": [{ "text": "x", "kind": "scar", "zone": "arm", "side": "left" }],
            "phones": ["1"], "documents": ["2"], "companions": ["x"], "absent": { "people": "unknown" }
        },
        "last_contact": {
            "at": "2024-02/2024-03", "means": "call", "transport": "bus", "circumstances": "x",
            "place": { "name": "Tapachula", "country": "MEX", "admin1": "Chiapas", "lat": 14.9, "lon": -92.26, "uncertainty_m": 2000.0, "precision": "described" }
        },
        "journey": [{ "kind": "departure", "place": { "name": "x", "country": "HND" }, "at": "2024", "transport": "bus", "certainty": "reported" }],
        "origin_country": "HND", "transit_countries": ["GTM"], "destination_country": "USA", "destination_place": "x", "risk_flags": ["desert"],
        "consent": consent_to(&[AuthorityKind::ForensicBank]),
    })
}

/// The places of a body, each of which is then spoilt.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| places(inner, &format!("{at}/{name}"), found)),
        Value::Array(items) => {
            if let Some(first) = items.first() {
                places(first, &format!("{at}/0"), found);
            }
        }
        _ => {}
    }
}

fn spoils() -> Vec<Value> {
    vec![
        json!("x".repeat(10_000)),
        json!("a\u{0}b"),
        json!("a\u{202e}b"),
        json!("-9999-01-01"),
        json!(-1e300),
        json!(99_999_999_999_i64),
        json!(vec![vec!["x"; 3]; 300]),
        json!({ "a\u{0}": 1 }),
        Value::Null,
    ]
}

/// Every answer below 500, and a problem where it is none of success.
async fn is_clear(answer: Response, what: &str) -> StatusCode {
    let status = answer.status();
    assert!(status.as_u16() < 500, "{what}: {status} {}", answer.text().await.unwrap());
    if status.is_client_error() {
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{what}");
    }
    status
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spoilt_value_anywhere_in_a_body_makes_the_node_fail_inside() {
    let s = scene().await;
    let case = made(&s.program, "/cases", &json!({ "person": person("Xiomara", "Zelaya", "Prueba") })).await;
    let found = made(&s.program, "/found-records", &json!({ "kind": "shelter", "person": person("Ignacia", "Zelaya", "Prueba") })).await;
    // The same description as a case's, whose every field is spoilt above.
    let description = json!({ "names": [{ "kind": "legal", "given_names": "Ignacia" }], "birth": "1994", "age_as_of": "2024-01-01" });
    let bodies: Vec<(Method, String, Value)> = vec![
        (Method::POST, "/cases".into(), full_case()),
        (
            Method::POST,
            "/found-records".into(),
            json!({ "kind": "remains_named", "external_id": "x", "scheme": "x", "person": {}, "found_at": "2024", "place": { "name": "x", "country": "MEX" },
                    "body_state": "skeletal", "pmi_min_days": 1, "pmi_max_days": 2, "wants_contact": "yes", "held_at": "x", "language": "es" }),
        ),
        (
            Method::PATCH,
            format!("/cases/{case}"),
            json!({ "reason": "x", "itinerary": { "destination_place": "x" }, "risk_flags": ["desert"], "inquirer": { "name": "x", "relation": "x" }, "journey": [{ "kind": "planned" }] }),
        ),
        (Method::PATCH, format!("/found-records/{found}"), json!({ "reason": "x", "person": description })),
        (Method::POST, format!("/cases/{case}/moves"), json!({ "command": "close", "reason": "x" })),
        (Method::POST, format!("/cases/{case}/actions"), json!({ "kind": "call", "addressee": "x", "note": "x", "due": "2030-01-01" })),
        (Method::POST, format!("/cases/{case}/withdrawals"), json!({ "purpose": "search", "recipient": "hospital", "reason": "x" })),
        (Method::POST, format!("/cases/{case}/mandates"), json!({ "association": Uuid::now_v7(), "next_contact": "2030-01-01" })),
        (Method::PUT, format!("/cases/{case}/family-phase"), json!({ "phase": 2 })),
        (
            Method::POST,
            "/partner-queries".into(),
            json!({ "name": "a b", "birth": "1994", "nationality": "HND", "document": "12345", "legal_basis": "x" }),
        ),
    ];
    for (method, path, body) in bodies {
        let mut at = Vec::new();
        places(&body, "", &mut at);
        let mut etag = "\"1\"".to_owned();
        for pointer in at.iter().filter(|p| !p.is_empty()) {
            for spoil in spoils() {
                let mut spoilt = body.clone();
                if spoilt.get("external_id").is_some() {
                    // A number of its own, so that what is good gets as far as every table.
                    spoilt["external_id"] = json!(Uuid::now_v7());
                }
                *spoilt.pointer_mut(pointer).unwrap() = spoil.clone();
                let answer = s.program.ask(method.clone(), &path).header("if-match", &etag).json(&spoilt).send().await.unwrap();
                if let Some(now) = answer.headers().get("etag").filter(|_| method == Method::PATCH) {
                    etag = now.to_str().unwrap().to_owned();
                }
                is_clear(answer, &format!("{method} {path} {pointer} = {}", spoil.to_string().chars().take(30).collect::<String>())).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_would_refuse_is_a_fault_with_its_place_and_nothing_is_written() {
    let s = scene().await;
    let with = |pointer: &str, value: Value| {
        let mut case = full_case();
        *case.pointer_mut(pointer).unwrap() = value;
        case
    };
    let long = json!("x".repeat(10_000));
    let name = json!({ "kind": "legal", "full_text": "Inventada" });
    let faults = [
        ("/report_date", json!("-9999-01-01"), "/report_date"),
        ("/person/age_as_of", json!("-9999-01-01"), "/person/age_as_of"),
        ("/person/age_as_of", json!("2199-01-01"), "/person/age_as_of"),
        ("/person/names", json!(vec![name; 300]), "/person/names"),
        ("/person/names/0/given_names", long.clone(), "/person/names/0/given_names"),
        ("/person/names/0/first_surname", json!("a\u{202e}b"), "/person/names/0/first_surname"),
        ("/person/marks/0/zone", long.clone(), "/person/marks/0/zone"),
        ("/person/height_method", long.clone(), "/person/height_method"),
        ("/person/nationalities", json!(vec!["HND"; 300]), "/person/nationalities"),
        ("/risk_flags", json!(["a\u{202e}b"]), "/risk_flags/0"),
        ("/transit_countries", json!(vec!["GTM"; 300]), "/transit_countries"),
        ("/journey/0/transport", long.clone(), "/journey/0/transport"),
        ("/consent/form_version", long.clone(), "/consent/form_version"),
    ];
    let refused = async |answer: Response, pointer: &str| {
        let told = problem(answer, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert!(told["errors"].as_array().unwrap().iter().any(|e| e["pointer"] == pointer), "wanted {pointer}: {told}");
    };
    for (at, value, pointer) in faults {
        refused(s.program.post("/cases", &with(at, value)).await, pointer).await;
    }
    let list: Value = s.program.get("/cases").await.json().await.unwrap();
    assert_eq!(list, json!({ "items": [] }));

    let case = made(&s.program, "/cases", &json!({ "person": person("Xiomara", "Zelaya", "Prueba") })).await;
    let action = json!({ "kind": "call", "due": "-9999-01-01" });
    refused(s.program.post(&format!("/cases/{case}/actions"), &action).await, "/due").await;
    let mandate = json!({ "association": s.authority, "next_contact": "-9999-01-01" });
    refused(s.program.post(&format!("/cases/{case}/mandates"), &mandate).await, "/next_contact").await;
    refused(s.program.post(&format!("/cases/{case}/withdrawals"), &json!({ "reason": "a\u{202e}b" })).await, "/reason").await;
    let query = json!({ "document": "0801199400001", "nationality": "Honduras", "legal_basis": "x" });
    refused(s.program.post("/partner-queries", &query).await, "/nationality").await;

    refused(s.program.get(&format!("/cases?q={}", "x".repeat(300))).await, "/q").await;
    refused(s.program.get("/found-records?state=boat").await, "/state").await;
    refused(s.program.get("/hypotheses?band=certain").await, "/band").await;
    for at in [i64::MIN, i64::MAX, -8_000_000_000_000_000_000, 9_000_000_000_000_000] {
        let mut bytes = at.to_be_bytes().to_vec();
        bytes.extend_from_slice(Uuid::nil().as_bytes());
        let path = format!("/cases?cursor={}", URL_SAFE_NO_PAD.encode(bytes));
        problem(s.program.get(&path).await, StatusCode::BAD_REQUEST).await;
    }
    for path in
        ["/corridor-snaps?lat=NaN&lon=0", "/corridor-snaps?lat=1&lon=1&uncertainty_m=1e300", "/corridors/bestia-tronco/records?within_km=NaN"]
    {
        assert!(is_clear(s.program.get(path).await, path).await.is_client_error(), "{path}");
    }
    problem(s.program.post(&format!("/notices/{}/reading", Uuid::now_v7()), &json!({})).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_good_for_one_request_wherever_it_makes_something() {
    let s = scene().await;
    let case = made(&s.program, "/cases", &json!({ "person": person("Xiomara", "Zelaya", "Prueba") })).await;
    let other = made(&s.program, "/cases", &json!({ "person": person("Ignacia", "Zelaya", "Prueba") })).await;
    let send = async |key: &str, path: &str, body: &Value| {
        s.program.ask(Method::POST, path).header("idempotency-key", key).json(body).send().await.unwrap()
    };
    let replayed = |answer: &Response| answer.headers().contains_key("idempotent-replayed");

    let (path, action) = (format!("/cases/{case}/actions"), json!({ "kind": "call", "due": "2030-01-01" }));
    let (a, b) = tokio::join!(send("action-number-1", &path, &action), send("action-number-1", &path, &action));
    assert_ne!(replayed(&a), replayed(&b));
    assert_eq!(a.json::<Value>().await.unwrap(), b.json::<Value>().await.unwrap());
    // Another body, and the same body for another case, are other requests.
    let different = json!({ "kind": "visit", "due": "2030-01-01" });
    for (path, body) in [(&path, &different), (&format!("/cases/{other}/actions"), &action)] {
        assert_eq!(
            problem(send("action-number-1", path, body).await, StatusCode::UNPROCESSABLE_ENTITY).await["type"],
            "urn:rastro:problem:key-reused"
        );
    }
    let file: Value = s.program.get(&format!("/cases/{case}/file")).await.json().await.unwrap();
    assert_eq!(file["actions"].as_array().unwrap().iter().filter(|a| a["kind"] == "call").count(), 1);

    let (path, form) = (format!("/cases/{case}/consents"), json!(consent_to(&[AuthorityKind::ForensicBank])));
    assert!(!replayed(&send("consent-number-1", &path, &form).await));
    assert!(replayed(&send("consent-number-1", &path, &form).await));
    let file: Value = s.program.get(&format!("/cases/{case}/file")).await.json().await.unwrap();
    assert_eq!(file["consents"].as_array().unwrap().len(), 3);

    let query = json!({ "document": "0801199400001", "legal_basis": "x" });
    let first = send("query-number-1", "/partner-queries", &query).await;
    let again = send("query-number-1", "/partner-queries", &query).await;
    assert!(!replayed(&first) && replayed(&again));
    assert_eq!(first.json::<Value>().await.unwrap(), again.json::<Value>().await.unwrap());
    let asked: Value = s.program.get("/partner-queries").await.json().await.unwrap();
    assert_eq!(asked["items"].as_array().unwrap().len(), 1);

    let import = async |content: &'static str| {
        let request = s.program.ask(Method::POST, "/imports?kind=cases").header("idempotency-key", "import-number-1");
        request.header("content-type", "text/csv").body(content).send().await.unwrap()
    };
    let first = import("folio,nombre\nX-1,Inventada Una\n").await;
    let again = import("folio,nombre\nX-1,Inventada Una\n").await;
    assert!(!replayed(&first) && replayed(&again));
    assert_eq!(first.json::<Value>().await.unwrap()["id"], again.json::<Value>().await.unwrap()["id"]);
    problem(import("folio,nombre\nX-2,Inventada Dos\n").await, StatusCode::UNPROCESSABLE_ENTITY).await;

    // A request that was refused leaves its key free.
    let path = format!("/cases/{case}/actions");
    problem(send("action-number-2", &path, &json!({ "kind": "", "due": "2030-01-01" })).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert!(!replayed(&send("action-number-2", &path, &action).await));
}

fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                found.insert(target);
            }
            fields.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_whole_and_the_same_from_server_and_command() {
    let document = serde_json::to_value(rastro::web::api::document()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name}: its id is another's too");
            assert!(operation["summary"].as_str().is_some_and(|t| t.len() > 10), "{name} says nothing of itself");
            assert!(operation["responses"]["4XX"].is_object(), "{name} names no problem");
            let named: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .map_or_else(BTreeSet::new, |all| all.iter().filter(|p| p["in"] == "path").map(|p| p["name"].as_str().unwrap()).collect());
            let wanted: BTreeSet<&str> = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            assert_eq!(named, wanted, "{name}");
        }
    }
    let mut wanted = BTreeSet::new();
    references(&document, &mut wanted);
    for target in wanted {
        assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target} is not there");
    }

    let node = TestNode::start().await;
    let served = node.serve().await;
    let told: Value = reqwest::get(format!("{}/api/openapi.json", served.url)).await.unwrap().json().await.unwrap();
    assert_eq!(told, document);
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_rastro")).arg("openapi").output().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&printed.stdout).unwrap(), document);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_told_with_503_and_nothing_of_the_inside() {
    let s = scene().await;
    let away = Arc::new(App {
        settings: s.node.app.settings.clone(),
        pool: Pool::new("postgres://nobody@127.0.0.1:1/nothing?sslmode=disable", 1, "rastro-test").unwrap(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds),
        random: Arc::new(SystemRandom),
        mailer: rastro::mail::Mailer::memory().0,
        token_key: s.node.app.token_key.clone(),
        bank_key: s.node.app.bank_key.clone(),
        happenings: tokio::sync::broadcast::channel(1).0,
        space: s.node.app.space.clone(),
        metrics: Arc::default(),
        engine: std::sync::OnceLock::new(),
        stopping: tokio_util::sync::CancellationToken::new(),
    });
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/api/v1/token", listener.local_addr().unwrap());
    let server = rastro::web::start(away, listener).unwrap();
    let handle = server.handle();
    let running = tokio::task::spawn(server);
    let body = json!({ "grant_type": "client_credentials", "client_id": Uuid::now_v7(), "client_secret": "x" });
    let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "5");
    let told = problem(answer, StatusCode::SERVICE_UNAVAILABLE).await;
    let fields: BTreeSet<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(fields.is_subset(&BTreeSet::from(["type", "title", "status", "detail", "request"])), "{told}");
    assert!(!told.to_string().contains("127.0.0.1") && !told.to_string().contains("postgres"), "{told}");
    handle.stop(false).await;
    running.await.unwrap().unwrap();
    drop(s.served);
}
