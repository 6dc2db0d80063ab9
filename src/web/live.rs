//! What happens to hypotheses, told to open pages and programs as server-sent events while it happens: ids only, to the authorities that may
//! see them. Whoever comes back with the last number they heard is told what they missed.

use crate::app::{App, Happening};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::ids::AuthorityId;
use crate::services::{ServiceError, accounts, desk};
use actix_web::{HttpRequest, Responder, web};
use actix_web_lab::sse::{Data, Event, Sse};
use chrono::{DateTime, Utc};
use futures_util::stream;
use serde::Serialize;
use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use uuid::Uuid;

/// A comment goes out as often when nothing happens, so that proxies keep the connection and a dead one is noticed.
const QUIET: Duration = Duration::from_secs(15);
/// How often the session behind a stream is looked at.
const CHECK: Duration = Duration::from_secs(30);
/// After a break a browser comes back this soon.
const RETRY: Duration = Duration::from_secs(1);
/// Most hypotheses in one event.
const MOST: usize = 500;

/// How long a stream may go on.
#[derive(Debug, Clone)]
pub(super) enum Until {
    /// While the staff session with this token lives. Looking does not keep it alive: a forgotten page signs out in time.
    Session(String),
    /// To the end of an access token.
    Instant(DateTime<Utc>),
}

impl Until {
    async fn holds(&self, app: &App) -> bool {
        match self {
            Self::Session(token) => accounts::session_lives(app, token).await.unwrap_or(false),
            Self::Instant(end) => app.now() < *end,
        }
    }
}

/// What an event carries.
#[derive(Debug, Serialize)]
struct News {
    /// How many hypotheses are new or changed.
    n: usize,
    /// Which.
    hypotheses: Vec<Uuid>,
}

struct Live {
    app: web::Data<App>,
    authority: AuthorityId,
    heard: Receiver<Happening>,
    /// The highest number heard.
    last: i64,
    /// What the feed held and is still to be told.
    missed: VecDeque<Happening>,
    /// What the feed held: it may come again from the channel.
    replayed: HashSet<(i64, Uuid)>,
    until: Until,
    check: tokio::time::Interval,
    counted: Open,
}

/// Counts an open stream for as long as it lives.
struct Open(web::Data<App>);

impl Open {
    fn new(app: &web::Data<App>) -> Self {
        app.metrics.streams.inc();
        Self(app.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.metrics.streams.dec();
    }
}

/// The stream of an actor. `after` is the last number they heard.
///
/// # Errors
/// [`ServiceError::Forbidden`] without the right to see hypotheses.
pub(super) async fn stream(
    app: &web::Data<App>,
    actor: &Actor,
    after: Option<i64>,
    until: Until,
) -> Result<impl Responder + use<>, ServiceError> {
    actor.require(Right::ReadHypotheses)?;
    // Listening begins before what was missed is read: nothing falls between.
    let heard = app.happenings.subscribe();
    let mut live = Live {
        app: app.clone(),
        authority: actor.authority,
        heard,
        last: after.unwrap_or_default(),
        missed: VecDeque::new(),
        replayed: HashSet::new(),
        until,
        check: tokio::time::interval_at(tokio::time::Instant::now() + CHECK, CHECK),
        counted: Open::new(app),
    };
    live.replay(after).await?;
    let events = stream::unfold(live, |mut live| async move { live.next().await.map(|event| (Ok::<_, Infallible>(event), live)) });
    Ok(Sse::from_stream(events).with_keep_alive(QUIET).with_retry_duration(RETRY))
}

/// The number after which a client that comes back wants to hear.
pub(super) fn last_event_id(request: &HttpRequest) -> Option<i64> {
    request.headers().get("last-event-id")?.to_str().ok()?.trim().parse().ok()
}

impl Live {
    /// Takes over what the feed holds after a number.
    async fn replay(&mut self, after: Option<i64>) -> Result<(), ServiceError> {
        let (missed, last) = desk::happenings(&self.app, after).await?;
        self.last = self.last.max(last);
        self.replayed = missed.iter().map(|h| (h.seq, h.hypothesis)).collect();
        self.missed = missed.into();
        Ok(())
    }

    /// The next event; none ends the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if !self.missed.is_empty() {
                let part: Vec<Happening> = self.missed.drain(..self.missed.len().min(MOST)).collect();
                if let Some(event) = self.event(part) {
                    return Some(event);
                }
                continue;
            }
            let stopping = self.counted.0.stopping.clone();
            tokio::select! {
                () = stopping.cancelled() => return None,
                _ = self.check.tick() => if !self.until.holds(&self.app).await { return None },
                heard = self.heard.recv() => match heard {
                    Ok(first) => {
                        let mut part = self.with_what_is_there(first);
                        part.retain(|h| !self.replayed.contains(&(h.seq, h.hypothesis)));
                        if let Some(event) = self.event(part) { return Some(event) }
                    }
                    // More happened than the channel holds: read it from the feed.
                    Err(RecvError::Lagged(_)) => self.replay(Some(self.last)).await.ok()?,
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    /// What else is waiting already, so that a thousand hypotheses of one import are a few events.
    fn with_what_is_there(&mut self, first: Happening) -> Vec<Happening> {
        let mut part = vec![first];
        while part.len() < MOST {
            match self.heard.try_recv() {
                Ok(next) => part.push(next),
                // A lag shows again at the next `recv`, which handles it.
                Err(TryRecvError::Empty | TryRecvError::Closed | TryRecvError::Lagged(_)) => break,
            }
        }
        part
    }

    /// The event of what this authority may see; a hypothesis that changed twice is told once.
    fn event(&mut self, part: Vec<Happening>) -> Option<Event> {
        let mut hypotheses: Vec<Uuid> = Vec::new();
        for happening in part {
            self.last = self.last.max(happening.seq);
            if happening.viewers.contains(&self.authority.0) && !hypotheses.contains(&happening.hypothesis) {
                hypotheses.push(happening.hypothesis);
            }
        }
        if hypotheses.is_empty() {
            return None;
        }
        let data = Data::new_json(News { n: hypotheses.len(), hypotheses }).ok()?;
        Some(data.event("news").id(self.last.to_string()).into())
    }
}
