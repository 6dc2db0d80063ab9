//! The page after a registration: the folio, the family's PIN that is shown once, and what comes next.

use super::page::Page;
use crate::domain::ids::CaseId;
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "pages/case_saved.html")]
pub(super) struct SavedPage {
    p: Page,
    id: CaseId,
    folio: String,
    pin: String,
    /// Whether the case is new; otherwise only the PIN is.
    new: bool,
}

/// The page with a PIN, when there is a family to give it to.
pub(super) fn pin_page(p: Page, id: CaseId, folio: &str, pin: Option<String>, new: bool) -> SavedPage {
    SavedPage { p, id, folio: folio.to_owned(), pin: pin.unwrap_or_default(), new }
}
