//! Two pedigrees weighed against each other by what was typed.

use thiserror::Error;

use super::likelihood::{LikelihoodError, Observation, likelihood};
use super::marker::{Call, Marker};
use super::pedigree::Pedigree;

/// What was read of somebody, by name, as both pedigrees have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// The name, in both pedigrees.
    pub name: String,
    /// By marker, what was read; nothing where it was not typed.
    pub calls: Vec<Option<Call>>,
}

/// How likely what was read at one marker is under each pedigree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtMarker {
    /// Under the first.
    pub first: f64,
    /// Under the second.
    pub second: f64,
}

impl AtMarker {
    /// How many times likelier it is under the first; endless where it cannot be under the second, not a number where it can be under neither.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.first / self.second
    }

    /// log10 of [`Self::ratio`].
    #[must_use]
    pub fn log10_ratio(&self) -> f64 {
        self.first.log10() - self.second.log10()
    }
}

/// Why two pedigrees cannot be weighed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KinshipError {
    /// Somebody typed who is not in a pedigree.
    #[error("{0} is typed and not in both pedigrees")]
    Missing(String),
    /// What cannot be observed.
    #[error(transparent)]
    Likelihood(#[from] LikelihoodError),
}

/// Weighs two pedigrees at each marker; where everybody typed is missing at one, it is as likely under both.
///
/// # Errors
/// Somebody who is not in both, or what cannot be observed.
pub fn weigh(pedigrees: [&Pedigree; 2], markers: &[Marker], typed: &[Typed], theta: f64) -> Result<Vec<AtMarker>, KinshipError> {
    let [one, other] = pedigrees;
    let (of_one, of_other) = (observed(one, markers.len(), typed)?, observed(other, markers.len(), typed)?);
    let each = markers.iter().zip(of_one.iter().zip(&of_other));
    each.map(|(marker, (of_one, of_other))| {
        Ok(AtMarker { first: likelihood(one, marker, of_one, theta)?, second: likelihood(other, marker, of_other, theta)? })
    })
    .collect()
}

/// By marker, what was read of those typed, all that is there and nothing else.
///
/// # Errors
/// Somebody who is not in the pedigree.
pub fn observed(pedigree: &Pedigree, markers: usize, typed: &[Typed]) -> Result<Vec<Vec<Observation>>, KinshipError> {
    let mut observed = vec![Vec::new(); markers];
    for who in typed {
        let number = pedigree.number(&who.name).ok_or_else(|| KinshipError::Missing(who.name.clone()))?;
        for (observed, call) in observed.iter_mut().zip(&who.calls) {
            observed.extend(call.map(|call| Observation::sure(number, call)));
        }
    }
    Ok(observed)
}
