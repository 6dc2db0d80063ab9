//! Identifications of remains: `/identifications`, and whether a sealed report is authentic: `/verifications`. Two people of two institutions sign and revoke.

use super::auth::Client;
use super::cases::{Changed, Moved, etag};
use super::request::{Body, IdempotencyKey, List, Params, Revision, keyset, keyset_cursor, page_size, word};
use super::samples::made_whole;
use crate::app::App;
use crate::db::identifications::{IdentificationFilter, IdentificationLine};
use crate::domain::identification::{IdentificationState, Method};
use crate::domain::ids::{HypothesisId, IdentificationId};
use crate::domain::violations::Violation;
use crate::services::identification::{
    self, Alternative, Comparison, Drafted, GeneticOpinion, IdentificationMove, IdentificationText, NewIdentification, NewOpinion, ReportSeen,
    SignatureSeen, Snapshot, StepSeen, Verification,
};
use crate::web::problem::{ApiError, Problem};
use crate::web::sealed;
use actix_web::http::header;
use actix_web::{HttpResponse, get, post, put, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(draft).service(list).service(read).service(edit).service(attach_opinion).service(compare).service(make_move);
    routes.service(report).service(verify);
}

type Answer = Result<HttpResponse, ApiError>;

/// Begins an identification on a confirmed hypothesis on remains. Send an `Idempotency-Key`.
#[utoipa::path(tag = "identifications", request_body = NewIdentification,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = Drafted), (status = 200, body = Drafted), (status = "4XX", body = Problem)))]
#[post("/identifications")]
async fn draft(app: web::Data<App>, who: Client, key: IdempotencyKey, body: Body<NewIdentification>) -> Answer {
    let done = identification::draft(&app, &who.actor, key.with(body.digest).as_ref(), body.value).await?;
    Ok(made_whole(&done, &format!("/api/v1/identifications/{}", done.made.id)))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Listing {
    /// State; every one without it.
    state: Option<String>,
    /// Only of this case.
    case: Option<Uuid>,
    /// Only of this found record.
    found_record: Option<Uuid>,
    /// Only on this hypothesis.
    hypothesis: Option<Uuid>,
    /// Only those that wait for the institution's word.
    waiting: bool,
    /// Lines, up to 200.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The identifications that the institution is one of the two of, newest first.
#[utoipa::path(tag = "identifications", params(Listing), responses((status = 200, body = List<IdentificationLine>), (status = "4XX", body = Problem)))]
#[get("/identifications")]
async fn list(app: web::Data<App>, who: Client, Params(query): Params<Listing>) -> Answer {
    let limit = page_size(query.limit)?;
    let filter = IdentificationFilter {
        state: word("state", query.state.as_deref())?,
        case: query.case,
        found: query.found_record,
        hypothesis: query.hypothesis,
        waits_for_us: query.waiting,
    };
    let lines = identification::list(&app, &who.actor, &filter, keyset(query.cursor.as_deref())?, limit).await?;
    Ok(HttpResponse::Ok().json(List::new(lines, limit, |l| keyset_cursor(l.created_at, l.id))))
}

/// An identification as one of its two institutions reads it.
#[derive(Debug, Serialize, ToSchema)]
struct IdentificationBody {
    id: IdentificationId,
    number: String,
    revision: i32,
    state: IdentificationState,
    /// The moves that are legal now.
    legal: Vec<String>,
    hypothesis: HypothesisId,
    case: Uuid,
    found_record: Uuid,
    case_folio: String,
    found_folio: String,
    case_institution: String,
    found_institution: String,
    drafted_by: String,
    methods: Vec<Method>,
    reasoning: String,
    conclusion: String,
    limits: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    genetic_opinion: Option<GeneticOpinion>,
    /// What it rests on, once it was handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<Snapshot>,
    /// The other open hypotheses on its case and its remains.
    alternatives: Vec<Alternative>,
    /// Open hypotheses that only the other institution may see and has not written of.
    alternatives_elsewhere: usize,
    /// What a draft lacks before it can be handed in.
    lacking: Vec<Violation>,
    signatures: Vec<SignatureSeen>,
    history: Vec<StepSeen>,
    reports: Vec<ReportSeen>,
    /// Whether it waits for the word of the asking institution.
    waits_for_us: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// An identification; audited for both institutions.
#[utoipa::path(tag = "identifications", responses((status = 200, body = IdentificationBody), (status = "4XX", body = Problem)))]
#[get("/identifications/{id}")]
async fn read(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let v = identification::read(&app, &who.actor, IdentificationId(*id)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(v.row.rev)).json(IdentificationBody {
        id: IdentificationId(v.row.id),
        revision: v.row.rev,
        state: v.row.state(),
        methods: v.row.methods(),
        legal: v.legal.iter().map(ToString::to_string).collect(),
        number: v.row.number,
        hypothesis: HypothesisId(v.row.hypothesis_id),
        case: v.row.case_id,
        found_record: v.row.found_id,
        case_folio: v.row.case_folio,
        found_folio: v.row.found_folio,
        case_institution: v.case_institution,
        found_institution: v.found_institution,
        drafted_by: v.row.drafted_name,
        reasoning: v.row.reasoning,
        conclusion: v.row.conclusion,
        limits: v.row.limits,
        genetic_opinion: v.opinion,
        snapshot: v.snapshot,
        alternatives: v.alternatives,
        alternatives_elsewhere: v.elsewhere,
        lacking: v.lacking.0,
        signatures: v.signatures,
        history: v.steps,
        reports: v.reports,
        waits_for_us: v.waits_for_us,
        issued_at: v.row.issued_at,
        created_at: v.row.created_at,
        updated_at: v.row.updated_at,
    }))
}

fn changed(revision: i32) -> HttpResponse {
    HttpResponse::Ok().insert_header(etag(revision)).json(Changed { revision })
}

/// Rewrites a draft.
#[utoipa::path(tag = "identifications", request_body = IdentificationText, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Changed), (status = "4XX", body = Problem)))]
#[put("/identifications/{id}")]
async fn edit(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<IdentificationText>) -> Answer {
    Ok(changed(identification::edit(&app, &who.actor, IdentificationId(*id), rev.0, body.value).await?))
}

/// Attaches the genetic opinion to a draft: by a geneticist of the institution whose bank holds the result. Its figures are the bank's; no genotype.
#[utoipa::path(tag = "identifications", request_body = NewOpinion, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Changed), (status = "4XX", body = Problem)))]
#[put("/identifications/{id}/genetic-opinion")]
async fn attach_opinion(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<NewOpinion>) -> Answer {
    Ok(changed(identification::attach_opinion(&app, &who.actor, IdentificationId(*id), rev.0, body.value).await?))
}

/// Compares another open hypothesis on the case or the remains, in words that the other institution reads too.
#[utoipa::path(tag = "identifications", request_body = Comparison, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Changed), (status = "4XX", body = Problem)))]
#[put("/identifications/{id}/alternatives/{hypothesis}")]
async fn compare(app: web::Data<App>, who: Client, path: web::Path<(Uuid, Uuid)>, rev: Revision, body: Body<Comparison>) -> Answer {
    let (id, alternative) = path.into_inner();
    let id = IdentificationId(id);
    Ok(changed(identification::compare(&app, &who.actor, id, rev.0, HypothesisId(alternative), body.value).await?))
}

/// Hands in, signs, returns, seals again, doubts, keeps or revokes. The second signature issues: the report is sealed.
#[utoipa::path(tag = "identifications", request_body = IdentificationMove, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Moved<IdentificationState>), (status = "4XX", body = Problem)))]
#[post("/identifications/{id}/moves")]
async fn make_move(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<IdentificationMove>) -> Answer {
    let id = IdentificationId(*id);
    let (state, revision) = identification::command(&app, &who.actor, id, rev.0, body.value, sealed::draw).await?;
    let legal = state.legal().iter().map(ToString::to_string).collect();
    Ok(HttpResponse::Ok().insert_header(etag(revision)).json(Moved { state, revision, legal }))
}

/// A version of the sealed report, byte for byte as it was sealed; audited for both institutions.
#[utoipa::path(tag = "identifications", responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = "4XX", body = Problem)))]
#[get("/identifications/{id}/reports/{version}")]
async fn report(app: web::Data<App>, who: Client, path: web::Path<(Uuid, i16)>) -> Answer {
    let (id, version) = path.into_inner();
    let report = identification::report(&app, &who.actor, IdentificationId(id), version).await?;
    let name = format!("attachment; filename=\"{}-{}.{}\"", hex::encode(&report.sha256[..4]), report.version, sealed::ENDING);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, sealed::MEDIA_TYPE))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .body(report.bytes))
}

/// Whether a sealed report is authentic, by the code that it ends in. Needs no token, and tells nothing of whom it is about.
#[utoipa::path(tag = "identifications", responses((status = 200, body = Verification), (status = "4XX", body = Problem)), security(()))]
#[get("/verifications/{code}")]
async fn verify(app: web::Data<App>, code: web::Path<String>) -> Answer {
    Ok(HttpResponse::Ok().json(identification::verify(&app, &code).await?))
}
