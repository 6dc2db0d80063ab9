//! What is handed over: remains, belongings, documents, each with its receipt.

use super::{at, may_write, moved, undoubted};
use crate::app::App;
use crate::db::restitutions::{self, ItemRow, NewReceipt};
use crate::domain::actor::Actor;
use crate::domain::ids::RestitutionId;
use crate::domain::restitution::{ItemKind, RestitutionCommand as C};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something that is handed over.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    /// What kind.
    pub kind: ItemKind,
    /// What, in words: with its code or mark.
    pub description: String,
}

/// Who took a thing, and from whom.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Who of the family took it.
    pub received_by: String,
    /// Who handed it over.
    pub handed_over_by: String,
    /// The receipt's number.
    pub receipt: String,
    /// When.
    pub at: DateTime<Utc>,
}

fn needs(faults: &mut Violations, pointer: &str, text: &str, max: usize, message: &str) {
    if text.trim().is_empty() {
        faults.add(pointer, "empty", message);
    }
    faults.check_text(pointer, text, max);
}

/// Adds something that is handed over to a restitution that is still at revision `rev`. Returns its id and the new revision.
///
/// # Errors
/// [`ServiceError::IllegalRestitution`] once it is closed or frozen; [`ServiceError::Stale`]; [`ServiceError::Invalid`]; [`ServiceError::NotFound`].
pub async fn add_item(app: &App, actor: &Actor, id: RestitutionId, rev: i32, new: NewItem) -> Result<(Uuid, i32), ServiceError> {
    may_write(actor)?;
    let mut faults = Violations::default();
    needs(&mut faults, "/description", &new.description, 1000, "write what is handed over");
    faults.into_result()?;
    let mut tx = app.pool.begin_for(actor).await?;
    let (row, next) = at(&mut tx, actor, (id, rev), C::Edit).await?;
    let item = ItemRow {
        id: app.ids.next(),
        restitution_id: id.0,
        authority_id: actor.authority.0,
        kind: new.kind.to_string(),
        description: new.description,
        added_by: actor.user.0,
        added_at: app.now(),
        received_by: None,
        handed_over_by: None,
        receipt: None,
        handed_over_at: None,
    };
    restitutions::insert_item(&mut tx, &item).await?;
    let rev = moved(&mut tx, app, actor, row, (C::Edit, next, "")).await?;
    tx.commit().await?;
    Ok((item.id, rev))
}

/// Writes the receipt of something that was handed over; it is written once. Returns the new revision.
///
/// # Errors
/// [`ServiceError::Taken`] when it has one; [`ServiceError::IllegalRestitution`] once the restitution is closed or frozen; [`ServiceError::Refused`] before it is on
/// its way; [`ServiceError::Stale`]; [`ServiceError::Invalid`]; [`ServiceError::NotFound`].
pub async fn write_receipt(app: &App, actor: &Actor, id: RestitutionId, rev: i32, item: Uuid, new: Receipt) -> Result<i32, ServiceError> {
    use crate::domain::restitution::RestitutionState as S;
    may_write(actor)?;
    let mut faults = Violations::default();
    needs(&mut faults, "/received_by", &new.received_by, 300, "write who of the family took it");
    needs(&mut faults, "/handed_over_by", &new.handed_over_by, 300, "write who handed it over");
    needs(&mut faults, "/receipt", &new.receipt, 100, "write the receipt's number");
    faults.check_day("/at", new.at.date_naive());
    if new.at > app.now() {
        faults.add("/at", "future", "the time lies in the future");
    }
    faults.into_result()?;
    let mut tx = app.pool.begin_for(actor).await?;
    let (row, next) = at(&mut tx, actor, (id, rev), C::Edit).await?;
    undoubted(&mut tx, &row).await?;
    if !matches!(row.state(), S::Transfer | S::Delivered | S::CeremonySupport) {
        return Err(ServiceError::Refused("a receipt is written when it is handed over: send it on its way first".to_owned()));
    }
    if !restitutions::items(&mut tx, id).await?.iter().any(|i| i.id == item) {
        return Err(ServiceError::NotFound);
    }
    let receipt = NewReceipt { received_by: new.received_by, handed_over_by: new.handed_over_by, receipt: new.receipt, at: new.at };
    if !restitutions::write_receipt(&mut tx, id, item, &receipt).await? {
        return Err(ServiceError::Taken("the receipt".to_owned()));
    }
    let rev = moved(&mut tx, app, actor, row, (C::Edit, next, "")).await?;
    tx.commit().await?;
    Ok(rev)
}
