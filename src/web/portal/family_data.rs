//! What we hold of a family, with whom it is shared and what for, who looked, and withdrawing a permission after reading what then happens.

use super::family::with_help;
use super::forms::{Errors, Fields, Posted, fault_text};
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedInFamily;
use crate::app::App;
use crate::db::consents::SightLine;
use crate::domain::authority::Purpose;
use crate::services::ServiceError;
use crate::services::consents::Withdrawal;
use crate::services::family::{self, Held};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/familia/datos", web::get().to(data))
        .route("/familia/datos/retirar", web::get().to(withdraw_form))
        .route("/familia/datos/retirar", web::post().to(withdraw));
}

/// An office that may see something.
struct SharedView {
    office: String,
    uses: Vec<(String, String)>,
}

/// A purpose that stands.
struct PermissionView {
    purpose: String,
    word: String,
    recipients: String,
}

#[derive(Template)]
#[template(path = "pages/family_data.html")]
struct DataPage {
    p: Page,
    name: String,
    authority: String,
    sharing: Vec<SharedView>,
    looked: Vec<(String, String)>,
    looks_are_told: bool,
    permissions: Vec<PermissionView>,
}

fn sharing(p: &Page, lines: &[SightLine]) -> Vec<SharedView> {
    let mut offices: Vec<SharedView> = Vec::new();
    for line in lines {
        let words = line.categories.iter().map(|c| p.word("data-category", c)).collect::<Vec<_>>().join(", ");
        let purpose = p.word("purpose", &line.purpose);
        let at = offices.iter().position(|o| o.office == line.authority).unwrap_or_else(|| {
            offices.push(SharedView { office: line.authority.clone(), uses: Vec::new() });
            offices.len() - 1
        });
        let Some(office) = offices.get_mut(at) else { continue };
        // Purposes with the same data are one sentence.
        match office.uses.iter_mut().find(|(_, what)| *what == words) {
            Some((purposes, _)) => {
                purposes.push_str(", ");
                purposes.push_str(&purpose);
            }
            None => office.uses.push((purpose, words)),
        }
    }
    offices
}

fn permissions(p: &Page, held: &Held) -> Vec<PermissionView> {
    let mut purposes: Vec<&str> = held.purposes.iter().map(|(purpose, _)| purpose.as_str()).collect();
    purposes.dedup();
    purposes
        .into_iter()
        .map(|purpose| {
            let mut recipients: Vec<String> =
                held.purposes.iter().filter(|(other, _)| other == purpose).map(|(_, kind)| p.word("authority", kind)).collect();
            recipients.sort();
            recipients.dedup();
            PermissionView { word: purpose.to_owned(), purpose: p.word("purpose", purpose), recipients: recipients.join(", ") }
        })
        .collect()
}

async fn data(app: web::Data<App>, who: SignedInFamily) -> Answer {
    let held = family::held(&app, &who.actor).await?;
    let p = with_help(who.page(), &app.settings);
    respond::page(&DataPage {
        name: held.name.clone().unwrap_or_else(|| p.t("absent-unknown")),
        sharing: sharing(&p, &held.sharing),
        looked: held.looked.iter().map(|l| (l.office.clone(), p.day(l.day))).collect(),
        looks_are_told: held.looks_are_told,
        permissions: permissions(&p, &held),
        authority: held.authority,
        p,
    })
}

#[derive(Template)]
#[template(path = "pages/family_withdraw.html")]
struct WithdrawPage {
    p: Page,
    errors: Errors,
    /// The purpose's word; empty for all.
    word: String,
    purpose: String,
    /// Who no longer sees them; empty for nobody.
    loses: String,
    ends_matching: bool,
    reason: String,
}

/// The purpose a form or address names; `None` is every one. One that does not stand is not there.
fn wanted(held: &Held, text: &str) -> Result<Option<Purpose>, ServiceError> {
    let stands = |word: &str| held.purposes.iter().any(|(purpose, _)| purpose == word);
    match text {
        "todos" if !held.purposes.is_empty() => Ok(None),
        word if stands(word) => word.parse().map(Some).map_err(|_| ServiceError::NotFound),
        _ => Err(ServiceError::NotFound),
    }
}

async fn confirmation(app: &App, who: &SignedInFamily, fields: &Fields, errors: Errors) -> Answer {
    let held = family::held(app, &who.actor).await?;
    let word = fields.get("purpose");
    let purpose = wanted(&held, word)?;
    let p = with_help(who.page(), &app.settings);
    // A mandate to an association is no permission of this kind; it ends where it was given.
    let ends = |line: &&SightLine| match purpose {
        Some(purpose) => line.purpose == purpose.as_str(),
        None => held.purposes.iter().any(|(standing, _)| *standing == line.purpose),
    };
    let mut loses: Vec<String> = held.sharing.iter().filter(ends).map(|l| l.authority.clone()).collect();
    loses.dedup();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = WithdrawPage {
        errors,
        word: word.to_owned(),
        purpose: purpose.map(|purpose| p.word("purpose", purpose.as_str())).unwrap_or_default(),
        loses: loses.join("; "),
        ends_matching: purpose.is_none_or(|purpose| purpose == Purpose::Search),
        reason: fields.get("reason").to_owned(),
        p,
    };
    respond::page_with(&page, status)
}

async fn withdraw_form(app: web::Data<App>, who: SignedInFamily) -> Answer {
    let fields = Fields::read(&who.visit.query)?;
    confirmation(&app, &who, &fields, Errors::default()).await
}

async fn withdraw(app: web::Data<App>, who: SignedInFamily, form: Posted) -> Answer {
    let held = family::held(&app, &who.actor).await?;
    let purpose = match wanted(&held, form.get("purpose")) {
        Ok(purpose) => purpose,
        // Sent twice: the first one did it.
        Err(ServiceError::NotFound) if form.get("purpose") == "todos" || form.get("purpose").parse::<Purpose>().is_ok() => {
            return Ok(respond::see("/familia/datos"));
        }
        Err(other) => return Err(other.into()),
    };
    let withdrawal = Withdrawal { purpose, recipient: None, reason: form.get("reason").to_owned() };
    match family::withdraw(&app, &who.actor, &withdrawal).await {
        Ok(_) => Ok(respond::see_with(&app.settings, "/familia/datos", "success", "flash-consent-withdrawn")),
        Err(ServiceError::Invalid(faults)) => {
            let mut errors = Errors::default();
            for fault in &faults.0 {
                errors.0.push(super::forms::FieldError { field: "reason".to_owned(), text: fault_text(who.visit.lang, fault) });
            }
            confirmation(&app, &who, &form, errors).await
        }
        Err(other) => Err(other.into()),
    }
}
