//! How frequent alleles are in a population, and what an allele counts as that its table has seldom or never seen.

use std::collections::HashSet;

use thiserror::Error;

use super::marker::{Chromosome, Marker, MarkerError};

/// Frequencies of one locus that add up to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct LocusFrequencies {
    locus: String,
    alleles: Vec<(String, f64)>,
    sampled: Option<u32>,
}

/// Frequencies of a population, as one source tells them.
#[derive(Debug, Clone, PartialEq)]
pub struct FrequencyTable {
    /// The population, as the source names it.
    pub population: String,
    /// Where the figures come from; empty where a file tells none.
    pub citation: String,
    /// Each locus once.
    loci: Vec<LocusFrequencies>,
}

/// How frequent an allele counts as at least. `2N` is the number of alleles sampled, two of each person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Minimum {
    /// A number of one's own, above 0 and below 1.
    Fixed(f64),
    /// Five alleles of those sampled, 5/2N (National Research Council, "The Evaluation of Forensic DNA Evidence", 1996).
    NrcTwo,
    /// What an allele that was not seen among 2N is below with 95 in 100, 1 - 0.05^(1/2N) (Weir, "Forensic population genetics and the National Research
    /// Council", Am. J. Hum. Genet. 52 (1993), 437-440).
    Weir,
    /// Likewise for all c alleles of the locus together, 1 - (1 - 0.95^(1/c))^(1/2N) (Budowle, Monson and Chakraborty, "Estimating minimum allele frequencies
    /// for DNA profile frequency estimates for PCR-based loci", Int. J. Legal Med. 108 (1996), 173-176).
    BudowleMonsonChakraborty,
}

/// Why frequencies cannot be taken.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FrequencyError {
    /// A locus without alleles.
    #[error("locus {0}: there are no alleles")]
    NoAlleles(String),
    /// One allele twice.
    #[error("locus {0}: allele {1:?} is listed twice")]
    Twice(String, String),
    /// One locus twice.
    #[error("locus {0} is listed twice")]
    LocusTwice(String),
    /// No chance: below 0, above 1 or no number.
    #[error("locus {0}: the frequency of allele {1:?} does not lie between 0 and 1")]
    Frequency(String, String),
    /// Frequencies that are not those of all alleles.
    #[error("locus {0}: frequencies add up to {1:.6}, not to 1; at most {SUM_TOLERANCE} is put down to rounding")]
    Sum(String, f64),
    /// A locus that the table does not have.
    #[error("locus {1} is not in the table of {0}")]
    NoLocus(String, String),
    /// A rule that asks how many were sampled, of a table that does not tell.
    #[error("locus {0}: how many alleles were sampled is not told; use a fixed minimum")]
    NotSampled(String),
    /// A minimum that is none.
    #[error("locus {0}: a minimum of {1} does not lie above 0 and below 1; too few alleles were sampled for this rule")]
    Minimum(String, f64),
    /// A call that is not one allele: two people who were read so may have different ones.
    #[error("locus {0}: {1:?} is not one allele and has no frequency")]
    NotOneAllele(String, String),
    /// A marker that cannot be.
    #[error(transparent)]
    Marker(#[from] MarkerError),
}

/// How far published frequencies may add up to something else than 1.
pub const SUM_TOLERANCE: f64 = 1e-2;

/// Below this a sum is 1 but for the last digits of its parts.
pub const SUM_EXACT: f64 = 1e-9;

impl LocusFrequencies {
    /// Frequencies of a locus, and how many alleles were sampled (2N). Where they add up to 1 by less than [`SUM_TOLERANCE`] but not by [`SUM_EXACT`], they are
    /// divided by their sum, which is the second value.
    ///
    /// # Errors
    /// No alleles, one twice, what is no chance, and sums that are no rounding.
    pub fn new(locus: &str, mut alleles: Vec<(String, f64)>, sampled: Option<u32>) -> Result<(Self, Option<f64>), FrequencyError> {
        if alleles.is_empty() {
            return Err(FrequencyError::NoAlleles(locus.to_owned()));
        }
        let mut seen = HashSet::new();
        for (allele, frequency) in &alleles {
            if !seen.insert(allele.as_str()) {
                return Err(FrequencyError::Twice(locus.to_owned(), allele.clone()));
            }
            if !(0.0..=1.0).contains(frequency) {
                return Err(FrequencyError::Frequency(locus.to_owned(), allele.clone()));
            }
        }
        let sum: f64 = alleles.iter().map(|(_, frequency)| frequency).sum();
        let off = (sum - 1.0).abs();
        if off > SUM_TOLERANCE {
            return Err(FrequencyError::Sum(locus.to_owned(), sum));
        }
        if off > SUM_EXACT {
            alleles.iter_mut().for_each(|(_, frequency)| *frequency /= sum);
        }
        Ok((Self { locus: locus.to_owned(), alleles, sampled }, (off > SUM_EXACT).then_some(sum)))
    }

    /// The locus.
    #[must_use]
    pub fn locus(&self) -> &str {
        &self.locus
    }

    /// Alleles with their frequencies, in the order of the source.
    #[must_use]
    pub fn alleles(&self) -> &[(String, f64)] {
        &self.alleles
    }

    /// How many alleles were sampled.
    #[must_use]
    pub const fn sampled(&self) -> Option<u32> {
        self.sampled
    }

    /// How frequent an allele of this locus counts as at least.
    ///
    /// # Errors
    /// A rule that asks how many were sampled where that is not told, or were too few.
    pub fn minimum(&self, rule: Minimum) -> Result<f64, FrequencyError> {
        let floor = match (rule, self.sampled.filter(|n| *n > 0)) {
            (Minimum::Fixed(floor), _) => floor,
            (_, None) => return Err(FrequencyError::NotSampled(self.locus.clone())),
            (rule, Some(sampled)) => minimum(rule, sampled, self.alleles.len()),
        };
        if floor > 0.0 && floor < 1.0 { Ok(floor) } else { Err(FrequencyError::Minimum(self.locus.clone(), floor)) }
    }
}

/// The least frequency of a rule, of alleles sampled (2N, at least 1) and alleles known at the locus. May reach 1 where few were sampled.
#[must_use]
pub fn minimum(rule: Minimum, sampled: u32, alleles: usize) -> f64 {
    let each = 1.0 / f64::from(sampled.max(1));
    match rule {
        Minimum::Fixed(floor) => floor,
        Minimum::NrcTwo => 5.0 * each,
        Minimum::Weir => 1.0 - 0.05f64.powf(each),
        Minimum::BudowleMonsonChakraborty => 1.0 - (1.0 - 0.95f64.powf(1.0 / alleles.max(1) as f64)).powf(each),
    }
}

/// A marker with what its frequencies were made by: kept with every likelihood ratio that it gives.
#[derive(Debug, Clone, PartialEq)]
pub struct CountedMarker {
    /// The marker, without mutation.
    pub marker: Marker,
    /// The table's population.
    pub population: String,
    /// The rule for rare alleles.
    pub rule: Minimum,
    /// What it came to.
    pub minimum: f64,
    /// Alleles that the table does not have.
    pub added: Vec<String>,
    /// Alleles that were rarer in the table.
    pub raised: Vec<String>,
}

impl FrequencyTable {
    /// A table of these loci.
    ///
    /// # Errors
    /// A locus twice.
    pub fn new(population: &str, citation: &str, loci: Vec<LocusFrequencies>) -> Result<Self, FrequencyError> {
        let mut seen = HashSet::new();
        if let Some(twice) = loci.iter().find(|l| !seen.insert(l.locus.as_str())) {
            return Err(FrequencyError::LocusTwice(twice.locus.clone()));
        }
        Ok(Self { population: population.to_owned(), citation: citation.to_owned(), loci })
    }

    /// Its loci, in the order of the source.
    #[must_use]
    pub fn loci(&self) -> &[LocusFrequencies] {
        &self.loci
    }

    /// Frequencies of a locus.
    #[must_use]
    pub fn locus(&self, name: &str) -> Option<&LocusFrequencies> {
        self.loci.iter().find(|l| l.locus == name)
    }

    /// The marker of a locus for people who were read with these alleles. First what the table has not seen comes in at the least frequency, then what is rarer
    /// is raised to it, then all are divided by their sum.
    ///
    /// # Errors
    /// A locus that is not in the table, a rule that does not fit, and calls that are not one allele (`OL`, `>30`).
    pub fn marker(&self, locus: &str, chromosome: Chromosome, observed: &[&str], rule: Minimum) -> Result<CountedMarker, FrequencyError> {
        let of = self.locus(locus).ok_or_else(|| FrequencyError::NoLocus(self.population.clone(), locus.to_owned()))?;
        if let Some(unclear) = observed.iter().find(|a| !is_one_allele(a)) {
            return Err(FrequencyError::NotOneAllele(locus.to_owned(), (*unclear).to_owned()));
        }
        let minimum = of.minimum(rule)?;
        let (mut alleles, mut frequencies): (Vec<String>, Vec<f64>) = of.alleles.iter().cloned().unzip();
        let mut added: Vec<String> = Vec::new();
        for unseen in observed.iter().filter(|a| !of.alleles.iter().any(|(known, _)| known == *a)) {
            if !added.iter().any(|a| a == unseen) {
                added.push((*unseen).to_owned());
            }
        }
        alleles.extend(added.iter().cloned());
        frequencies.resize(alleles.len(), minimum);
        let rarer = |(allele, frequency): (&String, &f64)| (*frequency < minimum).then(|| allele.clone());
        let raised: Vec<String> = alleles.iter().zip(&frequencies).filter_map(rarer).collect();
        frequencies.iter_mut().for_each(|frequency| *frequency = frequency.max(minimum));
        let sum: f64 = frequencies.iter().sum();
        frequencies.iter_mut().for_each(|frequency| *frequency /= sum);
        let marker = Marker::new(locus, chromosome, alleles, frequencies)?;
        Ok(CountedMarker { marker, population: self.population.clone(), rule, minimum, added, raised })
    }
}

/// Whether a label stands for one allele: not for what lies beyond the ladder, where people who were read alike may have different ones.
#[must_use]
pub fn is_one_allele(label: &str) -> bool {
    !label.is_empty() && !label.eq_ignore_ascii_case("OL") && !label.starts_with(['>', '<', '?'])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn alleles(of: &[(&str, f64)]) -> Vec<(String, f64)> {
        of.iter().map(|(allele, frequency)| ((*allele).to_owned(), *frequency)).collect()
    }

    fn table() -> FrequencyTable {
        let (locus, _) = LocusFrequencies::new("TH01", alleles(&[("6", 0.6), ("7", 0.399), ("8", 0.001)]), Some(200)).unwrap();
        FrequencyTable::new("nobody", "invented", vec![locus]).unwrap()
    }

    #[test]
    fn each_rule_is_the_number_of_its_source() {
        let near = |got: f64, wanted: f64| assert!((got - wanted).abs() < 1e-12, "{got} is not {wanted}");
        near(minimum(Minimum::NrcTwo, 200, 3), 0.025);
        near(minimum(Minimum::Weir, 200, 3), 1.0 - (0.05f64.ln() / 200.0).exp());
        near(minimum(Minimum::BudowleMonsonChakraborty, 200, 3), 1.0 - ((1.0 - (0.95f64.ln() / 3.0).exp()).ln() / 200.0).exp());
        near(minimum(Minimum::BudowleMonsonChakraborty, 200, 1), minimum(Minimum::Weir, 200, 9));
        near(minimum(Minimum::Fixed(0.001), 1, 1), 0.001);
    }

    #[test]
    fn an_unseen_allele_comes_in_first_then_rare_ones_are_raised_then_all_are_divided() {
        let made = table().marker("TH01", Chromosome::Autosomal, &["6", "9.3", "9.3"], Minimum::NrcTwo).unwrap();
        let sum = 0.6 + 0.399 + 0.025 + 0.025;
        assert_eq!(made.marker.alleles(), ["6", "7", "8", "9.3"]);
        assert_eq!(made.marker.frequencies(), [0.6 / sum, 0.399 / sum, 0.025 / sum, 0.025 / sum]);
        assert_eq!((made.added, made.raised, made.minimum), (vec!["9.3".to_owned()], vec!["8".to_owned()], 0.025));
        assert_eq!(made.rule, Minimum::NrcTwo);
    }

    #[test]
    fn what_may_be_several_alleles_gets_no_frequency() {
        for unclear in ["OL", "ol", ">9", "<4", "?", ""] {
            let refused = table().marker("TH01", Chromosome::Autosomal, &[unclear], Minimum::NrcTwo).unwrap_err();
            assert_eq!(refused, FrequencyError::NotOneAllele("TH01".into(), unclear.into()));
        }
    }

    #[test]
    fn a_sum_near_one_is_divided_and_told_and_one_that_is_not_near_is_refused_by_locus() {
        let (exact, told) = LocusFrequencies::new("FGA", alleles(&[("21", 0.5), ("22", 0.5 + 1e-11)]), None).unwrap();
        assert_eq!((exact.alleles()[1].1, told), (0.5 + 1e-11, None));
        let (near, told) = LocusFrequencies::new("FGA", alleles(&[("21", 0.5), ("22", 0.495)]), None).unwrap();
        assert_eq!((near.alleles()[0].1, told), (0.5 / 0.995, Some(0.995)));
        let far = LocusFrequencies::new("FGA", alleles(&[("21", 0.5), ("22", 0.4)]), None).unwrap_err();
        assert_eq!(far, FrequencyError::Sum("FGA".into(), 0.9));
        assert!(far.to_string().contains("locus FGA"));
    }

    #[test]
    fn what_is_no_frequency_is_refused_by_locus_and_allele() {
        let error = |of: &[(&str, f64)]| LocusFrequencies::new("FGA", alleles(of), None).unwrap_err();
        for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(error(&[("21", 0.5), ("22", wrong)]), FrequencyError::Frequency("FGA".into(), "22".into()));
        }
        assert_eq!(error(&[("21", 0.5), ("21", 0.5)]), FrequencyError::Twice("FGA".into(), "21".into()));
        assert_eq!(error(&[]), FrequencyError::NoAlleles("FGA".into()));
    }

    #[test]
    fn a_rule_that_asks_how_many_were_sampled_is_refused_where_that_is_not_told_or_were_too_few() {
        let of = |sampled| LocusFrequencies::new("FGA", alleles(&[("21", 1.0)]), sampled).unwrap().0;
        assert_eq!(of(None).minimum(Minimum::Weir).unwrap_err(), FrequencyError::NotSampled("FGA".into()));
        assert_eq!(of(Some(4)).minimum(Minimum::NrcTwo).unwrap_err(), FrequencyError::Minimum("FGA".into(), 1.25));
        assert_eq!(of(None).minimum(Minimum::Fixed(0.0)).unwrap_err(), FrequencyError::Minimum("FGA".into(), 0.0));
    }
}
