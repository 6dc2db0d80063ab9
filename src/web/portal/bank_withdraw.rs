//! Withdrawing a donor's consent: first what it means, in plain words, then the deed.

use super::error::PortalError;
use super::forms::{Errors, FieldError, Posted, fault_text};
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::authority::Right;
use crate::domain::ids::DonorId;
use crate::services::ServiceError;
use crate::services::bank::donors;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

#[derive(Template)]
#[template(path = "pages/bank_withdraw.html")]
struct WithdrawPage {
    p: Page,
    errors: Errors,
    id: DonorId,
    code: String,
    reason: String,
    sure: bool,
}

async fn page(app: &App, who: &SignedIn, id: DonorId, form: Option<&Posted>, errors: Errors) -> Result<WithdrawPage, PortalError> {
    let donor = donors::read(app, who.actor(), id).await?;
    // Only the institution that registered the donor is told the consents, and only it can end them.
    if donor.consents.is_none() {
        return Err(ServiceError::NotFound.into());
    }
    Ok(WithdrawPage {
        id,
        code: donor.code,
        reason: form.map(|f| f.get("reason").to_owned()).unwrap_or_default(),
        sure: form.is_some_and(|f| f.ticked("sure", "yes")),
        errors,
        p: who.page(),
    })
}

pub(super) async fn form(app: web::Data<App>, who: SignedIn, id: web::Path<DonorId>) -> Answer {
    who.actor().require(Right::WriteSamples).map_err(ServiceError::from)?;
    respond::page(&page(&app, &who, id.into_inner(), None, Errors::default()).await?)
}

pub(super) async fn withdraw(app: web::Data<App>, who: SignedIn, id: web::Path<DonorId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteSamples).map_err(ServiceError::from)?;
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let mut errors = Errors::default();
    if !form.ticked("sure", "yes") {
        errors.add(lang, "sure", "bank-error-sure");
    } else {
        match donors::withdraw_consent(&app, who.actor(), id, form.get("reason")).await {
            Ok(_) => return Ok(respond::see_with(&app.settings, &format!("/banco/donantes/{id}"), "success", "flash-bank-withdrawn")),
            Err(ServiceError::Invalid(faults)) => {
                errors.0.extend(faults.0.iter().map(|f| FieldError { field: "reason".to_owned(), text: fault_text(lang, f) }));
            }
            Err(other) => return Err(other.into()),
        }
    }
    respond::page_with(&page(&app, &who, id, Some(&form), errors).await?, StatusCode::UNPROCESSABLE_ENTITY)
}
