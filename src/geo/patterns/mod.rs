//! Patterns for search commissions: density along corridors, clusters in space and time, the permutation scan, shared signatures.
//!
//! All of them count what registers hold. Registers reflect where people search and report, and nothing here divides by how many people pass:
//! **counts, not risk**. What is found is a hypothesis for a search, never a finding about a person.
//!
//! Every answer is the same whatever the order of the events, except that members are numbers of the events as they were given. An event is one
//! person; what lies at the same place on the same day counts as often as it stands there. No events give an empty answer, never "not a number".

mod clusters;
mod density;
mod lift;
mod scan;
#[cfg(test)]
mod tests;

pub use clusters::{ClusterOptions, SpaceTimeCluster, space_time_clusters};
pub use density::{DensityBin, DensityOptions, NetworkDensity};
pub use lift::{Lift, Sign, shared_signs};
pub use scan::{Scan, ScanCluster, ScanOptions, permutation_scan};

use super::position::Position;
use thiserror::Error;

/// Something that happened at a place on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// Where.
    pub at: Position,
    /// When: the number of the day on any common count.
    pub day: i32,
}

/// A setting outside what makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{what} is a number from {least} to {most}")]
pub struct PatternSettingError {
    /// Which setting.
    pub what: &'static str,
    /// The least allowed.
    pub least: u32,
    /// The most allowed.
    pub most: u32,
}

/// `value` when it lies between `least` and `most`.
fn setting(what: &'static str, value: f64, least: u32, most: u32) -> Result<f64, PatternSettingError> {
    let fits = value.is_finite() && value >= f64::from(least) && value <= f64::from(most);
    if fits { Ok(value) } else { Err(PatternSettingError { what, least, most }) }
}

/// The order in which events are looked at, so that the order in which they were given changes nothing.
fn canonical(events: &[Event]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by(|a, b| key(&events[*a]).cmp(&key(&events[*b])));
    order
}

/// Day and place, comparable.
fn key(event: &Event) -> (i32, i64, i64) {
    (event.day, comparable(event.at.lat()), comparable(event.at.lon()))
}

/// A number that orders as the float does (zero and minus zero alike).
fn comparable(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits().cast_signed();
    bits ^ (((bits >> 63).cast_unsigned()) >> 1).cast_signed()
}
