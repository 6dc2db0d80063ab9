//! A record's best counterparts on the other side. Bounds pass over what cannot win (no field is a filter: whatever a row lacks, it is bounded
//! by what it has), and the rest is weighed, best bound first, until the next bound lies below what was found.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::linkage::features::Features;
use crate::linkage::model::Millibans;
use crate::linkage::record::{RecordKey, Scope, Side};

use super::bounds::{Bounded, Bounds};
use super::score::{self, FirstLook, oriented, probability, total, total_after};
use super::store::Store;

pub use super::bounds::{Scratch, Shared};
pub use super::lanes::WIDTH;

/// The caller's rule whether two records may be compared at all (agreement, consent): the scopes of the case and of the record.
pub type Eligible<'a> = &'a (dyn Fn(Scope, Scope) -> bool + Sync);

/// How far a search goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankOptions {
    /// Counterparts returned at most.
    pub top: usize,
    /// Lowest log10 odds of a counterpart returned.
    pub floor: f64,
    /// Bounded pairs looked at, at most; a search that would need more says so.
    pub budget: usize,
    /// Weighs every pair instead of those that bounds leave: the same result, for checks and small sets. The budget does not count then.
    pub every_pair: bool,
}

impl Default for RankOptions {
    fn default() -> Self {
        Self { top: 50, floor: -30.0, budget: 20_000, every_pair: false }
    }
}

/// One counterpart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Its key.
    pub key: RecordKey,
    /// log10 odds.
    pub log10_odds: Millibans,
    /// The same as a probability.
    pub probability: f64,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ranking {
    /// Best first; ties by key.
    pub found: Vec<Ranked>,
    /// Records of the other side that were bounded: all of them, as no field is a filter.
    pub considered: usize,
    /// Pairs weighed.
    pub weighed: usize,
    /// True when the budget ended the search before it was certain that nothing better is left.
    pub budget_hit: bool,
}

/// The best counterparts of a record the store holds, exactly those that weighing every pair would give; `None` when it does not hold it. Cost: see
/// `docs/benchmarks.md`; pairs weighed cost 2 us each.
#[must_use]
pub fn rank(store: &Store, side: Side, key: RecordKey, options: RankOptions, eligible: Eligible<'_>) -> Option<Ranking> {
    rank_with(store, Sought { side, key, among: side.other() }, options, eligible, None, &mut Scratch::<1>::default())
}

/// A record the store holds, and the side searched for its counterparts; its own side for duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sought {
    /// The record's side.
    pub side: Side,
    /// Its key.
    pub key: RecordKey,
    /// The side searched.
    pub among: Side,
}

/// As [`rank`], with what the searches of a run share and a scratch to be used again.
#[must_use]
pub fn rank_with<const W: usize>(
    store: &Store,
    sought: Sought,
    options: RankOptions,
    eligible: Eligible<'_>,
    shared: Option<&Shared>,
    scratch: &mut Scratch<W>,
) -> Option<Ranking> {
    let search = Search { side: sought.side, among: sought.among, options, eligible, shared };
    rank_many(store, search, &[sought.key], scratch).pop().flatten()
}

/// What the searches of one run have in common.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// The side of the records whose counterparts are sought.
    pub side: Side,
    /// The side searched; the same for duplicates.
    pub among: Side,
    /// How far each goes.
    pub options: RankOptions,
    /// Which pairs may be compared.
    pub eligible: Eligible<'a>,
    /// Tables they share.
    pub shared: Option<&'a Shared>,
}

/// As [`rank`], of several records, `W` at a time side by side: with [`WIDTH`] much less work for each of many.
#[must_use]
pub fn rank_many<const W: usize>(store: &Store, search: Search<'_>, keys: &[RecordKey], scratch: &mut Scratch<W>) -> Vec<Option<Ranking>> {
    let Search { side, among, options, eligible, shared } = search;
    if options.every_pair {
        return keys.iter().map(|key| rank_exhaustive(store, Sought { side, key: *key, among }, options, eligible)).collect();
    }
    let (own, other) = (&store.halves[side.index()], &store.halves[among.index()]);
    let above = Best::new(options).mark();
    let mut rankings = Vec::with_capacity(keys.len());
    for keys in keys.chunks(W) {
        let slots: Vec<Option<u32>> = keys.iter().map(|key| own.by_key.get(key).copied()).collect();
        let known = slots.iter().flatten().filter_map(|slot| Some((*slot as usize, own.features[*slot as usize].as_ref()?)));
        let queries: Vec<Bounds<'_>> = known
            .enumerate()
            .map(|(lane, (slot, f))| {
                let values = (own.index.rows[slot], own.index.moments[slot]);
                Bounds::new(store, (f, values), among, shared, (scratch, lane, above))
            })
            .collect();
        scratch.ask(&other.index, &queries);
        let mut queries = queries.iter();
        rankings.extend(slots.iter().map(|slot| {
            let query = slot.and_then(|_| queries.next())?;
            let mut promising: Vec<Bounded> = Vec::new();
            query.reach(&other.index, scratch, &mut promising);
            Some(weigh(store, query.query(), among, (options, eligible), promising))
        }));
    }
    rankings
}

/// Who watches long work.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Hears the number of records done so far, from any thread.
    pub progress: &'a (dyn Fn(usize) + Sync),
    /// Asked often; true ends the work.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl Watch<'_> {
    /// Nobody does.
    pub const NOBODY: Watch<'static> = Watch { progress: &|_| {}, cancelled: &|| false };
}

/// As [`rank_many`], of any number of records on all cores; once it is cancelled, nothing of the records that are left.
#[must_use]
pub fn rank_all(store: &Store, search: Search<'_>, keys: &[RecordKey], watch: Watch<'_>) -> Vec<Option<Ranking>> {
    let done = AtomicUsize::new(0);
    // At most one a core: made for each piece of the work that the cores share out, their tables would cost more than some pieces.
    let scratches: Mutex<Vec<Scratch<WIDTH>>> = Mutex::default();
    let idle = || scratches.lock().unwrap_or_else(PoisonError::into_inner);
    let of_some = |keys: &[RecordKey]| {
        if (watch.cancelled)() {
            return vec![None; keys.len()];
        }
        let mut scratch = idle().pop().unwrap_or_default();
        let rankings = rank_many(store, search, keys, &mut scratch);
        idle().push(scratch);
        (watch.progress)(done.fetch_add(keys.len(), Ordering::Relaxed) + keys.len());
        rankings
    };
    let rankings: Vec<Vec<Option<Ranking>>> = keys.par_chunks(WIDTH).map(of_some).collect();
    rankings.into_iter().flatten().collect()
}

/// Weighs what bounds left, best bound first, until the next bound lies below what was found.
fn weigh(
    store: &Store,
    query: &Features,
    among: Side,
    (options, eligible): (RankOptions, Eligible<'_>),
    mut promising: Vec<Bounded>,
) -> Ranking {
    let other = &store.halves[among.index()];
    let mut best = Best::new(options);
    let mut ranking = Ranking { considered: other.by_key.len(), ..Ranking::default() };
    promising.sort_unstable_by(|a, b| b.log10_odds.total_cmp(&a.log10_odds).then(a.slot.cmp(&b.slot)));
    for (n, bound) in promising.into_iter().enumerate() {
        if bound.log10_odds < best.mark() {
            break;
        }
        if n >= options.budget {
            ranking.budget_hit = true;
            break;
        }
        let record = other.features[bound.slot as usize].as_ref().filter(|f| f.key != query.key || among != query.side);
        if let Some(f) = record.filter(|f| may(eligible, query, f.scope)) {
            let (case, record) = oriented(query, f);
            let birth = score::birth(store, case, record);
            if bound.after(birth, None) < best.mark() {
                continue;
            }
            let first = FirstLook { name: score::name(store, case, record), birth };
            if bound.after(birth, Some(first.name)) < best.mark() {
                continue;
            }
            ranking.weighed += 1;
            best.put(total_after(store, case, record, first), f.key);
        }
    }
    ranking.found = best.into_sorted();
    ranking
}

/// The best so far.
struct Best {
    top: usize,
    floor: Millibans,
    /// Worst first.
    found: BinaryHeap<Reverse<(Millibans, Reverse<RecordKey>)>>,
}

impl Best {
    fn new(options: RankOptions) -> Self {
        Self { top: options.top, floor: Millibans::from_log10(options.floor), found: BinaryHeap::new() }
    }

    /// What a bound has to reach for its pair to have a chance.
    fn mark(&self) -> f32 {
        let floor = self.floor;
        let worst = self.found.peek().filter(|_| self.found.len() >= self.top).map_or(floor, |w| w.0.0.max(floor));
        #[expect(clippy::cast_possible_truncation, reason = "bounds have slack")]
        (worst.log10() as f32)
    }

    fn put(&mut self, odds: Millibans, key: RecordKey) {
        if odds >= self.floor && self.top > 0 {
            self.found.push(Reverse((odds, Reverse(key))));
            if self.found.len() > self.top {
                self.found.pop();
            }
        }
    }

    fn into_sorted(self) -> Vec<Ranked> {
        let found = self.found.into_sorted_vec();
        found.into_iter().map(|Reverse((log10_odds, Reverse(key)))| Ranked { key, log10_odds, probability: probability(log10_odds) }).collect()
    }
}

/// Every eligible pair weighed: the oracle for [`rank`].
#[must_use]
pub fn rank_exhaustive(store: &Store, sought: Sought, options: RankOptions, eligible: Eligible<'_>) -> Option<Ranking> {
    let query = store.features(sought.side, sought.key)?;
    let other = &store.halves[sought.among.index()];
    let mut best = Best::new(options);
    let mut weighed = 0;
    let others = other.features.iter().flatten().filter(|f| f.key != sought.key || sought.among != sought.side);
    for f in others.filter(|f| may(eligible, query, f.scope)) {
        weighed += 1;
        let (case, record) = oriented(query, f);
        let odds = total(store, case, record);
        best.put(odds, f.key);
    }
    Some(Ranking { found: best.into_sorted(), considered: weighed, weighed, budget_hit: false })
}

fn may(eligible: Eligible<'_>, query: &Features, other: Scope) -> bool {
    match query.side {
        Side::Case => eligible(query.scope, other),
        Side::Found => eligible(other, query.scope),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geo::reach::Reach;
    use crate::linkage::corpus_csv::{self, ColumnMap};
    use crate::linkage::lexicon::Lexicon;
    use crate::linkage::model::Model;
    use crate::linkage::record::{PersonRecord, RecordKind};
    use crate::matching::link::load;
    use crate::matching::properties::{numbered, record};

    fn corpus() -> (Vec<PersonRecord>, Vec<PersonRecord>) {
        let file = |name: &str| std::fs::File::open(format!("{}/config/demo/corpus-1k/{name}.csv", env!("CARGO_MANIFEST_DIR"))).unwrap();
        (
            corpus_csv::read_cases(&mut file("cases"), &ColumnMap::default()).unwrap().records,
            corpus_csv::read_records(&mut file("records"), &ColumnMap::default()).unwrap().records,
        )
    }

    fn assert_exact(store: &Store, side: Side, key: RecordKey, options: RankOptions, scratch: &mut Scratch<1>) {
        for among in [Side::Case, Side::Found] {
            let sought = Sought { side, key, among };
            let quick = rank_with(store, sought, options, &|_, _| true, None, scratch).unwrap();
            let oracle = rank_exhaustive(store, sought, options, &|_, _| true).unwrap();
            assert_eq!(quick.found, oracle.found, "{sought:?} {options:?}");
            assert!(!quick.budget_hit && quick.weighed <= oracle.weighed);
        }
    }

    #[test]
    fn the_best_counterparts_are_exactly_those_of_weighing_every_pair() {
        let (cases, records) = corpus();
        let store = load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), &cases, &records);
        let scratch = &mut Scratch::<1>::default();
        for (side, list) in [(Side::Case, &cases), (Side::Found, &records)] {
            for record in list.iter().step_by(41) {
                assert_exact(&store, side, record.key, RankOptions { top: 10, floor: -2.5, ..RankOptions::default() }, scratch);
                assert_exact(&store, side, record.key, RankOptions::default(), scratch);
            }
        }
    }

    #[test]
    fn a_record_put_in_again_is_found_once_by_many_and_alone() {
        let new = |key, side, kind| PersonRecord { place_text: Some("Ixtepec".into()), ..PersonRecord::new(RecordKey(key), side, kind) };
        let records: Vec<PersonRecord> = (0..5).map(|key| new(key, Side::Found, RecordKind::Shelter)).collect();
        let cases: Vec<PersonRecord> = (0..2).map(|key| new(key, Side::Case, RecordKind::Case)).collect();
        let mut store = load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), &cases, &records);
        for record in [&records[1], &records[4], &records[1]] {
            store.insert(record);
        }
        store.load(records.iter().chain(&records[2..4]));
        let keys = [RecordKey(0), RecordKey(1)];
        let search = Search { side: Side::Case, among: Side::Found, options: RankOptions::default(), eligible: &|_, _| true, shared: None };
        for ranking in rank_many(&store, search, &keys, &mut Scratch::<WIDTH>::default()).into_iter().flatten() {
            assert_eq!(ranking.found.iter().map(|r| r.key.0).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        }
        assert_exact(&store, Side::Case, keys[0], RankOptions::default(), &mut Scratch::default());
    }

    #[test]
    fn many_searched_side_by_side_find_what_each_finds_alone() {
        let (cases, records) = corpus();
        let store = load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), &cases, &records);
        let options = RankOptions { top: 10, floor: -3.0, ..RankOptions::default() };
        let shared = Shared::new(&store);
        let mut keys: Vec<RecordKey> = cases.iter().step_by(53).map(|c| c.key).collect();
        keys.insert(3, RecordKey(u128::MAX));
        for side in [Side::Case, Side::Found] {
            let search = Search { side: Side::Case, among: side, options, eligible: &|_, _| true, shared: Some(&shared) };
            let many = rank_many(&store, search, &keys, &mut Scratch::<WIDTH>::default());
            assert!(many[3].is_none() && many.len() == keys.len());
            for (key, ranking) in keys.iter().zip(&many) {
                let alone = rank_exhaustive(&store, Sought { side: Side::Case, key: *key, among: side }, options, &|_, _| true);
                assert_eq!(ranking.as_ref().map(|r| &r.found), alone.as_ref().map(|r| &r.found));
            }
        }
    }

    #[test]
    fn the_order_in_which_records_come_changes_no_weight() {
        let (mut cases, mut records) = corpus();
        let load = |cases: &[PersonRecord], records: &[PersonRecord]| {
            load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), cases, records)
        };
        let first = load(&cases, &records);
        cases.reverse();
        records.reverse();
        let mut second = load(&cases, &records);
        second.remove(Side::Found, records[7].key);
        second.insert(&records[7]);
        for case in cases.iter().step_by(97) {
            for record in records.iter().step_by(13) {
                assert_eq!(first.assess(case.key, record.key), second.assess(case.key, record.key));
            }
        }
    }

    #[test]
    fn a_search_that_the_budget_ends_says_so() {
        let records: Vec<PersonRecord> = (0..40).map(|key| PersonRecord::new(RecordKey(key), Side::Found, RecordKind::Shelter)).collect();
        let case = PersonRecord::new(RecordKey(1), Side::Case, RecordKind::Case);
        let store = load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), &[case], &records);
        let options = RankOptions { top: 5, budget: 3, ..RankOptions::default() };
        assert!(rank(&store, Side::Case, RecordKey(1), options, &|_, _| true).unwrap().budget_hit);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn no_bound_passes_over_a_pair_that_would_have_won(
            cases in proptest::collection::vec(record(Side::Case), 1..20),
            records in proptest::collection::vec(record(Side::Found), 1..40),
            gone in 0..8_u128
        ) {
            let (cases, records) = (numbered(cases), numbered(records));
            let mut store = load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), &cases, &records);
            store.remove(Side::Found, RecordKey(gone));
            let scratch = &mut Scratch::<1>::default();
            for (side, list) in [(Side::Case, &cases), (Side::Found, &records)] {
                for record in list.iter().filter(|r| store.contains(side, r.key)) {
                    for top in [1, 5] {
                        assert_exact(&store, side, record.key, RankOptions { top, ..RankOptions::default() }, scratch);
                    }
                }
            }
        }
    }
}
