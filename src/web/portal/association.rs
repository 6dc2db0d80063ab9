//! An association's pages: the cases that families mandated it to follow, when the next contact is, questions and answers. Nothing else of a case.

use super::error::PortalError;
use super::forms::{Errors, FieldError, Posted, fault_text};
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::cases::MandateLine;
use crate::db::messages::MessageRow;
use crate::domain::ids::CaseId;
use crate::services::{ServiceError, association};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use chrono::NaiveDate;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/asociacion", web::get().to(list))
        .route("/asociacion/{case}", web::get().to(thread))
        .route("/asociacion/{case}", web::post().to(ask));
}

/// A mandated case in words.
struct MandateView {
    href: String,
    name: String,
    folio: String,
    phase: String,
    office: String,
    contact: String,
    is_past: bool,
}

fn view(p: &Page, line: &MandateLine, today: NaiveDate) -> MandateView {
    MandateView {
        href: format!("/asociacion/{}", line.case_id),
        name: line.name.clone().unwrap_or_else(|| p.t("absent-unknown")),
        folio: line.folio.clone(),
        phase: p.t(&format!("phase-{}", line.family_phase)),
        office: line.authority.clone(),
        contact: line.next_contact_on.map_or_else(|| p.t("association-contact-none"), |day| p.day(day)),
        is_past: line.next_contact_on.is_some_and(|day| day < today),
    }
}

#[derive(Template)]
#[template(path = "pages/association.html")]
struct ListPage {
    p: Page,
    lines: Vec<MandateView>,
    columns: Vec<String>,
}

async fn list(app: web::Data<App>, who: SignedIn) -> Answer {
    let lines = association::list(&app, who.actor()).await?;
    let (p, today) = (who.page(), app.clock.today());
    let columns = ["association-name", "association-phase", "association-contact", "association-office"].iter().map(|key| p.t(key)).collect();
    respond::page(&ListPage { lines: lines.iter().map(|l| view(&p, l, today)).collect(), columns, p })
}

/// A question or an answer.
struct TalkView {
    who: String,
    when: String,
    lines: Vec<String>,
    waits: bool,
}

#[derive(Template)]
#[template(path = "pages/association_case.html")]
struct ThreadPage {
    p: Page,
    errors: Errors,
    line: MandateView,
    talk: Vec<TalkView>,
    text: String,
}

fn talk(p: &Page, line: &MandateLine, m: &MessageRow) -> TalkView {
    let asked = m.author_kind == "association";
    TalkView {
        who: if asked { p.t("association-you-asked") } else { p.t1("association-answered", "authority", &line.authority) },
        when: p.day(m.created_at.date_naive()),
        lines: m.body.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect(),
        waits: asked && m.answered_at.is_none(),
    }
}

async fn show(app: &App, who: &SignedIn, case: CaseId, errors: Errors, text: String) -> Answer {
    let (line, messages) = association::thread(app, who.actor(), case).await?;
    let p = who.page();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let talk = messages.iter().map(|m| talk(&p, &line, m)).collect();
    respond::page_with(&ThreadPage { line: view(&p, &line, app.clock.today()), talk, errors, text, p }, status)
}

async fn thread(app: web::Data<App>, who: SignedIn, case: web::Path<CaseId>) -> Answer {
    show(&app, &who, case.into_inner(), Errors::default(), String::new()).await
}

async fn ask(app: web::Data<App>, who: SignedIn, case: web::Path<CaseId>, form: Posted) -> Answer {
    let case = case.into_inner();
    match association::ask(&app, who.actor(), case, None, form.get("text")).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &format!("/asociacion/{case}"), "success", "flash-question-sent")),
        Err(ServiceError::Invalid(faults)) => {
            let mut errors = Errors::default();
            for fault in &faults.0 {
                let text = match fault.code {
                    "empty" => who.visit.lang.text("association-error-text"),
                    "too_long" => who.visit.lang.text("association-error-long"),
                    _ => fault_text(who.visit.lang, fault),
                };
                errors.0.push(FieldError { field: "text".to_owned(), text });
            }
            show(&app, &who, case, errors, form.get("text").to_owned()).await
        }
        Err(other) => Err(PortalError::from(other)),
    }
}
