//! The space-time permutation scan.

use super::super::index::SpaceIndex;
use super::super::position::{Metres, Position};
use super::{Event, PatternSettingError, canonical, comparable, setting};
use rayon::prelude::*;
use std::collections::HashSet;

/// More centres than this are thinned out.
const MOST_CENTRES: usize = 2_000;
/// So many shuffles are weighed at once, between two looks at whether to stop.
const BATCH: u32 = 16;
/// More windows than this are not kept as possible clusters; the strongest are.
const MOST_WINDOWS: usize = 200_000;

/// Sizes of the cylinders and number of shuffles.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanOptions {
    radii_km: Vec<f64>,
    unit_days: u32,
    longest_days: u32,
    shuffles: u32,
}

impl ScanOptions {
    /// Cylinders up to `radius_km` (5 to 200) and `longest_days` (7 to 366), time counted in steps of `unit_days` (1 to 31), with `shuffles` (99 to
    /// 9,999) of the days.
    ///
    /// # Errors
    /// [`PatternSettingError`].
    pub fn new(radius_km: f64, longest_days: u32, unit_days: u32, shuffles: u32) -> Result<Self, PatternSettingError> {
        let largest = setting("the largest radius in km", radius_km, 5, 200)?;
        let longest_days = setting("the longest time in days", f64::from(longest_days), 7, 366)? as u32;
        let unit_days = setting("the step of time in days", f64::from(unit_days), 1, 31)? as u32;
        let shuffles = setting("the number of shuffles", f64::from(shuffles), 99, 9_999)? as u32;
        Ok(Self { radii_km: [0.1, 0.2, 0.3, 0.5, 0.7, 1.0].map(|share| share * largest).to_vec(), unit_days, longest_days, shuffles })
    }
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self { radii_km: [0.1, 0.2, 0.3, 0.5, 0.7, 1.0].map(|share| share * 50.0).to_vec(), unit_days: 7, longest_days: 91, shuffles: 999 }
    }
}

/// A cylinder with more events than place and time alone explain.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanCluster {
    /// The middle of the circle.
    pub centre: Position,
    /// Its radius.
    pub radius: Metres,
    /// The first day of its time.
    pub from_day: i32,
    /// The last day of its time.
    pub to_day: i32,
    /// Its members as numbers of the events given, in that order.
    pub members: Vec<usize>,
    /// How many were to be expected.
    pub expected: f64,
    /// Log-likelihood ratio.
    pub llr: f64,
    /// How many shuffles had a cylinder as strong or stronger anywhere.
    pub as_strong: u32,
    /// `(1 + as_strong) / (shuffles + 1)`.
    pub p: f64,
}

/// What a scan found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scan {
    /// The most likely cluster, then others that share no event with stronger ones.
    pub clusters: Vec<ScanCluster>,
    /// Shuffles done: all, or those up to when it was told to stop.
    pub shuffles: u32,
}

/// A circle: the first so many of a centre's neighbours.
#[derive(Debug, Clone, Copy)]
struct Ring {
    members: usize,
    radius_m: f64,
}

#[derive(Debug)]
struct Centre {
    at: Position,
    /// Events by distance.
    near: Vec<u32>,
    rings: Vec<Ring>,
}

/// A circle in a stretch of time.
#[derive(Debug, Clone, Copy)]
struct Window {
    llr: f64,
    centre: u32,
    ring: u32,
    from: u32,
    to: u32,
    seen: u32,
}

/// What every shuffle needs.
struct Frame {
    events: usize,
    units: usize,
    longest: usize,
    /// Events before each unit of time; one more entry than units.
    before: Vec<u32>,
    /// Natural logarithms of whole numbers; 0 for 0.
    ln: Vec<f64>,
    centres: Vec<Centre>,
}

/// Events of a circle per unit of time, and the LLR from which on a window is heard of.
struct Tally {
    counts: Vec<u32>,
    /// A bit for each unit that is not empty.
    occupied: Vec<u64>,
    floor: f64,
}

impl Tally {
    fn new(units: usize) -> Self {
        Self { counts: vec![0; units], occupied: vec![0; units.div_ceil(64)], floor: 0.0 }
    }
}

/// Fewer events make no cluster.
const FEWEST: u32 = 4;

/// The space-time permutation scan of Kulldorff, Heffernan, Hartman, Assuncao and Mostashari (PLoS Medicine 2005): the circles with a stretch of
/// time in which most more events lie than expected, at most `most` of them.
///
/// With `C` events in all, `C_z` in a circle at any time and `C_d` in a stretch of time anywhere, `mu = C_z C_d / C` are expected in both if place
/// and time have nothing to do with each other. A cylinder with `c > mu` events has `LLR = c ln(c/mu) + (C-c) ln((C-c)/(C-mu))`. The days are
/// shuffled among the places, each time the largest LLR is kept, and `p = (1 + #{simulated >= LLR}) / (R + 1)`. No population is needed. What is
/// always frequent at a place, or everywhere in a season, is no cluster.
///
/// Circles stand on the places of events (thinned to 2,000, so some may be missed by a few kilometres), with six radii; circles and times with
/// more than half of all events are left out, and cylinders with fewer than four. Weaker clusters are compared with the largest of each shuffle
/// too, so their p is rather too high. `random` gives evenly spread 64-bit numbers; the same numbers give the same answer. `goes_on` hears after
/// each batch how many shuffles are done and says whether to go on; an answer cut short rests on fewer shuffles.
///
/// Cost: per shuffle the events in the largest circle of each centre, and the pairs of occupied units of time within the longest time of every
/// circle.
pub fn permutation_scan(
    events: &[Event],
    options: &ScanOptions,
    most: usize,
    random: &mut dyn FnMut() -> u64,
    goes_on: &mut dyn FnMut(u32) -> bool,
) -> Scan {
    let order = canonical(events);
    let sorted: Vec<Event> = order.iter().map(|number| events[*number]).collect();
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return Scan::default() };
    let unit_of = |day: i32| ((i64::from(day) - i64::from(first.day)) / i64::from(options.unit_days)) as usize;
    let mut units: Vec<u32> = sorted.iter().map(|event| unit_of(event.day) as u32).collect();
    let frame = Frame::new(&sorted, &units, unit_of(last.day) + 1, options);
    let mut windows = Vec::new();
    for number in 0..frame.centres.len() {
        frame.look(number as u32, &units, &mut |window| windows.push(window));
        if windows.len() > 2 * MOST_WINDOWS {
            strongest(&mut windows);
        }
    }
    strongest(&mut windows);
    let chosen = frame.apart(&windows, &units, most);
    let mut strongest_by_chance: Vec<f64> = Vec::new();
    while !chosen.is_empty() && (strongest_by_chance.len() as u32) < options.shuffles {
        let batch = BATCH.min(options.shuffles - strongest_by_chance.len() as u32);
        let shuffled: Vec<Vec<u32>> = (0..batch)
            .map(|_| {
                shuffle(&mut units, random);
                units.clone()
            })
            .collect();
        strongest_by_chance.par_extend(shuffled.par_iter().map(|units| frame.largest(units)));
        if !goes_on(strongest_by_chance.len() as u32) {
            break;
        }
    }
    let shuffles = strongest_by_chance.len() as u32;
    let clusters = chosen.iter().map(|(window, members)| {
        let centre = &frame.centres[window.centre as usize];
        let ring = centre.rings[window.ring as usize];
        let as_strong = strongest_by_chance.iter().filter(|llr| **llr >= window.llr).count() as u32;
        let mut numbers: Vec<usize> = members.iter().map(|member| order[*member as usize]).collect();
        numbers.sort_unstable();
        let day = |unit: u32| first.day.saturating_add_unsigned(unit * options.unit_days);
        ScanCluster {
            centre: centre.at,
            radius: Metres::computed(ring.radius_m),
            from_day: day(window.from),
            to_day: day(window.to + 1).saturating_sub(1).min(last.day),
            members: numbers,
            expected: frame.expected(ring.members, window.from as usize, window.to as usize),
            llr: window.llr,
            as_strong,
            p: (1.0 + f64::from(as_strong)) / (1.0 + f64::from(shuffles)),
        }
    });
    Scan { clusters: clusters.collect(), shuffles }
}

/// Fisher and Yates.
fn shuffle(units: &mut [u32], random: &mut dyn FnMut() -> u64) {
    for last in (1..units.len()).rev() {
        let chosen = ((u128::from(random()) * (last as u128 + 1)) >> 64) as usize;
        units.swap(last, chosen);
    }
}

/// Keeps the strongest windows, in one order whatever equals them.
fn strongest(windows: &mut Vec<Window>) {
    windows.sort_by(|a, b| b.llr.total_cmp(&a.llr).then_with(|| (a.centre, a.ring, a.from, a.to).cmp(&(b.centre, b.ring, b.from, b.to))));
    windows.truncate(MOST_WINDOWS);
}

impl Frame {
    fn new(sorted: &[Event], units: &[u32], count: usize, options: &ScanOptions) -> Self {
        let mut before = vec![0u32; count + 1];
        for unit in units {
            before[*unit as usize + 1] += 1;
        }
        for unit in 0..count {
            before[unit + 1] += before[unit];
        }
        let ln = (0..=sorted.len()).map(|n| if n == 0 { 0.0 } else { (n as f64).ln() }).collect();
        let longest = ((options.longest_days / options.unit_days) as usize).max(1);
        Self { events: sorted.len(), units: count, longest, before, ln, centres: centres(sorted, &options.radii_km) }
    }

    fn expected(&self, in_circle: usize, from: usize, to: usize) -> f64 {
        in_circle as f64 * f64::from(self.before[to + 1] - self.before[from]) / self.events as f64
    }

    /// The windows of all circles of a centre with more than expected.
    fn look(&self, number: u32, units: &[u32], found: &mut dyn FnMut(Window)) {
        let mut tally = Tally::new(self.units);
        self.weigh(&self.centres[number as usize], units, &mut tally, &mut |window| {
            found(Window { centre: number, ..window });
            0.0
        });
    }

    /// The largest LLR of all cylinders when the events have these times.
    fn largest(&self, units: &[u32]) -> f64 {
        let mut tally = Tally::new(self.units);
        for centre in &self.centres {
            self.weigh(centre, units, &mut tally, &mut |window| window.llr);
        }
        tally.floor
    }

    /// Goes through the cylinders of a centre. `take` hears of those above the tally's floor, and answers the next floor.
    fn weigh(&self, centre: &Centre, units: &[u32], tally: &mut Tally, take: &mut dyn FnMut(Window) -> f64) {
        let (all, mut done) = (self.events as f64, 0);
        tally.counts.fill(0);
        tally.occupied.fill(0);
        for (number, ring) in (0u32..).zip(&centre.rings) {
            for event in &centre.near[done..ring.members] {
                let unit = units[*event as usize] as usize;
                tally.counts[unit] += 1;
                tally.occupied[unit / 64] |= 1 << (unit % 64);
            }
            done = ring.members;
            let ln_circle = self.ln[ring.members] - self.ln[self.events];
            let share = ring.members as f64 / all;
            for from in bits(&tally.occupied, 0) {
                let mut seen = 0;
                for to in bits(&tally.occupied, from).take_while(|to| to - from < self.longest) {
                    seen += tally.counts[to];
                    let in_time = self.before[to + 1] - self.before[from];
                    if in_time as usize * 2 > self.events {
                        break;
                    }
                    let (c, mu) = (f64::from(seen), share * f64::from(in_time));
                    if seen < FEWEST || c <= mu {
                        continue;
                    }
                    let near = c * (self.ln[seen as usize] - ln_circle - self.ln[in_time as usize]);
                    // ln(1 - x) <= -x: what the second term can be at most, without a logarithm.
                    if near - (all - c) * (c - mu) / (all - mu) <= tally.floor {
                        continue;
                    }
                    let rest = if all > c { (all - c) * ((all - c) / (all - mu)).ln() } else { 0.0 };
                    if near + rest > tally.floor {
                        let (from, to) = (from as u32, to as u32);
                        tally.floor = take(Window { llr: near + rest, centre: 0, ring: number, from, to, seen });
                    }
                }
            }
        }
    }

    /// The strongest windows of which none shares an event with a stronger one, with their members.
    fn apart(&self, windows: &[Window], units: &[u32], most: usize) -> Vec<(Window, Vec<u32>)> {
        let (mut taken, mut chosen) = (HashSet::new(), Vec::new());
        for window in windows {
            if chosen.len() >= most {
                break;
            }
            let centre = &self.centres[window.centre as usize];
            let circle = &centre.near[..centre.rings[window.ring as usize].members];
            let inside = |event: &&u32| (window.from..=window.to).contains(&units[**event as usize]);
            if circle.iter().filter(inside).any(|event| taken.contains(event)) {
                continue;
            }
            let members: Vec<u32> = circle.iter().filter(inside).copied().collect();
            debug_assert_eq!(members.len(), window.seen as usize);
            taken.extend(members.iter().copied());
            chosen.push((*window, members));
        }
        chosen
    }
}

/// The numbers of the set bits from `from` on.
fn bits(words: &[u64], from: usize) -> impl Iterator<Item = usize> + '_ {
    let first = from / 64;
    let mut word = words.get(first).map_or(0, |word| word & (u64::MAX << (from % 64)));
    let mut place = first;
    std::iter::from_fn(move || {
        while word == 0 {
            place += 1;
            word = *words.get(place)?;
        }
        let bit = word.trailing_zeros() as usize;
        word &= word - 1;
        Some(place * 64 + bit)
    })
}

/// Circles on the places of events.
fn centres(sorted: &[Event], radii_km: &[f64]) -> Vec<Centre> {
    let mut places: Vec<Position> = sorted.iter().map(|event| event.at).collect();
    places.sort_by_key(|at| (comparable(at.lat()), comparable(at.lon())));
    places.dedup();
    let mut apart_km = radii_km.first().copied().unwrap_or(1.0) / 4.0;
    let mut kept = places;
    while kept.len() > MOST_CENTRES {
        kept = thinned(&kept, apart_km);
        apart_km *= 1.5;
    }
    let index: SpaceIndex<u32> = (0u32..).zip(sorted).map(|(number, event)| (number, event.at)).collect();
    let largest = radii_km.iter().copied().fold(0.0, f64::max);
    let circles = |at: &Position| {
        let mut near: Vec<(f64, u32)> =
            index.within(*at, Metres::computed(largest * 1000.0)).map(|found| (found.distance.get(), found.id)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut rings: Vec<Ring> = Vec::new();
        for radius in radii_km {
            let members = near.partition_point(|(distance, _)| *distance <= radius * 1000.0);
            let known = rings.last().is_some_and(|ring| ring.members == members);
            if members >= FEWEST as usize && members * 2 <= sorted.len() && !known {
                rings.push(Ring { members, radius_m: radius * 1000.0 });
            }
        }
        Centre { at: *at, near: near.into_iter().map(|(_, id)| id).collect(), rings }
    };
    kept.par_iter().map(circles).filter(|centre| !centre.rings.is_empty()).collect()
}

/// Places of which none lies within `apart_km` of an earlier one.
fn thinned(places: &[Position], apart_km: f64) -> Vec<Position> {
    let mut index: SpaceIndex<usize> = SpaceIndex::new();
    let mut kept = Vec::new();
    for at in places {
        if index.within(*at, Metres::computed(apart_km * 1000.0)).next().is_none() {
            index.insert(kept.len(), *at);
            kept.push(*at);
        }
    }
    kept
}
