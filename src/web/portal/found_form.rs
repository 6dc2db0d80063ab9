//! Registering a found person: one form for the living and the dead. Its parts follow the kind by style sheet alone; without it all are shown.

use super::error::PortalError;
use super::forms::{Choice, Errors, FieldError, Fields, Posted, fault_text};
use super::i18n::Lang;
use super::page::Page;
use super::person_form::{self, PersonChoices, countries};
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::forms::OnceKey;
use crate::domain::authority::{AuthorityKind, Purpose, Right};
use crate::domain::disclosure::Category;
use crate::domain::found::{BodyState, FoundKind, WantsContact};
use crate::domain::person::Description;
use crate::domain::place::{Place, PlacePrecision};
use crate::domain::violations::Violation;
use crate::services::ServiceError;
use crate::services::cases::{ConsentForm, ConsentGrant};
use crate::services::found::{self, NewFound};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use chrono::NaiveDate;

/// The kinds that are registered by hand, the living first.
const KINDS: [FoundKind; 6] =
    [FoundKind::Living, FoundKind::Hospital, FoundKind::Shelter, FoundKind::Detention, FoundKind::RemainsNamed, FoundKind::RemainsUnnamed];

/// With whom a living person may agree to share.
const RECIPIENTS: [AuthorityKind; 7] = [
    AuthorityKind::SearchCommission,
    AuthorityKind::Consulate,
    AuthorityKind::PublicDefender,
    AuthorityKind::Ombudsperson,
    AuthorityKind::RedCross,
    AuthorityKind::ForensicBank,
    AuthorityKind::ForensicService,
];

#[derive(Template)]
#[template(path = "pages/found_new.html")]
struct NewPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    once: String,
    choices: PersonChoices,
    kinds: Vec<Choice>,
    countries: Vec<Choice>,
    precisions: Vec<Choice>,
    body_states: Vec<Choice>,
    wishes: Vec<Choice>,
    consent: ConsentChoices,
    /// Parts with something typed stay in sight whatever the kind, so that no fault hides.
    keep_remains: bool,
    keep_living: bool,
}

/// What the consent's part lets choose.
#[derive(Debug, Clone)]
pub(super) struct ConsentChoices {
    pub recipients: Vec<Choice>,
    pub languages: Vec<Choice>,
}

impl ConsentChoices {
    pub fn of(lang: Lang, typed: &Fields) -> Self {
        let recipients: Vec<&str> = RECIPIENTS.iter().map(|r| r.as_str()).collect();
        Self {
            recipients: Choice::words(lang, "authority", &recipients, &typed.all("consent")),
            languages: ["es", "en", "fr", "ht", "pt", "quc", "mam", "kek", "cab", "other"]
                .iter()
                .map(|l| Choice::new(*l, lang.word("spoken", l), typed.get("consent-language") == *l))
                .collect(),
        }
    }
}

/// The consent as ticked; `None` when nothing is. To search for the family, and to help where the recipient helps.
pub(super) fn consent(typed: &Fields) -> Option<ConsentForm> {
    let recipients: Vec<AuthorityKind> = typed.all("consent").iter().filter_map(|r| r.parse().ok()).filter(|r| RECIPIENTS.contains(r)).collect();
    let mut grants = Vec::new();
    for recipient in recipients {
        let more = match recipient {
            AuthorityKind::Consulate => Some(Purpose::ConsularAssistance),
            AuthorityKind::PublicDefender => Some(Purpose::LegalDefence),
            _ => None,
        };
        for purpose in std::iter::once(Purpose::Search).chain(more) {
            let categories = vec![Category::Identity, Category::Description, Category::Circumstances];
            grants.push(ConsentGrant { purpose, recipient, categories });
        }
    }
    (!grants.is_empty()).then(|| ConsentForm {
        grants,
        language: typed.get("consent-language").to_owned(),
        explained_by: typed.get("explained-by").to_owned(),
        granted_by: "self".to_owned(),
        form_version: "1".to_owned(),
    })
}

fn new_page(p: Page, typed: Fields, once: String, errors: Errors) -> NewPage {
    let lang = p.language;
    let words = |all: &[&'static str], family: &str, name: &str| Choice::words(lang, family, all, &[typed.get(name)]);
    let any = |names: &[&str]| names.iter().any(|n| !typed.get(n).is_empty() || !errors.of(n).is_empty());
    NewPage {
        choices: PersonChoices::of(lang, &typed),
        kinds: words(&KINDS.map(FoundKind::as_str), "found-kind", "kind"),
        countries: countries(lang, typed.get("country")),
        precisions: words(&PlacePrecision::ALL.iter().map(|w| w.as_str()).collect::<Vec<_>>(), "place-precision", "precision"),
        body_states: words(&BodyState::ALL.iter().map(|w| w.as_str()).collect::<Vec<_>>(), "body-state", "body-state"),
        wishes: words(&WantsContact::ALL.iter().map(|w| w.as_str()).collect::<Vec<_>>(), "wants-contact", "wants-contact"),
        consent: ConsentChoices::of(lang, &typed),
        keep_remains: any(&["body-state", "pmi-min", "pmi-max"]),
        keep_living: any(&["wants-contact", "consent", "explained-by"]),
        typed,
        errors,
        once,
        p,
    }
}

pub(super) async fn form(app: web::Data<App>, who: SignedIn) -> Answer {
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    let mut typed = Fields::default();
    if let Some(kind) = Fields::read(&who.visit.query)?.opt("situacion") {
        typed.0.push(("kind".to_owned(), kind));
    }
    respond::page(&new_page(who.page(), typed, app.ids.next().to_string(), Errors::default()))
}

/// Reads the record; faults of form go to `errors`.
fn read(lang: Lang, typed: &Fields, today: NaiveDate, errors: &mut Errors) -> Option<NewFound> {
    let kind: Option<FoundKind> = typed.word(lang, "kind", errors);
    if kind.is_none() && errors.of("kind").is_empty() {
        errors.add(lang, "kind", "found-error-kind");
    }
    let found_at = typed.partial_date(lang, "found-on", errors);
    let as_of = found_at.map_or(today, |d| d.from);
    let place = Place {
        name: typed.opt("place"),
        country: typed.opt("country"),
        admin1: typed.opt("admin1"),
        lat: typed.number(lang, "lat", errors),
        lon: typed.number(lang, "lon", errors),
        uncertainty_m: None,
        precision: typed.word(lang, "precision", errors),
    };
    let person = person_form::read(lang, typed, &Description::default(), as_of, errors);
    let consent = consent(typed);
    let body_state = typed.word(lang, "body-state", errors);
    let pmi_min_days = typed.number(lang, "pmi-min", errors);
    let pmi_max_days = typed.number(lang, "pmi-max", errors);
    let wants_contact = typed.word(lang, "wants-contact", errors);
    let kind = kind?;
    if kind.is_remains() && (consent.is_some() || wants_contact.is_some()) {
        errors.add(lang, "wants-contact", "found-error-remains");
    }
    if consent.is_none() && !typed.get("explained-by").is_empty() {
        errors.add(lang, "consent", "found-error-recipient");
    }
    Some(NewFound {
        kind,
        external_id: typed.opt("own-number"),
        scheme: None,
        person,
        found_at,
        place,
        body_state,
        pmi_min_days,
        pmi_max_days,
        wants_contact,
        held_at: typed.opt("held-at"),
        language: None,
        consent,
    })
}

/// A fault of the service on the form's field.
fn fault(lang: Lang, fault: &Violation) -> FieldError {
    let (field, key) = match fault.pointer.as_str() {
        "/kind" => ("kind", "found-error-living"),
        "/found_at" => ("found-on", ""),
        "/pmi_min_days" => ("pmi-min", if fault.code == "reversed" { "found-error-reversed" } else { "found-error-range" }),
        "/pmi_max_days" => ("pmi-max", "found-error-range"),
        "/external_id" => ("own-number", ""),
        "/held_at" => ("held-at", ""),
        "/place/lat" if fault.code == "incomplete" => ("lat", "found-error-both"),
        "/place/lat" => ("lat", "found-error-coordinates"),
        "/place/lon" => ("lon", "found-error-coordinates"),
        "/place/name" => ("place", ""),
        "/place/admin1" => ("admin1", ""),
        "/place/country" => ("country", ""),
        "/consent/language" => ("consent-language", "found-error-consent"),
        "/consent/explained_by" => ("explained-by", "found-error-consent"),
        pointer => (person_form::field_of(pointer).unwrap_or_default(), ""),
    };
    let text = if key.is_empty() { fault_text(lang, fault) } else { lang.text(key) };
    FieldError { field: field.to_owned(), text }
}

/// The key that came with the form; one that is none gets a new one.
fn once(app: &App, form: &Fields) -> String {
    form.get("once").parse::<uuid::Uuid>().map_or_else(|_| app.ids.next().to_string(), |id| id.to_string())
}

pub(super) async fn register(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    let lang = who.visit.lang;
    let key = once(&app, &form);
    let again = |errors: Errors, status: StatusCode| respond::page_with(&new_page(who.page(), form.0.clone(), key.clone(), errors), status);
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    let mut errors = Errors::default();
    let new = read(lang, &form, app.clock.today(), &mut errors);
    let Some(new) = new.filter(|_| errors.is_empty()) else { return again(errors, StatusCode::UNPROCESSABLE_ENTITY) };
    match found::register(&app, who.actor(), Some(&OnceKey::of_form(&format!("found {key}"))), new).await {
        Ok(done) => Ok(respond::see_with(&app.settings, &format!("/hallazgos/{}", done.made.id), "success", "flash-found-saved")),
        Err(ServiceError::Invalid(faults)) => {
            for one in &faults.0 {
                let error = fault(lang, one);
                if !errors.0.contains(&error) {
                    errors.0.push(error);
                }
            }
            again(errors, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(ServiceError::Taken(_)) => {
            errors.add(lang, "own-number", "found-error-taken");
            again(errors, StatusCode::CONFLICT)
        }
        Err(other) => Err(PortalError::from(other)),
    }
}
