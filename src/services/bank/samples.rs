//! Samples: taken in, found by any number they ever had, with their parts.

use super::custody::{self, Ledger};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::cases::Keyset;
use crate::db::forms::OnceKey;
use crate::db::samples::{self, IdentifierRow, SampleFilter, SampleLine, SampleRow};
use crate::db::{Tx, cases, found, remains};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::custody::CustodyKind;
use crate::domain::ids::{CaseId, DonorId, ElementId, FoundId, RemainsId, SampleId, UserId};
use crate::domain::sample::{Material, SampleSource, SampleState};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::cases::next_folio;
use crate::services::once::{self, Done};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use uuid::Uuid;

/// Most numbers that one sample brings.
const MOST_IDENTIFIERS: usize = 20;

/// A number of a sample and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SampleNumber {
    /// Whose number it is: laboratory, exhibit, bank …
    pub scheme: String,
    /// The number.
    pub value: String,
}

/// A sample as taken in.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSample {
    /// Whom it is of.
    pub source: SampleSource,
    /// Of a relative: the donor.
    #[serde(default)]
    pub donor: Option<DonorId>,
    /// Of the missing person's own things: the case.
    #[serde(default)]
    pub case: Option<CaseId>,
    /// Of remains: their record.
    #[serde(default)]
    pub found_record: Option<FoundId>,
    /// Of remains: which of their record's.
    #[serde(default)]
    pub remains: Option<RemainsId>,
    /// Of remains: which of their elements.
    #[serde(default)]
    pub element: Option<ElementId>,
    /// Of staff: who.
    #[serde(default)]
    pub staff: Option<UserId>,
    /// The sample it was taken from, if any; then it is of the same source.
    #[serde(default)]
    pub parent: Option<SampleId>,
    /// What was taken.
    pub material: Material,
    /// How much.
    #[serde(default)]
    pub amount: Option<String>,
    /// How it is kept.
    #[serde(default)]
    pub preservation: Option<String>,
    /// Lot of the sampling kit.
    #[serde(default)]
    pub kit_lot: Option<String>,
    /// Day it was taken; without it the sample is planned.
    #[serde(default)]
    pub taken_on: Option<NaiveDate>,
    /// Who took it.
    #[serde(default)]
    pub taken_by: Option<String>,
    /// Where.
    #[serde(default)]
    pub taken_where: Option<String>,
    /// A note.
    #[serde(default)]
    pub note: Option<String>,
    /// Numbers it has elsewhere.
    #[serde(default)]
    pub identifiers: Vec<SampleNumber>,
}

impl NewSample {
    /// All faults that show without looking anything up.
    ///
    /// # Errors
    /// [`Violations`].
    pub fn check(&self, today: NaiveDate) -> Result<(), Violations> {
        let mut faults = Violations::default();
        let told = [
            ("/donor", SampleSource::Relative, self.donor.is_some()),
            ("/case", SampleSource::DirectReference, self.case.is_some()),
            ("/found_record", SampleSource::Remains, self.found_record.is_some()),
            ("/staff", SampleSource::Staff, self.staff.is_some()),
        ];
        for (pointer, source, told) in told {
            if told && source != self.source {
                faults.add(pointer, "other_source", format!("a sample of source {} has none", self.source));
            }
            if !told && source == self.source && self.parent.is_none() {
                faults.add(pointer, "empty", "say whom the sample is of");
            }
        }
        for (pointer, told) in [("/remains", self.remains.is_some()), ("/element", self.element.is_some())] {
            if told && (self.source != SampleSource::Remains || self.parent.is_some()) {
                faults.add(pointer, "other_source", "only a sample of remains has one, and a part of a sample has its own");
            }
        }
        if self.taken_on.is_some_and(|day| day > today) {
            faults.add("/taken_on", "future", "the day it was taken lies in the future");
        }
        if let Some(day) = self.taken_on {
            faults.check_day("/taken_on", day);
        }
        let texts = [
            ("/amount", &self.amount),
            ("/preservation", &self.preservation),
            ("/kit_lot", &self.kit_lot),
            ("/taken_by", &self.taken_by),
            ("/taken_where", &self.taken_where),
        ];
        for (pointer, text) in texts {
            if let Some(text) = text {
                faults.check_text(pointer, text, 200);
            }
        }
        if let Some(note) = &self.note {
            faults.check_text("/note", note, 2000);
        }
        if self.identifiers.len() > MOST_IDENTIFIERS {
            faults.add("/identifiers", "too_many", format!("holds more than {MOST_IDENTIFIERS} entries"));
        }
        for (i, number) in self.identifiers.iter().take(MOST_IDENTIFIERS).enumerate() {
            check_number(number, &format!("/identifiers/{i}"), &mut faults);
        }
        faults.into_result()
    }
}

fn check_number(number: &SampleNumber, at: &str, faults: &mut Violations) {
    for (field, text, most) in [("scheme", &number.scheme, 50), ("value", &number.value, 200)] {
        if text.trim().is_empty() {
            faults.add(&format!("{at}/{field}"), "empty", "a number has a scheme and a value");
        }
        faults.check_text(&format!("{at}/{field}"), text, most);
    }
}

/// A sample just registered.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RegisteredSample {
    /// Id.
    pub id: SampleId,
    /// Code: what stands on the label.
    pub code: String,
    /// Revision.
    #[serde(rename = "revision")]
    pub rev: i32,
}

/// Registers a sample, once per key, with the first line of its ledger.
///
/// # Errors
/// [`ServiceError::Invalid`] with every fault, also where the donor's consent does not cover this institution; [`ServiceError::NotFound`];
/// [`ServiceError::Reused`].
pub async fn register(app: &App, actor: &Actor, key: Option<&OnceKey>, new: NewSample) -> Result<Done<RegisteredSample>, ServiceError> {
    actor.require(Right::WriteSamples)?;
    new.check(app.clock.today())?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let id = SampleId::new(&*app.ids);
    if let Some(made) = once::claim(&mut tx, app, actor, key, id.0).await? {
        let row = samples::get(&mut tx, SampleId(made)).await?;
        return Ok(Done::again(RegisteredSample { id: SampleId(row.id), code: row.code, rev: row.rev }));
    }
    let of = origin(&mut tx, actor, &new).await?;
    let code = next_folio(&mut tx, actor.authority, "M", now.year()).await?.to_string();
    let state = match (new.taken_on, new.source) {
        (Some(_), _) => SampleState::Collected,
        (None, SampleSource::Relative) => SampleState::Consented,
        (None, _) => SampleState::Planned,
    };
    let row = SampleRow {
        id: id.0,
        authority_id: actor.authority.0,
        code: code.clone(),
        source: new.source.as_str().to_owned(),
        donor_id: of.donor,
        case_id: of.case,
        found_id: of.found,
        staff_id: of.staff,
        parent_id: new.parent.map(|p| p.0),
        material: new.material.as_str().to_owned(),
        amount: new.amount,
        preservation: new.preservation,
        kit_lot: new.kit_lot,
        taken_on: new.taken_on,
        taken_by: new.taken_by,
        taken_where: new.taken_where,
        state: state.as_str().to_owned(),
        note: new.note,
        rev: 1,
        created_by: actor.user.0,
        created_at: now,
        updated_at: now,
        remains_id: of.remains,
        element_id: of.element,
    };
    let numbers: Vec<(String, String)> = new.identifiers.into_iter().map(|n| (n.scheme, n.value)).collect();
    samples::insert(&mut tx, &row, &numbers).await?;
    custody::append(&mut tx, app, actor, &row, custody::Entry::of(CustodyKind::Registered)).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("create", "sample", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(Done::first(RegisteredSample { id, code, rev: 1 }))
}

#[derive(Default)]
struct Origin {
    donor: Option<Uuid>,
    case: Option<Uuid>,
    found: Option<Uuid>,
    staff: Option<Uuid>,
    remains: Option<Uuid>,
    element: Option<Uuid>,
}

/// Whom a new sample is of, as far as the actor may say so: a relative's needs a live consent that covers this institution.
async fn origin(tx: &mut Tx, actor: &Actor, new: &NewSample) -> Result<Origin, ServiceError> {
    let of = match new.parent {
        None => Origin {
            donor: new.donor.map(|d| d.0),
            case: new.case.map(|c| c.0),
            found: new.found_record.map(|f| f.0),
            staff: new.staff.map(|s| s.0),
            ..of_remains(tx, new).await?
        },
        Some(parent) => {
            let parent = samples::get(tx, parent).await?;
            if parent.source != new.source.as_str() {
                return Err(fault("/source", "other_source", "a part is of the same source as the sample it was taken from"));
            }
            if !parent.state().is_usable() {
                return Err(fault("/parent", "no_consent", "nothing is taken from a sample whose consent was withdrawn"));
            }
            Origin {
                donor: parent.donor_id,
                case: parent.case_id,
                found: parent.found_id,
                staff: parent.staff_id,
                remains: parent.remains_id,
                element: parent.element_id,
            }
        }
    };
    if let Some(donor) = of.donor {
        samples::donor(tx, DonorId(donor)).await?;
        if !samples::donor_consents(tx, DonorId(donor), actor.authority).await? {
            return Err(fault("/donor", "no_consent", "no live consent of the donor covers this institution; record it first"));
        }
    }
    if let Some(case) = of.case {
        cases::get(tx, CaseId(case)).await?;
    }
    if let (Some(record), None) = (of.found, new.parent) {
        let row = found::get(tx, FoundId(record)).await?;
        if row.owner() != actor.authority {
            return Err(ServiceError::NotFound);
        }
        if !row.kind.starts_with("remains") {
            return Err(fault("/found_record", "living", "samples of living people are taken with their own consent, as donors"));
        }
    }
    Ok(of)
}

/// Which remains and element of its record a new sample is of.
async fn of_remains(tx: &mut Tx, new: &NewSample) -> Result<Origin, ServiceError> {
    let element = match new.element {
        Some(id) => Some(remains::element(tx, id).await?),
        None => None,
    };
    let of = new.remains.or(element.as_ref().map(|e| RemainsId(e.remains_id)));
    if let Some(id) = of {
        let row = remains::get(tx, id).await?;
        if new.found_record.is_some_and(|f| f.0 != row.found_id) {
            return Err(fault("/remains", "other_record", "these remains are of another found record"));
        }
        if element.as_ref().is_some_and(|e| e.remains_id != row.id) {
            return Err(fault("/element", "other_remains", "the element was found in other remains"));
        }
    }
    Ok(Origin { remains: of.map(|r| r.0), element: element.map(|e| e.id), ..Origin::default() })
}

fn fault(pointer: &str, code: &'static str, message: &str) -> ServiceError {
    let mut faults = Violations::default();
    faults.add(pointer, code, message);
    ServiceError::Invalid(faults)
}

/// A sample with everything that is told of it outside the laboratory.
#[derive(Debug, Clone)]
pub struct SampleView {
    /// The row.
    pub row: SampleRow,
    /// Every number it has or had.
    pub identifiers: Vec<IdentifierRow>,
    /// What was taken from it.
    pub parts: Vec<SampleRow>,
    /// Its ledger, checked.
    pub ledger: Ledger,
}

/// Reads a sample, audited.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but its owner and those it was handed to.
pub async fn read(app: &App, actor: &Actor, id: SampleId) -> Result<SampleView, ServiceError> {
    actor.require(Right::ReadSamples)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = samples::get(&mut tx, id).await?;
    let mut view = SampleView {
        identifiers: samples::identifiers(&mut tx, id).await?,
        parts: samples::parts(&mut tx, id).await?,
        ledger: custody::ledger(&mut tx, actor, &row).await?,
        row,
    };
    let open = samples::open_hand_overs(&mut tx, actor.authority).await?;
    if open.iter().any(|h| h.sample_id == id.0 && h.to_authority == actor.authority.0) {
        // Until its label is scanned here.
        view.row.code = custody::masked(&view.row.code);
        view.identifiers.clear();
    }
    let event = Event::on("read", "sample", id, view.row.owner());
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(view)
}

/// One page of the samples the institution holds or was handed, audited. A search goes by any number a sample has or had.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(app: &App, actor: &Actor, filter: &SampleFilter, after: Option<Keyset>, limit: i64) -> Result<Vec<SampleLine>, ServiceError> {
    actor.require(Right::ReadSamples)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let mut lines = samples::list(&mut tx, filter, after, limit.clamp(1, 200)).await?;
    // Of those on their way here the code is hidden as in the hand-over, so that it is read from the label.
    let open = samples::open_hand_overs(&mut tx, actor.authority).await?;
    let awaited: HashSet<Uuid> = open.iter().filter(|h| h.to_authority == actor.authority.0).map(|h| h.sample_id).collect();
    for line in lines.iter_mut().filter(|l| awaited.contains(&l.id)) {
        line.code = custody::masked(&line.code);
    }
    let event = Event::on_many("list", "sample", lines.iter().map(|l| l.id).collect(), None).query(filter.q.as_deref());
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(lines)
}

/// Adds a number to a sample.
///
/// # Errors
/// [`ServiceError::Invalid`]; [`ServiceError::NotFound`] for anybody but its owner.
pub async fn add_number(app: &App, actor: &Actor, id: SampleId, number: SampleNumber) -> Result<(), ServiceError> {
    actor.require(Right::WriteSamples)?;
    let mut faults = Violations::default();
    check_number(&number, "", &mut faults);
    faults.into_result()?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = samples::get(&mut tx, id).await?;
    if row.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    samples::add_identifier(&mut tx, &row, &number.scheme, &number.value, app.now()).await?;
    let event = Event::on("change", "sample", id, actor.authority).fields(vec!["identifiers".to_owned()]);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(())
}

/// The sample of each number, in their order: one that the institution holds or was handed. Audited.
///
/// # Errors
/// [`ServiceError::Invalid`] naming every number that is no sample's, or several samples'.
pub async fn by_numbers(app: &App, actor: &Actor, numbers: &[String]) -> Result<Vec<SampleId>, ServiceError> {
    actor.require(Right::ReadSamples)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let mut faults = Violations::default();
    let mut found = Vec::with_capacity(numbers.len());
    for (i, number) in numbers.iter().enumerate() {
        match samples::by_number(&mut tx, number).await?.as_slice() {
            [one] => found.push(*one),
            [] => faults.add(&format!("/{i}"), "unknown", format!("no sample has the number of entry {}", i + 1)),
            _ => faults.add(&format!("/{i}"), "several", format!("several samples have the number of entry {}", i + 1)),
        }
    }
    faults.into_result()?;
    let event = Event::on_many("list", "sample", found.iter().map(|s| s.0).collect(), None);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(found)
}
