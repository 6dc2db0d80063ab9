//! Tables of allele frequencies as CSV: `population, locus, allele, frequency, n_alleles_sampled` and, where the source is not told otherwise, `citation`.
//!
//! A table is taken whole or not at all: half of a locus would weigh wrong. Loci get their one name, alleles their one label.

use std::collections::HashMap;

use thiserror::Error;

use super::report::{Finding, FindingCode};
use super::{loci, rows};
use crate::genetics::frequency::{FrequencyError, FrequencyTable, LocusFrequencies};
use crate::interop::problem::{Severity, shown};
use crate::interop::table::TableError;

/// Why a file of frequencies cannot be taken.
#[derive(Debug, Error)]
pub enum FrequencyFileError {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A column is not there.
    #[error("there is no column {wanted}; found: {}", found.join(", "))]
    Column {
        /// The column.
        wanted: &'static str,
        /// The headers of the file.
        found: Vec<String>,
    },
    /// A row that cannot be read.
    #[error("line {line}: {message}")]
    Row {
        /// The line.
        line: u64,
        /// What is wrong there.
        message: String,
    },
    /// A value that is not what its column holds.
    #[error("line {line}, column {column}: {value:?} is not {wanted}")]
    Value {
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// The value, cut.
        value: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// How many alleles were sampled is told in two ways for one locus.
    #[error("line {line}, locus {locus}: the number of alleles sampled differs from that of the lines before")]
    Sampled {
        /// The line.
        line: u64,
        /// The locus.
        locus: String,
    },
    /// No source.
    #[error("population {0}: frequencies without a citation are not taken; give it, or one citation in a column of that name")]
    Citation(String),
    /// Frequencies that cannot be.
    #[error("population {population}: {source}")]
    Frequency {
        /// The population.
        population: String,
        /// Why.
        source: FrequencyError,
    },
}

/// Tables of a file, one for each population in the order they come first, and what was done to their sums.
#[derive(Debug, Clone, PartialEq)]
pub struct FrequencyFile {
    /// The tables.
    pub tables: Vec<FrequencyTable>,
    /// Loci that were divided by their sum.
    pub findings: Vec<Finding>,
}

struct Columns {
    population: usize,
    locus: usize,
    allele: usize,
    frequency: usize,
    sampled: usize,
    citation: Option<usize>,
}

#[derive(Default)]
struct Rows {
    alleles: Vec<(String, f64)>,
    sampled: Option<u32>,
}

struct Population {
    name: String,
    citation: String,
    loci: Vec<(String, Rows)>,
    /// Places of loci by name.
    places: HashMap<String, usize>,
}

#[derive(Default)]
struct Populations {
    all: Vec<Population>,
    /// Places by name.
    places: HashMap<String, usize>,
}

impl Populations {
    /// Rows of a locus of a population, in the order they come first.
    fn rows(&mut self, name: &str, locus: &str, citation: &str) -> &mut Rows {
        let at = *self.places.entry(name.to_owned()).or_insert(self.all.len());
        if at == self.all.len() {
            let (name, citation) = (name.to_owned(), citation.to_owned());
            self.all.push(Population { name, citation, loci: Vec::new(), places: HashMap::new() });
        }
        let population = &mut self.all[at];
        let at = *population.places.entry(locus.to_owned()).or_insert(population.loci.len());
        if at == population.loci.len() {
            population.loci.push((locus.to_owned(), Rows::default()));
        }
        &mut population.loci[at].1
    }
}

/// Reads frequencies, plain or compressed. `citation` is the source of all populations; where it is empty the file has to have a column of that name.
///
/// # Errors
/// [`FrequencyFileError`] with line, population, locus or allele: nothing is taken then.
pub fn read(bytes: &[u8], citation: &str) -> Result<FrequencyFile, FrequencyFileError> {
    let (headers, lines, problems) = rows::read(bytes)?;
    if let Some(wrong) = problems.list().iter().find(|problem| problem.severity == Severity::Error || problem.code == FindingCode::CutOff) {
        return Err(FrequencyFileError::Row { line: wrong.line, message: wrong.message.clone() });
    }
    let columns = Columns::find(&headers)?;
    let mut populations = Populations::default();
    for line in &lines {
        columns.take(line, citation, &mut populations)?;
    }
    let mut made = FrequencyFile { tables: Vec::new(), findings: Vec::new() };
    for population in populations.all {
        made.tables.push(population.table(&mut made.findings)?);
    }
    Ok(made)
}

impl Columns {
    fn find(headers: &[String]) -> Result<Self, FrequencyFileError> {
        let position = |names: &[&str]| headers.iter().position(|h| names.iter().any(|name| h.eq_ignore_ascii_case(name)));
        let column = |names: &[&'static str]| {
            let missing = || FrequencyFileError::Column { wanted: names.first().copied().unwrap_or_default(), found: headers.to_vec() };
            position(names).ok_or_else(missing)
        };
        Ok(Self {
            population: column(&["population"])?,
            locus: column(&["locus", "marker"])?,
            allele: column(&["allele"])?,
            frequency: column(&["frequency"])?,
            sampled: column(&["n_alleles_sampled", "2n"])?,
            citation: position(&["citation"]),
        })
    }

    fn take(&self, line: &rows::Cells, citation: &str, populations: &mut Populations) -> Result<(), FrequencyFileError> {
        let wrong = |column: &'static str, at: usize, wanted: &'static str| FrequencyFileError::Value {
            line: line.line,
            column,
            value: shown(line.get(at)),
            wanted,
        };
        let filled = |column, at| if line.get(at).is_empty() { Err(wrong(column, at, "filled")) } else { Ok(line.get(at)) };
        let population = filled("population", self.population)?;
        let locus = loci::normal_name(filled("locus", self.locus)?);
        let allele = loci::allele(filled("allele", self.allele)?).into_owned();
        let frequency: f64 = line.get(self.frequency).parse().map_err(|_| wrong("frequency", self.frequency, "a number"))?;
        let sampled: u32 = line.get(self.sampled).parse().map_err(|_| wrong("n_alleles_sampled", self.sampled, "a whole number"))?;
        if sampled == 0 {
            return Err(wrong("n_alleles_sampled", self.sampled, "above 0"));
        }
        let told = self.citation.map_or("", |at| line.get(at));
        let citation = if told.is_empty() { citation } else { told };
        let rows = populations.rows(population, locus, citation);
        if rows.sampled.replace(sampled).is_some_and(|before| before != sampled) {
            return Err(FrequencyFileError::Sampled { line: line.line, locus: locus.to_owned() });
        }
        rows.alleles.push((allele, frequency));
        Ok(())
    }
}

impl Population {
    fn table(self, findings: &mut Vec<Finding>) -> Result<FrequencyTable, FrequencyFileError> {
        if self.citation.trim().is_empty() {
            return Err(FrequencyFileError::Citation(self.name));
        }
        let of_population = |source| FrequencyFileError::Frequency { population: self.name.clone(), source };
        let mut made = Vec::with_capacity(self.loci.len());
        for (locus, rows) in self.loci {
            let (frequencies, sum) = LocusFrequencies::new(&locus, rows.alleles, rows.sampled).map_err(of_population)?;
            findings.extend(sum.map(|sum| renormalised(&self.name, &locus, sum)));
            made.push(frequencies);
        }
        FrequencyTable::new(&self.name, &self.citation, made).map_err(of_population)
    }
}

/// The finding that a locus was divided by its sum.
pub fn renormalised(population: &str, locus: &str, sum: f64) -> Finding {
    let message = format!("frequencies of {population} add up to {sum:.9} and were divided by that");
    Finding::warning("", locus, FindingCode::Renormalised, message)
}

/// Writes tables with their citations; a number sampled that is not known is a blank that [`read`] refuses.
#[must_use]
pub fn write(tables: &[FrequencyTable]) -> String {
    let header = ["population", "locus", "allele", "frequency", "n_alleles_sampled", "citation"];
    let mut lines = vec![header.map(str::to_owned).to_vec()];
    for table in tables {
        for locus in table.loci() {
            let sampled = locus.sampled().map_or_else(String::new, |n| n.to_string());
            for (allele, frequency) in locus.alleles() {
                let of = [&table.population, locus.locus(), allele, &frequency.to_string(), &sampled, &table.citation];
                lines.push(of.map(str::to_owned).to_vec());
            }
        }
    }
    rows::write(b',', &lines)
}
