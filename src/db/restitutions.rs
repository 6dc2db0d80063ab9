//! What is given back to families: the restitution, its papers, its items with their receipts, its steps.

use super::schema::{restitution, restitution_item, restitution_step};
use super::tx::DbError;
use crate::domain::ids::RestitutionId;
use crate::domain::restitution::RestitutionState;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `restitution`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = restitution, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct RestitutionRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub keeper_authority: Uuid,
    pub identification_id: Uuid,
    pub case_id: Uuid,
    pub state: String,
    pub frozen_from: Option<String>,
    pub receiver: Option<String>,
    pub destination: Option<String>,
    pub carrier: Option<String>,
    pub payer: Option<String>,
    pub wishes: Option<String>,
    pub papers: serde_json::Value,
    pub delivered_at: Option<DateTime<Utc>>,
    pub rev: i32,
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl RestitutionRow {
    /// The state as a word of the trade. An unknown one takes no move.
    #[must_use]
    pub fn state(&self) -> RestitutionState {
        self.state.parse().unwrap_or(RestitutionState::Frozen)
    }
}

/// Writes a new restitution.
///
/// # Errors
/// [`DbError::Unique`] `restitution_live` when there is one of the identification.
pub async fn insert(conn: &mut AsyncPgConnection, row: &RestitutionRow) -> Result<(), DbError> {
    diesel::insert_into(restitution::table).values(row).execute(conn).await?;
    Ok(())
}

/// Reads a restitution.
///
/// # Errors
/// [`DbError::NotFound`] for anybody but its two institutions.
pub async fn get(conn: &mut AsyncPgConnection, id: RestitutionId) -> Result<RestitutionRow, DbError> {
    Ok(restitution::table.find(id.0).select(RestitutionRow::as_select()).first(conn).await?)
}

/// Writes a restitution that is still at revision `from`; says whether it was.
///
/// # Errors
/// [`DbError`].
pub async fn save(conn: &mut AsyncPgConnection, from: i32, row: &RestitutionRow) -> Result<bool, DbError> {
    let still = restitution::table.find(row.id).filter(restitution::rev.eq(from));
    Ok(diesel::update(still).set(row).execute(conn).await? == 1)
}

/// What a list of restitutions shows of each.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct RestitutionLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub identification_id: Uuid,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    #[diesel(sql_type = Text)]
    pub case_folio: String,
    #[diesel(sql_type = Text)]
    pub found_folio: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
}

/// The restitutions that an institution takes part in, of one case or all, those that moved last first.
///
/// # Errors
/// [`DbError`].
pub async fn list(conn: &mut AsyncPgConnection, case: Option<Uuid>, limit: i64) -> Result<Vec<RestitutionLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT r.id, r.identification_id, i.number, r.case_id, i.case_folio, i.found_folio, r.state, r.updated_at \
           FROM restitution r JOIN identification i ON i.id = r.identification_id \
          WHERE $1 IS NULL OR r.case_id = $1 ORDER BY r.updated_at DESC, r.id LIMIT $2",
    )
    .bind::<Nullable<SqlUuid>, _>(case)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// A row of `restitution_item`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = restitution_item, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ItemRow {
    pub id: Uuid,
    #[serde(skip)]
    pub restitution_id: Uuid,
    pub authority_id: Uuid,
    pub kind: String,
    pub description: String,
    pub added_by: Uuid,
    pub added_at: DateTime<Utc>,
    pub received_by: Option<String>,
    pub handed_over_by: Option<String>,
    pub receipt: Option<String>,
    pub handed_over_at: Option<DateTime<Utc>>,
}

/// Adds what is handed over.
///
/// # Errors
/// [`DbError`].
pub async fn insert_item(conn: &mut AsyncPgConnection, row: &ItemRow) -> Result<(), DbError> {
    diesel::insert_into(restitution_item::table).values(row).execute(conn).await?;
    Ok(())
}

/// What is handed over, in the order it was added.
///
/// # Errors
/// [`DbError`].
pub async fn items(conn: &mut AsyncPgConnection, id: RestitutionId) -> Result<Vec<ItemRow>, DbError> {
    use restitution_item::dsl;
    let of = dsl::restitution_item.filter(dsl::restitution_id.eq(id.0)).order((dsl::added_at, dsl::id));
    Ok(of.select(ItemRow::as_select()).load(conn).await?)
}

/// Who took a thing and who gave it, with the receipt's number.
#[derive(Debug, Clone)]
pub struct NewReceipt {
    /// Who took it.
    pub received_by: String,
    /// Who handed it over.
    pub handed_over_by: String,
    /// The receipt's number.
    pub receipt: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Writes the receipt of an item that has none; says whether it had none.
///
/// # Errors
/// [`DbError`].
pub async fn write_receipt(conn: &mut AsyncPgConnection, id: RestitutionId, item: Uuid, new: &NewReceipt) -> Result<bool, DbError> {
    use restitution_item::dsl;
    let open = dsl::restitution_item.find(item).filter(dsl::restitution_id.eq(id.0).and(dsl::handed_over_at.is_null()));
    let values = (
        dsl::received_by.eq(&new.received_by),
        dsl::handed_over_by.eq(&new.handed_over_by),
        dsl::receipt.eq(&new.receipt),
        dsl::handed_over_at.eq(new.at),
    );
    Ok(diesel::update(open).set(values).execute(conn).await? == 1)
}

/// A row of `restitution_step`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = restitution_step, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct StepRow {
    pub id: Uuid,
    pub restitution_id: Uuid,
    pub authority_id: Uuid,
    pub user_id: Option<Uuid>,
    pub command: String,
    pub from_state: String,
    pub to_state: String,
    pub reason: String,
    pub at: DateTime<Utc>,
}

/// Writes a step.
///
/// # Errors
/// [`DbError`].
pub async fn insert_step(conn: &mut AsyncPgConnection, row: &StepRow) -> Result<(), DbError> {
    diesel::insert_into(restitution_step::table).values(row).execute(conn).await?;
    Ok(())
}

/// The steps of a restitution, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn steps(conn: &mut AsyncPgConnection, id: RestitutionId) -> Result<Vec<StepRow>, DbError> {
    use restitution_step::dsl;
    let of = dsl::restitution_step.filter(dsl::restitution_id.eq(id.0)).order((dsl::at, dsl::id));
    Ok(of.select(StepRow::as_select()).load(conn).await?)
}
