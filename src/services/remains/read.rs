//! The whole file of remains, as the owner's staff read it.

use super::associations::elements_of;
use super::operations::{checklist, undecided};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::remains::{self, AssociationRow, BurialRow, DispositionRow, ElementRow, OperationRow, RemainsRow, RemainsSample};
use crate::db::remains_images::{self, ImageLine};
use crate::db::{Tx, accounts, found};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::disposition::Readiness;
use crate::domain::ids::{FoundId, RemainsId};
use crate::domain::individuals::{MinimumIndividuals, minimum_number_of_individuals};
use crate::domain::remains::{OperationState, PostMortemOperation};
use crate::domain::sample::SampleState;
use crate::domain::skeleton::Anatomy;
use crate::services::ServiceError;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What an inventory of remains holds, and what follows from it.
pub(super) struct Inventory {
    pub(super) elements: Vec<ElementRow>,
    pub(super) included: Vec<ElementRow>,
    pub(super) minimum: MinimumIndividuals,
    pub(super) checklist: Vec<(PostMortemOperation, Option<OperationRow>)>,
    pub(super) samples: Vec<RemainsSample>,
    pub(super) siblings: Vec<RemainsRow>,
    pub(super) readiness: Readiness,
}

/// Whether a sample in this state shows that one was taken which somebody can still work with.
fn counts(sample: &RemainsSample) -> bool {
    use SampleState as S;
    let state: SampleState = sample.state.parse().unwrap_or(S::Planned);
    let lost = matches!(state, S::Planned | S::Consented | S::RejectedAtReception | S::Contaminated | S::Failed | S::ResampleRecommended);
    !lost && state.is_usable()
}

pub(super) async fn inventory(tx: &mut Tx, row: &RemainsRow) -> Result<Inventory, ServiceError> {
    let id = RemainsId(row.id);
    let elements = remains::elements_found_in(tx, id).await?;
    let included = if row.kind().is_individual() { remains::elements_included_in(tx, id).await? } else { Vec::new() };
    // A set is as many people as its elements; an individual is one, as far as nobody said that an element is of another.
    let of = if row.kind().is_individual() { elements_of(tx, id).await? } else { elements.clone() };
    let anatomy: Vec<Anatomy> = of.iter().map(ElementRow::anatomy).collect();
    let minimum = minimum_number_of_individuals(&anatomy);
    let checklist = checklist(row.kind(), &remains::operations(tx, id).await?);
    let siblings = remains::of_found(tx, FoundId(row.found_id)).await?;
    let ids: Vec<Uuid> = of.iter().map(|e| e.id).collect();
    let samples = remains::samples(tx, row, &ids, siblings.len() == 1).await?;
    let refused = |line: &Option<OperationRow>| line.as_ref().is_some_and(|l| l.state == OperationState::NotPossible.as_str());
    let no_sample = checklist.iter().any(|(o, line)| *o == PostMortemOperation::Sampling && refused(line));
    let readiness = Readiness {
        kind: row.kind(),
        individuals: minimum.individuals,
        sampled: no_sample || samples.iter().any(counts),
        undecided: undecided(&checklist),
        identified: remains::may_go_home(tx, FoundId(row.found_id)).await?,
    };
    Ok(Inventory { elements, included, minimum, checklist, samples, siblings, readiness })
}

/// Remains with everything about them.
#[derive(Debug, Clone)]
pub struct RemainsFile {
    /// The remains.
    pub row: RemainsRow,
    /// Folio of the found record.
    pub folio: String,
    /// The elements that were found with them.
    pub elements: Vec<ElementRow>,
    /// Of an individual: the elements that the last word on each includes.
    pub included: Vec<ElementRow>,
    /// Everything that was said of whose these elements are, in order.
    pub associations: Vec<AssociationRow>,
    /// How many people they are of at least, and why.
    pub minimum: MinimumIndividuals,
    /// The operations with the last word on each.
    pub checklist: Vec<(PostMortemOperation, Option<OperationRow>)>,
    /// Samples of them.
    pub samples: Vec<RemainsSample>,
    /// What stands between them and a burial.
    pub readiness: Readiness,
    /// Where they were laid down, in order.
    pub burials: Vec<BurialRow>,
    /// Every move, in order.
    pub moves: Vec<DispositionRow>,
    /// Images, without their bytes.
    pub images: Vec<ImageLine>,
    /// The other remains of the found record, and these.
    pub siblings: Vec<RemainsRow>,
    /// Codes of remains that are named here, by id.
    pub codes: BTreeMap<Uuid, String>,
    /// Names of the reader's own colleagues by id.
    pub people: BTreeMap<Uuid, String>,
}

/// Reads the whole file of remains, audited.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the owner's staff.
pub async fn file(app: &App, actor: &Actor, id: RemainsId) -> Result<RemainsFile, ServiceError> {
    actor.require(Right::ReadFound)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = remains::get(&mut tx, id).await?;
    if row.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    let Inventory { elements, included, minimum, checklist, samples, siblings, readiness } = inventory(&mut tx, &row).await?;
    let ids: Vec<Uuid> = elements.iter().chain(&included).map(|e| e.id).collect();
    let associations = remains::associations_of(&mut tx, &ids).await?;
    let named: Vec<Uuid> = associations
        .iter()
        .map(|a| a.remains_id)
        .chain(included.iter().map(|e| e.remains_id))
        .chain(row.set_id)
        .chain(siblings.iter().map(|s| s.id))
        .collect();
    let file = RemainsFile {
        folio: found::get(&mut tx, FoundId(row.found_id)).await?.folio,
        associations,
        burials: remains::burials(&mut tx, id).await?,
        moves: remains::moves(&mut tx, id).await?,
        images: remains_images::of_remains(&mut tx, id).await?,
        codes: remains::codes(&mut tx, &named).await?.into_iter().collect(),
        people: accounts::names_of(&mut tx, actor.authority).await?.into_iter().collect(),
        elements,
        included,
        minimum,
        checklist,
        samples,
        siblings,
        readiness,
        row,
    };
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "remains", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(file)
}
