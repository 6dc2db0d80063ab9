//! What posting lists found of rows: weights and fields that hit, a row once for each part of a query, and what a name loses by the parts that agree with
//! nothing.

use crate::linkage::compare;
use crate::linkage::features::Features;
use crate::linkage::model::Model;
use crate::linkage::tokens::TokenId;

use super::index::{field, name_parts};
use super::lanes::{FIELD_BITS, HIT, Passed, UNIT, short, whole};

/// What posting lists found of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Hit {
    /// Of all but names, in [`UNIT`]s, rounded up.
    pub weight: u16,
    /// Likewise of names.
    pub name: u16,
    /// Fields that hit; above them the part of the query that hit last, so that each counts once per row.
    pub fields: u16,
    /// Parts of the name that hit: those that are no surname in the query, and those that are one.
    pub parts: [u8; 2],
}

/// The bits of a name and of nicknames.
pub(super) const NAMES: u16 = 1 << field::NAME | 1 << field::ALIAS;
/// Units that stand for any weight: above all sums of weights, and few enough to be told apart in single precision.
const ENDLESS: i32 = 1 << 20;
/// Parts of a query that are told apart; what comes after them may count more than once, which only makes a bound looser.
pub(super) const PARTS: u16 = u16::MAX >> field::COUNT;

impl Hit {
    /// All weights in [`UNIT`]s; what reached the end of its range may be anything above.
    pub const fn units(self) -> i32 {
        if self.weight == u16::MAX || self.name == u16::MAX { ENDLESS } else { self.weight as i32 + self.name as i32 }
    }

    pub const fn fields(self) -> u16 {
        self.fields & FIELD_BITS
    }
}

/// Rows that carry something a part of the query agrees with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Postings<'a> {
    pub rows: &'a [u32],
    /// As in a [`Hit`]; one of the two is nothing.
    pub weight: u16,
    pub name: u16,
    pub fields: u16,
    pub parts: [u8; 2],
    /// Number of the query's part, from 1.
    pub part: u16,
    /// The most that this list and those after it can give a row that none before it hit, in [`UNIT`]s.
    pub ahead: i32,
}

/// The weight of a hit in whole [`UNIT`]s, rounded up.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut to the range before; a bound may be too high, never too low")]
pub(super) fn unsigned(weight: f32) -> u16 {
    (weight * UNIT).ceil().clamp(0.0, 65_535.0) as u16
}

/// The hits of one search; kept for its room from search to search.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// By slot, the place after its hit among the hits; 0 for rows that nothing hit, as all are between searches.
    places: Vec<u32>,
    hits: Vec<Found>,
}

/// A row that lists hit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub slot: u32,
    /// How far it lies above what is asked without its hit.
    pub over: i16,
    pub hit: Hit,
}

impl Hits {
    /// Room for the slots of a side.
    pub fn resize(&mut self, slots: usize) {
        self.places.resize(slots, 0);
    }

    /// True when a list hit the row of a slot.
    pub fn contains(&self, slot: u32) -> bool {
        self.places[slot as usize] != 0
    }

    /// All rows that were hit; leaves none.
    pub fn drain(&mut self) -> impl Iterator<Item = Found> {
        let places = &mut self.places;
        self.hits.drain(..).inspect(|found| places[found.slot as usize] = 0)
    }

    /// Adds the weight of a list to its rows, once for each part of the query; rows that come up now and could not reach what is asked any more are
    /// passed over. Of most rows of a list only [`Passed`] is read, whose entry tells that a row was hit before.
    pub fn add<const W: usize>(&mut self, list: &Postings<'_>, passed: &mut Passed<W>, lane: usize) {
        let part = if list.part <= PARTS { list.part << field::COUNT } else { 0 };
        let new = Hit { weight: list.weight, name: list.name, fields: list.fields | part, parts: list.parts };
        for &slot in list.rows {
            let over = passed.over(slot, lane);
            if *over != HIT && i32::from(*over) + list.ahead < 0 {
                continue;
            }
            let place = &mut self.places[slot as usize];
            let hit = match (*place as usize).checked_sub(1).and_then(|at| self.hits.get_mut(at)) {
                Some(found) => &mut found.hit,
                None => {
                    self.hits.push(Found { slot, over: *over, hit: new });
                    *place = u32::try_from(self.hits.len()).unwrap_or(u32::MAX);
                    *over = HIT;
                    continue;
                }
            };
            if part == 0 || hit.fields & !FIELD_BITS != part {
                hit.weight = hit.weight.saturating_add(list.weight);
                hit.name = hit.name.saturating_add(list.name);
                hit.parts = [hit.parts[0].saturating_add(list.parts[0]), hit.parts[1].saturating_add(list.parts[1])];
            }
            hit.fields = hit.fields & FIELD_BITS | list.fields | part;
        }
    }
}

/// What it takes off a name that parts of it agree with nothing, by how many parts hit and what a row's name is made of.
pub(super) struct NameClashes {
    /// By parts that hit (those that are no surname in the query, and those that are; 3 for more) and shape of the row's name.
    units: [i16; 256],
    /// The weight of names of -k tenths, when they may be another's.
    false_names: [f32; FALSE_STEPS + 1],
}

/// Tenths of log10 over which [`NameClashes::false_names`] runs.
const FALSE_STEPS: usize = 60;

impl NameClashes {
    /// Nothing is taken off where the query's name can be read in several ways.
    pub fn new(model: &Model, query: &Features) -> Self {
        let m = &model.name;
        let mut units = [0; 256];
        if let Some((given, surnames)) = name_parts(query) {
            for (at, units) in units.iter_mut().enumerate() {
                let (hit_given, hit_surnames, shape) = (at >> 6, at >> 4 & 3, at & 15);
                if hit_given == 3 || hit_surnames == 3 {
                    continue;
                }
                // A token may agree with one of another role: then each leaves one less to clash with.
                let hit = hit_given + hit_surnames;
                let clash = |mine: usize, hit_mine: usize, theirs: usize| mine.saturating_sub(hit_mine).min(theirs.saturating_sub(hit));
                let (given, surnames) = (clash(given, hit_given, shape >> 2), clash(surnames, hit_surnames, shape & 3));
                let mut weight = 0.0;
                if given > 0 {
                    weight += if hit > 0 { m.conflict_given * compare::SECOND_GIVEN } else { m.conflict_given };
                }
                if surnames > 0 {
                    weight += m.conflict_surname * (1.0 + 0.5 * (surnames - 1) as f64);
                }
                *units = short(weight as f32);
            }
        }
        let false_names = std::array::from_fn(|k| (m.false_name + (1.0 - m.false_name) * 10f64.powf(k as f64 / -10.0)).log10() as f32);
        Self { units, false_names }
    }

    /// What a token of the query counts as when it hits: a part that is no surname, one that is, or both.
    pub fn parts(query: &Features, token: TokenId) -> [u8; 2] {
        let roles = query.forms.iter().flat_map(|f| &f.tokens).filter(|t| t.0 == token);
        let [mut other, mut surname] = [query.aliases.contains(&token), false];
        for (_, role) in roles {
            surname |= role.is_surname();
            other |= !role.is_surname();
        }
        [u8::from(other), u8::from(surname)]
    }

    /// The most that lists' hits give a row's name, in [`UNIT`]s, with what it is made of.
    pub fn units(&self, hit: Hit, has: u16) -> i32 {
        let all = if hit.units() == ENDLESS { ENDLESS } else { i32::from(hit.name) };
        let [given, surnames] = hit.parts.map(|n| usize::from(n.min(3)));
        if has & field::PARSED == 0 || given + surnames == 0 || all == ENDLESS {
            return all;
        }
        let clash = i32::from(self.units[given << 6 | surnames << 4 | usize::from(has >> field::SHAPE & 15)]);
        let name = i32::from(hit.name) + clash;
        if clash >= 0 || name >= 0 {
            return all + clash.min(0);
        }
        // Another's name: convex, so that a chord of it lies above.
        let tenths = name as f32 / UNIT * -10.0;
        let step = tenths as usize;
        let weight = match self.false_names.get(step..step + 2) {
            Some(ends) => ends[0] + (ends[1] - ends[0]) * (tenths - step as f32),
            None => self.false_names[FALSE_STEPS],
        };
        whole(weight)
    }
}
