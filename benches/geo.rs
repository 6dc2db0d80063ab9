//! How fast the geometry is on a million points, by the CPU time of one thread, and whether its answers are those of brute force with the haversine.
//!
//!     cargo bench --bench geo -- FOLDER [--lines FILE.geojson[.gz]]...
//!
//! Points lie along the shipped corridors (weighted 30 times) and along other lines: those of the files given, else drawn ones. Writes to FOLDER what
//! another engine needs to answer the same questions (`points.csv`, `segments.csv`, `centres.csv`, `stretches.csv`, `snapped.csv`, with our answers)
//! and `figures`, a `name value` a line. `scripts/bench-geo` runs it beside PostGIS.
#![expect(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::collections::HashMap;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use rastro::geo::{CorridorQuery, Corridors, Metres, Position, RouteIndex, SnapOptions, SpaceIndex, uniform_prior};

const SHIPPED: &[u8] = include_bytes!("../config/routes/corridors.geojson");
const SEED: u64 = 20_221_130;
const POINTS: u32 = 1_000_000;
const SAMPLE: usize = 10_000;
const ROUNDS: usize = 5;
const RADIUS: Metres = Metres::whole(10_000);
const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// A radius that holds 95 of 100 over a standard deviation per axis.
const RADIUS_OF_SIGMA: f64 = 2.448;

/// SplitMix64: small, and the same everywhere.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        (self.share() * n as f64) as usize
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.share()).ln()).sqrt() * (std::f64::consts::TAU * self.share()).cos()
    }
}

/// Nanoseconds this thread has run on a processor.
fn cpu_ns() -> anyhow::Result<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").context("the CPU time of a thread is read from /proc (Linux)")?;
    Ok(text.split(' ').next().context("schedstat is empty")?.parse()?)
}

/// A figure of `/proc/self/status` in MB.
fn memory_mb(name: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such figure")?;
    let kilobytes: f64 = line.trim_start_matches(':').trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}

/// How many times per second of CPU time `work` does one of its `n` things: the median of several rounds.
fn per_second(n: usize, mut work: impl FnMut()) -> anyhow::Result<f64> {
    let mut rates = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let before = cpu_ns()?;
        work();
        rates.push(n as f64 / ((cpu_ns()? - before) / 1e9));
    }
    rates.sort_by(f64::total_cmp);
    Ok(rates[ROUNDS / 2])
}

/// The great-circle distance in metres by the haversine, from degrees: independent of the program's own.
fn haversine(a: Position, b: Position) -> f64 {
    let (lat_a, lat_b) = (a.lat().to_radians(), b.lat().to_radians());
    let (lat, lon) = (((lat_b - lat_a) / 2.0).sin(), ((b.lon() - a.lon()).to_radians() / 2.0).sin());
    2.0 * EARTH_RADIUS_M * (lat * lat + lat_a.cos() * lat_b.cos() * lon * lon).sqrt().min(1.0).asin()
}

fn bearing(a: Position, b: Position) -> f64 {
    let (lat_a, lat_b, lon) = (a.lat().to_radians(), b.lat().to_radians(), (b.lon() - a.lon()).to_radians());
    (lon.sin() * lat_b.cos()).atan2(lat_a.cos() * lat_b.sin() - lat_a.sin() * lat_b.cos() * lon.cos())
}

/// From a point to a leg: across and along it by haversine and bearings.
fn haversine_to_leg(leg: &[Position], p: Position) -> f64 {
    let (a, b) = (leg[0], leg[1]);
    let angle = haversine(a, p) / EARTH_RADIUS_M;
    let turn = bearing(a, p) - bearing(a, b);
    let along = (angle.sin() * turn.cos()).atan2(angle.cos());
    if along <= 0.0 {
        haversine(a, p)
    } else if along >= haversine(a, b) / EARTH_RADIUS_M {
        haversine(b, p)
    } else {
        (angle.sin() * turn.sin()).asin().abs() * EARTH_RADIUS_M
    }
}

fn haversine_to_line(line: &[Position], p: Position) -> f64 {
    line.windows(2).map(|leg| haversine_to_leg(leg, p)).fold(f64::INFINITY, f64::min)
}

struct Line {
    vertices: Vec<Position>,
    /// Lengths up to each vertex, in km.
    measures: Vec<f64>,
    weight: f64,
}

impl Line {
    fn new(vertices: Vec<Position>, weight: f64) -> Line {
        let mut measures = vec![0.0];
        let mut sum = 0.0;
        for leg in vertices.windows(2) {
            sum += haversine(leg[0], leg[1]) / 1000.0;
            measures.push(sum);
        }
        Line { vertices, measures, weight }
    }

    fn length(&self) -> f64 {
        self.measures.last().copied().unwrap_or(0.0)
    }

    /// Near enough to the point at a measure: between two vertices in degrees.
    fn at(&self, km: f64) -> (f64, f64) {
        let next = self.measures.partition_point(|m| *m <= km).clamp(1, self.vertices.len() - 1);
        let (a, b) = (self.vertices[next - 1], self.vertices[next]);
        let leg = self.measures[next] - self.measures[next - 1];
        let share = if leg > 0.0 { (km - self.measures[next - 1]) / leg } else { 0.0 };
        (a.lat() + share * (b.lat() - a.lat()), a.lon() + share * (b.lon() - a.lon()))
    }
}

fn read_lines(text: &[u8], weight: f64) -> anyhow::Result<Vec<Line>> {
    let collection: serde_json::Value = serde_json::from_slice(text)?;
    let mut lines = Vec::new();
    for feature in collection["features"].as_array().context("no features")? {
        let geometry = &feature["geometry"];
        let list = geometry["coordinates"].as_array().context("no coordinates")?;
        let parts = if geometry["type"] == "MultiLineString" { list.iter().collect() } else { vec![&geometry["coordinates"]] };
        for part in parts {
            let mut vertices: Vec<Position> = Vec::new();
            for pair in part.as_array().context("no line")? {
                let at = Position::new(pair[1].as_f64().context("no latitude")?, pair[0].as_f64().context("no longitude")?)?;
                if vertices.last().is_none_or(|last| haversine(*last, at) > 0.001) {
                    vertices.push(at);
                }
            }
            if vertices.len() > 1 {
                lines.push(Line::new(vertices, weight));
            }
        }
    }
    Ok(lines)
}

/// Winding lines over the Americas, in number and vertices like the railways and rivers of Natural Earth there: 1,674 with 113,000 legs of about 5 km.
fn draw_lines(seeded: &mut Seeded) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    while lines.len() < 1_674 {
        // Many short lines and a few of several hundred vertices.
        let legs = ((3.55 + 1.1 * seeded.normal()).exp() as usize).clamp(2, 900);
        let (mut lat, mut lon) = (-35.0 + 80.0 * seeded.share(), -115.0 + 65.0 * seeded.share());
        let mut heading = std::f64::consts::TAU * seeded.share();
        let mut vertices = vec![Position::new(lat, lon)?];
        for _ in 0..legs {
            let km = 2.0 + 6.0 * seeded.share();
            heading += 0.25 * seeded.normal();
            // Back towards the middle of the continent before a line leaves it.
            if !(-50.0..=60.0).contains(&lat) || !(-135.0..=-35.0).contains(&lon) {
                heading = (-82.0 - lon).atan2(5.0 - lat);
            }
            lat += km / 111.195 * heading.cos();
            lon += km / 111.195 * heading.sin() / lat.to_radians().cos();
            vertices.push(Position::new((lat * 1e4).round() / 1e4, (lon * 1e4).round() / 1e4)?);
        }
        lines.push(Line::new(vertices, 1.0));
    }
    Ok(lines)
}

/// Points along the lines, 80 of 100 scattered by 2 km and the others by 15, with the radius that goes with it.
fn draw_points(lines: &[Line], seeded: &mut Seeded) -> anyhow::Result<Vec<(Position, Metres)>> {
    let mut ends = Vec::with_capacity(lines.len());
    let mut total = 0.0;
    for line in lines {
        total += line.length() * line.weight;
        ends.push(total);
    }
    let mut points = Vec::with_capacity(POINTS as usize);
    while points.len() < POINTS as usize {
        let drawn = seeded.share() * total;
        let line = &lines[ends.partition_point(|end| *end <= drawn).min(lines.len() - 1)];
        let (lat, lon) = line.at(seeded.share() * line.length());
        let sigma_km = if seeded.share() < 0.8 { 2.0 } else { 15.0 };
        let north = lat + seeded.normal() * sigma_km / 111.195;
        let east = lon + seeded.normal() * sigma_km / 111.195 / lat.to_radians().cos();
        // To about 10 cm, as the file that the other engine reads.
        let at = Position::new((north * 1e6).round() / 1e6, (east * 1e6).round() / 1e6)?;
        points.push((at, Metres::from_km(sigma_km)?));
    }
    Ok(points)
}

fn geojson<'a>(lines: impl Iterator<Item = (String, &'a [Position])>) -> String {
    let features: Vec<String> = lines
        .map(|(id, vertices)| {
            let pairs: Vec<String> = vertices.iter().map(|v| format!("[{},{}]", v.lon(), v.lat())).collect();
            format!(
                r#"{{"type":"Feature","properties":{{"id":"{id}","medium":"rail"}},"geometry":{{"type":"LineString","coordinates":[{}]}}}}"#,
                pairs.join(",")
            )
        })
        .collect();
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

struct Report {
    folder: PathBuf,
    figures: BufWriter<File>,
}

impl Report {
    fn figure(&mut self, name: &str, value: f64) -> anyhow::Result<()> {
        println!("{name} {value:.3}");
        Ok(writeln!(self.figures, "{name} {value:.3}")?)
    }

    fn file(&self, name: &str) -> anyhow::Result<BufWriter<File>> {
        Ok(BufWriter::new(File::create(self.folder.join(name))?))
    }
}

fn all_lines(files: &[PathBuf], seeded: &mut Seeded) -> anyhow::Result<Vec<Line>> {
    let mut lines = read_lines(SHIPPED, 30.0)?;
    for file in files {
        let mut bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut text = Vec::new();
            flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text)?;
            bytes = text;
        }
        lines.extend(read_lines(&bytes, 1.0).with_context(|| format!("cannot use {}", file.display()))?);
    }
    if files.is_empty() {
        lines.extend(draw_lines(seeded)?);
    }
    Ok(lines)
}

fn measure_radius(
    report: &mut Report,
    points: &[(Position, Metres)],
    index: &SpaceIndex<u32>,
    small: &SpaceIndex<u32>,
    seeded: &mut Seeded,
) -> anyhow::Result<()> {
    let centres: Vec<usize> = (0..2_000).map(|_| seeded.below(points.len())).collect();
    let rate = per_second(centres.len(), || {
        for &centre in &centres {
            black_box(index.within(points[centre].0, RADIUS).map(|near| near.distance.get()).sum::<f64>());
        }
    })?;
    report.figure("radius_per_second", rate)?;
    let mut file = report.file("centres.csv")?;
    let mut hits = 0;
    for &centre in &centres {
        let count = index.within(points[centre].0, RADIUS).count();
        hits += count;
        writeln!(file, "{centre},{count}")?;
    }
    report.figure("radius_hits", hits as f64 / centres.len() as f64)?;
    let (mut compared, mut differ) = (0, 0);
    for &centre in &centres {
        let centre = points[centre].0;
        let found: HashMap<u32, f64> = small.within(centre, RADIUS).map(|near| (near.id, near.distance.get())).collect();
        for (id, (at, _)) in (0u32..).zip(&points[..SAMPLE]) {
            let expected = haversine(centre, *at);
            compared += 1;
            let agrees = match found.get(&id) {
                Some(distance) => (distance - expected).abs() < 1e-3 && *distance <= RADIUS.get(),
                None => expected > RADIUS.get() - 1e-3,
            };
            differ += usize::from(!agrees);
        }
    }
    report.figure("radius_compared", f64::from(compared))?;
    report.figure("radius_differ", differ as f64)
}

fn measure_corridors(
    report: &mut Report,
    lines: &[Line],
    points: &[(Position, Metres)],
    index: &SpaceIndex<u32>,
    small: &SpaceIndex<u32>,
) -> anyhow::Result<()> {
    // The 20 lines with the most vertices, and 600 vertices of a railway.
    let mut by_vertices: Vec<&Line> = lines.iter().collect();
    by_vertices.sort_by_key(|line| std::cmp::Reverse(line.vertices.len()));
    let longest = &by_vertices[..20];
    let railway = lines.iter().take(9).max_by_key(|line| line.vertices.len()).context("no railway")?;
    let mut chosen: Vec<&[Position]> = longest.iter().map(|line| line.vertices.as_slice()).collect();
    chosen.push(&railway.vertices[..600]);
    let text = geojson(chosen.iter().enumerate().map(|(number, vertices)| (number.to_string(), *vertices)));
    let (corridors, _) = Corridors::from_geojson(text.as_bytes())?;
    ensure!(corridors.len() == 21, "a route is missing");
    let within = |index: &SpaceIndex<u32>, route: RouteIndex| {
        let to_km = corridors.route(route)?.length_km;
        let query = CorridorQuery { route, from_km: 0.0, to_km, half_width: RADIUS };
        corridors.within(index, &query, Metres::ZERO, |_| Metres::ZERO, |_| true)
    };
    let routes: Vec<RouteIndex> = corridors.routes().map(|(route, _)| route).collect();
    let count = |routes: &[RouteIndex]| -> anyhow::Result<usize> {
        let mut hits = 0;
        for route in routes {
            hits += black_box(within(index, *route)?).len();
        }
        Ok(hits)
    };
    for (name, routes) in [("longest", &routes[..20]), ("railway", &routes[20..])] {
        let mut failed = None;
        let rate = per_second(routes.len() * 5, || {
            for _ in 0..5 {
                failed = count(routes).err();
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        report.figure(&format!("corridor_{name}_per_second"), rate)?;
        report.figure(&format!("corridor_{name}_hits"), count(routes)? as f64 / routes.len() as f64)?;
        let vertices: usize = routes.iter().map(|route| chosen[route.0 as usize].len()).sum();
        report.figure(&format!("corridor_{name}_vertices"), vertices as f64 / routes.len() as f64)?;
    }
    let mut file = report.file("stretches.csv")?;
    let (mut compared, mut differ) = (0_u32, 0_u32);
    for route in routes {
        let vertices = chosen[route.0 as usize];
        let pairs: Vec<String> = vertices.iter().map(|v| format!("{} {}", v.lon(), v.lat())).collect();
        writeln!(file, "{};{};LINESTRING({})", route.0, within(index, route)?.len(), pairs.join(","))?;
        let found: HashMap<u32, f64> = within(small, route)?.into_iter().map(|hit| (hit.id, hit.distance_km * 1000.0)).collect();
        for (id, (at, _)) in (0u32..).zip(&points[..SAMPLE]) {
            let expected = haversine_to_line(vertices, *at);
            compared += 1;
            let agrees = match found.get(&id) {
                Some(distance) => (distance - expected).abs() < 0.01,
                None => expected > RADIUS.get() - 0.01,
            };
            differ += u32::from(!agrees);
        }
    }
    report.figure("corridor_compared", f64::from(compared))?;
    report.figure("corridor_differ", f64::from(differ))
}

/// Snapping to the given network; every weight is checked to be one of a whole, every distance against brute force for `checked` points.
fn measure_snap(report: &mut Report, name: &str, text: &str, points: &[(Position, Metres)], checked: usize) -> anyhow::Result<()> {
    let (corridors, _) = Corridors::from_geojson(text.as_bytes())?;
    let options = SnapOptions::default();
    let chosen = &points[..points.len().min(100_000)];
    let snap = |(at, sigma): &(Position, Metres)| corridors.snap(*at, *sigma, &options, uniform_prior);
    let rate = per_second(chosen.len(), || {
        for point in chosen {
            black_box(snap(point));
        }
    })?;
    report.figure(&format!("snap_{name}_per_second"), rate)?;
    report.figure(&format!("snap_{name}_routes"), corridors.len() as f64)?;
    let candidates: usize = chosen.iter().map(|point| snap(point).candidates.len()).sum();
    report.figure(&format!("snap_{name}_candidates"), candidates as f64 / chosen.len() as f64)?;
    let mut lines = Vec::new();
    for (route, entry) in corridors.routes() {
        lines.push((route, entry.half_width_km, corridors.subline(route, 0.0, entry.length_km)?));
    }
    let mut differ = 0_u32;
    let mut file = report.file(&format!("snapped-{name}.csv"))?;
    for (number, point) in points[..checked].iter().enumerate() {
        let snapped = snap(point);
        let sum: f64 = snapped.candidates.iter().map(|candidate| candidate.weight).sum();
        let mut agrees = (sum + snapped.off_route_weight - 1.0).abs() < 1e-9;
        for (route, half_width_km, line) in &lines {
            let expected = haversine_to_line(line, point.0);
            let reach = 3000.0 * point.1.km().hypot(*half_width_km);
            agrees &= match snapped.candidates.iter().find(|candidate| candidate.route == *route) {
                Some(candidate) => (candidate.distance_km * 1000.0 - expected).abs() < 0.01,
                None => expected > reach - 0.01,
            };
        }
        differ += u32::from(!agrees);
        let nearest = snapped.candidates.iter().map(|candidate| candidate.distance_km).fold(f64::INFINITY, f64::min);
        if nearest.is_finite() {
            writeln!(file, "{number},{:.3}", nearest * 1000.0)?;
        }
    }
    report.figure(&format!("snap_{name}_compared"), checked as f64)?;
    report.figure(&format!("snap_{name}_differ"), f64::from(differ))
}

fn write_for_others(report: &Report, lines: &[Line], points: &[(Position, Metres)]) -> anyhow::Result<()> {
    let mut file = report.file("points.csv")?;
    for (id, (at, sigma)) in points.iter().enumerate() {
        writeln!(file, "{id},{},{},{}", at.lon(), at.lat(), (sigma.get() * RADIUS_OF_SIGMA).round())?;
    }
    file.flush()?;
    let mut file = report.file("segments.csv")?;
    for (route, line) in lines.iter().enumerate() {
        for (leg, measure) in line.vertices.windows(2).zip(&line.measures) {
            let [a, b] = leg else { continue };
            writeln!(file, "{route};{measure};LINESTRING({} {},{} {})", a.lon(), a.lat(), b.lon(), b.lat())?;
        }
    }
    Ok(file.flush()?)
}

fn run(folder: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let mut report = Report { folder: folder.to_owned(), figures: BufWriter::new(File::create(folder.join("figures"))?) };
    let mut seeded = Seeded(SEED);
    let lines = all_lines(files, &mut seeded)?;
    let points = draw_points(&lines, &mut seeded)?;
    write_for_others(&report, &lines, &points)?;
    report.figure("lines", lines.len() as f64)?;
    report.figure("segments", lines.iter().map(|line| line.vertices.len() - 1).sum::<usize>() as f64)?;

    let before_mb = memory_mb("VmRSS")?;
    let (cpu, wall) = (cpu_ns()?, Instant::now());
    let index: SpaceIndex<u32> = (0..POINTS).zip(points.iter().map(|(at, _)| *at)).collect();
    let (cpu, wall) = ((cpu_ns()? - cpu) / 1e9, wall.elapsed().as_secs_f64());
    ensure!(index.len() == POINTS as usize, "points were lost");
    report.figure("load_cpu_seconds", cpu)?;
    report.figure("load_wall_seconds", wall)?;
    report.figure("index_mb", memory_mb("VmRSS")? - before_mb)?;
    report.figure("resident_mb", memory_mb("VmRSS")?)?;
    report.figure("peak_mb", memory_mb("VmHWM")?)?;

    let small: SpaceIndex<u32> = (0..SAMPLE as u32).zip(points.iter().map(|(at, _)| *at)).collect();
    measure_radius(&mut report, &points, &index, &small, &mut seeded)?;
    measure_corridors(&mut report, &lines, &points, &index, &small)?;
    measure_snap(&mut report, "shipped", std::str::from_utf8(SHIPPED)?, &points, SAMPLE)?;
    let text = geojson(lines.iter().enumerate().map(|(number, line)| (format!("line-{number}"), line.vertices.as_slice())));
    measure_snap(&mut report, "all", &text, &points, 500)?;
    let (corridors, _) = Corridors::from_geojson(text.as_bytes())?;
    let options = SnapOptions::default();
    let crowded = |(at, sigma): &&(Position, Metres)| corridors.snap(*at, *sigma, &options, uniform_prior).candidates.len() >= 4;
    let crowded: Vec<(Position, Metres)> = points.iter().filter(crowded).take(100_000).copied().collect();
    ensure!(crowded.len() > 1_000, "too few points have four candidates");
    measure_snap(&mut report, "four", &text, &crowded, 500)?;
    let differ = fs::read_to_string({
        report.figures.flush()?;
        folder.join("figures")
    })?;
    if differ.lines().any(|line| line.contains("_differ ") && !line.ends_with(" 0.000")) {
        bail!("answers differ from brute force");
    }
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let (mut folder, mut files) = (None, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // What cargo adds.
            "--bench" => {}
            "--lines" => files.push(PathBuf::from(arguments.next().context("--lines needs a file")?)),
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    match folder {
        Some(folder) => run(&folder, &files),
        None => {
            println!("name a folder for the data: cargo bench --bench geo -- FOLDER [--lines FILE]...; scripts/bench-geo does it all");
            Ok(())
        }
    }
}
