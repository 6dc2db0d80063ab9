//! Runs of imports: where each stands, what was wrong with its rows, which rows differ from what is held.

use super::bulk::{Load, staged};
use super::schema::{import_difference, import_file, import_problem, import_run};
use super::tx::DbError;
use crate::domain::ids::AuthorityId;
use crate::domain::import::{Counts, ImportKind, ImportState};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `import_run`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_run, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct RunRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub user_id: Option<Uuid>,
    pub kind: String,
    pub file_name: String,
    pub file_digest: Vec<u8>,
    pub file_bytes: i64,
    pub options: serde_json::Value,
    pub scheme: String,
    pub state: String,
    pub cancel_requested: bool,
    pub done_bytes: i64,
    pub next_row: i64,
    pub rows_read: i64,
    pub accepted: i64,
    pub warned: i64,
    pub rejected: i64,
    pub skipped: i64,
    pub unchanged: i64,
    pub differing: i64,
    pub failure: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl RunRow {
    /// The owner.
    #[must_use]
    pub const fn owner(&self) -> AuthorityId {
        AuthorityId(self.authority_id)
    }
    /// What the file holds.
    #[must_use]
    pub fn kind(&self) -> ImportKind {
        self.kind.parse().unwrap_or(ImportKind::Mmp)
    }
    /// How the run stands.
    #[must_use]
    pub fn state(&self) -> ImportState {
        self.state.parse().unwrap_or(ImportState::Failed)
    }
    /// What became of the rows read so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        Counts {
            rows: self.rows_read,
            accepted: self.accepted,
            warned: self.warned,
            rejected: self.rejected,
            skipped: self.skipped,
            unchanged: self.unchanged,
            differing: self.differing,
        }
    }
    /// How much of the file was read, from 0 to 100.
    #[must_use]
    pub fn percent(&self) -> i64 {
        if self.state().is_open() { (self.done_bytes * 100 / self.file_bytes.max(1)).clamp(0, 99) } else { 100 }
    }
}

/// Writes a new run.
///
/// # Errors
/// [`DbError::Unique`] when the same file is being imported already.
pub async fn insert(conn: &mut AsyncPgConnection, row: &RunRow) -> Result<(), DbError> {
    diesel::insert_into(import_run::table).values(row).execute(conn).await?;
    Ok(())
}

/// Reads a run of the authority's own.
///
/// # Errors
/// [`DbError::NotFound`].
pub async fn get(conn: &mut AsyncPgConnection, id: Uuid) -> Result<RunRow, DbError> {
    Ok(import_run::table.find(id).select(RunRow::as_select()).first(conn).await?)
}

/// The run that a second start of the same file goes on with.
///
/// # Errors
/// [`DbError`].
pub async fn resumable(conn: &mut AsyncPgConnection, owner: AuthorityId, kind: &str, digest: &[u8]) -> Result<Option<RunRow>, DbError> {
    Ok(import_run::table
        .filter(import_run::authority_id.eq(owner.0))
        .filter(import_run::kind.eq(kind))
        .filter(import_run::file_digest.eq(digest))
        .filter(import_run::state.eq("running"))
        .select(RunRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// The authority's runs, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn list(conn: &mut AsyncPgConnection, owner: AuthorityId, limit: i64) -> Result<Vec<RunRow>, DbError> {
    Ok(import_run::table
        .filter(import_run::authority_id.eq(owner.0))
        .order((import_run::created_at.desc(), import_run::id.desc()))
        .limit(limit)
        .select(RunRow::as_select())
        .load(conn)
        .await?)
}

/// Moves a run that stands in one of `from`; says whether it did.
///
/// # Errors
/// [`DbError`].
pub async fn set_state(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    from: &[ImportState],
    to: ImportState,
    failure: Option<&str>,
    at: DateTime<Utc>,
) -> Result<bool, DbError> {
    use import_run::dsl;
    let from: Vec<&str> = from.iter().map(|s| s.as_str()).collect();
    let ended = Some(at).filter(|_| !to.is_open());
    let changed = diesel::update(dsl::import_run.find(id).filter(dsl::state.eq_any(from)))
        .set((dsl::state.eq(to.as_str()), dsl::failure.eq(failure), dsl::updated_at.eq(at), dsl::finished_at.eq(ended)))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// Puts a run back to its first row with nothing counted: a check is over and the writing begins.
///
/// # Errors
/// [`DbError`].
pub async fn rewind(conn: &mut AsyncPgConnection, id: Uuid) -> Result<(), DbError> {
    diesel::delete(import_problem::table.filter(import_problem::run_id.eq(id))).execute(conn).await?;
    diesel::sql_query(
        "UPDATE import_run SET next_row = 0, done_bytes = 0, rows_read = 0, accepted = 0, warned = 0, rejected = 0, skipped = 0, unchanged = 0, \
                differing = 0 WHERE id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Asks whoever works on a run to stop.
///
/// # Errors
/// [`DbError`].
pub async fn request_cancel(conn: &mut AsyncPgConnection, id: Uuid, at: DateTime<Utc>) -> Result<(), DbError> {
    use import_run::dsl;
    diesel::update(dsl::import_run.find(id)).set((dsl::cancel_requested.eq(true), dsl::updated_at.eq(at))).execute(conn).await?;
    Ok(())
}

/// Keeps the file of a run.
///
/// # Errors
/// [`DbError`].
pub async fn put_file(conn: &mut AsyncPgConnection, run: Uuid, owner: AuthorityId, content: &[u8]) -> Result<(), DbError> {
    diesel::insert_into(import_file::table)
        .values((import_file::run_id.eq(run), import_file::authority_id.eq(owner.0), import_file::content.eq(content)))
        .execute(conn)
        .await?;
    Ok(())
}

/// The file of a run, while it is kept.
///
/// # Errors
/// [`DbError`].
pub async fn file(conn: &mut AsyncPgConnection, run: Uuid) -> Result<Option<Vec<u8>>, DbError> {
    Ok(import_file::table.find(run).select(import_file::content).first(conn).await.optional()?)
}

/// Forgets the file of a run: it holds personal data and is not needed any more.
///
/// # Errors
/// [`DbError`].
pub async fn drop_file(conn: &mut AsyncPgConnection, run: Uuid) -> Result<(), DbError> {
    diesel::delete(import_file::table.find(run)).execute(conn).await?;
    Ok(())
}

/// A row of `import_problem`: row 0 means the file.
#[derive(Debug, Clone, Queryable, Selectable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = import_problem, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ProblemRow {
    pub run_id: Uuid,
    pub authority_id: Uuid,
    pub seq: i64,
    pub row_no: i64,
    pub column_name: Option<String>,
    pub value: Option<String>,
    pub code: String,
    pub reason: String,
    pub severity: String,
}

staged!(ProblemRow, "import_problem", {
    run_id: UUID, authority_id: UUID, seq: INT8, row_no: INT8, column_name: TEXT, value: TEXT, code: TEXT, reason: TEXT, severity: TEXT,
});

/// The problems of a run after `after`, in the order of the file.
///
/// # Errors
/// [`DbError`].
pub async fn problems(conn: &mut AsyncPgConnection, run: Uuid, after: i64, limit: i64) -> Result<Vec<ProblemRow>, DbError> {
    Ok(import_problem::table
        .filter(import_problem::run_id.eq(run))
        .filter(import_problem::seq.gt(after))
        .order(import_problem::seq)
        .limit(limit)
        .select(ProblemRow::as_select())
        .load(conn)
        .await?)
}

/// The number of a run's last problem; 0 when there is none.
///
/// # Errors
/// [`DbError`].
pub async fn last_problem(conn: &mut AsyncPgConnection, run: Uuid) -> Result<i64, DbError> {
    let last: Option<i64> =
        import_problem::table.filter(import_problem::run_id.eq(run)).select(diesel::dsl::max(import_problem::seq)).first(conn).await?;
    Ok(last.unwrap_or(0))
}

/// The problems of one kind in one column.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
pub struct ProblemGroup {
    /// The column's header; nothing for the whole row.
    #[diesel(sql_type = Nullable<Text>)]
    pub column: Option<String>,
    /// What kind.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// error or warning.
    #[diesel(sql_type = Text)]
    pub severity: String,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// The first row that has it.
    #[diesel(sql_type = BigInt)]
    pub first_row: i64,
    /// What is wrong, in that row.
    #[diesel(sql_type = Text)]
    pub reason: String,
}

/// The problems of a run by column and kind: errors first, the most frequent first.
///
/// # Errors
/// [`DbError`].
pub async fn problem_groups(conn: &mut AsyncPgConnection, run: Uuid) -> Result<Vec<ProblemGroup>, DbError> {
    Ok(diesel::sql_query(
        "SELECT column_name AS column, code, severity, count(*) AS count, min(row_no) AS first_row, \
                (array_agg(reason ORDER BY seq))[1] AS reason \
           FROM import_problem WHERE run_id = $1 GROUP BY column_name, code, severity \
          ORDER BY severity, count(*) DESC, column_name, code LIMIT 200",
    )
    .bind::<SqlUuid, _>(run)
    .load(conn)
    .await?)
}

/// A row of `import_difference`.
#[derive(Debug, Clone, Queryable, Selectable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = import_difference, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct DifferenceRow {
    pub id: Uuid,
    pub run_id: Uuid,
    pub authority_id: Uuid,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub row_no: i64,
    pub rev: i32,
    pub fields: serde_json::Value,
    pub proposed: serde_json::Value,
    pub state: String,
    pub reason: Option<String>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
}

/// The differences of a run in the order of the file, those that wait first.
///
/// # Errors
/// [`DbError`].
pub async fn differences(conn: &mut AsyncPgConnection, run: Uuid, after_row: i64, limit: i64) -> Result<Vec<DifferenceRow>, DbError> {
    Ok(import_difference::table
        .filter(import_difference::run_id.eq(run))
        .filter(import_difference::row_no.gt(after_row))
        .order(import_difference::row_no)
        .limit(limit)
        .select(DifferenceRow::as_select())
        .load(conn)
        .await?)
}

/// One difference.
///
/// # Errors
/// [`DbError::NotFound`].
pub async fn difference(conn: &mut AsyncPgConnection, id: Uuid) -> Result<DifferenceRow, DbError> {
    Ok(import_difference::table.find(id).select(DifferenceRow::as_select()).first(conn).await?)
}

/// Decides a difference that waits; says whether it did.
///
/// # Errors
/// [`DbError`].
pub async fn decide(conn: &mut AsyncPgConnection, id: Uuid, state: &str, reason: &str, by: Uuid, at: DateTime<Utc>) -> Result<bool, DbError> {
    use import_difference::dsl;
    let changed = diesel::update(dsl::import_difference.find(id).filter(dsl::state.eq("pending")))
        .set((dsl::state.eq(state), dsl::reason.eq(reason), dsl::decided_by.eq(by), dsl::decided_at.eq(at)))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// How far a chunk brings a run.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The row the chunk begins at: the run must stand there.
    pub from_row: i64,
    /// The row the next chunk begins at.
    pub next_row: i64,
    /// Bytes of the file read so far.
    pub done_bytes: i64,
    /// What became of the chunk's rows.
    pub counts: Counts,
}

/// Whether a run may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// It may.
    Go,
    /// Somebody asked to stop.
    Cancel,
    /// It stands elsewhere: another process works on it, or it has ended.
    Lost,
}

/// A difference as a chunk found it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "as DifferenceRow")]
pub struct NewDifference {
    pub id: Uuid,
    pub subject: Uuid,
    pub row_no: i64,
    pub rev: i32,
    pub fields: serde_json::Value,
    pub proposed: serde_json::Value,
}

impl Load<'_> {
    /// Takes hold of the run and moves it on, in the transaction of the rows.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn advance(&mut self, run: Uuid, step: &Step, at: DateTime<Utc>) -> Result<Advance, DbError> {
        let c = step.counts;
        let row = self
            .query_opt(
                "UPDATE import_run SET next_row = $3, done_bytes = $4, rows_read = rows_read + $5, accepted = accepted + $6, \
                        warned = warned + $7, rejected = rejected + $8, skipped = skipped + $9, unchanged = unchanged + $10, \
                        differing = differing + $11, updated_at = $12 \
                  WHERE id = $1 AND next_row = $2 AND state IN ('running', 'checking') RETURNING cancel_requested",
                &[
                    &run,
                    &step.from_row,
                    &step.next_row,
                    &step.done_bytes,
                    &c.rows,
                    &c.accepted,
                    &c.warned,
                    &c.rejected,
                    &c.skipped,
                    &c.unchanged,
                    &c.differing,
                    &at,
                ],
            )
            .await?;
        Ok(match row {
            None => Advance::Lost,
            Some(row) if row.get::<_, bool>(0) => Advance::Cancel,
            Some(_) => Advance::Go,
        })
    }

    /// Keeps differences: one open question per subject, renewed by a later import; one that was refused for the same content is not asked again.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn differ(&mut self, run: Uuid, owner: AuthorityId, kind: &str, list: &[NewDifference]) -> Result<(), DbError> {
        if list.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = list.iter().map(|d| d.id).collect();
        let subjects: Vec<Uuid> = list.iter().map(|d| d.subject).collect();
        let rows: Vec<i64> = list.iter().map(|d| d.row_no).collect();
        let revs: Vec<i32> = list.iter().map(|d| d.rev).collect();
        let fields: Vec<&serde_json::Value> = list.iter().map(|d| &d.fields).collect();
        let proposed: Vec<&serde_json::Value> = list.iter().map(|d| &d.proposed).collect();
        self.execute(
            "INSERT INTO import_difference (id, run_id, authority_id, subject_kind, subject_id, row_no, rev, fields, proposed) \
             SELECT t.id, $1, $2, $3, t.subject, t.row_no, t.rev, t.fields, t.proposed \
               FROM unnest($4::uuid[], $5::uuid[], $6::bigint[], $7::integer[], $8::jsonb[], $9::jsonb[]) \
                    AS t (id, subject, row_no, rev, fields, proposed) \
              WHERE NOT EXISTS (SELECT FROM import_difference d WHERE d.subject_id = t.subject AND d.state = 'refused' AND d.fields = t.fields) \
             ON CONFLICT (authority_id, subject_id) WHERE state = 'pending' \
             DO UPDATE SET run_id = excluded.run_id, row_no = excluded.row_no, rev = excluded.rev, fields = excluded.fields, \
                           proposed = excluded.proposed",
            &[&run, &owner.0, &kind, &ids, &subjects, &rows, &revs, &fields, &proposed],
        )
        .await?;
        Ok(())
    }
}
