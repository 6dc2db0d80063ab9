//! The way home: receiver, carrier, costs, papers, and the named moves.

use super::{at, may_write, moved, undoubted};
use crate::app::App;
use crate::db::restitutions::{self, RestitutionRow};
use crate::domain::actor::Actor;
use crate::domain::ids::RestitutionId;
use crate::domain::restitution::{Paper, PaperState, RestitutionCommand as C, RestitutionState};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::cases::to_json;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far a paper is, and its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperSaid {
    /// How far.
    pub state: PaperState,
    /// Its number once it is there; why where it is not needed.
    #[serde(default)]
    pub reference: String,
    /// Its day.
    #[serde(default)]
    pub on: Option<NaiveDate>,
}

/// What is known of the way home. What is left out is not known yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RestitutionDetails {
    /// Who of the family receives.
    pub receiver: Option<String>,
    /// Where to.
    pub destination: Option<String>,
    /// Who carries it there.
    pub carrier: Option<String>,
    /// Who pays.
    pub payer: Option<String>,
    /// What the family wishes for the ceremony.
    pub wishes: Option<String>,
    /// The papers: each is pending while nothing is said of it.
    #[schema(value_type = std::collections::HashMap<String, PaperSaid>)]
    pub papers: BTreeMap<Paper, PaperSaid>,
}

impl RestitutionDetails {
    /// As a restitution keeps them.
    pub(super) fn kept(row: &RestitutionRow) -> Self {
        Self {
            receiver: row.receiver.clone(),
            destination: row.destination.clone(),
            carrier: row.carrier.clone(),
            payer: row.payer.clone(),
            wishes: row.wishes.clone(),
            papers: serde_json::from_value(row.papers.clone()).unwrap_or_default(),
        }
    }

    fn check(&self) -> Result<(), Violations> {
        let mut faults = Violations::default();
        let texts = [
            ("/receiver", &self.receiver),
            ("/destination", &self.destination),
            ("/carrier", &self.carrier),
            ("/payer", &self.payer),
            ("/wishes", &self.wishes),
        ];
        for (pointer, text) in texts {
            if let Some(text) = text {
                faults.check_text(pointer, text, 2000);
            }
        }
        for (paper, said) in &self.papers {
            faults.check_text(&format!("/papers/{paper}/reference"), &said.reference, 500);
            if said.state != PaperState::Pending && said.reference.trim().is_empty() {
                faults.add(&format!("/papers/{paper}/reference"), "empty", "write its number, or why it is not needed");
            }
            if let Some(day) = said.on {
                faults.check_day(&format!("/papers/{paper}/on"), day);
            }
        }
        faults.into_result()
    }

    /// What lacks before anything is sent on its way.
    pub(super) fn lacking(&self) -> Violations {
        let mut faults = Violations::default();
        let required = [
            ("/receiver", &self.receiver, "write who of the family receives"),
            ("/destination", &self.destination, "write where to"),
            ("/carrier", &self.carrier, "write who carries it there"),
            ("/payer", &self.payer, "write who pays: not the family, unless it chose to"),
        ];
        for (pointer, text, message) in required {
            if text.as_ref().is_none_or(|t| t.trim().is_empty()) {
                faults.add(pointer, "empty", message);
            }
        }
        for paper in Paper::ALL {
            if self.papers.get(paper).is_none_or(|said| said.state == PaperState::Pending) {
                faults.add(&format!("/papers/{paper}"), "pending", "get it, or write why it is not needed");
            }
        }
        faults
    }
}

/// Writes down what is known of the way home of a restitution that is still at revision `rev`. Returns the new revision.
///
/// # Errors
/// [`ServiceError::IllegalRestitution`] once it is closed or frozen; [`ServiceError::Stale`]; [`ServiceError::Invalid`]; [`ServiceError::NotFound`].
pub async fn edit(app: &App, actor: &Actor, id: RestitutionId, rev: i32, new: RestitutionDetails) -> Result<i32, ServiceError> {
    may_write(actor)?;
    new.check()?;
    let mut tx = app.pool.begin_for(actor).await?;
    let (mut row, next) = at(&mut tx, actor, (id, rev), C::Edit).await?;
    row.papers = to_json(&new.papers);
    row.receiver = new.receiver;
    row.destination = new.destination;
    row.carrier = new.carrier;
    row.payer = new.payer;
    row.wishes = new.wishes;
    let rev = moved(&mut tx, app, actor, row, (C::Edit, next, "")).await?;
    tx.commit().await?;
    Ok(rev)
}

/// A named move of a restitution.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestitutionMove {
    /// The move.
    pub command: C,
    /// Why, or what was said; needed where the family refuses for now.
    #[serde(default)]
    pub reason: String,
}

/// Moves a restitution that is still at revision `rev`. Nothing is sent before every paper is there or not needed and receiver, destination, carrier and payer are
/// known; nothing is delivered before everything has its receipt. Returns the new state and revision.
///
/// # Errors
/// [`ServiceError::IllegalRestitution`] with the legal moves; [`ServiceError::Stale`]; [`ServiceError::Invalid`] naming what lacks; [`ServiceError::Refused`];
/// [`ServiceError::NotFound`].
pub async fn command(
    app: &App,
    actor: &Actor,
    id: RestitutionId,
    rev: i32,
    wanted: RestitutionMove,
) -> Result<(RestitutionState, i32), ServiceError> {
    may_write(actor)?;
    let mut faults = Violations::default();
    faults.check_text("/reason", &wanted.reason, 2000);
    if wanted.command.needs_reason() && wanted.reason.trim().is_empty() {
        faults.add("/reason", "empty", "this move needs a reason");
    }
    if wanted.command == C::Edit || !wanted.command.by_hand() {
        faults.add("/command", "not_a_move", "details are written with what they say, and freezing follows from a revocation");
    }
    faults.into_result()?;
    let mut tx = app.pool.begin_for(actor).await?;
    let (mut row, next) = at(&mut tx, actor, (id, rev), wanted.command).await?;
    if matches!(wanted.command, C::BeginPaperwork | C::BeginTransfer | C::Deliver) {
        undoubted(&mut tx, &row).await?;
    }
    match wanted.command {
        C::BeginTransfer => RestitutionDetails::kept(&row).lacking().into_result()?,
        C::Deliver => {
            let items = restitutions::items(&mut tx, id).await?;
            let mut faults = Violations::default();
            if items.is_empty() {
                faults.add("/items", "empty", "write what is handed over");
            }
            for item in items.iter().filter(|i| i.handed_over_at.is_none()) {
                faults.add(&format!("/items/{}/receipt", item.id), "empty", "everything that is handed over has its receipt");
            }
            faults.into_result()?;
            row.delivered_at = Some(app.now());
        }
        _ => {}
    }
    let rev = moved(&mut tx, app, actor, row, (wanted.command, next, &wanted.reason)).await?;
    tx.commit().await?;
    Ok((next, rev))
}
