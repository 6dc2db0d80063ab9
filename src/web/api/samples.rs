//! Donors, samples and their custody: `/donors`, `/samples`, `/hand-overs`. No genotype in any answer.

use super::auth::Client;
use super::cases::{REPLAYED, etag, taken};
use super::request::{Body, IdempotencyKey, List, Params, Revision, keyset, keyset_cursor, page_size, searched, word};
use crate::app::App;
use crate::db::samples::{IdentifierRow, OpenHandOver, SampleFilter, SampleLine};
use crate::domain::custody::CustodyLine;
use crate::domain::ids::{AuthorityId, CaseId, CustodyEventId, DonorId, ElementId, FoundId, RemainsId, SampleId, UserId};
use crate::domain::sample::{SampleSource, SampleState};
use crate::services::bank::custody::{self, NewCustody, Reception, Written};
use crate::services::bank::donors::{self, DonorConsent, DonorView, NewDonor, RegisteredDonor};
use crate::services::bank::samples::{self, NewSample, RegisteredSample, SampleNumber, SampleView};
use crate::services::once::Done;
use crate::web::problem::{ApiError, Problem};
use actix_web::http::header;
use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(register_donor).service(donors_of_case).service(read_donor).service(give_consent).service(withdraw_consent);
    routes.service(register).service(list).service(read).service(add_number).service(write).service(open_hand_overs).service(receive);
}

type Answer = Result<HttpResponse, ApiError>;

/// The answer to a request that makes something of its own kind: 201, or 200 when the same request had made it.
pub(super) fn made_whole<T: Serialize>(done: &Done<T>, location: &str) -> HttpResponse {
    let mut answer = if done.before { HttpResponse::Ok() } else { HttpResponse::Created() };
    if done.before {
        answer.insert_header(REPLAYED);
    }
    answer.insert_header((header::LOCATION, location)).json(&done.made)
}

/// Registers a relative who gives, or may give, a sample. Send an `Idempotency-Key`.
#[utoipa::path(tag = "samples", request_body = NewDonor,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = RegisteredDonor), (status = 200, body = RegisteredDonor), (status = "4XX", body = Problem)))]
#[post("/donors")]
async fn register_donor(app: web::Data<App>, who: Client, key: IdempotencyKey, body: Body<NewDonor>) -> Answer {
    let done = donors::register(&app, &who.actor, key.with(body.digest).as_ref(), body.value).await?;
    Ok(made_whole(&done, &format!("/api/v1/donors/{}", done.made.id)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OfCase {
    /// The case of the missing person.
    case: Uuid,
}

/// The donors of a case.
#[utoipa::path(tag = "samples", params(OfCase), responses((status = 200, body = List<DonorView>), (status = "4XX", body = Problem)))]
#[get("/donors")]
async fn donors_of_case(app: web::Data<App>, who: Client, Params(query): Params<OfCase>) -> Answer {
    Ok(HttpResponse::Ok().json(List::whole(donors::of_case(&app, &who.actor, CaseId(query.case)).await?)))
}

/// A donor. The name and the consents are told to the institution that registered the donor.
#[utoipa::path(tag = "samples", responses((status = 200, body = DonorView), (status = "4XX", body = Problem)))]
#[get("/donors/{id}")]
async fn read_donor(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    Ok(HttpResponse::Ok().json(donors::read(&app, &who.actor, DonorId(*id)).await?))
}

/// Records a donor's consent.
#[utoipa::path(tag = "samples", request_body = DonorConsent,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 204), (status = "4XX", body = Problem)))]
#[post("/donors/{id}/consents")]
async fn give_consent(app: web::Data<App>, who: Client, id: web::Path<Uuid>, key: IdempotencyKey, body: Body<DonorConsent>) -> Answer {
    let key = key.with(body.digest);
    taken(donors::give_consent(&app, &who.actor, DonorId(*id), key.as_ref(), body.value).await?.before)
}

/// Why a consent ends.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct DonorWithdrawal {
    /// In the donor's words; nobody has to give a reason.
    reason: String,
}

/// What ended with a donor's consent.
#[derive(Debug, Serialize, ToSchema)]
struct DonorWithdrawn {
    /// Pairs of a missing person and remains that rested on the donor's profiles.
    pairs: usize,
}

/// Withdraws a donor's consent. At once the profiles leave the search, what they weighed is taken back, and whoever has a sample is called upon to end what is
/// done with it.
#[utoipa::path(tag = "samples", request_body = DonorWithdrawal, responses((status = 200, body = DonorWithdrawn), (status = "4XX", body = Problem)))]
#[post("/donors/{id}/withdrawals")]
async fn withdraw_consent(app: web::Data<App>, who: Client, id: web::Path<Uuid>, body: Body<DonorWithdrawal>) -> Answer {
    let pairs = donors::withdraw_consent(&app, &who.actor, DonorId(*id), &body.value.reason).await?;
    Ok(HttpResponse::Ok().json(DonorWithdrawn { pairs }))
}

/// Registers a sample, with the first line of its ledger. A relative's needs a live consent that covers the institution. Send an `Idempotency-Key`.
#[utoipa::path(tag = "samples", request_body = NewSample,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = RegisteredSample), (status = 200, body = RegisteredSample), (status = "4XX", body = Problem)))]
#[post("/samples")]
async fn register(app: web::Data<App>, who: Client, key: IdempotencyKey, body: Body<NewSample>) -> Answer {
    let done = samples::register(&app, &who.actor, key.with(body.digest).as_ref(), body.value).await?;
    let rev = done.made.rev;
    let mut answer = made_whole(&done, &format!("/api/v1/samples/{}", done.made.id));
    if let Ok(value) = header::HeaderValue::from_str(&etag(rev).1) {
        answer.headers_mut().insert(header::ETAG, value);
    }
    Ok(answer)
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Listing {
    /// Any number a sample has or had, from its beginning, however it is punctuated.
    q: Option<String>,
    /// State.
    state: Option<String>,
    /// relative, `direct_reference`, remains or staff.
    source: Option<String>,
    /// Of this case.
    case: Option<Uuid>,
    /// Of this found record.
    found_record: Option<Uuid>,
    /// Lines, up to 200.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The samples the institution holds or was handed, newest first.
#[utoipa::path(tag = "samples", params(Listing), responses((status = 200, body = List<SampleLine>), (status = "4XX", body = Problem)))]
#[get("/samples")]
async fn list(app: web::Data<App>, who: Client, Params(query): Params<Listing>) -> Answer {
    let state: Option<SampleState> = word("state", query.state.as_deref())?;
    let source: Option<SampleSource> = word("source", query.source.as_deref())?;
    let limit = page_size(query.limit)?;
    let filter = SampleFilter {
        q: searched(query.q)?,
        state: state.map(|s| s.to_string()),
        source: source.map(|s| s.to_string()),
        case: query.case,
        found: query.found_record,
        donor: None,
    };
    let lines = samples::list(&app, &who.actor, &filter, keyset(query.cursor.as_deref())?, limit).await?;
    Ok(HttpResponse::Ok().json(List::new(lines, limit, |l| keyset_cursor(l.created_at, l.id))))
}

/// A line of a sample's ledger.
#[derive(Debug, Serialize, ToSchema)]
struct LedgerLine {
    id: CustodyEventId,
    seq: i32,
    at: DateTime<Utc>,
    kind: String,
    authority: AuthorityId,
    user: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<CustodyEventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<AuthorityId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discrepancy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<DateTime<Utc>>,
    hash: String,
}

impl LedgerLine {
    fn of(l: CustodyLine, hash: &[u8]) -> Self {
        Self {
            id: l.id,
            seq: l.seq,
            at: l.at,
            kind: l.kind,
            authority: l.authority,
            user: l.user,
            answers: l.answers,
            to: l.to_authority,
            to_name: l.to_name,
            seal: l.seal,
            condition: l.condition,
            location: l.location,
            temperature: l.temperature,
            discrepancy: l.discrepancy,
            reason: l.reason,
            witness: l.witness,
            due_at: l.due_at,
            hash: hex::encode(hash),
        }
    }
}

/// A sample that was taken from another.
#[derive(Debug, Serialize, ToSchema)]
struct PartBody {
    id: SampleId,
    code: String,
    material: String,
    state: String,
}

/// A sample with everything that is told of it outside the laboratory.
#[derive(Debug, Serialize, ToSchema)]
struct SampleBody {
    id: SampleId,
    authority: AuthorityId,
    code: String,
    revision: i32,
    /// Whom it is of.
    source: String,
    donor: Option<DonorId>,
    case: Option<CaseId>,
    found_record: Option<FoundId>,
    remains: Option<RemainsId>,
    element: Option<ElementId>,
    parent: Option<SampleId>,
    material: String,
    amount: Option<String>,
    preservation: Option<String>,
    kit_lot: Option<String>,
    taken_on: Option<NaiveDate>,
    taken_by: Option<String>,
    taken_where: Option<String>,
    state: String,
    /// Moves that its state allows.
    legal: Vec<String>,
    note: Option<String>,
    /// Every number it has or had.
    identifiers: Vec<IdentifierRow>,
    /// What was taken from it.
    parts: Vec<PartBody>,
    /// Its ledger, in order.
    ledger: Vec<LedgerLine>,
    /// Whether the ledger holds; `null` to whoever does not own the sample.
    ledger_holds: Option<bool>,
    /// The first line that is broken, in words.
    ledger_fault: Option<String>,
    /// The hand-over that nobody has answered.
    open_hand_over: Option<CustodyEventId>,
}

fn body(view: SampleView) -> SampleBody {
    let SampleView { row, identifiers, parts, ledger } = view;
    let part = |r: crate::db::samples::SampleRow| PartBody { id: SampleId(r.id), code: r.code, material: r.material, state: r.state };
    SampleBody {
        id: SampleId(row.id),
        authority: row.owner(),
        revision: row.rev,
        legal: row.state().legal().iter().map(ToString::to_string).collect(),
        code: row.code,
        source: row.source,
        donor: row.donor_id.map(DonorId),
        case: row.case_id.map(CaseId),
        found_record: row.found_id.map(FoundId),
        remains: row.remains_id.map(RemainsId),
        element: row.element_id.map(ElementId),
        parent: row.parent_id.map(SampleId),
        material: row.material,
        amount: row.amount,
        preservation: row.preservation,
        kit_lot: row.kit_lot,
        taken_on: row.taken_on,
        taken_by: row.taken_by,
        taken_where: row.taken_where,
        state: row.state,
        note: row.note,
        identifiers,
        parts: parts.into_iter().map(part).collect(),
        ledger_holds: ledger.check.as_ref().map(Result::is_ok),
        ledger_fault: ledger.check.as_ref().and_then(|c| c.as_ref().err().map(ToString::to_string)),
        open_hand_over: ledger.open,
        ledger: ledger.lines.into_iter().map(|k| LedgerLine::of(k.line, &k.hash)).collect(),
    }
}

/// A sample with its numbers, parts and checked ledger.
#[utoipa::path(tag = "samples", responses((status = 200, body = SampleBody), (status = "4XX", body = Problem)))]
#[get("/samples/{id}")]
async fn read(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let view = samples::read(&app, &who.actor, SampleId(*id)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(view.row.rev)).json(body(view)))
}

/// Adds a number that the sample has elsewhere; a search by it finds the sample.
#[utoipa::path(tag = "samples", request_body = SampleNumber, responses((status = 204), (status = "4XX", body = Problem)))]
#[post("/samples/{id}/identifiers")]
async fn add_number(app: web::Data<App>, who: Client, id: web::Path<Uuid>, body: Body<SampleNumber>) -> Answer {
    samples::add_number(&app, &who.actor, SampleId(*id), body.value).await?;
    taken(false)
}

/// Writes a line of a sample's ledger: by whoever has the sample.
#[utoipa::path(tag = "samples", request_body = NewCustody, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 201, body = Written), (status = "4XX", body = Problem)))]
#[post("/samples/{id}/custody")]
async fn write(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<NewCustody>) -> Answer {
    let written = custody::write(&app, &who.actor, SampleId(*id), rev.0, body.value).await?;
    Ok(HttpResponse::Created().insert_header(etag(written.rev)).json(written))
}

/// The open hand-overs from and to the institution, oldest first.
#[utoipa::path(tag = "samples", responses((status = 200, body = List<OpenHandOver>), (status = "4XX", body = Problem)))]
#[get("/hand-overs")]
async fn open_hand_overs(app: web::Data<App>, who: Client) -> Answer {
    Ok(HttpResponse::Ok().json(List::whole(custody::open_hand_overs(&app, &who.actor).await?)))
}

/// Says that a sample came: by the institution it was handed to, with the code on its label.
#[utoipa::path(tag = "samples", request_body = Reception, responses((status = 201, body = Written), (status = "4XX", body = Problem)))]
#[post("/hand-overs/{id}/reception")]
async fn receive(app: web::Data<App>, who: Client, id: web::Path<Uuid>, body: Body<Reception>) -> Answer {
    let written = custody::receive(&app, &who.actor, CustodyEventId(*id), body.value).await?;
    Ok(HttpResponse::Created().insert_header(etag(written.rev)).json(written))
}
