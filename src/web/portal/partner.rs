//! The pages of consulates and public defenders: alerts that wait, the query for a related record with its graded answer, and the log of queries.

use super::error::PortalError;
use super::forms::{Choice, Errors, FieldError, Fields, Posted, fault_text};
use super::i18n::Lang;
use super::page::Page;
use super::person_form::countries;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::messages::{NoticeLine, QueryRow};
use crate::domain::violations::Violation;
use crate::services::partners::{self, Desk, PartnerQuery};
use crate::services::{ServiceError, hypotheses};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web;
use askama::Template;
use uuid::Uuid;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/consulta", web::get().to(show))
        .route("/consulta", web::post().to(ask))
        .route("/consulta/{id}", web::get().to(answered))
        .route("/consulta/avisos/{id}", web::post().to(seen));
}

/// An alert.
struct Alert {
    id: Uuid,
    what: String,
    folio: String,
    when: String,
}

fn alert(p: &Page, line: &NoticeLine) -> Alert {
    let folio = line.folio.as_ref().map_or_else(|| p.t("partner-alert-no-folio"), |folio| p.t1("partner-alert-folio", "folio", folio));
    Alert { id: line.id, what: p.word("partner-notice", &line.kind), folio, when: p.moment(line.created_at) }
}

/// A query in the log.
struct Logged {
    href: String,
    when: String,
    who: String,
    purpose: String,
    basis: String,
    tone: &'static str,
    mark: &'static str,
    grade: String,
}

fn look(grade: &str) -> (&'static str, &'static str) {
    if grade == "related_record" { ("violet", "dot") } else { ("plain", "ring") }
}

/// A query of the own institution leads to its answer, one of another to the record of ours that it touched.
fn logged(p: &Page, row: &QueryRow, own: Uuid, desk: &Desk) -> Logged {
    let (tone, mark) = look(&row.grade);
    let touched = match (row.subject_kind.as_deref(), row.subject_id) {
        (Some("case"), Some(id)) => format!("/casos/{id}"),
        (Some("found_record"), Some(id)) => format!("/hallazgos/{id}"),
        _ => String::new(),
    };
    Logged {
        href: if row.authority_id == own { format!("/consulta/{}", row.id) } else { touched },
        when: p.moment(row.at),
        who: desk.offices.get(&row.authority_id).cloned().unwrap_or_default(),
        purpose: p.word("purpose", &row.purpose),
        basis: row.legal_basis.clone(),
        tone,
        mark,
        grade: p.word("grade", &row.grade),
    }
}

#[derive(Template)]
#[template(path = "pages/partner.html")]
struct DeskPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    purpose: String,
    nationalities: Vec<Choice>,
    alerts: Vec<Alert>,
    log_columns: Vec<String>,
    log: Vec<Logged>,
    touching_columns: Vec<String>,
    touching: Vec<Logged>,
}

async fn desk_page(app: &App, who: &SignedIn, typed: Fields, errors: Errors) -> Result<DeskPage, PortalError> {
    let p = who.page();
    let desk = partners::desk(app, who.actor()).await?;
    let own = who.actor().authority.0;
    let (log, touching): (Vec<&QueryRow>, Vec<&QueryRow>) = desk.queries.iter().partition(|q| q.authority_id == own);
    let lines = |rows: &[&QueryRow]| rows.iter().map(|q| logged(&p, q, own, &desk)).collect();
    let columns = |keys: &[&str]| keys.iter().map(|k| p.t(k)).collect();
    Ok(DeskPage {
        purpose: p.user.as_ref().map(|u| u.purpose.clone()).unwrap_or_default(),
        nationalities: countries(p.language, typed.get("nationality")),
        alerts: desk.notices.iter().map(|n| alert(&p, n)).collect(),
        log_columns: columns(&["partner-log-when", "partner-log-purpose", "partner-log-basis", "partner-log-grade"]),
        log: lines(&log),
        touching_columns: columns(&["partner-log-when", "partner-log-office", "partner-log-purpose", "partner-log-basis"]),
        touching: lines(&touching),
        errors,
        typed,
        p,
    })
}

async fn show(app: web::Data<App>, who: SignedIn) -> Answer {
    respond::page(&desk_page(&app, &who, Fields::default(), Errors::default()).await?)
}

/// A fault of the service on the form's field.
fn fault(lang: Lang, fault: &Violation) -> FieldError {
    let (field, key) = match (fault.pointer.as_str(), fault.code) {
        ("/legal_basis", "empty") => ("legal-basis", "partner-error-basis"),
        ("/legal_basis", "too_long") => ("legal-basis", "partner-error-long"),
        ("/legal_basis", _) => ("legal-basis", ""),
        ("/name", "too_little") => ("name", "partner-error-too-little"),
        ("/name", "too_long") => ("name", "partner-error-long"),
        ("/name", _) => ("name", ""),
        ("/document", "too_long") => ("document", "partner-error-long"),
        ("/document", _) => ("document", ""),
        ("/purpose", _) => ("", "partner-error-purpose"),
        _ => ("", ""),
    };
    let text = if key.is_empty() { fault_text(lang, fault) } else { lang.text(key) };
    FieldError { field: field.to_owned(), text }
}

async fn ask(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    let lang = who.visit.lang;
    let mut errors = Errors::default();
    let birth = form.partial_date(lang, "birth", &mut errors);
    let nationality = form.opt("nationality");
    if nationality.as_deref().is_some_and(|code| !countries(lang, "").iter().any(|c| c.value == code)) {
        errors.add(lang, "nationality", "error-bad-choice");
    }
    if !errors.is_empty() {
        return respond::page_with(&desk_page(&app, &who, form.0, errors).await?, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let asked = PartnerQuery {
        name: form.get("name").to_owned(),
        birth,
        nationality,
        document: form.opt("document"),
        legal_basis: form.get("legal-basis").to_owned(),
    };
    match partners::query(&app, who.actor(), &asked).await {
        Ok(answer) => Ok(respond::see(&format!("/consulta/{}", answer.query))),
        Err(ServiceError::Invalid(faults)) => {
            for one in &faults.0 {
                let error = fault(lang, one);
                if !errors.0.contains(&error) {
                    errors.0.push(error);
                }
            }
            respond::page_with(&desk_page(&app, &who, form.0, errors).await?, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(ServiceError::TooMany(seconds)) => {
            let text = lang.text_with("partner-error-limit", [("minutes", seconds.div_ceil(60).into())]);
            errors.0.push(FieldError { field: String::new(), text });
            let mut answer = respond::page_with(&desk_page(&app, &who, form.0, errors).await?, StatusCode::TOO_MANY_REQUESTS)?;
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(answer)
        }
        Err(other) => Err(other.into()),
    }
}

/// What was asked, in words.
struct Part {
    key: String,
    value: String,
}

#[derive(Template)]
#[template(path = "pages/partner_answer.html")]
struct AnswerPage {
    p: Page,
    related: bool,
    ask: String,
    number: Uuid,
    parts: Vec<Part>,
}

fn parts(p: &Page, row: &QueryRow) -> Result<Vec<Part>, PortalError> {
    let asked: PartnerQuery = serde_json::from_value(row.criteria.clone()).map_err(|e| ServiceError::Internal(e.into()))?;
    let parts = [
        ("partner-log-when", Some(p.moment(row.at))),
        ("partner-name", Some(asked.name)),
        ("partner-birth", asked.birth.map(|b| p.partial(b))),
        ("partner-nationality", asked.nationality.map(|n| p.country(&n))),
        ("partner-document", asked.document),
        ("partner-log-purpose", Some(p.word("purpose", &row.purpose))),
        ("partner-basis", Some(row.legal_basis.clone())),
    ];
    Ok(parts.into_iter().filter_map(|(key, value)| Some(Part { key: p.t(key), value: value.filter(|v| !v.trim().is_empty())? })).collect())
}

async fn answered(app: web::Data<App>, who: SignedIn, id: web::Path<Uuid>) -> Answer {
    let (row, ask) = partners::answered(&app, who.actor(), *id).await?;
    let p = who.page();
    respond::page(&AnswerPage {
        related: row.grade == "related_record",
        ask: ask.unwrap_or_default(),
        number: row.id,
        parts: parts(&p, &row)?,
        p,
    })
}

async fn seen(app: web::Data<App>, who: SignedIn, id: web::Path<Uuid>, _form: Posted) -> Answer {
    hypotheses::read_notice(&app, who.actor(), *id).await?;
    Ok(respond::see_with(&app.settings, "/consulta", "success", "flash-notice-read"))
}
