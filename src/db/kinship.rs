//! What the search of the bank reads and writes, behind the narrow functions of its role: profiles and pedigrees that may be searched, what pairs weigh, the
//! parts of a run.

use super::samples::KinshipPair;
use super::tx::DbError;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Double, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A profile that may be searched, sealed, and what it is of.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct SearchableProfile {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub found_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub donor_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub case_id: Option<Uuid>,
    #[diesel(sql_type = Binary)]
    pub content: Vec<u8>,
    /// When the consent it rests on runs out.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub until: Option<DateTime<Utc>>,
}

/// A pedigree that may be searched, sealed, with the cases and donors of its individuals.
#[derive(Debug, Clone, QueryableByName)]
pub struct SearchablePedigree {
    /// Id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// How often it was redrawn or lost a donor: what is weighed is kept for this one only.
    #[diesel(sql_type = Integer)]
    pub epoch: i32,
    /// Sealed.
    #[diesel(sql_type = Binary)]
    pub content: Vec<u8>,
    /// `[{"individual", "case_id"}]`.
    #[diesel(sql_type = Jsonb)]
    pub missing: serde_json::Value,
    /// `[{"individual", "donor_id"}]`.
    #[diesel(sql_type = Jsonb)]
    pub donors: serde_json::Value,
}

/// Profiles that may be searched: all, or those of these ids.
///
/// # Errors
/// [`DbError`].
pub async fn profiles(conn: &mut AsyncPgConnection, only: Option<&[Uuid]>) -> Result<Vec<SearchableProfile>, DbError> {
    Ok(diesel::sql_query("SELECT * FROM bank.searchable_profiles($1)").bind::<Nullable<Array<SqlUuid>>, _>(only).load(conn).await?)
}

/// Pedigrees that may be searched: all, or those of these ids.
///
/// # Errors
/// [`DbError`].
pub async fn pedigrees(conn: &mut AsyncPgConnection, only: Option<&[Uuid]>) -> Result<Vec<SearchablePedigree>, DbError> {
    Ok(diesel::sql_query("SELECT * FROM bank.searchable_pedigrees($1)").bind::<Nullable<Array<SqlUuid>>, _>(only).load(conn).await?)
}

/// Pedigrees that rest on any of these donors or cases.
///
/// # Errors
/// [`DbError`].
pub async fn pedigrees_of(conn: &mut AsyncPgConnection, donors: &[Uuid], cases: &[Uuid]) -> Result<Vec<Uuid>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let lines: Vec<Line> = diesel::sql_query("SELECT p AS id FROM bank.pedigrees_of($1, $2) p ORDER BY 1")
        .bind::<Array<SqlUuid>, _>(donors)
        .bind::<Array<SqlUuid>, _>(cases)
        .load(conn)
        .await?;
    Ok(lines.into_iter().map(|l| l.id).collect())
}

/// Profiles of any of these found records, donors or cases, searched or not.
///
/// # Errors
/// [`DbError`].
pub async fn profiles_of(conn: &mut AsyncPgConnection, founds: &[Uuid], donors: &[Uuid], cases: &[Uuid]) -> Result<Vec<Uuid>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let lines: Vec<Line> = diesel::sql_query("SELECT p AS id FROM bank.profiles_of($1, $2, $3) p")
        .bind::<Array<SqlUuid>, _>(founds)
        .bind::<Array<SqlUuid>, _>(donors)
        .bind::<Array<SqlUuid>, _>(cases)
        .load(conn)
        .await?;
    Ok(lines.into_iter().map(|l| l.id).collect())
}

/// What a pair weighs, to be kept.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct NewResult {
    /// The pedigree.
    pub pedigree: Uuid,
    /// Its epoch when it was weighed.
    pub epoch: i32,
    /// The missing person in it.
    pub individual: String,
    /// The missing person's case.
    pub case: Uuid,
    /// The remains' record.
    pub found: Uuid,
    /// log10 LR of the markers that do not exclude.
    pub log10: f64,
    /// Markers that exclude.
    pub excluding: usize,
    /// Markers compared.
    pub compared: usize,
    /// kinship, or direct where it is by the missing person's own things.
    pub basis: &'static str,
    /// What sex, Y and mtDNA say: `sex_excludes`, `y_consistent`, `mtdna_inconclusive` and so on; nothing of those that say nothing.
    pub lines: Vec<String>,
    /// How many of them exclude.
    pub conflicts: usize,
}

/// Keeps what pairs weigh: those that speak for kinship by `floor`, and those that were kept or are looked at already. The pairs that are other than they were.
///
/// # Errors
/// [`DbError`].
pub async fn keep(
    conn: &mut AsyncPgConnection,
    results: &[NewResult],
    floor: f64,
    stamp: &str,
    at: DateTime<Utc>,
) -> Result<Vec<KinshipPair>, DbError> {
    let results = serde_json::to_value(results).map_err(|e| DbError::Other(diesel::result::Error::SerializationError(Box::new(e))))?;
    Ok(diesel::sql_query("SELECT * FROM bank.keep_results($1, $2, $3, $4)")
        .bind::<Jsonb, _>(results)
        .bind::<Double, _>(floor)
        .bind::<Text, _>(stamp)
        .bind::<Timestamptz, _>(at)
        .load(conn)
        .await?)
}

/// Pairs of these cases or found records that are looked at or were kept.
///
/// # Errors
/// [`DbError`].
pub async fn watched(conn: &mut AsyncPgConnection, cases: &[Uuid], founds: &[Uuid]) -> Result<Vec<KinshipPair>, DbError> {
    Ok(diesel::sql_query("SELECT * FROM bank.watched($1, $2)")
        .bind::<Array<SqlUuid>, _>(cases)
        .bind::<Array<SqlUuid>, _>(founds)
        .load(conn)
        .await?)
}

/// Of whom no profile may be searched any more.
#[derive(Debug, Clone, Default)]
pub struct Gone {
    /// Donors.
    pub donors: Vec<Uuid>,
    /// Found records.
    pub founds: Vec<Uuid>,
    /// Cases, of whose missing person's own things none is left.
    pub cases: Vec<Uuid>,
}

/// Takes back what rested on profiles that are gone. The pairs.
///
/// # Errors
/// [`DbError`].
pub async fn withdraw(conn: &mut AsyncPgConnection, gone: &Gone, at: DateTime<Utc>) -> Result<Vec<KinshipPair>, DbError> {
    Ok(diesel::sql_query("SELECT * FROM bank.withdraw_results($1, $2, $3, $4)")
        .bind::<Array<SqlUuid>, _>(&gone.donors)
        .bind::<Array<SqlUuid>, _>(&gone.founds)
        .bind::<Array<SqlUuid>, _>(&gone.cases)
        .bind::<Timestamptz, _>(at)
        .load(conn)
        .await?)
}

/// What DNA says of a pair, for the matcher.
#[derive(Debug, Clone, Copy, PartialEq, QueryableByName)]
pub struct PairKinship {
    /// The case.
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    /// The found record.
    #[diesel(sql_type = SqlUuid)]
    pub found_id: Uuid,
    /// Whether what it rested on was withdrawn.
    #[diesel(sql_type = Bool)]
    pub withdrawn: bool,
    /// log10 LR of the markers that do not exclude.
    #[diesel(sql_type = Double)]
    pub log10_lr: f64,
    /// Markers that exclude.
    #[diesel(sql_type = SmallInt)]
    pub excluding: i16,
    /// How many of sex, Y and mtDNA exclude.
    #[diesel(sql_type = SmallInt)]
    pub conflicts: i16,
    /// log10 LR by the missing person's own things, where there is a profile of them.
    #[diesel(sql_type = Nullable<Double>)]
    pub direct_log10_lr: Option<f64>,
    /// Markers at which the own things differ.
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub direct_excluding: Option<i16>,
}

/// What DNA says of the pairs of these cases (`kind` = case) or found records. Asked under the matcher's role.
///
/// # Errors
/// [`DbError`].
pub async fn of_subjects(conn: &mut AsyncPgConnection, kind: &str, subjects: &[Uuid]) -> Result<Vec<PairKinship>, DbError> {
    Ok(diesel::sql_query("SELECT * FROM matcher_kinship($1, $2)").bind::<Text, _>(kind).bind::<Array<SqlUuid>, _>(subjects).load(conn).await?)
}

/// The pedigrees of a part of a run; `None` when it is done or the run was cancelled.
///
/// # Errors
/// [`DbError`].
pub async fn chunk(conn: &mut AsyncPgConnection, run: Uuid, n: i32) -> Result<Option<Vec<Uuid>>, DbError> {
    #[derive(QueryableByName)]
    struct Part {
        #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
        pedigrees: Option<Vec<Uuid>>,
    }
    let part: Part =
        diesel::sql_query("SELECT bank.chunk($1, $2) AS pedigrees").bind::<SqlUuid, _>(run).bind::<Integer, _>(n).get_result(conn).await?;
    Ok(part.pedigrees)
}

/// What a worker did of a part of a run.
#[derive(Debug, Clone, Copy)]
pub struct ChunkDone<'a> {
    /// The run.
    pub run: Uuid,
    /// Which part.
    pub n: i32,
    /// Which worker.
    pub worker: &'a str,
    /// Pairs weighed.
    pub pairs: i64,
    /// Pairs kept.
    pub kept: i32,
}

/// Notes that a part of a run is done. Whether that was the last.
///
/// # Errors
/// [`DbError`].
pub async fn chunk_done(conn: &mut AsyncPgConnection, done: ChunkDone<'_>, at: DateTime<Utc>) -> Result<bool, DbError> {
    #[derive(QueryableByName)]
    struct Last {
        #[diesel(sql_type = Bool)]
        last: bool,
    }
    let answer: Last = diesel::sql_query("SELECT bank.chunk_done($1, $2, $3, $4, $5, $6) AS last")
        .bind::<SqlUuid, _>(done.run)
        .bind::<Integer, _>(done.n)
        .bind::<Text, _>(done.worker)
        .bind::<BigInt, _>(done.pairs)
        .bind::<Integer, _>(done.kept)
        .bind::<Timestamptz, _>(at)
        .get_result(conn)
        .await?;
    Ok(answer.last)
}

/// What a joint identification is asked of.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct JointAsked {
    /// Cases of missing persons.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub cases: Vec<Uuid>,
    /// Found records of remains.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub founds: Vec<Uuid>,
    /// The asking institution's validated pedigrees of those cases.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub pedigrees: Vec<Uuid>,
}

/// What is asked; `None` when it has ended.
///
/// # Errors
/// [`DbError`].
pub async fn joint(conn: &mut AsyncPgConnection, run: Uuid) -> Result<Option<JointAsked>, DbError> {
    Ok(diesel::sql_query("SELECT * FROM bank.joint($1)").bind::<SqlUuid, _>(run).get_result(conn).await.optional()?)
}

/// Ends a joint identification with what came of it, or with why nothing did.
///
/// # Errors
/// [`DbError`].
pub async fn joint_done(
    conn: &mut AsyncPgConnection,
    run: Uuid,
    outcome: Result<serde_json::Value, String>,
    stamp: &str,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let (outcome, problem) = match outcome {
        Ok(outcome) => (Some(outcome), None),
        Err(problem) => (None, Some(problem)),
    };
    diesel::sql_query("SELECT bank.joint_done($1, $2, $3, $4, $5)")
        .bind::<SqlUuid, _>(run)
        .bind::<Nullable<Jsonb>, _>(outcome)
        .bind::<Nullable<Text>, _>(problem)
        .bind::<Text, _>(stamp)
        .bind::<Timestamptz, _>(at)
        .execute(conn)
        .await?;
    Ok(())
}
