//! Pedigrees: who descends from whom in a family, who is missing and who gave a sample. Geneticists draw them; what they show of a family is theirs alone.

use super::profiles::{begin, key};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::cases::Keyset;
use crate::db::forms::OnceKey;
use crate::db::profiles::{self, PedigreeLine, PedigreeRow, ResultLine};
use crate::db::{DbError, Tx, cases, feed, queue, samples};
use crate::domain::actor::Actor;
use crate::domain::ids::{CaseId, DonorId, PedigreeId};
use crate::domain::violations::Violations;
use crate::genetics::pedigree::{Entry, GeneticSex, Pedigree, PedigreeError};
use crate::services::ServiceError;
use crate::services::bank::donors::DonorSex;
use crate::services::cases::next_folio;
use crate::services::once::{self, Done};
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Most people of one pedigree.
const MOST_INDIVIDUALS: usize = 200;

/// Somebody in a pedigree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawnIndividual {
    /// A name that is the pedigree's own, such as `mother`; never a person's.
    pub id: String,
    /// Sex.
    pub sex: DonorSex,
    /// The father in this pedigree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub father: Option<String>,
    /// The mother in this pedigree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mother: Option<String>,
    /// Who brought the person up without being a parent by birth: drawn, and of no weight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adoptive_parents: Vec<String>,
    /// Of a founder: how likely both alleles are copies of one.
    #[serde(default)]
    pub inbreeding: f64,
}

/// A pedigree as it is drawn: what the bank keeps sealed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Everybody.
    pub individuals: Vec<DrawnIndividual>,
}

impl Drawn {
    /// The pedigree as genetics weighs it.
    ///
    /// # Errors
    /// What cannot be a pedigree.
    pub fn pedigree(&self) -> Result<Pedigree, PedigreeError> {
        let entries = self.individuals.iter().map(|i| Entry {
            name: i.id.clone(),
            sex: if i.sex == DonorSex::Female { GeneticSex::Female } else { GeneticSex::Male },
            father: i.father.clone(),
            mother: i.mother.clone(),
            inbreeding: i.inbreeding,
        });
        Pedigree::new(&entries.collect::<Vec<_>>())
    }
}

/// Who somebody in a pedigree is: the missing person of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MissingIndividual {
    /// Who in the pedigree.
    pub individual: String,
    /// The case.
    pub case: CaseId,
}

/// Who somebody in a pedigree is: a donor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DonorIndividual {
    /// Who in the pedigree.
    pub individual: String,
    /// The donor.
    pub donor: DonorId,
}

crate::vocabulary! {
    /// How far a pedigree has come.
    PedigreeState {
        /// Being drawn: not searched.
        Draft => "draft",
        /// Searched.
        Validated => "validated",
        /// Not searched any more.
        Closed => "closed",
    }
}

/// A pedigree as it is entered.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPedigree {
    /// Everybody in it.
    pub individuals: Vec<DrawnIndividual>,
    /// Who is missing.
    pub missing: Vec<MissingIndividual>,
    /// Who gave a sample.
    #[serde(default)]
    pub donors: Vec<DonorIndividual>,
    /// How far it has come.
    pub state: PedigreeState,
}

impl NewPedigree {
    fn check(&self) -> Result<(), Violations> {
        let mut faults = Violations::default();
        if self.individuals.len() > MOST_INDIVIDUALS {
            faults.add("/individuals", "too_many", format!("holds more than {MOST_INDIVIDUALS} people"));
            return faults.into_result();
        }
        for (i, one) in self.individuals.iter().enumerate() {
            faults.check_text(&format!("/individuals/{i}/id"), &one.id, 60);
            for (k, adoptive) in one.adoptive_parents.iter().enumerate() {
                if !self.names(adoptive) {
                    faults.add(&format!("/individuals/{i}/adoptive_parents/{k}"), "unknown", "nobody of that name is in the pedigree");
                }
            }
        }
        if let Err(error) = (Drawn { individuals: self.individuals.clone() }).pedigree() {
            let (who, code) = match &error {
                PedigreeError::NoName => (None, "empty"),
                PedigreeError::Twice(who) => (Some(who), "twice"),
                PedigreeError::UnknownParent(who, _) => (Some(who), "unknown"),
                PedigreeError::ParentsSex(who, _) => (Some(who), "sex"),
                PedigreeError::Cycle(who) => (Some(who), "cycle"),
                PedigreeError::Inbreeding(who) => (Some(who), "out_of_range"),
            };
            let at = who.and_then(|who| self.individuals.iter().rposition(|i| i.id == *who));
            faults.add(&at.map_or_else(|| "/individuals".to_owned(), |at| format!("/individuals/{at}")), code, error.to_string());
        }
        if self.missing.is_empty() {
            faults.add("/missing", "empty", "say who is missing");
        }
        let mut roles = BTreeSet::new();
        let named = self.missing.iter().enumerate().map(|(i, m)| (format!("/missing/{i}"), &m.individual));
        let named = named.chain(self.donors.iter().enumerate().map(|(i, d)| (format!("/donors/{i}"), &d.individual)));
        for (pointer, individual) in named {
            if !self.names(individual) {
                faults.add(&format!("{pointer}/individual"), "unknown", "nobody of that name is in the pedigree");
            }
            if !roles.insert(individual) {
                faults.add(&format!("{pointer}/individual"), "twice", "one person of a pedigree is one missing person or one donor");
            }
        }
        faults.into_result()
    }

    fn names(&self, name: &str) -> bool {
        self.individuals.iter().any(|i| i.id == name)
    }
}

/// A pedigree just written.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WrittenPedigree {
    /// Id.
    pub id: PedigreeId,
    /// Code.
    pub code: String,
    /// Revision.
    #[serde(rename = "revision")]
    pub rev: i32,
}

/// Draws a pedigree, once per key; a validated one is searched at once.
///
/// # Errors
/// [`ServiceError::Invalid`] with every fault; [`ServiceError::NotFound`] for a case or donor the actor may not know of; [`ServiceError::NoBank`];
/// [`ServiceError::Reused`].
pub async fn draw(app: &App, actor: &Actor, once_key: Option<&OnceKey>, new: NewPedigree) -> Result<Done<WrittenPedigree>, ServiceError> {
    let key = key(app)?;
    let mut tx = begin(app, actor).await?;
    new.check()?;
    let now = app.now();
    let id = PedigreeId::new(&*app.ids);
    if let Some(made) = once::claim(&mut tx, app, actor, once_key, id.0).await? {
        let row = profiles::pedigree(&mut tx, PedigreeId(made)).await?;
        return Ok(Done::again(WrittenPedigree { id: PedigreeId(row.id), code: row.code, rev: row.rev }));
    }
    whose(&mut tx, &new).await?;
    let code = next_folio(&mut tx, actor.authority, "G", now.year()).await?.to_string();
    let row = PedigreeRow {
        id: id.0,
        authority_id: actor.authority.0,
        code: code.clone(),
        state: new.state.as_str().to_owned(),
        content: key.seal(id.0, &Drawn { individuals: new.individuals.clone() }, &*app.random)?,
        rev: 1,
        epoch: 0,
        created_at: now,
        updated_at: now,
    };
    profiles::insert_pedigree(&mut tx, &row).await?;
    write_individuals(&mut tx, &row, &new).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("create", "pedigree", id, actor.authority)).await?;
    announce(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Done::first(WrittenPedigree { id, code, rev: 1 }))
}

/// Redraws a pedigree that is still at revision `rev`.
///
/// # Errors
/// As [`draw`]; [`ServiceError::Stale`].
pub async fn redraw(app: &App, actor: &Actor, id: PedigreeId, rev: i32, new: NewPedigree) -> Result<WrittenPedigree, ServiceError> {
    let key = key(app)?;
    let mut tx = begin(app, actor).await?;
    new.check()?;
    let row = profiles::pedigree(&mut tx, id).await?;
    whose(&mut tx, &new).await?;
    let content = key.seal(id.0, &Drawn { individuals: new.individuals.clone() }, &*app.random)?;
    if !profiles::change_pedigree(&mut tx, id, rev, (new.state.as_str(), &content), app.now()).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    profiles::take_back(&mut tx, id, app.now()).await?;
    write_individuals(&mut tx, &row, &new).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("change", "pedigree", id, actor.authority)).await?;
    announce(&mut tx, id).await?;
    tx.commit().await?;
    Ok(WrittenPedigree { id, code: row.code, rev: rev + 1 })
}

/// Whether the cases and donors a pedigree names are the actor's to name, and whether their sex fits.
async fn whose(tx: &mut Tx, new: &NewPedigree) -> Result<(), ServiceError> {
    for missing in &new.missing {
        cases::get(tx, missing.case).await?;
    }
    let mut faults = Violations::default();
    for (i, of) in new.donors.iter().enumerate() {
        let donor = samples::donor(tx, of.donor).await?;
        let drawn = new.individuals.iter().find(|d| d.id == of.individual).map(|d| d.sex);
        let told = match donor.sex.as_deref() {
            Some("female") => Some(DonorSex::Female),
            Some("male") => Some(DonorSex::Male),
            _ => None,
        };
        if told.is_some() && drawn != told {
            faults.add(&format!("/donors/{i}"), "sex", "the donor is of another sex than the person in the pedigree");
        }
    }
    Ok(faults.into_result()?)
}

async fn write_individuals(tx: &mut Tx, row: &PedigreeRow, new: &NewPedigree) -> Result<(), ServiceError> {
    let missing: Vec<(String, Uuid)> = new.missing.iter().map(|m| (m.individual.clone(), m.case.0)).collect();
    let donors: Vec<(String, Uuid)> = new.donors.iter().map(|d| (d.individual.clone(), d.donor.0)).collect();
    profiles::set_individuals(tx, row, &missing, &donors).await?;
    Ok(())
}

async fn announce(tx: &mut Tx, id: PedigreeId) -> Result<(), ServiceError> {
    feed::append(tx, "pedigree", &[id.0]).await?;
    queue::enqueue(tx, "search_bank", serde_json::json!({ "pedigrees": [id] }), None, 20).await?;
    Ok(())
}

/// A pedigree with what its search found: for geneticists alone.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PedigreeView {
    /// Id.
    pub id: PedigreeId,
    /// Code.
    pub code: String,
    /// Revision.
    #[serde(rename = "revision")]
    pub rev: i32,
    /// How far it has come.
    pub state: String,
    /// Everybody in it.
    pub individuals: Vec<DrawnIndividual>,
    /// Who is missing.
    pub missing: Vec<MissingIndividual>,
    /// Who gave a sample.
    pub donors: Vec<DonorIndividual>,
    /// What remains weigh for its missing persons, strongest first; at most a hundred.
    pub results: Vec<ResultLine>,
}

/// Reads a pedigree, audited.
///
/// # Errors
/// [`ServiceError::Forbidden`] for anybody but geneticists; [`ServiceError::NotFound`]; [`ServiceError::NoBank`].
pub async fn read(app: &App, actor: &Actor, id: PedigreeId) -> Result<PedigreeView, ServiceError> {
    let mut tx = begin(app, actor).await?;
    let row = profiles::pedigree(&mut tx, id).await?;
    let drawn: Drawn = key(app)?.open(row.id, &row.content)?;
    let (missing, donors) = profiles::individuals(&mut tx, id).await?;
    let results = profiles::results(&mut tx, id, 100).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "pedigree", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(PedigreeView {
        id,
        code: row.code,
        rev: row.rev,
        state: row.state,
        individuals: drawn.individuals,
        missing: missing.into_iter().map(|(individual, case)| MissingIndividual { individual, case: CaseId(case) }).collect(),
        donors: donors.into_iter().map(|(individual, donor)| DonorIndividual { individual, donor: DonorId(donor) }).collect(),
        results,
    })
}

/// One page of pedigrees, newest first, audited.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(app: &App, actor: &Actor, after: Option<Keyset>, limit: i64) -> Result<Vec<PedigreeLine>, ServiceError> {
    let mut tx = begin(app, actor).await?;
    let lines = profiles::list_pedigrees(&mut tx, after, limit.clamp(1, 200)).await?;
    let event = Event::on_many("list", "pedigree", lines.iter().map(|l| l.id).collect(), Some(actor.authority));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(lines)
}

/// The case of a missing person in a pedigree, as far as geneticists see cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseName {
    /// Id.
    pub id: CaseId,
    /// Folio.
    pub folio: String,
}

/// The case of a folio or an id.
///
/// # Errors
/// [`ServiceError::Forbidden`] for anybody but geneticists; [`ServiceError::NotFound`].
pub async fn case(app: &App, actor: &Actor, folio_or_id: &str) -> Result<CaseName, ServiceError> {
    let mut tx = begin(app, actor).await?;
    let row = match folio_or_id.trim().parse::<CaseId>() {
        Ok(id) => cases::get(&mut tx, id).await?,
        Err(_) => cases::find_by_folio(&mut tx, &folio_or_id.trim().to_uppercase()).await?.ok_or(ServiceError::NotFound)?,
    };
    tx.commit().await?;
    Ok(CaseName { id: CaseId(row.id), folio: row.folio })
}

/// A donor of a pedigree, without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DonorName {
    /// Id.
    pub id: DonorId,
    /// Code.
    pub code: String,
    /// What the donor is to the missing person of the case.
    pub relation: String,
    /// Sex, if told.
    pub sex: Option<String>,
    /// Whether a profile of the donor is searched.
    pub typed: bool,
}

/// A pedigree with the names of those in it and what its results have to be read with.
#[derive(Debug, Clone)]
pub struct PedigreeFile {
    /// The pedigree.
    pub view: PedigreeView,
    /// Cases of its missing persons; those that may not be seen any more are not there.
    pub cases: Vec<CaseName>,
    /// Its donors that may be seen.
    pub donors: Vec<DonorName>,
    /// Remains the search compares with.
    pub remains: i64,
}

/// Reads a pedigree with its names, audited.
///
/// # Errors
/// As [`read`].
pub async fn file(app: &App, actor: &Actor, id: PedigreeId) -> Result<PedigreeFile, ServiceError> {
    let view = read(app, actor, id).await?;
    let mut tx = begin(app, actor).await?;
    let mut of_cases: Vec<CaseName> = Vec::new();
    for missing in &view.missing {
        match cases::get(&mut tx, missing.case).await {
            Ok(row) => of_cases.push(CaseName { id: missing.case, folio: row.folio }),
            Err(DbError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let ids: Vec<Uuid> = view.donors.iter().map(|d| d.donor.0).collect();
    let typed: BTreeSet<Uuid> = profiles::of_donors(&mut tx, &ids).await?.into_iter().map(|(donor, ..)| donor).collect();
    let mut donors = Vec::new();
    for id in ids {
        match samples::donor(&mut tx, DonorId(id)).await {
            Ok(row) => {
                donors.push(DonorName { id: DonorId(id), code: row.code, relation: row.relation, sex: row.sex, typed: typed.contains(&id) })
            }
            Err(DbError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
    }
    let remains = profiles::remains_in_search(&mut tx).await?;
    tx.commit().await?;
    Ok(PedigreeFile { view, cases: of_cases, donors, remains })
}
