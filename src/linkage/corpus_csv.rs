//! Cases and records as CSV in the corpus's columns, and the list of scored pairs. Works on any `Read` and `Write`; opens no file.

use std::io::{Read, Write};

use chrono::{Datelike, NaiveDate};

use super::model::Millibans;
use super::record::{
    AgeRange, DateInterval, NameRole, PersonRecord, Position, PostMortemInterval, RecordKey, RecordKind, Sex, Side, WrittenName,
};

/// Radius of uncertainty assumed for a bare pair of coordinates, metres.
const DEFAULT_RADIUS_M: f64 = 5_000.0;

/// Why a file was refused as a whole.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// A column without which no row can be read.
    #[error("column `{0}` is missing; the first line must name the columns of the corpus")]
    MissingColumn(&'static str),
    /// The file is not CSV, or reading failed.
    #[error("the CSV cannot be read or written: {0}")]
    Csv(#[from] csv::Error),
}

/// A value that was left out of its row; the row itself is kept unless `row_dropped`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowIssue {
    /// Line in the file, from 1 (the header is line 1).
    pub line: u64,
    /// Column name.
    pub column: &'static str,
    /// What is wrong; never the value itself.
    pub reason: RowReason,
    /// True when the whole row could not be used.
    pub row_dropped: bool,
}

/// Reasons a value was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowReason {
    /// Not a date of the forms `YYYY`, `YYYY-MM`, `YYYY-MM-DD`.
    #[error("is not a date (YYYY, YYYY-MM or YYYY-MM-DD)")]
    Date,
    /// Not a number, or outside what the field can hold.
    #[error("is not a number in the range of this field")]
    Number,
    /// Lower bound above the upper one.
    #[error("is a range whose lower bound is above its upper one")]
    Range,
    /// A kind of record that is not known.
    #[error("is not a kind of record (detention, shelter, hospital, remains_named, remains_anon, foreign_case, living_other)")]
    Kind,
    /// No identifier.
    #[error("is empty, and a row without it cannot be named in the result")]
    NoId,
    /// An identifier that an earlier row has.
    #[error("repeats the identifier of an earlier row")]
    RepeatedId,
}

/// Records of one file with their external identifiers.
#[derive(Debug, Default)]
pub struct CorpusFile {
    /// Records; `key` is the position in `ids`.
    pub records: Vec<PersonRecord>,
    /// External identifiers by key.
    pub ids: Vec<String>,
    /// What was left out.
    pub issues: Vec<RowIssue>,
}

impl CorpusFile {
    /// The external identifier of a key.
    #[must_use]
    pub fn id(&self, key: RecordKey) -> Option<&str> {
        usize::try_from(key.0).ok().and_then(|i| self.ids.get(i)).map(String::as_str)
    }
}

/// Reads `cases.csv`.
///
/// # Errors
/// [`CsvError`] when the header lacks `case_id` or the stream fails; single bad values become [`CorpusFile::issues`].
pub fn read_cases(input: &mut dyn Read) -> Result<CorpusFile, CsvError> {
    read(input, Side::Case)
}

/// Reads `records.csv`.
///
/// # Errors
/// [`CsvError`] when the header lacks `record_id` or the stream fails; single bad values become [`CorpusFile::issues`].
pub fn read_records(input: &mut dyn Read) -> Result<CorpusFile, CsvError> {
    read(input, Side::Found)
}

struct Row<'a> {
    headers: &'a csv::StringRecord,
    row: &'a csv::StringRecord,
    line: u64,
    issues: &'a mut Vec<RowIssue>,
}

impl Row<'_> {
    fn text(&self, column: &str) -> Option<String> {
        let index = self.headers.iter().position(|h| h == column)?;
        let value = self.row.get(index)?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    fn list(&self, column: &str) -> Vec<String> {
        self.text(column).map(|t| t.split('|').map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect()).unwrap_or_default()
    }

    fn report(&mut self, column: &'static str, reason: RowReason, row_dropped: bool) {
        self.issues.push(RowIssue { line: self.line, column, reason, row_dropped });
    }

    fn number(&mut self, column: &'static str, low: f64, high: f64) -> Option<f64> {
        let text = self.text(column)?;
        match text.parse::<f64>() {
            Ok(n) if n >= low && n <= high => Some(n),
            _ => {
                self.report(column, RowReason::Number, false);
                None
            }
        }
    }

    fn whole(&mut self, column: &'static str, high: u32) -> Option<u32> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0..=high")]
        self.number(column, 0.0, f64::from(high)).map(|n| n as u32)
    }

    fn date(&mut self, column: &'static str) -> Option<DateInterval> {
        let text = self.text(column)?;
        let interval = parse_date(&text);
        if interval.is_none() {
            self.report(column, RowReason::Date, false);
        }
        interval
    }

    fn range(&mut self, low: &'static str, high: &'static str, limit: u32) -> Option<(u32, u32)> {
        match (self.whole(low, limit), self.whole(high, limit)) {
            (Some(a), Some(b)) if a > b => {
                self.report(low, RowReason::Range, false);
                None
            }
            (Some(a), Some(b)) => Some((a, b)),
            (Some(a), None) | (None, Some(a)) => Some((a, a)),
            (None, None) => None,
        }
    }
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD` (what follows a `T` or a space is ignored) as an inclusive interval.
#[must_use]
pub fn parse_date(text: &str) -> Option<DateInterval> {
    let text = text.split(['T', ' ']).next()?;
    let mut parts = text.splitn(3, '-');
    let year: i32 = parts.next()?.parse().ok().filter(|y| (1880..=2100).contains(y))?;
    match (parts.next(), parts.next()) {
        (None, _) => Some(DateInterval { from: NaiveDate::from_ymd_opt(year, 1, 1)?, to: NaiveDate::from_ymd_opt(year, 12, 31)? }),
        (Some(month), None) => {
            let from = NaiveDate::from_ymd_opt(year, month.parse().ok()?, 1)?;
            let next = if from.month() == 12 { NaiveDate::from_ymd_opt(year + 1, 1, 1)? } else { from.with_month(from.month() + 1)? };
            Some(DateInterval { from, to: next.pred_opt()? })
        }
        (Some(month), Some(day)) => Some(DateInterval::day(NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)?)),
    }
}

fn read(input: &mut dyn Read, side: Side) -> Result<CorpusFile, CsvError> {
    let id_column = if side == Side::Case { "case_id" } else { "record_id" };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let headers = reader.headers()?.clone();
    let headers: csv::StringRecord = headers.iter().map(|h| h.trim_start_matches('\u{feff}').trim()).collect();
    if !headers.iter().any(|h| h == id_column) {
        return Err(CsvError::MissingColumn(id_column));
    }
    let mut out = CorpusFile::default();
    let mut seen = std::collections::HashSet::new();
    let mut raw = csv::ByteRecord::new();
    while reader.read_byte_record(&mut raw)? {
        let line = raw.position().map_or(0, csv::Position::line);
        let row: csv::StringRecord = raw.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
        let mut row = Row { headers: &headers, row: &row, line, issues: &mut out.issues };
        let Some(id) = row.text(id_column) else {
            row.report(id_column, RowReason::NoId, true);
            continue;
        };
        if !seen.insert(id.clone()) {
            row.report(id_column, RowReason::RepeatedId, true);
            continue;
        }
        let kind = if side == Side::Case {
            RecordKind::Case
        } else {
            match row.text("kind").as_deref() {
                Some("detention") => RecordKind::Detention,
                Some("shelter") => RecordKind::Shelter,
                Some("hospital") => RecordKind::Hospital,
                Some("remains_named") => RecordKind::RemainsNamed,
                Some("remains_anon" | "remains_unnamed") => RecordKind::RemainsUnnamed,
                Some("foreign_case") => RecordKind::ForeignCase,
                Some("living_other") | None => RecordKind::LivingOther,
                Some(_) => {
                    row.report("kind", RowReason::Kind, false);
                    RecordKind::LivingOther
                }
            }
        };
        let key = RecordKey(out.ids.len() as u128);
        let record = person(&mut row, key, side, kind);
        out.records.push(record);
        out.ids.push(id);
    }
    Ok(out)
}

fn person(row: &mut Row<'_>, key: RecordKey, side: Side, kind: RecordKind) -> PersonRecord {
    let mut p = PersonRecord::new(key, side, kind);
    let legal = WrittenName {
        given: row.text("given_names"),
        first_surname: row.text("surname_1"),
        second_surname: row.text("surname_2"),
        full_text: row.text("name_as_recorded"),
        role: NameRole::Legal,
    };
    if legal != WrittenName::default() {
        p.names.push(legal);
    }
    for alias in row.list("aliases") {
        p.names.push(WrittenName { full_text: Some(alias), role: NameRole::Alias, ..WrittenName::default() });
    }
    p.sex = match row.text("sex").as_deref() {
        Some("M" | "m") => Some(Sex::Male),
        Some("F" | "f") => Some(Sex::Female),
        _ => None,
    };
    p.birth = row.date("dob");
    p.event = row.date(if side == Side::Case { "last_contact_date" } else { "event_date" });
    let age_day = if side == Side::Case { row.date("report_date").or(p.event) } else { p.event };
    // A family tells the age at the time of the disappearance; without that date, at the time of the report.
    let age_day = p.event.or(age_day);
    p.age = row
        .range("age_min", "age_max", 130)
        .and_then(|(min, max)| Some(AgeRange { min_years: u16::try_from(min).ok()?, max_years: u16::try_from(max).ok()?, at: age_day?.to }));
    p.nationalities = row
        .text("nationality")
        .map(|n| n.split(['|', '/', ',']).map(|c| c.trim().to_owned()).filter(|c| !c.is_empty()).collect())
        .unwrap_or_default();
    let stature =
        if side == Side::Case { row.whole("height_cm", 250).map(|h| (h, h)) } else { row.range("height_min_cm", "height_max_cm", 250) };
    p.stature_cm = stature.and_then(|(a, b)| Some((u16::try_from(a).ok()?, u16::try_from(b).ok()?)));
    p.build = row.text("build");
    p.hair = row.text("hair");
    p.eyes = row.text("eyes");
    p.marks = row.list("marks");
    p.dental = row.list("dental");
    p.clothing = row.list("clothing");
    p.belongings = row.list("belongings");
    p.phones = row.list("phones");
    p.documents = row.list("doc_number");
    p.companions = row.list("companions");
    p.position = match (row.number("lat", -90.0, 90.0), row.number("lon", -180.0, 180.0)) {
        (Some(lat), Some(lon)) => Some(Position { lat, lon, uncertainty_m: DEFAULT_RADIUS_M }),
        _ => None,
    };
    p.place_text = row.text("place");
    p.country = row.text("country");
    p.language = row.text(if side == Side::Case { "report_lang" } else { "source_lang" });
    if kind.is_remains() {
        p.pmi = row.range("pmi_min_days", "pmi_max_days", 200_000).map(|(min_days, max_days)| PostMortemInterval { min_days, max_days });
    }
    p
}

/// One line of the result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredPair<'a> {
    /// External identifier of the case.
    pub case_id: &'a str,
    /// External identifier of the record.
    pub record_id: &'a str,
    /// log10 odds.
    pub score: Millibans,
    /// Probability.
    pub probability: f64,
}

/// Writes `case_id,record_id,score,probability` lines with a header.
///
/// # Errors
/// [`CsvError::Csv`] when writing fails.
pub fn write_scored<'a>(output: &mut dyn Write, pairs: impl Iterator<Item = ScoredPair<'a>>) -> Result<(), CsvError> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(["case_id", "record_id", "score", "probability"])?;
    for pair in pairs {
        let (score, probability) = (format!("{:.3}", pair.score.log10()), format!("{:.6}", pair.probability));
        writer.write_record([pair.case_id, pair.record_id, &score, &probability])?;
    }
    writer.flush().map_err(csv::Error::from)?;
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_bad_value_is_reported_and_its_row_kept() {
        let text = "record_id,kind,event_date,age_min,age_max,lat,lon\nR1,shelter,2020-13-01,30,20,95,10\n,shelter,,,,,\nR1,shelter,,,,,\n";
        let file = read_records(&mut text.as_bytes()).unwrap();
        assert_eq!(file.records.len(), 1);
        let columns: Vec<_> = file.issues.iter().map(|i| (i.line, i.column)).collect();
        assert_eq!(columns, [(2, "event_date"), (2, "age_min"), (2, "lat"), (3, "record_id"), (4, "record_id")]);
        assert!(file.records[0].position.is_none());
    }

    #[test]
    fn a_file_without_identifiers_is_refused() {
        assert!(matches!(read_cases(&mut "name\nx\n".as_bytes()), Err(CsvError::MissingColumn("case_id"))));
    }

    #[test]
    fn dates_of_three_precisions_are_intervals() {
        assert_eq!(parse_date("2020-02").unwrap().to, NaiveDate::from_ymd_opt(2020, 2, 29).unwrap());
        assert_eq!(parse_date("1999").unwrap().from, NaiveDate::from_ymd_opt(1999, 1, 1).unwrap());
        assert!(parse_date("99-1-1").is_none());
    }
}
