//! Telling a family, and giving back what is theirs.

use super::{faults, refused, scene};
use crate::support::identified::{self, a_plan, in_person, pending, scheduled, step, told};
use chrono::{Duration, Utc};
use rastro::domain::case::CaseCommand;
use rastro::domain::identification::IdentificationCommand;
use rastro::domain::ids::NotificationId;
use rastro::domain::notification::{DeliveryMode, NotificationCommand as C, NotificationKind, NotificationState as S};
use rastro::domain::restitution::{ItemKind, Paper, PaperState, RestitutionCommand as R, RestitutionState};
use rastro::services::ServiceError;
use rastro::services::notification::{self, Delivery, NewNotification, NotificationMove, Plan};
use rastro::services::restitution::{self, NewItem, NewRestitution, PaperSaid, Receipt, RestitutionDetails, RestitutionMove};

fn at(pointer: &str, code: &'static str) -> (String, &'static str) {
    (pointer.to_owned(), code)
}

fn to(command: C) -> NotificationMove {
    NotificationMove { command, reason: "as they wished".to_owned(), scheduled_at: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_names_who_tells_it_where_in_which_language_with_whom_and_whom_first() {
    let s = scene().await;
    let app = &s.node.app;
    s.identified().await;
    let id = pending(&s.node, &s.officer, s.case).await[0];
    let empty = faults(notification::plan(app, &s.officer, id, 1, Plan::default()).await);
    let all = ["/notifier", "/language", "/place", "/psychosocial", "/first_told"].map(|pointer| at(pointer, "empty"));
    assert_eq!(empty, all);
    let early = notification::command(app, &s.officer, id, 1, to(C::Authorise)).await;
    assert!(matches!(early, Err(ServiceError::IllegalNotification(ref i)) if i.legal == [C::Plan, C::Cancel]), "{early:?}");
    let (state, rev) = notification::plan(app, &s.officer, id, 1, a_plan()).await.unwrap();
    assert_eq!(state, S::Planned);
    assert!(refused(notification::command(app, &s.officer, id, rev, to(C::Cancel)).await), "what was identified is told");
    let (_, rev) = notification::command(app, &s.officer, id, rev, to(C::Authorise)).await.unwrap();
    let when = |scheduled_at| NotificationMove { scheduled_at, ..to(C::Schedule) };
    assert_eq!(faults(notification::command(app, &s.officer, id, rev, when(None)).await), [at("/scheduled_at", "empty")]);
    let past = when(Some(Utc::now() - Duration::hours(1)));
    assert_eq!(faults(notification::command(app, &s.officer, id, rev, past).await), [at("/scheduled_at", "past")]);
    let (_, rev) = notification::command(app, &s.officer, id, rev, when(Some(Utc::now() + Duration::days(1)))).await.unwrap();
    let (state, rev) = notification::command(app, &s.officer, id, rev, to(C::PostponeByFamily)).await.unwrap();
    assert_eq!(state, S::FamilyPostponed);
    let delivered = notification::deliver(app, &s.officer, id, rev, in_person()).await;
    assert!(matches!(delivered, Err(ServiceError::IllegalNotification(_))), "{delivered:?}");
    let (_, rev) = notification::command(app, &s.officer, id, rev, when(Some(Utc::now() + Duration::days(9)))).await.unwrap();
    let (state, rev) = notification::command(app, &s.officer, id, rev, to(C::RecordFailedAttempt)).await.unwrap();
    assert_eq!(state, S::FailedAttempt);
    let stale = notification::command(app, &s.officer, id, rev - 1, when(Some(Utc::now() + Duration::days(9)))).await;
    assert!(matches!(stale, Err(ServiceError::Stale(_))));
    // A plan that is changed is authorised anew.
    assert_eq!(notification::plan(app, &s.officer, id, rev, a_plan()).await.unwrap().0, S::Planned);
    assert_eq!(s.case_state().await, ("identified_deceased".to_owned(), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_is_told_in_person_or_by_the_familys_own_decision_and_only_that_moves_case_and_phase() {
    let s = scene().await;
    let app = &s.node.app;
    s.identified().await;
    let id = pending(&s.node, &s.officer, s.case).await[0];
    let rev = scheduled(&s.node, &s.officer, id).await;
    let remote = Delivery { mode: DeliveryMode::Remote, ..in_person() };
    assert_eq!(faults(notification::deliver(app, &s.officer, id, rev, remote.clone()).await), [at("/family_decision", "empty")]);
    let early = Delivery { at: Utc::now() + Duration::days(1), present: String::new(), follow_up_on: None, ..in_person() };
    let wrong = faults(notification::deliver(app, &s.officer, id, rev, early).await);
    assert_eq!(wrong, [at("/at", "future"), at("/present", "empty"), at("/follow_up_on", "empty")]);
    assert_eq!(s.case_state().await, ("identified_deceased".to_owned(), 1));
    let decided = Delivery { family_decision: "the mother asked to hear it by telephone, on 3 March".to_owned(), ..remote };
    assert_eq!(notification::deliver(app, &s.officer, id, rev, decided).await.unwrap().0, S::Delivered);
    assert_eq!(s.case_state().await, ("family_notified".to_owned(), 4));
    let open =
        s.node.everything().await.query("SELECT 1 FROM search_action WHERE kind = 'notification_plan' AND done_at IS NULL", &[]).await.unwrap();
    assert!(open.is_empty(), "what was to be planned is done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_the_case_does_not_allow_writes_nothing_at_all() {
    let s = scene().await;
    let app = &s.node.app;
    identified::issued(&s.node, (&s.officer, &s.forensic), s.hypothesis).await;
    let id = pending(&s.node, &s.officer, s.case).await[0];
    let rev = scheduled(&s.node, &s.officer, id).await;
    let early = notification::deliver(app, &s.officer, id, rev, in_person()).await;
    assert!(matches!(&early, Err(ServiceError::IllegalCase(i)) if i.legal.contains(&CaseCommand::ConfirmIdentified)), "{early:?}");
    assert_eq!(s.case_state().await, ("possible_location".to_owned(), 1));
    assert_eq!(notification::read(app, &s.officer, id).await.unwrap().row.state(), S::Scheduled);
    s.case_move(CaseCommand::ConfirmIdentified).await.unwrap();
    notification::deliver(app, &s.officer, id, rev, in_person()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_an_identification_while_it_is_doubted() {
    let s = scene().await;
    let report = s.identified().await;
    let id = pending(&s.node, &s.officer, s.case).await[0];
    let rev = scheduled(&s.node, &s.officer, id).await;
    step(&s.node, &s.forensic, report, IdentificationCommand::ProposeRevocation).await.unwrap();
    assert!(refused(notification::deliver(&s.node.app, &s.officer, id, rev, in_person()).await));
    step(&s.node, &s.officer, report, IdentificationCommand::Keep).await.unwrap();
    notification::deliver(&s.node.app, &s.officer, id, rev, in_person()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_that_doubts_gets_an_independent_review_and_nothing_is_untold() {
    let s = scene().await;
    let app = &s.node.app;
    s.identified().await;
    let id = pending(&s.node, &s.officer, s.case).await[0];
    told(&s.node, &s.officer, s.case).await;
    let mut rev = notification::read(app, &s.officer, id).await.unwrap().row.rev;
    for (command, state) in [
        (C::Contest, S::Contested),
        (C::BeginIndependentReview, S::IndependentReview),
        (C::Reaffirm, S::Reaffirmed),
        (C::Acknowledge, S::Acknowledged),
        (C::RecordFollowUp, S::FollowUp),
        (C::Complete, S::Completed),
    ] {
        let (now, next) = notification::command(app, &s.officer, id, rev, to(command)).await.unwrap();
        assert_eq!(now, state);
        rev = next;
    }
    let steps = notification::read(app, &s.officer, id).await.unwrap().steps;
    assert_eq!((steps[0].command.as_str(), steps[0].user.as_deref()), ("open", None), "it followed from the signature");
    assert_eq!(steps.len(), 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_no_identification_is_opened_by_hand_and_how_the_search_goes_moves_no_phase() {
    let s = scene().await;
    let app = &s.node.app;
    let open = async |kind| notification::open(app, &s.officer, None, NewNotification { case: s.case, kind }).await;
    assert_eq!(faults(open(NotificationKind::IdentifiedDeceased).await), [at("/kind", "not_by_hand")]);
    assert!(refused(open(NotificationKind::LocatedAlive).await));
    let id: NotificationId = open(NotificationKind::SearchStatus).await.unwrap().made;
    let rev = scheduled(&s.node, &s.officer, id).await;
    notification::deliver(app, &s.officer, id, rev, in_person()).await.unwrap();
    assert_eq!(s.case_state().await, ("possible_location".to_owned(), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overdue_plan_reminds_once_until_something_is_done() {
    let s = scene().await;
    s.identified().await;
    let worker = &s.node.worker;
    assert_eq!(worker.remind_notifications(Utc::now() + Duration::days(4)).await.unwrap(), 0);
    let late = Utc::now() + Duration::days(6);
    assert_eq!(worker.remind_notifications(late).await.unwrap(), 1);
    assert_eq!(worker.remind_notifications(late + Duration::minutes(10)).await.unwrap(), 0, "whoever was told is not told again");
    let kinds =
        s.node.everything().await.query("SELECT authority_id, subject_id FROM notice WHERE kind = 'notification_overdue'", &[]).await.unwrap();
    assert_eq!((kinds[0].get::<_, uuid::Uuid>(0), kinds[0].get::<_, uuid::Uuid>(1)), (s.officer.authority.0, s.case.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_offered_before_the_family_was_told_and_nothing_leaves_without_its_papers_and_receipts() {
    let s = scene().await;
    let app = &s.node.app;
    let identification = s.identified().await;
    let offer = async |actor| restitution::offer(app, actor, None, NewRestitution { identification }).await;
    assert!(refused(offer(&s.officer).await));
    told(&s.node, &s.officer, s.case).await;
    let id = offer(&s.officer).await.unwrap().made;
    assert!(matches!(offer(&s.officer).await, Err(ServiceError::Taken(_))));
    let go = async |actor, command| {
        let rev = restitution::read(app, actor, id).await.unwrap().row.rev;
        let wanted = RestitutionMove { command, reason: "as the family said".to_owned() };
        restitution::command(app, actor, id, rev, wanted).await.map(|(state, _)| state)
    };
    assert!(refused(go(&s.forensic, R::Accept).await), "what the family decides is recorded by whoever speaks with it");
    assert_eq!(go(&s.officer, R::RefuseForNow).await.unwrap(), RestitutionState::RefusedForNow);
    assert_eq!(go(&s.officer, R::Accept).await.unwrap(), RestitutionState::Accepted);
    assert_eq!(go(&s.forensic, R::BeginPaperwork).await.unwrap(), RestitutionState::Paperwork);
    let lacking = faults(go(&s.officer, R::BeginTransfer).await);
    assert_eq!(lacking.len(), 4 + Paper::ALL.len());
    assert!(lacking.contains(&at("/papers/transit_permit", "pending")) && lacking.contains(&at("/payer", "empty")));
    let said = |reference: &str| PaperSaid { state: PaperState::Obtained, reference: reference.to_owned(), on: None };
    let mut details = RestitutionDetails {
        receiver: Some("the mother".to_owned()),
        destination: Some("Tocoa".to_owned()),
        carrier: Some("Invented carrier".to_owned()),
        payer: Some("the commission".to_owned()),
        wishes: None,
        papers: Paper::ALL.iter().map(|p| (*p, said(""))).collect(),
    };
    let rev = restitution::read(app, &s.officer, id).await.unwrap().row.rev;
    assert!(
        faults(restitution::edit(app, &s.officer, id, rev, details.clone()).await).contains(&at("/papers/consular_visa/reference", "empty"))
    );
    details.papers = Paper::ALL.iter().map(|p| (*p, said("A-1"))).collect();
    let rev = restitution::edit(app, &s.forensic, id, rev, details).await.unwrap();
    let new = NewItem { kind: ItemKind::Belonging, description: "a ring, E-7".to_owned() };
    let (item, _) = restitution::add_item(app, &s.forensic, id, rev, new).await.unwrap();
    let receipt = || Receipt {
        received_by: "the mother".to_owned(),
        handed_over_by: "Invented officer".to_owned(),
        receipt: "R-1".to_owned(),
        at: Utc::now(),
    };
    let now = async || restitution::read(app, &s.officer, id).await.unwrap().row.rev;
    assert!(refused(restitution::write_receipt(app, &s.officer, id, now().await, item, receipt()).await));
    assert_eq!(go(&s.officer, R::BeginTransfer).await.unwrap(), RestitutionState::Transfer);
    assert_eq!(faults(go(&s.officer, R::Deliver).await), [at(&format!("/items/{item}/receipt"), "empty")]);
    restitution::write_receipt(app, &s.officer, id, now().await, item, receipt()).await.unwrap();
    let again = restitution::write_receipt(app, &s.officer, id, now().await, item, receipt()).await;
    assert!(matches!(again, Err(ServiceError::Taken(_))), "{again:?}");
    assert_eq!(go(&s.forensic, R::Deliver).await.unwrap(), RestitutionState::Delivered);
    let illegal = go(&s.officer, R::Accept).await;
    assert!(matches!(illegal, Err(ServiceError::IllegalRestitution(i)) if i.legal == [R::Edit, R::BeginCeremonySupport, R::Close]));
    assert_eq!(go(&s.officer, R::Close).await.unwrap(), RestitutionState::Closed);
}
