//! Form and check digits of identity documents. A wrong one is a remark, never a reason to refuse.

use super::values::fold;
use crate::domain::identity_document::{curp_is_sound, looks_like_curp};

/// What is doubtful about a document number, or nothing. `kind` is the document's kind as the file has it; numbers of
/// unknown kind are not judged, except that 18 characters in the form of a CURP are taken for one.
pub fn doubt(kind: Option<&str>, number: &str) -> Option<&'static str> {
    let compact: String = number.chars().filter(|c| !matches!(c, ' ' | '-' | '.')).collect::<String>().to_uppercase();
    let digits = !compact.is_empty() && compact.bytes().all(|b| b.is_ascii_digit());
    let kind = kind.map(fold).unwrap_or_default();
    if kind == "curp" || (kind.is_empty() && looks_like_curp(&compact)) {
        return curp_doubt(&compact);
    }
    let wrong_length = |length: usize, doubt| (!digits || compact.len() != length).then_some(doubt);
    match kind.as_str() {
        "dni" | "dni hn" => wrong_length(13, "the DNI of Honduras has 13 digits"),
        "dpi" | "cui" | "dpi gt" => wrong_length(13, "the CUI of Guatemala's DPI has 13 digits"),
        "dui" | "dui sv" => wrong_length(9, "the DUI of El Salvador has 9 digits"),
        "ci cr" => wrong_length(9, "the identity card of Costa Rica has 9 digits"),
        _ => None,
    }
}

/// Mexico's CURP: `[A-Z]{4} date [HMX] state consonants homonym check`.
fn curp_doubt(number: &str) -> Option<&'static str> {
    if !looks_like_curp(number) {
        return Some("a CURP has 18 characters: four letters, six digits, H, M or X, five letters, two more");
    }
    (!curp_is_sound(number)).then_some("the check digit of the CURP is wrong")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curp_is_judged_by_its_check_digit() {
        // The generic number for foreigners; no person's.
        assert_eq!(doubt(Some("CURP"), "XEXX010101HNEXXXA4"), None);
        assert_eq!(doubt(None, "XEXX010101HNEXXXA5"), Some("the check digit of the CURP is wrong"));
        assert!(doubt(Some("curp"), "BADD").is_some());
    }

    #[test]
    fn numbers_of_unknown_kind_are_not_judged() {
        assert_eq!(doubt(None, "47514264282"), None);
        assert_eq!(doubt(Some("cédula"), "001-010180-0001X"), None);
        assert!(doubt(Some("DNI"), "12").is_some());
    }
}
