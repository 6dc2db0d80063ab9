//! The most a pair can weigh, found without weighing it: tables of every value the other side has against the query's, and the weight of what
//! agrees by posting lists. A bound is never below the exact weight, so whoever is passed over by it could not have won.

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::linkage::birth;
use crate::linkage::compare::{self, Context, Outcome, token_bound};
use crate::linkage::features::{Birth, BirthSource, Features, Place};
use crate::linkage::model::Model;
use crate::linkage::record::{RecordKind, Side};
use crate::linkage::spacetime::{Relation, country_weight, journey, time_bound, time_class, time_most};
use crate::linkage::tokens::TokenId;

use super::index::{Group, Index, MANY, Moment, NONE, Region, Row, field, name_parts, phone_key};
use super::store::Store;

/// What rounding of parts to thousandths and of bounds to single precision may take away.
const SLACK: f32 = 0.03;
/// Posting lists longer than this share of the side are not walked when what they add is small.
const LONG: usize = 64;
/// log10 weight that all lists left out together may have, spread evenly over the query's parts.
const LEFT_OUT: f32 = 0.8;

/// By number of a field of posting lists, its code and the level of two records that have the field and share nothing in it.
const LEVELS_OF: [(&str, &str); field::COUNT] = [
    ("name", "name.conflict"),
    ("marks", "marks.none_shared"),
    ("dental", "dental.none_shared"),
    ("clothing", "clothing.none_shared"),
    ("belongings", "belongings.none_shared"),
    ("phone", "phone.disagree"),
    ("document", "document.disagree"),
    ("companions", "companions.none_shared"),
    ("name", "name.conflict"),
    ("residence", "residence.disagree"),
];

/// The weight, in [`UNIT`]s, of a value that has no number ([`MANY`]): it may agree with the query's, which no value that has one need do, and weighs
/// less than a hundred million.
const ANY_VALUE: i16 = 8000;

/// Any class of travel time.
const ANY: u8 = u8::MAX;

/// By value of the query, the weights of all values of the other side; filled when first asked.
type Tables = Vec<OnceLock<Box<[f32]>>>;

/// Tokens with the most that each can weigh.
type Alike = Arc<[(f32, TokenId)]>;

/// What many searches of one run share: tables of the other side's values against a value, and of its groups against a day.
#[derive(Debug, Default)]
pub struct Shared {
    /// By side of the query and side searched.
    sex_nations: [[Tables; 2]; 2],
    statures: [[Tables; 2]; 2],
    /// By day of a case's event, what time can give each group of found records.
    times: FxHashMap<i32, OnceLock<Box<[f32]>>>,
    /// By token and nation of its record.
    alike: RwLock<FxHashMap<(TokenId, u16), Alike>>,
}

impl Shared {
    /// Room for everything the store knows now; of no use after it changed.
    #[must_use]
    pub fn new(store: &Store) -> Self {
        fn room<T>(n: usize) -> Vec<OnceLock<T>> {
            (0..n).map(|_| OnceLock::new()).collect()
        }
        let codes = store.codes();
        Self {
            sex_nations: std::array::from_fn(|_| std::array::from_fn(|_| room(codes.sex_nations_of.len()))),
            statures: std::array::from_fn(|_| std::array::from_fn(|_| room(codes.statures_of.len()))),
            times: store.halves[Side::Case.index()].index.moments.iter().map(|m| (m.event, OnceLock::new())).collect(),
            alike: RwLock::default(),
        }
    }

    /// What [`alike`] gives, computed once.
    fn alike(&self, c: Context<'_>, token: TokenId, nation: u16) -> Alike {
        let known = self.alike.read().unwrap_or_else(PoisonError::into_inner).get(&(token, nation)).cloned();
        known.unwrap_or_else(|| {
            let made = alike(c, token, nation);
            self.alike.write().unwrap_or_else(PoisonError::into_inner).insert((token, nation), made.clone());
            made
        })
    }
}

/// What posting lists found of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Hit {
    /// Of all but names, in [`UNIT`]s, rounded up.
    weight: u16,
    /// Likewise of names.
    name: u16,
    /// Fields that hit; above them the part of the query that hit last, so that each counts once per row.
    fields: u16,
    /// Parts of the name that hit: those that are no surname in the query, and those that are one.
    parts: [u8; 2],
}

/// Units of a hit's weight, and of what bounds ask first, in log10.
const UNIT: f32 = 1000.0;
/// The bits of [`Hit::fields`] that are fields.
const FIELD_BITS: u16 = (1 << field::COUNT) - 1;
/// The bits of a name and of nicknames.
const NAMES: u16 = 1 << field::NAME | 1 << field::ALIAS;
/// Units that stand for any weight: above all sums of weights, and few enough to be told apart in single precision.
const ENDLESS: i32 = 1 << 20;
/// Parts of a query that are told apart; what comes after them may count more than once, which only makes a bound looser.
const PARTS: u16 = u16::MAX >> field::COUNT;

impl Hit {
    /// All weights in [`UNIT`]s; what reached the end of its range may be anything above.
    const fn units(self) -> i32 {
        if self.weight == u16::MAX || self.name == u16::MAX { ENDLESS } else { self.weight as i32 + self.name as i32 }
    }

    const fn fields(self) -> u16 {
        self.fields & FIELD_BITS
    }
}

/// Queries that are weighed side by side: one instruction weighs a row for all of them.
pub const WIDTH: usize = 8;
/// A weight for each query, in whole [`UNIT`]s.
type Lanes = [i16; WIDTH];
/// Every value of a code.
const CODES: usize = 1 << 16;

/// Weights by code, with an entry for every code, so that no row asks whether its code is beyond the table.
#[derive(Debug)]
struct Table(Box<[Lanes; CODES]>);

impl Default for Table {
    fn default() -> Self {
        // Never fails, as the length is right; the other arm would build the table on the stack.
        Self(vec![[0; WIDTH]; CODES].into_boxed_slice().try_into().unwrap_or_else(|_| Box::new([[0; WIDTH]; CODES])))
    }
}

impl Table {
    /// Fills a query's lane: by code, what stands for any value ([`MANY`]) and for none ([`NONE`]).
    fn fill(&mut self, lane: usize, weights: impl Iterator<Item = i16>, any: i16, none: i16) {
        for (entry, weight) in self.0.iter_mut().zip(weights) {
            entry[lane] = weight;
        }
        self.0[usize::from(MANY)][lane] = any;
        self.0[usize::from(NONE)][lane] = none;
    }

    fn at(&self, code: u16) -> &Lanes {
        &self.0[usize::from(code)]
    }
}

/// The tables of the queries weighed side by side.
#[derive(Debug)]
struct SideBySide {
    /// By kind of the row and region, the most that place can give.
    regions: [Table; RecordKind::COUNT],
    births: Table,
    sex_nations: Table,
    statures: Table,
    looks: Table,
    /// By fields that a row has and that hit nothing, what this adds or takes off.
    missed: Box<[Lanes; 1 << field::COUNT]>,
    /// By group, the most that time can give.
    times: Vec<Lanes>,
    /// By kind of the row, what all fields together have to give at least.
    least: [Lanes; RecordKind::COUNT],
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
    fn fields(&self, row: &Row) -> [&Lanes; 5] {
        [
            self.births.at(row.birth),
            self.sex_nations.at(row.sex_nations),
            self.statures.at(row.stature),
            self.looks.at(row.looks),
            &self.missed[usize::from(row.has & FIELD_BITS)],
        ]
    }
}

/// Rows found, and tables; reused from search to search.
#[derive(Debug, Default)]
pub struct Scratch {
    /// By slot, the place after its hit among the hits; 0 for rows that nothing hit, as all are between searches.
    places: Vec<u32>,
    hits: Vec<(u32, Hit)>,
    tables: SideBySide,
    /// By slot and query, how far what a row gives without lists lies above what is asked.
    over: Vec<i16>,
    /// How many queries it tells of.
    lanes: usize,
    /// By query, slots that may do if no list hits them.
    passed: [Vec<u32>; WIDTH],
}

impl Scratch {
    /// Adds the weight of a list to its rows, once for each part of the query; rows that come up now and could not reach what is asked any more are
    /// passed over.
    fn add(&mut self, list: &Postings<'_>, lane: usize) {
        let part = if list.part <= PARTS { list.part << field::COUNT } else { 0 };
        let new = Hit { weight: list.weight, name: list.name, fields: list.fields | part, parts: list.parts };
        for &slot in list.rows {
            let place = &mut self.places[slot as usize];
            let Some((_, hit)) = (*place as usize).checked_sub(1).and_then(|at| self.hits.get_mut(at)) else {
                if i32::from(self.over[slot as usize * self.lanes + lane]) + list.ahead >= 0 {
                    self.hits.push((slot, new));
                    *place = u32::try_from(self.hits.len()).unwrap_or(u32::MAX);
                }
                continue;
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

/// Rows that carry something a part of the query agrees with.
struct Postings<'a> {
    rows: &'a [u32],
    /// As in a [`Hit`]; one of the two is nothing.
    weight: u16,
    name: u16,
    fields: u16,
    parts: [u8; 2],
    /// Number of the query's part, from 1.
    part: u16,
    /// The most that this list and those after it can give a row that none before it hit, in [`UNIT`]s.
    ahead: i32,
}

/// The part a query plays in its pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Case,
    Record,
    /// Among its own side: whichever tells of the earlier moment stands as the case.
    Either,
}

impl Role {
    /// The most a weight can be, given what the case and what the record say.
    fn most<T: Copy>(self, mine: T, theirs: T, weigh: impl Fn(T, T) -> f32) -> f32 {
        match self {
            Self::Case => weigh(mine, theirs),
            Self::Record => weigh(theirs, mine),
            Self::Either => weigh(mine, theirs).max(weigh(theirs, mine)),
        }
    }
}

/// A bound on a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounded {
    pub slot: u32,
    /// Of its log10 odds.
    pub log10_odds: f32,
    /// Of it, the weights of name and birth, and the share of all weights that is kept.
    name: f32,
    birth: f32,
    kept: f32,
}

impl Bounded {
    /// The bound when the outcome of the birth is known, and perhaps that of the name.
    #[expect(clippy::cast_possible_truncation, reason = "bounds are single precision, with slack")]
    pub fn after(&self, birth: Option<Outcome>, name: Option<Option<Outcome>>) -> f32 {
        let log10 = |outcome: Option<Outcome>| outcome.map_or(0.0, |o| o.log10 as f32);
        let less = log10(birth) - self.birth + name.map_or(0.0, |name| log10(name) - self.name);
        self.log10_odds + self.kept * less
    }
}

/// What it takes off a name that parts of it agree with nothing, by how many parts hit and what a row's name is made of.
struct NameClashes {
    /// By parts that hit (those that are no surname in the query, and those that are; 3 for more) and shape of the row's name.
    units: [i16; 256],
    /// The weight of names of -k tenths, when they may be another's.
    false_names: [f32; FALSE_STEPS + 1],
}

/// Tenths of log10 over which [`NameClashes::false_names`] runs.
const FALSE_STEPS: usize = 60;

impl NameClashes {
    /// Nothing is taken off where the query's name can be read in several ways.
    fn new(model: &Model, query: &Features) -> Self {
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
    fn parts(query: &Features, token: TokenId) -> [u8; 2] {
        let roles = query.forms.iter().flat_map(|f| &f.tokens).filter(|t| t.0 == token);
        let [mut other, mut surname] = [query.aliases.contains(&token), false];
        for (_, role) in roles {
            surname |= role.is_surname();
            other |= !role.is_surname();
        }
        [u8::from(other), u8::from(surname)]
    }

    /// The most that lists' hits give a row's name, in [`UNIT`]s, with what it is made of.
    fn units(&self, hit: Hit, has: u16) -> i32 {
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

/// The query's side of all bounds; most of it stands in its lane of [`SideBySide`].
pub(super) struct Bounds<'a> {
    store: &'a Store,
    query: &'a Features,
    me: Moment,
    role: Role,
    place: Option<Place>,
    lane: usize,
    lists: Vec<Postings<'a>>,
    /// By fields that hit, what their levels and the lists left out of them can give, in [`UNIT`]s; and the most that it can matter besides that they
    /// are not apart.
    credits: Vec<i16>,
    not_apart: Vec<i16>,
    clashes: NameClashes,
    /// By kind of the row: the prior, and the share of the sum of weights that is kept.
    kinds: [(f32, f32); RecordKind::COUNT],
    limit: f32,
    /// By relation and region the class of travel time; [`ANY`] where it may be any.
    classes: [Vec<u8>; 3],
}

#[expect(clippy::cast_possible_truncation, reason = "bounds are single precision, with slack")]
impl<'a> Bounds<'a> {
    /// Prepares the query's lane of the tables; `above` is what a bound has to reach. 0.2 ms among 100,000 rows.
    pub fn new(
        store: &'a Store,
        (query, (row, me)): (&'a Features, (Row, Moment)),
        against: Side,
        shared: Option<&'a Shared>,
        (scratch, lane, above): (&mut Scratch, usize, f32),
    ) -> Self {
        let other = &store.halves[against.index()].index;
        let c = store.context();
        let codes = store.codes();
        let role = match query.side {
            side if side == against => Role::Either,
            Side::Case => Role::Case,
            Side::Found => Role::Record,
        };
        let (mine, theirs) = (query.side.index(), against.index());
        let weight = |outcome| c.model.levels.corrected(outcome).map_or(0.0, |o: Outcome| o.log10);
        let sex_nations = table(shared.map(|s| &s.sex_nations[mine][theirs][..]), row.sex_nations, &codes.sex_nations_of, |other| {
            role.most(query, other, |case, record| {
                let sex = weight(compare::sex(c, case, record));
                let nation = weight(compare::nationality(c, &|n| store.confusions(n), case, record));
                (sex + nation) as f32
            })
        });
        let statures = table(shared.map(|s| &s.statures[mine][theirs][..]), row.stature, &codes.statures_of, |other| {
            role.most(query, other, |case, record| weight(compare::stature(c, case, record)) as f32)
        });
        let axes: [Vec<f32>; 3] = std::array::from_fn(|axis| {
            let mine = query.looks[axis];
            codes.axes_of[axis].iter().map(|theirs| weight(compare::look_of(c, axis, mine, *theirs)) as f32).collect()
        });
        let births = query.birth.map_or_else(|| vec![0.0; birth::CLASSES], |b| birth::bounds(c, &b, &other.births));
        let look = |(axis, code): (&Vec<f32>, &u16)| match *code {
            NONE => 0.0,
            code => axis.get(usize::from(code)).copied().unwrap_or(f32::from(ANY_VALUE) / UNIT),
        };
        let tables = &mut scratch.tables;
        tables.sex_nations.fill(lane, whole_all(&sex_nations), ANY_VALUE, 0);
        tables.statures.fill(lane, whole_all(&statures), ANY_VALUE, 0);
        tables.births.fill(lane, whole_all(&births), 0, 0);
        let looks = codes.looks_of.iter().map(|codes| short(axes.iter().zip(codes).map(look).sum()));
        tables.looks.fill(lane, looks, ANY_VALUE, 0);
        let mut bounds = Self {
            store,
            query,
            me,
            role,
            place: store.atlas().place_of(query),
            lane,
            lists: Vec::new(),
            credits: Vec::new(),
            not_apart: Vec::new(),
            clashes: NameClashes::new(c.model, query),
            kinds: std::array::from_fn(|i| {
                let kind = if role == Role::Record { query.kind } else { RecordKind::ALL[i] };
                let (prior, kept) = match role {
                    Role::Either => store.duplicates(against),
                    _ => (store.prior(kind), store.model().kinds.of(kind).kept),
                };
                (prior.log10() as f32 + SLACK, kept as f32)
            }),
            limit: c.model.time.limit as f32,
            classes: Default::default(),
        };
        for (least, (prior, kept)) in tables.least.iter_mut().zip(bounds.kinds) {
            // A unit lower than asked, for rounding; one below the range is reached by all.
            least[lane] = short((above - prior) / kept).saturating_sub(2);
        }
        let times = || other.groups.iter().map(|g| bounds.time_of_group(g)).collect();
        let day = shared.and_then(|s| s.times.get(&me.event)).filter(|_| role == Role::Case && against == Side::Found);
        let times: Cow<'_, [f32]> = match day {
            Some(day) => Cow::Borrowed(day.get_or_init(times)),
            None => Cow::Owned(times().into_vec()),
        };
        tables.times.resize(other.groups.len(), [0; WIDTH]);
        for (entry, time) in tables.times.iter_mut().zip(&*times) {
            entry[lane] = short(*time);
        }
        bounds.find_lists(other, &births, shared, tables);
        bounds.regions(tables);
        bounds
    }

    /// The query.
    pub const fn query(&self) -> &'a Features {
        self.query
    }

    /// Puts the lists of the parts that weigh most first, as they are the short ones: most rows of the others are too far off by then.
    fn order_lists(&mut self) {
        let weight = |list: &Postings<'_>| i32::from(list.weight) + i32::from(list.name);
        let mut most: FxHashMap<u16, i32> = FxHashMap::default();
        for list in &self.lists {
            let most = most.entry(list.part).or_default();
            *most = weight(list).max(*most);
        }
        self.lists.sort_by_key(|list| (Reverse(most[&list.part]), list.part));
        // From the last list on: what the parts after this one give, and what this one gives.
        let (mut after, mut here, mut fields, mut part) = (0, 0, 0_u16, 0);
        for list in self.lists.iter_mut().rev() {
            if list.part != part || list.part > PARTS {
                (after, here, part) = (after + here, 0, list.part);
            }
            here = weight(list).max(here);
            fields |= list.fields;
            list.ahead = after + here + i32::from(self.not_apart[usize::from(fields)]) + ROUNDING;
        }
    }

    /// Finds the posting lists of what agrees; lists that are long and weigh little are left out, and everybody is credited with them.
    fn find_lists(&mut self, other: &'a Index, births: &[f32], shared: Option<&Shared>, tables: &mut SideBySide) {
        let (c, query) = (self.store.context(), self.query);
        let long = (other.rows.len() / LONG).max(32);
        let parts = name_tokens(query).len() + query.items.iter().map(Vec::len).sum::<usize>();
        let small = LEFT_OUT / parts.max(1) as f32;
        let mut part = 0_u16;
        let mut left_out = [0.0_f32; field::COUNT];
        let mut apart = [0.0_f32; field::COUNT];
        // What the level of a field adds at most: credited to whatever hits.
        let levels = &c.model.levels;
        let level_most = LEVELS_OF.map(|(code, _)| levels.most_of_field(code).max(0.0) as f32);
        let level_apart = LEVELS_OF.map(|(_, apart)| levels.of(apart) as f32);
        let mut found: Vec<Postings<'a>> = Vec::new();
        let mut walk_part = |lists: &mut Vec<(f32, &'a [u32])>, field: usize, parts: [u8; 2]| {
            part = part.saturating_add(1);
            lists.sort_by(|a, b| b.0.total_cmp(&a.0));
            let mut out = 0.0_f32;
            for (weight, rows) in lists.drain(..) {
                // Of names nothing is left out: the tokens that did not hit say as much as those that did.
                if field != field::NAME && weight < small && rows.len() > long {
                    // Also a weight of nothing: whoever agrees is not apart.
                    out = out.max(weight).max(f32::MIN_POSITIVE);
                } else {
                    found.push(if field == field::NAME {
                        Postings { rows, weight: 0, name: unsigned(weight), fields: NAMES, parts, part, ahead: 0 }
                    } else {
                        Postings { rows, weight: unsigned(weight), name: 0, fields: 1 << field, parts, part, ahead: 0 }
                    });
                }
            }
            left_out[field] += out;
        };
        let mut lists: Vec<(f32, &'a [u32])> = Vec::new();
        let alike = |token: TokenId| match shared {
            Some(shared) => shared.alike(c, token, query.nation()),
            None => alike(c, token, query.nation()),
        };
        // Names.
        for (token, times) in name_tokens(query) {
            let parts = NameClashes::parts(query, token);
            let alike = alike(token);
            for _ in 0..times {
                lists.extend(alike.iter().map(|&(weight, like)| (weight, other.rows_of_token(like))).filter(|(_, rows)| !rows.is_empty()));
                walk_part(&mut lists, field::NAME, parts);
            }
        }
        if !query.forms.is_empty() {
            apart[field::NAME] = compare::name_conflict_bound(c) as f32 + level_apart[field::NAME];
        } else if !query.aliases.is_empty() {
            apart[field::NAME] = level_apart[field::NAME].max(0.0);
        }
        // Marks, dental findings, garments, belongings.
        for (i, mine) in query.items.iter().enumerate() {
            let theirs = &other.items[i];
            for item in mine {
                let kinds = std::iter::once(item.kind).chain(c.lexicon.similar_to(item.kind));
                for id in kinds.filter_map(|kind| theirs.by_kind.get(&kind)).flatten() {
                    let rows = &theirs.rows[*id as usize];
                    if !rows.is_empty() {
                        let other = &theirs.items[*id as usize];
                        let weight = compare::item_weight(c, i, item, other) as f32;
                        if weight > 0.0 || item == other {
                            lists.push((weight.max(0.0), rows));
                        }
                    }
                }
                walk_part(&mut lists, field::ITEMS + i, [0; 2]);
            }
            if !mine.is_empty() {
                apart[field::ITEMS + i] = compare::items_apart_bound(c, i, mine.len()) as f32 + level_apart[field::ITEMS + i];
            }
        }
        // Numbers: one pair counts, the best.
        for phone in &query.phones {
            for id in other.phones.like(phone_key(phone)) {
                if let Some(weight) = compare::phone_bound(c, phone, &other.phones.texts[id as usize]) {
                    lists.push((weight as f32, &other.phones.rows[id as usize]));
                }
            }
        }
        walk_part(&mut lists, field::PHONE, [0; 2]);
        for document in &query.documents {
            for id in other.documents.like(document) {
                if let Some(outcome) = compare::document(c, document, &other.documents.texts[id as usize]) {
                    lists.push((outcome.log10 as f32, &other.documents.rows[id as usize]));
                }
            }
        }
        walk_part(&mut lists, field::DOCUMENT, [0; 2]);
        if !query.phones.is_empty() {
            apart[field::PHONE] = c.model.identifiers.phone_different as f32 + level_apart[field::PHONE];
        }
        if !query.documents.is_empty() {
            apart[field::DOCUMENT] = c.model.identifiers.document_different as f32 + level_apart[field::DOCUMENT];
        }
        // Companions.
        let mut tokens: Vec<TokenId> = query.companions.iter().flatten().copied().collect();
        tokens.sort_unstable();
        for token in tokens {
            lists
                .extend(alike(token).iter().map(|&(weight, like)| (weight, other.rows_of_companion(like))).filter(|(_, rows)| !rows.is_empty()));
            walk_part(&mut lists, field::COMPANION, [0; 2]);
        }
        if !query.companions.is_empty() {
            apart[field::COMPANION] = level_apart[field::COMPANION];
        }
        // Parts of addresses.
        for part_of_home in &query.residence {
            for &(like, _) in c.residences.expand(*part_of_home) {
                let rows = other.rows_of_residence(like);
                if let Some(weight) = compare::residence_weight(c, *part_of_home, like).filter(|w| *w > 0.0 && !rows.is_empty()) {
                    lists.push((weight as f32, rows));
                }
            }
            walk_part(&mut lists, field::RESIDENCE, [0; 2]);
        }
        if !query.residence.is_empty() {
            apart[field::RESIDENCE] = c.model.residence.different as f32 + level_apart[field::RESIDENCE];
        }
        // Days of birth.
        if let Some(b) = query.birth.filter(|b| b.from == b.to) {
            part = part.saturating_add(1);
            for day in birth::like_days(b.from, other.birth_days()) {
                if let Some(rows) = other.by_birth_day.get(&day) {
                    let theirs = Birth { from: day, to: day, source: BirthSource::Stated };
                    let outcome = birth::weigh(c, &b, &theirs);
                    let weight = (outcome.log10 + levels.of(outcome.level)) as f32;
                    let known = births[usize::from(birth::class(&theirs))];
                    if weight > known {
                        found.push(Postings { rows, weight: unsigned(weight - known), name: 0, fields: 0, parts: [0; 2], part, ahead: 0 });
                    }
                }
            }
        }
        // Over every set of fields, each from the set without its lowest field.
        let sums = |values: [f32; field::COUNT]| {
            let mut out = vec![0.0_f32; 1 << field::COUNT];
            for bits in 1_usize..1 << field::COUNT {
                out[bits] = out[bits & (bits - 1)] + values[bits.trailing_zeros() as usize];
            }
            out
        };
        let credited = |f: usize| left_out[f] > 0.0;
        let mut missed: [f32; field::COUNT] = std::array::from_fn(|f| if credited(f) { left_out[f] + level_most[f] } else { apart[f] });
        let alias = if query.forms.is_empty() && query.aliases.is_empty() { 0.0 } else { level_apart[field::ALIAS].max(0.0) };
        missed[field::ALIAS] = alias;
        for (entry, sum) in tables.missed.iter_mut().zip(sums(missed)) {
            entry[self.lane] = short(sum);
        }
        let credits: [f32; field::COUNT] = std::array::from_fn(|f| left_out[f] + if f == field::ALIAS { 0.0 } else { level_most[f] });
        self.not_apart = sums(std::array::from_fn(|f| credits[f] + (-missed[f]).max(0.0))).into_iter().map(short).collect();
        self.credits = sums(credits).into_iter().map(short).collect();
        self.lists = found;
        self.order_lists();
    }

    fn relation(&self, kind: RecordKind) -> Relation {
        match self.role_with(kind) {
            Role::Record => Relation::between(kind, self.query.kind),
            _ => Relation::between(self.query.kind, kind),
        }
    }

    /// The part the query plays beside records of a kind: among its own side, the moment decides only where neither kind comes first.
    fn role_with(&self, kind: RecordKind) -> Role {
        match (self.role, self.query.kind.stage().cmp(&kind.stage())) {
            (Role::Either, Ordering::Less) => Role::Case,
            (Role::Either, Ordering::Greater) => Role::Record,
            (role, _) => role,
        }
    }

    /// The most that time weighs for a row, hardly above the weight; `None` when either event is not known.
    fn time(&self, kind: RecordKind, region: u16, row: Moment) -> Option<f32> {
        if self.me.event == i32::MIN || row.event == i32::MIN {
            return None;
        }
        let after = row.event.saturating_sub(self.me.event);
        let (lag, interval) = match self.role_with(kind) {
            Role::Case => (after, row.interval),
            Role::Record => (after.saturating_neg(), self.me.interval),
            // Of two bodies, neither interval counts; nobody else has one.
            Role::Either => (after.saturating_abs(), NONE),
        };
        let (m, table, relation) = (&self.store.model().time, self.store.time_table(), self.relation(kind));
        let class = self.classes[relation as usize].get(usize::from(region)).copied().unwrap_or(ANY);
        let points = (interval != NONE && interval != MANY).then(|| &self.store.codes().intervals_of[usize::from(interval)]);
        if interval == MANY || class == ANY {
            let days = |d: i32| u32::try_from(d).unwrap_or(0);
            let since_death = match points {
                Some(points) => (days(points[0]), days(points[8])),
                None if interval == MANY => (0, u32::MAX),
                None => (u32::MAX, 0),
            };
            return Some(time_bound(m, table, relation, (lag, lag), since_death) as f32);
        }
        Some(time_most(m, table, (relation, usize::from(class)), lag, points))
    }

    fn time_of_group(&self, group: &Group) -> f32 {
        let (Some((first, last)), true) = (group.days, self.me.event != i32::MIN) else { return 0.0 };
        let m = &self.store.model().time;
        let (from, to) = (first.saturating_sub(self.me.event), last.saturating_sub(self.me.event));
        let (lags, since_death) = match self.role_with(group.kind) {
            Role::Case => ((from, to), group.since_death),
            Role::Record => ((to.saturating_neg(), from.saturating_neg()), self.query.pmi.unwrap_or((u32::MAX, 0))),
            Role::Either => {
                let least = if from <= 0 && to >= 0 { 0 } else { from.saturating_abs().min(to.saturating_abs()) };
                ((least, from.saturating_abs().max(to.saturating_abs())), (u32::MAX, 0))
            }
        };
        time_bound(m, self.store.time_table(), self.relation(group.kind), lags, since_death) as f32
    }

    /// Fills the tables of what each region can give.
    fn regions(&mut self, tables: &mut SideBySide) {
        let codes = self.store.codes();
        let mut weights: [Vec<i16>; 3] = std::array::from_fn(|_| Vec::with_capacity(codes.regions_of.len()));
        let mut classes: [Vec<u8>; 3] = std::array::from_fn(|_| Vec::with_capacity(codes.regions_of.len()));
        for region in &codes.regions_of {
            let of_region = self.region_weights(region);
            for ((weights, classes), (weight, class)) in weights.iter_mut().zip(&mut classes).zip(of_region) {
                weights.push(short(weight));
                classes.push(class);
            }
        }
        for kind in RecordKind::ALL {
            let weights = &weights[self.relation(kind) as usize];
            // Cut to the limit of place and time.
            tables.regions[kind as usize].fill(self.lane, weights.iter().copied(), i16::MAX, i16::MAX);
        }
        self.classes = classes;
    }

    /// A place that stands for a region, and how far its members lie from it.
    fn place_of_region(&self, region: &Region) -> Option<(Place, f32)> {
        match region.place {
            Some(place) => Some((Place { radius_km: region.radius_km, ..place }, region.reach_km)),
            None => self.store.atlas().place_named(region.place_name).map(|p| (p, 0.0)),
        }
    }

    /// By relation the most that place can give a pair with a region, and its class of travel time: a journey depends on nothing of a place but its
    /// cell and whether it is vague.
    fn region_weights(&self, region: &Region) -> [(f32, u8); 3] {
        let c = self.store.context();
        match (&self.place, self.place_of_region(region)) {
            (Some(mine), Some((theirs, reach_km))) => {
                // A region's centre stands for its members, whose own cell is the same.
                let bound = |case: &Place, record: &Place| {
                    let step = journey(c.reach, Relation::Living, case, record);
                    let bounds = self.store.place_logs().bounds((case, record), reach_km, step, self.store.atlas().mean_logs(case));
                    let class = time_class(step) as u8;
                    [(bounds[0], class), (bounds[1], class), (bounds[2], 0)]
                };
                match self.role {
                    Role::Case => bound(mine, &theirs),
                    Role::Record => bound(&theirs, mine),
                    Role::Either => {
                        let (there, back) = (bound(mine, &theirs), bound(&theirs, mine));
                        let class = |i: usize| if there[i].1 == back[i].1 { there[i].1 } else { ANY };
                        std::array::from_fn(|i| (there[i].0.max(back[i].0), class(i)))
                    }
                }
            }
            _ if self.query.country != 0 && region.country != 0 => {
                [(self.role.most(self.query.country, region.country, |case, record| country_weight(c, case, record) as f32), 0); 3]
            }
            _ => [(0.0, 0); 3],
        }
    }

    /// The rows whose bound is not below what was asked, among those that [`pass`] found and those that lists hit. 4 ns for each, and 20 for those that
    /// are near.
    pub fn reach(&self, other: &Index, scratch: &mut Scratch, out: &mut Vec<Bounded>) {
        scratch.places.resize(other.rows.len(), 0);
        for list in &self.lists {
            scratch.add(list, self.lane);
        }
        let Scratch { places, hits, over, lanes, tables, passed } = scratch;
        let passed = passed[self.lane].drain(..).filter(|slot| places[*slot as usize] == 0);
        out.extend(passed.filter_map(|slot| self.slot(other, tables, slot, Hit::default())));
        for (slot, hit) in hits.drain(..) {
            places[slot as usize] = 0;
            let over = i32::from(over[slot as usize * *lanes + self.lane]) + ROUNDING;
            if over + hit.units() + i32::from(self.not_apart[usize::from(hit.fields())]) >= 0 {
                out.extend(self.slot(other, tables, slot, hit));
            }
        }
    }

    /// The bound of the row in a slot, if it is not below what is asked.
    fn slot(&self, other: &Index, tables: &SideBySide, slot: u32, hit: Hit) -> Option<Bounded> {
        let (lane, row) = (self.lane, other.rows.get(slot as usize)?);
        let kind = other.groups.get(row.group as usize)?.kind;
        let of = |lanes: &Lanes| i32::from(lanes[lane]);
        let missed = Row { has: row.has & !hit.fields(), ..*row };
        let fields: i32 = tables.fields(&missed).into_iter().map(of).sum();
        let birth = of(tables.births.at(row.birth));
        let name = self.clashes.units(hit, row.has);
        let fields = fields + name.saturating_add(i32::from(hit.weight)) + i32::from(self.credits[usize::from(hit.fields())]);
        let (place, limit) = (of(tables.regions[kind as usize].at(row.region)), whole(self.limit));
        let least = of(&tables.least[kind as usize]);
        if fields + (of(&tables.times[row.group as usize]) + place).clamp(-limit, limit) < least {
            return None;
        }
        let time = self.time(kind, row.region, other.moments[slot as usize]).map_or(0, whole);
        let weight = fields + (time + place).clamp(-limit, limit);
        let (prior, kept) = self.kinds[kind as usize];
        (weight >= least).then(|| {
            // Whatever is not apart from the name is the name's; a name that hit nothing is what it is missed by.
            let fields = usize::from((row.has & FIELD_BITS) & !hit.fields() & NAMES);
            let name = name + i32::from(self.credits[usize::from(hit.fields() & NAMES)]) + of(&tables.missed[fields]);
            let log10 = |units: i32| units as f32 / UNIT;
            Bounded { slot, log10_odds: prior + kept * log10(weight), name: log10(name), birth: log10(birth), kept }
        })
    }
}

/// Units that sums of parts rounded up and rounded sums may differ by.
const ROUNDING: i32 = 4;

/// Asks every row for what all its values but those of lists give each of the queries at most, and notes who passes. 10 ns a row, however many ask.
pub(super) fn pass(other: &Index, queries: &[Bounds<'_>], scratch: &mut Scratch) {
    for list in &mut scratch.passed {
        list.clear();
    }
    match queries {
        [] => {}
        [query] => pass_alone(other, query.limit, scratch),
        [query, ..] => pass_together(other, (query.limit, queries.len()), scratch),
    }
}

/// Rows that one core takes at a time when a query is alone.
const ALONE: usize = 1 << 15;

/// [`pass`] for one query, on all cores: lanes would cost it as much as eight.
fn pass_alone(other: &Index, limit: f32, scratch: &mut Scratch) {
    let Scratch { tables, passed, over: overs, lanes, .. } = scratch;
    *lanes = 1;
    overs.resize(other.rows.len(), 0);
    let (tables, limit) = (&*tables, whole(limit));
    let of = |lanes: &Lanes| i32::from(lanes[0]);
    let ask = |row: &Row| {
        let kind = other.groups.get(row.group as usize)?.kind as usize;
        let place_time = (of(&tables.times[row.group as usize]) + of(tables.regions[kind].at(row.region))).clamp(-limit, limit);
        Some(place_time + tables.fields(row).into_iter().map(of).sum::<i32>() - of(&tables.least[kind]))
    };
    let of_chunk = |(rows, overs): (&[Row], &mut [i16])| {
        let mut passed = Vec::new();
        for (n, (row, over)) in (0_u32..).zip(rows.iter().zip(overs)) {
            if let Some(units) = ask(row) {
                *over = i16::try_from(units).unwrap_or(if units > 0 { i16::MAX } else { i16::MIN });
                if units >= 0 {
                    passed.push(n);
                }
            }
        }
        passed
    };
    let chunks: Vec<Vec<u32>> = other.rows.par_chunks(ALONE).zip(overs.par_chunks_mut(ALONE)).map(of_chunk).collect();
    for (start, chunk) in (0..).step_by(ALONE).zip(chunks) {
        passed[0].extend(chunk.into_iter().map(|n| start + n));
    }
}

/// [`pass`] for at most as many queries as there are lanes.
fn pass_together(other: &Index, (limit, asking): (f32, usize), scratch: &mut Scratch) {
    let Scratch { tables, passed, over: overs, lanes, .. } = scratch;
    *lanes = WIDTH;
    // What is left in the other lanes asks for nothing.
    for least in &mut tables.least {
        least[asking..].fill(i16::MAX);
    }
    overs.resize(other.rows.len() * WIDTH, 0);
    let overs = overs.as_chunks_mut::<WIDTH>().0;
    let limit = i16::try_from(whole(limit)).unwrap_or(i16::MAX);
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
fn whole(weight: f32) -> i32 {
    ((weight * UNIT) as i32).saturating_add(1)
}

/// A weight in whole [`UNIT`]s, rounded up; what is below the range of 16 bits stands for its end, and nothing is above it.
fn short(weight: f32) -> i16 {
    i16::try_from(whole(weight).max(i32::from(i16::MIN))).unwrap_or(i16::MAX)
}

/// The weight of a hit in whole [`UNIT`]s, rounded up.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut to the range before; a bound may be too high, never too low")]
fn unsigned(weight: f32) -> u16 {
    (weight * UNIT).ceil().clamp(0.0, 65_535.0) as u16
}

/// Weights in whole [`UNIT`]s.
fn whole_all(weights: &[f32]) -> impl Iterator<Item = i16> {
    weights.iter().map(|w| short(*w))
}

/// The tokens like one of a record of this nation, with the most that each can weigh.
#[expect(clippy::cast_possible_truncation, reason = "bounds are single precision, with slack")]
fn alike(c: Context<'_>, token: TokenId, nation: u16) -> Alike {
    let weighed = c.vocabulary.expand(token).iter().map(|&(like, level)| (token_bound(c, token, like, level, nation) as f32, like));
    weighed.filter(|(weight, _)| *weight > 0.0).collect()
}

/// Distinct name tokens of a query with how often each can be matched.
fn name_tokens(query: &Features) -> Vec<(TokenId, usize)> {
    let mut out: Vec<(TokenId, usize)> = query.distinct_tokens().into_iter().map(|t| (t, 1)).collect();
    for (token, times) in &mut out {
        let aliases = query.aliases.iter().filter(|a| **a == *token).count();
        let most = query.forms.iter().map(|f| f.tokens.iter().filter(|t| t.0 == *token).count()).max().unwrap_or(0);
        *times = (most + aliases).max(1);
    }
    out
}

/// A table of one value against all values of its kind; shared when the run keeps one.
fn table<'a>(shared: Option<&'a [OnceLock<Box<[f32]>>]>, code: u16, values: &[Features], weigh: impl Fn(&Features) -> f32) -> Cow<'a, [f32]> {
    let weights = || values.iter().map(&weigh).collect::<Box<[f32]>>();
    match shared.and_then(|s| s.get(usize::from(code))) {
        Some(slot) => Cow::Borrowed(slot.get_or_init(weights)),
        None => Cow::Owned(weights().into_vec()),
    }
}
