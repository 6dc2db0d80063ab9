//! Delivers the outbox on this node: tells the authorities whom a note concerns, then lets mail follow.

use crate::db::{Role, Scope, queue};
use crate::jobs::runner::{JobError, Worker};

const BATCH: i64 = 200;

pub(super) async fn run(worker: &Worker) -> Result<(), JobError> {
    loop {
        let mut tx = worker.pool.begin(Role::Jobs, &Scope::default()).await?;
        let notes = queue::undelivered(&mut tx, BATCH).await?;
        let mut told = 0;
        for note in &notes {
            told += queue::deliver(&mut tx, note, worker.app.now()).await?;
        }
        if told > 0 {
            queue::enqueue(&mut tx, "send_mail", serde_json::json!({}), Some("send_mail"), 0).await?;
        }
        tx.commit().await?;
        if notes.is_empty() {
            return Ok(());
        }
    }
}
