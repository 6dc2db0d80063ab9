//! After an agreement changed: the parties' records are compared anew, in pieces that other jobs may go before.

use crate::db::{Role, Scope, queue, subjects};
use crate::jobs::runner::{JobError, Worker};
use uuid::Uuid;

/// Records of one piece.
const PIECE: usize = 50;

#[derive(serde::Deserialize)]
struct Payload {
    parties: Vec<Uuid>,
}

pub(super) async fn run(worker: &Worker, payload: &serde_json::Value) -> Result<(), JobError> {
    let payload: Payload = serde_json::from_value(payload.clone()).map_err(|e| JobError::Fail(e.to_string()))?;
    let mut tx = worker.pool.begin(Role::Matcher, &Scope::default()).await?;
    let cases = subjects::records_of(&mut tx, "case", &payload.parties).await?;
    // For their duplicates; hypotheses come of the cases alone.
    let found = subjects::records_of(&mut tx, "found_record", &payload.parties).await?;
    tx.commit().await?;
    let mut tx = worker.pool.begin(Role::Jobs, &Scope::default()).await?;
    for (kind, records) in [("case", cases), ("found_record", found)] {
        for piece in records.chunks(PIECE) {
            queue::enqueue(&mut tx, "match_records", serde_json::json!({ "kind": kind, "ids": piece }), None, -10).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
