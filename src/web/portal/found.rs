//! Found people: the living and the dead, with the same priority.

use super::{found_correct, found_file, found_form, found_list};
use actix_web::web;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/hallazgos", web::get().to(found_list::list))
        .route("/hallazgos/nuevo", web::get().to(found_form::form))
        .route("/hallazgos/nuevo", web::post().to(found_form::register))
        .route("/hallazgos/{id}", web::get().to(found_file::show))
        .route("/hallazgos/{id}/mapa.json", web::get().to(found_file::map))
        .route("/hallazgos/{id}/corregir", web::get().to(found_correct::form))
        .route("/hallazgos/{id}/corregir", web::post().to(found_correct::save))
        .route("/hallazgos/{id}/consentimiento", web::post().to(found_file::give_consent))
        .route("/hallazgos/{id}/retirar", web::post().to(found_file::withdraw))
        .route("/hallazgos/{id}/comparar", web::post().to(found_file::compare_again));
}
