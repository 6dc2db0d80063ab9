//! The case desk: the list of cases, a case's record, its corrections and moves.

use super::{case_correct, case_deeds, case_file, case_list, case_new};
use actix_web::web;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/casos", web::get().to(case_list::list))
        .route("/casos/nuevo", web::get().to(case_new::form))
        .route("/casos/nuevo", web::post().to(case_new::register))
        .route("/casos/{id}", web::get().to(case_file::show))
        .route("/casos/{id}/mapa.json", web::get().to(case_file::map))
        .route("/casos/{id}/corregir", web::get().to(case_correct::form))
        .route("/casos/{id}/corregir", web::post().to(case_correct::save))
        .route("/casos/{id}/consentimiento", web::post().to(case_deeds::give_consent))
        .route("/casos/{id}/retirar", web::post().to(case_deeds::withdraw))
        .route("/casos/{id}/paso", web::post().to(case_deeds::command))
        .route("/casos/{id}/acciones", web::post().to(case_deeds::plan))
        .route("/casos/{id}/acciones/{action}", web::post().to(case_deeds::finish))
        .route("/casos/{id}/mensajes/{message}", web::post().to(case_deeds::answer))
        .route("/casos/{id}/fase", web::post().to(case_deeds::phase))
        .route("/casos/{id}/clave", web::post().to(case_deeds::renew_pin))
        .route("/casos/{id}/comparar", web::post().to(case_deeds::compare_again));
}
