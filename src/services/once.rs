//! A request sent twice is done once: its key is taken, with what will come of it, before anything else of the transaction.

use super::ServiceError;
use super::cases::made_before;
use crate::app::App;
use crate::db::Tx;
use crate::db::forms::{self, OnceKey};
use crate::domain::actor::Actor;
use uuid::Uuid;

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
    made_before(tx, actor, key).await?.map(Some).ok_or(ServiceError::Reused)
}

/// What a request made, and whether it was done before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The id of what was made.
    pub id: Uuid,
    /// Whether the same request had made it already; nothing was written again.
    pub before: bool,
}
