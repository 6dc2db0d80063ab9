//! Map and routes: the corridors, what lies along a part of one, and on which routes a point may lie. Everything is in the address.

use super::error::PortalError;
use super::forms::{Choice, Errors, FieldError, Fields, fault_text};
use super::i18n::Lang;
use super::page::Page;
use super::respond::{self, Answer};
use super::routes_map::{self, href};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::authority::Right;
use crate::geo::{Corridors, RouteIndex};
use crate::services::ServiceError;
use crate::services::space::{self, AlongHit, AlongRoute, PointKind, SnapLine};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

/// More lines than this are not read; the map shows them all.
const LINES: usize = 200;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.route("/rutas", web::get().to(show)).route("/rutas/mapa.json", web::get().to(routes_map::map));
}

/// What the address asks for, as typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked(Fields);

impl Asked {
    /// Reads a query.
    pub fn of(query: &str) -> Result<Self, PortalError> {
        Ok(Self(Fields::read(query)?))
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name)
    }

    /// Whether a layer is wanted; without a choice all are.
    pub fn shows(&self, kind: PointKind) -> bool {
        let chosen = self.0.all("ver");
        chosen.is_empty() || chosen.contains(&layer(kind))
    }

    /// The measures of the chosen stops.
    pub fn part(&self, corridors: &Corridors, route: RouteIndex) -> Option<(f64, f64)> {
        let length = corridors.route(route).ok()?.length_km;
        let at = |name: &str, else_km: f64| match self.get(name) {
            "" => Some(else_km),
            stop => corridors.stop_measure_km(route, stop).ok(),
        };
        let (a, b) = (at("desde", 0.0)?, at("hasta", length)?);
        Some((a.min(b), a.max(b)))
    }

    /// The point whose routes are asked for.
    pub fn point(&self) -> Option<(f64, f64)> {
        let number = |name: &str| self.get(name).replace(',', ".").parse::<f64>().ok().filter(|n| n.is_finite());
        Some((number("lat")?, number("lon")?))
    }

    /// Its radius of uncertainty in metres; two kilometres when none is given.
    pub fn doubt_m(&self) -> f64 {
        let km = self.get("radio").replace(',', ".").parse::<f64>().ok().filter(|km| km.is_finite() && *km > 0.0 && *km <= 500.0);
        km.unwrap_or(2.0) * 1000.0
    }
}

const fn layer(kind: PointKind) -> &'static str {
    match kind {
        PointKind::Case => "casos",
        PointKind::FoundRecord => "hallazgos",
        PointKind::Incident => "incidentes",
    }
}

/// The query of the address; none without a route, or while stops are being chosen.
pub(super) fn query(asked: &Asked, lang: Lang) -> Result<Option<AlongRoute>, Errors> {
    if asked.get("ruta").is_empty() || !asked.get("paradas").is_empty() {
        return Ok(None);
    }
    let mut errors = Errors::default();
    let within_km = if asked.get("km").is_empty() { Some(25.0) } else { asked.0.number(lang, "km", &mut errors) };
    let mut day = |name: &str| {
        let mut faults = Errors::default();
        let day = asked.0.day(lang, name, &mut faults);
        if !faults.is_empty() {
            errors.add(lang, name, "routes-error-day");
        }
        day
    };
    let (from, to) = (day("del"), day("al"));
    match within_km.filter(|_| errors.is_empty()) {
        Some(within_km) => Ok(Some(AlongRoute {
            route: asked.get("ruta").to_owned(),
            from_stop: asked.0.opt("desde"),
            to_stop: asked.0.opt("hasta"),
            within_km,
            from,
            to,
        })),
        None => Err(errors),
    }
}

/// A result.
#[derive(Debug, Clone)]
struct Hit {
    km: String,
    kind: String,
    name: String,
    href: String,
    distance: String,
    when: String,
    inside: String,
}

/// A corridor.
#[derive(Debug, Clone)]
struct Corridor {
    name: String,
    href: String,
    mode: String,
    length: String,
    stops: String,
    schematic: bool,
}

/// A route a point may lie on.
#[derive(Debug, Clone)]
struct Snap {
    route: String,
    weight: String,
    km: String,
    distance: String,
}

#[derive(Template)]
#[template(path = "pages/routes.html")]
struct RoutesPage {
    p: Page,
    errors: Errors,
    asked: Fields,
    /// Kilometres to either side, as typed or as assumed.
    within: String,
    routes: Vec<Choice>,
    from_stops: Vec<Choice>,
    to_stops: Vec<Choice>,
    layers: Vec<Choice>,
    map_src: String,
    map_label: String,
    /// The results; none while nothing was asked.
    hits: Option<Vec<Hit>>,
    hit_columns: Vec<String>,
    count: String,
    cut: String,
    corridors: Vec<Corridor>,
    corridor_columns: Vec<String>,
    snaps: Vec<Snap>,
    snap_columns: Vec<String>,
    open_snap: bool,
}

fn hit(p: &Page, h: &AlongHit) -> Hit {
    let kind = match (h.kind, &h.found_kind) {
        (PointKind::Case, _) => p.t("routes-kind-case"),
        (PointKind::FoundRecord, Some(kind)) => p.word("found-kind", kind),
        (PointKind::FoundRecord, None) => p.t("routes-kind-found-record"),
        (PointKind::Incident, _) => p.t("routes-kind-incident"),
    };
    Hit {
        km: p.t1("routes-km", "km", format!("{:.0}", h.measure_km)),
        kind,
        name: [h.folio.clone(), h.place.clone()].into_iter().flatten().collect::<Vec<_>>().join(", "),
        href: href(h.kind, h.id).unwrap_or_default(),
        distance: p.t1("routes-distance", "km", format!("{:.1}", h.distance_km)),
        when: h.from.map_or_else(|| p.t("routes-no-date"), |d| p.day(d)),
        inside: if h.certainly { p.t("routes-certain") } else { p.t1("routes-probable", "percent", format!("{:.0}", h.probability * 100.0)) },
    }
}

fn snap(p: &Page, line: &SnapLine) -> Snap {
    Snap {
        route: line.name.clone().unwrap_or_else(|| p.t("routes-off")),
        weight: format!("{:.1} %", line.weight * 100.0),
        km: line.measure_km.map(|km| p.t1("routes-km", "km", format!("{km:.0}"))).unwrap_or_default(),
        distance: line.distance_km.map(|km| p.t1("routes-distance", "km", format!("{km:.1}"))).unwrap_or_default(),
    }
}

fn corridors(p: &Page, corridors: &Corridors) -> Vec<Corridor> {
    corridors
        .routes()
        .map(|(_, route)| Corridor {
            name: route.name.clone(),
            href: format!("/rutas?ruta={}&km={:.0}", respond::escape_query(&route.id), route.half_width_km),
            mode: p.word("medium", &format!("{:?}", route.medium).to_lowercase()),
            length: p.t1("routes-length", "km", format!("{:.0}", route.length_km)),
            stops: route.stops.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(" – "),
            schematic: route.schematic,
        })
        .collect()
}

/// A fault of the query on its field.
fn fault(lang: Lang, fault: &crate::domain::violations::Violation) -> FieldError {
    let (field, key) = match fault.pointer.as_str() {
        "/route" => ("ruta", "routes-error-route"),
        "/from_stop" => ("desde", "routes-error-stop"),
        "/within_km" => ("km", "routes-error-within"),
        "/from" => ("del", "routes-error-reversed"),
        "/lat" => ("lat", "error-bad-place"),
        _ => ("", ""),
    };
    let text = if key.is_empty() { fault_text(lang, fault) } else { lang.text(key) };
    FieldError { field: field.to_owned(), text }
}

async fn show(app: web::Data<App>, who: SignedIn) -> Answer {
    who.actor().require(Right::ReadRoutes).map_err(ServiceError::from)?;
    let p = who.page();
    let lang = p.language;
    let asked = Asked::of(&who.visit.query)?;
    let network = app.space.corridors();
    let mut errors = Errors::default();
    let mut found: Option<Vec<AlongHit>> = None;
    match query(&asked, lang) {
        Ok(Some(along)) => match space::along_route(&app, who.actor(), &along).await {
            Ok(hits) => found = Some(hits.into_iter().filter(|h| asked.shows(h.kind)).collect()),
            Err(ServiceError::Invalid(faults)) => errors.0.extend(faults.0.iter().map(|f| fault(lang, f))),
            Err(other) => return Err(other.into()),
        },
        Ok(None) => {}
        Err(faults) => errors = faults,
    }
    let wants_point = !asked.get("lat").is_empty() || !asked.get("lon").is_empty();
    let mut snaps = Vec::new();
    if wants_point {
        match asked.point().map(|(lat, lon)| space::snap(&app.space, lat, lon, asked.doubt_m())) {
            Some(Ok(lines)) => snaps = lines.iter().map(|l| snap(&p, l)).collect(),
            _ => errors.add(lang, "lat", "error-bad-place"),
        }
    }
    let chosen = network.find(asked.get("ruta")).and_then(|r| network.route(r).ok());
    let stops = |name: &str| {
        let mut all: Vec<Choice> = Vec::new();
        for stop in chosen.iter().flat_map(|r| &r.stops) {
            if !all.iter().any(|c| c.value == stop.name) {
                all.push(Choice::new(stop.name.clone(), format!("{} ({:.0} km)", stop.name, stop.measure_km), stop.name == asked.get(name)));
            }
        }
        all
    };
    let layers = [
        (PointKind::Case, "routes-layer-cases"),
        (PointKind::FoundRecord, "routes-layer-found"),
        (PointKind::Incident, "routes-layer-incidents"),
    ];
    let columns = |keys: &[&str]| keys.iter().map(|k| p.t(k)).collect::<Vec<_>>();
    let total = found.as_ref().map_or(0, Vec::len);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    // A query with a fault draws the whole map.
    let map_src = if errors.is_empty() { format!("/rutas/mapa.json?{}", who.visit.query) } else { "/rutas/mapa.json".to_owned() };
    let page = RoutesPage {
        routes: network.routes().map(|(_, r)| Choice::new(r.id.clone(), r.name.clone(), r.id == asked.get("ruta"))).collect(),
        from_stops: stops("desde"),
        to_stops: stops("hasta"),
        layers: layers.iter().map(|(kind, key)| Choice::new(layer(*kind), p.t(key), asked.shows(*kind))).collect(),
        map_src,
        map_label: chosen.map_or_else(|| p.t("routes-map"), |r| p.t1("routes-map-of", "route", r.name.as_str())),
        hits: found.map(|hits| hits.iter().take(LINES).map(|h| hit(&p, h)).collect()),
        hit_columns: columns(&[
            "routes-col-folio",
            "routes-col-kind",
            "routes-col-km",
            "routes-col-distance",
            "routes-col-when",
            "routes-col-inside",
        ]),
        count: p.t1("routes-count", "n", total),
        cut: if total > LINES { p.t1("routes-cut", "n", LINES) } else { String::new() },
        corridors: corridors(&p, network),
        corridor_columns: columns(&["routes-list-name", "routes-list-mode", "routes-list-length", "routes-list-stops"]),
        snaps,
        snap_columns: columns(&["routes-list-name", "routes-snap-weight", "routes-col-km", "routes-col-distance"]),
        open_snap: wants_point,
        within: Some(asked.get("km")).filter(|km| !km.is_empty()).unwrap_or("25").to_owned(),
        asked: asked.0,
        errors,
        p,
    };
    respond::page_with(&page, status)
}
