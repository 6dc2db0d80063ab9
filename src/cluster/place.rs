//! Where a cluster's files lie and which user its server runs as.

use super::ClusterError;
use super::record::{random_hex, write_whole};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::DirBuilder;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where root's clusters lie when the server's user cannot enter their folder.
const ELSEWHERE: &str = "/var/lib/rastro";

/// The folder itself, made when missing, as an absolute path without links.
pub(super) fn own_folder(dir: &Path) -> Result<PathBuf, ClusterError> {
    std::fs::create_dir_all(dir).map_err(ClusterError::file("make", dir))?;
    std::fs::canonicalize(dir).map_err(ClusterError::file("resolve", dir))
}

/// The user that the server runs as.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServerUser {
    uid: u32,
    gid: u32,
    /// We are root and become this user for every server command.
    switch: bool,
}

impl ServerUser {
    /// The caller; or, when that is root, the user `postgres`.
    pub(super) async fn choose() -> Result<Self, ClusterError> {
        let own = std::fs::metadata("/proc/self").map_err(ClusterError::file("read", "/proc/self"))?;
        if own.uid() != 0 {
            return Ok(Self { uid: own.uid(), gid: own.gid(), switch: false });
        }
        let uid = id("-u").await.ok_or(ClusterError::NoUser)?;
        let gid = id("-g").await.ok_or(ClusterError::NoUser)?;
        Ok(Self { uid, gid, switch: true })
    }

    /// Data made by an ordinary user stay that user's when root starts them. A folder of root's own was made by a start that ended before it gave the
    /// folder away, as no server runs as root: it is given away now.
    fn keep_owner(&mut self, home: &Path) -> Result<(), ClusterError> {
        let there = std::fs::metadata(home).map_err(ClusterError::file("look at", home))?;
        if self.switch && there.uid() != 0 {
            (self.uid, self.gid) = (there.uid(), there.gid());
        } else if self.switch {
            chown(home, Some(self.uid), Some(self.gid)).map_err(ClusterError::file("give away", home))?;
        }
        Ok(())
    }

    /// A command that runs as this user with a bare environment, in `folder`.
    pub(super) fn command(&self, program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C").current_dir(folder);
        if self.switch {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Whether this user can enter `folder`, every folder above it included.
    async fn can_enter(&self, folder: &Path) -> Result<bool, ClusterError> {
        let mut test = tokio::process::Command::from(self.command("test", Path::new("/")));
        let status = test.arg("-x").arg(folder).status().await;
        Ok(status.map_err(|source| ClusterError::Spawn { command: "test -x".to_owned(), source })?.success())
    }

    /// Makes a folder that only this user may enter; it must not exist.
    fn make_folder(&self, path: &Path) -> std::io::Result<()> {
        DirBuilder::new().mode(0o700).create(path)?;
        if self.switch {
            chown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// Gives a file that we made to this user.
    pub(super) fn give(&self, file: &std::fs::File) -> std::io::Result<()> {
        if self.switch { std::os::unix::fs::fchown(file, Some(self.uid), Some(self.gid)) } else { Ok(()) }
    }
}

async fn id(which: &str) -> Option<u32> {
    let output = tokio::process::Command::new("id").args([which, "postgres"]).output().await.ok()?;
    if output.status.success() { String::from_utf8_lossy(&output.stdout).trim().parse().ok() } else { None }
}

/// What `cluster.toml` keeps.
#[derive(Debug, Default, Serialize, Deserialize, PartialEq)]
struct Remembered {
    /// The folder of data and log, when it is not `DIR/postgres`.
    #[serde(skip_serializing_if = "Option::is_none")]
    elsewhere: Option<PathBuf>,
    /// The folder of the socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    socket: Option<PathBuf>,
}

/// Where a cluster's files lie.
#[derive(Debug)]
pub(super) struct Place {
    /// Data folder and log lie in it; it belongs to the server's user.
    pub(super) home: PathBuf,
    remembered: Remembered,
}

impl Place {
    /// Reads where the cluster of `dir` lies, or finds a place for a new one. May change `user` to the owner of existing data.
    pub(super) async fn settle(dir: &Path, user: &mut ServerUser) -> Result<Self, ClusterError> {
        let mut remembered = read(&dir.join("cluster.toml"))?;
        let home = remembered.elsewhere.clone().unwrap_or_else(|| dir.join("postgres"));
        if home.exists() {
            user.keep_owner(&home)?;
            return Ok(Self { home, remembered });
        }
        let home = if user.can_enter(dir).await? {
            remembered.elsewhere = None;
            dir.join("postgres")
        } else {
            let digest = hex::encode(Sha256::digest(dir.as_os_str().as_bytes()));
            let digest = digest.get(..12).unwrap_or_default();
            mention_leftovers(digest);
            // The random part keeps apart the data of a folder that was moved away or deleted and is started anew.
            let home = Path::new(ELSEWHERE).join(format!("{digest}-{}", random_hex(4)?));
            std::fs::create_dir_all(ELSEWHERE).map_err(ClusterError::file("make", ELSEWHERE))?;
            remembered.elsewhere = Some(home.clone());
            home
        };
        let place = Self { home, remembered };
        // Remembered before it is made, so that a crash in between loses a name and no data.
        place.remember(dir)?;
        user.make_folder(&place.home).map_err(ClusterError::file("make", &place.home))?;
        if place.remembered.elsewhere.is_some() {
            tracing::info!(cluster.dir = %dir.display(), cluster.home = %place.home.display(), "the server's user cannot enter the folder; the data lie elsewhere");
        }
        Ok(place)
    }

    /// The data folder.
    pub(super) fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// The major version that made the data folder; none when there is no data folder yet.
    pub(super) fn data_version(&self) -> Result<Option<(PathBuf, u32)>, ClusterError> {
        let data = self.data();
        if !data.exists() {
            return Ok(None);
        }
        let file = data.join("PG_VERSION");
        let text = std::fs::read_to_string(&file).map_err(ClusterError::file("read", &file))?;
        let major = text.trim().parse().map_err(|_| ClusterError::Record { file, why: "not a version number".to_owned() })?;
        Ok(Some((data, major)))
    }

    /// The socket's folder: the remembered one when it is still ours alone, otherwise a new one (they do not outlive a reboot).
    pub(super) fn socket_dir(&mut self, user: &ServerUser) -> Result<PathBuf, ClusterError> {
        if let Some(socket) = &self.remembered.socket
            && let Ok(there) = std::fs::symlink_metadata(socket)
            && there.is_dir()
            && there.uid() == user.uid
            && there.permissions().mode() & 0o777 == 0o700
        {
            return Ok(socket.clone());
        }
        let name = format!("rastro-{}", random_hex(8)?);
        let bases: &[&str] = if user.switch { &["/run", "/tmp", "/var/tmp"] } else { &["/tmp", "/var/tmp"] };
        let mut last = None;
        for base in bases {
            let socket = Path::new(base).join(&name);
            match user.make_folder(&socket) {
                Ok(()) => {
                    self.remembered.socket = Some(socket.clone());
                    return Ok(socket);
                }
                Err(source) => last = Some(ClusterError::File { action: "make", path: socket, source }),
            }
        }
        Err(last.unwrap_or(ClusterError::NoUser))
    }

    /// Removes the socket's folder after a stop.
    pub(super) fn remove_socket_dir(&self) {
        if let Some(socket) = &self.remembered.socket {
            // Empty when the server ended well; otherwise the next start uses it again.
            let _ = std::fs::remove_dir(socket);
        }
    }

    /// Writes `cluster.toml` unless it says the same already.
    pub(super) fn remember(&self, dir: &Path) -> Result<(), ClusterError> {
        let file = dir.join("cluster.toml");
        let body = toml::to_string(&self.remembered).map_err(|e| ClusterError::Record { file: file.clone(), why: e.to_string() })?;
        let text = format!("# Written by rastro: where the private database cluster of this folder lies.\n{body}");
        if std::fs::read_to_string(&file).is_ok_and(|old| old == text) { Ok(()) } else { write_whole(&file, 0o644, &text) }
    }
}

fn read(file: &Path) -> Result<Remembered, ClusterError> {
    match std::fs::read_to_string(file) {
        Ok(text) => toml::from_str(&text).map_err(|e| ClusterError::Record { file: file.to_owned(), why: e.message().to_owned() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Remembered::default()),
        Err(source) => Err(ClusterError::File { action: "read", path: file.to_owned(), source }),
    }
}

/// Data of an earlier cluster of the same folder are nobody's to delete; say where they are.
fn mention_leftovers(digest: &str) {
    let Ok(entries) = std::fs::read_dir(ELSEWHERE) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(digest) {
            tracing::warn!(cluster.home = %entry.path().display(), "data of an earlier cluster of this folder remain; remove them when they are not wanted");
        }
    }
}
