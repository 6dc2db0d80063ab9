//! Whose an element is: inclusions and exclusions with their reasons. Nothing is taken back; a later line stands instead of an earlier one.

use super::{check_texts, told};
use crate::app::App;
use crate::db::Tx;
use crate::db::audit::{self, Event, Who};
use crate::db::remains::{self, AssociationRow, ElementRow};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::ids::{ElementId, RemainsId};
use crate::domain::reassociation::{AssociationReason, AssociationVerdict, Contradiction, contradictions};
use crate::domain::skeleton::Anatomy;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A verdict on whose an element is.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssociation {
    /// The individual: a complete or incomplete body.
    pub individual: RemainsId,
    /// Whether it is of that individual.
    pub verdict: AssociationVerdict,
    /// Why.
    pub reason: AssociationReason,
    /// More about it; with the reason `other` it is needed.
    #[serde(default)]
    pub note: Option<String>,
    /// The analyst has seen the doubts that the inventory raises and includes it all the same; they stay written beside it.
    #[serde(default)]
    pub despite_doubts: bool,
}

/// A verdict just written.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WrittenAssociation {
    /// Id.
    pub id: Uuid,
    /// The doubts that the analyst answers for.
    pub doubts: Vec<Contradiction>,
}

/// The last word on each element and individual.
#[must_use]
pub fn standing(lines: &[AssociationRow]) -> Vec<&AssociationRow> {
    let mut last: BTreeMap<(Uuid, Uuid), &AssociationRow> = BTreeMap::new();
    for line in lines {
        last.entry((line.element_id, line.remains_id))
            .and_modify(|l| {
                if l.seq < line.seq {
                    *l = line
                }
            })
            .or_insert(line);
    }
    last.into_values().collect()
}

fn is(line: &AssociationRow, verdict: AssociationVerdict) -> bool {
    line.verdict == verdict.as_str()
}

/// The individual that an element is of: the one that includes it, or the body it was found with, unless it was excluded from that.
pub(super) async fn individual_of(tx: &mut Tx, element: &ElementRow) -> Result<Option<RemainsId>, ServiceError> {
    let lines = remains::associations_of(tx, &[element.id]).await?;
    let last = standing(&lines);
    if let Some(line) = last.iter().find(|l| is(l, AssociationVerdict::Inclusion)) {
        return Ok(Some(RemainsId(line.remains_id)));
    }
    let found_in = remains::get(tx, RemainsId(element.remains_id)).await?;
    let excluded = last.iter().any(|l| l.remains_id == found_in.id && is(l, AssociationVerdict::Exclusion));
    Ok((found_in.kind().is_individual() && !excluded).then_some(RemainsId(found_in.id)))
}

/// The elements of an individual: those it includes and those found with it that nobody excluded or included elsewhere.
pub(super) async fn elements_of(tx: &mut Tx, individual: RemainsId) -> Result<Vec<ElementRow>, ServiceError> {
    let mut all = remains::elements_included_in(tx, individual).await?;
    let found = remains::elements_found_in(tx, individual).await?;
    let ids: Vec<Uuid> = found.iter().map(|e| e.id).collect();
    let lines = remains::associations_of(tx, &ids).await?;
    let last = standing(&lines);
    // Those that it includes stand there already.
    let said = |id: Uuid, l: &&AssociationRow| l.element_id == id && (l.remains_id == individual.0 || is(l, AssociationVerdict::Inclusion));
    all.extend(found.into_iter().filter(|e| !last.iter().any(|l| said(e.id, l))));
    Ok(all)
}

const fn message(contradiction: Contradiction) -> &'static str {
    match contradiction {
        Contradiction::IncludedElsewhere => "it is of another individual; record an exclusion there first",
        Contradiction::SameBone => "the individual has that bone already",
        Contradiction::OverlappingZone => "the individual has a part of that bone already; set despite_doubts if the zones were drawn too wide",
        Contradiction::TooMany => "the individual has as many of these bones as a person has",
        Contradiction::AgesApart => "their ages lie too far apart for one person",
        Contradiction::NeighbouringAges => "their ages are neighbours but not the same; set despite_doubts if the estimates allow it",
    }
}

/// Notes what speaks against it: the impossible always, doubts unless the analyst answers for them. The doubts.
fn weigh(found: Vec<Contradiction>, new: &NewAssociation) -> Result<Vec<Contradiction>, Violations> {
    let mut faults = Violations::default();
    for contradiction in found.iter().filter(|c| c.is_impossible() || !new.despite_doubts) {
        let pointer = if contradiction.is_impossible() { "/individual" } else { "/despite_doubts" };
        faults.add(pointer, contradiction.as_str(), message(*contradiction));
    }
    faults.into_result()?;
    Ok(found)
}

/// Says whose an element is, or whose it is not.
///
/// # Errors
/// [`ServiceError::Invalid`] with everything that speaks against an inclusion; [`ServiceError::NotFound`].
pub async fn associate(app: &App, actor: &Actor, id: ElementId, new: NewAssociation) -> Result<WrittenAssociation, ServiceError> {
    actor.require(Right::WriteFound)?;
    let mut faults = Violations::default();
    check_texts(&[("/note", &new.note, 2000)], &mut faults);
    let note = told(new.note.clone());
    if new.reason == AssociationReason::Other && note.is_none() {
        faults.add("/note", "empty", "say what the other reason is");
    }
    faults.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    // Two that associate at once wait for each other: first the individual, then the element, everywhere.
    let individual = remains::lock(&mut tx, new.individual).await?;
    let element = remains::lock_element(&mut tx, id).await?;
    if !individual.kind().is_individual() {
        return Err(super::fault("/individual", "no_individual", "elements are of an individual: a complete or incomplete body"));
    }
    let lines = remains::associations_of(&mut tx, &[id.0]).await?;
    let mut doubts = Vec::new();
    if new.verdict == AssociationVerdict::Inclusion {
        let elsewhere = individual_of(&mut tx, &element).await?.is_some_and(|of| of != new.individual);
        let mut found: Vec<Contradiction> = elsewhere.then_some(Contradiction::IncludedElsewhere).into_iter().collect();
        let others: Vec<Anatomy> =
            elements_of(&mut tx, new.individual).await?.iter().filter(|e| e.id != id.0).map(ElementRow::anatomy).collect();
        found.extend(contradictions(&others, &element.anatomy()));
        doubts = weigh(found, &new)?;
    }
    let row = AssociationRow {
        id: app.ids.next(),
        authority_id: actor.authority.0,
        element_id: id.0,
        remains_id: individual.id,
        seq: lines.last().map_or(1, |l| l.seq + 1),
        verdict: new.verdict.as_str().to_owned(),
        reason: new.reason.as_str().to_owned(),
        doubts: doubts.iter().map(ToString::to_string).collect(),
        note,
        analyst: actor.user.0,
        at: now,
    };
    remains::insert_association(&mut tx, &row).await?;
    let detail = serde_json::json!({ "verdict": new.verdict, "reason": new.reason });
    let event = Event::on_many("associate", "skeletal_element", vec![id.0, individual.id], Some(actor.authority)).detail(detail);
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(WrittenAssociation { id: row.id, doubts })
}
