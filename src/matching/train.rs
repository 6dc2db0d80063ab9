//! Training: what the levels of fields weigh beside the model's own parameters, and how each kind of record is calibrated, from pairs whose truth is
//! known and from those whose is not.
//!
//! The model gives a pair `log10 odds = prior + shift of its kind + kept of its kind * (sum of field weights + sum of what their levels add)`, as
//! Fellegi and Sunter's does, with weights by frequency in place of one `m/u` per level. Learned are the shifts, the shares kept and the additions of
//! levels; levels are tied across kinds, and everything is drawn towards the model training begins with by pseudo-counts ([`Prior`]), so that what
//! the data do not tell stays as it was.
//!
//! Without labels: expectation and maximisation over unique patterns of agreement with their counts (Enamorado, Fifield, Imai, "Using a probabilistic
//! model to assist merging of large-scale administrative records", APSR 2019). The expectation is the joint posterior ([`super::joint`]): because a
//! record belongs to one person at most, the rivals of pairs beyond doubt tell how often strangers look alike, so the classes part without labels.
//! Remains without a name are left out of the maximisation, since nothing of theirs is ever beyond doubt; they gain by the levels they share with the
//! other kinds. What is absent is missing at random within a kind: it adds nothing.
//!
//! With every true pair known: logistic regression with the rivals of each pair as offset. Both are maxima a posteriori, by Newton's method.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::linkage::model::{LEVEL_LIMIT, LevelsModel, Millibans, Model};
use crate::linkage::record::{RecordKey, RecordKind, Side};

use super::joint::{self, Edge};
use super::rank::{RankOptions, Ranking, Search, Shared, Watch, rank_all};
use super::relative::Relative;
use super::score::{Field, assess, of_relatives, probability};
use super::store::Store;

/// What is known of pairs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Confirmed as one person (true) or excluded (false).
    pub pairs: FxHashMap<(RecordKey, RecordKey), bool>,
    /// True when every pair of one person is among them, so that all others are of two.
    pub complete: bool,
}

/// What training gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The model with its levels and kinds learned; its id is still that of the one training began with.
    pub model: Model,
    /// Pairs of a case and a record that were looked at.
    pub pairs: usize,
    /// Unique patterns of agreement among them.
    pub patterns: usize,
    /// Pairs among them whose truth was known to be one person, and two.
    pub labels: [usize; 2],
    /// Rounds until nothing moved.
    pub rounds: usize,
}

/// Pseudo-counts that draw the parameters towards those training begins with: in pairs of even odds for a shift (per natural logarithm), for ten times
/// the share kept, and for a level.
#[derive(Debug, Clone, Copy)]
struct Prior {
    shift: f64,
    kept: f64,
    level: f64,
}

/// With labels every pair tells what it is; without, the model itself says so, and is believed less.
const LABELLED: Prior = Prior { shift: 1.0, kept: 4.0, level: 20.0 };
const UNLABELLED: Prior = Prior { shift: 5.0, kept: 5.0, level: 60.0 };
/// Best records of each case that are looked at, and the lowest log10 odds of a pair.
const SEARCH: RankOptions = RankOptions { top: 50, floor: -4.5, budget: 20_000, every_pair: false };
/// Most rounds; a largest move of a parameter, log10, that is none any more.
const ROUNDS: usize = 15;
const STILL: f64 = 0.004;
/// Newton's steps of a round, and the most a parameter moves in one.
const STEPS: usize = 3;
const STRIDE: f64 = 0.5;
/// Pattern: sums of weights are told apart by so many steps per log10.
const SUM_STEPS: f64 = 20.0;
/// A kind's share of records with a case is kept below this where odds are turned into those of a pair among rivals.
const MOST_MATCHED: f64 = 0.95;
/// Pairs of one person (expected) below which a level's typical weight is not known well enough to put levels in order.
const FEWEST: f64 = 1.0;

const KINDS: usize = RecordKind::COUNT;
const FIELDS: usize = Field::ALL.len() - 3;

/// One pair as training sees it.
struct Seen {
    case: u32,
    record: u32,
    kind: RecordKind,
    known: Option<bool>,
    /// log10 prior odds.
    prior: f64,
    /// What speaks for a relative, with the levels that training begins with.
    relative: Relative,
    /// log10 of all fields together, levels aside.
    sum: f64,
    /// By field, the number of its level from 1; 0 for none.
    levels: [u8; FIELDS],
}

/// What is learned. Shares kept and levels stand as in the model; a shift is added to the prior, log10.
#[derive(Clone)]
struct Parameters {
    shift: [f64; KINDS],
    kept: [f64; KINDS],
    levels: Vec<f64>,
}

impl Parameters {
    fn of(model: &Model) -> Self {
        Self {
            shift: [0.0; KINDS],
            kept: std::array::from_fn(|k| model.kinds.of(RecordKind::ALL[k]).kept),
            levels: LevelsModel::correctable().map(|l| model.levels.of(l)).collect(),
        }
    }

    fn count(&self) -> usize {
        2 * KINDS + self.levels.len()
    }

    fn weight(&self, seen: &Seen) -> f64 {
        seen.sum + seen.levels.iter().filter(|l| **l > 0).map(|l| self.levels[usize::from(*l) - 1]).sum::<f64>()
    }

    /// What speaks for a relative, whose prior moves with the kind's.
    fn relative(&self, seen: &Seen) -> Relative {
        Relative { prior: seen.relative.prior + self.shift[seen.kind as usize], ..seen.relative }
    }

    fn odds(&self, seen: &Seen) -> f64 {
        let kind = seen.kind as usize;
        seen.prior + self.shift[kind] + self.kept[kind] * self.weight(seen) + self.relative(seen).taken(self.kept[kind])
    }

    /// Adds a step; the largest change of what a pair of ten bans weighs.
    fn step(&mut self, by: &[f64]) -> f64 {
        let mut most = 0.0_f64;
        let kinds = self.shift.iter_mut().zip(&by[..KINDS]).map(|(p, d)| (p, *d, STRIDE));
        let kept = self.kept.iter_mut().zip(&by[KINDS..]).map(|(p, d)| (p, *d, STRIDE * 0.4));
        let levels = self.levels.iter_mut().zip(&by[2 * KINDS..]).map(|(p, d)| (p, *d, STRIDE));
        for (parameter, d, stride) in kinds.chain(kept).chain(levels) {
            let d = d.clamp(-stride, stride);
            *parameter += d;
            most = most.max(d.abs());
        }
        for kept in &mut self.kept {
            *kept = kept.clamp(0.05, 2.0);
        }
        for level in &mut self.levels {
            *level = level.clamp(-LEVEL_LIMIT, LEVEL_LIMIT);
        }
        most
    }
}

/// What a maximisation is fitted to: `count` pairs alike, of which `same` are one person.
struct Fit<'a> {
    seen: &'a Seen,
    count: f64,
    same: f64,
    /// Added to the natural log odds.
    offset: f64,
}

/// Trains the store's model on the pairs of these cases. `None` when it was cancelled. Cost: a search per case, then about 1 us a pair and round.
#[must_use]
pub fn train(store: &Store, cases: &[RecordKey], known: &Known, watch: Watch<'_>) -> Option<Trained> {
    let (pairs, typical) = read(store, cases, known, watch)?;
    let start = Parameters::of(store.model());
    let (of_pattern, patterns) = patterns(&pairs);
    let mut parameters = start.clone();
    let mut rounds = 0;
    while rounds < ROUNDS {
        if (watch.cancelled)() {
            return None;
        }
        rounds += 1;
        let before = parameters.clone();
        let odds: Vec<f64> = pairs.iter().map(|p| parameters.odds(p)).collect();
        let rivals = rivals(&pairs, &odds);
        let fits = if known.complete {
            labelled(&pairs, &rivals)
        } else {
            unlabelled(&pairs, &odds, &rivals, (&of_pattern, patterns), store.records_by_kind())
        };
        for _ in 0..STEPS {
            maximise(&mut parameters, &start, &fits, if known.complete { LABELLED } else { UNLABELLED });
        }
        let moves = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
        let moved =
            moves(&before.shift, &parameters.shift).max(moves(&before.kept, &parameters.kept)).max(moves(&before.levels, &parameters.levels));
        if moved < STILL {
            break;
        }
    }
    in_order(&mut parameters.levels, &typical);
    let count = |what: bool| pairs.iter().filter(|p| p.known == Some(what)).count();
    Some(Trained { model: learned(store.model(), &parameters), pairs: pairs.len(), patterns, labels: [count(true), count(false)], rounds })
}

/// By level, the sum of weights and of chances of being one person, over the pairs.
type Typical = Vec<(f64, f64)>;

/// One weighed pair: its record, its evidence, and by correctable level its weight times the chance of one person, and that chance.
type Weighed = (RecordKey, Seen, Vec<(u8, f64, f64)>);

/// Searches the best records of every case and takes their evidence down.
fn read(store: &Store, cases: &[RecordKey], known: &Known, watch: Watch<'_>) -> Option<(Vec<Seen>, Typical)> {
    let level_of: FxHashMap<&str, u8> = LevelsModel::correctable().zip(1_u8..).collect();
    let shared = Shared::new(store);
    let search = Search { side: Side::Case, among: Side::Found, options: SEARCH, eligible: &|_, _| true, shared: Some(&shared) };
    let rankings = rank_all(store, search, cases, watch);
    if (watch.cancelled)() {
        return None;
    }
    let rankings: Vec<Ranking> = rankings.into_iter().map(Option::unwrap_or_default).collect();
    let found: Vec<Vec<Weighed>> = cases
        .par_iter()
        .zip(&rankings)
        .enumerate()
        .map(|(number, (&case, ranking))| {
            let of_pair = |key: RecordKey| {
                let (mine, theirs) = (store.features(Side::Case, case)?, store.features(Side::Found, key)?);
                let assessment = assess(store, mine, theirs);
                let known = known.pairs.get(&(case, key)).copied().or(known.complete.then_some(false));
                let chance = known.map_or_else(|| probability(assessment.log10_odds), f64::from);
                let mut seen = Seen {
                    case: u32::try_from(number).unwrap_or(u32::MAX),
                    record: 0,
                    kind: theirs.kind,
                    known,
                    prior: assessment.prior.log10(),
                    relative: Relative::of(store, (mine, theirs), assessment.prior, of_relatives(&assessment.evidence)),
                    sum: 0.0,
                    levels: [0; FIELDS],
                };
                let mut typical = Vec::new();
                for e in assessment.evidence.iter().filter(|e| !e.field.is_derived()) {
                    let weight = e.log10_lr.log10() - store.model().levels.of(e.level);
                    seen.sum += if e.level.is_empty() { 0.0 } else { weight };
                    if let Some((level, place)) = level_of.get(e.level).zip(seen.levels.get_mut(e.field as usize)) {
                        *place = *level;
                        typical.push((*level, weight * chance, chance));
                    }
                }
                Some((key, seen, typical))
            };
            ranking.found.iter().filter_map(|r| of_pair(r.key)).collect()
        })
        .collect();
    let mut numbers: FxHashMap<RecordKey, u32> = FxHashMap::default();
    let mut typical = vec![(0.0, 0.0); level_of.len()];
    let mut pairs = Vec::new();
    for (key, mut seen, weights) in found.into_iter().flatten() {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        seen.record = *numbers.entry(key).or_insert(next);
        for (level, weight, chance) in weights {
            let sums: &mut (f64, f64) = &mut typical[usize::from(level) - 1];
            *sums = (sums.0 + weight, sums.1 + chance);
        }
        pairs.push(seen);
    }
    Some((pairs, typical))
}

/// The number of every pair's pattern (kind, levels, and in steps the sum of weights, the prior and what a relative takes off), and how many there are.
fn patterns(pairs: &[Seen]) -> (Vec<u32>, usize) {
    let mut numbers: FxHashMap<(RecordKind, [u8; FIELDS], [i32; 3]), u32> = FxHashMap::default();
    #[expect(clippy::cast_possible_truncation, reason = "sums of weights are some tens")]
    let of_pair = pairs
        .iter()
        .map(|p| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let steps = |x: f64| (x * SUM_STEPS).round() as i32;
            *numbers.entry((p.kind, p.levels, [p.sum, p.prior, p.relative.taken(1.0)].map(steps))).or_insert(next)
        })
        .collect();
    (of_pair, numbers.len())
}

/// What rivals take off each pair, log10.
fn rivals(pairs: &[Seen], odds: &[f64]) -> Vec<f64> {
    let edges: Vec<Edge> = pairs
        .iter()
        .zip(odds)
        .map(|(p, odds)| Edge { case: p.case, record: p.record, only_one: p.kind.is_remains(), odds: Millibans::from_log10(*odds) })
        .collect();
    joint::rivals(&edges).into_iter().map(Millibans::log10).collect()
}

/// Every pair with its truth, and its rivals as offset.
fn labelled<'a>(pairs: &'a [Seen], rivals: &[f64]) -> Vec<Fit<'a>> {
    let of_pair = |(seen, rivals): (&'a Seen, &f64)| {
        seen.known.map(|same| Fit { seen, count: 1.0, same: f64::from(same), offset: rivals * std::f64::consts::LN_10 })
    };
    pairs.iter().zip(rivals).filter_map(of_pair).collect()
}

/// Every pattern of the kinds that part by themselves, with the chances of its pairs; what is known counts as certain.
fn unlabelled<'a>(
    pairs: &'a [Seen],
    odds: &[f64],
    rivals: &[f64],
    (of_pair, patterns): (&[u32], usize),
    records: [usize; KINDS],
) -> Vec<Fit<'a>> {
    let chances: Vec<f64> = pairs
        .iter()
        .zip(odds.iter().zip(rivals))
        .map(|(p, (o, r))| p.known.map_or_else(|| probability(Millibans::from_log10(o + r)), f64::from))
        .collect();
    let mut matched = [0.0; KINDS];
    for (p, chance) in pairs.iter().zip(&chances) {
        matched[p.kind as usize] += chance;
    }
    // The odds of a pair alone are against its record having no case at all; those of any pair of the kind are against its being another pair.
    let offset: [f64; KINDS] = std::array::from_fn(|k| (1.0 - (matched[k] / records[k].max(1) as f64).min(MOST_MATCHED)).ln());
    let mut fits: Vec<Option<Fit<'a>>> = (0..patterns).map(|_| None).collect();
    for ((seen, chance), pattern) in pairs.iter().zip(chances).zip(of_pair).filter(|((p, _), _)| p.kind != RecordKind::RemainsUnnamed) {
        let fit = fits[*pattern as usize].get_or_insert(Fit { seen, count: 0.0, same: 0.0, offset: offset[seen.kind as usize] });
        fit.count += 1.0;
        fit.same += chance;
    }
    fits.into_iter().flatten().collect()
}

/// One of Newton's steps towards the most likely parameters.
fn maximise(parameters: &mut Parameters, start: &Parameters, fits: &[Fit<'_>], prior: Prior) {
    let (n, ten) = (parameters.count(), std::f64::consts::LN_10);
    let strength = |i: usize| match i {
        _ if i < KINDS => prior.shift * ten,
        _ if i < 2 * KINDS => prior.kept * 100.0,
        _ => prior.level,
    };
    let all = |p: &Parameters| p.shift.iter().chain(&p.kept).chain(&p.levels).copied().collect::<Vec<f64>>();
    let mut gradient: Vec<f64> = all(parameters).iter().zip(all(start)).enumerate().map(|(i, (now, then))| (then - now) * strength(i)).collect();
    let mut curvature = vec![0.0; n * n];
    for i in 0..n {
        curvature[i * n + i] = strength(i);
    }
    for fit in fits {
        let kind = fit.seen.kind as usize;
        let chance = 1.0 / (1.0 + (-(fit.offset + ten * parameters.odds(fit.seen))).exp());
        let (error, spread) = (fit.same - fit.count * chance, fit.count * chance * (1.0 - chance));
        let mut slopes = [(0, 0.0); FIELDS + 2];
        // What a relative takes off moves with prior and share kept by as much as he stands against a stranger.
        let relative = parameters.relative(fit.seen);
        let share = 1.0 - 10f64.powf(relative.taken(parameters.kept[kind]));
        slopes[0] = (kind, ten * (1.0 - share));
        slopes[1] = (KINDS + kind, ten * (parameters.weight(fit.seen) - share * relative.sum));
        let mut used = 2;
        for level in fit.seen.levels.iter().filter(|l| **l > 0) {
            slopes[used] = (2 * KINDS + usize::from(*level) - 1, ten * parameters.kept[kind]);
            used += 1;
        }
        for (i, a) in &slopes[..used] {
            gradient[*i] += error * a;
            if spread > 1e-7 {
                for (j, b) in &slopes[..used] {
                    curvature[i * n + j] += spread * a * b;
                }
            }
        }
    }
    solve(&mut curvature, &mut gradient);
    parameters.step(&gradient);
}

/// Solves `matrix * x = right` in place by Gauss's elimination; the matrix is symmetric and positive definite, so that no pivot is 0.
fn solve(matrix: &mut [f64], right: &mut [f64]) {
    let n = right.len();
    for i in 0..n {
        for j in i + 1..n {
            let factor = matrix[j * n + i] / matrix[i * n + i];
            if factor != 0.0 {
                for k in i..n {
                    matrix[j * n + k] -= factor * matrix[i * n + k];
                }
                right[j] -= factor * right[i];
            }
        }
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|j| matrix[i * n + j] * right[j]).sum();
        right[i] = (right[i] - known) / matrix[i * n + i];
    }
}

/// Keeps the levels of every field in order: a level nearer to agreement never weighs less, on average over pairs of one person, than one farther
/// from it. Where they would, neighbours take their common mean (pool adjacent violators).
fn in_order(levels: &mut [f64], typical: &[(f64, f64)]) {
    let codes: Vec<&str> = LevelsModel::correctable().collect();
    let field = |i: usize| codes[i].split_once('.').map_or("", |c| c.0);
    let mut from = 0;
    while from < codes.len() {
        let to = (from..codes.len()).find(|i| field(*i) != field(from)).unwrap_or(codes.len());
        // Blocks of levels: their mean weight, how much it counts, and their members.
        let mut blocks: Vec<(f64, f64, Vec<usize>)> = Vec::new();
        for i in (from..to).filter(|i| typical[*i].1 >= FEWEST) {
            let mut block = (typical[i].0 / typical[i].1 + levels[i], typical[i].1, vec![i]);
            while let Some(above) = blocks.pop_if(|above| above.0 < block.0) {
                let count = above.1 + block.1;
                block = ((above.0 * above.1 + block.0 * block.1) / count, count, [above.2, block.2].concat());
            }
            blocks.push(block);
        }
        for (mean, _, members) in blocks.into_iter().filter(|b| b.2.len() > 1) {
            for i in members {
                levels[i] = (mean - typical[i].0 / typical[i].1).clamp(-LEVEL_LIMIT, LEVEL_LIMIT);
            }
        }
        from = to;
    }
}

/// The model with what was learned, rounded to hundredths (shares kept to thousandths).
fn learned(model: &Model, parameters: &Parameters) -> Model {
    let hundredths = |x: f64| (x * 100.0).round() / 100.0;
    let mut model = model.clone();
    for kind in RecordKind::ALL.into_iter().filter(|k| *k != RecordKind::Case) {
        let m = model.kinds.of_mut(kind);
        m.expected = hundredths(m.expected + parameters.shift[kind as usize]).clamp(-3.0, 3.0);
        m.kept = (parameters.kept[kind as usize] * 1000.0).round() / 1000.0;
    }
    model.levels = LevelsModel::correctable().zip(&parameters.levels).map(|(level, by)| (level, hundredths(*by))).collect();
    model
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::geo::reach::Reach;
    use crate::linkage::corpus_csv::{self, ColumnMap, CorpusFile};
    use crate::linkage::lexicon::Lexicon;
    use crate::matching::link::{Mode, link_all, load};
    use std::fs::File;

    struct Corpus {
        cases: CorpusFile,
        records: CorpusFile,
        known: Known,
    }

    fn corpus() -> Corpus {
        let file = |name: &str| File::open(format!("{}/config/demo/corpus-1k/{name}.csv", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let cases = corpus_csv::read_cases(&mut file("cases"), &ColumnMap::default()).unwrap();
        let records = corpus_csv::read_records(&mut file("records"), &ColumnMap::default()).unwrap();
        let keys = |f: &CorpusFile| f.ids.iter().zip(&f.records).map(|(id, r)| (id.clone(), r.key)).collect::<FxHashMap<_, _>>();
        let (of_case, of_record) = (keys(&cases), keys(&records));
        let mut truth = csv::Reader::from_reader(file("truth"));
        let pairs = truth.records().map(|line| line.unwrap()).map(|line| ((of_case[&line[0]], of_record[&line[1]]), true)).collect();
        Corpus { cases, records, known: Known { pairs, complete: true } }
    }

    fn store(corpus: &Corpus, model: Model) -> Store {
        load(model, Lexicon::standard().unwrap(), Reach::standard().unwrap(), &corpus.cases.records, &corpus.records.records)
    }

    fn keys(corpus: &Corpus) -> Vec<RecordKey> {
        corpus.cases.records.iter().map(|r| r.key).collect()
    }

    const SILENT: Watch<'_> = Watch { progress: &|_| {}, cancelled: &|| false };

    /// Bits per true pair that the probabilities of a run fall short of the truth.
    fn log_loss(corpus: &Corpus, model: Model) -> f64 {
        let run = link_all(&store(corpus, model), Mode::CaseRecord, &keys(corpus), SEARCH, &|_| {});
        let bits = |l: &crate::matching::link::Link| {
            let p = l.probability.clamp(1e-9, 1.0 - 1e-6);
            -(if corpus.known.pairs.contains_key(&(l.case, l.record)) { p } else { 1.0 - p }).log2()
        };
        run.links.iter().map(bits).sum::<f64>() / corpus.known.pairs.len() as f64
    }

    /// A model that knows nothing of levels and of relatives and takes fields for independent.
    fn naive() -> Model {
        let mut model = Model::standard().unwrap();
        model.levels = LevelsModel::default();
        model.relative.travels = 1e-6;
        for kind in RecordKind::ALL {
            model.kinds.of_mut(kind).kept = 1.0;
        }
        model
    }

    #[test]
    fn training_brings_a_model_nearer_to_the_truth_with_labels_and_without() {
        let corpus = corpus();
        let untrained = log_loss(&corpus, naive());
        let all = train(&store(&corpus, naive()), &keys(&corpus), &corpus.known, SILENT).unwrap();
        let none = train(&store(&corpus, naive()), &keys(&corpus), &Known::default(), SILENT).unwrap();
        assert!(all.labels[0] > 500 && none.labels == [0, 0] && none.patterns < none.pairs);
        let (with, without) = (log_loss(&corpus, all.model), log_loss(&corpus, none.model));
        assert!(with < without - 0.05 && without < untrained, "{with} {without} {untrained}");
    }

    #[test]
    fn training_the_same_pairs_twice_gives_the_same_model() {
        let corpus = corpus();
        let once = || train(&store(&corpus, naive()), &keys(&corpus)[..200], &corpus.known, SILENT).unwrap();
        assert_eq!(once(), once());
    }

    #[test]
    fn a_trained_model_reads_back_from_its_file() {
        let corpus = corpus();
        let model = train(&store(&corpus, naive()), &keys(&corpus)[..200], &corpus.known, SILENT).unwrap().model;
        assert_eq!(Model::from_toml(&toml::to_string(&model).unwrap()).unwrap(), model);
    }

    #[test]
    fn a_cancelled_training_gives_nothing() {
        let corpus = corpus();
        let watch = Watch { progress: &|_| {}, cancelled: &|| true };
        assert_eq!(train(&store(&corpus, naive()), &keys(&corpus)[..20], &corpus.known, watch), None);
    }

    #[test]
    fn few_labels_hardly_move_the_model() {
        let corpus = corpus();
        let before = naive();
        let after = train(&store(&corpus, naive()), &keys(&corpus)[..5], &corpus.known, SILENT).unwrap().model;
        assert!(LevelsModel::correctable().all(|l| (after.levels.of(l) - before.levels.of(l)).abs() < 0.3));
        assert!(RecordKind::ALL.iter().all(|k| (after.kinds.of(*k).kept - 1.0).abs() < 0.1));
    }

    #[test]
    fn levels_out_of_order_are_pooled_and_levels_in_order_stay() {
        let codes: Vec<&str> = LevelsModel::correctable().collect();
        let at = |code: &str| codes.iter().position(|c| *c == code).unwrap();
        let mut typical = vec![(0.0, 0.0); codes.len()];
        let mut levels = vec![0.0; codes.len()];
        for (code, mean) in [("sex.equal", 0.3), ("sex.disagree", -1.5), ("hair.equal", 0.5), ("hair.similar", 0.2), ("hair.disagree", -0.6)] {
            typical[at(code)] = (mean * 10.0, 10.0);
        }
        (levels[at("hair.similar")], levels[at("sex.disagree")]) = (0.7, 0.4);
        in_order(&mut levels, &typical);
        let weight = |code: &str| typical[at(code)].0 / 10.0 + levels[at(code)];
        assert!((weight("hair.equal") - 0.7).abs() < 1e-9 && (weight("hair.similar") - 0.7).abs() < 1e-9);
        assert!((levels[at("sex.disagree")] - 0.4).abs() < 1e-9);
    }
}
