//! `incident`: a shipwreck, a truck, a massacre weighed as one closed list, on files.

use super::sources::{Loaded, Sources};
use super::{Out, open};
use crate::linkage::corpus_csv::{self, ScoredPair};
use crate::linkage::model::Millibans;
use crate::linkage::record::{RecordKey, Side};
use crate::matching::incident::{Incident, MOST_PAIRS, Posterior, weigh};
use crate::matching::link::{Link, Mode};
use anyhow::{Context, ensure};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of `incident`.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    sources: Sources,
    /// CSV of who was there: `case_id` of those who are missed, `record_id` of the remains and survivors found, each person once; a line may hold either or
    /// both. What --expected and --routes say does not matter to it.
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
    /// How likely anybody found is on the list: .9 for "one in ten may be somebody nobody has reported". Where more were found than are missed, how
    /// likely anybody missed is among the found.
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
    let remains = records.iter().filter_map(|key| sources.store.features(Side::Found, *key)).filter(|f| f.kind.is_remains()).count();
    Out.line(format!(
        "{} cases, {remains} remains and {} survivors: {:.1} of the found are expected to be on the list, {:.1} of the cases to be among the remains",
        cases.len(),
        records.len() - remains,
        expected(&posterior.nobody),
        expected(&posterior.not_found_dead)
    ));
    Ok(ExitCode::SUCCESS)
}

fn write(sources: &Loaded, posterior: &Posterior, out: &mut dyn Write) -> anyhow::Result<()> {
    let id = |side: Side, key: RecordKey| sources.file(side).id(key).unwrap_or_default();
    let none = |case_id, record_id, chance: f64| {
        let kept_off = chance.clamp(1e-9, 1.0 - 1e-9);
        ScoredPair { case_id, record_id, score: Millibans::from_log10((kept_off / (1.0 - kept_off)).log10()), probability: chance }
    };
    let pair = |l: &Link| ScoredPair {
        case_id: id(Side::Case, l.case),
        record_id: id(Side::Found, l.record),
        score: l.log10_odds,
        probability: l.probability,
    };
    let mut rows: Vec<ScoredPair<'_>> = posterior.links.iter().map(pair).collect();
    rows.extend(posterior.nobody.iter().map(|(key, chance)| none("", id(Side::Found, *key), *chance)));
    rows.extend(posterior.not_found_dead.iter().map(|(key, chance)| none(id(Side::Case, *key), "", *chance)));
    Ok(corpus_csv::write_scored(out, &rows, |row| Some(*row))?)
}

/// Keys of the cases and of the records a list names, each once, in its order.
fn read_list(sources: &Loaded, path: &Path) -> anyhow::Result<[Vec<RecordKey>; 2]> {
    let shown = path.display();
    let mut text = Vec::new();
    open(path)?.read_to_end(&mut text).with_context(|| format!("cannot read {shown}"))?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&*text);
    let header = reader.headers().with_context(|| format!("cannot use {shown}"))?.clone();
    let sides = [(Side::Case, "case_id", "cases"), (Side::Found, "record_id", "records")];
    let known = sides.map(|(side, ..)| {
        let ids = sources.file(side).ids.iter().enumerate();
        ids.map(|(at, id)| (id.as_str(), RecordKey(at as u128))).collect::<HashMap<_, _>>()
    });
    for (_, column, _) in sides {
        ensure!(header.iter().filter(|name| *name == column).count() <= 1, "{shown}: the column `{column}` stands there twice");
    }
    let mut lists: [Vec<RecordKey>; 2] = Default::default();
    let mut seen: [HashSet<RecordKey>; 2] = Default::default();
    for row in reader.records() {
        let row = row.with_context(|| format!("cannot use {shown}"))?;
        let line = row.position().map_or(0, |at| line_at(&text, at.byte()));
        let mut named = false;
        for (n, (side, column, file)) in sides.into_iter().enumerate() {
            let at = header.iter().position(|name| name == column);
            let Some(id) = at.and_then(|at| row.get(at)).filter(|id| !id.is_empty()) else { continue };
            let key = *known[n].get(id).with_context(|| format!("{shown}: line {line}: `{id}` is not in the file of {file}"))?;
            let report = side == Side::Found && sources.store.features(side, key).is_some_and(|f| f.kind.is_report());
            ensure!(!report, "{shown}: line {line}: `{id}` is a report of a missing person, nobody who was found");
            named = true;
            if seen[n].insert(key) {
                lists[n].push(key);
            }
        }
        ensure!(named, "{shown}: line {line} names nobody");
    }
    for (list, (_, column, file)) in lists.iter().zip(sides) {
        ensure!(!list.is_empty(), "{shown} names no {file}: it needs a column `{column}` with at least one");
    }
    let pairs = lists[0].len().saturating_mul(lists[1].len());
    ensure!(pairs <= MOST_PAIRS, "{shown}: {pairs} pairs are too many for one incident; at most {MOST_PAIRS}");
    Ok(lists)
}

/// The line, from 1, on which a row begins whose reader stood at a byte: before it may be the end of the line before, and empty lines.
fn line_at(text: &[u8], byte: u64) -> usize {
    let from = usize::try_from(byte).unwrap_or(usize::MAX).min(text.len());
    let start = from + text[from..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    1 + text[..start].iter().filter(|b| **b == b'\n').count()
}
