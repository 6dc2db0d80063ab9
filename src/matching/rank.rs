//! A record's best counterparts on the other side. Bounds pass over what cannot win (no field is a filter: whatever a row lacks, it is bounded
//! by what it has), and the rest is weighed, best bound first, until the next bound lies below what was found.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::linkage::features::Features;
use crate::linkage::model::Millibans;
use crate::linkage::record::{RecordKey, Scope, Side};

use super::bounds::{Bounded, Bounds};
use super::score::{oriented, probability, total};
use super::store::Store;

pub use super::bounds::{Scratch, Shared};

/// The caller's rule whether two records may be compared at all (agreement, consent): the scopes of the case and of the record.
pub type Eligible<'a> = &'a (dyn Fn(Scope, Scope) -> bool + Sync);

/// How far a search goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankOptions {
    /// Counterparts returned at most.
    pub top: usize,
    /// Lowest log10 odds of a counterpart returned.
    pub floor: f64,
    /// Pairs weighed at most; a search that would need more says so.
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
    rank_with(store, Sought { side, key, among: side.other() }, options, eligible, None, &mut Scratch::default())
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
pub fn rank_with(
    store: &Store,
    sought: Sought,
    options: RankOptions,
    eligible: Eligible<'_>,
    shared: Option<&Shared>,
    scratch: &mut Scratch,
) -> Option<Ranking> {
    if options.every_pair {
        return rank_exhaustive(store, sought, options, eligible);
    }
    let Sought { side, key, among } = sought;
    let own = &store.halves[side.index()];
    let own_slot = *own.by_key.get(&key)?;
    let query = own.features[own_slot as usize].as_ref()?;
    let other = &store.halves[among.index()];
    let bounds = Bounds::new(store, (query, own.index.row(own_slot)), among, shared, scratch);
    let mut best = Best { top: options.top, floor: Millibans::from_log10(options.floor), found: BinaryHeap::new() };
    let mut ranking = Ranking { considered: other.by_key.len(), ..Ranking::default() };
    let mut weigh = |(_, slot): Bounded, best: &mut Best| {
        let Some(f) = other.features[slot as usize].as_ref().filter(|f| f.key != key || among != side).filter(|f| may(eligible, query, f.scope))
        else {
            return;
        };
        ranking.weighed += 1;
        let (case, record) = oriented(query, f);
        let odds = total(store, case, record);
        best.put(odds, f.key);
    };
    let mut promising: Vec<Bounded> = Vec::new();
    bounds.reach(&other.index, scratch, best.mark(), &mut promising);
    promising.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut budget_hit = false;
    for (n, bounded) in promising.into_iter().enumerate() {
        if bounded.0 < best.mark() {
            break;
        }
        if n >= options.budget {
            budget_hit = true;
            break;
        }
        weigh(bounded, &mut best);
    }
    ranking.budget_hit = budget_hit;
    ranking.found = best.into_sorted();
    Some(ranking)
}

/// The best so far.
struct Best {
    top: usize,
    floor: Millibans,
    /// Worst first.
    found: BinaryHeap<Reverse<(Millibans, Reverse<RecordKey>)>>,
}

impl Best {
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
    let mut best = Best { top: options.top, floor: Millibans::from_log10(options.floor), found: BinaryHeap::new() };
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
    use chrono::NaiveDate;
    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};

    use super::*;
    use crate::geo::reach::Reach;
    use crate::linkage::corpus_csv::{self, ColumnMap};
    use crate::linkage::lexicon::Lexicon;
    use crate::linkage::model::Model;
    use crate::linkage::record::{AgeRange, DateInterval, NameRole, PersonRecord, Position, PostMortemInterval, RecordKind, Sex, WrittenName};
    use crate::matching::link::load;

    fn corpus() -> (Vec<PersonRecord>, Vec<PersonRecord>) {
        let file = |name: &str| std::fs::File::open(format!("{}/config/demo/corpus-1k/{name}.csv", env!("CARGO_MANIFEST_DIR"))).unwrap();
        (
            corpus_csv::read_cases(&mut file("cases"), &ColumnMap::default()).unwrap().records,
            corpus_csv::read_records(&mut file("records"), &ColumnMap::default()).unwrap().records,
        )
    }

    fn assert_exact(store: &Store, side: Side, key: RecordKey, options: RankOptions) {
        for among in [Side::Case, Side::Found] {
            let sought = Sought { side, key, among };
            let quick = rank_with(store, sought, options, &|_, _| true, None, &mut Scratch::default()).unwrap();
            let oracle = rank_exhaustive(store, sought, options, &|_, _| true).unwrap();
            assert_eq!(quick.found, oracle.found, "{sought:?} {options:?}");
            assert!(!quick.budget_hit && quick.weighed <= oracle.weighed);
        }
    }

    #[test]
    fn the_best_counterparts_are_exactly_those_of_weighing_every_pair() {
        let (cases, records) = corpus();
        let store = load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), &cases, &records);
        for (side, list) in [(Side::Case, &cases), (Side::Found, &records)] {
            for record in list.iter().step_by(41) {
                assert_exact(&store, side, record.key, RankOptions { top: 10, floor: -2.5, ..RankOptions::default() });
                assert_exact(&store, side, record.key, RankOptions::default());
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

    fn date() -> impl Strategy<Value = NaiveDate> {
        (1950..2024_i32, 1..=12_u32, 1..=28_u32).prop_map(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d).unwrap())
    }

    fn interval() -> impl Strategy<Value = DateInterval> {
        (date(), prop_oneof![4 => Just(0), 1 => 1..40_i64, 1 => Just(365), 1 => 300..9000_i64])
            .prop_map(|(from, days)| DateInterval { from, to: from + chrono::Duration::days(days) })
    }

    fn texts(of: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
        subsequence(of, 0..=most).prop_map(|list| list.into_iter().map(str::to_owned).collect())
    }

    /// A record made of few values, so that two of them often agree, nearly agree, or disagree.
    fn record(side: Side) -> impl Strategy<Value = PersonRecord> {
        const GIVEN: &[&str] = &["José", "Jose", "Juan", "Juna", "Pancho", "Francisco", "María Fernanda", "Mª", "J", "Lucía", "Luzia"];
        const SURNAME: &[&str] = &["García", "Garsia", "Hernández", "Ernandes", "López", "Lopes", "Diallo", "Jallow", "Xi", "Zelaya"];
        // On a railway, by a river and down it, a place of return, and both ends of a sea leg.
        const PLACES: &[(f64, f64)] =
            &[(16.4, -95.1), (14.9, -92.3), (31.3, -110.9), (15.5, -88.0), (27.5, -99.51), (26.95, -99.4), (33.1, 12.1), (36.0, 14.5)];
        let name = (proptest::option::of(select(GIVEN)), proptest::option::of(select(SURNAME)), proptest::option::of(select(SURNAME)), 0..4_u8)
            .prop_map(|(given, first, second, how)| {
                let text = |t: Option<&str>| t.map(str::to_owned);
                let whole = [given, first, second].into_iter().flatten().collect::<Vec<_>>().join(" ");
                match how {
                    0 => WrittenName { full_text: Some(whole), ..WrittenName::default() },
                    1 => WrittenName { given: text(given), role: NameRole::Alias, ..WrittenName::default() },
                    _ => WrittenName { given: text(given), first_surname: text(first), second_surname: text(second), ..WrittenName::default() },
                }
            });
        let kind = match side {
            Side::Case => Just(RecordKind::Case).boxed(),
            Side::Found => select(&RecordKind::ALL[1..]).boxed(),
        };
        let person = (
            proptest::collection::vec(name, 0..3),
            proptest::option::of(select(&[Sex::Female, Sex::Male][..])),
            proptest::option::of(interval()),
            proptest::option::of((0..60_u16, 0..20_u16, date())),
            subsequence(vec!["HND", "MEX", "GTM", "GIN", "SEN"], 0..3),
            proptest::option::of((100..200_u16, 0..15_u16)),
            proptest::option::of(select(&["negro", "castaño oscuro", "rubio", "entrecano"][..])),
        );
        let things = (
            texts(&["cicatriz en la ceja izquierda", "scar on left eyebrow", "tatuaje de cruz en mano derecha", "lunar en mejilla", "zzz"], 3),
            texts(&["falta incisivo superior", "corona de oro", "dientes chuecos"], 2),
            texts(&["camisa azul", "blue shirt", "pantalón negro", "botas"], 3),
            texts(&["rosario de madera", "celular Samsung", "cadena"], 2),
            texts(&["+504 9876 5432", "98765432", "98756432", "9876543", "5551234567"], 2),
            texts(&["0801199012345", "0801199021345", "080119901234", "ABC123456"], 2),
            texts(&["Juan López", "Jhon Lopes", "María Zelaya"], 2),
            texts(&["Barrio El Centro", "Bario El Centro", "Choluteca", "504", "12"], 3),
        );
        let place = (
            proptest::option::of((select(PLACES), prop_oneof![4 => 0..40_000_u32, 1 => 90_000..300_000_u32])),
            proptest::option::of(select(&["Ixtepec", "Tapachula"][..])),
            proptest::option::of(select(&["MEX", "HND", "USA"][..])),
            proptest::option::of(interval()),
            proptest::option::of((0..400_u32, 0..900_u32)),
        );
        (kind, person, things, place).prop_map(move |(kind, person, things, place)| {
            let strings = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
            PersonRecord {
                names: person.0,
                sex: person.1,
                birth: person.2,
                age: person.3.map(|(min, more, at)| AgeRange { min_years: min, max_years: min + more, at }),
                nationalities: strings(person.4),
                stature_cm: person.5.map(|(low, more)| (low, low + more)),
                hair: person.6.map(str::to_owned),
                marks: things.0,
                dental: things.1,
                clothing: things.2,
                belongings: things.3,
                phones: things.4,
                documents: things.5,
                companions: things.6,
                residence: things.7,
                position: place.0.map(|((lat, lon), uncertainty)| Position { lat, lon, uncertainty_m: f64::from(uncertainty) }),
                place_text: place.1.map(str::to_owned),
                country: place.2.map(str::to_owned),
                event: place.3,
                pmi: place.4.map(|(min, more)| PostMortemInterval { min_days: min, max_days: min + more }),
                ..PersonRecord::new(RecordKey(0), side, kind)
            }
        })
    }

    fn numbered(mut records: Vec<PersonRecord>) -> Vec<PersonRecord> {
        for (key, record) in (0..).zip(&mut records) {
            record.key = RecordKey(key);
        }
        records
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
            for (side, list) in [(Side::Case, &cases), (Side::Found, &records)] {
                for record in list.iter().filter(|r| store.contains(side, r.key)) {
                    for top in [1, 5] {
                        assert_exact(&store, side, record.key, RankOptions { top, ..RankOptions::default() });
                    }
                }
            }
        }
    }
}
