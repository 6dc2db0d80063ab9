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

#[cfg(test)]
mod tests {
    use crate::domain::disposition::{Disposition, DispositionCommand, Need};
    use crate::domain::reassociation::{AssociationReason, AssociationVerdict, Contradiction};
    use crate::domain::remains::{ImagePurpose, OperationState, PostMortemInterval, PostMortemOperation, RemainsKind};
    use crate::domain::skeleton::{AgeClass, Bone, Completeness, Side, Taphonomy, Trauma, Zone};
    use crate::web::portal::i18n::Lang;

    /// The words of a vocabulary with the family of their texts.
    macro_rules! words {
        ($($family:literal $vocabulary:ident),+ $(,)?) => {
            vec![$(($family, $vocabulary::ALL.iter().map(|w| w.as_str()).collect::<Vec<_>>())),+]
        };
    }

    #[test]
    fn every_word_of_remains_is_told_in_both_languages() {
        let families = words![
            "remains-kind" RemainsKind, "remains-kind-hint" RemainsKind, "pmi" PostMortemInterval, "pm-operation" PostMortemOperation,
            "pm-operation-state" OperationState, "disposition" Disposition, "remains-command" DispositionCommand, "remains-need" Need,
            "remains-fault" Need, "association-reason" AssociationReason, "association-verdict" AssociationVerdict, "contradiction" Contradiction,
            "remains-fault" Contradiction, "image-purpose" ImagePurpose, "bone" Bone, "bone-side" Side, "bone-zone" Zone,
            "bone-completeness" Completeness, "bone-age" AgeClass, "taphonomy" Taphonomy, "bone-trauma" Trauma,
        ];
        for (family, word) in families.iter().flat_map(|(family, words)| words.iter().map(move |w| (family, w))) {
            let key = format!("{family}-{}", word.replace('_', "-"));
            assert!(Lang::Es.has(&key) && Lang::En.has(&key), "{key}");
        }
    }
}
