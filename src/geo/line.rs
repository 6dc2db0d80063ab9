//! One route as a line on the sphere: segments in order of measure and an R-tree of them.

use std::collections::HashSet;

use rstar::{AABB, ParentNode, RTree, RTreeNode};

use super::position::Position;
use super::segment::{Foot, IndexedSegment, Segment};
use super::sphere::{self, UnitVector};

/// What is derived from one route for fast questions.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// In order of measure, which runs on without a gap where the line itself has one; never empty.
    segments: Vec<Segment>,
    /// The same; of a stretch travelled twice only the first time.
    tree: RTree<IndexedSegment>,
    /// Points in the middle of equal steps of at most 1 km.
    samples: Vec<UnitVector>,
    /// Length of such a step in km.
    step_km: f64,
    /// Measures at which one part ends and the next begins elsewhere, in metres.
    gaps_m: Vec<f64>,
    /// For every gap the first sample behind it.
    breaks: Vec<usize>,
}

/// The bits of a position, to find identical vertices.
pub(super) fn vertex_key(at: Position) -> (u64, u64) {
    // Adding zero makes -0 and 0 the same.
    ((at.lat() + 0.0).to_bits(), (at.lon() + 0.0).to_bits())
}

/// A tree of segments, of those that occur twice (in either direction) only the first.
pub(super) fn tree_of(segments: &[Segment]) -> RTree<IndexedSegment> {
    // Adding zero makes -0 and 0 the same.
    let key = |at: UnitVector| at.map(|x| (x + 0.0).to_bits());
    let mut seen = HashSet::with_capacity(segments.len());
    let first_time = segments.iter().filter(|segment| {
        let (a, b) = (key(segment.from()), key(segment.to()));
        seen.insert((a.min(b), a.max(b)))
    });
    RTree::bulk_load(first_time.cloned().map(IndexedSegment::from).collect())
}

/// The nearest segment, when the square of its chord is below a limit. O(log n).
///
/// Not the tree's own search: `nearest_neighbor` prunes by the farthest a thing can be that touches every face of its box,
/// and the boxes of our segments are wider than their arcs; `nearest_neighbor_iter` keeps a heap, which costs twice the time.
pub(super) fn nearest_below(tree: &RTree<IndexedSegment>, p: UnitVector, limit_2: f64) -> Option<&Segment> {
    let mut best = (limit_2, None);
    descend(tree.root(), p, &mut best);
    best.1
}

/// Looks through a node, the nearest boxes first, for a segment below what is best so far.
fn descend<'a>(node: &'a ParentNode<IndexedSegment>, p: UnitVector, best: &mut (f64, Option<&'a Segment>)) {
    let mut parents: SmallList<&ParentNode<IndexedSegment>> = SmallList::default();
    for child in node.children() {
        match child {
            RTreeNode::Leaf(leaf) => {
                if let Some(chord_2) = leaf.segment.chord_2_below(p, best.0) {
                    *best = (chord_2, Some(&leaf.segment));
                }
            }
            RTreeNode::Parent(parent) => parents.push(parent.envelope().distance_2(&p), parent),
        }
    }
    while let Some(parent) = parents.take_nearest_below(best.0) {
        descend(parent, p, best);
    }
}

/// The children of a node that are still to be looked through: few, so that a list does.
struct SmallList<T> {
    items: [(f64, Option<T>); SMALL],
    more: Vec<(f64, Option<T>)>,
    len: usize,
}

/// Children of a node as the tree makes it.
const SMALL: usize = 6;

impl<T: Copy> Default for SmallList<T> {
    fn default() -> SmallList<T> {
        SmallList { items: [(f64::INFINITY, None); SMALL], more: Vec::new(), len: 0 }
    }
}

impl<T: Copy> SmallList<T> {
    fn push(&mut self, distance_2: f64, item: T) {
        match self.items.get_mut(self.len) {
            Some(place) => *place = (distance_2, Some(item)),
            None => self.more.push((distance_2, Some(item))),
        }
        self.len += 1;
    }

    /// Takes the nearest out, unless it is at the limit or farther.
    fn take_nearest_below(&mut self, limit_2: f64) -> Option<T> {
        let nearest = self.items.iter_mut().chain(&mut self.more).min_by(|a, b| a.0.total_cmp(&b.0))?;
        if nearest.0 >= limit_2 {
            return None;
        }
        nearest.0 = f64::INFINITY;
        nearest.1.take()
    }
}

impl Line {
    /// A line through the vertices of its parts, one after the other; what lies between two parts is no line and has no
    /// length. `None` when two neighbours leave no direction (equal or antipodes) or no part has two vertices.
    pub fn new<P: AsRef<[Position]>>(parts: &[P]) -> Option<Line> {
        let mut segments: Vec<Segment> = Vec::new();
        let mut gaps_m = Vec::new();
        let mut measure = 0.0;
        for part in parts {
            let before = segments.last().map(Segment::to);
            for pair in part.as_ref().windows(2) {
                let segment = Segment::new(pair[0].unit(), pair[1].unit(), measure)?;
                measure = segment.end_m();
                segments.push(segment);
            }
            if let (Some(before), [first, _, ..]) = (before, part.as_ref())
                && sphere::distance_2(before, first.unit()) > 0.0
            {
                let begins = segments.len() + 1 - part.as_ref().len();
                gaps_m.push(segments[begins].start_m());
            }
        }
        if segments.is_empty() {
            return None;
        }
        let steps = (measure / 1000.0).ceil() as u32;
        let step_km = measure / 1000.0 / f64::from(steps.max(1));
        let tree = tree_of(&segments);
        let mut line = Line { segments, tree, samples: Vec::new(), step_km, gaps_m, breaks: Vec::new() };
        let middle_m = |k: u32| (f64::from(k) + 0.5) * step_km * 1000.0;
        line.samples = (0..steps).map(|k| line.at(middle_m(k))).collect();
        line.breaks = line.gaps_m.iter().map(|gap_m| (0..steps).take_while(|k| middle_m(*k) < *gap_m).count()).collect();
        Some(line)
    }

    pub fn length_m(&self) -> f64 {
        self.segments.last().map_or(0.0, Segment::end_m)
    }

    /// Where every segment begins, in metres.
    pub fn starts_m(&self) -> impl Iterator<Item = f64> + '_ {
        self.segments.iter().map(Segment::start_m)
    }

    /// The box of the whole line.
    pub fn corners(&self) -> AABB<UnitVector> {
        self.tree.root().envelope()
    }

    pub fn samples(&self) -> &[UnitVector] {
        &self.samples
    }

    pub fn step_km(&self) -> f64 {
        self.step_km
    }

    /// How many samples from number `k` on lie on the same part as it. Between those, distances change step by step.
    pub fn samples_before_gap(&self, k: usize) -> usize {
        let gap = self.breaks.partition_point(|first| *first <= k);
        self.breaks.get(gap).copied().unwrap_or(self.samples.len()) - k
    }

    /// True when the line is interrupted between two measures.
    pub fn gap_between(&self, from_m: f64, to_m: f64) -> bool {
        let gap = self.gaps_m.partition_point(|gap| *gap <= from_m);
        self.gaps_m.get(gap).is_some_and(|gap| *gap < to_m)
    }

    /// Number of the segment that holds a measure; the last one for the end and beyond.
    fn segment_at(&self, measure_m: f64) -> usize {
        self.segments.partition_point(|segment| segment.start_m() <= measure_m).saturating_sub(1)
    }

    /// The point at a measure, held within the line. O(log n).
    pub fn at(&self, measure_m: f64) -> UnitVector {
        self.segments[self.segment_at(measure_m)].at(measure_m)
    }

    /// The segments between two measures (`from_m <= to_m`), the outer ones cut; empty when they are equal.
    pub fn between(&self, from_m: f64, to_m: f64) -> Vec<Segment> {
        self.segments[self.segment_at(from_m)..]
            .iter()
            .take_while(|segment| segment.start_m() < to_m)
            .filter_map(|segment| segment.cut(from_m, to_m))
            .collect()
    }

    /// The piece around a measure that is one tenth of a millimetre long, for a stretch of no length.
    pub fn around(&self, measure_m: f64) -> Vec<Segment> {
        let half = 5e-5;
        let centre = measure_m.clamp(half, (self.length_m() - half).max(half));
        self.between(centre - half, centre + half)
    }

    /// The nearest point. O(log n).
    pub fn foot(&self, p: UnitVector) -> Foot {
        nearest_below(&self.tree, p, f64::INFINITY).unwrap_or(&self.segments[0]).foot(p)
    }

    /// The nearest point, when the square of its chord is below a limit. O(log n).
    pub fn foot_below(&self, p: UnitVector, limit_2: f64) -> Option<Foot> {
        nearest_below(&self.tree, p, limit_2).map(|segment| segment.foot(p))
    }

    /// True when one segment alone holds the measures from `from_m` to `to_m`.
    pub fn one_segment_holds(&self, from_m: f64, to_m: f64) -> bool {
        self.segments[self.segment_at(from_m)].end_m() >= to_m
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::super::position::tests::any_position;
    use super::*;

    proptest! {
        #[test]
        fn the_foot_equals_the_nearest_over_all_segments(
            vertices in prop::collection::vec(any_position(), 2..20), p in any_position()
        ) {
            let Some(line) = Line::new(&[vertices]) else { return Ok(()) };
            let all = line.segments.iter().map(|segment| segment.foot(p.unit()).distance_m);
            let nearest = all.fold(f64::INFINITY, f64::min);
            prop_assert!((line.foot(p.unit()).distance_m - nearest).abs() < 1.0);
        }
    }

    #[test]
    fn a_long_segment_whose_box_is_wider_than_its_arc_hides_no_nearer_one() {
        let at = |lat, lon| Position::new(lat, lon).unwrap();
        let line = Line::new(&[[at(18.0, -106.86077031815238), at(90.0, 0.0), at(18.0, -96.0)]]).unwrap();
        let p = at(-68.89832606379218, -96.0);
        let foot = line.foot(p.unit());
        assert!((foot.distance_m - p.distance(at(18.0, -96.0)).get()).abs() < 1.0);
        assert_eq!(foot.measure_m, line.length_m());
    }

    #[test]
    fn a_stretch_travelled_twice_is_measured_the_first_time() {
        let at = |lon| Position::new(10.0, lon).unwrap();
        let line = Line::new(&[[at(0.0), at(1.0), at(2.0), at(1.0), at(0.5)]]).unwrap();
        let foot = line.foot(at(1.5).unit());
        assert!(foot.measure_m < line.length_m() / 2.0);
        assert_eq!(line.tree.size(), 3);
    }

    #[test]
    fn steps_are_at_most_a_kilometre_and_fill_the_line() {
        let at = |lon| Position::new(10.0, lon).unwrap();
        let line = Line::new(&[[at(0.0), at(1.0)]]).unwrap();
        assert!(line.step_km() <= 1.0 && line.step_km() > 0.99);
        let total = line.samples().len() as f64 * line.step_km() * 1000.0;
        assert!((total - line.length_m()).abs() < 1e-6);
        assert!(Line::new(&[[at(0.0)]]).is_none() && Line::new(&[[at(1.0), at(1.0)]]).is_none());
    }

    #[test]
    fn a_gap_between_two_parts_is_no_line_and_has_no_length() {
        let at = |lon| Position::new(10.0, lon).unwrap();
        let line = Line::new(&[vec![at(0.0), at(1.0)], vec![], vec![at(3.0)], vec![at(3.0), at(4.0)], vec![at(4.0), at(5.0)]]).unwrap();
        let part_m = at(0.0).distance(at(1.0)).get();
        assert!((line.length_m() - 3.0 * part_m).abs() < 1e-3);
        let foot = line.foot(at(1.9).unit());
        assert!((foot.distance_m - at(1.9).distance(at(1.0)).get()).abs() < 1e-3 && (foot.measure_m - part_m).abs() < 1e-3);
        assert!((line.foot(at(3.5).unit()).measure_m - 1.5 * part_m).abs() < 60.0);
        assert_eq!(line.gaps_m.len(), 1, "parts that touch are one");
        assert!(line.gap_between(0.5 * part_m, 1.5 * part_m) && !line.gap_between(1.5 * part_m, 2.5 * part_m));
        let first = line.samples_before_gap(0);
        assert_eq!((first, line.samples_before_gap(first)), (line.breaks[0], line.samples.len() - first));
        let apart = |k: usize| sphere::metres_from_chord(sphere::distance_2(line.samples[k - 1], line.samples[k]).sqrt());
        assert!(apart(first) > 100_000.0 && apart(first - 1) < 1_001.0 && apart(first + 1) < 1_001.0);
    }
}
