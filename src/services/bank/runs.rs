//! A search of the whole bank: every family of the institution with all remains, in parts that workers share. One that dies loses nothing: its part is claimed
//! again. For a change of frequencies, model or release; what is new is searched by itself.

use super::profiles::{begin, key};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::profiles::{self, RunLine};
use crate::db::queue;
use crate::domain::actor::Actor;
use crate::domain::ids::SearchRunId;
use crate::services::ServiceError;

/// Families of one part: some tenths of a second of work with thousands of remains.
pub const FAMILIES: usize = 100;

/// Begins a run, in parts of so many families (usually [`FAMILIES`]).
///
/// # Errors
/// [`ServiceError::Forbidden`] for anybody but geneticists; [`ServiceError::NoBank`].
pub async fn begin_run(app: &App, actor: &Actor, families: usize) -> Result<SearchRunId, ServiceError> {
    key(app)?;
    let mut tx = begin(app, actor).await?;
    let id = SearchRunId::new(&*app.ids);
    let parts = profiles::begin_run(&mut tx, id, actor.authority, families, app.now()).await?;
    for n in 0..parts {
        let dedupe = format!("{id}:{n}");
        queue::enqueue(&mut tx, "bank_chunk", serde_json::json!({ "run": id, "n": n }), Some(&dedupe), -1).await?;
    }
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("create", "search_run", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(id)
}

/// How a run goes.
///
/// # Errors
/// [`ServiceError::Forbidden`]; [`ServiceError::NotFound`].
pub async fn read(app: &App, actor: &Actor, id: SearchRunId) -> Result<RunLine, ServiceError> {
    let mut tx = begin(app, actor).await?;
    let run = profiles::run(&mut tx, id).await?;
    tx.commit().await?;
    Ok(run)
}

/// The last runs, newest first.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<RunLine>, ServiceError> {
    let mut tx = begin(app, actor).await?;
    let runs = profiles::runs(&mut tx, 50).await?;
    tx.commit().await?;
    Ok(runs)
}

/// Cancels a run: parts that are not done are left.
///
/// # Errors
/// [`ServiceError::Refused`] when it has ended; [`ServiceError::Forbidden`].
pub async fn cancel(app: &App, actor: &Actor, id: SearchRunId) -> Result<(), ServiceError> {
    let mut tx = begin(app, actor).await?;
    profiles::run(&mut tx, id).await?;
    if !profiles::cancel_run(&mut tx, id, app.now()).await? {
        return Err(ServiceError::Refused("the run has ended".to_owned()));
    }
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("cancel", "search_run", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(())
}
