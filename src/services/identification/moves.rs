//! The named moves of an identification: handing in, signing, returning, sealing again, doubting, keeping, revoking.

use super::report::{self, Draw};
use super::snapshot::{self, Beside};
use super::{at, save, sign, step};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::identifications::{self, IdentificationRow};
use crate::db::{Tx, accounts, remains};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::case::{CaseCommand, CaseState};
use crate::domain::hypothesis::HypothesisCommand;
use crate::domain::identification::{IdentificationCommand as C, IdentificationState, ReportLanguage, Signatory, add_signature};
use crate::domain::ids::{AuthorityId, FoundId, HypothesisId, IdentificationId, UserId};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::cases::to_json;
use serde::{Deserialize, Serialize};

/// A named move of an identification.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentificationMove {
    /// The move.
    pub command: C,
    /// Why; needed for returning, doubting, keeping and revoking.
    #[serde(default)]
    pub reason: String,
    /// Of the second signature and of sealing again: the report's language. Spanish without it.
    #[serde(default)]
    pub language: Option<ReportLanguage>,
}

impl IdentificationMove {
    fn check(&self) -> Result<(), Violations> {
        let mut faults = Violations::default();
        faults.check_text("/reason", &self.reason, 4000);
        if self.command.needs_reason() && self.reason.trim().is_empty() {
            faults.add("/reason", "empty", "this move needs a reason");
        }
        if self.command == C::Edit {
            faults.add("/command", "not_a_move", "a draft is rewritten, not moved: send its new text");
        }
        faults.into_result()
    }
}

/// Moves an identification that is still at revision `rev`. The second signature issues it: the report is drawn with `draw` and sealed, and what the family has
/// to be told is opened for the case's institution. Returns the new state and revision.
///
/// # Errors
/// [`ServiceError::IllegalIdentification`] with the legal moves; [`ServiceError::Stale`]; [`ServiceError::Invalid`] with everything a draft lacks;
/// [`ServiceError::Signature`] for the same person or institution twice; [`ServiceError::Refused`]; [`ServiceError::NotFound`].
pub async fn command(
    app: &App,
    actor: &Actor,
    id: IdentificationId,
    rev: i32,
    wanted: IdentificationMove,
    draw: Draw,
) -> Result<(IdentificationState, i32), ServiceError> {
    actor.require(Right::Identify)?;
    wanted.check()?;
    let mut tx = app.pool.begin_for(actor).await?;
    let (mut row, next) = at(&mut tx, id, rev, wanted.command).await?;
    let from = row.state();
    row.state = next.to_string();
    let language = wanted.language.unwrap_or(ReportLanguage::Es);
    match wanted.command {
        C::Submit => submit(&mut tx, app, actor, &mut row).await?,
        C::Sign => sign::sign(&mut tx, app, actor, &mut row, from).await?,
        C::ReturnToDraft => {
            row.snapshot = None;
            row.round = row.round.saturating_add(1);
        }
        C::Revoke => {
            let proposer = proposer(&mut tx, id).await?;
            add_signature(&[proposer], Signatory { user: actor.user, authority: actor.authority })?;
        }
        C::Edit | C::Reissue | C::ProposeRevocation | C::Keep => {}
    }
    let other = row.other_than(actor.authority);
    let rev = save(&mut tx, app, row.clone()).await?;
    step(&mut tx, app, actor, id, (wanted.command, from, next, &wanted.reason)).await?;
    follow(&mut tx, app, actor, &row, (wanted.command, language, draw)).await?;
    let detail = serde_json::json!({ "command": wanted.command, "from": from, "to": next });
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("command", "identification", id, other).detail(detail)).await?;
    tx.commit().await?;
    Ok((next, rev))
}

/// What follows from a move, in its transaction.
async fn follow(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    row: &IdentificationRow,
    (command, language, draw): (C, ReportLanguage, Draw),
) -> Result<(), ServiceError> {
    let (id, now) = (IdentificationId(row.id), app.now());
    match (command, row.state()) {
        (C::Sign, IdentificationState::Issued) => {
            report::seal(tx, app, actor, row, (language, draw)).await?;
            sign::issued(tx, app, id).await?;
        }
        (C::Reissue, _) => {
            report::seal(tx, app, actor, row, (language, draw)).await?;
        }
        (C::Submit | C::Sign | C::ProposeRevocation, _) => identifications::tell(tx, id, "identification_waiting", false, now).await?,
        (C::Revoke, _) => revoked(tx, app, actor, row).await?,
        (C::Edit | C::ReturnToDraft | C::Keep, _) => {}
    }
    Ok(())
}

/// Takes back what rested on an identification, at both institutions, and tells the audits of both.
async fn revoked(tx: &mut Tx, app: &App, actor: &Actor, row: &IdentificationRow) -> Result<(), ServiceError> {
    let now = app.now();
    let moved = identifications::revoked(tx, IdentificationId(row.id), app.ids.next(), now).await?;
    let other = row.other_than(actor.authority);
    let mut subjects = vec![("hypothesis", row.hypothesis_id, other, serde_json::json!({ "command": HypothesisCommand::RevokeIdentification }))];
    if moved {
        let detail = serde_json::json!({ "command": CaseCommand::RevokeIdentification, "to": CaseState::IdentificationRevoked });
        subjects.push(("case", row.case_id, AuthorityId(row.case_authority), detail));
    }
    for (kind, subject, owner, detail) in subjects {
        audit::append(tx, &*app.ids, now, &Who::from(actor), Event::on("command", kind, subject, owner).detail(detail)).await?;
    }
    Ok(())
}

/// Hands a draft in: nothing may lack, and what it rests on is held fast.
async fn submit(tx: &mut Tx, app: &App, actor: &Actor, row: &mut IdentificationRow) -> Result<(), ServiceError> {
    still_confirmed(tx, actor, row).await?;
    let beside = Beside::of(tx, row).await?;
    let country = accounts::authority(tx, AuthorityId(row.case_authority)).await?.country;
    snapshot::lacking(app, row, &beside, &country).into_result()?;
    row.snapshot = Some(to_json(&snapshot::take(tx, actor, row, &beside).await?));
    Ok(())
}

/// Refuses an identification of a record that holds more than one body or set, as far as the reader's institution keeps them: they have to have records of
/// their own first, or one person's identification would be the other's too.
pub(super) async fn one_person(tx: &mut Tx, found: FoundId) -> Result<(), ServiceError> {
    if remains::of_found(tx, found).await?.len() > 1 {
        let why = "the record holds remains of more than one; register whom it is about under a record of its own before identifying";
        return Err(ServiceError::Refused(why.to_owned()));
    }
    Ok(())
}

/// An identification goes on while its hypothesis is confirmed, its remains are one person's and nobody else's, and the result that DNA rests on stands.
pub(super) async fn still_confirmed(tx: &mut Tx, actor: &Actor, row: &IdentificationRow) -> Result<(), ServiceError> {
    if row.found_authority == actor.authority.0 {
        one_person(tx, FoundId(row.found_id)).await?;
    }
    if !identifications::opinion_stands(tx, IdentificationId(row.id)).await? {
        let why = "what the genetic opinion rests on was withdrawn or weighs otherwise now: a geneticist has to write it anew";
        return Err(ServiceError::Refused(why.to_owned()));
    }
    let hypothesis = HypothesisId(row.hypothesis_id);
    if identifications::subjects(tx, hypothesis).await?.is_none() {
        return Err(ServiceError::Refused("the hypothesis is not confirmed any more".to_owned()));
    }
    if identifications::identified_as_another(tx, hypothesis).await? {
        return Err(ServiceError::Refused("these remains are identified as somebody else's: one of the two is wrong".to_owned()));
    }
    Ok(())
}

/// Who proposed the revocation that is open.
async fn proposer(tx: &mut Tx, id: IdentificationId) -> Result<Signatory, ServiceError> {
    let steps = identifications::steps(tx, id).await?;
    let proposal = steps.iter().rev().find(|s| s.command == C::ProposeRevocation.as_str());
    let proposal = proposal.ok_or_else(|| ServiceError::Internal(anyhow::anyhow!("a proposed revocation has its step")))?;
    Ok(Signatory { user: UserId(proposal.user_id), authority: AuthorityId(proposal.authority_id) })
}
