//! The matcher of this process as the engine that use cases ask for explanations.

use super::Matcher;
use crate::db::Pool;
use crate::services::ServiceError;
use crate::services::explanations::{Asked, Engine, Weighed};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;

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
