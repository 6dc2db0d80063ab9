//! A described person: names, birth, body, marks, effects. The same shape before and after death (AM and PM).

use super::dates::PartialDate;
use super::known::Absent;
use super::violations::Violations;
use std::collections::BTreeMap;

crate::vocabulary! {
    /// Sex as registered or observed.
    Sex {
        /// Female.
        Female => "female",
        /// Male.
        Male => "male",
        /// Observed and not determinable.
        Indeterminate => "indeterminate",
    }
}

crate::vocabulary! {
    /// What a name is.
    NameKind {
        /// By law.
        Legal => "legal",
        /// At birth.
        Birth => "birth",
        /// By marriage.
        Married => "married",
        /// Social name.
        Social => "social",
        /// Nickname (apodo).
        Nickname => "nickname",
        /// Alias.
        Alias => "alias",
        /// Another spelling.
        SpellingVariant => "spelling_variant",
        /// In another language or script.
        InLanguage => "in_language",
        /// As an office wrote it down, unparsed.
        AsRecorded => "as_recorded",
    }
}

crate::vocabulary! {
    /// When in a person's life a description was made.
    Moment {
        /// Before the disappearance, by those who know the person.
        AnteMortem => "ante_mortem",
        /// On remains.
        PostMortem => "post_mortem",
        /// On a living person.
        Living => "living",
    }
}

/// One name. Parts as far as they are known; the text as it was said or written is always kept. A second surname is never required.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonName {
    /// What it is.
    pub kind: NameKind,
    /// Given names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_names: Option<String>,
    /// First surname (paternal where two are used).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_surname: Option<String>,
    /// Second surname (maternal where two are used).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_surname: Option<String>,
    /// The name as said or written; composed from the parts when not given.
    #[serde(default)]
    pub full_text: String,
}

impl PersonName {
    /// The text of the name, composed from its parts in Spanish order when it was not given whole.
    #[must_use]
    pub fn text(&self) -> String {
        if !self.full_text.trim().is_empty() {
            return self.full_text.trim().to_owned();
        }
        [&self.given_names, &self.first_surname, &self.second_surname]
            .into_iter()
            .flatten()
            .map(|p| p.trim())
            .filter(|p| !p.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The form of a text used for searching: lower case, without accents or punctuation, single blanks. `"Núñez, ANA"` becomes `"nunez ana"`.
#[must_use]
pub fn search_form(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let plain: String = text
        .nfkd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A mark, a dental finding, a garment or a belonging: the words as said, and what is known of kind and place.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Item {
    /// As described.
    pub text: String,
    /// tattoo, scar, mole, birthmark, burn, amputation, piercing …; crown, gap …; shirt, boots …; ring, rosary ….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Body zone (V-ZONE) or FDI tooth number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// left, right, midline, bilateral.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<String>,
}

/// Everything that describes a person. Every part may be missing; a missing part counts for nothing.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Description {
    /// Names, the principal one first.
    pub names: Vec<PersonName>,
    /// Sex as registered or observed.
    pub sex: Option<Sex>,
    /// Gender identity, in the person's or family's words.
    pub gender_identity: Option<String>,
    /// Date of birth, as finely as it is known.
    pub birth: Option<PartialDate>,
    /// Place of birth as stated.
    pub birth_place: Option<String>,
    /// Youngest age in years on `age_as_of`.
    pub age_min: Option<i16>,
    /// Oldest age in years on `age_as_of`.
    pub age_max: Option<i16>,
    /// The day the ages refer to.
    pub age_as_of: Option<chrono::NaiveDate>,
    /// Nationalities, ISO 3166-1 alpha-3.
    pub nationalities: Vec<String>,
    /// Languages, ISO 639-3 or as stated.
    pub languages: Vec<String>,
    /// Indigenous or other people the person belongs to.
    pub people: Option<String>,
    /// Shortest stature in centimetres.
    pub height_min_cm: Option<f32>,
    /// Tallest stature in centimetres.
    pub height_max_cm: Option<f32>,
    /// stated, document, measured or estimated_bone.
    pub height_method: Option<String>,
    /// Build (V-BUILD or as stated).
    pub build: Option<String>,
    /// Hair colour (V-HAIRC or as stated).
    pub hair_color: Option<String>,
    /// Eye colour (V-EYE or as stated).
    pub eye_color: Option<String>,
    /// Marks on the body.
    pub marks: Vec<Item>,
    /// Dental findings.
    pub dental: Vec<Item>,
    /// Medical findings: fractures, implants, surgery.
    pub medical: Vec<Item>,
    /// Clothing.
    pub clothing: Vec<Item>,
    /// Belongings.
    pub belongings: Vec<Item>,
    /// Telephone numbers as dictated.
    pub phones: Vec<String>,
    /// Numbers of identity documents.
    pub documents: Vec<String>,
    /// Names of companions.
    pub companions: Vec<String>,
    /// Why a field has no value, where somebody knows why.
    pub absent: BTreeMap<String, Absent>,
}

const NAME_CHARACTERS: usize = 200;
const TEXT_CHARACTERS: usize = 500;
const LIST_ITEMS: usize = 200;

impl Description {
    /// The name shown first.
    #[must_use]
    pub fn display_name(&self) -> Option<String> {
        self.names.first().map(PersonName::text).filter(|t| !t.is_empty())
    }

    /// Checks everything that can be checked without asking anybody. `today` bounds dates.
    pub fn check(&self, at: &str, today: chrono::NaiveDate, found: &mut Violations) {
        if self.names.len() > LIST_ITEMS {
            found.add(&format!("{at}/names"), "too_many", format!("holds more than {LIST_ITEMS} entries"));
        }
        for (i, name) in self.names.iter().take(LIST_ITEMS).enumerate() {
            let pointer = format!("{at}/names/{i}");
            if name.text().is_empty() {
                found.add(&pointer, "empty", "a name has at least one part");
            }
            found.check_text(&pointer, &name.text(), NAME_CHARACTERS);
            // The parts are kept beside the text, whatever it says.
            let parts = [("given_names", &name.given_names), ("first_surname", &name.first_surname), ("second_surname", &name.second_surname)];
            for (field, part) in parts {
                if let Some(part) = part.as_deref().filter(|_| !name.full_text.trim().is_empty()) {
                    found.check_text(&format!("{pointer}/{field}"), part, NAME_CHARACTERS);
                }
            }
        }
        if let Some(day) = self.age_as_of {
            found.check_day(&format!("{at}/age_as_of"), day);
            if day > today {
                found.add(&format!("{at}/age_as_of"), "future", "the day of the ages lies in the future");
            }
        }
        if let Some(birth) = self.birth
            && birth.from > today
        {
            found.add(&format!("{at}/birth"), "future", "the date of birth lies in the future");
        }
        if let (Some(min), Some(max)) = (self.age_min, self.age_max)
            && min > max
        {
            found.add(&format!("{at}/age_min"), "reversed", "the youngest age is above the oldest");
        }
        for (field, age) in [("age_min", self.age_min), ("age_max", self.age_max)] {
            if age.is_some_and(|a| !(0..=130).contains(&a)) {
                found.add(&format!("{at}/{field}"), "out_of_range", "an age lies between 0 and 130 years");
            }
        }
        for (field, height) in [("height_min_cm", self.height_min_cm), ("height_max_cm", self.height_max_cm)] {
            if height.is_some_and(|h| !(30.0..=250.0).contains(&h)) {
                found.add(&format!("{at}/{field}"), "out_of_range", "a stature lies between 30 and 250 centimetres");
            }
        }
        if let (Some(min), Some(max)) = (self.height_min_cm, self.height_max_cm)
            && min > max
        {
            found.add(&format!("{at}/height_min_cm"), "reversed", "the shortest stature is above the tallest");
        }
        if self.nationalities.len() > LIST_ITEMS {
            found.add(&format!("{at}/nationalities"), "too_many", format!("holds more than {LIST_ITEMS} entries"));
        }
        for (i, country) in self.nationalities.iter().take(LIST_ITEMS).enumerate() {
            found.check_country(&format!("{at}/nationalities/{i}"), Some(country));
        }
        let texts: [(&str, &Option<String>); 7] = [
            ("height_method", &self.height_method),
            ("gender_identity", &self.gender_identity),
            ("birth_place", &self.birth_place),
            ("people", &self.people),
            ("build", &self.build),
            ("hair_color", &self.hair_color),
            ("eye_color", &self.eye_color),
        ];
        for (field, text) in texts {
            if let Some(text) = text {
                found.check_text(&format!("{at}/{field}"), text, TEXT_CHARACTERS);
            }
        }
        let items: [(&str, &[Item]); 5] = [
            ("marks", &self.marks),
            ("dental", &self.dental),
            ("medical", &self.medical),
            ("clothing", &self.clothing),
            ("belongings", &self.belongings),
        ];
        for (field, list) in items {
            if list.len() > LIST_ITEMS {
                found.add(&format!("{at}/{field}"), "too_many", format!("holds more than {LIST_ITEMS} entries"));
            }
            for (i, item) in list.iter().take(LIST_ITEMS).enumerate() {
                found.check_text(&format!("{at}/{field}/{i}"), &item.text, TEXT_CHARACTERS);
                for (part, text) in [("kind", &item.kind), ("zone", &item.zone), ("side", &item.side)] {
                    if let Some(text) = text {
                        found.check_text(&format!("{at}/{field}/{i}/{part}"), text, NAME_CHARACTERS);
                    }
                }
            }
        }
        let lists: [(&str, &[String]); 4] =
            [("phones", &self.phones), ("documents", &self.documents), ("companions", &self.companions), ("languages", &self.languages)];
        for (field, list) in lists {
            found.check_texts(&format!("{at}/{field}"), list, LIST_ITEMS, NAME_CHARACTERS);
        }
        let reasons: Vec<String> = self.absent.keys().cloned().collect();
        found.check_texts(&format!("{at}/absent"), &reasons, LIST_ITEMS, NAME_CHARACTERS);
    }
}

impl super::place::Place {
    /// Checks coordinates and texts; says so when latitude and longitude look swapped.
    pub fn check(&self, at: &str, found: &mut Violations) {
        match (self.lat, self.lon) {
            (Some(lat), Some(lon)) if !lat.is_finite() || !lon.is_finite() => found.add(&format!("{at}/lat"), "not_a_number", "is not a number"),
            (Some(lat), Some(lon)) if lat.abs() > 90.0 && lat.abs() <= 180.0 && lon.abs() <= 90.0 => {
                found.add(&format!("{at}/lat"), "swapped", "latitude and longitude look swapped");
            }
            (Some(lat), Some(lon)) => {
                if lat.abs() > 90.0 {
                    found.add(&format!("{at}/lat"), "out_of_range", "a latitude lies between -90 and 90 degrees");
                }
                if lon.abs() > 180.0 {
                    found.add(&format!("{at}/lon"), "out_of_range", "a longitude lies between -180 and 180 degrees");
                }
            }
            (None, None) => {}
            _ => found.add(&format!("{at}/lat"), "incomplete", "give both latitude and longitude, or neither"),
        }
        if self.uncertainty_m.is_some_and(|u| !(u.is_finite() && u > 0.0 && u <= 20_000_000.0)) {
            found.add(&format!("{at}/uncertainty_m"), "out_of_range", "the uncertainty is a radius in metres above zero");
        }
        for (field, text) in [("name", &self.name), ("admin1", &self.admin1)] {
            if let Some(text) = text {
                found.check_text(&format!("{at}/{field}"), text, NAME_CHARACTERS);
            }
        }
        found.check_country(&format!("{at}/country"), self.country.as_ref());
    }
}
