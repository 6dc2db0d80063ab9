//! One great-circle segment of a route: exact distance to it, the foot point, and its box in space.

use rstar::{AABB, PointDistance, RTreeObject};

use super::sphere::{self, EARTH_RADIUS_M, UnitVector, combine, cross, dot};

/// The shorter great-circle arc between two different points that are not antipodes, prepared for fast distances.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segment {
    from: UnitVector,
    to: UnitVector,
    /// Pole of the arc's great circle (unit).
    normal: UnitVector,
    /// Direction of travel at `from` (unit tangent): positive for points past the start.
    forward: UnitVector,
    /// Direction against travel at `to` (unit tangent): positive for points before the end.
    backward: UnitVector,
    /// Length of the arc in radians.
    angle: f64,
    /// Measure of `from` along the route, in metres.
    start_m: f64,
}

/// The nearest point of a segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Foot {
    /// Measure along the route, in metres.
    pub measure_m: f64,
    /// Great-circle distance to it, in metres.
    pub distance_m: f64,
}

impl Segment {
    /// The arc from `from` to `to`, beginning at measure `start_m`; `None` when the points coincide or are antipodes,
    /// which leave no direction.
    pub fn new(from: UnitVector, to: UnitVector, start_m: f64) -> Option<Segment> {
        // (a - b) x (a + b) = 2 a x b, without the loss of digits of a x b for near points.
        let pole = cross(combine(from, 1.0, to, -1.0), combine(from, 1.0, to, 1.0));
        let length = dot(pole, pole).sqrt();
        if length < 1e-14 {
            return None;
        }
        let normal = combine(pole, 1.0 / length, pole, 0.0);
        Some(Segment {
            from,
            to,
            normal,
            forward: cross(normal, from),
            backward: cross(to, normal),
            angle: (length / 2.0).atan2(dot(from, to)),
            start_m,
        })
    }

    pub fn length_m(&self) -> f64 {
        self.angle * EARTH_RADIUS_M
    }

    pub fn start_m(&self) -> f64 {
        self.start_m
    }

    pub fn end_m(&self) -> f64 {
        self.start_m + self.length_m()
    }

    pub fn from(&self) -> UnitVector {
        self.from
    }

    pub fn to(&self) -> UnitVector {
        self.to
    }

    /// The point at a route measure, held within the segment.
    pub fn at(&self, measure_m: f64) -> UnitVector {
        let angle = ((measure_m - self.start_m) / EARTH_RADIUS_M).clamp(0.0, self.angle);
        combine(self.from, angle.cos(), self.forward, angle.sin())
    }

    /// The part between two route measures; `None` when nothing is left.
    pub fn cut(&self, from_m: f64, to_m: f64) -> Option<Segment> {
        if from_m <= self.start_m && to_m >= self.end_m() {
            return Some(self.clone());
        }
        let (start, end) = (from_m.max(self.start_m), to_m.min(self.end_m()));
        if end <= start {
            return None;
        }
        Segment::new(self.at(start), self.at(end), start)
    }

    /// True when the nearest point of the great circle lies on the arc, not before its start or past its end.
    ///
    /// For a point at angle t from the start along the great circle the two tests are sin t >= 0 and
    /// sin(angle - t) >= 0, which for an arc under half a circle is 0 <= t <= angle.
    fn beside(&self, p: UnitVector) -> bool {
        dot(p, self.forward) >= 0.0 && dot(p, self.backward) >= 0.0
    }

    /// Square of the chord from `p` to the nearest point of the arc. About 10 ns.
    pub fn chord_2(&self, p: UnitVector) -> f64 {
        if self.beside(p) {
            let sine_2 = dot(p, self.normal).powi(2).min(1.0);
            2.0 * sine_2 / (1.0 + (1.0 - sine_2).sqrt())
        } else {
            sphere::distance_2(p, self.from).min(sphere::distance_2(p, self.to))
        }
    }

    /// [`Segment::chord_2`] when it is below a limit; most others are told by a plane that lies between.
    pub fn chord_2_below(&self, p: UnitVector, limit_2: f64) -> Option<f64> {
        let (sine, past, before) = (dot(p, self.normal), -dot(p, self.backward), -dot(p, self.forward));
        let apart = sine.abs().max(past).max(before);
        if apart * apart >= limit_2 {
            return None;
        }
        let chord_2 = if past <= 0.0 && before <= 0.0 {
            let sine_2 = (sine * sine).min(1.0);
            2.0 * sine_2 / (1.0 + (1.0 - sine_2).sqrt())
        } else {
            sphere::distance_2(p, self.from).min(sphere::distance_2(p, self.to))
        };
        (chord_2 < limit_2).then_some(chord_2)
    }

    /// The nearest point of the arc: its measure and distance.
    pub fn foot(&self, p: UnitVector) -> Foot {
        let distance_m = sphere::metres_from_chord(self.chord_2(p).sqrt());
        let measure_m = if self.beside(p) {
            let angle = dot(p, self.forward).atan2(dot(p, self.from));
            self.start_m + angle.clamp(0.0, self.angle) * EARTH_RADIUS_M
        } else if sphere::distance_2(p, self.from) <= sphere::distance_2(p, self.to) {
            self.start_m
        } else {
            self.end_m()
        };
        Foot { measure_m, distance_m }
    }

    /// A box in space that holds the whole arc: the box of its two ends, widened by the height of the arc over the chord.
    pub fn space_box(&self) -> AABB<UnitVector> {
        let bulge = 1.0 - (self.angle / 2.0).cos();
        grow(&AABB::from_corners(self.from, self.to), bulge)
    }
}

/// A box widened by `by` on every side.
pub(super) fn grow(corners: &AABB<UnitVector>, by: f64) -> AABB<UnitVector> {
    AABB::from_corners(corners.lower().map(|x| x - by), corners.upper().map(|x| x + by))
}

/// A segment in an R-tree, with its box worked out once.
#[derive(Debug, Clone)]
pub(super) struct IndexedSegment {
    pub segment: Segment,
    corners: AABB<UnitVector>,
}

impl From<Segment> for IndexedSegment {
    fn from(segment: Segment) -> Self {
        let corners = segment.space_box();
        IndexedSegment { segment, corners }
    }
}

impl RTreeObject for IndexedSegment {
    type Envelope = AABB<UnitVector>;

    fn envelope(&self) -> AABB<UnitVector> {
        self.corners
    }
}

impl PointDistance for IndexedSegment {
    fn distance_2(&self, point: &UnitVector) -> f64 {
        self.segment.chord_2(*point)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;
    use rstar::Envelope as _;

    use super::super::position::Position;
    use super::super::position::tests::any_position;
    use super::*;

    fn segment(a: Position, b: Position) -> Option<Segment> {
        Segment::new(a.unit(), b.unit(), 0.0).filter(|s| s.angle < 3.0)
    }

    /// The nearest of many points of the arc.
    fn sampled_distance(segment: &Segment, p: Position) -> f64 {
        (0..=2000)
            .map(|i| {
                let at = segment.at(segment.length_m() * f64::from(i) / 2000.0);
                p.distance(Position::from_vector(at)).get()
            })
            .fold(f64::INFINITY, f64::min)
    }

    proptest! {
        #[test]
        fn distance_to_a_segment_equals_the_nearest_of_many_points(
            a in any_position(), b in any_position(), p in any_position()
        ) {
            let Some(segment) = segment(a, b) else { return Ok(()) };
            let foot = segment.foot(p.unit());
            let sampled = sampled_distance(&segment, p);
            let step = segment.length_m() / 2000.0;
            prop_assert!(foot.distance_m <= sampled + 2.0, "{} {sampled}", foot.distance_m);
            prop_assert!(foot.distance_m >= sampled - step - 2.0, "{} {sampled}", foot.distance_m);
            let at = Position::from_vector(segment.at(foot.measure_m));
            prop_assert!((at.distance(p).get() - foot.distance_m).abs() < 2.0);
        }

        #[test]
        fn the_box_holds_the_arc(a in any_position(), b in any_position(), share in 0.0..=1.0) {
            let Some(segment) = segment(a, b) else { return Ok(()) };
            let corners = grow(&segment.space_box(), 1e-12);
            prop_assert!(corners.contains_point(&segment.at(segment.length_m() * share)));
        }

        #[test]
        fn the_box_is_never_farther_than_the_arc(
            a in any_position(), b in any_position(), p in any_position()
        ) {
            let Some(segment) = segment(a, b) else { return Ok(()) };
            prop_assert!(segment.space_box().distance_2(&p.unit()) <= segment.chord_2(p.unit()) + 1e-12);
        }
    }

    #[test]
    fn a_point_beside_the_equator_has_its_foot_on_it() {
        let at = |lat, lon| Position::new(lat, lon).unwrap();
        let equator = segment(at(0.0, -1.0), at(0.0, 1.0)).unwrap();
        let degree = EARTH_RADIUS_M.to_radians();
        let foot = equator.foot(at(0.5, 0.25).unit());
        assert!((foot.distance_m - 0.5 * degree).abs() < 1e-3);
        assert!((foot.measure_m - 1.25 * degree).abs() < 1e-3);
        let past = equator.foot(at(0.0, 3.0).unit());
        assert!((past.distance_m - 2.0 * degree).abs() < 1e-3);
        assert_eq!(past.measure_m, equator.end_m());
    }

    #[test]
    fn points_without_a_direction_make_no_segment() {
        let at = |lat, lon| Position::new(lat, lon).unwrap();
        assert!(segment(at(10.0, 20.0), at(10.0, 20.0)).is_none());
        assert!(segment(at(90.0, 20.0), at(90.0, -50.0)).is_none());
        assert!(Segment::new(at(0.0, 0.0).unit(), at(0.0, 180.0).unit(), 0.0).is_none());
    }

    #[test]
    fn a_cut_keeps_its_measures() {
        let at = |lat, lon| Position::new(lat, lon).unwrap();
        let whole = segment(at(0.0, 0.0), at(0.0, 1.0)).unwrap();
        let part = whole.cut(20_000.0, 50_000.0).unwrap();
        assert!((part.start_m() - 20_000.0).abs() < 1e-6 && (part.end_m() - 50_000.0).abs() < 1e-3);
        assert!(whole.cut(200_000.0, 300_000.0).is_none());
        assert_eq!(whole.cut(-1.0, 1e9).unwrap(), whole);
    }
}
