//! Joint identification: the event's missing persons and remains are named, workers weigh them together, and the page says who could be whom.

use super::error::PortalError;
use super::forms::{Errors, FieldError, Posted, fault_text};
use super::genetics::geneticist;
use super::genetics_results::{per_cent, stamp};
use super::i18n::Argument;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::ids::JointRunId;
use crate::services::ServiceError;
use crate::services::bank::joint::{self, JointGroup, JointView};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use uuid::Uuid;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/banco/conjunta", web::get().to(list))
        .route("/banco/conjunta", web::post().to(begin))
        .route("/banco/conjunta/{id}", web::get().to(read));
}

/// One in the list.
struct Line {
    href: String,
    title: String,
    began: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    asked: String,
}

#[derive(Template)]
#[template(path = "pages/genetics_joint.html")]
struct JointPage {
    p: Page,
    errors: Errors,
    title: String,
    cases: String,
    founds: String,
    lines: Vec<Line>,
}

fn state(p: &Page, joint: &JointView) -> (&'static str, &'static str, String) {
    match (&joint.problem, joint.ended_at) {
        (Some(_), _) => ("brick", "cross", p.t("genetics-joint-failed")),
        (_, Some(_)) => ("teal", "dot", p.t("genetics-run-ended")),
        _ => ("violet", "half", p.t("genetics-run-open")),
    }
}

fn asked(p: &Page, joint: &JointView) -> String {
    let (missing, remains) = joint.asked;
    p.t2("genetics-joint-asked", "missing", missing.to_string(), "remains", remains.to_string())
}

async fn page(app: &App, who: &SignedIn, form: Option<&Posted>, errors: Errors) -> Result<JointPage, PortalError> {
    let p = who.page();
    let all = joint::list(app, who.actor()).await?;
    let line = |joint: &JointView| {
        let (tone, mark, state) = state(&p, joint);
        let href = format!("/banco/conjunta/{}", joint.id);
        Line { href, title: joint.title.clone(), began: p.moment(joint.began_at), tone, mark, state, asked: asked(&p, joint) }
    };
    let typed = |name: &str| form.map(|f| f.get(name).to_owned()).unwrap_or_default();
    Ok(JointPage { lines: all.iter().map(line).collect(), title: typed("title"), cases: typed("cases"), founds: typed("founds"), errors, p })
}

async fn list(app: web::Data<App>, who: SignedIn) -> Answer {
    geneticist(&who)?;
    respond::page(&page(&app, &who, None, Errors::default()).await?)
}

async fn begin(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    geneticist(&who)?;
    let lang = who.visit.lang;
    let asked = joint::begin_by_folios(&app, who.actor(), form.get("title").to_owned(), form.get("cases"), form.get("founds")).await;
    let faults = match asked {
        Ok(id) => return Ok(respond::see_with(&app.settings, &format!("/banco/conjunta/{id}"), "success", "flash-search-begun")),
        Err(ServiceError::Invalid(faults)) => faults,
        Err(other) => return Err(other.into()),
    };
    let text = |fault: &crate::domain::violations::Violation| match fault.code {
        "unknown" => lang.text_with("genetics-joint-unknown", [("folio", fault.message.as_str().value())]),
        "no_pedigree" => lang.text("genetics-joint-no-pedigree"),
        _ => fault_text(lang, fault),
    };
    let field = |pointer: &str| match pointer {
        p if p.starts_with("/cases") => "cases",
        p if p.starts_with("/found") => "founds",
        _ => "title",
    };
    let errors = Errors(faults.0.iter().map(|f| FieldError { field: field(&f.pointer).to_owned(), text: text(f) }).collect());
    respond::page_with(&page(&app, &who, Some(&form), errors).await?, StatusCode::UNPROCESSABLE_ENTITY)
}

/// Remains beside one missing person.
struct Cell {
    /// Posterior in words; empty where the pair is not compared.
    share: String,
    log10: String,
    /// 0 to 4: how dark.
    shade: usize,
}

/// Remains, one row.
struct Row {
    /// Folio and address of each record.
    records: Vec<(String, String)>,
    cells: Vec<Cell>,
    nobody: Cell,
    tone: &'static str,
    mark: &'static str,
    conclusion: String,
    sentence: String,
}

#[derive(Template)]
#[template(path = "pages/genetics_joint_run.html")]
struct RunPage {
    p: Page,
    title: String,
    began: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    asked: String,
    open: bool,
    problem: String,
    /// Columns: the missing persons' folios.
    missing: Vec<String>,
    rows: Vec<Row>,
    ties: String,
    joint: bool,
    left_out: Vec<String>,
    model: Vec<String>,
}

fn shade(share: f64) -> usize {
    [0.01, 0.1, 0.5, 0.9].iter().filter(|from| share >= **from).count()
}

/// What was concluded, as a badge.
fn badge(conclusion: &str) -> (&'static str, &'static str) {
    match conclusion {
        "undisputed" | "match" => ("teal", "dot"),
        "probable_match" | "probable" | "symmetric" => ("teal", "ring"),
        "disputed" | "inconclusive" => ("honey", "triangle"),
        _ => ("plain", "ring"),
    }
}

fn row(p: &Page, joint: &JointView, cases: &[Uuid], group: &JointGroup) -> Row {
    let folio = |id: Uuid| joint.folios.get(&id).cloned().unwrap_or_else(|| p.t("genetics-found-reserved"));
    let cell = |share: Option<f64>, log10: String| Cell {
        share: share.map(|share| per_cent(p.language, share)).unwrap_or_default(),
        shade: share.map_or(0, shade),
        log10,
    };
    let of = |case: &Uuid| match group.candidates.iter().find(|c| c.case.0 == *case) {
        Some(candidate) => cell(candidate.posterior, format!("{:+.1}", candidate.log10_lr).replace('-', "−")),
        None => cell(None, String::new()),
    };
    let (tone, mark) = badge(&group.conclusion);
    let best = group.candidates.first().map(|c| folio(c.case.0)).unwrap_or_default();
    Row {
        records: group.found_records.iter().map(|f| (folio(f.0), format!("/hallazgos/{f}"))).collect(),
        cells: cases.iter().map(of).collect(),
        nobody: cell(group.nobody, String::new()),
        tone,
        mark,
        conclusion: p.word("joint-conclusion", &group.conclusion),
        sentence: p.t1(&format!("genetics-joint-{}", group.conclusion.replace('_', "-")), "who", &best),
    }
}

async fn read(app: web::Data<App>, who: SignedIn, id: web::Path<JointRunId>) -> Answer {
    geneticist(&who)?;
    let p = who.page();
    let joint = joint::read(&app, who.actor(), id.into_inner()).await?;
    let (tone, mark, state) = state(&p, &joint);
    let outcome = joint.outcome.as_ref();
    let cases: Vec<Uuid> = outcome.map(|o| o.missing.iter().map(|m| m.case.0).collect()).unwrap_or_default();
    let folio = |id: &Uuid| joint.folios.get(id).cloned().unwrap_or_else(|| p.t("genetics-found-reserved"));
    let ties = outcome.and_then(|o| o.ties);
    respond::page(&RunPage {
        asked: asked(&p, &joint),
        began: p.moment(joint.began_at),
        open: joint.ended_at.is_none(),
        problem: joint.problem.as_ref().map(|problem| p.t(&format!("genetics-joint-problem-{}", problem.replace('_', "-")))).unwrap_or_default(),
        missing: cases.iter().map(folio).collect(),
        rows: outcome.map(|o| o.groups.iter().map(|g| row(&p, &joint, &cases, g)).collect()).unwrap_or_default(),
        ties: ties.filter(|n| *n > 1.5).map(|n| p.t1("genetics-joint-ties", "n", format!("{n:.0}"))).unwrap_or_default(),
        joint: ties.is_some(),
        left_out: outcome.map(|o| o.left_out.iter().map(folio).collect()).unwrap_or_default(),
        model: joint.model.as_deref().map(|model| stamp(p.language, model)).unwrap_or_default(),
        title: joint.title,
        tone,
        mark,
        state,
        p,
    })
}
