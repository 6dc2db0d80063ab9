//! After an agreement changed: the parties' cases are compared anew, in pieces that other jobs may go before.

use crate::db::{Role, Scope, queue, subjects};
use crate::jobs::runner::{JobError, Worker};
use uuid::Uuid;

/// Cases of one piece.
const PIECE: usize = 50;

#[derive(serde::Deserialize)]
struct Payload {
    parties: Vec<Uuid>,
}

pub(super) async fn run(worker: &Worker, payload: &serde_json::Value) -> Result<(), JobError> {
    let payload: Payload = serde_json::from_value(payload.clone()).map_err(|e| JobError::Fail(e.to_string()))?;
    let mut tx = worker.pool.begin(Role::Matcher, &Scope::default()).await?;
    let cases = subjects::cases_of(&mut tx, &payload.parties).await?;
    tx.commit().await?;
    let mut tx = worker.pool.begin(Role::Jobs, &Scope::default()).await?;
    for piece in cases.chunks(PIECE) {
        queue::enqueue(&mut tx, "match_records", serde_json::json!({ "kind": "case", "ids": piece }), None, -10).await?;
    }
    tx.commit().await?;
    Ok(())
}
