//! Identifications of remains: the list with what waits for the reader's institution, beginning one, and the routes of all their pages.

use super::error::PortalError;
use super::forms::{Choice, Fields, Posted};
use super::page::Page;
use super::respond::{self, Answer, escape_query};
use super::session::SignedIn;
use super::{identification, identification_deeds, verification};
use crate::app::App;
use crate::db::cases::Keyset;
use crate::db::identifications::{IdentificationFilter, IdentificationLine};
use crate::domain::authority::Right;
use crate::domain::identification::IdentificationState;
use crate::domain::ids::HypothesisId;
use crate::services::ServiceError;
use crate::services::identification::{self as service, NewIdentification};
use actix_web::web;
use askama::Template;
use chrono::DateTime;

const PAGE_SIZE: usize = 25;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/identificaciones", web::get().to(list))
        .route("/identificaciones", web::post().to(begin))
        .route("/identificaciones/{id}", web::get().to(identification::show))
        .route("/identificaciones/{id}/texto", web::post().to(identification_deeds::edit))
        .route("/identificaciones/{id}/opinion", web::post().to(identification_deeds::attach_opinion))
        .route("/identificaciones/{id}/alternativas/{hypothesis}", web::post().to(identification_deeds::compare))
        .route("/identificaciones/{id}/paso", web::post().to(identification_deeds::command))
        .route("/identificaciones/{id}/informes/{version}", web::get().to(identification_deeds::report))
        .route("/verificar/{code}", web::get().to(verification::show));
}

/// Tone and shape of a state.
#[must_use]
pub(super) const fn state_look(state: IdentificationState) -> (&'static str, &'static str) {
    use IdentificationState as S;
    match state {
        S::Draft => ("plain", "ring"),
        S::InReview => ("honey", "half"),
        S::Signed => ("violet", "half"),
        S::Issued => ("teal", "dot"),
        S::RevocationProposed => ("honey", "triangle"),
        S::Revoked => ("brick", "cross"),
    }
}

/// One identification in the list.
#[derive(Debug, Clone)]
struct Line {
    href: String,
    number: String,
    case: String,
    found: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    waits: bool,
    since: String,
}

#[derive(Template)]
#[template(path = "pages/identifications.html")]
struct ListPage {
    p: Page,
    states: Vec<Choice>,
    waiting: Vec<Choice>,
    hypothesis: String,
    filtered: bool,
    lines: Vec<Line>,
    columns: Vec<String>,
    summary: String,
    first: String,
    next: String,
}

#[derive(Debug, Clone, Default)]
struct Wanted {
    filter: IdentificationFilter,
    after: Option<Keyset>,
}

/// What the address asks for; words that are none are left out.
fn wanted(query: &Fields) -> Wanted {
    let filter = IdentificationFilter {
        state: query.get("estado").parse().ok(),
        hypothesis: query.get("hipotesis").parse().ok(),
        waits_for_us: query.get("espera") == "si",
        ..IdentificationFilter::default()
    };
    let after = query
        .get("despues")
        .split_once('_')
        .and_then(|(at, id)| Some(Keyset { at: DateTime::from_timestamp_micros(at.parse().ok()?)?, id: id.parse().ok()? }));
    Wanted { filter, after }
}

fn address(filter: &IdentificationFilter, after: Option<&IdentificationLine>) -> String {
    let parts: Vec<String> = [
        ("estado", filter.state.map(|s| s.to_string())),
        ("hipotesis", filter.hypothesis.map(|h| h.to_string())),
        ("espera", filter.waits_for_us.then(|| "si".to_owned())),
        ("despues", after.map(|a| format!("{}_{}", a.created_at.timestamp_micros(), a.id))),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name}={}", escape_query(&value?))))
    .collect();
    if parts.is_empty() { "/identificaciones".to_owned() } else { format!("/identificaciones?{}", parts.join("&")) }
}

fn line(p: &Page, l: &IdentificationLine) -> Line {
    let (tone, mark) = l.state.parse().map_or(("plain", "ring"), state_look);
    Line {
        href: format!("/identificaciones/{}", l.id),
        number: l.number.clone(),
        case: l.case_folio.clone(),
        found: l.found_folio.clone(),
        tone,
        mark,
        state: p.word("identification-state", &l.state),
        waits: l.waits_for_us,
        since: p.day(l.created_at.date_naive()),
    }
}

async fn list(app: web::Data<App>, who: SignedIn) -> Answer {
    let Wanted { filter, after } = wanted(&Fields::read(&who.visit.query)?);
    let begun = after.is_none();
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(26);
    let mut lines = service::list(&app, who.actor(), &filter, after, limit).await?;
    let more = lines.len() > PAGE_SIZE;
    lines.truncate(PAGE_SIZE);
    let p = who.page();
    let states: Vec<&str> = IdentificationState::ALL.iter().map(|s| s.as_str()).collect();
    let hypothesis = filter.hypothesis.map(|h| h.to_string()).unwrap_or_default();
    respond::page(&ListPage {
        states: Choice::words(p.language, "identification-state", &states, &[filter.state.map_or("", IdentificationState::as_str)]),
        waiting: vec![Choice::new("si", p.t("identification-only-waiting"), filter.waits_for_us)],
        filtered: address(&filter, None) != "/identificaciones",
        hypothesis,
        columns: ["identification-number", "identification-of", "col-state", "queue-since"].iter().map(|k| p.t(k)).collect(),
        summary: p.t1("identifications-shown", "n", lines.len()),
        first: if begun { String::new() } else { address(&filter, None) },
        next: if more { address(&filter, lines.last()) } else { String::new() },
        lines: lines.iter().map(|l| line(&p, l)).collect(),
        p,
    })
}

/// Begins one on a confirmed hypothesis, or leads to the one that there is.
async fn begin(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    who.actor().require(Right::Identify).map_err(ServiceError::from)?;
    let hypothesis: HypothesisId = form.get("hypothesis").parse().map_err(|_| PortalError::Unreadable)?;
    match service::draft(&app, who.actor(), None, NewIdentification { hypothesis }).await {
        Ok(done) => {
            let to = format!("/identificaciones/{}", done.made.id);
            Ok(respond::see_with(&app.settings, &to, "success", "flash-identification-begun"))
        }
        Err(ServiceError::Taken(_)) => {
            let filter = IdentificationFilter { hypothesis: Some(hypothesis.0), ..IdentificationFilter::default() };
            let there = service::list(&app, who.actor(), &filter, None, 1).await?;
            Ok(respond::see(&there.first().map_or_else(|| "/identificaciones".to_owned(), |l| format!("/identificaciones/{}", l.id))))
        }
        Err(other) => Err(other.into()),
    }
}
