//! What a family's typing can tell before there are remains: how many of those who are not theirs it will exclude, and how strongly it will speak for
//! those who are.
//!
//! Source: Vigeland, Marsico, Herrera Piñero and Egeland, "Prioritising family members for genotyping in missing person cases", Forensic Sci. Int. Genet.
//! 49 (2020), 102376.

use super::marker::{Call, Chromosome, Marker};
use super::search::{Weights, genotype};

/// What a family can tell at one marker.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MarkerPower {
    /// How likely somebody unrelated cannot be the missing person.
    pub exclusion: f64,
    /// log10 LR expected of the missing person's own genotype.
    pub expected_if_true: f64,
    /// log10 LR expected of somebody unrelated who is not excluded, times how likely that is.
    pub expected_if_not: f64,
}

/// What a family can tell at each marker; of X markers nothing.
#[must_use]
pub fn of_markers(weights: &Weights, markers: &[&Marker]) -> Vec<MarkerPower> {
    markers.iter().enumerate().map(|(n, marker)| of_marker(weights, n, marker)).collect()
}

fn of_marker(weights: &Weights, n: usize, marker: &Marker) -> MarkerPower {
    let mut power = MarkerPower::default();
    for_each_genotype(weights, n, marker, &mut |by_chance, log10| {
        if log10 == f64::NEG_INFINITY {
            power.exclusion += by_chance;
        } else {
            power.expected_if_not += by_chance * log10;
            power.expected_if_true += by_chance * 10f64.powf(log10) * log10;
        }
    });
    power
}

fn for_each_genotype(weights: &Weights, n: usize, marker: &Marker, each: &mut dyn FnMut(f64, f64)) {
    if marker.chromosome() == Chromosome::X {
        return;
    }
    let p = marker.frequencies();
    for high in 0..p.len() {
        for low in 0..=high {
            let by_chance = p[low] * p[high] * if low == high { 1.0 } else { 2.0 };
            each(by_chance, weights.of(n, genotype(low, high)));
        }
    }
}

/// How likely somebody unrelated is excluded at one marker or more.
#[must_use]
pub fn exclusion(markers: &[MarkerPower]) -> f64 {
    1.0 - markers.iter().map(|m| 1.0 - m.exclusion).product::<f64>()
}

/// How likely somebody unrelated is excluded at none, one, two ... markers.
#[must_use]
pub fn mismatches(markers: &[MarkerPower]) -> Vec<f64> {
    let mut chances = vec![1.0];
    for marker in markers {
        chances.push(0.0);
        for k in (0..chances.len()).rev() {
            let one_less = k.checked_sub(1).map_or(0.0, |before| chances[before]);
            chances[k] = chances[k] * (1.0 - marker.exclusion) + one_less * marker.exclusion;
        }
    }
    chances
}

/// A profile of the missing person, drawn as the family makes likely; `random` gives numbers from 0 on and below 1.
pub fn profile(weights: &Weights, markers: &[&Marker], random: &mut dyn FnMut() -> f64) -> Vec<Option<Call>> {
    let of_marker = |(n, marker): (usize, &&Marker)| {
        let p = marker.frequencies();
        let (mut sum, mut table) = (0.0, Vec::new());
        for high in 0..p.len() {
            for low in 0..=high {
                let by_chance = p[low] * p[high] * if low == high { 1.0 } else { 2.0 };
                sum += by_chance * 10f64.powf(weights.of(n, genotype(low, high)));
                table.push((sum, Call::Both(low, high)));
            }
        }
        let at = random() * sum;
        table.get(table.partition_point(|entry| entry.0 <= at)).or(table.last()).map(|entry| entry.1)
    };
    markers.iter().enumerate().map(of_marker).collect()
}

/// log10 LR of the missing person, so many times drawn as the family makes likely; `random` gives numbers from 0 on and below 1. Sorted.
#[must_use]
pub fn drawn(weights: &Weights, markers: &[&Marker], times: usize, random: &mut dyn FnMut() -> f64) -> Vec<f64> {
    let tables: Vec<Vec<(f64, f64)>> = markers
        .iter()
        .enumerate()
        .map(|(n, marker)| {
            let (mut sum, mut table) = (0.0, Vec::new());
            for_each_genotype(weights, n, marker, &mut |by_chance, log10| {
                sum += by_chance * 10f64.powf(log10);
                table.push((sum, log10));
            });
            table
        })
        .collect();
    let mut draw = |table: &Vec<(f64, f64)>| {
        let at = random() * table.last().map_or(0.0, |last| last.0);
        table.get(table.partition_point(|entry| entry.0 <= at)).or(table.last()).map_or(0.0, |entry| entry.1)
    };
    let mut out: Vec<f64> = (0..times).map(|_| tables.iter().map(&mut draw).sum()).collect();
    out.sort_by(f64::total_cmp);
    out
}
