//! Moves of remains: burial, ossuary, cremation, exhumation, return. OB-32 stands here: no move that lays somebody down passes without a sample, a marker and
//! a place.

use super::{check_texts, told};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::remains::{self, BurialRow, DispositionRow, Moved};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::disposition::{Disposition, DispositionCommand, Need};
use crate::domain::ids::RemainsId;
use crate::domain::remains::RemainsKind;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Where remains are laid down.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBurial {
    /// Cemetery, ossuary, or where the ashes are.
    pub cemetery: String,
    /// Section of it.
    #[serde(default)]
    pub section: Option<String>,
    /// Plot or niche.
    pub plot: String,
    /// What stands on or with these remains and no others.
    pub marker: String,
    /// What is written there.
    #[serde(default)]
    pub inscription: Option<String>,
    /// Number of the cemetery's card.
    #[serde(default)]
    pub ficha: Option<String>,
    /// Where in its register.
    #[serde(default)]
    pub register_ref: Option<String>,
    /// Whether they can be taken out again.
    pub exhumable: bool,
    /// A note.
    #[serde(default)]
    pub note: Option<String>,
}

/// A move of remains.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMove {
    /// Which.
    pub command: DispositionCommand,
    /// The day it was done.
    pub on: NaiveDate,
    /// Where they are laid down, with burial, ossuary and cremation.
    #[serde(default)]
    pub burial: Option<NewBurial>,
    /// Who ordered it: number of the order, act or file.
    #[serde(default)]
    pub order_ref: Option<String>,
    /// Who takes them.
    #[serde(default)]
    pub receiver: Option<String>,
    /// The day on which the family was told in person.
    #[serde(default)]
    pub told_on: Option<NaiveDate>,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
    /// Where they are kept, back in custody.
    #[serde(default)]
    pub location: Option<String>,
}

fn check_burial(burial: &NewBurial, faults: &mut Violations) {
    for (field, text) in [("cemetery", &burial.cemetery), ("plot", &burial.plot), ("marker", &burial.marker)] {
        let pointer = format!("/burial/{field}");
        if text.trim().is_empty() {
            let message = if field == "marker" { "nobody is laid down without a marker of their own" } else { "write down where" };
            faults.add(&pointer, "empty", message);
        }
        faults.check_text(&pointer, text, 200);
    }
    check_texts(
        &[
            ("/burial/section", &burial.section, 200),
            ("/burial/inscription", &burial.inscription, 400),
            ("/burial/ficha", &burial.ficha, 200),
            ("/burial/register_ref", &burial.register_ref, 200),
            ("/burial/note", &burial.note, 2000),
        ],
        faults,
    );
}

impl NewMove {
    /// All faults that show without looking anything up.
    ///
    /// # Errors
    /// [`Violations`].
    pub fn check(&self, today: NaiveDate) -> Result<(), Violations> {
        let mut faults = Violations::default();
        let command = self.command;
        match &self.burial {
            Some(burial) if command.lays_down() => check_burial(burial, &mut faults),
            Some(_) => faults.add("/burial", "not_laid_down", format!("{command} lays nobody down; leave the place out")),
            None if command.lays_down() => check_burial(&NewBurial::default(), &mut faults),
            None => {}
        }
        for (pointer, day) in [("/on", Some(self.on)), ("/told_on", self.told_on)] {
            if let Some(day) = day {
                faults.check_day(pointer, day);
                if day > today {
                    faults.add(pointer, "future", "the day lies in the future");
                }
            }
        }
        let texts = [
            ("/order_ref", &self.order_ref, command.needs_order(), "name the order, act or file on which it is done"),
            ("/receiver", &self.receiver, command.gives_back(), "say who takes them"),
            ("/reason", &self.reason, command.needs_reason(), "say why"),
        ];
        for (pointer, text, needed, message) in texts {
            if needed && told(text.clone()).is_none() {
                faults.add(pointer, "empty", message);
            }
        }
        if command.gives_back() && self.told_on.is_none() {
            faults.add("/told_on", "empty", "say on which day the family was told in person: nobody learns of a death by a coffin");
        }
        if command.gives_back() && self.told_on.is_some_and(|told| told > self.on) {
            faults.add("/told_on", "told_after", "the family is told in person before it receives anybody");
        }
        check_texts(
            &[
                ("/order_ref", &self.order_ref, 200),
                ("/receiver", &self.receiver, 200),
                ("/reason", &self.reason, 2000),
                ("/location", &self.location, 200),
            ],
            &mut faults,
        );
        faults.into_result()
    }
}

const fn message(need: Need) -> &'static str {
    match need {
        Need::Sample => "nobody is laid down before a sample was taken; take one, or record in the checklist why none can be",
        Need::Operations => "after a cremation nothing can be examined; decide every operation of the checklist first",
        Need::Sorting => "they are of several people; sort the elements into individuals first",
        Need::Identification => "nobody knows yet who it is; two people of two institutions decide that on a hypothesis",
        Need::NotAshes => "they are ashes already",
    }
}

/// Remains after a move.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MovedRemains {
    /// Where they are.
    pub disposition: Disposition,
    /// Revision.
    #[serde(rename = "revision")]
    pub rev: i32,
}

/// Moves remains that are still at revision `rev`.
///
/// # Errors
/// [`ServiceError::IllegalDisposition`] with the moves that are possible; [`ServiceError::Invalid`] with what is still lacking, each at its field or at
/// `/command`; [`ServiceError::Stale`]; [`ServiceError::NotFound`].
pub async fn make(app: &App, actor: &Actor, id: RemainsId, rev: i32, new: NewMove) -> Result<MovedRemains, ServiceError> {
    actor.require(Right::WriteFound)?;
    new.check(app.clock.today())?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let row = remains::lock(&mut tx, id).await?;
    if row.rev != rev {
        return Err(ServiceError::Stale(row.rev));
    }
    let to = row.disposition().apply(new.command)?;
    let readiness = super::read::inventory(&mut tx, &row).await?.readiness;
    let mut faults = Violations::default();
    for need in readiness.needs(new.command) {
        faults.add("/command", need.as_str(), message(need));
    }
    faults.into_result()?;
    let burial = new.burial.map(|b| BurialRow {
        id: app.ids.next(),
        authority_id: actor.authority.0,
        remains_id: id.0,
        cemetery: b.cemetery.trim().to_owned(),
        section: told(b.section),
        plot: b.plot.trim().to_owned(),
        marker: b.marker.trim().to_owned(),
        inscription: told(b.inscription),
        ficha: told(b.ficha),
        register_ref: told(b.register_ref),
        exhumable: b.exhumable,
        note: told(b.note),
        created_by: actor.user.0,
        at: now,
    });
    if let Some(burial) = &burial {
        remains::insert_burial(&mut tx, burial).await?;
    }
    let before = remains::moves(&mut tx, id).await?;
    let line = DispositionRow {
        id: app.ids.next(),
        authority_id: actor.authority.0,
        remains_id: id.0,
        seq: before.last().map_or(1, |m| m.seq + 1),
        command: new.command.as_str().to_owned(),
        from_state: row.disposition.clone(),
        to_state: to.as_str().to_owned(),
        burial_id: burial.map(|b| b.id),
        on_day: new.on,
        order_ref: told(new.order_ref),
        receiver: told(new.receiver),
        told_on: new.told_on,
        reason: told(new.reason),
        user_id: actor.user.0,
        at: now,
    };
    remains::insert_move(&mut tx, &line).await?;
    let kind = if new.command == DispositionCommand::Cremate { RemainsKind::Cremains } else { row.kind() };
    let location = told(new.location).filter(|_| to == Disposition::InCustody);
    let moved = Moved { kind, disposition: to, location: location.as_deref(), at: now };
    if !remains::set_disposition(&mut tx, id, rev, &moved).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    let detail = serde_json::json!({ "command": new.command, "from": row.disposition, "to": to });
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("move", "remains", id, actor.authority).detail(detail)).await?;
    tx.commit().await?;
    Ok(MovedRemains { disposition: to, rev: rev + 1 })
}
