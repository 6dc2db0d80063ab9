//! `kinship`: who is related to whom, on files.

use super::{Out, open};
use crate::genetics::joint::assignments::Limits;
use crate::interop::joint::{JointFile, JointOptions, identify};
use crate::interop::kinship::{KinshipFile, KinshipResult, evaluate};
use anyhow::Context;
use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// `rastro kinship ...`.
#[derive(Debug, clap::Subcommand)]
pub enum Kinship {
    /// Weighs two pedigrees against each other by what was typed, for each case of a file.
    Evaluate {
        /// JSON with `cases`: each with `id`, pedigrees `H1` and `H2`, `markers` and `genotypes` (docs/genetics.md).
        file: PathBuf,
        /// Where to write the JSON of results, in the order of cases.
        #[arg(long)]
        out: PathBuf,
    },
    /// Identifies many remains with many families at once.
    Joint {
        /// JSON with `markers`, `am_families`, `am_genotypes`, `pm`, `pm_genotypes` and `missing` (docs/genetics.md).
        file: PathBuf,
        /// Where to write the JSON of pairs, assignments and conclusions.
        #[arg(long)]
        out: PathBuf,
        /// Compares remains with missing persons of the other sex too.
        #[arg(long)]
        ignore_sex: bool,
        /// How many times likelier, before anything is typed, an assignment is with one more identified.
        #[arg(long, default_value_t = 1.0)]
        prior_odds: f64,
        /// LR, against strangers and against siblings, from which remains are taken to be of one person.
        #[arg(long, default_value_t = 1e4)]
        fragments: f64,
        /// How many of the likeliest assignments are written.
        #[arg(long, default_value_t = 200)]
        rows: usize,
        /// How many assignments may be listed, of all or within one family.
        #[arg(long, default_value_t = 100_000)]
        cap: usize,
    },
}

#[derive(Serialize)]
struct Written<'a> {
    cases: Vec<WrittenCase<'a>>,
}

#[derive(Serialize)]
struct WrittenCase<'a> {
    id: &'a str,
    result: KinshipResult,
}

/// `rastro kinship`.
///
/// # Errors
/// Naming the file that cannot be read or written, and the case that cannot be weighed; then nothing is written.
pub fn kinship(command: &Kinship) -> anyhow::Result<ExitCode> {
    match command {
        Kinship::Evaluate { file, out } => evaluated(file, out),
        Kinship::Joint { file, out, ignore_sex, prior_odds, fragments, rows, cap } => {
            let limits = Limits { assignments: *cap, ..Limits::default() };
            let options = JointOptions { ignore_sex: *ignore_sex, prior_odds: *prior_odds, fragments: *fragments, rows: *rows, limits };
            joint(file, out, &options)
        }
    }
}

fn evaluated(file: &Path, out: &Path) -> anyhow::Result<ExitCode> {
    let read: KinshipFile = json(file)?;
    let results =
        read.cases.par_iter().map(evaluate).collect::<Result<Vec<_>, _>>().with_context(|| format!("cannot use {}", file.display()))?;
    let cases: Vec<WrittenCase<'_>> = read.cases.iter().zip(results).map(|(case, result)| WrittenCase { id: &case.id, result }).collect();
    let count = cases.len();
    write(out, &Written { cases })?;
    Out.line(format!("{count} cases weighed"));
    Ok(ExitCode::SUCCESS)
}

fn joint(file: &Path, out: &Path, options: &JointOptions) -> anyhow::Result<ExitCode> {
    let read: JointFile = json(file)?;
    let result = identify(&read, options).with_context(|| format!("cannot use {}", file.display()))?;
    write(out, &result)?;
    let (remains, missing) = (result.pairwise.rows.len(), result.pairwise.cols.len());
    let all = result.joint_rows.map_or_else(String::new, |rows| format!(", in {rows} assignments"));
    Out.line(format!("{remains} remains weighed with {missing} missing persons{all}"));
    match &result.refused {
        Some(why) => Out.line(format!("nothing joint is written but conclusions: {why}")),
        None if result.joint_table.is_none() => {
            Out.line(format!("they are more than {}: sums are of all of them, their table is left out", options.limits.assignments));
        }
        None => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn write(out: &Path, what: &impl Serialize) -> anyhow::Result<()> {
    let mut to = create(out)?;
    serde_json::to_writer_pretty(&mut to, what)?;
    to.flush().with_context(|| format!("cannot write {}", out.display()))
}

/// A JSON file, with the place of what does not fit.
pub(super) fn json<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let shown = || format!("cannot use {}", path.display());
    let mut text = Vec::new();
    open(path)?.read_to_end(&mut text).with_context(shown)?;
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(&text)).with_context(shown)
}

/// A file to write to.
pub(super) fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    Ok(BufWriter::new(File::create(path).with_context(|| format!("cannot write {}", path.display()))?))
}
