//! What the matcher loads: features of every record whose consent allows comparing, through its narrow function.

use super::tx::DbError;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Double, Float, Integer, Jsonb, Nullable, SmallInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A case or found record as the matcher sees it. `recipients` are the other authorities that may see it for search.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct SubjectRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub authority_id: Uuid,
    #[diesel(sql_type = Integer)]
    pub rev: i32,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub recipients: Vec<Uuid>,
    #[diesel(sql_type = Text)]
    pub record_kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub language: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub sex: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    pub birth_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub birth_to: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub age_min: Option<i16>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub age_max: Option<i16>,
    #[diesel(sql_type = Nullable<Date>)]
    pub age_as_of: Option<NaiveDate>,
    #[diesel(sql_type = Array<Text>)]
    pub nationalities: Vec<String>,
    #[diesel(sql_type = Nullable<Float>)]
    pub height_min_cm: Option<f32>,
    #[diesel(sql_type = Nullable<Float>)]
    pub height_max_cm: Option<f32>,
    #[diesel(sql_type = Nullable<Text>)]
    pub build: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub hair_color: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub eye_color: Option<String>,
    #[diesel(sql_type = Jsonb)]
    pub marks: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    pub dental: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    pub clothing: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    pub belongings: serde_json::Value,
    #[diesel(sql_type = Array<Text>)]
    pub phones: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    pub documents: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    pub companions: Vec<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub names: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Text>)]
    pub place_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<String>,
    #[diesel(sql_type = Nullable<Double>)]
    pub lat: Option<f64>,
    #[diesel(sql_type = Nullable<Double>)]
    pub lon: Option<f64>,
    #[diesel(sql_type = Nullable<Double>)]
    pub uncertainty_m: Option<f64>,
    #[diesel(sql_type = Nullable<Date>)]
    pub event_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub event_to: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub pmi_min_days: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub pmi_max_days: Option<i32>,
}

/// From here on a load looks at whole tables.
const MANY: usize = 200;

/// Loads all subjects of a kind (`case` or `found_record`), or those of `only`. An id that is not among the answers may not be compared
/// (any more). About 0.06 ms per record.
///
/// # Errors
/// [`DbError`].
pub async fn load(conn: &mut AsyncPgConnection, kind: &str, only: Option<&[Uuid]>) -> Result<Vec<SubjectRow>, DbError> {
    if only.is_none_or(|ids| ids.len() > MANY) {
        // Right after a large load the server has counted no rows yet, takes every table for tiny and joins row by row: 8.5 s measured
        // where hashing takes 0.1 s. Holds to the end of the transaction.
        diesel::sql_query("SET LOCAL enable_nestloop = off").execute(conn).await?;
    }
    Ok(diesel::sql_query("SELECT * FROM matcher_subjects($1, $2)")
        .bind::<Text, _>(kind)
        .bind::<Nullable<Array<SqlUuid>>, _>(only)
        .load(conn)
        .await?)
}

/// The records of a kind (`case` or `found_record`) of some authorities, by id.
///
/// # Errors
/// [`DbError`].
pub async fn records_of(conn: &mut AsyncPgConnection, kind: &str, parties: &[Uuid]) -> Result<Vec<Uuid>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let lines: Vec<Line> = diesel::sql_query("SELECT id FROM matcher_records_of($1, $2) AS id")
        .bind::<Text, _>(kind)
        .bind::<Array<SqlUuid>, _>(parties)
        .load(conn)
        .await?;
    Ok(lines.into_iter().map(|l| l.id).collect())
}
