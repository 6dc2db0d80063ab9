//! Runs the migrations as the database's owner and lets the application's login role work under the program's roles.

use super::tx::{DbError, connect};
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Why migrating failed.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// No connection as the owner.
    #[error("cannot connect as the database's owner; check database.owner_url")]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A migration failed; nothing of it stays.
    #[error("a migration failed")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The application's login role could not be made a member of the program's roles.
    #[error("cannot let {role} work under the program's roles")]
    Grant {
        /// The login role.
        role: String,
        /// What the server said.
        #[source]
        source: tokio_postgres::Error,
    },
}

/// Runs what is pending and grants the roles to `app_role` (the user of the application's URL). Returns the names of what was run.
/// Needs a multi-threaded runtime.
///
/// # Errors
/// [`MigrateError`], naming the step.
pub async fn run(owner_url: &str, app_role: &str) -> Result<Vec<String>, MigrateError> {
    let runtime = tokio::runtime::Handle::current();
    let client = connect(owner_url, "rastro-migrate", &runtime).await.map_err(|e| MigrateError::Connect(Box::new(e)))?;
    let conn = AsyncPgConnection::try_from(client).await.map_err(|e| MigrateError::Connect(Box::new(e)))?;
    let mut harness = AsyncMigrationHarness::new(conn);
    let ran = harness.run_pending_migrations(MIGRATIONS).map_err(MigrateError::Migration)?.iter().map(ToString::to_string).collect();
    let client = connect(owner_url, "rastro-migrate", &runtime).await.map_err(|e| MigrateError::Connect(Box::new(e)))?;
    let quoted = app_role.replace('"', "\"\"");
    client
        .batch_execute(&format!(
            "GRANT rastro_web, rastro_auth, rastro_jobs, rastro_matcher, rastro_genetics, rastro_kinship TO \"{quoted}\"; \
             GRANT SELECT ON __diesel_schema_migrations TO \"{quoted}\", rastro_auth"
        ))
        .await
        .map_err(|source| MigrateError::Grant { role: app_role.to_owned(), source })?;
    Ok(ran)
}

/// Takes the last migration back and puts it on again, as many as there are: proves that `down.sql` undoes `up.sql`.
///
/// # Errors
/// [`MigrateError::Migration`].
pub async fn redo_all(owner_url: &str) -> Result<(), MigrateError> {
    let runtime = tokio::runtime::Handle::current();
    let client = connect(owner_url, "rastro-migrate", &runtime).await.map_err(|e| MigrateError::Connect(Box::new(e)))?;
    let conn = AsyncPgConnection::try_from(client).await.map_err(|e| MigrateError::Connect(Box::new(e)))?;
    let mut harness = AsyncMigrationHarness::new(conn);
    harness.revert_all_migrations(MIGRATIONS).map_err(MigrateError::Migration)?;
    harness.run_pending_migrations(MIGRATIONS).map_err(MigrateError::Migration)?;
    Ok(())
}

/// How many migrations wait, asked through a connection of the pool's; all of them on an empty database.
///
/// # Errors
/// [`DbError`].
pub async fn waiting(conn: &mut AsyncPgConnection) -> Result<usize, DbError> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let known = MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS).map_err(DbError::Unavailable)?.len();
    let run: Count = diesel::sql_query("SELECT count(*) AS n FROM __diesel_schema_migrations").get_result(conn).await?;
    Ok(known.saturating_sub(usize::try_from(run.n).unwrap_or(0)))
}

/// How many migrations wait: zero on a current database.
///
/// # Errors
/// [`DbError::Unavailable`] when the database cannot be asked.
pub async fn pending(url: &str) -> Result<usize, DbError> {
    let unavailable = |e: tokio_postgres::Error| DbError::Unavailable(Box::new(e));
    let client = connect(url, "rastro-doctor", &tokio::runtime::Handle::current()).await.map_err(unavailable)?;
    let known = MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS).map_err(DbError::Unavailable)?.len();
    let there = client.query_one("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL", &[]).await.map_err(unavailable)?;
    if !there.get::<_, bool>(0) {
        return Ok(known);
    }
    let run = client.query_one("SELECT count(*) FROM __diesel_schema_migrations", &[]).await.map_err(unavailable)?;
    Ok(known.saturating_sub(usize::try_from(run.get::<_, i64>(0)).unwrap_or(0)))
}
