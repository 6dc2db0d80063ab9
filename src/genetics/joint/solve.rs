//! Identification step by step: what excludes is left out, what is beyond dispute is taken to be so and asked as a member of its family from then on, and
//! families are weighed one by one for the rest.
//!
//! The steps and thresholds are those of the reference program's documentation (dvir 3.3, `dviSolve`, `findExcluded`, `findUndisputed`).

use super::assignments::{Candidates, Factor, Limits, SAME, State};
use super::{Case, JointError, Model, Mutations, incompatible};

/// What counts as how sure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// log10 LR from which a match is one, and by which it has to be ahead of every other of its remains and missing person.
    pub sure: f64,
    /// log10 LR from which a match is probable.
    pub probable: f64,
    /// Markers that may be incompatible.
    pub incompatible: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { sure: 4.0, probable: 3.0, incompatible: 2 }
    }
}

/// What is concluded of remains or of somebody missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Sure, and ahead of every other by as much.
    Undisputed,
    /// Sure by the likeliest assignments within a family with several missing.
    Match,
    /// Probable by them.
    ProbableMatch,
    /// Remains are siblings whom nothing tells apart.
    Symmetric,
    /// Sure by itself, and so are others.
    Disputed,
    /// Probable.
    Probable,
    /// Neither that nor excluded.
    Inconclusive,
    /// Whoever it could be, it is likelier that it is not.
    NoMatch,
    /// Nobody is left who it could be.
    Excluded,
}

/// Why.
#[derive(Debug, Clone, PartialEq)]
pub enum Grounds {
    /// Nothing more to say.
    None,
    /// Beyond dispute in this step, the first being 1.
    Step(usize),
    /// The family's missing, weighed together.
    Joint(Vec<usize>),
    /// Full siblings, as many missing as remains.
    Siblings {
        /// Missing.
        missing: Vec<usize>,
        /// Remains.
        remains: Vec<usize>,
    },
    /// Which remains could as well be these missing, full siblings.
    AnyOf {
        /// The remains.
        remains: usize,
        /// Missing.
        missing: Vec<usize>,
    },
    /// The other remains or missing that are not far enough behind, with log10 LR.
    Also(Vec<(usize, f64)>),
    /// The one after the best, with log10 LR.
    RunnerUp(Option<(usize, f64)>),
    /// The best, which is not good enough.
    Best(usize),
    /// No pair is left.
    NoPairing,
}

/// What is concluded of somebody missing, or of remains.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Who it is about.
    pub of: usize,
    /// Who it is, or could be: of somebody missing remains, of remains missing persons. Several only where nothing tells them apart.
    pub is: Vec<usize>,
    /// log10 LR of the pair, or of the best.
    pub log10: Option<f64>,
    /// log10 of the largest LR of assignments within the family with it over the largest without.
    pub generalized: Option<f64>,
    /// What.
    pub conclusion: Conclusion,
    /// Why.
    pub grounds: Grounds,
}

/// Everything that was concluded.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// By missing person, those of a family together.
    pub missing: Vec<Finding>,
    /// By remains.
    pub remains: Vec<Finding>,
}

/// Somebody missing who is taken to be found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The remains.
    pub remains: usize,
    /// The missing person.
    pub missing: usize,
    /// log10 LR.
    pub log10: f64,
    /// In which step, the first being 1.
    pub step: usize,
}

/// A case on its way.
struct Work {
    case: Case,
    mutations: Mutations,
    pairs: Vec<Vec<bool>>,
    log10: Vec<Vec<Option<f64>>>,
    step: usize,
}

impl Work {
    fn new(case: &Case, mutations: Mutations, pairs: &[Vec<bool>]) -> Self {
        let log10 = pairs.iter().map(|row| vec![None; row.len()]).collect();
        Self { case: case.clone(), mutations, pairs: pairs.to_vec(), log10, step: 0 }
    }

    /// The pairs of families that changed; of all where none is named.
    fn asked(&self, families: Option<&[usize]>) -> Vec<Vec<bool>> {
        let of = |m: usize| families.is_none_or(|those| those.contains(&self.case.missing()[m].family));
        self.pairs.iter().map(|row| row.iter().enumerate().map(|(m, may)| *may && of(m)).collect()).collect()
    }

    /// Leaves out pairs that are incompatible.
    fn exclude(&mut self, families: Option<&[usize]>, most: u32) -> Result<(), JointError> {
        let counts = incompatible(&self.case, &self.asked(families))?;
        for (row, counts) in self.pairs.iter_mut().zip(counts) {
            row.iter_mut().zip(counts).for_each(|(may, count)| *may = *may && count.is_none_or(|count| count <= most));
        }
        Ok(())
    }

    /// Weighs pairs again.
    fn weigh(&mut self, families: Option<&[usize]>) -> Result<(), JointError> {
        let weighed = Model::new(&self.case, self.mutations)?.pairwise(&self.asked(families))?;
        for (row, weighed) in self.log10.iter_mut().zip(weighed) {
            row.iter_mut().zip(weighed).for_each(|(own, new)| *own = new.or(*own));
        }
        Ok(())
    }

    /// log10 LR of a pair that may be.
    fn at(&self, v: usize, m: usize) -> Option<f64> {
        self.log10[v][m].filter(|_| self.pairs[v][m])
    }

    /// Missing persons whom remains may be, the likeliest first; of those as likely the first.
    fn of_remains(&self, v: usize) -> Vec<(usize, f64)> {
        ranked((0..self.case.missing().len()).filter_map(|m| Some((m, self.at(v, m)?))))
    }

    /// Remains that a missing person may be, the likeliest first; of those as likely the first.
    fn of_missing(&self, m: usize) -> Vec<(usize, f64)> {
        ranked((0..self.case.remains().len()).filter_map(|v| Some((v, self.at(v, m)?))))
    }

    /// Pairs that are beyond dispute, at once.
    fn beyond_dispute(&self, sure: f64) -> Vec<(usize, usize, f64)> {
        let ahead = |lr: f64, others: &[(usize, f64)], own: usize| others.iter().all(|(n, other)| *n == own || lr - other >= sure);
        let pair = |v: usize, m: usize| {
            let lr = self.at(v, m).filter(|lr| *lr >= sure)?;
            (ahead(lr, &self.of_remains(v), m) && ahead(lr, &self.of_missing(m), v)).then_some((v, m, lr))
        };
        (0..self.case.remains().len()).flat_map(|v| (0..self.case.missing().len()).filter_map(move |m| pair(v, m))).collect()
    }

    fn close(&mut self, v: usize, m: usize) {
        self.pairs[v].iter_mut().for_each(|may| *may = false);
        self.pairs.iter_mut().for_each(|row| row[m] = false);
    }

    /// One step: those that are beyond dispute become members of their families.
    fn step(&mut self, sure: f64) -> Result<Vec<Found>, JointError> {
        self.step += 1;
        let pairs = self.beyond_dispute(sure);
        let families: Vec<usize> = pairs.iter().map(|(_, m, _)| self.case.missing()[*m].family).collect();
        for (v, m, _) in &pairs {
            self.case.identify(*v, *m);
            self.close(*v, *m);
        }
        if !pairs.is_empty() {
            self.weigh(Some(&families))?;
        }
        Ok(pairs.into_iter().map(|(remains, missing, log10)| Found { remains, missing, log10, step: self.step }).collect())
    }
}

fn ranked(of: impl Iterator<Item = (usize, f64)>) -> Vec<(usize, f64)> {
    let mut all: Vec<(usize, f64)> = of.collect();
    // Those as likely may differ by rounding: the first of them stays first.
    let place = |lr: f64| if lr.is_finite() { (lr / SAME).round() } else { lr };
    all.sort_by(|a, b| place(b.1).total_cmp(&place(a.1)).then(a.0.cmp(&b.0)));
    all
}

/// Pairs that are beyond dispute, of those asked for, step by step: what was found is read of a member of the family in the next step.
///
/// # Errors
/// What [`Model::new`] and [`Model::pairwise`] fail with.
pub fn undisputed(case: &Case, mutations: Mutations, pairs: &[Vec<bool>], sure: f64) -> Result<Vec<Found>, JointError> {
    let mut work = Work::new(case, mutations, pairs);
    work.weigh(None)?;
    let mut found = Vec::new();
    loop {
        let more = work.step(sure)?;
        if more.is_empty() {
            return Ok(found);
        }
        found.extend(more);
    }
}

/// Identifies step by step, by mutation as it is given.
///
/// # Errors
/// What [`Model::new`] and [`Model::pairwise`] fail with, and families with more ways to place remains than may be listed.
pub fn solve(case: &Case, pairs: &[Vec<bool>], thresholds: Thresholds, limits: Limits) -> Result<Solution, JointError> {
    let mut work = Work::new(case, Mutations::AsGiven, pairs);
    work.exclude(None, thresholds.incompatible)?;
    work.weigh(None)?;
    let mut found = Vec::new();
    loop {
        let more = work.step(thresholds.sure)?;
        if more.is_empty() {
            break;
        }
        let families: Vec<usize> = more.iter().map(|f| case.missing()[f.missing].family).collect();
        work.exclude(Some(&families), thresholds.incompatible)?;
        found.extend(more);
    }
    let mut solver = Solver { work, thresholds, limits, missing: vec![None; case.missing().len()], remains: vec![None; case.remains().len()] };
    found.iter().for_each(|f| solver.undisputed(f));
    for family in 0..case.families().len() {
        solver.family(family)?;
    }
    (0..case.remains().len()).for_each(|v| solver.rest(v));
    let in_turn = (0..case.families().len()).flat_map(|family| case.missing_of(family));
    Ok(Solution {
        missing: in_turn.filter_map(|m| solver.missing[m].clone()).collect(),
        remains: solver.remains.into_iter().flatten().collect(),
    })
}

struct Solver {
    work: Work,
    thresholds: Thresholds,
    limits: Limits,
    missing: Vec<Option<Finding>>,
    remains: Vec<Option<Finding>>,
}

impl Solver {
    fn undisputed(&mut self, found: &Found) {
        let of = |of: usize, is: usize| Finding {
            of,
            is: vec![is],
            log10: Some(found.log10),
            generalized: None,
            conclusion: Conclusion::Undisputed,
            grounds: Grounds::Step(found.step),
        };
        self.missing[found.missing] = Some(of(found.missing, found.remains));
        self.remains[found.remains] = Some(of(found.remains, found.missing));
    }

    /// Those of a family who are missing still.
    fn family(&mut self, family: usize) -> Result<(), JointError> {
        let left: Vec<usize> = self.work.case.missing_of(family).filter(|m| self.missing[*m].is_none()).collect();
        let (some, none): (Vec<usize>, Vec<usize>) = left.into_iter().partition(|m| !self.work.of_missing(*m).is_empty());
        for m in none {
            self.missing[m] = Some(excluded(m));
        }
        match some.as_slice() {
            [] => {}
            [one] => self.missing[*one] = Some(self.alone(*one)),
            several => self.together(family, several)?,
        }
        Ok(())
    }

    /// The one who is missing of a family.
    fn alone(&self, m: usize) -> Finding {
        let ranked = self.work.of_missing(m);
        let Some(&(best, lr)) = ranked.first() else { return excluded(m) };
        let close: Vec<(usize, f64)> = ranked[1..].iter().copied().filter(|(_, other)| lr - other < self.thresholds.sure).collect();
        let (conclusion, grounds) = if lr >= self.thresholds.sure {
            (Conclusion::Disputed, Grounds::Also(close))
        } else if lr >= self.thresholds.probable {
            (Conclusion::Probable, Grounds::RunnerUp(ranked.get(1).copied().filter(|(_, other)| other.is_finite())))
        } else if lr < -SAME {
            (Conclusion::NoMatch, Grounds::None)
        } else {
            (Conclusion::Inconclusive, Grounds::Best(best))
        };
        let is = if conclusion == Conclusion::NoMatch { Vec::new() } else { vec![best] };
        Finding { of: m, is, log10: Some(lr), generalized: None, conclusion, grounds }
    }

    /// Several who are missing of one family, weighed together.
    fn together(&mut self, family: usize, several: &[usize]) -> Result<(), JointError> {
        let model = Model::new(&self.work.case, self.work.mutations)?;
        let candidates = Candidates { pairs: self.possible(), fixed: Vec::new() };
        let states = Factor::new(&model, family, &candidates, self.limits)?.states;
        let mut identified: Vec<(usize, usize)> = Vec::new();
        let mut done: Vec<usize> = Vec::new();
        for group in self.alike(several) {
            let Some((remains, generalized)) = of_group(&states, &group).filter(|(_, g)| *g >= self.thresholds.sure) else { continue };
            self.symmetric(&group, &remains, generalized);
            identified.extend(remains.iter().flat_map(|v| group.iter().map(|m| (*v, *m))));
            done.extend(group);
        }
        for m in several.iter().copied().filter(|m| !done.contains(m)) {
            identified.extend(self.by_generalized(m, several, &states));
        }
        for (v, m) in identified {
            self.work.close(v, m);
        }
        Ok(())
    }

    /// Pairs with an LR above 0.
    fn possible(&self) -> Vec<Vec<bool>> {
        let may = |v: usize, m: usize| self.work.at(v, m).is_some_and(|lr| lr > f64::NEG_INFINITY);
        (0..self.remains.len()).map(|v| (0..self.missing.len()).map(|m| may(v, m)).collect()).collect()
    }

    /// What the likeliest assignments say of one missing of several; the pair that is settled by it.
    fn by_generalized(&mut self, m: usize, several: &[usize], states: &[State]) -> Option<(usize, usize)> {
        let ratios = (0..self.remains.len()).map(|v| (v, generalized(states, |state| state.placed.contains(&(m, v)))));
        let &(best, ratio) = ranked(ratios.filter(|(_, g)| *g > f64::NEG_INFINITY)).first()?;
        let conclusion = if ratio >= self.thresholds.sure {
            Conclusion::Match
        } else if ratio >= self.thresholds.probable {
            Conclusion::ProbableMatch
        } else {
            let log10 = self.work.of_missing(m).first().map(|(_, lr)| *lr);
            let open =
                Finding { of: m, is: Vec::new(), log10, generalized: Some(ratio), conclusion: Conclusion::Inconclusive, grounds: Grounds::None };
            self.missing[m] = Some(open);
            return None;
        };
        let finding = |of: usize, is: usize| Finding {
            of,
            is: vec![is],
            log10: self.work.at(best, m),
            generalized: Some(ratio),
            conclusion,
            grounds: Grounds::Joint(several.to_vec()),
        };
        let (of_missing, of_remains) = (finding(m, best), finding(best, m));
        self.missing[m] = Some(of_missing);
        self.remains[best] = Some(of_remains);
        (conclusion == Conclusion::Match).then_some((best, m))
    }

    /// Groups of full siblings of one sex among those missing whom nothing tells apart: who have no descendants.
    fn alike(&self, several: &[usize]) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for m in several.iter().copied() {
            let like = |other: &usize| self.are_alike(m, *other);
            match groups.iter_mut().find(|group| group.iter().all(like)) {
                Some(group) => group.push(m),
                None => groups.push(vec![m]),
            }
        }
        groups.retain(|group| group.len() > 1);
        groups
    }

    fn are_alike(&self, one: usize, other: usize) -> bool {
        let case = &self.work.case;
        let of = |m: usize| {
            let missing = &case.missing()[m];
            (missing.individual, &case.families()[missing.family].pedigree)
        };
        let ((a, pedigree), (b, _)) = (of(one), of(other));
        let people = pedigree.individuals();
        let childless = |at: usize| people.iter().all(|i| i.parents.is_none_or(|parents| !parents.contains(&at)));
        people[a].parents.is_some() && people[a].parents == people[b].parents && people[a].sex == people[b].sex && childless(a) && childless(b)
    }

    fn symmetric(&mut self, group: &[usize], remains: &[usize], ratio: f64) {
        let finding = |of: usize, is: &[usize], log10: Option<f64>, grounds: Grounds| Finding {
            of,
            is: is.to_vec(),
            log10,
            generalized: Some(ratio),
            conclusion: Conclusion::Symmetric,
            grounds,
        };
        let grounds = || match remains {
            [one] => Grounds::AnyOf { remains: *one, missing: group.to_vec() },
            several => Grounds::Siblings { missing: group.to_vec(), remains: several.to_vec() },
        };
        let of_missing = group.iter().map(|m| {
            let log10 = if let [one] = remains { self.work.at(*one, *m) } else { None };
            (*m, finding(*m, remains, log10, grounds()))
        });
        let of_missing: Vec<_> = of_missing.collect();
        for v in remains {
            let log10 = self.work.of_remains(*v).first().map(|(_, lr)| *lr);
            self.remains[*v] = Some(finding(*v, group, log10, grounds()));
        }
        of_missing.into_iter().for_each(|(m, finding)| self.missing[m] = Some(finding));
    }

    /// Remains that nothing was concluded of with a family.
    fn rest(&mut self, v: usize) {
        if self.remains[v].is_some() {
            return;
        }
        let ranked = self.work.of_remains(v);
        let Some(&(best, lr)) = ranked.first() else {
            self.remains[v] = Some(excluded(v));
            return;
        };
        let runner_up = ranked.get(1).copied().filter(|(_, other)| other.is_finite());
        let (is, conclusion, grounds) = if lr >= self.thresholds.probable {
            (vec![best], Conclusion::Probable, Grounds::RunnerUp(runner_up))
        } else if lr < -SAME {
            (Vec::new(), Conclusion::NoMatch, Grounds::None)
        } else {
            (Vec::new(), Conclusion::Inconclusive, Grounds::Best(best))
        };
        self.remains[v] = Some(Finding { of: v, is, log10: Some(lr), generalized: None, conclusion, grounds });
    }
}

fn excluded(of: usize) -> Finding {
    Finding { of, is: Vec::new(), log10: None, generalized: None, conclusion: Conclusion::Excluded, grounds: Grounds::NoPairing }
}

/// log10 of the largest LR of those that are so over the largest of the others.
fn generalized(states: &[State], so: impl Fn(&State) -> bool) -> f64 {
    let largest = |wanted: bool| states.iter().filter(|s| so(s) == wanted).map(|s| s.log10).fold(f64::NEG_INFINITY, f64::max);
    let with = largest(true);
    if with == f64::NEG_INFINITY { with } else { with - largest(false) }
}

/// The remains that siblings whom nothing tells apart are in the likeliest assignment, in whichever order, and how that compares to all others.
fn of_group(states: &[State], group: &[usize]) -> Option<(Vec<usize>, f64)> {
    let placed = |state: &State| {
        let mut those: Vec<usize> = state.placed.iter().filter(|(m, _)| group.contains(m)).map(|(_, v)| *v).collect();
        those.sort_unstable();
        those
    };
    let best = states.iter().max_by(|a, b| a.log10.total_cmp(&b.log10))?;
    let remains = placed(best);
    let ratio = generalized(states, |state| placed(state) == remains);
    (!remains.is_empty()).then_some((remains, ratio))
}
