//! Giving back to families what is theirs: `/restitutions`. By the case's institution and the one that keeps the remains.

use super::auth::Client;
use super::cases::{Changed, Made, Moved, etag, made};
use super::request::{Body, IdempotencyKey, List, Params, Revision};
use crate::app::App;
use crate::db::restitutions::{ItemRow, RestitutionLine};
use crate::domain::ids::{CaseId, IdentificationId, RestitutionId};
use crate::domain::restitution::RestitutionState;
use crate::domain::violations::Violation;
use crate::services::once::Done;
use crate::services::restitution::{self, NewItem, NewRestitution, Receipt, RestitutionDetails, RestitutionMove, StepSeen};
use crate::web::problem::{ApiError, Problem};
use actix_web::{HttpResponse, get, post, put, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(offer).service(list).service(read).service(edit).service(add_item).service(write_receipt).service(make_move);
}

type Answer = Result<HttpResponse, ApiError>;

/// Offers the family what is theirs, once a person has told them. Send an `Idempotency-Key`.
#[utoipa::path(tag = "restitutions", request_body = NewRestitution,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = Made), (status = 200, body = Made), (status = "4XX", body = Problem)))]
#[post("/restitutions")]
async fn offer(app: web::Data<App>, who: Client, key: IdempotencyKey, body: Body<NewRestitution>) -> Answer {
    let Done { made: id, before } = restitution::offer(&app, &who.actor, key.with(body.digest).as_ref(), body.value).await?;
    made(Done { made: id.0, before })
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Listing {
    /// Only of this case.
    case: Option<Uuid>,
}

/// The restitutions that the institution takes part in, those that moved last first.
#[utoipa::path(tag = "restitutions", params(Listing), responses((status = 200, body = List<RestitutionLine>), (status = "4XX", body = Problem)))]
#[get("/restitutions")]
async fn list(app: web::Data<App>, who: Client, Params(query): Params<Listing>) -> Answer {
    Ok(HttpResponse::Ok().json(List::whole(restitution::list(&app, &who.actor, query.case.map(CaseId)).await?)))
}

/// A restitution with its items, papers and history.
#[derive(Debug, Serialize, ToSchema)]
struct RestitutionBody {
    id: RestitutionId,
    revision: i32,
    state: RestitutionState,
    /// Where it was when the identification behind it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    frozen_from: Option<String>,
    /// The moves that the asking institution can make now.
    legal: Vec<String>,
    identification: IdentificationId,
    number: String,
    case: CaseId,
    case_folio: String,
    found_folio: String,
    institution: String,
    keeper: String,
    details: RestitutionDetails,
    /// What lacks before anything is sent on its way.
    lacking: Vec<Violation>,
    items: Vec<ItemRow>,
    history: Vec<StepSeen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<DateTime<Utc>>,
}

/// A restitution; audited for both institutions.
#[utoipa::path(tag = "restitutions", responses((status = 200, body = RestitutionBody), (status = "4XX", body = Problem)))]
#[get("/restitutions/{id}")]
async fn read(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let v = restitution::read(&app, &who.actor, RestitutionId(*id)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(v.row.rev)).json(RestitutionBody {
        id: RestitutionId(v.row.id),
        revision: v.row.rev,
        state: v.row.state(),
        frozen_from: v.row.frozen_from,
        legal: v.legal.iter().map(ToString::to_string).collect(),
        identification: IdentificationId(v.row.identification_id),
        number: v.number,
        case: CaseId(v.row.case_id),
        case_folio: v.case_folio,
        found_folio: v.found_folio,
        institution: v.institution,
        keeper: v.keeper,
        details: v.details,
        lacking: v.lacking.0,
        items: v.items,
        history: v.steps,
        delivered_at: v.row.delivered_at,
    }))
}

fn changed(revision: i32) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(revision)).json(Changed { revision })
}

/// Writes down receiver, destination, carrier, costs, wishes and papers.
#[utoipa::path(tag = "restitutions", request_body = RestitutionDetails, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Changed), (status = "4XX", body = Problem)))]
#[put("/restitutions/{id}")]
async fn edit(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<RestitutionDetails>) -> Answer {
    Ok(changed(restitution::edit(&app, &who.actor, RestitutionId(*id), rev.0, body.value).await?))
}

/// Adds something that is handed over.
#[utoipa::path(tag = "restitutions", request_body = NewItem, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 201, body = Made), (status = "4XX", body = Problem)))]
#[post("/restitutions/{id}/items")]
async fn add_item(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<NewItem>) -> Answer {
    let (id, revision) = restitution::add_item(&app, &who.actor, RestitutionId(*id), rev.0, body.value).await?;
    Ok(HttpResponse::Created().insert_header(etag(revision)).json(Made { id }))
}

/// Writes the receipt of something that was handed over; once.
#[utoipa::path(tag = "restitutions", request_body = Receipt, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Changed), (status = "4XX", body = Problem)))]
#[put("/restitutions/{id}/items/{item}/receipt")]
async fn write_receipt(app: web::Data<App>, who: Client, path: web::Path<(Uuid, Uuid)>, rev: Revision, body: Body<Receipt>) -> Answer {
    let (id, item) = path.into_inner();
    Ok(changed(restitution::write_receipt(&app, &who.actor, RestitutionId(id), rev.0, item, body.value).await?))
}

/// Makes a move. Nothing is sent before every paper is there or not needed, and nothing is delivered without a receipt.
#[utoipa::path(tag = "restitutions", request_body = RestitutionMove, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Moved<RestitutionState>), (status = "4XX", body = Problem)))]
#[post("/restitutions/{id}/moves")]
async fn make_move(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<RestitutionMove>) -> Answer {
    let (state, revision) = restitution::command(&app, &who.actor, RestitutionId(*id), rev.0, body.value).await?;
    let legal = state.legal().iter().map(ToString::to_string).collect();
    Ok(HttpResponse::Ok().insert_header(etag(revision)).json(Moved { state, revision, legal }))
}
