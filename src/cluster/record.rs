//! The small files beside a cluster: its lock and its passwords.

use super::ClusterError;
use rand::TryRng;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// How long [`Lock::wait`] waits between two tries.
const WAIT: Duration = Duration::from_millis(50);

/// `2 * bytes` hexadecimal digits from the system's random source.
pub(super) fn random_hex(bytes: usize) -> Result<String, ClusterError> {
    let mut buffer = vec![0_u8; bytes];
    rand::rngs::SysRng.try_fill_bytes(&mut buffer).map_err(|_| ClusterError::Random)?;
    Ok(hex::encode(buffer))
}

/// The folder's lock; the kernel gives it free when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock or says who has it.
    pub(super) fn take(dir: &Path) -> Result<Self, ClusterError> {
        Self::attempt(dir)?.ok_or_else(|| {
            let holder = std::fs::read_to_string(dir.join("cluster.lock")).unwrap_or_default();
            let holder = holder.trim();
            ClusterError::Busy { dir: dir.to_owned(), holder: if holder.is_empty() { "unknown" } else { holder }.to_owned() }
        })
    }

    /// Takes the lock as soon as it is free.
    pub(super) async fn wait(dir: &Path) -> Result<Self, ClusterError> {
        loop {
            if let Some(lock) = Self::attempt(dir)? {
                return Ok(lock);
            }
            tokio::time::sleep(WAIT).await;
        }
    }

    fn attempt(dir: &Path) -> Result<Option<Self>, ClusterError> {
        let path = dir.join("cluster.lock");
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o644).open(&path);
        let mut file = open.map_err(ClusterError::file("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(source)) => return Err(ClusterError::File { action: "lock", path, source }),
        }
        // For the one who finds it taken.
        let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(ClusterError::file("write", &path))?;
        Ok(Some(Self { _file: file }))
    }
}

/// The passwords, 256 bits each, in hexadecimal.
#[derive(Serialize, Deserialize)]
pub(super) struct Secrets {
    pub(super) superuser: String,
    pub(super) owner: String,
    pub(super) app: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// Reads `dir/cluster.secrets`, or makes it unless the data folder exists already and therefore knows another password.
    pub(super) fn read_or_make(dir: &Path, data_exists: bool) -> Result<Self, ClusterError> {
        let file = dir.join("cluster.secrets");
        let lost = || ClusterError::SecretsLost { file: file.clone(), dir: dir.to_owned() };
        let mut text = String::new();
        let read = File::open(&file).and_then(|mut f| f.read_to_string(&mut text));
        match read {
            Ok(_) => match toml::from_str::<Self>(&text) {
                Ok(secrets) if secrets.are_plain() => return Ok(secrets),
                _ if data_exists => return Err(lost()),
                _ => {}
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if data_exists {
                    return Err(lost());
                }
            }
            Err(source) => return Err(ClusterError::File { action: "read", path: file, source }),
        }
        let secrets = Self { superuser: random_hex(32)?, owner: random_hex(32)?, app: random_hex(32)? };
        let text = format!(
            "# Passwords of the private database cluster beside this file.\nsuperuser = \"{}\"\nowner = \"{}\"\napp = \"{}\"\n",
            secrets.superuser, secrets.owner, secrets.app
        );
        write_whole(&file, 0o600, &text)?;
        Ok(secrets)
    }

    /// Only what we make ourselves goes into statements and addresses without quoting.
    fn are_plain(&self) -> bool {
        [&self.superuser, &self.owner, &self.app].iter().all(|s| s.len() == 64 && s.bytes().all(|b| b.is_ascii_hexdigit()))
    }
}

/// Writes a file whole or not at all, also through a crash.
pub(super) fn write_whole(path: &Path, mode: u32, text: &str) -> Result<(), ClusterError> {
    let new = path.with_extension("new");
    let _ = std::fs::remove_file(&new);
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    };
    write().map_err(ClusterError::file("write", path))
}
