//! From records with a place and a day to what they have in common. Knows no database: a file is looked at in the same way.

use super::cut::Sides;
use crate::geo::patterns::{
    ClusterOptions, DensityBin, DensityOptions, Event, NetworkDensity, PatternSettingError, ScanOptions, Sign, permutation_scan, shared_signs,
    space_time_clusters,
};
use crate::geo::{CONTAINMENT, Corridors, Metres, Position, RouteIndex, Snap, SnapOptions, sigma_from_radius, uniform_prior};

/// Places less certain than this take no part in what depends on where something was.
pub const VAGUE_M: f64 = 50_000.0;
/// Length of a stretch of a corridor, in which persons are counted.
pub const STRETCH_KM: f64 = 25.0;
/// The strongest clusters of a scan that are told.
const SCAN_CLUSTERS: usize = 10;

/// A record, as far as patterns concern it.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Where, when it is known.
    pub at: Option<Position>,
    /// Radius in metres that contains it with 95 % chance.
    pub radius_m: f64,
    /// The number of the day, when it is known well enough.
    pub day: Option<i32>,
    /// What it may have in common with others; the corridor is added.
    pub signs: Vec<Sign>,
    /// Whether the audience owns it.
    pub own: bool,
}

/// Settings of all ways of looking.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// Density along corridors.
    pub density: DensityOptions,
    /// Clusters.
    pub clusters: ClusterOptions,
    /// The permutation scan.
    pub scan: ScanOptions,
}

impl Settings {
    /// From the numbers a person may choose.
    ///
    /// # Errors
    /// [`PatternSettingError`].
    pub fn new(bandwidth_km: f64, eps_km: f64, eps_days: u32, least: u32) -> Result<Self, PatternSettingError> {
        let density = DensityOptions::new(bandwidth_km, 2.5)?;
        Ok(Self { density, clusters: ClusterOptions::new(eps_km, eps_days, least)?, scan: ScanOptions::default() })
    }
}

/// Members of something that was found, as numbers of the subjects, and where and when they are.
#[derive(Debug, Clone)]
pub struct Group {
    /// The members.
    pub members: Vec<usize>,
    /// The middle.
    pub centre: Position,
    /// The radius in km.
    pub radius_km: f64,
    /// The first day.
    pub from_day: i32,
    /// The last day.
    pub to_day: i32,
}

/// A cluster of the scan.
#[derive(Debug, Clone)]
pub struct Excess {
    /// Who and where.
    pub group: Group,
    /// How many were expected.
    pub expected: f64,
    /// Log-likelihood ratio.
    pub llr: f64,
    /// How many shuffles were as strong.
    pub as_strong: u32,
    /// Chance.
    pub p: f64,
}

/// A stretch of a corridor.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Where it begins, in km along the route.
    pub from_km: f64,
    /// Where it ends.
    pub to_km: f64,
    /// Who may be there.
    pub sides: Sides,
}

/// What lies along a corridor.
#[derive(Debug, Clone, PartialEq)]
pub struct Along {
    /// Which.
    pub route: RouteIndex,
    /// Smoothed density.
    pub density: Vec<DensityBin>,
    /// Persons per stretch.
    pub stretches: Vec<Stretch>,
}

/// Who may be on a corridor.
#[derive(Debug, Clone, PartialEq)]
pub struct OnCorridor {
    /// Which.
    pub route: RouteIndex,
    /// Who.
    pub sides: Sides,
}

/// Everything that was found; not yet cut to an audience ([`super::cut`]).
#[derive(Debug, Default)]
pub struct Findings {
    /// Persons per corridor; one who may be on two counts on both.
    pub corridors: Vec<OnCorridor>,
    /// Along each corridor.
    pub along: Vec<Along>,
    /// Clusters.
    pub clusters: Vec<Group>,
    /// Clusters of the scan, the strongest first.
    pub scan: Vec<Excess>,
    /// Shuffles that the scan rests on.
    pub shuffles: u32,
    /// Signs that stand together.
    pub lift: Vec<crate::geo::patterns::Lift>,
    /// Subjects without a place or with one too vague.
    pub without_place: Sides,
    /// Of those that took part, subjects without a day.
    pub without_day: Sides,
    /// The subjects that took part.
    pub considered: Sides,
}

/// What every question stands on.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The corridors.
    pub corridors: &'a Corridors,
    /// Only what may lie on this one; the density along corridors is made of everything.
    pub route: Option<RouteIndex>,
    /// Settings.
    pub settings: &'a Settings,
}

fn snap(ground: Ground<'_>, subject: &Subject) -> Option<Snap> {
    let at = subject.at.filter(|_| subject.radius_m <= VAGUE_M)?;
    let sigma = sigma_from_radius(Metres::new(subject.radius_m).ok()?, CONTAINMENT).ok()?;
    Some(ground.corridors.snap(at, sigma, &SnapOptions::default(), uniform_prior))
}

/// Looks for all patterns. `random` gives evenly spread numbers for the scan, `goes_on` hears how many shuffles are done and says whether to go on.
#[must_use]
pub fn analyse(ground: Ground<'_>, subjects: &[Subject], random: &mut dyn FnMut() -> u64, goes_on: &mut dyn FnMut(u32) -> bool) -> Findings {
    let snaps: Vec<Option<Snap>> = subjects.iter().map(|subject| snap(ground, subject)).collect();
    let mut found = Findings::default();
    subjects.iter().zip(&snaps).filter(|(_, snap)| snap.is_none()).for_each(|(subject, _)| found.without_place.add(subject.own));
    let may_be_on = |number: usize, route: RouteIndex| {
        snaps[number].iter().flat_map(|snap| &snap.candidates).any(|candidate| candidate.kept && candidate.route == route)
    };
    // The kernel along a corridor also comes in at junctions from events that lie on other routes.
    let all: Vec<Snap> = snaps.iter().flatten().cloned().collect();
    let density = NetworkDensity::new(ground.corridors, &all, ground.settings.density);
    for (route, _) in ground.corridors.routes() {
        let mut sides = Sides::default();
        (0..subjects.len()).filter(|number| may_be_on(*number, route)).for_each(|number| sides.add(subjects[number].own));
        found.corridors.push(OnCorridor { route, sides });
        let density = density.along(ground.corridors, route).unwrap_or_default();
        found.along.push(Along { route, density, stretches: stretches(ground.corridors, route, &snaps, subjects) });
    }
    let chosen: Vec<usize> = (0..subjects.len()).filter(|number| ground.route.is_none_or(|route| may_be_on(*number, route))).collect();
    for subject in chosen.iter().filter_map(|number| subjects.get(*number)) {
        found.considered.add(subject.own);
        if subject.day.is_none() {
            found.without_day.add(subject.own);
        }
    }
    let dated: Vec<(usize, Event)> = chosen
        .iter()
        .filter_map(|number| {
            let subject = &subjects[*number];
            snaps[*number].as_ref().and(Some((*number, Event { at: subject.at?, day: subject.day? })))
        })
        .collect();
    let events: Vec<Event> = dated.iter().map(|(_, event)| *event).collect();
    let numbers = |members: &[usize]| members.iter().map(|member| dated[*member].0).collect::<Vec<_>>();
    for cluster in space_time_clusters(&events, ground.settings.clusters) {
        let (from_day, to_day) = (cluster.from_day, cluster.to_day);
        let members = numbers(&cluster.members);
        found.clusters.push(Group { members, centre: cluster.centre, radius_km: cluster.radius.km(), from_day, to_day });
    }
    let scan = permutation_scan(&events, &ground.settings.scan, SCAN_CLUSTERS, random, goes_on);
    found.shuffles = scan.shuffles;
    for cluster in scan.clusters {
        let (from_day, to_day) = (cluster.from_day, cluster.to_day);
        let group = Group { members: numbers(&cluster.members), centre: cluster.centre, radius_km: cluster.radius.km(), from_day, to_day };
        found.scan.push(Excess { group, expected: cluster.expected, llr: cluster.llr, as_strong: cluster.as_strong, p: cluster.p });
    }
    found.lift = lift(ground, subjects, &snaps, &chosen);
    found
}

fn lift(ground: Ground<'_>, subjects: &[Subject], snaps: &[Option<Snap>], chosen: &[usize]) -> Vec<crate::geo::patterns::Lift> {
    let signs = |number: &usize| {
        let mut signs = subjects[*number].signs.clone();
        let best = snaps[*number].as_ref().and_then(Snap::best);
        // With one corridor chosen everything lies on it.
        if let Some(route) = best.filter(|_| ground.route.is_none()).and_then(|best| ground.corridors.route(best.route).ok()) {
            signs.push(Sign { attribute: "corridor".to_owned(), value: route.id.clone() });
        }
        signs
    };
    let cases: Vec<Vec<Sign>> = chosen.iter().map(signs).collect();
    let mut found = shared_signs(&cases);
    for pair in &mut found {
        pair.members = pair.members.iter().map(|member| chosen[*member]).collect();
    }
    // What stands together as often as chance has it is no pattern, and that a corridor lies in a country is no news.
    let of_place = |sign: &Sign| ["corridor", "country", "route"].contains(&sign.attribute.as_str());
    found.retain(|pair| pair.lift > 1.2 && !(of_place(&pair.a) && of_place(&pair.b)));
    found
}

/// Persons per stretch of a route; each counts once, at the nearest point of the route, when it may lie on it.
fn stretches(corridors: &Corridors, route: RouteIndex, snaps: &[Option<Snap>], subjects: &[Subject]) -> Vec<Stretch> {
    let Ok(known) = corridors.route(route) else { return Vec::new() };
    let count = (known.length_km / STRETCH_KM).ceil().max(1.0) as usize;
    let stretch = |number: usize| {
        let (from_km, to_km) = (number as f64 * STRETCH_KM, ((number + 1) as f64 * STRETCH_KM).min(known.length_km));
        Stretch { from_km, to_km, sides: Sides::default() }
    };
    let mut all: Vec<Stretch> = (0..count).map(stretch).collect();
    for (snap, subject) in snaps.iter().zip(subjects) {
        let on = snap.iter().flat_map(|snap| &snap.candidates).find(|candidate| candidate.kept && candidate.route == route);
        let place = on.map(|candidate| ((candidate.measure_km / STRETCH_KM) as usize).min(count - 1));
        if let Some(stretch) = place.and_then(|place| all.get_mut(place)) {
            stretch.sides.add(subject.own);
        }
    }
    all
}
