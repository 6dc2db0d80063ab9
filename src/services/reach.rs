//! The routes of a region for place and time as evidence: those that come with the program, or an operator's folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::geo::Corridors;
use crate::geo::reach::{Reach, ReachError, ReachParameters};

/// Longest file of a folder that is read.
const LONGEST: u64 = 64 << 20;

/// Why a folder of routes cannot be used.
#[derive(Debug, Error)]
pub enum RoutesError {
    /// A file that cannot be read.
    #[error("cannot read {path}: {problem}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        problem: std::io::Error,
    },
    /// A file too long to be one of routes.
    #[error("{0} is longer than 64 MiB")]
    Long(PathBuf),
    /// Routes, rivers or parameters that cannot be.
    #[error("cannot use the routes of {folder}: {problem}")]
    Use {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        problem: ReachError,
    },
    /// The files that come with the program.
    #[error(transparent)]
    Standard(#[from] ReachError),
}

/// The reach over the routes of a folder: `corridors.geojson`, and where it has them `rivers.geojson` and `reach.toml`; without a folder over those
/// that come with the program. A folder without parameters travels as those of the program do, apart from what these say of their own region.
///
/// # Errors
/// [`RoutesError`], which names the file.
pub fn reach(folder: Option<&Path>) -> Result<Arc<Reach>, RoutesError> {
    let Some(folder) = folder else { return Ok(Reach::standard()?) };
    let fault = |problem: ReachError| RoutesError::Use { folder: folder.to_owned(), problem };
    let missing = || RoutesError::Read { path: folder.join("corridors.geojson"), problem: std::io::ErrorKind::NotFound.into() };
    let routes = read(&folder.join("corridors.geojson"))?.ok_or_else(missing)?;
    let rivers = read(&folder.join("rivers.geojson"))?;
    let parameters = match read(&folder.join("reach.toml"))? {
        Some(text) => ReachParameters::from_toml(&String::from_utf8_lossy(&text)),
        None => Reach::default_parameters(),
    };
    let (corridors, remarks) = Corridors::from_geojson(&routes).map_err(|problem| fault(problem.into()))?;
    for remark in remarks {
        tracing::warn!("{}: {remark}", folder.display());
    }
    Ok(Arc::new(Reach::new(&corridors, rivers.as_deref(), parameters.map_err(fault)?).map_err(fault)?))
}

/// A file's bytes; `None` when there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, RoutesError> {
    let fault = |problem| RoutesError::Read { path: path.to_owned(), problem };
    match std::fs::metadata(path) {
        Ok(about) if about.len() > LONGEST => Err(RoutesError::Long(path.to_owned())),
        Ok(_) => std::fs::read(path).map(Some).map_err(fault),
        Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(problem) => Err(fault(problem)),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::geo::Position;
    use crate::geo::reach::{Way, cell_of};

    /// A folder that goes with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("rastro-routes-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn another_regions_routes_work_from_a_folder_alone() {
        let folder = Folder::new("region");
        let line = |points: &str| format!(r#"{{"type":"LineString","coordinates":{points}}}"#);
        let file = |id: &str, medium: &str, points: &str| {
            format!(
                r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"id":"{id}","medium":"{medium}"}},"geometry":{}}}]}}"#,
                line(points)
            )
        };
        std::fs::write(folder.0.join("corridors.geojson"), file("niger_libya", "land", "[[8,17],[9,19],[12,22],[14,26],[13,32]]")).unwrap();
        std::fs::write(folder.0.join("rivers.geojson"), file("invented", "foot", "[[8,17],[8.5,16.5],[9,16]]")).unwrap();
        let reach = reach(Some(&folder.0)).unwrap();
        let cell = |lat: f64, lon: f64| cell_of(Position::new(lat, lon).unwrap().unit());
        assert_eq!(reach.step(cell(19.0, 9.0), cell(26.0, 14.0)).way, Way::Ahead);
        assert_eq!(reach.step(cell(26.0, 14.0), cell(19.0, 9.0)).way, Way::Behind);
        assert!(reach.step(cell(16.9, 8.05), cell(16.1, 8.9)).river);
    }

    #[test]
    fn a_folder_without_routes_or_with_impossible_parameters_is_refused_by_name() {
        let folder = Folder::new("faults");
        assert!(reach(Some(&folder.0)).unwrap_err().to_string().contains("corridors.geojson"));
        std::fs::write(folder.0.join("corridors.geojson"), include_str!("../../config/routes/corridors.geojson")).unwrap();
        assert!(reach(Some(&folder.0)).is_ok());
        let wrong = include_str!("../../config/routes/reach.toml").replace("share = 0.95", "share = 1.95");
        std::fs::write(folder.0.join("reach.toml"), wrong).unwrap();
        assert!(reach(Some(&folder.0)).unwrap_err().to_string().contains("river.share"));
    }
}
