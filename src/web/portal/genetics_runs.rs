//! Searches of the whole bank: begun, watched, cancelled.

use super::forms::Posted;
use super::genetics::geneticist;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::profiles::RunLine;
use crate::domain::ids::SearchRunId;
use crate::services::ServiceError;
use crate::services::bank::runs;
use actix_web::web;
use askama::Template;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/banco/busquedas", web::get().to(list))
        .route("/banco/busquedas", web::post().to(begin))
        .route("/banco/busquedas/{id}/cancelar", web::post().to(cancel));
}

/// A search in the list.
struct Run {
    href: String,
    began: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    open: bool,
    percent: i64,
    progress: String,
    found: String,
}

#[derive(Template)]
#[template(path = "pages/genetics_runs.html")]
struct RunsPage {
    p: Page,
    runs: Vec<Run>,
    open: bool,
}

fn run(p: &Page, line: &RunLine) -> Run {
    let open = line.ended_at.is_none() && line.cancelled_at.is_none();
    let (tone, mark, state) = match (line.cancelled_at, line.ended_at) {
        (Some(_), _) => ("brick", "cross", "genetics-run-cancelled"),
        (_, Some(_)) => ("teal", "dot", "genetics-run-ended"),
        _ => ("violet", "half", "genetics-run-open"),
    };
    let chunks = i64::from(line.chunks);
    Run {
        href: format!("/banco/busquedas/{}/cancelar", line.id),
        tone,
        mark,
        state: p.t(state),
        open,
        percent: if chunks == 0 { 100 } else { line.done * 100 / chunks },
        progress: p.language.text_with(
            "genetics-run-progress",
            [
                ("done", line.done.into()),
                ("of", chunks.into()),
                ("families", i64::from(line.pedigrees).into()),
                ("workers", line.workers.into()),
            ],
        ),
        found: p.t2("genetics-run-found", "pairs", line.pairs, "kept", line.kept),
        began: p.moment(line.began_at),
    }
}

async fn list(app: web::Data<App>, who: SignedIn) -> Answer {
    geneticist(&who)?;
    let p = who.page();
    let lines = runs::list(&app, who.actor()).await?;
    let all: Vec<Run> = lines.iter().map(|l| run(&p, l)).collect();
    respond::page(&RunsPage { open: all.iter().any(|r| r.open), runs: all, p })
}

async fn begin(app: web::Data<App>, who: SignedIn, _form: Posted) -> Answer {
    geneticist(&who)?;
    runs::begin_run(&app, who.actor(), runs::FAMILIES).await?;
    Ok(respond::see_with(&app.settings, "/banco/busquedas", "success", "flash-search-begun"))
}

async fn cancel(app: web::Data<App>, who: SignedIn, id: web::Path<SearchRunId>, _form: Posted) -> Answer {
    geneticist(&who)?;
    match runs::cancel(&app, who.actor(), id.into_inner()).await {
        Ok(()) => Ok(respond::see_with(&app.settings, "/banco/busquedas", "notice", "flash-search-cancelled")),
        // It ended while the page was being read.
        Err(ServiceError::Refused(_)) => Ok(respond::see_with(&app.settings, "/banco/busquedas", "warning", "flash-search-had-ended")),
        Err(other) => Err(other.into()),
    }
}
