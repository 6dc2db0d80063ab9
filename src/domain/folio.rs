//! Folios: the number people use for a case or record, e.g. `HND-CONADEH-2026-000123-7`. No sex, date of birth or name inside.
//!
//! The last character checks the rest: ISO/IEC 7064 MOD 37,36 over letters and digits, which catches every single wrong
//! character and nearly every swap of two neighbours.

const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A folio whose check character is right.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Folio(String);

/// A text that is no folio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FolioError {
    /// Not letters, digits and hyphens, or too short or long.
    #[error("a folio looks like HND-CONADEH-2026-000123-7")]
    Form,
    /// The check character does not fit: something was misread or mistyped.
    #[error("the folio was mistyped: its last character does not fit the rest")]
    Check,
}

fn check_character(text: &str) -> Option<char> {
    let mut product: usize = 36;
    for c in text.chars().filter(|c| *c != '-') {
        let value = ALPHABET.iter().position(|a| char::from(*a) == c)?;
        let mut sum = (product + value) % 36;
        if sum == 0 {
            sum = 36;
        }
        product = (sum * 2) % 37;
    }
    let value = (37 - product) % 36;
    ALPHABET.get(value).map(|b| char::from(*b))
}

impl Folio {
    /// Makes the folio of an authority's `number`-th case or record of a `year`. `series` tells cases (`""`) from found records (`"R"`).
    ///
    /// # Errors
    /// [`FolioError::Form`] when country or authority code hold anything but capital letters and digits.
    pub fn new(country: &str, authority: &str, year: i32, series: &str, number: i64) -> Result<Self, FolioError> {
        let body = format!("{country}-{authority}-{year}-{series}{number:06}");
        let check = check_character(&body).ok_or(FolioError::Form)?;
        Ok(Self(format!("{body}-{check}")))
    }

    /// The folio as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Folio {
    type Err = FolioError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim().to_uppercase();
        if !(8..=60).contains(&text.len()) {
            return Err(FolioError::Form);
        }
        let (body, check) = text.rsplit_once('-').ok_or(FolioError::Form)?;
        if check.len() != 1 {
            return Err(FolioError::Form);
        }
        let expected = check_character(body).ok_or(FolioError::Form)?;
        if check.starts_with(expected) { Ok(Self(text)) } else { Err(FolioError::Check) }
    }
}

impl std::fmt::Display for Folio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_wrong_character_is_always_caught(number in 0i64..1_000_000, at in 0usize..24, with in 0usize..36) {
            let folio = Folio::new("HND", "CONADEH", 2026, "", number).unwrap();
            prop_assert_eq!(&folio.to_string().parse::<Folio>().unwrap(), &folio);
            let mut bytes = folio.as_str().as_bytes().to_vec();
            let at = at % bytes.len();
            if bytes[at] != b'-' && bytes[at] != ALPHABET[with] {
                bytes[at] = ALPHABET[with];
                prop_assert_eq!(String::from_utf8(bytes).unwrap().parse::<Folio>(), Err(FolioError::Check));
            }
        }
    }

    #[test]
    fn lower_case_and_blanks_around_are_forgiven() {
        let folio = Folio::new("GTM", "PDH", 2026, "R", 7).unwrap();
        assert_eq!(format!("  {} ", folio.as_str().to_lowercase()).parse::<Folio>().unwrap(), folio);
    }
}
