//! Languages of the pages: the texts of `config/locales`, negotiation, dates in words.

use crate::domain::dates::{DatePrecision, PartialDate};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader};
use std::borrow::Cow;
use std::collections::HashMap;

fluent_templates::static_loader! {
    static LOCALES = {
        locales: "./config/locales",
        fallback_language: "es",
        // Invisible isolation marks would end up in names that people copy.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static ES: LanguageIdentifier = fluent_templates::langid!("es");
static EN: LanguageIdentifier = fluent_templates::langid!("en");

/// A language the pages exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Spanish, the source.
    #[default]
    Es,
    /// English.
    En,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Es, Self::En];

    /// Its tag in `html lang` and cookies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    /// The language of a tag such as `en-US`, if the pages exist in it.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag.trim().split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "es" => Some(Self::Es),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The best language of an `Accept-Language` header; the order of preference is by its q values.
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        let mut wanted: Vec<(f32, Self)> = header
            .split(',')
            .filter_map(|part| {
                let mut pieces = part.split(';');
                let lang = Self::of_tag(pieces.next()?)?;
                let q = pieces.find_map(|p| p.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
                (q > 0.0).then_some((q, lang))
            })
            .collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        wanted.first().map(|(_, lang)| *lang)
    }

    fn id(self) -> &'static LanguageIdentifier {
        match self {
            Self::Es => &ES,
            Self::En => &EN,
        }
    }

    /// Whether there is such a text.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        LOCALES.try_lookup(self.id(), key).is_some()
    }

    /// A text; a missing one shows its key between `⟦` and `⟧`, which tests look for.
    #[must_use]
    pub fn text(self, key: &str) -> String {
        LOCALES.try_lookup(self.id(), key).unwrap_or_else(|| format!("⟦{key}⟧"))
    }

    /// A text with values.
    #[must_use]
    pub fn text_with(self, key: &str, values: impl IntoIterator<Item = (&'static str, FluentValue<'static>)>) -> String {
        let values: HashMap<Cow<'static, str>, FluentValue<'static>> = values.into_iter().map(|(k, v)| (Cow::Borrowed(k), v)).collect();
        LOCALES.try_lookup_with_args(self.id(), key, &values).unwrap_or_else(|| format!("⟦{key}⟧"))
    }

    /// The text of a closed word, e.g. `word("case-state", "search_active")`; a word without a text stands for itself.
    #[must_use]
    pub fn word(self, family: &str, word: &str) -> String {
        let key = format!("{family}-{}", word.replace('_', "-"));
        LOCALES.try_lookup(self.id(), &key).unwrap_or_else(|| word.replace('_', " "))
    }

    /// What a level of comparison says beyond its outcome; empty for a level without a text of its own.
    #[must_use]
    pub fn level(self, level: &str) -> String {
        LOCALES.try_lookup(self.id(), &format!("level-{}", level.replace(['.', '_'], "-"))).unwrap_or_default()
    }

    /// How many agree as well in a field by chance, of a share above 0: "1 in 240", or of a common value "35 in 100"; of a place, how many lie as near.
    /// Two digits are told: the share is an estimate.
    #[must_use]
    pub fn chance(self, field: &str, share: f64) -> String {
        let [common, rare] = match field {
            "place_time" => ["frequency-near-common", "frequency-near-rare"],
            _ => ["frequency-common", "frequency-rare"],
        };
        if share >= 0.1 {
            return self.text_with(common, [("n", format!("{:.0}", (share * 100.0).clamp(1.0, 100.0)).value())]);
        }
        let n = 1.0 / share.clamp(1e-12, 1.0);
        let unit = 10f64.powf(n.log10().floor() - 1.0);
        self.text_with(rare, [("n", self.thousands(&format!("{:.0}", (n / unit).round() * unit)).value())])
    }

    /// Digits in groups of three from ten thousand on, as the language writes them.
    pub(super) fn thousands(self, digits: &str) -> String {
        let mark = match self {
            Self::Es => '\u{a0}',
            Self::En => ',',
        };
        let mut out = String::with_capacity(digits.len() + digits.len() / 3);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) && digits.len() > 4 {
                out.push(mark);
            }
            out.push(digit);
        }
        out
    }

    /// A country by its ISO 3166-1 alpha-3 code.
    #[must_use]
    pub fn country(self, code: &str) -> String {
        LOCALES.try_lookup(self.id(), &format!("country-{code}")).unwrap_or_else(|| code.to_owned())
    }

    /// "12 de marzo de 2026".
    #[must_use]
    pub fn day(self, date: NaiveDate) -> String {
        let month = self.text(&format!("month-{}", date.month()));
        self.text_with("date-long", [("day", date.day().value()), ("month", month.value()), ("year", date.year().to_string().value())])
    }

    /// "12 de marzo de 2026, 14:05", in UTC.
    #[must_use]
    pub fn moment(self, at: DateTime<Utc>) -> String {
        self.text_with("date-and-time", [("date", self.day(at.date_naive()).value()), ("time", at.format("%H:%M").to_string().value())])
    }

    /// A date with its precision in words: "marzo de 2026", "2026", "entre …".
    #[must_use]
    pub fn partial(self, date: PartialDate) -> String {
        match date.precision {
            DatePrecision::Day => self.day(date.from),
            DatePrecision::Month => {
                let month = self.text(&format!("month-{}", date.from.month()));
                self.text_with("date-month-year", [("month", month.value()), ("year", date.from.year().to_string().value())])
            }
            DatePrecision::Year => date.from.year().to_string(),
            DatePrecision::Range => self.text_with("date-range", [("from", self.day(date.from).value()), ("to", self.day(date.to).value())]),
        }
    }
}

/// What can stand in a text: words as they are, numbers so that Fluent can choose the plural.
pub trait Argument {
    /// The value for Fluent.
    fn value(&self) -> FluentValue<'static>;
}

impl<T: Argument + ?Sized> Argument for &T {
    fn value(&self) -> FluentValue<'static> {
        (**self).value()
    }
}

impl Argument for str {
    fn value(&self) -> FluentValue<'static> {
        FluentValue::String(Cow::Owned(self.to_owned()))
    }
}

impl Argument for String {
    fn value(&self) -> FluentValue<'static> {
        self.as_str().value()
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl Argument for $number {
            fn value(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        }
    )+};
}
numbers!(u8, u16, u32, u64, usize, i16, i32, i64);
