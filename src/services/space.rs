//! The spatial index of this process: cases, found records and incidents on the sphere, and the corridors. Rebuilt at start from the database,
//! kept in step by the change feed. It knows positions and ids only; what a person is shown is re-read under row-level security.

use super::ServiceError;
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::cases::{CaseFilter, CaseLine};
use crate::db::feed::{Change, Cursor};
use crate::db::found::{FoundFilter, FoundLine};
use crate::db::places::{self, IncidentRow};
use crate::db::{DbError, Pool, Role, Scope, cases, found, subjects};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::geo::{CorridorError, CorridorQuery, Corridors, Inside, Metres, Position, RouteError, SnapOptions, SpaceIndex};
use chrono::NaiveDate;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use uuid::Uuid;

/// The corridors that ship with the program, as GeoJSON.
pub const CORRIDORS: &[u8] = include_bytes!("../../config/routes/corridors.geojson");
const STOPS: &[u8] = include_bytes!("../../config/routes/corridor_stops.csv");
/// Uncertainty of an incident's published position: "described" (geo.md section 1).
pub(super) const INCIDENT_UNCERTAINTY_M: f64 = 2_000.0;
const LARGEST_SIGMA_M: u32 = 60_000;
/// How many of an authority's own records the map of everything shows of each kind.
const NEWEST: i64 = 2_000;

/// What a point on the map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PointKind {
    /// The last contact of a case.
    Case,
    /// Where a person or remains were found.
    FoundRecord,
    /// A published incident.
    Incident,
}

#[derive(Debug, Clone, Copy)]
struct Facts {
    kind: PointKind,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    uncertainty_m: f64,
}

#[derive(Debug, Default)]
struct Points {
    index: SpaceIndex<Uuid>,
    facts: HashMap<Uuid, Facts>,
}

impl Points {
    fn put(&mut self, id: Uuid, position: Option<Position>, facts: Facts) {
        match position {
            Some(position) => {
                self.index.insert(id, position);
                self.facts.insert(id, facts);
            }
            None => self.remove(id),
        }
    }

    fn remove(&mut self, id: Uuid) {
        self.index.remove(id);
        self.facts.remove(&id);
    }
}

/// The index.
#[derive(Debug)]
pub struct Space {
    corridors: Corridors,
    points: RwLock<Points>,
}

/// How many points of each kind the index holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Cases with a position.
    pub cases: usize,
    /// Found records with a position.
    pub found: usize,
    /// Incidents with a position.
    pub incidents: usize,
}

fn position(lat: Option<f64>, lon: Option<f64>) -> Option<Position> {
    Position::new(lat?, lon?).ok()
}

impl Space {
    /// An empty index over the corridors that ship with the program.
    ///
    /// # Errors
    /// [`CorridorError`] when the shipped files are wrong, which a test rules out.
    pub fn new() -> Result<Self, CorridorError> {
        Ok(Self { corridors: Corridors::from_texts(CORRIDORS, STOPS)?, points: RwLock::default() })
    }

    /// The corridors.
    #[must_use]
    pub const fn corridors(&self) -> &Corridors {
        &self.corridors
    }

    fn read(&self) -> RwLockReadGuard<'_, Points> {
        self.points.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Points> {
        self.points.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// How full it is.
    #[must_use]
    pub fn size(&self) -> Size {
        let mut size = Size::default();
        for facts in self.read().facts.values() {
            match facts.kind {
                PointKind::Case => size.cases += 1,
                PointKind::FoundRecord => size.found += 1,
                PointKind::Incident => size.incidents += 1,
            }
        }
        size
    }

    /// Fills the index from the database and returns the cursor to follow from.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn load(&self, pool: &Pool) -> Result<Cursor, DbError> {
        let mut tx = pool.begin(Role::Matcher, &Scope::default()).await?;
        let cursor = Cursor::now(&mut tx).await?;
        let mut points = Vec::new();
        for (kind, word) in [(PointKind::Case, "case"), (PointKind::FoundRecord, "found_record")] {
            for row in subjects::load(&mut tx, word, None).await? {
                points.push(subject_point(kind, &row));
            }
        }
        tx.commit().await?;
        let mut tx = pool.begin(Role::Jobs, &Scope::default()).await?;
        for (id, lat, lon, from, to) in places::incident_points(&mut tx).await? {
            points.push((id, position(Some(lat), Some(lon)), incident_facts(from, to)));
        }
        tx.commit().await?;
        let mut fresh = Points::default();
        fresh.index.rebuild(points.iter().filter_map(|(id, at, _)| at.map(|at| (*id, at))));
        fresh.facts = points.into_iter().filter(|(_, at, _)| at.is_some()).map(|(id, _, facts)| (id, facts)).collect();
        *self.write() = fresh;
        Ok(cursor)
    }

    /// Takes over changes of the feed.
    ///
    /// # Errors
    /// [`DbError`]; what was not taken over is read again with the next load.
    pub async fn follow(&self, pool: &Pool, changes: &[Change]) -> Result<(), DbError> {
        for change in changes {
            match change.kind.as_str() {
                "case" | "found_record" => {
                    let kind = if change.kind == "case" { PointKind::Case } else { PointKind::FoundRecord };
                    let mut tx = pool.begin(Role::Matcher, &Scope::default()).await?;
                    let rows = subjects::load(&mut tx, &change.kind, Some(&change.ids)).await?;
                    tx.commit().await?;
                    let mut points = self.write();
                    for id in &change.ids {
                        points.remove(*id);
                    }
                    for row in &rows {
                        let (id, at, facts) = subject_point(kind, row);
                        points.put(id, at, facts);
                    }
                }
                "incident" => {
                    let mut tx = pool.begin(Role::Jobs, &Scope::default()).await?;
                    let rows = places::incidents(&mut tx, &change.ids).await?;
                    tx.commit().await?;
                    let mut points = self.write();
                    for row in rows {
                        points.put(row.id, position(row.lat, row.lon), incident_facts(row.occurred_from, row.occurred_to));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn subject_point(kind: PointKind, row: &subjects::SubjectRow) -> (Uuid, Option<Position>, Facts) {
    let facts = Facts { kind, from: row.event_from, to: row.event_to, uncertainty_m: row.uncertainty_m.unwrap_or(INCIDENT_UNCERTAINTY_M) };
    (row.id, position(row.lat, row.lon), facts)
}

const fn incident_facts(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Facts {
    Facts { kind: PointKind::Incident, from, to, uncertainty_m: INCIDENT_UNCERTAINTY_M }
}

/// "Within w km of route R between stops A and B, dates t1 to t2."
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlongRoute {
    /// The route.
    pub route: String,
    /// Name of the first stop; the start of the route without one.
    #[serde(default)]
    pub from_stop: Option<String>,
    /// Name of the last stop; the end of the route without one.
    #[serde(default)]
    pub to_stop: Option<String>,
    /// Half-width in kilometres.
    pub within_km: f64,
    /// From this day.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// To this day.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// Something near a route.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct AlongHit {
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: PointKind,
    /// Kilometres along the route.
    pub measure_km: f64,
    /// Kilometres from the route.
    pub distance_km: f64,
    /// Chance that it lies inside, its uncertainty counted.
    pub probability: f64,
    /// Whether it lies inside with hardly a doubt.
    pub certainly: bool,
    /// For a found record: which kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_kind: Option<String>,
    /// Folio, for the authority's own records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folio: Option<String>,
    /// Name of the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Position to draw.
    pub lat: f64,
    /// Position to draw.
    pub lon: f64,
    /// First day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
}

/// Kind of a found record, folio and name of the place.
type Known = (Option<String>, Option<String>, Option<String>);

fn route_fault(error: RouteError) -> ServiceError {
    let mut faults = crate::domain::violations::Violations::default();
    let (pointer, code) = match error {
        RouteError::UnknownRoute { .. } => ("/route", "unknown_route"),
        RouteError::UnknownStop { .. } => ("/from_stop", "unknown_stop"),
        _ => ("/within_km", "out_of_range"),
    };
    faults.add(pointer, code, error.to_string());
    ServiceError::Invalid(faults)
}

/// Whether a dated thing can lie in a period; without a date it can.
fn in_period(facts: &Facts, from: Option<NaiveDate>, to: Option<NaiveDate>) -> bool {
    from.is_none_or(|f| facts.to.or(facts.from).is_none_or(|t| t >= f)) && to.is_none_or(|t| facts.from.or(facts.to).is_none_or(|f| f <= t))
}

/// The authority's own cases and found records, and the incidents, along a part of a route; by kilometre, at most 2,000. Audited.
///
/// # Errors
/// [`ServiceError::Invalid`] for an unknown route or stop; [`ServiceError::Forbidden`].
pub async fn along_route(app: &App, actor: &Actor, query: &AlongRoute) -> Result<Vec<AlongHit>, ServiceError> {
    actor.require(Right::ReadRoutes)?;
    let mut faults = crate::domain::violations::Violations::default();
    if !(query.within_km.is_finite() && query.within_km > 0.0 && query.within_km <= 500.0) {
        faults.add("/within_km", "out_of_range", "is a number of kilometres above 0 and up to 500");
    }
    if let (Some(from), Some(to)) = (query.from, query.to)
        && from > to
    {
        faults.add("/from", "reversed", "the period ends before it begins");
    }
    faults.into_result()?;
    let corridors = app.space.corridors();
    let Some(route) = corridors.find(&query.route) else {
        let mut faults = crate::domain::violations::Violations::default();
        faults.add("/route", "unknown_route", "there is no route of that id");
        return Err(faults.into());
    };
    let width = Metres::from_km(query.within_km).map_err(|e| ServiceError::Internal(e.into()))?;
    let mut part = CorridorQuery::whole(corridors, route).map_err(route_fault)?;
    part.half_width = width;
    if let Some(stop) = query.from_stop.as_deref().filter(|s| !s.is_empty()) {
        part.from_km = corridors.stop_measure_km(route, stop).map_err(route_fault)?;
    }
    if let Some(stop) = query.to_stop.as_deref().filter(|s| !s.is_empty()) {
        part.to_km = corridors.stop_measure_km(route, stop).map_err(route_fault)?;
    }
    if part.from_km > part.to_km {
        std::mem::swap(&mut part.from_km, &mut part.to_km);
    }
    let mut hits: Vec<AlongHit> = {
        let points = app.space.read();
        let sigma = |id: Uuid| {
            let radius = points.facts.get(&id).map_or(INCIDENT_UNCERTAINTY_M, |f| f.uncertainty_m);
            Metres::new((radius / 2.448).min(f64::from(LARGEST_SIGMA_M))).unwrap_or(Metres::ZERO)
        };
        let admit = |id: Uuid| points.facts.get(&id).is_some_and(|f| in_period(f, query.from, query.to));
        corridors
            .within(&points.index, &part, Metres::whole(LARGEST_SIGMA_M), sigma, admit)
            .map_err(route_fault)?
            .into_iter()
            .filter_map(|hit| {
                let facts = points.facts.get(&hit.id)?;
                let at = points.index.position(hit.id)?;
                Some(AlongHit {
                    id: hit.id,
                    kind: facts.kind,
                    measure_km: hit.measure_km,
                    distance_km: hit.distance_km,
                    probability: hit.probability,
                    certainly: matches!(hit.inside, Inside::Certainly),
                    found_kind: None,
                    folio: None,
                    place: None,
                    lat: at.lat(),
                    lon: at.lon(),
                    from: facts.from,
                })
            })
            .collect()
    };
    let of = |hits: &[AlongHit], kind: PointKind| hits.iter().filter(|h| h.kind == kind).map(|h| h.id).collect::<Vec<_>>();
    let mut tx = app.pool.begin_for(actor).await?;
    let mut known: HashMap<Uuid, Known> = HashMap::new();
    if actor.may(Right::ReadCases) {
        for line in cases::own_lines(&mut tx, actor.authority, &of(&hits, PointKind::Case)).await? {
            let CaseLine { id, folio, place_name, .. } = line;
            known.insert(id, (None, Some(folio), place_name));
        }
    }
    if actor.may(Right::ReadFound) {
        for line in found::own_lines(&mut tx, actor.authority, &of(&hits, PointKind::FoundRecord)).await? {
            let FoundLine { id, kind, folio, place_name, .. } = line;
            known.insert(id, (Some(kind), Some(folio), place_name));
        }
    }
    for IncidentRow { id, place_text, .. } in places::incidents(&mut tx, &of(&hits, PointKind::Incident)).await? {
        known.insert(id, (None, None, place_text));
    }
    // Of other authorities' records not even the number is told.
    hits.retain_mut(|hit| match known.remove(&hit.id) {
        Some((kind, folio, place)) => {
            hit.found_kind = kind;
            hit.folio = folio;
            hit.place = place;
            true
        }
        None => false,
    });
    hits.sort_by(|a, b| a.measure_km.total_cmp(&b.measure_km).then(a.id.cmp(&b.id)));
    hits.truncate(2_000);
    let records = hits.iter().filter(|h| h.kind != PointKind::Incident).map(|h| h.id).collect();
    let event = Event::on_many("search_route", "record", records, Some(actor.authority)).detail(serde_json::json!({ "route": query.route }));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(hits)
}

/// A record of the authority's own on the map.
#[derive(Debug, Clone)]
pub struct OwnPoint {
    /// Its id.
    pub id: Uuid,
    /// Case or found record.
    pub kind: PointKind,
    /// For a found record: which kind.
    pub found_kind: Option<String>,
    /// Folio.
    pub folio: String,
    /// Name of the place.
    pub place: Option<String>,
    /// Position.
    pub at: Position,
}

/// The authority's newest cases and found records with a position, at most 2,000 of each, as far as the roles may see them. Audited.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn own_points(app: &App, actor: &Actor) -> Result<Vec<OwnPoint>, ServiceError> {
    actor.require(Right::ReadRoutes)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let mut lines = Vec::new();
    if actor.may(Right::ReadCases) {
        for line in cases::list(&mut tx, actor.authority, &CaseFilter::default(), None, NEWEST).await? {
            lines.push((line.id, PointKind::Case, None, line.folio, line.place_name));
        }
    }
    if actor.may(Right::ReadFound) {
        for line in found::list(&mut tx, actor.authority, &FoundFilter::default(), None, NEWEST).await? {
            lines.push((line.id, PointKind::FoundRecord, Some(line.kind), line.folio, line.place_name));
        }
    }
    let points: Vec<OwnPoint> = {
        let index = app.space.read();
        lines
            .into_iter()
            .filter_map(|(id, kind, found_kind, folio, place)| {
                index.index.position(id).map(|at| OwnPoint { id, kind, found_kind, folio, place, at })
            })
            .collect()
    };
    let event = Event::on_many("list", "record", points.iter().map(|p| p.id).collect(), Some(actor.authority));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(points)
}

/// Every published incident with a position: no owner, no persons.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn incidents(app: &App, actor: &Actor) -> Result<Vec<IncidentRow>, ServiceError> {
    actor.require(Right::ReadRoutes)?;
    let ids: Vec<Uuid> = {
        let points = app.space.read();
        points.facts.iter().filter(|(_, f)| f.kind == PointKind::Incident).map(|(id, _)| *id).collect()
    };
    let mut tx = app.pool.begin_for(actor).await?;
    let rows = places::incidents(&mut tx, &ids).await?;
    tx.commit().await?;
    Ok(rows)
}

/// A route a position may lie on.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct SnapLine {
    /// Its id; `None` is "off route".
    pub route: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Chance. All lines of a position add up to one.
    pub weight: f64,
    /// Kilometres along the route.
    pub measure_km: Option<f64>,
    /// Kilometres from it.
    pub distance_km: Option<f64>,
}

/// All routes a position may lie on, with weights and "off route" (geo.md 4.1). Evidence, never a filter.
///
/// # Errors
/// [`ServiceError::Invalid`] for a position that is none.
pub fn snap(space: &Space, lat: f64, lon: f64, uncertainty_m: f64) -> Result<Vec<SnapLine>, ServiceError> {
    let fault = |pointer: &str, message: String| {
        let mut faults = crate::domain::violations::Violations::default();
        faults.add(pointer, "out_of_range", message);
        ServiceError::Invalid(faults)
    };
    let at = Position::new(lat, lon).map_err(|e| fault("/lat", e.to_string()))?;
    if !(uncertainty_m > 0.0 && uncertainty_m <= 20_000_000.0) {
        return Err(fault("/uncertainty_m", "the uncertainty is a radius in metres above zero and up to 20,000,000".to_owned()));
    }
    let sigma = Metres::new(uncertainty_m / 2.448).map_err(|e| fault("/uncertainty_m", e.to_string()))?;
    let snapped = space.corridors.snap(at, sigma, &SnapOptions::default(), crate::geo::uniform_prior);
    let mut lines: Vec<SnapLine> = snapped
        .candidates
        .iter()
        .filter_map(|c| {
            let route = space.corridors.route(c.route).ok()?;
            Some(SnapLine {
                route: Some(route.id.clone()),
                name: Some(route.name.clone()),
                weight: c.weight,
                measure_km: Some(c.measure_km),
                distance_km: Some(c.distance_km),
            })
        })
        .collect();
    lines.push(SnapLine { route: None, name: None, weight: snapped.off_route_weight, measure_km: None, distance_km: None });
    lines.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    Ok(lines)
}
