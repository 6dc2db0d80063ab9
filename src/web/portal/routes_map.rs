//! What the map of routes draws, for the whole of it or for a query: lines, stops, own records, published incidents.

use super::mapdata::{MapData, MapLine, MapPoint};
use super::page::Page;
use super::routes::{Asked, query};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::found::FoundKind;
use crate::geo::{Corridors, Position, RouteIndex};
use crate::services::ServiceError;
use crate::services::space::{self, AlongHit, PointKind};
use actix_web::{HttpResponse, web};
use uuid::Uuid;

/// A position to a hundredth of a thousandth of a degree, about a metre: more would only make the answer longer.
fn fine(degrees: f64) -> f64 {
    (degrees * 1e5).round() / 1e5
}

/// The line of a route, or of a part of it.
fn line(p: &Page, corridors: &Corridors, route: RouteIndex, part: Option<(f64, f64)>) -> Option<MapLine> {
    let known = corridors.route(route).ok()?;
    let (from, to) = part.unwrap_or((0.0, known.length_km));
    let line = corridors.subline(route, from, to).ok()?.iter().map(|at| [fine(at.lon()), fine(at.lat())]).collect();
    let name = if known.schematic { format!("{} – {}", known.name, p.t("routes-schematic")) } else { known.name.clone() };
    Some(MapLine { name, certainty: if known.schematic { "estimated" } else { "confirmed" }, line })
}

fn stops(p: &Page, corridors: &Corridors, route: RouteIndex, data: &mut MapData) {
    let Ok(known) = corridors.route(route) else { return };
    for stop in &known.stops {
        let place = point(stop.position, "stop", stop.name.clone(), p.t1("routes-stop", "km", format!("{:.0}", stop.measure_km)));
        // A town that several routes pass is one point.
        if !data.points.iter().any(|d| d.label == place.label && (d.lat - place.lat).abs() < 1e-9) {
            data.points.push(place);
        }
    }
}

fn point(at: Position, kind: &'static str, label: String, kind_label: String) -> MapPoint {
    MapPoint { lat: fine(at.lat()), lon: fine(at.lon()), kind, label, kind_label, href: None, radius_m: None }
}

/// The page of a hit that is a record.
pub(super) fn href(kind: PointKind, id: Uuid) -> Option<String> {
    match kind {
        PointKind::Case => Some(format!("/casos/{id}")),
        PointKind::FoundRecord => Some(format!("/hallazgos/{id}")),
        PointKind::Incident => None,
    }
}

/// The shape and the words of a point.
fn look(p: &Page, kind: PointKind, found_kind: Option<&str>) -> (&'static str, String) {
    match kind {
        PointKind::Case => ("missing", p.t("routes-kind-case")),
        PointKind::Incident => ("incident", p.t("routes-kind-incident")),
        PointKind::FoundRecord => match found_kind.and_then(|k| k.parse::<FoundKind>().ok()) {
            Some(known) => (known.as_str(), p.word("found-kind", known.as_str())),
            None => ("living", p.t("routes-kind-found-record")),
        },
    }
}

fn hit_point(p: &Page, hit: &AlongHit) -> Option<MapPoint> {
    let (kind, kind_label) = look(p, hit.kind, hit.found_kind.as_deref());
    let label = hit.folio.clone().or_else(|| hit.place.clone()).unwrap_or_else(|| p.t("routes-incident"));
    let at = Position::new(hit.lat, hit.lon).ok()?;
    Some(MapPoint { href: href(hit.kind, hit.id), ..point(at, kind, label, kind_label) })
}

async fn everything(app: &App, who: &SignedIn, p: &Page, asked: &Asked) -> Result<MapData, ServiceError> {
    // The whole opens on the corridors of the Americas; the others are a drag away.
    let mut data = MapData { bounds: Some([-118.0, -4.0, -62.0, 33.0]), ..MapData::default() };
    let corridors = app.space.corridors();
    for (route, _) in corridors.routes() {
        data.routes.extend(line(p, corridors, route, None));
        stops(p, corridors, route, &mut data);
    }
    for own in space::own_points(app, who.actor()).await? {
        if !asked.shows(own.kind) {
            continue;
        }
        let (kind, kind_label) = look(p, own.kind, own.found_kind.as_deref());
        let label = [Some(own.folio), own.place].into_iter().flatten().collect::<Vec<_>>().join(", ");
        data.points.push(MapPoint { href: href(own.kind, own.id), ..point(own.at, kind, label, kind_label) });
    }
    if asked.shows(PointKind::Incident) {
        for incident in space::incidents(app, who.actor()).await? {
            let (Some(lat), Some(lon)) = (incident.lat, incident.lon) else { continue };
            let Ok(at) = Position::new(lat, lon) else { continue };
            let label = incident.place_text.unwrap_or_else(|| p.t("routes-incident"));
            let figures = p.t2("routes-incident-figures", "dead", incident.dead.unwrap_or(0), "missing", incident.missing.unwrap_or(0));
            data.points.push(point(at, "incident", label, figures));
        }
    }
    Ok(data)
}

pub(super) async fn map(app: web::Data<App>, who: SignedIn) -> super::respond::Answer {
    let p = who.page();
    let asked = Asked::of(&who.visit.query)?;
    let corridors = app.space.corridors();
    let mut data = match query(&asked, p.language) {
        Ok(Some(along)) => {
            let hits = space::along_route(&app, who.actor(), &along).await?;
            let mut data = MapData::default();
            if let Some(route) = corridors.find(&along.route) {
                let part = asked.part(corridors, route);
                data.routes.extend(line(&p, corridors, route, part));
                stops(&p, corridors, route, &mut data);
            }
            data.points.extend(hits.iter().filter(|h| asked.shows(h.kind)).filter_map(|h| hit_point(&p, h)));
            data
        }
        _ => everything(&app, &who, &p, &asked).await?,
    };
    if let Some((lat, lon)) = asked.point()
        && let Ok(at) = Position::new(lat, lon)
    {
        data.points.push(MapPoint { radius_m: Some(asked.doubt_m()), ..point(at, "missing", p.t("routes-snap-point"), String::new()) });
        data.bounds = Some([lon - 2.0, lat - 1.5, lon + 2.0, lat + 1.5]);
    }
    Ok(HttpResponse::Ok().json(data))
}
