//! Remains: their register, inventory, re-association, checklist, burial and images. The holding authority's own pages: no family and no partner has a way here.

use super::page::Page;
use super::{remains_element, remains_elements, remains_file, remains_forms, remains_images, remains_new};
use crate::db::remains::{ElementRow, RemainsRow};
use crate::domain::disposition::Disposition;
use actix_web::web;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/hallazgos/{id}/restos", web::get().to(remains_new::form))
        .route("/hallazgos/{id}/restos", web::post().to(remains_new::register))
        .route("/restos/{id}", web::get().to(remains_file::show))
        .route("/restos/{id}/elementos", web::get().to(remains_elements::form))
        .route("/restos/{id}/elementos", web::post().to(remains_elements::add))
        .route("/restos/{id}/elementos/{element}", web::get().to(remains_element::form))
        .route("/restos/{id}/elementos/{element}", web::post().to(remains_element::correct))
        .route("/restos/{id}/asociaciones", web::post().to(remains_forms::associate))
        .route("/restos/{id}/operaciones", web::post().to(remains_forms::record))
        .route("/restos/{id}/movimientos", web::post().to(remains_forms::make_move))
        .route("/restos/{id}/imagenes", web::post().to(remains_images::add))
        .route("/restos/imagenes/{id}", web::get().to(remains_images::unasked))
        .route("/restos/imagenes/{id}/mostrar", web::post().to(remains_images::show));
}

/// Tone and shape of where remains are.
#[must_use]
pub(super) const fn disposition_look(disposition: Disposition) -> (&'static str, &'static str) {
    use Disposition as D;
    match disposition {
        D::InCustody => ("violet", "half"),
        D::IndividualGrave | D::CommonGrave | D::Ossuary | D::Cremated => ("plain", "square"),
        D::ReturnedToFamily | D::Repatriated => ("teal", "dot"),
        D::UnknownLocation => ("brick", "triangle"),
    }
}

/// Remains in a list.
#[derive(Debug, Clone)]
pub(super) struct RemainsItem {
    pub href: String,
    pub code: String,
    pub kind: String,
    pub tone: &'static str,
    pub mark: &'static str,
    pub disposition: String,
    /// Whether it is the page that is read.
    pub here: bool,
}

/// Remains as a list shows them.
pub(super) fn items(p: &Page, rows: &[RemainsRow], here: Option<uuid::Uuid>) -> Vec<RemainsItem> {
    rows.iter()
        .map(|row| {
            let (tone, mark) = disposition_look(row.disposition());
            RemainsItem {
                href: format!("/restos/{}", row.id),
                code: row.code.clone(),
                kind: p.word("remains-kind", &row.kind),
                tone,
                mark,
                disposition: p.word("disposition", &row.disposition),
                here: here == Some(row.id),
            }
        })
        .collect()
}

/// A bone with its side: "Fémur izquierdo".
pub(super) fn bone_words(p: &Page, bone: &str, side: Option<&str>) -> String {
    match side {
        Some(side) => format!("{}, {}", p.word("bone", bone), p.word("bone-side", side)),
        None => p.word("bone", bone),
    }
}

/// What an element is, in a line.
pub(super) fn element_words(p: &Page, row: &ElementRow) -> String {
    bone_words(p, &row.bone, row.side.as_deref())
}
