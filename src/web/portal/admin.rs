//! Administration of the own authority: its people and its programs. A secret is shown once, on the page that answers its making.

use super::admin_agreements;
use super::admin_audit;
use super::error::PortalError;
use super::forms::{Choice, Errors, Fields, Posted};
use super::i18n::Lang;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::accounts::{ApiClientRow, UserRow};
use crate::domain::authority::{Right, Role};
use crate::domain::ids::UserId;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::administration::{self, House, NewPerson};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use uuid::Uuid;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/administracion", web::get().to(people))
        .route("/administracion/usuarios", web::post().to(add_person))
        .route("/administracion/usuarios/{id}", web::get().to(person))
        .route("/administracion/usuarios/{id}/roles", web::post().to(change_roles))
        .route("/administracion/usuarios/{id}/clave", web::post().to(reset_password))
        .route("/administracion/usuarios/{id}/estado", web::post().to(set_state))
        .route("/administracion/programas", web::get().to(programs))
        .route("/administracion/programas", web::post().to(add_program))
        .route("/administracion/programas/{id}/desactivar", web::post().to(disable_program))
        .configure(admin_agreements::configure)
        .configure(admin_audit::configure);
}

/// A line of people or of programs.
#[derive(Debug, Clone)]
struct Line {
    id: Uuid,
    name: String,
    sub: String,
    what: String,
    live: bool,
    state: String,
    extra: String,
}

#[derive(Template)]
#[template(path = "pages/admin_people.html")]
struct PeoplePage {
    p: Page,
    errors: Errors,
    typed: Fields,
    lines: Vec<Line>,
    columns: Vec<String>,
    roles: Vec<Choice>,
    languages: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "pages/admin_person.html")]
struct PersonPage {
    p: Page,
    errors: Errors,
    line: Line,
    roles: Vec<Choice>,
    oneself: bool,
}

#[derive(Template)]
#[template(path = "pages/admin_programs.html")]
struct ProgramsPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    lines: Vec<Line>,
    columns: Vec<String>,
    users: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "pages/admin_secret.html")]
struct SecretPage {
    p: Page,
    title: String,
    text: String,
    /// Name of what belongs together, e.g. address and password.
    rows: Vec<(String, String)>,
    back: &'static str,
}

fn roles(lang: Lang, chosen: &[&str]) -> Vec<Choice> {
    let words: Vec<&str> = Role::ALL.iter().map(|r| r.as_str()).collect();
    Choice::words(lang, "role", &words, chosen)
}

fn role_words(p: &Page, roles: &[String]) -> String {
    roles.iter().map(|r| p.word("role", r)).collect::<Vec<_>>().join(", ")
}

fn person_line(p: &Page, user: &UserRow) -> Line {
    let live = user.disabled_at.is_none();
    Line {
        id: user.id,
        name: user.name.clone(),
        sub: user.email.clone(),
        what: role_words(p, &user.roles),
        live,
        state: p.t(if live { "admin-live" } else { "admin-disabled" }),
        extra: p.t(if user.totp_secret.is_some() { "admin-second-yes" } else { "admin-second-no" }),
    }
}

fn program_line(p: &Page, client: &ApiClientRow, users: &[UserRow]) -> Line {
    let live = client.disabled_at.is_none();
    Line {
        id: client.id,
        name: client.name.clone(),
        sub: client.id.to_string(),
        what: users.iter().find(|u| u.id == client.user_id).map(|u| u.name.clone()).unwrap_or_default(),
        live,
        state: p.t(if live { "admin-live" } else { "admin-disabled" }),
        extra: p.moment(client.created_at),
    }
}

/// The faults of a service on the fields of a form.
pub(super) fn faults_of(lang: Lang, faults: &Violations, errors: &mut Errors) {
    let found = Errors::take_violations(lang, faults, |pointer| pointer.trim_start_matches('/').to_owned());
    errors.0.extend(found.0);
}

/// The roles ticked; a word that is none is a fault.
fn ticked_roles(lang: Lang, form: &Fields, errors: &mut Errors) -> Vec<Role> {
    let ticked = form.all("roles");
    let known: Vec<Role> = ticked.iter().filter_map(|r| r.parse().ok()).collect();
    if known.len() != ticked.len() {
        errors.add(lang, "roles", "error-bad-choice");
    } else if known.is_empty() {
        errors.add(lang, "roles", "admin-error-roles");
    }
    known
}

fn people_page(who: &SignedIn, house: &House, typed: Fields, errors: Errors) -> PeoplePage {
    let p = who.page();
    let lang = p.language;
    PeoplePage {
        lines: house.users.iter().map(|u| person_line(&p, u)).collect(),
        columns: ["admin-name", "admin-roles", "admin-state", "admin-second"].iter().map(|k| p.t(k)).collect(),
        roles: roles(lang, &typed.all("roles")),
        languages: ["es", "en"].iter().map(|l| Choice::new(*l, p.word("spoken", l), typed.get("language") == *l)).collect(),
        typed,
        errors,
        p,
    }
}

async fn people(app: web::Data<App>, who: SignedIn) -> Answer {
    if !who.actor().may(Right::ManageUsers) && who.actor().may(Right::ReadAudit) {
        return Ok(respond::see("/administracion/accesos"));
    }
    let house = administration::house(&app, who.actor()).await?;
    respond::page(&people_page(&who, &house, Fields::default(), Errors::default()))
}

async fn add_person(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    let lang = who.visit.lang;
    who.actor().require(Right::ManageUsers).map_err(ServiceError::from)?;
    let mut errors = Errors::default();
    let roles = ticked_roles(lang, &form, &mut errors);
    if form.get("name").is_empty() {
        errors.add(lang, "name", "error-required");
    }
    let language = Some(form.get("language")).filter(|l| Lang::of_tag(l).is_some()).unwrap_or("es").to_owned();
    let new = NewPerson { email: form.get("email").to_owned(), name: form.get("name").to_owned(), roles, language, phone: form.opt("phone") };
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if errors.is_empty() {
        match administration::add_user(&app, who.actor(), new).await {
            Ok((_, password)) => return secret(&who, "admin-person-made", "admin-password", form.get("email"), password, "/administracion"),
            Err(ServiceError::Invalid(faults)) => faults_of(lang, &faults, &mut errors),
            Err(ServiceError::Taken(_)) => {
                errors.add(lang, "email", "admin-error-taken");
                status = StatusCode::CONFLICT;
            }
            Err(other) => return Err(other.into()),
        }
    }
    let house = administration::house(&app, who.actor()).await?;
    respond::page_with(&people_page(&who, &house, form.0, errors), status)
}

fn secret(who: &SignedIn, title: &str, kind: &str, whose: &str, secret: String, back: &'static str) -> Answer {
    let p = who.page();
    let whose_label = if kind == "admin-password" { "admin-email" } else { "admin-client-id" };
    respond::page(&SecretPage {
        title: p.t(title),
        text: p.t("admin-secret-once"),
        rows: vec![(p.t(whose_label), whose.to_owned()), (p.t(kind), secret)],
        back,
        p,
    })
}

fn person_page(who: &SignedIn, user: &UserRow, chosen: &[&str], errors: Errors) -> PersonPage {
    let p = who.page();
    PersonPage { line: person_line(&p, user), roles: roles(p.language, chosen), oneself: who.actor().user.0 == user.id, errors, p }
}

async fn person(app: web::Data<App>, who: SignedIn, id: web::Path<UserId>) -> Answer {
    let user = administration::user(&app, who.actor(), *id).await?;
    let chosen: Vec<&str> = user.roles.iter().map(String::as_str).collect();
    respond::page(&person_page(&who, &user, &chosen, Errors::default()))
}

async fn change_roles(app: web::Data<App>, who: SignedIn, id: web::Path<UserId>, form: Posted) -> Answer {
    let user = administration::user(&app, who.actor(), *id).await?;
    let mut errors = Errors::default();
    let roles = ticked_roles(who.visit.lang, &form, &mut errors);
    if !errors.is_empty() {
        return respond::page_with(&person_page(&who, &user, &form.all("roles"), errors), StatusCode::UNPROCESSABLE_ENTITY);
    }
    administration::change_roles(&app, who.actor(), *id, &roles).await?;
    Ok(respond::see_with(&app.settings, &format!("/administracion/usuarios/{}", *id), "success", "flash-roles-changed"))
}

async fn reset_password(app: web::Data<App>, who: SignedIn, id: web::Path<UserId>, _form: Posted) -> Answer {
    let user = administration::user(&app, who.actor(), *id).await?;
    let password = administration::reset_password(&app, who.actor(), *id).await?;
    secret(&who, "admin-password-made", "admin-password", &user.email, password, "/administracion")
}

async fn set_state(app: web::Data<App>, who: SignedIn, id: web::Path<UserId>, form: Posted) -> Answer {
    let disabled = match form.get("state") {
        "disabled" => true,
        "live" => false,
        _ => return Err(PortalError::Unreadable),
    };
    administration::set_disabled(&app, who.actor(), *id, disabled).await?;
    let flash = if disabled { "flash-user-disabled" } else { "flash-user-enabled" };
    Ok(respond::see_with(&app.settings, &format!("/administracion/usuarios/{}", *id), "success", flash))
}

fn programs_page(who: &SignedIn, house: &House, typed: Fields, errors: Errors) -> ProgramsPage {
    let p = who.page();
    let live = house.users.iter().filter(|u| u.disabled_at.is_none());
    ProgramsPage {
        lines: house.clients.iter().map(|c| program_line(&p, c, &house.users)).collect(),
        columns: ["admin-program", "admin-program-user", "admin-state", "admin-made", "admin-deed"].iter().map(|k| p.t(k)).collect(),
        users: live
            .map(|u| {
                let label = format!("{} ({})", u.name, role_words(&p, &u.roles));
                Choice::new(u.id.to_string(), label, typed.get("user") == u.id.to_string())
            })
            .collect(),
        typed,
        errors,
        p,
    }
}

async fn programs(app: web::Data<App>, who: SignedIn) -> Answer {
    let house = administration::house(&app, who.actor()).await?;
    respond::page(&programs_page(&who, &house, Fields::default(), Errors::default()))
}

async fn add_program(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    let lang = who.visit.lang;
    who.actor().require(Right::ManageUsers).map_err(ServiceError::from)?;
    let mut errors = Errors::default();
    let user: Option<UserId> = form.word(lang, "user", &mut errors);
    match user {
        None if errors.is_empty() => errors.add(lang, "user", "error-required"),
        None => {}
        Some(user) => match administration::add_client(&app, who.actor(), user, form.get("name")).await {
            Ok(made) => {
                return secret(&who, "admin-program-new", "admin-client-secret", &made.id.to_string(), made.secret, "/administracion/programas");
            }
            Err(ServiceError::Invalid(faults)) => faults_of(lang, &faults, &mut errors),
            Err(other) => return Err(other.into()),
        },
    }
    let house = administration::house(&app, who.actor()).await?;
    respond::page_with(&programs_page(&who, &house, form.0, errors), StatusCode::UNPROCESSABLE_ENTITY)
}

async fn disable_program(app: web::Data<App>, who: SignedIn, id: web::Path<Uuid>, _form: Posted) -> Answer {
    administration::disable_client(&app, who.actor(), *id).await?;
    Ok(respond::see_with(&app.settings, "/administracion/programas", "success", "flash-program-disabled"))
}
