//! The checklist: what was done with remains so that they can be identified, and what could not be.

use super::{check_texts, told};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::remains::{self, OperationRow};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::ids::RemainsId;
use crate::domain::remains::{OperationState, PostMortemOperation, RemainsKind};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// How an operation stands now.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOperation {
    /// Which.
    pub operation: PostMortemOperation,
    /// How it stands.
    pub state: OperationState,
    /// Why it cannot be done, or who refused it.
    #[serde(default)]
    pub reason: Option<String>,
    /// The day it was done.
    #[serde(default)]
    pub done_on: Option<NaiveDate>,
    /// Who did it.
    #[serde(default)]
    pub done_by: Option<String>,
    /// Number of the report.
    #[serde(default)]
    pub reference: Option<String>,
}

impl NewOperation {
    /// All faults that show without looking anything up.
    ///
    /// # Errors
    /// [`Violations`].
    pub fn check(&self, today: NaiveDate) -> Result<(), Violations> {
        let mut faults = Violations::default();
        check_texts(&[("/reason", &self.reason, 2000), ("/done_by", &self.done_by, 200), ("/reference", &self.reference, 200)], &mut faults);
        let done = self.state == OperationState::Done;
        if self.state == OperationState::NotPossible && told(self.reason.clone()).is_none() {
            faults.add("/reason", "empty", "say why it cannot be done, or who refused it");
        }
        match self.done_on {
            None if done => faults.add("/done_on", "empty", "say on which day it was done"),
            Some(_) if !done => faults.add("/done_on", "not_done", "what was not done has no day"),
            Some(day) if day > today => faults.add("/done_on", "future", "the day lies in the future"),
            Some(day) => faults.check_day("/done_on", day),
            None => {}
        }
        faults.into_result()
    }
}

/// The last word on each operation that can be asked of remains of a kind, in the order they are done; `None` where nothing was said.
#[must_use]
pub fn checklist(kind: RemainsKind, lines: &[OperationRow]) -> Vec<(PostMortemOperation, Option<OperationRow>)> {
    PostMortemOperation::of_kind(kind).map(|o| (o, lines.iter().rev().find(|l| l.operation == o.as_str()).cloned())).collect()
}

/// The operations that were neither done nor found impossible.
#[must_use]
pub fn undecided(checklist: &[(PostMortemOperation, Option<OperationRow>)]) -> Vec<PostMortemOperation> {
    let open = |line: &Option<OperationRow>| line.as_ref().is_none_or(|l| l.state == OperationState::NotDone.as_str());
    checklist.iter().filter(|(_, line)| open(line)).map(|(o, _)| *o).collect()
}

/// Writes how an operation on remains stands.
///
/// # Errors
/// [`ServiceError::Invalid`], also for an operation that remains of this kind do not allow; [`ServiceError::NotFound`].
pub async fn record(app: &App, actor: &Actor, id: RemainsId, new: NewOperation) -> Result<(), ServiceError> {
    actor.require(Right::WriteFound)?;
    new.check(app.clock.today())?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let row = remains::lock(&mut tx, id).await?;
    if !new.operation.applies_to(row.kind()) {
        let message = format!("{} is not asked of remains that are {}", new.operation, row.kind());
        return Err(super::fault("/operation", "not_applicable", &message));
    }
    let line = OperationRow {
        id: app.ids.next(),
        authority_id: actor.authority.0,
        remains_id: id.0,
        operation: new.operation.as_str().to_owned(),
        state: new.state.as_str().to_owned(),
        reason: told(new.reason),
        done_on: new.done_on,
        done_by: told(new.done_by),
        reference: told(new.reference),
        user_id: actor.user.0,
        at: now,
    };
    remains::insert_operation(&mut tx, &line).await?;
    let detail = serde_json::json!({ "operation": new.operation, "state": new.state });
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("change", "remains", id, actor.authority).detail(detail)).await?;
    tx.commit().await?;
    Ok(())
}
