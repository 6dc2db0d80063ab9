//! What somebody should look at before a file's readings are believed, per sample and locus, and what a reading is taken for.

use std::collections::HashMap;
use std::fmt;

use super::{Format, Reading, SampleGenotypes, loci};
use crate::genetics::frequency::is_one_allele;
use crate::genetics::pedigree::GeneticSex;
use crate::interop::problem::{Severity, shown};
use loci::Kind;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The kind of a finding: a stable word that pages translate and programs test.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingCode { $($(#[$doc])* $name,)* }

        impl FindingCode {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// A locus that is not known by any name; kept.
    UnknownLocus = "unknown_locus",
    /// An allele beyond the ladder (`OL`, `>30`, `?`).
    OffLadder = "off_ladder",
    /// An allele far from every ladder of its locus.
    Implausible = "implausible_allele",
    /// More alleles than one person has there.
    TooManyAlleles = "too_many_alleles",
    /// One allele where there may be two: a homozygote, or the other dropped out.
    OneAllele = "one_allele",
    /// Amelogenin says another sex than the file.
    SexConflict = "sex_conflict",
    /// A Y marker of a woman.
    YOfWoman = "y_marker_of_woman",
    /// Two samples with the same readings.
    DuplicateProfile = "duplicate_profile",
    /// A sample and locus, or a sample, a second time; the first counts.
    Repeated = "repeated_reading",
    /// A column with no meaning here; kept as an extra.
    UnknownColumn = "unknown_column",
    /// A row that cannot be read as a row; it stays out.
    BadRow = "bad_row",
    /// A value that is not what its column holds; it stays out.
    BadValue = "bad_value",
    /// A height or size without an allele.
    PeakWithoutAllele = "peak_without_allele",
    /// The letter M alone may be a man or a woman.
    AmbiguousSex = "ambiguous_sex",
    /// Frequencies were divided by their sum.
    Renormalised = "renormalised",
    /// Alleles may stand for others: a file with numbers for alleles came without their legend.
    Recoded = "recoded_without_legend",
    /// Parts of the file that are not understood; they are kept where the format's type has a place.
    NotUnderstood = "not_understood",
    /// The last line has no end: the file may be cut off.
    CutOff = "may_be_cut_off",
    /// There are more findings than are told.
    More = "more_findings",
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing to look at.
///
/// `Debug` hides the message: it may hold alleles, and debug output ends in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    /// Line of the file, from 1; 0 where it is not of one line.
    pub line: u64,
    /// The sample's name; empty where it is the file's.
    pub sample: String,
    /// The locus or, of a column, its header; empty where it is the sample's.
    pub locus: String,
    /// What kind.
    pub code: FindingCode,
    /// What it is and what was done, in English; pages translate by `code`.
    pub message: String,
    /// Whether something stayed out.
    pub severity: Severity,
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Finding(line {}, {:?}, {:?}, {}, {})", self.line, self.sample, self.locus, self.code, self.severity.as_str())
    }
}

impl Finding {
    /// Something to look at.
    pub fn warning(sample: &str, locus: &str, code: FindingCode, message: impl Into<String>) -> Self {
        Self { line: 0, sample: shown(sample), locus: shown(locus), code, message: message.into(), severity: Severity::Warning }
    }

    /// Something that stayed out.
    pub fn error(sample: &str, locus: &str, code: FindingCode, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, ..Self::warning(sample, locus, code, message) }
    }

    /// At a line.
    #[must_use]
    pub fn at(self, line: u64) -> Self {
        Self { line, ..self }
    }
}

/// Most findings that are told of one pass over a file: a file can be made of nothing else.
pub const MAX_FINDINGS: usize = 20_000;

/// Collects findings up to [`MAX_FINDINGS`], and counts those beyond.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    more: usize,
}

impl Findings {
    /// One more.
    pub fn push(&mut self, finding: Finding) {
        if self.list.len() < MAX_FINDINGS {
            self.list.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// Those told so far.
    #[must_use]
    pub fn list(&self) -> &[Finding] {
        &self.list
    }

    /// All that are told, and how many more there were.
    #[must_use]
    pub fn into_vec(mut self) -> Vec<Finding> {
        if self.more > 0 {
            self.list.push(Finding::error("", "", FindingCode::More, format!("there are {} more findings, which are not told", self.more)));
        }
        self.list
    }
}

impl Extend<Finding> for Findings {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, more: I) {
        more.into_iter().for_each(|finding| self.push(finding));
    }
}

/// What one allele alone is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Single {
    /// The same allele twice.
    Homozygote,
    /// One allele; the other may be any.
    MayHaveDropped,
}

/// How one allele alone is decided.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rules {
    /// Height in RFU from which a peak alone is a homozygote's, as the laboratory validated it; below, the other may have dropped out.
    pub homozygote_from: Option<f64>,
    /// Where no height decides. `None` leaves it to the format: CMF writes homozygotes so, of others nothing is known.
    pub otherwise: Option<Single>,
}

impl Rules {
    /// The same with what the format says of alleles alone.
    #[must_use]
    pub const fn of(self, format: Format) -> Self {
        let said = if matches!(format, Format::Cmf) { Single::Homozygote } else { Single::MayHaveDropped };
        Self { otherwise: Some(if let Some(own) = self.otherwise { own } else { said }), ..self }
    }
}

/// What a reading is taken for.
#[derive(Clone, PartialEq, Eq)]
pub enum Genotype<'a> {
    /// Nothing was read: no factor, never an exclusion.
    Blank,
    /// One allele of a locus of which there is one.
    Haploid(&'a str),
    /// Both alleles.
    Two(&'a str, &'a str),
    /// One allele; the other may be any.
    One(&'a str),
    /// Too many alleles, or one beyond the ladder: not to be weighed as it is.
    Unclear,
}

impl fmt::Debug for Genotype<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blank => "Blank",
            Self::Haploid(_) => "Haploid(..)",
            Self::Two(..) => "Two(..)",
            Self::One(_) => "One(..)",
            Self::Unclear => "Unclear",
        })
    }
}

/// Whether there is one allele only of somebody at a locus: Y, and X of a man.
fn is_haploid(kind: Option<Kind>, sex: Option<GeneticSex>) -> bool {
    matches!((kind, sex), (Some(Kind::Y), _) | (Some(Kind::X), Some(GeneticSex::Male)))
}

/// What a reading of a sample is taken for under these rules.
#[must_use]
pub fn genotype<'a>(sample: &SampleGenotypes, reading: &'a Reading, rules: &Rules) -> Genotype<'a> {
    let kind = loci::find(&reading.locus).map(|locus| locus.kind);
    if reading.labels().any(|label| !is_one_allele(label)) {
        return Genotype::Unclear;
    }
    match reading.alleles.as_slice() {
        [] => Genotype::Blank,
        [one] if is_haploid(kind, sample.sex) => Genotype::Haploid(&one.label),
        // A woman's reading of the sex marker.
        [one] if kind == Some(Kind::Sex) => Genotype::Two(&one.label, &one.label),
        [one] => match decide(sample, one.height, rules) {
            Single::Homozygote => Genotype::Two(&one.label, &one.label),
            Single::MayHaveDropped => Genotype::One(&one.label),
        },
        [a, b] if is_haploid(kind, sample.sex) && a.label == b.label => Genotype::Haploid(&a.label),
        [a, b] => Genotype::Two(&a.label, &b.label),
        _ => Genotype::Unclear,
    }
}

fn decide(sample: &SampleGenotypes, height: Option<f64>, rules: &Rules) -> Single {
    match (height, rules.homozygote_from) {
        (Some(height), Some(from)) if height >= from => Single::Homozygote,
        (Some(_), Some(_)) => Single::MayHaveDropped,
        _ if sample.partial == Some(true) => Single::MayHaveDropped,
        _ => rules.otherwise.unwrap_or(Single::MayHaveDropped),
    }
}

/// What to look at in these samples. Cost: one pass over readings, and one look-up of each profile.
#[must_use]
pub fn report(samples: &[SampleGenotypes], rules: &Rules) -> Vec<Finding> {
    let mut findings = Findings::default();
    for sample in samples {
        for reading in &sample.readings {
            of_reading(sample, reading, rules, &mut findings);
        }
        of_sex(sample, &mut findings);
    }
    duplicates(samples, &mut findings);
    findings.into_vec()
}

fn of_reading(sample: &SampleGenotypes, reading: &Reading, rules: &Rules, findings: &mut Findings) {
    let known = loci::find(&reading.locus);
    let mut warn = |code, message: String| findings.push(Finding::warning(&sample.name, &reading.locus, code, message));
    if known.is_none() {
        warn(FindingCode::UnknownLocus, "this locus is not known; its readings are kept and not weighed".into());
    }
    for label in reading.labels() {
        if !is_one_allele(label) {
            warn(FindingCode::OffLadder, format!("{:?} is beyond the ladder and is not one allele; look at the peak", shown(label)));
        } else if known.is_some_and(|locus| !locus.is_plausible(label)) {
            warn(FindingCode::Implausible, format!("{:?} is far from every ladder of this locus", shown(label)));
        }
    }
    let kind = known.map(|locus| locus.kind);
    let most = if is_haploid(kind, sample.sex) && !matches!(reading.locus.as_str(), "DYS385" | "DYF387S1") { 1 } else { 2 };
    let mut distinct: Vec<&str> = reading.labels().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() > most || reading.alleles.len() > 2 {
        warn(FindingCode::TooManyAlleles, format!("{} alleles: a mixture, a third allele of one person, or an artefact", reading.alleles.len()));
    }
    if let ([one], Genotype::One(_) | Genotype::Two(..)) = (reading.alleles.as_slice(), genotype(sample, reading, rules))
        && kind != Some(Kind::Sex)
    {
        let taken = match decide(sample, one.height, rules) {
            Single::Homozygote => "taken for a homozygote",
            Single::MayHaveDropped => "the other allele may have dropped out and may be any",
        };
        let why = match (one.height, rules.homozygote_from) {
            (Some(height), Some(from)) => format!("its height of {height} against the {from} of a homozygote"),
            _ if sample.partial == Some(true) => "the sample is marked as incomplete".into(),
            _ => "no height decides; the rule for this format".into(),
        };
        warn(FindingCode::OneAllele, format!("one allele only: {taken} ({why})"));
    }
    if kind == Some(Kind::Y) && sample.sex == Some(GeneticSex::Female) && !reading.alleles.is_empty() {
        warn(FindingCode::YOfWoman, "a Y marker was read of a woman".into());
    }
}

/// The sex that Amelogenin says; `None` where it was not read or is unclear.
#[must_use]
pub fn amelogenin(sample: &SampleGenotypes) -> Option<GeneticSex> {
    let labels: Vec<&str> = sample.reading(loci::AMELOGENIN)?.labels().collect();
    match labels.as_slice() {
        ["X"] | ["X", "X"] => Some(GeneticSex::Female),
        ["X", "Y"] | ["Y", "X"] => Some(GeneticSex::Male),
        _ => None,
    }
}

fn of_sex(sample: &SampleGenotypes, findings: &mut Findings) {
    let word = |sex| if sex == GeneticSex::Female { "female" } else { "male" };
    if let (Some(told), Some(read)) = (sample.sex, amelogenin(sample))
        && told != read
    {
        let message = format!("the file says {}, Amelogenin {}: swapped samples, a lost Y, or a wrong entry", word(told), word(read));
        findings.push(Finding::warning(&sample.name, loci::AMELOGENIN, FindingCode::SexConflict, message));
    }
}

/// Loci that make a profile worth comparing: fewer are alike by chance.
const TELLING: usize = 4;

/// Profiles are alike where all loci with alleles are the same ones with the same alleles, in any order, one alone as twice. Amelogenin alone tells nothing.
fn duplicates(samples: &[SampleGenotypes], findings: &mut Findings) {
    let mut first: HashMap<Vec<(&str, Vec<&str>)>, &str> = HashMap::new();
    for sample in samples {
        let profile = profile(sample);
        if profile.len() < TELLING {
            continue;
        }
        if let Some(other) = first.get(&profile) {
            let message = format!("the same readings as {:?}: one sample twice, twins, or a mix-up", shown(other));
            findings.push(Finding::warning(&sample.name, "", FindingCode::DuplicateProfile, message));
        } else {
            first.insert(profile, &sample.name);
        }
    }
}

fn profile(sample: &SampleGenotypes) -> Vec<(&str, Vec<&str>)> {
    let mut loci: Vec<(&str, Vec<&str>)> = sample
        .readings
        .iter()
        .filter(|reading| !reading.alleles.is_empty() && reading.locus != loci::AMELOGENIN)
        .map(|reading| {
            let mut labels: Vec<&str> = reading.labels().collect();
            labels.sort_unstable();
            labels.dedup();
            (reading.locus.as_str(), labels)
        })
        .collect();
    loci.sort_unstable();
    loci
}
