//! Reading notifications: the case's institution alone.

use super::deliver::Delivery;
use super::plan::Plan;
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::notifications::{self, NotificationLine, NotificationRow};
use crate::db::{accounts, cases};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::ids::{CaseId, NotificationId};
use crate::domain::notification::NotificationCommand;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

/// Lines of a list.
const MOST: i64 = 200;

/// A notification with its plan, delivery and history.
#[derive(Debug, Clone)]
pub struct NotificationView {
    /// The row.
    pub row: NotificationRow,
    /// Folio of the case.
    pub case_folio: String,
    /// How it is to be told.
    pub plan: Option<Plan>,
    /// What the plan lacks.
    pub lacking: Violations,
    /// How it was told.
    pub delivery: Option<Delivery>,
    /// What was done with it, oldest first.
    pub steps: Vec<StepSeen>,
    /// The moves that are possible now.
    pub legal: Vec<NotificationCommand>,
}

/// A line of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StepSeen {
    /// The move.
    pub command: String,
    /// From which state.
    pub from: String,
    /// To which.
    pub to: String,
    /// Why, or what was said.
    pub reason: String,
    /// Who; left out where it followed from an identification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Reads a notification, audited.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the case's institution.
pub async fn read(app: &App, actor: &Actor, id: NotificationId) -> Result<NotificationView, ServiceError> {
    actor.require(Right::ReadCases)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = notifications::get(&mut tx, id).await?;
    let case_folio = cases::get(&mut tx, CaseId(row.case_id)).await?.folio;
    let names: HashMap<Uuid, String> = accounts::names_of(&mut tx, actor.authority).await?.into_iter().collect();
    let seen = |s: notifications::StepRow| StepSeen {
        user: s.user_id.and_then(|u| names.get(&u).cloned()),
        command: s.command,
        from: s.from_state,
        to: s.to_state,
        reason: s.reason,
        at: s.at,
    };
    let steps = notifications::steps(&mut tx, id).await?.into_iter().map(seen).collect();
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "notification", id, actor.authority)).await?;
    tx.commit().await?;
    let plan = Plan::kept(row.plan.as_ref());
    Ok(NotificationView {
        lacking: plan.clone().unwrap_or_default().faults(row.kind()),
        delivery: Delivery::kept(row.delivery.as_ref()),
        legal: row.state().legal(),
        case_folio,
        plan,
        steps,
        row,
    })
}

/// The notifications of the institution, of one case or all, audited; `pending` leaves those that are still to be told.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(app: &App, actor: &Actor, case: Option<CaseId>, pending: bool) -> Result<Vec<NotificationLine>, ServiceError> {
    actor.require(Right::ReadCases)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let lines = notifications::list(&mut tx, actor.authority, (case.map(|c| c.0), pending), MOST).await?;
    let event = Event::on_many("list", "notification", lines.iter().map(|l| l.id).collect(), Some(actor.authority));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(lines)
}
