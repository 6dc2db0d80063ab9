//! Rows of the IOM Missing Migrants Project: incidents, never persons.
//!
//! The project's counts are minimum estimates; **a blank number of dead is unknown, not zero**. The files have known faults
//! (repeated identifiers, duplicate rows, blank dates, swapped coordinates, lost signs, negative counts): each is reported and
//! the incident is kept. A repeated identifier with other content is kept under a suffix (`2018.MMP00247#2`). Only a row that
//! is identical to an earlier one in every cell, its identifier included, is skipped; rows that differ in the identifier alone
//! are kept with a remark, since the source lists each person of some events in a row of its own.

use std::io::Read;

use chrono::Datelike;

use super::countries;
use super::headers::{Mapping, Template};
use super::import::{Cells, Extra, Import, ImportError, ImportOptions, OnRepeat, RowKind};
use super::place::{CoordinateDoubt, doubt, warn_doubt};
use super::problem::{Code, Problems};
use super::values::{DateOrder, DateSpan, coordinate, coordinate_pair, date, integer, key};
use super::vocab::cause_class;

/// An incident as the source tells it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IncidentRow {
    /// The source's identifier, with `#2` and so on behind a repeated one.
    pub external_id: String,
    /// The main incident this one is part of, when the source has both identifiers.
    pub main_id: Option<String>,
    /// `Incident`, `Split Incident` or `Cumulative Incident`.
    pub incident_type: Option<String>,
    /// When: a day, or the month or year when the day is blank.
    pub date: Option<DateSpan>,
    /// Region as the source names it.
    pub region: Option<String>,
    /// Country as the source names it.
    pub country_text: Option<String>,
    /// Country, ISO 3166-1 alpha-3.
    pub country: Option<&'static str>,
    /// Place in words.
    pub place: Option<String>,
    /// Latitude in degrees as recorded; see `coordinate_doubt` before trusting it.
    pub lat: Option<f64>,
    /// Longitude in degrees as recorded.
    pub lon: Option<f64>,
    /// Why the coordinates are doubtful. A doubtful incident must not be placed on a map without saying so.
    pub coordinate_doubt: Option<CoordinateDoubt>,
    /// Number of dead; nothing means unknown.
    pub dead: Option<u32>,
    /// Least number of missing.
    pub missing: Option<u32>,
    /// Dead and missing together as the source gives it.
    pub total: Option<u32>,
    /// Survivors.
    pub survivors: Option<u32>,
    /// Women and girls.
    pub females: Option<u32>,
    /// Men and boys.
    pub males: Option<u32>,
    /// Children.
    pub children: Option<u32>,
    /// Cause of death as the source words it.
    pub cause: Option<String>,
    /// Its class (V-CAUSE).
    pub cause_class: &'static str,
    /// Migration route as the source names it.
    pub route: Option<String>,
    /// Who reported it.
    pub source: Option<String>,
    /// Where.
    pub url: Option<String>,
    /// 1 (one media report) to 5 (official or forensic).
    pub source_quality: Option<u8>,
    /// The United Nations' grouping of countries.
    pub unsd_grouping: Option<String>,
    /// Country of origin, verbatim.
    pub country_origin: Option<String>,
    /// Region of origin, verbatim.
    pub region_origin: Option<String>,
    /// Values of unknown columns, and of counts that could not be used: header and value.
    pub extras: Vec<Extra>,
}

macro_rules! columns {
    ($($field:ident),* $(,)?) => {
        #[derive(Debug, Default)]
        struct Columns { $($field: Option<usize>,)* }

        impl Columns {
            #[cfg(test)]
            pub(super) const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn find(mapping: &Mapping) -> Self {
                Self { $($field: mapping.index(stringify!($field)),)* }
            }
        }
    };
}

columns! {
    main_id, incident_id, incident_type, region, date, year, month, dead, missing, total, survivors, females, males, children, cause,
    country, location, unsd_grouping, coordinates, latitude, longitude, route, source, url, source_quality, file_year, region_origin,
    country_origin,
}

/// The reader of incidents.
#[derive(Debug)]
pub struct IncidentKind {
    columns: Columns,
    ids: Vec<usize>,
}

/// An incident file being imported.
pub type IncidentImport<R> = Import<R, IncidentKind>;

impl RowKind for IncidentKind {
    type Row = IncidentRow;
    const TEMPLATE: Template = Template::Mmp;
    const ON_REPEAT: OnRepeat = OnRepeat::Rename;

    fn new(mapping: &Mapping, _: &ImportOptions, _: &dyn Fn(usize) -> Vec<String>, _: &mut Problems) -> Self {
        let columns = Columns::find(mapping);
        let ids = [columns.main_id, columns.incident_id].into_iter().flatten().collect();
        Self { columns, ids }
    }

    fn read(&mut self, cells: &Cells<'_>, mut extras: Vec<Extra>, problems: &mut Problems) -> Option<IncidentRow> {
        let c = &self.columns;
        let main_id = cells.text(c.main_id, 100, problems);
        let incident_id = cells.text(c.incident_id, 100, problems);
        let external_id = match incident_id.clone().or_else(|| main_id.clone()) {
            Some(id) => id,
            None => {
                problems.error(cells.header(c.incident_id.or(c.main_id)), "", Code::Missing, "the incident has no identifier");
                return None;
            }
        };
        if !external_id.chars().any(|c| c.is_ascii_digit()) {
            let message = "this does not look like an identifier of the source; kept as it is";
            problems.warn(cells.header(c.incident_id.or(c.main_id)), &external_id, Code::DoubtfulIdentifier, message);
        }
        let country_text = cells.text(c.country, 200, problems);
        let country = country_text.as_deref().and_then(|text| countries::country(&text.replace("&#039;", "'")));
        if let (Some(text), None) = (&country_text, country) {
            problems.warn(cells.header(c.country), text, Code::UnknownCountry, "the country is not known; kept as it is");
        }
        let (lat, lon, coordinate_doubt) = self.position(cells, country, &mut extras, problems);
        let mut count = |column, problems: &mut Problems| count(cells, column, &mut extras, problems);
        let (dead, missing) = (count(c.dead, problems), count(c.missing, problems));
        let (total, survivors) = (count(c.total, problems), count(c.survivors, problems));
        let (females, males, children) = (count(c.females, problems), count(c.males, problems), count(c.children, problems));
        if cells.raw(c.dead).is_none() {
            problems.warn(cells.header(c.dead), "", Code::BlankDead, "the number of dead is blank: unknown, not zero");
        }
        if let Some(total) = total
            && (dead.is_some() || missing.is_some())
            && dead.unwrap_or(0) + missing.unwrap_or(0) != total
        {
            let message = format!("dead ({}) and missing ({}) do not add up to this", shown(dead), shown(missing));
            problems.warn(cells.header(c.total), &total.to_string(), Code::TotalDisagrees, message);
        }
        let cause = cells.text(c.cause, 1_000, problems);
        let row = IncidentRow {
            main_id: main_id.filter(|m| incident_id.as_ref().is_some_and(|i| i != m)),
            external_id,
            incident_type: cells.text(c.incident_type, 100, problems),
            date: self.date(cells, problems),
            region: cells.text(c.region, 200, problems),
            country: country.map(|c| c.alpha3),
            country_text,
            place: cells.text(c.location, 2_000, problems),
            lat,
            lon,
            coordinate_doubt,
            dead,
            missing,
            total,
            survivors,
            females,
            males,
            children,
            cause_class: cause_class(cause.as_deref().unwrap_or_default()),
            cause,
            route: cells.text(c.route, 200, problems),
            source: cells.text(c.source, 1_000, problems),
            url: cells.text(c.url, 2_000, problems),
            source_quality: self.quality(cells, &mut extras, problems),
            unsd_grouping: cells.text(c.unsd_grouping, 200, problems),
            country_origin: cells.text(c.country_origin, 300, problems),
            region_origin: cells.text(c.region_origin, 300, problems),
            extras,
        };
        Some(row)
    }

    fn key(row: &IncidentRow) -> String {
        row.external_id.clone()
    }

    fn rename(row: &mut IncidentRow, suffix: &str) {
        row.external_id.push_str(suffix);
    }

    fn key_columns(&self) -> &[usize] {
        &self.ids
    }
}

impl IncidentKind {
    /// The incident's date; a blank or unreadable one falls back to year and month, and is reported.
    fn date(&self, cells: &Cells<'_>, problems: &mut Problems) -> Option<DateSpan> {
        let c = &self.columns;
        let coarse = self.year_and_month(cells);
        let Some(text) = cells.raw(c.date) else {
            if c.date.is_some() || coarse.is_none() {
                let known = coarse.map_or_else(|| "unknown".to_owned(), |d| d.to_string());
                problems.warn(cells.header(c.date), "", Code::BlankDate, format!("the date is blank; taken as {known}"));
            }
            return coarse;
        };
        match date(text, DateOrder::MonthFirst) {
            Ok((span, _)) if cells.today().succ_opt().is_some_and(|tomorrow| span.from > tomorrow) => {
                problems.warn(cells.header(c.date), text, Code::FutureDate, "the date lies in the future");
                Some(span)
            }
            Ok((span, _)) => Some(span),
            Err(_) => {
                problems.warn(cells.header(c.date), text, Code::NotADate, "this is not a date; year and month are used instead");
                coarse
            }
        }
    }

    fn year_and_month(&self, cells: &Cells<'_>) -> Option<DateSpan> {
        let year = cells.raw(self.columns.year).or_else(|| cells.raw(self.columns.file_year))?;
        let month = cells.raw(self.columns.month).map(key).unwrap_or_default();
        let joined = if month.is_empty() { year.to_owned() } else { format!("{month} {year}") };
        let read =
            |text: &str| date(text, DateOrder::MonthFirst).ok().map(|d| d.0).filter(|d| (1990..=cells.today().year()).contains(&d.from.year()));
        read(&joined).or_else(|| read(year))
    }

    /// Coordinates from the pair column or from two columns, checked against each other and against the country.
    fn position(
        &self,
        cells: &Cells<'_>,
        country: Option<&countries::Country>,
        extras: &mut Vec<Extra>,
        problems: &mut Problems,
    ) -> (Option<f64>, Option<f64>, Option<CoordinateDoubt>) {
        let c = &self.columns;
        let pair_text = cells.raw(c.coordinates);
        let pair = pair_text.and_then(coordinate_pair);
        let single = cells.raw(c.latitude).and_then(coordinate).zip(cells.raw(c.longitude).and_then(coordinate));
        let header = cells.header(c.coordinates.or(c.latitude));
        if let (Some((a, b)), Some((x, y))) = (pair, single)
            && ((a - x).abs() > 1e-3 || (b - y).abs() > 1e-3)
        {
            problems.warn(header, &format!("{a}, {b}"), Code::CoordinatesDisagree, format!("other columns say {x}, {y}; the first are used"));
        }
        let Some((lat, lon)) = pair.or(single) else {
            if c.coordinates.is_some() || c.latitude.is_some() {
                let (code, message) = match pair_text.or_else(|| cells.raw(c.latitude)) {
                    None => (Code::IncompleteCoordinates, "the incident has no coordinates"),
                    Some(_) => (Code::NotANumber, "these are not coordinates; kept as they are"),
                };
                problems.warn(header, pair_text.unwrap_or_default(), code, message);
                extras.extend(pair_text.map(|text| (header.to_owned(), text.chars().take(100).collect())));
            }
            return (None, None, None);
        };
        let shown = format!("{lat}, {lon}");
        if lat.abs() > 90.0 || lon.abs() > 180.0 {
            let swapped = lat.abs() <= 180.0 && lon.abs() <= 90.0;
            let (code, message) = if swapped {
                (Code::Swapped, "no latitude is beyond 90 degrees: latitude and longitude look swapped; kept as an extra")
            } else {
                (Code::OutOfRange, "there are no such coordinates; kept as an extra")
            };
            problems.warn(header, &shown, code, message);
            extras.push((header.to_owned(), shown));
            return (None, None, swapped.then_some(CoordinateDoubt::Swapped));
        }
        let doubt = country.and_then(|country| doubt(country, lat, lon));
        if let Some(country) = country {
            warn_doubt(doubt, country, header, &shown, problems);
        }
        (Some(lat), Some(lon), doubt)
    }

    fn quality(&self, cells: &Cells<'_>, extras: &mut Vec<Extra>, problems: &mut Problems) -> Option<u8> {
        let column = self.columns.source_quality;
        let text = cells.raw(column)?;
        let quality = integer(text).and_then(|q| u8::try_from(q).ok()).filter(|q| (1..=5).contains(q));
        if quality.is_none() {
            problems.warn(cells.header(column), text, Code::OutOfRange, "the quality of a source is 1 to 5; kept as an extra");
            extras.push((cells.header(column).to_owned(), text.chars().take(100).collect()));
        }
        quality
    }
}

/// A count of persons; a negative or unreadable one is unknown, reported, and kept as an extra.
fn count(cells: &Cells<'_>, column: Option<usize>, extras: &mut Vec<Extra>, problems: &mut Problems) -> Option<u32> {
    let text = cells.raw(column)?;
    let number = integer(text);
    let count = number.and_then(|n| u32::try_from(n).ok()).filter(|n| *n <= 1_000_000);
    if count.is_none() {
        let (code, message) = match number {
            Some(..0) => (Code::NegativeCount, "a count below zero: taken as unknown, kept as an extra"),
            Some(_) => (Code::OutOfRange, "no incident has so many people: taken as unknown, kept as an extra"),
            None => (Code::NotANumber, "this is not a number: taken as unknown, kept as an extra"),
        };
        problems.warn(cells.header(column), text, code, message);
        extras.push((cells.header(column).to_owned(), text.chars().take(100).collect()));
    }
    count
}

fn shown(count: Option<u32>) -> String {
    count.map_or_else(|| "unknown".to_owned(), |n| n.to_string())
}

/// Opens an incident file.
///
/// # Errors
/// [`ImportError`] when it cannot be read or a required column is missing.
pub fn open<R: Read>(reader: R, options: ImportOptions) -> Result<IncidentImport<R>, ImportError> {
    Import::open(reader, options)
}

/// The fields this reader fills of its own; a test holds them against the alias table.
#[cfg(test)]
pub(super) const FIELDS: &[&str] = Columns::FIELDS;
