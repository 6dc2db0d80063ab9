//! A sample that comes: what the receiver reads from its label and sees of it. The screen tells neither the whole code nor the seal it left with.

use super::error::PortalError;
use super::forms::{Choice, Errors, FieldError, Fields, Posted, fault_text};
use super::i18n::Lang;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use super::views::{Row, rows};
use crate::app::App;
use crate::domain::authority::Right;
use crate::domain::custody::Condition;
use crate::domain::ids::CustodyEventId;
use crate::domain::sample::SampleState;
use crate::domain::violations::Violation;
use crate::services::ServiceError;
use crate::services::bank::custody::{self, Reception};
use crate::services::bank::desk;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

#[derive(Template)]
#[template(path = "pages/bank_reception.html")]
struct ReceptionPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    id: CustodyEventId,
    code: String,
    may_write: bool,
    rows: Vec<Row>,
    conditions: Vec<Choice>,
}

async fn page(app: &App, who: &SignedIn, id: CustodyEventId, typed: Fields, errors: Errors) -> Result<ReceptionPage, PortalError> {
    let awaited = custody::awaited(app, who.actor(), id).await?;
    let from = desk::institution(app, who.actor(), awaited.hand_over.from_authority).await?;
    let p = who.page();
    let conditions: Vec<&str> = Condition::ALL.iter().map(|c| c.as_str()).collect();
    Ok(ReceptionPage {
        rows: rows(vec![
            (p.t("bank-from"), from),
            (p.t("bank-material"), p.word("material", &awaited.material)),
            (p.t("bank-sent"), p.moment(awaited.hand_over.at)),
            (p.t("bank-due-by"), awaited.hand_over.due_at.map(|due| p.day(due.date_naive())).unwrap_or_default()),
            (p.t("bank-field-to-name"), awaited.to_name.unwrap_or_default()),
        ]),
        conditions: Choice::words(p.language, "condition", &conditions, &[typed.get("condition")]),
        may_write: who.actor().may(Right::WriteSamples),
        code: awaited.hand_over.code,
        id,
        typed,
        errors,
        p,
    })
}

pub(super) async fn form(app: web::Data<App>, who: SignedIn, id: web::Path<CustodyEventId>) -> Answer {
    respond::page(&page(&app, &who, id.into_inner(), Fields::default(), Errors::default()).await?)
}

/// Reads the reception; faults of form go to `errors`.
fn read(lang: Lang, form: &Fields, errors: &mut Errors) -> Option<Reception> {
    if form.get("code").is_empty() {
        errors.add(lang, "code", "bank-error-code");
    }
    let condition: Option<Condition> = form.word(lang, "condition", errors);
    if condition.is_none() && errors.of("condition").is_empty() {
        errors.add(lang, "condition", "bank-error-condition");
    }
    Some(Reception {
        code: form.get("code").to_owned(),
        seal: form.opt("seal"),
        condition: condition?,
        discrepancy: form.opt("discrepancy"),
        location: form.opt("location"),
        temperature: form.opt("temperature"),
    })
}

/// A fault of the service on the form's field.
fn fault(lang: Lang, fault: &Violation) -> FieldError {
    let text = if fault.code == "other_sample" { lang.text("bank-error-other-sample") } else { fault_text(lang, fault) };
    FieldError { field: fault.pointer.trim_start_matches('/').to_owned(), text }
}

pub(super) async fn receive(app: web::Data<App>, who: SignedIn, id: web::Path<CustodyEventId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteSamples).map_err(ServiceError::from)?;
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let mut errors = Errors::default();
    let new = read(lang, &form, &mut errors).filter(|_| errors.is_empty());
    if let Some(new) = new {
        match desk::receive(&app, who.actor(), id, new).await {
            Ok((sample, state)) => {
                let as_sent = state != SampleState::Discrepancy.as_str();
                let (kind, said) = if as_sent { ("success", "flash-bank-received") } else { ("warning", "flash-bank-discrepancy") };
                return Ok(respond::see_with(&app.settings, &format!("/banco/muestras/{sample}"), kind, said));
            }
            Err(ServiceError::Invalid(faults)) => errors.0.extend(faults.0.iter().map(|f| fault(lang, f))),
            Err(other) => return Err(other.into()),
        }
    }
    respond::page_with(&page(&app, &who, id, form.0.clone(), errors).await?, StatusCode::UNPROCESSABLE_ENTITY)
}
