//! The frame of every page: looks who asks before the handler, refuses posts from elsewhere, turns errors into pages, sets the headers.

use super::error::{Failure, PortalError, answer};
use super::session::{self, FLASH_COOKIE, FORM_COOKIE, LANG_COOKIE, Visit};
use crate::app::App;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};

/// No page loads or sends anything elsewhere, and none can be framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The middleware.
///
/// # Errors
/// None of its own.
pub(super) async fn frame(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else {
        return Ok(request.into_response(HttpResponse::InternalServerError().finish()));
    };
    let visit = match Visit::look(&app, request.request()).await {
        Ok(visit) => visit,
        Err(error) => {
            let visit = Visit::of_nobody(request.request());
            let response = failed(&visit, request.request(), Some(&error), actix_web::http::StatusCode::INTERNAL_SERVER_ERROR);
            return Ok(request.into_response(with_headers(response, &app, &visit)));
        }
    };
    request.extensions_mut().insert(visit.clone());
    let reads = request.method().is_safe();
    if !reads && !Visit::comes_from_here(request.request(), &app.settings) {
        let response = failed(&visit, request.request(), Some(&PortalError::Forgery), actix_web::http::StatusCode::FORBIDDEN);
        return Ok(request.into_response(with_headers(response, &app, &visit)));
    }
    let response = next.call(request).await?.map_into_boxed_body();
    let (request, response) = response.into_parts();
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let page = if response.error().is_some() || (is_error && !response.headers().contains_key(header::CONTENT_TYPE)) {
        let error = response.error().and_then(|e| e.as_error::<PortalError>());
        failed(&visit, &request, error, status)
    } else {
        response
    };
    let page = with_headers(page, &app, &visit);
    Ok(ServiceResponse::new(request, page))
}

fn failed(visit: &Visit, request: &actix_web::HttpRequest, error: Option<&PortalError>, status: actix_web::http::StatusCode) -> HttpResponse {
    let request_id = request.extensions().get::<tracing_actix_web::RequestId>().map(ToString::to_string).unwrap_or_default();
    if status.is_server_error() {
        // The text of a database error can name values; its kind is enough to find it.
        let kind = error.map_or_else(|| "unknown".to_owned(), |e| kind_of(e).to_owned());
        tracing::error!(request.id = %request_id, path = %request.match_pattern().unwrap_or_default(), kind, cause = error.map(cause_of), "a page failed");
    }
    answer(visit, &Failure { status, error, request_id })
}

const fn kind_of(error: &PortalError) -> &'static str {
    use crate::services::ServiceError as S;
    match error {
        PortalError::Service(S::Database(_)) => "database",
        PortalError::Service(S::Internal(_)) => "internal",
        PortalError::Render(_) => "render",
        PortalError::Unframed => "unframed",
        _ => "other",
    }
}

/// The chain of causes without values.
fn cause_of(error: &PortalError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn with_headers(mut response: HttpResponse, app: &App, visit: &Visit) -> HttpResponse {
    let set = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "geolocation=(), camera=(), microphone=()"),
    ];
    for (name, value) in set {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if !response.headers().contains_key(header::CACHE_CONTROL) {
        // Shared telephones: nothing of a page stays behind.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Language, Cookie, HX-Request"));
    let is_html = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|v| v.starts_with("text/html"));
    if is_html {
        response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(visit.lang.as_str()));
        if visit.form_token_is_new && visit.staff.is_none() && visit.family.is_none() && !visit.form_token.is_empty() {
            let _ = response.add_cookie(&session::cookie(&app.settings, FORM_COOKIE, visit.form_token.clone()));
        }
        if visit.has_flash() && !visit.hx {
            let _ = response.add_cookie(&session::ended_cookie(&app.settings, FLASH_COOKIE));
        }
    }
    if visit.lang_chosen {
        let mut cookie = session::cookie(&app.settings, LANG_COOKIE, visit.lang.as_str());
        cookie.set_max_age(actix_web::cookie::time::Duration::days(365));
        let _ = response.add_cookie(&cookie);
    }
    response
}
