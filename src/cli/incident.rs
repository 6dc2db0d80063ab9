//! `incident`: a shipwreck, a truck, a massacre weighed as one closed list, on files.

use super::Out;
use super::sources::{Loaded, Sources};
use crate::linkage::corpus_csv::{self, ScoredPair};
use crate::linkage::model::Millibans;
use crate::linkage::record::{RecordKey, Side};
use crate::matching::incident::{Incident, MOST_PAIRS, Posterior, weigh};
use crate::matching::link::{Link, Mode};
use anyhow::{Context, ensure};
use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of `incident`.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    sources: Sources,
    /// CSV of who was there: `case_id` of those who are missed, `record_id` of the remains and survivors found; a line may hold either or both.
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
    /// How likely anybody found is on the list: .9 for "one in ten may be somebody nobody has reported".
    #[arg(long, value_name = "SHARE", default_value_t = 0.9)]
    listed: f64,
    /// Where to write `case_id,record_id,score,probability`: every pair; without a case how likely the record is nobody of the list, without a record how
    /// likely none of the remains is the case's person.
    #[arg(long)]
    out: PathBuf,
}

/// `rastro incident`.
///
/// # Errors
/// Naming the file that cannot be read or written, the line of the list that names nobody, or what is missing from it.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    ensure!(options.listed > 0.0 && options.listed < 1.0, "--listed lies between 0 and 1");
    let sources = options.sources.load()?;
    ensure!(sources.mode == Mode::CaseRecord, "an incident has cases and found records; leave --mode out");
    let [cases, records] = read_list(&sources, &options.list)?;
    let posterior = weigh(&sources.store, Incident { cases: &cases, records: &records, listed: options.listed });
    let out = File::create(&options.out).with_context(|| format!("cannot write {}", options.out.display()))?;
    write(&sources, &posterior, &mut BufWriter::new(out))?;
    let expected = |of: &[(RecordKey, f64)]| of.iter().map(|(_, none)| 1.0 - none).sum::<f64>();
    Out.line(format!(
        "{} cases and {} found records: {:.1} of the records are expected to be on the list, {:.1} of the cases to be among the remains",
        cases.len(),
        records.len(),
        expected(&posterior.nobody),
        expected(&posterior.not_found_dead)
    ));
    Ok(ExitCode::SUCCESS)
}

fn write(sources: &Loaded, posterior: &Posterior, out: &mut BufWriter<File>) -> anyhow::Result<()> {
    let [case, record] = [Side::Case, Side::Found].map(|side| move |key: RecordKey| sources.file(side).id(key));
    let none = |chance: f64| {
        let kept_off = chance.clamp(1e-9, 1.0 - 1e-9);
        (Millibans::from_log10((kept_off / (1.0 - kept_off)).log10()), chance)
    };
    let pair =
        |l: &Link| Some(ScoredPair { case_id: case(l.case)?, record_id: record(l.record)?, score: l.log10_odds, probability: l.probability });
    let mut rows: Vec<ScoredPair<'_>> = posterior.links.iter().filter_map(pair).collect();
    rows.extend(posterior.nobody.iter().filter_map(|(key, chance)| {
        let (score, probability) = none(*chance);
        Some(ScoredPair { case_id: "", record_id: record(*key)?, score, probability })
    }));
    rows.extend(posterior.not_found_dead.iter().filter_map(|(key, chance)| {
        let (score, probability) = none(*chance);
        Some(ScoredPair { case_id: case(*key)?, record_id: "", score, probability })
    }));
    Ok(corpus_csv::write_scored(out, &rows, |row| Some(*row))?)
}

/// Keys of the cases and of the records a list names, each once, in its order.
fn read_list(sources: &Loaded, path: &Path) -> anyhow::Result<[Vec<RecordKey>; 2]> {
    let named = || format!("cannot use {}", path.display());
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_path(path).with_context(named)?;
    let header = reader.headers().with_context(named)?.clone();
    let sides = [(Side::Case, "case_id", "cases"), (Side::Found, "record_id", "records")];
    let known = sides.map(|(side, ..)| {
        let ids = sources.file(side).ids.iter().enumerate();
        ids.map(|(at, id)| (id.as_str(), RecordKey(at as u128))).collect::<HashMap<_, _>>()
    });
    let mut lists: [Vec<RecordKey>; 2] = Default::default();
    for row in reader.records() {
        let row = row.with_context(named)?;
        for ((list, known), (_, column, file)) in lists.iter_mut().zip(&known).zip(sides) {
            let at = header.iter().position(|name| name == column);
            let Some(id) = at.and_then(|at| row.get(at)).filter(|id| !id.is_empty()) else { continue };
            let line = row.position().map_or(0, csv::Position::line);
            let key = known.get(id).with_context(|| format!("{}: line {line}: `{id}` is not in the file of {file}", path.display()))?;
            if !list.contains(key) {
                list.push(*key);
            }
        }
    }
    for (list, (_, column, file)) in lists.iter().zip(sides) {
        ensure!(!list.is_empty(), "{} names no {file}: it needs a column `{column}` with at least one", path.display());
    }
    let pairs = lists[0].len().saturating_mul(lists[1].len());
    ensure!(pairs <= MOST_PAIRS, "{}: {pairs} pairs are too many for one incident; at most {MOST_PAIRS}", path.display());
    Ok(lists)
}
