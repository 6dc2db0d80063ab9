//! Agreements as their parties make them: each gives its own side, either stops the whole. There is no purpose of immigration enforcement to choose.

use super::ServiceError;
use super::administration::begin;
use crate::app::App;
use crate::db::agreements::{self, AgreementRow, GrantRow};
use crate::db::audit::{self, Event, Who};
use crate::db::{Tx, accounts, feed, queue};
use crate::domain::actor::Actor;
use crate::domain::authority::{Purpose, Right};
use crate::domain::disclosure::Category;
use crate::domain::ids::AuthorityId;
use crate::domain::violations::Violations;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// The purposes an agreement can be for: those that concern a person.
pub const SHAREABLE: [Purpose; 4] = [Purpose::Search, Purpose::Identification, Purpose::ConsularAssistance, Purpose::LegalDefence];

/// The kinds of records an agreement can share.
pub const KINDS: [&str; 2] = ["case", "found_record"];

/// What the own authority lets another see, as far as the consents of each record go.
#[derive(Debug, Clone, Default)]
pub struct Share {
    /// What for.
    pub purposes: Vec<Purpose>,
    /// case, `found_record`.
    pub kinds: Vec<String>,
    /// Which categories of data.
    pub categories: Vec<Category>,
}

impl Share {
    fn check(&self, faults: &mut Violations) {
        if self.purposes.is_empty() {
            faults.add("/purposes", "empty", "name at least one purpose");
        }
        if self.purposes.iter().any(|p| !SHAREABLE.contains(p)) {
            faults.add("/purposes", "purpose", "this purpose opens no other authority's records");
        }
        if self.kinds.is_empty() || self.kinds.iter().any(|k| !KINDS.contains(&k.as_str())) {
            faults.add("/kinds", "empty", "name cases, found records or both");
        }
        if self.categories.is_empty() {
            faults.add("/categories", "empty", "name at least one category");
        }
    }

    fn grants(&self, agreement: uuid::Uuid, from: AuthorityId, to: AuthorityId) -> Vec<GrantRow> {
        let mut grants = Vec::new();
        for purpose in &self.purposes {
            for kind in &self.kinds {
                grants.push(GrantRow {
                    agreement_id: agreement,
                    from_authority: from.0,
                    to_authority: to.0,
                    purpose: purpose.as_str().to_owned(),
                    subject_kind: kind.clone(),
                    categories: self.categories.iter().map(ToString::to_string).collect(),
                    place_precision: "municipality".to_owned(),
                });
            }
        }
        grants
    }
}

/// A new agreement, with the proposing side.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Short code.
    pub code: String,
    /// Name.
    pub name: String,
    /// On what it rests.
    pub legal_basis: String,
    /// With whom.
    pub with: Option<AuthorityId>,
    /// From when.
    pub valid_from: Option<NaiveDate>,
    /// Until when; open without it.
    pub valid_to: Option<NaiveDate>,
    /// What the proposing side gives.
    pub share: Share,
}

impl Proposal {
    fn check(&self, actor: &Actor, today: NaiveDate) -> Result<AuthorityId, Violations> {
        let mut faults = Violations::default();
        let code = self.code.trim();
        if !(3..=40).contains(&code.len()) || !code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-') {
            faults.add("/code", "form", "3 to 40 capitals, digits and hyphens");
        }
        for (pointer, text, longest) in [("/name", &self.name, 200), ("/legal_basis", &self.legal_basis, 500)] {
            if text.trim().is_empty() {
                faults.add(pointer, "empty", "is missing");
            }
            faults.check_text(pointer, text, longest);
        }
        if self.valid_to.is_some_and(|to| to < self.valid_from.unwrap_or(today)) {
            faults.add("/valid_to", "reversed", "ends before it begins");
        }
        self.share.check(&mut faults);
        let with = self.with.filter(|with| *with != actor.authority);
        if with.is_none() {
            faults.add("/with", "empty", "name the other authority");
        }
        faults.into_result()?;
        with.ok_or_else(Violations::default)
    }
}

/// An agreement with what its parties give.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// The agreement.
    pub row: AgreementRow,
    /// What it grants.
    pub grants: Vec<GrantRow>,
}

/// The agreements that the actor's authority is a party of, by code.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Agreement>, ServiceError> {
    actor.require(Right::ManageUsers)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let rows = agreements::list(&mut tx).await?;
    let grants = agreements::grants(&mut tx, &rows.iter().map(|r| r.id).collect::<Vec<_>>()).await?;
    tx.commit().await?;
    let with = |row: AgreementRow| Agreement { grants: grants.iter().filter(|g| g.agreement_id == row.id).cloned().collect(), row };
    Ok(rows.into_iter().map(with).collect())
}

/// One of them.
///
/// # Errors
/// [`ServiceError::NotFound`] for an agreement of others; [`ServiceError::Forbidden`].
pub async fn read(app: &App, actor: &Actor, code: &str) -> Result<Agreement, ServiceError> {
    list(app, actor).await?.into_iter().find(|a| a.row.code == code).ok_or(ServiceError::NotFound)
}

async fn note(app: &App, tx: &mut Tx, actor: &Actor, action: &str, id: uuid::Uuid) -> Result<(), ServiceError> {
    tell(tx, id).await?;
    audit::append(tx, &*app.ids, app.now(), &Who::from(actor), Event::on(action, "agreement", id, actor.authority)).await?;
    Ok(())
}

/// Tells the matcher that an agreement changed: it loads anew what may be compared, and the parties' cases are compared again behind everything
/// else that waits.
pub(super) async fn tell(tx: &mut Tx, id: uuid::Uuid) -> Result<(), ServiceError> {
    feed::append(tx, "policy", &[id]).await?;
    let grants = agreements::grants(tx, &[id]).await?;
    let parties: BTreeSet<uuid::Uuid> = grants.iter().flat_map(|g| [g.from_authority, g.to_authority]).collect();
    queue::enqueue(tx, "match_parties", serde_json::json!({ "parties": parties }), None, -10).await?;
    Ok(())
}

/// Proposes an agreement by giving the own side of it. The other party answers with its own, or does not; nothing of theirs is shared before.
///
/// # Errors
/// [`ServiceError::Invalid`]; [`ServiceError::Taken`] for a code in use; [`ServiceError::Forbidden`].
pub async fn propose(app: &App, actor: &Actor, new: &Proposal) -> Result<(), ServiceError> {
    actor.require(Right::ManageUsers)?;
    let today = app.clock.today();
    let with = new.check(actor, today)?;
    let mut tx = begin(app).await?;
    if !accounts::authorities(&mut tx).await?.iter().any(|a| a.id == with.0) {
        let mut faults = Violations::default();
        faults.add("/with", "empty", "name the other authority");
        return Err(faults.into());
    }
    let row = AgreementRow {
        id: app.ids.next(),
        code: new.code.trim().to_owned(),
        name: new.name.trim().to_owned(),
        legal_basis: new.legal_basis.trim().to_owned(),
        valid_from: new.valid_from.unwrap_or(today),
        valid_to: new.valid_to,
        suspended_at: None,
        suspended_by: None,
        created_at: app.now(),
    };
    agreements::insert(&mut tx, &row, &new.share.grants(row.id, actor.authority, with)).await.map_err(|e| match e {
        crate::db::DbError::Unique(_) => ServiceError::Taken("the agreement's code".to_owned()),
        other => other.into(),
    })?;
    note(app, &mut tx, actor, "propose_agreement", row.id).await?;
    tx.commit().await?;
    Ok(())
}

/// The agreement of a code that the actor's authority is a party of, locked, with its other parties.
async fn own(tx: &mut Tx, actor: &Actor, code: &str) -> Result<(AgreementRow, Vec<AuthorityId>), ServiceError> {
    let row = agreements::locked(tx, code).await?;
    let grants = agreements::grants(tx, &[row.id]).await?;
    let mut others = Vec::new();
    let mut party = false;
    for grant in &grants {
        let other = match (grant.from_authority == actor.authority.0, grant.to_authority == actor.authority.0) {
            (true, _) => grant.to_authority,
            (_, true) => grant.from_authority,
            _ => continue,
        };
        party = true;
        if !others.contains(&AuthorityId(other)) {
            others.push(AuthorityId(other));
        }
    }
    if party { Ok((row, others)) } else { Err(ServiceError::NotFound) }
}

/// Signs an agreement by giving the own side of it to its other parties, or changes which categories the own side gives.
///
/// # Errors
/// [`ServiceError::Invalid`]; [`ServiceError::NotFound`] for an agreement of others; [`ServiceError::Forbidden`].
pub async fn sign(app: &App, actor: &Actor, code: &str, share: &Share) -> Result<(), ServiceError> {
    actor.require(Right::ManageUsers)?;
    let mut faults = Violations::default();
    share.check(&mut faults);
    let mut tx = begin(app).await?;
    let (row, others) = own(&mut tx, actor, code).await?;
    faults.into_result()?;
    for other in others {
        agreements::put_grants(&mut tx, &share.grants(row.id, actor.authority, other)).await?;
    }
    note(app, &mut tx, actor, "sign_agreement", row.id).await?;
    tx.commit().await?;
    Ok(())
}

/// What a party does with an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Stops it at once.
    Suspend,
    /// Lets it go on: only the party that stopped it.
    Resume,
    /// Ends it for good.
    End,
}

/// Stops an agreement, lets it go on or ends it. Sight across it ends with the next statement, in both directions. One of more than two parties can
/// stop an agreement but not end it for the others.
///
/// # Errors
/// [`ServiceError::Refused`] for lifting another's stop, for an ended agreement and for ending one of many parties; [`ServiceError::NotFound`] for an agreement of others;
/// [`ServiceError::Forbidden`].
pub async fn stop(app: &App, actor: &Actor, code: &str, how: Stop) -> Result<(), ServiceError> {
    actor.require(Right::ManageUsers)?;
    let mut tx = begin(app).await?;
    let (row, others) = own(&mut tx, actor, code).await?;
    let (now, today) = (app.now(), app.clock.today());
    if is_ended(&row, today) {
        return Err(ServiceError::Refused("the agreement has ended".to_owned()));
    }
    if how == Stop::End && others.len() > 1 {
        return Err(ServiceError::Refused("an agreement of more than two parties is ended by the operator of the node".to_owned()));
    }
    let stopped = Some((now, actor.authority.0));
    let (by, last_day, action) = match how {
        Stop::Suspend if row.suspended_at.is_none() => (stopped, row.valid_to, "suspend_agreement"),
        Stop::Resume if row.suspended_by == Some(actor.authority.0) => (None, row.valid_to, "resume_agreement"),
        Stop::End => (stopped, Some(today), "end_agreement"),
        Stop::Suspend | Stop::Resume => return Err(ServiceError::Refused("only the party that stopped it lets it go on".to_owned())),
    };
    agreements::stop(&mut tx, row.id, by, last_day).await?;
    note(app, &mut tx, actor, action, row.id).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether an agreement has ended for good: its last day has passed, or it was stopped on it.
#[must_use]
pub fn is_ended(row: &AgreementRow, today: NaiveDate) -> bool {
    row.valid_to.is_some_and(|last| last < today || (last == today && row.suspended_at.is_some()))
}
