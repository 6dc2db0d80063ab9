//! Several remains of one person: found by what they share, and made one before families are asked, as otherwise one person would count twice.

use super::{JointError, Reading, Remains};
use crate::genetics::likelihood::{LikelihoodError, likelihood, of_one};
use crate::genetics::marker::{Call, Marker};
use crate::genetics::pedigree::{Entry, GeneticSex, Pedigree};

/// What two remains weigh for being of one person, log10 LR.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Direct {
    /// Against two people who are not related. Without drop-out 1/P(profile) where they are equal.
    pub unrelated: f64,
    /// Against a brother or sister, the likeliest to be alike.
    pub siblings: f64,
}

impl Direct {
    /// The weaker of both.
    #[must_use]
    pub const fn least(self) -> f64 {
        self.unrelated.min(self.siblings)
    }
}

/// Two siblings, by their sexes, the first two; their parents, the last.
fn siblings(sexes: [GeneticSex; 2]) -> Result<Pedigree, JointError> {
    let [one, other] = sexes;
    let parents = Some(("father", "mother"));
    let all = [
        Entry::new("father", GeneticSex::Male, None),
        Entry::new("mother", GeneticSex::Female, None),
        Entry::new("one", one, parents),
        Entry::new("other", other, parents),
    ];
    Ok(Pedigree::new(&all)?)
}

/// Weighs two remains at the markers that both were typed at. Remains of both sexes are never of one person.
///
/// # Errors
/// What cannot be observed.
pub fn direct(one: &Remains, other: &Remains, markers: &[Marker]) -> Result<Direct, JointError> {
    let never = Direct { unrelated: f64::NEG_INFINITY, siblings: f64::NEG_INFINITY };
    if one.sex != other.sex {
        return Ok(never);
    }
    let pedigree = siblings([one.sex, other.sex])?;
    let mut sum = Direct { unrelated: 0.0, siblings: 0.0 };
    for (marker, both) in markers.iter().zip(one.readings.iter().zip(&other.readings)) {
        let (Some(a), Some(b)) = both else { continue };
        let same = of_one(marker, one.sex, &[a.of(0), b.of(0)]);
        if same == 0.0 {
            return Ok(never);
        }
        let related = |observations: &[_]| -> Result<f64, LikelihoodError> { likelihood(&pedigree, marker, observations, 0.0) };
        let apart = related(&[a.of(2)])?.log10() + related(&[b.of(3)])?.log10();
        sum.unrelated += same.log10() - apart;
        sum.siblings += same.log10() - related(&[a.of(2), b.of(3)])?.log10();
    }
    Ok(sum)
}

/// Remains that are of one person, each with the numbers of all; those of one alone too. Two belong together where their [`Direct::least`] reaches
/// `threshold` (log10), and all of a group have to, two by two, not to contradict each other: then they are merged in the order of remains. Cost: two
/// likelihoods a marker for each pair.
///
/// # Errors
/// What cannot be observed.
pub fn groups(remains: &[Remains], markers: &[Marker], threshold: f64) -> Result<Vec<Vec<usize>>, JointError> {
    let mut groups: Vec<(Remains, Vec<usize>)> = Vec::new();
    for (at, of) in remains.iter().enumerate() {
        let mut best: Option<(f64, usize)> = None;
        for (n, (merged, _)) in groups.iter().enumerate() {
            let weight = direct(merged, of, markers)?.least();
            if weight >= threshold && best.is_none_or(|(before, _)| weight > before) {
                best = Some((weight, n));
            }
        }
        match best {
            Some((_, n)) => {
                groups[n].0 = merge(&[&groups[n].0, of]);
                groups[n].1.push(at);
            }
            None => groups.push((of.clone(), vec![at])),
        }
    }
    Ok(groups.into_iter().map(|(_, all)| all).collect())
}

/// One profile of several of one person; its name is theirs, joined. Of drop-out it keeps the chance that all missed the same copy. A marker at which they
/// cannot be reconciled counts as not typed.
#[must_use]
pub fn merge(all: &[&Remains]) -> Remains {
    let names: Vec<&str> = all.iter().map(|of| of.name.as_str()).collect();
    let (sex, markers) = all.first().map_or((GeneticSex::Female, 0), |of| (of.sex, of.readings.len()));
    let at = |n: usize| {
        let read = all.iter().filter_map(|of| of.readings[n]).map(Some);
        read.reduce(|a, b| consensus(a?, b?)).flatten()
    };
    Remains { name: names.join("+"), sex, readings: (0..markers).map(at).collect() }
}

/// What two readings of one person say together; nothing where they contradict each other.
fn consensus(a: Reading, b: Reading) -> Option<Reading> {
    let mut alleles: Vec<_> = a.call.alleles().chain(b.call.alleles()).collect();
    alleles.sort_unstable();
    alleles.dedup();
    let whole = |of: Reading| matches!(of.call, Call::Both(..));
    let call = match alleles.as_slice() {
        [one] if whole(a) || whole(b) => Call::Both(*one, *one),
        [one] => Call::One(*one),
        [one, other] => Call::Both(*one, *other),
        _ => return None,
    };
    Some(Reading { call, drop_out: a.drop_out * b.drop_out, drop_in: a.drop_in.max(b.drop_in) })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::genetics::marker::Chromosome;

    fn markers(count: usize) -> Vec<Marker> {
        let alleles = ["8", "9", "10", "11"].map(str::to_owned).to_vec();
        (0..count).map(|n| Marker::new(&format!("L{n}"), Chromosome::Autosomal, alleles.clone(), vec![0.1, 0.2, 0.3, 0.4]).unwrap()).collect()
    }

    fn remains(name: &str, calls: &[Option<(usize, usize)>], drop_out: f64) -> Remains {
        let reading = |(a, b): (usize, usize)| Reading { call: Call::Both(a, b), drop_out, drop_in: 0.0 };
        Remains { name: name.into(), sex: GeneticSex::Female, readings: calls.iter().map(|call| call.map(reading)).collect() }
    }

    #[test]
    fn equal_profiles_weigh_one_over_how_frequent_they_are_and_unequal_ones_exclude() {
        let markers = markers(3);
        let one = remains("A", &[Some((0, 1)), Some((2, 2)), None], 0.0);
        let other = remains("B", &[Some((1, 0)), Some((2, 2)), Some((0, 0))], 0.0);
        let weight = direct(&one, &other, &markers).unwrap();
        assert!((weight.unrelated + (2.0_f64 * 0.1 * 0.2 * 0.09).log10()).abs() < 1e-12);
        assert!(weight.siblings < weight.unrelated && weight.siblings > 0.0);
        let unlike = remains("C", &[Some((0, 2)), Some((2, 2)), None], 0.0);
        assert_eq!(direct(&one, &unlike, &markers).unwrap().least(), f64::NEG_INFINITY);
        let man = Remains { sex: GeneticSex::Male, ..other };
        assert_eq!(direct(&one, &man, &markers).unwrap().least(), f64::NEG_INFINITY);
    }

    #[test]
    fn with_drop_out_one_allele_and_two_may_be_of_one_person_by_the_sum_over_what_they_may_have() {
        let markers = markers(1);
        let (d, whole, part) = (0.2, remains("A", &[Some((0, 1))], 0.0), remains("B", &[Some((0, 0))], 0.2));
        let by_hand = (2.0_f64 * 0.1 * 0.2 * d * (1.0 - d)) / (2.0 * 0.1 * 0.2) / (0.01 * (1.0 - d * d) + 2.0 * 0.1 * 0.9 * d * (1.0 - d));
        assert!((direct(&whole, &part, &markers).unwrap().unrelated - by_hand.log10()).abs() < 1e-12);
        let merged = merge(&[&whole, &part]);
        assert_eq!(merged.name, "A+B");
        assert_eq!(merged.readings, [Some(Reading { call: Call::Both(0, 1), drop_out: 0.0, drop_in: 0.0 })]);
    }

    #[test]
    fn fragments_of_one_person_are_one_group_and_their_profile_is_what_both_say() {
        let markers = markers(14);
        let full: Vec<Option<(usize, usize)>> = (0..14).map(|n| Some((n % 2, (n / 2) % 3))).collect();
        let without = |left_out: &dyn Fn(usize) -> bool| full.iter().enumerate().map(|(n, c)| c.filter(|_| !left_out(n))).collect::<Vec<_>>();
        let skull = remains("skull", &without(&|n| n > 11), 0.0);
        let femur = remains("femur", &without(&|n| n < 2), 0.0);
        let stranger = remains("stranger", &[Some((3, 3)); 14], 0.0);
        let all = [skull, stranger, femur];
        let groups = groups(&all, &markers, 4.0).unwrap();
        assert_eq!(groups, [vec![0, 2], vec![1]]);
        let merged = merge(&[&all[0], &all[2]]);
        let same = |call: Call, (a, b): (usize, usize)| call == Call::Both(a, b) || call == Call::Both(b, a);
        assert!(merged.readings.iter().zip(&full).all(|(reading, call)| same(reading.unwrap().call, call.unwrap())));
    }
}
