//! Missing persons' cases: rows, the last contact, journey, inquirer; lists by keyset.

use super::schema::{disappearance_event, family_access, folio_counter, inquirer, missing_person_case, route_leg, search_action};
use super::tx::DbError;
use crate::domain::case::{CaseState, Confidentiality};
use crate::domain::dates::PartialDate;
use crate::domain::ids::{AuthorityId, CaseId, PersonId};
use crate::domain::person::search_form;
use crate::domain::place::Place;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// A row of `missing_person_case`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = missing_person_case, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct CaseRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub folio: String,
    pub scheme: Option<String>,
    pub external_id: Option<String>,
    pub person_id: Uuid,
    pub state: String,
    pub intake_channel: String,
    pub report_language: Option<String>,
    pub report_date: Option<NaiveDate>,
    pub origin_country: Option<String>,
    pub transit_countries: Vec<String>,
    pub destination_country: Option<String>,
    pub destination_place: Option<String>,
    pub risk_flags: Vec<String>,
    pub search_types: Vec<String>,
    pub confidentiality: String,
    pub family_phase: i16,
    pub family_updated_at: DateTime<Utc>,
    pub contact_user_id: Option<Uuid>,
    pub incident_id: Option<Uuid>,
    pub duplicate_of: Option<Uuid>,
    pub source_name: Option<String>,
    pub extras: serde_json::Value,
    pub rev: i32,
    pub created_by: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl CaseRow {
    /// The state as a word of the trade.
    #[must_use]
    pub fn state(&self) -> CaseState {
        // The check constraint holds the vocabulary.
        self.state.parse().unwrap_or(CaseState::Draft)
    }
    /// The owner.
    #[must_use]
    pub const fn owner(&self) -> AuthorityId {
        AuthorityId(self.authority_id)
    }
    /// The described person.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        PersonId(self.person_id)
    }
    /// How far it may travel.
    #[must_use]
    pub fn confidentiality(&self) -> Confidentiality {
        self.confidentiality.parse().unwrap_or(Confidentiality::Sealed)
    }
}

/// The last confirmed contact.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LastContact {
    /// When.
    pub at: Option<PartialDate>,
    /// By what means (call, message, in_person, social_network, remittance, third_party …).
    pub means: Option<String>,
    /// Where.
    pub place: Place,
    /// Transport in use (V-TRANSPORT).
    pub transport: Option<String>,
    /// What is known of the circumstances.
    pub circumstances: Option<String>,
}

/// A row of `disappearance_event`.
#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = disappearance_event, check_for_backend(diesel::pg::Pg), treat_none_as_null = true, primary_key(case_id))]
pub struct EventRow {
    pub(super) case_id: Uuid,
    pub(super) authority_id: Uuid,
    pub(super) contact_from: Option<NaiveDate>,
    pub(super) contact_to: Option<NaiveDate>,
    pub(super) contact_precision: Option<String>,
    pub(super) means: Option<String>,
    pub(super) place_name: Option<String>,
    pub(super) country: Option<String>,
    pub(super) admin1: Option<String>,
    pub(super) lat: Option<f64>,
    pub(super) lon: Option<f64>,
    pub(super) uncertainty_m: Option<f64>,
    pub(super) place_precision: Option<String>,
    pub(super) transport: Option<String>,
    pub(super) circumstances: Option<String>,
}

/// A leg or point of the journey.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = route_leg, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct LegRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub case_id: Uuid,
    pub seq: i16,
    pub kind: String,
    pub place_name: Option<String>,
    pub country: Option<String>,
    pub lat: Option<f64>,
    pub lon: Option<f64>,
    pub uncertainty_m: Option<f64>,
    pub at_from: Option<NaiveDate>,
    pub at_to: Option<NaiveDate>,
    pub transport: Option<String>,
    pub corridor_id: Option<String>,
    pub certainty: String,
}

/// Who searches.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = inquirer, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct InquirerRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub case_id: Uuid,
    pub name: String,
    pub relation: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub language: String,
    pub safe_to_call: Option<String>,
    pub do_not_leave_message: bool,
    pub paused: bool,
    pub is_primary: bool,
}

/// Something to be done for a case, with the day it is due.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = search_action, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ActionRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub case_id: Uuid,
    pub kind: String,
    pub addressee: Option<String>,
    pub note: Option<String>,
    pub assigned_to: Option<Uuid>,
    pub requested_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
    pub result: Option<String>,
}

/// What a list of cases shows of each.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct CaseLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub folio: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Array<Text>)]
    pub nationalities: Vec<String>,
    #[diesel(sql_type = Nullable<diesel::sql_types::Date>)]
    pub contact_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<diesel::sql_types::Date>)]
    pub contact_to: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    pub contact_precision: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub place_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub open_hypotheses: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub next_due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// What a list of cases asks for. Texts are compared by their search form (no accents, any order of words).
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct CaseFilter {
    /// Words of a name, a folio or an external id.
    pub q: Option<String>,
    /// State of the case.
    pub state: Option<String>,
    /// Nationality, ISO 3166-1 alpha-3.
    pub nationality: Option<String>,
    /// Country of the last contact.
    pub country: Option<String>,
    /// The contact person who works it.
    pub contact: Option<Uuid>,
    /// Only with an open action that was due before this moment.
    pub due_before: Option<DateTime<Utc>>,
    /// Only with a last contact that may have been on this day or later.
    pub contact_from: Option<NaiveDate>,
    /// Only with a last contact that may have been on this day or earlier.
    pub contact_to: Option<NaiveDate>,
}

impl CaseFilter {
    fn words(&self) -> Vec<String> {
        self.q.iter().flat_map(|q| search_form(q).split(' ').map(str::to_owned).collect::<Vec<_>>()).filter(|w| !w.is_empty()).collect()
    }
}

/// A place in a list ordered by time of creation, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyset {
    /// The last line's creation.
    pub at: DateTime<Utc>,
    /// The last line's id.
    pub id: Uuid,
}

/// The next number of a series of folios; locks the counter until commit, so numbers have no gaps within an authority.
///
/// # Errors
/// [`DbError`].
pub async fn next_folio_number(conn: &mut AsyncPgConnection, owner: AuthorityId, kind: &str, year: i16, by: i64) -> Result<i64, DbError> {
    let last: i64 = diesel::insert_into(folio_counter::table)
        .values((
            folio_counter::authority_id.eq(owner.0),
            folio_counter::kind.eq(kind),
            folio_counter::year.eq(year),
            folio_counter::last.eq(by),
        ))
        .on_conflict((folio_counter::authority_id, folio_counter::kind, folio_counter::year))
        .do_update()
        .set(folio_counter::last.eq(folio_counter::last + by))
        .returning(folio_counter::last)
        .get_result(conn)
        .await?;
    Ok(last - by + 1)
}

/// Writes a new case.
///
/// # Errors
/// [`DbError::Unique`] when the external id is taken.
pub async fn insert(conn: &mut AsyncPgConnection, row: &CaseRow) -> Result<(), DbError> {
    diesel::insert_into(missing_person_case::table).values(row).execute(conn).await?;
    Ok(())
}

/// Reads a case.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn get(conn: &mut AsyncPgConnection, id: CaseId) -> Result<CaseRow, DbError> {
    Ok(missing_person_case::table.find(id.0).select(CaseRow::as_select()).first(conn).await?)
}

/// Reads a case by folio, if there is one that may be seen.
///
/// # Errors
/// [`DbError`].
pub async fn find_by_folio(conn: &mut AsyncPgConnection, folio: &str) -> Result<Option<CaseRow>, DbError> {
    Ok(missing_person_case::table.filter(missing_person_case::folio.eq(folio)).select(CaseRow::as_select()).first(conn).await.optional()?)
}

/// Puts a case under the case of the same authority under which it rests; none when it is opened again.
///
/// # Errors
/// [`DbError`].
pub async fn set_duplicate_of(conn: &mut AsyncPgConnection, id: CaseId, master: Option<CaseId>) -> Result<(), DbError> {
    use missing_person_case::dsl;
    diesel::update(dsl::missing_person_case.find(id.0)).set(dsl::duplicate_of.eq(master.map(|m| m.0))).execute(conn).await?;
    Ok(())
}

/// Whether another case rests under a case.
///
/// # Errors
/// [`DbError`].
pub async fn has_resting(conn: &mut AsyncPgConnection, id: CaseId) -> Result<bool, DbError> {
    use missing_person_case::dsl;
    Ok(diesel::select(diesel::dsl::exists(dsl::missing_person_case.filter(dsl::duplicate_of.eq(id.0)))).get_result(conn).await?)
}

/// Moves a case that is still at `rev`; says whether it was.
///
/// # Errors
/// [`DbError`].
pub async fn set_state(conn: &mut AsyncPgConnection, id: CaseId, rev: i32, state: CaseState, at: DateTime<Utc>) -> Result<bool, DbError> {
    use missing_person_case::dsl;
    let changed = diesel::update(dsl::missing_person_case.find(id.0).filter(dsl::rev.eq(rev)))
        .set((dsl::state.eq(state.as_str()), dsl::rev.eq(rev + 1), dsl::updated_at.eq(at)))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// Changes the editable columns of a case that is still at `rev`; says whether it was.
///
/// # Errors
/// [`DbError`].
pub async fn update(conn: &mut AsyncPgConnection, rev: i32, row: &CaseRow) -> Result<bool, DbError> {
    use missing_person_case::dsl;
    let changed = diesel::update(dsl::missing_person_case.find(row.id).filter(dsl::rev.eq(rev)))
        .set((
            dsl::report_language.eq(&row.report_language),
            dsl::report_date.eq(row.report_date),
            dsl::origin_country.eq(&row.origin_country),
            dsl::transit_countries.eq(&row.transit_countries),
            dsl::destination_country.eq(&row.destination_country),
            dsl::destination_place.eq(&row.destination_place),
            dsl::risk_flags.eq(&row.risk_flags),
            dsl::search_types.eq(&row.search_types),
            dsl::confidentiality.eq(&row.confidentiality),
            dsl::contact_user_id.eq(row.contact_user_id),
            dsl::extras.eq(&row.extras),
            dsl::rev.eq(rev + 1),
            dsl::updated_at.eq(row.updated_at),
        ))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// Moves the phase a family sees. Only a person's act does this.
///
/// # Errors
/// [`DbError`].
pub async fn set_family_phase(conn: &mut AsyncPgConnection, id: CaseId, phase: i16, at: DateTime<Utc>) -> Result<(), DbError> {
    use missing_person_case::dsl;
    diesel::update(dsl::missing_person_case.find(id.0)).set((dsl::family_phase.eq(phase), dsl::family_updated_at.eq(at))).execute(conn).await?;
    Ok(())
}

/// Writes or replaces the last contact.
///
/// # Errors
/// [`DbError`].
pub async fn put_last_contact(conn: &mut AsyncPgConnection, id: CaseId, owner: AuthorityId, contact: &LastContact) -> Result<(), DbError> {
    let row = event_row(id, owner, contact);
    diesel::insert_into(disappearance_event::table)
        .values(&row)
        .on_conflict(disappearance_event::case_id)
        .do_update()
        .set(&row)
        .execute(conn)
        .await?;
    Ok(())
}

/// The row of a last contact, as [`put_last_contact`] writes it.
#[must_use]
pub fn event_row(id: CaseId, owner: AuthorityId, contact: &LastContact) -> EventRow {
    EventRow {
        case_id: id.0,
        authority_id: owner.0,
        contact_from: contact.at.map(|d| d.from),
        contact_to: contact.at.map(|d| d.to),
        contact_precision: contact.at.map(|d| d.precision.as_str().to_owned()),
        means: contact.means.clone(),
        place_name: contact.place.name.clone(),
        country: contact.place.country.clone(),
        admin1: contact.place.admin1.clone(),
        lat: contact.place.lat,
        lon: contact.place.lon,
        uncertainty_m: contact.place.lat.map(|_| contact.place.radius_m()),
        place_precision: contact.place.precision.map(|p| p.as_str().to_owned()),
        transport: contact.transport.clone(),
        circumstances: contact.circumstances.clone(),
    }
}

/// Reads the last contact; empty when nothing is recorded.
///
/// # Errors
/// [`DbError`].
pub async fn last_contact(conn: &mut AsyncPgConnection, id: CaseId) -> Result<LastContact, DbError> {
    let row: Option<EventRow> = disappearance_event::table.find(id.0).select(EventRow::as_select()).first(conn).await.optional()?;
    Ok(row.map_or_else(LastContact::default, contact_of))
}

/// The last contacts of many cases.
///
/// # Errors
/// [`DbError`].
pub async fn last_contacts(conn: &mut AsyncPgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, LastContact>, DbError> {
    let rows: Vec<EventRow> =
        disappearance_event::table.filter(disappearance_event::case_id.eq_any(ids)).select(EventRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(|r| (r.case_id, contact_of(r))).collect())
}

/// A last contact as [`last_contact`] gives it back once written.
#[must_use]
pub fn contact_as_kept(contact: &LastContact) -> LastContact {
    contact_of(event_row(CaseId(Uuid::nil()), AuthorityId(Uuid::nil()), contact))
}

fn contact_of(r: EventRow) -> LastContact {
    LastContact {
        at: PartialDate::from_columns(r.contact_from, r.contact_to, r.contact_precision.as_deref()),
        means: r.means,
        place: Place {
            name: r.place_name,
            country: r.country,
            admin1: r.admin1,
            lat: r.lat,
            lon: r.lon,
            uncertainty_m: r.uncertainty_m,
            precision: r.place_precision.and_then(|p| p.parse().ok()),
        },
        transport: r.transport,
        circumstances: r.circumstances,
    }
}

/// The authority's own cases that carry one of the external ids, each given as scheme and value.
///
/// # Errors
/// [`DbError`].
pub async fn by_external_ids(
    conn: &mut AsyncPgConnection,
    owner: AuthorityId,
    schemes: &[String],
    values: &[String],
) -> Result<Vec<CaseRow>, DbError> {
    let ids: Vec<IdOnly> = diesel::sql_query(
        "SELECT c.id FROM unnest($2, $3) AS w (scheme, value) \
           JOIN missing_person_case c ON c.authority_id = $1 AND c.scheme = w.scheme AND c.external_id = w.value",
    )
    .bind::<SqlUuid, _>(owner.0)
    .bind::<Array<Text>, _>(schemes)
    .bind::<Array<Text>, _>(values)
    .load(conn)
    .await?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = ids.into_iter().map(|i| i.id).collect();
    Ok(missing_person_case::table.filter(missing_person_case::id.eq_any(ids)).select(CaseRow::as_select()).load(conn).await?)
}

/// An id alone.
#[derive(QueryableByName)]
pub(super) struct IdOnly {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
}

/// Replaces the journey.
///
/// # Errors
/// [`DbError`].
pub async fn replace_legs(conn: &mut AsyncPgConnection, id: CaseId, legs: &[LegRow]) -> Result<(), DbError> {
    diesel::delete(route_leg::table.filter(route_leg::case_id.eq(id.0))).execute(conn).await?;
    diesel::insert_into(route_leg::table).values(legs).execute(conn).await?;
    Ok(())
}

/// The journey in order.
///
/// # Errors
/// [`DbError`].
pub async fn legs(conn: &mut AsyncPgConnection, id: CaseId) -> Result<Vec<LegRow>, DbError> {
    Ok(route_leg::table.filter(route_leg::case_id.eq(id.0)).order(route_leg::seq).select(LegRow::as_select()).load(conn).await?)
}

/// Writes who searches.
///
/// # Errors
/// [`DbError`].
pub async fn insert_inquirer(conn: &mut AsyncPgConnection, row: &InquirerRow) -> Result<(), DbError> {
    diesel::insert_into(inquirer::table).values(row).execute(conn).await?;
    Ok(())
}

/// Changes how whoever searches is named and reached.
///
/// # Errors
/// [`DbError`].
pub async fn update_inquirer(conn: &mut AsyncPgConnection, row: &InquirerRow) -> Result<(), DbError> {
    diesel::update(inquirer::table.find(row.id))
        .set((
            inquirer::name.eq(&row.name),
            inquirer::relation.eq(&row.relation),
            inquirer::phone.eq(&row.phone),
            inquirer::email.eq(&row.email),
            inquirer::language.eq(&row.language),
            inquirer::safe_to_call.eq(&row.safe_to_call),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Who searches, the primary one first.
///
/// # Errors
/// [`DbError`].
pub async fn inquirers(conn: &mut AsyncPgConnection, id: CaseId) -> Result<Vec<InquirerRow>, DbError> {
    Ok(inquirer::table.filter(inquirer::case_id.eq(id.0)).order(inquirer::is_primary.desc()).select(InquirerRow::as_select()).load(conn).await?)
}

/// Sets the family's key (an argon2id hash of the PIN) and ends the sessions that an earlier one opened.
///
/// # Errors
/// [`DbError`].
pub async fn put_family_access(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    owner: AuthorityId,
    case: CaseId,
    pin_hash: &str,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::insert_into(family_access::table)
        .values((
            family_access::id.eq(id),
            family_access::authority_id.eq(owner.0),
            family_access::case_id.eq(case.0),
            family_access::pin_hash.eq(pin_hash),
            family_access::created_at.eq(at),
        ))
        .on_conflict(family_access::case_id)
        .do_update()
        .set(family_access::pin_hash.eq(pin_hash))
        .execute(conn)
        .await?;
    diesel::sql_query("DELETE FROM family_session WHERE authority_id = $1 AND case_id = $2")
        .bind::<SqlUuid, _>(owner.0)
        .bind::<SqlUuid, _>(case.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes something to be done.
///
/// # Errors
/// [`DbError`].
pub async fn insert_action(conn: &mut AsyncPgConnection, row: &ActionRow) -> Result<(), DbError> {
    diesel::insert_into(search_action::table).values(row).execute(conn).await?;
    Ok(())
}

/// What was and is to be done for a case, the open ones first.
///
/// # Errors
/// [`DbError`].
pub async fn actions(conn: &mut AsyncPgConnection, id: CaseId) -> Result<Vec<ActionRow>, DbError> {
    Ok(search_action::table
        .filter(search_action::case_id.eq(id.0))
        .order((search_action::done_at.asc().nulls_first(), search_action::due_at.asc()))
        .select(ActionRow::as_select())
        .load(conn)
        .await?)
}

/// Notes the end of an action of a case; says whether it was open.
///
/// # Errors
/// [`DbError`].
pub async fn finish_action(conn: &mut AsyncPgConnection, case: CaseId, id: Uuid, result: &str, at: DateTime<Utc>) -> Result<bool, DbError> {
    let open = search_action::table.find(id).filter(search_action::case_id.eq(case.0)).filter(search_action::done_at.is_null());
    let changed = diesel::update(open).set((search_action::done_at.eq(at), search_action::result.eq(result))).execute(conn).await?;
    Ok(changed == 1)
}

/// An open action with the case it is for.
#[derive(Debug, Clone, QueryableByName, serde::Serialize)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct DueLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    #[diesel(sql_type = Text)]
    pub folio: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
}

/// The authority's open actions, most overdue first.
///
/// # Errors
/// [`DbError`].
pub async fn due(conn: &mut AsyncPgConnection, owner: AuthorityId, limit: i64) -> Result<Vec<DueLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT a.id, a.case_id, c.folio, (SELECT n.full_text FROM person_name n WHERE n.person_id = c.person_id ORDER BY n.seq LIMIT 1) AS name, \
                a.kind, a.note, a.due_at \
           FROM search_action a JOIN missing_person_case c ON c.id = a.case_id \
          WHERE a.authority_id = $1 AND a.done_at IS NULL ORDER BY a.due_at, a.id LIMIT $2",
    )
    .bind::<SqlUuid, _>(owner.0)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

const LIST: &str = "SELECT c.id, c.folio, c.state, c.created_at, p.nationalities, \
        (SELECT n.full_text FROM person_name n WHERE n.person_id = c.person_id ORDER BY n.seq LIMIT 1) AS name, \
        e.contact_from, e.contact_to, e.contact_precision, e.place_name, e.country, \
        (SELECT count(*) FROM hypothesis h WHERE h.case_id = c.id AND h.state IN \
            ('proposed', 'reopened', 'under_review', 'needs_information', 'returned', 'verification_requested', 'verified_support', 'second_review', \
             'board')) AS open_hypotheses, \
        (SELECT min(a.due_at) FROM search_action a WHERE a.case_id = c.id AND a.done_at IS NULL) AS next_due_at \
   FROM missing_person_case c JOIN person p ON p.id = c.person_id LEFT JOIN disappearance_event e ON e.case_id = c.id ";

const FILTER: &str = "WHERE c.authority_id = $1 \
    AND ($2 IS NULL OR c.state = $2) AND ($3 IS NULL OR $3 = ANY (p.nationalities)) AND ($4 IS NULL OR e.country = $4) \
    AND (cardinality($5) = 0 OR c.folio = upper($6) OR c.external_id = $6 \
         OR EXISTS (SELECT FROM person_name n WHERE n.person_id = c.person_id \
                     AND (SELECT bool_and(position(w IN n.norm) > 0) FROM unnest($5) w))) \
    AND ($7 IS NULL OR c.contact_user_id = $7) \
    AND ($8 IS NULL OR EXISTS (SELECT FROM search_action a WHERE a.case_id = c.id AND a.done_at IS NULL AND a.due_at < $8)) \
    AND ($9 IS NULL OR e.contact_to >= $9) AND ($10 IS NULL OR e.contact_from <= $10) ";

/// One page of the authority's own cases, newest first. The search is by words: each must stand in the same name, accents and order aside.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    conn: &mut AsyncPgConnection,
    owner: AuthorityId,
    filter: &CaseFilter,
    after: Option<Keyset>,
    limit: i64,
) -> Result<Vec<CaseLine>, DbError> {
    let words: Vec<String> = filter.words();
    Ok(diesel::sql_query(format!(
        "{LIST}{FILTER} AND ($11 IS NULL OR (c.created_at, c.id) < ($11, $12)) ORDER BY c.created_at DESC, c.id DESC LIMIT $13"
    ))
    .bind::<SqlUuid, _>(owner.0)
    .bind::<Nullable<Text>, _>(filter.state.as_deref().filter(|s| !s.is_empty()))
    .bind::<Nullable<Text>, _>(filter.nationality.as_deref().filter(|s| !s.is_empty()))
    .bind::<Nullable<Text>, _>(filter.country.as_deref().filter(|s| !s.is_empty()))
    .bind::<Array<Text>, _>(words)
    .bind::<Nullable<Text>, _>(filter.q.as_deref())
    .bind::<Nullable<SqlUuid>, _>(filter.contact)
    .bind::<Nullable<Timestamptz>, _>(filter.due_before)
    .bind::<Nullable<diesel::sql_types::Date>, _>(filter.contact_from)
    .bind::<Nullable<diesel::sql_types::Date>, _>(filter.contact_to)
    .bind::<Nullable<Timestamptz>, _>(after.map(|k| k.at))
    .bind::<Nullable<SqlUuid>, _>(after.map(|k| k.id))
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// How many of the authority's own cases a filter leaves.
///
/// # Errors
/// [`DbError`].
pub async fn count(conn: &mut AsyncPgConnection, owner: AuthorityId, filter: &CaseFilter) -> Result<i64, DbError> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let words: Vec<String> = filter.words();
    let row: Count = diesel::sql_query(format!(
        "SELECT count(*) AS n FROM missing_person_case c JOIN person p ON p.id = c.person_id \
         LEFT JOIN disappearance_event e ON e.case_id = c.id {FILTER}"
    ))
    .bind::<SqlUuid, _>(owner.0)
    .bind::<Nullable<Text>, _>(filter.state.as_deref().filter(|s| !s.is_empty()))
    .bind::<Nullable<Text>, _>(filter.nationality.as_deref().filter(|s| !s.is_empty()))
    .bind::<Nullable<Text>, _>(filter.country.as_deref().filter(|s| !s.is_empty()))
    .bind::<Array<Text>, _>(words)
    .bind::<Nullable<Text>, _>(filter.q.as_deref())
    .bind::<Nullable<SqlUuid>, _>(filter.contact)
    .bind::<Nullable<Timestamptz>, _>(filter.due_before)
    .bind::<Nullable<diesel::sql_types::Date>, _>(filter.contact_from)
    .bind::<Nullable<diesel::sql_types::Date>, _>(filter.contact_to)
    .get_result(conn)
    .await?;
    Ok(row.n)
}

/// A mandated case as an association sees it in its list.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct MandateLine {
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub authority_id: Uuid,
    #[diesel(sql_type = Text)]
    pub authority: String,
    #[diesel(sql_type = Text)]
    pub folio: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = SmallInt)]
    pub family_phase: i16,
    #[diesel(sql_type = Nullable<diesel::sql_types::Date>)]
    pub next_contact_on: Option<NaiveDate>,
}

/// The cases whose families mandated the association. Row-level security shows no others.
///
/// # Errors
/// [`DbError`].
pub async fn mandated(conn: &mut AsyncPgConnection, association: AuthorityId) -> Result<Vec<MandateLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT m.case_id, c.authority_id, a.name AS authority, c.folio, c.family_phase, m.next_contact_on, \
                (SELECT n.full_text FROM person_name n WHERE n.person_id = c.person_id ORDER BY n.seq LIMIT 1) AS name \
           FROM mandate m JOIN missing_person_case c ON c.id = m.case_id JOIN authority a ON a.id = c.authority_id \
          WHERE m.association_id = $1 AND m.revoked_at IS NULL ORDER BY m.next_contact_on NULLS LAST, c.folio",
    )
    .bind::<SqlUuid, _>(association.0)
    .load(conn)
    .await?)
}

/// The lines of an authority's own cases among `ids`, in no order.
///
/// # Errors
/// [`DbError`].
pub async fn own_lines(conn: &mut AsyncPgConnection, owner: AuthorityId, ids: &[Uuid]) -> Result<Vec<CaseLine>, DbError> {
    Ok(diesel::sql_query(format!("{LIST} WHERE c.authority_id = $1 AND c.id = ANY ($2)"))
        .bind::<SqlUuid, _>(owner.0)
        .bind::<Array<SqlUuid>, _>(ids)
        .load(conn)
        .await?)
}

/// The external ids an authority holds, of `case` or `found_record`.
///
/// # Errors
/// [`DbError`].
pub async fn external_ids(conn: &mut AsyncPgConnection, owner: AuthorityId, kind: &str) -> Result<Vec<String>, DbError> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = Text)]
        external_id: String,
    }
    let ids: Vec<Id> = diesel::sql_query(
        "SELECT external_id FROM missing_person_case WHERE authority_id = $1 AND $2 = 'case' AND external_id IS NOT NULL \
         UNION ALL SELECT external_id FROM found_record WHERE authority_id = $1 AND $2 = 'found_record' AND external_id IS NOT NULL",
    )
    .bind::<SqlUuid, _>(owner.0)
    .bind::<Text, _>(kind)
    .load(conn)
    .await?;
    Ok(ids.into_iter().map(|i| i.external_id).collect())
}
