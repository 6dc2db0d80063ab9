//! Geometry of a family's pedigree: generations from top to bottom, a square for a man, a circle for a woman, a line between partners and a double one between
//! partners with a common ancestor, a dashed line to whoever was brought up and not born. Nobody is drawn twice: lines bend and cross instead, and no two symbols
//! overlap.
//!
//! Symbols: Bennett, French, Resta and Doyle, "Standardized human pedigree nomenclature: update and assessment of the recommendations of the National Society of
//! Genetic Counselors", J. Genet. Couns. 17 (2008), 424-433. Beyond it: a dashed outline with a question mark for somebody who is missing, and a tick for a profile.

use super::pedigree_layout::{Kin, Kind, Layout, Source, Union};

/// How somebody of a pedigree stands in the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Is missing.
    Missing,
    /// Gave a sample that has a profile in the search.
    Typed,
    /// Gave a sample that has none.
    Sampled,
    /// Neither.
    #[default]
    Nobody,
}

/// Somebody to draw; relatives are numbers of the list.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// Name, written below the symbol; a long one is cut.
    pub name: String,
    /// What is written below the name; may be empty.
    pub note: String,
    /// A circle; otherwise a square.
    pub female: bool,
    /// Father.
    pub father: Option<usize>,
    /// Mother.
    pub mother: Option<usize>,
    /// Who brought the person up; at most two are drawn.
    pub adoptive: Vec<usize>,
    /// In the search.
    pub standing: Standing,
}

/// A line; positions are in units of the drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// `plain`, `double` (partners with a common ancestor) or `adoptive` (dashed).
    pub kind: &'static str,
    /// The `d` of a path.
    pub d: String,
}

/// A person in the drawing.
#[derive(Debug, Clone)]
pub struct Symbol {
    /// Middle.
    pub x: i32,
    /// Middle.
    pub y: i32,
    /// A circle; otherwise a square.
    pub female: bool,
    /// In the search.
    pub standing: Standing,
    /// Name, cut to its room.
    pub name: String,
    /// Below the name.
    pub note: String,
    /// Base line of the name.
    pub name_y: i32,
    /// Base line of the note.
    pub note_y: i32,
}

impl Symbol {
    /// Whether the person is missing.
    #[must_use]
    pub fn missing(&self) -> bool {
        self.standing == Standing::Missing
    }

    /// Whether there is a profile.
    #[must_use]
    pub fn typed(&self) -> bool {
        self.standing == Standing::Typed
    }
}

/// A drawn pedigree.
#[derive(Debug, Clone, Default)]
pub struct PedigreeChart {
    /// Width of the drawing.
    pub width: i32,
    /// Height of the drawing.
    pub height: i32,
    /// Rows of people.
    pub generations: usize,
    /// Lines, to be drawn below the symbols.
    pub lines: Vec<Line>,
    /// People, in the order they were given.
    pub symbols: Vec<Symbol>,
}

/// Half of a symbol.
pub const HALF: i32 = 20;
const MARGIN: i32 = 10;
/// From a symbol to the base line of the name, and from there to that of the note.
const NAME: i32 = 17;
const NOTE: i32 = 15;
/// Between lines that run side by side.
const LANE: i32 = 10;
const UNDER: i32 = 8;
/// Letters that fit below a symbol.
const LETTERS: usize = 12;
/// Lines that begin so near to where they end run straight.
const NEAR: i32 = 5;

/// Draws people. An empty list draws nothing.
#[must_use]
pub fn pedigree_chart(members: &[Member]) -> PedigreeChart {
    let kin: Vec<Kin> =
        members.iter().map(|m| Kin { female: m.female, father: m.father, mother: m.mother, adoptive: m.adoptive.clone() }).collect();
    if kin.is_empty() {
        return PedigreeChart::default();
    }
    Drawing::new(&Layout::new(&kin)).chart(members)
}

fn whole(value: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "places in a drawing of some thousand units")]
    let whole = value.clamp(-1e6, 1e6).round() as i32;
    whole
}

/// Heights of lines that run sideways, and how many heights there are: from left to right each takes the first that is free, below all lines that have to run
/// above it (`above(one, other)`: one above the other). Cost: the cube of the lines of one row.
fn heights(spans: &[(i32, i32)], above: impl Fn(usize, usize) -> bool) -> (Vec<i32>, i32) {
    let mut open: Vec<usize> = (0..spans.len()).collect();
    open.sort_by_key(|n| spans[*n]);
    let mut placed: Vec<(usize, i32)> = Vec::new();
    while !open.is_empty() {
        // Where lines would each have to run above the other, one of them begins.
        let next = open.iter().position(|n| open.iter().all(|o| o == n || !above(*o, *n))).unwrap_or(0);
        let n = open.remove(next);
        let least = placed.iter().filter(|(p, _)| above(*p, n)).map(|(_, height)| height + 1).max().unwrap_or(0);
        let meets = |p: usize| spans[p].0 <= spans[n].1 + LANE && spans[n].0 <= spans[p].1 + LANE;
        let free = (least..).find(|height| placed.iter().all(|(p, taken)| taken != height || !meets(*p))).unwrap_or(least);
        placed.push((n, free));
    }
    placed.sort_unstable();
    let many = placed.iter().map(|(_, height)| height + 1).max().unwrap_or(0);
    (placed.into_iter().map(|(_, height)| height).collect(), many)
}

/// A layout with its places in whole units and the heights of all that runs between and below rows.
struct Drawing<'a> {
    layout: &'a Layout,
    sides: Vec<f64>,
    exact: Vec<f64>,
    x: Vec<i32>,
    /// The middle of every row, and how far its names stand lower for the lines between them and the symbols.
    y: Vec<i32>,
    lower: Vec<i32>,
    /// Below which height of a row a union runs; `None` for one between neighbours.
    under: Vec<Option<i32>>,
    /// Where a line of descent begins, and at which height below its row it runs sideways.
    from: Vec<i32>,
    across: Vec<i32>,
    height: i32,
}

impl<'a> Drawing<'a> {
    fn new(layout: &'a Layout) -> Self {
        let left = (0..layout.x.len()).map(|at| layout.x[at] - layout.room(at) / 2.0).fold(f64::INFINITY, f64::min);
        let exact: Vec<f64> = layout.x.iter().map(|x| x - left + f64::from(MARGIN)).collect();
        let mut drawing = Self {
            sides: layout.sides(&layout.rows),
            x: exact.iter().map(|x| whole(*x)).collect(),
            exact,
            y: Vec::new(),
            lower: Vec::new(),
            under: vec![None; layout.unions.len()],
            from: Vec::new(),
            across: vec![0; layout.falls.len()],
            height: 0,
            layout,
        };
        drawing.from = (0..layout.falls.len()).map(|n| drawing.begin(n)).collect();
        drawing.set_rows();
        drawing
    }

    fn row_of(&self, source: Source) -> usize {
        let (Source::Couple(at, _) | Source::Single(at) | Source::Bend(at)) = source;
        self.layout.level[at]
    }

    /// Where a line of descent begins: one of upbringing a little beside that of birth, and straight above its end where that is near.
    fn begin(&self, n: usize) -> i32 {
        let fall = &self.layout.falls[n];
        let x = whole(self.layout.source_x(fall.source, &self.exact, &self.sides));
        let beside = match fall.source {
            Source::Bend(_) => return x,
            // Away from the parent's words.
            Source::Single(at) => 7 * whole(self.sides[at]),
            Source::Couple(..) => 7,
        };
        let x = if fall.kind == Kind::Adoptive { x + beside } else { x };
        fall.targets.iter().map(|t| self.target_x(*t, fall.kind)).find(|t| (t - x).abs() <= NEAR).unwrap_or(x)
    }

    /// Whether two places of a row stand side by side.
    fn adjacent(&self, union: &Union) -> bool {
        (self.exact[union.a] - self.exact[union.b]).abs() < (self.layout.room(union.a) + self.layout.room(union.b)) / 2.0 + 1.0
    }

    /// Where the line of a fall ends: an adoptive one a little beside the line of birth.
    fn target_x(&self, target: usize, kind: Kind) -> i32 {
        self.x[target] + if kind == Kind::Adoptive && target < self.layout.people { 9 } else { 0 }
    }

    fn span(&self, n: usize) -> (i32, i32) {
        let (fall, from) = (&self.layout.falls[n], self.from[n]);
        let all = fall.targets.iter().map(|t| self.target_x(*t, fall.kind)).chain([from]);
        (all.clone().min().unwrap_or(from), all.max().unwrap_or(from))
    }

    fn set_rows(&mut self) {
        let mut top = MARGIN + HALF;
        for row in 0..self.layout.rows.len() {
            let unions: Vec<usize> = (0..self.under.len())
                .filter(|n| self.layout.level[self.layout.unions[*n].a] == row && !self.adjacent(&self.layout.unions[*n]))
                .collect();
            let spans: Vec<(i32, i32)> = unions
                .iter()
                .map(|n| (self.x[self.layout.unions[*n].a], self.x[self.layout.unions[*n].b]))
                .map(|(a, b)| (a.min(b), a.max(b)))
                .collect();
            let (height, many) = heights(&spans, |_, _| false);
            for (n, height) in unions.iter().zip(height) {
                self.under[*n] = Some(top + HALF + UNDER * (height + 1));
            }
            let lower = many * UNDER;
            let words = top + HALF + lower + NAME + NOTE + 8;
            let many = self.set_falls(row, words);
            self.y.push(top);
            self.lower.push(lower);
            self.height = words + MARGIN;
            top = words + LANE * many + 20 + HALF;
        }
    }

    /// Sets at which height below the words of a row every line of descent runs sideways; how many heights there are. A line that comes down from above another's
    /// end ends higher, or the two would be taken for one.
    fn set_falls(&mut self, row: usize, words: i32) -> i32 {
        let falls: Vec<usize> = (0..self.across.len()).filter(|n| self.row_of(self.layout.falls[*n].source) == row).collect();
        let (straight, bent): (Vec<usize>, Vec<usize>) = falls.into_iter().partition(|n| self.span(*n).0 == self.span(*n).1);
        let spans: Vec<(i32, i32)> = bent.iter().map(|n| self.span(*n)).collect();
        let above = |one: usize, other: usize| {
            let (from, other) = (self.from[bent[one]], &self.layout.falls[bent[other]]);
            other.targets.iter().any(|t| (self.target_x(*t, other.kind) - from).abs() < 6)
        };
        let (height, many) = heights(&spans, above);
        for (n, height) in bent.iter().zip(height) {
            self.across[*n] = words + LANE * (height + 1);
        }
        straight.into_iter().for_each(|n| self.across[n] = words);
        many
    }

    /// The edge of a place toward another of its row: that of the symbol, or the line itself.
    fn edge(&self, at: usize, toward: i32) -> i32 {
        let out = if at < self.layout.people { HALF } else { 0 };
        self.x[at] + if toward > self.x[at] { out } else { -out }
    }

    fn union_line(&self, n: usize) -> Line {
        let union = &self.layout.unions[n];
        let y = self.y[self.layout.level[union.a]];
        let d = match self.under[n] {
            None => format!("M{} {y}H{}", self.edge(union.a, self.x[union.b]), self.edge(union.b, self.x[union.a])),
            Some(under) => {
                let sign = (self.x[union.b] - self.x[union.a]).signum();
                let foot = |at: usize| if at < self.layout.people { y + HALF } else { y };
                format!("M{} {}V{under}H{}V{}", self.x[union.a] + 6 * sign, foot(union.a), self.x[union.b] - 6 * sign, foot(union.b))
            }
        };
        Line { kind: word(union.kind), d }
    }

    /// Where a line of descent begins, with what leads there from a single parent's symbol.
    fn start(&self, n: usize) -> String {
        let source = self.layout.falls[n].source;
        let (x, y) = (self.from[n], self.y[self.row_of(source)]);
        match source {
            Source::Bend(_) => format!("M{x} {y}"),
            Source::Single(at) => format!("M{} {y}H{x}", self.edge(at, x)),
            Source::Couple(a, b) => {
                let joined = |u: &Union| (u.a, u.b) == (a, b) || (u.b, u.a) == (a, b);
                let under = self.layout.unions.iter().position(joined).and_then(|n| self.under[n]);
                format!("M{x} {}", under.unwrap_or(y))
            }
        }
    }

    fn fall_line(&self, n: usize) -> Line {
        let fall = &self.layout.falls[n];
        let mut d = self.start(n);
        let (left, right) = self.span(n);
        let across = self.across[n];
        d.push_str(&format!("V{across}"));
        if left < right {
            d.push_str(&format!("M{left} {across}H{right}"));
        }
        for target in &fall.targets {
            let y = self.y[self.layout.level[*target]];
            let end = if *target < self.layout.people { y - HALF } else { y };
            d.push_str(&format!("M{} {across}V{end}", self.target_x(*target, fall.kind)));
        }
        Line { kind: word(fall.kind), d }
    }

    fn symbol(&self, at: usize, member: &Member) -> Symbol {
        let row = self.layout.level[at];
        let name_y = self.y[row] + HALF + self.lower[row] + NAME;
        Symbol {
            x: self.x[at],
            y: self.y[row],
            female: member.female,
            standing: member.standing,
            name: short(&member.name),
            note: short(&member.note),
            name_y,
            note_y: name_y + NOTE,
        }
    }

    fn chart(&self, members: &[Member]) -> PedigreeChart {
        let right = (0..self.x.len()).map(|at| self.x[at] + whole(self.layout.room(at) / 2.0)).max().unwrap_or(0);
        let falls = (0..self.layout.falls.len()).map(|n| self.fall_line(n));
        let lines = falls.chain((0..self.layout.unions.len()).map(|n| self.union_line(n))).collect();
        PedigreeChart {
            width: right + MARGIN,
            height: self.height,
            generations: self.layout.rows.len(),
            lines,
            symbols: members.iter().enumerate().map(|(at, m)| self.symbol(at, m)).collect(),
        }
    }
}

const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Plain => "plain",
        Kind::Double => "double",
        Kind::Adoptive => "adoptive",
    }
}

fn short(name: &str) -> String {
    if name.chars().count() <= LETTERS { name.to_owned() } else { name.chars().take(LETTERS - 1).chain(['…']).collect() }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// People from `name sex father mother`; `-` for a parent who is not told.
    fn family(lines: &[&str]) -> Vec<Member> {
        let names: Vec<&str> = lines.iter().map(|l| l.split(' ').next().unwrap()).collect();
        let number = |name: Option<&str>| name.and_then(|n| names.iter().position(|m| *m == n));
        lines
            .iter()
            .map(|line| {
                let mut words = line.split(' ');
                let name = words.next().unwrap().to_owned();
                let female = words.next() == Some("f");
                let (father, mother) = (number(words.next()), number(words.next()));
                let standing = if name.starts_with("mp") { Standing::Missing } else { Standing::Nobody };
                Member { name, female, father, mother, adoptive: words.filter_map(|w| number(Some(w))).collect(), standing, ..Member::default() }
            })
            .collect()
    }

    fn at<'a>(chart: &'a PedigreeChart, name: &str) -> &'a Symbol {
        chart.symbols.iter().find(|s| s.name == name).unwrap()
    }

    /// Straight pieces of a path of `M`, `H` and `V`.
    fn pieces(d: &str) -> Vec<(i32, i32, i32, i32)> {
        let (mut x, mut y, mut all) = (0, 0, Vec::new());
        let mut rest = d;
        while let Some(letter) = rest.chars().next() {
            let end = rest[1..].find(['M', 'H', 'V']).map_or(rest.len(), |e| e + 1);
            let numbers: Vec<i32> = rest[1..end].split(' ').map(|n| n.parse().unwrap()).collect();
            let (to_x, to_y) = match letter {
                'M' => (numbers[0], numbers[1]),
                'H' => (numbers[0], y),
                _ => (x, numbers[0]),
            };
            if letter != 'M' {
                all.push((x.min(to_x), y.min(to_y), x.max(to_x), y.max(to_y)));
            }
            (x, y, rest) = (to_x, to_y, &rest[end..]);
        }
        all
    }

    /// What holds of every drawing: symbols apart and inside, children below their parents, and no line through a symbol or its words.
    fn check(members: &[Member], chart: &PedigreeChart) {
        assert_eq!(chart.symbols.len(), members.len(), "everybody is drawn once");
        for (n, a) in chart.symbols.iter().enumerate() {
            assert!(a.x - HALF >= 0 && a.x + HALF <= chart.width && a.y - HALF >= 0 && a.note_y <= chart.height, "{a:?}");
            for b in &chart.symbols[n + 1..] {
                let apart = (a.x - b.x).abs() >= 2 * HALF + 20 || (a.y - b.y).abs() >= 2 * HALF + NAME + NOTE;
                assert!(apart, "{a:?} and {b:?}");
            }
            for parent in [members[n].father, members[n].mother].into_iter().flatten() {
                assert!(chart.symbols[parent].y < a.y, "{} stands below {}", a.name, chart.symbols[parent].name);
            }
            for line in &chart.lines {
                for (x1, y1, x2, y2) in pieces(&line.d) {
                    let through = x1 < a.x + HALF && x2 > a.x - HALF && y1 < a.y + HALF && y2 > a.y - HALF;
                    assert!(!through, "{} runs through {}", line.d, a.name);
                    let over = x1 < a.x + 40 && x2 > a.x - 40 && y1 < a.note_y && y2 > a.name_y - 11;
                    assert!(!over, "{} runs through the words of {}", line.d, a.name);
                }
            }
        }
    }

    fn drawn(lines: &[&str]) -> (Vec<Member>, PedigreeChart) {
        let members = family(lines);
        let chart = pedigree_chart(&members);
        check(&members, &chart);
        (members, chart)
    }

    #[test]
    fn a_trio_is_two_parents_side_by_side_and_the_child_in_the_middle_below() {
        let (_, chart) = drawn(&["mother f", "father m", "mp f father mother"]);
        let (mother, father, child) = (at(&chart, "mother"), at(&chart, "father"), at(&chart, "mp"));
        assert_eq!(mother.y, father.y);
        assert!(father.x < mother.x, "the man stands at the left");
        assert!((child.x * 2 - mother.x - father.x).abs() <= 2);
        assert!(chart.lines.iter().all(|l| l.kind == "plain"));
        assert_eq!(chart.generations, 2);
    }

    #[test]
    fn three_generations_with_half_siblings_have_both_marriages_beside_the_one_parent() {
        let (_, chart) = drawn(&["gf m", "gm f", "f m gf gm", "m1 f", "m2 f", "mp1 f f m1", "s m f m1", "mp2 m f m2", "aunt f gf gm"]);
        let (father, one, two) = (at(&chart, "f"), at(&chart, "m1"), at(&chart, "m2"));
        assert!((one.x < father.x) != (two.x < father.x), "one on each side");
        assert_eq!(chart.generations, 3);
        assert_eq!(at(&chart, "aunt").y, father.y);
    }

    #[test]
    fn parents_who_are_first_cousins_have_a_double_line() {
        let (_, chart) =
            drawn(&["gf m", "gm f", "a m gf gm", "b f gf gm", "wife f", "husband m", "c1 m a wife", "c2 f husband b", "mp m c1 c2"]);
        assert_eq!(chart.lines.iter().filter(|l| l.kind == "double").count(), 1);
        assert_eq!(at(&chart, "c1").y, at(&chart, "c2").y);
    }

    #[test]
    fn several_missing_stand_side_by_side_and_a_grandmother_alone_has_her_line() {
        drawn(&["gm f", "m f - gm", "f m", "mp1 f f m", "mp2 m f m", "mp3 f f m", "other m - gm"]);
    }

    #[test]
    fn a_couple_of_two_generations_is_joined_by_a_line_that_bends() {
        let (_, chart) = drawn(&["f m", "m f", "d f f m", "mp m f d"]);
        assert!(at(&chart, "f").y < at(&chart, "d").y && at(&chart, "d").y < at(&chart, "mp").y);
        assert!(chart.lines.iter().any(|l| l.kind == "double"));
        drawn(&["u m gf gm", "gf m", "gm f", "p f gf gm", "q m", "n f q p", "mp m u n"]);
    }

    #[test]
    fn whoever_was_brought_up_by_others_has_a_dashed_line_from_them() {
        let (_, chart) = drawn(&["f m", "m f", "af m", "am f", "mp m f m af am", "gm f", "x m", "mp2 f - - gm"]);
        assert_eq!(chart.lines.iter().filter(|l| l.kind == "adoptive").count(), 2);
    }

    #[test]
    fn five_marriages_of_one_man_all_have_a_line_of_their_own() {
        let mut lines = vec!["f m".to_owned()];
        for n in 0..5 {
            lines.push(format!("w{n} f"));
            lines.push(format!("c{n} f f w{n}"));
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (_, chart) = drawn(&lines);
        assert_eq!(chart.lines.len(), 10);
    }

    #[test]
    fn nobody_draws_nothing_and_long_names_are_cut() {
        assert!(pedigree_chart(&[]).symbols.is_empty());
        let (_, chart) = drawn(&["a-very-long-name-of-somebody f"]);
        assert_eq!(chart.symbols[0].name.chars().count(), LETTERS);
    }

    /// Anybody's parents come before them in the list; partners, generations and upbringing as it falls.
    fn random_family() -> impl Strategy<Value = Vec<Member>> {
        proptest::collection::vec((any::<bool>(), any::<proptest::sample::Index>(), any::<proptest::sample::Index>(), 0..10u8), 1..26).prop_map(
            |draws| {
                let mut members: Vec<Member> = Vec::new();
                for (female, one, two, how) in draws {
                    let of = |sex: bool, pick: &proptest::sample::Index| {
                        let those: Vec<usize> = (0..members.len()).filter(|m| members[*m].female == sex).collect();
                        (!those.is_empty()).then(|| *pick.get(&those))
                    };
                    let (father, mother) = (of(false, &one), of(true, &two));
                    let adoptive: Vec<usize> = [of(true, &one), of(false, &two)].into_iter().flatten().collect();
                    members.push(Member {
                        name: members.len().to_string(),
                        note: "sin muestra".to_owned(),
                        female,
                        father: father.filter(|_| how > 2),
                        mother: mother.filter(|_| how > 2 && how != 9),
                        adoptive: if how == 4 { adoptive } else { Vec::new() },
                        standing: Standing::Nobody,
                    });
                }
                members
            },
        )
    }

    proptest! {
        #[test]
        fn whatever_the_family_no_two_symbols_overlap_and_no_line_runs_through_one(members in random_family()) {
            check(&members, &pedigree_chart(&members));
        }
    }
}
