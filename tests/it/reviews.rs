//! Two people of two institutions decide, the second blind to the first; exclusions are remembered; a family's page never moves by itself.

use crate::support::{TestNode, consent_to, person};
use rastro::db::hypotheses::QueueFilter;
use rastro::domain::actor::{Actor, FamilyActor};
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::hypothesis::{ExclusionStrength, HypothesisCommand, HypothesisState, Reason, Verdict, VerdictRefused};
use rastro::domain::ids::{CaseId, FoundId, HypothesisId};
use rastro::services::hypotheses::{HypothesisMove, NewVerdict, command, give_verdict, list, read};
use rastro::services::{ServiceError, cases, family, found, hypotheses};

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

/// Both institutions reject, each in its own strength.
async fn both_reject(s: &Scene, id: HypothesisId, first: ExclusionStrength, second: ExclusionStrength) {
    let app = &s.node.app;
    let rev = read(app, &s.officer, id).await.unwrap().row.rev;
    let reject = |strength| NewVerdict { strength: Some(strength), ..verdict(Verdict::Reject) };
    let (state, rev) = give_verdict(app, &s.officer, id, rev, reject(first)).await.unwrap();
    assert_eq!(state, HypothesisState::SecondReview, "one institution rejects nothing, and the state does not tell what it said");
    let (state, _) = give_verdict(app, &s.forensic, id, rev, reject(second)).await.unwrap();
    assert_eq!(state, HypothesisState::Rejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_move_by_hand_opens_the_first_verdict_or_undoes_what_two_institutions_have_begun() {
    use HypothesisCommand as C;
    let s = scene().await;
    let app = &s.node.app;
    let rev = read(app, &s.officer, s.hypothesis).await.unwrap().row.rev;
    let by_hand = |command| HypothesisMove { command, reason: "x".into(), basis: Some(Reason::Other), strength: None };
    let (_, rev) = give_verdict(app, &s.officer, s.hypothesis, rev, verdict(Verdict::Support)).await.unwrap();
    for wanted in [C::Return, C::Reject] {
        let refused = command(app, &s.forensic, s.hypothesis, rev, by_hand(wanted)).await;
        assert!(matches!(refused, Err(ServiceError::Refused(_))), "{wanted}: {refused:?}");
    }
    let view = read(app, &s.forensic, s.hypothesis).await.unwrap();
    assert!(view.reviews.is_empty() && !view.legal.contains(&C::Return) && !view.legal.contains(&C::Reject));
    let (state, rev) = give_verdict(app, &s.forensic, s.hypothesis, rev, verdict(Verdict::Support)).await.unwrap();
    assert_eq!(state, HypothesisState::Board);
    assert!(matches!(command(app, &s.officer, s.hypothesis, rev, by_hand(C::Reject)).await, Err(ServiceError::Refused(_))));
    // Returned by the board, both verdicts are open and a new round begins blind.
    let (_, rev) = command(app, &s.officer, s.hypothesis, rev, by_hand(C::Return)).await.unwrap();
    assert_eq!(read(app, &s.forensic, s.hypothesis).await.unwrap().reviews.len(), 2);
    give_verdict(app, &s.forensic, s.hypothesis, rev, verdict(Verdict::NeedsMore)).await.unwrap();
    let view = read(app, &s.officer, s.hypothesis).await.unwrap();
    assert_eq!((view.reviews.len(), view.given, view.mine_given), (2, 1, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_alone_excludes_nothing_for_ever() {
    let s = scene().await;
    let rev = read(&s.node.app, &s.officer, s.hypothesis).await.unwrap().row.rev;
    let wanted = |strength| HypothesisMove {
        command: HypothesisCommand::RejectAtTriage,
        reason: "x".into(),
        basis: Some(Reason::Age),
        strength: Some(strength),
    };
    let refused = command(&s.node.app, &s.officer, s.hypothesis, rev, wanted(ExclusionStrength::Absolute)).await;
    assert!(matches!(&refused, Err(ServiceError::Invalid(faults)) if faults.0[0].pointer == "/strength"), "{refused:?}");
    let (state, _) = command(&s.node.app, &s.officer, s.hypothesis, rev, wanted(ExclusionStrength::Strong)).await.unwrap();
    assert_eq!(state, HypothesisState::TriageRejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_agreement_ends_the_sight_of_its_hypotheses_at_once_and_nobody_decides_them() {
    let s = scene().await;
    let app = &s.node.app;
    let code = agreement_code(&s.node).await;
    let rev = read(app, &s.forensic, s.hypothesis).await.unwrap().row.rev;
    rastro::services::admin::suspend_agreement(app, &code, true).await.unwrap();
    for actor in [&s.officer, &s.forensic] {
        assert!(list(app, actor, &QueueFilter::default(), None, 10).await.unwrap().is_empty());
        assert!(hypotheses::open_by_band(app, actor).await.unwrap().is_empty());
        assert!(matches!(read(app, actor, s.hypothesis).await, Err(ServiceError::NotFound)));
        let late = give_verdict(app, actor, s.hypothesis, rev, verdict(Verdict::Support)).await;
        assert!(matches!(late, Err(ServiceError::NotFound)), "{late:?}");
    }
    let seen = rastro::db::hypotheses::viewers(&mut app.pool.begin_for(&s.officer).await.unwrap(), &[s.hypothesis.0]).await.unwrap();
    assert!(seen[0].1.is_empty(), "no open page hears of it");
    // Let go on, it is there again; run out, it is gone.
    rastro::services::admin::suspend_agreement(app, &code, false).await.unwrap();
    assert!(read(app, &s.forensic, s.hypothesis).await.is_ok());
    s.node.everything().await.execute("UPDATE agreement SET valid_to = CURRENT_DATE - 1", &[]).await.unwrap();
    assert!(matches!(read(app, &s.forensic, s.hypothesis).await, Err(ServiceError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_already_held_are_compared_when_an_agreement_comes_later() {
    let node = TestNode::start().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer, Role::Reviewer]).await;
    let forensic = node.user(bank, "forensic", &[Role::ForensicOfficer, Role::Reviewer]).await;
    node.remains(&forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    node.work().await;
    assert!(list(&node.app, &officer, &QueueFilter::default(), None, 10).await.unwrap().is_empty());
    node.agreement(commission, bank).await;
    node.work().await;
    assert_eq!(list(&node.app, &officer, &QueueFilter::default(), None, 10).await.unwrap().len(), 1);
}

async fn agreement_code(node: &TestNode) -> String {
    node.everything().await.query_one("SELECT code FROM agreement", &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_shows_no_evidence_that_the_review_page_reserves() {
    let s = scene().await;
    let app = &s.node.app;
    let narrow = "UPDATE agreement_grant SET categories = '{existence}' WHERE from_authority = $1";
    s.node.everything().await.execute(narrow, &[&s.forensic.authority.0]).await.unwrap();
    let view = read(app, &s.officer, s.hypothesis).await.unwrap();
    assert!(view.evidence.iter().all(|e| e.field == "reserved"));
    let lines = list(app, &s.officer, &QueueFilter::default(), None, 10).await.unwrap();
    let day = rastro::services::desk::day(app, &s.officer).await.unwrap().hypotheses;
    for line in lines.iter().chain(&day) {
        let fields: Vec<&str> = line.evidence.as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["reserved"]);
    }
    // The own side's reader of the other direction sees what is shared with it.
    let theirs = list(app, &s.forensic, &QueueFilter::default(), None, 10).await.unwrap();
    assert!(theirs[0].evidence.as_array().unwrap().iter().any(|e| e["field"] == "name"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_identified_on_remains_only_and_located_alive_on_no_remains() {
    let s = scene().await;
    let app = &s.node.app;
    let living: found::NewFound =
        serde_json::from_value(serde_json::json!({ "kind": "detention", "person": person("Xiomara Inventada", "Zelaya", "Prueba"),
            "consent": consent_to(&[AuthorityKind::SearchCommission]) }))
        .unwrap();
    let living = found::register(app, &s.forensic, None, living).await.unwrap().made.id;
    s.node.work().await;
    let of_living = QueueFilter { found: Some(living.0), ..QueueFilter::default() };
    let id = HypothesisId(list(app, &s.officer, &of_living, None, 10).await.unwrap()[0].id);
    s.node.everything().await.execute("UPDATE hypothesis SET state = 'confirmed' WHERE id = $1", &[&id.0]).await.unwrap();
    let step = async |command: rastro::domain::case::CaseCommand, reason: &str| {
        let rev = cases::read(app, &s.officer, s.case).await.unwrap().row.rev;
        cases::command(app, &s.officer, s.case, rev, cases::CaseMove { command, reason: reason.to_owned() }).await
    };
    use rastro::domain::case::CaseCommand as C;
    step(C::ActivateSearch, "").await.unwrap();
    step(C::OpenPossibleLocation, "").await.unwrap();
    let dead = step(C::ConfirmIdentified, "x").await;
    assert!(matches!(dead, Err(ServiceError::Refused(_))), "a living person's record identifies no dead: {dead:?}");
    // Now on remains: nobody is located alive by them, unless an officer says who had contact.
    s.node
        .everything()
        .await
        .execute("UPDATE hypothesis SET state = CASE WHEN id = $1 THEN 'superseded' ELSE 'confirmed' END", &[&id.0])
        .await
        .unwrap();
    let alive = step(C::ConfirmLocatedAlive, " ").await;
    assert!(matches!(alive, Err(ServiceError::Refused(_))), "{alive:?}");
    step(C::ConfirmLocatedAlive, "the consulate spoke with her and saw her passport").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_pair_stays_away_until_its_records_change_and_an_absolute_exclusion_for_ever() {
    let s = scene().await;
    let app = &s.node.app;
    both_reject(&s, s.hypothesis, ExclusionStrength::Absolute, ExclusionStrength::Strong).await;
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

    both_reject(&s, HypothesisId(back[0].id), ExclusionStrength::Absolute, ExclusionStrength::Absolute).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_rival_that_a_third_institution_holds_out_of_sight_stops_the_confirmation_too() {
    let s = scene().await;
    let app = &s.node.app;
    let rev = read(app, &s.officer, s.hypothesis).await.unwrap().row.rev;
    let (_, rev) = give_verdict(app, &s.officer, s.hypothesis, rev, verdict(Verdict::Support)).await.unwrap();
    let (_, rev) = give_verdict(app, &s.forensic, s.hypothesis, rev, verdict(Verdict::Support)).await.unwrap();
    // Another commission's case for the same remains, as strong, of which the first commission may know nothing.
    let third = s.node.authority("CBT", "GTM", AuthorityKind::SearchCommission).await;
    s.node.agreement(third, s.forensic.authority).await;
    let other = s.node.user(third, "other", &[Role::SearchOfficer, Role::Reviewer]).await;
    s.node.case(&other, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    s.node.work().await;
    assert_eq!(list(app, &s.officer, &QueueFilter { found: Some(s.found.0), ..QueueFilter::default() }, None, 10).await.unwrap().len(), 1);
    s.node.everything().await.execute("UPDATE hypothesis SET log10_odds = 9", &[]).await.unwrap();
    let rev = read(app, &s.officer, s.hypothesis).await.unwrap().row.rev.max(rev);
    let confirm = HypothesisMove { command: HypothesisCommand::Confirm, reason: "x".into(), basis: None, strength: None };
    let refused = command(app, &s.officer, s.hypothesis, rev, confirm).await;
    assert!(matches!(refused, Err(ServiceError::Rival)), "{refused:?}");
}
