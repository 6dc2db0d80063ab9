//! Taking remains in, and which a found record has.

use super::{check_texts, next_code, told};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::forms::OnceKey;
use crate::db::remains::{self, RemainsRow};
use crate::db::{Tx, found};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::disposition::Disposition;
use crate::domain::found::BodyState;
use crate::domain::ids::{FoundId, RemainsId};
use crate::domain::remains::{PostMortemInterval, RemainsKind};
use crate::domain::skeleton::Completeness;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::once::{self, Done};
use chrono::Datelike;
use serde::{Deserialize, Serialize};

/// Remains as taken in.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRemains {
    /// What they are.
    pub kind: RemainsKind,
    /// Of an individual: the set that it was sorted out of.
    #[serde(default)]
    pub set: Option<RemainsId>,
    /// How much of a body is there.
    #[serde(default)]
    pub completeness: Option<Completeness>,
    /// State when found.
    #[serde(default)]
    pub body_state: Option<BodyState>,
    /// Shortest time since death when found.
    #[serde(default)]
    pub pmi_from: Option<PostMortemInterval>,
    /// Longest time since death when found.
    #[serde(default)]
    pub pmi_to: Option<PostMortemInterval>,
    /// Where they are kept.
    #[serde(default)]
    pub location: Option<String>,
    /// A note.
    #[serde(default)]
    pub note: Option<String>,
}

impl NewRemains {
    /// All faults that show without looking anything up.
    ///
    /// # Errors
    /// [`Violations`].
    pub fn check(&self) -> Result<(), Violations> {
        let mut faults = Violations::default();
        check_texts(&[("/location", &self.location, 200), ("/note", &self.note, 2000)], &mut faults);
        match (self.pmi_from, self.pmi_to) {
            (Some(from), Some(to)) if from > to => {
                faults.add("/pmi_from", "reversed", "the shortest time since death is above the longest");
            }
            (Some(_), None) => faults.add("/pmi_to", "empty", "say the longest time since death too, the same where it is one"),
            (None, Some(_)) => faults.add("/pmi_from", "empty", "say the shortest time since death too, the same where it is one"),
            _ => {}
        }
        if self.kind == RemainsKind::CompleteBody && self.completeness.is_some_and(|c| c != Completeness::Complete) {
            faults.add("/completeness", "complete_body", "a complete body lacks nothing; call it an incomplete body");
        }
        if self.kind == RemainsKind::CommingledSet && self.completeness.is_some() {
            faults.add("/completeness", "set", "a set of several people is not complete or incomplete; say it of its individuals");
        }
        if self.set.is_some() && !self.kind.is_individual() {
            faults.add("/set", "no_individual", "only an individual is sorted out of a set: a complete or incomplete body");
        }
        faults.into_result()
    }
}

/// Remains just registered.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RegisteredRemains {
    /// Id.
    pub id: RemainsId,
    /// Code: what stands on the label.
    pub code: String,
    /// Revision.
    #[serde(rename = "revision")]
    pub rev: i32,
}

impl From<RemainsRow> for RegisteredRemains {
    fn from(row: RemainsRow) -> Self {
        Self { id: RemainsId(row.id), code: row.code, rev: row.rev }
    }
}

/// Registers remains of a found record, once per key. They begin in custody.
///
/// # Errors
/// [`ServiceError::Invalid`] with every fault; [`ServiceError::NotFound`] for anybody but the record's owner; [`ServiceError::Reused`].
pub async fn register(
    app: &App,
    actor: &Actor,
    of: FoundId,
    key: Option<&OnceKey>,
    new: NewRemains,
) -> Result<Done<RegisteredRemains>, ServiceError> {
    actor.require(Right::WriteFound)?;
    new.check()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let id = RemainsId::new(&*app.ids);
    if let Some(made) = once::claim(&mut tx, app, actor, key, id.0).await? {
        return Ok(Done::again(remains::get(&mut tx, RemainsId(made)).await?.into()));
    }
    own_record(&mut tx, actor, of).await?;
    if let Some(set) = new.set {
        let row = remains::get(&mut tx, set).await?;
        if row.kind() != RemainsKind::CommingledSet || row.found_id != of.0 {
            return Err(super::fault("/set", "no_set", "these are no commingled set of the same found record"));
        }
    }
    let row = RemainsRow {
        id: id.0,
        authority_id: actor.authority.0,
        code: next_code(&mut tx, actor.authority, "H", now.year()).await?,
        found_id: of.0,
        set_id: new.set.map(|s| s.0),
        kind: new.kind.as_str().to_owned(),
        completeness: new.completeness.map(|c| c.as_str().to_owned()),
        body_state: new.body_state.map(|b| b.as_str().to_owned()),
        pmi_from: new.pmi_from.map(|p| p.as_str().to_owned()),
        pmi_to: new.pmi_to.map(|p| p.as_str().to_owned()),
        location: told(new.location),
        disposition: Disposition::InCustody.as_str().to_owned(),
        note: told(new.note),
        rev: 1,
        created_by: actor.user.0,
        created_at: now,
        updated_at: now,
    };
    remains::insert(&mut tx, &row).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("create", "remains", id, actor.authority)).await?;
    tx.commit().await?;
    Ok(Done::first(row.into()))
}

/// A found record of remains of the actor's own authority.
async fn own_record(tx: &mut Tx, actor: &Actor, id: FoundId) -> Result<(), ServiceError> {
    let record = found::get(tx, id).await?;
    if record.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    if record.kind().is_remains() { Ok(()) } else { Err(super::fault("", "living", "a record of a living person has no remains")) }
}

/// The remains of an own found record, in order of registration, audited.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the owner's staff.
pub async fn of_found(app: &App, actor: &Actor, of: FoundId) -> Result<Vec<RemainsRow>, ServiceError> {
    actor.require(Right::ReadFound)?;
    let mut tx = app.pool.begin_for(actor).await?;
    if found::get(&mut tx, of).await?.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    let rows = remains::of_found(&mut tx, of).await?;
    if !rows.is_empty() {
        let event = Event::on_many("list", "remains", rows.iter().map(|r| r.id).collect(), Some(actor.authority));
        audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    }
    tx.commit().await?;
    Ok(rows)
}
