//! The list of found records: filters in the address, search without regard to accents, pages by keyset.

use super::forms::{Choice, Fields};
use super::page::Page;
use super::person_form::countries;
use super::respond::{self, Answer, escape_query};
use super::session::SignedIn;
use crate::app::App;
use crate::db::cases::Keyset;
use crate::db::found::{FoundFilter, FoundLine};
use crate::domain::authority::Right;
use crate::domain::dates::PartialDate;
use crate::domain::found::FoundKind;
use crate::services::found;
use actix_web::web;
use askama::Template;

const PAGE_SIZE: usize = 25;
const STATES: [&str; 3] = ["open", "resolved", "withdrawn"];

/// One record in the list.
#[derive(Debug, Clone)]
struct Line {
    href: String,
    folio: String,
    name: String,
    kind: String,
    when: String,
    place: String,
    state: String,
    open: i64,
    hypotheses: String,
}

#[derive(Template)]
#[template(path = "pages/found_list.html")]
struct ListPage {
    p: Page,
    may_write: bool,
    q: String,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    countries: Vec<Choice>,
    filtered: bool,
    columns: Vec<String>,
    lines: Vec<Line>,
    summary: String,
    first: String,
    next: String,
}

fn filter(query: &Fields) -> FoundFilter {
    FoundFilter {
        q: query.opt("q").map(|q| q.chars().filter(|c| !c.is_control()).take(200).collect()),
        kind: query.opt("situacion").filter(|k| k.parse::<FoundKind>().is_ok()),
        country: query.opt("pais").filter(|c| c.len() == 3),
        state: query.opt("estado").filter(|s| STATES.contains(&s.as_str())),
    }
}

/// `2026-11-25T08:00:00.123456Z_UUID`.
fn after(query: &Fields) -> Option<Keyset> {
    let (at, id) = query.get("despues").rsplit_once('_')?;
    Some(Keyset { at: at.parse().ok()?, id: id.parse().ok()? })
}

fn address(filter: &FoundFilter, after: Option<Keyset>) -> String {
    let after = after.map(|k| format!("{}_{}", k.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true), k.id));
    let parts: Vec<String> = [
        ("q", filter.q.clone()),
        ("situacion", filter.kind.clone()),
        ("estado", filter.state.clone()),
        ("pais", filter.country.clone()),
        ("despues", after),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name}={}", escape_query(&value?))))
    .collect();
    if parts.is_empty() { "/hallazgos".to_owned() } else { format!("/hallazgos?{}", parts.join("&")) }
}

fn line(p: &Page, line: FoundLine) -> Line {
    let when = PartialDate::from_columns(line.found_from, line.found_to, line.found_precision.as_deref());
    let country = line.country.as_deref().map(|c| p.country(c));
    Line {
        href: format!("/hallazgos/{}", line.id),
        name: line.name.unwrap_or_else(|| p.t("found-no-name")),
        kind: p.word("found-kind", &line.kind),
        when: when.map(|w| p.partial(w)).unwrap_or_default(),
        place: [line.place_name, country].into_iter().flatten().collect::<Vec<_>>().join(", "),
        state: p.word("found-state", &line.state),
        open: line.open_hypotheses,
        hypotheses: format!("/hipotesis?hallazgo={}", line.id),
        folio: line.folio,
    }
}

pub(super) async fn list(app: web::Data<App>, who: SignedIn) -> Answer {
    let query = Fields::read(&who.visit.query)?;
    let (filter, after) = (filter(&query), after(&query));
    let mut lines = found::list(&app, who.actor(), &filter, after, i64::try_from(PAGE_SIZE + 1).unwrap_or(26)).await?;
    let more = lines.len() > PAGE_SIZE;
    lines.truncate(PAGE_SIZE);
    let p = who.page();
    let lang = p.language;
    let next = match lines.last() {
        Some(last) if more => address(&filter, Some(Keyset { at: last.created_at, id: last.id })),
        _ => String::new(),
    };
    let kinds: Vec<&str> = FoundKind::ALL.iter().map(|k| k.as_str()).collect();
    respond::page(&ListPage {
        may_write: who.actor().may(Right::WriteFound),
        q: filter.q.clone().unwrap_or_default(),
        kinds: Choice::words(lang, "found-kind", &kinds, &[filter.kind.as_deref().unwrap_or_default()]),
        states: Choice::words(lang, "found-state", &STATES, &[filter.state.as_deref().unwrap_or_default()]),
        countries: countries(lang, filter.country.as_deref().unwrap_or_default()),
        filtered: address(&filter, None) != "/hallazgos",
        columns: ["col-folio", "found-kind", "found-col-when", "col-place", "col-state", "found-col-hypotheses"]
            .iter()
            .map(|k| p.t(k))
            .collect(),
        summary: p.t1("found-shown", "n", lines.len()),
        first: if after.is_some() { address(&filter, None) } else { String::new() },
        next,
        lines: lines.into_iter().map(|l| line(&p, l)).collect(),
        p,
    })
}
