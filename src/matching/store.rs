//! The in-memory store: compiled features of both sides, a compact row of each for the quick pass, and posting lists. It holds no names as
//! text and no identifiers beyond the caller's opaque keys; the database stays the record, and the store can be rebuilt from it at any time.

use std::collections::HashMap;

use crate::linkage::compare::Context;
use crate::linkage::features::{BirthSource, Compiler, Features};
use crate::linkage::lexicon::{ConceptId, Lexicon};
use crate::linkage::model::{Millibans, Model};
use crate::linkage::population::Population;
use crate::linkage::record::{PersonRecord, RecordKey, RecordKind, Sex, Side};
use crate::linkage::spacetime::{Atlas, Relation, TimeTable, interval_points};
use crate::linkage::tokens::TokenId;

use super::score::{Assessment, assess};

/// A compact row for the quick pass over everything.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub live: bool,
    pub named: bool,
    /// 0 not known, 1 female, 2 male.
    pub sex: u8,
    pub relation: Relation,
    pub nation: u16,
    pub country: u16,
    pub looks: [ConceptId; 3],
    pub has_birth: bool,
    pub birth_exact: bool,
    /// Middle and half width of the birth interval, days; softness of its edge, days.
    pub birth_middle: f32,
    pub birth_half: f32,
    pub birth_soft: f32,
    /// Middle of the stature range, cm; 0 not known.
    pub stature: f32,
    /// Middle of the event interval; `i32::MIN` not known.
    pub event: i32,
    pub interval: Option<[i32; 9]>,
    pub place: Option<[f32; 3]>,
}

/// What a posting list is keyed by, besides name tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// Field, kind, detail.
    Detail(u8, u32, u32),
    /// Field, kind, part.
    Part(u8, u32, u16),
    /// A companion's token.
    Companion(TokenId),
    /// A stated birth day.
    BirthDay(i32),
}

/// One side of the store.
#[derive(Debug, Default)]
pub(super) struct Half {
    pub features: Vec<Option<Features>>,
    pub rows: Vec<Row>,
    pub by_key: HashMap<RecordKey, u32>,
    free: Vec<u32>,
    pub by_token: HashMap<TokenId, Vec<u32>>,
    pub by_other: HashMap<Key, Vec<u32>>,
    pub by_number: HashMap<Box<str>, Vec<u32>>,
}

/// Both sides and everything weights depend on.
#[derive(Debug)]
pub struct Store {
    model: Model,
    compiler: Compiler,
    population: Population,
    atlas: Atlas,
    times: TimeTable,
    pub(super) halves: [Half; 2],
    confusions: HashMap<u16, [u16; 8]>,
}

impl Store {
    /// An empty store for a model and a lexicon.
    #[must_use]
    pub fn new(model: Model, lexicon: Lexicon) -> Self {
        let mut compiler = Compiler::new(lexicon);
        let mut confusions: HashMap<u16, [u16; 8]> = HashMap::new();
        for [truth, declared] in &model.nationality.listed {
            let slots = (u16::try_from(compiler.nations.slot(truth)), u16::try_from(compiler.nations.slot(declared)));
            if let (Ok(truth), Ok(declared)) = slots
                && let Some(free) = confusions.entry(truth).or_default().iter_mut().find(|s| **s == 0)
            {
                *free = declared;
            }
        }
        let times = TimeTable::new(&model.time);
        Self { model, compiler, population: Population::default(), atlas: Atlas::default(), times, halves: Default::default(), confusions }
    }

    /// Records held on a side.
    #[must_use]
    pub fn len(&self, side: Side) -> usize {
        self.halves[side.index()].by_key.len()
    }

    /// True when neither side holds anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.halves.iter().all(|h| h.by_key.is_empty())
    }

    /// True when the side holds the key.
    #[must_use]
    pub fn contains(&self, side: Side, key: RecordKey) -> bool {
        self.halves[side.index()].by_key.contains_key(&key)
    }

    /// Puts a record in, replacing the one with its side and key. About 30 us.
    pub fn insert(&mut self, record: &PersonRecord) {
        self.remove(record.side, record.key);
        let features = self.compiler.compile(record);
        self.put(features);
        self.atlas.refresh(&self.model, false);
    }

    /// Puts many records in and brings every statistic up to date once. Order decides internal numbering, never a weight.
    pub fn load<'a>(&mut self, records: impl IntoIterator<Item = &'a PersonRecord>) {
        for record in records {
            self.remove(record.side, record.key);
            let features = self.compiler.compile(record);
            self.put(features);
        }
        self.atlas.refresh(&self.model, true);
    }

    fn put(&mut self, features: Features) {
        let tokens = features.distinct_tokens();
        if !tokens.is_empty() {
            self.compiler.vocabulary.count(&tokens, features.nation(), true);
        }
        self.population.count(&features, true);
        self.atlas.count(&features, true, features.side == Side::Found);
        let half = &mut self.halves[features.side.index()];
        let slot = half.free.pop().unwrap_or_else(|| {
            half.features.push(None);
            half.rows.push(Row::empty());
            u32::try_from(half.rows.len() - 1).unwrap_or(u32::MAX)
        });
        for &token in &tokens {
            half.by_token.entry(token).or_default().push(slot);
        }
        for key in keys(&features) {
            half.by_other.entry(key).or_default().push(slot);
        }
        for number in numbers(&features) {
            half.by_number.entry(number).or_default().push(slot);
        }
        half.by_key.insert(features.key, slot);
        half.rows[slot as usize] = Row::of(&features, &self.model);
        half.features[slot as usize] = Some(features);
    }

    /// Takes a record out; true when it was there.
    pub fn remove(&mut self, side: Side, key: RecordKey) -> bool {
        let half = &mut self.halves[side.index()];
        let Some(slot) = half.by_key.remove(&key) else { return false };
        let Some(features) = half.features[slot as usize].take() else { return false };
        let tokens = features.distinct_tokens();
        for token in &tokens {
            if let Some(list) = half.by_token.get_mut(token) {
                list.retain(|s| *s != slot);
            }
        }
        for other in keys(&features) {
            if let Some(list) = half.by_other.get_mut(&other) {
                list.retain(|s| *s != slot);
            }
        }
        for number in numbers(&features) {
            if let Some(list) = half.by_number.get_mut(&number) {
                list.retain(|s| *s != slot);
            }
        }
        half.rows[slot as usize] = Row::empty();
        half.free.push(slot);
        if !tokens.is_empty() {
            self.compiler.vocabulary.count(&tokens, features.nation(), false);
        }
        self.population.count(&features, false);
        self.atlas.count(&features, false, side == Side::Found);
        true
    }

    /// A record's features.
    #[must_use]
    pub fn features(&self, side: Side, key: RecordKey) -> Option<&Features> {
        let half = &self.halves[side.index()];
        half.by_key.get(&key).and_then(|slot| half.features[*slot as usize].as_ref())
    }

    /// What the engine says of a case and a record it holds; `None` when it does not hold both.
    #[must_use]
    pub fn assess(&self, case: RecordKey, record: RecordKey) -> Option<Assessment> {
        Some(assess(self, self.features(Side::Case, case)?, self.features(Side::Found, record)?))
    }

    /// The model in use.
    #[must_use]
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// log10 prior odds of any one pair with a record of this kind: expected partners of a case, spread over the found records held.
    #[must_use]
    pub fn prior(&self, kind: RecordKind) -> Millibans {
        let n = f64::from(self.population.records(Side::Found).max(1));
        Millibans::from_log10((self.model.expected_partners / n).log10() + self.model.kinds.of(kind).expected)
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context { model: &self.model, lexicon: &self.compiler.lexicon, vocabulary: &self.compiler.vocabulary, population: &self.population }
    }

    pub(super) const fn atlas(&self) -> &Atlas {
        &self.atlas
    }

    pub(super) const fn time_table(&self) -> &TimeTable {
        &self.times
    }

    pub(super) fn confusions(&self, nation: u16) -> [u16; 8] {
        self.confusions.get(&nation).copied().unwrap_or_default()
    }
}

/// Posting keys of a record.
pub(super) fn keys(f: &Features) -> Vec<Key> {
    let mut out = Vec::new();
    for (field, items) in (0_u8..).zip(&f.items) {
        for item in items {
            if item.detail != 0 || field != 0 {
                out.push(Key::Detail(field, item.kind, item.detail));
            }
            if item.part != 0 {
                out.push(Key::Part(field, item.kind, item.part));
            }
        }
    }
    out.extend(f.companions.iter().flatten().map(|t| Key::Companion(*t)));
    if let Some(b) = f.birth.filter(|b| b.from == b.to) {
        out.push(Key::BirthDay(b.from));
    }
    out.sort_unstable_by_key(|k| match *k {
        Key::Detail(f, k, d) => (0, u32::from(f), k, d),
        Key::Part(f, k, p) => (1, u32::from(f), k, u32::from(p)),
        Key::Companion(t) => (2, t, 0, 0),
        Key::BirthDay(d) => (3, d.unsigned_abs(), 0, 0),
    });
    out.dedup();
    out
}

/// Posting keys of a record's telephone and document numbers: the last eight characters, and these with either half alone, so that one
/// wrong digit still meets.
pub(super) fn numbers(f: &Features) -> Vec<Box<str>> {
    let mut out = Vec::new();
    for number in f.phones.iter().chain(&f.documents) {
        let tail = number.get(number.len().saturating_sub(8)..).unwrap_or(number);
        let half = tail.len() / 2;
        if let (Some(head), Some(end)) = (tail.get(..half), tail.get(half..)) {
            out.push(format!("<{head}").into_boxed_str());
            out.push(format!(">{end}").into_boxed_str());
        }
        out.push(tail.into());
    }
    out.sort_unstable();
    out.dedup();
    out
}

impl Row {
    fn empty() -> Self {
        Self {
            live: false,
            named: false,
            sex: 0,
            relation: Relation::Living,
            nation: 0,
            country: 0,
            looks: [0; 3],
            has_birth: false,
            birth_exact: false,
            birth_middle: 0.0,
            birth_half: 0.0,
            birth_soft: 0.0,
            stature: 0.0,
            event: i32::MIN,
            interval: None,
            place: None,
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "single precision is plenty for the quick pass")]
    fn of(f: &Features, model: &Model) -> Self {
        let soft = f.birth.map_or(0.0, |b| match b.source {
            BirthSource::Stated => model.birth.soft_stated_years,
            BirthSource::Age => model.birth.soft_age_years,
            BirthSource::Estimated => model.birth.soft_remains_years,
        });
        Self {
            live: true,
            named: !f.forms.is_empty(),
            sex: match f.sex {
                None => 0,
                Some(Sex::Female) => 1,
                Some(Sex::Male) => 2,
            },
            relation: Relation::of(f.kind),
            nation: f.nation(),
            country: f.country,
            looks: f.looks,
            has_birth: f.birth.is_some(),
            birth_exact: f.birth.is_some_and(|b| b.from == b.to),
            birth_middle: f.birth.map_or(0.0, |b| f64::midpoint(f64::from(b.from), f64::from(b.to)) as f32),
            birth_half: f.birth.map_or(0.0, |b| (b.to - b.from) as f32 / 2.0),
            birth_soft: (soft * 365.25) as f32,
            stature: f.stature.map_or(0.0, |(a, b)| f32::midpoint(a, b)),
            event: f.event_day().unwrap_or(i32::MIN),
            interval: f.pmi.filter(|_| f.kind.is_remains()).map(interval_points),
            place: f.place.map(|p| p.unit),
        }
    }
}
