//! Keeps the spatial index of this process in step with the change feed and tells open pages what happened to hypotheses.

use super::listener::Bells;
use crate::app::{App, Happening};
use crate::db::feed::Cursor;
use crate::db::{DbError, Role, Scope, hypotheses};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const POLL: Duration = Duration::from_secs(10);

/// Follows the feed from `cursor` until `stop`.
///
/// # Errors
/// Never: a database that is away is waited for.
pub async fn follow(app: &App, mut cursor: Cursor, bells: &Bells, stop: &CancellationToken) -> Result<(), DbError> {
    while !stop.is_cancelled() {
        let bell = bells.change.notified();
        if let Err(error) = step(app, &mut cursor).await {
            tracing::warn!(%error, "the change feed cannot be read; trying again");
        }
        tokio::select! {
            () = bell => {}
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

/// Takes over what the feed holds since the last call.
///
/// # Errors
/// [`DbError`].
pub async fn step(app: &App, cursor: &mut Cursor) -> Result<(), DbError> {
    let mut tx = app.pool.begin(Role::Matcher, &Scope::default()).await?;
    let changes = cursor.next(&mut tx).await?;
    for change in changes.iter().filter(|c| c.kind == "hypothesis") {
        for (hypothesis, viewers) in hypotheses::viewers(&mut tx, &change.ids).await? {
            // Nobody listening is no failure.
            let _ = app.happenings.send(Happening { seq: change.seq, hypothesis, viewers });
        }
    }
    tx.commit().await?;
    app.space.follow(&app.pool, &changes).await
}
