//! What patterns are looked for in: where and when persons were last heard of or found, with what they may have in common.

use super::tx::DbError;
use crate::domain::ids::AuthorityId;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Double, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A record that takes part in a pattern.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct PatternRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub authority_id: Uuid,
    #[diesel(sql_type = Text)]
    pub folio: String,
    /// Kind of a found record; `case` otherwise.
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub event_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub event_to: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<String>,
    #[diesel(sql_type = Nullable<Double>)]
    pub lat: Option<f64>,
    #[diesel(sql_type = Nullable<Double>)]
    pub lon: Option<f64>,
    #[diesel(sql_type = Nullable<Double>)]
    pub uncertainty_m: Option<f64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub transport: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub nationalities: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    pub risk_flags: Vec<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub incident_id: Option<Uuid>,
    /// What agreement, consent and purpose leave of another authority's record; empty for own ones.
    #[diesel(sql_type = Array<Text>)]
    pub shared: Vec<String>,
}

/// Which records.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The asking authority.
    pub viewer: AuthorityId,
    /// Whether records of others that are shared with it for its purpose take part.
    pub shared: bool,
    /// Only what may have been on this day or later.
    pub from: Option<NaiveDate>,
    /// Only what may have been on this day or earlier.
    pub to: Option<NaiveDate>,
    /// At most so many, the latest.
    pub limit: i64,
}

const CASES: &str = "SELECT c.id, c.authority_id, c.folio, 'case' AS kind, e.contact_from AS event_from, e.contact_to AS event_to, e.country, e.lat, \
        e.lon, e.uncertainty_m, e.transport, p.nationalities, c.risk_flags, c.incident_id, s.shared \
   FROM missing_person_case c JOIN person p ON p.id = c.person_id JOIN disappearance_event e ON e.case_id = c.id \
  CROSS JOIN LATERAL (SELECT CASE WHEN c.authority_id = $1 THEN '{}' \
        ELSE shared_categories(c.authority_id, 'case', c.id, $1, app_purpose()) END AS shared) s \
  WHERE c.state NOT IN ('draft', 'duplicate_linked', 'withdrawn_by_family') \
    AND ($2 IS NULL OR e.contact_to >= $2) AND ($3 IS NULL OR e.contact_from <= $3) ";
const CASES_ORDER: &str = "ORDER BY e.contact_to DESC NULLS LAST, c.id LIMIT $4";

const FOUND: &str = "SELECT f.id, f.authority_id, f.folio, f.kind, f.found_from AS event_from, f.found_to AS event_to, f.country, f.lat, f.lon, \
        f.uncertainty_m, NULL::text AS transport, p.nationalities, '{}'::text[] AS risk_flags, NULL::uuid AS incident_id, s.shared \
   FROM found_record f JOIN person p ON p.id = f.person_id \
  CROSS JOIN LATERAL (SELECT CASE WHEN f.authority_id = $1 THEN '{}' \
        ELSE shared_categories(f.authority_id, 'found_record', f.id, $1, app_purpose()) END AS shared) s \
  WHERE f.state <> 'withdrawn' AND ($2 IS NULL OR f.found_to >= $2) AND ($3 IS NULL OR f.found_from <= $3) ";
const FOUND_ORDER: &str = "ORDER BY f.found_to DESC NULLS LAST, f.id LIMIT $4";

/// Whose records. Only a plain comparison is looked at before the policies, which ask agreement and consent of every row that is another's.
const fn whose(of_cases: bool, shared: bool) -> &'static str {
    match (of_cases, shared) {
        (true, false) => "AND c.authority_id = $1 ",
        (true, true) => "AND (c.authority_id = $1 OR 'circumstances' = ANY (s.shared)) ",
        (false, false) => "AND f.authority_id = $1 ",
        (false, true) => "AND (f.authority_id = $1 OR 'circumstances' = ANY (s.shared)) ",
    }
}

async fn load(conn: &mut AsyncPgConnection, statement: String, wanted: &Wanted) -> Result<Vec<PatternRow>, DbError> {
    Ok(diesel::sql_query(statement)
        .bind::<SqlUuid, _>(wanted.viewer.0)
        .bind::<Nullable<Date>, _>(wanted.from)
        .bind::<Nullable<Date>, _>(wanted.to)
        .bind::<BigInt, _>(wanted.limit)
        .load(conn)
        .await?)
}

/// Last contacts of missing persons, the latest first: own ones, and those whose circumstances others share for the purpose of the transaction.
///
/// # Errors
/// [`DbError`].
pub async fn cases(conn: &mut AsyncPgConnection, wanted: &Wanted) -> Result<Vec<PatternRow>, DbError> {
    load(conn, format!("{CASES}{}{CASES_ORDER}", whose(true, wanted.shared)), wanted).await
}

/// Where persons were found, likewise.
///
/// # Errors
/// [`DbError`].
pub async fn found(conn: &mut AsyncPgConnection, wanted: &Wanted) -> Result<Vec<PatternRow>, DbError> {
    load(conn, format!("{FOUND}{}{FOUND_ORDER}", whose(false, wanted.shared)), wanted).await
}

/// The authorities that share anything with the asking one by an agreement for the purpose of the transaction, in order of their ids.
///
/// # Errors
/// [`DbError`].
pub async fn givers(conn: &mut AsyncPgConnection) -> Result<Vec<AuthorityId>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let lines: Vec<Line> = diesel::sql_query("SELECT id FROM app_partners() AS id ORDER BY id").load(conn).await?;
    Ok(lines.into_iter().map(|l| AuthorityId(l.id)).collect())
}
