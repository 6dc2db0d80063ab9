//! Authorities, users, sessions, API clients, families' keys: read under the sign-in role, before an authority is known.

use super::schema::{api_client, app_user, authority, family_session, refresh_token, sign_in_attempt, staff_session};
use super::tx::DbError;
use crate::domain::authority::{AuthorityKind, Role};
use crate::domain::ids::{AuthorityId, CaseId, UserId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `authority`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = authority, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct AuthorityRow {
    pub id: Uuid,
    pub code: String,
    pub name: String,
    pub country: String,
    pub kind: String,
    pub represents: Option<String>,
    pub contact_email: Option<String>,
    pub contact_phone: Option<String>,
    pub created_at: DateTime<Utc>,
}

impl AuthorityRow {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> AuthorityKind {
        self.kind.parse().unwrap_or(AuthorityKind::Court)
    }
}

/// A row of `app_user`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = app_user, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct UserRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub email: String,
    pub name: String,
    pub roles: Vec<String>,
    pub password_hash: String,
    pub totp_secret: Option<Vec<u8>>,
    pub totp_last_step: Option<i64>,
    pub language: String,
    pub phone: Option<String>,
    pub created_at: DateTime<Utc>,
    pub disabled_at: Option<DateTime<Utc>>,
}

impl UserRow {
    /// What the user does.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        self.roles.iter().filter_map(|r| r.parse().ok()).collect()
    }
}

/// A row of `staff_session`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = staff_session, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct SessionRow {
    pub token_hash: Vec<u8>,
    pub authority_id: Uuid,
    pub user_id: Uuid,
    pub purpose: String,
    pub csrf: String,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A row of `family_session`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = family_session, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct FamilySessionRow {
    pub token_hash: Vec<u8>,
    pub authority_id: Uuid,
    pub case_id: Uuid,
    pub csrf: String,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A row of `api_client`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_client, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ApiClientRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub name: String,
    pub secret_hash: Vec<u8>,
    pub user_id: Uuid,
    pub created_at: DateTime<Utc>,
    pub disabled_at: Option<DateTime<Utc>>,
}

/// A row of `refresh_token`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_token, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct RefreshRow {
    pub token_hash: Vec<u8>,
    pub authority_id: Uuid,
    pub client_id: Uuid,
    pub family_id: Uuid,
    pub purpose: String,
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub successor: Option<Vec<u8>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Writes an authority; does nothing when its code is taken.
///
/// # Errors
/// [`DbError`].
pub async fn insert_authority(conn: &mut AsyncPgConnection, row: &AuthorityRow) -> Result<bool, DbError> {
    let n = diesel::insert_into(authority::table).values(row).on_conflict(authority::code).do_nothing().execute(conn).await?;
    Ok(n == 1)
}

/// All authorities by code.
///
/// # Errors
/// [`DbError`].
pub async fn authorities(conn: &mut AsyncPgConnection) -> Result<Vec<AuthorityRow>, DbError> {
    Ok(authority::table.order(authority::code).select(AuthorityRow::as_select()).load(conn).await?)
}

/// One authority.
///
/// # Errors
/// [`DbError::NotFound`].
pub async fn authority(conn: &mut AsyncPgConnection, id: AuthorityId) -> Result<AuthorityRow, DbError> {
    Ok(authority::table.find(id.0).select(AuthorityRow::as_select()).first(conn).await?)
}

/// An authority by its code, if there is one.
///
/// # Errors
/// [`DbError`].
pub async fn find_authority(conn: &mut AsyncPgConnection, code: &str) -> Result<Option<AuthorityRow>, DbError> {
    Ok(authority::table.filter(authority::code.eq(code)).select(AuthorityRow::as_select()).first(conn).await.optional()?)
}

/// Writes a user.
///
/// # Errors
/// [`DbError::Unique`] when the address is taken.
pub async fn insert_user(conn: &mut AsyncPgConnection, row: &UserRow) -> Result<(), DbError> {
    diesel::insert_into(app_user::table).values(row).execute(conn).await?;
    Ok(())
}

/// A user by address, case aside, if there is one that is not disabled.
///
/// # Errors
/// [`DbError`].
pub async fn find_user(conn: &mut AsyncPgConnection, email: &str) -> Result<Option<UserRow>, DbError> {
    use diesel::dsl::sql;
    use diesel::sql_types::Bool;
    Ok(app_user::table
        .filter(sql::<Bool>("lower(email) = ").bind::<Text, _>(email.trim().to_lowercase()))
        .filter(app_user::disabled_at.is_null())
        .select(UserRow::as_select())
        .first(conn)
        .await
        .optional()?)
}

/// A user by id.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn user(conn: &mut AsyncPgConnection, id: UserId) -> Result<UserRow, DbError> {
    Ok(app_user::table.find(id.0).select(UserRow::as_select()).first(conn).await?)
}

/// The users of an authority by name.
///
/// # Errors
/// [`DbError`].
pub async fn users_of(conn: &mut AsyncPgConnection, owner: AuthorityId) -> Result<Vec<UserRow>, DbError> {
    Ok(app_user::table.filter(app_user::authority_id.eq(owner.0)).order(app_user::name).select(UserRow::as_select()).load(conn).await?)
}

/// Ids and names of the users of an authority, by name.
///
/// # Errors
/// [`DbError`].
pub async fn names_of(conn: &mut AsyncPgConnection, owner: AuthorityId) -> Result<Vec<(Uuid, String)>, DbError> {
    let users = app_user::table.filter(app_user::authority_id.eq(owner.0)).order(app_user::name);
    Ok(users.select((app_user::id, app_user::name)).load(conn).await?)
}

/// Disables or enables a user; sessions and tokens end with the next request.
///
/// # Errors
/// [`DbError`].
pub async fn set_user_disabled(conn: &mut AsyncPgConnection, id: UserId, at: Option<DateTime<Utc>>) -> Result<(), DbError> {
    diesel::update(app_user::table.find(id.0)).set(app_user::disabled_at.eq(at)).execute(conn).await?;
    diesel::delete(staff_session::table.filter(staff_session::user_id.eq(id.0))).execute(conn).await?;
    Ok(())
}

/// Sets the secret of the second factor and forgets the last step used.
///
/// # Errors
/// [`DbError`].
pub async fn set_totp(conn: &mut AsyncPgConnection, id: UserId, secret: Option<&[u8]>) -> Result<(), DbError> {
    diesel::update(app_user::table.find(id.0))
        .set((app_user::totp_secret.eq(secret), app_user::totp_last_step.eq(None::<i64>)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes a time step of the second factor as used; `false` when it, or a later one, was used before. A code works once.
///
/// # Errors
/// [`DbError`].
pub async fn use_totp_step(conn: &mut AsyncPgConnection, id: UserId, step: i64) -> Result<bool, DbError> {
    let n = diesel::update(app_user::table.find(id.0).filter(app_user::totp_last_step.is_null().or(app_user::totp_last_step.lt(step))))
        .set(app_user::totp_last_step.eq(step))
        .execute(conn)
        .await?;
    Ok(n == 1)
}

/// Writes a session.
///
/// # Errors
/// [`DbError`].
pub async fn insert_session(conn: &mut AsyncPgConnection, row: &SessionRow) -> Result<(), DbError> {
    diesel::insert_into(staff_session::table).values(row).execute(conn).await?;
    Ok(())
}

/// A live session with its user and authority, if there is one: neither expired nor idle since `idle_since`, user not disabled.
///
/// # Errors
/// [`DbError`].
pub async fn find_session(
    conn: &mut AsyncPgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
    idle_since: DateTime<Utc>,
) -> Result<Option<(SessionRow, UserRow, AuthorityRow)>, DbError> {
    let session: Option<SessionRow> = staff_session::table
        .find(token_hash)
        .filter(staff_session::expires_at.gt(now))
        .filter(staff_session::last_seen_at.gt(idle_since))
        .select(SessionRow::as_select())
        .first(conn)
        .await
        .optional()?;
    let Some(session) = session else { return Ok(None) };
    let user = user(conn, UserId(session.user_id)).await?;
    if user.disabled_at.is_some() {
        return Ok(None);
    }
    let authority = authority(conn, AuthorityId(session.authority_id)).await?;
    Ok(Some((session, user, authority)))
}

/// Notes that a session was used.
///
/// # Errors
/// [`DbError`].
pub async fn touch_session(conn: &mut AsyncPgConnection, token_hash: &[u8], now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(staff_session::table.find(token_hash)).set(staff_session::last_seen_at.eq(now)).execute(conn).await?;
    Ok(())
}

/// Changes what a session works for.
///
/// # Errors
/// [`DbError`].
pub async fn set_purpose(conn: &mut AsyncPgConnection, token_hash: &[u8], purpose: &str) -> Result<(), DbError> {
    diesel::update(staff_session::table.find(token_hash)).set(staff_session::purpose.eq(purpose)).execute(conn).await?;
    Ok(())
}

/// Ends a session of staff or family.
///
/// # Errors
/// [`DbError`].
pub async fn delete_session(conn: &mut AsyncPgConnection, token_hash: &[u8]) -> Result<(), DbError> {
    diesel::delete(staff_session::table.find(token_hash)).execute(conn).await?;
    diesel::delete(family_session::table.find(token_hash)).execute(conn).await?;
    Ok(())
}

/// What signing a family in needs: the case and the hash of its PIN.
#[derive(Debug, Clone, QueryableByName)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct FamilyKey {
    #[diesel(sql_type = SqlUuid)]
    pub authority_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    #[diesel(sql_type = Text)]
    pub pin_hash: String,
}

/// The key of a folio, if its family has one.
///
/// # Errors
/// [`DbError`].
pub async fn find_family_key(conn: &mut AsyncPgConnection, folio: &str) -> Result<Option<FamilyKey>, DbError> {
    Ok(diesel::sql_query(
        "SELECT c.authority_id, c.id AS case_id, f.pin_hash FROM family_access f JOIN missing_person_case c ON c.id = f.case_id WHERE c.folio = $1",
    )
    .bind::<Text, _>(folio)
    .get_result(conn)
    .await
    .optional()?)
}

/// Writes a family's session.
///
/// # Errors
/// [`DbError`].
pub async fn insert_family_session(conn: &mut AsyncPgConnection, row: &FamilySessionRow) -> Result<(), DbError> {
    diesel::insert_into(family_session::table).values(row).execute(conn).await?;
    Ok(())
}

/// A live session of a family, if there is one; using it keeps it alive.
///
/// # Errors
/// [`DbError`].
pub async fn find_family_session(
    conn: &mut AsyncPgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
    idle_since: DateTime<Utc>,
) -> Result<Option<FamilySessionRow>, DbError> {
    Ok(diesel::update(
        family_session::table.find(token_hash).filter(family_session::expires_at.gt(now)).filter(family_session::last_seen_at.gt(idle_since)),
    )
    .set(family_session::last_seen_at.eq(now))
    .returning(FamilySessionRow::as_returning())
    .get_result(conn)
    .await
    .optional()?)
}

/// Notes an attempt to sign in under a key (a digest of account or address) and returns how many there were since `since`, this one included.
/// Kept in the database, so that a restart does not reset it.
///
/// # Errors
/// [`DbError`].
pub async fn note_attempt(conn: &mut AsyncPgConnection, key: &[u8], now: DateTime<Utc>, since: DateTime<Utc>) -> Result<i64, DbError> {
    diesel::insert_into(sign_in_attempt::table).values((sign_in_attempt::key_hash.eq(key), sign_in_attempt::at.eq(now))).execute(conn).await?;
    Ok(sign_in_attempt::table.filter(sign_in_attempt::key_hash.eq(key)).filter(sign_in_attempt::at.gt(since)).count().get_result(conn).await?)
}

/// When the attempts under a key since `since` were made, the oldest first. Attempts at one key wait for one another until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn attempts(conn: &mut AsyncPgConnection, key: &[u8], since: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>, DbError> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))")
        .bind::<diesel::sql_types::Bytea, _>(key)
        .execute(conn)
        .await?;
    Ok(sign_in_attempt::table
        .filter(sign_in_attempt::key_hash.eq(key))
        .filter(sign_in_attempt::at.gt(since))
        .order(sign_in_attempt::at)
        .select(sign_in_attempt::at)
        .load(conn)
        .await?)
}

/// Forgets the attempts under a key: the sign-in succeeded.
///
/// # Errors
/// [`DbError`].
pub async fn forget_attempts(conn: &mut AsyncPgConnection, key: &[u8]) -> Result<(), DbError> {
    diesel::delete(sign_in_attempt::table.filter(sign_in_attempt::key_hash.eq(key))).execute(conn).await?;
    Ok(())
}

/// Writes an API client.
///
/// # Errors
/// [`DbError`].
pub async fn insert_client(conn: &mut AsyncPgConnection, row: &ApiClientRow) -> Result<(), DbError> {
    diesel::insert_into(api_client::table).values(row).execute(conn).await?;
    Ok(())
}

/// A live API client with its user, if there is one.
///
/// # Errors
/// [`DbError`].
pub async fn find_client(conn: &mut AsyncPgConnection, id: Uuid) -> Result<Option<(ApiClientRow, UserRow)>, DbError> {
    let client: Option<ApiClientRow> =
        api_client::table.find(id).filter(api_client::disabled_at.is_null()).select(ApiClientRow::as_select()).first(conn).await.optional()?;
    let Some(client) = client else { return Ok(None) };
    let user = user(conn, UserId(client.user_id)).await?;
    Ok(user.disabled_at.is_none().then_some((client, user)))
}

/// Writes a refresh token.
///
/// # Errors
/// [`DbError`].
pub async fn insert_refresh(conn: &mut AsyncPgConnection, row: &RefreshRow) -> Result<(), DbError> {
    diesel::insert_into(refresh_token::table).values(row).execute(conn).await?;
    Ok(())
}

/// Takes a refresh token that was not used yet: whoever gets the row has won the race.
///
/// # Errors
/// [`DbError`].
pub async fn take_refresh(
    conn: &mut AsyncPgConnection,
    token_hash: &[u8],
    successor: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<RefreshRow>, DbError> {
    Ok(diesel::update(
        refresh_token::table
            .find(token_hash)
            .filter(refresh_token::used_at.is_null())
            .filter(refresh_token::revoked_at.is_null())
            .filter(refresh_token::expires_at.gt(now)),
    )
    .set((refresh_token::used_at.eq(now), refresh_token::successor.eq(successor)))
    .returning(RefreshRow::as_returning())
    .get_result(conn)
    .await
    .optional()?)
}

/// Reads a refresh token whatever its state.
///
/// # Errors
/// [`DbError`].
pub async fn find_refresh(conn: &mut AsyncPgConnection, token_hash: &[u8]) -> Result<Option<RefreshRow>, DbError> {
    Ok(refresh_token::table.find(token_hash).select(RefreshRow::as_select()).first(conn).await.optional()?)
}

/// Revokes every token of a family: one of them was used twice.
///
/// # Errors
/// [`DbError`].
pub async fn revoke_refresh_family(conn: &mut AsyncPgConnection, family: Uuid, now: DateTime<Utc>) -> Result<usize, DbError> {
    Ok(diesel::update(refresh_token::table.filter(refresh_token::family_id.eq(family)).filter(refresh_token::revoked_at.is_null()))
        .set(refresh_token::revoked_at.eq(now))
        .execute(conn)
        .await?)
}

impl FamilyKey {
    /// The case.
    #[must_use]
    pub const fn case(&self) -> CaseId {
        CaseId(self.case_id)
    }
}

/// Name and office telephone of a member of staff, for the family's contact line. `None` when not of the asking authority.
///
/// # Errors
/// [`DbError`].
pub async fn contact(conn: &mut AsyncPgConnection, id: UserId) -> Result<Option<(String, Option<String>)>, DbError> {
    Ok(app_user::table.find(id.0).select((app_user::name, app_user::phone)).first(conn).await.optional()?)
}

/// Changes what a user does; open sessions end, for they were opened with the old roles.
///
/// # Errors
/// [`DbError`].
pub async fn set_roles(conn: &mut AsyncPgConnection, id: UserId, roles: &[String]) -> Result<(), DbError> {
    diesel::update(app_user::table.find(id.0)).set(app_user::roles.eq(roles)).execute(conn).await?;
    diesel::delete(staff_session::table.filter(staff_session::user_id.eq(id.0))).execute(conn).await?;
    Ok(())
}

/// Gives a user another password; open sessions end. The second factor stays.
///
/// # Errors
/// [`DbError`].
pub async fn set_password(conn: &mut AsyncPgConnection, id: UserId, hash: &str) -> Result<(), DbError> {
    diesel::update(app_user::table.find(id.0)).set(app_user::password_hash.eq(hash)).execute(conn).await?;
    diesel::delete(staff_session::table.filter(staff_session::user_id.eq(id.0))).execute(conn).await?;
    Ok(())
}

/// The API clients of an authority by name.
///
/// # Errors
/// [`DbError`].
pub async fn clients_of(conn: &mut AsyncPgConnection, owner: AuthorityId) -> Result<Vec<ApiClientRow>, DbError> {
    let all = api_client::table.filter(api_client::authority_id.eq(owner.0)).order(api_client::name);
    Ok(all.select(ApiClientRow::as_select()).load(conn).await?)
}

/// Disables an API client of an authority for good. Says whether there was a live one.
///
/// # Errors
/// [`DbError`].
pub async fn disable_client(conn: &mut AsyncPgConnection, owner: AuthorityId, id: Uuid, at: DateTime<Utc>) -> Result<bool, DbError> {
    let live = api_client::table.find(id).filter(api_client::authority_id.eq(owner.0)).filter(api_client::disabled_at.is_null());
    Ok(diesel::update(live).set(api_client::disabled_at.eq(at)).execute(conn).await? == 1)
}
