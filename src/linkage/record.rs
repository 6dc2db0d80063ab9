//! What the engine knows of one described person, whichever side it comes from: a file or PostgreSQL.

use chrono::NaiveDate;

/// Opaque key of a record: a UUID as `u128` on the database side, a row number on the file side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct RecordKey(pub u128);

/// Which side of a comparison a record stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// A missing person, reported by a family or an authority.
    Case,
    /// A found person, a register entry, remains, or another country's report.
    Found,
}

impl Side {
    /// The side a record of this side is compared with.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Case => Self::Found,
            Self::Found => Self::Case,
        }
    }

    /// 0 for cases, 1 for found records: an index into per-side tables.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Case => 0,
            Self::Found => 1,
        }
    }
}

/// How a record came to be; error rates and the time model depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordKind {
    /// A family's or authority's report of a missing person.
    Case,
    /// Another country's report, compared as if it were a found record.
    ForeignCase,
    /// A register of detention.
    Detention,
    /// A register of a shelter.
    Shelter,
    /// A hospital's record.
    Hospital,
    /// Remains that came with a name.
    RemainsNamed,
    /// Remains without any name.
    RemainsUnnamed,
    /// Any other record of a living person.
    LivingOther,
}

impl RecordKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Case,
        Self::ForeignCase,
        Self::Detention,
        Self::Shelter,
        Self::Hospital,
        Self::RemainsNamed,
        Self::RemainsUnnamed,
        Self::LivingOther,
    ];
    /// Number of kinds.
    pub const COUNT: usize = 8;

    /// True for remains, whose event date is the day they were found.
    #[must_use]
    pub const fn is_remains(self) -> bool {
        matches!(self, Self::RemainsNamed | Self::RemainsUnnamed)
    }

    /// 0 for reports, 1 for the living, 2 for remains: of two records of one person the lower tells of the earlier moment.
    #[must_use]
    pub const fn stage(self) -> u8 {
        if self.is_report() {
            0
        } else if self.is_remains() {
            2
        } else {
            1
        }
    }

    /// True for a report of a missing person, of this or of another country.
    #[must_use]
    pub const fn is_report(self) -> bool {
        matches!(self, Self::Case | Self::ForeignCase)
    }
}

/// What a written name is to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NameRole {
    /// The name of the documents, or the only name known.
    #[default]
    Legal,
    /// A nickname or another name the person goes by.
    Alias,
    /// A name before marriage or after it.
    Married,
}

/// One written name. Leave what is not known empty; unparsed text goes into `full_text`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WrittenName {
    /// Given names, as written.
    pub given: Option<String>,
    /// First (paternal) surname, as written.
    pub first_surname: Option<String>,
    /// Second (maternal) surname, as written.
    pub second_surname: Option<String>,
    /// The whole name as written; used only when no part is given.
    pub full_text: Option<String>,
    /// What the name is to the person.
    pub role: NameRole,
}

/// Recorded sex. Absent is `None` in the record, never a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// Inclusive interval of days; a precise day has `from == to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateInterval {
    /// First possible day.
    pub from: NaiveDate,
    /// Last possible day.
    pub to: NaiveDate,
}

impl DateInterval {
    /// The interval of one day.
    #[must_use]
    pub const fn day(day: NaiveDate) -> Self {
        Self { from: day, to: day }
    }
}

/// Inclusive range of ages in completed years, true on `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AgeRange {
    /// Youngest possible age, years.
    pub min_years: u16,
    /// Oldest possible age, years.
    pub max_years: u16,
    /// The day on which the person had that age.
    pub at: NaiveDate,
}

/// A position with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Latitude, degrees north (WGS84).
    pub lat: f64,
    /// Longitude, degrees east (WGS84).
    pub lon: f64,
    /// Radius that holds the true place with 95 % probability, metres.
    pub uncertainty_m: f64,
}

/// Inclusive range of days between death and finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PostMortemInterval {
    /// Fewest days.
    pub min_days: u32,
    /// Most days.
    pub max_days: u32,
}

/// Whose record it is and what its consent allows, for the database side's own rules. The engine never reads it: it hands
/// both scopes to the caller's `eligible` closure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scope {
    /// Slot of the owning authority.
    pub owner: u32,
    /// Flags with a meaning of the caller's.
    pub flags: u32,
}

/// One described person. Everything but key, side and kind is optional, and what is absent counts neither for nor against.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonRecord {
    /// Opaque key, unique within its side.
    pub key: RecordKey,
    /// Which side the record stands on.
    pub side: Side,
    /// How it came to be.
    pub kind: RecordKind,
    /// Whose it is, for the caller's own rules.
    pub scope: Scope,
    /// Names as written.
    pub names: Vec<WrittenName>,
    /// Recorded sex.
    pub sex: Option<Sex>,
    /// Birth date or the interval it lies in.
    pub birth: Option<DateInterval>,
    /// Age on a known day.
    pub age: Option<AgeRange>,
    /// ISO 3166-1 alpha-3 codes, upper case.
    pub nationalities: Vec<String>,
    /// Stature range, centimetres.
    pub stature_cm: Option<(u16, u16)>,
    /// Build, free text.
    pub build: Option<String>,
    /// Hair, free text.
    pub hair: Option<String>,
    /// Eyes, free text.
    pub eyes: Option<String>,
    /// Marks, scars, tattoos: one free text each, in Spanish, English, French, Portuguese or Italian.
    pub marks: Vec<String>,
    /// Dental findings, one free text each.
    pub dental: Vec<String>,
    /// Garments, one free text each.
    pub clothing: Vec<String>,
    /// Belongings, one free text each.
    pub belongings: Vec<String>,
    /// Telephone numbers in any writing.
    pub phones: Vec<String>,
    /// Document numbers in any writing.
    pub documents: Vec<String>,
    /// Names of companions, as written.
    pub companions: Vec<String>,
    /// Parts of the home address or community (street, village, municipality, postcode), one text each.
    pub residence: Vec<String>,
    /// Place of the last contact (case) or of the finding or registration (record).
    pub position: Option<Position>,
    /// Name of that place as written; stands in for a missing position when other records give one for the same words.
    pub place_text: Option<String>,
    /// ISO 3166-1 alpha-3 code of the country of that place.
    pub country: Option<String>,
    /// Day of the last contact (case) or of the finding or registration (record).
    pub event: Option<DateInterval>,
    /// Days between death and finding, for remains.
    pub pmi: Option<PostMortemInterval>,
    /// ISO 639-1 language the record is written in.
    pub language: Option<String>,
}

impl PersonRecord {
    /// A record with nothing known yet.
    #[must_use]
    pub fn new(key: RecordKey, side: Side, kind: RecordKind) -> Self {
        Self {
            key,
            side,
            kind,
            scope: Scope::default(),
            names: Vec::new(),
            sex: None,
            birth: None,
            age: None,
            nationalities: Vec::new(),
            stature_cm: None,
            build: None,
            hair: None,
            eyes: None,
            marks: Vec::new(),
            dental: Vec::new(),
            clothing: Vec::new(),
            belongings: Vec::new(),
            phones: Vec::new(),
            documents: Vec::new(),
            companions: Vec::new(),
            residence: Vec::new(),
            position: None,
            place_text: None,
            country: None,
            event: None,
            pmi: None,
            language: None,
        }
    }
}
