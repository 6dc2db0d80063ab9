//! Kinship cases and banks of remains as JSON, as test vectors and other programs' users write them, and what comes of them.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::genetics::bank::{Pair, Profiles, Table};
use crate::genetics::joint::JointError;
use crate::genetics::kinship::{AtMarker, KinshipError, Typed, observed, weigh};
use crate::genetics::likelihood::{LikelihoodError, Observation, linked_likelihood};
use crate::genetics::marker::{Call, Chromosome, Marker, MarkerError};
use crate::genetics::mutation::{Model, Mutation, Stationary};
use crate::genetics::pedigree::{Entry, GeneticSex, Pedigree, PedigreeError};
use crate::genetics::search::Weights;

/// A file of cases.
#[derive(Debug, Deserialize)]
pub struct KinshipFile {
    /// The cases.
    pub cases: Vec<KinshipCase>,
}

/// Two pedigrees and what was typed. Without a second, the second is that nobody typed is related to anybody.
#[derive(Debug, Deserialize)]
pub struct KinshipCase {
    /// Its name.
    pub id: String,
    /// Correction for subpopulations.
    #[serde(default)]
    theta: f64,
    #[serde(rename = "H1")]
    first: Vec<PersonLine>,
    #[serde(rename = "H2")]
    second: Option<Vec<PersonLine>>,
    /// Chance of recombination between each marker and the next; markers are not linked where it is not given.
    rho: Option<f64>,
    markers: Vec<MarkerLine>,
    silent_allele: Option<String>,
    genotypes: BTreeMap<String, Genotypes>,
}

/// By marker the alleles read; an allele that is not known stands as null.
pub type Genotypes = BTreeMap<String, Option<Vec<Option<String>>>>;

/// Somebody in a pedigree. People of several pedigrees may stand in one list.
#[derive(Debug, Clone, Deserialize)]
pub struct PersonLine {
    id: String,
    father: Option<String>,
    mother: Option<String>,
    sex: Sex,
    #[serde(default)]
    founder_inbreeding: f64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Sex {
    Male,
    Female,
}

impl From<Sex> for GeneticSex {
    fn from(sex: Sex) -> Self {
        match sex {
            Sex::Male => Self::Male,
            Sex::Female => Self::Female,
        }
    }
}

impl PersonLine {
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

/// A marker.
#[derive(Debug, Deserialize)]
pub struct MarkerLine {
    name: String,
    #[serde(default)]
    chromosome: ChromosomeName,
    alleles: Vec<String>,
    frequencies: Vec<f64>,
    mutation: Option<Mutations>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
enum ChromosomeName {
    #[default]
    #[serde(rename = "autosomal")]
    Autosomal,
    X,
}

#[derive(Debug, Deserialize)]
struct Mutations {
    female: MutationLine,
    male: MutationLine,
}

/// A mutation model.
#[derive(Debug, Deserialize)]
pub struct MutationLine {
    model: ModelName,
    #[serde(default)]
    rate: f64,
    #[serde(default)]
    rate2: f64,
    #[serde(default)]
    range: f64,
    matrix: Option<Vec<Vec<f64>>>,
    transform: Option<TransformName>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ModelName {
    Equal,
    Proportional,
    OneStep,
    Stepwise,
    Dawid,
    Custom,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum TransformName {
    #[serde(rename = "MH")]
    MetropolisHastings,
    #[serde(rename = "BA")]
    Barker,
    #[serde(rename = "PR")]
    Mean,
    #[serde(rename = "PM")]
    SimonssonMostad,
}

/// Why a case or a bank cannot be weighed.
#[derive(Debug, Error)]
pub enum KinshipFileError {
    /// What is wrong in a case or family.
    #[error("{of}: {cause}")]
    In {
        /// The case or family.
        of: String,
        /// What.
        cause: Cause,
    },
}

/// What is wrong.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "each says it itself")]
pub enum Cause {
    #[error(transparent)]
    Pedigree(#[from] PedigreeError),
    #[error(transparent)]
    Marker(#[from] MarkerError),
    #[error(transparent)]
    Kinship(#[from] KinshipError),
    #[error(transparent)]
    Likelihood(#[from] LikelihoodError),
    #[error(transparent)]
    Joint(#[from] JointError),
    #[error("prior odds and the LR of fragments are numbers above 0")]
    Odds,
    #[error("remains cannot be named {0}: the table of assignments has a column of that name")]
    Reserved(String),
    #[error("{0} is typed and in no family")]
    NoFamily(String),
    #[error("{0} is typed and not among the remains")]
    NoRemains(String),
    #[error("{0} is typed at {1}, which is not among the markers")]
    UnknownMarker(String, String),
    #[error("{0} has {2} alleles at {1}: two are read, or one with null for the other")]
    Alleles(String, String, usize),
    #[error("the missing person {0} is not in the pedigree")]
    NotInPedigree(String),
    #[error("{0}: {1}")]
    Read(String, MarkerError),
    #[error("marker {0} is listed twice")]
    MarkerTwice(String),
    #[error("the silent allele {0:?} is an allele of no marker")]
    Silent(String),
    #[error("rho lies between 0 and 0.5, and has no correction for subpopulations (theta) beside it")]
    Rho,
    #[error("the model custom needs its matrix")]
    Matrix,
    #[error("the mutation {0:?} is none that is known; write equal or none, with a rate, or give each marker its own")]
    Words(String),
}

impl Cause {
    pub(super) fn of(self, of: &str) -> KinshipFileError {
        KinshipFileError::In { of: of.to_owned(), cause: self }
    }
}

impl MutationLine {
    /// The model; a matrix that is given counts as it is, whatever it was made of.
    ///
    /// # Errors
    /// The model custom without a matrix.
    pub fn mutation(&self) -> Result<Mutation, Cause> {
        if let Some(matrix) = &self.matrix {
            return Ok(Mutation { model: Model::Custom(matrix.clone()), stationary: None });
        }
        let (rate, rate2, range) = (self.rate, self.rate2, self.range);
        let model = match self.model {
            ModelName::Custom => return Err(Cause::Matrix),
            ModelName::Equal => Model::Equal { rate },
            ModelName::Proportional => Model::Proportional { rate },
            ModelName::OneStep => Model::OneStep { rate },
            ModelName::Stepwise => Model::Stepwise { rate, rate2, range },
            ModelName::Dawid => Model::Dawid { rate, range },
        };
        let stationary = self.transform.map(|name| match name {
            TransformName::MetropolisHastings => Stationary::MetropolisHastings,
            TransformName::Barker => Stationary::Barker,
            TransformName::Mean => Stationary::Mean,
            TransformName::SimonssonMostad => Stationary::SimonssonMostad,
        });
        Ok(Mutation { model, stationary })
    }
}

impl MarkerLine {
    /// The marker, with an allele that nobody sees where it has it.
    ///
    /// # Errors
    /// Alleles, frequencies or a mutation model that cannot be.
    pub fn marker(&self, silent: Option<&str>) -> Result<Marker, Cause> {
        let chromosome = match self.chromosome {
            ChromosomeName::Autosomal => Chromosome::Autosomal,
            ChromosomeName::X => Chromosome::X,
        };
        let mut marker = Marker::new(&self.name, chromosome, self.alleles.clone(), self.frequencies.clone())?;
        if let Some(silent) = silent.filter(|silent| self.alleles.iter().any(|a| a == silent)) {
            marker = marker.with_silent(silent)?;
        }
        match &self.mutation {
            Some(m) => Ok(marker.with_mutation(&m.female.mutation()?, &m.male.mutation()?)?),
            None => Ok(marker),
        }
    }
}

/// The pedigree of people as they are listed.
///
/// # Errors
/// What cannot be a pedigree.
pub fn pedigree(lines: &[PersonLine]) -> Result<Pedigree, PedigreeError> {
    let entries = lines.iter().map(|line| Entry {
        name: line.id.clone(),
        sex: line.sex.into(),
        father: line.father.clone(),
        mother: line.mother.clone(),
        inbreeding: line.founder_inbreeding,
    });
    Pedigree::new(&entries.collect::<Vec<_>>())
}

/// Everybody with what was read at each marker.
///
/// # Errors
/// Markers or alleles that are not known, or not two alleles.
pub fn typed(genotypes: &BTreeMap<String, Genotypes>, markers: &[Marker]) -> Result<Vec<Typed>, Cause> {
    genotypes.iter().map(|(name, genotypes)| Ok(Typed { name: name.clone(), calls: calls(name, genotypes, markers)? })).collect()
}

fn calls(name: &str, genotypes: &Genotypes, markers: &[Marker]) -> Result<Vec<Option<Call>>, Cause> {
    if let Some(unknown) = genotypes.keys().find(|of| markers.iter().all(|m| m.name() != *of)) {
        return Err(Cause::UnknownMarker(name.to_owned(), unknown.clone()));
    }
    let call = |marker: &Marker| -> Result<Option<Call>, Cause> {
        let Some(Some(read)) = genotypes.get(marker.name()) else { return Ok(None) };
        let known = read
            .iter()
            .flatten()
            .map(|label| marker.allele(label).map_err(|e| Cause::Read(name.to_owned(), e)))
            .collect::<Result<Vec<_>, _>>()?;
        match (read.len(), known.as_slice()) {
            (0 | 2, []) => Ok(None),
            (1, [a]) if marker.chromosome() == Chromosome::X => Ok(Some(Call::Both(*a, *a))),
            (2, [a]) => Ok(Some(Call::One(*a))),
            (2, [a, b]) => Ok(Some(Call::Both(*a, *b))),
            (n, _) => Err(Cause::Alleles(name.to_owned(), marker.name().to_owned(), n)),
        }
    };
    markers.iter().map(call).collect()
}

/// What a case came to. An LR that has no number, as neither can be or only the first, is null.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KinshipResult {
    /// Likelihood of what was typed under the first pedigree, in the order of markers; of linked markers one for all together.
    #[serde(rename = "likelihood_H1")]
    pub first: Vec<f64>,
    /// Likewise under the second.
    #[serde(rename = "likelihood_H2")]
    pub second: Vec<f64>,
    /// Their ratios.
    #[serde(rename = "LR_per_marker")]
    pub ratios: Vec<Option<f64>>,
    /// Of all together.
    #[serde(rename = "LR_total")]
    pub total: Option<f64>,
    /// Its log10; null also where the LR is 0.
    #[serde(rename = "log10_LR")]
    pub log10: Option<f64>,
}

impl KinshipResult {
    fn new(at: &[AtMarker]) -> Self {
        let number = |x: f64| Some(x).filter(|x| x.is_finite());
        let log10: f64 = at.iter().map(AtMarker::log10_ratio).sum();
        Self {
            first: at.iter().map(|m| m.first).collect(),
            second: at.iter().map(|m| m.second).collect(),
            ratios: at.iter().map(|m| number(m.ratio())).collect(),
            total: number(10f64.powf(log10)),
            log10: number(log10),
        }
    }
}

/// Weighs a case.
///
/// # Errors
/// Naming the case and what in it cannot be.
pub fn evaluate(case: &KinshipCase) -> Result<KinshipResult, KinshipFileError> {
    let made = || -> Result<KinshipResult, Cause> {
        let silent = case.silent_allele.as_deref();
        let markers = each_once(case.markers.iter().map(|line| line.marker(silent)).collect::<Result<Vec<_>, _>>()?)?;
        if let Some(silent) = silent.filter(|_| markers.iter().all(|m| m.silent().is_none())) {
            return Err(Cause::Silent(silent.to_owned()));
        }
        if case.rho.is_some_and(|rho| !(0.0..=0.5).contains(&rho) || case.theta != 0.0) {
            return Err(Cause::Rho);
        }
        let typed = typed(&case.genotypes, &markers)?;
        let first = pedigree(&case.first)?;
        let second = match &case.second {
            Some(lines) => pedigree(lines)?,
            None => {
                let alone = case.first.iter().filter(|line| case.genotypes.contains_key(&line.id));
                pedigree(&alone.map(|line| PersonLine { father: None, mother: None, ..line.clone() }).collect::<Vec<_>>())?
            }
        };
        let Some(rho) = case.rho else {
            return Ok(KinshipResult::new(&weigh([&first, &second], &markers, &typed, case.theta)?));
        };
        let recombination = vec![rho; markers.len().saturating_sub(1)];
        let together = |pedigree: &Pedigree| -> Result<f64, Cause> {
            let observed = observed(pedigree, markers.len(), &typed)?;
            let linked: Vec<(&Marker, &[Observation])> = markers.iter().zip(observed.iter().map(Vec::as_slice)).collect();
            Ok(linked_likelihood(pedigree, &linked, &recombination)?)
        };
        Ok(KinshipResult::new(&[AtMarker { first: together(&first)?, second: together(&second)? }]))
    };
    made().map_err(|cause| cause.of(&case.id))
}

/// A bank: families that each miss somebody, and remains.
#[derive(Debug, Deserialize)]
pub struct BankFile {
    markers: Vec<MarkerLine>,
    /// `none`, or a model in words ("equal, rate 0.001, both sexes"), for markers that have none of their own.
    mutation: Option<String>,
    families: Vec<FamilyLine>,
    remains: BTreeMap<String, Genotypes>,
}

#[derive(Debug, Deserialize)]
struct FamilyLine {
    family: String,
    missing: String,
    pedigree: Vec<PersonLine>,
    genotypes: BTreeMap<String, Genotypes>,
}

/// One pair.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BankPair<'a> {
    /// The remains' name.
    pub remains: &'a str,
    /// The missing person's.
    pub missing: &'a str,
    /// How many times likelier the remains' profile is if they are the missing person's.
    #[serde(rename = "LR")]
    pub ratio: f64,
}

/// Markers of a bank, with the mutation it tells of all where they tell none.
fn bank_markers(bank: &BankFile) -> Result<Vec<Marker>, Cause> {
    let words = bank.mutation.as_deref().unwrap_or("none");
    let mut parts = words.split(',').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let rate = parts.find_map(|part| part.strip_prefix("rate ")?.parse::<f64>().ok());
    let shared = match (name, rate) {
        ("none", _) => None,
        ("equal", Some(rate)) => Some(Model::Equal { rate }),
        ("proportional", Some(rate)) => Some(Model::Proportional { rate }),
        _ => return Err(Cause::Words(words.to_owned())),
    };
    let shared = shared.map(|model| Mutation { model, stationary: None });
    let of = |line: &MarkerLine| -> Result<Marker, Cause> {
        let marker = line.marker(None)?;
        match shared.as_ref().filter(|_| line.mutation.is_none()) {
            Some(m) => Ok(marker.with_mutation(m, m)?),
            None => Ok(marker),
        }
    };
    each_once(bank.markers.iter().map(of).collect::<Result<Vec<_>, _>>()?)
}

/// Profiles name markers: two of one name would count one reading twice.
pub(super) fn each_once(markers: Vec<Marker>) -> Result<Vec<Marker>, Cause> {
    let twice = (1..markers.len()).find(|n| markers[..*n].iter().any(|m| m.name() == markers[*n].name()));
    match twice {
        Some(n) => Err(Cause::MarkerTwice(markers[n].name().to_owned())),
        None => Ok(markers),
    }
}

/// Families whose tables and pairs are held at once.
const TOGETHER: usize = 64;

/// Every missing person with all remains, in the order of families and of remains' names, on all cores; each pair is told to `tell` in turn. How many there
/// were. Holds the pairs of some families at once, never all.
///
/// # Errors
/// Naming the family or remains, and what there cannot be; and what `tell` fails with.
pub fn search<E: From<KinshipFileError>>(bank: &BankFile, mut tell: impl FnMut(BankPair<'_>) -> Result<(), E>) -> Result<usize, E> {
    let markers = bank_markers(bank).map_err(|cause| cause.of("markers"))?;
    let remains = typed(&bank.remains, &markers).map_err(|cause| cause.of("remains"))?;
    let profiles = Profiles::new(&markers, remains.iter().map(|of| of.calls.as_slice()));
    let of_family = |line: &FamilyLine| -> Result<Vec<Pair>, Cause> {
        let pedigree = pedigree(&line.pedigree)?;
        let observed = observed(&pedigree, markers.len(), &typed(&line.genotypes, &markers)?)?;
        let missing = pedigree.number(&line.missing).ok_or_else(|| Cause::NotInPedigree(line.missing.clone()))?;
        let at: Vec<(&Marker, &[Observation])> = markers.iter().zip(observed.iter().map(Vec::as_slice)).collect();
        let weights = Weights::new(&pedigree, missing, &at)?;
        Ok(profiles.weigh(&Table::new(&weights, &markers)).collect())
    };
    for families in bank.families.chunks(TOGETHER) {
        let pairs: Vec<Vec<Pair>> =
            families.par_iter().map(|line| of_family(line).map_err(|cause| cause.of(&line.family))).collect::<Result<_, _>>()?;
        for (line, pairs) in families.iter().zip(pairs) {
            for (of, pair) in remains.iter().zip(pairs) {
                tell(BankPair { remains: &of.name, missing: &line.missing, ratio: 10f64.powf(pair.log10()) })?;
            }
        }
    }
    Ok(bank.families.len() * remains.len())
}
