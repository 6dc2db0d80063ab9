//! Finds the installed PostgreSQL server binaries.

use super::ClusterError;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// The oldest major version that the migrations work on.
const OLDEST: u32 = 15;

/// A folder with `postgres`, `initdb` and `pg_ctl` of one version.
#[derive(Debug)]
pub(super) struct Installation {
    pub(super) bin: PathBuf,
    pub(super) major: u32,
}

impl Installation {
    /// The newest installation; with `wanted` (a data folder and its version) the newest of that version.
    pub(super) async fn find(wanted: Option<(PathBuf, u32)>) -> Result<Self, ClusterError> {
        let mut found = Vec::new();
        for bin in candidates().await {
            if let Some(major) = version(&bin).await {
                found.push(Self { bin, major });
            }
        }
        found.sort_by_key(|i| i.major);
        let old = found.last().map_or_else(String::new, |i| format!("; PostgreSQL {} in {} is too old", i.major, i.bin.display()));
        match wanted {
            Some((data, wanted)) => found.into_iter().rfind(|i| i.major == wanted).ok_or(ClusterError::OtherVersion { data, wanted }),
            None => found.into_iter().rfind(|i| i.major >= OLDEST).ok_or(ClusterError::NoServer { found: old }),
        }
    }
}

/// Folders that hold all three binaries: what `pg_config` and the search path say, then where packages put them.
async fn candidates() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(line) = first_line(Command::new("pg_config").arg("--bindir")).await {
        folders.push(line);
    }
    if let Some(line) = first_line(Command::new("sh").args(["-c", "command -v postgres"])).await
        && let Ok(real) = std::fs::canonicalize(line)
        && let Some(folder) = real.parent()
    {
        folders.push(folder.to_owned());
    }
    // Debian and Ubuntu; Red Hat; built from source.
    for (above, below) in [("/usr/lib/postgresql", "bin"), ("/usr", "bin"), ("/usr/local/pgsql", "")] {
        let Ok(entries) = std::fs::read_dir(above) else { continue };
        let named = |name: &OsStr| above != "/usr" || name.as_bytes().starts_with(b"pgsql-");
        folders.extend(entries.flatten().filter(|e| named(&e.file_name())).map(|e| e.path().join(below)));
    }
    folders.retain(|folder| ["postgres", "initdb", "pg_ctl"].iter().all(|name| folder.join(name).is_file()));
    folders.sort();
    folders.dedup();
    folders
}

async fn first_line(command: &mut Command) -> Option<PathBuf> {
    let output = command.output().await.ok()?;
    let line = output.stdout.split(|&b| b == b'\n').next()?;
    (output.status.success() && !line.is_empty()).then(|| PathBuf::from(OsStr::from_bytes(line)))
}

async fn version(bin: &Path) -> Option<u32> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().await.ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

/// The major version in what `postgres --version` prints, as `postgres (PostgreSQL) 15.18 (Debian 15.18-0)` or `… 18beta1`.
fn major(line: &str) -> Option<u32> {
    let (_, rest) = line.split_once("(PostgreSQL) ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read_from_releases_betas_and_packages() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major("postgres (PostgreSQL) 9.6.24"), Some(9));
        assert_eq!(major("command not found"), None);
    }
}
