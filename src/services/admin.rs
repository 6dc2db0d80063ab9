//! Running the node: authorities, users, API clients, agreements.

use super::ServiceError;
use super::accounts::{client_secret, hash_secret};
use crate::app::App;
use crate::db::accounts::{self, ApiClientRow, AuthorityRow, UserRow};
use crate::db::agreements::{self, AgreementRow, GrantRow};
use crate::db::audit::{self, Event, Who};
use crate::db::{Role as DbRole, Scope};
use crate::domain::authority::{AuthorityKind, Purpose, Role};
use crate::domain::disclosure::Category;
use crate::domain::ids::{AgreementId, AuthorityId, UserId};
use crate::domain::violations::Violations;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A new authority.
#[derive(Debug, Clone)]
pub struct NewAuthority {
    /// Short code in capitals, part of its folios.
    pub code: String,
    /// Name.
    pub name: String,
    /// Country, ISO 3166-1 alpha-3.
    pub country: String,
    /// What it is.
    pub kind: AuthorityKind,
    /// For a consulate: whose nationals it serves.
    pub represents: Option<String>,
    /// Telephone that families may be given.
    pub phone: Option<String>,
}

/// Registers an authority, or finds the one of that code when it is the same.
///
/// # Errors
/// [`ServiceError::Invalid`]; [`ServiceError::Taken`] when the code is another authority's.
pub async fn put_authority(app: &App, new: &NewAuthority) -> Result<AuthorityId, ServiceError> {
    let mut faults = Violations::default();
    if !(2..=16).contains(&new.code.len()) || !new.code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        faults.add("/code", "form", "a code is 2 to 16 capital letters and digits, e.g. CBHN");
    }
    if new.name.trim().is_empty() {
        faults.add("/name", "empty", "name the authority");
    }
    faults.check_text("/name", &new.name, 200);
    faults.check_country("/country", Some(&new.country));
    faults.check_country("/represents", new.represents.as_ref());
    faults.into_result()?;
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let row = AuthorityRow {
        id: app.ids.next(),
        code: new.code.clone(),
        name: new.name.clone(),
        country: new.country.clone(),
        kind: new.kind.as_str().to_owned(),
        represents: new.represents.clone(),
        contact_email: None,
        contact_phone: new.phone.clone(),
        created_at: app.now(),
    };
    let id = if accounts::insert_authority(&mut tx, &row).await? {
        row.id
    } else {
        let there = accounts::find_authority(&mut tx, &new.code).await?.ok_or(ServiceError::NotFound)?;
        if (&there.name, &there.country, &there.kind) != (&row.name, &row.country, &row.kind) {
            return Err(ServiceError::Taken(format!("the code {}", new.code)));
        }
        there.id
    };
    tx.commit().await?;
    Ok(AuthorityId(id))
}

/// A new user.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Where they work.
    pub authority: AuthorityId,
    /// Address to sign in with.
    pub email: String,
    /// Name.
    pub name: String,
    /// What they do.
    pub roles: Vec<Role>,
    /// First password, at least twelve characters.
    pub password: String,
    /// Language of their pages.
    pub language: String,
    /// Telephone that families may be given.
    pub phone: Option<String>,
}

/// Registers a user.
///
/// # Errors
/// [`ServiceError::Invalid`] for a short password; [`ServiceError::Taken`] for an address in use.
pub async fn add_user(app: &App, new: NewUser) -> Result<UserId, ServiceError> {
    let (id, owner) = (UserId::new(&*app.ids), new.authority);
    create_user(app, new, id, &Who::operator(owner)).await?;
    Ok(id)
}

/// Registers a user in somebody's name.
pub(super) async fn create_user(app: &App, new: NewUser, id: UserId, who: &Who) -> Result<(), ServiceError> {
    let mut faults = Violations::default();
    if new.password.chars().count() < 12 {
        faults.add("/password", "too_short", "a password has at least 12 characters");
    }
    if !new.email.contains('@') {
        faults.add("/email", "form", "is not an address");
    }
    faults.check_text("/email", &new.email, 200);
    if new.name.trim().is_empty() {
        faults.add("/name", "empty", "name the person");
    }
    if new.roles.is_empty() {
        faults.add("/roles", "empty", "name at least one role");
    }
    faults.check_text("/name", &new.name, 200);
    faults.into_result()?;
    let password_hash = hash_secret(app, &new.password).await?;
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let row = UserRow {
        id: id.0,
        authority_id: new.authority.0,
        email: new.email.trim().to_owned(),
        name: new.name,
        roles: new.roles.iter().map(ToString::to_string).collect(),
        password_hash,
        totp_secret: None,
        totp_last_step: None,
        language: new.language,
        phone: new.phone,
        created_at: app.now(),
        disabled_at: None,
    };
    accounts::insert_user(&mut tx, &row).await.map_err(|e| match e {
        crate::db::DbError::Unique(_) => ServiceError::Taken("the address".to_owned()),
        other => other.into(),
    })?;
    audit::append(&mut tx, &*app.ids, app.now(), who, Event::on("add_user", "user", id, new.authority)).await?;
    tx.commit().await?;
    Ok(())
}

/// The users of an authority.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn users(app: &App, authority: AuthorityId) -> Result<Vec<UserRow>, ServiceError> {
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let users = accounts::users_of(&mut tx, authority).await?;
    tx.commit().await?;
    Ok(users)
}

/// Disables or enables a user of an authority; sessions end at once.
///
/// # Errors
/// [`ServiceError::NotFound`] for a user of another authority.
pub async fn set_user_disabled(app: &App, authority: AuthorityId, user: UserId, disabled: bool) -> Result<(), ServiceError> {
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    if accounts::user(&mut tx, user).await?.authority_id != authority.0 {
        return Err(ServiceError::NotFound);
    }
    accounts::set_user_disabled(&mut tx, user, disabled.then(|| app.now())).await?;
    let action = if disabled { "disable_user" } else { "enable_user" };
    audit::append(&mut tx, &*app.ids, app.now(), &Who::operator(authority), Event::on(action, "user", user, authority)).await?;
    tx.commit().await?;
    Ok(())
}

/// Sets up a second factor and returns the secret to be typed into an authenticator, in base 32.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn set_second_factor(app: &App, user: UserId) -> Result<String, ServiceError> {
    let mut secret = [0u8; 20];
    app.random.fill(&mut secret);
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    accounts::set_totp(&mut tx, user, Some(&secret)).await?;
    tx.commit().await?;
    Ok(totp_rs::Secret::new_stack(secret).to_base32())
}

/// An API client with its secret, which is shown once.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// Its id.
    pub id: Uuid,
    /// Its secret.
    pub secret: String,
}

/// Registers an API client that works in a user's name.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such user.
pub async fn add_client(app: &App, user: UserId, name: &str) -> Result<NewClient, ServiceError> {
    let (secret, digest) = client_secret(app);
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let row = accounts::user(&mut tx, user).await?;
    let id = app.ids.next();
    let client = ApiClientRow {
        id,
        authority_id: row.authority_id,
        name: name.to_owned(),
        secret_hash: digest,
        user_id: user.0,
        created_at: app.now(),
        disabled_at: None,
    };
    accounts::insert_client(&mut tx, &client).await?;
    let owner = AuthorityId(row.authority_id);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::operator(owner), Event::on("add_client", "api_client", id, owner)).await?;
    tx.commit().await?;
    Ok(NewClient { id, secret })
}

/// What one party of an agreement lets another see.
#[derive(Debug, Clone)]
pub struct NewGrant {
    /// Who lets see.
    pub from: AuthorityId,
    /// Who sees.
    pub to: AuthorityId,
    /// What for.
    pub purpose: Purpose,
    /// case or `found_record`.
    pub subject_kind: &'static str,
    /// Which categories.
    pub categories: Vec<Category>,
}

/// A new agreement.
#[derive(Debug, Clone)]
pub struct NewAgreement {
    /// Short code.
    pub code: String,
    /// Name.
    pub name: String,
    /// On what it rests.
    pub legal_basis: String,
    /// From when.
    pub valid_from: NaiveDate,
    /// Until when.
    pub valid_to: Option<NaiveDate>,
    /// What it grants.
    pub grants: Vec<NewGrant>,
}

/// Records an agreement. Records already held are shared from now on as far as consents go; the matcher is told.
///
/// # Errors
/// [`ServiceError::Taken`] for a code in use.
pub async fn add_agreement(app: &App, new: &NewAgreement) -> Result<AgreementId, ServiceError> {
    if new.grants.iter().any(|g| g.from == g.to) {
        let mut faults = Violations::default();
        faults.add("/between", "same", "an agreement is between two authorities");
        return Err(faults.into());
    }
    let id = AgreementId::new(&*app.ids);
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let row = AgreementRow {
        id: id.0,
        code: new.code.clone(),
        name: new.name.clone(),
        legal_basis: new.legal_basis.clone(),
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        suspended_at: None,
        suspended_by: None,
        created_at: app.now(),
    };
    let grants: Vec<GrantRow> = new
        .grants
        .iter()
        .map(|g| GrantRow {
            agreement_id: id.0,
            from_authority: g.from.0,
            to_authority: g.to.0,
            purpose: g.purpose.as_str().to_owned(),
            subject_kind: g.subject_kind.to_owned(),
            categories: g.categories.iter().map(ToString::to_string).collect(),
            place_precision: "municipality".to_owned(),
        })
        .collect();
    agreements::insert(&mut tx, &row, &grants).await.map_err(|e| match e {
        crate::db::DbError::Unique(_) => ServiceError::Taken("the agreement's code".to_owned()),
        other => other.into(),
    })?;
    super::agreements::tell(&mut tx, id.0).await?;
    let parties: BTreeSet<Uuid> = new.grants.iter().map(|g| g.from.0).collect();
    for party in parties.into_iter().map(AuthorityId) {
        audit::append(&mut tx, &*app.ids, app.now(), &Who::operator(party), Event::on("agree", "agreement", id, party)).await?;
    }
    tx.commit().await?;
    Ok(id)
}

/// Suspends or resumes an agreement by the operator of the node: the kill switch. Sight across it ends with the next statement. Each party finds it
/// in its audit.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::Refused`] for lifting a stop of one of the parties.
pub async fn suspend_agreement(app: &App, code: &str, suspended: bool) -> Result<(), ServiceError> {
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let row = agreements::locked(&mut tx, code).await?;
    if row.suspended_by.is_some() {
        return Err(ServiceError::Refused("a party to the agreement stopped it; only that party lets it go on".to_owned()));
    }
    agreements::set_suspended(&mut tx, row.id, suspended.then(|| app.now())).await?;
    let grants = agreements::grants(&mut tx, &[row.id]).await?;
    let parties: BTreeSet<Uuid> = grants.iter().flat_map(|g| [g.from_authority, g.to_authority]).collect();
    let action = if suspended { "suspend_agreement" } else { "resume_agreement" };
    for party in parties.into_iter().map(AuthorityId) {
        audit::append(&mut tx, &*app.ids, app.now(), &Who::operator(party), Event::on(action, "agreement", row.id, party)).await?;
    }
    super::agreements::tell(&mut tx, row.id).await?;
    tx.commit().await?;
    Ok(())
}

/// All authorities of the node, by code.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn authorities(app: &App) -> Result<Vec<AuthorityRow>, ServiceError> {
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let rows = accounts::authorities(&mut tx).await?;
    tx.commit().await?;
    Ok(rows)
}

/// The user of an address, if there is one that is not disabled.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn find_user(app: &App, email: &str) -> Result<Option<UserId>, ServiceError> {
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let user = accounts::find_user(&mut tx, email).await?;
    tx.commit().await?;
    Ok(user.map(|u| UserId(u.id)))
}

/// All agreements of the node, by code.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn agreements(app: &App) -> Result<Vec<AgreementRow>, ServiceError> {
    let mut tx = app.pool.begin(DbRole::Auth, &Scope::default()).await?;
    let rows = agreements::list(&mut tx).await?;
    tx.commit().await?;
    Ok(rows)
}
