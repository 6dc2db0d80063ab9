//! The vocabulary of name tokens with their sound keys, classes and frequencies, and the level at which two tokens agree.

use rustc_hash::FxHashMap;
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rapidfuzz::distance::{jaro_winkler, osa};

use super::lexicon::Lexicon;
use super::phonetic;

/// Number of a token in a [`Vocabulary`].
pub type TokenId = u32;

/// Number of sound keys of a token.
const KEYS: usize = 9;
/// The bit of the Spanish key in [`shared_keys`], which makes two tokens agree as [`TokenLevel::Sound`].
const SPANISH: u16 = 1;
/// The bit of the key of [`TokenLevel::Skeleton`].
const SKELETON: u16 = 1 << 2;
/// The bits of the keys of [`TokenLevel::Foreign`]: all others.
const FOREIGN: u16 = !(SPANISH | SKELETON);

/// One name token.
#[derive(Debug, Clone)]
pub struct Token {
    /// Folded text.
    pub text: Box<str>,
    /// Key numbers of the Spanish, loose, skeleton, Chinese, Creole, Portuguese, Sahel, Andean and shape keys; 0 is none.
    pub keys: [u32; KEYS],
    /// Name classes it belongs to.
    pub classes: Box<[u16]>,
    /// The classes as bits, several to a bit: without a common bit there is no common class.
    class_bits: u64,
    /// Padded trigrams, sorted.
    grams: Box<[u32]>,
    /// Records that contain it now.
    count: u32,
}

/// What of a token's spelling tells soonest that another is not like it; beside each other, as a token is asked of thousands.
#[derive(Debug, Clone, Copy)]
struct Outline {
    /// The letters that occur, as the lower [`LETTERS`] bits, and those that occur twice and more, as the next.
    letters: u64,
    /// The first three and the last four letters: a cut has one of them in common with its whole.
    ends: [u32; 2],
    /// Letters in all.
    length: u32,
    /// Lengths of the roots it may be a diminutive of, as bits.
    roots: u32,
}

/// Letters told apart by [`Outline`]; whatever is no letter is one more.
const LETTERS: u32 = 27;

impl Outline {
    fn of(text: &str) -> Self {
        let packed = |letters: &[u8]| letters.iter().fold(0_u32, |p, b| p << 8 | u32::from(*b));
        let bytes = text.as_bytes();
        let letters = bytes.iter().fold(0_u64, |seen, b| {
            let letter = 1 << if b.is_ascii_lowercase() { u32::from(b - b'a') } else { LETTERS - 1 };
            seen | letter | (seen & letter) << LETTERS
        });
        Self {
            letters,
            ends: [packed(&bytes[..bytes.len().min(3)]), packed(&bytes[bytes.len().saturating_sub(4)..])],
            length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            roots: roots(text),
        }
    }

    /// How many letters occur in one of the two only.
    const fn apart(self, other: Self) -> u32 {
        ((self.letters ^ other.letters) & ((1 << LETTERS) - 1)).count_ones()
    }

    /// How many letters of this one, counted twice at most, the other lacks.
    fn lacking_in(self, other: Self) -> u64 {
        u64::from((self.letters & !other.letters).count_ones())
    }

    /// False when neither can be a cut or diminutive of the other ([`is_cut`]), more than one slip parts them and they are not [`TokenLevel::Near`] each
    /// other by five letters and more. Asks first what tells most pairs apart.
    fn may_be_alike(self, other: Self) -> bool {
        let slip = (self.length.abs_diff(other.length) <= 1) & (self.apart(other) <= 2);
        let far = (self.length.abs_diff(other.length) > 3) | (self.apart(other) > 4);
        let other_ends = (self.ends[0] != other.ends[0]) & (self.ends[1] != other.ends[1]);
        if far & other_ends {
            return false;
        }
        slip || self.may_be_cut_of(other) || other.may_be_cut_of(self) || self.may_be_near(other)
    }

    /// False when this is no cut and no diminutive of the other.
    fn may_be_cut_of(self, full: Self) -> bool {
        let shorter = self.length < full.length && self.lacking_in(full) == 0;
        self.ends[1] == full.ends[1] && shorter && self.length >= 4 || self.ends[0] == full.ends[0] && (shorter || self.roots & full.root() != 0)
    }

    /// The lengths that the root of this name's diminutives may have: the name goes on for at most four letters after it.
    fn root(self) -> u32 {
        !0_u32 << self.length.saturating_sub(4).min(31)
    }

    /// False when more than two slips part the two, and Jaro-Winkler stays below .9. Letters of one that the other lacks match nothing, so `m`
    /// letters match at most and Jaro is at most `(m / a + m / b + 1) / 3`; without a first letter in common Winkler adds nothing, with four it lifts
    /// 5/6 to .9.
    fn may_be_near(self, other: Self) -> bool {
        let (a, b) = (u64::from(self.length), u64::from(other.length));
        if a.min(b) < 5 || a.abs_diff(b) > 3 || self.apart(other) > 4 {
            return false;
        }
        let lacking = [self.lacking_in(other), other.lacking_in(self)];
        if a.min(b) >= 7 && lacking[0].max(lacking[1]) <= 2 {
            return true;
        }
        let m = a.saturating_sub(lacking[0]).min(b.saturating_sub(lacking[1]));
        let first = |outline: Self| outline.ends[0] >> 16;
        // Three times the Jaro that is needed, in thousandths.
        let needed = if first(self) == first(other) { 2_500 } else { 2_700 };
        1_000 * (m * (a + b) + a * b) >= needed * a * b
    }
}

/// Tokens like a token, with their levels.
type Likes = Box<[(TokenId, TokenLevel)]>;

/// How well two tokens agree, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenLevel {
    /// The same letters after folding.
    Equal,
    /// The same sound to a Spanish-speaking clerk.
    Sound,
    /// Familiar form, translation or transliteration, from the class files.
    Class,
    /// One letter wrong, missing, extra or swapped.
    Edit,
    /// The same sound by the spelling rules of another language, or the same shape on paper.
    Foreign,
    /// A cut or a diminutive of the other.
    Cut,
    /// The same consonants.
    Skeleton,
    /// Two letters wrong in a long name, or Jaro-Winkler of .9 and more.
    Near,
    /// An initial of the other.
    Initial,
}

impl TokenLevel {
    /// Number of levels.
    pub const COUNT: usize = 9;
}

/// All tokens seen, their keys and how many records carry them. Numbers are given in order of arrival, so the same input gives the same vocabulary.
#[derive(Debug, Default)]
pub struct Vocabulary {
    tokens: Vec<Token>,
    /// Of the same tokens, in the same order.
    outlines: Vec<Outline>,
    by_text: HashMap<Box<str>, TokenId>,
    /// By [`number`] of a sound key, its place in the two lists below, from 1.
    keys: FxHashMap<u64, u32>,
    key_count: Vec<u32>,
    by_key: Vec<Vec<TokenId>>,
    class_count: FxHashMap<u16, u32>,
    by_class: FxHashMap<u16, Vec<TokenId>>,
    by_gram: FxHashMap<u32, Vec<TokenId>>,
    by_slip: FxHashMap<u64, Vec<TokenId>>,
    nation_count: FxHashMap<(TokenId, u16), u32>,
    nation_total: FxHashMap<u16, u32>,
    named_records: u32,
    /// By token, the tokens like it; filled when first asked.
    likes: Vec<OnceLock<Likes>>,
    /// True once anything was asked, so that new tokens have something to put right.
    asked: AtomicBool,
}

impl Vocabulary {
    /// Number of distinct tokens ever seen.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// True when no token was seen yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The token of a number given by [`Vocabulary::intern`].
    #[must_use]
    pub fn token(&self, id: TokenId) -> &Token {
        &self.tokens[id as usize]
    }

    /// The number of a folded token, new if needed.
    pub fn intern(&mut self, text: &str, lexicon: &Lexicon) -> TokenId {
        if let Some(&id) = self.by_text.get(text) {
            return id;
        }
        let id = TokenId::try_from(self.tokens.len()).unwrap_or(TokenId::MAX);
        let mut keys = [0; KEYS];
        if text.len() > 1 {
            let sounds = [
                (b's', Some(phonetic::spanish(text))),
                (b'l', (text.len() > 2).then(|| phonetic::loose(text))),
                (b'k', phonetic::skeleton(text)),
                (b'c', phonetic::chinese(text)),
                (b'h', phonetic::creole(text)),
                (b'p', phonetic::portuguese(text)),
                (b'a', phonetic::sahel(text)),
                (b'q', phonetic::andean(text)),
                (b'o', (text.len() > 3).then(|| phonetic::shape(text))),
            ];
            for (key, (prefix, sound)) in keys.iter_mut().zip(sounds) {
                *key = sound.filter(|s| !s.is_empty()).map_or(0, |s| self.key(prefix, &s));
            }
        }
        for key in keys.into_iter().filter(|k| *k != 0) {
            self.by_key[key as usize].push(id);
        }
        let classes: Box<[u16]> = lexicon.classes_of(text).into();
        for &class in &classes {
            self.by_class.entry(class).or_default().push(id);
        }
        let grams = grams(text);
        for gram in &grams {
            self.by_gram.entry(*gram).or_default().push(id);
        }
        for slip in slips(text) {
            self.by_slip.entry(slip).or_default().push(id);
        }
        let class_bits = classes.iter().fold(0, |bits, class| bits | 1 << (class % 64));
        self.tokens.push(Token { text: text.into(), keys, classes, class_bits, grams: grams.into(), count: 0 });
        self.outlines.push(Outline::of(text));
        self.by_text.insert(text.into(), id);
        self.likes.push(OnceLock::new());
        if self.asked.load(Ordering::Relaxed) {
            // What was remembered of tokens like the new one is no longer all.
            for (other, _) in self.like(id) {
                self.likes[other as usize] = OnceLock::new();
            }
        }
        id
    }

    fn key(&mut self, rules: u8, sound: &str) -> u32 {
        let next = u32::try_from(self.keys.len() + 1).unwrap_or(u32::MAX);
        let id = *self.keys.entry(number(std::iter::once(rules).chain(sound.bytes()))).or_insert(next);
        if self.key_count.len() <= id as usize {
            self.key_count.resize(id as usize + 1, 0);
            self.by_key.resize_with(id as usize + 1, Vec::new);
        }
        id
    }

    /// Counts (`add`) or uncounts one record's distinct tokens under its nation slot (0 = not known).
    pub fn count(&mut self, distinct: &[TokenId], nation: u16, add: bool) {
        let step = |n: &mut u32| *n = if add { *n + 1 } else { n.saturating_sub(1) };
        step(&mut self.named_records);
        step(self.nation_total.entry(nation).or_default());
        let mut keys: Vec<u32> = Vec::with_capacity(distinct.len() * KEYS);
        let mut classes: Vec<u16> = Vec::new();
        for &id in distinct {
            step(&mut self.tokens[id as usize].count);
            step(self.nation_count.entry((id, nation)).or_default());
            keys.extend(self.tokens[id as usize].keys.iter().filter(|k| **k != 0));
            classes.extend(self.tokens[id as usize].classes.iter());
        }
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            step(&mut self.key_count[key as usize]);
        }
        classes.sort_unstable();
        classes.dedup();
        for class in classes {
            step(self.class_count.entry(class).or_default());
        }
    }

    /// Share of records (of the nation, shrunk to all) that carry the token, not counting up to `own` records of the pair itself.
    /// Dirichlet smoothing with 200 records' weight on the overall share.
    #[must_use]
    pub fn frequency(&self, id: TokenId, nation: u16, own: f64) -> f64 {
        let n = f64::from(self.named_records.max(1)) + 50.0;
        let count = f64::from(self.tokens[id as usize].count);
        let overall = (count - own).max(0.0) / n + 0.4 / n;
        if nation == 0 {
            return overall;
        }
        let local = f64::from(self.nation_count.get(&(id, nation)).copied().unwrap_or(0));
        let total = f64::from(self.nation_total.get(&nation).copied().unwrap_or(0));
        ((local - own).max(0.0) + 200.0 * overall) / (total + 200.0)
    }

    /// Share of records that carry a token as written here by nobody else: a count discounted for tokens seen once (Good-Turing in spirit).
    #[must_use]
    pub fn own_share(&self, id: TokenId) -> f64 {
        let n = f64::from(self.named_records.max(1)) + 50.0;
        (f64::from(self.tokens[id as usize].count) - 0.9).max(0.1) / n
    }

    /// Share of records with a token of this sound key.
    #[must_use]
    pub fn key_share(&self, key: u32) -> f64 {
        f64::from(self.key_count.get(key as usize).copied().unwrap_or(0).max(1)) / (f64::from(self.named_records.max(1)) + 50.0)
    }

    /// Share of records with a token of the rarest sound by foreign rules that both tokens have.
    #[must_use]
    pub fn shared_foreign_share(&self, a: TokenId, b: TokenId) -> Option<f64> {
        let (a, b) = (&self.tokens[a as usize], &self.tokens[b as usize]);
        let shared = shared_keys(a, b) & FOREIGN;
        a.keys.iter().enumerate().filter(|(k, _)| shared & 1 << k != 0).map(|(_, key)| self.key_share(*key)).min_by(f64::total_cmp)
    }

    /// Share of records with a token of any class that both tokens belong to (the rarest such class).
    #[must_use]
    pub fn shared_class_share(&self, a: TokenId, b: TokenId) -> Option<f64> {
        let (a, b) = (&self.tokens[a as usize], &self.tokens[b as usize]);
        a.classes
            .iter()
            .filter(|c| b.classes.contains(c))
            .map(|c| f64::from(self.class_count.get(c).copied().unwrap_or(0).max(1)) / (f64::from(self.named_records.max(1)) + 50.0))
            .min_by(f64::total_cmp)
    }

    /// The best level at which two tokens agree, if any; symmetric.
    #[must_use]
    pub fn level(&self, a: TokenId, b: TokenId) -> Option<TokenLevel> {
        if a == b {
            return Some(TokenLevel::Equal);
        }
        let (oa, ob) = (self.outlines[a as usize], self.outlines[b as usize]);
        let (a, b) = (&self.tokens[a as usize], &self.tokens[b as usize]);
        let shortest = oa.length.min(ob.length);
        if shortest == 1 {
            return (a.text.as_bytes()[0] == b.text.as_bytes()[0]).then_some(TokenLevel::Initial);
        }
        let shared = shared_keys(a, b);
        if shared & SPANISH != 0 {
            return Some(TokenLevel::Sound);
        }
        if a.class_bits & b.class_bits != 0 && a.classes.iter().any(|c| b.classes.contains(c)) {
            return Some(TokenLevel::Class);
        }
        let slip = oa.length.abs_diff(ob.length) <= 1 && oa.apart(ob) <= 2;
        if slip && shortest >= 4 && one_slip(&a.text, &b.text) {
            return Some(TokenLevel::Edit);
        }
        if shared & FOREIGN != 0 {
            return Some(TokenLevel::Foreign);
        }
        if oa.may_be_cut_of(ob) && is_cut((a, oa), (b, ob)) || ob.may_be_cut_of(oa) && is_cut((b, ob), (a, oa)) {
            return Some(TokenLevel::Cut);
        }
        if shared & SKELETON != 0 {
            return Some(TokenLevel::Skeleton);
        }
        let near = (shortest == 3 && slip && one_slip(&a.text, &b.text))
            || (oa.may_be_near(ob)
                && shared_grams(&a.grams, &b.grams) >= 2
                && ((shortest >= 7 && two_slips(&a.text, &b.text)) || jaro_winkler::similarity(a.text.bytes(), b.text.bytes()) >= 0.9));
        near.then_some(TokenLevel::Near)
    }

    /// Every known token that agrees with this one at some level, with the level; the token itself first. Initials are left out, as one letter
    /// agrees with a tenth of all names. Cost: once the postings of its keys and grams, about 50 us in a vocabulary of 20,000; then it is remembered.
    #[must_use]
    pub fn expand(&self, id: TokenId) -> &[(TokenId, TokenLevel)] {
        self.asked.store(true, Ordering::Relaxed);
        self.likes[id as usize].get_or_init(|| self.like(id))
    }

    fn like(&self, id: TokenId) -> Likes {
        let (token, outline) = (&self.tokens[id as usize], self.outlines[id as usize]);
        let mut candidates: Vec<TokenId> = vec![id];
        for key in token.keys.iter().filter(|k| **k != 0) {
            candidates.extend(&self.by_key[*key as usize]);
        }
        for class in &token.classes {
            candidates.extend(self.by_class.get(class).into_iter().flatten());
        }
        for slip in slips(&token.text) {
            candidates.extend(self.by_slip.get(&slip).into_iter().flatten());
        }
        candidates.extend(self.sharing_two(&token.grams).into_iter().filter(|other| outline.may_be_alike(self.outlines[*other as usize])));
        candidates.sort_unstable();
        candidates.dedup();
        candidates.into_iter().filter_map(|other| self.level(id, other).map(|level| (other, level))).collect()
    }

    /// The tokens that have two of the trigrams and more. Cost: every place of a trigram in a token, about 2,000 in a vocabulary of 13,000.
    fn sharing_two(&self, grams: &[u32]) -> Vec<TokenId> {
        if grams.len() < 2 {
            return Vec::new();
        }
        let mut shared = vec![0_u8; self.tokens.len()];
        let mut out: Vec<TokenId> = Vec::new();
        for tokens in grams.iter().filter_map(|gram| self.by_gram.get(gram)) {
            // Written each time and kept when it counts, so that nothing is asked that cannot be foreseen.
            let mut kept = out.len();
            out.resize(kept + tokens.len(), 0);
            for token in tokens {
                let n = &mut shared[*token as usize];
                *n = n.saturating_add(1);
                out[kept] = *token;
                kept += usize::from(*n == 2);
            }
            out.truncate(kept);
        }
        out
    }
}

/// The sound keys that two tokens share, a bit each; without branches, as every pair of tokens of every pair of records asks.
fn shared_keys(a: &Token, b: &Token) -> u16 {
    a.keys.iter().zip(&b.keys).enumerate().fold(0, |bits, (k, (x, y))| bits | u16::from(x == y && *x != 0) << k)
}

/// Padded trigrams as numbers.
fn grams(text: &str) -> Vec<u32> {
    let mut padded = Vec::with_capacity(text.len() + 2);
    padded.push(b'^');
    padded.extend_from_slice(text.as_bytes());
    padded.push(b'$');
    let mut out: Vec<u32> = padded.windows(3).map(|w| u32::from(w[0]) << 16 | u32::from(w[1]) << 8 | u32::from(w[2])).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// How many entries two lists without repetition have in common.
fn shared_grams(a: &[u32], b: &[u32]) -> usize {
    // Few against few: each with each, without a branch.
    a.iter().map(|x| b.iter().map(|y| usize::from(x == y)).sum::<usize>()).sum()
}

/// Base of a text as a number.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// A text as a number to [`BASE`], modulo 2^64: two texts of one number are not expected among millions.
fn number(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0, |number, byte| number.wrapping_mul(BASE).wrapping_add(u64::from(byte)))
}

/// Texts of as many letters as this and fewer may be one slip apart and share fewer than two trigrams: of six letters, one slip leaves two of the six
/// trigrams and more, one of them at an end.
const SHORT: usize = 5;

/// Keys that two texts of at most [`SHORT`] letters share whenever one slip (a letter wrong, missing, extra or swapped with its neighbour) parts them: the
/// text, and the text without each of its letters. None for texts under three letters.
fn slips(text: &str) -> Vec<u64> {
    let bytes = text.as_bytes();
    if !(3..=SHORT).contains(&bytes.len()) {
        return Vec::new();
    }
    // What stands before a letter, moved up by what stands after it, and what stands after it.
    let mut after: Vec<(u64, u64)> = Vec::with_capacity(bytes.len());
    let (mut value, mut power) = (0_u64, 1_u64);
    for byte in bytes.iter().rev() {
        after.push((value, power));
        value = value.wrapping_add(u64::from(*byte).wrapping_mul(power));
        power = power.wrapping_mul(BASE);
    }
    let mut out = Vec::with_capacity(bytes.len() + 1);
    out.push(value);
    let mut before = 0_u64;
    for (byte, (value, power)) in bytes.iter().zip(after.iter().rev()) {
        out.push(before.wrapping_mul(*power).wrapping_add(*value));
        before = before.wrapping_mul(BASE).wrapping_add(u64::from(*byte));
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// True when at most one slip (a letter wrong, missing, extra or swapped with its neighbour) parts the texts: without what they begin and end with
/// alike, one letter of either is left, or two that are swapped. The same as [`osa`] with 1, which is asked too often to build its tables each time.
fn one_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let before = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[before..], &b[before..]);
    let after = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - after], &b[..b.len() - after]) {
        ([_] | [], [_] | []) => true,
        ([a0, a1], [b0, b1]) => a0 == b1 && a1 == b0,
        _ => false,
    }
}

/// True when at most two slips part the texts.
fn two_slips(a: &str, b: &str) -> bool {
    osa::distance_with_args(a.bytes(), b.bytes(), &osa::Args::default().score_cutoff(2)).is_some()
}

/// Endings of diminutives.
const ENDINGS: &[&str] = &[
    "itos", "citos", "cito", "cita", "illos", "illo", "illa", "inho", "inha", "ito", "ita", "ico", "ica", "uca", "uco", "in", "ette", "ino",
    "ina", "y", "i", "ie",
];

/// The lengths of the roots that a text may be a diminutive of, a bit each: what stands before an ending, a `qu` before it left out, of three letters
/// and more.
fn roots(text: &str) -> u32 {
    let before_ending = ENDINGS.iter().filter_map(|ending| text.strip_suffix(ending));
    let lengths = before_ending.map(|root| root.strip_suffix("qu").unwrap_or(root).len());
    lengths.filter(|length| (3..32).contains(length)).fold(0, |bits, length| bits | 1 << length)
}

/// True when `short` is a cut (`dani`, `nando`) or a diminutive (`carlitos`) of `full`; asked only when their outlines allow it.
fn is_cut((short, so): (&Token, Outline), (full, fo): (&Token, Outline)) -> bool {
    let (s, f) = (short.text.as_bytes(), full.text.as_bytes());
    if s.len() >= 4 && s.len() < f.len() && so.ends[1] == fo.ends[1] && f.ends_with(s) {
        return true;
    }
    // Every other cut begins with three letters of the full name.
    if s.len() < 3 || f.len() < 3 || so.ends[0] != fo.ends[0] {
        return false;
    }
    let shared = s.iter().zip(f).take_while(|(a, b)| a == b).count();
    let shared_roots = !(!0_u32 << (shared + 1).min(31));
    shared == s.len() && s.len() < f.len() || so.roots & shared_roots & fo.root() != 0
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn level(a: &str, b: &str) -> Option<TokenLevel> {
        let lexicon = Lexicon::standard().unwrap();
        let mut v = Vocabulary::default();
        let (a, b) = (v.intern(a, &lexicon), v.intern(b, &lexicon));
        assert_eq!(v.level(a, b), v.level(b, a));
        let expanded = v.level(a, b).is_some_and(|l| l != TokenLevel::Initial);
        assert_eq!(expanded, v.expand(a).iter().any(|(t, _)| *t == b));
        v.level(a, b)
    }

    #[test]
    fn tokens_agree_at_the_best_level() {
        assert_eq!(level("gonzalez", "gonsales"), Some(TokenLevel::Sound));
        assert_eq!(level("francisco", "pancho"), Some(TokenLevel::Class));
        assert_eq!(level("rodriguez", "rodtiguez"), Some(TokenLevel::Edit));
        assert_eq!(level("carlitos", "carlos"), Some(TokenLevel::Class));
        assert_eq!(level("danielito", "daniel"), Some(TokenLevel::Class));
        assert_eq!(level("marcelito", "marcel"), Some(TokenLevel::Cut));
        assert_eq!(level("perez", "lopez"), None);
        assert_eq!(level("j", "jose"), Some(TokenLevel::Initial));
        assert_eq!(level("femandez", "fernandez"), Some(TokenLevel::Foreign));
        assert_eq!(level("ab", "abab"), None);
        assert_eq!(level("12345", "qqqqq"), None);
    }

    /// Read once: a property asks many times.
    static LEXICON: std::sync::LazyLock<Lexicon> = std::sync::LazyLock::new(|| Lexicon::standard().unwrap());

    proptest::proptest! {
        #[test]
        fn one_slip_is_an_optimal_alignment_of_one(a in "[ab]{0,7}", b in "[ab]{0,7}", c in "[a-c]{3,8}", at in 0_usize..8) {
            let slow = |a: &str, b: &str| osa::distance(a.bytes(), b.bytes()) <= 1;
            proptest::prop_assert_eq!(one_slip(&a, &b), slow(&a, &b));
            let mut swapped = c.clone().into_bytes();
            let at = at % (swapped.len() - 1);
            swapped.swap(at, at + 1);
            let swapped = String::from_utf8(swapped).unwrap();
            proptest::prop_assert!(one_slip(&c, &swapped));
        }

        #[test]
        fn what_is_asked_first_of_two_tokens_never_hides_a_likeness(
            a in "[a-d]{3,9}", b in "[a-d]{3,9}", cut in 1_usize..5, end in "[a-e]{0,3}", slip in "[a-e]{0,2}", at in 0_usize..9,
        ) {
            let near_a = format!("{}{end}", &a[..a.len().min(cut + 2)]);
            // A letter gone and up to two in its place.
            let at = at % a.len();
            let slipped = format!("{}{slip}{}", &a[..at], &a[at + 1..]);
            for other in [&b, &near_a, &slipped] {
                let mut v = Vocabulary::default();
                let (x, y) = (v.intern(&a, &LEXICON), v.intern(other, &LEXICON));
                let shortest = a.len().min(other.len());
                let alike = shortest >= 5
                    && a.len().abs_diff(other.len()) <= 3
                    && shared_grams(&v.token(x).grams, &v.token(y).grams) >= 2
                    && v.outlines[x as usize].apart(v.outlines[y as usize]) <= 4
                    && ((shortest >= 7 && two_slips(&a, other)) || jaro_winkler::similarity(a.bytes(), other.bytes()) >= 0.9);
                proptest::prop_assert!(!alike || v.level(x, y).is_some(), "{} {}", a, other);
                let level = v.level(x, y);
                proptest::prop_assert_eq!(v.expand(x).iter().find(|(t, _)| *t == y).map(|(_, l)| *l), level);
            }
        }
    }

    #[test]
    fn a_token_that_comes_after_a_question_is_among_those_like_it() {
        let lexicon = Lexicon::standard().unwrap();
        let mut v = Vocabulary::default();
        let old = v.intern("gonzalez", &lexicon);
        assert_eq!(v.expand(old), [(old, TokenLevel::Equal)]);
        let new = v.intern("gonsales", &lexicon);
        assert_eq!(v.expand(old), [(old, TokenLevel::Equal), (new, TokenLevel::Sound)]);
        assert_eq!(v.expand(new), [(old, TokenLevel::Sound), (new, TokenLevel::Equal)]);
    }

    #[test]
    fn counts_come_back_to_zero_when_a_record_leaves() {
        let lexicon = Lexicon::standard().unwrap();
        let mut v = Vocabulary::default();
        let id = v.intern("zelaya", &lexicon);
        let before = v.frequency(id, 3, 0.0);
        v.count(&[id], 3, true);
        assert!(v.frequency(id, 3, 0.0) > before);
        v.count(&[id], 3, false);
        assert!((v.frequency(id, 3, 0.0) - before).abs() < 1e-12);
    }
}
