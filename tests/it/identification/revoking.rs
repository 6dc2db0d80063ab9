//! An identification that was wrong (OB-36).

use super::{Scene, refused, scene};
use crate::support::identified::{self, in_person, pending, scheduled, step, told};
use chrono::{Duration, Utc};
use rastro::domain::actor::FamilyActor;
use rastro::domain::case::{CaseCommand, CaseState};
use rastro::domain::hypothesis::{HypothesisCommand, HypothesisState};
use rastro::domain::identification::{IdentificationCommand as C, IdentificationState as S, SignatureRefused, Standing};
use rastro::domain::ids::IdentificationId;
use rastro::domain::notification::NotificationState;
use rastro::services::restitution::{self, NewRestitution, RestitutionMove};
use rastro::services::{ServiceError, family, hypotheses, identification, notification};

async fn revoked(s: &Scene, id: IdentificationId) {
    step(&s.node, &s.forensic, id, C::ProposeRevocation).await.unwrap();
    assert_eq!(step(&s.node, &s.officer, id, C::Revoke).await.unwrap(), S::Revoked);
}

/// What a family's pages are made of.
async fn sight(s: &Scene) -> String {
    let family = FamilyActor { authority: s.officer.authority, case: s.case };
    let held = family::held(&s.node.app, &family).await.unwrap();
    format!("{:?} {:?}", family::status(&s.node.app, &family).await.unwrap(), (held.looked, held.looks_are_told))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_proposes_a_revocation_cannot_confirm_it_nor_can_their_institution() {
    let s = scene().await;
    let id = s.identified().await;
    assert_eq!(step(&s.node, &s.officer, id, C::ProposeRevocation).await.unwrap(), S::RevocationProposed);
    let same = step(&s.node, &s.officer, id, C::Revoke).await;
    assert!(matches!(same, Err(ServiceError::Signature(SignatureRefused::SamePerson))), "{same:?}");
    let house = step(&s.node, &s.colleague, id, C::Revoke).await;
    assert!(matches!(house, Err(ServiceError::Signature(SignatureRefused::SameInstitution))), "{house:?}");
    assert_eq!(identification::waiting(&s.node.app, &s.forensic).await.unwrap(), 1);
    assert_eq!(step(&s.node, &s.forensic, id, C::Keep).await.unwrap(), S::Issued);
    // A doubt that was settled is none: the next one needs its own two.
    assert_eq!(step(&s.node, &s.forensic, id, C::ProposeRevocation).await.unwrap(), S::RevocationProposed);
    assert!(step(&s.node, &s.forensic, id, C::Revoke).await.is_err());
    assert_eq!(step(&s.node, &s.officer, id, C::Revoke).await.unwrap(), S::Revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_takes_everything_back_at_once_and_what_was_not_told_is_not_told() {
    let s = scene().await;
    let app = &s.node.app;
    let id = s.identified().await;
    let telling = pending(&s.node, &s.officer, s.case).await[0];
    scheduled(&s.node, &s.officer, telling).await;
    let code = identification::read(app, &s.officer, id).await.unwrap().reports[0].code.clone();
    let before = sight(&s).await;
    revoked(&s, id).await;
    assert_eq!(identification::verify(app, &code).await.unwrap().standing, Standing::Revoked);
    assert_eq!(s.case_state().await, ("identification_revoked".to_owned(), 1));
    assert_eq!(hypotheses::read(app, &s.officer, s.hypothesis).await.unwrap().row.state(), HypothesisState::Reopened);
    let view = notification::read(app, &s.officer, telling).await.unwrap();
    assert_eq!((view.row.state(), view.steps.last().unwrap().command.as_str()), (NotificationState::Cancelled, "cancel"));
    assert!(pending(&s.node, &s.officer, s.case).await.is_empty(), "what was never told is not put right");
    s.node.work().await;
    assert_eq!(sight(&s).await, before, "the family's page does not move");
    assert!(refused(s.case_move(CaseCommand::ConfirmIdentified).await) || s.case_move(CaseCommand::ConfirmIdentified).await.is_err());
    s.case_move(CaseCommand::ActivateSearch).await.unwrap();
    // The hypothesis is open again, so that no second identification is drafted on it before it is confirmed anew.
    let again = identification::draft(app, &s.officer, None, identification::NewIdentification { hypothesis: s.hypothesis }).await;
    assert!(refused(again));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_family_was_told_a_revocation_freezes_the_restitution_tells_every_holder_and_has_the_family_told_within_72_hours() {
    let s = scene().await;
    let app = &s.node.app;
    let id = s.identified().await;
    told(&s.node, &s.officer, s.case).await;
    let restitution = restitution::offer(app, &s.officer, None, NewRestitution { identification: id }).await.unwrap().made;
    s.case_move(CaseCommand::BeginRestitution).await.unwrap();
    s.sql("UPDATE notice SET read_at = now()").await;
    let before = sight(&s).await;
    revoked(&s, id).await;
    assert_eq!(s.case_state().await, ("identification_revoked".to_owned(), 4));
    let frozen = restitution::read(app, &s.forensic, restitution).await.unwrap();
    assert_eq!((frozen.row.state.as_str(), frozen.row.frozen_from.as_deref()), ("frozen", Some("offered")));
    let moved = RestitutionMove { command: rastro::domain::restitution::RestitutionCommand::Accept, reason: String::new() };
    let moved = restitution::command(app, &s.officer, restitution, frozen.row.rev, moved).await;
    assert!(matches!(moved, Err(ServiceError::IllegalRestitution(i)) if i.legal.is_empty()));
    let mut holders: Vec<uuid::Uuid> = s
        .node
        .everything()
        .await
        .query("SELECT authority_id FROM notice WHERE kind = 'identification_revoked' AND subject_id = $1", &[&id.0])
        .await
        .unwrap()
        .iter()
        .map(|r| r.get(0))
        .collect();
    holders.sort();
    let mut both = [s.officer.authority.0, s.forensic.authority.0];
    both.sort();
    assert_eq!(holders, both);

    let lines = notification::list(app, &s.officer, Some(s.case), true).await.unwrap();
    assert_eq!((lines.len(), lines[0].kind.as_str()), (1, "misidentification"));
    assert!(lines[0].due_at - Utc::now() <= Duration::hours(72));
    s.node.work().await;
    assert_eq!(sight(&s).await, before, "the family's page does not move until a person has told them");
    let telling = pending(&s.node, &s.officer, s.case).await[0];
    let rev = scheduled(&s.node, &s.officer, telling).await;
    assert_eq!(sight(&s).await, before);
    notification::deliver(app, &s.officer, telling, rev, in_person()).await.unwrap();
    assert_ne!(sight(&s).await, before);
    assert_eq!(s.case_state().await.0, "identification_revoked");
    let open = "SELECT 1 FROM search_action WHERE kind = 'tell_family_in_person' AND done_at IS NULL";
    assert!(s.node.everything().await.query(open, &[]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_identifications_of_a_person_that_is_revoked_leaves_the_case_where_it_is() {
    let s = scene().await;
    let first = s.identified().await;
    told(&s.node, &s.officer, s.case).await;
    let rival = s.rival().await;
    s.set_hypothesis(rival, HypothesisState::Confirmed).await;
    let second = identified::issued(&s.node, (&s.officer, &s.forensic), rival).await;
    let lines = notification::list(&s.node.app, &s.officer, Some(s.case), true).await.unwrap();
    assert_eq!(lines[0].kind, "partial_remains", "the family was told of the person already");
    revoked(&s, second).await;
    assert_eq!(s.case_state().await, ("family_notified".to_owned(), 4));
    revoked(&s, first).await;
    assert_eq!(s.case_state().await.0, "identification_revoked");
}

/// The states of a list in the database's function, after `before`.
fn listed(function: &str, before: &str) -> Vec<String> {
    let rest = function.split_once(before).unwrap().1;
    rest.split(')').next().unwrap().split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_moves_on_a_revocation_are_the_moves_of_the_domain() {
    let s = scene().await;
    let function = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = $1";
    let body = async |name: &str| s.node.everything().await.query_one(function, &[&name]).await.unwrap().get::<_, String>(0);
    let revoking = body("revoke_identified").await;
    let mut cases = listed(&revoking, "c.state IN (");
    cases.sort();
    let mut movable: Vec<String> = CaseState::ALL
        .iter()
        .filter(|state| state.after(CaseCommand::RevokeIdentification) == Some(CaseState::IdentificationRevoked))
        .map(ToString::to_string)
        .collect();
    movable.sort();
    assert_eq!(cases, movable);
    assert_eq!(HypothesisState::Confirmed.after(HypothesisCommand::RevokeIdentification), Some(HypothesisState::Reopened));
    assert!(revoking.contains("SET state = 'reopened'") && revoking.contains("h.state = 'confirmed'"));
    let waiting: Vec<String> = NotificationState::ALL.iter().filter(|n| n.is_pending()).map(ToString::to_string).collect();
    assert_eq!(listed(&body("remind_notifications").await, "n.state IN ("), waiting);
}
