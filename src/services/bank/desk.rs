//! What the bank's pages show at once: the bench, a sample with what is around it, a donor, a family.

use super::custody::{self, Reception};
use super::donors::{self, DonorView};
use super::samples::{self, SampleView};
use crate::app::App;
use crate::db::accounts;
use crate::db::cases::Keyset;
use crate::db::samples::{self as rows, OpenHandOver, SampleFilter, SampleLine, SampleRow};
use crate::db::{DbError, Tx, cases, found, remains};
use crate::domain::actor::Actor;
use crate::domain::authority::{AuthorityKind, Right};
use crate::domain::ids::{AuthorityId, CaseId, CustodyEventId, DonorId, ElementId, FoundId, RemainsId, SampleId};
use crate::domain::sample::SampleSource;
use crate::services::ServiceError;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Samples in a list of a page.
const MOST_LINES: i64 = 100;

/// The kinds of institutions that keep samples: what a donor consents to, and to whom a sample is handed.
pub const KEEPERS: [AuthorityKind; 6] = [
    AuthorityKind::ForensicBank,
    AuthorityKind::ForensicService,
    AuthorityKind::Laboratory,
    AuthorityKind::Prosecutor,
    AuthorityKind::SearchCommission,
    AuthorityKind::Hospital,
];

/// What is not there or may not be seen is `None`.
fn seen<T>(read: Result<T, DbError>) -> Result<Option<T>, ServiceError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(DbError::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

async fn institutions(tx: &mut Tx) -> Result<BTreeMap<Uuid, String>, ServiceError> {
    Ok(accounts::authorities(tx).await?.into_iter().map(|a| (a.id, a.name)).collect())
}

/// The bench: how many samples stand where, what is on its way, one page of samples.
#[derive(Debug, Clone)]
pub struct Bench {
    /// The institution's samples by state.
    pub counts: Vec<(String, i64)>,
    /// Open hand-overs from and to it.
    pub hand_overs: Vec<OpenHandOver>,
    /// Samples it holds or was handed.
    pub samples: Vec<SampleLine>,
    /// Names of institutions by id.
    pub institutions: BTreeMap<Uuid, String>,
}

/// Puts the bench together, audited.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn bench(app: &App, actor: &Actor, filter: &SampleFilter, after: Option<Keyset>, limit: i64) -> Result<Bench, ServiceError> {
    let samples = samples::list(app, actor, filter, after, limit).await?;
    let hand_overs = custody::open_hand_overs(app, actor).await?;
    let mut tx = app.pool.begin_for(actor).await?;
    let counts = rows::count_by_state(&mut tx, actor.authority).await?;
    let institutions = institutions(&mut tx).await?;
    tx.commit().await?;
    Ok(Bench { counts, hand_overs, samples, institutions })
}

/// An institution a sample can be handed to.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
}

/// A donor as a sample's page names one.
#[derive(Debug, Clone)]
pub struct DonorNamed {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// What the donor is to the missing person.
    pub relation: String,
}

/// A sample with what is around it.
#[derive(Debug, Clone)]
pub struct SampleFile {
    /// The sample.
    pub view: SampleView,
    /// Of a relative: the donor, without a name.
    pub donor: Option<DonorNamed>,
    /// The case it serves, where it may be seen: id and folio.
    pub case: Option<(Uuid, String)>,
    /// The found record it is of, where it may be seen: id, folio and whether it is the reader's own.
    pub found: Option<(Uuid, String, bool)>,
    /// The remains it is of, where they may be seen: id and code.
    pub remains: Option<(Uuid, String)>,
    /// The element it is of, where it may be seen: its code.
    pub element: Option<String>,
    /// The sample it was taken from, where it may be seen: id and code.
    pub parent: Option<(Uuid, String)>,
    /// Names of institutions by id.
    pub institutions: BTreeMap<Uuid, String>,
    /// Names of the reader's own colleagues by id; people of other institutions have none here.
    pub people: BTreeMap<Uuid, String>,
    /// To whom it can be handed.
    pub receivers: Vec<Receiver>,
}

async fn around(tx: &mut Tx, actor: &Actor, view: SampleView) -> Result<SampleFile, ServiceError> {
    let row = &view.row;
    let donor = match row.donor_id {
        Some(id) => seen(rows::donor(tx, DonorId(id)).await)?,
        None => None,
    };
    let case = match row.case_id.or(donor.as_ref().map(|d| d.case_id)) {
        Some(id) => seen(cases::get(tx, CaseId(id)).await)?.map(|c| (c.id, c.folio)),
        None => None,
    };
    let found = match row.found_id {
        Some(id) => seen(found::get(tx, FoundId(id)).await)?,
        None => None,
    };
    let parent = match row.parent_id {
        Some(id) => seen(rows::get(tx, SampleId(id)).await)?.map(|s| (s.id, s.code)),
        None => None,
    };
    let remains = match row.remains_id {
        Some(id) => seen(remains::get(tx, RemainsId(id)).await)?.map(|r| (r.id, r.code)),
        None => None,
    };
    let element = match row.element_id {
        Some(id) => seen(remains::element(tx, ElementId(id)).await)?.map(|e| e.code),
        None => None,
    };
    let authorities = accounts::authorities(tx).await?;
    let others = authorities.iter().filter(|a| a.id != actor.authority.0 && KEEPERS.contains(&a.kind()));
    let mut receivers: Vec<Receiver> = others.map(|a| Receiver { id: a.id, name: a.name.clone() }).collect();
    receivers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(SampleFile {
        donor: donor.map(|d| DonorNamed { id: d.id, code: d.code, relation: d.relation }),
        case,
        found: found.map(|f| (f.id, f.folio.clone(), f.owner() == actor.authority)),
        parent,
        remains,
        element,
        people: accounts::names_of(tx, actor.authority).await?.into_iter().collect(),
        institutions: authorities.into_iter().map(|a| (a.id, a.name)).collect(),
        receivers,
        view,
    })
}

/// Reads a sample with what is around it, audited.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but its owner and those it was handed to.
pub async fn sample(app: &App, actor: &Actor, id: SampleId) -> Result<SampleFile, ServiceError> {
    let view = samples::read(app, actor, id).await?;
    let mut tx = app.pool.begin_for(actor).await?;
    let file = around(&mut tx, actor, view).await?;
    tx.commit().await?;
    Ok(file)
}

/// A donor with the case and the samples.
#[derive(Debug, Clone)]
pub struct DonorFile {
    /// The donor.
    pub donor: DonorView,
    /// The case's folio, where it may be seen.
    pub folio: Option<String>,
    /// The donor's samples, as far as the reader may see them.
    pub samples: Vec<SampleLine>,
}

/// Reads a donor with the samples, audited.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn donor(app: &App, actor: &Actor, id: DonorId) -> Result<DonorFile, ServiceError> {
    let donor = donors::read(app, actor, id).await?;
    let filter = SampleFilter { donor: Some(id.0), ..SampleFilter::default() };
    let samples = samples::list(app, actor, &filter, None, MOST_LINES).await?;
    let mut tx = app.pool.begin_for(actor).await?;
    let folio = seen(cases::get(&mut tx, donor.case).await)?.map(|c| c.folio);
    tx.commit().await?;
    Ok(DonorFile { donor, folio, samples })
}

/// The donors of a case and every sample that serves it.
#[derive(Debug, Clone)]
pub struct Family {
    /// The case's folio.
    pub folio: String,
    /// Donors.
    pub donors: Vec<DonorView>,
    /// Samples, of donors and of the missing person's own things.
    pub samples: Vec<SampleLine>,
}

/// Reads the donors and samples of a case, audited.
///
/// # Errors
/// [`ServiceError::NotFound`] for a case that may not be seen.
pub async fn family(app: &App, actor: &Actor, case: CaseId) -> Result<Family, ServiceError> {
    let folio = case_folio(app, actor, case).await?;
    let donors = donors::of_case(app, actor, case).await?;
    let filter = SampleFilter { case: Some(case.0), ..SampleFilter::default() };
    let samples = samples::list(app, actor, &filter, None, MOST_LINES).await?;
    Ok(Family { folio, donors, samples })
}

/// The folio of a case, for a form about it.
///
/// # Errors
/// [`ServiceError::NotFound`] for a case that may not be seen.
pub async fn case_folio(app: &App, actor: &Actor, case: CaseId) -> Result<String, ServiceError> {
    actor.require(Right::ReadSamples)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = cases::get(&mut tx, case).await?;
    tx.commit().await?;
    Ok(row.folio)
}

/// Whom a sample to be taken is of, by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A donor.
    Donor(DonorId),
    /// The missing person of a case.
    Case(CaseId),
    /// Remains.
    Found(FoundId),
    /// Another sample, of which it is a part.
    Part(SampleId),
}

/// The same as a form names it.
#[derive(Debug, Clone)]
pub struct OriginNamed {
    /// The kind of source.
    pub source: SampleSource,
    /// Code or folio.
    pub number: String,
    /// Of a donor: what they are to the missing person.
    pub relation: Option<String>,
    /// Whether a donor's consent covers this institution; true where there is no donor.
    pub covered: bool,
    /// The donor, where there is one.
    pub donor: Option<DonorId>,
}

impl OriginNamed {
    fn plain(source: SampleSource, number: String) -> Self {
        Self { source, number, relation: None, covered: true, donor: None }
    }
}

/// Names whom a sample to be taken is of.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn origin(app: &App, actor: &Actor, of: Origin) -> Result<OriginNamed, ServiceError> {
    actor.require(Right::ReadSamples)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let mut named = match of {
        Origin::Donor(id) => donor_named(&mut tx, id).await?,
        Origin::Case(id) => OriginNamed::plain(SampleSource::DirectReference, cases::get(&mut tx, id).await?.folio),
        Origin::Found(id) => OriginNamed::plain(SampleSource::Remains, found::get(&mut tx, id).await?.folio),
        Origin::Part(id) => part_named(rows::get(&mut tx, id).await?),
    };
    if let Some(donor) = named.donor {
        named.covered = rows::donor_consents(&mut tx, donor, actor.authority).await?;
    }
    tx.commit().await?;
    Ok(named)
}

async fn donor_named(tx: &mut Tx, id: DonorId) -> Result<OriginNamed, ServiceError> {
    let donor = rows::donor(tx, id).await?;
    Ok(OriginNamed { relation: Some(donor.relation), donor: Some(id), ..OriginNamed::plain(SampleSource::Relative, donor.code) })
}

fn part_named(row: SampleRow) -> OriginNamed {
    let source = row.source.parse().unwrap_or(SampleSource::Remains);
    OriginNamed { donor: row.donor_id.map(DonorId), ..OriginNamed::plain(source, row.code) }
}

/// Whom a typed code or folio means, for a source; `None` when nobody that may be seen has it.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn origin_by_number(app: &App, actor: &Actor, source: SampleSource, number: &str) -> Result<Option<Origin>, ServiceError> {
    actor.require(Right::ReadSamples)?;
    let number = number.trim().to_uppercase();
    let mut tx = app.pool.begin_for(actor).await?;
    let origin = match source {
        SampleSource::Relative => rows::find_donor(&mut tx, &number).await?.map(|d| Origin::Donor(DonorId(d.id))),
        SampleSource::DirectReference => cases::find_by_folio(&mut tx, &number).await?.map(|c| Origin::Case(CaseId(c.id))),
        SampleSource::Remains => found::find_by_folio(&mut tx, &number).await?.map(|f| Origin::Found(FoundId(f.id))),
        SampleSource::Staff => None,
    };
    tx.commit().await?;
    Ok(origin)
}

/// Names of the reader's own colleagues, whose own samples keep contamination from being taken for a hit.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn colleagues(app: &App, actor: &Actor) -> Result<Vec<(Uuid, String)>, ServiceError> {
    actor.require(Right::WriteSamples)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let names = accounts::names_of(&mut tx, actor.authority).await?;
    tx.commit().await?;
    Ok(names)
}

/// The name of an institution.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn institution(app: &App, actor: &Actor, id: Uuid) -> Result<String, ServiceError> {
    actor.require(Right::ReadSamples)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = accounts::authority(&mut tx, AuthorityId(id)).await?;
    tx.commit().await?;
    Ok(row.name)
}

/// Says that a sample came, as [`custody::receive`]; which sample it is and its state then.
///
/// # Errors
/// As [`custody::receive`].
pub async fn receive(app: &App, actor: &Actor, hand_over: CustodyEventId, new: Reception) -> Result<(SampleId, String), ServiceError> {
    let written = custody::receive(app, actor, hand_over, new).await?;
    let mut tx = app.pool.begin_for(actor).await?;
    let sample = rows::sample_of_line(&mut tx, written.id).await?;
    tx.commit().await?;
    Ok((sample, written.state))
}
