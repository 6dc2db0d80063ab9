//! Importing files: choose, check, confirm, watch, look at faults and differences. Nothing is written to the registry before the confirmation.

use super::error::PortalError;
use super::forms::{Choice, Errors, Fields, Posted};
use super::i18n::Lang;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use super::upload::Uploaded;
use crate::app::App;
use crate::db::imports::{DifferenceRow, ProblemGroup, RunRow};
use crate::domain::authority::{AuthorityKind, Purpose};
use crate::domain::disclosure::Category;
use crate::domain::import::{ImportKind, ImportState};
use crate::interop::errors_csv;
use crate::services::ServiceError;
use crate::services::cases::{ConsentForm, ConsentGrant};
use crate::services::imports::{self, NewRun, OWN_SCHEME, Reading, differences};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use askama::Template;
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

const SHOWN_DIFFERENCES: i64 = 20;
const TICK: Duration = Duration::from_millis(400);

/// Classes of recipients that a form for a whole file offers.
const RECIPIENTS: [AuthorityKind; 5] = [
    AuthorityKind::SearchCommission,
    AuthorityKind::ForensicBank,
    AuthorityKind::Consulate,
    AuthorityKind::Hospital,
    AuthorityKind::PublicDefender,
];

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/importar", web::get().to(list))
        .route("/importar", web::post().to(upload))
        .route("/importar/{id}", web::get().to(show))
        .route("/importar/{id}/avance", web::get().to(progress))
        .route("/importar/{id}/confirmar", web::post().to(confirm))
        .route("/importar/{id}/cancelar", web::post().to(cancel))
        .route("/importar/{id}/errores.csv", web::get().to(errors_file))
        .route("/importar/{id}/diferencias/{difference}", web::post().to(decide));
}

/// A run in the list.
struct RunLine {
    href: String,
    name: String,
    kind: String,
    state: String,
    tone: &'static str,
    mark: &'static str,
    rows: i64,
    written: i64,
    rejected: i64,
    differing: i64,
    when: String,
}

fn look(state: ImportState) -> (&'static str, &'static str) {
    match state {
        ImportState::Checking | ImportState::Running => ("violet", "half"),
        ImportState::Checked => ("honey", "ring"),
        ImportState::Finished => ("teal", "dot"),
        ImportState::Cancelled => ("plain", "square"),
        ImportState::Failed => ("brick", "cross"),
    }
}

fn run_line(p: &Page, run: &RunRow) -> RunLine {
    let (tone, mark) = look(run.state());
    let c = run.counts();
    RunLine {
        href: format!("/importar/{}", run.id),
        name: run.file_name.clone(),
        kind: p.t(&format!("import-{}", run.kind)),
        state: p.word("import-state", &run.state),
        tone,
        mark,
        rows: c.rows,
        written: if run.state() == ImportState::Checked { 0 } else { c.written() },
        rejected: c.rejected,
        differing: c.differing,
        when: p.moment(run.created_at),
    }
}

#[derive(Template)]
#[template(path = "pages/imports.html")]
struct ListPage {
    p: Page,
    errors: Errors,
    kinds: Vec<Choice>,
    recipients: Vec<Choice>,
    explained_by: String,
    granted_by: String,
    columns: Vec<String>,
    runs: Vec<RunLine>,
}

async fn list_page(app: &App, who: &SignedIn, errors: Errors, typed: &Fields) -> Result<ListPage, PortalError> {
    let p = who.page();
    let runs = imports::runs(app, who.actor(), 50).await?;
    let kinds = imports::kinds_for(who.actor());
    let chosen = typed.get("kind");
    let kinds = kinds
        .iter()
        .map(|k| {
            Choice::new(k.as_str(), p.t(&format!("import-{}", k.as_str())), chosen == k.as_str() || (chosen.is_empty() && kinds.len() == 1))
        })
        .collect();
    let words: Vec<&str> = RECIPIENTS.iter().map(|r| r.as_str()).collect();
    let columns = ["file-name", "state", "read", "saved", "rejected", "differing", "when"].map(|c| p.t(&format!("import-{c}"))).to_vec();
    Ok(ListPage {
        errors,
        kinds,
        recipients: Choice::words(p.language, "authority", &words, &typed.all("recipient")),
        explained_by: typed.get("explained_by").to_owned(),
        granted_by: typed.get("granted_by").to_owned(),
        columns,
        runs: runs.iter().map(|r| run_line(&p, r)).collect(),
        p,
    })
}

async fn list(app: web::Data<App>, who: SignedIn) -> Answer {
    respond::page(&list_page(&app, &who, Errors::default(), &Fields::default()).await?)
}

/// The consent form for the whole file; none when no class of recipient is ticked.
fn consent(lang: Lang, fields: &Fields, errors: &mut Errors) -> Option<ConsentForm> {
    let recipients: Vec<AuthorityKind> = fields.all("recipient").iter().filter_map(|r| r.parse().ok()).collect();
    if recipients.is_empty() {
        return None;
    }
    for field in ["explained_by", "granted_by"] {
        if fields.get(field).is_empty() {
            errors.add(lang, field, "error-required");
        }
    }
    let categories = vec![Category::Identity, Category::Description, Category::Circumstances];
    let grants = recipients.iter().flat_map(|recipient| {
        [Purpose::Search, Purpose::Identification, Purpose::ConsularAssistance].map(|purpose| ConsentGrant {
            purpose,
            recipient: *recipient,
            categories: categories.clone(),
        })
    });
    Some(ConsentForm {
        grants: grants.collect(),
        language: lang.as_str().to_owned(),
        explained_by: fields.get("explained_by").to_owned(),
        granted_by: fields.get("granted_by").to_owned(),
        form_version: "1".to_owned(),
    })
}

async fn upload(app: web::Data<App>, who: SignedIn, form: Uploaded) -> Answer {
    let lang = who.visit.lang;
    let mut errors = Errors::default();
    let kind: Option<ImportKind> = form.fields.word(lang, "kind", &mut errors);
    if kind.is_none() && errors.is_empty() {
        errors.add(lang, "kind", "error-required");
    }
    let file = form.file.filter(|f| !f.content.is_empty());
    if file.is_none() {
        errors.add(lang, "file", "import-file-missing");
    }
    let consent = consent(lang, &form.fields, &mut errors);
    let (Some(kind), Some(file), true) = (kind, file, errors.is_empty()) else {
        return respond::page_with(&list_page(&app, &who, errors, &form.fields).await?, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let new = NewRun {
        kind,
        file_name: file.name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned(),
        digest: Sha256::digest(&file.content).to_vec(),
        bytes: file.content.len() as u64,
        scheme: OWN_SCHEME.to_owned(),
        reading: Reading::default(),
        consent,
        check_only: true,
        content: Some(file.content),
    };
    match imports::begin(&app, who.actor(), None, new).await {
        Ok(run) => Ok(respond::see(&format!("/importar/{}", run.made.id))),
        Err(ServiceError::Invalid(faults)) => {
            let errors = Errors::take_violations(lang, &faults, |pointer| pointer.trim_start_matches('/').to_owned());
            respond::page_with(&list_page(&app, &who, errors, &form.fields).await?, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

struct Figure {
    label: String,
    value: String,
}

/// Faults of one kind in one column.
struct FaultLine {
    column: String,
    what: String,
    tone: &'static str,
    mark: &'static str,
    severity: String,
    count: i64,
    first: String,
    reason: String,
}

struct ChangeLine {
    field: String,
    old: String,
    new: String,
}

struct DifferenceView {
    address: String,
    field: String,
    title: String,
    href: String,
    waits: bool,
    outcome: String,
    changes: Vec<ChangeLine>,
}

#[derive(Template)]
#[template(path = "pages/import.html")]
struct RunPage {
    p: Page,
    errors: Errors,
    run: RunLine,
    stream: String,
    open: bool,
    waits: bool,
    failure: String,
    percent: i64,
    note: String,
    figures: Vec<Figure>,
    fault_columns: Vec<String>,
    faults: Vec<FaultLine>,
    more_differences: bool,
    differences: Vec<DifferenceView>,
    consent: String,
}

fn fault_line(p: &Page, group: &ProblemGroup) -> FaultLine {
    let key = format!("problem-{}", group.code.replace('_', "-"));
    let error = group.severity == "error";
    FaultLine {
        column: group.column.clone().unwrap_or_else(|| p.t("import-whole-row")),
        what: if p.language.has(&key) { p.t(&key) } else { group.code.clone() },
        tone: if error { "brick" } else { "honey" },
        mark: if error { "cross" } else { "triangle" },
        severity: p.word("import-severity", &group.severity),
        count: group.count,
        first: if group.first_row == 0 { p.t("import-whole-file") } else { group.first_row.to_string() },
        reason: group.reason.clone(),
    }
}

/// A value of a difference in words: the parts of an object or list that are there.
fn plain(value: &serde_json::Value) -> String {
    use serde_json::Value as V;
    match value {
        V::Null => "–".to_owned(),
        V::String(s) => s.clone(),
        V::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join("; "),
        V::Object(parts) => {
            if let Some(V::String(text)) = parts.get("text").or_else(|| parts.get("full_text")) {
                return text.clone();
            }
            if let (Some(lat), Some(lon)) = (parts.get("lat"), parts.get("lon")) {
                let words = ["name", "admin1", "country"].iter().filter_map(|k| parts.get(*k)?.as_str()).collect::<Vec<_>>().join(", ");
                return if lat.is_null() { words } else { format!("{words} ({lat}, {lon})") };
            }
            parts.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| format!("{k} {}", plain(v))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

fn field_name(p: &Page, field: &str) -> String {
    let key = format!("import-field-{}", field.trim_start_matches("person.").replace(['_', '.'], "-"));
    if p.language.has(&key) { p.t(&key) } else { field.trim_start_matches("person.").replace('_', " ") }
}

fn difference_view(p: &Page, row: &DifferenceRow) -> DifferenceView {
    let page = match row.subject_kind.as_str() {
        "case" => Some("casos"),
        "found_record" => Some("hallazgos"),
        _ => None,
    };
    let changes = differences::changes(row);
    DifferenceView {
        address: format!("/importar/{}/diferencias/{}", row.run_id, row.id),
        field: format!("reason-{}", row.id),
        title: p.t1("import-row-number", "row", row.row_no.to_string().as_str()),
        href: page.map(|page| format!("/{page}/{}", row.subject_id)).unwrap_or_default(),
        waits: row.state == "pending",
        outcome: p.word("import-difference", &row.state),
        changes: changes.iter().map(|c| ChangeLine { field: field_name(p, &c.field), old: plain(&c.old), new: plain(&c.new) }).collect(),
    }
}

async fn run_page(app: &App, who: &SignedIn, id: Uuid, errors: Errors) -> Result<RunPage, PortalError> {
    let p = who.page();
    let run = imports::run(app, who.actor(), id).await?;
    let groups = if run.state().is_open() { Vec::new() } else { imports::problem_groups(app, who.actor(), id).await? };
    let c = run.counts();
    let differing = if run.state() == ImportState::Finished && c.differing > 0 {
        differences::list(app, who.actor(), id, 0, SHOWN_DIFFERENCES).await?
    } else {
        Vec::new()
    };
    let checked = run.state() == ImportState::Checked;
    let figure = |key: &str, n: i64| Figure { label: p.t(key), value: n.to_string() };
    let figures = vec![
        figure("import-read", c.rows),
        figure(if checked { "import-would-save" } else { "import-saved" }, c.written()),
        figure("import-warned", c.warned),
        figure("import-rejected", c.rejected),
        figure("import-skipped", c.skipped),
        figure("import-unchanged", c.unchanged),
        figure("import-differing", c.differing),
    ];
    let fault_columns = ["column", "fault", "severity", "count", "first-row", "reason-text"].map(|k| p.t(&format!("import-{k}"))).to_vec();
    let consent = if imports::kept(&run)?.consent.is_some() { "import-with-consent" } else { "import-without-consent" };
    Ok(RunPage {
        errors,
        run: run_line(&p, &run),
        stream: format!("/importar/{id}/avance"),
        open: run.state().is_open(),
        waits: checked,
        failure: run.failure.clone().unwrap_or_default(),
        percent: run.percent(),
        note: c.rows.to_string(),
        figures,
        fault_columns,
        faults: groups.iter().map(|g| fault_line(&p, g)).collect(),
        more_differences: c.differing > SHOWN_DIFFERENCES,
        differences: differing.iter().map(|d| difference_view(&p, d)).collect(),
        consent: if run.kind() == ImportKind::Mmp { String::new() } else { p.t(consent) },
        p,
    })
}

async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<Uuid>) -> Answer {
    respond::page(&run_page(&app, &who, *id, Errors::default()).await?)
}

#[derive(Template)]
#[template(path = "pages/import_progress.html")]
struct ProgressPart<'a> {
    p: &'a Page,
    percent: i64,
    note: String,
}

/// One event of the stream: the bar as it stands, lines joined since a line end would end the datum.
fn event(p: &Page, run: &RunRow) -> Result<String, PortalError> {
    let part = ProgressPart { p, percent: run.percent(), note: run.rows_read.to_string() }.render()?;
    Ok(format!("data: {}\n\n", part.lines().collect::<Vec<_>>().join(" ")))
}

/// The bar, live: it ends with `event: done` when the run does, and after an hour in any case.
async fn progress(app: web::Data<App>, who: SignedIn, id: web::Path<Uuid>) -> Answer {
    imports::run(&app, who.actor(), *id).await?;
    let (actor, p, id) = (who.actor().clone(), who.page(), *id);
    let stream = futures_util::stream::unfold((0u32, false), move |(ticks, ended)| {
        let (app, actor, p) = (app.clone(), actor.clone(), p.clone());
        async move {
            if ended || ticks > 9_000 {
                return None;
            }
            if ticks > 0 {
                tokio::time::sleep(TICK).await;
            }
            // A run that cannot be read any more ends the stream; the browser asks again.
            let run = imports::run(&app, &actor, id).await.ok()?;
            let mut text = event(&p, &run).ok()?;
            let ended = !run.state().is_open();
            if ended {
                text.push_str("event: done\ndata: {}\n\n");
            }
            Some((Ok::<_, actix_web::Error>(Bytes::from(text)), (ticks + 1, ended)))
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(Box::pin(stream)))
}

async fn confirm(app: web::Data<App>, who: SignedIn, id: web::Path<Uuid>, _form: Posted) -> Answer {
    imports::confirm(&app, who.actor(), *id).await?;
    Ok(respond::see(&format!("/importar/{id}")))
}

async fn cancel(app: web::Data<App>, who: SignedIn, id: web::Path<Uuid>, _form: Posted) -> Answer {
    imports::cancel(&app, who.actor(), *id).await?;
    Ok(respond::see_with(&app.settings, &format!("/importar/{id}"), "notice", "flash-import-cancelled"))
}

async fn errors_file(app: web::Data<App>, who: SignedIn, id: web::Path<Uuid>) -> Answer {
    let file = errors_csv::of_run(&app, who.actor(), *id, Vec::new()).await?;
    Ok(HttpResponse::Ok()
        .insert_header(ContentType("text/csv; charset=utf-8".parse().unwrap_or(actix_web::mime::TEXT_CSV)))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"errores.csv\""))
        .body(file))
}

async fn decide(app: web::Data<App>, who: SignedIn, path: web::Path<(Uuid, Uuid)>, form: Posted) -> Answer {
    let (run, difference) = path.into_inner();
    let lang = who.visit.lang;
    let reason = form.get("reason");
    let outcome = match form.get("decision") {
        "accept" => differences::accept(&app, who.actor(), difference, reason).await.map(|()| "flash-difference-accepted"),
        "refuse" => differences::refuse(&app, who.actor(), difference, reason).await.map(|()| "flash-difference-refused"),
        _ => return Err(PortalError::Unreadable),
    };
    match outcome {
        Ok(flash) => Ok(respond::see_with(&app.settings, &format!("/importar/{run}#diferencias"), "success", flash)),
        Err(ServiceError::Invalid(_)) => {
            let mut errors = Errors::default();
            errors.add(lang, &format!("reason-{difference}"), "import-reason-needed");
            respond::page_with(&run_page(&app, &who, run, errors).await?, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}
