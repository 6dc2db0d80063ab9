//! Consent as executable policy: recording it, withdrawing it, and corrections of what is held.

use super::ServiceError;
use super::cases::ConsentForm;
use super::once::{self, Done};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::consents::{self, ConsentRow};
use crate::db::forms::OnceKey;
use crate::db::{Tx, cases, corrections, feed, found, queue};
use crate::domain::actor::Actor;
use crate::domain::authority::{Purpose, Right};
use crate::domain::ids::{AuthorityId, CaseId, FoundId, IdSource};
use crate::domain::violations::Violations;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Most grants of one form: every purpose for every class of recipient, and some more.
const MOST_GRANTS: usize = 200;

/// The faults of a consent form.
pub(crate) fn check_form(form: &ConsentForm, at: &str, found: &mut Violations) {
    if form.grants.is_empty() {
        found.add(&format!("{at}/grants"), "empty", "name at least one purpose, recipient and category");
    }
    if form.grants.len() > MOST_GRANTS {
        found.add(&format!("{at}/grants"), "too_many", format!("holds more than {MOST_GRANTS} entries"));
    }
    found.check_text(&format!("{at}/form_version"), &form.form_version, 50);
    for (i, grant) in form.grants.iter().take(MOST_GRANTS).enumerate() {
        if grant.categories.is_empty() {
            found.add(&format!("{at}/grants/{i}/categories"), "empty", "name at least one category of data");
        }
        if grant.purpose == Purpose::Administration {
            found.add(&format!("{at}/grants/{i}/purpose"), "unknown_word", "nobody consents to administration");
        }
    }
    for (field, text) in [("language", &form.language), ("explained_by", &form.explained_by), ("granted_by", &form.granted_by)] {
        if text.trim().is_empty() {
            found.add(&format!("{at}/{field}"), "empty", "is part of a consent");
        }
        found.check_text(&format!("{at}/{field}"), text, 200);
    }
}

pub(crate) async fn insert_form(
    tx: &mut Tx,
    app: &App,
    owner: AuthorityId,
    kind: &str,
    subject: Uuid,
    form: &ConsentForm,
) -> Result<(), ServiceError> {
    consents::insert(tx, &form_rows(&*app.ids, app.now(), owner, (kind, subject), form)).await?;
    Ok(())
}

/// The rows of a consent form for a subject.
pub(crate) fn form_rows(
    ids: &dyn IdSource,
    now: DateTime<Utc>,
    owner: AuthorityId,
    (kind, subject): (&str, Uuid),
    form: &ConsentForm,
) -> Vec<ConsentRow> {
    let form_id = ids.next();
    form.grants
        .iter()
        .map(|g| ConsentRow {
            id: ids.next(),
            authority_id: owner.0,
            subject_kind: kind.to_owned(),
            subject_id: subject,
            form_id,
            purpose: g.purpose.as_str().to_owned(),
            recipient_kind: g.recipient.as_str().to_owned(),
            categories: g.categories.iter().map(ToString::to_string).collect(),
            basis: "consent".to_owned(),
            language: form.language.clone(),
            explained_by: form.explained_by.clone(),
            granted_by: form.granted_by.clone(),
            form_version: form.form_version.clone(),
            granted_at: now,
            expires_at: None,
            withdrawn_at: None,
            withdrawn_reason: None,
        })
        .collect()
}

/// A case or a found record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A case.
    Case(CaseId),
    /// A found record.
    Found(FoundId),
}

impl Subject {
    /// Its word in the database and the API.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Case(_) => "case",
            Self::Found(_) => "found_record",
        }
    }
    /// Its id.
    #[must_use]
    pub const fn id(self) -> Uuid {
        match self {
            Self::Case(id) => id.0,
            Self::Found(id) => id.0,
        }
    }
    const fn read_right(self) -> Right {
        match self {
            Self::Case(_) => Right::ReadCases,
            Self::Found(_) => Right::ReadFound,
        }
    }
    const fn write_right(self) -> Right {
        match self {
            Self::Case(_) => Right::WriteCases,
            Self::Found(_) => Right::WriteFound,
        }
    }
}

async fn own(tx: &mut Tx, actor: &Actor, subject: Subject) -> Result<(), ServiceError> {
    let owner = match subject {
        Subject::Case(id) => cases::get(tx, id).await?.owner(),
        Subject::Found(id) => found::get(tx, id).await?.owner(),
    };
    if owner == actor.authority { Ok(()) } else { Err(ServiceError::NotFound) }
}

/// Records a consent for a subject that may be without one; it becomes `normal` when it was restricted for want of it.
/// Once per key: the same request sent again makes nothing again.
///
/// # Errors
/// [`ServiceError::Invalid`], [`ServiceError::NotFound`]; [`ServiceError::Reused`].
pub async fn give(app: &App, actor: &Actor, subject: Subject, key: Option<&OnceKey>, form: ConsentForm) -> Result<Done<()>, ServiceError> {
    actor.require(subject.write_right())?;
    let mut found = Violations::default();
    check_form(&form, "", &mut found);
    found.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    own(&mut tx, actor, subject).await?;
    if once::claim(&mut tx, app, actor, key, subject.id()).await?.is_some() {
        tx.rollback().await?;
        return Ok(Done::again(()));
    }
    insert_form(&mut tx, app, actor.authority, subject.kind(), subject.id(), &form).await?;
    set_level(&mut tx, app, subject, "normal").await?;
    consents::refresh_sight(&mut tx, subject.kind(), subject.id(), now).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("give_consent", subject.kind(), subject.id(), actor.authority)).await?;
    super::cases::announce(&mut tx, app, actor.authority, subject.kind(), subject.id(), "registered").await?;
    tx.commit().await?;
    Ok(Done::first(()))
}

async fn set_level(tx: &mut Tx, app: &App, subject: Subject, level: &str) -> Result<(), ServiceError> {
    match subject {
        Subject::Case(id) => {
            let mut row = cases::get(tx, id).await?;
            if row.confidentiality == "restricted" {
                level.clone_into(&mut row.confidentiality);
                row.updated_at = app.now();
                let rev = row.rev;
                if !cases::update(tx, rev, &row).await? {
                    return Err(ServiceError::Stale(rev));
                }
            }
        }
        Subject::Found(id) => {
            if found::get(tx, id).await?.confidentiality == "restricted" {
                found::set_confidentiality(tx, id, level, app.now()).await?;
            }
        }
    }
    Ok(())
}

/// What to withdraw: everything, or one purpose or class of recipient.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Withdrawal {
    /// Only this purpose.
    pub purpose: Option<Purpose>,
    /// Only this class of recipient.
    pub recipient: Option<crate::domain::authority::AuthorityKind>,
    /// In the family's words.
    pub reason: String,
}

/// Withdraws consent. In the same transaction the subject leaves the sight of every authority that loses it, and the matcher when no consent to
/// search is left. Returns how many consents ended.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the owner's staff; [`ServiceError::Invalid`].
pub async fn withdraw(app: &App, actor: &Actor, subject: Subject, withdrawal: Withdrawal) -> Result<usize, ServiceError> {
    actor.require(subject.write_right())?;
    let mut faults = Violations::default();
    faults.check_text("/reason", &withdrawal.reason, 1000);
    faults.into_result()?;
    let mut tx = app.pool.begin_for(actor).await?;
    own(&mut tx, actor, subject).await?;
    let ended = withdraw_in(&mut tx, app, &Who::from(actor), actor.authority, subject, &withdrawal).await?;
    tx.commit().await?;
    Ok(ended)
}

pub(crate) async fn withdraw_in(
    tx: &mut Tx,
    app: &App,
    who: &Who,
    owner: AuthorityId,
    subject: Subject,
    withdrawal: &Withdrawal,
) -> Result<usize, ServiceError> {
    let now = app.now();
    let recipient = withdrawal.recipient.map(|r| r.as_str());
    let ended = consents::withdraw(tx, subject.id(), withdrawal.purpose, recipient, &withdrawal.reason, now).await?;
    consents::refresh_sight(tx, subject.kind(), subject.id(), now).await?;
    let detail = serde_json::json!({ "purpose": withdrawal.purpose, "recipient": withdrawal.recipient, "ended": ended });
    audit::append(tx, &*app.ids, now, who, Event::on("withdraw_consent", subject.kind(), subject.id(), owner).detail(detail)).await?;
    feed::append(tx, subject.kind(), &[subject.id()]).await?;
    queue::post(tx, app.ids.next(), owner, subject.kind(), subject.id(), "consent_withdrawn", now).await?;
    Ok(ended)
}

/// One corrected field.
pub(crate) struct Correction {
    /// case or `found_record`.
    pub subject_kind: &'static str,
    /// Which.
    pub subject: Uuid,
    /// Which field.
    pub field: String,
    /// What it was.
    pub old: serde_json::Value,
    /// What it is.
    pub new: serde_json::Value,
}

pub(crate) async fn insert_correction(tx: &mut Tx, app: &App, actor: &Actor, reason: &str, c: Correction) -> Result<(), ServiceError> {
    let row = corrections::CorrectionRow {
        id: app.ids.next(),
        authority_id: actor.authority.0,
        subject_kind: c.subject_kind.to_owned(),
        subject_id: c.subject,
        field: c.field,
        old_value: Some(c.old),
        new_value: Some(c.new),
        reason: reason.to_owned(),
        author: actor.user.0,
        at: app.now(),
    };
    corrections::insert(tx, &row).await?;
    Ok(())
}

/// What was corrected on a subject, newest first.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the owner's staff.
pub async fn corrections_of(app: &App, actor: &Actor, subject: Subject) -> Result<Vec<corrections::CorrectionRow>, ServiceError> {
    actor.require(subject.read_right())?;
    let mut tx = app.pool.begin_for(actor).await?;
    own(&mut tx, actor, subject).await?;
    let rows = corrections::of_subject(&mut tx, subject.id()).await?;
    let event = Event::on("read", subject.kind(), subject.id(), actor.authority).fields(vec!["corrections".to_owned()]);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(rows)
}

/// What was corrected on a subject with the authors' names, newest first: part of the file, whose reading is audited.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the owner's staff.
pub async fn correction_lines(app: &App, actor: &Actor, subject: Subject) -> Result<Vec<corrections::CorrectionLine>, ServiceError> {
    let mut tx = app.pool.begin_for(actor).await?;
    own(&mut tx, actor, subject).await?;
    let lines = corrections::lines_of_subject(&mut tx, subject.id()).await?;
    tx.commit().await?;
    Ok(lines)
}
