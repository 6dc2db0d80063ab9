//! Remains, their elements, whose an element is, what was done with them and where they lie.

use super::schema::{burial_record, disposition_event, element_association, post_mortem_operation, remains, sample, skeletal_element};
use super::tx::DbError;
use crate::domain::disposition::Disposition;
use crate::domain::ids::{AuthorityId, ElementId, FoundId, RemainsId};
use crate::domain::remains::RemainsKind;
use crate::domain::skeleton::{AgeClass, Anatomy, Bone, Completeness};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `remains`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = remains, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct RemainsRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub code: String,
    pub found_id: Uuid,
    pub set_id: Option<Uuid>,
    pub kind: String,
    pub completeness: Option<String>,
    pub body_state: Option<String>,
    pub pmi_from: Option<String>,
    pub pmi_to: Option<String>,
    pub location: Option<String>,
    pub disposition: String,
    pub note: Option<String>,
    pub rev: i32,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl RemainsRow {
    /// Whose they are.
    #[must_use]
    pub const fn owner(&self) -> AuthorityId {
        AuthorityId(self.authority_id)
    }
    /// What they are.
    #[must_use]
    pub fn kind(&self) -> RemainsKind {
        self.kind.parse().unwrap_or(RemainsKind::CommingledSet)
    }
    /// Where they are.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        self.disposition.parse().unwrap_or(Disposition::UnknownLocation)
    }
}

/// A row of `skeletal_element`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = skeletal_element, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ElementRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub code: String,
    pub remains_id: Uuid,
    pub bone: String,
    pub side: Option<String>,
    pub zones: Vec<String>,
    pub completeness: String,
    pub age_class: String,
    pub taphonomy: Vec<String>,
    pub trauma: Vec<String>,
    pub measurements: serde_json::Value,
    pub note: Option<String>,
    pub rev: i32,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl ElementRow {
    /// What bears on whose it can be.
    #[must_use]
    pub fn anatomy(&self) -> Anatomy {
        Anatomy {
            bone: self.bone.parse().unwrap_or(Bone::Cranium),
            side: self.side.as_deref().and_then(|s| s.parse().ok()),
            zones: self.zones.iter().filter_map(|z| z.parse().ok()).collect(),
            completeness: self.completeness.parse().unwrap_or(Completeness::Fragment),
            age_class: self.age_class.parse().unwrap_or(AgeClass::Unknown),
        }
    }
}

/// A row of `element_association`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = element_association, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct AssociationRow {
    pub id: Uuid,
    #[serde(skip)]
    pub authority_id: Uuid,
    pub element_id: Uuid,
    pub remains_id: Uuid,
    pub seq: i32,
    pub verdict: String,
    pub reason: String,
    pub doubts: Vec<String>,
    pub note: Option<String>,
    pub analyst: Uuid,
    pub at: DateTime<Utc>,
}

/// A row of `burial_record`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = burial_record, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct BurialRow {
    pub id: Uuid,
    #[serde(skip)]
    pub authority_id: Uuid,
    #[serde(skip)]
    pub remains_id: Uuid,
    pub cemetery: String,
    pub section: Option<String>,
    pub plot: String,
    pub marker: String,
    pub inscription: Option<String>,
    pub ficha: Option<String>,
    pub register_ref: Option<String>,
    pub exhumable: bool,
    pub note: Option<String>,
    pub created_by: Uuid,
    pub at: DateTime<Utc>,
}

/// A row of `disposition_event`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = disposition_event, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct DispositionRow {
    pub id: Uuid,
    #[serde(skip)]
    pub authority_id: Uuid,
    #[serde(skip)]
    pub remains_id: Uuid,
    pub seq: i32,
    pub command: String,
    pub from_state: String,
    pub to_state: String,
    pub burial_id: Option<Uuid>,
    pub on_day: NaiveDate,
    pub order_ref: Option<String>,
    pub receiver: Option<String>,
    pub told_on: Option<NaiveDate>,
    pub reason: Option<String>,
    pub user_id: Uuid,
    pub at: DateTime<Utc>,
}

/// A row of `post_mortem_operation`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = post_mortem_operation, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct OperationRow {
    pub id: Uuid,
    #[serde(skip)]
    pub authority_id: Uuid,
    #[serde(skip)]
    pub remains_id: Uuid,
    pub operation: String,
    pub state: String,
    pub reason: Option<String>,
    pub done_on: Option<NaiveDate>,
    pub done_by: Option<String>,
    pub reference: Option<String>,
    pub user_id: Uuid,
    pub at: DateTime<Utc>,
}

/// Writes remains.
///
/// # Errors
/// [`DbError`].
pub async fn insert(conn: &mut AsyncPgConnection, row: &RemainsRow) -> Result<(), DbError> {
    diesel::insert_into(remains::table).values(row).execute(conn).await?;
    Ok(())
}

/// Reads remains.
///
/// # Errors
/// [`DbError::NotFound`] when there are none that may be seen.
pub async fn get(conn: &mut AsyncPgConnection, id: RemainsId) -> Result<RemainsRow, DbError> {
    Ok(remains::table.find(id.0).select(RemainsRow::as_select()).first(conn).await?)
}

/// Reads remains and keeps them to this transaction until it ends.
///
/// # Errors
/// [`DbError::NotFound`] when there are none that may be seen.
pub async fn lock(conn: &mut AsyncPgConnection, id: RemainsId) -> Result<RemainsRow, DbError> {
    Ok(remains::table.find(id.0).select(RemainsRow::as_select()).for_update().first(conn).await?)
}

/// Reads remains by what stands on their label, if there are any that may be seen.
///
/// # Errors
/// [`DbError`].
pub async fn find_by_code(conn: &mut AsyncPgConnection, code: &str) -> Result<Option<RemainsRow>, DbError> {
    Ok(remains::table.filter(remains::code.eq(code)).select(RemainsRow::as_select()).first(conn).await.optional()?)
}

/// The remains of a found record, in order of registration.
///
/// # Errors
/// [`DbError`].
pub async fn of_found(conn: &mut AsyncPgConnection, found: FoundId) -> Result<Vec<RemainsRow>, DbError> {
    Ok(remains::table
        .filter(remains::found_id.eq(found.0))
        .order((remains::created_at, remains::id))
        .select(RemainsRow::as_select())
        .load(conn)
        .await?)
}

/// Where remains went.
#[derive(Debug, Clone)]
pub struct Moved<'a> {
    /// What they are then.
    pub kind: RemainsKind,
    /// Where they are then.
    pub disposition: Disposition,
    /// Where they are kept, in custody.
    pub location: Option<&'a str>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Moves remains that are still at revision `rev`; says whether it did.
///
/// # Errors
/// [`DbError`].
pub async fn set_disposition(conn: &mut AsyncPgConnection, id: RemainsId, rev: i32, to: &Moved<'_>) -> Result<bool, DbError> {
    let changed = diesel::update(remains::table.filter(remains::id.eq(id.0).and(remains::rev.eq(rev))))
        .set((
            remains::kind.eq(to.kind.as_str()),
            remains::disposition.eq(to.disposition.as_str()),
            remains::location.eq(to.location),
            remains::rev.eq(rev + 1),
            remains::updated_at.eq(to.at),
        ))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// Writes elements.
///
/// # Errors
/// [`DbError`].
pub async fn insert_elements(conn: &mut AsyncPgConnection, rows: &[ElementRow]) -> Result<(), DbError> {
    diesel::insert_into(skeletal_element::table).values(rows).execute(conn).await?;
    Ok(())
}

/// Reads an element and keeps it to this transaction until it ends.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn lock_element(conn: &mut AsyncPgConnection, id: ElementId) -> Result<ElementRow, DbError> {
    Ok(skeletal_element::table.find(id.0).select(ElementRow::as_select()).for_update().first(conn).await?)
}

/// Reads an element.
///
/// # Errors
/// [`DbError::NotFound`] when there is none that may be seen.
pub async fn element(conn: &mut AsyncPgConnection, id: ElementId) -> Result<ElementRow, DbError> {
    Ok(skeletal_element::table.find(id.0).select(ElementRow::as_select()).first(conn).await?)
}

/// Reads an element by what stands on its label, if there is one that may be seen.
///
/// # Errors
/// [`DbError`].
pub async fn find_element(conn: &mut AsyncPgConnection, code: &str) -> Result<Option<ElementRow>, DbError> {
    Ok(skeletal_element::table.filter(skeletal_element::code.eq(code)).select(ElementRow::as_select()).first(conn).await.optional()?)
}

/// The elements found in remains, by bone.
///
/// # Errors
/// [`DbError`].
pub async fn elements_found_in(conn: &mut AsyncPgConnection, id: RemainsId) -> Result<Vec<ElementRow>, DbError> {
    Ok(skeletal_element::table
        .filter(skeletal_element::remains_id.eq(id.0))
        .order((skeletal_element::created_at, skeletal_element::code))
        .select(ElementRow::as_select())
        .load(conn)
        .await?)
}

/// The elements that the last word on each includes in an individual, by code.
///
/// # Errors
/// [`DbError`].
pub async fn elements_included_in(conn: &mut AsyncPgConnection, id: RemainsId) -> Result<Vec<ElementRow>, DbError> {
    #[derive(QueryableByName)]
    struct Included {
        #[diesel(sql_type = SqlUuid)]
        element_id: Uuid,
    }
    let ids: Vec<Included> = diesel::sql_query(
        "SELECT last.element_id FROM (SELECT DISTINCT ON (a.element_id) a.element_id, a.verdict FROM element_association a \
          WHERE a.remains_id = $1 ORDER BY a.element_id, a.seq DESC) last WHERE last.verdict = 'inclusion'",
    )
    .bind::<SqlUuid, _>(id.0)
    .load(conn)
    .await?;
    let ids: Vec<Uuid> = ids.into_iter().map(|i| i.element_id).collect();
    Ok(skeletal_element::table
        .filter(skeletal_element::id.eq_any(ids))
        .order(skeletal_element::code)
        .select(ElementRow::as_select())
        .load(conn)
        .await?)
}

/// What is said of an element in an inventory.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = skeletal_element, treat_none_as_null = true)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ElementChange {
    pub bone: String,
    pub side: Option<String>,
    pub zones: Vec<String>,
    pub completeness: String,
    pub age_class: String,
    pub taphonomy: Vec<String>,
    pub trauma: Vec<String>,
    pub measurements: serde_json::Value,
    pub note: Option<String>,
    pub rev: i32,
    pub updated_at: DateTime<Utc>,
}

/// Replaces what is said of an element that is still at revision `rev`; says whether it did.
///
/// # Errors
/// [`DbError`].
pub async fn set_element(conn: &mut AsyncPgConnection, id: ElementId, rev: i32, change: &ElementChange) -> Result<bool, DbError> {
    let of = skeletal_element::table.filter(skeletal_element::id.eq(id.0).and(skeletal_element::rev.eq(rev)));
    Ok(diesel::update(of).set(change).execute(conn).await? == 1)
}

/// Everything that was said of whose these elements are, in order.
///
/// # Errors
/// [`DbError`].
pub async fn associations_of(conn: &mut AsyncPgConnection, elements: &[Uuid]) -> Result<Vec<AssociationRow>, DbError> {
    Ok(element_association::table
        .filter(element_association::element_id.eq_any(elements))
        .order((element_association::element_id, element_association::seq))
        .select(AssociationRow::as_select())
        .load(conn)
        .await?)
}

/// Writes a line of whose an element is.
///
/// # Errors
/// [`DbError`].
pub async fn insert_association(conn: &mut AsyncPgConnection, row: &AssociationRow) -> Result<(), DbError> {
    diesel::insert_into(element_association::table).values(row).execute(conn).await?;
    Ok(())
}

/// Writes where remains were laid down.
///
/// # Errors
/// [`DbError`].
pub async fn insert_burial(conn: &mut AsyncPgConnection, row: &BurialRow) -> Result<(), DbError> {
    diesel::insert_into(burial_record::table).values(row).execute(conn).await?;
    Ok(())
}

/// Where remains were laid down, in order.
///
/// # Errors
/// [`DbError`].
pub async fn burials(conn: &mut AsyncPgConnection, id: RemainsId) -> Result<Vec<BurialRow>, DbError> {
    Ok(burial_record::table
        .filter(burial_record::remains_id.eq(id.0))
        .order((burial_record::at, burial_record::id))
        .select(BurialRow::as_select())
        .load(conn)
        .await?)
}

/// Writes a move.
///
/// # Errors
/// [`DbError`].
pub async fn insert_move(conn: &mut AsyncPgConnection, row: &DispositionRow) -> Result<(), DbError> {
    diesel::insert_into(disposition_event::table).values(row).execute(conn).await?;
    Ok(())
}

/// Every move of remains, in order.
///
/// # Errors
/// [`DbError`].
pub async fn moves(conn: &mut AsyncPgConnection, id: RemainsId) -> Result<Vec<DispositionRow>, DbError> {
    Ok(disposition_event::table
        .filter(disposition_event::remains_id.eq(id.0))
        .order(disposition_event::seq)
        .select(DispositionRow::as_select())
        .load(conn)
        .await?)
}

/// Writes how an operation stands.
///
/// # Errors
/// [`DbError`].
pub async fn insert_operation(conn: &mut AsyncPgConnection, row: &OperationRow) -> Result<(), DbError> {
    diesel::insert_into(post_mortem_operation::table).values(row).execute(conn).await?;
    Ok(())
}

/// Everything that was said of the operations on remains, in order.
///
/// # Errors
/// [`DbError`].
pub async fn operations(conn: &mut AsyncPgConnection, id: RemainsId) -> Result<Vec<OperationRow>, DbError> {
    Ok(post_mortem_operation::table
        .filter(post_mortem_operation::remains_id.eq(id.0))
        .order((post_mortem_operation::at, post_mortem_operation::id))
        .select(OperationRow::as_select())
        .load(conn)
        .await?)
}

/// A sample of remains or of one of their elements.
#[derive(Debug, Clone, Queryable, Selectable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = sample, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct RemainsSample {
    pub id: Uuid,
    pub code: String,
    pub material: String,
    pub state: String,
    pub element_id: Option<Uuid>,
}

/// The samples of remains: of themselves, of these elements, and, where they are all that their record has, of the record.
///
/// # Errors
/// [`DbError`].
pub async fn samples(conn: &mut AsyncPgConnection, row: &RemainsRow, elements: &[Uuid], alone: bool) -> Result<Vec<RemainsSample>, DbError> {
    let of_record = sample::found_id.eq(row.found_id).and(sample::remains_id.is_null());
    Ok(sample::table
        .filter(
            sample::remains_id.eq(row.id).or(sample::element_id.eq_any(elements)).or(of_record.and(alone.into_sql::<Bool>())).assume_not_null(),
        )
        .order((sample::created_at, sample::id))
        .select(RemainsSample::as_select())
        .load(conn)
        .await?)
}

/// Whether a person told the family of an identification of a found record that two people of two institutions signed and nobody doubts, and the record holds one
/// person's remains. A name on a paper beside them is no identification.
///
/// # Errors
/// [`DbError`].
pub async fn may_go_home(conn: &mut AsyncPgConnection, found: FoundId) -> Result<bool, DbError> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Bool)]
        may: bool,
    }
    let answer: Answer = diesel::sql_query("SELECT family_was_told($1) AND (SELECT count(*) FROM remains r WHERE r.found_id = $1) <= 1 AS may")
        .bind::<SqlUuid, _>(found.0)
        .get_result(conn)
        .await?;
    Ok(answer.may)
}

/// Codes of remains by id, as far as they may be seen.
///
/// # Errors
/// [`DbError`].
pub async fn codes(conn: &mut AsyncPgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, DbError> {
    #[derive(QueryableByName)]
    struct Coded {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
        #[diesel(sql_type = Text)]
        code: String,
    }
    let coded: Vec<Coded> =
        diesel::sql_query("SELECT id, code FROM remains WHERE id = ANY ($1)").bind::<Array<SqlUuid>, _>(ids).load(conn).await?;
    Ok(coded.into_iter().map(|c| (c.id, c.code)).collect())
}
