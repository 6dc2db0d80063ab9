//! What is looked at from time to time rather than when something happens: hand-overs of samples that nobody answered, families that are still to be told.

use super::runner::Worker;
use crate::db::{DbError, Role, Scope, notifications, samples};
use chrono::{DateTime, Utc};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often. Several workers may look at once: whoever was told is not told again.
const EVERY: Duration = Duration::from_secs(600);

impl Worker {
    /// Reminds, now and then, until `stop`.
    pub(super) async fn remind(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.remind_hand_overs(self.app.now()).await {
                tracing::warn!(%error, "overdue hand-overs cannot be looked for; trying again");
            }
            if let Err(error) = self.remind_notifications(self.app.now()).await {
                tracing::warn!(%error, "overdue notifications cannot be looked for; trying again");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Tells both ends of hand-overs that nobody has answered by `at`; how many were told.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn remind_hand_overs(&self, at: DateTime<Utc>) -> Result<i64, DbError> {
        let mut tx = self.pool.begin(Role::Jobs, &Scope::default()).await?;
        let told = samples::remind_hand_overs(&mut tx, at, self.app.settings.genetics.transit_hours).await?;
        tx.commit().await?;
        Ok(told)
    }
    /// Tells institutions of families that were to be told by `at` and are not; how many were told.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn remind_notifications(&self, at: DateTime<Utc>) -> Result<i64, DbError> {
        let mut tx = self.pool.begin(Role::Jobs, &Scope::default()).await?;
        let told = notifications::remind(&mut tx, at).await?;
        tx.commit().await?;
        Ok(told)
    }
}
