//! Corrections: what a field was, what it became, who changed it and why.

use super::schema::correction;
use super::tx::DbError;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `correction`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = correction, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct CorrectionRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub field: String,
    pub old_value: Option<serde_json::Value>,
    pub new_value: Option<serde_json::Value>,
    pub reason: String,
    pub author: Uuid,
    pub at: DateTime<Utc>,
}

/// Writes a correction.
///
/// # Errors
/// [`DbError`].
pub async fn insert(conn: &mut AsyncPgConnection, row: &CorrectionRow) -> Result<(), DbError> {
    diesel::insert_into(correction::table).values(row).execute(conn).await?;
    Ok(())
}

/// What was corrected on a subject, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn of_subject(conn: &mut AsyncPgConnection, subject: Uuid) -> Result<Vec<CorrectionRow>, DbError> {
    Ok(correction::table
        .filter(correction::subject_id.eq(subject))
        .order((correction::at.desc(), correction::id.desc()))
        .select(CorrectionRow::as_select())
        .load(conn)
        .await?)
}
