//! Many records at once, in the caller's order: the same registration as one by one, announced to the matcher in one piece.

use super::ServiceError;
use super::cases::NewCase;
use super::found::NewFound;
use crate::app::App;
use crate::db::{feed, queue};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::ids::{CaseId, FoundId};
use uuid::Uuid;

const CHUNK: usize = 200;

/// Registers cases in transactions of 200 and returns their ids. `progress` hears how many are done.
///
/// # Errors
/// The first refusal; the chunks before it stay.
pub async fn register_cases(app: &App, actor: &Actor, cases: &[NewCase], progress: &dyn Fn(usize)) -> Result<Vec<Uuid>, ServiceError> {
    actor.require(Right::WriteCases)?;
    let mut all = Vec::with_capacity(cases.len());
    for chunk in cases.chunks(CHUNK) {
        let mut tx = app.pool.begin_for(actor).await?;
        let mut ids = Vec::with_capacity(chunk.len());
        for new in chunk {
            new.check(app.clock.today())?;
            ids.push(super::cases::register_in(&mut tx, app, actor, CaseId::new(&*app.ids), new).await?.id.0);
        }
        announce(&mut tx, "case", &ids).await?;
        tx.commit().await?;
        all.extend(ids);
        progress(all.len());
    }
    Ok(all)
}

/// Registers found records in transactions of 200 and returns their ids. `progress` hears how many are done.
///
/// # Errors
/// The first refusal; the chunks before it stay.
pub async fn register_found(app: &App, actor: &Actor, records: &[NewFound], progress: &dyn Fn(usize)) -> Result<Vec<Uuid>, ServiceError> {
    actor.require(Right::WriteFound)?;
    let mut all = Vec::with_capacity(records.len());
    for chunk in records.chunks(CHUNK) {
        let mut tx = app.pool.begin_for(actor).await?;
        let mut ids = Vec::with_capacity(chunk.len());
        for new in chunk {
            new.check(app.clock.today())?;
            ids.push(super::found::register_in(&mut tx, app, actor, FoundId::new(&*app.ids), new).await?.id.0);
        }
        announce(&mut tx, "found_record", &ids).await?;
        tx.commit().await?;
        all.extend(ids);
        progress(all.len());
    }
    Ok(all)
}

async fn announce(tx: &mut crate::db::Tx, kind: &str, ids: &[Uuid]) -> Result<(), ServiceError> {
    feed::append(tx, kind, ids).await?;
    queue::enqueue(tx, "match_records", serde_json::json!({ "kind": kind, "ids": ids }), None, 0).await?;
    Ok(())
}

/// The external ids an authority holds, of cases or found records.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn external_ids(app: &App, actor: &Actor, kind: &str) -> Result<std::collections::HashSet<String>, ServiceError> {
    let mut tx = app.pool.begin_for(actor).await?;
    let ids = crate::db::cases::external_ids(&mut tx, actor.authority, kind).await?;
    tx.commit().await?;
    Ok(ids.into_iter().collect())
}
