//! The family portal: a calm status that no hypothesis can move, a named contact person, a call to ask for, what is held and who sees it.
//!
//! Nothing here reads a hypothesis, a found record or the state of the case, and looks of other institutions stay out of sight until a person
//! has spoken with the family (`docs/security.md`, "What a family sees").

use super::ServiceError;
use super::consents::{Subject, Withdrawal, withdraw_in};
use crate::app::App;
use crate::db::audit::{self, Event, OfficeLook, Who};
use crate::db::consents::SightLine;
use crate::db::messages::MessageRow;
use crate::db::{Role, Scope, Tx, accounts, cases, consents, messages, persons};
use crate::domain::actor::FamilyActor;
use crate::domain::authority::AuthorityKind;
use crate::domain::ids::UserId;
use crate::domain::violations::Violations;
use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

/// The phase that only recording "a person has spoken with the family" sets.
pub const SPOKEN: i16 = 4;
/// The same words sent twice within this time are one message: a double tap, or a page sent again after a lost answer.
const SAME_MESSAGE_MINUTES: i64 = 10;

/// What a family sees first. There is no field here that a hypothesis, an identification or a result could reach.
#[derive(Debug, Clone)]
pub struct Status {
    /// The person, as the family names them.
    pub name: Option<String>,
    /// The folio.
    pub folio: String,
    /// Phase 1 to 4, moved by people only.
    pub phase: i16,
    /// When a person last moved it.
    pub updated_at: DateTime<Utc>,
    /// The named contact person.
    pub contact_name: Option<String>,
    /// Their telephone at the office.
    pub contact_phone: Option<String>,
    /// Their office.
    pub authority: String,
    /// What the family asked and was answered; no other conversation about the case.
    pub messages: Vec<MessageRow>,
}

async fn begin(app: &App, family: &FamilyActor) -> Result<Tx, ServiceError> {
    Ok(app.pool.begin(Role::Web, &Scope::from(family)).await?)
}

/// What the family wrote, and the answers to that.
fn own_thread(all: Vec<MessageRow>) -> Vec<MessageRow> {
    let asked: Vec<Uuid> = all.iter().filter(|m| m.author_kind == "family").map(|m| m.id).collect();
    all.into_iter().filter(|m| asked.contains(&m.id) || m.in_reply_to.is_some_and(|question| asked.contains(&question))).collect()
}

/// The family's first page, audited.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is gone.
pub async fn status(app: &App, family: &FamilyActor) -> Result<Status, ServiceError> {
    let mut tx = begin(app, family).await?;
    let row = cases::get(&mut tx, family.case).await?;
    let (_, person) = persons::get(&mut tx, row.person()).await?;
    let authority = accounts::authority(&mut tx, family.authority).await?;
    let contact = match row.contact_user_id {
        Some(id) => accounts::contact(&mut tx, UserId(id)).await?,
        None => None,
    };
    let messages = messages::of_case(&mut tx, family.case).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(family), Event::on("read_status", "case", family.case, family.authority)).await?;
    tx.commit().await?;
    Ok(Status {
        name: person.display_name(),
        folio: row.folio,
        phase: row.family_phase,
        updated_at: row.family_updated_at,
        contact_phone: contact.as_ref().and_then(|c| c.1.clone()).or(authority.contact_phone),
        contact_name: contact.map(|c| c.0),
        authority: authority.name,
        messages: own_thread(messages),
    })
}

/// What is held and with whom it is shared.
#[derive(Debug, Clone)]
pub struct Held {
    /// The person's name.
    pub name: Option<String>,
    /// The office that leads the search.
    pub authority: String,
    /// Who else may see what, and what for: agreement AND consent AND purpose, whether or not anybody looked.
    pub sharing: Vec<SightLine>,
    /// Which other offices looked and on which day, never who: associations always, everybody else once a person has spoken with the family,
    /// and then up to that moment.
    pub looked: Vec<OfficeLook>,
    /// Whether looks of other institutions are among them.
    pub looks_are_told: bool,
    /// Purposes that stand: purpose and class of recipient.
    pub purposes: Vec<(String, String)>,
}

/// What we hold and who sees it, audited.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is gone.
pub async fn held(app: &App, family: &FamilyActor) -> Result<Held, ServiceError> {
    let mut tx = begin(app, family).await?;
    let row = cases::get(&mut tx, family.case).await?;
    let (_, person) = persons::get(&mut tx, row.person()).await?;
    let authority = accounts::authority(&mut tx, family.authority).await?;
    let sharing = consents::who_can_see(&mut tx, family.authority, "case", family.case.0).await?;
    // A forensic bank that suddenly looks would tell a family that there is a hypothesis.
    let looks_are_told = row.family_phase == SPOKEN;
    let told_until = looks_are_told.then_some(row.family_updated_at);
    let looked = audit::office_looks(&mut tx, family.case, family.authority, AuthorityKind::Association.as_str(), told_until).await?;
    let purposes = consents::of_subject(&mut tx, family.case.0)
        .await?
        .into_iter()
        .filter(|c| c.withdrawn_at.is_none())
        .map(|c| (c.purpose, c.recipient_kind))
        .collect();
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(family), Event::on("read_held", "case", family.case, family.authority)).await?;
    tx.commit().await?;
    Ok(Held { name: person.display_name(), authority: authority.name, sharing, looked, looks_are_told, purposes })
}

/// Asks for a call, or tells something that may help. It is kept as said and waits for the contact person. The same words again within ten
/// minutes are the same message.
///
/// # Errors
/// [`ServiceError::Invalid`].
pub async fn write(app: &App, family: &FamilyActor, call: bool, text: &str) -> Result<(), ServiceError> {
    let mut faults = Violations::default();
    faults.check_text("/text", text, 2000);
    if !call && text.trim().is_empty() {
        faults.add("/text", "empty", "write something, or ask for a call");
    }
    faults.into_result()?;
    let now = app.now();
    let mut tx = begin(app, family).await?;
    let kind = if call { "call_request" } else { "family_information" };
    let row = MessageRow {
        id: app.ids.next(),
        authority_id: family.authority.0,
        case_id: family.case.0,
        kind: kind.to_owned(),
        author_kind: "family".to_owned(),
        author_authority: None,
        author_user: None,
        body: text.trim().to_owned(),
        in_reply_to: None,
        created_at: now,
        answered_at: None,
    };
    let since = now - Duration::minutes(SAME_MESSAGE_MINUTES);
    let again = messages::of_case(&mut tx, family.case)
        .await?
        .iter()
        .any(|m| m.author_kind == "family" && m.answered_at.is_none() && m.created_at > since && (&m.kind, &m.body) == (&row.kind, &row.body));
    if again {
        tx.rollback().await?;
        return Ok(());
    }
    messages::insert(&mut tx, &row).await?;
    messages::insert_notice(&mut tx, app.ids.next(), family.authority, "call_request", ("case", family.case.0), now).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(family), Event::on("write", "case", family.case, family.authority)).await?;
    tx.commit().await?;
    Ok(())
}

/// Withdraws a purpose, or everything. Takes effect at once.
///
/// # Errors
/// [`ServiceError::NotFound`] when the case is gone; [`ServiceError::Invalid`].
pub async fn withdraw(app: &App, family: &FamilyActor, withdrawal: &Withdrawal) -> Result<usize, ServiceError> {
    let mut faults = Violations::default();
    faults.check_text("/reason", &withdrawal.reason, 1000);
    faults.into_result()?;
    let mut tx = begin(app, family).await?;
    cases::get(&mut tx, family.case).await?;
    let ended = withdraw_in(&mut tx, app, &Who::from(family), family.authority, Subject::Case(family.case), withdrawal).await?;
    tx.commit().await?;
    Ok(ended)
}
