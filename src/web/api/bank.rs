//! Profiles, pedigrees and the search of the bank: for geneticists. `/samples/{id}/readings`, `/samples/{id}/profile`, `/pedigrees`, `/bank-searches`.

use super::auth::Client;
use super::cases::{etag, taken};
use super::request::{Body, IdempotencyKey, List, Params, Revision, keyset, keyset_cursor, page_size};
use super::samples::made_whole;
use crate::app::App;
use crate::db::profiles::{PedigreeLine, RunLine};
use crate::domain::ids::{JointRunId, PedigreeId, SampleId, SearchRunId};
use crate::services::bank::joint::{self, JointView, NewJoint};
use crate::services::bank::pedigrees::{self, NewPedigree, PedigreeView, WrittenPedigree};
use crate::services::bank::power::{self, FamilyPower};
use crate::services::bank::profiles::{self, NewReading, ProfileStanding, ProfileView};
use crate::services::bank::runs;
use crate::web::problem::{ApiError, Problem};
use actix_web::http::header;
use actix_web::{HttpResponse, get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(enter).service(read_profile).service(draw).service(list).service(read).service(redraw).service(family_power);
    routes.service(begin_run).service(runs_of).service(read_run).service(cancel_run);
    routes.service(begin_joint).service(joints).service(read_joint);
}

type Answer = Result<HttpResponse, ApiError>;

/// Enters one analyst's reading of a sample. Two analysts make a profile; when it is fit and consent covers it, it is searched at once. Send an `Idempotency-Key`.
#[utoipa::path(tag = "bank", request_body = NewReading,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = ProfileStanding), (status = 200, body = ProfileStanding), (status = "4XX", body = Problem)))]
#[post("/samples/{id}/readings")]
async fn enter(app: web::Data<App>, who: Client, id: web::Path<Uuid>, key: IdempotencyKey, body: Body<NewReading>) -> Answer {
    let done = profiles::enter(&app, &who.actor, SampleId(*id), key.with(body.digest).as_ref(), body.value).await?;
    Ok(made_whole(&done, &format!("/api/v1/samples/{id}/profile")))
}

/// The profile of a sample with its readings.
#[utoipa::path(tag = "bank", responses((status = 200, body = ProfileView), (status = "4XX", body = Problem)))]
#[get("/samples/{id}/profile")]
async fn read_profile(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    Ok(HttpResponse::Ok().json(profiles::read(&app, &who.actor, SampleId(*id)).await?))
}

/// Draws a pedigree; a validated one is searched at once. Send an `Idempotency-Key`.
#[utoipa::path(tag = "bank", request_body = NewPedigree,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = WrittenPedigree), (status = 200, body = WrittenPedigree), (status = "4XX", body = Problem)))]
#[post("/pedigrees")]
async fn draw(app: web::Data<App>, who: Client, key: IdempotencyKey, body: Body<NewPedigree>) -> Answer {
    let done = pedigrees::draw(&app, &who.actor, key.with(body.digest).as_ref(), body.value).await?;
    let mut answer = made_whole(&done, &format!("/api/v1/pedigrees/{}", done.made.id));
    if let Ok(value) = header::HeaderValue::from_str(&etag(done.made.rev).1) {
        answer.headers_mut().insert(header::ETAG, value);
    }
    Ok(answer)
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Listing {
    /// Lines, up to 200.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The institution's pedigrees, newest first.
#[utoipa::path(tag = "bank", params(Listing), responses((status = 200, body = List<PedigreeLine>), (status = "4XX", body = Problem)))]
#[get("/pedigrees")]
async fn list(app: web::Data<App>, who: Client, Params(query): Params<Listing>) -> Answer {
    let limit = page_size(query.limit)?;
    let lines = pedigrees::list(&app, &who.actor, keyset(query.cursor.as_deref())?, limit).await?;
    Ok(HttpResponse::Ok().json(List::new(lines, limit, |l| keyset_cursor(l.created_at, l.id))))
}

/// A pedigree with what remains weigh for its missing persons.
#[utoipa::path(tag = "bank", responses((status = 200, body = PedigreeView), (status = "4XX", body = Problem)))]
#[get("/pedigrees/{id}")]
async fn read(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let view = pedigrees::read(&app, &who.actor, PedigreeId(*id)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(view.rev)).json(view))
}

/// Redraws a pedigree, whole.
#[utoipa::path(tag = "bank", request_body = NewPedigree, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = WrittenPedigree), (status = "4XX", body = Problem)))]
#[put("/pedigrees/{id}")]
async fn redraw(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<NewPedigree>) -> Answer {
    let written = pedigrees::redraw(&app, &who.actor, PedigreeId(*id), rev.0, body.value).await?;
    Ok(HttpResponse::Ok().insert_header(etag(written.rev)).json(written))
}

/// What a family's samples can tell of its missing persons, and which relative to ask next.
#[utoipa::path(tag = "bank", responses((status = 200, body = List<FamilyPower>), (status = "4XX", body = Problem)))]
#[get("/pedigrees/{id}/power")]
async fn family_power(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    Ok(HttpResponse::Ok().json(List::whole(power::of_pedigree(&app, &who.actor, PedigreeId(*id)).await?)))
}

/// A search that was begun.
#[derive(Debug, Serialize, ToSchema)]
struct BegunBody {
    id: SearchRunId,
}

/// Begins a search of every pedigree of the institution with all remains, in parts that workers share. What is new is searched by itself.
#[utoipa::path(tag = "bank", responses((status = 202, body = BegunBody), (status = "4XX", body = Problem)))]
#[post("/bank-searches")]
async fn begin_run(app: web::Data<App>, who: Client) -> Answer {
    let id = runs::begin_run(&app, &who.actor, runs::FAMILIES).await?;
    Ok(HttpResponse::Accepted().insert_header((header::LOCATION, format!("/api/v1/bank-searches/{id}"))).json(BegunBody { id }))
}

/// The last fifty searches, newest first.
#[utoipa::path(tag = "bank", responses((status = 200, body = List<RunLine>), (status = "4XX", body = Problem)))]
#[get("/bank-searches")]
async fn runs_of(app: web::Data<App>, who: Client) -> Answer {
    Ok(HttpResponse::Ok().json(List::whole(runs::list(&app, &who.actor).await?)))
}

/// How a search goes.
#[utoipa::path(tag = "bank", responses((status = 200, body = RunLine), (status = "4XX", body = Problem)))]
#[get("/bank-searches/{id}")]
async fn read_run(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    Ok(HttpResponse::Ok().json(runs::read(&app, &who.actor, SearchRunId(*id)).await?))
}

/// Cancels a search; parts that are done stay done.
#[utoipa::path(tag = "bank", responses((status = 204), (status = "4XX", body = Problem)))]
#[post("/bank-searches/{id}/cancellation")]
async fn cancel_run(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    runs::cancel(&app, &who.actor, SearchRunId(*id)).await?;
    taken(false)
}

/// Begins a joint identification: remains and families of one closed event weighed together. Follow `Location` until it has ended.
#[utoipa::path(tag = "bank", request_body = NewJoint, responses((status = 202, body = BegunBody), (status = "4XX", body = Problem)))]
#[post("/joint-identifications")]
async fn begin_joint(app: web::Data<App>, who: Client, body: Body<NewJoint>) -> Answer {
    let id = joint::begin_joint(&app, &who.actor, body.value).await?;
    let location = (header::LOCATION, format!("/api/v1/joint-identifications/{id}"));
    Ok(HttpResponse::Accepted().insert_header(location).json(BegunBody { id: SearchRunId(id.0) }))
}

/// The last fifty joint identifications, newest first, without what came of them.
#[utoipa::path(tag = "bank", responses((status = 200, body = List<JointView>), (status = "4XX", body = Problem)))]
#[get("/joint-identifications")]
async fn joints(app: web::Data<App>, who: Client) -> Answer {
    Ok(HttpResponse::Ok().json(List::whole(joint::list(&app, &who.actor).await?)))
}

/// A joint identification, with what came of it once it has ended.
#[utoipa::path(tag = "bank", responses((status = 200, body = JointView), (status = "4XX", body = Problem)))]
#[get("/joint-identifications/{id}")]
async fn read_joint(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    Ok(HttpResponse::Ok().json(joint::read(&app, &who.actor, JointRunId(*id)).await?))
}
