//! The inventory: elements, many at once, and their correction.

use super::{associations, check_texts, next_code, told};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::forms::OnceKey;
use crate::db::remains::{self, ElementChange, ElementRow};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::ids::{ElementId, RemainsId};
use crate::domain::reassociation::{AssociationVerdict, contradictions};
use crate::domain::remains::RemainsKind;
use crate::domain::skeleton::{Anatomy, Taphonomy, Trauma, check_measurements};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::consents::{Correction, insert_correction};
use crate::services::once::{self, Done};
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most elements that are written at once.
pub const MOST_ELEMENTS: usize = 300;

/// An element as it goes into the inventory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewElement {
    /// The bone.
    pub bone: crate::domain::skeleton::Bone,
    /// Its side, of a paired bone; left out where it cannot be told.
    #[serde(default)]
    pub side: Option<crate::domain::skeleton::Side>,
    /// Zones of which more than half is there.
    #[serde(default)]
    pub zones: Vec<crate::domain::skeleton::Zone>,
    /// How much of it is there.
    pub completeness: crate::domain::skeleton::Completeness,
    /// Age at death as far as it tells.
    pub age_class: crate::domain::skeleton::AgeClass,
    /// What happened to it after death.
    #[serde(default)]
    pub taphonomy: Vec<Taphonomy>,
    /// Injuries.
    #[serde(default)]
    pub trauma: Vec<Trauma>,
    /// Lengths in millimetres by their names.
    #[serde(default)]
    pub measurements: BTreeMap<String, f64>,
    /// A note.
    #[serde(default)]
    pub note: Option<String>,
}

impl NewElement {
    /// What bears on whose it can be.
    #[must_use]
    pub fn anatomy(&self) -> Anatomy {
        Anatomy { bone: self.bone, side: self.side, zones: self.zones.clone(), completeness: self.completeness, age_class: self.age_class }
    }

    /// Notes every fault below `at`.
    pub fn check(&self, at: &str, faults: &mut Violations) {
        self.anatomy().check(at, faults);
        check_measurements(&self.measurements, &format!("{at}/measurements"), faults);
        check_texts(&[(&format!("{at}/note"), &self.note, 2000)], faults);
        if self.taphonomy.len() > Taphonomy::ALL.len() {
            faults.add(&format!("{at}/taphonomy"), "too_many", "names something twice");
        }
        if self.trauma.len() > Trauma::ALL.len() {
            faults.add(&format!("{at}/trauma"), "too_many", "names something twice");
        }
    }
}

fn words<T: Copy + Ord + ToString>(all: &[T]) -> Vec<String> {
    let mut all = all.to_vec();
    all.sort_unstable();
    all.dedup();
    all.iter().map(ToString::to_string).collect()
}

fn zones(new: &NewElement) -> Vec<String> {
    words(new.anatomy().present())
}

/// Elements just written.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WrittenElements {
    /// Their ids and codes, in the order they were sent; empty where the same request had written them before.
    pub elements: Vec<WrittenElement>,
}

/// An element just written.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WrittenElement {
    /// Id.
    pub id: ElementId,
    /// Code: what stands on the label.
    pub code: String,
}

/// Writes elements found in remains into their inventory, all or none, once per key.
///
/// # Errors
/// [`ServiceError::Invalid`] with every fault at its place, e.g. `/elements/3/side`; [`ServiceError::NotFound`]; [`ServiceError::Reused`].
pub async fn add(
    app: &App,
    actor: &Actor,
    to: RemainsId,
    key: Option<&OnceKey>,
    new: Vec<NewElement>,
) -> Result<Done<WrittenElements>, ServiceError> {
    actor.require(Right::WriteFound)?;
    let mut faults = Violations::default();
    if new.is_empty() {
        faults.add("/elements", "empty", "name at least one element");
    }
    if new.len() > MOST_ELEMENTS {
        faults.add("/elements", "too_many", format!("holds more than {MOST_ELEMENTS} elements; send them in parts"));
    }
    for (i, element) in new.iter().take(MOST_ELEMENTS).enumerate() {
        element.check(&format!("/elements/{i}"), &mut faults);
    }
    faults.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    if once::claim(&mut tx, app, actor, key, to.0).await?.is_some() {
        return Ok(Done::again(WrittenElements { elements: Vec::new() }));
    }
    let row = remains::lock(&mut tx, to).await?;
    if row.kind() == RemainsKind::IsolatedElement && new.len() + remains::elements_found_in(&mut tx, to).await?.len() > 1 {
        return Err(super::fault(
            "/elements/1",
            "isolated",
            "an isolated element is one element; register a commingled set or an incomplete body",
        ));
    }
    let mut rows = Vec::with_capacity(new.len());
    for element in new {
        rows.push(ElementRow {
            id: app.ids.next(),
            authority_id: actor.authority.0,
            code: next_code(&mut tx, actor.authority, "E", now.year()).await?,
            remains_id: to.0,
            bone: element.bone.as_str().to_owned(),
            side: element.side.map(|s| s.as_str().to_owned()),
            zones: zones(&element),
            completeness: element.completeness.as_str().to_owned(),
            age_class: element.age_class.as_str().to_owned(),
            taphonomy: words(&element.taphonomy),
            trauma: words(&element.trauma),
            measurements: serde_json::json!(element.measurements),
            note: told(element.note),
            rev: 1,
            created_by: actor.user.0,
            created_at: now,
            updated_at: now,
        });
    }
    remains::insert_elements(&mut tx, &rows).await?;
    let event = Event::on_many("create", "skeletal_element", rows.iter().map(|r| r.id).collect(), Some(actor.authority));
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(Done::first(WrittenElements { elements: rows.into_iter().map(|r| WrittenElement { id: ElementId(r.id), code: r.code }).collect() }))
}

/// Replaces what the inventory says of an element that is still at revision `rev`; what it said is kept with author and reason. Returns the new revision.
///
/// # Errors
/// [`ServiceError::Invalid`], also where an individual that includes the element could then not be one person; [`ServiceError::Stale`]; [`ServiceError::NotFound`].
pub async fn correct(app: &App, actor: &Actor, id: ElementId, rev: i32, reason: &str, new: NewElement) -> Result<i32, ServiceError> {
    actor.require(Right::WriteFound)?;
    let mut faults = Violations::default();
    if reason.trim().is_empty() {
        faults.add("/reason", "empty", "say why it is corrected");
    }
    faults.check_text("/reason", reason, 1000);
    new.check("/element", &mut faults);
    faults.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    // As whoever associates: first the individual, then the element.
    let seen = remains::element(&mut tx, id).await?;
    let before = associations::individual_of(&mut tx, &seen).await?;
    if let Some(individual) = before {
        remains::lock(&mut tx, individual).await?;
    }
    let row = remains::lock_element(&mut tx, id).await?;
    let individual = associations::individual_of(&mut tx, &row).await?;
    if row.rev != rev || individual != before {
        return Err(ServiceError::Stale(row.rev));
    }
    if let Some(individual) = individual {
        let of = associations::elements_of(&mut tx, individual).await?;
        let others: Vec<Anatomy> = of.iter().filter(|e| e.id != id.0).map(ElementRow::anatomy).collect();
        if let Some(found) = contradictions(&others, &new.anatomy()).into_iter().find(|c| c.is_impossible()) {
            let verdict = AssociationVerdict::Exclusion;
            let message = format!("so it could not be of the individual that includes it ({found}); record an {verdict} first");
            return Err(super::fault("/element", "contradiction", &message));
        }
    }
    let change = ElementChange {
        bone: new.bone.as_str().to_owned(),
        side: new.side.map(|s| s.as_str().to_owned()),
        zones: zones(&new),
        completeness: new.completeness.as_str().to_owned(),
        age_class: new.age_class.as_str().to_owned(),
        taphonomy: words(&new.taphonomy),
        trauma: words(&new.trauma),
        measurements: serde_json::json!(new.measurements),
        note: told(new.note),
        rev: rev + 1,
        updated_at: now,
    };
    let fields = [
        ("bone", serde_json::json!(row.bone), serde_json::json!(change.bone)),
        ("side", serde_json::json!(row.side), serde_json::json!(change.side)),
        ("zones", serde_json::json!(row.zones), serde_json::json!(change.zones)),
        ("completeness", serde_json::json!(row.completeness), serde_json::json!(change.completeness)),
        ("age_class", serde_json::json!(row.age_class), serde_json::json!(change.age_class)),
        ("taphonomy", serde_json::json!(row.taphonomy), serde_json::json!(change.taphonomy)),
        ("trauma", serde_json::json!(row.trauma), serde_json::json!(change.trauma)),
        ("measurements", row.measurements.clone(), change.measurements.clone()),
        ("note", serde_json::json!(row.note), serde_json::json!(change.note)),
    ];
    let mut changed = Vec::new();
    for (field, old, new) in fields.into_iter().filter(|(_, old, new)| old != new) {
        let correction = Correction { subject_kind: "skeletal_element", subject: id.0, field: field.to_owned(), old, new };
        insert_correction(&mut tx, app, actor, reason, correction).await?;
        changed.push(field.to_owned());
    }
    if !remains::set_element(&mut tx, id, rev, &change).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("change", "skeletal_element", id, actor.authority).fields(changed))
        .await?;
    tx.commit().await?;
    Ok(rev + 1)
}
