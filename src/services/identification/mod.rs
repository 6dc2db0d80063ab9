//! Identifications of remains (dictámenes): drafted on a hypothesis that two institutions have confirmed, compared with every alternative, signed by two people
//! of these two institutions, sealed, verified, kept or revoked. docs/identification.md tells it in short.

mod draft;
mod moves;
mod opinion;
mod read;
mod report;
mod sign;
mod snapshot;
mod verify;

pub use draft::{Comparison, Drafted, IdentificationText, NewIdentification, compare, draft, edit};
pub use moves::{IdentificationMove, command};
pub use opinion::{GeneticOpinion, NewOpinion, attach_opinion};
pub use read::{Alternative, IdentificationView, ReportSeen, SignatureSeen, StepSeen, list, read, report, waiting};
pub use report::{Draw, Institution, ReportContent, Signed};
pub use snapshot::{ComparedAlternative, Snapshot};
pub use verify::{Verification, verify};

use super::ServiceError;
use crate::app::App;
use crate::db::Tx;
use crate::db::identifications::{self, IdentificationRow, StepRow};
use crate::domain::actor::Actor;
use crate::domain::identification::{IdentificationCommand, IdentificationState};
use crate::domain::ids::IdentificationId;

/// An identification that the actor's institution is one of the two of, as it is before a move at revision `rev`.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::IllegalIdentification`]; [`ServiceError::Stale`].
async fn at(
    tx: &mut Tx,
    id: IdentificationId,
    rev: i32,
    command: IdentificationCommand,
) -> Result<(IdentificationRow, IdentificationState), ServiceError> {
    let row = identifications::get(tx, id).await?;
    let next = row.state().apply(command)?;
    if row.rev != rev {
        return Err(ServiceError::Stale(row.rev));
    }
    Ok((row, next))
}

/// Writes a changed identification under its next revision.
async fn save(tx: &mut Tx, app: &App, mut row: IdentificationRow) -> Result<i32, ServiceError> {
    let from = row.rev;
    row.rev += 1;
    row.updated_at = app.now();
    if identifications::save(tx, from, &row).await? { Ok(row.rev) } else { Err(ServiceError::Stale(from)) }
}

/// Adds a line to the history.
async fn step(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    id: IdentificationId,
    (command, from, to, reason): (IdentificationCommand, IdentificationState, IdentificationState, &str),
) -> Result<(), ServiceError> {
    let row = StepRow {
        id: app.ids.next(),
        identification_id: id.0,
        authority_id: actor.authority.0,
        user_id: actor.user.0,
        command: command.to_string(),
        from_state: from.to_string(),
        to_state: to.to_string(),
        reason: reason.to_owned(),
        at: app.now(),
    };
    Ok(identifications::insert_step(tx, &row).await?)
}
