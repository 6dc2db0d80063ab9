//! Writing a sample's custody: the lines that are possible now, each a form of its own, and numbers the sample has elsewhere.

use super::bank_sample;
use super::error::PortalError;
use super::forms::{Choice, Errors, FieldError, Fields, Posted, fault_text};
use super::i18n::Lang;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::authority::Right;
use crate::domain::custody::CustodyKind;
use crate::domain::ids::{AuthorityId, SampleId};
use crate::domain::violations::Violation;
use crate::services::ServiceError;
use crate::services::bank::custody::{self, NewCustody};
use crate::services::bank::desk::SampleFile;
use crate::services::bank::samples::{self, SampleNumber};
use actix_web::http::StatusCode;
use actix_web::web;
use chrono::NaiveTime;

/// A field of such a form. `kind` is text, date, area or select.
#[derive(Debug, Clone)]
pub(super) struct MoveField {
    pub id: String,
    pub label: String,
    pub hint: String,
    pub value: String,
    pub error: String,
    pub kind: &'static str,
    pub choices: Vec<Choice>,
}

/// A line of the ledger that can be written now.
#[derive(Debug, Clone)]
pub(super) struct MoveForm {
    pub kind: &'static str,
    pub title: String,
    pub hint: String,
    pub fields: Vec<MoveField>,
    pub open: bool,
    /// Whether it cannot be taken back.
    pub grave: bool,
}

/// The fields of a line: name, kind of the field. The text of a field stands under `bank-NAME`.
const fn fields_of(kind: CustodyKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        CustodyKind::Sealed => &[("seal", "text")],
        CustodyKind::HandedOver => &[("to", "select"), ("to-name", "text"), ("seal", "text"), ("due", "date")],
        CustodyKind::Stored => &[("location", "text"), ("temperature", "text")],
        CustodyKind::Opened | CustodyKind::Consumed | CustodyKind::SearchStopped | CustodyKind::DiscrepancyResolved => &[("reason", "area")],
        CustodyKind::Destroyed => &[("witness", "text"), ("reason", "area")],
        CustodyKind::Registered | CustodyKind::Received => &[],
    }
}

/// The last seal that the ledger tells.
fn last_seal(file: &SampleFile) -> String {
    file.view.ledger.lines.iter().rev().find_map(|l| l.line.seal.clone()).unwrap_or_default()
}

fn field(p: &Page, file: &SampleFile, of: CustodyKind, name: &str, kind: &'static str, typed: &Fields, errors: &Errors) -> MoveField {
    let id = format!("{of}-{name}");
    let sent = typed.0.iter().any(|(n, _)| *n == id);
    let value = match (sent, of, name) {
        (false, CustodyKind::HandedOver, "seal") => last_seal(file),
        _ => typed.get(&id).to_owned(),
    };
    let chosen = |r: &crate::services::bank::desk::Receiver| Choice::new(r.id.to_string(), r.name.clone(), value == r.id.to_string());
    let hint = format!("bank-{of}-{name}-hint").replace('_', "-");
    MoveField {
        label: p.t(&format!("bank-field-{name}")),
        hint: if p.language.has(&hint) { p.t(&hint) } else { String::new() },
        error: errors.of(&id).to_owned(),
        choices: if kind == "select" { file.receivers.iter().map(chosen).collect() } else { Vec::new() },
        value,
        kind,
        id,
    }
}

/// The forms of the lines that are possible now.
pub(super) fn moves(p: &Page, file: &SampleFile, typed: &Fields, errors: &Errors) -> Vec<MoveForm> {
    let form = |kind: CustodyKind| {
        let fields: Vec<MoveField> = fields_of(kind).iter().map(|(name, shape)| field(p, file, kind, name, shape, typed, errors)).collect();
        let hint = format!("bank-{kind}-hint").replace('_', "-");
        MoveForm {
            kind: kind.as_str(),
            title: p.t(&format!("bank-do-{kind}").replace('_', "-")),
            hint: if p.language.has(&hint) { p.t(&hint) } else { String::new() },
            open: typed.get("kind") == kind.as_str(),
            grave: matches!(kind, CustodyKind::Destroyed | CustodyKind::Consumed),
            fields,
        }
    };
    custody::possible(file.view.row.state()).into_iter().map(form).collect()
}

fn read(lang: Lang, kind: CustodyKind, form: &Fields, errors: &mut Errors) -> NewCustody {
    let told = |name: &str| form.opt(&format!("{kind}-{name}"));
    let id = format!("{kind}-to");
    let to = form.opt(&id).and_then(|to| to.parse().ok()).map(AuthorityId);
    let due = form.day(lang, &format!("{kind}-due"), errors);
    NewCustody {
        kind,
        to,
        to_name: told("to-name").filter(|_| to.is_some()),
        seal: told("seal"),
        location: told("location"),
        temperature: told("temperature"),
        reason: told("reason"),
        witness: told("witness"),
        // It is due by the end of the day.
        due_at: due.and_then(|day| day.succ_opt()).map(|day| day.and_time(NaiveTime::MIN).and_utc() - chrono::Duration::seconds(1)),
    }
}

/// A fault of the service on the form's field.
fn fault(lang: Lang, kind: CustodyKind, fault: &Violation) -> FieldError {
    let name = fault.pointer.trim_start_matches('/').replace('_', "-");
    let needs = format!("bank-error-{name}");
    let text = match fault.code {
        "same" => lang.text("bank-error-same"),
        "empty" if lang.has(&needs) => lang.text(&needs),
        _ => fault_text(lang, fault),
    };
    FieldError { field: format!("{kind}-{name}"), text }
}

/// What went wrong, on the form; errors that concern no form go on.
fn failed(lang: Lang, kind: CustodyKind, error: ServiceError) -> Result<(Errors, StatusCode), PortalError> {
    let mut errors = Errors::default();
    let (key, status) = match error {
        ServiceError::Invalid(faults) => {
            errors.0.extend(faults.0.iter().map(|f| fault(lang, kind, f)));
            return Ok((errors, StatusCode::UNPROCESSABLE_ENTITY));
        }
        ServiceError::Stale(_) => ("bank-stale", StatusCode::PRECONDITION_FAILED),
        ServiceError::IllegalSample(_) => ("bank-illegal", StatusCode::CONFLICT),
        ServiceError::Refused(_) => ("bank-elsewhere", StatusCode::CONFLICT),
        other => return Err(other.into()),
    };
    errors.add(lang, "", key);
    Ok((errors, status))
}

pub(super) async fn write(app: web::Data<App>, who: SignedIn, id: web::Path<SampleId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteSamples).map_err(ServiceError::from)?;
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let rev: i32 = form.get("rev").parse().map_err(|_| PortalError::Unreadable)?;
    let kind: CustodyKind = form.get("kind").parse().map_err(|_| PortalError::Unreadable)?;
    let mut errors = Errors::default();
    let new = read(lang, kind, &form, &mut errors);
    let (errors, status) = if errors.is_empty() {
        match custody::write(&app, who.actor(), id, rev, new).await {
            Ok(_) => return Ok(respond::see_with(&app.settings, &format!("/banco/muestras/{id}"), "success", "flash-bank-written")),
            Err(error) => failed(lang, kind, error)?,
        }
    } else {
        (errors, StatusCode::UNPROCESSABLE_ENTITY)
    };
    bank_sample::again(&app, &who, id, form.0.clone(), errors, status).await
}

pub(super) async fn add_number(app: web::Data<App>, who: SignedIn, id: web::Path<SampleId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteSamples).map_err(ServiceError::from)?;
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let number = SampleNumber { scheme: form.get("scheme").to_owned(), value: form.get("value").to_owned() };
    match samples::add_number(&app, who.actor(), id, number).await {
        Ok(()) => Ok(respond::see_with(&app.settings, &format!("/banco/muestras/{id}#numeros"), "success", "flash-bank-number")),
        Err(ServiceError::Invalid(faults)) => {
            let errors = Errors::take_violations(lang, &faults, |pointer| pointer.trim_start_matches('/').to_owned());
            bank_sample::again(&app, &who, id, form.0.clone(), errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(other) => Err(other.into()),
    }
}
