//! Claims jobs with a lease, commits, runs them outside any transaction, reports. Every job can be run twice.

use super::Matcher;
use super::bank::Bank;
use super::kinds;
use super::listener::Bells;
use crate::app::App;
use crate::db::queue::{self, Claimed};
use crate::db::{DbError, Pool, Role, Scope};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const POLL: Duration = Duration::from_secs(10);
/// One at a time: an urgent job that comes in while a batch runs would wait for all of it.
const BATCH: i64 = 1;
/// Kinds that can take minutes. A worker runs one of them beside the quick ones, so that a new case never waits behind a file.
const LONG: &[&str] = &["import_file", "bank_chunk", "identify_jointly"];

/// Why a job did not succeed, and whether to try again.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Try again later.
    #[error("to be tried again: {0}")]
    Retry(String),
    /// Something outside is not there yet; tried again for as long as it takes, never set aside.
    #[error("waiting: {0}")]
    Wait(String),
    /// It can never succeed.
    #[error("set aside: {0}")]
    Fail(String),
}

impl From<DbError> for JobError {
    fn from(error: DbError) -> Self {
        Self::Retry(error.to_string())
    }
}

impl From<crate::services::ServiceError> for JobError {
    fn from(error: crate::services::ServiceError) -> Self {
        Self::Retry(error.to_string())
    }
}

/// What a worker needs.
#[derive(Clone)]
pub struct Worker {
    /// The application.
    pub app: Arc<App>,
    /// Connections for jobs.
    pub pool: Pool,
    /// The matcher of this process.
    pub matcher: Arc<Matcher>,
    /// This worker's name in the queue.
    pub name: String,
    /// The bank of this process, once it is loaded.
    pub loaded: Arc<tokio::sync::OnceCell<Bank>>,
}

impl Worker {
    /// Shows in the metrics how many records the matcher holds.
    pub(super) fn show_size(&self) {
        let (cases, found_records) = self.matcher.size();
        self.app.metrics.store_cases.set(i64::try_from(cases).unwrap_or(i64::MAX));
        self.app.metrics.store_found_records.set(i64::try_from(found_records).unwrap_or(i64::MAX));
    }

    /// Runs jobs until `stop`, woken by the bell and by polling: one after the other of any kind, and quick ones beside.
    ///
    /// # Errors
    /// Never: a database that is away is waited for.
    pub async fn run(&self, bells: &Bells, stop: &CancellationToken) -> Result<(), DbError> {
        self.show_size();
        if let Err(error) = self.reweigh_if_due().await {
            tracing::warn!(%error, "whether open hypotheses are to be weighed anew is not known; asked again with the next growth or start");
        }
        // Held before the first profile comes, so that it does not wait for the families' tables.
        if self.app.bank_key.is_some()
            && let Err(error) = self.bank().await
        {
            tracing::warn!(%error, "the bank cannot be loaded; tried again with the next search");
        }
        tokio::join!(self.lane(&[], bells, stop), self.lane(LONG, bells, stop), self.remind(stop), self.follow_bank(bells, stop));
        let mut tx = self.pool.begin(Role::Jobs, &Scope::default()).await?;
        queue::release(&mut tx, &self.name).await?;
        tx.commit().await
    }

    /// Begins to weigh open hypotheses anew where the model, the prior or the frequencies are others than they were weighed with; says whether it did.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn reweigh_if_due(&self) -> Result<bool, DbError> {
        kinds::reweigh::begin_if_due(self).await
    }

    async fn lane(&self, except: &[&str], bells: &Bells, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            // Interest is registered before the queue is looked at, so a job added in between rings.
            let bell = bells.job.notified();
            match self.run_ready(except, stop).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::warn!(%error, "the queue cannot be read; trying again"),
            }
            tokio::select! {
                () = bell => {}
                () = tokio::time::sleep(POLL) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Runs what is ready now, none of the kinds in `except`, and returns how many jobs were claimed.
    ///
    /// # Errors
    /// [`DbError`] when the queue cannot be read.
    pub async fn run_ready(&self, except: &[&str], stop: &CancellationToken) -> Result<usize, DbError> {
        let mut tx = self.pool.begin(Role::Jobs, &Scope::default()).await?;
        let claimed = queue::claim(&mut tx, &self.name, BATCH, except).await?;
        tx.commit().await?;
        let n = claimed.len();
        for job in claimed {
            if stop.is_cancelled() {
                break;
            }
            self.run_one(job).await?;
        }
        Ok(n)
    }

    /// Runs jobs until none is left that is ready: for tests, the demonstration and one-shot commands.
    ///
    /// # Errors
    /// [`DbError`] when the queue cannot be read.
    pub async fn run_until_empty(&self) -> Result<(), DbError> {
        let never = CancellationToken::new();
        while self.run_ready(&[], &never).await? > 0 {}
        Ok(())
    }

    async fn run_one(&self, job: Claimed) -> Result<(), DbError> {
        let outcome = kinds::run(self, &job).await;
        let mut tx = self.pool.begin(Role::Jobs, &Scope::default()).await?;
        match outcome {
            Ok(()) => queue::finish(&mut tx, &self.name, job.id).await?,
            Err(error) => {
                let most_tries = match error {
                    JobError::Fail(_) => Some(0),
                    JobError::Retry(_) => Some(queue::MOST_TRIES),
                    JobError::Wait(_) => None,
                };
                tracing::warn!(job.id, job.kind, %error, "a job did not succeed");
                queue::fail(&mut tx, &self.name, job.id, &error.to_string(), most_tries).await?;
            }
        }
        tx.commit().await
    }
}
