//! The pages of consulates and defenders: a graded answer, whom to ask, alerts that wait; nothing of whoever has no agreement.

use crate::support::{TestNode, consent_to, person};
use actix_web::http::StatusCode;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::services::cases;
use rastro::services::partners::QUERIES_PER_HOUR;

const ASKED: &str = "name=Xiomara+Zelaya&birth-year=1994&legal_basis=Viena+5";

struct Scene {
    node: TestNode,
    officer: Actor,
    consul: Actor,
}

/// A commission with a case that consents to consulates, and a consulate; no agreement yet.
async fn scene() -> Scene {
    let node = TestNode::start().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let consulate = node.authority("CON", "HND", AuthorityKind::Consulate).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    let consul = node.user(consulate, "consul", &[Role::ConsularOfficer]).await;
    node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::Consulate]))).await;
    Scene { node, officer, consul }
}

#[actix_web::test]
async fn without_an_agreement_the_answer_is_that_of_a_person_nobody_searches_for() {
    let s = scene().await;
    let consul = s.node.browser(&s.consul, "consul").await;
    let mut bodies = Vec::new();
    for asked in [ASKED.to_owned(), ASKED.replace("Zelaya", "Inexistente")] {
        let sent = s.node.send(&consul, "/consulta", &asked).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        let page = s.node.open(&consul, &sent.location).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("Sin coincidencias") && !page.body.contains("Authority CBA"));
        let number = sent.location.rsplit('/').next().unwrap().to_owned();
        bodies.push(page.body.replace(&number, "N").len());
    }
    assert_eq!(bodies[0], bodies[1], "the two answers differ in nothing but their number");
}

#[actix_web::test]
async fn with_an_agreement_the_answer_says_whom_to_ask_and_never_which_record() {
    let s = scene().await;
    s.node.agreement(s.officer.authority, s.consul.authority).await;
    let consul = s.node.browser(&s.consul, "consul").await;
    let sent = s.node.send(&consul, "/consulta", ASKED).await;
    let page = s.node.open(&consul, &sent.location).await;
    assert!(page.body.contains("Hay un expediente relacionado; pida acceso") && page.body.contains("Authority CBA"), "{}", page.body);
    assert!(!page.body.contains("Prueba") && !page.body.contains("Inventada"), "no part of the record is shown");
    let (row, _) =
        rastro::services::partners::answered(&s.node.app, &s.consul, sent.location.rsplit('/').next().unwrap().parse().unwrap()).await.unwrap();
    assert_eq!((row.subject_id, row.subject_kind), (None, None), "the asking side learns neither which record nor of what kind");

    // The owner sees who asked and what for; both audits know of it; nobody else sees the query at all.
    let owner = s.node.browser(&s.officer, "officer").await;
    let desk = s.node.open(&owner, "/consulta").await;
    assert!(desk.body.contains("Authority CON") && desk.body.contains("Viena 5"));
    assert_eq!(s.node.open(&owner, &sent.location).await.status, StatusCode::NOT_FOUND);
    let stranger_house = s.node.authority("OTR", "GTM", AuthorityKind::Consulate).await;
    let stranger = s.node.user(stranger_house, "stranger", &[Role::ConsularOfficer]).await;
    let stranger = s.node.browser(&stranger, "stranger").await;
    assert_eq!(s.node.open(&stranger, &sent.location).await.status, StatusCode::NOT_FOUND);
    assert!(!s.node.open(&stranger, "/consulta").await.body.contains("Viena 5"));
    let audited: i64 = s
        .node
        .everything()
        .await
        .query_one(
            "SELECT count(*) FROM audit_event WHERE action = 'partner_query' AND authority_id = $1 AND subject_owner = $2",
            &[&s.consul.authority.0, &s.officer.authority.0],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(audited, 1);
}

#[actix_web::test]
async fn a_case_without_consent_is_answered_as_if_there_were_none() {
    let s = scene().await;
    s.node.agreement(s.officer.authority, s.consul.authority).await;
    let case = s.node.case(&s.officer, person("Ermelinda Inventada", "Quiroga", "Prueba"), None).await;
    assert!(cases::file(&s.node.app, &s.officer, case).await.is_ok());
    let consul = s.node.browser(&s.consul, "consul").await;
    let sent = s.node.send(&consul, "/consulta", "name=Ermelinda+Quiroga&birth-year=1994&legal_basis=x").await;
    assert!(s.node.open(&consul, &sent.location).await.body.contains("Sin coincidencias"), "without consent there is nothing");
}

#[actix_web::test]
async fn too_little_is_refused_by_field_and_too_much_with_a_wait() {
    let s = scene().await;
    let consul = s.node.browser(&s.consul, "consul").await;
    for (fields, sentence) in [
        ("name=Xiomara&legal_basis=x", "dos palabras del nombre"),
        ("name=Xiomara+Zelaya&birth-year=1994", "Escriba el fundamento legal"),
        ("name=Xiomara+Zelaya&birth-year=1994&birth-month=13&legal_basis=x", "Escriba una fecha posible"),
        ("name=A%00B+C&birth-year=1994&legal_basis=x", "invisible"),
    ] {
        let reply = s.node.send(&consul, "/consulta", fields).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields}");
        assert!(reply.body.contains(sentence), "{fields}");
    }
    // One a minute: the first is about to be an hour old.
    let row = "INSERT INTO partner_query (id, authority_id, user_id, purpose, legal_basis, criteria, grade, at) \
               SELECT gen_random_uuid(), $1, $2, 'consular_assistance', 'x', '{}', 'none', now() - make_interval(mins => minute) \
                 FROM generate_series(0, $3::int - 1) minute";
    let many = i32::try_from(QUERIES_PER_HOUR).unwrap();
    s.node.everything().await.execute(row, &[&s.consul.authority.0, &s.consul.user.0, &many]).await.unwrap();
    let asked = serde_json::from_value(serde_json::json!({ "document": "0801199400001", "legal_basis": "x" })).unwrap();
    let refused = rastro::services::partners::query(&s.node.app, &s.consul, None, &asked).await;
    assert!(matches!(refused, Err(rastro::services::ServiceError::TooMany(1..=60))), "{refused:?}");
    let reply = s.node.send(&consul, "/consulta", ASKED).await;
    assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(reply.body.contains("Xiomara Zelaya"), "what was typed is still there");
}

#[actix_web::test]
async fn only_whoever_may_query_sees_the_desk() {
    let s = scene().await;
    let reviewer = s.node.user(s.officer.authority, "reviewer", &[Role::Reviewer]).await;
    let reviewer = s.node.browser(&reviewer, "reviewer").await;
    assert_eq!(s.node.open(&reviewer, "/consulta").await.status, StatusCode::FORBIDDEN);
    assert_eq!(s.node.send(&reviewer, "/consulta", ASKED).await.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn a_national_s_case_waits_as_an_alert_and_the_mail_says_only_that_something_waits() {
    let s = scene().await;
    s.node.agreement(s.officer.authority, s.consul.authority).await;
    s.node.case(&s.officer, person("Leocadia Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::Consulate]))).await;
    s.node.work().await;
    let consul = s.node.browser(&s.consul, "consul").await;
    let desk = s.node.open(&consul, "/consulta").await;
    assert!(
        desk.body.contains("Nuevo registro de una persona que les corresponde") && desk.body.contains("Pida acceso a: Authority CBA"),
        "{}",
        desk.body
    );
    assert!(!desk.body.contains("Leocadia"));
    for letter in s.node.letters.lock().unwrap().iter() {
        let text = format!("{letter:?}");
        assert!(!text.contains("Leocadia") && !text.contains("Zelaya") && !text.contains("HND-CBA"), "{text}");
    }
    assert!(!s.node.letters.lock().unwrap().is_empty());
    let read = desk.body.split("action=\"").find_map(|p| p.strip_prefix("/consulta/avisos/")).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(s.node.send(&consul, &format!("/consulta/avisos/{read}"), "").await.status, StatusCode::SEE_OTHER);
    let left = s.node.open(&consul, "/consulta").await.body;
    let waiting = |body: &str| body.matches("/consulta/avisos/").count();
    assert_eq!(waiting(&left), waiting(&desk.body) - 1);
    assert!(!left.contains(&read));
}

#[actix_web::test]
async fn whoever_asked_without_an_answer_is_told_that_there_may_be_one_now_and_nothing_more() {
    let node = TestNode::start().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let defence = node.authority("DEF", "USA", AuthorityKind::PublicDefender).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    let defender = node.user(defence, "defender", &[Role::PublicDefender]).await;
    let colleague = node.user(defence, "colleague", &[Role::PublicDefender]).await;
    node.agreement(commission, defence).await;
    let browser = node.browser(&defender, "defender").await;
    for asked in [ASKED, "name=Otra+Persona&birth-year=1990&legal_basis=x", "document=0801199400001&legal_basis=x"] {
        assert_eq!(node.send(&browser, "/consulta", asked).await.status, StatusCode::SEE_OTHER);
    }
    let told = || node.letters.lock().unwrap().iter().map(|l| l.to.clone()).collect::<Vec<_>>();
    // Without consent to defenders nobody hears of the case; nor by a document that is not shared.
    let mut someone = person("Xiomara Inventada", "Zelaya", "Prueba");
    someone.documents = vec!["0801199400001".to_owned()];
    node.case(&officer, someone.clone(), Some(consent_to(&[AuthorityKind::Consulate]))).await;
    node.work().await;
    assert!(told().is_empty());
    // With it, the one query that it answers, and whoever asked it.
    node.case(&officer, someone, Some(consent_for_defence())).await;
    node.work().await;
    assert_eq!(told(), [format!("defender@{}.invalid", defence.0.simple())]);
    let desk = node.open(&node.browser(&colleague, "colleague").await, "/consulta").await;
    assert_eq!(desk.body.matches("Una consulta suya podría tener respuesta ahora").count(), 1);
    assert!(!desk.body.contains("HND-CBA") && !desk.body.contains("Zelaya"), "neither which record nor whose");
    let again = node.send(&browser, "/consulta", ASKED).await;
    assert!(node.open(&browser, &again.location).await.body.contains("Authority CBA"));
}

/// Consent to legal defence: the identity, not the identifiers.
fn consent_for_defence() -> rastro::services::cases::ConsentForm {
    use rastro::domain::{authority::Purpose, disclosure::Category};
    let mut form = consent_to(&[]);
    form.grants = vec![rastro::services::cases::ConsentGrant {
        purpose: Purpose::LegalDefence,
        recipient: AuthorityKind::PublicDefender,
        categories: vec![Category::Identity],
    }];
    form
}
