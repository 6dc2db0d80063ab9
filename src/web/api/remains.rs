//! Remains, their elements, whose these are, what was done and where they lie: `/found-records/{id}/remains`, `/remains`, `/skeletal-elements`. The holding
//! authority's own; images are shown on its pages only.

use super::auth::Client;
use super::cases::{Changed, changed, etag};
use super::request::{Body, IdempotencyKey, List, Revision};
use super::samples::made_whole;
use crate::app::App;
use crate::db::remains::{AssociationRow, BurialRow, DispositionRow, ElementRow, OperationRow, RemainsRow, RemainsSample};
use crate::domain::disposition::{DispositionCommand, Need};
use crate::domain::ids::{ElementId, FoundId, RemainsId};
use crate::domain::individuals::MinimumIndividuals;
use crate::domain::skeleton::Anatomy;
use crate::services::remains::associations::{self, NewAssociation, WrittenAssociation};
use crate::services::remains::elements::{self, NewElement, WrittenElements};
use crate::services::remains::moves::{self, MovedRemains, NewMove};
use crate::services::remains::operations::{self, NewOperation};
use crate::services::remains::{self, NewRemains, RegisteredRemains, RemainsFile};
use crate::web::problem::{ApiError, Problem};
use actix_web::{HttpResponse, get, patch, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(register).service(of_found).service(read).service(add_elements).service(correct_element).service(associate);
    routes.service(record_operation).service(make_move);
}

type Answer = Result<HttpResponse, ApiError>;

/// Registers remains of a found record. Send an `Idempotency-Key`.
#[utoipa::path(tag = "remains", request_body = NewRemains,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = RegisteredRemains), (status = 200, body = RegisteredRemains), (status = "4XX", body = Problem)))]
#[post("/found-records/{id}/remains")]
async fn register(app: web::Data<App>, who: Client, id: web::Path<Uuid>, key: IdempotencyKey, body: Body<NewRemains>) -> Answer {
    let done = remains::register(&app, &who.actor, FoundId(*id), key.with(body.digest).as_ref(), body.value).await?;
    Ok(made_whole(&done, &format!("/api/v1/remains/{}", done.made.id)))
}

/// Remains as registered.
#[derive(Debug, Serialize, ToSchema)]
struct RemainsBody {
    id: RemainsId,
    /// What stands on their label.
    code: String,
    revision: i32,
    found_record: FoundId,
    /// The set that an individual was sorted out of.
    set: Option<RemainsId>,
    kind: String,
    completeness: Option<String>,
    body_state: Option<String>,
    pmi_from: Option<String>,
    pmi_to: Option<String>,
    /// Where they are kept, in custody.
    location: Option<String>,
    /// Where they are.
    disposition: String,
    note: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<RemainsRow> for RemainsBody {
    fn from(row: RemainsRow) -> Self {
        Self {
            id: RemainsId(row.id),
            code: row.code,
            revision: row.rev,
            found_record: FoundId(row.found_id),
            set: row.set_id.map(RemainsId),
            kind: row.kind,
            completeness: row.completeness,
            body_state: row.body_state,
            pmi_from: row.pmi_from,
            pmi_to: row.pmi_to,
            location: row.location,
            disposition: row.disposition,
            note: row.note,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The remains of an own found record, in order of registration.
#[utoipa::path(tag = "remains", responses((status = 200, body = List<RemainsBody>), (status = "4XX", body = Problem)))]
#[get("/found-records/{id}/remains")]
async fn of_found(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let rows = remains::of_found(&app, &who.actor, FoundId(*id)).await?;
    Ok(HttpResponse::Ok().json(List::whole(rows.into_iter().map(RemainsBody::from).collect())))
}

/// An element in an inventory.
#[derive(Debug, Serialize, ToSchema)]
struct ElementBody {
    id: ElementId,
    /// What stands on its label.
    code: String,
    revision: i32,
    /// Where it was found.
    found_in: RemainsId,
    #[serde(flatten)]
    anatomy: Anatomy,
    taphonomy: Vec<String>,
    trauma: Vec<String>,
    /// Lengths in millimetres by their names.
    measurements: serde_json::Value,
    note: Option<String>,
}

impl From<ElementRow> for ElementBody {
    fn from(row: ElementRow) -> Self {
        Self {
            anatomy: row.anatomy(),
            id: ElementId(row.id),
            code: row.code,
            revision: row.rev,
            found_in: RemainsId(row.remains_id),
            taphonomy: row.taphonomy,
            trauma: row.trauma,
            measurements: row.measurements,
            note: row.note,
        }
    }
}

/// An operation and the last word on it.
#[derive(Debug, Serialize, ToSchema)]
struct OperationBody {
    operation: String,
    /// `null` where nothing was said: not done.
    last: Option<OperationRow>,
}

/// A move that is possible here, and what is lacking before it.
#[derive(Debug, Serialize, ToSchema)]
struct PossibleMove {
    command: DispositionCommand,
    needs: Vec<Need>,
}

/// Remains with everything about them.
#[derive(Debug, Serialize, ToSchema)]
struct FileBody {
    #[serde(flatten)]
    remains: RemainsBody,
    /// The elements that were found with them.
    elements: Vec<ElementBody>,
    /// Of an individual: the elements that the last word on each includes.
    included: Vec<ElementBody>,
    /// Everything that was said of whose these elements are, in order.
    associations: Vec<AssociationRow>,
    /// How many people they are of at least, and why.
    minimum_number_of_individuals: MinimumIndividuals,
    operations: Vec<OperationBody>,
    samples: Vec<RemainsSample>,
    possible_moves: Vec<PossibleMove>,
    burials: Vec<BurialRow>,
    moves: Vec<DispositionRow>,
    /// How many images there are.
    images: usize,
}

fn body(file: RemainsFile) -> FileBody {
    let possible = |command: DispositionCommand| PossibleMove { command, needs: file.readiness.needs(command) };
    FileBody {
        possible_moves: file.row.disposition().legal().into_iter().map(possible).collect(),
        elements: file.elements.into_iter().map(ElementBody::from).collect(),
        included: file.included.into_iter().map(ElementBody::from).collect(),
        associations: file.associations,
        minimum_number_of_individuals: file.minimum,
        operations: file.checklist.into_iter().map(|(o, last)| OperationBody { operation: o.to_string(), last }).collect(),
        samples: file.samples,
        burials: file.burials,
        moves: file.moves,
        images: file.images.len(),
        remains: file.row.into(),
    }
}

/// Remains with inventory, associations, checklist, samples and moves.
#[utoipa::path(tag = "remains", responses((status = 200, body = FileBody), (status = "4XX", body = Problem)))]
#[get("/remains/{id}")]
async fn read(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let file = remains::file(&app, &who.actor, RemainsId(*id)).await?;
    let etag = etag(file.row.rev);
    Ok(HttpResponse::Ok().insert_header(etag).json(body(file)))
}

/// Elements for an inventory.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewElements {
    /// The elements, up to 300.
    elements: Vec<NewElement>,
}

/// Writes elements into the inventory, all or none. Send an `Idempotency-Key`.
#[utoipa::path(tag = "remains", request_body = NewElements,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = WrittenElements), (status = 200, body = WrittenElements), (status = "4XX", body = Problem)))]
#[post("/remains/{id}/elements")]
async fn add_elements(app: web::Data<App>, who: Client, id: web::Path<Uuid>, key: IdempotencyKey, body: Body<NewElements>) -> Answer {
    let done = elements::add(&app, &who.actor, RemainsId(*id), key.with(body.digest).as_ref(), body.value.elements).await?;
    Ok(made_whole(&done, &format!("/api/v1/remains/{id}")))
}

/// A correction of what an inventory says of an element.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ElementCorrection {
    /// Why.
    reason: String,
    /// The element as now described, whole.
    element: NewElement,
}

/// Corrects an element; old values are kept with author and reason.
#[utoipa::path(tag = "remains", request_body = ElementCorrection, params(("If-Match" = String, Header, description = "the element's revision as it was read")),
    responses((status = 200, body = Changed), (status = "4XX", body = Problem)))]
#[patch("/skeletal-elements/{id}")]
async fn correct_element(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<ElementCorrection>) -> Answer {
    let ElementCorrection { reason, element } = body.value;
    changed(elements::correct(&app, &who.actor, ElementId(*id), rev.0, &reason, element).await?)
}

/// Says whose an element is, or whose it is not. A later verdict on the same individual stands instead of an earlier one.
#[utoipa::path(tag = "remains", request_body = NewAssociation, responses((status = 201, body = WrittenAssociation), (status = "4XX", body = Problem)))]
#[post("/skeletal-elements/{id}/associations")]
async fn associate(app: web::Data<App>, who: Client, id: web::Path<Uuid>, body: Body<NewAssociation>) -> Answer {
    Ok(HttpResponse::Created().json(associations::associate(&app, &who.actor, ElementId(*id), body.value).await?))
}

/// Says how an operation on remains stands.
#[utoipa::path(tag = "remains", request_body = NewOperation, responses((status = 204), (status = "4XX", body = Problem)))]
#[post("/remains/{id}/operations")]
async fn record_operation(app: web::Data<App>, who: Client, id: web::Path<Uuid>, body: Body<NewOperation>) -> Answer {
    operations::record(&app, &who.actor, RemainsId(*id), body.value).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Moves remains: burial, ossuary, cremation, exhumation, return.
#[utoipa::path(tag = "remains", request_body = NewMove, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 201, body = MovedRemains), (status = "4XX", body = Problem)))]
#[post("/remains/{id}/moves")]
async fn make_move(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<NewMove>) -> Answer {
    let moved = moves::make(&app, &who.actor, RemainsId(*id), rev.0, body.value).await?;
    Ok(HttpResponse::Created().insert_header(etag(moved.rev)).json(moved))
}
