//! The JSON API under `/api/v1`.

/// Registers the API's routes.
pub fn configure(_routes: &mut actix_web::web::ServiceConfig) {}
