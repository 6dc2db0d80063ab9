//! The record of who read or changed what, when and what for. Append-only: no role may change or delete a row.

use super::schema::audit_event;
use super::tx::DbError;
use crate::domain::actor::{Actor, FamilyActor};
use crate::domain::authority::Purpose;
use crate::domain::ids::{AuthorityId, CaseId, IdSource};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What was done to what. A list or a batch is one event with all the ids it showed or wrote.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// read, search, list, create, change, withdraw_consent, export, sign_in …
    pub action: &'a str,
    /// case, found_record, hypothesis, person …
    pub subject_kind: &'a str,
    /// The subjects.
    pub subjects: Vec<Uuid>,
    /// Whose they are, when they are all one authority's.
    pub owner: Option<AuthorityId>,
    /// Which parts, where not all.
    pub fields: Vec<String>,
    /// The text searched for; only its digest is kept.
    pub query: Option<&'a str>,
    /// How many results.
    pub results: Option<i32>,
    /// More, never personal data.
    pub detail: serde_json::Value,
}

impl<'a> Event<'a> {
    /// An event on one subject.
    #[must_use]
    pub fn on(action: &'a str, subject_kind: &'a str, subject: impl Into<Uuid>, owner: AuthorityId) -> Self {
        Self {
            action,
            subject_kind,
            subjects: vec![subject.into()],
            owner: Some(owner),
            fields: Vec::new(),
            query: None,
            results: None,
            detail: serde_json::Value::Object(serde_json::Map::new()),
        }
    }

    /// An event on several subjects.
    #[must_use]
    pub fn on_many(action: &'a str, subject_kind: &'a str, subjects: Vec<Uuid>, owner: Option<AuthorityId>) -> Self {
        let results = i32::try_from(subjects.len()).ok();
        Self { subjects, owner, results, ..Self::on(action, subject_kind, Uuid::nil(), AuthorityId(Uuid::nil())) }
    }

    /// With the text that was searched for.
    #[must_use]
    pub fn query(mut self, query: Option<&'a str>) -> Self {
        self.query = query;
        self
    }

    /// With the parts that were shown or changed.
    #[must_use]
    pub fn fields(mut self, fields: Vec<String>) -> Self {
        self.fields = fields;
        self
    }

    /// With more detail.
    #[must_use]
    pub fn detail(mut self, detail: serde_json::Value) -> Self {
        self.detail = detail;
        self
    }
}

/// In whose name an event happened.
#[derive(Debug, Clone)]
pub struct Who {
    kind: &'static str,
    authority: AuthorityId,
    user: Option<Uuid>,
    purpose: Purpose,
}

impl From<&Actor> for Who {
    fn from(a: &Actor) -> Self {
        Self { kind: if a.via_api { "api_client" } else { "staff" }, authority: a.authority, user: Some(a.user.0), purpose: a.purpose }
    }
}

impl From<&FamilyActor> for Who {
    fn from(f: &FamilyActor) -> Self {
        Self { kind: "family", authority: f.authority, user: None, purpose: Purpose::FamilyInformation }
    }
}

impl Who {
    /// The program itself, for an authority.
    #[must_use]
    pub const fn system(authority: AuthorityId, purpose: Purpose) -> Self {
        Self { kind: "system", authority, user: None, purpose }
    }
    /// Somebody at the node's console.
    #[must_use]
    pub const fn operator(authority: AuthorityId) -> Self {
        Self { kind: "operator", authority, user: None, purpose: Purpose::Administration }
    }
}

/// Appends an event.
///
/// # Errors
/// [`DbError`]; the caller's transaction must then not commit: what is not audited does not happen.
pub async fn append(conn: &mut AsyncPgConnection, ids: &dyn IdSource, at: DateTime<Utc>, who: &Who, event: Event<'_>) -> Result<(), DbError> {
    diesel::insert_into(audit_event::table).values(AuditRow::new(ids.next(), at, who, event)).execute(conn).await?;
    Ok(())
}

/// A row of `audit_event`.
#[derive(Debug, Insertable)]
#[diesel(table_name = audit_event, check_for_backend(diesel::pg::Pg))]
pub(super) struct AuditRow {
    pub(super) id: Uuid,
    pub(super) authority_id: Uuid,
    pub(super) at: DateTime<Utc>,
    pub(super) actor_kind: String,
    pub(super) user_id: Option<Uuid>,
    pub(super) purpose: String,
    pub(super) action: String,
    pub(super) subject_kind: String,
    pub(super) subject_ids: Vec<Uuid>,
    pub(super) subject_owner: Option<Uuid>,
    pub(super) fields: Vec<String>,
    pub(super) query_digest: Option<Vec<u8>>,
    pub(super) result_count: Option<i32>,
    pub(super) detail: serde_json::Value,
}

impl AuditRow {
    pub(super) fn new(id: Uuid, at: DateTime<Utc>, who: &Who, event: Event<'_>) -> Self {
        Self {
            id,
            authority_id: who.authority.0,
            at,
            actor_kind: who.kind.to_owned(),
            user_id: who.user,
            purpose: who.purpose.as_str().to_owned(),
            action: event.action.to_owned(),
            subject_kind: event.subject_kind.to_owned(),
            subject_ids: event.subjects,
            subject_owner: event.owner.map(|o| o.0),
            fields: event.fields,
            query_digest: event.query.map(|q| Sha256::digest(q.as_bytes()).to_vec()),
            result_count: event.results,
            detail: event.detail,
        }
    }
}

/// One line of "who has seen it".
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
pub struct AccessLine {
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// Which authority.
    #[diesel(sql_type = Text)]
    pub authority: String,
    /// Which person, where the asking authority may know.
    #[diesel(sql_type = Nullable<Text>)]
    pub user: Option<String>,
    /// staff, family, `api_client`, system or operator.
    #[diesel(sql_type = Text)]
    pub actor_kind: String,
    /// What for.
    #[diesel(sql_type = Text)]
    pub purpose: String,
    /// What was done.
    #[diesel(sql_type = Text)]
    pub action: String,
    /// Which parts.
    #[diesel(sql_type = Array<Text>)]
    pub fields: Vec<String>,
}

/// A move of a subject through its life cycle, as its audit keeps it.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
pub struct MoveLine {
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// Who.
    #[diesel(sql_type = Nullable<Text>)]
    pub user: Option<String>,
    /// The command.
    #[diesel(sql_type = Nullable<Text>)]
    pub command: Option<String>,
    /// Where it led.
    #[diesel(sql_type = Nullable<Text>)]
    pub to: Option<String>,
    /// Why.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
}

/// The moves of a subject, newest first.
///
/// # Errors
/// [`DbError`].
pub async fn moves_of(conn: &mut AsyncPgConnection, subject: Uuid, limit: i64) -> Result<Vec<MoveLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT e.at, u.name AS user, e.detail ->> 'command' AS command, e.detail ->> 'to' AS to, NULLIF(e.detail ->> 'reason', '') AS reason \
           FROM audit_event e LEFT JOIN app_user u ON u.id = e.user_id \
          WHERE e.subject_ids @> ARRAY[$1] AND e.action = 'command' AND e.subject_kind = 'case' ORDER BY e.at DESC, e.id DESC LIMIT $2",
    )
    .bind::<SqlUuid, _>(subject)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// Who has seen or changed a subject, newest first, as far as the asking authority may know.
///
/// # Errors
/// [`DbError`].
pub async fn of_subject(conn: &mut AsyncPgConnection, subject: Uuid, limit: i64) -> Result<Vec<AccessLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT e.at, a.name AS authority, u.name AS user, e.actor_kind, e.purpose, e.action, e.fields \
           FROM audit_event e JOIN authority a ON a.id = e.authority_id LEFT JOIN app_user u ON u.id = e.user_id \
          WHERE e.subject_ids @> ARRAY[$1] ORDER BY e.at DESC, e.id DESC LIMIT $2",
    )
    .bind::<SqlUuid, _>(subject)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// One line of an authority's audit: what its people did, and what others did with what is its own.
#[derive(Debug, Clone, QueryableByName, serde::Serialize)]
pub struct AuditLine {
    /// Its id, for paging.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// Whose people.
    #[diesel(sql_type = Text)]
    pub authority: String,
    /// Which person, where the asking authority may know.
    #[diesel(sql_type = Nullable<Text>)]
    pub user: Option<String>,
    /// staff, family, `api_client`, system or operator.
    #[diesel(sql_type = Text)]
    pub actor_kind: String,
    /// What for.
    #[diesel(sql_type = Text)]
    pub purpose: String,
    /// What was done.
    #[diesel(sql_type = Text)]
    pub action: String,
    /// To what.
    #[diesel(sql_type = Text)]
    pub subject_kind: String,
    /// To how many.
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub subjects: i32,
}

/// The audit of the asking authority, newest first, before an instant and id.
///
/// # Errors
/// [`DbError`].
pub async fn of_authority(conn: &mut AsyncPgConnection, before: Option<super::cases::Keyset>, limit: i64) -> Result<Vec<AuditLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT e.id, e.at, a.name AS authority, u.name AS user, e.actor_kind, e.purpose, e.action, e.subject_kind, \
                cardinality(e.subject_ids) AS subjects \
           FROM audit_event e JOIN authority a ON a.id = e.authority_id LEFT JOIN app_user u ON u.id = e.user_id \
          WHERE $1 IS NULL OR (e.at, e.id) < ($1, $2) ORDER BY e.at DESC, e.id DESC LIMIT $3",
    )
    .bind::<Nullable<Timestamptz>, _>(before.map(|b| b.at))
    .bind::<Nullable<SqlUuid>, _>(before.map(|b| b.id))
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// An office that looked at a case, and the day.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct OfficeLook {
    /// Its name.
    #[diesel(sql_type = Text)]
    pub office: String,
    /// The day (UTC).
    #[diesel(sql_type = diesel::sql_types::Date)]
    pub day: NaiveDate,
}

/// Which other offices than the owner looked at a case, by day, newest first: those of `open_kind` always, everybody else until `told_until`.
///
/// # Errors
/// [`DbError`].
pub async fn office_looks(
    conn: &mut AsyncPgConnection,
    case: CaseId,
    owner: AuthorityId,
    open_kind: &str,
    told_until: Option<DateTime<Utc>>,
) -> Result<Vec<OfficeLook>, DbError> {
    Ok(diesel::sql_query(
        "SELECT a.name AS office, e.at::date AS day FROM audit_event e JOIN authority a ON a.id = e.authority_id \
          WHERE e.subject_ids @> ARRAY[$1] AND e.authority_id <> $2 AND e.actor_kind IN ('staff', 'api_client') \
            AND e.action IN ('read', 'read_in_hypothesis', 'read_in_possible_duplicate', 'export') AND e.subject_kind = 'case' AND (a.kind = $3 OR e.at <= $4) \
          GROUP BY a.name, e.at::date ORDER BY day DESC, office LIMIT 100",
    )
    .bind::<SqlUuid, _>(case.0)
    .bind::<SqlUuid, _>(owner.0)
    .bind::<Text, _>(open_kind)
    .bind::<Nullable<Timestamptz>, _>(told_until)
    .load(conn)
    .await?)
}
