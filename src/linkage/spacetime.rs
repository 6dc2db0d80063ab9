//! Place and time as evidence: how well a finding or registration fits the last contact. Never a filter; capped; what came before the last
//! proof of life is shown as the contradiction it is.
//!
//! Time: density of the days between (lognormal; for remains integrated over the post-mortem interval with log-uniform weight) against a
//! flat spread over the years of all found records. Place: a gravity model, `g(d) / mean of g over the places of all found records`, so that a
//! busy town says less than a lonely one. The corridor network will replace `g` with travel over routes.

use super::compare::{Context, Outcome, normal_density};
use super::features::{Features, Place, chord_km};
use super::model::{Model, TimeModel};
use super::record::RecordKind;
use rustc_hash::FxHashMap;

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
    cells: FxHashMap<(i32, i32), usize>,
    units: Vec<[f32; 3]>,
    counts: Vec<[u32; 3]>,
    means: Vec<[f32; 3]>,
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
        let cell = *self.cells.entry(place.cell()).or_insert(next);
        if cell == next {
            self.units.push(Place::cell_centre(place.cell()));
            self.counts.push([0; 3]);
            self.means.push([0.0; 3]);
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

    /// Recomputes the means when a share of the records changed since the last time (`force`: in any case). Cost: cells squared, 20 ns each.
    pub fn refresh(&mut self, model: &Model, force: bool) {
        if !force && self.changes - self.fresh_at < 50 + self.fresh_at / 20 {
            return;
        }
        self.fresh_at = self.changes;
        for i in 0..self.units.len() {
            self.means[i] = self.mean_from(&self.units[i], model);
        }
    }

    fn mean_from(&self, unit: &[f32; 3], model: &Model) -> [f32; 3] {
        let mut sum = [0.0_f64; 3];
        let mut total = [0.0_f64; 3];
        for (other, counts) in self.units.iter().zip(&self.counts) {
            if counts.iter().all(|c| *c == 0) {
                continue;
            }
            let class = distance_class(model, chord_km(unit, other));
            for (k, table) in [&model.place.living, &model.place.remains, &model.place.report].iter().enumerate() {
                sum[k] += f64::from(counts[k]) * table[class];
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
        (norm > 0.0).then(|| Place { unit: sum.map(|s| (s / norm) as f32), radius_km: 15.0 })
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
        self.cells.get(&place.cell()).map_or(1.0, |c| f64::from(self.means[*c][relation.index()]))
    }
}

/// The distance class of a distance.
#[must_use]
pub fn distance_class(model: &Model, km: f32) -> usize {
    model.place.edges_km.iter().position(|e| f64::from(km) < *e).unwrap_or(7)
}

/// log10 LR of two places; `mean` is the atlas's mean preference at the case's place. A radius of uncertainty spreads the distance over classes.
#[must_use]
pub fn place_weight(model: &Model, case: &Place, record: &Place, relation: Relation, mean: f64) -> f64 {
    let table = place_table(model, relation);
    let km = case.distance_km(record);
    let radius = case.radius_km.hypot(record.radius_km);
    let g = if radius > 15.0 {
        [(-0.7_f32, 0.25), (0.0, 0.5), (0.7, 0.25)].iter().map(|(k, w)| table[distance_class(model, (km + k * radius).max(0.0))] * w).sum()
    } else {
        table[distance_class(model, km)]
    };
    (g / mean.max(1e-3)).log10()
}

const fn place_table(model: &Model, relation: Relation) -> &[f64; 8] {
    match relation {
        Relation::Living => &model.place.living,
        Relation::Remains => &model.place.remains,
        Relation::Report => &model.place.report,
    }
}

/// Logarithms of a model's preferences by class of distance, for bounds.
#[derive(Debug, Clone)]
pub struct PlaceLogs {
    edges_km: [f32; 7],
    /// By relation.
    logs: [[f32; 8]; 3],
}

impl PlaceLogs {
    /// Of a model.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "bounds are single precision, with slack")]
    pub fn new(model: &Model) -> Self {
        let logs = [Relation::Living, Relation::Remains, Relation::Report].map(|r| place_table(model, r).map(|g| g.log10() as f32));
        Self { edges_km: model.place.edges_km.map(|e| e as f32), logs }
    }

    fn class(&self, km: f32) -> usize {
        self.edges_km.iter().position(|edge| km < *edge).unwrap_or(7)
    }

    /// The most [`place_weight`] can be when one place is known and the other lies within `reach_km` of a point, with a radius of uncertainty of up
    /// to the point's, before the mean preference is taken off. About 20 ns.
    #[must_use]
    pub fn bound(&self, known: &Place, around: &Place, reach_km: f32, relation: Relation) -> f32 {
        let km = known.distance_km(around);
        // Single precision on the globe is good to a few metres; a kilometre is ample.
        let slack = reach_km + 0.7 * known.radius_km.hypot(around.radius_km) + 1.0;
        let table = &self.logs[relation.index()];
        table[self.class((km - slack).max(0.0))..=self.class(km + slack)].iter().fold(f32::MIN, |most, g| most.max(*g))
    }
}

/// Densities by whole days, computed once per model.
#[derive(Debug, Clone)]
pub struct TimeTable {
    living: Vec<f32>,
    found: Vec<f32>,
    /// Per table (living, found, report) the weight of each lag.
    weights: [Vec<f32>; 3],
    /// Days over which events spread that the weights are against.
    span: f64,
    /// Per table (living, found, report) the maximum over 2^k days from each day.
    highest: [Vec<Vec<f32>>; 3],
}

const FIRST_LAG: i32 = -60;
const LAST_LAG: i32 = 5000;

impl TimeTable {
    /// The tables of a model's time section, against events spread over `span` days. About 1 ms.
    #[must_use]
    pub fn new(m: &TimeModel, span: f64) -> Self {
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
        let highest = [&living, &found, &report].map(|table| {
            let mut levels = vec![table.clone()];
            while let Some(last) = levels.last().filter(|l| l.len() > 1 << (levels.len() - 1)) {
                let half = 1 << (levels.len() - 1);
                levels.push(last.iter().zip(&last[half..]).map(|(a, b)| a.max(*b)).collect());
            }
            levels
        });
        let weights = [&living, &found, &report].map(|t| t.iter().map(|d| density_weight(m, f64::from(*d), span) as f32).collect());
        Self { living, found, weights, span, highest }
    }

    /// Days over which events spread that the weights are against.
    #[must_use]
    pub const fn span(&self) -> f64 {
        self.span
    }

    /// The highest density over an inclusive range of lags.
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

/// Nine days between death and finding that stand for a stated interval: log-uniform.
#[must_use]
pub fn interval_points((min, max): (u32, u32)) -> [i32; 9] {
    let (low, high) = (f64::from(min) + 1.0, f64::from(max) + 1.0);
    #[expect(clippy::cast_possible_truncation, reason = "days, cut to a century")]
    std::array::from_fn(|i| ((low * (high / low).powf(i as f64 / 8.0)).min(36_500.0) - 1.0).round() as i32)
}

/// log10 LR of a density of days against a flat spread over `span` days, with the chance that a date is wrong altogether.
fn density_weight(m: &TimeModel, density: f64, span: f64) -> f64 {
    ((1.0 - m.wrong_date) * density * span + m.wrong_date * 0.1).max(1e-3).log10()
}

/// log10 LR of the days between; and whether the record precedes the last contact beyond doubt. 5 ns, with an interval of death 60 ns.
#[must_use]
pub fn time_weight(m: &TimeModel, table: &TimeTable, relation: Relation, lag: i32, interval: Option<&[i32; 9]>) -> (f64, bool) {
    let by_lag = |kind: usize| f64::from(TimeTable::at(&table.weights[kind], lag).unwrap_or(table.outside(m)));
    match (relation, interval) {
        (Relation::Living, _) => (by_lag(0), lag < -20),
        (Relation::Report, _) => (by_lag(2), false),
        (Relation::Remains, None) => (by_lag(1), lag < -2),
        (Relation::Remains, Some(points)) => {
            let by_finding = f64::from(TimeTable::at(&table.found, lag).unwrap_or(0.0));
            let mean: f32 = points.iter().map(|p| TimeTable::at(&table.living, lag.saturating_sub(*p)).unwrap_or(0.0)).sum::<f32>() / 9.0;
            let density = m.interval_holds * f64::from(mean) + (1.0 - m.interval_holds) * by_finding;
            (density_weight(m, density, table.span), lag < -2)
        }
    }
}

/// The most [`time_weight`] can be over an inclusive range of lags, for remains with stated times since death of `since_death` days or without any.
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
    density_weight(m, density, table.span)
}

/// Place and time together, capped at the model's limit. `case` is the case's features, whichever side asked.
#[must_use]
pub fn place_time(c: Context<'_>, atlas: &Atlas, table: &TimeTable, case: &Features, record: &Features) -> Option<Outcome> {
    let relation = Relation::between(case.kind, record.kind);
    let time = match (case.event_day(), record.event_day()) {
        (Some(a), Some(b)) => {
            let points = record.pmi.map(interval_points);
            Some(time_weight(&c.model.time, table, relation, b.saturating_sub(a), points.as_ref()))
        }
        _ => None,
    };
    let place = match (atlas.place_of(case), atlas.place_of(record)) {
        (Some(a), Some(b)) => Some(place_weight(c.model, &a, &b, relation, atlas.mean(&a, relation))),
        _ if case.country != 0 && record.country != 0 => Some(country_weight(c, case.country, record.country)),
        _ => None,
    };
    if time.is_none() && place.is_none() {
        return None;
    }
    let limit = c.model.time.limit;
    let log10 = (time.map_or(0.0, |t| t.0) + place.unwrap_or(0.0)).clamp(-limit, limit);
    let level = if time.is_some_and(|t| t.1) {
        "place_time.before_last_contact"
    } else if log10 >= 1.5 {
        "place_time.fits_well"
    } else if log10 >= 0.5 {
        "place_time.fits"
    } else if log10 > -0.5 {
        "place_time.neutral"
    } else {
        "place_time.unlikely"
    };
    Some(Outcome { level, log10 })
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
