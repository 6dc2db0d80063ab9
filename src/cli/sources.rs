//! What `link`, `explain`, `incident` and `model` compare: files of cases and found records, the model and the words, read into a store.

use super::open;
use crate::linkage::corpus_csv::{self, ColumnMap, CorpusFile, CsvError};
use crate::linkage::record::Side;
use crate::matching::link::{Mode, load};
use crate::matching::store::Store;
use crate::services::engine;
use crate::services::reach::reach;
use anyhow::Context;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Faults of a file that are told one by one; the others are counted.
const FAULTS: usize = 20;

/// The files that are compared, and what with.
#[derive(Debug, Clone, clap::Args)]
pub struct Sources {
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
    /// A folder with another region's routes, rivers and reach parameters; see config/routes/README.md.
    #[arg(long, value_name = "DIRECTORY")]
    routes: Option<PathBuf>,
    /// Partners expected per record: 0.4 for "about 4 in 10 cases have a record here". Without it the model's own.
    #[arg(long, value_name = "NUMBER")]
    expected: Option<f64>,
}

/// [`Mode`] on the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ModeName {
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

/// The sources, read and prepared.
pub struct Loaded {
    /// What is compared.
    pub mode: Mode,
    /// The file of cases; empty where the mode needs none.
    pub cases: CorpusFile,
    /// The file of found records; likewise.
    pub records: CorpusFile,
    /// Both, compiled.
    pub store: Store,
}

impl Loaded {
    /// The file of a side.
    #[must_use]
    pub const fn file(&self, side: Side) -> &CorpusFile {
        match side {
            Side::Case => &self.cases,
            Side::Found => &self.records,
        }
    }
}

impl Sources {
    /// Reads the files and fills a store.
    ///
    /// # Errors
    /// Naming the file that is missing or cannot be used, and why.
    pub fn load(&self) -> anyhow::Result<Loaded> {
        let mode = Mode::from(self.mode);
        let mut model = engine::model(self.model.as_deref())?;
        if let Some(expected) = self.expected {
            anyhow::ensure!(expected > 0.0 && expected <= 100.0, "--expected lies above 0 and up to 100");
            match mode {
                Mode::CaseRecord => model.expected_partners = expected,
                Mode::CaseCase => model.duplicates.case.expected_partners = expected,
                Mode::RecordRecord => model.duplicates.record.expected_partners = expected,
            }
        }
        let map = match &self.map {
            None => ColumnMap::default(),
            Some(path) => ColumnMap::from_toml(&text(path)?).with_context(|| format!("cannot use {}", path.display()))?,
        };
        let (left, right) = mode.sides();
        let read_cases = || match left {
            Side::Case => read(self.cases.as_deref(), "cases", |input| corpus_csv::read_cases(input, &map)),
            Side::Found => Ok(CorpusFile::default()),
        };
        let read_records = || match right {
            Side::Found => read(self.records.as_deref(), "records", |input| corpus_csv::read_records(input, &map)),
            Side::Case => Ok(CorpusFile::default()),
        };
        let ((cases, records), reach) = rayon::join(|| rayon::join(read_cases, read_records), || reach(self.routes.as_deref()));
        let (cases, records) = (cases?, records?);
        let store = load(model, engine::lexicon(self.names.as_deref())?, reach?, &cases.records, &records.records);
        Ok(Loaded { mode, cases, records, store })
    }

    /// The same files with another model.
    #[must_use]
    pub fn with_model(&self, model: Option<PathBuf>) -> Self {
        Self { model, ..self.clone() }
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn read(path: Option<&Path>, option: &str, parse: impl Fn(&mut dyn Read) -> Result<CorpusFile, CsvError>) -> anyhow::Result<CorpusFile> {
    let path = path.with_context(|| format!("this mode needs --{option}"))?;
    let file = parse(&mut open(path)?).with_context(|| format!("cannot read {}", path.display()))?;
    for issue in file.issues.iter().take(FAULTS) {
        tracing::warn!("{}: line {}, {}: {}", path.display(), issue.line, issue.column, issue.reason);
    }
    if file.issues.len() > FAULTS {
        tracing::warn!("{}: {} more values left out", path.display(), file.issues.len() - FAULTS);
    }
    Ok(file)
}
