//! A family's way in and first page: calm phases that only people move, the contact person, asking for a call, writing. No script is needed.

use super::forms::{Choice, Errors, Posted, fault_text};
use super::page::Page;
use super::respond::{self, Answer};
use super::session::{self, FAMILY_COOKIE, SignedInFamily, Visit};
use super::{family_data, page};
use crate::app::App;
use crate::config::Settings;
use crate::db::messages::MessageRow;
use crate::services::family::{self, SPOKEN, Status};
use crate::services::{ServiceError, accounts};
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web;
use askama::Template;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/familia/entrar", web::get().to(sign_in_form))
        .route("/familia/entrar", web::post().to(sign_in))
        .route("/familia/cerrar", web::post().to(sign_out))
        .route("/familia", web::get().to(first))
        .route("/familia/llamada", web::get().to(home))
        .route("/familia/llamada", web::post().to(ask_for_call))
        .route("/familia/mensaje", web::get().to(home))
        .route("/familia/mensaje", web::post().to(write))
        .configure(family_data::configure);
}

/// A family's page with the number to call.
pub(super) fn with_help(mut page: Page, settings: &Settings) -> Page {
    page.help_line.clone_from(&settings.family.help_line);
    page
}

#[derive(Template)]
#[template(path = "pages/family_sign_in.html")]
struct SignInPage {
    p: Page,
    errors: Errors,
    folio: String,
    next: String,
}

#[derive(serde::Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

/// A page of the family's own to come back to.
fn family_next(next: &str) -> &str {
    respond::safe_next(next).filter(|n| n.starts_with("/familia") && !n.starts_with("/familia/entrar")).unwrap_or("/familia")
}

async fn sign_in_form(app: web::Data<App>, visit: Visit, query: web::Query<Next>) -> Answer {
    let next = family_next(&query.next);
    if visit.family.is_some() {
        return Ok(respond::see(next));
    }
    let p = with_help(visit.family_page(), &app.settings);
    respond::page(&SignInPage { p, errors: Errors::default(), folio: String::new(), next: next.to_owned() })
}

async fn sign_in(app: web::Data<App>, visit: Visit, form: Posted) -> Answer {
    let lang = visit.lang;
    let mut errors = Errors::default();
    for field in ["folio", "pin"] {
        if form.get(field).is_empty() {
            errors.add(lang, field, "error-required");
        }
    }
    let next = family_next(form.get("next")).to_owned();
    let again = |errors: Errors, status: StatusCode| {
        let p = with_help(visit.family_page(), &app.settings);
        respond::page_with(&SignInPage { p, errors, folio: form.get("folio").to_owned(), next: next.clone() }, status)
    };
    if !errors.is_empty() {
        return again(errors, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // PINs are read out and written down in groups.
    let pin: String = form.get("pin").chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    match accounts::family_sign_in(&app, form.get("folio"), &pin, &visit.client).await {
        Ok(opened) => {
            if let Some(old) = &visit.family_token {
                accounts::sign_out(&app, old).await?;
            }
            let mut response = respond::see(&next);
            let _ = response.add_cookie(&session::cookie(&app.settings, FAMILY_COOKIE, opened.token));
            Ok(response)
        }
        Err(ServiceError::Unauthenticated) => {
            errors.add(lang, "folio", "family-sign-in-failed");
            again(errors, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(ServiceError::TooMany(seconds)) => {
            errors.add(lang, "", "family-sign-in-wait");
            let mut response = again(errors, StatusCode::TOO_MANY_REQUESTS)?;
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}

async fn sign_out(app: web::Data<App>, visit: Visit, _form: Posted) -> Answer {
    if let Some(token) = &visit.family_token {
        accounts::sign_out(&app, token).await?;
    }
    let mut response = respond::see("/familia/entrar");
    let _ = response.add_cookie(&session::ended_cookie(&app.settings, FAMILY_COOKIE));
    Ok(response)
}

/// One of the four phases, as `display::phases` reads it.
struct Phase {
    name: String,
    text: String,
    state: &'static str,
}

/// Something that was written, or an answer.
struct MessageView {
    who: String,
    when: String,
    lines: Vec<String>,
    ours: bool,
}

/// What was typed into the forms below the status.
#[derive(Default)]
struct Typed {
    number: String,
    note: String,
    text: String,
    quiet: bool,
    when: String,
}

#[derive(Template)]
#[template(path = "pages/family.html")]
struct FamilyPage {
    p: Page,
    errors: Errors,
    heading: String,
    status: Status,
    phases: Vec<Phase>,
    messages: Vec<MessageView>,
    times: Vec<Choice>,
    quiet: Vec<Choice>,
    typed: Typed,
}

const PHASES: [&str; 4] = ["report", "gathering", "comparing", "talking"];
const TIMES: [&str; 4] = ["morning", "afternoon", "evening", "any"];

fn phases(p: &Page, now: i16) -> Vec<Phase> {
    PHASES
        .iter()
        .zip(1i16..)
        .map(|(word, number)| Phase {
            name: p.t(&format!("family-phase-{word}")),
            text: p.t(&format!("family-phase-{word}-text")),
            state: match number.cmp(&now) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "current",
                std::cmp::Ordering::Greater => "later",
            },
        })
        .collect()
}

fn message(p: &Page, m: &MessageRow) -> MessageView {
    let key = match (m.author_kind.as_str(), m.kind.as_str()) {
        ("family", "call_request") => "status-message-call",
        ("family", _) => "status-message-you",
        _ => "status-message-answer",
    };
    let lines = m.body.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect();
    MessageView { who: p.t(key), when: p.day(m.created_at.date_naive()), lines, ours: m.author_kind != "family" }
}

async fn show(app: &App, who: &SignedInFamily, errors: Errors, typed: Typed) -> Answer {
    let status = family::status(app, &who.actor).await?;
    let p = with_help(who.page(), &app.settings);
    let heading = match (&status.name, status.phase) {
        (_, SPOKEN) => p.t("family-in-contact-heading"),
        (Some(name), _) => p.t1("status-search-active", "name", name),
        (None, _) => p.t("status-search-active-unnamed"),
    };
    let chosen = if typed.when.is_empty() { "any" } else { typed.when.as_str() };
    let times = TIMES.iter().map(|t| Choice::new(*t, p.t(&format!("family-call-{t}")), *t == chosen)).collect();
    let quiet = vec![Choice::new("yes", p.t("family-call-no-message"), typed.quiet)];
    let http = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (phases, messages) = (phases(&p, status.phase), status.messages.iter().map(|m| message(&p, m)).collect());
    respond::page_with(&FamilyPage { phases, messages, times, quiet, heading, status, errors, typed, p }, http)
}

async fn first(app: web::Data<App>, who: SignedInFamily) -> Answer {
    show(&app, &who, Errors::default(), Typed::default()).await
}

/// Where a form was sent to before the session ended and was opened again.
async fn home(_who: SignedInFamily) -> Answer {
    Ok(respond::see("/familia"))
}

fn faults(who: &SignedInFamily, error: ServiceError, field: &str) -> Result<Errors, ServiceError> {
    let ServiceError::Invalid(faults) = error else { return Err(error) };
    let mut errors = Errors::default();
    for fault in &faults.0 {
        let text = match fault.code {
            "empty" => who.visit.lang.text("family-error-text"),
            "too_long" => who.visit.lang.text("family-error-long"),
            _ => fault_text(who.visit.lang, fault),
        };
        errors.0.push(super::forms::FieldError { field: field.to_owned(), text });
    }
    Ok(errors)
}

async fn ask_for_call(app: web::Data<App>, who: SignedInFamily, form: Posted) -> Answer {
    let p = page::Page { language: who.visit.lang, ..Page::default() };
    let when = form.get("when");
    let typed = || Typed {
        number: form.get("number").to_owned(),
        note: form.get("note").to_owned(),
        quiet: form.ticked("quiet", "yes"),
        when: when.to_owned(),
        ..Typed::default()
    };
    let mut errors = Errors::default();
    if !when.is_empty() && !TIMES.contains(&when) {
        errors.add(who.visit.lang, "when", "error-bad-choice");
    }
    if form.get("number").chars().count() > 40 {
        errors.add(who.visit.lang, "number", "error-too-long");
    }
    if !errors.is_empty() {
        return show(&app, &who, errors, typed()).await;
    }
    let mut lines = Vec::new();
    if !when.is_empty() {
        lines.push(p.t(&format!("family-call-{when}")));
    }
    if let Some(number) = form.opt("number") {
        lines.push(p.t1("status-contact-phone", "phone", number));
    }
    if form.ticked("quiet", "yes") {
        lines.push(p.t("family-call-no-message"));
    }
    lines.extend(form.opt("note"));
    match family::write(&app, &who.actor, true, &lines.join("\n")).await {
        Ok(()) => Ok(respond::see_with(&app.settings, "/familia", "success", "flash-call-asked")),
        Err(error) => show(&app, &who, faults(&who, error, "note")?, typed()).await,
    }
}

async fn write(app: web::Data<App>, who: SignedInFamily, form: Posted) -> Answer {
    match family::write(&app, &who.actor, false, form.get("text")).await {
        Ok(()) => Ok(respond::see_with(&app.settings, "/familia", "success", "flash-family-wrote")),
        Err(error) => {
            let typed = Typed { text: form.get("text").to_owned(), ..Typed::default() };
            show(&app, &who, faults(&who, error, "text")?, typed).await
        }
    }
}
