//! Text normal forms: mojibake repair, folding to plain lower-case letters, tokens.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest text the engine looks at, in characters; what follows is ignored, so that a hostile field costs no more than a long one.
pub const MAX_CHARS: usize = 400;

/// Undoes UTF-8 that was read as Windows-1252 or Latin-1 (`JosÃ©` becomes `José`), also when it happened twice or to a part of the text only.
/// What does not decode stays as it is.
#[must_use]
pub fn repair_mojibake(text: &str) -> String {
    let mut out = text.to_owned();
    for _ in 0..3 {
        let next = decode_once(&out);
        if next == out {
            break;
        }
        out = next;
    }
    out
}

/// Replaces every run of characters that are the bytes of one UTF-8 character by that character.
fn decode_once(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().take(MAX_CHARS * 4).collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let length = match latin_byte(chars[i]) {
            Some(0xc2..=0xdf) => 2,
            Some(0xe0..=0xef) => 3,
            Some(0xf0..=0xf4) => 4,
            _ => 1,
        };
        let bytes: Option<Vec<u8>> = (length > 1).then(|| chars.get(i..i + length)?.iter().map(|c| latin_byte(*c)).collect()).flatten();
        match bytes.as_deref().and_then(|b| std::str::from_utf8(b).ok()) {
            Some(decoded) => {
                out.push_str(decoded);
                i += length;
            }
            None => {
                out.push(chars[i]);
                i += 1;
            }
        }
    }
    out
}

/// Characters that HTML names or numbers (`&ntilde;`, `&#241;`, `&#xF1;`), written out; others stay.
fn without_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// The character of an entity's name; accents are left out, as folding drops them anyway.
fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    let letter = name.chars().next()?;
    match name.get(1..)? {
        "acute" | "grave" | "circ" | "uml" | "tilde" | "cedil" | "ring" | "slash" | "caron" if letter.is_ascii_alphabetic() => Some(letter),
        _ => match name {
            "amp" => Some('&'),
            "apos" | "rsquo" | "lsquo" => Some('\''),
            "nbsp" => Some(' '),
            _ => None,
        },
    }
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

/// Lower-case ASCII letters, digits and single spaces: compatibility decomposition without marks, Arabic letters by a table of their own,
/// other scripts by their Latin spelling (`deunicode`). Apostrophes vanish, also with a space after a single letter (`D'Angelo` and `D' Angelo` are
/// `dangelo`); signs that stand for letters inside a word are read as these (`Mu¤oz`, `Mart!n`); everything else becomes a space. A text with
/// letters never folds to nothing.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() && !text.contains(['&', '\'', '`', '?', '|', '!', '@', '$']) {
        return fold_ascii(text);
    }
    let repaired = repair_mojibake(text);
    let repaired = if repaired.contains('&') { without_entities(&repaired) } else { repaired };
    // Decomposition would part a lone accent from its place.
    let repaired = repaired.replace('´', "'");
    let chars: Vec<char> = repaired.nfkd().filter(|c| !is_combining_mark(*c) || is_indic(*c)).take(MAX_CHARS).collect();
    let mut out = String::with_capacity(repaired.len());
    let letter_at = |i: usize| chars.get(i).is_some_and(|c| c.is_alphabetic());
    for (i, &c) in chars.iter().enumerate() {
        let inside = chars[..i].iter().rev().find(|c| **c != '\u{fffd}').is_some_and(|c| c.is_alphabetic());
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if is_apostrophe(c) {
            // `D' Souza`: the space after a lone letter goes too.
        } else if c == ' ' && i > 1 && is_apostrophe(chars[i - 1]) && inside_lone_letter(&chars, i - 2) {
        } else if let Some(letter) = stand_in(c, &chars, i).filter(|_| inside && (c == '\u{fffd}' || letter_at(i + 1))) {
            out.push_str(letter);
        } else if c.is_ascii() || c.is_control() || is_bidi(c) {
            space(&mut out);
        } else if let Some(letter) = arabic(c) {
            push_arabic(letter, &chars, i, &mut out);
        } else {
            push_foreign(c, &chars, i, &mut out);
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    if out.is_empty() {
        // A script that has no Latin spelling here: its code points, so that equal names stay equal.
        for c in repaired.chars().filter(|c| c.is_alphabetic()).take(8) {
            let code = u32::from(c);
            out.extend((0..6).map(|i| char::from(b'a' + ((code >> (4 * i)) & 15) as u8)));
        }
    }
    out
}

fn fold_ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().take(MAX_CHARS) {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else {
            space(&mut out);
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '`' | '´' | 'ʼ' | '‘' | 'ʻ' | '′' | 'ʾ' | 'ʿ' | '՚' | '＇')
}

/// True when the letter at `i` stands alone before an apostrophe.
fn inside_lone_letter(chars: &[char], i: usize) -> bool {
    chars[i].is_alphabetic() && (i == 0 || !chars[i - 1].is_alphanumeric())
}

/// The letter that a sign inside a word stands for: code page 437 read as Latin-1 (`Mu¤oz`, `Mar¡a`), signs read for letters by scanners, and
/// the sign of a lost character, which between vowels was most likely an `ñ`.
fn stand_in(c: char, chars: &[char], i: usize) -> Option<&'static str> {
    Some(match c {
        '¤' | '¥' => "n",
        '¡' | '!' => "i",
        '¢' => "o",
        '£' => "u",
        '‚' => "e",
        '|' => "l",
        '@' => "a",
        '$' => "s",
        '\u{fffd}' | '?' => {
            let vowel = |i: usize| chars.get(i).is_some_and(|c| "aeiouAEIOU".contains(*c));
            let after = chars[i..].iter().position(|other| *other != c).is_some_and(|n| vowel(i + n));
            if i > 0 && vowel(i - 1) && after { "n" } else { "" }
        }
        _ => return None,
    })
}

/// Latin spelling of an Arabic, Persian or Urdu letter; the long vowels are settled by their neighbours.
const fn arabic(c: char) -> Option<&'static str> {
    Some(match c {
        'ا' | 'ى' | 'ة' | 'ٱ' => "a",
        'ب' => "b",
        'پ' => "p",
        'ت' | 'ط' | 'ٹ' => "t",
        'ث' => "th",
        'ج' => "j",
        'چ' => "ch",
        'ح' | 'ه' | 'ھ' | 'ہ' | 'ۀ' => "h",
        'خ' => "kh",
        'د' | 'ض' | 'ڈ' => "d",
        'ذ' => "dh",
        'ر' | 'ڑ' => "r",
        'ز' | 'ظ' => "z",
        'ژ' => "zh",
        'س' | 'ص' => "s",
        'ش' => "sh",
        'ع' => "'",
        'غ' => "gh",
        'ف' => "f",
        'ق' => "q",
        'ك' | 'ک' => "k",
        'گ' => "g",
        'ل' => "l",
        'م' => "m",
        'ن' | 'ں' => "n",
        'و' => "w",
        'ي' | 'ی' | 'ے' => "y",
        'ء' | 'ـ' => "",
        _ => return None,
    })
}

/// Writes one Arabic letter: `w` and `y` between consonants or at the end are `u` and `i`, ain is `a` where a word begins and silent elsewhere.
fn push_arabic(letter: &str, chars: &[char], i: usize, out: &mut String) {
    let near = |at: Option<usize>| at.and_then(|at| chars.get(at)).and_then(|c| arabic(*c)).unwrap_or("");
    let (before, after) = (near(i.checked_sub(1)), near(i.checked_add(1)));
    let consonant = |l: &str| !matches!(l, "" | "a" | "'");
    out.push_str(match letter {
        "'" if before.is_empty() => "a",
        "'" => "",
        "w" if consonant(before) && after != "a" => "u",
        "y" if consonant(before) && after != "a" => "i",
        other => other,
    });
}

/// Writes a character of another script by its Latin spelling; in Indian scripts a consonant without a vowel sign before another has an `a`.
fn push_foreign(c: char, chars: &[char], i: usize, out: &mut String) {
    let Some(latin) = deunicode::deunicode_char(c) else {
        space(out);
        return;
    };
    if latin.is_empty() {
        if !c.is_alphanumeric() && !is_indic(c) {
            space(out);
        }
        return;
    }
    for l in latin.chars() {
        if l.is_ascii_alphanumeric() {
            out.push(l.to_ascii_lowercase());
        } else if !matches!(l, '\'' | '`' | '"' | '@' | '~') {
            space(out);
        }
    }
    if is_indic_consonant(c) && chars.get(i + 1).is_some_and(|n| is_indic_consonant(*n)) {
        out.push('a');
    }
}

/// Scripts of India whose vowel signs are marks that must not be dropped.
const fn is_indic(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{dff}')
}

/// A consonant letter of an Indian script: the same places in every block of 128.
const fn is_indic_consonant(c: char) -> bool {
    is_indic(c) && matches!(c as u32 & 0x7f, 0x15..=0x39)
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
    fn text_broken_twice_or_in_part_is_read_again() {
        assert_eq!(repair_mojibake("JosÃƒÂ© PeÃ±a"), "José Peña");
        assert_eq!(repair_mojibake("São NÃºÃ±ez"), "São Núñez");
        assert_eq!(fold("Mu&ntilde;oz &amp; Jos&#233;"), "munoz jose");
    }

    #[test]
    fn lost_and_misread_letters_are_guessed() {
        assert_eq!(fold("Mu\u{fffd}oz"), "munoz");
        assert_eq!(fold("Pe?a"), "pena");
        assert_eq!(fold("Garc\u{fffd}\u{fffd}a"), "garca");
        assert_eq!(fold("Mu¤oz Mar¡a"), "munoz maria");
        assert_eq!(fold("Mart!n"), "martin");
        assert_eq!(fold("¿Juan? Pérez!"), "juan perez");
    }

    #[test]
    fn names_of_other_scripts_become_latin_letters() {
        assert_eq!(fold("محمد علي"), "mhmd ali");
        assert_eq!(fold("نور"), "nur");
        assert_eq!(fold("يوسف"), "yusf");
        assert_eq!(fold("Ольга"), "olga");
        assert_eq!(fold("王小明"), "wang xiao ming");
        assert_eq!(fold("राम"), "raam");
        assert_eq!(fold("कमल"), "kamal");
    }

    #[test]
    fn no_name_folds_to_nothing() {
        for name in ["ꓮ", "\u{10330}\u{10331}", "ع", "ء", "Ñ", "日", "አበበ", "𝓙𝓾𝓪𝓷", "ﷺ"] {
            assert!(!fold(name).is_empty(), "{name}");
        }
    }

    #[test]
    fn apostrophes_join() {
        for name in ["D'Souza", "D’Souza", "D' Souza", "d´souza", "DSouza"] {
            assert_eq!(fold(name), "dsouza", "{name}");
        }
        assert_eq!(fold("N'Diaye"), "ndiaye");
        assert_eq!(fold("Juan O Brien"), "juan o brien");
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
