//! Recording that a person told the family: the one thing that lets the family's page say so. Case, phase and notification move together.

use super::{at, moved};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::cases;
use crate::db::{Tx, identifications, notifications};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::case::{CaseCommand, CaseState};
use crate::domain::identification::IdentificationState;
use crate::domain::ids::{CaseId, IdentificationId, NotificationId};
use crate::domain::notification::{DeliveryMode, NotificationCommand as C, NotificationKind, NotificationState};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::cases::{announce, to_json};
use crate::services::family::SPOKEN;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// How a family was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// In person, or remotely because the family decided so.
    pub mode: DeliveryMode,
    /// When.
    pub at: DateTime<Utc>,
    /// Who was there.
    pub present: String,
    /// What was handed over: report, list of belongings …
    #[serde(default)]
    pub documents: Vec<String>,
    /// Of a remote one: the family's own decision to hear it so, who took it and when.
    #[serde(default)]
    pub family_decision: String,
    /// Questions asked and what was answered; what is to be done.
    #[serde(default)]
    pub note: String,
    /// The day of the next contact.
    #[serde(default)]
    pub follow_up_on: Option<NaiveDate>,
}

impl Delivery {
    /// As a notification keeps it.
    pub(super) fn kept(value: Option<&serde_json::Value>) -> Option<Self> {
        value.and_then(|v| serde_json::from_value(v.clone()).ok())
    }

    /// `since` is when it became known that the family has to be told.
    fn check(&self, kind: NotificationKind, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Violations> {
        let mut faults = Violations::default();
        for (pointer, text) in [("/present", &self.present), ("/family_decision", &self.family_decision), ("/note", &self.note)] {
            faults.check_text(pointer, text, 4000);
        }
        faults.check_texts("/documents", &self.documents, 50, 500);
        if self.at > now {
            faults.add("/at", "future", "it is recorded once a person has told the family; the time lies in the future");
        }
        // A day of grace, for clocks and time zones.
        if self.at < since - Duration::days(1) {
            faults.add("/at", "before", "lies before it was known that the family has to be told");
        }
        if let Some(day) = self.follow_up_on {
            faults.check_day("/follow_up_on", day);
        }
        if kind.in_person() {
            if self.present.trim().is_empty() {
                faults.add("/present", "empty", "write who was there");
            }
            if self.mode == DeliveryMode::Remote && self.family_decision.trim().is_empty() {
                faults.add(
                    "/family_decision",
                    "empty",
                    "this is told in person, or remotely by the family's own decision: write who decided it and when",
                );
            }
            if self.follow_up_on.is_none() {
                faults.add("/follow_up_on", "empty", "write the day of the next contact: nobody is left alone with it");
            }
        }
        faults.into_result()
    }
}

/// Records that a person told the family. In one transaction the case moves on, the family's page may say that somebody has spoken with them, and the
/// notification is delivered. Returns the new state and revision.
///
/// # Errors
/// [`ServiceError::IllegalNotification`]; [`ServiceError::IllegalCase`] where the case does not say that the person was identified; [`ServiceError::Refused`] while
/// the identification is doubted; [`ServiceError::Stale`]; [`ServiceError::Invalid`]; [`ServiceError::NotFound`].
pub async fn deliver(app: &App, actor: &Actor, id: NotificationId, rev: i32, new: Delivery) -> Result<(NotificationState, i32), ServiceError> {
    actor.require(Right::WriteCases)?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let (mut row, next) = at(&mut tx, id, rev, C::RecordDelivery).await?;
    let kind = row.kind();
    new.check(kind, row.created_at, now)?;
    if let Some(identification) = row.identification_id {
        let state = identifications::hold(&mut tx, IdentificationId(identification)).await?.state();
        if kind != NotificationKind::Misidentification && state != IdentificationState::Issued {
            let why = "the identification is in doubt: nobody is told of it until the two institutions have kept or revoked it";
            return Err(ServiceError::Refused(why.to_owned()));
        }
    }
    let case = CaseId(row.case_id);
    if kind.is_a_conversation() {
        case_follows(&mut tx, app, actor, case, kind).await?;
        cases::set_family_phase(&mut tx, case, SPOKEN, now).await?;
    }
    if kind.in_person() {
        notifications::finish_actions(&mut tx, case, now).await?;
    }
    row.delivery = Some(to_json(&new));
    row.delivered_at = Some(new.at);
    let rev = moved(&mut tx, app, actor, row, (C::RecordDelivery, next, "")).await?;
    tx.commit().await?;
    Ok((next, rev))
}

/// Moves the case to `family_notified` where the family is told of the identification for the first time. One that has gone on, ended or been reopened stays
/// where it is; one that does not say that the person was identified cannot be told of.
async fn case_follows(tx: &mut Tx, app: &App, actor: &Actor, id: CaseId, kind: NotificationKind) -> Result<(), ServiceError> {
    use CaseState as S;
    if !matches!(kind, NotificationKind::IdentifiedDeceased | NotificationKind::PartialRemains) {
        return Ok(());
    }
    let now = app.now();
    let row = cases::get(tx, id).await?;
    let state = row.state();
    if matches!(
        state,
        S::FamilyNotified | S::RestitutionInProgress | S::Restituted | S::FollowUp | S::Closed | S::WithdrawnByFamily | S::DuplicateLinked
    ) {
        return Ok(());
    }
    let next = state.apply(CaseCommand::RecordFamilyNotified)?;
    if !cases::set_state(tx, id, row.rev, next, now).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    let detail = serde_json::json!({ "command": CaseCommand::RecordFamilyNotified, "from": state, "to": next });
    audit::append(tx, &*app.ids, now, &Who::from(actor), Event::on("command", "case", id, actor.authority).detail(detail)).await?;
    announce(tx, app, actor.authority, "case", id.0, "changed").await
}
