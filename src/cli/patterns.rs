//! `patterns`: what the rows of a file have in common in space, time and circumstances, without a database.

use super::{Out, open};
use crate::domain::place::{Place, PlacePrecision};
use crate::geo::patterns::{ScanOptions, Sign};
use crate::geo::{Corridors, Position, PositionError};
use crate::services::patterns::{Audience, Ground, GroupTold, Member, Persons, Settings, Subject, Told, analyse, month_end, month_start};
use crate::services::space::Space;
use anyhow::{Context, bail};
use chrono::{Datelike, NaiveDate};
use indicatif::{ProgressBar, ProgressStyle};
use rand::{Rng, SeedableRng};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Uncertainty of a row that states none: a place described in words.
const DESCRIBED_M: f64 = 2_000.0;
/// More faults than this are counted only.
const FAULTS: usize = 20;

/// Options of `patterns`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// CSV with the columns `id,lat,lon,date` and perhaps `uncertainty_m` (a radius that holds the place with 95 % chance); every further column is
    /// a sign that rows may share. A row is one person, or one incident. Plain or gzip.
    #[arg(long)]
    events: PathBuf,
    /// Corridors as `GeoJSON` lines with `id`, `name` and `medium`; those of this release without it.
    #[arg(long)]
    routes: Option<PathBuf>,
    /// Folder for density.csv, clusters.csv, scan.csv and lift.csv.
    #[arg(long)]
    out: PathBuf,
    /// For readers who do not own the rows: only what five or more share, in steps of five, with coarse places, months and no members.
    #[arg(long)]
    publish: bool,
    /// Only rows from this day.
    #[arg(long)]
    from: Option<NaiveDate>,
    /// Only rows to this day.
    #[arg(long)]
    to: Option<NaiveDate>,
    /// How far the kernel of the density reaches, 10 to 25 km.
    #[arg(long, default_value_t = 15.0)]
    bandwidth_km: f64,
    /// Distance of neighbours in a cluster, 5 to 25 km; at least 25 with --publish.
    #[arg(long, default_value_t = 15.0)]
    eps_km: f64,
    /// Days between neighbours in a cluster, 30 to 90.
    #[arg(long, default_value_t = 60)]
    eps_days: u32,
    /// Neighbours that make a cluster, 4 or 5.
    #[arg(long, default_value_t = 5)]
    least: u32,
    /// Largest radius of the scan, 5 to 200 km.
    #[arg(long, default_value_t = 50.0)]
    radius_km: f64,
    /// Longest time of the scan, 7 to 366 days.
    #[arg(long, default_value_t = 91)]
    days: u32,
    /// Shuffles of the scan, 99 to 9999.
    #[arg(long, default_value_t = 999)]
    shuffles: u32,
    /// Where the shuffles start: the same number gives the same answer.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A value that could not be used.
struct Fault {
    line: u64,
    column: &'static str,
    reason: String,
}

/// What a file held.
#[derive(Default)]
struct Rows {
    subjects: Vec<Subject>,
    members: Vec<Member>,
    faults: Vec<Fault>,
    /// Rows that are there, whether or not they could be used.
    read: usize,
}

/// Where the columns are that a row needs.
struct Columns {
    id: usize,
    lat: usize,
    lon: usize,
    date: usize,
    uncertainty: Option<usize>,
    signs: Vec<(usize, String)>,
}

impl Columns {
    fn of(headers: &csv::StringRecord) -> anyhow::Result<Self> {
        let names: Vec<String> = headers.iter().map(|h| h.trim().trim_start_matches('\u{feff}').to_lowercase()).collect();
        let find = |name: &str| names.iter().position(|n| n == name);
        let need = |name: &str| find(name).with_context(|| format!("there is no column {name}"));
        let known = ["id", "lat", "lon", "date", "uncertainty_m", ""];
        let signs = names.iter().enumerate().filter(|(_, name)| !known.contains(&name.as_str())).map(|(n, name)| (n, name.clone())).collect();
        Ok(Self { id: need("id")?, lat: need("lat")?, lon: need("lon")?, date: need("date")?, uncertainty: find("uncertainty_m"), signs })
    }
}

/// What an amount of kilometres or degrees is; nothing when the cell is blank.
fn number(text: &str, column: &'static str, line: u64, faults: &mut Vec<Fault>) -> Result<Option<f64>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        _ => {
            faults.push(Fault { line, column, reason: "is not a number".to_owned() });
            Err(())
        }
    }
}

impl Rows {
    /// One row; a fault is noted and leaves the row out.
    fn take(&mut self, options: &Options, columns: &Columns, row: &csv::StringRecord) -> Result<(), ()> {
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |n: usize| row.get(n).unwrap_or("").trim();
        let id = cell(columns.id);
        if id.is_empty() {
            self.faults.push(Fault { line, column: "id", reason: "is blank".to_owned() });
            return Err(());
        }
        let lat = number(cell(columns.lat), "lat", line, &mut self.faults)?;
        let lon = number(cell(columns.lon), "lon", line, &mut self.faults)?;
        let at = match lat.zip(lon).map(|(lat, lon)| Position::new(lat, lon)).transpose() {
            Ok(at) => at,
            Err(error) => {
                let of_lon = matches!(error, PositionError::LongitudeOutOfRange | PositionError::LongitudeNotANumber);
                self.faults.push(Fault { line, column: if of_lon { "lon" } else { "lat" }, reason: error.to_string() });
                return Err(());
            }
        };
        let uncertainty = columns.uncertainty.map_or(Ok(None), |n| number(cell(n), "uncertainty_m", line, &mut self.faults))?;
        if uncertainty.is_some_and(|metres| metres <= 0.0) {
            self.faults.push(Fault { line, column: "uncertainty_m", reason: "is not above zero".to_owned() });
            return Err(());
        }
        let date = match cell(columns.date) {
            "" => None,
            text => match text.parse::<NaiveDate>() {
                Ok(date) => Some(date),
                Err(_) => {
                    self.faults.push(Fault { line, column: "date", reason: "is not a day as YYYY-MM-DD".to_owned() });
                    return Err(());
                }
            },
        };
        let before = options.from.is_some_and(|from| date.is_none_or(|date| date < from));
        if before || options.to.is_some_and(|to| date.is_none_or(|date| date > to)) {
            return Ok(());
        }
        let mut signs: Vec<Sign> =
            date.iter().map(|d| Sign { attribute: "month".to_owned(), value: format!("{}-{:02}", d.year(), d.month()) }).collect();
        let more = columns.signs.iter().filter(|(n, _)| !cell(*n).is_empty());
        signs.extend(more.map(|(n, name)| Sign { attribute: name.clone(), value: cell(*n).to_owned() }));
        let subject = Subject { at, radius_m: uncertainty.unwrap_or(DESCRIBED_M), day: date.map(|d| d.num_days_from_ce()), signs, own: true };
        self.subjects.push(if options.publish { for_others(subject, date) } else { subject });
        self.members.push(Member { id: id.to_owned(), name: id.to_owned() });
        Ok(())
    }
}

/// A row as readers may use it who do not own it: place to a quarter of a degree, the month.
fn for_others(subject: Subject, date: Option<NaiveDate>) -> Subject {
    let whole = Place {
        lat: subject.at.map(Position::lat),
        lon: subject.at.map(Position::lon),
        uncertainty_m: Some(subject.radius_m),
        ..Place::default()
    };
    let place = whole.reduced(PlacePrecision::Municipality);
    let at = place.position().and_then(|(lat, lon)| Position::new(lat, lon).ok());
    let day = date.map(|d| (month_start(d).num_days_from_ce() + month_end(d).num_days_from_ce()) / 2);
    Subject { at, radius_m: place.radius_m(), day, own: false, ..subject }
}

fn read(options: &Options) -> anyhow::Result<Rows> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(open(&options.events)?);
    let columns = Columns::of(reader.headers()?).with_context(|| format!("{}", options.events.display()))?;
    let mut rows = Rows::default();
    for row in reader.records() {
        rows.read += 1;
        match row {
            Ok(row) => drop(rows.take(options, &columns, &row)),
            Err(error) if error.is_io_error() => return Err(error).with_context(|| format!("cannot read {}", options.events.display())),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                rows.faults.push(Fault { line, column: "row", reason: "cannot be read as UTF-8 text".to_owned() });
            }
        }
    }
    Ok(rows)
}

fn corridors(options: &Options) -> anyhow::Result<Corridors> {
    let Some(path) = &options.routes else { return Ok(Space::new()?.corridors().clone()) };
    let mut text = Vec::new();
    open(path)?.read_to_end(&mut text).with_context(|| format!("cannot read {}", path.display()))?;
    let no_stops = b"route_id,seq,town,lon,lat,geonameid,measure_km\n";
    Corridors::from_texts(&text, no_stops).with_context(|| format!("{}", path.display()))
}

/// How many, in one cell: of all, or at least so many.
fn count(persons: Persons) -> String {
    persons.others_at_least.unwrap_or(persons.own).to_string()
}

fn names(members: &[Member]) -> String {
    members.iter().map(|member| member.name.as_str()).collect::<Vec<_>>().join(" ")
}

struct Writer<'a> {
    folder: &'a Path,
    told: &'a Told,
}

impl Writer<'_> {
    fn table(&self, name: &str, header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        let mut writer = csv::Writer::from_path(&path).with_context(|| format!("cannot write {}", path.display()))?;
        writer.write_record(header)?;
        for row in rows {
            writer.write_record(row)?;
        }
        writer.flush().with_context(|| format!("cannot write {}", path.display()))
    }

    fn density(&self) -> anyhow::Result<()> {
        let km = |km: f64| format!("{km:.2}");
        if self.told.exact {
            let bins = self.told.along.iter().flat_map(|along| along.density.iter().map(|bin| (&along.corridor, bin)));
            let row = |(corridor, bin): (&String, &crate::services::patterns::BinTold)| {
                vec![corridor.clone(), km(bin.from_km), km(bin.to_km), format!("{:.6}", bin.per_km), bin.events.to_string()]
            };
            return self.table("density.csv", &["corridor", "from_km", "to_km", "events_per_km", "events"], bins.map(row));
        }
        let stretches = self.told.along.iter().flat_map(|along| along.stretches.iter().map(|stretch| (&along.corridor, stretch)));
        let row = |(corridor, stretch): (&String, &crate::services::patterns::StretchTold)| {
            vec![corridor.clone(), km(stretch.from_km), km(stretch.to_km), count(stretch.persons)]
        };
        self.table("density.csv", &["corridor", "from_km", "to_km", "events_at_least"], stretches.map(row))
    }

    fn group(&self, number: usize, group: &GroupTold) -> Vec<String> {
        let degrees = |degrees: f64| format!("{degrees:.5}");
        let (lat, lon, radius) = (degrees(group.lat), degrees(group.lon), format!("{:.1}", group.radius_km));
        vec![
            (number + 1).to_string(),
            count(group.persons),
            lat,
            lon,
            radius,
            group.from.to_string(),
            group.to.to_string(),
            names(&group.members),
        ]
    }

    fn all(&self) -> anyhow::Result<()> {
        std::fs::create_dir_all(self.folder).with_context(|| format!("cannot make {}", self.folder.display()))?;
        self.density()?;
        let events = if self.told.exact { "events" } else { "events_at_least" };
        let group = ["cluster", events, "lat", "lon", "radius_km", "from", "to", "members"];
        self.table("clusters.csv", &group, self.told.clusters.iter().enumerate().map(|(n, g)| self.group(n, g)))?;
        let optional = |value: Option<f64>, digits: usize| value.map(|v| format!("{v:.digits$}")).unwrap_or_default();
        let scan = self.told.scan.iter().enumerate().map(|(n, excess)| {
            let mut row = self.group(n, &excess.group);
            row.extend([optional(excess.expected, 3), optional(excess.llr, 3), excess.as_strong.to_string(), self.told.shuffles.to_string()]);
            row.push(format!("{:.4}", excess.p));
            row
        });
        self.table("scan.csv", &[&group[..], &["expected", "llr", "as_strong", "shuffles", "p"]].concat(), scan)?;
        let lift = self.told.lift.iter().map(|pair| {
            let counts = pair.counts.map_or([const { String::new() }; 3], |c| [c.first, c.second, c.all].map(|n| n.to_string()));
            let signs = [&pair.first.attribute, &pair.first.value, &pair.second.attribute, &pair.second.value].map(Clone::clone);
            let mut row = signs.to_vec();
            row.push(count(pair.persons));
            row.extend(counts);
            row.extend([format!("{:.3}", pair.lift), names(&pair.members)]);
            row
        });
        let header = ["attribute_a", "value_a", "attribute_b", "value_b", events, "with_a", "with_b", "with_both_recorded", "lift", "members"];
        self.table("lift.csv", &header, lift)
    }
}

/// Says on standard error which rows were left out; all of them stand in problems.csv, where that is not published.
fn report(options: &Options, faults: &[Fault]) {
    let mut out = std::io::stderr().lock();
    for fault in faults.iter().take(FAULTS) {
        let _ = writeln!(out, "{}: line {}, {}: {}", options.events.display(), fault.line, fault.column, fault.reason);
    }
    if faults.len() > FAULTS {
        let _ = writeln!(out, "{}: {} more rows left out", options.events.display(), faults.len() - FAULTS);
    }
}

/// `rastro patterns`.
///
/// # Errors
/// Naming the file that cannot be read or written, or the setting that is out of range.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if !(5.0..=25.0).contains(&options.eps_km) {
        bail!("--eps-km is a number from 5 to 25");
    }
    let eps_km = if options.publish { 25.0 } else { options.eps_km };
    let scan = ScanOptions::new(options.radius_km, options.days, 7, options.shuffles)?;
    let settings = Settings { scan, ..Settings::new(options.bandwidth_km, eps_km, options.eps_days, options.least)? };
    let corridors = corridors(options)?;
    let rows = read(options)?;
    report(options, &rows.faults);
    let bar = ProgressBar::new(u64::from(options.shuffles)).with_style(ProgressStyle::with_template("shuffling {bar:40} {pos}/{len} {eta}")?);
    let mut numbers = rand::rngs::StdRng::seed_from_u64(options.seed);
    let ground = Ground { corridors: &corridors, route: None, settings: &settings };
    let mut goes_on = |done: u32| {
        bar.set_position(u64::from(done));
        true
    };
    let found = analyse(ground, &rows.subjects, &mut || numbers.next_u64(), &mut goes_on);
    bar.finish_and_clear();
    let name = |number: usize| rows.members.get(number).cloned().unwrap_or_else(|| Member { id: String::new(), name: String::new() });
    let told = Audience { exact: !options.publish, subjects: &rows.subjects, names: &name }.cut(&corridors, &found);
    let writer = Writer { folder: &options.out, told: &told };
    writer.all()?;
    if !options.publish {
        let row = |fault: &Fault| vec![fault.line.to_string(), fault.column.to_owned(), fault.reason.clone()];
        writer.table("problems.csv", &["line", "column", "reason"], rows.faults.iter().map(row))?;
    }
    let taken =
        if options.publish { String::new() } else { format!(", {} taken, {} left out for faults", rows.subjects.len(), rows.faults.len()) };
    Out.line(format!(
        "{} rows{taken}: {} clusters, {} places and times above expectation ({} shuffles), {} pairs of signs; counts, not risk",
        rows.read,
        told.clusters.len(),
        told.scan.len(),
        told.shuffles,
        told.lift.len()
    ));
    Ok(ExitCode::SUCCESS)
}
