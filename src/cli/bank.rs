//! `bank`: the search of a bank of remains, on files and on the database; readings in and profiles out; ledgers.

use super::kinship::{create, json};
use super::{Out, describe};
use crate::app::App;
use crate::config::Settings;
use crate::domain::actor::Actor;
use crate::domain::ids::PedigreeId;
use crate::interop::genotypes::cmf::Header;
use crate::interop::genotypes::read;
use crate::interop::genotypes::report::Rules;
use crate::interop::kinship::{BankFile, search};
use crate::interop::profiles::{self as files, Defaults};
use crate::services::bank::{custody, power, profiles, runs};
use crate::services::{ServiceError, admin, imports};
use anyhow::Context;
use chrono::{NaiveDate, Timelike};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use uuid::Uuid;

/// `rastro bank ...`. On the database everything is done in a user's name and audited; nobody but geneticists sees profiles.
#[derive(Debug, clap::Subcommand)]
pub enum Bank {
    /// Compares all remains with every family: of a file, or of the database, where the workers of the node share the work.
    Search {
        /// JSON with `markers`, `families` and `remains` (docs/genetics.md).
        #[arg(long, value_name = "FILE", requires = "out", conflicts_with = "user")]
        vectors: Option<PathBuf>,
        /// Where to write the CSV `remains,missing,LR`.
        #[arg(long, requires = "vectors")]
        out: Option<PathBuf>,
        /// Address of the geneticist in whose name the database is searched.
        #[arg(long, value_name = "EMAIL", required_unless_present = "vectors")]
        user: Option<String>,
    },
    /// What a family's samples can tell, and which relative to ask next.
    Power {
        /// Id of the pedigree.
        pedigree: Uuid,
        /// Address of the geneticist.
        #[arg(long, value_name = "EMAIL")]
        user: String,
    },
    /// Enters the readings of a file (CODIS CMF, Familias, GeneMapper, wide table), all or none; its sample names are numbers that samples of the bank have.
    Import {
        /// The file.
        file: PathBuf,
        /// Address of the analyst who read.
        #[arg(long, value_name = "EMAIL")]
        user: String,
        /// The laboratory.
        #[arg(long)]
        laboratory: String,
        /// The kit, where the file tells none.
        #[arg(long)]
        kit: String,
        /// Day of the run, where the file tells none.
        #[arg(long, value_name = "YYYY-MM-DD")]
        run_on: NaiveDate,
    },
    /// Writes every profile that is searched, under its code.
    Export {
        /// cmf or wide.
        #[arg(long)]
        format: ExportFormat,
        /// Address of the geneticist.
        #[arg(long, value_name = "EMAIL")]
        user: String,
        /// Where to write.
        #[arg(long)]
        out: PathBuf,
        /// CMF: the laboratory it goes to, up to 10 characters.
        #[arg(long, default_value = "UNKNOWN")]
        destination: String,
        /// CMF: the laboratory it comes from, up to 10 characters.
        #[arg(long, default_value = "RASTRO")]
        source_lab: String,
    },
    /// Checks the custody ledgers of all samples of a user's institution.
    Ledger {
        /// Address of the user.
        #[arg(long, value_name = "EMAIL")]
        user: String,
    },
}

/// What profiles are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ExportFormat {
    /// CODIS CMF 3.2.
    Cmf,
    /// A row for each profile.
    Wide,
}

/// `rastro bank`.
///
/// # Errors
/// With what to do about it; nothing half is left behind.
pub async fn run(settings: Settings, command: Bank) -> anyhow::Result<ExitCode> {
    if let Bank::Search { vectors: Some(vectors), out: Some(out), .. } = &command {
        return on_files(vectors, out);
    }
    anyhow::ensure!(!settings.database.url.0.is_empty(), "no database is set: set DATABASE_URL or [database] url");
    let app = App::from_settings(settings)?;
    match command {
        Bank::Search { user, .. } => on_database(&app, &actor(&app, user.as_deref().unwrap_or_default()).await?).await,
        Bank::Power { pedigree, user } => tell_power(&app, &actor(&app, &user).await?, PedigreeId(pedigree)).await,
        Bank::Import { file, user, laboratory, kit, run_on } => {
            let actor = actor(&app, &user).await?;
            enter(&app, &actor, &file, &Defaults { kit, laboratory, run_on }).await
        }
        Bank::Export { format, user, out, destination, source_lab } => {
            let all = profiles::export(&app, &actor(&app, &user).await?).await.map_err(describe)?;
            let now = app.now().naive_utc().with_nanosecond(0).unwrap_or_default();
            let header = Header { destination, source_lab, user: "rastro".to_owned(), submitted: now, batch: None, kit: None };
            let text = match format {
                ExportFormat::Cmf => files::cmf(&all, header)?,
                ExportFormat::Wide => files::wide(&all)?,
            };
            let mut to = create(&out)?;
            to.write_all(text.as_bytes()).and_then(|()| to.flush()).with_context(|| format!("cannot write {}", out.display()))?;
            Out.line(format!("{} profiles written", all.len()));
            Ok(ExitCode::SUCCESS)
        }
        Bank::Ledger { user } => check_ledgers(&app, &actor(&app, &user).await?).await,
    }
}

async fn actor(app: &App, email: &str) -> anyhow::Result<Actor> {
    let user = admin::find_user(app, email).await?.with_context(|| format!("there is no user with the address {email}"))?;
    let authority = imports::authority_of(app, user).await?;
    match imports::actor_of(app, authority, user, None).await {
        Err(ServiceError::NotFound) => anyhow::bail!("{email} is no active user"),
        other => Ok(other?),
    }
}

fn on_files(vectors: &Path, out: &Path) -> anyhow::Result<ExitCode> {
    let bank: BankFile = json(vectors)?;
    let mut to = csv::Writer::from_writer(create(out)?);
    let told =
        search(&bank, |pair| -> anyhow::Result<()> { Ok(to.serialize(pair)?) }).with_context(|| format!("cannot use {}", vectors.display()));
    let pairs = told.and_then(|pairs| to.flush().map(|()| pairs).with_context(|| format!("cannot write {}", out.display())));
    if pairs.is_err() {
        // Half a result is none: the file is left empty.
        drop(to);
        create(out)?;
    }
    let pairs = pairs?;
    Out.line(format!("{pairs} pairs weighed"));
    Ok(ExitCode::SUCCESS)
}

/// Begins a search and shows how it goes until it has ended; interrupted, it goes on without being watched.
async fn on_database(app: &App, actor: &Actor) -> anyhow::Result<ExitCode> {
    let id = runs::begin_run(app, actor, runs::FAMILIES).await.map_err(describe)?;
    let mut line = runs::read(app, actor, id).await.map_err(describe)?;
    let style = ProgressStyle::with_template("{msg} {bar:32} {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(u64::try_from(line.chunks).unwrap_or(0)).with_style(style).with_message("searching");
    while line.ended_at.is_none() && line.cancelled_at.is_none() {
        tokio::time::sleep(Duration::from_millis(200)).await;
        line = runs::read(app, actor, id).await.map_err(describe)?;
        bar.set_position(u64::try_from(line.done).unwrap_or(0));
    }
    bar.finish_and_clear();
    Out.line(format!("{} families, {} pairs weighed, {} kept, by {} workers", line.pedigrees, line.pairs, line.kept, line.workers));
    Ok(if line.cancelled_at.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn tell_power(app: &App, actor: &Actor, pedigree: PedigreeId) -> anyhow::Result<ExitCode> {
    for of in power::of_pedigree(app, actor, pedigree).await.map_err(describe)? {
        Out.line(format!("{}:", of.individual));
        Out.line(format!("  somebody unrelated is excluded with {:.6}, at {:.1} markers expected", of.exclusion, of.expected_exclusions));
        Out.line(format!(
            "  log10 LR expected of the missing person {:.2}, of somebody unrelated {:.2}",
            of.expected_if_true, of.expected_if_not
        ));
        for reached in of.reaches {
            Out.line(format!("  log10 LR {} is reached with {:.3}", reached.log10, reached.probability));
        }
        for next in of.next_donors {
            Out.line(format!("  a sample of {} would add {:+.2}", next.individual, next.gain));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn enter(app: &App, actor: &Actor, path: &Path, defaults: &Defaults) -> anyhow::Result<ExitCode> {
    let mut bytes = Vec::new();
    super::open(path)?.read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
    let file = read(&bytes, &Rules::default()).with_context(|| format!("cannot use {}", path.display()))?;
    for finding in &file.problems {
        // The message can hold alleles; code and place are enough to look it up.
        Out.line(format!("line {}: {} {}: {} ({})", finding.line, finding.sample, finding.locus, finding.code, finding.severity.as_str()));
    }
    let entered = files::enter(app, actor, &file, defaults).await?;
    for (sample, standing) in &entered {
        Out.line(format!(
            "{sample}: profile {}, {}, {} autosomal loci {}",
            standing.code,
            standing.state,
            standing.loci,
            standing.flags.join(", ")
        ));
    }
    Out.line(format!("{} readings entered; file {}", entered.len(), hex::encode(file.sha256)));
    Ok(ExitCode::SUCCESS)
}

async fn check_ledgers(app: &App, actor: &Actor) -> anyhow::Result<ExitCode> {
    let (all, broken) = custody::check_all(app, actor).await.map_err(describe)?;
    for of in &broken {
        Out.line(format!("{}: {}", of.code, of.fault));
    }
    Out.line(format!("{all} ledgers, {} broken", broken.len()));
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
