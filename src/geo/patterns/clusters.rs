//! Clusters in space and time: ST-DBSCAN.

use super::super::index::SpaceIndex;
use super::super::position::{Metres, Position};
use super::{Event, PatternSettingError, canonical, key, setting};

/// What makes neighbours and how many make a cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusterOptions {
    eps: Metres,
    eps_days: i32,
    least: usize,
}

impl ClusterOptions {
    /// Neighbours lie within `eps_km` (5 to 50; 5 to 25 where places are exact) and `eps_days` (30 to 90) of each other; an event with `least`
    /// (4 or 5) neighbours, itself included, is the core of a cluster.
    ///
    /// # Errors
    /// [`PatternSettingError`].
    pub fn new(eps_km: f64, eps_days: u32, least: u32) -> Result<Self, PatternSettingError> {
        let eps = Metres::computed(setting("the distance of neighbours in km", eps_km, 5, 50)? * 1000.0);
        let eps_days = setting("the days between neighbours", f64::from(eps_days), 30, 90)? as i32;
        let least = setting("the number of neighbours", f64::from(least), 4, 5)? as usize;
        Ok(Self { eps, eps_days, least })
    }
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self { eps: Metres::whole(15_000), eps_days: 60, least: 5 }
    }
}

/// A cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct SpaceTimeCluster {
    /// Its members as numbers of the events given, in that order.
    pub members: Vec<usize>,
    /// The mean place.
    pub centre: Position,
    /// From the mean place to the farthest member.
    pub radius: Metres,
    /// The first day.
    pub from_day: i32,
    /// The last day.
    pub to_day: i32,
}

/// Clusters by ST-DBSCAN (Birant and Kut 2007: DBSCAN with one distance in space and one in time), in order of their first day.
///
/// Distances are great-circle distances, which are never longer than those along a route. Two departures make the answer independent of the
/// order of the events: an event that is no core and lies near several clusters joins that of its nearest core, and clusters are put in order
/// by their earliest member. Events of no cluster are noise and not listed. An event between two clusters is a member of one only, so a cluster
/// may end with fewer members than its core has neighbours.
///
/// Cost: one radius search per event and the pairs found by it.
#[must_use]
pub fn space_time_clusters(events: &[Event], options: ClusterOptions) -> Vec<SpaceTimeCluster> {
    let order = canonical(events);
    let sorted: Vec<Event> = order.iter().map(|number| events[*number]).collect();
    let index: SpaceIndex<usize> = sorted.iter().enumerate().map(|(number, event)| (number, event.at)).collect();
    let near = |number: usize| -> Vec<(usize, f64)> {
        let event = sorted[number];
        let close = index
            .within(event.at, options.eps)
            .filter(|found| (i64::from(sorted[found.id].day) - i64::from(event.day)).abs() <= i64::from(options.eps_days));
        close.map(|found| (found.id, found.distance.get())).collect()
    };
    let neighbours: Vec<Vec<(usize, f64)>> = (0..sorted.len()).map(near).collect();
    let is_core = |number: usize| neighbours[number].len() >= options.least;
    let mut cluster_of: Vec<Option<usize>> = vec![None; sorted.len()];
    let mut clusters = 0;
    for seed in 0..sorted.len() {
        if !is_core(seed) || cluster_of[seed].is_some() {
            continue;
        }
        cluster_of[seed] = Some(clusters);
        let mut waiting = vec![seed];
        while let Some(core) = waiting.pop() {
            for (near, _) in &neighbours[core] {
                if is_core(*near) && cluster_of[*near].is_none() {
                    cluster_of[*near] = Some(clusters);
                    waiting.push(*near);
                }
            }
        }
        clusters += 1;
    }
    for number in 0..sorted.len() {
        if is_core(number) {
            continue;
        }
        let cores = neighbours[number].iter().filter(|(near, _)| is_core(*near));
        let nearest = cores.min_by(|a, b| a.1.total_cmp(&b.1).then_with(|| key(&sorted[a.0]).cmp(&key(&sorted[b.0]))));
        cluster_of[number] = nearest.and_then(|(core, _)| cluster_of[*core]);
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); clusters];
    for (number, cluster) in cluster_of.iter().enumerate() {
        if let Some(cluster) = cluster {
            members[*cluster].push(number);
        }
    }
    let mut found: Vec<SpaceTimeCluster> = members.iter().filter_map(|members| cluster(members, &sorted, &order)).collect();
    found.sort_by_key(|cluster| cluster.members.iter().map(|member| key(&events[*member])).min());
    found
}

fn cluster(members: &[usize], sorted: &[Event], order: &[usize]) -> Option<SpaceTimeCluster> {
    let mut sum = [0.0; 3];
    for member in members {
        for (total, part) in sum.iter_mut().zip(sorted[*member].at.unit()) {
            *total += part;
        }
    }
    let centre = Position::from_vector(sum);
    let radius = members.iter().map(|member| centre.distance(sorted[*member].at).get()).fold(0.0, f64::max);
    let days = || members.iter().map(|member| sorted[*member].day);
    let mut numbers: Vec<usize> = members.iter().map(|member| order[*member]).collect();
    numbers.sort_unstable();
    Some(SpaceTimeCluster { members: numbers, centre, radius: Metres::computed(radius), from_day: days().min()?, to_day: days().max()? })
}
