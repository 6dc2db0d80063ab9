//! The most a pair can weigh, found without weighing it: tables of every value the other side has against the query's, and the weight of what
//! agrees by posting lists. A bound is never below the exact weight, so whoever is passed over by it could not have won.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::linkage::birth;
use crate::linkage::compare::{self, Context, token_bound};
use crate::linkage::features::{Birth, BirthSource, Features, Place};
use crate::linkage::record::{RecordKind, Side};
use crate::linkage::spacetime::{Relation, country_weight, time_bound, time_weight};
use crate::linkage::tokens::{TokenId, TokenLevel};

use super::index::{Compact, Index, NONE, Region, Stretch, field, phone_key};
use super::store::Store;

/// What rounding of parts to thousandths and of bounds to single precision may take away.
const SLACK: f32 = 0.02;
/// Posting lists longer than this share of the side are not walked when what they add is small.
const LONG: usize = 64;
/// log10 weight of posting lists that a row needs for a stretch not to be read through.
const READ_THROUGH: f32 = 1.5;
/// log10 weight that all lists left out together may have, spread evenly over the query's parts.
const LEFT_OUT: f32 = 0.8;

/// The tokens that agree with one token, with their levels.
type Expansion = Box<[(TokenId, TokenLevel)]>;

/// What many searches of one run share: tokens like a token, and tables of the other side's values against a value.
#[derive(Debug, Default)]
pub struct Shared {
    expansions: Vec<OnceLock<Expansion>>,
    sex_nations: [Vec<OnceLock<Box<[f32]>>>; 2],
    statures: [Vec<OnceLock<Box<[f32]>>>; 2],
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
            expansions: room(store.context().vocabulary.len()),
            sex_nations: [room(codes.sex_nations_of.len()), room(codes.sex_nations_of.len())],
            statures: [room(codes.statures_of.len()), room(codes.statures_of.len())],
        }
    }
}

/// What posting lists found of a row.
#[derive(Debug, Clone, Copy, Default)]
struct Hit {
    weight: f32,
    fields: u16,
    /// The part of the query that hit last, so that each counts once per row.
    last: u16,
}

/// Rows found by posting lists; reused from search to search.
#[derive(Debug, Default)]
pub struct Scratch {
    hits: Vec<Hit>,
    touched: Vec<u32>,
}

impl Scratch {
    fn reset(&mut self, rows: usize) {
        if self.hits.len() < rows {
            self.hits = vec![Hit::default(); rows];
        } else {
            for slot in &self.touched {
                self.hits[*slot as usize] = Hit::default();
            }
        }
        self.touched.clear();
    }

    /// Adds the weight of one part of the query to rows that did not have it yet.
    fn add(&mut self, rows: &[u32], fields: u16, part: u16, weight: f32) {
        for &slot in rows {
            let hit = &mut self.hits[slot as usize];
            if hit.last != part {
                if hit.fields == 0 {
                    self.touched.push(slot);
                }
                hit.last = part;
                hit.weight += weight;
                hit.fields |= fields;
            }
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
    is_case: bool,
    place: Option<Place>,
    sex_nations: Vec<f32>,
    statures: Cow<'a, [f32]>,
    looks: [Vec<f32>; 3],
    /// By field bits: sum for fields that a row has and that hit nothing, and for fields that hit.
    missed: Vec<f32>,
    hit: Vec<f32>,
    /// By class of birth of the row; the last for rows without a birth, and the only one when the query has none.
    births: Vec<f32>,
    sex_nations_most: f32,
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
    region_most: [f32; 3],
    /// By relation, log10 of the mean preference seen from the query's place.
    means: [f32; 3],
}

#[expect(clippy::cast_possible_truncation, reason = "bounds are single precision, with slack")]
impl<'a> Bounds<'a> {
    /// Prepares tables and walks the posting lists into `scratch`.
    pub fn new(store: &'a Store, query: &'a Features, me: Compact, other: &Index, shared: Option<&'a Shared>, scratch: &mut Scratch) -> Self {
        let c = store.context();
        let codes = store.codes();
        let is_case = query.side == Side::Case;
        let place = store.atlas().place_of(query);
        let relations = [Relation::Living, Relation::Remains, Relation::Report];
        let means = relations.map(|r| place.map_or(0.0, |p| store.atlas().mean(&p, r).max(1e-3).log10() as f32));
        let sex_nations = table(shared.map(|s| &s.sex_nations[query.side.index()][..]), me.sex_nations, &codes.sex_nations_of, |other| {
            let (case, record) = if is_case { (query, other) } else { (other, query) };
            let sex = compare::sex(c, case, record).map_or(0.0, |o| o.log10);
            let nation = compare::nationality(c, &|n| store.confusions(n), case, record).map_or(0.0, |o| o.log10);
            (sex + nation) as f32
        });
        let statures = table(shared.map(|s| &s.statures[query.side.index()][..]), me.stature, &codes.statures_of, |other| {
            let (case, record) = if is_case { (query, other) } else { (other, query) };
            compare::stature(c, case, record).map_or(0.0, |o| o.log10 as f32)
        });
        let looks = std::array::from_fn(|axis| {
            let mine = query.looks[axis];
            codes.looks_of[axis].iter().map(|theirs| compare::look_of(c, axis, mine, *theirs).map_or(0.0, |o| o.log10 as f32)).collect()
        });
        let most = |t: &[f32]| t.iter().fold(0.0_f32, |m, x| m.max(*x));
        let births = ending(query.birth.map_or_else(Vec::new, |b| birth::bounds(c, &b)), 0.0);
        let sex_nations_most = most(&sex_nations);
        let sex_nations = ending(sex_nations.into_owned(), sex_nations_most);
        let other_births = births.iter().enumerate().filter(|(class, _)| !birth::NARROW.contains(class));
        let births_most = [other_births.fold(0.0, |m: f32, (_, x)| m.max(*x)), most(births.get(birth::NARROW).unwrap_or(&[]))];
        let rest = most(&statures) + looks.iter().map(|t: &Vec<f32>| most(t)).sum::<f32>();
        let mut bounds = Self {
            store,
            query,
            me,
            is_case,
            place,
            sex_nations,
            statures,
            looks,
            missed: Vec::new(),
            hit: Vec::new(),
            births,
            sex_nations_most,
            fields_most: rest,
            rest: births_most.map(|b| b + rest),
            missed_most: 0.0,
            kinds: std::array::from_fn(|i| {
                let kind = if is_case { RecordKind::ALL[i] } else { query.kind };
                (store.prior(kind).log10() as f32 + SLACK, store.model().kinds.of(kind).kept as f32)
            }),
            times: Vec::new(),
            limit: c.model.time.limit as f32,
            regions: Default::default(),
            region_most: [f32::NAN; 3],
            means,
        };
        scratch.reset(other.standing.len());
        bounds.times = other.stretches.iter().map(|s| bounds.time_of_stretch(s)).collect();
        bounds.walk(other, shared, scratch);
        bounds
    }

    /// Walks posting lists; lists that are long and weigh little are left out, and everybody is credited with them.
    fn walk(&mut self, other: &Index, shared: Option<&Shared>, scratch: &mut Scratch) {
        let (c, query) = (self.store.context(), self.query);
        let long = (other.standing.len() / LONG).max(32);
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
            let like = expansion(c, shared, token);
            for _ in 0..times {
                lists.extend(token_lists(c, (token, query.nation()), &like, |t| other.rows_of_token(t)));
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
            let like = expansion(c, shared, token);
            lists.extend(token_lists(c, (token, query.nation()), &like, |t| other.rows_of_companion(t)));
            walk_part(&mut lists, field::COMPANION, scratch);
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
        Relation::of(if self.is_case { kind } else { self.query.kind })
    }

    /// The weight of time for a row, exactly; `None` when either event is not known.
    fn time(&self, kind: RecordKind, row: &Compact) -> Option<f32> {
        if self.me.event == i32::MIN || row.event == i32::MIN {
            return None;
        }
        let (lag, interval) = if self.is_case {
            (row.event.saturating_sub(self.me.event), row.interval)
        } else {
            (self.me.event.saturating_sub(row.event), self.me.interval)
        };
        let interval = (interval != NONE).then(|| &self.store.codes().intervals_of[usize::from(interval)]);
        Some(time_weight(&self.store.model().time, self.store.time_table(), self.relation(kind), lag, interval).0 as f32)
    }

    fn time_of_stretch(&self, stretch: &Stretch) -> f32 {
        let (Some((first, last)), true) = (stretch.days, self.me.event != i32::MIN) else { return 0.0 };
        let m = &self.store.model().time;
        let (lags, since_death) = if self.is_case {
            ((first.saturating_sub(self.me.event), last.saturating_sub(self.me.event)), stretch.since_death)
        } else {
            ((self.me.event.saturating_sub(last), self.me.event.saturating_sub(first)), self.query.pmi.unwrap_or((u32::MAX, 0)))
        };
        time_bound(m, self.store.time_table(), self.relation(stretch.kind), lags, since_death) as f32
    }

    /// Fills the table of what each region can give; returns the most of all.
    fn regions_of(&mut self, relation: Relation) -> f32 {
        let kind = relation as usize;
        if self.region_most[kind].is_nan() {
            self.regions[kind] = self.store.codes().regions_of.iter().map(|r| self.region_weight(relation, r)).collect();
            self.region_most[kind] = self.regions[kind].iter().fold(f32::MIN, |m, x| m.max(*x));
            self.regions[kind].push(self.region_most[kind]);
        }
        self.region_most[kind]
    }

    fn region_weight(&self, relation: Relation, region: &Region) -> f32 {
        let c = self.store.context();
        let theirs = match region.place {
            Some(place) => Some((Place { radius_km: region.radius_km, ..place }, region.reach_km)),
            None => self.store.atlas().place_named(region.place_name).map(|p| (p, 0.0)),
        };
        match (&self.place, theirs) {
            (Some(mine), Some((theirs, reach))) => {
                let mean = if self.is_case {
                    self.means[relation as usize]
                } else {
                    self.store.atlas().mean(&theirs, relation).max(1e-3).log10() as f32
                };
                self.store.place_logs().bound(mine, &theirs, reach, relation) - mean
            }
            _ if self.query.country != 0 && region.country != 0 => {
                let (case, record) = if self.is_case { (self.query.country, region.country) } else { (region.country, self.query.country) };
                country_weight(c, case, record) as f32
            }
            _ => 0.0,
        }
    }

    /// The most that stature, looks and posting lists can give a row.
    fn fields(&self, row: &Compact, hit: Hit) -> f32 {
        let known = |table: &[f32], code: u16| if code == NONE { 0.0 } else { table[usize::from(code)] };
        let looks = known(&self.looks[0], row.looks[0]) + known(&self.looks[1], row.looks[1]) + known(&self.looks[2], row.looks[2]);
        let lists = hit.weight + self.missed[usize::from(row.has & !hit.fields)] + self.hit[usize::from(hit.fields)];
        known(&self.statures, row.stature) + looks + lists
    }

    /// The bound of one row, given the most that its time and place can give, and what sex and nationality do; `None` when it lies below `above`.
    fn row(&self, kind: RecordKind, (time, place, sex_nations): (f32, f32, f32), row: &Compact, hit: Hit, above: f32) -> Option<Bounded> {
        let (limit, fields) = (self.limit, self.fields(row, hit) + sex_nations);
        // A hit by the day of birth brought its whole weight along.
        let birth = if hit.fields & 1 << field::BIRTH_DAY != 0 { 0.0 } else { at(&self.births, row.birth) };
        if self.odds(kind, fields + birth + (time + place).clamp(-limit, limit)) < above {
            return None;
        }
        let time = self.time(kind, row).unwrap_or(0.0);
        let bound = self.odds(kind, fields + birth + (time + place).clamp(-limit, limit));
        (bound >= above).then_some((bound, row.slot))
    }

    /// The rows whose bound is not below `above`. Stretches where little is missing are read through, row by row in the order of memory; of the
    /// others only rows that posting lists found and that gained what is missing.
    pub fn reach(&mut self, other: &Index, scratch: &Scratch, above: f32, out: &mut Vec<Bounded>) {
        for relation in [Relation::Living, Relation::Remains, Relation::Report] {
            self.regions_of(relation);
        }
        // Per stretch what posting lists must add; what they add beyond their weights is credited to all.
        let missing: Vec<f32> = other
            .stretches
            .iter()
            .zip(&self.times)
            .map(|(stretch, time)| {
                let anywhere = self.region_most[self.relation(stretch.kind) as usize];
                let (prior, kept) = self.kinds[stretch.kind as usize];
                let most = (time + anywhere).clamp(-self.limit, self.limit) + self.rest[usize::from(stretch.narrow)] + self.sex_nations_most;
                (above - prior) / kept - most - self.missed_most
            })
            .collect();
        for ((stretch, time), missing) in other.stretches.iter().zip(&self.times).zip(&missing) {
            if *missing < READ_THROUGH {
                self.read_through(stretch, *time, scratch, above, out);
            }
        }
        let least = missing.iter().copied().filter(|m| *m >= READ_THROUGH).fold(f32::INFINITY, f32::min);
        for slot in &scratch.touched {
            let hit = scratch.hits[*slot as usize];
            if hit.weight < least {
                continue;
            }
            let number = other.standing[*slot as usize].0 as usize;
            if hit.weight < missing[number] || missing[number] < READ_THROUGH {
                continue;
            }
            let (stretch, row) = (&other.stretches[number], other.compact(*slot));
            let place = at(&self.regions[self.relation(stretch.kind) as usize], row.region);
            let sex_nations = at(&self.sex_nations, row.sex_nations);
            out.extend(self.row(stretch.kind, (self.times[number], place, sex_nations), row, hit, above));
        }
    }

    fn read_through(&self, stretch: &Stretch, time: f32, scratch: &Scratch, above: f32, out: &mut Vec<Bounded>) {
        let (kind, limit) = (stretch.kind, self.limit);
        let places = &self.regions[self.relation(kind) as usize];
        let (prior, kept) = self.kinds[kind as usize];
        // What place, sex, nationality, birth and posting lists have to give at least.
        let needed = (above - prior) / kept - self.fields_most - self.missed_most;
        for (n, first) in stretch.firsts.iter().enumerate() {
            let (place, sex_nations) = (at(places, first.region), at(&self.sex_nations, first.sex_nations));
            let hit = scratch.hits[first.slot as usize];
            // A hit by the day of birth brought the weight of the birth along.
            let birth = at(&self.births, first.birth).max(if hit.fields & 1 << field::BIRTH_DAY == 0 { f32::MIN } else { 0.0 });
            if (time + place).clamp(-limit, limit) + sex_nations + birth + hit.weight >= needed {
                out.extend(self.row(kind, (time, place, sex_nations), &stretch.rows[n], hit, above));
            }
        }
    }
}

/// An entry of a table, or its last for a code beyond it.
fn at(table: &[f32], code: u16) -> f32 {
    table[usize::from(code).min(table.len() - 1)]
}

/// A table with a last entry for codes beyond it.
fn ending(mut table: Vec<f32>, last: f32) -> Vec<f32> {
    table.push(last);
    table
}

/// The tokens that agree with one; kept where the run keeps them.
fn expansion<'a>(c: Context<'a>, shared: Option<&'a Shared>, token: TokenId) -> Cow<'a, [(TokenId, TokenLevel)]> {
    match shared.and_then(|s| s.expansions.get(token as usize)) {
        Some(slot) => Cow::Borrowed(slot.get_or_init(|| c.vocabulary.expand(token).into_boxed_slice())),
        None => Cow::Owned(c.vocabulary.expand(token)),
    }
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

/// A table of one value against all values of its kind; shared when the run keeps one.
fn table<'a>(shared: Option<&'a [OnceLock<Box<[f32]>>]>, code: u16, values: &[Features], weigh: impl Fn(&Features) -> f32) -> Cow<'a, [f32]> {
    match shared.and_then(|s| s.get(usize::from(code))) {
        Some(slot) => Cow::Borrowed(slot.get_or_init(|| values.iter().map(&weigh).collect())),
        None => Cow::Owned(values.iter().map(weigh).collect()),
    }
}
