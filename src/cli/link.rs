//! `link`: the engine on files, without a database.

use super::Out;
use super::sources::{Loaded, Sources};
use crate::linkage::corpus_csv::{self, ScoredPair};
use crate::linkage::record::RecordKey;
use crate::matching::link::{FLOOR, Link, TOP, link_all};
use crate::matching::rank::RankOptions;
use crate::web::portal::i18n::Lang;
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Options of `link`.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    sources: Sources,
    /// Where to write `case_id,record_id,score,probability`; score is log10 odds. The two identifiers stand under these names in every mode.
    #[arg(long)]
    out: PathBuf,
    /// Prints the whole explanation of so many pairs, the strongest first (each weighed alone); `rastro explain` tells of a chosen one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    explain: usize,
    /// Counterparts kept per record.
    #[arg(long, default_value_t = TOP)]
    top: usize,
    /// Lowest log10 odds of a pair weighed alone that is kept: -4 is one in ten thousand.
    #[arg(long, default_value_t = FLOOR, allow_negative_numbers = true)]
    floor: f64,
    /// Weighs every pair: slow, and the same pairs in the end. For checks.
    #[arg(long)]
    exhaustive: bool,
}

/// `rastro link`.
///
/// # Errors
/// Naming the file that cannot be read or written.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let sources = options.sources.load()?;
    let loaded = started.elapsed();
    let Loaded { mode, cases, records, store } = &sources;
    let (side, among) = mode.sides();
    let (left, right) = (sources.file(side), sources.file(among));
    let bar = ProgressBar::new(left.records.len() as u64).with_style(ProgressStyle::with_template("linking {bar:40} {pos}/{len} {eta}")?);
    let keys: Vec<RecordKey> = left.records.iter().map(|r| r.key).collect();
    let search = RankOptions { top: options.top, floor: options.floor, every_pair: options.exhaustive, ..RankOptions::default() };
    let run = link_all(store, *mode, &keys, search, &|done| bar.set_position(done as u64));
    bar.finish_and_clear();
    let linked = started.elapsed();
    let out = File::create(&options.out).with_context(|| format!("cannot write {}", options.out.display()))?;
    let pair = |l: &Link| {
        Some(ScoredPair { case_id: left.id(l.case)?, record_id: right.id(l.record)?, score: l.log10_odds, probability: l.probability })
    };
    corpus_csv::write_scored(&mut BufWriter::new(out), &run.links, pair)?;
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
    for link in strongest.into_iter().take(options.explain) {
        Out.line("");
        for line in super::explain::lines(&sources, ((side, link.case), (among, link.record)), Lang::En) {
            Out.line(line);
        }
    }
    if run.budget_hit > 0 {
        Out.line(format!("{} searches ended by their budget: something better may be left out; raise --floor", run.budget_hit));
    }
    // The process ends here and takes its memory with it; taking the store apart first would cost a second for every hundred thousand records.
    std::mem::forget(sources);
    Ok(ExitCode::SUCCESS)
}
