//! Administration: each authority manages its own people, programs and side of an agreement. Nothing of immigration enforcement can be chosen.

use crate::support::{Session, TestNode, consent_to, person};
use actix_web::http::StatusCode;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Purpose, Role};
use rastro::services::ServiceError;
use rastro::services::accounts::{self, SignIn};
use rastro::services::cases;

struct Scene {
    node: TestNode,
    officer: Actor,
    admin: Actor,
    browser: Session,
    other: Actor,
    other_browser: Session,
}

async fn scene() -> Scene {
    let node = TestNode::start().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    let admin = node.user(commission, "admin", &[Role::Administrator]).await;
    let other = node.user(bank, "other", &[Role::Administrator]).await;
    let (browser, other_browser) = (node.browser(&admin, "admin").await, node.browser(&other, "other").await);
    Scene { node, officer, admin, browser, other, other_browser }
}

const PAGES: [&str; 5] =
    ["/administracion", "/administracion/acuerdos", "/administracion/programas", "/administracion/instituciones", "/administracion/accesos"];

#[actix_web::test]
async fn administration_opens_to_administrators_only_and_in_both_languages() {
    let s = scene().await;
    let officer = s.node.browser(&s.officer, "officer").await;
    for page in PAGES {
        assert_eq!(s.node.open(&officer, page).await.status, StatusCode::FORBIDDEN, "{page}");
        for lang in ["es", "en"] {
            let reply = s.node.open(&s.browser, &format!("{page}?lang={lang}")).await;
            assert_eq!(reply.status, StatusCode::OK, "{page}");
            assert_eq!(reply.body.matches("<h1").count(), 1, "{page}");
        }
    }
    for (path, fields) in [("/administracion/usuarios", "name=x&email=x@x.invalid&roles=reviewer"), ("/administracion/programas", "name=x")] {
        assert_eq!(s.node.send(&officer, path, fields).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

async fn signs_in(node: &TestNode, email: &str, password: &str) -> bool {
    let form = SignIn { email: email.to_owned(), password: password.to_owned(), code: None, address: "127.0.0.1".to_owned() };
    accounts::sign_in(&node.app, form).await.is_ok()
}

/// The secrets that a page shows, in order.
fn secrets(body: &str) -> Vec<String> {
    body.split("<code class=\"ra-secret\">").skip(1).map(|p| p.split("</code>").next().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn a_person_is_registered_changed_reset_and_disabled_and_their_sessions_end() {
    let s = scene().await;
    let made =
        s.node.send(&s.browser, "/administracion/usuarios", "name=Persona+Inventada&email=nueva@cba.invalid&roles=reviewer&language=en").await;
    assert_eq!(made.status, StatusCode::OK);
    let shown = secrets(&made.body);
    assert_eq!(shown[0], "nueva@cba.invalid");
    assert!(signs_in(&s.node, "nueva@cba.invalid", &shown[1]).await);
    assert_eq!(
        s.node.send(&s.browser, "/administracion/usuarios", "name=Otra&email=nueva@cba.invalid&roles=reviewer").await.status,
        StatusCode::CONFLICT
    );
    let id = rastro::services::admin::find_user(&s.node.app, "nueva@cba.invalid").await.unwrap().unwrap();
    let page = format!("/administracion/usuarios/{id}");

    // Another authority's administrator cannot know of the account.
    for (path, fields) in [("roles", "roles=administrator"), ("clave", ""), ("estado", "state=disabled")] {
        assert_eq!(s.node.send(&s.other_browser, &format!("{page}/{path}"), fields).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(s.node.open(&s.other_browser, &page).await.status, StatusCode::NOT_FOUND);

    let reset = s.node.send(&s.browser, &format!("{page}/clave"), "").await;
    let second = secrets(&reset.body).remove(1);
    assert!(!signs_in(&s.node, "nueva@cba.invalid", &shown[1]).await);
    assert!(signs_in(&s.node, "nueva@cba.invalid", &second).await);

    assert_eq!(s.node.send(&s.browser, &format!("{page}/roles"), "").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(s.node.send(&s.browser, &format!("{page}/roles"), "roles=reviewer&roles=search_officer").await.status, StatusCode::SEE_OTHER);
    assert_eq!(s.node.send(&s.browser, &format!("{page}/estado"), "state=disabled").await.status, StatusCode::SEE_OTHER);
    assert!(!signs_in(&s.node, "nueva@cba.invalid", &second).await);
    assert_eq!(s.node.send(&s.browser, &format!("{page}/estado"), "state=sleeping").await.status, StatusCode::BAD_REQUEST);
    // Everything stands in the audit, which is read by whoever may.
    let audit = s.node.open(&s.browser, "/administracion/accesos").await.body;
    for line in ["Registró una cuenta", "Creó una contraseña nueva", "Cambió funciones", "Desactivó una cuenta"] {
        assert!(audit.contains(line), "{line}");
    }
}

#[actix_web::test]
async fn nobody_changes_their_own_account() {
    let s = scene().await;
    let page = format!("/administracion/usuarios/{}", s.admin.user);
    for (path, fields) in [("roles", "roles=search_officer&roles=administrator"), ("clave", ""), ("estado", "state=disabled")] {
        assert_eq!(s.node.send(&s.browser, &format!("{page}/{path}"), fields).await.status, StatusCode::CONFLICT, "{path}");
    }
    assert_eq!(s.node.open(&s.browser, "/administracion").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_program_gets_its_secret_once_and_only_its_own_authority_ends_it() {
    let s = scene().await;
    let fields = format!("name=Sistema&user={}", s.officer.user);
    assert_eq!(s.node.send(&s.other_browser, "/administracion/programas", &fields).await.status, StatusCode::NOT_FOUND);
    let made = s.node.send(&s.browser, "/administracion/programas", &fields).await;
    let shown = secrets(&made.body);
    assert_eq!(shown.len(), 2);
    let list = s.node.open(&s.browser, "/administracion/programas").await.body;
    assert!(list.contains(&shown[0]) && !list.contains(&shown[1]));
    let end = format!("/administracion/programas/{}/desactivar", shown[0]);
    assert_eq!(s.node.send(&s.other_browser, &end, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(s.node.send(&s.browser, &end, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(s.node.send(&s.browser, &end, "").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn no_kind_role_or_purpose_of_immigration_enforcement_can_be_configured() {
    let s = scene().await;
    let with = s.other.authority;
    let valid = format!("with={with}&code=INV-1&name=x&legal_basis=x&kinds=case&categories=identity");
    for purpose in ["immigration_enforcement", "immigration", "border_control", "administration", "statistics", "family_information"] {
        let reply = s.node.send(&s.browser, "/administracion/acuerdos", &format!("{valid}&purposes={purpose}")).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{purpose}");
        // Not even beside a legal one.
        let beside = s.node.send(&s.browser, "/administracion/acuerdos", &format!("{valid}&purposes=search&purposes={purpose}")).await;
        assert_eq!(beside.status, StatusCode::UNPROCESSABLE_ENTITY, "{purpose}");
    }
    for role in ["immigration_officer", "border_guard"] {
        let fields = format!("name=x&email=x@x.invalid&roles=reviewer&roles={role}");
        assert_eq!(s.node.send(&s.browser, "/administracion/usuarios", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{role}");
    }
    let pages = [s.node.open(&s.browser, "/administracion/acuerdos").await.body, s.node.open(&s.browser, "/administracion").await.body];
    let offered: Vec<&str> = pages
        .iter()
        .flat_map(|b| b.split("name=\"purposes\"").skip(1).chain(b.split("name=\"roles\"").skip(1)))
        .map(|p| p.split("value=\"").nth(1).unwrap().split('"').next().unwrap())
        .collect();
    assert!(offered.len() >= 4 + Role::ALL.len());
    assert!(offered.iter().all(|w| w.parse::<Purpose>().is_ok() || w.parse::<Role>().is_ok()), "{offered:?}");
    // The database refuses what no page offers.
    let everything = s.node.everything().await;
    let kind =
        "INSERT INTO authority (id, code, name, country, kind, created_at) VALUES (gen_random_uuid(), 'INM', 'x', 'MEX', 'immigration', now())";
    assert!(everything.execute(kind, &[]).await.is_err());
}

#[actix_web::test]
async fn the_console_refuses_words_of_immigration_enforcement_before_anything_is_asked_or_written() {
    let s = scene().await;
    let count = "SELECT (SELECT count(*) FROM authority) + (SELECT count(*) FROM app_user) + (SELECT count(*) FROM agreement)";
    let everything = s.node.everything().await;
    let before: i64 = everything.query_one(count, &[]).await.unwrap().get(0);
    let admin = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rastro"));
        command.arg("admin").args(arguments).env("DATABASE_URL", &s.node.app_url).output().unwrap()
    };
    let agreement = |purpose: &'static str| {
        let between = ["agreement", "A", "A", "--legal-basis", "x", "--between", "CBA", "BNK", "--category", "identity", "--purpose"];
        between.into_iter().chain([purpose]).collect::<Vec<_>>()
    };
    for word in ["immigration_enforcement", "immigration", "border_police", "migration_control"] {
        let authority = vec!["authority", "INM", "x", "--country", "MEX", "--kind", word];
        for arguments in [authority, vec!["user", "CBA", "x@x.invalid", "x", "--role", word], agreement(word)] {
            let told = admin(&arguments);
            let error = String::from_utf8(told.stderr).unwrap();
            assert_eq!(told.status.code(), Some(2), "{arguments:?}: {error}");
            assert!(error.contains("invalid value") && error.contains(word), "{arguments:?}: {error}");
        }
    }
    let after: i64 = everything.query_one(count, &[]).await.unwrap().get(0);
    assert_eq!(after, before);
    // The same command with a word of the vocabulary is done.
    let told = admin(&agreement("search"));
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}

#[actix_web::test]
async fn a_proposed_agreement_gives_only_the_proposer_s_side_until_the_other_signs_and_either_stops_it() {
    let s = scene().await;
    let node = &s.node;
    let share = "purposes=search&kinds=case&kinds=found_record&categories=identity&categories=description";
    let proposal = format!("with={}&code=CBA-BNK-1&name=Acuerdo+inventado&legal_basis=Ley+inventada&{share}", s.other.authority);
    assert_eq!(node.send(&s.browser, "/administracion/acuerdos", &proposal).await.status, StatusCode::SEE_OTHER);
    assert_eq!(node.send(&s.browser, "/administracion/acuerdos", &proposal).await.status, StatusCode::CONFLICT);
    let page = "/administracion/acuerdos/CBA-BNK-1";
    assert!(node.open(&s.browser, page).await.body.contains("Solo da su institución"));
    assert!(node.open(&s.other_browser, page).await.body.contains("Espera su firma"));

    // A third authority cannot know of it.
    let third = node.authority("TER", "GTM", AuthorityKind::SearchCommission).await;
    let third = node.user(third, "third", &[Role::Administrator]).await;
    let third = node.browser(&third, "third").await;
    assert_eq!(node.open(&third, page).await.status, StatusCode::NOT_FOUND);
    for (path, fields) in [("firmar", share), ("estado", "deed=end")] {
        assert_eq!(node.send(&third, &format!("{page}/{path}"), fields).await.status, StatusCode::NOT_FOUND);
    }
    assert!(!node.open(&third, "/administracion/acuerdos").await.body.contains("CBA-BNK-1"));

    // The commission's case is open to the bank's staff, and nothing of the bank to the commission.
    let case = node.case(&s.officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    let grants = "SELECT count(*) FROM agreement_grant WHERE from_authority = $1";
    let everything = node.everything().await;
    let given: i64 = everything.query_one(grants, &[&s.other.authority.0]).await.unwrap().get(0);
    assert_eq!(given, 0);
    let sees = "SELECT cardinality(shared_categories($1, 'case', $2, $3, 'search'))";
    let seen = async |node: &TestNode| -> i32 {
        node.everything().await.query_one(sees, &[&s.officer.authority.0, &case.0, &s.other.authority.0]).await.unwrap().get(0)
    };
    assert!(seen(node).await > 0);
    assert!(matches!(cases::read(&node.app, &s.other, case).await, Err(ServiceError::Forbidden(_) | ServiceError::NotFound)));

    assert_eq!(node.send(&s.other_browser, &format!("{page}/firmar"), share).await.status, StatusCode::SEE_OTHER);
    assert!(node.open(&s.browser, page).await.body.contains("Firmado por las partes"));

    // One party stops it; the other cannot lift that stop.
    let state = format!("{page}/estado");
    assert_eq!(node.send(&s.other_browser, &state, "deed=suspend").await.status, StatusCode::SEE_OTHER);
    assert_eq!(seen(node).await, 0);
    assert_eq!(node.send(&s.browser, &state, "deed=resume").await.status, StatusCode::CONFLICT);
    assert_eq!(node.send(&s.other_browser, &state, "deed=resume").await.status, StatusCode::SEE_OTHER);
    assert!(seen(node).await > 0);
    // Ended is ended.
    assert_eq!(node.send(&s.browser, &state, "deed=end").await.status, StatusCode::SEE_OTHER);
    assert_eq!(seen(node).await, 0);
    for session in [&s.browser, &s.other_browser] {
        assert_eq!(node.send(session, &state, "deed=resume").await.status, StatusCode::CONFLICT);
    }
    assert_eq!(node.send(&s.browser, &state, "deed=dance").await.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn a_faulty_proposal_names_its_fields_and_writes_nothing() {
    let s = scene().await;
    let share = "purposes=search&kinds=case&categories=identity";
    let own = format!("with={}&code=A-B-1&name=x&legal_basis=x&{share}", s.admin.authority);
    let unknown = format!("with={}&code=A-B-1&name=x&legal_basis=x&{share}", uuid::Uuid::nil());
    let reversed = format!("with={}&code=A-B-1&name=x&legal_basis=x&valid_from=2026-02-01&valid_to=2026-01-01&{share}", s.other.authority);
    let small = format!("with={}&code=a+b&name=x&legal_basis=x&{share}", s.other.authority);
    for fields in ["", "with=x", own.as_str(), unknown.as_str(), reversed.as_str(), small.as_str()] {
        let reply = s.node.send(&s.browser, "/administracion/acuerdos", fields).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields}");
        assert!(reply.body.contains("govuk-error-summary"), "{fields}");
    }
    let count: i64 = s.node.everything().await.query_one("SELECT count(*) FROM agreement", &[]).await.unwrap().get(0);
    assert_eq!(count, 0);
}

#[actix_web::test]
async fn one_of_many_parties_stops_an_agreement_but_does_not_end_it_for_the_others() {
    let s = scene().await;
    let third = s.node.authority("TER", "GTM", AuthorityKind::SearchCommission).await;
    let code = s.node.agreement(s.admin.authority, s.other.authority).await;
    let add = "INSERT INTO agreement_grant (agreement_id, from_authority, to_authority, purpose, subject_kind, categories) \
               SELECT id, $1, $2, 'search', 'case', '{identity}' FROM agreement WHERE code = $3";
    s.node.everything().await.execute(add, &[&third.0, &s.admin.authority.0, &code]).await.unwrap();
    let state = format!("/administracion/acuerdos/{code}/estado");
    assert_eq!(s.node.send(&s.browser, &state, "deed=end").await.status, StatusCode::CONFLICT);
    assert_eq!(s.node.send(&s.browser, &state, "deed=suspend").await.status, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn the_operator_stops_an_agreement_in_both_parties_sight_but_does_not_lift_a_party_s_stop() {
    let s = scene().await;
    let app = &s.node.app;
    let code = s.node.agreement(s.officer.authority, s.other.authority).await;
    for suspended in [true, false] {
        rastro::services::admin::suspend_agreement(app, &code, suspended).await.unwrap();
    }
    let noted = "SELECT count(DISTINCT subject_owner) FROM audit_event WHERE actor_kind = 'operator' AND action = $1";
    for action in ["suspend_agreement", "resume_agreement"] {
        let parties: i64 = s.node.everything().await.query_one(noted, &[&action]).await.unwrap().get(0);
        assert_eq!(parties, 2, "{action}");
    }
    assert_eq!(s.node.send(&s.browser, &format!("/administracion/acuerdos/{code}/estado"), "deed=suspend").await.status, StatusCode::SEE_OTHER);
    let lifted = rastro::services::admin::suspend_agreement(app, &code, false).await;
    assert!(matches!(lifted, Err(ServiceError::Refused(_))), "{lifted:?}");
}
