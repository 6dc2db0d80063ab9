//! The commands. Each is a function that puts an application together and calls use cases; what it prints goes through `Out`.

mod admin;
mod bank;
mod demo;
mod demo_bank;
mod demo_identification;
mod doctor;
mod explain;
mod import;
mod incident;
mod kinship;
mod link;
mod model;
mod patterns;
mod route;
pub mod serve;
mod sources;

use crate::config::Settings;
use anyhow::Context;
use clap::{Parser, Subcommand};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Coordinates the search for missing migrants across borders.
#[derive(Debug, Parser)]
#[command(name = "rastro", version)]
struct Arguments {
    /// A settings file; every setting and its default stands in config/default.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a private database, loads the demonstration, links it and serves it.
    Demo(demo::Options),
    /// Serves pages and API, and works the queue too unless told not to.
    Serve(serve::Options),
    /// Works the queue only.
    Work,
    /// Brings the database up to this release.
    Migrate,
    /// Checks the deployment and says what to do about each fault.
    Doctor,
    /// Authorities, users, API clients, agreements, keys.
    #[command(subcommand)]
    Admin(admin::Command),
    /// Imports a file of cases, found records or published incidents; run again after an interruption, it goes on.
    Import(import::Options),
    /// Prints the description of the API (OpenAPI 3.1).
    Openapi,
    /// Compares two files without a database, or the records of one among themselves.
    Link(link::Options),
    /// Says why two records of files belong together or do not: every field's weight, what is missing, how the pair stands.
    Explain(explain::Options),
    /// Weighs a shipwreck, a truck or a massacre as one closed list: who of the found is who of the listed, or nobody of them.
    Incident(incident::Options),
    /// Trains, tells and compares the models that weigh pairs.
    #[command(subcommand)]
    Model(model::Command),
    /// Snaps a file of points to routes, or finds those along one, without a database.
    #[command(subcommand)]
    Route(route::Command),
    /// Weighs pedigrees by what was typed, without a database.
    #[command(subcommand)]
    Kinship(kinship::Kinship),
    /// The forensic bank: searches on files and on the database, readings in, profiles out, ledgers.
    #[command(subcommand)]
    Bank(bank::Bank),
    /// Looks for patterns in a file of places and days, without a database.
    Patterns(patterns::Options),
}

/// Where commands write: standard output, where a closed pipe is no failure.
#[derive(Debug, Clone, Copy, Default)]
pub struct Out;

impl Out {
    /// Writes a line.
    pub fn line(self, text: impl AsRef<str>) {
        let _ = writeln!(std::io::stdout().lock(), "{}", text.as_ref());
    }
}

/// A file to be read, unpacked where its name ends in `.gz`.
fn open(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let input: Box<dyn Read> = Box::new(BufReader::new(file));
    Ok(if path.extension().is_some_and(|e| e == "gz") { Box::new(BufReader::new(MultiGzDecoder::new(input))) } else { input })
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(run(arguments)));
    match outcome {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr().lock(), "rastro: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(arguments.config.as_deref())?;
    match arguments.command {
        Command::Demo(options) => demo::run(settings, options).await,
        Command::Serve(options) => serve::run(settings, options).await,
        Command::Work => serve::work(settings).await,
        Command::Migrate => serve::migrate(&settings).await,
        Command::Doctor => doctor::run(&settings).await,
        Command::Admin(command) => admin::run(settings, command).await,
        Command::Import(options) => import::run(settings, options).await,
        Command::Openapi => {
            Out.line(serde_json::to_string_pretty(&crate::web::api::document())?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Link(options) => {
            crate::telemetry::start(&settings.log)?;
            link::run(&options)
        }
        Command::Explain(options) => {
            crate::telemetry::start(&settings.log)?;
            explain::run(&options)
        }
        Command::Incident(options) => {
            crate::telemetry::start(&settings.log)?;
            incident::run(&options)
        }
        Command::Model(command) => {
            crate::telemetry::start(&settings.log)?;
            model::run(settings, command).await
        }
        Command::Route(command) => {
            crate::telemetry::start(&settings.log)?;
            route::run(&command)
        }
        Command::Kinship(command) => kinship::kinship(&command),
        Command::Bank(command) => bank::run(settings, command).await,
        Command::Patterns(options) => {
            crate::telemetry::start(&settings.log)?;
            patterns::run(&options)
        }
    }
}

/// A refusal in full: every fault with its place.
fn describe(error: crate::services::ServiceError) -> anyhow::Error {
    match error {
        crate::services::ServiceError::Invalid(faults) => {
            anyhow::anyhow!("{}", faults.0.iter().map(|v| format!("{}: {}", v.pointer, v.message)).collect::<Vec<_>>().join("; "))
        }
        other => other.into(),
    }
}
