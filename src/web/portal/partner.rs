//! Consulates, public defenders and commissions: ask whether there is a related record, and read the alerts that wait. An answer is a grade, never a list.

use super::forms::{Choice, Errors, FieldError, Fields, Posted, fault_text};
use super::i18n::Lang;
use super::page::Page;
use super::person_form::countries;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::messages::{NoticeLine, QueryRow};
use crate::services::partners::{self, Desk, PartnerQuery};
use crate::services::{ServiceError, hypotheses};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use uuid::Uuid;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/consulta", web::get().to(show))
        .route("/consulta", web::post().to(ask))
        .route("/consulta/{id}", web::get().to(answer))
        .route("/consulta/avisos/{id}/leido", web::post().to(read));
}

/// An alert that waits.
#[derive(Debug, Clone)]
struct Alert {
    title: String,
    folio: String,
    ask: String,
    when: String,
    read: String,
}

/// A query of the log.
#[derive(Debug, Clone)]
struct Line {
    when: String,
    purpose: String,
    basis: String,
    grade: String,
    related: bool,
    /// Who asked; empty for the institution's own.
    by: String,
    href: String,
}

#[derive(Template)]
#[template(path = "pages/partner.html")]
struct DeskPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    purpose: String,
    countries: Vec<Choice>,
    alerts: Vec<Alert>,
    asked: Vec<Line>,
    touching: Vec<Line>,
    asked_columns: Vec<String>,
    touching_columns: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/partner_answer.html")]
struct AnswerPage {
    p: Page,
    related: bool,
    ask: String,
    number: Uuid,
    when: String,
    purpose: String,
    basis: String,
}

fn alert(p: &Page, notice: NoticeLine) -> Alert {
    Alert {
        title: p.word("partner-notice", &notice.kind),
        folio: match notice.folio {
            Some(folio) => p.t1("partner-alert-folio", "folio", folio),
            None if notice.kind == "own_client" => p.t("partner-alert-client"),
            None => p.t("partner-alert-no-folio"),
        },
        ask: notice.authority.map(|a| p.t1("partner-alert-ask", "authority", a)).unwrap_or_default(),
        when: p.moment(notice.created_at),
        read: format!("/consulta/avisos/{}/leido", notice.id),
    }
}

fn line(p: &Page, row: &QueryRow, by: Option<&String>) -> Line {
    Line {
        when: p.moment(row.at),
        purpose: p.word("purpose", &row.purpose),
        basis: row.legal_basis.clone(),
        grade: p.word("grade", &row.grade),
        related: row.grade == "related_record",
        by: by.cloned().unwrap_or_default(),
        href: format!("/consulta/{}", row.id),
    }
}

/// The desk around a form, empty or as typed.
fn desk_page(who: &SignedIn, desk: Desk, typed: Fields, errors: Errors) -> DeskPage {
    let p = who.page();
    let own = who.actor().authority.0;
    let columns = |keys: &[&str]| keys.iter().map(|k| p.t(k)).collect::<Vec<_>>();
    DeskPage {
        purpose: p.word("purpose", who.actor().purpose.as_str()),
        countries: countries(p.language, typed.get("nationality")),
        alerts: desk.notices.into_iter().map(|n| alert(&p, n)).collect(),
        asked: desk.queries.iter().filter(|q| q.authority_id == own).map(|q| line(&p, q, None)).collect(),
        touching: desk.queries.iter().filter(|q| q.authority_id != own).map(|q| line(&p, q, desk.authorities.get(&q.authority_id))).collect(),
        asked_columns: columns(&["partner-log-when", "partner-log-grade", "partner-log-purpose", "partner-log-basis"]),
        touching_columns: columns(&["partner-log-when", "partner-log-by", "partner-log-purpose", "partner-log-basis"]),
        typed,
        errors,
        p,
    }
}

async fn show(app: web::Data<App>, who: SignedIn) -> Answer {
    let desk = partners::desk(&app, who.actor()).await?;
    respond::page(&desk_page(&who, desk, Fields::default(), Errors::default()))
}

/// The query as typed.
fn query(lang: Lang, form: &Fields, errors: &mut Errors) -> PartnerQuery {
    PartnerQuery {
        name: form.get("name").to_owned(),
        birth: form.partial_date(lang, "birth", errors),
        nationality: form.opt("nationality").filter(|code| code.len() == 3),
        document: form.opt("document"),
        legal_basis: form.get("legal_basis").to_owned(),
    }
}

/// A fault of the query on its field.
fn fault(lang: Lang, fault: &crate::domain::violations::Violation) -> FieldError {
    let field = fault.pointer.trim_start_matches('/');
    let text = match (field, fault.code) {
        ("legal_basis", "empty") => lang.text("partner-error-basis"),
        (_, "too_little") => lang.text("partner-error-too-little"),
        ("purpose", _) => lang.text("partner-error-purpose"),
        _ => fault_text(lang, fault),
    };
    FieldError { field: if field == "purpose" { String::new() } else { field.to_owned() }, text }
}

async fn ask(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    let lang = who.visit.lang;
    let mut errors = Errors::default();
    let asked = query(lang, &form, &mut errors);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if errors.is_empty() {
        match partners::query(&app, who.actor(), None, &asked).await {
            Ok(answer) => return Ok(respond::see(&format!("/consulta/{}", answer.made.query))),
            Err(ServiceError::Invalid(faults)) => errors.0.extend(faults.0.iter().map(|f| fault(lang, f))),
            Err(ServiceError::TooMany(_)) => {
                errors.add(lang, "", "partner-error-too-many");
                status = StatusCode::TOO_MANY_REQUESTS;
            }
            Err(other) => return Err(other.into()),
        }
    }
    let desk = partners::desk(&app, who.actor()).await?;
    respond::page_with(&desk_page(&who, desk, form.0, errors), status)
}

async fn answer(app: web::Data<App>, who: SignedIn, id: web::Path<Uuid>) -> Answer {
    let (row, ask) = partners::answered(&app, who.actor(), *id).await?;
    let p = who.page();
    respond::page(&AnswerPage {
        related: row.grade == "related_record",
        ask: ask.map(|a| p.t1("partner-answer-related-text", "authority", a)).unwrap_or_default(),
        number: row.id,
        when: p.moment(row.at),
        purpose: p.word("purpose", &row.purpose),
        basis: row.legal_basis,
        p,
    })
}

async fn read(app: web::Data<App>, who: SignedIn, id: web::Path<Uuid>, _form: Posted) -> Answer {
    who.actor().require(crate::domain::authority::Right::PartnerQuery).map_err(ServiceError::from)?;
    hypotheses::read_notice(&app, who.actor(), *id).await?;
    Ok(respond::see_with(&app.settings, "/consulta", "success", "flash-notice-read"))
}
