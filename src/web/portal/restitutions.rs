//! Restitutions: the list of those that the reader's institution takes part in, offering one, and the routes of their pages.

use super::error::PortalError;
use super::forms::Posted;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use super::{restitution, restitution_deeds};
use crate::app::App;
use crate::domain::authority::Right;
use crate::domain::ids::IdentificationId;
use crate::domain::restitution::RestitutionState;
use crate::services::ServiceError;
use crate::services::restitution::{self as service, NewRestitution};
use actix_web::web;
use askama::Template;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/restituciones", web::get().to(list))
        .route("/restituciones", web::post().to(offer))
        .route("/restituciones/{id}", web::get().to(restitution::show))
        .route("/restituciones/{id}/datos", web::post().to(restitution_deeds::edit))
        .route("/restituciones/{id}/cosas", web::post().to(restitution_deeds::add_item))
        .route("/restituciones/{id}/cosas/{item}/recibo", web::post().to(restitution_deeds::write_receipt))
        .route("/restituciones/{id}/paso", web::post().to(restitution_deeds::command));
}

/// Tone and shape of a state.
#[must_use]
pub(super) const fn state_look(state: RestitutionState) -> (&'static str, &'static str) {
    use RestitutionState as S;
    match state {
        S::Offered => ("violet", "ring"),
        S::DecisionPending => ("violet", "half"),
        S::RefusedForNow => ("plain", "ring"),
        S::Accepted | S::Paperwork | S::Transfer => ("violet", "dot"),
        S::Delivered | S::CeremonySupport => ("teal", "dot"),
        S::Closed => ("plain", "square"),
        S::Frozen => ("brick", "cross"),
    }
}

/// One restitution in the list.
#[derive(Debug, Clone)]
struct Line {
    href: String,
    number: String,
    case: String,
    found: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    moved: String,
}

#[derive(Template)]
#[template(path = "pages/restitutions.html")]
struct ListPage {
    p: Page,
    lines: Vec<Line>,
    columns: Vec<String>,
}

async fn list(app: web::Data<App>, who: SignedIn) -> Answer {
    let lines = service::list(&app, who.actor(), None).await?;
    let p = who.page();
    let line = |l: &crate::db::restitutions::RestitutionLine| {
        let (tone, mark) = l.state.parse().map_or(("plain", "ring"), state_look);
        Line {
            href: format!("/restituciones/{}", l.id),
            number: l.number.clone(),
            case: l.case_folio.clone(),
            found: l.found_folio.clone(),
            tone,
            mark,
            state: p.word("restitution-state", &l.state),
            moved: p.day(l.updated_at.date_naive()),
        }
    };
    respond::page(&ListPage {
        lines: lines.iter().map(line).collect(),
        columns: ["identification-number", "identification-of", "col-state", "restitution-moved"].iter().map(|k| p.t(k)).collect(),
        p,
    })
}

/// Offers on an identification; leads to the one that there is.
async fn offer(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    who.actor().require(Right::WriteCases).map_err(ServiceError::from)?;
    let identification: IdentificationId = form.get("identification").parse().map_err(|_| PortalError::Unreadable)?;
    match service::offer(&app, who.actor(), None, NewRestitution { identification }).await {
        Ok(done) => {
            let to = format!("/restituciones/{}", done.made);
            Ok(respond::see_with(&app.settings, &to, "success", "flash-restitution-offered"))
        }
        Err(ServiceError::Refused(_)) => {
            let back = format!("/identificaciones/{identification}");
            Ok(respond::see_with(&app.settings, &back, "warning", "flash-restitution-not-yet"))
        }
        Err(ServiceError::Taken(_)) => {
            let there = service::list(&app, who.actor(), None).await?;
            let to = there.iter().find(|l| l.identification_id == identification.0).map(|l| format!("/restituciones/{}", l.id));
            Ok(respond::see(&to.unwrap_or_else(|| "/restituciones".to_owned())))
        }
        Err(other) => Err(other.into()),
    }
}
