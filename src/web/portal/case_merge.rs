//! Two people corrected the same case: what only one of them touched is taken from that one; where both did, the typed text stays and the
//! stored one is shown beside it. Nothing is lost and nothing is undone unseen.

use super::forms::Fields;
use super::page::Page;

/// A part of the form that two people changed differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conflict {
    /// The part, as [`part_of`] names it.
    pub part: String,
    /// The values that are stored now.
    pub now: Vec<(String, String)>,
    /// The values that were typed.
    pub typed: Vec<(String, String)>,
}

/// The part of the form that a field belongs to: a date, a place and the journey are changed as a whole.
fn part_of(name: &str) -> &str {
    const PLACE: [&str; 6] = ["place", "country", "admin1", "lat", "lon", "precision"];
    if name == "legs" || name.strip_prefix("leg").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        return "journey";
    }
    if name.starts_with("who-") {
        return "inquirer";
    }
    match name.rsplit_once('-') {
        Some((date, "day" | "month" | "year")) => date,
        Some(("contact", part)) if PLACE.contains(&part) => "contact-place",
        _ => name,
    }
}

/// The values of a part, blanks left out; the count of legs is no value.
fn values(fields: &Fields, part: &str) -> Vec<(String, String)> {
    let mut values: Vec<(String, String)> = fields
        .0
        .iter()
        .filter(|(name, value)| part_of(name) == part && name != "legs" && !value.trim().is_empty())
        .map(|(name, value)| (name.clone(), value.trim().replace("\r\n", "\n")))
        .collect();
    values.sort();
    values
}

/// Puts together what was read (`base`), what is stored now and what was typed.
pub(super) fn merge(base: &Fields, now: &Fields, typed: &Fields) -> (Fields, Vec<Conflict>) {
    let mut parts: Vec<&str> = now.0.iter().chain(&base.0).map(|(name, _)| part_of(name)).collect();
    parts.sort_unstable();
    parts.dedup();
    let (mut merged, mut conflicts) = (typed.clone(), Vec::new());
    for part in parts {
        let (was, is, mine) = (values(base, part), values(now, part), values(typed, part));
        if mine == was && is != was {
            merged.0.retain(|(name, _)| part_of(name) != part);
            merged.0.extend(now.0.iter().filter(|(name, _)| part_of(name) == part).cloned());
        } else if is != was && is != mine {
            conflicts.push(Conflict { part: part.to_owned(), now: is, typed: mine });
        }
    }
    (merged, conflicts)
}

/// A conflict in words.
#[derive(Debug, Clone)]
pub(super) struct Clash {
    pub field: String,
    pub now: String,
    pub typed: String,
}

fn part_name(p: &Page, part: &str) -> String {
    let key = match part {
        "given" => "intake-given-names",
        "surname1" => "intake-first-surname",
        "surname2" => "intake-second-surname",
        "said" => "desk-said",
        "names" => "intake-aliases",
        "birth" => "intake-birth",
        "age-from" => "intake-age-from",
        "age-to" => "intake-age-to",
        "height-from" => "found-height-from",
        "height-to" => "found-height-to",
        "contact-on" => "intake-last-contact",
        "contact-place" => "intake-last-place",
        "contact-means" => "desk-means",
        "contact-transport" => "desk-transport",
        "circumstances" => "desk-circumstances",
        "destination-country" | "destination-place" => "intake-destination",
        "origin-country" => "desk-origin",
        "transit" => "desk-transit",
        "risks" => "desk-risks",
        "inquirer" => "intake-inquirer",
        "journey" => "desk-journey",
        "phones" => "field-phone",
        "documents" => "field-document",
        other if other.starts_with("absent-") => "desk-absent",
        other => return p.word("field", other),
    };
    p.t(key)
}

fn words(p: &Page, values: &[(String, String)]) -> String {
    let words: Vec<String> = values
        .iter()
        .map(|(name, value)| match name.rsplit('-').next().unwrap_or(name) {
            "sex" => p.word("sex", value),
            "country" | "nationality" | "transit" => p.country(value),
            "risks" => p.word("risk", value),
            "relation" => p.word("kin", value),
            "language" => p.word("spoken", value),
            "precision" => p.word("place-precision", value),
            "means" => p.word("means", value),
            "transport" => p.word("transport", value),
            "certainty" => p.word("certainty", value),
            "kind" => p.word("leg-kind", value),
            "month" => p.t(&format!("month-{}", value.trim_start_matches('0'))),
            _ if name.starts_with("absent-") => p.word("absent", value),
            _ => value.clone(),
        })
        .collect();
    if words.is_empty() { p.t("desk-nothing") } else { words.join(", ") }
}

/// The conflicts in words.
pub(super) fn clashes(p: &Page, conflicts: &[Conflict]) -> Vec<Clash> {
    conflicts.iter().map(|c| Clash { field: part_name(p, &c.part), now: words(p, &c.now), typed: words(p, &c.typed) }).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_one_person_touched_is_taken_and_what_both_touched_stays_typed_and_is_shown() {
        let read = |text: &str| Fields::read(text).unwrap();
        let base = read("given=Ana&surname1=Lara&marks=lunar&birth-year=1990&eyes=");
        let now = read("given=Ana&surname1=Larra&marks=lunar%0Acicatriz&birth-year=1990&eyes=brown");
        let typed = read("csrf=x&given=Ana+Mar%C3%ADa&surname1=Laura&marks=lunar&birth-year=1991&eyes=");
        let (merged, conflicts) = merge(&base, &now, &typed);
        assert_eq!(merged.get("given"), "Ana María");
        assert_eq!(merged.get("marks"), "lunar\ncicatriz");
        assert_eq!(merged.get("eyes"), "brown");
        assert_eq!(merged.get("birth-year"), "1991");
        assert_eq!(merged.get("surname1"), "Laura");
        assert_eq!(merged.get("csrf"), "x");
        assert_eq!(conflicts.len(), 1);
        assert_eq!((conflicts[0].part.as_str(), conflicts[0].now[0].1.as_str()), ("surname1", "Larra"));
    }

    #[test]
    fn a_date_and_the_journey_are_parts_as_a_whole() {
        let read = |text: &str| Fields::read(text).unwrap();
        let base = read("legs=2&leg0-place=Tecun&leg0-kind=departure&birth-day=1&birth-month=2&birth-year=1990");
        let now = read("legs=3&leg0-place=Tecun&leg0-kind=departure&leg1-place=Tapachula&birth-day=1&birth-month=2&birth-year=1990");
        let (merged, conflicts) = merge(&base, &now, &base);
        assert_eq!((merged.get("leg1-place"), merged.get("legs")), ("Tapachula", "3"));
        assert!(conflicts.is_empty());
        let typed = read("legs=2&leg0-place=Ayutla&leg0-kind=departure&birth-day=&birth-month=2&birth-year=1990");
        let (merged, conflicts) = merge(&base, &now, &typed);
        assert_eq!(merged.get("leg0-place"), "Ayutla");
        assert_eq!(merged.get("birth-day"), "");
        assert_eq!(conflicts.iter().map(|c| c.part.as_str()).collect::<Vec<_>>(), ["journey"]);
    }
}
