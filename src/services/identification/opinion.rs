//! What DNA says, put in words by a geneticist of the institution that holds the result: sums, never alleles or what a locus weighs.

use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::{accounts, identifications};
use crate::domain::actor::Actor;
use crate::domain::identification::IdentificationCommand as C;
use crate::domain::ids::{CaseId, FoundId, IdentificationId};
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::bank::profiles;
use crate::services::cases::to_json;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The words of a genetic opinion. Its figures come from the bank's own result.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOpinion {
    /// What the result means, for readers who are no geneticists.
    pub words: String,
}

/// What DNA says of an identification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GeneticOpinion {
    /// Markers compared.
    pub markers: i16,
    /// Markers that exclude.
    pub excluding: i16,
    /// log10 of the likelihood ratio over the markers that do not exclude, in tenths, so that no locus can be read from it.
    pub log10_lr: f64,
    /// How many of sex, Y and mtDNA exclude.
    #[serde(default)]
    pub conflicts: i16,
    /// kinship, by relatives, or direct, by the missing person's own things.
    #[serde(default)]
    pub basis: String,
    /// The frequency table.
    pub frequencies: String,
    /// How mutations are taken to happen.
    pub mutation: String,
    /// Engine, table and models as the result keeps them.
    pub stamp: String,
    /// What it means, in words.
    pub words: String,
    /// The institution that holds the result.
    pub institution: String,
    /// The geneticist.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl GeneticOpinion {
    /// As a draft keeps it.
    pub(super) fn kept(value: Option<&serde_json::Value>) -> Option<Self> {
        value.and_then(|v| serde_json::from_value(v.clone()).ok())
    }
}

/// A part of a result's stamp, `engine; table; minimum; mutation …; theta …`.
fn part(stamp: &str, n: usize) -> String {
    stamp.split("; ").nth(n).unwrap_or_default().to_owned()
}

/// Attaches the genetic opinion to a draft that is still at revision `rev`, or puts a new one in its place. Returns the new revision.
///
/// # Errors
/// [`ServiceError::Refused`] where the geneticist's institution holds no result of the pair; [`ServiceError::IllegalIdentification`]; [`ServiceError::Stale`];
/// [`ServiceError::Invalid`]; [`ServiceError::NotFound`].
pub async fn attach_opinion(app: &App, actor: &Actor, id: IdentificationId, rev: i32, new: NewOpinion) -> Result<i32, ServiceError> {
    let mut faults = Violations::default();
    if new.words.trim().chars().count() < crate::domain::identification::FEWEST {
        faults.add("/words", "empty", "write what the result means, for readers who are no geneticists");
    }
    faults.check_text("/words", &new.words, 4000);
    let mut tx = profiles::begin(app, actor).await?;
    faults.into_result()?;
    let (mut row, _) = super::at(&mut tx, id, rev, C::Edit).await?;
    let Some(result) = identifications::pair_result(&mut tx, CaseId(row.case_id), FoundId(row.found_id)).await? else {
        let why =
            "your institution's bank holds no result of this case and these remains; the institution that weighed them attaches the opinion";
        return Err(ServiceError::Refused(why.to_owned()));
    };
    let opinion = GeneticOpinion {
        markers: result.compared,
        excluding: result.excluding,
        log10_lr: (result.log10_lr * 10.0).round() / 10.0,
        conflicts: result.conflicts,
        basis: result.basis,
        frequencies: part(&result.model, 1),
        mutation: part(&result.model, 3),
        stamp: result.model,
        words: new.words,
        institution: accounts::authority(&mut tx, actor.authority).await?.name,
        by: accounts::contact(&mut tx, actor.user).await?.map(|(name, _)| name).unwrap_or_default(),
        at: app.now(),
    };
    row.opinion = Some(to_json(&opinion));
    let owner = row.other_than(actor.authority);
    let rev = super::save(&mut tx, app, row).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("attach_opinion", "identification", id, owner)).await?;
    tx.commit().await?;
    Ok(rev)
}
