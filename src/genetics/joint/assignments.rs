//! All assignments of remains to missing persons: sums over them, the likeliest, and the table of all.
//!
//! Sums go from family to family. What one family has to know of those before it is which remains they took that it or a later one might take, so that the
//! cost grows with how many remains families have in common, not with how many assignments there are: families that share no remains multiply.
//! The order of families is by groups that share remains, within a group so that few remains are open at once.

use std::collections::{BTreeMap, BTreeSet};

use super::{JointError, Model};

/// log10 LRs closer than this are one: they differ by rounding.
pub const SAME: f64 = 1e-9;

/// How much may be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Assignments listed, of all or within one family.
    pub assignments: usize,
    /// Ways in which remains are left to further families, that sums tell apart.
    pub width: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { assignments: 100_000, width: 200_000 }
    }
}

/// Which pairs may be, and which are taken to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidates {
    /// By remains and missing person.
    pub pairs: Vec<Vec<bool>>,
    /// Remains and missing persons that belong together in every assignment.
    pub fixed: Vec<(usize, usize)>,
}

impl Candidates {
    /// Pairs that have an LR above 0. An assignment with any other has the LR 0 too.
    #[must_use]
    pub fn possible(log10: &[Vec<Option<f64>>]) -> Self {
        let row = |row: &Vec<Option<f64>>| row.iter().map(|lr| lr.is_some_and(|lr| lr > f64::NEG_INFINITY)).collect();
        Self { pairs: log10.iter().map(row).collect(), fixed: Vec::new() }
    }

    /// The same with remains that are a missing person in every assignment.
    #[must_use]
    pub fn with(mut self, remains: usize, missing: usize) -> Self {
        self.pairs[remains].iter_mut().for_each(|may| *may = false);
        self.pairs.iter_mut().for_each(|row| row[missing] = false);
        self.pairs[remains][missing] = true;
        self.fixed.push((remains, missing));
        self
    }

    /// Who a missing person may be; nobody last.
    fn of(&self, missing: usize) -> Vec<Option<usize>> {
        if let Some((remains, _)) = self.fixed.iter().find(|(_, m)| *m == missing) {
            return vec![Some(*remains)];
        }
        let those = (0..self.pairs.len()).filter(|v| self.pairs[*v][missing]);
        those.map(Some).chain([None]).collect()
    }
}

/// Remains at places of one family.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Missing persons and remains.
    pub placed: Vec<(usize, usize)>,
    /// log10 LR.
    pub log10: f64,
}

impl State {
    fn used(&self) -> impl Iterator<Item = usize> {
        self.placed.iter().map(|(_, v)| *v)
    }
}

/// Everything that can be of one family.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// The number of the family.
    pub family: usize,
    /// Each way to place remains.
    pub states: Vec<State>,
}

impl Factor {
    /// All ways to place remains into a family, and what each weighs. Cost: a likelihood a marker for each.
    ///
    /// # Errors
    /// More ways than may be listed, and what cannot be observed.
    pub fn new(model: &Model<'_>, family: usize, candidates: &Candidates, limits: Limits) -> Result<Self, JointError> {
        let places: Vec<(usize, Vec<Option<usize>>)> = model.case().missing_of(family).map(|m| (m, candidates.of(m))).collect();
        let mut ways: Vec<Vec<(usize, usize)>> = vec![Vec::new()];
        for (m, who) in &places {
            let with = |way: &Vec<(usize, usize)>, who: Option<usize>| match who {
                Some(v) if way.iter().any(|(_, other)| *other == v) => None,
                Some(v) => Some([&way[..], &[(*m, v)]].concat()),
                None => Some(way.clone()),
            };
            ways = ways.iter().flat_map(|way| who.iter().filter_map(|who| with(way, *who))).collect();
            if ways.len() > limits.assignments {
                let count = count_ways(&places, candidates.pairs.len(), limits);
                let of = model.case().families()[family].name.clone();
                return Err(JointError::TooMany { of, count: count.unwrap_or(ways.len() as u128), cap: limits.assignments });
            }
        }
        let weighed = |placed: Vec<(usize, usize)>| Ok(State { log10: model.log10_ratio(family, &placed)?, placed });
        Ok(Self { family, states: ways.into_iter().map(weighed).collect::<Result<_, JointError>>()? })
    }

    fn of_place(missing: usize, who: &[Option<usize>]) -> Self {
        let state = |who: &Option<usize>| State { placed: who.iter().map(|v| (missing, *v)).collect(), log10: 0.0 };
        Self { family: missing, states: who.iter().map(state).collect() }
    }

    fn concerned(&self) -> BTreeSet<usize> {
        self.states.iter().flat_map(State::used).collect()
    }
}

/// How many ways there are to fill places; `None` where they are too many to be counted.
fn count_ways(places: &[(usize, Vec<Option<usize>>)], remains: usize, limits: Limits) -> Option<u128> {
    let places: Vec<Factor> = places.iter().map(|(m, who)| Factor::of_place(*m, who)).collect();
    Some(Chain::new(&places, remains, limits.width).ok()?.total().count)
}

/// Some assignments together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tally {
    /// log10 of the sum of LR times prior.
    pub sum: f64,
    /// log10 of the largest LR.
    pub largest: f64,
    /// How many have it.
    pub ties: u128,
    /// log10 of the smallest LR.
    pub smallest: f64,
    /// How many there are.
    pub count: u128,
}

impl Tally {
    const ONE: Self = Self { sum: 0.0, largest: 0.0, ties: 1, smallest: 0.0, count: 1 };

    fn of(state: &State, prior: f64) -> Self {
        let placed = u32::try_from(state.placed.len()).map_or(f64::INFINITY, f64::from);
        // Where nobody is placed a prior of minus infinity does not count either.
        let prior = if placed > 0.0 { prior * placed } else { 0.0 };
        Self { sum: state.log10 + prior, largest: state.log10, smallest: state.log10, ..Self::ONE }
    }

    fn times(self, other: Self) -> Self {
        Self {
            sum: self.sum + other.sum,
            largest: self.largest + other.largest,
            ties: self.ties.saturating_mul(other.ties),
            smallest: self.smallest + other.smallest,
            count: self.count.saturating_mul(other.count),
        }
    }

    fn plus(self, other: Self) -> Self {
        let (high, low) = if self.largest >= other.largest { (self, other) } else { (other, self) };
        let tied = high.largest == low.largest || high.largest - low.largest < SAME;
        Self {
            sum: log10_sum(self.sum, other.sum),
            largest: high.largest,
            ties: high.ties.saturating_add(if tied { low.ties } else { 0 }),
            smallest: self.smallest.min(other.smallest),
            count: self.count.saturating_add(other.count),
        }
    }
}

fn add(to: &mut Option<Tally>, more: Tally) {
    *to = Some(to.map_or(more, |all| all.plus(more)));
}

fn log10_sum(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + 10f64.powf(low - high).ln_1p() / std::f64::consts::LN_10 }
}

/// Remains taken that families still to come might take, in order.
type Taken = Vec<usize>;

/// Sums from family to family, from both ends.
struct Chain<'a> {
    factors: &'a [Factor],
    /// Families in turn.
    order: Vec<usize>,
    /// By remains, the turn of the last family that might take it.
    last: Vec<Option<usize>>,
    prior: f64,
    before: Vec<BTreeMap<Taken, Tally>>,
    after: Vec<BTreeMap<Taken, Tally>>,
}

impl<'a> Chain<'a> {
    fn new(factors: &'a [Factor], remains: usize, width: usize) -> Result<Self, usize> {
        Self::with_prior(factors, remains, width, 0.0)
    }

    /// The number of the family at which there are too many ways, if there are.
    fn with_prior(factors: &'a [Factor], remains: usize, width: usize, prior: f64) -> Result<Self, usize> {
        let order = in_turn(factors);
        let mut last = vec![None; remains];
        for (turn, n) in order.iter().enumerate() {
            factors[*n].concerned().into_iter().for_each(|v| last[v] = Some(turn));
        }
        let mut made = Self { factors, order, last, prior, before: Vec::new(), after: Vec::new() };
        made.forward(width)?;
        made.backward();
        Ok(made)
    }

    fn forward(&mut self, width: usize) -> Result<(), usize> {
        let mut now: BTreeMap<Taken, Tally> = BTreeMap::from([(Taken::new(), Tally::ONE)]);
        for (turn, n) in self.order.iter().enumerate() {
            let mut next: BTreeMap<Taken, Tally> = BTreeMap::new();
            for (taken, tally) in &now {
                for state in &self.factors[*n].states {
                    let Some(left) = self.left(turn, taken, state) else { continue };
                    let more = tally.times(Tally::of(state, self.prior));
                    next.entry(left).and_modify(|all| *all = all.plus(more)).or_insert(more);
                    if next.len() > width {
                        return Err(self.factors[*n].family);
                    }
                }
            }
            self.before.push(std::mem::replace(&mut now, next));
        }
        self.before.push(now);
        Ok(())
    }

    fn backward(&mut self) {
        let mut after = vec![BTreeMap::from([(Taken::new(), Tally::ONE)])];
        for (turn, n) in self.order.iter().enumerate().rev() {
            let mut here = BTreeMap::new();
            for taken in self.before[turn].keys() {
                let mut all = None;
                for state in &self.factors[*n].states {
                    let Some(rest) = self.left(turn, taken, state).and_then(|left| after[after.len() - 1].get(&left).copied()) else { continue };
                    add(&mut all, Tally::of(state, self.prior).times(rest));
                }
                here.extend(all.map(|all| (taken.clone(), all)));
            }
            after.push(here);
        }
        after.reverse();
        self.after = after;
    }

    /// What is taken of those still to come once a family is as a state says; nothing where it takes what is taken.
    fn left(&self, turn: usize, taken: &Taken, state: &State) -> Option<Taken> {
        if state.used().any(|v| taken.contains(&v)) {
            return None;
        }
        let mut left: Taken = taken.iter().copied().chain(state.used()).filter(|v| self.last[*v].is_some_and(|last| last > turn)).collect();
        left.sort_unstable();
        Some(left)
    }

    /// All assignments.
    fn total(&self) -> Tally {
        self.after.first().and_then(|all| all.get(&Taken::new())).copied().unwrap_or(Tally { sum: f64::NEG_INFINITY, count: 0, ..Tally::ONE })
    }

    /// Tells each state of each family, with what was taken before it, and all assignments that have both.
    fn each(&self, mut tell: impl FnMut(usize, &Taken, &State, Tally)) {
        for (turn, n) in self.order.iter().enumerate() {
            for (taken, before) in &self.before[turn] {
                for state in &self.factors[*n].states {
                    let Some(rest) = self.left(turn, taken, state).and_then(|left| self.after[turn + 1].get(&left)) else { continue };
                    tell(turn, taken, state, before.times(Tally::of(state, self.prior)).times(*rest));
                }
            }
        }
    }

    /// One of the likeliest assignments, by families in turn the first that is as likely as any.
    fn best(&self, missing: usize) -> Vec<Option<usize>> {
        let mut who = vec![None; missing];
        let mut taken = Taken::new();
        for (turn, n) in self.order.iter().enumerate() {
            let through = |state: &State| {
                let left = self.left(turn, &taken, state)?;
                Some((state.log10 + self.after[turn + 1].get(&left)?.largest, left))
            };
            let mut chosen: Option<(f64, Taken, &State)> = None;
            for state in &self.factors[*n].states {
                let Some((largest, left)) = through(state) else { continue };
                if chosen.as_ref().is_none_or(|(before, ..)| largest > *before + SAME) {
                    chosen = Some((largest, left, state));
                }
            }
            let Some((_, left, state)) = chosen else { return who };
            state.placed.iter().for_each(|(m, v)| who[*m] = Some(*v));
            taken = left;
        }
        who
    }
}

/// Families in turn: those that share remains, also by way of others, together; the next is the one after which the fewest remains are open.
fn in_turn(factors: &[Factor]) -> Vec<usize> {
    let concerned: Vec<BTreeSet<usize>> = factors.iter().map(Factor::concerned).collect();
    let (mut order, mut open): (Vec<usize>, BTreeSet<usize>) = (Vec::new(), BTreeSet::new());
    let mut waiting: Vec<usize> = (0..factors.len()).collect();
    while !waiting.is_empty() {
        let after = |n: usize| -> BTreeSet<usize> {
            let still = |v: &usize| waiting.iter().any(|other| *other != n && concerned[*other].contains(v));
            open.union(&concerned[n]).copied().filter(still).collect()
        };
        let near = |n: &usize| open.is_empty() || !concerned[*n].is_disjoint(&open);
        let Some(next) = waiting.iter().copied().filter(near).min_by_key(|n| (after(*n).len(), *n)) else { break };
        open = after(next);
        waiting.retain(|n| *n != next);
        order.push(next);
    }
    order
}

/// What all assignments together say of each pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Sums {
    /// All assignments.
    pub all: Tally,
    /// By remains and missing person, those that have the pair; nothing where none has.
    pub pairs: Vec<Vec<Option<Tally>>>,
    /// By remains, those in which it is nobody missing.
    pub nobody: Vec<Option<Tally>>,
    /// By missing person, who it is in one of the likeliest assignments.
    pub best: Vec<Option<usize>>,
}

/// How the likeliest assignments with a pair compare to those without.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Generalized {
    /// log10 of the largest LR with the pair over the largest without; endless where there are none without, minus infinity where there are none with.
    pub log10: f64,
    /// log10 of the smallest with the pair over the largest without.
    pub smallest: f64,
}

/// Families with all that can be of each.
///
/// # Errors
/// More ways within one family than may be listed, and what cannot be observed.
pub fn factors(model: &Model<'_>, candidates: &Candidates, limits: Limits) -> Result<Vec<Factor>, JointError> {
    (0..model.case().families().len()).map(|family| Factor::new(model, family, candidates, limits)).collect()
}

/// Sums over all assignments; `prior` is log10 of how many times likelier, before anything is typed, an assignment is with one more identified (0: all
/// are as likely). Exact: nothing is listed, and families that share no remains do not add to each other's cost.
///
/// # Errors
/// Remains left to further families in too many ways.
pub fn sums(model: &Model<'_>, factors: &[Factor], prior: f64, limits: Limits) -> Result<Sums, JointError> {
    let case = model.case();
    let (remains, missing) = (case.remains().len(), case.missing().len());
    let wide = |family: usize| JointError::TooWide { family: case.families()[family].name.clone(), cap: limits.width };
    let chain = Chain::with_prior(factors, remains, limits.width, prior).map_err(wide)?;
    let mut pairs = vec![vec![None; missing]; remains];
    let mut nobody = vec![None; remains];
    let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); factors.len()];
    for (v, last) in chain.last.iter().enumerate() {
        match last {
            Some(turn) => leaving[*turn].push(v),
            None => nobody[v] = Some(chain.total()),
        }
    }
    chain.each(|turn, taken, state, tally| {
        state.placed.iter().for_each(|(m, v)| add(&mut pairs[*v][*m], tally));
        for v in &leaving[turn] {
            if !taken.contains(v) && state.used().all(|used| used != *v) {
                add(&mut nobody[*v], tally);
            }
        }
    });
    Ok(Sums { all: chain.total(), pairs, nobody, best: chain.best(missing) })
}

impl Sums {
    fn of(&self, remains: usize, missing: Option<usize>) -> Option<Tally> {
        missing.map_or(self.nobody[remains], |m| self.pairs[remains][m])
    }

    /// How likely remains are a missing person, or nobody of them.
    #[must_use]
    pub fn posterior(&self, remains: usize, missing: Option<usize>) -> f64 {
        self.of(remains, missing).map_or(0.0, |with| 10f64.powf(with.sum - self.all.sum))
    }

    /// How remains being a missing person, or nobody, compare to their being anything else.
    #[must_use]
    pub fn generalized(&self, remains: usize, missing: Option<usize>) -> Generalized {
        let Some(with) = self.of(remains, missing) else {
            return Generalized { log10: f64::NEG_INFINITY, smallest: f64::NEG_INFINITY };
        };
        let others = (0..self.pairs[remains].len()).map(Some).chain([None]).filter(|other| *other != missing);
        let without = others.filter_map(|other| Some(self.of(remains, other)?.largest)).fold(f64::NEG_INFINITY, f64::max);
        let over = |x: f64| if x == f64::NEG_INFINITY { x } else { x - without };
        Generalized { log10: over(with.largest), smallest: over(with.smallest) }
    }
}

/// One assignment.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// By remains, who it is.
    pub who: Vec<Option<usize>>,
    /// log10 LR against nobody being anybody.
    pub log10: f64,
    /// log10 LR of the identified by their own profiles only, those of families left out.
    pub among: f64,
    /// log10 LR times prior.
    pub weighted: f64,
}

/// All assignments, the likeliest first; of those as likely the first by remains and missing persons in their order, nobody last.
///
/// # Errors
/// More than may be listed, and what cannot be observed.
pub fn table(model: &Model<'_>, factors: &[Factor], sums: &Sums, prior: f64, limits: Limits) -> Result<Vec<Row>, JointError> {
    if sums.all.count > limits.assignments as u128 {
        return Err(JointError::TooMany { of: "all families".into(), count: sums.all.count, cap: limits.assignments });
    }
    let nobody = Row { who: vec![None; model.case().remains().len()], log10: 0.0, among: 0.0, weighted: 0.0 };
    let mut rows = vec![nobody];
    for factor in factors {
        let among = |state: &State| model.log10_among(factor.family, &state.placed);
        let states = factor.states.iter().map(|state| Ok((state, among(state)?))).collect::<Result<Vec<_>, JointError>>()?;
        rows = rows.iter().flat_map(|row| states.iter().filter_map(|(state, among)| row.with(state, *among, prior))).collect();
    }
    sort(&mut rows);
    Ok(rows)
}

impl Row {
    fn with(&self, state: &State, among: f64, prior: f64) -> Option<Self> {
        if state.used().any(|v| self.who[v].is_some()) {
            return None;
        }
        let mut who = self.who.clone();
        state.placed.iter().for_each(|(m, v)| who[*v] = Some(*m));
        let weighted = self.weighted + Tally::of(state, prior).sum;
        Some(Self { who, log10: self.log10 + state.log10, among: self.among + among, weighted })
    }

    /// Its place among rows as likely.
    fn place(&self) -> Vec<usize> {
        self.who.iter().map(|m| m.unwrap_or(usize::MAX)).collect()
    }
}

fn sort(rows: &mut [Row]) {
    rows.sort_by(|a, b| b.log10.total_cmp(&a.log10));
    let mut from = 0;
    for to in 1..=rows.len() {
        let differs = |a: f64, b: f64| a != b && a - b > SAME;
        if to == rows.len() || differs(rows[to - 1].log10, rows[to].log10) {
            rows[from..to].sort_by_cached_key(Row::place);
            from = to;
        }
    }
}
