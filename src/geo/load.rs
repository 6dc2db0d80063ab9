//! Reading corridors: a GeoJSON of lines and a CSV of stops become a network.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value};
use thiserror::Error;

use super::line::{Line, vertex_key};
use super::network::{Corridors, Edge, EdgeIndex, EdgeRef, Medium, NodeIndex, Route, RouteBox, RouteIndex, Stop, widest_km};
use super::position::{Position, PositionError};

/// The word that stands for "on no route" in results; no route may be called so.
pub const OFF_ROUTE: &str = "off_route";

/// Why corridors could not be read.
#[derive(Debug, Error)]
pub enum CorridorError {
    /// Not a GeoJSON feature collection.
    #[error("the corridors are not a GeoJSON FeatureCollection of LineStrings or MultiLineStrings: {0}")]
    GeoJson(#[from] serde_json::Error),
    /// A feature without an identifier.
    #[error("feature {0} has no id: a text or whole number in its properties, or beside them")]
    NoId(usize),
    /// An identifier that means something else in results.
    #[error("no route can be called off_route, which stands for lying on none")]
    Reserved,
    /// Two features with one identifier.
    #[error("route {0} occurs twice; give every route its own id")]
    RouteTwice(String),
    /// Not lines.
    #[error("route {route} has no LineString or MultiLineString as its geometry ({found})")]
    Geometry {
        /// Identifier of the route.
        route: String,
        /// What was found.
        found: String,
    },
    /// What people travel on, in a word that is not known.
    #[error("route {0}: medium must be rail, land, foot or sea")]
    Medium(String),
    /// A vertex that is no position.
    #[error("route {route}, vertex {vertex}: {problem}")]
    Vertex {
        /// Identifier of the route.
        route: String,
        /// Number of the vertex, from 1, through all parts.
        vertex: usize,
        /// What is wrong.
        problem: PositionError,
    },
    /// Fewer than two different vertices, or two neighbours at opposite ends of the Earth.
    #[error("route {0} is no line: it needs two or more different vertices, and no leg of half the Earth")]
    NoLine(String),
    /// The stated length and the length of the line differ by more than 1 % and 1 km: vertices are missing or wrong.
    #[error("route {route} says it is {stated_km} km long but its line is {measured_km:.1} km")]
    Length {
        /// Identifier of the route.
        route: String,
        /// What the file says.
        stated_km: f64,
        /// What the line has.
        measured_km: f64,
    },
    /// A half-width that is not a positive number of kilometres.
    #[error("route {0}: half_width_km must be a positive number")]
    HalfWidth(String),
    /// No route at all.
    #[error("the file has no route that can be used")]
    Nothing,
    /// A line of the stops file.
    #[error("stops, line {line}: {problem}")]
    Stop {
        /// Line of the file, from 1, the header included.
        line: u64,
        /// What is wrong.
        problem: StopProblem,
    },
}

/// What was noticed about one feature of a file of routes.
#[derive(Debug, Error)]
pub enum RouteRemark {
    /// The feature is no route and stays out.
    #[error("feature {feature} is left out: {problem}")]
    LeftOut {
        /// Number of the feature, from 1.
        feature: usize,
        /// What is wrong with it.
        problem: CorridorError,
    },
    /// The route is used all the same.
    #[error("feature {feature}: {problem}; its line is used as it is")]
    Doubtful {
        /// Number of the feature, from 1.
        feature: usize,
        /// What is odd about it.
        problem: CorridorError,
    },
    /// Neighbouring vertices at one place: only the first of them is used.
    #[error("feature {feature}: route {route} repeats {repeated} vertices at the same place, which are left out")]
    Repeated {
        /// Number of the feature, from 1.
        feature: usize,
        /// Identifier of the route.
        route: String,
        /// How many were left out.
        repeated: usize,
    },
    /// Parts that do not touch.
    #[error("feature {feature}: route {route} has {gaps} gaps between its parts, which belong to no route and count no kilometres")]
    Gaps {
        /// Number of the feature, from 1.
        feature: usize,
        /// Identifier of the route.
        route: String,
        /// How many.
        gaps: usize,
    },
}

/// What is wrong with a line of the stops file.
#[derive(Debug, Error)]
pub enum StopProblem {
    /// Not the columns and types expected.
    #[error("{0}; the columns are route_id, seq, town, lon, lat, geonameid, measure_km, offset_km")]
    Csv(csv::Error),
    /// A route that the GeoJSON does not have.
    #[error("there is no route {0}")]
    UnknownRoute(String),
    /// Coordinates that are no position.
    #[error("{0}")]
    Position(#[from] PositionError),
    /// A measure outside the route.
    #[error("measure {measure_km} km is outside the route's 0 to {length_km:.1} km")]
    Measure {
        /// What the file says.
        measure_km: f64,
        /// Length of the route.
        length_km: f64,
    },
}

#[derive(Deserialize)]
struct Collection {
    features: Vec<Value>,
}

#[derive(Deserialize)]
struct StopRow {
    route_id: String,
    seq: u32,
    town: String,
    lon: f64,
    lat: f64,
    geonameid: Option<f64>,
    measure_km: Option<f64>,
}

/// A route with the vertices of its parts, before the network is built.
struct Read {
    route: Route,
    parts: Vec<Vec<Position>>,
    line: Line,
    repeated: usize,
    stated_km: Option<f64>,
}

impl Corridors {
    /// Reads the network from a GeoJSON FeatureCollection and a CSV of stops. Nothing is loaded in part.
    ///
    /// Features are as in [`Corridors::from_geojson`]; `length_km` is checked. Stops have the columns `route_id`, `seq`,
    /// `town`, `lon`, `lat`, `geonameid` and `measure_km`; without a measure it is that of the nearest point of the
    /// line. Of stretches with identical consecutive vertices only one edge is stored.
    ///
    /// # Errors
    /// [`CorridorError`], which names the route, vertex or line of the file.
    ///
    /// Cost: O(vertices log vertices); the 24 shipped corridors take some milliseconds.
    pub fn from_texts(geojson: &[u8], stops_csv: &[u8]) -> Result<Corridors, CorridorError> {
        let collection: Collection = serde_json::from_slice(geojson)?;
        let mut routes: Vec<Read> = Vec::with_capacity(collection.features.len());
        let mut by_id = HashMap::new();
        for (number, feature) in collection.features.iter().enumerate() {
            let read = read_route(number + 1, feature)?;
            if let Some(wrong) = read.wrong_length() {
                return Err(wrong);
            }
            if by_id.insert(read.route.id.clone(), RouteIndex(routes.len() as u32)).is_some() {
                return Err(CorridorError::RouteTwice(read.route.id));
            }
            routes.push(read);
        }
        read_stops(stops_csv, &by_id, &mut routes)?;
        Ok(network(routes, by_id))
    }

    /// Reads routes of any region from a GeoJSON FeatureCollection, without stops; a feature that cannot be used stays
    /// out and is remarked.
    ///
    /// A feature is a LineString or MultiLineString (longitude, latitude; heights are ignored) with an `id` in its
    /// properties or beside them, a text or a whole number. Optional properties: `name` (else the id), `mode` in words,
    /// `medium` (`rail`, `land`, `foot`, `sea`; else by the words of the mode, else land), `half_width_km` (else by
    /// medium), `length_km` (a difference is remarked), `geometry_source`, `schematic` (else: the source begins with
    /// "schematic"), `straight_legs`. All others, nested ones too, are passed over. Longitudes may run past 180 degrees;
    /// legs are the shorter way round the Earth. Parts of a MultiLineString follow one another in measure; where they do
    /// not touch, the gap belongs to no route and has no length.
    ///
    /// # Errors
    /// [`CorridorError`]: not a FeatureCollection, or no usable route in it.
    pub fn from_geojson(geojson: &[u8]) -> Result<(Corridors, Vec<RouteRemark>), CorridorError> {
        let geojson = geojson.strip_prefix(b"\xef\xbb\xbf").unwrap_or(geojson);
        let collection: Collection = serde_json::from_slice(geojson)?;
        let mut routes: Vec<Read> = Vec::with_capacity(collection.features.len());
        let mut by_id = HashMap::new();
        let mut remarks = Vec::new();
        for (number, feature) in collection.features.iter().enumerate() {
            let feature_no = number + 1;
            let read = match read_route(feature_no, feature) {
                Ok(read) if by_id.contains_key(&read.route.id) => {
                    remarks.push(RouteRemark::LeftOut { feature: feature_no, problem: CorridorError::RouteTwice(read.route.id) });
                    continue;
                }
                Ok(read) => read,
                Err(problem) => {
                    remarks.push(RouteRemark::LeftOut { feature: feature_no, problem });
                    continue;
                }
            };
            let route = &read.route.id;
            if let Some(problem) = read.wrong_length() {
                remarks.push(RouteRemark::Doubtful { feature: feature_no, problem });
            }
            if read.repeated > 0 {
                remarks.push(RouteRemark::Repeated { feature: feature_no, route: route.clone(), repeated: read.repeated });
            }
            if read.parts.len() > 1 {
                remarks.push(RouteRemark::Gaps { feature: feature_no, route: route.clone(), gaps: read.parts.len() - 1 });
            }
            by_id.insert(route.clone(), RouteIndex(routes.len() as u32));
            routes.push(read);
        }
        if routes.is_empty() {
            // The first fault says more than that there is nothing.
            let first = remarks.into_iter().find_map(|remark| match remark {
                RouteRemark::LeftOut { problem, .. } => Some(problem),
                _ => None,
            });
            return Err(first.unwrap_or(CorridorError::Nothing));
        }
        Ok((network(routes, by_id), remarks))
    }
}

fn network(mut routes: Vec<Read>, by_id: HashMap<String, RouteIndex>) -> Corridors {
    let (nodes, edges) = build_edges(&mut routes);
    let (routes, lines): (Vec<Route>, Vec<Line>) = routes.into_iter().map(|read| (read.route, read.line)).unzip();
    let boxes = RouteBox::tree(&lines);
    let widest_km = widest_km(&routes);
    Corridors { nodes, edges, routes, by_id, lines, boxes, widest_km }
}

impl Read {
    fn wrong_length(&self) -> Option<CorridorError> {
        let measured_km = self.route.length_km;
        let stated_km = self.stated_km.filter(|stated| (stated - measured_km).abs() > (0.01 * measured_km).max(1.0))?;
        Some(CorridorError::Length { route: self.route.id.clone(), stated_km, measured_km })
    }
}

/// A text, or a number as text; blank is nothing.
fn text(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// What people travel on, by the words of a mode.
fn medium_of_mode(mode: &str) -> Medium {
    let mode = mode.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| mode.contains(word));
    if has(&["boat", "sea", "ship", "ferry", "vessel", "maritime", "raft"]) {
        Medium::Sea
    } else if has(&["train", "rail"]) {
        Medium::Rail
    } else if has(&["foot", "walk"]) && !has(&["bus", "car", "road", "truck"]) {
        Medium::Foot
    } else {
        Medium::Land
    }
}

fn read_route(number: usize, feature: &Value) -> Result<Read, CorridorError> {
    let none = Map::new();
    let properties = feature.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let id = text(properties.get("id")).or_else(|| text(feature.get("id"))).ok_or(CorridorError::NoId(number))?;
    if id == OFF_ROUTE {
        return Err(CorridorError::Reserved);
    }
    let mode = text(properties.get("mode")).unwrap_or_default();
    let medium = match properties.get("medium") {
        None | Some(Value::Null) => medium_of_mode(&mode),
        Some(word) => Medium::deserialize(word).map_err(|_| CorridorError::Medium(id.clone()))?,
    };
    let half_width_km = match properties.get("half_width_km") {
        None | Some(Value::Null) => medium.half_width_km(),
        given => text(given).and_then(|text| text.parse().ok()).unwrap_or(f64::NAN),
    };
    if !(half_width_km.is_finite() && half_width_km > 0.0) {
        return Err(CorridorError::HalfWidth(id));
    }
    let (parts, repeated) = read_vertices(&id, feature.get("geometry"))?;
    let line = Line::new(&parts).ok_or_else(|| CorridorError::NoLine(id.clone()))?;
    let geometry_source = text(properties.get("geometry_source")).unwrap_or_default();
    let route = Route {
        name: text(properties.get("name")).unwrap_or_else(|| id.clone()),
        id,
        medium,
        mode,
        length_km: line.length_m() / 1000.0,
        schematic: properties.get("schematic").and_then(Value::as_bool).unwrap_or(geometry_source.starts_with("schematic")),
        geometry_source,
        straight_legs: text(properties.get("straight_legs")).unwrap_or_default(),
        half_width_km,
        edges: Vec::new(),
        stops: Vec::new(),
    };
    Ok(Read { route, parts, line, repeated, stated_km: properties.get("length_km").and_then(Value::as_f64) })
}

/// The vertices of every part, each different from the one before, and how many were not; parts that touch are joined.
fn read_vertices(route: &str, geometry: Option<&Value>) -> Result<(Vec<Vec<Position>>, usize), CorridorError> {
    let kind = geometry.and_then(|geometry| geometry.get("type")).and_then(Value::as_str).unwrap_or("none");
    let lists = geometry.and_then(|geometry| geometry.get("coordinates")).and_then(Value::as_array);
    let written: Vec<&[Value]> = match (kind, lists) {
        ("LineString", Some(list)) => vec![list],
        ("MultiLineString", Some(lists)) => lists.iter().map(|list| list.as_array().map_or(&[][..], Vec::as_slice)).collect(),
        _ => return Err(CorridorError::Geometry { route: route.to_owned(), found: kind.chars().take(40).collect() }),
    };
    let same = |a: Position, b: Position| a.distance(b).get() <= 1e-3;
    let (mut parts, mut number, mut repeated): (Vec<Vec<Position>>, usize, usize) = (Vec::new(), 0, 0);
    for list in written {
        let mut part: Vec<Position> = Vec::with_capacity(list.len());
        for pair in list {
            number += 1;
            let at = vertex(pair).map_err(|problem| CorridorError::Vertex { route: route.to_owned(), vertex: number, problem })?;
            if part.last().is_some_and(|last| same(*last, at)) {
                repeated += 1;
            } else {
                part.push(at);
            }
        }
        match (parts.last_mut(), part.first()) {
            (Some(before), Some(first)) if before.last().is_some_and(|last| same(*last, *first)) => before.extend(&part[1..]),
            _ if part.len() < 2 => {}
            _ => parts.push(part),
        }
    }
    Ok((parts, repeated))
}

fn vertex(pair: &Value) -> Result<Position, PositionError> {
    let number_at = |place: usize| pair.get(place).and_then(Value::as_f64).unwrap_or(f64::NAN);
    let (lat, lon) = (number_at(1), number_at(0));
    // Lines across the antimeridian are often written with longitudes that run on.
    let lon = if lat.abs() <= 90.0 && lon.abs() > 180.0 && lon.abs() <= 360.0 { lon - 360.0 * lon.signum() } else { lon };
    Position::new(lat, lon)
}

fn read_stops(csv: &[u8], by_id: &HashMap<String, RouteIndex>, routes: &mut [Read]) -> Result<(), CorridorError> {
    let mut ordered: Vec<(RouteIndex, u32, Stop)> = Vec::new();
    let mut reader = csv::Reader::from_reader(csv);
    let headers = reader.headers().cloned();
    let headers = headers.map_err(|error| CorridorError::Stop { line: 1, problem: StopProblem::Csv(error) })?;
    for record in reader.records() {
        let line_of = |error: &csv::Error| error.position().map_or(0, csv::Position::line);
        let record = record.map_err(|error| CorridorError::Stop { line: line_of(&error), problem: StopProblem::Csv(error) })?;
        let row = record.deserialize::<StopRow>(Some(&headers)).map_err(StopProblem::Csv);
        let stop = row.and_then(|row| read_stop(row, by_id, routes));
        ordered.push(stop.map_err(|problem| CorridorError::Stop { line: record.position().map_or(0, csv::Position::line), problem })?);
    }
    ordered.sort_by_key(|(route, seq, _)| (*route, *seq));
    for (route, _, stop) in ordered {
        routes[route.0 as usize].route.stops.push(stop);
    }
    Ok(())
}

fn read_stop(row: StopRow, by_id: &HashMap<String, RouteIndex>, routes: &[Read]) -> Result<(RouteIndex, u32, Stop), StopProblem> {
    let Some(&index) = by_id.get(&row.route_id) else {
        return Err(StopProblem::UnknownRoute(row.route_id));
    };
    let Read { route, line, .. } = &routes[index.0 as usize];
    let position = Position::new(row.lat, row.lon)?;
    let length_km = route.length_km;
    let measure_km = match row.measure_km {
        // Files give measures to 100 m, and the last one rounded up.
        Some(stated) if (-0.1..=length_km + 0.1).contains(&stated) => stated.clamp(0.0, length_km),
        Some(measure_km) => {
            return Err(StopProblem::Measure { measure_km, length_km });
        }
        None => line.foot(position.unit()).measure_m / 1000.0,
    };
    let on_line = Position::from_vector(line.at(measure_km * 1000.0));
    let stop = Stop {
        name: row.town,
        position,
        measure_km,
        offset_km: on_line.distance(position).km(),
        geonames_id: row.geonameid.filter(|id| *id >= 1.0).map(|id| id as u64),
    };
    Ok((index, row.seq, stop))
}

/// Cuts the routes at nodes and stores every piece once; fills in the routes' steps.
///
/// A node is a vertex where a route begins or ends or turns back, or from which the stretches of all routes together
/// do not lead in exactly two directions. Between nodes every route that enters a piece travels all of it.
fn build_edges(routes: &mut [Read]) -> (Vec<Position>, Vec<Edge>) {
    let (vertices, paths) = number_vertices(routes);
    let is_node = find_nodes(vertices.len(), &paths);
    let mut nodes = Vec::new();
    let mut node_of: HashMap<u32, NodeIndex> = HashMap::new();
    let mut edges: Vec<Edge> = Vec::new();
    let mut known: HashMap<Vec<u32>, EdgeIndex> = HashMap::new();
    for Path { route, vertices: path, measures_m } in &paths {
        let route_index = RouteIndex(*route as u32);
        let mut begin = 0;
        for end in 1..path.len() {
            if !is_node[path[end] as usize] {
                continue;
            }
            let piece = &path[begin..=end];
            let backwards: Vec<u32> = piece.iter().rev().copied().collect();
            let (edge, reversed) = match (known.get(piece), known.get(&backwards)) {
                (Some(&edge), _) => (edge, false),
                (None, Some(&edge)) => (edge, true),
                (None, None) => {
                    let edge = EdgeIndex(edges.len() as u32);
                    let mut node = |vertex: u32| {
                        *node_of.entry(vertex).or_insert_with(|| {
                            nodes.push(vertices[vertex as usize]);
                            NodeIndex(nodes.len() as u32 - 1)
                        })
                    };
                    edges.push(Edge {
                        from: node(path[begin]),
                        to: node(path[end]),
                        vertices: piece.iter().map(|&vertex| vertices[vertex as usize]).collect(),
                        length_km: (measures_m[end] - measures_m[begin]) / 1000.0,
                        routes: Vec::new(),
                    });
                    known.insert(piece.to_vec(), edge);
                    (edge, false)
                }
            };
            let members = &mut edges[edge.0 as usize].routes;
            if members.last() != Some(&route_index) {
                members.push(route_index);
            }
            routes[*route].route.edges.push(EdgeRef { edge, reversed, start_km: measures_m[begin] / 1000.0 });
            begin = end;
        }
    }
    (nodes, edges)
}

/// One part of a route as numbers of vertices, and the measure of each.
struct Path {
    route: usize,
    vertices: Vec<u32>,
    measures_m: Vec<f64>,
}

/// Numbers identical vertices alike; gives the vertices and the paths of all routes.
fn number_vertices(routes: &[Read]) -> (Vec<Position>, Vec<Path>) {
    let mut vertices = Vec::new();
    let mut numbers = HashMap::new();
    let mut number = |at: &Position| {
        *numbers.entry(vertex_key(*at)).or_insert_with(|| {
            vertices.push(*at);
            vertices.len() as u32 - 1
        })
    };
    let mut paths = Vec::new();
    for (route, read) in routes.iter().enumerate() {
        // Of every part a segment begins at each vertex but the last, where the measure is that of the next part's first.
        let starts: Vec<f64> = read.line.starts_m().chain([read.line.length_m()]).collect();
        let mut begin = 0;
        for part in &read.parts {
            let measures_m = starts[begin..begin + part.len()].to_vec();
            begin += part.len() - 1;
            paths.push(Path { route, vertices: part.iter().map(&mut number).collect(), measures_m });
        }
    }
    (vertices, paths)
}

fn find_nodes(count: usize, paths: &[Path]) -> Vec<bool> {
    let mut neighbours: Vec<HashSet<u32>> = vec![HashSet::new(); count];
    let mut is_node = vec![false; count];
    for Path { vertices: path, .. } in paths {
        for end in [path.first(), path.last()].into_iter().flatten() {
            is_node[*end as usize] = true;
        }
        for pair in path.windows(2) {
            neighbours[pair[0] as usize].insert(pair[1]);
            neighbours[pair[1] as usize].insert(pair[0]);
        }
        for turn in path.windows(3).filter(|turn| turn[0] == turn[2]) {
            is_node[turn[1] as usize] = true;
        }
    }
    for (vertex, around) in neighbours.iter().enumerate() {
        is_node[vertex] |= around.len() != 2;
    }
    is_node
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const NO_STOPS: &str = "route_id,seq,town,lon,lat,geonameid,measure_km,offset_km\n";

    fn feature(id: &str, coordinates: &str, more: &str) -> String {
        format!(
            r#"{{"type":"Feature","properties":{{"id":"{id}","name":"{id}","medium":"rail","mode":"freight train"{more}}},
            "geometry":{{"type":"LineString","coordinates":{coordinates}}}}}"#
        )
    }

    fn load(features: &[String], stops: &str) -> Result<Corridors, CorridorError> {
        let geojson = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
        Corridors::from_texts(geojson.as_bytes(), format!("{NO_STOPS}{stops}").as_bytes())
    }

    fn error(features: &[String], stops: &str) -> String {
        load(features, stops).unwrap_err().to_string()
    }

    #[test]
    fn a_trunk_shared_by_two_routes_is_one_edge() {
        let corridors =
            load(&[feature("a", "[[0,1],[0,0],[1,0],[2,0],[2,1]]", ""), feature("b", "[[3,0],[2,0],[1,0],[0,0],[0,-1]]", "")], "").unwrap();
        let steps = |id: &str| -> Vec<(u32, bool)> {
            let route = corridors.route(corridors.find(id).unwrap()).unwrap();
            route.edges.iter().map(|step| (step.edge.0, step.reversed)).collect()
        };
        assert_eq!(steps("a"), [(0, false), (1, false), (2, false)]);
        assert_eq!(steps("b"), [(3, false), (1, true), (4, false)]);
        let trunk = &corridors.edges()[1];
        assert_eq!(trunk.routes, [RouteIndex(0), RouteIndex(1)]);
        assert_eq!(trunk.vertices.len(), 3);
        assert_eq!(corridors.edges_at(trunk.from).count(), 3);
    }

    #[test]
    fn a_way_there_and_back_is_one_edge_travelled_twice() {
        let corridors = load(&[feature("a", "[[0,0],[1,0],[2,0],[1,0],[1,1]]", "")], "").unwrap();
        let route = corridors.route(RouteIndex(0)).unwrap();
        let steps: Vec<(u32, bool)> = route.edges.iter().map(|step| (step.edge.0, step.reversed)).collect();
        assert_eq!(steps, [(0, false), (1, false), (1, true), (2, false)]);
        assert_eq!(corridors.edges()[1].routes, [RouteIndex(0)]);
        assert!((route.length_km - 4.0 * 111.195).abs() < 0.1);
    }

    #[test]
    fn attributes_of_a_route_can_be_given_or_left_to_defaults() {
        let more = r#","half_width_km":22.5,"schematic":true"#;
        let corridors = load(&[feature("a", "[[0,0],[1,0]]", more), feature("b", "[[5,5],[6,5]]", "")], "").unwrap();
        let route = |number| corridors.route(RouteIndex(number)).unwrap();
        assert_eq!((route(0).half_width_km, route(0).schematic), (22.5, true));
        assert_eq!((route(1).half_width_km, route(1).schematic), (10.0, false));
    }

    #[test]
    fn a_stop_without_a_measure_is_measured_on_the_line() {
        let line = feature("a", "[[0,0],[1,0]]", "");
        let stops = "a,1,End,1,0,,,\na,0,Half,0.5,0.1,77.0,,\n";
        let corridors = load(&[line], stops).unwrap();
        let stops = &corridors.route(RouteIndex(0)).unwrap().stops;
        assert_eq!((stops[0].name.as_str(), stops[0].geonames_id), ("Half", Some(77)));
        assert!((stops[0].measure_km - 55.597).abs() < 0.01 && (stops[0].offset_km - 11.119).abs() < 0.01);
        assert!((stops[1].measure_km - 111.195).abs() < 0.01);
    }

    #[test]
    fn faults_of_the_line_are_named() {
        let good = || feature("a", "[[0,0],[1,0]]", "");
        assert_eq!(error(&[good(), good()], ""), "route a occurs twice; give every route its own id");
        let swapped = feature("a", "[[0,0],[14.7,-92.2]]", "");
        assert!(error(&[swapped], "").starts_with("route a, vertex 2: the latitude is outside"));
        assert!(error(&[feature("a", "[[0,0],[1]]", "")], "").contains("vertex 2: the latitude is not a number"));
        for line in ["[]", "[[0,0]]", "[[0,0],[0,0]]", "[[0,0],[180,0]]"] {
            assert!(error(&[feature("a", line, "")], "").contains("is no line"), "{line}");
        }
        assert_eq!(
            error(&[feature("a", "[[0,0],[1,0]]", r#","length_km":300"#)], ""),
            "route a says it is 300 km long but its line is 111.2 km"
        );
        assert!(error(&[feature("a", "[[0,0],[1,0]]", r#","half_width_km":-1"#)], "").contains("half_width_km"));
        assert!(Corridors::from_texts(b"[]", NO_STOPS.as_bytes()).is_err());
        assert!(Corridors::from_texts(b"{\"features\":[{}]}", NO_STOPS.as_bytes()).is_err());
    }

    #[test]
    fn faults_of_the_stops_are_named_by_line() {
        let lines = [feature("a", "[[0,0],[1,0]]", "")];
        assert_eq!(error(&lines, "a,0,X,0,0,,0,0\nb,0,Y,0,0,,0,0\n"), "stops, line 3: there is no route b");
        assert!(error(&lines, "a,0,X,14,-92,,0,0\n").contains("line 2: the latitude is outside"));
        assert!(error(&lines, "a,0,X,0,0,,200,0\n").contains("outside the route's 0 to 111.2 km"));
        assert!(error(&lines, "a,zero,X,0,0,,0,0\n").starts_with("stops, line 2:"));
        assert!(error(&lines, "a,0\n").starts_with("stops, line 2:"));
    }

    #[test]
    fn nothing_in_gives_an_empty_network() {
        assert!(load(&[], "").unwrap().is_empty());
    }

    /// The routes of a file of any region, and what was remarked.
    fn read(features: &[&str]) -> Result<(Corridors, Vec<String>), CorridorError> {
        let geojson = format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(","));
        let (corridors, remarks) = Corridors::from_geojson(geojson.as_bytes())?;
        Ok((corridors, remarks.iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn a_route_of_another_region_needs_an_id_and_a_line_only() {
        let (corridors, remarks) = read(&[
            r#"{"type":"Feature","id":7,"geometry":{"type":"LineString","coordinates":[[12.6,35.5,0],[15.1,36.7,0]]},"properties":null}"#,
            r#"{"type":"Feature","properties":{"id":"sfax","mode":"wooden boat","owner":{"id":"x","tags":[1,{"a":2}]},"name":null},
                "geometry":{"type":"LineString","coordinates":[[10.8,34.7],[12.6,35.5]]}}"#,
            r#"{"properties":{"id":"walk","mode":"foot","half_width_km":"2.5"},
                "geometry":{"type":"LineString","coordinates":[[10,34],[11,34]]}}"#,
        ])
        .unwrap();
        assert!(remarks.is_empty(), "{remarks:?}");
        let seen: Vec<_> = corridors.routes().map(|(_, r)| (r.id.as_str(), r.name.as_str(), r.medium, r.half_width_km)).collect();
        assert_eq!(seen, [("7", "7", Medium::Land, 15.0), ("sfax", "sfax", Medium::Sea, 100.0), ("walk", "walk", Medium::Foot, 2.5)]);
    }

    #[test]
    fn a_route_that_cannot_be_used_stays_out_and_the_others_stay() {
        let line = r#""geometry":{"type":"LineString","coordinates":[[0,0],[1,0]]}"#;
        let (corridors, remarks) = read(&[
            &format!(r#"{{"properties":{{"id":"good","length_km":300}},{line}}}"#),
            &format!(r#"{{"properties":{{"id":"good"}},{line}}}"#),
            &format!(r#"{{"properties":{{"id":"  "}},{line}}}"#),
            &format!(r#"{{"properties":{{"id":"off_route"}},{line}}}"#),
            &format!(r#"{{"properties":{{"id":"p","medium":"plane"}},{line}}}"#),
            &format!(r#"{{"properties":{{"id":"h","half_width_km":0}},{line}}}"#),
            r#"{"properties":{"id":"zero"},"geometry":{"type":"LineString","coordinates":[[3,3],[3,3],[3,3]]}}"#,
            r#"{"properties":{"id":"area"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,1],[0,0]]]}}"#,
            r#"{"properties":{"id":"bare"},"geometry":null}"#,
            r#"{"properties":{"id":"swapped"},"geometry":{"type":"LineString","coordinates":[[14.7,-92.2],[0,0]]}}"#,
            r#"{"properties":{"id":"words"},"geometry":{"type":"LineString","coordinates":["x",[0,0]]}}"#,
            r#"{"properties":{"id":"twice"},"geometry":{"type":"LineString","coordinates":[[5,0],[5,0],[6,0],[6,0]]}}"#,
            "17",
        ])
        .unwrap();
        assert_eq!(corridors.routes().map(|(_, route)| route.id.as_str()).collect::<Vec<_>>(), ["good", "twice"]);
        let expected = [
            "feature 1: route good says it is 300 km",
            "feature 2 is left out: route good occurs twice",
            "feature 3 is left out: feature 3 has no id",
            "feature 4 is left out: no route can be called off_route",
            "feature 5 is left out: route p: medium",
            "feature 6 is left out: route h: half_width_km",
            "feature 7 is left out: route zero is no line",
            "feature 8 is left out: route area has no LineString or MultiLineString as its geometry (Polygon)",
            "feature 9 is left out: route bare has no LineString",
            "feature 10 is left out: route swapped, vertex 1: the latitude is outside",
            "feature 11 is left out: route words, vertex 1: the latitude is not a number",
            "feature 12: route twice repeats 2 vertices",
            "feature 13 is left out: feature 13 has no id",
        ];
        assert_eq!(remarks.len(), expected.len(), "{remarks:?}");
        for (remark, expected) in remarks.iter().zip(expected) {
            assert!(remark.starts_with(expected), "{remark} / {expected}");
        }
    }

    #[test]
    fn a_file_without_a_usable_route_says_why() {
        assert!(read(&[]).unwrap_err().to_string().contains("no route that can be used"));
        assert!(read(&[r#"{"properties":{}}"#]).unwrap_err().to_string().contains("feature 1 has no id"));
        assert!(Corridors::from_geojson(b"{\"type\":\"Feature\"}").is_err());
        assert!(Corridors::from_geojson(b"\xff\xfe").is_err());
    }

    #[test]
    fn a_line_across_the_antimeridian_is_one_line_however_it_is_written() {
        let length = |geometry: &str| {
            let (corridors, remarks) = read(&[&format!(r#"{{"properties":{{"id":"a"}},"geometry":{geometry}}}"#)]).unwrap();
            assert!(remarks.is_empty(), "{remarks:?}");
            let found = corridors.locate(RouteIndex(0), Position::new(-17.5, -179.9).unwrap()).unwrap();
            assert!(found.distance_km < 60.0 && found.measure_km > 100.0, "{found:?}");
            corridors.route(RouteIndex(0)).unwrap().length_km
        };
        let jumping = length(r#"{"type":"LineString","coordinates":[[178,-18],[180,-17.5],[-178,-17]]}"#);
        let running_on = length(r#"{"type":"LineString","coordinates":[[178,-18],[180,-17.5],[182,-17]]}"#);
        let split = length(r#"{"type":"MultiLineString","coordinates":[[[178,-18],[180,-17.5]],[[-180,-17.5],[-178,-17]]]}"#);
        assert!((jumping - 438.0).abs() < 3.0, "{jumping}");
        assert!((jumping - running_on).abs() < 1e-9 && (jumping - split).abs() < 1e-6);
    }

    #[test]
    fn parts_that_do_not_touch_are_remarked_and_measured_on() {
        let parts = r#"{"type":"MultiLineString","coordinates":[[[0,0],[1,0]],[[1,0],[2,0]],[[5,0],[6,0]]]}"#;
        let (corridors, remarks) = read(&[&format!(r#"{{"properties":{{"id":"a"}},"geometry":{parts}}}"#)]).unwrap();
        assert_eq!(remarks, ["feature 1: route a has 1 gaps between its parts, which belong to no route and count no kilometres"]);
        let at = |lon| corridors.locate(RouteIndex(0), Position::new(0.0, lon).unwrap()).unwrap();
        assert!((at(5.5).measure_km - 2.5 * 111.195).abs() < 0.01 && (at(3.0).distance_km - 111.195).abs() < 0.01);
        assert_eq!(corridors.subline(RouteIndex(0), 0.0, 300.0).unwrap().len(), 5, "both ends of the gap");
        let route = corridors.route(RouteIndex(0)).unwrap();
        let steps: Vec<(u32, f64)> = route.edges.iter().map(|step| (step.edge.0, step.start_km.round())).collect();
        assert_eq!(steps, [(0, 0.0), (1, 222.0)]);
        assert!((corridors.edges().iter().map(|edge| edge.length_km).sum::<f64>() - route.length_km).abs() < 1e-6);
    }
}
