//! Parsers of single values: folded words, partial dates, numbers, statures, coordinates, phone numbers, lists.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::dates::{DatePrecision, PartialDate};

/// Lower case, accents removed, compatibility forms resolved: `Ñandú` and `NANDU` fold to `nandu`.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ø' => out.push('o'),
            'đ' => out.push('d'),
            'ł' => out.push('l'),
            'ı' => out.push('i'),
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            '’' | '‘' | 'ʼ' | 'ʻ' => out.push('\''),
            c if is_combining_mark(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// [`fold`], then letters and digits only, words separated by one blank: the key of vocabularies and place names.
pub fn key(text: &str) -> String {
    let folded = fold(text);
    let mut out = String::with_capacity(folded.len());
    for c in folded.chars() {
        if c.is_alphanumeric() {
            out.push(c);
        } else if c != '\'' && !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// How exactly a date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precision {
    /// One day.
    Day,
    /// One month.
    Month,
    /// One year.
    Year,
    /// Any other span of days.
    Range,
}

/// A partial date: every day from `from` to `to`, both included, is possible. A year is never its first of January.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateSpan {
    /// First possible day.
    pub from: NaiveDate,
    /// Last possible day.
    pub to: NaiveDate,
    /// How it was given.
    pub precision: Precision,
}

impl DateSpan {
    /// One day.
    pub const fn day(day: NaiveDate) -> Self {
        Self { from: day, to: day, precision: Precision::Day }
    }

    fn month(year: i32, month: u32) -> Option<Self> {
        let from = NaiveDate::from_ymd_opt(year, month, 1)?;
        let to = from.checked_add_months(chrono::Months::new(1))?.pred_opt()?;
        Some(Self { from, to, precision: Precision::Month })
    }

    fn year(year: i32) -> Option<Self> {
        let from = NaiveDate::from_ymd_opt(year, 1, 1)?;
        let to = NaiveDate::from_ymd_opt(year, 12, 31)?;
        Some(Self { from, to, precision: Precision::Year })
    }

    /// The span from one partial date to another, or nothing when the second ends before the first begins. Two equal ones
    /// stay what they are.
    pub fn between(from: Self, to: Self) -> Option<Self> {
        if from == to {
            return Some(from);
        }
        (from.from <= to.to).then_some(Self { from: from.from, to: to.to, precision: Precision::Range })
    }
}

impl From<DateSpan> for PartialDate {
    fn from(span: DateSpan) -> Self {
        let precision = match span.precision {
            Precision::Month => DatePrecision::Month,
            Precision::Year => DatePrecision::Year,
            Precision::Range if span.from != span.to => DatePrecision::Range,
            Precision::Day | Precision::Range => DatePrecision::Day,
        };
        Self { from: span.from, to: span.to, precision }
    }
}

impl fmt::Display for DateSpan {
    /// `2021-03-05`, `2021-03`, `2021` or `2021-03-05..2021-04-01`: what [`date`] reads back as the same span.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.precision {
            Precision::Day => write!(f, "{}", self.from),
            Precision::Month => write!(f, "{:04}-{:02}", self.from.year(), self.from.month()),
            Precision::Year => write!(f, "{:04}", self.from.year()),
            Precision::Range => write!(f, "{}..{}", self.from, self.to),
        }
    }
}

/// Which of two small numbers is the day in `03/04/2021`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// 3 April, as all countries of the routes but one write it.
    #[default]
    DayFirst,
    /// March 4, as the United States write it.
    MonthFirst,
}

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateFault {
    /// Not understood.
    NotADate,
    /// Understood, but the calendar has no such day.
    NoSuchDay,
    /// A range that ends before it begins.
    Inverted,
}

/// What to remark about a date that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateDoubt {
    /// Day and month could be exchanged.
    Order,
    /// It was a spreadsheet's day number.
    Serial,
}

/// Reads a partial date.
///
/// Taken: `YYYY-MM-DD` (also with a time behind it, which is dropped), `YYYY-MM`, `YYYY`, `YYYY/MM/DD`, `DD/MM/YYYY` (or
/// `-`, `.`; order by `order` when both are possible), `MM/YYYY`, `15 de marzo de 2021`, `15 mar 2021`, `March 15, 2021`,
/// `marzo 2021`, spreadsheet day numbers 10000–80000, and `A..B` for a range.
///
/// # Errors
/// [`DateFault`].
pub fn date(text: &str, order: DateOrder) -> Result<(DateSpan, Option<DateDoubt>), DateFault> {
    let text = text.trim();
    if let Some((a, b)) = text.split_once("..") {
        let ((a, doubt_a), (b, doubt_b)) = (date_single(a.trim(), order)?, date_single(b.trim(), order)?);
        if a.from > b.to {
            return Err(DateFault::Inverted);
        }
        return Ok((DateSpan { from: a.from, to: b.to, precision: Precision::Range }, doubt_a.or(doubt_b)));
    }
    date_single(text, order)
}

fn date_single(text: &str, order: DateOrder) -> Result<(DateSpan, Option<DateDoubt>), DateFault> {
    if let Some(fast) = iso_day(text) {
        return fast.map(|d| (d, None));
    }
    if text.len() > 60 {
        return Err(DateFault::NotADate);
    }
    let mut numbers: Vec<(i64, usize)> = Vec::new();
    let mut month = None;
    let folded = without_time(&fold(text));
    let mut rest = folded.as_str();
    while let Some(c) = rest.chars().next() {
        let end = if c.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let digits = rest.get(..end).unwrap_or_default();
            numbers.push((digits.parse().map_err(|_| DateFault::NotADate)?, digits.len()));
            end
        } else if c.is_alphabetic() {
            let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or_default();
            match month_number(word) {
                Some(number) if month.is_none() => month = Some((number, numbers.len())),
                None if matches!(word, "de" | "del" | "of" | "st" | "nd" | "rd" | "th" | "o") => {}
                _ => return Err(DateFault::NotADate),
            }
            end
        } else if matches!(c, ' ' | '-' | '/' | '.' | ',' | 'º' | '°') {
            c.len_utf8()
        } else {
            return Err(DateFault::NotADate);
        };
        rest = rest.get(end..).unwrap_or_default();
    }
    let span = |y: i64, m: i64, d: i64| -> Result<DateSpan, DateFault> {
        let (Ok(y), Ok(m), Ok(d)) = (i32::try_from(y), u32::try_from(m), u32::try_from(d)) else {
            return Err(DateFault::NotADate);
        };
        NaiveDate::from_ymd_opt(y, m, d).map(DateSpan::day).ok_or(DateFault::NoSuchDay)
    };
    match (month, numbers.as_slice()) {
        (None, [(y, 4)]) => i32::try_from(*y).ok().and_then(DateSpan::year).map(|d| (d, None)).ok_or(DateFault::NotADate),
        (None, [(serial @ 10_000..=80_000, 5)]) if text.len() == 5 => {
            // Day 0 of the spreadsheets' 1900 calendar, their false 29 February 1900 included.
            let day = NaiveDate::from_ymd_opt(1899, 12, 30).and_then(|d| d.checked_add_days(Days::new(serial.unsigned_abs())));
            day.map(|d| (DateSpan::day(d), Some(DateDoubt::Serial))).ok_or(DateFault::NotADate)
        }
        (None, [(ymd, 8)]) if text.len() == 8 => span(ymd / 10_000, ymd / 100 % 100, ymd % 100).map(|d| (d, None)),
        (None, [(y, 4), (m, 1 | 2)] | [(m, 1 | 2), (y, 4)]) => month_span(*y, *m),
        (None, [(y, 4), (m, 1 | 2), (d, 1 | 2)]) => span(*y, *m, *d).map(|d| (d, None)),
        (None, [(a, 1 | 2), (b, 1 | 2), (y, 4)]) => {
            let ambiguous = (1..=12).contains(a) && (1..=12).contains(b) && a != b;
            let day_first = if *a > 12 {
                true
            } else if *b > 12 {
                false
            } else {
                order == DateOrder::DayFirst
            };
            let (d, m) = if day_first { (*a, *b) } else { (*b, *a) };
            span(*y, m, d).map(|s| (s, ambiguous.then_some(DateDoubt::Order)))
        }
        (Some((m, _)), [(y, 4)]) => month_span(*y, m),
        (Some((m, 0 | 1)), [(d, 1 | 2), (y, 4)]) | (Some((m, 1)), [(y, 4), (d, 1 | 2)]) => span(*y, m, *d).map(|d| (d, None)),
        _ => Err(DateFault::NotADate),
    }
}

fn month_span(year: i64, month: i64) -> Result<(DateSpan, Option<DateDoubt>), DateFault> {
    let (Ok(y), Ok(m)) = (i32::try_from(year), u32::try_from(month)) else {
        return Err(DateFault::NotADate);
    };
    DateSpan::month(y, m).map(|d| (d, None)).ok_or(DateFault::NoSuchDay)
}

/// The form nearly every cell has, without allocation.
fn iso_day(text: &str) -> Option<Result<DateSpan, DateFault>> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else {
        return None;
    };
    let digit = |b: u8| b.is_ascii_digit().then(|| u32::from(b - b'0'));
    let year = digit(y1)? * 1000 + digit(y2)? * 100 + digit(y3)? * 10 + digit(y4)?;
    let month = digit(m1)? * 10 + digit(m2)?;
    let day = digit(d1)? * 10 + digit(d2)?;
    let year = i32::try_from(year).ok()?;
    Some(NaiveDate::from_ymd_opt(year, month, day).map(DateSpan::day).ok_or(DateFault::NoSuchDay))
}

/// Drops a time of day: `2021-03-05t14:00:00z`, `05/03/2021 14:00`.
fn without_time(text: &str) -> String {
    let Some(colon) = text.find(':') else { return text.to_owned() };
    let head = text.get(..colon).unwrap_or_default();
    let cut = head.trim_end_matches(|c: char| c.is_ascii_digit());
    let cut = cut.strip_suffix('t').or_else(|| cut.strip_suffix(' ')).unwrap_or(head);
    cut.trim().to_owned()
}

fn month_number(word: &str) -> Option<i64> {
    const MONTHS: [&[&str]; 12] = [
        &["enero", "ene", "january", "jan", "janeiro", "janvier", "gennaio"],
        &["febrero", "feb", "february", "fevereiro", "fevrier", "febbraio"],
        &["marzo", "mar", "march", "marco", "mars"],
        &["abril", "abr", "april", "apr", "avril", "aprile"],
        &["mayo", "may", "maio", "mai", "maggio"],
        &["junio", "jun", "june", "junho", "juin", "giugno"],
        &["julio", "jul", "july", "julho", "juillet", "luglio"],
        &["agosto", "ago", "august", "aug", "aout"],
        &["septiembre", "setiembre", "sep", "set", "sept", "september", "setembro", "septembre", "settembre"],
        &["octubre", "oct", "october", "outubro", "octobre", "ottobre"],
        &["noviembre", "nov", "november", "novembro", "novembre"],
        &["diciembre", "dic", "december", "dec", "dezembro", "decembre", "dicembre"],
    ];
    MONTHS.iter().position(|names| names.contains(&word)).and_then(|i| i64::try_from(i + 1).ok())
}

/// Reads a whole number: sign, digits, thousands marks (`1,022`), a fraction of zero (`3.0`).
pub fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let whole = match digits.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.len() < 3 && zeros.bytes().all(|b| b == b'0') => whole,
        Some(_) => return None,
        None => digits,
    };
    let mut groups = whole.split(',');
    let first = groups.next().filter(|g| (1..=3).contains(&g.len()) || !whole.contains(','))?;
    let mut joined = first.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        joined.push_str(group);
    }
    if joined.is_empty() || !joined.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    joined.parse::<i64>().ok().map(|n| n * sign)
}

/// Reads a decimal number with point or comma; nothing that is not finite.
pub fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let first = text.bytes().next()?;
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) {
        return None;
    }
    let number: f64 = match text.parse() {
        Ok(number) => number,
        Err(_) if text.matches(',').count() == 1 && !text.contains('.') => text.replace(',', ".").parse().ok()?,
        Err(_) => return None,
    };
    number.is_finite().then_some(number)
}

/// Reads a coordinate in degrees: `17.97`, `-92,3`, `92.3 W`, `17°58'22"N`. No range check.
pub fn coordinate(text: &str) -> Option<f64> {
    if let Some(plain) = decimal(text) {
        return Some(plain);
    }
    let folded = fold(text);
    let folded = folded.trim();
    let (body, sign) = match folded.chars().last()? {
        'n' | 'e' => (folded.get(..folded.len() - 1)?, 1.0),
        's' | 'w' | 'o' => (folded.get(..folded.len() - 1)?, -1.0),
        _ => (folded, 1.0),
    };
    let mut degrees = 0.0;
    let mut scale = 1.0;
    let mut parts = 0;
    for part in body.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-' || c == ',')).filter(|p| !p.is_empty()) {
        let value = decimal(part)?;
        if parts > 0 && !(0.0..60.0).contains(&value) {
            return None;
        }
        degrees += if degrees < 0.0 || part.starts_with('-') && parts > 0 { -value / scale } else { value / scale };
        scale *= 60.0;
        parts += 1;
    }
    let alien = body.chars().any(|c| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | ' ' | '°' | 'º' | '\'' | '"' | '′' | '″' | '”')));
    ((1..=3).contains(&parts) && !alien).then_some(degrees * sign)
}

/// Reads `lat, lon` from one cell.
pub fn coordinate_pair(text: &str) -> Option<(f64, f64)> {
    let text = text.trim().trim_start_matches('(').trim_end_matches(')');
    let (lat, lon) = if text.contains(';') {
        text.split_once(';')?
    } else if text.contains(", ") {
        text.split_once(", ")?
    } else if text.matches(',').count() == 1 {
        text.split_once(',')?
    } else {
        text.split_once(char::is_whitespace)?
    };
    Some((coordinate(lat)?, coordinate(lon)?))
}

/// A stature in centimetres, and whether its unit was guessed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stature {
    /// Lower end in centimetres.
    pub min_cm: f64,
    /// Upper end in centimetres.
    pub max_cm: f64,
    /// The cell did not say the unit and centimetres were not plausible (`1.70`).
    pub unit_guessed: bool,
}

/// Reads a stature: `170`, `170 cm`, `1.70 m`, `1,70`, `5'7"`, `5 ft 7 in`, `160-170`.
pub fn stature(text: &str) -> Option<Stature> {
    let folded = fold(text);
    let folded = folded.trim();
    let one = |cm: f64, unit_guessed| Some(Stature { min_cm: cm, max_cm: cm, unit_guessed });
    if let Some(number) = decimal(folded) {
        return if (0.3..3.0).contains(&number) { one((number * 1000.0).round() / 10.0, true) } else { one(number, false) };
    }
    if let Some(number) = folded.strip_suffix("cm").or_else(|| folded.strip_suffix("cms")) {
        return one(decimal(number)?, false);
    }
    if let Some(number) = ["metros", "mts", "mt", "m"].iter().find_map(|unit| folded.strip_suffix(unit)) {
        return one((decimal(number)? * 1000.0).round() / 10.0, false);
    }
    let imperial = folded.replace("feet", "'").replace("ft", "'").replace("pies", "'").replace(['’', '′'], "'");
    if let Some((feet, inches)) = imperial.split_once('\'') {
        let inches = inches.trim().trim_end_matches("inches").trim_end_matches("in").trim_matches(|c: char| "\"'″” .".contains(c));
        let inches = if inches.is_empty() { 0.0 } else { decimal(inches)? };
        let feet = decimal(feet)?;
        return ((0.0..12.0).contains(&inches) && feet >= 0.0)
            .then(|| ((feet * 12.0 + inches) * 25.4).round() / 10.0)
            .and_then(|cm| one(cm, false));
    }
    let (low, high) = folded.split_once('-').or_else(|| folded.split_once(" a "))?;
    let (low, high) = (stature(low)?, stature(high)?);
    Some(Stature { min_cm: low.min_cm, max_cm: high.max_cm, unit_guessed: low.unit_guessed || high.unit_guessed })
}

/// Splits a list cell on `|`, each part tidied, blanks dropped.
pub fn list(text: &str) -> Vec<String> {
    text.split('|').map(super::table::tidy).filter(|part| !part.is_empty()).map(std::borrow::Cow::into_owned).collect()
}

/// A yes or a no in the languages of the files.
pub fn yes_no(text: &str) -> Option<bool> {
    match key(text).as_str() {
        "yes" | "y" | "si" | "s" | "true" | "1" | "oui" | "sim" | "x" | "verdadero" => Some(true),
        "no" | "n" | "false" | "0" | "non" | "nao" | "falso" => Some(false),
        _ => None,
    }
}

/// A phone number as dictated, and its international form when one can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// As the file has it.
    pub raw: String,
    /// `+` and 8 to 15 digits (ITU-T E.164), when there is one.
    pub e164: Option<String>,
    /// The country code came from the file's country, not from the number.
    pub country_guessed: bool,
}

/// Reads a phone number; a national number takes the calling code of `country` (ISO alpha-3) when its length is that
/// country's. Mexico's former mobile prefix `+52 1` is dropped.
pub fn phone(raw: &str, country: Option<&str>) -> Phone {
    let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
    let trimmed = raw.trim_start_matches(|c: char| c == '(' || c.is_whitespace());
    let international = if trimmed.starts_with('+') { Some(digits.as_str()) } else { digits.strip_prefix("00") };
    let alien = raw.chars().any(|c| c.is_alphabetic());
    let none = Phone { raw: raw.to_owned(), e164: None, country_guessed: false };
    if alien {
        return none;
    }
    if let Some(number) = international {
        let number = match number.strip_prefix("521") {
            Some(rest) if rest.len() == 10 => format!("52{rest}"),
            _ => number.to_owned(),
        };
        let fits = (8..=15).contains(&number.len()) && !number.starts_with('0');
        return Phone { e164: fits.then(|| format!("+{number}")), ..none };
    }
    let guess = country.and_then(calling_code).and_then(|(code, lengths)| {
        let national = digits.strip_prefix('0').unwrap_or(&digits);
        if lengths.contains(&national.len()) {
            return Some(format!("+{code}{national}"));
        }
        let with_code = digits.strip_prefix(code)?;
        lengths.contains(&with_code.len()).then(|| format!("+{digits}"))
    });
    Phone { country_guessed: guess.is_some(), e164: guess, ..none }
}

/// Calling code and lengths of national numbers for the countries of the routes (ITU national numbering plans).
fn calling_code(alpha3: &str) -> Option<(&'static str, &'static [usize])> {
    Some(match alpha3 {
        "GTM" => ("502", &[8]),
        "SLV" => ("503", &[8]),
        "HND" => ("504", &[8]),
        "NIC" => ("505", &[8]),
        "CRI" => ("506", &[8]),
        "PAN" => ("507", &[7, 8]),
        "HTI" => ("509", &[8]),
        "BLZ" => ("501", &[7]),
        "MEX" => ("52", &[10]),
        "USA" | "CAN" | "PRI" | "DOM" | "JAM" | "TTO" | "BHS" => ("1", &[10]),
        "CUB" => ("53", &[8]),
        "COL" => ("57", &[10]),
        "VEN" => ("58", &[10]),
        "ECU" => ("593", &[8, 9]),
        "PER" => ("51", &[8, 9]),
        "BOL" => ("591", &[8]),
        "CHL" => ("56", &[9]),
        "ARG" => ("54", &[10]),
        "BRA" => ("55", &[10, 11]),
        "ESP" => ("34", &[9]),
        "SEN" => ("221", &[9]),
        "MAR" => ("212", &[9]),
        _ => return None,
    })
}

/// The four kinds of "no value": only the reader of a form needs the difference, the matcher treats all as absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NullKind {
    /// Asked, not known.
    Unknown,
    /// Not asked.
    NotAsked,
    /// Does not apply.
    NotApplicable,
    /// The person did not want to say.
    Refused,
}

impl NullKind {
    /// The word used in files and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotAsked => "not_asked",
            Self::NotApplicable => "not_applicable",
            Self::Refused => "refused",
        }
    }
}

/// Whether a cell says why it has no value.
pub fn null_kind(text: &str) -> Option<NullKind> {
    // Called for nearly every cell: most are ruled out by their first letter.
    let may = text.bytes().next().is_some_and(|b| matches!(b | 0x20, b'u' | b'd' | b's' | b'n' | b'i' | b'r' | b'p'));
    if !may || text.len() > 24 {
        return None;
    }
    Some(match key(text).as_str() {
        "unknown" | "desconocido" | "desconocida" | "se desconoce" | "no sabe" | "n d" | "nd" | "s d" | "sin dato" | "sin datos" | "inconnu"
        | "desconhecido" | "no se sabe" | "sin informacion" => NullKind::Unknown,
        "not asked" | "no preguntado" | "no se pregunto" => NullKind::NotAsked,
        "not applicable" | "no aplica" | "n a" => NullKind::NotApplicable,
        "refused" | "se nego" | "no quiso decir" | "prefiere no decir" => NullKind::Refused,
        _ => return None,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(text: &str) -> String {
        date(text, DateOrder::DayFirst).map_or_else(|e| format!("{e:?}"), |(d, doubt)| format!("{d} {doubt:?}"))
    }

    #[test]
    fn dates_are_read_in_the_forms_offices_write() {
        for (text, want) in [
            ("2021-03-05", "2021-03-05 None"),
            ("2021-03-05T14:00:00Z", "2021-03-05 None"),
            ("2021-03", "2021-03 None"),
            ("1974", "1974 None"),
            ("25/12/2020", "2020-12-25 None"),
            ("05/03/2021", "2021-03-05 Some(Order)"),
            ("05/03/2021 14:30", "2021-03-05 Some(Order)"),
            ("5.5.2021", "2021-05-05 None"),
            ("12/25/2020", "2020-12-25 None"),
            ("15 de marzo de 2021", "2021-03-15 None"),
            ("March 15, 2021", "2021-03-15 None"),
            ("15-MAR-2021", "2021-03-15 None"),
            ("Setiembre 2019", "2019-09 None"),
            ("20210305", "2021-03-05 None"),
            ("44260", "2021-03-05 Some(Serial)"),
            ("2019-01..2019-03-05", "2019-01-01..2019-03-05 None"),
            ("2021-02-30", "NoSuchDay"),
            ("31/02/2021", "NoSuchDay"),
            ("2020..2019", "Inverted"),
            ("ayer", "NotADate"),
            ("", "NotADate"),
            ("12", "NotADate"),
        ] {
            assert_eq!(span(text), want, "{text}");
        }
        let american = date("05/03/2021", DateOrder::MonthFirst).unwrap().0;
        assert_eq!(american.to_string(), "2021-05-03");
    }

    #[test]
    fn numbers_are_read_with_their_marks() {
        assert_eq!(integer("1,022"), Some(1022));
        assert_eq!(integer("-13"), Some(-13));
        assert_eq!(integer("3.0"), Some(3));
        assert_eq!(integer("3.5"), None);
        assert_eq!(integer("1,02"), None);
        assert_eq!(integer("dos"), None);
        assert_eq!(decimal("14,5"), Some(14.5));
        assert_eq!(decimal("nan"), None);
        assert_eq!(decimal("inf"), None);
    }

    #[test]
    fn coordinates_are_read_in_degrees_minutes_and_hemispheres() {
        assert_eq!(coordinate("-92.5"), Some(-92.5));
        assert_eq!(coordinate("92.5 W"), Some(-92.5));
        assert_eq!(coordinate("92,5 O"), Some(-92.5));
        assert!((coordinate("17°30'36\"N").unwrap() - 17.51).abs() < 1e-9);
        assert_eq!(coordinate("km 14 de la carretera"), None);
        assert_eq!(coordinate_pair("32.22804, -112.590416"), Some((32.22804, -112.590416)));
        assert_eq!(coordinate_pair("32.2,-112.5"), Some((32.2, -112.5)));
        assert_eq!(coordinate_pair("32.2 -112.5"), Some((32.2, -112.5)));
        assert_eq!(coordinate_pair("here"), None);
    }

    #[test]
    fn statures_are_read_in_every_unit() {
        let cm = |text: &str| stature(text).map(|s| (s.min_cm, s.max_cm, s.unit_guessed));
        assert_eq!(cm("170"), Some((170.0, 170.0, false)));
        assert_eq!(cm("1.70"), Some((170.0, 170.0, true)));
        assert_eq!(cm("1,70 m"), Some((170.0, 170.0, false)));
        assert_eq!(cm("5'7\""), Some((170.2, 170.2, false)));
        assert_eq!(cm("5 ft 7 in"), Some((170.2, 170.2, false)));
        assert_eq!(cm("160-170"), Some((160.0, 170.0, false)));
        assert_eq!(cm("alto"), None);
    }

    #[test]
    fn phones_take_the_country_of_the_report() {
        let e164 = |raw: &str, country| phone(raw, country).e164;
        assert_eq!(e164("+504 9796-4141", None).as_deref(), Some("+50497964141"));
        assert_eq!(e164("00502 12345678", None).as_deref(), Some("+50212345678"));
        assert_eq!(e164("9796 4141", Some("HND")).as_deref(), Some("+50497964141"));
        assert_eq!(e164("+52 1 656 123 4567", None).as_deref(), Some("+526561234567"));
        assert_eq!(e164("123", Some("HND")), None);
        assert_eq!(phone("123", None).raw, "123");
    }

    #[test]
    fn a_folded_word_has_no_accents() {
        assert_eq!(fold("ÑANDÚ"), "nandu");
        assert_eq!(key("  O'odham—Nación  "), "oodham nacion");
    }

    #[test]
    fn four_nulls_are_told_apart() {
        assert_eq!(null_kind("Desconocido"), Some(NullKind::Unknown));
        assert_eq!(null_kind("se negó"), Some(NullKind::Refused));
        assert_eq!(null_kind("N/A"), Some(NullKind::NotApplicable));
        assert_eq!(null_kind("not asked"), Some(NullKind::NotAsked));
        assert_eq!(null_kind("Juan"), None);
    }

    proptest! {
        #[test]
        fn a_printed_date_reads_back_as_itself(a in 0_u64..60_000, b in 0_u64..4_000, precision in 0..4) {
            let from = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap() + Days::new(a);
            let want = match precision {
                0 => DateSpan::day(from),
                1 => DateSpan::month(from.year(), from.month()).unwrap(),
                2 => DateSpan::year(from.year()).unwrap(),
                _ => DateSpan { from, to: from + Days::new(b), precision: Precision::Range },
            };
            prop_assert_eq!(date(&want.to_string(), DateOrder::DayFirst), Ok((want, None)));
        }

        #[test]
        fn a_printed_number_reads_back_as_itself(n in any::<i32>(), x in -180.0..180.0_f64) {
            prop_assert_eq!(integer(&n.to_string()), Some(i64::from(n)));
            prop_assert_eq!(coordinate(&x.to_string()), Some(x));
            prop_assert_eq!(coordinate_pair(&format!("{x}, {x}")), Some((x, x)));
        }

        #[test]
        fn no_text_makes_a_parser_panic(text in "\\PC{0,40}", digits in "[0-9 .,:/'°\"NWO+-]{0,24}") {
            for t in [text, digits] {
                let _ = (date(&t, DateOrder::DayFirst), integer(&t), decimal(&t), coordinate(&t), coordinate_pair(&t));
                let _ = (stature(&t), phone(&t, Some("MEX")), list(&t), yes_no(&t), null_kind(&t), key(&t));
            }
        }
    }
}
