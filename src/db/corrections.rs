//! Corrections: what a field was, what it became, who changed it and why.

use super::schema::correction;
use super::tx::DbError;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
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

/// What was corrected on a subject, with the author's name.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct CorrectionLine {
    #[diesel(sql_type = Text)]
    pub field: String,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub old_value: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub new_value: Option<serde_json::Value>,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub author: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
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

/// What was corrected on a subject with the authors' names, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn lines_of_subject(conn: &mut AsyncPgConnection, subject: Uuid) -> Result<Vec<CorrectionLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT c.field, c.old_value, c.new_value, c.reason, u.name AS author, c.at FROM correction c LEFT JOIN app_user u ON u.id = c.author \
          WHERE c.subject_id = $1 ORDER BY c.at DESC, c.id DESC",
    )
    .bind::<SqlUuid, _>(subject)
    .load(conn)
    .await?)
}
