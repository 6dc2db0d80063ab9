//! Reading cases: one as far as the reader may see it, the own file, lists and counts.

use crate::app::App;
use crate::db::audit::{self, AccessLine, Event, MoveLine, Who};
use crate::db::cases::{self, ActionRow, CaseFilter, CaseLine, CaseRow, InquirerRow, Keyset, LastContact, LegRow};
use crate::db::consents::{self, ConsentRow, SightLine};
use crate::db::information::{self, CaseInformation};
use crate::db::messages::{self, MessageRow};
use crate::db::{Tx, accounts, persons};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::case::CaseCommand;
use crate::domain::disclosure::Sight;
use crate::domain::ids::{AuthorityId, CaseId, UserId};
use crate::domain::person::Description;
use crate::services::ServiceError;
use uuid::Uuid;

/// A case as an audience may see it.
#[derive(Debug, Clone)]
pub struct CaseView {
    /// The row; of it, another authority is shown what `sight` covers.
    pub row: CaseRow,
    /// What may be seen.
    pub sight: Sight,
    /// The person, cut.
    pub person: Description,
    /// The last contact, cut.
    pub last_contact: Option<LastContact>,
    /// The journey; empty for others.
    pub journey: Vec<LegRow>,
}

/// Everything the owner's page of a case shows beside the case.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// The case.
    pub view: CaseView,
    /// Who searches.
    pub inquirers: Vec<InquirerRow>,
    /// What was and is to be done.
    pub actions: Vec<ActionRow>,
    /// Consents.
    pub consents: Vec<ConsentRow>,
    /// Who else sees it.
    pub sharing: Vec<SightLine>,
    /// Who has seen or changed it.
    pub access: Vec<AccessLine>,
    /// Messages.
    pub messages: Vec<MessageRow>,
    /// The moves that are possible now.
    pub legal: Vec<CaseCommand>,
    /// The moves that were made, newest first.
    pub moves: Vec<MoveLine>,
    /// The family's contact person: name and telephone.
    pub contact: Option<(String, Option<String>)>,
    /// How much comparing can tell of it; `None` before it was compared.
    pub information: Option<CaseInformation>,
}

/// What the actor may see of a subject: decided by `domain::disclosure` from what agreement, consent and purpose leave.
pub(crate) async fn sight(tx: &mut Tx, actor: &Actor, owner: AuthorityId, kind: &str, id: Uuid) -> Result<Sight, ServiceError> {
    if owner == actor.authority {
        return Ok(Sight::owner());
    }
    let shared = consents::shared_categories(tx, owner, kind, id, actor.authority, actor.purpose).await?;
    Ok(Sight::decide(owner, actor.authority, shared))
}

/// Reads a case inside a transaction, cut to what the actor may see; what may not be known is not found.
pub(crate) async fn view(tx: &mut Tx, actor: &Actor, id: CaseId) -> Result<CaseView, ServiceError> {
    let row = cases::get(tx, id).await?;
    let sight = sight(tx, actor, row.owner(), "case", id.0).await?;
    if sight.nothing() {
        return Err(ServiceError::NotFound);
    }
    let (_, whole) = persons::get(tx, row.person()).await?;
    let person = sight.description(&whole);
    let contact = cases::last_contact(tx, id).await?;
    let last_contact = if sight.is_owner() {
        Some(contact)
    } else {
        sight.place(&contact.place).map(|place| LastContact { place, circumstances: None, ..contact })
    };
    let journey = if sight.is_owner() { cases::legs(tx, id).await? } else { Vec::new() };
    Ok(CaseView { row, sight, person, last_contact, journey })
}

/// Reads a case and audits it.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none that the actor may know of.
pub async fn read(app: &App, actor: &Actor, id: CaseId) -> Result<CaseView, ServiceError> {
    if !(actor.may(Right::ReadCases) || actor.may(Right::PartnerQuery) || actor.may(Right::FollowMandates)) {
        return Err(ServiceError::NotFound);
    }
    let mut tx = app.pool.begin_for(actor).await?;
    let view = view(&mut tx, actor, id).await?;
    let fields = view.sight.categories().iter().map(ToString::to_string).collect();
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "case", id, view.row.owner()).fields(fields)).await?;
    tx.commit().await?;
    Ok(view)
}

/// Reads the owner's whole file of a case and audits it.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the owner's staff.
pub async fn file(app: &App, actor: &Actor, id: CaseId) -> Result<CaseFile, ServiceError> {
    actor.require(Right::ReadCases)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let view = view(&mut tx, actor, id).await?;
    if !view.sight.is_owner() {
        return Err(ServiceError::NotFound);
    }
    let owner = view.row.owner();
    let file = CaseFile {
        inquirers: cases::inquirers(&mut tx, id).await?,
        actions: cases::actions(&mut tx, id).await?,
        consents: consents::of_subject(&mut tx, id.0).await?,
        sharing: consents::who_can_see(&mut tx, owner, "case", id.0).await?,
        access: audit::of_subject(&mut tx, id.0, 50).await?,
        messages: messages::of_case(&mut tx, id).await?,
        legal: view.row.state().legal(),
        moves: audit::moves_of(&mut tx, id.0, 50).await?,
        information: information::of_case(&mut tx, id).await?,
        contact: match view.row.contact_user_id {
            Some(user) => accounts::contact(&mut tx, UserId(user)).await?,
            None => None,
        },
        view,
    };
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "case", id, owner)).await?;
    tx.commit().await?;
    Ok(file)
}

/// One page of the authority's cases. The search is audited by its digest and the ids it showed.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(app: &App, actor: &Actor, filter: &CaseFilter, after: Option<Keyset>, limit: i64) -> Result<Vec<CaseLine>, ServiceError> {
    actor.require(Right::ReadCases)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let lines = cases::list(&mut tx, actor.authority, filter, after, limit.clamp(1, 200)).await?;
    let event = Event::on_many("list", "case", lines.iter().map(|l| l.id).collect(), Some(actor.authority)).query(filter.q.as_deref());
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(lines)
}

/// How many of the authority's cases a filter leaves.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn count(app: &App, actor: &Actor, filter: &CaseFilter) -> Result<i64, ServiceError> {
    actor.require(Right::ReadCases)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let n = cases::count(&mut tx, actor.authority, filter).await?;
    tx.commit().await?;
    Ok(n)
}
