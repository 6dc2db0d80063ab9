//! The JSON API under `/api/v1`: one file per noun, each operation one use case. Its description (OpenAPI 3.1) is made from the operations
//! themselves and stands at `/api/openapi.json`.

mod auth;
mod bank;
mod cases;
mod corridors;
mod explanations;
mod found_records;
mod hypotheses;
mod identifications;
mod imports;
mod notifications;
mod partners;
mod patterns;
mod possible_duplicates;
mod request;
mod restitutions;
mod samples;

use super::problem::ApiError;
use crate::services::ServiceError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::{Error, HttpRequest, HttpResponse, web};
use std::sync::Arc;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

fn operations(routes: &mut ServiceConfig<'_>) {
    routes.configure(auth::configure).configure(cases::configure).configure(found_records::configure).configure(hypotheses::configure);
    routes.configure(explanations::configure);
    routes.configure(imports::configure).configure(partners::configure).configure(corridors::configure).configure(patterns::configure);
    routes.configure(possible_duplicates::configure).configure(samples::configure).configure(bank::configure);
    routes.configure(identifications::configure).configure(notifications::configure).configure(restitutions::configure);
}

/// The description of every operation.
#[must_use]
pub fn document() -> OpenApi {
    let scope = utoipa_actix_web::scope("/api/v1").configure(operations);
    let (_, mut document) = actix_web::App::new().into_utoipa_app().service(scope).split_for_parts();
    document.info = InfoBuilder::new()
        .title("Rastro")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Coordinates the search for missing migrants across borders. Conventions: docs/api.md."))
        .build();
    name_operations(&mut document);
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    document.components.get_or_insert_with(Components::new).add_security_scheme("bearer", bearer);
    document.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("bearer", [])]);
    document
}

/// Gives every operation an id of its own, made of method and path: `post_cases_id_moves`. The functions' names, which stand there otherwise, are
/// words like `list` and come again with every noun.
fn name_operations(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let words: Vec<&str> = path.trim_start_matches("/api/v1").split(['/', '-', '.']).map(|w| w.trim_matches(['{', '}'])).collect();
        let name = words.join("_");
        let operations =
            [("get", &mut item.get), ("post", &mut item.post), ("put", &mut item.put), ("patch", &mut item.patch), ("delete", &mut item.delete)];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                operation.operation_id = Some(format!("{method}{name}"));
            }
        }
    }
}

/// Registers the API's routes.
pub fn configure(routes: &mut web::ServiceConfig) {
    let document = Arc::new(document());
    let described = web::Data::from(Arc::clone(&document));
    routes
        .route("/api/openapi.json", web::get().to(move || describe(Arc::clone(&document))))
        .service(
            web::scope("/api/v1")
                .app_data(described)
                // A path that cannot be an id names nothing that is there.
                .app_data(web::PathConfig::default().error_handler(|_, _| ApiError::from(ServiceError::NotFound).into()))
                .wrap(from_fn(frame))
                .wrap(Compress::default())
                .configure(|routes| operations(&mut ServiceConfig::new(routes)))
                .default_service(web::to(nowhere)),
        )
        .service(web::scope("/api").wrap(from_fn(frame)).default_service(web::to(nowhere)));
}

async fn describe(document: Arc<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-cache")).json(&*document)
}

/// Whether a described path is the one that was asked for.
fn fits(described: &str, path: &str) -> bool {
    let (mut a, mut b) = (described.split('/'), path.split('/'));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(x), Some(y)) if x == y || (x.starts_with('{') && !y.is_empty()) => {}
            _ => return false,
        }
    }
}

/// What no operation took: a path with other methods says which, anything else is not there.
async fn nowhere(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let allowed = request.app_data::<web::Data<OpenApi>>().and_then(|document| {
        let (_, item) = document.paths.paths.iter().find(|(path, _)| fits(path, request.path()))?;
        let methods = [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("PATCH", &item.patch), ("DELETE", &item.delete)];
        Some(methods.iter().filter(|(_, operation)| operation.is_some()).map(|(name, _)| *name).collect::<Vec<_>>().join(", "))
    });
    match allowed {
        Some(allowed) => {
            let error = ApiError::request(StatusCode::METHOD_NOT_ALLOWED, "method", format!("this path takes {allowed}"));
            let mut response = error.answer(&request);
            if let Ok(value) = header::HeaderValue::from_str(&allowed) {
                response.headers_mut().insert(header::ALLOW, value);
            }
            Ok(response)
        }
        None => Err(ServiceError::NotFound.into()),
    }
}

/// The frame of every operation: errors become problem details, nothing is kept by caches.
async fn frame(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let (request, response) = response.into_parts();
    let told = response.error().map(|e| match e.as_error::<ApiError>() {
        Some(error) => error.answer(&request),
        // An extractor of the framework's own: its text can repeat what was sent.
        None => ApiError::request(response.status(), "unreadable", "the request cannot be read").answer(&request),
    });
    let mut response = told.unwrap_or(response);
    let headers = response.headers_mut();
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    Ok(ServiceResponse::new(request, response))
}
