//! The pages: staff, families, associations, partners.

/// Registers the pages' routes.
pub fn configure(_routes: &mut actix_web::web::ServiceConfig) {}
