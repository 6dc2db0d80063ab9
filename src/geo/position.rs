//! Positions in degrees and distances in metres, valid by construction.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::sphere::{self, UnitVector};

/// A length in metres, finite and not negative.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Metres(f64);

/// A number that is no length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a length must be a finite number of metres, zero or more")]
pub struct MetresError;

impl Metres {
    /// No length at all.
    pub const ZERO: Metres = Metres(0.0);

    /// `metres` as a length; fails when it is negative, infinite or not a number.
    pub fn new(metres: f64) -> Result<Metres, MetresError> {
        if metres.is_finite() && metres >= 0.0 { Ok(Metres(metres)) } else { Err(MetresError) }
    }

    /// `kilometres` as a length; fails as [`Metres::new`] does.
    pub fn from_km(kilometres: f64) -> Result<Metres, MetresError> {
        Metres::new(kilometres * 1000.0)
    }

    /// A whole number of metres; cannot fail.
    pub const fn whole(metres: u32) -> Metres {
        Metres(metres as f64)
    }

    /// For results of this room's own arithmetic, which are finite and not negative.
    pub(super) fn computed(metres: f64) -> Metres {
        debug_assert!(metres.is_finite() && metres >= 0.0);
        Metres(metres)
    }

    /// The number of metres.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The number of kilometres.
    pub fn km(self) -> f64 {
        self.0 / 1000.0
    }
}

impl TryFrom<f64> for Metres {
    type Error = MetresError;

    fn try_from(metres: f64) -> Result<Metres, MetresError> {
        Metres::new(metres)
    }
}

impl From<Metres> for f64 {
    fn from(metres: Metres) -> f64 {
        metres.0
    }
}

/// A point on the Earth (WGS84 degrees): latitude in -90..=90, longitude in -180..=180, both finite.
///
/// As JSON it is `{"lat": …, "lon": …}`; reading checks the ranges.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawPosition")]
pub struct Position {
    lat: f64,
    lon: f64,
}

/// What JSON holds before the ranges are checked.
#[derive(Deserialize)]
struct RawPosition {
    lat: f64,
    lon: f64,
}

impl TryFrom<RawPosition> for Position {
    type Error = PositionError;

    fn try_from(raw: RawPosition) -> Result<Position, PositionError> {
        Position::new(raw.lat, raw.lon)
    }
}

/// Why two numbers are no position. The text never holds the numbers: a position can identify a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PositionError {
    /// The latitude is not a finite number.
    #[error("the latitude is not a number; give degrees between -90 and 90")]
    LatitudeNotANumber,
    /// The longitude is not a finite number.
    #[error("the longitude is not a number; give degrees between -180 and 180")]
    LongitudeNotANumber,
    /// The latitude is impossible, but latitude and longitude exchanged would be a position.
    #[error("the latitude is outside -90 to 90 and the longitude is not: latitude and longitude look swapped")]
    LooksSwapped,
    /// The latitude is impossible.
    #[error("the latitude is outside -90 to 90 degrees")]
    LatitudeOutOfRange,
    /// The longitude is impossible.
    #[error("the longitude is outside -180 to 180 degrees")]
    LongitudeOutOfRange,
}

impl Position {
    /// A position from latitude and longitude in degrees.
    ///
    /// # Errors
    /// [`PositionError`]; an impossible latitude that would be right the other way round is reported as
    /// [`PositionError::LooksSwapped`], never exchanged silently.
    pub fn new(lat: f64, lon: f64) -> Result<Position, PositionError> {
        if !lat.is_finite() {
            Err(PositionError::LatitudeNotANumber)
        } else if !lon.is_finite() {
            Err(PositionError::LongitudeNotANumber)
        } else if looks_swapped(lat, lon) {
            Err(PositionError::LooksSwapped)
        } else if lat.abs() > 90.0 {
            Err(PositionError::LatitudeOutOfRange)
        } else if lon.abs() > 180.0 {
            Err(PositionError::LongitudeOutOfRange)
        } else {
            Ok(Position { lat, lon })
        }
    }

    /// Latitude in degrees, north positive.
    pub const fn lat(self) -> f64 {
        self.lat
    }

    /// Longitude in degrees, east positive.
    pub const fn lon(self) -> f64 {
        self.lon
    }

    /// The point on the unit sphere: x towards (0, 0), y towards (0, 90 E), z towards the north pole.
    pub fn unit(self) -> UnitVector {
        let (sin_lat, cos_lat) = self.lat.to_radians().sin_cos();
        let (sin_lon, cos_lon) = self.lon.to_radians().sin_cos();
        [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
    }

    /// The position in the direction of a non-zero vector, the inverse of [`Position::unit`].
    pub(super) fn from_vector(v: UnitVector) -> Position {
        Position { lat: v[2].atan2(v[0].hypot(v[1])).to_degrees(), lon: v[1].atan2(v[0]).to_degrees() }
    }

    /// Great-circle distance (chord of unit vectors; exact to well under a millimetre up to 15,000 km, to centimetres near the antipode).
    pub fn distance(self, other: Position) -> Metres {
        let chord_2 = sphere::distance_2(self.unit(), other.unit());
        Metres::computed(metres_from(chord_2))
    }
}

fn metres_from(chord_2: f64) -> f64 {
    sphere::metres_from_chord(chord_2.sqrt())
}

/// True when the latitude is impossible and exchanging the two numbers would give a possible position.
///
/// A longitude beyond 180 cannot be the result of a swap, because no latitude is that large. Swaps that leave both
/// numbers possible (18 N 70 W written as 70 S 18 E) need a region: [`looks_swapped_in`].
pub fn looks_swapped(lat: f64, lon: f64) -> bool {
    lat.abs() > 90.0 && lat.abs() <= 180.0 && lon.abs() <= 90.0
}

/// A box of latitudes and longitudes in which positions are expected; `west > east` crosses the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// Southern edge, degrees.
    pub south: f64,
    /// Western edge, degrees.
    pub west: f64,
    /// Northern edge, degrees.
    pub north: f64,
    /// Eastern edge, degrees.
    pub east: f64,
}

impl Region {
    /// The Americas with the Caribbean: where the shipped corridors lie, the Central Mediterranean ones excepted.
    pub const AMERICAS: Region = Region { south: -56.0, west: -170.0, north: 72.0, east: -34.0 };

    /// True when the numbers lie in the box (edges included).
    pub fn contains(&self, lat: f64, lon: f64) -> bool {
        let in_longitude = if self.west <= self.east { (self.west..=self.east).contains(&lon) } else { lon >= self.west || lon <= self.east };
        (self.south..=self.north).contains(&lat) && in_longitude
    }
}

/// True when the numbers look swapped for data expected in `region`: not in it as given, but in it exchanged.
pub fn looks_swapped_in(region: &Region, lat: f64, lon: f64) -> bool {
    looks_swapped(lat, lon) || (!region.contains(lat, lon) && region.contains(lon, lat))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
pub(super) mod tests {
    use geo::{Distance as _, Haversine};
    use proptest::prelude::*;

    use super::*;

    /// Positions everywhere, often at the poles, the antimeridian and close together.
    pub(in super::super) fn any_position() -> impl Strategy<Value = Position> {
        let lat = prop_oneof![
            4 => -90.0..=90.0,
            1 => 89.9..=90.0,
            1 => -90.0..=-89.9,
            1 => Just(90.0),
            2 => 18.0..18.2
        ];
        let lon = prop_oneof![
            4 => -180.0..=180.0,
            1 => 179.9..=180.0,
            1 => -180.0..=-179.9,
            1 => Just(-180.0),
            2 => -96.2..-96.0
        ];
        (lat, lon).prop_map(|(lat, lon)| Position { lat, lon })
    }

    /// The independent reference: the `geo` crate's haversine.
    pub(in super::super) fn haversine(a: Position, b: Position) -> f64 {
        Haversine.distance(geo::Point::new(a.lon, a.lat), geo::Point::new(b.lon, b.lat))
    }

    #[test]
    fn impossible_numbers_are_refused_by_name() {
        use PositionError::*;
        let error = |lat, lon| Position::new(lat, lon).unwrap_err();
        assert_eq!(error(f64::NAN, 0.0), LatitudeNotANumber);
        assert_eq!(error(0.0, f64::INFINITY), LongitudeNotANumber);
        assert_eq!(error(-92.15, 14.68), LooksSwapped);
        assert_eq!(error(95.0, 120.0), LatitudeOutOfRange);
        assert_eq!(error(200.0, 10.0), LatitudeOutOfRange);
        assert_eq!(error(10.0, 181.0), LongitudeOutOfRange);
        assert!(Position::new(-90.0, 180.0).is_ok());
    }

    #[test]
    fn a_swap_that_stays_possible_is_seen_with_a_region() {
        assert!(!looks_swapped(-70.0, 18.0));
        assert!(looks_swapped_in(&Region::AMERICAS, -70.0, 18.0));
        assert!(!looks_swapped_in(&Region::AMERICAS, 18.0, -70.0));
        assert!(!looks_swapped_in(&Region::AMERICAS, 35.0, 12.0), "elsewhere is not swapped");
    }

    #[test]
    fn a_region_may_cross_the_antimeridian() {
        let pacific = Region { south: -50.0, west: 170.0, north: 0.0, east: -170.0 };
        assert!(pacific.contains(-10.0, 175.0) && pacific.contains(-10.0, -175.0));
        assert!(!pacific.contains(-10.0, 0.0));
    }

    #[test]
    fn json_is_checked_on_reading() {
        let at: Position = serde_json::from_str(r#"{"lat":14.68,"lon":-92.15}"#).unwrap();
        assert_eq!(serde_json::to_string(&at).unwrap(), r#"{"lat":14.68,"lon":-92.15}"#);
        let error = serde_json::from_str::<Position>(r#"{"lat":-92.15,"lon":14.68}"#).unwrap_err();
        assert!(error.to_string().contains("look swapped"), "{error}");
        assert!(serde_json::from_str::<Metres>("-1").is_err());
    }

    #[test]
    fn a_length_is_never_negative_or_unknown() {
        assert_eq!(Metres::from_km(1.5).unwrap().get(), 1500.0);
        for bad in [-0.001, f64::NAN, f64::INFINITY] {
            assert_eq!(Metres::new(bad), Err(MetresError));
        }
    }

    proptest! {
        #[test]
        fn distance_equals_the_haversine_of_an_independent_library(a in any_position(), b in any_position()) {
            let expected = haversine(a, b);
            let tolerance = 1e-6 * (1.0 + expected) + if expected > 1.5e7 { 1.0 } else { 0.0 };
            prop_assert!((a.distance(b).get() - expected).abs() < tolerance);
        }

        #[test]
        fn distance_is_symmetric_and_obeys_the_triangle(
            a in any_position(), b in any_position(), c in any_position()
        ) {
            prop_assert_eq!(a.distance(b), b.distance(a));
            prop_assert!(a.distance(c).get() <= a.distance(b).get() + b.distance(c).get() + 1.0);
        }

        #[test]
        fn unit_vectors_lead_back_to_the_position(a in any_position()) {
            prop_assert!(a.distance(Position::from_vector(a.unit())).get() < 1e-3);
        }
    }
}
