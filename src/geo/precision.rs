//! How well a position is known: classes with default radii, and the standard deviation behind a radius.

use std::f64::consts::PI;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::position::Metres;

/// The share of true positions that a default radius holds.
pub const CONTAINMENT: f64 = 0.95;

/// How a position was obtained, which says how far off it may be.
///
/// The first four radii are the precision classes of the Pima County medical examiner's open data (`geo.md` section 1:
/// 69 % GPS, 3 % address, 13 % described, 13 % vague); the areas of the last two are means of Mexico.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Read from a satellite receiver: 100 m.
    Gps,
    /// A street address or named building: 300 m.
    Address,
    /// Described well enough to find the place (a crossing, a kilometre post): 2 km.
    Described,
    /// Described vaguely ("north of the town"): 15 km.
    Vague,
    /// Only the municipality is known: the radius of a circle of its area.
    Municipality,
    /// Only the state, department or province is known: the radius of a circle of its area.
    State,
}

impl Precision {
    /// Every class, the most precise first.
    pub const ALL: [Precision; 6] =
        [Precision::Gps, Precision::Address, Precision::Described, Precision::Vague, Precision::Municipality, Precision::State];

    /// The stored name: `gps`, `address`, `described`, `vague`, `municipality`, `state`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Precision::Gps => "gps",
            Precision::Address => "address",
            Precision::Described => "described",
            Precision::Vague => "vague",
            Precision::Municipality => "municipality",
            Precision::State => "state",
        }
    }

    /// Default uncertainty radius, holding [`CONTAINMENT`] of true positions.
    ///
    /// `area_km2` is the area of the municipality or state and counts for those two classes only: `sqrt(area / pi)`
    /// (`geo.md` 4.1). Absent or not positive, the mean of Mexico is taken: 790 km2 (16 km), 61,000 km2 (139 km).
    pub fn radius(self, area_km2: Option<f64>) -> Metres {
        let area_or = |default: f64| {
            let area = area_km2.filter(|area| area.is_finite() && *area > 0.0).unwrap_or(default);
            Metres::computed((area / PI).sqrt() * 1000.0)
        };
        match self {
            Precision::Gps => Metres::whole(100),
            Precision::Address => Metres::whole(300),
            Precision::Described => Metres::whole(2_000),
            Precision::Vague => Metres::whole(15_000),
            Precision::Municipality => area_or(790.0),
            Precision::State => area_or(61_000.0),
        }
    }

    /// Standard deviation per axis of the round normal whose [`CONTAINMENT`] circle is [`Precision::radius`].
    pub fn sigma(self, area_km2: Option<f64>) -> Metres {
        Metres::computed(sigma(self.radius(area_km2).get(), CONTAINMENT))
    }
}

/// A precision class nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown precision class; use gps, address, described, vague, municipality or state")]
pub struct UnknownPrecision;

impl FromStr for Precision {
    type Err = UnknownPrecision;

    fn from_str(text: &str) -> Result<Precision, UnknownPrecision> {
        Precision::ALL.into_iter().find(|class| class.as_str() == text).ok_or(UnknownPrecision)
    }
}

/// A share that is not strictly between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the share of positions inside the radius must lie strictly between 0 and 1")]
pub struct ContainmentError;

/// Standard deviation per axis of a round normal that has the share `containment` within `radius`:
/// `sigma = r / sqrt(-2 ln(1 - q))` (`geo.md` 4.1; q = 0.95 gives r / 2.448).
pub fn sigma_from_radius(radius: Metres, containment: f64) -> Result<Metres, ContainmentError> {
    if containment > 0.0 && containment < 1.0 { Ok(Metres::computed(sigma(radius.get(), containment))) } else { Err(ContainmentError) }
}

fn sigma(radius: f64, containment: f64) -> f64 {
    radius / (-2.0 * (-containment).ln_1p()).sqrt()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_two_divisors_of_the_design_page_come_out() {
        let r = Metres::whole(1000);
        assert!((1000.0 / sigma_from_radius(r, 0.95).unwrap().get() - 2.448).abs() < 1e-3);
        assert!((1000.0 / sigma_from_radius(r, 0.68).unwrap().get() - 1.51).abs() < 1e-2);
    }

    #[test]
    fn a_share_outside_zero_to_one_is_refused() {
        for bad in [0.0, 1.0, -0.1, 1.5, f64::NAN] {
            assert_eq!(sigma_from_radius(Metres::whole(1), bad), Err(ContainmentError));
        }
    }

    #[test]
    fn classes_grow_from_gps_to_state() {
        let radii: Vec<f64> = Precision::ALL.iter().map(|p| p.radius(None).get()).collect();
        assert!(radii.is_sorted(), "{radii:?}");
        assert_eq!(radii[0], 100.0);
    }

    #[test]
    fn a_municipality_has_the_radius_of_its_area() {
        let radius = Precision::Municipality.radius(Some(PI * 100.0));
        assert!((radius.get() - 10_000.0).abs() < 1e-6);
        let unknown = Precision::Municipality.radius(None);
        assert_eq!(Precision::Municipality.radius(Some(f64::NAN)), unknown);
        assert_eq!(Precision::Gps.radius(Some(500.0)), Metres::whole(100));
    }

    #[test]
    fn stored_names_lead_back() {
        for class in Precision::ALL {
            assert_eq!(class.as_str().parse::<Precision>().unwrap(), class);
            assert_eq!(serde_json::to_string(&class).unwrap(), format!("\"{}\"", class.as_str()));
        }
        assert!("exact".parse::<Precision>().is_err());
    }
}
