//! Consulates and public defenders: a query for a related record with a stated purpose, answered by grade, never by a list; alerts that wait.

use super::ServiceError;
use super::once::{self, Done};
use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::forms::OnceKey;
use crate::db::messages::{self, NoticeLine, QueryRow};
use crate::db::partners;
use crate::domain::actor::Actor;
use crate::domain::authority::{Purpose, Right};
use crate::domain::dates::PartialDate;
use crate::domain::person::search_form;
use crate::domain::violations::Violations;
use chrono::Duration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// More queries than this of one person in an hour are no longer questions about persons but a search for whoever is there.
pub const QUERIES_PER_HOUR: usize = 60;

/// What a partner asks.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PartnerQuery {
    /// Name as known.
    pub name: String,
    /// Date of birth as known.
    pub birth: Option<PartialDate>,
    /// Nationality, ISO 3166-1 alpha-3.
    pub nationality: Option<String>,
    /// Number of a document.
    pub document: Option<String>,
    /// On what law or mandate the query rests.
    pub legal_basis: String,
}

/// The graded answer.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PartnerAnswer {
    /// The query's own number, for asking further.
    pub query: Uuid,
    /// `none` or `related_record`.
    pub grade: &'static str,
    /// Which authority to ask, when there is a related record that the agreement lets be named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<String>,
}

/// Answers a query from the records that agreement, consent and the actor's purpose let it touch; logs it for both sides. Needs at least a name of
/// two words with a year of birth, or a document number: less would be a list of everybody. At most [`QUERIES_PER_HOUR`].
/// Once per key: the same request sent again makes nothing again.
///
/// # Errors
/// [`ServiceError::Invalid`]; [`ServiceError::Forbidden`]; [`ServiceError::TooMany`]; [`ServiceError::Reused`].
pub async fn query(app: &App, actor: &Actor, key: Option<&OnceKey>, asked: &PartnerQuery) -> Result<Done<PartnerAnswer>, ServiceError> {
    actor.require(Right::PartnerQuery)?;
    let mut faults = Violations::default();
    if asked.legal_basis.trim().is_empty() {
        faults.add("/legal_basis", "empty", "say on what the query rests");
    }
    faults.check_text("/legal_basis", &asked.legal_basis, 500);
    faults.check_text("/name", &asked.name, 200);
    if let Some(document) = &asked.document {
        faults.check_text("/document", document, 100);
    }
    faults.check_country("/nationality", asked.nationality.as_ref());
    if matches!(actor.purpose, Purpose::Administration | Purpose::Statistics | Purpose::FamilyInformation) {
        faults.add("/purpose", "purpose", "this purpose opens no other authority's records");
    }
    let words: Vec<String> = search_form(&asked.name).split(' ').filter(|w| w.len() > 1).map(str::to_owned).collect();
    let document = asked.document.as_deref().map(str::trim).filter(|d| d.len() >= 5);
    if document.is_none() && (words.len() < 2 || asked.birth.is_none()) {
        faults.add("/name", "too_little", "give a document number, or a name of two words with a date or year of birth");
    }
    faults.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let made = app.ids.next();
    if let Some(id) = once::claim(&mut tx, app, actor, key, made).await? {
        tx.rollback().await?;
        let (row, ask) = answered(app, actor, id).await?;
        let grade = if row.grade == "related_record" { "related_record" } else { "none" };
        return Ok(Done::again(PartnerAnswer { query: id, grade, ask }));
    }
    let asked_at = messages::queries_since(&mut tx, actor.user, now - Duration::hours(1)).await?;
    if let Some(free) = asked_at.iter().rev().nth(QUERIES_PER_HOUR - 1).map(|at| *at + Duration::hours(1)) {
        // The key stays free for a later try; who asks too much is remembered.
        tx.rollback().await?;
        let mut tx = app.pool.begin_for(actor).await?;
        let event = Event::on_many("partner_query_refused", "person", Vec::new(), None);
        audit::append(&mut tx, &*app.ids, now, &Who::from(actor), event.query(Some(&asked.name))).await?;
        tx.commit().await?;
        return Err(ServiceError::TooMany(u32::try_from((free - now).num_seconds().max(1)).unwrap_or(3600)));
    }
    let hit = partners::find_related(&mut tx, actor.authority, &words, asked.birth, asked.nationality.as_deref(), document).await?;
    let row = QueryRow {
        id: made,
        authority_id: actor.authority.0,
        user_id: actor.user.0,
        purpose: actor.purpose.as_str().to_owned(),
        legal_basis: asked.legal_basis.clone(),
        criteria: super::cases::to_json(asked),
        birth_from: asked.birth.map(|b| b.from),
        birth_to: asked.birth.map(|b| b.to),
        words,
        grade: if hit.is_some() { "related_record" } else { "none" }.to_owned(),
        subject_owner: hit.as_ref().map(|h| h.authority_id),
        subject_kind: hit.as_ref().map(|h| h.kind.clone()),
        subject_id: hit.as_ref().map(|h| h.id),
        at: now,
    };
    messages::insert_query(&mut tx, &row).await?;
    let event = match &hit {
        Some(h) => Event::on("partner_query", &h.kind, h.id, crate::domain::ids::AuthorityId(h.authority_id)),
        None => Event::on_many("partner_query", "person", Vec::new(), None),
    };
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), event.query(Some(&asked.name))).await?;
    tx.commit().await?;
    let grade = if hit.is_some() { "related_record" } else { "none" };
    Ok(Done::first(PartnerAnswer { query: row.id, grade, ask: hit.map(|h| h.authority) }))
}

/// What waits for a partner: alerts and the queries it asked, or that touched its own records.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Alerts.
    pub notices: Vec<NoticeLine>,
    /// Queries.
    pub queries: Vec<QueryRow>,
    /// Names of the authorities that those queries name, by id.
    pub authorities: BTreeMap<Uuid, String>,
}

/// What the asking side may keep of its query: whom to ask. Which record it is, and whether of a missing or a found person, is the owner's to say.
fn for_asker(actor: &Actor, row: QueryRow) -> QueryRow {
    if row.subject_owner == Some(actor.authority.0) { row } else { QueryRow { subject_kind: None, subject_id: None, ..row } }
}

/// A partner's desk, audited.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn desk(app: &App, actor: &Actor) -> Result<Desk, ServiceError> {
    actor.require(Right::PartnerQuery)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let notices = messages::notices(&mut tx, actor.authority, 50).await?;
    let queries: Vec<QueryRow> = messages::queries(&mut tx, 50).await?.into_iter().map(|row| for_asker(actor, row)).collect();
    let named = |id: &Uuid| queries.iter().any(|q| q.authority_id == *id || q.subject_owner == Some(*id));
    let authorities = crate::db::accounts::authorities(&mut tx).await?.into_iter().filter(|a| named(&a.id)).map(|a| (a.id, a.name)).collect();
    let event = Event::on_many("list", "notice", notices.iter().map(|n| n.subject_id).collect(), None);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(Desk { notices, queries, authorities })
}

/// One of the institution's own queries with its answer, and which authority to ask; audited.
///
/// # Errors
/// [`ServiceError::NotFound`] for a query of anybody else.
pub async fn answered(app: &App, actor: &Actor, id: Uuid) -> Result<(QueryRow, Option<String>), ServiceError> {
    actor.require(Right::PartnerQuery)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = messages::own_query(&mut tx, actor.authority, id).await?;
    let ask = match row.subject_owner {
        Some(owner) => Some(crate::db::accounts::authority(&mut tx, crate::domain::ids::AuthorityId(owner)).await?.name),
        None => None,
    };
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "partner_query", id, actor.authority)).await?;
    tx.commit().await?;
    Ok((for_asker(actor, row), ask))
}
