//! Drives an import: a thread reads and maps the file while the service writes the batch before.

use super::headers::HeaderMap;
use super::import::{Import, ImportError, ImportOptions, OnFault, Parsed, RowKind, SexLetters};
use super::problem::{Code, Outcome, Problem, Severity};
use super::register::{self, case_extras, incident_extras, record_extras};
use super::values::DateOrder;
use super::{cases, mmp, records};
use crate::app::App;
use crate::db::imports::RunRow;
use crate::domain::actor::Actor;
use crate::domain::import::ImportKind;
use crate::services::ServiceError;
use crate::services::imports::batch::{Batch, Fault, Origin};
use crate::services::imports::write::{Progress, Writer};
use crate::services::imports::{self, Reading};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::PathBuf;
use tokio::sync::mpsc;
use uuid::Uuid;

/// Rows of a transaction. Fewer cost commits and round trips, more cost memory, and what a kill undoes.
pub const CHUNK: i64 = 4_000;

/// A column with more different words than this is remarked once for the file.
const MANY_SPELLINGS: usize = 100;

/// Where the bytes of a file are.
#[derive(Debug, Clone)]
pub enum Input {
    /// In memory.
    Bytes(Vec<u8>),
    /// On disk.
    File(PathBuf),
}

impl Input {
    fn open(self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Self::File(path) => Box::new(BufReader::new(File::open(path)?)),
        })
    }
}

/// Reads a run's file and checks or writes it to its end; `heard` is told after every batch. Dropped midway, it leaves a run that goes on later.
///
/// # Errors
/// [`ServiceError`]; a file that cannot be read is no error but a run in state `failed`.
pub async fn drive(
    app: &App,
    actor: &Actor,
    run: RunRow,
    input: Input,
    heard: &(dyn Fn(&Progress) + Send + Sync),
) -> Result<RunRow, ServiceError> {
    let kept = imports::kept(&run)?;
    let kind = run.kind();
    let scheme = run.scheme.clone();
    let id = run.id;
    let Some(mut writer) = Writer::open(app, actor, run).await? else {
        return imports::run(app, actor, id).await;
    };
    let options = match import_options(&kept.reading, app.clock.today()) {
        Ok(options) => options,
        Err(reason) => return writer.fail(&reason).await,
    };
    let (sender, mut batches) = mpsc::channel(2);
    let reader = Reader { scheme, skip_to: writer.next_row(), today: options.today, now: app.now(), out: sender };
    let read = tokio::task::spawn_blocking(move || reader.read(kind, input, options));
    while let Some(batch) = batches.recv().await {
        let progress = writer.take(&batch).await?;
        heard(&progress);
        if !progress.go_on {
            return imports::run(app, actor, id).await;
        }
    }
    match read.await {
        Ok(Ok(())) => writer.finish().await,
        Ok(Err(reason)) => writer.fail(&reason).await,
        Err(_) => writer.fail("the file could not be read to its end").await,
    }
}

/// What a person may say about reading a file, as the readers take it.
///
/// # Errors
/// A sentence that names what is wrong.
pub fn import_options(reading: &Reading, today: NaiveDate) -> Result<ImportOptions, String> {
    let unknown = |what: &str, word: &str, allowed: &str| format!("{word:?} is no {what}; write {allowed}");
    let mut options = ImportOptions::new(reading.today.unwrap_or(today));
    options.encoding.clone_from(&reading.encoding);
    options.date_order = match reading.date_order.as_deref() {
        None | Some("day_first") => DateOrder::DayFirst,
        Some("month_first") => DateOrder::MonthFirst,
        Some(other) => return Err(unknown("order of day and month", other, "day_first or month_first")),
    };
    options.sex_letters = match reading.sex_letters.as_deref() {
        None => SexLetters::Auto,
        Some("male_female") => SexLetters::MaleFemale,
        Some("hombre_mujer") => SexLetters::HombreMujer,
        Some(other) => return Err(unknown("meaning of the letters of sex", other, "male_female or hombre_mujer")),
    };
    if !reading.map.is_empty() {
        let text = toml::to_string(&reading.map).map_err(|e| e.to_string())?;
        options.map = Some(HeaderMap::parse(&text).map_err(|e| e.to_string())?);
    }
    if reading.drop_faulty_values {
        options.on_fault = OnFault::DropValue;
    }
    Ok(options)
}

/// Reads a mapping file (TOML): `"Nombre completo" = "full_name"`.
///
/// # Errors
/// A sentence that says what it should hold.
pub fn read_map(text: &str) -> Result<std::collections::BTreeMap<String, String>, String> {
    HeaderMap::parse(text).map_err(|e| e.to_string())?;
    toml::from_str(text).map_err(|e| e.to_string())
}

/// The half of an import that reads: on a thread of its own.
struct Reader {
    scheme: String,
    skip_to: u64,
    today: NaiveDate,
    now: DateTime<Utc>,
    out: mpsc::Sender<Batch>,
}

impl Reader {
    /// Reads to the end, or to where nobody listens any more.
    fn read(self, kind: ImportKind, input: Input, options: ImportOptions) -> Result<(), String> {
        let source = input.open().map_err(|e| format!("the file cannot be opened: {e}"))?;
        let open = |e: ImportError| e.to_string();
        let mut causes = HashSet::new();
        let last = match kind {
            ImportKind::Cases => self.rows(kind, cases::open(source, options).map_err(open)?, |reader, batch, mut origin, row| {
                origin.extras = case_extras(row);
                batch.case(reader.today, origin, register::new_case(row, &reader.scheme));
            }),
            ImportKind::Records => self.rows(kind, records::open(source, options).map_err(open)?, |reader, batch, mut origin, row| {
                origin.extras = record_extras(row);
                match register::new_found(row, &reader.scheme) {
                    Some(new) => batch.record(reader.today, origin, new),
                    None => batch.reject(no_kind(origin)),
                }
            }),
            ImportKind::Mmp => self.rows(kind, mmp::open(source, options).map_err(open)?, |reader, batch, origin, row| {
                causes.extend(row.cause.clone());
                let mut incident = register::incident(row, Uuid::nil(), reader.now);
                incident.extras = serde_json::json!(incident_extras(row));
                batch.incident(origin, incident);
            }),
        };
        let (mut batch, bytes) = last?;
        if !batch.is_empty() && causes.len() > MANY_SPELLINGS {
            batch.remark(vec![many_spellings(causes.len())]);
        }
        self.send(batch, bytes);
        Ok(())
    }

    /// Hands over batch by batch and gives back the last one, which is not empty unless the file is.
    fn rows<K: RowKind>(
        &self,
        kind: ImportKind,
        mut import: Import<Box<dyn Read + Send>, K>,
        mut put: impl FnMut(&Self, &mut Batch, Origin, &K::Row),
    ) -> Result<(Batch, u64), String> {
        let bytes = import.bytes_read();
        let mut batch = Batch::new(kind);
        if self.skip_to == 0 {
            batch.remark(import.notes().iter().map(fault).collect());
        }
        for parsed in import.by_ref() {
            let parsed = match parsed {
                Ok(parsed) => parsed,
                Err(error) => {
                    self.send(std::mem::replace(&mut batch, Batch::new(kind)), bytes.get());
                    return Err(error.to_string());
                }
            };
            if parsed.row_no < self.skip_to {
                continue;
            }
            if batch.len() >= CHUNK && !self.send(std::mem::replace(&mut batch, Batch::new(kind)), bytes.get()) {
                break;
            }
            let Parsed { row_no, outcome, row, problems, .. } = parsed;
            let origin = Origin { row: row_no, faults: problems.iter().map(fault).collect(), ..Origin::default() };
            match (row, outcome) {
                (Some(row), _) => put(self, &mut batch, origin, &row),
                (None, Outcome::Skipped) => batch.skip(origin),
                (None, _) => batch.reject(origin),
            }
        }
        Ok((batch, bytes.get()))
    }

    /// Hands a batch over; says whether anybody took it.
    fn send(&self, mut batch: Batch, bytes: u64) -> bool {
        batch.read_to(bytes);
        batch.is_empty() || self.out.blocking_send(batch).is_ok()
    }
}

fn many_spellings(n: usize) -> Fault {
    Fault {
        row: 0,
        column: "cause".to_owned(),
        value: n.to_string(),
        code: Code::ManySpellings.as_str().to_owned(),
        reason: format!("the causes are worded in {n} ways; each is kept as it is, beside its class"),
        is_error: false,
    }
}

fn no_kind(mut origin: Origin) -> Origin {
    origin.faults.push(Fault {
        row: origin.row,
        column: "kind".to_owned(),
        value: String::new(),
        code: "unknown_word".to_owned(),
        reason: "this is no kind of found record".to_owned(),
        is_error: true,
    });
    origin
}

fn fault(problem: &Problem) -> Fault {
    Fault {
        row: problem.row,
        column: problem.column.clone(),
        value: problem.value.clone(),
        code: problem.code.as_str().to_owned(),
        reason: problem.message.clone(),
        is_error: problem.severity == Severity::Error,
    }
}
