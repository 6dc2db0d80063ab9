//! Checks or writes an uploaded file. Long work: the lease is renewed while it goes on, and after a kill the next worker goes on where it stood.

use crate::db::queue::Claimed;
use crate::db::{Role, Scope, queue};
use crate::domain::authority::Purpose;
use crate::domain::ids::{AuthorityId, UserId};
use crate::interop::run::{Input, drive};
use crate::jobs::runner::{JobError, Worker};
use crate::services::{ServiceError, imports};
use std::time::Duration;
use uuid::Uuid;

const RENEW: Duration = Duration::from_secs(30);

#[derive(serde::Deserialize)]
struct Payload {
    run: Uuid,
    authority: Uuid,
    user: Uuid,
}

pub(super) async fn run(worker: &Worker, job: &Claimed) -> Result<(), JobError> {
    let payload: Payload = serde_json::from_value(job.payload.clone()).map_err(|e| JobError::Fail(e.to_string()))?;
    tokio::select! {
        done = import(worker, &payload) => done,
        lost = keep_lease(worker, job.id) => lost,
    }
}

async fn import(worker: &Worker, payload: &Payload) -> Result<(), JobError> {
    let app = &*worker.app;
    let ended = |e: ServiceError| match e {
        ServiceError::NotFound | ServiceError::Forbidden(_) => JobError::Fail(e.to_string()),
        other => other.into(),
    };
    let whose = |purpose: Option<Purpose>| imports::actor_of(app, AuthorityId(payload.authority), UserId(payload.user), purpose);
    let actor = whose(None).await.map_err(ended)?;
    let run = imports::run(app, &actor, payload.run).await.map_err(ended)?;
    if !run.state().is_open() {
        return Ok(());
    }
    let actor = whose(imports::kept(&run)?.purpose).await.map_err(ended)?;
    let Some(content) = imports::content(app, &actor, run.id).await? else {
        return Err(JobError::Fail("the file of the import is not kept any more".to_owned()));
    };
    drive(app, &actor, run, Input::Bytes(content), &|_| {}).await?;
    Ok(())
}

async fn keep_lease(worker: &Worker, job: i64) -> Result<(), JobError> {
    loop {
        tokio::time::sleep(RENEW).await;
        let mut tx = worker.pool.begin(Role::Jobs, &Scope::default()).await?;
        let held = queue::extend(&mut tx, &worker.name, job).await?;
        tx.commit().await?;
        if !held {
            return Err(JobError::Retry("another worker took the import over".to_owned()));
        }
    }
}
