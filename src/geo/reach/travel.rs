//! Travel over the network, from half-degree cell to half-degree cell: median days, and whether it runs with the routes or against them.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use rustc_hash::FxHashMap;

use super::parameters::{ReachError, ReachParameters};
use super::{Cell, Way, cell_centre, cell_of, kilometres};
use crate::geo::network::{Corridors, Medium};
use crate::geo::position::Position;
use crate::geo::sphere::UnitVector;

/// Kilometres between the points of a line that are looked at.
const STEP: usize = 5;

/// How a cell is joined to the network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Access {
    /// The cell of the network nearest to it.
    pub anchor: u16,
    /// Median days to get there.
    pub days: f32,
    /// True when what lies nearest is a sea leg.
    pub sea: bool,
}

/// Travel over the network.
#[derive(Debug, Clone)]
pub(super) struct Travel {
    /// By two anchors: median days, infinite when there is no way.
    days: Vec<f32>,
    ways: Vec<Way>,
    anchors: usize,
    /// Standard deviation of the logarithm of travel times: mean over the network.
    pub spread: f64,
}

/// A link from one anchor to another.
#[derive(Debug, Clone, Copy)]
struct Link {
    to: u16,
    days: f32,
    /// True when going there is going against a route.
    against: bool,
}

/// A point of a line.
struct Sample {
    unit: UnitVector,
    anchor: u16,
    medium: Medium,
}

impl Travel {
    /// Reads the network into tables, and the cells that are joined to it. About 50 ms for 24 routes of 15,000 km: cells of the network, squared.
    ///
    /// # Errors
    /// A route travelled both ways that there is not.
    pub fn new(corridors: &Corridors, parameters: &ReachParameters) -> Result<(Self, FxHashMap<Cell, Access>), ReachError> {
        if let Some(unknown) = parameters.network.both_ways.iter().find(|id| corridors.find(id).is_none()) {
            return Err(ReachError::UnknownRoute(unknown.clone()));
        }
        let mut graph = Graph::default();
        for (number, route) in corridors.routes() {
            if let Ok(line) = corridors.line(number) {
                let both = parameters.network.both_ways.contains(&route.id);
                let gap_after = |k: usize| line.samples_before_gap(k);
                graph.add_line(line.samples(), line.step_km(), (route.medium, both), parameters, gap_after);
            }
        }
        graph.join(parameters);
        let anchors = graph.links.len();
        let spread = if graph.total_days > 0.0 { graph.spread_days / graph.total_days } else { parameters.speed.off_route.spread() };
        let cells = graph.access(parameters);
        let (mut any, mut with) = (Vec::with_capacity(anchors * anchors), Vec::with_capacity(anchors * anchors));
        for from in 0..anchors {
            any.extend(graph.days_from(from, true));
            with.extend(graph.days_from(from, false));
        }
        let tolerance = 1.0 + parameters.network.tolerance;
        let ways = (0..anchors * anchors)
            .map(|at| {
                let (from, to) = (at / anchors, at % anchors);
                let most = any[at] * tolerance as f32 + 0.1;
                match (with[at] <= most, with[to * anchors + from] <= most) {
                    _ if any[at].is_infinite() => Way::Unknown,
                    (true, true) => Way::Unknown,
                    (true, false) => Way::Ahead,
                    (false, true) => Way::Behind,
                    (false, false) => Way::Across,
                }
            })
            .collect();
        Ok((Self { days: any, ways, anchors, spread }, cells))
    }

    /// Median days over the network between two cells joined to it, infinite when there is no way, and how the way runs.
    pub fn between(&self, from: Access, to: Access) -> (f32, Way) {
        let at = usize::from(from.anchor) * self.anchors + usize::from(to.anchor);
        (self.days[at] + from.days + to.days, self.ways[at])
    }
}

#[derive(Default)]
struct Graph {
    anchors: FxHashMap<Cell, u16>,
    links: Vec<Vec<Link>>,
    samples: Vec<Sample>,
    /// Numbers of the samples that end a part of a line.
    ends: Vec<usize>,
    total_days: f64,
    spread_days: f64,
}

impl Graph {
    fn anchor(&mut self, cell: Cell) -> u16 {
        let next = u16::try_from(self.links.len()).unwrap_or(u16::MAX);
        let anchor = *self.anchors.entry(cell).or_insert(next);
        if anchor == next && usize::from(next) == self.links.len() {
            self.links.push(Vec::new());
        }
        anchor
    }

    fn link(&mut self, (from, to): (u16, u16), days: f64, against: (bool, bool)) {
        let days = days as f32;
        self.links[usize::from(from)].push(Link { to, days, against: against.0 });
        self.links[usize::from(to)].push(Link { to: from, days, against: against.1 });
    }

    /// Adds a route: an anchor for each cell it passes through, and links from each to the next.
    fn add_line(
        &mut self,
        points: &[UnitVector],
        step_km: f64,
        (medium, both): (Medium, bool),
        parameters: &ReachParameters,
        before_gap: impl Fn(usize) -> usize,
    ) {
        let speed = parameters.speed.on(medium);
        let mut entered: Option<(u16, usize)> = None;
        let mut last = usize::MAX;
        for (k, unit) in points.iter().enumerate() {
            let ends_part = before_gap(k) == 1;
            if k % STEP != 0 && !ends_part && entered.is_some() {
                continue;
            }
            let anchor = self.anchor(cell_of(*unit));
            if entered.is_none() {
                self.ends.push(self.samples.len());
            }
            match entered {
                Some((before, at)) if before != anchor => {
                    let days = (k - at) as f64 * step_km / speed.median;
                    self.link((before, anchor), days, (false, !both));
                    self.total_days += days;
                    self.spread_days += days * speed.spread();
                    entered = Some((anchor, k));
                }
                None => entered = Some((anchor, k)),
                _ => {}
            }
            last = self.samples.len();
            self.samples.push(Sample { unit: *unit, anchor, medium });
            if ends_part {
                self.ends.push(last);
                entered = None;
            }
        }
        if last != usize::MAX {
            self.ends.push(last);
        }
    }

    /// Joins every end of a line to other lines near it, to be travelled both ways.
    fn join(&mut self, parameters: &ReachParameters) {
        let mut joined = BTreeSet::new();
        let mut links = Vec::new();
        for &end in &self.ends {
            let here = &self.samples[end];
            let mut nearest: FxHashMap<u16, f64> = FxHashMap::default();
            for sample in self.samples.iter().filter(|s| s.anchor != here.anchor) {
                let km = kilometres(here.unit, sample.unit);
                if km <= parameters.network.join_km {
                    let least = nearest.entry(sample.anchor).or_insert(km);
                    *least = least.min(km);
                }
            }
            for (anchor, km) in nearest {
                // Anchors that a line links already keep their direction.
                let linked = self.links[usize::from(here.anchor)].iter().any(|link| link.to == anchor);
                if !linked && joined.insert((here.anchor.min(anchor), here.anchor.max(anchor))) {
                    links.push(((here.anchor, anchor), km * parameters.network.detour / parameters.speed.off_route.median));
                }
            }
        }
        links.sort_by_key(|link| link.0);
        for (pair, days) in links {
            self.link(pair, days, (false, false));
        }
    }

    /// The cells within reach of the network, each joined to what lies nearest to its middle.
    fn access(&self, parameters: &ReachParameters) -> FxHashMap<Cell, Access> {
        let mut nearest: FxHashMap<Cell, (f64, usize)> = FxHashMap::default();
        for (number, sample) in self.samples.iter().enumerate() {
            let (row, column) = cell_of(sample.unit);
            // A degree is at most 111 km, and shorter along a parallel.
            let widest = Position::from_vector(sample.unit).lat().to_radians().cos().max(0.1);
            let (up, aside) =
                ((parameters.network.access_km / 55.0).ceil() as i32, (parameters.network.access_km / (55.0 * widest)).ceil() as i32);
            for cell in (row - up..=row + up).flat_map(|r| (column - aside..=column + aside).map(move |c| (r, (c + 360).rem_euclid(720) - 360)))
            {
                let km = kilometres(sample.unit, cell_centre(cell));
                if km <= parameters.network.access_km {
                    let best = nearest.entry(cell).or_insert((km, number));
                    if km < best.0 {
                        *best = (km, number);
                    }
                }
            }
        }
        let access = |km: f64, sample: &Sample| Access {
            anchor: sample.anchor,
            days: (km * parameters.network.detour / parameters.speed.off_route.median) as f32,
            sea: sample.medium == Medium::Sea,
        };
        nearest.into_iter().map(|(cell, (km, number))| (cell, access(km, &self.samples[number]))).collect()
    }

    /// Median days from an anchor to all (Dijkstra), going against routes or not.
    fn days_from(&self, from: usize, against: bool) -> Vec<f32> {
        let mut days = vec![f32::INFINITY; self.links.len()];
        days[from] = 0.0;
        // Days are not negative, so that their bits order as they do.
        let mut queue = BinaryHeap::from([(Reverse(0_u32), from)]);
        while let Some((Reverse(bits), at)) = queue.pop() {
            if bits > days[at].to_bits() {
                continue;
            }
            for link in self.links[at].iter().filter(|link| against || !link.against) {
                let (to, there) = (usize::from(link.to), days[at] + link.days);
                if there < days[to] {
                    days[to] = there;
                    queue.push((Reverse(there.to_bits()), to));
                }
            }
        }
        days
    }
}
