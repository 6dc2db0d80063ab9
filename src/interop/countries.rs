//! Countries by any of their names, and the box a country's events lie in.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::values::key;

/// One country or territory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Country {
    /// ISO 3166-1 alpha-3.
    pub alpha3: &'static str,
    /// ISO 3166-1 alpha-2.
    pub alpha2: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// Spanish name.
    pub name_es: &'static str,
    /// South, north, west and east bound in whole degrees; west above east when it crosses the 180th meridian.
    pub bounds: Option<(f64, f64, f64, f64)>,
}

impl Country {
    /// Whether a point lies within the country's box widened by `margin` degrees; nothing when the box is not known.
    pub fn has_near(&self, lat: f64, lon: f64, margin: f64) -> Option<bool> {
        let (south, north, west, east) = self.bounds?;
        let width = if west <= east { east - west } else { east + 360.0 - west };
        let offset = (lon - (west - margin)).rem_euclid(360.0);
        Some(lat >= south - margin && lat <= north + margin && offset <= width + 2.0 * margin)
    }
}

struct Countries {
    list: Vec<Country>,
    by_name: HashMap<String, usize>,
}

fn countries() -> &'static Countries {
    static ALL: OnceLock<Countries> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut list = Vec::new();
        let mut by_name = HashMap::new();
        let table: &'static str = include_str!("../../config/import/countries.csv");
        for line in table.lines().skip(1) {
            // The table is ours: names with a comma are not quoted there but written without it.
            let cells: Vec<&'static str> = line.split(',').collect();
            let [alpha3, alpha2, name_en, name_es, others, south, north, west, east] = *cells.as_slice() else {
                continue;
            };
            let number = |text: &str| text.parse::<f64>().ok();
            let bounds = match (number(south), number(north), number(west), number(east)) {
                (Some(s), Some(n), Some(w), Some(e)) => Some((s, n, w, e)),
                _ => None,
            };
            for name in [alpha3, alpha2, name_en, name_es].into_iter().chain(others.split('|')).filter(|n| !n.is_empty()) {
                by_name.entry(key(name)).or_insert(list.len());
                if name.contains('&') {
                    by_name.entry(key(&name.replace('&', "and"))).or_insert(list.len());
                }
            }
            list.push(Country { alpha3, alpha2, name_en, name_es, bounds });
        }
        debug_assert!(list.is_sorted_by_key(|c: &Country| c.alpha3), "the table is in the order of alpha-3 codes");
        Countries { list, by_name }
    })
}

/// The country a text names: alpha-3, alpha-2, or its English or Spanish name without regard to case and accents.
pub fn country(text: &str) -> Option<&'static Country> {
    let all = countries();
    if let [a @ b'A'..=b'Z', b @ b'A'..=b'Z', c @ b'A'..=b'Z'] = *text.as_bytes()
        && let Ok(at) = all.list.binary_search_by(|country| country.alpha3.as_bytes().cmp([a, b, c].as_slice()))
    {
        return all.list.get(at);
    }
    all.by_name.get(&key(text)).and_then(|at| all.list.get(*at))
}

/// Every country, by alpha-3.
pub fn all() -> &'static [Country] {
    &countries().list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alpha3(text: &str) -> Option<&'static str> {
        country(text).map(|c| c.alpha3)
    }

    #[test]
    fn a_country_is_known_by_code_and_by_name_in_two_languages() {
        for text in ["HND", "hn", "Honduras"] {
            assert_eq!(alpha3(text), Some("HND"));
        }
        for text in ["México", "MEXICO", "MX", "mejico"] {
            assert_eq!(alpha3(text), Some("MEX"));
        }
        for text in ["EE.UU.", "Estados Unidos", "United States of America", "U.S.A.", "USA"] {
            assert_eq!(alpha3(text), Some("USA"), "{text}");
        }
        assert_eq!(alpha3("Venezuela (Bolivarian Republic of)"), Some("VEN"));
        assert_eq!(alpha3("Haití"), Some("HTI"));
        assert_eq!(alpha3("Côte d’Ivoire"), Some("CIV"));
        assert_eq!(alpha3("Trinidad and Tobago"), Some("TTO"));
        assert_eq!(alpha3("Atlantis"), None);
    }

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = include_str!("../../config/import/countries.csv").lines().count() - 1;
        assert_eq!(all().len(), lines);
    }

    #[test]
    fn a_box_across_the_date_line_holds_both_sides() {
        let near = |name, lat, lon| country(name).and_then(|c| c.has_near(lat, lon, 1.0));
        assert_eq!(near("Fiji", -17.0, 179.0), Some(true));
        assert_eq!(near("Fiji", -17.0, -179.5), Some(true));
        assert_eq!(near("Fiji", -17.0, 0.0), Some(false));
        assert_eq!(near("USA", 32.0, -111.0), Some(true));
        assert_eq!(near("USA", 32.0, 106.0), Some(false));
    }
}
