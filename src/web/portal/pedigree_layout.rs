//! Places of people in a drawn pedigree: who stands in which generation, who beside whom, and from where lines of descent fall to whom.
//!
//! Partners stand in one generation and side by side, children below both. Where that cannot be (somebody and a descendant of theirs, for one), the line of the
//! upper partner bends down to the lower one's row. A line that passes a generation has a place of its own there, so that no line ever runs through a symbol.

use std::collections::BTreeMap;

/// Room of a person, with the words below, and of a line that passes, in units of the drawing.
pub(super) const SLOT: f64 = 112.0;
const BEND: f64 = 24.0;
/// What a crossing of two lines of descent costs, as so much more length of line.
const CROSSING: f64 = 80.0;
/// Up to so many places a better order is looked for until there is none, and up to so many in one round.
const FEW: usize = 70;
const MANY: usize = 140;

/// Somebody's kin, by numbers of the list they stand in.
#[derive(Debug, Clone, Default)]
pub(super) struct Kin {
    pub female: bool,
    pub father: Option<usize>,
    pub mother: Option<usize>,
    pub adoptive: Vec<usize>,
}

/// Two who have a child together, or brought one up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Couple {
    a: usize,
    b: usize,
    /// Whether they stand in one generation.
    level: bool,
}

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Descent by birth, or a couple.
    Plain,
    /// A couple with a common ancestor.
    Double,
    /// Brought up by.
    Adoptive,
}

/// Where a line of descent begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Between two places of one row.
    Couple(usize, usize),
    /// Beside one place.
    Single(usize),
    /// At the place of a line that passes.
    Bend(usize),
}

/// A line from one row to the next.
#[derive(Debug, Clone)]
pub(super) struct Fall {
    pub source: Source,
    pub targets: Vec<usize>,
    pub kind: Kind,
}

/// Two places of one row that are joined.
#[derive(Debug, Clone, Copy)]
pub(super) struct Union {
    pub a: usize,
    pub b: usize,
    pub kind: Kind,
}

/// A laid out pedigree. Places `0..people` are the people, the others bends of lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    pub people: usize,
    /// The row of every place.
    pub level: Vec<usize>,
    /// The middle of every place.
    pub x: Vec<f64>,
    /// Rows from top to bottom, of groups that stand together, from left to right.
    pub rows: Vec<Vec<Vec<usize>>>,
    pub falls: Vec<Fall>,
    pub unions: Vec<Union>,
    incoming: Vec<Vec<usize>>,
    outgoing: Vec<Vec<usize>>,
}

/// Generations that are still being found: people who have to stand in one are one class, and parents' classes stand above children's.
struct Generations {
    class: Vec<usize>,
    above: Vec<(usize, usize)>,
}

impl Generations {
    /// The row of every class by the longest way down to it; nothing where somebody would stand above themselves. Cost: people and parents.
    fn rows(&self) -> Option<Vec<usize>> {
        let n = self.class.len();
        let mut below = vec![Vec::new(); n];
        let mut waits = vec![0usize; n];
        for (p, c) in &self.above {
            let (p, c) = (self.class[*p], self.class[*c]);
            below[p].push(c);
            waits[c] += 1;
        }
        let mut row = vec![0usize; n];
        let mut ready: Vec<usize> = (0..n).filter(|c| waits[*c] == 0).collect();
        let mut done = 0;
        while let Some(p) = ready.pop() {
            done += 1;
            for c in &below[p] {
                row[*c] = row[*c].max(row[p] + 1);
                waits[*c] -= 1;
                if waits[*c] == 0 {
                    ready.push(*c);
                }
            }
        }
        (done == n).then_some(row)
    }

    /// Puts somebody above somebody unless it cannot be; whether it was done.
    fn put_above(&mut self, parent: usize, child: usize) -> bool {
        self.above.push((parent, child));
        let can = self.rows().is_some();
        if !can {
            self.above.pop();
        }
        can
    }

    /// Puts two in one generation unless it cannot be; whether they are.
    fn join(&mut self, a: usize, b: usize) -> bool {
        let (keep, lose) = (self.class[a], self.class[b]);
        let before = self.class.clone();
        self.class.iter_mut().filter(|c| **c == lose).for_each(|c| *c = keep);
        let can = self.rows().is_some();
        if !can {
            self.class = before;
        }
        can
    }

    /// The row of everybody. Whoever has no parents stands just above their children, not at the top.
    fn of_everybody(&self) -> Vec<usize> {
        let mut row = self.rows().unwrap_or_else(|| vec![0; self.class.len()]);
        let mut lowest: BTreeMap<usize, usize> = BTreeMap::new();
        for (p, c) in &self.above {
            let at = lowest.entry(self.class[*p]).or_insert(usize::MAX);
            *at = (*at).min(row[self.class[*c]] - 1);
        }
        for (class, at) in lowest {
            if self.above.iter().all(|(_, c)| self.class[*c] != class) {
                row[class] = at;
            }
        }
        self.class.iter().map(|c| row[*c]).collect()
    }
}

/// Who is an ancestor of whom, oneself included: `of[person][ancestor]`.
fn ancestors(kin: &[Kin]) -> Vec<Vec<bool>> {
    (0..kin.len())
        .map(|who| {
            let mut of = vec![false; kin.len()];
            let mut open = vec![who];
            while let Some(at) = open.pop() {
                if !std::mem::replace(&mut of[at], true) {
                    open.extend([kin[at].father, kin[at].mother].into_iter().flatten());
                }
            }
            of
        })
        .collect()
}

/// Couples in the order of their first children, and who was brought up by whom.
fn couples(kin: &[Kin], generations: &mut Generations) -> (Vec<Couple>, Vec<(usize, Vec<usize>)>) {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (child, of) in kin.iter().enumerate() {
        for parent in [of.father, of.mother].into_iter().flatten() {
            generations.put_above(parent, child);
        }
        if let (Some(a), Some(b)) = (of.father, of.mother)
            && !pairs.contains(&(a, b))
        {
            pairs.push((a, b));
        }
    }
    let mut adopted = Vec::new();
    for (child, of) in kin.iter().enumerate() {
        let by: Vec<usize> = of.adoptive.iter().copied().filter(|p| *p != child && generations.put_above(*p, child)).take(2).collect();
        if let [a, b] = by[..]
            && !pairs.contains(&(a, b))
            && !pairs.contains(&(b, a))
        {
            pairs.push((a, b));
        }
        if !by.is_empty() {
            adopted.push((child, by));
        }
    }
    let made = pairs.into_iter().map(|(a, b)| Couple { a, b, level: generations.join(a, b) });
    (made.collect(), adopted)
}

impl Layout {
    /// Lays people out. Cost: some milliseconds for a family of twenty, some tenths of a second at most for larger ones.
    pub fn new(kin: &[Kin]) -> Self {
        let mut generations = Generations { class: (0..kin.len()).collect(), above: Vec::new() };
        let (couples, adopted) = couples(kin, &mut generations);
        let mut layout = Self { people: kin.len(), level: generations.of_everybody(), ..Self::default() };
        let joined = layout.join(kin, &couples);
        layout.descend(kin, &couples, &joined, &adopted);
        layout.index();
        layout.rows = layout.first_order(kin);
        layout.improve();
        layout.x = layout.settle(&layout.rows, 40);
        layout
    }

    fn bend(&mut self, level: usize) -> usize {
        self.level.push(level);
        self.level.len() - 1
    }

    /// Couples as unions of places in one row: where they stand in two, the upper one's line comes down beside the lower one.
    fn join(&mut self, kin: &[Kin], couples: &[Couple]) -> Vec<(usize, usize)> {
        let ancestors = ancestors(kin);
        let mut places = Vec::new();
        for couple in couples {
            let common = (0..kin.len()).any(|who| ancestors[couple.a][who] && ancestors[couple.b][who]);
            let kind = if common { Kind::Double } else { Kind::Plain };
            let (a, b) = if couple.level {
                (couple.a, couple.b)
            } else {
                let (upper, lower) = if self.level[couple.a] < self.level[couple.b] { (couple.a, couple.b) } else { (couple.b, couple.a) };
                let beside = self.bend(self.level[lower]);
                let first = self.way(self.level[upper], beside, kind);
                self.falls.push(Fall { source: Source::Single(upper), targets: vec![first], kind });
                (beside, lower)
            };
            self.unions.push(Union { a, b, kind });
            places.push((a, b));
        }
        places
    }

    /// The way from a row to a place in a lower one: the place in the next row, after which bends lead on.
    fn way(&mut self, from: usize, to: usize, kind: Kind) -> usize {
        let mut next = to;
        for level in (from + 1..self.level[to]).rev() {
            let bend = self.bend(level);
            self.falls.push(Fall { source: Source::Bend(bend), targets: vec![next], kind });
            next = bend;
        }
        next
    }

    fn fall(&mut self, source: Source, children: &[usize], kind: Kind) {
        let (Source::Couple(at, _) | Source::Single(at) | Source::Bend(at)) = source;
        let from = self.level[at];
        let targets: Vec<usize> = children.iter().filter(|c| self.level[**c] > from).copied().collect();
        let targets: Vec<usize> = targets.into_iter().map(|child| self.way(from, child, kind)).collect();
        if !targets.is_empty() {
            self.falls.push(Fall { source, targets, kind });
        }
    }

    /// Lines of descent: of couples, of one parent alone, of those who brought somebody up.
    fn descend(&mut self, kin: &[Kin], couples: &[Couple], joined: &[(usize, usize)], adopted: &[(usize, Vec<usize>)]) {
        for (couple, (a, b)) in couples.iter().zip(joined) {
            let of = |k: &Kin| k.father == Some(couple.a) && k.mother == Some(couple.b);
            let children: Vec<usize> = (0..kin.len()).filter(|c| of(&kin[*c])).collect();
            self.fall(Source::Couple(*a, *b), &children, Kind::Plain);
        }
        for parent in 0..kin.len() {
            let alone = |k: &Kin| (k.father == Some(parent) && k.mother.is_none()) || (k.mother == Some(parent) && k.father.is_none());
            let children: Vec<usize> = (0..kin.len()).filter(|c| alone(&kin[*c])).collect();
            self.fall(Source::Single(parent), &children, Kind::Plain);
        }
        for (child, by) in adopted {
            let pair = |c: &Couple| by.len() == 2 && by.contains(&c.a) && by.contains(&c.b);
            let source = match couples.iter().position(pair) {
                Some(at) => Source::Couple(joined[at].0, joined[at].1),
                None => Source::Single(by[0]),
            };
            self.fall(source, &[*child], Kind::Adoptive);
        }
    }

    fn index(&mut self) {
        self.incoming = vec![Vec::new(); self.level.len()];
        self.outgoing = vec![Vec::new(); self.level.len()];
        for (n, fall) in self.falls.iter().enumerate() {
            let (Source::Couple(at, _) | Source::Single(at) | Source::Bend(at)) = fall.source;
            self.outgoing[at].push(n);
            for target in &fall.targets {
                self.incoming[*target].push(n);
            }
        }
    }

    /// Places that are joined in a row, each group from one end to the other, a man before a woman.
    fn groups(&self, kin: &[Kin]) -> Vec<Vec<usize>> {
        let beside = |at: usize| self.unions.iter().filter_map(move |u| if u.a == at { Some(u.b) } else { (u.b == at).then_some(u.a) });
        let mut taken = vec![false; self.level.len()];
        let mut starts: Vec<usize> = (0..self.level.len()).collect();
        starts.sort_by_key(|at| (beside(*at).count(), kin.get(*at).is_some_and(|k| k.female), *at));
        let mut groups = Vec::new();
        for start in starts {
            let (mut group, mut open) = (Vec::new(), vec![start]);
            while let Some(at) = open.pop() {
                if !std::mem::replace(&mut taken[at], true) {
                    group.push(at);
                    let mut next: Vec<usize> = beside(at).collect();
                    next.reverse();
                    open.extend(next);
                }
            }
            if !group.is_empty() {
                groups.push(group);
            }
        }
        groups
    }

    /// Rows in the order in which one meets people who follow every line of descent from left to right: free of crossings where a family has one root.
    fn first_order(&self, kin: &[Kin]) -> Vec<Vec<Vec<usize>>> {
        let groups = self.groups(kin);
        let mut of = vec![0; self.level.len()];
        for (n, group) in groups.iter().enumerate() {
            group.iter().for_each(|at| of[*at] = n);
        }
        let mut rows = vec![Vec::new(); self.level.iter().max().map_or(0, |l| l + 1)];
        let mut taken = vec![false; groups.len()];
        let rootless = |n: &usize| groups[*n].iter().any(|at| !self.incoming[*at].is_empty());
        let mut starts: Vec<usize> = (0..groups.len()).collect();
        starts.sort_by_key(|n| (rootless(n), groups[*n].iter().min().copied()));
        for start in starts {
            let mut open = vec![start];
            while let Some(n) = open.pop() {
                if std::mem::replace(&mut taken[n], true) {
                    continue;
                }
                rows[self.level[groups[n][0]]].push(groups[n].clone());
                let falls = groups[n].iter().flat_map(|at| &self.outgoing[*at]);
                let mut below: Vec<usize> = falls.flat_map(|f| &self.falls[*f].targets).map(|t| of[*t]).collect();
                below.reverse();
                open.extend(below);
            }
        }
        rows
    }

    /// Tries to turn groups round and to swap neighbours, and keeps what makes lines shorter.
    fn improve(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        let mut best = self.cost(&rows);
        let rounds = match self.level.len() {
            places if places <= FEW => 6,
            places => usize::from(places <= MANY),
        };
        for _ in 0..rounds {
            let before = best;
            for row in 0..rows.len() {
                for at in 0..rows[row].len() {
                    self.try_out(&mut rows, &mut best, |rows| rows[row][at].reverse());
                    for other in [at + 1, at + 2].into_iter().filter(|o| *o < rows[row].len()).collect::<Vec<_>>() {
                        self.try_out(&mut rows, &mut best, |rows| rows[row].swap(at, other));
                    }
                }
            }
            if best >= before {
                break;
            }
        }
        self.rows = rows;
    }

    /// Makes a change, which undoes itself when made again, and takes it back unless it is a gain.
    fn try_out(&self, rows: &mut Vec<Vec<Vec<usize>>>, best: &mut f64, change: impl Fn(&mut Vec<Vec<Vec<usize>>>)) {
        change(rows);
        let cost = self.cost(rows);
        if cost < *best - 1.0 {
            *best = cost;
        } else {
            change(rows);
        }
    }

    fn cost(&self, rows: &[Vec<Vec<usize>>]) -> f64 {
        let x = self.settle(rows, 3);
        let sides = self.sides(rows);
        let mut by_row: Vec<Vec<(f64, f64)>> = vec![Vec::new(); rows.len()];
        for fall in &self.falls {
            let from = self.source_x(fall.source, &x, &sides);
            for target in &fall.targets {
                by_row[self.level[*target]].push((from, x[*target]));
            }
        }
        let mut cost = 0.0;
        for lines in &by_row {
            for (n, (from, to)) in lines.iter().enumerate() {
                cost += (from - to).abs();
                let crossed = lines[n + 1..].iter().filter(|(f, t)| (f - from) * (t - to) < 0.0).count();
                cost += CROSSING * u32::try_from(crossed).map_or(0.0, f64::from);
            }
        }
        cost
    }

    /// Room of a place.
    pub fn room(&self, at: usize) -> f64 {
        if at < self.people { SLOT } else { BEND }
    }

    /// On which side of every place its own line begins: where nobody stands beside it.
    pub fn sides(&self, rows: &[Vec<Vec<usize>>]) -> Vec<f64> {
        let mut sides = vec![1.0; self.level.len()];
        for group in rows.iter().flatten() {
            if let [first, .., _] = group[..] {
                sides[first] = -1.0;
            }
        }
        sides
    }

    /// Where a line of descent begins.
    pub fn source_x(&self, source: Source, x: &[f64], sides: &[f64]) -> f64 {
        match source {
            Source::Bend(at) => x[at],
            Source::Single(at) => x[at] + sides[at] * (self.room(at) / 2.0 - 8.0),
            Source::Couple(a, b) => {
                let (left, right) = if x[a] < x[b] { (a, b) } else { (b, a) };
                let between = x[left] + self.room(left) / 2.0;
                let adjacent = x[right] - x[left] < (self.room(left) + self.room(right)) / 2.0 + 1.0;
                if adjacent { between } else { x[right] - self.room(right) / 2.0 - 7.0 }
            }
        }
    }

    /// The middles of all places in this order: rows as packed as they must be, people above and below each other as far as they can.
    fn settle(&self, rows: &[Vec<Vec<usize>>], sweeps: usize) -> Vec<f64> {
        let mut x = vec![0.0; self.level.len()];
        for row in rows {
            let all: f64 = row.iter().flatten().map(|at| self.room(*at)).sum();
            let mut edge = -all / 2.0;
            for at in row.iter().flatten() {
                x[*at] = edge + self.room(*at) / 2.0;
                edge += self.room(*at);
            }
        }
        let sides = self.sides(rows);
        for _ in 0..sweeps {
            rows.iter().for_each(|row| self.pull(row, &mut x, &sides, [true, false]));
            rows.iter().rev().for_each(|row| self.pull(row, &mut x, &sides, [false, true]));
        }
        rows.iter().rev().for_each(|row| self.pull(row, &mut x, &sides, [true, true]));
        x
    }

    /// How far the parents and the children of a group would have it moved, and how many lines say so.
    fn wish(&self, group: &[usize], x: &[f64], sides: &[f64], [up, down]: [bool; 2]) -> (f64, f64) {
        let (mut sum, mut lines) = (0.0, 0.0);
        let mut ask = |fall: usize, sign: f64| {
            let fall = &self.falls[fall];
            let middle = fall.targets.iter().map(|t| x[*t]).sum::<f64>() / u32::try_from(fall.targets.len()).map_or(1.0, f64::from);
            sum += sign * (middle - self.source_x(fall.source, x, sides));
            lines += 1.0;
        };
        for at in group {
            if up {
                self.incoming[*at].iter().for_each(|f| ask(*f, -1.0));
            }
            if down {
                self.outgoing[*at].iter().for_each(|f| ask(*f, 1.0));
            }
        }
        if lines > 0.0 { (sum / lines, lines) } else { (0.0, 0.02) }
    }

    fn pull(&self, row: &[Vec<usize>], x: &mut [f64], sides: &[f64], ways: [bool; 2]) {
        let wishes: Vec<(f64, f64)> = row
            .iter()
            .map(|group| {
                let (by, weight) = self.wish(group, x, sides, ways);
                (x[group[0]] - self.room(group[0]) / 2.0 + by, weight)
            })
            .collect();
        let widths: Vec<f64> = row.iter().map(|group| group.iter().map(|at| self.room(*at)).sum()).collect();
        for (group, edge) in row.iter().zip(nearest(&wishes, &widths)) {
            let mut edge = edge;
            for at in group {
                x[*at] = edge + self.room(*at) / 2.0;
                edge += self.room(*at);
            }
        }
    }
}

/// Left edges nearest to those wished for (weighted least squares) of things so wide that stand in this order without overlapping: isotonic regression by pooling
/// neighbours that would. Cost: linear.
fn nearest(wishes: &[(f64, f64)], widths: &[f64]) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    let mut before = 0.0;
    for ((wish, weight), width) in wishes.iter().zip(widths) {
        let mut pool = (wish - before, *weight, 1);
        while let Some(last) = pools.last().filter(|last| last.0 > pool.0) {
            let weight = last.1 + pool.1;
            pool = ((last.0 * last.1 + pool.0 * pool.1) / weight, weight, last.2 + pool.2);
            pools.pop();
        }
        pools.push(pool);
        before += width;
    }
    let level = pools.iter().flat_map(|(at, _, many)| std::iter::repeat_n(*at, *many));
    let mut before = 0.0;
    level
        .zip(widths)
        .map(|(at, width)| {
            let edge = at + before;
            before += width;
            edge
        })
        .collect()
}
