//! What was read of one sample: alleles by locus, checked, compared with another reading, put together with other samples of the same person.

use super::loci::{self, Kind};
use super::marker::{Call, Marker};
use super::pedigree::GeneticSex;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Alleles at loci, by the loci's names: `["15", "17"]`, one allele twice for a homozygote, one alone where its partner was not read, one at Y, `X` and `Y` at
/// Amelogenin. A locus at which nothing was read is not there.
pub type Alleles = BTreeMap<String, Vec<String>>;

/// A profile: what the bank keeps sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// STR loci and the sex marker.
    pub alleles: Alleles,
    /// Mitochondrial DNA, if it was sequenced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitochondrial: Option<Mitochondrial>,
}

/// A mitochondrial haplotype: what was sequenced, and how it differs there from the revised Cambridge reference sequence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mitochondrial {
    /// First and last position of each part, 1 to 16569.
    pub ranges: Vec<(u32, u32)>,
    /// Differences, as `263G`, `315.1C`, `523-`.
    pub differences: Vec<String>,
}

/// What to look at twice in a profile. None of it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words below say it")]
pub enum Flag {
    Partial,
    OneAllele,
    ThreeAlleles,
    OffLadder,
    UnknownLocus,
    SexConflict,
    Mixture,
    StaffMatch,
    Duplicate,
}

impl Flag {
    /// Its word in the database, the API and on pages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Partial => "partial",
            Self::OneAllele => "one_allele",
            Self::ThreeAlleles => "three_alleles",
            Self::OffLadder => "off_ladder",
            Self::UnknownLocus => "unknown_locus",
            Self::SexConflict => "sex_conflict",
            Self::Mixture => "mixture",
            Self::StaffMatch => "staff_match",
            Self::Duplicate => "duplicate",
        }
    }

    /// Whether a profile with it stays out of the search until somebody has looked: too little to say anything, more than one person, or the laboratory's own.
    #[must_use]
    pub const fn keeps_out(self) -> bool {
        matches!(self, Self::Partial | Self::Mixture | Self::StaffMatch | Self::SexConflict)
    }
}

/// A genotype that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The locus, as it was written.
    pub locus: String,
    /// Stable code.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

/// Most loci of a profile: all kits together have fewer.
const MOST_LOCI: usize = 200;
/// Loci with three alleles from which on more than one person is likelier than a rare duplication.
const MIXED_FROM: usize = 2;

/// A profile as somebody typed it in: names of loci in any spelling, alleles as written, blanks for nothing read. What cannot be is refused, all of it at once;
/// what is odd is flagged. `told` is the sex that is told elsewhere.
///
/// # Errors
/// Genotypes that cannot be.
pub fn read(written: &BTreeMap<String, Vec<String>>, told: Option<GeneticSex>) -> Result<(Alleles, BTreeSet<Flag>), Vec<Fault>> {
    let (mut alleles, mut flags, mut faults) = (Alleles::new(), BTreeSet::new(), Vec::new());
    let mut fault = |locus: &str, code, message: &str| faults.push(Fault { locus: locus.to_owned(), code, message: message.to_owned() });
    if written.len() > MOST_LOCI {
        fault("", "too_many", "a profile has at most 200 loci");
    }
    for (name, calls) in written.iter().take(MOST_LOCI) {
        let locus = loci::find(name);
        let one_name = loci::normal_name(name);
        let mut read: Vec<String> = calls.iter().filter(|c| !loci::is_no_call(c)).map(|c| loci::allele(c).into_owned()).collect();
        if read.is_empty() {
            continue;
        }
        sort(&mut read);
        if one_name.is_empty() || one_name.chars().count() > 32 || one_name.chars().any(char::is_control) {
            fault(name, "form", "a locus has a name of 1 to 32 characters");
        } else if alleles.contains_key(one_name) {
            fault(name, "twice", "the locus is there under two names");
        } else if read.len() > 3 {
            fault(name, "too_many_alleles", "more than three alleles are not one person's; enter a mixture as a note of the sample");
        } else if let Some(wrong) = read.iter().find(|a| !is_allele(a)) {
            fault(
                name,
                "allele",
                &format!("an allele is a number such as 9.3, X, Y, OL, or a limit such as >30; {} characters are none", wrong.chars().count()),
            );
        } else if locus.is_some_and(|l| l.kind == Kind::Sex)
            && (read.iter().any(|a| !matches!(a.as_str(), "X" | "Y")) || !read.iter().any(|a| a == "X"))
        {
            fault(name, "allele", "Amelogenin is X, X or X, Y");
        } else {
            flags.extend(flags_of(locus, &read));
            alleles.insert(one_name.to_owned(), read);
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let three = alleles.values().filter(|a| a.len() > 2).count();
    if three >= MIXED_FROM {
        flags.insert(Flag::Mixture);
    }
    if told.is_some_and(|told| sex(&alleles).is_some_and(|read| read != told)) || (told == Some(GeneticSex::Female) && has_y(&alleles)) {
        flags.insert(Flag::SexConflict);
    }
    Ok((alleles, flags))
}

fn flags_of(locus: Option<&loci::Locus>, read: &[String]) -> Vec<Flag> {
    let mut flags = Vec::new();
    let Some(locus) = locus else { return vec![Flag::UnknownLocus] };
    match (locus.kind, read.len()) {
        (Kind::Autosomal, 1) => flags.push(Flag::OneAllele),
        (Kind::Autosomal, 3..) => flags.push(Flag::ThreeAlleles),
        _ => {}
    }
    if read.iter().any(|a| !locus.is_plausible(a) || !super::frequency::is_one_allele(a)) {
        flags.push(Flag::OffLadder);
    }
    flags
}

fn is_allele(text: &str) -> bool {
    let number = text.trim_start_matches(['<', '>']);
    matches!(text, "X" | "Y" | "OL")
        || (number.len() <= 6
            && number.parse::<f64>().is_ok_and(|n| (0.0..1000.0).contains(&n))
            && number.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

/// Numbers in their order, words after them.
fn sort(alleles: &mut [String]) {
    alleles.sort_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(x), Ok(y)) => x.total_cmp(&y),
        (Ok(_), Err(_)) => std::cmp::Ordering::Less,
        (Err(_), Ok(_)) => std::cmp::Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    });
}

fn has_y(alleles: &Alleles) -> bool {
    alleles.keys().any(|name| loci::find(name).is_some_and(|l| l.kind == Kind::Y))
}

/// The sex that Amelogenin tells.
#[must_use]
pub fn sex(alleles: &Alleles) -> Option<GeneticSex> {
    let read = alleles.get(loci::AMELOGENIN)?;
    Some(if read.iter().any(|a| a == "Y") { GeneticSex::Male } else { GeneticSex::Female })
}

/// How many autosomal loci were typed: what a profile is worth to a search.
#[must_use]
pub fn autosomal(alleles: &Alleles) -> usize {
    alleles.keys().filter(|name| loci::find(name).is_some_and(|l| l.kind == Kind::Autosomal)).count()
}

/// What several readings of one sample agree on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agreed {
    /// Loci that two readings tell alike.
    pub alleles: Alleles,
    /// Loci that were read more than once and never twice alike.
    pub differing: Vec<String>,
    /// Loci that were read once.
    pub once: Vec<String>,
}

/// Puts independent readings of one sample together: a locus counts when two of them tell it alike, whatever a third says.
#[must_use]
pub fn agree(readings: &[&Alleles]) -> Agreed {
    let names: BTreeSet<&String> = readings.iter().flat_map(|r| r.keys()).collect();
    let mut agreed = Agreed::default();
    for name in names {
        let read: Vec<&Vec<String>> = readings.iter().filter_map(|r| r.get(name)).collect();
        let twice = read.iter().enumerate().find(|(at, a)| read[at + 1..].contains(a));
        match (twice, read.len()) {
            (Some((_, alleles)), _) => drop(agreed.alleles.insert(name.clone(), (*alleles).clone())),
            (None, 1) => agreed.once.push(name.clone()),
            (None, _) => agreed.differing.push(name.clone()),
        }
    }
    agreed
}

/// One profile of several samples of the same person: a locus that they tell differently says nothing, one told in part is filled by one told whole.
#[must_use]
pub fn consensus<'a>(profiles: impl IntoIterator<Item = &'a Alleles>) -> Alleles {
    let mut all: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
    for (name, alleles) in profiles.into_iter().flatten() {
        match all.get_mut(name) {
            None => drop(all.insert(name.clone(), Some(alleles.clone()))),
            Some(kept) => *kept = kept.take().and_then(|k| joined(&k, alleles)),
        }
    }
    all.into_iter().filter_map(|(name, alleles)| Some((name, alleles?))).collect()
}

/// One profile of several samples of the same person, mitochondrial DNA too: what was sequenced more widely speaks, and nothing where two contradict each other.
#[must_use]
pub fn together<'a>(profiles: impl IntoIterator<Item = &'a Profile>) -> Profile {
    let profiles: Vec<&Profile> = profiles.into_iter().collect();
    let positions = |m: &Mitochondrial| m.ranges.iter().map(|(from, to)| u64::from(to - from + 1)).sum::<u64>();
    let sequenced: Vec<&Mitochondrial> = profiles.iter().filter_map(|p| p.mitochondrial.as_ref()).collect();
    let agree =
        sequenced.iter().enumerate().all(|(at, a)| sequenced[at + 1..].iter().all(|b| super::lineage::compared_mitochondrial(a, b).1 == 0));
    let widest = sequenced.into_iter().max_by_key(|m| positions(m)).filter(|_| agree);
    Profile { alleles: consensus(profiles.iter().map(|p| &p.alleles)), mitochondrial: widest.cloned() }
}

fn joined(a: &[String], b: &[String]) -> Option<Vec<String>> {
    match (a, b) {
        _ if a == b => Some(a.to_vec()),
        ([one], both @ [_, _]) | (both @ [_, _], [one]) if both.contains(one) => Some(both.to_vec()),
        _ => None,
    }
}

/// How two profiles compare as one person's: autosomal loci that both tell whole, and at how many of them they differ.
#[must_use]
pub fn compared(a: &Alleles, b: &Alleles) -> (usize, usize) {
    let autosomal = |name: &str| loci::find(name).is_some_and(|l| l.kind == Kind::Autosomal);
    let both = a
        .iter()
        .filter(|(name, read)| autosomal(name) && read.len() == 2)
        .filter_map(|(name, read)| Some((read, b.get(name).filter(|o| o.len() == 2)?)));
    both.fold((0, 0), |(shared, different), (one, other)| (shared + 1, different + usize::from(one != other)))
}

/// What a profile says at a marker: nothing where it was not typed, where three alleles were read, or where one of them is not in the marker's table.
#[must_use]
pub fn call(alleles: &Alleles, marker: &Marker) -> Option<Call> {
    let known = |label: &String| marker.allele(label).ok();
    match alleles.get(marker.name())?.as_slice() {
        [a] => Some(Call::One(known(a)?)),
        [a, b] => Some(Call::Both(known(a)?, known(b)?)),
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn written(loci: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        loci.iter().map(|(name, calls)| ((*name).to_owned(), calls.iter().map(|c| (*c).to_owned()).collect())).collect()
    }

    fn taken(loci: &[(&str, &[&str])]) -> Alleles {
        read(&written(loci), None).unwrap().0
    }

    #[test]
    fn loci_get_their_one_name_and_alleles_their_order() {
        let (alleles, flags) =
            read(&written(&[("THO1", &["9.3", "6.0"]), ("vwa", &["17", "17"]), ("AMEL", &["Y", "X"]), ("FGA", &["", "0"])]), None).unwrap();
        assert_eq!(alleles, taken(&[("TH01", &["6", "9.3"]), ("vWA", &["17", "17"]), ("Amelogenin", &["X", "Y"])]));
        assert!(flags.is_empty(), "{flags:?}");
    }

    #[test]
    fn what_cannot_be_is_refused_by_locus_and_all_of_it_at_once() {
        let faults = read(
            &written(&[
                ("TH01", &["6", "7"]),
                ("THO1", &["6", "7"]),
                ("FGA", &["20", "21", "22", "23"]),
                ("vWA", &["seventeen"]),
                ("AMEL", &["Y", "Y"]),
            ]),
            None,
        )
        .unwrap_err();
        let found: Vec<(&str, &str)> = faults.iter().map(|f| (f.locus.as_str(), f.code)).collect();
        assert_eq!(found, [("AMEL", "allele"), ("FGA", "too_many_alleles"), ("THO1", "twice"), ("vWA", "allele")]);
        assert!(faults.iter().all(|f| !f.message.contains("seventeen")), "a message repeats no value");
    }

    #[test]
    fn what_is_odd_is_flagged() {
        let flags = |loci: &[(&str, &[&str])], told| read(&written(loci), told).unwrap().1.into_iter().collect::<Vec<_>>();
        assert_eq!(flags(&[("FGA", &["21"])], None), [Flag::OneAllele]);
        assert_eq!(flags(&[("FGA", &["21", "22", "23"])], None), [Flag::ThreeAlleles]);
        assert_eq!(flags(&[("FGA", &["21", "22", "23"]), ("vWA", &["15", "16", "17"])], None), [Flag::ThreeAlleles, Flag::Mixture]);
        assert_eq!(flags(&[("TH01", &["OL", "7"])], None), [Flag::OffLadder]);
        assert_eq!(flags(&[("TH01", &["400", "7"])], None), [Flag::OffLadder]);
        assert_eq!(flags(&[("D99S999", &["7", "8"])], None), [Flag::UnknownLocus]);
        assert_eq!(flags(&[("AMEL", &["X", "Y"])], Some(GeneticSex::Female)), [Flag::SexConflict]);
        assert_eq!(flags(&[("DYS391", &["10"])], Some(GeneticSex::Female)), [Flag::SexConflict]);
        assert!(flags(&[("AMEL", &["X", "Y"]), ("DYS391", &["10"])], Some(GeneticSex::Male)).is_empty());
    }

    #[test]
    fn a_locus_counts_when_two_readings_tell_it_alike() {
        let (a, b) = (
            taken(&[("FGA", &["21", "22"]), ("vWA", &["15", "16"])]),
            taken(&[("FGA", &["21", "22"]), ("vWA", &["15", "17"]), ("TH01", &["6", "7"])]),
        );
        let agreed = agree(&[&a, &b]);
        assert_eq!(agreed.alleles, taken(&[("FGA", &["21", "22"])]));
        assert_eq!((agreed.differing, agreed.once), (vec!["vWA".to_owned()], vec!["TH01".to_owned()]));
        let third = taken(&[("vWA", &["15", "17"])]);
        assert_eq!(agree(&[&a, &b, &third]).alleles, taken(&[("FGA", &["21", "22"]), ("vWA", &["15", "17"])]));
        assert!(agree(&[&a]).alleles.is_empty(), "one reading is none");
    }

    #[test]
    fn several_samples_fill_each_other_and_what_they_contradict_says_nothing() {
        let (a, b) = (
            taken(&[("FGA", &["21"]), ("vWA", &["15", "16"])]),
            taken(&[("FGA", &["21", "22"]), ("vWA", &["15", "17"]), ("TH01", &["6", "7"])]),
        );
        assert_eq!(consensus([&a, &b]), taken(&[("FGA", &["21", "22"]), ("TH01", &["6", "7"])]));
        assert_eq!(consensus([&b, &a]), consensus([&a, &b]));
        let third = taken(&[("vWA", &["15", "16"])]);
        assert!(!consensus([&a, &b, &third]).contains_key("vWA"), "a contradiction is not outvoted");
    }

    #[test]
    fn one_persons_two_profiles_share_every_locus() {
        let a = taken(&[("FGA", &["21", "22"]), ("vWA", &["15", "16"]), ("TH01", &["6"])]);
        let b = taken(&[("FGA", &["21", "22"]), ("vWA", &["15", "17"]), ("TH01", &["6", "7"])]);
        assert_eq!(compared(&a, &b), (2, 1));
    }
}
