//! The bench: how many samples stand where, what is on its way, and any sample by any number.

use super::bank::{self, SampleItem, state_look};
use super::forms::{Choice, Fields};
use super::page::Page;
use super::respond::{self, Answer, escape_query};
use super::session::SignedIn;
use crate::app::App;
use crate::db::cases::Keyset;
use crate::db::samples::{OpenHandOver, SampleFilter};
use crate::domain::authority::Right;
use crate::domain::sample::{SampleSource, SampleState};
use crate::services::bank::desk::{self, Bench};
use actix_web::web;
use askama::Template;
use chrono::{DateTime, Duration, Utc};

const PAGE_SIZE: usize = 25;
/// Hours after the day it was due that an unanswered hand-over is late.
const GRACE_HOURS: i64 = 24;

/// How many samples stand in a state.
#[derive(Debug, Clone)]
struct Count {
    href: String,
    tone: &'static str,
    mark: &'static str,
    label: String,
    n: i64,
    current: bool,
}

/// A hand-over that nobody has answered.
#[derive(Debug, Clone)]
struct HandOver {
    href: String,
    code: String,
    with: String,
    since: String,
    tone: &'static str,
    mark: &'static str,
    due: String,
}

#[derive(Template)]
#[template(path = "pages/bank.html")]
struct BenchPage {
    p: Page,
    may_write: bool,
    /// Whether the reader works with profiles and families.
    geneticist: bool,
    counts: Vec<Count>,
    coming: Vec<HandOver>,
    going: Vec<HandOver>,
    q: String,
    case: String,
    found: String,
    states: Vec<Choice>,
    sources: Vec<Choice>,
    filtered: bool,
    columns: Vec<String>,
    lines: Vec<SampleItem>,
    summary: String,
    first: String,
    next: String,
}

/// What the address asks for; words that are none are left out.
fn filter(query: &Fields) -> SampleFilter {
    SampleFilter {
        q: query.opt("q").map(|q| q.chars().filter(|c| !c.is_control()).take(200).collect()),
        state: query.opt("estado").filter(|s| s.parse::<SampleState>().is_ok()),
        source: query.opt("origen").filter(|s| s.parse::<SampleSource>().is_ok()),
        case: query.get("caso").parse().ok(),
        found: query.get("hallazgo").parse().ok(),
        donor: None,
    }
}

/// `2026-11-25T08:00:00.123456Z_UUID`.
fn after(query: &Fields) -> Option<Keyset> {
    let (at, id) = query.get("despues").rsplit_once('_')?;
    Some(Keyset { at: at.parse().ok()?, id: id.parse().ok()? })
}

fn address(filter: &SampleFilter, after: Option<Keyset>) -> String {
    let parts: Vec<String> = [
        ("q", filter.q.clone()),
        ("estado", filter.state.clone()),
        ("origen", filter.source.clone()),
        ("caso", filter.case.map(|id| id.to_string())),
        ("hallazgo", filter.found.map(|id| id.to_string())),
        ("despues", after.map(|k| format!("{}_{}", k.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true), k.id))),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name}={}", escape_query(&value?))))
    .collect();
    if parts.is_empty() { "/banco".to_owned() } else { format!("/banco?{}", parts.join("&")) }
}

fn counts(p: &Page, counts: &[(String, i64)], chosen: Option<&str>) -> Vec<Count> {
    let count = |state: &SampleState| {
        let (_, n) = counts.iter().find(|(s, n)| s == state.as_str() && *n > 0)?;
        let (tone, mark) = state_look(*state);
        let href = format!("/banco?estado={state}");
        Some(Count { href, tone, mark, label: p.word("sample-state", state.as_str()), n: *n, current: chosen == Some(state.as_str()) })
    };
    SampleState::ALL.iter().filter_map(count).collect()
}

/// Whether a hand-over should have been answered: the same rule as the reminder's.
fn is_late(h: &OpenHandOver, now: DateTime<Utc>, hours: i64) -> bool {
    h.due_at.map_or(h.at + Duration::hours(hours), |due| due + Duration::hours(GRACE_HOURS)) < now
}

fn hand_over(p: &Page, bench: &Bench, h: &OpenHandOver, coming: bool, late: bool) -> HandOver {
    let other = if coming { h.from_authority } else { h.to_authority };
    let due = h.due_at.map(|due| p.t1("bank-due", "when", p.day(due.date_naive())));
    let (tone, mark) = if late { ("brick", "triangle") } else { ("plain", "ring") };
    HandOver {
        href: if coming { format!("/banco/entregas/{}", h.id) } else { format!("/banco/muestras/{}", h.sample_id) },
        code: h.code.clone(),
        with: bench.institutions.get(&other).cloned().unwrap_or_default(),
        since: p.t1("bank-since", "when", p.moment(h.at)),
        tone,
        mark,
        due: if late { p.t("bank-late") } else { due.unwrap_or_else(|| p.t("bank-in-time")) },
    }
}

pub(super) async fn show(app: web::Data<App>, who: SignedIn) -> Answer {
    let query = Fields::read(&who.visit.query)?;
    let (filter, after, actor) = (filter(&query), after(&query), who.actor());
    let mut bench = desk::bench(&app, actor, &filter, after, i64::try_from(PAGE_SIZE + 1).unwrap_or(26)).await?;
    let more = bench.samples.len() > PAGE_SIZE;
    bench.samples.truncate(PAGE_SIZE);
    let next = match bench.samples.last() {
        Some(last) if more => address(&filter, Some(Keyset { at: last.created_at, id: last.id })),
        _ => String::new(),
    };
    let p = who.page();
    let (now, hours) = (app.now(), app.settings.genetics.transit_hours);
    let (coming, going): (Vec<&OpenHandOver>, Vec<&OpenHandOver>) = bench.hand_overs.iter().partition(|h| h.to_authority == actor.authority.0);
    let shown = |all: &[&OpenHandOver], coming| all.iter().map(|h| hand_over(&p, &bench, h, coming, is_late(h, now, hours))).collect();
    let states: Vec<&str> = SampleState::ALL.iter().map(|s| s.as_str()).collect();
    let sources: Vec<&str> = SampleSource::ALL.iter().map(|s| s.as_str()).collect();
    let word = |chosen: &Option<String>| chosen.clone().unwrap_or_default();
    respond::page(&BenchPage {
        may_write: actor.may(Right::WriteSamples),
        geneticist: actor.may(Right::Genetics),
        counts: counts(&p, &bench.counts, filter.state.as_deref()),
        coming: shown(&coming, true),
        going: shown(&going, false),
        q: word(&filter.q),
        case: filter.case.map(|id| id.to_string()).unwrap_or_default(),
        found: filter.found.map(|id| id.to_string()).unwrap_or_default(),
        states: Choice::words(p.language, "sample-state", &states, &[&word(&filter.state)]),
        sources: Choice::words(p.language, "sample-source", &sources, &[&word(&filter.source)]),
        filtered: address(&filter, None) != "/banco",
        columns: bank::item_columns(&p),
        summary: p.t1("bank-shown", "n", bench.samples.len()),
        first: if after.is_some() { address(&filter, None) } else { String::new() },
        next,
        lines: bank::items(&p, bench.samples),
        p,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_hand_over_is_late_a_day_after_it_was_due_or_after_the_usual_hours() {
        let at = DateTime::UNIX_EPOCH;
        let of = |due_at| OpenHandOver {
            id: Uuid::nil(),
            sample_id: Uuid::nil(),
            code: String::new(),
            from_authority: Uuid::nil(),
            to_authority: Uuid::nil(),
            at,
            due_at,
        };
        assert!(!is_late(&of(None), at + Duration::hours(72), 72));
        assert!(is_late(&of(None), at + Duration::hours(73), 72));
        let due = of(Some(at + Duration::hours(200)));
        assert!(!is_late(&due, at + Duration::hours(224), 72));
        assert!(is_late(&due, at + Duration::hours(225), 72));
    }
}
