//! The report of a missing person as a form: reading it, filling it from what is held, and finding the field of a fault.

use super::case_fill::put_place_fields;
use super::case_views::{ABSENT_FIELDS, leg_place};
use super::forms::{Choice, Errors, FieldError, Fields, fault_text};
use super::i18n::Lang;
use super::person_form::{self, PersonChoices, countries};
use crate::db::cases::{LastContact, LegRow};
use crate::db::places::PlaceRow;
use crate::domain::case::Risk;
use crate::domain::dates::{DatePrecision, PartialDate};
use crate::domain::known::Absent;
use crate::domain::person::{Description, NameKind, PersonName};
use crate::domain::place::{Place, PlacePrecision};
use crate::domain::violations::Violations;
use crate::services::cases::{Inquirer, Itinerary, Leg};
use chrono::NaiveDate;

/// How a last contact was made, transport, kinds of a leg, kin, risks: the words of the trade (domain.md, V-lists).
const MEANS: [&str; 6] = ["call", "message", "in_person", "social_network", "remittance", "third_party"];
const TRANSPORT: [&str; 10] =
    ["walking", "bus", "lorry_container", "car", "motorcycle", "train_freight", "boat", "river_raft", "plane", "unknown"];
const LEG_KINDS: [&str; 4] = ["departure", "contact", "sighting", "planned"];
const CERTAINTIES: [&str; 4] = ["confirmed", "reported", "estimated", "unknown"];
/// Kinship of whoever searches.
pub(super) const KIN: [&str; 16] = [
    "mother",
    "father",
    "daughter",
    "son",
    "sister",
    "brother",
    "wife",
    "husband",
    "partner",
    "grandmother",
    "grandfather",
    "aunt",
    "uncle",
    "cousin",
    "other_family",
    "other_nonfamily",
];
const CHANNELS: [&str; 7] = ["office", "consulate", "association", "phone", "whatsapp", "sms", "ex_officio"];
/// Languages that are spoken with families.
pub(super) const SPOKEN: [&str; 10] = ["es", "en", "fr", "ht", "pt", "quc", "mam", "kek", "cab", "other"];
const MOST_LEGS: usize = 40;
/// Countries that people cross, from south to north.
const TRANSIT: [&str; 10] = ["COL", "PAN", "CRI", "NIC", "HND", "SLV", "GTM", "BLZ", "MEX", "USA"];

/// A place with its way into the gazetteer.
#[derive(Debug, Clone, Default)]
pub(super) struct PlaceForm {
    /// What its fields' names begin with.
    pub prefix: String,
    pub countries: Vec<Choice>,
    pub precisions: Vec<Choice>,
    /// Places of the gazetteer to choose from.
    pub matches: Vec<Choice>,
    /// Whether it was asked and nothing was found.
    pub none_found: bool,
}

impl PlaceForm {
    fn of(lang: Lang, typed: &Fields, prefix: &str) -> Self {
        let precisions: Vec<&str> = PlacePrecision::ALL.iter().map(|w| w.as_str()).collect();
        Self {
            countries: countries(lang, typed.get(&format!("{prefix}-country"))),
            precisions: Choice::words(lang, "place-precision", &precisions, &[typed.get(&format!("{prefix}-precision"))]),
            prefix: prefix.to_owned(),
            ..Self::default()
        }
    }

    /// Offers places of the gazetteer.
    pub fn offer(&mut self, lang: Lang, rows: &[PlaceRow]) {
        self.none_found = rows.is_empty();
        self.matches = rows.iter().map(|row| place_choice(lang, row)).collect();
    }
}

/// The gazetteer's division when it is a name; some countries' are only numbers or letters of a list.
fn division(row: &PlaceRow) -> Option<String> {
    row.admin1.clone().filter(|name| name.chars().any(char::is_lowercase))
}

/// A place of the gazetteer, told apart from others of its name by where it lies.
fn place_choice(lang: Lang, row: &PlaceRow) -> Choice {
    let label = [Some(row.name.clone()), division(row), Some(lang.country(&row.country))].into_iter().flatten().collect::<Vec<_>>().join(", ");
    Choice::new(row.id.to_string(), format!("{label} ({:.1}, {:.1})", row.lat, row.lon), false)
}

/// One leg of the journey.
#[derive(Debug, Clone, Default)]
pub(super) struct LegForm {
    pub prefix: String,
    pub number: usize,
    pub kinds: Vec<Choice>,
    pub transports: Vec<Choice>,
    pub certainties: Vec<Choice>,
    pub place: PlaceForm,
}

impl LegForm {
    fn of(lang: Lang, typed: &Fields, index: usize) -> Self {
        let prefix = format!("leg{index}");
        let words = |family: &str, all: &[&str], name: &str| Choice::words(lang, family, all, &[typed.get(&format!("{prefix}-{name}"))]);
        Self {
            number: index + 1,
            kinds: words("leg-kind", &LEG_KINDS, "kind"),
            transports: words("transport", &TRANSPORT, "transport"),
            certainties: words("certainty", &CERTAINTIES, "certainty"),
            place: PlaceForm::of(lang, typed, &prefix),
            prefix,
        }
    }
}

/// What the parts of a report let choose.
#[derive(Debug, Clone)]
pub(super) struct ReportChoices {
    pub person: PersonChoices,
    pub contact: PlaceForm,
    pub means: Vec<Choice>,
    pub transports: Vec<Choice>,
    pub legs: Vec<LegForm>,
    pub destinations: Vec<Choice>,
    pub kin: Vec<Choice>,
    pub languages: Vec<Choice>,
    pub report_languages: Vec<Choice>,
    pub risks: Vec<Choice>,
    pub channels: Vec<Choice>,
    pub origins: Vec<Choice>,
    pub transit: Vec<Choice>,
    pub absent: Vec<AbsentForm>,
}

/// The countries that people cross, and those held beside them.
fn transit_choices(lang: Lang, typed: &Fields) -> Vec<Choice> {
    let held = typed.all("transit").into_iter().filter(|c| c.len() == 3 && !TRANSIT.contains(c));
    TRANSIT.into_iter().chain(held).map(|c| Choice::new(c, lang.country(c), typed.ticked("transit", c))).collect()
}

/// Why a field is blank, to choose from.
#[derive(Debug, Clone, Default)]
pub(super) struct AbsentForm {
    pub name: String,
    pub label: String,
    pub whys: Vec<Choice>,
}

fn absent_forms(lang: Lang, typed: &Fields) -> Vec<AbsentForm> {
    let words: Vec<&str> = Absent::ALL.iter().map(|a| a.as_str()).collect();
    ABSENT_FIELDS
        .iter()
        .map(|(field, key)| {
            let name = format!("absent-{key}");
            AbsentForm { label: lang.word("field", field), whys: Choice::words(lang, "absent", &words, &[typed.get(&name)]), name }
        })
        .collect()
}

impl ReportChoices {
    pub fn of(lang: Lang, typed: &Fields) -> Self {
        let words = |family: &str, all: &[&str], name: &str| Choice::words(lang, family, all, &[typed.get(name)]);
        Self {
            person: PersonChoices::of(lang, typed),
            contact: PlaceForm::of(lang, typed, "contact"),
            means: words("means", &MEANS, "contact-means"),
            transports: words("transport", &TRANSPORT, "contact-transport"),
            legs: (0..leg_count(typed)).map(|i| LegForm::of(lang, typed, i)).collect(),
            destinations: countries(lang, typed.get("destination-country")),
            kin: words("kin", &KIN, "who-relation"),
            languages: words("spoken", &SPOKEN, "who-language"),
            report_languages: words("spoken", &SPOKEN, "report-language"),
            risks: Choice::words(lang, "risk", &Risk::ALL.iter().map(|r| r.as_str()).collect::<Vec<_>>(), &typed.all("risks")),
            channels: words("channel", &CHANNELS, "channel"),
            origins: countries(lang, typed.get("origin-country")),
            transit: transit_choices(lang, typed),
            absent: absent_forms(lang, typed),
        }
    }

    /// The place whose fields begin with a prefix.
    pub fn place_mut(&mut self, prefix: &str) -> Option<&mut PlaceForm> {
        if prefix == "contact" { Some(&mut self.contact) } else { self.legs.iter_mut().map(|l| &mut l.place).find(|p| p.prefix == prefix) }
    }
}

/// How many legs the form shows.
pub(super) fn leg_count(typed: &Fields) -> usize {
    typed.get("legs").parse().unwrap_or(1usize).clamp(1, MOST_LEGS)
}

/// Reads the person: the name in its parts or as said, the birth, and what any described person has.
pub(super) fn person(lang: Lang, typed: &Fields, was: &Description, as_of: NaiveDate, errors: &mut Errors) -> Description {
    let mut person = person_form::read(lang, typed, was, as_of, errors);
    for other in &mut person.names {
        if other.kind == NameKind::AsRecorded && !was.names.contains(other) {
            other.kind = NameKind::Alias;
        }
    }
    let mut first = PersonName {
        kind: was.names.first().map_or(NameKind::Legal, |n| n.kind),
        given_names: typed.opt("given"),
        first_surname: typed.opt("surname1"),
        second_surname: typed.opt("surname2"),
        full_text: typed.get("said").to_owned(),
    };
    if !first.text().is_empty() {
        // What was said stays as said; without it the name is what its parts are now.
        first.full_text = first.text();
        person.names.insert(0, first);
    }
    person.birth = date(lang, typed, "birth", was.birth, errors);
    for (_, key) in ABSENT_FIELDS {
        match typed.word::<Absent>(lang, &format!("absent-{key}"), errors) {
            Some(why) => person.absent.insert(key.to_owned(), why),
            None => person.absent.remove(key),
        };
    }
    person
}

/// A date whose fields may lack a day or month; one that the fields cannot show (a range) stays while they are blank.
fn date(lang: Lang, typed: &Fields, name: &str, was: Option<PartialDate>, errors: &mut Errors) -> Option<PartialDate> {
    typed.partial_date(lang, name, errors).or_else(|| was.filter(|d| d.precision == DatePrecision::Range))
}

/// Reads a place. `was` are the places that are held: a radius that was recorded holds as long as position and precision do.
fn place(lang: Lang, typed: &Fields, prefix: &str, was: &[Place], errors: &mut Errors) -> Place {
    let name = |part: &str| format!("{prefix}-{part}");
    let mut place = Place {
        name: typed.opt(&name("place")),
        country: typed.opt(&name("country")),
        admin1: typed.opt(&name("admin1")),
        lat: typed.number(lang, &name("lat"), errors),
        lon: typed.number(lang, &name("lon"), errors),
        uncertainty_m: None,
        precision: typed.word(lang, &name("precision"), errors),
    };
    if let Some(was) = was.iter().find(|w| w.position() == place.position() && w.precision == place.precision) {
        place.uncertainty_m = was.uncertainty_m;
    }
    place
}

/// Writes a chosen place of the gazetteer into the form's fields, with the precision of a town unless one is stated.
pub(super) fn take_place(typed: &mut Fields, prefix: &str, row: &PlaceRow) {
    let precision = typed.opt(&format!("{prefix}-precision")).and_then(|w| w.parse().ok());
    let place = Place {
        name: Some(row.name.clone()),
        country: Some(row.country.clone()),
        admin1: division(row),
        lat: Some(row.lat),
        lon: Some(row.lon),
        uncertainty_m: None,
        precision: precision.or(Some(PlacePrecision::Municipality)),
    };
    for part in ["place", "admin1", "country", "lat", "lon", "precision", "pick"] {
        typed.0.retain(|(name, _)| *name != format!("{prefix}-{part}"));
    }
    put_place_fields(typed, prefix, &place);
}

/// Reads the last contact.
pub(super) fn contact(lang: Lang, typed: &Fields, was: &LastContact, errors: &mut Errors) -> LastContact {
    LastContact {
        at: date(lang, typed, "contact-on", was.at, errors),
        means: typed.opt("contact-means"),
        place: place(lang, typed, "contact", std::slice::from_ref(&was.place), errors),
        transport: typed.opt("contact-transport"),
        circumstances: typed.opt("circumstances"),
    }
}

/// Reads the journey, with the number of the form's leg for each: blank legs are none. `was` is the journey that is held.
pub(super) fn journey(lang: Lang, typed: &Fields, was: &[LegRow], errors: &mut Errors) -> Vec<(usize, Leg)> {
    let held: Vec<Place> = was.iter().map(leg_place).collect();
    let mut legs = Vec::new();
    for i in 0..leg_count(typed) {
        let name = |part: &str| format!("leg{i}-{part}");
        let leg = Leg {
            kind: typed.get(&name("kind")).to_owned(),
            place: place(lang, typed, &format!("leg{i}"), &held, errors),
            at: typed.partial_date(lang, &name("on"), errors),
            transport: typed.opt(&name("transport")),
            certainty: typed.opt(&name("certainty")),
        };
        if !leg.kind.is_empty() || !leg.place.is_empty() || leg.at.is_some() || leg.transport.is_some() {
            legs.push((i, leg));
        }
    }
    legs
}

/// Reads the risks that are feared.
pub(super) fn risks(typed: &Fields) -> Vec<String> {
    typed.all("risks").into_iter().map(str::to_owned).collect()
}

/// Reads where the person came from, crossed and was going.
pub(super) fn itinerary(typed: &Fields) -> Itinerary {
    Itinerary {
        origin_country: typed.opt("origin-country"),
        transit_countries: typed.all("transit").into_iter().map(str::to_owned).collect(),
        destination_country: typed.opt("destination-country"),
        destination_place: typed.opt("destination-place"),
    }
}

/// Reads who searches; `None` when nothing of it was written.
pub(super) fn inquirer(typed: &Fields) -> Option<Inquirer> {
    let any = ["who-name", "who-relation", "who-phone", "who-email", "who-safe"].iter().any(|n| !typed.get(n).is_empty());
    any.then(|| Inquirer {
        name: typed.get("who-name").to_owned(),
        relation: typed.get("who-relation").to_owned(),
        phone: typed.opt("who-phone"),
        email: typed.opt("who-email"),
        language: typed.opt("who-language"),
        safe_to_call: typed.opt("who-safe"),
    })
}

fn place_field(prefix: &str, part: &str) -> String {
    match part {
        "name" => format!("{prefix}-place"),
        "uncertainty_m" => format!("{prefix}-precision"),
        other => format!("{prefix}-{other}"),
    }
}

/// The form's field for a place in the report's faults; `legs` are the form's numbers of the journey's legs.
pub(super) fn field_of(pointer: &str, legs: &[usize]) -> String {
    let parts: Vec<&str> = pointer.trim_start_matches('/').split('/').collect();
    match *parts.as_slice() {
        ["person", "birth", ..] => "birth".to_owned(),
        ["person", "names", "0"] => "given".to_owned(),
        ["person", ..] => person_form::field_of(pointer).unwrap_or_default().to_owned(),
        ["last_contact", "place", part] => place_field("contact", part),
        ["last_contact", "at"] => "contact-on".to_owned(),
        ["last_contact", "circumstances"] => "circumstances".to_owned(),
        ["last_contact", part] => format!("contact-{part}"),
        ["journey", i, ref rest @ ..] => {
            let prefix = format!("leg{}", i.parse::<usize>().ok().and_then(|i| legs.get(i).copied()).unwrap_or(0));
            match *rest {
                ["place", part] => place_field(&prefix, part),
                [part, ..] => format!("{prefix}-{part}"),
                [] => prefix,
            }
        }
        ["inquirer", "safe_to_call"] => "who-safe".to_owned(),
        ["inquirer", part] => format!("who-{part}"),
        ["destination_country"] => "destination-country".to_owned(),
        ["origin_country"] => "origin-country".to_owned(),
        ["transit_countries", ..] => "transit".to_owned(),
        ["report_date"] => "reported".to_owned(),
        ["destination_place"] => "destination-place".to_owned(),
        ["external_id"] => "external-id".to_owned(),
        ["consent", "language"] => "consent-language".to_owned(),
        ["consent", "explained_by"] => "explained-by".to_owned(),
        ["consent", "granted_by"] => "granted-by".to_owned(),
        ["reason"] => "why".to_owned(),
        _ => String::new(),
    }
}

/// Puts the faults of a report on the form's fields.
pub(super) fn put_faults(lang: Lang, faults: &Violations, legs: &[usize], errors: &mut Errors) {
    for fault in &faults.0 {
        let error = FieldError { field: field_of(&fault.pointer, legs), text: fault_text(lang, fault) };
        if !errors.0.contains(&error) {
            errors.0.push(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::case_fill::filled_person;
    use super::*;

    #[test]
    fn a_person_filled_into_the_form_and_read_back_changes_nothing() {
        let person_held = Description {
            names: vec![
                PersonName {
                    kind: NameKind::Legal,
                    given_names: Some("Xiomara".to_owned()),
                    first_surname: Some("Zelaya".to_owned()),
                    second_surname: None,
                    full_text: "Xiomara Zelaya".to_owned(),
                },
                PersonName {
                    kind: NameKind::Nickname,
                    given_names: None,
                    first_surname: None,
                    second_surname: None,
                    full_text: "Xio".to_owned(),
                },
            ],
            birth: "1994-03".parse().ok(),
            nationalities: vec!["HND".to_owned()],
            ..Description::default()
        };
        let mut errors = Errors::default();
        let read = person(Lang::Es, &filled_person(&person_held), &person_held, NaiveDate::default(), &mut errors);
        assert_eq!(read, person_held);
        assert!(errors.is_empty());
        let mut corrected = filled_person(&person_held);
        corrected.0.iter_mut().filter(|(name, _)| name == "surname1").for_each(|(_, value)| "Celaya".clone_into(value));
        let read = person(Lang::Es, &corrected, &person_held, NaiveDate::default(), &mut errors);
        assert_eq!(read.display_name().as_deref(), Some("Xiomara Celaya"));
        let range = Description { birth: "1990-01-01/1992-12-31".parse().ok(), ..person_held };
        assert_eq!(person(Lang::Es, &filled_person(&range), &range, NaiveDate::default(), &mut errors).birth, range.birth);
    }

    #[test]
    fn a_fault_of_the_journey_leads_to_the_leg_it_was_typed_in() {
        assert_eq!(field_of("/journey/0/place/lat", &[2]), "leg2-lat");
        assert_eq!(field_of("/last_contact/place/name", &[]), "contact-place");
        assert_eq!(field_of("/person/marks/3", &[]), "marks");
        assert_eq!(field_of("/inquirer/relation", &[]), "who-relation");
    }
}
