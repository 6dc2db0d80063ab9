//! The model and the words of the engine: those that come with the program, or an operator's files.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::linkage::lexicon::{Lexicon, LexiconError};
use crate::linkage::model::{Model, ModelError};

/// Longest file that is read.
const LONGEST: u64 = 16 << 20;

/// Why a model or words cannot be used.
#[derive(Debug, Error)]
pub enum EngineFileError {
    /// A file or folder that cannot be read.
    #[error("cannot read {path}: {problem}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        problem: std::io::Error,
    },
    /// A file too long to be one of these.
    #[error("{0} is longer than 16 MiB")]
    Long(PathBuf),
    /// A model that cannot be.
    #[error("cannot use the model of {path}: {problem}")]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        problem: ModelError,
    },
    /// Words that cannot be.
    #[error(transparent)]
    Words(#[from] LexiconError),
    /// The model that comes with the program.
    #[error(transparent)]
    Standard(#[from] ModelError),
}

/// A model from its file; without one that of the program.
///
/// # Errors
/// [`EngineFileError`], which names the file, and the line where its text is wrong.
pub fn model(path: Option<&Path>) -> Result<Model, EngineFileError> {
    let Some(path) = path else { return Ok(Model::standard()?) };
    Model::from_toml(&read(path)?).map_err(|problem| EngineFileError::Model { path: path.to_owned(), problem })
}

/// The words that come with the program, and those of an operator's `*.toml` in a folder, in the order of their names.
///
/// # Errors
/// [`EngineFileError`], which names the file.
pub fn lexicon(folder: Option<&Path>) -> Result<Lexicon, EngineFileError> {
    let Some(folder) = folder else { return Ok(Lexicon::standard()?) };
    let cannot = |problem| EngineFileError::Read { path: folder.to_owned(), problem };
    let entries = std::fs::read_dir(folder).map_err(cannot)?;
    let mut paths: Vec<PathBuf> = entries.map(|e| Ok(e?.path())).collect::<std::io::Result<_>>().map_err(cannot)?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        files.push((path.display().to_string(), read(&path)?));
    }
    Ok(Lexicon::with_files(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))?)
}

fn read(path: &Path) -> Result<String, EngineFileError> {
    let cannot = |problem| EngineFileError::Read { path: path.to_owned(), problem };
    if std::fs::metadata(path).map_err(cannot)?.len() > LONGEST {
        return Err(EngineFileError::Long(path.to_owned()));
    }
    std::fs::read_to_string(path).map_err(cannot)
}
