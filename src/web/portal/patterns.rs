//! Patterns for search commissions: density along a corridor, clusters, the permutation scan, shared signs. Everything is in the address.

use super::density_chart::{DensityChart, density_chart};
use super::error::PortalError;
use super::forms::{Choice, Errors, FieldError, Fields, fault_text};
use super::i18n::{Argument, Lang};
use super::page::Page;
use super::respond::{self, Answer};
use super::routes_map::href;
use super::session::SignedIn;
use crate::app::App;
use crate::domain::authority::Right;
use crate::geo::{Corridors, Position, Route};
use crate::services::ServiceError;
use crate::services::patterns::{self, ExcessTold, GroupTold, LiftTold, MOST, Member, PatternQuery, Patterns, Persons, SignTold, Told};
use crate::services::space::PointKind;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

/// Members of a group that are named; the rest are a number.
const NAMED: usize = 24;
/// Groups and pairs that are listed.
const LISTED: usize = 25;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.route("/patrones", web::get().to(show));
}

const KINDS: [(PointKind, &str, &str); 3] = [
    (PointKind::Case, "casos", "patterns-kind-cases"),
    (PointKind::FoundRecord, "hallazgos", "patterns-kind-found"),
    (PointKind::Incident, "incidentes", "patterns-kind-incidents"),
];

/// A member with its page.
struct Named {
    name: String,
    href: String,
}

/// A group in words.
struct Line {
    who: String,
    when: String,
    place: String,
    radius: String,
    /// How much more than expected, and what chance says; empty for clusters.
    chance: Vec<String>,
    members: Vec<Named>,
    more: String,
}

/// Two signs in words.
struct Pair {
    first: String,
    second: String,
    persons: String,
    lift: String,
    note: String,
    members: Vec<Named>,
    more: String,
}

/// A row of a table of places.
struct Row {
    name: String,
    href: String,
    persons: String,
}

/// The answer in words.
struct Found {
    basis: Vec<String>,
    chart: Option<DensityChart>,
    chart_summary: String,
    /// Stretches of the chosen corridor, or the corridors.
    rows: Vec<Row>,
    clusters: Vec<Line>,
    scan: Vec<Line>,
    scan_basis: String,
    pairs: Vec<Pair>,
    /// Not everything is the reader's own or public.
    shared: bool,
    /// Published incidents, whose source is named.
    published: bool,
}

#[derive(Template)]
#[template(path = "pages/patterns.html")]
struct PatternsPage {
    p: Page,
    errors: Errors,
    kinds: Vec<Choice>,
    routes: Vec<Choice>,
    sharing: Vec<Choice>,
    from: String,
    to: String,
    chosen: String,
    row_columns: Vec<String>,
    pair_columns: Vec<String>,
    found: Option<Found>,
}

/// What the address asks; none before anything was chosen.
fn query(typed: &Fields, lang: Lang) -> Result<Option<PatternQuery>, Errors> {
    let mut errors = Errors::default();
    let Some((kind, ..)) = KINDS.iter().find(|(_, word, _)| *word == typed.get("tipo")) else {
        if !typed.get("tipo").is_empty() {
            errors.add(lang, "tipo", "error-bad-choice");
            return Err(errors);
        }
        return Ok(None);
    };
    let mut day = |name: &str| {
        let mut faults = Errors::default();
        let day = typed.day(lang, name, &mut faults);
        if !faults.is_empty() {
            errors.add(lang, name, "routes-error-day");
        }
        day
    };
    let (from, to) = (day("del"), day("al"));
    // Incidents are public: there is nothing for others to share.
    let shared = typed.ticked("alcance", "compartidos") && *kind != PointKind::Incident;
    if errors.is_empty() {
        Ok(Some(PatternQuery { corridor: typed.opt("ruta"), from, to, shared, ..PatternQuery::of(*kind) }))
    } else {
        Err(errors)
    }
}

fn fault(lang: Lang, fault: &crate::domain::violations::Violation) -> FieldError {
    let (field, key) = match fault.pointer.as_str() {
        "/corridor" => ("ruta", "routes-error-route"),
        "/from" if fault.code == "reversed" => ("del", "routes-error-reversed"),
        "/from" => ("del", "routes-error-day"),
        "/to" => ("al", "routes-error-day"),
        _ => ("", ""),
    };
    let text = if key.is_empty() { fault_text(lang, fault) } else { lang.text(key) };
    FieldError { field: field.to_owned(), text }
}

/// Puts an answer into words.
struct Teller<'a> {
    p: &'a Page,
    corridors: &'a Corridors,
    kind: PointKind,
    shared: bool,
}

impl Teller<'_> {
    fn persons(&self, persons: Persons) -> String {
        let unit = if self.kind == PointKind::Incident { "patterns-incidents" } else { "patterns-persons" };
        let own = self.p.t1(unit, "n", persons.own);
        if !self.shared && persons.others_at_least.is_none() {
            return own;
        }
        let others = match persons.others_at_least {
            Some(n) => self.p.t1("patterns-others", "n", n),
            None => self.p.t("patterns-others-few"),
        };
        if persons.own == 0 { others } else { format!("{own}; {others}") }
    }

    fn members(&self, members: &[Member]) -> (Vec<Named>, String) {
        let page = |member: &Member| member.id.parse().ok().and_then(|id| href(self.kind, id)).unwrap_or_default();
        let named = members.iter().take(NAMED).map(|member| Named { name: member.name.clone(), href: page(member) }).collect();
        let left = members.len().saturating_sub(NAMED);
        (named, if left > 0 { self.p.t1("patterns-more-members", "n", left) } else { String::new() })
    }

    /// "About 12 km from Arriaga", by the nearest stop of any corridor.
    fn near(&self, lat: f64, lon: f64) -> String {
        let Ok(at) = Position::new(lat, lon) else { return String::new() };
        let stops = self.corridors.routes().flat_map(|(_, route)| &route.stops);
        let nearest = stops.map(|stop| (at.distance(stop.position).km(), stop)).min_by(|a, b| a.0.total_cmp(&b.0));
        let where_is = format!("{lat:.2}, {lon:.2}");
        match nearest {
            Some((km, stop)) if km <= 150.0 => {
                format!("{} ({where_is})", self.p.t2("patterns-near", "km", format!("{km:.0}"), "stop", stop.name.as_str()))
            }
            _ => where_is,
        }
    }

    fn group(&self, group: &GroupTold) -> Line {
        let (members, more) = self.members(&group.members);
        let when = if group.from == group.to {
            self.p.day(group.from)
        } else {
            self.p.t2("patterns-between", "from", self.p.day(group.from), "to", self.p.day(group.to))
        };
        Line {
            who: self.persons(group.persons),
            when,
            place: self.near(group.lat, group.lon),
            radius: self.p.t1("patterns-radius", "km", format!("{:.0}", group.radius_km.ceil().max(1.0))),
            chance: Vec::new(),
            members,
            more,
        }
    }

    fn excess(&self, excess: &ExcessTold, shuffles: u32) -> Line {
        let mut chance: Vec<String> = excess.expected.map(|n| self.p.t1("patterns-expected", "n", format!("{n:.1}"))).into_iter().collect();
        chance.push(self.p.t2("patterns-chance", "n", u64::from(excess.as_strong) + 1, "of", u64::from(shuffles) + 1));
        chance.push(self.p.t(if excess.p <= 0.05 { "patterns-chance-rare" } else { "patterns-chance-common" }));
        Line { chance, ..self.group(&excess.group) }
    }

    fn sign(&self, sign: &SignTold) -> String {
        let value = match sign.attribute.as_str() {
            "corridor" => self
                .corridors
                .find(&sign.value)
                .and_then(|r| self.corridors.route(r).ok())
                .map_or_else(|| sign.value.clone(), |r| r.name.clone()),
            "month" => sign.value.parse().map_or_else(|_| sign.value.clone(), |month| self.p.partial(month)),
            "country" | "origin" => self.p.country(&sign.value),
            "transport" => self.p.word("transport", &sign.value),
            "risk" => self.p.word("risk", &sign.value),
            "kind" => self.p.word("found-kind", &sign.value),
            "cause" => self.p.word("patterns-cause", &sign.value),
            _ => sign.value.clone(),
        };
        format!("{}: {value}", self.p.word("patterns-sign", &sign.attribute))
    }

    fn pair(&self, lift: &LiftTold) -> Pair {
        let (members, more) = self.members(&lift.members);
        let note = lift.counts.map(|c| {
            let counts = [("both", c.both), ("first", c.first), ("second", c.second), ("all", c.all)];
            self.p.language.text_with("patterns-lift-counts", counts.map(|(name, n)| (name, Argument::value(&n))))
        });
        Pair {
            first: self.sign(&lift.first),
            second: self.sign(&lift.second),
            persons: self.persons(lift.persons),
            lift: self.p.t1("patterns-times", "n", format!("{:.1}", lift.lift)),
            note: note.unwrap_or_default(),
            members,
            more,
        }
    }

    /// The stop of a route that lies nearest to a measure.
    fn stop(route: &Route, km: f64) -> &str {
        let nearest = route.stops.iter().min_by(|a, b| (a.measure_km - km).abs().total_cmp(&(b.measure_km - km).abs()));
        nearest.map_or("", |stop| stop.name.as_str())
    }

    fn rows(&self, told: &Told, route: Option<&Route>, typed: &Fields) -> Vec<Row> {
        let Some(route) = route else {
            let rest = format!("tipo={}&del={}&al={}", typed.get("tipo"), typed.get("del"), typed.get("al"));
            let sharing = if self.shared { "&alcance=compartidos" } else { "" };
            let link = |id: &str| format!("/patrones?ruta={}&{rest}{sharing}", respond::escape_query(id));
            let row = |c: &patterns::CorridorTold| Row { name: c.name.clone(), href: link(&c.corridor), persons: self.persons(c.persons) };
            return told.corridors.iter().map(row).collect();
        };
        let row = |s: &patterns::StretchTold| {
            let km = self.p.t2("patterns-stretch", "from", format!("{:.0}", s.from_km), "to", format!("{:.0}", s.to_km));
            let name = format!("{km} – {}", Self::stop(route, (s.from_km + s.to_km) / 2.0));
            Row { name, href: String::new(), persons: self.persons(s.persons) }
        };
        told.along.iter().flat_map(|along| &along.stretches).map(row).collect()
    }

    fn basis(&self, answer: &Patterns) -> Vec<String> {
        let told = &answer.told;
        let mut basis = vec![if told.exact {
            self.persons(Persons { own: told.own, others_at_least: None })
        } else {
            self.p.t1("patterns-own-took-part", "n", told.own)
        }];
        if let Some(from) = answer.from {
            basis.push(self.p.t1("patterns-from-day", "day", self.p.day(from)));
        }
        if let Some(to) = answer.to {
            basis.push(self.p.t1("patterns-to-day", "day", self.p.day(to)));
        }
        if told.own_without_place > 0 {
            basis.push(self.p.t1("patterns-without-place", "n", told.own_without_place));
        }
        if told.own_without_day > 0 {
            basis.push(self.p.t1("patterns-without-day", "n", told.own_without_day));
        }
        if answer.cut_off {
            basis.push(self.p.t1("patterns-cut-off", "n", MOST));
        }
        basis
    }

    fn found(&self, answer: &Patterns, route: Option<&Route>, typed: &Fields) -> Found {
        let told = &answer.told;
        let bins = told.along.first().map_or(&[][..], |along| &along.density[..]);
        let chart = route.and_then(|route| density_chart(bins, &route.stops, route.length_km));
        let peak = bins.iter().max_by(|a, b| a.per_km.total_cmp(&b.per_km)).filter(|_| chart.is_some());
        let summary = route.zip(peak).map(|(route, peak)| {
            let km = (peak.from_km + peak.to_km) / 2.0;
            let values = [
                ("value", format!("{:.1}", peak.per_km * 100.0)),
                ("km", format!("{km:.0}")),
                ("stop", Self::stop(route, km).to_owned()),
                ("route", route.name.clone()),
            ];
            self.p.language.text_with("patterns-density-summary", values.map(|(name, value)| (name, Argument::value(&value))))
        });
        // Beside the strongest only what is hardly chance.
        let scan = told.scan.iter().enumerate().filter(|(place, excess)| *place == 0 || excess.p <= 0.1);
        Found {
            basis: self.basis(answer),
            chart,
            chart_summary: summary.unwrap_or_default(),
            rows: self.rows(told, route, typed),
            clusters: told.clusters.iter().take(LISTED).map(|group| self.group(group)).collect(),
            scan: scan.map(|(_, excess)| self.excess(excess, told.shuffles)).collect(),
            scan_basis: if told.shuffles > 0 { self.p.t1("patterns-scan-basis", "n", u64::from(told.shuffles)) } else { String::new() },
            pairs: told.lift.iter().take(LISTED).map(|lift| self.pair(lift)).collect(),
            shared: !told.exact,
            published: self.kind == PointKind::Incident,
        }
    }
}

async fn show(app: web::Data<App>, who: SignedIn) -> Answer {
    who.actor().require(Right::ReadRoutes).map_err(ServiceError::from)?;
    let p = who.page();
    let lang = p.language;
    let typed = Fields::read(&who.visit.query)?;
    let corridors = app.space.corridors();
    let mut errors = Errors::default();
    let mut found = None;
    let chosen = corridors.find(typed.get("ruta")).and_then(|r| corridors.route(r).ok());
    match query(&typed, lang) {
        Ok(Some(query)) => match patterns::patterns(&app, who.actor(), &query).await {
            Ok(answer) => {
                let teller = Teller { p: &p, corridors, kind: query.kind, shared: query.shared };
                found = Some(teller.found(&answer, chosen, &typed));
            }
            Err(ServiceError::Invalid(faults)) => errors.0.extend(faults.0.iter().map(|f| fault(lang, f))),
            Err(other) => return Err(PortalError::from(other)),
        },
        Ok(None) => {}
        Err(faults) => errors = faults,
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let columns = |keys: &[&str]| keys.iter().map(|k| p.t(k)).collect::<Vec<_>>();
    let wanted = Some(typed.get("tipo")).filter(|kind| !kind.is_empty()).unwrap_or("casos");
    let page = PatternsPage {
        kinds: KINDS.iter().map(|(_, word, key)| Choice::new(*word, p.t(key), *word == wanted)).collect(),
        routes: corridors.routes().map(|(_, r)| Choice::new(r.id.clone(), r.name.clone(), r.id == typed.get("ruta"))).collect(),
        sharing: vec![Choice::new("compartidos", p.t("patterns-shared"), typed.ticked("alcance", "compartidos"))],
        from: typed.get("del").to_owned(),
        to: typed.get("al").to_owned(),
        chosen: chosen.map(|route| route.name.clone()).unwrap_or_default(),
        row_columns: columns(&[if chosen.is_some() { "patterns-col-stretch" } else { "patterns-col-corridor" }, "patterns-col-persons"]),
        pair_columns: columns(&["patterns-col-first", "patterns-col-second", "patterns-col-persons", "patterns-col-lift"]),
        found,
        errors,
        p,
    };
    respond::page_with(&page, status)
}
