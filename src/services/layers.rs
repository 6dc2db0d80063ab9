//! Layers without owners or persons: the corridor network, the gazetteer, published incidents.

use super::ServiceError;
use crate::app::App;
use crate::db::places::{self, EdgeRow, IncidentRow, MembershipRow, Network, PlaceRow, RouteRow, StopRow};
use crate::db::{Role, Scope, feed};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::person::search_form;
use crate::geo::Corridors;

/// The corridors as rows: each edge once, routes as memberships, stops with measures.
fn network(corridors: &Corridors) -> Network {
    let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let mut network = Network::default();
    for (id, edge) in corridors.edges().iter().enumerate() {
        network.edges.push(EdgeRow {
            id: number(id),
            lats: edge.vertices.iter().map(|p| p.lat()).collect(),
            lons: edge.vertices.iter().map(|p| p.lon()).collect(),
            length_km: edge.length_km,
        });
    }
    for (_, route) in corridors.routes() {
        network.routes.push(RouteRow {
            id: route.id.clone(),
            name: route.name.clone(),
            medium: format!("{:?}", route.medium).to_lowercase(),
            mode: route.mode.clone(),
            length_km: route.length_km,
            half_width_km: route.half_width_km,
            schematic: route.schematic,
            geometry_source: route.geometry_source.clone(),
        });
        for (seq, edge) in route.edges.iter().enumerate() {
            network.memberships.push(MembershipRow {
                route_id: route.id.clone(),
                seq: number(seq),
                edge_id: i32::try_from(edge.edge.0).unwrap_or(i32::MAX),
                reversed: edge.reversed,
                from_km: edge.start_km,
            });
        }
        for (seq, stop) in route.stops.iter().enumerate() {
            network.stops.push(StopRow {
                route_id: route.id.clone(),
                seq: number(seq),
                name: stop.name.clone(),
                lat: stop.position.lat(),
                lon: stop.position.lon(),
                measure_km: stop.measure_km,
            });
        }
    }
    network
}

/// Writes the corridor network of this release. Returns routes, edges and stops.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn put_corridors(app: &App) -> Result<(usize, usize, usize), ServiceError> {
    let network = network(app.space.corridors());
    let mut tx = app.pool.begin(Role::Jobs, &Scope::default()).await?;
    places::replace_network(&mut tx, &network).await?;
    tx.commit().await?;
    Ok((network.routes.len(), network.edges.len(), network.stops.len()))
}

/// Adds places of a gazetteer.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn add_places(app: &App, rows: &[PlaceRow]) -> Result<(), ServiceError> {
    let mut tx = app.pool.begin(Role::Jobs, &Scope::default()).await?;
    places::insert_places(&mut tx, rows).await?;
    tx.commit().await?;
    Ok(())
}

/// Adds published incidents; those that are there stay. Returns how many were new.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn add_incidents(app: &App, rows: &[IncidentRow]) -> Result<usize, ServiceError> {
    let mut tx = app.pool.begin(Role::Jobs, &Scope::default()).await?;
    let new = places::insert_incidents(&mut tx, rows).await?;
    for chunk in rows.chunks(5_000) {
        let ids: Vec<uuid::Uuid> = chunk.iter().map(|r| r.id).collect();
        feed::append(&mut tx, "incident", &ids).await?;
    }
    tx.commit().await?;
    Ok(new)
}

/// Places of the gazetteer whose name begins with a text, the larger first.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn suggest_places(app: &App, actor: &Actor, text: &str, country: Option<&str>) -> Result<Vec<PlaceRow>, ServiceError> {
    actor.require(Right::ReadRoutes)?;
    let norm = search_form(text);
    if norm.chars().count() < 2 || norm.chars().count() > 100 {
        return Ok(Vec::new());
    }
    let mut tx = app.pool.begin_for(actor).await?;
    let rows = places::suggest_places(&mut tx, &norm, country, 8).await?;
    tx.commit().await?;
    Ok(rows)
}

/// A place of the gazetteer.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none; [`ServiceError::Forbidden`].
pub async fn place(app: &App, actor: &Actor, id: i64) -> Result<PlaceRow, ServiceError> {
    actor.require(Right::ReadRoutes)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = places::place(&mut tx, id).await?;
    tx.commit().await?;
    Ok(row)
}
