//! Possible duplicates, two cases or two found records that may be of one person: `/possible-duplicates`. A link merges nothing.

use super::auth::Client;
use super::cases::{CaseBody, Made, Moved, body as case_body, etag, made};
use super::found_records::{FoundBody, body as found_body};
use super::request::{Body, IdempotencyKey, List, Params, Revision, odds_cursor, odds_key, page_size, word};
use crate::app::App;
use crate::db::duplicates::{DuplicateFilter, DuplicateLine, StepLine};
use crate::domain::duplicate::{DuplicateKind, DuplicateState};
use crate::domain::ids::{AuthorityId, DuplicateId};
use crate::services::duplicates::{self, DuplicateMove, NewDuplicate, RecordView};
use crate::services::hypotheses::SeenEvidence;
use crate::services::once::Done;
use crate::web::problem::{ApiError, Problem};
use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(list).service(read).service(link).service(make_move);
}

type Answer = Result<HttpResponse, ApiError>;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Listing {
    /// case or `found_record`; both without it.
    kind: Option<String>,
    /// State; without it those that wait for a decision, and of a record also those that are linked.
    state: Option<String>,
    /// Only of this case or found record.
    record: Option<Uuid>,
    /// Lines, up to 200.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The possible duplicates of the authority's records, of the kinds that the person may read, strongest first.
#[utoipa::path(tag = "duplicates", params(Listing), responses((status = 200, body = List<DuplicateLine>), (status = "4XX", body = Problem)))]
#[get("/possible-duplicates")]
async fn list(app: web::Data<App>, who: Client, Params(query): Params<Listing>) -> Answer {
    let kind: Option<DuplicateKind> = word("kind", query.kind.as_deref())?;
    let state: Option<DuplicateState> = word("state", query.state.as_deref())?;
    let limit = page_size(query.limit)?;
    let filter = DuplicateFilter { kind, state, record: query.record };
    let lines = duplicates::list(&app, &who.actor, &filter, odds_key(query.cursor.as_deref())?, limit).await?;
    Ok(HttpResponse::Ok().json(List::new(lines, limit, |l| odds_cursor(l.log10_odds, l.id))))
}

/// One of the two records, as far as the asking authority may see it.
#[derive(Debug, Serialize, ToSchema)]
struct RecordBody {
    id: Uuid,
    authority: AuthorityId,
    /// The case; left out where it may not be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<CaseBody>,
    /// The found record; left out where it may not be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    found_record: Option<FoundBody>,
}

/// A possible duplicate with both records as far as the asking authority may see them.
#[derive(Debug, Serialize, ToSchema)]
struct DuplicateBody {
    id: Uuid,
    revision: i32,
    kind: DuplicateKind,
    state: DuplicateState,
    /// What the asking person can decide now.
    legal: Vec<String>,
    /// Whose word for the link is in while the other's is awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    agreed_by: Option<Uuid>,
    /// automatic or manual.
    origin: String,
    /// The model that weighed it; `unweighed` right after a link by hand.
    model: String,
    /// log10 of the odds: the prior and all weights of the evidence add up to it.
    log10_odds: f64,
    log10_prior: f64,
    probability: f64,
    /// Share of the comparable fields that could be compared.
    coverage: f64,
    band: String,
    evidence: Vec<SeenEvidence>,
    /// Both records.
    records: Vec<RecordBody>,
    /// Every step so far, newest first.
    steps: Vec<StepLine>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

fn record((id, authority): (Uuid, AuthorityId), view: Option<RecordView>) -> RecordBody {
    let (case, found_record) = match view {
        Some(RecordView::Case(view)) => (Some(case_body(*view)), None),
        Some(RecordView::Found(view)) => (None, Some(found_body(*view))),
        None => (None, None),
    };
    RecordBody { id, authority, case, found_record }
}

/// Reads a possible duplicate; audited for the owners of both records.
#[utoipa::path(tag = "duplicates", responses((status = 200, body = DuplicateBody), (status = "4XX", body = Problem)))]
#[get("/possible-duplicates/{id}")]
async fn read(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let v = duplicates::read(&app, &who.actor, DuplicateId(*id)).await?;
    let (kind, state, ids) = (v.row.kind(), v.row.state(), v.row.records());
    Ok(HttpResponse::Ok().insert_header(etag(v.row.rev)).json(DuplicateBody {
        id: v.row.id,
        revision: v.row.rev,
        kind,
        state,
        legal: v.legal.iter().map(ToString::to_string).collect(),
        agreed_by: v.row.agreed_by,
        origin: v.row.origin,
        model: v.row.model,
        log10_odds: v.row.log10_odds,
        log10_prior: v.row.log10_prior,
        probability: v.row.probability,
        coverage: v.row.coverage,
        band: v.row.band,
        evidence: v.evidence,
        records: ids.into_iter().zip(v.records).map(|(id, view)| record(id, view)).collect(),
        steps: v.steps,
        created_at: v.row.created_at,
        updated_at: v.row.updated_at,
    }))
}

/// Links two records by their folios, whether or not they were proposed. Across institutions the link waits for the other's word.
#[utoipa::path(tag = "duplicates", request_body = NewDuplicate, params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = Made), (status = 200, body = Made), (status = "4XX", body = Problem)))]
#[post("/possible-duplicates")]
async fn link(app: web::Data<App>, who: Client, key: IdempotencyKey, body: Body<NewDuplicate>) -> Answer {
    let key = key.with(body.digest);
    let Done { made: pair, before } = duplicates::link(&app, &who.actor, key.as_ref(), &body.value).await?;
    made(Done { made: pair.0, before })
}

/// Links, says that the two are not of one person, or takes a link back; each with a reason that the other institution reads.
#[utoipa::path(tag = "duplicates", request_body = DuplicateMove, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Moved<DuplicateState>), (status = "4XX", body = Problem)))]
#[post("/possible-duplicates/{id}/moves")]
async fn make_move(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<DuplicateMove>) -> Answer {
    let (state, revision) = duplicates::command(&app, &who.actor, DuplicateId(*id), rev.0, body.value).await?;
    let legal = state.legal().iter().map(ToString::to_string).collect();
    Ok(HttpResponse::Ok().insert_header(etag(revision)).json(Moved { state, revision, legal }))
}
