//! Associations of families: the cases that mandated them, when the next contact is, and a question to the commission.

use super::ServiceError;
use super::once::{self, Done};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::cases::{self, MandateLine};
use crate::db::forms::OnceKey;
use crate::db::messages::{self, MessageRow};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::ids::{AuthorityId, CaseId};
use crate::domain::violations::Violations;
use chrono::NaiveDate;
use uuid::Uuid;

/// The mandated cases, audited.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<MandateLine>, ServiceError> {
    actor.require(Right::FollowMandates)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let lines = cases::mandated(&mut tx, actor.authority).await?;
    let event = Event::on_many("list", "case", lines.iter().map(|l| l.case_id).collect(), None);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(lines)
}

/// The association's questions on a case with their answers.
///
/// # Errors
/// [`ServiceError::NotFound`] without a mandate.
pub async fn thread(app: &App, actor: &Actor, case: CaseId) -> Result<(MandateLine, Vec<MessageRow>), ServiceError> {
    actor.require(Right::FollowMandates)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let line = cases::mandated(&mut tx, actor.authority).await?.into_iter().find(|l| l.case_id == case.0).ok_or(ServiceError::NotFound)?;
    let messages = messages::of_case(&mut tx, case).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "case", case, AuthorityId(line.authority_id))).await?;
    tx.commit().await?;
    Ok((line, messages))
}

/// Asks the commission about a mandated case.
/// Once per key: the same request sent again makes nothing again.
///
/// # Errors
/// [`ServiceError::NotFound`] without a mandate; [`ServiceError::Invalid`]; [`ServiceError::Reused`].
pub async fn ask(app: &App, actor: &Actor, case: CaseId, key: Option<&OnceKey>, text: &str) -> Result<Done, ServiceError> {
    actor.require(Right::FollowMandates)?;
    let mut faults = Violations::default();
    if text.trim().is_empty() {
        faults.add("/text", "empty", "write the question");
    }
    faults.check_text("/text", text, 2000);
    faults.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let line = cases::mandated(&mut tx, actor.authority).await?.into_iter().find(|l| l.case_id == case.0).ok_or(ServiceError::NotFound)?;
    let made = app.ids.next();
    if let Some(id) = once::claim(&mut tx, app, actor, key, made).await? {
        tx.rollback().await?;
        return Ok(Done::again(id));
    }
    let row = MessageRow {
        id: made,
        authority_id: line.authority_id,
        case_id: case.0,
        kind: "association_question".to_owned(),
        author_kind: "association".to_owned(),
        author_authority: Some(actor.authority.0),
        author_user: Some(actor.user.0),
        body: text.trim().to_owned(),
        in_reply_to: None,
        created_at: now,
        answered_at: None,
    };
    messages::insert(&mut tx, &row).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("ask", "case", case, AuthorityId(line.authority_id))).await?;
    tx.commit().await?;
    Ok(Done::first(made))
}

/// Answers a message of a family or an association on an own case.
///
/// # Errors
/// [`ServiceError::NotFound`]; [`ServiceError::Invalid`].
pub async fn answer(app: &App, actor: &Actor, case: CaseId, message: Uuid, text: &str) -> Result<(), ServiceError> {
    actor.require(Right::WriteCases)?;
    let mut faults = Violations::default();
    if text.trim().is_empty() {
        faults.add("/text", "empty", "write the answer");
    }
    faults.check_text("/text", text, 2000);
    faults.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let question = messages::of_case(&mut tx, case).await?.into_iter().find(|m| m.id == message).ok_or(ServiceError::NotFound)?;
    if cases::get(&mut tx, case).await?.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    if !messages::answered(&mut tx, message, now).await? {
        return Err(ServiceError::Refused("it was answered already".to_owned()));
    }
    let row = MessageRow {
        id: app.ids.next(),
        authority_id: actor.authority.0,
        case_id: case.0,
        kind: "answer".to_owned(),
        author_kind: "staff".to_owned(),
        author_authority: question.author_authority,
        author_user: Some(actor.user.0),
        body: text.trim().to_owned(),
        in_reply_to: Some(message),
        created_at: now,
        answered_at: None,
    };
    messages::insert(&mut tx, &row).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("answer", "case", case, actor.authority)).await?;
    tx.commit().await?;
    Ok(())
}

/// Records that a family mandated an association to follow its case, and when they meet next.
///
/// # Errors
/// [`ServiceError::NotFound`] for a case or association that is not there; [`ServiceError::Invalid`].
pub async fn mandate(
    app: &App,
    actor: &Actor,
    case: CaseId,
    association: AuthorityId,
    next_contact: Option<NaiveDate>,
) -> Result<(), ServiceError> {
    actor.require(Right::WriteCases)?;
    let mut faults = Violations::default();
    if let Some(day) = next_contact {
        faults.check_day("/next_contact", day);
    }
    faults.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    if cases::get(&mut tx, case).await?.owner() != actor.authority {
        return Err(ServiceError::NotFound);
    }
    let there = crate::db::accounts::authority(&mut tx, association).await?;
    if there.kind() != crate::domain::authority::AuthorityKind::Association {
        return Err(ServiceError::Refused("a mandate is given to an association of families".to_owned()));
    }
    messages::put_mandate(&mut tx, app.ids.next(), actor.authority, case, association, now, next_contact).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("mandate", "case", case, actor.authority)).await?;
    tx.commit().await?;
    Ok(())
}
