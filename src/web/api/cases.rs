//! Cases: `/cases`.

use super::auth::Client;
use super::request::{Body, IdempotencyKey, List, Params, Revision, keyset, keyset_cursor, page_size, searched, word};
use crate::app::App;
use crate::db::audit::{AccessLine, MoveLine};
use crate::db::cases::{ActionRow, CaseFilter, CaseLine, InquirerRow, LastContact, LegRow};
use crate::db::consents::{ConsentRow, SightLine};
use crate::db::corrections::CorrectionRow;
use crate::db::information::CaseInformation;
use crate::db::messages::MessageRow;
use crate::domain::case::CaseState;
use crate::domain::ids::{AuthorityId, CaseId};
use crate::domain::person::Description;
use crate::services::association;
use crate::services::cases::{self, CaseCorrection, CaseMove, CaseView, ConsentForm, NewAction, NewCase, Registered};
use crate::services::consents::{self, Subject, Withdrawal};
use crate::services::once::Done;
use crate::web::problem::{ApiError, Problem};
use actix_web::http::header;
use actix_web::{HttpResponse, get, patch, post, put, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(register).service(list).service(read).service(correct).service(file).service(corrections).service(make_move);
    routes.service(give_consent).service(withdraw_consent).service(plan_action).service(finish_action);
    routes.service(set_family_phase).service(renew_pin).service(mandate).service(answer_message);
}

/// Marks an answer to a request that was done before.
pub(super) const REPLAYED: (&str, &str) = ("idempotent-replayed", "true");

type Answer = Result<HttpResponse, ApiError>;

/// The ETag of a revision.
pub(super) fn etag(rev: i32) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"{rev}\""))
}

/// A new revision, after a change.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Changed {
    /// The revision now.
    pub revision: i32,
}

/// The state and revision after a move.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Moved<S> {
    /// The state now.
    pub state: S,
    /// The revision now.
    pub revision: i32,
    /// The moves that are legal from here.
    pub legal: Vec<String>,
}

/// The answer to a change.
pub(super) fn changed(rev: i32) -> Answer {
    Ok(HttpResponse::Ok().insert_header(etag(rev)).json(Changed { revision: rev }))
}

/// Registers a case: record, consents, the family's key and the first action in one transaction; it is compared at once.
///
/// Send an `Idempotency-Key`: the same request sent again gives the same case (200), but not the PIN again.
#[utoipa::path(tag = "cases", request_body = NewCase,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = Registered), (status = 200, body = Registered), (status = "4XX", body = Problem)))]
#[post("/cases")]
async fn register(app: web::Data<App>, who: Client, key: IdempotencyKey, body: Body<NewCase>) -> Answer {
    let Done { made: case, before: again } = cases::register(&app, &who.actor, key.with(body.digest).as_ref(), body.value).await?;
    let mut answer = if again { HttpResponse::Ok() } else { HttpResponse::Created() };
    if again {
        answer.insert_header(REPLAYED);
    }
    Ok(answer.insert_header((header::LOCATION, format!("/api/v1/cases/{}", case.id))).insert_header(etag(case.rev)).json(case))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Listing {
    /// Words of a name (without accents, in any order), a folio or an external id.
    q: Option<String>,
    /// State.
    state: Option<String>,
    /// Nationality, ISO 3166-1 alpha-3.
    nationality: Option<String>,
    /// Country of the last contact.
    country: Option<String>,
    /// Only with an action due before this moment (RFC 3339).
    due_before: Option<DateTime<Utc>>,
    /// Lines, up to 200.
    limit: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// The authority's own cases, newest first.
#[utoipa::path(tag = "cases", params(Listing), responses((status = 200, body = List<CaseLine>), (status = "4XX", body = Problem)))]
#[get("/cases")]
async fn list(app: web::Data<App>, who: Client, Params(query): Params<Listing>) -> Answer {
    let state: Option<CaseState> = word("state", query.state.as_deref())?;
    let limit = page_size(query.limit)?;
    let filter = CaseFilter {
        q: searched(query.q)?,
        state: state.map(|s| s.to_string()),
        nationality: query.nationality,
        country: query.country,
        contact: None,
        due_before: query.due_before,
        contact_from: None,
        contact_to: None,
    };
    let lines = cases::list(&app, &who.actor, &filter, keyset(query.cursor.as_deref())?, limit).await?;
    Ok(HttpResponse::Ok().json(List::new(lines, limit, |l| keyset_cursor(l.created_at, l.id))))
}

/// A case as far as the asking authority may see it: what is not covered is left out.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CaseBody {
    /// Id.
    id: CaseId,
    /// The authority that leads it.
    authority: AuthorityId,
    /// Folio.
    folio: String,
    /// Revision, for whoever may change it: to others it would tell that something happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<i32>,
    /// The categories of data that agreement, consent and purpose leave.
    visible: Vec<String>,
    /// The person.
    person: Description,
    /// The last contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_contact: Option<LastContact>,
    /// What only the leading authority sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    own: Option<OwnBody>,
}

/// What only the leading authority sees of a case.
#[derive(Debug, Serialize, ToSchema)]
struct OwnBody {
    state: CaseState,
    /// The moves that are legal now.
    legal: Vec<String>,
    external_id: Option<String>,
    scheme: Option<String>,
    intake_channel: String,
    report_language: Option<String>,
    report_date: Option<NaiveDate>,
    origin_country: Option<String>,
    transit_countries: Vec<String>,
    destination_country: Option<String>,
    destination_place: Option<String>,
    risk_flags: Vec<String>,
    /// normal, restricted or sealed.
    confidentiality: String,
    /// What the family sees: 1 to 4, moved by people only.
    family_phase: i16,
    journey: Vec<LegRow>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// The body of a case, cut as the view is.
pub(super) fn body(view: CaseView) -> CaseBody {
    let CaseView { row, sight, person, last_contact, journey } = view;
    let state = row.state();
    let own = sight.is_owner().then(|| OwnBody {
        state,
        legal: state.legal().iter().map(ToString::to_string).collect(),
        external_id: row.external_id.clone(),
        scheme: row.scheme.clone(),
        intake_channel: row.intake_channel.clone(),
        report_language: row.report_language.clone(),
        report_date: row.report_date,
        origin_country: row.origin_country.clone(),
        transit_countries: row.transit_countries.clone(),
        destination_country: row.destination_country.clone(),
        destination_place: row.destination_place.clone(),
        risk_flags: row.risk_flags.clone(),
        confidentiality: row.confidentiality.clone(),
        family_phase: row.family_phase,
        journey,
        created_at: row.created_at,
        updated_at: row.updated_at,
    });
    CaseBody {
        id: CaseId(row.id),
        authority: row.owner(),
        visible: sight.categories().iter().map(ToString::to_string).collect(),
        folio: row.folio,
        revision: sight.is_owner().then_some(row.rev),
        person,
        last_contact,
        own,
    }
}

/// Reads a case, one's own or another authority's as far as agreement, consent and purpose go. The read is audited for its owner.
#[utoipa::path(tag = "cases", responses((status = 200, body = CaseBody), (status = "4XX", body = Problem)))]
#[get("/cases/{id}")]
async fn read(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let view = cases::read(&app, &who.actor, CaseId(*id)).await?;
    let mut answer = HttpResponse::Ok();
    if view.sight.is_owner() {
        answer.insert_header(etag(view.row.rev));
    }
    Ok(answer.json(body(view)))
}

/// Corrects a case. What is not given stays; old values are kept with author and reason.
#[utoipa::path(tag = "cases", request_body = CaseCorrection, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Changed), (status = "4XX", body = Problem)))]
#[patch("/cases/{id}")]
async fn correct(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<CaseCorrection>) -> Answer {
    changed(cases::correct(&app, &who.actor, CaseId(*id), rev.0, body.value).await?)
}

/// Everything about an own case beside the case.
#[derive(Debug, Serialize, ToSchema)]
struct FileBody {
    /// Who searches.
    inquirers: Vec<InquirerRow>,
    /// What was and is to be done.
    actions: Vec<ActionRow>,
    /// Consents, also withdrawn ones.
    consents: Vec<ConsentRow>,
    /// Which other authorities see it, and what for.
    sharing: Vec<SightLine>,
    /// Who has seen or changed it.
    access: Vec<AccessLine>,
    /// Messages of family and associations, and the answers.
    messages: Vec<MessageRow>,
    /// The moves that were made.
    moves: Vec<MoveLine>,
    /// How much comparing can tell of it with what is recorded; left out before it was compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    information: Option<CaseInformation>,
}

/// Inquirers, actions, consents, sharing, access, messages, moves and information content of an own case.
#[utoipa::path(tag = "cases", responses((status = 200, body = FileBody), (status = "4XX", body = Problem)))]
#[get("/cases/{id}/file")]
async fn file(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let f = cases::file(&app, &who.actor, CaseId(*id)).await?;
    let etag = etag(f.view.row.rev);
    Ok(HttpResponse::Ok().insert_header(etag).json(FileBody {
        inquirers: f.inquirers,
        actions: f.actions,
        consents: f.consents,
        sharing: f.sharing,
        access: f.access,
        messages: f.messages,
        moves: f.moves,
        information: f.information,
    }))
}

/// What was corrected, newest first, with old value, author and reason.
#[utoipa::path(tag = "cases", responses((status = 200, body = List<CorrectionRow>), (status = "4XX", body = Problem)))]
#[get("/cases/{id}/corrections")]
async fn corrections(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    Ok(HttpResponse::Ok().json(List::whole(consents::corrections_of(&app, &who.actor, Subject::Case(CaseId(*id))).await?)))
}

/// Moves a case through its life cycle. An illegal move answers 409 with the legal ones.
#[utoipa::path(tag = "cases", request_body = CaseMove, params(("If-Match" = String, Header, description = "the ETag of what was read")),
    responses((status = 200, body = Moved<CaseState>), (status = "4XX", body = Problem)))]
#[post("/cases/{id}/moves")]
async fn make_move(app: web::Data<App>, who: Client, id: web::Path<Uuid>, rev: Revision, body: Body<CaseMove>) -> Answer {
    let (state, revision) = cases::command(&app, &who.actor, CaseId(*id), rev.0, body.value).await?;
    let legal = state.legal().iter().map(ToString::to_string).collect();
    Ok(HttpResponse::Ok().insert_header(etag(revision)).json(Moved { state, revision, legal }))
}

/// Records a consent form for a case.
#[utoipa::path(tag = "cases", request_body = ConsentForm, params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 204), (status = "4XX", body = Problem)))]
#[post("/cases/{id}/consents")]
async fn give_consent(app: web::Data<App>, who: Client, id: web::Path<Uuid>, key: IdempotencyKey, body: Body<ConsentForm>) -> Answer {
    let key = key.with(body.digest);
    taken(consents::give(&app, &who.actor, Subject::Case(CaseId(*id)), key.as_ref(), body.value).await?.before)
}

/// The answer to a request that makes something: 201, or 200 when the same request had made it.
pub(super) fn made(done: Done) -> Answer {
    let mut answer = if done.before { HttpResponse::Ok() } else { HttpResponse::Created() };
    if done.before {
        answer.insert_header(REPLAYED);
    }
    Ok(answer.json(Made { id: done.made }))
}

/// The answer of nothing to say; marked when the same request was taken before.
pub(super) fn taken(before: bool) -> Answer {
    let mut answer = HttpResponse::NoContent();
    if before {
        answer.insert_header(REPLAYED);
    }
    Ok(answer.finish())
}

/// How many consents ended.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Withdrawn {
    /// Their number.
    pub ended: usize,
}

/// Withdraws consent, all of it or a part. At once the case leaves the sight of whoever loses it, and the comparison.
#[utoipa::path(tag = "cases", request_body = Withdrawal, responses((status = 200, body = Withdrawn), (status = "4XX", body = Problem)))]
#[post("/cases/{id}/withdrawals")]
async fn withdraw_consent(app: web::Data<App>, who: Client, id: web::Path<Uuid>, body: Body<Withdrawal>) -> Answer {
    let ended = consents::withdraw(&app, &who.actor, Subject::Case(CaseId(*id)), body.value).await?;
    Ok(HttpResponse::Ok().json(Withdrawn { ended }))
}

/// The id of what was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Made {
    /// Its id.
    pub id: Uuid,
}

/// Plans an action with the day it is due.
#[utoipa::path(tag = "cases", request_body = NewAction, params(("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")),
    responses((status = 201, body = Made), (status = 200, body = Made), (status = "4XX", body = Problem)))]
#[post("/cases/{id}/actions")]
async fn plan_action(app: web::Data<App>, who: Client, id: web::Path<Uuid>, key: IdempotencyKey, body: Body<NewAction>) -> Answer {
    let key = key.with(body.digest);
    made(cases::plan_action(&app, &who.actor, CaseId(*id), key.as_ref(), body.value).await?)
}

/// How an action ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ActionResult {
    /// `no_result`, lead, refused, `no_answer` or done.
    result: String,
}

/// Ends an action.
#[utoipa::path(tag = "cases", request_body = ActionResult, responses((status = 204), (status = "4XX", body = Problem)))]
#[put("/cases/{id}/actions/{action}/result")]
async fn finish_action(app: web::Data<App>, who: Client, path: web::Path<(Uuid, Uuid)>, body: Body<ActionResult>) -> Answer {
    let (case, action) = path.into_inner();
    cases::finish_action(&app, &who.actor, CaseId(case), action, &body.value.result).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What the family sees.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FamilyPhase {
    /// 1 to 3; the fourth follows from recording that the family was told in person.
    phase: i16,
}

/// Sets what the family's page says. Only people move it.
#[utoipa::path(tag = "cases", request_body = FamilyPhase, responses((status = 204), (status = "4XX", body = Problem)))]
#[put("/cases/{id}/family-phase")]
async fn set_family_phase(app: web::Data<App>, who: Client, id: web::Path<Uuid>, body: Body<FamilyPhase>) -> Answer {
    cases::set_family_phase(&app, &who.actor, CaseId(*id), body.value.phase).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The family's new key.
#[derive(Debug, Serialize, ToSchema)]
struct Pin {
    /// Told once.
    family_pin: String,
}

/// Gives the family a new PIN; the old one and its sessions end.
#[utoipa::path(tag = "cases", responses((status = 200, body = Pin), (status = "4XX", body = Problem)))]
#[post("/cases/{id}/family-pin")]
async fn renew_pin(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let family_pin = cases::renew_pin(&app, &who.actor, CaseId(*id)).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Pin { family_pin }))
}

/// A mandate of a family.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMandate {
    /// The association.
    association: Uuid,
    /// When they meet next.
    #[serde(default)]
    next_contact: Option<NaiveDate>,
}

/// Records that the family mandated an association to follow the case.
#[utoipa::path(tag = "cases", request_body = NewMandate, responses((status = 204), (status = "4XX", body = Problem)))]
#[post("/cases/{id}/mandates")]
async fn mandate(app: web::Data<App>, who: Client, id: web::Path<Uuid>, body: Body<NewMandate>) -> Answer {
    association::mandate(&app, &who.actor, CaseId(*id), AuthorityId(body.value.association), body.value.next_contact).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    /// Up to 2,000 characters.
    pub text: String,
}

/// Answers a message of the family or an association.
#[utoipa::path(tag = "cases", request_body = Said, responses((status = 204), (status = "4XX", body = Problem)))]
#[post("/cases/{id}/messages/{message}/answers")]
async fn answer_message(app: web::Data<App>, who: Client, path: web::Path<(Uuid, Uuid)>, body: Body<Said>) -> Answer {
    let (case, message) = path.into_inner();
    association::answer(&app, &who.actor, CaseId(case), message, &body.value.text).await?;
    Ok(HttpResponse::NoContent().finish())
}
