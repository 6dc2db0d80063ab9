//! Every row asked at once, for one query or for eight side by side: weights in whole small numbers, tables of them by the codes of a row's values, and
//! the pass over all rows.

use rayon::prelude::*;

use crate::linkage::record::RecordKind;

use super::index::{Index, MANY, NO_GROUP, NONE, Row, field};

/// Units of one in log10.
pub(super) const UNIT: f32 = 1000.0;
/// The bits of [`Row::has`] that are fields.
pub(super) const FIELD_BITS: u16 = (1 << field::COUNT) - 1;

/// Queries that are weighed side by side: one instruction weighs a row for all of them.
pub const WIDTH: usize = 8;
/// A weight for each query, in whole [`UNIT`]s.
pub(super) type Lanes = [i16; WIDTH];
/// Every value of a code.
const CODES: usize = 1 << 16;

/// Weights by code, with an entry for every code, so that no row asks whether its code is beyond the table.
#[derive(Debug)]
pub(super) struct Table(Box<[Lanes; CODES]>);

impl Default for Table {
    fn default() -> Self {
        // Never fails, as the length is right; the other arm would build the table on the stack.
        Self(vec![[0; WIDTH]; CODES].into_boxed_slice().try_into().unwrap_or_else(|_| Box::new([[0; WIDTH]; CODES])))
    }
}

impl Table {
    /// Fills a query's lane: by code, what stands for any value ([`MANY`]) and for none ([`NONE`]).
    pub fn fill(&mut self, lane: usize, weights: impl Iterator<Item = i16>, any: i16, none: i16) {
        for (entry, weight) in self.0.iter_mut().zip(weights) {
            entry[lane] = weight;
        }
        self.0[usize::from(MANY)][lane] = any;
        self.0[usize::from(NONE)][lane] = none;
    }

    pub fn at(&self, code: u16) -> &Lanes {
        &self.0[usize::from(code)]
    }
}

/// The tables of the queries weighed side by side.
#[derive(Debug)]
pub(super) struct SideBySide {
    /// By kind of the row and region, the most that place can give.
    pub regions: [Table; RecordKind::COUNT],
    pub births: Table,
    pub sex_nations: Table,
    pub statures: Table,
    pub looks: Table,
    /// By fields that a row has and that hit nothing, what this adds or takes off.
    pub missed: Box<[Lanes; 1 << field::COUNT]>,
    /// By group, the most that time can give.
    pub times: Vec<Lanes>,
    /// By kind of the row, what all fields together have to give at least.
    pub least: [Lanes; RecordKind::COUNT],
}

impl Default for SideBySide {
    fn default() -> Self {
        Self {
            regions: Default::default(),
            births: Table::default(),
            sex_nations: Table::default(),
            statures: Table::default(),
            looks: Table::default(),
            missed: Box::new([[0; WIDTH]; 1 << field::COUNT]),
            times: Vec::new(),
            least: [[i16::MAX; WIDTH]; RecordKind::COUNT],
        }
    }
}

impl SideBySide {
    /// All that a row's values give without time and place and without what its lists hit.
    pub fn fields(&self, row: &Row) -> [&Lanes; 5] {
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
#[derive(Debug, Default)]
pub(super) struct Passed {
    /// By slot and query, how far what a row gives without lists lies above what is asked; [`HIT`] once a list hit it.
    over: Vec<i16>,
    /// How many queries it tells of.
    lanes: usize,
    /// By query, slots that may do if no list hits them.
    pub slots: [Vec<u32>; WIDTH],
}

impl Passed {
    /// How far the row of a slot lies above what a query asks.
    pub fn over(&mut self, slot: u32, lane: usize) -> &mut i16 {
        &mut self.over[slot as usize * self.lanes + lane]
    }

    /// Asks every row for what all its values but those of lists give each of so many queries at most, and notes who passes; `limit` is that of place and
    /// time. 10 ns a row, however many ask.
    pub fn ask(&mut self, other: &Index, tables: &mut SideBySide, (limit, asking): (f32, usize)) {
        for list in &mut self.slots {
            list.clear();
        }
        match asking {
            0 => {}
            1 => self.ask_for_one(other, tables, whole(limit)),
            _ => {
                // What is left in the other lanes asks for nothing.
                for least in &mut tables.least {
                    least[asking..].fill(i16::MAX);
                }
                self.ask_for_all(other, tables, i16::try_from(whole(limit)).unwrap_or(i16::MAX));
            }
        }
    }

    /// For one query, on all cores: eight lanes would cost it as much as eight queries.
    fn ask_for_one(&mut self, other: &Index, tables: &SideBySide, limit: i32) {
        self.lanes = 1;
        self.over.resize(other.rows.len(), 0);
        let of = |lanes: &Lanes| i32::from(lanes[0]);
        let of_chunk = |(rows, overs): (&[Row], &mut [i16])| {
            let mut passed = Vec::new();
            // Most rows have the group of the row before.
            let (mut number, mut asked) = (NO_GROUP, None);
            for (n, (row, over)) in (0_u32..).zip(rows.iter().zip(overs)) {
                if row.group != number {
                    number = row.group;
                    let kind = other.groups.get(number as usize).map(|group| group.kind as usize);
                    asked = kind.map(|kind| (of(&tables.times[number as usize]), of(&tables.least[kind]), &tables.regions[kind]));
                }
                let Some((time, least, regions)) = asked else { continue };
                let place_time = (time + of(regions.at(row.region))).clamp(-limit, limit);
                let units = place_time + tables.fields(row).into_iter().map(of).sum::<i32>() - least;
                *over = i16::try_from(units).unwrap_or(if units > 0 { i16::MAX } else { i16::MIN });
                if units >= 0 {
                    passed.push(n);
                }
            }
            passed
        };
        let chunks: Vec<Vec<u32>> = other.rows.par_chunks(ALONE).zip(self.over.par_chunks_mut(ALONE)).map(of_chunk).collect();
        for (start, chunk) in (0..).step_by(ALONE).zip(chunks) {
            self.slots[0].extend(chunk.into_iter().map(|n| start + n));
        }
    }

    /// For as many queries as there are lanes.
    fn ask_for_all(&mut self, other: &Index, tables: &SideBySide, limit: i16) {
        self.lanes = WIDTH;
        self.over.resize(other.rows.len() * WIDTH, 0);
        let (overs, passed) = (self.over.as_chunks_mut::<WIDTH>().0, &mut self.slots);
        for (number, group) in (0..).zip(&other.groups) {
            let asked = AskedOfGroup {
                time: tables.times[number as usize],
                least: tables.least[group.kind as usize],
                regions: &tables.regions[group.kind as usize],
                limit,
            };
            let run = group.run.start as usize..group.run.end as usize;
            let rows = (group.run.start..).zip(other.rows[run.clone()].iter().zip(overs[run].iter_mut()));
            for (slot, (row, over)) in rows {
                // A slot used again lies in the run of another group.
                if row.group == number {
                    *over = asked.over(tables, row);
                    note(passed, slot, over);
                }
            }
            for &slot in &group.later {
                let over = asked.over(tables, &other.rows[slot as usize]);
                overs[slot as usize] = over;
                note(passed, slot, &over);
            }
        }
    }
}

/// Rows that one core takes at a time when a query is alone.
const ALONE: usize = 1 << 15;

/// What the rows of a group are asked for.
struct AskedOfGroup<'a> {
    /// The most that time can give.
    time: Lanes,
    /// What all fields together have to give at least.
    least: Lanes,
    /// By region, the most that place can give.
    regions: &'a Table,
    limit: i16,
}

impl AskedOfGroup<'_> {
    /// How far a row lies above what is asked, for each query.
    #[inline]
    fn over(&self, tables: &SideBySide, row: &Row) -> Lanes {
        let (place, fields) = (self.regions.at(row.region), tables.fields(row));
        std::array::from_fn(|lane| {
            let weight = self.time[lane].saturating_add(place[lane]).clamp(-self.limit, self.limit);
            fields.iter().fold(weight, |sum, field| sum.saturating_add(field[lane])).saturating_sub(self.least[lane])
        })
    }
}

/// Notes a row for the queries that it is not below.
#[inline]
fn note(passed: &mut [Vec<u32>; WIDTH], slot: u32, over: &Lanes) {
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
    i16::try_from(whole(weight).max(i32::from(i16::MIN))).unwrap_or(i16::MAX)
}

/// Weights in whole [`UNIT`]s.
pub(super) fn whole_all(weights: &[f32]) -> impl Iterator<Item = i16> {
    weights.iter().map(|w| short(*w))
}
