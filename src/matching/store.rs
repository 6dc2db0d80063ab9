//! The in-memory store: compiled features of both sides and an index of each. It holds no names as
//! text and no identifiers beyond the caller's opaque keys; the database stays the record, and the store can be rebuilt from it at any time.

use std::sync::Arc;

use crate::geo::reach::Reach;
use crate::linkage::compare::Context;
use crate::linkage::features::{Compiler, Features};
use crate::linkage::lexicon::Lexicon;
use crate::linkage::model::{Millibans, Model};
use crate::linkage::population::Population;
use crate::linkage::record::{PersonRecord, RecordKey, RecordKind, Side};
use crate::linkage::spacetime::{Atlas, PlaceLogs, TimeTable};
use rustc_hash::FxHashMap;

use super::index::{Codes, GroupKey, Index};
use super::score::{Assessment, assess, oriented};

/// One side of the store.
#[derive(Debug, Default)]
pub(super) struct Half {
    pub features: Vec<Option<Features>>,
    pub by_key: FxHashMap<RecordKey, u32>,
    pub index: Index,
    free: Vec<u32>,
}

impl Half {
    fn reserve(&mut self, records: usize) {
        self.features.reserve(records);
        self.by_key.reserve(records);
        self.index.rows.reserve(records);
        self.index.moments.reserve(records);
    }
}

/// Both sides and everything weights depend on.
#[derive(Debug)]
pub struct Store {
    model: Model,
    compiler: Compiler,
    population: Population,
    atlas: Atlas,
    reach: Arc<Reach>,
    times: TimeTable,
    place_logs: PlaceLogs,
    pub(super) halves: [Half; 2],
    codes: Codes,
    confusions: FxHashMap<u16, [u16; 8]>,
}

impl Store {
    /// An empty store for a model, a lexicon and the reach of people over the routes.
    #[must_use]
    pub fn new(model: Model, lexicon: Lexicon, reach: Arc<Reach>) -> Self {
        let mut compiler = Compiler::new(lexicon);
        let mut confusions: FxHashMap<u16, [u16; 8]> = FxHashMap::default();
        for [truth, declared] in &model.nationality.listed {
            let slots = (u16::try_from(compiler.nations.slot(truth)), u16::try_from(compiler.nations.slot(declared)));
            if let (Ok(truth), Ok(declared)) = slots
                && let Some(free) = confusions.entry(truth).or_default().iter_mut().find(|s| **s == 0)
            {
                *free = declared;
            }
        }
        let population = Population::default();
        let times = TimeTable::new(&model.time, &reach, population.event_span_days());
        let place_logs = PlaceLogs::new(&model, &reach);
        Self {
            model,
            compiler,
            population,
            atlas: Atlas::default(),
            reach,
            times,
            place_logs,
            halves: Default::default(),
            codes: Codes::default(),
            confusions,
        }
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
        self.refresh(false);
    }

    /// Brings what is derived from all records up to date.
    fn refresh(&mut self, force: bool) {
        self.atlas.refresh(&self.model, &self.reach, force);
        let span = self.population.event_span_days();
        if span != self.times.span() {
            self.times.spread_over(&self.model.time, span);
        }
    }

    /// Puts many records in and brings every statistic up to date once. Order decides internal numbering, never a weight.
    pub fn load<'a>(&mut self, records: impl IntoIterator<Item = &'a PersonRecord>) {
        // Rows of a group side by side, so that a search reads memory in order; what is put in again keeps its place.
        let mut order: Vec<(GroupKey, &PersonRecord)> = records.into_iter().map(|record| (GroupKey::of(record), record)).collect();
        order.sort_by_key(|(group, _)| *group);
        for side in [Side::Case, Side::Found] {
            let new = order.iter().filter(|(_, record)| record.side == side && !self.contains(side, record.key)).count();
            self.halves[side.index()].reserve(new);
        }
        for (_, record) in order {
            self.remove(record.side, record.key);
            let features = self.compiler.compile(record);
            self.put(features);
        }
        self.refresh(true);
    }

    fn put(&mut self, features: Features) {
        self.count(&features, true);
        let half = &mut self.halves[features.side.index()];
        let slot = half.free.pop().unwrap_or_else(|| {
            half.features.push(None);
            u32::try_from(half.features.len() - 1).unwrap_or(u32::MAX)
        });
        half.index.put(&self.model, &mut self.codes, &features, slot);
        half.by_key.insert(features.key, slot);
        half.features[slot as usize] = Some(features);
    }

    /// Counts (`add`) or uncounts a record in every statistic.
    fn count(&mut self, features: &Features, add: bool) {
        let tokens = features.distinct_tokens();
        if !tokens.is_empty() {
            self.compiler.vocabulary.count(&tokens, features.nation(), add);
        }
        if !features.residence.is_empty() {
            self.compiler.residences.count(&features.residence, 0, add);
        }
        self.population.count(features, add);
        self.atlas.count(features, add, features.side == Side::Found);
    }

    /// Takes a record out; true when it was there. Weights that depend on the spread of all events follow with the next record put in.
    pub fn remove(&mut self, side: Side, key: RecordKey) -> bool {
        let half = &mut self.halves[side.index()];
        let Some(slot) = half.by_key.remove(&key) else { return false };
        let Some(features) = half.features[slot as usize].take() else { return false };
        half.index.take(&features, slot);
        half.free.push(slot);
        self.count(&features, false);
        true
    }

    /// A record's features.
    #[must_use]
    pub fn features(&self, side: Side, key: RecordKey) -> Option<&Features> {
        self.at(side, self.slot(side, key)?)
    }

    /// The number of a record's place in memory; another's once it is taken out.
    pub(super) fn slot(&self, side: Side, key: RecordKey) -> Option<u32> {
        self.halves[side.index()].by_key.get(&key).copied()
    }

    /// The features in a place of memory.
    pub(super) fn at(&self, side: Side, slot: u32) -> Option<&Features> {
        self.halves[side.index()].features.get(slot as usize)?.as_ref()
    }

    /// How many found records of each kind there are.
    pub(super) fn records_by_kind(&self) -> [usize; RecordKind::COUNT] {
        let mut counts = [0; RecordKind::COUNT];
        for record in self.all(Side::Found) {
            counts[record.kind as usize] += 1;
        }
        counts
    }

    /// The keys of a side, in order.
    #[must_use]
    pub fn keys(&self, side: Side) -> Vec<RecordKey> {
        let mut keys: Vec<RecordKey> = self.halves[side.index()].by_key.keys().copied().collect();
        keys.sort_unstable();
        keys
    }

    /// Every record of a side, in the order of memory.
    pub(super) fn all(&self, side: Side) -> impl Iterator<Item = &Features> {
        self.halves[side.index()].features.iter().flatten()
    }

    /// What the engine says of two records it holds, of one side or of both; `None` when it does not hold both.
    #[must_use]
    pub fn assess_any(&self, one: (Side, RecordKey), two: (Side, RecordKey)) -> Option<Assessment> {
        let (case, record) = oriented(self.features(one.0, one.1)?, self.features(two.0, two.1)?);
        Some(assess(self, case, record))
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

    /// log10 prior odds of a pair, and the share of the sum of its fields' weights that is kept.
    pub(super) fn parameters(&self, case: &Features, record: &Features) -> (Millibans, f64) {
        if case.side == record.side { self.duplicates(case.side) } else { (self.prior(record.kind), self.model.kinds.of(record.kind).kept) }
    }

    /// As [`Store::parameters`], of two records of one side.
    pub(super) fn duplicates(&self, side: Side) -> (Millibans, f64) {
        let m = match side {
            Side::Case => &self.model.duplicates.case,
            Side::Found => &self.model.duplicates.record,
        };
        let n = f64::from(self.population.records(side).max(1));
        (Millibans::from_log10((m.expected_partners / n).log10()), m.kept)
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context {
            model: &self.model,
            lexicon: &self.compiler.lexicon,
            vocabulary: &self.compiler.vocabulary,
            residences: &self.compiler.residences,
            population: &self.population,
            reach: &self.reach,
        }
    }

    pub(super) const fn codes(&self) -> &Codes {
        &self.codes
    }

    pub(super) const fn atlas(&self) -> &Atlas {
        &self.atlas
    }

    pub(super) const fn place_logs(&self) -> &PlaceLogs {
        &self.place_logs
    }

    pub(super) const fn time_table(&self) -> &TimeTable {
        &self.times
    }

    pub(super) fn confusions(&self, nation: u16) -> [u16; 8] {
        self.confusions.get(&nation).copied().unwrap_or_default()
    }
}
