//! An authority without an agreement sees nothing of another's, whatever it asks; a forgotten check leaks nothing.

use crate::support::{TestNode, consent_to, person};
use rastro::db::audit::{Event, Who};
use rastro::db::cases::CaseFilter;
use rastro::db::{Role as DbRole, Scope};
use rastro::domain::authority::{AuthorityKind, Purpose, Role};
use rastro::services::{ServiceError, cases, found, hypotheses, partners};

#[tokio::test(flavor = "multi_thread")]
async fn every_table_with_an_owner_forces_row_level_security_and_has_a_policy() {
    let node = TestNode::start().await;
    let rows = node
        .everything()
        .await
        .query(
            "SELECT c.relname::text, c.relrowsecurity AND c.relforcerowsecurity, \
                    EXISTS (SELECT FROM pg_policies p WHERE p.tablename = c.relname) \
               FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace IN ('public'::regnamespace, 'bank'::regnamespace) \
                AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped \
                             AND a.attname IN ('authority_id', 'case_authority', 'one_authority', 'from_authority'))",
            &[],
        )
        .await
        .unwrap();
    assert!(rows.len() > 25);
    for row in rows {
        let table: String = row.get(0);
        assert!(row.get::<_, bool>(1), "{table} has an owner but row-level security is not forced");
        assert!(row.get::<_, bool>(2), "{table} has an owner but no policy");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_role_of_the_program_bypasses_row_level_security_or_owns_a_table() {
    let node = TestNode::start().await;
    let client = node.everything().await;
    let roles =
        client.query("SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'rastro%' AND (rolsuper OR rolbypassrls)", &[]).await.unwrap();
    assert!(roles.is_empty());
    let owned = client
        .query(
            "SELECT relname::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE c.relkind = 'r' \
             AND r.rolname IN ('rastro_web', 'rastro_auth', 'rastro_jobs', 'rastro_matcher', 'rastro_policy', 'rastro_genetics', 'rastro_kinship', \
             'rastro_app')",
            &[],
        )
        .await
        .unwrap();
    assert!(owned.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_a_transaction_with_a_role_the_login_role_reads_nothing_at_all() {
    let node = TestNode::start().await;
    let client = rastro::db::tx::connect(&node.app_url, "test", &tokio::runtime::Handle::current()).await.unwrap();
    for table in ["missing_person_case", "person", "found_record", "app_user", "audit_event", "hypothesis", "job"] {
        assert!(client.query(&format!("SELECT 1 FROM {table}"), &[]).await.is_err(), "{table} could be read");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_role_but_no_authority_set_every_table_is_empty_on_a_fresh_and_on_a_used_connection() {
    let node = TestNode::start().await;
    let owner = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let officer = node.user(owner, "officer", &[Role::SearchOfficer]).await;
    node.case(&officer, person("Inventada", "Zelaya", "Prueba"), None).await;
    let mut client = rastro::db::tx::connect(&node.app_url, "test", &tokio::runtime::Handle::current()).await.unwrap();
    for used in [false, true] {
        let tx = client.transaction().await.unwrap();
        if used {
            // A transaction that set the authority leaves '' behind, not NULL.
            tx.batch_execute(&format!("SELECT set_config('app.authority', '{owner}', true)")).await.unwrap();
            tx.batch_execute("SELECT set_config('role', 'rastro_web', true)").await.unwrap();
            assert_eq!(tx.query("SELECT 1 FROM missing_person_case", &[]).await.unwrap().len(), 1);
            tx.commit().await.unwrap();
            let tx = client.transaction().await.unwrap();
            tx.batch_execute("SELECT set_config('role', 'rastro_web', true)").await.unwrap();
            assert_eq!(tx.query("SELECT 1 FROM missing_person_case", &[]).await.unwrap().len(), 0);
        } else {
            tx.batch_execute("SELECT set_config('role', 'rastro_web', true)").await.unwrap();
            assert_eq!(tx.query("SELECT 1 FROM missing_person_case", &[]).await.unwrap().len(), 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_without_an_agreement_sees_nothing_of_anothers_case() {
    let node = TestNode::start().await;
    let (ours, theirs) = (
        node.authority("CBA", "HND", AuthorityKind::SearchCommission).await,
        node.authority("CBB", "GTM", AuthorityKind::SearchCommission).await,
    );
    let officer = node.user(ours, "officer", &[Role::SearchOfficer]).await;
    let bank = node.authority("BNK", "GTM", AuthorityKind::ForensicBank).await;
    let forensic = node.user(bank, "forensic", &[Role::ForensicOfficer, Role::Reviewer]).await;
    let other = node.user(theirs, "other", &[Role::SearchOfficer, Role::Reviewer]).await;
    let defender = node.authority("DEF", "GTM", AuthorityKind::PublicDefender).await;
    let defender = node.user(defender, "defender", &[Role::PublicDefender]).await;
    let wide = consent_to(&[AuthorityKind::SearchCommission, AuthorityKind::ForensicBank, AuthorityKind::PublicDefender]);
    let case = node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(wide)).await;
    node.remains(&forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    node.work().await;

    // The record itself, and its whole file: as if it did not exist.
    assert!(matches!(cases::read(&node.app, &other, case).await, Err(ServiceError::NotFound)));
    assert!(matches!(cases::file(&node.app, &other, case).await, Err(ServiceError::NotFound)));
    // Lists, searches and counts.
    let filter = CaseFilter { q: Some("Zelaya".to_owned()), ..CaseFilter::default() };
    assert!(cases::list(&node.app, &other, &filter, None, 50).await.unwrap().is_empty());
    assert_eq!(cases::count(&node.app, &other, &CaseFilter::default()).await.unwrap(), 0);
    // Hypotheses: neither side may see the other's record, so the pair is not even proposed.
    for actor in [&other, &forensic, &officer] {
        assert!(hypotheses::list(&node.app, actor, &Default::default(), None, 50).await.unwrap().is_empty());
    }
    // A partner's query.
    let asked = partners::PartnerQuery {
        name: "Xiomara Zelaya".to_owned(),
        birth: "1994".parse().ok(),
        legal_basis: "invented".to_owned(),
        ..partners::PartnerQuery::default()
    };
    assert_eq!(partners::query(&node.app, &defender, None, &asked).await.unwrap().made.grade, "none");
    // Writing into it, knowing the id.
    let wanted = cases::CaseMove { command: rastro::domain::case::CaseCommand::ActivateSearch, reason: String::new() };
    assert!(matches!(cases::command(&node.app, &other, case, 1, wanted).await, Err(ServiceError::NotFound)));
    // What row-level security leaves to a forgotten WHERE.
    let mut tx = node.app.pool.begin(DbRole::Web, &Scope::from(&other)).await.unwrap();
    for table in
        ["missing_person_case", "person", "person_name", "disappearance_event", "consent", "inquirer", "search_action", "hypothesis", "outbox"]
    {
        let n = rastro::db::visible_rows(&mut tx, table).await.unwrap();
        assert_eq!(n, 0, "{table} shows rows of another authority");
    }
    // Nor can it write an audit line in another's name.
    let forged =
        rastro::db::audit::append(&mut tx, &*node.app.ids, node.app.now(), &Who::from(&officer), Event::on("read", "case", case, ours)).await;
    assert!(forged.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn agreement_and_consent_and_purpose_are_all_needed_and_the_kill_switch_ends_it() {
    let node = TestNode::start().await;
    let ours = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let theirs = node.authority("CBB", "GTM", AuthorityKind::SearchCommission).await;
    let officer = node.user(ours, "officer", &[Role::SearchOfficer]).await;
    let other = node.user(theirs, "other", &[Role::SearchOfficer]).await;
    let agreement = node.agreement(ours, theirs).await;
    let with = node.case(&officer, person("Con", "Permiso", "Prueba"), Some(consent_to(&[AuthorityKind::SearchCommission]))).await;
    let without = node.case(&officer, person("Sin", "Permiso", "Prueba"), None).await;
    let to_banks_only = node.case(&officer, person("Solo", "Bancos", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;

    let seen = cases::read(&node.app, &other, with).await.unwrap();
    assert_eq!(seen.person.display_name().as_deref(), Some("Con Permiso Prueba"));
    assert!(seen.person.phones.is_empty() && seen.journey.is_empty());
    for hidden in [without, to_banks_only] {
        assert!(matches!(cases::read(&node.app, &other, hidden).await, Err(ServiceError::NotFound)));
    }
    // Another purpose than the consent's.
    let mut for_statistics = other.clone();
    for_statistics.purpose = Purpose::Statistics;
    assert!(matches!(cases::read(&node.app, &for_statistics, with).await, Err(ServiceError::NotFound)));
    // The owner can see who looked.
    let file = cases::file(&node.app, &officer, with).await.unwrap();
    assert!(file.access.iter().any(|a| a.authority == "Authority CBB" && a.action == "read"));

    rastro::services::admin::suspend_agreement(&node.app, &agreement, true).await.unwrap();
    assert!(matches!(cases::read(&node.app, &other, with).await, Err(ServiceError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_the_family_withdraws_leaves_every_other_authority_s_sight() {
    let node = TestNode::start().await;
    let ours = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let theirs = node.authority("CBB", "GTM", AuthorityKind::SearchCommission).await;
    let officer = node.user(ours, "officer", &[Role::SearchOfficer]).await;
    let other = node.user(theirs, "other", &[Role::SearchOfficer]).await;
    node.agreement(ours, theirs).await;
    let case = node.case(&officer, person("Con", "Permiso", "Prueba"), Some(consent_to(&[AuthorityKind::SearchCommission]))).await;
    assert!(cases::read(&node.app, &other, case).await.is_ok());
    let wanted = cases::CaseMove { command: rastro::domain::case::CaseCommand::WithdrawByFamily, reason: "the family asks".to_owned() };
    cases::command(&node.app, &officer, case, 1, wanted).await.unwrap();
    assert!(matches!(cases::read(&node.app, &other, case).await, Err(ServiceError::NotFound)));
    let live = "SELECT count(*) FROM consent WHERE subject_id = $1 AND withdrawn_at IS NULL";
    assert_eq!(node.everything().await.query_one(live, &[&case.0]).await.unwrap().get::<_, i64>(0), 0);
    // Nor does a consent that somebody records afterwards open it while it is withdrawn.
    let undo = "UPDATE consent SET withdrawn_at = NULL WHERE subject_id = $1";
    node.everything().await.execute(undo, &[&case.0]).await.unwrap();
    assert!(matches!(cases::read(&node.app, &other, case).await, Err(ServiceError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_s_query_touches_only_the_categories_that_are_shared_and_only_whole_names() {
    let node = TestNode::start().await;
    let ours = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let consulate = node.authority("CON", "HND", AuthorityKind::Consulate).await;
    let officer = node.user(ours, "officer", &[Role::SearchOfficer]).await;
    let consul = node.user(consulate, "consul", &[Role::ConsularOfficer]).await;
    node.agreement(ours, consulate).await;
    let mut someone = person("Xiomara Inventada", "Zelaya", "Prueba");
    someone.documents = vec!["0801199400001".to_owned()];
    let case = node.case(&officer, someone, Some(consent_to(&[AuthorityKind::Consulate]))).await;
    let by_name = |name: &str| partners::PartnerQuery {
        name: name.to_owned(),
        birth: "1994".parse().ok(),
        legal_basis: "invented".to_owned(),
        ..partners::PartnerQuery::default()
    };
    let by_number =
        || partners::PartnerQuery { document: Some("0801199400001".to_owned()), legal_basis: "invented".to_owned(), ..Default::default() };
    let grade = async |asked: partners::PartnerQuery| partners::query(&node.app, &consul, None, &asked).await.unwrap().made.grade;
    let share = async |categories: &str| {
        let to = format!("UPDATE consent SET categories = '{categories}' WHERE subject_id = $1");
        node.everything().await.execute(&to, &[&case.0]).await.unwrap();
        let grants = format!("UPDATE agreement_grant SET categories = '{categories}'");
        node.everything().await.execute(&grants, &[]).await.unwrap();
    };
    share("{identity,identifiers}").await;
    assert_eq!(grade(by_name("Xiomara Zelaya")).await, "related_record");
    assert_eq!(grade(by_number()).await, "related_record");
    assert_eq!(grade(by_name("Xi Ze")).await, "none", "the beginnings of names are no name");
    share("{identity}").await;
    assert_eq!(grade(by_number()).await, "none");
    share("{circumstances}").await;
    assert!(cases::read(&node.app, &consul, case).await.is_ok());
    assert_eq!(grade(by_name("Xiomara Zelaya")).await, "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_table_does_not_stand_in_for_one_that_the_policies_ask() {
    let node = TestNode::start().await;
    let ours = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let theirs = node.authority("CBB", "GTM", AuthorityKind::SearchCommission).await;
    let everything = node.everything().await;
    let definers = "SELECT count(*) FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace \
                     AND NOT 'search_path=pg_catalog, public, pg_temp' = ANY (p.proconfig)";
    assert_eq!(everything.query_one(definers, &[]).await.unwrap().get::<_, i64>(0), 0);
    let mut client = rastro::db::tx::connect(&node.app_url, "test", &tokio::runtime::Handle::current()).await.unwrap();
    let tx = client.transaction().await.unwrap();
    tx.batch_execute("SELECT set_config('role', 'rastro_web', true), set_config('app.purpose', 'search', true)").await.unwrap();
    tx.batch_execute(&format!("SELECT set_config('app.authority', '{theirs}', true)")).await.unwrap();
    tx.batch_execute("CREATE TEMPORARY TABLE agreement_grant (from_authority uuid, to_authority uuid, purpose text); GRANT SELECT ON agreement_grant TO PUBLIC")
        .await
        .unwrap();
    tx.execute("INSERT INTO pg_temp.agreement_grant VALUES ($1, $2, 'search')", &[&ours.0, &theirs.0]).await.unwrap();
    assert_eq!(tx.query("SELECT app_partners()", &[]).await.unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_line_can_be_neither_changed_nor_removed() {
    let node = TestNode::start().await;
    let ours = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let officer = node.user(ours, "officer", &[Role::SearchOfficer]).await;
    node.case(&officer, person("Inventada", "Prueba", "Uno"), None).await;
    let owner = rastro::db::tx::connect(&node.owner_url, "test", &tokio::runtime::Handle::current()).await.unwrap();
    for statement in ["UPDATE audit_event SET purpose = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event"] {
        assert!(owner.batch_execute(statement).await.is_err(), "{statement} was not refused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn found_records_of_living_people_stay_home_without_their_consent() {
    let node = TestNode::start().await;
    let hospital = node.authority("HOS", "MEX", AuthorityKind::Hospital).await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    node.agreement(hospital, commission).await;
    let nurse = node.user(hospital, "nurse", &[Role::ForensicOfficer]).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    let living = |consent: Option<rastro::services::cases::ConsentForm>| {
        let mut new: found::NewFound =
            serde_json::from_value(serde_json::json!({ "kind": "hospital", "person": person("Viva", "Inventada", "Prueba") })).unwrap();
        new.consent = consent;
        new
    };
    let silent = found::register(&node.app, &nurse, None, living(None)).await.unwrap().made.id;
    let willing = found::register(&node.app, &nurse, None, living(Some(consent_to(&[AuthorityKind::SearchCommission])))).await.unwrap().made.id;
    assert!(matches!(found::read(&node.app, &officer, silent).await, Err(ServiceError::NotFound)));
    assert!(found::read(&node.app, &officer, willing).await.is_ok());
}
