//! `rastro route` on files: what it writes, and what it says of faults.

use crate::support::Folder;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

fn rastro(command: &str, points: &Path, out: &Path, more: &[&str]) -> Output {
    let mut run = Command::new(env!("CARGO_BIN_EXE_rastro"));
    run.args(["route", command, "--points"]).arg(points).arg("--out").arg(out).args(more).output().unwrap()
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn succeed(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    said
}

/// The rows of every point, which are checked to add up to one.
fn by_point(path: &Path) -> HashMap<String, Vec<Vec<String>>> {
    let mut points: HashMap<String, Vec<Vec<String>>> = HashMap::new();
    for row in rows(path) {
        points.entry(row[0].clone()).or_default().push(row);
    }
    for (id, rows) in &points {
        let sum: f64 = rows.iter().map(|row| row[2].parse::<f64>().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-6, "{id}: {sum}");
        assert_eq!(rows.iter().filter(|row| row[1] == "off_route" && row[3].is_empty() && row[4].is_empty()).count(), 1, "{id}");
        assert!(rows.is_sorted_by(|a, b| a[2].parse::<f64>().unwrap() >= b[2].parse::<f64>().unwrap()), "{id}");
    }
    points
}

#[test]
fn seventy_of_a_hundred_train_incidents_in_mexico_have_their_first_route_within_ten_km_of_la_bestia() {
    let folder = Folder::new();
    let incidents = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo/mmp-americas-2014-2022.csv.gz");
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(incidents).unwrap()));
    let headers = reader.headers().unwrap().clone();
    let mut text = "id,lat,lon,uncertainty_m\n".to_owned();
    let mut train = 0;
    for row in reader.records() {
        let row = row.unwrap();
        let cell = |name: &str| &row[headers.iter().position(|header| header == name).unwrap()];
        let told = format!("{} {}", cell("cause_death"), cell("location_description")).to_lowercase();
        let mut words = told.split(|c: char| !c.is_alphanumeric());
        let by_train = words.any(|word| word.starts_with("train") || ["railway", "railroad", "tren", "bestia"].contains(&word));
        if cell("country_of_incident") == "Mexico" && by_train {
            train += 1;
            text += &format!("{train},{},{},2000\n", cell("latitude"), cell("longitude"));
        }
    }
    assert!(train >= 240, "{train}");
    let out = folder.0.join("out.csv");
    succeed(&rastro("snap", &folder.file("points.csv", &text), &out, &[]));
    let points = by_point(&out);
    assert_eq!(points.len(), train);
    let near = points.values().filter(|rows| {
        let first = rows.iter().find(|row| row[1] != "off_route");
        first.is_some_and(|row| row[1].starts_with("bestia_") && row[4].parse::<f64>().unwrap() <= 10.0)
    });
    let share = near.count() as f64 / train as f64;
    assert!(share >= 0.7, "{share}");
}

#[test]
fn faulty_rows_are_told_with_line_and_column_and_the_others_are_answered() {
    let folder = Folder::new();
    let text = "id,lat,lon,uncertainty_m\ngood,17.55,-95.04,2000\nswapped,-95.04,17.55,2000\nfar,17,-200,10\n,17,-95,10\ngood,1,1,1\nwide,17,-95,x\n\
        \"a, b\",18.88,-96.92,500\n";
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let points = folder.0.join("points.csv.gz");
    std::fs::write(&points, packed.finish().unwrap()).unwrap();
    let (out, faults) = (folder.0.join("out.csv"), folder.0.join("faults.csv"));
    let said = succeed(&rastro("snap", &points, &out, &["--faults", faults.to_str().unwrap()]));
    for place in ["line 3, lat", "line 4, lon", "line 5, id", "line 6, id", "line 7, uncertainty_m"] {
        assert!(said.contains(place), "{place}: {said}");
    }
    let faults: Vec<Vec<String>> = rows(&faults).into_iter().map(|row| vec![row[0].clone(), row[1].clone(), row[3].clone()]).collect();
    let expected = [["3", "lat"], ["4", "lon"], ["5", "id"], ["6", "id"], ["7", "uncertainty_m"]];
    assert_eq!(faults, expected.map(|[line, column]| vec![line.to_owned(), column.to_owned(), "yes".to_owned()]));
    let points = by_point(&out);
    assert_eq!(points.len(), 2);
    assert_eq!(points["a, b"][0][1], "bestia_centre");
}

/// A sea leg in two parts with a gap, a loop across the antimeridian, and two features that are no routes.
const ELSEWHERE: &str = r#"{"type":"FeatureCollection","features":[
    {"type":"Feature","id":"libya","properties":{"mode":"boat","half_width_km":80,"source":{"who":{"id":"nobody"}}},
     "geometry":{"type":"MultiLineString","coordinates":[[[12.5,33.0],[12.6,34.0]],[[12.6,35.0],[12.6,35.5],[12.6,35.5]]]}},
    {"type":"Feature","properties":{"id":"fiji","medium":"sea"},"geometry":{"type":"LineString","coordinates":[[178,-18],[-178,-17]]}},
    {"type":"Feature","properties":{"id":"point"},"geometry":{"type":"LineString","coordinates":[[1,1],[1,1]]}},
    {"type":"Feature","properties":{"name":"no id"},"geometry":{"type":"LineString","coordinates":[[1,1],[2,1]]}}]}"#;

#[test]
fn routes_of_another_region_work_by_their_file_alone() {
    let folder = Folder::new();
    let routes = folder.file("routes.geojson", ELSEWHERE);
    let points = folder.file("points.csv", "id,lat,lon,uncertainty_m\nlampedusa,35.5,12.6,1000\npacific,-17.5,179.9,100\nnowhere,-60,0,100\n");
    let out = folder.0.join("out.csv");
    let said = succeed(&rastro("snap", &points, &out, &["--routes", routes.to_str().unwrap(), "--region-km2", "2500000"]));
    for remark in ["repeats 1 vertices", "has 1 gaps", "feature 3 is left out: route point is no line", "feature 4 is left out"] {
        assert!(said.contains(remark), "{remark}: {said}");
    }
    let points = by_point(&out);
    assert_eq!((points["lampedusa"][0][1].as_str(), points["lampedusa"][0][4].as_str()), ("libya", "0.000"));
    assert_eq!(points["pacific"][0][1], "fiji");
    assert_eq!(points["nowhere"], [["nowhere", "off_route", "1.000000000", "", ""]]);
}

#[test]
fn a_corridor_holds_what_lies_near_its_part_in_its_period_and_says_how_certainly() {
    let folder = Folder::new();
    let routes = folder.file("routes.geojson", ELSEWHERE);
    let points = folder.file(
        "points.csv",
        "id,lat,lon,uncertainty_m,date\n\
         end,35.5,12.6,1000,2021-05-04\n\
         edge,35.3,12.71,5000,2021\n\
         undated,35.2,12.6,100,\n\
         gap,34.5,12.6,100,2021-05\n\
         start,33.0,12.5,100,2021-05\n\
         earlier,35.4,12.6,100,2019-12-31\n\
         unreadable,35.45,12.6,100,soon\n",
    );
    let out = folder.0.join("out.csv");
    let routes = routes.to_str().unwrap();
    let part = ["--routes", routes, "--route", "libya", "--width-km", "10", "--from-km", "112", "--from-date", "2020", "--to-date", "2021-06"];
    let said = succeed(&rastro("corridor", &points, &out, &part));
    assert!(said.contains("line 8, date"), "{said}");
    let found: Vec<(String, String)> = rows(&out).into_iter().map(|row| (row[0].clone(), row[4].clone())).collect();
    let expected = [("undated", "certainly"), ("edge", "possibly"), ("unreadable", "certainly"), ("end", "certainly")];
    assert_eq!(found, expected.map(|(id, certainty)| (id.to_owned(), certainty.to_owned())));
    let first = &rows(&out)[0];
    assert!((first[1].parse::<f64>().unwrap() - 133.9).abs() < 0.5 && first[3] == "1.000000", "{first:?}");
}

#[test]
fn a_question_that_makes_no_sense_is_refused_with_a_sentence() {
    let folder = Folder::new();
    let (good, bad) = (folder.file("good.csv", "id,lat,lon,uncertainty_m\n"), folder.file("bad.csv", "id,lat\n"));
    let out = folder.0.join("out.csv");
    let routes = folder.file("routes.geojson", "{}");
    let refused = |command: &str, points: &Path, more: &[&str]| {
        let output = rastro(command, points, &out, more);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused("snap", &bad, &[]).contains("column `lon` is missing"));
    assert!(refused("snap", &folder.0.join("none.csv"), &[]).contains("cannot open"));
    assert!(refused("snap", &good, &["--routes", routes.to_str().unwrap()]).contains("FeatureCollection"));
    assert!(refused("snap", &good, &["--region-km2", "0"]).contains("area"));
    assert!(refused("corridor", &good, &["--route", "x"]).contains("there is no route x; there are bestia_south_pacific"));
    let trunk = ["--route", "bestia_centre"];
    assert!(refused("corridor", &good, &[&trunk[..], &["--to-km", "900"]].concat()).contains("which runs from 0 to 673.2 km"));
    assert!(refused("corridor", &good, &[&trunk[..], &["--from-km", "-5"]].concat()).contains("measure -5 km is outside"));
    assert!(refused("corridor", &good, &[&trunk[..], &["--width-km", "-1"]].concat()).contains("--width-km"));
    assert!(refused("corridor", &good, &[&trunk[..], &["--from-date", "2020"]].concat()).contains("column `date`"));
    assert!(refused("corridor", &good, &[&trunk[..], &["--from-date", "2020", "--to-date", "2019"]].concat()).contains("ends before"));
}
