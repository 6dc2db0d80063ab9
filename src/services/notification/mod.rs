//! Telling families (domain.md 6.4, OB-34): what has to be told, how it is planned, and that a person did. Nothing here writes to a family: the family's page
//! moves when the delivery is recorded, and not before.

mod deliver;
mod moves;
mod plan;
mod read;

pub use deliver::{Delivery, deliver};
pub use moves::{NewNotification, NotificationMove, command, open};
pub use plan::{Plan, plan};
pub use read::{NotificationView, StepSeen, list, read};

use super::ServiceError;
use crate::app::App;
use crate::db::Tx;
use crate::db::audit::{self, Event, Who};
use crate::db::notifications::{self, NotificationRow, StepRow};
use crate::domain::actor::Actor;
use crate::domain::ids::NotificationId;
use crate::domain::notification::{NotificationCommand, NotificationState};

/// A notification of the actor's institution, as it is before a move at revision `rev`.
async fn at(
    tx: &mut Tx,
    id: NotificationId,
    rev: i32,
    command: NotificationCommand,
) -> Result<(NotificationRow, NotificationState), ServiceError> {
    let row = notifications::get(tx, id).await?;
    let next = row.state().apply(command)?;
    if row.rev != rev {
        return Err(ServiceError::Stale(row.rev));
    }
    Ok((row, next))
}

/// Writes a moved notification under its next revision, with the line of its history and the audit.
async fn moved(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    mut row: NotificationRow,
    (command, next, reason): (NotificationCommand, NotificationState, &str),
) -> Result<i32, ServiceError> {
    let (from, was, id) = (row.rev, row.state(), NotificationId(row.id));
    row.state = next.to_string();
    row.rev += 1;
    row.updated_at = app.now();
    if !notifications::save(tx, from, &row).await? {
        return Err(ServiceError::Stale(from));
    }
    let step = StepRow {
        id: app.ids.next(),
        notification_id: row.id,
        authority_id: actor.authority.0,
        user_id: Some(actor.user.0),
        command: command.to_string(),
        from_state: was.to_string(),
        to_state: next.to_string(),
        reason: reason.to_owned(),
        at: app.now(),
    };
    notifications::insert_step(tx, &step).await?;
    let detail = serde_json::json!({ "command": command, "from": was, "to": next });
    let event = Event::on("command", "notification", id, actor.authority).detail(detail);
    audit::append(tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    Ok(row.rev)
}
