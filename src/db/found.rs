//! Found records: living, hospitalised, detained, sheltered, remains.

use super::cases::{IdOnly, Keyset};
use super::schema::found_record;
use super::tx::DbError;
use crate::domain::dates::PartialDate;
use crate::domain::found::FoundKind;
use crate::domain::ids::{AuthorityId, FoundId, PersonId};
use crate::domain::person::search_form;
use crate::domain::place::Place;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `found_record`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = found_record, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct FoundRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub folio: String,
    pub scheme: Option<String>,
    pub external_id: Option<String>,
    pub person_id: Uuid,
    pub kind: String,
    pub state: String,
    pub found_from: Option<NaiveDate>,
    pub found_to: Option<NaiveDate>,
    pub found_precision: Option<String>,
    pub place_name: Option<String>,
    pub country: Option<String>,
    pub admin1: Option<String>,
    pub lat: Option<f64>,
    pub lon: Option<f64>,
    pub uncertainty_m: Option<f64>,
    pub place_precision: Option<String>,
    pub body_state: Option<String>,
    pub pmi_min_days: Option<i32>,
    pub pmi_max_days: Option<i32>,
    pub wants_contact: Option<String>,
    pub held_at: Option<String>,
    pub language: Option<String>,
    pub confidentiality: String,
    pub source_name: Option<String>,
    pub extras: serde_json::Value,
    pub rev: i32,
    pub created_by: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl FoundRow {
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
    /// What kind of record it is.
    #[must_use]
    pub fn kind(&self) -> FoundKind {
        self.kind.parse().unwrap_or(FoundKind::RemainsUnnamed)
    }
    /// When it was found.
    #[must_use]
    pub fn found_at(&self) -> Option<PartialDate> {
        PartialDate::from_columns(self.found_from, self.found_to, self.found_precision.as_deref())
    }
    /// Where it was found.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            name: self.place_name.clone(),
            country: self.country.clone(),
            admin1: self.admin1.clone(),
            lat: self.lat,
            lon: self.lon,
            uncertainty_m: self.uncertainty_m,
            precision: self.place_precision.as_deref().and_then(|p| p.parse().ok()),
        }
    }
}

/// What a list of found records shows of each.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct FoundLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub folio: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub sex: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    pub found_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub found_to: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    pub found_precision: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub place_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub country: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub open_hypotheses: i64,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// What a list of found records asks for.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct FoundFilter {
    /// Words of a name, a folio or an external id.
    pub q: Option<String>,
    /// Kind of record.
    pub kind: Option<String>,
    /// Country where found.
    pub country: Option<String>,
    /// open, resolved or withdrawn.
    pub state: Option<String>,
}

/// Writes a new found record.
///
/// # Errors
/// [`DbError::Unique`] when the external id is taken.
pub async fn insert(conn: &mut AsyncPgConnection, row: &FoundRow) -> Result<(), DbError> {
    diesel::insert_into(found_record::table).values(row).execute(conn).await?;
    Ok(())
}

/// Reads a found record by folio, if there is one that may be seen.
///
/// # Errors
/// [`DbError`].
pub async fn find_by_folio(conn: &mut AsyncPgConnection, folio: &str) -> Result<Option<FoundRow>, DbError> {
    Ok(found_record::table.filter(found_record::folio.eq(folio)).select(FoundRow::as_select()).first(conn).await.optional()?)
}

/// Reads a found record.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn get(conn: &mut AsyncPgConnection, id: FoundId) -> Result<FoundRow, DbError> {
    Ok(found_record::table.find(id.0).select(FoundRow::as_select()).first(conn).await?)
}

/// Raises the revision of a record that is still at `rev`, so that it is compared anew; says whether it was.
///
/// # Errors
/// [`DbError`].
pub async fn touch(conn: &mut AsyncPgConnection, id: FoundId, rev: i32, at: DateTime<Utc>) -> Result<bool, DbError> {
    use found_record::dsl;
    let changed = diesel::update(dsl::found_record.find(id.0).filter(dsl::rev.eq(rev)))
        .set((dsl::rev.eq(rev + 1), dsl::updated_at.eq(at)))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// Sets how far a record may travel.
///
/// # Errors
/// [`DbError`].
pub async fn set_confidentiality(conn: &mut AsyncPgConnection, id: FoundId, level: &str, at: DateTime<Utc>) -> Result<(), DbError> {
    use found_record::dsl;
    diesel::update(dsl::found_record.find(id.0))
        .set((dsl::confidentiality.eq(level), dsl::rev.eq(dsl::rev + 1), dsl::updated_at.eq(at)))
        .execute(conn)
        .await?;
    Ok(())
}

const LIST: &str = "SELECT f.id, f.folio, f.kind, f.state, p.sex, f.found_from, f.found_to, f.found_precision, f.place_name, f.country, f.created_at, \
                (SELECT n.full_text FROM person_name n WHERE n.person_id = f.person_id ORDER BY n.seq LIMIT 1) AS name, \
                (SELECT count(*) FROM hypothesis h WHERE h.found_id = f.id AND h.state NOT IN \
                    ('triage_rejected', 'rejected', 'verified_exclusion', 'superseded', 'withdrawn', 'confirmed')) AS open_hypotheses \
           FROM found_record f JOIN person p ON p.id = f.person_id";

/// One page of the authority's own found records, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    conn: &mut AsyncPgConnection,
    owner: AuthorityId,
    filter: &FoundFilter,
    after: Option<Keyset>,
    limit: i64,
) -> Result<Vec<FoundLine>, DbError> {
    let words: Vec<String> =
        filter.q.iter().flat_map(|q| search_form(q).split(' ').map(str::to_owned).collect::<Vec<_>>()).filter(|w| !w.is_empty()).collect();
    Ok(diesel::sql_query(format!(
        "{LIST} \
          WHERE f.authority_id = $1 AND ($2 IS NULL OR f.kind = $2) AND ($3 IS NULL OR f.country = $3) \
            AND (cardinality($4) = 0 OR f.folio = upper($5) OR f.external_id = $5 \
                 OR EXISTS (SELECT FROM person_name n WHERE n.person_id = f.person_id \
                             AND (SELECT bool_and(position(w IN n.norm) > 0) FROM unnest($4) w))) \
            AND ($6 IS NULL OR (f.created_at, f.id) < ($6, $7)) AND ($9 IS NULL OR f.state = $9) ORDER BY f.created_at DESC, f.id DESC LIMIT $8"
    ))
    .bind::<SqlUuid, _>(owner.0)
    .bind::<Nullable<Text>, _>(filter.kind.as_deref().filter(|s| !s.is_empty()))
    .bind::<Nullable<Text>, _>(filter.country.as_deref().filter(|s| !s.is_empty()))
    .bind::<Array<Text>, _>(words)
    .bind::<Nullable<Text>, _>(filter.q.as_deref())
    .bind::<Nullable<Timestamptz>, _>(after.map(|k| k.at))
    .bind::<Nullable<SqlUuid>, _>(after.map(|k| k.id))
    .bind::<BigInt, _>(limit)
    .bind::<Nullable<Text>, _>(filter.state.as_deref().filter(|s| !s.is_empty()))
    .load(conn)
    .await?)
}

/// The lines of an authority's own found records among `ids`, in no order.
///
/// # Errors
/// [`DbError`].
pub async fn own_lines(conn: &mut AsyncPgConnection, owner: AuthorityId, ids: &[Uuid]) -> Result<Vec<FoundLine>, DbError> {
    Ok(diesel::sql_query(format!("{LIST} WHERE f.authority_id = $1 AND f.id = ANY ($2)"))
        .bind::<SqlUuid, _>(owner.0)
        .bind::<Array<SqlUuid>, _>(ids)
        .load(conn)
        .await?)
}

/// The authority's own records that carry one of the external ids, each given as scheme and value.
///
/// # Errors
/// [`DbError`].
pub async fn by_external_ids(
    conn: &mut AsyncPgConnection,
    owner: AuthorityId,
    schemes: &[String],
    values: &[String],
) -> Result<Vec<FoundRow>, DbError> {
    let ids: Vec<IdOnly> = diesel::sql_query(
        "SELECT f.id FROM unnest($2, $3) AS w (scheme, value) \
           JOIN found_record f ON f.authority_id = $1 AND f.scheme = w.scheme AND f.external_id = w.value",
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
    Ok(found_record::table.filter(found_record::id.eq_any(ids)).select(FoundRow::as_select()).load(conn).await?)
}

/// Changes what a record tells of finding, place and state, if it is still at `rev`; says whether it was. The person is changed apart.
///
/// # Errors
/// [`DbError`].
pub async fn update(conn: &mut AsyncPgConnection, rev: i32, row: &FoundRow) -> Result<bool, DbError> {
    use found_record::dsl;
    let changed = diesel::update(dsl::found_record.find(row.id).filter(dsl::rev.eq(rev)))
        .set((
            (dsl::kind.eq(&row.kind), dsl::body_state.eq(&row.body_state), dsl::wants_contact.eq(&row.wants_contact)),
            (dsl::found_from.eq(row.found_from), dsl::found_to.eq(row.found_to), dsl::found_precision.eq(&row.found_precision)),
            (dsl::place_name.eq(&row.place_name), dsl::country.eq(&row.country), dsl::admin1.eq(&row.admin1)),
            (dsl::lat.eq(row.lat), dsl::lon.eq(row.lon), dsl::uncertainty_m.eq(row.uncertainty_m)),
            (dsl::place_precision.eq(&row.place_precision), dsl::pmi_min_days.eq(row.pmi_min_days), dsl::pmi_max_days.eq(row.pmi_max_days)),
            (dsl::held_at.eq(&row.held_at), dsl::language.eq(&row.language), dsl::extras.eq(&row.extras)),
            (dsl::rev.eq(rev + 1), dsl::updated_at.eq(row.updated_at)),
        ))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}
