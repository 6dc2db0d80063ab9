//! The most a pair can weigh, found without weighing it: tables of every value the other side has against the query's, and the weight of what
//! agrees by posting lists. A bound is never below the exact weight, so whoever is passed over by it could not have won.

use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::linkage::birth;
use crate::linkage::compare::{self, Context, Outcome, token_bound};
use crate::linkage::features::{Birth, BirthSource, Features, Place};
use crate::linkage::record::{RecordKind, Side};
use crate::linkage::spacetime::{Relation, country_weight, journey, time_bound, time_class, time_most};
use crate::linkage::tokens::TokenId;

use super::hits::{Found, Hit, Hits, NAMES, NameClashes, PARTS, Postings, unsigned};
use super::index::{Group, Index, MANY, Moment, NONE, Region, Row, field, phone_key};
use super::lanes::{FIELD_BITS, Lanes, Passed, SideBySide, UNIT, cut, short, whole, whole_all};
use super::store::Store;

/// What rounding of parts to thousandths and of bounds to single precision may take away.
const SLACK: f32 = 0.03;
/// Posting lists longer than this share of the side are not walked when what they add is small.
const LONG: usize = 64;
/// log10 weight that all lists left out together may have, spread evenly over the query's parts.
const LEFT_OUT: f32 = 0.8;
/// Units that sums of parts rounded up and rounded sums may differ by.
const ROUNDING: i32 = 4;

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

/// Tables and what was found of `W` searches side by side; reused from search to search.
#[derive(Debug, Default)]
pub struct Scratch<const W: usize> {
    hits: Hits,
    tables: SideBySide<W>,
    passed: Passed<W>,
}

impl<const W: usize> Scratch<W> {
    /// Asks every row for the queries whose lanes were prepared.
    pub(super) fn ask(&mut self, other: &Index, queries: &[Bounds<'_>]) {
        if let Some(query) = queries.first() {
            self.passed.ask(other, &mut self.tables, (query.limit, queries.len()));
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
    pub fn new<const W: usize>(
        store: &'a Store,
        (query, (row, me)): (&'a Features, (Row, Moment)),
        against: Side,
        shared: Option<&'a Shared>,
        (scratch, lane, above): (&mut Scratch<W>, usize, f32),
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
        let births = query.known_birth().map_or_else(|| vec![0.0; birth::CLASSES], |b| birth::bounds(c, &b, &other.births));
        let look = |(axis, code): (&Vec<f32>, &u16)| match *code {
            NONE => 0.0,
            code => axis.get(usize::from(code)).copied().unwrap_or(f32::from(ANY_VALUE) / UNIT),
        };
        let tables = &mut scratch.tables;
        tables.sex_nations.fill(lane, whole_all(&sex_nations), ANY_VALUE, 0);
        tables.statures.fill(lane, whole_all(&statures), ANY_VALUE, 0);
        // No row has a class of which there are no births.
        let classes = births.iter().enumerate().zip(&other.births).filter(|(_, there)| there.count > 0);
        tables.births.set(lane, classes.map(|((class, weight), _)| (class, short(*weight))), 0, 0);
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
        tables.times.resize(other.groups.len(), [0; W]);
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

    /// Puts the lists of the parts first that have few rows for what they weigh: most rows of the others are too far off by then.
    fn order_lists(&mut self) {
        let weight = |list: &Postings<'_>| i32::from(list.weight) + i32::from(list.name);
        // The lists of a part lie side by side.
        let mut parts: Vec<&[Postings<'a>]> = self.lists.chunk_by(|a, b| a.part == b.part).collect();
        parts.sort_by_cached_key(|lists| {
            let rows: usize = lists.iter().map(|list| list.rows.len()).sum();
            let most = lists.iter().map(weight).max().unwrap_or(0).max(1);
            rows * 1000 / most as usize
        });
        self.lists = parts.concat();
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
    fn find_lists<const W: usize>(&mut self, other: &'a Index, births: &[f32], shared: Option<&Shared>, tables: &mut SideBySide<W>) {
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
        if let Some(b) = query.known_birth().filter(|b| b.from == b.to) {
            part = part.saturating_add(1);
            for day in birth::like_days(b.from, other.birth_days()) {
                if let Some(rows) = other.rows_of_birth_day(day) {
                    // Above what the class of the day gives, whichever way the day is known.
                    let above = |source: BirthSource| {
                        let theirs = Birth { from: day, to: day, source };
                        let class = usize::from(birth::class(&theirs));
                        let outcome = birth::weigh(c, &b, &theirs);
                        let weight = (outcome.log10 + levels.of(outcome.level)) as f32;
                        if other.births.get(class).is_some_and(|there| there.count > 0) { weight - births[class] } else { 0.0 }
                    };
                    let above = above(BirthSource::Stated).max(above(BirthSource::Document));
                    if above > 0.0 {
                        found.push(Postings { rows, weight: unsigned(above), name: 0, fields: 0, parts: [0; 2], part, ahead: 0 });
                    }
                }
            }
        }
        // Over every set of fields, in whole units: with each field, as many sets again as without.
        let sums = |values: [i32; field::COUNT]| {
            let mut out = vec![0; 1 << field::COUNT];
            for (field, value) in values.into_iter().enumerate() {
                let (without, with) = out.split_at_mut(1 << field);
                for (with, without) in with.iter_mut().zip(without) {
                    *with = *without + value;
                }
            }
            out.into_iter().map(cut)
        };
        let credited = |f: usize| left_out[f] > 0.0;
        let mut missed: [f32; field::COUNT] = std::array::from_fn(|f| if credited(f) { left_out[f] + level_most[f] } else { apart[f] });
        let alias = if query.forms.is_empty() && query.aliases.is_empty() { 0.0 } else { level_apart[field::ALIAS].max(0.0) };
        missed[field::ALIAS] = alias;
        let credits: [f32; field::COUNT] = std::array::from_fn(|f| left_out[f] + if f == field::ALIAS { 0.0 } else { level_most[f] });
        let units = |log10: f32| if log10 == 0.0 { 0 } else { whole(log10) };
        let (missed, credits) = (missed.map(units), credits.map(units));
        for (entry, sum) in tables.missed.iter_mut().zip(sums(missed)) {
            entry[self.lane] = sum;
        }
        self.not_apart = sums(std::array::from_fn(|f| credits[f] + (-missed[f]).max(0))).collect();
        self.credits = sums(credits).collect();
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
    fn regions<const W: usize>(&mut self, tables: &mut SideBySide<W>) {
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
        for kind in [RecordKind::Case, RecordKind::Shelter, RecordKind::RemainsNamed] {
            let weights = &weights[self.relation(kind) as usize];
            // Cut to the limit of place and time.
            tables.regions_of_mut(kind).fill(self.lane, weights.iter().copied(), i16::MAX, i16::MAX);
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

    /// The rows whose bound is not below what was asked, among those that [`Scratch::ask`] found and those that lists hit. 10 ns for each of these, and
    /// 100 for those that are near.
    pub fn reach<const W: usize>(&self, other: &Index, scratch: &mut Scratch<W>, out: &mut Vec<Bounded>) {
        let Scratch { hits, tables, passed } = scratch;
        hits.resize(other.rows.len());
        for list in &self.lists {
            hits.add(list, passed, self.lane);
        }
        let slots = passed.slots[self.lane].iter().filter(|slot| !hits.contains(**slot));
        out.extend(slots.filter_map(|slot| self.slot(other, tables, *slot, Hit::default())));
        for Found { slot, over, hit } in hits.drain() {
            let over = i32::from(over) + ROUNDING;
            if over + hit.units() + i32::from(self.not_apart[usize::from(hit.fields())]) >= 0 {
                out.extend(self.slot(other, tables, slot, hit));
            }
        }
    }

    /// The bound of the row in a slot, if it is not below what is asked.
    fn slot<const W: usize>(&self, other: &Index, tables: &SideBySide<W>, slot: u32, hit: Hit) -> Option<Bounded> {
        let (lane, row) = (self.lane, other.rows.get(slot as usize)?);
        let kind = other.groups.get(row.group as usize)?.kind;
        let of = |lanes: &Lanes<W>| i32::from(lanes[lane]);
        let missed = Row { has: row.has & !hit.fields(), ..*row };
        let fields: i32 = tables.fields(&missed).into_iter().map(of).sum();
        let birth = of(tables.births.at(row.birth));
        let name = self.clashes.units(hit, row.has);
        let fields = fields + name.saturating_add(i32::from(hit.weight)) + i32::from(self.credits[usize::from(hit.fields())]);
        let (place, limit) = (of(tables.regions_of(kind).at(row.region)), whole(self.limit));
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
