//! Correcting the description of a found record: with a reason, against the revision that was read. What was typed is never lost.

use super::error::PortalError;
use super::forms::{Errors, FieldError, Fields, Posted, fault_text};
use super::page::Page;
use super::person_form::{self, PersonChoices};
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::authority::Right;
use crate::domain::ids::FoundId;
use crate::services::ServiceError;
use crate::services::found;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "pages/found_correct.html")]
struct CorrectPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    choices: PersonChoices,
    id: Uuid,
    folio: String,
    rev: i32,
}

pub(super) async fn form(app: web::Data<App>, who: SignedIn, id: web::Path<FoundId>) -> Answer {
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    let file = found::file(&app, who.actor(), id.into_inner()).await?;
    let typed = person_form::filled(&file.view.person);
    let (p, row) = (who.page(), &file.view.row);
    let choices = PersonChoices::of(p.language, &typed);
    respond::page(&CorrectPage { p, errors: Errors::default(), choices, typed, id: row.id, folio: row.folio.clone(), rev: row.rev })
}

pub(super) async fn save(app: web::Data<App>, who: SignedIn, id: web::Path<FoundId>, form: Posted) -> Answer {
    let (id, lang) = (id.into_inner(), who.visit.lang);
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    let rev: i32 = form.get("rev").parse().map_err(|_| PortalError::Unreadable)?;
    let file = found::file(&app, who.actor(), id).await?;
    let row = &file.view.row;
    let mut errors = Errors::default();
    let as_of = file.view.found_at.map_or_else(|| app.clock.today(), |d| d.from);
    let person = person_form::read(lang, &form, &file.view.person, as_of, &mut errors);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if errors.is_empty() {
        match found::correct(&app, who.actor(), id, rev, form.get("why"), &person).await {
            Ok(_) => return Ok(respond::see_with(&app.settings, &format!("/hallazgos/{id}"), "success", "flash-found-corrected")),
            Err(ServiceError::Invalid(faults)) => {
                for fault in &faults.0 {
                    let field = if fault.pointer == "/reason" { "why" } else { person_form::field_of(&fault.pointer).unwrap_or_default() };
                    errors.0.push(FieldError { field: field.to_owned(), text: fault_text(lang, fault) });
                }
            }
            Err(ServiceError::Stale(_)) => {
                errors.add(lang, "", "found-stale");
                status = StatusCode::PRECONDITION_FAILED;
            }
            Err(other) => return Err(other.into()),
        }
    }
    let (p, typed) = (who.page(), form.0.clone());
    let choices = PersonChoices::of(lang, &typed);
    // The form goes on from the present revision: sending it again is a decision, made after reading what is new.
    let page = CorrectPage { p, errors, choices, typed, id: row.id, folio: row.folio.clone(), rev: row.rev };
    respond::page_with(&page, status)
}
