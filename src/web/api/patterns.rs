//! Patterns: `/patterns`. What records have in common in space, time and circumstances. Counts, not risk.

use super::auth::Client;
use super::request::Params;
use crate::app::App;
use crate::services::patterns::{self, PatternQuery, Told};
use crate::services::space::PointKind;
use crate::web::problem::{ApiError, Problem};
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(look);
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Last contacts of missing persons, persons found, or published incidents: one kind at a time.
    kind: PointKind,
    /// Only what may lie on this corridor, with the density along it.
    corridor: Option<String>,
    /// From this day; from the first of its month with `shared`.
    from: Option<NaiveDate>,
    /// To this day; to the last of its month with `shared`.
    to: Option<NaiveDate>,
    /// Whether records take part that others share by agreement and consent for the purpose of the token.
    shared: Option<bool>,
    /// How far the kernel of the density reaches, 10 to 25 km; 15 without it.
    bandwidth_km: Option<f64>,
    /// Distance of neighbours in a cluster, 5 to 25 km; 15 without it, and at least 25 with `shared`.
    eps_km: Option<f64>,
    /// Days between neighbours in a cluster, 30 to 90; 60 without it.
    eps_days: Option<u32>,
    /// Neighbours that make a cluster, 4 or 5; 5 without it.
    least: Option<u32>,
}

/// Patterns, cut to what may be heard.
#[derive(Debug, Serialize, ToSchema)]
struct PatternsBody {
    kind: PointKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    corridor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<NaiveDate>,
    shared: bool,
    /// How everything here is to be read.
    caution: &'static str,
    /// Whether older records were left out because there are too many.
    cut_off: bool,
    found: Told,
}

/// Density along a corridor, clusters in space and time, the permutation scan and shared signs. Own records in full for roles that read them; of
/// others' records only what five or more persons share, in steps of five, without days and places.
#[utoipa::path(tag = "patterns", params(Asked), responses((status = 200, body = PatternsBody), (status = "4XX", body = Problem)))]
#[get("/patterns")]
async fn look(app: web::Data<App>, who: Client, Params(asked): Params<Asked>) -> Result<HttpResponse, ApiError> {
    let usual = PatternQuery::of(asked.kind);
    let query = PatternQuery {
        corridor: asked.corridor,
        from: asked.from,
        to: asked.to,
        shared: asked.shared.unwrap_or(usual.shared),
        bandwidth_km: asked.bandwidth_km.unwrap_or(usual.bandwidth_km),
        eps_km: asked.eps_km.unwrap_or(usual.eps_km),
        eps_days: asked.eps_days.unwrap_or(usual.eps_days),
        least: asked.least.unwrap_or(usual.least),
        ..usual
    };
    let answer = patterns::patterns(&app, &who.actor, &query).await?;
    Ok(HttpResponse::Ok().json(PatternsBody {
        kind: query.kind,
        corridor: query.corridor,
        from: answer.from,
        to: answer.to,
        shared: query.shared,
        caution: "counts, not risk: registers show where people search and report; what is found is a hypothesis for a search",
        cut_off: answer.cut_off,
        found: answer.told,
    }))
}
