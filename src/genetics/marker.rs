//! A marker with its alleles and their frequencies, and what a laboratory read of somebody there.

use std::collections::HashSet;

use thiserror::Error;

use super::mutation::{Matrix, Model, Mutation, MutationError};

/// Number of an allele in its marker's list.
pub type AlleleId = usize;

/// Where a marker lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chromosome {
    /// One of the 22 that both sexes have two of.
    #[default]
    Autosomal,
    /// X: two of a woman, one of a man, who gives it to his daughters only.
    X,
}

/// A marker.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    name: String,
    chromosome: Chromosome,
    alleles: Vec<String>,
    frequencies: Vec<f64>,
    /// Of mothers and of fathers.
    mutation: Option<[Matrix; 2]>,
    silent: Option<AlleleId>,
}

/// Why a marker or a call cannot be taken.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MarkerError {
    /// No alleles, or as many frequencies as alleles are not there.
    #[error("marker {0}: give one frequency for each allele, and at least one allele")]
    Lengths(String),
    /// An allele twice.
    #[error("marker {0}: allele {1:?} is listed twice")]
    Twice(String, String),
    /// A frequency outside 0 to 1.
    #[error("marker {0}: the frequency of allele {1:?} does not lie between 0 and 1")]
    Frequency(String, String),
    /// Frequencies that do not add up.
    #[error("marker {0}: frequencies add up to {1}, not to 1")]
    Sum(String, f64),
    /// An allele that is not in the list.
    #[error("marker {0}: allele {1:?} is not among those with a frequency")]
    UnknownAllele(String, String),
    /// A model that does not fit.
    #[error("marker {0}: {1}")]
    Mutation(String, MutationError),
}

/// How far frequencies may add up to something else than 1: published tables are rounded.
const SUM_TOLERANCE: f64 = 1e-3;

impl Marker {
    /// A marker without mutation.
    ///
    /// # Errors
    /// Alleles or frequencies that cannot be.
    pub fn new(name: &str, chromosome: Chromosome, alleles: Vec<String>, frequencies: Vec<f64>) -> Result<Self, MarkerError> {
        if alleles.is_empty() || alleles.len() != frequencies.len() {
            return Err(MarkerError::Lengths(name.to_owned()));
        }
        let mut seen = HashSet::new();
        if let Some(twice) = alleles.iter().find(|a| !seen.insert(a.as_str())) {
            return Err(MarkerError::Twice(name.to_owned(), twice.clone()));
        }
        if let Some(at) = frequencies.iter().position(|p| !(0.0..=1.0).contains(p)) {
            return Err(MarkerError::Frequency(name.to_owned(), alleles[at].clone()));
        }
        let sum: f64 = frequencies.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(MarkerError::Sum(name.to_owned(), sum));
        }
        Ok(Self { name: name.to_owned(), chromosome, alleles, frequencies, mutation: None, silent: None })
    }

    /// With mutation in mothers and in fathers. A silent allele that is there already neither mutates nor comes up by mutation, but in a matrix of one's
    /// own.
    ///
    /// # Errors
    /// A model that does not fit the alleles.
    pub fn with_mutation(mut self, mothers: &Mutation, fathers: &Mutation) -> Result<Self, MarkerError> {
        let matrix = |m: &Mutation| self.matrix(m).map_err(|e| MarkerError::Mutation(self.name.clone(), e));
        self.mutation = Some([matrix(mothers)?, matrix(fathers)?]);
        Ok(self)
    }

    /// The same marker without mutation.
    #[must_use]
    pub fn without_mutation(&self) -> Self {
        Self { mutation: None, ..self.clone() }
    }

    fn matrix(&self, mutation: &Mutation) -> Result<Matrix, MutationError> {
        let Some(silent) = self.silent.filter(|_| !matches!(mutation.model, Model::Custom(_)) && self.alleles.len() > 1) else {
            return mutation.matrix(&self.alleles, &self.frequencies);
        };
        let (mut alleles, mut frequencies) = (self.alleles.clone(), self.frequencies.clone());
        alleles.remove(silent);
        frequencies.remove(silent);
        let seen: f64 = frequencies.iter().sum();
        frequencies.iter_mut().for_each(|p| *p /= seen);
        Ok(mutation.matrix(&alleles, &frequencies)?.with_untouched(silent))
    }

    /// With an allele that laboratories do not see: who is read as one allele twice may have it beside the one that was read.
    ///
    /// # Errors
    /// An allele that is not in the list.
    pub fn with_silent(mut self, allele: &str) -> Result<Self, MarkerError> {
        self.silent = Some(self.allele(allele)?);
        Ok(self)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it lies.
    #[must_use]
    pub const fn chromosome(&self) -> Chromosome {
        self.chromosome
    }

    /// Labels of its alleles.
    #[must_use]
    pub fn alleles(&self) -> &[String] {
        &self.alleles
    }

    /// Frequencies of its alleles.
    #[must_use]
    pub fn frequencies(&self) -> &[f64] {
        &self.frequencies
    }

    /// Mutation in mothers and fathers.
    #[must_use]
    pub const fn mutation(&self) -> Option<&[Matrix; 2]> {
        self.mutation.as_ref()
    }

    /// The allele that nobody sees.
    #[must_use]
    pub const fn silent(&self) -> Option<AlleleId> {
        self.silent
    }

    /// The number of an allele.
    ///
    /// # Errors
    /// An allele that is not in the list.
    pub fn allele(&self, label: &str) -> Result<AlleleId, MarkerError> {
        let at = self.alleles.iter().position(|a| a == label);
        at.ok_or_else(|| MarkerError::UnknownAllele(self.name.clone(), label.to_owned()))
    }
}

/// What was read of somebody at a marker. Of a man's X marker one allele counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// Both alleles, equal where one was seen and no other is thought to be there.
    Both(AlleleId, AlleleId),
    /// One allele; the other may be any.
    One(AlleleId),
}

impl Call {
    /// The alleles read.
    pub fn alleles(self) -> impl Iterator<Item = AlleleId> {
        let [a, b] = match self {
            Self::Both(a, b) => [a, b],
            Self::One(a) => [a, a],
        };
        std::iter::once(a).chain((a != b).then_some(b))
    }
}
