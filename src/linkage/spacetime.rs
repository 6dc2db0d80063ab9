//! Place and time as evidence: how well a finding or registration fits the last contact. Never a filter; capped; what came before the last
//! proof of life is shown as the contradiction it is.
//!
//! Time: density of the days between (lognormal; for remains integrated over the post-mortem interval with log-uniform weight) against a
//! flat spread over the years of all found records; where both places are known, the time of travel between them comes first
//! ([`Reach::step`]). Place: a gravity model, `g(d) w / mean of g w over the places of all found records`, so that a busy town says less than a
//! lonely one; `w` is how likely a journey goes on that way over the routes. Remains may have been carried by a river or the sea, and anybody may
//! have been moved: that share turns up anywhere.

use super::compare::{Context, Outcome, normal_density};
use super::features::{Features, Place, chord_km};
use super::model::{Model, TimeModel};
use super::record::RecordKind;
use crate::geo::normal_quantile;
use crate::geo::reach::{Carried, Cell, Reach, Step, TravelTime, Way};
use rustc_hash::FxHashMap;
use std::ops::RangeInclusive;

/// Which distribution applies to a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// A living person's registration.
    Living,
    /// Remains.
    Remains,
    /// Two reports of one disappearance.
    Report,
}

impl Relation {
    /// The relation of a case to a record of this kind.
    #[must_use]
    pub const fn of(kind: RecordKind) -> Self {
        if kind.is_remains() {
            Self::Remains
        } else if kind.is_report() {
            Self::Report
        } else {
            Self::Living
        }
    }

    /// The relation of two records, the one that tells of the earlier moment first: two bodies are compared as two reports of one finding.
    #[must_use]
    pub const fn between(case: RecordKind, record: RecordKind) -> Self {
        if case.is_remains() && record.is_remains() { Self::Report } else { Self::of(record) }
    }

    const fn index(self) -> usize {
        match self {
            Self::Living => 0,
            Self::Remains => 1,
            Self::Report => 2,
        }
    }
}

/// Half-degree cells that hold found records, and the mean preference seen from each cell.
#[derive(Debug, Default)]
pub struct Atlas {
    cells: FxHashMap<Cell, usize>,
    keys: Vec<Cell>,
    units: Vec<[f32; 3]>,
    counts: Vec<[u32; 3]>,
    means: Vec<[f32; 3]>,
    /// log10 of the means, not below a thousandth.
    mean_logs: Vec<[f32; 3]>,
    /// Sum of unit vectors and count of positions seen for a place's words.
    named: FxHashMap<u32, ([f64; 3], u32)>,
    changes: u32,
    fresh_at: u32,
}

impl Atlas {
    /// Counts (`add`) or uncounts a record's place; cases open a cell without counting in it.
    pub fn count(&mut self, f: &Features, add: bool, found: bool) {
        let Some(place) = f.place else { return };
        let next = self.units.len();
        let cell = *self.cells.entry(place.cell).or_insert(next);
        if cell == next {
            self.keys.push(place.cell);
            self.units.push(Place::cell_centre(place.cell));
            self.counts.push([0; 3]);
            self.means.push([0.0; 3]);
            self.mean_logs.push([-3.0; 3]);
        }
        if found {
            let count = &mut self.counts[cell][Relation::of(f.kind).index()];
            *count = if add { *count + 1 } else { count.saturating_sub(1) };
        }
        if f.place_name != 0 {
            let sign = if add { 1.0 } else { -1.0 };
            let entry = self.named.entry(f.place_name).or_default();
            for (sum, u) in entry.0.iter_mut().zip(place.unit) {
                *sum += sign * f64::from(u);
            }
            entry.1 = if add { entry.1 + 1 } else { entry.1.saturating_sub(1) };
        }
        self.changes += 1;
    }

    /// Recomputes the means when a share of the records changed since the last time (`force`: in any case). Cost: cells squared, 50 ns each.
    pub fn refresh(&mut self, model: &Model, reach: &Reach, force: bool) {
        if !force && self.changes - self.fresh_at < 50 + self.fresh_at / 20 {
            return;
        }
        self.fresh_at = self.changes;
        for i in 0..self.units.len() {
            self.means[i] = self.mean_from(i, model, reach);
            self.mean_logs[i] = self.means[i].map(|mean| mean.max(1e-3).log10());
        }
    }

    fn mean_from(&self, from: usize, model: &Model, reach: &Reach) -> [f32; 3] {
        let mut sum = [0.0_f64; 3];
        let mut total = [0.0_f64; 3];
        for (other, counts) in self.counts.iter().enumerate() {
            if counts.iter().all(|c| *c == 0) {
                continue;
            }
            let class = distance_class(model, chord_km(&self.units[from], &self.units[other]));
            let way = reach.parameters().way.of(reach.step(self.keys[from], self.keys[other]).way);
            for (k, table) in [&model.place.living, &model.place.remains, &model.place.report].iter().enumerate() {
                let way = if k == Relation::Report.index() { 1.0 } else { way };
                sum[k] += f64::from(counts[k]) * table[class] * way;
                total[k] += f64::from(counts[k]);
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "a ratio")]
        std::array::from_fn(|k| ((sum[k] + 1.0) / (total[k] + 1.0)) as f32)
    }

    /// Where a record lies: its position, else the mean position of other records with the same words for the place.
    #[must_use]
    pub fn place_of(&self, f: &Features) -> Option<Place> {
        f.place.or_else(|| self.place_named(f.place_name))
    }

    /// The mean position of the records that use these words for their place and know where it is.
    #[must_use]
    pub fn place_named(&self, place_name: u32) -> Option<Place> {
        let (sum, count) = self.named.get(&place_name)?;
        if *count == 0 {
            return None;
        }
        let norm = sum.iter().map(|s| s * s).sum::<f64>().sqrt();
        #[expect(clippy::cast_possible_truncation, reason = "a unit vector")]
        (norm > 0.0).then(|| Place::at(sum.map(|s| (s / norm) as f32), 15.0))
    }

    /// Share of the found records of a relation that lie within the class of this distance of a place, one at least; `None` when there are none.
    #[must_use]
    pub fn share_within(&self, model: &Model, from: &Place, km: f32, relation: Relation) -> Option<f64> {
        let class = distance_class(model, km);
        let count = |cell: usize| self.counts.get(cell).map_or(0, |c| c[relation.index()]);
        let all: u32 = (0..self.units.len()).map(count).sum();
        let near = |unit: &[f32; 3]| distance_class(model, chord_km(&from.unit, unit)) <= class;
        let within: u32 = self.units.iter().enumerate().filter(|(_, unit)| near(unit)).map(|(cell, _)| count(cell)).sum();
        (all > 0).then(|| f64::from(within.max(1)) / f64::from(all))
    }

    /// The mean preference seen from a case's place.
    #[must_use]
    pub fn mean(&self, place: &Place, relation: Relation) -> f64 {
        self.cells.get(&place.cell).map_or(1.0, |c| f64::from(self.means[*c][relation.index()]))
    }

    /// By relation, log10 of [`Self::mean`], not below a thousandth.
    #[must_use]
    pub fn mean_logs(&self, place: &Place) -> [f32; 3] {
        self.cells.get(&place.cell).map_or([0.0; 3], |c| self.mean_logs[*c])
    }
}

/// The distance class of a distance.
#[must_use]
pub fn distance_class(model: &Model, km: f32) -> usize {
    model.place.edges_km.iter().position(|e| f64::from(km) < *e).unwrap_or(7)
}

/// Radius of uncertainty, km, beyond which a place says nothing of a journey.
pub const VAGUE_KM: f32 = 100.0;

/// The journey two places would mean; `None` for two reports of one disappearance, and where a place is vague.
#[must_use]
pub fn journey(reach: &Reach, relation: Relation, case: &Place, record: &Place) -> Option<Step> {
    let says = relation != Relation::Report && case.radius_km <= VAGUE_KM && record.radius_km <= VAGUE_KM;
    says.then(|| reach.step(case.cell, record.cell))
}

/// Everything the weight of two places is made of.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The preferences by distance.
    pub model: &'a Model,
    /// Ways, water, and what is moved.
    pub reach: &'a Reach,
    /// Who they may be of.
    pub relation: Relation,
    /// What [`journey`] says of the two places.
    pub step: Option<Step>,
    /// Days from the last contact to the finding, where known.
    pub lag: Option<i32>,
}

impl Ground<'_> {
    /// log10 LR of two places; `mean` is the atlas's mean preference at the case's place. A radius of uncertainty spreads the distance over classes,
    /// and so does drift at sea. Also what a river has to say. 50 ns; by one river 4 us.
    #[must_use]
    pub fn weight(&self, case: &Place, record: &Place, mean: f64) -> (f64, Option<Carried>) {
        let table = place_table(self.model, self.relation);
        let km = case.distance_km(record);
        let remains = self.relation == Relation::Remains;
        let mut radius = case.radius_km.hypot(record.radius_km);
        if remains && self.step.is_some_and(|step| step.sea) {
            radius = radius.hypot(self.reach.drift_km(self.days_in_water()) as f32);
        }
        let g = if radius > 15.0 {
            SPREAD.iter().map(|(k, w)| table[distance_class(self.model, (km + k * radius).max(0.0))] * w).sum()
        } else {
            table[distance_class(self.model, km)]
        };
        let carried = if remains && self.step.is_some_and(|step| step.river) {
            let wide = |p: &Place| (p.unit.map(f64::from), f64::from(p.radius_km));
            self.reach.carried(wide(case), wide(record), self.days_in_water())
        } else {
            None
        };
        let way = self.way();
        let way = carried.map_or(way, |c| (1.0 - c.share) * way + c.share * c.likely);
        (self.log10(g * way, mean), carried)
    }

    /// How likely a journey goes on that way.
    fn way(&self) -> f64 {
        self.step.map_or(1.0, |step| self.reach.parameters().way.of(step.way))
    }

    /// All days since the last contact may have been in water; where they are not known, as many as a body floats.
    fn days_in_water(&self) -> f64 {
        self.lag.map_or(self.reach.parameters().sea.float_days, |lag| f64::from(lag.max(0)))
    }

    /// A share turns up anywhere, as other records do.
    fn log10(&self, preference: f64, mean: f64) -> f64 {
        let moved = self.reach.parameters().moved.share;
        ((1.0 - moved) * preference / mean.max(1e-3) + moved).log10()
    }
}

/// A radius of uncertainty (95 %) as three distances with their shares.
const SPREAD: [(f32, f64); 3] = [(-0.7, 0.25), (0.0, 0.5), (0.7, 0.25)];

const fn place_table(model: &Model, relation: Relation) -> &[f64; 8] {
    match relation {
        Relation::Living => &model.place.living,
        Relation::Remains => &model.place.remains,
        Relation::Report => &model.place.report,
    }
}

/// Logarithms of a model's preferences by class of distance and of a reach's ways, for bounds.
#[derive(Debug, Clone)]
pub struct PlaceLogs {
    edges_km: [f32; 7],
    /// By relation.
    logs: [[f32; 8]; 3],
    /// By way; and the most where a river is by both places.
    ways: [[f32; 6]; 2],
    /// Most km that something drifts.
    drift_km: f32,
    /// The weight of preferences of 10^(-k / 10), with the share that turns up anywhere.
    moved: [f32; MOVED_STEPS + 1],
}

/// Tenths of log10 over which [`PlaceLogs::moved`] runs.
const MOVED_STEPS: usize = 60;

impl PlaceLogs {
    /// Of a model and a reach.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "bounds are single precision, with slack")]
    pub fn new(model: &Model, reach: &Reach) -> Self {
        let logs = [Relation::Living, Relation::Remains, Relation::Report].map(|r| place_table(model, r).map(|g| g.log10() as f32));
        let p = reach.parameters();
        let by_river = |way: f64| way.max((1.0 - p.river.share) * way + 2.0 * p.river.share);
        let ways = Way::ALL.map(|way| p.way.of(way));
        let moved = std::array::from_fn(|k| ((1.0 - p.moved.share) * 10f64.powf(k as f64 / -10.0) + p.moved.share).log10() as f32);
        Self {
            edges_km: model.place.edges_km.map(|e| e as f32),
            logs,
            ways: [ways.map(|way| way.log10() as f32), ways.map(|way| by_river(way).log10() as f32)],
            drift_km: reach.drift_km(p.sea.float_days) as f32,
            moved,
        }
    }

    fn class(&self, km: f32) -> usize {
        self.edges_km.iter().position(|edge| km < *edge).unwrap_or(7)
    }

    /// By relation the most [`Ground::weight`] can be when one place is known and the other lies in the cell of a point and within `reach_km` of it, with
    /// a radius of uncertainty of up to the point's; `means` are log10 of the mean preferences, `step` the journey of who lives. About 40 ns.
    #[must_use]
    pub fn bounds(&self, (known, around): (&Place, &Place), reach_km: f32, step: Option<Step>, means: [f32; 3]) -> [f32; 3] {
        let km = known.distance_km(around);
        let uncertain = known.radius_km.hypot(around.radius_km);
        // Single precision on the globe is good to a few metres; a kilometre is ample.
        let classes = |uncertain: f32| {
            let slack = reach_km + 0.7 * uncertain + 1.0;
            self.class((km - slack).max(0.0))..=self.class(km + slack)
        };
        let most = |relation: Relation, classes: RangeInclusive<usize>| {
            self.logs[relation.index()][classes].iter().fold(f32::MIN, |most, g| most.max(*g)) - means[relation.index()]
        };
        let way = |river: bool| step.map_or(0.0, |step| self.ways[usize::from(river)][step.way as usize]);
        let still = classes(uncertain);
        let adrift = if step.is_some_and(|step| step.sea) { classes(uncertain.hypot(self.drift_km)) } else { still.clone() };
        [
            self.with_moved(most(Relation::Living, still.clone()) + way(false)),
            self.with_moved(most(Relation::Remains, adrift) + way(step.is_some_and(|step| step.river))),
            self.with_moved(most(Relation::Report, still)),
        ]
    }

    /// A weight with the share that turns up anywhere: convex, so that a chord of it lies above; from a preference of 1 on it takes away.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a tenth between 0 and the last")]
    fn with_moved(&self, log10: f32) -> f32 {
        if log10 >= 0.0 {
            return log10;
        }
        let tenths = -10.0 * log10;
        let step = tenths as usize;
        match self.moved.get(step..step + 2) {
            Some(ends) => ends[0] + (ends[1] - ends[0]) * (tenths - step as f32),
            None => self.moved[MOVED_STEPS],
        }
    }
}

/// Densities by whole days, computed once per model and reach: of the days until a living person is registered, and until remains are found that
/// state no time since death, by class of travel time; of the days between two reports.
#[derive(Debug, Clone)]
pub struct TimeTable {
    /// Of living people by class, 0 for a journey that is not known; of remains likewise; of reports.
    densities: Vec<Vec<f32>>,
    /// Likewise the weight of each lag.
    weights: Vec<Vec<f32>>,
    classes: usize,
    /// Days over which events spread that the weights are against.
    span: f64,
    /// Per relation the maximum over all classes and 2^k days from each day.
    highest: [Vec<Vec<f32>>; 3],
}

const FIRST_LAG: i32 = -60;
const LAST_LAG: i32 = 5000;

/// Points of a time of travel, of equal chance.
const TRAVEL_POINTS: usize = 24;

impl TimeTable {
    /// The tables of a model's time section and a reach, against events spread over `span` days. About 10 ms.
    #[must_use]
    pub fn new(m: &TimeModel, reach: &Reach, span: f64) -> Self {
        let log_normal = |x: f64, median: f64, sigma: f64| if x <= 0.0 { 0.0 } else { normal_density((x / median).ln(), sigma) / x };
        #[expect(clippy::cast_possible_truncation, reason = "a density")]
        let table = |f: &dyn Fn(f64) -> f64| (FIRST_LAG..=LAST_LAG).map(|d| f(f64::from(d)) as f32).collect::<Vec<f32>>();
        let living = table(&|d| {
            (1.0 - m.late_share) * log_normal(d + 3.5, m.living_median_days, m.living_sigma)
                + m.late_share * log_normal(d + 15.0, m.late_median_days, m.late_sigma)
        });
        let found = table(&|d| log_normal(d + 3.0, m.found_median_days, m.found_sigma));
        let report = table(&|d| {
            (1.0 - m.report_late_share) * normal_density(d - m.report_mean_days, m.report_sd_days)
                + m.report_late_share * normal_density(d, m.report_late_sd_days)
        });
        let s = &reach.parameters().stay;
        let stay = table(&|d| log_normal(d + s.early_days, s.median_days + s.early_days, s.spread));
        let late = table(&|d| log_normal(d + 15.0, s.late_median_days + 15.0, s.late_spread));
        let late_share = s.late_share as f32;
        let arrives = |travel: &TravelTime| {
            after_travel(&stay, travel).iter().zip(&late).map(|(soon, late)| (1.0 - late_share) * soon + late_share * late).collect()
        };
        let classes = reach.travel().len() + 1;
        let mut densities = vec![living];
        densities.extend(reach.travel().iter().map(arrives));
        let shifted: Vec<Vec<f32>> = reach.travel().iter().map(|travel| after_travel(&found, travel)).collect();
        densities.push(found);
        densities.extend(shifted);
        densities.push(report);
        let most = |tables: &[Vec<f32>]| {
            let first = tables.first().cloned().unwrap_or_default();
            tables.iter().skip(1).fold(first, |most, table| most.iter().zip(table).map(|(a, b)| a.max(*b)).collect())
        };
        let highest = [most(&densities[..classes]), most(&densities[classes..2 * classes]), most(&densities[2 * classes..])].map(|table| {
            let mut levels = vec![table];
            while let Some(last) = levels.last().filter(|l| l.len() > 1 << (levels.len() - 1)) {
                let half = 1 << (levels.len() - 1);
                levels.push(last.iter().zip(&last[half..]).map(|(a, b)| a.max(*b)).collect());
            }
            levels
        });
        let mut made = Self { densities, weights: Vec::new(), classes, span, highest };
        made.spread_over(m, span);
        made
    }

    /// Weighs against events spread over so many days. About 3 ms.
    #[expect(clippy::cast_possible_truncation, reason = "a weight")]
    pub fn spread_over(&mut self, m: &TimeModel, span: f64) {
        self.span = span;
        let weights = |table: &Vec<f32>| table.iter().map(|d| density_weight(m, f64::from(*d), span) as f32).collect();
        self.weights = self.densities.iter().map(weights).collect();
    }

    /// The table of a relation and class of travel time.
    const fn number(&self, relation: Relation, class: usize) -> usize {
        match relation {
            Relation::Living => class,
            Relation::Remains => self.classes + class,
            Relation::Report => 2 * self.classes,
        }
    }

    /// Days over which events spread that the weights are against.
    #[must_use]
    pub const fn span(&self) -> f64 {
        self.span
    }

    /// The highest density of a relation over an inclusive range of lags.
    fn most(&self, table: usize, from: i32, to: i32) -> f64 {
        let (from, to) = (from.max(FIRST_LAG), to.min(LAST_LAG));
        let (Ok(first), Ok(length)) = (usize::try_from(from - FIRST_LAG), usize::try_from(to.saturating_sub(from) + 1)) else { return 0.0 };
        if length == 0 {
            return 0.0;
        }
        let level = length.ilog2() as usize;
        let row = &self.highest[table][level];
        f64::from(row[first].max(row[first + length - (1 << level)]))
    }

    fn at(table: &[f32], lag: i32) -> Option<f32> {
        usize::try_from(lag.saturating_sub(FIRST_LAG)).ok().and_then(|i| table.get(i)).copied()
    }

    /// The weight of a lag beyond the tables.
    #[expect(clippy::cast_possible_truncation, reason = "as the tables")]
    fn outside(&self, m: &TimeModel) -> f32 {
        density_weight(m, 0.0, self.span) as f32
    }
}

/// A table of days after a time of travel: the mean over points of its distribution.
fn after_travel(table: &[f32], travel: &TravelTime) -> Vec<f32> {
    let points: Vec<f64> = (0..TRAVEL_POINTS)
        .map(|i| travel.median_days * (travel.spread * normal_quantile(((i as f64) + 0.5) / (TRAVEL_POINTS as f64))).exp())
        .collect();
    let mut out = vec![0.0_f32; table.len()];
    for point in points {
        let (whole, part) = (point.floor(), point.fract() as f32);
        let shift = whole as usize;
        for (day, sum) in out.iter_mut().enumerate().skip(shift) {
            let at = table[day - shift];
            let before = (day - shift).checked_sub(1).map_or(0.0, |d| table[d]);
            *sum += (at * (1.0 - part) + before * part) / TRAVEL_POINTS as f32;
        }
    }
    out
}

/// Nine days between death and finding that stand for a stated interval: log-uniform.
#[must_use]
pub fn interval_points((min, max): (u32, u32)) -> [i32; 9] {
    let (low, high) = (f64::from(min) + 1.0, f64::from(max) + 1.0);
    #[expect(clippy::cast_possible_truncation, reason = "days, cut to a century")]
    std::array::from_fn(|i| ((low * (high / low).powf(i as f64 / 8.0)).min(36_500.0) - 1.0).round() as i32)
}

/// log10 LR of a density of days against a flat spread over `span` days, with the chance that a date is wrong altogether.
fn density_weight(m: &TimeModel, density: f64, span: f64) -> f64 {
    density_ratio(m, density, span).log10()
}

/// As [`density_weight`], before the logarithm.
fn density_ratio(m: &TimeModel, density: f64, span: f64) -> f64 {
    ((1.0 - m.wrong_date) * density * span + m.wrong_date * 0.1).max(1e-3)
}

/// log10 of a positive number, up to .003 too high and never too low: the exponent, and a parabola that touches the logarithm of the mantissa from
/// above. 2 ns.
fn log10_above(x: f32) -> f32 {
    let bits = x.to_bits();
    #[expect(clippy::cast_precision_loss, reason = "an exponent of 8 bits")]
    let exponent = ((bits >> 23) & 0xff) as f32 - 127.0;
    let mantissa = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000);
    (exponent + (-0.335_828_78 * mantissa + 2.0) * mantissa - 1.653_2) * std::f32::consts::LOG10_2
}

/// The number of a journey's time of travel among tables; 0 where it is not known.
#[must_use]
pub fn time_class(step: Option<Step>) -> usize {
    step.map_or(0, |step| usize::from(step.class) + 1)
}

/// log10 LR of the days between, for a journey of this class ([`time_class`]); and whether the record precedes the last contact beyond doubt: it was
/// made before, or tells of a death before, by more than a quarter of the time since death. 5 ns, with an interval of death 60 ns.
#[must_use]
pub fn time_weight(
    m: &TimeModel,
    table: &TimeTable,
    (relation, class): (Relation, usize),
    lag: i32,
    interval: Option<&[i32; 9]>,
) -> (f64, bool) {
    let number = table.number(relation, class);
    let by_lag = || f64::from(TimeTable::at(&table.weights[number], lag).unwrap_or(table.outside(m)));
    match (relation, interval) {
        (Relation::Living, _) => (by_lag(), lag < -20),
        (Relation::Report, _) => (by_lag(), false),
        (Relation::Remains, None) => (by_lag(), lag < -2),
        (Relation::Remains, Some(points)) => {
            let density = interval_density(m, table, class, lag, points);
            let died_before = lag.saturating_sub(points[0]) < -2 - points[0] / 4;
            (density_weight(m, density, table.span), lag < -2 || died_before)
        }
    }
}

/// A bound on [`time_weight`], hardly above it: its logarithm is taken quickly. 5 ns, with an interval of death 20 ns.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the logarithm has slack")]
pub fn time_most(m: &TimeModel, table: &TimeTable, (relation, class): (Relation, usize), lag: i32, interval: Option<&[i32; 9]>) -> f32 {
    match (relation, interval) {
        (Relation::Remains, Some(points)) => log10_above(density_ratio(m, interval_density(m, table, class, lag, points), table.span) as f32),
        _ => TimeTable::at(&table.weights[table.number(relation, class)], lag).unwrap_or_else(|| table.outside(m)),
    }
}

/// The density of remains being found so many days after, with a stated time since death.
fn interval_density(m: &TimeModel, table: &TimeTable, class: usize, lag: i32, points: &[i32; 9]) -> f64 {
    let by_finding = f64::from(TimeTable::at(&table.densities[table.number(Relation::Remains, class)], lag).unwrap_or(0.0));
    let living = &table.densities[table.number(Relation::Living, class)];
    let mean: f32 = points.iter().map(|p| TimeTable::at(living, lag.saturating_sub(*p)).unwrap_or(0.0)).sum::<f32>() / 9.0;
    m.interval_holds * f64::from(mean) + (1.0 - m.interval_holds) * by_finding
}

/// The most [`time_weight`] can be over all journeys and an inclusive range of lags, for remains with stated times since death of `since_death` days
/// or without any.
#[must_use]
pub fn time_bound(m: &TimeModel, table: &TimeTable, relation: Relation, lags: (i32, i32), since_death: (u32, u32)) -> f64 {
    let density = match relation {
        Relation::Living => table.most(0, lags.0, lags.1),
        Relation::Report => table.most(2, lags.0, lags.1),
        Relation::Remains => {
            let by_finding = table.most(1, lags.0, lags.1);
            if since_death.0 > since_death.1 {
                by_finding
            } else {
                let days = |d: u32| i32::try_from(d).unwrap_or(i32::MAX).min(36_500);
                let living = table.most(0, lags.0.saturating_sub(days(since_death.1)), lags.1.saturating_sub(days(since_death.0)));
                by_finding.max(m.interval_holds * living + (1.0 - m.interval_holds) * by_finding)
            }
        }
    };
    #[expect(clippy::cast_possible_truncation, reason = "the logarithm has slack")]
    f64::from(log10_above(density_ratio(m, density, table.span) as f32))
}

/// Place and time together, capped at the model's limit. `case` is the case's features, whichever side asked.
#[must_use]
pub fn place_time(c: Context<'_>, atlas: &Atlas, table: &TimeTable, case: &Features, record: &Features) -> Option<Outcome> {
    let relation = Relation::between(case.kind, record.kind);
    let lag = case.event_day().zip(record.event_day()).map(|(a, b)| b.saturating_sub(a));
    let places = atlas.place_of(case).zip(atlas.place_of(record));
    let step = places.and_then(|(a, b)| journey(c.reach, relation, &a, &b));
    let time = lag.map(|lag| {
        let points = record.pmi.map(interval_points);
        time_weight(&c.model.time, table, (relation, time_class(step)), lag, points.as_ref())
    });
    let ground = Ground { model: c.model, reach: c.reach, relation, step, lag };
    let place = match places {
        Some((a, b)) => Some(ground.weight(&a, &b, atlas.mean(&a, relation))),
        _ if case.country != 0 && record.country != 0 => Some((country_weight(c, case.country, record.country), None)),
        _ => None,
    };
    if time.is_none() && place.is_none() {
        return None;
    }
    let limit = c.model.time.limit;
    let log10 = (time.map_or(0.0, |t| t.0) + place.map_or(0.0, |p| p.0)).clamp(-limit, limit);
    let carried = place.is_some_and(|p| p.1.is_some_and(|river| river.likely > 1.0));
    Some(Outcome { level: level(log10, time.is_some_and(|t| t.1), step.map(|s| s.way), carried), log10 })
}

/// The level of a weight: a contradiction in time first, then what a reader would not think of, then the strength.
const fn level(log10: f64, before: bool, way: Option<Way>, carried: bool) -> &'static str {
    match way {
        _ if before => "place_time.before_last_contact",
        _ if carried && log10 >= 0.5 => "place_time.downstream",
        Some(Way::Returned) if log10 > -0.5 => "place_time.returned",
        Some(Way::Behind) if log10 <= -0.5 => "place_time.against_the_way",
        _ if log10 >= 1.5 => "place_time.fits_well",
        _ if log10 >= 0.5 => "place_time.fits",
        _ if log10 > -0.5 => "place_time.neutral",
        _ => "place_time.unlikely",
    }
}

/// log10 LR of two countries when no distance is known.
#[must_use]
pub fn country_weight(c: Context<'_>, case: u16, record: u16) -> f64 {
    let same = c.model.place.same_country;
    if case == record {
        (same / c.population.country_share(case)).log10().clamp(0.0, 1.0)
    } else {
        ((1.0 - same) / (1.0 - c.population.country_share(case)).max(0.1)).log10().clamp(-0.5, 0.0)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::geo::Corridors;

    #[test]
    fn the_quick_logarithm_is_never_too_low_and_hardly_too_high() {
        for step in 1..200_000 {
            let x = 1e-3 * 1.0001_f32.powi(step);
            let over = f64::from(log10_above(x)) - f64::from(x).log10();
            assert!((0.0..0.0035).contains(&over), "{x}: {over}");
        }
    }

    fn place(lat: f64, lon: f64, radius_km: f64) -> Place {
        Place::new(lat, lon, radius_km * 1000.0).unwrap()
    }

    fn weight(reach: &Reach, case: Place, record: Place, relation: Relation, lag: Option<i32>) -> f64 {
        let model = Model::standard().unwrap();
        let step = journey(reach, relation, &case, &record);
        Ground { model: &model, reach, relation, step, lag }.weight(&case, &record, 1.0).0
    }

    #[test]
    fn remains_downstream_of_the_last_contact_stay_candidates_and_upstream_ones_fall_below_chance() {
        let road = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"r"},"geometry":{"type":"LineString","coordinates":[[5,10],[5,20]]}}]}"#;
        let river = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"w"},"geometry":{"type":"LineString","coordinates":[[5,11],[5,8]]}}]}"#;
        let routes = Corridors::from_geojson(road.as_bytes()).unwrap().0;
        let reach = Reach::new(&routes, Some(river.as_bytes()), Reach::default_parameters().unwrap()).unwrap();
        let by = |lat: f64| weight(&reach, place(10.0, 5.0, 1.0), place(lat, 5.0, 0.1), Relation::Remains, Some(20));
        assert!(by(9.75) > 0.5 && by(9.3) > 0.3, "{} {}", by(9.75), by(9.3));
        assert!(by(10.25) < 0.0 && by(10.7) < by(9.3) - 1.0, "{} {}", by(10.25), by(10.7));
        let living = |lat: f64| weight(&reach, place(10.0, 5.0, 1.0), place(lat, 5.0, 0.1), Relation::Living, Some(20));
        assert!((living(9.75) - living(10.25)).abs() < 1e-9, "who lives is not carried");
    }

    #[test]
    fn what_drifts_at_sea_may_be_found_farther_the_later() {
        let reach = Reach::standard().unwrap();
        let far = |days: i32| weight(&reach, place(33.3, 12.6, 1.0), place(36.2, 14.6, 1.0), Relation::Remains, Some(days));
        assert!(far(15) > far(1), "{} {}", far(15), far(1));
    }

    #[test]
    fn against_the_routes_weighs_less_and_never_nothing() {
        let reach = Reach::standard().unwrap();
        let (south, north) = (place(16.56, -95.1, 1.0), place(19.83, -99.2, 1.0));
        for relation in [Relation::Living, Relation::Remains] {
            let (ahead, behind) = (weight(&reach, south, north, relation, None), weight(&reach, north, south, relation, None));
            assert!(ahead > behind + 0.5 && behind > -2.0, "{ahead} {behind}");
        }
        let (there, back) = (weight(&reach, south, north, Relation::Report, None), weight(&reach, north, south, Relation::Report, None));
        assert!((there - back).abs() < 1e-9, "two reports have no direction");
        let anywhere = weight(&reach, south, place(-45.0, 170.0, 1.0), Relation::Remains, None);
        assert!(anywhere >= reach.parameters().moved.share.log10(), "moved by others: {anywhere}");
    }

    #[test]
    fn a_vague_place_says_nothing_of_a_journey() {
        let reach = Reach::standard().unwrap();
        assert_eq!(journey(&reach, Relation::Living, &place(16.5, -95.1, 400.0), &place(19.8, -99.2, 1.0)), None);
        assert_eq!(time_class(None), 0);
    }

    #[test]
    fn the_farther_the_later() {
        let (reach, model) = (Reach::standard().unwrap(), Model::standard().unwrap());
        let table = TimeTable::new(&model.time, &reach, 3650.0);
        let likeliest = |class: usize| {
            (FIRST_LAG..400).max_by(|a, b| {
                let weight = |lag: i32| time_weight(&model.time, &table, (Relation::Living, class), lag, None).0;
                weight(*a).total_cmp(&weight(*b))
            })
        };
        let returned = reach.travel().len();
        assert!((1..returned - 1).all(|class| likeliest(class) <= likeliest(class + 1)));
        assert!(likeliest(returned - 1) > likeliest(1));
    }

    #[test]
    fn a_death_before_the_last_proof_of_life_is_a_contradiction() {
        let (reach, model) = (Reach::standard().unwrap(), Model::standard().unwrap());
        let table = TimeTable::new(&model.time, &reach, 3650.0);
        let before = |lag: i32, interval: Option<(u32, u32)>| {
            let points = interval.map(interval_points);
            time_weight(&model.time, &table, (Relation::Remains, 1), lag, points.as_ref()).1
        };
        assert!(before(-10, None) && !before(10, None));
        assert!(before(10, Some((60, 90))) && !before(70, Some((60, 90))));
        assert!(!before(55, Some((60, 90))), "a few days early: times since death are estimates");
    }

    #[test]
    fn no_time_weighs_more_than_its_bound() {
        let (reach, model) = (Reach::standard().unwrap(), Model::standard().unwrap());
        let table = TimeTable::new(&model.time, &reach, 3650.0);
        for relation in [Relation::Living, Relation::Remains, Relation::Report] {
            for class in 0..=reach.travel().len() {
                for lag in (-90..6000).step_by(7) {
                    for interval in [None, Some((0, 3)), Some((30, 400))] {
                        let points = interval.map(interval_points);
                        let weight = time_weight(&model.time, &table, (relation, class), lag, points.as_ref()).0;
                        let bound = time_bound(&model.time, &table, relation, (lag - 3, lag + 20), interval.unwrap_or((u32::MAX, 0)));
                        assert!(weight.is_finite() && weight <= bound + 1e-4, "{relation:?} {class} {lag} {interval:?}: {weight} {bound}");
                    }
                }
            }
        }
    }
}
