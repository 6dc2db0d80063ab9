//! Donors, samples, their identifiers and their ledger.

use super::schema::{custody_event, donor, sample, sample_identifier};
use super::tx::DbError;
use crate::domain::custody::{CustodyLine, KeptLine};
use crate::domain::ids::{AuthorityId, CustodyEventId, DonorId, SampleId, UserId};
use crate::domain::sample::{SampleState, identifier_norm};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `donor`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = donor, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct DonorRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub code: String,
    pub case_id: Uuid,
    pub relation: String,
    pub name: String,
    pub sex: Option<String>,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
}

/// A row of `sample`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sample, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct SampleRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub code: String,
    pub source: String,
    pub donor_id: Option<Uuid>,
    pub case_id: Option<Uuid>,
    pub found_id: Option<Uuid>,
    pub staff_id: Option<Uuid>,
    pub parent_id: Option<Uuid>,
    pub material: String,
    pub amount: Option<String>,
    pub preservation: Option<String>,
    pub kit_lot: Option<String>,
    pub taken_on: Option<NaiveDate>,
    pub taken_by: Option<String>,
    pub taken_where: Option<String>,
    pub state: String,
    pub note: Option<String>,
    pub rev: i32,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub remains_id: Option<Uuid>,
    pub element_id: Option<Uuid>,
}

impl SampleRow {
    /// The state as a word of the trade.
    #[must_use]
    pub fn state(&self) -> SampleState {
        self.state.parse().unwrap_or(SampleState::SearchStopped)
    }
    /// Whose it is.
    #[must_use]
    pub const fn owner(&self) -> AuthorityId {
        AuthorityId(self.authority_id)
    }
}

/// One of a sample's numbers.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = sample_identifier, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct IdentifierRow {
    #[serde(skip)]
    pub sample_id: Uuid,
    #[serde(skip)]
    pub authority_id: Uuid,
    pub scheme: String,
    pub value: String,
    #[serde(skip)]
    pub norm: String,
    pub at: DateTime<Utc>,
}

/// A row of the ledger.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = custody_event, check_for_backend(diesel::pg::Pg))]
struct CustodyRow {
    id: Uuid,
    authority_id: Uuid,
    user_id: Uuid,
    sample_id: Uuid,
    seq: i32,
    kind: String,
    answers: Option<Uuid>,
    to_authority: Option<Uuid>,
    to_name: Option<String>,
    seal: Option<String>,
    condition: Option<String>,
    location: Option<String>,
    temperature: Option<String>,
    discrepancy: Option<String>,
    reason: Option<String>,
    witness: Option<String>,
    due_at: Option<DateTime<Utc>>,
    at: DateTime<Utc>,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl From<CustodyRow> for KeptLine {
    fn from(r: CustodyRow) -> Self {
        let line = CustodyLine {
            id: CustodyEventId(r.id),
            authority: AuthorityId(r.authority_id),
            user: UserId(r.user_id),
            sample: SampleId(r.sample_id),
            seq: r.seq,
            kind: r.kind,
            answers: r.answers.map(CustodyEventId),
            to_authority: r.to_authority.map(AuthorityId),
            to_name: r.to_name,
            seal: r.seal,
            condition: r.condition,
            location: r.location,
            temperature: r.temperature,
            discrepancy: r.discrepancy,
            reason: r.reason,
            witness: r.witness,
            due_at: r.due_at,
            at: r.at,
        };
        Self { line, before: r.prev_hash, hash: r.hash }
    }
}

impl From<&KeptLine> for CustodyRow {
    fn from(kept: &KeptLine) -> Self {
        let line = kept.line.clone();
        Self {
            id: line.id.0,
            authority_id: line.authority.0,
            user_id: line.user.0,
            sample_id: line.sample.0,
            seq: line.seq,
            kind: line.kind,
            answers: line.answers.map(|a| a.0),
            to_authority: line.to_authority.map(|a| a.0),
            to_name: line.to_name,
            seal: line.seal,
            condition: line.condition,
            location: line.location,
            temperature: line.temperature,
            discrepancy: line.discrepancy,
            reason: line.reason,
            witness: line.witness,
            due_at: line.due_at,
            at: line.at,
            prev_hash: kept.before.clone(),
            hash: kept.hash.clone(),
        }
    }
}

/// Writes a donor.
///
/// # Errors
/// [`DbError`].
pub async fn insert_donor(conn: &mut AsyncPgConnection, row: &DonorRow) -> Result<(), DbError> {
    diesel::insert_into(donor::table).values(row).execute(conn).await?;
    Ok(())
}

/// Reads a donor.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn donor(conn: &mut AsyncPgConnection, id: DonorId) -> Result<DonorRow, DbError> {
    Ok(donor::table.find(id.0).select(DonorRow::as_select()).first(conn).await?)
}

/// Reads a donor by code, if there is one that may be seen.
///
/// # Errors
/// [`DbError`].
pub async fn find_donor(conn: &mut AsyncPgConnection, code: &str) -> Result<Option<DonorRow>, DbError> {
    Ok(donor::table.filter(donor::code.eq(code)).select(DonorRow::as_select()).first(conn).await.optional()?)
}

/// The donors of a case, in the order they were registered.
///
/// # Errors
/// [`DbError`].
pub async fn donors_of_case(conn: &mut AsyncPgConnection, case: Uuid) -> Result<Vec<DonorRow>, DbError> {
    Ok(donor::table.filter(donor::case_id.eq(case)).order((donor::created_at, donor::id)).select(DonorRow::as_select()).load(conn).await?)
}

/// Whether a donor's consent covers an institution's keeping and searching the sample.
///
/// # Errors
/// [`DbError`].
pub async fn donor_consents(conn: &mut AsyncPgConnection, id: DonorId, holder: AuthorityId) -> Result<bool, DbError> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        given: bool,
    }
    let answer: Answer = diesel::sql_query("SELECT donor_consents($1, $2) AS given")
        .bind::<SqlUuid, _>(id.0)
        .bind::<SqlUuid, _>(holder.0)
        .get_result(conn)
        .await?;
    Ok(answer.given)
}

/// A pair of a case and a found record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, QueryableByName)]
pub struct KinshipPair {
    /// The case.
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    /// The found record.
    #[diesel(sql_type = SqlUuid)]
    pub found_id: Uuid,
}

/// Ends the search with a donor's profiles; the pairs that rested on them.
///
/// # Errors
/// [`DbError`].
pub async fn stop_search(conn: &mut AsyncPgConnection, id: DonorId, at: DateTime<Utc>) -> Result<Vec<KinshipPair>, DbError> {
    Ok(diesel::sql_query("SELECT * FROM stop_search($1, $2)").bind::<SqlUuid, _>(id.0).bind::<Timestamptz, _>(at).load(conn).await?)
}

/// Writes a sample with its own code among its identifiers.
///
/// # Errors
/// [`DbError::Unique`] when the code is taken.
pub async fn insert(conn: &mut AsyncPgConnection, row: &SampleRow, identifiers: &[(String, String)]) -> Result<(), DbError> {
    diesel::insert_into(sample::table).values(row).execute(conn).await?;
    let own = [("OWN".to_owned(), row.code.clone())];
    let rows: Vec<IdentifierRow> = own.iter().chain(identifiers).map(|(scheme, value)| identifier(row, scheme, value, row.created_at)).collect();
    diesel::insert_into(sample_identifier::table).values(&rows).on_conflict_do_nothing().execute(conn).await?;
    Ok(())
}

fn identifier(row: &SampleRow, scheme: &str, value: &str, at: DateTime<Utc>) -> IdentifierRow {
    let (scheme, value) = (scheme.to_owned(), value.to_owned());
    IdentifierRow { sample_id: row.id, authority_id: row.authority_id, norm: identifier_norm(&value), scheme, value, at }
}

/// Adds a number to a sample.
///
/// # Errors
/// [`DbError`].
pub async fn add_identifier(conn: &mut AsyncPgConnection, row: &SampleRow, scheme: &str, value: &str, at: DateTime<Utc>) -> Result<(), DbError> {
    diesel::insert_into(sample_identifier::table).values(identifier(row, scheme, value, at)).on_conflict_do_nothing().execute(conn).await?;
    Ok(())
}

/// Reads a sample.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn get(conn: &mut AsyncPgConnection, id: SampleId) -> Result<SampleRow, DbError> {
    Ok(sample::table.find(id.0).select(SampleRow::as_select()).first(conn).await?)
}

/// Every number of a sample.
///
/// # Errors
/// [`DbError`].
pub async fn identifiers(conn: &mut AsyncPgConnection, id: SampleId) -> Result<Vec<IdentifierRow>, DbError> {
    Ok(sample_identifier::table
        .filter(sample_identifier::sample_id.eq(id.0))
        .order((sample_identifier::at, sample_identifier::scheme, sample_identifier::value))
        .select(IdentifierRow::as_select())
        .load(conn)
        .await?)
}

/// The samples that have, or had, a number, however it is punctuated.
///
/// # Errors
/// [`DbError`].
pub async fn by_number(conn: &mut AsyncPgConnection, number: &str) -> Result<Vec<SampleId>, DbError> {
    let ids: Vec<Uuid> = sample_identifier::table
        .filter(sample_identifier::norm.eq(identifier_norm(number)))
        .select(sample_identifier::sample_id)
        .distinct()
        .order(sample_identifier::sample_id)
        .load(conn)
        .await?;
    Ok(ids.into_iter().map(SampleId).collect())
}

/// Every sample of the authority with its code, in order of registration.
///
/// # Errors
/// [`DbError`].
pub async fn all_of(conn: &mut AsyncPgConnection, owner: AuthorityId) -> Result<Vec<(Uuid, String)>, DbError> {
    Ok(sample::table.filter(sample::authority_id.eq(owner.0)).order(sample::created_at).select((sample::id, sample::code)).load(conn).await?)
}

/// The samples that were taken from a sample.
///
/// # Errors
/// [`DbError`].
pub async fn parts(conn: &mut AsyncPgConnection, id: SampleId) -> Result<Vec<SampleRow>, DbError> {
    Ok(sample::table.filter(sample::parent_id.eq(id.0)).order(sample::created_at).select(SampleRow::as_select()).load(conn).await?)
}

/// Moves a sample that is still at revision `rev` and that the asking authority owns or was handed; says whether it did.
///
/// # Errors
/// [`DbError`].
pub async fn set_state(conn: &mut AsyncPgConnection, id: SampleId, rev: i32, state: SampleState, at: DateTime<Utc>) -> Result<bool, DbError> {
    #[derive(QueryableByName)]
    struct Moved {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        moved: bool,
    }
    let answer: Moved = diesel::sql_query("SELECT move_sample($1, $2, $3, $4) AS moved")
        .bind::<SqlUuid, _>(id.0)
        .bind::<Integer, _>(rev)
        .bind::<Text, _>(state.as_str())
        .bind::<Timestamptz, _>(at)
        .get_result(conn)
        .await?;
    Ok(answer.moved)
}

/// What a list of samples shows of each.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct SampleLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub source: String,
    #[diesel(sql_type = Text)]
    pub material: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    /// Of a relative: what the donor is to the missing person.
    #[diesel(sql_type = Nullable<Text>)]
    pub relation: Option<String>,
    /// The folio of the case or found record it is of, where it may be seen.
    #[diesel(sql_type = Nullable<Text>)]
    pub folio: Option<String>,
    #[diesel(sql_type = Nullable<diesel::sql_types::Date>)]
    pub taken_on: Option<NaiveDate>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// What a list of samples asks for.
#[derive(Debug, Clone, Default)]
pub struct SampleFilter {
    /// Any number a sample has or had, from its beginning, however it is punctuated.
    pub q: Option<String>,
    /// State.
    pub state: Option<String>,
    /// Source.
    pub source: Option<String>,
    /// Of this case: its donors' and its own references.
    pub case: Option<Uuid>,
    /// Of this found record.
    pub found: Option<Uuid>,
    /// Of this donor.
    pub donor: Option<Uuid>,
}

/// One page of the samples that the asking authority holds or was handed, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    conn: &mut AsyncPgConnection,
    filter: &SampleFilter,
    after: Option<super::cases::Keyset>,
    limit: i64,
) -> Result<Vec<SampleLine>, DbError> {
    let q = filter.q.as_deref().map(identifier_norm).filter(|q| !q.is_empty());
    let keep = |text: &Option<String>| text.clone().filter(|t| !t.is_empty());
    Ok(diesel::sql_query(
        "SELECT s.id, s.code, s.source, s.material, s.state, d.relation, COALESCE(c.folio, f.folio) AS folio, s.taken_on, s.created_at \
           FROM sample s LEFT JOIN donor d ON d.id = s.donor_id \
           LEFT JOIN missing_person_case c ON c.id = COALESCE(s.case_id, d.case_id) LEFT JOIN found_record f ON f.id = s.found_id \
          WHERE ($1 IS NULL OR s.id IN (SELECT i.sample_id FROM sample_identifier i WHERE i.norm LIKE $1 || '%')) \
            AND ($2 IS NULL OR s.state = $2) AND ($3 IS NULL OR s.source = $3) \
            AND ($4 IS NULL OR s.case_id = $4 OR d.case_id = $4) AND ($5 IS NULL OR s.found_id = $5) \
            AND ($6 IS NULL OR (s.created_at, s.id) < ($6, $7)) AND ($9 IS NULL OR s.donor_id = $9) \
          ORDER BY s.created_at DESC, s.id DESC LIMIT $8",
    )
    .bind::<Nullable<Text>, _>(q)
    .bind::<Nullable<Text>, _>(keep(&filter.state))
    .bind::<Nullable<Text>, _>(keep(&filter.source))
    .bind::<Nullable<SqlUuid>, _>(filter.case)
    .bind::<Nullable<SqlUuid>, _>(filter.found)
    .bind::<Nullable<Timestamptz>, _>(after.map(|a| a.at))
    .bind::<Nullable<SqlUuid>, _>(after.map(|a| a.id))
    .bind::<BigInt, _>(limit)
    .bind::<Nullable<SqlUuid>, _>(filter.donor)
    .load(conn)
    .await?)
}

/// How many samples the authority holds, by state.
///
/// # Errors
/// [`DbError`].
pub async fn count_by_state(conn: &mut AsyncPgConnection, owner: AuthorityId) -> Result<Vec<(String, i64)>, DbError> {
    Ok(sample::table
        .filter(sample::authority_id.eq(owner.0))
        .group_by(sample::state)
        .select((sample::state, diesel::dsl::count_star()))
        .order(sample::state)
        .load(conn)
        .await?)
}

/// The whole ledger of a sample, in order.
///
/// # Errors
/// [`DbError`].
pub async fn ledger(conn: &mut AsyncPgConnection, id: SampleId) -> Result<Vec<KeptLine>, DbError> {
    let rows: Vec<CustodyRow> = custody_event::table
        .filter(custody_event::sample_id.eq(id.0))
        .order(custody_event::seq)
        .select(CustodyRow::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(KeptLine::from).collect())
}

/// The sample of a line of a ledger.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn sample_of_line(conn: &mut AsyncPgConnection, id: CustodyEventId) -> Result<SampleId, DbError> {
    Ok(SampleId(custody_event::table.find(id.0).select(custody_event::sample_id).first(conn).await?))
}

/// Keeps a sample's ledger to this transaction until it ends: two lines written at once would take one number.
///
/// # Errors
/// [`DbError`].
pub async fn lock_ledger(conn: &mut AsyncPgConnection, id: SampleId) -> Result<(), DbError> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 4))").bind::<Text, _>(id.to_string()).execute(conn).await?;
    Ok(())
}

/// Writes a line of the ledger.
///
/// # Errors
/// [`DbError`].
pub async fn append_line(conn: &mut AsyncPgConnection, kept: &KeptLine) -> Result<(), DbError> {
    diesel::insert_into(custody_event::table).values(CustodyRow::from(kept)).execute(conn).await?;
    Ok(())
}

/// What the audit was told of a sample's ledger: number and hash of every line.
///
/// # Errors
/// [`DbError`].
pub async fn witnessed(conn: &mut AsyncPgConnection, id: SampleId) -> Result<Vec<(i32, Vec<u8>)>, DbError> {
    #[derive(QueryableByName)]
    struct Told {
        #[diesel(sql_type = Integer)]
        seq: i32,
        #[diesel(sql_type = Text)]
        hash: String,
    }
    let told: Vec<Told> = diesel::sql_query(
        "SELECT (detail ->> 'seq')::int AS seq, detail ->> 'hash' AS hash FROM audit_event \
          WHERE subject_ids @> $1 AND subject_kind = 'sample' AND action = 'custody' ORDER BY 1",
    )
    .bind::<Array<SqlUuid>, _>(vec![id.0])
    .load(conn)
    .await?;
    Ok(told.into_iter().map(|t| (t.seq, hex::decode(t.hash).unwrap_or_default())).collect())
}

/// A hand-over that nobody has answered.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
pub struct OpenHandOver {
    /// The line of the ledger.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// The sample.
    #[diesel(sql_type = SqlUuid)]
    pub sample_id: Uuid,
    /// Its code; of who has not scanned it yet, its last four characters are hidden.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// Who handed it over.
    #[diesel(sql_type = SqlUuid)]
    pub from_authority: Uuid,
    /// To whom.
    #[diesel(sql_type = SqlUuid)]
    pub to_authority: Uuid,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// When it should have come.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub due_at: Option<DateTime<Utc>>,
}

/// The open hand-overs from or to the asking authority, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn open_hand_overs(conn: &mut AsyncPgConnection, viewer: AuthorityId) -> Result<Vec<OpenHandOver>, DbError> {
    Ok(diesel::sql_query(
        "SELECT e.id, e.sample_id, s.code, e.authority_id AS from_authority, e.to_authority, e.at, e.due_at \
           FROM custody_event e JOIN sample s ON s.id = e.sample_id \
          WHERE e.kind = 'handed_over' AND (e.authority_id = $1 OR e.to_authority = $1) \
            AND NOT EXISTS (SELECT FROM custody_event r WHERE r.answers = e.id) ORDER BY e.at, e.id",
    )
    .bind::<SqlUuid, _>(viewer.0)
    .load(conn)
    .await?)
}

/// Tells both ends of hand-overs that nobody has answered by `at`: a day after they were due, or `hours` after they were sent where no day was named.
/// How many were told.
///
/// # Errors
/// [`DbError`].
pub async fn remind_hand_overs(conn: &mut AsyncPgConnection, at: DateTime<Utc>, hours: i64) -> Result<i64, DbError> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = BigInt)]
        told: i64,
    }
    let answer: Answer = diesel::sql_query("SELECT remind_hand_overs($1, $2) AS told")
        .bind::<Timestamptz, _>(at)
        .bind::<BigInt, _>(hours)
        .get_result(conn)
        .await?;
    Ok(answer.told)
}

/// Queues the search anew for donors whose consent has run out while what was weighed before still stands; how many they are.
///
/// # Errors
/// [`DbError`].
pub async fn end_expired(conn: &mut AsyncPgConnection, at: DateTime<Utc>) -> Result<i64, DbError> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = BigInt)]
        donors: i64,
    }
    let answer: Answer = diesel::sql_query("SELECT end_expired_consents($1) AS donors").bind::<Timestamptz, _>(at).get_result(conn).await?;
    Ok(answer.donors)
}
