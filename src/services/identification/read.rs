//! Reading identifications and their sealed reports.

use super::opinion::GeneticOpinion;
use super::snapshot::{self, Beside, Snapshot};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::cases::Keyset;
use crate::db::identifications::{self, IdentificationFilter, IdentificationLine, IdentificationRow, ReportRow};
use crate::db::{Tx, accounts};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::identification::{IdentificationCommand, IdentificationState};
use crate::domain::ids::{AuthorityId, IdentificationId};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

/// An identification as one of its two institutions reads it.
#[derive(Debug, Clone)]
pub struct IdentificationView {
    /// The row.
    pub row: IdentificationRow,
    /// The case's institution.
    pub case_institution: String,
    /// The institution that keeps the remains.
    pub found_institution: String,
    /// What DNA says.
    pub opinion: Option<GeneticOpinion>,
    /// What it rests on, once it was handed in.
    pub snapshot: Option<Snapshot>,
    /// The other open hypotheses that the reader may see, and those that the snapshot names.
    pub alternatives: Vec<Alternative>,
    /// Open hypotheses of which nothing is written and that only the other institution may see.
    pub elsewhere: usize,
    /// What a draft lacks before it can be handed in; empty once it was.
    pub lacking: Violations,
    /// Its signatures, those of fallen rounds too.
    pub signatures: Vec<SignatureSeen>,
    /// What was done with it, oldest first.
    pub steps: Vec<StepSeen>,
    /// Its sealed reports, first version first.
    pub reports: Vec<ReportSeen>,
    /// The moves that are possible now.
    pub legal: Vec<IdentificationCommand>,
    /// Whether it waits for the word of the reader's institution.
    pub waits_for_us: bool,
}

/// Another open hypothesis on one of the sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Alternative {
    /// The hypothesis.
    pub hypothesis: Uuid,
    /// What both want: case or `found_record`.
    pub shares: String,
    /// Its strength in words.
    pub band: String,
    /// Folio of its case, where it may be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_folio: Option<String>,
    /// Folio of its record, where it may be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_folio: Option<String>,
    /// What the reader's institution wrote of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ours: Option<String>,
    /// What the other institution wrote of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theirs: Option<String>,
}

/// A signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SignatureSeen {
    /// Who.
    pub name: String,
    /// In which role.
    pub office: String,
    /// Of which institution.
    pub institution: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it counts, or fell with a return to the draft.
    pub counts: bool,
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
    /// Why.
    pub reason: String,
    /// Of which institution.
    pub institution: String,
    /// Who, where it was somebody of the reader's institution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A sealed report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReportSeen {
    /// Version, from 1.
    pub version: i16,
    /// es or en.
    pub language: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// The code of its verification.
    pub code: String,
    /// When it was sealed.
    pub issued_at: DateTime<Utc>,
}

fn alternatives(actor: &Actor, beside: &Beside, snapshot: Option<&Snapshot>) -> Vec<Alternative> {
    let words = |hypothesis: Uuid, ours: bool| {
        let of = beside.comparisons.iter().filter(|c| c.hypothesis_id == hypothesis && (c.authority_id == actor.authority.0) == ours);
        of.map(|c| c.comparison.clone()).next()
    };
    let one = |hypothesis: Uuid, shares: &str, band: &str, folios: (Option<String>, Option<String>)| Alternative {
        hypothesis,
        shares: shares.to_owned(),
        band: band.to_owned(),
        case_folio: folios.0,
        found_folio: folios.1,
        ours: words(hypothesis, true),
        theirs: words(hypothesis, false),
    };
    let mut all: Vec<Alternative> = beside
        .alternatives
        .iter()
        .filter(|a| a.seen)
        .map(|a| one(a.hypothesis_id, &a.shares, &a.band, (a.case_folio.clone(), a.found_folio.clone())))
        .collect();
    for kept in snapshot.iter().flat_map(|s| &s.alternatives) {
        if !all.iter().any(|a| a.hypothesis == kept.hypothesis) {
            all.push(one(kept.hypothesis, &kept.shares, &kept.band, (None, None)));
        }
    }
    all
}

async fn view(tx: &mut Tx, app: &App, actor: &Actor, id: IdentificationId) -> Result<IdentificationView, ServiceError> {
    let row = identifications::get(tx, id).await?;
    let case = accounts::authority(tx, AuthorityId(row.case_authority)).await?;
    let found = accounts::authority(tx, AuthorityId(row.found_authority)).await?;
    let institution = |of: Uuid| if of == case.id { case.name.clone() } else { found.name.clone() };
    let names: HashMap<Uuid, String> = accounts::names_of(tx, actor.authority).await?.into_iter().collect();
    let beside = Beside::of(tx, &row).await?;
    let draft = row.state() == IdentificationState::Draft;
    let lacking = if draft { snapshot::lacking(app, &row, &beside, &case.country) } else { Violations::default() };
    let signatures = identifications::signatures(tx, id).await?;
    let steps = identifications::steps(tx, id).await?;
    let snapshot = Snapshot::kept(&row);
    let ours = |authority: Uuid| authority == actor.authority.0;
    let waits_for_us = match row.state() {
        IdentificationState::InReview => true,
        IdentificationState::Signed => !signatures.iter().any(|s| s.round == row.round && ours(s.authority_id)),
        IdentificationState::RevocationProposed => {
            let proposed = steps.iter().rev().find(|s| s.command == IdentificationCommand::ProposeRevocation.as_str());
            proposed.is_some_and(|s| !ours(s.authority_id))
        }
        _ => false,
    };
    Ok(IdentificationView {
        opinion: GeneticOpinion::kept(row.opinion.as_ref()),
        alternatives: alternatives(actor, &beside, snapshot.as_ref()),
        elsewhere: if draft { beside.elsewhere() } else { 0 },
        lacking,
        signatures: signatures
            .into_iter()
            .map(|s| SignatureSeen {
                institution: institution(s.authority_id),
                name: s.name,
                office: s.office,
                at: s.at,
                counts: s.round == row.round,
            })
            .collect(),
        steps: steps
            .into_iter()
            .map(|s| StepSeen {
                institution: institution(s.authority_id),
                user: names.get(&s.user_id).cloned(),
                command: s.command,
                from: s.from_state,
                to: s.to_state,
                reason: s.reason,
                at: s.at,
            })
            .collect(),
        reports: identifications::reports(tx, id)
            .await?
            .into_iter()
            .map(|r| ReportSeen {
                version: r.version,
                language: r.language,
                sha256: hex::encode(r.sha256),
                code: r.code,
                issued_at: r.issued_at,
            })
            .collect(),
        legal: row.state().legal(),
        waits_for_us,
        case_institution: case.name.clone(),
        found_institution: found.name.clone(),
        snapshot,
        row,
    })
}

/// Reads an identification, audited for both institutions.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but its two institutions.
pub async fn read(app: &App, actor: &Actor, id: IdentificationId) -> Result<IdentificationView, ServiceError> {
    actor.require(Right::ReadHypotheses)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let view = view(&mut tx, app, actor, id).await?;
    let event = Event::on("read", "identification", id, view.row.other_than(actor.authority));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(view)
}

/// One page of the institution's identifications, newest first, audited.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: &IdentificationFilter,
    after: Option<Keyset>,
    limit: i64,
) -> Result<Vec<IdentificationLine>, ServiceError> {
    actor.require(Right::ReadHypotheses)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let lines = identifications::list(&mut tx, actor.authority, filter, after, limit.clamp(1, 200)).await?;
    let event = Event::on_many("list", "identification", lines.iter().map(|l| l.id).collect(), None);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(lines)
}

/// How many identifications wait for the word of the actor's institution: a number, for the start page.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn waiting(app: &App, actor: &Actor) -> Result<i64, ServiceError> {
    actor.require(Right::Identify)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let n = identifications::waiting(&mut tx, actor.authority).await?;
    tx.commit().await?;
    Ok(n)
}

/// A sealed report with its bytes, audited for both institutions.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn report(app: &App, actor: &Actor, id: IdentificationId, version: i16) -> Result<ReportRow, ServiceError> {
    actor.require(Right::ReadHypotheses)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = identifications::get(&mut tx, id).await?;
    let report = identifications::report(&mut tx, id, version).await?;
    let detail = serde_json::json!({ "version": version });
    let event = Event::on("read_report", "identification", id, row.other_than(actor.authority)).detail(detail);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(report)
}
