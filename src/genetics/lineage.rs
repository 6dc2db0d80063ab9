//! What does not mix: the Y chromosome, which sons have from their fathers, mitochondrial DNA, which children have from their mothers, and the sex. Each says whether
//! remains can be a missing person of a family or not, and where haplotypes were counted, how many times likelier it is.
//!
//! Rules: Y-STR by the number of loci that differ, none, one or two, or three and more; mtDNA by the number of differences in what both sequenced, none, one, or two
//! and more, length variants aside and bases that come or go side by side as one (SWGDAM, Interpretation guidelines for Y-chromosome STR typing, 2014, and for mitochondrial DNA analysis, 2019).

use super::loci::{self, Kind};
use super::pedigree::{GeneticSex, Pedigree};
use super::profile::{self, Alleles, Mitochondrial, Profile};
use std::collections::BTreeMap;

/// What one of them says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Says {
    /// Not typed on both sides, or nobody of that line was.
    #[default]
    Nothing,
    /// As of one line.
    Consistent,
    /// Too many differences for one line to be likely, too few to be ruled out.
    Inconclusive,
    /// Not of one line.
    Excludes,
}

impl Says {
    /// Its word in the database, the API and on pages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Consistent => "consistent",
            Self::Inconclusive => "inconclusive",
            Self::Excludes => "excludes",
        }
    }
}

/// A relative of somebody's paternal or maternal line: number in the pedigree, and generations on the way to them.
pub type OfLine = (usize, u32);

/// The others of a man's male line, nearest first: his father and brothers, their fathers and sons, who all have one Y. Nobody for a woman.
#[must_use]
pub fn male_line(pedigree: &Pedigree, of: usize) -> Vec<OfLine> {
    let people = pedigree.individuals();
    if people[of].sex != GeneticSex::Male {
        return Vec::new();
    }
    line(pedigree, of, |n| people[n].parents.map(|[father, _]| father), |n| people[n].sex == GeneticSex::Male)
}

/// The others of somebody's maternal line, nearest first: the mother, her children and those of her daughters, her mother and so on.
#[must_use]
pub fn maternal_line(pedigree: &Pedigree, of: usize) -> Vec<OfLine> {
    let people = pedigree.individuals();
    line(pedigree, of, |n| people[n].parents.map(|[_, mother]| mother), |_| true)
}

/// Everybody whose first ancestor along `parent` is the same, with the generations between.
fn line(pedigree: &Pedigree, of: usize, parent: impl Fn(usize) -> Option<usize>, belongs: impl Fn(usize) -> bool) -> Vec<OfLine> {
    let ancestors = |from: usize| {
        let mut all = vec![from];
        while let Some(next) = parent(all[all.len() - 1]) {
            all.push(next);
        }
        all
    };
    let own = ancestors(of);
    let generations = |other: usize| {
        let theirs = ancestors(other);
        let (up, meeting) = own.iter().enumerate().find(|(_, a)| theirs.contains(a))?;
        let down = theirs.iter().position(|a| a == meeting)?;
        u32::try_from(up + down).ok()
    };
    let others = (0..pedigree.individuals().len()).filter(|n| *n != of && belongs(*n));
    let mut found: Vec<OfLine> = others.filter_map(|n| Some((n, generations(n)?))).collect();
    found.sort_by_key(|(n, generations)| (*generations, *n));
    found
}

/// How two Y haplotypes compare: loci that both were typed at, and those of them that differ. A locus that is there twice is compared as the set it is.
#[must_use]
pub fn compared_y(a: &Alleles, b: &Alleles) -> (usize, usize) {
    let shared = a.iter().filter(|(name, _)| is_y(name)).filter_map(|(name, read)| Some((read, b.get(name)?)));
    shared.fold((0, 0), |(shared, differing), (one, other)| (shared + 1, differing + usize::from(one != other)))
}

fn is_y(name: &str) -> bool {
    loci::find(name).is_some_and(|l| l.kind == Kind::Y)
}

/// Fewest Y loci that say anything of one line: a handful agree by chance.
const FEWEST_Y: usize = 8;

/// What the Y chromosome says.
#[must_use]
pub fn y(a: &Alleles, b: &Alleles) -> Says {
    match compared_y(a, b) {
        (_, 3..) => Says::Excludes,
        (_, 1..) => Says::Inconclusive,
        (shared, 0) if shared >= FEWEST_Y => Says::Consistent,
        _ => Says::Nothing,
    }
}

/// Whether the number of bases varies within one line here: the runs of C that end at 309, 315, 573 and 16193, and the repeats of AC up to 524.
const fn is_length_variant(position: u32) -> bool {
    matches!(position, 309 | 315 | 573 | 16_193 | 515..=524)
}

/// Two mitochondrial haplotypes where both were sequenced: how many positions that is, and at how many they differ.
#[must_use]
pub fn compared_mitochondrial(a: &Mitochondrial, b: &Mitochondrial) -> (u32, usize) {
    let both = |p: u32| within(a, p) && within(b, p);
    let ends = a.ranges.iter().flat_map(|(from, to)| b.ranges.iter().map(move |(f, t)| (*from.max(f), *to.min(t))));
    let shared = ends.filter(|(from, to)| from <= to).map(|(from, to)| to - from + 1).sum();
    let (one, other) = (by_place(a), by_place(b));
    let places: std::collections::BTreeSet<&(u32, u32)> = one.keys().chain(other.keys()).collect();
    let (mut differing, mut last_indel) = (0, None);
    for place @ (p, insertion) in places {
        let (a, b) = (one.get(place).copied(), other.get(place).copied());
        let indel = *insertion > 0 || a == Some("-") || b == Some("-");
        if !both(*p) || same_base(a, b) || (indel && is_length_variant(*p)) {
            continue;
        }
        // Bases that came or went side by side did so at once.
        let one_with_the_last = indel && last_indel.is_some_and(|last: u32| p.abs_diff(last) <= 1);
        differing += usize::from(!one_with_the_last);
        if indel {
            last_indel = Some(*p);
        }
    }
    (shared, differing)
}

fn within(m: &Mitochondrial, position: u32) -> bool {
    m.ranges.iter().any(|(from, to)| (*from..=*to).contains(&position))
}

/// By position and insertion after it (0: the position itself) the bases a difference admits; one that cannot be read is left out.
fn by_place(m: &Mitochondrial) -> BTreeMap<(u32, u32), &str> {
    let read = |difference: &'_ str| -> Option<((u32, u32), usize)> {
        let digits = difference.bytes().take_while(u8::is_ascii_digit).count();
        let position = difference[..digits].parse().ok()?;
        let Some(rest) = difference[digits..].strip_prefix('.') else { return Some(((position, 0), digits)) };
        let nth = rest.bytes().take_while(u8::is_ascii_digit).count();
        Some(((position, rest[..nth].parse().ok()?), digits + 1 + nth))
    };
    m.differences.iter().filter_map(|d| read(d).map(|(place, at)| (place, &d[at..]))).collect()
}

/// Whether what stands at a place can be the same base. A place without a difference has the reference's base, which a difference never is, but a mixed base may be.
fn same_base(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a == b || a.chars().any(|x| b.chars().any(|y| bases(x) & bases(y) != 0)),
        (Some(one), None) | (None, Some(one)) => one.chars().any(|c| bases(c).count_ones() > 1),
        (None, None) => true,
    }
}

/// The bases of an IUPAC letter, a bit each of A, C, G and T.
const fn bases(letter: char) -> u8 {
    match letter {
        'A' => 1,
        'C' => 2,
        'G' => 4,
        'T' => 8,
        'M' => 3,
        'R' => 5,
        'W' => 9,
        'S' => 6,
        'Y' => 10,
        'K' => 12,
        'V' => 7,
        'H' => 11,
        'D' => 13,
        'B' => 14,
        'N' => 15,
        _ => 0,
    }
}

/// Fewest positions that say anything: about one hypervariable region.
const FEWEST_POSITIONS: u32 = 250;

/// What mitochondrial DNA says.
#[must_use]
pub fn mitochondrial(a: &Mitochondrial, b: &Mitochondrial) -> Says {
    match compared_mitochondrial(a, b) {
        (_, 2..) => Says::Excludes,
        (_, 1) => Says::Inconclusive,
        (shared, 0) if shared >= FEWEST_POSITIONS => Says::Consistent,
        _ => Says::Nothing,
    }
}

/// What the sex says: Amelogenin of remains beside the sex of a missing person as the family is drawn. A man whose Amelogenin lacks the Y is known (Santos et al.
/// 1998), so a missing man and an X alone stay open where the remains were typed at no Y locus; a Y and a missing woman do not.
#[must_use]
pub fn sex(missing: GeneticSex, remains: &Alleles) -> Says {
    let has_y = remains.keys().any(|name| is_y(name));
    match (missing, profile::sex(remains)) {
        (_, None) => Says::Nothing,
        (GeneticSex::Male, Some(GeneticSex::Female)) if has_y => Says::Consistent,
        (GeneticSex::Male, Some(GeneticSex::Female)) => Says::Inconclusive,
        (GeneticSex::Female, Some(GeneticSex::Male)) => Says::Excludes,
        _ => Says::Consistent,
    }
}

/// The three together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lines {
    /// Amelogenin.
    pub sex: Says,
    /// The Y chromosome.
    pub y: Says,
    /// Mitochondrial DNA.
    pub mitochondrial: Says,
}

impl Lines {
    /// How many of them exclude.
    #[must_use]
    pub fn excluding(self) -> usize {
        [self.sex, self.y, self.mitochondrial].into_iter().filter(|s| *s == Says::Excludes).count()
    }

    /// What each says that says something, by its name.
    pub fn told(self) -> impl Iterator<Item = (&'static str, Says)> {
        [("sex", self.sex), ("y", self.y), ("mtdna", self.mitochondrial)].into_iter().filter(|(_, says)| *says != Says::Nothing)
    }
}

/// The first who says something.
fn first(mut says: impl Iterator<Item = Says>) -> Says {
    says.find(|s| *s != Says::Nothing).unwrap_or_default()
}

/// Who of a missing person's lines was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kin {
    sex: Option<GeneticSex>,
    male: Vec<Profile>,
    maternal: Vec<Profile>,
}

impl Kin {
    /// The relatives of a missing person, from what was typed of individuals by their numbers.
    #[must_use]
    pub fn relatives(pedigree: &Pedigree, missing: usize, typed: &BTreeMap<usize, Profile>) -> Self {
        let of = |line: Vec<OfLine>, has: fn(&Profile) -> bool| -> Vec<Profile> {
            let all = line.into_iter().map(|(n, _)| n);
            all.filter_map(|n| typed.get(&n)).filter(|t| has(t)).cloned().collect()
        };
        Self {
            sex: Some(pedigree.individuals()[missing].sex),
            male: of(male_line(pedigree, missing), |t| t.alleles.keys().any(|name| is_y(name))),
            maternal: of(maternal_line(pedigree, missing), |t| t.mitochondrial.is_some()),
        }
    }

    /// The missing person alone, by what was typed of the person's own things: apart from the relatives, as they may be somebody else's.
    #[must_use]
    pub fn own(pedigree: &Pedigree, missing: usize, things: &Profile) -> Self {
        let sex = pedigree.individuals()[missing].sex;
        let male = if sex == GeneticSex::Male { vec![things.clone()] } else { Vec::new() };
        Self { sex: Some(sex), male, maternal: vec![things.clone()] }
    }

    /// What remains say beside them. Of several of a line the nearest who can be compared speaks.
    #[must_use]
    pub fn lines(&self, remains: &Profile) -> Lines {
        let of_male = self.male.iter().map(|t| y(&t.alleles, &remains.alleles));
        let of_maternal = self.maternal.iter().filter_map(|t| Some(mitochondrial(t.mitochondrial.as_ref()?, remains.mitochondrial.as_ref()?)));
        Lines { sex: self.sex.map_or(Says::Nothing, |told| sex(told, &remains.alleles)), y: first(of_male), mitochondrial: first(of_maternal) }
    }
}

/// The frequency that a haplotype is given that was seen `seen` times among `counted`: the upper end of its exact 95 % interval (Clopper and Pearson 1934), never
/// nothing. 1 where nobody was counted.
#[must_use]
pub fn upper_frequency(seen: u32, counted: u32) -> f64 {
    if counted == 0 || seen >= counted {
        return 1.0;
    }
    // The share at which so few or fewer are seen once in twenty times, by halving: fifty steps are the precision of the number.
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if at_most(seen, counted, middle) > 0.05 { low = middle } else { high = middle }
    }
    high
}

/// How likely at most `seen` of `counted` are, each with `share`.
fn at_most(seen: u32, counted: u32, share: f64) -> f64 {
    let n = f64::from(counted);
    let mut term = n * (-share).ln_1p();
    let mut sum = term.exp();
    for k in 0..seen {
        term += ((n - f64::from(k)) / f64::from(k + 1)).ln() + (share / (1.0 - share)).ln();
        sum += term.exp();
    }
    sum
}

/// log10 of how many times likelier a haplotype that agrees is where the two are of one line, `generations` apart: nothing mutated on the way, against finding it
/// in anybody. Markers of one haplotype do not multiply. `rates` are mutations a generation, one for each marker compared.
#[must_use]
pub fn line_log10(generations: u32, rates: &[f64], frequency: f64) -> f64 {
    let kept: f64 = rates.iter().map(|rate| (-rate).ln_1p()).sum::<f64>() * f64::from(generations);
    (kept - frequency.ln()) / std::f64::consts::LN_10
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::genetics::pedigree::Entry;

    /// A missing man with father, his father's brother and that one's son, mother, her mother, a sister and the sister's daughter.
    fn family() -> Pedigree {
        use GeneticSex::{Female, Male};
        let of = |name, sex, parents| Entry::new(name, sex, parents);
        Pedigree::new(&[
            of("grandfather", Male, None),
            of("grandmother", Female, None),
            of("her mother", Female, None),
            of("her father", Male, None),
            of("father", Male, Some(("grandfather", "grandmother"))),
            of("uncle", Male, Some(("grandfather", "grandmother"))),
            of("aunt", Female, None),
            of("cousin", Male, Some(("uncle", "aunt"))),
            of("mother", Female, Some(("her father", "her mother"))),
            of("missing", Male, Some(("father", "mother"))),
            of("sister", Female, Some(("father", "mother"))),
            of("husband", Male, None),
            of("niece", Female, Some(("husband", "sister"))),
        ])
        .unwrap()
    }

    fn named(pedigree: &Pedigree, line: Vec<OfLine>) -> Vec<(String, u32)> {
        line.into_iter().map(|(n, g)| (pedigree.individuals()[n].name.clone(), g)).collect()
    }

    fn sorted(mut line: Vec<(String, u32)>) -> Vec<(String, u32)> {
        line.sort();
        line
    }

    #[test]
    fn a_male_line_is_men_through_their_fathers() {
        let pedigree = family();
        let line = named(&pedigree, male_line(&pedigree, pedigree.number("missing").unwrap()));
        let wanted = [("cousin", 4), ("father", 1), ("grandfather", 2), ("uncle", 3)].map(|(n, g)| (n.to_owned(), g));
        assert_eq!(sorted(line), wanted);
        assert!(male_line(&pedigree, pedigree.number("sister").unwrap()).is_empty());
    }

    #[test]
    fn a_maternal_line_is_everybody_through_their_mothers() {
        let pedigree = family();
        let line = named(&pedigree, maternal_line(&pedigree, pedigree.number("missing").unwrap()));
        let wanted = [("her mother", 2), ("mother", 1), ("niece", 3), ("sister", 2)].map(|(n, g)| (n.to_owned(), g));
        assert_eq!(sorted(line), wanted);
    }

    const Y: [&str; 10] = ["DYS19", "DYS389I", "DYS390", "DYS391", "DYS392", "DYS393", "DYS437", "DYS438", "DYS439", "DYS448"];

    fn haplotype(changed: usize) -> Alleles {
        Y.iter().enumerate().map(|(n, name)| ((*name).to_owned(), vec![(12 + usize::from(n < changed)).to_string()])).collect()
    }

    #[test]
    fn a_y_is_one_line_s_by_the_number_of_loci_that_differ() {
        let own = haplotype(0);
        let says = [0, 1, 2, 3, 10].map(|changed| y(&own, &haplotype(changed)));
        assert_eq!(says, [Says::Consistent, Says::Inconclusive, Says::Inconclusive, Says::Excludes, Says::Excludes]);
        let few: Alleles = own.clone().into_iter().take(3).collect();
        assert_eq!(y(&few, &own), Says::Nothing, "three loci that agree say nothing");
        assert_eq!(y(&Alleles::new(), &own), Says::Nothing);
    }

    fn sequence(differences: &[&str]) -> Mitochondrial {
        Mitochondrial { ranges: vec![(16_024, 16_365), (73, 340)], differences: differences.iter().map(|d| (*d).to_owned()).collect() }
    }

    #[test]
    fn mitochondrial_dna_is_compared_where_both_were_sequenced_and_length_variants_do_not_count() {
        let own = sequence(&["16223T", "16290T", "73G", "263G", "309.1C", "315.1C"]);
        assert_eq!(compared_mitochondrial(&own, &own), (342 + 268, 0));
        assert_eq!(mitochondrial(&own, &sequence(&["16223T", "16290T", "73G", "263G", "315.1C"])), Says::Consistent);
        assert_eq!(mitochondrial(&own, &sequence(&["16223T", "73G", "263G"])), Says::Inconclusive);
        assert_eq!(mitochondrial(&own, &sequence(&["263G"])), Says::Excludes);
        assert_eq!(mitochondrial(&own, &sequence(&["16223Y", "16290Y", "73R", "263G"])), Says::Consistent, "a mixed base can be either");
        let elsewhere = Mitochondrial { ranges: vec![(438, 576)], differences: Vec::new() };
        assert_eq!(mitochondrial(&own, &elsewhere), Says::Nothing);
        let wide = |differences: &[&str]| Mitochondrial { ranges: vec![(1, 600)], ..sequence(differences) };
        assert_eq!(compared_mitochondrial(&wide(&["523-", "524-"]), &wide(&[])), (600, 0), "a repeat of AC fewer");
        assert_eq!(compared_mitochondrial(&wide(&["248-", "249-"]), &wide(&[])), (600, 1), "two bases that went at once");
        assert_eq!(compared_mitochondrial(&wide(&["100.1A", "100.2C", "263G"]), &wide(&[])), (600, 2));
        assert!(!same_base(Some("-"), None), "a base that is not there differs from one that is");
    }

    #[test]
    fn remains_with_a_y_are_no_missing_woman_s_and_an_x_alone_leaves_a_man_open() {
        let amelogenin = |alleles: &[&str]| Alleles::from([("Amelogenin".to_owned(), alleles.iter().map(|a| (*a).to_owned()).collect())]);
        assert_eq!(sex(GeneticSex::Female, &amelogenin(&["X", "Y"])), Says::Excludes);
        assert_eq!(sex(GeneticSex::Male, &amelogenin(&["X", "X"])), Says::Inconclusive);
        assert_eq!(sex(GeneticSex::Male, &amelogenin(&["X", "Y"])), Says::Consistent);
        assert_eq!(sex(GeneticSex::Male, &Alleles::new()), Says::Nothing);
    }

    #[test]
    fn the_nearest_of_a_line_who_was_typed_speaks() {
        let pedigree = family();
        let number = |name| pedigree.number(name).unwrap();
        let of = |alleles| Profile { alleles, mitochondrial: None };
        let typed = BTreeMap::from([(number("cousin"), of(haplotype(4))), (number("father"), of(haplotype(0)))]);
        let kin = Kin::relatives(&pedigree, number("missing"), &typed);
        assert_eq!(kin.lines(&of(haplotype(0))).y, Says::Consistent);
        assert_eq!(kin.lines(&of(haplotype(5))).y, Says::Excludes);
        let sister = Kin::relatives(&pedigree, number("sister"), &typed);
        assert_eq!(sister.lines(&of(haplotype(5))).y, Says::Nothing, "a woman has no male line");
    }

    #[test]
    fn the_upper_frequency_is_clopper_and_pearson_s() {
        assert!((upper_frequency(0, 300) - (1.0 - 0.05f64.powf(1.0 / 300.0))).abs() < 1e-12);
        // Of two of 200 the one-sided upper limit is 3.11 % (R: qbeta(0.95, 3, 198)).
        assert!((upper_frequency(2, 200) - 0.031_1).abs() < 1e-4, "{}", upper_frequency(2, 200));
        assert!((upper_frequency(0, 0) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_haplotype_nobody_had_among_300_weighs_two_bans_for_a_father() {
        let weight = line_log10(1, &[0.002; 10], upper_frequency(0, 300));
        assert!((weight - (100.68f64.log10() + 10.0 * (1.0f64 - 0.002).log10())).abs() < 1e-2, "{weight}");
        assert!(line_log10(4, &[0.002; 10], 0.01) < line_log10(1, &[0.002; 10], 0.01));
    }
}
