//! A place with its uncertainty. Coordinates are two doubles (WGS84 degrees) and a radius in metres.

crate::vocabulary! {
    /// How a position was come by, which gives the default radius of uncertainty (Pima County's classes, geo.md section 1).
    PlacePrecision {
        /// Satellite position, 100 m.
        Gps => "gps",
        /// Street address, 300 m.
        Address => "address",
        /// Described in words, 2 km.
        Described => "described",
        /// Vaguely described, 15 km.
        Vague => "vague",
        /// A municipality or town, 15 km where its area is not known.
        Municipality => "municipality",
        /// A state or department, 150 km.
        State => "state",
        /// A country only.
        Country => "country",
    }
}

impl PlacePrecision {
    /// Default radius in metres that contains the place with 95 % chance.
    #[must_use]
    pub const fn default_uncertainty_m(self) -> f64 {
        match self {
            Self::Gps => 100.0,
            Self::Address => 300.0,
            Self::Described => 2_000.0,
            Self::Vague | Self::Municipality => 15_000.0,
            Self::State => 150_000.0,
            Self::Country => 500_000.0,
        }
    }
}

/// Where something was, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Place {
    /// Name as stated.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-3.
    pub country: Option<String>,
    /// State, department or province.
    pub admin1: Option<String>,
    /// Latitude in degrees.
    pub lat: Option<f64>,
    /// Longitude in degrees.
    pub lon: Option<f64>,
    /// Radius in metres that contains it with 95 % chance.
    pub uncertainty_m: Option<f64>,
    /// How it was come by.
    pub precision: Option<PlacePrecision>,
}

impl Place {
    /// Both coordinates, when there are both.
    #[must_use]
    pub fn position(&self) -> Option<(f64, f64)> {
        Some((self.lat?, self.lon?))
    }

    /// The radius of uncertainty: as stated, else by precision, else that of a described place.
    #[must_use]
    pub fn radius_m(&self) -> f64 {
        self.uncertainty_m.unwrap_or_else(|| self.precision.unwrap_or(PlacePrecision::Described).default_uncertainty_m())
    }

    /// Whether anything at all is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same place to the precision an audience may have: positions rounded to a grid, never with fresh noise (averaging would undo it).
    /// `Municipality` keeps the name and rounds to 0.25 degrees; `State` and `Country` keep no position.
    #[must_use]
    pub fn reduced(&self, to: PlacePrecision) -> Self {
        match to {
            PlacePrecision::Gps | PlacePrecision::Address | PlacePrecision::Described | PlacePrecision::Vague => self.clone(),
            PlacePrecision::Municipality => Self {
                lat: self.lat.map(quarter),
                lon: self.lon.map(quarter),
                uncertainty_m: self.lat.map(|_| self.radius_m().max(20_000.0)),
                precision: Some(PlacePrecision::Municipality),
                ..self.clone()
            },
            PlacePrecision::State => {
                Self { country: self.country.clone(), admin1: self.admin1.clone(), precision: Some(PlacePrecision::State), ..Self::default() }
            }
            PlacePrecision::Country => Self { country: self.country.clone(), precision: Some(PlacePrecision::Country), ..Self::default() },
        }
    }
}

fn quarter(degrees: f64) -> f64 {
    (degrees * 4.0).round() / 4.0
}
