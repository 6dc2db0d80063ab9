//! What a record becomes before comparison: numbers, tokens and concepts, compiled once.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};

use crate::domain::identity_document::{self, Holder};
use crate::geo::reach::{Cell, cell_centre, cell_of};

use super::lexicon::{Axis, ConceptId, Lexicon};
use super::record::{NameRole, PersonRecord, RecordKey, RecordKind, Scope, Sex, Side, WrittenName};
use super::text::{fold, number_form, unscan};
use super::tokens::{TokenId, Vocabulary};

/// Longest list of anything one record contributes; what is more is ignored, so that 500 marks cost no more than 24.
pub const MAX_LIST: usize = 24;
/// Most tokens of one name.
pub const MAX_TOKENS: usize = 8;

/// The part a token plays in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants say it")]
pub enum TokenRole {
    Given,
    FirstSurname,
    SecondSurname,
    Unknown,
    Alias,
}

impl TokenRole {
    /// True for either surname.
    #[must_use]
    pub const fn is_surname(self) -> bool {
        matches!(self, Self::FirstSurname | Self::SecondSurname)
    }
}

/// One name taken apart.
#[derive(Debug, Clone, Default)]
pub struct NameForm {
    /// Tokens with their roles, in the order written.
    pub tokens: Vec<(TokenId, TokenRole)>,
    /// True when the roles were guessed from unparsed text.
    pub guessed: bool,
}

/// A birth date or interval in days from the common era, both ends inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Birth {
    /// First possible day.
    pub from: i32,
    /// Last possible day.
    pub to: i32,
    /// How the edges are meant.
    pub source: BirthSource,
}

/// Where a birth interval comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BirthSource {
    /// Stated day, month or year.
    Stated,
    /// From an age told by the person or the family.
    Age,
    /// From an age estimated on remains or on a person who cannot tell.
    Estimated,
    /// From the number of an identity document, which may be another's.
    Document,
}

impl BirthSource {
    /// The source of its number, as `source as u8` gives it.
    #[must_use]
    pub const fn of(number: u8) -> Self {
        match number {
            0 => Self::Stated,
            1 => Self::Age,
            2 => Self::Estimated,
            _ => Self::Document,
        }
    }
}

/// One mark, tooth finding, garment or belonging. Free words are numbers above the lexicon's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Item {
    /// What it is.
    pub kind: u32,
    /// Motif, colour or another property.
    pub detail: u32,
    /// Where on the body.
    pub part: ConceptId,
    /// Left or right.
    pub side: ConceptId,
}

/// The fields that hold items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants say it")]
pub enum ItemField {
    Marks,
    Dental,
    Clothing,
    Belongings,
}

impl ItemField {
    /// All fields in the order of [`Features::items`].
    pub const ALL: [Self; 4] = [Self::Marks, Self::Dental, Self::Clothing, Self::Belongings];
}

/// A place as a unit vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Unit vector from the earth's centre.
    pub unit: [f32; 3],
    /// Radius of uncertainty (95 %), km.
    pub radius_km: f32,
    /// The cell of half a degree it lies in.
    pub cell: Cell,
}

impl Place {
    /// From degrees; `None` when outside the valid range.
    #[must_use]
    pub fn new(lat: f64, lon: f64, uncertainty_m: f64) -> Option<Self> {
        if !(lat.abs() <= 90.0 && lon.abs() <= 180.0) {
            return None;
        }
        let unit = unit_vector(lat, lon);
        #[expect(clippy::cast_possible_truncation, reason = "a radius")]
        let radius_km = if uncertainty_m.is_finite() { (uncertainty_m.max(0.0) / 1000.0) as f32 } else { 0.0 };
        Some(Self::at(unit, radius_km))
    }

    /// At a point of the unit sphere.
    #[must_use]
    pub fn at(unit: [f32; 3], radius_km: f32) -> Self {
        Self { unit, radius_km, cell: cell_of(unit.map(f64::from)) }
    }

    /// The unit vector of the middle of a cell.
    #[must_use]
    pub fn cell_centre(cell: Cell) -> [f32; 3] {
        #[expect(clippy::cast_possible_truncation, reason = "single precision is 1 m on the globe")]
        cell_centre(cell).map(|x| x as f32)
    }

    /// Great-circle distance, km, from the chord (mean radius 6371.009 km).
    #[must_use]
    pub fn distance_km(&self, other: &Self) -> f32 {
        chord_km(&self.unit, &other.unit)
    }
}

fn unit_vector(lat: f64, lon: f64) -> [f32; 3] {
    let (phi, lambda) = (lat.to_radians(), lon.to_radians());
    #[expect(clippy::cast_possible_truncation, reason = "single precision is 1 m on the globe")]
    let unit = [(phi.cos() * lambda.cos()) as f32, (phi.cos() * lambda.sin()) as f32, phi.sin() as f32];
    unit
}

/// Great-circle distance between unit vectors, km.
#[must_use]
pub fn chord_km(a: &[f32; 3], b: &[f32; 3]) -> f32 {
    let (x, y, z) = (a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    let half = 0.5 * (x * x + y * y + z * z).sqrt();
    2.0 * 6371.009 * half.min(1.0).asin()
}

/// A record ready for comparison. About 400 bytes and its lists.
#[derive(Debug, Clone)]
pub struct Features {
    /// The record's key.
    pub key: RecordKey,
    /// Its side.
    pub side: Side,
    /// Its kind.
    pub kind: RecordKind,
    /// Whose it is.
    pub scope: Scope,
    /// Full names, best first.
    pub forms: Vec<NameForm>,
    /// Tokens of nicknames.
    pub aliases: Vec<TokenId>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Nation slots; the first counts for frequencies.
    pub nations: Vec<u16>,
    /// Stated birth, or from age when nothing was stated.
    pub birth: Option<Birth>,
    /// Birth that a document's number tells, where it tells more of it than the record.
    pub holder_birth: Option<Birth>,
    /// Nations that documents' numbers tell, where the record tells none.
    pub holder_nations: Vec<u16>,
    /// Stature range, cm.
    pub stature: Option<(f32, f32)>,
    /// Build, hair and eyes concepts; 0 when not said or not understood.
    pub looks: [ConceptId; 3],
    /// Marks, dental, clothing, belongings.
    pub items: [Vec<Item>; 4],
    /// Telephone numbers: digits.
    pub phones: Vec<Box<str>>,
    /// Document numbers.
    pub documents: Vec<Box<str>>,
    /// Tokens of each companion's name.
    pub companions: Vec<Vec<TokenId>>,
    /// Parts of the home address or community, as tokens of their own vocabulary.
    pub residence: Vec<TokenId>,
    /// Place as given.
    pub place: Option<Place>,
    /// Slot of the place's words with its country; 0 when not given.
    pub place_name: u32,
    /// Country slot; 0 when not given.
    pub country: u16,
    /// Event interval, days from the common era.
    pub event: Option<(i32, i32)>,
    /// Days between death and finding.
    pub pmi: Option<(u32, u32)>,
}

impl Features {
    /// Features of a record of which nothing is known.
    #[must_use]
    pub fn blank(key: RecordKey, side: Side, kind: RecordKind) -> Self {
        Self {
            key,
            side,
            kind,
            scope: Scope::default(),
            forms: Vec::new(),
            aliases: Vec::new(),
            sex: None,
            nations: Vec::new(),
            birth: None,
            holder_birth: None,
            holder_nations: Vec::new(),
            stature: None,
            looks: [0; 3],
            items: Default::default(),
            phones: Vec::new(),
            documents: Vec::new(),
            companions: Vec::new(),
            residence: Vec::new(),
            place: None,
            place_name: 0,
            country: 0,
            event: None,
            pmi: None,
        }
    }

    /// The middle of the event interval, days from the common era.
    #[must_use]
    pub fn event_day(&self) -> Option<i32> {
        self.event.map(middle)
    }

    /// Distinct tokens of all names (not of companions).
    #[must_use]
    pub fn distinct_tokens(&self) -> Vec<TokenId> {
        let mut out: Vec<TokenId> = self.forms.iter().flat_map(|f| f.tokens.iter().map(|t| t.0)).chain(self.aliases.iter().copied()).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The nation whose frequencies apply; 0 when not known.
    #[must_use]
    pub fn nation(&self) -> u16 {
        self.nations.first().copied().unwrap_or(0)
    }

    /// What is known best of the birth: a document's number may tell more of it than the record does.
    #[must_use]
    pub fn known_birth(&self) -> Option<Birth> {
        self.holder_birth.or(self.birth)
    }

    /// The nations of the record or, where it tells none, of documents' numbers.
    #[must_use]
    pub fn known_nations(&self) -> &[u16] {
        if self.nations.is_empty() { &self.holder_nations } else { &self.nations }
    }

    /// Age in years on the day of the event, from the middle of the birth interval.
    #[must_use]
    pub fn age_years(&self) -> Option<f64> {
        let birth = self.birth?;
        Some((f64::from(self.event_day()?) - f64::midpoint(f64::from(birth.from), f64::from(birth.to))) / 365.25)
    }
}

/// Numbers for words that files and databases write as text; given in order of arrival.
#[derive(Debug, Default)]
pub struct Slots {
    by_text: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Slots {
    /// The slot of a text, from 1, new if needed.
    pub fn slot(&mut self, text: &str) -> u32 {
        if let Some(&slot) = self.by_text.get(text) {
            return slot;
        }
        self.texts.push(text.into());
        let slot = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.by_text.insert(text.into(), slot);
        slot
    }

    /// The slot of a known text.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<u32> {
        self.by_text.get(text).copied()
    }
}

/// Compiles records into features and keeps the numbering of everything they name.
#[derive(Debug)]
pub struct Compiler {
    /// The words known.
    pub lexicon: Lexicon,
    /// Name tokens.
    pub vocabulary: Vocabulary,
    /// Parts of addresses.
    pub residences: Vocabulary,
    /// Nations and countries by ISO code.
    pub nations: Slots,
    /// Place names with country.
    pub places: Slots,
    words: Slots,
}

impl Compiler {
    /// A compiler with nothing seen yet.
    #[must_use]
    pub fn new(lexicon: Lexicon) -> Self {
        Self {
            lexicon,
            vocabulary: Vocabulary::default(),
            residences: Vocabulary::default(),
            nations: Slots::default(),
            places: Slots::default(),
            words: Slots::default(),
        }
    }

    /// Compiles one record. Cost: about 20 us.
    pub fn compile(&mut self, record: &PersonRecord) -> Features {
        let mut forms = Vec::new();
        let mut aliases = Vec::new();
        for name in record.names.iter().take(MAX_LIST) {
            let form = self.name_form(name);
            if form.tokens.is_empty() {
                continue;
            }
            if name.role == NameRole::Alias {
                aliases.extend(form.tokens.iter().map(|t| t.0));
            } else {
                forms.push(form);
            }
        }
        aliases.truncate(MAX_TOKENS);
        forms.truncate(4);
        let nations: Vec<u16> = record.nationalities.iter().filter_map(|n| self.nation_slot(n)).take(4).collect();
        let birth = record
            .birth
            .filter(|b| b.from <= b.to)
            .map(|b| Birth { from: b.from.num_days_from_ce(), to: b.to.num_days_from_ce(), source: BirthSource::Stated })
            .or_else(|| record.age.and_then(|a| birth_of_age(a.min_years, a.max_years, a.at, record.kind)));
        let documents = numbers(&record.documents, false);
        let at = record.event.map(|e| e.to);
        let holders: Vec<Holder> = documents.iter().filter_map(|number| identity_document::holder(number, at)).collect();
        let days = |b: &Birth| b.to - b.from;
        let births = holders.iter().filter_map(|h| h.birth);
        let mut births: Vec<Birth> = births
            .map(|(from, to)| Birth { from: from.num_days_from_ce(), to: to.num_days_from_ce(), source: BirthSource::Document })
            .filter(|of_document| birth.is_none_or(|own| days(&own) > days(of_document) && may_be_own(&own, of_document)))
            .collect();
        births.sort_by_key(days);
        // Two documents that tell as much and not the same tell nothing.
        let holder_birth = match births.as_slice() {
            [one, other, ..] if one != other && days(one) == days(other) => None,
            births => births.first().copied(),
        };
        let mut holder_nations = Vec::new();
        if nations.is_empty() {
            holder_nations.extend(holders.iter().filter_map(|h| h.nationality).filter_map(|n| self.nation_slot(n)));
            holder_nations.sort_unstable();
            holder_nations.dedup();
        }
        let looks = [(Axis::Build, &record.build), (Axis::Hair, &record.hair), (Axis::Eyes, &record.eyes)]
            .map(|(axis, text)| text.as_deref().map_or(0, |t| self.lexicon.category(axis, t)));
        let items = [
            self.items(&record.marks, &[Axis::Mark, Axis::Part, Axis::Side, Axis::Motif]),
            self.items(&record.dental, &[Axis::Dental, Axis::Side]),
            self.items(&record.clothing, &[Axis::Garment, Axis::Colour]),
            self.items(&record.belongings, &[Axis::Belonging, Axis::Colour, Axis::Motif]),
        ];
        let companions = record.companions.iter().take(MAX_LIST).map(|c| self.tokens(c)).filter(|t| !t.is_empty()).collect();
        let residence = self.residence(&record.residence);
        let country = record.country.as_deref().and_then(|c| self.nation_slot(c)).unwrap_or(0);
        let place_name =
            record.place_text.as_deref().map(fold).filter(|t| !t.is_empty()).map_or(0, |t| self.places.slot(&format!("{country}/{t}")));
        Features {
            key: record.key,
            side: record.side,
            kind: record.kind,
            scope: record.scope,
            forms,
            aliases,
            sex: record.sex,
            nations,
            birth,
            holder_birth,
            holder_nations,
            stature: record.stature_cm.filter(|(lo, hi)| lo <= hi && *lo >= 30 && *hi <= 250).map(|(lo, hi)| (f32::from(lo), f32::from(hi))),
            looks,
            items,
            phones: numbers(&record.phones, true),
            documents,
            companions,
            residence,
            place: record.position.and_then(|p| Place::new(p.lat, p.lon, p.uncertainty_m)),
            place_name,
            country,
            event: event(record),
            pmi: since_death(record),
        }
    }

    fn nation_slot(&mut self, code: &str) -> Option<u16> {
        let code = number_form(code);
        if code.is_empty() { None } else { u16::try_from(self.nations.slot(&code)).ok() }
    }

    /// Folded tokens of a name without particles and without marks of "not known".
    fn tokens(&mut self, text: &str) -> Vec<TokenId> {
        let folded = fold(text);
        let words: Vec<&str> = folded.split(' ').filter(|w| !w.is_empty()).take(MAX_TOKENS * 2).collect();
        let mut out = Vec::new();
        for word in &words {
            if (words.len() > 1 && self.lexicon.is_particle(word)) || self.lexicon.is_unknown_marker(word) {
                continue;
            }
            if let Some(letters) = unscan(word) {
                out.push(self.vocabulary.intern(&letters.chars().take(32).collect::<String>(), &self.lexicon));
            }
        }
        out
    }

    /// Distinct folded parts of an address.
    fn residence(&mut self, parts: &[String]) -> Vec<TokenId> {
        let mut out: Vec<TokenId> = parts
            .iter()
            .take(MAX_LIST)
            .map(|part| fold(part))
            .filter(|part| !part.is_empty())
            .map(|part| self.residences.intern(&part.chars().take(48).collect::<String>(), &self.lexicon))
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Takes a written name apart; roles of unparsed text are guessed from commas and the number of tokens.
    fn name_form(&mut self, name: &WrittenName) -> NameForm {
        let mut form = NameForm::default();
        for (text, role) in
            [(&name.given, TokenRole::Given), (&name.first_surname, TokenRole::FirstSurname), (&name.second_surname, TokenRole::SecondSurname)]
        {
            if let Some(text) = text {
                form.tokens.extend(self.tokens(text).into_iter().map(|t| (t, role)));
            }
        }
        if form.tokens.is_empty()
            && let Some(full) = &name.full_text
        {
            form.guessed = true;
            if let Some((surnames, given)) = full.split_once(',') {
                for (i, token) in self.tokens(surnames).into_iter().enumerate() {
                    form.tokens.push((token, if i == 0 { TokenRole::FirstSurname } else { TokenRole::SecondSurname }));
                }
                form.tokens.extend(self.tokens(given).into_iter().map(|t| (t, TokenRole::Given)));
            } else {
                let tokens = self.tokens(full);
                let n = tokens.len();
                for (i, token) in tokens.into_iter().enumerate() {
                    let role = match (n, i) {
                        (1, _) => TokenRole::Unknown,
                        (2, 1) => TokenRole::FirstSurname,
                        (3, 1) => TokenRole::Unknown,
                        (3, 2) => TokenRole::Unknown,
                        _ if i == 0 => TokenRole::Given,
                        _ if i + 1 == n => TokenRole::SecondSurname,
                        _ if i + 2 == n => TokenRole::FirstSurname,
                        _ => TokenRole::Given,
                    };
                    form.tokens.push((token, role));
                }
            }
        }
        form.tokens.truncate(MAX_TOKENS);
        form
    }

    /// Items of a field: what each text names on the axes; words nobody explains stand in for the kind or the detail.
    fn items(&mut self, texts: &[String], axes: &[Axis]) -> Vec<Item> {
        const FREE: u32 = 1 << 16;
        let mut out = Vec::new();
        for text in texts.iter().take(MAX_LIST) {
            let (found, rest) = self.lexicon.scan(axes, text);
            let mut item = Item::default();
            for (axis, id) in found {
                match axis {
                    Axis::Part if item.part == 0 => item.part = id,
                    Axis::Side if item.side == 0 => item.side = id,
                    Axis::Motif | Axis::Colour if item.detail == 0 => item.detail = u32::from(id),
                    Axis::Part | Axis::Side | Axis::Motif | Axis::Colour => {}
                    _ if item.kind == 0 => item.kind = u32::from(id),
                    _ => {}
                }
            }
            let mut rest = rest.into_iter().map(|w| w.chars().take(6).collect::<String>());
            if item.kind == 0 {
                item.kind = rest.next().map_or(0, |w| FREE + self.words.slot(&w));
                if item.kind == 0 && item.detail != 0 {
                    item.kind = item.detail;
                    item.detail = 0;
                }
            }
            if item.detail == 0 {
                item.detail = rest.next().map_or(0, |w| FREE + self.words.slot(&w));
            }
            if item.kind != 0 {
                out.push(item);
            }
        }
        out
    }
}

/// The middle of an interval of days.
#[must_use]
pub const fn middle((from, to): (i32, i32)) -> i32 {
    from + (to - from) / 2
}

/// When a record's event was, days from the common era; `None` where its interval ends before it begins.
#[must_use]
pub fn event(record: &PersonRecord) -> Option<(i32, i32)> {
    record.event.filter(|e| e.from <= e.to).map(|e| (e.from.num_days_from_ce(), e.to.num_days_from_ce()))
}

/// The stated time since death, days; `None` where its longest is below its shortest.
#[must_use]
pub fn since_death(record: &PersonRecord) -> Option<(u32, u32)> {
    record.pmi.filter(|p| p.min_days <= p.max_days).map(|p| (p.min_days, p.max_days))
}

/// Numbers long enough to mean something; telephones by digits only.
fn numbers(texts: &[String], digits_only: bool) -> Vec<Box<str>> {
    let mut out: Vec<Box<str>> = texts
        .iter()
        .take(MAX_LIST)
        .map(|t| number_form(t))
        .map(|t| if digits_only { t.chars().filter(char::is_ascii_digit).collect() } else { t })
        .filter(|t: &String| t.len() >= 5 && t.bytes().any(|b| b != t.as_bytes()[0]))
        .map(String::into_boxed_str)
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// False when a document's holder was born so far from what the record tells of the birth that the document must be another's.
fn may_be_own(own: &Birth, of_document: &Birth) -> bool {
    // Years by which a stated year, a told age and an age estimated on remains may be wrong.
    let years = match own.source {
        BirthSource::Stated | BirthSource::Document => 2,
        BirthSource::Age => 5,
        BirthSource::Estimated => 12,
    };
    (own.from.saturating_sub(of_document.to)).max(of_document.from.saturating_sub(own.to)) <= years * 365
}

/// Birth interval of someone aged `min..=max` completed years on a day.
fn birth_of_age(min: u16, max: u16, at: NaiveDate, kind: RecordKind) -> Option<Birth> {
    if min > max || max > 130 {
        return None;
    }
    let from = at.with_day(1)?.with_year(at.year() - i32::from(max) - 1)?.with_day(at.day().min(28))?;
    let to = at.with_day(1)?.with_year(at.year() - i32::from(min))?.with_day(at.day().min(28))?;
    let source = if kind.is_remains() || kind == RecordKind::Hospital { BirthSource::Estimated } else { BirthSource::Age };
    Some(Birth { from: from.num_days_from_ce() + 1, to: to.num_days_from_ce(), source })
}
