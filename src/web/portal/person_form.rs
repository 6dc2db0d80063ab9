//! The described person of a found record as a form: reading it, and filling it from what is held. What a form has no field for stays as it was.

use super::forms::{Choice, Errors, Fields};
use super::i18n::Lang;
use crate::domain::person::{Description, Item, NameKind, PersonName, Sex};
use chrono::NaiveDate;

/// Countries to choose from: those of the corridors first, the others by name.
const NEAR: &[&str] = &["HND", "GTM", "SLV", "NIC", "MEX", "USA"];
const FAR: &[&str] = &[
    "AGO", "ARG", "BGD", "BLZ", "BOL", "BRA", "CAN", "CHL", "CHN", "CMR", "COD", "COG", "COL", "CRI", "CUB", "DOM", "DZA", "ECU", "ERI", "ESP",
    "ETH", "GHA", "GIN", "GMB", "GUY", "HTI", "IND", "JAM", "MAR", "MLI", "MRT", "NER", "NGA", "NPL", "PAK", "PAN", "PER", "PRI", "PRY", "SEN",
    "SOM", "SUR", "SYR", "TUR", "URY", "VEN",
];

/// The countries, with the chosen one.
pub(super) fn countries(lang: Lang, chosen: &str) -> Vec<Choice> {
    let choice = |code: &&str| Choice::new(*code, lang.country(code), *code == chosen);
    let mut far: Vec<Choice> = FAR.iter().map(choice).collect();
    far.sort_by_key(|c| crate::domain::person::search_form(&c.label));
    let mut all: Vec<Choice> = NEAR.iter().map(choice).collect();
    all.extend(far);
    if !chosen.is_empty() && !all.iter().any(|c| c.chosen) {
        all.push(Choice::new(chosen, lang.country(chosen), true));
    }
    all
}

/// What the person's part of the form lets choose.
#[derive(Debug, Clone)]
pub(super) struct PersonChoices {
    pub sexes: Vec<Choice>,
    pub nationalities: Vec<Choice>,
}

impl PersonChoices {
    pub fn of(lang: Lang, typed: &Fields) -> Self {
        let sexes: Vec<&str> = Sex::ALL.iter().map(|s| s.as_str()).collect();
        Self { sexes: Choice::words(lang, "sex", &sexes, &[typed.get("sex")]), nationalities: countries(lang, typed.get("nationality")) }
    }
}

type ItemList = (&'static str, fn(&mut Description) -> &mut Vec<Item>);
type TextList = (&'static str, fn(&mut Description) -> &mut Vec<String>);

const ITEMS: [ItemList; 5] = [
    ("marks", |d| &mut d.marks),
    ("dental", |d| &mut d.dental),
    ("medical", |d| &mut d.medical),
    ("clothing", |d| &mut d.clothing),
    ("belongings", |d| &mut d.belongings),
];
const TEXTS: [TextList; 3] = [("phones", |d| &mut d.phones), ("documents", |d| &mut d.documents), ("companions", |d| &mut d.companions)];

/// Reads the person. `was` is what is held: an entry whose words stay keeps what else is known of it. `as_of` is the day of the ages.
pub(super) fn read(lang: Lang, typed: &Fields, was: &Description, as_of: NaiveDate, errors: &mut Errors) -> Description {
    let mut person = was.clone();
    person.names = typed
        .lines("names")
        .into_iter()
        .map(|text| {
            let known = was.names.iter().find(|n| n.text() == text).cloned();
            known.unwrap_or(PersonName {
                kind: NameKind::AsRecorded,
                given_names: None,
                first_surname: None,
                second_surname: None,
                full_text: text,
            })
        })
        .collect();
    person.sex = typed.word(lang, "sex", errors);
    let nationality = typed.get("nationality");
    if was.nationalities.first().map_or("", String::as_str) != nationality {
        person.nationalities = typed.opt("nationality").into_iter().collect();
    }
    person.age_min = typed.number(lang, "age-from", errors);
    person.age_max = typed.number(lang, "age-to", errors);
    if (person.age_min, person.age_max) != (was.age_min, was.age_max) {
        person.age_as_of = Some(as_of).filter(|_| person.age_min.or(person.age_max).is_some());
    }
    person.height_min_cm = typed.number(lang, "height-from", errors);
    person.height_max_cm = typed.number(lang, "height-to", errors);
    for (name, value) in [("build", &mut person.build), ("hair", &mut person.hair_color), ("eyes", &mut person.eye_color)] {
        *value = typed.opt(name);
    }
    let mut held = was.clone();
    for (name, list) in ITEMS {
        let old = list(&mut held);
        *list(&mut person) = typed
            .lines(name)
            .into_iter()
            .map(|text| old.iter().find(|i| i.text.trim() == text).cloned().unwrap_or(Item { text, ..Item::default() }))
            .collect();
    }
    for (name, list) in TEXTS {
        *list(&mut person) = typed.lines(name);
    }
    person
}

/// The form filled with what is held.
pub(super) fn filled(person: &Description) -> Fields {
    let number = |n: Option<f32>| n.map(|n| n.to_string()).unwrap_or_default();
    let age = |n: Option<i16>| n.map(|n| n.to_string()).unwrap_or_default();
    let mut fields: Vec<(String, String)> = [
        ("names", person.names.iter().map(PersonName::text).collect::<Vec<_>>().join("\n")),
        ("sex", person.sex.map(|s| s.to_string()).unwrap_or_default()),
        ("nationality", person.nationalities.first().cloned().unwrap_or_default()),
        ("age-from", age(person.age_min)),
        ("age-to", age(person.age_max)),
        ("height-from", number(person.height_min_cm)),
        ("height-to", number(person.height_max_cm)),
        ("build", person.build.clone().unwrap_or_default()),
        ("hair", person.hair_color.clone().unwrap_or_default()),
        ("eyes", person.eye_color.clone().unwrap_or_default()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let mut held = person.clone();
    for (name, list) in ITEMS {
        fields.push((name.to_owned(), list(&mut held).iter().map(|i| i.text.trim().to_owned()).collect::<Vec<_>>().join("\n")));
    }
    for (name, list) in TEXTS {
        fields.push((name.to_owned(), list(&mut held).join("\n")));
    }
    Fields(fields)
}

/// The form's field for a place in the description's faults (`/person/marks/0` is `marks`).
pub(super) fn field_of(pointer: &str) -> Option<&'static str> {
    let part = pointer.strip_prefix("/person/")?.split('/').next()?;
    Some(match part {
        "names" => "names",
        "sex" => "sex",
        "nationalities" => "nationality",
        "age_min" => "age-from",
        "age_max" => "age-to",
        "height_min_cm" => "height-from",
        "height_max_cm" => "height-to",
        "build" => "build",
        "hair_color" => "hair",
        "eye_color" => "eyes",
        "marks" => "marks",
        "dental" => "dental",
        "medical" => "medical",
        "clothing" => "clothing",
        "belongings" => "belongings",
        "phones" => "phones",
        "documents" => "documents",
        "companions" => "companions",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_filled_from_a_person_and_read_back_changes_nothing() {
        let mut person = Description {
            names: vec![PersonName {
                kind: NameKind::Legal,
                given_names: Some("Xiomara".to_owned()),
                first_surname: Some("Zelaya".to_owned()),
                second_surname: None,
                full_text: String::new(),
            }],
            sex: Some(Sex::Female),
            nationalities: vec!["HND".to_owned(), "GTM".to_owned()],
            age_min: Some(20),
            age_max: Some(25),
            height_min_cm: Some(158.5),
            people: Some("lenca".to_owned()),
            marks: vec![Item { text: "rosa".to_owned(), kind: Some("tattoo".to_owned()), zone: None, side: Some("left".to_owned()) }],
            phones: vec!["+504 0000".to_owned()],
            ..Description::default()
        };
        let mut errors = Errors::default();
        let day = NaiveDate::default();
        let mut form = filled(&person);
        assert_eq!(read(Lang::Es, &form, &person, day, &mut errors), person);
        form.0.iter_mut().filter(|(n, _)| n == "marks").for_each(|(_, v)| v.push_str("\nlunar"));
        person.marks.push(Item { text: "lunar".to_owned(), ..Item::default() });
        let was = Description { marks: person.marks.iter().take(1).cloned().collect(), ..person.clone() };
        assert_eq!(read(Lang::Es, &form, &was, day, &mut errors), person);
        assert!(errors.is_empty());
    }
}
