//! Registering a case: record, consents, the family's key, the first action, and what follows from a changed record.

use super::report::{Inquirer, Leg, NewCase};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::cases::{self, ActionRow, CaseRow, InquirerRow, LegRow};
use crate::db::forms::OnceKey;
use crate::db::{Tx, feed, persons, queue};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::case::{CaseState, Confidentiality, IntakeChannel};
use crate::domain::folio::Folio;
use crate::domain::ids::{AuthorityId, CaseId, IdSource, PersonId};
use crate::domain::person::Moment;
use crate::services::ServiceError;
use crate::services::accounts::{hash_secret, new_pin};
use crate::services::once::{self, Done};
use chrono::{DateTime, Datelike, Duration, Utc};
use serde::Serialize;
use uuid::Uuid;

/// A case just registered, with the key to hand to the family; the PIN is shown once.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Registered {
    /// Its id.
    pub id: CaseId,
    /// Its folio.
    pub folio: String,
    /// Its revision.
    #[serde(rename = "revision")]
    pub rev: i32,
    /// The family's PIN, when there is a family to give it to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_pin: Option<String>,
}

/// The next folio of a series within the caller's transaction.
pub(crate) async fn next_folio(tx: &mut Tx, owner: AuthorityId, series: &str, year: i32) -> Result<Folio, ServiceError> {
    let authority = crate::db::accounts::authority(tx, owner).await?;
    let kind = match series {
        "" => "case",
        "R" => "found_record",
        other => other,
    };
    let number = cases::next_folio_number(tx, owner, kind, i16::try_from(year).unwrap_or(i16::MAX), 1).await?;
    Folio::new(&authority.country, &authority.code, year, series, number).map_err(|e| ServiceError::Internal(e.into()))
}

/// Puts what follows from a changed record in its transaction: the change feed, the matcher's job, the note to other authorities.
pub(crate) async fn announce(tx: &mut Tx, app: &App, owner: AuthorityId, kind: &str, id: Uuid, what: &str) -> Result<(), ServiceError> {
    feed::append(tx, kind, &[id]).await?;
    queue::enqueue(tx, "match_records", serde_json::json!({ "kind": kind, "ids": [id] }), None, 10).await?;
    queue::post(tx, app.ids.next(), owner, kind, id, what, app.now()).await?;
    Ok(())
}

/// Registers a case, once per key: record, consents, family's key, first action, audit, change feed, matcher's job and outbox in one
/// transaction. The same key sent again, also at the same time, gives the case that came of it first; the PIN is not told twice.
///
/// # Errors
/// [`ServiceError::Invalid`] with every fault; [`ServiceError::Taken`] when the external id is registered already; [`ServiceError::Reused`].
pub async fn register(app: &App, actor: &Actor, key: Option<&OnceKey>, new: NewCase) -> Result<Done<Registered>, ServiceError> {
    actor.require(Right::WriteCases)?;
    new.check(app.clock.today())?;
    // Hashing takes a while and needs no connection.
    let family = match &new.inquirer {
        Some(_) => {
            let pin = new_pin(app);
            let hash = hash_secret(app, &pin).await?;
            Some((pin, hash))
        }
        None => None,
    };
    let mut tx = app.pool.begin_for(actor).await?;
    let id = CaseId::new(&*app.ids);
    if let Some(made) = once::claim(&mut tx, app, actor, key, id.0).await? {
        let row = cases::get(&mut tx, CaseId(made)).await?;
        return Ok(Done::again(Registered { id: CaseId(row.id), folio: row.folio, rev: row.rev, family_pin: None }));
    }
    let mut registered = register_in(&mut tx, app, actor, id, &new).await?;
    if let Some((pin, hash)) = family {
        cases::put_family_access(&mut tx, app.ids.next(), actor.authority, id, &hash, app.now()).await?;
        registered.family_pin = Some(pin);
    }
    announce(&mut tx, app, actor.authority, "case", id.0, "registered").await?;
    tx.commit().await?;
    Ok(Done::first(registered))
}

/// [`register`] inside a transaction of the caller's, which checked right and input, announces it and keeps the family's key.
pub(crate) async fn register_in(tx: &mut Tx, app: &App, actor: &Actor, id: CaseId, new: &NewCase) -> Result<Registered, ServiceError> {
    let now = app.now();
    let owner = actor.authority;
    let ids: &dyn IdSource = &*app.ids;
    let folio = next_folio(tx, owner, "", now.year()).await?;
    let person = persons::insert(tx, ids, owner, Moment::AnteMortem, &new.person).await?;
    let stamp = Stamp { actor, now };
    let row = row_of(new, &stamp, (id, person), folio.as_str());
    cases::insert(tx, &row).await.map_err(|e| match e {
        crate::db::DbError::Unique(name) if name == "case_external" => ServiceError::Taken("the external id".to_owned()),
        other => other.into(),
    })?;
    cases::put_last_contact(tx, id, owner, &new.last_contact).await?;
    let legs: Vec<LegRow> = new.journey.iter().zip(0i16..).map(|(leg, seq)| leg_row(ids, owner, id, leg, seq)).collect();
    cases::replace_legs(tx, id, &legs).await?;
    if let Some(inquirer) = &new.inquirer {
        cases::insert_inquirer(tx, &inquirer_row(ids, owner, id, inquirer)).await?;
    }
    if let Some(form) = &new.consent {
        crate::services::consents::insert_form(tx, app, owner, "case", id.0, form).await?;
    }
    cases::insert_action(tx, &first_action(new, &stamp, ids, id)).await?;
    audit::append(tx, ids, now, &Who::from(actor), Event::on("create", "case", id, owner)).await?;
    Ok(Registered { id, folio: folio.to_string(), rev: 1, family_pin: None })
}

/// Who registers and when: what the rows of one registration have in common.
pub(crate) struct Stamp<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// When.
    pub now: DateTime<Utc>,
}

/// The row of a new case.
pub(crate) fn row_of(new: &NewCase, &Stamp { actor, now }: &Stamp<'_>, (id, person): (CaseId, PersonId), folio: &str) -> CaseRow {
    let confidentiality = if new.consent.is_some() { Confidentiality::Normal } else { Confidentiality::Restricted };
    CaseRow {
        id: id.0,
        authority_id: actor.authority.0,
        folio: folio.to_owned(),
        scheme: new.external_id.as_ref().map(|_| new.scheme.clone().unwrap_or_else(|| "OWN".to_owned())),
        external_id: new.external_id.clone(),
        person_id: person.0,
        state: CaseState::Registered.as_str().to_owned(),
        intake_channel: new.channel.unwrap_or(IntakeChannel::Office).as_str().to_owned(),
        report_language: new.report_language.clone(),
        report_date: new.report_date.or_else(|| Some(now.date_naive())),
        origin_country: new.origin_country.clone(),
        transit_countries: new.transit_countries.clone(),
        destination_country: new.destination_country.clone(),
        destination_place: new.destination_place.clone(),
        risk_flags: new.risk_flags.clone(),
        search_types: vec!["individualised".to_owned()],
        confidentiality: confidentiality.as_str().to_owned(),
        family_phase: 1,
        family_updated_at: now,
        contact_user_id: Some(actor.user.0),
        incident_id: None,
        duplicate_of: None,
        source_name: None,
        extras: serde_json::json!({}),
        rev: 1,
        created_by: Some(actor.user.0),
        created_at: now,
        updated_at: now,
    }
}

/// What is to be done first for a new case. OB-04: the clock of the first action starts at registration.
pub(crate) fn first_action(new: &NewCase, &Stamp { actor, now }: &Stamp<'_>, ids: &dyn IdSource, id: CaseId) -> ActionRow {
    let at_risk = !new.risk_flags.is_empty() || new.person.age_max.is_some_and(|a| a < 18);
    let urgent = risk_action(&Stamp { actor, now }, ids.next(), id);
    ActionRow { due_at: now + if at_risk { Duration::hours(1) } else { Duration::hours(24) }, ..urgent }
}

/// What is to be done within the hour when a risk is feared from now on.
pub(super) fn risk_action(&Stamp { actor, now }: &Stamp<'_>, id: Uuid, case: CaseId) -> ActionRow {
    ActionRow {
        id,
        authority_id: actor.authority.0,
        case_id: case.0,
        kind: "family_interview".to_owned(),
        addressee: None,
        note: None,
        assigned_to: Some(actor.user.0),
        requested_at: now,
        due_at: now + Duration::hours(1),
        done_at: None,
        result: None,
    }
}

/// The row of whoever searches.
pub(crate) fn inquirer_row(ids: &dyn IdSource, owner: AuthorityId, case: CaseId, inquirer: &Inquirer) -> InquirerRow {
    InquirerRow {
        id: ids.next(),
        authority_id: owner.0,
        case_id: case.0,
        name: inquirer.name.clone(),
        relation: inquirer.relation.clone(),
        phone: inquirer.phone.clone(),
        email: inquirer.email.clone(),
        language: inquirer.language.clone().unwrap_or_else(|| "es".to_owned()),
        safe_to_call: inquirer.safe_to_call.clone(),
        do_not_leave_message: true,
        paused: false,
        is_primary: true,
    }
}

pub(super) fn leg_row(ids: &dyn IdSource, owner: AuthorityId, case: CaseId, leg: &Leg, seq: i16) -> LegRow {
    LegRow {
        id: ids.next(),
        authority_id: owner.0,
        case_id: case.0,
        seq,
        kind: leg.kind.clone(),
        place_name: leg.place.name.clone(),
        country: leg.place.country.clone(),
        lat: leg.place.lat,
        lon: leg.place.lon,
        uncertainty_m: leg.place.lat.map(|_| leg.place.radius_m()),
        at_from: leg.at.map(|d| d.from),
        at_to: leg.at.map(|d| d.to),
        transport: leg.transport.clone(),
        corridor_id: None,
        certainty: leg.certainty.clone().unwrap_or_else(|| "reported".to_owned()),
    }
}
