//! The only room that names diesel. Functions take a connection or a [`Tx`], return a typed outcome, and never commit.

pub mod accounts;
pub mod agreements;
pub mod audit;
pub mod bulk;
pub mod cases;
pub mod consents;
pub mod corrections;
pub mod duplicates;
pub mod feed;
pub mod forms;
pub mod found;
pub mod hypotheses;
pub mod identifications;
pub mod imports;
pub mod information;
pub mod kinship;
pub mod messages;
pub mod migrate;
pub mod notifications;
pub mod partners;
pub mod patterns;
pub mod persons;
pub mod places;
pub mod profiles;
pub mod queue;
pub mod remains;
pub mod remains_images;
pub mod restitutions;
pub mod reweighing;
pub mod samples;
#[expect(missing_docs, reason = "generated from the catalogue; the migrations say what each column is")]
pub mod schema;
pub mod subjects;
pub mod tx;

pub use tx::{DbError, Pool, Role, Scope, Tx};

/// How many rows of a table a transaction may see: what row-level security leaves to a forgotten WHERE.
///
/// # Errors
/// [`DbError`].
pub async fn visible_rows(tx: &mut Tx, table: &str) -> Result<i64, DbError> {
    use diesel_async::RunQueryDsl;
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let count: Count = diesel::sql_query(format!("SELECT count(*) AS n FROM \"{}\"", table.replace('"', ""))).get_result(&mut **tx).await?;
    Ok(count.n)
}
