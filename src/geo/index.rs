//! An exact index of points on the sphere: radius, nearest, and changes one by one.

use std::collections::HashMap;
use std::hash::Hash;

use rstar::{AABB, PointDistance, RTree, RTreeObject};
use serde::Serialize;

use super::position::{Metres, Position};
use super::sphere::{self, UnitVector};

/// Points with an identifier each, in an R-tree over unit vectors.
///
/// Straight distance in three dimensions grows with great-circle distance, so every answer is exact: no fault at the
/// poles or the antimeridian, no degrees scaled by latitude (`geo.md`, lesson 1). An identifier has one position;
/// something with several (the contacts of a case) uses a composite identifier.
///
/// Cost: building n points O(n log n), about half a second and 130 MB for a million 8-byte identifiers; radius
/// O(log n + hits); nearest O(log n + k log k); a change O(log n).
#[derive(Debug, Clone)]
pub struct SpaceIndex<T: Copy + Eq + Hash> {
    tree: RTree<Entry<T>>,
    positions: HashMap<T, Position>,
}

/// One answer: an identifier and its great-circle distance from the point asked about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Near<T> {
    /// The identifier given when the point was put in.
    pub id: T,
    /// Great-circle distance.
    pub distance: Metres,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry<T> {
    at: UnitVector,
    id: T,
}

impl<T: Copy> RTreeObject for Entry<T> {
    type Envelope = AABB<UnitVector>;

    fn envelope(&self) -> AABB<UnitVector> {
        AABB::from_point(self.at)
    }
}

impl<T: Copy> PointDistance for Entry<T> {
    fn distance_2(&self, point: &UnitVector) -> f64 {
        sphere::distance_2(self.at, *point)
    }

    fn distance_2_if_less_or_equal(&self, point: &UnitVector, max: f64) -> Option<f64> {
        Some(self.distance_2(point)).filter(|d| *d <= max)
    }
}

impl<T: Copy + Eq + Hash> Default for SpaceIndex<T> {
    fn default() -> Self {
        SpaceIndex { tree: RTree::new(), positions: HashMap::new() }
    }
}

impl<T: Copy + Eq + Hash> FromIterator<(T, Position)> for SpaceIndex<T> {
    /// Loads all points at once; of an identifier given twice the last position stands.
    fn from_iter<I: IntoIterator<Item = (T, Position)>>(points: I) -> Self {
        let points: Vec<(T, Position)> = points.into_iter().collect();
        let mut positions = HashMap::with_capacity(points.len());
        let mut entries = Vec::with_capacity(points.len());
        // From the back, so that the last position of an identifier is the one met first.
        for (id, at) in points.into_iter().rev() {
            positions.entry(id).or_insert_with(|| {
                entries.push(Entry { at: at.unit(), id });
                at
            });
        }
        SpaceIndex { tree: RTree::bulk_load(entries), positions }
    }
}

impl<T: Copy + Eq + Hash> SpaceIndex<T> {
    /// An index without points.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces everything by `points`, as collecting them anew does.
    pub fn rebuild<I: IntoIterator<Item = (T, Position)>>(&mut self, points: I) {
        *self = points.into_iter().collect();
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// True when there is no point.
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    /// Where `id` is, when it is here.
    pub fn position(&self, id: T) -> Option<Position> {
        self.positions.get(&id).copied()
    }

    /// Puts `id` at `at`, moving it when it is already here; returns where it was. O(log n).
    pub fn insert(&mut self, id: T, at: Position) -> Option<Position> {
        let before = self.remove(id);
        self.positions.insert(id, at);
        self.tree.insert(Entry { at: at.unit(), id });
        before
    }

    /// Takes `id` out; returns where it was. O(log n).
    pub fn remove(&mut self, id: T) -> Option<Position> {
        let at = self.positions.remove(&id)?;
        self.tree.remove(&Entry { at: at.unit(), id });
        Some(at)
    }

    /// Every point within `radius` of `centre` (the edge included), in no order.
    pub fn within(&self, centre: Position, radius: Metres) -> impl Iterator<Item = Near<T>> + '_ {
        let centre = centre.unit();
        let reach_2 = if radius.get() >= sphere::HALF_CIRCUMFERENCE_M {
            // Rounding must not lose the antipode.
            5.0
        } else {
            sphere::chord_from_metres(radius.get()).powi(2)
        };
        self.tree.locate_within_distance(centre, reach_2).map(move |entry| near(entry, entry.distance_2(&centre)))
    }

    /// [`SpaceIndex::within`], the nearest first; equal distances in no order.
    pub fn within_sorted(&self, centre: Position, radius: Metres) -> Vec<Near<T>> {
        let mut found: Vec<Near<T>> = self.within(centre, radius).collect();
        found.sort_unstable_by(|a, b| a.distance.get().total_cmp(&b.distance.get()));
        found
    }

    /// Points in order of distance from `centre`, one by one; stop when you have enough.
    pub fn nearest(&self, centre: Position) -> impl Iterator<Item = Near<T>> + '_ {
        let centre = centre.unit();
        self.tree.nearest_neighbor_iter_with_distance_2(&centre).map(|(entry, distance_2)| near(entry, distance_2))
    }

    /// The `k` points nearest to `centre`, the nearest first; fewer when there are fewer.
    pub fn k_nearest(&self, centre: Position, k: usize) -> Vec<Near<T>> {
        self.nearest(centre).take(k).collect()
    }

    /// Points whose unit vector lies in a box of space: the rough first step of a corridor query.
    pub(super) fn in_box(&self, corners: &AABB<UnitVector>) -> impl Iterator<Item = (T, UnitVector)> + '_ {
        self.tree.locate_in_envelope(corners).map(|entry| (entry.id, entry.at))
    }
}

fn near<T: Copy>(entry: &Entry<T>, distance_2: f64) -> Near<T> {
    Near { id: entry.id, distance: Metres::computed(sphere::metres_from_chord(distance_2.sqrt())) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::super::position::tests::{any_position, haversine};
    use super::*;

    /// Great-circle distances near the antipode are only good to some metres in the reference.
    fn tolerance(metres: f64) -> f64 {
        if metres > 1.5e7 { 1.0 } else { 1e-3 }
    }

    fn check_radius(index: &SpaceIndex<usize>, points: &[(usize, Position)], centre: Position, radius: f64) {
        let found: HashMap<usize, f64> = index.within(centre, Metres::new(radius).unwrap()).map(|near| (near.id, near.distance.get())).collect();
        for &(id, at) in points {
            let distance = haversine(centre, at);
            if (distance - radius).abs() > tolerance(radius) {
                assert_eq!(found.contains_key(&id), distance < radius, "{distance} {radius}");
            }
            if let Some(&seen) = found.get(&id) {
                assert!((seen - distance).abs() < tolerance(distance));
            }
        }
    }

    fn check_nearest(index: &SpaceIndex<usize>, points: &[(usize, Position)], centre: Position, k: usize) {
        let mut expected: Vec<f64> = points.iter().map(|(_, at)| haversine(centre, *at)).collect();
        expected.sort_by(f64::total_cmp);
        let found = index.k_nearest(centre, k);
        assert_eq!(found.len(), k.min(points.len()));
        for (near, expected) in found.iter().zip(expected) {
            assert!((near.distance.get() - expected).abs() < tolerance(expected));
        }
    }

    proptest! {
        #[test]
        fn answers_equal_brute_force(
            places in prop::collection::vec(any_position(), 0..120),
            centre in any_position(),
            radius in prop_oneof![0.0..50_000.0, 0.0..2.1e7],
            k in 0usize..20,
        ) {
            let points: Vec<(usize, Position)> = places.into_iter().enumerate().collect();
            let index: SpaceIndex<usize> = points.iter().copied().collect();
            check_radius(&index, &points, centre, radius);
            check_nearest(&index, &points, centre, k);
        }

        #[test]
        fn an_index_changed_step_by_step_equals_one_built_anew(
            steps in prop::collection::vec((0usize..30, prop::option::of(any_position())), 0..150),
            centre in any_position(),
            radius in 0.0..2.0e7,
        ) {
            let mut index = SpaceIndex::new();
            let mut kept = HashMap::new();
            for (id, at) in steps {
                match at {
                    Some(at) => prop_assert_eq!(index.insert(id, at), kept.insert(id, at)),
                    None => prop_assert_eq!(index.remove(id), kept.remove(&id)),
                }
            }
            prop_assert_eq!(index.len(), kept.len());
            let points: Vec<(usize, Position)> = kept.into_iter().collect();
            check_radius(&index, &points, centre, radius);
            check_nearest(&index, &points, centre, points.len());
        }
    }

    #[test]
    fn ten_thousand_points_answer_as_brute_force_does() {
        // A golden-spiral cover of the sphere: every latitude, both poles, the antimeridian.
        let points: Vec<(usize, Position)> = (0..10_000)
            .map(|i| {
                let lat = (1.0 - 2.0 * (i as f64 + 0.5) / 10_000.0).asin().to_degrees();
                let lon = (i as f64 * 137.507_764).rem_euclid(360.0) - 180.0;
                (i, Position::new(lat, lon).unwrap())
            })
            .collect();
        let index: SpaceIndex<usize> = points.iter().copied().collect();
        for (lat, lon) in [(90.0, 0.0), (-90.0, 77.0), (0.0, 180.0), (17.5, -95.0), (64.0, -179.999)] {
            let centre = Position::new(lat, lon).unwrap();
            for radius in [150e3, 1_000e3, 9_000e3] {
                check_radius(&index, &points, centre, radius);
            }
            check_nearest(&index, &points, centre, 50);
        }
    }

    #[test]
    fn the_whole_earth_holds_every_point() {
        let pole = Position::new(90.0, 0.0).unwrap();
        let other = Position::new(-90.0, 0.0).unwrap();
        let index: SpaceIndex<u8> = [(1, pole), (2, other)].into_iter().collect();
        assert_eq!(index.within(pole, Metres::whole(30_000_000)).count(), 2);
        assert_eq!(index.within(pole, Metres::ZERO).count(), 1);
    }

    #[test]
    fn an_identifier_given_twice_is_where_it_was_last() {
        let (a, b) = (Position::new(1.0, 1.0).unwrap(), Position::new(2.0, 2.0).unwrap());
        let mut index: SpaceIndex<u8> = [(7, a), (7, b)].into_iter().collect();
        assert_eq!((index.len(), index.position(7)), (1, Some(b)));
        index.rebuild([(8, a)]);
        assert_eq!((index.position(7), index.position(8)), (None, Some(a)));
        assert!(!index.is_empty());
    }

    #[test]
    fn sorted_answers_come_nearest_first() {
        let points = (0..100).map(|i| (i, Position::new(0.0, f64::from((i * 37) % 100) / 10.0).unwrap()));
        let index: SpaceIndex<i32> = points.collect();
        let found = index.within_sorted(Position::new(0.0, 0.0).unwrap(), Metres::whole(500_000));
        assert!(found.is_sorted_by(|a, b| a.distance <= b.distance));
        assert_eq!(found.len(), 45);
    }
}
