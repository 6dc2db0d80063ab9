//! Re-imported rows that differ from what is held. A person accepts or refuses each; accepting is a correction: old value, author, reason kept.

use super::compare::{self, Change, Proposed};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::imports::{self, DifferenceRow};
use crate::db::places::{self, IncidentRow};
use crate::db::{Tx, cases, feed, found, persons};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::ids::{CaseId, FoundId, IdSource, PersonId};
use crate::domain::person::Description;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::cases::{NewCase, Stamp, announce, to_json};
use crate::services::consents::{Correction, insert_correction};
use crate::services::found::NewFound;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The differences of a run after row `after`, audited: they show what is held.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn list(app: &App, actor: &Actor, run: Uuid, after: i64, limit: i64) -> Result<Vec<DifferenceRow>, ServiceError> {
    actor.require(Right::Import)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let kind = imports::get(&mut tx, run).await?.kind();
    super::require(actor, kind)?;
    let rows = imports::differences(&mut tx, run, after, limit.clamp(1, 200)).await?;
    let event = Event::on_many("list", kind.subject_kind(), rows.iter().map(|d| d.subject_id).collect(), Some(actor.authority));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(rows)
}

/// The fields of a difference.
#[must_use]
pub fn changes(row: &DifferenceRow) -> Vec<Change> {
    serde_json::from_value(row.fields.clone()).unwrap_or_default()
}

/// Refuses a difference: what is held stays, and the same content is not asked about again.
///
/// # Errors
/// [`ServiceError::Invalid`] without a reason; [`ServiceError::Refused`] when it is decided already; [`ServiceError::NotFound`].
pub async fn refuse(app: &App, actor: &Actor, id: Uuid, reason: &str) -> Result<(), ServiceError> {
    let mut tx = decide(app, actor, id, "refused", reason).await?.0;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("refuse_difference", "import", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(())
}

/// Accepts a difference: the fields it names are corrected, each with its old value, author and reason; the record is compared anew.
///
/// # Errors
/// [`ServiceError::Stale`] when the record was changed since; [`ServiceError::Invalid`]; [`ServiceError::Refused`]; [`ServiceError::NotFound`].
pub async fn accept(app: &App, actor: &Actor, id: Uuid, reason: &str) -> Result<(), ServiceError> {
    let (mut tx, row) = decide(app, actor, id, "accepted", reason).await?;
    match row.subject_kind.as_str() {
        "case" => accept_case(&mut tx, app, actor, &row, reason).await?,
        "found_record" => accept_found(&mut tx, app, actor, &row, reason).await?,
        _ => accept_incident(&mut tx, app, actor, &row, reason).await?,
    }
    tx.commit().await?;
    Ok(())
}

async fn decide(app: &App, actor: &Actor, id: Uuid, state: &str, reason: &str) -> Result<(Tx, DifferenceRow), ServiceError> {
    actor.require(Right::Import)?;
    let mut faults = Violations::default();
    if reason.trim().is_empty() {
        faults.add("/reason", "empty", "say why");
    }
    faults.check_text("/reason", reason, 1000);
    faults.into_result()?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = imports::difference(&mut tx, id).await?;
    let run = imports::get(&mut tx, row.run_id).await?;
    super::require(actor, run.kind())?;
    if !imports::decide(&mut tx, id, state, reason, actor.user.0, app.now()).await? {
        return Err(ServiceError::Refused("this difference is decided already".to_owned()));
    }
    Ok((tx, row))
}

fn proposed<T: DeserializeOwned>(row: &DifferenceRow) -> Result<Proposed<T>, ServiceError> {
    serde_json::from_value(row.proposed.clone()).map_err(|e| ServiceError::Internal(e.into()))
}

/// Notes every changed field; returns their names for the audit.
async fn note(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    row: &DifferenceRow,
    reason: &str,
    changes: &[Change],
) -> Result<Vec<String>, ServiceError> {
    let subject_kind = match row.subject_kind.as_str() {
        "case" => "case",
        "found_record" => "found_record",
        _ => "incident",
    };
    for change in changes {
        let c =
            Correction { subject_kind, subject: row.subject_id, field: change.field.clone(), old: change.old.clone(), new: change.new.clone() };
        insert_correction(tx, app, actor, reason, c).await?;
    }
    Ok(changes.iter().map(|c| c.field.clone()).collect())
}

/// What is held with the changed fields put in: blank fields of the file leave theirs alone.
fn merged(held: &Description, changes: &[Change]) -> Result<Description, ServiceError> {
    let mut fields = match to_json(held) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    for change in changes {
        if let Some(field) = change.field.strip_prefix("person.") {
            fields.insert(field.to_owned(), change.new.clone());
        }
    }
    serde_json::from_value(Value::Object(fields)).map_err(|e| ServiceError::Internal(e.into()))
}

async fn replace_person(tx: &mut Tx, ids: &dyn IdSource, actor: &Actor, person: PersonId, changes: &[Change]) -> Result<(), ServiceError> {
    if !changes.iter().any(|c| c.field.starts_with("person.")) {
        return Ok(());
    }
    let (moment, held) = persons::get(tx, person).await?;
    persons::replace(tx, ids, person, actor.authority, moment, &merged(&held, changes)?).await?;
    Ok(())
}

fn changed(changes: &[Change], field: &str) -> bool {
    changes.iter().any(|c| c.field == field)
}

async fn accept_found(tx: &mut Tx, app: &App, actor: &Actor, row: &DifferenceRow, reason: &str) -> Result<(), ServiceError> {
    let now = app.now();
    let id = FoundId(row.subject_id);
    let mut held = found::get(tx, id).await?;
    if held.rev != row.rev {
        return Err(ServiceError::Stale(held.rev));
    }
    let Proposed { value: new, extras } = proposed::<NewFound>(row)?;
    let stamp = Stamp { actor, now };
    let (_, person) = persons::get(tx, held.person()).await?;
    let changes = compare::found_changes(&stamp, &held, &person, &new, &extras);
    let fields = note(tx, app, actor, row, reason, &changes).await?;
    replace_person(tx, &*app.ids, actor, held.person(), &changes).await?;
    let told = compare::with_extras_found(compare::as_row(&stamp, &new), &extras);
    let rev = held.rev;
    if changed(&changes, "kind") {
        held.kind = told.kind;
    }
    if changed(&changes, "found_at") {
        (held.found_from, held.found_to, held.found_precision) = (told.found_from, told.found_to, told.found_precision);
    }
    if changed(&changes, "place") {
        (held.place_name, held.country, held.admin1) = (told.place_name, told.country, told.admin1);
        (held.lat, held.lon, held.uncertainty_m, held.place_precision) = (told.lat, told.lon, told.uncertainty_m, told.place_precision);
    }
    held.body_state = told.body_state.or(held.body_state);
    held.pmi_min_days = told.pmi_min_days.or(held.pmi_min_days);
    held.pmi_max_days = told.pmi_max_days.or(held.pmi_max_days);
    held.wants_contact = told.wants_contact.or(held.wants_contact);
    held.held_at = told.held_at.or(held.held_at);
    held.language = told.language.or(held.language);
    if changed(&changes, "extras") {
        held.extras = told.extras;
    }
    held.updated_at = now;
    if !found::update(tx, rev, &held).await? {
        return Err(ServiceError::Stale(rev));
    }
    audit::append(tx, &*app.ids, now, &Who::from(actor), Event::on("change", "found_record", id, actor.authority).fields(fields)).await?;
    announce(tx, app, actor.authority, "found_record", id.0, "changed").await
}

async fn accept_case(tx: &mut Tx, app: &App, actor: &Actor, row: &DifferenceRow, reason: &str) -> Result<(), ServiceError> {
    let now = app.now();
    let id = CaseId(row.subject_id);
    let mut held = cases::get(tx, id).await?;
    if held.rev != row.rev {
        return Err(ServiceError::Stale(held.rev));
    }
    let Proposed { value: new, extras } = proposed::<NewCase>(row)?;
    let (_, person) = persons::get(tx, held.person()).await?;
    let mut contact = cases::last_contact(tx, id).await?;
    let changes = compare::case_changes(&Stamp { actor, now }, (&held, &contact), &person, &new, &extras);
    let fields = note(tx, app, actor, row, reason, &changes).await?;
    replace_person(tx, &*app.ids, actor, held.person(), &changes).await?;
    if changes.iter().any(|c| c.field.starts_with("last_contact.")) {
        let told = new.last_contact;
        contact.at = told.at.or(contact.at);
        contact.means = told.means.or(contact.means);
        contact.transport = told.transport.or(contact.transport);
        contact.circumstances = told.circumstances.or(contact.circumstances);
        if changed(&changes, "last_contact.place") {
            contact.place = told.place;
        }
        cases::put_last_contact(tx, id, actor.authority, &contact).await?;
    }
    held.report_language = new.report_language.or(held.report_language);
    held.report_date = new.report_date.or(held.report_date);
    held.origin_country = new.origin_country.or(held.origin_country);
    held.destination_country = new.destination_country.or(held.destination_country);
    held.destination_place = new.destination_place.or(held.destination_place);
    if changed(&changes, "transit_countries") {
        held.transit_countries = new.transit_countries;
    }
    if changed(&changes, "risk_flags") {
        held.risk_flags = new.risk_flags;
    }
    if changed(&changes, "extras") {
        held.extras = to_json(&extras);
    }
    held.updated_at = now;
    if !cases::update(tx, row.rev, &held).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    audit::append(tx, &*app.ids, now, &Who::from(actor), Event::on("change", "case", id, actor.authority).fields(fields)).await?;
    announce(tx, app, actor.authority, "case", id.0, "changed").await
}

async fn accept_incident(tx: &mut Tx, app: &App, actor: &Actor, row: &DifferenceRow, reason: &str) -> Result<(), ServiceError> {
    let Proposed { value: new, .. } = proposed::<IncidentRow>(row)?;
    let held = places::incident(tx, row.subject_id).await?;
    let changes = compare::incident_changes(&held, &new);
    let fields = note(tx, app, actor, row, reason, &changes).await?;
    let mut told = match to_json(&held) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    for change in &changes {
        told.insert(change.field.clone(), change.new.clone());
    }
    let told: IncidentRow = serde_json::from_value(Value::Object(told)).map_err(|e| ServiceError::Internal(e.into()))?;
    places::update_incident(tx, &told).await?;
    feed::append(tx, "incident", &[row.subject_id]).await?;
    audit::append(tx, &*app.ids, app.now(), &Who::from(actor), Event::on("change", "incident", row.subject_id, actor.authority).fields(fields))
        .await?;
    Ok(())
}
