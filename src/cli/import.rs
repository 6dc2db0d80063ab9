//! `import`: a file into the registry, or only checked. Interrupted, the same command goes on where it stood.

use super::{Out, describe};
use crate::app::App;
use crate::config::Settings;
use crate::db::imports::RunRow;
use crate::domain::actor::Actor;
use crate::domain::ids::AuthorityId;
use crate::domain::import::{ImportKind, ImportState};
use crate::interop::errors_csv;
use crate::interop::run::{Input, drive, read_map};
use crate::services::cases::ConsentForm;
use crate::services::imports::{self, NewRun, OWN_SCHEME, Reading};
use crate::services::{ServiceError, admin};
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Options of `import`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// What the file holds: cases, records or mmp.
    kind: ImportKind,
    /// The file: CSV in any usual encoding and delimiter, also gzip.
    file: PathBuf,
    /// Only read and report; nothing is written to the registry.
    #[arg(long)]
    dry_run: bool,
    /// Which column is which field (TOML): `"Nombre completo" = "full_name"`; an empty field leaves a column out.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Code of the authority that the rows will belong to; by default the user's.
    #[arg(long, value_name = "CODE")]
    authority: Option<String>,
    /// Address of the user in whose name the import works.
    #[arg(long, value_name = "EMAIL")]
    user: String,
    /// Where to write what was wrong: row, column, value, code, severity, reason.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// A consent form (JSON) that holds for every case, or every record of a living person, of the file. Without one they stay with the
    /// authority.
    #[arg(long, value_name = "FILE")]
    consent: Option<PathBuf>,
    /// Scheme of the identifiers where the file names none.
    #[arg(long, default_value = OWN_SCHEME)]
    scheme: String,
    /// Encoding, when the detection is wrong: utf-8, windows-1252, utf-16le …
    #[arg(long)]
    encoding: Option<String>,
    /// Order of day and month in dates such as 03/04/2021: day_first or month_first.
    #[arg(long)]
    date_order: Option<String>,
    /// Letters of the sex column: male_female or hombre_mujer.
    #[arg(long)]
    sex_letters: Option<String>,
    /// Leaves faulty values out with a warning, where otherwise their rows would stay out.
    #[arg(long)]
    drop_faulty_values: bool,
}

async fn actor(app: &App, options: &Options) -> anyhow::Result<Actor> {
    let user = admin::find_user(app, &options.user).await?.with_context(|| format!("there is no user with the address {}", options.user))?;
    let authorities = admin::authorities(app).await?;
    let authority = match &options.authority {
        Some(code) => {
            authorities.iter().find(|a| a.code == *code).map(|a| AuthorityId(a.id)).with_context(|| format!("there is no authority {code}"))?
        }
        None => imports::authority_of(app, user).await?,
    };
    match imports::actor_of(app, authority, user, None).await {
        Err(ServiceError::NotFound) => anyhow::bail!("{} is no active user of that authority", options.user),
        other => Ok(other?),
    }
}

fn digest(path: &Path) -> anyhow::Result<(Vec<u8>, u64)> {
    let mut file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let (mut digest, mut chunk, mut bytes) = (Sha256::new(), vec![0; 1 << 16], 0);
    loop {
        let n = file.read(&mut chunk).with_context(|| format!("cannot read {}", path.display()))?;
        if n == 0 {
            return Ok((digest.finalize().to_vec(), bytes));
        }
        digest.update(chunk.get(..n).unwrap_or_default());
        bytes += n as u64;
    }
}

fn new_run(options: &Options) -> anyhow::Result<NewRun> {
    let text = |path: &Path| std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let map = match &options.map {
        Some(path) => read_map(&text(path)?).map_err(anyhow::Error::msg)?,
        None => Default::default(),
    };
    let consent: Option<ConsentForm> = match &options.consent {
        Some(path) => Some(serde_json::from_str(&text(path)?).context("the consent form cannot be read; docs/imports.md shows one")?),
        None => None,
    };
    let (digest, bytes) = digest(&options.file)?;
    Ok(NewRun {
        kind: options.kind,
        file_name: options.file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        digest,
        bytes,
        scheme: options.scheme.clone(),
        reading: Reading {
            map,
            encoding: options.encoding.clone(),
            date_order: options.date_order.clone(),
            sex_letters: options.sex_letters.clone(),
            drop_faulty_values: options.drop_faulty_values,
            today: None,
        },
        consent,
        check_only: options.dry_run,
        content: None,
    })
}

/// `rastro import`.
///
/// # Errors
/// With what to do about it. Rows with faults are no error; a file that cannot be read is.
pub async fn run(settings: Settings, options: Options) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(!settings.database.url.0.is_empty(), "no database is set: set DATABASE_URL or [database] url");
    let started = Instant::now();
    let new = new_run(&options)?;
    let app = App::from_settings(settings)?;
    let actor = actor(&app, &options).await?;
    let run = imports::begin(&app, &actor, None, new).await.map_err(describe)?.made;
    if run.next_row > 0 {
        Out.line(format!("going on at row {}", run.next_row));
    }
    let style = ProgressStyle::with_template("{msg} {bar:40} {percent}% {eta}").unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar =
        ProgressBar::new(run.file_bytes.unsigned_abs()).with_style(style).with_message(if options.dry_run { "checking" } else { "importing" });
    let run = drive(&app, &actor, run, Input::File(options.file.clone()), &|progress| bar.set_position(progress.done_bytes)).await;
    bar.finish_and_clear();
    let run = run.map_err(describe)?;
    if let Some(path) = &options.errors {
        write_errors(&app, &actor, &run, path).await?;
    }
    report(&app, &actor, &run, started).await?;
    Ok(if run.state() == ImportState::Failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn write_errors(app: &App, actor: &Actor, run: &RunRow, path: &Path) -> anyhow::Result<()> {
    let out = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    errors_csv::of_run(app, actor, run.id, BufWriter::new(out)).await?;
    Ok(())
}

async fn report(app: &App, actor: &Actor, run: &RunRow, started: Instant) -> anyhow::Result<()> {
    let c = run.counts();
    let would = if run.state() == ImportState::Checked { "would be new" } else { "new" };
    Out.line(format!(
        "{} rows read in {:.2} s: {} {would} ({} of them with remarks), {} unchanged, {} differ from what is held, {} rejected, {} skipped",
        c.rows,
        started.elapsed().as_secs_f64(),
        c.written(),
        c.warned,
        c.unchanged,
        c.differing,
        c.rejected,
        c.skipped
    ));
    if let Some(reason) = &run.failure {
        Out.line(format!("the file could not be read: {reason}"));
    }
    for group in imports::problem_groups(app, actor, run.id).await?.iter().take(20) {
        let column = group.column.as_deref().unwrap_or("(row)");
        Out.line(format!("  {:>7} {:<8} {column}: {} (first in row {})", group.count, group.severity, group.code, group.first_row));
    }
    if c.differing > 0 && run.state() == ImportState::Finished {
        Out.line("differences wait to be accepted or refused: page /importar or the API");
    }
    if run.state() == ImportState::Cancelled {
        Out.line("cancelled; what was registered before stays");
    }
    Ok(())
}
