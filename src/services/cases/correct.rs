//! Correcting a case. The old values stay, with author and reason.

use super::register::{Stamp, announce, inquirer_row, leg_row, risk_action};
use super::report::{Inquirer, Leg, NewCase};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::cases::{self, CaseRow, InquirerRow, LastContact, LegRow};
use crate::db::persons;
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::ids::CaseId;
use crate::domain::person::Description;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use serde::{Deserialize, Serialize};

/// Where a person came from, which countries they crossed and where they were going.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Itinerary {
    /// Country of origin.
    pub origin_country: Option<String>,
    /// Countries crossed, in order.
    pub transit_countries: Vec<String>,
    /// Country of destination.
    pub destination_country: Option<String>,
    /// Place of destination.
    pub destination_place: Option<String>,
}

/// A correction of a case. What is not given stays; the old values are kept with author and reason.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CaseCorrection {
    /// Why.
    pub reason: String,
    /// The person as now described, whole.
    pub person: Option<Description>,
    /// The last contact as now known, whole.
    pub last_contact: Option<LastContact>,
    /// The journey as now known, whole.
    pub journey: Option<Vec<Leg>>,
    /// Origin, transit and destination as now known, whole.
    pub itinerary: Option<Itinerary>,
    /// Risks (V-RISK) as now feared, whole.
    pub risk_flags: Option<Vec<String>>,
    /// Who searches, whole: the first of them is corrected, or added when there was nobody.
    pub inquirer: Option<Inquirer>,
}

impl CaseCorrection {
    /// Whether nothing is to be corrected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self { reason: _, person: None, last_contact: None, journey: None, itinerary: None, risk_flags: None, inquirer: None })
    }

    /// The given parts as a report, to which the checks of the intake apply.
    fn as_report(&self) -> NewCase {
        let itinerary = self.itinerary.clone().unwrap_or_default();
        NewCase {
            person: self.person.clone().unwrap_or_default(),
            last_contact: self.last_contact.clone().unwrap_or_default(),
            journey: self.journey.clone().unwrap_or_default(),
            origin_country: itinerary.origin_country,
            transit_countries: itinerary.transit_countries,
            destination_country: itinerary.destination_country,
            destination_place: itinerary.destination_place,
            risk_flags: self.risk_flags.clone().unwrap_or_default(),
            inquirer: self.inquirer.clone(),
            ..NewCase::default()
        }
    }
}

/// Corrects a case that is still at revision `rev`; it is compared anew. Returns the new revision.
///
/// # Errors
/// [`ServiceError::Stale`] when somebody was quicker; [`ServiceError::Invalid`] with every fault.
pub async fn correct(app: &App, actor: &Actor, id: CaseId, rev: i32, change: CaseCorrection) -> Result<i32, ServiceError> {
    actor.require(Right::WriteCases)?;
    let mut found = Violations::default();
    if change.reason.trim().is_empty() {
        found.add("/reason", "empty", "say why it is corrected");
    }
    found.check_text("/reason", &change.reason, 1000);
    if change.is_empty() {
        found.add("", "unchanged", "nothing is corrected");
    }
    if let Err(faults) = change.as_report().check(app.clock.today()) {
        found.0.extend(faults.0);
    }
    found.into_result()?;

    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let mut row = cases::get(&mut tx, id).await?;
    if row.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    if row.rev != rev {
        return Err(ServiceError::Stale(row.rev));
    }
    let mut was_is: Vec<(String, serde_json::Value, serde_json::Value)> = Vec::new();
    if let Some(person) = &change.person {
        let (moment, old) = persons::get(&mut tx, row.person()).await?;
        was_is.extend(differing_fields(&old, person));
        persons::replace(&mut tx, &*app.ids, row.person(), actor.authority, moment, person).await?;
    }
    if let Some(contact) = &change.last_contact {
        was_is.push(("last_contact".to_owned(), to_json(&cases::last_contact(&mut tx, id).await?), to_json(contact)));
        cases::put_last_contact(&mut tx, id, actor.authority, contact).await?;
    }
    if let Some(journey) = &change.journey {
        was_is.push(("journey".to_owned(), to_json(&cases::legs(&mut tx, id).await?), to_json(journey)));
        let legs: Vec<LegRow> = journey.iter().zip(0i16..).map(|(leg, seq)| leg_row(&*app.ids, actor.authority, id, leg, seq)).collect();
        cases::replace_legs(&mut tx, id, &legs).await?;
    }
    if let Some(itinerary) = change.itinerary {
        was_is.extend(correct_itinerary(&mut row, itinerary));
    }
    if let Some(risks) = change.risk_flags {
        if row.risk_flags.is_empty() && !risks.is_empty() {
            // As at intake (OB-04): a risk that is feared from now on starts the clock of the hour.
            cases::insert_action(&mut tx, &risk_action(&Stamp { actor, now }, app.ids.next(), id)).await?;
        }
        was_is.push(("risk_flags".to_owned(), to_json(&row.risk_flags), to_json(&risks)));
        row.risk_flags = risks;
    }
    if let Some(inquirer) = &change.inquirer {
        let held = cases::inquirers(&mut tx, id).await?.into_iter().next();
        was_is.push(("inquirer".to_owned(), to_json(&held.as_ref().map(Inquirer::of)), to_json(inquirer)));
        let new = inquirer_row(&*app.ids, actor.authority, id, inquirer);
        match held {
            Some(held) => cases::update_inquirer(&mut tx, &InquirerRow { id: held.id, ..new }).await?,
            None => cases::insert_inquirer(&mut tx, &new).await?,
        }
    }
    was_is.retain(|(_, was, is)| was != is);
    let mut fields = Vec::with_capacity(was_is.len());
    for (field, old, new) in was_is {
        let line = crate::services::consents::Correction { subject_kind: "case", subject: id.0, field: field.clone(), old, new };
        crate::services::consents::insert_correction(&mut tx, app, actor, &change.reason, line).await?;
        fields.push(field);
    }
    row.updated_at = now;
    if !cases::update(&mut tx, rev, &row).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("change", "case", id, actor.authority).fields(fields)).await?;
    announce(&mut tx, app, actor.authority, "case", id.0, "changed").await?;
    tx.commit().await?;
    Ok(rev + 1)
}

pub(crate) fn to_json<T: Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or(serde_json::Value::Null)
}

/// The fields of two descriptions that differ, with both values.
pub(crate) fn differing_fields(old: &Description, new: &Description) -> Vec<(String, serde_json::Value, serde_json::Value)> {
    let (serde_json::Value::Object(old), serde_json::Value::Object(new)) = (to_json(old), to_json(new)) else { return Vec::new() };
    new.into_iter()
        .filter_map(|(field, value)| {
            let was = old.get(&field).cloned().unwrap_or(serde_json::Value::Null);
            (was != value).then_some((field, was, value))
        })
        .collect()
}

/// Sets what differs; says what it was and is.
fn correct_itinerary(row: &mut CaseRow, new: Itinerary) -> Vec<(String, serde_json::Value, serde_json::Value)> {
    let destination = |country: &Option<String>, place: &Option<String>| serde_json::json!([country, place]);
    let pairs = [
        ("origin_country", to_json(&row.origin_country), to_json(&new.origin_country)),
        ("transit_countries", to_json(&row.transit_countries), to_json(&new.transit_countries)),
        (
            "destination",
            destination(&row.destination_country, &row.destination_place),
            destination(&new.destination_country, &new.destination_place),
        ),
    ];
    row.origin_country = new.origin_country;
    row.transit_countries = new.transit_countries;
    row.destination_country = new.destination_country;
    row.destination_place = new.destination_place;
    pairs.into_iter().filter(|(_, was, is)| was != is).map(|(field, was, is)| (field.to_owned(), was, is)).collect()
}
