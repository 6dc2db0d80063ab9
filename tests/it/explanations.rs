//! "Why, why not?" of any pair: the engine's numbers, where the pair stands, what was excluded; and that it tells nobody more than a hypothesis would.

use crate::api::{Program, problem};
use crate::support::{TestNode, consent_to, person};
use rastro::db::hypotheses::QueueFilter;
use rastro::db::information;
use rastro::domain::actor::{Actor, FamilyActor};
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::hypothesis::{ExclusionStrength, HypothesisCommand, HypothesisState, Reason};
use rastro::domain::ids::{CaseId, FoundId, HypothesisId};
use rastro::domain::person::Description;
use rastro::services::consents::{Subject, Withdrawal};
use rastro::services::explanations::{Explanation, Named, Outlook, explain};
use rastro::services::hypotheses::{HypothesisMove, SeenEvidence, command, list, read};
use rastro::services::{ServiceError, cases, consents, family};
use reqwest::StatusCode;
use serde_json::Value;

struct Scene {
    node: TestNode,
    officer: Actor,
    forensic: Actor,
    stranger: Actor,
    case: CaseId,
    /// The same person by all that is told.
    same: FoundId,
    /// Somebody else.
    other: FoundId,
}

fn another() -> Description {
    Description {
        birth: "1951-08-02".parse().ok(),
        height_min_cm: Some(181.0),
        height_max_cm: Some(183.0),
        ..person("Berenice", "Quintanilla", "Olvera")
    }
}

async fn scene_of(node: TestNode) -> Scene {
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    let third = node.authority("TER", "GTM", AuthorityKind::SearchCommission).await;
    node.agreement(commission, bank).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer, Role::Reviewer]).await;
    let forensic = node.user(bank, "forensic", &[Role::ForensicOfficer, Role::Reviewer]).await;
    let stranger = node.user(third, "stranger", &[Role::SearchOfficer, Role::ForensicOfficer, Role::Reviewer]).await;
    let same = node.remains(&forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    let other = node.remains(&forensic, another()).await;
    // Not to be seen by the commission: no number may tell of it.
    node.remains(&stranger, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    let told = Description {
        marks: vec![serde_json::from_value(serde_json::json!({ "text": "cicatriz en la ceja izquierda" })).unwrap()],
        phones: vec!["+504 9876 5432".to_owned()],
        ..person("Xiomara Inventada", "Zelaya", "Prueba")
    };
    let case = node.case(&officer, told, Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    node.work().await;
    Scene { node, officer, forensic, stranger, case, same, other }
}

async fn scene() -> Scene {
    scene_of(TestNode::start().await).await
}

impl Scene {
    async fn why(&self, actor: &Actor, found: FoundId) -> Result<Explanation, ServiceError> {
        explain(&self.node.app, actor, &Named::Id(self.case.0), &Named::Id(found.0)).await
    }

    async fn hypothesis(&self) -> HypothesisId {
        HypothesisId(list(&self.node.app, &self.officer, &QueueFilter::default(), None, 10).await.unwrap()[0].id)
    }
}

fn thousandths(x: f64) -> i64 {
    format!("{:.0}", x * 1000.0).parse().unwrap()
}

fn sum(evidence: &[SeenEvidence]) -> i64 {
    evidence.iter().map(|e| thousandths(e.log10_lr)).sum()
}

fn of<'a>(evidence: &'a [SeenEvidence], field: &str) -> &'a SeenEvidence {
    evidence.iter().find(|e| e.field == field).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_without_a_hypothesis_is_explained_to_the_last_digit_and_says_where_it_stands() {
    let s = scene().await;
    for actor in [&s.officer, &s.forensic] {
        let e = s.why(actor, s.other).await.unwrap();
        let seen = e.weighed.unwrap();
        let w = seen.whole.unwrap();
        assert_eq!(sum(&seen.evidence) + thousandths(seen.log10_prior), thousandths(w.log10_odds));
        assert_eq!((w.outlook, w.left_out, e.hypothesis), (Outlook::BelowFloor, false, None));
        // Two records of the bank are seen by both; the third institution's counts in nobody's place.
        assert_eq!(((w.among_found.place, w.among_found.of), (w.among_cases.place, w.among_cases.of)), ((2, 2), (1, 1)));
        assert!(e.exclusions.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hypothesis_and_the_explanation_of_its_pair_say_the_same() {
    let s = scene().await;
    let id = s.hypothesis().await;
    let kept = read(&s.node.app, &s.officer, id).await.unwrap();
    let e = s.why(&s.officer, s.same).await.unwrap();
    let seen = e.weighed.unwrap();
    let w = seen.whole.unwrap();
    assert_eq!((seen.evidence, w.log10_odds, seen.model, w.coverage), (kept.evidence, kept.row.log10_odds, kept.row.model, kept.row.coverage));
    assert_eq!((e.hypothesis, w.outlook), (Some((id, HypothesisState::Proposed)), Outlook::AmongStrongest));
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_says_how_common_what_agrees_is_and_who_lacks_what_is_missing() {
    let s = scene().await;
    let evidence = read(&s.node.app, &s.officer, s.hypothesis().await).await.unwrap().evidence;
    let (name, sex) = (of(&evidence, "name").frequency.unwrap(), of(&evidence, "sex").frequency.unwrap());
    assert!(name > 0.0 && name < sex && sex <= 1.0, "{name} {sex}");
    let marks = of(&evidence, "marks");
    assert_eq!((marks.lacking.as_deref(), marks.frequency), (Some("found_record"), None));
    assert!(marks.worth.unwrap() > 0.0);
    assert_eq!(of(&evidence, "hair").lacking.as_deref(), Some("both"));
}

/// From now on the bank is told only who the commission's cases are.
async fn narrow(s: &Scene) {
    let narrow = "UPDATE agreement_grant SET categories = '{identity}' WHERE from_authority = $1";
    s.node.everything().await.execute(narrow, &[&s.officer.authority.0]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_frequency_worth_or_lack_tells_of_a_field_that_a_side_reserves() {
    let s = scene().await;
    narrow(&s).await;
    let kept = read(&s.node.app, &s.forensic, s.hypothesis().await).await.unwrap().evidence;
    let seen = s.why(&s.forensic, s.same).await.unwrap().weighed.unwrap();
    for evidence in [&kept, &seen.evidence] {
        let fields: Vec<&str> = evidence.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(fields, ["name", "birth", "sex", "nationality", "reserved"], "the case's marks and telephone are not the bank's to know of");
        let reserved = of(evidence, "reserved");
        assert!(reserved.frequency.is_none() && reserved.worth.is_none() && reserved.lacking.is_none());
    }
    assert_eq!(sum(&seen.evidence) + thousandths(seen.log10_prior), thousandths(seen.whole.unwrap().log10_odds));
}

#[tokio::test(flavor = "multi_thread")]
async fn trying_out_values_against_a_reserved_field_of_any_case_changes_nothing_that_is_told() {
    let s = scene().await;
    narrow(&s).await;
    let mut told = Vec::new();
    for stature in [159.0, 181.0] {
        let guess = Description { height_min_cm: Some(stature), height_max_cm: Some(stature), ..another() };
        let probe = s.node.remains(&s.forensic, guess).await;
        let e = s.why(&s.forensic, probe).await.unwrap();
        let seen = e.weighed.unwrap();
        assert!(e.hypothesis.is_none() && seen.whole.is_none() && seen.evidence.iter().all(|e| e.field != "reserved"));
        told.push(seen.evidence.iter().map(|e| (e.field.clone(), e.comparison.clone(), e.level.clone())).collect::<Vec<_>>());
        s.node.everything().await.execute("UPDATE found_record SET state = 'resolved' WHERE id = $1", &[&probe.0]).await.unwrap();
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_owns_neither_side_or_may_not_see_the_other_hears_what_a_random_id_hears() {
    let s = scene().await;
    let nothing = FoundId(uuid::Uuid::now_v7());
    for (actor, found) in [(&s.stranger, s.same), (&s.stranger, s.other), (&s.officer, nothing), (&s.forensic, nothing)] {
        assert!(matches!(s.why(actor, found).await, Err(ServiceError::NotFound)));
    }
    // The third institution's own record with another's case.
    let own = s.node.remains(&s.stranger, another()).await;
    for actor in [&s.stranger, &s.officer] {
        assert!(matches!(s.why(actor, own).await, Err(ServiceError::NotFound)));
    }
    // An agreement that was stopped ends it at once.
    s.node.everything().await.execute("UPDATE agreement SET suspended_at = now()", &[]).await.unwrap();
    for actor in [&s.officer, &s.forensic] {
        assert!(matches!(s.why(actor, s.same).await, Err(ServiceError::NotFound)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pair_that_may_not_be_compared_any_more_is_not_weighed() {
    let s = scene().await;
    let withdrawal = Withdrawal { purpose: None, recipient: None, reason: "x".into() };
    consents::withdraw(&s.node.app, &s.officer, Subject::Case(s.case), withdrawal).await.unwrap();
    // No job ran since: the engine itself takes the change over before it answers.
    let e = s.why(&s.officer, s.same).await.unwrap();
    assert!(e.weighed.is_none());
    assert!(matches!(s.why(&s.forensic, s.same).await, Err(ServiceError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_exclusion_is_told_with_its_day_its_institution_and_its_basis() {
    let s = scene().await;
    let id = s.hypothesis().await;
    let rev = read(&s.node.app, &s.officer, id).await.unwrap().row.rev;
    let reject = HypothesisMove {
        command: HypothesisCommand::RejectAtTriage,
        reason: "x".into(),
        basis: Some(Reason::Age),
        strength: Some(ExclusionStrength::Strong),
    };
    command(&s.node.app, &s.officer, id, rev, reject).await.unwrap();
    let e = s.why(&s.forensic, s.same).await.unwrap();
    let told: Vec<_> = e.exclusions.iter().map(|x| (x.basis.as_str(), x.strength.as_str(), x.authority.as_str(), x.reopened_at)).collect();
    assert_eq!(told, [("age", "strong", "Authority CBA", None)]);
    assert_eq!(e.hypothesis, Some((id, HypothesisState::TriageRejected)));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_explanation_is_audited_for_both_owners_and_shows_in_no_family_s_portal() {
    let s = scene().await;
    s.why(&s.forensic, s.same).await.unwrap();
    let reads = "SELECT subject_kind, subject_owner FROM audit_event WHERE action = 'read_in_hypothesis' ORDER BY subject_kind";
    let lines: Vec<(String, uuid::Uuid)> =
        s.node.everything().await.query(reads, &[]).await.unwrap().iter().map(|r| (r.get(0), r.get(1))).collect();
    assert_eq!(lines, [("case".to_owned(), s.officer.authority.0), ("found_record".to_owned(), s.forensic.authority.0)]);
    let of_family = FamilyActor { authority: s.officer.authority, case: s.case };
    assert!(family::held(&s.node.app, &of_family).await.unwrap().looked.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_without_an_engine_says_so_and_when_to_ask_again() {
    let s = scene_of(TestNode::start_with_key().await).await;
    let bare = s.node.without_engine();
    let refused = explain(&bare, &s.officer, &Named::Id(s.case.0), &Named::Id(s.same.0)).await;
    assert!(matches!(refused, Err(ServiceError::NoEngine)));
    let served = s.node.serve_app(bare).await;
    let program = Program::of(&s.node, &served, &s.officer).await;
    let answer = program.get(&format!("/explanations?case={}&found_record={}", s.case, s.same)).await;
    assert_eq!(answer.headers()["retry-after"], "60");
    assert_eq!(problem(answer, StatusCode::SERVICE_UNAVAILABLE).await["type"], "urn:rastro:problem:no-engine");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_explains_a_pair_by_id_or_folio_and_tells_a_stranger_nothing() {
    let s = scene_of(TestNode::start_with_key().await).await;
    let served = s.node.serve_pages().await;
    let (ours, theirs) = (Program::of(&s.node, &served, &s.officer).await, Program::of(&s.node, &served, &s.stranger).await);
    let by_id = format!("/explanations?case={}&found_record={}", s.case, s.same);
    let told: Value = ours.get(&by_id).await.json().await.unwrap();
    let (case, found) = (told["case"]["folio"].as_str().unwrap(), told["found_record"]["folio"].as_str().unwrap());
    let again: Value = ours.get(&format!("/explanations?case={}&found_record={found}", case.to_lowercase())).await.json().await.unwrap();
    assert_eq!(told, again);
    let weighed = &told["weighed"]["whole"];
    assert_eq!(weighed["left_out_by_search"], false);
    assert_eq!((&weighed["place_among_found_records"]["place"], &weighed["place_among_found_records"]["of"]), (&1.into(), &2.into()));
    assert_eq!((&weighed["outlook"], &told["hypothesis"]["state"]), (&"among_strongest".into(), &"proposed".into()));
    problem(theirs.get(&by_id).await, StatusCode::NOT_FOUND).await;
    problem(ours.get("/explanations?case=x").await, StatusCode::BAD_REQUEST).await;
    // What a case can tell stands in its file, for its owner alone.
    let file: Value = ours.get(&format!("/cases/{}/file", s.case)).await.json().await.unwrap();
    assert!(file["information"]["log10_told"].as_f64().unwrap() > 0.0, "{file}");
    problem(theirs.get(&format!("/cases/{}/file", s.case)).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_case_can_tell_is_kept_when_it_is_compared_and_read_by_its_owner_alone() {
    let s = scene().await;
    let told = cases::file(&s.node.app, &s.officer, s.case).await.unwrap().information.unwrap();
    let marks = told.fields.iter().find(|f| f.field == "marks").unwrap();
    assert!(marks.told && marks.log10 > 0.0);
    assert_eq!(told.log10_told, told.fields.iter().filter(|f| f.told).map(|f| f.log10).sum::<f64>());
    assert!(told.fields.windows(2).all(|w| w[0].log10 >= w[1].log10));
    for actor in [&s.forensic, &s.stranger] {
        let mut tx = s.node.app.pool.begin_for(actor).await.unwrap();
        assert_eq!(information::of_case(&mut tx, s.case).await.unwrap(), None);
    }
}
