//! Consents, and what they and the agreements let others see.

use super::schema::consent;
use super::tx::DbError;
use crate::domain::authority::Purpose;
use crate::domain::disclosure::Category;
use crate::domain::ids::AuthorityId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `consent`: one purpose, one class of recipient.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, utoipa::ToSchema)]
#[diesel(table_name = consent, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct ConsentRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub form_id: Uuid,
    pub purpose: String,
    pub recipient_kind: String,
    pub categories: Vec<String>,
    pub basis: String,
    pub language: String,
    pub explained_by: String,
    pub granted_by: String,
    pub form_version: String,
    pub granted_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub withdrawn_reason: Option<String>,
}

/// Writes consents.
///
/// # Errors
/// [`DbError`].
pub async fn insert(conn: &mut AsyncPgConnection, rows: &[ConsentRow]) -> Result<(), DbError> {
    diesel::insert_into(consent::table).values(rows).execute(conn).await?;
    Ok(())
}

/// All consents of a subject, the live ones first.
///
/// # Errors
/// [`DbError`].
pub async fn of_subject(conn: &mut AsyncPgConnection, subject: Uuid) -> Result<Vec<ConsentRow>, DbError> {
    Ok(consent::table
        .filter(consent::subject_id.eq(subject))
        .order((consent::withdrawn_at.asc().nulls_first(), consent::purpose, consent::recipient_kind))
        .select(ConsentRow::as_select())
        .load(conn)
        .await?)
}

/// Withdraws the live consents of a subject: all, or those of one purpose or class of recipient. Returns how many.
///
/// # Errors
/// [`DbError`].
pub async fn withdraw(
    conn: &mut AsyncPgConnection,
    subject: Uuid,
    purpose: Option<Purpose>,
    recipient_kind: Option<&str>,
    reason: &str,
    at: DateTime<Utc>,
) -> Result<usize, DbError> {
    Ok(diesel::sql_query(
        "UPDATE consent SET withdrawn_at = $1, withdrawn_reason = $2 WHERE subject_id = $3 AND withdrawn_at IS NULL \
         AND ($4 IS NULL OR purpose = $4) AND ($5 IS NULL OR recipient_kind = $5)",
    )
    .bind::<Timestamptz, _>(at)
    .bind::<Text, _>(reason)
    .bind::<SqlUuid, _>(subject)
    .bind::<Nullable<Text>, _>(purpose.map(|p| p.as_str()))
    .bind::<Nullable<Text>, _>(recipient_kind)
    .execute(conn)
    .await?)
}

/// Brings the audience of a subject's hypotheses up to the present consents and agreements. Returns how many changed.
///
/// # Errors
/// [`DbError`].
pub async fn refresh_sight(conn: &mut AsyncPgConnection, kind: &str, subject: Uuid, at: DateTime<Utc>) -> Result<i32, DbError> {
    #[derive(QueryableByName)]
    struct Changed {
        #[diesel(sql_type = Integer)]
        n: i32,
    }
    let changed: Changed = diesel::sql_query("SELECT refresh_sight($1, $2, $3) AS n")
        .bind::<Text, _>(kind)
        .bind::<SqlUuid, _>(subject)
        .bind::<Timestamptz, _>(at)
        .get_result(conn)
        .await?;
    Ok(changed.n)
}

/// The categories of a subject that a recipient may see for a purpose: agreement AND consent AND purpose.
///
/// # Errors
/// [`DbError`].
pub async fn shared_categories(
    conn: &mut AsyncPgConnection,
    owner: AuthorityId,
    kind: &str,
    subject: Uuid,
    recipient: AuthorityId,
    purpose: Purpose,
) -> Result<Vec<Category>, DbError> {
    #[derive(QueryableByName)]
    struct Shared {
        #[diesel(sql_type = Array<Text>)]
        c: Vec<String>,
    }
    let shared: Shared = diesel::sql_query("SELECT shared_categories($1, $2, $3, $4, $5) AS c")
        .bind::<SqlUuid, _>(owner.0)
        .bind::<Text, _>(kind)
        .bind::<SqlUuid, _>(subject)
        .bind::<SqlUuid, _>(recipient.0)
        .bind::<Text, _>(purpose.as_str())
        .get_result(conn)
        .await?;
    Ok(shared.c.iter().filter_map(|c| c.parse().ok()).collect())
}

/// Who else sees a subject now: authority and categories, for "who can see this".
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
pub struct SightLine {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub authority_id: Uuid,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub authority: String,
    /// For which purpose.
    #[diesel(sql_type = Text)]
    pub purpose: String,
    /// Which categories.
    #[diesel(sql_type = Array<Text>)]
    pub categories: Vec<String>,
}

/// Every other authority that may see a subject of the asking one, with purpose and categories.
///
/// # Errors
/// [`DbError`].
pub async fn who_can_see(conn: &mut AsyncPgConnection, owner: AuthorityId, kind: &str, subject: Uuid) -> Result<Vec<SightLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT * FROM (SELECT DISTINCT r.id AS authority_id, r.name AS authority, g.purpose, \
                shared_categories($1, $2, $3, r.id, g.purpose) AS categories \
           FROM agreement_grant g JOIN authority r ON r.id = g.to_authority \
          WHERE g.from_authority = $1 AND g.subject_kind = $2 \
          UNION SELECT r.id, r.name, 'family_information', shared_categories($1, $2, $3, r.id, 'family_information') \
           FROM mandate m JOIN authority r ON r.id = m.association_id WHERE m.case_id = $3 AND m.revoked_at IS NULL) s \
          WHERE cardinality(categories) > 0 ORDER BY authority, purpose",
    )
    .bind::<SqlUuid, _>(owner.0)
    .bind::<Text, _>(kind)
    .bind::<SqlUuid, _>(subject)
    .load(conn)
    .await?)
}
