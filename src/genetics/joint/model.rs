//! What families say of remains put into their places.

use rayon::prelude::*;

use super::{Case, Family, JointError, Reading, Remains};
use crate::genetics::likelihood::{LikelihoodError, Observation, likelihood};
use crate::genetics::marker::Marker;
use crate::genetics::pedigree::{Entry, GeneticSex, Pedigree};

/// Where mutation counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mutations {
    /// As the markers have it.
    #[default]
    AsGiven,
    /// Only in families whose own members cannot be as they were read without it.
    WhereNeeded,
}

/// A case with what its families and remains are likely by themselves.
#[derive(Debug)]
pub struct Model<'a> {
    case: &'a Case,
    /// By family, its markers.
    markers: Vec<&'a [Marker]>,
    /// By remains and marker, log10.
    alone: Vec<Vec<f64>>,
    /// By family and marker, with nobody placed, log10.
    empty: Vec<Vec<f64>>,
}

/// Of one person who is related to nobody.
pub(super) fn single(sex: GeneticSex) -> Result<Pedigree, JointError> {
    Ok(Pedigree::new(&[Entry::new("remains", sex, None)])?)
}

/// log10 likelihoods of what a family's members were read with, by marker.
fn by_marker(family: &Family, markers: &[Marker]) -> Result<Vec<f64>, LikelihoodError> {
    markers.iter().zip(&family.observed).map(|(marker, observed)| Ok(likelihood(&family.pedigree, marker, observed, 0.0)?.log10())).collect()
}

fn of_remains(remains: &Remains, markers: &[Marker]) -> Result<Vec<f64>, JointError> {
    let pedigree = single(remains.sex)?;
    let at = |(marker, reading): (&Marker, &Option<Reading>)| -> Result<f64, JointError> {
        let Some(reading) = reading else { return Ok(0.0) };
        let alone = likelihood(&pedigree, marker, &[reading.of(0)], 0.0)?;
        if alone == 0.0 {
            return Err(JointError::ImpossibleRemains { remains: remains.name.clone(), marker: marker.name().to_owned() });
        }
        Ok(alone.log10())
    };
    markers.iter().zip(&remains.readings).map(at).collect()
}

impl<'a> Model<'a> {
    /// Cost: one likelihood for each marker of each family and of each remains.
    ///
    /// # Errors
    /// Families that cannot be as they were read, profiles that nobody has, and what cannot be observed.
    pub fn new(case: &'a Case, mutations: Mutations) -> Result<Self, JointError> {
        let mut markers = Vec::with_capacity(case.families.len());
        let mut empty = Vec::with_capacity(case.families.len());
        for family in &case.families {
            let without = match mutations {
                Mutations::AsGiven => None,
                Mutations::WhereNeeded => Some(by_marker(family, &case.plain)?).filter(|all| all.iter().all(|x| x.is_finite())),
            };
            let (own, alone) = match without {
                Some(without) => (case.plain.as_slice(), without),
                None => (case.markers.as_slice(), by_marker(family, &case.markers)?),
            };
            if let Some(at) = alone.iter().position(|x| !x.is_finite()) {
                let marker = own[at].name().to_owned();
                return Err(JointError::ImpossibleFamily { family: family.name.clone(), marker });
            }
            markers.push(own);
            empty.push(alone);
        }
        let alone = case.remains.iter().map(|remains| of_remains(remains, &case.markers)).collect::<Result<_, _>>()?;
        Ok(Self { case, markers, alone, empty })
    }

    /// The case.
    #[must_use]
    pub const fn case(&self) -> &'a Case {
        self.case
    }

    /// log10 likelihood of everything if nobody is anybody missing.
    #[must_use]
    pub fn log10_of_nobody(&self) -> f64 {
        self.alone.iter().chain(&self.empty).flatten().sum()
    }

    /// log10 likelihood of a family's members, and of remains at its places.
    ///
    /// # Errors
    /// What cannot be observed.
    pub fn log10_of(&self, family: usize, placed: &[(usize, usize)]) -> Result<f64, JointError> {
        let own: f64 = self.empty[family].iter().sum();
        let placed_alone: f64 = placed.iter().flat_map(|(_, v)| &self.alone[*v]).sum();
        Ok(own + placed_alone + self.log10_ratio(family, placed)?)
    }

    /// log10 LR of remains at places of one family, pairs of missing person and remains, against their being nobody of it. Cost: one likelihood for each
    /// marker that one of them was typed at.
    ///
    /// # Errors
    /// What cannot be observed.
    pub fn log10_ratio(&self, family: usize, placed: &[(usize, usize)]) -> Result<f64, JointError> {
        self.ratio(family, placed, |n| (self.case.families[family].observed[n].clone(), self.empty[family][n]))
    }

    /// log10 LR of remains at places of one family against their being unrelated, by their own profiles and nobody else's.
    ///
    /// # Errors
    /// What cannot be observed.
    pub fn log10_among(&self, family: usize, placed: &[(usize, usize)]) -> Result<f64, JointError> {
        if placed.len() < 2 {
            return Ok(0.0);
        }
        self.ratio(family, placed, |_| (Vec::new(), 0.0))
    }

    fn ratio(&self, family: usize, placed: &[(usize, usize)], others: impl Fn(usize) -> (Vec<Observation>, f64)) -> Result<f64, JointError> {
        let mut sum = 0.0;
        for (n, marker) in self.markers[family].iter().enumerate() {
            let read = || placed.iter().filter_map(|(m, v)| Some((*m, *v, self.case.remains[*v].readings[n]?)));
            if read().next().is_none() {
                continue;
            }
            let (mut observed, alone) = others(n);
            observed.extend(read().map(|(m, _, reading)| reading.of(self.case.missing[m].individual)));
            let together = likelihood(&self.case.families[family].pedigree, marker, &observed, 0.0)?;
            if together == 0.0 {
                return Ok(f64::NEG_INFINITY);
            }
            sum += together.log10() - alone - read().map(|(_, v, _)| self.alone[v][n]).sum::<f64>();
        }
        Ok(sum)
    }

    /// By remains and missing person, log10 LR of the one being the other; nothing for pairs that are not asked for. On all cores.
    ///
    /// # Errors
    /// What cannot be observed.
    pub fn pairwise(&self, asked: &[Vec<bool>]) -> Result<Vec<Vec<Option<f64>>>, JointError> {
        let of = |(v, row): (usize, &Vec<bool>)| {
            let pair = |(m, asked): (usize, &bool)| asked.then(|| self.log10_ratio(self.case.missing[m].family, &[(m, v)])).transpose();
            row.iter().enumerate().map(pair).collect()
        };
        asked.par_iter().enumerate().map(of).collect()
    }
}

/// By remains and missing person, at how many markers the one cannot be the other without mutation; nothing for pairs that are not asked for. Markers at
/// which the family itself cannot be as it was read do not count. On all cores.
///
/// # Errors
/// What cannot be observed.
pub fn incompatible(case: &Case, asked: &[Vec<bool>]) -> Result<Vec<Vec<Option<u32>>>, JointError> {
    let alone = case.families.iter().map(|family| by_marker(family, &case.plain)).collect::<Result<Vec<_>, _>>()?;
    let pair = |v: usize, m: usize| -> Result<u32, JointError> {
        let (missing, mut count) = (&case.missing[m], 0);
        let family = &case.families[missing.family];
        for (n, marker) in case.plain.iter().enumerate() {
            let Some(reading) = case.remains[v].readings[n].filter(|_| alone[missing.family][n].is_finite()) else { continue };
            let observed = [&family.observed[n][..], &[reading.of(missing.individual)]].concat();
            count += u32::from(likelihood(&family.pedigree, marker, &observed, 0.0)? == 0.0);
        }
        Ok(count)
    };
    let of = |(v, row): (usize, &Vec<bool>)| row.iter().enumerate().map(|(m, asked)| asked.then(|| pair(v, m)).transpose()).collect();
    asked.par_iter().enumerate().map(of).collect()
}
