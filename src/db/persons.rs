//! Described persons and their names.

use super::schema::{person, person_name};
use super::tx::DbError;
use crate::domain::dates::PartialDate;
use crate::domain::ids::{AuthorityId, IdSource, PersonId};
use crate::domain::person::{Description, Item, Moment, NameKind, PersonName, search_form};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// A row of `person`.
#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = person, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
pub struct PersonRow {
    pub(super) id: Uuid,
    pub(super) authority_id: Uuid,
    pub(super) moment: String,
    pub(super) sex: Option<String>,
    pub(super) gender_identity: Option<String>,
    pub(super) birth_from: Option<NaiveDate>,
    pub(super) birth_to: Option<NaiveDate>,
    pub(super) birth_precision: Option<String>,
    pub(super) birth_place: Option<String>,
    pub(super) age_min: Option<i16>,
    pub(super) age_max: Option<i16>,
    pub(super) age_as_of: Option<NaiveDate>,
    pub(super) nationalities: Vec<String>,
    pub(super) languages: Vec<String>,
    pub(super) people: Option<String>,
    pub(super) height_min_cm: Option<f32>,
    pub(super) height_max_cm: Option<f32>,
    pub(super) height_method: Option<String>,
    pub(super) build: Option<String>,
    pub(super) hair_color: Option<String>,
    pub(super) eye_color: Option<String>,
    pub(super) marks: serde_json::Value,
    pub(super) dental: serde_json::Value,
    pub(super) medical: serde_json::Value,
    pub(super) clothing: serde_json::Value,
    pub(super) belongings: serde_json::Value,
    pub(super) phones: Vec<String>,
    pub(super) documents: Vec<String>,
    pub(super) companions: Vec<String>,
    pub(super) absent: serde_json::Value,
}

/// A row of `person_name`.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = person_name, check_for_backend(diesel::pg::Pg))]
pub struct NameRow {
    pub(super) id: Uuid,
    pub(super) authority_id: Uuid,
    pub(super) person_id: Uuid,
    pub(super) seq: i16,
    pub(super) kind: String,
    pub(super) given_names: Option<String>,
    pub(super) first_surname: Option<String>,
    pub(super) second_surname: Option<String>,
    pub(super) particle: Option<String>,
    pub(super) full_text: String,
    pub(super) norm: String,
}

fn json<T: serde::Serialize>(value: &T) -> serde_json::Value {
    // Vectors and maps of plain structs always have a JSON form.
    serde_json::to_value(value).unwrap_or(serde_json::Value::Null)
}

fn row(id: PersonId, owner: AuthorityId, moment: Moment, d: &Description) -> PersonRow {
    PersonRow {
        id: id.0,
        authority_id: owner.0,
        moment: moment.as_str().to_owned(),
        sex: d.sex.map(|s| s.as_str().to_owned()),
        gender_identity: d.gender_identity.clone(),
        birth_from: d.birth.map(|b| b.from),
        birth_to: d.birth.map(|b| b.to),
        birth_precision: d.birth.map(|b| b.precision.as_str().to_owned()),
        birth_place: d.birth_place.clone(),
        age_min: d.age_min,
        age_max: d.age_max,
        age_as_of: d.age_as_of,
        nationalities: d.nationalities.clone(),
        languages: d.languages.clone(),
        people: d.people.clone(),
        height_min_cm: d.height_min_cm,
        height_max_cm: d.height_max_cm,
        height_method: d.height_method.clone(),
        build: d.build.clone(),
        hair_color: d.hair_color.clone(),
        eye_color: d.eye_color.clone(),
        marks: json(&d.marks),
        dental: json(&d.dental),
        medical: json(&d.medical),
        clothing: json(&d.clothing),
        belongings: json(&d.belongings),
        phones: d.phones.clone(),
        documents: d.documents.clone(),
        companions: d.companions.clone(),
        absent: json(&d.absent),
    }
}

fn items(value: serde_json::Value) -> Vec<Item> {
    serde_json::from_value(value).unwrap_or_default()
}

fn describe(p: PersonRow, names: Vec<NameRow>) -> Description {
    Description {
        names: names
            .into_iter()
            .map(|n| PersonName {
                kind: n.kind.parse().unwrap_or(NameKind::AsRecorded),
                given_names: n.given_names,
                first_surname: n.first_surname,
                second_surname: n.second_surname,
                full_text: n.full_text,
            })
            .collect(),
        sex: p.sex.and_then(|s| s.parse().ok()),
        gender_identity: p.gender_identity,
        birth: PartialDate::from_columns(p.birth_from, p.birth_to, p.birth_precision.as_deref()),
        birth_place: p.birth_place,
        age_min: p.age_min,
        age_max: p.age_max,
        age_as_of: p.age_as_of,
        nationalities: p.nationalities,
        languages: p.languages,
        people: p.people,
        height_min_cm: p.height_min_cm,
        height_max_cm: p.height_max_cm,
        height_method: p.height_method,
        build: p.build,
        hair_color: p.hair_color,
        eye_color: p.eye_color,
        marks: items(p.marks),
        dental: items(p.dental),
        medical: items(p.medical),
        clothing: items(p.clothing),
        belongings: items(p.belongings),
        phones: p.phones,
        documents: p.documents,
        companions: p.companions,
        absent: serde_json::from_value(p.absent).unwrap_or_default(),
    }
}

fn name_rows(ids: &dyn IdSource, id: PersonId, owner: AuthorityId, names: &[PersonName]) -> Vec<NameRow> {
    names
        .iter()
        .filter(|n| !n.text().is_empty())
        .zip(0i16..)
        .map(|(n, seq)| NameRow {
            id: ids.next(),
            authority_id: owner.0,
            person_id: id.0,
            seq,
            kind: n.kind.as_str().to_owned(),
            given_names: n.given_names.clone(),
            first_surname: n.first_surname.clone(),
            second_surname: n.second_surname.clone(),
            particle: None,
            full_text: n.text(),
            norm: search_form(&n.text()),
        })
        .collect()
}

/// The rows of a new person, as [`insert`] writes them.
#[must_use]
pub fn prepare(ids: &dyn IdSource, owner: AuthorityId, moment: Moment, description: &Description) -> (PersonId, PersonRow, Vec<NameRow>) {
    let id = PersonId::new(ids);
    (id, row(id, owner, moment, description), name_rows(ids, id, owner, &description.names))
}

/// A description as [`get`] gives it back once written: names without a text are gone, and every name has its text whole.
#[must_use]
pub fn as_kept(description: &Description) -> Description {
    let names = description.names.iter().filter(|n| !n.text().is_empty());
    Description { names: names.map(|n| PersonName { full_text: n.text(), ..n.clone() }).collect(), ..description.clone() }
}

/// Writes a new person with names.
///
/// # Errors
/// [`DbError`].
pub async fn insert(
    conn: &mut AsyncPgConnection,
    ids: &dyn IdSource,
    owner: AuthorityId,
    moment: Moment,
    description: &Description,
) -> Result<PersonId, DbError> {
    let (id, person, names) = prepare(ids, owner, moment, description);
    diesel::insert_into(person::table).values(person).execute(conn).await?;
    diesel::insert_into(person_name::table).values(&names).execute(conn).await?;
    Ok(id)
}

/// Replaces a person's description; the caller has written what it was as corrections.
///
/// # Errors
/// [`DbError::NotFound`] when the row is not the authority's own.
pub async fn replace(
    conn: &mut AsyncPgConnection,
    ids: &dyn IdSource,
    id: PersonId,
    owner: AuthorityId,
    moment: Moment,
    description: &Description,
) -> Result<(), DbError> {
    let changed = diesel::update(person::table.find(id.0)).set(row(id, owner, moment, description)).execute(conn).await?;
    if changed == 0 {
        return Err(DbError::NotFound);
    }
    diesel::delete(person_name::table.filter(person_name::person_id.eq(id.0))).execute(conn).await?;
    diesel::insert_into(person_name::table).values(&name_rows(ids, id, owner, &description.names)).execute(conn).await?;
    Ok(())
}

/// Reads a person with names, in order. Two queries.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn get(conn: &mut AsyncPgConnection, id: PersonId) -> Result<(Moment, Description), DbError> {
    let p = person::table.find(id.0).select(PersonRow::as_select()).first(conn).await?;
    let names =
        person_name::table.filter(person_name::person_id.eq(id.0)).order(person_name::seq).select(NameRow::as_select()).load(conn).await?;
    let moment = p.moment.parse().unwrap_or(Moment::AnteMortem);
    Ok((moment, describe(p, names)))
}

/// Many persons with names, in order. Two queries.
///
/// # Errors
/// [`DbError`].
pub async fn get_many(conn: &mut AsyncPgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Description>, DbError> {
    let persons = person::table.filter(person::id.eq_any(ids)).select(PersonRow::as_select()).load(conn).await?;
    let names = person_name::table
        .filter(person_name::person_id.eq_any(ids))
        .order((person_name::person_id, person_name::seq))
        .select(NameRow::as_select())
        .load(conn)
        .await?;
    let mut of: HashMap<Uuid, Vec<NameRow>> = HashMap::new();
    for name in names {
        of.entry(name.person_id).or_default().push(name);
    }
    Ok(persons.into_iter().map(|p| (p.id, describe_with(p, &mut of))).collect())
}

fn describe_with(person: PersonRow, names: &mut HashMap<Uuid, Vec<NameRow>>) -> Description {
    let names = names.remove(&person.id).unwrap_or_default();
    describe(person, names)
}
