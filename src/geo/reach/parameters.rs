//! The numbers of the reach model, read from `config/routes/reach.toml`.

use serde::Deserialize;
use thiserror::Error;

use super::Way;
use crate::geo::network::Medium;

/// Why the parameters of the reach model were refused.
#[derive(Debug, Error)]
pub enum ReachError {
    /// Not the expected TOML.
    #[error("the reach parameters cannot be read: {0}; compare them with config/routes/reach.toml")]
    Syntax(String),
    /// A number outside its range.
    #[error("reach parameters: {field} is {value}; it lies above {above} and up to {most}")]
    Range {
        /// Section and name.
        field: &'static str,
        /// What it held.
        value: f64,
        /// Lower limit, excluded.
        above: f64,
        /// Upper limit, included.
        most: f64,
    },
    /// Percentiles in the wrong order.
    #[error("reach parameters: speed.{0} needs 0 < p05 < median < p95")]
    Speed(&'static str),
    /// A route travelled both ways that the network does not have.
    #[error("reach parameters: network.both_ways names {0}, which is no route of the network")]
    UnknownRoute(String),
    /// A place of return outside the globe.
    #[error("reach parameters: returns.places: {0} has no valid lat and lon")]
    Place(String),
    /// More rivers than are told apart.
    #[error("there are {0} rivers; at most {MOST_RIVERS} can be used")]
    Rivers(usize),
    /// The routes or the rivers.
    #[error(transparent)]
    Lines(#[from] crate::geo::CorridorError),
}

/// Rivers that are told apart.
pub(super) const MOST_RIVERS: usize = 64;

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($field:ident : $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(missing_docs, reason = "parameters are described in the file")]
        pub struct $name { $(pub $field: $type),* }
    };
}

section!(
    /// The whole file; its comments describe every number.
    ReachParameters {
        id: String, network: NetworkParameters, speed: Speeds, stay: Stay, way: Ways, returns: Returns, river: RiverParameters, sea: SeaParameters,
        moved: Moved,
    }
);
section!(
    /// `[network]`.
    NetworkParameters { access_km: f64, join_km: f64, near_km: f64, detour: f64, tolerance: f64, both_ways: Vec<String> }
);
section!(
    /// `[speed]`.
    Speeds { rail: Speed, land: Speed, foot: Speed, sea: Speed, off_route: Speed }
);
section!(
    /// `[speed.*]`: net km a day.
    Speed { median: f64, p05: f64, p95: f64 }
);
section!(
    /// `[stay]`.
    Stay { median_days: f64, early_days: f64, spread: f64, late_share: f64, late_median_days: f64, late_spread: f64 }
);
section!(
    /// `[way]`.
    Ways { near: f64, ahead: f64, across: f64, behind: f64, returned: f64, unknown: f64 }
);
section!(
    /// `[returns]`.
    Returns { radius_km: f64, median_days: f64, spread: f64, places: Vec<ReturnPlace> }
);
section!(
    /// One of `returns.places`.
    ReturnPlace { name: String, lat: f64, lon: f64 }
);
section!(
    /// `[river]`.
    RiverParameters { bank_km: f64, contact_km: f64, share: f64, km_a_day: f64, float_days: f64, stays: f64 }
);
section!(
    /// `[sea]`.
    SeaParameters { km_a_day: f64, diffusion_m2_s: f64, float_days: f64 }
);
section!(
    /// `[moved]`.
    Moved { share: f64 }
);

impl Speed {
    /// Standard deviation of the logarithm of the speed: 1.645 of it to either percentile.
    #[must_use]
    pub fn spread(&self) -> f64 {
        (self.p95 / self.p05).ln() / (2.0 * 1.645)
    }
}

impl Speeds {
    /// The speed on a medium.
    #[must_use]
    pub const fn on(&self, medium: Medium) -> &Speed {
        match medium {
            Medium::Rail => &self.rail,
            Medium::Land => &self.land,
            Medium::Foot => &self.foot,
            Medium::Sea => &self.sea,
        }
    }
}

impl Ways {
    /// How likely a journey goes on in a way, against going on with the routes.
    #[must_use]
    pub const fn of(&self, way: Way) -> f64 {
        match way {
            Way::Near => self.near,
            Way::Ahead => self.ahead,
            Way::Across => self.across,
            Way::Behind => self.behind,
            Way::Returned => self.returned,
            Way::Unknown => self.unknown,
        }
    }
}

impl ReachParameters {
    /// Reads the file.
    ///
    /// # Errors
    /// [`ReachError`], which names the number that cannot be.
    pub fn from_toml(text: &str) -> Result<Self, ReachError> {
        let read: Self = toml::from_str(text).map_err(|e| ReachError::Syntax(e.to_string()))?;
        let (n, s, w, r, v) = (&read.network, &read.stay, &read.way, &read.returns, &read.river);
        for (field, value, above, most) in [
            ("network.access_km", n.access_km, 0.0, 110.0),
            ("network.join_km", n.join_km, 0.0, 500.0),
            ("network.near_km", n.near_km, 0.0, 1000.0),
            ("network.detour", n.detour, 0.99, 5.0),
            ("network.tolerance", n.tolerance, 0.0, 1.0),
            ("stay.median_days", s.median_days, 0.0, 1000.0),
            ("stay.early_days", s.early_days, 0.0, 50.0),
            ("stay.spread", s.spread, 0.05, 3.0),
            ("stay.late_share", s.late_share, 0.0, 0.9),
            ("stay.late_median_days", s.late_median_days, 0.0, 2000.0),
            ("stay.late_spread", s.late_spread, 0.05, 3.0),
            ("way.near", w.near, 0.0, 10.0),
            ("way.ahead", w.ahead, 0.0, 10.0),
            ("way.across", w.across, 0.0, 10.0),
            ("way.behind", w.behind, 0.0, 10.0),
            ("way.returned", w.returned, 0.0, 10.0),
            ("way.unknown", w.unknown, 0.0, 10.0),
            ("returns.radius_km", r.radius_km, 0.0, 200.0),
            ("returns.median_days", r.median_days, 0.0, 1000.0),
            ("returns.spread", r.spread, 0.05, 3.0),
            ("river.bank_km", v.bank_km, 0.0, 20.0),
            ("river.contact_km", v.contact_km, 0.0, 50.0),
            ("river.share", v.share, 0.0, 0.99),
            ("river.km_a_day", v.km_a_day, 0.0, 500.0),
            ("river.float_days", v.float_days, 0.0, 365.0),
            ("river.stays", v.stays, 0.0, 1.0),
            ("sea.km_a_day", read.sea.km_a_day, 0.0, 200.0),
            ("sea.diffusion_m2_s", read.sea.diffusion_m2_s, 0.0, 10_000.0),
            ("sea.float_days", read.sea.float_days, 0.0, 365.0),
            ("moved.share", read.moved.share, 0.0, 0.5),
        ] {
            if !(value > above && value <= most) {
                return Err(ReachError::Range { field, value, above, most });
            }
        }
        let speeds = &read.speed;
        for (name, speed) in
            [("rail", &speeds.rail), ("land", &speeds.land), ("foot", &speeds.foot), ("sea", &speeds.sea), ("off_route", &speeds.off_route)]
        {
            if !(speed.p05 > 0.0 && speed.p05 < speed.median && speed.median < speed.p95 && speed.p95 < 1e5) {
                return Err(ReachError::Speed(name));
            }
        }
        Ok(read)
    }
}
