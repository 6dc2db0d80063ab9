//! Possible duplicates: the list, the page of one, and what people decide. A link merges nothing and changes neither record, nor its consents, nor its
//! owner. It takes a word of every owner; any owner's word ends it or says that the two are not of one person.

use super::ServiceError;
use super::cases::CaseView;
use super::found::FoundView;
use super::hypotheses::{SeenEvidence, cut_evidence};
use super::once::{self, Done};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::duplicates::{self, DuplicateFilter, DuplicateLine, DuplicateRow, NewStep, StepLine};
use crate::db::forms::OnceKey;
use crate::db::hypotheses::{OddsKey, StoredEvidence};
use crate::db::{Tx, accounts, cases, found, queue};
use crate::domain::actor::{Actor, MissingRight};
use crate::domain::authority::Right;
use crate::domain::disclosure::Sight;
use crate::domain::duplicate::{Agreed, DuplicateCommand, DuplicateKind, DuplicateState};
use crate::domain::ids::{AuthorityId, CaseId, DuplicateId, FoundId};
use crate::domain::violations::Violations;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const fn read_right(kind: DuplicateKind) -> Right {
    match kind {
        DuplicateKind::Case => Right::ReadCases,
        DuplicateKind::FoundRecord => Right::ReadFound,
    }
}

const fn write_right(kind: DuplicateKind) -> Right {
    match kind {
        DuplicateKind::Case => Right::WriteCases,
        DuplicateKind::FoundRecord => Right::WriteFound,
    }
}

/// Whoever may change neither kind of record decides nothing; said before it is looked whether there is such a pair.
///
/// # Errors
/// [`MissingRight`].
pub fn may_decide_any(actor: &Actor) -> Result<(), MissingRight> {
    if actor.may(Right::WriteFound) { Ok(()) } else { actor.require(Right::WriteCases) }
}

/// One page of the authority's possible duplicates, of the kinds that the actor may read, strongest first; audited. Their evidence is cut as on the
/// page of one.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: &DuplicateFilter,
    after: Option<OddsKey>,
    limit: i64,
) -> Result<Vec<DuplicateLine>, ServiceError> {
    actor.require(Right::ReadHypotheses)?;
    let readable: Vec<DuplicateKind> = DuplicateKind::ALL.iter().copied().filter(|kind| actor.may(read_right(*kind))).collect();
    let kind = match (filter.kind, readable.as_slice()) {
        (Some(kind), _) => {
            actor.require(read_right(kind))?;
            Some(kind)
        }
        (None, [only]) => Some(*only),
        (None, _) => None,
    };
    let filter = DuplicateFilter { kind, ..filter.clone() };
    let mut tx = app.pool.begin_for(actor).await?;
    let mut lines = duplicates::list(&mut tx, actor.authority, &filter, after, limit.clamp(1, 200)).await?;
    for line in &mut lines {
        let sight =
            |owner: Uuid, shared: &[String]| Sight::decide(AuthorityId(owner), actor.authority, shared.iter().filter_map(|c| c.parse().ok()));
        let (one, two) = (sight(line.one_authority, &line.one_shared), sight(line.two_authority, &line.two_shared));
        let stored: Vec<StoredEvidence> = serde_json::from_value(std::mem::take(&mut line.evidence)).unwrap_or_default();
        line.evidence = super::cases::to_json(&cut_evidence(&stored, Some(&one), Some(&two)));
    }
    let event = Event::on_many("list", "possible_duplicate", lines.iter().map(|l| l.id).collect(), None);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(lines)
}

/// The links of a record that the actor may see, for a page that shows it; read as part of that page.
pub(super) async fn links_of(tx: &mut Tx, actor: &Actor, kind: DuplicateKind, id: Uuid) -> Result<Vec<DuplicateLine>, ServiceError> {
    if !actor.may(read_right(kind)) {
        return Ok(Vec::new());
    }
    let filter = DuplicateFilter { kind: Some(kind), state: Some(DuplicateState::Linked), record: Some(id) };
    Ok(duplicates::list(tx, actor.authority, &filter, None, 10).await?)
}

/// One of the two records, cut to what the reader may see.
#[derive(Debug, Clone)]
pub enum RecordView {
    /// A case.
    Case(Box<CaseView>),
    /// A found record.
    Found(Box<FoundView>),
}

impl RecordView {
    /// What may be seen of it.
    #[must_use]
    pub fn sight(&self) -> &Sight {
        match self {
            Self::Case(view) => &view.sight,
            Self::Found(view) => &view.sight,
        }
    }

    /// Its folio.
    #[must_use]
    pub fn folio(&self) -> &str {
        match self {
            Self::Case(view) => &view.row.folio,
            Self::Found(view) => &view.row.folio,
        }
    }
}

/// A possible duplicate as its page shows it.
#[derive(Debug, Clone)]
pub struct DuplicateView {
    /// The row.
    pub row: DuplicateRow,
    /// Both records in the order of the row, cut; `None` for one that this reader may not see.
    pub records: [Option<RecordView>; 2],
    /// The institutions that own them.
    pub institutions: [String; 2],
    /// The evidence, cut the same way; it adds up all the same.
    pub evidence: Vec<SeenEvidence>,
    /// What this reader can decide now.
    pub legal: Vec<DuplicateCommand>,
    /// Every step so far, newest first.
    pub steps: Vec<StepLine>,
}

/// What an actor can decide: nothing without the right; a link only while the own institution's word is not in.
fn legal(actor: &Actor, row: &DuplicateRow) -> Vec<DuplicateCommand> {
    let said = row.agreed_by == Some(actor.authority.0);
    let possible = row.state().legal().into_iter().filter(|c| *c != DuplicateCommand::Link || !said);
    if actor.may(write_right(row.kind())) { possible.collect() } else { Vec::new() }
}

async fn record(tx: &mut Tx, actor: &Actor, kind: DuplicateKind, id: Uuid) -> Result<Option<RecordView>, ServiceError> {
    let view = match kind {
        DuplicateKind::Case => super::cases::view(tx, actor, CaseId(id)).await.map(|v| RecordView::Case(Box::new(v))),
        DuplicateKind::FoundRecord => super::found::view(tx, actor, FoundId(id)).await.map(|v| RecordView::Found(Box::new(v))),
    };
    match view {
        Ok(view) => Ok(Some(view)),
        Err(ServiceError::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Reads a possible duplicate with both records as far as the actor may see them, audited for both owners.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none that the actor may know of.
pub async fn read(app: &App, actor: &Actor, id: DuplicateId) -> Result<DuplicateView, ServiceError> {
    actor.require(Right::ReadHypotheses)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = duplicates::get(&mut tx, id).await?;
    let kind = row.kind();
    if !actor.may(read_right(kind)) {
        return Err(ServiceError::NotFound);
    }
    let records = [record(&mut tx, actor, kind, row.one_id).await?, record(&mut tx, actor, kind, row.two_id).await?];
    let [(_, one), (_, two)] = row.records();
    let institutions = [accounts::authority(&mut tx, one).await?.name, accounts::authority(&mut tx, two).await?.name];
    let stored: Vec<StoredEvidence> = serde_json::from_value(row.evidence.clone()).unwrap_or_default();
    let [one, two] = [&records[0], &records[1]].map(|r| r.as_ref().map(RecordView::sight));
    let evidence = cut_evidence(&stored, one, two);
    let steps = duplicates::steps(&mut tx, id).await?;
    for (subject, owner) in row.records() {
        let event = Event::on("read_in_possible_duplicate", kind.as_str(), subject, owner);
        audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    }
    let event = Event::on("read", "possible_duplicate", id, actor.authority);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(DuplicateView { legal: legal(actor, &row), row, records, institutions, evidence, steps })
}

/// A decision about a possible duplicate.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateMove {
    /// link, `mark_not_duplicate` or unlink.
    pub command: DuplicateCommand,
    /// Why. The other institution reads it.
    pub reason: String,
}

fn check_reason(reason: &str) -> Result<(), Violations> {
    let mut faults = Violations::default();
    if reason.trim().is_empty() {
        faults.add("/reason", "empty", "say why");
    }
    faults.check_text("/reason", reason, 1000);
    faults.into_result()
}

/// Links, says that the two are not of one person, or takes a link back, if the pair is still at revision `rev`. A link across institutions waits for
/// the other's word. Returns the new state and revision.
///
/// # Errors
/// [`ServiceError::IllegalDuplicate`] with the legal steps; [`ServiceError::Stale`]; [`ServiceError::Refused`] when the own institution's word is in
/// already, or a case rests under the other; [`ServiceError::Invalid`] without a reason.
pub async fn command(app: &App, actor: &Actor, id: DuplicateId, rev: i32, wanted: DuplicateMove) -> Result<(DuplicateState, i32), ServiceError> {
    may_decide_any(actor)?;
    check_reason(&wanted.reason)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = duplicates::get(&mut tx, id).await?;
    if !actor.may(read_right(row.kind())) {
        return Err(ServiceError::NotFound);
    }
    actor.require(write_right(row.kind()))?;
    if row.rev != rev {
        row.state().apply(wanted.command, Agreed::All)?;
        return Err(ServiceError::Stale(row.rev));
    }
    let next = decide(&mut tx, app, actor, &row, &wanted).await?;
    tx.commit().await?;
    Ok((next, rev + 1))
}

/// [`command`] inside a transaction, on the row as read in it.
async fn decide(tx: &mut Tx, app: &App, actor: &Actor, row: &DuplicateRow, wanted: &DuplicateMove) -> Result<DuplicateState, ServiceError> {
    let one_owner = row.one_authority == row.two_authority;
    let ours = Some(actor.authority.0);
    let agreed = if one_owner || row.agreed_by.is_some_and(|a| Some(a) != ours) { Agreed::All } else { Agreed::One };
    let before = row.state();
    let next = before.apply(wanted.command, agreed)?;
    if wanted.command == DuplicateCommand::Link && row.agreed_by == ours {
        return Err(ServiceError::Refused("your institution has said so; the other institution must agree".to_owned()));
    }
    if wanted.command == DuplicateCommand::Unlink && row.kind() == DuplicateKind::Case && rests_under(tx, row).await? {
        return Err(ServiceError::Refused("one of the cases rests under the other; reopen it first".to_owned()));
    }
    let now = app.now();
    let agreed_by = (next == DuplicateState::LinkProposed).then_some(actor.authority);
    if !duplicates::set_state(tx, (DuplicateId(row.id), row.rev), next, agreed_by, now).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    log(tx, app, actor, row.id, (wanted, Some(before), next)).await?;
    Ok(next)
}

/// Writes a step to the log of the pair and to the audit.
async fn log(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    id: Uuid,
    (step, from, to): (&DuplicateMove, Option<DuplicateState>, DuplicateState),
) -> Result<(), ServiceError> {
    let line = NewStep {
        id: app.ids.next(),
        possible_duplicate_id: id,
        authority_id: actor.authority.0,
        author: actor.user.0,
        command: step.command.to_string(),
        from_state: from.map(|s| s.to_string()),
        to_state: to.to_string(),
        reason: step.reason.trim().to_owned(),
        at: app.now(),
    };
    duplicates::insert_step(tx, &line).await?;
    let detail = serde_json::json!({ "command": step.command, "from": from, "to": to });
    let event = Event::on("command", "possible_duplicate", id, actor.authority).detail(detail);
    audit::append(tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    Ok(())
}

/// Whether one of two linked cases rests under the other.
async fn rests_under(tx: &mut Tx, row: &DuplicateRow) -> Result<bool, ServiceError> {
    for (case, other) in [(row.one_id, row.two_id), (row.two_id, row.one_id)] {
        match cases::get(tx, CaseId(case)).await {
            Ok(case) if case.duplicate_of == Some(other) => return Ok(true),
            Ok(_) | Err(crate::db::DbError::NotFound) => {}
            Err(fault) => return Err(fault.into()),
        }
    }
    Ok(false)
}

/// Two records that somebody knows to be of one person.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDuplicate {
    /// Of which kind both are.
    pub kind: DuplicateKind,
    /// Folio of a record of the own institution.
    pub folio: String,
    /// Folio of the other, its own or another institution's.
    pub other_folio: String,
    /// Why. The other institution reads it.
    pub reason: String,
}

/// The record of a folio that the actor may see.
async fn by_folio(tx: &mut Tx, kind: DuplicateKind, folio: &str) -> Result<Option<(Uuid, AuthorityId)>, ServiceError> {
    let folio = folio.trim().to_uppercase();
    Ok(match kind {
        DuplicateKind::Case => cases::find_by_folio(tx, &folio).await?.map(|c| (c.id, c.owner())),
        DuplicateKind::FoundRecord => found::find_by_folio(tx, &folio).await?.map(|f| (f.id, f.owner())),
    })
}

/// Links two records by their folios, whether or not the engine proposed them; across institutions the link waits for the other's word. The engine
/// weighs a new pair afterwards. Returns the pair. Once per key: the same request sent again makes nothing again.
///
/// # Errors
/// [`ServiceError::Invalid`] for a folio that names no record the actor may see, or none that may be compared; [`ServiceError::IllegalDuplicate`] when
/// the pair is linked already; [`ServiceError::Reused`].
pub async fn link(app: &App, actor: &Actor, key: Option<&OnceKey>, new: &NewDuplicate) -> Result<Done<DuplicateId>, ServiceError> {
    may_decide_any(actor)?;
    actor.require(write_right(new.kind))?;
    check_reason(&new.reason)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let pair = pair_of(&mut tx, actor, new).await?;
    let [one, two] = pair.records;
    let existing = duplicates::of_pair(&mut tx, one.0, two.0).await?;
    let made = existing.as_ref().map_or_else(|| DuplicateId::new(&*app.ids), |row| DuplicateId(row.id));
    if let Some(before) = once::claim(&mut tx, app, actor, key, made.0).await? {
        tx.rollback().await?;
        return Ok(Done::again(DuplicateId(before)));
    }
    let wanted = DuplicateMove { command: DuplicateCommand::Link, reason: new.reason.clone() };
    if let Some(row) = existing {
        decide(&mut tx, app, actor, &row, &wanted).await?;
        tx.commit().await?;
        return Ok(Done::first(made));
    }
    let row = new_row(app, made, &pair, actor);
    duplicates::insert(&mut tx, &row).await.map_err(|e| match e {
        crate::db::DbError::Unique(_) => ServiceError::Taken("this pair".to_owned()),
        other => other.into(),
    })?;
    log(&mut tx, app, actor, made.0, (&wanted, None, row.state())).await?;
    queue::enqueue(&mut tx, "match_records", serde_json::json!({ "kind": new.kind, "ids": [one.0] }), None, 10).await?;
    tx.commit().await?;
    Ok(Done::first(made))
}

/// Two records that may be linked.
struct Pair {
    kind: DuplicateKind,
    /// The lower id first.
    records: [(Uuid, AuthorityId); 2],
    visible_to: Vec<Uuid>,
}

async fn pair_of(tx: &mut Tx, actor: &Actor, new: &NewDuplicate) -> Result<Pair, ServiceError> {
    let mut faults = Violations::default();
    let own = by_folio(tx, new.kind, &new.folio).await?.filter(|(_, owner)| *owner == actor.authority);
    let other = by_folio(tx, new.kind, &new.other_folio).await?.filter(|(id, _)| own.is_none_or(|(own, _)| own != *id));
    let (Some(own), Some(other)) = (own, other) else {
        if own.is_none() {
            faults.add("/folio", "unknown", "names no record of your institution");
        }
        if other.is_none() {
            faults.add("/other_folio", "unknown", "names no other record that you may see");
        }
        return Err(faults.into());
    };
    let records = if own.0 < other.0 { [own, other] } else { [other, own] };
    let visible_to = duplicates::audience(tx, new.kind, records).await?;
    if !visible_to.contains(&actor.authority.0) || !duplicates::comparable(tx, new.kind, records.map(|(id, _)| id)).await? {
        faults.add(
            "/other_folio",
            "not_comparable",
            "may not be compared with it: remains are linked with remains only, and consent may be missing",
        );
        return Err(faults.into());
    }
    Ok(Pair { kind: new.kind, records, visible_to })
}

/// A pair linked by hand, not weighed yet.
fn new_row(app: &App, id: DuplicateId, pair: &Pair, actor: &Actor) -> DuplicateRow {
    let [(one_id, one), (two_id, two)] = pair.records;
    let state = if one == two { DuplicateState::Linked } else { DuplicateState::LinkProposed };
    let now = app.now();
    DuplicateRow {
        id: id.0,
        kind: pair.kind.to_string(),
        one_id,
        two_id,
        one_authority: one.0,
        two_authority: two.0,
        visible_to: pair.visible_to.clone(),
        origin: "manual".to_owned(),
        state: state.to_string(),
        agreed_by: (state == DuplicateState::LinkProposed).then_some(actor.authority.0),
        model: "unweighed".to_owned(),
        log10_odds: 0.0,
        log10_prior: 0.0,
        probability: 0.5,
        coverage: 0.0,
        band: "very_weak".to_owned(),
        evidence: serde_json::json!([]),
        rev: 1,
        created_at: now,
        updated_at: now,
    }
}

/// The case of the same authority under which a case rests from now on: of those it is linked to, the one registered first.
///
/// # Errors
/// [`ServiceError::Refused`] when it is linked to none, or another case rests under it.
pub(super) async fn master_of(tx: &mut Tx, actor: &Actor, case: CaseId) -> Result<CaseId, ServiceError> {
    if cases::has_resting(tx, case).await? {
        return Err(ServiceError::Refused("another case rests under this one; reopen that one first".to_owned()));
    }
    let masters = duplicates::linked_own_cases(tx, actor.authority, case.0).await?;
    let first = masters.first().ok_or_else(|| {
        ServiceError::Refused("link it to another case of your institution first, on the page of the possible duplicate or by folio".to_owned())
    })?;
    Ok(CaseId(*first))
}
