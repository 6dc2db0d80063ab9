//! Place names of the demonstration: a table of GeoNames places, looked up by name within a country without regard to accents.

use std::collections::HashMap;
use std::io::Read;

use super::countries::country;
use super::table::{Table, TableError, TableLimits};
use super::values::{coordinate, integer, key};

/// A populated place.
#[derive(Debug, Clone, PartialEq)]
pub struct GazetteerPlace {
    /// GeoNames identifier.
    pub geonameid: i64,
    /// Name.
    pub name: String,
    /// Latitude in degrees.
    pub lat: f64,
    /// Longitude in degrees.
    pub lon: f64,
    /// ISO 3166-1 alpha-3.
    pub country: &'static str,
    /// GeoNames code of the first-level division.
    pub admin1: String,
    /// Inhabitants; 0 when not known.
    pub population: u64,
    /// Other names.
    pub alternates: Vec<String>,
}

/// A gazetteer in memory (about 300 bytes a place) with an index of names.
#[derive(Debug, Default)]
pub struct Gazetteer {
    places: Vec<GazetteerPlace>,
    by_name: HashMap<(&'static str, String), Vec<u32>>,
}

/// A place found by name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaceMatch<'g> {
    /// The place.
    pub place: &'g GazetteerPlace,
    /// Other places of that name in the country; more than none means the name alone does not decide.
    pub others: usize,
}

impl Gazetteer {
    /// Reads a gazetteer (columns geonameid, name, latitude, longitude, countrycode, admin1code, population, alternatenames;
    /// plain or gzip). Rows that are not places are left out and counted in the second value.
    ///
    /// # Errors
    /// [`TableError`] when the file cannot be read or lacks a column.
    pub fn read<R: Read>(reader: R) -> Result<(Self, u64), TableError> {
        let mut table = Table::open(reader, TableLimits { max_cell_chars: 20_000, ..TableLimits::default() }, None)?;
        let headers = table.headers().to_vec();
        let at = |name: &str| {
            headers.iter().position(|h| h == name).ok_or_else(|| TableError::Header(format!("the gazetteer has no column {name:?}")))
        };
        let columns = [
            at("geonameid")?,
            at("name")?,
            at("latitude")?,
            at("longitude")?,
            at("countrycode")?,
            at("admin1code")?,
            at("population")?,
            at("alternatenames")?,
        ];
        let mut gazetteer = Self::default();
        let mut left_out = 0;
        while let Some(row) = table.next_row()? {
            let [id, name, lat, lon, code, admin1, population, alternates] = columns.map(|c| row.cell(c).unwrap_or_default());
            let (Some(geonameid), Some(lat), Some(lon), Some(country)) = (integer(id), coordinate(lat), coordinate(lon), country(code)) else {
                left_out += 1;
                continue;
            };
            gazetteer.places.push(GazetteerPlace {
                geonameid,
                name: name.to_owned(),
                lat,
                lon,
                country: country.alpha3,
                admin1: admin1.to_owned(),
                population: integer(population).and_then(|p| u64::try_from(p).ok()).unwrap_or(0),
                alternates: alternates.split('|').filter(|a| !a.is_empty()).map(str::to_owned).collect(),
            });
        }
        gazetteer.index();
        Ok((gazetteer, left_out))
    }

    fn index(&mut self) {
        for (at, place) in (0_u32..).zip(&self.places) {
            for name in std::iter::once(&place.name).chain(&place.alternates) {
                let list = self.by_name.entry((place.country, key(name))).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
        }
    }

    /// All places, in the file's order.
    pub fn places(&self) -> &[GazetteerPlace] {
        &self.places
    }

    /// The most populous place of that name (its own name before other names) in a country (alpha-3), and how many others
    /// share the name. `admin1`, when given, is preferred where it fits (its GeoNames code).
    pub fn find(&self, name: &str, country: &str, admin1: Option<&str>) -> Option<PlaceMatch<'_>> {
        let country = super::countries::country(country)?.alpha3;
        let wanted = key(name);
        let found = self.by_name.get(&(country, wanted.clone()))?;
        let places = || found.iter().filter_map(|at| self.places.get(*at as usize));
        let place = places().max_by_key(|p| (admin1.is_some_and(|a| a == p.admin1), key(&p.name) == wanted, p.population))?;
        Some(PlaceMatch { place, others: found.len() - 1 })
    }
}
