//! What is written down of each request: a line in the log and a count, by the route's pattern. Addresses, queries and ids in paths can be
//! personal data and stay out.

use crate::app::App;
use crate::metrics::RequestLabels;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage, web};
use std::time::Instant;
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};

/// The span around a request.
#[derive(Debug, Clone, Copy)]
pub struct Observed;

struct Began(Instant);

/// The route's pattern; what no route takes has none.
fn pattern(pattern: Option<String>) -> String {
    pattern.filter(|p| !p.is_empty()).unwrap_or_else(|| "none".to_owned())
}

/// Standard methods by name; anything else a client makes up is one word.
fn method(method: &actix_web::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

impl RootSpanBuilder for Observed {
    fn on_request_start(request: &ServiceRequest) -> Span {
        request.extensions_mut().insert(Began(Instant::now()));
        let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        tracing::info_span!("request", request.id = %id, http.method = method(request.method()), http.route = pattern(request.match_pattern()))
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let Ok(response) = outcome else { return };
        let request = response.request();
        let took = request.extensions().get::<Began>().map(|b| b.0.elapsed()).unwrap_or_default();
        let status = response.status().as_u16();
        span.in_scope(|| tracing::info!(http.status = status, took.ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "answered"));
        if let Some(app) = request.app_data::<web::Data<App>>() {
            let labels = RequestLabels { method: method(request.method()).to_owned(), route: pattern(request.match_pattern()), status };
            app.metrics.answered(labels, took);
        }
    }
}
