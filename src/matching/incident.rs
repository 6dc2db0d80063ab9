//! A shipwreck, a truck, a massacre: whoever was found there, dead or alive, is probably on the list of those who were there, and no two of the found are
//! one person.
//! Place and time are the incident's and tell nobody from another, so they do not weigh; a relative who went the same way is on the list, so that he is
//! a rival like any other. What is left is one assignment of the found to the listed and to nobody ([`joint`](super::joint)).
//!
//! The prior spreads the chance of being listed evenly over the list. How such lists are worked in practice: Brenner and Weir, "Issues and strategies in
//! the DNA identification of World Trade Center victims", Theor. Popul. Biol. 63 (2003), 173-178.

use rayon::prelude::*;

use crate::linkage::features::Features;
use crate::linkage::model::Millibans;
use crate::linkage::record::{RecordKey, Side};

use super::joint::{Edge, Messages};
use super::link::Link;
use super::score::{identity, probability};
use super::store::Store;

/// Who was there, and who was found.
#[derive(Debug, Clone, Copy)]
pub struct Incident<'a> {
    /// Cases of those who are thought to have been there, each once.
    pub cases: &'a [RecordKey],
    /// Remains and survivors found, each person once.
    pub records: &'a [RecordKey],
    /// How likely anybody found is on the list, above 0 and below 1; where more were found than are missed, how likely anybody missed is among the found.
    pub listed: f64,
}

/// What is known of an incident as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Posterior {
    /// Every case with every record, in the order of the cases given, best first.
    pub links: Vec<Link>,
    /// How likely each record is nobody of the list, in the order given.
    pub nobody: Vec<(RecordKey, f64)>,
    /// How likely none of the remains is the person of each case, in the order given.
    pub not_found_dead: Vec<(RecordKey, f64)>,
}

/// Pairs that the command weighs at most: 1,000 cases by 1,000 records took 3.3 s and 175 MB on two busy cores, written out.
pub const MOST_PAIRS: usize = 1_000_000;

/// Weighs an incident. Keys that the store does not hold are left out, and [`MOST_PAIRS`] is not asked. Cost: see there.
#[must_use]
pub fn weigh(store: &Store, incident: Incident<'_>) -> Posterior {
    let held = |side: Side, keys: &[RecordKey]| -> Vec<(RecordKey, &Features)> {
        keys.iter().filter_map(|key| Some((*key, store.features(side, *key)?))).collect()
    };
    let (cases, records) = (held(Side::Case, incident.cases), held(Side::Found, incident.records));
    let prior = Millibans::from_log10(prior(incident.listed, cases.len(), records.len()));
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let edges: Vec<Edge> = cases
        .par_iter()
        .enumerate()
        .flat_map_iter(|(case, (_, one))| {
            let of_case = records.iter().enumerate();
            // Nobody is found twice, dead or alive.
            of_case.map(move |(record, (_, other))| Edge {
                case: number(case),
                record: number(record),
                only_one: true,
                odds: prior + identity(store, one, other),
            })
        })
        .collect();
    let messages = Messages::of(&edges);
    // What stands against "nobody" at every record, and at every case by whether the found are alive.
    let mut of_record = vec![0.0; records.len()];
    let mut of_case = vec![[0.0; 2]; cases.len()];
    let heard = messages.odds.iter().zip(messages.from_case.iter().zip(&messages.from_record));
    for (edge, (odds, (from_case, from_record))) in edges.iter().zip(heard) {
        let remains = records[edge.record as usize].1.kind.is_remains();
        of_record[edge.record as usize] += odds * from_case;
        of_case[edge.case as usize][usize::from(remains)] += odds * from_record;
    }
    let mut links: Vec<Link> = edges
        .iter()
        .zip(messages.rivals())
        .map(|(edge, rivals)| {
            let log10_odds = edge.odds + rivals;
            let (case, record) = (cases[edge.case as usize].0, records[edge.record as usize].0);
            Link { case, record, log10_odds, probability: probability(log10_odds) }
        })
        .collect();
    for of_case in links.chunks_mut(records.len().max(1)) {
        of_case.sort_unstable_by(|a, b| b.log10_odds.cmp(&a.log10_odds).then(a.record.cmp(&b.record)));
    }
    Posterior {
        links,
        nobody: records.iter().zip(of_record).map(|((key, _), all)| (*key, 1.0 / (1.0 + all))).collect(),
        not_found_dead: cases.iter().zip(of_case).map(|((key, _), [alive, dead])| (*key, (1.0 + alive) / (1.0 + alive + dead))).collect(),
    }
}

/// Rounds of messages after which they stand still.
const ROUNDS: usize = 400;

/// log10 prior odds of a pair, so that a record of which nothing is known is somebody of the list with the chance `listed` (where there are more records than
/// cases, a case somebody of the records). Solved on the messages that [`joint`](super::joint) sends where every pair weighs the same.
fn prior(listed: f64, cases: usize, records: usize) -> f64 {
    let (n, m) = (cases.max(1) as f64, records.max(1) as f64);
    let somebody = |odds: f64| {
        let (mut from_record, mut from_case) = (1.0, 1.0);
        for _ in 0..ROUNDS {
            // Half of each step: from a high weight the messages would jump between two ends.
            from_record = f64::midpoint(from_record, 1.0 / (1.0 + (n - 1.0) * odds * from_case));
            from_case = f64::midpoint(from_case, 1.0 / (1.0 + (m - 1.0) * odds * from_record));
        }
        let all = n * odds * from_case;
        all / (1.0 + all)
    };
    let asked = listed * (n / m).min(1.0);
    let (mut low, mut high) = (-12.0_f64, 6.0_f64);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if somebody(10f64.powf(middle)) < asked { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::geo::reach::Reach;
    use crate::linkage::lexicon::Lexicon;
    use crate::linkage::model::Model;
    use crate::linkage::record::{PersonRecord, RecordKind, Sex, WrittenName};
    use crate::matching::link::load;

    fn person(key: u128, side: Side, given: Option<&str>, surnames: Option<(&str, &str)>) -> PersonRecord {
        let kind = if side == Side::Case { RecordKind::Case } else { RecordKind::RemainsNamed };
        let name = WrittenName {
            given: given.map(str::to_owned),
            first_surname: surnames.map(|s| s.0.to_owned()),
            second_surname: surnames.map(|s| s.1.to_owned()),
            ..WrittenName::default()
        };
        PersonRecord {
            names: if given.is_some() || surnames.is_some() { vec![name] } else { Vec::new() },
            sex: Some(Sex::Male),
            ..PersonRecord::new(RecordKey(key), side, kind)
        }
    }

    fn weighed(cases: &[PersonRecord], records: &[PersonRecord], listed: f64) -> Posterior {
        let store = load(Model::standard().unwrap(), Lexicon::standard().unwrap(), Reach::standard().unwrap(), cases, records);
        let keys = |of: &[PersonRecord]| of.iter().map(|r| r.key).collect::<Vec<_>>();
        weigh(&store, Incident { cases: &keys(cases), records: &keys(records), listed })
    }

    fn likely(posterior: &Posterior, case: u128, record: u128) -> f64 {
        posterior.links.iter().find(|l| l.case == RecordKey(case) && l.record == RecordKey(record)).unwrap().probability
    }

    #[test]
    fn bodies_of_which_nothing_is_known_are_somebody_of_the_list_as_likely_as_was_said() {
        let cases: Vec<PersonRecord> = (0..12).map(|key| PersonRecord { sex: None, ..person(key, Side::Case, None, None) }).collect();
        let records: Vec<PersonRecord> = (0..8).map(|key| PersonRecord { sex: None, ..person(key, Side::Found, None, None) }).collect();
        let posterior = weighed(&cases, &records, 0.9);
        for (_, nobody) in &posterior.nobody {
            assert!((nobody - 0.1).abs() < 0.01, "{nobody}");
        }
        for (_, not_found) in &posterior.not_found_dead {
            assert!((not_found - (1.0 - 8.0 * 0.9 / 12.0)).abs() < 0.01, "{not_found}");
        }
    }

    #[test]
    fn who_is_recognised_leaves_the_others_to_the_others() {
        let surnames = Some(("Quispe", "Mamani"));
        let cases = [person(1, Side::Case, Some("Rolando"), surnames), person(2, Side::Case, Some("Edgardo"), surnames)];
        let records = [person(11, Side::Found, Some("Rolando"), surnames), person(12, Side::Found, None, surnames)];
        let posterior = weighed(&cases, &records, 0.95);
        assert!(likely(&posterior, 1, 11) > 0.9, "{posterior:?}");
        // The second body shares nothing with Edgardo but the family; alone it would be either's.
        let alone = weighed(&cases, &records[1..], 0.95);
        assert!((likely(&alone, 1, 12) - likely(&alone, 2, 12)).abs() < 1e-6);
        assert!(likely(&posterior, 2, 12) > 0.8 && likely(&posterior, 1, 12) < 0.1, "{posterior:?}");
    }

    #[test]
    fn a_body_that_fits_nobody_is_likely_nobody_s_of_the_list() {
        let cases =
            [person(1, Side::Case, Some("Rolando"), Some(("Quispe", "Mamani"))), person(2, Side::Case, Some("Edgardo"), Some(("Lux", "Tzoc")))];
        let records = [person(11, Side::Found, Some("Wilmer"), Some(("Zelaya", "Discua")))];
        let posterior = weighed(&cases, &records, 0.9);
        // One in ten before anything was compared.
        assert!(posterior.nobody[0].1 > 0.6, "{posterior:?}");
    }

    #[test]
    fn with_more_bodies_than_names_each_name_is_as_likely_among_them_as_was_said() {
        let unknown = |key, side| PersonRecord { sex: None, ..person(key, side, None, None) };
        let cases: Vec<PersonRecord> = (0..2).map(|key| unknown(key, Side::Case)).collect();
        let records: Vec<PersonRecord> = (0..8).map(|key| unknown(key, Side::Found)).collect();
        let posterior = weighed(&cases, &records, 0.9);
        for (_, not_found) in &posterior.not_found_dead {
            assert!((not_found - 0.1).abs() < 0.01, "{posterior:?}");
        }
    }

    #[test]
    fn a_further_body_that_fits_nobody_makes_nobody_dead() {
        let cases = [person(1, Side::Case, Some("Rolando"), Some(("Quispe", "Mamani")))];
        let foreign = |key, given| person(key, Side::Found, Some(given), Some(("Zelaya", "Discua")));
        let one = weighed(&cases, &[foreign(11, "Wilmer")], 0.9);
        let three = weighed(&cases, &[foreign(11, "Wilmer"), foreign(12, "Josué"), foreign(13, "Nahúm")], 0.9);
        assert!(one.not_found_dead[0].1 > 0.5 && three.not_found_dead[0].1 > 0.5, "{one:?} {three:?}");
    }

    #[test]
    fn a_survivor_who_is_recognised_is_none_of_the_dead() {
        let surnames = Some(("Quispe", "Mamani"));
        let cases = [person(1, Side::Case, Some("Rolando"), surnames), person(2, Side::Case, Some("Edgardo"), surnames)];
        let survivor = PersonRecord { kind: RecordKind::Hospital, ..person(11, Side::Found, Some("Rolando"), surnames) };
        let posterior = weighed(&cases, &[survivor, person(12, Side::Found, None, surnames)], 0.95);
        assert!(likely(&posterior, 1, 11) > 0.9 && likely(&posterior, 2, 12) > 0.8, "{posterior:?}");
        assert!(posterior.not_found_dead[0].1 > 0.9 && posterior.not_found_dead[1].1 < 0.2, "{posterior:?}");
    }

    #[test]
    fn nothing_to_weigh_gives_nothing() {
        let cases = [person(1, Side::Case, Some("Rolando"), None)];
        assert_eq!(weighed(&cases, &[], 0.9).not_found_dead, [(RecordKey(1), 1.0)]);
        assert!(weighed(&[], &[], 0.9).links.is_empty());
    }
}
