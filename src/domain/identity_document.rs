//! What the number of an identity document tells of its holder, for the documents of Mexico, Guatemala, Honduras and Nicaragua that carry it.

use chrono::NaiveDate;

/// What a number tells of the person it was given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// First and last possible day of birth.
    pub birth: Option<(NaiveDate, NaiveDate)>,
    /// Nationality as ISO 3166-1 alpha-3, where nearly all who are given one have it.
    pub nationality: Option<&'static str>,
}

/// What a number (capital letters and digits, nothing between) tells of its holder; nothing where it is of no known form, its check digit is wrong, or it
/// could be two countries'. `at` is a day on which the person was alive or found; nobody is born after it.
///
/// - Mexico's CURP: day of birth, the century by its last sign but one (a digit before 2000, a letter from then on). Foreigners have one too.
/// - Guatemala's CUI (the number of the DPI): nationality; checked by its ninth digit.
/// - Honduras' DNI: municipality, year of registration, serial. A child is registered in the year of birth or the next.
/// - Nicaragua's cédula: municipality, day of birth, serial, letter; given from the age of 16 on, so that a day with two digits of the year lies in the
///   century before where it would be less than 16 years ago on `at`.
#[must_use]
pub fn holder(number: &str, at: Option<NaiveDate>) -> Option<Holder> {
    let holder = of_number(number, at)?;
    let born = |(from, _): &(NaiveDate, NaiveDate)| at.is_none_or(|at| *from <= at);
    Some(Holder { birth: holder.birth.filter(born), ..holder })
}

fn of_number(number: &str, at: Option<NaiveDate>) -> Option<Holder> {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<u32>().ok()).flatten();
    let day = |year: u32, month: u32, day: u32| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    match number.len() {
        18 if looks_like_curp(number) && curp_is_sound(number) && !is_generic_curp(number) => {
            let (year, month, dom) = (digits(number.get(4..6)?)?, digits(number.get(6..8)?)?, digits(number.get(8..10)?)?);
            let century = if number.as_bytes().get(16)?.is_ascii_digit() { 1900 } else { 2000 };
            let born = day(century + year, month, dom)?;
            Some(Holder { birth: Some((born, born)), nationality: None })
        }
        13 => match (honduran_year(number), is_cui(number)) {
            (Some(year), false) => {
                let birth = (day(year - 1, 1, 1)?, day(year, 12, 31)?);
                Some(Holder { birth: Some(birth), nationality: Some("HND") })
            }
            (None, true) => Some(Holder { birth: None, nationality: Some("GTM") }),
            _ => None,
        },
        14 if number.as_bytes().last().is_some_and(u8::is_ascii_uppercase) => {
            digits(number.get(..13)?.get(9..)?)?;
            digits(number.get(..3)?)?;
            let (dom, month, year) = (digits(number.get(3..5)?)?, digits(number.get(5..7)?)?, digits(number.get(7..9)?)?);
            let of_age = |born: &NaiveDate| at.and_then(|at| at.years_since(*born)).is_some_and(|years| years >= 16);
            let born = day(2000 + year, month, dom).filter(of_age).or_else(|| day(1900 + year, month, dom))?;
            Some(Holder { birth: at.map(|_| (born, born)), nationality: Some("NIC") })
        }
        _ => None,
    }
}

/// True for 18 signs in the form of a CURP.
#[must_use]
pub fn looks_like_curp(number: &str) -> bool {
    let b = number.as_bytes();
    b.len() == 18
        && b.iter().take(4).all(u8::is_ascii_uppercase)
        && b.iter().skip(4).take(6).all(u8::is_ascii_digit)
        && b.get(10).is_some_and(|c| matches!(c, b'H' | b'M' | b'X'))
}

/// True when the check digit of a CURP is right: `10 - (Σ value·(18-i)) mod 10`, `i` from 0, values by position in `0-9 A-N Ñ O-Z` (Instructivo
/// normativo, DOF 18 October 2021).
#[must_use]
pub fn curp_is_sound(number: &str) -> bool {
    let value = |b: u8| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        b'A'..=b'N' => u32::from(b - b'A') + 10,
        _ => u32::from(b.saturating_sub(b'O')) + 25,
    };
    let sum: u32 = number.bytes().take(17).zip((2..=18).rev()).map(|(b, weight)| value(b) * weight).sum();
    number.bytes().last().map(value) == Some((10 - sum % 10) % 10)
}

/// The numbers that stand for any foreigner or anybody.
fn is_generic_curp(number: &str) -> bool {
    number.starts_with("XEXX") || number.starts_with("XAXX")
}

/// The year of registration of 13 digits in the form of a Honduran DNI.
fn honduran_year(number: &str) -> Option<u32> {
    let part = |from: usize, to: usize| number.get(from..to)?.parse::<u32>().ok();
    let (department, municipality, year) = (part(0, 2)?, part(2, 4)?, part(4, 8)?);
    let known = number.bytes().all(|b| b.is_ascii_digit()) && (1..=18).contains(&department) && (1..=28).contains(&municipality);
    (known && (1900..=2099).contains(&year)).then_some(year)
}

/// True for 13 digits in the form of a Guatemalan CUI: eight, their check digit (`Σ digit·(i+2) mod 11`, `i` from 0), department, municipality.
fn is_cui(number: &str) -> bool {
    let digits: Vec<u32> = number.bytes().filter(u8::is_ascii_digit).map(|b| u32::from(b - b'0')).collect();
    let [serial @ .., check, d0, d1, m0, m1] = digits.as_slice() else { return false };
    let sum: u32 = serial.iter().zip(2..).map(|(digit, weight)| digit * weight).sum();
    let (department, municipality) = (d0 * 10 + d1, m0 * 10 + m1);
    serial.len() == 8 && number.len() == 13 && sum % 11 == *check && (1..=22).contains(&department) && (1..=40).contains(&municipality)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn date(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    /// An invented CURP with its check digit.
    fn curp(first: &str) -> String {
        ('0'..='9').map(|check| format!("{first}{check}")).find(|number| curp_is_sound(number)).unwrap()
    }

    #[test]
    fn a_curp_tells_the_day_of_birth_and_its_century() {
        let old = holder(&curp("LOPJ850614HCSPRN0"), None).unwrap();
        assert_eq!(old, Holder { birth: Some((date(1985, 6, 14), date(1985, 6, 14))), nationality: None });
        let young = holder(&curp("LOPJ050614HCSPRNA"), None).unwrap();
        assert_eq!(young.birth, Some((date(2005, 6, 14), date(2005, 6, 14))));
    }

    #[test]
    fn a_number_that_is_anybodys_or_wrong_tells_nothing() {
        assert_eq!(holder("XEXX010101HNEXXXA4", None), None);
        let good = curp("LOPJ850614HCSPRN0");
        let check = if good.ends_with('0') { '1' } else { '0' };
        assert_eq!(holder(&format!("{}{check}", &good[..17]), None), None);
        assert_eq!(holder(&curp("LOPJ851399HCSPRN0"), None), None);
        // A letter for a digit makes somebody who is not born yet.
        assert_eq!(holder(&curp("LOPJ850614HCSPRNA"), Some(date(2024, 3, 1))).unwrap().birth, None);
        assert_eq!(holder("47514264282", None), None);
        assert_eq!(holder("", None), None);
        assert_eq!(holder("ñandúñandúñan", None), None);
    }

    #[test]
    fn a_honduran_dni_tells_the_year_of_registration_and_a_guatemalan_cui_the_country() {
        let dni = holder("0801199012345", None).unwrap();
        assert_eq!(dni, Holder { birth: Some((date(1989, 1, 1), date(1990, 12, 31))), nationality: Some("HND") });
        // 1·2 + 2·3 + 3·4 + 4·5 + 5·6 + 6·7 + 7·8 + 8·9 = 240 = 21·11 + 9.
        assert_eq!(holder("1234567890101", None), Some(Holder { birth: None, nationality: Some("GTM") }));
        assert_eq!(holder("1234567880101", None), None);
        // Of both forms: department 1, municipality 1, year 1990; check digit 1·3 + 1·5 + 1·6 + 9·7 + 9·8 = 149 = 13·11 + 6.
        assert_eq!(holder("0101199060101", None), None);
    }

    #[test]
    fn a_nicaraguan_cedula_tells_the_day_of_birth_of_somebody_of_age() {
        let at = Some(date(2024, 3, 1));
        assert_eq!(holder("0010101800001X", at).unwrap().birth, Some((date(1980, 1, 1), date(1980, 1, 1))));
        assert_eq!(holder("0010101050001X", at).unwrap().birth, Some((date(2005, 1, 1), date(2005, 1, 1))));
        assert_eq!(holder("0010101120001X", at).unwrap().birth, Some((date(1912, 1, 1), date(1912, 1, 1))));
        assert_eq!(holder("0010101800001X", None), Some(Holder { birth: None, nationality: Some("NIC") }));
        assert_eq!(holder("0013201800001X", at), None);
    }
}
