//! A hypothesis beside its rivals: a record is one person's at most, and one person cannot be two bodies, so what another pair is worth is taken from it.

use super::ServiceError;
use crate::db::Tx;
use crate::db::duplicates;
use crate::db::hypotheses::{self, HypothesisRow, NearPair};
use crate::domain::found::FoundKind;
use crate::domain::hypothesis::HypothesisState;
use crate::linkage::model::Millibans;
use crate::matching::joint::{Edge, Together};
use crate::matching::score::probability;
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Pairs that are weighed together at most.
const MOST: i64 = 1000;
/// log10 odds of a pair that people of two institutions confirmed.
const CONFIRMED: f64 = 6.0;

/// What a hypothesis is worth beside its rivals, as far as the asking institution may see these.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Rivalry {
    /// log10 of the odds with what rivals take off.
    pub log10_odds: f64,
    /// Probability with what rivals take off.
    pub probability: f64,
    /// How likely the found record is none of the persons sought.
    pub none_of_record: f64,
    /// How likely none of the remains are the person sought; left out for a record of a living person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_remains_of_case: Option<f64>,
    /// Who competes with it for its record or, among remains, for its case; most likely first.
    pub rivals: Vec<Rival>,
}

/// A hypothesis that cannot be true together with another.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Rival {
    /// The hypothesis.
    pub id: Uuid,
    /// What both want: case or `found_record`.
    pub shares: &'static str,
    /// Folio of its case; left out where it may not be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_folio: Option<String>,
    /// Folio of its found record; left out where it may not be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_folio: Option<String>,
    /// Its state.
    pub state: HypothesisState,
    /// Its probability, with what its own rivals take off.
    pub probability: f64,
}

/// Weighs a hypothesis together with those around it; `None` once it is decided or ended. Costs two queries by index, and what [`Together`] takes.
pub(super) async fn of(tx: &mut Tx, row: &HypothesisRow) -> Result<Option<Rivalry>, ServiceError> {
    let near = hypotheses::near_pairs(tx, row, MOST).await?;
    let mut subjects: Vec<Uuid> = near.iter().flat_map(|pair| [pair.case_id, pair.found_id]).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let links = duplicates::links_among(tx, &subjects).await?;
    Ok(weigh(row.id, &near, &links))
}

/// [`of`] without the database. Records that are linked as one person's count as one.
fn weigh(id: Uuid, near: &[NearPair], links: &[(Uuid, Uuid)]) -> Option<Rivalry> {
    let state = |pair: &NearPair| pair.state.parse().unwrap_or(HypothesisState::Withdrawn);
    // Of a record that may not be seen it is not told either whether it is of remains.
    let body = |pair: &NearPair| pair.found_kind.as_deref().and_then(|k| k.parse().ok()).is_some_and(FoundKind::is_remains);
    let mine = near.iter().position(|pair| pair.id == id && state(pair) != HypothesisState::Confirmed)?;
    let persons = Persons::new(near, links);
    let edges: Vec<Edge> = near
        .iter()
        .map(|pair| Edge {
            case: persons.of(pair.case_id),
            record: persons.of(pair.found_id),
            only_one: body(pair),
            odds: Millibans::from_log10(if state(pair) == HypothesisState::Confirmed { CONFIRMED } else { pair.log10_odds }),
        })
        .collect();
    let together = Together::new(&edges);
    let edge = edges[mine];
    let rivals = near.iter().zip(&edges).zip(&together.odds).filter_map(|((pair, other), odds)| {
        let (case, record) = (other.case == edge.case, other.record == edge.record);
        let shares = match (case, record) {
            (true, false) if other.only_one && edge.only_one => "case",
            (false, true) => "found_record",
            _ => return None,
        };
        Some(Rival {
            id: pair.id,
            shares,
            case_folio: pair.case_folio.clone(),
            found_folio: pair.found_folio.clone(),
            state: state(pair),
            probability: probability(*odds),
        })
    });
    let mut rivals: Vec<Rival> = rivals.collect();
    rivals.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.id.cmp(&b.id)));
    let odds = together.odds[mine];
    Some(Rivalry {
        log10_odds: odds.log10(),
        probability: probability(odds),
        none_of_record: together.none_of_record(edge.record),
        no_remains_of_case: edge.only_one.then(|| together.no_remains_of_case(edge.case)),
        rivals,
    })
}

/// Numbers of cases and found records, one for all that are linked.
struct Persons(BTreeMap<Uuid, u32>);

impl Persons {
    fn new(near: &[NearPair], links: &[(Uuid, Uuid)]) -> Self {
        let subjects = near.iter().flat_map(|pair| [pair.case_id, pair.found_id]);
        let mut numbers: BTreeMap<Uuid, u32> = subjects.zip(0..).collect();
        // A link gives two groups one number; there are few.
        for (one, two) in links {
            if let (Some(&one), Some(&two)) = (numbers.get(one), numbers.get(two)) {
                numbers.values_mut().filter(|n| **n == two).for_each(|n| *n = one);
            }
        }
        Self(numbers)
    }

    fn of(&self, subject: Uuid) -> u32 {
        self.0.get(&subject).copied().unwrap_or(0)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Case and record by number, kind of the record, state, log10 odds; the hypothesis has the number of its place.
    fn pairs(of: &[(u128, u128, Option<&str>, &str, f64)]) -> Vec<NearPair> {
        let pair = |(n, (case, record, kind, state, odds)): (usize, &(u128, u128, Option<&str>, &str, f64))| NearPair {
            id: Uuid::from_u128(n as u128),
            case_id: Uuid::from_u128(1000 + case),
            found_id: Uuid::from_u128(2000 + record),
            case_folio: Some(format!("C{case}")),
            found_folio: kind.map(|_| format!("R{record}")),
            found_kind: kind.map(str::to_owned),
            state: (*state).to_owned(),
            log10_odds: *odds,
        };
        of.iter().enumerate().map(pair).collect()
    }

    const REMAINS: Option<&str> = Some("remains_unnamed");
    const LIVING: Option<&str> = Some("detention");

    #[test]
    fn a_record_wanted_by_two_cases_is_worth_less_to_each() {
        let near = pairs(&[(1, 1, LIVING, "proposed", 0.5), (2, 1, LIVING, "under_review", 1.5), (1, 2, LIVING, "proposed", 3.0)]);
        let seen = weigh(Uuid::from_u128(0), &near, &[]).unwrap();
        assert!(seen.log10_odds < 0.5 && seen.no_remains_of_case.is_none());
        // The person may be in another register too: only who wants the record competes.
        assert_eq!(seen.rivals.iter().map(|r| (r.id.as_u128(), r.shares)).collect::<Vec<_>>(), [(1, "found_record")]);
        let sum = seen.probability + seen.rivals[0].probability + seen.none_of_record;
        assert!((sum - 1.0).abs() < 2e-3, "{sum}");
    }

    #[test]
    fn a_case_confirmed_to_be_other_remains_takes_nearly_all_from_a_pair_with_remains_and_nothing_from_the_living() {
        let near = pairs(&[(1, 1, REMAINS, "proposed", 2.0), (1, 2, REMAINS, "confirmed", 1.0)]);
        let seen = weigh(Uuid::from_u128(0), &near, &[]).unwrap();
        assert!(seen.log10_odds < -3.5 && seen.rivals[0].shares == "case");
        assert!(weigh(Uuid::from_u128(1), &near, &[]).is_none());
        let living = pairs(&[(1, 1, LIVING, "proposed", 2.0), (1, 2, REMAINS, "confirmed", 1.0)]);
        assert!((weigh(Uuid::from_u128(0), &living, &[]).unwrap().log10_odds - 2.0).abs() < 1e-9);
    }

    #[test]
    fn linked_records_do_not_compete_and_a_record_out_of_sight_is_taken_for_no_remains() {
        let near = pairs(&[(1, 1, REMAINS, "proposed", 1.0), (1, 2, REMAINS, "proposed", 1.0), (2, 1, REMAINS, "proposed", 0.8)]);
        let links = [(near[0].found_id, near[1].found_id), (near[0].case_id, near[2].case_id)];
        let seen = weigh(Uuid::from_u128(0), &near, &links).unwrap();
        assert!(seen.rivals.is_empty() && (seen.log10_odds - 1.0).abs() < 1e-9);
        let hidden = pairs(&[(1, 1, REMAINS, "proposed", 1.0), (1, 2, None, "proposed", 4.0)]);
        assert!((weigh(Uuid::from_u128(0), &hidden, &[]).unwrap().log10_odds - 1.0).abs() < 1e-9);
    }
}
