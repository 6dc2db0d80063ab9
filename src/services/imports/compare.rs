//! What a re-imported row changes in what is held. A blank in the file says nothing, so it is no difference.

use super::batch::{Extras, Incoming};
use crate::app::App;
use crate::db::cases::{CaseRow, LastContact};
use crate::db::found::FoundRow;
use crate::db::imports::NewDifference;
use crate::db::places::IncidentRow;
use crate::db::{DbError, Tx, cases, found, persons, places};
use crate::domain::actor::Actor;
use crate::domain::ids::{CaseId, FoundId, PersonId};
use crate::domain::person::Description;
use crate::services::cases::{NewCase, Stamp, to_json};
use crate::services::found::NewFound;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Which; fields of the person begin with `person.`.
    pub field: String,
    /// What is held.
    pub old: Value,
    /// What the file tells.
    pub new: Value,
}

/// A row as a difference keeps it, to be accepted later.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Proposed<T> {
    pub value: T,
    #[serde(default)]
    pub extras: Extras,
}

/// The rows of a batch, sorted by what is held.
pub(super) struct Sorted<'a, T> {
    pub fresh: Vec<&'a Incoming<T>>,
    pub unchanged: i64,
    pub differing: Vec<NewDifference>,
    /// Rows with an identifier that an earlier row of the batch has: the reader knows schemes only as they are written.
    pub repeated: Vec<u64>,
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.is_empty(),
        _ => false,
    }
}

/// The fields of `new` that say something else than `old`.
fn changes_between(old: Map<String, Value>, new: Map<String, Value>, prefix: &str) -> Vec<Change> {
    new.into_iter()
        .filter(|(_, value)| !is_blank(value))
        .filter_map(|(field, new)| {
            let was = old.get(&field).cloned().unwrap_or(Value::Null);
            (was != new).then(|| Change { field: format!("{prefix}{field}"), old: was, new })
        })
        .collect()
}

fn map(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}

/// The fields of a description that say something else.
pub(super) fn person_changes(held: &Description, new: &Description) -> Vec<Change> {
    let new = persons::as_kept(new);
    if *held == new { Vec::new() } else { changes_between(map(to_json(held)), map(to_json(&new)), "person.") }
}

fn found_content(row: &FoundRow) -> Map<String, Value> {
    map(serde_json::json!({
        "kind": row.kind, "found_at": row.found_at(), "place": blank_place(to_json(&row.place())), "body_state": row.body_state,
        "pmi_min_days": row.pmi_min_days, "pmi_max_days": row.pmi_max_days, "wants_contact": row.wants_contact, "held_at": row.held_at,
        "language": row.language, "extras": row.extras,
    }))
}

fn case_content(row: &CaseRow, contact: &LastContact) -> Map<String, Value> {
    map(serde_json::json!({
        "report_language": row.report_language, "report_date": row.report_date, "origin_country": row.origin_country,
        "transit_countries": row.transit_countries, "destination_country": row.destination_country,
        "destination_place": row.destination_place, "risk_flags": row.risk_flags, "last_contact.at": contact.at,
        "last_contact.means": contact.means, "last_contact.place": blank_place(to_json(&contact.place)),
        "last_contact.transport": contact.transport, "last_contact.circumstances": contact.circumstances, "extras": row.extras,
    }))
}

/// A place of which nothing is known is no value.
fn blank_place(place: Value) -> Value {
    if place.as_object().is_some_and(|p| p.values().all(Value::is_null)) { Value::Null } else { place }
}

/// What a found record changes in the one that is held.
pub(super) fn found_changes(stamp: &Stamp<'_>, held: &FoundRow, person: &Description, new: &NewFound, extras: &Extras) -> Vec<Change> {
    let mut changes = person_changes(person, &new.person);
    let kept = with_extras_found(as_row(stamp, new), extras);
    changes.extend(changes_between(found_content(held), found_content(&kept), ""));
    changes
}

pub(super) fn as_row(stamp: &Stamp<'_>, new: &NewFound) -> FoundRow {
    let nil = (FoundId(Uuid::nil()), PersonId(Uuid::nil()));
    crate::services::found::row_of(new, stamp, nil, "")
}

pub(super) fn with_extras_found(mut row: FoundRow, extras: &Extras) -> FoundRow {
    row.extras = to_json(extras);
    row
}

/// What a case changes in the one that is held.
pub(super) fn case_changes(
    stamp: &Stamp<'_>,
    (held, contact): (&CaseRow, &LastContact),
    person: &Description,
    new: &NewCase,
    extras: &Extras,
) -> Vec<Change> {
    let mut changes = person_changes(person, &new.person);
    let nil = (CaseId(Uuid::nil()), PersonId(Uuid::nil()));
    let mut kept = crate::services::cases::row_of(new, stamp, nil, "");
    // The day of registration stands in for a missing day of the report; the file did not say it.
    kept.report_date = new.report_date;
    kept.extras = to_json(extras);
    changes.extend(changes_between(case_content(held, contact), case_content(&kept, &cases::contact_as_kept(&new.last_contact)), ""));
    changes
}

/// What an incident changes in the one that is held.
pub(super) fn incident_changes(held: &IncidentRow, new: &IncidentRow) -> Vec<Change> {
    let content = |row: &IncidentRow| {
        let mut content = map(to_json(row));
        content.remove("id");
        content.remove("created_at");
        content
    };
    changes_between(content(held), content(new), "")
}

type External = (String, String);

fn external(scheme: Option<&String>, id: Option<&String>) -> Option<External> {
    Some((scheme.cloned().unwrap_or_else(|| super::OWN_SCHEME.to_owned()), id?.clone()))
}

fn keys<T>(rows: &[Incoming<T>], key: impl Fn(&T) -> Option<External>) -> (Vec<String>, Vec<String>) {
    rows.iter().filter_map(|r| key(&r.value)).unzip()
}

fn difference<T: Serialize + Clone>(app: &App, (subject, rev): (Uuid, i32), row: &Incoming<T>, changes: &[Change]) -> NewDifference {
    NewDifference {
        id: app.ids.next(),
        subject,
        row_no: i64::try_from(row.row).unwrap_or(i64::MAX),
        rev,
        fields: to_json(&changes),
        proposed: to_json(&Proposed { value: row.value.clone(), extras: row.extras.clone() }),
    }
}

/// Sorts found records by what is held. Three queries when some are, one when none is.
pub(super) async fn sort_found<'a>(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    rows: &'a [Incoming<NewFound>],
) -> Result<Sorted<'a, NewFound>, DbError> {
    let key = |n: &NewFound| external(n.scheme.as_ref(), n.external_id.as_ref());
    let (schemes, values) = keys(rows, key);
    let held = found::by_external_ids(tx, actor.authority, &schemes, &values).await?;
    let persons = persons::get_many(tx, &held.iter().map(|h| h.person_id).collect::<Vec<_>>()).await?;
    let held: HashMap<External, FoundRow> =
        held.into_iter().filter_map(|h| Some((external(h.scheme.as_ref(), h.external_id.as_ref())?, h))).collect();
    let stamp = Stamp { actor, now: app.now() };
    Ok(sort(app, rows, key, |row| {
        let held = held.get(&key(&row.value)?)?;
        let changes = found_changes(&stamp, held, persons.get(&held.person_id)?, &row.value, &row.extras);
        Some(((held.id, held.rev), changes))
    }))
}

/// Sorts cases by what is held.
pub(super) async fn sort_cases<'a>(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    rows: &'a [Incoming<NewCase>],
) -> Result<Sorted<'a, NewCase>, DbError> {
    let key = |n: &NewCase| external(n.scheme.as_ref(), n.external_id.as_ref());
    let (schemes, values) = keys(rows, key);
    let held = cases::by_external_ids(tx, actor.authority, &schemes, &values).await?;
    let persons = persons::get_many(tx, &held.iter().map(|h| h.person_id).collect::<Vec<_>>()).await?;
    let contacts = cases::last_contacts(tx, &held.iter().map(|h| h.id).collect::<Vec<_>>()).await?;
    let held: HashMap<External, CaseRow> =
        held.into_iter().filter_map(|h| Some((external(h.scheme.as_ref(), h.external_id.as_ref())?, h))).collect();
    let stamp = Stamp { actor, now: app.now() };
    let unknown = LastContact::default();
    Ok(sort(app, rows, key, |row| {
        let held = held.get(&key(&row.value)?)?;
        let contact = contacts.get(&held.id).unwrap_or(&unknown);
        let changes = case_changes(&stamp, (held, contact), persons.get(&held.person_id)?, &row.value, &row.extras);
        Some(((held.id, held.rev), changes))
    }))
}

/// Sorts incidents by what is held.
pub(super) async fn sort_incidents<'a>(tx: &mut Tx, app: &App, rows: &'a [Incoming<IncidentRow>]) -> Result<Sorted<'a, IncidentRow>, DbError> {
    let scheme = rows.first().map(|r| r.value.scheme.clone()).unwrap_or_default();
    let values: Vec<String> = rows.iter().map(|r| r.value.external_id.clone()).collect();
    let held = places::incidents_by_external_ids(tx, &scheme, &values).await?;
    let held: HashMap<String, IncidentRow> = held.into_iter().map(|h| (h.external_id.clone(), h)).collect();
    let key = |i: &IncidentRow| external(Some(&i.scheme), Some(&i.external_id));
    Ok(sort(app, rows, key, |row| {
        let held = held.get(&row.value.external_id)?;
        // An incident has no revision: nobody edits it but another import.
        Some(((held.id, 0), incident_changes(held, &row.value)))
    }))
}

fn sort<'a, T: Serialize + Clone>(
    app: &App,
    rows: &'a [Incoming<T>],
    key: impl Fn(&T) -> Option<External>,
    held: impl Fn(&Incoming<T>) -> Option<((Uuid, i32), Vec<Change>)>,
) -> Sorted<'a, T> {
    let mut sorted = Sorted { fresh: Vec::with_capacity(rows.len()), unchanged: 0, differing: Vec::new(), repeated: Vec::new() };
    let mut seen = HashSet::with_capacity(rows.len());
    for row in rows {
        if key(&row.value).is_some_and(|key| !seen.insert(key)) {
            sorted.repeated.push(row.row);
            continue;
        }
        match held(row) {
            None => sorted.fresh.push(row),
            Some((_, changes)) if changes.is_empty() => sorted.unchanged += 1,
            Some((subject, changes)) => sorted.differing.push(difference(app, subject, row, &changes)),
        }
    }
    sorted
}
