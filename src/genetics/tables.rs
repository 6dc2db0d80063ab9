//! The frequency tables that come with the program (`config/genetics/frequencies`, NOTICE).

use super::frequency::{FrequencyError, FrequencyTable, LocusFrequencies};
use super::loci;
use serde::Deserialize;
use std::collections::BTreeMap;
use thiserror::Error;

/// What is known of a table that comes with the program.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Who was sampled.
    pub title: String,
    /// Where the figures were published.
    pub citation: String,
    /// Alleles sampled at the locus with most.
    pub alleles_sampled: u32,
    /// Number of loci.
    pub loci: usize,
}

/// The table that is used where none is chosen: people of Mexican descent in the south-west of the United States.
pub const DEFAULT: &str = "fbi2015_sw_hispanic";

macro_rules! tables {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../config/genetics/frequencies/", $name, ".csv.gz")).as_slice())),*]
    };
}

const TABLES: &[(&str, &[u8])] = tables![
    "fbi2015_african_amer_bahamian_jamaican",
    "fbi2015_african_american",
    "fbi2015_apache",
    "fbi2015_bahamian",
    "fbi2015_caucasian",
    "fbi2015_chamorro",
    "fbi2015_filipino",
    "fbi2015_jamaican",
    "fbi2015_navajo",
    "fbi2015_se_hispanic",
    "fbi2015_sw_hispanic",
    "fbi2015_trinidadian",
    "nist1036_afam",
    "nist1036_asian",
    "nist1036_cauc",
    "nist1036_hisp",
];

const SOURCES: &str = include_str!("../../config/genetics/frequencies/sources.toml");

/// Why a table cannot be had.
#[derive(Debug, Error)]
pub enum ShippedTableError {
    /// No table of that name.
    #[error("no frequency table {0:?} comes with the program; there are: {names}", names = names().join(", "))]
    Unknown(String),
    /// A damaged file, which a test rules out.
    #[error("the frequency table {0} is damaged: {1}")]
    Damaged(String, String),
}

#[derive(Deserialize)]
struct Line {
    locus: String,
    allele: String,
    frequency: f64,
    n_alleles_sampled: Option<u32>,
}

/// Names of the tables, in alphabetical order.
#[must_use]
pub fn names() -> Vec<&'static str> {
    TABLES.iter().map(|(name, _)| *name).collect()
}

/// A table, with what is known of it. Reads some 300 lines.
///
/// # Errors
/// [`ShippedTableError`].
pub fn shipped(name: &str) -> Result<(Source, FrequencyTable), ShippedTableError> {
    let (name, bytes) =
        TABLES.iter().find(|(known, _)| *known == name).ok_or_else(|| ShippedTableError::Unknown(name.chars().take(80).collect()))?;
    let damaged = |reason: String| ShippedTableError::Damaged((*name).to_owned(), reason);
    let mut sources: BTreeMap<String, Source> = toml::from_str(SOURCES).map_err(|e| damaged(e.to_string()))?;
    let source = sources.remove(*name).ok_or_else(|| damaged("it has no entry in sources.toml".to_owned()))?;
    let table = read(name, &source, bytes).map_err(damaged)?;
    Ok((source, table))
}

fn read(name: &str, source: &Source, bytes: &[u8]) -> Result<FrequencyTable, String> {
    let mut order: Vec<String> = Vec::new();
    let mut by_locus: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    let mut lines = csv::Reader::from_reader(flate2::read::GzDecoder::new(bytes));
    for line in lines.deserialize() {
        let line: Line = line.map_err(|e| e.to_string())?;
        let locus = loci::normal_name(&line.locus).to_owned();
        let of = by_locus.entry(locus.clone()).or_default();
        if of.is_empty() {
            order.push(locus);
        }
        of.push(line);
    }
    let made = order.into_iter().map(|locus| -> Result<LocusFrequencies, FrequencyError> {
        let lines = by_locus.remove(&locus).unwrap_or_default();
        let sampled = lines.iter().find_map(|l| l.n_alleles_sampled);
        let alleles = lines.into_iter().map(|l| (loci::allele(&l.allele).into_owned(), l.frequency)).collect();
        Ok(LocusFrequencies::new(&locus, alleles, sampled)?.0)
    });
    let loci = made.collect::<Result<Vec<_>, _>>().map_err(|e| e.to_string())?;
    FrequencyTable::new(name, &source.citation, loci).map_err(|e| e.to_string())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::frequency::{Minimum, is_one_allele};
    use super::super::marker::Chromosome;
    use super::*;

    #[test]
    fn every_table_is_whole_cited_and_as_large_as_its_source_says() {
        assert!(names().is_sorted() && names().contains(&DEFAULT));
        for name in names() {
            let (source, table) = shipped(name).unwrap();
            assert_eq!(table.loci().len(), source.loci, "{name}");
            assert_eq!(table.loci().iter().filter_map(LocusFrequencies::sampled).max(), Some(source.alleles_sampled), "{name}");
            for of in table.loci() {
                let locus = loci::find(of.locus()).unwrap();
                assert_eq!(locus.name, of.locus());
                for (allele, _) in of.alleles() {
                    assert!(is_one_allele(allele) && locus.is_plausible(allele), "{name} {} {allele}", locus.name);
                }
                let first = of.alleles()[0].0.as_str();
                for rule in [Minimum::NrcTwo, Minimum::Weir, Minimum::BudowleMonsonChakraborty, Minimum::Fixed(0.001)] {
                    table.marker(of.locus(), Chromosome::Autosomal, &[first, "99"], rule).unwrap();
                }
            }
            assert!(!source.citation.is_empty() && !source.title.is_empty(), "{name}");
        }
        assert!(shipped("nobody").is_err_and(|e| e.to_string().contains(DEFAULT)));
    }
}
