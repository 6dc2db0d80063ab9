//! What holds of every case: small ones made by chance, and some by hand.
#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::assignments::{Candidates, Generalized, Limits, Row, SAME, Sums, factors, sums, table};
use super::solve::{Conclusion, Grounds, Thresholds, solve, undisputed};
use super::*;
use crate::genetics::likelihood::likelihood;
use crate::genetics::marker::Chromosome;
use crate::genetics::mutation::{Model as MutationModel, Mutation};
use crate::genetics::pedigree::Entry;

const M: GeneticSex = GeneticSex::Male;
const F: GeneticSex = GeneticSex::Female;

fn markers(count: usize, rate: f64) -> Vec<Marker> {
    let mutation = Mutation { model: MutationModel::Equal { rate }, stationary: None };
    let one = |n: usize| {
        let alleles = ["8", "9", "10", "11"].map(str::to_owned).to_vec();
        let made = Marker::new(&format!("L{n}"), Chromosome::Autosomal, alleles, vec![0.1, 0.2, 0.3, 0.4]).unwrap();
        if rate > 0.0 { made.with_mutation(&mutation, &mutation).unwrap() } else { made }
    };
    (0..count).map(one).collect()
}

type Calls = Vec<(usize, usize)>;
type Families = Vec<(usize, Calls)>;
type Found = Vec<(GeneticSex, Calls)>;

fn family(name: &str, people: &[Entry], typed: &str, calls: &Calls) -> Family {
    let named = people.iter().map(|e| Entry {
        name: format!("{name}-{}", e.name),
        father: e.father.as_ref().map(|p| format!("{name}-{p}")),
        mother: e.mother.as_ref().map(|p| format!("{name}-{p}")),
        ..e.clone()
    });
    let pedigree = Pedigree::new(&named.collect::<Vec<_>>()).unwrap();
    let at = pedigree.number(&format!("{name}-{typed}")).unwrap();
    let observed = calls.iter().map(|(a, b)| vec![Observation::sure(at, Call::Both(*a, *b))]).collect();
    Family { name: name.into(), pedigree, observed }
}

fn remains(name: &str, sex: GeneticSex, calls: &Calls) -> Remains {
    let readings = calls.iter().map(|(a, b)| Some(Reading::sure(Call::Both(*a, *b)))).collect();
    Remains { name: name.into(), sex, readings }
}

/// A family of one of three kinds, with one to three missing.
fn of_kind(kind: usize, name: &str, calls: &Calls) -> (Family, Vec<String>) {
    let parents = Some(("father", "mother"));
    let (father, mother) = (Entry::new("father", M, None), Entry::new("mother", F, None));
    let (one, other) = (Entry::new("one", M, parents), Entry::new("other", M, parents));
    let (people, typed, missing): (Vec<Entry>, _, &[&str]) = match kind {
        0 => (vec![father, mother, one], "father", &["one"]),
        1 => (vec![father, mother, one, other], "mother", &["father", "one", "other"]),
        _ => (vec![father, mother, one, other], "one", &["mother", "other"]),
    };
    (family(name, &people, typed, calls), missing.iter().map(|m| format!("{name}-{m}")).collect())
}

fn case(kinds: &[(usize, Calls)], found: &[(GeneticSex, Calls)], rate: f64) -> Case {
    let of = |(n, (kind, calls)): (usize, &(usize, Calls))| of_kind(*kind, &format!("F{n}"), calls);
    let (families, missing): (Vec<_>, Vec<_>) = kinds.iter().enumerate().map(of).unzip();
    let remains = found.iter().enumerate().map(|(n, (sex, calls))| remains(&format!("V{n}"), *sex, calls)).collect();
    Case::new(markers(found.first().map_or(0, |(_, calls)| calls.len()), rate), families, remains, &missing.concat()).unwrap()
}

fn weighed(case: &Case, prior: f64) -> (Sums, Vec<Row>) {
    let model = Model::new(case, Mutations::AsGiven).unwrap();
    let candidates = Candidates::possible(&model.pairwise(&case.by_sex(false)).unwrap());
    let factors = factors(&model, &candidates, Limits::default()).unwrap();
    let sums = sums(&model, &factors, prior, Limits::default()).unwrap();
    let rows = table(&model, &factors, &sums, prior, Limits::default()).unwrap();
    (sums, rows)
}

fn calls(count: usize) -> impl Strategy<Value = Calls> {
    prop::collection::vec((0..4_usize, 0..4_usize), count)
}

fn cases() -> impl Strategy<Value = (Families, Found, f64)> {
    let sex = prop::bool::ANY.prop_map(|man| if man { M } else { F });
    let families = prop::collection::vec((0..3_usize, calls(2)), 1..4);
    (families, prop::collection::vec((sex, calls(2)), 1..5), prop::sample::select(vec![0.0, 0.01]))
}

fn close(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() < SAME
}

fn log10_sum(of: impl Iterator<Item = f64>) -> f64 {
    of.map(|x| 10f64.powf(x)).sum::<f64>().log10()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn sums_from_family_to_family_are_those_over_all_assignments((kinds, found, rate) in cases(), odds in 0.1..10.0_f64) {
        let case = case(&kinds, &found, rate);
        let (sums, rows) = weighed(&case, odds.log10());
        prop_assert_eq!(sums.all.count, rows.len() as u128);
        prop_assert!(close(sums.all.sum, log10_sum(rows.iter().map(|row| row.weighted))));
        prop_assert!(close(sums.all.largest, rows[0].log10));
        prop_assert_eq!(sums.all.ties, rows.iter().filter(|row| close(row.log10, rows[0].log10)).count() as u128);
        let who: Vec<Option<usize>> = (0..case.missing().len()).map(|m| rows[0].who.iter().position(|w| *w == Some(m))).collect();
        prop_assert!(sums.all.ties > 1 || sums.best == who);
        for v in 0..case.remains().len() {
            for m in (0..case.missing().len()).map(Some).chain([None]) {
                let (with, without): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.who[v] == m);
                let posterior = log10_sum(with.iter().map(|row| row.weighted)) - sums.all.sum;
                prop_assert!((sums.posterior(v, m) - 10f64.powf(posterior)).abs() < 1e-12);
                let largest = |rows: &[&Row]| rows.iter().map(|row| row.log10).fold(f64::NEG_INFINITY, f64::max);
                let smallest = with.iter().map(|row| row.log10).fold(f64::INFINITY, f64::min);
                let Generalized { log10, smallest: least } = sums.generalized(v, m);
                let over = |x: f64| if with.is_empty() || x == f64::NEG_INFINITY { f64::NEG_INFINITY } else { x - largest(&without) };
                prop_assert!(close(log10, over(largest(&with))), "{v} {m:?}: {log10}");
                prop_assert!(close(least, over(smallest)), "{v} {m:?}: {least}");
            }
        }
    }

    #[test]
    fn who_remains_are_is_somebody_missing_or_nobody((kinds, found, rate) in cases()) {
        let case = case(&kinds, &found, rate);
        let (sums, rows) = weighed(&case, 0.0);
        for v in 0..case.remains().len() {
            let all: f64 = (0..case.missing().len()).map(Some).chain([None]).map(|m| sums.posterior(v, m)).sum();
            prop_assert!((all - 1.0).abs() < 1e-12, "{all}");
        }
        prop_assert!((rows.iter().map(|row| 10f64.powf(row.weighted - sums.all.sum)).sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_order_of_remains_and_of_families_does_not_matter((kinds, found, rate) in cases()) {
        let (one, turned) = (case(&kinds, &found, rate), found.iter().rev().cloned().collect::<Vec<_>>());
        let other = case(&kinds, &turned, rate);
        let ((of_one, _), (of_other, rows)) = (weighed(&one, 0.0), weighed(&other, 0.0));
        let last = found.len() - 1;
        for v in 0..found.len() {
            for m in (0..one.missing().len()).map(Some).chain([None]) {
                prop_assert!((of_one.posterior(v, m) - of_other.posterior(last - v, m)).abs() < 1e-12);
                prop_assert!(close(of_one.generalized(v, m).log10, of_other.generalized(last - v, m).log10));
            }
        }
        let backwards = Case::new(other.markers().to_vec(), other.families().iter().rev().cloned().collect(), other.remains().to_vec(),
            &other.missing().iter().map(|m| m.name.clone()).collect::<Vec<_>>()).unwrap();
        let (of_backwards, again) = weighed(&backwards, 0.0);
        prop_assert!(close(of_backwards.all.sum, of_other.all.sum));
        prop_assert!(rows.iter().zip(&again).all(|(a, b)| a.who == b.who && close(a.log10, b.log10) && close(a.among, b.among)));
    }

    #[test]
    fn an_assignment_weighs_what_its_families_are_likely_with_remains_as_members((kinds, found, rate) in cases()) {
        let case = case(&kinds, &found, rate);
        let (_, rows) = weighed(&case, 0.0);
        for row in rows.iter().take(20) {
            let mut identified = case.clone();
            let those = || row.who.iter().enumerate().filter_map(|(v, m)| Some((v, (*m)?)));
            those().for_each(|(v, m)| identified.identify(v, m));
            let alone: f64 = those().map(|(v, _)| of_nobody(&case, &case.remains()[v])).sum();
            prop_assert!(close(row.log10, of_families(&identified) - of_families(&case) - alone));
        }
    }
}

fn of_families(case: &Case) -> f64 {
    let of =
        |f: &Family| f.observed.iter().zip(case.markers()).map(|(seen, m)| likelihood(&f.pedigree, m, seen, 0.0).unwrap().log10()).sum::<f64>();
    case.families().iter().map(of).sum()
}

fn of_nobody(case: &Case, remains: &Remains) -> f64 {
    let single = Pedigree::new(&[Entry::new("alone", remains.sex, None)]).unwrap();
    let of = |(reading, m): (&Option<Reading>, &Marker)| likelihood(&single, m, &[reading.unwrap().of(0)], 0.0).unwrap().log10();
    remains.readings.iter().zip(case.markers()).map(of).sum()
}

/// Families of father and missing son, and remains that each is the son of one of them only.
fn apart(count: usize, markers: usize) -> (Families, Found) {
    // Which of two allele pairs a father has tells him from all others.
    let father = |n: usize| (0..markers).map(|l| if n >> l & 1 == 0 { (0, 1) } else { (2, 3) }).collect::<Calls>();
    let son = |n: usize| (0..markers).map(|l| if n >> l & 1 == 0 { (0, 0) } else { (2, 2) }).collect::<Calls>();
    ((0..count).map(|n| (0, father(n))).collect(), (0..count).map(|n| (M, son(n))).collect())
}

#[test]
fn families_that_share_no_remains_do_not_multiply_the_work() {
    let (kinds, found) = apart(60, 6);
    let all = case(&kinds, &found, 0.0);
    let model = Model::new(&all, Mutations::AsGiven).unwrap();
    let candidates = Candidates::possible(&model.pairwise(&all.by_sex(false)).unwrap());
    let narrow = Limits { assignments: 1000, width: 1 };
    let factors = factors(&model, &candidates, narrow).unwrap();
    let sums = sums(&model, &factors, 0.0, narrow).unwrap();
    assert_eq!(sums.all.count, 1 << 60);
    let refused = table(&model, &factors, &sums, 0.0, narrow).unwrap_err();
    assert_eq!(refused, JointError::TooMany { of: "all families".into(), count: 1 << 60, cap: 1000 });
    assert!(refused.to_string().contains("1152921504606846976"));
    // Each pair is as likely as if there were nobody else: LR / (1 + LR).
    let by_itself = 10f64.powf(model.log10_ratio(7, &[(7, 7)]).unwrap());
    assert!((sums.posterior(7, Some(7)) - by_itself / (1.0 + by_itself)).abs() < 1e-12);
}

#[test]
fn more_ways_within_a_family_or_between_families_than_may_be_are_refused_by_name() {
    let found: Found = (0..6).map(|_| (M, vec![(0, 1)])).collect();
    let all = case(&[(1, vec![(0, 1)]), (0, vec![(0, 1)])], &found, 0.0);
    let model = Model::new(&all, Mutations::AsGiven).unwrap();
    let candidates = Candidates { pairs: all.by_sex(false), fixed: Vec::new() };
    let refused = factors(&model, &candidates, Limits { assignments: 100, width: 1000 }).unwrap_err();
    // Of six remains for three places: 1 + 6*3 + 15*6 + 20*6.
    assert_eq!(refused, JointError::TooMany { of: "F0".into(), count: 229, cap: 100 });
    let those = factors(&model, &candidates, Limits::default()).unwrap();
    let refused = sums(&model, &those, 0.0, Limits { assignments: 1000, width: 5 }).unwrap_err();
    assert!(matches!(refused, JointError::TooWide { cap: 5, .. }));
}

#[test]
fn assignments_by_sex_are_counted_by_size() {
    let men = |n: usize| (0..n).map(|_| (M, vec![(0, 1)])).collect::<Found>();
    let families = |n: usize| (0..n).map(|_| (0, vec![(0, 1)])).collect::<Families>();
    let counts = [(1, 1), (2, 3), (8, 5)].map(|(v, m)| case(&families(m), &men(v), 0.0).assignments_by_sex(false));
    assert!(counts == [2.0, 13.0, 19081.0], "{counts:?}");
}

#[test]
fn prior_odds_multiply_with_everyone_identified() {
    let all = case(&[(0, vec![(0, 1)])], &[(M, vec![(0, 0)])], 0.0);
    let (sums, rows) = weighed(&all, 0.01_f64.log10());
    // Father 8/9 and son 8/8: LR 1/(2 p).
    let lr = 1.0 / 0.2 * 0.01;
    assert!((sums.posterior(0, Some(0)) - lr / (1.0 + lr)).abs() < 1e-12);
    assert!((rows[0].weighted, rows[1].weighted) != (0.0, 0.0) && rows.len() == 2);
}

#[test]
fn fragments_of_one_person_count_once() {
    let son: Calls = (0..20).map(|n| (n % 4, (n / 2) % 4)).collect();
    let father: Calls = son.iter().map(|(a, _)| (*a, 3 - *a)).collect();
    let kinds = [(1, father.clone()), (0, father)];
    let whole = remains("whole", M, &son);
    let part = |name: &str, from: usize, to: usize| {
        let within = |(n, r): (usize, &Option<Reading>)| r.filter(|_| (from..to).contains(&n));
        Remains { name: name.into(), readings: whole.readings.iter().enumerate().map(within).collect(), ..whole.clone() }
    };
    let with = |remains: Vec<Remains>| Case { remains, ..case(&kinds, &[(M, son.clone())], 0.0) };
    let (one, other) = (part("skull", 0, 16), part("femur", 4, 20));
    let apart = with(vec![one.clone(), other.clone()]);
    assert_eq!(fragments::groups(apart.remains(), apart.markers(), 4.0).unwrap(), [vec![0, 1]]);
    let merged = with(vec![fragments::merge(&[&one, &other])]);
    let (of_merged, of_whole) = (weighed(&merged, 0.0).0, weighed(&with(vec![whole.clone()]), 0.0).0);
    assert!(close(of_merged.all.sum, of_whole.all.sum));
    // As two they would be told to be two people, and what they say counted twice.
    let of_apart = weighed(&apart, 0.0).0;
    assert!(of_apart.all.largest > of_whole.all.largest + 1.0 && of_apart.best.iter().flatten().count() == 2);
    assert_eq!(of_merged.best.iter().flatten().count(), 1);
}

/// A man with son and grandson, who are missing; 24 markers.
fn three_generations() -> (Case, Calls) {
    let (grandmother, mother) = (Entry::new("grandmother", F, None), Entry::new("mother", F, None));
    let people = [
        Entry::new("old", M, None),
        grandmother,
        Entry::new("son", M, Some(("old", "grandmother"))),
        mother,
        Entry::new("grandson", M, Some(("son", "mother"))),
    ];
    let old: Calls = (0..24).map(|n| (n % 2, 1 + n % 3)).collect();
    // The grandson has a rare allele of his grandmother's, which tells him by his father and not by the old man.
    let son: Calls = old.iter().map(|(a, _)| (*a, 0)).collect();
    let grandson: Calls = son.iter().map(|(_, b)| (*b, 3)).collect();
    let stranger: Calls = old.iter().map(|_| (3, 3)).collect();
    let found = vec![remains("V0", M, &grandson), remains("V1", M, &son), remains("V2", M, &stranger)];
    let family = family("F", &people, "old", &old);
    (Case::new(markers(24, 0.0), vec![family], found, &["F-son".into(), "F-grandson".into()]).unwrap(), son)
}

#[test]
fn who_is_found_beyond_dispute_is_asked_as_a_member_of_the_family_in_the_next_step() {
    let (case, _) = three_generations();
    let pairs = case.by_sex(false);
    let sure = Thresholds { sure: 3.0, ..Thresholds::default() };
    let found = undisputed(&case, Mutations::AsGiven, &pairs, sure.sure).unwrap();
    let steps: Vec<(usize, usize, usize)> = found.iter().map(|f| (f.remains, f.missing, f.step)).collect();
    assert_eq!(steps, [(1, 0, 1), (0, 1, 2)]);
    let told = solve(&case, &pairs, sure, Limits::default()).unwrap();
    let of_remains: Vec<(Conclusion, &Grounds)> = told.remains.iter().map(|f| (f.conclusion, &f.grounds)).collect();
    assert_eq!(of_remains[..2], [(Conclusion::Undisputed, &Grounds::Step(2)), (Conclusion::Undisputed, &Grounds::Step(1))]);
    assert_eq!(of_remains[2], (Conclusion::Excluded, &Grounds::NoPairing));
    assert!(told.missing.iter().all(|f| f.conclusion == Conclusion::Undisputed));
}

#[test]
fn what_cannot_be_weighed_together_is_refused_by_name() {
    let (case, _) = three_generations();
    let again = |families: Vec<Family>, remains: Vec<Remains>, missing: &[&str]| {
        let missing: Vec<String> = missing.iter().map(|m| (*m).to_owned()).collect();
        Case::new(case.markers().to_vec(), families, remains, &missing)
    };
    let (families, remains) = (case.families().to_vec(), case.remains().to_vec());
    let refused = |missing: &[&str]| again(families.clone(), remains.clone(), missing).unwrap_err();
    assert_eq!(refused(&["nobody"]), JointError::NoFamily("nobody".into()));
    assert_eq!(refused(&["F-old"]), JointError::MissingTyped("F-old".into()));
    assert_eq!(refused(&["F-son", "F-son"]), JointError::Twice("F-son".into()));
    let twice = again([&families[..], &families[..]].concat(), remains.clone(), &["F-son"]).unwrap_err();
    assert_eq!(twice, JointError::SeveralFamilies("F-son".into()));
    let doubled = [&remains[..], &remains[..1]].concat();
    assert_eq!(again(families.clone(), doubled, &["F-son"]).unwrap_err(), JointError::Twice("V0".into()));

    let mut spoilt = families.clone();
    let son = spoilt[0].pedigree.number("F-grandson").unwrap();
    let father = spoilt[0].pedigree.number("F-son").unwrap();
    spoilt[0].observed[3] = vec![Observation::sure(father, Call::Both(0, 0)), Observation::sure(son, Call::Both(1, 1))];
    let impossible = again(spoilt, remains, &[]).unwrap();
    let error = Model::new(&impossible, Mutations::WhereNeeded).unwrap_err();
    assert_eq!(error, JointError::ImpossibleFamily { family: "F".into(), marker: "L3".into() });
}

#[test]
fn incompatible_markers_are_counted_without_mutation() {
    let (kinds, found) = apart(4, 5);
    let with = case(&kinds, &found, 0.01);
    let counts = incompatible(&with, &with.by_sex(false)).unwrap();
    // As many as digits that differ.
    let differ = |v: usize, m: usize| Some((v ^ m).count_ones());
    assert!((0..4).all(|v| (0..4).all(|m| counts[v][m] == differ(v, m))), "{counts:?}");
    let pairs = Model::new(&with, Mutations::AsGiven).unwrap().pairwise(&with.by_sex(false)).unwrap();
    assert!(pairs.iter().flatten().all(|lr| lr.is_some_and(f64::is_finite)));
    let without = Model::new(&with, Mutations::WhereNeeded).unwrap().pairwise(&with.by_sex(false)).unwrap();
    assert_eq!(without[0][1], Some(f64::NEG_INFINITY));
}
