//! Familias 3 projects (`.fam`): a value on each line, texts in quotes, lines ended by CR and LF, and perhaps a part for disaster victims (`[DVI]`) in sections.
//!
//! Alleles and markers are numbers from 0 in lists that come later in the file; each is checked against its list and reported with its own line. Counts are
//! believed one value at a time, never allocated for. Projects of one database are read. Sections and lines that are not understood are kept and written back.
//!
//! What it does not tell: who read what and when, sizes and heights, kits, off-ladder calls (alleles are those of the database), a locus that was read in part
//! (a homozygote is told). Two alleles a locus. Sexes of people in the disaster part's pedigrees who are not typed.

use std::collections::{HashMap, HashSet};

use thiserror::Error;

use super::frequencies::renormalised;
use super::report::{Finding, FindingCode};
use super::{Contents, FilePedigree, MAX_BYTES, Member, ReadAllele, Reading, SampleGenotypes, loci, rows};
use crate::genetics::frequency::{FrequencyError, FrequencyTable, LocusFrequencies};
use crate::genetics::pedigree::GeneticSex;
use crate::interop::problem::shown;

/// Why a project cannot be read.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FamiliasError {
    /// Larger than is read.
    #[error("the file has {0} bytes; at most {MAX_BYTES} are read")]
    TooLarge(usize),
    /// Not a project.
    #[error("line 1: a Familias project begins with \"Output from Familias\"")]
    Banner,
    /// The file ends too early.
    #[error("line {line}: the file ends where {wanted} should come; it was cut off")]
    CutOff {
        /// The line after the last.
        line: u64,
        /// What should come.
        wanted: &'static str,
    },
    /// A line that is not what comes there.
    #[error("line {line}: {found:?} is not {wanted}")]
    Value {
        /// The line.
        line: u64,
        /// What should come.
        wanted: &'static str,
        /// What stands there, cut.
        found: String,
    },
    /// A number that is not in its list.
    #[error("line {line}: there is no {what} {number}, only {count} of them, from 0")]
    Index {
        /// The line.
        line: u64,
        /// What is counted.
        what: &'static str,
        /// The number.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// A count that is not that of what follows.
    #[error("line {line}: {told} {what} are announced, {found} are there")]
    Count {
        /// The line of the count.
        line: u64,
        /// What is counted.
        what: &'static str,
        /// The count.
        told: usize,
        /// How many there are.
        found: usize,
    },
    /// One name for two.
    #[error("line {line}: there is a {what} {name:?} before")]
    Twice {
        /// The line.
        line: u64,
        /// What has a name.
        what: &'static str,
        /// The name, cut.
        name: String,
    },
    /// More than a sound project has.
    #[error("line {line}: more than {most} {what}")]
    TooMany {
        /// The line.
        line: u64,
        /// What is counted.
        what: &'static str,
        /// How many may be.
        most: usize,
    },
    /// Several databases.
    #[error("line {line}: the project has {count} databases; projects with one are read")]
    Databases {
        /// The line.
        line: u64,
        /// How many.
        count: u32,
    },
    /// Frequencies that cannot be.
    #[error("{0}")]
    Frequency(#[from] FrequencyError),
}

/// Why a project cannot be made or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FamiliasWriteError {
    /// A text that does not come back: quotes, line ends, blanks around it or nothing at all.
    #[error("{of}: {text:?} is blank, has blanks around it, or holds quotes or line ends")]
    Text {
        /// What has it.
        of: String,
        /// The text, cut.
        text: String,
    },
    /// A sample whose sex is not told.
    #[error("sample {0:?}: Familias needs a sex")]
    Sex(String),
    /// A locus that the table does not have.
    #[error("sample {0:?}: locus {1} is not in the table of frequencies")]
    Locus(String, String),
    /// An allele that the table does not have.
    #[error("sample {0:?}, locus {1}: allele {2:?} is not in the table of frequencies")]
    Allele(String, String, String),
    /// One allele or more than two.
    #[error("sample {0:?}, locus {1}: Familias takes two alleles, there are {2}; decide what one alone stands for")]
    Alleles(String, String, usize),
    /// One name for two.
    #[error("{0:?} is there twice")]
    Twice(String),
    /// Somebody in a pedigree who is no sample and whose sex does not follow.
    #[error("pedigree {0:?}: the sex of {1:?} is not told")]
    MemberSex(String, String),
    /// A parent who is not there, or three.
    #[error("pedigree {0:?}: {1:?} has a parent who is not in it, or more than two")]
    Parent(String, String),
    /// A number that is none.
    #[error("{0}: a number is not finite")]
    Number(String),
    /// A number of an allele, a marker or a person that is not in its list.
    #[error("{0}: a number points beyond its list")]
    Index(String),
}

/// A switch with what stands behind it on the line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Switch {
    /// `#TRUE#`.
    pub on: bool,
    /// Text behind it (`(Consider dropouts)`).
    pub note: String,
}

/// Somebody with genotypes, by numbers of alleles and markers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The first switch, always off in the files seen.
    pub first: Switch,
    /// Year of birth; -1 where it is not told.
    pub year: i64,
    /// The second switch; its note says whether drop-outs are considered.
    pub second: Switch,
    /// Sex.
    pub sex: GeneticSex,
    /// Two alleles and the marker.
    pub genotypes: Vec<[usize; 3]>,
}

/// Who is whose parent, by numbers: persons first, then women and men who are added, those of the known relations before those of the pedigree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Relations {
    /// Women who are added.
    pub females: usize,
    /// Men who are added.
    pub males: usize,
    /// Parent and child.
    pub pairs: Vec<[usize; 2]>,
}

/// A pedigree: the known relations and its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectPedigree {
    /// Its number.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// Its own relations.
    pub relations: Relations,
}

/// A locus: frequencies and mutation, of females and males.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectLocus {
    /// Its name, as the file spells it.
    pub name: String,
    /// Mutation rates.
    pub rates: [f64; 2],
    /// Mutation models: 0 equal, 1 proportional, 2 stepwise, 3 stepwise that leaves frequencies as they are, 4 extended stepwise.
    pub models: [u8; 2],
    /// How much less likely each further repeat is.
    pub ranges: [f64; 2],
    /// Rates between alleles of other parts of a repeat.
    pub rates2: [f64; 2],
    /// Frequency of a silent allele, which is the last number.
    pub silent: Option<f64>,
    /// How many alleles were sampled; 0 where it is not told.
    pub database_size: f64,
    /// Chance of drop-out.
    pub dropout: f64,
    /// The least frequency.
    pub minimum: f64,
    /// Alleles and frequencies.
    pub alleles: Vec<(String, f64)>,
}

/// The part for disaster victims.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dvi {
    /// Unidentified persons: name, sex and readings.
    pub unidentified: Vec<SampleGenotypes>,
    /// Families that miss somebody.
    pub families: Vec<DviFamily>,
    /// Other sections of the part (`[[Notes]]`), line by line.
    pub other: Vec<String>,
}

/// A family that misses somebody.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DviFamily {
    /// Its name.
    pub name: String,
    /// Its typed people.
    pub persons: Vec<SampleGenotypes>,
    /// Its pedigrees, with somebody named [`MISSING`].
    pub pedigrees: Vec<FilePedigree>,
}

/// The name of the missing person in a family's pedigrees.
pub const MISSING: &str = "Missing person";

/// A project, line for line.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// The version of the program.
    pub version: String,
    /// People with genotypes.
    pub persons: Vec<Person>,
    /// Relations that hold in every pedigree.
    pub known: Relations,
    /// Pedigrees.
    pub pedigrees: Vec<ProjectPedigree>,
    /// The switch before the database's line.
    pub database_switch: bool,
    /// Correction for subpopulations.
    pub theta: f64,
    /// The switch before the database's name.
    pub named_switch: bool,
    /// The database's name.
    pub database: String,
    /// Loci.
    pub loci: Vec<ProjectLocus>,
    /// The part for disaster victims.
    pub dvi: Option<Dvi>,
    /// Other sections (`[Prior]`, `[Advanced]`) and lines, as they are.
    pub other: Vec<String>,
}

/// Reads a project.
///
/// # Errors
/// [`FamiliasError`] with the line of the first thing that is not as it has to be.
pub fn read(bytes: &[u8]) -> Result<Project, FamiliasError> {
    if bytes.len() > MAX_BYTES {
        return Err(FamiliasError::TooLarge(bytes.len()));
    }
    let text = rows::decode(bytes);
    let lines: Vec<&str> = text.lines().collect();
    if !lines.first().is_some_and(|line| unquoted(line).is_some_and(|banner| banner.starts_with("Output from Familias"))) {
        return Err(FamiliasError::Banner);
    }
    let mut lines = Lines { lines, members: 0, at: 1 };
    let project = lines.project()?;
    // A last line without its end may be half of one.
    if text.ends_with('\n') { Ok(project) } else { Err(lines.cut_off("the end of the last line")) }
}

fn unquoted(line: &str) -> Option<&str> {
    line.trim().strip_prefix('"')?.strip_suffix('"')
}

/// Places in pedigrees, of all together: every pedigree holds everybody.
const MAX_MEMBERS: usize = 1_000_000;

struct Lines<'t> {
    lines: Vec<&'t str>,
    /// Places in pedigrees so far.
    members: usize,
    /// The next line's number from 0, which is the last one's from 1.
    at: usize,
}

/// A genotype's place, to be checked when the lists are known.
struct Place {
    line: u64,
    indices: [usize; 3],
}

impl Lines<'_> {
    const fn line(&self) -> u64 {
        self.at as u64
    }

    const fn cut_off(&self, wanted: &'static str) -> FamiliasError {
        FamiliasError::CutOff { line: self.at as u64 + 1, wanted }
    }

    fn next(&mut self, wanted: &'static str) -> Result<&str, FamiliasError> {
        let line = self.lines.get(self.at).ok_or_else(|| self.cut_off(wanted))?;
        self.at += 1;
        Ok(line.trim())
    }

    fn parse<T>(&mut self, wanted: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, FamiliasError> {
        let text = self.next(wanted)?;
        let (parsed, found) = (parse(text), shown(text));
        parsed.ok_or_else(|| FamiliasError::Value { line: self.line(), wanted, found })
    }

    fn text(&mut self, wanted: &'static str) -> Result<String, FamiliasError> {
        self.parse(wanted, |line| unquoted(line).map(str::to_owned))
    }

    fn count(&mut self, wanted: &'static str) -> Result<usize, FamiliasError> {
        self.parse(wanted, |line| line.parse::<u32>().ok().and_then(|n| usize::try_from(n).ok()))
    }

    fn number(&mut self, wanted: &'static str) -> Result<f64, FamiliasError> {
        self.parse(wanted, number)
    }

    fn switch(&mut self, wanted: &'static str) -> Result<Switch, FamiliasError> {
        self.parse(wanted, |line| {
            let on = line.strip_prefix("#TRUE#").map(|note| (true, note)).or_else(|| line.strip_prefix("#FALSE#").map(|note| (false, note)));
            on.map(|(on, note)| Switch { on, note: note.trim().to_owned() })
        })
    }

    fn project(&mut self) -> Result<Project, FamiliasError> {
        self.next("the second banner line")?;
        let version = self.next("the version")?.to_owned();
        self.next("an empty text")?;
        let (persons, places) = self.persons()?;
        self.parse("\"Known relations\"", |line| (unquoted(line) == Some("Known relations")).then_some(()))?;
        let known = self.relations(persons.len(), 0)?;
        let mut pedigrees = Vec::new();
        for _ in 0..self.count("the number of pedigrees")? {
            let number = self.count("the number of a pedigree")?;
            let name = self.text("the name of a pedigree")?;
            let relations = self.relations(persons.len(), known.females + known.males)?;
            self.count_members(persons.len() + known.females + known.males + relations.females + relations.males)?;
            pedigrees.push(ProjectPedigree { number, name, relations });
        }
        let (database_switch, theta) = self.databases()?;
        let told = self.count("the number of loci")?;
        let named_switch = self.switch("a switch before the database's name")?.on;
        let database = self.text("the database's name")?;
        let loci = self.loci(told)?;
        check_places(&places, &loci)?;
        let (dvi, other) = self.sections()?;
        Ok(Project { version, persons, known, pedigrees, database_switch, theta, named_switch, database, loci, dvi, other })
    }

    fn persons(&mut self) -> Result<(Vec<Person>, Vec<Place>), FamiliasError> {
        let (mut persons, mut places): (Vec<Person>, Vec<Place>) = (Vec::new(), Vec::new());
        let mut names = HashSet::new();
        for _ in 0..self.count("the number of persons")? {
            let name = self.text("the name of a person")?;
            if !names.insert(name.clone()) {
                return Err(FamiliasError::Twice { line: self.line(), what: "person", name: shown(&name) });
            }
            let first = self.switch("a person's first switch")?;
            let year = self.parse("a year of birth or -1", |line| line.parse::<i64>().ok())?;
            let second = self.switch("a person's second switch")?;
            let male = self.switch("a person's sex")?.on;
            let (mut genotypes, mut markers) = (Vec::new(), HashSet::new());
            for _ in 0..self.count("the number of a person's genotypes")? {
                let indices =
                    [self.count("the first allele's number")?, self.count("the second allele's number")?, self.count("the marker's number")?];
                if !markers.insert(indices[2]) {
                    return Err(FamiliasError::Twice { line: self.line(), what: "reading of marker", name: indices[2].to_string() });
                }
                places.push(Place { line: self.line(), indices });
                genotypes.push(indices);
            }
            let sex = if male { GeneticSex::Male } else { GeneticSex::Female };
            persons.push(Person { name, first, year, second, sex, genotypes });
        }
        Ok((persons, places))
    }

    const fn count_members(&mut self, more: usize) -> Result<(), FamiliasError> {
        self.members = self.members.saturating_add(more);
        if self.members > MAX_MEMBERS {
            return Err(FamiliasError::TooMany { line: self.line(), what: "places in pedigrees", most: MAX_MEMBERS });
        }
        Ok(())
    }

    /// Relations among persons, people added before, and those added here.
    fn relations(&mut self, persons: usize, before: usize) -> Result<Relations, FamiliasError> {
        let females = self.bounded("the number of extra women")?;
        let males = self.bounded("the number of extra men")?;
        let count = persons + before + females + males;
        let mut pairs = Vec::new();
        let mut parents: HashMap<usize, usize> = HashMap::new();
        for _ in 0..self.count("the number of relations")? {
            let mut pair = [0; 2];
            for (place, wanted) in pair.iter_mut().zip(["a parent's number", "a child's number"]) {
                *place = self.count(wanted)?;
                if *place >= count {
                    return Err(FamiliasError::Index { line: self.line(), what: "person", number: *place, count });
                }
            }
            self.count_parent(&mut parents, pair[1])?;
            pairs.push(pair);
        }
        Ok(Relations { females, males, pairs })
    }

    /// One parent more of somebody, who has two.
    fn count_parent(&self, parents: &mut HashMap<usize, usize>, child: usize) -> Result<(), FamiliasError> {
        let count = parents.entry(child).or_default();
        *count += 1;
        if *count > 2 {
            return Err(FamiliasError::TooMany { line: self.line(), what: "parents of one person", most: 2 });
        }
        Ok(())
    }

    /// A number of people who are added: nobody tells lines of them, so that only a bound keeps them from being any number.
    fn bounded(&mut self, wanted: &'static str) -> Result<usize, FamiliasError> {
        self.parse(wanted, |line| line.parse::<usize>().ok().filter(|n| *n <= 1_000))
    }

    fn databases(&mut self) -> Result<(bool, f64), FamiliasError> {
        let wanted = "the line of databases and theta";
        let switch = self.switch(wanted)?;
        let found = || FamiliasError::Value { line: self.line(), wanted, found: shown(&switch.note) };
        let count = after(&switch.note, "#Databases:").and_then(|n| n.parse::<u32>().ok()).ok_or_else(found)?;
        if count != 1 {
            return Err(FamiliasError::Databases { line: self.line(), count });
        }
        Ok((switch.on, after(&switch.note, "Fst:").and_then(number).ok_or_else(found)?))
    }

    fn loci(&mut self, told: usize) -> Result<Vec<ProjectLocus>, FamiliasError> {
        let mut made: Vec<ProjectLocus> = Vec::new();
        let mut names = HashSet::new();
        for _ in 0..told {
            let locus = self.locus()?;
            if !names.insert(loci::normal_name(&locus.name).to_owned()) {
                return Err(FamiliasError::Twice { line: self.line(), what: "locus", name: shown(&locus.name) });
            }
            made.push(locus);
        }
        Ok(made)
    }

    fn pair(&mut self, wanted: [&'static str; 2]) -> Result<[f64; 2], FamiliasError> {
        Ok([self.number(wanted[0])?, self.number(wanted[1])?])
    }

    fn locus(&mut self) -> Result<ProjectLocus, FamiliasError> {
        let name = self.text("the name of a locus")?;
        let rates = self.pair(["the mutation rate of females", "the mutation rate of males"])?;
        let model = |line: &str| line.parse::<u8>().ok().filter(|code| *code <= 4);
        let wanted = ["the mutation model of females, 0 to 4", "the mutation model of males, 0 to 4"];
        let models = [self.parse(wanted[0], model)?, self.parse(wanted[1], model)?];
        let with_silent = self.count("the number of alleles")?;
        let told_at = self.line();
        let ranges = self.pair(["the mutation range of females", "the mutation range of males"])?;
        let rates2 = self.pair(["the second rate of females", "the second rate of males"])?;
        let has_silent = self.switch("whether there is a silent allele")?.on;
        let silent_frequency = self.number("the frequency of a silent allele")?;
        let [database_size, dropout, minimum, count] = self.parse("the number of alleles with the database's size", sizes)?;
        let count = count as usize;
        if with_silent != count + usize::from(has_silent) {
            return Err(FamiliasError::Count { line: told_at, what: "alleles", told: with_silent, found: count + usize::from(has_silent) });
        }
        let mut alleles: Vec<(String, f64)> = Vec::new();
        let mut seen = HashSet::new();
        for _ in 0..count {
            let label = self.text("an allele")?;
            if !seen.insert(loci::allele(&label).into_owned()) {
                return Err(FamiliasError::Twice { line: self.line(), what: "allele", name: shown(&label) });
            }
            alleles.push((label, self.number("an allele's frequency")?));
        }
        let silent = has_silent.then_some(silent_frequency);
        Ok(ProjectLocus { name, rates, models, ranges, rates2, silent, database_size, dropout, minimum, alleles })
    }
}

/// A number behind a word: up to the next blank or sign.
fn after<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(word)?;
    rest.trim_start_matches([' ', '=']).split([' ', ';', ',', ')']).next()
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|n| n.is_finite())
}

/// Database size, drop-out, least frequency and number of alleles of `5<TAB>(DatabaseSize = 400 , Dropout probability = 0 , Minor allele frequency = 0 )`.
fn sizes(line: &str) -> Option<[f64; 4]> {
    let (count, rest) = line.split_once('(').unwrap_or((line, ""));
    let count = f64::from(count.trim().parse::<u32>().ok()?);
    let of = |word: &str| if rest.contains(word) { after(rest, word).and_then(number) } else { Some(0.0) };
    Some([of("DatabaseSize")?, of("Dropout probability")?, of("Minor allele frequency")?, count])
}

fn check_places(places: &[Place], loci: &[ProjectLocus]) -> Result<(), FamiliasError> {
    for Place { line, indices: [a, b, marker] } in places {
        let locus = loci.get(*marker);
        let locus = locus.ok_or(FamiliasError::Index { line: *line, what: "marker", number: *marker, count: loci.len() })?;
        let count = locus.alleles.len() + usize::from(locus.silent.is_some());
        // The marker's number comes last: its alleles stand on the two lines before.
        for (number, line) in [(*a, line - 2), (*b, line - 1)] {
            if number >= count {
                return Err(FamiliasError::Index { line, what: "allele", number, count });
            }
        }
    }
    Ok(())
}

/// A heading in brackets: how many of them, and what it says.
fn heading(line: &str) -> Option<(usize, &str)> {
    let depth = line.bytes().take_while(|b| *b == b'[').count();
    let title = line.get(depth..)?.strip_suffix(&"]".repeat(depth))?;
    (depth > 0 && !title.contains(['[', ']'])).then(|| (depth, title.trim()))
}

fn value<'t>(line: &'t str, key: &str) -> Option<&'t str> {
    let (found, value) = line.split_once('=')?;
    let value = unquoted(value).unwrap_or(value).trim();
    found.trim().eq_ignore_ascii_case(key).then_some(value)
}

impl Lines<'_> {
    fn peek(&self) -> Option<&str> {
        self.lines.get(self.at).map(|line| line.trim())
    }

    /// What follows the loci: the part for disaster victims, and everything else as it is.
    fn sections(&mut self) -> Result<(Option<Dvi>, Vec<String>), FamiliasError> {
        let (mut dvi, mut other) = (None, Vec::new());
        while let Some(line) = self.peek() {
            let line = line.to_owned();
            if heading(&line).is_some_and(|(depth, title)| depth == 1 && title.eq_ignore_ascii_case("DVI")) {
                self.at += 1;
                if dvi.replace(self.dvi()?).is_some() {
                    return Err(FamiliasError::Twice { line: self.line(), what: "section", name: "DVI".into() });
                }
                continue;
            }
            self.at += 1;
            if !line.is_empty() && other.is_empty() && heading(&line).is_none_or(|(depth, _)| depth != 1) {
                return Err(FamiliasError::Value { line: self.line(), wanted: "a section", found: shown(&line) });
            }
            if !line.is_empty() || !other.is_empty() {
                other.push(line);
            }
        }
        while other.last().is_some_and(String::is_empty) {
            other.pop();
        }
        Ok((dvi, other))
    }

    fn dvi(&mut self) -> Result<Dvi, FamiliasError> {
        let mut dvi = Dvi::default();
        while let Some(line) = self.peek() {
            let line = line.to_owned();
            match heading(&line) {
                Some((1, _)) => break,
                Some((2, title)) if title.eq_ignore_ascii_case("Unidentified persons") => {
                    self.at += 1;
                    dvi.unidentified.extend(self.dvi_persons(3)?);
                }
                Some((2, title)) if title.eq_ignore_ascii_case("Reference Families") => {
                    self.at += 1;
                    dvi.families.extend(self.dvi_families()?);
                }
                _ => {
                    dvi.other.push(line);
                    self.at += 1;
                }
            }
        }
        Ok(dvi)
    }

    /// The heading that has to come here, whose title begins so.
    fn heading(&mut self, depth: usize, title: &'static str) -> Result<(), FamiliasError> {
        self.parse(title, |line| heading(line).filter(|(d, t)| *d == depth && t.starts_with(title)).map(|_| ()))
    }

    fn value(&mut self, key: &'static str) -> Result<String, FamiliasError> {
        self.parse(key, |line| value(line, key).map(str::to_owned))
    }

    fn told(&mut self, key: &'static str) -> Result<usize, FamiliasError> {
        self.parse(key, |line| value(line, key)?.parse::<u32>().ok().and_then(|n| usize::try_from(n).ok()))
    }

    /// People from a count on, each under a heading of this depth; as many as announced.
    fn dvi_persons(&mut self, depth: usize) -> Result<Vec<SampleGenotypes>, FamiliasError> {
        let told = self.told("nPersons")?;
        let told_at = self.line();
        let (mut persons, mut names) = (Vec::new(), HashSet::new());
        while self.peek().and_then(heading).is_some_and(|(d, title)| d == depth && title.starts_with("Person")) {
            self.heading(depth, "Person")?;
            let name = self.value("Name")?;
            if !names.insert(name.clone()) {
                return Err(FamiliasError::Twice { line: self.line(), what: "person", name: shown(&name) });
            }
            let sex = self.parse("Gender= Male or Female", |line| gender(value(line, "Gender")?))?;
            self.heading(depth + 1, "DNA data")?;
            let readings = self.systems()?;
            persons.push(SampleGenotypes { sex, readings, ..SampleGenotypes::new(&name) });
        }
        same(told_at, "persons", told, persons.len())?;
        Ok(persons)
    }

    fn systems(&mut self) -> Result<Vec<Reading>, FamiliasError> {
        let told = self.told("nSystems")?;
        let told_at = self.line();
        let (mut readings, mut seen) = (Vec::new(), HashSet::new());
        while self.peek().is_some_and(|line| value(line, "SystemName").is_some()) {
            let name = self.value("SystemName")?;
            let locus = loci::normal_name(&name).to_owned();
            if !seen.insert(locus.clone()) {
                return Err(FamiliasError::Twice { line: self.line(), what: "locus", name: shown(&name) });
            }
            let labels = [self.value("Allele1")?, self.value("Allele2")?];
            let alleles = labels.iter().filter(|label| !loci::is_no_call(label)).map(|label| ReadAllele::new(label)).collect();
            readings.push(Reading { locus, alleles, ..Reading::default() });
        }
        same(told_at, "loci", told, readings.len())?;
        Ok(readings)
    }

    fn dvi_families(&mut self) -> Result<Vec<DviFamily>, FamiliasError> {
        let told = self.told("nFamilies")?;
        let told_at = self.line();
        let mut families: Vec<DviFamily> = Vec::new();
        while self.peek().and_then(heading).is_some_and(|(d, title)| d == 3 && title.starts_with("Family")) {
            self.heading(3, "Family")?;
            let name = self.value("Name")?;
            self.heading(4, "Persons")?;
            let persons = self.dvi_persons(5)?;
            self.heading(4, "Pedigrees")?;
            let pedigrees = self.dvi_pedigrees(&persons)?;
            families.push(DviFamily { name, persons, pedigrees });
        }
        same(told_at, "families", told, families.len())?;
        Ok(families)
    }

    fn dvi_pedigrees(&mut self, persons: &[SampleGenotypes]) -> Result<Vec<FilePedigree>, FamiliasError> {
        let told = self.told("nPedigrees")?;
        let told_at = self.line();
        let mut pedigrees: Vec<FilePedigree> = Vec::new();
        while self.peek().and_then(heading).is_some_and(|(d, title)| d == 5 && title.starts_with("Pedigree")) {
            self.heading(5, "Pedigree")?;
            let name = self.value("Name")?;
            self.count_members(persons.len())?;
            let typed = persons.iter().map(|p| Member { name: p.name.clone(), sex: p.sex, parents: Vec::new() });
            let mut pedigree = FilePedigree { name, members: typed.collect() };
            let mut places: HashMap<String, usize> = persons.iter().enumerate().map(|(at, p)| (p.name.clone(), at)).collect();
            let mut parents: HashMap<usize, usize> = HashMap::new();
            let told = self.told("nRelations")?;
            let told_at = self.line();
            let mut found = 0;
            while self.peek().is_some_and(|line| value(line, "Parent").is_some()) {
                let (parent, child) = (self.value("Parent")?, self.value("Child")?);
                add(&mut pedigree, &mut places, &parent);
                let child = add(&mut pedigree, &mut places, &child);
                self.count_parent(&mut parents, child)?;
                pedigree.members[child].parents.push(parent);
                found += 1;
            }
            same(told_at, "relations", told, found)?;
            pedigrees.push(pedigree);
        }
        same(told_at, "pedigrees", told, pedigrees.len())?;
        Ok(pedigrees)
    }
}

/// The place of somebody in a pedigree, who is added where there is nobody of that name.
fn add(pedigree: &mut FilePedigree, places: &mut HashMap<String, usize>, name: &str) -> usize {
    if let Some(at) = places.get(name) {
        return *at;
    }
    let at = pedigree.members.len();
    places.insert(name.to_owned(), at);
    pedigree.members.push(Member { name: name.to_owned(), sex: None, parents: Vec::new() });
    at
}

const fn same(line: u64, what: &'static str, told: usize, found: usize) -> Result<(), FamiliasError> {
    if told == found { Ok(()) } else { Err(FamiliasError::Count { line, what, told, found }) }
}

/// The sex of a word; the inner `None` where it says that it is not known.
fn gender(word: &str) -> Option<Option<GeneticSex>> {
    match word.to_lowercase().as_str() {
        "male" => Some(Some(GeneticSex::Male)),
        "female" => Some(Some(GeneticSex::Female)),
        "unknown" | "" => Some(None),
        _ => None,
    }
}

impl ProjectLocus {
    fn label(&self, number: usize) -> String {
        self.alleles.get(number).map_or_else(|| "silent".to_owned(), |(label, _)| loci::allele(label).into_owned())
    }

    fn frequencies(&self) -> Result<(LocusFrequencies, Option<f64>), FrequencyError> {
        let alleles = self.alleles.iter().map(|(label, frequency)| (loci::allele(label).into_owned(), *frequency));
        let silent = self.silent.map(|frequency| ("silent".to_owned(), frequency));
        let sampled = Some(self.database_size as u32).filter(|n| *n > 0);
        LocusFrequencies::new(loci::normal_name(&self.name), alleles.chain(silent).collect(), sampled)
    }
}

impl Project {
    /// Samples, pedigrees and frequencies. Persons of the part for disaster victims have `Unidentified person` or `Reference` as their category, and the family as
    /// their case. A silent allele is named `silent`.
    ///
    /// # Errors
    /// [`FamiliasError::Frequency`] naming the locus.
    pub fn contents(&self) -> Result<(Contents, Vec<Finding>), FamiliasError> {
        let mut findings = Vec::new();
        let mut samples: Vec<SampleGenotypes> = self.persons.iter().map(|person| self.sample(person)).collect();
        let mut pedigrees: Vec<FilePedigree> = self.pedigrees.iter().map(|pedigree| self.pedigree(pedigree)).collect();
        if let Some(dvi) = &self.dvi {
            let with = |s: &SampleGenotypes, category: &str, case: Option<&str>| SampleGenotypes {
                category: Some(category.to_owned()),
                case: case.map(str::to_owned),
                ..s.clone()
            };
            samples.extend(dvi.unidentified.iter().map(|s| with(s, "Unidentified person", None)));
            for family in &dvi.families {
                samples.extend(family.persons.iter().map(|s| with(s, "Reference", Some(&family.name))));
                let named = |p: &FilePedigree| FilePedigree { name: format!("{}: {}", family.name, p.name), members: p.members.clone() };
                pedigrees.extend(family.pedigrees.iter().map(named));
            }
        }
        if self.other.iter().any(|line| heading(line).is_some() || !line.is_empty()) {
            let message = "settings and notes of the project are kept in the file and not used";
            findings.push(Finding::warning("", "", FindingCode::NotUnderstood, message));
        }
        let mut made = Vec::with_capacity(self.loci.len());
        for locus in &self.loci {
            let (frequencies, sum) = locus.frequencies()?;
            findings.extend(sum.map(|sum| renormalised(&self.database, frequencies.locus(), sum)));
            made.push(frequencies);
        }
        let tables = if made.is_empty() { Vec::new() } else { vec![FrequencyTable::new(&self.database, "", made)?] };
        Ok((Contents { samples, pedigrees, tables }, findings))
    }

    fn sample(&self, person: &Person) -> SampleGenotypes {
        let reading = |[a, b, marker]: &[usize; 3]| {
            let locus = self.loci.get(*marker)?;
            let alleles = [*a, *b].map(|number| ReadAllele { label: locus.label(number), ..ReadAllele::default() }).to_vec();
            Some(Reading { locus: loci::normal_name(&locus.name).to_owned(), alleles, ..Reading::default() })
        };
        let readings = person.genotypes.iter().filter_map(reading).collect();
        SampleGenotypes { sex: Some(person.sex), readings, ..SampleGenotypes::new(&person.name) }
    }

    fn pedigree(&self, pedigree: &ProjectPedigree) -> FilePedigree {
        let member = |name: String, sex| Member { name, sex: Some(sex), parents: Vec::new() };
        let mut members: Vec<Member> = self.persons.iter().map(|p| member(p.name.clone(), p.sex)).collect();
        for (added, of) in [(&self.known, "known"), (&pedigree.relations, "extra")] {
            members.extend((1..=added.females).map(|n| member(format!("{of} woman {n}"), GeneticSex::Female)));
            members.extend((1..=added.males).map(|n| member(format!("{of} man {n}"), GeneticSex::Male)));
        }
        for [parent, child] in self.known.pairs.iter().chain(&pedigree.relations.pairs) {
            let name = members.get(*parent).map(|m| m.name.clone());
            if let (Some(name), Some(child)) = (name, members.get_mut(*child))
                && !child.parents.contains(&name)
            {
                child.parents.push(name);
            }
        }
        FilePedigree { name: pedigree.name.clone(), members }
    }

    /// A project of samples, pedigrees and a table, without mutation: people of pedigrees who are no samples are added ones, and lose their names. Samples need a sex
    /// and two alleles at each locus that was read; blank readings are left out.
    ///
    /// # Errors
    /// [`FamiliasWriteError`] naming the sample, locus or pedigree that does not fit.
    pub fn new(samples: &[SampleGenotypes], pedigrees: &[FilePedigree], table: &FrequencyTable) -> Result<Self, FamiliasWriteError> {
        let loci: Vec<ProjectLocus> = table.loci().iter().map(of_table).collect();
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut persons = Vec::with_capacity(samples.len());
        for (at, sample) in samples.iter().enumerate() {
            if numbers.insert(&sample.name, at).is_some() {
                return Err(FamiliasWriteError::Twice(shown(&sample.name)));
            }
            persons.push(person(sample, &loci)?);
        }
        let mut made = Vec::with_capacity(pedigrees.len());
        for (number, pedigree) in pedigrees.iter().enumerate() {
            let relations = relations(pedigree, &numbers, samples.len())?;
            made.push(ProjectPedigree { number, name: pedigree.name.clone(), relations });
        }
        Ok(Self {
            version: "3.3.1".to_owned(),
            persons,
            known: Relations::default(),
            pedigrees: made,
            database_switch: false,
            theta: 0.0,
            named_switch: true,
            database: table.population.clone(),
            loci,
            dvi: None,
            other: Vec::new(),
        })
    }
}

/// Mutation that is off, as Familias writes it.
fn of_table(locus: &LocusFrequencies) -> ProjectLocus {
    let silent = locus.alleles().iter().find(|(label, _)| label == "silent").map(|(_, frequency)| *frequency);
    ProjectLocus {
        name: locus.locus().to_owned(),
        rates: [0.0; 2],
        models: [0; 2],
        ranges: [0.1; 2],
        rates2: [0.0; 2],
        silent,
        database_size: f64::from(locus.sampled().unwrap_or(0)),
        dropout: 0.0,
        minimum: 0.0,
        alleles: locus.alleles().iter().filter(|(label, _)| label != "silent").cloned().collect(),
    }
}

fn person(sample: &SampleGenotypes, loci: &[ProjectLocus]) -> Result<Person, FamiliasWriteError> {
    let name = || shown(&sample.name);
    let sex = sample.sex.ok_or_else(|| FamiliasWriteError::Sex(name()))?;
    let mut genotypes: Vec<[usize; 3]> = Vec::new();
    for reading in sample.readings.iter().filter(|reading| !reading.alleles.is_empty()) {
        let locus = || shown(&reading.locus);
        let marker = loci.iter().position(|l| l.name == reading.locus).ok_or_else(|| FamiliasWriteError::Locus(name(), locus()))?;
        let [a, b] = reading.alleles.as_slice() else {
            return Err(FamiliasWriteError::Alleles(name(), locus(), reading.alleles.len()));
        };
        let number = |allele: &ReadAllele| {
            let known = &loci[marker].alleles;
            let silent = (allele.label == "silent" && loci[marker].silent.is_some()).then_some(known.len());
            let at = known.iter().position(|(label, _)| *label == allele.label).or(silent);
            at.ok_or_else(|| FamiliasWriteError::Allele(name(), locus(), shown(&allele.label)))
        };
        if genotypes.iter().any(|[_, _, before]| *before == marker) {
            return Err(FamiliasWriteError::Twice(format!("{}, {}", name(), locus())));
        }
        genotypes.push([number(a)?, number(b)?, marker]);
    }
    Ok(Person { name: sample.name.clone(), first: Switch::default(), year: -1, second: Switch::default(), sex, genotypes })
}

/// Relations of a pedigree; its people who are no samples are added after those.
fn relations(pedigree: &FilePedigree, numbers: &HashMap<&str, usize>, persons: usize) -> Result<Relations, FamiliasWriteError> {
    let sexes = pedigree.sexes();
    let mut relations = Relations::default();
    let mut places: HashMap<&str, usize> = numbers.clone();
    for wanted in [GeneticSex::Female, GeneticSex::Male] {
        for (member, sex) in pedigree.members.iter().zip(&sexes).filter(|(member, _)| !numbers.contains_key(member.name.as_str())) {
            let sex = sex.ok_or_else(|| FamiliasWriteError::MemberSex(pedigree.name.clone(), shown(&member.name)))?;
            if sex == wanted {
                places.insert(&member.name, persons + relations.females + relations.males);
                if sex == GeneticSex::Female { relations.females += 1 } else { relations.males += 1 }
            }
        }
    }
    for member in &pedigree.members {
        let wrong = || FamiliasWriteError::Parent(pedigree.name.clone(), shown(&member.name));
        if member.parents.len() > 2 {
            return Err(wrong());
        }
        for parent in &member.parents {
            let pair = (places.get(parent.as_str()), places.get(member.name.as_str()));
            let (Some(parent), Some(child)) = pair else { return Err(wrong()) };
            relations.pairs.push([*parent, *child]);
        }
    }
    Ok(relations)
}

impl Project {
    /// Writes the project. The same project gives the same bytes.
    ///
    /// # Errors
    /// [`FamiliasWriteError`] for texts that would not come back and numbers that are none or point beyond their lists.
    pub fn write(&self) -> Result<String, FamiliasWriteError> {
        let mut out = Writer { text: String::new() };
        out.quoted("the version", &format!("Output from Familias, version {}", self.version))?;
        out.line("\"DO NOT EDIT!\"");
        out.line(&self.version);
        out.line("\"\"");
        out.line(&self.persons.len().to_string());
        for person in &self.persons {
            out.person(person, &self.loci)?;
        }
        out.line("\"Known relations\"");
        out.relations("known relations", &self.known, self.persons.len())?;
        out.line(&self.pedigrees.len().to_string());
        for pedigree in &self.pedigrees {
            out.line(&pedigree.number.to_string());
            out.quoted("a pedigree", &pedigree.name)?;
            out.relations(&pedigree.name, &pedigree.relations, self.persons.len() + self.known.females + self.known.males)?;
        }
        let theta = shortest("theta", self.theta)?;
        out.line(&format!("{} (#Databases: 1 ;Theta/Kinship/Fst: {theta} )", switched(self.database_switch)));
        out.line(&self.loci.len().to_string());
        out.line(switched(self.named_switch));
        out.quoted("the database", &self.database)?;
        for locus in &self.loci {
            out.locus(locus)?;
        }
        if let Some(dvi) = &self.dvi {
            out.line("");
            out.dvi(dvi)?;
        }
        for line in &self.other {
            out.line(line);
        }
        Ok(out.text)
    }
}

struct Writer {
    text: String,
}

const fn switched(on: bool) -> &'static str {
    if on { "#TRUE#" } else { "#FALSE#" }
}

/// A number as Familias writes it: exponents of three digits below a ten-thousandth.
fn shortest(of: &str, number: f64) -> Result<String, FamiliasWriteError> {
    if !number.is_finite() {
        return Err(FamiliasWriteError::Number(of.to_owned()));
    }
    if number == 0.0 || number.abs() >= 1e-4 {
        return Ok((number + 0.0).to_string());
    }
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once("e-").unwrap_or((&text, "0"));
    Ok(format!("{digits}e-{exponent:0>3}"))
}

/// A text that stands on a line of its own and comes back as it is.
fn plain<'t>(of: &str, text: &'t str) -> Result<&'t str, FamiliasWriteError> {
    let sound = !text.is_empty() && text.trim() == text && !text.chars().any(|c| c == '"' || c.is_control());
    if sound { Ok(text) } else { Err(FamiliasWriteError::Text { of: shown(of), text: shown(text) }) }
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push_str("\r\n");
    }

    fn quoted(&mut self, of: &str, text: &str) -> Result<(), FamiliasWriteError> {
        let line = format!("\"{}\"", plain(of, text)?);
        self.line(&line);
        Ok(())
    }

    fn number(&mut self, of: &str, number: f64) -> Result<(), FamiliasWriteError> {
        let line = shortest(of, number)?;
        self.line(&line);
        Ok(())
    }

    fn switch(&mut self, switch: &Switch) {
        let line = format!("{} {}", switched(switch.on), switch.note);
        self.line(line.trim_end());
    }

    fn person(&mut self, person: &Person, loci: &[ProjectLocus]) -> Result<(), FamiliasWriteError> {
        self.quoted("a person", &person.name)?;
        self.switch(&person.first);
        self.line(&person.year.to_string());
        self.switch(&person.second);
        self.line(switched(person.sex == GeneticSex::Male));
        self.line(&person.genotypes.len().to_string());
        for genotype in &person.genotypes {
            let [a, b, marker] = *genotype;
            let known = loci.get(marker).is_some_and(|l| a.max(b) < l.alleles.len() + usize::from(l.silent.is_some()));
            if !known {
                return Err(FamiliasWriteError::Index(shown(&person.name)));
            }
            genotype.iter().for_each(|number| self.line(&number.to_string()));
        }
        Ok(())
    }

    fn relations(&mut self, of: &str, relations: &Relations, before: usize) -> Result<(), FamiliasWriteError> {
        self.line(&relations.females.to_string());
        self.line(&relations.males.to_string());
        self.line(&relations.pairs.len().to_string());
        for number in relations.pairs.iter().flatten() {
            if *number >= before + relations.females + relations.males {
                return Err(FamiliasWriteError::Index(shown(of)));
            }
            self.line(&number.to_string());
        }
        Ok(())
    }

    fn locus(&mut self, locus: &ProjectLocus) -> Result<(), FamiliasWriteError> {
        let of = &locus.name;
        self.quoted("a locus", of)?;
        locus.rates.iter().try_for_each(|rate| self.number(of, *rate))?;
        locus.models.iter().for_each(|model| self.line(&model.to_string()));
        self.line(&(locus.alleles.len() + usize::from(locus.silent.is_some())).to_string());
        locus.ranges.iter().chain(&locus.rates2).try_for_each(|number| self.number(of, *number))?;
        self.line(switched(locus.silent.is_some()));
        self.number(of, locus.silent.unwrap_or(0.0))?;
        let [size, dropout, minimum] = [locus.database_size, locus.dropout, locus.minimum].map(|n| shortest(of, n));
        let sizes = format!("(DatabaseSize = {} , Dropout probability = {} , Minor allele frequency = {} )", size?, dropout?, minimum?);
        self.line(&format!("{}\t{sizes}", locus.alleles.len()));
        for (label, frequency) in &locus.alleles {
            self.quoted(of, label)?;
            self.number(of, *frequency)?;
        }
        Ok(())
    }

    fn dvi(&mut self, dvi: &Dvi) -> Result<(), FamiliasWriteError> {
        self.line("[DVI]");
        self.line("[[Unidentified persons]]");
        self.dvi_persons(3, &dvi.unidentified)?;
        dvi.other.iter().for_each(|line| self.line(line));
        self.line("[[Reference Families]]");
        self.line(&format!("nFamilies= {}", dvi.families.len()));
        for (at, family) in dvi.families.iter().enumerate() {
            self.line(&format!("[[[Family {} ]]]", at + 1));
            self.value("a family", "Name", &family.name)?;
            self.line("[[[[Persons]]]]");
            self.dvi_persons(5, &family.persons)?;
            self.line("[[[[Pedigrees]]]]");
            self.line(&format!("nPedigrees= {}", family.pedigrees.len()));
            for (at, pedigree) in family.pedigrees.iter().enumerate() {
                self.dvi_pedigree(at + 1, pedigree)?;
            }
        }
        Ok(())
    }

    fn value(&mut self, of: &str, key: &str, value: &str) -> Result<(), FamiliasWriteError> {
        let line = format!("{key}= {}", plain(of, value)?);
        self.line(&line);
        Ok(())
    }

    fn dvi_persons(&mut self, depth: usize, persons: &[SampleGenotypes]) -> Result<(), FamiliasWriteError> {
        self.line(&format!("nPersons= {}", persons.len()));
        for (at, person) in persons.iter().enumerate() {
            if persons[..at].iter().any(|before| before.name == person.name) {
                return Err(FamiliasWriteError::Twice(shown(&person.name)));
            }
            // Familias itself writes a blank behind the number at this depth only.
            let blank = if depth == 3 { " " } else { "" };
            self.line(&format!("{}Person {}{blank}{}", "[".repeat(depth), at + 1, "]".repeat(depth)));
            self.value("a person", "Name", &person.name)?;
            let sex = match person.sex {
                Some(GeneticSex::Male) => "Male",
                Some(GeneticSex::Female) => "Female",
                None => "Unknown",
            };
            self.line(&format!("Gender= {sex}"));
            self.line(&format!("{}DNA data{}", "[".repeat(depth + 1), "]".repeat(depth + 1)));
            let typed: Vec<&Reading> = person.readings.iter().filter(|reading| !reading.alleles.is_empty()).collect();
            self.line(&format!("nSystems= {}", typed.len()));
            for (at, reading) in typed.iter().enumerate() {
                if typed[..at].iter().any(|before| before.locus == reading.locus) {
                    return Err(FamiliasWriteError::Twice(format!("{}, {}", shown(&person.name), shown(&reading.locus))));
                }
                self.system(person, reading)?;
            }
        }
        Ok(())
    }

    fn system(&mut self, person: &SampleGenotypes, reading: &Reading) -> Result<(), FamiliasWriteError> {
        let [a, b] = reading.alleles.as_slice() else {
            return Err(FamiliasWriteError::Alleles(shown(&person.name), shown(&reading.locus), reading.alleles.len()));
        };
        self.value(&person.name, "SystemName", &reading.locus)?;
        self.value(&person.name, "Allele1", &a.label)?;
        self.value(&person.name, "Allele2", &b.label)
    }

    fn dvi_pedigree(&mut self, number: usize, pedigree: &FilePedigree) -> Result<(), FamiliasWriteError> {
        self.line(&format!("[[[[[Pedigree {number}]]]]]"));
        self.value("a pedigree", "Name", &pedigree.name)?;
        self.line(&format!("nRelations= {}", pedigree.members.iter().map(|m| m.parents.len()).sum::<usize>()));
        for member in &pedigree.members {
            for parent in &member.parents {
                self.value(&pedigree.name, "Parent", parent)?;
                self.value(&pedigree.name, "Child", &member.name)?;
            }
        }
        Ok(())
    }
}
