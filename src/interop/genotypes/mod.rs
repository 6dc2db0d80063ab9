//! Genotypes, pedigrees and allele frequencies in the files that laboratories and genetics programs exchange. Pure: bytes in, types and findings out, and back.
//!
//! Each format has a file of its own, which says what it cannot tell. Loci have one name whatever the file calls them ([`loci`]); what is not known is kept and
//! reported. What a laboratory should look at again is told per sample and locus ([`report`]). The raw file stays the record: its SHA-256 goes with what was read.

pub mod cmf;
pub mod familias;
pub mod frequencies;
pub mod genemapper;
pub mod linkage;
pub mod report;
mod rows;
pub mod wide;

#[cfg(test)]
mod tests;

use std::fmt;

use chrono::NaiveDateTime;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::genetics::frequency::FrequencyTable;
use crate::genetics::loci;
use crate::genetics::pedigree::{Entry, GeneticSex};
use report::{Finding, Rules};

/// Largest file of genotypes that is read, in bytes.
pub const MAX_BYTES: usize = 10 << 20;

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// CODIS common message format 3.2, XML.
    Cmf,
    /// Familias 3.
    Familias,
    /// GeneMapper's or GeneMarker's table of genotypes, a row for each sample and marker.
    GeneMapper,
    /// A row for each sample, two columns for each locus.
    Wide,
    /// LINKAGE and Merlin: `.ped`, `.dat`, `.map` and `.freq`.
    Linkage,
    /// A table of allele frequencies.
    Frequencies,
}

/// A peak that was called, or an allele of a file that tells no peaks.
#[derive(Clone, PartialEq, Default)]
pub struct ReadAllele {
    /// Its label (`9.3`, `X`; `OL` and `>30` beyond the ladder), as [`loci::allele`] writes it.
    pub label: String,
    /// Size in base pairs.
    pub size: Option<f64>,
    /// Height in RFU.
    pub height: Option<f64>,
    /// CMF: a match has to have it.
    pub required: Option<bool>,
}

/// What was read of one sample at one locus.
#[derive(Clone, PartialEq, Default)]
pub struct Reading {
    /// The locus by its one name; one that is not known as the file spells it.
    pub locus: String,
    /// Alleles in the file's order. None where nothing was read; one alone may be of a homozygote or beside one that dropped out ([`report::genotype`]).
    pub alleles: Vec<ReadAllele>,
    /// Who read it.
    pub by: Option<String>,
    /// When, in the laboratory's time.
    pub at: Option<NaiveDateTime>,
    /// The laboratory's batch.
    pub batch: Option<String>,
    /// The kit, where it is another than the sample's.
    pub kit: Option<String>,
    /// The panel.
    pub panel: Option<String>,
    /// The dye.
    pub dye: Option<String>,
    /// Columns with no place here, by header: flags and the like.
    pub extra: Vec<(String, String)>,
}

/// A sample with its readings, each locus once.
#[derive(Clone, PartialEq, Default)]
pub struct SampleGenotypes {
    /// Its name, one of a kind within its case.
    pub name: String,
    /// Sex as the file tells it, not as Amelogenin does.
    pub sex: Option<GeneticSex>,
    /// The case or family.
    pub case: Option<String>,
    /// What it is, or how it is related, in the format's words (`Unidentified Person`, `Biological Mother`).
    pub category: Option<String>,
    /// A remark.
    pub comment: Option<String>,
    /// The kit it was typed with.
    pub kit: Option<String>,
    /// Whether the laboratory calls it incomplete.
    pub partial: Option<bool>,
    /// CMF: whether the source is known (`Yes`, `No`, `N/A`).
    pub source: Option<String>,
    /// Columns with no place here, by header.
    pub extra: Vec<(String, String)>,
    /// What was read.
    pub readings: Vec<Reading>,
}

/// Somebody in a pedigree of a file: formats name parents without saying who is the mother.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// A name, one of a kind within its pedigree.
    pub name: String,
    /// Sex, where told.
    pub sex: Option<GeneticSex>,
    /// Names of up to two parents.
    pub parents: Vec<String>,
}

/// A pedigree of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePedigree {
    /// Its name.
    pub name: String,
    /// Everybody in it.
    pub members: Vec<Member>,
}

/// Why a file's pedigree is none for computing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FilePedigreeError {
    /// A sex that is not told and does not follow from the other parent of a child.
    #[error("pedigree {0:?}: the sex of {1:?} is not told, and does not follow from a child's other parent")]
    Sex(String, String),
    /// Three parents, or two of one sex.
    #[error("pedigree {0:?}: {1:?} needs at most one father and one mother")]
    Parents(String, String),
}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct GeneticFile {
    /// Its format.
    pub format: Format,
    /// SHA-256 of the bytes as they came, of all files together where a format has several.
    pub sha256: [u8; 32],
    /// What is in it.
    pub contents: Contents,
    /// What somebody should look at, per sample and locus.
    pub problems: Vec<Finding>,
}

/// Samples, pedigrees and frequencies of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Contents {
    /// Samples in the file's order.
    pub samples: Vec<SampleGenotypes>,
    /// Pedigrees.
    pub pedigrees: Vec<FilePedigree>,
    /// Allele frequencies.
    pub tables: Vec<FrequencyTable>,
}

/// Why a file cannot be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// None of the formats that can be told by their beginning.
    #[error(
        "the file is none of CMF XML, Familias, a table of genotypes (columns Sample Name, Marker, Allele 1 ...; or Sample, and two for each locus) or of frequencies"
    )]
    Unknown,
    /// A file larger than [`MAX_BYTES`].
    #[error("the file has {0} bytes; at most {MAX_BYTES} are read")]
    TooLarge(usize),
    /// CMF.
    #[error(transparent)]
    Cmf(#[from] cmf::CmfError),
    /// Familias.
    #[error(transparent)]
    Familias(#[from] familias::FamiliasError),
    /// A table of genotypes.
    #[error(transparent)]
    Table(#[from] rows::RowsError),
    /// LINKAGE.
    #[error(transparent)]
    Linkage(#[from] linkage::LinkageError),
    /// Frequencies.
    #[error(transparent)]
    Frequencies(#[from] frequencies::FrequencyFileError),
}

pub use rows::{RowsError, RowsWriteError};

/// Reads a file in whatever format it is in but LINKAGE, which is several files ([`read_linkage`]), and reports what to look at.
///
/// # Errors
/// [`ReadError`], with the line and what is wrong there.
pub fn read(bytes: &[u8], rules: &Rules) -> Result<GeneticFile, ReadError> {
    if bytes.len() > MAX_BYTES {
        return Err(ReadError::TooLarge(bytes.len()));
    }
    let format = sniff(bytes).ok_or(ReadError::Unknown)?;
    let (contents, findings) = match format {
        Format::Cmf => (Contents { samples: cmf::read(bytes)?.samples(), ..Contents::default() }, Vec::new()),
        Format::Familias => familias::read(bytes)?.contents()?,
        Format::GeneMapper => genemapper::read(bytes)?,
        Format::Wide => wide::read(bytes)?,
        Format::Linkage => return Err(ReadError::Unknown),
        Format::Frequencies => {
            let read = frequencies::read(bytes, "")?;
            (Contents { tables: read.tables, ..Contents::default() }, read.findings)
        }
    };
    Ok(GeneticFile::new(format, &[bytes], contents, findings, rules))
}

/// Reads the files of a LINKAGE data set and reports what to look at.
///
/// # Errors
/// [`ReadError`], with the file, the line and what is wrong there.
pub fn read_linkage(files: &linkage::LinkageFiles<'_>, rules: &Rules) -> Result<GeneticFile, ReadError> {
    let all = [files.ped, files.dat, files.map, files.freq, files.legend];
    let size = all.iter().map(|file| file.len()).sum();
    if size > MAX_BYTES {
        return Err(ReadError::TooLarge(size));
    }
    let (contents, findings) = linkage::read(files)?;
    Ok(GeneticFile::new(Format::Linkage, &all, contents, findings, rules))
}

/// The format of a file by how it begins.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<Format> {
    let head = bytes.get(..bytes.len().min(64 * 1024)).unwrap_or_default();
    let text = rows::decode(head);
    let text = text.trim_start();
    let first = text.lines().next().unwrap_or_default().to_lowercase();
    if text.starts_with('<') {
        Some(Format::Cmf)
    } else if first.contains("output from familias") {
        Some(Format::Familias)
    } else if first.contains("marker") && first.contains("allele") {
        Some(Format::GeneMapper)
    } else if first.contains("locus") && first.contains("frequency") {
        Some(Format::Frequencies)
    } else if first.contains("sample") {
        Some(Format::Wide)
    } else {
        None
    }
}

impl GeneticFile {
    fn new(format: Format, files: &[&[u8]], contents: Contents, mut problems: Vec<Finding>, rules: &Rules) -> Self {
        let mut hash = Sha256::new();
        files.iter().for_each(|bytes| hash.update(bytes));
        let rules = rules.of(format);
        problems.extend(report::report(&contents.samples, &rules));
        Self { format, sha256: hash.finalize().into(), contents, problems }
    }
}

impl ReadAllele {
    /// An allele without a peak.
    #[must_use]
    pub fn new(label: &str) -> Self {
        Self { label: loci::allele(label).into_owned(), ..Self::default() }
    }
}

impl Reading {
    /// Alleles read at a locus in any spelling, without more.
    #[must_use]
    pub fn new(locus: &str, alleles: &[&str]) -> Self {
        let alleles = alleles.iter().map(|label| ReadAllele::new(label)).collect();
        Self { locus: loci::normal_name(locus).to_owned(), alleles, ..Self::default() }
    }

    /// Its labels.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.alleles.iter().map(|allele| allele.label.as_str())
    }
}

impl SampleGenotypes {
    /// A sample of which only the name is known.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// What was read at a locus, by its one name.
    #[must_use]
    pub fn reading(&self, locus: &str) -> Option<&Reading> {
        self.readings.iter().find(|reading| reading.locus == locus)
    }
}

/// Genotypes are what must never be in a log: only how many there are is told.
impl fmt::Debug for ReadAllele {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadAllele(..)")
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reading({}, {} alleles)", self.locus, self.alleles.len())
    }
}

impl fmt::Debug for SampleGenotypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SampleGenotypes({:?}, {:?})", self.name, self.readings)
    }
}

impl FilePedigree {
    /// Lines for [`crate::genetics::pedigree::Pedigree::new`]. A sex that is not told follows from the other parent of a child.
    ///
    /// # Errors
    /// A sex that follows from nothing, and parents who are not one father and one mother.
    pub fn entries(&self) -> Result<Vec<Entry>, FilePedigreeError> {
        let sexes = self.sexes();
        let sex_of = |name: &str| self.members.iter().position(|m| m.name == name).and_then(|at| sexes[at]);
        let of = |(at, member): (usize, &Member)| {
            let sex = sexes[at].ok_or_else(|| FilePedigreeError::Sex(self.name.clone(), member.name.clone()))?;
            let mut entry = Entry::new(&member.name, sex, None);
            for parent in &member.parents {
                // Who is not in the pedigree is refused by name when it is made.
                let place = match sex_of(parent) {
                    Some(GeneticSex::Female) => &mut entry.mother,
                    _ => &mut entry.father,
                };
                if place.replace(parent.clone()).is_some() {
                    return Err(FilePedigreeError::Parents(self.name.clone(), member.name.clone()));
                }
            }
            Ok(entry)
        };
        self.members.iter().enumerate().map(of).collect()
    }

    fn sexes(&self) -> Vec<Option<GeneticSex>> {
        let mut sexes: Vec<Option<GeneticSex>> = self.members.iter().map(|m| m.sex).collect();
        let number = |name: &String| self.members.iter().position(|m| m.name == *name);
        let couples: Vec<[usize; 2]> = self
            .members
            .iter()
            .filter_map(|m| match m.parents.as_slice() {
                [a, b] => Some([number(a)?, number(b)?]),
                _ => None,
            })
            .collect();
        let other = |sex: GeneticSex| if sex == GeneticSex::Female { GeneticSex::Male } else { GeneticSex::Female };
        // One may follow from another: at most as often as there are people.
        for _ in 0..couples.len() {
            let mut changed = false;
            for [a, b] in couples.iter().flat_map(|[a, b]| [[*a, *b], [*b, *a]]) {
                if let (Some(sex), None) = (sexes[a], sexes[b]) {
                    sexes[b] = Some(other(sex));
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        sexes
    }
}
