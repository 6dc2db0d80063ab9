//! `route`: snapping and corridor queries on files, without a database.

mod points;

use super::Out;
use crate::geo::{
    CONTAINMENT, CorridorHit, CorridorQuery, Corridors, Inside, Metres, OFF_ROUTE, RouteIndex, SnapOptions, Stretch, sigma_from_radius,
    uniform_prior,
};
use crate::linkage::corpus_csv::parse_date;
use crate::linkage::record::DateInterval;
use anyhow::{Context, bail};
use points::{Issue, Needs, Point, Points};
use rayon::prelude::*;
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Points that are read while those before them are worked on.
const BATCH: usize = 1 << 15;
/// Points that one thread takes at a time.
const PIECE: usize = 1 << 10;
/// Faults that are printed; the others are counted.
const PRINTED: usize = 20;
/// Weights are written in units of this, so that those of a point add up to one exactly.
const WEIGHT_UNITS: u64 = 1_000_000_000;

/// `route …`.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The routes every point may lie on, with weights that add up to one, "off_route" among them.
    Snap(SnapArguments),
    /// The points along a route, or a part of it, and how certainly they lie inside.
    Corridor(CorridorArguments),
}

/// What both commands read.
#[derive(Debug, clap::Args)]
pub struct Files {
    /// CSV of points: `id,lat,lon,uncertainty_m` (radius in metres that holds the true place with 95 %), `date`; plain or gzip.
    #[arg(long)]
    points: PathBuf,
    /// GeoJSON of routes: a FeatureCollection of LineStrings or MultiLineStrings with an `id`, plain or gzip; without it the 24 that ship with the program.
    #[arg(long)]
    routes: Option<PathBuf>,
    /// Uncertainty in metres of points that state none.
    #[arg(long, value_name = "METRES", allow_negative_numbers = true)]
    uncertainty_m: Option<f64>,
    /// Where to write every fault as `line,column,reason,left_out`; the first 20 are printed all the same.
    #[arg(long)]
    faults: Option<PathBuf>,
    /// Where to write the result.
    #[arg(long)]
    out: PathBuf,
}

/// Options of `route snap`.
#[derive(Debug, clap::Args)]
pub struct SnapArguments {
    #[command(flatten)]
    files: Files,
    /// Area of the search region: a point off every route is taken to lie anywhere in it.
    #[arg(long, default_value_t = SnapOptions::DEFAULT_REGION_AREA_KM2, allow_negative_numbers = true)]
    region_km2: f64,
    /// Weight beforehand of lying off every route, when every route has 1.
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
    off_route_prior: f64,
}

/// Options of `route corridor`.
#[derive(Debug, clap::Args)]
pub struct CorridorArguments {
    #[command(flatten)]
    files: Files,
    /// Identifier of the route.
    #[arg(long)]
    route: String,
    /// Kilometres to either side; without it the route's own.
    #[arg(long, allow_negative_numbers = true)]
    width_km: Option<f64>,
    /// Kilometre of the route where the part begins; the route's beginning without it.
    #[arg(long, allow_negative_numbers = true)]
    from_km: Option<f64>,
    /// Kilometre of the route where it ends; the route's end without it.
    #[arg(long, allow_negative_numbers = true)]
    to_km: Option<f64>,
    /// Points dated before stay out (YYYY, YYYY-MM or YYYY-MM-DD); undated ones stay in.
    #[arg(long)]
    from_date: Option<String>,
    /// Points dated after stay out.
    #[arg(long)]
    to_date: Option<String>,
}

/// `rastro route`.
///
/// # Errors
/// Naming the file that cannot be read or written, the column that is missing, or the option that makes no sense.
pub fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Snap(options) => snap(options),
        Command::Corridor(options) => corridor(options),
    }
}

type Input = Box<dyn Read + Send>;

impl Files {
    fn routes(&self) -> anyhow::Result<Corridors> {
        let Some(path) = &self.routes else {
            return Ok(Corridors::from_geojson(crate::services::space::CORRIDORS)?.0);
        };
        let mut text = std::fs::read(path).with_context(|| format!("cannot open {}", path.display()))?;
        if text.starts_with(&[0x1f, 0x8b]) {
            let mut unpacked = Vec::new();
            let unpack = flate2::read::MultiGzDecoder::new(text.as_slice()).read_to_end(&mut unpacked);
            unpack.with_context(|| format!("cannot unpack {}", path.display()))?;
            text = unpacked;
        }
        let (corridors, remarks) = Corridors::from_geojson(&text).with_context(|| format!("cannot use {}", path.display()))?;
        tell(path, remarks.iter());
        Ok(corridors)
    }

    fn points<'a>(&self, dates: bool, corridors: &'a Corridors) -> anyhow::Result<Points<'a, Input>> {
        let radius = self.uncertainty_m.map(Metres::new).transpose().context("--uncertainty-m")?;
        let file = File::open(&self.points).with_context(|| format!("cannot open {}", self.points.display()))?;
        let needs = Needs { radius, dates, routes: corridors.region(REGION_MARGIN).map(|region| (region, corridors)) };
        Points::open(Box::new(BufReader::new(file)) as Input, needs).with_context(|| self.unreadable())
    }

    fn unreadable(&self) -> String {
        format!("cannot read {}", self.points.display())
    }

    fn create(&self) -> anyhow::Result<BufWriter<File>> {
        create(&self.out)
    }

    fn report(&self, issues: &[Issue]) -> anyhow::Result<()> {
        tell(&self.points, issues.iter());
        let Some(path) = &self.faults else { return Ok(()) };
        let mut writer = csv::Writer::from_writer(create(path)?);
        writer.write_record(["line", "column", "reason", "left_out"])?;
        for issue in issues {
            let (line, reason) = (issue.line.to_string(), issue.reason.to_string());
            writer.write_record([line.as_str(), &issue.column, &reason, if issue.row_dropped { "yes" } else { "no" }])?;
        }
        writer.flush().with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Degrees around the routes within which a point is not called far.
const REGION_MARGIN: f64 = 5.0;

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    Ok(BufWriter::new(File::create(path).with_context(|| format!("cannot write {}", path.display()))?))
}

fn tell(path: &Path, remarks: impl ExactSizeIterator<Item: std::fmt::Display>) {
    let more = remarks.len().saturating_sub(PRINTED);
    for remark in remarks.take(PRINTED) {
        tracing::warn!("{}: {remark}", path.display());
    }
    if more > 0 {
        tracing::warn!("{}: {more} more remarks", path.display());
    }
}

/// Reads the points batch by batch, works on one while the next is read, and hands the results over in order.
fn in_batches<T: Send>(
    files: &Files,
    points: &mut Points<'_, Input>,
    work: impl Fn(&[Point]) -> T + Sync,
    mut take: impl FnMut(T) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut batch = points.next_batch(BATCH).with_context(|| files.unreadable())?;
    while !batch.is_empty() {
        let (results, next) = rayon::join(
            || batch.par_chunks(PIECE).map(&work).collect::<Vec<T>>(),
            || points.next_batch(BATCH).with_context(|| files.unreadable()),
        );
        for result in results {
            take(result)?;
        }
        batch = next?;
    }
    Ok(())
}

fn snap(options: &SnapArguments) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let corridors = options.files.routes()?;
    let rules = SnapOptions::new(options.region_km2, options.off_route_prior)?;
    let mut points = options.files.points(false, &corridors)?;
    let names: Vec<String> = corridors.routes().map(|(_, route)| cell(&route.id).into_owned()).collect();
    let mut out = options.files.create()?;
    out.write_all(b"id,route_id,weight,measure_km,distance_km\n")?;
    let (mut snapped, mut on_route) = (0_u64, 0_u64);
    let work = |points: &[Point]| {
        let mut on_route = 0;
        let mut text = String::with_capacity(points.len() * 64);
        for point in points {
            on_route += u64::from(snap_one(point, &corridors, &rules, &names, &mut text));
        }
        (points.len() as u64, on_route, text)
    };
    in_batches(&options.files, &mut points, work, |(count, near, text)| {
        snapped += count;
        on_route += near;
        out.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", options.files.out.display()))
    })?;
    out.flush().with_context(|| format!("cannot write {}", options.files.out.display()))?;
    options.files.report(&points.issues)?;
    Out.line(format!(
        "{} rows: {snapped} points on {} routes, {on_route} of them more likely on one route than on any other or none, {} left out; {:.2} s",
        points.rows,
        corridors.len(),
        points.rows - snapped,
        started.elapsed().as_secs_f64()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Writes the rows of a point, the heaviest first; true when that is a route.
fn snap_one(point: &Point, corridors: &Corridors, rules: &SnapOptions, names: &[String], text: &mut String) -> bool {
    use std::fmt::Write as _;
    let snapped = corridors.snap(point.at, sigma(point.radius), rules, uniform_prior);
    let weights: Vec<f64> = snapped.candidates.iter().map(|candidate| candidate.weight).chain([snapped.off_route_weight]).collect();
    let units = in_units(&weights);
    let off_route = units[snapped.candidates.len()];
    let id = cell(&point.id);
    let mut off_route_is_to_come = true;
    let write_off_route = |text: &mut String| {
        let _ = writeln!(text, "{id},{OFF_ROUTE},{},,", Weight(off_route));
    };
    for (candidate, weight) in snapped.candidates.iter().zip(units) {
        if off_route_is_to_come && snapped.off_route_weight > candidate.weight {
            write_off_route(text);
            off_route_is_to_come = false;
        }
        let name = &names[candidate.route.0 as usize];
        let _ = writeln!(text, "{id},{name},{},{:.3},{:.3}", Weight(weight), candidate.measure_km, candidate.distance_km);
    }
    if off_route_is_to_come {
        write_off_route(text);
    }
    snapped.best().is_some()
}

/// A weight in units, as a decimal fraction.
struct Weight(u64);

impl std::fmt::Display for Weight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:09}", self.0 / WEIGHT_UNITS, self.0 % WEIGHT_UNITS)
    }
}

/// Weights that add up to one, in units that do so exactly: rounded down, and what is missing given to those that lost most.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "from 0 to 1,000,000,000")]
fn in_units(weights: &[f64]) -> Vec<u64> {
    let exact = |weight: f64| weight * WEIGHT_UNITS as f64;
    let mut units: Vec<u64> = weights.iter().map(|weight| exact(*weight).floor() as u64).collect();
    let missing = WEIGHT_UNITS.saturating_sub(units.iter().sum());
    let mut by_loss: Vec<usize> = (0..weights.len()).collect();
    by_loss.sort_by(|a, b| exact(weights[*b]).fract().total_cmp(&exact(weights[*a]).fract()));
    for place in by_loss.into_iter().cycle().take(missing as usize) {
        units[place] += 1;
    }
    units
}

fn sigma(radius: Metres) -> Metres {
    sigma_from_radius(radius, CONTAINMENT).unwrap_or(radius)
}

/// A text as a cell of CSV.
fn cell(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) { Cow::Owned(format!("\"{}\"", text.replace('"', "\"\""))) } else { Cow::Borrowed(text) }
}

/// A period open at either end.
#[derive(Debug, Clone, Copy, Default)]
struct Period {
    from: Option<DateInterval>,
    to: Option<DateInterval>,
}

impl Period {
    fn parse(from: Option<&str>, to: Option<&str>) -> anyhow::Result<Period> {
        let date = |name: &str, text: Option<&str>| match text {
            Some(text) => parse_date(text).map(Some).with_context(|| format!("{name} is not a date (YYYY, YYYY-MM or YYYY-MM-DD)")),
            None => Ok(None),
        };
        let period = Period { from: date("--from-date", from)?, to: date("--to-date", to)? };
        if let (Some(from), Some(to)) = (period.from, period.to)
            && from.from > to.to
        {
            bail!("the period ends before it begins");
        }
        Ok(period)
    }

    const fn is_asked_for(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// Whether something of that date can lie in it; without a date it can.
    fn may_hold(&self, date: Option<DateInterval>) -> bool {
        let Some(date) = date else { return true };
        self.from.is_none_or(|from| date.to >= from.from) && self.to.is_none_or(|to| date.from <= to.to)
    }
}

fn find(corridors: &Corridors, id: &str) -> anyhow::Result<RouteIndex> {
    corridors.find(id).with_context(|| {
        let known: Vec<&str> = corridors.routes().take(30).map(|(_, route)| route.id.as_str()).collect();
        let more = if corridors.len() > known.len() { format!(" and {} more", corridors.len() - known.len()) } else { String::new() };
        format!("there is no route {id}; there are {}{more}", known.join(", "))
    })
}

fn corridor(options: &CorridorArguments) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let corridors = options.files.routes()?;
    let mut query = CorridorQuery::whole(&corridors, find(&corridors, &options.route)?)?;
    if let Some(width_km) = options.width_km {
        query.half_width = Metres::from_km(width_km).context("--width-km")?;
    }
    query.from_km = options.from_km.unwrap_or(query.from_km);
    query.to_km = options.to_km.unwrap_or(query.to_km);
    let stretch = corridors.stretch(&query)?;
    let period = Period::parse(options.from_date.as_deref(), options.to_date.as_deref())?;
    let mut points = options.files.points(period.is_asked_for(), &corridors)?;
    let mut out = options.files.create()?;
    let mut hits: Vec<CorridorHit<Box<str>>> = Vec::new();
    let mut usable = 0;
    let work = |points: &[Point]| (points.len() as u64, inside(points, &stretch, period));
    in_batches(&options.files, &mut points, work, |(count, found)| {
        usable += count;
        hits.extend(found);
        Ok(())
    })?;
    hits.par_sort_by(|a, b| a.measure_km.total_cmp(&b.measure_km).then(a.distance_km.total_cmp(&b.distance_km)));
    let mut write = || -> std::io::Result<()> {
        out.write_all(b"id,measure_km,distance_km,probability,certainty\n")?;
        for hit in &hits {
            writeln!(out, "{},{:.3},{:.3},{:.6},{}", cell(&hit.id), hit.measure_km, hit.distance_km, hit.probability, word(hit.inside))?;
        }
        out.flush()
    };
    write().with_context(|| format!("cannot write {}", options.files.out.display()))?;
    options.files.report(&points.issues)?;
    let certainly = hits.iter().filter(|hit| hit.inside == Inside::Certainly).count();
    Out.line(format!(
        "{} rows: {certainly} points certainly and {} possibly within {} km of {} from km {:.1} to {:.1}, {} rows left out; {:.2} s",
        points.rows,
        hits.len() - certainly,
        query.half_width.km(),
        options.route,
        query.from_km.min(query.to_km),
        query.from_km.max(query.to_km),
        points.rows - usable,
        started.elapsed().as_secs_f64()
    ));
    Ok(ExitCode::SUCCESS)
}

fn inside(points: &[Point], stretch: &Stretch, period: Period) -> Vec<CorridorHit<Box<str>>> {
    let dated = points.iter().filter(|point| period.may_hold(point.date));
    dated.filter_map(|point| stretch.hit(&*point.id, point.at, sigma(point.radius))).map(|hit| hit.map_id(Box::from)).collect()
}

const fn word(inside: Inside) -> &'static str {
    match inside {
        Inside::Certainly => "certainly",
        Inside::Possibly => "possibly",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_in_units_add_up_to_one_exactly() {
        for weights in
            [vec![1.0], vec![1.0 / 3.0; 3], vec![0.1; 10], vec![0.999_999_999_6, 0.000_000_000_4], vec![1.0, 0.0, 0.0], vec![1e-12, 1.0 - 1e-12]]
        {
            let units = in_units(&weights);
            assert_eq!(units.iter().sum::<u64>(), WEIGHT_UNITS, "{weights:?}");
            for (unit, weight) in units.iter().zip(&weights) {
                assert!((*unit as f64 - weight * 1e9).abs() <= 1.0);
            }
        }
        assert_eq!((Weight(WEIGHT_UNITS).to_string(), Weight(5).to_string()), ("1.000000000".to_owned(), "0.000000005".to_owned()));
    }

    #[test]
    fn a_cell_with_commas_or_quotes_is_quoted() {
        assert_eq!((cell("a").as_ref(), cell("a,\"b\"").as_ref()), ("a", "\"a,\"\"b\"\"\""));
    }
}
