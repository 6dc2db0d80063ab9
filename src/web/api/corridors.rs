//! Routes: `/corridors`. What lies along a part of a corridor, and which corridors a point may lie on. Evidence, never a filter.

use super::auth::Client;
use super::request::{List, Params};
use crate::app::App;
use crate::domain::authority::Right;
use crate::services::ServiceError;
use crate::services::space::{self, AlongHit, AlongRoute, SnapLine};
use crate::web::problem::{ApiError, Problem};
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(list).service(along).service(snap);
}

type Answer = Result<HttpResponse, ApiError>;

/// A corridor with its stops.
#[derive(Debug, Serialize, ToSchema)]
struct CorridorBody {
    id: String,
    name: String,
    length_km: f64,
    /// Half-width in kilometres.
    half_width_km: f64,
    /// Whether its course is only sketched.
    schematic: bool,
    stops: Vec<StopBody>,
}

/// A stop of a corridor.
#[derive(Debug, Serialize, ToSchema)]
struct StopBody {
    name: String,
    /// Kilometres from the start.
    measure_km: f64,
}

/// The corridors and their stops.
#[utoipa::path(tag = "corridors", responses((status = 200, body = List<CorridorBody>), (status = "4XX", body = Problem)))]
#[get("/corridors")]
async fn list(app: web::Data<App>, who: Client) -> Answer {
    who.actor.require(Right::ReadRoutes).map_err(ServiceError::from)?;
    let corridors = app.space.corridors().routes().map(|(_, r)| CorridorBody {
        id: r.id.clone(),
        name: r.name.clone(),
        length_km: r.length_km,
        half_width_km: r.half_width_km,
        schematic: r.schematic,
        stops: r.stops.iter().map(|s| StopBody { name: s.name.clone(), measure_km: s.measure_km }).collect(),
    });
    Ok(HttpResponse::Ok().json(List::whole(corridors.collect())))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Along {
    /// Half-width in kilometres, up to 500.
    within_km: f64,
    /// Name of the first stop; the start without one.
    from_stop: Option<String>,
    /// Name of the last stop; the end without one.
    to_stop: Option<String>,
    /// From this day.
    from: Option<NaiveDate>,
    /// To this day.
    to: Option<NaiveDate>,
}

/// Cases, found records and incidents within so many kilometres of a corridor, between two stops and two days, in order along it. Only what the
/// asking authority may see.
#[utoipa::path(tag = "corridors", params(Along), responses((status = 200, body = List<AlongHit>), (status = "4XX", body = Problem)))]
#[get("/corridors/{corridor}/records")]
async fn along(app: web::Data<App>, who: Client, corridor: web::Path<String>, Params(q): Params<Along>) -> Answer {
    let query =
        AlongRoute { route: corridor.into_inner(), from_stop: q.from_stop, to_stop: q.to_stop, within_km: q.within_km, from: q.from, to: q.to };
    Ok(HttpResponse::Ok().json(List::whole(space::along_route(&app, &who.actor, &query).await?)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Point {
    /// Latitude in degrees.
    lat: f64,
    /// Longitude in degrees.
    lon: f64,
    /// Radius in metres that contains it with 95 % chance; 2,000 without it.
    uncertainty_m: Option<f64>,
}

/// All corridors a point may lie on, with weights and "off route" (`route: null`); the weights add up to one.
#[utoipa::path(tag = "corridors", params(Point), responses((status = 200, body = List<SnapLine>), (status = "4XX", body = Problem)))]
#[get("/corridor-snaps")]
async fn snap(app: web::Data<App>, who: Client, Params(at): Params<Point>) -> Answer {
    who.actor.require(Right::ReadRoutes).map_err(ServiceError::from)?;
    Ok(HttpResponse::Ok().json(List::whole(space::snap(&app.space, at.lat, at.lon, at.uncertainty_m.unwrap_or(2_000.0))?)))
}
