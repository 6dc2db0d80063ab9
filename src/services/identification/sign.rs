//! Signing: two people of the two institutions. The second signature issues.

use super::moves::still_confirmed;
use super::report::content_hash;
use super::snapshot::{Beside, Snapshot};
use crate::app::App;
use crate::db::identifications::{self, IdentificationRow, SignatureRow};
use crate::db::{DbError, Tx, accounts, notifications};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::identification::{IdentificationState, Signatory, SignatureRefused, add_signature};
use crate::domain::ids::IdentificationId;
use crate::services::ServiceError;
use chrono::Duration;

/// Days within which it is planned how the family is told (domain.md 6.1).
const PLAN_DAYS: i64 = 5;

/// Adds a signature to the round. A hypothesis that became open since it was handed in is compared first.
pub(super) async fn sign(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    row: &mut IdentificationRow,
    from: IdentificationState,
) -> Result<(), ServiceError> {
    let id = IdentificationId(row.id);
    let given: Vec<Signatory> =
        identifications::signatures(tx, id).await?.iter().filter(|s| s.round == row.round).map(SignatureRow::signatory).collect();
    let decides = add_signature(&given, Signatory { user: actor.user, authority: actor.authority })?;
    if decides != (from == IdentificationState::Signed) {
        return Err(ServiceError::Internal(anyhow::anyhow!("state and signatures of an identification differ")));
    }
    still_confirmed(tx, actor, row).await?;
    let known = Snapshot::kept(row).map(|s| s.alternatives).unwrap_or_default();
    let beside = Beside::of(tx, row).await?;
    if beside.alternatives.iter().any(|a| !known.iter().any(|k| k.hypothesis == a.hypothesis_id)) {
        let why =
            "another hypothesis on the case or the remains became open since it was handed in; return it to the draft and compare that one too";
        return Err(ServiceError::Refused(why.to_owned()));
    }
    let office = actor.roles.iter().find(|r| r.rights().contains(&Right::Identify)).map(ToString::to_string).unwrap_or_default();
    let signature = SignatureRow {
        id: app.ids.next(),
        identification_id: row.id,
        round: row.round,
        authority_id: actor.authority.0,
        signer: actor.user.0,
        name: accounts::contact(tx, actor.user).await?.map(|(name, _)| name).unwrap_or_default(),
        office,
        content_hash: content_hash(row),
        at: app.now(),
    };
    identifications::insert_signature(tx, &signature).await.map_err(|e| match e {
        DbError::Unique(_) => ServiceError::Signature(SignatureRefused::SameInstitution),
        other => other.into(),
    })?;
    if decides {
        row.issued_at = Some(app.now());
    }
    Ok(())
}

/// What follows from issuing: the case's institution has to tell the family, and both know that it was issued. Nothing that a family reads moves.
pub(super) async fn issued(tx: &mut Tx, app: &App, id: IdentificationId) -> Result<(), ServiceError> {
    let now = app.now();
    notifications::open_for(tx, id, (app.ids.next(), app.ids.next()), now + Duration::days(PLAN_DAYS), now).await?;
    identifications::tell(tx, id, "identification_issued", true, now).await?;
    Ok(())
}
