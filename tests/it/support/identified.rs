//! The way of a confirmed hypothesis to an issued identification and to a family that was told, as tests walk it.

use super::TestNode;
use chrono::{Duration, Utc};
use rastro::domain::actor::Actor;
use rastro::domain::identification::{IdentificationCommand, IdentificationState, Method};
use rastro::domain::ids::{CaseId, HypothesisId, IdentificationId, NotificationId};
use rastro::domain::notification::{DeliveryMode, NotificationCommand, NotificationState};
use rastro::services::ServiceError;
use rastro::services::identification::{self, IdentificationMove, IdentificationText, NewIdentification, ReportContent};
use rastro::services::notification::{self, Delivery, NotificationMove, Plan};

/// Draws a report for tests: its content as JSON.
pub fn draw(content: &ReportContent) -> anyhow::Result<Vec<u8>> {
    Ok(serde_json::to_vec(content)?)
}

pub fn text(methods: &[Method]) -> IdentificationText {
    IdentificationText {
        methods: methods.to_vec(),
        reasoning: "The dental chart agrees at every tooth that was recorded.".to_owned(),
        conclusion: "The remains are those of the person of the case.".to_owned(),
        limits: "Nothing is said of the cause of death.".to_owned(),
    }
}

pub fn to(command: IdentificationCommand) -> IdentificationMove {
    IdentificationMove { command, reason: "as the board decided".to_owned(), language: None }
}

pub async fn rev(node: &TestNode, actor: &Actor, id: IdentificationId) -> i32 {
    identification::read(&node.app, actor, id).await.unwrap().row.rev
}

/// Makes a move at the present revision.
pub async fn step(
    node: &TestNode,
    actor: &Actor,
    id: IdentificationId,
    command: IdentificationCommand,
) -> Result<IdentificationState, ServiceError> {
    let rev = rev(node, actor, id).await;
    identification::command(&node.app, actor, id, rev, to(command), draw).await.map(|(state, _)| state)
}

/// A draft with everything but what alternatives and DNA would need.
pub async fn drafted(node: &TestNode, actor: &Actor, hypothesis: HypothesisId) -> IdentificationId {
    let id = identification::draft(&node.app, actor, None, NewIdentification { hypothesis }).await.unwrap().made.id;
    identification::edit(&node.app, actor, id, 1, text(&[Method::Dental])).await.unwrap();
    id
}

/// Drafted, handed in and signed by both.
pub async fn issued(node: &TestNode, (one, two): (&Actor, &Actor), hypothesis: HypothesisId) -> IdentificationId {
    let id = drafted(node, one, hypothesis).await;
    step(node, one, id, IdentificationCommand::Submit).await.unwrap();
    assert_eq!(step(node, one, id, IdentificationCommand::Sign).await.unwrap(), IdentificationState::Signed);
    assert_eq!(step(node, two, id, IdentificationCommand::Sign).await.unwrap(), IdentificationState::Issued);
    id
}

pub fn a_plan() -> Plan {
    Plan {
        notifier: "Invented notifier".to_owned(),
        language: "es".to_owned(),
        place: "at home".to_owned(),
        psychosocial: "Invented psychologist".to_owned(),
        first_told: "the mother, then the siblings together".to_owned(),
        ..Plan::default()
    }
}

pub fn in_person() -> Delivery {
    Delivery {
        mode: DeliveryMode::InPerson,
        at: Utc::now(),
        present: "the mother and her sister".to_owned(),
        documents: vec!["report".to_owned()],
        family_decision: String::new(),
        note: String::new(),
        follow_up_on: "2030-01-15".parse().ok(),
    }
}

/// What of a case is to be told.
pub async fn pending(node: &TestNode, officer: &Actor, case: CaseId) -> Vec<NotificationId> {
    let lines = notification::list(&node.app, officer, Some(case), true).await.unwrap();
    lines.into_iter().map(|l| NotificationId(l.id)).collect()
}

/// Plans, authorises and schedules; returns the revision at which it can be delivered.
pub async fn scheduled(node: &TestNode, officer: &Actor, id: NotificationId) -> i32 {
    let rev = notification::read(&node.app, officer, id).await.unwrap().row.rev;
    let (_, rev) = notification::plan(&node.app, officer, id, rev, a_plan()).await.unwrap();
    let plain = |command, scheduled_at| NotificationMove { command, reason: String::new(), scheduled_at };
    let (_, rev) = notification::command(&node.app, officer, id, rev, plain(NotificationCommand::Authorise, None)).await.unwrap();
    let when = Some(Utc::now() + Duration::hours(2));
    let (state, rev) = notification::command(&node.app, officer, id, rev, plain(NotificationCommand::Schedule, when)).await.unwrap();
    assert_eq!(state, NotificationState::Scheduled);
    rev
}

/// A person tells the family in person what is to be told of the case.
pub async fn told(node: &TestNode, officer: &Actor, case: CaseId) {
    for id in pending(node, officer, case).await {
        let rev = scheduled(node, officer, id).await;
        notification::deliver(&node.app, officer, id, rev, in_person()).await.unwrap();
    }
}
