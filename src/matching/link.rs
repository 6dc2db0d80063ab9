//! Two whole sets: every case against every found record, best counterparts of each case. The engine behind `rastro link`.

use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::linkage::lexicon::Lexicon;
use crate::linkage::model::{Millibans, Model};
use crate::linkage::record::{PersonRecord, RecordKey, Side};

use super::joint::{self, Edge};
use super::rank::{RankOptions, Scratch, Shared, rank_with};
use super::score::probability;
use super::store::Store;

/// One scored pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The case's key.
    pub case: RecordKey,
    /// The record's key.
    pub record: RecordKey,
    /// log10 odds among all pairs of the run.
    pub log10_odds: Millibans,
    /// The same as a probability.
    pub probability: f64,
}

/// What a run over two sets gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LinkRun {
    /// The best pairs of each case, in the order of the cases given, best first.
    pub links: Vec<Link>,
    /// Pairs the quick pass looked at.
    pub considered: usize,
    /// Pairs weighed exactly.
    pub weighed: usize,
}

/// Loads both sets into a store.
#[must_use]
pub fn load(model: Model, lexicon: Lexicon, cases: &[PersonRecord], records: &[PersonRecord]) -> Store {
    let mut store = Store::new(model, lexicon);
    store.load(cases.iter().chain(records));
    store
}

/// The best records of every case, on all cores; the same input gives the same result in the same order. `progress` hears the number of cases
/// done so far, from any thread.
#[must_use]
pub fn link_all(store: &Store, cases: &[RecordKey], options: RankOptions, progress: &(dyn Fn(usize) + Sync)) -> LinkRun {
    let shared = Shared::new(store);
    let done = AtomicUsize::new(0);
    let rankings: Vec<_> = cases
        .par_iter()
        .map_init(Scratch::default, |scratch, &case| {
            let ranking = rank_with(store, Side::Case, case, options, &|_, _| true, Some(&shared), scratch);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
            (case, ranking.unwrap_or_default())
        })
        .collect();
    let mut run = LinkRun::default();
    for (case, ranking) in rankings {
        run.considered += ranking.considered;
        run.weighed += ranking.weighed;
        run.links.extend(ranking.found.iter().map(|r| Link { case, record: r.key, log10_odds: r.log10_odds, probability: r.probability }));
    }
    weigh_together(store, &mut run.links);
    run
}

/// Turns the odds of pairs weighed alone into odds among all of them ([`joint`]), and puts each case's best first again.
fn weigh_together(store: &Store, links: &mut [Link]) {
    let mut numbers: [FxHashMap<RecordKey, u32>; 2] = Default::default();
    let mut number = |side: usize, key: RecordKey| {
        let next = u32::try_from(numbers[side].len()).unwrap_or(u32::MAX);
        *numbers[side].entry(key).or_insert(next)
    };
    let edges: Vec<Edge> = links
        .iter()
        .map(|l| Edge {
            case: number(0, l.case),
            record: number(1, l.record),
            body: store.features(Side::Found, l.record).is_some_and(|f| f.kind.is_remains()),
            odds: l.log10_odds,
        })
        .collect();
    for (link, rivals) in links.iter_mut().zip(joint::rivals(&edges)) {
        link.log10_odds += rivals;
        link.probability = probability(link.log10_odds);
    }
    for of_case in links.chunk_by_mut(|a, b| a.case == b.case) {
        of_case.sort_unstable_by(|a, b| b.log10_odds.cmp(&a.log10_odds).then(a.record.cmp(&b.record)));
    }
}
