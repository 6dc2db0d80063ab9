//! How likely the alleles of two people are copies of one: kinship, inbreeding, and which of the four are copies of which.
//!
//! Source: Jacquard, "The Genetic Structure of Populations" (1974), chapter 6; notation D1 to D9 as there.

use super::elimination::{Network, Variable};
use super::pedigree::Pedigree;

/// The nine condensed states: D1 (all four copies of one) to D9 (no two), in order. Of people who are not inbred D7, D8 and D9 are k2, k1 and k0.
pub type CondensedStates = [f64; 9];

/// The states of two people, whose alleles are followed back to founders' alleles. Cost: founders' alleles to the fourth.
#[must_use]
pub fn condensed(pedigree: &Pedigree, one: usize, other: usize) -> CondensedStates {
    let concerned = pedigree.of_concern(&[one, other]);
    let founders = pedigree.individuals().iter().zip(&concerned).filter(|(i, concerned)| **concerned && i.parents.is_none()).count();
    let labels = 2 * founders;
    let mut network: Network<f64> = Network::new();
    let mut gametes: Vec<Option<[Variable; 2]>> = Vec::with_capacity(concerned.len());
    let mut next = 0;
    for (individual, concerned) in pedigree.individuals().iter().zip(&concerned) {
        if !concerned {
            gametes.push(None);
            continue;
        }
        let own = [network.variable(labels), network.variable(labels)];
        gametes.push(Some(own));
        match individual.parents {
            None => {
                let (label, f) = (next, individual.inbreeding);
                next += 2;
                network.table(&own, |v| match (v[0] == label, v[1] == label, v[1] == label + 1) {
                    (true, true, _) => f,
                    (true, _, true) => 1.0 - f,
                    _ => 0.0,
                });
            }
            Some(parents) => {
                for (gamete, parent) in own.into_iter().zip(parents) {
                    let Some([father, mother]) = gametes[parent] else { continue };
                    network.table(&[father, mother, gamete], |v| 0.5 * f64::from(u8::from(v[0] == v[2]) + u8::from(v[1] == v[2])));
                }
            }
        }
    }
    let (Some(a), Some(b)) = (gametes[one], gametes[other]) else { return [0.0; 9] };
    let mut states = [0.0; 9];
    if one == other {
        let table = network.sum(&a);
        for (at, chance) in table.values.iter().enumerate() {
            states[if at / labels == at % labels { 0 } else { 6 }] += chance;
        }
        return states;
    }
    let table = network.sum(&[a[0], a[1], b[0], b[1]]);
    for (at, chance) in table.values.iter().enumerate() {
        let label = |place: u32| at / labels.pow(place) % labels;
        states[state([label(3), label(2)], [label(1), label(0)])] += chance;
    }
    states
}

/// The number, from 0, of the state of two people's alleles by the founders' alleles they are copies of.
const fn state(a: [usize; 2], b: [usize; 2]) -> usize {
    match (a[0] == a[1], b[0] == b[1]) {
        (true, true) => {
            if a[0] == b[0] {
                0
            } else {
                1
            }
        }
        (true, false) => {
            if a[0] == b[0] || a[0] == b[1] {
                2
            } else {
                3
            }
        }
        (false, true) => {
            if b[0] == a[0] || b[0] == a[1] {
                4
            } else {
                5
            }
        }
        (false, false) => {
            let first = b[0] == a[0] || b[0] == a[1];
            let second = b[1] == a[0] || b[1] == a[1];
            match (first, second) {
                (true, true) => 6,
                (false, false) => 8,
                _ => 7,
            }
        }
    }
}

/// How likely an allele drawn of each of two people is a copy of one; of somebody with himself or herself half of one and the inbreeding.
#[must_use]
pub fn kinship(states: &CondensedStates) -> f64 {
    states[0] + f64::midpoint(states[2], states[4]) + states[6] / 2.0 + states[7] / 4.0
}
