//! The report form filled with what is held of a case.

use super::case_views::leg_place;
use super::forms::Fields;
use super::person_form;
use crate::db::cases::{CaseRow, InquirerRow, LastContact, LegRow};
use crate::domain::dates::{DatePrecision, PartialDate};
use crate::domain::person::{Description, PersonName};
use crate::domain::place::Place;
use chrono::{Datelike, NaiveDate};

fn put(fields: &mut Fields, name: &str, value: impl Into<String>) {
    fields.0.push((name.to_owned(), value.into()));
}

fn put_date(fields: &mut Fields, name: &str, date: Option<PartialDate>) {
    let Some(date) = date.filter(|d| d.precision != DatePrecision::Range) else { return };
    put(fields, &format!("{name}-year"), date.from.year().to_string());
    if date.precision != DatePrecision::Year {
        put(fields, &format!("{name}-month"), date.from.month().to_string());
    }
    if date.precision == DatePrecision::Day {
        put(fields, &format!("{name}-day"), date.from.day().to_string());
    }
}

/// A place's fields filled with what is held.
pub(super) fn put_place_fields(fields: &mut Fields, prefix: &str, place: &Place) {
    let degrees = |d: Option<f64>| d.map(|d| d.to_string()).unwrap_or_default();
    for (part, value) in [
        ("place", place.name.clone().unwrap_or_default()),
        ("admin1", place.admin1.clone().unwrap_or_default()),
        ("country", place.country.clone().unwrap_or_default()),
        ("lat", degrees(place.lat)),
        ("lon", degrees(place.lon)),
        ("precision", place.precision.map(|p| p.to_string()).unwrap_or_default()),
    ] {
        put(fields, &format!("{prefix}-{part}"), value);
    }
}

/// The person's part filled with what is held.
pub(super) fn filled_person(person: &Description) -> Fields {
    let mut fields = person_form::filled(person);
    fields.0.retain(|(name, _)| name != "names");
    put(&mut fields, "names", person.names.iter().skip(1).map(PersonName::text).collect::<Vec<_>>().join("\n"));
    if let Some(first) = person.names.first() {
        put(&mut fields, "given", first.given_names.clone().unwrap_or_default());
        put(&mut fields, "surname1", first.first_surname.clone().unwrap_or_default());
        put(&mut fields, "surname2", first.second_surname.clone().unwrap_or_default());
        let composed = PersonName { full_text: String::new(), ..first.clone() }.text();
        put(&mut fields, "said", Some(first.full_text.trim()).filter(|said| *said != composed).unwrap_or_default());
    }
    put_date(&mut fields, "birth", person.birth);
    for (key, why) in &person.absent {
        put(&mut fields, &format!("absent-{key}"), why.as_str());
    }
    fields
}

/// The last contact's part filled with what is held.
pub(super) fn filled_contact(contact: &LastContact) -> Fields {
    let mut fields = Fields::default();
    put_date(&mut fields, "contact-on", contact.at);
    put_place_fields(&mut fields, "contact", &contact.place);
    put(&mut fields, "contact-means", contact.means.clone().unwrap_or_default());
    put(&mut fields, "contact-transport", contact.transport.clone().unwrap_or_default());
    put(&mut fields, "circumstances", contact.circumstances.clone().unwrap_or_default());
    fields
}

/// A date of two columns, as finely as they say.
pub(super) fn date_of(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Option<PartialDate> {
    let (from, to) = (from?, to.or(from)?);
    let month_later = |d: NaiveDate| d.checked_add_months(chrono::Months::new(1)).and_then(|n| n.pred_opt());
    let precision = if from == to {
        "day"
    } else if from.day() == 1 && month_later(from) == Some(to) {
        "month"
    } else if from.ordinal() == 1 && to.year() == from.year() && to.month() == 12 && to.day() == 31 {
        "year"
    } else {
        "range"
    };
    PartialDate::from_columns(Some(from), Some(to), Some(precision))
}

/// Who searches, where from and where to, and what is feared, filled with what is held.
pub(super) fn filled_report(row: &CaseRow, inquirer: Option<&InquirerRow>) -> Fields {
    let mut fields = Fields::default();
    for country in &row.transit_countries {
        put(&mut fields, "transit", country);
    }
    for risk in &row.risk_flags {
        put(&mut fields, "risks", risk);
    }
    let who = |part: fn(&InquirerRow) -> Option<&String>| inquirer.and_then(part).cloned().unwrap_or_default();
    for (name, value) in [
        ("origin-country", row.origin_country.clone().unwrap_or_default()),
        ("destination-country", row.destination_country.clone().unwrap_or_default()),
        ("destination-place", row.destination_place.clone().unwrap_or_default()),
        ("who-name", who(|i| Some(&i.name))),
        ("who-relation", who(|i| Some(&i.relation))),
        ("who-phone", who(|i| i.phone.as_ref())),
        ("who-email", who(|i| i.email.as_ref())),
        ("who-language", who(|i| Some(&i.language))),
        ("who-safe", who(|i| i.safe_to_call.as_ref())),
    ] {
        put(&mut fields, name, value);
    }
    fields
}

/// The journey's part filled with what is held, with room for one more leg.
pub(super) fn filled_journey(legs: &[LegRow]) -> Fields {
    let mut fields = Fields::default();
    put(&mut fields, "legs", (legs.len() + 1).to_string());
    for (i, leg) in legs.iter().enumerate() {
        put_place_fields(&mut fields, &format!("leg{i}"), &leg_place(leg));
        put_date(&mut fields, &format!("leg{i}-on"), date_of(leg.at_from, leg.at_to));
        put(&mut fields, &format!("leg{i}-kind"), leg.kind.clone());
        put(&mut fields, &format!("leg{i}-transport"), leg.transport.clone().unwrap_or_default());
        put(&mut fields, &format!("leg{i}-certainty"), leg.certainty.clone());
    }
    fields
}
