//! Founders of one subpopulation: alleles are drawn from an urn into which each goes back with more of its like, so that founders' tables hold sums of
//! terms by how often each class of alleles was drawn, whose chances are put in at the end.
//!
//! Source: Balding and Nichols, "DNA profile match probability calculation", Forensic Sci. Int. 64 (1994), 125-140.

use super::elimination::Weight;

/// Terms by how often each class of alleles was drawn, in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws(Vec<(u128, f64)>);

impl Draws {
    /// One draw of a class, `width` bits for each.
    pub fn of(class: usize, width: u32) -> Self {
        Self(vec![(1 << (class as u32 * width), 1.0)])
    }

    /// With the chances of draws from an urn: the next of a class of frequency `p` after `b` of it among `j` comes with
    /// `(b theta + (1 - theta) p) / (1 + (j - 1) theta)`.
    pub fn chance(&self, frequencies: &[f64], theta: f64, width: u32) -> f64 {
        let of_term = |key: u128| {
            let mut drawn = 0_u32;
            let mut chance = 1.0;
            for (class, p) in frequencies.iter().enumerate() {
                let count = (key >> (class as u32 * width)) & ((1 << width) - 1);
                for before in 0..count {
                    chance *= (before as f64 * theta + (1.0 - theta) * p) / (1.0 + (f64::from(drawn) - 1.0) * theta);
                    drawn += 1;
                }
            }
            chance
        };
        self.0.iter().map(|(key, value)| value * of_term(*key)).sum()
    }
}

/// Adds up the terms of equal draws.
fn gathered(mut terms: Vec<(u128, f64)>) -> Vec<(u128, f64)> {
    terms.sort_unstable_by_key(|term| term.0);
    terms.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    terms
}

impl Weight for Draws {
    fn number(value: f64) -> Self {
        Self(if value == 0.0 { Vec::new() } else { vec![(0, value)] })
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, other: &Self) {
        let mut terms = std::mem::take(&mut self.0);
        terms.extend(&other.0);
        self.0 = gathered(terms);
    }

    fn times(&self, other: &Self) -> Self {
        let products = self.0.iter().flat_map(|(a, x)| other.0.iter().map(move |(b, y)| (a + b, x * y)));
        Self(gathered(products.collect()))
    }
}
