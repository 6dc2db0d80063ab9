//! What operations read from a request: bodies, queries, revisions, places in a list.

use crate::db::cases::Keyset;
use crate::db::forms::OnceKey;
use crate::db::hypotheses::OddsKey;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::web::problem::ApiError;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::future::{Ready, ready};
use uuid::Uuid;

/// Largest JSON body in bytes.
pub(super) const MAX_BODY: usize = 1 << 20;

/// Reads a body up to a limit.
pub(super) async fn read_body(request: &HttpRequest, payload: &mut Payload, limit: usize) -> Result<web::BytesMut, ApiError> {
    let too_large = || ApiError::request(StatusCode::PAYLOAD_TOO_LARGE, "too-large", format!("the body is larger than {limit} bytes"));
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    if length.is_some_and(|n| n > limit) {
        return Err(too_large());
    }
    let mut body = web::BytesMut::new();
    while let Some(part) = payload.next().await {
        let part = part.map_err(|_| ApiError::request(StatusCode::BAD_REQUEST, "unreadable", "the body ended early; send it again"))?;
        if body.len() + part.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&part);
    }
    Ok(body)
}

/// A JSON body. Its faults are told with their places.
#[derive(Debug)]
pub(super) struct Body<T> {
    /// What was sent.
    pub value: T,
    /// SHA-256 of method, path and body as sent: the same body sent elsewhere is another request.
    pub digest: Vec<u8>,
}

/// PostgreSQL holds no NUL in a text, wherever in a body it hides.
fn refuse_nul(value: &serde_json::Value, pointer: &str, faults: &mut Violations) {
    let bad = |text: &str| text.contains('\0');
    match value {
        serde_json::Value::String(text) if bad(text) => faults.add(pointer, "control_character", "contains a control character; remove it"),
        serde_json::Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| refuse_nul(item, &format!("{pointer}/{i}"), faults)),
        serde_json::Value::Object(fields) => {
            for (name, item) in fields {
                if bad(name) {
                    faults.add(pointer, "control_character", "a field's name contains a control character; remove it");
                } else {
                    refuse_nul(item, &format!("{pointer}/{name}"), faults);
                }
            }
        }
        _ => {}
    }
}

/// A path of serde's (`person.names[0].kind`) as a JSON pointer.
fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => String::new(),
        })
        .collect()
}

/// Reads JSON: a syntax error is one answer, a value that does not fit names its place.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|e| {
        ApiError::request(StatusCode::BAD_REQUEST, "unreadable", format!("the body is no JSON: line {}, column {}", e.line(), e.column()))
    })?;
    let mut faults = Violations::default();
    refuse_nul(&value, "", &mut faults);
    if !value.is_object() {
        // serde would take a list for a structure, field by field.
        faults.add("", "does_not_fit", "the body is an object with named fields");
    }
    faults.into_result()?;
    serde_path_to_error::deserialize(value).map_err(|e| {
        let pointer = pointer_of(e.path());
        let said: String = e.inner().to_string().chars().take(300).collect();
        ApiError::fault(&pointer, "does_not_fit", said)
    })
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
            if kind.split(';').next().is_none_or(|k| !k.trim().eq_ignore_ascii_case("application/json")) {
                return Err(ApiError::request(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "send application/json"));
            }
            let bytes = read_body(&request, &mut payload, MAX_BODY).await?;
            let mut digest = Sha256::new();
            digest.update(format!("{} {}\n", request.method(), request.path()));
            digest.update(&bytes);
            Ok(Self { value: parse(&bytes)?, digest: digest.finalize().to_vec() })
        })
    }
}

/// The query of an address.
#[derive(Debug)]
pub(super) struct Params<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Params<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = request.query_string();
        ready(if query.contains("%00") {
            Err(ApiError::request(StatusCode::BAD_REQUEST, "unreadable", "the query contains a control character; remove it"))
        } else {
            web::Query::<T>::from_query(query)
                .map(|q| Self(q.into_inner()))
                .map_err(|e| ApiError::request(StatusCode::BAD_REQUEST, "unreadable", format!("the query cannot be read: {e}")))
        })
    }
}

/// The revision that a change is meant for (`If-Match: "3"`).
#[derive(Debug, Clone, Copy)]
pub(super) struct Revision(pub i32);

impl FromRequest for Revision {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(given) = request.headers().get(header::IF_MATCH) else {
            let detail = "send If-Match with the ETag of what you read, so that no change of somebody else is overwritten";
            return ready(Err(ApiError::request(StatusCode::PRECONDITION_REQUIRED, "precondition-required", detail)));
        };
        let rev = given.to_str().ok().map(str::trim).and_then(|v| v.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        ready(rev.map(Self).ok_or_else(|| {
            ApiError::request(StatusCode::BAD_REQUEST, "unreadable", "If-Match is one ETag as it was given, with its quotation marks: \"3\"")
        }))
    }
}

/// The idempotency key of a request that makes a record, if one was sent.
#[derive(Debug, Clone)]
pub(super) struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    /// The key with the digest of the body it came with.
    pub fn with(self, digest: Vec<u8>) -> Option<OnceKey> {
        self.0.map(|key| OnceKey { key: format!("api {key}"), digest })
    }
}

impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(given) = request.headers().get("idempotency-key") else { return ready(Ok(Self(None))) };
        let key = given.to_str().ok().map(|k| k.trim().trim_matches('"').to_owned()).filter(|k| (8..=128).contains(&k.len()));
        ready(match key {
            Some(key) => Ok(Self(Some(key))),
            None => Err(ApiError::request(StatusCode::BAD_REQUEST, "unreadable", "Idempotency-Key has 8 to 128 plain characters, best a UUID")),
        })
    }
}

fn cursor_fault() -> ApiError {
    ApiError::request(StatusCode::BAD_REQUEST, "unreadable", "the cursor cannot be read; take it from `next` of the page before")
}

fn decoded(cursor: &str) -> Result<(i64, Uuid), ApiError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| cursor_fault())?;
    let (at, id) = bytes.split_at_checked(8).ok_or_else(cursor_fault)?;
    let at = i64::from_be_bytes(at.try_into().map_err(|_| cursor_fault())?);
    Ok((at, Uuid::from_slice(id).map_err(|_| cursor_fault())?))
}

fn encoded(at: i64, id: Uuid) -> String {
    let mut bytes = at.to_be_bytes().to_vec();
    bytes.extend_from_slice(id.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A place in a list by time.
pub(super) fn keyset(cursor: Option<&str>) -> Result<Option<Keyset>, ApiError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let (micros, id) = decoded(cursor)?;
    let at = DateTime::from_timestamp_micros(micros).filter(|at| (1970..=2200).contains(&at.year())).ok_or_else(cursor_fault)?;
    Ok(Some(Keyset { at, id }))
}

/// The cursor of a place in a list by time.
pub(super) fn keyset_cursor(at: DateTime<chrono::Utc>, id: Uuid) -> String {
    encoded(at.timestamp_micros(), id)
}

/// A place in a list by odds.
pub(super) fn odds_key(cursor: Option<&str>) -> Result<Option<OddsKey>, ApiError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let (bits, id) = decoded(cursor)?;
    let log10_odds = f64::from_bits(bits.cast_unsigned());
    if log10_odds.is_finite() { Ok(Some(OddsKey { log10_odds, id })) } else { Err(cursor_fault()) }
}

/// The cursor of a place in a list by odds.
pub(super) fn odds_cursor(log10_odds: f64, id: Uuid) -> String {
    encoded(log10_odds.to_bits().cast_signed(), id)
}

/// Lines of a page: 50 unless asked, 200 at most.
pub(super) fn page_size(limit: Option<i64>) -> Result<i64, ApiError> {
    match limit {
        None => Ok(50),
        Some(n) if (1..=200).contains(&n) => Ok(n),
        Some(_) => Err(ApiError::fault("/limit", "out_of_range", "limit is a number from 1 to 200")),
    }
}

/// A searched text: at most 200 characters, as every word of it is looked for.
pub(super) fn searched(q: Option<String>) -> Result<Option<String>, ApiError> {
    let mut faults = Violations::default();
    if let Some(q) = &q {
        faults.check_text("/q", q, 200);
    }
    faults.into_result()?;
    Ok(q)
}

/// One of a few words in a query.
pub(super) fn one_of(name: &str, given: Option<String>, allowed: &[&str]) -> Result<Option<String>, ApiError> {
    match given {
        Some(word) if !allowed.contains(&word.as_str()) => {
            Err(ApiError::fault(&format!("/{name}"), "unknown_word", format!("is not one of: {}", allowed.join(", "))))
        }
        other => Ok(other),
    }
}

/// A word of a closed list in a query.
pub(super) fn word<T: std::str::FromStr<Err = crate::domain::UnknownWord>>(name: &str, given: Option<&str>) -> Result<Option<T>, ApiError> {
    given
        .map(str::parse)
        .transpose()
        .map_err(|e: crate::domain::UnknownWord| ApiError::fault(&format!("/{name}"), "unknown_word", e.to_string()))
}

/// A page of a list.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(super) struct List<T> {
    /// The lines.
    pub items: Vec<T>,
    /// Where the next page begins; none on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> List<T> {
    /// A page of up to `limit` lines; a full one says where the next begins.
    pub fn new(items: Vec<T>, limit: i64, cursor: impl Fn(&T) -> String) -> Self {
        let full = i64::try_from(items.len()).is_ok_and(|n| n >= limit);
        let next = items.last().filter(|_| full).map(cursor);
        Self { items, next }
    }

    /// All there is.
    pub const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

impl From<ApiError> for ServiceError {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Service(error) => error,
            ApiError::Request { detail, .. } => Self::Refused(detail),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_names_its_place_and_a_made_up_one_is_refused() {
        let id = Uuid::from_u128(7);
        let at = DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap();
        assert_eq!(keyset(Some(&keyset_cursor(at, id))).unwrap(), Some(Keyset { at, id }));
        assert_eq!(odds_key(Some(&odds_cursor(-1.25, id))).unwrap(), Some(OddsKey { log10_odds: -1.25, id }));
        for bad in ["", "x", "%%%", &odds_cursor(f64::NAN, id)[..10]] {
            assert!(keyset(Some(bad)).is_err() && odds_key(Some(bad)).is_err(), "{bad}");
        }
        assert!(odds_key(Some(&odds_cursor(f64::NAN, id))).is_err());
    }

    #[test]
    fn a_value_that_does_not_fit_is_told_with_its_place() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Shape {
            #[expect(dead_code, reason = "only its reading matters")]
            names: Vec<u8>,
        }
        let faults = |text: &str| match parse::<Shape>(text.as_bytes()).unwrap_err() {
            ApiError::Service(ServiceError::Invalid(faults)) => faults.0,
            other => panic!("{other:?}"),
        };
        assert_eq!(faults(r#"{"names":[1,"x"]}"#)[0].pointer, "/names/1");
        assert!(faults(r#"{"names":[],"more":1}"#)[0].message.contains("more"));
        assert_eq!(faults(r#"{"names":["a\u0000b"]}"#)[0].code, "control_character");
        assert!(matches!(parse::<Shape>(b"{"), Err(ApiError::Request { status: StatusCode::BAD_REQUEST, .. })));
    }
}
