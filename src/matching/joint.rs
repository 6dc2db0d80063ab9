//! One posterior for a whole set of candidate pairs: a record belongs to one person at most, and one person cannot be two bodies.
//!
//! Every pair weighed alone has odds `o = prior odds * likelihood ratio`. Over all pairs together the weight of an assignment is the product of
//! the odds of the pairs it contains, where a record stands in one pair at most and a case in one pair with remains at most; several
//! registers of the living may be one person's. The chance of a pair under that distribution is its marginal in a monomer-dimer model, and
//! belief propagation computes it (exactly on trees; it converges on every graph: Bayati, Gamarnik, Katz, Nair, Tetali, "Simple
//! deterministic approximation algorithms for counting matchings", STOC 2007). Siblings and namesakes come apart here: the record that fits
//! one brother better is taken from the other.

use rayon::prelude::*;
use std::collections::BTreeMap;

use crate::linkage::model::Millibans;

use super::score::probability;

/// One candidate pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Number of the case, from 0.
    pub case: u32,
    /// Number of the record, from 0.
    pub record: u32,
    /// True when the case can be the person of one such record only: of remains, and of anybody found in a closed list.
    pub only_one: bool,
    /// log10 odds of the pair weighed alone.
    pub odds: Millibans,
}

/// Rounds after which the messages stand still in every graph met so far; what is left then changes no thousandth.
const ROUNDS: usize = 200;
/// Largest relative change of a message in the last round.
const STILL: f64 = 1e-7;

/// The edges of every node, as one list of edge numbers cut by node.
struct Nodes {
    edges: Vec<u32>,
    starts: Vec<u32>,
}

impl Nodes {
    fn new(count: usize, of: impl Iterator<Item = Option<u32>> + Clone) -> Self {
        let mut starts = vec![0_u32; count + 1];
        for node in of.clone().flatten() {
            starts[node as usize + 1] += 1;
        }
        for i in 0..count {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut edges = vec![0_u32; starts[count] as usize];
        for (edge, node) in (0_u32..).zip(of) {
            if let Some(node) = node {
                edges[next[node as usize] as usize] = edge;
                next[node as usize] += 1;
            }
        }
        Self { edges, starts }
    }

    /// For every edge `1 / (1 + sum of load over the node's other edges)`; 1 where the edge has no such node. Also the largest relative change.
    fn messages(&self, load: &[f64], out: &mut [f64]) -> f64 {
        // Sums before and after each edge, so that a large one is never subtracted from a larger.
        let changed: Vec<(Vec<f64>, f64)> = self
            .starts
            .par_windows(2)
            .with_min_len(256)
            .map(|cut| {
                let edges = &self.edges[cut[0] as usize..cut[1] as usize];
                let mut after: Vec<f64> = vec![0.0; edges.len()];
                let mut sum = 0.0;
                for (i, edge) in edges.iter().enumerate().rev() {
                    after[i] = sum;
                    sum += load[*edge as usize];
                }
                let mut before = 0.0;
                let mut most = 0.0_f64;
                for (i, edge) in edges.iter().enumerate() {
                    let message = 1.0 / (1.0 + before + after[i]);
                    most = most.max((message / out[*edge as usize] - 1.0).abs());
                    after[i] = message;
                    before += load[*edge as usize];
                }
                (after, most)
            })
            .collect();
        let mut most = 0.0_f64;
        for (cut, (messages, change)) in self.starts.windows(2).zip(changed) {
            for (edge, message) in self.edges[cut[0] as usize..cut[1] as usize].iter().zip(messages) {
                out[*edge as usize] = message;
            }
            most = most.max(change);
        }
        most
    }
}

/// What the rivals of every edge take off its odds, log10, never above 0, in the order of `edges`. A pair without rivals keeps its odds.
/// Cost: about 20 ns an edge and round, 10 to 40 rounds.
#[must_use]
pub fn rivals(edges: &[Edge]) -> Vec<Millibans> {
    Messages::of(edges).rivals()
}

/// What every edge hears from its two ends: how likely each is free for it.
pub(super) struct Messages {
    /// Odds of the pair weighed alone.
    pub odds: Vec<f64>,
    /// That the record is no other case's.
    pub from_record: Vec<f64>,
    /// That the case is no other such record.
    pub from_case: Vec<f64>,
}

impl Messages {
    /// The messages once they stand still; cost as of [`rivals`].
    pub fn of(edges: &[Edge]) -> Self {
        let cases = edges.iter().map(|e| e.case as usize + 1).max().unwrap_or(0);
        let records = edges.iter().map(|e| e.record as usize + 1).max().unwrap_or(0);
        let of_record = Nodes::new(records, edges.iter().map(|e| Some(e.record)));
        let of_case = Nodes::new(cases, edges.iter().map(|e| e.only_one.then_some(e.case)));
        let odds: Vec<f64> = edges.par_iter().map(|e| 10f64.powf(e.odds.log10())).collect();
        let (mut from_record, mut from_case) = (vec![1.0; edges.len()], vec![1.0; edges.len()]);
        for _ in 0..ROUNDS {
            let load: Vec<f64> = odds.par_iter().zip(&from_case).map(|(o, m)| o * m).collect();
            let first = of_record.messages(&load, &mut from_record);
            let load: Vec<f64> = odds.par_iter().zip(&from_record).map(|(o, m)| o * m).collect();
            let second = of_case.messages(&load, &mut from_case);
            if first.max(second) < STILL {
                break;
            }
        }
        Self { odds, from_record, from_case }
    }

    /// [`rivals`] of the edges.
    pub fn rivals(&self) -> Vec<Millibans> {
        self.from_record.par_iter().zip(&self.from_case).map(|(r, c)| Millibans::from_log10((r * c).log10())).collect()
    }
}

/// Pairs weighed together, and what is left for "none of these".
#[derive(Debug, Clone)]
pub struct Together {
    /// log10 odds of each pair with what its rivals take off, in the order the pairs were given.
    pub odds: Vec<Millibans>,
    /// The pairs as nodes see them: once each, with their probability.
    pairs: Vec<(Edge, f64)>,
}

impl Together {
    /// Weighs pairs together ([`rivals`]). Records that are known to be one person's have one number; of several pairs between the same two numbers the
    /// strongest stands for all, which are no rivals of each other.
    #[must_use]
    pub fn new(pairs: &[Edge]) -> Self {
        let mut strongest: BTreeMap<(u32, u32), Edge> = BTreeMap::new();
        for pair in pairs {
            let first = strongest.entry((pair.case, pair.record)).or_insert(*pair);
            *first = Edge { only_one: first.only_one || pair.only_one, odds: first.odds.max(pair.odds), ..*first };
        }
        let edges: Vec<Edge> = strongest.into_values().collect();
        let taken = rivals(&edges);
        let of =
            |pair: &Edge| edges.binary_search_by_key(&(pair.case, pair.record), |e| (e.case, e.record)).map_or(Millibans(0), |at| taken[at]);
        let odds = pairs.iter().map(|pair| pair.odds + of(pair)).collect();
        let pairs = edges.iter().zip(&taken).map(|(edge, rivals)| (*edge, probability(edge.odds + *rivals))).collect();
        Self { odds, pairs }
    }

    /// How likely the record is none of the cases' person.
    #[must_use]
    pub fn none_of_record(&self, record: u32) -> f64 {
        self.none(|edge| edge.record == record)
    }

    /// How likely none of the remains are the case's person.
    #[must_use]
    pub fn no_remains_of_case(&self, case: u32) -> f64 {
        self.none(|edge| edge.case == case && edge.only_one)
    }

    fn none(&self, of: impl Fn(&Edge) -> bool) -> f64 {
        (1.0 - self.pairs.iter().filter(|(edge, _)| of(edge)).map(|(_, p)| p).sum::<f64>()).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edge(case: u32, record: u32, only_one: bool, odds: i32) -> Edge {
        Edge { case, record, only_one, odds: Millibans(odds) }
    }

    /// log10 odds of every edge by adding up all assignments.
    fn by_counting(edges: &[Edge]) -> Vec<f64> {
        let mut with = vec![0.0; edges.len()];
        let mut all = 0.0;
        for set in 0_u32..1 << edges.len() {
            let chosen: Vec<&Edge> = edges.iter().enumerate().filter(|(i, _)| set & 1 << i != 0).map(|(_, e)| e).collect();
            let clash = chosen
                .iter()
                .enumerate()
                .any(|(i, a)| chosen[..i].iter().any(|b| a.record == b.record || (a.case == b.case && a.only_one && b.only_one)));
            if clash {
                continue;
            }
            let weight: f64 = chosen.iter().map(|e| 10f64.powf(e.odds.log10())).product();
            all += weight;
            for (i, w) in with.iter_mut().enumerate() {
                if set & 1 << i != 0 {
                    *w += weight;
                }
            }
        }
        with.iter().map(|w| (w / (all - w)).log10()).collect()
    }

    fn joint(edges: &[Edge]) -> Vec<f64> {
        rivals(edges).iter().zip(edges).map(|(r, e)| (e.odds + *r).log10()).collect()
    }

    #[test]
    fn a_pair_without_rivals_keeps_its_odds() {
        assert_eq!(rivals(&[edge(0, 0, true, 1500), edge(1, 1, false, -2000)]), [Millibans(0), Millibans(0)]);
        assert!(rivals(&[]).is_empty());
    }

    #[test]
    fn a_record_that_fits_one_brother_better_is_taken_from_the_other() {
        let edges = [edge(0, 0, false, 4000), edge(1, 0, false, 1000)];
        let odds = joint(&edges);
        assert!((odds[0] - 2.96).abs() < 0.01 && (odds[1] + 3.0).abs() < 0.01, "{odds:?}");
    }

    #[test]
    fn two_registers_of_the_living_may_be_one_person_but_two_bodies_may_not() {
        let living = joint(&[edge(0, 0, false, 2000), edge(0, 1, false, 2000)]);
        assert!(living.iter().all(|o| (o - 2.0).abs() < 1e-9));
        let bodies = joint(&[edge(0, 0, true, 2000), edge(0, 1, true, 2000)]);
        assert!(bodies.iter().all(|o| o.abs() < 0.01), "{bodies:?}");
    }

    #[test]
    fn a_large_rival_does_not_swallow_a_small_ones_share() {
        let odds = joint(&[edge(0, 0, false, 20_000), edge(1, 0, false, 3000)]);
        assert!((odds[0] - 17.0).abs() < 0.01 && (odds[1] + 17.0).abs() < 0.01, "{odds:?}");
    }

    proptest! {
        #[test]
        fn on_trees_the_odds_equal_those_of_all_assignments_added_up(
            odds in prop::collection::vec(-4000..4000_i32, 1..10), bodies in prop::collection::vec(any::<bool>(), 10), turns in any::<u32>()
        ) {
            // A random tree: every new edge hangs a new record on an old case or a new case on an old record.
            let (mut cases, mut records) = (1_u32, 1_u32);
            let mut edges = vec![edge(0, 0, bodies[0], odds[0])];
            for (i, o) in odds.iter().enumerate().skip(1) {
                let old = turns.rotate_left(i as u32 * 3);
                if old & 1 == 0 {
                    edges.push(edge(old / 2 % cases, records, bodies[i], *o));
                    records += 1;
                } else {
                    let record = old / 2 % records;
                    let body = edges.iter().find(|e| e.record == record).is_some_and(|e| e.only_one);
                    edges.push(edge(cases, record, body, *o));
                    cases += 1;
                }
            }
            for (fast, slow) in joint(&edges).into_iter().zip(by_counting(&edges)) {
                prop_assert!((fast - slow).abs() < 0.002, "{fast} {slow}");
            }
        }

        #[test]
        fn rivals_never_add(
            edges in prop::collection::vec((0..6_u32, 0..6_u32, any::<bool>(), -6000..9000_i32), 0..25)
        ) {
            let edges: Vec<Edge> = edges.into_iter().map(|(c, r, b, o)| edge(c, r, b, o)).collect();
            prop_assert!(rivals(&edges).iter().all(|r| r.0 <= 0));
        }
    }

    #[test]
    fn a_body_that_two_reports_claim_is_shared_between_them_and_none() {
        let pair = |case, record, only_one, odds| Edge { case, record, only_one, odds: Millibans::from_log10(odds) };
        let together = Together::new(&[pair(0, 0, true, 0.0), pair(1, 0, true, 0.0)]);
        // Three worlds weigh the same: the one, the other, neither.
        for odds in &together.odds {
            assert!((probability(*odds) - 1.0 / 3.0).abs() < 1e-3);
        }
        assert!((together.none_of_record(0) - 1.0 / 3.0).abs() < 1e-3);
        assert!((together.no_remains_of_case(0) - 2.0 / 3.0).abs() < 1e-3);
    }

    #[test]
    fn several_registers_of_the_living_may_be_of_one_person_and_several_bodies_may_not() {
        let pair = |record, only_one| Edge { case: 0, record, only_one, odds: Millibans::from_log10(1.0) };
        let living = Together::new(&[pair(0, false), pair(1, false)]);
        assert_eq!(living.odds, [Millibans::from_log10(1.0); 2]);
        assert!((living.no_remains_of_case(0) - 1.0).abs() < 1e-9);
        let remains = Together::new(&[pair(0, true), pair(1, true)]);
        assert!(remains.odds.iter().all(|odds| *odds < Millibans::from_log10(0.0)));
    }

    #[test]
    fn pairs_of_records_known_to_be_one_persons_take_nothing_from_each_other() {
        let pair = |odds| Edge { case: 0, record: 0, only_one: true, odds: Millibans::from_log10(odds) };
        let together = Together::new(&[pair(1.0), pair(0.5)]);
        assert_eq!(together.odds, [1.0, 0.5].map(Millibans::from_log10));
        assert!((together.no_remains_of_case(0) - 1.0 / 11.0).abs() < 1e-3);
    }
}
