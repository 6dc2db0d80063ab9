//! Countries by code.

use std::collections::HashSet;
use std::sync::OnceLock;

/// Whether a text is a country's or territory's code, ISO 3166-1 alpha-3 (the table of `config/import/countries.csv`).
#[must_use]
pub fn is_country(alpha3: &str) -> bool {
    static CODES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let read = || include_str!("../../config/import/countries.csv").lines().skip(1).filter_map(|line| line.get(..3)).collect();
    CODES.get_or_init(read).contains(alpha3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_code_of_the_table_is_a_country() {
        for code in ["HND", "MEX", "USA", "SLV"] {
            assert!(is_country(code), "{code}");
        }
        for text in ["XXX", "hnd", "HN", "", "Honduras", "alp"] {
            assert!(!is_country(text), "{text}");
        }
    }
}
