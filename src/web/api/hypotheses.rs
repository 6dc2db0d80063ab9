//! Hypotheses that a case and a found record are the same person: `/hypotheses`. A score ranks work; two people of two institutions decide.

use super::auth::Client;
use super::cases::{CaseBody, Moved, body as case_body, etag};
use super::found_records::{FoundBody, body as found_body};
use super::request::{Body, List, Params, Revision, odds_cursor, odds_key, one_of, page_size, word};
use crate::app::App;
use crate::db::hypotheses::{EarlierScore, HypothesisLine, QueueFilter, ReviewRow};
use crate::domain::hypothesis::HypothesisState;
use crate::domain::ids::HypothesisId;
use crate::matching::explain::BANDS;
use crate::services::hypotheses::{self, HypothesisMove, NewVerdict, SeenEvidence};
use crate::services::rivalry::Rivalry;
use crate::web::live::{self, Until};
use crate::web::problem::{ApiError, Problem};
use actix_web::{HttpRequest, HttpResponse, Responder, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(list).service(read).service(give_verdict).service(make_move).service(events);
}

type Answer = Result<HttpResponse, ApiError>;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Listing {
    /// `very_weak`, weak, moderate, strong or `very_strong`.
    band: Option<String>,
    /// State; every open one without it.
    state: Option<String>,
    /// Only of this case.
    case: Option<Uuid>,
    /// Only of this found record.
    found_record: Option<Uuid>,
    /// Lines, up to 200.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The hypotheses that the authority may review, strongest first.
#[utoipa::path(tag = "hypotheses", params(Listing), responses((status = 200, body = List<HypothesisLine>), (status = "4XX", body = Problem)))]
#[get("/hypotheses")]
async fn list(app: web::Data<App>, who: Client, Params(query): Params<Listing>) -> Answer {
    let state: Option<HypothesisState> = word("state", query.state.as_deref())?;
    let limit = page_size(query.limit)?;
    let filter = QueueFilter {
        band: one_of("band", query.band, BANDS)?,
        state: state.map(|s| s.to_string()),
        case: query.case,
        found: query.found_record,
    };
    let lines = hypotheses::list(&app, &who.actor, &filter, odds_key(query.cursor.as_deref())?, limit).await?;
    Ok(HttpResponse::Ok().json(List::new(lines, limit, |l| odds_cursor(l.log10_odds, l.id))))
}

/// A hypothesis with both sides as far as the asking authority may see them.
#[derive(Debug, Serialize, ToSchema)]
struct HypothesisBody {
    id: Uuid,
    revision: i32,
    state: HypothesisState,
    /// The moves that are legal now.
    legal: Vec<String>,
    /// The model that weighed it.
    model: String,
    /// log10 of the odds: the prior and all weights of the evidence add up to it.
    log10_odds: f64,
    log10_prior: f64,
    probability: f64,
    /// Share of the comparable fields that could be compared.
    coverage: f64,
    band: String,
    evidence: Vec<SeenEvidence>,
    /// What it is worth beside its rivals: a record is one person's at most, and one person cannot be two bodies. Left out once it is decided or ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    together: Option<Rivalry>,
    /// What it weighed before it was weighed anew, newest first: another model, or another revision of a record.
    earlier_scores: Vec<EarlierScore>,
    /// The case; left out where it may not be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<CaseBody>,
    /// The found record; left out where it may not be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    found_record: Option<FoundBody>,
    /// The asking person's own verdicts, and all once it is decided.
    reviews: Vec<ReviewRow>,
    /// Verdicts of the present round: a number, so that the second review stays blind.
    verdicts_given: i64,
    /// Whether the asking person's is among them.
    mine_given: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Reads a hypothesis; audited for the owners of both sides.
#[utoipa::path(tag = "hypotheses", responses((status = 200, body = HypothesisBody), (status = "4XX", body = Problem)))]
#[get("/hypotheses/{id}")]
async fn read(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let v = hypotheses::read(&app, &who.actor, HypothesisId(*id)).await?;
    let state = v.row.state();
    Ok(HttpResponse::Ok().insert_header(etag(v.row.rev)).json(HypothesisBody {
        id: v.row.id,
        revision: v.row.rev,
        state,
        legal: v.legal.iter().map(ToString::to_string).collect(),
        model: v.row.model,
        log10_odds: v.row.log10_odds,
        log10_prior: v.row.log10_prior,
        probability: v.row.probability,
        coverage: v.row.coverage,
        band: v.row.band,
        evidence: v.evidence,
        together: v.rivalry,
        earlier_scores: v.earlier_scores,
        case: v.case.map(case_body),
        found_record: v.found.map(found_body),
        reviews: v.reviews,
        verdicts_given: v.given,
        mine_given: v.mine_given,
        created_at: v.row.created_at,
        updated_at: v.row.updated_at,
    }))
}

fn moved(state: HypothesisState, revision: i32) -> HttpResponse {
    let legal = state.legal().iter().map(ToString::to_string).collect();
    HttpResponse::Ok().insert_header(etag(revision)).json(Moved { state, revision, legal })
}

/// Gives a verdict with reasons. The second comes from another person of another institution, blind to the first.
#[utoipa::path(tag = "hypotheses", request_body = NewVerdict, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Moved<HypothesisState>), (status = "4XX", body = Problem)))]
#[post("/hypotheses/{id}/verdicts")]
async fn give_verdict(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<NewVerdict>) -> Answer {
    let (state, revision) = hypotheses::give_verdict(&app, &who.actor, HypothesisId(*id), rev.0, body.value).await?;
    Ok(moved(state, revision))
}

/// Makes another move: triage, asking for information or verification, reopening, the board's confirmation.
#[utoipa::path(tag = "hypotheses", request_body = HypothesisMove, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Moved<HypothesisState>), (status = "4XX", body = Problem)))]
#[post("/hypotheses/{id}/moves")]
async fn make_move(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<HypothesisMove>) -> Answer {
    let (state, revision) = hypotheses::command(&app, &who.actor, HypothesisId(*id), rev.0, body.value).await?;
    Ok(moved(state, revision))
}

/// Hypotheses as they appear and change, as server-sent events named `news`: `{"n": 2, "hypotheses": ["…", "…"]}`. Ends with the access token; come
/// back with `Last-Event-ID`.
#[utoipa::path(tag = "hypotheses", responses((status = 200, content_type = "text/event-stream", body = String), (status = "4XX", body = Problem)))]
#[get("/events")]
async fn events(app: web::Data<App>, who: Client, request: HttpRequest) -> Result<impl Responder, ApiError> {
    Ok(live::stream(&app, &who.actor, live::last_event_id(&request), Until::Instant(who.until)).await?)
}
