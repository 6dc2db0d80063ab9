//! Compares new or changed records with everything they may be compared with, and hands the strongest pairs over as
//! hypotheses and possible duplicates.

use crate::db::{Role, Scope, queue};
use crate::jobs::runner::{JobError, Worker};
use uuid::Uuid;

#[derive(serde::Deserialize)]
struct Payload {
    kind: String,
    ids: Vec<Uuid>,
}

pub(super) async fn run(worker: &Worker, payload: &serde_json::Value) -> Result<(), JobError> {
    let payload: Payload = serde_json::from_value(payload.clone()).map_err(|e| JobError::Fail(e.to_string()))?;
    worker.matcher.catch_up(&worker.pool).await?;
    let matched = worker.matcher.match_subjects(&worker.app, &worker.pool, &payload.kind, &payload.ids).await?;
    worker.show_size();
    if worker.matcher.grew() {
        worker.reweigh_if_due().await?;
    }
    let metrics = &worker.app.metrics;
    metrics.pairs.inc_by(matched.considered as u64);
    metrics.proposed.inc_by(matched.proposed as u64);
    metrics.duplicates.inc_by(matched.duplicates as u64);
    if matched.proposed > 0 && worker.loaded.get().is_some_and(|bank| bank.size() != (0, 0)) {
        // What DNA says of the new pairs, also where it says nothing for them.
        let wanted = if payload.kind == "case" { "cases" } else { "founds" };
        let mut tx = worker.pool.begin(Role::Jobs, &Scope::default()).await?;
        queue::enqueue(&mut tx, "search_bank", serde_json::json!({ wanted: payload.ids }), None, 5).await?;
        tx.commit().await?;
    }
    Ok(())
}
