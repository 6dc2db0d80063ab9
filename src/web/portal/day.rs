//! My day: what is due, the most overdue first; new hypotheses; calls that families ask for.

use super::case_views::{Due, due as due_of};
use super::compare::band_look;
use super::forms::Posted;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::cases::DueLine;
use crate::db::hypotheses::HypothesisLine;
use crate::db::messages::NoticeLine;
use crate::db::notifications::NotificationLine;
use crate::domain::authority::Right;
use crate::domain::hypothesis::Band;
use crate::services::desk::{self, Day};
use crate::services::{hypotheses, identification, notification};
use actix_web::web;
use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Families to be spoken with that are shown; the cases show every one.
const TOLD: usize = 10;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.route("/inicio", web::get().to(show)).route("/inicio/avisos/{id}", web::post().to(seen));
}

/// Something to be done.
#[derive(Debug, Clone)]
struct Todo {
    href: String,
    what: String,
    name: String,
    folio: String,
    note: String,
    due: Due,
}

/// A heading with what is below it.
#[derive(Debug, Clone)]
struct Group {
    title: String,
    todos: Vec<Todo>,
}

/// A hypothesis.
#[derive(Debug, Clone)]
struct Line {
    href: String,
    tone: &'static str,
    mark: &'static str,
    band: String,
    case: String,
    found: String,
    state: String,
    since: String,
}

/// Something that waits.
#[derive(Debug, Clone)]
struct Notice {
    id: Uuid,
    what: String,
    folio: String,
    href: String,
    when: String,
}

/// How many hypotheses are open in a band.
#[derive(Debug, Clone)]
struct BandCount {
    label: String,
    tone: &'static str,
    mark: &'static str,
    count: String,
    href: String,
}

#[derive(Template)]
#[template(path = "pages/day.html")]
struct DayPage {
    p: Page,
    today: String,
    works_cases: bool,
    sees_hypotheses: bool,
    groups: Vec<Group>,
    calls: Vec<Notice>,
    notices: Vec<Notice>,
    bands: Vec<BandCount>,
    lines: Vec<Line>,
    /// How many identifications wait for the institution's word; empty for none.
    identifications: String,
    /// Families that a person still has to speak with.
    tell: Vec<Tell>,
}

/// A family that a person still has to speak with.
#[derive(Debug, Clone)]
struct Tell {
    href: String,
    folio: String,
    state: String,
    due: Due,
}

fn todo(p: &Page, now: DateTime<Utc>, line: DueLine) -> Todo {
    Todo {
        href: format!("/casos/{}#pendiente", line.case_id),
        what: p.word("action", &line.kind),
        name: line.name.unwrap_or_else(|| p.t("desk-no-name")),
        folio: line.folio,
        note: line.note.unwrap_or_default(),
        due: due_of(p, line.due_at, now),
    }
}

/// Overdue, within a day, later.
fn groups(p: &Page, now: DateTime<Utc>, lines: Vec<DueLine>) -> Vec<Group> {
    let mut groups: Vec<Group> =
        ["day-overdue", "day-due-soon", "day-later"].iter().map(|key| Group { title: p.t(key), todos: Vec::new() }).collect();
    for line in lines {
        let at = if line.due_at < now { 0 } else { 1 + usize::from(line.due_at >= now + chrono::Duration::hours(24)) };
        if let Some(group) = groups.get_mut(at) {
            group.todos.push(todo(p, now, line));
        }
    }
    groups.retain(|g| !g.todos.is_empty());
    groups
}

fn line(p: &Page, line: &HypothesisLine) -> Line {
    let (tone, mark) = band_look(&line.band);
    let reserved = |folio: &Option<String>| folio.clone().unwrap_or_else(|| p.t("review-reserved"));
    Line {
        href: format!("/hipotesis/{}", line.id),
        tone,
        mark,
        band: p.word("band", &line.band),
        case: reserved(&line.case_folio),
        found: reserved(&line.found_folio),
        state: p.word("hypothesis-state", &line.state),
        since: p.day(line.created_at.date_naive()),
    }
}

fn notice(p: &Page, sees_samples: bool, line: NoticeLine) -> Notice {
    // A subject that may not be seen any more has no folio and leads nowhere.
    let href = match (line.subject_kind.as_str(), &line.folio) {
        ("case", Some(_)) if matches!(line.kind.as_str(), "call_request" | "question" | "answer") => {
            format!("/casos/{}#mensajes", line.subject_id)
        }
        ("case", Some(_)) if line.kind == "notification_overdue" => format!("/casos/{}/avisos", line.subject_id),
        ("case", Some(_)) => format!("/casos/{}", line.subject_id),
        ("identification", Some(_)) => format!("/identificaciones/{}", line.subject_id),
        ("found_record", Some(_)) => format!("/hallazgos/{}", line.subject_id),
        ("hypothesis", _) => format!("/hipotesis/{}", line.subject_id),
        ("sample", _) if sees_samples => format!("/banco/muestras/{}", line.subject_id),
        _ => String::new(),
    };
    Notice { id: line.id, what: p.word("notice", &line.kind), folio: line.folio.unwrap_or_default(), href, when: p.moment(line.created_at) }
}

fn bands(p: &Page, counts: &[(String, i64)]) -> Vec<BandCount> {
    Band::ALL
        .iter()
        .rev()
        .filter_map(|band| {
            let (_, n) = counts.iter().find(|(b, n)| b == band.as_str() && *n > 0)?;
            let (tone, mark) = band_look(band.as_str());
            let href = format!("/hipotesis?fuerza={}", band.as_str());
            Some(BandCount { label: p.word("band", band.as_str()), tone, mark, count: p.t1("queue-count-band", "n", *n), href })
        })
        .collect()
}

async fn show(app: web::Data<App>, who: SignedIn) -> Answer {
    let (p, now, actor) = (who.page(), app.now(), who.actor());
    let Day { due, hypotheses, bands: counts, notices } = desk::day(&app, actor).await?;
    let waiting = if actor.may(Right::Identify) { identification::waiting(&app, actor).await? } else { 0 };
    let pending = if actor.may(Right::WriteCases) { notification::list(&app, actor, None, true).await? } else { Vec::new() };
    let tell = |n: &NotificationLine| Tell {
        href: format!("/casos/{}/avisos/{}", n.case_id, n.id),
        folio: n.case_folio.clone(),
        state: p.word("notification-state", &n.state),
        due: due_of(&p, n.due_at, now),
    };
    let (calls, others): (Vec<NoticeLine>, Vec<NoticeLine>) = notices.into_iter().partition(|n| n.kind == "call_request");
    respond::page(&DayPage {
        today: p.day(now.date_naive()),
        works_cases: actor.may(Right::WriteCases),
        sees_hypotheses: actor.may(Right::ReadHypotheses),
        groups: groups(&p, now, due),
        calls: calls.into_iter().map(|n| notice(&p, false, n)).collect(),
        notices: others.into_iter().map(|n| notice(&p, actor.may(Right::ReadSamples), n)).collect(),
        bands: bands(&p, &counts),
        lines: hypotheses.iter().map(|h| line(&p, h)).collect(),
        identifications: if waiting > 0 { p.t1("day-identifications-wait", "n", waiting) } else { String::new() },
        tell: pending.iter().take(TOLD).map(tell).collect(),
        p,
    })
}

async fn seen(app: web::Data<App>, who: SignedIn, id: web::Path<Uuid>, _form: Posted) -> Answer {
    hypotheses::read_notice(&app, who.actor(), id.into_inner()).await?;
    Ok(respond::see_with(&app.settings, "/inicio", "success", "flash-desk-noted"))
}
