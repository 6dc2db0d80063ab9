//! The matcher of this process as the engine that use cases ask for explanations.

use super::Matcher;
use crate::app::App;
use crate::db::{DbError, Pool};
use crate::services::ServiceError;
use crate::services::explanations::{Asked, Engine, Weighed};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two looks at the change feed while nobody asks; the feed forgets after a day.
const POLL: Duration = Duration::from_secs(60);

/// A matcher and the connections it follows the change feed with.
pub struct Explainer {
    /// The matcher.
    pub matcher: Arc<Matcher>,
    /// Connections under the matcher's role.
    pub pool: Pool,
}

impl Engine for Explainer {
    fn explain(&self, asked: Asked) -> BoxFuture<'_, Result<Option<Weighed>, ServiceError>> {
        async move {
            // What was written a moment ago counts, and so does a consent withdrawn a moment ago.
            self.matcher.catch_up(&self.pool).await?;
            let matcher = Arc::clone(&self.matcher);
            tokio::task::spawn_blocking(move || matcher.explain(asked)).await.map_err(|e| ServiceError::Internal(e.into()))
        }
        .boxed()
    }
}

/// Loads a matcher for a process that works no queue, so that it can explain too, and keeps it in step with the change feed until `stop`. Until it is
/// loaded use cases say that no engine is ready.
///
/// # Errors
/// [`DbError`] when no pool can be made of the settings; a database that is away is waited for.
pub async fn keep(app: &App, stop: &CancellationToken) -> Result<(), DbError> {
    let pool = Pool::new(&app.settings.database.url.0, 2, "rastro-explain")?;
    let mut matcher: Option<Arc<Matcher>> = None;
    while !stop.is_cancelled() {
        let kept = match &matcher {
            Some(matcher) => matcher.catch_up(&pool).await.map_err(|e| e.to_string()),
            None => match Matcher::load(&app.settings.link, &pool).await {
                Ok(loaded) => {
                    let loaded = Arc::new(loaded);
                    let _ = app.engine.set(Arc::new(Explainer { matcher: loaded.clone(), pool: pool.clone() }));
                    matcher = Some(loaded);
                    Ok(())
                }
                Err(error) => Err(error.to_string()),
            },
        };
        if let Err(error) = kept {
            tracing::warn!(error, "the explaining matcher cannot read the records; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}
