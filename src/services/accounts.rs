//! Signing in: staff by password and second factor, families by folio and PIN, programs by client secret and rotating refresh tokens.

use super::ServiceError;
use crate::app::App;
use crate::db::accounts::{self, ApiClientRow, AuthorityRow, FamilySessionRow, RefreshRow, SessionRow, UserRow};
use crate::db::audit::{self, Event, Who};
use crate::db::{Role as DbRole, Scope};
use crate::domain::actor::{Actor, FamilyActor};
use crate::domain::authority::{Purpose, Role};
use crate::domain::folio::Folio;
use crate::domain::ids::{AuthorityId, CaseId, UserId};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;
use tokio::sync::Semaphore;
use uuid::Uuid;

const ATTEMPTS: i64 = 5;
const ATTEMPT_WINDOW_MINUTES: i64 = 15;
const REFRESH_DAYS: i64 = 30;
const REFRESH_GRACE_SECONDS: i64 = 10;

/// At most two hashes at once, so that a flood of sign-ins cannot take all memory (19 MiB each).
static HASHING: Semaphore = Semaphore::const_new(2);

fn argon2() -> Result<Argon2<'static>, ServiceError> {
    // 19 MiB, two passes: OWASP's first recommendation.
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| ServiceError::Internal(anyhow::anyhow!("argon2 parameters: {e}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ServiceError> {
    let _permit = HASHING.acquire().await.map_err(|e| ServiceError::Internal(e.into()))?;
    tokio::task::spawn_blocking(work).await.map_err(|e| ServiceError::Internal(e.into()))
}

/// Hashes a password or PIN with argon2id. About 35 ms, off the async threads.
///
/// # Errors
/// [`ServiceError::Internal`].
pub async fn hash_secret(app: &App, secret: &str) -> Result<String, ServiceError> {
    let mut salt = [0u8; 16];
    app.random.fill(&mut salt);
    let secret = secret.to_owned();
    off_thread(move || {
        let hash: PasswordHash =
            argon2()?.hash_password_with_salt(secret.as_bytes(), &salt).map_err(|e| ServiceError::Internal(anyhow::anyhow!("hashing: {e}")))?;
        Ok(hash.to_string())
    })
    .await?
}

/// Checks a secret against a hash; with no hash at all it takes as long, so that the answer's time tells nothing.
async fn verify(hash: Option<String>, secret: &str) -> Result<bool, ServiceError> {
    static DUMMY: OnceLock<String> = OnceLock::new();
    let secret = secret.to_owned();
    off_thread(move || {
        let argon2 = argon2()?;
        let dummy = DUMMY.get_or_init(|| {
            let made: Result<PasswordHash, _> = argon2.hash_password_with_salt(b"nobody", &[7u8; 16]);
            made.map(|h| h.to_string()).unwrap_or_default()
        });
        let text = hash.as_ref().unwrap_or(dummy);
        let parsed = PasswordHash::new(text).map_err(|e| ServiceError::Internal(anyhow::anyhow!("stored hash: {e}")))?;
        let fits = argon2.verify_password(secret.as_bytes(), &parsed).is_ok();
        Ok(fits && hash.is_some())
    })
    .await?
}

/// A secret of `bytes` random bytes, and the digest that is stored of it.
fn token(app: &App, bytes: usize) -> (String, Vec<u8>) {
    let mut raw = vec![0u8; bytes];
    app.random.fill(&mut raw);
    let text = URL_SAFE_NO_PAD.encode(raw);
    let digest = token_digest(&text);
    (text, digest)
}

/// What is stored of a token.
#[must_use]
pub fn token_digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

async fn limit_attempts(app: &App, account: &str, address: &str) -> Result<(), ServiceError> {
    let now = app.now();
    let since = now - Duration::minutes(ATTEMPT_WINDOW_MINUTES);
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let by_account = accounts::note_attempt(&mut tx, &token_digest(&format!("account:{}", account.trim().to_lowercase())), now, since).await?;
    let by_address = accounts::note_attempt(&mut tx, &token_digest(&format!("address:{address}")), now, since).await?;
    tx.commit().await?;
    // An office behind one address has many people; an account has one.
    if by_account > ATTEMPTS || by_address > ATTEMPTS * 20 {
        return Err(ServiceError::TooMany(u32::try_from(ATTEMPT_WINDOW_MINUTES * 60).unwrap_or(900)));
    }
    Ok(())
}

/// What a sign-in form holds.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Address of the account.
    pub email: String,
    /// Password.
    pub password: String,
    /// Code of the second factor, where one is set up.
    pub code: Option<String>,
    /// The client's network address, for limits only; not stored.
    pub address: String,
}

/// A session just opened. The token goes into the cookie and is stored nowhere.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The token.
    pub token: String,
    /// When it ends in any case.
    pub expires_at: DateTime<Utc>,
}

/// Signs a member of staff in. A wrong address, password and code give one answer in one time; five attempts in a quarter of an hour.
///
/// # Errors
/// [`ServiceError::Unauthenticated`], [`ServiceError::TooMany`].
pub async fn sign_in(app: &App, form: SignIn) -> Result<Opened, ServiceError> {
    limit_attempts(app, &form.email, &form.address).await?;
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let user = accounts::find_user(&mut tx, &form.email).await?;
    tx.commit().await?;
    let fits = verify(user.as_ref().map(|u| u.password_hash.clone()), &form.password).await?;
    let Some(user) = user.filter(|_| fits) else { return Err(ServiceError::Unauthenticated) };

    let now = app.now();
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    if let Some(secret) = &user.totp_secret {
        let step = totp_step(secret, form.code.as_deref().unwrap_or_default(), now).ok_or(ServiceError::Unauthenticated)?;
        if !accounts::use_totp_step(&mut tx, UserId(user.id), step).await? {
            return Err(ServiceError::Unauthenticated);
        }
    }
    let roles = user.roles();
    let purpose = roles.first().map_or(Purpose::Search, |r| r.default_purpose());
    let (text, digest) = token(app, 32);
    let (csrf, _) = token(app, 24);
    let expires_at = now + Duration::hours(app.settings.session.absolute_hours);
    accounts::insert_session(
        &mut tx,
        &SessionRow {
            token_hash: digest,
            authority_id: user.authority_id,
            user_id: user.id,
            purpose: purpose.as_str().to_owned(),
            csrf,
            created_at: now,
            last_seen_at: now,
            expires_at,
        },
    )
    .await?;
    accounts::forget_attempts(&mut tx, &token_digest(&format!("account:{}", form.email.trim().to_lowercase()))).await?;
    let actor = Actor { authority: AuthorityId(user.authority_id), user: UserId(user.id), roles, purpose, via_api: false };
    audit::append(&mut tx, &*app.ids, now, &Who::from(&actor), Event::on("sign_in", "user", user.id, actor.authority)).await?;
    tx.commit().await?;
    Ok(Opened { token: text, expires_at })
}

/// The time step a code belongs to: the present, the one before or the one after (RFC 6238, 30 s, SHA-1, six digits).
fn totp_step(secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<i64> {
    let totp = totp_rs::Builder::new().with_secret(secret.to_vec()).with_skew(1).build().ok()?;
    let seconds = u64::try_from(now.timestamp()).ok()?;
    let step = totp.check(code.trim(), seconds)?;
    i64::try_from(step).ok()
}

/// A signed-in member of staff, with what pages show of them.
#[derive(Debug, Clone)]
pub struct Staff {
    /// In whose name to work.
    pub actor: Actor,
    /// The person.
    pub user: UserRow,
    /// The authority.
    pub authority: AuthorityRow,
    /// The session's form token.
    pub csrf: String,
}

/// Who a session token belongs to, if it is live.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn find_staff(app: &App, session: &str) -> Result<Option<Staff>, ServiceError> {
    let digest = token_digest(session);
    let now = app.now();
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let idle_since = now - Duration::minutes(app.settings.session.idle_minutes);
    let found = accounts::find_session(&mut tx, &digest, now, idle_since).await?;
    if let Some((session, ..)) = &found
        && now - session.last_seen_at > Duration::seconds(30)
    {
        accounts::touch_session(&mut tx, &digest, now).await?;
    }
    tx.commit().await?;
    Ok(found.map(|(session, user, authority)| Staff {
        actor: Actor {
            authority: AuthorityId(user.authority_id),
            user: UserId(user.id),
            roles: user.roles(),
            purpose: session.purpose.parse().unwrap_or(Purpose::Administration),
            via_api: false,
        },
        csrf: session.csrf,
        user,
        authority,
    }))
}

/// Whether a staff session is live. Asking does not count as use, so a page that only listens does not keep it alive.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn session_lives(app: &App, session: &str) -> Result<bool, ServiceError> {
    let now = app.now();
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let idle_since = now - Duration::minutes(app.settings.session.idle_minutes);
    let found = accounts::find_session(&mut tx, &token_digest(session), now, idle_since).await?;
    tx.commit().await?;
    Ok(found.is_some())
}

/// States another purpose for the session. Only purposes of the user's own roles; audited.
///
/// # Errors
/// [`ServiceError::Refused`] when no role works for that purpose.
pub async fn change_purpose(app: &App, staff: &Staff, session: &str, purpose: Purpose) -> Result<(), ServiceError> {
    if !allowed_purposes(&staff.actor.roles).contains(&purpose) {
        return Err(ServiceError::Refused("none of your roles works for that purpose".to_owned()));
    }
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    accounts::set_purpose(&mut tx, &token_digest(session), purpose.as_str()).await?;
    let event = Event::on("change_purpose", "user", staff.actor.user, staff.actor.authority).detail(serde_json::json!({ "to": purpose }));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(&staff.actor), event).await?;
    tx.commit().await?;
    Ok(())
}

/// The purposes roles may state.
#[must_use]
pub fn allowed_purposes(roles: &[Role]) -> Vec<Purpose> {
    let mut allowed: Vec<Purpose> = roles.iter().map(|r| r.default_purpose()).collect();
    if roles.iter().any(|r| matches!(r, Role::SearchOfficer | Role::Reviewer | Role::ForensicOfficer | Role::Geneticist)) {
        allowed.extend([Purpose::Search, Purpose::Identification]);
    }
    allowed.sort();
    allowed.dedup();
    allowed
}

/// Ends a session of staff or family.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn sign_out(app: &App, session: &str) -> Result<(), ServiceError> {
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    accounts::delete_session(&mut tx, &token_digest(session)).await?;
    tx.commit().await?;
    Ok(())
}

/// Signs a family in by folio and PIN. A wrong folio and a wrong PIN give one answer in one time.
///
/// # Errors
/// [`ServiceError::Unauthenticated`], [`ServiceError::TooMany`].
pub async fn family_sign_in(app: &App, folio: &str, pin: &str, address: &str) -> Result<Opened, ServiceError> {
    // Counted by the folio it means, so that capitals and blanks give no further tries; a text that is none is asked for like a folio, so that
    // the time tells nothing either.
    let folio = folio.parse::<Folio>().map_or_else(|_| format!("?{}", hex::encode(token_digest(folio.trim()))), |f| f.as_str().to_owned());
    let account = format!("folio:{folio}");
    limit_attempts(app, &account, address).await?;
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let key = accounts::find_family_key(&mut tx, &folio).await?;
    tx.commit().await?;
    let fits = verify(key.as_ref().map(|k| k.pin_hash.clone()), pin.trim()).await?;
    let Some(key) = key.filter(|_| fits) else { return Err(ServiceError::Unauthenticated) };
    let now = app.now();
    let (text, digest) = token(app, 32);
    let (csrf, _) = token(app, 24);
    let expires_at = now + Duration::hours(app.settings.session.absolute_hours.min(2));
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    accounts::insert_family_session(
        &mut tx,
        &FamilySessionRow {
            token_hash: digest,
            authority_id: key.authority_id,
            case_id: key.case_id,
            csrf,
            created_at: now,
            last_seen_at: now,
            expires_at,
        },
    )
    .await?;
    accounts::forget_attempts(&mut tx, &token_digest(&format!("account:{}", account.to_lowercase()))).await?;
    let family = FamilyActor { authority: AuthorityId(key.authority_id), case: CaseId(key.case_id) };
    audit::append(&mut tx, &*app.ids, now, &Who::from(&family), Event::on("sign_in", "case", key.case_id, family.authority)).await?;
    tx.commit().await?;
    Ok(Opened { token: text, expires_at })
}

/// A signed-in family with its form token.
#[derive(Debug, Clone)]
pub struct Family {
    /// In whose name to work.
    pub actor: FamilyActor,
    /// The session's form token.
    pub csrf: String,
}

/// Which family a session token belongs to, if it is live.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn find_family(app: &App, session: &str) -> Result<Option<Family>, ServiceError> {
    let now = app.now();
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let idle_since = now - Duration::minutes(app.settings.session.idle_minutes);
    let found = accounts::find_family_session(&mut tx, &token_digest(session), now, idle_since).await?;
    tx.commit().await?;
    Ok(found.map(|s| Family { actor: FamilyActor { authority: AuthorityId(s.authority_id), case: CaseId(s.case_id) }, csrf: s.csrf }))
}

/// A program's access: whose it is and the refresh token that follows.
#[derive(Debug, Clone)]
pub struct Grant {
    /// In whose name the access token speaks.
    pub actor: Actor,
    /// The client.
    pub client: Uuid,
    /// The next refresh token.
    pub refresh: String,
}

fn api_actor(client: &ApiClientRow, user: &UserRow, purpose: Purpose) -> Actor {
    Actor { authority: AuthorityId(client.authority_id), user: UserId(user.id), roles: user.roles(), purpose, via_api: true }
}

fn stated_purpose(user: &UserRow, purpose: Option<Purpose>) -> Result<Purpose, ServiceError> {
    let allowed = allowed_purposes(&user.roles());
    match purpose {
        None => allowed.first().copied().ok_or(ServiceError::Unauthenticated),
        Some(p) if allowed.contains(&p) => Ok(p),
        Some(_) => Err(ServiceError::Refused("none of the client's roles works for that purpose".to_owned())),
    }
}

/// Gives a program access for its client secret.
///
/// # Errors
/// [`ServiceError::Unauthenticated`] for a wrong client or secret; [`ServiceError::Refused`] for a purpose its roles do not have.
pub async fn client_grant(app: &App, client_id: Uuid, secret: &str, purpose: Option<Purpose>, address: &str) -> Result<Grant, ServiceError> {
    use subtle::ConstantTimeEq;
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let Some((client, user)) = accounts::find_client(&mut tx, client_id).await? else {
        tx.commit().await?;
        limit_attempts(app, &client_id.to_string(), address).await?;
        return Err(ServiceError::Unauthenticated);
    };
    if !bool::from(token_digest(secret).ct_eq(&client.secret_hash)) {
        tx.commit().await?;
        limit_attempts(app, &client_id.to_string(), address).await?;
        return Err(ServiceError::Unauthenticated);
    }
    let purpose = stated_purpose(&user, purpose)?;
    let now = app.now();
    let (refresh, digest) = token(app, 32);
    accounts::insert_refresh(&mut tx, &refresh_row(&client, digest, app.ids.next(), purpose, now)).await?;
    let actor = api_actor(&client, &user, purpose);
    audit::append(&mut tx, &*app.ids, now, &Who::from(&actor), Event::on("sign_in", "api_client", client.id, actor.authority)).await?;
    tx.commit().await?;
    Ok(Grant { actor, client: client.id, refresh })
}

fn refresh_row(client: &ApiClientRow, digest: Vec<u8>, family: Uuid, purpose: Purpose, now: DateTime<Utc>) -> RefreshRow {
    RefreshRow {
        token_hash: digest,
        authority_id: client.authority_id,
        client_id: client.id,
        family_id: family,
        purpose: purpose.as_str().to_owned(),
        issued_at: now,
        expires_at: now + Duration::days(REFRESH_DAYS),
        used_at: None,
        successor: None,
        revoked_at: None,
    }
}

/// Rotates a refresh token. A token works once; used again within ten seconds (a lost answer, two tabs) it gives one more successor of the
/// same family; used again later, the whole family is revoked.
///
/// # Errors
/// [`ServiceError::Unauthenticated`].
pub async fn refresh_grant(app: &App, refresh: &str) -> Result<Grant, ServiceError> {
    let now = app.now();
    let digest = token_digest(refresh);
    let (next, next_digest) = token(app, 32);
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let row = match accounts::take_refresh(&mut tx, &digest, &next_digest, now).await? {
        Some(row) => row,
        None => {
            let Some(used) = accounts::find_refresh(&mut tx, &digest).await? else { return Err(ServiceError::Unauthenticated) };
            let recent = used.used_at.is_some_and(|at| now - at <= Duration::seconds(REFRESH_GRACE_SECONDS));
            if used.revoked_at.is_some() || used.expires_at <= now || !recent {
                let revoked = accounts::revoke_refresh_family(&mut tx, used.family_id, now).await?;
                tx.commit().await?;
                if revoked > 0 {
                    tracing::warn!(client.id = %used.client_id, "a refresh token was used twice; its family is revoked");
                }
                return Err(ServiceError::Unauthenticated);
            }
            used
        }
    };
    let Some((client, user)) = accounts::find_client(&mut tx, row.client_id).await? else { return Err(ServiceError::Unauthenticated) };
    let purpose: Purpose = row.purpose.parse().map_err(|_| ServiceError::Unauthenticated)?;
    accounts::insert_refresh(&mut tx, &refresh_row(&client, next_digest, row.family_id, purpose, now)).await?;
    tx.commit().await?;
    Ok(Grant { actor: api_actor(&client, &user, purpose), client: client.id, refresh: next })
}

/// The live actor behind an access token: the client and its user are asked again with every request, so that a disabled one is out at once.
///
/// # Errors
/// [`ServiceError::Unauthenticated`].
pub async fn api_actor_now(app: &App, client_id: Uuid, purpose: Purpose) -> Result<Actor, ServiceError> {
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let found = accounts::find_client(&mut tx, client_id).await?;
    tx.commit().await?;
    let (client, user) = found.ok_or(ServiceError::Unauthenticated)?;
    Ok(api_actor(&client, &user, stated_purpose(&user, Some(purpose)).map_err(|_| ServiceError::Unauthenticated)?))
}

/// Makes the secret of a new API client; shown once, stored as a digest.
#[must_use]
pub fn client_secret(app: &App) -> (String, Vec<u8>) {
    token(app, 32)
}

/// A PIN of eight digits for a family.
#[must_use]
pub fn new_pin(app: &App) -> String {
    let mut pin = String::with_capacity(8);
    while pin.len() < 8 {
        let mut byte = [0u8; 1];
        app.random.fill(&mut byte);
        // 250 values make the ten digits equally likely.
        let [b] = byte;
        if b < 250 {
            pin.push(char::from(b'0' + b % 10));
        }
    }
    pin
}
