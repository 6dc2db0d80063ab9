//! Whole sets: every case against every found record, or the records of one side among themselves; the best counterparts of each. The engine
//! behind `rastro link`.

use std::sync::Arc;

use rayon::prelude::*;

use crate::geo::reach::Reach;
use crate::linkage::lexicon::Lexicon;
use crate::linkage::model::{Millibans, Model};
use crate::linkage::record::{PersonRecord, RecordKey, Side};

use super::joint::{self, Edge};
use super::rank::{RankOptions, Ranked, Ranking, Search, Shared, Watch, rank_all};
use super::score::probability;
use super::store::Store;

/// Counterparts of a record that are kept between files, unless told otherwise. With [`FLOOR`] they hold .991 of the true pairs of the open 10k corpus; 50 from
/// -4.5 on hold .992 and take longer (`docs/benchmarks.md`).
pub const TOP: usize = 40;
/// Least log10 odds of a pair weighed alone that is kept between files, unless told otherwise.
pub const FLOOR: f64 = -4.0;

/// What is compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Cases with found records.
    CaseRecord,
    /// Cases with cases: reports of one person.
    CaseCase,
    /// Found records with found records: registrations of one person.
    RecordRecord,
}

impl Mode {
    /// The side whose records are searched for, and the side searched.
    #[must_use]
    pub const fn sides(self) -> (Side, Side) {
        match self {
            Self::CaseRecord => (Side::Case, Side::Found),
            Self::CaseCase => (Side::Case, Side::Case),
            Self::RecordRecord => (Side::Found, Side::Found),
        }
    }
}

/// One scored pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The case's key; of two records of one side, the lower key.
    pub case: RecordKey,
    /// The record's key; the higher.
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
    /// Searches that their budget ended.
    pub budget_hit: usize,
}

/// Loads both sets into a store.
#[must_use]
pub fn load(model: Model, lexicon: Lexicon, reach: Arc<Reach>, cases: &[PersonRecord], records: &[PersonRecord]) -> Store {
    let mut store = Store::new(model, lexicon, reach);
    store.load(cases.iter().chain(records));
    store
}

/// The best counterparts of every record given (of the mode's first side), on all cores; the same input gives the same result in the same order. `progress` hears the number of cases
/// done so far, from any thread.
#[must_use]
pub fn link_all(store: &Store, mode: Mode, keys: &[RecordKey], options: RankOptions, progress: &(dyn Fn(usize) + Sync)) -> LinkRun {
    let (side, among) = mode.sides();
    let shared = Shared::new(store);
    let search = Search { side, among, options, eligible: &|_, _| true, shared: Some(&shared) };
    let found = rank_all(store, search, keys, Watch { progress, ..Watch::NOBODY });
    let mut run = LinkRun::default();
    for ranking in found.iter().flatten() {
        run.considered += ranking.considered;
        run.weighed += ranking.weighed;
        run.budget_hit += usize::from(ranking.budget_hit);
    }
    let link = |case: RecordKey, r: Ranked| Link { case, record: r.key, log10_odds: r.log10_odds, probability: r.probability };
    let links = |(case, ranking): (&RecordKey, Option<Ranking>)| {
        let case = *case;
        ranking.unwrap_or_default().found.into_iter().map(move |r| link(case, r))
    };
    run.links = keys.par_iter().zip(found).flat_map_iter(links).collect();
    if side == among {
        for link in &mut run.links {
            (link.case, link.record) = (link.case.min(link.record), link.case.max(link.record));
        }
        run.links.sort_unstable_by(|a, b| (a.case, b.log10_odds, a.record).cmp(&(b.case, a.log10_odds, b.record)));
        run.links.dedup_by_key(|l| (l.case, l.record));
    } else {
        weigh_together(store, &mut run.links);
    }
    run
}

/// Turns the odds of pairs weighed alone into odds among all of them ([`joint`]), and puts each case's best first again.
fn weigh_together(store: &Store, links: &mut [Link]) {
    let edge = |l: &Link| {
        let record = store.slot(Side::Found, l.record).unwrap_or_default();
        let only_one = store.at(Side::Found, record).is_some_and(|f| f.kind.is_remains());
        Edge { case: store.slot(Side::Case, l.case).unwrap_or_default(), record, only_one, odds: l.log10_odds }
    };
    let edges: Vec<Edge> = links.par_iter().map(edge).collect();
    links.par_iter_mut().zip(joint::rivals(&edges)).for_each(|(link, rivals)| {
        link.log10_odds += rivals;
        link.probability = probability(link.log10_odds);
    });
    links
        .par_chunk_by_mut(|a, b| a.case == b.case)
        .for_each(|of_case| of_case.sort_unstable_by(|a, b| b.log10_odds.cmp(&a.log10_odds).then(a.record.cmp(&b.record))));
}
