//! What has to be told and follows from no identification, and the moves of every notification but planning and delivery.

use super::plan::Plan;
use super::{at, moved};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::cases;
use crate::db::forms::OnceKey;
use crate::db::notifications::{self, NotificationRow, StepRow};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::case::CaseState;
use crate::domain::ids::{CaseId, NotificationId};
use crate::domain::notification::{NotificationCommand as C, NotificationKind, NotificationState};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::once::{self, Done};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// Days within which a family is told how the search goes (domain.md 6.1).
const UPDATE_DAYS: i64 = 15;

/// Something a family has to be told that follows from no identification.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNotification {
    /// Whose family.
    pub case: CaseId,
    /// What: `located_alive`, `search_status` or `no_match_result`; the others follow from an identification.
    pub kind: NotificationKind,
}

/// Opens a notification by hand, once per key.
///
/// # Errors
/// [`ServiceError::NotFound`] for a case of another authority; [`ServiceError::Invalid`] for a kind that follows from an identification;
/// [`ServiceError::Refused`] of somebody who is not located alive; [`ServiceError::Reused`].
pub async fn open(app: &App, actor: &Actor, key: Option<&OnceKey>, new: NewNotification) -> Result<Done<NotificationId>, ServiceError> {
    actor.require(Right::WriteCases)?;
    if !new.kind.by_hand() {
        let mut faults = Violations::default();
        faults.add("/kind", "not_by_hand", "what is told of an identification is opened by issuing or revoking it");
        return Err(faults.into());
    }
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let case = cases::get(&mut tx, new.case).await?;
    if case.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    let id = NotificationId::new(&*app.ids);
    if let Some(made) = once::claim(&mut tx, app, actor, key, id.0).await? {
        tx.rollback().await?;
        return Ok(Done::again(NotificationId(made)));
    }
    let located = matches!(case.state(), CaseState::LocatedAlive | CaseState::ContactRestored | CaseState::ContactRefused);
    if new.kind == NotificationKind::LocatedAlive && !located {
        return Err(ServiceError::Refused("the case is not located alive: record that first, with who had contact".to_owned()));
    }
    let due = if new.kind == NotificationKind::LocatedAlive { Duration::hours(24) } else { Duration::days(UPDATE_DAYS) };
    let state = NotificationState::NeedIdentified;
    let row = NotificationRow {
        id: id.0,
        authority_id: actor.authority.0,
        case_id: case.id,
        identification_id: None,
        kind: new.kind.to_string(),
        state: state.to_string(),
        due_at: now + due,
        plan: None,
        scheduled_at: None,
        delivery: None,
        delivered_at: None,
        rev: 1,
        created_at: now,
        updated_at: now,
    };
    notifications::insert(&mut tx, &row).await?;
    let step = StepRow {
        id: app.ids.next(),
        notification_id: id.0,
        authority_id: actor.authority.0,
        user_id: Some(actor.user.0),
        command: "open".to_owned(),
        from_state: state.to_string(),
        to_state: state.to_string(),
        reason: String::new(),
        at: now,
    };
    notifications::insert_step(&mut tx, &step).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("create", "notification", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(Done::first(id))
}

/// A named move of a notification other than planning it and recording its delivery.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotificationMove {
    /// The move.
    pub command: C,
    /// Why, or what was said; needed for postponing, failed attempts, doubts, their review, and cancelling.
    #[serde(default)]
    pub reason: String,
    /// Of scheduling: the day and hour agreed on with the family.
    #[serde(default)]
    pub scheduled_at: Option<DateTime<Utc>>,
}

impl NotificationMove {
    fn check(&self, now: DateTime<Utc>) -> Result<(), Violations> {
        let mut faults = Violations::default();
        faults.check_text("/reason", &self.reason, 4000);
        if self.command.needs_reason() && self.reason.trim().is_empty() {
            faults.add("/reason", "empty", "this move needs a reason");
        }
        match self.command {
            C::Plan | C::RecordDelivery => faults.add("/command", "not_a_move", "the plan and the delivery are written with what they say"),
            C::Schedule => match self.scheduled_at {
                None => faults.add("/scheduled_at", "empty", "write the day and hour agreed on with the family"),
                Some(when) => {
                    faults.check_day("/scheduled_at", when.date_naive());
                    if when <= now {
                        faults.add("/scheduled_at", "past", "the day and hour lie in the past");
                    }
                }
            },
            _ if self.scheduled_at.is_some() => faults.add("/scheduled_at", "not_scheduling", "only scheduling has a day and hour"),
            _ => {}
        }
        faults.into_result()
    }
}

/// Moves a notification that is still at revision `rev`. Returns the new state and revision.
///
/// # Errors
/// [`ServiceError::IllegalNotification`] with the legal moves; [`ServiceError::Stale`]; [`ServiceError::Invalid`]; [`ServiceError::Refused`];
/// [`ServiceError::NotFound`].
pub async fn command(
    app: &App,
    actor: &Actor,
    id: NotificationId,
    rev: i32,
    wanted: NotificationMove,
) -> Result<(NotificationState, i32), ServiceError> {
    actor.require(Right::WriteCases)?;
    wanted.check(app.now())?;
    let mut tx = app.pool.begin_for(actor).await?;
    let (mut row, next) = at(&mut tx, id, rev, wanted.command).await?;
    match wanted.command {
        C::Authorise => Plan::kept(row.plan.as_ref()).unwrap_or_default().faults(row.kind()).into_result()?,
        C::Schedule => row.scheduled_at = wanted.scheduled_at,
        C::PostponeByFamily | C::RecordFailedAttempt => row.scheduled_at = None,
        // What two institutions signed is told, or taken back by the two; no one ends it alone.
        C::Cancel if row.kind().in_person() => {
            let why = "what was identified is told to the family; only the revocation of the identification ends that, and a wrong one is always put right";
            return Err(ServiceError::Refused(why.to_owned()));
        }
        _ => {}
    }
    let rev = moved(&mut tx, app, actor, row, (wanted.command, next, &wanted.reason)).await?;
    tx.commit().await?;
    Ok((next, rev))
}
