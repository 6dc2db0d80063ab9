//! The private PostgreSQL cluster behind `rastro demo` and the tests: installed server binaries, a Unix socket, an unprivileged user.
//!
//! What lies where, for a folder `DIR`:
//!
//! - `DIR/cluster.lock`: held (`flock`) by the process that owns the cluster, so that two of them cannot meet;
//! - `DIR/cluster.secrets`: the generated passwords, readable by its owner only;
//! - `DIR/cluster.toml`: where the data folder and the socket are;
//! - `DIR/postgres/`: the data folder and the server's log, belonging to the server's user. When that user cannot enter `DIR` (a folder
//!   under root's home), they lie in `/var/lib/rastro/<digest of DIR>-<random>` instead;
//! - the socket lies in a folder of its own with a short, unguessable name under `/run` or `/tmp`, because a socket's path must stay under
//!   108 bytes however deep `DIR` is.
//!
//! Called by root, the server runs as the user `postgres` (root may not run one); otherwise as the caller. A process killed with `kill -9`
//! leaves its server running; the next [`Cluster::start`] adopts it.

mod error;
mod install;
mod place;
mod record;
mod server;
mod sql;

pub use error::ClusterError;

use install::Installation;
use place::{Place, ServerUser};
use record::{Lock, Secrets};
use server::{Running, Server};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The login role that owns the databases and runs migrations.
pub const OWNER_ROLE: &str = "rastro_owner";
/// The login role of the application; it inherits nothing.
pub const APP_ROLE: &str = "rastro_app";

/// What a committed transaction survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Everything that PostgreSQL promises.
    #[default]
    Safe,
    /// Nothing: no `fsync`. Only for data that can be made again, such as a test's.
    Volatile,
}

/// How to start a cluster.
#[derive(Clone, Debug)]
pub struct Options {
    /// What a committed transaction survives.
    pub durability: Durability,
    /// The database that is made when it is missing; lower-case letters, digits and `_`.
    pub database: String,
    /// How many connections the server takes.
    pub max_connections: u16,
    /// Stop the server when the [`Cluster`] is dropped, as well as that can be done without waiting for the runtime. For tests; a
    /// program calls [`Cluster::stop`].
    pub stop_on_drop: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { durability: Durability::Safe, database: "rastro".to_owned(), max_connections: 100, stop_on_drop: false }
    }
}

/// A running private cluster.
#[derive(Debug)]
pub struct Cluster {
    server: Server,
    running: Running,
    secrets: Secrets,
    database: String,
    stop_on_drop: bool,
    adopted: bool,
    /// None for a cluster that was joined, which other processes use too.
    lock: Option<Lock>,
}

impl Cluster {
    /// Starts the cluster of `dir` (made when missing), or adopts its running server, and makes roles and database when they are missing.
    /// The folder is this process's until [`Cluster::stop`] or its end. A first start takes about 2 s, a later one about 0.3 s.
    ///
    /// # Errors
    /// [`ClusterError::Busy`] when another process has the folder; the other variants say what is missing and how to get it.
    pub async fn start(dir: &Path, options: Options) -> Result<Self, ClusterError> {
        let dir = place::own_folder(dir)?;
        // A process that was killed a moment ago may still hold it.
        let lock = match tokio::time::timeout(Duration::from_secs(2), Lock::wait(&dir)).await {
            Ok(lock) => lock?,
            Err(_) => Lock::take(&dir)?,
        };
        let mut cluster = Self::open(&dir, options).await?;
        cluster.lock = Some(lock);
        Ok(cluster)
    }

    /// Starts the cluster of `dir` or joins the one that already runs there, beside other processes that did the same. Nobody owns the
    /// server: it runs until one of them calls [`Cluster::stop`]. Waits while another process is starting it.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub async fn join(dir: &Path, options: Options) -> Result<Self, ClusterError> {
        let dir = place::own_folder(dir)?;
        let _starting = Lock::wait(&dir).await?;
        Self::open(&dir, options).await
    }

    /// Caller holds the folder's lock.
    async fn open(dir: &Path, options: Options) -> Result<Self, ClusterError> {
        if !sql::is_plain_name(&options.database) {
            return Err(ClusterError::DatabaseName { name: options.database });
        }
        let mut user = ServerUser::choose().await?;
        let place = Place::settle(dir, &mut user).await?;
        let made_by = place.data_version()?;
        let secrets = Secrets::read_or_make(dir, made_by.is_some())?;
        let installation = Installation::find(made_by).await?;
        let mut server = Server { installation, user, place };
        server.initialise(&secrets.superuser, options.durability).await?;
        let (running, adopted) = match server.running().await? {
            Some(running) => (running, true),
            None => (server.start(&options).await?, false),
        };
        server.place.remember(dir)?;
        tracing::info!(cluster.data = %server.place.data().display(), cluster.adopted = adopted, "private database server is up");
        let cluster = Self { server, running, secrets, database: options.database, stop_on_drop: options.stop_on_drop, adopted, lock: None };
        sql::ensure_roles(&cluster.superuser_url("postgres"), &cluster.secrets).await?;
        let database = cluster.database.clone();
        cluster.ensure_database(&database).await?;
        Ok(cluster)
    }

    /// The name of the database that [`Options::database`] asked for.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The address of database `database` for its owner, who migrates. It contains a password: never log it.
    #[must_use]
    pub fn owner_url(&self, database: &str) -> String {
        self.url(OWNER_ROLE, &self.secrets.owner, database)
    }

    /// The address of database `database` for the application. It contains a password: never log it.
    #[must_use]
    pub fn app_url(&self, database: &str) -> String {
        self.url(APP_ROLE, &self.secrets.app, database)
    }

    /// The address of database `database` for the cluster's superuser: for tests that look at the whole catalogue. Never log it.
    #[must_use]
    pub fn superuser_url(&self, database: &str) -> String {
        self.url("postgres", &self.secrets.superuser, database)
    }

    fn url(&self, role: &str, password: &str, database: &str) -> String {
        // The socket folder's name is ours: letters, digits, `-` and `/` only.
        let host = self.running.socket.display().to_string().replace('/', "%2F");
        format!("postgresql://{role}:{password}@{host}:{}/{database}", self.running.port)
    }

    /// Makes database `name`, belonging to the owner role, when it is missing.
    ///
    /// # Errors
    /// [`ClusterError::DatabaseName`], or [`ClusterError::Sql`] with what the server said.
    pub async fn ensure_database(&self, name: &str) -> Result<(), ClusterError> {
        sql::ensure_database(&self.superuser_url("postgres"), name).await
    }

    /// Makes database `name` as a copy of `template`, to which nobody may be connected (about 0.1 s for an empty schema).
    ///
    /// # Errors
    /// As [`Cluster::ensure_database`]; also when `name` exists.
    pub async fn clone_database(&self, template: &str, name: &str) -> Result<(), ClusterError> {
        sql::clone_database(&self.superuser_url("postgres"), template, name).await
    }

    /// Drops database `name` with everyone connected to it; a missing one is fine.
    ///
    /// # Errors
    /// As [`Cluster::ensure_database`].
    pub async fn drop_database(&self, name: &str) -> Result<(), ClusterError> {
        sql::drop_database(&self.superuser_url("postgres"), name).await
    }

    /// The databases whose name begins with `prefix`, in order.
    ///
    /// # Errors
    /// [`ClusterError::Sql`] with what the server said.
    pub async fn databases(&self, prefix: &str) -> Result<Vec<String>, ClusterError> {
        sql::databases(&self.superuser_url("postgres"), prefix).await
    }

    /// Whether the server was already running and was adopted.
    #[must_use]
    pub fn adopted(&self) -> bool {
        self.adopted
    }

    /// The server's process id.
    #[must_use]
    pub fn server_pid(&self) -> u32 {
        self.running.pid
    }

    /// The data folder.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.server.place.data()
    }

    /// The folder of the server's socket.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.running.socket
    }

    /// The folder of the server's binaries (`psql` may be there too).
    #[must_use]
    pub fn bin_dir(&self) -> &Path {
        &self.server.installation.bin
    }

    /// Stops the server, ending its connections, and gives the folder free. A server that is already gone is fine.
    ///
    /// # Errors
    /// [`ClusterError::Command`] when the server would not stop.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        self.stop_on_drop = false;
        self.server.stop().await?;
        self.server.place.remove_socket_dir();
        drop(self.lock.take());
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.stop_on_drop {
            self.server.stop_at_once();
            self.server.place.remove_socket_dir();
        }
    }
}
