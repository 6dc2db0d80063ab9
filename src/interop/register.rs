//! From rows of a file to what the services register.

use super::cases::{CaseRow, SourceCells};
use super::mmp::IncidentRow;
use super::person::{Item as ItemCells, PersonCells};
use super::place::PlaceCells;
use super::records::FoundRow;
use super::vocab::Coded;
use crate::db::cases::LastContact;
use crate::db::places::IncidentRow as IncidentRecord;
use crate::domain::case::IntakeChannel;
use crate::domain::dates::PartialDate;
use crate::domain::found::FoundKind;
use crate::domain::person::{Description, Item, NameKind, PersonName, Sex};
use crate::domain::place::{Place, PlacePrecision};
use crate::services::cases::{Inquirer, NewCase};
use crate::services::found::NewFound;
use crate::services::imports::batch::Extras;
use chrono::{DateTime, Utc};
use uuid::Uuid;

fn word(coded: Option<&Coded>) -> Option<String> {
    coded.map(|c| c.codes.first().map_or_else(|| c.verbatim.clone(), |code| (*code).to_owned()))
}

/// Hair, eyes and build keep the words of the file: the engine compares words of five languages.
fn verbatim(coded: Option<&Coded>) -> Option<String> {
    coded.map(|c| c.verbatim.clone())
}

fn items(cells: &[ItemCells]) -> Vec<Item> {
    cells.iter().map(|c| Item { text: c.text.clone(), ..Item::default() }).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "centimetres between 30 and 250")]
fn description(p: &PersonCells) -> Description {
    let parsed = p.given_names.is_some() || p.first_surname.is_some();
    let mut names = Vec::new();
    if parsed || p.full_name.is_some() {
        names.push(PersonName {
            kind: if parsed { NameKind::Legal } else { NameKind::AsRecorded },
            given_names: p.given_names.clone(),
            first_surname: p.first_surname.clone(),
            second_surname: p.second_surname.clone(),
            full_text: p.full_name.clone().unwrap_or_default(),
        });
    }
    names.extend(p.aliases.iter().map(|alias| PersonName {
        kind: NameKind::Alias,
        given_names: None,
        first_surname: None,
        second_surname: None,
        full_text: alias.clone(),
    }));
    Description {
        names,
        sex: p.sex.and_then(|s| s.parse::<Sex>().ok()),
        gender_identity: p.gender_identity.clone(),
        birth: p.birth.map(PartialDate::from),
        birth_place: p.birth_place.clone(),
        age_min: p.age_min.map(i16::from),
        age_max: p.age_max.map(i16::from),
        age_as_of: p.age_as_of.map(|d| d.to),
        nationalities: p.nationalities.iter().map(|n| (*n).to_owned()).collect(),
        languages: p.languages.clone(),
        people: p.people.clone(),
        height_min_cm: p.height_min_cm.map(|h| h as f32),
        height_max_cm: p.height_max_cm.map(|h| h as f32),
        height_method: None,
        build: verbatim(p.build.as_ref()),
        hair_color: verbatim(p.hair.as_ref()),
        eye_color: verbatim(p.eyes.as_ref()),
        marks: items(&p.marks),
        dental: items(&p.dental),
        medical: items(&p.medical),
        clothing: items(&p.clothing),
        belongings: items(&p.belongings),
        phones: p.phones.iter().map(|n| n.e164.clone().unwrap_or_else(|| n.raw.clone())).collect(),
        documents: p.documents.iter().map(|d| d.number.clone()).collect(),
        companions: p.companions.clone(),
        absent: std::collections::BTreeMap::new(),
    }
}

fn place(p: &PlaceCells) -> Place {
    Place {
        name: p.name.clone(),
        country: p.country.map(str::to_owned),
        admin1: p.admin1.clone(),
        lat: p.lat,
        lon: p.lon,
        uncertainty_m: p.uncertainty_m,
        precision: p.lat.map(|_| PlacePrecision::Described),
    }
}

/// A case as a file tells it. Consents are the caller's.
#[must_use]
pub fn new_case(row: &CaseRow, scheme: &str) -> NewCase {
    NewCase {
        external_id: Some(row.external_id.clone()),
        scheme: Some(row.scheme.clone().unwrap_or_else(|| scheme.to_owned())),
        channel: Some(IntakeChannel::Import),
        report_language: row.source.language.clone(),
        report_date: row.report_date.map(|d| d.from),
        person: description(&row.person),
        last_contact: LastContact {
            at: row.last_contact.map(PartialDate::from),
            means: word(row.last_contact_means.as_ref()),
            place: place(&row.last_contact_place),
            transport: word(row.transport.as_ref()),
            circumstances: row.circumstances.clone(),
        },
        origin_country: row.origin_country.map(str::to_owned),
        transit_countries: row.transit_countries.iter().map(|c| (*c).to_owned()).collect(),
        destination_country: row.destination_country.map(str::to_owned),
        destination_place: row.destination_place.clone(),
        inquirer: row.inquirer.name.as_ref().map(|name| Inquirer {
            name: name.clone(),
            relation: row.inquirer.relation.clone().unwrap_or_else(|| "other".to_owned()),
            phone: row.inquirer.phone.as_ref().map(|n| n.e164.clone().unwrap_or_else(|| n.raw.clone())),
            language: row.inquirer.language.clone(),
            ..Inquirer::default()
        }),
        ..NewCase::default()
    }
}

/// A found record as a file tells it; `None` for a kind no word stands for. Consents are the caller's.
#[must_use]
pub fn new_found(row: &FoundRow, scheme: &str) -> Option<NewFound> {
    let kind: FoundKind = row.kind.parse().ok()?;
    let remains = kind.is_remains();
    let days = |d: Option<u32>| d.filter(|_| remains).and_then(|d| i32::try_from(d).ok());
    Some(NewFound {
        kind,
        external_id: Some(row.external_id.clone()),
        scheme: Some(row.scheme.clone().unwrap_or_else(|| scheme.to_owned())),
        person: description(&row.person),
        found_at: row.found.map(PartialDate::from),
        place: place(&row.place),
        body_state: row.body_state.as_ref().filter(|_| remains).and_then(|b| b.codes.first()).and_then(|c| c.parse().ok()),
        pmi_min_days: days(row.pmi_days_min.or(row.pmi_days_max)),
        pmi_max_days: days(row.pmi_days_max.or(row.pmi_days_min)),
        wants_contact: row.wants_contact.as_ref().filter(|_| !remains).and_then(|w| w.codes.first()).and_then(|c| c.parse().ok()),
        held_at: row.burial_place.clone(),
        language: row.source.language.clone(),
        consent: None,
    })
}

/// An incident as its table's row. Doubtful coordinates are left out, so that it is not drawn where it was not.
#[must_use]
pub fn incident(row: &IncidentRow, id: Uuid, at: DateTime<Utc>) -> IncidentRecord {
    let count = |n: Option<u32>| n.and_then(|n| i32::try_from(n).ok());
    let sure = row.coordinate_doubt.is_none();
    IncidentRecord {
        id,
        scheme: "IOM_MMP".to_owned(),
        external_id: row.external_id.clone(),
        occurred_from: row.date.map(|d| d.from),
        occurred_to: row.date.map(|d| d.to),
        region: row.region.clone(),
        country: row.country.map(str::to_owned).or_else(|| row.country_text.clone()),
        place_text: row.place.clone(),
        lat: row.lat.filter(|_| sure),
        lon: row.lon.filter(|_| sure),
        dead: count(row.dead),
        missing: count(row.missing),
        survivors: count(row.survivors),
        females: count(row.females),
        males: count(row.males),
        children: count(row.children),
        cause: row.cause.clone(),
        cause_class: row.cause_class.to_owned(),
        route: row.route.clone(),
        source: row.source.clone(),
        source_quality: row.source_quality.map(i16::from),
        url: row.url.clone(),
        extras: serde_json::json!({}),
        created_at: at,
    }
}

/// Gathers what a row tells and the registry has no column for, under the file's header or the field's name: nothing is lost in silence.
struct Gather(Extras);

impl Gather {
    fn new(unknown: &[(String, String)]) -> Self {
        let mut gather = Self(Extras::new());
        for (header, value) in unknown {
            gather.put(header, Some(value));
        }
        gather
    }

    fn put(&mut self, field: &str, value: Option<impl ToString>) {
        let Some(value) = value.map(|v| v.to_string()).filter(|v| !v.is_empty()) else { return };
        self.0.entry(field.to_owned()).and_modify(|held| *held = format!("{held} | {value}")).or_insert(value);
    }

    fn all<T: ToString>(&mut self, field: &str, values: impl IntoIterator<Item = T>) {
        for value in values {
            self.put(field, Some(value));
        }
    }

    fn source(&mut self, source: &SourceCells) {
        self.put("source_name", source.name.as_ref());
        self.put("source_country", source.country);
        self.put("source_date", source.date);
        self.put("reliability", source.reliability.as_ref());
    }

    fn person(&mut self, person: &PersonCells) {
        self.all("document_kind", person.documents.iter().filter_map(|d| d.kind.as_ref()));
        // The registry keeps the day an age refers to; of a longer span, the file's words stay here.
        self.put("age_as_of", person.age_as_of.filter(|d| d.from != d.to));
    }
}

/// What a case row tells beyond [`new_case`].
#[must_use]
pub fn case_extras(row: &CaseRow) -> Extras {
    let mut extras = Gather::new(&row.extras);
    extras.person(&row.person);
    extras.source(&row.source);
    extras.put("departure_date", row.departure);
    extras.put("report_date", row.report_date.filter(|d| d.from != d.to));
    extras.put("last_contact_admin2", row.last_contact_place.admin2.as_ref());
    extras.put("corridor", row.corridor.as_ref());
    extras.put("event_group", row.event_group.as_ref());
    if row.inquirer.name.is_none() {
        extras.put("inquirer_relation", row.inquirer.relation.as_ref());
        extras.put("inquirer_phone", row.inquirer.phone.as_ref().map(|p| &p.raw));
    }
    if let Some(consent) = &row.consent {
        // Words of a file are no consent: somebody records one with them in hand.
        extras.all("consent_purposes", &consent.purposes);
        extras.all("consent_recipients", &consent.recipients);
        extras.put("consent_publication", consent.publication);
        extras.put("consent_date", consent.date);
        extras.put("consent_language", consent.language.as_ref());
    }
    extras.0
}

/// What a found-record row tells beyond [`new_found`].
#[must_use]
pub fn record_extras(row: &FoundRow) -> Extras {
    let mut extras = Gather::new(&row.extras);
    extras.person(&row.person);
    extras.source(&row.source);
    let remains = row.kind.parse::<FoundKind>().is_ok_and(FoundKind::is_remains);
    let texts = [
        ("authority", &row.authority),
        ("sex_method", &row.sex_method),
        ("age_method", &row.age_method),
        ("completeness", &row.completeness),
        ("cause_text", &row.cause_text),
        ("manner_text", &row.manner_text),
        ("plot", &row.plot),
        ("event_group", &row.event_group),
        ("dna_status", &row.dna_status),
        ("guardian_authority", &row.guardian_authority),
        ("admin2", &row.place.admin2),
    ];
    for (field, text) in texts {
        extras.put(field, text.as_ref());
    }
    if row.kind_verbatim.as_deref() != Some(row.kind) {
        extras.put("kind", row.kind_verbatim.as_ref());
    }
    extras.put("disposition", row.disposition.as_ref().map(|d| &d.verbatim));
    if !remains {
        extras.put("body_state", row.body_state.as_ref().map(|b| &b.verbatim));
        extras.put("pmi_days_min", row.pmi_days_min);
        extras.put("pmi_days_max", row.pmi_days_max);
    } else if row.body_state.as_ref().is_some_and(|b| b.codes.is_empty()) {
        extras.put("body_state", row.body_state.as_ref().map(|b| &b.verbatim));
    }
    extras.all("sample_codes", &row.sample_codes);
    extras.put("can_communicate", row.can_communicate);
    extras.put("minor", row.minor);
    extras.0
}

/// What an incident row tells beyond [`incident`]; coordinates that are doubtful are kept here and not drawn on a map.
#[must_use]
pub fn incident_extras(row: &IncidentRow) -> Extras {
    let mut extras = Gather::new(&row.extras);
    if row.coordinate_doubt.is_some()
        && let (Some(lat), Some(lon)) = (row.lat, row.lon)
    {
        extras.put("coordinates", Some(format!("{lat}, {lon}")));
    }
    let texts = [
        ("main_id", &row.main_id),
        ("incident_type", &row.incident_type),
        ("unsd_grouping", &row.unsd_grouping),
        ("country_origin", &row.country_origin),
        ("region_origin", &row.region_origin),
    ];
    for (field, text) in texts {
        extras.put(field, text.as_ref());
    }
    extras.put("total", row.total);
    if row.country.is_some() {
        extras.put("country", row.country_text.as_ref());
    }
    extras.0
}
