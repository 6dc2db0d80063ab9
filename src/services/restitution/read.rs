//! Reading restitutions: the case's institution and the one that keeps the remains.

use super::moves::RestitutionDetails;
use super::other_than;
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::restitutions::{self, ItemRow, RestitutionLine, RestitutionRow};
use crate::db::{accounts, identifications};
use crate::domain::actor::{Actor, MissingRight};
use crate::domain::authority::Right;
use crate::domain::ids::{AuthorityId, CaseId, IdentificationId, RestitutionId};
use crate::domain::restitution::RestitutionCommand;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

/// Lines of a list.
const MOST: i64 = 200;

/// A restitution with its items, papers and history.
#[derive(Debug, Clone)]
pub struct RestitutionView {
    /// The row.
    pub row: RestitutionRow,
    /// The identification's number, the case's folio and the remains'.
    pub number: String,
    /// Folio of the case.
    pub case_folio: String,
    /// Folio of the remains.
    pub found_folio: String,
    /// The case's institution.
    pub institution: String,
    /// The institution that keeps the remains.
    pub keeper: String,
    /// Receiver, way and papers.
    pub details: RestitutionDetails,
    /// What lacks before anything is sent on its way.
    pub lacking: Violations,
    /// What is handed over.
    pub items: Vec<ItemRow>,
    /// What was done, oldest first.
    pub steps: Vec<StepSeen>,
    /// The moves that the reader's institution can make now.
    pub legal: Vec<RestitutionCommand>,
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
    /// Of which institution.
    pub institution: String,
    /// Who, where it was somebody of the reader's institution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Whether the actor reads for one of the two institutions: cases or found records.
fn may_read(actor: &Actor) -> Result<(), MissingRight> {
    if actor.may(Right::ReadFound) { Ok(()) } else { actor.require(Right::ReadCases) }
}

/// Reads a restitution, audited for both institutions.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but its two institutions.
pub async fn read(app: &App, actor: &Actor, id: RestitutionId) -> Result<RestitutionView, ServiceError> {
    may_read(actor)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = restitutions::get(&mut tx, id).await?;
    let ours = row.authority_id == actor.authority.0;
    actor.require(if ours { Right::ReadCases } else { Right::ReadFound })?;
    let of = identifications::get(&mut tx, IdentificationId(row.identification_id)).await?;
    let institution = accounts::authority(&mut tx, AuthorityId(row.authority_id)).await?.name;
    let keeper = accounts::authority(&mut tx, AuthorityId(row.keeper_authority)).await?.name;
    let names: HashMap<Uuid, String> = accounts::names_of(&mut tx, actor.authority).await?.into_iter().collect();
    let items = restitutions::items(&mut tx, id).await?;
    let seen = |s: restitutions::StepRow| StepSeen {
        institution: if s.authority_id == row.authority_id { institution.clone() } else { keeper.clone() },
        user: s.user_id.and_then(|u| names.get(&u).cloned()),
        command: s.command,
        from: s.from_state,
        to: s.to_state,
        reason: s.reason,
        at: s.at,
    };
    let steps = restitutions::steps(&mut tx, id).await?.into_iter().map(seen).collect();
    let event = Event::on("read", "restitution", id, other_than(&row, actor.authority));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    let details = RestitutionDetails::kept(&row);
    let legal = row.state().legal().into_iter().filter(|c| ours || !c.is_the_familys()).collect();
    Ok(RestitutionView {
        lacking: details.lacking(),
        number: of.number,
        case_folio: of.case_folio,
        found_folio: of.found_folio,
        institution,
        keeper,
        details,
        items,
        steps,
        legal,
        row,
    })
}

/// The restitutions that the institution takes part in, of one case or all, audited.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(app: &App, actor: &Actor, case: Option<CaseId>) -> Result<Vec<RestitutionLine>, ServiceError> {
    may_read(actor)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let lines = restitutions::list(&mut tx, case.map(|c| c.0), MOST).await?;
    let event = Event::on_many("list", "restitution", lines.iter().map(|l| l.id).collect(), None);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(lines)
}
