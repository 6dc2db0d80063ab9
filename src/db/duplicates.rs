//! Possible duplicates and the log of their steps.

use super::hypotheses::{OddsKey, StoredEvidence};
use super::schema::{duplicate_step, possible_duplicate};
use super::tx::DbError;
use crate::domain::duplicate::{DuplicateKind, DuplicateState};
use crate::domain::ids::{AuthorityId, DuplicateId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Double, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `possible_duplicate`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = possible_duplicate, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct DuplicateRow {
    pub id: Uuid,
    pub kind: String,
    pub one_id: Uuid,
    pub two_id: Uuid,
    pub one_authority: Uuid,
    pub two_authority: Uuid,
    pub visible_to: Vec<Uuid>,
    pub origin: String,
    pub state: String,
    pub agreed_by: Option<Uuid>,
    pub model: String,
    pub log10_odds: f64,
    pub log10_prior: f64,
    pub probability: f64,
    pub coverage: f64,
    pub band: String,
    pub evidence: serde_json::Value,
    pub rev: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl DuplicateRow {
    /// The state as a word of the trade.
    #[must_use]
    pub fn state(&self) -> DuplicateState {
        self.state.parse().unwrap_or(DuplicateState::Withdrawn)
    }

    /// Of which kind both records are.
    #[must_use]
    pub fn kind(&self) -> DuplicateKind {
        if self.kind == "case" { DuplicateKind::Case } else { DuplicateKind::FoundRecord }
    }

    /// Both records with their owners.
    #[must_use]
    pub const fn records(&self) -> [(Uuid, AuthorityId); 2] {
        [(self.one_id, AuthorityId(self.one_authority)), (self.two_id, AuthorityId(self.two_authority))]
    }
}

/// What a list of possible duplicates shows of each.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct DuplicateLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = SqlUuid)]
    pub one_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub two_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub one_authority: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub two_authority: Uuid,
    /// Folio of the first record; none where it may not be seen.
    #[diesel(sql_type = Nullable<Text>)]
    pub one_folio: Option<String>,
    /// Folio of the second record; none where it may not be seen.
    #[diesel(sql_type = Nullable<Text>)]
    pub two_folio: Option<String>,
    /// Name of the institution that owns the first record.
    #[diesel(sql_type = Text)]
    pub one_institution: String,
    /// Name of the institution that owns the second record.
    #[diesel(sql_type = Text)]
    pub two_institution: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub agreed_by: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub band: String,
    #[diesel(sql_type = Double)]
    pub log10_odds: f64,
    #[diesel(sql_type = Double)]
    pub coverage: f64,
    #[diesel(sql_type = Jsonb)]
    pub evidence: serde_json::Value,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// What the viewer may see of the first record, when it is another's.
    #[diesel(sql_type = Array<Text>)]
    #[serde(skip)]
    pub one_shared: Vec<String>,
    /// What the viewer may see of the second record, when it is another's.
    #[diesel(sql_type = Array<Text>)]
    #[serde(skip)]
    pub two_shared: Vec<String>,
}

/// What a list asks for.
#[derive(Debug, Clone, Default)]
pub struct DuplicateFilter {
    /// Cases or found records; both without it.
    pub kind: Option<DuplicateKind>,
    /// State; without one, those that wait for a decision, or of `record` also those that are linked.
    pub state: Option<DuplicateState>,
    /// Only those of this record.
    pub record: Option<Uuid>,
}

/// Reads a possible duplicate.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn get(conn: &mut AsyncPgConnection, id: DuplicateId) -> Result<DuplicateRow, DbError> {
    Ok(possible_duplicate::table.find(id.0).select(DuplicateRow::as_select()).first(conn).await?)
}

/// The possible duplicate of two records in any order, if there is one that may be seen.
///
/// # Errors
/// [`DbError`].
pub async fn of_pair(conn: &mut AsyncPgConnection, a: Uuid, b: Uuid) -> Result<Option<DuplicateRow>, DbError> {
    use possible_duplicate::dsl;
    let found = dsl::possible_duplicate.filter(dsl::one_id.eq(a.min(b))).filter(dsl::two_id.eq(a.max(b)));
    Ok(found.select(DuplicateRow::as_select()).first(conn).await.optional()?)
}

/// One page of an authority's possible duplicates, strongest first. A record that may not be seen has no folio.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    conn: &mut AsyncPgConnection,
    viewer: AuthorityId,
    filter: &DuplicateFilter,
    after: Option<OddsKey>,
    limit: i64,
) -> Result<Vec<DuplicateLine>, DbError> {
    // Two index scans, one per side, joined, as in the queue of hypotheses.
    Ok(diesel::sql_query(
        "WITH visible AS ( \
            SELECT id FROM possible_duplicate WHERE one_authority = $1 UNION SELECT id FROM possible_duplicate WHERE two_authority = $1) \
         SELECT page.*, COALESCE(c1.folio, f1.folio) AS one_folio, COALESCE(c2.folio, f2.folio) AS two_folio, \
                a1.name AS one_institution, a2.name AS two_institution, \
                CASE WHEN page.one_authority = $1 THEN '{}' \
                     ELSE shared_categories(page.one_authority, page.kind, page.one_id, $1, app_purpose()) END AS one_shared, \
                CASE WHEN page.two_authority = $1 THEN '{}' \
                     ELSE shared_categories(page.two_authority, page.kind, page.two_id, $1, app_purpose()) END AS two_shared \
           FROM (SELECT d.* FROM visible v JOIN possible_duplicate d ON d.id = v.id \
                  WHERE ($2 IS NULL OR d.kind = $2) \
                    AND CASE WHEN $3 IS NOT NULL THEN d.state = $3 \
                             WHEN $4 IS NOT NULL THEN d.state IN ('proposed', 'link_proposed', 'linked') \
                             ELSE d.state IN ('proposed', 'link_proposed') END \
                    AND ($4 IS NULL OR d.one_id = $4 OR d.two_id = $4) \
                    AND ($5 IS NULL OR (d.log10_odds, d.id) < ($5, $6)) \
                  ORDER BY d.log10_odds DESC, d.id DESC LIMIT $7) page \
           JOIN authority a1 ON a1.id = page.one_authority JOIN authority a2 ON a2.id = page.two_authority \
           LEFT JOIN missing_person_case c1 ON page.kind = 'case' AND c1.id = page.one_id \
           LEFT JOIN missing_person_case c2 ON page.kind = 'case' AND c2.id = page.two_id \
           LEFT JOIN found_record f1 ON page.kind = 'found_record' AND f1.id = page.one_id \
           LEFT JOIN found_record f2 ON page.kind = 'found_record' AND f2.id = page.two_id \
          ORDER BY page.log10_odds DESC, page.id DESC",
    )
    .bind::<SqlUuid, _>(viewer.0)
    .bind::<Nullable<Text>, _>(filter.kind.map(DuplicateKind::as_str))
    .bind::<Nullable<Text>, _>(filter.state.map(DuplicateState::as_str))
    .bind::<Nullable<SqlUuid>, _>(filter.record)
    .bind::<Nullable<Double>, _>(after.map(|a| a.log10_odds))
    .bind::<Nullable<SqlUuid>, _>(after.map(|a| a.id))
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// Puts a pair forward by hand.
///
/// # Errors
/// [`DbError::Unique`] when there is a row of the pair, seen or not.
pub async fn insert(conn: &mut AsyncPgConnection, row: &DuplicateRow) -> Result<(), DbError> {
    diesel::insert_into(possible_duplicate::table).values(row).execute(conn).await?;
    Ok(())
}

/// Which owners of two records would see their pair: those that may see the other's for search. None: they may not be compared.
///
/// # Errors
/// [`DbError`].
pub async fn audience(conn: &mut AsyncPgConnection, kind: DuplicateKind, records: [(Uuid, AuthorityId); 2]) -> Result<Vec<Uuid>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Array<SqlUuid>)]
        audience: Vec<Uuid>,
    }
    let [one, two] = records;
    let line: Line = diesel::sql_query("SELECT duplicate_audience($1, $2, $3, $4, $5) AS audience")
        .bind::<Text, _>(kind.as_str())
        .bind::<SqlUuid, _>(one.0)
        .bind::<SqlUuid, _>(one.1.0)
        .bind::<SqlUuid, _>(two.0)
        .bind::<SqlUuid, _>(two.1.0)
        .get_result(conn)
        .await?;
    Ok(line.audience)
}

/// Whether two records of a kind may be duplicates at all: both comparable, of one class.
///
/// # Errors
/// [`DbError`].
pub async fn comparable(conn: &mut AsyncPgConnection, kind: DuplicateKind, ids: [Uuid; 2]) -> Result<bool, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Bool)]
        there: bool,
    }
    let line: Line = diesel::sql_query("SELECT count(*) = 2 AND count(DISTINCT d.class) = 1 AS there FROM duplicable($1, $2) d")
        .bind::<Text, _>(kind.as_str())
        .bind::<Array<SqlUuid>, _>(ids.to_vec())
        .get_result(conn)
        .await?;
    Ok(line.there)
}

/// Moves a possible duplicate that is still at `rev`; says whether it was. `agreed_by` is whose word alone is in.
///
/// # Errors
/// [`DbError`].
pub async fn set_state(
    conn: &mut AsyncPgConnection,
    (id, rev): (DuplicateId, i32),
    state: DuplicateState,
    agreed_by: Option<AuthorityId>,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    use possible_duplicate::dsl;
    let changed = diesel::update(dsl::possible_duplicate.find(id.0).filter(dsl::rev.eq(rev)))
        .set((dsl::state.eq(state.as_str()), dsl::agreed_by.eq(agreed_by.map(|a| a.0)), dsl::rev.eq(rev + 1), dsl::updated_at.eq(at)))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// A step to be logged.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = duplicate_step)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct NewStep {
    pub id: Uuid,
    pub possible_duplicate_id: Uuid,
    pub authority_id: Uuid,
    pub author: Uuid,
    pub command: String,
    pub from_state: Option<String>,
    pub to_state: String,
    pub reason: String,
    pub at: DateTime<Utc>,
}

/// Logs a step.
///
/// # Errors
/// [`DbError`].
pub async fn insert_step(conn: &mut AsyncPgConnection, step: &NewStep) -> Result<(), DbError> {
    diesel::insert_into(duplicate_step::table).values(step).execute(conn).await?;
    Ok(())
}

/// A step as it is told: of a person's the institution, the name stays there.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
pub struct StepLine {
    /// What was done.
    #[diesel(sql_type = Text)]
    pub command: String,
    /// Where it led.
    #[diesel(sql_type = Text)]
    pub to_state: String,
    /// Why, in the words of whoever did it.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// The institution; none for a step of the engine's or a withdrawal.
    #[diesel(sql_type = Nullable<Text>)]
    pub institution: Option<String>,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

/// Every step of a possible duplicate, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn steps(conn: &mut AsyncPgConnection, id: DuplicateId) -> Result<Vec<StepLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT s.command, s.to_state, s.reason, a.name AS institution, s.at \
           FROM duplicate_step s LEFT JOIN authority a ON a.id = s.authority_id WHERE s.possible_duplicate_id = $1 ORDER BY s.at DESC, s.id DESC",
    )
    .bind::<SqlUuid, _>(id.0)
    .load(conn)
    .await?)
}

/// The authority's cases to which a case is linked, the earliest registered first: its possible masters.
///
/// # Errors
/// [`DbError`].
pub async fn linked_own_cases(conn: &mut AsyncPgConnection, owner: AuthorityId, case: Uuid) -> Result<Vec<Uuid>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let lines: Vec<Line> = diesel::sql_query(
        "SELECT c.id FROM possible_duplicate d JOIN missing_person_case c ON c.id = CASE WHEN d.one_id = $2 THEN d.two_id ELSE d.one_id END \
          WHERE d.kind = 'case' AND d.state = 'linked' AND (d.one_id = $2 OR d.two_id = $2) AND c.authority_id = $1 \
            AND c.state NOT IN ('draft', 'duplicate_linked', 'withdrawn_by_family') \
          ORDER BY c.created_at, c.id",
    )
    .bind::<SqlUuid, _>(owner.0)
    .bind::<SqlUuid, _>(case)
    .load(conn)
    .await?;
    Ok(lines.into_iter().map(|l| l.id).collect())
}

/// A pair of one side as the engine hands it over.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ProposedDuplicate {
    /// The id it gets if it is new.
    pub id: Uuid,
    /// The record with the lower id.
    pub one: Uuid,
    /// The record with the higher id.
    pub two: Uuid,
    /// log10 of the posterior odds.
    pub odds: f64,
    /// log10 of the prior odds.
    pub prior: f64,
    /// Probability.
    pub probability: f64,
    /// Share of the fields that could be compared.
    pub coverage: f64,
    /// Band in words.
    pub band: String,
    /// The fields compared.
    pub evidence: Vec<StoredEvidence>,
    /// Whether the engine still holds it; one that it does not hold ends when nobody has touched it.
    pub kept: bool,
}

/// Hands pairs of one kind to the database's narrow function, as [`super::hypotheses::propose`] does; the number that are put forward, new or again.
/// No pair may be given twice.
///
/// # Errors
/// [`DbError`].
pub async fn propose(
    conn: &mut AsyncPgConnection,
    kind: &str,
    model: &str,
    pairs: &[ProposedDuplicate],
    at: DateTime<Utc>,
) -> Result<usize, DbError> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let pairs = serde_json::to_value(pairs).map_err(|e| DbError::Other(diesel::result::Error::SerializationError(Box::new(e))))?;
    let count: Count =
        diesel::sql_query("SELECT count(*) FILTER (WHERE p.outcome = 'proposed') AS n FROM matcher_propose_duplicates($1, $2, $3, $4) p")
            .bind::<Text, _>(kind)
            .bind::<Text, _>(model)
            .bind::<Jsonb, _>(pairs)
            .bind::<Timestamptz, _>(at)
            .get_result(conn)
            .await?;
    Ok(usize::try_from(count.n).unwrap_or(0))
}

/// The links among records (cases, or found records) that the asking authority may see: pairs known to be of one person.
///
/// # Errors
/// [`DbError`].
pub async fn links_among(conn: &mut AsyncPgConnection, records: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>, DbError> {
    use possible_duplicate::dsl;
    Ok(dsl::possible_duplicate
        .filter(dsl::state.eq("linked").and(dsl::one_id.eq_any(records)).and(dsl::two_id.eq_any(records)))
        .select((dsl::one_id, dsl::two_id))
        .load(conn)
        .await?)
}

/// A possible duplicate, open or linked, of a subject that is compared anew.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct OpenDuplicate {
    /// The record with the lower id.
    #[diesel(sql_type = SqlUuid)]
    pub one_id: Uuid,
    /// The record with the higher id.
    #[diesel(sql_type = SqlUuid)]
    pub two_id: Uuid,
    /// Whether no person has touched it, so that the engine may end it.
    #[diesel(sql_type = Bool)]
    pub untouched: bool,
}

/// The possible duplicates, open or linked, of subjects of a kind.
///
/// # Errors
/// [`DbError`].
pub async fn open_pairs(conn: &mut AsyncPgConnection, kind: &str, subjects: &[Uuid]) -> Result<Vec<OpenDuplicate>, DbError> {
    Ok(diesel::sql_query("SELECT * FROM matcher_open_duplicates($1, $2)")
        .bind::<Text, _>(kind)
        .bind::<Array<SqlUuid>, _>(subjects)
        .load(conn)
        .await?)
}
