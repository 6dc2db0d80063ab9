//! Connections and transactions. Every transaction names a database role, an authority, a user and a purpose; without them
//! row-level security shows nothing (migration 03). The settings are local to the transaction, never to the connection.

use crate::domain::actor::{Actor, FamilyActor};
use crate::domain::authority::Purpose;
use crate::domain::ids::AuthorityId;
use diesel::sql_types::Text;
use diesel_async::pooled_connection::deadpool::{Object, Pool as DeadPool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};
use std::ops::{Deref, DerefMut};
use std::time::Duration;

/// What went wrong in the database, in classes a caller can act on.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No such row, or none that may be seen.
    #[error("no such row")]
    NotFound,
    /// A unique value is taken.
    #[error("a unique value is already taken ({0})")]
    Unique(String),
    /// A row that others refer to, or one that is referred to and is not there.
    #[error("a reference does not hold ({0})")]
    Reference(String),
    /// A value that a check constraint refuses.
    #[error("a value is refused by the check {0}")]
    Check(String),
    /// Another transaction got in between; the caller may try again.
    #[error("another transaction got in between")]
    Conflict,
    /// No connection to be had.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A statement over many rows was refused: its code and table.
    #[error("the database refused a statement over many rows ({0})")]
    Bulk(String),
    /// Anything else.
    #[error("the database refused a statement ({})", kind_of(.0))]
    Other(#[source] diesel::result::Error),
}

/// What kind of refusal it was, without the server's words, which can hold values.
fn kind_of(error: &diesel::result::Error) -> String {
    match error {
        diesel::result::Error::DatabaseError(kind, _) => format!("{kind:?}"),
        diesel::result::Error::DeserializationError(_) => "what came back could not be read".to_owned(),
        diesel::result::Error::BrokenTransactionManager => "the connection broke".to_owned(),
        _ => "before it reached the server".to_owned(),
    }
}

impl From<diesel::result::Error> for DbError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as K, Error as E};
        match error {
            E::NotFound => Self::NotFound,
            E::DatabaseError(kind, ref info) => {
                let name = info.constraint_name().unwrap_or_default().to_owned();
                match kind {
                    K::UniqueViolation => Self::Unique(name),
                    K::ForeignKeyViolation => Self::Reference(name),
                    K::CheckViolation => Self::Check(name),
                    K::SerializationFailure => Self::Conflict,
                    K::ClosedConnection => Self::Unavailable(Box::new(error)),
                    _ => Self::Other(error),
                }
            }
            other => Self::Other(other),
        }
    }
}

/// The role a transaction works under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Use cases of staff and families, under row-level security.
    Web,
    /// Signing in, users, agreements: before an authority is known.
    Auth,
    /// The job queue, the outbox, mail.
    Jobs,
    /// The matcher, behind its narrow functions.
    Matcher,
    /// Staff who work with DNA: what staff may, and profiles and pedigrees of their authority.
    Genetics,
    /// The search of the bank, behind its narrow functions.
    Kinship,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::Web => "rastro_web",
            Self::Auth => "rastro_auth",
            Self::Jobs => "rastro_jobs",
            Self::Matcher => "rastro_matcher",
            Self::Genetics => "rastro_genetics",
            Self::Kinship => "rastro_kinship",
        }
    }
}

/// In whose name and what for.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    authority: String,
    user: String,
    purpose: String,
}

impl Scope {
    /// The scope of an authority without a user: system work.
    #[must_use]
    pub fn authority(authority: AuthorityId, purpose: Purpose) -> Self {
        Self { authority: authority.to_string(), user: String::new(), purpose: purpose.as_str().to_owned() }
    }

    /// Authority, user and purpose as the transaction's settings hold them.
    pub(super) fn settings(&self) -> [&str; 3] {
        [&self.authority, &self.user, &self.purpose]
    }
}

impl From<&Actor> for Scope {
    fn from(actor: &Actor) -> Self {
        Self { authority: actor.authority.to_string(), user: actor.user.to_string(), purpose: actor.purpose.as_str().to_owned() }
    }
}

impl From<&FamilyActor> for Scope {
    fn from(family: &FamilyActor) -> Self {
        Self::authority(family.authority, Purpose::FamilyInformation)
    }
}

/// A pool of connections of the application's login role, which itself may do nothing.
#[derive(Clone)]
pub struct Pool(DeadPool<AsyncPgConnection>);

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pool")
    }
}

/// Lets a new session plan the function of the cross-authority policies, which otherwise happens with the first row that is there: two
/// milliseconds that would tell from outside that a record exists. Before the first migration there is nothing to plan.
async fn warm(client: &tokio_postgres::Client) {
    if client.batch_execute("BEGIN; SET LOCAL ROLE rastro_web; SELECT count(*) FROM app_partners(); COMMIT").await.is_err() {
        let _ = client.batch_execute("ROLLBACK").await;
    }
}

impl Pool {
    /// Makes a pool of at most `size` connections to `url`; none is opened before it is needed. `name` is what the server shows for them.
    /// Connection drivers run on the runtime this is called from, which must outlive the pool.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when the URL cannot be read.
    pub fn new(url: &str, size: usize, name: &'static str) -> Result<Self, DbError> {
        let runtime = tokio::runtime::Handle::current();
        let mut config = ManagerConfig::<AsyncPgConnection>::default();
        config.custom_setup = Box::new(move |url| {
            let (runtime, url) = (runtime.clone(), url.to_owned());
            Box::pin(async move {
                let bad = |e: &dyn std::error::Error| diesel::ConnectionError::BadConnection(e.to_string());
                // Opened there as well: a socket belongs to the runtime it was opened in, and a page's thread ends before the job in hand does.
                let within = runtime.clone();
                let opening = runtime.spawn(async move {
                    let client = connect(&url, name, &within).await?;
                    warm(&client).await;
                    Ok::<_, tokio_postgres::Error>(client)
                });
                let client = opening.await.map_err(|e| bad(&e))?.map_err(|e| bad(&e))?;
                AsyncPgConnection::try_from(client).await
            })
        });
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, config);
        let pool = DeadPool::builder(manager)
            .max_size(size)
            .wait_timeout(Some(Duration::from_secs(5)))
            .create_timeout(Some(Duration::from_secs(10)))
            .runtime(deadpool_runtime())
            .build()
            .map_err(|e| DbError::Unavailable(Box::new(e)))?;
        Ok(Self(pool))
    }

    /// Connections in use and open.
    #[must_use]
    pub fn status(&self) -> (usize, usize) {
        let s = self.0.status();
        (s.size.saturating_sub(s.available), s.size)
    }

    /// Begins a transaction under a role and scope: two round trips.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] after five seconds without a connection.
    pub async fn begin(&self, role: Role, scope: &Scope) -> Result<Tx, DbError> {
        let mut conn = self.0.get().await.map_err(|e| DbError::Unavailable(Box::new(e)))?;
        AnsiTransactionManager::begin_transaction(&mut *conn).await?;
        let mut tx = Tx { conn: Some(conn) };
        diesel::sql_query(
            "SELECT set_config('role', $1, true), set_config('app.authority', $2, true), set_config('app.user', $3, true), \
             set_config('app.purpose', $4, true)",
        )
        .bind::<Text, _>(role.name())
        .bind::<Text, _>(&scope.authority)
        .bind::<Text, _>(&scope.user)
        .bind::<Text, _>(&scope.purpose)
        .execute(&mut *tx)
        .await?;
        Ok(tx)
    }

    /// A transaction for a member of staff.
    ///
    /// # Errors
    /// As [`Pool::begin`].
    pub async fn begin_for(&self, actor: &Actor) -> Result<Tx, DbError> {
        self.begin(Role::Web, &Scope::from(actor)).await
    }
}

const fn deadpool_runtime() -> deadpool::Runtime {
    deadpool::Runtime::Tokio1
}

/// An open transaction. Dropped without [`Tx::commit`] it is rolled back behind the caller's back and its connection goes back to the pool;
/// where that fails, or no runtime is there to do it, the connection is closed (diesel-async does not roll back a dropped transaction by
/// itself). A refused read thus costs no new connection.
pub struct Tx {
    conn: Option<Object<AsyncPgConnection>>,
}

impl Tx {
    /// Commits.
    ///
    /// # Errors
    /// [`DbError::Conflict`] when the database could not serialise it; nothing was written then.
    pub async fn commit(mut self) -> Result<(), DbError> {
        if let Some(mut conn) = self.conn.take() {
            AnsiTransactionManager::commit_transaction(&mut *conn).await?;
        }
        Ok(())
    }

    /// Rolls back and gives the connection back to the pool: for reads that ended early and refusals that are not failures.
    ///
    /// # Errors
    /// When the server cannot be reached; the transaction is gone then as well.
    pub async fn rollback(mut self) -> Result<(), DbError> {
        if let Some(mut conn) = self.conn.take() {
            AnsiTransactionManager::rollback_transaction(&mut *conn).await?;
        }
        Ok(())
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(mut conn) = self.conn.take() else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move {
                if AnsiTransactionManager::rollback_transaction(&mut *conn).await.is_err() {
                    drop(Object::take(conn));
                }
            })),
            Err(_) => drop(Object::take(conn)),
        }
    }
}

#[expect(clippy::expect_used, reason = "the connection leaves only with commit, rollback or drop, which consume the transaction")]
mod deref {
    use super::{AsyncPgConnection, Deref, DerefMut, Tx};

    impl Deref for Tx {
        type Target = AsyncPgConnection;
        fn deref(&self) -> &AsyncPgConnection {
            self.conn.as_ref().expect("an open transaction has a connection")
        }
    }

    impl DerefMut for Tx {
        fn deref_mut(&mut self) -> &mut AsyncPgConnection {
            self.conn.as_mut().expect("an open transaction has a connection")
        }
    }
}

/// A bare `tokio-postgres` client, its driver on `runtime`: for COPY, LISTEN and the pool. TLS is required for any host but a Unix socket or
/// loopback address unless the URL says `sslmode=disable`; certificates are verified against the public roots.
///
/// # Errors
/// When the URL cannot be read or the server not be reached.
pub async fn connect(url: &str, name: &str, runtime: &tokio::runtime::Handle) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let mut config: tokio_postgres::Config = url.parse()?;
    config.application_name(name);
    config.options("-c statement_timeout=60s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s -c timezone=UTC -c jit=off");
    if is_local(&config) {
        let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
        runtime.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a database connection ended");
            }
        });
        Ok(client)
    } else {
        if config.get_ssl_mode() == tokio_postgres::config::SslMode::Prefer {
            config.ssl_mode(tokio_postgres::config::SslMode::Require);
        }
        let (client, connection) = config.connect(verified_tls()).await?;
        runtime.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a database connection ended");
            }
        });
        Ok(client)
    }
}

fn is_local(config: &tokio_postgres::Config) -> bool {
    config.get_hosts().iter().all(|h| match h {
        tokio_postgres::config::Host::Tcp(h) => matches!(h.as_str(), "localhost" | "127.0.0.1" | "::1"),
        tokio_postgres::config::Host::Unix(_) => true,
    })
}

fn verified_tls() -> tokio_postgres_rustls::MakeRustlsConnect {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    tokio_postgres_rustls::MakeRustlsConnect::new(tls)
}

/// A connection that listens; it ends when this is dropped.
pub struct Listening {
    _client: tokio_postgres::Client,
    channels: tokio::sync::mpsc::Receiver<String>,
}

impl Listening {
    /// The channel of the next notification; `None` when the connection has ended.
    pub async fn next(&mut self) -> Option<String> {
        self.channels.recv().await
    }
}

/// A connection that listens on channels. Its driver runs on the present runtime and ends with it or with the connection.
///
/// # Errors
/// When the server cannot be reached.
pub async fn connect_listening(url: &str, channels: &[&str]) -> Result<Listening, tokio_postgres::Error> {
    let mut config: tokio_postgres::Config = url.parse()?;
    config.application_name("rastro-listen").keepalives_idle(Duration::from_secs(30));
    let (sender, receiver) = tokio::sync::mpsc::channel(64);
    let runtime = tokio::runtime::Handle::current();
    let client = if is_local(&config) {
        let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
        runtime.spawn(forward(connection, sender));
        client
    } else {
        let (client, connection) = config.connect(verified_tls()).await?;
        runtime.spawn(forward(connection, sender));
        client
    };
    for channel in channels {
        client.batch_execute(&format!("LISTEN {channel}")).await?;
    }
    Ok(Listening { _client: client, channels: receiver })
}

async fn forward<S, T>(mut connection: tokio_postgres::Connection<S, T>, sender: tokio::sync::mpsc::Sender<String>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    loop {
        match std::future::poll_fn(|cx| connection.poll_message(cx)).await {
            Some(Ok(tokio_postgres::AsyncMessage::Notification(n))) => {
                if sender.send(n.channel().to_owned()).await.is_err() {
                    return;
                }
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return,
        }
    }
}
