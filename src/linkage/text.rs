//! Text normal forms: mojibake repair, folding to plain lower-case letters, tokens.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest text the engine looks at, in characters; what follows is ignored, so that a hostile field costs no more than a long one.
pub const MAX_CHARS: usize = 400;

/// Undoes UTF-8 that was read as Windows-1252 or Latin-1 (`JosÃ©` becomes `José`), as long as the whole text decodes.
/// Text without the tell-tale lead bytes is returned as it is.
#[must_use]
pub fn repair_mojibake(text: &str) -> String {
    if !text.contains(['Ã', 'Â', 'â']) {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match latin_byte(c) {
            Some(byte) => bytes.push(byte),
            None => return text.to_owned(),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// The Windows-1252 byte of a character, with Latin-1 for the holes.
fn latin_byte(c: char) -> Option<u8> {
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    let code = u32::from(c);
    if code < 0x80 || (0xa0..=0xff).contains(&code) || (0x80..0xa0).contains(&code) {
        return u8::try_from(code).ok();
    }
    let offset = HIGH.chars().position(|h| h == c)?;
    u8::try_from(0x80 + offset).ok()
}

/// Lower-case ASCII letters, digits and single spaces: compatibility decomposition without marks, other scripts by their
/// Latin spelling (`deunicode`). Apostrophes vanish (`D'Angelo` is `dangelo`), everything else becomes a space.
#[must_use]
pub fn fold(text: &str) -> String {
    let repaired = repair_mojibake(text);
    let mut out = String::with_capacity(repaired.len());
    for c in repaired.nfkd().filter(|c| !is_combining_mark(*c)).take(MAX_CHARS) {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if matches!(c, '\'' | '’' | '`' | '´' | 'ʼ' | '‘') {
        } else if c.is_ascii() || c.is_control() || is_bidi(c) {
            space(&mut out);
        } else {
            match deunicode::deunicode_char(c) {
                Some(latin) => {
                    for l in latin.chars() {
                        if l.is_ascii_alphanumeric() {
                            out.push(l.to_ascii_lowercase());
                        } else {
                            space(&mut out);
                        }
                    }
                }
                None => space(&mut out),
            }
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// One separating space, never two and never first.
fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// Marks of writing direction, which carry no meaning here.
const fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A name token read again as letters: `BLANC0` becomes `blanco`, `5ANTOS` becomes `santos`. Tokens of digits only are dropped.
#[must_use]
pub fn unscan(token: &str) -> Option<String> {
    if !token.bytes().any(|b| b.is_ascii_digit()) {
        return Some(token.to_owned());
    }
    if !token.bytes().any(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    Some(
        token
            .chars()
            .map(|c| match c {
                '0' => 'o',
                '1' => 'l',
                '3' => 'e',
                '4' => 'a',
                '5' => 's',
                '6' => 'g',
                '8' => 'b',
                '2' => 'z',
                '7' => 't',
                '9' => 'g',
                other => other,
            })
            .collect(),
    )
}

/// Digits and upper-case letters only: the form in which numbers of documents and telephones are compared.
#[must_use]
pub fn number_form(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(64).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_read_as_latin1_is_read_again() {
        assert_eq!(repair_mojibake("JosÃ© NÃºÃ±ez"), "José Núñez");
        assert_eq!(repair_mojibake("São"), "São");
    }

    #[test]
    fn folding_leaves_plain_letters_and_single_spaces() {
        assert_eq!(fold("  NÚÑEZ-O'Connor,\u{202e} José\u{0}"), "nunez oconnor jose");
    }

    #[test]
    fn scanned_digits_become_letters() {
        assert_eq!(unscan("blanc0").as_deref(), Some("blanco"));
        assert_eq!(unscan("1234"), None);
    }
}
