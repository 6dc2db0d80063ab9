//! Giving back to a family what is theirs (OB-35): by the case's institution, which speaks with the family, and the one that keeps the remains.

mod items;
mod moves;
mod offer;
mod read;

pub use items::{NewItem, Receipt, add_item, write_receipt};
pub use moves::{PaperSaid, RestitutionDetails, RestitutionMove, command, edit};
pub use offer::{NewRestitution, offer};
pub use read::{RestitutionView, StepSeen, list, read};

use super::ServiceError;
use crate::app::App;
use crate::db::Tx;
use crate::db::audit::{self, Event, Who};
use crate::db::identifications;
use crate::db::restitutions::{self, RestitutionRow, StepRow};
use crate::domain::actor::{Actor, MissingRight};
use crate::domain::authority::Right;
use crate::domain::identification::IdentificationState;
use crate::domain::ids::{AuthorityId, IdentificationId, RestitutionId};
use crate::domain::restitution::{RestitutionCommand, RestitutionState};

/// Whether the actor writes for one of the two institutions: cases or found records.
fn may_write(actor: &Actor) -> Result<(), MissingRight> {
    if actor.may(Right::WriteFound) { Ok(()) } else { actor.require(Right::WriteCases) }
}

/// The other institution: whose audit a read or move is told to as well.
fn other_than(row: &RestitutionRow, one: AuthorityId) -> AuthorityId {
    AuthorityId(if row.authority_id == one.0 { row.keeper_authority } else { row.authority_id })
}

/// A restitution of the actor's institution, as it is before a move at revision `rev`. What is the family's to decide is recorded by the case's institution.
async fn at(
    tx: &mut Tx,
    actor: &Actor,
    (id, rev): (RestitutionId, i32),
    command: RestitutionCommand,
) -> Result<(RestitutionRow, RestitutionState), ServiceError> {
    let row = restitutions::get(tx, id).await?;
    let ours = row.authority_id == actor.authority.0;
    actor.require(if ours { Right::WriteCases } else { Right::WriteFound })?;
    let next = row.state().apply(command)?;
    if row.rev != rev {
        return Err(ServiceError::Stale(row.rev));
    }
    if command.is_the_familys() && !ours {
        return Err(ServiceError::Refused("what the family decides is recorded by the institution that speaks with it".to_owned()));
    }
    Ok((row, next))
}

/// Holds the identification until the transaction ends, and refuses while it is doubted or once it is revoked: nothing is handed over then.
async fn undoubted(tx: &mut Tx, row: &RestitutionRow) -> Result<(), ServiceError> {
    if identifications::hold(tx, IdentificationId(row.identification_id)).await?.state() == IdentificationState::Issued {
        return Ok(());
    }
    Err(ServiceError::Refused(
        "the identification is in doubt: nothing goes on its way until the two institutions have kept or revoked it".to_owned(),
    ))
}

/// Writes a moved restitution under its next revision, with the line of its history and the audit.
async fn moved(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    mut row: RestitutionRow,
    (command, next, reason): (RestitutionCommand, RestitutionState, &str),
) -> Result<i32, ServiceError> {
    let (from, was, id) = (row.rev, row.state(), RestitutionId(row.id));
    row.state = next.to_string();
    row.rev += 1;
    row.updated_at = app.now();
    if !restitutions::save(tx, from, &row).await? {
        return Err(ServiceError::Stale(from));
    }
    let step = StepRow {
        id: app.ids.next(),
        restitution_id: row.id,
        authority_id: actor.authority.0,
        user_id: Some(actor.user.0),
        command: command.to_string(),
        from_state: was.to_string(),
        to_state: next.to_string(),
        reason: reason.to_owned(),
        at: app.now(),
    };
    restitutions::insert_step(tx, &step).await?;
    let detail = serde_json::json!({ "command": command, "from": was, "to": next });
    let event = Event::on("command", "restitution", id, other_than(&row, actor.authority)).detail(detail);
    audit::append(tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    Ok(row.rev)
}
