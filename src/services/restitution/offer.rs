//! Offering: only once a person has told the family.

use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::forms::OnceKey;
use crate::db::restitutions::{self, RestitutionRow, StepRow};
use crate::db::{DbError, identifications, notifications};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::identification::IdentificationState;
use crate::domain::ids::{AuthorityId, IdentificationId, RestitutionId};
use crate::domain::restitution::RestitutionState;
use crate::services::ServiceError;
use crate::services::once::{self, Done};
use serde::{Deserialize, Serialize};

/// What a restitution is offered on.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRestitution {
    /// An issued identification that the family was told of.
    pub identification: IdentificationId,
}

/// Offers the family what is theirs, once per key.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the case's institution; [`ServiceError::Refused`] before a person told the family, and of an identification that is
/// doubted or revoked; [`ServiceError::Taken`]; [`ServiceError::Reused`].
pub async fn offer(app: &App, actor: &Actor, key: Option<&OnceKey>, new: NewRestitution) -> Result<Done<RestitutionId>, ServiceError> {
    actor.require(Right::WriteCases)?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let of = identifications::hold(&mut tx, new.identification).await?;
    if of.case_authority != actor.authority.0 {
        return Err(ServiceError::NotFound);
    }
    let id = RestitutionId::new(&*app.ids);
    if let Some(made) = once::claim(&mut tx, app, actor, key, id.0).await? {
        tx.rollback().await?;
        return Ok(Done::again(RestitutionId(made)));
    }
    if of.state() != IdentificationState::Issued {
        return Err(ServiceError::Refused("a restitution rests on an issued identification that nobody doubts".to_owned()));
    }
    if !notifications::told_of(&mut tx, new.identification).await? {
        return Err(ServiceError::Refused("nothing is offered before a person has told the family: record the delivery first".to_owned()));
    }
    let state = RestitutionState::Offered;
    let row = RestitutionRow {
        id: id.0,
        authority_id: of.case_authority,
        keeper_authority: of.found_authority,
        identification_id: of.id,
        case_id: of.case_id,
        state: state.to_string(),
        frozen_from: None,
        receiver: None,
        destination: None,
        carrier: None,
        payer: None,
        wishes: None,
        papers: serde_json::json!({}),
        delivered_at: None,
        rev: 1,
        created_by: actor.user.0,
        created_at: now,
        updated_at: now,
    };
    restitutions::insert(&mut tx, &row).await.map_err(|e| match e {
        DbError::Unique(name) if name == "restitution_live" => ServiceError::Taken("a restitution of this identification".to_owned()),
        other => other.into(),
    })?;
    let step = StepRow {
        id: app.ids.next(),
        restitution_id: id.0,
        authority_id: actor.authority.0,
        user_id: Some(actor.user.0),
        command: "offer".to_owned(),
        from_state: state.to_string(),
        to_state: state.to_string(),
        reason: String::new(),
        at: now,
    };
    restitutions::insert_step(&mut tx, &step).await?;
    let keeper = AuthorityId(row.keeper_authority);
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("create", "restitution", id, keeper)).await?;
    tx.commit().await?;
    Ok(Done::first(id))
}
