//! Beginning an identification, writing it, comparing alternatives.

use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::forms::OnceKey;
use crate::db::identifications::{self, ComparisonRow, IdentificationRow};
use crate::db::{accounts, hypotheses};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::found::FoundKind;
use crate::domain::identification::{IdentificationCommand as C, IdentificationState, Method};
use crate::domain::ids::{FoundId, HypothesisId, IdentificationId};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::cases::next_folio;
use crate::services::once::{self, Done};
use chrono::Datelike;
use serde::{Deserialize, Serialize};

/// Longest text of an identification, characters.
const LONGEST: usize = 20_000;
/// The series of an identification's number (dictamen).
const SERIES: &str = "D";

/// What an identification is begun on.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIdentification {
    /// A confirmed hypothesis on remains.
    pub hypothesis: HypothesisId,
}

/// An identification just begun.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Drafted {
    /// Its id.
    pub id: IdentificationId,
    /// Its number.
    pub number: String,
    /// Its revision.
    #[serde(rename = "revision")]
    pub rev: i32,
}

/// Begins an identification on a confirmed hypothesis on remains, once per key.
///
/// # Errors
/// [`ServiceError::NotFound`] for anybody but the hypothesis' two institutions; [`ServiceError::Refused`] while it is not confirmed, on a living person's record,
/// and where the remains are identified as somebody else's; [`ServiceError::Taken`] when there is one already; [`ServiceError::Reused`].
pub async fn draft(app: &App, actor: &Actor, key: Option<&OnceKey>, new: NewIdentification) -> Result<Done<Drafted>, ServiceError> {
    actor.require(Right::Identify)?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let id = IdentificationId::new(&*app.ids);
    if let Some(made) = once::claim(&mut tx, app, actor, key, id.0).await? {
        let row = identifications::get(&mut tx, IdentificationId(made)).await?;
        return Ok(Done::again(Drafted { id: IdentificationId(row.id), number: row.number, rev: row.rev }));
    }
    let pair = hypotheses::get(&mut tx, new.hypothesis).await?;
    let Some(subjects) = identifications::subjects(&mut tx, new.hypothesis).await? else {
        return Err(ServiceError::Refused("an identification is drafted on a hypothesis that two institutions have confirmed".to_owned()));
    };
    if !subjects.found_kind.parse().is_ok_and(FoundKind::is_remains) {
        return Err(ServiceError::Refused("only remains are identified; whoever was found alive is located, and decides".to_owned()));
    }
    super::moves::one_person(&mut tx, FoundId(pair.found_id)).await?;
    if identifications::identified_as_another(&mut tx, new.hypothesis).await? {
        return Err(ServiceError::Refused(
            "these remains are identified as somebody else's: one of the two is wrong; revoke that one first".to_owned(),
        ));
    }
    let number = next_folio(&mut tx, actor.authority, SERIES, now.year()).await?.to_string();
    let name = accounts::contact(&mut tx, actor.user).await?.map(|(name, _)| name).unwrap_or_default();
    let row = IdentificationRow {
        id: id.0,
        number: number.clone(),
        hypothesis_id: pair.id,
        case_id: pair.case_id,
        found_id: pair.found_id,
        case_authority: pair.case_authority,
        found_authority: pair.found_authority,
        case_folio: subjects.case_folio,
        found_folio: subjects.found_folio,
        state: IdentificationState::Draft.to_string(),
        round: 1,
        methods: Vec::new(),
        reasoning: String::new(),
        conclusion: String::new(),
        limits: String::new(),
        opinion: None,
        snapshot: None,
        drafted_by: actor.user.0,
        drafted_name: name,
        drafted_authority: actor.authority.0,
        rev: 1,
        issued_at: None,
        created_at: now,
        updated_at: now,
    };
    identifications::insert(&mut tx, &row).await.map_err(|e| match e {
        crate::db::DbError::Unique(name) if name == "identification_live" => {
            ServiceError::Taken("an identification on this hypothesis".to_owned())
        }
        other => other.into(),
    })?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("create", "identification", id, row.other_than(actor.authority)))
        .await?;
    tx.commit().await?;
    Ok(Done::first(Drafted { id, number, rev: 1 }))
}

/// What an identification says. A draft may still lack parts; handing it in does not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IdentificationText {
    /// On what it rests.
    pub methods: Vec<Method>,
    /// Why that identifies; needed for a reasoned combination.
    pub reasoning: String,
    /// What is concluded.
    pub conclusion: String,
    /// What it cannot say.
    pub limits: String,
}

impl IdentificationText {
    fn check(&self) -> Result<(), Violations> {
        let mut faults = Violations::default();
        for (pointer, text) in [("/reasoning", &self.reasoning), ("/conclusion", &self.conclusion), ("/limits", &self.limits)] {
            faults.check_text(pointer, text, LONGEST);
        }
        faults.into_result()
    }
}

/// Rewrites a draft that is still at revision `rev`. Returns the new revision.
///
/// # Errors
/// [`ServiceError::IllegalIdentification`] once it was handed in; [`ServiceError::Stale`]; [`ServiceError::Invalid`]; [`ServiceError::NotFound`].
pub async fn edit(app: &App, actor: &Actor, id: IdentificationId, rev: i32, text: IdentificationText) -> Result<i32, ServiceError> {
    actor.require(Right::Identify)?;
    text.check()?;
    let mut tx = app.pool.begin_for(actor).await?;
    let (mut row, _) = super::at(&mut tx, id, rev, C::Edit).await?;
    let mut methods = text.methods;
    methods.sort_unstable();
    methods.dedup();
    row.methods = methods.iter().map(ToString::to_string).collect();
    row.reasoning = text.reasoning;
    row.conclusion = text.conclusion;
    row.limits = text.limits;
    let owner = row.other_than(actor.authority);
    let rev = super::save(&mut tx, app, row).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("change", "identification", id, owner)).await?;
    tx.commit().await?;
    Ok(rev)
}

/// The written comparison with an alternative.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Why the hypothesis of the identification, and not this one. The other institution reads it.
    pub comparison: String,
}

/// Compares the hypothesis of a draft with another open one on either side, in words. Returns the new revision.
///
/// # Errors
/// [`ServiceError::NotFound`] for a hypothesis that is no alternative or may not be seen; [`ServiceError::IllegalIdentification`]; [`ServiceError::Stale`];
/// [`ServiceError::Invalid`].
pub async fn compare(
    app: &App,
    actor: &Actor,
    id: IdentificationId,
    rev: i32,
    alternative: HypothesisId,
    new: Comparison,
) -> Result<i32, ServiceError> {
    actor.require(Right::Identify)?;
    let mut faults = Violations::default();
    if new.comparison.trim().chars().count() < crate::domain::identification::FEWEST {
        faults.add("/comparison", "empty", "write why this one is less well supported, in a sentence");
    }
    faults.check_text("/comparison", &new.comparison, 4000);
    faults.into_result()?;
    let mut tx = app.pool.begin_for(actor).await?;
    let (row, _) = super::at(&mut tx, id, rev, C::Edit).await?;
    let there = identifications::alternatives(&mut tx, HypothesisId(row.hypothesis_id)).await?;
    if !there.iter().any(|a| a.hypothesis_id == alternative.0 && a.seen) {
        return Err(ServiceError::NotFound);
    }
    let comparison = ComparisonRow {
        identification_id: id.0,
        hypothesis_id: alternative.0,
        authority_id: actor.authority.0,
        author: actor.user.0,
        comparison: new.comparison,
        at: app.now(),
    };
    identifications::compare(&mut tx, &comparison).await?;
    let owner = row.other_than(actor.authority);
    let rev = super::save(&mut tx, app, row).await?;
    let event = Event::on("compare", "identification", id, owner).detail(serde_json::json!({ "hypothesis": alternative }));
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(rev)
}
