//! Kernel density along the corridor network.

use super::super::network::{Corridors, EdgeIndex, RouteError, RouteIndex};
use super::super::snap::Snap;
use super::{PatternSettingError, setting};
use serde::Serialize;

/// Bandwidth and width of the bins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DensityOptions {
    bandwidth_km: f64,
    bin_km: f64,
}

impl DensityOptions {
    /// A kernel that reaches `bandwidth_km` (10 to 25) along the network, in bins of at most `bin_km` (1 to 5).
    ///
    /// # Errors
    /// [`PatternSettingError`].
    pub fn new(bandwidth_km: f64, bin_km: f64) -> Result<Self, PatternSettingError> {
        Ok(Self {
            bandwidth_km: setting("the bandwidth in km", bandwidth_km, 10, 25)?,
            bin_km: setting("the width of a bin in km", bin_km, 1, 5)?,
        })
    }
}

impl Default for DensityOptions {
    fn default() -> Self {
        Self { bandwidth_km: 15.0, bin_km: 5.0 }
    }
}

/// A stretch of a route with what lies on it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DensityBin {
    /// Where it begins, in km along the route.
    pub from_km: f64,
    /// Where it ends.
    pub to_km: f64,
    /// Events per kilometre, smoothed. A count, not a risk.
    pub per_km: f64,
    /// Events that reach into it, however little.
    pub events: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    weight: f64,
    events: u32,
    /// The last event that reached into it, plus one.
    last: u32,
}

/// How events lie along the network: `lambda(s) = sum_j w_j k(|s - s_j| / h) / h` with distances along the network and the quartic kernel
/// `k(u) = 15/16 (1 - u^2)^2`.
///
/// At a junction of n edges the kernel goes on along each of the n - 1 others with 1/(n - 1) of its height: the "equal split discontinuous"
/// kernel of Okabe, Satoh and Sugihara (2009), which, unlike a kernel over the plane laid on a network (Xie and Yan 2008), keeps the sum. At an
/// end of the network it turns back, so that a place where journeys begin is not halved; each event then enters with its whole weight, however
/// the network lies. The weights are those of [`Corridors::snap`]: an event that may lie on two routes counts on both in part, and one that lies
/// off every route hardly at all. Each bin holds the kernel's integral over it, not its value in the middle, so the bins add up exactly.
#[derive(Debug, Clone)]
pub struct NetworkDensity {
    edges: Vec<Vec<Bin>>,
    off_route: f64,
    on_routes: f64,
}

/// The integral of the quartic kernel from minus one to `u`.
fn quartic_sum(u: f64) -> f64 {
    let u = u.clamp(-1.0, 1.0);
    0.5 + 15.0 / 16.0 * (u - 2.0 * u.powi(3) / 3.0 + u.powi(5) / 5.0)
}

/// One entry of an event: which edge, how far from its first vertex, with what weight.
#[derive(Debug, Clone, Copy)]
struct Source {
    edge: usize,
    offset_km: f64,
    weight: f64,
    event: u32,
}

/// A kernel on its way: entering an edge at one of its ends, so many kilometres from the event.
#[derive(Debug, Clone, Copy)]
struct Front {
    edge: usize,
    at_from: bool,
    distance_km: f64,
    weight: f64,
}

impl NetworkDensity {
    /// The density of snapped events. Cost: per event and candidate route the bins within the bandwidth.
    #[must_use]
    pub fn new(corridors: &Corridors, snaps: &[Snap], options: DensityOptions) -> Self {
        let bins = |length: f64| vec![Bin::default(); ((length / options.bin_km).ceil() as usize).max(1)];
        let mut edges: Vec<Vec<Bin>> = corridors.edges().iter().map(|edge| bins(edge.length_km)).collect();
        let ways = Ways::new(corridors, edges.iter().map(Vec::len).collect(), options.bandwidth_km);
        // In one order whatever the order of the events, because sums of floats depend on it.
        let mut off: Vec<f64> = snaps.iter().map(|snap| snap.off_route_weight).collect();
        off.sort_by(f64::total_cmp);
        let mut sources = sources(corridors, snaps);
        sources.sort_by(|a, b| (a.edge.cmp(&b.edge).then(a.offset_km.total_cmp(&b.offset_km))).then(a.weight.total_cmp(&b.weight)));
        for source in &sources {
            ways.lay(source, |edge, bin, weight| edges[edge][bin].weight += weight);
        }
        let on_routes = sources.iter().map(|source| source.weight).sum();
        // An event with several candidates that reach the same bin is counted there once.
        sources.sort_by_key(|source| source.event);
        for source in &sources {
            ways.lay(source, |edge, bin, weight| {
                let bin = &mut edges[edge][bin];
                if weight > 0.0 && bin.last != source.event + 1 {
                    bin.last = source.event + 1;
                    bin.events += 1;
                }
            });
        }
        Self { edges, off_route: off.iter().sum(), on_routes }
    }

    /// The weight that lies off every route.
    #[must_use]
    pub const fn off_route(&self) -> f64 {
        self.off_route
    }

    /// The weight that lies on the network; with [`NetworkDensity::off_route`] it makes the number of events.
    #[must_use]
    pub const fn on_routes(&self) -> f64 {
        self.on_routes
    }

    /// The density along a route, from its start to its end.
    ///
    /// # Errors
    /// Unknown route.
    pub fn along(&self, corridors: &Corridors, route: RouteIndex) -> Result<Vec<DensityBin>, RouteError> {
        let mut bins = Vec::new();
        for step in &corridors.route(route)?.edges {
            let edge = &self.edges[step.edge.0 as usize];
            let width = length_km(corridors, step.edge) / edge.len() as f64;
            for place in 0..edge.len() {
                let bin = edge[if step.reversed { edge.len() - 1 - place } else { place }];
                let from_km = step.start_km + width * place as f64;
                bins.push(DensityBin { from_km, to_km: from_km + width, per_km: bin.weight / width, events: bin.events });
            }
        }
        Ok(bins)
    }

    /// All that was laid on bins.
    #[cfg(test)]
    pub(super) fn laid(&self) -> f64 {
        self.edges.iter().flatten().map(|bin| bin.weight).sum()
    }

    /// The weight that lies on a route, what it shares with others included.
    ///
    /// # Errors
    /// Unknown route.
    pub fn on(&self, corridors: &Corridors, route: RouteIndex) -> Result<f64, RouteError> {
        let mut edges: Vec<usize> = corridors.route(route)?.edges.iter().map(|step| step.edge.0 as usize).collect();
        edges.sort_unstable();
        edges.dedup();
        Ok(edges.iter().flat_map(|edge| &self.edges[*edge]).map(|bin| bin.weight).sum())
    }
}

fn length_km(corridors: &Corridors, edge: EdgeIndex) -> f64 {
    corridors.edges()[edge.0 as usize].length_km
}

/// Where on which edge the candidates of the events lie.
fn sources(corridors: &Corridors, snaps: &[Snap]) -> Vec<Source> {
    let mut sources = Vec::new();
    for (event, snap) in (0u32..).zip(snaps) {
        for candidate in snap.candidates.iter().filter(|candidate| candidate.weight > 0.0) {
            let Ok(route) = corridors.route(candidate.route) else { continue };
            let after = route.edges.partition_point(|step| step.start_km <= candidate.measure_km);
            let Some(step) = route.edges.get(after.saturating_sub(1)) else { continue };
            let length = length_km(corridors, step.edge);
            let along = (candidate.measure_km - step.start_km).clamp(0.0, length);
            let offset_km = if step.reversed { length - along } else { along };
            sources.push(Source { edge: step.edge.0 as usize, offset_km, weight: candidate.weight, event });
        }
    }
    sources
}

/// The network as a kernel walks it.
struct Ways<'a> {
    corridors: &'a Corridors,
    /// The ends of edges at each node: which edge, and whether by its first vertex.
    ends: Vec<Vec<(usize, bool)>>,
    /// Bins per edge.
    bins: Vec<usize>,
    /// The bandwidth.
    h: f64,
}

impl<'a> Ways<'a> {
    fn new(corridors: &'a Corridors, bins: Vec<usize>, h: f64) -> Self {
        let mut ends: Vec<Vec<(usize, bool)>> = vec![Vec::new(); corridors.nodes().len()];
        for (number, edge) in corridors.edges().iter().enumerate() {
            ends[edge.from.0 as usize].push((number, true));
            ends[edge.to.0 as usize].push((number, false));
        }
        Self { corridors, ends, bins, h }
    }

    fn length(&self, edge: usize) -> f64 {
        self.corridors.edges()[edge].length_km
    }

    /// Lays the kernel of a source over the network, bin by bin.
    fn lay(&self, source: &Source, mut reach: impl FnMut(usize, usize, f64)) {
        let Source { edge, offset_km, weight, .. } = *source;
        let mut fronts = Vec::new();
        for (at_from, from_km) in [(true, offset_km), (false, self.length(edge) - offset_km)] {
            self.along(Front { edge, at_from, distance_km: 0.0, weight }, from_km, &mut reach);
            self.leave(Front { edge, at_from: !at_from, distance_km: self.length(edge) - from_km, weight }, &mut fronts);
        }
        while let Some(front) = fronts.pop() {
            self.along(front, 0.0, &mut reach);
            let distance_km = front.distance_km + self.length(front.edge);
            self.leave(Front { at_from: !front.at_from, distance_km, ..front }, &mut fronts);
        }
    }

    /// From `from_km` past the end where the front came in, on to the other end or to where the kernel ends.
    fn along(&self, front: Front, from_km: f64, reach: &mut impl FnMut(usize, usize, f64)) {
        let bins = self.bins[front.edge];
        let width = self.length(front.edge) / bins as f64;
        let until = (from_km + self.h - front.distance_km).min(self.length(front.edge));
        for place in ((from_km / width) as usize).min(bins - 1)..bins {
            let (low, high) = ((width * place as f64).max(from_km), (width * (place + 1) as f64).min(until));
            if low >= until {
                break;
            }
            let sum_to = |km: f64| quartic_sum((front.distance_km + km - from_km) / self.h);
            let bin = if front.at_from { place } else { bins - 1 - place };
            reach(front.edge, bin, front.weight * (sum_to(high) - sum_to(low)).max(0.0));
        }
    }

    /// What goes on past the end of an edge that a front has reached.
    fn leave(&self, front: Front, fronts: &mut Vec<Front>) {
        if front.distance_km >= self.h {
            return;
        }
        let edge = &self.corridors.edges()[front.edge];
        let meeting = &self.ends[if front.at_from { edge.from } else { edge.to }.0 as usize];
        let others = meeting.len().saturating_sub(1);
        if others == 0 {
            fronts.push(front);
        }
        for (next, at_from) in meeting.iter().filter(|end| others > 0 && **end != (front.edge, front.at_from)) {
            fronts.push(Front { edge: *next, at_from: *at_from, weight: front.weight / others as f64, ..front });
        }
    }
}
