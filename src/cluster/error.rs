//! Why a private cluster could not be started, and what to do about it.

use std::path::PathBuf;

/// Why a private cluster could not be started, used or stopped. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Another process holds the folder.
    #[error("{} is in use by another rastro (process {holder}); stop that one or name another folder with --data", dir.display())]
    Busy {
        /// The cluster's folder.
        dir: PathBuf,
        /// The other process's id, or `unknown`.
        holder: String,
    },
    /// No server binaries, or only old ones.
    #[error(
        "no PostgreSQL 15 or newer server binaries found (initdb, pg_ctl, postgres){found}; \
         install them (Debian, Ubuntu: apt-get install postgresql) or set DATABASE_URL to use a server of your own"
    )]
    NoServer {
        /// What was found instead, as a clause that begins with `; `, or empty.
        found: String,
    },
    /// The data folder was made by a version that is not installed.
    #[error("{} was made by PostgreSQL {wanted}, which is not installed; install it (apt-get install postgresql-{wanted}) or move the folder away", data.display())]
    OtherVersion {
        /// The data folder.
        data: PathBuf,
        /// The major version that made it.
        wanted: u32,
    },
    /// Called by root, and no user to run the server as.
    #[error(
        "called by root, and there is no user 'postgres' to run the server as (a server refuses to run as root); \
         install PostgreSQL from your distribution or make the user: useradd --system --no-create-home postgres"
    )]
    NoUser,
    /// The data are there and the passwords are not.
    #[error("{} is missing or damaged although the data of the cluster exist; restore it, or remove {} to start over", file.display(), dir.display())]
    SecretsLost {
        /// The file with the passwords.
        file: PathBuf,
        /// The cluster's folder.
        dir: PathBuf,
    },
    /// `cluster.toml` cannot be understood.
    #[error("{} is damaged ({why}); restore it, or remove it to start over with empty data", file.display())]
    Record {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A name that would need quoting.
    #[error("'{name}' cannot be the name of a private database; use lower-case letters, digits and _, beginning with a letter, at most 63")]
    DatabaseName {
        /// The name.
        name: String,
    },
    /// Processes of a killed server are still ending.
    #[error("processes of a killed database server still hold {} (ids {pids}); end them and start again", data.display())]
    Orphans {
        /// The data folder.
        data: PathBuf,
        /// Their ids.
        pids: String,
    },
    /// A file or folder could not be used.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A server command could not be run.
    #[error("cannot run {command}")]
    Spawn {
        /// The command.
        command: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A server command failed.
    #[error("{command} failed: {output}")]
    Command {
        /// The command.
        command: String,
        /// The end of what it and the server's log said.
        output: String,
    },
    /// The server refused a statement of ours.
    #[error("the private database server refused to {action}")]
    Sql {
        /// What was tried.
        action: String,
        /// What the server said.
        #[source]
        source: tokio_postgres::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes for a password")]
    Random,
}

impl ClusterError {
    /// A closure for `map_err` on a file operation.
    pub(super) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
