//! Custody: who had a sample, from whom, under which seal and in which condition. Lines are only added; a hand-over is ended by the receiver and nobody else;
//! a gap shows as a gap.

use crate::app::App;
use crate::db::Tx;
use crate::db::audit::{self, Event, Who};
use crate::db::samples::{self, OpenHandOver, SampleRow};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::custody::{self, BEGINNING, BrokenLedger, Condition, CustodyKind, CustodyLine, KeptLine};
use crate::domain::ids::{AuthorityId, CustodyEventId, DonorId, SampleId};
use crate::domain::sample::{SampleCommand, SampleState, identifier_norm};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A line to be written.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    kind: Option<CustodyKind>,
    answers: Option<CustodyEventId>,
    to: Option<(AuthorityId, Option<String>)>,
    seal: Option<String>,
    condition: Option<Condition>,
    location: Option<String>,
    temperature: Option<String>,
    discrepancy: Option<String>,
    reason: Option<String>,
    witness: Option<String>,
    due_at: Option<DateTime<Utc>>,
}

impl Entry {
    /// A line of a kind.
    pub(super) fn of(kind: CustodyKind) -> Self {
        Self { kind: Some(kind), ..Self::default() }
    }
}

/// Writes the next line of a sample's ledger in the caller's transaction and tells the audit of its number and hash.
pub(super) async fn append(tx: &mut Tx, app: &App, actor: &Actor, sample: &SampleRow, entry: Entry) -> Result<CustodyEventId, ServiceError> {
    let id = SampleId(sample.id);
    samples::lock_ledger(tx, id).await?;
    let lines = samples::ledger(tx, id).await?;
    let before: custody::Hash = match lines.last() {
        Some(last) => {
            last.hash.clone().try_into().map_err(|_| ServiceError::Internal(anyhow::anyhow!("a hash of the ledger is not 32 bytes")))?
        }
        None => BEGINNING,
    };
    let line = CustodyLine {
        id: CustodyEventId::new(&*app.ids),
        authority: actor.authority,
        user: actor.user,
        sample: id,
        seq: lines.last().map_or(0, |l| l.line.seq) + 1,
        kind: entry.kind.unwrap_or(CustodyKind::Registered).as_str().to_owned(),
        answers: entry.answers,
        to_authority: entry.to.as_ref().map(|t| t.0),
        to_name: entry.to.and_then(|t| t.1),
        seal: entry.seal,
        condition: entry.condition.map(|c| c.as_str().to_owned()),
        location: entry.location,
        temperature: entry.temperature,
        discrepancy: entry.discrepancy,
        reason: entry.reason,
        witness: entry.witness,
        due_at: entry.due_at,
        at: app.now(),
    };
    let hash = line.hash_after(&before);
    let detail = serde_json::json!({ "seq": line.seq, "kind": line.kind, "hash": hex::encode(hash) });
    let written = line.id;
    samples::append_line(tx, &KeptLine { line, before: before.to_vec(), hash: hash.to_vec() }).await?;
    audit::append(tx, &*app.ids, app.now(), &Who::from(actor), Event::on("custody", "sample", id, sample.owner()).detail(detail)).await?;
    Ok(written)
}

/// A sample's ledger and what its check says.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// The lines, in order.
    pub lines: Vec<KeptLine>,
    /// How many lines hold, or the first that is broken. None to whoever sees only a part of what the audit was told.
    pub check: Option<Result<usize, BrokenLedger>>,
    /// The hand-over that nobody has answered, if there is one.
    pub open: Option<CustodyEventId>,
    /// Who has the sample; nobody while it is on its way.
    pub holder: Option<AuthorityId>,
}

pub(super) async fn ledger(tx: &mut Tx, actor: &Actor, sample: &SampleRow) -> Result<Ledger, ServiceError> {
    let lines = samples::ledger(tx, SampleId(sample.id)).await?;
    let check =
        if sample.owner() == actor.authority { Some(custody::check(&lines, &samples::witnessed(tx, SampleId(sample.id)).await?)) } else { None };
    let (open, holder) = (open_of(&lines), holder(&lines, sample));
    Ok(Ledger { lines, check, open, holder })
}

fn open_of(lines: &[KeptLine]) -> Option<CustodyEventId> {
    let answered = |id: CustodyEventId| lines.iter().any(|l| l.line.answers == Some(id));
    lines.iter().rev().map(|l| &l.line).find(|l| l.kind == CustodyKind::HandedOver.as_str() && !answered(l.id)).map(|l| l.id)
}

/// A ledger that does not hold.
#[derive(Debug, Clone)]
pub struct BrokenOf {
    /// The sample's code.
    pub code: String,
    /// Its first broken line.
    pub fault: BrokenLedger,
}

/// Checks the ledgers of all samples of the institution. How many there are, and those that do not hold. Audited.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn check_all(app: &App, actor: &Actor) -> Result<(usize, Vec<BrokenOf>), ServiceError> {
    actor.require(Right::ReadSamples)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let all = samples::all_of(&mut tx, actor.authority).await?;
    let mut broken = Vec::new();
    for (id, code) in &all {
        let lines = samples::ledger(&mut tx, SampleId(*id)).await?;
        if let Err(fault) = custody::check(&lines, &samples::witnessed(&mut tx, SampleId(*id)).await?) {
            broken.push(BrokenOf { code: code.clone(), fault });
        }
    }
    let event = Event::on_many("check_ledger", "sample", all.iter().map(|(id, _)| *id).collect(), Some(actor.authority));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok((all.len(), broken))
}

/// What is written of a sample by whoever has it.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCustody {
    /// What happened: anything but `registered` and `received`.
    pub kind: CustodyKind,
    /// Of a hand-over: to which institution.
    #[serde(default)]
    pub to: Option<AuthorityId>,
    /// And to whom there, or by whom it is carried.
    #[serde(default)]
    pub to_name: Option<String>,
    /// The number of the seal.
    #[serde(default)]
    pub seal: Option<String>,
    /// Where it is put.
    #[serde(default)]
    pub location: Option<String>,
    /// Temperature, in words.
    #[serde(default)]
    pub temperature: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// Of a destruction: the second person.
    #[serde(default)]
    pub witness: Option<String>,
    /// Of a hand-over: when it should have come.
    #[serde(default)]
    pub due_at: Option<DateTime<Utc>>,
}

impl NewCustody {
    fn check(&self) -> Result<SampleCommand, Violations> {
        use CustodyKind as K;
        let mut faults = Violations::default();
        let texts = [
            ("/to_name", &self.to_name),
            ("/seal", &self.seal),
            ("/location", &self.location),
            ("/temperature", &self.temperature),
            ("/reason", &self.reason),
            ("/witness", &self.witness),
        ];
        for (pointer, text) in texts {
            if let Some(text) = text {
                faults.check_text(pointer, text, 500);
            }
        }
        let empty = |text: &Option<String>| text.as_ref().is_none_or(|t| t.trim().is_empty());
        let mut needs = |missing: bool, pointer: &str, message: &str| {
            if missing {
                faults.add(pointer, "empty", message);
            }
        };
        match self.kind {
            K::HandedOver => needs(self.to.is_none(), "/to", "say to which institution it is handed over"),
            K::Sealed => needs(empty(&self.seal), "/seal", "write the number of the seal"),
            K::Stored => needs(empty(&self.location), "/location", "write where it is put"),
            K::Destroyed => needs(empty(&self.witness), "/witness", "a destruction has a witness: write who it was"),
            K::DiscrepancyResolved => needs(empty(&self.reason), "/reason", "write how it was cleared up"),
            _ => {}
        }
        if self.kind != K::HandedOver && (self.to.is_some() || self.due_at.is_some()) {
            faults.add("/to", "not_a_hand_over", "only a hand-over has a receiver");
        }
        if matches!(self.kind, K::Registered | K::Received) {
            faults.add(
                "/kind",
                "not_by_hand",
                "a sample is registered once, and only its receiver writes that it came, as an answer to the hand-over",
            );
        }
        faults.into_result()?;
        Ok(command_of(self.kind))
    }
}

/// The move of a sample that a line of its ledger tells.
const fn command_of(kind: CustodyKind) -> SampleCommand {
    use CustodyKind as K;
    match kind {
        K::Sealed => SampleCommand::Seal,
        K::HandedOver => SampleCommand::HandOver,
        K::DiscrepancyResolved => SampleCommand::ResolveDiscrepancy,
        K::Stored => SampleCommand::Store,
        K::Opened => SampleCommand::BeginExtraction,
        K::Consumed => SampleCommand::Exhaust,
        K::SearchStopped => SampleCommand::StopSearch,
        K::Destroyed => SampleCommand::Destroy,
        K::Registered => SampleCommand::Collect,
        K::Received => SampleCommand::Receive,
    }
}

/// The lines that whoever has a sample in this state may write.
#[must_use]
pub fn possible(state: SampleState) -> Vec<CustodyKind> {
    let by_hand = CustodyKind::ALL.iter().copied().filter(|k| !matches!(k, CustodyKind::Registered | CustodyKind::Received));
    by_hand.filter(|k| state.after(command_of(*k)).is_some()).collect()
}

/// Where a ledger stands after a line.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Written {
    /// The line.
    pub id: CustodyEventId,
    /// The sample's state after it.
    pub state: String,
    /// The sample's revision.
    #[serde(rename = "revision")]
    pub rev: i32,
}

/// Writes a line of a sample that is still at revision `rev`. Only whoever has it may: its owner until it is handed over, then the last receiver.
///
/// # Errors
/// [`ServiceError::Invalid`]; [`ServiceError::IllegalSample`] when its state does not allow it; [`ServiceError::Refused`] when somebody else has it;
/// [`ServiceError::Stale`]; [`ServiceError::NotFound`].
pub async fn write(app: &App, actor: &Actor, id: SampleId, rev: i32, new: NewCustody) -> Result<Written, ServiceError> {
    actor.require(Right::WriteSamples)?;
    let command = new.check()?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = samples::get(&mut tx, id).await?;
    samples::lock_ledger(&mut tx, id).await?;
    let lines = samples::ledger(&mut tx, id).await?;
    if holder(&lines, &row) != Some(actor.authority) {
        return Err(ServiceError::Refused("somebody else has the sample: what happens to it there is theirs to write".to_owned()));
    }
    if new.to == Some(actor.authority) {
        let mut faults = Violations::default();
        faults.add("/to", "same", "a hand-over within the institution is a storing at another place");
        return Err(faults.into());
    }
    if let (Some(to), Some(donor)) = (new.to, row.donor_id)
        && !samples::donor_consents(&mut tx, DonorId(donor), to).await?
    {
        let mut faults = Violations::default();
        faults.add("/to", "no_consent", "no live consent of the donor covers that institution's keeping the sample");
        return Err(faults.into());
    }
    let state = row.state().apply(command)?;
    if !samples::set_state(&mut tx, id, rev, state, app.now()).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    let entry = Entry {
        to: new.to.map(|to| (to, new.to_name)),
        seal: new.seal,
        location: new.location,
        temperature: new.temperature,
        reason: new.reason,
        witness: new.witness,
        due_at: new.due_at,
        ..Entry::of(new.kind)
    };
    let line = append(&mut tx, app, actor, &row, entry).await?;
    tx.commit().await?;
    Ok(Written { id: line, state: state.to_string(), rev: rev + 1 })
}

/// Who has a sample: its owner, or whoever last said that it came. Nobody while it is on its way.
fn holder(lines: &[KeptLine], row: &SampleRow) -> Option<AuthorityId> {
    if open_of(lines).is_some() {
        return None;
    }
    let received = lines.iter().rev().find(|l| l.line.kind == CustodyKind::Received.as_str());
    Some(received.map_or(row.owner(), |l| l.line.authority))
}

/// What the receiver says of a sample that came.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reception {
    /// The code on the label, scanned or typed in full.
    pub code: String,
    /// The seal as it arrived.
    #[serde(default)]
    pub seal: Option<String>,
    /// How it was.
    pub condition: Condition,
    /// What was not as it should be.
    #[serde(default)]
    pub discrepancy: Option<String>,
    /// Where it is now.
    #[serde(default)]
    pub location: Option<String>,
    /// Temperature, in words.
    #[serde(default)]
    pub temperature: Option<String>,
}

/// Says that a sample came: by the institution it was handed to, with the code on its label. A seal that is another than it left with, or a condition that
/// is not intact, makes it a discrepancy, which somebody has to clear up.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the receiver; [`ServiceError::Taken`] when it was answered; [`ServiceError::Invalid`] for another code.
pub async fn receive(app: &App, actor: &Actor, hand_over: CustodyEventId, new: Reception) -> Result<Written, ServiceError> {
    actor.require(Right::WriteSamples)?;
    let mut faults = Violations::default();
    for (pointer, text) in
        [("/seal", &new.seal), ("/discrepancy", &new.discrepancy), ("/location", &new.location), ("/temperature", &new.temperature)]
    {
        if let Some(text) = text {
            faults.check_text(pointer, text, 500);
        }
    }
    faults.check_text("/code", &new.code, 200);
    faults.into_result()?;
    let mut tx = app.pool.begin_for(actor).await?;
    let sample = samples::sample_of_line(&mut tx, hand_over).await?;
    samples::lock_ledger(&mut tx, sample).await?;
    let row = samples::get(&mut tx, sample).await?;
    let lines = samples::ledger(&mut tx, sample).await?;
    let handed = lines.iter().map(|l| &l.line).find(|l| l.id == hand_over && l.to_authority == Some(actor.authority));
    let Some(handed) = handed else { return Err(ServiceError::NotFound) };
    if lines.iter().any(|l| l.line.answers == Some(hand_over)) {
        return Err(ServiceError::Taken("the hand-over".to_owned()));
    }
    if identifier_norm(&new.code) != identifier_norm(&row.code) {
        let mut faults = Violations::default();
        faults.add("/code", "other_sample", "this is not the code of the sample that was handed over; scan the label");
        return Err(faults.into());
    }
    // Whose consent was withdrawn while it was on its way is received all the same: it has to be destroyed somewhere.
    let as_sent = new.condition == Condition::Intact && (handed.seal.is_none() || handed.seal == new.seal) && new.discrepancy.is_none();
    let command = if as_sent { SampleCommand::Receive } else { SampleCommand::ReportDiscrepancy };
    let state = if row.state().is_usable() { row.state().apply(command)? } else { row.state() };
    if !samples::set_state(&mut tx, sample, row.rev, state, app.now()).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    let entry = Entry {
        answers: Some(hand_over),
        seal: new.seal,
        condition: Some(new.condition),
        location: new.location,
        temperature: new.temperature,
        discrepancy: new.discrepancy,
        ..Entry::of(CustodyKind::Received)
    };
    let line = append(&mut tx, app, actor, &row, entry).await?;
    tx.commit().await?;
    Ok(Written { id: line, state: state.to_string(), rev: row.rev + 1 })
}

/// The open hand-overs from and to the institution, oldest first; of those that are to come to it, the code's last four characters are hidden until the label
/// is scanned. Audited.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn open_hand_overs(app: &App, actor: &Actor) -> Result<Vec<OpenHandOver>, ServiceError> {
    actor.require(Right::ReadSamples)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let mut lines = samples::open_hand_overs(&mut tx, actor.authority).await?;
    for line in lines.iter_mut().filter(|l| l.to_authority == actor.authority.0) {
        line.code = masked(&line.code);
    }
    let event = Event::on_many("list", "sample", lines.iter().map(|l| l.sample_id).collect(), None);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(lines)
}

/// A hand-over that waits for its receiver.
#[derive(Debug, Clone)]
pub struct Awaited {
    /// The hand-over, with the code's last four characters hidden.
    pub hand_over: OpenHandOver,
    /// What was sent.
    pub material: String,
    /// To whom here, or by whom it is carried.
    pub to_name: Option<String>,
}

/// Reads an open hand-over to the institution, audited. The seal it left with is not told: the receiver writes the one they see.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the receiver; [`ServiceError::Taken`] when it was answered.
pub async fn awaited(app: &App, actor: &Actor, hand_over: CustodyEventId) -> Result<Awaited, ServiceError> {
    actor.require(Right::ReadSamples)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let sample = samples::sample_of_line(&mut tx, hand_over).await?;
    let row = samples::get(&mut tx, sample).await?;
    let lines = samples::ledger(&mut tx, sample).await?;
    if lines.iter().any(|l| l.line.answers == Some(hand_over)) {
        return Err(ServiceError::Taken("the hand-over".to_owned()));
    }
    let handed = lines.into_iter().map(|l| l.line).find(|l| l.id == hand_over && l.to_authority == Some(actor.authority));
    let Some(handed) = handed else { return Err(ServiceError::NotFound) };
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "sample", sample, row.owner())).await?;
    tx.commit().await?;
    let code = masked(&row.code);
    let (from, to) = (handed.authority.0, actor.authority.0);
    let hand_over =
        OpenHandOver { id: handed.id.0, sample_id: row.id, code, from_authority: from, to_authority: to, at: handed.at, due_at: handed.due_at };
    Ok(Awaited { hand_over, material: row.material, to_name: handed.to_name })
}

/// A code without its last four letters and digits.
pub(super) fn masked(code: &str) -> String {
    let mut left = 4;
    let hidden = |c: char| {
        if left > 0 && c.is_alphanumeric() {
            left -= 1;
            '•'
        } else {
            c
        }
    };
    let reversed: String = code.chars().rev().map(hidden).collect();
    reversed.chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_code_the_last_four_characters_are_hidden() {
        assert_eq!(masked("MEX-BFMX-2026-M000012-7"), "MEX-BFMX-2026-M000•••-•");
    }
}
