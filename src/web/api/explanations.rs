//! "Why, why not?" of any case and found record: `/explanations`. What the engine says of a pair whether or not there is a hypothesis of it.

use super::auth::Client;
use super::cases::{CaseBody, body as case_body};
use super::found_records::{FoundBody, body as found_body};
use super::request::Params;
use crate::app::App;
use crate::db::hypotheses::ExclusionLine;
use crate::domain::hypothesis::HypothesisState;
use crate::matching::explain::Standing;
use crate::services::explanations::{self, Named, Outlook, SeenWeighing, Whole};
use crate::services::hypotheses::SeenEvidence;
use crate::web::problem::{ApiError, Problem};
use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(super) fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(read);
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Pair {
    /// The case: its id or folio.
    case: String,
    /// The found record: its id or folio.
    found_record: String,
}

/// A place among pairs, every pair weighed.
#[derive(Debug, Serialize, ToSchema)]
struct Place {
    /// The place, from 1.
    place: usize,
    /// Among how many.
    of: usize,
}

impl From<Standing> for Place {
    fn from(standing: Standing) -> Self {
        Self { place: standing.place, of: standing.of }
    }
}

/// What the engine says of the pair.
#[derive(Debug, Serialize, ToSchema)]
struct WeighedBody {
    /// The model that weighed it.
    model: String,
    log10_prior: f64,
    evidence: Vec<SeenEvidence>,
    /// All fields together; left out where fields that are reserved weigh and there is no hypothesis of the pair. They then count in nothing that is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    whole: Option<WholeBody>,
}

/// The pair by all its fields.
#[derive(Debug, Serialize, ToSchema)]
struct WholeBody {
    /// log10 of the odds: the prior and all weights of the evidence add up to it.
    log10_odds: f64,
    probability: f64,
    /// Share of the comparable fields that could be compared.
    coverage: f64,
    band: String,
    /// Among the case's pairs with the found records that the asking authority may see for search.
    place_among_found_records: Place,
    /// Among the found record's pairs with the cases that the asking authority may see for search.
    place_among_cases: Place,
    /// What the engine does with it by itself.
    outlook: Outlook,
    /// Whether the search for candidates missed it, though it is among the strongest.
    left_out_by_search: bool,
}

impl From<Whole> for WholeBody {
    fn from(w: Whole) -> Self {
        Self {
            log10_odds: w.log10_odds,
            probability: w.probability,
            coverage: w.coverage,
            band: w.band,
            place_among_found_records: w.among_found.into(),
            place_among_cases: w.among_cases.into(),
            outlook: w.outlook,
            left_out_by_search: w.left_out,
        }
    }
}

impl From<SeenWeighing> for WeighedBody {
    fn from(w: SeenWeighing) -> Self {
        Self { model: w.model, log10_prior: w.log10_prior, evidence: w.evidence, whole: w.whole.map(WholeBody::from) }
    }
}

/// The hypothesis of the pair.
#[derive(Debug, Serialize, ToSchema)]
struct OfPair {
    id: Uuid,
    state: HypothesisState,
}

/// The explanation of a pair, with both sides as far as the asking authority may see them.
#[derive(Debug, Serialize, ToSchema)]
struct ExplanationBody {
    case: CaseBody,
    found_record: FoundBody,
    /// Left out where the two are not compared with each other: a state, a consent or an agreement does not allow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    weighed: Option<WeighedBody>,
    /// The newest hypothesis of the pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    hypothesis: Option<OfPair>,
    /// Recorded exclusions, newest first.
    exclusions: Vec<ExclusionLine>,
}

/// Explains any pair of which the asking authority owns one side and may see the other; audited for the owners of both. 503 with `no-engine` where no
/// comparison engine answers, or not yet.
#[utoipa::path(tag = "hypotheses", params(Pair), responses((status = 200, body = ExplanationBody), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
#[get("/explanations")]
async fn read(app: web::Data<App>, who: Client, Params(pair): Params<Pair>) -> Result<HttpResponse, ApiError> {
    let e = explanations::explain(&app, &who.actor, &Named::read(&pair.case), &Named::read(&pair.found_record)).await?;
    Ok(HttpResponse::Ok().json(ExplanationBody {
        case: case_body(e.case),
        found_record: found_body(e.found),
        weighed: e.weighed.map(WeighedBody::from),
        hypothesis: e.hypothesis.map(|(id, state)| OfPair { id: id.0, state }),
        exclusions: e.exclusions,
    }))
}
