//! Every row asked at once, for one query or for eight side by side: weights in whole small numbers, tables of them by the codes of a row's values, and
//! the pass over all rows.

use rayon::prelude::*;

use crate::linkage::record::RecordKind;

use super::index::{Index, MANY, NO_GROUP, NONE, Row, field};

/// Units of one in log10.
pub(super) const UNIT: f32 = 1000.0;
/// The bits of [`Row::has`] that are fields.
pub(super) const FIELD_BITS: u16 = (1 << field::COUNT) - 1;

/// Queries that are best weighed side by side: one instruction weighs a row for all of them.
pub const WIDTH: usize = 8;
/// A weight for each of `W` queries, in whole [`UNIT`]s.
pub(super) type Lanes<const W: usize> = [i16; W];
/// Every value of a code.
const CODES: usize = 1 << 16;

/// Weights by code, with an entry for every code, so that no row asks whether its code is beyond the table.
#[derive(Debug)]
pub(super) struct Table<const W: usize>(Box<[Lanes<W>; CODES]>);

impl<const W: usize> Default for Table<W> {
    fn default() -> Self {
        // Never fails, as the length is right; the other arm would build the table on the stack.
        Self(vec![[0; W]; CODES].into_boxed_slice().try_into().unwrap_or_else(|_| Box::new([[0; W]; CODES])))
    }
}

impl<const W: usize> Table<W> {
    /// Fills a query's lane: by code from the first on, what stands for any value ([`MANY`]) and for none ([`NONE`]).
    pub fn fill(&mut self, lane: usize, weights: impl Iterator<Item = i16>, any: i16, none: i16) {
        self.set(lane, weights.enumerate(), any, none);
    }

    /// Fills the codes of a query's lane that rows have; see [`Table::fill`].
    pub fn set(&mut self, lane: usize, weights: impl Iterator<Item = (usize, i16)>, any: i16, none: i16) {
        for (code, weight) in weights {
            if let Some(entry) = self.0.get_mut(code) {
                entry[lane] = weight;
            }
        }
        self.0[usize::from(MANY)][lane] = any;
        self.0[usize::from(NONE)][lane] = none;
    }

    pub fn at(&self, code: u16) -> &Lanes<W> {
        &self.0[usize::from(code)]
    }
}

/// The tables of `W` queries weighed side by side.
#[derive(Debug)]
pub(super) struct SideBySide<const W: usize> {
    /// By [`RecordKind::stage`] of the row and region, the most that place can give.
    regions: [Table<W>; 3],
    pub births: Table<W>,
    pub sex_nations: Table<W>,
    pub statures: Table<W>,
    pub looks: Table<W>,
    /// By fields that a row has and that hit nothing, what this adds or takes off.
    pub missed: Box<[Lanes<W>; 1 << field::COUNT]>,
    /// By group, the most that time can give.
    pub times: Vec<Lanes<W>>,
    /// By kind of the row, what all fields together have to give at least.
    pub least: [Lanes<W>; RecordKind::COUNT],
}

impl<const W: usize> Default for SideBySide<W> {
    fn default() -> Self {
        Self {
            regions: Default::default(),
            births: Table::default(),
            sex_nations: Table::default(),
            statures: Table::default(),
            looks: Table::default(),
            missed: Box::new([[0; W]; 1 << field::COUNT]),
            times: Vec::new(),
            least: [[i16::MAX; W]; RecordKind::COUNT],
        }
    }
}

impl<const W: usize> SideBySide<W> {
    /// By region, the most that place can give rows of a kind.
    pub const fn regions_of(&self, kind: RecordKind) -> &Table<W> {
        &self.regions[kind.stage() as usize]
    }

    /// As [`Self::regions_of`].
    pub const fn regions_of_mut(&mut self, kind: RecordKind) -> &mut Table<W> {
        &mut self.regions[kind.stage() as usize]
    }

    /// All that a row's values give without time and place and without what its lists hit.
    pub fn fields(&self, row: &Row) -> [&Lanes<W>; 5] {
        [
            self.births.at(row.birth),
            self.sex_nations.at(row.sex_nations),
            self.statures.at(row.stature),
            self.looks.at(row.looks),
            &self.missed[usize::from(row.has & FIELD_BITS)],
        ]
    }
}

/// Stands in [`Passed`] for a row that a list hit, and for one that lies as far above what is asked as can be told.
pub(super) const HIT: i16 = i16::MAX;

/// What a pass over all rows found.
#[derive(Debug)]
pub(super) struct Passed<const W: usize> {
    /// By slot and query, how far what a row gives without lists lies above what is asked; [`HIT`] once a list hit it.
    over: Vec<Lanes<W>>,
    /// By query, slots that may do if no list hits them.
    pub slots: [Vec<u32>; W],
}

impl<const W: usize> Default for Passed<W> {
    fn default() -> Self {
        Self { over: Vec::new(), slots: none() }
    }
}

fn none<const W: usize>() -> [Vec<u32>; W] {
    std::array::from_fn(|_| Vec::new())
}

impl<const W: usize> Passed<W> {
    /// How far the row of a slot lies above what a query asks.
    pub fn over(&mut self, slot: u32, lane: usize) -> &mut i16 {
        &mut self.over[slot as usize][lane]
    }

    /// Asks every row for what all its values but those of lists give each of so many queries at most, and notes who passes; `limit` is that of place and
    /// time. 10 ns a row for eight queries; a query alone is asked for on all cores.
    pub fn ask(&mut self, other: &Index, tables: &mut SideBySide<W>, (limit, asking): (f32, usize)) {
        // What is left in the other lanes asks for nothing.
        for least in &mut tables.least {
            least[asking..].fill(i16::MAX);
        }
        let asking = (other, &*tables, i16::try_from(whole(limit)).unwrap_or(i16::MAX));
        self.over.resize(other.rows.len(), [0; W]);
        for list in &mut self.slots {
            list.clear();
        }
        if W > 1 {
            return ask_rows(asking, (0, &other.rows, &mut self.over), &mut self.slots);
        }
        let ask = |(n, (rows, overs)): (usize, (&[Row], &mut [Lanes<W>]))| {
            let mut passed = none();
            ask_rows(asking, (u32::try_from(n * ALONE).unwrap_or(u32::MAX), rows, overs), &mut passed);
            passed
        };
        let chunks: Vec<[Vec<u32>; W]> = other.rows.par_chunks(ALONE).zip(self.over.par_chunks_mut(ALONE)).enumerate().map(ask).collect();
        for chunk in chunks {
            for (slots, passed) in self.slots.iter_mut().zip(chunk) {
                slots.extend(passed);
            }
        }
    }
}

/// Rows that one core takes at a time when a query is alone.
const ALONE: usize = 1 << 15;

/// Asks rows that lie side by side from the slot `start` on.
fn ask_rows<const W: usize>(
    (other, tables, limit): (&Index, &SideBySide<W>, i16),
    (start, rows, overs): (u32, &[Row], &mut [Lanes<W>]),
    passed: &mut [Vec<u32>; W],
) {
    // Most rows have the group of the row before.
    let (mut number, mut asked) = (NO_GROUP, None);
    for (slot, (row, over)) in (start..).zip(rows.iter().zip(overs)) {
        if row.group != number {
            number = row.group;
            asked = other.groups.get(number as usize).map(|group| AskedOfGroup {
                time: tables.times[number as usize],
                least: tables.least[group.kind as usize],
                regions: tables.regions_of(group.kind),
                limit,
            });
        }
        if let Some(asked) = &asked {
            *over = asked.over(tables, row);
            note(passed, slot, over);
        }
    }
}

/// What the rows of a group are asked for.
struct AskedOfGroup<'a, const W: usize> {
    /// The most that time can give.
    time: Lanes<W>,
    /// What all fields together have to give at least.
    least: Lanes<W>,
    /// By region, the most that place can give.
    regions: &'a Table<W>,
    limit: i16,
}

impl<const W: usize> AskedOfGroup<'_, W> {
    /// How far a row lies above what is asked, for each query.
    #[inline]
    fn over(&self, tables: &SideBySide<W>, row: &Row) -> Lanes<W> {
        let (place, fields) = (self.regions.at(row.region), tables.fields(row));
        if W == 1 {
            // Without eight lanes to fill, wide sums cost less than narrow ones that stop at their range.
            let [time, place, least] = [self.time[0], place[0], self.least[0]].map(i32::from);
            let weight = (time + place).clamp(i32::from(-self.limit), i32::from(self.limit));
            let over = weight + fields.iter().map(|field| i32::from(field[0])).sum::<i32>() - least;
            return [i16::try_from(over).unwrap_or(if over > 0 { i16::MAX } else { i16::MIN }); W];
        }
        std::array::from_fn(|lane| {
            let weight = self.time[lane].saturating_add(place[lane]).clamp(-self.limit, self.limit);
            fields.iter().fold(weight, |sum, field| sum.saturating_add(field[lane])).saturating_sub(self.least[lane])
        })
    }
}

/// Notes a row for the queries that it is not below.
#[inline]
fn note<const W: usize>(passed: &mut [Vec<u32>; W], slot: u32, over: &Lanes<W>) {
    // All are below when all signs are set.
    if over.iter().fold(-1, |all, over| all & over) >= 0 {
        for (over, passed) in over.iter().zip(passed) {
            if *over >= 0 {
                passed.push(slot);
            }
        }
    }
}

/// A weight in whole [`UNIT`]s, not below it.
#[expect(clippy::cast_possible_truncation, reason = "a cast cuts to the range")]
pub(super) fn whole(weight: f32) -> i32 {
    ((weight * UNIT) as i32).saturating_add(1)
}

/// A weight in whole [`UNIT`]s, rounded up; what is below the range of 16 bits stands for its end, and nothing is above it.
pub(super) fn short(weight: f32) -> i16 {
    cut(whole(weight))
}

/// Whole units cut to the range of 16 bits.
#[expect(clippy::cast_possible_truncation, reason = "cut to the range before")]
pub(super) fn cut(units: i32) -> i16 {
    units.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

/// Weights in whole [`UNIT`]s.
pub(super) fn whole_all(weights: &[f32]) -> impl Iterator<Item = i16> {
    weights.iter().map(|w| short(*w))
}
