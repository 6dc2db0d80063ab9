//! What families and associations ask, what they are told, notices that wait for staff, and partners' queries.

use super::schema::{case_message, mandate, notice, partner_query};
use super::tx::DbError;
use crate::domain::ids::{AuthorityId, CaseId, UserId};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `case_message`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = case_message, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct MessageRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub case_id: Uuid,
    pub kind: String,
    pub author_kind: String,
    pub author_authority: Option<Uuid>,
    pub author_user: Option<Uuid>,
    pub body: String,
    pub in_reply_to: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
}

/// Writes a message.
///
/// # Errors
/// [`DbError`].
pub async fn insert(conn: &mut AsyncPgConnection, row: &MessageRow) -> Result<(), DbError> {
    diesel::insert_into(case_message::table).values(row).execute(conn).await?;
    Ok(())
}

/// The messages of a case, oldest first, as far as the asking authority may see.
///
/// # Errors
/// [`DbError`].
pub async fn of_case(conn: &mut AsyncPgConnection, case: CaseId) -> Result<Vec<MessageRow>, DbError> {
    Ok(case_message::table
        .filter(case_message::case_id.eq(case.0))
        .order(case_message::created_at)
        .select(MessageRow::as_select())
        .load(conn)
        .await?)
}

/// Marks a message answered.
///
/// # Errors
/// [`DbError`].
pub async fn answered(conn: &mut AsyncPgConnection, id: Uuid, at: DateTime<Utc>) -> Result<bool, DbError> {
    let n = diesel::update(case_message::table.find(id).filter(case_message::answered_at.is_null()))
        .set(case_message::answered_at.eq(at))
        .execute(conn)
        .await?;
    Ok(n == 1)
}

/// A notice with enough to link to it.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct NoticeLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub subject_kind: String,
    #[diesel(sql_type = SqlUuid)]
    pub subject_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub folio: Option<String>,
    /// Whose the subject is.
    #[diesel(sql_type = Nullable<Text>)]
    pub authority: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
}

/// The unread notices of an authority, newest first. A subject that may not be seen any more has neither folio nor owner. A sample's code stands for its
/// folio, to its owner: whoever it is on its way to reads it from the label.
///
/// # Errors
/// [`DbError`].
pub async fn notices(conn: &mut AsyncPgConnection, owner: AuthorityId, limit: i64) -> Result<Vec<NoticeLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT n.id, n.kind, n.subject_kind, n.subject_id, COALESCE(c.folio, f.folio, s.code, i.number) AS folio, a.name AS authority, n.created_at FROM notice n \
           LEFT JOIN missing_person_case c ON c.id = n.subject_id AND n.subject_kind = 'case' \
           LEFT JOIN found_record f ON f.id = n.subject_id AND n.subject_kind = 'found_record' \
           LEFT JOIN sample s ON s.id = n.subject_id AND n.subject_kind = 'sample' AND s.authority_id = $1 \
           LEFT JOIN identification i ON i.id = n.subject_id AND n.subject_kind = 'identification' \
           LEFT JOIN authority a ON a.id = COALESCE(c.authority_id, f.authority_id, s.authority_id) \
          WHERE n.authority_id = $1 AND n.read_at IS NULL ORDER BY n.created_at DESC LIMIT $2",
    )
    .bind::<SqlUuid, _>(owner.0)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// Notes something that waits in the portal; once while unread.
///
/// # Errors
/// [`DbError`].
pub async fn insert_notice(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    owner: AuthorityId,
    kind: &str,
    subject: (&str, Uuid),
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::insert_into(notice::table)
        .values((
            notice::id.eq(id),
            notice::authority_id.eq(owner.0),
            notice::kind.eq(kind),
            notice::subject_kind.eq(subject.0),
            notice::subject_id.eq(subject.1),
            notice::created_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// Marks a notice read.
///
/// # Errors
/// [`DbError`].
pub async fn read_notice(conn: &mut AsyncPgConnection, id: Uuid, at: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(diesel::update(notice::table.find(id)).set(notice::read_at.eq(at)).execute(conn).await? == 1)
}

/// Gives an association a family's mandate, or changes the day of the next contact.
///
/// # Errors
/// [`DbError`].
pub async fn put_mandate(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    owner: AuthorityId,
    case: CaseId,
    association: AuthorityId,
    at: DateTime<Utc>,
    next_contact: Option<NaiveDate>,
) -> Result<(), DbError> {
    diesel::sql_query(
        "INSERT INTO mandate (id, authority_id, case_id, association_id, granted_at, next_contact_on) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (case_id, association_id) WHERE revoked_at IS NULL DO UPDATE SET next_contact_on = excluded.next_contact_on",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(owner.0)
    .bind::<SqlUuid, _>(case.0)
    .bind::<SqlUuid, _>(association.0)
    .bind::<Timestamptz, _>(at)
    .bind::<Nullable<diesel::sql_types::Date>, _>(next_contact)
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends an association's mandate.
///
/// # Errors
/// [`DbError`].
pub async fn revoke_mandate(conn: &mut AsyncPgConnection, case: CaseId, association: AuthorityId, at: DateTime<Utc>) -> Result<bool, DbError> {
    let n = diesel::update(
        mandate::table
            .filter(mandate::case_id.eq(case.0))
            .filter(mandate::association_id.eq(association.0))
            .filter(mandate::revoked_at.is_null()),
    )
    .set(mandate::revoked_at.eq(at))
    .execute(conn)
    .await?;
    Ok(n > 0)
}

/// A partner's query, as asked and as answered.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = partner_query, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct QueryRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub user_id: Uuid,
    pub purpose: String,
    pub legal_basis: String,
    pub criteria: serde_json::Value,
    #[serde(skip)]
    pub words: Vec<String>,
    #[serde(skip)]
    pub birth_from: Option<NaiveDate>,
    #[serde(skip)]
    pub birth_to: Option<NaiveDate>,
    pub grade: String,
    pub subject_owner: Option<Uuid>,
    pub subject_kind: Option<String>,
    pub subject_id: Option<Uuid>,
    pub at: DateTime<Utc>,
}

/// Writes a query: each is logged and visible to the authority whose record it touched.
///
/// # Errors
/// [`DbError`].
pub async fn insert_query(conn: &mut AsyncPgConnection, row: &QueryRow) -> Result<(), DbError> {
    diesel::insert_into(partner_query::table).values(row).execute(conn).await?;
    Ok(())
}

/// The queries an authority asked, or that touched its records; newest first.
///
/// # Errors
/// [`DbError`].
pub async fn queries(conn: &mut AsyncPgConnection, limit: i64) -> Result<Vec<QueryRow>, DbError> {
    Ok(partner_query::table
        .order((partner_query::at.desc(), partner_query::id.desc()))
        .limit(limit)
        .select(QueryRow::as_select())
        .load(conn)
        .await?)
}

/// When a user asked queries since an instant, the oldest first. Queries of one user wait for one another until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn queries_since(conn: &mut AsyncPgConnection, user: UserId, since: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>, DbError> {
    diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended('partner_query ' || $1::text, 0))")
        .bind::<diesel::sql_types::Uuid, _>(user.0)
        .execute(conn)
        .await?;
    Ok(partner_query::table
        .filter(partner_query::user_id.eq(user.0))
        .filter(partner_query::at.gt(since))
        .order(partner_query::at)
        .select(partner_query::at)
        .load(conn)
        .await?)
}

/// A query the authority itself asked.
///
/// # Errors
/// [`DbError::NotFound`] when there is none.
pub async fn own_query(conn: &mut AsyncPgConnection, owner: AuthorityId, id: Uuid) -> Result<QueryRow, DbError> {
    Ok(partner_query::table
        .filter(partner_query::id.eq(id))
        .filter(partner_query::authority_id.eq(owner.0))
        .select(QueryRow::as_select())
        .first(conn)
        .await?)
}
