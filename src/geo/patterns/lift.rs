//! Signatures that cases share more often than chance would have it.

use serde::Serialize;
use std::collections::BTreeMap;

/// Pairs seen less often than this are not looked at.
const LEAST: usize = 5;

/// One value of one attribute (`month` = `2024-05`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Sign {
    /// Which attribute.
    pub attribute: String,
    /// Its value.
    pub value: String,
}

/// Two signs that stand together.
#[derive(Debug, Clone, PartialEq)]
pub struct Lift {
    /// One of them.
    pub a: Sign,
    /// The other, of another attribute.
    pub b: Sign,
    /// Cases with both.
    pub n_ab: usize,
    /// Cases with the first, of those where both attributes are recorded.
    pub n_a: usize,
    /// Cases with the second, likewise.
    pub n_b: usize,
    /// Cases where both attributes are recorded.
    pub n: usize,
    /// `(n_ab/N) / ((n_a/N) (n_b/N))`: how many times as often as if neither had to do with the other.
    pub lift: f64,
    /// The cases with both, as numbers of those given, in that order.
    pub members: Vec<usize>,
}

/// Pairs of signs that at least five cases share, the strongest lift first (the interest measure of Brin, Motwani and Silverstein 1997).
///
/// A case may have several values of an attribute. Pairs join two attributes, and only cases where both are recorded count: what was not
/// recorded speaks neither for nor against a pair. Cost: the pairs of signs of every case.
#[must_use]
pub fn shared_signs(cases: &[Vec<Sign>]) -> Vec<Lift> {
    let mut pairs: BTreeMap<(&Sign, &Sign), Vec<usize>> = BTreeMap::new();
    let mut beside: BTreeMap<(&Sign, &str), usize> = BTreeMap::new();
    let mut recorded: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (number, signs) in cases.iter().enumerate() {
        let mut signs: Vec<&Sign> = signs.iter().filter(|sign| !sign.value.is_empty()).collect();
        signs.sort_unstable();
        signs.dedup();
        let mut attributes: Vec<&str> = signs.iter().map(|sign| sign.attribute.as_str()).collect();
        attributes.dedup();
        for (place, a) in attributes.iter().enumerate() {
            for b in &attributes[place + 1..] {
                *recorded.entry((a, b)).or_default() += 1;
            }
        }
        for (place, a) in signs.iter().enumerate() {
            for attribute in attributes.iter().filter(|attribute| **attribute != a.attribute) {
                *beside.entry((a, attribute)).or_default() += 1;
            }
            for b in signs[place + 1..].iter().filter(|b| b.attribute != a.attribute) {
                pairs.entry((a, b)).or_default().push(number);
            }
        }
    }
    let mut found: Vec<Lift> = pairs
        .into_iter()
        .filter(|(_, members)| members.len() >= LEAST)
        .filter_map(|((a, b), members)| {
            let n = *recorded.get(&(a.attribute.as_str(), b.attribute.as_str()))?;
            let n_a = *beside.get(&(a, b.attribute.as_str()))?;
            let n_b = *beside.get(&(b, a.attribute.as_str()))?;
            let n_ab = members.len();
            let lift = (n_ab as f64 * n as f64) / (n_a as f64 * n_b as f64);
            Some(Lift { a: a.clone(), b: b.clone(), n_ab, n_a, n_b, n, lift, members })
        })
        .collect();
    found.sort_by(|x, y| y.lift.total_cmp(&x.lift).then(y.n_ab.cmp(&x.n_ab)).then_with(|| (&x.a, &x.b).cmp(&(&y.a, &y.b))));
    found
}
