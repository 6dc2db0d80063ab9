//! The parts of a case's page in words: what is held, the journey, who searches, what is due.

use super::compare::{field_name, place_text, value};
use super::page::Page;
use super::views::{Row, rows};
use crate::db::cases::{ActionRow, InquirerRow, LegRow};
use crate::domain::case::CaseState;
use crate::domain::known::Absent;
use crate::domain::person::Description;
use crate::domain::place::Place;
use crate::services::cases::CaseView;
use chrono::{DateTime, Utc};

/// When something is due, in words and with its urgency.
#[derive(Debug, Clone)]
pub(super) struct Due {
    pub when: String,
    pub words: String,
    pub tone: &'static str,
    pub mark: &'static str,
}

/// A due date: overdue, within a day, or later.
pub(super) fn due(p: &Page, at: DateTime<Utc>, now: DateTime<Utc>) -> Due {
    let (words, tone, mark) = if at < now {
        ("sla-overdue", "brick", "triangle")
    } else if at < now + chrono::Duration::hours(24) {
        ("sla-at-risk", "honey", "half")
    } else {
        ("sla-on-time", "plain", "ring")
    };
    let near = (at - now).abs() < chrono::Duration::hours(48);
    Due { when: if near { p.moment(at) } else { p.day(at.date_naive()) }, words: p.t(words), tone, mark }
}

/// Tone and shape of a state. No state of a person's case is red.
pub(super) const fn state_look(state: CaseState) -> (&'static str, &'static str) {
    use CaseState as S;
    match state {
        S::Draft => ("plain", "ring"),
        S::Registered | S::InformationRequested | S::Reopened | S::IdentificationRevoked => ("honey", "ring"),
        S::SearchActive => ("violet", "dot"),
        S::SearchSuspended => ("honey", "square"),
        S::PossibleLocation => ("violet", "half"),
        S::LocatedAlive | S::ContactRestored | S::ContactRefused | S::ProtectionHold => ("teal", "triangle"),
        S::IdentifiedDeceased | S::FamilyNotified | S::RestitutionInProgress | S::Restituted | S::FollowUp => ("plain", "diamond"),
        S::Closed | S::DuplicateLinked | S::WithdrawnByFamily => ("plain", "square"),
    }
}

/// Kilometres as people read them.
pub(super) fn km(metres: f64) -> String {
    let km = metres / 1000.0;
    if km < 10.0 { format!("{km:.1}") } else { format!("{km:.0}") }
}

/// A place with its uncertainty.
pub(super) fn uncertain(p: &Page, place: &Place) -> String {
    let words = place_text(p, place);
    if place.position().is_none() {
        return words;
    }
    let doubt = p.t1("found-uncertainty", "km", km(place.radius_m()));
    [words, doubt].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The described fields, with the key under which a form keeps why one is blank.
pub(super) const ABSENT_FIELDS: [(&str, &str); 9] = [
    ("birth", "birth"),
    ("sex", "sex"),
    ("nationality", "nationalities"),
    ("stature", "height_min_cm"),
    ("marks", "marks"),
    ("dental", "dental"),
    ("clothing", "clothing"),
    ("phone", "phones"),
    ("document", "documents"),
];

fn absent(person: &Description, field: &str) -> Option<Absent> {
    let (_, key) = ABSENT_FIELDS.iter().find(|(f, _)| *f == field)?;
    person.absent.get(*key).copied()
}

/// Fields of the person: the value, or why there is none; a field that is simply blank is left out.
pub(super) fn described(p: &Page, person: &Description, fields: &[&str]) -> Vec<Row> {
    rows(
        fields
            .iter()
            .map(|field| {
                let text = value(p, field, person, None, None);
                let why = absent(person, field).filter(|_| text.is_empty());
                (field_name(p, field), why.map_or(text, |why| p.word("absent", why.as_str())))
            })
            .collect(),
    )
}

/// What would help the search and is not known, in words.
pub(super) fn missing(p: &Page, person: &Description) -> Vec<String> {
    ["birth", "sex", "nationality", "stature", "marks", "dental", "clothing", "phone", "document"]
        .into_iter()
        .filter(|f| value(p, f, person, None, None).is_empty() && absent(person, f).is_none())
        .map(|f| field_name(p, f).to_lowercase())
        .collect()
}

/// The names, each with what it is.
pub(super) fn names(p: &Page, person: &Description) -> Vec<Row> {
    rows(person.names.iter().map(|n| (p.word("name-kind", n.kind.as_str()), n.text())).collect())
}

/// The report and the search.
pub(super) fn summary(p: &Page, view: &CaseView, contact: Option<&(String, Option<String>)>) -> Vec<Row> {
    let row = &view.row;
    let number = match (&row.scheme, &row.external_id) {
        (Some(scheme), Some(id)) if scheme != "OWN" => format!("{id} ({scheme})"),
        (_, Some(id)) => id.clone(),
        _ => String::new(),
    };
    let contact = contact.map(|(name, phone)| [Some(name.clone()), phone.clone()].into_iter().flatten().collect::<Vec<_>>().join(", "));
    rows(vec![
        (p.t("desk-own-number"), number),
        (p.t("desk-channel"), p.word("channel", &row.intake_channel)),
        (p.t("desk-reported"), row.report_date.map(|d| p.day(d)).unwrap_or_default()),
        (p.t("desk-report-language"), row.report_language.as_deref().map(|l| p.word("spoken", l)).unwrap_or_default()),
        (p.t("desk-risks"), row.risk_flags.iter().map(|r| p.word("risk", r)).collect::<Vec<_>>().join(", ")),
        (p.t("found-confidentiality"), p.word("confidentiality", &row.confidentiality)),
        (p.t("desk-contact-person"), contact.unwrap_or_default()),
        (p.t("found-registered"), p.moment(row.created_at)),
    ])
}

/// The last contact and the way ahead.
pub(super) fn circumstances(p: &Page, view: &CaseView) -> Vec<Row> {
    let row = &view.row;
    let mut pairs = Vec::new();
    if let Some(contact) = &view.last_contact {
        let word = |family: &str, text: &Option<String>| text.as_deref().map(|t| p.word(family, t)).unwrap_or_default();
        pairs.push((p.t("intake-last-contact"), contact.at.map(|w| p.partial(w)).unwrap_or_default()));
        pairs.push((p.t("intake-last-place"), uncertain(p, &contact.place)));
        pairs.push((p.t("desk-means"), word("means", &contact.means)));
        pairs.push((p.t("desk-transport"), word("transport", &contact.transport)));
        pairs.push((p.t("desk-circumstances"), contact.circumstances.clone().unwrap_or_default()));
    }
    let country = row.destination_country.as_deref().map(|c| p.country(c));
    let destination = [row.destination_place.clone(), country].into_iter().flatten().collect::<Vec<_>>().join(", ");
    pairs.push((p.t("desk-origin"), row.origin_country.as_deref().map(|c| p.country(c)).unwrap_or_default()));
    pairs.push((p.t("desk-transit"), p.countries(&row.transit_countries)));
    pairs.push((p.t("intake-destination"), destination));
    rows(pairs)
}

/// A stop of the journey as the list beside the map shows it.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    /// Its number on the map; empty without a position, and for what was only planned.
    pub number: String,
    pub title: String,
    pub place: String,
    pub text: String,
    /// confirmed, reported, estimated or unknown: chooses the dashes of the key.
    pub certainty: String,
}

/// The place of a leg.
pub(super) fn leg_place(leg: &LegRow) -> Place {
    Place {
        name: leg.place_name.clone(),
        country: leg.country.clone(),
        lat: leg.lat,
        lon: leg.lon,
        uncertainty_m: leg.uncertainty_m,
        ..Place::default()
    }
}

/// Whether a leg stands on the line of the journey.
pub(super) fn on_line(leg: &LegRow) -> bool {
    leg.kind != "planned" && leg_place(leg).position().is_some()
}

/// The journey in order, numbered as on the map.
pub(super) fn stops(p: &Page, legs: &[LegRow]) -> Vec<Stop> {
    let mut n = 0;
    legs.iter()
        .map(|leg| {
            let on_map = on_line(leg);
            n += i32::from(on_map);
            let when = super::case_fill::date_of(leg.at_from, leg.at_to).map(|d| p.partial(d));
            let transport = leg.transport.as_deref().map(|t| p.word("transport", t));
            let unplaced = leg_place(leg).position().is_none().then(|| p.t("desk-leg-unplaced"));
            Stop {
                number: if on_map { n.to_string() } else { String::new() },
                title: p.word("leg-kind", &leg.kind),
                place: uncertain(p, &leg_place(leg)),
                text: [when, transport, Some(p.word("certainty", &leg.certainty)), unplaced]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" · "),
                certainty: leg.certainty.clone(),
            }
        })
        .collect()
}

/// Somebody who searches.
#[derive(Debug, Clone)]
pub(super) struct Searcher {
    pub name: String,
    pub rows: Vec<Row>,
    pub paused: bool,
}

/// Who searches.
pub(super) fn searchers(p: &Page, rows_of: &[InquirerRow]) -> Vec<Searcher> {
    rows_of
        .iter()
        .map(|i| Searcher {
            name: i.name.clone(),
            paused: i.paused,
            rows: rows(vec![
                (p.t("intake-relation"), p.word("kin", &i.relation)),
                (p.t("field-phone"), i.phone.clone().unwrap_or_default()),
                (p.t("login-email"), i.email.clone().unwrap_or_default()),
                (p.t("desk-speaks"), p.word("spoken", &i.language)),
                (p.t("desk-safe-to-call"), i.safe_to_call.clone().unwrap_or_default()),
                (p.t("desk-leave-message"), if i.do_not_leave_message { p.t("desk-no-messages") } else { String::new() }),
            ]),
        })
        .collect()
}

/// Something to be done.
#[derive(Debug, Clone)]
pub(super) struct Action {
    pub id: uuid::Uuid,
    pub what: String,
    pub note: String,
    pub due: Due,
}

/// What is still to be done, the most urgent first.
pub(super) fn open_actions(p: &Page, actions: &[ActionRow], now: DateTime<Utc>) -> Vec<Action> {
    actions
        .iter()
        .filter(|a| a.done_at.is_none())
        .map(|a| Action {
            id: a.id,
            what: p.word("action", &a.kind),
            note: [a.addressee.clone(), a.note.clone()].into_iter().flatten().collect::<Vec<_>>().join(": "),
            due: due(p, a.due_at, now),
        })
        .collect()
}
