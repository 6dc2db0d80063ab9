//! What families have to be told: plans, steps, how it was told.

use super::schema::{notification, notification_step, search_action};
use super::tx::DbError;
use crate::domain::ids::{AuthorityId, CaseId, IdentificationId, NotificationId};
use crate::domain::notification::{NotificationKind, NotificationState};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A row of `notification`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = notification, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct NotificationRow {
    pub id: Uuid,
    pub authority_id: Uuid,
    pub case_id: Uuid,
    pub identification_id: Option<Uuid>,
    pub kind: String,
    pub state: String,
    pub due_at: DateTime<Utc>,
    pub plan: Option<serde_json::Value>,
    pub scheduled_at: Option<DateTime<Utc>>,
    pub delivery: Option<serde_json::Value>,
    pub delivered_at: Option<DateTime<Utc>>,
    pub rev: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl NotificationRow {
    /// The state as a word of the trade. An unknown one takes no move.
    #[must_use]
    pub fn state(&self) -> NotificationState {
        self.state.parse().unwrap_or(NotificationState::Cancelled)
    }

    /// What is told. Of an unknown kind it is asked what is asked of the gravest.
    #[must_use]
    pub fn kind(&self) -> NotificationKind {
        self.kind.parse().unwrap_or(NotificationKind::IdentifiedDeceased)
    }
}

/// Writes a new notification.
///
/// # Errors
/// [`DbError`].
pub async fn insert(conn: &mut AsyncPgConnection, row: &NotificationRow) -> Result<(), DbError> {
    diesel::insert_into(notification::table).values(row).execute(conn).await?;
    Ok(())
}

/// Opens what a family has to be told of an issued identification, for the case's institution, whoever signed last. `None` when it is open already.
///
/// # Errors
/// [`DbError`].
pub async fn open_for(
    conn: &mut AsyncPgConnection,
    identification: IdentificationId,
    (id, step): (Uuid, Uuid),
    due: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Result<Option<NotificationKind>, DbError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Nullable<Text>)]
        kind: Option<String>,
    }
    let line: Line = diesel::sql_query("SELECT open_notification($1, $2, $3, $4, $5) AS kind")
        .bind::<SqlUuid, _>(identification.0)
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(step)
        .bind::<Timestamptz, _>(due)
        .bind::<Timestamptz, _>(at)
        .get_result(conn)
        .await?;
    Ok(line.kind.and_then(|k| k.parse().ok()))
}

/// Reads a notification.
///
/// # Errors
/// [`DbError::NotFound`] for anybody but the case's institution.
pub async fn get(conn: &mut AsyncPgConnection, id: NotificationId) -> Result<NotificationRow, DbError> {
    Ok(notification::table.find(id.0).select(NotificationRow::as_select()).first(conn).await?)
}

/// Writes a notification that is still at revision `from`; says whether it was.
///
/// # Errors
/// [`DbError`].
pub async fn save(conn: &mut AsyncPgConnection, from: i32, row: &NotificationRow) -> Result<bool, DbError> {
    let still = notification::table.find(row.id).filter(notification::rev.eq(from));
    Ok(diesel::update(still).set(row).execute(conn).await? == 1)
}

/// What a list of notifications shows of each.
#[derive(Debug, Clone, QueryableByName, serde::Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct NotificationLine {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    #[diesel(sql_type = Text)]
    pub case_folio: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub identification_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub scheduled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub delivered_at: Option<DateTime<Utc>>,
}

/// The notifications of an institution, of one case or all, only those still to be told or all; what is due first comes first.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    conn: &mut AsyncPgConnection,
    owner: AuthorityId,
    (case, pending): (Option<Uuid>, bool),
    limit: i64,
) -> Result<Vec<NotificationLine>, DbError> {
    Ok(diesel::sql_query(
        "SELECT n.id, n.case_id, c.folio AS case_folio, n.identification_id, n.kind, n.state, n.due_at, n.scheduled_at, n.delivered_at \
           FROM notification n JOIN missing_person_case c ON c.id = n.case_id \
          WHERE n.authority_id = $1 AND ($2 IS NULL OR n.case_id = $2) \
            AND (NOT $3 OR n.state IN ('need_identified', 'planned', 'authorised', 'scheduled', 'family_postponed', 'failed_attempt')) \
          ORDER BY n.delivered_at IS NOT NULL, n.due_at, n.id LIMIT $4",
    )
    .bind::<SqlUuid, _>(owner.0)
    .bind::<Nullable<SqlUuid>, _>(case)
    .bind::<Bool, _>(pending)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// Whether a family was told of an identification.
///
/// # Errors
/// [`DbError`].
pub async fn told_of(conn: &mut AsyncPgConnection, identification: IdentificationId) -> Result<bool, DbError> {
    use notification::dsl;
    let told = dsl::notification.filter(dsl::identification_id.eq(identification.0).and(dsl::delivered_at.is_not_null()));
    Ok(diesel::select(diesel::dsl::exists(told)).get_result(conn).await?)
}

/// A row of `notification_step`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = notification_step, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct StepRow {
    pub id: Uuid,
    pub notification_id: Uuid,
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
    diesel::insert_into(notification_step::table).values(row).execute(conn).await?;
    Ok(())
}

/// The steps of a notification with who made each, oldest first.
///
/// # Errors
/// [`DbError`].
pub async fn steps(conn: &mut AsyncPgConnection, id: NotificationId) -> Result<Vec<StepRow>, DbError> {
    use notification_step::dsl;
    let of = dsl::notification_step.filter(dsl::notification_id.eq(id.0)).order((dsl::at, dsl::id));
    Ok(of.select(StepRow::as_select()).load(conn).await?)
}

/// Marks done what the case's list of things to do asked for: planning, or telling in person.
///
/// # Errors
/// [`DbError`].
pub async fn finish_actions(conn: &mut AsyncPgConnection, case: CaseId, at: DateTime<Utc>) -> Result<(), DbError> {
    use search_action::dsl;
    let open = dsl::search_action
        .filter(dsl::case_id.eq(case.0).and(dsl::done_at.is_null()))
        .filter(dsl::kind.eq_any(["notification_plan", "tell_family_in_person"]));
    diesel::update(open).set((dsl::done_at.eq(at), dsl::result.eq("done"))).execute(conn).await?;
    Ok(())
}

/// Reminds of families that were to be told by `at` and are not; how many institutions were told.
///
/// # Errors
/// [`DbError`].
pub async fn remind(conn: &mut AsyncPgConnection, at: DateTime<Utc>) -> Result<i64, DbError> {
    #[derive(QueryableByName)]
    struct Told {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let told: Told = diesel::sql_query("SELECT remind_notifications($1) AS n").bind::<Timestamptz, _>(at).get_result(conn).await?;
    Ok(told.n)
}
