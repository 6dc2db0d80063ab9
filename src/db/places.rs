//! Places, corridors and published incidents: no owner, no persons.

use super::schema::{corridor_edge, corridor_membership, corridor_route, corridor_stop, gazetteer_place, incident};
use super::tx::DbError;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// A place of the gazetteer.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize)]
#[diesel(table_name = gazetteer_place, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct PlaceRow {
    pub id: i64,
    pub name: String,
    pub norm: String,
    pub country: String,
    pub admin1: Option<String>,
    pub lat: f64,
    pub lon: f64,
    pub population: i64,
}

/// Places whose name begins with a text (search form), the larger first.
///
/// # Errors
/// [`DbError`].
pub async fn find_places(conn: &mut AsyncPgConnection, norm: &str, country: Option<&str>, limit: i64) -> Result<Vec<PlaceRow>, DbError> {
    let mut query = gazetteer_place::table
        .filter(gazetteer_place::norm.eq(norm))
        .order(gazetteer_place::population.desc())
        .limit(limit)
        .select(PlaceRow::as_select())
        .into_boxed();
    if let Some(country) = country {
        query = query.filter(gazetteer_place::country.eq(country));
    }
    Ok(query.load(conn).await?)
}

/// Places whose name begins with a text (search form), the larger first; those of the whole name before the others.
///
/// # Errors
/// [`DbError`].
pub async fn suggest_places(conn: &mut AsyncPgConnection, norm: &str, country: Option<&str>, limit: i64) -> Result<Vec<PlaceRow>, DbError> {
    // The search form has letters, digits and blanks only, so nothing in it is a pattern; the upper bound keeps the index usable.
    let mut query = gazetteer_place::table
        .filter(gazetteer_place::norm.ge(norm.to_owned()))
        .filter(gazetteer_place::norm.lt(format!("{norm}\u{10ffff}")))
        .filter(gazetteer_place::norm.like(format!("{norm}%")))
        .order((gazetteer_place::norm.eq(norm.to_owned()).desc(), gazetteer_place::population.desc(), gazetteer_place::id))
        .limit(limit)
        .select(PlaceRow::as_select())
        .into_boxed();
    if let Some(country) = country {
        query = query.filter(gazetteer_place::country.eq(country));
    }
    Ok(query.load(conn).await?)
}

/// A place of the gazetteer.
///
/// # Errors
/// [`DbError::NotFound`] when there is none.
pub async fn place(conn: &mut AsyncPgConnection, id: i64) -> Result<PlaceRow, DbError> {
    Ok(gazetteer_place::table.find(id).select(PlaceRow::as_select()).first(conn).await?)
}

/// How many places the gazetteer holds.
///
/// # Errors
/// [`DbError`].
pub async fn count_places(conn: &mut AsyncPgConnection) -> Result<i64, DbError> {
    Ok(gazetteer_place::table.count().get_result(conn).await?)
}

/// A corridor route.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = corridor_route, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct RouteRow {
    pub id: String,
    pub name: String,
    pub medium: String,
    pub mode: String,
    pub length_km: f64,
    pub half_width_km: f64,
    pub schematic: bool,
    pub geometry_source: String,
}

/// An edge of the network, stored once.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = corridor_edge, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct EdgeRow {
    pub id: i32,
    pub lats: Vec<f64>,
    pub lons: Vec<f64>,
    pub length_km: f64,
}

/// That a route runs over an edge.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = corridor_membership, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct MembershipRow {
    pub route_id: String,
    pub seq: i32,
    pub edge_id: i32,
    pub reversed: bool,
    pub from_km: f64,
}

/// A stop on a route.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = corridor_stop, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct StopRow {
    pub route_id: String,
    pub seq: i32,
    pub name: String,
    pub lat: f64,
    pub lon: f64,
    pub measure_km: f64,
}

/// The whole network, as rows.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// Routes.
    pub routes: Vec<RouteRow>,
    /// Edges.
    pub edges: Vec<EdgeRow>,
    /// Which route runs over which edge.
    pub memberships: Vec<MembershipRow>,
    /// Stops.
    pub stops: Vec<StopRow>,
}

/// Replaces the network.
///
/// # Errors
/// [`DbError`].
pub async fn replace_network(conn: &mut AsyncPgConnection, network: &Network) -> Result<(), DbError> {
    diesel::delete(corridor_membership::table).execute(conn).await?;
    diesel::delete(corridor_stop::table).execute(conn).await?;
    diesel::delete(corridor_edge::table).execute(conn).await?;
    diesel::delete(corridor_route::table).execute(conn).await?;
    diesel::insert_into(corridor_route::table).values(&network.routes).execute(conn).await?;
    for edges in network.edges.chunks(1000) {
        diesel::insert_into(corridor_edge::table).values(edges).execute(conn).await?;
    }
    for memberships in network.memberships.chunks(1000) {
        diesel::insert_into(corridor_membership::table).values(memberships).execute(conn).await?;
    }
    diesel::insert_into(corridor_stop::table).values(&network.stops).execute(conn).await?;
    Ok(())
}

/// Reads the network.
///
/// # Errors
/// [`DbError`].
pub async fn network(conn: &mut AsyncPgConnection) -> Result<Network, DbError> {
    Ok(Network {
        routes: corridor_route::table.order(corridor_route::id).select(RouteRow::as_select()).load(conn).await?,
        edges: corridor_edge::table.order(corridor_edge::id).select(EdgeRow::as_select()).load(conn).await?,
        memberships: corridor_membership::table
            .order((corridor_membership::route_id, corridor_membership::seq))
            .select(MembershipRow::as_select())
            .load(conn)
            .await?,
        stops: corridor_stop::table.order((corridor_stop::route_id, corridor_stop::seq)).select(StopRow::as_select()).load(conn).await?,
    })
}

/// A published incident.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, serde::Serialize, serde::Deserialize)]
#[diesel(table_name = incident, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the columns of the registry, described in the migration")]
pub struct IncidentRow {
    pub id: Uuid,
    pub scheme: String,
    pub external_id: String,
    pub occurred_from: Option<NaiveDate>,
    pub occurred_to: Option<NaiveDate>,
    pub region: Option<String>,
    pub country: Option<String>,
    pub place_text: Option<String>,
    pub lat: Option<f64>,
    pub lon: Option<f64>,
    pub dead: Option<i32>,
    pub missing: Option<i32>,
    pub survivors: Option<i32>,
    pub females: Option<i32>,
    pub males: Option<i32>,
    pub children: Option<i32>,
    pub cause: Option<String>,
    pub cause_class: String,
    pub route: Option<String>,
    pub source: Option<String>,
    pub source_quality: Option<i16>,
    pub url: Option<String>,
    pub extras: serde_json::Value,
    pub created_at: DateTime<Utc>,
}

/// One incident.
///
/// # Errors
/// [`DbError::NotFound`].
pub async fn incident(conn: &mut AsyncPgConnection, id: Uuid) -> Result<IncidentRow, DbError> {
    Ok(incident::table.find(id).select(IncidentRow::as_select()).first(conn).await?)
}

/// Incidents by id, in no order.
///
/// # Errors
/// [`DbError`].
pub async fn incidents(conn: &mut AsyncPgConnection, ids: &[Uuid]) -> Result<Vec<IncidentRow>, DbError> {
    Ok(incident::table.filter(incident::id.eq_any(ids)).select(IncidentRow::as_select()).load(conn).await?)
}

/// Position and dates of every incident that has a position: what the index is built from.
pub type IncidentPoint = (Uuid, f64, f64, Option<NaiveDate>, Option<NaiveDate>);

/// The incidents the index is built from.
///
/// # Errors
/// [`DbError`].
pub async fn incident_points(conn: &mut AsyncPgConnection) -> Result<Vec<IncidentPoint>, DbError> {
    Ok(incident::table
        .filter(incident::lat.is_not_null())
        .filter(incident::lon.is_not_null())
        .select((incident::id, incident::lat.assume_not_null(), incident::lon.assume_not_null(), incident::occurred_from, incident::occurred_to))
        .load(conn)
        .await?)
}

/// Adds incidents that are not there yet. Returns how many were new.
///
/// # Errors
/// [`DbError`].
pub async fn insert_incidents(conn: &mut AsyncPgConnection, rows: &[IncidentRow]) -> Result<usize, DbError> {
    let mut n = 0;
    for chunk in rows.chunks(1000) {
        n += diesel::insert_into(incident::table).values(chunk).on_conflict_do_nothing().execute(conn).await?;
    }
    Ok(n)
}

/// Adds places that are not there yet.
///
/// # Errors
/// [`DbError`].
pub async fn insert_places(conn: &mut AsyncPgConnection, rows: &[PlaceRow]) -> Result<(), DbError> {
    for chunk in rows.chunks(2000) {
        diesel::insert_into(gazetteer_place::table).values(chunk).on_conflict_do_nothing().execute(conn).await?;
    }
    Ok(())
}

/// Incidents of a scheme by external id.
///
/// # Errors
/// [`DbError`].
pub async fn incidents_by_external_ids(conn: &mut AsyncPgConnection, scheme: &str, values: &[String]) -> Result<Vec<IncidentRow>, DbError> {
    Ok(incident::table
        .filter(incident::scheme.eq(scheme))
        .filter(incident::external_id.eq_any(values))
        .select(IncidentRow::as_select())
        .load(conn)
        .await?)
}

/// Changes what an incident tells; id, identifier and time of creation stay. Says whether there is such an incident.
///
/// # Errors
/// [`DbError`].
pub async fn update_incident(conn: &mut AsyncPgConnection, row: &IncidentRow) -> Result<bool, DbError> {
    use incident::dsl;
    let changed = diesel::update(dsl::incident.find(row.id))
        .set((
            (dsl::occurred_from.eq(row.occurred_from), dsl::occurred_to.eq(row.occurred_to), dsl::region.eq(&row.region)),
            (dsl::country.eq(&row.country), dsl::place_text.eq(&row.place_text), dsl::lat.eq(row.lat), dsl::lon.eq(row.lon)),
            (dsl::dead.eq(row.dead), dsl::missing.eq(row.missing), dsl::survivors.eq(row.survivors)),
            (dsl::females.eq(row.females), dsl::males.eq(row.males), dsl::children.eq(row.children)),
            (dsl::cause.eq(&row.cause), dsl::cause_class.eq(&row.cause_class), dsl::route.eq(&row.route)),
            (dsl::source.eq(&row.source), dsl::source_quality.eq(row.source_quality), dsl::url.eq(&row.url), dsl::extras.eq(&row.extras)),
        ))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}
