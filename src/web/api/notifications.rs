//! Telling families: `/notifications`. A person tells them, in person; this keeps how it is planned and that it was done.

use super::auth::Client;
use super::cases::{Made, Moved, etag, made};
use super::request::{Body, IdempotencyKey, List, Params, Revision};
use crate::app::App;
use crate::db::notifications::NotificationLine;
use crate::domain::ids::{CaseId, IdentificationId, NotificationId};
use crate::domain::notification::{NotificationKind, NotificationState};
use crate::domain::violations::Violation;
use crate::services::notification::{self, Delivery, NewNotification, NotificationMove, Plan, StepSeen};
use crate::services::once::Done;
use crate::web::problem::{ApiError, Problem};
use actix_web::{HttpResponse, get, post, put, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(open).service(list).service(read).service(plan).service(make_move).service(deliver);
}

type Answer = Result<HttpResponse, ApiError>;

/// Opens what follows from no identification: that the person was located alive, how the search goes, that nothing fits so far. Send an `Idempotency-Key`.
#[utoipa::path(tag = "notifications", request_body = NewNotification,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = Made), (status = 200, body = Made), (status = "4XX", body = Problem)))]
#[post("/notifications")]
async fn open(app: web::Data<App>, who: Client, key: IdempotencyKey, body: Body<NewNotification>) -> Answer {
    let Done { made: id, before } = notification::open(&app, &who.actor, key.with(body.digest).as_ref(), body.value).await?;
    made(Done { made: id.0, before })
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Listing {
    /// Only of this case.
    case: Option<Uuid>,
    /// Only those that are still to be told.
    pending: bool,
}

/// What the institution's families have to be told and were told; what is due first comes first.
#[utoipa::path(tag = "notifications", params(Listing), responses((status = 200, body = List<NotificationLine>), (status = "4XX", body = Problem)))]
#[get("/notifications")]
async fn list(app: web::Data<App>, who: Client, Params(query): Params<Listing>) -> Answer {
    Ok(HttpResponse::Ok().json(List::whole(notification::list(&app, &who.actor, query.case.map(CaseId), query.pending).await?)))
}

/// A notification with its plan, delivery and history.
#[derive(Debug, Serialize, ToSchema)]
struct NotificationBody {
    id: NotificationId,
    revision: i32,
    kind: NotificationKind,
    state: NotificationState,
    /// The moves that are legal now.
    legal: Vec<String>,
    case: CaseId,
    case_folio: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    identification: Option<IdentificationId>,
    due_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Plan>,
    /// What the plan lacks.
    lacking: Vec<Violation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<Delivery>,
    history: Vec<StepSeen>,
}

/// A notification.
#[utoipa::path(tag = "notifications", responses((status = 200, body = NotificationBody), (status = "4XX", body = Problem)))]
#[get("/notifications/{id}")]
async fn read(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let v = notification::read(&app, &who.actor, NotificationId(*id)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(v.row.rev)).json(NotificationBody {
        id: NotificationId(v.row.id),
        revision: v.row.rev,
        kind: v.row.kind(),
        state: v.row.state(),
        legal: v.legal.iter().map(ToString::to_string).collect(),
        case: CaseId(v.row.case_id),
        case_folio: v.case_folio,
        identification: v.row.identification_id.map(IdentificationId),
        due_at: v.row.due_at,
        plan: v.plan,
        lacking: v.lacking.0,
        scheduled_at: v.row.scheduled_at,
        delivery: v.delivery,
        history: v.steps,
    }))
}

fn moved(state: NotificationState, revision: i32) -> HttpResponse {
    let legal = state.legal().iter().map(ToString::to_string).collect();
    HttpResponse::Ok().insert_header(etag(revision)).json(Moved { state, revision, legal })
}

/// Writes the plan: who tells it, in which language, where, with whom, whom first. A rewritten plan is authorised anew.
#[utoipa::path(tag = "notifications", request_body = Plan, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Moved<NotificationState>), (status = "4XX", body = Problem)))]
#[put("/notifications/{id}/plan")]
async fn plan(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<Plan>) -> Answer {
    let (state, revision) = notification::plan(&app, &who.actor, NotificationId(*id), rev.0, body.value).await?;
    Ok(moved(state, revision))
}

/// Makes another move: authorising, scheduling, postponing by the family, failed attempts, doubts and their review, follow-up, completing.
#[utoipa::path(tag = "notifications", request_body = NotificationMove, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Moved<NotificationState>), (status = "4XX", body = Problem)))]
#[post("/notifications/{id}/moves")]
async fn make_move(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<NotificationMove>) -> Answer {
    let (state, revision) = notification::command(&app, &who.actor, NotificationId(*id), rev.0, body.value).await?;
    Ok(moved(state, revision))
}

/// Records that a person told the family: in person, or remotely by the family's own decision. Only this lets the family's page say so.
#[utoipa::path(tag = "notifications", request_body = Delivery, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Moved<NotificationState>), (status = "4XX", body = Problem)))]
#[post("/notifications/{id}/delivery")]
async fn deliver(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<Delivery>) -> Answer {
    let (state, revision) = notification::deliver(&app, &who.actor, NotificationId(*id), rev.0, body.value).await?;
    Ok(moved(state, revision))
}
