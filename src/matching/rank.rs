//! A record's best counterparts on the other side: a quick pass over every row and posting list ranks candidates softly (no field is a
//! filter), the best are weighed exactly.

use std::sync::OnceLock;

use crate::linkage::compare::token_weight;
use crate::linkage::features::{Features, Place, chord_km};
use crate::linkage::model::Millibans;
use crate::linkage::record::{RecordKey, Scope, Side};
use crate::linkage::spacetime::{country_weight, time_weight};
use crate::linkage::tokens::{TokenId, TokenLevel};

use super::score::{probability, total};
use super::store::{Half, Key, Row, Store, keys, numbers};

/// The caller's rule whether two records may be compared at all (agreement, consent): the scopes of the case and of the record.
pub type Eligible<'a> = &'a (dyn Fn(Scope, Scope) -> bool + Sync);

/// How far a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankOptions {
    /// Counterparts returned.
    pub top: usize,
    /// Candidates weighed exactly; at least `top`.
    pub budget: usize,
}

impl Default for RankOptions {
    fn default() -> Self {
        Self { top: 50, budget: 250 }
    }
}

/// One counterpart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Its key.
    pub key: RecordKey,
    /// log10 odds.
    pub log10_odds: Millibans,
    /// The same as a probability.
    pub probability: f64,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ranking {
    /// Best first; ties by key.
    pub found: Vec<Ranked>,
    /// Records looked at by the quick pass (eligible ones).
    pub considered: usize,
    /// Pairs weighed exactly.
    pub weighed: usize,
    /// True when more candidates were worth a look than the budget allowed.
    pub budget_hit: bool,
}

/// The tokens that agree with one token, with their levels.
type Expansion = Box<[(TokenId, TokenLevel)]>;

/// Tokens like a token, kept for the length of one run over many records.
#[derive(Debug, Default)]
pub struct Expansions {
    slots: Vec<OnceLock<Expansion>>,
}

impl Expansions {
    /// Room for every token the store knows now.
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { slots: (0..store.context().vocabulary.len()).map(|_| OnceLock::new()).collect() }
    }
}

/// The best counterparts of a record the store holds; `None` when it does not hold it. Cost: about 40 ns for every record of the other side and
/// 2 us for every candidate weighed.
#[must_use]
pub fn rank(store: &Store, side: Side, key: RecordKey, options: RankOptions, eligible: Eligible<'_>) -> Option<Ranking> {
    rank_with(store, side, key, options, eligible, None)
}

/// As [`rank`], with the expansions of a run.
#[must_use]
pub fn rank_with(
    store: &Store,
    side: Side,
    key: RecordKey,
    options: RankOptions,
    eligible: Eligible<'_>,
    expansions: Option<&Expansions>,
) -> Option<Ranking> {
    let query = store.features(side, key)?;
    let other = &store.halves[side.other().index()];
    let (mut sketch, considered) = sketch(store, query, other, eligible, expansions);
    let budget = options.budget.max(options.top);
    let budget_hit = sketch.len() > budget;
    if budget_hit {
        sketch.select_nth_unstable_by(budget, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        sketch.truncate(budget);
    }
    let weighed = sketch.len();
    Some(Ranking { found: weigh(store, query, other, sketch.into_iter().map(|s| s.1), options.top), considered, weighed, budget_hit })
}

/// Every eligible pair weighed exactly: the oracle for [`rank`], and the right call for small sets.
#[must_use]
pub fn rank_exhaustive(store: &Store, side: Side, key: RecordKey, top: usize, eligible: Eligible<'_>) -> Option<Ranking> {
    let query = store.features(side, key)?;
    let other = &store.halves[side.other().index()];
    let slots: Vec<u32> = (0_u32..)
        .zip(&other.features)
        .filter(|(_, f)| f.as_ref().is_some_and(|f| may(eligible, query, f.scope)))
        .map(|(slot, _)| slot)
        .collect();
    let weighed = slots.len();
    Some(Ranking { found: weigh(store, query, other, slots.into_iter(), top), considered: weighed, weighed, budget_hit: false })
}

fn may(eligible: Eligible<'_>, query: &Features, other: Scope) -> bool {
    match query.side {
        Side::Case => eligible(query.scope, other),
        Side::Found => eligible(other, query.scope),
    }
}

fn weigh(store: &Store, query: &Features, other: &Half, slots: impl Iterator<Item = u32>, top: usize) -> Vec<Ranked> {
    let mut found: Vec<Ranked> = slots
        .filter_map(|slot| other.features[slot as usize].as_ref())
        .map(|f| {
            let log10_odds = match query.side {
                Side::Case => total(store, query, f),
                Side::Found => total(store, f, query),
            };
            Ranked { key: f.key, log10_odds, probability: probability(log10_odds) }
        })
        .collect();
    found.sort_unstable_by(|a, b| b.log10_odds.cmp(&a.log10_odds).then(a.key.cmp(&b.key)));
    found.truncate(top);
    found
}

/// Quick scores of every eligible row that is not hopeless, and how many were eligible.
#[expect(clippy::cast_possible_truncation, reason = "quick scores are single precision")]
fn sketch(store: &Store, query: &Features, other: &Half, eligible: Eligible<'_>, expansions: Option<&Expansions>) -> (Vec<(f32, u32)>, usize) {
    let mut scores = vec![0.0_f32; other.rows.len()];
    add_names(store, query, other, expansions, &mut scores);
    for key in keys(query) {
        let Some(list) = other.by_other.get(&key) else { continue };
        let weight = match key {
            Key::Detail(_, _, detail) => {
                let rate = list.len() as f64 / other.by_key.len().max(1) as f64;
                let limit = if detail == 0 { 0.8 } else { 1.5 };
                (0.15 / rate.max(1e-4)).log10().clamp(0.1, limit)
            }
            Key::Part(..) => (0.12 / (list.len() as f64 / other.by_key.len().max(1) as f64).max(1e-4)).log10().clamp(0.1, 1.2),
            Key::Companion(_) => 0.8,
            Key::BirthDay(_) => 2.6,
        };
        for &slot in list {
            scores[slot as usize] += weight as f32;
        }
    }
    for number in numbers(query) {
        let Some(list) = other.by_number.get(&number) else { continue };
        let weight = if number.starts_with(['<', '>']) { if list.len() > 20 { 0.1 } else { 1.0 } } else { 2.0 };
        for &slot in list {
            scores[slot as usize] += weight;
        }
    }
    let quick = Quick::new(store, query);
    let mut out = Vec::with_capacity(other.rows.len());
    let mut considered = 0;
    for (slot, row) in (0_u32..).zip(&other.rows) {
        if !row.live || !other.features[slot as usize].as_ref().is_some_and(|f| may(eligible, query, f.scope)) {
            continue;
        }
        considered += 1;
        let score = scores[slot as usize] + quick.score(store, row);
        if score > -6.0 {
            out.push((score, slot));
        }
    }
    (out, considered)
}

/// Adds, for every token of the query, the weight of the best-agreeing tokens of each record.
#[expect(clippy::cast_possible_truncation, reason = "quick scores are single precision")]
fn add_names(store: &Store, query: &Features, other: &Half, expansions: Option<&Expansions>, scores: &mut [f32]) {
    let c = store.context();
    for token in query.distinct_tokens() {
        let fresh;
        let like: &[(TokenId, TokenLevel)] = match expansions.and_then(|e| e.slots.get(token as usize)) {
            Some(slot) => slot.get_or_init(|| c.vocabulary.expand(token).into_boxed_slice()),
            None => {
                fresh = c.vocabulary.expand(token);
                &fresh
            }
        };
        for &(like, level) in like {
            let Some(list) = other.by_token.get(&like) else { continue };
            let weight = token_weight(c, token, like, level, [query.nation(), 0]) + 0.3;
            if weight <= 0.0 {
                continue;
            }
            for &slot in list {
                scores[slot as usize] += weight as f32;
            }
        }
    }
}

/// The query's side of the quick pass.
struct Quick<'a> {
    row: &'a Row,
    is_case: bool,
    sex: [f32; 3],
    nation_equal: f32,
    place: Option<Place>,
    log_means: [f32; 3],
    span: f64,
    edges: [f32; 7],
    tables: [[f32; 8]; 3],
    country: [f32; 2],
}

impl<'a> Quick<'a> {
    #[expect(clippy::cast_possible_truncation, reason = "quick scores are single precision")]
    fn new(store: &'a Store, query: &Features) -> Self {
        use crate::linkage::record::Sex;
        use crate::linkage::spacetime::Relation;
        let half = &store.halves[query.side.index()];
        let slot = half.by_key.get(&query.key).copied().unwrap_or(0);
        let c = store.context();
        let m = c.model;
        let place = store.atlas().place_of(query);
        let relations = [Relation::Living, Relation::Remains, Relation::Report];
        let log_means = relations.map(|r| place.map_or(0.0, |p| store.atlas().mean(&p, r).max(1e-3).log10() as f32));
        let sex = match query.sex {
            None => [0.0; 3],
            Some(sex) => {
                let equal = ((1.0 - m.sex.error) / c.population.sex_share(sex)).log10() as f32;
                let differ = -1.6;
                if sex == Sex::Female { [0.0, equal, differ] } else { [0.0, differ, equal] }
            }
        };
        Self {
            row: &half.rows[slot as usize],
            is_case: query.side == Side::Case,
            sex,
            nation_equal: (0.94 / c.population.nation_share(query.nation())).log10() as f32,
            place,
            log_means,
            span: c.population.event_span_days(),
            edges: m.place.edges_km.map(|e| e as f32),
            tables: [m.place.living, m.place.remains, m.place.report].map(|t| t.map(|g| g.log10() as f32)),
            country: [query.country, query.country ^ 1]
                .map(|x| if query.country == 0 { 0.0 } else { country_weight(c, query.country, x) as f32 }),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "quick scores are single precision")]
    fn score(&self, store: &Store, other: &Row) -> f32 {
        let me = self.row;
        let mut score = self.sex[usize::from(other.sex)];
        if me.named && other.named {
            score -= 1.3;
        }
        if me.nation != 0 && other.nation != 0 {
            score += if me.nation == other.nation { self.nation_equal } else { -1.0 };
        }
        if me.has_birth && other.has_birth {
            let apart = (me.birth_middle - other.birth_middle).abs();
            if me.birth_exact && other.birth_exact {
                // An equal day is a posting; here the years.
                score += if apart < 370.0 {
                    0.6
                } else if apart < 1100.0 {
                    0.0
                } else {
                    -0.9
                };
            } else {
                let half = me.birth_half.max(other.birth_half).max(180.0);
                let soft = me.birth_soft + other.birth_soft + me.birth_half.min(other.birth_half) * 0.6 + 30.0;
                let outside = ((apart - half) / soft).max(0.0);
                score += (4000.0 / half).log10() * 0.9 - (0.22 * outside * outside).min(1.6);
            }
        }
        if me.stature > 0.0 && other.stature > 0.0 {
            let d = (me.stature - other.stature) / 5.2;
            score += 0.3 - (0.217 * d * d).min(1.9);
        }
        for axis in 0..3 {
            let (a, b) = (me.looks[axis], other.looks[axis]);
            if a != 0 && b != 0 {
                score += if a == b { 0.25 } else { -0.3 };
            }
        }
        // Which side is the case decides how places and days are read.
        let record = if self.is_case { other } else { me };
        let mut space_time = 0.0;
        if me.event != i32::MIN && other.event != i32::MIN {
            let lag = if self.is_case { other.event.saturating_sub(me.event) } else { me.event.saturating_sub(other.event) };
            let m = &store.model().time;
            space_time += time_weight(m, store.time_table(), record.relation, lag, record.interval.as_ref(), self.span).0 as f32;
        }
        match (&self.place, &other.place) {
            (Some(a), Some(b)) => {
                let km = chord_km(&a.unit, b);
                let class = self.edges.iter().position(|e| km < *e).unwrap_or(7);
                let relation = record.relation as usize;
                space_time += self.tables[relation][class] - if self.is_case { self.log_means[relation] } else { 0.3 };
            }
            _ if me.country != 0 && other.country != 0 => space_time += self.country[usize::from(me.country != other.country)],
            _ => {}
        }
        let limit = store.model().time.limit as f32;
        score + space_time.clamp(-limit, limit)
    }
}
