//! Problem details (RFC 9457): how every error of the API answers. The sentences are for people who write programs; `code` and `pointer` are
//! for the programs. What fails inside tells only the request's number.

use crate::db::DbError;
use crate::domain::violations::{Violation, Violations};
use crate::services::ServiceError;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;

/// The media type of problem details.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The body of an error.
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// What kind of problem: `urn:rastro:problem:` and a word.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The status code of the answer.
    pub status: u16,
    /// What is wrong here and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Every fault of the input with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Violation>,
    /// The moves that would be legal now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal: Option<Vec<String>>,
    /// The present revision, when another one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<i32>,
    /// The number of the request in the log, when something failed inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

/// Why an operation of the API gives no answer of its own.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A use case did not happen.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The request cannot be read, or lacks what it needs.
    #[error("{detail}")]
    Request {
        /// Status code.
        status: StatusCode,
        /// Word of the kind.
        kind: &'static str,
        /// What is wrong and what to do; it repeats no value of a body.
        detail: String,
    },
}

impl ApiError {
    /// A request that cannot be read, or lacks what it needs.
    #[must_use]
    pub fn request(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self::Request { status, kind, detail: detail.into() }
    }

    /// One fault of the input.
    #[must_use]
    pub fn fault(pointer: &str, code: &'static str, message: impl Into<String>) -> Self {
        let mut faults = Violations::default();
        faults.add(pointer, code, message);
        Self::Service(ServiceError::Invalid(faults))
    }

    fn problem(&self) -> Problem {
        let of = |status: StatusCode, kind: &str, title: &str, detail: Option<String>| Problem {
            kind: format!("urn:rastro:problem:{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail,
            ..Problem::default()
        };
        let error = match self {
            Self::Request { status, kind, detail } => {
                return of(*status, kind, status.canonical_reason().unwrap_or("Error"), Some(detail.clone()));
            }
            Self::Service(error) => error,
        };
        let said = Some(error.to_string());
        let words = |legal: Vec<String>| Some(legal);
        match error {
            ServiceError::NotFound => of(StatusCode::NOT_FOUND, "not-found", "There is no such record", None),
            ServiceError::Unauthenticated => of(
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "No valid credentials",
                Some("ask POST /api/v1/token for an access token".to_owned()),
            ),
            ServiceError::TooMany(_) => of(StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many attempts", said),
            ServiceError::Forbidden(_) => of(StatusCode::FORBIDDEN, "forbidden", "A right is missing", said),
            ServiceError::Invalid(faults) => {
                let detail = Some("each fault stands in `errors` with its place; nothing was written".to_owned());
                Problem { errors: faults.0.clone(), ..of(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The input has faults", detail) }
            }
            ServiceError::IllegalCase(illegal) => Problem {
                legal: words(illegal.legal.iter().map(ToString::to_string).collect()),
                ..of(StatusCode::CONFLICT, "illegal-move", "The life cycle does not allow it", said)
            },
            ServiceError::IllegalHypothesis(illegal) => Problem {
                legal: words(illegal.legal.iter().map(ToString::to_string).collect()),
                ..of(StatusCode::CONFLICT, "illegal-move", "The life cycle does not allow it", said)
            },
            ServiceError::IllegalDuplicate(illegal) => Problem {
                legal: words(illegal.legal.iter().map(ToString::to_string).collect()),
                ..of(StatusCode::CONFLICT, "illegal-move", "The life cycle does not allow it", said)
            },
            ServiceError::IllegalSample(illegal) => Problem {
                legal: words(illegal.legal.iter().map(ToString::to_string).collect()),
                ..of(StatusCode::CONFLICT, "illegal-move", "The life cycle does not allow it", said)
            },
            ServiceError::IllegalIdentification(illegal) => Problem {
                legal: words(illegal.legal.iter().map(ToString::to_string).collect()),
                ..of(StatusCode::CONFLICT, "illegal-move", "The life cycle does not allow it", said)
            },
            ServiceError::IllegalNotification(illegal) => Problem {
                legal: words(illegal.legal.iter().map(ToString::to_string).collect()),
                ..of(StatusCode::CONFLICT, "illegal-move", "The life cycle does not allow it", said)
            },
            ServiceError::IllegalRestitution(illegal) => Problem {
                legal: words(illegal.legal.iter().map(ToString::to_string).collect()),
                ..of(StatusCode::CONFLICT, "illegal-move", "The life cycle does not allow it", said)
            },
            ServiceError::Verdict(_) => of(StatusCode::CONFLICT, "verdict-refused", "Two people of two institutions decide", said),
            ServiceError::Signature(_) => of(StatusCode::CONFLICT, "signature-refused", "Two people of two institutions decide", said),
            ServiceError::Stale(rev) => {
                Problem { revision: Some(*rev), ..of(StatusCode::PRECONDITION_FAILED, "stale", "Somebody changed it in the meantime", said) }
            }
            ServiceError::Taken(_) => of(StatusCode::CONFLICT, "taken", "It is there already", said),
            ServiceError::Reused => of(StatusCode::UNPROCESSABLE_ENTITY, "key-reused", "The idempotency key was used for another request", said),
            ServiceError::Refused(_) | ServiceError::Rival => of(StatusCode::CONFLICT, "refused", "It cannot be done now", said),
            // Validation speaks first and names the field; this is the net under it, and the constraint's name is in the log.
            ServiceError::Database(DbError::Check(_) | DbError::Reference(_)) => {
                let detail = Some("the registry refuses a value of it; nothing was written".to_owned());
                of(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The input has faults", detail)
            }
            ServiceError::Database(DbError::Conflict | DbError::Unavailable(_)) => {
                let detail = Some("nothing was written; send it again in a few seconds".to_owned());
                of(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The node cannot answer just now", detail)
            }
            ServiceError::NoEngine => of(StatusCode::SERVICE_UNAVAILABLE, "no-engine", "The comparison engine is not ready", said),
            ServiceError::NoBank => of(StatusCode::SERVICE_UNAVAILABLE, "no-bank-key", "The node keeps no profiles", said),
            ServiceError::Database(_) | ServiceError::Internal(_) => {
                let detail = Some("nothing was written; try again, and tell us the number in `request` if it goes on".to_owned());
                of(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something failed inside", detail)
            }
        }
    }

    /// The answer, with the request's number where something failed inside.
    #[must_use]
    pub fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let mut problem = self.problem();
        if problem.status >= 500 {
            let id = request.extensions().get::<tracing_actix_web::RequestId>().map(ToString::to_string);
            let kind = match self {
                Self::Service(ServiceError::Database(DbError::Unavailable(_))) => "database unavailable",
                Self::Service(ServiceError::Database(DbError::Conflict)) => "database conflict",
                Self::Service(ServiceError::Database(_)) => "database",
                Self::Service(ServiceError::NoEngine) => "no engine",
                Self::Service(ServiceError::NoBank) => "no bank key",
                _ => "internal",
            };
            // The text of a database error can name values; its kind and the route are enough to find it.
            tracing::error!(request.id = id.as_deref(), http.route = request.match_pattern().unwrap_or_default(), kind, "an operation failed");
            problem.request = id;
        }
        if let Self::Service(ServiceError::Database(DbError::Check(constraint) | DbError::Reference(constraint))) = self {
            tracing::warn!(
                http.route = request.match_pattern().unwrap_or_default(),
                constraint,
                "the database refused what validation let pass"
            );
        }
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CONTENT_TYPE, PROBLEM_JSON)).insert_header((header::CACHE_CONTROL, "no-store"));
        match self {
            Self::Service(ServiceError::TooMany(seconds)) => {
                response.insert_header((header::RETRY_AFTER, seconds.to_string()));
            }
            Self::Service(ServiceError::Database(DbError::Conflict | DbError::Unavailable(_))) => {
                response.insert_header((header::RETRY_AFTER, "5"));
            }
            Self::Service(ServiceError::NoEngine) => {
                response.insert_header((header::RETRY_AFTER, "60"));
            }
            Self::Service(ServiceError::Unauthenticated) => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            Self::Service(ServiceError::Stale(rev)) => {
                response.insert_header((header::ETAG, format!("\"{rev}\"")));
            }
            _ => {}
        }
        response.json(problem)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        // The API's frame answers again with the request's number; this stands in where there is no frame.
        let problem = self.problem();
        HttpResponse::build(self.status_code()).insert_header((header::CONTENT_TYPE, PROBLEM_JSON)).json(problem)
    }
}

impl From<Violations> for ApiError {
    fn from(faults: Violations) -> Self {
        Self::Service(ServiceError::Invalid(faults))
    }
}
