//! Described persons and their names.

use super::schema::{person, person_name};
use super::tx::DbError;
use crate::domain::dates::PartialDate;
use crate::domain::ids::{AuthorityId, IdSource, PersonId};
use crate::domain::person::{Description, Item, Moment, NameKind, PersonName, search_form};
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = person, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
struct PersonRow {
    id: Uuid,
    authority_id: Uuid,
    moment: String,
    sex: Option<String>,
    gender_identity: Option<String>,
    birth_from: Option<NaiveDate>,
    birth_to: Option<NaiveDate>,
    birth_precision: Option<String>,
    birth_place: Option<String>,
    age_min: Option<i16>,
    age_max: Option<i16>,
    age_as_of: Option<NaiveDate>,
    nationalities: Vec<String>,
    languages: Vec<String>,
    people: Option<String>,
    height_min_cm: Option<f32>,
    height_max_cm: Option<f32>,
    height_method: Option<String>,
    build: Option<String>,
    hair_color: Option<String>,
    eye_color: Option<String>,
    marks: serde_json::Value,
    dental: serde_json::Value,
    medical: serde_json::Value,
    clothing: serde_json::Value,
    belongings: serde_json::Value,
    phones: Vec<String>,
    documents: Vec<String>,
    companions: Vec<String>,
    absent: serde_json::Value,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = person_name, check_for_backend(diesel::pg::Pg))]
struct NameRow {
    id: Uuid,
    authority_id: Uuid,
    person_id: Uuid,
    seq: i16,
    kind: String,
    given_names: Option<String>,
    first_surname: Option<String>,
    second_surname: Option<String>,
    particle: Option<String>,
    full_text: String,
    norm: String,
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

async fn insert_names(
    conn: &mut AsyncPgConnection,
    ids: &dyn IdSource,
    id: PersonId,
    owner: AuthorityId,
    names: &[PersonName],
) -> Result<(), DbError> {
    let rows: Vec<NameRow> = names
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
        .collect();
    diesel::insert_into(person_name::table).values(&rows).execute(conn).await?;
    Ok(())
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
    let id = PersonId::new(ids);
    diesel::insert_into(person::table).values(row(id, owner, moment, description)).execute(conn).await?;
    insert_names(conn, ids, id, owner, &description.names).await?;
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
    insert_names(conn, ids, id, owner, &description.names).await
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
