//! Comparators: one field of two feature sets, weighed as the log10 of P(both | same person) / P(both | two persons).
//!
//! Every comparator returns `None` when either side says nothing: what is absent counts neither for nor against.

use crate::geo::reach::Reach;

use super::features::{Features, Item, ItemField, NameForm, TokenRole};
use super::lexicon::{ConceptId, Lexicon};
use super::model::{ItemModel, MarkModel, Model};
use super::population::Population;
use super::record::Sex;
use super::tokens::{TokenId, TokenLevel, Vocabulary};

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Stable code of the level, `field.level`; see [`LEVELS`].
    pub level: &'static str,
    /// log10 likelihood ratio.
    pub log10: f64,
}

/// Every level code a comparison can give, so that translations can be checked for completeness.
pub const LEVELS: &[&str] = &[
    "name.equal",
    "name.sound",
    "name.variant",
    "name.partial",
    "name.weak",
    "name.conflict",
    "birth.equal",
    "birth.swapped",
    "birth.near",
    "birth.same_year",
    "birth.inside",
    "birth.edge",
    "birth.disagree",
    "sex.equal",
    "sex.disagree",
    "nationality.equal",
    "nationality.known_confusion",
    "nationality.disagree",
    "stature.close",
    "stature.near",
    "stature.disagree",
    "build.equal",
    "build.similar",
    "build.disagree",
    "hair.equal",
    "hair.similar",
    "hair.disagree",
    "eyes.equal",
    "eyes.similar",
    "eyes.disagree",
    "marks.distinctive",
    "marks.shared",
    "marks.none_shared",
    "dental.distinctive",
    "dental.shared",
    "dental.none_shared",
    "clothing.distinctive",
    "clothing.shared",
    "clothing.none_shared",
    "belongings.distinctive",
    "belongings.shared",
    "belongings.none_shared",
    "phone.equal",
    "phone.near",
    "phone.common",
    "phone.disagree",
    "document.equal",
    "document.near",
    "document.disagree",
    "holder.fits",
    "holder.differs",
    "companions.shared",
    "companions.none_shared",
    "residence.shared",
    "residence.partial",
    "residence.disagree",
    "place_time.fits_well",
    "place_time.fits",
    "place_time.neutral",
    "place_time.unlikely",
    "place_time.before_last_contact",
    "place_time.downstream",
    "place_time.returned",
    "place_time.against_the_way",
    "dependence.err_together",
    "relative.as_likely",
];

/// Everything a comparison reads besides the two records.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Parameters.
    pub model: &'a Model,
    /// Words.
    pub lexicon: &'a Lexicon,
    /// Name tokens and their frequencies.
    pub vocabulary: &'a Vocabulary,
    /// Parts of addresses and their frequencies.
    pub residences: &'a Vocabulary,
    /// How common other values are.
    pub population: &'a Population,
    /// How people travel, and what water does.
    pub reach: &'a Reach,
}

/// log10 of a positive number, bounded.
pub(super) fn lg(x: f64) -> f64 {
    x.max(1e-30).log10()
}

/// log10 LR of one pair of tokens at a level, by term frequency at every level: `P(b | a) / P(b)` with
/// `P(b | a) = m (k + share of b in its class) / 2` for a spelling that the level allows, and `P(b)` its frequency including the
/// spellings of `a` that become `b`. Symmetric: the rarer token stands as `b`.
#[must_use]
pub fn token_weight(c: Context<'_>, a: TokenId, b: TokenId, level: TokenLevel, nations: [u16; 2]) -> f64 {
    let f = |t: TokenId| {
        let own = if level == TokenLevel::Equal { 1.5 } else { 1.0 };
        c.vocabulary.frequency(t, nations[0], own).max(c.vocabulary.frequency(t, nations[1], own))
    };
    let (fa, fb) = (f(a), f(b));
    token_log10(c, (a, b), level, if fa >= fb { (fa, b) } else { (fb, a) })
}

/// The most [`token_weight`] can be for a token of a record of this nation and one of any other.
#[must_use]
pub fn token_bound(c: Context<'_>, a: TokenId, b: TokenId, level: TokenLevel, nation: u16) -> f64 {
    // Another nation can only raise a frequency, and with it change which of the two is the rarer.
    let own = if level == TokenLevel::Equal { 1.5 } else { 1.0 };
    let high = c.vocabulary.frequency(a, nation, own).max(c.vocabulary.frequency(b, nation, own));
    token_log10(c, (a, b), level, (high, a)).max(token_log10(c, (a, b), level, (high, b)))
}

/// [`token_weight`] given the higher of the two frequencies and the token that is rarer; falls as the frequency rises.
fn token_log10(c: Context<'_>, (a, b): (TokenId, TokenId), level: TokenLevel, (high, rare): (f64, TokenId)) -> f64 {
    let v = c.vocabulary;
    let (m, k) = (c.model.name.agree[level as usize], c.model.name.kernel[level as usize]);
    let lr = match level {
        TokenLevel::Equal => m / high,
        // One letter: about one name in twelve begins with it.
        TokenLevel::Initial => m * 12.0,
        _ => {
            let low = v.own_share(rare);
            let p = match class_share(v, (a, b), level) {
                Some(class) => m * 0.5 * (k + (low / class).min(1.0)),
                None => m * k,
            };
            (p / (m * k * high + low)).min(m.max(0.3) / high)
        }
    };
    lg(lr).min(c.model.name.token_limit)
}

/// Share of records with a token of the class that two tokens share by agreeing at this level; `None` where the level goes by spelling alone.
fn class_share(v: &Vocabulary, (a, b): (TokenId, TokenId), level: TokenLevel) -> Option<f64> {
    match level {
        TokenLevel::Sound => Some(v.key_share(v.token(a).keys[0])),
        TokenLevel::Class => v.shared_class_share(a, b),
        TokenLevel::Foreign => v.shared_foreign_share(a, b),
        TokenLevel::Skeleton => Some(v.key_share(v.token(a).keys[2])),
        _ => None,
    }
}

/// Share of records with a name token that agrees as well with one of the two as they agree with each other: the frequency behind [`token_weight`].
pub(super) fn token_share(c: Context<'_>, (a, b): (TokenId, TokenId), level: TokenLevel, nations: [u16; 2]) -> f64 {
    let v = c.vocabulary;
    let own = if level == TokenLevel::Equal { 1.5 } else { 1.0 };
    let common = |t: TokenId| v.frequency(t, nations[0], own).max(v.frequency(t, nations[1], own));
    let high = common(a).max(common(b));
    match level {
        TokenLevel::Equal => high,
        TokenLevel::Initial => 1.0 / 12.0,
        _ => class_share(v, (a, b), level).unwrap_or_else(|| {
            let spelled_so = c.model.name.agree[level as usize] * c.model.name.kernel[level as usize];
            spelled_so * high + v.own_share(a).min(v.own_share(b))
        }),
    }
}

/// The most a name can weigh when no token of one record agrees with any of the other, though both have a name that is no nickname.
#[must_use]
pub fn name_conflict_bound(c: Context<'_>) -> f64 {
    let m = &c.model.name;
    let mildest = m.conflict_given.max(m.conflict_surname).max(0.8 * m.conflict_given);
    lg(m.false_name + (1.0 - m.false_name) * 10f64.powf(mildest)).max(-9.0)
}

/// Best assignment of name tokens (exact, by bit sets over the right side) and what is left over; the maximum over written names.
#[must_use]
pub fn names(c: Context<'_>, left: &Features, right: &Features) -> Option<Outcome> {
    names_noting::<()>(c, left, right).map(|best| best.0)
}

/// The weight of the parts of names whose role holds, as if nothing else of the names were known; `None` where no such part of one is like one of the
/// other.
#[must_use]
pub fn name_parts(c: Context<'_>, left: &Features, right: &Features, holds: fn(TokenRole) -> bool) -> Option<f64> {
    let nations = [left.nation(), right.nation()];
    let pairs = left.forms.iter().flat_map(|l| right.forms.iter().map(move |r| (l, r)));
    let weights = pairs.filter_map(|(l, r)| {
        let parts = |form: &NameForm| Tokens::of(form.tokens.iter().copied().filter(|t| holds(t.1)));
        let (ls, rs) = (parts(l), parts(r));
        let alike = ls.all().iter().any(|a| rs.all().iter().any(|b| c.vocabulary.level(a.0, b.0).is_some()));
        let outcome = if alike { one_name(c, (ls, rs), l.guessed || r.guessed, nations, &mut ()) } else { None };
        outcome.map(|o| o.log10)
    });
    weights.reduce(f64::max)
}

/// What takes note of the tokens that agree: nothing where only the weight is asked, a list where it is explained.
pub(super) trait Note: Default {
    /// These two agree at this level.
    fn agree(&mut self, a: TokenId, b: TokenId, level: TokenLevel);
}

impl Note for () {
    fn agree(&mut self, _: TokenId, _: TokenId, _: TokenLevel) {}
}

impl Note for Vec<(TokenId, TokenId, TokenLevel)> {
    fn agree(&mut self, a: TokenId, b: TokenId, level: TokenLevel) {
        self.push((a, b, level));
    }
}

/// [`names`], with a note of the tokens that agree in the best pair of written names.
pub(super) fn names_noting<N: Note>(c: Context<'_>, left: &Features, right: &Features) -> Option<(Outcome, N)> {
    let nations = [left.nation(), right.nation()];
    let empty = NameForm::default();
    let mut best: Option<(Outcome, N)> = None;
    let lefts = if left.forms.is_empty() { std::slice::from_ref(&empty) } else { &left.forms };
    let rights = if right.forms.is_empty() { std::slice::from_ref(&empty) } else { &right.forms };
    for l in lefts {
        for r in rights {
            let mut note = N::default();
            let tokens = (Tokens::new(l, &left.aliases), Tokens::new(r, &right.aliases));
            if let Some(outcome) = one_name(c, tokens, l.guessed || r.guessed, nations, &mut note)
                && best.as_ref().is_none_or(|b| outcome.log10 > b.0.log10)
            {
                best = Some((outcome, note));
            }
        }
    }
    best
}

/// Most tokens of one side that are compared.
pub const WIDEST: usize = 10;
/// Share of a given name's conflict that counts when another given name agrees: a second one that differs says little.
pub const SECOND_GIVEN: f64 = 0.35;

/// The tokens of one written name and of the nicknames, with their roles.
struct Tokens {
    list: [(TokenId, TokenRole); WIDEST],
    count: usize,
}

impl Tokens {
    fn new(form: &NameForm, aliases: &[TokenId]) -> Self {
        Self::of(form.tokens.iter().copied().chain(aliases.iter().map(|a| (*a, TokenRole::Alias))))
    }

    fn of(all: impl Iterator<Item = (TokenId, TokenRole)>) -> Self {
        let mut list = [(0, TokenRole::Unknown); WIDEST];
        let mut count = 0;
        for (place, token) in list.iter_mut().zip(all) {
            *place = token;
            count += 1;
        }
        Self { list, count }
    }

    fn all(&self) -> &[(TokenId, TokenRole)] {
        &self.list[..self.count]
    }

    /// How many tokens outside `used` have a role that holds.
    fn spare(&self, used: u32, holds: impl Fn(TokenRole) -> bool) -> usize {
        self.all().iter().enumerate().filter(|(i, t)| used & (1 << i) == 0 && holds(t.1)).count()
    }
}

/// Weights of all pairs of tokens that are worth an assignment; the others are 0.
struct Cells {
    weight: [[f64; WIDEST]; WIDEST],
    level: [[TokenLevel; WIDEST]; WIDEST],
    rows: usize,
    columns: usize,
}

/// Two written names; every pair of tokens that agree goes to `note`.
fn one_name(c: Context<'_>, (ls, rs): (Tokens, Tokens), guessed: bool, nations: [u16; 2], note: &mut impl Note) -> Option<Outcome> {
    if ls.count == 0 || rs.count == 0 {
        return None;
    }
    let m = &c.model.name;
    let lone_surname = |s: &Tokens| s.spare(0, TokenRole::is_surname) < 2;
    let free_order = guessed || lone_surname(&ls) || lone_surname(&rs);
    let mut cells = Cells { weight: [[0.0; WIDEST]; WIDEST], level: [[TokenLevel::Initial; WIDEST]; WIDEST], rows: ls.count, columns: rs.count };
    for (i, &(a, ra)) in ls.all().iter().enumerate() {
        for (j, &(b, rb)) in rs.all().iter().enumerate() {
            if let Some(level) = c.vocabulary.level(a, b) {
                cells.weight[i][j] = (token_weight(c, a, b, level, nations) + role_weight(c, ra, rb, guessed, free_order)).max(0.0);
                cells.level[i][j] = level;
            }
        }
    }
    let pairs = assign(&cells);
    let mut weights = [0.0; WIDEST];
    let (mut used_left, mut used_right, mut matched, mut matched_given, mut worst) = (0_u32, 0_u32, 0, false, None);
    for (i, j) in pairs.into_iter().enumerate().filter_map(|(i, j)| Some((i, j?))) {
        weights[matched] = cells.weight[i][j];
        matched += 1;
        used_left |= 1 << i;
        used_right |= 1 << j;
        worst = worst.max(Some(cells.level[i][j]));
        note.agree(ls.list[i].0, rs.list[j].0, cells.level[i][j]);
        matched_given |= [ls.list[i].1, rs.list[j].1].iter().any(|role| matches!(role, TokenRole::Given | TokenRole::Alias));
    }
    let weights = &mut weights[..matched];
    weights.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut total: f64 = weights.iter().enumerate().map(|(i, w)| if i < 2 { *w } else { w * m.later_token_weight }).sum();
    // What is left over: a conflict where both sides have a token of the role to spare, a gap where only one has.
    let spare = |s: &Tokens, used: u32| {
        let of = |role: TokenRole| s.spare(used, |r| r == role);
        (of(TokenRole::Given), s.spare(used, TokenRole::is_surname), of(TokenRole::Unknown))
    };
    let (lg_, lsn, lu) = spare(&ls, used_left);
    let (rg, rsn, ru) = spare(&rs, used_right);
    let given_conflicts = lg_.min(rg);
    let surname_conflicts = lsn.min(rsn);
    let loose_conflicts = (lg_ + lsn + lu).min(rg + rsn + ru) - given_conflicts - surname_conflicts;
    let given_step = if matched_given { m.conflict_given * SECOND_GIVEN } else { m.conflict_given };
    if given_conflicts > 0 {
        total += given_step;
    }
    if surname_conflicts > 0 {
        total += m.conflict_surname + 0.5 * m.conflict_surname * (surname_conflicts - 1) as f64;
    }
    if loose_conflicts > 0 {
        total += 0.8 * m.conflict_given;
    }
    let gaps = lg_.abs_diff(rg) as f64 * m.missing_given + lsn.abs_diff(rsn) as f64 * m.missing_surname;
    total += gaps;
    let conflicts = given_conflicts + surname_conflicts + loose_conflicts;
    if matched == 0 && conflicts == 0 && ls.all().iter().chain(rs.all()).all(|t| t.1 == TokenRole::Alias) {
        // Two nicknames that differ: people have several.
        total = -0.1;
    }
    let log10 = lg(m.false_name + (1.0 - m.false_name) * 10f64.powf(total)).min(m.name_limit);
    let level = match worst {
        None => "name.conflict",
        Some(_) if log10 < -0.3 => "name.conflict",
        Some(_) if log10 < 0.5 => "name.weak",
        Some(_) if conflicts > 0 || (matched == 1 && ls.count.max(rs.count) > 2) => "name.partial",
        Some(TokenLevel::Equal) => "name.equal",
        Some(TokenLevel::Sound) => "name.sound",
        Some(_) => "name.variant",
    };
    Some(Outcome { level, log10 })
}

/// log10 weight of matching a token in one role with a token in another.
fn role_weight(c: Context<'_>, a: TokenRole, b: TokenRole, guessed: bool, free_order: bool) -> f64 {
    use TokenRole::{Alias, FirstSurname, Given, SecondSurname, Unknown};
    let m = &c.model.name;
    match (a, b) {
        _ if a == b && a != Alias => 0.0,
        (Alias, Alias) => -0.8,
        (Alias, Given) | (Given, Alias) => -0.3,
        (Alias, Unknown) | (Unknown, Alias) => -0.4,
        (Alias, _) | (_, Alias) => -1.2,
        (Unknown, _) | (_, Unknown) => m.role_guessed,
        (FirstSurname, SecondSurname) | (SecondSurname, FirstSurname) => {
            if free_order {
                m.role_guessed
            } else {
                m.surname_order
            }
        }
        _ if guessed => m.given_as_surname * 0.5,
        _ => m.given_as_surname,
    }
}

/// Maximum-weight assignment of rows to columns over the cells above 0, the column of every row: exact, by a dynamic programme over sets of used
/// columns where two cells share a row or a column.
fn assign(cells: &Cells) -> [Option<usize>; WIDEST] {
    let (rows, columns) = (cells.rows, cells.columns);
    let mut pairs = [None; WIDEST];
    let (mut rows_hit, mut columns_hit, mut shared) = (0_u32, 0_u32, false);
    for (r, row) in cells.weight[..rows].iter().enumerate() {
        for (k, _) in row[..columns].iter().enumerate().filter(|(_, w)| **w > 0.0) {
            shared |= rows_hit & 1 << r != 0 || columns_hit & 1 << k != 0;
            rows_hit |= 1 << r;
            columns_hit |= 1 << k;
            pairs[r] = Some(k);
        }
    }
    if !shared {
        return pairs;
    }
    let sets = 1_usize << columns;
    let mut best = vec![f64::NEG_INFINITY; sets * (rows + 1)];
    let mut choice = vec![None; sets * (rows + 1)];
    best[0] = 0.0;
    for r in 0..rows {
        for set in 0..sets {
            let here = best[r * sets + set];
            if here == f64::NEG_INFINITY {
                continue;
            }
            let skip = (r + 1) * sets + set;
            if here > best[skip] {
                best[skip] = here;
                choice[skip] = None;
            }
            for (k, weight) in cells.weight[r][..columns].iter().enumerate().filter(|(k, w)| **w > 0.0 && set & (1 << k) == 0) {
                let next = (r + 1) * sets + (set | 1 << k);
                if here + weight > best[next] {
                    best[next] = here + weight;
                    choice[next] = Some(k);
                }
            }
        }
    }
    let mut set = (0..sets).fold(0, |b, s| if best[rows * sets + s] > best[rows * sets + b] { s } else { b });
    for r in (0..rows).rev() {
        pairs[r] = choice[(r + 1) * sets + set];
        if let Some(k) = pairs[r] {
            set &= !(1 << k);
        }
    }
    pairs
}

/// Standard normal distribution function (Abramowitz and Stegun 26.2.17, error below 7.5e-8).
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let poly = t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-0.5 * x * x).exp() * 0.398_942_280_4 * poly;
    if x >= 0.0 { 1.0 - tail } else { tail }
}

/// Normal density.
#[must_use]
pub fn normal_density(x: f64, sd: f64) -> f64 {
    (-0.5 * (x / sd).powi(2)).exp() * 0.398_942_280_4 / sd
}

/// What a weight is worth that rests on a document, which may be another person's: then it says nothing.
pub(super) fn if_own(c: Context<'_>, log10: f64) -> f64 {
    let own = c.model.identifiers.document_own;
    lg(own * 10f64.powf(log10) + 1.0 - own)
}

/// Sex: an error is rare but possible, never a filter.
#[must_use]
pub fn sex(c: Context<'_>, left: &Features, right: &Features) -> Option<Outcome> {
    let (a, b) = (left.sex?, right.sex?);
    let error = if left.kind.is_remains() || right.kind.is_remains() { c.model.sex.error_remains } else { c.model.sex.error };
    let share = |s: Sex| c.population.sex_share(s);
    Some(if a == b {
        Outcome { level: "sex.equal", log10: lg((1.0 - error) / share(a)) }
    } else {
        Outcome { level: "sex.disagree", log10: lg(error / share(a).max(share(b))) }
    })
}

/// Nationality: equal, or a confusion that happens on these routes (asymmetric: true on the case's side, declared on the record's), or another. Where a
/// record tells none, that of its documents' numbers, as far as they are its own.
#[must_use]
pub fn nationality(c: Context<'_>, nation_codes: &dyn Fn(u16) -> [u16; 8], left: &Features, right: &Features) -> Option<Outcome> {
    let of_document = left.nations.is_empty() || right.nations.is_empty();
    let outcome = nations(c, nation_codes, left.known_nations(), right.known_nations())?;
    Some(if of_document { Outcome { log10: if_own(c, outcome.log10), ..outcome } } else { outcome })
}

fn nations(c: Context<'_>, nation_codes: &dyn Fn(u16) -> [u16; 8], left: &[u16], right: &[u16]) -> Option<Outcome> {
    if left.is_empty() || right.is_empty() {
        return None;
    }
    let m = &c.model.nationality;
    let equal = |nation: u16| lg((1.0 - m.misdeclared) / c.population.nation_share(nation));
    if let Some(log10) = left.iter().filter(|n| right.contains(n)).map(|n| equal(*n)).max_by(f64::total_cmp) {
        return Some(Outcome { level: "nationality.equal", log10 });
    }
    let (truth, declared) = (left[0], right[0]);
    let targets = nation_codes(truth);
    let listed = targets.iter().filter(|t| **t != 0).count();
    if targets.contains(&declared) {
        let p = m.misdeclared * m.listed_share / listed.max(1) as f64;
        return Some(Outcome {
            level: "nationality.known_confusion",
            log10: lg(p / c.population.nation_share(declared)).min(0.5).min(equal(truth)),
        });
    }
    let p = m.misdeclared * if listed > 0 { 1.0 - m.listed_share } else { 1.0 };
    Some(Outcome { level: "nationality.disagree", log10: lg(p) })
}

/// Stature: normal error on the difference of the middles against the population of the sex; children against children.
#[must_use]
pub fn stature(c: Context<'_>, left: &Features, right: &Features) -> Option<Outcome> {
    let (a, b) = (left.stature?, right.stature?);
    let m = &c.model.stature;
    let (ca, cb) = (f32::midpoint(a.0, a.1), f32::midpoint(b.0, b.1));
    let sd = stature_sd(c, a, b);
    let d = f64::from(ca - cb);
    let child = |f: &Features| f.age_years().is_some_and(|y| y < 15.0);
    let other = if child(left) && child(right) {
        normal_density(d, m.child_population_sd_cm)
    } else {
        let sex = left.sex.or(right.sex);
        f64::midpoint(c.population.stature_density(ca, sex), c.population.stature_density(cb, sex))
    };
    let lr = (1.0 - m.unrelated) * normal_density(d, sd) / other.max(1e-5) + m.unrelated;
    let level = if d.abs() <= sd {
        "stature.close"
    } else if d.abs() <= 2.0 * sd {
        "stature.near"
    } else {
        "stature.disagree"
    };
    Some(Outcome { level, log10: lg(lr).min(1.3) })
}

/// Standard error, cm, of the difference of two statures; a wide range is less sure.
pub(super) fn stature_sd(c: Context<'_>, a: (f32, f32), b: (f32, f32)) -> f64 {
    let half = f64::from((b.1 - b.0).max(a.1 - a.0)) / 2.0;
    c.model.stature.sd_cm.hypot(half * 0.2)
}

/// Build (0), hair (1), eyes (2) as concepts.
#[must_use]
pub fn look(c: Context<'_>, axis: usize, left: &Features, right: &Features) -> Option<Outcome> {
    look_of(c, axis, left.looks[axis], right.looks[axis])
}

/// Two concepts of build (0), hair (1) or eyes (2); symmetric.
#[must_use]
pub fn look_of(c: Context<'_>, axis: usize, a: ConceptId, b: ConceptId) -> Option<Outcome> {
    const CODES: [[&str; 3]; 3] = [
        ["build.equal", "build.similar", "build.disagree"],
        ["hair.equal", "hair.similar", "hair.disagree"],
        ["eyes.equal", "eyes.similar", "eyes.disagree"],
    ];
    if a == 0 || b == 0 {
        return None;
    }
    let m = &c.model.category;
    let (fa, fb) = (c.population.look_share(axis, a), c.population.look_share(axis, b));
    let (code, lr) = if a == b {
        (0, m.equal / fa)
    } else if c.lexicon.similar(a, b) {
        (1, m.similar / (fa + fb).min(0.9))
    } else {
        (2, m.different / (1.0 - fa.max(fb)).max(0.2))
    };
    Some(Outcome { level: CODES[axis][code], log10: lg(lr).clamp(-1.0, 1.2) })
}

/// Marks, dental findings, garments, belongings: one-to-one pairs of items whose attributes agree, weighed by rarity; a small cost for what
/// finds no partner, since not everything is seen or told.
#[must_use]
pub fn items(c: Context<'_>, field: ItemField, left: &Features, right: &Features) -> Option<Outcome> {
    items_noting(c, field, left, right, |_, _| {})
}

/// [`items`]; every pair of items that agree goes to `note`.
pub(super) fn items_noting(
    c: Context<'_>,
    field: ItemField,
    left: &Features,
    right: &Features,
    mut note: impl FnMut(&Item, &Item),
) -> Option<Outcome> {
    const CODES: [[&str; 3]; 4] = [
        ["marks.distinctive", "marks.shared", "marks.none_shared"],
        ["dental.distinctive", "dental.shared", "dental.none_shared"],
        ["clothing.distinctive", "clothing.shared", "clothing.none_shared"],
        ["belongings.distinctive", "belongings.shared", "belongings.none_shared"],
    ];
    let index = field as usize;
    let (ls, rs) = (&left.items[index], &right.items[index]);
    if ls.is_empty() || rs.is_empty() {
        return None;
    }
    let m = item_model(c, index);
    let mut weights: Vec<(f64, usize, usize)> = Vec::new();
    for (i, a) in ls.iter().enumerate() {
        for (j, b) in rs.iter().enumerate() {
            let weight = item_weight(c, index, a, b);
            // What nearly everybody has tells nothing when it is the same, but it is not missing.
            if weight > 0.0 || a == b {
                weights.push((weight.max(0.0), i, j));
            }
        }
    }
    // Greedy best first: exact for the few items records have, up to ties.
    weights.sort_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)).then(x.2.cmp(&y.2)));
    let (mut used_left, mut used_right) = (0_u32, 0_u32);
    let mut gain = 0.0;
    for (weight, i, j) in weights {
        if used_left & (1 << i) == 0 && used_right & (1 << j) == 0 {
            used_left |= 1 << i;
            used_right |= 1 << j;
            gain += weight;
            note(&ls[i], &rs[j]);
        }
    }
    let lonely = (ls.len() - used_left.count_ones() as usize) + (rs.len() - used_right.count_ones() as usize);
    let cost = (lonely as f64 * m.unpaired).max(m.floor);
    let log10 = (gain + cost).min(m.limit);
    let code = if used_left == 0 { 2 } else { usize::from(gain < 1.5) };
    Some(Outcome { level: CODES[index][code], log10 })
}

/// The parameters of a field of items (number in [`ItemField::ALL`]).
const fn item_model(c: Context<'_>, field: usize) -> &ItemModel {
    let m = &c.model.items;
    [&m.marks, &m.dental, &m.clothing, &m.belongings][field]
}

/// The most a field of `mine` items can weigh with one of at least one item when no two agree.
#[must_use]
pub fn items_apart_bound(c: Context<'_>, field: usize, mine: usize) -> f64 {
    let m = item_model(c, field);
    ((mine + 1) as f64 * m.unpaired).max(m.floor)
}

/// Two kinds, motifs or parts that witnesses confuse; free words are never similar.
#[must_use]
pub fn similar(c: Context<'_>, a: u32, b: u32) -> bool {
    match (u16::try_from(a), u16::try_from(b)) {
        (Ok(a), Ok(b)) => c.lexicon.similar(a, b),
        _ => false,
    }
}

/// log10 LR of two items of a field (number in [`ItemField::ALL`]) being one and the same.
#[must_use]
pub fn item_weight(c: Context<'_>, field: usize, a: &Item, b: &Item) -> f64 {
    let m = item_model(c, field);
    let p = c.population;
    let marks: &MarkModel = &c.model.marks;
    let similar = |x: u32, y: u32| similar(c, x, y);
    let mut lr = if a.kind == b.kind {
        m.noted / p.kind_rate(field, a.kind)
    } else if similar(a.kind, b.kind) {
        m.noted * marks.kind_similar / p.kind_rate(field, a.kind).min(p.kind_rate(field, b.kind)) * 0.5
    } else {
        return -1.0;
    };
    if a.detail != 0 && b.detail != 0 {
        lr *= if a.detail == b.detail && a.kind == b.kind {
            marks.motif_equal / p.detail_share(field, a)
        } else if a.detail == b.detail {
            marks.motif_equal * 4.0
        } else if similar(a.detail, b.detail) {
            (marks.motif_similar / (p.detail_share(field, a) + p.detail_share(field, b))).min(3.0)
        } else {
            marks.motif_different
        };
    }
    if a.part != 0 && b.part != 0 {
        lr *= if a.part == b.part {
            marks.part_equal / p.part_share(a.part)
        } else if c.lexicon.similar(a.part, b.part) {
            (marks.part_near / (p.part_share(a.part) + p.part_share(b.part))).min(2.0)
        } else {
            marks.part_different
        };
        if a.side != 0 && b.side != 0 {
            lr *= if a.side == b.side { marks.side_equal * 2.0 } else { marks.side_different * 2.0 };
        }
    }
    lg(lr)
}

/// Telephones: equal by the last eight digits, one digit off, or different; a number many records carry (a shelter's) says little.
#[must_use]
pub fn phones(c: Context<'_>, left: &Features, right: &Features) -> Option<Outcome> {
    if left.phones.is_empty() || right.phones.is_empty() {
        return None;
    }
    best_number(&left.phones, &right.phones, Outcome { level: "phone.disagree", log10: c.model.identifiers.phone_different }, |a, b| {
        phone(c, a, b)
    })
}

/// The best pair of two lists of numbers, or `different`.
fn best_number(left: &[Box<str>], right: &[Box<str>], different: Outcome, pair: impl Fn(&str, &str) -> Option<Outcome>) -> Option<Outcome> {
    let pairs = left.iter().flat_map(|a| right.iter().filter_map(|b| pair(a, b)).collect::<Vec<_>>());
    Some(pairs.fold(different, |best, o| if o.log10 > best.log10 { o } else { best }))
}

/// Two telephone numbers that are equal or near.
#[must_use]
pub fn phone(c: Context<'_>, a: &str, b: &str) -> Option<Outcome> {
    phone_carried(c, tail(a, 8), tail(b, 8), c.population.number_count(a).max(c.population.number_count(b)))
}

/// Two ends of telephone numbers, of which the commoner whole one is carried by so many records.
fn phone_carried(c: Context<'_>, a: &str, b: &str, carriers: u32) -> Option<Outcome> {
    let m = &c.model.identifiers;
    if a == b {
        let level = if carriers.saturating_sub(2) > 3 { "phone.common" } else { "phone.equal" };
        Some(Outcome { level, log10: lg(m.phone_equal / phone_share(c, carriers)).min(m.limit) })
    } else {
        // Being near what many carry says as little as carrying it; of a near number the pair itself carries one, not two.
        let u = phone_share(c, carriers.saturating_add(1)).max(2e-5);
        near(a, b).then(|| Outcome { level: "phone.near", log10: lg(m.phone_near / u).min(m.limit) })
    }
}

/// Share of records that carry a number which so many records carry, the pair's own left out; a number may be a shelter's.
pub(super) fn phone_share(c: Context<'_>, carriers: u32) -> f64 {
    let records = f64::from(c.population.records[0].max(1) + c.population.records[1].max(1));
    f64::from(carriers.saturating_sub(2)) * 3.0 / records + 5e-6
}

/// The most a number can weigh with one that ends in these eight digits; `None` when it is neither equal nor near.
#[must_use]
pub fn phone_bound(c: Context<'_>, number: &str, tail_of_other: &str) -> Option<f64> {
    phone_carried(c, tail(number, 8), tail_of_other, c.population.number_count(number)).map(|o| o.log10)
}

/// Document numbers: equal, one character off, or different.
#[must_use]
pub fn documents(c: Context<'_>, left: &Features, right: &Features) -> Option<Outcome> {
    if left.documents.is_empty() || right.documents.is_empty() {
        return None;
    }
    let different = Outcome { level: "document.disagree", log10: c.model.identifiers.document_different };
    best_number(&left.documents, &right.documents, different, |a, b| document(c, a, b))
}

/// Two document numbers that are equal or near.
#[must_use]
pub fn document(c: Context<'_>, a: &str, b: &str) -> Option<Outcome> {
    let m = &c.model.identifiers;
    let carriers = c.population.number_count(a).max(c.population.number_count(b));
    if a == b {
        Some(Outcome { level: "document.equal", log10: lg(m.document_equal / document_share(c, carriers)).min(m.limit) })
    } else {
        let u = document_share(c, carriers.saturating_add(1)).max(1e-5);
        near(a, b).then(|| Outcome { level: "document.near", log10: lg(m.document_near / u).min(m.limit) })
    }
}

/// Share of records that carry a document number which so many records carry, the pair's own left out.
pub(super) fn document_share(c: Context<'_>, carriers: u32) -> f64 {
    f64::from(carriers.saturating_sub(2)) / f64::from((c.population.records[0] + c.population.records[1]).max(1)) + 2e-6
}

/// The last `n` bytes of an ASCII text.
pub(super) fn tail(text: &str, n: usize) -> &str {
    text.get(text.len().saturating_sub(n)..).unwrap_or(text)
}

/// One character wrong, missing, extra or swapped in a number of six or more.
fn near(a: &str, b: &str) -> bool {
    a.len().min(b.len()) >= 6
        && a.len().abs_diff(b.len()) <= 1
        && rapidfuzz::distance::osa::distance_with_args(a.bytes(), b.bytes(), &rapidfuzz::distance::osa::Args::default().score_cutoff(1))
            .is_some()
}

/// The home address or community: every part with its best counterpart, the same or nearly the same writing, weighed by rarity. People move, so
/// that parts without a counterpart say little.
#[must_use]
pub fn residence(c: Context<'_>, left: &Features, right: &Features) -> Option<Outcome> {
    residence_noting(c, left, right, |_, _| {})
}

/// [`residence`]; every pair of parts that agree goes to `note`.
pub(super) fn residence_noting(c: Context<'_>, left: &Features, right: &Features, mut note: impl FnMut(TokenId, TokenId)) -> Option<Outcome> {
    let (ls, rs) = (&left.residence, &right.residence);
    if ls.is_empty() || rs.is_empty() {
        return None;
    }
    let m = &c.model.residence;
    let (mut gain, mut found, mut used) = (0.0, 0, 0_u32);
    for &a in ls {
        let best = rs
            .iter()
            .enumerate()
            .filter(|(j, _)| used & 1 << j == 0)
            .filter_map(|(j, &b)| residence_weight(c, a, b).filter(|w| *w > 0.0).map(|w| (w, j)))
            .max_by(|x, y| x.0.total_cmp(&y.0).then(y.1.cmp(&x.1)));
        if let Some((weight, j)) = best {
            gain += weight;
            found += 1;
            used |= 1 << j;
            note(a, rs[j]);
        }
    }
    let apart = (ls.len().min(rs.len()) - found) as f64 * m.different;
    let log10 = (gain + apart.max(m.floor)).min(m.limit);
    let level = match found {
        0 => "residence.disagree",
        n if n * 2 >= ls.len().min(rs.len()) => "residence.shared",
        _ => "residence.partial",
    };
    Some(Outcome { level, log10 })
}

/// log10 LR of two parts of an address that are the same or nearly so; symmetric.
#[must_use]
pub fn residence_weight(c: Context<'_>, a: TokenId, b: TokenId) -> Option<f64> {
    let m = &c.model.residence;
    let level = c.residences.level(a, b)?;
    let common = c.residences.frequency(a, 0, 1.0).max(c.residences.frequency(b, 0, 1.0));
    match level {
        TokenLevel::Equal => Some(lg(m.equal / common)),
        // As many writings lie near a part as it has letters, each much rarer than the part itself.
        TokenLevel::Sound | TokenLevel::Edit | TokenLevel::Near | TokenLevel::Foreign | TokenLevel::Skeleton => {
            Some(lg(m.near / (2.0 * common + m.near_common)))
        }
        TokenLevel::Class | TokenLevel::Cut | TokenLevel::Initial => None,
    }
}

/// Companions: the best pair of names by tokens that agree; other companions are ordinary.
#[must_use]
pub fn companions(c: Context<'_>, left: &Features, right: &Features) -> Option<Outcome> {
    if left.companions.is_empty() || right.companions.is_empty() {
        return None;
    }
    let m = &c.model.companions;
    let nations = [left.nation(), right.nation()];
    let mut best = f64::NEG_INFINITY;
    for a in &left.companions {
        for b in &right.companions {
            best = best.max(companion(c, (a, b), nations, &mut ()));
        }
    }
    // P(the pair of lists | same) = agree * LR + the rest.
    let log10 = lg(m.agree * 10f64.powf(best.min(6.0)) + 10f64.powf(m.different) * (1.0 - m.agree)).clamp(m.different, m.limit);
    let level = if log10 > 0.3 { "companions.shared" } else { "companions.none_shared" };
    Some(Outcome { level, log10 })
}

/// log10 LR of two companions' names; every pair of tokens that agree goes to `note`.
pub(super) fn companion(c: Context<'_>, (a, b): (&[TokenId], &[TokenId]), nations: [u16; 2], note: &mut impl Note) -> f64 {
    let mut used = 0_u32;
    let mut sum = 0.0;
    for &x in a {
        let hit = b
            .iter()
            .enumerate()
            .filter(|(j, _)| used & (1 << j) == 0)
            .filter_map(|(j, &y)| c.vocabulary.level(x, y).map(|l| (token_weight(c, x, y, l, nations), j, l)))
            .filter(|h| h.0 > 0.0)
            .max_by(|p, q| p.0.total_cmp(&q.0).then(q.1.cmp(&p.1)));
        match hit {
            Some((weight, j, level)) => {
                used |= 1 << j;
                sum += weight;
                note.agree(x, b[j], level);
            }
            None => sum -= 0.8,
        }
    }
    sum
}
