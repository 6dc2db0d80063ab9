//! The loop that turns a table into typed rows: one place for outcomes, counts, repeated identifiers and extras.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};
use std::io::Read;

use chrono::NaiveDate;
use thiserror::Error;

use super::headers::{AliasTable, HeaderError, HeaderMap, How, Mapping, Template};
use super::problem::{Code, Outcome, Problem, Problems, Tally};
use super::table::{BytesRead, Row, Table, TableError, TableLimits, tidy};
use super::values::{DateDoubt, DateFault, DateOrder, DateSpan, NullKind, date, null_kind};

/// Longest value of an unknown column that is kept, in characters.
pub const EXTRA_CHARS: usize = 1_000;

/// What the letter `M` means in the sex column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SexLetters {
    /// `M` is a woman when the first 64 KiB of the file also hold `H` (hombre), else a man.
    #[default]
    Auto,
    /// `M` male, `F` female.
    MaleFemale,
    /// `H` hombre, `M` mujer.
    HombreMujer,
}

/// What a value that cannot be true does to its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFault {
    /// The row stays out until it is corrected: for the registry.
    #[default]
    RejectRow,
    /// The value is left out with a warning and the row goes in: for scoring files nobody will correct. Rows that are no rows
    /// (ragged, control characters), that lack an identifier or repeat one still stay out.
    DropValue,
}

/// How to read a file.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// Today; later dates are errors (one day of grace for time zones).
    pub today: NaiveDate,
    /// What the file may cost.
    pub limits: TableLimits,
    /// The person's own mapping of headers.
    pub map: Option<HeaderMap>,
    /// Encoding by name, when the detection is wrong.
    pub encoding: Option<String>,
    /// Order of day and month in `03/04/2021`.
    pub date_order: DateOrder,
    /// Meaning of `M` in the sex column.
    pub sex_letters: SexLetters,
    /// What a faulty value does to its row.
    pub on_fault: OnFault,
}

impl ImportOptions {
    /// The defaults, as of `today`.
    pub fn new(today: NaiveDate) -> Self {
        Self {
            today,
            limits: TableLimits::default(),
            map: None,
            encoding: None,
            date_order: DateOrder::default(),
            sex_letters: SexLetters::default(),
            on_fault: OnFault::default(),
        }
    }
}

/// Why a file cannot be imported (any further). Rows already yielded stand.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The table cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The headers do not fit.
    #[error(transparent)]
    Headers(#[from] HeaderError),
}

/// A row of the file and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed<T> {
    /// Row as a spreadsheet numbers it: the header is row 1.
    pub row_no: u64,
    /// Line of the file, from 1.
    pub line: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// The typed row when it was accepted; boxed, since it is large and moves through channels.
    pub row: Option<Box<T>>,
    /// What was found; errors when rejected, warnings otherwise.
    pub problems: Vec<Problem>,
}

/// A value of a column the importer does not know.
pub type Extra = (String, String);

/// What to do with a row whose key was seen before in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnRepeat {
    /// Identical rows are skipped; a different one is an error (two records cannot share an identifier).
    Reject,
    /// Identical rows are skipped; a different one is kept under a suffix.
    Rename,
}

/// A kind of row: how its columns are found and its cells read. Implemented by the kinds of this room.
pub trait RowKind: Sized {
    /// The typed row.
    type Row;
    /// Which alias table.
    const TEMPLATE: Template;
    /// What a repeated key means.
    const ON_REPEAT: OnRepeat;
    /// Prepares for a file: finds the columns, looks at samples through `sample`. `notes` takes remarks about the file.
    fn new(mapping: &Mapping, options: &ImportOptions, sample: &dyn Fn(usize) -> Vec<String>, notes: &mut Problems) -> Self;
    /// Reads one row, leaving out values that cannot be used; nothing when the row cannot be one (no identifier, no kind).
    /// Either way what is wrong is added to `problems`.
    fn read(&mut self, cells: &Cells<'_>, extras: Vec<Extra>, problems: &mut Problems) -> Option<Self::Row>;
    /// The row's key.
    fn key(row: &Self::Row) -> String;
    /// Gives the row a suffix (`#2`); only called under [`OnRepeat::Rename`].
    fn rename(row: &mut Self::Row, suffix: &str);
    /// Whether rows that differ in their key only are worth a remark; the key's columns if so.
    fn key_columns(&self) -> &[usize] {
        &[]
    }
}

/// The cells of one row, with what is needed to read and to complain about them.
#[derive(Debug)]
pub struct Cells<'t> {
    row: &'t Row<'t>,
    headers: &'t [String],
    options: &'t ImportOptions,
}

impl<'t> Cells<'t> {
    /// Today.
    pub const fn today(&self) -> NaiveDate {
        self.options.today
    }

    /// The header of a column, for problems.
    pub fn header(&self, column: Option<usize>) -> &'t str {
        column.and_then(|c| self.headers.get(c)).map_or("", String::as_str)
    }

    /// The raw cell, trimmed, or nothing when blank (`-` and `--` count as blank).
    pub fn raw(&self, column: Option<usize>) -> Option<&'t str> {
        let cell = self.row.cell(column?)?.trim();
        (!matches!(cell, "" | "-" | "--" | "—")).then_some(cell)
    }

    /// The tidied text of a cell, or nothing when blank; longer than `max` characters is an error.
    pub fn text(&self, column: Option<usize>, max: usize, problems: &mut Problems) -> Option<String> {
        let text = tidy(self.raw(column)?).into_owned();
        if text.len() > max && text.chars().count() > max {
            problems.error(
                self.header(column),
                &text,
                Code::TooLong,
                format!("the value has {} characters, at most {max} are taken here", text.chars().count()),
            );
            return None;
        }
        Some(text)
    }

    /// As [`Cells::raw`], but a word such as `unknown` or `se negó` is taken as the reason why there is no value.
    pub fn value(&self, column: Option<usize>, nulls: &mut Vec<(String, NullKind)>) -> Option<&'t str> {
        let raw = self.raw(column)?;
        if raw.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(raw);
        }
        let Some(null) = null_kind(raw) else { return Some(raw) };
        nulls.push((self.header(column).to_owned(), null));
        None
    }

    /// Reads a date cell; not understood, impossible or in the future is an error.
    pub fn date(&self, column: Option<usize>, nulls: &mut Vec<(String, NullKind)>, problems: &mut Problems) -> Option<DateSpan> {
        let text = self.value(column, nulls)?;
        let header = self.header(column);
        let fault = |problems: &mut Problems, code, message: &str| problems.error(header, text, code, message);
        match date(text, self.options.date_order) {
            Ok((span, doubt)) => {
                match doubt {
                    Some(DateDoubt::Order) => problems.warn(
                        header,
                        text,
                        Code::AmbiguousDate,
                        format!("day and month could be the other way round; read as {span}. Write dates as YYYY-MM-DD"),
                    ),
                    Some(DateDoubt::Serial) => {
                        problems.warn(header, text, Code::SerialDate, format!("read as a spreadsheet's day number: {span}"));
                    }
                    None => {}
                }
                if self.options.today.succ_opt().is_some_and(|tomorrow| span.from > tomorrow) {
                    fault(problems, Code::FutureDate, "the date lies in the future");
                    return None;
                }
                if NaiveDate::from_ymd_opt(1880, 1, 1).is_some_and(|first| span.from < first) {
                    fault(problems, Code::AncientDate, "the date lies before 1880");
                    return None;
                }
                Some(span)
            }
            Err(DateFault::NotADate) => {
                fault(problems, Code::NotADate, "this is not a date; write YYYY-MM-DD, YYYY-MM or YYYY");
                None
            }
            Err(DateFault::NoSuchDay) => {
                fault(problems, Code::NoSuchDay, "the calendar has no such day");
                None
            }
            Err(DateFault::Inverted) => {
                fault(problems, Code::Inverted, "the range ends before it begins");
                None
            }
        }
    }

    /// Reads a date from one column, or a range from two.
    pub fn date_range(
        &self,
        [one, from, to]: [Option<usize>; 3],
        nulls: &mut Vec<(String, NullKind)>,
        problems: &mut Problems,
    ) -> Option<DateSpan> {
        let one = self.date(one, nulls, problems);
        let first = self.date(from, nulls, problems);
        let last = self.date(to, nulls, problems);
        match (one, first, last) {
            (Some(one), None, None) => Some(one),
            (_, Some(first), Some(last)) => {
                let span = DateSpan::between(first, last);
                if span.is_none() {
                    problems.error(self.header(to), &last.to_string(), Code::Inverted, format!("the range ends before it begins ({first})"));
                }
                span
            }
            (one, first, last) => first.or(last).or(one),
        }
    }
}

/// A file being imported: an iterator of rows, each with its outcome.
#[derive(Debug)]
pub struct Import<R: Read, K: RowKind> {
    table: Table<R>,
    kind: K,
    options: ImportOptions,
    mapping: Mapping,
    headers: Vec<String>,
    unknown: Vec<usize>,
    notes: Vec<Problem>,
    tally: Tally,
    seen: HashMap<u128, Seen>,
    contents: HashMap<u128, u64>,
    done: bool,
}

#[derive(Debug)]
struct Seen {
    row_no: u64,
    /// Different contents under this key, the first included.
    contents: Vec<u128>,
}

impl<R: Read, K: RowKind> Import<R, K> {
    /// Opens a file: finds encoding, delimiter and columns.
    ///
    /// # Errors
    /// [`ImportError`] when the file cannot be read or a required column is missing.
    pub fn open(reader: R, options: ImportOptions) -> Result<Self, ImportError> {
        let table = Table::open(reader, options.limits.clone(), options.encoding.as_deref())?;
        let mapping = AliasTable::load(K::TEMPLATE)?.resolve(table.headers(), options.map.as_ref())?;
        let mut notes = Problems::new(0);
        let mut unknown = Vec::new();
        for column in &mapping.columns {
            match &column.how {
                How::Unknown => {
                    unknown.push(column.index);
                    notes.warn(&column.header, "", Code::UnknownColumn, "no field has this name; its values are kept as they are");
                }
                How::Second(field) => {
                    unknown.push(column.index);
                    notes.warn(
                        &column.header,
                        "",
                        Code::SecondColumn,
                        format!("another column already fills {field}; this one's values are kept as they are"),
                    );
                }
                How::Near(_) => {
                    let field = column.field.as_deref().unwrap_or_default();
                    notes.warn(&column.header, "", Code::SimilarColumn, format!("taken for {field} by similar spelling; check it"));
                }
                How::Map | How::Alias | How::Ignored => {}
            }
        }
        let kind = K::new(&mapping, &options, &|column| table.sample_column(column, 2_000), &mut notes);
        let mut all = table.notes().to_vec();
        all.extend(notes.into_vec());
        let headers = table.headers().to_vec();
        Ok(Self {
            headers,
            table,
            kind,
            options,
            mapping,
            unknown,
            notes: all,
            tally: Tally::default(),
            seen: HashMap::new(),
            contents: HashMap::new(),
            done: false,
        })
    }

    /// Remarks about the file as a whole: unknown and similar columns, conventions that were guessed.
    pub fn notes(&self) -> &[Problem] {
        &self.notes
    }

    /// Which column is which field.
    pub const fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Counts so far.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Name of the encoding.
    pub fn encoding(&self) -> &'static str {
        self.table.encoding()
    }

    /// The delimiter.
    pub const fn delimiter(&self) -> char {
        self.table.delimiter()
    }

    /// Bytes taken from the source, readable from another thread for progress.
    pub fn bytes_read(&self) -> BytesRead {
        self.table.bytes_read()
    }

    fn step(&mut self) -> Result<Option<Parsed<K::Row>>, TableError> {
        let Some(mut row) = self.table.next_row()? else { return Ok(None) };
        let (row_no, line) = (row.row_no, row.line);
        let mut problems = Problems::new(row_no);
        problems.extend(std::mem::take(&mut row.problems));
        if problems.has_error() {
            return Ok(Some(finish(&mut self.tally, row_no, line, Outcome::Rejected, None, problems)));
        }
        if row.is_blank() {
            problems.warn("", "", Code::BlankRow, "the row is blank");
            return Ok(Some(finish(&mut self.tally, row_no, line, Outcome::Skipped, None, problems)));
        }
        let mut extras = Vec::new();
        for at in &self.unknown {
            let (Some(value), Some(header)) = (row.cell(*at), self.headers.get(*at)) else {
                continue;
            };
            let value = tidy(value);
            if value.is_empty() {
                continue;
            }
            let kept: String = value.chars().take(EXTRA_CHARS).collect();
            if kept.len() < value.len() {
                problems.warn(header, &value, Code::ExtraCut, format!("only the first {EXTRA_CHARS} characters are kept"));
            }
            extras.push((header.clone(), kept));
        }
        let cells = Cells { row: &row, headers: &self.headers, options: &self.options };
        let read = self.kind.read(&cells, extras, &mut problems);
        if read.is_some() && self.options.on_fault == OnFault::DropValue {
            problems.soften();
        }
        let Some(mut typed) = read.filter(|_| !problems.has_error()) else {
            return Ok(Some(finish(&mut self.tally, row_no, line, Outcome::Rejected, None, problems)));
        };
        let key = K::key(&typed);
        let content = digest(&row.content());
        let key_columns = self.kind.key_columns();
        match self.seen.entry(digest(&key)) {
            Entry::Vacant(entry) => {
                entry.insert(Seen { row_no, contents: vec![content] });
            }
            Entry::Occupied(mut entry) => {
                let seen = entry.get_mut();
                let first = seen.row_no;
                if seen.contents.contains(&content) {
                    problems.warn(
                        "",
                        &key,
                        Code::FullDuplicate,
                        format!("identical to a row before (its identifier first occurs in row {first})"),
                    );
                    return Ok(Some(finish(&mut self.tally, row_no, line, Outcome::Skipped, None, problems)));
                }
                if K::ON_REPEAT == OnRepeat::Reject {
                    problems.error("", &key, Code::RepeatedId, format!("row {first} has the same identifier and other content"));
                    return Ok(Some(finish(&mut self.tally, row_no, line, Outcome::Rejected, None, problems)));
                }
                seen.contents.push(content);
                let suffix = format!("#{}", seen.contents.len());
                problems.warn(
                    "",
                    &key,
                    Code::RepeatedId,
                    format!("row {first} has the same identifier and other content; this row is kept as {key}{suffix}"),
                );
                K::rename(&mut typed, &suffix);
            }
        }
        if !key_columns.is_empty() {
            let rest: Vec<&str> = (0..row.len()).filter(|c| !key_columns.contains(c)).map(|c| row.cell(c).unwrap_or_default()).collect();
            match self.contents.entry(digest(&rest)) {
                Entry::Vacant(entry) => {
                    entry.insert(row_no);
                }
                Entry::Occupied(entry) => problems.warn(
                    "",
                    &key,
                    Code::SameContent,
                    format!(
                        "identical to row {} except for the identifier; kept, since it may be another person of the same event",
                        entry.get()
                    ),
                ),
            }
        }
        let outcome = if problems.is_empty() { Outcome::Accepted } else { Outcome::AcceptedWithWarnings };
        Ok(Some(finish(&mut self.tally, row_no, line, outcome, Some(typed), problems)))
    }
}

impl<R: Read, K: RowKind> Iterator for Import<R, K> {
    type Item = Result<Parsed<K::Row>, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        match self.step() {
            Ok(Some(parsed)) => Some(Ok(parsed)),
            Ok(None) => {
                self.done = true;
                None
            }
            Err(error) => {
                self.done = true;
                Some(Err(error.into()))
            }
        }
    }
}

fn finish<T>(tally: &mut Tally, row_no: u64, line: u64, outcome: Outcome, row: Option<T>, problems: Problems) -> Parsed<T> {
    let problems = problems.into_vec();
    tally.add(outcome, &problems);
    Parsed { row_no, line, outcome, row: row.map(Box::new), problems }
}

/// 128 bits of SipHash: two rows with one digest are taken for equal (chance below 10⁻²⁶ for a million rows).
fn digest(value: &impl Hash) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        value.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
