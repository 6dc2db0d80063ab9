//! Identifications with their comparisons, signatures, steps and sealed reports.

use super::schema::{identification, identification_alternative, identification_report, identification_signature, identification_step};
use super::tx::DbError;
use crate::domain::identification::{IdentificationState, Method, Signatory};
use crate::domain::ids::{AuthorityId, CaseId, FoundId, HypothesisId, IdentificationId, UserId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Double, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `identification`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = identification, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct IdentificationRow {
    pub id: Uuid,
    pub number: String,
    pub hypothesis_id: Uuid,
    pub case_id: Uuid,
    pub found_id: Uuid,
    pub case_authority: Uuid,
    pub found_authority: Uuid,
    pub case_folio: String,
    pub found_folio: String,
    pub state: String,
    pub round: i16,
    pub methods: Vec<String>,
    pub reasoning: String,
    pub conclusion: String,
    pub limits: String,
    pub opinion: Option<serde_json::Value>,
    pub snapshot: Option<serde_json::Value>,
    pub drafted_by: Uuid,
    pub drafted_name: String,
    pub drafted_authority: Uuid,
    pub rev: i32,
    pub issued_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl IdentificationRow {
    /// The state as a word of the trade. An unknown one takes no move.
    #[must_use]
    pub fn state(&self) -> IdentificationState {
        self.state.parse().unwrap_or(IdentificationState::Revoked)
    }

    /// On what it rests.
    #[must_use]
    pub fn methods(&self) -> Vec<Method> {
        self.methods.iter().filter_map(|m| m.parse().ok()).collect()
    }

    /// Of the two institutions the one that is not `one`.
    #[must_use]
    pub fn other_than(&self, one: AuthorityId) -> AuthorityId {
        AuthorityId(if self.case_authority == one.0 { self.found_authority } else { self.case_authority })
    }
}

/// What an identification can be of.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct Subjects {
    #[diesel(sql_type = Text)]
    pub case_folio: String,
    #[diesel(sql_type = Text)]
    pub found_folio: String,
    #[diesel(sql_type = Text)]
    pub found_kind: String,
}

/// Case and record of a hypothesis that is confirmed, for its two institutions; `None` for others and while it is not.
///
/// # Errors
/// [`DbError`].
pub async fn subjects(conn: &mut AsyncPgConnection, hypothesis: HypothesisId) -> Result<Option<Subjects>, DbError> {
    Ok(diesel::sql_query("SELECT * FROM identification_subjects($1)").bind::<SqlUuid, _>(hypothesis.0).get_result(conn).await.optional()?)
}

/// Writes a new identification.
///
/// # Errors
/// [`DbError::Unique`] `identification_live` when there is one on the hypothesis.
pub async fn insert(conn: &mut AsyncPgConnection, row: &IdentificationRow) -> Result<(), DbError> {
    diesel::insert_into(identification::table).values(row).execute(conn).await?;
    Ok(())
}

/// Reads an identification.
///
/// # Errors
/// [`DbError::NotFound`] for anybody but its two institutions.
pub async fn get(conn: &mut AsyncPgConnection, id: IdentificationId) -> Result<IdentificationRow, DbError> {
    Ok(identification::table.find(id.0).select(IdentificationRow::as_select()).first(conn).await?)
}

/// Reads an identification and holds it until the transaction ends, so that nobody doubts or revokes it meanwhile.
///
/// # Errors
/// [`DbError::NotFound`].
pub async fn hold(conn: &mut AsyncPgConnection, id: IdentificationId) -> Result<IdentificationRow, DbError> {
    Ok(identification::table.find(id.0).select(IdentificationRow::as_select()).for_share().first(conn).await?)
}

/// Whether the genetic opinion still rests on a result that the bank holds; so where there is none.
///
/// # Errors
/// [`DbError`].
pub async fn opinion_stands(conn: &mut AsyncPgConnection, id: IdentificationId) -> Result<bool, DbError> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Bool)]
        stands: bool,
    }
    let answer: Answer = diesel::sql_query("SELECT opinion_stands($1) AS stands").bind::<SqlUuid, _>(id.0).get_result(conn).await?;
    Ok(answer.stands)
}

/// Writes an identification that is still at revision `from`; says whether it was.
///
/// # Errors
/// [`DbError`].
pub async fn save(conn: &mut AsyncPgConnection, from: i32, row: &IdentificationRow) -> Result<bool, DbError> {
    let still = identification::table.find(row.id).filter(identification::rev.eq(from));
    Ok(diesel::update(still).set(row).execute(conn).await? == 1)
}

/// What a list of identifications shows of each.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct IdentificationLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = SqlUuid)]
    pub hypothesis_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub found_id: Uuid,
    #[diesel(sql_type = Text)]
    pub case_folio: String,
    #[diesel(sql_type = Text)]
    pub found_folio: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    /// Whether it waits for the asking institution's word: a signature, or whether it stands.
    #[diesel(sql_type = Bool)]
    pub waits_for_us: bool,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub issued_at: Option<DateTime<Utc>>,
}

/// What a list of identifications asks for.
#[derive(Debug, Clone, Default)]
pub struct IdentificationFilter {
    /// State; none means every one.
    pub state: Option<IdentificationState>,
    /// Only of this case.
    pub case: Option<Uuid>,
    /// Only of this found record.
    pub found: Option<Uuid>,
    /// Only on this hypothesis.
    pub hypothesis: Option<Uuid>,
    /// Only those that wait for the asking institution's word.
    pub waits_for_us: bool,
}

/// Whether an identification waits for the institution `$1`: it has not signed in this round, or another institution proposed the revocation.
const WAITS: &str = "CASE i.state \
      WHEN 'in_review' THEN true \
      WHEN 'signed' THEN NOT EXISTS (SELECT FROM identification_signature s WHERE s.identification_id = i.id AND s.round = i.round AND s.authority_id = $1) \
      WHEN 'revocation_proposed' THEN COALESCE((SELECT p.authority_id <> $1 FROM identification_step p \
            WHERE p.identification_id = i.id AND p.command = 'propose_revocation' ORDER BY p.at DESC, p.id DESC LIMIT 1), false) \
      ELSE false END";

/// One page of an institution's identifications, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    conn: &mut AsyncPgConnection,
    viewer: AuthorityId,
    filter: &IdentificationFilter,
    after: Option<super::cases::Keyset>,
    limit: i64,
) -> Result<Vec<IdentificationLine>, DbError> {
    Ok(diesel::sql_query(format!(
        "SELECT * FROM (SELECT i.id, i.number, i.hypothesis_id, i.case_id, i.found_id, i.case_folio, i.found_folio, i.state, {WAITS} AS waits_for_us, \
                i.created_at, i.updated_at, i.issued_at FROM identification i \
          WHERE ($2 IS NULL OR i.state = $2) AND ($3 IS NULL OR i.case_id = $3) AND ($4 IS NULL OR i.found_id = $4) AND ($5 IS NULL OR i.hypothesis_id = $5) \
            AND ($7 IS NULL OR (i.created_at, i.id) < ($7, $8))) lines \
          WHERE lines.waits_for_us OR NOT $6 ORDER BY lines.created_at DESC, lines.id DESC LIMIT $9"
    ))
    .bind::<SqlUuid, _>(viewer.0)
    .bind::<Nullable<Text>, _>(filter.state.map(IdentificationState::as_str))
    .bind::<Nullable<SqlUuid>, _>(filter.case)
    .bind::<Nullable<SqlUuid>, _>(filter.found)
    .bind::<Nullable<SqlUuid>, _>(filter.hypothesis)
    .bind::<Bool, _>(filter.waits_for_us)
    .bind::<Nullable<Timestamptz>, _>(after.map(|a| a.at))
    .bind::<Nullable<SqlUuid>, _>(after.map(|a| a.id))
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// How many identifications wait for an institution's word.
///
/// # Errors
/// [`DbError`].
pub async fn waiting(conn: &mut AsyncPgConnection, viewer: AuthorityId) -> Result<i64, DbError> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let sql = format!("SELECT count(*) AS n FROM identification i WHERE i.state IN ('in_review', 'signed', 'revocation_proposed') AND {WAITS}");
    let count: Count = diesel::sql_query(sql).bind::<SqlUuid, _>(viewer.0).get_result(conn).await?;
    Ok(count.n)
}

/// Whether a case has an identification that stands.
///
/// # Errors
/// [`DbError`].
pub async fn stands_for(conn: &mut AsyncPgConnection, case: CaseId) -> Result<bool, DbError> {
    use identification::dsl;
    let standing = dsl::identification.filter(dsl::case_id.eq(case.0).and(dsl::state.eq(IdentificationState::Issued.as_str())));
    Ok(diesel::select(diesel::dsl::exists(standing)).get_result(conn).await?)
}

/// Whether the remains of a hypothesis are identified as somebody else's.
///
/// # Errors
/// [`DbError`].
pub async fn identified_as_another(conn: &mut AsyncPgConnection, hypothesis: HypothesisId) -> Result<bool, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Bool)]
        there: bool,
    }
    let line: Line = diesel::sql_query("SELECT identified_as_another($1) AS there").bind::<SqlUuid, _>(hypothesis.0).get_result(conn).await?;
    Ok(line.there)
}

/// Another open hypothesis on one of the sides. Of one out of sight only that it is there is told on.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct AlternativeLine {
    #[diesel(sql_type = SqlUuid)]
    pub hypothesis_id: Uuid,
    /// What both want: case or `found_record`.
    #[diesel(sql_type = Text)]
    pub shares: String,
    #[diesel(sql_type = Bool)]
    pub seen: bool,
    #[diesel(sql_type = Text)]
    pub band: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub case_folio: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub found_folio: Option<String>,
}

/// The other open hypotheses on the sides of one, strongest first.
///
/// # Errors
/// [`DbError`].
pub async fn alternatives(conn: &mut AsyncPgConnection, hypothesis: HypothesisId) -> Result<Vec<AlternativeLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT a.hypothesis_id, a.shares, a.seen, a.band, c.folio AS case_folio, f.folio AS found_folio FROM identification_alternatives($1) a \
           LEFT JOIN missing_person_case c ON a.seen AND c.id = a.case_id LEFT JOIN found_record f ON a.seen AND f.id = a.found_id",
    )
    .bind::<SqlUuid, _>(hypothesis.0)
    .load(conn)
    .await?)
}

/// A row of `identification_alternative`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = identification_alternative, check_for_backend(diesel::pg::Pg), primary_key(identification_id, hypothesis_id, authority_id))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ComparisonRow {
    pub identification_id: Uuid,
    pub hypothesis_id: Uuid,
    pub authority_id: Uuid,
    pub author: Uuid,
    pub comparison: String,
    pub at: DateTime<Utc>,
}

/// Writes or rewrites an institution's comparison with an alternative.
///
/// # Errors
/// [`DbError`].
pub async fn compare(conn: &mut AsyncPgConnection, row: &ComparisonRow) -> Result<(), DbError> {
    use identification_alternative::dsl;
    diesel::insert_into(dsl::identification_alternative)
        .values(row)
        .on_conflict((dsl::identification_id, dsl::hypothesis_id, dsl::authority_id))
        .do_update()
        .set(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// The comparisons of an identification.
///
/// # Errors
/// [`DbError`].
pub async fn comparisons(conn: &mut AsyncPgConnection, id: IdentificationId) -> Result<Vec<ComparisonRow>, DbError> {
    use identification_alternative::dsl;
    let of = dsl::identification_alternative.filter(dsl::identification_id.eq(id.0)).order((dsl::at, dsl::hypothesis_id));
    Ok(of.select(ComparisonRow::as_select()).load(conn).await?)
}

/// A row of `identification_signature`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = identification_signature, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct SignatureRow {
    pub id: Uuid,
    pub identification_id: Uuid,
    pub round: i16,
    pub authority_id: Uuid,
    pub signer: Uuid,
    pub name: String,
    pub office: String,
    pub content_hash: Vec<u8>,
    pub at: DateTime<Utc>,
}

impl SignatureRow {
    /// Who.
    #[must_use]
    pub const fn signatory(&self) -> Signatory {
        Signatory { user: UserId(self.signer), authority: AuthorityId(self.authority_id) }
    }
}

/// Writes a signature.
///
/// # Errors
/// [`DbError::Unique`] for the same person or institution in a round.
pub async fn insert_signature(conn: &mut AsyncPgConnection, row: &SignatureRow) -> Result<(), DbError> {
    diesel::insert_into(identification_signature::table).values(row).execute(conn).await?;
    Ok(())
}

/// The signatures of an identification, those of fallen rounds too, in order.
///
/// # Errors
/// [`DbError`].
pub async fn signatures(conn: &mut AsyncPgConnection, id: IdentificationId) -> Result<Vec<SignatureRow>, DbError> {
    use identification_signature::dsl;
    let of = dsl::identification_signature.filter(dsl::identification_id.eq(id.0)).order((dsl::round, dsl::at, dsl::id));
    Ok(of.select(SignatureRow::as_select()).load(conn).await?)
}

/// A row of `identification_step`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = identification_step, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct StepRow {
    pub id: Uuid,
    pub identification_id: Uuid,
    pub authority_id: Uuid,
    pub user_id: Uuid,
    pub command: String,
    pub from_state: String,
    pub to_state: String,
    pub reason: String,
    pub at: DateTime<Utc>,
}

/// Writes a step.
///
/// # Errors
/// [`DbError`].
pub async fn insert_step(conn: &mut AsyncPgConnection, row: &StepRow) -> Result<(), DbError> {
    diesel::insert_into(identification_step::table).values(row).execute(conn).await?;
    Ok(())
}

/// The steps of an identification, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn steps(conn: &mut AsyncPgConnection, id: IdentificationId) -> Result<Vec<StepRow>, DbError> {
    use identification_step::dsl;
    let of = dsl::identification_step.filter(dsl::identification_id.eq(id.0)).order((dsl::at, dsl::id));
    Ok(of.select(StepRow::as_select()).load(conn).await?)
}

/// A row of `identification_report`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = identification_report, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ReportRow {
    pub id: Uuid,
    pub identification_id: Uuid,
    pub authority_id: Uuid,
    pub version: i16,
    pub language: String,
    pub bytes: Vec<u8>,
    pub sha256: Vec<u8>,
    pub code: String,
    pub issued_at: DateTime<Utc>,
}

/// Keeps a sealed report.
///
/// # Errors
/// [`DbError::Unique`] when the version is taken.
pub async fn insert_report(conn: &mut AsyncPgConnection, row: &ReportRow) -> Result<(), DbError> {
    diesel::insert_into(identification_report::table).values(row).execute(conn).await?;
    Ok(())
}

/// A sealed report without its bytes.
#[derive(Debug, Clone, Queryable)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ReportLine {
    pub version: i16,
    pub language: String,
    pub sha256: Vec<u8>,
    pub code: String,
    pub issued_at: DateTime<Utc>,
}

/// The sealed reports of an identification, first version first.
///
/// # Errors
/// [`DbError`].
pub async fn reports(conn: &mut AsyncPgConnection, id: IdentificationId) -> Result<Vec<ReportLine>, DbError> {
    use identification_report::dsl;
    let of = dsl::identification_report.filter(dsl::identification_id.eq(id.0)).order(dsl::version);
    Ok(of.select((dsl::version, dsl::language, dsl::sha256, dsl::code, dsl::issued_at)).load(conn).await?)
}

/// A sealed report.
///
/// # Errors
/// [`DbError::NotFound`].
pub async fn report(conn: &mut AsyncPgConnection, id: IdentificationId, version: i16) -> Result<ReportRow, DbError> {
    use identification_report::dsl;
    let of = dsl::identification_report.filter(dsl::identification_id.eq(id.0).and(dsl::version.eq(version)));
    Ok(of.select(ReportRow::as_select()).first(conn).await?)
}

/// Leaves a note for the other institution, or for both.
///
/// # Errors
/// [`DbError`].
pub async fn tell(conn: &mut AsyncPgConnection, id: IdentificationId, kind: &str, both: bool, at: DateTime<Utc>) -> Result<(), DbError> {
    diesel::sql_query("SELECT tell_of_identification($1, $2, $3, $4)")
        .bind::<SqlUuid, _>(id.0)
        .bind::<Text, _>(kind)
        .bind::<Bool, _>(both)
        .bind::<Timestamptz, _>(at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Lets everything follow that follows from a revocation, in the transaction that revokes; `notification` is the id of what the family has to be told, if it
/// was told of the identification. Whether the case moved.
///
/// # Errors
/// [`DbError`].
pub async fn revoked(conn: &mut AsyncPgConnection, id: IdentificationId, notification: Uuid, at: DateTime<Utc>) -> Result<bool, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Bool)]
        moved: bool,
    }
    let line: Line = diesel::sql_query("SELECT revoke_identified($1, $2, $3) AS moved")
        .bind::<SqlUuid, _>(id.0)
        .bind::<SqlUuid, _>(notification)
        .bind::<Timestamptz, _>(at)
        .get_result(conn)
        .await?;
    Ok(line.moved)
}

/// How many missing persons and how many remains the node compares.
///
/// # Errors
/// [`DbError`].
pub async fn sizes(conn: &mut AsyncPgConnection) -> Result<(i64, i64), DbError> {
    #[derive(QueryableByName)]
    struct Sizes {
        #[diesel(sql_type = BigInt)]
        cases: i64,
        #[diesel(sql_type = BigInt)]
        remains: i64,
    }
    let sizes: Sizes = diesel::sql_query("SELECT * FROM registry_sizes()").get_result(conn).await?;
    Ok((sizes.cases, sizes.remains))
}

/// What the asking institution's bank weighed of a pair.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct PairResult {
    #[diesel(sql_type = Double)]
    pub log10_lr: f64,
    #[diesel(sql_type = SmallInt)]
    pub excluding: i16,
    #[diesel(sql_type = SmallInt)]
    pub compared: i16,
    #[diesel(sql_type = SmallInt)]
    pub conflicts: i16,
    #[diesel(sql_type = Text)]
    pub basis: String,
    #[diesel(sql_type = Text)]
    pub model: String,
}

/// The result of a pair at the asking institution's bank: by relatives, of several families the one compared at most markers, or else by the missing person's own
/// things; `conflicts` of all. Under the role that sees profiles.
///
/// # Errors
/// [`DbError`].
pub async fn pair_result(conn: &mut AsyncPgConnection, case: CaseId, found: FoundId) -> Result<Option<PairResult>, DbError> {
    Ok(diesel::sql_query(
        "SELECT log10_lr, excluding, compared, max(conflicts) OVER () AS conflicts, basis, model FROM bank.kinship_result \
          WHERE case_id = $1 AND found_id = $2 AND state = 'weighed' ORDER BY compared = 0, basis = 'direct', compared DESC, pedigree_id LIMIT 1",
    )
    .bind::<SqlUuid, _>(case.0)
    .bind::<SqlUuid, _>(found.0)
    .get_result(conn)
    .await
    .optional()?)
}

/// What a code of verification says.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct VerifiedReport {
    #[diesel(sql_type = SqlUuid)]
    pub report_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub drafted: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub issued_at: DateTime<Utc>,
    #[diesel(sql_type = Array<Text>)]
    pub institutions: Vec<String>,
    #[diesel(sql_type = Binary)]
    pub sha256: Vec<u8>,
    #[diesel(sql_type = Text)]
    pub standing: String,
}

/// The report of a code, under the sign-in role.
///
/// # Errors
/// [`DbError`].
pub async fn verify(conn: &mut AsyncPgConnection, code: &str) -> Result<Option<VerifiedReport>, DbError> {
    Ok(diesel::sql_query("SELECT * FROM verify_report($1)").bind::<Text, _>(code).get_result(conn).await.optional()?)
}
