//! What goes wrong on the way to a page, and the page that says so in the reader's language. Nothing of the inside is told.

use super::page::Page;
use super::respond;
use super::session::Visit;
use crate::services::ServiceError;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use askama::Template;

/// Why a handler gives no page of its own. The frame turns it into one.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// A use case did not happen.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Nobody of the staff is signed in.
    #[error("sign in first")]
    SignIn,
    /// No family is signed in.
    #[error("a family signs in first")]
    FamilySignIn,
    /// A form without the token of this browser's session, or sent from elsewhere.
    #[error("the form's token does not fit the session")]
    Forgery,
    /// A form that cannot be read.
    #[error("the form cannot be read")]
    Unreadable,
    /// A form that is too large.
    #[error("the form is too large")]
    TooLarge,
    /// A template that cannot be rendered.
    #[error("the page cannot be rendered")]
    Render(#[from] askama::Error),
    /// A route outside the frame, which a test rules out.
    #[error("the page's route is not inside the portal's frame")]
    Unframed,
}

impl ResponseError for PortalError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Service(error) => match error {
                ServiceError::NotFound => StatusCode::NOT_FOUND,
                ServiceError::Unauthenticated => StatusCode::UNAUTHORIZED,
                ServiceError::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
                ServiceError::Forbidden(_) => StatusCode::FORBIDDEN,
                ServiceError::Invalid(_) | ServiceError::Reused => StatusCode::UNPROCESSABLE_ENTITY,
                ServiceError::IllegalCase(_)
                | ServiceError::IllegalHypothesis(_)
                | ServiceError::IllegalDuplicate(_)
                | ServiceError::IllegalSample(_)
                | ServiceError::IllegalIdentification(_)
                | ServiceError::IllegalNotification(_)
                | ServiceError::IllegalRestitution(_)
                | ServiceError::Signature(_)
                | ServiceError::Verdict(_)
                | ServiceError::Taken(_)
                | ServiceError::Refused(_)
                | ServiceError::Rival => StatusCode::CONFLICT,
                ServiceError::Stale(_) => StatusCode::PRECONDITION_FAILED,
                ServiceError::NoEngine | ServiceError::NoBank => StatusCode::SERVICE_UNAVAILABLE,
                ServiceError::Database(_) | ServiceError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::SignIn | Self::FamilySignIn => StatusCode::SEE_OTHER,
            Self::Forgery => StatusCode::FORBIDDEN,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Render(_) | Self::Unframed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        // The frame puts the page in.
        HttpResponse::new(self.status_code())
    }
}

/// The page of an error.
#[derive(Template)]
#[template(path = "pages/error.html")]
pub(super) struct ErrorPage {
    pub p: Page,
    pub title: String,
    pub text: String,
    /// What is possible instead.
    pub hints: Vec<String>,
    /// Number of the request, for whoever is called about it.
    pub request_id: String,
    /// Where to go on: address and words.
    pub links: Vec<(String, String)>,
}

/// What an error page is made from.
pub(super) struct Failure<'a> {
    pub status: StatusCode,
    pub error: Option<&'a PortalError>,
    pub request_id: String,
}

fn sentences(visit: &Visit, failure: &Failure<'_>) -> (String, String, Vec<String>) {
    let t = |key: &str| visit.lang.text(key);
    let plain = |title: &str, text: &str| (t(title), t(text), Vec::new());
    if let Some(PortalError::Forgery) = failure.error {
        return plain("error-forgery-title", "error-forgery-text");
    }
    if let Some(PortalError::Service(error)) = failure.error {
        match error {
            ServiceError::IllegalCase(illegal) => {
                let legal = illegal.legal.iter().map(|c| visit.lang.word("case-command", c.as_str())).collect();
                return (t("error-transition-title"), t("error-transition"), legal);
            }
            ServiceError::IllegalHypothesis(illegal) => {
                let legal = illegal.legal.iter().map(|c| visit.lang.word("hypothesis-command", c.as_str())).collect();
                return (t("error-transition-title"), t("error-transition"), legal);
            }
            ServiceError::IllegalDuplicate(illegal) => {
                let legal = illegal.legal.iter().map(|c| visit.lang.word("duplicate-command", c.as_str())).collect();
                return (t("error-transition-title"), t("error-transition"), legal);
            }
            ServiceError::IllegalSample(illegal) => {
                let legal = illegal.legal.iter().map(|c| visit.lang.word("sample-command", c.as_str())).collect();
                return (t("error-transition-title"), t("error-transition"), legal);
            }
            ServiceError::IllegalIdentification(illegal) => {
                let legal = illegal.legal.iter().map(|c| visit.lang.word("identification-command", c.as_str())).collect();
                return (t("error-transition-title"), t("error-transition"), legal);
            }
            ServiceError::IllegalNotification(illegal) => {
                let legal = illegal.legal.iter().map(|c| visit.lang.word("notification-command", c.as_str())).collect();
                return (t("error-transition-title"), t("error-transition"), legal);
            }
            ServiceError::IllegalRestitution(illegal) => {
                let legal = illegal.legal.iter().map(|c| visit.lang.word("restitution-command", c.as_str())).collect();
                return (t("error-transition-title"), t("error-transition"), legal);
            }
            ServiceError::Verdict(_) | ServiceError::Signature(_) => return plain("error-refused-title", "hypothesis-second-needed"),
            ServiceError::Taken(_) => return plain("error-taken-title", "error-taken-text"),
            ServiceError::Refused(_) | ServiceError::Rival => return plain("error-refused-title", "error-refused-text"),
            ServiceError::Stale(_) => return plain("error-stale-title", "error-stale"),
            ServiceError::NoEngine => return plain("error-no-engine-title", "error-no-engine-text"),
            ServiceError::NoBank => return plain("error-no-bank-title", "error-no-bank-text"),
            ServiceError::TooMany(_) => return plain("error-too-many-title", "error-too-many-tries"),
            ServiceError::Invalid(faults) => {
                let hints = faults.0.iter().map(|f| super::forms::fault_text(visit.lang, f)).collect();
                return (t("error-summary-title"), t("error-input-text"), hints);
            }
            _ => {}
        }
    }
    match failure.status.as_u16() {
        403 => plain("error-forbidden-title", "error-forbidden-text"),
        413 => plain("error-input-title", "error-file-too-big"),
        400 | 415 | 422 => plain("error-input-title", "error-input-text"),
        401..500 => plain("error-not-found-title", "error-not-found-text"),
        _ => plain("error-server-title", "error-server-text"),
    }
}

/// Makes the answer to an error: a page, or the way to the sign-in.
pub(super) fn answer(visit: &Visit, failure: &Failure<'_>) -> HttpResponse {
    match failure.error {
        Some(PortalError::SignIn) => return to_sign_in(visit, "/entrar"),
        Some(PortalError::FamilySignIn) => return to_sign_in(visit, "/familia/entrar"),
        _ => {}
    }
    let (title, text, hints) = sentences(visit, failure);
    let p = if visit.path.starts_with("/familia") { visit.family_page() } else { visit.public_page() };
    let mut links = vec![(p.home.to_owned(), visit.lang.text("error-link-start"))];
    if visit.staff.is_none() && !visit.path.starts_with("/familia") {
        links.push(("/entrar".to_owned(), visit.lang.text("sign-in")));
    }
    let request_id = if failure.status.is_server_error() { failure.request_id.clone() } else { String::new() };
    let page = ErrorPage { p, title, text, hints, request_id, links };
    let mut response = respond::page_with(&page, failure.status).unwrap_or_else(|_| HttpResponse::new(failure.status));
    if let Some(PortalError::Service(ServiceError::TooMany(seconds))) = failure.error
        && let Ok(value) = HeaderValue::from_str(&seconds.to_string())
    {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    if visit.hx {
        // A whole page cannot stand where a part was asked for.
        response.headers_mut().insert(header::HeaderName::from_static("hx-retarget"), HeaderValue::from_static("body"));
    }
    response
}

fn to_sign_in(visit: &Visit, path: &str) -> HttpResponse {
    let back = if visit.query.is_empty() { visit.path.clone() } else { format!("{}?{}", visit.path, visit.query) };
    let to = format!("{path}?next={}", respond::escape_query(&back));
    if visit.hx {
        return HttpResponse::Unauthorized().insert_header(("hx-redirect", to)).finish();
    }
    HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()
}
