//! Many remains and many families at once: who is whom, where each remains may be one missing person or nobody, and each missing person one remains or
//! none.
//!
//! `L(assignment) = product over families of P(family's profiles, remains at their places) * product over unassigned remains of P(profile)`, so that what
//! a family says is computed once for each way to place remains into it ([`Model`]), and sums over all assignments are sums over families in turn
//! ([`assignments`]). All numbers are log10 of ratios to the assignment of nobody; what cannot be is minus infinity.
//!
//! Source: Vigeland and Egeland, "Joint DNA-based disaster victim identification", Sci. Rep. 11 (2021), 13661.

pub mod assignments;
pub mod fragments;
mod model;
pub mod solve;
pub mod weigh;

use thiserror::Error;

pub use self::model::{Model, Mutations, incompatible};
use super::likelihood::{LikelihoodError, Observation};
use super::marker::{Call, Marker};
use super::pedigree::{GeneticSex, Pedigree, PedigreeError};

/// What was read at one marker, and how much of what is there may not have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// What was read.
    pub call: Call,
    /// How likely one copy of an allele is not read.
    pub drop_out: f64,
    /// How likely an allele is read that is not there.
    pub drop_in: f64,
}

impl Reading {
    /// All that is there and nothing else.
    #[must_use]
    pub const fn sure(call: Call) -> Self {
        Self { call, drop_out: 0.0, drop_in: 0.0 }
    }

    /// Read of somebody of a pedigree.
    #[must_use]
    pub const fn of(self, individual: usize) -> Observation {
        Observation { individual, call: self.call, drop_out: self.drop_out, drop_in: self.drop_in }
    }
}

/// Remains, or several of one person as one.
#[derive(Debug, Clone, PartialEq)]
pub struct Remains {
    /// A name that no other has.
    pub name: String,
    /// Sex.
    pub sex: GeneticSex,
    /// By marker; nothing where it was not typed.
    pub readings: Vec<Option<Reading>>,
}

/// A family, some of whom were typed and some are missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Its name.
    pub name: String,
    /// Who descends from whom.
    pub pedigree: Pedigree,
    /// By marker, what was read of its members.
    pub observed: Vec<Vec<Observation>>,
}

/// Somebody who is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The name.
    pub name: String,
    /// The number of the family.
    pub family: usize,
    /// The number in the family's pedigree.
    pub individual: usize,
}

/// Why remains and families cannot be weighed together.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum JointError {
    /// Somebody missing who is in no family.
    #[error("the missing person {0} is in no family")]
    NoFamily(String),
    /// One name for several.
    #[error("the missing person {0} is in several families: give each person a name of his or her own")]
    SeveralFamilies(String),
    /// Somebody listed twice.
    #[error("{0} is listed twice")]
    Twice(String),
    /// Somebody missing who was typed.
    #[error("{0} is missing and typed: weigh that profile against remains directly")]
    MissingTyped(String),
    /// Not one reading, or none, for each marker.
    #[error("{0} has readings of {1} markers of {2}")]
    Lengths(String, usize, usize),
    /// A family that cannot be as its members were read.
    #[error(
        "{family}: what its members were read with at marker {marker} cannot be; correct the pedigree or the profiles, or give mutation a chance"
    )]
    ImpossibleFamily {
        /// Which.
        family: String,
        /// Where.
        marker: String,
    },
    /// A profile that nobody has.
    #[error("{remains}: nobody has what was read at marker {marker}, by the frequencies of its alleles")]
    ImpossibleRemains {
        /// Whose.
        remains: String,
        /// Where.
        marker: String,
    },
    /// More assignments than may be listed.
    #[error("{of}: {count} assignments are more than {cap}; leave out pairs that are excluded, or ask for less than the table of all")]
    TooMany {
        /// Of what: a family's name, or all.
        of: String,
        /// How many.
        count: u128,
        /// How many may be.
        cap: usize,
    },
    /// Sums over too many ways in which remains are left for further families.
    #[error("at {family} remains can be left to further families in more than {cap} ways; leave out pairs that are excluded")]
    TooWide {
        /// The family reached.
        family: String,
        /// How many may be.
        cap: usize,
    },
    /// People who are no pedigree.
    #[error(transparent)]
    Pedigree(#[from] PedigreeError),
    /// What cannot be observed.
    #[error(transparent)]
    Likelihood(#[from] LikelihoodError),
}

/// Remains and families that may belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    markers: Vec<Marker>,
    /// The same without mutation.
    plain: Vec<Marker>,
    families: Vec<Family>,
    remains: Vec<Remains>,
    missing: Vec<Missing>,
}

impl Case {
    /// Families with those missing, by name, and remains, all typed at these markers.
    ///
    /// # Errors
    /// Somebody missing who is in no family or several, or typed; names listed twice; readings that are not one a marker.
    pub fn new(markers: Vec<Marker>, families: Vec<Family>, remains: Vec<Remains>, missing: &[String]) -> Result<Self, JointError> {
        for (at, of) in remains.iter().enumerate() {
            if remains[..at].iter().any(|before| before.name == of.name) {
                return Err(JointError::Twice(of.name.clone()));
            }
            if of.readings.len() != markers.len() {
                return Err(JointError::Lengths(of.name.clone(), of.readings.len(), markers.len()));
            }
        }
        if let Some(of) = families.iter().find(|of| of.observed.len() != markers.len()) {
            return Err(JointError::Lengths(of.name.clone(), of.observed.len(), markers.len()));
        }
        let missing = missing.iter().map(|name| found(name, &families)).collect::<Result<Vec<_>, _>>()?;
        if let Some(at) = (1..missing.len()).find(|at| missing[..*at].contains(&missing[*at])) {
            return Err(JointError::Twice(missing[at].name.clone()));
        }
        let plain = markers.iter().map(Marker::without_mutation).collect();
        Ok(Self { markers, plain, families, remains, missing })
    }

    /// The markers.
    #[must_use]
    pub fn markers(&self) -> &[Marker] {
        &self.markers
    }

    /// The families.
    #[must_use]
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// The remains.
    #[must_use]
    pub fn remains(&self) -> &[Remains] {
        &self.remains
    }

    /// Who is missing.
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Those missing of a family, in their order.
    pub fn missing_of(&self, family: usize) -> impl Iterator<Item = usize> {
        (0..self.missing.len()).filter(move |m| self.missing[*m].family == family)
    }

    /// Sex of somebody missing.
    #[must_use]
    pub fn sex(&self, missing: usize) -> GeneticSex {
        let Missing { family, individual, .. } = self.missing[missing];
        self.families[family].pedigree.individuals()[individual].sex
    }

    /// By remains and missing person, whether one may be the other by sex; everybody may be anybody if it is ignored.
    #[must_use]
    pub fn by_sex(&self, ignored: bool) -> Vec<Vec<bool>> {
        let row = |of: &Remains| (0..self.missing.len()).map(|m| ignored || self.sex(m) == of.sex).collect();
        self.remains.iter().map(row).collect()
    }

    /// How many assignments there are by sex: of V remains and M missing of one sex the sum over k of C(V,k) C(M,k) k!, and the product over both.
    #[must_use]
    pub fn assignments_by_sex(&self, ignored: bool) -> f64 {
        let of = |sex: Option<GeneticSex>| {
            let fits = |own: GeneticSex| sex.is_none_or(|sex| sex == own);
            let remains = self.remains.iter().filter(|of| fits(of.sex)).count();
            matchings(remains, (0..self.missing.len()).filter(|m| fits(self.sex(*m))).count())
        };
        if ignored { of(None) } else { of(Some(GeneticSex::Female)) * of(Some(GeneticSex::Male)) }
    }

    /// The case once remains are taken to be a missing person: what was read of them is read of a member of the family.
    pub(super) fn identify(&mut self, remains: usize, missing: usize) {
        let Missing { family, individual, .. } = self.missing[missing];
        for (observed, reading) in self.families[family].observed.iter_mut().zip(&self.remains[remains].readings) {
            observed.extend(reading.map(|reading| reading.of(individual)));
        }
    }
}

/// How many ways there are to pair some of so many with some of so many others, or none.
fn matchings(of: usize, with: usize) -> f64 {
    let number = |n: usize| u32::try_from(n).map_or(f64::INFINITY, f64::from);
    let mut ways = 1.0;
    (0..of.min(with)).fold(1.0, |all, k| {
        ways *= number(of - k) * number(with - k) / number(k + 1);
        all + ways
    })
}

fn found(name: &str, families: &[Family]) -> Result<Missing, JointError> {
    let mut all = families.iter().enumerate().filter_map(|(n, family)| Some((n, family.pedigree.number(name)?)));
    let (family, individual) = all.next().ok_or_else(|| JointError::NoFamily(name.to_owned()))?;
    if all.next().is_some() {
        return Err(JointError::SeveralFamilies(name.to_owned()));
    }
    if families[family].observed.iter().flatten().any(|o| o.individual == individual) {
        return Err(JointError::MissingTyped(name.to_owned()));
    }
    Ok(Missing { name: name.to_owned(), family, individual })
}

#[cfg(test)]
mod tests;
