//! A donor's consent as a form: which kinds of institutions may keep and search the sample, how it was explained, by whom, until when.

use super::case_form::SPOKEN;
use super::forms::{Choice, Errors, FieldError, Fields, fault_text};
use super::i18n::Lang;
use crate::domain::violations::{Violation, Violations};
use crate::services::bank::desk::KEEPERS;
use crate::services::bank::donors::DonorConsent;

/// Who gives it: the donor, or whoever may for them.
pub(super) const GIVERS: [&str; 2] = ["donor", "guardian"];

/// What the consent's part lets choose.
#[derive(Debug, Clone)]
pub(super) struct DonorConsentChoices {
    pub institutions: Vec<Choice>,
    pub languages: Vec<Choice>,
    pub givers: Vec<Choice>,
}

impl DonorConsentChoices {
    pub fn of(lang: Lang, typed: &Fields) -> Self {
        let kinds: Vec<&str> = KEEPERS.iter().map(|k| k.as_str()).collect();
        Self {
            institutions: Choice::words(lang, "authority", &kinds, &typed.all("institutions")),
            languages: Choice::words(lang, "spoken", &SPOKEN, &[typed.get("consent-language")]),
            givers: Choice::words(lang, "consent-giver", &GIVERS, &[typed.get("granted-by")]),
        }
    }
}

/// Whether anything of a consent was typed.
pub(super) fn is_begun(typed: &Fields) -> bool {
    ["institutions", "consent-language", "explained-by", "granted-by", "form-version", "until"].iter().any(|name| !typed.get(name).is_empty())
}

/// Reads the consent as typed; what is missing is the service's to say.
pub(super) fn read(lang: Lang, typed: &Fields, errors: &mut Errors) -> DonorConsent {
    DonorConsent {
        institutions: typed.all("institutions").iter().filter_map(|k| k.parse().ok()).filter(|k| KEEPERS.contains(k)).collect(),
        language: typed.get("consent-language").to_owned(),
        explained_by: typed.get("explained-by").to_owned(),
        granted_by: typed.get("granted-by").to_owned(),
        form_version: typed.get("form-version").to_owned(),
        until: typed.day(lang, "until", errors),
    }
}

/// The field of the form that a pointer below the consent means.
fn field_of(pointer: &str) -> &'static str {
    match pointer {
        "/language" => "consent-language",
        "/explained_by" => "explained-by",
        "/granted_by" => "granted-by",
        "/form_version" => "form-version",
        "/until" => "until",
        _ => "institutions",
    }
}

/// A fault of the consent on the form's field.
pub(super) fn fault(lang: Lang, pointer: &str, fault: &Violation) -> FieldError {
    let field = field_of(pointer);
    let text = match (field, fault.code) {
        ("institutions", "empty") => lang.text("bank-error-institutions"),
        ("until", "past") => lang.text("bank-error-past"),
        _ => fault_text(lang, fault),
    };
    FieldError { field: field.to_owned(), text }
}

/// Every fault of a consent that is a form of its own.
pub(super) fn faults(lang: Lang, faults: &Violations) -> Errors {
    Errors(faults.0.iter().map(|f| fault(lang, &f.pointer, f)).collect())
}
