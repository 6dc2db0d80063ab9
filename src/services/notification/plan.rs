//! The plan: who tells it, in which language, where, with whom, and whom first.

use super::{at, moved};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::ids::NotificationId;
use crate::domain::notification::{NotificationCommand as C, NotificationKind, NotificationState};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::cases::to_json;
use serde::{Deserialize, Serialize};

/// How a family is told. Staff write it; no family reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Plan {
    /// Who tells it.
    pub notifier: String,
    /// In which language of the family's.
    pub language: String,
    /// Who interprets, if anybody.
    pub interpreter: String,
    /// Where: a private place.
    pub place: String,
    /// The psychosocial professional who is there.
    pub psychosocial: String,
    /// Who of the family is told first, and how they stand to one another.
    pub first_told: String,
    /// Whom the family chose to have with them.
    pub companions: String,
    /// What is handed over and shown.
    pub materials: String,
    /// What is ready if somebody is unwell.
    pub support: String,
    /// Of a person located alive: what they decided that the family be told.
    pub decision: String,
}

impl Plan {
    /// As a notification keeps it.
    pub(super) fn kept(value: Option<&serde_json::Value>) -> Option<Self> {
        value.and_then(|v| serde_json::from_value(v.clone()).ok())
    }

    /// Everything that is wrong with it or lacks, each with its place.
    pub(super) fn faults(&self, kind: NotificationKind) -> Violations {
        let mut faults = Violations::default();
        let texts = [
            ("/notifier", &self.notifier),
            ("/language", &self.language),
            ("/interpreter", &self.interpreter),
            ("/place", &self.place),
            ("/psychosocial", &self.psychosocial),
            ("/first_told", &self.first_told),
            ("/companions", &self.companions),
            ("/materials", &self.materials),
            ("/support", &self.support),
            ("/decision", &self.decision),
        ];
        for (pointer, text) in texts {
            faults.check_text(pointer, text, 1000);
        }
        let mut needs = |text: &str, pointer: &str, message: &str| {
            if text.trim().is_empty() {
                faults.add(pointer, "empty", message);
            }
        };
        needs(&self.notifier, "/notifier", "write who tells it");
        needs(&self.language, "/language", "write in which language of the family's it is told");
        if kind.in_person() {
            needs(&self.place, "/place", "write where: a private place");
            needs(&self.psychosocial, "/psychosocial", "name the psychosocial professional who is there");
            needs(&self.first_told, "/first_told", "write who of the family is told first");
        }
        if kind == NotificationKind::LocatedAlive {
            needs(&self.decision, "/decision", "write what the located person decided that the family be told");
        }
        faults
    }
}

/// Writes or rewrites the plan of a notification that is still at revision `rev`; a rewritten one is authorised anew. Returns the new state and revision.
///
/// # Errors
/// [`ServiceError::IllegalNotification`] once the family was told; [`ServiceError::Stale`]; [`ServiceError::Invalid`] naming what lacks; [`ServiceError::NotFound`].
pub async fn plan(app: &App, actor: &Actor, id: NotificationId, rev: i32, new: Plan) -> Result<(NotificationState, i32), ServiceError> {
    actor.require(Right::WriteCases)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let (mut row, next) = at(&mut tx, id, rev, C::Plan).await?;
    new.faults(row.kind()).into_result()?;
    row.plan = Some(to_json(&new));
    row.scheduled_at = None;
    let rev = moved(&mut tx, app, actor, row, (C::Plan, next, "")).await?;
    tx.commit().await?;
    Ok((next, rev))
}
