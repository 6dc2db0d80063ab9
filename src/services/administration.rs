//! An administrator's work for their own authority: its people, its programs, what it shares by agreement, its audit.
//!
//! An administrator gives away only what is their own authority's: each party of an agreement adds its own side, and either can stop it.

use super::ServiceError;
use super::accounts::{client_secret, hash_secret};
use super::admin::{self, NewClient, NewUser};
use crate::app::App;
use crate::db::accounts::{self, ApiClientRow, AuthorityRow, UserRow};
use crate::db::audit::{self, AuditLine, Event, Who};
use crate::db::cases::Keyset;
use crate::db::{Role as DbRole, Scope, Tx};
use crate::domain::actor::Actor;
use crate::domain::authority::{Right, Role};
use crate::domain::ids::UserId;
use crate::domain::violations::Violations;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// What an administrator sees of people and programs.
#[derive(Debug, Clone)]
pub struct House {
    /// Users by name.
    pub users: Vec<UserRow>,
    /// Programs by name.
    pub clients: Vec<ApiClientRow>,
}

pub(super) async fn begin(app: &App) -> Result<Tx, ServiceError> {
    Ok(app.pool.begin(DbRole::Auth, &Scope::default()).await?)
}

/// The authority's people and programs.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn house(app: &App, actor: &Actor) -> Result<House, ServiceError> {
    actor.require(Right::ManageUsers)?;
    let mut tx = begin(app).await?;
    let (users, clients) = (accounts::users_of(&mut tx, actor.authority).await?, accounts::clients_of(&mut tx, actor.authority).await?);
    tx.commit().await?;
    Ok(House { users, clients })
}

/// The authorities of the node, which only its operator registers.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn authorities(app: &App, actor: &Actor) -> Result<Vec<AuthorityRow>, ServiceError> {
    actor.require(Right::ManageUsers)?;
    admin::authorities(app).await
}

/// A password that nobody thought of, for somebody's next sign-in.
fn new_password(app: &App) -> String {
    let mut bytes = [0u8; 15];
    app.random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A person to register.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Address to sign in with.
    pub email: String,
    /// Name.
    pub name: String,
    /// What they do.
    pub roles: Vec<Role>,
    /// Language of their pages.
    pub language: String,
    /// Telephone that families may be given.
    pub phone: Option<String>,
}

/// Registers a user of the own authority; gives the first password, which is shown once.
///
/// # Errors
/// [`ServiceError::Invalid`]; [`ServiceError::Taken`] for an address in use; [`ServiceError::Forbidden`].
pub async fn add_user(app: &App, actor: &Actor, new: NewPerson) -> Result<(UserId, String), ServiceError> {
    actor.require(Right::ManageUsers)?;
    let (id, password) = (UserId::new(&*app.ids), new_password(app));
    let NewPerson { email, name, roles, language, phone } = new;
    let user = NewUser { authority: actor.authority, email, name, roles, password: password.clone(), language, phone };
    admin::create_user(app, user, id, &Who::from(actor)).await?;
    Ok((id, password))
}

/// A user of the actor's authority.
async fn own_user(tx: &mut Tx, actor: &Actor, user: UserId) -> Result<UserRow, ServiceError> {
    let row = accounts::user(tx, user).await?;
    if row.authority_id == actor.authority.0 { Ok(row) } else { Err(ServiceError::NotFound) }
}

/// Nobody lifts or locks themselves: a second administrator, or the operator, does it.
fn not_oneself(actor: &Actor, user: UserId) -> Result<(), ServiceError> {
    if actor.user == user { Err(ServiceError::Refused("somebody else changes your own account".to_owned())) } else { Ok(()) }
}

/// One user of the own authority.
///
/// # Errors
/// [`ServiceError::NotFound`] for a user of another authority; [`ServiceError::Forbidden`].
pub async fn user(app: &App, actor: &Actor, user: UserId) -> Result<UserRow, ServiceError> {
    actor.require(Right::ManageUsers)?;
    let mut tx = begin(app).await?;
    let row = own_user(&mut tx, actor, user).await?;
    tx.commit().await?;
    Ok(row)
}

async fn note(app: &App, tx: &mut Tx, actor: &Actor, event: Event<'_>) -> Result<(), ServiceError> {
    audit::append(tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    Ok(())
}

/// Changes what a user does; their sessions end.
///
/// # Errors
/// [`ServiceError::Invalid`] without a role; [`ServiceError::Refused`] for oneself; [`ServiceError::NotFound`]; [`ServiceError::Forbidden`].
pub async fn change_roles(app: &App, actor: &Actor, user: UserId, roles: &[Role]) -> Result<(), ServiceError> {
    actor.require(Right::ManageUsers)?;
    let mut tx = begin(app).await?;
    let row = own_user(&mut tx, actor, user).await?;
    not_oneself(actor, user)?;
    let mut faults = Violations::default();
    if roles.is_empty() {
        faults.add("/roles", "empty", "name at least one role");
    }
    faults.into_result()?;
    accounts::set_roles(&mut tx, user, &roles.iter().map(ToString::to_string).collect::<Vec<_>>()).await?;
    let detail = serde_json::json!({ "from": row.roles, "to": roles });
    note(app, &mut tx, actor, Event::on("change_roles", "user", user, actor.authority).detail(detail)).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives a user a new password, which is shown once; their sessions end.
///
/// # Errors
/// [`ServiceError::Refused`] for oneself or a disabled user; [`ServiceError::NotFound`]; [`ServiceError::Forbidden`].
pub async fn reset_password(app: &App, actor: &Actor, user: UserId) -> Result<String, ServiceError> {
    actor.require(Right::ManageUsers)?;
    let password = new_password(app);
    let hash = hash_secret(app, &password).await?;
    let mut tx = begin(app).await?;
    let row = own_user(&mut tx, actor, user).await?;
    not_oneself(actor, user)?;
    if row.disabled_at.is_some() {
        return Err(ServiceError::Refused("the account is disabled".to_owned()));
    }
    accounts::set_password(&mut tx, user, &hash).await?;
    note(app, &mut tx, actor, Event::on("reset_password", "user", user, actor.authority)).await?;
    tx.commit().await?;
    Ok(password)
}

/// Disables or enables a user; their sessions end at once.
///
/// # Errors
/// [`ServiceError::Refused`] for oneself; [`ServiceError::NotFound`]; [`ServiceError::Forbidden`].
pub async fn set_disabled(app: &App, actor: &Actor, user: UserId, disabled: bool) -> Result<(), ServiceError> {
    actor.require(Right::ManageUsers)?;
    let mut tx = begin(app).await?;
    own_user(&mut tx, actor, user).await?;
    not_oneself(actor, user)?;
    accounts::set_user_disabled(&mut tx, user, disabled.then(|| app.now())).await?;
    let action = if disabled { "disable_user" } else { "enable_user" };
    note(app, &mut tx, actor, Event::on(action, "user", user, actor.authority)).await?;
    tx.commit().await?;
    Ok(())
}

/// Registers a program that works in the name of a user of the own authority; its secret is shown once.
///
/// # Errors
/// [`ServiceError::Invalid`]; [`ServiceError::NotFound`] for a user of another authority; [`ServiceError::Forbidden`].
pub async fn add_client(app: &App, actor: &Actor, user: UserId, name: &str) -> Result<NewClient, ServiceError> {
    actor.require(Right::ManageUsers)?;
    let mut faults = Violations::default();
    if name.trim().is_empty() {
        faults.add("/name", "empty", "name the program");
    }
    faults.check_text("/name", name, 100);
    faults.into_result()?;
    let (secret, secret_hash) = client_secret(app);
    let mut tx = begin(app).await?;
    own_user(&mut tx, actor, user).await?;
    let row = ApiClientRow {
        id: app.ids.next(),
        authority_id: actor.authority.0,
        name: name.trim().to_owned(),
        secret_hash,
        user_id: user.0,
        created_at: app.now(),
        disabled_at: None,
    };
    accounts::insert_client(&mut tx, &row).await?;
    note(app, &mut tx, actor, Event::on("add_client", "api_client", row.id, actor.authority)).await?;
    tx.commit().await?;
    Ok(NewClient { id: row.id, secret })
}

/// Disables a program for good; a new one gets a new secret.
///
/// # Errors
/// [`ServiceError::NotFound`] when the own authority has no such live program; [`ServiceError::Forbidden`].
pub async fn disable_client(app: &App, actor: &Actor, client: Uuid) -> Result<(), ServiceError> {
    actor.require(Right::ManageUsers)?;
    let mut tx = begin(app).await?;
    if !accounts::disable_client(&mut tx, actor.authority, client, app.now()).await? {
        return Err(ServiceError::NotFound);
    }
    note(app, &mut tx, actor, Event::on("disable_client", "api_client", client, actor.authority)).await?;
    tx.commit().await?;
    Ok(())
}

/// The authority's audit, newest first: what its people did, and what others did with what is its own. Reading it is audited too.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn audit_log(app: &App, actor: &Actor, before: Option<Keyset>, limit: i64) -> Result<Vec<AuditLine>, ServiceError> {
    actor.require(Right::ReadAudit)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let lines = audit::of_authority(&mut tx, before, limit).await?;
    note(app, &mut tx, actor, Event::on_many("read_audit", "audit", Vec::new(), Some(actor.authority))).await?;
    tx.commit().await?;
    Ok(lines)
}
