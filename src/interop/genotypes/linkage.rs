//! LINKAGE and Merlin data sets: `.ped` (family, person, father, mother, sex, then two alleles a marker, 0 for unknown), `.dat` (what the columns are), `.map`
//! (chromosome, marker, centimorgan) and `.freq` (allele frequencies).
//!
//! Alleles are whole numbers there, so that microvariants are recoded. [`write`] makes a legend (`marker,code,allele`) that [`read`] takes beside the files; without
//! it alleles keep their numbers, and the report says so, as a 9 may stand for 9.3.
//!
//! What it does not tell: anything of samples but sex and readings of two alleles, how many alleles were sampled, and a source of frequencies. Names hold no blanks.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

use thiserror::Error;

use super::frequencies::renormalised;
use super::report::{Finding, FindingCode};
use super::{Contents, FilePedigree, Member, ReadAllele, Reading, SampleGenotypes, loci, rows};
use crate::genetics::frequency::{FrequencyError, FrequencyTable, LocusFrequencies};
use crate::genetics::pedigree::GeneticSex;
use crate::interop::problem::shown;

/// The files of a data set; an empty one is not there. `.ped` and `.dat` are needed.
#[derive(Debug, Clone, Copy, Default)]
pub struct LinkageFiles<'a> {
    /// People with their alleles.
    pub ped: &'a [u8],
    /// What the columns are.
    pub dat: &'a [u8],
    /// Where markers lie. Checked against `.dat`, and not kept.
    pub map: &'a [u8],
    /// Frequencies.
    pub freq: &'a [u8],
    /// Which allele each number stands for.
    pub legend: &'a [u8],
}

/// The files of a data set as they are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WrittenLinkage {
    /// People with their alleles.
    pub ped: String,
    /// What the columns are.
    pub dat: String,
    /// Where markers lie; empty where no positions were given.
    pub map: String,
    /// Frequencies; empty where there is no table.
    pub freq: String,
    /// Which allele each number stands for.
    pub legend: String,
}

/// Why a data set cannot be read.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum LinkageError {
    /// A line that is not what the file holds.
    #[error("{file}, line {line}: {message}")]
    Line {
        /// The file's ending.
        file: &'static str,
        /// The line.
        line: u64,
        /// What is wrong there.
        message: String,
    },
    /// A file that is needed is empty.
    #[error("{0}: the file is empty or not there")]
    Empty(&'static str),
    /// Frequencies that cannot be.
    #[error(".freq: {0}")]
    Frequency(#[from] FrequencyError),
}

/// Why samples cannot be written as a data set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LinkageWriteError {
    /// A name with blanks, or none, or one that stands for nobody.
    #[error("{0:?} cannot be a name here: it is blank, 0, begins with # or holds blanks")]
    Name(String),
    /// One name for two in one family, or one locus twice of a sample.
    #[error("{0:?} is there twice")]
    Twice(String),
    /// More than two alleles.
    #[error("sample {0:?}, locus {1}: there are {2} alleles, two can be written")]
    Alleles(String, String, usize),
    /// A parent alone, three, one who is not there, or whose sex does not follow.
    #[error("family {0:?}: {1:?} needs a father and a mother who are in the family, or neither")]
    Parents(String, String),
    /// A sex that does not follow, or is told in two ways.
    #[error("family {0:?}: the sex of {1:?} is not told, or told in two ways")]
    Sex(String, String),
}

fn wrong(file: &'static str, line: u64, message: impl Into<String>) -> LinkageError {
    LinkageError::Line { file, line, message: message.into() }
}

/// Lines that hold something, with their numbers and words.
fn lines(text: &str) -> impl Iterator<Item = (u64, Vec<&str>)> {
    let words = text.lines().enumerate().map(|(at, line)| (at as u64 + 1, line.split_whitespace().collect::<Vec<_>>()));
    words.filter(|(_, words)| words.first().is_some_and(|word| !word.starts_with('#')))
}

/// What a column of `.ped` behind the first five is.
enum Column {
    Marker(String),
    /// So many words that are not read.
    Other(usize),
}

/// Numbers of alleles to what they stand for, by marker.
type Legend = HashMap<String, HashMap<String, String>>;

/// Reads a data set: samples by person, with the family as their case, and a pedigree for each family.
///
/// # Errors
/// [`LinkageError`] with the file and line of the first thing that is not as it has to be.
pub fn read(files: &LinkageFiles<'_>) -> Result<(Contents, Vec<Finding>), LinkageError> {
    let mut findings = Vec::new();
    let columns = columns(&rows::decode(files.dat), &mut findings)?;
    let legend = legend(files.legend)?;
    let markers: HashSet<&str> = columns.iter().filter_map(|c| if let Column::Marker(name) = c { Some(name.as_str()) } else { None }).collect();
    check_map(&rows::decode(files.map), &markers)?;
    if files.legend.is_empty() {
        let message = "alleles are numbers that may stand for others; give the legend that they were recoded by";
        findings.push(Finding::warning("", "", FindingCode::Recoded, message));
    }
    let people = people(&rows::decode(files.ped), &columns, &legend)?;
    let tables = table(&rows::decode(files.freq), &legend, &mut findings)?;
    if files.ped.last().is_some_and(|last| *last != b'\n') {
        findings.push(Finding::warning("", "", FindingCode::CutOff, ".ped: the last line has no line end; compare the number of people"));
    }
    Ok((contents(people, tables)?, findings))
}

fn columns(text: &str, findings: &mut Vec<Finding>) -> Result<Vec<Column>, LinkageError> {
    let (mut columns, mut seen) = (Vec::new(), HashSet::new());
    for (line, words) in lines(text) {
        let (kind, name) = match words.as_slice() {
            ["E" | "e", ..] => break,
            [kind, name @ ..] if !name.is_empty() => (*kind, name.join(" ")),
            _ => return Err(wrong(".dat", line, "a kind and a name are needed, such as M TH01")),
        };
        let other = match kind {
            "M" | "m" => None,
            "A" | "a" | "T" | "t" | "C" | "c" | "S" | "s" | "Z" | "z" => Some(1),
            "S2" | "s2" => Some(2),
            _ => return Err(wrong(".dat", line, format!("{:?} is no kind of column; M, A, T, C, Z, S, S2 and E are", shown(kind)))),
        };
        let locus = loci::normal_name(&name).to_owned();
        if let Some(words) = other {
            findings.push(Finding::warning("", &name, FindingCode::UnknownColumn, "a column that is no marker; not read").at(line));
            columns.push(Column::Other(words));
        } else if seen.insert(locus.clone()) {
            columns.push(Column::Marker(locus));
        } else {
            return Err(wrong(".dat", line, format!("marker {:?} is there before", shown(&name))));
        }
    }
    if columns.is_empty() { Err(LinkageError::Empty(".dat")) } else { Ok(columns) }
}

fn check_map(text: &str, markers: &HashSet<&str>) -> Result<(), LinkageError> {
    for (line, words) in lines(text) {
        let [_, marker @ .., position] = words.as_slice() else {
            return Err(wrong(".map", line, "a chromosome, a marker and a position are needed"));
        };
        let is_header = words.first().is_some_and(|word| word.to_ascii_uppercase().starts_with("CHR"));
        if is_header {
            continue;
        }
        if !position.parse::<f64>().is_ok_and(f64::is_finite) {
            return Err(wrong(".map", line, format!("{:?} is no position", shown(position))));
        }
        // Positions of women and men may follow the common one.
        let name: Vec<&str> = marker.iter().enumerate().take_while(|(at, w)| *at == 0 || w.parse::<f64>().is_err()).map(|(_, w)| *w).collect();
        let name = name.join(" ");
        if !markers.contains(loci::normal_name(&name)) {
            return Err(wrong(".map", line, format!("marker {:?} is not in .dat", shown(&name))));
        }
    }
    Ok(())
}

fn legend(bytes: &[u8]) -> Result<Legend, LinkageError> {
    let mut legend = Legend::new();
    if bytes.is_empty() {
        return Ok(legend);
    }
    let (headers, lines, _) = rows::read(bytes).map_err(|e| wrong("legend", 1, e.to_string()))?;
    if headers != ["marker", "code", "allele"] {
        return Err(wrong("legend", 1, "the columns are marker, code and allele"));
    }
    for line in lines {
        let [marker, code, allele] = [0, 1, 2].map(|at| line.get(at));
        if marker.is_empty() || code.is_empty() || allele.is_empty() {
            return Err(wrong("legend", line.line, "a marker, a code and an allele are needed"));
        }
        let of = legend.entry(loci::normal_name(marker).to_owned()).or_default();
        if of.insert(code.to_owned(), loci::allele(allele).into_owned()).is_some() {
            return Err(wrong("legend", line.line, format!("code {:?} of {:?} is there before", shown(code), shown(marker))));
        }
    }
    Ok(legend)
}

/// What a number stands for; an error where there is a legend that does not have it.
fn decoded(legend: &Legend, locus: &str, code: &str) -> Result<String, String> {
    if legend.is_empty() {
        return Ok(loci::allele(code).into_owned());
    }
    let found = legend.get(locus).and_then(|of| of.get(code));
    found.cloned().ok_or_else(|| format!("code {:?} of {locus} is not in the legend", shown(code)))
}

struct Person {
    line: u64,
    family: String,
    member: Member,
    /// Father and mother, of whom `.ped` tells who is which.
    parents: Option<[String; 2]>,
    readings: Vec<Reading>,
}

fn people(text: &str, columns: &[Column], legend: &Legend) -> Result<Vec<Person>, LinkageError> {
    let (mut people, mut seen) = (Vec::new(), HashSet::new());
    for (line, words) in lines(text) {
        let person = person(line, &words, columns, legend)?;
        if !seen.insert((person.family.clone(), person.member.name.clone())) {
            return Err(wrong(".ped", line, format!("{:?} is in family {:?} before", shown(&person.member.name), shown(&person.family))));
        }
        people.push(person);
    }
    if people.is_empty() { Err(LinkageError::Empty(".ped")) } else { Ok(people) }
}

fn person(line: u64, words: &[&str], columns: &[Column], legend: &Legend) -> Result<Person, LinkageError> {
    let [family, name, father, mother, sex, rest @ ..] = words else {
        return Err(wrong(".ped", line, "family, person, father, mother and sex are needed"));
    };
    let sex = match sex.to_ascii_lowercase().as_str() {
        "1" | "m" | "male" => Some(GeneticSex::Male),
        "2" | "f" | "female" => Some(GeneticSex::Female),
        "0" | "x" | "unknown" | "?" => None,
        _ => return Err(wrong(".ped", line, format!("{:?} is no sex; 1, 2 and 0 are", shown(sex)))),
    };
    let parents = match (*father, *mother) {
        ("0", "0") => None,
        ("0", _) | (_, "0") => return Err(wrong(".ped", line, "one parent without the other")),
        (father, mother) => Some([father.to_owned(), mother.to_owned()]),
    };
    let readings = calls(line, rest, columns, legend)?;
    let member = Member { name: (*name).to_owned(), sex, parents: parents.iter().flatten().cloned().collect() };
    Ok(Person { line, family: (*family).to_owned(), member, parents, readings })
}

/// Readings of the words behind the first five: two a marker, or one with a stroke between.
fn calls(line: u64, words: &[&str], columns: &[Column], legend: &Legend) -> Result<Vec<Reading>, LinkageError> {
    let mut words = words.iter().copied();
    let mut next = || words.next().ok_or_else(|| wrong(".ped", line, "there are fewer columns than .dat tells"));
    let mut readings = Vec::new();
    for column in columns {
        let locus = match column {
            Column::Marker(locus) => locus,
            Column::Other(count) => {
                for _ in 0..*count {
                    next()?;
                }
                continue;
            }
        };
        let first = next()?;
        let (a, b) = match first.split_once('/') {
            Some((a, b)) => (a, b),
            None => (first, next()?),
        };
        let known = [a, b].into_iter().filter(|code| !matches!(*code, "0" | "x" | "X" | "."));
        let labels =
            known.map(|code| decoded(legend, locus, code)).collect::<Result<Vec<_>, _>>().map_err(|message| wrong(".ped", line, message))?;
        if !labels.is_empty() {
            let alleles = labels.into_iter().map(|label| ReadAllele { label, ..ReadAllele::default() }).collect();
            readings.push(Reading { locus: locus.clone(), alleles, ..Reading::default() });
        }
    }
    match words.next() {
        Some(_) => Err(wrong(".ped", line, "there are more columns than .dat tells")),
        None => Ok(readings),
    }
}

fn table(text: &str, legend: &Legend, findings: &mut Vec<Finding>) -> Result<Vec<FrequencyTable>, LinkageError> {
    let mut loci: Vec<(String, Vec<(String, f64)>)> = Vec::new();
    for (line, words) in lines(text) {
        let frequency = |word: &str| word.parse::<f64>().map_err(|_| wrong(".freq", line, format!("{:?} is no frequency", shown(word))));
        match (words.as_slice(), loci.last_mut()) {
            (["M" | "m", name @ ..], _) if !name.is_empty() => loci.push((loci::normal_name(&name.join(" ")).to_owned(), Vec::new())),
            (["A" | "a", code, told], Some((locus, alleles))) => {
                let label = decoded(legend, locus, code).map_err(|message| wrong(".freq", line, message))?;
                alleles.push((label, frequency(told)?));
            }
            (["F" | "f", told @ ..], Some((locus, alleles))) => {
                for word in told {
                    let label = decoded(legend, locus, &(alleles.len() + 1).to_string()).map_err(|message| wrong(".freq", line, message))?;
                    alleles.push((label, frequency(word)?));
                }
            }
            _ => {
                return Err(wrong(".freq", line, "M with a marker comes first, then A with an allele and its frequency, or F with frequencies"));
            }
        }
    }
    if loci.is_empty() {
        return Ok(Vec::new());
    }
    let mut made = Vec::with_capacity(loci.len());
    for (locus, alleles) in loci {
        let (frequencies, sum) = LocusFrequencies::new(&locus, alleles, None)?;
        findings.extend(sum.map(|sum| renormalised(".freq", &locus, sum)));
        made.push(frequencies);
    }
    Ok(vec![FrequencyTable::new("", "", made)?])
}

fn contents(people: Vec<Person>, tables: Vec<FrequencyTable>) -> Result<Contents, LinkageError> {
    let mut of_family: HashMap<String, HashMap<String, Option<GeneticSex>>> = HashMap::new();
    for person in &people {
        of_family.entry(person.family.clone()).or_default().insert(person.member.name.clone(), person.member.sex);
    }
    let mut contents = Contents { tables, ..Contents::default() };
    let mut places: HashMap<String, usize> = HashMap::new();
    for person in people {
        for (parent, sex) in person.parents.iter().flatten().zip([GeneticSex::Male, GeneticSex::Female]) {
            match of_family.get(&person.family).and_then(|family| family.get(parent)) {
                Some(told) if told.is_none_or(|told| told == sex) => {}
                Some(_) => return Err(wrong(".ped", person.line, format!("{:?} is father and a woman, or mother and a man", shown(parent)))),
                None => return Err(wrong(".ped", person.line, format!("parent {:?} is not in the family", shown(parent)))),
            }
        }
        let case = Some(person.family.clone());
        let sample = SampleGenotypes { sex: person.member.sex, case, readings: person.readings, ..SampleGenotypes::new(&person.member.name) };
        contents.samples.push(sample);
        let at = *places.entry(person.family.clone()).or_insert(contents.pedigrees.len());
        if at == contents.pedigrees.len() {
            contents.pedigrees.push(FilePedigree { name: person.family, members: Vec::new() });
        }
        contents.pedigrees[at].members.push(person.member);
    }
    Ok(contents)
}

/// Position of a marker: chromosome and centimorgan.
pub type Positions = BTreeMap<String, (String, f64)>;

/// Writes a data set: each pedigree is a family, with the samples whose case is its name; samples of no pedigree are families of one, of their case or else their
/// name. Of tables the first is written.
///
/// # Errors
/// [`LinkageWriteError`] naming the family, person or locus that does not fit.
pub fn write(contents: &Contents, positions: &Positions) -> Result<WrittenLinkage, LinkageWriteError> {
    let table = contents.tables.first();
    let loci =
        rows::in_order(rows::loci_of(&contents.samples).into_iter().chain(table.iter().flat_map(|t| t.loci()).map(LocusFrequencies::locus)));
    let codes = codes(contents, table);
    let mut written = WrittenLinkage { ped: ped(contents, &loci, &codes)?, ..WrittenLinkage::default() };
    let mut legend = vec![["marker", "code", "allele"].map(str::to_owned).to_vec()];
    for locus in &loci {
        // Writing to a text cannot fail.
        let _ = writeln!(written.dat, "M {}", marker(locus)?);
        for (label, code) in codes.get(*locus).into_iter().flatten() {
            legend.push(vec![(*locus).to_owned(), code.to_string(), label.text.to_owned()]);
        }
        if let Some((chromosome, position)) = positions.get(*locus) {
            if written.map.is_empty() {
                written.map.push_str("CHROMOSOME MARKER POSITION\n");
            }
            let _ = writeln!(written.map, "{} {} {position}", name(chromosome)?, marker(locus)?);
        }
    }
    written.legend = rows::write(b',', &legend);
    for locus in table.iter().flat_map(|t| t.loci()) {
        let _ = writeln!(written.freq, "M {}", marker(locus.locus())?);
        for (label, frequency) in locus.alleles() {
            let code = codes.get(locus.locus()).and_then(|of| of.get(&Label::new(label))).copied().unwrap_or(0);
            let _ = writeln!(written.freq, "A {code} {frequency}");
        }
    }
    Ok(written)
}

/// A label in the order of repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Label<'a> {
    /// Hundredths of a repeat; what is no number comes last.
    order: u64,
    text: &'a str,
}

impl<'a> Label<'a> {
    fn new(text: &'a str) -> Self {
        let repeats = text.parse::<f64>().ok().filter(|n| (0.0..1e9).contains(n));
        Self { order: repeats.map_or(u64::MAX, |n| (n * 100.0) as u64), text }
    }
}

/// Numbers from 1 of all labels of each locus, in the order of repeats.
fn codes<'a>(contents: &'a Contents, table: Option<&'a FrequencyTable>) -> HashMap<&'a str, BTreeMap<Label<'a>, usize>> {
    let mut labels: HashMap<&str, BTreeSet<Label<'_>>> = HashMap::new();
    for reading in contents.samples.iter().flat_map(|sample| &sample.readings) {
        labels.entry(&reading.locus).or_default().extend(reading.labels().map(Label::new));
    }
    for locus in table.iter().flat_map(|t| t.loci()) {
        labels.entry(locus.locus()).or_default().extend(locus.alleles().iter().map(|(label, _)| Label::new(label)));
    }
    labels.into_iter().map(|(locus, of)| (locus, of.into_iter().zip(1..).collect())).collect()
}

/// A name without blanks that is not taken for nobody.
fn name(text: &str) -> Result<&str, LinkageWriteError> {
    let sound = !matches!(text, "" | "0") && !text.starts_with('#') && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if sound { Ok(text) } else { Err(LinkageWriteError::Name(shown(text))) }
}

/// A marker's name, whose blanks a `.dat` and `.freq` line can hold but other programs may not: written as `_` where the locus is found again so.
fn marker(locus: &str) -> Result<String, LinkageWriteError> {
    let joined = locus.replace(' ', "_");
    if loci::normal_name(&joined) == locus { name(&joined).map(str::to_owned) } else { Err(LinkageWriteError::Name(shown(locus))) }
}

type Codes<'a> = HashMap<&'a str, BTreeMap<Label<'a>, usize>>;

fn ped(contents: &Contents, loci: &[&str], codes: &Codes<'_>) -> Result<String, LinkageWriteError> {
    let mut samples: HashMap<(&str, &str), &SampleGenotypes> = HashMap::new();
    let family_of = |sample: &'_ SampleGenotypes| sample.case.clone().unwrap_or_else(|| sample.name.clone());
    for sample in &contents.samples {
        let family = sample.case.as_deref().unwrap_or(&sample.name);
        if samples.insert((family, &sample.name), sample).is_some() {
            return Err(LinkageWriteError::Twice(shown(&sample.name)));
        }
    }
    let mut text = String::new();
    let mut placed: HashSet<(&str, &str)> = HashSet::new();
    for pedigree in &contents.pedigrees {
        let family = pedigree.name.as_str();
        let sexes = pedigree.sexes();
        let by_name: HashMap<&str, Option<GeneticSex>> = pedigree.members.iter().map(|m| m.name.as_str()).zip(sexes.iter().copied()).collect();
        for (member, sex) in pedigree.members.iter().zip(&sexes) {
            if !placed.insert((family, &member.name)) {
                return Err(LinkageWriteError::Twice(shown(&member.name)));
            }
            let sample = samples.get(&(family, member.name.as_str())).copied();
            let told = sample.and_then(|s| s.sex);
            if told.is_some() && sex.is_some() && told != *sex {
                return Err(LinkageWriteError::Sex(shown(family), shown(&member.name)));
            }
            let parents = couple(family, member, &by_name)?;
            line(&mut text, [family, &member.name, parents[0], parents[1]], sex.or(told), sample, loci, codes)?;
        }
    }
    for sample in &contents.samples {
        let family = family_of(sample);
        if !placed.contains(&(family.as_str(), sample.name.as_str())) {
            line(&mut text, [&family, &sample.name, "0", "0"], sample.sex, Some(sample), loci, codes)?;
        }
    }
    Ok(text)
}

/// Father and mother of somebody, or nobody.
fn couple<'a>(family: &str, member: &'a Member, sexes: &HashMap<&str, Option<GeneticSex>>) -> Result<[&'a str; 2], LinkageWriteError> {
    let wrong = || LinkageWriteError::Parents(shown(family), shown(&member.name));
    let sex = |parent: &str| sexes.get(parent).copied().flatten();
    match member.parents.as_slice() {
        [] => Ok(["0", "0"]),
        [a, b] => match (sex(a), sex(b)) {
            (Some(GeneticSex::Male), Some(GeneticSex::Female)) => Ok([a, b]),
            (Some(GeneticSex::Female), Some(GeneticSex::Male)) => Ok([b, a]),
            // Who is which is not told: as they stand, if both are there.
            (None, None) if sexes.contains_key(a.as_str()) && sexes.contains_key(b.as_str()) => Ok([a, b]),
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

fn line(
    text: &mut String,
    person: [&str; 4],
    sex: Option<GeneticSex>,
    sample: Option<&SampleGenotypes>,
    loci: &[&str],
    codes: &Codes<'_>,
) -> Result<(), LinkageWriteError> {
    for (at, word) in person.iter().enumerate() {
        let word = if at > 1 && *word == "0" { word } else { name(word)? };
        let _ = write!(text, "{word} ");
    }
    text.push(match sex {
        Some(GeneticSex::Male) => '1',
        Some(GeneticSex::Female) => '2',
        None => '0',
    });
    let mut readings: HashMap<&str, &Reading> = HashMap::new();
    for reading in sample.iter().flat_map(|s| &s.readings) {
        if readings.insert(&reading.locus, reading).is_some() {
            return Err(LinkageWriteError::Twice(format!("{}, {}", shown(person[1]), shown(&reading.locus))));
        }
    }
    for locus in loci {
        let labels: Vec<&str> = readings.get(locus).map(|reading| reading.labels().collect()).unwrap_or_default();
        if labels.len() > 2 {
            return Err(LinkageWriteError::Alleles(shown(person[1]), shown(locus), labels.len()));
        }
        for at in 0..2 {
            let code = labels.get(at).and_then(|label| codes.get(locus)?.get(&Label::new(label))).copied().unwrap_or(0);
            let _ = write!(text, " {code}");
        }
    }
    text.push('\n');
    Ok(())
}
