//! Found records: registering, reading, searching.

use super::ServiceError;
use super::cases::{ConsentForm, Stamp, announce, next_folio, sight};
use super::once::{self, Done};
use crate::app::App;
use crate::db::audit::{self, AccessLine, Event, Who};
use crate::db::cases::Keyset;
use crate::db::consents::{self, ConsentRow, SightLine};
use crate::db::forms::OnceKey;
use crate::db::found::{self, FoundFilter, FoundLine, FoundRow};
use crate::db::{Tx, persons};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::dates::PartialDate;
use crate::domain::disclosure::Sight;
use crate::domain::found::{BodyState, FoundKind, WantsContact};
use crate::domain::ids::{FoundId, PersonId};
use crate::domain::person::{Description, Moment};
use crate::domain::place::Place;
use crate::domain::violations::Violations;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// A found person or remains as registered.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFound {
    /// What kind of record it is.
    pub kind: FoundKind,
    /// The registering office's own number, with `scheme`.
    #[serde(default)]
    pub external_id: Option<String>,
    /// What kind of number that is.
    #[serde(default)]
    pub scheme: Option<String>,
    /// The person as described.
    #[serde(default)]
    pub person: Description,
    /// When found, or registered by the source.
    #[serde(default)]
    pub found_at: Option<PartialDate>,
    /// Where.
    #[serde(default)]
    pub place: Place,
    /// State of remains.
    #[serde(default)]
    pub body_state: Option<BodyState>,
    /// Shortest time since death, in days before `found_at`.
    #[serde(default)]
    pub pmi_min_days: Option<i32>,
    /// Longest time since death, in days before `found_at`.
    #[serde(default)]
    pub pmi_max_days: Option<i32>,
    /// A living person's wish.
    #[serde(default)]
    pub wants_contact: Option<WantsContact>,
    /// Where the person or remains are now.
    #[serde(default)]
    pub held_at: Option<String>,
    /// Language of the source.
    #[serde(default)]
    pub language: Option<String>,
    /// A living person's consent, or another recorded basis. Without it a record of a living person stays with the authority.
    #[serde(default)]
    pub consent: Option<ConsentForm>,
}

impl NewFound {
    /// All faults of the record, with their places.
    ///
    /// # Errors
    /// [`Violations`].
    pub fn check(&self, today: NaiveDate) -> Result<(), Violations> {
        let mut faults = Violations::default();
        self.person.check("/person", today, &mut faults);
        self.place.check("/place", &mut faults);
        if self.found_at.is_some_and(|d| d.from > today) {
            faults.add("/found_at", "future", "the day of finding lies in the future");
        }
        for (pointer, days) in [("/pmi_min_days", self.pmi_min_days), ("/pmi_max_days", self.pmi_max_days)] {
            if days.is_some_and(|d| !(0..=40_000).contains(&d)) {
                faults.add(pointer, "out_of_range", "is a number of days from 0 to 40000");
            }
        }
        if let (Some(min), Some(max)) = (self.pmi_min_days, self.pmi_max_days)
            && min > max
        {
            faults.add("/pmi_min_days", "reversed", "the shortest time since death is above the longest");
        }
        if !self.kind.is_remains() && (self.body_state.is_some() || self.pmi_min_days.is_some() || self.pmi_max_days.is_some()) {
            faults.add("/kind", "living", "a record of a living person has no state of remains and no time since death");
        }
        for (pointer, text) in
            [("/external_id", &self.external_id), ("/scheme", &self.scheme), ("/held_at", &self.held_at), ("/language", &self.language)]
        {
            if let Some(text) = text {
                faults.check_text(pointer, text, 200);
            }
        }
        if let Some(consent) = &self.consent {
            super::consents::check_form(consent, "/consent", &mut faults);
        }
        faults.into_result()
    }
}

/// A found record just registered.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RegisteredFound {
    /// Its id.
    pub id: FoundId,
    /// Its folio.
    pub folio: String,
    /// Its revision.
    #[serde(rename = "revision")]
    pub rev: i32,
}

/// Registers a found record, once per key: record, consent, audit, change feed, matcher's job and outbox in one transaction. The same key sent
/// again, also at the same time, gives the record that came of it first.
///
/// # Errors
/// [`ServiceError::Invalid`] with every fault; [`ServiceError::Taken`] when the external id is registered already; [`ServiceError::Reused`].
pub async fn register(app: &App, actor: &Actor, key: Option<&OnceKey>, new: NewFound) -> Result<Done<RegisteredFound>, ServiceError> {
    actor.require(Right::WriteFound)?;
    new.check(app.clock.today())?;
    let mut tx = app.pool.begin_for(actor).await?;
    let id = FoundId::new(&*app.ids);
    if let Some(made) = once::claim(&mut tx, app, actor, key, id.0).await? {
        let row = found::get(&mut tx, FoundId(made)).await?;
        return Ok(Done::again(RegisteredFound { id: FoundId(row.id), folio: row.folio, rev: row.rev }));
    }
    let registered = register_in(&mut tx, app, actor, id, &new).await?;
    announce(&mut tx, app, actor.authority, "found_record", id.0, "registered").await?;
    tx.commit().await?;
    Ok(Done::first(registered))
}

/// [`register`] inside a transaction of the caller's, which checked right and input and announces it.
pub(crate) async fn register_in(tx: &mut Tx, app: &App, actor: &Actor, id: FoundId, new: &NewFound) -> Result<RegisteredFound, ServiceError> {
    let now = app.now();
    let owner = actor.authority;
    let folio = next_folio(tx, owner, "R", now.year()).await?;
    let moment = if new.kind.is_remains() { Moment::PostMortem } else { Moment::Living };
    let person = persons::insert(tx, &*app.ids, owner, moment, &new.person).await?;
    let row = row_of(new, &Stamp { actor, now }, (id, person), folio.as_str());
    found::insert(tx, &row).await.map_err(|e| match e {
        crate::db::DbError::Unique(name) if name == "found_external" => ServiceError::Taken("the external id".to_owned()),
        other => other.into(),
    })?;
    if let Some(form) = &new.consent {
        super::consents::insert_form(tx, app, owner, "found_record", id.0, form).await?;
    }
    audit::append(tx, &*app.ids, now, &Who::from(actor), Event::on("create", "found_record", id, owner)).await?;
    Ok(RegisteredFound { id, folio: folio.to_string(), rev: 1 })
}

/// The row of a new found record.
pub(crate) fn row_of(new: &NewFound, &Stamp { actor, now }: &Stamp<'_>, (id, person): (FoundId, PersonId), folio: &str) -> FoundRow {
    let confidentiality = if new.kind.is_remains() || new.consent.is_some() { "normal" } else { "restricted" };
    FoundRow {
        id: id.0,
        authority_id: actor.authority.0,
        folio: folio.to_owned(),
        scheme: new.external_id.as_ref().map(|_| new.scheme.clone().unwrap_or_else(|| "OWN".to_owned())),
        external_id: new.external_id.clone(),
        person_id: person.0,
        kind: new.kind.as_str().to_owned(),
        state: "open".to_owned(),
        found_from: new.found_at.map(|d| d.from),
        found_to: new.found_at.map(|d| d.to),
        found_precision: new.found_at.map(|d| d.precision.as_str().to_owned()),
        place_name: new.place.name.clone(),
        country: new.place.country.clone(),
        admin1: new.place.admin1.clone(),
        lat: new.place.lat,
        lon: new.place.lon,
        uncertainty_m: new.place.lat.map(|_| new.place.radius_m()),
        place_precision: new.place.precision.map(|p| p.as_str().to_owned()),
        body_state: new.body_state.map(|b| b.as_str().to_owned()),
        pmi_min_days: new.pmi_min_days,
        pmi_max_days: new.pmi_max_days,
        wants_contact: new.wants_contact.map(|w| w.as_str().to_owned()),
        held_at: new.held_at.clone(),
        language: new.language.clone(),
        confidentiality: confidentiality.to_owned(),
        source_name: None,
        extras: serde_json::json!({}),
        rev: 1,
        created_by: Some(actor.user.0),
        created_at: now,
        updated_at: now,
    }
}

/// A found record as an audience may see it.
#[derive(Debug, Clone)]
pub struct FoundView {
    /// The row; of it, another authority is shown what `sight` covers.
    pub row: FoundRow,
    /// What may be seen.
    pub sight: Sight,
    /// The person, cut.
    pub person: Description,
    /// Where found, cut.
    pub place: Option<Place>,
    /// When found, when circumstances are covered.
    pub found_at: Option<PartialDate>,
}

/// Reads a found record inside a transaction, cut to what the actor may see; what may not be known is not found.
pub(crate) async fn view(tx: &mut Tx, actor: &Actor, id: FoundId) -> Result<FoundView, ServiceError> {
    let row = found::get(tx, id).await?;
    let sight = sight(tx, actor, row.owner(), "found_record", id.0).await?;
    if sight.nothing() {
        return Err(ServiceError::NotFound);
    }
    let (_, whole) = persons::get(tx, row.person()).await?;
    let person = sight.description(&whole);
    let place = sight.place(&row.place());
    let found_at = row.found_at().filter(|_| place.is_some());
    Ok(FoundView { row, sight, person, place, found_at })
}

/// Reads a found record and audits it.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none that the actor may know of.
pub async fn read(app: &App, actor: &Actor, id: FoundId) -> Result<FoundView, ServiceError> {
    if !(actor.may(Right::ReadFound) || actor.may(Right::PartnerQuery)) {
        return Err(ServiceError::NotFound);
    }
    let mut tx = app.pool.begin_for(actor).await?;
    let view = view(&mut tx, actor, id).await?;
    let fields = view.sight.categories().iter().map(ToString::to_string).collect();
    let event = Event::on("read", "found_record", id, view.row.owner()).fields(fields);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(view)
}

/// What the owner's page of a found record shows beside the record.
#[derive(Debug, Clone)]
pub struct FoundFile {
    /// The record.
    pub view: FoundView,
    /// Consents and other bases.
    pub consents: Vec<ConsentRow>,
    /// Who else sees it.
    pub sharing: Vec<SightLine>,
    /// Who has seen or changed it.
    pub access: Vec<AccessLine>,
}

/// Reads the owner's whole file of a found record and audits it.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the owner's staff.
pub async fn file(app: &App, actor: &Actor, id: FoundId) -> Result<FoundFile, ServiceError> {
    actor.require(Right::ReadFound)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let view = view(&mut tx, actor, id).await?;
    if !view.sight.is_owner() {
        return Err(ServiceError::NotFound);
    }
    let owner = view.row.owner();
    let file = FoundFile {
        consents: consents::of_subject(&mut tx, id.0).await?,
        sharing: consents::who_can_see(&mut tx, owner, "found_record", id.0).await?,
        access: audit::of_subject(&mut tx, id.0, 50).await?,
        view,
    };
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "found_record", id, owner)).await?;
    tx.commit().await?;
    Ok(file)
}

/// One page of the authority's found records, audited.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(app: &App, actor: &Actor, filter: &FoundFilter, after: Option<Keyset>, limit: i64) -> Result<Vec<FoundLine>, ServiceError> {
    actor.require(Right::ReadFound)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let lines = found::list(&mut tx, actor.authority, filter, after, limit.clamp(1, 200)).await?;
    let event = Event::on_many("list", "found_record", lines.iter().map(|l| l.id).collect(), Some(actor.authority)).query(filter.q.as_deref());
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(lines)
}

/// Corrects the description of a found record that is still at revision `rev`; it is compared anew. Returns the new revision.
///
/// # Errors
/// [`ServiceError::Stale`] when somebody was quicker; [`ServiceError::Invalid`] with every fault.
pub async fn correct(app: &App, actor: &Actor, id: FoundId, rev: i32, reason: &str, person: &Description) -> Result<i32, ServiceError> {
    actor.require(Right::WriteFound)?;
    let mut faults = Violations::default();
    if reason.trim().is_empty() {
        faults.add("/reason", "empty", "say why it is corrected");
    }
    faults.check_text("/reason", reason, 1000);
    person.check("/person", app.clock.today(), &mut faults);
    faults.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let row = found::get(&mut tx, id).await?;
    if row.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    if row.rev != rev || !found::touch(&mut tx, id, rev, now).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    let (moment, old) = persons::get(&mut tx, row.person()).await?;
    let mut fields = Vec::new();
    for (field, old, new) in super::cases::differing_fields(&old, person) {
        let correction = super::consents::Correction { subject_kind: "found_record", subject: id.0, field: field.clone(), old, new };
        super::consents::insert_correction(&mut tx, app, actor, reason, correction).await?;
        fields.push(field);
    }
    persons::replace(&mut tx, &*app.ids, row.person(), actor.authority, moment, person).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("change", "found_record", id, actor.authority).fields(fields)).await?;
    announce(&mut tx, app, actor.authority, "found_record", id.0, "changed").await?;
    tx.commit().await?;
    Ok(rev + 1)
}
