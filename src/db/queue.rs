//! The job queue, the outbox and mail: claim with a lease, commit, run outside any transaction, report.

use super::schema::{job, outbox};
use super::tx::DbError;
use crate::domain::ids::AuthorityId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Puts a job in the queue, within the caller's transaction: rolled back, it was never there. Payloads hold ids only.
///
/// # Errors
/// [`DbError`].
pub async fn enqueue(
    conn: &mut AsyncPgConnection,
    kind: &str,
    payload: serde_json::Value,
    dedupe: Option<&str>,
    priority: i16,
) -> Result<(), DbError> {
    diesel::insert_into(job::table)
        .values((job::kind.eq(kind), job::payload.eq(payload), job::dedupe_key.eq(dedupe), job::priority.eq(priority)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// A claimed job.
#[derive(Debug, Clone, QueryableByName)]
pub struct Claimed {
    /// Its number.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// What to do.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// With what.
    #[diesel(sql_type = Jsonb)]
    pub payload: serde_json::Value,
    /// How often it was tried before.
    #[diesel(sql_type = SmallInt)]
    pub tries: i16,
}

/// Claims up to `limit` ready jobs for two minutes, none of the kinds in `except`. Expired leases are claimed again, so every job can be run twice.
///
/// # Errors
/// [`DbError`].
pub async fn claim(conn: &mut AsyncPgConnection, worker: &str, limit: i64, except: &[&str]) -> Result<Vec<Claimed>, DbError> {
    Ok(diesel::sql_query(
        "UPDATE job SET claimed_by = $1, lease_until = now() + interval '2 minutes', tries = tries + 1 \
          WHERE id IN (SELECT id FROM job WHERE failed_at IS NULL AND run_after <= now() AND (lease_until IS NULL OR lease_until < now()) AND kind <> ALL ($3) \
                        ORDER BY priority DESC, id LIMIT $2 FOR UPDATE SKIP LOCKED) \
          RETURNING id, kind, payload, tries",
    )
    .bind::<Text, _>(worker)
    .bind::<BigInt, _>(limit)
    .bind::<diesel::sql_types::Array<Text>, _>(except)
    .load(conn)
    .await?)
}

/// Removes a finished job, if this worker still holds it.
///
/// # Errors
/// [`DbError`].
pub async fn finish(conn: &mut AsyncPgConnection, worker: &str, id: i64) -> Result<(), DbError> {
    diesel::delete(job::table.find(id).filter(job::claimed_by.eq(worker))).execute(conn).await?;
    Ok(())
}

/// Extends the lease of a long job; says whether the worker still holds it.
///
/// # Errors
/// [`DbError`].
pub async fn extend(conn: &mut AsyncPgConnection, worker: &str, id: i64) -> Result<bool, DbError> {
    let n = diesel::sql_query("UPDATE job SET lease_until = now() + interval '2 minutes' WHERE id = $1 AND claimed_by = $2")
        .bind::<BigInt, _>(id)
        .bind::<Text, _>(worker)
        .execute(conn)
        .await?;
    Ok(n == 1)
}

/// How often a job is tried before it is set aside.
pub const MOST_TRIES: i16 = 12;

/// Puts a failed job back with backoff (2ⁿ seconds, at most an hour), or sets it aside after `most_tries` tries, if there is such a number. When
/// another job of its kind and key came to wait meanwhile, this one goes on without the key.
///
/// # Errors
/// [`DbError`].
pub async fn fail(conn: &mut AsyncPgConnection, worker: &str, id: i64, error: &str, most_tries: Option<i16>) -> Result<(), DbError> {
    diesel::sql_query(
        "UPDATE job SET claimed_by = NULL, lease_until = NULL, last_error = $3, \
                run_after = now() + least(3600, power(2, least(tries, 12))) * interval '1 second', \
                failed_at = CASE WHEN tries >= $4 THEN now() END, \
                dedupe_key = CASE WHEN NOT EXISTS (SELECT FROM job o WHERE o.kind = job.kind AND o.dedupe_key = job.dedupe_key AND o.id <> job.id \
                                                      AND o.claimed_by IS NULL AND o.failed_at IS NULL) THEN dedupe_key END \
          WHERE id = $1 AND claimed_by = $2",
    )
    .bind::<BigInt, _>(id)
    .bind::<Text, _>(worker)
    .bind::<Text, _>(error)
    .bind::<Nullable<SmallInt>, _>(most_tries)
    .execute(conn)
    .await?;
    Ok(())
}

/// Gives a claimed job back at once: the worker is stopping.
///
/// # Errors
/// [`DbError`].
pub async fn release(conn: &mut AsyncPgConnection, worker: &str) -> Result<(), DbError> {
    diesel::sql_query("UPDATE job SET claimed_by = NULL, lease_until = NULL, tries = greatest(tries - 1, 0) WHERE claimed_by = $1")
        .bind::<Text, _>(worker)
        .execute(conn)
        .await?;
    Ok(())
}

/// How many jobs of a kind wait, run and were set aside, and how old the oldest waiting one is in seconds.
#[derive(Debug, Clone, QueryableByName)]
pub struct Depth {
    /// The kind.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Waiting or running.
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    /// Set aside.
    #[diesel(sql_type = BigInt)]
    pub failed: i64,
    /// Age of the oldest open one.
    #[diesel(sql_type = Integer)]
    pub oldest_s: i32,
}

/// The state of the queue by kind of job; `mail` stands for the letters, of which those set aside were given up.
///
/// # Errors
/// [`DbError`].
pub async fn depths(conn: &mut AsyncPgConnection) -> Result<Vec<Depth>, DbError> {
    Ok(diesel::sql_query(
        "SELECT kind, count(*) FILTER (WHERE failed_at IS NULL) AS open, count(*) FILTER (WHERE failed_at IS NOT NULL) AS failed, \
                COALESCE(EXTRACT(EPOCH FROM now() - min(created_at) FILTER (WHERE failed_at IS NULL)), 0)::int AS oldest_s \
           FROM (SELECT kind, failed_at, created_at FROM job \
                 UNION ALL SELECT 'mail', failed_at, created_at FROM mail_message WHERE sent_at IS NULL) work \
          GROUP BY kind ORDER BY kind",
    )
    .load(conn)
    .await?)
}

/// Notes something for other authorities to be told, within the caller's transaction, and wakes the relay.
///
/// # Errors
/// [`DbError`].
pub async fn post(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    owner: AuthorityId,
    subject_kind: &str,
    subject: Uuid,
    kind: &str,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(id),
            outbox::authority_id.eq(owner.0),
            outbox::subject_kind.eq(subject_kind),
            outbox::subject_id.eq(subject),
            outbox::kind.eq(kind),
            outbox::created_at.eq(at),
        ))
        .execute(conn)
        .await?;
    enqueue(conn, "relay", serde_json::json!({}), Some("relay"), 0).await
}

/// An undelivered note of the outbox.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct Note {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub subject_kind: String,
    #[diesel(sql_type = SqlUuid)]
    pub subject_id: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: String,
}

/// Locks a batch of undelivered notes until commit.
///
/// # Errors
/// [`DbError`].
pub async fn undelivered(conn: &mut AsyncPgConnection, limit: i64) -> Result<Vec<Note>, DbError> {
    Ok(diesel::sql_query(
        "SELECT id, subject_kind, subject_id, kind FROM outbox WHERE delivered_at IS NULL ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// Delivers one note on this node: alerts whom it concerns, marks it delivered. Returns how many authorities were told.
///
/// # Errors
/// [`DbError`].
pub async fn deliver(conn: &mut AsyncPgConnection, note: &Note, at: DateTime<Utc>) -> Result<i32, DbError> {
    #[derive(QueryableByName)]
    struct Told {
        #[diesel(sql_type = Integer)]
        n: i32,
    }
    let told = if note.kind == "registered" {
        let told: Told = diesel::sql_query("SELECT relay_registered($1, $2, $3) AS n")
            .bind::<Text, _>(&note.subject_kind)
            .bind::<SqlUuid, _>(note.subject_id)
            .bind::<Timestamptz, _>(at)
            .get_result(conn)
            .await?;
        told.n
    } else {
        0
    };
    diesel::update(outbox::table.find(note.id)).set(outbox::delivered_at.eq(at)).execute(conn).await?;
    Ok(told)
}

/// A mail that waits, with the address it goes to.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct WaitingMail {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub template: String,
    #[diesel(sql_type = Text)]
    pub language: String,
    #[diesel(sql_type = Text)]
    pub email: String,
}

/// Mails that wait to be sent, oldest first. A mail whose addressee was disabled is not among them.
///
/// # Errors
/// [`DbError`].
pub async fn waiting_mail(conn: &mut AsyncPgConnection, limit: i64) -> Result<Vec<WaitingMail>, DbError> {
    Ok(diesel::sql_query(
        "SELECT m.id, m.template, m.language, u.email FROM mail_message m JOIN app_user u ON u.id = m.to_user AND u.disabled_at IS NULL \
          WHERE m.sent_at IS NULL AND m.failed_at IS NULL ORDER BY m.created_at LIMIT $1",
    )
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// How sending a mail went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailOutcome {
    /// It left.
    Sent,
    /// Its recipient was refused for good.
    Refused,
    /// It did not leave this time.
    Later,
}

/// Notes how sending went; says whether the mail is given up: refused, or three days old without having left.
///
/// # Errors
/// [`DbError`].
pub async fn mail_done(conn: &mut AsyncPgConnection, id: Uuid, outcome: MailOutcome, at: DateTime<Utc>) -> Result<bool, DbError> {
    #[derive(QueryableByName)]
    struct Done {
        #[diesel(sql_type = Bool)]
        given_up: bool,
    }
    let done: Done = diesel::sql_query(
        "UPDATE mail_message SET tries = tries + 1, sent_at = CASE WHEN $2 = 'sent' THEN $3 END, \
                failed_at = CASE WHEN $2 = 'refused' OR ($2 = 'later' AND created_at < $3 - interval '3 days') THEN $3 END \
          WHERE id = $1 RETURNING failed_at IS NOT NULL AS given_up",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(match outcome {
        MailOutcome::Sent => "sent",
        MailOutcome::Refused => "refused",
        MailOutcome::Later => "later",
    })
    .bind::<Timestamptz, _>(at)
    .get_result(conn)
    .await?;
    Ok(done.given_up)
}
