//! The forms on the page of remains: whose elements are, how an operation stands, where the remains go.

use super::error::PortalError;
use super::forms::{Choice, Errors, FieldError, Fields, Posted};
use super::i18n::Lang;
use super::page::Page;
use super::remains_file;
use super::remains_new::fault;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::authority::Right;
use crate::domain::disposition::DispositionCommand;
use crate::domain::ids::{ElementId, RemainsId};
use crate::domain::reassociation::{AssociationReason, AssociationVerdict};
use crate::domain::remains::{OperationState, PostMortemOperation};
use crate::services::ServiceError;
use crate::services::remains::RemainsFile;
use crate::services::remains::associations::{self, NewAssociation};
use crate::services::remains::moves::{self, NewBurial, NewMove};
use crate::services::remains::operations::{self, NewOperation};
use actix_web::http::StatusCode;
use actix_web::web;

/// Most elements of one form.
const MOST_AT_ONCE: usize = 300;

/// A field of a form.
#[derive(Debug, Clone)]
pub(super) struct MoveField {
    pub id: String,
    pub label: String,
    pub value: String,
    pub error: String,
    /// `text`, `date`, `area` or `tick`.
    pub kind: &'static str,
}

/// A move that can be made now.
#[derive(Debug, Clone)]
pub(super) struct MoveForm {
    pub command: &'static str,
    pub title: String,
    /// What is lacking before it; empty when it can be made.
    pub needs: Vec<String>,
    pub open: bool,
    pub grave: bool,
    pub fields: Vec<MoveField>,
}

/// The fields of a move: name and kind.
fn fields_of(command: DispositionCommand) -> Vec<(&'static str, &'static str)> {
    let mut fields = vec![("on", "date")];
    if command.lays_down() {
        fields.extend([
            ("cemetery", "text"),
            ("section", "text"),
            ("plot", "text"),
            ("marker", "text"),
            ("inscription", "text"),
            ("ficha", "text"),
        ]);
        fields.extend([("register-ref", "text"), ("exhumable", "tick")]);
    }
    if command.gives_back() {
        fields.extend([("receiver", "text"), ("told-on", "date")]);
    }
    if command.needs_order() {
        fields.push(("order-ref", "text"));
    }
    if matches!(command, DispositionCommand::Exhume | DispositionCommand::Recover) {
        fields.push(("location", "text"));
    }
    if command.needs_reason() {
        fields.push(("reason", "area"));
    }
    fields
}

/// The forms of the moves that are possible where the remains are.
pub(super) fn moves(p: &Page, file: &RemainsFile, typed: &Fields, errors: &Errors) -> Vec<MoveForm> {
    let field = |command: DispositionCommand, (name, kind): (&str, &'static str)| {
        let id = format!("{command}-{name}");
        MoveField { label: p.t(&format!("remains-field-{name}")), value: typed.get(&id).to_owned(), error: errors.of(&id).to_owned(), kind, id }
    };
    let form = |command: DispositionCommand| MoveForm {
        command: command.as_str(),
        title: p.word("remains-command", command.as_str()),
        needs: file.readiness.needs(command).into_iter().map(|n| p.word("remains-need", n.as_str())).collect(),
        open: typed.get("command") == command.as_str(),
        grave: matches!(command, DispositionCommand::Cremate | DispositionCommand::ReportMissing),
        fields: fields_of(command).into_iter().map(|f| field(command, f)).collect(),
    };
    file.row.disposition().legal().into_iter().map(form).collect()
}

fn read_move(lang: Lang, command: DispositionCommand, form: &Fields, errors: &mut Errors) -> Option<NewMove> {
    let told = |name: &str| form.opt(&format!("{command}-{name}"));
    let text = |name: &str| told(name).unwrap_or_default();
    let on_field = format!("{command}-on");
    let on = form.day(lang, &on_field, errors);
    if on.is_none() && errors.of(&on_field).is_empty() {
        errors.add(lang, &on_field, "error-required");
    }
    Some(NewMove {
        command,
        burial: command.lays_down().then(|| NewBurial {
            cemetery: text("cemetery"),
            section: told("section"),
            plot: text("plot"),
            marker: text("marker"),
            inscription: told("inscription"),
            ficha: told("ficha"),
            register_ref: told("register-ref"),
            exhumable: told("exhumable").is_some(),
            note: None,
        }),
        order_ref: told("order-ref"),
        receiver: told("receiver"),
        told_on: form.day(lang, &format!("{command}-told-on"), errors),
        reason: told("reason"),
        location: told("location"),
        on: on?,
    })
}

/// What went wrong, on the page; errors that concern no form go on.
fn failed(lang: Lang, error: ServiceError, field_of: impl Fn(&str) -> String) -> Result<(Errors, StatusCode), PortalError> {
    let mut errors = Errors::default();
    let (key, status) = match error {
        ServiceError::Invalid(faults) => {
            errors.0.extend(faults.0.iter().map(|f| fault(lang, f, field_of(&f.pointer))));
            return Ok((errors, StatusCode::UNPROCESSABLE_ENTITY));
        }
        ServiceError::Stale(_) => ("remains-stale", StatusCode::PRECONDITION_FAILED),
        ServiceError::IllegalDisposition(_) => ("remains-illegal", StatusCode::CONFLICT),
        other => return Err(other.into()),
    };
    errors.add(lang, "", key);
    Ok((errors, status))
}

pub(super) async fn make_move(app: web::Data<App>, who: SignedIn, id: web::Path<RemainsId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    let lang = who.visit.lang;
    let rev: i32 = form.get("rev").parse().map_err(|_| PortalError::Unreadable)?;
    let command: DispositionCommand = form.get("command").parse().map_err(|_| PortalError::Unreadable)?;
    let mut errors = Errors::default();
    let new = read_move(lang, command, &form, &mut errors).filter(|_| errors.is_empty());
    let (errors, status) = match new {
        None => (errors, StatusCode::UNPROCESSABLE_ENTITY),
        Some(new) => match moves::make(&app, who.actor(), *id, rev, new).await {
            Ok(_) => return Ok(respond::see_with(&app.settings, &format!("/restos/{id}"), "success", "flash-remains-moved")),
            Err(error) => failed(lang, error, |pointer| match pointer.trim_start_matches('/').trim_start_matches("burial/") {
                "command" => String::new(),
                name => format!("{command}-{}", name.replace('_', "-")),
            })?,
        },
    };
    remains_file::again(&app, &who, *id, form.0.clone(), errors, status).await
}

pub(super) async fn record(app: web::Data<App>, who: SignedIn, id: web::Path<RemainsId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    let lang = who.visit.lang;
    let operation: PostMortemOperation = form.get("operation").parse().map_err(|_| PortalError::Unreadable)?;
    let mut errors = Errors::default();
    let field = |name: &str| format!("{operation}-{name}");
    let state: Option<OperationState> = form.word(lang, &field("state"), &mut errors);
    let done_on = form.day(lang, &field("done-on"), &mut errors);
    if state.is_none() && errors.of(&field("state")).is_empty() {
        errors.add(lang, &field("state"), "error-required");
    }
    let (errors, status) = match state.filter(|_| errors.is_empty()) {
        None => (errors, StatusCode::UNPROCESSABLE_ENTITY),
        Some(state) => {
            let told = |name: &str| form.opt(&field(name));
            let new = NewOperation { operation, state, reason: told("reason"), done_on, done_by: told("done-by"), reference: told("reference") };
            match operations::record(&app, who.actor(), *id, new).await {
                Ok(()) => {
                    return Ok(respond::see_with(&app.settings, &format!("/restos/{id}#operaciones"), "success", "flash-remains-operation"));
                }
                Err(error) => failed(lang, error, |pointer| field(&pointer.trim_start_matches('/').replace('_', "-")))?,
            }
        }
    };
    remains_file::again(&app, &who, *id, form.0.clone(), errors, status).await
}

/// The individuals that elements can be said to be of.
pub(super) fn individuals(file: &RemainsFile, typed: &Fields) -> Vec<Choice> {
    let all = file.siblings.iter().filter(|s| s.kind().is_individual());
    all.map(|s| Choice::new(s.id.to_string(), s.code.clone(), typed.get("individual") == s.id.to_string() || s.id == file.row.id)).collect()
}

fn read_association(lang: Lang, form: &Fields, errors: &mut Errors) -> Option<NewAssociation> {
    let verdict: Option<AssociationVerdict> = form.word(lang, "verdict", errors);
    let reason: Option<AssociationReason> = form.word(lang, "reason", errors);
    let individual = form.opt("individual").and_then(|id| id.parse().ok()).map(RemainsId);
    for (field, lacking) in [("individual", individual.is_none()), ("verdict", verdict.is_none()), ("reason", reason.is_none())] {
        if lacking && errors.of(field).is_empty() {
            errors.add(lang, field, "error-required");
        }
    }
    Some(NewAssociation {
        individual: individual?,
        verdict: verdict?,
        reason: reason?,
        note: form.opt("note"),
        despite_doubts: form.ticked("despite-doubts", "yes"),
    })
}

pub(super) async fn associate(app: web::Data<App>, who: SignedIn, id: web::Path<RemainsId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    let lang = who.visit.lang;
    let mut errors = Errors::default();
    let elements: Vec<ElementId> = form.all("element").iter().take(MOST_AT_ONCE).filter_map(|e| e.parse().ok()).collect();
    if elements.is_empty() {
        errors.add(lang, "element", "remains-error-element");
    }
    let new = read_association(lang, &form, &mut errors).filter(|_| errors.is_empty());
    if let Some(new) = new {
        // Each by itself: what one cannot be does not keep the others back.
        for element in elements {
            match associations::associate(&app, who.actor(), element, new.clone()).await {
                Ok(_) => {}
                Err(ServiceError::Invalid(faults)) => {
                    let code = remains_file::element_code(&app, &who, *id, element).await?;
                    for one in &faults.0 {
                        let told = fault(lang, one, one.pointer.trim_start_matches('/').replace('_', "-"));
                        errors.0.push(FieldError { text: format!("{code}: {}", told.text), ..told });
                    }
                }
                Err(other) => return Err(other.into()),
            }
        }
        if errors.is_empty() {
            return Ok(respond::see_with(&app.settings, &format!("/restos/{id}#inventario"), "success", "flash-remains-associated"));
        }
    }
    remains_file::again(&app, &who, *id, form.0.clone(), errors, StatusCode::UNPROCESSABLE_ENTITY).await
}
