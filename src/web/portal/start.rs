//! The way in and out: start page, signing in, choosing the purpose, signing out, quick exit.

use super::error::PortalError;
use super::forms::{Choice, Errors, Posted};
use super::page::{self, Page};
use super::respond::{self, Answer};
use super::session::{self, FAMILY_COOKIE, STAFF_COOKIE, SignedIn, Visit};
use crate::app::App;
use crate::domain::authority::Purpose;
use crate::services::ServiceError;
use crate::services::accounts::{self, SignIn};
use crate::web::live;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use askama::Template;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/", web::get().to(start))
        .route("/entrar", web::get().to(sign_in_form))
        .route("/entrar", web::post().to(sign_in))
        .route("/salir", web::get().to(quick_exit))
        .route("/salir", web::post().to(sign_out))
        .route("/novedades", web::get().to(news))
        .route("/proposito", web::get().to(purpose_form))
        .route("/proposito", web::post().to(change_purpose));
}

#[derive(Template)]
#[template(path = "pages/start.html")]
struct StartPage {
    p: Page,
    emergency: String,
}

async fn start(app: web::Data<App>, visit: Visit) -> Answer {
    respond::page(&StartPage { p: visit.public_page(), emergency: app.settings.family.emergency.clone() })
}

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignInPage {
    p: Page,
    errors: Errors,
    email: String,
    next: String,
}

#[derive(serde::Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn sign_in_form(visit: Visit, query: web::Query<Next>) -> Answer {
    let next = respond::safe_next(&query.next).unwrap_or_default();
    if let Some(staff) = &visit.staff {
        return Ok(respond::see(if next.is_empty() { page::landing(&staff.actor) } else { next }));
    }
    respond::page(&SignInPage { p: visit.public_page(), errors: Errors::default(), email: String::new(), next: next.to_owned() })
}

async fn sign_in(app: web::Data<App>, visit: Visit, form: Posted) -> Answer {
    let lang = visit.lang;
    let mut errors = Errors::default();
    for field in ["email", "password"] {
        if form.get(field).is_empty() {
            errors.add(lang, field, "error-required");
        }
    }
    let next = respond::safe_next(form.get("next")).unwrap_or_default().to_owned();
    let again = |errors: Errors, status: StatusCode| {
        respond::page_with(&SignInPage { p: visit.public_page(), errors, email: form.get("email").to_owned(), next: next.clone() }, status)
    };
    if !errors.is_empty() {
        return again(errors, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // The password is taken as typed; blanks may belong to it.
    let password = form.0.0.iter().find(|(n, _)| n == "password").map(|(_, v)| v.clone()).unwrap_or_default();
    let attempt = SignIn { email: form.get("email").to_owned(), password, code: form.opt("code"), address: visit.client.clone() };
    match accounts::sign_in(&app, attempt).await {
        Ok(opened) => {
            // An older session of this browser ends; its token must not live on beside the new one.
            if let Some(old) = &visit.staff_token {
                accounts::sign_out(&app, old).await?;
            }
            let landing = match accounts::find_staff(&app, &opened.token).await? {
                Some(staff) => page::landing(&staff.actor),
                None => "/inicio",
            };
            let mut response = respond::see(if next.is_empty() { landing } else { &next });
            let _ = response.add_cookie(&session::cookie(&app.settings, STAFF_COOKIE, opened.token));
            Ok(response)
        }
        Err(ServiceError::Unauthenticated) => {
            errors.add(lang, "email", "login-failed");
            again(errors, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(ServiceError::TooMany(seconds)) => {
            errors.add(lang, "", "error-too-many-tries");
            let mut response = again(errors, StatusCode::TOO_MANY_REQUESTS)?;
            response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}

async fn end_sessions(app: &App, visit: &Visit, mut response: HttpResponse) -> Answer {
    for token in [&visit.staff_token, &visit.family_token].into_iter().flatten() {
        accounts::sign_out(app, token).await?;
    }
    for name in [STAFF_COOKIE, FAMILY_COOKIE] {
        let _ = response.add_cookie(&session::ended_cookie(&app.settings, name));
    }
    response
        .headers_mut()
        .insert(header::HeaderName::from_static("clear-site-data"), header::HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(response)
}

async fn sign_out(app: web::Data<App>, visit: Visit, _form: Posted) -> Answer {
    end_sessions(&app, &visit, respond::see("/entrar")).await
}

/// The quick exit: a plain link, so that it works without a script and however old the page is.
async fn quick_exit(app: web::Data<App>, visit: Visit) -> Answer {
    end_sessions(&app, &visit, respond::see(&app.settings.family.neutral_url)).await
}

#[derive(Template)]
#[template(path = "pages/purpose.html")]
struct PurposePage {
    p: Page,
    errors: Errors,
    choices: Vec<Choice>,
}

fn purpose_page(who: &SignedIn, errors: Errors) -> PurposePage {
    let words: Vec<&str> = accounts::allowed_purposes(&who.actor().roles).iter().map(|p| p.as_str()).collect();
    let choices = Choice::words(who.visit.lang, "purpose", &words, &[who.actor().purpose.as_str()]);
    PurposePage { p: who.page(), errors, choices }
}

async fn purpose_form(who: SignedIn) -> Answer {
    respond::page(&purpose_page(&who, Errors::default()))
}

async fn change_purpose(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    let mut errors = Errors::default();
    let purpose: Option<Purpose> = form.word(who.visit.lang, "purpose", &mut errors);
    let Some(purpose) = purpose else {
        if errors.is_empty() {
            errors.add(who.visit.lang, "purpose", "error-bad-choice");
        }
        return respond::page_with(&purpose_page(&who, errors), StatusCode::UNPROCESSABLE_ENTITY);
    };
    let session = who.visit.staff_token.clone().unwrap_or_default();
    accounts::change_purpose(&app, &who.staff, &session, purpose).await?;
    Ok(respond::see_with(&app.settings, page::landing(who.actor()), "success", "flash-purpose-changed"))
}

/// What happens while a page is open, as server-sent events.
async fn news(app: web::Data<App>, who: SignedIn, request: HttpRequest) -> Result<impl Responder, PortalError> {
    let token = who.visit.staff_token.clone().ok_or(PortalError::SignIn)?;
    Ok(live::stream(&app, who.actor(), live::last_event_id(&request), live::Until::Session(token)).await?)
}
