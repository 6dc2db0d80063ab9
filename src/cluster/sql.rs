//! What the cluster's superuser does in the server: roles and databases. Tables are the migrations' business.

use super::record::Secrets;
use super::{APP_ROLE, ClusterError, OWNER_ROLE};
use tokio_postgres::{Client, Error, NoTls};

/// Whether a database name needs no quoting anywhere.
pub(super) fn is_plain_name(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Connects, does `work`, disconnects.
async fn with_client<T>(url: &str, action: &str, work: impl AsyncFnOnce(&Client) -> Result<T, Error>) -> Result<T, ClusterError> {
    let refused = |source| ClusterError::Sql { action: action.to_owned(), source };
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.map_err(refused)?;
    let work = async move {
        let done = work(&client).await;
        drop(client);
        done
    };
    // The connection ends when the client is dropped; what broke it is in the work's own error.
    let (done, _) = tokio::join!(work, connection);
    done.map_err(refused)
}

async fn exists(client: &Client, question: &str, name: &str) -> Result<bool, Error> {
    client.query_one(question, &[&name]).await?.try_get(0)
}

const ROLE_EXISTS: &str = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)";
const DATABASE_EXISTS: &str = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";

/// Makes the two login roles when they are missing. The owner makes the program's roles (`CREATEROLE`) and tests' databases (`CREATEDB`);
/// neither is a superuser or passes row-level security by.
pub(super) async fn ensure_roles(url: &str, secrets: &Secrets) -> Result<(), ClusterError> {
    let wanted = [(OWNER_ROLE, "CREATEROLE CREATEDB INHERIT", &secrets.owner), (APP_ROLE, "NOCREATEROLE NOCREATEDB NOINHERIT", &secrets.app)];
    with_client(url, "make its roles", async |client| {
        for (role, rights, password) in wanted {
            if !exists(client, ROLE_EXISTS, role).await? {
                // Names and passwords are our own, in letters and digits.
                client.batch_execute(&format!("CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS {rights} PASSWORD '{password}'")).await?;
            }
        }
        Ok(())
    })
    .await
}

pub(super) async fn ensure_database(url: &str, name: &str) -> Result<(), ClusterError> {
    plain(name)?;
    with_client(url, "make a database", async |client| {
        if exists(client, DATABASE_EXISTS, name).await? {
            return Ok(());
        }
        client.batch_execute(&format!("CREATE DATABASE {name} OWNER {OWNER_ROLE}")).await
    })
    .await
}

pub(super) async fn clone_database(url: &str, template: &str, name: &str) -> Result<(), ClusterError> {
    plain(template)?;
    plain(name)?;
    // Copying files beats writing every block to the log, at the price of two checkpoints.
    let statement = format!("CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER_ROLE} STRATEGY file_copy");
    with_client(url, "clone a database", async |client| client.batch_execute(&statement).await).await
}

pub(super) async fn drop_database(url: &str, name: &str) -> Result<(), ClusterError> {
    plain(name)?;
    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    with_client(url, "drop a database", async |client| client.batch_execute(&statement).await).await
}

pub(super) async fn databases(url: &str, prefix: &str) -> Result<Vec<String>, ClusterError> {
    let question = "SELECT datname::text FROM pg_database WHERE starts_with(datname, $1) ORDER BY 1";
    with_client(url, "list its databases", async |client| client.query(question, &[&prefix]).await?.iter().map(|row| row.try_get(0)).collect())
        .await
}

fn plain(name: &str) -> Result<(), ClusterError> {
    if is_plain_name(name) { Ok(()) } else { Err(ClusterError::DatabaseName { name: name.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::is_plain_name;

    #[test]
    fn names_that_would_need_quoting_are_refused() {
        for good in ["rastro", "t_0123", "a"] {
            assert!(is_plain_name(good), "{good}");
        }
        for bad in ["", "1a", "_a", "A", "a-b", "a b", "a\"", "á", &"a".repeat(64)] {
            assert!(!is_plain_name(bad), "{bad}");
        }
    }
}
