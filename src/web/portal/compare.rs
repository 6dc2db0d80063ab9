//! Two records side by side: both values of every field as far as each side is shared, and how they compare in words.

use super::charts;
use super::page::Page;
use crate::domain::dates::PartialDate;
use crate::domain::disclosure::Sight;
use crate::domain::person::{Description, Item};
use crate::domain::place::Place;
use crate::services::cases::CaseView;
use crate::services::found::FoundView;
use crate::services::hypotheses::SeenEvidence;
use std::collections::HashMap;

/// One field of both sides.
#[derive(Debug, Clone)]
pub struct CompareRow {
    /// Name of the field.
    pub field: String,
    /// Value of the left record; a hypothesis' case.
    pub left: String,
    /// Value of the right record; a hypothesis' found record.
    pub right: String,
    /// Tone of the badge.
    pub tone: &'static str,
    /// Shape of the badge.
    pub mark: &'static str,
    /// How they compare, in words.
    pub outcome: String,
    /// What exactly was found, in words; may be empty.
    pub level: String,
    /// Its weight in decibans with its sign; empty when it was not compared.
    pub weight: String,
    /// How many agree as well by chance, in words; may be empty.
    pub chance: String,
    /// Whether they differ.
    pub differs: bool,
}

/// The compared fields, in the order they are read, with the key of their names.
const FIELDS: &[&str] = &[
    "name",
    "birth",
    "sex",
    "nationality",
    "stature",
    "build",
    "hair",
    "eyes",
    "marks",
    "dental",
    "medical",
    "clothing",
    "belongings",
    "phone",
    "document",
    "companions",
    "place_time",
];

/// Name of a compared field.
#[must_use]
pub fn field_name(p: &Page, field: &str) -> String {
    p.word("field", field)
}

/// Tone and shape of an outcome: words carry the meaning, shape and colour help.
#[must_use]
pub fn outcome_look(comparison: &str) -> (&'static str, &'static str) {
    match comparison {
        "agree" => ("teal", "dot"),
        "partial" => ("teal", "half"),
        "explainable" => ("honey", "triangle"),
        "disagree" => ("brick", "cross"),
        "reserved" => ("plain", "square"),
        _ => ("plain", "ring"),
    }
}

/// Tone and shape of a band of strength.
#[must_use]
pub fn band_look(band: &str) -> (&'static str, &'static str) {
    match band {
        "very_strong" => ("violet", "diamond"),
        "strong" => ("violet", "dot"),
        "moderate" => ("honey", "half"),
        _ => ("plain", "ring"),
    }
}

/// What a level of comparison says beyond its outcome; empty for a level without a text of its own.
#[must_use]
pub fn level_text(p: &Page, level: &str) -> String {
    p.language.level(level)
}

/// A place in words; empty when nothing is known.
#[must_use]
pub fn place_text(p: &Page, place: &Place) -> String {
    let country = place.country.as_deref().map(|c| p.country(c));
    let mut parts: Vec<String> = Vec::new();
    for part in [place.name.clone(), place.admin1.clone(), country].into_iter().flatten() {
        if !part.is_empty() && !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join(", ")
}

/// Items in words.
#[must_use]
pub fn items_text(items: &[Item]) -> String {
    items.iter().map(|i| i.text.trim()).filter(|t| !t.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Birth or age in words; empty when neither is known.
#[must_use]
pub fn birth_text(p: &Page, person: &Description) -> String {
    let age = match (person.age_min, person.age_max) {
        (Some(min), Some(max)) if min != max => p.t2("review-age-range", "min", min, "max", max),
        (Some(age), _) | (None, Some(age)) => p.t1("review-age-one", "min", age),
        (None, None) => String::new(),
    };
    let born = person.birth.map(|b| p.t1("review-born", "when", p.partial(b))).unwrap_or_default();
    [born, age].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Stature in words; empty when not known.
#[must_use]
pub fn stature_text(p: &Page, person: &Description) -> String {
    let cm = |h: f32| format!("{h:.0}");
    match (person.height_min_cm, person.height_max_cm) {
        (Some(min), Some(max)) if cm(min) != cm(max) => p.t2("review-stature-range", "min", cm(min), "max", cm(max)),
        (Some(h), _) | (None, Some(h)) => p.t1("review-stature-one", "min", cm(h)),
        (None, None) => String::new(),
    }
}

/// A field of a description in words; empty when it says nothing.
#[must_use]
pub fn value(p: &Page, field: &str, person: &Description, place: Option<&Place>, when: Option<PartialDate>) -> String {
    let word = |family: &str, text: &Option<String>| text.as_deref().filter(|t| !t.is_empty()).map(|t| p.word(family, t)).unwrap_or_default();
    match field {
        "name" => person.names.iter().map(crate::domain::person::PersonName::text).filter(|t| !t.is_empty()).collect::<Vec<_>>().join("; "),
        "birth" => birth_text(p, person),
        "sex" => person.sex.map(|s| p.word("sex", s.as_str())).unwrap_or_default(),
        "nationality" => p.countries(&person.nationalities),
        "stature" => stature_text(p, person),
        "build" => word("build", &person.build),
        "hair" => word("hair", &person.hair_color),
        "eyes" => word("eyes", &person.eye_color),
        "marks" => items_text(&person.marks),
        "dental" => items_text(&person.dental),
        "medical" => items_text(&person.medical),
        "clothing" => items_text(&person.clothing),
        "belongings" => items_text(&person.belongings),
        "phone" => person.phones.join("; "),
        "document" => person.documents.join("; "),
        "companions" => person.companions.join("; "),
        "place_time" => {
            let place = place.map(|place| place_text(p, place)).unwrap_or_default();
            let when = when.map(|w| p.partial(w)).unwrap_or_default();
            match (place.is_empty(), when.is_empty()) {
                (false, false) => p.t2("review-place-when", "place", place, "when", when),
                _ => place + &when,
            }
        }
        _ => String::new(),
    }
}

/// One side of a comparison, cut as its reader may see it; nothing of it without a sight.
#[derive(Debug, Clone, Copy, Default)]
pub struct Side<'a> {
    /// What may be seen.
    pub sight: Option<&'a Sight>,
    /// The person.
    pub person: Option<&'a Description>,
    /// Where last seen or found.
    pub place: Option<&'a Place>,
    /// When.
    pub when: Option<PartialDate>,
}

impl<'a> From<&'a CaseView> for Side<'a> {
    fn from(view: &'a CaseView) -> Self {
        let contact = view.last_contact.as_ref();
        Self { sight: Some(&view.sight), person: Some(&view.person), place: contact.map(|c| &c.place), when: contact.and_then(|c| c.at) }
    }
}

impl<'a> From<&'a FoundView> for Side<'a> {
    fn from(view: &'a FoundView) -> Self {
        Self { sight: Some(&view.sight), person: Some(&view.person), place: view.place.as_ref(), when: view.found_at }
    }
}

impl Side<'_> {
    /// A field in words; `None` where it is not shared.
    fn value(&self, p: &Page, field: &str) -> Option<String> {
        let nobody = Description::default();
        let covered = self.sight.is_some_and(|s| s.covers_field(field));
        covered.then(|| value(p, field, self.person.unwrap_or(&nobody), self.place, self.when))
    }
}

/// The two sides of a pair as far as this reader may see them, and their evidence, cut the same way.
pub(super) struct Sides<'a> {
    /// The left record; a hypothesis' case.
    pub left: Side<'a>,
    /// The right record; a hypothesis' found record.
    pub right: Side<'a>,
    /// The evidence.
    pub evidence: &'a [SeenEvidence],
}

impl Sides<'_> {
    /// Both values of a field: `None` where a side does not share it, empty where it says nothing.
    fn values(&self, p: &Page, field: &str) -> [Option<String>; 2] {
        [self.left.value(p, field), self.right.value(p, field)]
    }

    pub(super) fn evidence_of(&self, field: &str) -> Option<&SeenEvidence> {
        self.evidence.iter().find(|e| same_field(e, field))
    }
}

/// A probability as so many in a hundred; never all and never none, as a score identifies nobody.
pub(super) fn in_hundred(p: &Page, probability: f64) -> String {
    match (probability * 100.0).round() {
        n if n < 1.0 => p.t("together-under-one"),
        n if n > 99.0 => p.t("together-over-99"),
        n => format!("{n:.0}"),
    }
}

fn shown(p: &Page, value: &Option<String>) -> String {
    match value {
        None => p.t("review-reserved"),
        Some(text) if text.is_empty() => p.t("review-unknown"),
        Some(text) => text.clone(),
    }
}

/// The rows of a pair, weightiest first; `weights` are the weights as told, by field. Left out are fields that neither side has and those that
/// [`lacking`] lists; one that a side does not share is shown as reserved.
#[must_use]
pub(super) fn rows(p: &Page, sides: &Sides<'_>, weights: &HashMap<String, String>) -> Vec<CompareRow> {
    let mut rows: Vec<(Option<f64>, CompareRow)> = FIELDS
        .iter()
        .filter_map(|field| {
            let [left, right] = sides.values(p, field);
            let evidence = sides.evidence_of(field);
            let nothing = [&left, &right].into_iter().all(|v| v.as_ref().is_none_or(String::is_empty));
            if nothing || evidence.is_some_and(|e| e.lacking.is_some()) {
                return None;
            }
            let comparison = match evidence {
                _ if left.is_none() || right.is_none() => "reserved",
                Some(e) => e.comparison.as_str(),
                None => "not_comparable",
            };
            let compared = evidence.filter(|_| !matches!(comparison, "reserved" | "not_comparable"));
            let (tone, mark) = outcome_look(comparison);
            let outcome = if comparison == "reserved" { p.t("review-reserved") } else { p.word("outcome", comparison) };
            let row = CompareRow {
                field: field_name(p, field),
                left: shown(p, &left),
                right: shown(p, &right),
                tone,
                mark,
                outcome,
                level: compared.map(|e| level_text(p, &e.level)).unwrap_or_default(),
                weight: compared.map(|e| weights.get(&e.field).cloned().unwrap_or_else(|| charts::signed(0))).unwrap_or_default(),
                chance: compared.and_then(|e| e.frequency).map(|share| p.language.chance(field, share)).unwrap_or_default(),
                differs: comparison == "disagree",
            };
            Some((compared.map(|e| e.log10_lr), row))
        })
        .collect();
    // Stable: what weighs nothing stays in the order it is read.
    rows.sort_by(|a, b| b.0.unwrap_or(f64::NEG_INFINITY).total_cmp(&a.0.unwrap_or(f64::NEG_INFINITY)));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// A field that could not be compared.
#[derive(Debug, Clone)]
pub struct LackingRow {
    /// Name of the field.
    pub field: String,
    /// Who does not tell it, in words.
    pub who: String,
    /// What the side that tells it says; empty when neither does.
    pub told: String,
    /// What it usually brings at most, in decibans with their unit; empty when not known.
    pub worth: String,
}

/// What could not be compared, worth most first: what to ask the family, the finder or the laboratory next.
#[must_use]
pub(super) fn lacking(p: &Page, sides: &Sides<'_>) -> Vec<LackingRow> {
    let mut rows: Vec<(f64, LackingRow)> = sides
        .evidence
        .iter()
        .filter_map(|e| {
            // What neither tells and nobody's register holds is no question to ask.
            let who = e.lacking.as_deref().filter(|who| *who != "both" || e.worth.is_some())?;
            let told = sides.values(p, &e.field).into_iter().flatten().filter(|v| !v.is_empty()).collect::<Vec<_>>().join("; ");
            let worth = e.worth.map(|w| p.t1("lacking-decibans", "n", format!("{:+.0}", w * 10.0))).unwrap_or_default();
            let row = LackingRow { field: field_name(p, &e.field), who: p.word("lacking", who), told, worth };
            Some((e.worth.unwrap_or(f64::NEG_INFINITY), row))
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn same_field(evidence: &SeenEvidence, field: &str) -> bool {
    evidence.field == field
        || (field == "birth" && evidence.field == "age")
        || (field == "place_time" && matches!(evidence.field.as_str(), "place" | "time"))
}
