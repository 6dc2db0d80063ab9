//! The demonstration's commingled set: bones of three invented people, two of them sorted out already.

use crate::app::App;
use crate::db::found::FoundFilter;
use crate::domain::actor::Actor;
use crate::domain::found::BodyState;
use crate::domain::ids::{ElementId, FoundId, RemainsId};
use crate::domain::reassociation::{AssociationReason, AssociationVerdict};
use crate::domain::remains::{OperationState, PostMortemInterval, PostMortemOperation, RemainsKind};
use crate::domain::skeleton::{AgeClass, Bone, Completeness, Side, Taphonomy, Zone};
use crate::services::found;
use crate::services::remains::associations::{self, NewAssociation};
use crate::services::remains::elements::{self, NewElement};
use crate::services::remains::operations::{self, NewOperation};
use crate::services::remains::{self, NewRemains};
use std::collections::BTreeMap;

/// The record of the bank that the set belongs to, by its number in the demonstration's files.
const RECORD: &str = "R2669890eea0";

fn bone(bone: Bone, side: Option<Side>, age_class: AgeClass) -> NewElement {
    NewElement {
        bone,
        side,
        zones: Vec::new(),
        completeness: Completeness::Complete,
        age_class,
        taphonomy: Vec::new(),
        trauma: Vec::new(),
        measurements: BTreeMap::new(),
        note: None,
    }
}

/// The elements, each with the number of the individual that it is sorted into, if it is.
fn inventory() -> Vec<(NewElement, Option<usize>)> {
    use AgeClass::{Adolescent, Adult, Unknown, YoungAdult};
    let (left, right) = (Some(Side::Left), Some(Side::Right));
    let part =
        |of: Bone, side, zones: &[Zone], age| NewElement { zones: zones.to_vec(), completeness: Completeness::Partial, ..bone(of, side, age) };
    let measured = |mm: f64, element: NewElement| NewElement { measurements: BTreeMap::from([("maximum_length".to_owned(), mm)]), ..element };
    let mut all = vec![
        (bone(Bone::Cranium, None, YoungAdult), Some(0)),
        (bone(Bone::Mandible, None, YoungAdult), Some(0)),
        (part(Bone::Cranium, None, &[Zone::Frontal, Zone::LeftParietal, Zone::RightParietal], Adult), Some(1)),
        (measured(441.0, bone(Bone::Femur, left, Adult)), Some(0)),
        (measured(442.5, bone(Bone::Femur, right, Adult)), Some(0)),
        (measured(409.0, bone(Bone::Femur, left, Adult)), Some(1)),
        (part(Bone::Femur, right, &[Zone::MiddleShaft, Zone::DistalShaft, Zone::DistalEnd], Adult), Some(1)),
        (bone(Bone::Humerus, left, Adolescent), None),
        (part(Bone::Femur, left, &[Zone::ProximalEnd, Zone::ProximalShaft, Zone::MiddleShaft], Adolescent), None),
        (bone(Bone::OsCoxae, left, YoungAdult), Some(0)),
        (bone(Bone::OsCoxae, right, YoungAdult), Some(0)),
        (bone(Bone::Sacrum, None, YoungAdult), Some(0)),
        (bone(Bone::Tibia, left, Adult), Some(0)),
        (part(Bone::Tibia, None, &[Zone::MiddleShaft], Unknown), None),
        (bone(Bone::Scapula, right, Adult), None),
        (bone(Bone::Clavicle, left, Adult), None),
    ];
    all.extend(std::iter::repeat_n((bone(Bone::ThoracicVertebra, None, Adult), None), 7));
    all.extend(std::iter::repeat_n((bone(Bone::Rib, left, Adult), None), 9));
    all.extend(std::iter::repeat_n((bone(Bone::Metatarsal, right, Unknown), None), 3));
    if let Some((first, _)) = all.first_mut() {
        first.taphonomy = vec![Taphonomy::SunBleaching, Taphonomy::RootEtching];
    }
    all
}

fn kind(kind: RemainsKind, set: Option<RemainsId>) -> NewRemains {
    let several = kind == RemainsKind::CommingledSet;
    NewRemains {
        kind,
        set,
        completeness: (!several).then_some(Completeness::Partial),
        body_state: Some(BodyState::Skeletal),
        pmi_from: Some(PostMortemInterval::TwoToFiveYears),
        pmi_to: Some(PostMortemInterval::FiveToTenYears),
        location: Some("Osteoteca, estante 3".to_owned()),
        note: Some("Datos ficticios".to_owned()),
    }
}

/// Fills in the set, unless the record has remains already. How many elements.
pub(super) async fn fill(app: &App, keeper: &Actor) -> anyhow::Result<usize> {
    let filter = FoundFilter { q: Some(RECORD.to_owned()), ..FoundFilter::default() };
    let Some(record) = found::list(app, keeper, &filter, None, 1).await?.first().map(|l| FoundId(l.id)) else { return Ok(0) };
    if !remains::of_found(app, keeper, record).await?.is_empty() {
        return Ok(0);
    }
    let set = remains::register(app, keeper, record, None, kind(RemainsKind::CommingledSet, None)).await?.made.id;
    let mut people = Vec::new();
    for _ in 0..2 {
        people.push(remains::register(app, keeper, record, None, kind(RemainsKind::IncompleteBody, Some(set))).await?.made.id);
    }
    let (elements, of): (Vec<NewElement>, Vec<Option<usize>>) = inventory().into_iter().unzip();
    let written = elements::add(app, keeper, set, None, elements).await?.made.elements;
    for (element, individual) in written.iter().zip(of) {
        if let Some(individual) = individual.and_then(|n| people.get(n)) {
            associate(app, keeper, element.id, *individual).await?;
        }
    }
    for operation in [PostMortemOperation::Photographs, PostMortemOperation::Anthropology] {
        let done = NewOperation {
            operation,
            state: OperationState::Done,
            reason: None,
            done_on: Some(app.clock.today()),
            done_by: Some("Personal del banco (ficticio)".to_owned()),
            reference: None,
        };
        operations::record(app, keeper, set, done).await?;
    }
    Ok(written.len())
}

async fn associate(app: &App, keeper: &Actor, element: ElementId, individual: RemainsId) -> anyhow::Result<()> {
    let new = NewAssociation {
        individual,
        verdict: AssociationVerdict::Inclusion,
        reason: AssociationReason::Articulation,
        note: None,
        despite_doubts: false,
    };
    associations::associate(app, keeper, element, new).await?;
    Ok(())
}
