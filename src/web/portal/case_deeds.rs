//! What is done on a case's page: moves, consents, actions, answers to the family.

use super::case_consent;
use super::case_file::again;
use super::case_form::field_of;
use super::case_saved::pin_page;
use super::error::PortalError;
use super::forms::{Errors, FieldError, Posted, fault_text};
use super::i18n::Lang;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::authority::{AuthorityKind, Purpose, Right};
use crate::domain::case::CaseCommand;
use crate::domain::ids::CaseId;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::cases::{self, CaseMove, NewAction};
use crate::services::consents::{self, Subject, Withdrawal};
use crate::services::{association, hypotheses};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;
use uuid::Uuid;

fn done(app: &App, id: CaseId, part: &str, key: &str) -> HttpResponse {
    respond::see_with(&app.settings, &format!("/casos/{id}{part}"), "success", key)
}

/// Faults of a use case on fields of the page.
fn put(lang: Lang, faults: &Violations, errors: &mut Errors, field_of: impl Fn(&str) -> String) {
    for fault in &faults.0 {
        let error = FieldError { field: field_of(&fault.pointer), text: fault_text(lang, fault) };
        if !errors.0.contains(&error) {
            errors.0.push(error);
        }
    }
}

pub(super) async fn give_consent(app: web::Data<App>, who: SignedIn, id: web::Path<CaseId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteCases).map_err(ServiceError::from)?;
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let mut errors = Errors::default();
    let consent = case_consent::read(lang, &form, &mut errors);
    if consent.is_none() && errors.is_empty() {
        errors.add(lang, "search-to", "desk-error-recipient");
    }
    if let Some(consent) = consent.filter(|_| errors.is_empty()) {
        match consents::give(&app, who.actor(), Subject::Case(id), None, consent).await {
            Ok(_) => return Ok(done(&app, id, "#permisos", "flash-consent-given")),
            Err(ServiceError::Invalid(faults)) => put(lang, &faults, &mut errors, |pointer| field_of(&format!("/consent{pointer}"), &[])),
            Err(other) => return Err(other.into()),
        }
    }
    again(&app, &who, id, form.0.clone(), errors, StatusCode::UNPROCESSABLE_ENTITY).await
}

pub(super) async fn withdraw(app: web::Data<App>, who: SignedIn, id: web::Path<CaseId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteCases).map_err(ServiceError::from)?;
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let mut errors = Errors::default();
    let purpose: Option<Purpose> = form.word(lang, "withdraw-purpose", &mut errors);
    let recipient: Option<AuthorityKind> = form.word(lang, "withdraw-recipient", &mut errors);
    let mut faults = Violations::default();
    faults.check_text("/reason", form.get("withdraw-reason"), 1000);
    put(lang, &faults, &mut errors, |_| "withdraw-reason".to_owned());
    if !errors.is_empty() {
        return again(&app, &who, id, form.0.clone(), errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let withdrawal = Withdrawal { purpose, recipient, reason: form.get("withdraw-reason").to_owned() };
    consents::withdraw(&app, who.actor(), Subject::Case(id), withdrawal).await?;
    Ok(done(&app, id, "#permisos", "flash-desk-withdrawn"))
}

pub(super) async fn command(app: web::Data<App>, who: SignedIn, id: web::Path<CaseId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteCases).map_err(ServiceError::from)?;
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let rev: i32 = form.get("rev").parse().map_err(|_| PortalError::Unreadable)?;
    let mut errors = Errors::default();
    let command: Option<CaseCommand> = form.word(lang, "command", &mut errors);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if let Some(command) = command {
        let wanted = CaseMove { command, reason: form.get("move-reason").to_owned() };
        match cases::command(&app, who.actor(), id, rev, wanted).await {
            Ok(_) => return Ok(done(&app, id, "", "flash-desk-moved")),
            Err(ServiceError::Invalid(faults)) => put(lang, &faults, &mut errors, |_| "move-reason".to_owned()),
            Err(ServiceError::Stale(_)) => {
                errors.add(lang, "", "desk-stale-move");
                status = StatusCode::PRECONDITION_FAILED;
            }
            Err(ServiceError::Refused(_)) => {
                let key = match command {
                    CaseCommand::ConfirmIdentified => "desk-guard-identified",
                    CaseCommand::RecordFamilyNotified | CaseCommand::RevokeIdentification => "desk-guard-not-by-hand",
                    CaseCommand::LinkDuplicate => "desk-guard-duplicate",
                    _ => "desk-guard-location",
                };
                errors.add(lang, "command", key);
                status = StatusCode::CONFLICT;
            }
            Err(other) => return Err(other.into()),
        }
    } else if errors.is_empty() {
        errors.add(lang, "command", "fault-unknown-word");
    }
    again(&app, &who, id, form.0.clone(), errors, status).await
}

pub(super) async fn plan(app: web::Data<App>, who: SignedIn, id: web::Path<CaseId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteCases).map_err(ServiceError::from)?;
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let mut errors = Errors::default();
    let due = form.day(lang, "action-due", &mut errors);
    if due.is_none() && errors.is_empty() {
        errors.add(lang, "action-due", "fault-empty");
    }
    if form.get("action-kind").is_empty() {
        errors.add(lang, "action-kind", "fault-unknown-word");
    }
    if let Some(due) = due.filter(|_| errors.is_empty()) {
        let new =
            NewAction { kind: form.get("action-kind").to_owned(), addressee: form.opt("action-addressee"), note: form.opt("action-note"), due };
        match cases::plan_action(&app, who.actor(), id, None, new).await {
            Ok(_) => return Ok(done(&app, id, "#pendiente", "flash-desk-planned")),
            Err(ServiceError::Invalid(faults)) => {
                put(lang, &faults, &mut errors, |pointer| format!("action-{}", pointer.trim_start_matches('/')))
            }
            Err(other) => return Err(other.into()),
        }
    }
    again(&app, &who, id, form.0.clone(), errors, StatusCode::UNPROCESSABLE_ENTITY).await
}

pub(super) async fn finish(app: web::Data<App>, who: SignedIn, path: web::Path<(CaseId, Uuid)>, form: Posted) -> Answer {
    let (id, action) = path.into_inner();
    cases::finish_action(&app, who.actor(), id, action, form.get("result")).await?;
    Ok(done(&app, id, "#pendiente", "flash-desk-finished"))
}

pub(super) async fn answer(app: web::Data<App>, who: SignedIn, path: web::Path<(CaseId, Uuid)>, form: Posted) -> Answer {
    let ((id, message), lang) = (path.into_inner(), who.visit.lang);
    let field = format!("answer-{message}");
    match association::answer(&app, who.actor(), id, message, form.get(&field)).await {
        Ok(()) => Ok(done(&app, id, "#mensajes", "flash-desk-answered")),
        Err(ServiceError::Invalid(faults)) => {
            let mut errors = Errors::default();
            put(lang, &faults, &mut errors, |_| field.clone());
            again(&app, &who, id, form.0.clone(), errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn phase(app: web::Data<App>, who: SignedIn, id: web::Path<CaseId>, form: Posted) -> Answer {
    let id = id.into_inner();
    let phase: i16 = form.get("phase").parse().map_err(|_| PortalError::Unreadable)?;
    cases::set_family_phase(&app, who.actor(), id, phase).await?;
    Ok(done(&app, id, "#familia", "flash-desk-phase"))
}

pub(super) async fn renew_pin(app: web::Data<App>, who: SignedIn, id: web::Path<CaseId>, _form: Posted) -> Answer {
    let id = id.into_inner();
    let pin = cases::renew_pin(&app, who.actor(), id).await?;
    let file = cases::file(&app, who.actor(), id).await?;
    respond::page(&pin_page(who.page(), id, &file.view.row.folio, Some(pin), false))
}

pub(super) async fn compare_again(app: web::Data<App>, who: SignedIn, id: web::Path<CaseId>, _form: Posted) -> Answer {
    let id = id.into_inner();
    cases::file(&app, who.actor(), id).await?;
    hypotheses::compare_again(&app, who.actor(), "case", id.0).await?;
    Ok(done(&app, id, "#hipotesis", "flash-compare-asked"))
}
