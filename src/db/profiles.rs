//! Profiles, readings, pedigrees and what they weigh, for staff who work with DNA: under their role and row-level security.

use super::schema::{joint_run, pedigree, pedigree_donor, pedigree_missing, profile, reading, search_chunk, search_run};
use super::tx::DbError;
use crate::domain::ids::{JointRunId, PedigreeId, ProfileId, SampleId, SearchRunId};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Double, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A row of `bank.profile`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = profile, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ProfileRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub code: String,
    pub sample_id: Uuid,
    pub state: String,
    pub flags: Vec<String>,
    pub loci: i16,
    pub content: Option<Vec<u8>>,
    pub fingerprint: Option<Vec<u8>>,
    pub rev: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A row of `bank.reading`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = reading, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ReadingRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub profile_id: Uuid,
    pub analyst: Uuid,
    pub kit: String,
    pub laboratory: String,
    pub run_on: NaiveDate,
    pub content: Vec<u8>,
    pub file_digest: Option<Vec<u8>>,
    pub at: DateTime<Utc>,
}

/// A row of `bank.pedigree`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = pedigree, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct PedigreeRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub code: String,
    pub state: String,
    pub content: Vec<u8>,
    pub rev: i32,
    pub epoch: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The profile of a sample, kept to the transaction until it ends: two readings entered at once would each be the first.
///
/// # Errors
/// [`DbError`].
pub async fn of_sample(conn: &mut AsyncPgConnection, sample: SampleId) -> Result<Option<ProfileRow>, DbError> {
    Ok(profile::table.filter(profile::sample_id.eq(sample.0)).for_update().select(ProfileRow::as_select()).first(conn).await.optional()?)
}

/// Profiles that are searched, by code: of relatives those that a live consent covers.
///
/// # Errors
/// [`DbError`].
pub async fn searchable(conn: &mut AsyncPgConnection) -> Result<Vec<ProfileRow>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let lines: Vec<Line> = diesel::sql_query(
        "SELECT p.id FROM bank.profile p JOIN sample s ON s.id = p.sample_id \
          WHERE p.state = 'searchable' AND s.state NOT IN ('consent_withdrawn', 'search_stopped', 'destroyed') \
            AND (s.donor_id IS NULL OR donor_consents(s.donor_id, p.authority_id))",
    )
    .load(conn)
    .await?;
    let ids: Vec<Uuid> = lines.into_iter().map(|l| l.id).collect();
    Ok(profile::table.filter(profile::id.eq_any(ids)).order(profile::code).select(ProfileRow::as_select()).load(conn).await?)
}

/// Takes back what a pedigree's drawing so far gave, within the transaction that redraws it.
///
/// # Errors
/// [`DbError`].
pub async fn take_back(conn: &mut AsyncPgConnection, id: PedigreeId, at: DateTime<Utc>) -> Result<(), DbError> {
    diesel::sql_query("SELECT redraw_pedigree($1, $2)").bind::<SqlUuid, _>(id.0).bind::<Timestamptz, _>(at).execute(conn).await?;
    Ok(())
}

/// Writes a new profile.
///
/// # Errors
/// [`DbError::Unique`] when the sample has one.
pub async fn insert(conn: &mut AsyncPgConnection, row: &ProfileRow) -> Result<(), DbError> {
    diesel::insert_into(profile::table).values(row).execute(conn).await?;
    Ok(())
}

/// What becomes of a profile with a reading.
#[derive(Debug, Clone)]
pub struct ProfileChange {
    /// State.
    pub state: String,
    /// What to look at twice.
    pub flags: Vec<String>,
    /// Markers typed.
    pub loci: i16,
    /// Sealed content.
    pub content: Option<Vec<u8>>,
    /// Fingerprint.
    pub fingerprint: Option<Vec<u8>>,
}

/// Changes a profile.
///
/// # Errors
/// [`DbError`].
pub async fn change(conn: &mut AsyncPgConnection, id: ProfileId, change: &ProfileChange, at: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(profile::table.find(id.0))
        .set((
            profile::state.eq(&change.state),
            profile::flags.eq(&change.flags),
            profile::loci.eq(change.loci),
            profile::content.eq(&change.content),
            profile::fingerprint.eq(&change.fingerprint),
            profile::rev.eq(profile::rev + 1),
            profile::updated_at.eq(at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes a reading.
///
/// # Errors
/// [`DbError`].
pub async fn insert_reading(conn: &mut AsyncPgConnection, row: &ReadingRow) -> Result<(), DbError> {
    diesel::insert_into(reading::table).values(row).execute(conn).await?;
    Ok(())
}

/// The readings of a profile, in the order they came.
///
/// # Errors
/// [`DbError`].
pub async fn readings(conn: &mut AsyncPgConnection, id: ProfileId) -> Result<Vec<ReadingRow>, DbError> {
    Ok(reading::table.filter(reading::profile_id.eq(id.0)).order((reading::at, reading::id)).select(ReadingRow::as_select()).load(conn).await?)
}

/// Other profiles with the same fingerprint.
///
/// # Errors
/// [`DbError`].
pub async fn same_fingerprint(conn: &mut AsyncPgConnection, fingerprint: &[u8], but: ProfileId) -> Result<Vec<Uuid>, DbError> {
    Ok(profile::table
        .filter(profile::fingerprint.eq(fingerprint).and(profile::id.ne(but.0)))
        .order(profile::id)
        .select(profile::id)
        .load(conn)
        .await?)
}

/// The profiles of staff, sealed.
///
/// # Errors
/// [`DbError`].
pub async fn of_staff(conn: &mut AsyncPgConnection) -> Result<Vec<(Uuid, Vec<u8>)>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = diesel::sql_types::Binary)]
        content: Vec<u8>,
    }
    let lines: Vec<Line> = diesel::sql_query(
        "SELECT p.id, p.content FROM bank.profile p JOIN sample s ON s.id = p.sample_id WHERE s.source = 'staff' AND p.content IS NOT NULL",
    )
    .load(conn)
    .await?;
    Ok(lines.into_iter().map(|l| (l.id, l.content)).collect())
}

/// The profiles of donors, sealed, that may be searched by the asking authority.
///
/// # Errors
/// [`DbError`].
pub async fn of_donors(conn: &mut AsyncPgConnection, donors: &[Uuid]) -> Result<Vec<(Uuid, Uuid, Vec<u8>)>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        donor_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = diesel::sql_types::Binary)]
        content: Vec<u8>,
    }
    let lines: Vec<Line> = diesel::sql_query(
        "SELECT s.donor_id, p.id, p.content FROM bank.profile p JOIN sample s ON s.id = p.sample_id \
          WHERE s.donor_id = ANY ($1) AND p.state = 'searchable' AND p.content IS NOT NULL \
            AND s.state NOT IN ('consent_withdrawn', 'search_stopped', 'destroyed') AND donor_consents(s.donor_id, p.authority_id) ORDER BY p.id",
    )
    .bind::<Array<SqlUuid>, _>(donors)
    .load(conn)
    .await?;
    Ok(lines.into_iter().map(|l| (l.donor_id, l.id, l.content)).collect())
}

/// Writes a new pedigree.
///
/// # Errors
/// [`DbError`].
pub async fn insert_pedigree(conn: &mut AsyncPgConnection, row: &PedigreeRow) -> Result<(), DbError> {
    diesel::insert_into(pedigree::table).values(row).execute(conn).await?;
    Ok(())
}

/// Reads a pedigree.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn pedigree(conn: &mut AsyncPgConnection, id: PedigreeId) -> Result<PedigreeRow, DbError> {
    Ok(pedigree::table.find(id.0).select(PedigreeRow::as_select()).first(conn).await?)
}

/// Writes a pedigree that is still at revision `rev`; whether it was.
///
/// # Errors
/// [`DbError`].
pub async fn change_pedigree(
    conn: &mut AsyncPgConnection,
    id: PedigreeId,
    rev: i32,
    (state, content): (&str, &[u8]),
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let n = diesel::update(pedigree::table.find(id.0).filter(pedigree::rev.eq(rev)))
        .set((pedigree::state.eq(state), pedigree::content.eq(content), pedigree::rev.eq(rev + 1), pedigree::updated_at.eq(at)))
        .execute(conn)
        .await?;
    Ok(n == 1)
}

/// Says which individuals of a pedigree are which cases and donors, in place of what was said before.
///
/// # Errors
/// [`DbError`].
pub async fn set_individuals(
    conn: &mut AsyncPgConnection,
    row: &PedigreeRow,
    missing: &[(String, Uuid)],
    donors: &[(String, Uuid)],
) -> Result<(), DbError> {
    diesel::delete(pedigree_missing::table.filter(pedigree_missing::pedigree_id.eq(row.id))).execute(conn).await?;
    diesel::delete(pedigree_donor::table.filter(pedigree_donor::pedigree_id.eq(row.id))).execute(conn).await?;
    let missing: Vec<_> = missing
        .iter()
        .map(|(individual, case)| {
            (
                pedigree_missing::pedigree_id.eq(row.id),
                pedigree_missing::authority_id.eq(row.authority_id),
                pedigree_missing::individual.eq(individual),
                pedigree_missing::case_id.eq(*case),
            )
        })
        .collect();
    diesel::insert_into(pedigree_missing::table).values(missing).execute(conn).await?;
    let donors: Vec<_> = donors
        .iter()
        .map(|(individual, donor)| {
            (
                pedigree_donor::pedigree_id.eq(row.id),
                pedigree_donor::authority_id.eq(row.authority_id),
                pedigree_donor::individual.eq(individual),
                pedigree_donor::donor_id.eq(*donor),
            )
        })
        .collect();
    diesel::insert_into(pedigree_donor::table).values(donors).execute(conn).await?;
    Ok(())
}

/// Which individuals of a pedigree are which cases, and which donors.
///
/// # Errors
/// [`DbError`].
pub async fn individuals(conn: &mut AsyncPgConnection, id: PedigreeId) -> Result<(Vec<(String, Uuid)>, Vec<(String, Uuid)>), DbError> {
    let missing = pedigree_missing::table
        .filter(pedigree_missing::pedigree_id.eq(id.0))
        .order(pedigree_missing::individual)
        .select((pedigree_missing::individual, pedigree_missing::case_id))
        .load(conn)
        .await?;
    let donors = pedigree_donor::table
        .filter(pedigree_donor::pedigree_id.eq(id.0))
        .order(pedigree_donor::individual)
        .select((pedigree_donor::individual, pedigree_donor::donor_id))
        .load(conn)
        .await?;
    Ok((missing, donors))
}

/// What a list of pedigrees shows of each.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct PedigreeLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    /// How many are missing in it.
    #[diesel(sql_type = BigInt)]
    pub missing: i64,
    /// How many donors it has.
    #[diesel(sql_type = BigInt)]
    pub donors: i64,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// One page of pedigrees, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn list_pedigrees(
    conn: &mut AsyncPgConnection,
    after: Option<super::cases::Keyset>,
    limit: i64,
) -> Result<Vec<PedigreeLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT p.id, p.code, p.state, (SELECT count(*) FROM bank.pedigree_missing m WHERE m.pedigree_id = p.id) AS missing, \
                (SELECT count(*) FROM bank.pedigree_donor d WHERE d.pedigree_id = p.id) AS donors, p.created_at \
           FROM bank.pedigree p WHERE ($1 IS NULL OR (p.created_at, p.id) < ($1, $2)) ORDER BY p.created_at DESC, p.id DESC LIMIT $3",
    )
    .bind::<Nullable<Timestamptz>, _>(after.map(|a| a.at))
    .bind::<Nullable<SqlUuid>, _>(after.map(|a| a.id))
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// What remains weigh for a missing person of a pedigree.
#[derive(Debug, Clone, PartialEq, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ResultLine {
    #[diesel(sql_type = Text)]
    pub individual: String,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub found_id: Uuid,
    /// The remains' folio, where it may be seen.
    #[diesel(sql_type = Nullable<Text>)]
    pub found_folio: Option<String>,
    /// kinship, or direct where it is by the missing person's own things.
    #[diesel(sql_type = Text)]
    pub basis: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    /// Exact for one's own remains, in tenths for another institution's.
    #[diesel(sql_type = Double)]
    pub log10_lr: f64,
    #[diesel(sql_type = SmallInt)]
    pub excluding: i16,
    #[diesel(sql_type = SmallInt)]
    pub compared: i16,
    /// What sex, Y and mtDNA say: `sex_excludes`, `y_consistent`, `mtdna_inconclusive` and so on.
    #[diesel(sql_type = diesel::sql_types::Array<Text>)]
    pub lines: Vec<String>,
    #[diesel(sql_type = Text)]
    pub model: String,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

/// What was kept of a pedigree's search, strongest first. Of another institution's remains the weight is told in tenths: with exact ones, and families drawn to ask
/// for one genotype after the other, a profile could be read that nobody has shown.
///
/// # Errors
/// [`DbError`].
pub async fn results(conn: &mut AsyncPgConnection, id: PedigreeId, limit: i64) -> Result<Vec<ResultLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT r.individual, r.case_id, r.found_id, f.folio AS found_folio, r.basis, r.state, \
                CASE WHEN f.authority_id = r.authority_id THEN r.log10_lr ELSE round(r.log10_lr * 10) / 10 END AS log10_lr, \
                r.excluding, r.compared, r.lines, r.model, r.at \
           FROM bank.kinship_result r LEFT JOIN found_record f ON f.id = r.found_id \
          WHERE r.pedigree_id = $1 ORDER BY (r.state = 'weighed') DESC, r.conflicts + r.excluding, r.log10_lr DESC, r.found_id, r.individual, r.basis LIMIT $2",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// How many remains the search compares families with, of all institutions: the size that a likelihood ratio is read against.
///
/// # Errors
/// [`DbError`].
pub async fn remains_in_search(conn: &mut AsyncPgConnection) -> Result<i64, DbError> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        remains: i64,
    }
    Ok(diesel::sql_query("SELECT bank.remains_in_search() AS remains").get_result::<Count>(conn).await?.remains)
}

/// How a run goes.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct RunLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Integer)]
    pub pedigrees: i32,
    #[diesel(sql_type = Integer)]
    pub chunks: i32,
    /// Parts done.
    #[diesel(sql_type = BigInt)]
    pub done: i64,
    /// Pairs weighed.
    #[diesel(sql_type = BigInt)]
    pub pairs: i64,
    /// Pairs kept.
    #[diesel(sql_type = BigInt)]
    pub kept: i64,
    /// Workers that did a part.
    #[diesel(sql_type = BigInt)]
    pub workers: i64,
    #[diesel(sql_type = Timestamptz)]
    pub began_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub cancelled_at: Option<DateTime<Utc>>,
}

const RUN: &str = "SELECT r.id, r.pedigrees, r.chunks, count(c.done_at) AS done, COALESCE(sum(c.pairs), 0)::bigint AS pairs, \
     COALESCE(sum(c.kept), 0)::bigint AS kept, count(DISTINCT c.worker) AS workers, r.began_at, r.ended_at, r.cancelled_at \
     FROM bank.search_run r LEFT JOIN bank.search_chunk c ON c.run_id = r.id";

/// Reads how a run goes.
///
/// # Errors
/// [`DbError::NotFound`].
pub async fn run(conn: &mut AsyncPgConnection, id: SearchRunId) -> Result<RunLine, DbError> {
    Ok(diesel::sql_query(format!("{RUN} WHERE r.id = $1 GROUP BY r.id")).bind::<SqlUuid, _>(id.0).get_result(conn).await?)
}

/// The last runs, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn runs(conn: &mut AsyncPgConnection, limit: i64) -> Result<Vec<RunLine>, DbError> {
    Ok(diesel::sql_query(format!("{RUN} GROUP BY r.id ORDER BY r.began_at DESC, r.id DESC LIMIT $1"))
        .bind::<BigInt, _>(limit)
        .load(conn)
        .await?)
}

/// Begins a run over the pedigrees of the asking authority that are searched: its row and its parts of `size` pedigrees each. How many parts.
///
/// # Errors
/// [`DbError`].
pub async fn begin_run(
    conn: &mut AsyncPgConnection,
    id: SearchRunId,
    owner: crate::domain::ids::AuthorityId,
    size: usize,
    at: DateTime<Utc>,
) -> Result<usize, DbError> {
    let all: Vec<Uuid> = pedigree::table.filter(pedigree::state.eq("validated")).order(pedigree::id).select(pedigree::id).load(conn).await?;
    let parts: Vec<&[Uuid]> = all.chunks(size.max(1)).collect();
    let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    diesel::insert_into(search_run::table)
        .values((
            search_run::id.eq(id.0),
            search_run::authority_id.eq(owner.0),
            search_run::pedigrees.eq(number(all.len())),
            search_run::chunks.eq(number(parts.len())),
            search_run::began_at.eq(at),
            search_run::ended_at.eq(parts.is_empty().then_some(at)),
        ))
        .execute(conn)
        .await?;
    let rows: Vec<_> = parts
        .iter()
        .enumerate()
        .map(|(n, part)| (search_chunk::run_id.eq(id.0), search_chunk::n.eq(number(n)), search_chunk::pedigrees.eq(part.to_vec())))
        .collect();
    diesel::insert_into(search_chunk::table).values(rows).execute(conn).await?;
    Ok(parts.len())
}

/// Cancels a run that has not ended; whether there was one.
///
/// # Errors
/// [`DbError`].
pub async fn cancel_run(conn: &mut AsyncPgConnection, id: SearchRunId, at: DateTime<Utc>) -> Result<bool, DbError> {
    let n = diesel::update(search_run::table.find(id.0).filter(search_run::ended_at.is_null().and(search_run::cancelled_at.is_null())))
        .set(search_run::cancelled_at.eq(at))
        .execute(conn)
        .await?;
    Ok(n == 1)
}

/// A row of `bank.joint_run`.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = joint_run, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct JointRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub title: String,
    pub cases: Vec<Uuid>,
    pub founds: Vec<Uuid>,
    pub outcome: Option<serde_json::Value>,
    pub problem: Option<String>,
    pub model: Option<String>,
    pub began_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// Adds a joint identification.
///
/// # Errors
/// [`DbError`].
pub async fn insert_joint(conn: &mut AsyncPgConnection, row: &JointRow) -> Result<(), DbError> {
    diesel::insert_into(joint_run::table).values(row).execute(conn).await?;
    Ok(())
}

/// Reads a joint identification.
///
/// # Errors
/// [`DbError::NotFound`].
pub async fn joint(conn: &mut AsyncPgConnection, id: JointRunId) -> Result<JointRow, DbError> {
    Ok(joint_run::table.find(id.0).select(JointRow::as_select()).first(conn).await?)
}

/// The last joint identifications, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn joints(conn: &mut AsyncPgConnection, limit: i64) -> Result<Vec<JointRow>, DbError> {
    let all = joint_run::table.order((joint_run::began_at.desc(), joint_run::id.desc())).limit(limit);
    Ok(all.select(JointRow::as_select()).load(conn).await?)
}

/// Of these cases, those that a pedigree of the asking institution is of, with their folios; of these found records of remains those that may be seen.
///
/// # Errors
/// [`DbError`].
pub async fn of_joint(conn: &mut AsyncPgConnection, cases: &[Uuid], founds: &[Uuid]) -> Result<BTreeMap<Uuid, String>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Text)]
        folio: String,
    }
    let lines: Vec<Line> = diesel::sql_query(
        "SELECT c.id, c.folio FROM missing_person_case c WHERE c.id = ANY ($1) AND EXISTS (SELECT FROM bank.pedigree_missing m WHERE m.case_id = c.id) \
         UNION ALL \
         SELECT f.id, f.folio FROM found_record f WHERE f.id = ANY ($2) AND f.kind IN ('remains_named', 'remains_unnamed')",
    )
    .bind::<Array<SqlUuid>, _>(cases)
    .bind::<Array<SqlUuid>, _>(founds)
    .load(conn)
    .await?;
    Ok(lines.into_iter().map(|l| (l.id, l.folio)).collect())
}

/// Which cases and found records have these folios, as far as they may be seen.
///
/// # Errors
/// [`DbError`].
pub async fn by_folios(conn: &mut AsyncPgConnection, folios: &[String]) -> Result<BTreeMap<String, (Uuid, bool)>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Text)]
        folio: String,
        #[diesel(sql_type = diesel::sql_types::Bool)]
        is_case: bool,
    }
    let lines: Vec<Line> = diesel::sql_query(
        "SELECT c.id, c.folio, true AS is_case FROM missing_person_case c WHERE c.folio = ANY ($1) \
         UNION ALL SELECT f.id, f.folio, false FROM found_record f WHERE f.folio = ANY ($1)",
    )
    .bind::<Array<Text>, _>(folios)
    .load(conn)
    .await?;
    Ok(lines.into_iter().map(|l| (l.folio, (l.id, l.is_case))).collect())
}
