//! What the pages of identifications, notifications and restitutions share: the moves that are possible now, each a form of its own, and what went wrong with one.

use super::error::PortalError;
use super::forms::{Choice, Errors, FieldError, Fields, fault_text};
use super::i18n::Lang;
use super::page::Page;
use super::views::TimelineEvent;
use crate::domain::identification::SignatureRefused;
use crate::domain::violations::Violation;
use crate::services::ServiceError;
use actix_web::http::StatusCode;
use chrono::{DateTime, NaiveTime, Utc};

/// A field of such a form. `kind` is text, date, time, area or select.
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

/// A move that can be made now.
#[derive(Debug, Clone)]
pub(super) struct MoveForm {
    pub command: &'static str,
    pub title: String,
    pub hint: String,
    pub fields: Vec<MoveField>,
    pub open: bool,
    /// Whether it undoes what others rely on.
    pub grave: bool,
}

/// A text that a language may lack.
fn told(p: &Page, key: &str) -> String {
    if p.language.has(key) { p.t(key) } else { String::new() }
}

/// The form of a command of a family (identification, notification, restitution) with its fields: name and kind. A field's text stands under
/// `life-NAME`, a hint for the move under `FAMILY-COMMAND-hint`.
pub(super) fn move_form(
    p: &Page,
    family: &str,
    command: &'static str,
    fields: &[(&'static str, &'static str)],
    typed: &Fields,
    errors: &Errors,
) -> MoveForm {
    let field = |(name, kind): &(&'static str, &'static str)| {
        let id = format!("{command}-{name}");
        let value = typed.get(&id).to_owned();
        let choices = match *kind {
            "select" => Choice::words(p.language, "report-language", &["es", "en"], &[if value.is_empty() { p.lang } else { value.as_str() }]),
            _ => Vec::new(),
        };
        let label = p.t(&format!("life-{name}"));
        MoveField { label, hint: told(p, &format!("life-{name}-hint")), error: errors.of(&id).to_owned(), value, kind, choices, id }
    };
    MoveForm {
        title: p.word(&format!("{family}-command"), command),
        hint: told(p, &format!("{family}-{command}-hint").replace('_', "-")),
        fields: fields.iter().map(field).collect(),
        open: typed.get("command") == command,
        grave: matches!(command, "propose_revocation" | "revoke" | "cancel"),
        command,
    }
}

/// A fault in the reader's language: what this family says of the field when it is empty, of the code, or what every page says.
pub(super) fn words(lang: Lang, family: &str, fault: &Violation) -> String {
    let name = fault.pointer.trim_start_matches('/').split('/').next().unwrap_or_default().replace('_', "-");
    let keys = [format!("{family}-error-{name}-{}", fault.code), format!("{family}-fault-{}", fault.code)].map(|k| k.replace('_', "-"));
    keys.iter().find(|key| lang.has(key)).map_or_else(|| fault_text(lang, fault), |key| lang.text(key))
}

/// What went wrong, on the form that was sent; errors that concern no form go on. `field_of` names the field of a pointer.
pub(super) fn failed(
    lang: Lang,
    family: &str,
    error: ServiceError,
    field_of: impl Fn(&str) -> String,
) -> Result<(Errors, StatusCode), PortalError> {
    let mut errors = Errors::default();
    let (key, status) = match error {
        ServiceError::Invalid(faults) => {
            for fault in &faults.0 {
                let error = FieldError { field: field_of(&fault.pointer), text: words(lang, family, fault) };
                if !errors.0.contains(&error) {
                    errors.0.push(error);
                }
            }
            return Ok((errors, StatusCode::UNPROCESSABLE_ENTITY));
        }
        ServiceError::Stale(_) => ("life-stale".to_owned(), StatusCode::PRECONDITION_FAILED),
        ServiceError::IllegalIdentification(_)
        | ServiceError::IllegalNotification(_)
        | ServiceError::IllegalRestitution(_)
        | ServiceError::IllegalCase(_) => (format!("{family}-illegal"), StatusCode::CONFLICT),
        ServiceError::Signature(SignatureRefused::SamePerson) => ("identification-same-person".to_owned(), StatusCode::CONFLICT),
        ServiceError::Signature(SignatureRefused::SameInstitution) => ("identification-same-institution".to_owned(), StatusCode::CONFLICT),
        ServiceError::Refused(_) => (format!("{family}-refused"), StatusCode::CONFLICT),
        ServiceError::Taken(_) => ("life-taken".to_owned(), StatusCode::CONFLICT),
        other => return Err(other.into()),
    };
    errors.add(lang, "", &key);
    Ok((errors, status))
}

/// The revision that the form was made from.
pub(super) fn revision(form: &Fields) -> Result<i32, PortalError> {
    form.get("rev").parse().map_err(|_| PortalError::Unreadable)
}

/// An instant of a day and a time in UTC, of the fields `NAME-day` and `NAME-time`; notes a fault when only one is there or one cannot be read.
pub(super) fn instant(lang: Lang, form: &Fields, name: &str, errors: &mut Errors) -> Option<DateTime<Utc>> {
    let day_field = format!("{name}-day");
    let day = form.day(lang, &day_field, errors);
    let time = form.get(&format!("{name}-time"));
    if day.is_none() && time.is_empty() {
        return None;
    }
    let time = NaiveTime::parse_from_str(time, "%H:%M").or_else(|_| NaiveTime::parse_from_str(time, "%H:%M:%S")).ok();
    let at = day.zip(time).map(|(day, time)| day.and_time(time).and_utc());
    if at.is_none() && errors.of(&day_field).is_empty() {
        errors.add(lang, &day_field, "life-day-and-time");
    }
    at
}

/// A line of a history.
pub(super) struct Step<'a> {
    pub command: &'a str,
    pub to: &'a str,
    pub reason: &'a str,
    /// Institution and person, as far as they may be known.
    pub who: Vec<&'a str>,
    pub at: DateTime<Utc>,
}

/// A history, newest first.
pub(super) fn history<'a>(p: &Page, family: &str, steps: impl DoubleEndedIterator<Item = Step<'a>>) -> Vec<TimelineEvent> {
    let event = |step: Step<'a>| TimelineEvent {
        when: p.moment(step.at),
        title: format!("{}: {}", p.word(&format!("{family}-command"), step.command), p.word(&format!("{family}-state"), step.to)),
        text: [step.who.join(", "), step.reason.to_owned()].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(". "),
        state: "done",
    };
    steps.rev().map(event).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_instant_needs_its_day_and_its_time() {
        let read = |text: &str| {
            let mut errors = Errors::default();
            let at = instant(Lang::Es, &Fields::read(text).unwrap(), "a", &mut errors);
            (at.map(|a| a.to_rfc3339()), errors.0.len())
        };
        assert_eq!(read("a-day=2026-11-28&a-time=09%3A30"), (Some("2026-11-28T09:30:00+00:00".to_owned()), 0));
        assert_eq!(read("a-day=&a-time="), (None, 0));
        assert_eq!(read("a-day=2026-11-28&a-time="), (None, 1));
        assert_eq!(read("a-day=28%2F11&a-time=09%3A30"), (None, 1));
    }
}
