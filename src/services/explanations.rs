//! "Why, why not?" of any case and found record, whether or not there is a hypothesis: the engine's whole weighing, where the pair stands, what was
//! excluded. It shows what a hypothesis of the two would show and to the same readers, and it proposes nothing.

use super::ServiceError;
use super::cases::{self, CaseView};
use super::found::{self, FoundView};
use super::hypotheses::{SeenEvidence, cut_evidence};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::hypotheses::{self as stored, ExclusionLine, StoredEvidence};
use crate::db::{self, Tx};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::hypothesis::HypothesisState;
use crate::domain::ids::{AuthorityId, CaseId, FoundId, HypothesisId};
use crate::matching::explain::Standing;
use futures_util::future::BoxFuture;
use uuid::Uuid;

/// What an engine is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Who asks: what is told of other records is what this authority may see for search.
    pub viewer: AuthorityId,
    /// The case.
    pub case: CaseId,
    /// The found record.
    pub found: FoundId,
}

/// What the engine will do with a pair by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outlook {
    /// Among the strongest of either record: proposed, unless it was excluded.
    AmongStrongest,
    /// Stronger ones fill the lists of both.
    BeyondStrongest,
    /// Too weak to be proposed at all.
    BelowFloor,
}

impl Outlook {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AmongStrongest => "among_strongest",
            Self::BeyondStrongest => "beyond_strongest",
            Self::BelowFloor => "below_floor",
        }
    }
}

/// What the engine says of a pair.
#[derive(Debug, Clone)]
pub struct Weighed {
    /// The model that weighed it.
    pub model: String,
    /// log10 of the prior odds.
    pub log10_prior: f64,
    /// Every field, uncut.
    pub evidence: Vec<StoredEvidence>,
    /// All fields together.
    pub whole: Whole,
}

/// A pair by all its fields, also those that a reader may not see.
#[derive(Debug, Clone)]
pub struct Whole {
    /// log10 of the odds: the prior and all weights add up to it.
    pub log10_odds: f64,
    /// Probability.
    pub probability: f64,
    /// Share of the fields that could be compared.
    pub coverage: f64,
    /// Strength in words.
    pub band: String,
    /// Its place among the case's pairs with found records that the viewer may see for search.
    pub among_found: Standing,
    /// Its place among the found record's pairs with cases that the viewer may see for search.
    pub among_cases: Standing,
    /// What the engine will do with it.
    pub outlook: Outlook,
    /// Whether it is among the strongest and the search for candidates missed it, which only its budget can bring about.
    pub left_out: bool,
}

/// The comparison engine of a process. It holds features only; what a person is shown of records is read under row-level security.
pub trait Engine: Send + Sync {
    /// Weighs a pair as it is now; `None` when the two are not compared, or not for this viewer: a state, a consent or an agreement does not allow it.
    fn explain(&self, asked: Asked) -> BoxFuture<'_, Result<Option<Weighed>, ServiceError>>;
}

/// A record as somebody names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// By its id.
    Id(Uuid),
    /// By its folio, in capitals.
    Folio(String),
}

impl Named {
    /// Reads an id or a folio as typed.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        text.parse().map_or_else(|_| Self::Folio(text.to_uppercase()), Self::Id)
    }
}

/// The engine's weighing, cut for its reader.
#[derive(Debug, Clone)]
pub struct SeenWeighing {
    /// The model that weighed it.
    pub model: String,
    /// log10 of the prior odds.
    pub log10_prior: f64,
    /// The evidence. With `whole` it adds up to its odds; without, reserved fields count in none of it.
    pub evidence: Vec<SeenEvidence>,
    /// All fields together. `None` where reserved fields weigh and no hypothesis shows their sum to the reader already: whoever may ask of any pair could
    /// otherwise try out values of his own until the sum tells the other's.
    pub whole: Option<Whole>,
}

/// The explanation of a pair, cut for its reader.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The case, cut.
    pub case: CaseView,
    /// The found record, cut.
    pub found: FoundView,
    /// The engine's weighing; `None` when the two are not compared with each other.
    pub weighed: Option<SeenWeighing>,
    /// The newest hypothesis of the pair, if the reader may see one.
    pub hypothesis: Option<(HypothesisId, HypothesisState)>,
    /// Recorded exclusions that the reader may see, newest first.
    pub exclusions: Vec<ExclusionLine>,
}

async fn case_id(tx: &mut Tx, named: &Named) -> Result<CaseId, ServiceError> {
    match named {
        Named::Id(id) => Ok(CaseId(*id)),
        Named::Folio(folio) => db::cases::find_by_folio(tx, folio).await?.map(|row| CaseId(row.id)).ok_or(ServiceError::NotFound),
    }
}

async fn found_id(tx: &mut Tx, named: &Named) -> Result<FoundId, ServiceError> {
    match named {
        Named::Id(id) => Ok(FoundId(*id)),
        Named::Folio(folio) => db::found::find_by_folio(tx, folio).await?.map(|row| FoundId(row.id)).ok_or(ServiceError::NotFound),
    }
}

/// Explains a pair of which the actor's authority owns one side and may see the other, audited for both owners like the reading of a hypothesis.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such pair that the actor may know of; [`ServiceError::NoEngine`] when no engine answers here.
pub async fn explain(app: &App, actor: &Actor, case: &Named, found: &Named) -> Result<Explanation, ServiceError> {
    actor.require(Right::ReadHypotheses)?;
    let engine = app.engine.get().ok_or(ServiceError::NoEngine)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let (case, found) = (case_id(&mut tx, case).await?, found_id(&mut tx, found).await?);
    let (case_view, found_view) = (cases::view(&mut tx, actor, case).await?, found::view(&mut tx, actor, found).await?);
    if !case_view.sight.is_owner() && !found_view.sight.is_owner() {
        return Err(ServiceError::NotFound);
    }
    let hypothesis = stored::of_pair(&mut tx, case, found).await?;
    let hypothesis = hypothesis.map(|(id, state)| (HypothesisId(id), state.parse().unwrap_or(HypothesisState::Withdrawn)));
    let exclusions = stored::exclusions(&mut tx, case, found).await?;
    for (kind, subject, owner) in [("case", case.0, case_view.row.owner()), ("found_record", found.0, found_view.row.owner())] {
        audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read_in_hypothesis", kind, subject, owner)).await?;
    }
    // Read and audited; nothing is held while the engine weighs.
    tx.commit().await?;
    let weighed = engine.explain(Asked { viewer: actor.authority, case, found }).await?;
    let weighed = weighed.map(|w| {
        let mut evidence = cut_evidence(&w.evidence, Some(&case_view.sight), Some(&found_view.sight));
        let told = hypothesis.is_some() || evidence.iter().all(|e| e.field != "reserved");
        evidence.retain(|e| told || e.field != "reserved");
        SeenWeighing { model: w.model, log10_prior: w.log10_prior, evidence, whole: Some(w.whole).filter(|_| told) }
    });
    Ok(Explanation { case: case_view, found: found_view, weighed, hypothesis, exclusions })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_named_by_its_id_or_by_its_folio_however_it_is_typed() {
        let id = Uuid::from_u128(7);
        assert_eq!(Named::read(&format!(" {id} ")), Named::Id(id));
        assert_eq!(Named::read(" hn-2026-0001 "), Named::Folio("HN-2026-0001".to_owned()));
    }
}
