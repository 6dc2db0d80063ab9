//! The change feed: what the in-memory indexes follow, in commit order, without losing a late transaction.

use super::schema::change_feed;
use super::tx::DbError;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashSet;
use uuid::Uuid;

/// Notes a change; followers are woken by the table's trigger at commit.
///
/// # Errors
/// [`DbError`].
pub async fn append(conn: &mut AsyncPgConnection, kind: &str, ids: &[Uuid]) -> Result<(), DbError> {
    diesel::insert_into(change_feed::table).values((change_feed::kind.eq(kind), change_feed::ids.eq(ids))).execute(conn).await?;
    Ok(())
}

/// One change.
#[derive(Debug, Clone, QueryableByName)]
pub struct Change {
    /// Number of the row.
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    /// case, `found_record`, incident, policy or hypothesis.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// What changed.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub ids: Vec<Uuid>,
    #[diesel(sql_type = BigInt)]
    xid: i64,
    #[diesel(sql_type = BigInt)]
    horizon: i64,
}

/// Where a follower stands. Rows are numbered when written but become visible at commit, so a cursor over the number alone would lose
/// a transaction that commits late. The follower keeps the oldest transaction that was still open and the rows it has seen since.
#[derive(Debug, Clone, Default)]
pub struct Cursor {
    horizon: i64,
    seen: HashSet<i64>,
}

impl Cursor {
    /// A cursor at the present: what is committed now will not be read, what commits later will. Take it *before* loading.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn now(conn: &mut AsyncPgConnection) -> Result<Self, DbError> {
        let mut cursor = Self::default();
        #[derive(QueryableByName)]
        struct Horizon {
            #[diesel(sql_type = BigInt)]
            h: i64,
        }
        let h: Horizon = diesel::sql_query("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS h").get_result(conn).await?;
        cursor.horizon = h.h;
        Ok(cursor)
    }

    /// The changes committed since the last call, in order of their numbers.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn next(&mut self, conn: &mut AsyncPgConnection) -> Result<Vec<Change>, DbError> {
        let rows: Vec<Change> = diesel::sql_query(
            "SELECT seq, kind, ids, xid::text::bigint AS xid, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon \
               FROM change_feed WHERE xid >= $1::text::xid8 ORDER BY seq",
        )
        .bind::<Text, _>(self.horizon.to_string())
        .load(conn)
        .await?;
        let [Change { horizon, .. }, ..] = rows[..] else { return Ok(Vec::new()) };
        let seen = std::mem::take(&mut self.seen);
        self.seen = rows.iter().filter(|r| r.xid >= horizon).map(|r| r.seq).collect();
        self.horizon = horizon;
        Ok(rows.into_iter().filter(|r| !seen.contains(&r.seq)).collect())
    }
}

/// The highest number of the feed; zero when it is empty.
///
/// # Errors
/// [`DbError`].
pub async fn last(conn: &mut AsyncPgConnection) -> Result<i64, DbError> {
    Ok(change_feed::table.select(diesel::dsl::max(change_feed::seq)).first::<Option<i64>>(conn).await?.unwrap_or_default())
}

/// What happened to hypotheses after a number: the number of each change and the hypotheses.
///
/// # Errors
/// [`DbError`].
pub async fn hypotheses_after(conn: &mut AsyncPgConnection, after: i64) -> Result<Vec<(i64, Vec<Uuid>)>, DbError> {
    Ok(change_feed::table
        .filter(change_feed::kind.eq("hypothesis").and(change_feed::seq.gt(after)))
        .order(change_feed::seq)
        .select((change_feed::seq, change_feed::ids))
        .load(conn)
        .await?)
}

/// Removes changes older than a day: a follower that was away longer loads anew.
///
/// # Errors
/// [`DbError`].
pub async fn trim(conn: &mut AsyncPgConnection) -> Result<usize, DbError> {
    Ok(diesel::sql_query("DELETE FROM change_feed WHERE at < now() - interval '1 day'").execute(conn).await?)
}
