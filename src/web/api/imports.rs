//! Importing files: `/imports`. A file is checked first; nothing is written to the registry before it is confirmed.

use super::auth::Client;
use super::cases::{REPLAYED, Said};
use super::request::{Body, IdempotencyKey, List, Params, page_size, read_body, word};
use crate::app::App;
use crate::db::imports::{DifferenceRow, ProblemGroup, ProblemRow, RunRow};
use crate::domain::import::{ImportKind, ImportState};
use crate::interop::errors_csv;
use crate::services::cases::ConsentForm;
use crate::services::imports::{self, NewRun, OWN_SCHEME, Reading, differences};
use crate::services::once::Done;
use crate::web::problem::{ApiError, Problem};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

/// Largest file in bytes; larger ones go through the command line, which streams.
const MAX_FILE: usize = 64 << 20;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(begin).service(list).service(read).service(confirm).service(cancel);
    routes.service(list_problems).service(errors_file).service(list_differences).service(accept).service(refuse);
}

type Answer = Result<HttpResponse, ApiError>;

/// How a run stands.
#[derive(Debug, Serialize, ToSchema)]
struct RunBody {
    id: Uuid,
    kind: ImportKind,
    file_name: String,
    state: ImportState,
    /// Bytes of the file, and how many are done.
    file_bytes: i64,
    done_bytes: i64,
    rows_read: i64,
    accepted: i64,
    /// Accepted with a remark.
    warned: i64,
    rejected: i64,
    /// Left out as a full duplicate.
    skipped: i64,
    /// There already, and the same.
    unchanged: i64,
    /// There already, and different: decide on each.
    differing: i64,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    /// Faults by column and kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ProblemGroup>,
}

fn body(run: RunRow, problems: Vec<ProblemGroup>) -> RunBody {
    RunBody {
        id: run.id,
        kind: run.kind(),
        state: run.state(),
        file_name: run.file_name,
        file_bytes: run.file_bytes,
        done_bytes: run.done_bytes,
        rows_read: run.rows_read,
        accepted: run.accepted,
        warned: run.warned,
        rejected: run.rejected,
        skipped: run.skipped,
        unchanged: run.unchanged,
        differing: run.differing,
        failure: run.failure,
        created_at: run.created_at,
        finished_at: run.finished_at,
        problems,
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct NewImport {
    /// cases, records or mmp.
    kind: Option<String>,
    /// Name of the file, for people.
    file_name: Option<String>,
    /// Scheme of its identifiers where the file names none.
    scheme: Option<String>,
    /// Encoding by name, when the detection would be wrong.
    encoding: Option<String>,
    /// `day_first` or `month_first`, for dates such as 03/04/2021.
    date_order: Option<String>,
    /// `male_female` (M, F) or `hombre_mujer` (H, M).
    sex_letters: Option<String>,
    /// Leaves a value out that cannot be true, where otherwise its row would stay out.
    drop_faulty_values: Option<bool>,
    /// A consent form for the whole file, as JSON.
    consent: Option<String>,
}

/// Sends a file (the body, CSV, also gzip) to be checked by a worker.
#[utoipa::path(tag = "imports",
    params(NewImport, ("Idempotency-Key" = Option<String>, Header, description = "8 to 128 characters of the sender's choice")), request_body(content = String, content_type = "text/csv"),
    responses((status = 202, body = RunBody), (status = "4XX", body = Problem)))]
#[post("/imports")]
async fn begin(
    app: web::Data<App>,
    who: Client,
    key: IdempotencyKey,
    Params(query): Params<NewImport>,
    request: HttpRequest,
    payload: web::Payload,
) -> Answer {
    let kind: ImportKind = word("kind", query.kind.as_deref())?
        .ok_or_else(|| ApiError::fault("/kind", "empty", "say what the file holds: cases, records or mmp"))?;
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !["text/csv", "application/csv", "application/gzip", "application/octet-stream"].iter().any(|m| media.starts_with(m)) {
        return Err(ApiError::request(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "send the file itself as text/csv or application/gzip"));
    }
    let consent: Option<ConsentForm> = match &query.consent {
        Some(text) => Some(super::request::parse(text.as_bytes())?),
        None => None,
    };
    let content = read_body(&request, &mut payload.into_inner(), MAX_FILE).await?.to_vec();
    let mut digest = Sha256::new();
    digest.update(format!("POST /imports?{}\n", request.query_string()));
    digest.update(&content);
    let key = key.with(digest.finalize().to_vec());
    let new = NewRun {
        kind,
        file_name: query.file_name.unwrap_or_else(|| format!("{kind}.csv")),
        digest: Sha256::digest(&content).to_vec(),
        bytes: content.len() as u64,
        scheme: query.scheme.unwrap_or_else(|| OWN_SCHEME.to_owned()),
        reading: Reading {
            encoding: query.encoding,
            date_order: query.date_order,
            sex_letters: query.sex_letters,
            drop_faulty_values: query.drop_faulty_values.unwrap_or(false),
            ..Reading::default()
        },
        consent,
        check_only: true,
        content: Some(content),
    };
    let Done { made: run, before } = imports::begin(&app, &who.actor, key.as_ref(), new).await?;
    let location = (header::LOCATION, format!("/api/v1/imports/{}", run.id));
    let mut answer = HttpResponse::Accepted();
    if before {
        answer.insert_header(REPLAYED);
    }
    Ok(answer.insert_header(location).json(body(run, Vec::new())))
}

/// The authority's last 200 imports, newest first.
#[utoipa::path(tag = "imports", responses((status = 200, body = List<RunBody>), (status = "4XX", body = Problem)))]
#[get("/imports")]
async fn list(app: web::Data<App>, who: Client) -> Answer {
    let runs = imports::runs(&app, &who.actor, 200).await?;
    Ok(HttpResponse::Ok().json(List::whole(runs.into_iter().map(|r| body(r, Vec::new())).collect())))
}

/// How an import stands, with its faults by column and kind.
#[utoipa::path(tag = "imports", responses((status = 200, body = RunBody), (status = "4XX", body = Problem)))]
#[get("/imports/{id}")]
async fn read(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let run = imports::run(&app, &who.actor, *id).await?;
    let problems = imports::problem_groups(&app, &who.actor, *id).await?;
    Ok(HttpResponse::Ok().json(body(run, problems)))
}

/// Confirms a checked file: a worker writes its rows.
#[utoipa::path(tag = "imports", responses((status = 202, body = RunBody), (status = "4XX", body = Problem)))]
#[post("/imports/{id}/confirmation")]
async fn confirm(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    Ok(HttpResponse::Accepted().json(body(imports::confirm(&app, &who.actor, *id).await?, Vec::new())))
}

/// Stops an import; what it registered stays. A checked file is given up.
#[utoipa::path(tag = "imports", responses((status = 202, body = RunBody), (status = "4XX", body = Problem)))]
#[post("/imports/{id}/cancellation")]
async fn cancel(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    Ok(HttpResponse::Accepted().json(body(imports::cancel(&app, &who.actor, *id).await?, Vec::new())))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Part {
    /// After this number; from the beginning without it.
    after: Option<i64>,
    /// Lines, up to 200.
    limit: Option<i64>,
}

/// Faults of the rows: row, column, value, code and reason, in the order of the file.
#[utoipa::path(tag = "imports", params(Part), responses((status = 200, body = List<ProblemRow>), (status = "4XX", body = Problem)))]
#[get("/imports/{id}/problems")]
async fn list_problems(app: web::Data<App>, who: Client, id: web::Path<Uuid>, Params(part): Params<Part>) -> Answer {
    let limit = page_size(part.limit)?;
    let rows = imports::problems(&app, &who.actor, *id, part.after.unwrap_or(0), limit).await?;
    Ok(HttpResponse::Ok().json(List::new(rows, limit, |r| r.seq.to_string())))
}

/// The same as a CSV file.
#[utoipa::path(tag = "imports", responses((status = 200, content_type = "text/csv", body = String), (status = "4XX", body = Problem)))]
#[get("/imports/{id}/errors.csv")]
async fn errors_file(app: web::Data<App>, who: Client, id: web::Path<Uuid>) -> Answer {
    let file = errors_csv::of_run(&app, &who.actor, *id, Vec::new()).await?;
    Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").body(file))
}

/// Rows whose id is registered already with other content: what is held, what the file says.
#[utoipa::path(tag = "imports", params(Part), responses((status = 200, body = List<DifferenceRow>), (status = "4XX", body = Problem)))]
#[get("/imports/{id}/differences")]
async fn list_differences(app: web::Data<App>, who: Client, id: web::Path<Uuid>, Params(part): Params<Part>) -> Answer {
    let limit = page_size(part.limit)?;
    let rows = differences::list(&app, &who.actor, *id, part.after.unwrap_or(0), limit).await?;
    Ok(HttpResponse::Ok().json(List::new(rows, limit, |r| r.row_no.to_string())))
}

/// Accepts a difference with a reason (`text`): the fields are corrected, old values kept.
#[utoipa::path(tag = "imports", request_body = Said, responses((status = 204), (status = "4XX", body = Problem)))]
#[post("/import-differences/{difference}/acceptance")]
async fn accept(app: web::Data<App>, who: Client, id: web::Path<Uuid>, said: Body<Said>) -> Answer {
    differences::accept(&app, &who.actor, *id, &said.value.text).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Refuses a difference with a reason (`text`): what is held stays.
#[utoipa::path(tag = "imports", request_body = Said, responses((status = 204), (status = "4XX", body = Problem)))]
#[post("/import-differences/{difference}/refusal")]
async fn refuse(app: web::Data<App>, who: Client, id: web::Path<Uuid>, said: Body<Said>) -> Answer {
    differences::refuse(&app, &who.actor, *id, &said.value.text).await?;
    Ok(HttpResponse::NoContent().finish())
}
