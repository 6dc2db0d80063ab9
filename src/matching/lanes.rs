//! Every row asked at once, for one query or for eight side by side: weights in whole small numbers, tables of them by the codes of a row's values, and
//! the pass over all rows.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::linkage::record::RecordKind;

use super::index::{Index, MANY, NONE, Row, field};

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
    /// By query, slots that may do if no list hits them; in no order where a query is alone.
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
        let pieces = Mutex::new((0_u32..).step_by(ALONE).zip(other.rows.chunks(ALONE).zip(self.over.chunks_mut(ALONE))));
        let all = Mutex::new(&mut self.slots);
        // This thread begins without waiting for another. The others may be at long work of somebody else's, and are waited for at the end: few rows are
        // not shared out.
        let work = || {
            let mut passed = none();
            loop {
                let piece = lock(&pieces).next();
                let Some((start, (rows, overs))) = piece else { break };
                ask_rows(asking, (start, rows, overs), &mut passed);
            }
            for (slots, passed) in lock(&all).iter_mut().zip(&mut passed) {
                slots.append(passed);
            }
        };
        rayon::in_place_scope(|scope| {
            for _ in 1..rayon::current_num_threads().min(1 + other.rows.len() / SHARED) {
                scope.spawn(|_| work());
            }
            work();
        });
    }
}

/// What is guarded, also after a thread that held it failed.
fn lock<T>(guarded: &Mutex<T>) -> MutexGuard<'_, T> {
    guarded.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Rows that one core takes at a time when a query is alone; few in tests, so that a small corpus makes many pieces.
const ALONE: usize = if cfg!(test) { 64 } else { 1 << 13 };
/// Rows for each further core that is asked for help.
const SHARED: usize = 4 * ALONE;

/// Asks rows that lie side by side from the slot `start` on.
fn ask_rows<const W: usize>(
    (other, tables, limit): (&Index, &SideBySide<W>, i16),
    (start, rows, overs): (u32, &[Row], &mut [Lanes<W>]),
    passed: &mut [Vec<u32>; W],
) {
    let (mut from, mut left) = (start, overs);
    for rows in rows.chunk_by(|a, b| a.group == b.group) {
        let (overs, others) = left.split_at_mut(rows.len());
        let group = rows.first().and_then(|row| Some((row.group, other.groups.get(row.group as usize)?.kind)));
        if let Some((number, kind)) = group {
            let asked = AskedOfGroup {
                time: tables.times[number as usize],
                least: tables.least[kind as usize],
                regions: tables.regions_of(kind),
                limit,
            };
            asked.over(tables, rows, overs);
            note(passed, from, overs);
        }
        from = from.saturating_add(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        left = others;
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
    /// How far each row lies above what is asked, for each query.
    fn over(&self, tables: &SideBySide<W>, rows: &[Row], overs: &mut [Lanes<W>]) {
        if W == 1 {
            // Without eight lanes to fill, wide sums cost less than narrow ones that stop at their range.
            let [time, least, limit] = [self.time[0], self.least[0], self.limit].map(i32::from);
            for (row, over) in rows.iter().zip(overs) {
                let weight = (time + i32::from(self.regions.at(row.region)[0])).clamp(-limit, limit);
                let fields: i32 = tables.fields(row).iter().map(|field| i32::from(field[0])).sum();
                *over = [cut(weight + fields - least); W];
            }
            return;
        }
        for (row, over) in rows.iter().zip(overs) {
            let (place, fields) = (self.regions.at(row.region), tables.fields(row));
            *over = std::array::from_fn(|lane| {
                let weight = self.time[lane].saturating_add(place[lane]).clamp(-self.limit, self.limit);
                fields.iter().fold(weight, |sum, field| sum.saturating_add(field[lane])).saturating_sub(self.least[lane])
            });
        }
    }
}

/// Rows that are looked at together for one that passes.
const TOGETHER: usize = 16;

/// Notes rows for the queries that they are not below.
fn note<const W: usize>(passed: &mut [Vec<u32>; W], start: u32, overs: &[Lanes<W>]) {
    for (from, overs) in (start..).step_by(TOGETHER).zip(overs.chunks(TOGETHER)) {
        // All are below when all signs are set.
        if overs.as_flattened().iter().fold(-1, |all, over| all & over) >= 0 {
            for (slot, over) in (from..).zip(overs) {
                for (over, passed) in over.iter().zip(&mut *passed) {
                    if *over >= 0 {
                        passed.push(slot);
                    }
                }
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
