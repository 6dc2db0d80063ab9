//! Hypotheses, verdicts and exclusions.

use super::schema::{exclusion, hypothesis, hypothesis_score, review};
use super::tx::DbError;
use crate::domain::found::FoundKind;
use crate::domain::hypothesis::{GivenVerdict, HypothesisState, Verdict};
use crate::domain::ids::{AuthorityId, CaseId, FoundId, HypothesisId, UserId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Double, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `hypothesis`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = hypothesis, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct HypothesisRow {
    pub id: Uuid,
    pub case_id: Uuid,
    pub found_id: Uuid,
    pub case_authority: Uuid,
    pub found_authority: Uuid,
    pub visible_to: Vec<Uuid>,
    pub origin: String,
    pub state: String,
    pub model: String,
    pub case_rev: i32,
    pub found_rev: i32,
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

impl HypothesisRow {
    /// The state as a word of the trade.
    #[must_use]
    pub fn state(&self) -> HypothesisState {
        self.state.parse().unwrap_or(HypothesisState::Withdrawn)
    }
}

/// One compared field: how it compares and what that weighs, never the values.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StoredEvidence {
    /// name, sex, birth, nationality, stature, marks, `place_time` …
    pub field: String,
    /// agree, partial, disagree, explainable or `not_comparable`.
    pub comparison: String,
    /// Stable code of the level.
    pub level: String,
    /// Weight: log10 of the likelihood ratio.
    pub log10_lr: f64,
    /// The frequency the weight rests on: share of comparable records that agree as well by chance, in two digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<f64>,
    /// When it could not be compared, who lacks it: case, `found_record` or both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacking: Option<String>,
    /// And what it usually brings at most where both tell it, log10, in tenths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worth: Option<f64>,
}

/// What a queue of hypotheses shows of each.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct HypothesisLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub found_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub case_authority: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub found_authority: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub case_folio: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub found_folio: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub found_kind: Option<String>,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Text)]
    pub band: String,
    #[diesel(sql_type = Double)]
    pub log10_odds: f64,
    #[diesel(sql_type = Double)]
    pub coverage: f64,
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    pub evidence: serde_json::Value,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    pub mine_given: bool,
    /// What the viewer may see of the case, when it is another's.
    #[diesel(sql_type = diesel::sql_types::Array<Text>)]
    #[serde(skip)]
    pub case_shared: Vec<String>,
    /// What the viewer may see of the found record, when it is another's.
    #[diesel(sql_type = diesel::sql_types::Array<Text>)]
    #[serde(skip)]
    pub found_shared: Vec<String>,
}

/// What a queue asks for.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct QueueFilter {
    /// Band of strength.
    pub band: Option<String>,
    /// State; none means every open one.
    pub state: Option<String>,
    /// Only those of this case.
    pub case: Option<Uuid>,
    /// Only those of this found record.
    pub found: Option<Uuid>,
}

/// A place in the queue, ordered by odds, strongest first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OddsKey {
    /// The last line's odds.
    pub log10_odds: f64,
    /// The last line's id.
    pub id: Uuid,
}

/// Reads a hypothesis.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn get(conn: &mut AsyncPgConnection, id: HypothesisId) -> Result<HypothesisRow, DbError> {
    Ok(hypothesis::table.find(id.0).select(HypothesisRow::as_select()).first(conn).await?)
}

/// One page of the queue of an authority, strongest first. A side that may not be seen has no folio.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    conn: &mut AsyncPgConnection,
    viewer: AuthorityId,
    user: UserId,
    filter: &QueueFilter,
    after: Option<OddsKey>,
    limit: i64,
) -> Result<Vec<HypothesisLine>, DbError> {
    // Two index scans, one per side, joined: an OR would read the whole table.
    Ok(diesel::sql_query(
        "WITH visible AS ( \
            SELECT id FROM hypothesis WHERE case_authority = $1 UNION SELECT id FROM hypothesis WHERE found_authority = $1) \
         SELECT page.*, \
                EXISTS (SELECT FROM review r WHERE r.hypothesis_id = page.id AND r.reviewer = $2 AND r.round = review_round(page.id)) AS mine_given, \
                CASE WHEN page.case_authority = $1 THEN '{}' \
                     ELSE shared_categories(page.case_authority, 'case', page.case_id, $1, app_purpose()) END AS case_shared, \
                CASE WHEN page.found_authority = $1 THEN '{}' \
                     ELSE shared_categories(page.found_authority, 'found_record', page.found_id, $1, app_purpose()) END AS found_shared \
           FROM (SELECT h.id, h.case_id, h.found_id, h.case_authority, h.found_authority, c.folio AS case_folio, f.folio AS found_folio, \
                f.kind AS found_kind, h.state, h.band, h.log10_odds, h.coverage, h.evidence, h.created_at \
           FROM visible v JOIN hypothesis h ON h.id = v.id \
           LEFT JOIN missing_person_case c ON c.id = h.case_id LEFT JOIN found_record f ON f.id = h.found_id \
          WHERE ($3 IS NULL OR h.band = $3) \
            AND CASE WHEN $4 IS NULL THEN h.state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn', 'confirmed') \
                     ELSE h.state = $4 END \
            AND ($5 IS NULL OR h.case_id = $5) AND ($6 IS NULL OR h.found_id = $6) \
            AND ($7 IS NULL OR (h.log10_odds, h.id) < ($7, $8)) \
          ORDER BY h.log10_odds DESC, h.id DESC LIMIT $9) page ORDER BY page.log10_odds DESC, page.id DESC",
    )
    .bind::<SqlUuid, _>(viewer.0)
    .bind::<SqlUuid, _>(user.0)
    .bind::<Nullable<Text>, _>(filter.band.as_deref().filter(|s| !s.is_empty()))
    .bind::<Nullable<Text>, _>(filter.state.as_deref().filter(|s| !s.is_empty()))
    .bind::<Nullable<SqlUuid>, _>(filter.case)
    .bind::<Nullable<SqlUuid>, _>(filter.found)
    .bind::<Nullable<Double>, _>(after.map(|a| a.log10_odds))
    .bind::<Nullable<SqlUuid>, _>(after.map(|a| a.id))
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// How many open hypotheses an authority may see, by band.
///
/// # Errors
/// [`DbError`].
pub async fn open_by_band(conn: &mut AsyncPgConnection, viewer: AuthorityId) -> Result<Vec<(String, i64)>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        band: String,
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let lines: Vec<Line> = diesel::sql_query(
        "SELECT band, count(*) AS n FROM hypothesis \
          WHERE (case_authority = $1 OR found_authority = $1) \
            AND state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn', 'confirmed') GROUP BY band",
    )
    .bind::<SqlUuid, _>(viewer.0)
    .load(conn)
    .await?;
    Ok(lines.into_iter().map(|l| (l.band, l.n)).collect())
}

/// What a hypothesis weighed before it was weighed anew.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = hypothesis_score, check_for_backend(diesel::pg::Pg))]
pub struct EarlierScore {
    /// The model that weighed it.
    pub model: String,
    /// log10 of the odds.
    pub log10_odds: f64,
    /// log10 of the prior odds among them.
    pub log10_prior: f64,
    /// Band in words.
    pub band: String,
    /// Revision of the case it was weighed with.
    pub case_rev: i32,
    /// Revision of the found record it was weighed with.
    pub found_rev: i32,
    /// When the next score took its place.
    pub replaced_at: DateTime<Utc>,
}

/// What a hypothesis weighed before, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn earlier_scores(conn: &mut AsyncPgConnection, id: HypothesisId, limit: i64) -> Result<Vec<EarlierScore>, DbError> {
    let of_hypothesis = hypothesis_score::table.filter(hypothesis_score::hypothesis_id.eq(id.0)).order(hypothesis_score::id.desc());
    Ok(of_hypothesis.limit(limit).select(EarlierScore::as_select()).load(conn).await?)
}

/// Moves a hypothesis that is still at `rev`; says whether it was.
///
/// # Errors
/// [`DbError`].
pub async fn set_state(
    conn: &mut AsyncPgConnection,
    id: HypothesisId,
    rev: i32,
    state: HypothesisState,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    use hypothesis::dsl;
    let changed = diesel::update(dsl::hypothesis.find(id.0).filter(dsl::rev.eq(rev)))
        .set((dsl::state.eq(state.as_str()), dsl::rev.eq(rev + 1), dsl::updated_at.eq(at)))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// A verdict with its reasons.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = review, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ReviewRow {
    pub id: Uuid,
    pub hypothesis_id: Uuid,
    pub authority_id: Uuid,
    pub reviewer: Uuid,
    pub round: i16,
    pub verdict: String,
    pub reason_codes: Vec<String>,
    pub strength: Option<String>,
    pub note: String,
    pub conflict_of_interest: bool,
    pub at: DateTime<Utc>,
}

/// Writes a verdict.
///
/// # Errors
/// [`DbError::Unique`] when this person gave one in this round.
pub async fn insert_review(conn: &mut AsyncPgConnection, row: &ReviewRow) -> Result<(), DbError> {
    diesel::insert_into(review::table).values(row).execute(conn).await?;
    Ok(())
}

/// The verdicts the asking user may see: their own, and all once the hypothesis is decided.
///
/// # Errors
/// [`DbError`].
pub async fn reviews(conn: &mut AsyncPgConnection, id: HypothesisId) -> Result<Vec<ReviewRow>, DbError> {
    Ok(review::table.filter(review::hypothesis_id.eq(id.0)).order(review::at).select(ReviewRow::as_select()).load(conn).await?)
}

/// How many verdicts a round has: a number, so that the second review stays blind.
///
/// # Errors
/// [`DbError`].
pub async fn review_count(conn: &mut AsyncPgConnection, id: HypothesisId, round: i16) -> Result<i64, DbError> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let count: Count =
        diesel::sql_query("SELECT review_count($1, $2) AS n").bind::<SqlUuid, _>(id.0).bind::<SmallInt, _>(round).get_result(conn).await?;
    Ok(count.n)
}

/// The present round of verdicts: one more than the number of times the hypothesis was returned.
///
/// # Errors
/// [`DbError`].
pub async fn round(conn: &mut AsyncPgConnection, id: HypothesisId) -> Result<i16, DbError> {
    #[derive(QueryableByName)]
    struct Round {
        #[diesel(sql_type = SmallInt)]
        n: i16,
    }
    let round: Round = diesel::sql_query("SELECT review_round($1) AS n").bind::<SqlUuid, _>(id.0).get_result(conn).await?;
    Ok(round.n)
}

/// The verdicts of a round; empty unless the asking user has given theirs.
///
/// # Errors
/// [`DbError`].
pub async fn round_verdicts(conn: &mut AsyncPgConnection, id: HypothesisId, round: i16) -> Result<Vec<GivenVerdict>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        reviewer: Uuid,
        #[diesel(sql_type = SqlUuid)]
        authority_id: Uuid,
        #[diesel(sql_type = Text)]
        verdict: String,
    }
    let lines: Vec<Line> =
        diesel::sql_query("SELECT * FROM round_verdicts($1, $2)").bind::<SqlUuid, _>(id.0).bind::<SmallInt, _>(round).load(conn).await?;
    Ok(lines
        .into_iter()
        .filter_map(|l| {
            let verdict: Verdict = l.verdict.parse().ok()?;
            Some(GivenVerdict { reviewer: UserId(l.reviewer), authority: AuthorityId(l.authority_id), verdict })
        })
        .collect())
}

/// Whether anybody of the asking institution gave a verdict in a round. Read from its own audit, because other people's verdicts are not shown
/// before one's own is given.
///
/// # Errors
/// [`DbError`].
pub async fn institution_gave(conn: &mut AsyncPgConnection, id: HypothesisId, authority: AuthorityId, round: i16) -> Result<bool, DbError> {
    #[derive(QueryableByName)]
    struct Gave {
        #[diesel(sql_type = Bool)]
        gave: bool,
    }
    let gave: Gave = diesel::sql_query(
        "SELECT EXISTS (SELECT FROM audit_event e WHERE e.subject_ids @> ARRAY[$1] AND e.authority_id = $2 AND e.action = 'verdict' \
                         AND e.detail ->> 'round' = $3::text) AS gave",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<SqlUuid, _>(authority.0)
    .bind::<Text, _>(round.to_string())
    .get_result(conn)
    .await?;
    Ok(gave.gave)
}

/// Whether another open hypothesis on either side is as strong, be it anybody's.
///
/// # Errors
/// [`DbError`].
pub async fn has_rival(conn: &mut AsyncPgConnection, id: HypothesisId) -> Result<bool, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Bool)]
        there: bool,
    }
    let line: Line = diesel::sql_query("SELECT has_rival($1) AS there").bind::<SqlUuid, _>(id.0).get_result(conn).await?;
    Ok(line.there)
}

/// A hypothesis that has the case or the record of another in common with it, or with one that has.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct NearPair {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub found_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub case_folio: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub found_folio: Option<String>,
    /// None where the record may not be seen.
    #[diesel(sql_type = Nullable<Text>)]
    pub found_kind: Option<String>,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Double)]
    pub log10_odds: f64,
}

/// The open and confirmed hypotheses around one, itself among them, as far as the asking authority may see them: those of its case and its record
/// first, then those of their counterparts; the strongest `most`. Costs four index scans.
///
/// # Errors
/// [`DbError`].
pub async fn near_pairs(conn: &mut AsyncPgConnection, row: &HypothesisRow, most: i64) -> Result<Vec<NearPair>, DbError> {
    Ok(diesel::sql_query(
        "WITH open AS NOT MATERIALIZED (SELECT * FROM hypothesis \
               WHERE state NOT IN ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn')), \
              own AS (SELECT case_id, found_id FROM open WHERE case_id = $1 UNION SELECT case_id, found_id FROM open WHERE found_id = $2), \
              near AS (SELECT o.id FROM open o JOIN (SELECT DISTINCT case_id FROM own) c ON c.case_id = o.case_id \
                       UNION SELECT o.id FROM open o JOIN (SELECT DISTINCT found_id FROM own) f ON f.found_id = o.found_id) \
         SELECT h.id, h.case_id, h.found_id, c.folio AS case_folio, f.folio AS found_folio, f.kind AS found_kind, h.state, h.log10_odds \
           FROM near JOIN hypothesis h ON h.id = near.id \
           LEFT JOIN missing_person_case c ON c.id = h.case_id LEFT JOIN found_record f ON f.id = h.found_id \
          ORDER BY h.id = $3 DESC, h.case_id = $1 OR h.found_id = $2 DESC, h.log10_odds DESC, h.id LIMIT $4",
    )
    .bind::<SqlUuid, _>(row.case_id)
    .bind::<SqlUuid, _>(row.found_id)
    .bind::<SqlUuid, _>(row.id)
    .bind::<BigInt, _>(most)
    .load(conn)
    .await?)
}

/// Of which kinds the found records are that an own case was confirmed to be.
///
/// # Errors
/// [`DbError`].
pub async fn confirmed_kinds(conn: &mut AsyncPgConnection, case: CaseId) -> Result<Vec<FoundKind>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        kind: String,
    }
    let lines: Vec<Line> = diesel::sql_query("SELECT kind FROM confirmed_kinds($1) AS kind").bind::<SqlUuid, _>(case.0).load(conn).await?;
    Ok(lines.into_iter().filter_map(|l| l.kind.parse().ok()).collect())
}

/// The newest hypothesis of a pair that may be seen, and its state.
///
/// # Errors
/// [`DbError`].
pub async fn of_pair(conn: &mut AsyncPgConnection, case: CaseId, found: FoundId) -> Result<Option<(Uuid, String)>, DbError> {
    use hypothesis::dsl;
    Ok(dsl::hypothesis
        .filter(dsl::case_id.eq(case.0).and(dsl::found_id.eq(found.0)))
        .order((dsl::created_at.desc(), dsl::id.desc()))
        .select((dsl::id, dsl::state))
        .first(conn)
        .await
        .optional()?)
}

/// A remembered exclusion of a pair.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
pub struct ExclusionLine {
    /// On what it rests.
    #[diesel(sql_type = Text)]
    pub basis: String,
    /// How far it reaches.
    #[diesel(sql_type = Text)]
    pub strength: String,
    /// The institution that recorded it.
    #[diesel(sql_type = Text)]
    pub authority: String,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// When changed records opened the pair again, if they did.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub reopened_at: Option<DateTime<Utc>>,
}

/// The exclusions of a pair that may be seen, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn exclusions(conn: &mut AsyncPgConnection, case: CaseId, found: FoundId) -> Result<Vec<ExclusionLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT x.basis, x.strength, a.name AS authority, x.created_at AS at, x.reopened_at \
           FROM exclusion x JOIN authority a ON a.id = x.authority_id \
          WHERE x.case_id = $1 AND x.found_id = $2 ORDER BY x.created_at DESC, x.id DESC",
    )
    .bind::<SqlUuid, _>(case.0)
    .bind::<SqlUuid, _>(found.0)
    .load(conn)
    .await?)
}

/// An exclusion to remember.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = exclusion)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct NewExclusion {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub case_id: Uuid,
    pub found_id: Uuid,
    pub hypothesis_id: Option<Uuid>,
    pub basis: String,
    pub strength: String,
    pub case_rev: i32,
    pub found_rev: i32,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
}

/// Remembers an exclusion.
///
/// # Errors
/// [`DbError`].
pub async fn insert_exclusion(conn: &mut AsyncPgConnection, row: &NewExclusion) -> Result<(), DbError> {
    diesel::insert_into(exclusion::table).values(row).execute(conn).await?;
    Ok(())
}

/// A pair as the engine hands it over to be proposed.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ProposedPair {
    /// The id it gets if it is new.
    pub id: Uuid,
    /// The case.
    pub case: CaseId,
    /// The found record.
    pub found: FoundId,
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

/// What became of a proposed pair.
#[derive(Debug, Clone, QueryableByName)]
pub struct Proposed {
    /// The hypothesis.
    #[diesel(sql_type = SqlUuid)]
    pub hypothesis_id: Uuid,
    /// proposed, reopened, updated or superseded.
    #[diesel(sql_type = Text)]
    pub outcome: String,
}

/// Hands pairs to the database's narrow function, which asks consents and agreements once more, remembers exclusions and keeps one open
/// hypothesis per pair. No pair may be given twice. Costs about 0.1 ms per pair.
///
/// # Errors
/// [`DbError`].
pub async fn propose(conn: &mut AsyncPgConnection, model: &str, pairs: &[ProposedPair], at: DateTime<Utc>) -> Result<Vec<Proposed>, DbError> {
    let pairs = serde_json::to_value(pairs).map_err(|e| DbError::Other(diesel::result::Error::SerializationError(Box::new(e))))?;
    Ok(diesel::sql_query("SELECT * FROM matcher_propose($1, $2, $3)")
        .bind::<Text, _>(model)
        .bind::<diesel::sql_types::Jsonb, _>(pairs)
        .bind::<Timestamptz, _>(at)
        .load(conn)
        .await?)
}

/// An open hypothesis of a subject that is compared anew.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct OpenPair {
    /// The case.
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    /// The found record.
    #[diesel(sql_type = SqlUuid)]
    pub found_id: Uuid,
    /// Whether no person has touched it, so that the engine may end it.
    #[diesel(sql_type = Bool)]
    pub untouched: bool,
}

/// The open hypotheses of cases (`kind` = case) or found records.
///
/// # Errors
/// [`DbError`].
pub async fn open_pairs(conn: &mut AsyncPgConnection, kind: &str, subjects: &[Uuid]) -> Result<Vec<OpenPair>, DbError> {
    Ok(diesel::sql_query("SELECT * FROM matcher_open_pairs($1, $2)")
        .bind::<Text, _>(kind)
        .bind::<diesel::sql_types::Array<SqlUuid>, _>(subjects)
        .load(conn)
        .await?)
}

/// Which authorities' open pages hypotheses concern.
///
/// # Errors
/// [`DbError`].
pub async fn viewers(conn: &mut AsyncPgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, Vec<Uuid>)>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        hypothesis_id: Uuid,
        #[diesel(sql_type = diesel::sql_types::Array<SqlUuid>)]
        viewers: Vec<Uuid>,
    }
    let lines: Vec<Line> =
        diesel::sql_query("SELECT * FROM hypothesis_viewers($1)").bind::<diesel::sql_types::Array<SqlUuid>, _>(ids).load(conn).await?;
    Ok(lines.into_iter().map(|l| (l.hypothesis_id, l.viewers)).collect())
}

/// How many hypotheses there are on the node, for the demonstration's report.
///
/// # Errors
/// [`DbError`].
pub async fn count_visible(conn: &mut AsyncPgConnection) -> Result<i64, DbError> {
    Ok(hypothesis::table.count().get_result(conn).await?)
}
