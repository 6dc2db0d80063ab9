//! Cases: registering, reading, searching, correcting, moving through their life cycle.

use super::ServiceError;
use super::accounts::{hash_secret, new_pin};
use super::consents::Subject;
use super::once::{self, Done};
use crate::app::App;
use crate::db::audit::{self, AccessLine, Event, MoveLine, Who};
use crate::db::cases::{self, ActionRow, CaseFilter, CaseLine, CaseRow, InquirerRow, Keyset, LastContact, LegRow};
use crate::db::consents::{self, ConsentRow, SightLine};
use crate::db::forms::OnceKey;
use crate::db::messages::{self, MessageRow};
use crate::db::{Tx, accounts, feed, persons, queue};
use crate::domain::actor::Actor;
use crate::domain::authority::{AuthorityKind, Purpose, Right};
use crate::domain::case::{CaseCommand, CaseState, Confidentiality, IntakeChannel};
use crate::domain::dates::PartialDate;
use crate::domain::disclosure::{Category, Sight};
use crate::domain::folio::Folio;
use crate::domain::found::FoundKind;
use crate::domain::ids::{AuthorityId, CaseId, IdSource, PersonId, UserId};
use crate::domain::person::{Description, Moment};
use crate::domain::place::Place;
use crate::domain::violations::Violations;
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A point or leg of the journey as reported.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Leg {
    /// departure, contact, sighting or planned.
    pub kind: String,
    /// Where.
    pub place: Place,
    /// When.
    pub at: Option<PartialDate>,
    /// Transport.
    pub transport: Option<String>,
    /// confirmed, reported, estimated or unknown.
    pub certainty: Option<String>,
}

/// Who searches, as reported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Inquirer {
    /// Name.
    pub name: String,
    /// Relation to the person (V-KIN).
    pub relation: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Electronic mail.
    pub email: Option<String>,
    /// Language to speak with them.
    pub language: Option<String>,
    /// When and how it is safe to call.
    pub safe_to_call: Option<String>,
}

impl Inquirer {
    /// As held.
    fn of(row: &InquirerRow) -> Self {
        Self {
            name: row.name.clone(),
            relation: row.relation.clone(),
            phone: row.phone.clone(),
            email: row.email.clone(),
            language: Some(row.language.clone()),
            safe_to_call: row.safe_to_call.clone(),
        }
    }
}

/// One consent as given: what for, to which class of recipient, which categories.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentGrant {
    /// What for.
    pub purpose: Purpose,
    /// Which class of recipient.
    pub recipient: AuthorityKind,
    /// Which categories of data.
    pub categories: Vec<Category>,
}

/// A consent form as filled in.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentForm {
    /// What was consented to.
    pub grants: Vec<ConsentGrant>,
    /// The language it was explained in (ISO 639).
    pub language: String,
    /// Who explained it.
    pub explained_by: String,
    /// Who gave it, in relation to the person.
    pub granted_by: String,
    /// Version of the form.
    #[serde(default = "form_version")]
    pub form_version: String,
}

fn form_version() -> String {
    "1".to_owned()
}

/// A report of a missing person. Everything but the source of the report may be missing; what is missing is shown, never a reason to refuse.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewCase {
    /// The reporting office's own number, with `scheme`.
    pub external_id: Option<String>,
    /// What kind of number that is (FUB, RNPDNO_ID, ICRC_TRACING …).
    pub scheme: Option<String>,
    /// How the report came in.
    pub channel: Option<IntakeChannel>,
    /// Language of the report.
    pub report_language: Option<String>,
    /// Day of the report.
    pub report_date: Option<NaiveDate>,
    /// The person sought.
    pub person: Description,
    /// The last confirmed contact.
    pub last_contact: LastContact,
    /// The journey.
    pub journey: Vec<Leg>,
    /// Country of origin.
    pub origin_country: Option<String>,
    /// Countries crossed, in order.
    pub transit_countries: Vec<String>,
    /// Country of destination.
    pub destination_country: Option<String>,
    /// Place of destination.
    pub destination_place: Option<String>,
    /// Risks (V-RISK).
    pub risk_flags: Vec<String>,
    /// Who searches.
    pub inquirer: Option<Inquirer>,
    /// Consents. Without any, the case is restricted to the authority and said to be so.
    pub consent: Option<ConsentForm>,
}

/// Most entries of a list in a report.
const LIST_ITEMS: usize = 200;

fn check_country(found: &mut Violations, pointer: &str, country: Option<&String>) {
    if country.is_some_and(|c| c.len() != 3 || !c.bytes().all(|b| b.is_ascii_uppercase())) {
        found.add(pointer, "country_code", "write the country as three capital letters (ISO 3166-1), e.g. HND");
    }
}

impl NewCase {
    /// All faults of the report, with their places.
    ///
    /// # Errors
    /// [`Violations`].
    pub fn check(&self, today: NaiveDate) -> Result<(), Violations> {
        let mut found = Violations::default();
        self.person.check("/person", today, &mut found);
        self.last_contact.place.check("/last_contact/place", &mut found);
        if self.last_contact.at.is_some_and(|d| d.from > today) {
            found.add("/last_contact/at", "future", "the last contact lies in the future");
        }
        if let Some(text) = &self.last_contact.circumstances {
            found.check_text("/last_contact/circumstances", text, 4000);
        }
        if let Some(day) = self.report_date {
            found.check_day("/report_date", day);
            if day > today {
                found.add("/report_date", "future", "the day of the report lies in the future");
            }
        }
        found.check_texts("/risk_flags", &self.risk_flags, LIST_ITEMS, 200);
        if self.transit_countries.len() > LIST_ITEMS {
            found.add("/transit_countries", "too_many", format!("holds more than {LIST_ITEMS} entries"));
        }
        if let (Some(birth), Some(contact)) = (self.person.birth, self.last_contact.at)
            && birth.from > contact.to
        {
            found.add("/person/birth", "after_contact", "the date of birth is later than the last contact");
        }
        check_country(&mut found, "/origin_country", self.origin_country.as_ref());
        check_country(&mut found, "/destination_country", self.destination_country.as_ref());
        for (i, country) in self.transit_countries.iter().take(LIST_ITEMS).enumerate() {
            check_country(&mut found, &format!("/transit_countries/{i}"), Some(country));
        }
        if self.journey.len() > LIST_ITEMS {
            found.add("/journey", "too_many", format!("holds more than {LIST_ITEMS} entries"));
        }
        for (i, leg) in self.journey.iter().take(LIST_ITEMS).enumerate() {
            if let Some(transport) = &leg.transport {
                found.check_text(&format!("/journey/{i}/transport"), transport, 200);
            }
            leg.place.check(&format!("/journey/{i}/place"), &mut found);
            if !matches!(leg.kind.as_str(), "departure" | "contact" | "sighting" | "planned") {
                found.add(&format!("/journey/{i}/kind"), "unknown_word", "is not one of: departure, contact, sighting, planned");
            }
            if leg.certainty.as_deref().is_some_and(|c| !matches!(c, "confirmed" | "reported" | "estimated" | "unknown")) {
                found.add(&format!("/journey/{i}/certainty"), "unknown_word", "is not one of: confirmed, reported, estimated, unknown");
            }
        }
        if let Some(inquirer) = &self.inquirer {
            for (field, text) in [("name", &inquirer.name), ("relation", &inquirer.relation)] {
                if text.trim().is_empty() {
                    found.add(&format!("/inquirer/{field}"), "empty", "is needed to reach whoever searches");
                }
                found.check_text(&format!("/inquirer/{field}"), text, 200);
            }
            for (field, text) in [
                ("phone", &inquirer.phone),
                ("email", &inquirer.email),
                ("safe_to_call", &inquirer.safe_to_call),
                ("language", &inquirer.language),
            ] {
                if let Some(text) = text {
                    found.check_text(&format!("/inquirer/{field}"), text, 200);
                }
            }
        }
        let short = [
            ("/external_id", &self.external_id),
            ("/scheme", &self.scheme),
            ("/report_language", &self.report_language),
            ("/destination_place", &self.destination_place),
            ("/last_contact/means", &self.last_contact.means),
            ("/last_contact/transport", &self.last_contact.transport),
        ];
        for (pointer, text) in short {
            if let Some(text) = text {
                found.check_text(pointer, text, 200);
            }
        }
        if let Some(consent) = &self.consent {
            super::consents::check_form(consent, "/consent", &mut found);
        }
        found.into_result()
    }
}

/// A case just registered, with the key to hand to the family; the PIN is shown once.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Registered {
    /// Its id.
    pub id: CaseId,
    /// Its folio.
    pub folio: String,
    /// Its revision.
    pub rev: i32,
    /// The family's PIN, when there is a family to give it to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_pin: Option<String>,
}

/// The next folio of a series within the caller's transaction.
pub(crate) async fn next_folio(tx: &mut Tx, owner: AuthorityId, series: &str, year: i32) -> Result<Folio, ServiceError> {
    let authority = crate::db::accounts::authority(tx, owner).await?;
    let kind = if series.is_empty() { "case" } else { "found_record" };
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
        super::consents::insert_form(tx, app, owner, "case", id.0, form).await?;
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
fn risk_action(&Stamp { actor, now }: &Stamp<'_>, id: Uuid, case: CaseId) -> ActionRow {
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

fn leg_row(ids: &dyn IdSource, owner: AuthorityId, case: CaseId, leg: &Leg, seq: i16) -> LegRow {
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

/// A case as an audience may see it.
#[derive(Debug, Clone)]
pub struct CaseView {
    /// The row; of it, another authority is shown what `sight` covers.
    pub row: CaseRow,
    /// What may be seen.
    pub sight: Sight,
    /// The person, cut.
    pub person: Description,
    /// The last contact, cut.
    pub last_contact: Option<LastContact>,
    /// The journey; empty for others.
    pub journey: Vec<LegRow>,
}

/// Everything the owner's page of a case shows beside the case.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// The case.
    pub view: CaseView,
    /// Who searches.
    pub inquirers: Vec<InquirerRow>,
    /// What was and is to be done.
    pub actions: Vec<ActionRow>,
    /// Consents.
    pub consents: Vec<ConsentRow>,
    /// Who else sees it.
    pub sharing: Vec<SightLine>,
    /// Who has seen or changed it.
    pub access: Vec<AccessLine>,
    /// Messages.
    pub messages: Vec<MessageRow>,
    /// The moves that are possible now.
    pub legal: Vec<CaseCommand>,
    /// The moves that were made, newest first.
    pub moves: Vec<MoveLine>,
    /// The family's contact person: name and telephone.
    pub contact: Option<(String, Option<String>)>,
}

/// What the actor may see of a subject: decided by `domain::disclosure` from what agreement, consent and purpose leave.
pub(crate) async fn sight(tx: &mut Tx, actor: &Actor, owner: AuthorityId, kind: &str, id: Uuid) -> Result<Sight, ServiceError> {
    if owner == actor.authority {
        return Ok(Sight::owner());
    }
    let shared = consents::shared_categories(tx, owner, kind, id, actor.authority, actor.purpose).await?;
    Ok(Sight::decide(owner, actor.authority, shared))
}

/// Reads a case inside a transaction, cut to what the actor may see; what may not be known is not found.
pub(crate) async fn view(tx: &mut Tx, actor: &Actor, id: CaseId) -> Result<CaseView, ServiceError> {
    let row = cases::get(tx, id).await?;
    let sight = sight(tx, actor, row.owner(), "case", id.0).await?;
    if sight.nothing() {
        return Err(ServiceError::NotFound);
    }
    let (_, whole) = persons::get(tx, row.person()).await?;
    let person = sight.description(&whole);
    let contact = cases::last_contact(tx, id).await?;
    let last_contact = if sight.is_owner() {
        Some(contact)
    } else {
        sight.place(&contact.place).map(|place| LastContact { place, circumstances: None, ..contact })
    };
    let journey = if sight.is_owner() { cases::legs(tx, id).await? } else { Vec::new() };
    Ok(CaseView { row, sight, person, last_contact, journey })
}

/// Reads a case and audits it.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none that the actor may know of.
pub async fn read(app: &App, actor: &Actor, id: CaseId) -> Result<CaseView, ServiceError> {
    if !(actor.may(Right::ReadCases) || actor.may(Right::PartnerQuery) || actor.may(Right::FollowMandates)) {
        return Err(ServiceError::NotFound);
    }
    let mut tx = app.pool.begin_for(actor).await?;
    let view = view(&mut tx, actor, id).await?;
    let fields = view.sight.categories().iter().map(ToString::to_string).collect();
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "case", id, view.row.owner()).fields(fields)).await?;
    tx.commit().await?;
    Ok(view)
}

/// Reads the owner's whole file of a case and audits it.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the owner's staff.
pub async fn file(app: &App, actor: &Actor, id: CaseId) -> Result<CaseFile, ServiceError> {
    actor.require(Right::ReadCases)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let view = view(&mut tx, actor, id).await?;
    if !view.sight.is_owner() {
        return Err(ServiceError::NotFound);
    }
    let owner = view.row.owner();
    let file = CaseFile {
        inquirers: cases::inquirers(&mut tx, id).await?,
        actions: cases::actions(&mut tx, id).await?,
        consents: consents::of_subject(&mut tx, id.0).await?,
        sharing: consents::who_can_see(&mut tx, owner, "case", id.0).await?,
        access: audit::of_subject(&mut tx, id.0, 50).await?,
        messages: messages::of_case(&mut tx, id).await?,
        legal: view.row.state().legal(),
        moves: audit::moves_of(&mut tx, id.0, 50).await?,
        contact: match view.row.contact_user_id {
            Some(user) => accounts::contact(&mut tx, UserId(user)).await?,
            None => None,
        },
        view,
    };
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "case", id, owner)).await?;
    tx.commit().await?;
    Ok(file)
}

/// One page of the authority's cases. The search is audited by its digest and the ids it showed.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(app: &App, actor: &Actor, filter: &CaseFilter, after: Option<Keyset>, limit: i64) -> Result<Vec<CaseLine>, ServiceError> {
    actor.require(Right::ReadCases)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let lines = cases::list(&mut tx, actor.authority, filter, after, limit.clamp(1, 200)).await?;
    let event = Event::on_many("list", "case", lines.iter().map(|l| l.id).collect(), Some(actor.authority)).query(filter.q.as_deref());
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(lines)
}

/// How many of the authority's cases a filter leaves.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn count(app: &App, actor: &Actor, filter: &CaseFilter) -> Result<i64, ServiceError> {
    actor.require(Right::ReadCases)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let n = cases::count(&mut tx, actor.authority, filter).await?;
    tx.commit().await?;
    Ok(n)
}

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
    let mut fields = Vec::with_capacity(was_is.len());
    for (field, old, new) in was_is {
        let line = super::consents::Correction { subject_kind: "case", subject: id.0, field: field.clone(), old, new };
        super::consents::insert_correction(&mut tx, app, actor, &change.reason, line).await?;
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

/// A named move of a case, with what its guard asks for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseMove {
    /// The move.
    pub command: CaseCommand,
    /// Why; needed for every move that ends, rests or reopens.
    #[serde(default)]
    pub reason: String,
}

/// Moves a case through its life cycle, if it is still at revision `rev`. Returns the new state and revision.
///
/// # Errors
/// [`ServiceError::IllegalCase`] with the legal moves; [`ServiceError::Stale`]; [`ServiceError::Refused`] when a guard does not hold.
pub async fn command(app: &App, actor: &Actor, id: CaseId, rev: i32, wanted: CaseMove) -> Result<(CaseState, i32), ServiceError> {
    use CaseCommand as C;
    actor.require(Right::WriteCases)?;
    let mut found = Violations::default();
    found.check_text("/reason", &wanted.reason, 1000);
    if wanted.command.needs_reason() && wanted.reason.trim().is_empty() {
        found.add("/reason", "empty", "this move needs a reason");
    }
    found.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let row = cases::get(&mut tx, id).await?;
    if row.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    let next = row.state().apply(wanted.command)?;
    if row.rev != rev {
        return Err(ServiceError::Stale(row.rev));
    }
    guard(&mut tx, actor, id, wanted.command, &wanted.reason).await?;
    if !cases::set_state(&mut tx, id, rev, next, now).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    // OB-03, 6.1: clocks are rows, so overdue is a query.
    let due = match wanted.command {
        C::ActivateSearch => Some(("search_plan", Duration::hours(72))),
        C::SuspendSearch => Some(("review_suspension", Duration::days(90))),
        C::OpenPossibleLocation => Some(("verification", Duration::days(15))),
        C::ConfirmIdentified => Some(("notification_plan", Duration::days(5))),
        C::RevokeIdentification => Some(("tell_family_in_person", Duration::hours(72))),
        _ => None,
    };
    if let Some((kind, after)) = due {
        let action = ActionRow {
            id: app.ids.next(),
            authority_id: actor.authority.0,
            case_id: id.0,
            kind: kind.to_owned(),
            addressee: None,
            note: Some(wanted.reason.clone()).filter(|r| !r.trim().is_empty()),
            assigned_to: Some(actor.user.0),
            requested_at: now,
            due_at: now + after,
            done_at: None,
            result: None,
        };
        cases::insert_action(&mut tx, &action).await?;
    }
    if wanted.command == C::WithdrawByFamily {
        // The family's word ends every consent with it: no other authority sees the case from here on.
        let withdrawal = super::consents::Withdrawal { reason: wanted.reason.clone(), ..Default::default() };
        super::consents::withdraw_in(&mut tx, app, &Who::from(actor), actor.authority, Subject::Case(id), &withdrawal).await?;
    }
    if wanted.command == C::RecordFamilyNotified {
        cases::set_family_phase(&mut tx, id, 4, now).await?;
    }
    let detail = serde_json::json!({ "command": wanted.command, "from": row.state(), "to": next, "reason": wanted.reason });
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("command", "case", id, actor.authority).detail(detail)).await?;
    announce(&mut tx, app, actor.authority, "case", id.0, "changed").await?;
    tx.commit().await?;
    Ok((next, rev + 1))
}

async fn guard(tx: &mut Tx, actor: &Actor, id: CaseId, command: CaseCommand, reason: &str) -> Result<(), ServiceError> {
    use crate::db::hypotheses::{QueueFilter, confirmed_kinds, list};
    let of_case = |state: &str| QueueFilter { case: Some(id.0), state: Some(state.to_owned()), ..QueueFilter::default() };
    match command {
        CaseCommand::OpenPossibleLocation => {
            for state in ["verification_requested", "verified_support", "second_review", "board", "confirmed"] {
                if !list(tx, actor.authority, actor.user, &of_case(state), None, 1).await?.is_empty() {
                    return Ok(());
                }
            }
            Err(ServiceError::Refused("a possible location needs a hypothesis that is being verified or further".to_owned()))
        }
        CaseCommand::ConfirmIdentified => {
            if confirmed_kinds(tx, id).await?.into_iter().any(FoundKind::is_remains) {
                Ok(())
            } else {
                Err(ServiceError::Refused("an identification needs a hypothesis on remains that two institutions have confirmed".to_owned()))
            }
        }
        // Presumption of life: whoever had contact may say so without a hypothesis, but says how the identity was verified. Remains never do.
        CaseCommand::ConfirmLocatedAlive => {
            if confirmed_kinds(tx, id).await?.iter().any(|kind| !kind.is_remains()) || !reason.trim().is_empty() {
                Ok(())
            } else {
                Err(ServiceError::Refused(
                    "say who had contact with the person and how the identity was verified, or confirm a hypothesis on a living person first"
                        .to_owned(),
                ))
            }
        }
        _ => Ok(()),
    }
}

/// Something new to be done for a case.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAction {
    /// What (V-ACTION).
    pub kind: String,
    /// Whom it is asked of.
    #[serde(default)]
    pub addressee: Option<String>,
    /// More.
    #[serde(default)]
    pub note: Option<String>,
    /// The day it is due.
    pub due: NaiveDate,
}

/// Plans an action.
/// Once per key: the same request sent again makes nothing again.
///
/// # Errors
/// [`ServiceError::NotFound`] for a case of another authority; [`ServiceError::Invalid`]; [`ServiceError::Reused`].
pub async fn plan_action(app: &App, actor: &Actor, id: CaseId, key: Option<&OnceKey>, new: NewAction) -> Result<Done, ServiceError> {
    actor.require(Right::WriteCases)?;
    let mut found = Violations::default();
    if new.kind.trim().is_empty() {
        found.add("/kind", "empty", "say what is to be done");
    }
    found.check_text("/kind", &new.kind, 100);
    found.check_day("/due", new.due);
    for (pointer, text) in [("/addressee", &new.addressee), ("/note", &new.note)] {
        if let Some(text) = text {
            found.check_text(pointer, text, 1000);
        }
    }
    let due_at = new.due.and_hms_opt(18, 0, 0).map(|d| d.and_utc());
    let Some(due_at) = due_at.filter(|_| found.0.is_empty()) else {
        found.into_result()?;
        return Err(ServiceError::Refused("the day does not exist".to_owned()));
    };
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let row = cases::get(&mut tx, id).await?;
    if row.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    let made = app.ids.next();
    if let Some(id) = once::claim(&mut tx, app, actor, key, made).await? {
        tx.rollback().await?;
        return Ok(Done::again(id));
    }
    let action = ActionRow {
        id: made,
        authority_id: actor.authority.0,
        case_id: id.0,
        kind: new.kind,
        addressee: new.addressee,
        note: new.note,
        assigned_to: Some(actor.user.0),
        requested_at: now,
        due_at,
        done_at: None,
        result: None,
    };
    cases::insert_action(&mut tx, &action).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("plan_action", "case", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(Done::first(made))
}

/// Notes how an action ended.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::Refused`] for an unknown result.
pub async fn finish_action(app: &App, actor: &Actor, case: CaseId, action: Uuid, result: &str) -> Result<(), ServiceError> {
    actor.require(Right::WriteCases)?;
    if !matches!(result, "no_result" | "lead" | "refused" | "no_answer" | "done") {
        return Err(ServiceError::Refused("the result is one of: no_result, lead, refused, no_answer, done".to_owned()));
    }
    let mut tx = app.pool.begin_for(actor).await?;
    if !cases::finish_action(&mut tx, case, action, result, app.now()).await? {
        return Err(ServiceError::NotFound);
    }
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("finish_action", "case", case, actor.authority)).await?;
    tx.commit().await?;
    Ok(())
}

/// Moves the phase the family sees (1 to 3). The fourth, "we have spoken with you", is set only by recording that a person told the family.
///
/// # Errors
/// [`ServiceError::Refused`] for another phase; [`ServiceError::NotFound`].
pub async fn set_family_phase(app: &App, actor: &Actor, id: CaseId, phase: i16) -> Result<(), ServiceError> {
    actor.require(Right::WriteCases)?;
    if !(1..=3).contains(&phase) {
        return Err(ServiceError::Refused("the phases set by hand are 1, 2 and 3".to_owned()));
    }
    let mut tx = app.pool.begin_for(actor).await?;
    let row = cases::get(&mut tx, id).await?;
    if row.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    cases::set_family_phase(&mut tx, id, phase, app.now()).await?;
    let event = Event::on("set_family_phase", "case", id, actor.authority).detail(serde_json::json!({ "phase": phase }));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives the family a new PIN; the old one ends.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn renew_pin(app: &App, actor: &Actor, id: CaseId) -> Result<String, ServiceError> {
    actor.require(Right::WriteCases)?;
    let pin = new_pin(app);
    let hash = hash_secret(app, &pin).await?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = cases::get(&mut tx, id).await?;
    if row.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    cases::put_family_access(&mut tx, app.ids.next(), actor.authority, id, &hash, app.now()).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("renew_pin", "case", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(pin)
}
