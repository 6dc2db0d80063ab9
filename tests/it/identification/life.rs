//! From a confirmed hypothesis to a sealed report.

use super::{Scene, faults, refused, scene, scene_on};
use crate::api::Program;
use crate::support::TestNode;
use crate::support::identified::{self, drafted, draw, issued, pending, rev, step, text, to};
use chrono::{Duration, Utc};
use rastro::db::identifications::IdentificationFilter;
use rastro::db::{Role as DbRole, Scope, messages, visible_rows};
use rastro::domain::case::CaseCommand;
use rastro::domain::hypothesis::HypothesisState;
use rastro::domain::identification::{IdentificationCommand as C, IdentificationState as S, Method, ReportLanguage, SignatureRefused, Standing};
use rastro::services::identification::{self, IdentificationMove, NewIdentification};
use rastro::services::{ServiceError, notification};
use reqwest::StatusCode;
use serde_json::json;
use sha2::{Digest, Sha256};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_drafted_on_a_confirmed_hypothesis_on_remains_by_one_of_its_two_institutions_once() {
    let s = scene().await;
    let app = &s.node.app;
    let new = || NewIdentification { hypothesis: s.hypothesis };
    let draft = async |actor| identification::draft(app, actor, None, new()).await;
    for state in [HypothesisState::Board, HypothesisState::Rejected] {
        s.set_hypothesis(s.hypothesis, state).await;
        assert!(refused(draft(&s.officer).await), "{state}");
    }
    s.set_hypothesis(s.hypothesis, HypothesisState::Confirmed).await;
    assert!(matches!(draft(&s.stranger).await, Err(ServiceError::NotFound)));
    assert!(matches!(draft(&s.geneticist).await, Err(ServiceError::Forbidden(_))));
    s.sql("UPDATE found_record SET kind = 'hospital'").await;
    assert!(refused(draft(&s.officer).await), "the living are located, not identified");
    s.sql("UPDATE found_record SET kind = 'remains_unnamed'").await;
    let made = draft(&s.forensic).await.unwrap().made;
    assert!(made.number.starts_with("MEX-BNK-") && made.number.contains("-D000001-"), "{}", made.number);
    assert!(matches!(draft(&s.officer).await, Err(ServiceError::Taken(_))));
    let view = identification::read(app, &s.officer, made.id).await.unwrap();
    assert_eq!((view.row.state(), view.legal.as_slice(), view.waits_for_us), (S::Draft, &[C::Edit, C::Submit][..], false));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_draft_lacks_is_named_field_by_field_and_sight_alone_identifies_nobody() {
    let s = scene().await;
    let app = &s.node.app;
    let id = identification::draft(app, &s.officer, None, NewIdentification { hypothesis: s.hypothesis }).await.unwrap().made.id;
    let at = |pointer: &str, code| (pointer.to_owned(), code);
    let lacking = faults(step(&s.node, &s.officer, id, C::Submit).await);
    assert_eq!(lacking, [at("/methods", "empty"), at("/conclusion", "empty"), at("/limits", "empty")]);
    let shown = identification::read(app, &s.officer, id).await.unwrap().lacking.0;
    assert_eq!(shown.into_iter().map(|f| (f.pointer, f.code)).collect::<Vec<_>>(), lacking);
    let sight = text(&[Method::VisualRecognition, Method::PersonalEffects]);
    let rev = identification::edit(app, &s.officer, id, 1, sight).await.unwrap();
    assert_eq!(faults(step(&s.node, &s.officer, id, C::Submit).await), [at("/methods", "sight_or_effects_alone")]);
    let rev = identification::edit(app, &s.officer, id, rev, text(&[Method::Dna])).await.unwrap();
    assert_eq!(faults(step(&s.node, &s.officer, id, C::Submit).await), [at("/genetic_opinion", "empty")]);
    // A stale revision is told, before anything is written.
    let stale = identification::edit(app, &s.officer, id, rev - 1, text(&[Method::Dental])).await;
    assert!(matches!(stale, Err(ServiceError::Stale(now)) if now == rev), "{stale:?}");
    assert_eq!(identification::read(app, &s.officer, id).await.unwrap().row.methods(), [Method::Dna]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_of_the_two_institutions_sign_and_the_second_signature_seals_the_report() {
    let s = scene().await;
    let app = &s.node.app;
    let id = drafted(&s.node, &s.officer, s.hypothesis).await;
    assert!(
        matches!(step(&s.node, &s.officer, id, C::Sign).await, Err(ServiceError::IllegalIdentification(i)) if i.legal == [C::Edit, C::Submit])
    );
    assert_eq!(step(&s.node, &s.officer, id, C::Submit).await.unwrap(), S::InReview);
    let edited = identification::edit(app, &s.officer, id, rev(&s.node, &s.officer, id).await, text(&[Method::Dental])).await;
    assert!(matches!(edited, Err(ServiceError::IllegalIdentification(_))), "{edited:?}");
    assert_eq!(identification::waiting(app, &s.forensic).await.unwrap(), 1);
    assert_eq!(step(&s.node, &s.officer, id, C::Sign).await.unwrap(), S::Signed);
    let again = step(&s.node, &s.officer, id, C::Sign).await;
    assert!(matches!(again, Err(ServiceError::Signature(SignatureRefused::SamePerson))), "{again:?}");
    let same_house = step(&s.node, &s.colleague, id, C::Sign).await;
    assert!(matches!(same_house, Err(ServiceError::Signature(SignatureRefused::SameInstitution))), "{same_house:?}");
    assert_eq!((identification::waiting(app, &s.officer).await.unwrap(), identification::waiting(app, &s.forensic).await.unwrap()), (0, 1));
    let waits = IdentificationFilter { waits_for_us: true, ..IdentificationFilter::default() };
    assert_eq!(identification::list(app, &s.forensic, &waits, None, 10).await.unwrap()[0].id, id.0);
    let mut tx = app.pool.begin_for(&s.forensic).await.unwrap();
    let notices = messages::notices(&mut tx, s.forensic.authority, 10).await.unwrap();
    tx.rollback().await.unwrap();
    assert!(notices.iter().any(|n| n.kind == "identification_waiting" && n.folio.is_some()));
    assert!(identification::read(app, &s.officer, id).await.unwrap().reports.is_empty());

    assert_eq!(step(&s.node, &s.forensic, id, C::Sign).await.unwrap(), S::Issued);
    let view = identification::read(app, &s.officer, id).await.unwrap();
    let snapshot = view.snapshot.unwrap();
    let pair = rastro::services::hypotheses::read(app, &s.officer, s.hypothesis).await.unwrap().row;
    let sum = snapshot.log10_prior + snapshot.log10_lr_nongenetic + snapshot.log10_lr_genetic;
    assert!((sum - snapshot.log10_joint).abs() < 1e-6 && (snapshot.log10_joint - pair.log10_odds).abs() < 1e-9);
    assert_eq!((snapshot.cases_compared, snapshot.remains_compared, snapshot.model), (1, 1, pair.model));
    assert_eq!(
        view.signatures.iter().map(|g| (g.institution.as_str(), g.counts)).collect::<Vec<_>>(),
        [("Authority CBA", true), ("Authority BNK", true)]
    );
    let kept = identification::report(app, &s.forensic, id, 1).await.unwrap();
    assert_eq!(hex::encode(Sha256::digest(&kept.bytes)), view.reports[0].sha256);
    let content: serde_json::Value = serde_json::from_slice(&kept.bytes).unwrap();
    assert!(content["verification_url"].as_str().unwrap().ends_with(&format!("/verificar/{}", view.reports[0].code)));
    assert!(!String::from_utf8(kept.bytes).unwrap().contains("Xiomara"), "a report names no missing person");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_is_sealed_byte_for_byte_against_the_working_role_and_the_owner() {
    let s = scene().await;
    let id = issued(&s.node, (&s.officer, &s.forensic), s.hypothesis).await;
    let mut client = rastro::db::tx::connect(&s.node.app_url, "test", &tokio::runtime::Handle::current()).await.unwrap();
    let everything = s.node.everything().await;
    for statement in [
        "UPDATE identification_report SET bytes = 'x'",
        "DELETE FROM identification_report",
        "UPDATE identification_signature SET name = 'x'",
        "DELETE FROM identification_step",
        "UPDATE identification SET conclusion = 'something else entirely'",
        "UPDATE identification SET snapshot = '{}'",
        "UPDATE identification SET state = 'draft', snapshot = NULL, issued_at = NULL",
        "DELETE FROM identification",
    ] {
        let tx = client.transaction().await.unwrap();
        tx.batch_execute(&format!(
            "SELECT set_config('app.authority', '{}', true), set_config('app.user', '{}', true), set_config('role', 'rastro_web', true)",
            s.officer.authority, s.officer.user
        ))
        .await
        .unwrap();
        assert!(tx.execute(statement, &[]).await.is_err(), "the working role may: {statement}");
        tx.rollback().await.unwrap();
        assert!(everything.execute(statement, &[]).await.is_err(), "whoever owns the database may: {statement}");
    }
    assert_eq!(identification::read(&s.node.app, &s.officer, id).await.unwrap().row.state(), S::Issued);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identification_cannot_be_issued_past_the_program_without_two_signatures() {
    let s = scene().await;
    let id = drafted(&s.node, &s.officer, s.hypothesis).await;
    step(&s.node, &s.officer, id, C::Submit).await.unwrap();
    step(&s.node, &s.officer, id, C::Sign).await.unwrap();
    let forced = s.node.everything().await.execute("UPDATE identification SET state = 'issued', issued_at = now()", &[]).await;
    assert!(forced.unwrap_err().as_db_error().unwrap().message().contains("two signatures"));
}

#[tokio::test(flavor = "multi_thread")]
async fn returned_to_the_draft_its_signatures_fall_and_both_sign_anew() {
    let s = scene().await;
    let app = &s.node.app;
    let id = drafted(&s.node, &s.officer, s.hypothesis).await;
    step(&s.node, &s.officer, id, C::Submit).await.unwrap();
    step(&s.node, &s.officer, id, C::Sign).await.unwrap();
    let now = rev(&s.node, &s.forensic, id).await;
    let unsaid = IdentificationMove { reason: " ".to_owned(), ..to(C::ReturnToDraft) };
    assert_eq!(faults(identification::command(app, &s.forensic, id, now, unsaid, draw).await), [("/reason".to_owned(), "empty")]);
    assert_eq!(step(&s.node, &s.forensic, id, C::ReturnToDraft).await.unwrap(), S::Draft);
    step(&s.node, &s.forensic, id, C::Submit).await.unwrap();
    assert_eq!(step(&s.node, &s.forensic, id, C::Sign).await.unwrap(), S::Signed, "the first round's signature does not count");
    assert_eq!(step(&s.node, &s.officer, id, C::Sign).await.unwrap(), S::Issued);
    let view = identification::read(app, &s.officer, id).await.unwrap();
    assert_eq!(view.signatures.iter().map(|g| g.counts).collect::<Vec<_>>(), [false, true, true]);
    let commands: Vec<&str> = view.steps.iter().map(|l| l.command.as_str()).collect();
    assert_eq!(commands, ["submit", "sign", "return_to_draft", "submit", "sign", "sign"]);
    assert_eq!(view.steps[2].reason, "as the board decided");
}

#[tokio::test(flavor = "multi_thread")]
async fn issuing_opens_the_plan_to_tell_the_family_for_the_cases_institution_alone() {
    let s = scene().await;
    let app = &s.node.app;
    // Whichever institution signs last: here the bank, which never learns of the plan.
    issued(&s.node, (&s.officer, &s.forensic), s.hypothesis).await;
    let lines = notification::list(app, &s.officer, Some(s.case), true).await.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].kind.as_str(), lines[0].state.as_str()), ("identified_deceased", "need_identified"));
    let due = lines[0].due_at - Utc::now();
    assert!(due > Duration::days(4) && due <= Duration::days(5));
    let keeper = s.node.user(s.forensic.authority, "keeper", &[rastro::domain::authority::Role::SearchOfficer]).await;
    assert!(notification::list(app, &keeper, None, false).await.unwrap().is_empty());
    let of = pending(&s.node, &s.officer, s.case).await[0];
    assert!(matches!(notification::read(app, &keeper, of).await, Err(ServiceError::NotFound)));
    assert_eq!(s.case_state().await, ("possible_location".to_owned(), 1), "nothing of the case moves by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_identified_on_an_issued_identification_alone_and_told_or_revoked_by_no_bare_move() {
    let s = scene().await;
    assert!(refused(s.case_move(CaseCommand::ConfirmIdentified).await), "a confirmed hypothesis is no identification");
    let id = drafted(&s.node, &s.officer, s.hypothesis).await;
    step(&s.node, &s.officer, id, C::Submit).await.unwrap();
    step(&s.node, &s.officer, id, C::Sign).await.unwrap();
    assert!(refused(s.case_move(CaseCommand::ConfirmIdentified).await), "one signature is none");
    step(&s.node, &s.forensic, id, C::Sign).await.unwrap();
    s.case_move(CaseCommand::ConfirmIdentified).await.unwrap();
    for bare in [CaseCommand::RecordFamilyNotified, CaseCommand::RevokeIdentification] {
        assert!(refused(s.case_move(bare).await), "{bare}");
    }
    assert_eq!(s.case_state().await, ("identified_deceased".to_owned(), 1));
    let legal = rastro::services::cases::file(&s.node.app, &s.officer, s.case).await.unwrap().legal;
    assert!(!legal.contains(&CaseCommand::RecordFamilyNotified) && !legal.contains(&CaseCommand::RevokeIdentification));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_version_replaces_the_one_of_its_language_and_overwrites_none() {
    let s = scene().await;
    let app = &s.node.app;
    let id = issued(&s.node, (&s.officer, &s.forensic), s.hypothesis).await;
    let first = identification::report(app, &s.officer, id, 1).await.unwrap();
    for language in [ReportLanguage::En, ReportLanguage::Es] {
        let again = IdentificationMove { command: C::Reissue, reason: String::new(), language: Some(language) };
        let now = rev(&s.node, &s.forensic, id).await;
        identification::command(app, &s.forensic, id, now, again, draw).await.unwrap();
    }
    assert_eq!(identification::report(app, &s.officer, id, 1).await.unwrap().bytes, first.bytes);
    let reports = identification::read(app, &s.officer, id).await.unwrap().reports;
    let mut standing = Vec::new();
    for report in &reports {
        standing.push((report.version, report.language.as_str(), identification::verify(app, &report.code).await.unwrap().standing));
    }
    assert_eq!(standing, [(1, "es", Standing::Replaced), (2, "en", Standing::Valid), (3, "es", Standing::Valid)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_may_verify_a_report_and_learns_of_nobody() {
    let s = scene_on(TestNode::start_with_key().await).await;
    let id = issued(&s.node, (&s.officer, &s.forensic), s.hypothesis).await;
    let report = identification::report(&s.node.app, &s.officer, id, 1).await.unwrap();
    let served = s.node.serve().await;
    let ask = async |code: &str| reqwest::get(format!("{}/api/v1/verifications/{code}", served.url)).await.unwrap();
    let answer = ask(&report.code).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let body: serde_json::Value = answer.json().await.unwrap();
    let fields: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["institutions", "issued_at", "sha256", "standing"]);
    assert_eq!(body["institutions"], json!(["Authority BNK", "Authority CBA"]));
    assert_eq!((body["sha256"].as_str().unwrap(), body["standing"].as_str().unwrap()), (hex::encode(&report.sha256).as_str(), "valid"));
    let mut unknown = Vec::new();
    for code in ["0".repeat(32), "x".to_owned(), "'--".to_owned(), "f".repeat(500)] {
        let answer = ask(&code).await;
        unknown.push((answer.status(), answer.text().await.unwrap()));
    }
    assert!(unknown.iter().all(|a| a.0 == StatusCode::NOT_FOUND && *a == unknown[0]), "{unknown:?}");
    // The bytes come as they were sealed, to its institutions alone.
    let program = Program::of(&s.node, &served, &s.forensic).await;
    let got = program.get(&format!("/identifications/{id}/reports/1")).await;
    assert_eq!(got.bytes().await.unwrap().to_vec(), report.bytes);
    let stranger = Program::of(&s.node, &served, &s.stranger).await;
    assert_eq!(stranger.get(&format!("/identifications/{id}/reports/1")).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_institution_sees_nothing_of_an_identification_a_plan_or_a_restitution() {
    let s = scene().await;
    let app = &s.node.app;
    let id = s.identified().await;
    identified::told(&s.node, &s.officer, s.case).await;
    let restitution = rastro::services::restitution::NewRestitution { identification: id };
    let restitution = rastro::services::restitution::offer(app, &s.officer, None, restitution).await.unwrap().made;
    assert!(matches!(identification::read(app, &s.stranger, id).await, Err(ServiceError::NotFound)));
    assert!(matches!(identification::report(app, &s.stranger, id, 1).await, Err(ServiceError::NotFound)));
    assert!(matches!(rastro::services::restitution::read(app, &s.stranger, restitution).await, Err(ServiceError::NotFound)));
    let move_it = identification::command(app, &s.stranger, id, 1, to(C::ProposeRevocation), draw).await;
    assert!(matches!(move_it, Err(ServiceError::NotFound)));
    let mut tx = app.pool.begin(DbRole::Web, &Scope::from(&s.stranger)).await.unwrap();
    for table in TABLES {
        assert_eq!(visible_rows(&mut tx, table).await.unwrap(), 0, "{table} shows rows to a third institution");
    }
    tx.rollback().await.unwrap();
    let mut tx = app.pool.begin(DbRole::Web, &Scope::from(&s.forensic)).await.unwrap();
    for table in TABLES {
        let rows = visible_rows(&mut tx, table).await.unwrap();
        assert_eq!(
            rows == 0,
            table.starts_with("notification") || matches!(*table, "identification_alternative" | "restitution_item"),
            "{table}: {rows}"
        );
    }
    tx.rollback().await.unwrap();
}

const TABLES: &[&str] = &[
    "identification",
    "identification_alternative",
    "identification_signature",
    "identification_step",
    "identification_report",
    "notification",
    "notification_step",
    "restitution",
    "restitution_item",
    "restitution_step",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_look_at_an_identification_is_in_both_institutions_audit() {
    let s: Scene = scene().await;
    let id = issued(&s.node, (&s.officer, &s.forensic), s.hypothesis).await;
    identification::read(&s.node.app, &s.colleague, id).await.unwrap();
    identification::report(&s.node.app, &s.colleague, id, 1).await.unwrap();
    let rows = s
        .node
        .everything()
        .await
        .query(
            "SELECT action FROM audit_event WHERE subject_ids @> ARRAY[$1::uuid] AND user_id = $2 AND authority_id = $3 AND subject_owner = $4 ORDER BY at, id",
            &[&id.0, &s.colleague.user.0, &s.officer.authority.0, &s.forensic.authority.0],
        )
        .await
        .unwrap();
    assert_eq!(rows.iter().map(|r| r.get::<_, String>(0)).collect::<Vec<_>>(), ["read", "read_report"]);
}
