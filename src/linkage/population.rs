//! How common values are among the records held now: the denominators of likelihood ratios.

use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, HashMap};

use super::features::{Features, Item};
use super::lexicon::ConceptId;
use super::record::{Sex, Side};

const FIRST_YEAR: i32 = 1880;
/// Years counted, from 1880.
pub(super) const YEARS: usize = 200;
const STATURES: usize = 260;

/// Counts over all records of both sides; every count goes back when a record leaves.
#[derive(Debug)]
pub struct Population {
    sexes: [u32; 2],
    nations: FxHashMap<u16, u32>,
    nation_total: u32,
    years: Vec<u32>,
    year_total: u32,
    statures: [Vec<u32>; 3],
    looks: FxHashMap<(usize, ConceptId), u32>,
    look_total: [u32; 3],
    kinds: [FxHashMap<u32, u32>; 4],
    details: [FxHashMap<(u32, u32), u32>; 4],
    parts: FxHashMap<ConceptId, u32>,
    part_total: u32,
    item_records: [u32; 4],
    numbers: HashMap<Box<str>, u32>,
    pub(super) records: [u32; 2],
    months: BTreeMap<i32, u32>,
    countries: FxHashMap<u16, u32>,
    country_total: u32,
}

impl Default for Population {
    fn default() -> Self {
        Self {
            sexes: [0; 2],
            nations: FxHashMap::default(),
            nation_total: 0,
            years: vec![0; YEARS],
            year_total: 0,
            statures: [vec![0; STATURES], vec![0; STATURES], vec![0; STATURES]],
            looks: FxHashMap::default(),
            look_total: [0; 3],
            kinds: Default::default(),
            details: Default::default(),
            parts: FxHashMap::default(),
            part_total: 0,
            item_records: [0; 4],
            numbers: HashMap::new(),
            records: [0; 2],
            months: BTreeMap::new(),
            countries: FxHashMap::default(),
            country_total: 0,
        }
    }
}

/// Year slot of a day from the common era.
pub(super) fn year_slot(day: i32) -> usize {
    usize::try_from((f64::from(day) / 365.2425) as i64 - i64::from(FIRST_YEAR)).unwrap_or(0).min(YEARS - 1)
}

fn stature_row(sex: Option<Sex>) -> usize {
    match sex {
        None => 0,
        Some(Sex::Female) => 1,
        Some(Sex::Male) => 2,
    }
}

impl Population {
    /// Counts (`add`) or uncounts one record.
    pub fn count(&mut self, f: &Features, add: bool) {
        let step = |n: &mut u32| *n = if add { *n + 1 } else { n.saturating_sub(1) };
        step(&mut self.records[f.side.index()]);
        if let Some(sex) = f.sex {
            step(&mut self.sexes[stature_row(Some(sex)) - 1]);
        }
        if f.nation() != 0 {
            step(self.nations.entry(f.nation()).or_default());
            step(&mut self.nation_total);
        }
        if let Some(b) = f.birth {
            step(&mut self.years[year_slot(b.from + (b.to - b.from) / 2)]);
            step(&mut self.year_total);
        }
        if let Some((lo, hi)) = f.stature {
            let cm = (f32::midpoint(lo, hi) as usize).min(STATURES - 1);
            step(&mut self.statures[0][cm]);
            if f.sex.is_some() {
                step(&mut self.statures[stature_row(f.sex)][cm]);
            }
        }
        for (axis, &id) in f.looks.iter().enumerate().filter(|(_, id)| **id != 0) {
            step(self.looks.entry((axis, id)).or_default());
            step(&mut self.look_total[axis]);
        }
        for (field, items) in f.items.iter().enumerate().filter(|(_, i)| !i.is_empty()) {
            step(&mut self.item_records[field]);
            for item in items {
                step(self.kinds[field].entry(item.kind).or_default());
                step(self.details[field].entry((item.kind, item.detail)).or_default());
                if item.part != 0 {
                    step(self.parts.entry(item.part).or_default());
                    step(&mut self.part_total);
                }
            }
        }
        for number in f.phones.iter().chain(&f.documents) {
            step(self.numbers.entry(number.clone()).or_default());
        }
        if f.country != 0 {
            step(self.countries.entry(f.country).or_default());
            step(&mut self.country_total);
        }
        if let (Side::Found, Some(day)) = (f.side, f.event_day()) {
            let month = day.div_euclid(30);
            let count = self.months.entry(month).or_default();
            step(count);
            if *count == 0 {
                self.months.remove(&month);
            }
        }
    }

    /// Records held on a side.
    #[must_use]
    pub fn records(&self, side: Side) -> u32 {
        self.records[side.index()]
    }

    /// Share of a sex among records that state one.
    #[must_use]
    pub fn sex_share(&self, sex: Sex) -> f64 {
        let n = f64::from(self.sexes[0] + self.sexes[1]);
        (f64::from(self.sexes[stature_row(Some(sex)) - 1]) + 5.0) / (n + 10.0)
    }

    /// Share of a nation among records that state one.
    #[must_use]
    pub fn nation_share(&self, nation: u16) -> f64 {
        share(self.nations.get(&nation), self.nation_total, 1.0, 30.0)
    }

    /// Share of a country among records that name one.
    #[must_use]
    pub fn country_share(&self, country: u16) -> f64 {
        share(self.countries.get(&country), self.country_total, 1.0, 30.0)
    }

    /// Density of birth days at a day, per day: counts of the year and its neighbours (weights 1 2 3 2 1) with a flat prior over 90 years.
    #[must_use]
    pub fn birth_density(&self, day: i32) -> f64 {
        let slot = year_slot(day);
        let near: f64 = [(0_usize, 1.0), (1, 2.0), (2, 3.0), (3, 2.0), (4, 1.0)]
            .iter()
            .filter_map(|(k, w)| Some(f64::from(*self.years.get((slot + k).checked_sub(2)?)?) * w / 9.0))
            .sum();
        (near + 0.5) / (f64::from(self.year_total) + 45.0) / 365.2425
    }

    /// Density of statures at `cm` among the sex, per cm: a window of +-3 cm with a flat prior.
    #[must_use]
    pub fn stature_density(&self, cm: f32, sex: Option<Sex>) -> f64 {
        let row = &self.statures[stature_row(sex)];
        let centre = (cm as usize).min(STATURES - 1);
        let window = &row[centre.saturating_sub(3)..(centre + 4).min(STATURES)];
        let n: u32 = row.iter().sum();
        (f64::from(window.iter().sum::<u32>()) / 7.0 + 0.1) / (f64::from(n) + 12.0)
    }

    /// Share of a hair, eye or build concept (`axis` 0 build, 1 hair, 2 eyes).
    #[must_use]
    pub fn look_share(&self, axis: usize, id: ConceptId) -> f64 {
        share(self.looks.get(&(axis, id)), self.look_total[axis], 1.0, 8.0)
    }

    /// Expected number of items of a kind in a record that has the field.
    #[must_use]
    pub fn kind_rate(&self, field: usize, kind: u32) -> f64 {
        share(self.kinds[field].get(&kind), self.item_records[field], 0.5, 20.0)
    }

    /// Share of a detail among the items of a kind.
    #[must_use]
    pub fn detail_share(&self, field: usize, item: &Item) -> f64 {
        let of_kind = self.kinds[field].get(&item.kind).copied().unwrap_or(0);
        let bare = self.details[field].get(&(item.kind, 0)).copied().unwrap_or(0);
        share(self.details[field].get(&(item.kind, item.detail)), of_kind.saturating_sub(bare), 0.5, 10.0)
    }

    /// Share of a body part among items that name one.
    #[must_use]
    pub fn part_share(&self, part: ConceptId) -> f64 {
        share(self.parts.get(&part), self.part_total, 0.5, 15.0)
    }

    /// Records that carry a number.
    #[must_use]
    pub fn number_count(&self, number: &str) -> u32 {
        self.numbers.get(number).copied().unwrap_or(0)
    }

    /// Days over which found records' events spread, at least a year: as many as a flat spread would need for two events to share a month as often
    /// as they do. A few dates that were mistyped by decades do not stretch it. In steps of 5 %, so that one more record rarely changes a weight.
    #[must_use]
    pub fn event_span_days(&self) -> f64 {
        let (Some(first), Some(last)) = (self.months.keys().next(), self.months.keys().next_back()) else { return 365.0 };
        let counts = || self.months.values().map(|n| f64::from(*n));
        let total: f64 = counts().sum();
        // Two events apart say little: one more pair among all months of the range.
        let together = counts().map(|n| n * (n - 1.0)).sum::<f64>() + 1.0;
        let all = total * (total - 1.0) + f64::from(last - first + 1);
        let days = (30.44 * all / together).max(365.0);
        ((days / 365.0).ln() / 0.05).round().mul_add(0.05, 365.0_f64.ln()).exp()
    }
}

/// A count as a share with a prior of `prior` in `weight`.
fn share(count: Option<&u32>, total: u32, prior: f64, weight: f64) -> f64 {
    ((f64::from(count.copied().unwrap_or(0)) + prior) / (f64::from(total) + weight)).min(0.999)
}
