//! What is done with a case: its life cycle, actions, the phase a family sees and its key.

use super::register::announce;
use crate::app::App;
use crate::db::Tx;
use crate::db::audit::{self, Event, Who};
use crate::db::cases::{self, ActionRow};
use crate::db::forms::OnceKey;
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::case::{CaseCommand, CaseState};
use crate::domain::ids::CaseId;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::accounts::{hash_secret, new_pin};
use crate::services::consents::Subject;
use crate::services::once::{self, Done};
use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A named move of a case, with what its guard asks for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseMove {
    /// The move.
    pub command: CaseCommand,
    /// Why; needed for every move that ends, rests or reopens.
    #[serde(default)]
    pub reason: String,
}

/// Moves a case through its life cycle, if it is still at revision `rev`. Returns the new state and revision.
///
/// # Errors
/// [`ServiceError::IllegalCase`] with the legal moves; [`ServiceError::Stale`]; [`ServiceError::Refused`] when a guard does not hold.
pub async fn command(app: &App, actor: &Actor, id: CaseId, rev: i32, wanted: CaseMove) -> Result<(CaseState, i32), ServiceError> {
    use CaseCommand as C;
    actor.require(Right::WriteCases)?;
    let mut found = Violations::default();
    found.check_text("/reason", &wanted.reason, 1000);
    if wanted.command.needs_reason() && wanted.reason.trim().is_empty() {
        found.add("/reason", "empty", "this move needs a reason");
    }
    found.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let row = cases::get(&mut tx, id).await?;
    if row.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    let next = row.state().apply(wanted.command)?;
    if row.rev != rev {
        return Err(ServiceError::Stale(row.rev));
    }
    if !wanted.command.by_hand() {
        let why = "this move is not made by hand: that the family was told follows from recording the delivery of its notification, and a revocation from the \
                   word of two institutions on the identification";
        return Err(ServiceError::Refused(why.to_owned()));
    }
    guard(&mut tx, actor, id, wanted.command, &wanted.reason).await?;
    match wanted.command {
        C::LinkDuplicate => {
            let master = crate::services::duplicates::master_of(&mut tx, actor, id).await?;
            cases::set_duplicate_of(&mut tx, id, Some(master)).await?;
        }
        C::Reopen => cases::set_duplicate_of(&mut tx, id, None).await?,
        _ => {}
    }
    if !cases::set_state(&mut tx, id, rev, next, now).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    // OB-03, 6.1: clocks are rows, so overdue is a query.
    let due = match wanted.command {
        C::ActivateSearch => Some(("search_plan", Duration::hours(72))),
        C::SuspendSearch => Some(("review_suspension", Duration::days(90))),
        C::OpenPossibleLocation => Some(("verification", Duration::days(15))),
        C::ConfirmIdentified => Some(("notification_plan", Duration::days(5))),
        _ => None,
    };
    if let Some((kind, after)) = due {
        let action = ActionRow {
            id: app.ids.next(),
            authority_id: actor.authority.0,
            case_id: id.0,
            kind: kind.to_owned(),
            addressee: None,
            note: Some(wanted.reason.clone()).filter(|r| !r.trim().is_empty()),
            assigned_to: Some(actor.user.0),
            requested_at: now,
            due_at: now + after,
            done_at: None,
            result: None,
        };
        cases::insert_action(&mut tx, &action).await?;
    }
    if wanted.command == C::WithdrawByFamily {
        // The family's word ends every consent with it: no other authority sees the case from here on.
        let withdrawal = crate::services::consents::Withdrawal { reason: wanted.reason.clone(), ..Default::default() };
        crate::services::consents::withdraw_in(&mut tx, app, &Who::from(actor), actor.authority, Subject::Case(id), &withdrawal).await?;
    }
    let detail = serde_json::json!({ "command": wanted.command, "from": row.state(), "to": next, "reason": wanted.reason });
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("command", "case", id, actor.authority).detail(detail)).await?;
    announce(&mut tx, app, actor.authority, "case", id.0, "changed").await?;
    tx.commit().await?;
    Ok((next, rev + 1))
}

async fn guard(tx: &mut Tx, actor: &Actor, id: CaseId, command: CaseCommand, reason: &str) -> Result<(), ServiceError> {
    use crate::db::hypotheses::{QueueFilter, confirmed_kinds, list};
    let of_case = |state: &str| QueueFilter { case: Some(id.0), state: Some(state.to_owned()), ..QueueFilter::default() };
    match command {
        CaseCommand::OpenPossibleLocation => {
            for state in ["verification_requested", "verified_support", "second_review", "board", "confirmed"] {
                if !list(tx, actor.authority, actor.user, &of_case(state), None, 1).await?.is_empty() {
                    return Ok(());
                }
            }
            Err(ServiceError::Refused("a possible location needs a hypothesis that is being verified or further".to_owned()))
        }
        CaseCommand::ConfirmIdentified => {
            if crate::db::identifications::stands_for(tx, id).await? {
                Ok(())
            } else {
                Err(ServiceError::Refused("this needs an issued identification: one that two people of two institutions have signed".to_owned()))
            }
        }
        // Presumption of life: whoever had contact may say so without a hypothesis, but says how the identity was verified. Remains never do.
        CaseCommand::ConfirmLocatedAlive => {
            if confirmed_kinds(tx, id).await?.iter().any(|kind| !kind.is_remains()) || !reason.trim().is_empty() {
                Ok(())
            } else {
                Err(ServiceError::Refused(
                    "say who had contact with the person and how the identity was verified, or confirm a hypothesis on a living person first"
                        .to_owned(),
                ))
            }
        }
        _ => Ok(()),
    }
}

/// Something new to be done for a case.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAction {
    /// What (V-ACTION).
    pub kind: String,
    /// Whom it is asked of.
    #[serde(default)]
    pub addressee: Option<String>,
    /// More.
    #[serde(default)]
    pub note: Option<String>,
    /// The day it is due.
    pub due: NaiveDate,
}

/// Plans an action.
/// Once per key: the same request sent again makes nothing again.
///
/// # Errors
/// [`ServiceError::NotFound`] for a case of another authority; [`ServiceError::Invalid`]; [`ServiceError::Reused`].
pub async fn plan_action(app: &App, actor: &Actor, id: CaseId, key: Option<&OnceKey>, new: NewAction) -> Result<Done, ServiceError> {
    actor.require(Right::WriteCases)?;
    let mut found = Violations::default();
    if new.kind.trim().is_empty() {
        found.add("/kind", "empty", "say what is to be done");
    }
    found.check_text("/kind", &new.kind, 100);
    found.check_day("/due", new.due);
    for (pointer, text) in [("/addressee", &new.addressee), ("/note", &new.note)] {
        if let Some(text) = text {
            found.check_text(pointer, text, 1000);
        }
    }
    let due_at = new.due.and_hms_opt(18, 0, 0).map(|d| d.and_utc());
    let Some(due_at) = due_at.filter(|_| found.0.is_empty()) else {
        found.into_result()?;
        return Err(ServiceError::Refused("the day does not exist".to_owned()));
    };
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let row = cases::get(&mut tx, id).await?;
    if row.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    let made = app.ids.next();
    if let Some(id) = once::claim(&mut tx, app, actor, key, made).await? {
        tx.rollback().await?;
        return Ok(Done::again(id));
    }
    let action = ActionRow {
        id: made,
        authority_id: actor.authority.0,
        case_id: id.0,
        kind: new.kind,
        addressee: new.addressee,
        note: new.note,
        assigned_to: Some(actor.user.0),
        requested_at: now,
        due_at,
        done_at: None,
        result: None,
    };
    cases::insert_action(&mut tx, &action).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("plan_action", "case", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(Done::first(made))
}

/// Notes how an action ended.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::Refused`] for an unknown result.
pub async fn finish_action(app: &App, actor: &Actor, case: CaseId, action: Uuid, result: &str) -> Result<(), ServiceError> {
    actor.require(Right::WriteCases)?;
    if !matches!(result, "no_result" | "lead" | "refused" | "no_answer" | "done") {
        return Err(ServiceError::Refused("the result is one of: no_result, lead, refused, no_answer, done".to_owned()));
    }
    let mut tx = app.pool.begin_for(actor).await?;
    if !cases::finish_action(&mut tx, case, action, result, app.now()).await? {
        return Err(ServiceError::NotFound);
    }
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("finish_action", "case", case, actor.authority)).await?;
    tx.commit().await?;
    Ok(())
}

/// Moves the phase the family sees (1 to 3). The fourth, "we have spoken with you", is set only by recording that a person told the family.
///
/// # Errors
/// [`ServiceError::Refused`] for another phase; [`ServiceError::NotFound`].
pub async fn set_family_phase(app: &App, actor: &Actor, id: CaseId, phase: i16) -> Result<(), ServiceError> {
    actor.require(Right::WriteCases)?;
    if !(1..=3).contains(&phase) {
        return Err(ServiceError::Refused("the phases set by hand are 1, 2 and 3".to_owned()));
    }
    let mut tx = app.pool.begin_for(actor).await?;
    let row = cases::get(&mut tx, id).await?;
    if row.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    cases::set_family_phase(&mut tx, id, phase, app.now()).await?;
    let event = Event::on("set_family_phase", "case", id, actor.authority).detail(serde_json::json!({ "phase": phase }));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives the family a new PIN; the old one ends.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn renew_pin(app: &App, actor: &Actor, id: CaseId) -> Result<String, ServiceError> {
    actor.require(Right::WriteCases)?;
    let pin = new_pin(app);
    let hash = hash_secret(app, &pin).await?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = cases::get(&mut tx, id).await?;
    if row.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    cases::put_family_access(&mut tx, app.ids.next(), actor.authority, id, &hash, app.now()).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("renew_pin", "case", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(pin)
}
