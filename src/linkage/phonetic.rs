//! Sound keys: two spellings with one key are heard alike by a clerk. Input is a folded token (lower-case ASCII letters).
//!
//! The rules are descriptions of pronunciation, not of any list of names: seseo, betacism, yeismo, silent h, `hu/gu/w`, `qu/k/c`,
//! `g/j`, `x`, `tz` for American Spanish; silent finals, nasals and vowel groups for French and Haitian Creole; consonants and three vowels
//! for romanised Arabic and West African names; open syllables for Maya and Quechua; pinyin against older romanisations for Chinese; and
//! letters that look alike on paper.

/// True for a vowel letter.
const fn vowel(b: u8) -> bool {
    matches!(b, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// Key of American Spanish, which also serves Portuguese, Maya and Quechua names written by Spanish-speaking clerks.
///
/// ```text
/// vasquez, bazques -> baskes    huaman, waman, guaman -> waman    llanos, yanos -> yanos
/// ```
#[must_use]
pub fn spanish(token: &str) -> String {
    let s = token.as_bytes();
    let at = |i: usize| s.get(i).copied().unwrap_or(0);
    let front = |b: u8| matches!(b, b'e' | b'i' | b'y');
    let mut out: Vec<u8> = Vec::with_capacity(s.len());
    let mut i = 0;
    while i < s.len() {
        let (c, n, nn) = (at(i), at(i + 1), at(i + 2));
        let mut step = 1;
        let sound: &[u8] = match c {
            b'h' if n == b'u' && vowel(nn) && (i == 0 || !vowel(at(i - 1))) => {
                step = 2;
                b"w"
            }
            b'h' => b"",
            b'c' if n == b'h' => {
                step = 2;
                b"C"
            }
            b's' if n == b'h' => {
                step = 2;
                b"C"
            }
            b'c' if n == b'c' && front(nn) => {
                step = 2;
                b"s"
            }
            b'c' if n == b'k' => {
                step = 2;
                b"k"
            }
            b'c' if front(n) => b"s",
            b'c' => b"k",
            b'k' => b"k",
            b'q' if n == b'u' && front(nn) => {
                step = 2;
                b"k"
            }
            b'q' => b"k",
            b'p' if n == b'h' => {
                step = 2;
                b"f"
            }
            b'p' if i == 0 && n == b's' => b"",
            b't' if n == b'z' || (n == b's' && nn != 0) => {
                step = 2;
                b"s"
            }
            b't' if n == b'l' && nn == 0 => b"t",
            b'z' => b"s",
            b's' if n == b'c' && front(nn) => {
                step = 2;
                b"s"
            }
            b'v' => b"b",
            b'g' if n == b'u' && front(nn) => {
                step = 2;
                b"g"
            }
            b'g' if n == b'u' && vowel(nn) => {
                step = 2;
                b"w"
            }
            b'g' if n == b'n' && vowel(nn) => b"",
            b'g' if front(n) => b"j",
            b'w' => b"w",
            b'u' if i == 0 && vowel(n) => b"w",
            b'l' if n == b'l' => {
                step = 2;
                b"y"
            }
            b'l' if n == b'h' && vowel(nn) => {
                step = 2;
                b"y"
            }
            b'y' if vowel(n) => b"y",
            b'y' => b"i",
            b'i' if i == 0 && vowel(n) => b"y",
            b'x' => b"s",
            b'm' if matches!(n, b'b' | b'p' | b'v' | 0) => b"n",
            _ => &s[i..=i],
        };
        for &b in sound {
            if out.last() != Some(&b) {
                out.push(b);
            }
        }
        i += step;
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Key of French, Haitian Creole, Portuguese and romanised Indian spellings: aspirates drop their h, vowel groups become one
/// vowel, silent finals fall. Looser than [`spanish`].
#[must_use]
pub fn loose(token: &str) -> String {
    const RULES: &[(&str, &str)] = &[
        ("eaux", "o"),
        ("eau", "o"),
        ("aux", "o"),
        ("oux", "u"),
        ("tch", "C"),
        ("sch", "C"),
        ("ch", "C"),
        ("sh", "C"),
        ("dj", "j"),
        ("dy", "j"),
        ("zh", "j"),
        ("ph", "f"),
        ("th", "t"),
        ("dh", "d"),
        ("bh", "b"),
        ("kh", "k"),
        ("gh", "g"),
        ("jh", "j"),
        ("lh", "l"),
        ("nh", "n"),
        ("rh", "r"),
        ("gn", "n"),
        ("qu", "k"),
        ("ck", "k"),
        ("cq", "k"),
        ("ks", "x"),
        ("tz", "s"),
        ("ts", "s"),
        ("oua", "wa"),
        ("oui", "wi"),
        ("oue", "we"),
        ("oi", "wa"),
        ("ou", "u"),
        ("oo", "u"),
        ("ow", "u"),
        ("ee", "i"),
        ("ie", "i"),
        ("aa", "a"),
        ("au", "o"),
        ("aw", "o"),
        ("ai", "e"),
        ("ay", "e"),
        ("ei", "e"),
        ("ey", "e"),
        ("eu", "e"),
        ("oe", "e"),
        ("ao", "an"),
        ("ean", "an"),
        ("gue", "ge"),
        ("gui", "gi"),
    ];
    let t = replace_all(token, RULES);
    let s = t.as_bytes();
    let at = |i: usize| s.get(i).copied().unwrap_or(0);
    let mut out: Vec<u8> = Vec::with_capacity(s.len());
    for i in 0..s.len() {
        let (c, n) = (at(i), at(i + 1));
        let b = match c {
            b'h' => continue,
            b'c' if matches!(n, b'e' | b'i' | b'y') => b's',
            b'c' | b'q' => b'k',
            b'g' if matches!(n, b'e' | b'i' | b'y') => b'j',
            b'z' => b's',
            b'v' => b'b',
            b'y' => b'i',
            b'm' if matches!(n, b'b' | b'p' | 0) => b'n',
            other => other,
        };
        if out.last() != Some(&b) {
            out.push(b);
        }
    }
    while out.len() > 3 && out.last().is_some_and(|b| matches!(b, b'e' | b's' | b't' | b'd' | b'x' | b'p')) {
        out.pop();
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Consonant skeleton for romanised Arabic and West African names (`mohamed`, `muhammad`, `mhmd` and `usman`, `ousmane`):
/// vowels go, emphatics and gutturals join their plain neighbours. `None` when fewer than three consonants remain.
#[must_use]
pub fn skeleton(token: &str) -> Option<String> {
    const RULES: &[(&str, &str)] = &[
        ("dj", "j"),
        ("ch", "S"),
        ("sh", "S"),
        ("kh", "k"),
        ("gh", "g"),
        ("th", "t"),
        ("dh", "d"),
        ("ph", "f"),
        ("ou", "u"),
        ("ck", "k"),
        ("tz", "s"),
    ];
    let t = replace_all(token, RULES);
    let t = without_article(&t);
    let s = t.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(s.len());
    // A letter written twice is one consonant; the same consonant again after a vowel is another.
    let mut doubled = false;
    for (i, &c) in s.iter().enumerate() {
        let next = s.get(i + 1).copied().unwrap_or(0);
        let b = match c {
            b'a' | b'e' | b'i' | b'o' | b'u' | b'h' => {
                doubled = false;
                if i == 0 && c != b'h' {
                    b'A'
                } else {
                    continue;
                }
            }
            b'w' | b'y' if i > 0 => {
                doubled = false;
                continue;
            }
            b'd' if next == b'i' && s.get(i + 2).is_some_and(|b| vowel(*b)) => b'j',
            b'q' | b'c' | b'k' => b'k',
            b'z' => b's',
            b'v' => b'b',
            b'g' if matches!(next, b'e' | b'i') => b'j',
            other => other,
        };
        if !doubled || out.last() != Some(&b) {
            out.push(b);
        }
        doubled = true;
    }
    if out.len() < 3 { None } else { String::from_utf8(out).ok() }
}

/// The name without the article that joins `abd` to what follows (`abdelkader`, `abdulkadir`, `abdikadir` are one; so are `abderrahmane` and
/// `cabdiraxmaan`).
fn without_article(token: &str) -> String {
    let Some(rest) = token.strip_prefix("abd").or_else(|| token.strip_prefix("cabd")) else { return token.to_owned() };
    let rest = rest.strip_prefix("ou").or_else(|| rest.strip_prefix(['a', 'e', 'i', 'o', 'u'])).unwrap_or(rest);
    let rest = match rest.as_bytes() {
        [b'l', b'l', ..] => rest,
        [b'l', _, _, _, ..] => &rest[1..],
        _ => rest,
    };
    format!("abd{rest}")
}

/// Key of one Chinese syllable in pinyin, Wade-Giles or a Cantonese spelling (`zhang`/`chang`, `xu`/`hsu`, `guo`/`kuo`), or of two joined ones
/// (`xiaoming`/`hsiaoming`) when their letters are Chinese beyond doubt; `None` for other tokens.
#[must_use]
pub fn chinese(token: &str) -> Option<String> {
    if token.len() < 2 || token.len() > 12 || !token.is_ascii() {
        return None;
    }
    if let Some(key) = syllable(token) {
        return Some(key);
    }
    let marked = ["zh", "x", "q", "hs", "ts"].iter().any(|m| token.starts_with(m)) || token.contains("ng");
    if !marked {
        return None;
    }
    // The longest first syllable that leaves a whole second one which begins with a consonant.
    (2..token.len().saturating_sub(1)).rev().find_map(|at| {
        let (first, second) = token.split_at(at);
        if second.starts_with(|c: char| vowel(u32::from(c).to_le_bytes()[0])) {
            return None;
        }
        Some(format!("{}-{}", syllable(first)?, syllable(second)?))
    })
}

/// Key of one syllable: an initial, a vowel group, and nothing, `n` or `ng`.
fn syllable(token: &str) -> Option<String> {
    if token.len() < 2 || token.len() > 6 {
        return None;
    }
    let split = token.bytes().position(vowel).or_else(|| token.bytes().position(|b| b == b'y'))?;
    let (initial, rest) = token.split_at(split);
    let initial = match initial {
        "zh" | "ch" | "j" | "q" | "tch" => "C",
        "x" | "sh" | "hs" | "s" => "S",
        "z" | "c" | "ts" | "tz" => "Z",
        "g" | "k" => "K",
        "b" | "p" => "P",
        "d" | "t" => "T",
        "r" => "R",
        "w" | "hw" => "W",
        "" | "y" | "m" | "n" | "l" | "f" | "h" => initial,
        _ => return None,
    };
    let vowels_end = rest.bytes().position(|b| !vowel(b)).unwrap_or(rest.len());
    let (vowels, tail) = rest.split_at(vowels_end);
    let tail = if tail == "h" && !vowels.is_empty() { "" } else { tail };
    if !matches!(tail, "" | "n" | "ng") {
        return None;
    }
    let vowels = match vowels {
        "uo" | "o" => "o",
        "ie" | "e" | "ue" => "e",
        "ui" | "uei" => "ui",
        "iu" | "io" if tail == "ng" => "io",
        "iu" | "iou" => "iu",
        "ia" if tail == "n" || tail == "ng" => {
            if tail == "n" {
                "e"
            } else {
                "a"
            }
        }
        "ua" if tail == "n" => "ua",
        "u" if tail == "ng" => "o",
        "eo" | "u" | "oo" => "u",
        other => other,
    };
    Some(format!("{initial}{vowels}{tail}"))
}

/// Where in a token a rule of [`rewrite`] holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Any,
    End,
    /// A vowel follows.
    Vowel,
    /// `e`, `i` or `y` follows.
    Front,
    /// A consonant follows.
    Consonant,
}

/// One spelling rule: letters, where they stand, and what they become.
type Rule = (&'static str, At, &'static str);

/// Spelling rules of one language, found by their first letter.
struct Rules {
    rules: &'static [Rule],
    /// By first letter, the rules that begin with it, a bit each.
    by_letter: [u128; 128],
}

impl Rules {
    /// Does not compile when a rule begins with no ASCII letter or there are over 128.
    const fn new(rules: &'static [Rule]) -> Self {
        let mut by_letter = [0; 128];
        let mut i = 0;
        while i < rules.len() {
            by_letter[rules[i].0.as_bytes()[0] as usize] |= 1_u128 << i;
            i += 1;
        }
        Self { rules, by_letter }
    }

    /// The first rule that fits the letters from here on.
    fn first(&self, rest: &[u8]) -> Option<&Rule> {
        let mut left = *self.by_letter.get(usize::from(*rest.first()?))?;
        while left != 0 {
            let rule = &self.rules[left.trailing_zeros() as usize];
            if fits(rest, rule) {
                return Some(rule);
            }
            left &= left - 1;
        }
        None
    }
}

/// True when the letters of a rule come next, and what it asks of the letter after them.
fn fits(rest: &[u8], (from, at, _): &Rule) -> bool {
    let from = from.as_bytes();
    if rest.len() < from.len() || !rest.iter().zip(from).all(|(a, b)| a == b) {
        return false;
    }
    let next = rest.get(from.len()).copied().unwrap_or(0);
    match at {
        At::Any => true,
        At::End => next == 0,
        At::Vowel => vowel(next),
        At::Front => matches!(next, b'e' | b'i' | b'y'),
        At::Consonant => next.is_ascii_lowercase() && !vowel(next) && next != b'y',
    }
}

/// Reads a token from left to right; at each place the first rule that fits wins, a letter without a rule stays.
fn rewrite(token: &str, rules: &Rules, out: &mut Vec<u8>) {
    let s = token.as_bytes();
    let mut i = 0;
    while i < s.len() {
        match rules.first(&s[i..]) {
            Some((from, _, to)) => {
                out.extend_from_slice(to.as_bytes());
                i += from.len();
            }
            None => {
                out.push(s[i]);
                i += 1;
            }
        }
    }
}

/// Replaces letters by others, rule after rule in the whole token.
fn replace_all(token: &str, rules: &[(&str, &str)]) -> String {
    let bits = |text: &str| text.bytes().fold(0_u64, |bits, b| bits | 1 << (b & 63));
    let mut out = token.to_owned();
    let mut letters = bits(token);
    for (from, to) in rules {
        // Most rules have a letter that the token has not.
        if bits(from) & !letters == 0 && out.contains(from) {
            out = out.replace(from, to);
            letters = bits(&out);
        }
    }
    out
}

/// The text of a key without runs of one letter; `None` when too short to tell names apart.
fn finish(mut key: Vec<u8>, shortest: usize) -> Option<String> {
    key.dedup();
    if key.len() < shortest { None } else { String::from_utf8(key).ok() }
}

/// Key of French and of Haitian Creole spelling: `jacques`/`jak`, `pierre`/`pye`, `francois`/`franswa`, `toussaint`/`tousen`. Nasal vowels in
/// `a`, `e` and `i` are one, `r` falls before consonants and becomes `w` before rounded vowels, final consonants and final `e` are silent.
#[must_use]
pub fn creole(token: &str) -> Option<String> {
    static RULES: Rules = Rules::new(&[
        ("ncoi", At::Any, "nswa"),
        ("eaux", At::End, "o"),
        ("eau", At::Any, "o"),
        ("aux", At::End, "o"),
        ("aul", At::End, "ol"),
        ("au", At::Any, "o"),
        ("oeu", At::Any, "e"),
        ("ieu", At::Any, "ye"),
        ("eu", At::Any, "e"),
        ("oui", At::Any, "wi"),
        ("oue", At::Any, "we"),
        ("oua", At::Any, "wa"),
        ("oin", At::Any, "wen"),
        ("oi", At::Any, "wa"),
        ("oy", At::Any, "way"),
        ("oo", At::Any, "U"),
        ("ou", At::Any, "U"),
        ("ui", At::Any, "wi"),
        ("gue", At::Any, "je"),
        ("gui", At::Any, "ji"),
        ("gu", At::Vowel, "g"),
        ("qu", At::Any, "k"),
        ("ue", At::Consonant, "ye"),
        ("u", At::Any, "i"),
        ("ain", At::Any, "en"),
        ("ein", At::Any, "en"),
        ("ean", At::Any, "an"),
        ("aill", At::Any, "ay"),
        ("eill", At::Any, "ey"),
        ("ill", At::Vowel, "iy"),
        ("ai", At::Any, "e"),
        ("ei", At::Any, "e"),
        ("ie", At::End, "i"),
        ("ier", At::End, "ye"),
        ("i", At::Vowel, "y"),
        ("tch", At::Any, "C"),
        ("sch", At::Any, "C"),
        ("ch", At::Any, "C"),
        ("sh", At::Any, "C"),
        ("dj", At::Any, "j"),
        ("gn", At::Any, "ny"),
        ("ge", At::Any, "je"),
        ("gi", At::Any, "ji"),
        ("gy", At::Any, "ji"),
        ("ph", At::Any, "f"),
        ("h", At::Any, ""),
        ("sc", At::Front, "s"),
        ("c", At::Front, "s"),
        ("ck", At::Any, "k"),
        ("c", At::Any, "k"),
        ("q", At::Any, "k"),
        ("x", At::Vowel, "gs"),
        ("ix", At::End, "iks"),
        ("z", At::Any, "s"),
        ("mm", At::Any, "m"),
        ("m", At::Consonant, "n"),
    ]);
    // Silent finals of French; Creole writes no silent letter, and never ends in these unless they sound.
    let trimmed = token.strip_suffix("es").unwrap_or(token);
    let trimmed = if trimmed.len() == token.len() && !token.ends_with("ix") && !token.ends_with("ax") {
        trimmed.trim_end_matches(['s', 't', 'd', 'x'])
    } else {
        trimmed
    };
    if trimmed.len() < 3 {
        return None;
    }
    let mut spelled = Vec::with_capacity(token.len() + 2);
    rewrite(trimmed, &RULES, &mut spelled);
    spelled.dedup();
    let sounds = |b: u8| matches!(b, b'a' | b'e' | b'i' | b'o' | b'U');
    let mut out: Vec<u8> = Vec::with_capacity(spelled.len());
    let mut i = 0;
    if spelled.len() > 3 && spelled.last() == Some(&b'e') {
        spelled.pop();
    }
    while i < spelled.len() {
        let (c, n, nn) = (spelled[i], spelled.get(i + 1).copied().unwrap_or(0), spelled.get(i + 2).copied().unwrap_or(0));
        match c {
            b'a' | b'e' | b'i' if n == b'n' && !sounds(nn) && nn != b'y' => {
                out.push(b'N');
                i += 1;
            }
            // The mute `e` of French between two consonants.
            b'e' if out.iter().any(|b| sounds(*b)) && !sounds(spelled[i - 1]) && !sounds(n) && sounds(nn) => {}
            b'r' if matches!(n, b'o' | b'U' | b'w') => out.push(b'w'),
            b'r' if !sounds(n) && n != b'y' => {}
            // `st`, `pt` and `dr` at the end are one consonant.
            b't' if n == 0 && out.last() == Some(&b's') => {}
            b'p' if n == b't' => {}
            other => out.push(other),
        }
        i += 1;
    }
    while out.len() > 3 && matches!(out.last(), Some(b'e' | b'y')) {
        out.pop();
    }
    finish(out, 3)
}

/// Key of Portuguese against Spanish spelling: `-ao`/`-on`, `lh`/`ll`, `nh`/`n`, `ei`/`e`, `ou`/`o`, `x`/`ch`, the cedilla that folding drops
/// (`assuncao`/`asuncion`), old double letters (`mello`/`melo`), `w`/`v`.
#[must_use]
pub fn portuguese(token: &str) -> Option<String> {
    static RULES: Rules = Rules::new(&[
        ("pcao", At::End, "sO"),
        ("pcion", At::End, "sO"),
        ("eicao", At::End, "esO"),
        ("acao", At::End, "asO"),
        ("icao", At::End, "isO"),
        ("ucao", At::End, "usO"),
        ("ncao", At::End, "nsO"),
        ("cion", At::End, "sO"),
        ("sao", At::End, "sO"),
        ("sion", At::End, "sO"),
        ("iao", At::End, "iO"),
        ("ian", At::End, "iO"),
        ("ao", At::End, "O"),
        ("on", At::End, "O"),
        ("an", At::End, "O"),
        ("nco", At::End, "nso"),
        ("nca", At::End, "nsa"),
        ("nzo", At::End, "nso"),
        ("ei", At::Any, "e"),
        ("ie", At::Consonant, "e"),
        ("ou", At::Any, "o"),
        ("ue", At::Consonant, "o"),
        ("lh", At::Any, "Y"),
        ("nh", At::Any, "n"),
        ("ni", At::Vowel, "n"),
        ("ch", At::Any, "C"),
        ("sh", At::Any, "C"),
        ("x", At::Any, "C"),
        ("qu", At::Front, "k"),
        ("gu", At::Front, "g"),
        ("g", At::Front, "j"),
        ("sc", At::Front, "s"),
        ("c", At::Front, "s"),
        ("c", At::Any, "k"),
        ("q", At::Any, "k"),
        ("k", At::Any, "k"),
        ("ph", At::Any, "f"),
        ("th", At::Any, "t"),
        ("h", At::Any, ""),
        ("z", At::Any, "s"),
        ("w", At::Any, "b"),
        ("v", At::Any, "b"),
        ("y", At::Any, "i"),
        ("m", At::End, "n"),
        ("m", At::Consonant, "n"),
    ]);
    let mut out = Vec::with_capacity(token.len() + 1);
    rewrite(token, &RULES, &mut out);
    finish(out, 3)
}

/// Key of romanised Arabic, Somali, West African, Ethiopian and South Asian names with three vowels (`a`, `e`/`i`, `o`/`u`): for short names, whose
/// consonants alone say too little (`nour`/`nuur`/`noor`, `cisse`/`sesay`, `kouame`/`kwame`, `diallo`/`jallow`, `thiam`/`cham`).
#[must_use]
pub fn sahel(token: &str) -> Option<String> {
    static RULES: Rules = Rules::new(&[
        ("thi", At::Vowel, "C"),
        ("ti", At::Vowel, "C"),
        ("tch", At::Any, "C"),
        ("tsh", At::Any, "C"),
        ("sch", At::Any, "C"),
        ("ch", At::Any, "C"),
        ("sh", At::Any, "C"),
        ("dj", At::Any, "j"),
        ("di", At::Vowel, "j"),
        ("dy", At::Vowel, "j"),
        ("gn", At::Vowel, "ny"),
        ("ni", At::Vowel, "ny"),
        ("kh", At::Any, "k"),
        ("gh", At::Any, "g"),
        ("rh", At::Any, "g"),
        ("th", At::Any, "t"),
        ("dh", At::Any, "d"),
        ("bh", At::Any, "b"),
        ("ph", At::Any, "f"),
        ("ts", At::Any, "s"),
        ("tz", At::Any, "s"),
        ("ck", At::Any, "k"),
        ("qu", At::Front, "k"),
        ("gu", At::Front, "g"),
        ("c", At::Front, "s"),
        ("c", At::Any, "k"),
        ("q", At::Any, "k"),
        ("z", At::Any, "s"),
        ("v", At::Any, "b"),
        ("ex", At::Any, "Eks"),
        ("ix", At::Any, "Eks"),
        ("x", At::Any, ""),
        ("h", At::Any, ""),
        ("ou", At::Vowel, "w"),
        ("oo", At::Any, "O"),
        ("uu", At::Any, "O"),
        ("ou", At::Any, "O"),
        ("ow", At::Consonant, "O"),
        ("ow", At::End, "O"),
        ("u", At::Vowel, "w"),
        ("o", At::Vowel, "w"),
        ("o", At::Any, "O"),
        ("u", At::Any, "O"),
        ("w", At::Consonant, "O"),
        ("ay", At::Consonant, "E"),
        ("ay", At::End, "E"),
        ("aye", At::End, "E"),
        ("ai", At::Any, "E"),
        ("ei", At::Any, "E"),
        ("ey", At::Any, "E"),
        ("ee", At::Any, "E"),
        ("ie", At::Any, "E"),
        ("e", At::Any, "E"),
        ("i", At::Any, "E"),
        ("y", At::Consonant, "E"),
        ("y", At::End, "E"),
    ]);
    let joined = without_article(token);
    // A Somali `c` is a throat sound that other spellings leave out; doubled vowels tell Somali spelling.
    let somali = ["aa", "ii", "uu", "ee", "oo"].iter().any(|v| joined.contains(v)) && joined.starts_with('c');
    let joined = if somali { joined[1..].to_owned() } else { joined };
    // A fused article: `elhassan`, `alhousseynou`.
    let plain = match joined.as_bytes() {
        [b'a' | b'e', b'l', third, _, _, _, ..] if !vowel(*third) && *third != b'l' => &joined[2..],
        _ => joined.as_str(),
    };
    let mut out = Vec::with_capacity(plain.len() + 1);
    rewrite(plain, &RULES, &mut out);
    out.dedup();
    if out.len() > 3 && out.last() == Some(&b'E') {
        out.pop();
    }
    finish(out, 2)
}

/// Key of Maya, Nahuatl, Quechua and Aymara names in colonial and modern writing: `k`/`q`/`c`/`cc`, `hu`/`w`/`gu`, `e`/`i` and `o`/`u` (which these
/// languages do not part), `tz`/`z`, `x`/`sh`, voiced letters after nasals (`condori`/`kunturi`, `quispe`/`qispi`, `huaman`/`waman`, `ajpop`/`ahpop`).
#[must_use]
pub fn andean(token: &str) -> Option<String> {
    static RULES: Rules = Rules::new(&[
        ("chh", At::Any, "C"),
        ("ch", At::Any, "C"),
        ("sh", At::Any, "S"),
        ("x", At::Any, "S"),
        ("tz", At::Any, "s"),
        ("ts", At::Any, "s"),
        ("dz", At::Any, "s"),
        ("z", At::Any, "s"),
        ("tl", At::End, "l"),
        ("ph", At::Any, "p"),
        ("th", At::Any, "t"),
        ("kh", At::Any, "k"),
        ("qh", At::Any, "k"),
        ("qu", At::Front, "k"),
        ("ck", At::Any, "k"),
        ("c", At::Front, "s"),
        ("c", At::Any, "k"),
        ("q", At::Any, "k"),
        ("hu", At::Vowel, "w"),
        ("gu", At::Front, "g"),
        ("gu", At::Vowel, "w"),
        ("nd", At::Any, "nt"),
        ("mb", At::Any, "mp"),
        ("g", At::Any, "k"),
        ("j", At::Consonant, ""),
        ("j", At::End, ""),
        ("h", At::Any, ""),
        ("o", At::Vowel, "w"),
        ("u", At::Vowel, "w"),
        ("w", At::Consonant, "u"),
        ("v", At::Any, "w"),
        ("o", At::Any, "u"),
        ("e", At::Any, "i"),
        ("y", At::Consonant, "i"),
        ("y", At::End, "i"),
    ]);
    let mut out = Vec::with_capacity(token.len() + 1);
    rewrite(token, &RULES, &mut out);
    finish(out, 3)
}

/// Key of letters that scanners and hasty readers confuse: `rn`/`m`, `vv`/`w`, `cl`/`d`, `l`/`i`/`1`.
#[must_use]
pub fn shape(token: &str) -> String {
    static RULES: Rules = Rules::new(&[
        ("rn", At::Any, "m"),
        ("vv", At::Any, "w"),
        ("cl", At::Any, "d"),
        ("l", At::Any, "i"),
        ("1", At::Any, "i"),
        ("0", At::Any, "o"),
    ]);
    let mut out = Vec::with_capacity(token.len());
    rewrite(token, &RULES, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spanish_homophones_share_a_key() {
        for (a, b) in [
            ("hernandez", "ernandes"),
            ("vasquez", "bazques"),
            ("llanos", "yanos"),
            ("huaman", "waman"),
            ("guaman", "waman"),
            ("jimenez", "gimenes"),
            ("quispe", "kispe"),
            ("tzoc", "soc"),
            ("zelaya", "celalla"),
            ("campos", "canpos"),
            ("hilario", "ilario"),
            ("rodrigues", "rodriguez"),
        ] {
            assert_eq!(spanish(a), spanish(b), "{a} {b}");
        }
        assert_ne!(spanish("perez"), spanish("lopez"));
    }

    #[test]
    fn french_and_creole_spellings_share_a_key() {
        for (a, b) in [("jacques", "jak"), ("ousmane", "usman"), ("thierry", "tiery"), ("phillippe", "filip")] {
            assert_eq!(loose(a), loose(b), "{a} {b}");
        }
    }

    #[test]
    fn arabic_spellings_share_a_skeleton() {
        assert_eq!(skeleton("mohamed"), skeleton("muhammad"));
        assert_eq!(skeleton("ousmane"), skeleton("osman"));
        assert_eq!(skeleton("ali"), None);
        assert_eq!(skeleton("mhmd"), skeleton("mohamed"));
        assert!(skeleton("mohamed").is_some());
        for (a, b) in [("abdelkader", "abdulkadir"), ("abderrahmane", "abdirahman"), ("abdulaziz", "abdiaziz"), ("abdelkrim", "abdoulkarim")] {
            assert_eq!(skeleton(a), skeleton(b), "{a} {b}");
        }
    }

    #[test]
    fn creole_writes_what_french_spells() {
        for (a, b) in [
            ("pierre", "pye"),
            ("francois", "franswa"),
            ("toussaint", "tousen"),
            ("guerline", "gelin"),
            ("jacqueline", "jaklin"),
            ("vincent", "vensan"),
            ("robert", "wobe"),
            ("louis", "lwi"),
            ("etienne", "etyen"),
            ("desir", "dezi"),
            ("marcelin", "maslen"),
            ("laurent", "loran"),
            ("lucien", "lisyen"),
            ("emmanuel", "emanyel"),
            ("clement", "kleman"),
            ("philippe", "filip"),
            ("joseph", "jozef"),
        ] {
            assert!(creole(a).is_some(), "{a}");
            assert_eq!(creole(a), creole(b), "{a} {b}");
        }
        assert_ne!(creole("francois"), creole("francoise"));
    }

    #[test]
    fn portuguese_and_spanish_spellings_share_a_key() {
        for (a, b) in [
            ("sebastiao", "sebastian"),
            ("assuncao", "asuncion"),
            ("conceicao", "concepcion"),
            ("falcao", "falcon"),
            ("moura", "mora"),
            ("ferreira", "ferrera"),
            ("lourenco", "lorenzo"),
            ("mello", "melo"),
            ("wagner", "vagner"),
            ("teixeira", "techera"),
        ] {
            assert_eq!(portuguese(a), portuguese(b), "{a} {b}");
        }
        assert_ne!(portuguese("simao"), portuguese("simoes"));
    }

    #[test]
    fn sahel_names_are_heard_alike_in_three_spellings() {
        for (a, b) in [
            ("nour", "nuur"),
            ("nour", "noor"),
            ("cisse", "sesay"),
            ("kouame", "kwame"),
            ("diallo", "jallow"),
            ("diallo", "djalo"),
            ("thiam", "cham"),
            ("toure", "turay"),
            ("ouattara", "watara"),
            ("caasha", "asha"),
            ("xuseen", "hussein"),
            ("tesfaye", "tesfai"),
            ("gebre", "ghebre"),
            ("elmoctar", "moctar"),
            ("youssouf", "yusuf"),
        ] {
            assert_eq!(sahel(a), sahel(b), "{a} {b}");
        }
        assert_ne!(sahel("camara"), sahel("amara"));
    }

    #[test]
    fn old_and_modern_writing_of_indian_languages_share_a_key() {
        for (a, b) in [
            ("condori", "kunturi"),
            ("quispe", "qispi"),
            ("huaman", "waman"),
            ("ccori", "quri"),
            ("choquehuanca", "chuqiwanka"),
            ("ajpop", "ahpop"),
            ("tzoc", "tsok"),
            ("cauich", "kawich"),
            ("dzul", "tzul"),
            ("xochitl", "shochil"),
        ] {
            assert_eq!(andean(a), andean(b), "{a} {b}");
        }
    }

    #[test]
    fn letters_that_look_alike_share_a_shape() {
        for (a, b) in [("femandez", "fernandez"), ("vviison", "wilson"), ("david", "clavid"), ("villa", "viiia")] {
            assert_eq!(shape(a), shape(b), "{a} {b}");
        }
    }

    #[test]
    fn chinese_romanisations_share_a_key() {
        assert_eq!(chinese("zhang"), chinese("chang"));
        assert_eq!(chinese("xu"), chinese("hsu"));
        assert_eq!(chinese("zhong"), chinese("chung"));
        assert_eq!(chinese("xiaoming"), chinese("hsiaoming"));
        assert_eq!(chinese("gutierrez"), None);
    }
}
