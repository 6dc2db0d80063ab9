//! Place cells: name, country, coordinates, and whether the three can be true together.

use super::countries::{Country, country};
use super::headers::Mapping;
use super::import::Cells;
use super::problem::{Code, Problems};
use super::values::{NullKind, coordinate, coordinate_pair, decimal};

/// A point this many degrees outside the named country's box is remarked.
pub const FAR_DEGREES: f64 = 10.0;

/// A place as a file tells it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlaceCells {
    /// Name as written.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-3.
    pub country: Option<&'static str>,
    /// First-level division as written.
    pub admin1: Option<String>,
    /// Second-level division as written.
    pub admin2: Option<String>,
    /// Latitude in degrees, WGS84.
    pub lat: Option<f64>,
    /// Longitude in degrees, WGS84.
    pub lon: Option<f64>,
    /// Radius in metres within which the place lies.
    pub uncertainty_m: Option<f64>,
}

impl PlaceCells {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What makes coordinates doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CoordinateDoubt {
    /// Latitude and longitude look exchanged.
    Swapped,
    /// A sign looks lost.
    SignLost,
    /// Far from the country named.
    FarFromCountry,
}

/// What is doubtful about coordinates (in range) said to be in or off `country`, if anything: outside its box by more than
/// [`FAR_DEGREES`], with a swap or a changed sign that would put them inside (2 degrees of grace) named first.
pub fn doubt(country: &Country, lat: f64, lon: f64) -> Option<CoordinateDoubt> {
    if country.has_near(lat, lon, FAR_DEGREES)? {
        return None;
    }
    let inside = |lat: f64, lon: f64| lat.abs() <= 90.0 && country.has_near(lat, lon, 2.0) == Some(true);
    Some(if inside(lat, -lon) || inside(-lat, lon) || inside(-lat, -lon) {
        CoordinateDoubt::SignLost
    } else if inside(lon, lat) || inside(lon, -lat) || inside(-lon, lat) {
        CoordinateDoubt::Swapped
    } else {
        CoordinateDoubt::FarFromCountry
    })
}

/// The columns of a place.
#[derive(Debug, Clone, Default)]
pub struct PlaceColumns {
    /// Name.
    pub name: Option<usize>,
    country: Option<usize>,
    admin1: Option<usize>,
    admin2: Option<usize>,
    /// Latitude.
    pub lat: Option<usize>,
    /// Longitude.
    pub lon: Option<usize>,
    uncertainty_m: Option<usize>,
}

impl PlaceColumns {
    /// Finds the columns whose fields start with `prefix` (`last_contact_` or nothing).
    pub fn new(mapping: &Mapping, prefix: &str) -> Self {
        let at = |name: &str| mapping.index(&format!("{prefix}{name}"));
        Self {
            name: at("place"),
            country: at("country"),
            admin1: at("admin1"),
            admin2: at("admin2"),
            lat: at("lat"),
            lon: at("lon"),
            uncertainty_m: at("uncertainty_m"),
        }
    }

    /// Reads a place. Impossible or half coordinates are errors; coordinates that only look wrong are warnings and are kept.
    pub fn read(&self, cells: &Cells<'_>, nulls: &mut Vec<(String, NullKind)>, problems: &mut Problems) -> PlaceCells {
        let mut place = PlaceCells {
            name: cells.value(self.name, nulls).and_then(|_| cells.text(self.name, 300, problems)),
            admin1: cells.text(self.admin1, 200, problems),
            admin2: cells.text(self.admin2, 200, problems),
            ..PlaceCells::default()
        };
        let known = country_cell(cells, self.country, nulls, problems);
        place.country = known.map(|c| c.alpha3);
        (place.lat, place.lon) = self.position(cells, known, nulls, problems);
        if let Some(text) = cells.value(self.uncertainty_m, nulls) {
            match decimal(text).filter(|m| (0.0..=20_000_000.0).contains(m) && *m > 0.0) {
                Some(metres) => place.uncertainty_m = Some(metres),
                None => problems.error(cells.header(self.uncertainty_m), text, Code::OutOfRange, "this is a radius in metres above zero"),
            }
        }
        place
    }

    fn position(
        &self,
        cells: &Cells<'_>,
        known: Option<&Country>,
        nulls: &mut Vec<(String, NullKind)>,
        problems: &mut Problems,
    ) -> (Option<f64>, Option<f64>) {
        let (lat_text, lon_text) = (cells.value(self.lat, nulls), cells.value(self.lon, nulls));
        let (lat, lon) = match (lat_text, lon_text) {
            (None, None) => return (None, None),
            (Some(text), None) if coordinate_pair(text).is_some() => coordinate_pair(text).unzip(),
            (Some(lat), Some(lon)) => (coordinate(lat), coordinate(lon)),
            (lat, _) => {
                let (missing, value) = if lat.is_none() { (self.lat, lon_text) } else { (self.lon, lat_text) };
                let column = if missing.is_some() { missing } else { self.lat.or(self.lon) };
                problems.error(
                    cells.header(column),
                    value.unwrap_or_default(),
                    Code::IncompleteCoordinates,
                    "one coordinate is missing; give both latitude and longitude, or neither",
                );
                return (None, None);
            }
        };
        for (value, text, column) in [(lat, lat_text, self.lat), (lon, lon_text, self.lon)] {
            if value.is_none() {
                let text = text.unwrap_or_default();
                problems.error(cells.header(column), text, Code::NotANumber, "this is not a coordinate in degrees");
            }
        }
        let (Some(lat), Some(lon)) = (lat, lon) else { return (None, None) };
        let shown = format!("{lat}, {lon}");
        let header = cells.header(self.lat);
        if lat.abs() > 90.0 && lat.abs() <= 180.0 && lon.abs() <= 90.0 {
            problems.error(header, &shown, Code::Swapped, "no latitude is beyond 90 degrees: latitude and longitude look swapped");
            return (None, None);
        }
        if lat.abs() > 90.0 || lon.abs() > 180.0 {
            problems.error(header, &shown, Code::OutOfRange, "a latitude lies between -90 and 90 degrees, a longitude between -180 and 180");
            return (None, None);
        }
        if lat == 0.0 && lon == 0.0 {
            problems.error(header, &shown, Code::OutOfRange, "0, 0 is in the Gulf of Guinea: leave unknown coordinates blank");
            return (None, None);
        }
        if let Some(country) = known {
            warn_doubt(doubt(country, lat, lon), country, header, &shown, problems);
        }
        (Some(lat), Some(lon))
    }
}

/// Adds the warning for a doubt about coordinates.
pub fn warn_doubt(doubt: Option<CoordinateDoubt>, country: &Country, header: &str, shown: &str, problems: &mut Problems) {
    let name = country.name_en;
    match doubt {
        Some(CoordinateDoubt::Swapped) => problems.warn(
            header,
            shown,
            Code::Swapped,
            format!("latitude and longitude look swapped: exchanged (and perhaps with a minus sign) they lie in {name}"),
        ),
        Some(CoordinateDoubt::SignLost) => {
            problems.warn(header, shown, Code::SignLost, format!("with another sign the coordinates lie in {name}: a minus sign looks lost"));
        }
        Some(CoordinateDoubt::FarFromCountry) => {
            problems.warn(header, shown, Code::FarFromCountry, format!("the coordinates are more than {FAR_DEGREES} degrees from {name}"));
        }
        None => {}
    }
}

/// Reads a country cell; an unknown one is an error, since no field of a country takes free text.
pub fn country_cell(
    cells: &Cells<'_>,
    column: Option<usize>,
    nulls: &mut Vec<(String, NullKind)>,
    problems: &mut Problems,
) -> Option<&'static Country> {
    let text = cells.value(column, nulls)?;
    let found = country(text);
    if found.is_none() {
        problems.error(
            cells.header(column),
            text,
            Code::UnknownCountry,
            "this is no country; write its ISO 3166 code (HND or HN) or its name in Spanish or English",
        );
    }
    found
}

/// Reads a list of countries separated by `|`, `,`, `;` or `/`.
pub fn country_list(
    cells: &Cells<'_>,
    column: Option<usize>,
    nulls: &mut Vec<(String, NullKind)>,
    problems: &mut Problems,
) -> Vec<&'static str> {
    let Some(text) = cells.value(column, nulls) else {
        return Vec::new();
    };
    if let Some(one) = country(text) {
        return vec![one.alpha3];
    }
    let mut found = Vec::new();
    for part in text.split(['|', ',', ';', '/']).map(str::trim).filter(|p| !p.is_empty()) {
        match country(part) {
            Some(one) if !found.contains(&one.alpha3) => found.push(one.alpha3),
            Some(_) => {}
            None => problems.error(
                cells.header(column),
                part,
                Code::UnknownCountry,
                "this is no country; write its ISO 3166 code (HND or HN) or its name in Spanish or English",
            ),
        }
    }
    found
}
