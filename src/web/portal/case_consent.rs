//! The family's consent as a form: for each purpose with whom and which data, and in which language it was explained.

use super::case_form::{KIN, SPOKEN};
use super::forms::{Choice, Errors, Fields};
use super::i18n::Lang;
use crate::domain::authority::{AuthorityKind, Purpose};
use crate::domain::disclosure::Category;
use crate::services::cases::{ConsentForm, ConsentGrant};

use AuthorityKind as A;

/// The purposes a family is asked about, each with the classes of recipients that have such a task.
const ASKED: [(Purpose, &[AuthorityKind]); 4] = [
    (
        Purpose::Search,
        &[
            A::SearchCommission,
            A::Prosecutor,
            A::ForensicBank,
            A::ForensicService,
            A::Consulate,
            A::PublicDefender,
            A::Ombudsperson,
            A::MigrantShelter,
            A::Hospital,
            A::Association,
            A::RedCross,
        ],
    ),
    (Purpose::Identification, &[A::ForensicBank, A::ForensicService, A::Laboratory, A::Prosecutor, A::SearchCommission]),
    (Purpose::ConsularAssistance, &[A::Consulate]),
    (Purpose::LegalDefence, &[A::PublicDefender, A::Ombudsperson]),
];

const CATEGORIES: [Category; 6] =
    [Category::Identity, Category::Description, Category::Circumstances, Category::Health, Category::Identifiers, Category::Contact];

/// One purpose with what can be ticked for it.
#[derive(Debug, Clone)]
pub(super) struct PurposeForm {
    /// Names of its two groups of boxes.
    pub to: String,
    pub what: String,
    pub title: String,
    pub recipients: Vec<Choice>,
    pub categories: Vec<Choice>,
    /// Whether anything is ticked or wrong, so that it stays in sight.
    pub open: bool,
}

/// What the consent's part lets choose.
#[derive(Debug, Clone)]
pub(super) struct ConsentChoices {
    pub purposes: Vec<PurposeForm>,
    pub languages: Vec<Choice>,
    pub givers: Vec<Choice>,
}

fn names(purpose: Purpose) -> (String, String) {
    let word = purpose.as_str().replace('_', "-");
    (format!("{word}-to"), format!("{word}-what"))
}

impl ConsentChoices {
    pub fn of(lang: Lang, typed: &Fields, errors: &Errors) -> Self {
        let purposes = ASKED
            .iter()
            .map(|(purpose, recipients)| {
                let (to, what) = names(*purpose);
                let words: Vec<&str> = recipients.iter().map(|r| r.as_str()).collect();
                let categories: Vec<&str> = CATEGORIES.iter().map(|c| c.as_str()).collect();
                let filled = |name: &str| !typed.all(name).is_empty() || !errors.of(name).is_empty();
                PurposeForm {
                    title: lang.word("purpose", purpose.as_str()),
                    recipients: Choice::words(lang, "authority", &words, &typed.all(&to)),
                    categories: Choice::words(lang, "data-category", &categories, &typed.all(&what)),
                    open: *purpose == Purpose::Search || filled(&to) || filled(&what),
                    to,
                    what,
                }
            })
            .collect();
        Self {
            purposes,
            languages: Choice::words(lang, "spoken", &SPOKEN, &[typed.get("consent-language")]),
            givers: Choice::words(lang, "kin", &KIN, &[typed.get("granted-by")]),
        }
    }
}

/// Reads the consent as ticked; `None` when nothing is. A purpose needs both a recipient and a category.
pub(super) fn read(lang: Lang, typed: &Fields, errors: &mut Errors) -> Option<ConsentForm> {
    let mut grants = Vec::new();
    for (purpose, known) in ASKED {
        let (to, what) = names(purpose);
        let recipients: Vec<AuthorityKind> = typed.all(&to).iter().filter_map(|r| r.parse().ok()).filter(|r| known.contains(r)).collect();
        let categories: Vec<Category> = typed.all(&what).iter().filter_map(|c| c.parse().ok()).filter(|c| CATEGORIES.contains(c)).collect();
        match (recipients.is_empty(), categories.is_empty()) {
            (true, false) => errors.add(lang, &to, "desk-error-recipient"),
            (false, true) => errors.add(lang, &what, "desk-error-category"),
            _ => {}
        }
        for recipient in recipients {
            grants.push(ConsentGrant { purpose, recipient, categories: categories.clone() });
        }
    }
    let explained = ["consent-language", "explained-by", "granted-by"].iter().any(|n| !typed.get(n).is_empty());
    if grants.is_empty() {
        if explained && errors.is_empty() {
            errors.add(lang, "search-to", "desk-error-recipient");
        }
        return None;
    }
    Some(ConsentForm {
        grants,
        language: typed.get("consent-language").to_owned(),
        explained_by: typed.get("explained-by").to_owned(),
        granted_by: typed.get("granted-by").to_owned(),
        form_version: "1".to_owned(),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn consent_is_read_per_purpose_recipient_and_category_and_half_of_it_is_a_fault() {
        let form = "search-to=consulate&search-to=forensic_bank&search-what=identity&legal-defence-to=public_defender&legal-defence-what=contact\
                    &consent-language=quc&explained-by=Ana&granted-by=mother";
        let mut errors = Errors::default();
        let read_form = read(Lang::Es, &Fields::read(form).unwrap(), &mut errors).unwrap();
        assert!(errors.is_empty());
        let grants: Vec<_> = read_form.grants.iter().map(|g| (g.purpose, g.recipient, g.categories.clone())).collect();
        assert_eq!(grants.len(), 3);
        assert_eq!(grants[2], (Purpose::LegalDefence, AuthorityKind::PublicDefender, vec![Category::Contact]));
        assert_eq!(read_form.language, "quc");
        let mut errors = Errors::default();
        read(Lang::Es, &Fields::read("search-to=consulate&identification-what=identity").unwrap(), &mut errors);
        assert!(!errors.of("search-what").is_empty() && !errors.of("identification-to").is_empty());
        // A class of recipient that has no such task is not taken from a form.
        assert!(read(Lang::Es, &Fields::read("consular-assistance-to=court&consular-assistance-what=identity").unwrap(), &mut errors).is_none());
    }
}
