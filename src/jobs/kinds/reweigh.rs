//! Weighs open hypotheses anew after the model, the prior or the frequencies changed: a piece of the cases, then the next piece as a job of its own,
//! which others may go before. Where it stands is in the database, so that whoever comes after a kill goes on there.

use crate::db::reweighing::{self, ReweighingRow};
use crate::db::{DbError, Role, Scope, queue};
use crate::jobs::runner::{JobError, Worker};
use uuid::Uuid;

/// Cases of one piece.
const PIECE: i32 = 50;
/// A side that grew by this share of what it was, and by this many records, has other frequencies.
const GROWTH: usize = 5;
const LEAST_GROWTH: usize = 100;

#[derive(serde::Deserialize)]
struct Payload {
    run: Uuid,
}

/// True when a side has grown so much since that its frequencies are others.
pub(in crate::jobs) fn grew(before: usize, now: usize) -> bool {
    now > before + (before / GROWTH).max(LEAST_GROWTH)
}

/// Begins to weigh anew where it is due: when another model weighed an open hypothesis, or the prior or the frequencies are others than when it was
/// last done. Says whether it began.
///
/// # Errors
/// [`DbError`].
pub(in crate::jobs) async fn begin_if_due(worker: &Worker) -> Result<bool, DbError> {
    let (model, expected) = worker.matcher.model();
    let (cases, found_records) = worker.matcher.measure();
    let mut tx = worker.pool.begin(Role::Matcher, &Scope::default()).await?;
    let weighed = reweighing::weighed(&mut tx, &model).await?;
    tx.commit().await?;
    let mut tx = worker.pool.begin(Role::Jobs, &Scope::default()).await?;
    let last = reweighing::last(&mut tx).await?;
    let size = |n: i64| usize::try_from(n).unwrap_or(0);
    let due = match &last {
        Some(last) if last.ended_at.is_none() && last.model == model => false,
        Some(last) => {
            weighed.outdated
                || (last.expected - expected).abs() > 1e-9
                || grew(size(last.cases), cases)
                || grew(size(last.found_records), found_records)
        }
        None => weighed.outdated,
    };
    if due || last.is_none() {
        let now = worker.app.now();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let row = ReweighingRow {
            id: worker.app.ids.next(),
            expected,
            cases: count(cases),
            found_records: count(found_records),
            total: if due { weighed.cases } else { 0 },
            done: 0,
            after_case: Uuid::nil(),
            began_at: now,
            ended_at: (!due).then_some(now),
            model,
        };
        reweighing::insert(&mut tx, &row).await?;
        if due {
            tracing::info!(model = row.model, cases = row.total, "open hypotheses are weighed anew");
            next(&mut tx, row.id).await?;
        }
    }
    tx.commit().await?;
    Ok(due)
}

async fn next(tx: &mut crate::db::Tx, run: Uuid) -> Result<(), DbError> {
    queue::enqueue(tx, "reweigh", serde_json::json!({ "run": run }), Some(&run.to_string()), -10).await
}

pub(super) async fn run(worker: &Worker, payload: &serde_json::Value) -> Result<(), JobError> {
    let payload: Payload = serde_json::from_value(payload.clone()).map_err(|e| JobError::Fail(e.to_string()))?;
    let mut tx = worker.pool.begin(Role::Jobs, &Scope::default()).await?;
    let row = reweighing::get(&mut tx, payload.run).await?;
    tx.commit().await?;
    if row.ended_at.is_some() {
        return Ok(());
    }
    let mut cases = Vec::new();
    // A worker with another model has begun, or will begin, to weigh with that.
    if row.model == worker.matcher.model().0 {
        worker.matcher.catch_up(&worker.pool).await?;
        let mut tx = worker.pool.begin(Role::Matcher, &Scope::default()).await?;
        cases = reweighing::open_cases(&mut tx, row.after_case, PIECE).await?;
        tx.commit().await?;
        worker.matcher.match_subjects(&worker.app, &worker.pool, "case", &cases).await?;
    }
    let mut tx = worker.pool.begin(Role::Jobs, &Scope::default()).await?;
    if let Some(last) = cases.last() {
        reweighing::advance(&mut tx, row.id, *last, i64::try_from(cases.len()).unwrap_or(0)).await?;
        next(&mut tx, row.id).await?;
    } else {
        reweighing::end(&mut tx, row.id, worker.app.now()).await?;
        tracing::info!(model = row.model, cases = row.done, "open hypotheses have been weighed anew");
    }
    tx.commit().await?;
    Ok(())
}
