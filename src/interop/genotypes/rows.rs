//! What the formats that are tables share: reading rows with findings, and cells that come back as they were written.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};
use thiserror::Error;

use super::report::{Finding, FindingCode, Findings};
use super::{MAX_BYTES, ReadAllele, Reading, SampleGenotypes, loci};
use crate::interop::problem::{Problem, Severity, shown};
use crate::interop::table::{Table, TableError, TableLimits, is_invisible, tidy};

/// Why a table of genotypes cannot be read.
#[derive(Debug, Error)]
pub enum RowsError {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Columns that it needs are not there.
    #[error("there is no column for {wanted}; found: {}", found.join(", "))]
    Column {
        /// What the column would hold.
        wanted: &'static str,
        /// The headers of the file.
        found: Vec<String>,
    },
}

/// Why samples cannot be written as a table.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RowsWriteError {
    /// A text that does not come back as it is: blanks around it, control characters, or nothing at all.
    #[error("sample {sample:?}, column {column}: the value is blank, has blanks around it or holds control characters")]
    Text {
        /// The sample.
        sample: String,
        /// The column.
        column: String,
    },
    /// A text that spreadsheets take for a formula.
    #[error("sample {sample:?}, column {column}: a value that starts with = + - or @ is a formula to a spreadsheet")]
    Formula {
        /// The sample.
        sample: String,
        /// The column.
        column: String,
    },
    /// One name twice, or one locus or column twice of a sample.
    #[error("sample {sample:?}{}: there is one already", at(locus))]
    Twice {
        /// The sample.
        sample: String,
        /// The locus, or the header of another column; empty where the sample itself is there twice.
        locus: String,
    },
    /// A locus or column whose name would be read as another.
    #[error("the name {0:?} cannot be a column here: it would be read as something else")]
    Header(String),
}

fn at(locus: &str) -> String {
    if locus.is_empty() { String::new() } else { format!(", {locus}") }
}

/// Text of a file: by its byte order mark, else UTF-8, else Windows-1252.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// A row's cells, trimmed, and its line.
pub struct Cells {
    pub line: u64,
    pub cells: Vec<String>,
}

impl Cells {
    /// A cell; blank beyond the row's end.
    pub fn get(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// Headers, rows and what was wrong with rows.
pub type Lines = (Vec<String>, Vec<Cells>, Findings);

/// Headers and rows of a table. Rows that are not rows stay out and are among the findings; blank ones are left out.
pub fn read(bytes: &[u8]) -> Result<Lines, TableError> {
    let limits = TableLimits { max_bytes: MAX_BYTES as u64, ..TableLimits::default() };
    let mut table = Table::open(bytes, limits, None)?;
    let headers = table.headers().to_vec();
    let mut findings = Findings::default();
    if bytes.last().is_some_and(|last| !matches!(last, b'\n' | b'\r' | 0)) && !bytes.starts_with(&[0x1f, 0x8b]) {
        findings.push(Finding::warning(
            "",
            "",
            FindingCode::CutOff,
            "the last line has no line end; compare the number of rows with the source",
        ));
    }
    findings.extend(table.notes().iter().map(|problem| of_problem(problem, 1)));
    let mut rows = Vec::new();
    while let Some(row) = table.next_row()? {
        findings.extend(row.problems.iter().map(|problem| of_problem(problem, row.line)));
        if row.problems.iter().any(|problem| problem.severity == Severity::Error) || row.is_blank() {
            continue;
        }
        let cells = (0..row.len()).map(|at| tidy(row.cell(at).unwrap_or_default()).into_owned()).collect();
        rows.push(Cells { line: row.line, cells });
    }
    Ok((headers, rows, findings))
}

fn of_problem(problem: &Problem, line: u64) -> Finding {
    let finding = Finding::warning("", &problem.column, FindingCode::BadRow, format!("{}: {}", problem.code, problem.message)).at(line);
    Finding { severity: problem.severity, ..finding }
}

/// Checks that a text comes back as it is and is no formula.
pub fn text<'a>(sample: &str, column: &str, value: &'a str) -> Result<&'a str, RowsWriteError> {
    let of = || (shown(sample), column.to_owned());
    if value.is_empty() || tidy(value) != value || value.chars().any(|c| c.is_control() || is_invisible(c)) {
        let (sample, column) = of();
        return Err(RowsWriteError::Text { sample, column });
    }
    if value.starts_with(['=', '+', '-', '@']) {
        let (sample, column) = of();
        return Err(RowsWriteError::Formula { sample, column });
    }
    Ok(value)
}

/// Likewise of a text that may be absent, which is a blank cell.
pub fn optional<'a>(sample: &str, column: &str, value: Option<&'a str>) -> Result<&'a str, RowsWriteError> {
    value.map_or(Ok(""), |value| text(sample, column, value))
}

/// An allele's label as a cell, which must come back as the same label.
pub fn label<'a>(sample: &str, locus: &str, allele: &'a ReadAllele) -> Result<&'a str, RowsWriteError> {
    let label = text(sample, locus, &allele.label)?;
    if loci::is_no_call(label) || loci::allele(label) != label {
        return Err(RowsWriteError::Text { sample: shown(sample), column: locus.to_owned() });
    }
    Ok(label)
}

/// Checks that names are there once, loci once of each sample, and other columns once of each sample or reading.
pub fn each_once(samples: &[SampleGenotypes]) -> Result<(), RowsWriteError> {
    let mut names = std::collections::HashSet::new();
    for sample in samples {
        let twice = |locus: &str| RowsWriteError::Twice { sample: shown(&sample.name), locus: locus.to_owned() };
        if !names.insert(sample.name.as_str()) {
            return Err(twice(""));
        }
        let mut loci = std::collections::HashSet::new();
        if let Some(again) = sample.readings.iter().find(|reading| !loci.insert(reading.locus.as_str())) {
            return Err(twice(&again.locus));
        }
        for extra in std::iter::once(&sample.extra).chain(sample.readings.iter().map(|reading| &reading.extra)) {
            let mut headers = std::collections::HashSet::new();
            if let Some((again, _)) = extra.iter().find(|(header, _)| !headers.insert(header.as_str())) {
                return Err(twice(again));
            }
        }
    }
    Ok(())
}

/// Texts of these in the order they come first.
pub fn in_order<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = std::collections::HashSet::new();
    all.filter(|one| seen.insert(*one)).collect()
}

/// Loci of all samples in the order they come first.
pub fn loci_of(samples: &[SampleGenotypes]) -> Vec<&str> {
    in_order(samples.iter().flat_map(|sample| &sample.readings).map(|reading: &Reading| reading.locus.as_str()))
}

/// Writes rows as delimited text. Memory cannot fail to take it.
pub fn write(delimiter: u8, rows: &[Vec<String>]) -> String {
    let mut csv = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
    for row in rows {
        if csv.write_record(row).is_err() {
            return String::new();
        }
    }
    csv.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
