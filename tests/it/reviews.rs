//! Two people of two institutions decide, the second blind to the first; exclusions are remembered; a family's page never moves by itself.

use crate::support::{TestNode, consent_to, person};
use rastro::db::hypotheses::QueueFilter;
use rastro::domain::actor::{Actor, FamilyActor};
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::hypothesis::{ExclusionStrength, HypothesisCommand, HypothesisState, Reason, Verdict, VerdictRefused};
use rastro::domain::ids::{CaseId, FoundId, HypothesisId};
use rastro::services::hypotheses::{HypothesisMove, NewVerdict, command, give_verdict, list, read};
use rastro::services::{ServiceError, cases, family, found};

struct Scene {
    node: TestNode,
    officer: Actor,
    colleague: Actor,
    forensic: Actor,
    case: CaseId,
    found: FoundId,
    hypothesis: HypothesisId,
}

async fn scene() -> Scene {
    let node = TestNode::start().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    node.agreement(commission, bank).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer, Role::Reviewer]).await;
    let colleague = node.user(commission, "colleague", &[Role::Reviewer]).await;
    let forensic = node.user(bank, "forensic", &[Role::ForensicOfficer, Role::Reviewer]).await;
    let found = node.remains(&forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    let case = node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    node.work().await;
    let lines = list(&node.app, &officer, &QueueFilter::default(), None, 10).await.unwrap();
    assert_eq!(lines.len(), 1);
    let hypothesis = HypothesisId(lines[0].id);
    Scene { node, officer, colleague, forensic, case, found, hypothesis }
}

fn verdict(verdict: Verdict) -> NewVerdict {
    NewVerdict {
        verdict,
        reasons: vec![Reason::Mark],
        note: "first note".into(),
        strength: (verdict == Verdict::Reject).then_some(ExclusionStrength::Strong),
        conflict_of_interest: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_takes_two_people_of_two_institutions_and_the_family_page_does_not_move() {
    let s = scene().await;
    let app = &s.node.app;
    let family_actor = FamilyActor { authority: s.officer.authority, case: s.case };
    let before = family::status(app, &family_actor).await.unwrap();

    let rev = read(app, &s.officer, s.hypothesis).await.unwrap().row.rev;
    let (state, rev) = give_verdict(app, &s.officer, s.hypothesis, rev, verdict(Verdict::Support)).await.unwrap();
    assert_eq!(state, HypothesisState::SecondReview);
    // The same person again, and a colleague of the same institution.
    let again = give_verdict(app, &s.officer, s.hypothesis, rev, verdict(Verdict::Support)).await.unwrap_err();
    assert!(matches!(again, ServiceError::Verdict(VerdictRefused::SamePerson)));
    let same_house = give_verdict(app, &s.colleague, s.hypothesis, rev, verdict(Verdict::Support)).await.unwrap_err();
    assert!(matches!(same_house, ServiceError::Verdict(VerdictRefused::SameInstitution)));
    // The second reviewer is blind to the first verdict.
    let blind = read(app, &s.forensic, s.hypothesis).await.unwrap();
    assert!(blind.reviews.is_empty());
    assert_eq!(blind.given, 1);
    // Nobody can confirm before both have spoken.
    let early = HypothesisMove { command: HypothesisCommand::Confirm, reason: "early".into(), basis: None, strength: None };
    assert!(matches!(command(app, &s.officer, s.hypothesis, rev, early).await, Err(ServiceError::IllegalHypothesis(_))));

    let (state, rev) = give_verdict(app, &s.forensic, s.hypothesis, rev, verdict(Verdict::Support)).await.unwrap();
    assert_eq!(state, HypothesisState::Board);
    let confirm = HypothesisMove { command: HypothesisCommand::Confirm, reason: "dental chart agrees".into(), basis: None, strength: None };
    let (state, _) = command(app, &s.forensic, s.hypothesis, rev, confirm).await.unwrap();
    assert_eq!(state, HypothesisState::Confirmed);
    assert_eq!(read(app, &s.forensic, s.hypothesis).await.unwrap().reviews.len(), 2);

    let after = family::status(app, &family_actor).await.unwrap();
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
    assert!(family::held(app, &family_actor).await.unwrap().looked.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_the_evidence_add_up_exactly_to_the_total() {
    let s = scene().await;
    let view = read(&s.node.app, &s.officer, s.hypothesis).await.unwrap();
    let sum = view.evidence.iter().map(|e| (e.log10_lr * 1000.0).round()).sum::<f64>() + (view.row.log10_prior * 1000.0).round();
    assert_eq!(sum, (view.row.log10_odds * 1000.0).round());
    assert!(!view.evidence.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_pair_stays_away_until_its_records_change_and_an_absolute_exclusion_for_ever() {
    let s = scene().await;
    let app = &s.node.app;
    let rev = read(app, &s.officer, s.hypothesis).await.unwrap().row.rev;
    let (state, _) = give_verdict(app, &s.officer, s.hypothesis, rev, verdict(Verdict::Reject)).await.unwrap();
    assert_eq!(state, HypothesisState::Rejected);
    let open = QueueFilter { case: Some(s.case.0), ..QueueFilter::default() };
    rastro::services::hypotheses::compare_again(app, &s.officer, "case", s.case.0).await.unwrap();
    s.node.work().await;
    assert!(list(app, &s.officer, &open, None, 10).await.unwrap().is_empty(), "nothing changed, so nothing comes back");

    let mut changed = person("Xiomara Inventada", "Zelaya", "Prueba");
    changed.eye_color = Some("negro".into());
    found::correct(app, &s.forensic, s.found, 1, "seen again", &changed).await.unwrap();
    s.node.work().await;
    let back = list(app, &s.officer, &open, None, 10).await.unwrap();
    assert_eq!(back.len(), 1);
    assert_eq!(back[0].state, "reopened");

    let id = HypothesisId(back[0].id);
    let rev = read(app, &s.forensic, id).await.unwrap().row.rev;
    let absolute = NewVerdict { strength: Some(ExclusionStrength::Absolute), ..verdict(Verdict::Reject) };
    give_verdict(app, &s.forensic, id, rev, absolute).await.unwrap();
    changed.eye_color = Some("verde".into());
    found::correct(app, &s.forensic, s.found, 2, "seen a third time", &changed).await.unwrap();
    s.node.work().await;
    assert!(list(app, &s.officer, &open, None, 10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_verdict_is_refused_and_nothing_of_it_is_kept() {
    let s = scene().await;
    let rev = read(&s.node.app, &s.officer, s.hypothesis).await.unwrap().row.rev;
    let stale = give_verdict(&s.node.app, &s.officer, s.hypothesis, rev + 7, verdict(Verdict::Support)).await.unwrap_err();
    assert!(matches!(stale, ServiceError::Stale(r) if r == rev));
    assert!(!read(&s.node.app, &s.officer, s.hypothesis).await.unwrap().mine_given);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consulate_is_told_that_something_waits_and_nothing_more() {
    let node = TestNode::start().await;
    let commission = node.authority("CBM", "MEX", AuthorityKind::SearchCommission).await;
    let consulate = node.authority("CON", "HND", AuthorityKind::Consulate).await;
    node.agreement(commission, consulate).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    let consul = node.user(consulate, "consul", &[Role::ConsularOfficer]).await;
    let case = node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::Consulate]))).await;
    node.work().await;
    let letters = node.letters.lock().unwrap().clone();
    assert_eq!(letters.len(), 1);
    for word in ["Xiomara", "Zelaya", "caso", "desaparecid", "restos", "coincid"] {
        assert!(!letters[0].body.contains(word) && !letters[0].subject.contains(word), "the mail says {word}");
    }
    let desk = rastro::services::partners::desk(&node.app, &consul).await.unwrap();
    assert_eq!(desk.notices.len(), 1);
    assert_eq!(desk.notices[0].subject_id, case.0);
    assert!(cases::read(&node.app, &consul, case).await.is_ok());
}
