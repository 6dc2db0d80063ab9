//! Open hypotheses weighed anew because the model, the prior or the frequencies changed: rows of `reweighing`, and what the matcher asks for it.

use super::schema::reweighing;
use super::tx::DbError;
use chrono::{DateTime, Utc};
use diesel::OptionalExtension;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `reweighing`.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = reweighing, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ReweighingRow {
    pub id: Uuid,
    pub model: String,
    pub expected: f64,
    pub cases: i64,
    pub found_records: i64,
    pub total: i64,
    pub done: i64,
    pub after_case: Uuid,
    pub began_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// Reads one.
///
/// # Errors
/// [`DbError::NotFound`].
pub async fn get(conn: &mut AsyncPgConnection, id: Uuid) -> Result<ReweighingRow, DbError> {
    Ok(reweighing::table.find(id).select(ReweighingRow::as_select()).first(conn).await?)
}

/// The last that was begun.
///
/// # Errors
/// [`DbError`].
pub async fn last(conn: &mut AsyncPgConnection) -> Result<Option<ReweighingRow>, DbError> {
    let newest = (reweighing::began_at.desc(), reweighing::id.desc());
    Ok(reweighing::table.order(newest).select(ReweighingRow::as_select()).first(conn).await.optional()?)
}

/// Begins one, or notes what there is nothing to weigh anew of.
///
/// # Errors
/// [`DbError`].
pub async fn insert(conn: &mut AsyncPgConnection, row: &ReweighingRow) -> Result<(), DbError> {
    diesel::insert_into(reweighing::table).values(row).execute(conn).await?;
    Ok(())
}

/// Notes how far it came.
///
/// # Errors
/// [`DbError`].
pub async fn advance(conn: &mut AsyncPgConnection, id: Uuid, after_case: Uuid, done: i64) -> Result<(), DbError> {
    let progress = (reweighing::after_case.eq(after_case), reweighing::done.eq(reweighing::done + done));
    diesel::update(reweighing::table.find(id)).set(progress).execute(conn).await?;
    Ok(())
}

/// Ends it.
///
/// # Errors
/// [`DbError`].
pub async fn end(conn: &mut AsyncPgConnection, id: Uuid, at: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(reweighing::table.find(id)).set(reweighing::ended_at.eq(at)).execute(conn).await?;
    Ok(())
}

/// What the open hypotheses were weighed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Weighed {
    /// Cases with an open hypothesis.
    #[diesel(sql_type = BigInt)]
    pub cases: i64,
    /// Whether another model weighed any of them.
    #[diesel(sql_type = Bool)]
    pub outdated: bool,
}

/// What the open hypotheses were weighed with, beside this model.
///
/// # Errors
/// [`DbError`].
pub async fn weighed(conn: &mut AsyncPgConnection, model: &str) -> Result<Weighed, DbError> {
    Ok(diesel::sql_query("SELECT * FROM matcher_weighed($1)").bind::<Text, _>(model).get_result(conn).await?)
}

/// The next cases with an open hypothesis after one of them.
///
/// # Errors
/// [`DbError`].
pub async fn open_cases(conn: &mut AsyncPgConnection, after: Uuid, most: i32) -> Result<Vec<Uuid>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let lines: Vec<Line> = diesel::sql_query("SELECT id FROM matcher_open_cases($1, $2) AS id")
        .bind::<SqlUuid, _>(after)
        .bind::<Integer, _>(most)
        .load(conn)
        .await?;
    Ok(lines.into_iter().map(|l| l.id).collect())
}

/// A pair people have decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Decided {
    /// The case.
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    /// The found record.
    #[diesel(sql_type = SqlUuid)]
    pub found_id: Uuid,
    /// Confirmed as one person; otherwise excluded.
    #[diesel(sql_type = Bool)]
    pub same: bool,
}

/// Every pair that was confirmed, or excluded for good: what a model is trained with.
///
/// # Errors
/// [`DbError`].
pub async fn decided(conn: &mut AsyncPgConnection) -> Result<Vec<Decided>, DbError> {
    Ok(diesel::sql_query("SELECT * FROM matcher_decided()").load(conn).await?)
}
