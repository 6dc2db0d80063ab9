//! The corridor network: edges stored once, routes as ordered edges with measures, stops.

use std::collections::HashMap;

use rstar::{AABB, PointDistance, RTree, RTreeObject};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::line::Line;
use super::position::{Position, Region};
use super::sphere::UnitVector;

/// What people travel on along a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// Freight trains.
    Rail,
    /// Roads: bus, car, lorry.
    Land,
    /// On foot through desert or jungle.
    Foot,
    /// Boats at sea.
    Sea,
}

impl Medium {
    /// Default half-width of a corridor in km: rail 10, road 15, foot 40, sea 100 (`geo.md` section 1, from the distances
    /// of recorded incidents to the corridors).
    pub const fn half_width_km(self) -> f64 {
        match self {
            Medium::Rail => 10.0,
            Medium::Land => 15.0,
            Medium::Foot => 40.0,
            Medium::Sea => 100.0,
        }
    }
}

/// Number of a route within its [`Corridors`]; valid there only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RouteIndex(pub u32);

/// Number of an edge within its [`Corridors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EdgeIndex(pub u32);

/// Number of a node (where edges meet or a route ends) within its [`Corridors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeIndex(pub u32);

/// A stretch between two nodes, stored once however many routes use it.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// Node at the first vertex.
    pub from: NodeIndex,
    /// Node at the last vertex.
    pub to: NodeIndex,
    /// At least two vertices; neighbours differ.
    pub vertices: Vec<Position>,
    /// Great-circle length along the vertices.
    pub length_km: f64,
    /// The routes that use it, each once, in order of their numbers.
    pub routes: Vec<RouteIndex>,
}

/// One step of a route: an edge, travelled in its own direction or against it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EdgeRef {
    /// The edge.
    pub edge: EdgeIndex,
    /// True when the route travels it from its last vertex to its first.
    pub reversed: bool,
    /// Measure along the route where the step begins.
    pub start_km: f64,
}

/// A named place on a route.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stop {
    /// Name of the town.
    pub name: String,
    /// Where the town is; at `offset_km` from the line.
    pub position: Position,
    /// Measure along the route.
    pub measure_km: f64,
    /// Distance from the town to the line at that measure.
    pub offset_km: f64,
    /// GeoNames identifier, when it has one.
    pub geonames_id: Option<u64>,
}

/// A route: ordered edges with measures, stops, and what is known of its geometry.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Stable identifier (`bestia_centre`).
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What people travel on.
    pub medium: Medium,
    /// Mode in words (`freight train`, `foot/bus`).
    pub mode: String,
    /// Great-circle length along the vertices; measures run from 0 to it.
    pub length_km: f64,
    /// Where the line comes from, in words.
    pub geometry_source: String,
    /// True when the line is straight legs between towns: good for measures, not to be shown as the way itself.
    pub schematic: bool,
    /// Legs that are straight within an otherwise real line; empty when none.
    pub straight_legs: String,
    /// How far from the line the corridor reaches to either side (standard deviation of [`Corridors::snap`]).
    pub half_width_km: f64,
    /// The steps, in order of travel; each begins where the one before ends, except behind a gap of the route.
    pub edges: Vec<EdgeRef>,
    /// The stops, in order of travel.
    pub stops: Vec<Stop>,
}

impl Route {
    /// The stop called `name`: exactly, else without regard to capitals. Where a name occurs twice, the first.
    pub fn stop(&self, name: &str) -> Option<&Stop> {
        let exact = self.stops.iter().find(|stop| stop.name == name);
        exact.or_else(|| {
            let name = name.trim().to_lowercase();
            self.stops.iter().find(|stop| stop.name.to_lowercase() == name)
        })
    }
}

/// The nearest point of a route.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OnRoute {
    /// Measure along the route.
    pub measure_km: f64,
    /// Great-circle distance from the position asked about.
    pub distance_km: f64,
}

/// A question to the network that has no answer.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum RouteError {
    /// No such route number.
    #[error("there is no route number {}", .0.0)]
    UnknownRoute(RouteIndex),
    /// The route has no such stop.
    #[error("route {route} has no stop called {stop}")]
    UnknownStop {
        /// Identifier of the route.
        route: String,
        /// The name asked for.
        stop: String,
    },
    /// A measure outside the route.
    #[error("measure {measure_km} km is outside route {route}, which runs from 0 to {length_km:.1} km")]
    MeasureOutOfRange {
        /// Identifier of the route.
        route: String,
        /// The measure asked for.
        measure_km: f64,
        /// Length of the route.
        length_km: f64,
    },
    /// A half-width that is not a positive number of kilometres.
    #[error("the half-width of a corridor must be a positive number of kilometres")]
    HalfWidth,
}

/// The corridor network, loaded from text by [`Corridors::from_texts`].
///
/// Beside the network (edges once, routes as references) it keeps per route a derived index for fast questions: its
/// segments in order of measure, an R-tree of them over unit vectors, and points every kilometre.
#[derive(Debug, Clone)]
pub struct Corridors {
    pub(super) nodes: Vec<Position>,
    pub(super) edges: Vec<Edge>,
    pub(super) routes: Vec<Route>,
    pub(super) by_id: HashMap<String, RouteIndex>,
    pub(super) lines: Vec<Line>,
    pub(super) boxes: RTree<RouteBox>,
    /// The widest half-width of any route.
    pub(super) widest_km: f64,
}

pub(super) fn widest_km(routes: &[Route]) -> f64 {
    routes.iter().map(|route| route.half_width_km).fold(0.0, f64::max)
}

/// The box of a whole route, in a tree of them.
#[derive(Debug, Clone)]
pub(super) struct RouteBox {
    corners: AABB<UnitVector>,
    route: RouteIndex,
}

impl RouteBox {
    pub fn tree(lines: &[Line]) -> RTree<RouteBox> {
        let boxes = (0..).zip(lines).map(|(number, line)| RouteBox { corners: line.corners(), route: RouteIndex(number) });
        RTree::bulk_load(boxes.collect())
    }
}

impl RTreeObject for RouteBox {
    type Envelope = AABB<UnitVector>;

    fn envelope(&self) -> AABB<UnitVector> {
        self.corners
    }
}

impl PointDistance for RouteBox {
    fn distance_2(&self, point: &UnitVector) -> f64 {
        self.corners.distance_2(point)
    }
}

impl Corridors {
    /// Number of routes.
    pub fn len(&self) -> usize {
        self.routes.len()
    }

    /// True when there is no route.
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// Every route with its number, in the order of the file.
    pub fn routes(&self) -> impl ExactSizeIterator<Item = (RouteIndex, &Route)> {
        self.routes.iter().enumerate().map(|(number, route)| (RouteIndex(number as u32), route))
    }

    /// The route with this number.
    pub fn route(&self, route: RouteIndex) -> Result<&Route, RouteError> {
        self.routes.get(route.0 as usize).ok_or(RouteError::UnknownRoute(route))
    }

    /// The number of the route with this identifier.
    pub fn find(&self, id: &str) -> Option<RouteIndex> {
        self.by_id.get(id).copied()
    }

    /// Every edge; [`EdgeIndex`] counts in it.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The box of all vertices in degrees, widened by a margin to every side; all longitudes when a leg crosses the
    /// antimeridian. `None` without routes.
    pub fn region(&self, margin: f64) -> Option<Region> {
        let first = self.edges.first()?.vertices.first()?;
        let mut region = Region { south: first.lat(), west: first.lon(), north: first.lat(), east: first.lon() };
        for edge in &self.edges {
            for vertex in &edge.vertices {
                region.south = region.south.min(vertex.lat());
                region.north = region.north.max(vertex.lat());
                region.west = region.west.min(vertex.lon());
                region.east = region.east.max(vertex.lon());
            }
        }
        let crosses = self.edges.iter().any(|edge| edge.vertices.windows(2).any(|leg| (leg[0].lon() - leg[1].lon()).abs() > 180.0));
        let (west, east) = if crosses { (-180.0, 180.0) } else { (region.west - margin, region.east + margin) };
        Some(Region { south: region.south - margin, west, north: region.north + margin, east })
    }

    /// Where every node is; [`NodeIndex`] counts in it.
    pub fn nodes(&self) -> &[Position] {
        &self.nodes
    }

    /// The edges that begin or end at `node`: more than two make a junction. O(edges).
    pub fn edges_at(&self, node: NodeIndex) -> impl Iterator<Item = EdgeIndex> + '_ {
        let touches = move |edge: &Edge| edge.from == node || edge.to == node;
        (0u32..).zip(&self.edges).filter(move |(_, edge)| touches(edge)).map(|(number, _)| EdgeIndex(number))
    }

    /// Sets how far the corridor of a route reaches to either side.
    pub fn set_half_width_km(&mut self, route: RouteIndex, half_width_km: f64) -> Result<(), RouteError> {
        if !(half_width_km.is_finite() && half_width_km > 0.0) {
            return Err(RouteError::HalfWidth);
        }
        let entry = self.routes.get_mut(route.0 as usize);
        entry.ok_or(RouteError::UnknownRoute(route))?.half_width_km = half_width_km;
        self.widest_km = widest_km(&self.routes);
        Ok(())
    }

    /// The position at a measure of a route. O(log vertices).
    ///
    /// # Errors
    /// Unknown route; a measure outside `0..=length_km` (a thousandth of a kilometre beyond is forgiven).
    pub fn position_at(&self, route: RouteIndex, measure_km: f64) -> Result<Position, RouteError> {
        let measure_km = self.checked_measure(route, measure_km)?;
        Ok(Position::from_vector(self.line(route)?.at(measure_km * 1000.0)))
    }

    /// The line between two measures of a route, both ends included; against the direction of travel when
    /// `from_km > to_km`. Over a gap of the route its two ends follow one another. Equal measures give one position. O(log vertices + result).
    ///
    /// # Errors
    /// As [`Corridors::position_at`].
    pub fn subline(&self, route: RouteIndex, from_km: f64, to_km: f64) -> Result<Vec<Position>, RouteError> {
        let from_m = self.checked_measure(route, from_km)? * 1000.0;
        let to_m = self.checked_measure(route, to_km)? * 1000.0;
        let parts = self.line(route)?.between(from_m.min(to_m), from_m.max(to_m));
        let mut points: Vec<Position> = match parts.first() {
            Some(first) => vec![Position::from_vector(first.from())],
            None => vec![self.position_at(route, from_km)?],
        };
        for part in &parts {
            let from = Position::from_vector(part.from());
            if points.last().is_some_and(|last| last.distance(from).get() > 1e-3) {
                points.push(from);
            }
            points.push(Position::from_vector(part.to()));
        }
        if from_m > to_m {
            points.reverse();
        }
        Ok(points)
    }

    /// The measure of the stop called `name` on a route ([`Route::stop`]).
    pub fn stop_measure_km(&self, route: RouteIndex, name: &str) -> Result<f64, RouteError> {
        let entry = self.route(route)?;
        let unknown = || RouteError::UnknownStop { route: entry.id.clone(), stop: name.to_owned() };
        entry.stop(name).map(|stop| stop.measure_km).ok_or_else(unknown)
    }

    /// The nearest point of a route, however far. O(log vertices); of a stretch travelled twice the lower measure.
    pub fn locate(&self, route: RouteIndex, at: Position) -> Result<OnRoute, RouteError> {
        let foot = self.line(route)?.foot(at.unit());
        Ok(OnRoute { measure_km: foot.measure_m / 1000.0, distance_km: foot.distance_m / 1000.0 })
    }

    /// The routes whose box is within a chord of a point, in order of their numbers.
    pub(super) fn boxes_within(&self, p: UnitVector, reach: f64) -> Vec<RouteIndex> {
        let mut found: Vec<RouteIndex> = self.boxes.locate_within_distance(p, reach * reach).map(|found| found.route).collect();
        found.sort_unstable();
        found
    }

    /// What is derived from a route for fast questions.
    pub(super) fn line(&self, route: RouteIndex) -> Result<&Line, RouteError> {
        self.lines.get(route.0 as usize).ok_or(RouteError::UnknownRoute(route))
    }

    /// The measure, held within the route; fails when it is outside by more than rounding explains.
    pub(super) fn checked_measure(&self, route: RouteIndex, measure_km: f64) -> Result<f64, RouteError> {
        let entry = self.route(route)?;
        if (-0.001..=entry.length_km + 0.001).contains(&measure_km) {
            Ok(measure_km.clamp(0.0, entry.length_km))
        } else {
            Err(RouteError::MeasureOutOfRange { route: entry.id.clone(), measure_km, length_km: entry.length_km })
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
pub(super) mod tests {
    use super::*;

    /// The shipped corridors.
    pub(in super::super) fn shipped() -> Corridors {
        Corridors::from_texts(include_bytes!("../../config/routes/corridors.geojson"), include_bytes!("../../config/routes/corridor_stops.csv"))
            .unwrap()
    }

    #[test]
    fn the_shipped_network_has_24_routes_and_122_stops() {
        let corridors = shipped();
        assert_eq!(corridors.len(), 24);
        assert_eq!(corridors.routes().map(|(_, route)| route.stops.len()).sum::<usize>(), 122);
        assert_eq!(corridors.routes().filter(|(_, route)| route.schematic).count(), 15);
        let trunk = corridors.route(corridors.find("bestia_centre").unwrap()).unwrap();
        assert_eq!((trunk.medium, trunk.half_width_km), (Medium::Rail, 10.0));
        assert!((trunk.length_km - 673.2).abs() < 0.1, "{}", trunk.length_km);
        assert!(!corridors.is_empty() && corridors.find("nowhere").is_none());
    }

    #[test]
    fn the_steps_of_every_route_join_and_add_up_to_its_length() {
        let corridors = shipped();
        for (number, route) in corridors.routes() {
            let (mut measure, mut node) = (0.0, None);
            for step in &route.edges {
                let edge = &corridors.edges()[step.edge.0 as usize];
                let (from, to) = if step.reversed { (edge.to, edge.from) } else { (edge.from, edge.to) };
                assert!(node.is_none_or(|node| node == from), "{} breaks", route.id);
                assert!((step.start_km - measure).abs() < 1e-6);
                assert!(edge.routes.contains(&number));
                measure += edge.length_km;
                node = Some(to);
            }
            assert!((measure - route.length_km).abs() < 1e-6, "{}", route.id);
        }
    }

    #[test]
    fn no_stretch_is_stored_twice() {
        let corridors = shipped();
        let mut seen = std::collections::HashSet::new();
        for edge in corridors.edges() {
            assert!(edge.routes.is_sorted());
            for pair in edge.vertices.windows(2) {
                let ends = [pair[0], pair[1]].map(|p| (p.lat().to_bits(), p.lon().to_bits()));
                assert!(seen.insert((ends[0].min(ends[1]), ends[0].max(ends[1]))));
            }
        }
        assert_eq!(seen.len(), 4243);
    }

    #[test]
    fn a_shared_stretch_belongs_to_both_routes() {
        let corridors = shipped();
        let pair = ["bestia_north_gulf", "bestia_piedras_negras"].map(|id| corridors.find(id).unwrap());
        let shared: Vec<&Edge> = corridors.edges().iter().filter(|edge| edge.routes == pair).collect();
        assert_eq!(shared.iter().map(|edge| edge.vertices.len() - 1).sum::<usize>(), 10);
        let node = shared[0].from;
        assert!(corridors.edges_at(node).count() >= 1);
        assert!(corridors.nodes().len() > node.0 as usize);
    }

    #[test]
    fn stops_lie_where_their_measures_say() {
        let corridors = shipped();
        for (number, route) in corridors.routes() {
            assert!(route.stops.is_sorted_by(|a, b| a.measure_km <= b.measure_km), "{}", route.id);
            for stop in &route.stops {
                let on_line = corridors.position_at(number, stop.measure_km).unwrap();
                let off = on_line.distance(stop.position).km();
                assert!((off - stop.offset_km).abs() < 0.1, "{} {}: {off}", route.id, stop.name);
            }
        }
    }

    #[test]
    fn a_subline_has_the_length_between_its_measures_in_either_direction() {
        let corridors = shipped();
        let trunk = corridors.find("bestia_centre").unwrap();
        let from = corridors.stop_measure_km(trunk, "Tierra Blanca").unwrap();
        let to = corridors.stop_measure_km(trunk, "orizaba").unwrap();
        let line = corridors.subline(trunk, from, to).unwrap();
        let length: f64 = line.windows(2).map(|pair| pair[0].distance(pair[1]).km()).sum();
        assert!((length - (to - from)).abs() < 1e-6, "{length}");
        let mut back = corridors.subline(trunk, to, from).unwrap();
        back.reverse();
        assert_eq!(back, line);
        assert_eq!(corridors.subline(trunk, from, from).unwrap().len(), 1);
    }

    #[test]
    fn a_point_of_a_route_is_located_at_its_measure() {
        let corridors = shipped();
        let trunk = corridors.find("bestia_centre").unwrap();
        for measure in [0.0, 111.1, 400.0, 673.0] {
            let on = corridors.locate(trunk, corridors.position_at(trunk, measure).unwrap()).unwrap();
            assert!((on.measure_km - measure).abs() < 1e-3 && on.distance_km < 1e-6, "{on:?}");
        }
    }

    #[test]
    fn questions_without_an_answer_say_why() {
        let mut corridors = shipped();
        let trunk = corridors.find("bestia_centre").unwrap();
        let text = |error: RouteError| error.to_string();
        assert_eq!(
            text(corridors.position_at(trunk, 700.0).unwrap_err()),
            "measure 700 km is outside route bestia_centre, which runs from 0 to 673.2 km"
        );
        assert!(corridors.position_at(trunk, f64::NAN).is_err());
        assert_eq!(text(corridors.stop_measure_km(trunk, "Atlantis").unwrap_err()), "route bestia_centre has no stop called Atlantis");
        assert_eq!(text(corridors.route(RouteIndex(99)).unwrap_err()), "there is no route number 99");
        assert_eq!(corridors.set_half_width_km(trunk, 0.0), Err(RouteError::HalfWidth));
        corridors.set_half_width_km(trunk, 25.0).unwrap();
        assert_eq!(corridors.route(trunk).unwrap().half_width_km, 25.0);
    }
}
