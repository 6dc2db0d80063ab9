//! `link`: the engine on files, without a database.

use super::Out;
use crate::linkage::corpus_csv::{self, ColumnMap, CorpusFile, ScoredPair};
use crate::linkage::lexicon::Lexicon;
use crate::linkage::model::Model;
use crate::linkage::record::{RecordKey, Side};
use crate::matching::link::{Mode, link_all, load};
use crate::matching::rank::RankOptions;
use crate::web::portal::i18n::Lang;
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Options of `link`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// CSV of cases (columns as in the corpus: `case_id`, `given_names`, `surname_1` …); gzip by its ending.
    #[arg(long, required_unless_present = "records")]
    cases: Option<PathBuf>,
    /// CSV of found records (`record_id`, `kind`, `event_date` …); gzip by its ending.
    #[arg(long)]
    records: Option<PathBuf>,
    /// What is compared: cases with found records, or the records of one file among themselves.
    #[arg(long, value_enum, default_value = "case-record")]
    mode: ModeName,
    /// TOML that says which columns of the files hold what, for files of others; see config/link/febrl.toml.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Another model than the one that comes with the program.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// A directory of further name classes and words, added to those that come with the program; see config/names/README.md.
    #[arg(long, value_name = "DIRECTORY")]
    names: Option<PathBuf>,
    /// Partners expected per record: 0.4 for "about 4 in 10 cases have a record here". Without it the model's own.
    #[arg(long, value_name = "NUMBER")]
    expected: Option<f64>,
    /// Where to write `case_id,record_id,score,probability`; score is log10 odds. The two identifiers stand under these names in every mode.
    #[arg(long)]
    out: PathBuf,
    /// Prints the whole explanation of so many pairs, the strongest first (each weighed alone); `rastro explain` tells of a chosen one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    explain: usize,
    /// Counterparts kept per record.
    #[arg(long, default_value_t = 50)]
    top: usize,
    /// Lowest log10 odds of a pair weighed alone that is kept: -4.5 is one in thirty thousand.
    #[arg(long, default_value_t = -4.5, allow_negative_numbers = true)]
    floor: f64,
}

/// [`Mode`] on the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum ModeName {
    CaseRecord,
    CaseCase,
    RecordRecord,
}

impl From<ModeName> for Mode {
    fn from(name: ModeName) -> Self {
        match name {
            ModeName::CaseRecord => Self::CaseRecord,
            ModeName::CaseCase => Self::CaseCase,
            ModeName::RecordRecord => Self::RecordRecord,
        }
    }
}

fn read(path: &Path, parse: impl Fn(&mut dyn Read) -> Result<CorpusFile, corpus_csv::CsvError>) -> anyhow::Result<CorpusFile> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut input: Box<dyn Read> = Box::new(BufReader::new(file));
    if path.extension().is_some_and(|e| e == "gz") {
        input = Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(input)));
    }
    let read = parse(&mut input).with_context(|| format!("cannot read {}", path.display()))?;
    for issue in read.issues.iter().take(20) {
        tracing::warn!("{}: line {}, {}: {}", path.display(), issue.line, issue.column, issue.reason);
    }
    if read.issues.len() > 20 {
        tracing::warn!("{}: {} more values left out", path.display(), read.issues.len() - 20);
    }
    Ok(read)
}

/// A model file, or the model that comes with the program.
pub(super) fn model(path: Option<&Path>) -> anyhow::Result<Model> {
    let Some(path) = path else { return Ok(Model::standard()?) };
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot open {}", path.display()))?;
    Model::from_toml(&text).with_context(|| format!("cannot use {}", path.display()))
}

/// The words that come with the program, and an operator's own files in the order of their names.
pub(super) fn lexicon(directory: Option<&Path>) -> anyhow::Result<Lexicon> {
    let Some(directory) = directory else { return Ok(Lexicon::standard()?) };
    let cannot = || format!("cannot read {}", directory.display());
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(directory).with_context(cannot)?.map(|e| Ok(e?.path())).collect::<std::io::Result<_>>().with_context(cannot)?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        files.push((path.display().to_string(), text));
    }
    Ok(Lexicon::with_files(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?)
}

/// Cases and found records of two files, of which the mode may need one only.
pub(super) fn read_sides(
    (cases, records): (Option<&Path>, Option<&Path>),
    map: Option<&Path>,
    mode: Mode,
) -> anyhow::Result<(CorpusFile, CorpusFile)> {
    let map = match map {
        None => ColumnMap::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot open {}", path.display()))?;
            ColumnMap::from_toml(&text).with_context(|| format!("cannot use {}", path.display()))?
        }
    };
    let needs = |side: Side| mode.sides().0 == side || mode.sides().1 == side;
    let side =
        |side: Side, path: Option<&Path>, name: &str, parse: &dyn Fn(&mut dyn Read) -> Result<CorpusFile, corpus_csv::CsvError>| match path {
            _ if !needs(side) => Ok(CorpusFile::default()),
            Some(path) => read(path, parse),
            None => anyhow::bail!("this mode needs --{name}"),
        };
    Ok((
        side(Side::Case, cases, "cases", &|r| corpus_csv::read_cases(r, &map))?,
        side(Side::Found, records, "records", &|r| corpus_csv::read_records(r, &map))?,
    ))
}

/// `rastro link`.
///
/// # Errors
/// Naming the file that cannot be read or written.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let mode = Mode::from(options.mode);
    let mut model = model(options.model.as_deref())?;
    if let Some(expected) = options.expected {
        anyhow::ensure!(expected > 0.0 && expected <= 100.0, "--expected lies above 0 and up to 100");
        match mode {
            Mode::CaseRecord => model.expected_partners = expected,
            Mode::CaseCase => model.duplicates.case.expected_partners = expected,
            Mode::RecordRecord => model.duplicates.record.expected_partners = expected,
        }
    }
    let (cases, records) = read_sides((options.cases.as_deref(), options.records.as_deref()), options.map.as_deref(), mode)?;
    let store = load(model, lexicon(options.names.as_deref())?, &cases.records, &records.records);
    let loaded = started.elapsed();
    let (left, right) = match mode {
        Mode::CaseRecord => (&cases, &records),
        Mode::CaseCase => (&cases, &cases),
        Mode::RecordRecord => (&records, &records),
    };
    let bar = ProgressBar::new(left.records.len() as u64).with_style(ProgressStyle::with_template("linking {bar:40} {pos}/{len} {eta}")?);
    let keys: Vec<RecordKey> = left.records.iter().map(|r| r.key).collect();
    let search = RankOptions { top: options.top, floor: options.floor, ..RankOptions::default() };
    let run = link_all(&store, mode, &keys, search, &|done| bar.set_position(done as u64));
    bar.finish_and_clear();
    let linked = started.elapsed();
    let out = File::create(&options.out).with_context(|| format!("cannot write {}", options.out.display()))?;
    let pairs = run.links.iter().filter_map(|l| {
        Some(ScoredPair { case_id: left.id(l.case)?, record_id: right.id(l.record)?, score: l.log10_odds, probability: l.probability })
    });
    corpus_csv::write_scored(&mut BufWriter::new(out), pairs)?;
    Out.line(format!(
        "{} cases, {} records: {} pairs considered, {} weighed, {} kept; read and prepared in {:.2} s, linked in {:.2} s, all {:.2} s",
        cases.records.len(),
        records.records.len(),
        run.considered,
        run.weighed,
        run.links.len(),
        loaded.as_secs_f64(),
        (linked - loaded).as_secs_f64(),
        started.elapsed().as_secs_f64()
    ));
    let mut strongest: Vec<_> = run.links.iter().collect();
    strongest.sort_by(|a, b| b.log10_odds.cmp(&a.log10_odds).then((a.case, a.record).cmp(&(b.case, b.record))));
    let (side, among) = mode.sides();
    for link in strongest.into_iter().take(options.explain) {
        Out.line("");
        for line in super::explain::lines(&store, [left, right], ((side, link.case), (among, link.record)), Lang::En) {
            Out.line(line);
        }
    }
    if run.budget_hit > 0 {
        Out.line(format!("{} searches ended by their budget: something better may be left out; raise --floor", run.budget_hit));
    }
    Ok(ExitCode::SUCCESS)
}
