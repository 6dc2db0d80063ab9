//! Requests already taken: a form or a request sent twice makes one record. Who sends it draws the key.

use super::schema::idempotency_key::dsl;
use super::tx::DbError;
use crate::domain::actor::Actor;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A request's key, and the digest of what it asks for; a form has none, as its key is ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OnceKey {
    /// The key, 1 to 200 characters.
    pub key: String,
    /// SHA-256 of the request.
    pub digest: Vec<u8>,
}

impl OnceKey {
    /// The key of a form.
    #[must_use]
    pub fn of_form(key: &str) -> Self {
        Self { key: key.to_owned(), digest: Vec::new() }
    }
}

/// Takes a request for good, with what came of it; says whether it was the first of its key. Waits for a twin that is being written.
///
/// # Errors
/// [`DbError`].
pub async fn take(conn: &mut AsyncPgConnection, actor: &Actor, key: &OnceKey, made: &str, at: DateTime<Utc>) -> Result<bool, DbError> {
    let row = (
        dsl::authority_id.eq(actor.authority.0),
        dsl::user_id.eq(actor.user.0),
        dsl::key.eq(&key.key),
        dsl::request_hash.eq(&key.digest),
        dsl::status.eq(303),
        dsl::location.eq(made),
        dsl::created_at.eq(at),
    );
    let written = diesel::insert_into(dsl::idempotency_key).values(row).on_conflict_do_nothing().execute(conn).await?;
    Ok(written == 1)
}

/// What came of a request that was taken already, and the digest it had.
///
/// # Errors
/// [`DbError`].
pub async fn made(conn: &mut AsyncPgConnection, actor: &Actor, key: &OnceKey) -> Result<Option<(String, Vec<u8>)>, DbError> {
    let found: Option<(Option<String>, Vec<u8>)> = dsl::idempotency_key
        .find((actor.authority.0, actor.user.0, &key.key))
        .select((dsl::location, dsl::request_hash))
        .first(conn)
        .await
        .optional()?;
    Ok(found.and_then(|(location, digest)| location.map(|l| (l, digest))))
}
