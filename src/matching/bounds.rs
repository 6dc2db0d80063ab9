//! The most a pair can weigh, found without weighing it: tables of every value the other side has against the query's, and the weight of what
//! agrees by posting lists. A bound is never below the exact weight, so whoever is passed over by it could not have won.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::OnceLock;

use crate::linkage::birth;
use crate::linkage::compare::{self, Context, token_bound};
use crate::linkage::features::{Birth, BirthSource, Features, Place};
use crate::linkage::record::{RecordKind, Side};
use crate::linkage::spacetime::{Relation, country_weight, journey, time_bound, time_class, time_weight};
use crate::linkage::tokens::{TokenId, TokenLevel};

use super::index::{Compact, First, Group, Index, MANY, NONE, Region, Stretch, field, phone_key};
use super::store::Store;

/// What rounding of parts to thousandths and of bounds to single precision may take away.
const SLACK: f32 = 0.02;
/// Posting lists longer than this share of the side are not walked when what they add is small.
const LONG: usize = 64;
/// log10 weight that all lists left out together may have, spread evenly over the query's parts.
const LEFT_OUT: f32 = 0.8;

/// Any class of travel time.
const ANY: u8 = u8::MAX;

/// By value of the query, the weights of all values of the other side; filled when first asked.
type Tables = Vec<OnceLock<Box<[f32]>>>;

/// What many searches of one run share: tables of the other side's values against a value.
#[derive(Debug, Default)]
pub struct Shared {
    /// By side of the query and side searched.
    sex_nations: [[Tables; 2]; 2],
    statures: [[Tables; 2]; 2],
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
        }
    }
}

/// What posting lists found of a row. 4 bytes, so that a million fit where they are read fast.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Hit {
    /// In [`HIT_UNIT`]s, rounded up.
    weight: u16,
    /// Fields that hit; above them the part of the query that hit last, so that each counts once per row.
    fields: u16,
}

/// Units of a hit's weight in log10.
const HIT_UNIT: f32 = 2000.0;
/// The bits of [`Hit::fields`] that are fields.
const FIELD_BITS: u16 = (1 << field::COUNT) - 1;
/// Parts of a query that are told apart; what comes after them may count more than once, which only makes a bound looser.
const PARTS: u16 = u16::MAX >> field::COUNT;

impl Hit {
    /// A weight that reached the end of its range may be anything above.
    fn log10(self) -> f32 {
        if self.weight == u16::MAX { f32::INFINITY } else { f32::from(self.weight) * (1.0 / HIT_UNIT) }
    }

    const fn fields(self) -> u16 {
        self.fields & FIELD_BITS
    }

    const fn has(self, field: usize) -> bool {
        self.fields & 1 << field != 0
    }
}

/// Rows found by posting lists; reused from search to search.
#[derive(Debug, Default)]
pub struct Scratch {
    hits: Vec<Hit>,
}

impl Scratch {
    fn reset(&mut self, rows: usize) {
        self.hits.clear();
        self.hits.resize(rows, Hit::default());
    }

    /// Adds the weight of one part of the query, numbered from 1, to rows that did not have it yet.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "cut to the range before; a bound may be too high, never too low"
    )]
    fn add(&mut self, rows: &[u32], fields: u16, part: u16, weight: f32) {
        let weight = (weight * HIT_UNIT).ceil().clamp(0.0, 65_535.0) as u16;
        let part = if part <= PARTS { part << field::COUNT } else { 0 };
        for &slot in rows {
            let hit = &mut self.hits[slot as usize];
            let counted = part != 0 && hit.fields & !FIELD_BITS == part;
            hit.weight = hit.weight.saturating_add(if counted { 0 } else { weight });
            hit.fields = hit.fields & FIELD_BITS | fields | part;
        }
    }
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

/// A bound on the log10 odds of a row, and the row.
pub(super) type Bounded = (f32, u32);

/// The query's side of all bounds.
pub(super) struct Bounds<'a> {
    store: &'a Store,
    query: &'a Features,
    me: Compact,
    role: Role,
    place: Option<Place>,
    sex_nations: Cow<'a, [f32]>,
    statures: Cow<'a, [f32]>,
    looks: [Vec<f32>; 3],
    /// By field bits: sum for fields that a row has and that hit nothing, and for fields that hit.
    missed: Vec<f32>,
    hit: Vec<f32>,
    /// By class of birth of the row; the last for rows without a birth, and the only one when the query has none.
    births: Vec<f32>,
    /// Most that stature and looks can give.
    fields_most: f32,
    /// Most that stature, looks and birth can give where births are not narrow, and where they are.
    rest: [f32; 2],
    /// Most that the lists left out can give.
    missed_most: f32,
    /// By kind of the row: the prior, and the share of the sum of weights that is kept.
    kinds: [(f32, f32); RecordKind::COUNT],
    /// By stretch: the most that time can give.
    times: Vec<f32>,
    limit: f32,
    /// By relation and region, the last for regions without a number; and the most of each.
    regions: [Vec<f32>; 3],
    /// Likewise the class of travel time; [`ANY`] where it may be any.
    classes: [Vec<u8>; 3],
    region_most: [f32; 3],
}

#[expect(clippy::cast_possible_truncation, reason = "bounds are single precision, with slack")]
impl<'a> Bounds<'a> {
    /// Prepares tables and walks the posting lists into `scratch`.
    pub fn new(
        store: &'a Store,
        (query, me): (&'a Features, Compact),
        against: Side,
        shared: Option<&'a Shared>,
        scratch: &mut Scratch,
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
        let place = store.atlas().place_of(query);
        let sex_nations = table(shared.map(|s| &s.sex_nations[mine][theirs][..]), me.sex_nations, &codes.sex_nations_of, |other| {
            role.most(query, other, |case, record| {
                let sex = compare::sex(c, case, record).map_or(0.0, |o| o.log10);
                let nation = compare::nationality(c, &|n| store.confusions(n), case, record).map_or(0.0, |o| o.log10);
                (sex + nation) as f32
            })
        });
        let statures = table(shared.map(|s| &s.statures[mine][theirs][..]), me.stature, &codes.statures_of, |other| {
            role.most(query, other, |case, record| compare::stature(c, case, record).map_or(0.0, |o| o.log10 as f32))
        });
        let looks = std::array::from_fn(|axis| {
            let mine = query.looks[axis];
            codes.looks_of[axis].iter().map(|theirs| compare::look_of(c, axis, mine, *theirs).map_or(0.0, |o| o.log10 as f32)).collect()
        });
        let most = |t: &[f32]| t.iter().fold(0.0_f32, |m, x| m.max(*x));
        let ended = |t: Vec<f32>| {
            let last = most(&t);
            ending(t, last)
        };
        let births = ending(query.birth.map_or_else(Vec::new, |b| birth::bounds(c, &b)), 0.0);
        let other_births = births.iter().enumerate().filter(|(class, _)| !birth::NARROW.contains(class));
        let births_most = [other_births.fold(0.0, |m: f32, (_, x)| m.max(*x)), most(births.get(birth::NARROW).unwrap_or(&[]))];
        let rest = most(&statures) + looks.iter().map(|t: &Vec<f32>| most(t)).sum::<f32>();
        let mut bounds = Self {
            store,
            query,
            me,
            role,
            place,
            sex_nations,
            statures,
            looks: looks.map(ended),
            missed: Vec::new(),
            hit: Vec::new(),
            births,
            fields_most: rest,
            rest: births_most.map(|b| b + rest),
            missed_most: 0.0,
            kinds: std::array::from_fn(|i| {
                let kind = if role == Role::Record { query.kind } else { RecordKind::ALL[i] };
                let (prior, kept) = match role {
                    Role::Either => store.duplicates(against),
                    _ => (store.prior(kind), store.model().kinds.of(kind).kept),
                };
                (prior.log10() as f32 + SLACK, kept as f32)
            }),
            times: Vec::new(),
            limit: c.model.time.limit as f32,
            regions: Default::default(),
            classes: Default::default(),
            region_most: [f32::NAN; 3],
        };
        scratch.reset(other.firsts.len());
        bounds.times = other.stretches.iter().map(|s| bounds.time_of_stretch(s)).collect();
        bounds.walk(other, scratch);
        bounds
    }

    /// Walks posting lists; lists that are long and weigh little are left out, and everybody is credited with them.
    fn walk(&mut self, other: &Index, scratch: &mut Scratch) {
        let (c, query) = (self.store.context(), self.query);
        let long = (other.firsts.len() / LONG).max(32);
        let parts = name_tokens(query).len() + query.items.iter().map(Vec::len).sum::<usize>();
        let small = LEFT_OUT / parts.max(1) as f32;
        let mut part = 0_u16;
        let mut left_out = [0.0_f32; field::COUNT];
        let mut apart = [0.0_f32; field::COUNT];
        let mut walk_part = |lists: &mut Vec<(f32, &[u32])>, field: usize, scratch: &mut Scratch| {
            part = part.saturating_add(1);
            lists.sort_by(|a, b| b.0.total_cmp(&a.0));
            let mut out = 0.0_f32;
            for (weight, rows) in lists.drain(..) {
                if weight < small && rows.len() > long {
                    out = out.max(weight);
                } else {
                    let fields = if field == field::NAME { 1 << field::NAME | 1 << field::ALIAS } else { 1 << field };
                    scratch.add(rows, fields, part, weight);
                }
            }
            left_out[field] += out;
        };
        let mut lists: Vec<(f32, &[u32])> = Vec::new();
        // Names.
        for (token, times) in name_tokens(query) {
            let like = c.vocabulary.expand(token);
            for _ in 0..times {
                lists.extend(token_lists(c, (token, query.nation()), like, |t| other.rows_of_token(t)));
                walk_part(&mut lists, field::NAME, scratch);
            }
        }
        if !query.forms.is_empty() {
            apart[field::NAME] = compare::name_conflict_bound(c) as f32;
        }
        // Marks, dental findings, garments, belongings.
        for (i, mine) in query.items.iter().enumerate() {
            let theirs = &other.items[i];
            for item in mine {
                let kinds = std::iter::once(item.kind).chain(c.lexicon.similar_to(item.kind));
                for id in kinds.filter_map(|kind| theirs.by_kind.get(&kind)).flatten() {
                    let rows = &theirs.rows[*id as usize];
                    if !rows.is_empty() {
                        let weight = compare::item_weight(c, i, item, &theirs.items[*id as usize]) as f32;
                        if weight > 0.0 {
                            lists.push((weight, rows));
                        }
                    }
                }
                walk_part(&mut lists, field::ITEMS + i, scratch);
            }
            if !mine.is_empty() {
                apart[field::ITEMS + i] = compare::items_apart_bound(c, i, mine.len()) as f32;
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
        walk_part(&mut lists, field::PHONE, scratch);
        for document in &query.documents {
            for id in other.documents.like(document) {
                if let Some(outcome) = compare::document(c, document, &other.documents.texts[id as usize]) {
                    lists.push((outcome.log10 as f32, &other.documents.rows[id as usize]));
                }
            }
        }
        walk_part(&mut lists, field::DOCUMENT, scratch);
        if !query.phones.is_empty() {
            apart[field::PHONE] = c.model.identifiers.phone_different as f32;
        }
        if !query.documents.is_empty() {
            apart[field::DOCUMENT] = c.model.identifiers.document_different as f32;
        }
        // Companions.
        let mut tokens: Vec<TokenId> = query.companions.iter().flatten().copied().collect();
        tokens.sort_unstable();
        for token in tokens {
            let like = c.vocabulary.expand(token);
            lists.extend(token_lists(c, (token, query.nation()), like, |t| other.rows_of_companion(t)));
            walk_part(&mut lists, field::COMPANION, scratch);
        }
        // Parts of addresses.
        for part_of_home in &query.residence {
            for &(like, _) in c.residences.expand(*part_of_home) {
                let rows = other.rows_of_residence(like);
                if let Some(weight) = compare::residence_weight(c, *part_of_home, like).filter(|w| *w > 0.0 && !rows.is_empty()) {
                    lists.push((weight as f32, rows));
                }
            }
            walk_part(&mut lists, field::RESIDENCE, scratch);
        }
        if !query.residence.is_empty() {
            apart[field::RESIDENCE] = c.model.residence.different as f32;
        }
        // Days of birth.
        if let Some(b) = query.birth.filter(|b| b.from == b.to) {
            part = part.saturating_add(1);
            for day in birth::like_days(b.from) {
                if let Some(rows) = other.by_birth_day.get(&day) {
                    let theirs = Birth { from: day, to: day, source: BirthSource::Stated };
                    let weight = birth::weigh(c, &b, &theirs).log10 as f32;
                    if weight > self.births[usize::from(birth::class(&theirs))] {
                        scratch.add(rows, 1 << field::BIRTH_DAY, part, weight);
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
        let mut missed: [f32; field::COUNT] = std::array::from_fn(|f| if left_out[f] > 0.0 { left_out[f] } else { apart[f] });
        missed[field::ALIAS] = left_out[field::NAME];
        self.missed_most = left_out.iter().sum();
        self.missed = sums(missed);
        self.hit = sums(left_out);
    }

    /// Bound on the odds of a row of this kind whose fields weigh at most this much.
    fn odds(&self, kind: RecordKind, weight: f32) -> f32 {
        let (prior, kept) = self.kinds[kind as usize];
        prior + kept * weight
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

    /// The weight of time for a row, exactly; `None` when either event is not known.
    fn time(&self, kind: RecordKind, row: &Compact) -> Option<f32> {
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
        let class = self.classes[relation as usize].get(usize::from(row.region)).copied().unwrap_or(ANY);
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
        Some(time_weight(m, table, (relation, usize::from(class)), lag, points).0 as f32)
    }

    fn time_of_stretch(&self, stretch: &Stretch) -> f32 {
        let (Some((first, last)), true) = (stretch.days, self.me.event != i32::MIN) else { return 0.0 };
        let m = &self.store.model().time;
        let (from, to) = (first.saturating_sub(self.me.event), last.saturating_sub(self.me.event));
        let (lags, since_death) = match self.role_with(stretch.kind) {
            Role::Case => ((from, to), stretch.since_death),
            Role::Record => ((to.saturating_neg(), from.saturating_neg()), self.query.pmi.unwrap_or((u32::MAX, 0))),
            Role::Either => {
                let least = if from <= 0 && to >= 0 { 0 } else { from.saturating_abs().min(to.saturating_abs()) };
                ((least, from.saturating_abs().max(to.saturating_abs())), (u32::MAX, 0))
            }
        };
        time_bound(m, self.store.time_table(), self.relation(stretch.kind), lags, since_death) as f32
    }

    /// Fills the table of what each region can give; returns the most of all.
    fn regions_of(&mut self, relation: Relation) -> f32 {
        let kind = relation as usize;
        if self.region_most[kind].is_nan() {
            (self.regions[kind], self.classes[kind]) = self.store.codes().regions_of.iter().map(|r| self.region_weight(relation, r)).unzip();
            self.region_most[kind] = self.regions[kind].iter().fold(f32::MIN, |m, x| m.max(*x));
            self.regions[kind].push(self.region_most[kind]);
        }
        self.region_most[kind]
    }

    /// A place that stands for a region, and how far its members lie from it.
    fn place_of_region(&self, region: &Region) -> Option<(Place, f32)> {
        match region.place {
            Some(place) => Some((Place { radius_km: region.radius_km, ..place }, region.reach_km)),
            None => self.store.atlas().place_named(region.place_name).map(|p| (p, 0.0)),
        }
    }

    /// The most that place can give a pair with a region, and its class of travel time: a journey depends on nothing of a place but its cell and
    /// whether it is vague.
    fn region_weight(&self, relation: Relation, region: &Region) -> (f32, u8) {
        let c = self.store.context();
        match (&self.place, self.place_of_region(region)) {
            (Some(mine), Some((theirs, reach_km))) => {
                // A region's centre stands for its members, whose own cell is the same.
                let bound = |case: &Place, record: &Place| {
                    let step = journey(c.reach, relation, case, record);
                    let mean = self.store.atlas().mean_log(case, relation);
                    (self.store.place_logs().bound((case, record), reach_km, (relation, step), mean), time_class(step) as u8)
                };
                match self.role {
                    Role::Case => bound(mine, &theirs),
                    Role::Record => bound(&theirs, mine),
                    Role::Either => {
                        let (there, back) = (bound(mine, &theirs), bound(&theirs, mine));
                        (there.0.max(back.0), if there.1 == back.1 { there.1 } else { ANY })
                    }
                }
            }
            _ if self.query.country != 0 && region.country != 0 => {
                (self.role.most(self.query.country, region.country, |case, record| country_weight(c, case, record) as f32), 0)
            }
            _ => (0.0, 0),
        }
    }

    /// The most that stature, looks and posting lists can give a row.
    fn fields(&self, row: &Compact, hit: Hit) -> f32 {
        let known = |table: &[f32], code: u16| if code == NONE { 0.0 } else { at(table, code) };
        let looks = known(&self.looks[0], row.looks[0]) + known(&self.looks[1], row.looks[1]) + known(&self.looks[2], row.looks[2]);
        let lists = hit.log10() + self.missed[usize::from(row.has & !hit.fields())] + self.hit[usize::from(hit.fields())];
        known(&self.statures, row.stature) + looks + lists
    }

    /// The bound of one row, given the most that its time and place can give, and what sex and nationality do; `None` when it lies below `above`.
    fn row(&self, kind: RecordKind, (time, place, sex_nations): (f32, f32, f32), row: &Compact, hit: Hit, above: f32) -> Option<f32> {
        let (limit, fields) = (self.limit, self.fields(row, hit) + sex_nations);
        // A hit by the day of birth brought its whole weight along.
        let birth = if hit.has(field::BIRTH_DAY) { 0.0 } else { at(&self.births, row.birth) };
        if self.odds(kind, fields + birth + (time + place).clamp(-limit, limit)) < above {
            return None;
        }
        let time = self.time(kind, row).unwrap_or(0.0);
        let bound = self.odds(kind, fields + birth + (time + place).clamp(-limit, limit));
        (bound >= above).then_some(bound)
    }

    /// The rows whose bound is not below `above`: in every group, read in the order of memory, those to which posting lists gave what is missing
    /// there. A group that misses more than lists gave any row is passed over.
    pub fn reach(&mut self, other: &Index, scratch: &Scratch, above: f32, out: &mut Vec<Bounded>) {
        for relation in [Relation::Living, Relation::Remains, Relation::Report] {
            self.regions_of(relation);
        }
        // Per stretch what sex, nationality and posting lists must add, without and with narrow births; what lists add beyond their weights is
        // credited to all.
        let needed: Vec<[f32; 2]> = other
            .stretches
            .iter()
            .zip(&self.times)
            .map(|(stretch, time)| {
                let anywhere = self.region_most[self.relation(stretch.kind) as usize];
                let (prior, kept) = self.kinds[stretch.kind as usize];
                let most = (time + anywhere).clamp(-self.limit, self.limit) + self.missed_most;
                self.rest.map(|rest| (above - prior) / kept - most - rest)
            })
            .collect();
        let most_hit = scratch.hits.iter().fold(0, |most, hit| hit.weight.max(most));
        for (number, group) in (0..).zip(&other.groups) {
            let lacks = needed[group.stretch as usize][usize::from(group.narrow)] - at(&self.sex_nations, group.sex_nations);
            #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "cut to the range before; rounded down")]
            let from_lists = (lacks * HIT_UNIT).clamp(0.0, 65_535.0) as u16;
            if from_lists > most_hit {
                continue;
            }
            let asked = self.asked(other, group, above);
            let run = group.run.start as usize..group.run.end as usize;
            for (slot, hit) in (group.run.start..).zip(&scratch.hits[run]).filter(|(_, hit)| hit.weight >= from_lists) {
                let first = other.firsts[slot as usize];
                if first.group == number && asked.enough(first, *hit) {
                    out.extend(self.slot(other, &asked, slot, first, *hit));
                }
            }
            for slot in &group.later {
                let (first, hit) = (other.firsts[*slot as usize], scratch.hits[*slot as usize]);
                if hit.weight >= from_lists && asked.enough(first, hit) {
                    out.extend(self.slot(other, &asked, *slot, first, hit));
                }
            }
        }
    }

    /// What the rows of a group have in common, and what they are asked for.
    fn asked(&self, other: &Index, group: &Group, above: f32) -> Asked<'_> {
        let kind = other.stretches[group.stretch as usize].kind;
        let (prior, kept) = self.kinds[kind as usize];
        let (time, sex_nations) = (self.times[group.stretch as usize], at(&self.sex_nations, group.sex_nations));
        let needed = (above - prior) / kept - self.fields_most - self.missed_most - sex_nations;
        Asked {
            kind,
            places: &self.regions[self.relation(kind) as usize],
            births: &self.births,
            limit: self.limit,
            time,
            sex_nations,
            needed,
            above,
        }
    }

    /// The bound of the row in a slot, if it is not below what is asked.
    fn slot(&self, other: &Index, asked: &Asked<'_>, slot: u32, first: First, hit: Hit) -> Option<Bounded> {
        let parts = (asked.time, at(asked.places, first.region), asked.sex_nations);
        Some((self.row(asked.kind, parts, other.compact(slot), hit, asked.above)?, slot))
    }
}

/// What rows of a group have in common, and what they are asked for.
struct Asked<'a> {
    kind: RecordKind,
    /// By region, the most that place can give.
    places: &'a [f32],
    /// By class, the most that birth can give.
    births: &'a [f32],
    limit: f32,
    /// The most that time can give.
    time: f32,
    sex_nations: f32,
    /// What place, time, birth and posting lists have to give at least.
    needed: f32,
    /// The least bound of interest.
    above: f32,
}

impl Asked<'_> {
    /// True when place, time, birth and posting lists may give a row enough.
    #[inline]
    fn enough(&self, first: First, hit: Hit) -> bool {
        let birth = at(self.births, first.birth);
        // A hit by the day of birth brought the weight of the birth along.
        let birth = if hit.has(field::BIRTH_DAY) { birth.max(0.0) } else { birth };
        (self.time + at(self.places, first.region)).clamp(-self.limit, self.limit) + birth + hit.log10() >= self.needed
    }
}

/// An entry of a table, or its last for a code beyond it.
#[inline]
fn at(table: &[f32], code: u16) -> f32 {
    table.get(usize::from(code)).or(table.last()).copied().unwrap_or(0.0)
}

/// A table with a last entry for codes beyond it.
fn ending(mut table: Vec<f32>, last: f32) -> Vec<f32> {
    table.push(last);
    table
}

/// The posting lists of the tokens like one (of a record of this nation), with the most each can weigh.
#[expect(clippy::cast_possible_truncation, reason = "bounds are single precision, with slack")]
fn token_lists<'a>(
    c: Context<'a>,
    (token, nation): (TokenId, u16),
    like: &[(TokenId, TokenLevel)],
    rows_of: impl Fn(TokenId) -> &'a [u32],
) -> impl Iterator<Item = (f32, &'a [u32])> {
    like.iter().filter_map(move |&(like, level)| {
        let rows = rows_of(like);
        let weigh = || token_bound(c, token, like, level, nation) as f32;
        (!rows.is_empty()).then(weigh).filter(|w| *w > 0.0).map(|w| (w, rows))
    })
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

/// A table of one value against all values of its kind, the most of all (and of none) at its end; shared when the run keeps one.
fn table<'a>(shared: Option<&'a [OnceLock<Box<[f32]>>]>, code: u16, values: &[Features], weigh: impl Fn(&Features) -> f32) -> Cow<'a, [f32]> {
    let weights = || {
        let mut out: Vec<f32> = values.iter().map(&weigh).collect();
        out.push(out.iter().fold(0.0, |most, w| w.max(most)));
        out.into_boxed_slice()
    };
    match shared.and_then(|s| s.get(usize::from(code))) {
        Some(slot) => Cow::Borrowed(slot.get_or_init(weights)),
        None => Cow::Owned(weights().into_vec()),
    }
}
