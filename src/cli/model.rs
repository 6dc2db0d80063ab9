//! `model`: trains a model, tells what one holds, and compares two.

use super::sources::{Loaded, Sources};
use super::{Out, open};
use crate::config::Settings;
use crate::db::Pool;
use crate::jobs::Matcher;
use crate::lifecycle::{GRACE, Lifecycle};
use crate::linkage::model::{LevelsModel, Millibans, Model};
use crate::linkage::record::{RecordKey, Side};
use crate::matching::link::{FLOOR, Mode, TOP, link_all};
use crate::matching::rank::{RankOptions, Watch};
use crate::matching::score::Band;
use crate::matching::train::{Known, Trained, train};
use crate::services::engine;
use crate::web::portal::i18n::{Argument, Lang};
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What to do with models.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Fits what levels weigh and the calibration of every kind of record, on files or on the node's database; Ctrl-C leaves nothing behind.
    Train(TrainOptions),
    /// Says in words what a model holds; without a file the one that comes with the program.
    Show(ShowOptions),
    /// Says in what two models differ, and on files how many pairs they judge otherwise.
    Compare(CompareOptions),
}

/// Options of `model train`.
#[derive(Debug, clap::Args)]
pub struct TrainOptions {
    #[command(flatten)]
    sources: Option<Sources>,
    /// CSV of all pairs of one person (`case_id,record_id`); without it the model is trained without labels.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Trains on the node's records, with what people have confirmed and excluded.
    #[arg(long, conflicts_with_all = ["cases", "records", "labels"])]
    database: bool,
    /// Id of the new model, kept with every score; without it the old one's and `+`.
    #[arg(long)]
    id: Option<String>,
    /// Where to write the model.
    #[arg(long)]
    out: PathBuf,
}

/// Options of `model show`.
#[derive(Debug, clap::Args)]
pub struct ShowOptions {
    /// The model file.
    file: Option<PathBuf>,
    /// Language of the words: es or en.
    #[arg(long, default_value = "es")]
    lang: String,
}

/// Options of `model compare`.
#[derive(Debug, clap::Args)]
pub struct CompareOptions {
    /// A model file, or `standard` for the one that comes with the program.
    a: PathBuf,
    /// Another.
    b: PathBuf,
    #[command(flatten)]
    sources: Option<Sources>,
    /// CSV of all pairs of one person (`case_id,record_id`): tells how far each model falls short of the truth.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
}

/// `rastro model`.
///
/// # Errors
/// Naming the file that cannot be read or written and why, or the database that cannot be reached.
pub async fn run(settings: Settings, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Train(options) => run_train(&settings, options).await,
        Command::Show(options) => show(&options),
        Command::Compare(options) => tokio::task::block_in_place(|| compare(&options)),
    }
}

async fn run_train(settings: &Settings, options: TrainOptions) -> anyhow::Result<ExitCode> {
    let life = Lifecycle::start(GRACE)?;
    let stop = life.soft();
    let cancelled = || stop.is_cancelled();
    let bar = ProgressBar::no_length().with_style(ProgressStyle::with_template("reading pairs {bar:40} {pos}/{len} cases {eta}")?);
    let watch = Watch { progress: &|done| bar.set_position(done as u64), cancelled: &cancelled };
    let trained = if options.database {
        let pool = Pool::new(&settings.database.url.0, 1, "rastro-train")?;
        let matcher = Matcher::load(&settings.link, &pool).await.context("the records cannot be loaded")?;
        bar.set_length(matcher.size().0 as u64);
        matcher.train(&pool, watch).await?
    } else {
        let sources = options.sources.as_ref().context("give --cases and --records, or --database")?;
        tokio::task::block_in_place(|| -> anyhow::Result<Option<Trained>> {
            let loaded = sources.load()?;
            anyhow::ensure!(loaded.mode == Mode::CaseRecord, "a model is trained on cases and found records; leave --mode out");
            let known = match &options.labels {
                None => Known::default(),
                Some(path) => Known { pairs: labels(path, &loaded)?.into_iter().map(|pair| (pair, true)).collect(), complete: true },
            };
            bar.set_length(loaded.cases.records.len() as u64);
            let keys: Vec<RecordKey> = loaded.cases.records.iter().map(|r| r.key).collect();
            Ok(train(&loaded.store, &keys, &known, watch))
        })?
    };
    bar.finish_and_clear();
    let Some(mut trained) = trained else {
        Out.line("cancelled; nothing was written");
        return Ok(ExitCode::FAILURE);
    };
    let from = trained.model.id.clone();
    trained.model.id = options.id.unwrap_or_else(|| format!("{from}+"));
    write(&options.out, &trained, &from)?;
    Out.line(format!(
        "{}: {} pairs in {} patterns, {} known to be one person and {} to be two, {} rounds; see `rastro model compare`",
        options.out.display(),
        trained.pairs,
        trained.patterns,
        trained.labels[0],
        trained.labels[1],
        trained.rounds
    ));
    Ok(ExitCode::SUCCESS)
}

/// Writes the file beside its place first, so that whoever reads it finds all of it or the one before.
fn write(out: &Path, trained: &Trained, from: &str) -> anyhow::Result<()> {
    let text = format!(
        "# Trained from {from} on {} pairs ({} confirmed, {} excluded). Parameters are described in the model file that comes with the program.\n{}",
        trained.pairs,
        trained.labels[0],
        trained.labels[1],
        toml::to_string(&trained.model)?
    );
    let beside = out.with_extension("part");
    let cannot = || format!("cannot write {}", out.display());
    std::fs::write(&beside, text).with_context(cannot)?;
    std::fs::rename(&beside, out).with_context(cannot)
}

/// The pairs of a file of labels that are in the files.
fn labels(path: &Path, loaded: &Loaded) -> anyhow::Result<HashSet<(RecordKey, RecordKey)>> {
    let keys = |side: Side| -> HashMap<&str, RecordKey> {
        let file = loaded.file(side);
        file.ids.iter().map(String::as_str).zip(file.records.iter().map(|r| r.key)).collect()
    };
    let (cases, records) = (keys(Side::Case), keys(Side::Found));
    let mut reader = csv::Reader::from_reader(open(path)?);
    let header = reader.headers().with_context(|| format!("cannot read {}", path.display()))?.clone();
    let column = |name: &str| {
        header.iter().position(|h| h == name).with_context(|| format!("{} has no column {name}; labels are `case_id,record_id`", path.display()))
    };
    let (case, record) = (column("case_id")?, column("record_id")?);
    let mut pairs = HashSet::new();
    for line in reader.records() {
        let line = line.with_context(|| format!("cannot read {}", path.display()))?;
        let known = |keys: &HashMap<&str, RecordKey>, at: usize| line.get(at).and_then(|id| keys.get(id)).copied();
        if let (Some(case), Some(record)) = (known(&cases, case), known(&records, record)) {
            pairs.insert((case, record));
        }
    }
    anyhow::ensure!(!pairs.is_empty(), "{}: no pair of it is in the files", path.display());
    Ok(pairs)
}

fn decibans(log10: f64) -> String {
    format!("{:+.1}", Millibans::from_log10(log10).decibans())
}

fn show(options: &ShowOptions) -> anyhow::Result<ExitCode> {
    let lang = Lang::of_tag(&options.lang).ok_or_else(|| anyhow::anyhow!("--lang is es or en"))?;
    for line in words(&engine::model(options.file.as_deref())?, lang) {
        Out.line(line);
    }
    Ok(ExitCode::SUCCESS)
}

/// A model in words.
fn words(model: &Model, lang: Lang) -> Vec<String> {
    let number = |x: f64| format!("{x:.1}").trim_end_matches(".0").to_owned();
    let percent = |x: f64| number(x * 100.0);
    let mut out = vec![
        lang.text_with("model-id", [("id", model.id.as_str().value())]),
        lang.text_with("model-expected", [("tenths", number(model.expected_partners * 10.0).value())]),
        String::new(),
        lang.text("model-errors"),
    ];
    let errors = [
        ("model-false-name", model.name.false_name),
        ("model-birth-equal", model.birth.equal),
        ("model-sex-error", model.sex.error),
        ("model-misdeclared", model.nationality.misdeclared),
        ("model-wrong-date", model.time.wrong_date),
        ("model-interval-holds", model.time.interval_holds),
    ];
    out.extend(errors.map(|(key, share)| format!("  {}", lang.text_with(key, [("percent", percent(share).value())]))));
    out.extend([String::new(), lang.text("model-kinds")]);
    for (kind, m) in model.kinds.named() {
        let times = number(10f64.powf(m.expected));
        let words = lang.text_with("model-kind", [("times", times.value()), ("percent", percent(m.kept).value())]);
        out.push(format!("  {}: {words}", lang.word("found-kind", kind)));
    }
    out.extend([String::new(), lang.text("model-levels")]);
    for level in LevelsModel::correctable().filter(|l| model.levels.of(l) != 0.0) {
        let (field, outcome) = level.split_once('.').unwrap_or((level, ""));
        let more = lang.level(level);
        let more = if more.is_empty() { outcome.replace('_', " ") } else { more };
        out.push(format!("  {:>6}  {}: {more}", decibans(model.levels.of(level)), lang.word("field", field)));
    }
    out
}

/// Every number of a model by its place in the file.
fn numbers(model: &Model) -> anyhow::Result<BTreeMap<String, f64>> {
    fn walk(at: &str, value: &toml::Value, out: &mut BTreeMap<String, f64>) {
        let below = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        match value {
            toml::Value::Table(table) => table.iter().for_each(|(name, value)| walk(&below(name), value, out)),
            toml::Value::Array(list) => list.iter().enumerate().for_each(|(i, value)| walk(&below(&i.to_string()), value, out)),
            toml::Value::Float(x) => drop(out.insert(at.to_owned(), *x)),
            toml::Value::Integer(x) => drop(out.insert(at.to_owned(), *x as f64)),
            _ => {}
        }
    }
    let mut out = BTreeMap::new();
    walk("", &toml::Value::try_from(model)?, &mut out);
    Ok(out)
}

/// What one model makes of the files.
struct Judged {
    bands: HashMap<(RecordKey, RecordKey), Band>,
    probabilities: HashMap<(RecordKey, RecordKey), f64>,
}

fn judge(loaded: &Loaded) -> Judged {
    let keys: Vec<RecordKey> = loaded.cases.records.iter().map(|r| r.key).collect();
    let run = link_all(&loaded.store, Mode::CaseRecord, &keys, RankOptions { top: TOP, floor: FLOOR, ..RankOptions::default() }, &|_| {});
    let band = |pair: (RecordKey, RecordKey)| loaded.store.assess(pair.0, pair.1).map_or(Band::VeryWeak, |a| a.band);
    let pairs = || run.links.iter().map(|l| (l.case, l.record));
    Judged {
        bands: pairs().map(|pair| (pair, band(pair))).collect(),
        probabilities: pairs().zip(run.links.iter().map(|l| l.probability)).collect(),
    }
}

/// Bits per true pair that the probabilities fall short of the truth; a true pair that was not found counts as one in a thousand million.
fn log_loss(judged: &Judged, truth: &HashSet<(RecordKey, RecordKey)>) -> f64 {
    let bits = |p: f64| -p.clamp(1e-9, 1.0 - 1e-6).log2();
    let told: f64 = judged.probabilities.iter().map(|(pair, p)| bits(if truth.contains(pair) { *p } else { 1.0 - p })).sum();
    let lost = truth.iter().filter(|pair| !judged.probabilities.contains_key(pair)).count();
    (told + lost as f64 * bits(0.0)) / truth.len() as f64
}

fn compare(options: &CompareOptions) -> anyhow::Result<ExitCode> {
    let file = |path: &Path| (path != Path::new("standard")).then(|| path.to_owned());
    let files = [file(&options.a), file(&options.b)];
    let models = [engine::model(files[0].as_deref())?, engine::model(files[1].as_deref())?];
    let [a, b] = [numbers(&models[0])?, numbers(&models[1])?];
    Out.line(format!("{} -> {}", models[0].id, models[1].id));
    let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    for name in names {
        let (before, after) = (a.get(name).copied().unwrap_or(0.0), b.get(name).copied().unwrap_or(0.0));
        if (before - after).abs() > 1e-9 {
            Out.line(format!("  {name}: {before} -> {after}"));
        }
    }
    let Some(sources) = &options.sources else { return Ok(ExitCode::SUCCESS) };
    let mut judged = Vec::new();
    let mut truth = HashSet::new();
    for file in files {
        let loaded = sources.with_model(file).load()?;
        if let Some(path) = &options.labels {
            truth = labels(path, &loaded)?;
        }
        judged.push(judge(&loaded));
    }
    let mut moved: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let band = |j: &Judged, pair: &(RecordKey, RecordKey)| j.bands.get(pair).map_or("none", |b| b.code());
    let pairs: HashSet<&(RecordKey, RecordKey)> = judged.iter().flat_map(|j| j.bands.keys()).collect();
    for pair in &pairs {
        let change = (band(&judged[0], pair), band(&judged[1], pair));
        if change.0 != change.1 {
            *moved.entry(change).or_default() += 1;
        }
    }
    Out.line(format!("{} of {} pairs change their band:", moved.values().sum::<usize>(), pairs.len()));
    for ((from, to), n) in moved {
        Out.line(format!("  {from} -> {to}: {n}"));
    }
    if !truth.is_empty() {
        let bits = |j: &Judged| format!("{:.3}", log_loss(j, &truth));
        Out.line(format!("log loss, bits per true pair: {} -> {}", bits(&judged[0]), bits(&judged[1])));
    }
    Ok(ExitCode::SUCCESS)
}
