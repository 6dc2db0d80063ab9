//! Forms already taken: a form sent twice makes one record. The key is drawn when the form is shown.

use super::schema::idempotency_key::dsl;
use super::tx::DbError;
use crate::domain::actor::Actor;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Takes a form for good, with what came of it; says whether it was the first of its key. Waits for a twin that is being written.
///
/// # Errors
/// [`DbError`].
pub async fn take(conn: &mut AsyncPgConnection, actor: &Actor, key: &str, made: &str, at: DateTime<Utc>) -> Result<bool, DbError> {
    let row = (
        dsl::authority_id.eq(actor.authority.0),
        dsl::user_id.eq(actor.user.0),
        dsl::key.eq(key),
        dsl::request_hash.eq(Vec::<u8>::new()),
        dsl::status.eq(303),
        dsl::location.eq(made),
        dsl::created_at.eq(at),
    );
    let written = diesel::insert_into(dsl::idempotency_key).values(row).on_conflict_do_nothing().execute(conn).await?;
    Ok(written == 1)
}

/// What came of a form that was taken already.
///
/// # Errors
/// [`DbError`].
pub async fn made(conn: &mut AsyncPgConnection, actor: &Actor, key: &str) -> Result<Option<String>, DbError> {
    let found: Option<Option<String>> =
        dsl::idempotency_key.find((actor.authority.0, actor.user.0, key)).select(dsl::location).first(conn).await.optional()?;
    Ok(found.flatten())
}
