//! The demonstration's identification: the clearest pair of a commission and the bank's remains, confirmed by two institutions, drafted and handed in. It waits
//! for its signatures, so that everything after them can be tried. The persons are invented.

use crate::app::App;
use crate::db::hypotheses::{HypothesisLine, QueueFilter};
use crate::db::identifications::IdentificationFilter;
use crate::domain::actor::Actor;
use crate::domain::found::FoundKind;
use crate::domain::hypothesis::{HypothesisCommand, HypothesisState, Reason, Verdict};
use crate::domain::identification::{IdentificationCommand, Method};
use crate::domain::ids::{FoundId, HypothesisId, IdentificationId};
use crate::services::ServiceError;
use crate::services::hypotheses::{self, HypothesisMove, NewVerdict};
use crate::services::identification::{self, Comparison, IdentificationMove, IdentificationText, NewIdentification};
use crate::services::remains;
use crate::web::sealed;

/// Hypotheses of each commission that are looked at.
const LOOKED_AT: i64 = 30;
/// How many times less likely every rival is.
const CLEAR: f64 = 10.0;

/// Whether a hypothesis is open, on the bank's remains and much likelier than every rival that is seen.
async fn is_clear(app: &App, officer: &Actor, keeper: &Actor, line: &HypothesisLine) -> Result<bool, ServiceError> {
    let remains = line.found_kind.as_deref().and_then(|k| k.parse().ok()).is_some_and(FoundKind::is_remains);
    if !remains || line.found_authority != keeper.authority.0 || line.state != HypothesisState::Proposed.as_str() {
        return Ok(false);
    }
    // One record, one person.
    if remains::of_found(app, keeper, FoundId(line.found_id)).await?.len() > 1 {
        return Ok(false);
    }
    for actor in [officer, keeper] {
        let view = hypotheses::read(app, actor, HypothesisId(line.id)).await?;
        let Some(rivalry) = view.rivalry else { return Ok(false) };
        if rivalry.rivals.iter().any(|r| r.probability * CLEAR > rivalry.probability) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Both support, and the keeper confirms. `false` where a rival out of sight stands in the way.
async fn confirm(app: &App, officer: &Actor, keeper: &Actor, id: HypothesisId) -> Result<bool, ServiceError> {
    for actor in [officer, keeper] {
        let rev = hypotheses::read(app, actor, id).await?.row.rev;
        let verdict = NewVerdict {
            verdict: Verdict::Support,
            reasons: vec![Reason::Dental],
            note: "La ficha dental concuerda (ficticio).".to_owned(),
            strength: None,
            conflict_of_interest: false,
        };
        hypotheses::give_verdict(app, actor, id, rev, verdict).await?;
    }
    let rev = hypotheses::read(app, keeper, id).await?.row.rev;
    let reason = "Acuerdo del grupo (ficticio).".to_owned();
    let wanted = HypothesisMove { command: HypothesisCommand::Confirm, reason, basis: None, strength: None };
    match hypotheses::command(app, keeper, id, rev, wanted).await {
        Ok(_) => Ok(true),
        Err(ServiceError::Rival) => Ok(false),
        Err(other) => Err(other),
    }
}

async fn hand_in(app: &App, officer: &Actor, keeper: &Actor, hypothesis: HypothesisId) -> Result<(), ServiceError> {
    let id: IdentificationId = identification::draft(app, keeper, None, NewIdentification { hypothesis }).await?.made.id;
    let text = IdentificationText {
        methods: vec![Method::Dental, Method::BodyMarks],
        reasoning: "La ficha dental concuerda en todas las piezas registradas y las señas son compatibles (ficticio).".to_owned(),
        conclusion: "Los restos corresponden a la persona del expediente (ficticio).".to_owned(),
        limits: "No se dice nada de la causa de la muerte (ficticio).".to_owned(),
    };
    let mut rev = identification::edit(app, keeper, id, 1, text).await?;
    for actor in [keeper, officer] {
        for alternative in identification::read(app, actor, id).await?.alternatives {
            if alternative.ours.is_none() && alternative.theirs.is_none() {
                let comparison = Comparison { comparison: "La ficha dental no concuerda en varias piezas (ficticio).".to_owned() };
                rev = identification::compare(app, actor, id, rev, HypothesisId(alternative.hypothesis), comparison).await?;
            }
        }
    }
    let submit = IdentificationMove { command: IdentificationCommand::Submit, reason: String::new(), language: None };
    identification::command(app, keeper, id, rev, submit, sealed::draw).await?;
    Ok(())
}

/// Hands in one identification, unless the bank has any. Whether there is one now.
pub(super) async fn fill(app: &App, officers: &[Actor], keeper: &Actor) -> Result<bool, ServiceError> {
    if !identification::list(app, keeper, &IdentificationFilter::default(), None, 1).await?.is_empty() {
        return Ok(true);
    }
    for officer in officers {
        for line in hypotheses::list(app, officer, &QueueFilter::default(), None, LOOKED_AT).await? {
            if is_clear(app, officer, keeper, &line).await? {
                let id = HypothesisId(line.id);
                if confirm(app, officer, keeper, id).await? {
                    hand_in(app, officer, keeper, id).await?;
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}
