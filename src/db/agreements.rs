//! Agreements between authorities.

use super::schema::{agreement, agreement_grant};
use super::tx::DbError;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `agreement`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize)]
#[diesel(table_name = agreement, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct AgreementRow {
    pub id: Uuid,
    pub code: String,
    pub name: String,
    pub legal_basis: String,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub suspended_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// What one party lets another see, for one purpose and kind of record.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize)]
#[diesel(table_name = agreement_grant, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct GrantRow {
    pub agreement_id: Uuid,
    pub from_authority: Uuid,
    pub to_authority: Uuid,
    pub purpose: String,
    pub subject_kind: String,
    pub categories: Vec<String>,
    pub place_precision: String,
}

/// Writes an agreement with its grants.
///
/// # Errors
/// [`DbError::Unique`] when the code is taken.
pub async fn insert(conn: &mut AsyncPgConnection, row: &AgreementRow, grants: &[GrantRow]) -> Result<(), DbError> {
    diesel::insert_into(agreement::table).values(row).execute(conn).await?;
    diesel::insert_into(agreement_grant::table).values(grants).execute(conn).await?;
    Ok(())
}

/// All agreements the asking role may see, by code.
///
/// # Errors
/// [`DbError`].
pub async fn list(conn: &mut AsyncPgConnection) -> Result<Vec<AgreementRow>, DbError> {
    Ok(agreement::table.order(agreement::code).select(AgreementRow::as_select()).load(conn).await?)
}

/// Suspends or resumes an agreement (the kill switch). Says whether there is one of that code.
///
/// # Errors
/// [`DbError`].
pub async fn set_suspended(conn: &mut AsyncPgConnection, code: &str, at: Option<DateTime<Utc>>) -> Result<bool, DbError> {
    let n = diesel::update(agreement::table.filter(agreement::code.eq(code))).set(agreement::suspended_at.eq(at)).execute(conn).await?;
    Ok(n == 1)
}
