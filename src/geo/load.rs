//! Reading corridors: a GeoJSON of lines and a CSV of stops become a network.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use thiserror::Error;

use super::line::{Line, vertex_key};
use super::network::{Corridors, Edge, EdgeIndex, EdgeRef, Medium, NodeIndex, Route, RouteIndex, Stop};
use super::position::{Position, PositionError};

/// Why corridors could not be read. Nothing is loaded in part.
#[derive(Debug, Error)]
pub enum CorridorError {
    /// Not a GeoJSON feature collection of lines with the attributes a route needs.
    #[error("the corridors are not a GeoJSON FeatureCollection of LineStrings with id, name, medium and mode: {0}")]
    GeoJson(#[from] serde_json::Error),
    /// Two features with one identifier.
    #[error("route {0} occurs twice; give every route its own id")]
    RouteTwice(String),
    /// A vertex that is no position.
    #[error("route {route}, vertex {vertex}: {problem}")]
    Vertex {
        /// Identifier of the route.
        route: String,
        /// Number of the vertex, from 1.
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
    /// A line of the stops file.
    #[error("stops, line {line}: {problem}")]
    Stop {
        /// Line of the file, from 1, the header included.
        line: u64,
        /// What is wrong.
        problem: StopProblem,
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
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    properties: Properties,
    geometry: Geometry,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Geometry {
    LineString { coordinates: Vec<Vec<f64>> },
}

#[derive(Deserialize)]
struct Properties {
    id: String,
    name: String,
    medium: Medium,
    mode: String,
    length_km: Option<f64>,
    #[serde(default)]
    geometry_source: String,
    schematic: Option<bool>,
    #[serde(default)]
    straight_legs: String,
    half_width_km: Option<f64>,
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

/// A route with its vertices, before the network is built.
struct Read {
    route: Route,
    vertices: Vec<Position>,
    line: Line,
}

impl Corridors {
    /// Reads the network from a GeoJSON FeatureCollection and a CSV of stops.
    ///
    /// Features are LineStrings (lon, lat) with the properties `id`, `name`, `medium` (`rail`, `land`, `foot`, `sea`)
    /// and `mode`; optional are `length_km` (checked), `geometry_source`, `schematic` (else: the source begins with
    /// "schematic"), `straight_legs` and `half_width_km` (else by medium). Stops have the columns `route_id`, `seq`,
    /// `town`, `lon`, `lat`, `geonameid` and `measure_km`; without a measure it is that of the nearest point of the
    /// line. Of stretches with identical consecutive vertices only one edge is stored.
    ///
    /// # Errors
    /// [`CorridorError`], which names the route, vertex or line of the file.
    ///
    /// Cost: O(vertices log vertices); the 24 shipped corridors take some milliseconds.
    pub fn from_texts(geojson: &[u8], stops_csv: &[u8]) -> Result<Corridors, CorridorError> {
        let collection: Collection = serde_json::from_slice(geojson)?;
        let mut routes = Vec::with_capacity(collection.features.len());
        let mut by_id = HashMap::new();
        for feature in collection.features {
            let read = read_route(feature)?;
            let index = RouteIndex(routes.len() as u32);
            if by_id.insert(read.route.id.clone(), index).is_some() {
                return Err(CorridorError::RouteTwice(read.route.id));
            }
            routes.push(read);
        }
        read_stops(stops_csv, &by_id, &mut routes)?;
        let (nodes, edges) = build_edges(&mut routes);
        let (routes, lines) = routes.into_iter().map(|read| (read.route, read.line)).unzip();
        Ok(Corridors { nodes, edges, routes, by_id, lines })
    }
}

fn read_route(feature: Feature) -> Result<Read, CorridorError> {
    let Properties { id, medium, .. } = &feature.properties;
    let Geometry::LineString { coordinates } = feature.geometry;
    let mut vertices: Vec<Position> = Vec::with_capacity(coordinates.len());
    for (number, pair) in coordinates.iter().enumerate() {
        let number_at = |place: usize| pair.get(place).copied().unwrap_or(f64::NAN);
        let at = Position::new(number_at(1), number_at(0)).map_err(|problem| CorridorError::Vertex {
            route: id.clone(),
            vertex: number + 1,
            problem,
        })?;
        if vertices.last().is_none_or(|last| last.distance(at).get() > 1e-3) {
            vertices.push(at);
        }
    }
    let line = Line::new(&vertices).ok_or_else(|| CorridorError::NoLine(id.clone()))?;
    let length_km = line.length_m() / 1000.0;
    if let Some(stated_km) = feature.properties.length_km
        && (stated_km - length_km).abs() > (0.01 * length_km).max(1.0)
    {
        return Err(CorridorError::Length { route: id.clone(), stated_km, measured_km: length_km });
    }
    let half_width_km = feature.properties.half_width_km.unwrap_or(medium.half_width_km());
    if !(half_width_km.is_finite() && half_width_km > 0.0) {
        return Err(CorridorError::HalfWidth(id.clone()));
    }
    let Properties { id, name, medium, mode, geometry_source, schematic, straight_legs, .. } = feature.properties;
    let route = Route {
        id,
        name,
        medium,
        mode,
        length_km,
        schematic: schematic.unwrap_or(geometry_source.starts_with("schematic")),
        geometry_source,
        straight_legs,
        half_width_km,
        edges: Vec::new(),
        stops: Vec::new(),
    };
    Ok(Read { route, vertices, line })
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
    for (route, path) in paths.iter().enumerate() {
        let route_index = RouteIndex(route as u32);
        let starts: Vec<f64> = routes[route].line.starts_m().collect();
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
                    let line_end = starts.get(end).copied();
                    let end_m = line_end.unwrap_or(routes[route].line.length_m());
                    edges.push(Edge {
                        from: node(path[begin]),
                        to: node(path[end]),
                        vertices: piece.iter().map(|&vertex| vertices[vertex as usize]).collect(),
                        length_km: (end_m - starts[begin]) / 1000.0,
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
            routes[route].route.edges.push(EdgeRef { edge, reversed, start_km: starts[begin] / 1000.0 });
            begin = end;
        }
    }
    (nodes, edges)
}

/// Numbers identical vertices alike; gives the vertices and every route as a list of numbers.
fn number_vertices(routes: &[Read]) -> (Vec<Position>, Vec<Vec<u32>>) {
    let mut vertices = Vec::new();
    let mut numbers = HashMap::new();
    let mut number = |at: &Position| {
        *numbers.entry(vertex_key(*at)).or_insert_with(|| {
            vertices.push(*at);
            vertices.len() as u32 - 1
        })
    };
    let paths = routes.iter().map(|read| read.vertices.iter().map(&mut number).collect()).collect();
    (vertices, paths)
}

fn find_nodes(count: usize, paths: &[Vec<u32>]) -> Vec<bool> {
    let mut neighbours: Vec<HashSet<u32>> = vec![HashSet::new(); count];
    let mut is_node = vec![false; count];
    for path in paths {
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
}
