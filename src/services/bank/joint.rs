//! Joint identification: remains and families of one event weighed together, as one finding says something of every other. For events whose dead and missing are
//! known to be a closed group (a shipwreck, a lorry, a mass grave); workers compute it.

use super::profiles::{begin, key};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::profiles::{self, JointRow};
use crate::db::queue;
use crate::domain::actor::Actor;
use crate::domain::ids::{CaseId, FoundId, JointRunId};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Most missing persons, and most remains, of one joint identification.
pub const MOST: usize = 200;

/// What is asked.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewJoint {
    /// A title: the event. No person's name.
    pub title: String,
    /// Missing persons: cases of which the institution has a pedigree.
    pub cases: Vec<CaseId>,
    /// Remains.
    pub found_records: Vec<FoundId>,
}

/// What comes of it. Of a genotype nothing: likelihood ratios, and the odds of probabilities, in tenths of log10.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JointOutcome {
    /// Remains, several of one person as one.
    pub groups: Vec<JointGroup>,
    /// Missing persons.
    pub missing: Vec<JointMissing>,
    /// How many assignments of remains to missing persons are as likely as the likeliest; none where they are more than can be computed.
    pub ties: Option<f64>,
    /// Cases that no searched pedigree of the institution is of, and found records without a searched profile: they took no part.
    pub left_out: Vec<Uuid>,
}

/// Remains, or several of one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JointGroup {
    /// Their records.
    pub found_records: Vec<FoundId>,
    /// Missing persons that it may be, the likeliest first.
    pub candidates: Vec<JointCandidate>,
    /// How likely it is none of them.
    pub nobody: Option<f64>,
    /// undisputed, match, `probable_match`, symmetric, disputed, probable, inconclusive, `no_match` or excluded.
    pub conclusion: String,
}

/// Somebody missing who remains may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JointCandidate {
    /// The case.
    pub case: CaseId,
    /// log10 LR of the pair by itself, in tenths.
    pub log10_lr: f64,
    /// Markers that cannot be without mutation.
    pub incompatible: u32,
    /// How likely it is, of all assignments.
    pub posterior: Option<f64>,
}

/// Somebody missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JointMissing {
    /// The case.
    pub case: CaseId,
    /// Who it is, or could be; several records where they are of one person, or where nothing tells remains apart.
    pub found_records: Vec<FoundId>,
    /// As of remains.
    pub conclusion: String,
}

/// A joint identification.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct JointView {
    /// Id.
    pub id: JointRunId,
    /// The event.
    pub title: String,
    /// What came of it; none before it has ended, or where it could not be computed.
    pub outcome: Option<JointOutcome>,
    /// Why nothing did.
    pub problem: Option<String>,
    /// Frequencies, mutation model and versions it was weighed with.
    pub model: Option<String>,
    /// How many missing persons and remains were asked of.
    pub asked: (usize, usize),
    /// Folios of cases and found records, as far as the reader may see them.
    pub folios: BTreeMap<Uuid, String>,
    /// When it was begun.
    pub began_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// Begins a joint identification.
///
/// # Errors
/// [`ServiceError::Invalid`] for lists that are empty or too long, a case of which the institution has no pedigree, and records of remains that the asking person
/// may not see; [`ServiceError::Forbidden`] for anybody but geneticists; [`ServiceError::NoBank`].
pub async fn begin_joint(app: &App, actor: &Actor, new: NewJoint) -> Result<JointRunId, ServiceError> {
    key(app)?;
    let cases: BTreeSet<Uuid> = new.cases.iter().map(|c| c.0).collect();
    let founds: BTreeSet<Uuid> = new.found_records.iter().map(|f| f.0).collect();
    let mut faults = Violations::default();
    faults.check_text("/title", &new.title, 200);
    if new.title.trim().is_empty() {
        faults.add("/title", "empty", "name the event, without a person's name");
    }
    for (pointer, n) in [("/cases", cases.len()), ("/found_records", founds.len())] {
        if n == 0 {
            faults.add(pointer, "empty", "name at least one");
        } else if n > MOST {
            faults.add(pointer, "too_many", format!("holds more than {MOST} entries"));
        }
    }
    faults.into_result()?;
    let (cases, founds): (Vec<Uuid>, Vec<Uuid>) = (cases.into_iter().collect(), founds.into_iter().collect());
    let mut tx = begin(app, actor).await?;
    let known = profiles::of_joint(&mut tx, &cases, &founds).await?;
    let mut faults = Violations::default();
    for (i, case) in new.cases.iter().enumerate().filter(|(_, c)| !known.contains_key(&c.0)) {
        faults.add(&format!("/cases/{i}"), "no_pedigree", format!("your institution has no pedigree of case {case}"));
    }
    for (i, found) in new.found_records.iter().enumerate().filter(|(_, f)| !known.contains_key(&f.0)) {
        faults.add(&format!("/found_records/{i}"), "unknown", format!("there is no record of remains {found} that you may see"));
    }
    faults.into_result()?;
    let id = JointRunId::new(&*app.ids);
    let row = JointRow {
        id: id.0,
        authority_id: actor.authority.0,
        title: new.title.trim().to_owned(),
        cases,
        founds,
        outcome: None,
        problem: None,
        model: None,
        began_at: app.now(),
        ended_at: None,
    };
    profiles::insert_joint(&mut tx, &row).await?;
    queue::enqueue(&mut tx, "identify_jointly", serde_json::json!({ "run": id }), None, 10).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("create", "joint_run", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(id)
}

/// The same by folios, as people type them: missing persons and remains in one list each, apart by blanks, commas or lines.
///
/// # Errors
/// As [`begin_joint`], and folios that nobody has.
pub async fn begin_by_folios(app: &App, actor: &Actor, title: String, cases: &str, founds: &str) -> Result<JointRunId, ServiceError> {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).filter(|w| !w.is_empty()).map(str::to_uppercase).collect()
    };
    let (cases, founds) = (words(cases), words(founds));
    let mut tx = begin(app, actor).await?;
    let all: Vec<String> = cases.iter().chain(&founds).cloned().collect();
    let known = profiles::by_folios(&mut tx, &all).await?;
    tx.commit().await?;
    let mut faults = Violations::default();
    let mut ids = |folios: &[String], pointer: &str, is_case: bool| -> Vec<Uuid> {
        let mut found = Vec::new();
        for folio in folios {
            match known.get(folio) {
                Some((id, case)) if *case == is_case => found.push(*id),
                _ => faults.add(pointer, "unknown", folio.clone()),
            }
        }
        found
    };
    let cases = ids(&cases, "/cases", true).into_iter().map(CaseId).collect();
    let found_records = ids(&founds, "/found_records", false).into_iter().map(FoundId).collect();
    faults.into_result()?;
    begin_joint(app, actor, NewJoint { title, cases, found_records }).await
}

fn view(row: JointRow, folios: BTreeMap<Uuid, String>) -> JointView {
    JointView {
        id: JointRunId(row.id),
        title: row.title,
        outcome: row.outcome.and_then(|outcome| serde_json::from_value(outcome).ok()),
        problem: row.problem,
        model: row.model,
        asked: (row.cases.len(), row.founds.len()),
        folios,
        began_at: row.began_at,
        ended_at: row.ended_at,
    }
}

/// Reads a joint identification, audited.
///
/// # Errors
/// [`ServiceError::Forbidden`] for anybody but geneticists; [`ServiceError::NotFound`].
pub async fn read(app: &App, actor: &Actor, id: JointRunId) -> Result<JointView, ServiceError> {
    let mut tx = begin(app, actor).await?;
    let row = profiles::joint(&mut tx, id).await?;
    let folios = profiles::of_joint(&mut tx, &row.cases, &row.founds).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "joint_run", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(view(row, folios))
}

/// The last fifty, newest first; without what came of them.
///
/// # Errors
/// [`ServiceError::Forbidden`] for anybody but geneticists.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<JointView>, ServiceError> {
    let mut tx = begin(app, actor).await?;
    let rows = profiles::joints(&mut tx, 50).await?;
    let event = Event::on_many("list", "joint_run", rows.iter().map(|r| r.id).collect(), Some(actor.authority));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(rows.into_iter().map(|row| view(JointRow { outcome: None, ..row }, BTreeMap::new())).collect())
}
