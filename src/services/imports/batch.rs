//! A batch of rows on their way in. Only checked rows get into one, whoever reads the file.

use crate::db::places::IncidentRow;
use crate::domain::import::{Counts, ImportKind};
use crate::domain::violations::Violations;
use crate::services::cases::NewCase;
use crate::services::found::NewFound;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// One thing wrong in a row, or in the file (row 0).
#[derive(Clone)]
pub struct Fault {
    /// Row as a spreadsheet numbers it.
    pub row: u64,
    /// The column's header; empty for the whole row.
    pub column: String,
    /// The value, cut.
    pub value: String,
    /// A stable word.
    pub code: String,
    /// A sentence.
    pub reason: String,
    /// Whether it keeps the row out.
    pub is_error: bool,
}

/// The value may be personal data.
impl std::fmt::Debug for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fault(row {}, {}, {})", self.row, self.column, self.code)
    }
}

/// Values of columns that no field stands for.
pub type Extras = BTreeMap<String, String>;

/// A row with its place in the file.
#[derive(Debug, Clone)]
pub struct Incoming<T> {
    /// Row as a spreadsheet numbers it.
    pub row: u64,
    /// Whether something was remarked.
    pub warned: bool,
    /// The row.
    pub value: T,
    /// What no field stands for.
    pub extras: Extras,
}

/// Where a row came from and what was found in it.
#[derive(Debug, Default)]
pub struct Origin {
    /// Row as a spreadsheet numbers it.
    pub row: u64,
    /// What was found.
    pub faults: Vec<Fault>,
    /// What no field stands for.
    pub extras: Extras,
}

/// The rows of a batch, of one kind.
#[derive(Debug)]
pub(super) enum Rows {
    Cases(Vec<Incoming<NewCase>>),
    Records(Vec<Incoming<NewFound>>),
    Incidents(Vec<Incoming<IncidentRow>>),
}

/// Rows read one after another, with what was wrong among them.
#[derive(Debug)]
pub struct Batch {
    pub(super) rows: Rows,
    pub(super) faults: Vec<Fault>,
    pub(super) counts: Counts,
    /// The last row in it.
    pub(super) last_row: u64,
    /// Bytes of the file read up to its end.
    pub(super) done_bytes: u64,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new(kind: ImportKind) -> Self {
        let rows = match kind {
            ImportKind::Cases => Rows::Cases(Vec::new()),
            ImportKind::Records => Rows::Records(Vec::new()),
            ImportKind::Mmp => Rows::Incidents(Vec::new()),
        };
        Self { rows, faults: Vec::new(), counts: Counts::default(), last_row: 0, done_bytes: 0 }
    }

    /// Rows read, whatever became of them.
    #[must_use]
    pub const fn len(&self) -> i64 {
        self.counts.rows
    }

    /// Whether nothing is in it, not even a remark.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.rows == 0 && self.faults.is_empty()
    }

    /// Says how much of the file was read up to here.
    pub const fn read_to(&mut self, bytes: u64) {
        self.done_bytes = bytes;
    }

    /// Adds remarks about the file as a whole.
    pub fn remark(&mut self, faults: Vec<Fault>) {
        self.faults.extend(faults);
    }

    /// Counts a row that stays out, with its errors.
    pub fn reject(&mut self, origin: Origin) {
        self.count(&origin);
        self.counts.rejected += 1;
        self.faults.extend(origin.faults);
    }

    /// Counts a row that says nothing new: blank, or an exact repetition.
    pub fn skip(&mut self, origin: Origin) {
        self.count(&origin);
        self.counts.skipped += 1;
        self.faults.extend(origin.faults);
    }

    /// Adds a case; one that the registry would refuse is rejected with every fault.
    pub fn case(&mut self, today: NaiveDate, origin: Origin, case: NewCase) {
        let checked = case.check(today);
        if let (Some(incoming), Rows::Cases(rows)) = (admit(&mut self.faults, &mut self.counts, checked, origin, case), &mut self.rows) {
            self.last_row = incoming.row;
            rows.push(incoming);
        }
    }

    /// Adds a found record; one that the registry would refuse is rejected with every fault.
    pub fn record(&mut self, today: NaiveDate, origin: Origin, record: NewFound) {
        let checked = record.check(today);
        if let (Some(incoming), Rows::Records(rows)) = (admit(&mut self.faults, &mut self.counts, checked, origin, record), &mut self.rows) {
            self.last_row = incoming.row;
            rows.push(incoming);
        }
    }

    /// Adds an incident.
    pub fn incident(&mut self, origin: Origin, incident: IncidentRow) {
        if let (Some(incoming), Rows::Incidents(rows)) = (admit(&mut self.faults, &mut self.counts, Ok(()), origin, incident), &mut self.rows) {
            self.last_row = incoming.row;
            rows.push(incoming);
        }
    }

    const fn count(&mut self, origin: &Origin) {
        self.counts.rows += 1;
        self.last_row = origin.row;
    }
}

/// Takes in a row whose check went well; otherwise counts it as rejected. Its remarks are kept either way.
fn admit<T>(faults: &mut Vec<Fault>, counts: &mut Counts, checked: Result<(), Violations>, origin: Origin, value: T) -> Option<Incoming<T>> {
    counts.rows += 1;
    let warned = !origin.faults.is_empty();
    faults.extend(origin.faults);
    if let Err(Violations(found)) = checked {
        counts.rejected += 1;
        faults.extend(found.into_iter().map(|v| Fault {
            row: origin.row,
            column: v.pointer.trim_start_matches('/').to_owned(),
            value: String::new(),
            code: v.code.to_owned(),
            reason: v.message,
            is_error: true,
        }));
        return None;
    }
    Some(Incoming { row: origin.row, warned, value, extras: origin.extras })
}
