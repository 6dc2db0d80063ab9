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
    pub suspended_by: Option<Uuid>,
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

/// Suspends or resumes an agreement (the kill switch) in the operator's name.
///
/// # Errors
/// [`DbError`].
pub async fn set_suspended(conn: &mut AsyncPgConnection, id: Uuid, at: Option<DateTime<Utc>>) -> Result<(), DbError> {
    diesel::update(agreement::table.find(id)).set(agreement::suspended_at.eq(at)).execute(conn).await?;
    Ok(())
}

/// An agreement of a code, locked for the change that follows.
///
/// # Errors
/// [`DbError::NotFound`] when there is none.
pub async fn locked(conn: &mut AsyncPgConnection, code: &str) -> Result<AgreementRow, DbError> {
    Ok(agreement::table.filter(agreement::code.eq(code)).select(AgreementRow::as_select()).for_update().first(conn).await?)
}

/// What agreements grant, as far as the asking role may see.
///
/// # Errors
/// [`DbError`].
pub async fn grants(conn: &mut AsyncPgConnection, of: &[Uuid]) -> Result<Vec<GrantRow>, DbError> {
    let order = (agreement_grant::from_authority, agreement_grant::purpose, agreement_grant::subject_kind);
    Ok(agreement_grant::table.filter(agreement_grant::agreement_id.eq_any(of)).order(order).select(GrantRow::as_select()).load(conn).await?)
}

/// Adds grants, or changes the categories of those there are.
///
/// # Errors
/// [`DbError`].
pub async fn put_grants(conn: &mut AsyncPgConnection, grants: &[GrantRow]) -> Result<(), DbError> {
    use diesel::upsert::excluded;
    let key = (
        agreement_grant::agreement_id,
        agreement_grant::from_authority,
        agreement_grant::to_authority,
        agreement_grant::purpose,
        agreement_grant::subject_kind,
    );
    diesel::insert_into(agreement_grant::table)
        .values(grants)
        .on_conflict(key)
        .do_update()
        .set(agreement_grant::categories.eq(excluded(agreement_grant::categories)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Stops an agreement in an authority's name, or lets it go on; `last_day` ends it for good.
///
/// # Errors
/// [`DbError`].
pub async fn stop(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    by: Option<(DateTime<Utc>, Uuid)>,
    last_day: Option<NaiveDate>,
) -> Result<(), DbError> {
    diesel::update(agreement::table.find(id))
        .set((agreement::suspended_at.eq(by.map(|b| b.0)), agreement::suspended_by.eq(by.map(|b| b.1)), agreement::valid_to.eq(last_day)))
        .execute(conn)
        .await?;
    Ok(())
}
