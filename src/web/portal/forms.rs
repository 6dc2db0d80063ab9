//! Forms: reading what was typed, checking the form's token, saying what is wrong with what.

use super::error::PortalError;
use super::i18n::Lang;
use super::session::Visit;
use crate::domain::dates::PartialDate;
use crate::domain::violations::{Violation, Violations};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

/// One entry of a list to choose from.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// What is explained below; may be empty.
    pub hint: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Choice {
    /// A choice without a hint.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>, chosen: bool) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new(), chosen }
    }

    /// Choices of a closed vocabulary: the words, their texts under `family-WORD`, and those that are chosen.
    #[must_use]
    pub fn words(lang: Lang, family: &str, words: &[&str], chosen: &[&str]) -> Vec<Self> {
        words.iter().map(|w| Self::new(*w, lang.word(family, w), chosen.contains(w))).collect()
    }
}

/// A fault, with the field it is about (empty for the whole form).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldError {
    /// Name and id of the field.
    pub field: String,
    /// What to do.
    pub text: String,
}

/// The faults of a form.
#[derive(Debug, Clone, Default)]
pub struct Errors(pub Vec<FieldError>);

impl Errors {
    /// Notes a fault by the key of its text.
    pub fn add(&mut self, lang: Lang, field: &str, key: &str) {
        self.0.push(FieldError { field: field.to_owned(), text: lang.text(key) });
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first fault of a field; empty without one.
    #[must_use]
    pub fn of(&self, field: &str) -> &str {
        self.0.iter().find(|e| e.field == field).map_or("", |e| e.text.as_str())
    }

    /// The first fault of a field or of what is below it (`field/0`, …), for lists that are one field in the form.
    #[must_use]
    pub fn take_violations(lang: Lang, faults: &Violations, field_of: impl Fn(&str) -> String) -> Self {
        let mut errors = Self::default();
        for fault in &faults.0 {
            let error = FieldError { field: field_of(&fault.pointer), text: fault_text(lang, fault) };
            if !errors.0.contains(&error) {
                errors.0.push(error);
            }
        }
        errors
    }
}

/// A fault of the domain in the reader's language; the domain's own English sentence where a code has no text.
#[must_use]
pub fn fault_text(lang: Lang, fault: &Violation) -> String {
    let key = format!("fault-{}", fault.code.replace('_', "-"));
    if lang.has(&key) { lang.text(&key) } else { fault.message.clone() }
}

/// What was typed into a form, in order, as text.
#[derive(Debug, Clone, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    /// Reads `a=b&c=d`.
    ///
    /// # Errors
    /// [`PortalError::Unreadable`].
    pub fn read(text: &str) -> Result<Self, PortalError> {
        web::Query::<Vec<(String, String)>>::from_query(text).map(|q| Self(q.into_inner())).map_err(|_| PortalError::Unreadable)
    }

    /// The first value of a field, without blanks around; empty when there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim())
    }

    /// The first value; `None` when it is blank.
    #[must_use]
    pub fn opt(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|v| !v.is_empty()).map(str::to_owned)
    }

    /// Every value of a field that is not blank.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(n, v)| n == name && !v.trim().is_empty()).map(|(_, v)| v.trim()).collect()
    }

    /// Whether a box with this value is ticked.
    #[must_use]
    pub fn ticked(&self, name: &str, value: &str) -> bool {
        self.all(name).contains(&value)
    }

    /// The lines of a text area that are not blank.
    #[must_use]
    pub fn lines(&self, name: &str) -> Vec<String> {
        self.get(name).lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
    }

    /// A number, with a comma or a point; notes a fault when it is none.
    pub fn number<T: std::str::FromStr>(&self, lang: Lang, name: &str, errors: &mut Errors) -> Option<T> {
        let text = self.get(name);
        if text.is_empty() {
            return None;
        }
        let number = text.replace(',', ".").parse().ok();
        if number.is_none() {
            errors.add(lang, name, "error-bad-number");
        }
        number
    }

    /// A date of the fields `NAME-day`, `NAME-month`, `NAME-year`, of which day, or day and month, may be blank.
    pub fn partial_date(&self, lang: Lang, name: &str, errors: &mut Errors) -> Option<PartialDate> {
        let part = |suffix: &str| self.get(&format!("{name}-{suffix}"));
        let (day, month, year) = (part("day"), part("month"), part("year"));
        if day.is_empty() && month.is_empty() && year.is_empty() {
            return None;
        }
        let two = |text: &str| format!("{text:0>2}");
        let text = match (day.is_empty(), month.is_empty()) {
            (true, true) => year.to_owned(),
            (true, false) => format!("{year}-{}", two(month)),
            (false, _) => format!("{year}-{}-{}", two(month), two(day)),
        };
        let date = text.parse().ok();
        if date.is_none() {
            errors.add(lang, name, "error-bad-date");
        }
        date
    }

    /// A day of a `type="date"` field (`YYYY-MM-DD`).
    pub fn day(&self, lang: Lang, name: &str, errors: &mut Errors) -> Option<chrono::NaiveDate> {
        let text = self.get(name);
        if text.is_empty() {
            return None;
        }
        let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        if day.is_none() {
            errors.add(lang, name, "error-bad-date");
        }
        day
    }

    /// A closed word; notes a fault when it is not one of the vocabulary.
    pub fn word<T: std::str::FromStr>(&self, lang: Lang, name: &str, errors: &mut Errors) -> Option<T> {
        let text = self.get(name);
        if text.is_empty() {
            return None;
        }
        let word = text.parse().ok();
        if word.is_none() {
            errors.add(lang, name, "error-bad-choice");
        }
        word
    }
}

/// A form sent by a page of ours: its token was checked.
#[derive(Debug, Clone)]
pub struct Posted(pub Fields);

impl Deref for Posted {
    type Target = Fields;
    fn deref(&self) -> &Fields {
        &self.0
    }
}

impl FromRequest for Posted {
    type Error = PortalError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PortalError>>>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visit = request.extensions().get::<Visit>().cloned();
        let is_form = request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded");
        let body = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            let visit = visit.ok_or(PortalError::Unframed)?;
            if !is_form {
                return Err(PortalError::Unreadable);
            }
            let body = body.await.map_err(|_| PortalError::TooLarge)?;
            let fields = Fields::read(std::str::from_utf8(&body).map_err(|_| PortalError::Unreadable)?)?;
            if visit.form_token_fits(fields.get("csrf")) { Ok(Self(fields)) } else { Err(PortalError::Forgery) }
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_date_may_lack_its_day_or_month_but_must_exist() {
        let mut errors = Errors::default();
        let date = |text: &str, errors: &mut Errors| Fields::read(text).unwrap().partial_date(Lang::Es, "birth", errors);
        assert_eq!(date("birth-year=1990&birth-month=&birth-day=", &mut errors).unwrap().to_string(), "1990");
        assert_eq!(date("birth-year=1990&birth-month=3&birth-day=7", &mut errors).unwrap().to_string(), "1990-03-07");
        assert_eq!(date("birth-year=&birth-month=&birth-day=", &mut errors), None);
        assert!(errors.is_empty());
        assert_eq!(date("birth-year=1990&birth-month=2&birth-day=30", &mut errors), None);
        assert_eq!(date("birth-year=&birth-month=2&birth-day=", &mut errors), None);
        assert_eq!(errors.0.len(), 2);
        assert_eq!(errors.of("birth"), Lang::Es.text("error-bad-date"));
    }

    #[test]
    fn a_number_is_read_with_comma_or_point_and_lines_lose_their_blanks() {
        let fields = Fields::read("height=1%2C5&marks=+tatuaje+%0D%0A%0D%0Acicatriz&box=a&box=b").unwrap();
        let mut errors = Errors::default();
        assert_eq!(fields.number::<f64>(Lang::Es, "height", &mut errors), Some(1.5));
        assert_eq!(fields.lines("marks"), ["tatuaje", "cicatriz"]);
        assert!(fields.ticked("box", "b") && !fields.ticked("box", "c"));
    }
}
