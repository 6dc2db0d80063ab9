//! A bank of remains against every family: for each family and missing person, what each genotype at each marker would weigh, so that a pair costs a sum
//! of as many numbers as there are markers.
//!
//! `LR = P(remains' genotype | family, they are the missing person's) / P(the genotype)`, where the first needs the family once, whoever the remains are.

use super::likelihood::{LikelihoodError, Observation, open_genotype};
use super::marker::{AlleleId, Call, Chromosome, Marker};
use super::pedigree::{GeneticSex, Pedigree};

/// The number of a genotype, whichever way round: of alleles 0 and 0 it is 0, of 0 and 1 it is 1, of 1 and 1 it is 2.
#[must_use]
pub const fn genotype(a: AlleleId, b: AlleleId) -> usize {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    high * (high + 1) / 2 + low
}

/// How many genotypes so many alleles make.
#[must_use]
pub const fn genotypes(alleles: usize) -> usize {
    alleles * (alleles + 1) / 2
}

/// What every genotype of a missing person weighs, by marker.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// By marker and genotype, log10 LR.
    log10: Vec<Box<[f64]>>,
    /// By marker, whether the missing person has one allele there: a man, of X.
    single: Vec<bool>,
}

impl Weights {
    /// Of a missing person in a family whose members were typed at these markers. Cost: [`likelihood`](super::likelihood::likelihood) with the missing
    /// person's alleles left open, for each marker.
    ///
    /// # Errors
    /// What cannot be observed.
    pub fn new(pedigree: &Pedigree, missing: usize, markers: &[(&Marker, &[Observation])]) -> Result<Self, LikelihoodError> {
        let of = |(marker, observations): &(&Marker, &[Observation])| of_marker(pedigree, missing, marker, observations);
        let male = pedigree.individuals()[missing].sex == GeneticSex::Male;
        let single = markers.iter().map(|(marker, _)| male && marker.chromosome() == Chromosome::X).collect();
        Ok(Self { log10: markers.iter().map(of).collect::<Result<_, _>>()?, single })
    }

    /// Of somebody whose own profile is known, by something of theirs: a genotype that can be it weighs as much as it is rare, any other excludes. An allele whose
    /// partner was not read stands for all genotypes that have it. Autosomal markers only.
    #[must_use]
    pub fn direct(markers: &[Marker], own: &[Option<Call>]) -> Self {
        let of = |(marker, call): (&Marker, &Option<Call>)| -> Box<[f64]> {
            let p = marker.frequencies();
            let mut out = vec![f64::NEG_INFINITY; genotypes(p.len())];
            match *call {
                None => out.fill(0.0),
                Some(Call::Both(a, b)) => out[genotype(a, b)] = -(p[a] * p[b] * if a == b { 1.0 } else { 2.0 }).log10(),
                Some(Call::One(a)) => (0..p.len()).for_each(|b| out[genotype(a, b)] = -(p[a] * (2.0 - p[a])).log10()),
            }
            out.into()
        };
        Self { log10: markers.iter().zip(own).map(of).collect(), single: vec![false; markers.len()] }
    }

    /// log10 LR of what was read at one marker: of an allele whose partner is not known, and of one read twice where one may be silent, the mean over what
    /// they may be, as it comes by chance.
    pub(super) fn of_call(&self, n: usize, marker: &Marker, call: Call) -> f64 {
        let p = marker.frequencies();
        let others: Vec<AlleleId> = match (call, marker.silent()) {
            (Call::One(a), _) if self.single[n] => return self.of(n, genotype(a, a)),
            (Call::Both(a, b), Some(silent)) if a == b && !self.single[n] => vec![a, silent],
            (Call::Both(a, b), _) => return self.of(n, genotype(a, b)),
            (Call::One(_), _) => (0..p.len()).collect(),
        };
        let Some(read) = call.alleles().next() else { return 0.0 };
        let by_chance = |other: AlleleId| p[read] * p[other] * if other == read { 1.0 } else { 2.0 };
        let all: f64 = others.iter().map(|other| by_chance(*other)).sum();
        let fits: f64 = others.iter().map(|other| by_chance(*other) * 10f64.powf(self.of(n, genotype(read, *other)))).sum();
        if all > 0.0 { (fits / all).log10() } else { 0.0 }
    }

    /// log10 LR of a genotype at one marker.
    #[must_use]
    pub fn of(&self, marker: usize, genotype: usize) -> f64 {
        self.log10[marker][genotype]
    }
}

/// log10 LR by genotype: minus infinity for one that the family cannot have.
fn of_marker(pedigree: &Pedigree, missing: usize, marker: &Marker, observations: &[Observation]) -> Result<Box<[f64]>, LikelihoodError> {
    let (table, p) = open_genotype(pedigree, marker, observations, missing)?;
    let n = marker.alleles().len();
    let all: f64 = table.values.iter().sum();
    let one_each = table.variables.len() < 2;
    let mut out = vec![0.0; genotypes(n)];
    if all == 0.0 {
        // What the family was read with cannot be: it says nothing of who is missing.
        return Ok(out.into());
    }
    let size = p.frequencies.len();
    let one_way = |a: usize, b: usize| {
        let by_chance = if one_each { p.frequencies[a] } else { p.frequencies[a] * p.frequencies[b] };
        let at = if one_each { a } else { a * size + b };
        if by_chance > 0.0 { table.values[at] / (all * by_chance) } else { 0.0 }
    };
    let ratio = |[a, b]: [usize; 2]| f64::midpoint(one_way(a, b), one_way(b, a));
    for high in 0..n {
        for low in 0..=high {
            if one_each && low != high {
                // A man has one.
                out[genotype(low, high)] = f64::NEG_INFINITY;
                continue;
            }
            out[genotype(low, high)] = match p.unseen().filter(|_| low == high && p.is_unseen(low)) {
                // One allele twice that nobody was read with: two founders' alleles, as likely as two different ones, or copies of one, whose frequency
                // counts once.
                Some([one, others]) if !one_each => {
                    let (apart, own) = (ratio([one, others]), marker.frequencies()[low]);
                    let copies = (ratio([one, one]) - apart).max(0.0) * p.frequencies[one];
                    apart + if own > 0.0 { copies / own } else { 0.0 }
                }
                Some([one, _]) => ratio([one, one]),
                None => ratio(p.classes_of(low, high)),
            }
            .log10();
        }
    }
    Ok(out.into())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_person_s_own_profile_weighs_as_much_as_it_is_rare_and_excludes_every_other() {
        let marker = Marker::new("L", Chromosome::Autosomal, ["8", "9", "10"].map(str::to_owned).to_vec(), vec![0.2, 0.3, 0.5]).unwrap();
        let markers = [marker.clone(), marker.clone(), marker.clone(), marker.clone()];
        let own = [Some(Call::Both(0, 1)), Some(Call::Both(2, 2)), Some(Call::One(0)), None];
        let weights = Weights::direct(&markers, &own);
        let ratio = |n, call| 10f64.powf(weights.of_call(n, &marker, call));
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(ratio(0, Call::Both(1, 0)), 1.0 / 0.12);
        close(ratio(0, Call::Both(0, 0)), 0.0);
        close(ratio(1, Call::Both(2, 2)), 4.0);
        // One allele was read on the one side, both on the other: the chance that it has that allele at all.
        close(ratio(2, Call::Both(0, 2)), 1.0 / 0.36);
        close(ratio(2, Call::Both(1, 2)), 0.0);
        // Read in part of remains: of all that have the allele, the share that is this one.
        close(ratio(0, Call::One(0)), (0.12 / 0.36) / 0.12);
        close(ratio(3, Call::Both(1, 1)), 1.0);
    }
    use crate::genetics::likelihood::likelihood;
    use crate::genetics::mutation::{Model, Mutation};
    use crate::genetics::pedigree::Entry;

    fn family() -> Pedigree {
        let (m, f) = (GeneticSex::Male, GeneticSex::Female);
        let cousins = [
            Entry::new("grandfather", m, None),
            Entry::new("grandmother", f, None),
            Entry::new("uncle", m, Some(("grandfather", "grandmother"))),
            Entry::new("mother", f, Some(("grandfather", "grandmother"))),
            Entry::new("aunt", f, None),
            Entry::new("father", m, Some(("uncle", "aunt"))),
            // Parents who are aunt and nephew: the missing person is inbred.
            Entry::new("missing", f, Some(("father", "mother"))),
            Entry::new("sister", f, Some(("father", "mother"))),
            Entry::new("remains", f, None),
        ];
        Pedigree::new(&cousins).unwrap()
    }

    fn marker() -> Marker {
        let alleles = ["8", "9", "9.3", "10", "11", "12"].map(str::to_owned).to_vec();
        Marker::new("L", Chromosome::Autosomal, alleles, vec![0.1, 0.15, 0.2, 0.25, 0.2, 0.1]).unwrap()
    }

    #[test]
    fn a_genotype_weighs_what_both_pedigrees_say_of_it() {
        let pedigree = family();
        let number = |name: &str| pedigree.number(name).unwrap();
        let step = Mutation { model: Model::Stepwise { rate: 0.002, rate2: 1e-5, range: 0.1 }, stationary: None };
        let silent = marker().with_silent("12").unwrap();
        for marker in [marker(), marker().with_mutation(&step, &step).unwrap(), silent] {
            for read in [vec![], vec![("sister", 1, 3)], vec![("sister", 0, 0), ("uncle", 0, 4)]] {
                let seen: Vec<Observation> = read.iter().map(|(who, a, b)| Observation::sure(number(who), Call::Both(*a, *b))).collect();
                let weights = Weights::new(&pedigree, number("missing"), &[(&marker, &seen)]).unwrap();
                let visible = (0..6).filter(|allele| Some(*allele) != marker.silent());
                for (a, b) in visible.clone().flat_map(|a| visible.clone().map(move |b| (a, b))) {
                    let call = Call::Both(a, b);
                    let with = |who: &str| {
                        let all = [&seen[..], &[Observation::sure(number(who), call)]].concat();
                        likelihood(&pedigree, &marker, &all, 0.0).unwrap()
                    };
                    let (got, wanted) = (weights.of_call(0, &marker, call), (with("missing") / with("remains")).log10());
                    assert!(got == wanted || (got - wanted).abs() < 1e-12, "{read:?} {a} {b}: {got} {wanted}");
                }
            }
        }
    }

    #[test]
    fn an_allele_that_the_table_has_no_share_of_excludes_nobody_else() {
        let male = |name: &str| Entry::new(name, GeneticSex::Male, None);
        let pedigree = Pedigree::new(&[male("father"), Entry { father: Some("father".into()), ..male("missing") }]).unwrap();
        let number = |name: &str| pedigree.number(name).unwrap();
        let alleles = ["7", "8", "9", "10"].map(str::to_owned).to_vec();
        let marker = Marker::new("L", Chromosome::Autosomal, alleles.clone(), vec![0.0, 0.5, 0.3, 0.2]).unwrap();
        let seen = [Observation::sure(number("father"), Call::Both(1, 1))];
        let weights = Weights::new(&pedigree, number("missing"), &[(&marker, &seen)]).unwrap();
        assert!((weights.of(0, genotype(1, 2)) - (1.0_f64 / (2.0 * 0.5)).log10()).abs() < 1e-12);

        let x = Marker::new("X", Chromosome::X, alleles, vec![0.1, 0.4, 0.3, 0.2]).unwrap();
        let of_mother = Weights::new(&pedigree, number("missing"), &[(&x, &[])]).unwrap();
        let weigh = |call| of_mother.of_call(0, &x, call);
        assert!(weigh(Call::Both(0, 1)) == f64::NEG_INFINITY && weigh(Call::One(0)).abs() < 1e-12 && weigh(Call::Both(0, 0)).abs() < 1e-12);
    }

    #[test]
    fn a_family_whose_own_profiles_cannot_be_says_nothing_of_who_is_missing() {
        let pedigree = family();
        let number = |name: &str| pedigree.number(name).unwrap();
        let seen =
            [("grandfather", 0, 0), ("grandmother", 0, 0), ("uncle", 1, 1)].map(|(who, a, b)| Observation::sure(number(who), Call::Both(a, b)));
        let weights = Weights::new(&pedigree, number("missing"), &[(&marker(), &seen)]).unwrap();
        assert!((0..genotypes(6)).all(|genotype| weights.of(0, genotype) == 0.0));
    }
}
