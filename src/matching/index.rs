//! What finds counterparts quickly: rows grouped by kind of record and stretch of time, so that time is asked of a group at once, and posting lists
//! of everything that can weigh much by agreeing.

use rustc_hash::FxHashMap;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::linkage::birth::{self, Births};
use crate::linkage::compare::WIDEST;
use crate::linkage::features::{self, Features, Item, Place, TokenRole, chord_km, middle};
use crate::linkage::model::Model;
use crate::linkage::record::{PersonRecord, RecordKind, Sex};
use crate::linkage::spacetime::{VAGUE_KM, interval_points};
use crate::linkage::tokens::TokenId;

/// Days of one stretch of time.
pub(super) const STRETCH: i32 = 32;

/// Bits of [`Row::has`], in the order of the posting fields.
pub(super) mod field {
    pub const NAME: usize = 0;
    pub const ITEMS: usize = 1;
    pub const PHONE: usize = 5;
    pub const DOCUMENT: usize = 6;
    pub const COMPANION: usize = 7;
    /// Nicknames and no other name.
    pub const ALIAS: usize = 8;
    pub const RESIDENCE: usize = 9;
    pub const COUNT: usize = 10;
    /// Set when the name can be read in one way only; above it how many given names and surnames it has, two bits each.
    pub const PARSED: u16 = 1 << COUNT;
    pub const SHAPE: usize = COUNT + 1;
}

/// What bounds ask of every row: codes of its values. 16 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub region: u16,
    /// Class of the birth; [`NONE`] not known.
    pub birth: u16,
    /// Sex and nationalities.
    pub sex_nations: u16,
    /// Fields the row has, and the shape of its name.
    pub has: u16,
    pub stature: u16,
    /// Build, hair and eyes.
    pub looks: u16,
    /// Number of the row's group; [`NO_GROUP`] for a slot that holds nothing.
    pub group: u32,
}

/// When a row's event was. 8 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// Middle of the event; `i32::MIN` not known.
    pub event: i32,
    /// Code of the time since death.
    pub interval: u16,
}

/// The group of a slot that holds nothing.
pub(super) const NO_GROUP: u32 = u32::MAX;

/// Rows of one kind whose events lie in one stretch of time.
#[derive(Debug)]
pub(super) struct Group {
    pub kind: RecordKind,
    /// First and last day; `None` when the event is not known.
    pub days: Option<(i32, i32)>,
    /// Shortest and longest time since death stated, days; the first above the second where no row states one.
    pub since_death: (u32, u32),
}

/// What rows of one group have in common, in the order in which many records are best put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GroupKey {
    kind: RecordKind,
    /// Stretch of the event; `i32::MIN` not known.
    bucket: i32,
    /// How long ago the death was told to be, by powers of two: it says more about time than the day of finding.
    ago: u32,
}

impl GroupKey {
    /// The group a record will belong to.
    pub fn of(record: &PersonRecord) -> Self {
        Self::new(record.kind, features::event(record), features::since_death(record))
    }

    fn of_features(f: &Features) -> Self {
        Self::new(f.kind, f.event, f.pmi)
    }

    fn new(kind: RecordKind, event: Option<(i32, i32)>, since_death: Option<(u32, u32)>) -> Self {
        Self {
            kind,
            bucket: event.map_or(i32::MIN, |event| middle(event).div_euclid(STRETCH)),
            ago: since_death.filter(|_| kind.is_remains()).map_or(u32::MAX, |(_, longest)| longest.max(1).ilog2()),
        }
    }
}

/// A place that groups rows: a cell of half a degree with what lies in it, the words for a place, or a country alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Region {
    pub place: Option<Place>,
    /// Farthest member, km, and the largest radius of uncertainty.
    pub reach_km: f32,
    pub radius_km: f32,
    pub place_name: u32,
    pub country: u16,
}

/// Small numbers for the values that only a few thousand records share, each with one record that carries nothing else.
#[derive(Debug, Default)]
pub(super) struct Codes {
    sex_nations: FxHashMap<(bool, Option<Sex>, Nations), u16>,
    statures: FxHashMap<(u32, u32, bool, Option<Sex>), u16>,
    axes: [FxHashMap<u16, u16>; 3],
    looks: FxHashMap<[u16; 3], u16>,
    intervals: FxHashMap<(u32, u32), u16>,
    regions: FxHashMap<(bool, i32, i32, u32, u16), u16>,
    pub sex_nations_of: Vec<Features>,
    pub statures_of: Vec<Features>,
    /// By axis.
    pub axes_of: [Vec<u16>; 3],
    /// Codes by axis.
    pub looks_of: Vec<[u16; 3]>,
    pub intervals_of: Vec<[i32; 9]>,
    pub regions_of: Vec<Region>,
}

/// Nations a record tells, and those its documents' numbers tell.
type Nations = [Vec<u16>; 2];

/// The code of a key, new if needed; [`MANY`] when all codes are given.
fn code<K: Hash + Eq, V>(codes: &mut FxHashMap<K, u16>, list: &mut Vec<V>, key: K, value: impl FnOnce() -> V) -> u16 {
    if let Some(code) = codes.get(&key) {
        return *code;
    }
    match u16::try_from(list.len()) {
        Ok(next) if next < MANY => {
            codes.insert(key, next);
            list.push(value());
            next
        }
        _ => MANY,
    }
}

/// No value.
pub(super) const NONE: u16 = u16::MAX;
/// A value too many to have a code: it may be any.
pub(super) const MANY: u16 = u16::MAX - 1;

impl Codes {
    /// The bounds' part of a record.
    pub fn row(&mut self, f: &Features, group: u32) -> (Row, Moment) {
        let blank = |f: &Features| Features::blank(f.key, f.side, f.kind);
        let nations = [f.nations.clone(), f.holder_nations.clone()];
        let sex_nations = code(&mut self.sex_nations, &mut self.sex_nations_of, (f.kind.is_remains(), f.sex, nations), || Features {
            sex: f.sex,
            nations: f.nations.clone(),
            holder_nations: f.holder_nations.clone(),
            ..blank(f)
        });
        let child = f.age_years().is_some_and(|y| y < 15.0);
        let stature = f.stature.map(|(low, high)| {
            code(&mut self.statures, &mut self.statures_of, (low.to_bits(), high.to_bits(), child, f.sex), || Features {
                sex: f.sex,
                stature: f.stature,
                birth: f.birth,
                event: f.event,
                ..blank(f)
            })
        });
        let mut axes = [NONE; 3];
        for ((look, id), (codes, list)) in axes.iter_mut().zip(f.looks).zip(self.axes.iter_mut().zip(&mut self.axes_of)) {
            if id != 0 {
                *look = code(codes, list, id, || id);
            }
        }
        let looks = if axes == [NONE; 3] { NONE } else { code(&mut self.looks, &mut self.looks_of, axes, || axes) };
        let interval =
            f.pmi.filter(|_| f.kind.is_remains()).map(|pmi| code(&mut self.intervals, &mut self.intervals_of, pmi, || interval_points(pmi)));
        let mut has = 0_u16;
        let mut flag = |field: usize, yes: bool| has |= u16::from(yes) << field;
        flag(field::NAME, !f.forms.is_empty());
        flag(field::ALIAS, f.forms.is_empty() && !f.aliases.is_empty());
        for (i, items) in f.items.iter().enumerate() {
            flag(field::ITEMS + i, !items.is_empty());
        }
        flag(field::PHONE, !f.phones.is_empty());
        flag(field::DOCUMENT, !f.documents.is_empty());
        flag(field::COMPANION, !f.companions.is_empty());
        flag(field::RESIDENCE, !f.residence.is_empty());
        if let Some((given, surnames)) = name_parts(f) {
            // More than three count as three: less to clash with.
            let bits = |n: usize| u16::try_from(n.min(3)).unwrap_or(0);
            has |= field::PARSED | (bits(given) << 2 | bits(surnames)) << field::SHAPE;
        }
        let row = Row {
            region: self.region(f),
            birth: f.known_birth().map_or(NONE, |b| birth::class(&b)),
            sex_nations,
            has,
            stature: stature.unwrap_or(NONE),
            looks,
            group,
        };
        (row, Moment { event: f.event_day().unwrap_or(i32::MIN), interval: interval.unwrap_or(NONE) })
    }

    fn region(&mut self, f: &Features) -> u16 {
        let key = match &f.place {
            Some(place) => {
                // Vague places say nothing of a journey; they lie apart, so that what is said of a region holds for all of it.
                (true, place.cell.0, place.cell.1, u32::from(place.radius_km > VAGUE_KM), f.country)
            }
            None => (false, 0, 0, f.place_name, f.country),
        };
        let region = || Region {
            place: f.place,
            reach_km: 0.0,
            radius_km: 0.0,
            place_name: if f.place.is_some() { 0 } else { f.place_name },
            country: f.country,
        };
        let number = code(&mut self.regions, &mut self.regions_of, key, region);
        let Some(region) = self.regions_of.get_mut(usize::from(number)) else { return MANY };
        if let (Some(centre), Some(place)) = (&region.place, &f.place) {
            region.reach_km = region.reach_km.max(chord_km(&centre.unit, &place.unit));
            region.radius_km = region.radius_km.max(place.radius_km);
        }
        number
    }
}

/// Distinct numbers of a kind (telephones by their last eight digits, documents whole) with the rows that carry them, found also with one
/// character wrong, missing, extra or swapped.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    ids: HashMap<Box<str>, u32>,
    pub texts: Vec<Box<str>>,
    pub rows: Vec<Vec<u32>>,
    parts: FxHashMap<u64, Vec<u32>>,
}

/// Keys of the parts of a number of `length` characters that one slip leaves whole: what is before the middle, what is after it, and both
/// without the two characters beside the middle, for a swap of these.
fn parts(text: &str, length: usize) -> impl Iterator<Item = u64> + '_ {
    let middle = length / 2;
    let key = |part: u8, a: &str, b: &str| {
        let mut hasher = DefaultHasher::new();
        (part, length, a, b).hash(&mut hasher);
        hasher.finish()
    };
    let head = text.get(..middle).map(|a| key(0, a, ""));
    let tail = text.len().checked_sub(length - middle).and_then(|from| text.get(from..)).map(|b| key(1, b, ""));
    let both = (text.len() == length).then(|| Some(key(2, text.get(..middle.checked_sub(1)?)?, text.get(middle + 1..)?))).flatten();
    [head, tail, both].into_iter().flatten()
}

impl Numbers {
    fn put(&mut self, text: &str, slot: u32) {
        let id = match self.ids.get(text) {
            Some(id) => *id,
            None => {
                let id = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
                self.ids.insert(text.into(), id);
                self.texts.push(text.into());
                self.rows.push(Vec::new());
                for part in parts(text, text.len()) {
                    self.parts.entry(part).or_default().push(id);
                }
                id
            }
        };
        self.rows[id as usize].push(slot);
    }

    fn take(&mut self, text: &str, slot: u32) {
        if let Some(id) = self.ids.get(text) {
            drop_from(&mut self.rows[*id as usize], slot);
        }
    }

    /// The numbers that are this one or may be one slip away, by their place in `texts`.
    pub fn like(&self, text: &str) -> Vec<u32> {
        let mut out: Vec<u32> = self.ids.get(text).copied().into_iter().collect();
        for length in [text.len().saturating_sub(1), text.len(), text.len() + 1] {
            for part in parts(text, length) {
                out.extend(self.parts.get(&part).into_iter().flatten());
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// The distinct items of one field with the rows that carry them.
#[derive(Debug, Default)]
pub(super) struct Items {
    ids: FxHashMap<Item, u32>,
    pub items: Vec<Item>,
    pub rows: Vec<Vec<u32>>,
    pub by_kind: FxHashMap<u32, Vec<u32>>,
}

impl Items {
    fn put(&mut self, item: Item, slot: u32) {
        let id = match self.ids.get(&item) {
            Some(id) => *id,
            None => {
                let id = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
                self.ids.insert(item, id);
                self.items.push(item);
                self.rows.push(Vec::new());
                self.by_kind.entry(item.kind).or_default().push(id);
                id
            }
        };
        self.rows[id as usize].push(slot);
    }

    fn take(&mut self, item: Item, slot: u32) {
        if let Some(id) = self.ids.get(&item) {
            drop_from(&mut self.rows[*id as usize], slot);
        }
    }
}

fn drop_from(rows: &mut Vec<u32>, slot: u32) {
    if let Some(at) = rows.iter().position(|s| *s == slot) {
        rows.swap_remove(at);
    }
}

/// The index of one side.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub groups: Vec<Group>,
    group_of: FxHashMap<GroupKey, u32>,
    /// By slot. Rows of one group lie side by side when they came in one load.
    pub rows: Vec<Row>,
    pub moments: Vec<Moment>,
    /// By token.
    by_token: Vec<Vec<u32>>,
    by_companion: FxHashMap<TokenId, Vec<u32>>,
    by_residence: FxHashMap<TokenId, Vec<u32>>,
    pub items: [Items; 4],
    pub phones: Numbers,
    pub documents: Numbers,
    by_birth_day: FxHashMap<i32, Vec<u32>>,
    /// Bits of the days of birth there ever were, one for days 2^16 apart: most days that a slip makes of one are nobody's.
    seen_days: Vec<u64>,
    /// First and last day of birth there ever was.
    birth_days: Option<(i32, i32)>,
    /// By class.
    pub births: Vec<Births>,
}

/// Words of [`Index::seen_days`].
const DAY_WORDS: usize = 1 << 10;

/// The word of a day, and its bit there.
fn day_bit(day: i32) -> (usize, u64) {
    let at = day.rem_euclid(1 << 16).unsigned_abs() as usize;
    (at / 64, 1 << (at % 64))
}

/// The part of a telephone number that is compared.
pub(super) fn phone_key(number: &str) -> &str {
    number.get(number.len().saturating_sub(8)..).unwrap_or(number)
}

/// How many given names and surnames a name has; `None` where it can be read in several ways, or has more than is compared.
pub(super) fn name_parts(f: &Features) -> Option<(usize, usize)> {
    let [form] = f.forms.as_slice() else { return None };
    let count = |holds: fn(&TokenRole) -> bool| form.tokens.iter().filter(|t| holds(&t.1)).count();
    let (given, surnames) = (count(|role| *role == TokenRole::Given), count(|role| role.is_surname()));
    let whole = given + surnames == form.tokens.len() && form.tokens.len() + f.aliases.len() <= WIDEST;
    (whole && !form.guessed).then_some((given, surnames))
}

/// Lists without repetition, each entry once per row.
fn distinct<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort_unstable();
    list.dedup();
    list
}

fn companion_tokens(f: &Features) -> Vec<TokenId> {
    distinct(f.companions.iter().flatten().copied().collect())
}

fn phone_keys(f: &Features) -> Vec<&str> {
    distinct(f.phones.iter().map(|n| phone_key(n)).collect())
}

impl Index {
    /// Days outside which nobody is born; the first after the last where no day of birth is known.
    pub fn birth_days(&self) -> (i32, i32) {
        self.birth_days.unwrap_or((0, -1))
    }

    /// The rows of those born on a day.
    pub fn rows_of_birth_day(&self, day: i32) -> Option<&Vec<u32>> {
        let (word, bit) = day_bit(day);
        let seen = self.seen_days.get(word).is_some_and(|days| days & bit != 0);
        if seen { self.by_birth_day.get(&day) } else { None }
    }

    pub fn rows_of_token(&self, token: TokenId) -> &[u32] {
        self.by_token.get(token as usize).map_or(&[], Vec::as_slice)
    }

    pub fn rows_of_companion(&self, token: TokenId) -> &[u32] {
        self.by_companion.get(&token).map_or(&[], Vec::as_slice)
    }

    pub fn rows_of_residence(&self, part: TokenId) -> &[u32] {
        self.by_residence.get(&part).map_or(&[], Vec::as_slice)
    }

    pub fn put(&mut self, model: &Model, codes: &mut Codes, f: &Features, slot: u32) {
        for token in f.distinct_tokens() {
            if self.by_token.len() <= token as usize {
                self.by_token.resize_with(token as usize + 1, Vec::new);
            }
            self.by_token[token as usize].push(slot);
        }
        for token in companion_tokens(f) {
            self.by_companion.entry(token).or_default().push(slot);
        }
        for part in &f.residence {
            self.by_residence.entry(*part).or_default().push(slot);
        }
        for (field, items) in f.items.iter().enumerate() {
            for item in distinct(items.clone()) {
                self.items[field].put(item, slot);
            }
        }
        for number in phone_keys(f) {
            self.phones.put(number, slot);
        }
        for number in &f.documents {
            self.documents.put(number, slot);
        }
        if let Some(b) = f.known_birth().filter(|b| b.from == b.to) {
            self.by_birth_day.entry(b.from).or_default().push(slot);
            let (word, bit) = day_bit(b.from);
            self.seen_days.resize(DAY_WORDS, 0);
            self.seen_days[word] |= bit;
            self.birth_days = Some(self.birth_days.map_or((b.from, b.from), |(first, last)| (first.min(b.from), last.max(b.from))));
        }
        if let Some((b, class)) = f.known_birth().map(|b| (b, usize::from(birth::class(&b)))) {
            self.births.resize(birth::CLASSES, Births::default());
            self.births[class].put(&model.birth, &b);
        }
        let key = GroupKey::of_features(f);
        let next = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        let number = *self.group_of.entry(key).or_insert(next);
        if number == next {
            let days = (key.bucket != i32::MIN).then(|| (key.bucket * STRETCH, key.bucket * STRETCH + STRETCH - 1));
            self.groups.push(Group { kind: key.kind, days, since_death: (u32::MAX, 0) });
        }
        let group = &mut self.groups[number as usize];
        if let Some((min, max)) = f.pmi {
            group.since_death = (group.since_death.0.min(min), group.since_death.1.max(max));
        }
        let (row, moment) = codes.row(f, number);
        if self.rows.len() <= slot as usize {
            self.rows.resize(slot as usize + 1, Row { group: NO_GROUP, ..row });
            self.moments.resize(slot as usize + 1, moment);
        }
        self.rows[slot as usize] = row;
        self.moments[slot as usize] = moment;
    }

    pub fn take(&mut self, f: &Features, slot: u32) {
        for token in f.distinct_tokens() {
            if let Some(rows) = self.by_token.get_mut(token as usize) {
                drop_from(rows, slot);
            }
        }
        for token in companion_tokens(f) {
            if let Some(rows) = self.by_companion.get_mut(&token) {
                drop_from(rows, slot);
            }
        }
        for part in &f.residence {
            if let Some(rows) = self.by_residence.get_mut(part) {
                drop_from(rows, slot);
            }
        }
        for (field, items) in f.items.iter().enumerate() {
            for item in distinct(items.clone()) {
                self.items[field].take(item, slot);
            }
        }
        for number in phone_keys(f) {
            self.phones.take(number, slot);
        }
        for number in &f.documents {
            self.documents.take(number, slot);
        }
        if let Some(rows) = f.known_birth().filter(|b| b.from == b.to).and_then(|b| self.by_birth_day.get_mut(&b.from)) {
            drop_from(rows, slot);
        }
        if let Some(births) = f.known_birth().and_then(|b| self.births.get_mut(usize::from(birth::class(&b)))) {
            births.count = births.count.saturating_sub(1);
        }
        self.rows[slot as usize].group = NO_GROUP;
    }
}
