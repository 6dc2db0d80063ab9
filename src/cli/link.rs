//! `link`: the engine on two files, without a database.

use super::Out;
use crate::linkage::corpus_csv::{self, CorpusFile, ScoredPair};
use crate::linkage::lexicon::Lexicon;
use crate::linkage::model::Model;
use crate::linkage::record::RecordKey;
use crate::matching::link::{link_all, load};
use crate::matching::rank::RankOptions;
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
    /// CSV of cases (columns as in the corpus: `case_id`, `given_names`, `surname_1` …).
    #[arg(long)]
    cases: PathBuf,
    /// CSV of found records (`record_id`, `kind`, `event_date` …).
    #[arg(long)]
    records: PathBuf,
    /// Where to write `case_id,record_id,score,probability`; score is log10 odds.
    #[arg(long)]
    out: PathBuf,
    /// Records kept per case.
    #[arg(long, default_value_t = 50)]
    top: usize,
    /// Lowest log10 odds of a pair weighed alone that is kept: -4.5 is one in thirty thousand.
    #[arg(long, default_value_t = -4.5, allow_negative_numbers = true)]
    floor: f64,
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

/// `rastro link`.
///
/// # Errors
/// Naming the file that cannot be read or written.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let cases = read(&options.cases, |r| corpus_csv::read_cases(r))?;
    let records = read(&options.records, |r| corpus_csv::read_records(r))?;
    let store = load(Model::standard()?, Lexicon::standard()?, &cases.records, &records.records);
    let loaded = started.elapsed();
    let bar = ProgressBar::new(cases.records.len() as u64).with_style(ProgressStyle::with_template("linking {bar:40} {pos}/{len} {eta}")?);
    let keys: Vec<RecordKey> = cases.records.iter().map(|r| r.key).collect();
    let search = RankOptions { top: options.top, floor: options.floor, ..RankOptions::default() };
    let run = link_all(&store, &keys, search, &|done| bar.set_position(done as u64));
    bar.finish_and_clear();
    let linked = started.elapsed();
    let out = File::create(&options.out).with_context(|| format!("cannot write {}", options.out.display()))?;
    let pairs = run.links.iter().filter_map(|l| {
        Some(ScoredPair { case_id: cases.id(l.case)?, record_id: records.id(l.record)?, score: l.log10_odds, probability: l.probability })
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
    Ok(ExitCode::SUCCESS)
}
