//! A request sent twice is done once: its key is taken, with what will come of it, before anything else of the transaction.

use super::ServiceError;
use crate::app::App;
use crate::db::Tx;
use crate::db::forms::{self, OnceKey};
use crate::domain::actor::Actor;
use uuid::Uuid;

/// What a request made, and whether the same request had made it already; nothing was written again then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done<T = Uuid> {
    /// What was made, or its id.
    pub made: T,
    /// Whether it was done before.
    pub before: bool,
}

impl<T> Done<T> {
    pub(super) const fn first(made: T) -> Self {
        Self { made, before: false }
    }

    pub(super) const fn again(made: T) -> Self {
        Self { made, before: true }
    }
}

/// Takes a key for `made`. `None` when it is free (or there is no key): go on and write; the key holds when the transaction commits. Otherwise what
/// came of the same request before. Waits for a twin that is being written.
///
/// # Errors
/// [`ServiceError::Reused`] when the key was used for another request.
pub(super) async fn claim(tx: &mut Tx, app: &App, actor: &Actor, key: Option<&OnceKey>, made: Uuid) -> Result<Option<Uuid>, ServiceError> {
    let Some(key) = key else { return Ok(None) };
    if forms::take(tx, actor, key, &made.to_string(), app.now()).await? {
        return Ok(None);
    }
    match forms::made(tx, actor, key).await? {
        Some((made, digest)) if digest == key.digest => made.parse().map(Some).map_err(|e: uuid::Error| ServiceError::Internal(e.into())),
        _ => Err(ServiceError::Reused),
    }
}
