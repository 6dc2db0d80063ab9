//! Patterns for search commissions: what records of one kind have in common in space, time and circumstances. Counts, not risk.
//!
//! The audience's own records are shown in full to roles that may read them. Others' records take part only where the question asks for them and
//! as far as agreement, consent and purpose share their circumstances, at the places and in the months that sharing leaves; what then comes out is
//! told only where five or more of others' persons stand together, in steps of five, without single days or places ([`cut`]).

mod analyse;
mod cut;

pub use analyse::{Along, Findings, Ground, STRETCH_KM, Settings, Subject, VAGUE_M, analyse};
pub use cut::{
    AlongTold, Audience, BinTold, CorridorTold, ExcessTold, GroupTold, LiftCounts, LiftTold, Member, Persons, Sides, SignTold, StretchTold,
    Told, month_end, month_start,
};

use super::ServiceError;
use super::space::{self, PointKind};
use crate::app::App;
use crate::db::Tx;
use crate::db::audit::{self, Event, Who};
use crate::db::patterns::{self, PatternRow, Wanted};
use crate::db::places::IncidentRow;
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::disclosure::{Category, Sight};
use crate::domain::ids::AuthorityId;
use crate::domain::place::Place;
use crate::domain::violations::Violations;
use crate::geo::patterns::Sign;
use crate::geo::{Position, RouteIndex};
use chrono::{Datelike, NaiveDate};
use rand::{Rng, SeedableRng};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// More records than this do not take part; the latest do.
pub const MOST: usize = 20_000;
/// Dates known less well than this do not take part in what depends on when something was.
const VAGUE_DAYS: i64 = 62;
/// The scan stops shuffling after this time; its answer says on how many shuffles it rests.
const PATIENCE: Duration = Duration::from_secs(6);

/// What is asked.
#[derive(Debug, Clone)]
pub struct PatternQuery {
    /// One kind at a time: a person who is sought and found would count twice.
    pub kind: PointKind,
    /// Only what may lie on this corridor, with the density along it.
    pub corridor: Option<String>,
    /// From this day; from the first of its month when others take part.
    pub from: Option<NaiveDate>,
    /// To this day; to the last of its month when others take part.
    pub to: Option<NaiveDate>,
    /// Whether records take part that others share.
    pub shared: bool,
    /// How far the kernel of the density reaches, 10 to 25 km.
    pub bandwidth_km: f64,
    /// Distance of neighbours in a cluster, 5 to 25 km.
    pub eps_km: f64,
    /// Days between neighbours in a cluster, 30 to 90.
    pub eps_days: u32,
    /// Neighbours that make a cluster, 4 or 5.
    pub least: u32,
}

impl PatternQuery {
    /// All records of a kind that are the audience's own, with the usual settings.
    #[must_use]
    pub const fn of(kind: PointKind) -> Self {
        Self { kind, corridor: None, from: None, to: None, shared: false, bandwidth_km: 15.0, eps_km: 15.0, eps_days: 60, least: 5 }
    }
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Patterns {
    /// What was found.
    pub told: Told,
    /// From which day the records are.
    pub from: Option<NaiveDate>,
    /// To which day.
    pub to: Option<NaiveDate>,
    /// Whether older records were left out because there are more than [`MOST`].
    pub cut_off: bool,
}

struct Checked {
    route: Option<RouteIndex>,
    settings: Settings,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

fn check(app: &App, query: &PatternQuery) -> Result<Checked, ServiceError> {
    let mut faults = Violations::default();
    let corridor = query.corridor.as_deref().filter(|c| !c.is_empty());
    let route = corridor.and_then(|corridor| app.space.corridors().find(corridor));
    if corridor.is_some() && route.is_none() {
        faults.add("/corridor", "unknown_route", "there is no route of that id");
    }
    for (pointer, day) in [("/from", query.from), ("/to", query.to)] {
        day.into_iter().for_each(|day| faults.check_day(pointer, day));
    }
    if let (Some(from), Some(to)) = (query.from, query.to)
        && from > to
    {
        faults.add("/from", "reversed", "the period ends before it begins");
    }
    if query.shared && query.kind == PointKind::Incident {
        faults.add("/shared", "public", "incidents are public; nobody shares them");
    }
    // Where others take part, places lie on a grid of a quarter of a degree: nearer neighbours than 25 km are those of one cell.
    let eps_km = if query.shared { query.eps_km.max(25.0) } else { query.eps_km };
    let within = query.eps_km <= 25.0;
    match Settings::new(query.bandwidth_km, eps_km, query.eps_days, query.least) {
        Ok(settings) if within => {
            faults.into_result()?;
            let (from, to) = if query.shared { (query.from.map(month_start), query.to.map(month_end)) } else { (query.from, query.to) };
            Ok(Checked { route, settings, from, to })
        }
        refused => {
            let message = refused.map_or_else(|e| e.to_string(), |_| "the distance of neighbours in km is a number from 5 to 25".to_owned());
            faults.add("/settings", "out_of_range", message);
            Err(faults.into())
        }
    }
}

fn sign(attribute: &str, value: impl Into<String>) -> Sign {
    Sign { attribute: attribute.to_owned(), value: value.into() }
}

/// The day in the middle, when it is known well enough.
fn middle(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Option<i32> {
    let (from, to) = (from.or(to)?, to.or(from)?);
    let days = (to - from).num_days();
    (0..=VAGUE_DAYS).contains(&days).then(|| from.num_days_from_ce() + i32::try_from(days / 2).unwrap_or(0))
}

/// The month, when it is known.
fn month(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Option<Sign> {
    let (from, to) = (from.or(to)?, to.or(from)?);
    let same = (from.year(), from.month()) == (to.year(), to.month());
    same.then(|| sign("month", format!("{}-{:02}", from.year(), from.month())))
}

/// A record as the audience may use it; `own` when it is the audience's and its roles may read it.
fn subject(row: &PatternRow, viewer: AuthorityId, cleared: bool) -> Option<Subject> {
    let shared = row.shared.iter().filter_map(|category| category.parse::<Category>().ok());
    let owner = AuthorityId(row.authority_id);
    let own = owner == viewer && cleared;
    // A role that may not read the authority's own records has them as those of others.
    let sight = if own {
        Sight::owner()
    } else if owner == viewer {
        Sight::partner(Category::ALL.iter().copied())
    } else {
        Sight::decide(owner, viewer, shared)
    };
    let whole = Place { country: row.country.clone(), lat: row.lat, lon: row.lon, uncertainty_m: row.uncertainty_m, ..Place::default() };
    let place = sight.place(&whole)?;
    let (mut from, mut to) = (row.event_from, row.event_to);
    if !own {
        // Of others' records the month is enough, so that the day can be read from nothing that comes out.
        from = from.map(month_start);
        to = to.map(month_end);
    }
    let mut signs: Vec<Sign> = month(from, to).into_iter().collect();
    signs.extend(place.country.iter().map(|country| sign("country", country.as_str())));
    signs.extend(row.transport.iter().filter(|transport| *transport != "unknown").map(|transport| sign("transport", transport.as_str())));
    if sight.covers(Category::Identity) {
        signs.extend(row.nationalities.iter().map(|country| sign("origin", country.as_str())));
    }
    if row.kind != "case" {
        signs.push(sign("kind", row.kind.as_str()));
    }
    if own {
        signs.extend(row.risk_flags.iter().map(|risk| sign("risk", risk.as_str())));
        signs.extend(row.incident_id.map(|incident| sign("incident", incident.to_string())));
    }
    let at = place.position().and_then(|(lat, lon)| Position::new(lat, lon).ok());
    Some(Subject { at, radius_m: place.radius_m(), day: middle(from, to), signs, own })
}

/// An incident: public, so anybody's own.
fn incident(row: &IncidentRow) -> Subject {
    let at = row.lat.zip(row.lon).and_then(|(lat, lon)| Position::new(lat, lon).ok());
    let (from, to) = (row.occurred_from, row.occurred_to);
    let mut signs: Vec<Sign> = month(from, to).into_iter().collect();
    signs.extend(row.country.iter().map(|country| sign("country", country.as_str())));
    if row.cause_class != "unknown" {
        signs.push(sign("cause", row.cause_class.as_str()));
    }
    signs.extend(row.route.iter().map(|route| sign("route", route.as_str())));
    Subject { at, radius_m: space::INCIDENT_UNCERTAINTY_M, day: middle(from, to), signs, own: true }
}

/// The records with their names, and whether there were more.
struct Taken {
    subjects: Vec<Subject>,
    members: Vec<Member>,
    cut_off: bool,
}

async fn take(tx: &mut Tx, actor: &Actor, query: &PatternQuery, checked: &Checked, cleared: bool) -> Result<Taken, ServiceError> {
    let wanted = Wanted {
        viewer: actor.authority,
        shared: query.shared,
        from: checked.from,
        to: checked.to,
        limit: i64::try_from(MOST).unwrap_or(i64::MAX) + 1,
    };
    let mut rows = if query.kind == PointKind::Case { patterns::cases(tx, &wanted).await? } else { patterns::found(tx, &wanted).await? };
    let cut_off = rows.len() > MOST;
    rows.truncate(MOST);
    let known = rows.into_iter().filter_map(|row| {
        let subject = subject(&row, actor.authority, cleared)?;
        Some((subject, Member { id: row.id.to_string(), name: row.folio }))
    });
    let (subjects, members) = known.unzip();
    Ok(Taken { subjects, members, cut_off })
}

/// Incidents of the period, the latest first.
fn take_incidents(mut rows: Vec<IncidentRow>, checked: &Checked) -> Taken {
    rows.retain(|row| {
        let (first, last) = (row.occurred_from.or(row.occurred_to), row.occurred_to.or(row.occurred_from));
        checked.from.is_none_or(|from| last.is_some_and(|last| last >= from))
            && checked.to.is_none_or(|to| first.is_some_and(|first| first <= to))
    });
    rows.sort_by(|a, b| b.occurred_to.cmp(&a.occurred_to).then(a.id.cmp(&b.id)));
    let cut_off = rows.len() > MOST;
    rows.truncate(MOST);
    let member = |row: &IncidentRow| Member { id: row.id.to_string(), name: row.external_id.clone() };
    Taken { subjects: rows.iter().map(incident).collect(), members: rows.iter().map(member).collect(), cut_off }
}

/// The same question gets the same shuffles.
fn seed(query: &PatternQuery) -> u64 {
    let digest = Sha256::digest(format!("{query:?}").as_bytes());
    digest.iter().take(8).fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
}

/// Looks for patterns in what the actor may see, and tells what they may hear of it (this module). Audited, also with those whose shared records
/// were asked.
///
/// # Errors
/// [`ServiceError::Invalid`] for an unknown corridor, a reversed period or settings out of range; [`ServiceError::Forbidden`].
pub async fn patterns(app: &App, actor: &Actor, query: &PatternQuery) -> Result<Patterns, ServiceError> {
    actor.require(Right::ReadRoutes)?;
    let checked = check(app, query)?;
    let cleared = match query.kind {
        PointKind::Case => actor.may(Right::ReadCases),
        PointKind::FoundRecord => actor.may(Right::ReadFound),
        PointKind::Incident => true,
    };
    let incidents = if query.kind == PointKind::Incident { Some(space::incidents(app, actor).await?) } else { None };
    let mut tx = app.pool.begin_for(actor).await?;
    let (taken, givers) = match incidents {
        Some(rows) => (take_incidents(rows, &checked), Vec::new()),
        None => {
            let taken = take(&mut tx, actor, query, &checked, cleared).await?;
            (taken, if query.shared { patterns::givers(&mut tx).await? } else { Vec::new() })
        }
    };
    // What is read is told of only after the audit below; meanwhile nothing holds a connection.
    tx.commit().await?;
    let Taken { subjects, members, cut_off } = taken;
    let exact = cleared && !query.shared;
    let told = {
        let (space, seed, (route, settings)) = (Arc::clone(&app.space), seed(query), (checked.route, checked.settings));
        let work = move || {
            let started = Instant::now();
            let mut numbers = rand::rngs::StdRng::seed_from_u64(seed);
            let ground = Ground { corridors: space.corridors(), route, settings: &settings };
            let mut found = analyse(ground, &subjects, &mut || numbers.next_u64(), &mut |_| started.elapsed() < PATIENCE);
            found.along.retain(|along| Some(along.route) == route);
            let name = |number: usize| members.get(number).cloned().unwrap_or_else(|| Member { id: String::new(), name: String::new() });
            Audience { exact, subjects: &subjects, names: &name }.cut(space.corridors(), &found)
        };
        tokio::task::spawn_blocking(work).await.map_err(|e| ServiceError::Internal(e.into()))?
    };
    let mut tx = app.pool.begin_for(actor).await?;
    if query.kind != PointKind::Incident {
        let groups = told.clusters.iter().chain(told.scan.iter().map(|excess| &excess.group));
        let shown = groups.flat_map(|group| &group.members).chain(told.lift.iter().flat_map(|lift| &lift.members));
        let ids: BTreeSet<uuid::Uuid> = shown.filter_map(|member| member.id.parse().ok()).collect();
        let detail = serde_json::json!({ "kind": query.kind, "corridor": query.corridor, "from": checked.from, "to": checked.to, "shared": query.shared });
        let event = Event::on_many("patterns", "record", ids.into_iter().collect(), Some(actor.authority)).detail(detail.clone());
        audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
        // Every partner alike, whether or not it has records that took part: the line must not tell.
        for giver in givers {
            let event = Event { results: None, ..Event::on_many("patterns", "record", Vec::new(), Some(giver)).detail(detail.clone()) };
            audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
        }
    }
    tx.commit().await?;
    Ok(Patterns { told, from: checked.from, to: checked.to, cut_off })
}
