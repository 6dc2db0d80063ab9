//! The file of points: `id,lat,lon,uncertainty_m` and, where asked for, `date`; read in batches, every fault with its line and column.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::io::Read;

use crate::geo::{Corridors, Metres, Position, PositionError, Region, SnapOptions, looks_swapped_in, uniform_prior};
use crate::interop::problem::{Problem, Severity};
use crate::interop::table::{Table, TableError, TableLimits};
use crate::linkage::corpus_csv::parse_date;
use crate::linkage::record::DateInterval;
use rustc_hash::FxHashSet;

/// No point on Earth is farther away.
const LARGEST_RADIUS_M: f64 = 20_000_000.0;

/// Why a file of points was refused as a whole.
#[derive(Debug, thiserror::Error)]
pub enum PointsError {
    /// A column without which no row can be read.
    #[error("column `{0}` is missing; the first line must name the columns id, lat, lon and uncertainty_m")]
    MissingColumn(&'static str),
    /// No uncertainty and nothing said in its place.
    #[error("column `uncertainty_m` is missing; add it, or give --uncertainty-m METRES for all points")]
    NoUncertainty,
    /// A period was asked for and there are no dates.
    #[error("column `date` is missing, so that no period can be asked for")]
    NoDates,
    /// The file is no table, or reading failed.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What was noticed about a value or a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Line in the file, from 1 (the header is line 1).
    pub line: u64,
    /// Column name; empty for the whole row.
    pub column: Cow<'static, str>,
    /// What is wrong; never the value itself.
    pub reason: Reason,
    /// True when the row could not be used.
    pub row_dropped: bool,
}

/// What can be wrong with a value or a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// No identifier.
    #[error("is empty, and a row without it cannot be named in the result")]
    NoId,
    /// An identifier that an earlier row has.
    #[error("repeats the identifier of an earlier row")]
    RepeatedId,
    /// Nothing where a number is needed.
    #[error("is empty")]
    Empty,
    /// Not a number.
    #[error("is not a number with a decimal point")]
    Number,
    /// Not a place on Earth.
    #[error("{0}")]
    Position(#[from] PositionError),
    /// Possible, and far from all routes, near which it would be the other way round.
    #[error("latitude and longitude look swapped: the point is far from all routes, and near one when exchanged; taken as written")]
    MaybeSwapped,
    /// Not a radius.
    #[error("is not a radius from 0 to 20,000,000 metres")]
    Radius,
    /// Not a date.
    #[error("is not a date (YYYY, YYYY-MM or YYYY-MM-DD); the point is taken as undated")]
    Date,
    /// Something about the row as a row of a table.
    #[error("{0}")]
    Row(String),
}

impl std::fmt::Display for Issue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, {}: {}", self.line, if self.column.is_empty() { "the row" } else { &self.column }, self.reason)
    }
}

/// One usable row.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Identifier as the file spells it, trimmed.
    pub id: Box<str>,
    /// Where.
    pub at: Position,
    /// Radius that holds the true place with 95 %.
    pub radius: Metres,
    /// When, as far as known.
    pub date: Option<DateInterval>,
}

/// What is asked of the file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Needs<'a> {
    /// Radius of rows that state none.
    pub radius: Option<Metres>,
    /// Whether dates matter.
    pub dates: bool,
    /// The box of all routes, and the routes: for noticing swapped coordinates.
    pub routes: Option<(Region, &'a Corridors)>,
}

/// Identifiers that were met, as two keyed hashes each: 16 bytes instead of the text.
#[derive(Default)]
struct Seen {
    keys: [RandomState; 2],
    seen: FxHashSet<(u64, u64)>,
}

impl Seen {
    fn insert(&mut self, id: &str) -> bool {
        self.seen.insert((self.keys[0].hash_one(id), self.keys[1].hash_one(id)))
    }
}

/// A file of points being read.
pub struct Points<'a, R: Read> {
    table: Table<R>,
    id: usize,
    lat: usize,
    lon: usize,
    radius: Option<usize>,
    date: Option<usize>,
    needs: Needs<'a>,
    seen: Seen,
    /// What was noticed so far.
    pub issues: Vec<Issue>,
    /// Rows met so far, blank ones not counted.
    pub rows: u64,
}

impl<'a, R: Read> Points<'a, R> {
    /// Opens a file, plain or gzip, and reads its header. Columns may stand in any order, with others between them.
    ///
    /// # Errors
    /// [`PointsError`] when a needed column is missing or nothing can be read.
    pub fn open(input: R, needs: Needs<'a>) -> Result<Self, PointsError> {
        let limits = TableLimits { max_rows: u64::MAX, max_bytes: u64::MAX, ..TableLimits::default() };
        let table = Table::open(input, limits, None)?;
        let find = |name: &str| table.headers().iter().position(|header| header.eq_ignore_ascii_case(name));
        let must = |name: &'static str| find(name).ok_or(PointsError::MissingColumn(name));
        let (id, lat, lon) = (must("id")?, must("lat")?, must("lon")?);
        let (radius, date) = (find("uncertainty_m"), find("date").filter(|_| needs.dates));
        if radius.is_none() && needs.radius.is_none() {
            return Err(PointsError::NoUncertainty);
        }
        if date.is_none() && needs.dates {
            return Err(PointsError::NoDates);
        }
        Ok(Self { table, id, lat, lon, radius, date, needs, seen: Seen::default(), issues: Vec::new(), rows: 0 })
    }

    /// Up to `most` further points, none at the end of the file.
    ///
    /// # Errors
    /// [`PointsError::Table`] when reading fails; nothing more can be read then.
    pub fn next_batch(&mut self, most: usize) -> Result<Vec<Point>, PointsError> {
        let mut points = Vec::with_capacity(most);
        while points.len() < most {
            let Some(row) = self.table.next_row()? else { break };
            let line = row.line;
            let dropped = row.problems.iter().any(|problem| problem.severity == Severity::Error);
            for Problem { column, message, severity, .. } in row.problems.iter().cloned() {
                self.issues.push(Issue { line, column: column.into(), reason: Reason::Row(message), row_dropped: severity == Severity::Error });
            }
            if !dropped && row.is_blank() {
                continue;
            }
            self.rows += 1;
            if dropped {
                continue;
            }
            let cell = |index: usize| row.cell(index).unwrap_or("").trim();
            let mut issue = |column: &'static str, reason: Reason, row_dropped: bool| {
                self.issues.push(Issue { line, column: column.into(), reason, row_dropped });
            };
            let id = cell(self.id);
            if id.is_empty() {
                issue("id", Reason::NoId, true);
                continue;
            }
            // All faults of a row are told, not the first alone.
            let repeated = !self.seen.insert(id);
            if repeated {
                issue("id", Reason::RepeatedId, true);
            }
            let lat = number(cell(self.lat)).map_err(|reason| issue("lat", reason, true)).ok();
            let lon = number(cell(self.lon)).map_err(|reason| issue("lon", reason, true)).ok();
            let at = lat.zip(lon).and_then(|(lat, lon)| match Position::new(lat, lon) {
                Ok(at) => {
                    if self.needs.routes.is_some_and(|(region, routes)| looks_swapped_in(&region, lat, lon) && is_near(routes, lon, lat)) {
                        issue("lat", Reason::MaybeSwapped, false);
                    }
                    Some(at)
                }
                Err(error) => {
                    let column = match error {
                        PositionError::LongitudeNotANumber | PositionError::LongitudeOutOfRange => "lon",
                        _ => "lat",
                    };
                    issue(column, error.into(), true);
                    None
                }
            });
            let radius = match (self.radius.map(cell).unwrap_or(""), self.needs.radius) {
                ("", Some(radius)) => Some(radius),
                (text, _) => radius(text).map_err(|reason| issue("uncertainty_m", reason, true)).ok(),
            };
            let text = self.date.map(cell).unwrap_or("");
            let date = parse_date(text);
            if date.is_none() && !text.is_empty() {
                issue("date", Reason::Date, false);
            }
            if let (false, Some(at), Some(radius)) = (repeated, at, radius) {
                points.push(Point { id: id.into(), at, radius, date });
            }
        }
        Ok(points)
    }
}

/// Whether a place is in the corridor of any route.
fn is_near(routes: &Corridors, lat: f64, lon: f64) -> bool {
    let snapped = Position::new(lat, lon).map(|at| routes.snap(at, Metres::ZERO, &SnapOptions::default(), uniform_prior));
    snapped.is_ok_and(|snapped| !snapped.candidates.is_empty())
}

fn number(text: &str) -> Result<f64, Reason> {
    if text.is_empty() { Err(Reason::Empty) } else { text.parse().map_err(|_| Reason::Number) }
}

fn radius(text: &str) -> Result<Metres, Reason> {
    let radius = number(text)?;
    Metres::new(radius).ok().filter(|radius| radius.get() <= LARGEST_RADIUS_M).ok_or(Reason::Radius)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn read(text: &str, needs: Needs) -> (Vec<Point>, Vec<String>) {
        let mut points = Points::open(text.as_bytes(), needs).unwrap();
        let batch = points.next_batch(100).unwrap();
        assert!(points.next_batch(100).unwrap().is_empty());
        (batch, points.issues.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_fault_is_told_with_line_and_column_and_the_other_rows_are_read() {
        let text = "id,lat,lon,uncertainty_m\nA,17.5,-95.1,2000\n,17,-95,1\nA,17,-95,1\nB,95,120,1\nC,-92.1,14.6,1\nD,17,-195,1\nE,seventeen,-95,1\n\
            F,17,,1\nG,17,-95,wide\nH,17,-95,-5\nI,17,-95,\nJ,17,NaN,1\nK,17\n\"L,17,-95,1\nM,x,y,z\nN,17.6,-95,0\n";
        let (points, issues) = read(text, Needs::default());
        assert_eq!(points.iter().map(|point| &*point.id).collect::<Vec<_>>(), ["A", "N"]);
        let places: Vec<&str> = issues.iter().filter_map(|issue| issue.split(':').next()).collect();
        assert_eq!(
            places,
            [
                "line 3, id",
                "line 4, id",
                "line 5, lat",
                "line 6, lat",
                "line 7, lon",
                "line 8, lat",
                "line 9, lon",
                "line 10, uncertainty_m",
                "line 11, uncertainty_m",
                "line 12, uncertainty_m",
                "line 13, lon",
                "line 14, the row",
                "line 15, the row",
                "line 16, lat",
                "line 16, lon",
                "line 16, uncertainty_m"
            ]
        );
        assert!(issues[3].contains("look swapped") && issues[1].contains("repeats"), "{issues:?}");
    }

    #[test]
    fn columns_may_stand_in_any_order_and_a_missing_one_is_named() {
        let (points, issues) = read("lon;note;uncertainty_m;ID;lat\n-95.1;x;100;A;17.5\n", Needs::default());
        assert!(issues.is_empty() && points[0].at == Position::new(17.5, -95.1).unwrap() && points[0].radius == Metres::whole(100));
        let error = |text: &str, needs| Points::open(text.as_bytes(), needs).err().unwrap().to_string();
        assert!(error("id,lat\n", Needs::default()).starts_with("column `lon` is missing"));
        assert!(error("id,lat,lon\n", Needs::default()).contains("--uncertainty-m"));
        assert!(error("id,lat,lon,uncertainty_m\n", Needs { dates: true, ..Needs::default() }).contains("`date`"));
        assert!(error("", Needs::default()).contains("empty"));
    }

    #[test]
    fn a_radius_for_all_stands_in_where_the_file_states_none() {
        let needs = Needs { radius: Some(Metres::whole(2_000)), ..Needs::default() };
        assert_eq!(read("id,lat,lon\nA,1,2\n", needs).0[0].radius, Metres::whole(2_000));
        let (points, _) = read("id,lat,lon,uncertainty_m\nA,1,2,\nB,1,2,7\n", needs);
        assert_eq!(points.iter().map(|point| point.radius.get()).collect::<Vec<_>>(), [2_000.0, 7.0]);
    }

    #[test]
    fn a_swap_that_stays_possible_is_remarked_and_the_point_kept() {
        let region = Region { south: -10.0, west: -120.0, north: 40.0, east: -60.0 };
        let line = br#"{"features":[{"properties":{"id":"a"},"geometry":{"type":"LineString","coordinates":[[-70,18],[-71,18]]}}]}"#;
        let (corridors, _) = Corridors::from_geojson(line).unwrap();
        let needs = Needs { routes: Some((region, &corridors)), ..Needs::default() };
        let (points, issues) = read("id,lat,lon,uncertainty_m\nA,-70,18,1\nB,50,50,1\nC,-80,10,1\n", needs);
        assert_eq!((points.len(), issues.len()), (3, 1));
        assert!(issues[0].starts_with("line 2, lat: latitude and longitude look swapped"));
    }

    #[test]
    fn a_date_that_is_none_leaves_the_point_undated() {
        let needs = Needs { dates: true, ..Needs::default() };
        let (points, issues) = read("id,lat,lon,uncertainty_m,date\nA,1,2,1,2020-02\nB,1,2,1,yesterday\nC,1,2,1,\n", needs);
        assert_eq!(points.iter().map(|point| point.date.is_some()).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(issues.len(), 1);
    }
}
