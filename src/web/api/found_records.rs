//! Found records, of the living and of remains: `/found-records`.

use super::auth::Client;
use super::cases::{Changed, REPLAYED, Withdrawn, changed, etag, taken};
use super::request::{Body, IdempotencyKey, List, Params, Revision, keyset, keyset_cursor, one_of, page_size, searched, word};
use crate::app::App;
use crate::db::audit::AccessLine;
use crate::db::consents::{ConsentRow, SightLine};
use crate::db::corrections::CorrectionRow;
use crate::db::found::{FoundFilter, FoundLine};
use crate::domain::dates::PartialDate;
use crate::domain::found::FoundKind;
use crate::domain::ids::{AuthorityId, FoundId};
use crate::domain::person::Description;
use crate::domain::place::Place;
use crate::services::cases::ConsentForm;
use crate::services::consents::{self, Subject, Withdrawal};
use crate::services::found::{self, FoundView, NewFound, RegisteredFound};
use crate::services::once::Done;
use crate::web::problem::{ApiError, Problem};
use actix_web::http::header;
use actix_web::{HttpResponse, get, patch, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(register).service(list).service(read).service(correct).service(file).service(corrections);
    routes.service(give_consent).service(withdraw_consent);
}

type Answer = Result<HttpResponse, ApiError>;

/// Registers a found record; it is compared at once. Send an `Idempotency-Key`.
#[utoipa::path(tag = "found records", request_body = NewFound,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = RegisteredFound), (status = 200, body = RegisteredFound), (status = "4XX", body = Problem)))]
#[post("/found-records")]
async fn register(app: web::Data<App>, who: Client, key: IdempotencyKey, body: Body<NewFound>) -> Answer {
    let Done { made: record, before: again } = found::register(&app, &who.actor, key.with(body.digest).as_ref(), body.value).await?;
    let mut answer = if again { HttpResponse::Ok() } else { HttpResponse::Created() };
    if again {
        answer.insert_header(REPLAYED);
    }
    let location = (header::LOCATION, format!("/api/v1/found-records/{}", record.id));
    Ok(answer.insert_header(location).insert_header(etag(record.rev)).json(record))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Listing {
    /// Words of a name (without accents, in any order), a folio or an external id.
    q: Option<String>,
    /// Kind of record.
    kind: Option<String>,
    /// Country where found.
    country: Option<String>,
    /// open, resolved or withdrawn.
    state: Option<String>,
    /// Lines, up to 200.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The authority's own found records, newest first.
#[utoipa::path(tag = "found records", params(Listing), responses((status = 200, body = List<FoundLine>), (status = "4XX", body = Problem)))]
#[get("/found-records")]
async fn list(app: web::Data<App>, who: Client, Params(query): Params<Listing>) -> Answer {
    let kind: Option<FoundKind> = word("kind", query.kind.as_deref())?;
    let limit = page_size(query.limit)?;
    let filter = FoundFilter {
        q: searched(query.q)?,
        kind: kind.map(|k| k.to_string()),
        country: query.country,
        state: one_of("state", query.state, &["open", "resolved", "withdrawn"])?,
    };
    let lines = found::list(&app, &who.actor, &filter, keyset(query.cursor.as_deref())?, limit).await?;
    Ok(HttpResponse::Ok().json(List::new(lines, limit, |l| keyset_cursor(l.created_at, l.id))))
}

/// A found record as far as the asking authority may see it: what is not covered is left out.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FoundBody {
    /// Id.
    id: FoundId,
    /// The authority that holds it.
    authority: AuthorityId,
    /// Folio.
    folio: String,
    /// Revision, for whoever may change it: to others it would tell that something happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<i32>,
    /// The categories of data that agreement, consent and purpose leave.
    visible: Vec<String>,
    /// What kind of record it is.
    kind: String,
    /// The person.
    person: Description,
    /// Where found.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    /// When found.
    #[serde(skip_serializing_if = "Option::is_none")]
    found_at: Option<PartialDate>,
    /// What only the holding authority sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<OwnBody>,
}

/// What only the holding authority sees of a found record.
#[derive(Debug, Serialize, ToSchema)]
struct OwnBody {
    /// open, resolved or withdrawn.
    state: String,
    external_id: Option<String>,
    scheme: Option<String>,
    body_state: Option<String>,
    pmi_min_days: Option<i32>,
    pmi_max_days: Option<i32>,
    wants_contact: Option<String>,
    held_at: Option<String>,
    language: Option<String>,
    /// normal, restricted or sealed.
    confidentiality: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// The body of a found record, cut as the view is.
pub(super) fn body(view: FoundView) -> FoundBody {
    let FoundView { row, sight, person, place, found_at } = view;
    let own = sight.is_owner().then(|| OwnBody {
        state: row.state.clone(),
        external_id: row.external_id.clone(),
        scheme: row.scheme.clone(),
        body_state: row.body_state.clone(),
        pmi_min_days: row.pmi_min_days,
        pmi_max_days: row.pmi_max_days,
        wants_contact: row.wants_contact.clone(),
        held_at: row.held_at.clone(),
        language: row.language.clone(),
        confidentiality: row.confidentiality.clone(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    });
    FoundBody {
        id: FoundId(row.id),
        authority: row.owner(),
        visible: sight.categories().iter().map(ToString::to_string).collect(),
        folio: row.folio,
        revision: sight.is_owner().then_some(row.rev),
        kind: row.kind,
        person,
        place,
        found_at,
        own,
    }
}

/// Reads a found record, one's own or another authority's as far as agreement, consent and purpose go. The read is audited for its owner.
#[utoipa::path(tag = "found records", responses((status = 200, body = FoundBody), (status = "4XX", body = Problem)))]
#[get("/found-records/{id}")]
async fn read(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let view = found::read(&app, &who.actor, FoundId(*id)).await?;
    let mut answer = HttpResponse::Ok();
    if view.sight.is_owner() {
        answer.insert_header(etag(view.row.rev));
    }
    Ok(answer.json(body(view)))
}

/// A correction of the description.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FoundCorrection {
    /// Why.
    reason: String,
    /// The person as now described, whole.
    person: Description,
}

/// Corrects the description; old values are kept with author and reason.
#[utoipa::path(tag = "found records", request_body = FoundCorrection, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Changed), (status = "4XX", body = Problem)))]
#[patch("/found-records/{id}")]
async fn correct(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<FoundCorrection>) -> Answer {
    let FoundCorrection { reason, person } = body.value;
    changed(found::correct(&app, &who.actor, FoundId(*id), rev.0, &reason, &person).await?)
}

/// Everything about an own record beside the record.
#[derive(Debug, Serialize, ToSchema)]
struct FileBody {
    /// Consents and other bases.
    consents: Vec<ConsentRow>,
    /// Which other authorities see it, and what for.
    sharing: Vec<SightLine>,
    /// Who has seen or changed it.
    access: Vec<AccessLine>,
}

/// Consents, sharing and access of an own found record.
#[utoipa::path(tag = "found records", responses((status = 200, body = FileBody), (status = "4XX", body = Problem)))]
#[get("/found-records/{id}/file")]
async fn file(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let f = found::file(&app, &who.actor, FoundId(*id)).await?;
    let etag = etag(f.view.row.rev);
    Ok(HttpResponse::Ok().insert_header(etag).json(FileBody { consents: f.consents, sharing: f.sharing, access: f.access }))
}

/// What was corrected, newest first, with old value, author and reason.
#[utoipa::path(tag = "found records", responses((status = 200, body = List<CorrectionRow>), (status = "4XX", body = Problem)))]
#[get("/found-records/{id}/corrections")]
async fn corrections(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    Ok(HttpResponse::Ok().json(List::whole(consents::corrections_of(&app, &who.actor, Subject::Found(FoundId(*id))).await?)))
}

/// Records a living person's consent, or another basis.
#[utoipa::path(tag = "found records", request_body = ConsentForm, params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 204), (status = "4XX", body = Problem)))]
#[post("/found-records/{id}/consents")]
async fn give_consent(app: web::Data<App>, who: Client, id: web::Path<Uuid>, key: IdempotencyKey, body: Body<ConsentForm>) -> Answer {
    let key = key.with(body.digest);
    taken(consents::give(&app, &who.actor, Subject::Found(FoundId(*id)), key.as_ref(), body.value).await?.before)
}

/// Withdraws consent, all of it or a part. At once the record leaves the sight of whoever loses it, and the comparison.
#[utoipa::path(tag = "found records", request_body = Withdrawal, responses((status = 200, body = Withdrawn), (status = "4XX", body = Problem)))]
#[post("/found-records/{id}/withdrawals")]
async fn withdraw_consent(app: web::Data<App>, who: Client, id: web::Path<Uuid>, body: Body<Withdrawal>) -> Answer {
    let ended = consents::withdraw(&app, &who.actor, Subject::Found(FoundId(*id)), body.value).await?;
    Ok(HttpResponse::Ok().json(Withdrawn { ended }))
}
