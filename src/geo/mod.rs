//! Where things are: positions with uncertainty, an exact spatial index, the corridor network, snapping and corridor queries.
//!
//! Pure: no I/O, no clock, no randomness. Everything is computed on the sphere with the mean Earth radius
//! [`EARTH_RADIUS_M`]; against the WGS84 ellipsoid a distance is off by at most about 0.5 %, a 10 km radius count by
//! about 0.2 % (`geo.md`, lesson 2).
//!
//! Units: degrees for latitude and longitude, [`Metres`] for distances of points, kilometres (`*_km`, `f64`) for
//! measures along a route.

mod corridor;
mod index;
mod line;
mod load;
mod network;
mod normal;
pub mod patterns;
mod position;
mod precision;
pub mod reach;
mod segment;
mod snap;
mod sphere;

pub use corridor::{CorridorHit, CorridorQuery, Inside, Stretch};
pub use index::{Near, SpaceIndex};
pub use load::{CorridorError, OFF_ROUTE, RouteRemark, StopProblem};
pub use network::{Corridors, Edge, EdgeIndex, EdgeRef, Medium, NodeIndex, OnRoute, Route, RouteError, RouteIndex, Stop};
pub use normal::{normal_cdf, normal_density, normal_quantile};
pub use position::{Metres, MetresError, Position, PositionError, Region, looks_swapped, looks_swapped_in};
pub use precision::{CONTAINMENT, ContainmentError, Precision, UnknownPrecision, sigma_from_radius};
pub use snap::{KEPT_WEIGHT, Snap, SnapCandidate, SnapOptions, SnapOptionsError, SnapRule, uniform_prior};
pub use sphere::{EARTH_RADIUS_M, UnitVector, chord_from_metres, metres_from_chord};
