//! Imports: runs that check or write the rows of a file. Rows arrive mapped, in batches ([`batch`]); who reads the file is the caller's business.
//!
//! A run moves on in the transaction that writes its rows, so a killed import goes on where it stood, with nothing lost and nothing twice.

pub mod batch;
pub mod compare;
pub mod differences;
pub mod write;

use super::ServiceError;
use super::cases::ConsentForm;
use super::once::{self, Done};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::forms::OnceKey;
use crate::db::imports::{self, ProblemGroup, ProblemRow, RunRow};
use crate::db::{DbError, Role as DbRole, Scope, Tx, accounts, queue};
use crate::domain::actor::Actor;
use crate::domain::authority::{Purpose, Right};
use crate::domain::ids::{AuthorityId, UserId};
use crate::domain::import::{ImportKind, ImportState};
use crate::domain::violations::Violations;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The scheme of identifiers when nobody names one: the office's own numbers, as at single registration.
pub const OWN_SCHEME: &str = "OWN";

/// How a file is read, and what holds for the whole of it. Kept with the run, so that going on reads it the same way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reading {
    /// Header to field; an empty field leaves the column out.
    pub map: BTreeMap<String, String>,
    /// Encoding by name, when the detection is wrong.
    pub encoding: Option<String>,
    /// `day_first` or `month_first`, for dates such as 03/04/2021.
    pub date_order: Option<String>,
    /// `male_female` (M, F) or `hombre_mujer` (H, M), for letters in the sex column.
    pub sex_letters: Option<String>,
    /// Leaves a value out that cannot be true, with a warning, where otherwise its row would stay out.
    pub drop_faulty_values: bool,
    /// The day the file is judged by: later dates are faults.
    pub today: Option<NaiveDate>,
}

/// What is kept of a run beside its row's own columns.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// How the file is read.
    pub reading: Reading,
    /// The consents that hold for every case, and for every record of a living person, of the file.
    pub consent: Option<ConsentForm>,
    /// For what the importing person works.
    pub purpose: Option<Purpose>,
}

/// A file to import.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// What it holds.
    pub kind: ImportKind,
    /// Its name, for people.
    pub file_name: String,
    /// SHA-256 of its bytes.
    pub digest: Vec<u8>,
    /// Its length.
    pub bytes: u64,
    /// Scheme of its identifiers where the file names none.
    pub scheme: String,
    /// How it is read.
    pub reading: Reading,
    /// Consents for the whole of it.
    pub consent: Option<ConsentForm>,
    /// Only read it; somebody confirms later.
    pub check_only: bool,
    /// The file itself, when another process is to read it.
    pub content: Option<Vec<u8>>,
}

impl NewRun {
    fn check(&self) -> Result<(), Violations> {
        let mut faults = Violations::default();
        faults.check_text("/file_name", &self.file_name, 300);
        faults.check_text("/scheme", &self.scheme, 50);
        if self.bytes == 0 {
            faults.add("/file", "empty", "the file is empty");
        }
        if let Some(consent) = &self.consent {
            super::consents::check_form(consent, "/consent", &mut faults);
        }
        faults.into_result()
    }

    /// The same bytes read in another way, or with other consents, are another import.
    fn identity(&self) -> Vec<u8> {
        let mut digest = Sha256::new();
        digest.update(&self.digest);
        digest.update(self.scheme.as_bytes());
        digest.update(serde_json::to_vec(&Reading { today: None, ..self.reading.clone() }).unwrap_or_default());
        digest.update(serde_json::to_vec(&self.consent).unwrap_or_default());
        digest.finalize().to_vec()
    }
}

/// The right that a kind of file needs beside the right to import.
const fn write_right(kind: ImportKind) -> Option<Right> {
    match kind {
        ImportKind::Cases => Some(Right::WriteCases),
        ImportKind::Records => Some(Right::WriteFound),
        ImportKind::Mmp => None,
    }
}

/// The kinds of file somebody may import.
#[must_use]
pub fn kinds_for(actor: &Actor) -> Vec<ImportKind> {
    ImportKind::ALL.iter().copied().filter(|k| actor.may(Right::Import) && write_right(*k).is_none_or(|r| actor.may(r))).collect()
}

fn require(actor: &Actor, kind: ImportKind) -> Result<(), ServiceError> {
    actor.require(Right::Import)?;
    write_right(kind).map_or(Ok(()), |right| actor.require(right))?;
    Ok(())
}

/// Begins a run, or gives the run of the same file that is still going on: the second start goes on where the first stood. With `content`, a
/// worker reads the file.
/// Once per key: the same request sent again makes nothing again.
///
/// # Errors
/// [`ServiceError::Forbidden`]; [`ServiceError::Invalid`]; [`ServiceError::Reused`].
pub async fn begin(app: &App, actor: &Actor, key: Option<&OnceKey>, new: NewRun) -> Result<Done<RunRow>, ServiceError> {
    require(actor, new.kind)?;
    new.check()?;
    let now = app.now();
    let identity = new.identity();
    let kept = Kept {
        reading: Reading { today: Some(new.reading.today.unwrap_or_else(|| app.clock.today())), ..new.reading },
        consent: new.consent,
        purpose: Some(actor.purpose),
    };
    let mut tx = app.pool.begin_for(actor).await?;
    let made = app.ids.next();
    if let Some(id) = once::claim(&mut tx, app, actor, key, made).await? {
        let run = imports::get(&mut tx, id).await?;
        tx.rollback().await?;
        return Ok(Done::again(run));
    }
    if !new.check_only
        && let Some(run) = imports::resumable(&mut tx, actor.authority, new.kind.as_str(), &identity).await?
    {
        tx.rollback().await?;
        return Ok(Done::first(run));
    }
    let row = RunRow {
        id: made,
        authority_id: actor.authority.0,
        user_id: Some(actor.user.0),
        kind: new.kind.as_str().to_owned(),
        file_name: new.file_name,
        file_digest: identity,
        file_bytes: i64::try_from(new.bytes).unwrap_or(i64::MAX),
        options: serde_json::to_value(&kept).map_err(|e| ServiceError::Internal(e.into()))?,
        scheme: new.scheme,
        state: if new.check_only { ImportState::Checking } else { ImportState::Running }.as_str().to_owned(),
        cancel_requested: false,
        done_bytes: 0,
        next_row: 0,
        rows_read: 0,
        accepted: 0,
        warned: 0,
        rejected: 0,
        skipped: 0,
        unchanged: 0,
        differing: 0,
        failure: None,
        created_at: now,
        updated_at: now,
        finished_at: None,
    };
    imports::insert(&mut tx, &row).await.map_err(|e| match e {
        DbError::Unique(_) => ServiceError::Refused("this file is being imported right now".to_owned()),
        other => other.into(),
    })?;
    if let Some(content) = &new.content {
        imports::put_file(&mut tx, row.id, actor.authority, content).await?;
        enqueue(&mut tx, &row).await?;
    }
    let event = Event::on("begin_import", "import", row.id, actor.authority).detail(serde_json::json!({ "kind": new.kind, "state": row.state }));
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(Done::first(row))
}

async fn enqueue(tx: &mut Tx, run: &RunRow) -> Result<(), ServiceError> {
    let payload = serde_json::json!({ "run": run.id, "authority": run.authority_id, "user": run.user_id });
    queue::enqueue(tx, "import_file", payload, Some(&run.id.to_string()), 0).await?;
    Ok(())
}

/// Confirms a checked file: now its rows are written, by a worker.
///
/// # Errors
/// [`ServiceError::Refused`] when it does not wait for that; [`ServiceError::NotFound`].
pub async fn confirm(app: &App, actor: &Actor, id: Uuid) -> Result<RunRow, ServiceError> {
    actor.require(Right::Import)?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let run = imports::get(&mut tx, id).await?;
    require(actor, run.kind())?;
    let moved = imports::set_state(&mut tx, id, &[ImportState::Checked], ImportState::Running, None, now).await.map_err(|e| match e {
        DbError::Unique(_) => ServiceError::Refused("this file is being imported right now".to_owned()),
        other => other.into(),
    })?;
    if !moved || imports::file(&mut tx, id).await?.is_none() {
        return Err(ServiceError::Refused("only a checked file can be confirmed, once".to_owned()));
    }
    imports::rewind(&mut tx, id).await?;
    enqueue(&mut tx, &run).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("confirm_import", "import", id, actor.authority)).await?;
    let run = imports::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(run)
}

/// Asks a run to stop; what it registered before stays. A checked file is given up.
///
/// # Errors
/// [`ServiceError::Refused`] when it has ended; [`ServiceError::NotFound`].
pub async fn cancel(app: &App, actor: &Actor, id: Uuid) -> Result<RunRow, ServiceError> {
    actor.require(Right::Import)?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let run = imports::get(&mut tx, id).await?;
    match run.state() {
        ImportState::Checked => {
            imports::set_state(&mut tx, id, &[ImportState::Checked], ImportState::Cancelled, None, now).await?;
            imports::drop_file(&mut tx, id).await?;
        }
        state if state.is_open() => imports::request_cancel(&mut tx, id, now).await?,
        _ => return Err(ServiceError::Refused("the import has ended".to_owned())),
    }
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("cancel_import", "import", id, actor.authority)).await?;
    let run = imports::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(run)
}

/// Reads a run of the authority's own.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn run(app: &App, actor: &Actor, id: Uuid) -> Result<RunRow, ServiceError> {
    actor.require(Right::Import)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let run = imports::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(run)
}

/// The authority's runs, newest first.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn runs(app: &App, actor: &Actor, limit: i64) -> Result<Vec<RunRow>, ServiceError> {
    actor.require(Right::Import)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let runs = imports::list(&mut tx, actor.authority, limit.clamp(1, 200)).await?;
    tx.commit().await?;
    Ok(runs)
}

/// The problems of a run after number `after`, in the order of the file.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn problems(app: &App, actor: &Actor, id: Uuid, after: i64, limit: i64) -> Result<Vec<ProblemRow>, ServiceError> {
    actor.require(Right::Import)?;
    let mut tx = app.pool.begin_for(actor).await?;
    imports::get(&mut tx, id).await?;
    let rows = imports::problems(&mut tx, id, after, limit.clamp(1, 10_000)).await?;
    // The values are what a file told of persons.
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read_problems", "import", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(rows)
}

/// The problems of a run by column and kind.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn problem_groups(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<ProblemGroup>, ServiceError> {
    actor.require(Right::Import)?;
    let mut tx = app.pool.begin_for(actor).await?;
    imports::get(&mut tx, id).await?;
    let groups = imports::problem_groups(&mut tx, id).await?;
    tx.commit().await?;
    Ok(groups)
}

/// The file of a run, for the worker that reads it.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn content(app: &App, actor: &Actor, id: Uuid) -> Result<Option<Vec<u8>>, ServiceError> {
    actor.require(Right::Import)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let content = imports::file(&mut tx, id).await?;
    tx.commit().await?;
    Ok(content)
}

/// The person in whose name a run works, if they still may: for the worker and the command line.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such user at the authority any more.
pub async fn actor_of(app: &App, authority: AuthorityId, user: UserId, purpose: Option<Purpose>) -> Result<Actor, ServiceError> {
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let row = accounts::user(&mut tx, user).await?;
    tx.commit().await?;
    let roles = row.roles();
    if row.authority_id != authority.0 || row.disabled_at.is_some() {
        return Err(ServiceError::NotFound);
    }
    let purpose = purpose.or_else(|| roles.first().map(|r| r.default_purpose())).unwrap_or(Purpose::Search);
    Ok(Actor { authority, user, roles, purpose, via_api: false })
}

/// The authority somebody works at.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn authority_of(app: &App, user: UserId) -> Result<AuthorityId, ServiceError> {
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let row = accounts::user(&mut tx, user).await?;
    tx.commit().await?;
    Ok(AuthorityId(row.authority_id))
}

/// What a run keeps beside its row's columns.
///
/// # Errors
/// [`ServiceError::Internal`] when another release wrote what this one cannot read.
pub fn kept(run: &RunRow) -> Result<Kept, ServiceError> {
    serde_json::from_value(run.options.clone()).map_err(|e| ServiceError::Internal(e.into()))
}
