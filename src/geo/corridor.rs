//! "Within w km of route R between two measures": the points of an index in a stretch of corridor.

use std::hash::Hash;

use rstar::{AABB, Envelope as _, RTree};
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::index::SpaceIndex;
use super::line::{nearest_below, tree_of};
use super::network::{Corridors, RouteError, RouteIndex};
use super::normal::normal_cdf;
use super::position::{Metres, Position};
use super::segment::{IndexedSegment, Segment, grow};
use super::sphere::{self, EARTH_RADIUS_M, UnitVector};

/// Points that lie inside with less than this chance are left out; with its complement or more they are certain.
const POSSIBLE: f64 = 0.025;

/// The standard deviations beyond the half-width at which the chance falls to [`POSSIBLE`].
const POSSIBLE_SIGMAS: f64 = 1.96;

/// A stretch of corridor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CorridorQuery {
    /// The route.
    pub route: RouteIndex,
    /// One end of the stretch, in km along the route.
    pub from_km: f64,
    /// The other end; the order does not matter.
    pub to_km: f64,
    /// How far from the line the stretch reaches to either side (and around its ends).
    pub half_width: Metres,
}

impl CorridorQuery {
    /// The stretch between two stops, in either order.
    pub fn between_stops(
        corridors: &Corridors,
        route: RouteIndex,
        from: &str,
        to: &str,
        half_width: Metres,
    ) -> Result<CorridorQuery, RouteError> {
        Ok(CorridorQuery { route, from_km: corridors.stop_measure_km(route, from)?, to_km: corridors.stop_measure_km(route, to)?, half_width })
    }

    /// The whole route at its own half-width.
    pub fn whole(corridors: &Corridors, route: RouteIndex) -> Result<CorridorQuery, RouteError> {
        let entry = corridors.route(route)?;
        Ok(CorridorQuery {
            route,
            from_km: 0.0,
            to_km: entry.length_km,
            half_width: Metres::from_km(entry.half_width_km).map_err(|_| RouteError::HalfWidth)?,
        })
    }
}

/// How sure it is that a point lies in the stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Inside {
    /// With a chance of 97.5 % or more.
    Certainly,
    /// With a chance of at least 2.5 %.
    Possibly,
}

/// A point in the stretch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CorridorHit<T> {
    /// Its identifier in the index.
    pub id: T,
    /// Measure of the nearest point of the stretch.
    pub measure_km: f64,
    /// Great-circle distance to the nearest point of the stretch.
    pub distance_km: f64,
    /// Chance of lying within the half-width: `Phi((w - d) / sigma)`, one-sided and for a straight line; 1 or 0 for
    /// sigma 0.
    pub probability: f64,
    /// The same in a word.
    pub inside: Inside,
}

impl<T> CorridorHit<T> {
    /// The same hit under another identifier.
    pub fn map_id<U>(self, id: impl FnOnce(T) -> U) -> CorridorHit<U> {
        let CorridorHit { measure_km, distance_km, probability, inside, .. } = self;
        CorridorHit { id: id(self.id), measure_km, distance_km, probability, inside }
    }
}

impl Corridors {
    /// The points of `index` in a stretch of corridor, in order of measure (`geo.md` 4.4).
    ///
    /// `sigma_of` gives the standard deviation per axis of a point, `largest_sigma` an upper bound of it: points up to
    /// `w + 1.96 largest_sigma` from the line are looked at, so a bound that is too small loses possible points and one
    /// that is too large only costs time. `admit` says which points count at all (dates, kinds); it is asked once or a
    /// few times for a point near the line, before any distance is computed. A point enters once, at the nearest point of
    /// the stretch (the lower measure of equals), and only with a chance of 2.5 % or more.
    ///
    /// Cost: consecutive segments are grouped into pieces about as long as the reach; per piece one box of the index and
    /// the exact distance of every point in it to every segment of the piece.
    ///
    /// # Errors
    /// Unknown route, measures outside it.
    pub fn within<T: Copy + Eq + Hash>(
        &self,
        index: &SpaceIndex<T>,
        query: &CorridorQuery,
        largest_sigma: Metres,
        sigma_of: impl Fn(T) -> Metres,
        admit: impl Fn(T) -> bool,
    ) -> Result<Vec<CorridorHit<T>>, RouteError> {
        let segments = self.segments_of(query)?;
        let reach_m = query.half_width.get() + POSSIBLE_SIGMAS * largest_sigma.get();
        let reach = chord_of_reach(reach_m);
        let limit_2 = (reach * reach).next_up();
        let mut nearest: FxHashMap<T, (f64, &Segment, UnitVector)> = FxHashMap::default();
        for piece in pieces(&segments, reach_m) {
            for (id, at) in index.in_box(&piece.corners(reach)) {
                if !admit(id) {
                    continue;
                }
                if let Some((chord_2, segment)) = piece.nearest_below(at, limit_2) {
                    let best = nearest.entry(id).or_insert((chord_2, segment, at));
                    if chord_2 < best.0 {
                        *best = (chord_2, segment, at);
                    }
                }
            }
        }
        let mut hits: Vec<CorridorHit<T>> =
            nearest.into_iter().filter_map(|(id, (_, segment, at))| hit(id, segment, at, query.half_width, sigma_of(id))).collect();
        hits.sort_unstable_by(|a, b| {
            let by_measure = a.measure_km.total_cmp(&b.measure_km);
            by_measure.then(a.distance_km.total_cmp(&b.distance_km))
        });
        Ok(hits)
    }

    /// A stretch of corridor prepared for points that are not in an index; each is answered as [`Corridors::within`]
    /// answers it.
    ///
    /// # Errors
    /// Unknown route, measures outside it.
    pub fn stretch(&self, query: &CorridorQuery) -> Result<Stretch, RouteError> {
        Ok(Stretch { tree: tree_of(&self.segments_of(query)?), half_width: query.half_width })
    }

    fn segments_of(&self, query: &CorridorQuery) -> Result<Vec<Segment>, RouteError> {
        let from_m = self.checked_measure(query.route, query.from_km.min(query.to_km))? * 1000.0;
        let to_m = self.checked_measure(query.route, query.from_km.max(query.to_km))? * 1000.0;
        let line = self.line(query.route)?;
        let segments = line.between(from_m, to_m);
        // A stretch of no length is the point at its measure, held as a segment of a tenth of a millimetre.
        Ok(if segments.is_empty() { line.around(from_m) } else { segments })
    }
}

/// The chord of a reach, a hair more, so that a point at exactly the reach is not lost to rounding; the chance decides in
/// the end.
fn chord_of_reach(reach_m: f64) -> f64 {
    sphere::chord_from_metres(reach_m) * (1.0 + 1e-9) + 1e-12
}

/// A stretch of corridor that is asked point by point ([`Corridors::stretch`]).
#[derive(Debug, Clone)]
pub struct Stretch {
    tree: RTree<IndexedSegment>,
    half_width: Metres,
}

impl Stretch {
    /// The point, when it lies in the stretch with a chance of 2.5 % or more. About 20 ns far from the stretch's box,
    /// 1 us near the line.
    pub fn hit<T>(&self, id: T, at: Position, sigma: Metres) -> Option<CorridorHit<T>> {
        let at = at.unit();
        let reach = chord_of_reach(self.half_width.get() + POSSIBLE_SIGMAS * sigma.get());
        if self.tree.root().envelope().distance_2(&at) > reach * reach {
            return None;
        }
        let nearest = nearest_below(&self.tree, at, (reach * reach).next_up())?;
        hit(id, nearest, at, self.half_width, sigma)
    }
}

fn hit<T>(id: T, segment: &Segment, at: UnitVector, half_width: Metres, sigma: Metres) -> Option<CorridorHit<T>> {
    let foot = segment.foot(at);
    let margin = half_width.get() - foot.distance_m;
    let probability = if sigma.get() > 0.0 {
        normal_cdf(margin / sigma.get())
    } else if margin >= 0.0 {
        1.0
    } else {
        0.0
    };
    (probability >= POSSIBLE).then_some(CorridorHit {
        id,
        measure_km: foot.measure_m / 1000.0,
        distance_km: foot.distance_m / 1000.0,
        probability,
        inside: if probability >= 1.0 - POSSIBLE { Inside::Certainly } else { Inside::Possibly },
    })
}

/// Consecutive segments with their common box.
struct Piece<'a> {
    segments: &'a [Segment],
    bounds: AABB<UnitVector>,
}

impl<'a> Piece<'a> {
    fn corners(&self, reach: f64) -> AABB<UnitVector> {
        grow(&self.bounds, reach)
    }

    /// Square of the chord to the nearest segment below a limit, the first of equals.
    fn nearest_below(&self, at: UnitVector, mut limit_2: f64) -> Option<(f64, &'a Segment)> {
        let mut best = None;
        for segment in self.segments {
            if let Some(chord_2) = segment.chord_2_below(at, limit_2) {
                best = Some((chord_2, segment));
                limit_2 = chord_2;
            }
        }
        best
    }
}

/// Groups segments until the box of a group would be wider than the reach: few points are then met twice, and few
/// points of a box lie far from its segments.
fn pieces(segments: &[Segment], reach_m: f64) -> Vec<Piece<'_>> {
    let widest = reach_m / EARTH_RADIUS_M;
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut begin = 0;
    let mut bounds: AABB<UnitVector> = AABB::new_empty();
    for (number, segment) in segments.iter().enumerate() {
        let merged = bounds.merged(&segment.space_box());
        let (low, high) = (merged.lower(), merged.upper());
        let too_wide = (0..3).any(|axis| high[axis] - low[axis] > widest);
        if too_wide && number > begin {
            pieces.push(Piece { segments: &segments[begin..number], bounds });
            begin = number;
            bounds = segment.space_box();
        } else {
            bounds = merged;
        }
    }
    if begin < segments.len() {
        pieces.push(Piece { segments: &segments[begin..], bounds });
    }
    pieces
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::super::network::tests::shipped;
    use super::super::position::Position;
    use super::*;

    thread_local!(static CORRIDORS: Corridors = shipped());

    fn sigma_of(id: usize) -> Metres {
        [Metres::ZERO, Metres::whole(41), Metres::whole(817), Metres::whole(6_127)][id % 4]
    }

    /// Chance and distance by brute force: every segment of the stretch, no boxes.
    fn brute_force(corridors: &Corridors, query: &CorridorQuery, at: Position, sigma: Metres) -> (f64, f64) {
        let vertices = corridors.subline(query.route, query.from_km, query.to_km).unwrap();
        let distance = vertices
            .windows(2)
            .filter_map(|pair| Segment::new(pair[0].unit(), pair[1].unit(), 0.0))
            .map(|segment| segment.foot(at.unit()).distance_m)
            .chain(vertices.iter().map(|vertex| vertex.distance(at).get()))
            .fold(f64::INFINITY, f64::min);
        let margin = query.half_width.get() - distance;
        let certain = f64::from(u8::from(margin >= 0.0));
        let spread = sigma.get();
        (if spread > 0.0 { normal_cdf(margin / spread) } else { certain }, distance)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn hits_equal_brute_force(
            places in prop::collection::vec((0u32..24, 0.0..=1.0, -0.4..0.4, -0.4..0.4), 0..150),
            route in 0u32..24,
            share in (0.0..=1.0, 0.0..=1.0),
            width in prop_oneof![Just(0), 100u32..30_000, 30_000u32..300_000],
        ) {
            CORRIDORS.with(|corridors| {
                let length = |route| corridors.route(RouteIndex(route)).unwrap().length_km;
                let points: Vec<(usize, Position)> = places
                    .iter()
                    .enumerate()
                    .map(|(id, &(route, share, north, east))| {
                        let on = corridors.position_at(RouteIndex(route), share * length(route)).unwrap();
                        (id, Position::new(on.lat() + north, on.lon() + east).unwrap())
                    })
                    .collect();
                let index: SpaceIndex<usize> = points.iter().copied().collect();
                let query = CorridorQuery {
                    route: RouteIndex(route),
                    from_km: share.0 * length(route),
                    to_km: share.1 * length(route),
                    half_width: Metres::whole(width),
                };
                let admit = |id: usize| id % 7 != 3;
                let stretch = corridors.stretch(&query).unwrap();
                let hits = corridors.within(&index, &query, Metres::whole(6_127), sigma_of, admit).unwrap();
                assert!(hits.is_sorted_by(|a, b| a.measure_km <= b.measure_km));
                for (id, at) in points {
                    let found: Vec<_> = hits.iter().filter(|hit| hit.id == id).collect();
                    let (chance, distance) = brute_force(corridors, &query, at, sigma_of(id));
                    let near_the_edge = (chance - POSSIBLE).abs() < 1e-6
                        || (sigma_of(id).get() == 0.0 && (distance - f64::from(width)).abs() < 0.01);
                    if !near_the_edge {
                        assert_eq!(stretch.hit(id, at, sigma_of(id)).is_some(), chance >= POSSIBLE);
                        assert_eq!(found.len(), usize::from(admit(id) && chance >= POSSIBLE), "{chance} {distance}");
                    }
                    for hit in found {
                        assert!((hit.distance_km * 1000.0 - distance).abs() < 0.01);
                        let (low, high) = (query.from_km.min(query.to_km), query.from_km.max(query.to_km));
                        assert!((low - 1e-6..=high + 1e-3).contains(&hit.measure_km));
                        let alone = stretch.hit(id, at, sigma_of(id)).unwrap();
                        assert!((alone.distance_km - hit.distance_km).abs() < 1e-9 && alone.inside == hit.inside);
                        let foot = corridors.position_at(query.route, hit.measure_km).unwrap();
                        assert!((foot.distance(at).km() - hit.distance_km).abs() < 1e-4);
                    }
                }
            });
        }
    }

    #[test]
    fn between_two_stops_only_what_lies_between_them_is_found() {
        let corridors = shipped();
        let trunk = corridors.find("bestia_centre").unwrap();
        let towns = corridors.route(trunk).unwrap().stops.clone();
        let index: SpaceIndex<usize> = towns.iter().map(|stop| stop.position).enumerate().collect();
        let width = Metres::whole(5_000);
        let query = CorridorQuery::between_stops(&corridors, trunk, "Orizaba", "Tierra Blanca", width).unwrap();
        let none = |_| Metres::ZERO;
        let hits = corridors.within(&index, &query, Metres::ZERO, none, |_| true).unwrap();
        let names: Vec<&str> = hits.iter().map(|hit| towns[hit.id].name.as_str()).collect();
        assert_eq!(names, ["Tierra Blanca", "Córdoba", "Orizaba"]);
        let whole = CorridorQuery::whole(&corridors, trunk).unwrap();
        assert_eq!(corridors.within(&index, &whole, Metres::ZERO, none, |_| true).unwrap().len(), towns.len());
        assert!(CorridorQuery::between_stops(&corridors, trunk, "Orizaba", "Rome", width).is_err());
    }

    #[test]
    fn an_uncertain_point_near_the_edge_is_possibly_inside() {
        let corridors = shipped();
        let trunk = corridors.find("bestia_centre").unwrap();
        let on = corridors.position_at(trunk, 300.0).unwrap();
        let index: SpaceIndex<u8> = [(1, on)].into_iter().collect();
        let query = |width| CorridorQuery { route: trunk, from_km: 0.0, to_km: 600.0, half_width: Metres::whole(width) };
        let inside = |width, sigma| {
            let sigma = Metres::whole(sigma);
            let hits = corridors.within(&index, &query(width), sigma, |_| sigma, |_| true).unwrap();
            hits.first().map(|hit| (hit.inside, (hit.probability * 1000.0).round()))
        };
        assert_eq!(inside(2_000, 500), Some((Inside::Certainly, 1000.0)));
        assert_eq!(inside(500, 500), Some((Inside::Possibly, 841.0)));
        assert_eq!(inside(0, 500), Some((Inside::Possibly, 500.0)));
    }

    #[test]
    fn a_stretch_of_no_length_is_a_circle() {
        let corridors = shipped();
        let trunk = corridors.find("bestia_centre").unwrap();
        let near = corridors.position_at(trunk, 305.0).unwrap();
        let far = corridors.position_at(trunk, 380.0).unwrap();
        let index: SpaceIndex<u8> = [(1, near), (2, far)].into_iter().collect();
        for at_km in [0.0, 300.0, corridors.route(trunk).unwrap().length_km] {
            let query = CorridorQuery { route: trunk, from_km: at_km, to_km: at_km, half_width: Metres::whole(20_000) };
            let hits = corridors.within(&index, &query, Metres::ZERO, |_| Metres::ZERO, |_| true).unwrap();
            assert_eq!(hits.len(), usize::from(at_km == 300.0), "{at_km}");
        }
    }

    #[test]
    fn a_stretch_outside_the_route_is_refused() {
        let corridors = shipped();
        let query = CorridorQuery { route: RouteIndex(0), from_km: -5.0, to_km: 10.0, half_width: Metres::whole(1) };
        let index: SpaceIndex<u8> = SpaceIndex::new();
        assert!(corridors.within(&index, &query, Metres::ZERO, |_| Metres::ZERO, |_| true).is_err());
    }
}
