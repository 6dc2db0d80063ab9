//! The result of checking input: every fault with its path, a stable code and a sentence, many at once.

/// One fault in the input.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Violation {
    /// JSON pointer (RFC 6901) to the field, also the name of the form field after the last `/`.
    pub pointer: String,
    /// Stable code for programs and translations.
    pub code: &'static str,
    /// A sentence for people, in English; it repeats no value.
    pub message: String,
}

/// All faults found in one input. Empty means valid.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
#[error("the input has {} fault(s)", .0.len())]
pub struct Violations(pub Vec<Violation>);

impl Violations {
    /// A country is a code of ISO 3166-1 alpha-3.
    pub fn check_country(&mut self, pointer: &str, country: Option<&String>) {
        if country.is_some_and(|c| !super::country::is_country(c)) {
            self.add(pointer, "country_code", "write the country as its three capital letters (ISO 3166-1), e.g. HND");
        }
    }

    /// Notes a fault and goes on, so that the person sees all of them at once.
    pub fn add(&mut self, pointer: &str, code: &'static str, message: impl Into<String>) {
        self.0.push(Violation { pointer: pointer.to_owned(), code, message: message.into() });
    }

    /// `Ok` when nothing was noted.
    ///
    /// # Errors
    /// The violations themselves, when there is at least one.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Checks a list of free texts: at most `items` of them, each as [`Self::check_text`] has it.
    pub fn check_texts(&mut self, pointer: &str, texts: &[String], items: usize, max: usize) {
        if texts.len() > items {
            self.add(pointer, "too_many", format!("holds more than {items} entries"));
        }
        for (i, text) in texts.iter().take(items).enumerate() {
            self.check_text(&format!("{pointer}/{i}"), text, max);
        }
    }

    /// Checks that a day lies in the years of the calendar that partial dates take, 1880 to 2200.
    pub fn check_day(&mut self, pointer: &str, day: chrono::NaiveDate) {
        use chrono::Datelike;
        if !(1880..=2200).contains(&day.year()) {
            self.add(pointer, "out_of_range", "lies outside the years 1880 to 2200");
        }
    }

    /// Checks a free text: no NUL or other control characters (line breaks and tabs aside), no direction overrides that make a
    /// text look like another, at most `max` characters.
    pub fn check_text(&mut self, pointer: &str, text: &str, max: usize) {
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.add(pointer, "control_character", "contains a control character; remove it");
        }
        if text.chars().any(is_direction_control) {
            self.add(pointer, "direction_override", "contains an invisible direction control; type the text again");
        }
        if text.chars().count() > max {
            self.add(pointer, "too_long", format!("is longer than {max} characters"));
        }
    }
}

/// Bidirectional embedding, override and isolate controls (Unicode Annex 9): they reorder what is shown and have no place in a field.
#[must_use]
pub const fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
