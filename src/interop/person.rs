//! Person cells: names, sex, birth, age, description, numbers; the part that cases and found records share.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use super::headers::Mapping;
use super::identifiers;
use super::import::{Cells, ImportOptions, SexLetters};
use super::place::country_list;
use super::problem::{Code, Problems};
use super::values::{DateSpan, NullKind, Phone, integer, key, list, phone, stature};
use super::vocab::{Coded, Vocabulary, codes};

/// Longest name part, in characters.
pub const NAME_CHARS: usize = 200;
/// Longest entry of a list, in characters.
pub const ITEM_CHARS: usize = 2_000;
/// Most entries of a list.
pub const LIST_ITEMS: usize = 100;

/// An entry of a descriptive list: a mark, a tooth, a garment.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The entry in words; of a JSON entry its values joined.
    pub text: String,
    /// The entry as it was, when the cell held JSON.
    pub json: Option<Value>,
}

/// An identity document as the file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Kind, verbatim.
    pub kind: Option<String>,
    /// Number, verbatim.
    pub number: String,
}

/// What a row says about a person.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PersonCells {
    /// Name as recorded, in one piece.
    pub full_name: Option<String>,
    /// Given names.
    pub given_names: Option<String>,
    /// First surname.
    pub first_surname: Option<String>,
    /// Second surname.
    pub second_surname: Option<String>,
    /// Other names.
    pub aliases: Vec<String>,
    /// `female`, `male`, `indeterminate`, or nothing when not known.
    pub sex: Option<&'static str>,
    /// Gender identity, verbatim.
    pub gender_identity: Option<String>,
    /// Birth date.
    pub birth: Option<DateSpan>,
    /// Youngest age in years.
    pub age_min: Option<u8>,
    /// Oldest age in years.
    pub age_max: Option<u8>,
    /// Day for which the age holds; when absent, the day of the last contact or of the find.
    pub age_as_of: Option<DateSpan>,
    /// ISO 3166-1 alpha-3, in the file's order.
    pub nationalities: Vec<&'static str>,
    /// Languages, verbatim.
    pub languages: Vec<String>,
    /// Indigenous or other people, verbatim.
    pub people: Option<String>,
    /// Place of birth, verbatim.
    pub birth_place: Option<String>,
    /// Shortest stature in centimetres.
    pub height_min_cm: Option<f64>,
    /// Tallest stature in centimetres.
    pub height_max_cm: Option<f64>,
    /// Build.
    pub build: Option<Coded>,
    /// Hair colour.
    pub hair: Option<Coded>,
    /// Eye colour.
    pub eyes: Option<Coded>,
    /// Marks.
    pub marks: Vec<Item>,
    /// Medical items.
    pub medical: Vec<Item>,
    /// Dental items.
    pub dental: Vec<Item>,
    /// Clothing.
    pub clothing: Vec<Item>,
    /// Belongings.
    pub belongings: Vec<Item>,
    /// Phone numbers.
    pub phones: Vec<Phone>,
    /// Identity documents.
    pub documents: Vec<Document>,
    /// Names of companions.
    pub companions: Vec<String>,
    /// Which columns said why they have no value.
    pub nulls: Vec<(String, NullKind)>,
}

impl PersonCells {
    /// Whether any name is given.
    pub fn has_name(&self) -> bool {
        self.full_name.is_some() || self.given_names.is_some() || self.first_surname.is_some() || self.second_surname.is_some()
    }

    /// The name in one piece: as recorded, else its parts joined.
    pub fn display_name(&self) -> Option<String> {
        if self.full_name.is_some() {
            return self.full_name.clone();
        }
        let parts: Vec<&str> =
            [&self.given_names, &self.first_surname, &self.second_surname].into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

macro_rules! columns {
    ($($field:ident),* $(,)?) => {
        /// The columns of a person.
        #[derive(Debug, Clone, Default)]
        pub struct PersonColumns { $($field: Option<usize>,)* m_is_woman: bool }

        impl PersonColumns {
            /// The fields a person's columns fill.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn find(mapping: &Mapping) -> Self {
                Self { $($field: mapping.index(stringify!($field)),)* m_is_woman: false }
            }
        }
    };
}

columns! {
    full_name, given_names, first_surname, second_surname, aliases, sex, gender_identity, birth_date, birth_date_from, birth_date_to,
    age, age_min, age_max, age_as_of, nationality, languages, people, birth_place, height_cm, height_cm_min, height_cm_max, build,
    hair_color, eye_color, marks, medical, dental, clothing, belongings, phones, doc_type, doc_number, companions,
}

impl PersonColumns {
    /// Finds the columns and settles what `M` means in the sex column: in Spanish `H`/`M` is hombre/mujer, in English `M`/`F`
    /// is male/female, and a file says which only by the other letters in it.
    pub fn new(mapping: &Mapping, options: &ImportOptions, sample: &dyn Fn(usize) -> Vec<String>, notes: &mut Problems) -> Self {
        let mut columns = Self::find(mapping);
        let Some(at) = columns.sex else { return columns };
        let header = mapping.columns.get(at).map_or("", |c| c.header.as_str());
        columns.m_is_woman = match options.sex_letters {
            SexLetters::MaleFemale => false,
            SexLetters::HombreMujer => true,
            SexLetters::Auto => {
                let values = sample(at);
                let has = |letter: &str| values.iter().any(|v| v.eq_ignore_ascii_case(letter));
                if has("m") && has("h") && !has("f") {
                    notes.warn(header, "", Code::AmbiguousSex, "the column has H and M: M is read as a woman (mujer)");
                } else if has("m") && !has("f") {
                    notes.warn(
                        header,
                        "",
                        Code::AmbiguousSex,
                        "the column has M but neither F nor H near the beginning: M is read as male; say so if it means mujer",
                    );
                }
                has("m") && has("h") && !has("f")
            }
        };
        columns
    }

    /// Reads the person. `home` is the country (alpha-3) whose calling code a national phone number takes.
    pub fn read(&self, cells: &Cells<'_>, home: Option<&str>, problems: &mut Problems) -> PersonCells {
        let mut nulls = Vec::new();
        let mut person = PersonCells {
            full_name: name(cells, self.full_name, problems),
            given_names: name(cells, self.given_names, problems),
            first_surname: name(cells, self.first_surname, problems),
            second_surname: name(cells, self.second_surname, problems),
            aliases: words(cells, self.aliases, problems),
            sex: self.sex(cells, &mut nulls, problems),
            gender_identity: cells.text(self.gender_identity, NAME_CHARS, problems),
            birth: cells.date_range([self.birth_date, self.birth_date_from, self.birth_date_to], &mut nulls, problems),
            nationalities: country_list(cells, self.nationality, &mut nulls, problems),
            languages: words(cells, self.languages, problems),
            people: cells.text(self.people, NAME_CHARS, problems),
            birth_place: cells.text(self.birth_place, 300, problems),
            build: coded(cells, self.build, Vocabulary::Build, &mut nulls, problems),
            hair: coded(cells, self.hair_color, Vocabulary::Hair, &mut nulls, problems),
            eyes: coded(cells, self.eye_color, Vocabulary::Eyes, &mut nulls, problems),
            marks: items(cells, self.marks, problems),
            medical: items(cells, self.medical, problems),
            dental: items(cells, self.dental, problems),
            clothing: items(cells, self.clothing, problems),
            belongings: items(cells, self.belongings, problems),
            companions: words(cells, self.companions, problems),
            age_as_of: cells.date(self.age_as_of, &mut nulls, problems),
            ..PersonCells::default()
        };
        (person.age_min, person.age_max) = self.ages(cells, &mut nulls, problems);
        (person.height_min_cm, person.height_max_cm) = self.heights(cells, &mut nulls, problems);
        for raw in words(cells, self.phones, problems) {
            let phone = phone(&raw, home);
            if phone.e164.is_none() {
                let message = "no international number can be made of this; kept as it is. Write + and the country code";
                problems.warn(cells.header(self.phones), &raw, Code::DoubtfulPhone, message);
            }
            person.phones.push(phone);
        }
        let kind = cells.text(self.doc_type, 100, problems);
        for number in words(cells, self.doc_number, problems) {
            if let Some(doubt) = identifiers::doubt(kind.as_deref(), &number) {
                problems.warn(cells.header(self.doc_number), &number, Code::DoubtfulIdentifier, doubt);
            }
            person.documents.push(Document { kind: kind.clone(), number });
        }
        person.nulls = nulls;
        person
    }

    /// What must hold between birth, age and the day of the event (last contact, find).
    /// A birth that cannot be is left out of `person`.
    pub fn check_times(&self, cells: &Cells<'_>, person: &mut PersonCells, event: Option<DateSpan>, problems: &mut Problems) {
        let Some(birth) = person.birth else { return };
        let header = cells.header(self.birth_date.or(self.birth_date_from));
        if let Some(event) = event
            && birth.from > event.to
        {
            problems.error(header, &birth.to_string(), Code::BirthAfterEvent, format!("born after the event of {event}"));
            person.birth = None;
            return;
        }
        let Some(as_of) = person.age_as_of.or(event) else { return };
        let (youngest, oldest) = (years(birth.to, as_of.from), years(birth.from, as_of.to));
        let apart =
            person.age_min.is_some_and(|min| i32::from(min) > oldest + 2) || person.age_max.is_some_and(|max| i32::from(max) < youngest - 2);
        if apart {
            let message =
                format!("by the birth date {birth} the age on {as_of} is {}, which the age given excludes by over two years", youngest.max(0));
            problems.warn(header, &birth.to_string(), Code::AgeAgainstBirth, message);
        }
    }

    fn sex(&self, cells: &Cells<'_>, nulls: &mut Vec<(String, NullKind)>, problems: &mut Problems) -> Option<&'static str> {
        let text = cells.value(self.sex, nulls)?;
        let word = match text {
            "M" | "m" => return Some(if self.m_is_woman { "female" } else { "male" }),
            "F" | "f" => return Some("female"),
            "U" | "u" => return self.unknown_sex(cells, nulls),
            other => key(other),
        };
        match word.as_str() {
            "h" if self.m_is_woman => Some("male"),
            "h" => {
                let message = "H (hombre) in a column where M was read as male: is M mujer? Set the meaning of the letters and import again";
                problems.error(cells.header(self.sex), text, Code::AmbiguousSex, message);
                None
            }
            "female" | "femenino" | "femenina" | "mujer" | "woman" | "girl" | "feminin" | "feminino" | "femme" | "mulher" => Some("female"),
            "male" | "masculino" | "hombre" | "man" | "boy" | "varon" | "masculin" | "homme" | "homem" => Some("male"),
            "indeterminate" | "indeterminado" | "unsure" | "i" | "intersex" | "intersexual" => Some("indeterminate"),
            "undetermined" | "no determinado" | "sin determinar" => self.unknown_sex(cells, nulls),
            _ => {
                let message = "this is no sex the importer knows; write female, male, indeterminate or unknown";
                problems.error(cells.header(self.sex), text, Code::UnknownWord, message);
                None
            }
        }
    }

    fn unknown_sex(&self, cells: &Cells<'_>, nulls: &mut Vec<(String, NullKind)>) -> Option<&'static str> {
        nulls.push((cells.header(self.sex).to_owned(), NullKind::Unknown));
        None
    }

    fn ages(&self, cells: &Cells<'_>, nulls: &mut Vec<(String, NullKind)>, problems: &mut Problems) -> (Option<u8>, Option<u8>) {
        let mut one = |column: Option<usize>, problems: &mut Problems| -> Option<(u8, u8)> {
            let text = cells.value(column, nulls)?;
            let header = cells.header(column);
            let (low, high) = match integer(text) {
                Some(age) => (age, age),
                None => {
                    let folded = key(text);
                    let numbers: Vec<i64> = folded.split(' ').filter_map(integer).collect();
                    let words_fit =
                        folded.split(' ').all(|w| integer(w).is_some() || matches!(w, "a" | "to" | "y" | "anos" | "years" | "ans" | "entre"));
                    match numbers.as_slice() {
                        [age] if words_fit => (*age, *age),
                        [low, high] if words_fit => (*low, *high),
                        _ => {
                            problems.error(header, text, Code::NotANumber, "this is not an age in years (a number, or two joined by -)");
                            return None;
                        }
                    }
                }
            };
            let year = |age: i64| u8::try_from(age).ok().filter(|a| *a <= 130);
            let (Some(low), Some(high)) = (year(low), year(high)) else {
                problems.error(header, text, Code::OutOfRange, "an age lies between 0 and 130 years");
                return None;
            };
            Some((low, high))
        };
        let whole = one(self.age, problems);
        let low = one(self.age_min, problems).or(whole);
        let high = one(self.age_max, problems).or(whole);
        let (min, max) = (low.map(|a| a.0), high.map(|a| a.1));
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let header = cells.header(self.age_min.or(self.age));
            problems.error(header, &format!("{min}-{max}"), Code::Inverted, "the youngest age is above the oldest; are they exchanged?");
            return (None, None);
        }
        (min, max)
    }

    fn heights(&self, cells: &Cells<'_>, nulls: &mut Vec<(String, NullKind)>, problems: &mut Problems) -> (Option<f64>, Option<f64>) {
        let mut one = |column: Option<usize>, problems: &mut Problems| -> Option<(f64, f64)> {
            let text = cells.value(column, nulls)?;
            let header = cells.header(column);
            let Some(read) = stature(text) else {
                problems.error(header, text, Code::NotANumber, "this is not a stature; write centimetres");
                return None;
            };
            if !(30.0..=250.0).contains(&read.min_cm) || !(30.0..=250.0).contains(&read.max_cm) {
                problems.error(header, text, Code::OutOfRange, "a stature lies between 30 and 250 centimetres");
                return None;
            }
            if read.unit_guessed {
                problems.warn(header, text, Code::UnitGuessed, format!("read as metres: {} cm", read.min_cm));
            }
            Some((read.min_cm, read.max_cm))
        };
        let whole = one(self.height_cm, problems);
        let low = one(self.height_cm_min, problems).or(whole);
        let high = one(self.height_cm_max, problems).or(whole);
        let (min, max) = (low.map(|h| h.0), high.map(|h| h.1));
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let header = cells.header(self.height_cm_min.or(self.height_cm));
            problems.error(header, &format!("{min}-{max}"), Code::Inverted, "the shortest stature is above the tallest; are they exchanged?");
            return (None, None);
        }
        (min, max)
    }
}

/// Full years from one day to another, negative when the second is earlier.
fn years(from: NaiveDate, to: NaiveDate) -> i32 {
    to.year() - from.year() - i32::from((to.month(), to.day()) < (from.month(), from.day()))
}

/// A name cell; the marks offices use for "no name" are no name.
fn name(cells: &Cells<'_>, column: Option<usize>, problems: &mut Problems) -> Option<String> {
    let text = cells.text(column, NAME_CHARS, problems)?;
    let nobody = text.len() <= 32
        && matches!(
            key(&text).as_str(),
            "nn" | "n n"
                | "desconocido"
                | "desconocida"
                | "unknown"
                | "sin nombre"
                | "no identificado"
                | "no identificada"
                | "unidentified"
                | "john doe"
                | "jane doe"
        );
    (!nobody).then_some(text)
}

/// A list of short texts.
pub(super) fn words(cells: &Cells<'_>, column: Option<usize>, problems: &mut Problems) -> Vec<String> {
    let Some(text) = cells.raw(column) else { return Vec::new() };
    let all = list(text);
    if all.len() > LIST_ITEMS {
        problems.error(cells.header(column), text, Code::TooLong, format!("the list has {} entries, at most {LIST_ITEMS} are taken", all.len()));
        return Vec::new();
    }
    if let Some(long) = all.iter().find(|w| w.len() > NAME_CHARS && w.chars().count() > NAME_CHARS) {
        problems.error(
            cells.header(column),
            long,
            Code::TooLong,
            format!("an entry is longer than {NAME_CHARS} characters; separate entries by |"),
        );
        return Vec::new();
    }
    all
}

/// A list of descriptions: JSON when the cell starts like JSON, else entries separated by `|`.
fn items(cells: &Cells<'_>, column: Option<usize>, problems: &mut Problems) -> Vec<Item> {
    let Some(text) = cells.raw(column) else { return Vec::new() };
    let header = cells.header(column);
    let all: Vec<Item> = if text.starts_with('[') || text.starts_with('{') {
        let values = match serde_json::from_str(text) {
            Ok(Value::Array(values)) => values,
            Ok(one) => vec![one],
            Err(e) => {
                problems.error(header, text, Code::BadJson, format!("the cell starts like JSON and cannot be read: {e}"));
                return Vec::new();
            }
        };
        values.into_iter().filter_map(json_item).collect()
    } else {
        list(text).into_iter().map(|text| Item { text, json: None }).collect()
    };
    if all.len() > LIST_ITEMS || all.iter().any(|i| i.text.chars().count() > ITEM_CHARS) {
        let message = format!("a list has at most {LIST_ITEMS} entries of at most {ITEM_CHARS} characters");
        problems.error(header, text, Code::TooLong, message);
        return Vec::new();
    }
    all
}

fn json_item(value: Value) -> Option<Item> {
    fn gather(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::String(text) => into.push(text.clone()),
            Value::Number(number) => into.push(number.to_string()),
            Value::Array(values) => values.iter().for_each(|v| gather(v, into)),
            Value::Object(map) => map.values().for_each(|v| gather(v, into)),
            Value::Null | Value::Bool(_) => {}
        }
    }
    let mut words = Vec::new();
    gather(&value, &mut words);
    let text = words.join(" ");
    let json = (!value.is_string()).then_some(value);
    (!text.is_empty()).then_some(Item { text, json })
}

/// A cell of a vocabulary; an unknown word is kept verbatim with a warning.
pub(super) fn coded(
    cells: &Cells<'_>,
    column: Option<usize>,
    vocabulary: Vocabulary,
    nulls: &mut Vec<(String, NullKind)>,
    problems: &mut Problems,
) -> Option<Coded> {
    cells.value(column, nulls)?;
    let verbatim = cells.text(column, 300, problems)?;
    let codes = codes(vocabulary, &verbatim);
    if codes.is_empty() {
        problems.warn(cells.header(column), &verbatim, Code::UnknownWord, "this word is not in the vocabulary; kept as it is");
    }
    Some(Coded { codes, verbatim })
}
