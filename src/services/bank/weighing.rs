//! What a node weighs profiles with: the frequency table, the rule for rare alleles and the mutation model of its settings.

use crate::config::Genetics;
use crate::genetics::frequency::{FrequencyTable, Minimum};
use crate::genetics::mutation::{Model, Mutation};
use crate::genetics::store::Weighing;
use crate::genetics::tables::{self, ShippedTableError};
use std::sync::Arc;

/// The release of the engine: part of every stamp, changed with anything that changes a figure.
const RELEASE: &str = "kinship-1";

/// Settings that nothing can be weighed with.
#[derive(Debug, thiserror::Error)]
pub enum WeighingError {
    /// The frequency table.
    #[error("[genetics] frequencies: {0}")]
    Frequencies(#[from] ShippedTableError),
    /// The mutation model.
    #[error("[genetics] mutation is proportional, equal or none, not {0:?}")]
    Mutation(String),
    /// A rate.
    #[error("[genetics] mutation_female and mutation_male lie between 0 and 0.1")]
    Rate,
}

/// What profiles are weighed with by these settings.
///
/// # Errors
/// [`WeighingError`], naming the setting.
pub fn weighing(settings: &Genetics) -> Result<Weighing, WeighingError> {
    let frequencies: Arc<FrequencyTable> = Arc::new(tables::shipped(&settings.frequencies)?.1);
    let rates = [settings.mutation_female, settings.mutation_male];
    if rates.iter().any(|r| !(0.0..=0.1).contains(r)) {
        return Err(WeighingError::Rate);
    }
    let [mothers, fathers] = rates.map(|rate| match settings.mutation.as_str() {
        "proportional" => Ok(Some(Model::Proportional { rate })),
        "equal" => Ok(Some(Model::Equal { rate })),
        "none" => Ok(None),
        other => Err(WeighingError::Mutation(other.to_owned())),
    });
    let made = |model: Option<Model>| model.map(|model| Mutation { model, stationary: None });
    let rates = if settings.mutation == "none" { String::new() } else { format!(" {}/{}", settings.mutation_female, settings.mutation_male) };
    Ok(Weighing {
        table: settings.frequencies.clone(),
        frequencies,
        minimum: Minimum::NrcTwo,
        mothers: made(mothers?),
        fathers: made(fathers?),
        stamp: format!("{RELEASE}; {}; 5/2N; mutation {}{rates}; theta 0", settings.frequencies, settings.mutation),
    })
}
