//! One file per kind of job. A kind once released is never renamed or removed, only retired.

mod import_file;
mod match_parties;
mod match_records;
mod relay;
pub(super) mod reweigh;
mod send_mail;

use super::runner::{JobError, Worker};
use crate::db::queue::Claimed;

/// Runs a job by its kind.
///
/// # Errors
/// [`JobError`], saying whether to try again.
pub async fn run(worker: &Worker, job: &Claimed) -> Result<(), JobError> {
    match job.kind.as_str() {
        "bank_chunk" => super::bank::chunk(worker, &job.payload).await,
        "import_file" => import_file::run(worker, job).await,
        "match_parties" => match_parties::run(worker, &job.payload).await,
        "match_records" => match_records::run(worker, &job.payload).await,
        "relay" => relay::run(worker).await,
        "reweigh" => reweigh::run(worker, &job.payload).await,
        "identify_jointly" => super::joint::identify(worker, &job.payload).await,
        "search_bank" => super::bank::search(worker, &job.payload).await,
        "send_mail" => send_mail::run(worker).await,
        other => Err(JobError::Fail(format!("no job is called {other}"))),
    }
}
