//! Files of genotypes into the bank and out of it, through its use cases: the names of a file's samples are numbers that the bank's samples have.

use super::genotypes::cmf::{CmfWriteError, Header, Message};
use super::genotypes::report::{Genotype, Rules, genotype};
use super::genotypes::{GeneticFile, ReadAllele, Reading, SampleGenotypes, wide};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::sample::Kin;
use crate::genetics::loci::{self, Kind};
use crate::services::ServiceError;
use crate::services::bank::profiles::{self, ExportedProfile, NewReading, ProfileStanding};
use crate::services::bank::samples;
use chrono::{NaiveDate, NaiveDateTime, Timelike};
use std::collections::BTreeMap;

/// What holds for every reading of a file that does not tell it.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// The kit.
    pub kit: String,
    /// The laboratory.
    pub laboratory: String,
    /// Day of the run.
    pub run_on: NaiveDate,
}

/// Why a file was not entered. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// Names that are no samples' numbers.
    #[error("{0}")]
    Names(String),
    /// A sample's reading.
    #[error("sample {0}: {1}")]
    Sample(String, ServiceError),
    /// Otherwise.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// Enters the readings of a file, all of them or none, in the actor's name: a second analyst has to read each sample too.
///
/// # Errors
/// [`EnterError`], naming the sample.
pub async fn enter(app: &App, actor: &Actor, file: &GeneticFile, defaults: &Defaults) -> Result<Vec<(String, ProfileStanding)>, EnterError> {
    let of = &file.contents.samples;
    let names: Vec<String> = of.iter().map(|s| s.name.clone()).collect();
    let ids = samples::by_numbers(app, actor, &names).await.map_err(|e| match e {
        ServiceError::Invalid(faults) => {
            let at =
                |pointer: &str| pointer.trim_start_matches('/').parse::<usize>().ok().and_then(|n| names.get(n)).cloned().unwrap_or_default();
            let list: Vec<String> = faults.0.iter().map(|f| format!("{} ({})", at(&f.pointer), f.code)).collect();
            EnterError::Names(format!("not the number of exactly one sample: {}; nothing was entered", list.join(", ")))
        }
        other => other.into(),
    })?;
    let rules = Rules::default().of(file.format);
    let readings = ids.into_iter().zip(of).map(|(id, sample)| (id, reading(sample, defaults, &rules))).collect();
    match profiles::enter_all(app, actor, readings, &file.sha256).await {
        Ok(standings) => Ok(names.into_iter().zip(standings).collect()),
        Err((n, error)) => Err(EnterError::Sample(names.get(n).cloned().unwrap_or_default(), error)),
    }
}

/// What a sample of a file was read with: one allele alone is a homozygote or half of what is there by what the format says of it.
fn reading(sample: &SampleGenotypes, defaults: &Defaults, rules: &Rules) -> NewReading {
    let day = sample.readings.iter().find_map(|r| r.at).map_or(defaults.run_on, |at| at.date());
    let loci: BTreeMap<String, Vec<String>> = sample.readings.iter().map(|r| (r.locus.clone(), alleles(sample, r, rules))).collect();
    NewReading {
        kit: sample.kit.clone().unwrap_or_else(|| defaults.kit.clone()),
        laboratory: defaults.laboratory.clone(),
        run_on: day,
        loci,
        mitochondrial_ranges: Vec::new(),
        mitochondrial_differences: Vec::new(),
    }
}

fn alleles(sample: &SampleGenotypes, reading: &Reading, rules: &Rules) -> Vec<String> {
    match genotype(sample, reading, rules) {
        Genotype::Blank => Vec::new(),
        Genotype::Haploid(one) | Genotype::One(one) => vec![one.to_owned()],
        Genotype::Two(a, b) => vec![a.to_owned(), b.to_owned()],
        Genotype::Unclear => reading.labels().map(str::to_owned).collect(),
    }
}

/// CODIS' word for a relative. On which side a grandparent, an uncle or a cousin is the bank does not tell: the receiving laboratory has to look.
const fn category(relation: Option<Kin>) -> &'static str {
    match relation {
        Some(Kin::Mother) => "Biological Mother",
        Some(Kin::Father) => "Biological Father",
        Some(Kin::Child) => "Biological Child",
        Some(Kin::FullSibling | Kin::HalfSibling) => "Biological Sibling",
        Some(Kin::Spouse) => "Spouse",
        _ => "Maternal Relative",
    }
}

fn is_autosomal(locus: &str) -> bool {
    loci::find(locus).is_some_and(|l| l.kind == Kind::Autosomal)
}

/// A profile as a sample of a file.
fn sample(profile: &ExportedProfile) -> SampleGenotypes {
    let by: String = profile.analyst.simple().to_string().chars().take(20).collect();
    let at: NaiveDateTime = profile.read_at.naive_utc().with_nanosecond(0).unwrap_or_default();
    let readings = profile.loci.iter().map(|(locus, alleles)| Reading {
        locus: locus.clone(),
        alleles: alleles.iter().map(|a| ReadAllele::new(a)).collect(),
        by: Some(by.clone()),
        at: Some(at),
        ..Reading::default()
    });
    let category = match profile.source.as_str() {
        "remains" => "Unidentified Person",
        "direct_reference" => "Missing Person",
        _ => category(profile.relation),
    };
    SampleGenotypes {
        name: profile.code.clone(),
        category: Some(category.to_owned()),
        source: Some(if profile.source == "remains" { "No" } else { "Yes" }.to_owned()),
        // An allele alone is a homozygote's, unless the profile is said to be partial.
        partial: Some(profile.loci.iter().any(|(locus, read)| read.len() == 1 && is_autosomal(locus))),
        readings: readings.collect(),
        ..SampleGenotypes::default()
    }
}

/// Profiles as a table with two columns for each locus, under their codes.
///
/// # Errors
/// When two have one code.
pub fn wide(profiles: &[ExportedProfile]) -> Result<String, super::genotypes::RowsWriteError> {
    let bare = |p: &ExportedProfile| SampleGenotypes { category: None, source: None, partial: None, ..sample(p) };
    wide::write(&profiles.iter().map(bare).collect::<Vec<_>>())
}

/// Profiles as a CODIS message, under their codes. The relation of a relative is not told: the pedigree has it.
///
/// # Errors
/// [`CmfWriteError`], naming the specimen and element.
pub fn cmf(profiles: &[ExportedProfile], header: Header) -> Result<String, CmfWriteError> {
    let known = |r: &Reading| super::genotypes::cmf::has_locus(&r.locus);
    let within = |p: &ExportedProfile| {
        let mut sample = sample(p);
        sample.readings.retain(known);
        sample
    };
    Message { header, specimens: profiles.iter().map(within).collect() }.write()
}
