//! Cases and records as CSV in the corpus's columns or in others that a mapping names, and the list of scored pairs. Works on any `Read` and
//! `Write`; opens no file.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};

use chrono::{Datelike, NaiveDate};
use rayon::prelude::*;

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
    #[error("column `{0}` is missing; the first line must name the columns of the corpus, or a mapping file must say which column it is")]
    MissingColumn(String),
    /// The mapping file is not one.
    #[error("the mapping cannot be read: {0}")]
    Map(String),
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

/// What a mapping may fill: the corpus's columns, `id` for the identifier of either side, and `residence`.
const FIELDS: &[&str] = &[
    "id",
    "case_id",
    "record_id",
    "kind",
    "given_names",
    "surname_1",
    "surname_2",
    "name_as_recorded",
    "aliases",
    "sex",
    "dob",
    "age_min",
    "age_max",
    "nationality",
    "height_cm",
    "height_min_cm",
    "height_max_cm",
    "build",
    "hair",
    "eyes",
    "marks",
    "dental",
    "clothing",
    "belongings",
    "phones",
    "doc_number",
    "companions",
    "residence",
    "last_contact_date",
    "report_date",
    "event_date",
    "place",
    "country",
    "lat",
    "lon",
    "pmi_min_days",
    "pmi_max_days",
    "report_lang",
    "source_lang",
];
/// Fields that hold several values, separated by `|`.
const LISTS: &[&str] = &["aliases", "marks", "dental", "clothing", "belongings", "phones", "doc_number", "companions", "residence"];

/// Which columns of a foreign file hold what; TOML. See `config/link/febrl.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnMap {
    /// The corpus's name of a field, and the file's column or columns; several are joined.
    columns: BTreeMap<String, OneOrMore>,
    /// Fields that have one value in the whole file.
    constants: BTreeMap<String, String>,
    /// How dates are written, as in `strftime`; without it as in the corpus.
    date: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl ColumnMap {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`CsvError::Map`] for other text, and for a field that does not exist.
    pub fn from_toml(text: &str) -> Result<Self, CsvError> {
        let map: Self = toml::from_str(text).map_err(|e| CsvError::Map(e.to_string()))?;
        if let Some(unknown) = map.columns.keys().chain(map.constants.keys()).find(|field| !FIELDS.contains(&field.as_str())) {
            return Err(CsvError::Map(format!("`{unknown}` is not a field; the fields are {}", FIELDS.join(", "))));
        }
        Ok(map)
    }

    /// The columns of the file that hold a field.
    fn columns_of<'a>(&'a self, field: &'a str, alternative: &'a str) -> Vec<&'a str> {
        match self.columns.get(field).or_else(|| self.columns.get(alternative)) {
            Some(OneOrMore::One(column)) => vec![column],
            Some(OneOrMore::More(columns)) => columns.iter().map(String::as_str).collect(),
            None => vec![field],
        }
    }
}

/// Reads `cases.csv`, or a file with the columns of `map`.
///
/// # Errors
/// [`CsvError`] when the identifier or a mapped column is missing or the stream fails; single bad values become [`CorpusFile::issues`].
pub fn read_cases(input: &mut dyn Read, map: &ColumnMap) -> Result<CorpusFile, CsvError> {
    read(input, Side::Case, map)
}

/// Reads `records.csv`, or a file with the columns of `map`.
///
/// # Errors
/// As [`read_cases`].
pub fn read_records(input: &mut dyn Read, map: &ColumnMap) -> Result<CorpusFile, CsvError> {
    read(input, Side::Found, map)
}

/// Where the fields of a file stand.
struct Layout<'a> {
    places: HashMap<&'static str, Vec<usize>>,
    map: &'a ColumnMap,
}

impl<'a> Layout<'a> {
    fn new(headers: &csv::StringRecord, id: &str, map: &'a ColumnMap) -> Result<Self, CsvError> {
        let mut places = HashMap::new();
        for field in FIELDS.iter().copied() {
            let mut columns = Vec::new();
            for name in map.columns_of(field, if field == id { "id" } else { field }) {
                match headers.iter().position(|h| h.trim_start_matches('\u{feff}').trim() == name) {
                    Some(column) => columns.push(column),
                    // A mapped column must be there; another may be missing.
                    None if map.columns.contains_key(field) => return Err(CsvError::MissingColumn(name.to_owned())),
                    None => {}
                }
            }
            if field == id && columns.is_empty() {
                return Err(CsvError::MissingColumn(id.to_owned()));
            }
            places.insert(field, columns);
        }
        Ok(Self { places, map })
    }
}

struct Row<'a> {
    layout: &'a Layout<'a>,
    row: &'a csv::StringRecord,
    line: u64,
    issues: &'a mut Vec<RowIssue>,
}

impl Row<'_> {
    fn text(&self, column: &str) -> Option<String> {
        let value = |index: &usize| self.row.get(*index).map(str::trim).filter(|v| !v.is_empty());
        match self.layout.places.get(column).map(Vec::as_slice) {
            Some([one]) => value(one).map(str::to_owned),
            Some([]) | None => self.layout.map.constants.get(column).cloned(),
            Some(several) => {
                let values: Vec<&str> = several.iter().filter_map(value).collect();
                (!values.is_empty()).then(|| values.join(if LISTS.contains(&column) { "|" } else { " " }))
            }
        }
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
        let written = self.layout.map.date.as_deref().map(|format| NaiveDate::parse_from_str(&text, format).ok().map(DateInterval::day));
        let interval = written.unwrap_or_else(|| parse_date(&text));
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

fn read(input: &mut dyn Read, side: Side, map: &ColumnMap) -> Result<CorpusFile, CsvError> {
    let id_column = if side == Side::Case { "case_id" } else { "record_id" };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let headers = reader.headers()?.clone();
    let layout = Layout::new(&headers, id_column, map)?;
    let mut out = CorpusFile::default();
    let mut seen = std::collections::HashSet::new();
    let mut raw = csv::ByteRecord::new();
    while reader.read_byte_record(&mut raw)? {
        let line = raw.position().map_or(0, csv::Position::line);
        let row: csv::StringRecord = raw.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
        let mut row = Row { layout: &layout, row: &row, line, issues: &mut out.issues };
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
    p.residence = row.list("residence");
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

/// Writes `case_id,record_id,score,probability` lines with a header, one for each of the pairs that `of` gives one for. All cores write; the same pairs give
/// the same bytes.
///
/// # Errors
/// [`CsvError::Csv`] when writing fails.
pub fn write_scored<'a, T: Sync>(output: &mut dyn Write, pairs: &[T], of: impl Fn(&T) -> Option<ScoredPair<'a>> + Sync) -> Result<(), CsvError> {
    let rows = |pairs: &[T]| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for pair in pairs.iter().filter_map(&of) {
            let (score, probability) = (format!("{:.3}", pair.score.log10()), format!("{:.6}", pair.probability));
            writer.write_record([pair.case_id, pair.record_id, &score, &probability])?;
        }
        writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))
    };
    output.write_all(b"case_id,record_id,score,probability\n").map_err(csv::Error::from)?;
    for pairs in pairs.chunks(ROWS_AT_A_TIME) {
        let rows: Vec<Vec<u8>> = pairs.par_chunks(ROWS_AT_A_TIME / 64).map(rows).collect::<Result<_, _>>()?;
        rows.iter().try_for_each(|rows| output.write_all(rows)).map_err(csv::Error::from)?;
    }
    output.flush().map_err(csv::Error::from)?;
    Ok(())
}

/// Rows that all cores write in memory before they go to the file.
const ROWS_AT_A_TIME: usize = 1 << 18;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_bad_value_is_reported_and_its_row_kept() {
        let text = "record_id,kind,event_date,age_min,age_max,lat,lon\nR1,shelter,2020-13-01,30,20,95,10\n,shelter,,,,,\nR1,shelter,,,,,\n";
        let file = read_records(&mut text.as_bytes(), &ColumnMap::default()).unwrap();
        assert_eq!(file.records.len(), 1);
        let columns: Vec<_> = file.issues.iter().map(|i| (i.line, i.column)).collect();
        assert_eq!(columns, [(2, "event_date"), (2, "age_min"), (2, "lat"), (3, "record_id"), (4, "record_id")]);
        assert!(file.records[0].position.is_none());
    }

    #[test]
    fn pairs_are_written_in_order_and_quoted_however_many_there_are() {
        let ids: Vec<String> = (0..9_000).map(|n| if n == 5_000 { "a,\"b\"".to_owned() } else { format!("C{n}") }).collect();
        let mut written = Vec::new();
        fn pair(id: &str) -> ScoredPair<'_> {
            ScoredPair { case_id: id, record_id: "R", score: Millibans(-1250), probability: 0.25 }
        }
        let numbers: Vec<usize> = (0..ids.len()).collect();
        write_scored(&mut written, &numbers, |n| ids.get(*n).filter(|id| *id != "C7").map(|id| pair(id))).unwrap();
        let mut reader = csv::Reader::from_reader(&*written);
        assert_eq!(reader.headers().unwrap(), vec!["case_id", "record_id", "score", "probability"]);
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.iter().map(|r| &r[0]).collect::<Vec<_>>(), ids.iter().filter(|id| *id != "C7").collect::<Vec<_>>());
        assert!(rows.iter().all(|r| &r[2] == "-1.250" && &r[3] == "0.250000"));
    }

    #[test]
    fn a_file_without_identifiers_is_refused() {
        let missing = read_cases(&mut "name\nx\n".as_bytes(), &ColumnMap::default()).unwrap_err();
        assert!(missing.to_string().contains("case_id"));
    }

    #[test]
    fn a_mapping_names_the_columns_of_a_foreign_file() {
        let map = ColumnMap::from_toml(
            "date = '%d/%m/%Y'\n[columns]\nid = 'no'\ngiven_names = 'vorname'\ndob = 'geb'\nresidence = ['ort', 'plz']\n[constants]\nkind = 'shelter'\n",
        )
        .unwrap();
        let file = read_records(&mut " no, vorname, geb, ort, plz\n7, Ana, 02/03/1990, Linden,\n".as_bytes(), &map).unwrap();
        let record = &file.records[0];
        assert_eq!(
            (file.ids[0].as_str(), record.kind, record.residence.as_slice()),
            ("7", RecordKind::Shelter, ["Linden".to_owned()].as_slice())
        );
        assert_eq!(record.birth, NaiveDate::from_ymd_opt(1990, 3, 2).map(DateInterval::day));
        let missing = read_records(&mut "no,geb,ort,plz\n".as_bytes(), &map).unwrap_err();
        assert!(missing.to_string().contains("vorname"));
        let unknown = ColumnMap::from_toml("[columns]\nfirst_name = 'x'\n").unwrap_err();
        assert!(unknown.to_string().contains("first_name"));
    }

    #[test]
    fn dates_of_three_precisions_are_intervals() {
        assert_eq!(parse_date("2020-02").unwrap().to, NaiveDate::from_ymd_opt(2020, 2, 29).unwrap());
        assert_eq!(parse_date("1999").unwrap().from, NaiveDate::from_ymd_opt(1999, 1, 1).unwrap());
        assert!(parse_date("99-1-1").is_none());
    }
}
