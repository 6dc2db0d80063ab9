//! Consulates and public defenders: `/partner-queries`, `/notices`. Associations of families: `/mandates`.

use super::auth::Client;
use super::cases::{Made, REPLAYED, Said, made};
use super::request::{Body, IdempotencyKey, List};
use crate::app::App;
use crate::db::cases::MandateLine;
use crate::db::messages::{MessageRow, NoticeLine, QueryRow};
use crate::domain::ids::CaseId;
use crate::services::once::Done;
use crate::services::partners::{self, PartnerAnswer, PartnerQuery};
use crate::services::{association, hypotheses};
use crate::web::problem::{ApiError, Problem};
use actix_web::{HttpResponse, get, post, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(query).service(queries).service(notices).service(read_notice);
    routes.service(mandates).service(thread).service(ask);
}

type Answer = Result<HttpResponse, ApiError>;

/// Asks whether there is a related record, for the purpose of the access token. The answer is a grade, never a list; both sides' audits know of it.
#[utoipa::path(tag = "partners", request_body = PartnerQuery, params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 200, body = PartnerAnswer), (status = "4XX", body = Problem)))]
#[post("/partner-queries")]
async fn query(app: web::Data<App>, who: Client, key: IdempotencyKey, body: Body<PartnerQuery>) -> Answer {
    let key = key.with(body.digest);
    let Done { made: told, before } = partners::query(&app, &who.actor, key.as_ref(), &body.value).await?;
    let mut answer = HttpResponse::Ok();
    if before {
        answer.insert_header(REPLAYED);
    }
    Ok(answer.json(told))
}

/// The last queries that the authority asked, or that touched its records.
#[utoipa::path(tag = "partners", responses((status = 200, body = List<QueryRow>), (status = "4XX", body = Problem)))]
#[get("/partner-queries")]
async fn queries(app: web::Data<App>, who: Client) -> Answer {
    Ok(HttpResponse::Ok().json(List::whole(partners::desk(&app, &who.actor).await?.queries)))
}

/// What waits for the authority: alerts for own nationals or clients.
#[utoipa::path(tag = "partners", responses((status = 200, body = List<NoticeLine>), (status = "4XX", body = Problem)))]
#[get("/notices")]
async fn notices(app: web::Data<App>, who: Client) -> Answer {
    Ok(HttpResponse::Ok().json(List::whole(partners::desk(&app, &who.actor).await?.notices)))
}

/// Marks a notice read.
#[utoipa::path(tag = "partners", responses((status = 204), (status = "4XX", body = Problem)))]
#[post("/notices/{id}/reading")]
async fn read_notice(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    hypotheses::read_notice(&app, &who.actor, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The cases whose families mandated the association.
#[utoipa::path(tag = "associations", responses((status = 200, body = List<MandateLine>), (status = "4XX", body = Problem)))]
#[get("/mandates")]
async fn mandates(app: web::Data<App>, who: Client) -> Answer {
    Ok(HttpResponse::Ok().json(List::whole(association::list(&app, &who.actor).await?)))
}

/// A mandated case with the association's questions and their answers.
#[derive(Debug, Serialize, ToSchema)]
struct ThreadBody {
    /// The case.
    mandate: MandateLine,
    /// Questions and answers.
    messages: Vec<MessageRow>,
}

/// Questions and answers on a mandated case.
#[utoipa::path(tag = "associations", responses((status = 200, body = ThreadBody), (status = "4XX", body = Problem)))]
#[get("/mandates/{case}")]
async fn thread(app: web::Data<App>, who: Client, case: web::Path<Uuid>) -> Answer {
    let (mandate, messages) = association::thread(&app, &who.actor, CaseId(*case)).await?;
    Ok(HttpResponse::Ok().json(ThreadBody { mandate, messages }))
}

/// Asks the commission about a mandated case.
#[utoipa::path(tag = "associations", request_body = Said, params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = Made), (status = 200, body = Made), (status = "4XX", body = Problem)))]
#[post("/mandates/{case}/questions")]
async fn ask(app: web::Data<App>, who: Client, case: web::Path<Uuid>, key: IdempotencyKey, body: Body<Said>) -> Answer {
    let key = key.with(body.digest);
    made(association::ask(&app, &who.actor, CaseId(*case), key.as_ref(), &body.value.text).await?)
}
