//! Registering remains of a found record.

use super::bank_donors::once;
use super::error::PortalError;
use super::forms::{Choice, Errors, FieldError, Fields, Posted, fault_text};
use super::i18n::Lang;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::forms::OnceKey;
use crate::db::remains::RemainsRow;
use crate::domain::authority::Right;
use crate::domain::found::BodyState;
use crate::domain::ids::{FoundId, RemainsId};
use crate::domain::remains::{PostMortemInterval, RemainsKind};
use crate::domain::skeleton::Completeness;
use crate::domain::violations::Violation;
use crate::services::ServiceError;
use crate::services::remains::{self, NewRemains};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "pages/remains_new.html")]
struct NewPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    once: String,
    found: Uuid,
    kinds: Vec<Choice>,
    sets: Vec<Choice>,
    completeness: Vec<Choice>,
    body_states: Vec<Choice>,
    pmi_from: Vec<Choice>,
    pmi_to: Vec<Choice>,
}

fn page(p: Page, found: FoundId, siblings: &[RemainsRow], typed: Fields, once: String, errors: Errors) -> NewPage {
    let lang = p.language;
    let words = |all: Vec<&str>, family: &str, name: &str| Choice::words(lang, family, &all, &[typed.get(name)]);
    let pmi: Vec<&str> = PostMortemInterval::ALL.iter().map(|w| w.as_str()).collect();
    let set = |row: &RemainsRow| Choice::new(row.id.to_string(), row.code.clone(), typed.get("set") == row.id.to_string());
    let mut kinds = words(RemainsKind::ALL.iter().map(|w| w.as_str()).collect(), "remains-kind", "kind");
    for kind in &mut kinds {
        kind.hint = lang.word("remains-kind-hint", &kind.value);
    }
    NewPage {
        kinds,
        sets: siblings.iter().filter(|s| s.kind() == RemainsKind::CommingledSet).map(set).collect(),
        completeness: words(Completeness::ALL.iter().map(|w| w.as_str()).collect(), "bone-completeness", "completeness"),
        body_states: words(BodyState::ALL.iter().map(|w| w.as_str()).collect(), "body-state", "body-state"),
        pmi_from: words(pmi.clone(), "pmi", "pmi-from"),
        pmi_to: words(pmi, "pmi", "pmi-to"),
        found: found.0,
        typed,
        once,
        errors,
        p,
    }
}

pub(super) async fn form(app: web::Data<App>, who: SignedIn, id: web::Path<FoundId>) -> Answer {
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    let siblings = remains::of_found(&app, who.actor(), *id).await?;
    respond::page(&page(who.page(), *id, &siblings, Fields::read(&who.visit.query)?, app.ids.next().to_string(), Errors::default()))
}

fn read(lang: Lang, typed: &Fields, errors: &mut Errors) -> Option<NewRemains> {
    let kind: Option<RemainsKind> = typed.word(lang, "kind", errors);
    if kind.is_none() && errors.of("kind").is_empty() {
        errors.add(lang, "kind", "error-required");
    }
    Some(NewRemains {
        set: typed.opt("set").and_then(|id| id.parse().ok()).map(RemainsId),
        completeness: typed.word(lang, "completeness", errors),
        body_state: typed.word(lang, "body-state", errors),
        pmi_from: typed.word(lang, "pmi-from", errors),
        pmi_to: typed.word(lang, "pmi-to", errors),
        location: typed.opt("location"),
        note: typed.opt("note"),
        kind: kind?,
    })
}

/// A fault of the service in words, at the form's field.
pub(super) fn fault(lang: Lang, fault: &Violation, field: String) -> FieldError {
    let key = format!("remains-fault-{}", fault.code.replace('_', "-"));
    FieldError { field, text: if lang.has(&key) { lang.text(&key) } else { fault_text(lang, fault) } }
}

pub(super) async fn register(app: web::Data<App>, who: SignedIn, id: web::Path<FoundId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    let (lang, key) = (who.visit.lang, once(&app, &form));
    let mut errors = Errors::default();
    let new = read(lang, &form, &mut errors).filter(|_| errors.is_empty());
    if let Some(new) = new {
        match remains::register(&app, who.actor(), *id, Some(&OnceKey::of_form(&format!("remains {key}"))), new).await {
            Ok(done) => {
                return Ok(respond::see_with(&app.settings, &format!("/restos/{}", done.made.id), "success", "flash-remains-registered"));
            }
            Err(ServiceError::Invalid(faults)) => {
                errors.0.extend(faults.0.iter().map(|f| fault(lang, f, f.pointer.trim_start_matches('/').replace('_', "-"))));
            }
            Err(other) => return Err(PortalError::from(other)),
        }
    }
    let siblings = remains::of_found(&app, who.actor(), *id).await?;
    respond::page_with(&page(who.page(), *id, &siblings, form.0.clone(), key, errors), StatusCode::UNPROCESSABLE_ENTITY)
}
