//! Which column of a file is which field: aliases, a person's own mapping, and similar spelling as a last resort.
//!
//! The alias tables are data (`config/import/*.toml`). A header is compared by its letters and digits only, lower case and
//! without accents. Columns nobody knows are reported and kept as extras; required fields without a column are an error that
//! lists what was found.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use thiserror::Error;

use super::values::fold;

/// Why headers cannot be used.
#[derive(Debug, Error)]
pub enum HeaderError {
    /// Required fields have no column.
    #[error("no column for {}; found the columns: {}", missing.join(" and "), found.join(", "))]
    Missing {
        /// The fields, `a or b` where one of several would do.
        missing: Vec<String>,
        /// The headers of the file.
        found: Vec<String>,
    },
    /// The mapping file cannot be read.
    #[error("the mapping file cannot be read: {0}; it holds lines such as \"Nombre completo\" = \"full_name\"")]
    Map(String),
    /// The mapping names a field that does not exist.
    #[error("the mapping sends {header:?} to {field:?}, which is no field; fields: {}", fields.join(", "))]
    MapField {
        /// The header in the mapping.
        header: String,
        /// The field it names.
        field: String,
        /// The fields there are.
        fields: Vec<String>,
    },
    /// The mapping names a header that the file does not have.
    #[error("the mapping names the column {header:?}, which the file does not have; found: {}", found.join(", "))]
    MapHeader {
        /// The header in the mapping.
        header: String,
        /// The headers of the file.
        found: Vec<String>,
    },
    /// An alias table of the program is damaged.
    #[error("the alias table {table} is damaged: {reason}")]
    Table {
        /// Which table.
        table: &'static str,
        /// What is wrong.
        reason: String,
    },
}

/// Which kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Template {
    /// Missing persons' cases.
    Cases,
    /// Found records, living and deceased.
    Records,
    /// IOM Missing Migrants incidents.
    Mmp,
}

impl Template {
    const fn source(self) -> (&'static str, &'static str) {
        match self {
            Self::Cases => ("cases.toml", include_str!("../../config/import/cases.toml")),
            Self::Records => ("records.toml", include_str!("../../config/import/records.toml")),
            Self::Mmp => ("mmp.toml", include_str!("../../config/import/mmp.toml")),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    /// Of each inner list at least one field must have a column.
    required: Vec<Vec<String>>,
    /// Field to the headers that stand for it.
    fields: BTreeMap<String, Vec<String>>,
}

/// The fields of a template and their aliases.
#[derive(Debug)]
pub struct AliasTable {
    required: Vec<Vec<String>>,
    fields: Vec<String>,
    /// Normalised header to index in `fields`.
    by_header: HashMap<String, usize>,
}

impl AliasTable {
    /// Reads the template's table.
    ///
    /// # Errors
    /// [`HeaderError::Table`] when the table shipped is damaged (a test keeps it whole).
    pub fn load(template: Template) -> Result<Self, HeaderError> {
        let (table, text) = template.source();
        let file: TableFile = toml::from_str(text).map_err(|e| HeaderError::Table { table, reason: e.to_string() })?;
        let fields: Vec<String> = file.fields.keys().cloned().collect();
        let mut by_header = HashMap::new();
        for (index, (field, aliases)) in file.fields.iter().enumerate() {
            for alias in std::iter::once(field).chain(aliases) {
                if let Some(other) = by_header.insert(normal(alias), index)
                    && other != index
                {
                    return Err(HeaderError::Table { table, reason: format!("{alias:?} stands for two fields") });
                }
            }
        }
        if let Some(unknown) = file.required.iter().flatten().find(|f| !file.fields.contains_key(*f)) {
            return Err(HeaderError::Table { table, reason: format!("required field {unknown:?} is not listed") });
        }
        Ok(Self { required: file.required, fields, by_header })
    }

    /// The names of the fields, in alphabetical order.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Decides for every header which field it is.
    ///
    /// # Errors
    /// [`HeaderError`] when a required field has no column or the mapping does not fit.
    pub fn resolve(&self, headers: &[String], map: Option<&HeaderMap>) -> Result<Mapping, HeaderError> {
        let mut uses: Vec<ColumnUse> = headers
            .iter()
            .enumerate()
            .map(|(index, header)| ColumnUse { index, header: header.clone(), field: None, how: How::Unknown })
            .collect();
        let mut taken: HashMap<String, usize> = HashMap::new();
        for (header, field) in map.map(|m| &m.0).into_iter().flatten() {
            let Some(column) = uses.iter_mut().find(|u| u.header == *header || normal(&u.header) == normal(header)) else {
                return Err(HeaderError::MapHeader { header: header.clone(), found: headers.to_vec() });
            };
            if field.is_empty() {
                column.how = How::Ignored;
                continue;
            }
            if !self.fields.contains(field) {
                return Err(HeaderError::MapField { header: header.clone(), field: field.clone(), fields: self.fields.clone() });
            }
            column.field = Some(field.clone());
            column.how = How::Map;
            taken.insert(field.clone(), column.index);
        }
        for column in uses.iter_mut().filter(|u| u.how == How::Unknown) {
            let Some(field) = self.by_header.get(&normal(&column.header)).and_then(|at| self.fields.get(*at)) else {
                continue;
            };
            if taken.contains_key(field) {
                column.how = How::Second(field.clone());
            } else {
                taken.insert(field.clone(), column.index);
                column.field = Some(field.clone());
                column.how = How::Alias;
            }
        }
        for column in uses.iter_mut().filter(|u| u.how == How::Unknown) {
            let Some((field, distance)) = self.nearest(&normal(&column.header)) else {
                continue;
            };
            if !taken.contains_key(field) {
                taken.insert(field.to_owned(), column.index);
                column.field = Some(field.to_owned());
                column.how = How::Near(distance);
            }
        }
        let missing: Vec<String> =
            self.required.iter().filter(|any| !any.iter().any(|f| taken.contains_key(f))).map(|any| any.join(" or ")).collect();
        if !missing.is_empty() {
            return Err(HeaderError::Missing { missing, found: headers.to_vec() });
        }
        Ok(Mapping { columns: uses, taken })
    }

    /// The one field whose alias is within edit distance 2 (1 below ten letters, none below six) and has the same digits; none
    /// when another field is nearly as near (`age_mxn` is neither `age_min` nor `age_max`).
    fn nearest(&self, header: &str) -> Option<(&str, usize)> {
        let allowed = match header.len() {
            0..6 => return None,
            6..10 => 1,
            _ => 2,
        };
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        // Best distance for every field in reach; one step beyond what is allowed, to see rivals.
        let mut reach: BTreeMap<usize, usize> = BTreeMap::new();
        for (alias, field) in &self.by_header {
            if alias.len() < 6 || alias.len().abs_diff(header.len()) > allowed + 1 || digits(alias) != digits(header) {
                continue;
            }
            let distance = rapidfuzz::distance::levenshtein::distance(alias.chars(), header.chars());
            if distance <= allowed + 1 {
                let best = reach.entry(*field).or_insert(distance);
                *best = distance.min(*best);
            }
        }
        let (field, distance) = reach.iter().map(|(f, d)| (*f, *d)).min_by_key(|(_, d)| *d)?;
        if distance > allowed || reach.iter().any(|(f, d)| *f != field && *d <= distance + 1) {
            return None;
        }
        Some((self.fields.get(field)?, distance))
    }
}

/// A person's own mapping: header to field, or to nothing to leave the column out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderMap(BTreeMap<String, String>);

impl HeaderMap {
    /// Reads a mapping file (TOML): `"Nombre completo" = "full_name"`; `"Observaciones" = ""` leaves a column out.
    ///
    /// # Errors
    /// [`HeaderError::Map`] when it is not such a file.
    pub fn parse(text: &str) -> Result<Self, HeaderError> {
        toml::from_str(text).map(Self).map_err(|e| HeaderError::Map(e.message().to_owned()))
    }
}

/// How a column found its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// By the person's own mapping.
    Map,
    /// By an alias.
    Alias,
    /// By similar spelling, at this edit distance.
    Near(usize),
    /// It names a field that another column already fills; kept as an extra.
    Second(String),
    /// Left out by the person's own mapping.
    Ignored,
    /// Not at all; kept as an extra.
    Unknown,
}

/// One column of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnUse {
    /// Position, from 0.
    pub index: usize,
    /// The header as the file spells it.
    pub header: String,
    /// The field it fills.
    pub field: Option<String>,
    /// How that was found.
    pub how: How,
}

/// Which column fills which field.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Every column of the file in order.
    pub columns: Vec<ColumnUse>,
    taken: HashMap<String, usize>,
}

impl Mapping {
    /// The column that fills a field.
    pub fn index(&self, field: &str) -> Option<usize> {
        self.taken.get(field).copied()
    }

    /// Whether any of the fields has a column.
    pub fn has_any(&self, fields: &[&str]) -> bool {
        fields.iter().any(|f| self.taken.contains_key(*f))
    }
}

/// A header's letters and digits, lower case, without accents.
fn normal(header: &str) -> String {
    fold(header).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn headers(list: &str) -> Vec<String> {
        list.split(',').map(str::to_owned).collect()
    }

    fn resolve(template: Template, list: &str, map: Option<&str>) -> Result<Mapping, HeaderError> {
        let map = map.map(|m| HeaderMap::parse(m).unwrap());
        AliasTable::load(template).unwrap().resolve(&headers(list), map.as_ref())
    }

    #[test]
    fn spanish_and_misspelt_headers_find_their_field() {
        let m = resolve(Template::Cases, "Folio,Nombre(s),Primer Apellido,APELLIDO MATERNO,Fecha de nacimento,Observaciones", None).unwrap();
        assert_eq!(m.index("external_id"), Some(0));
        assert_eq!(m.index("given_names"), Some(1));
        assert_eq!(m.index("first_surname"), Some(2));
        assert_eq!(m.index("second_surname"), Some(3));
        assert_eq!(m.index("birth_date"), Some(4));
        assert_eq!(m.columns[4].how, How::Near(1));
        assert_eq!(m.columns[5].how, How::Unknown);
    }

    #[test]
    fn a_missing_column_is_named_with_what_was_found() {
        let error = resolve(Template::Cases, "color,sabor", None).unwrap_err().to_string();
        assert!(error.contains("external_id") && error.contains("color, sabor"), "{error}");
    }

    #[test]
    fn an_own_mapping_comes_first_and_is_checked() {
        let m = resolve(Template::Cases, "Clave,Nombre,Sexo", Some("Clave = \"external_id\"\nSexo = \"\"")).unwrap();
        assert_eq!(m.index("external_id"), Some(0));
        assert_eq!(m.columns[2].how, How::Ignored);
        assert!(matches!(resolve(Template::Cases, "Clave", Some("Clave = \"shoe\"")), Err(HeaderError::MapField { .. })));
        assert!(matches!(resolve(Template::Cases, "Clave", Some("Llave = \"sex\"")), Err(HeaderError::MapHeader { .. })));
        assert!(matches!(HeaderMap::parse("x = 1"), Err(HeaderError::Map(_))));
    }

    #[test]
    fn a_second_column_for_a_field_is_kept_apart() {
        let m = resolve(Template::Cases, "case_id,folio,given_names", None).unwrap();
        assert_eq!(m.columns[1].how, How::Second("external_id".into()));
    }

    #[test]
    fn minimum_and_maximum_are_never_confused_by_similar_spelling() {
        let m = resolve(Template::Cases, "case_id,given_names,age_max,age_mxn", None).unwrap();
        assert_eq!(m.index("age_min"), None);
        assert_eq!(m.columns[3].how, How::Unknown);
    }

    #[test]
    fn the_three_generations_of_mmp_headers_are_known() {
        let first = "Web ID,Region of Incident,Reported Date,Reported Year,Reported Month,Number Dead,Minimum Estimated Number of Missing,Total Dead and Missing,Number of Survivors,Number of Females,Number of Males,Number of Children,Cause of Death,Location Description,Information Source,Location Coordinates,Migration Route,URL,UNSD Geographical Grouping,Source Quality";
        let second = "Main ID,Incident ID,Incident Type,Region of Incident,Incident year,Reported Month,Number of Dead,Minimum Estimated Number of Missing,Total Number of Dead and Missing,Number of Survivors,Number of Females,Number of Males,Number of Children,Country of Origin,Region of Origin,Cause of Death,Migration route,Location of death,Information Source,Coordinates,UNSD Geographical Grouping";
        let third = "Main ID,Incident ID,Incident Type,Region of Incident,Incident Date,Incident Year,Month,Number of Dead,Minmum Estimated Number of Missing,Total Number of Dead and Missing,Number of Survivors,Number of Females,Number of Males,Number of Children,Country of Origin,Region of Origin,Cause of Death,Country of Incidet,Migration Route,Location of Incident,Coordinates,UNSD Geographical Grouping ,Information Source,URL,Source Quality";
        for (generation, list) in [first, second, third].iter().enumerate() {
            let m = resolve(Template::Mmp, list, None).unwrap();
            let lost: Vec<&str> = m.columns.iter().filter(|c| c.field.is_none()).map(|c| c.header.as_str()).collect();
            assert_eq!(lost, Vec::<&str>::new(), "generation {}", generation + 1);
        }
        assert_eq!(resolve(Template::Mmp, third, None).unwrap().columns[8].how, How::Near(1));
    }
}
