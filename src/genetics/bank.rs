//! Profiles of a bank, side by side, and what each weighs for a family: a sum of one number a marker.
//!
//! A family's [`Table`] has a number for everything that can be read at a marker, whole or in part, and for nothing read; a profile is the places of its
//! calls there. So a pair costs as many look-ups and additions as there are markers, whatever the family's pedigree and mutation model.

use super::marker::{Call, Marker};
use super::search::{Weights, genotype, genotypes};

/// Profiles weighed at once.
const LANES: usize = 16;

/// Stands for a marker that excludes: more than all markers together can weigh, and so large a power of two that so many of them add up exactly.
const EXCLUDED: f64 = -1_048_576.0;

/// Everything that can be read at a marker: each genotype, each allele whose partner is not known, and nothing.
fn calls(alleles: usize) -> impl Iterator<Item = Option<Call>> {
    let both = (0..alleles).flat_map(|high| (0..=high).map(move |low| Some(Call::Both(low, high))));
    both.chain((0..alleles).map(|allele| Some(Call::One(allele)))).chain([None])
}

/// The place of a call among [`calls`].
fn place(alleles: usize, call: Option<Call>) -> usize {
    match call {
        Some(Call::Both(a, b)) => genotype(a, b),
        Some(Call::One(a)) => genotypes(alleles) + a,
        None => genotypes(alleles) + alleles,
    }
}

/// Profiles of remains as places in a [`Table`].
#[derive(Debug, Clone)]
pub struct Profiles {
    /// By [`LANES`] profiles and by marker; the last are filled up with profiles of which nothing was read.
    places: Vec<[u32; LANES]>,
    markers: usize,
    count: usize,
}

impl Profiles {
    /// Of what was read at these markers. 4 bytes a profile and marker.
    #[must_use]
    pub fn new<'a>(markers: &[Marker], profiles: impl IntoIterator<Item = &'a [Option<Call>]>) -> Self {
        let (mut places, mut count) = (Vec::new(), 0);
        for calls in profiles {
            let lane = count % LANES;
            if lane == 0 {
                places.extend(starts(markers).map(|(start, alleles)| [number(start + place(alleles, None)); LANES]));
            }
            let block = places.len() - markers.len();
            for ((lanes, (start, alleles)), call) in places[block..].iter_mut().zip(starts(markers)).zip(calls) {
                lanes[lane] = number(start + place(alleles, *call));
            }
            count += 1;
        }
        Self { places, markers: markers.len(), count }
    }

    /// What each profile weighs for a family, in their order. About 10 ns a profile of twenty markers.
    pub fn weigh(&self, table: &Table) -> impl Iterator<Item = Pair> {
        let blocks = self.places.chunks(self.markers.max(1));
        let sums = blocks.flat_map(|block| {
            let mut sums = [0.0; LANES];
            for places in block {
                for (sum, place) in sums.iter_mut().zip(places) {
                    *sum += table.0[*place as usize];
                }
            }
            sums
        });
        // Without markers there are no blocks, and nothing weighs anything.
        sums.chain(std::iter::repeat(0.0)).take(self.count).map(Pair::of)
    }
}

/// By marker, where its calls begin among all, and how many alleles it has.
fn starts(markers: &[Marker]) -> impl Iterator<Item = (usize, usize)> {
    markers.iter().scan(0, |start, marker| {
        let alleles = marker.alleles().len();
        let here = *start;
        *start += place(alleles, None) + 1;
        Some((here, alleles))
    })
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// What everything that can be read weighs for one missing person of a family, log10 LR.
#[derive(Debug, Clone)]
pub struct Table(Vec<f64>);

impl Table {
    /// From the weights of every genotype at these markers.
    #[must_use]
    pub fn new(weights: &Weights, markers: &[Marker]) -> Self {
        let of_marker = |(n, marker): (usize, &Marker)| {
            let of_call = |call: Option<Call>| call.map_or(0.0, |call| weights.of_call(n, marker, call)).max(EXCLUDED);
            calls(marker.alleles().len()).map(of_call).collect::<Vec<_>>()
        };
        Self(markers.iter().enumerate().flat_map(of_marker).collect())
    }
}

/// What a profile weighs for a missing person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// log10 LR of the markers that do not exclude; to about 1e-9 where some do.
    pub others: f64,
    /// How many markers exclude.
    pub excluded: u32,
}

impl Pair {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as many as there are markers")]
    fn of(sum: f64) -> Self {
        let excluded = (sum / EXCLUDED).round().max(0.0);
        Self { others: sum - excluded * EXCLUDED, excluded: excluded as u32 }
    }

    /// log10 LR of all markers: minus infinity where one excludes.
    #[must_use]
    pub const fn log10(self) -> f64 {
        if self.excluded == 0 { self.others } else { f64::NEG_INFINITY }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::genetics::likelihood::Observation;
    use crate::genetics::marker::Chromosome;
    use crate::genetics::pedigree::{Entry, GeneticSex, Pedigree};

    fn markers(count: usize) -> Vec<Marker> {
        let alleles = ["8", "9", "10"].map(str::to_owned).to_vec();
        (0..count).map(|n| Marker::new(&format!("L{n}"), Chromosome::Autosomal, alleles.clone(), vec![0.2, 0.3, 0.5]).unwrap()).collect()
    }

    #[test]
    fn profiles_weigh_what_their_calls_weigh_one_by_one_and_exclusions_are_counted() {
        let mother = Entry::new("mother", GeneticSex::Female, None);
        let missing = Entry { mother: Some("mother".into()), ..Entry::new("missing", GeneticSex::Male, None) };
        let pedigree = Pedigree::new(&[mother, missing]).unwrap();
        let number = |name: &str| pedigree.number(name).unwrap();
        let markers = markers(3);
        let seen = [Observation::sure(number("mother"), Call::Both(0, 1))];
        let at: Vec<(&Marker, &[Observation])> = markers.iter().map(|m| (m, &seen[..])).collect();
        let weights = Weights::new(&pedigree, number("missing"), &at).unwrap();
        let table = Table::new(&weights, &markers);
        let all: Vec<Option<Call>> = calls(3).collect();
        // More than two blocks, the last not full.
        let profiles: Vec<[Option<Call>; 3]> = (0..2 * LANES + 5).map(|n| std::array::from_fn(|m| all[n * [1, 3, 7][m] % all.len()])).collect();
        let weighed: Vec<Pair> = Profiles::new(&markers, profiles.iter().map(<[_; 3]>::as_slice)).weigh(&table).collect();
        assert_eq!(weighed.len(), profiles.len());
        for (pair, calls) in weighed.iter().zip(&profiles) {
            let each = || markers.iter().enumerate().zip(calls).filter_map(|((n, m), call)| call.map(|call| weights.of_call(n, m, call)));
            let excluded = each().filter(|w| *w == f64::NEG_INFINITY).count();
            assert_eq!(pair.excluded as usize, excluded, "{calls:?}");
            let others: f64 = each().filter(|w| w.is_finite()).sum();
            assert!((pair.others - others).abs() < 1e-8, "{calls:?}: {pair:?} {others}");
            assert_eq!(pair.log10() == f64::NEG_INFINITY, excluded > 0);
        }
        assert!(weighed.iter().any(|pair| pair.excluded > 1) && weighed.iter().any(|pair| pair.excluded == 0 && pair.others > 0.0));
    }

    #[test]
    fn without_markers_every_profile_weighs_nothing() {
        let none: [Option<Call>; 0] = [];
        let pairs: Vec<Pair> = Profiles::new(&[], [&none[..], &none[..]]).weigh(&Table(Vec::new())).collect();
        assert_eq!(pairs, [Pair { others: 0.0, excluded: 0 }; 2]);
    }
}
