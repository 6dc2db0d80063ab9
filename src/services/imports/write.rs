//! Writing a run, batch by batch: each is one transaction that holds its rows, its problems and the run's new place.

use super::batch::{Batch, Fault, Incoming, Rows};
use super::compare::{self, Sorted};
use super::{Kept, kept};
use crate::app::App;
use crate::db::audit::{Event, Who};
use crate::db::bulk::{Load, Loader};
use crate::db::cases::{ActionRow, CaseRow, EventRow, InquirerRow, event_row};
use crate::db::consents::ConsentRow;
use crate::db::found::FoundRow;
use crate::db::imports::{self, Advance, NewDifference, ProblemRow, RunRow, Step};
use crate::db::persons::{self, NameRow, PersonRow};
use crate::db::places::IncidentRow;
use crate::db::{DbError, Scope, accounts};
use crate::domain::actor::Actor;
use crate::domain::folio::Folio;
use crate::domain::ids::{CaseId, FoundId};
use crate::domain::import::{Counts, ImportState};
use crate::domain::person::Moment;
use crate::services::ServiceError;
use crate::services::cases::{self, ConsentForm, NewCase, Stamp};
use crate::services::consents::form_rows;
use crate::services::found::{self, NewFound};
use chrono::Datelike;
use uuid::Uuid;

/// How a run stands after a batch.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// What became of the rows so far.
    pub counts: Counts,
    /// Bytes read so far.
    pub done_bytes: u64,
    /// Whether to go on.
    pub go_on: bool,
}

/// Writes a run, or only checks it. One at a time works on a run; a second finds that out with its first batch.
pub struct Writer<'a> {
    app: &'a App,
    actor: &'a Actor,
    run: RunRow,
    kept: Kept,
    loader: Loader,
    /// Country and code of the authority, for folios.
    issuer: (String, String),
    next_problem: i64,
    counts: Counts,
}

/// The rows of a batch that go into the registry.
#[derive(Default)]
struct Prepared {
    ids: Vec<Uuid>,
    persons: Vec<PersonRow>,
    names: Vec<NameRow>,
    cases: Vec<CaseRow>,
    events: Vec<EventRow>,
    actions: Vec<ActionRow>,
    inquirers: Vec<InquirerRow>,
    found: Vec<FoundRow>,
    incidents: Vec<IncidentRow>,
    consents: Vec<ConsentRow>,
}

/// What a batch comes to.
struct Plan<'b> {
    fresh: Fresh<'b>,
    differing: Vec<NewDifference>,
    repeated: Vec<u64>,
    counts: Counts,
}

enum Fresh<'b> {
    Cases(Vec<&'b Incoming<NewCase>>),
    Records(Vec<&'b Incoming<NewFound>>),
    Incidents(Vec<&'b Incoming<IncidentRow>>),
}

impl<'a> Writer<'a> {
    /// Takes up a run where it stands, once nobody else works on it; nothing when it has ended.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] when another process keeps working on it; [`ServiceError::Database`].
    pub async fn open(app: &'a App, actor: &'a Actor, run: RunRow) -> Result<Option<Self>, ServiceError> {
        super::require(actor, run.kind())?;
        let kept = kept(&run)?;
        let mut loader = Loader::connect(&app.settings.database.url.0, Scope::from(actor)).await?;
        // A killed process may have a last commit under way: the run is read only when its connection is gone.
        if !loader.hold(run.id).await? {
            return Err(ServiceError::Refused("another process works on this import".to_owned()));
        }
        let mut tx = app.pool.begin_for(actor).await?;
        let run = imports::get(&mut tx, run.id).await?;
        let authority = accounts::authority(&mut tx, actor.authority).await?;
        let next_problem = imports::last_problem(&mut tx, run.id).await? + 1;
        tx.commit().await?;
        if !run.state().is_open() {
            return Ok(None);
        }
        let counts = run.counts();
        Ok(Some(Self { app, actor, run, kept, loader, issuer: (authority.country, authority.code), next_problem, counts }))
    }

    /// The row to go on with: everything before it is done.
    #[must_use]
    pub fn next_row(&self) -> u64 {
        u64::try_from(self.run.next_row).unwrap_or(0)
    }

    /// Writes a batch, or only sorts it when the run is a check.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] when another process works on the run; [`ServiceError::Database`]. Nothing of the batch was written then.
    pub async fn take(&mut self, batch: &Batch) -> Result<Progress, ServiceError> {
        // Somebody else may register the same identifier between looking and writing: then look again.
        for _ in 0..3 {
            let plan = self.plan(batch).await?;
            match self.write(batch, &plan).await {
                Err(ServiceError::Taken(_) | ServiceError::Database(DbError::Conflict)) => {}
                Err(other) => return Err(other),
                Ok(advance) => return self.settle(batch, &plan, advance).await,
            }
        }
        Err(ServiceError::Refused("others keep registering the same identifiers; start the import again".to_owned()))
    }

    async fn settle(&mut self, batch: &Batch, plan: &Plan<'_>, advance: Advance) -> Result<Progress, ServiceError> {
        let go_on = match advance {
            Advance::Go => {
                self.run.next_row = next_row(batch);
                self.next_problem += problem_count(batch, plan);
                self.counts += plan.counts;
                true
            }
            Advance::Cancel => {
                self.end(ImportState::Cancelled, None).await?;
                false
            }
            Advance::Lost => return Err(ServiceError::Refused("another process works on this import, or it has ended".to_owned())),
        };
        Ok(Progress { counts: self.counts, done_bytes: batch.done_bytes, go_on })
    }

    /// Ends the run: checked or finished.
    ///
    /// # Errors
    /// [`ServiceError::Database`].
    pub async fn finish(self) -> Result<RunRow, ServiceError> {
        let to = if self.run.state() == ImportState::Checking { ImportState::Checked } else { ImportState::Finished };
        self.end(to, None).await
    }

    /// Ends the run because the file cannot be read (any further). `reason` is a sentence for people and names no value.
    ///
    /// # Errors
    /// [`ServiceError::Database`].
    pub async fn fail(self, reason: &str) -> Result<RunRow, ServiceError> {
        self.end(ImportState::Failed, Some(reason)).await
    }

    async fn end(&self, to: ImportState, failure: Option<&str>) -> Result<RunRow, ServiceError> {
        let mut tx = self.app.pool.begin_for(self.actor).await?;
        imports::set_state(&mut tx, self.run.id, &[ImportState::Checking, ImportState::Running], to, failure, self.app.now()).await?;
        if to != ImportState::Checked {
            imports::drop_file(&mut tx, self.run.id).await?;
        }
        let run = imports::get(&mut tx, self.run.id).await?;
        tx.commit().await?;
        Ok(run)
    }

    async fn plan<'b>(&self, batch: &'b Batch) -> Result<Plan<'b>, ServiceError> {
        let mut tx = self.app.pool.begin_for(self.actor).await?;
        let plan = match &batch.rows {
            Rows::Cases(rows) => plan_of(compare::sort_cases(&mut tx, self.app, self.actor, rows).await?, batch, Fresh::Cases),
            Rows::Records(rows) => plan_of(compare::sort_found(&mut tx, self.app, self.actor, rows).await?, batch, Fresh::Records),
            Rows::Incidents(rows) => plan_of(compare::sort_incidents(&mut tx, self.app, rows).await?, batch, Fresh::Incidents),
        };
        tx.commit().await?;
        Ok(plan)
    }

    async fn write(&mut self, batch: &Batch, plan: &Plan<'_>) -> Result<Advance, ServiceError> {
        let now = self.app.now();
        let (app, actor) = (self.app, self.actor);
        let owner = actor.authority;
        let kind = self.run.kind().subject_kind();
        let problems = self.problems(batch, plan);
        let step = Step {
            from_row: self.run.next_row,
            next_row: next_row(batch),
            done_bytes: i64::try_from(batch.done_bytes).unwrap_or(i64::MAX),
            counts: plan.counts,
        };
        let mut load = self.loader.begin().await?;
        let advance = load.advance(self.run.id, &step, now).await?;
        if advance != Advance::Go {
            return Ok(advance);
        }
        load.write(&problems).await?;
        if self.run.state() == ImportState::Running {
            let rows = prepare(&mut load, app, &Stamp { actor, now }, &self.issuer, self.kept.consent.as_ref(), &plan.fresh).await?;
            put(&mut load, &rows).await?;
            load.differ(self.run.id, owner, kind, &plan.differing).await?;
            let concerns: Vec<Uuid> = plan.differing.iter().map(|d| d.subject).collect();
            if !rows.ids.is_empty() {
                load.announce(kind, &rows.ids).await?;
                if kind != "incident" {
                    load.post(&*app.ids, owner, kind, &rows.ids, now).await?;
                }
                let whose = Some(owner).filter(|_| kind != "incident");
                let detail = serde_json::json!({ "import": self.run.id });
                load.audit(&*app.ids, now, &Who::from(actor), Event::on_many("import", kind, rows.ids, whose).detail(detail)).await?;
            } else if !concerns.is_empty() {
                let event = Event::on_many("compare_import", kind, concerns, Some(owner));
                load.audit(&*app.ids, now, &Who::from(actor), event.detail(serde_json::json!({ "import": self.run.id }))).await?;
            }
        }
        load.commit().await?;
        Ok(advance)
    }

    fn problems(&self, batch: &Batch, plan: &Plan<'_>) -> Vec<ProblemRow> {
        let repeated = plan.repeated.iter().map(|row| Fault {
            row: *row,
            column: String::new(),
            value: String::new(),
            code: "repeated_id".to_owned(),
            reason: "an earlier row has the same identifier".to_owned(),
            is_error: true,
        });
        let (run_id, authority_id) = (self.run.id, self.run.authority_id);
        batch
            .faults
            .iter()
            .cloned()
            .chain(repeated)
            .zip(self.next_problem..)
            .map(|(fault, seq)| ProblemRow {
                run_id,
                authority_id,
                seq,
                row_no: i64::try_from(fault.row).unwrap_or(i64::MAX),
                column_name: Some(fault.column).filter(|c| !c.is_empty()),
                value: Some(fault.value).filter(|v| !v.is_empty()),
                code: fault.code,
                reason: fault.reason,
                severity: if fault.is_error { "error" } else { "warning" }.to_owned(),
            })
            .collect()
    }
}

/// A batch that only holds remarks leaves the run where it stands.
fn next_row(batch: &Batch) -> i64 {
    i64::try_from(batch.last_row).unwrap_or(i64::MAX).saturating_add(1)
}

fn problem_count(batch: &Batch, plan: &Plan<'_>) -> i64 {
    i64::try_from(batch.faults.len() + plan.repeated.len()).unwrap_or(i64::MAX)
}

fn plan_of<'b, T>(sorted: Sorted<'b, T>, batch: &Batch, fresh: impl Fn(Vec<&'b Incoming<T>>) -> Fresh<'b>) -> Plan<'b> {
    let size = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let warned = sorted.fresh.iter().filter(|r| r.warned).count();
    let counts = Counts {
        accepted: size(sorted.fresh.len() - warned),
        warned: size(warned),
        unchanged: sorted.unchanged,
        differing: size(sorted.differing.len()),
        rejected: batch.counts.rejected + size(sorted.repeated.len()),
        ..batch.counts
    };
    Plan { fresh: fresh(sorted.fresh), differing: sorted.differing, repeated: sorted.repeated, counts }
}

async fn prepare(
    load: &mut Load<'_>,
    app: &App,
    stamp: &Stamp<'_>,
    (country, code): &(String, String),
    consent: Option<&ConsentForm>,
    fresh: &Fresh<'_>,
) -> Result<Prepared, ServiceError> {
    let mut rows = Prepared::default();
    let (series, kind, n) = match fresh {
        Fresh::Cases(f) => ("", "case", f.len()),
        Fresh::Records(f) => ("R", "found_record", f.len()),
        Fresh::Incidents(f) => {
            rows.incidents = f.iter().map(|i| IncidentRow { id: app.ids.next(), created_at: stamp.now, ..i.value.clone() }).collect();
            rows.ids = rows.incidents.iter().map(|i| i.id).collect();
            return Ok(rows);
        }
    };
    if n == 0 {
        return Ok(rows);
    }
    let (owner, year) = (stamp.actor.authority, stamp.now.year());
    let first = load.next_folio_number(owner, kind, i16::try_from(year).unwrap_or(i16::MAX), i64::try_from(n).unwrap_or(i64::MAX)).await?;
    let folio = |number: i64| Folio::new(country, code, year, series, number).map_err(|e| ServiceError::Internal(e.into()));
    let ids = &*app.ids;
    match fresh {
        Fresh::Cases(fresh) => {
            for (incoming, number) in fresh.iter().zip(first..) {
                let new = &NewCase { consent: incoming.value.consent.clone().or_else(|| consent.cloned()), ..incoming.value.clone() };
                let (person, person_row, names) = persons::prepare(ids, owner, Moment::AnteMortem, &new.person);
                let id = CaseId::new(ids);
                let mut row = cases::row_of(new, stamp, (id, person), folio(number)?.as_str());
                row.extras = cases::to_json(&incoming.extras);
                rows.ids.push(id.0);
                rows.persons.push(person_row);
                rows.names.extend(names);
                rows.cases.push(row);
                rows.events.push(event_row(id, owner, &new.last_contact));
                rows.actions.push(cases::first_action(new, stamp, ids, id));
                // No PIN: nobody is there to hand it to. The office gives one when it speaks with the family.
                rows.inquirers.extend(new.inquirer.as_ref().map(|i| cases::inquirer_row(ids, owner, id, i)));
                rows.consents.extend(new.consent.iter().flat_map(|form| form_rows(ids, stamp.now, owner, ("case", id.0), form)));
            }
        }
        Fresh::Records(fresh) => {
            for (incoming, number) in fresh.iter().zip(first..) {
                let given = &incoming.value;
                // Remains are shared by agreement alone; a form about consent is about the living.
                let form = given.consent.clone().or_else(|| consent.filter(|_| !given.kind.is_remains()).cloned());
                let new = &NewFound { consent: form, ..given.clone() };
                let moment = if new.kind.is_remains() { Moment::PostMortem } else { Moment::Living };
                let (person, person_row, names) = persons::prepare(ids, owner, moment, &new.person);
                let id = FoundId::new(ids);
                let row = found::row_of(new, stamp, (id, person), folio(number)?.as_str());
                rows.ids.push(id.0);
                rows.persons.push(person_row);
                rows.names.extend(names);
                rows.found.push(compare::with_extras_found(row, &incoming.extras));
                rows.consents.extend(new.consent.iter().flat_map(|form| form_rows(ids, stamp.now, owner, ("found_record", id.0), form)));
            }
        }
        Fresh::Incidents(_) => {}
    }
    Ok(rows)
}

async fn put(load: &mut Load<'_>, rows: &Prepared) -> Result<(), ServiceError> {
    load.write(&rows.persons).await?;
    load.write(&rows.names).await?;
    load.write(&rows.cases).await?;
    load.write(&rows.events).await?;
    load.write(&rows.actions).await?;
    load.write(&rows.inquirers).await?;
    load.write(&rows.found).await?;
    load.write(&rows.incidents).await?;
    load.write(&rows.consents).await?;
    Ok(())
}
