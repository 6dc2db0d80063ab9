//! Partial dates: `2024`, `2024-05`, `2024-05-17`, `2024-05/2024-07`. A date nobody knows to the day is never stored as the first of January.

use chrono::{Datelike, Months, NaiveDate};

crate::vocabulary! {
    /// How finely a date is known.
    DatePrecision {
        /// To the day.
        Day => "day",
        /// To the month.
        Month => "month",
        /// To the year.
        Year => "year",
        /// Between two dates.
        Range => "range",
    }
}

/// A date known to some precision: the interval it lies in, both ends included.
///
/// ```
/// use rastro::domain::dates::PartialDate;
/// let may: PartialDate = "2024-05".parse().unwrap();
/// assert_eq!(may.to.to_string(), "2024-05-31");
/// assert_eq!(may.to_string(), "2024-05");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartialDate {
    /// First day it can be.
    pub from: NaiveDate,
    /// Last day it can be.
    pub to: NaiveDate,
    /// How it was stated.
    pub precision: DatePrecision,
}

/// A text that is no partial date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not of the form `YYYY`, `YYYY-MM`, `YYYY-MM-DD` or two of these joined by `/`.
    #[error("write the date as YYYY, YYYY-MM or YYYY-MM-DD, or two of these joined by \"/\"")]
    Form,
    /// A day, month or year that does not exist (years 1880 to 2200 are taken).
    #[error("there is no such day in the calendar")]
    NoSuchDay,
    /// The first date of a range is later than the second.
    #[error("the range ends before it begins")]
    Reversed,
}

impl PartialDate {
    /// One day.
    #[must_use]
    pub const fn day(date: NaiveDate) -> Self {
        Self { from: date, to: date, precision: DatePrecision::Day }
    }

    /// Everything between two days.
    ///
    /// # Errors
    /// [`DateError::Reversed`] when `to` is before `from`.
    pub fn range(from: NaiveDate, to: NaiveDate) -> Result<Self, DateError> {
        match from.cmp(&to) {
            std::cmp::Ordering::Greater => Err(DateError::Reversed),
            std::cmp::Ordering::Equal => Ok(Self::day(from)),
            std::cmp::Ordering::Less => Ok(Self { from, to, precision: DatePrecision::Range }),
        }
    }

    /// From stored columns; a precision that does not fit the interval becomes `Range`.
    #[must_use]
    pub fn from_columns(from: Option<NaiveDate>, to: Option<NaiveDate>, precision: Option<&str>) -> Option<Self> {
        let (from, to) = (from?, to?);
        let precision = precision.and_then(|p| p.parse().ok()).unwrap_or(DatePrecision::Range);
        Some(Self { from, to, precision })
    }

    fn single(text: &str) -> Result<Self, DateError> {
        let mut parts = text.split('-');
        let number = |part: Option<&str>, digits: usize| -> Result<Option<u32>, DateError> {
            match part {
                None => Ok(None),
                Some(p) if p.len() == digits && p.bytes().all(|b| b.is_ascii_digit()) => p.parse().map(Some).map_err(|_| DateError::Form),
                Some(_) => Err(DateError::Form),
            }
        };
        let year = number(parts.next(), 4)?.ok_or(DateError::Form)?;
        let month = number(parts.next(), 2)?;
        let day = number(parts.next(), 2)?;
        if parts.next().is_some() {
            return Err(DateError::Form);
        }
        if !(1880..=2200).contains(&year) {
            return Err(DateError::NoSuchDay);
        }
        let year = i32::try_from(year).map_err(|_| DateError::NoSuchDay)?;
        let date = |m, d| NaiveDate::from_ymd_opt(year, m, d).ok_or(DateError::NoSuchDay);
        Ok(match (month, day) {
            (None, _) => Self { from: date(1, 1)?, to: date(12, 31)?, precision: DatePrecision::Year },
            (Some(m), None) => {
                let from = date(m, 1)?;
                let to = from.checked_add_months(Months::new(1)).and_then(|d| d.pred_opt()).ok_or(DateError::NoSuchDay)?;
                Self { from, to, precision: DatePrecision::Month }
            }
            (Some(m), Some(d)) => Self::day(date(m, d)?),
        })
    }
}

impl std::str::FromStr for PartialDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().split_once('/') {
            None => Self::single(text.trim()),
            Some((a, b)) => Self::range(Self::single(a.trim())?.from, Self::single(b.trim())?.to),
        }
    }
}

impl std::fmt::Display for PartialDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.precision {
            DatePrecision::Day => write!(f, "{}", self.from),
            DatePrecision::Month => write!(f, "{:04}-{:02}", self.from.year(), self.from.month()),
            DatePrecision::Year => write!(f, "{:04}", self.from.year()),
            DatePrecision::Range => write!(f, "{}/{}", self.from, self.to),
        }
    }
}

impl utoipa::PartialSchema for PartialDate {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("a day, month or year (1994-03-17, 1994-03, 1994), or a range of them (1993/1995)"))
            .examples([serde_json::json!("1994-03")])
            .into()
    }
}
impl utoipa::ToSchema for PartialDate {}

impl serde::Serialize for PartialDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for PartialDate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_printed_date_parses_to_itself(days in 0i64..100_000, span in 0i64..4000, kind in 0u8..4) {
            let start = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + chrono::Duration::days(days);
            let date = match kind {
                0 => PartialDate::day(start),
                1 => format!("{:04}-{:02}", start.year(), start.month()).parse().unwrap(),
                2 => format!("{:04}", start.year()).parse().unwrap(),
                _ => PartialDate::range(start, start + chrono::Duration::days(span)).unwrap(),
            };
            prop_assert_eq!(date.to_string().parse::<PartialDate>().unwrap(), date);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            let _ = text.parse::<PartialDate>();
        }
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused() {
        assert_eq!("2023-02-29".parse::<PartialDate>(), Err(DateError::NoSuchDay));
        assert_eq!("2023-13".parse::<PartialDate>(), Err(DateError::NoSuchDay));
        assert_eq!("12/03/2020".parse::<PartialDate>(), Err(DateError::Form));
        assert_eq!("2024/2023".parse::<PartialDate>(), Err(DateError::Reversed));
    }
}
