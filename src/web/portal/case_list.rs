//! The list of cases: filters in the address, search without regard to accents, pages by keyset.

use super::case_views::{Due, due, state_look};
use super::forms::{Choice, Errors, Fields};
use super::page::Page;
use super::person_form::countries;
use super::respond::{self, Answer, escape_query};
use super::session::SignedIn;
use crate::app::App;
use crate::db::cases::{CaseFilter, CaseLine, Keyset};
use crate::domain::authority::Right;
use crate::domain::case::CaseState;
use crate::domain::dates::PartialDate;
use crate::services::cases;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use chrono::{DateTime, Utc};

const PAGE_SIZE: usize = 25;

/// One case in the list.
#[derive(Debug, Clone)]
struct Line {
    href: String,
    folio: String,
    name: String,
    nationality: String,
    when: String,
    place: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    open: i64,
    hypotheses: String,
    due: Option<Due>,
}

#[derive(Template)]
#[template(path = "pages/cases.html")]
struct ListPage {
    p: Page,
    errors: Errors,
    may_write: bool,
    q: String,
    from: String,
    to: String,
    mine: bool,
    overdue: bool,
    states: Vec<Choice>,
    countries: Vec<Choice>,
    filtered: bool,
    columns: Vec<String>,
    lines: Vec<Line>,
    summary: String,
    first: String,
    next: String,
}

/// What the address asks for, as it was written and as it is understood.
#[derive(Debug, Clone)]
struct Asked {
    filter: CaseFilter,
    mine: bool,
    overdue: bool,
    after: Option<Keyset>,
}

impl Asked {
    fn read(query: &Fields, who: &SignedIn, now: DateTime<Utc>, errors: &mut Errors) -> Self {
        let lang = who.visit.lang;
        let (mine, overdue) = (query.ticked("mias", "si"), query.ticked("vencidas", "si"));
        let filter = CaseFilter {
            q: query.opt("q").map(|q| q.chars().filter(|c| !c.is_control()).take(200).collect()),
            state: query.opt("estado").filter(|s| s.parse::<CaseState>().is_ok()),
            nationality: None,
            country: query.opt("pais").filter(|c| c.len() == 3),
            contact: mine.then_some(who.actor().user.0),
            due_before: overdue.then_some(now),
            contact_from: query.day(lang, "desde", errors),
            contact_to: query.day(lang, "hasta", errors),
        };
        if filter.contact_from.zip(filter.contact_to).is_some_and(|(from, to)| from > to) {
            errors.add(lang, "desde", "fault-reversed");
        }
        Self { filter, mine, overdue, after: after(query) }
    }

    fn address(&self, after: Option<Keyset>) -> String {
        let flag = |set: bool| set.then(|| "si".to_owned());
        let filter = &self.filter;
        let parts: Vec<String> = [
            ("q", filter.q.clone()),
            ("estado", filter.state.clone()),
            ("pais", filter.country.clone()),
            ("desde", filter.contact_from.map(|d| d.to_string())),
            ("hasta", filter.contact_to.map(|d| d.to_string())),
            ("mias", flag(self.mine)),
            ("vencidas", flag(self.overdue)),
            ("despues", after.map(|k| format!("{}_{}", k.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true), k.id))),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", escape_query(&value?))))
        .collect();
        if parts.is_empty() { "/casos".to_owned() } else { format!("/casos?{}", parts.join("&")) }
    }
}

/// `2026-11-25T08:00:00.123456Z_UUID`.
fn after(query: &Fields) -> Option<Keyset> {
    let (at, id) = query.get("despues").rsplit_once('_')?;
    Some(Keyset { at: at.parse().ok()?, id: id.parse().ok()? })
}

fn line(p: &Page, now: DateTime<Utc>, line: CaseLine) -> Line {
    let when = PartialDate::from_columns(line.contact_from, line.contact_to, line.contact_precision.as_deref());
    let country = line.country.as_deref().map(|c| p.country(c));
    let (tone, mark) = state_look(line.state.parse().unwrap_or(CaseState::Registered));
    Line {
        href: format!("/casos/{}", line.id),
        name: line.name.unwrap_or_else(|| p.t("desk-no-name")),
        nationality: p.countries(&line.nationalities),
        when: when.map(|w| p.partial(w)).unwrap_or_default(),
        place: [line.place_name, country].into_iter().flatten().collect::<Vec<_>>().join(", "),
        tone,
        mark,
        state: p.word("case-state", &line.state),
        open: line.open_hypotheses,
        hypotheses: format!("/hipotesis?caso={}", line.id),
        due: line.next_due_at.map(|at| due(p, at, now)),
        folio: line.folio,
    }
}

pub(super) async fn list(app: web::Data<App>, who: SignedIn) -> Answer {
    let query = Fields::read(&who.visit.query)?;
    let (p, now) = (who.page(), app.now());
    let lang = p.language;
    let mut errors = Errors::default();
    let asked = Asked::read(&query, &who, now, &mut errors);
    let mut lines = cases::list(&app, who.actor(), &asked.filter, asked.after, i64::try_from(PAGE_SIZE + 1).unwrap_or(26)).await?;
    let count = cases::count(&app, who.actor(), &asked.filter).await?;
    let more = lines.len() > PAGE_SIZE;
    lines.truncate(PAGE_SIZE);
    let next = match lines.last() {
        Some(last) if more => asked.address(Some(Keyset { at: last.created_at, id: last.id })),
        _ => String::new(),
    };
    let states: Vec<&str> = CaseState::ALL.iter().map(|s| s.as_str()).collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ListPage {
        may_write: who.actor().may(Right::WriteCases),
        q: asked.filter.q.clone().unwrap_or_default(),
        from: query.get("desde").to_owned(),
        to: query.get("hasta").to_owned(),
        mine: asked.mine,
        overdue: asked.overdue,
        states: Choice::words(lang, "case-state", &states, &[asked.filter.state.as_deref().unwrap_or_default()]),
        countries: countries(lang, asked.filter.country.as_deref().unwrap_or_default()),
        filtered: asked.address(None) != "/casos",
        columns: ["col-name", "col-nationality", "col-last-contact", "col-state", "desk-col-hypotheses", "col-next-action"]
            .iter()
            .map(|k| p.t(k))
            .collect(),
        summary: p.t1("desk-count", "n", count),
        first: if asked.after.is_some() { asked.address(None) } else { String::new() },
        next,
        lines: lines.into_iter().map(|l| line(&p, now, l)).collect(),
        errors,
        p,
    };
    respond::page_with(&page, status)
}
