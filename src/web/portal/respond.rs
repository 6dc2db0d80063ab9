//! Turning templates and deeds into answers.

use super::error::PortalError;
use super::session::{self, FLASH_COOKIE};
use crate::config::Settings;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use askama::Template;

/// What a handler gives.
pub type Answer = Result<HttpResponse, PortalError>;

/// A page.
///
/// # Errors
/// [`PortalError::Render`].
pub fn page(template: &impl Template) -> Answer {
    page_with(template, StatusCode::OK)
}

/// A page with another status, e.g. 422 for a form with faults.
///
/// # Errors
/// [`PortalError::Render`].
pub fn page_with(template: &impl Template, status: StatusCode) -> Answer {
    Ok(HttpResponse::build(status).insert_header(ContentType::html()).body(template.render()?))
}

/// "See there", after a deed.
#[must_use]
pub fn see(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()
}

/// "See there", with a message for the next page: a kind (success, notice, warning, error) and the key of a text that begins with `flash-`.
#[must_use]
pub fn see_with(settings: &Settings, to: &str, kind: &str, key: &str) -> HttpResponse {
    let mut response = see(to);
    // Cookie names and values of ours are plain ASCII; adding them cannot fail.
    let _ = response.add_cookie(&session::cookie(settings, FLASH_COOKIE, format!("{kind}.{key}")));
    response
}

/// Percent-encodes a text for use as a value in a query.
#[must_use]
pub fn escape_query(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// A path of ours to go back to; anything that could lead elsewhere is dropped.
#[must_use]
pub fn safe_next(next: &str) -> Option<&str> {
    let inside = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    (inside && !next.starts_with("/salir") && !next.starts_with("/entrar")).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leads_to_another_site() {
        for bad in ["https://example.org/", "//example.org", "/\\example.org", "", "casos", "/salir"] {
            assert_eq!(safe_next(bad), None, "{bad}");
        }
        assert_eq!(safe_next("/casos?q=Núñez"), Some("/casos?q=Núñez"));
    }

    #[test]
    fn a_query_value_holds_no_separator() {
        assert_eq!(escape_query("/casos?q=a&b=ñ"), "/casos%3Fq%3Da%26b%3D%C3%B1");
    }
}
