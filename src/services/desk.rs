//! My day: what is due, what is new, what waits.

use super::ServiceError;
use crate::app::{App, Happening};
use crate::db::cases::{self, DueLine};
use crate::db::hypotheses::{self, HypothesisLine, QueueFilter};
use crate::db::messages::{self, NoticeLine};
use crate::db::{Role, Scope, feed};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;

/// A member of staff's day.
#[derive(Debug, Clone, Default)]
pub struct Day {
    /// What is to be done, most overdue first.
    pub due: Vec<DueLine>,
    /// The strongest open hypotheses.
    pub hypotheses: Vec<HypothesisLine>,
    /// Open hypotheses by band.
    pub bands: Vec<(String, i64)>,
    /// What waits in the portal.
    pub notices: Vec<NoticeLine>,
}

/// Puts the day together from what the roles may see.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn day(app: &App, actor: &Actor) -> Result<Day, ServiceError> {
    let mut tx = app.pool.begin_for(actor).await?;
    let mut day = Day { notices: messages::notices(&mut tx, actor.authority, 20).await?, ..Day::default() };
    if actor.may(Right::WriteCases) {
        day.due = cases::due(&mut tx, actor.authority, 20).await?;
    }
    if actor.may(Right::ReadHypotheses) {
        day.hypotheses = super::hypotheses::lines(&mut tx, actor, &QueueFilter::default(), None, 10).await?;
        day.bands = hypotheses::open_by_band(&mut tx, actor.authority).await?;
    }
    let shown = day.due.iter().map(|d| d.case_id).chain(day.hypotheses.iter().map(|h| h.case_id)).collect();
    let event = crate::db::audit::Event::on_many("list", "case", shown, None);
    crate::db::audit::append(&mut tx, &*app.ids, app.now(), &crate::db::audit::Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(day)
}

/// What happened to hypotheses after a number of the feed, oldest first, and the highest number there is; nothing without a number. Of everybody:
/// whoever tells it on asks each happening for its viewers. The feed keeps a day; from before that nothing comes.
///
/// # Errors
/// [`ServiceError::Database`].
pub async fn happenings(app: &App, after: Option<i64>) -> Result<(Vec<Happening>, i64), ServiceError> {
    let mut tx = app.pool.begin(Role::Matcher, &Scope::default()).await?;
    let last = feed::last(&mut tx).await?;
    let mut found = Vec::new();
    for (seq, ids) in feed::hypotheses_after(&mut tx, after.unwrap_or(last)).await? {
        let seen = hypotheses::viewers(&mut tx, &ids).await?;
        found.extend(seen.into_iter().map(|(hypothesis, viewers)| Happening { seq, hypothesis, viewers }));
    }
    tx.commit().await?;
    Ok((found, last))
}
