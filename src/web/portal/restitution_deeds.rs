//! What is done with a restitution: the way home, things with their receipts, the named moves.

use super::error::PortalError;
use super::forms::{Errors, Posted};
use super::life::{failed, instant, revision};
use super::respond::{self, Answer};
use super::restitution::{FAMILY, again};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::authority::Right;
use crate::domain::ids::RestitutionId;
use crate::domain::restitution::{ItemKind, Paper, PaperState, RestitutionCommand};
use crate::services::ServiceError;
use crate::services::restitution::{self, NewItem, PaperSaid, Receipt, RestitutionDetails, RestitutionMove};
use actix_web::http::StatusCode;
use actix_web::web;
use uuid::Uuid;

fn address(id: RestitutionId) -> String {
    format!("/restituciones/{id}")
}

/// Writing is the case's institution's with its right, and the keeper's with its own; the service asks for the right of the two that counts.
fn may_write(who: &SignedIn) -> Result<(), ServiceError> {
    if who.actor().may(Right::WriteFound) { Ok(()) } else { Ok(who.actor().require(Right::WriteCases)?) }
}

pub(super) async fn edit(app: web::Data<App>, who: SignedIn, id: web::Path<RestitutionId>, form: Posted) -> Answer {
    may_write(&who)?;
    let (id, lang, rev) = (id.into_inner(), who.visit.lang, revision(&form)?);
    let mut errors = Errors::default();
    let mut details = RestitutionDetails {
        receiver: form.opt("receiver"),
        destination: form.opt("destination"),
        carrier: form.opt("carrier"),
        payer: form.opt("payer"),
        wishes: form.opt("wishes"),
        ..RestitutionDetails::default()
    };
    for paper in Paper::ALL {
        let state = form.word(lang, &format!("{paper}-state"), &mut errors).unwrap_or(PaperState::Pending);
        let on = form.day(lang, &format!("{paper}-on"), &mut errors);
        let reference = form.get(&format!("{paper}-reference")).to_owned();
        if state != PaperState::Pending || on.is_some() || !reference.is_empty() {
            details.papers.insert(*paper, PaperSaid { state, reference, on });
        }
    }
    if !errors.is_empty() {
        return again(&app, &who, id, &form, (errors, StatusCode::UNPROCESSABLE_ENTITY)).await;
    }
    match restitution::edit(&app, who.actor(), id, rev, details).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &address(id), "success", "flash-restitution-saved")),
        Err(error) => {
            let wrong = failed(lang, FAMILY, error, |pointer| pointer.trim_start_matches("/papers/").trim_start_matches('/').replace('/', "-"))?;
            again(&app, &who, id, &form, wrong).await
        }
    }
}

pub(super) async fn add_item(app: web::Data<App>, who: SignedIn, id: web::Path<RestitutionId>, form: Posted) -> Answer {
    may_write(&who)?;
    let (id, lang, rev) = (id.into_inner(), who.visit.lang, revision(&form)?);
    let mut errors = Errors::default();
    let kind: Option<ItemKind> = form.word(lang, "kind", &mut errors);
    let Some(kind) = kind else {
        if errors.is_empty() {
            errors.add(lang, "kind", "error-bad-choice");
        }
        return again(&app, &who, id, &form, (errors, StatusCode::UNPROCESSABLE_ENTITY)).await;
    };
    let new = NewItem { kind, description: form.get("description").to_owned() };
    match restitution::add_item(&app, who.actor(), id, rev, new).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &format!("{}#cosas", address(id)), "success", "flash-restitution-item")),
        Err(error) => {
            let wrong = failed(lang, FAMILY, error, |pointer| pointer.trim_start_matches('/').to_owned())?;
            again(&app, &who, id, &form, wrong).await
        }
    }
}

pub(super) async fn write_receipt(app: web::Data<App>, who: SignedIn, path: web::Path<(RestitutionId, Uuid)>, form: Posted) -> Answer {
    may_write(&who)?;
    let (id, item) = path.into_inner();
    let (lang, rev) = (who.visit.lang, revision(&form)?);
    let field = |name: &str| format!("{item}-{name}");
    let told = |name: &str| form.get(&field(name)).to_owned();
    let mut errors = Errors::default();
    let at = instant(lang, &form, &item.to_string(), &mut errors);
    let Some(at) = at.filter(|_| errors.is_empty()) else {
        if errors.is_empty() {
            errors.add(lang, &field("day"), "life-day-and-time");
        }
        return again(&app, &who, id, &form, (errors, StatusCode::UNPROCESSABLE_ENTITY)).await;
    };
    let receipt = Receipt { received_by: told("received_by"), handed_over_by: told("handed_over_by"), receipt: told("receipt"), at };
    match restitution::write_receipt(&app, who.actor(), id, rev, item, receipt).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &format!("{}#cosas", address(id)), "success", "flash-restitution-receipt")),
        Err(error) => {
            let wrong = failed(lang, FAMILY, error, |pointer| field(if pointer == "/at" { "day" } else { pointer.trim_start_matches('/') }))?;
            again(&app, &who, id, &form, wrong).await
        }
    }
}

pub(super) async fn command(app: web::Data<App>, who: SignedIn, id: web::Path<RestitutionId>, form: Posted) -> Answer {
    may_write(&who)?;
    let (id, lang, rev) = (id.into_inner(), who.visit.lang, revision(&form)?);
    let command: RestitutionCommand = form.get("command").parse().map_err(|_| PortalError::Unreadable)?;
    let wanted = RestitutionMove { command, reason: form.get(&format!("{command}-reason")).to_owned() };
    match restitution::command(&app, who.actor(), id, rev, wanted).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &address(id), "success", "flash-restitution-moved")),
        Err(error) => {
            let wrong = failed(lang, FAMILY, error, |pointer| match pointer {
                "/reason" => format!("{command}-reason"),
                "/items" => "description".to_owned(),
                _ => match (pointer.strip_prefix("/papers/"), pointer.strip_prefix("/items/")) {
                    (Some(paper), _) => format!("{paper}-reference"),
                    (_, Some(item)) => format!("{}-receipt", item.split('/').next().unwrap_or_default()),
                    _ => pointer.trim_start_matches('/').to_owned(),
                },
            })?;
            again(&app, &who, id, &form, wrong).await
        }
    }
}
