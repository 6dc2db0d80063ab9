//! How likely what was read at markers is, if people are related as a pedigree says. One variable for each gamete that somebody came from: tables of
//! founders' frequencies, of what a parent transmits and of what was read are multiplied and summed over all alleles.
//!
//! Sources: Thompson, "Statistical Inference from Genetic Data on Pedigrees" (2000); for drop-out, Gill and others, "DNA commission of the ISFG:
//! recommendations on the evaluation of STR typing results that may include drop-out and/or drop-in", Forensic Sci. Int. Genet. 6 (2012), 679-688.
//!
//! The pedigree counts as drawn. Where mutation does not leave frequencies as they are, a founder of whom nothing is known but one child changes what is
//! likely a little; leaving such founders out, as some programs do, would say that nobody's child mutates there (`docs/genetics.md`).

use thiserror::Error;

use super::elimination::{Network, Table, Variable, Weight};
use super::marker::{AlleleId, Call, Chromosome, Marker};
use super::mutation::Matrix;
use super::pedigree::{GeneticSex, Pedigree};
use super::urn::Draws;

/// What was read of somebody, and how much of what is there may not have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// The number of who was typed.
    pub individual: usize,
    /// What was read.
    pub call: Call,
    /// How likely one copy of an allele is not read.
    pub drop_out: f64,
    /// How likely an allele is read that is not there.
    pub drop_in: f64,
}

impl Observation {
    /// Read of somebody, all that is there and nothing else.
    #[must_use]
    pub const fn sure(individual: usize, call: Call) -> Self {
        Self { individual, call, drop_out: 0.0, drop_in: 0.0 }
    }

    const fn is_sure(&self) -> bool {
        self.drop_out == 0.0 && self.drop_in == 0.0
    }
}

/// Why nothing can be said of observations.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LikelihoodError {
    /// A man with two X alleles.
    #[error("{individual}: a man has one allele of marker {marker}, which lies on X")]
    TwoOfX {
        /// Who.
        individual: String,
        /// Where.
        marker: String,
    },
    /// One marker read twice.
    #[error("{individual} is typed twice at marker {marker}; make one call of what the samples say together")]
    Twice {
        /// Who.
        individual: String,
        /// Where.
        marker: String,
    },
    /// Somebody whose genotype is sought was typed.
    #[error("{individual} is missing and typed at marker {marker}; weigh the profile against remains directly")]
    Typed {
        /// Who.
        individual: String,
        /// Where.
        marker: String,
    },
    /// Chances that are none.
    #[error("{individual}: chances of drop-out and drop-in lie between 0 and 1")]
    Chance {
        /// Who.
        individual: String,
    },
    /// A correction for subpopulations that would count too many founders and alleles.
    #[error(
        "marker {marker}: {alleles} alleles and {founders} founders' are too many for a correction for subpopulations; use a mutation model of equal or proportional rates, or none"
    )]
    TooMany {
        /// Where.
        marker: String,
        /// Alleles told apart.
        alleles: usize,
        /// Alleles drawn.
        founders: usize,
    },
    /// A correction outside its bounds.
    #[error("theta lies between 0 and 1, 1 itself left out")]
    Theta,
}

/// A marker with the alleles that nothing tells apart made one.
pub(super) struct Lumped {
    class_of: Vec<usize>,
    /// Of each class.
    pub frequencies: Vec<f64>,
    /// Of mothers and of fathers; `None` where nothing changes.
    mutation: Option<[Matrix; 2]>,
    silent: Option<usize>,
    /// Where somebody's genotype is sought, the class of one allele that nobody was read with, and that of all others of them.
    unseen: Option<[usize; 2]>,
}

impl Lumped {
    /// Alleles that nobody was read with are one where this says the same.
    fn new(marker: &Marker, observations: &[Observation]) -> Self {
        Self::telling_apart(marker, Self::seen(marker, observations)).unwrap_or_else(|| Self::whole(marker))
    }

    /// Of a search for somebody's genotype, whose two alleles may be one that nobody was read with, twice, or two of them. With mutation every allele is its
    /// own, as each comes up by chance as it is frequent.
    fn open(marker: &Marker, observations: &[Observation]) -> Self {
        let mut told = Self::seen(marker, observations);
        let first = (0..marker.alleles().len()).find(|allele| !told.contains(allele) && marker.frequencies()[*allele] > 0.0);
        let Some(first) = first.filter(|_| marker.mutation().is_none()) else { return Self::whole(marker) };
        told.push(first);
        let others = told.len();
        match Self::telling_apart(marker, told) {
            // No others: every allele is a class of its own.
            Some(lumped) if lumped.frequencies.len() == others => lumped,
            Some(lumped) => Self { unseen: Some([lumped.class_of[first], others]), ..lumped },
            None => Self::whole(marker),
        }
    }

    /// The alleles that somebody was read with, and the silent one.
    fn seen(marker: &Marker, observations: &[Observation]) -> Vec<AlleleId> {
        let mut seen: Vec<AlleleId> = observations.iter().flat_map(|o| o.call.alleles()).chain(marker.silent()).collect();
        seen.sort_unstable();
        seen.dedup();
        seen
    }

    /// Every allele by itself.
    fn whole(marker: &Marker) -> Self {
        Self {
            class_of: (0..marker.alleles().len()).collect(),
            frequencies: marker.frequencies().to_vec(),
            mutation: marker.mutation().cloned(),
            silent: marker.silent(),
            unseen: None,
        }
    }

    /// These alleles by themselves and all others as one; `None` where mutation tells others apart.
    fn telling_apart(marker: &Marker, mut told: Vec<AlleleId>) -> Option<Self> {
        told.sort_unstable();
        let n = marker.alleles().len();
        let class_of: Vec<usize> = (0..n).map(|allele| told.binary_search(&allele).unwrap_or(told.len())).collect();
        let classes = if told.len() == n { n } else { told.len() + 1 };
        let mutation = match marker.mutation() {
            None => None,
            Some([mothers, fathers]) => Some([mothers.lumped(&class_of, classes)?, fathers.lumped(&class_of, classes)?]),
        };
        let mut frequencies = vec![0.0; classes];
        for (class, p) in class_of.iter().zip(marker.frequencies()) {
            frequencies[*class] += p;
        }
        let silent = marker.silent().map(|allele| class_of[allele]);
        Some(Self { class_of, frequencies, mutation, silent, unseen: None })
    }

    /// The class of one allele that nobody was read with and that of all others of them, where there are several.
    pub const fn unseen(&self) -> Option<[usize; 2]> {
        self.unseen
    }

    /// True for an allele that nobody was read with, where there are several.
    pub fn is_unseen(&self, allele: AlleleId) -> bool {
        self.unseen.is_some_and(|classes| classes.contains(&self.class_of[allele]))
    }

    /// The classes whose pair stands for two different alleles, or for one twice that somebody was read with.
    pub fn classes_of(&self, a: AlleleId, b: AlleleId) -> [usize; 2] {
        match self.unseen {
            Some([one, others]) => match (self.is_unseen(a), self.is_unseen(b)) {
                (true, true) => [one, others],
                (true, false) => [one, self.class_of[b]],
                (false, true) => [self.class_of[a], one],
                (false, false) => [self.class_of[a], self.class_of[b]],
            },
            None => [self.class_of[a], self.class_of[b]],
        }
    }

    /// What a parent transmits as what.
    fn changes(&self, parent: GeneticSex, from: usize, to: usize) -> f64 {
        match &self.mutation {
            None => f64::from(u8::from(from == to)),
            Some([mothers, fathers]) => if parent == GeneticSex::Female { mothers } else { fathers }.at(from, to),
        }
    }

    /// How likely a call is of who has these two alleles; of a man with one of X, which stands twice, `copies` is 1.
    fn reads(&self, o: &Observation, has: [usize; 2], copies: usize) -> f64 {
        let class = |allele: AlleleId| self.class_of[allele];
        let seen: Vec<usize> = o.call.alleles().map(class).collect();
        if o.is_sure() {
            let visible = |allele: usize| Some(allele) != self.silent;
            let fits = match o.call {
                Call::One(a) => has.contains(&class(a)),
                Call::Both(a, b) if a != b => has == [class(a), class(b)] || has == [class(b), class(a)],
                Call::Both(a, _) => has.iter().all(|h| *h == class(a) || !visible(*h)) && has.contains(&class(a)),
            };
            return f64::from(u8::from(fits));
        }
        let lost = |allele: usize| match self.silent {
            Some(silent) if silent == allele => 1.0,
            _ if has[0] == has[1] && copies == 2 => o.drop_out * o.drop_out,
            _ => o.drop_out,
        };
        let there = if has[0] == has[1] { &has[..1] } else { &has[..] };
        // With one allele known, the other may have been there or not.
        let open = matches!(o.call, Call::One(_));
        let read = |allele: &usize| match seen.contains(allele) {
            true => 1.0 - lost(*allele),
            false if open => 1.0,
            false => lost(*allele),
        };
        let extra: Vec<usize> = seen.iter().copied().filter(|allele| !there.contains(allele)).collect();
        let added = match extra.as_slice() {
            [] => 1.0 - o.drop_in,
            extra => extra.iter().map(|allele| o.drop_in * self.frequencies[*allele]).product(),
        };
        there.iter().map(read).product::<f64>() * added
    }

    /// The alleles that somebody may have; all where nothing is sure.
    fn states(&self, o: Option<&Observation>) -> Vec<usize> {
        let all = || (0..self.frequencies.len()).collect();
        match o.filter(|o| o.is_sure()).map(|o| o.call) {
            Some(Call::Both(a, b)) => {
                let [a, b] = [self.class_of[a], self.class_of[b]];
                let mut states = vec![a, b];
                states.extend(self.silent.filter(|_| a == b));
                states.sort_unstable();
                states.dedup();
                states
            }
            _ => all(),
        }
    }
}

/// The gametes that somebody came from: the father's (none of a man's X) and the mother's.
#[derive(Debug, Clone, Copy)]
struct Gametes {
    father: Option<Variable>,
    mother: Variable,
}

/// Adds the variable that says which allele a parent transmitted, by child and parent's place; none where markers are not linked.
type Meiosis<'a, W> = dyn FnMut(&mut Network<W>, usize, usize) -> Option<Variable> + 'a;

/// Adds a marker to a network: everybody's gametes, in the pedigree's order; nobody's who is of no concern. `founder` is the weight of a class of alleles.
fn add_marker<W: Weight>(
    network: &mut Network<W>,
    (pedigree, concerned): (&Pedigree, &[bool]),
    (marker, lumped): (&Marker, &Lumped),
    observations: &[Observation],
    founder: &dyn Fn(usize) -> W,
    meiosis: &mut Meiosis<'_, W>,
) -> Vec<Option<Gametes>> {
    let x = marker.chromosome() == Chromosome::X;
    let mut gametes: Vec<Option<Gametes>> = Vec::with_capacity(concerned.len());
    let mut states: Vec<Vec<usize>> = Vec::with_capacity(concerned.len());
    for (at, individual) in pedigree.individuals().iter().enumerate() {
        let observed = observations.iter().find(|o| o.individual == at);
        states.push(lumped.states(observed));
        if !concerned[at] {
            gametes.push(None);
            continue;
        }
        let size = states[at].len();
        let father = (!x || individual.sex == GeneticSex::Female).then(|| network.variable(size));
        let own = Gametes { father, mother: network.variable(size) };
        gametes.push(Some(own));
        let of = &states[at];
        let both: Vec<Variable> = own.father.into_iter().chain([own.mother]).collect();
        match individual.parents {
            None if individual.inbreeding > 0.0 && both.len() == 2 => {
                let f = individual.inbreeding;
                network.table(&both, |v| {
                    let mut apart = founder(of[v[0]]).times(&founder(of[v[1]])).times(&W::number(1.0 - f));
                    if v[0] == v[1] {
                        apart.add(&founder(of[v[0]]).times(&W::number(f)));
                    }
                    apart
                });
            }
            None => both.iter().for_each(|gamete| network.table(&[*gamete], |v| founder(of[v[0]]))),
            Some(parents) => {
                for (side, (parent, gamete)) in parents.into_iter().zip([own.father, Some(own.mother)]).enumerate() {
                    let (Some(gamete), Some(theirs)) = (gamete, gametes[parent]) else { continue };
                    let (sex, from) = (pedigree.individuals()[parent].sex, &states[parent]);
                    let changes = |a: usize, c: usize| lumped.changes(sex, from[a], of[c]);
                    match theirs.father {
                        None => network.table(&[theirs.mother, gamete], |v| W::number(changes(v[0], v[1]))),
                        Some(first) => match meiosis(network, at, side) {
                            None => network
                                .table(&[first, theirs.mother, gamete], |v| W::number(f64::midpoint(changes(v[0], v[2]), changes(v[1], v[2])))),
                            Some(which) => network.table(&[which, first, theirs.mother, gamete], |v| W::number(changes(v[1 + v[0]], v[3]))),
                        },
                    }
                }
            }
        }
        if let Some(o) = observed {
            network.table(&both, |v| W::number(lumped.reads(o, [of[v[0]], of[v[v.len() - 1]]], v.len())));
        }
    }
    gametes
}

fn check(pedigree: &Pedigree, marker: &Marker, observations: &[Observation]) -> Result<(), LikelihoodError> {
    for (n, o) in observations.iter().enumerate() {
        let individual = &pedigree.individuals()[o.individual];
        let (name, marker_name) = (individual.name.clone(), marker.name().to_owned());
        if observations[..n].iter().any(|before| before.individual == o.individual) {
            return Err(LikelihoodError::Twice { individual: name, marker: marker_name });
        }
        if [o.drop_out, o.drop_in].iter().any(|chance| !(0.0..=1.0).contains(chance)) {
            return Err(LikelihoodError::Chance { individual: name });
        }
        if marker.chromosome() == Chromosome::X && individual.sex == GeneticSex::Male && o.call.alleles().count() > 1 {
            return Err(LikelihoodError::TwoOfX { individual: name, marker: marker_name });
        }
    }
    Ok(())
}

/// How likely observations at a marker are; 0 where they cannot be. `theta` is the share by which founders' alleles are alike because they come from one
/// subpopulation; then all founders of the pedigree, also those of families that are not related, are of one. A parent and a child without mutation 7 us, corrected 13.
///
/// # Errors
/// Observations that cannot be, or a correction for subpopulations that would take too much.
pub fn likelihood(pedigree: &Pedigree, marker: &Marker, observations: &[Observation], theta: f64) -> Result<f64, LikelihoodError> {
    check(pedigree, marker, observations)?;
    if !(0.0..1.0).contains(&theta) {
        return Err(LikelihoodError::Theta);
    }
    let typed: Vec<usize> = observations.iter().map(|o| o.individual).collect();
    let concerned = pedigree.of_concern(&typed);
    let lumped = Lumped::new(marker, observations);
    if theta == 0.0 {
        let mut network = Network::new();
        let founder = |class: usize| lumped.frequencies[class];
        add_marker(&mut network, (pedigree, &concerned), (marker, &lumped), observations, &founder, &mut |_, _, _| None);
        return Ok(network.sum(&[]).values[0]);
    }
    let founders = 2 * pedigree.individuals().iter().zip(&concerned).filter(|(i, concerned)| **concerned && i.parents.is_none()).count();
    let classes = lumped.frequencies.len();
    let width = u32::try_from(128 / classes).unwrap_or(128).min(16);
    if width == 0 || founders >> width != 0 {
        return Err(LikelihoodError::TooMany { marker: marker.name().to_owned(), alleles: classes, founders });
    }
    let mut network: Network<Draws> = Network::new();
    let founder = |class: usize| Draws::of(class, width);
    add_marker(&mut network, (pedigree, &concerned), (marker, &lumped), observations, &founder, &mut |_, _, _| None);
    Ok(network.sum(&[]).values[0].chance(&lumped.frequencies, theta, width))
}

/// How likely several readings are, if all are of one person of this sex whom nobody else is related to; whose number they give does not matter. Cost:
/// alleles read, and one for all others, to the second.
#[must_use]
pub fn of_one(marker: &Marker, sex: GeneticSex, readings: &[Observation]) -> f64 {
    let lumped = Lumped::new(&marker.without_mutation(), readings);
    let all = |has: [usize; 2], copies: usize| readings.iter().map(|o| lumped.reads(o, has, copies)).product::<f64>();
    let p = &lumped.frequencies;
    if marker.chromosome() == Chromosome::X && sex == GeneticSex::Male {
        return p.iter().enumerate().map(|(a, p)| p * all([a, a], 1)).sum();
    }
    let with = |(a, of_a): (usize, &f64)| p.iter().enumerate().map(|(b, of_b)| of_a * of_b * all([a, b], 2)).sum::<f64>();
    p.iter().enumerate().map(with).sum()
}

/// How likely observations at markers of one chromosome are together, where `recombination` is the chance, between each and the next, that a parent's
/// gamete goes on with the other chromosome. Founders' alleles at different markers tell nothing of each other.
///
/// Source: Lander and Green, "Construction of multilocus genetic linkage maps in humans", PNAS 84 (1987), 2363-2367.
///
/// # Errors
/// Observations that cannot be.
pub fn linked_likelihood(pedigree: &Pedigree, markers: &[(&Marker, &[Observation])], recombination: &[f64]) -> Result<f64, LikelihoodError> {
    let mut typed = Vec::new();
    for (marker, observations) in markers {
        check(pedigree, marker, observations)?;
        typed.extend(observations.iter().map(|o| o.individual));
    }
    let concerned = pedigree.of_concern(&typed);
    let mut network = Network::new();
    // By child and parent's place, which allele was transmitted at the marker before.
    let mut before: Vec<[Option<Variable>; 2]> = vec![[None; 2]; concerned.len()];
    for (n, (marker, observations)) in markers.iter().enumerate() {
        let lumped = Lumped::new(marker, observations);
        let crossed = n.checked_sub(1).and_then(|n| recombination.get(n)).copied().unwrap_or(0.5);
        let mut meiosis = |network: &mut Network<f64>, child: usize, side: usize| {
            let which = network.variable(2);
            match before[child][side].replace(which) {
                None => network.table(&[which], |_| 0.5),
                Some(last) => network.table(&[last, which], |v| if v[0] == v[1] { 1.0 - crossed } else { crossed }),
            }
            Some(which)
        };
        let founder = |class: usize| lumped.frequencies[class];
        add_marker(&mut network, (pedigree, &concerned), (marker, &lumped), observations, &founder, &mut meiosis);
    }
    Ok(network.sum(&[]).values[0])
}

/// For each pair of classes of alleles that somebody may have from the father and the mother, how likely it is together with the observations; rows are
/// fathers'. Of a man's X one row, the mother's.
pub(super) fn open_genotype(
    pedigree: &Pedigree,
    marker: &Marker,
    observations: &[Observation],
    open: usize,
) -> Result<(Table<f64>, Lumped), LikelihoodError> {
    check(pedigree, marker, observations)?;
    let mut typed: Vec<usize> = observations.iter().map(|o| o.individual).collect();
    if typed.contains(&open) {
        let individual = pedigree.individuals()[open].name.clone();
        return Err(LikelihoodError::Typed { individual, marker: marker.name().to_owned() });
    }
    typed.push(open);
    let concerned = pedigree.of_concern(&typed);
    let lumped = Lumped::open(marker, observations);
    let mut network = Network::new();
    let founder = |class: usize| lumped.frequencies[class];
    let gametes = add_marker(&mut network, (pedigree, &concerned), (marker, &lumped), observations, &founder, &mut |_, _, _| None);
    let keep: Vec<Variable> = gametes[open].map_or_else(Vec::new, |g| g.father.into_iter().chain([g.mother]).collect());
    Ok((network.sum(&keep), lumped))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::genetics::mutation::{Model, Mutation};
    use crate::genetics::pedigree::Entry;
    use proptest::prelude::*;

    /// A father and a mother of two, whose daughter has a son with a man of no family.
    fn family() -> Pedigree {
        let (m, f) = (GeneticSex::Male, GeneticSex::Female);
        Pedigree::new(&[
            Entry::new("father", m, None),
            Entry::new("mother", f, None),
            Entry::new("son", m, Some(("father", "mother"))),
            Entry::new("daughter", f, Some(("father", "mother"))),
            Entry::new("man", m, None),
            Entry::new("grandson", m, Some(("man", "daughter"))),
        ])
        .unwrap()
    }

    fn marker(chromosome: Chromosome) -> Marker {
        Marker::new("L", chromosome, ["8", "9", "10", "11"].map(str::to_owned).to_vec(), vec![0.1, 0.2, 0.3, 0.4]).unwrap()
    }

    fn models() -> Vec<Mutation> {
        let model = |model| Mutation { model, stationary: None };
        vec![
            model(Model::Equal { rate: 0.01 }),
            model(Model::Proportional { rate: 0.01 }),
            model(Model::Stepwise { rate: 0.01, rate2: 0.001, range: 0.3 }),
        ]
    }

    /// Every genotype of somebody.
    fn genotypes(pedigree: &Pedigree, marker: &Marker, who: usize) -> Vec<Call> {
        let n = marker.alleles().len();
        let one = marker.chromosome() == Chromosome::X && pedigree.individuals()[who].sex == GeneticSex::Male;
        (0..n).flat_map(|a| (0..=a).map(move |b| (a, b))).filter(|(a, b)| !one || a == b).map(|(a, b)| Call::Both(a, b)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn what_two_people_may_have_adds_up_to_one(one in 0..6_usize, other in 0..6_usize, x in any::<bool>(), model in 0..4_usize, theta in 0..2_u8) {
            prop_assume!(one != other);
            let (pedigree, plain) = (family(), marker(if x { Chromosome::X } else { Chromosome::Autosomal }));
            let marker = match models().get(model) {
                Some(m) => plain.clone().with_mutation(m, m).unwrap(),
                None => plain,
            };
            let mut all = 0.0;
            for a in genotypes(&pedigree, &marker, one) {
                for b in genotypes(&pedigree, &marker, other) {
                    let seen = [Observation::sure(one, a), Observation::sure(other, b)];
                    all += likelihood(&pedigree, &marker, &seen, f64::from(theta) * 0.03).unwrap();
                }
            }
            prop_assert!((all - 1.0).abs() < 1e-12, "{all}");
        }

        #[test]
        fn alleles_made_one_say_the_same_as_each_by_itself(a in 0..4_usize, b in 0..4_usize, c in 0..4_usize, model in 0..2_usize) {
            let (pedigree, plain) = (family(), marker(Chromosome::Autosomal));
            let lumps = &models()[model];
            let whole = plain.clone().with_mutation(lumps, lumps).unwrap();
            // The same figures as a matrix of one's own, of which nothing is known.
            let [matrix, _] = whole.mutation().unwrap();
            let rows = (0..4).map(|i| (0..4).map(|j| matrix.at(i, j)).collect()).collect();
            let own = Mutation { model: Model::Custom(rows), stationary: None };
            let own = plain.with_mutation(&own, &own).unwrap();
            let seen = [Observation::sure(2, Call::Both(a, b)), Observation::sure(5, Call::Both(c, a))];
            let [one, other] = [&whole, &own].map(|m| likelihood(&pedigree, m, &seen, 0.0).unwrap());
            prop_assert!((one / other - 1.0).abs() < 1e-12, "{one} {other}");
        }
    }

    #[test]
    fn what_may_be_read_of_somebody_adds_up_to_one_whatever_is_lost() {
        let (pedigree, marker) = (family(), marker(Chromosome::Autosomal));
        let read = |call, drop_in| Observation { individual: 2, call, drop_out: 0.2, drop_in };
        let calls = genotypes(&pedigree, &marker, 2);
        let likely = |drop_in: f64| calls.iter().map(|call| likelihood(&pedigree, &marker, &[read(*call, drop_in)], 0.0).unwrap()).sum::<f64>();
        // Without drop-in all that is missing is that nothing was read: both copies of two alleles, or of one, were lost.
        assert!((likely(0.0) - (1.0 - 0.2 * 0.2)).abs() < 1e-12, "{}", likely(0.0));
        let call = Call::Both(0, 0);
        let by_hand = 0.1 * 0.1 * (1.0 - 0.04) + 2.0 * 0.1 * 0.9 * 0.8 * 0.2;
        assert!((likelihood(&pedigree, &marker, &[read(call, 0.0)], 0.0).unwrap() - by_hand).abs() < 1e-15);
    }

    #[test]
    fn one_copy_of_a_mans_x_is_lost_as_one() {
        let x = marker(Chromosome::X);
        let read = Observation { individual: 2, call: Call::Both(0, 0), drop_out: 0.2, drop_in: 0.0 };
        assert!((likelihood(&family(), &x, &[read], 0.0).unwrap() - 0.1 * 0.8).abs() < 1e-15);
    }

    #[test]
    fn a_silent_allele_neither_mutates_nor_comes_up_by_mutation() {
        let step = &models()[2];
        let alleles = ["8", "silent", "9"].map(str::to_owned).to_vec();
        let plain = Marker::new("L", Chromosome::Autosomal, alleles, vec![0.4, 0.1, 0.5]).unwrap();
        assert!(plain.clone().with_mutation(step, step).is_err());
        let marker = plain.with_silent("silent").unwrap().with_mutation(step, step).unwrap();
        let [matrix, _] = marker.mutation().unwrap();
        assert!(matrix.at(1, 1) == 1.0 && matrix.at(0, 1) == 0.0 && matrix.at(0, 2) > 0.0);
    }

    #[test]
    fn markers_half_recombined_are_not_linked() {
        let (pedigree, marker) = (family(), marker(Chromosome::Autosomal));
        let seen = [[(2, 0, 1), (5, 0, 2)], [(2, 3, 3), (5, 1, 3)]].map(|all| all.map(|(who, a, b)| Observation::sure(who, Call::Both(a, b))));
        let linked = |rho| linked_likelihood(&pedigree, &[(&marker, &seen[0]), (&marker, &seen[1])], &[rho]).unwrap();
        let apart: f64 = seen.iter().map(|s| likelihood(&pedigree, &marker, s, 0.0).unwrap()).product();
        assert!((linked(0.5) / apart - 1.0).abs() < 1e-12 && (linked(0.05) / apart - 1.0).abs() > 1e-3);
    }

    #[test]
    fn what_cannot_be_observed_is_refused_by_name() {
        let (pedigree, x) = (family(), marker(Chromosome::X));
        let error = |marker: &Marker, seen: &[Observation], theta| likelihood(&pedigree, marker, seen, theta).unwrap_err();
        let two = Observation::sure(2, Call::Both(0, 1));
        assert!(matches!(error(&x, &[two], 0.0), LikelihoodError::TwoOfX { individual, .. } if individual == "son"));
        let of_a = marker(Chromosome::Autosomal);
        assert!(matches!(error(&of_a, &[two, two], 0.0), LikelihoodError::Twice { .. }));
        assert_eq!(error(&of_a, &[two], 1.0), LikelihoodError::Theta);
        assert!(matches!(error(&of_a, &[Observation { drop_out: 1.5, ..two }], 0.0), LikelihoodError::Chance { .. }));
        assert!(matches!(open_genotype(&pedigree, &of_a, &[two], 2), Err(LikelihoodError::Typed { .. })));
    }
}
