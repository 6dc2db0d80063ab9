//! The most a pair can weigh, found without weighing it: tables of every value the other side has against the query's, and the weight of what
//! agrees by posting lists. A bound is never below the exact weight, so whoever is passed over by it could not have won.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::OnceLock;

use crate::linkage::birth;
use crate::linkage::compare::{self, Context, Outcome, token_bound};
use crate::linkage::features::{Birth, BirthSource, Features, Place};
use crate::linkage::record::{RecordKind, Side};
use crate::linkage::spacetime::{Relation, country_weight, journey, time_bound, time_class, time_weight};
use crate::linkage::tokens::{TokenId, TokenLevel};

use super::index::{Compact, First, Group, Index, MANY, NONE, Region, field, phone_key};
use super::store::Store;

/// What rounding of parts to thousandths and of bounds to single precision may take away.
const SLACK: f32 = 0.02;
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
    /// In [`UNIT`]s, rounded up.
    weight: u16,
    /// Fields that hit; above them the part of the query that hit last, so that each counts once per row.
    fields: u16,
}

/// Units of a hit's weight, and of what bounds ask first, in log10.
const UNIT: f32 = 2000.0;
/// The bits of [`Hit::fields`] that are fields.
const FIELD_BITS: u16 = (1 << field::COUNT) - 1;
/// Parts of a query that are told apart; what comes after them may count more than once, which only makes a bound looser.
const PARTS: u16 = u16::MAX >> field::COUNT;

impl Hit {
    /// A weight that reached the end of its range may be anything above.
    fn log10(self) -> f32 {
        if self.weight == u16::MAX { f32::INFINITY } else { f32::from(self.weight) * (1.0 / UNIT) }
    }

    const fn fields(self) -> u16 {
        self.fields & FIELD_BITS
    }
}

/// Rows found by posting lists; reused from search to search.
#[derive(Debug, Default)]
pub struct Scratch {
    hits: Vec<Hit>,
    /// Rows of a group that may do.
    passed: Vec<u32>,
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
        let weight = (weight * UNIT).ceil().clamp(0.0, 65_535.0) as u16;
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
    /// By fields that a row has and that hit nothing, what this takes off.
    apart: Vec<i16>,
    /// By class of birth of the row; the last for rows without a birth, and the only one when the query has none.
    births: Vec<f32>,
    /// Most that stature and looks can give.
    fields_most: f32,
    /// Most that the lists left out can give.
    missed_most: f32,
    /// By kind of the row: the prior, and the share of the sum of weights that is kept.
    kinds: [(f32, f32); RecordKind::COUNT],
    /// By group, the most that time can give.
    times: Vec<f32>,
    limit: f32,
    /// By relation and region, the last for regions without a number.
    regions: [Vec<f32>; 3],
    /// Likewise the class of travel time; [`ANY`] where it may be any.
    classes: [Vec<u8>; 3],
}

#[expect(clippy::cast_possible_truncation, reason = "bounds are single precision, with slack")]
impl<'a> Bounds<'a> {
    /// Prepares tables and walks the posting lists into `scratch`.
    pub fn new(
        store: &'a Store,
        (query, (first, me)): (&'a Features, (First, Compact)),
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
        let weight = |outcome| c.model.levels.corrected(outcome).map_or(0.0, |o: Outcome| o.log10);
        let sex_nations = table(shared.map(|s| &s.sex_nations[mine][theirs][..]), first.sex_nations, &codes.sex_nations_of, |other| {
            role.most(query, other, |case, record| {
                let sex = weight(compare::sex(c, case, record));
                let nation = weight(compare::nationality(c, &|n| store.confusions(n), case, record));
                (sex + nation) as f32
            })
        });
        let statures = table(shared.map(|s| &s.statures[mine][theirs][..]), me.stature, &codes.statures_of, |other| {
            role.most(query, other, |case, record| weight(compare::stature(c, case, record)) as f32)
        });
        let looks = std::array::from_fn(|axis| {
            let mine = query.looks[axis];
            codes.looks_of[axis].iter().map(|theirs| weight(compare::look_of(c, axis, mine, *theirs)) as f32).collect()
        });
        let most = |t: &[f32]| t.iter().fold(0.0_f32, |m, x| m.max(*x));
        let ended = |t: Vec<f32>| {
            let last = most(&t);
            ending(t, last)
        };
        let births = ending(query.birth.map_or_else(Vec::new, |b| birth_bounds(c, &b, other)), 0.0);
        let fields_most = most(&statures) + looks.iter().map(|t: &Vec<f32>| most(t)).sum::<f32>();
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
            apart: Vec::new(),
            births,
            fields_most,
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
        };
        scratch.reset(other.firsts.len());
        bounds.times = other.groups.iter().map(|g| bounds.time_of_group(g)).collect();
        bounds.walk(other, scratch);
        for relation in [Relation::Living, Relation::Remains, Relation::Report] {
            bounds.regions_of(relation);
        }
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
        // What the level of a field adds: with the weight of whatever hits, so that who has it is credited; counted once per hit, which is never too low.
        let levels = &c.model.levels;
        let level_most = LEVELS_OF.map(|(code, _)| levels.most_of_field(code).max(0.0) as f32);
        let level_apart = LEVELS_OF.map(|(_, apart)| levels.of(apart) as f32);
        let mut walk_part = |lists: &mut Vec<(f32, &[u32])>, field: usize, scratch: &mut Scratch| {
            part = part.saturating_add(1);
            lists.sort_by(|a, b| b.0.total_cmp(&a.0));
            let mut out = 0.0_f32;
            for (weight, rows) in lists.drain(..) {
                if weight < small && rows.len() > long {
                    // Also a weight of nothing: whoever agrees is not apart.
                    out = out.max(weight).max(f32::MIN_POSITIVE);
                } else {
                    let fields = if field == field::NAME { 1 << field::NAME | 1 << field::ALIAS } else { 1 << field };
                    scratch.add(rows, fields, part, weight + level_most[field]);
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
                walk_part(&mut lists, field::ITEMS + i, scratch);
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
            apart[field::PHONE] = c.model.identifiers.phone_different as f32 + level_apart[field::PHONE];
        }
        if !query.documents.is_empty() {
            apart[field::DOCUMENT] = c.model.identifiers.document_different as f32 + level_apart[field::DOCUMENT];
        }
        // Companions.
        let mut tokens: Vec<TokenId> = query.companions.iter().flatten().copied().collect();
        tokens.sort_unstable();
        for token in tokens {
            let like = c.vocabulary.expand(token);
            lists.extend(token_lists(c, (token, query.nation()), like, |t| other.rows_of_companion(t)));
            walk_part(&mut lists, field::COMPANION, scratch);
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
            walk_part(&mut lists, field::RESIDENCE, scratch);
        }
        if !query.residence.is_empty() {
            apart[field::RESIDENCE] = c.model.residence.different as f32 + level_apart[field::RESIDENCE];
        }
        // Days of birth.
        if let Some(b) = query.birth.filter(|b| b.from == b.to) {
            part = part.saturating_add(1);
            for day in birth::like_days(b.from) {
                if let Some(rows) = other.by_birth_day.get(&day) {
                    let theirs = Birth { from: day, to: day, source: BirthSource::Stated };
                    let outcome = birth::weigh(c, &b, &theirs);
                    let weight = (outcome.log10 + levels.of(outcome.level)) as f32;
                    let known = self.births[usize::from(birth::class(&theirs))];
                    if weight > known {
                        scratch.add(rows, 0, part, weight - known);
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
        missed[field::ALIAS] = if credited(field::NAME) { missed[field::NAME] } else { alias };
        // No row has both a name and nothing but nicknames.
        let most_of = |f: usize| if f == field::ALIAS { missed[f] - missed[field::NAME].max(0.0) } else { missed[f] };
        self.missed_most = (0..field::COUNT).map(|f| most_of(f).max(0.0)).sum();
        let alone = std::array::from_fn(|f| if credited(f) || f == field::ALIAS { 0.0 } else { apart[f].min(0.0) });
        self.apart = short(&sums(alone));
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
    fn time(&self, kind: RecordKind, region: u16, row: &Compact) -> Option<f32> {
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
        Some(time_weight(m, table, (relation, usize::from(class)), lag, points).0 as f32)
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

    /// Fills the table of what each region can give.
    fn regions_of(&mut self, relation: Relation) {
        let (mut weights, classes): (Vec<f32>, _) = self.store.codes().regions_of.iter().map(|r| self.region_weight(relation, r)).unzip();
        weights.push(weights.iter().fold(0.0, |m, x| m.max(*x)));
        (self.regions[relation as usize], self.classes[relation as usize]) = (weights, classes);
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

    /// The rows whose bound is not below `above`. Every row is asked in whole numbers for what tells most rows apart, and who passes for the rest.
    /// 2 ns a row, and 20 for each that passes.
    pub fn reach(&self, other: &Index, scratch: &mut Scratch, above: f32, out: &mut Vec<Bounded>) {
        let regions = self.regions.each_ref().map(|r| short(r));
        let (births, sex_nations) = (short(&self.births), short(&self.sex_nations));
        let limit = whole(self.limit);
        let Scratch { hits, passed } = scratch;
        for (number, group) in (0..).zip(&other.groups) {
            let (relation, (prior, kept)) = (self.relation(group.kind) as usize, self.kinds[group.kind as usize]);
            let asked =
                Asked { kind: group.kind, time: self.times[number as usize], places: &self.regions[relation], weight: (above - prior) / kept };
            let (time, least) = (whole(asked.time), -whole(self.fields_most + self.missed_most - asked.weight));
            let run = group.run.start as usize..group.run.end as usize;
            let rows = (group.run.start..).zip(other.firsts[run.clone()].iter().zip(&hits[run.clone()]));
            if passed.len() < run.len() {
                passed.resize(run.len(), 0);
            }
            let mut n = 0;
            for (slot, (first, hit)) in rows {
                let place_time = (time + entry(&regions[relation], first.region)).clamp(-limit, limit);
                let lists = i32::from(hit.weight) + entry(&self.apart, first.has & !hit.fields());
                let weight = place_time + entry(&births, first.birth) + entry(&sex_nations, first.sex_nations) + lists;
                // Every slot is written, and overwritten by the next unless it passed: no branch to guess wrong.
                if let Some(place) = passed.get_mut(n) {
                    *place = slot;
                }
                n += usize::from(weight >= least);
            }
            for slot in passed.iter().take(n).filter(|slot| other.owners[**slot as usize] == number).chain(&group.later) {
                out.extend(self.slot(other, &asked, *slot, hits[*slot as usize]));
            }
        }
    }

    /// The bound of the row in a slot, if it is not below what is asked.
    fn slot(&self, other: &Index, asked: &Asked<'_>, slot: u32, hit: Hit) -> Option<Bounded> {
        let (limit, first, row) = (self.limit, other.firsts[slot as usize], &other.rows[slot as usize]);
        let known = |table: &[f32], code: u16| if code == NONE { 0.0 } else { at(table, code) };
        let lists = hit.log10() + self.missed[usize::from(first.has & !hit.fields())] + self.hit[usize::from(hit.fields())];
        let looks: f32 = self.looks.iter().zip(row.looks).map(|(table, code)| known(table, code)).sum();
        let fields =
            at(&self.births, first.birth) + at(&self.sex_nations, first.sex_nations) + lists + known(&self.statures, row.stature) + looks;
        let place = at(asked.places, first.region);
        if fields + (asked.time + place).clamp(-limit, limit) < asked.weight {
            return None;
        }
        let time = self.time(asked.kind, first.region, row).unwrap_or(0.0);
        let weight = fields + (time + place).clamp(-limit, limit);
        (weight >= asked.weight).then(|| (self.odds(asked.kind, weight), slot))
    }
}

/// What the rows of a group have in common, and what they are asked for.
struct Asked<'a> {
    kind: RecordKind,
    /// The most that time can give.
    time: f32,
    /// By region, the most that place can give.
    places: &'a [f32],
    /// What all fields together have to give at least.
    weight: f32,
}

/// A weight in whole [`UNIT`]s, not below it.
#[expect(clippy::cast_possible_truncation, reason = "a cast cuts to the range")]
fn whole(weight: f32) -> i32 {
    ((weight * UNIT) as i32).saturating_add(1)
}

/// A table in whole [`UNIT`]s, rounded up; what is below the range of 16 bits stands for its end, and nothing is above it.
fn short(table: &[f32]) -> Vec<i16> {
    table.iter().map(|w| i16::try_from(whole(*w).max(i32::from(i16::MIN))).unwrap_or(i16::MAX)).collect()
}

/// An entry of a table, or its last for a code beyond it.
#[inline]
fn entry(table: &[i16], code: u16) -> i32 {
    table.get(usize::from(code).min(table.len().saturating_sub(1))).map_or(0, |w| i32::from(*w))
}

/// An entry of a table, or its last for a code beyond it.
#[inline]
fn at(table: &[f32], code: u16) -> f32 {
    table.get(usize::from(code).min(table.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

/// A table with a last entry for codes beyond it.
fn ending(mut table: Vec<f32>, last: f32) -> Vec<f32> {
    table.push(last);
    table
}

/// [`birth::bounds`] with what the level adds.
#[expect(clippy::cast_possible_truncation, reason = "bounds are single precision, with slack")]
fn birth_bounds(c: Context<'_>, mine: &Birth, other: &Index) -> Vec<f32> {
    let levels = &c.model.levels;
    let days = levels.most_of(&["birth.near", "birth.same_year", "birth.edge", "birth.disagree"]) as f32;
    let intervals = levels.most_of(&["birth.inside", "birth.edge", "birth.disagree"]) as f32;
    let mut out = birth::bounds(c, mine, |class| other.has_births(class));
    for (class, most) in out.iter_mut().enumerate() {
        *most += if mine.from == mine.to && birth::is_day(class) { days } else { intervals };
    }
    out
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
