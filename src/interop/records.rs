//! Rows of found-record files: remains, people in hospital, detention and shelter, the living, and other countries' cases.

use std::io::Read;

use super::cases::{SourceCells, required_id, scheme_key, yes_no_cell};
use super::headers::{Mapping, Template};
use super::import::{Cells, Extra, Import, ImportError, ImportOptions, OnRepeat, RowKind};
use super::person::{PersonCells, PersonColumns, coded, words};
use super::place::{PlaceCells, PlaceColumns, country_cell};
use super::problem::{Code, Problems};
use super::values::{DateSpan, NullKind, integer};
use super::vocab::{Coded, Vocabulary};

/// A found record as a file tells it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundRow {
    /// The source's identifier.
    pub external_id: String,
    /// The identifier's scheme, verbatim.
    pub scheme: Option<String>,
    /// A word of `domain::found::FoundKind`.
    pub kind: &'static str,
    /// The kind or setting column, verbatim.
    pub kind_verbatim: Option<String>,
    /// The authority that holds the record, verbatim.
    pub authority: Option<String>,
    /// The person.
    pub person: PersonCells,
    /// How the sex was estimated, verbatim.
    pub sex_method: Option<String>,
    /// How the age was estimated, verbatim.
    pub age_method: Option<String>,
    /// When the person was found, registered or recovered.
    pub found: Option<DateSpan>,
    /// Where.
    pub place: PlaceCells,
    /// State of remains.
    pub body_state: Option<Coded>,
    /// Completeness of remains, verbatim.
    pub completeness: Option<String>,
    /// Least days between death and find.
    pub pmi_days_min: Option<u32>,
    /// Most days between death and find.
    pub pmi_days_max: Option<u32>,
    /// Cause of death, verbatim.
    pub cause_text: Option<String>,
    /// Manner of death, verbatim.
    pub manner_text: Option<String>,
    /// Where the remains are now.
    pub disposition: Option<Coded>,
    /// Place of burial, verbatim.
    pub burial_place: Option<String>,
    /// Plot, verbatim.
    pub plot: Option<String>,
    /// Collective event, verbatim.
    pub event_group: Option<String>,
    /// Sample codes.
    pub sample_codes: Vec<String>,
    /// State of DNA work, verbatim.
    pub dna_status: Option<String>,
    /// Whether a living person can communicate.
    pub can_communicate: Option<bool>,
    /// Whether a living person wants contact.
    pub wants_contact: Option<Coded>,
    /// Whether the person is a minor.
    pub minor: Option<bool>,
    /// Guardian of a minor, verbatim.
    pub guardian_authority: Option<String>,
    /// Where the row comes from.
    pub source: SourceCells,
    /// Values of unknown columns: header and value.
    pub extras: Vec<Extra>,
    /// Columns that said why they have no value.
    pub nulls: Vec<(String, NullKind)>,
}

macro_rules! columns {
    ($($field:ident),* $(,)?) => {
        #[derive(Debug, Default)]
        struct Columns { $($field: Option<usize>,)* }

        impl Columns {
            #[cfg(test)]
            pub(super) const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];

            fn find(mapping: &Mapping) -> Self {
                Self { $($field: mapping.index(stringify!($field)),)* }
            }
        }
    };
}

columns! {
    external_id, scheme, kind, setting, authority, sex_method, age_method, found_date, found_from, found_to, body_state, completeness,
    pmi_days_min, pmi_days_max, cause_text, manner_text, disposition, burial_place, plot, event_group, sample_codes, dna_status,
    can_communicate, wants_contact, minor, guardian_authority, source_name, source_country, source_language, source_date,
}

/// The reader of found records.
#[derive(Debug)]
pub struct FoundKindReader {
    columns: Columns,
    person: PersonColumns,
    place: PlaceColumns,
    remains_file: bool,
}

/// A file of found records being imported.
pub type FoundImport<R> = Import<R, FoundKindReader>;

impl RowKind for FoundKindReader {
    type Row = FoundRow;
    const TEMPLATE: Template = Template::Records;
    const ON_REPEAT: OnRepeat = OnRepeat::Reject;

    fn new(mapping: &Mapping, options: &ImportOptions, sample: &dyn Fn(usize) -> Vec<String>, notes: &mut Problems) -> Self {
        Self {
            columns: Columns::find(mapping),
            person: PersonColumns::new(mapping, options, sample, notes),
            place: PlaceColumns::new(mapping, ""),
            remains_file: mapping.has_any(&["body_state", "pmi_days_min", "disposition"]) && !mapping.has_any(&["kind", "setting"]),
        }
    }

    fn read(&mut self, cells: &Cells<'_>, extras: Vec<Extra>, problems: &mut Problems) -> Option<FoundRow> {
        let c = &self.columns;
        let mut nulls = Vec::new();
        let external_id = required_id(cells, c.external_id, problems)?;
        let source = SourceCells {
            name: cells.text(c.source_name, 300, problems),
            country: country_cell(cells, c.source_country, &mut nulls, problems).map(|c| c.alpha3),
            language: cells.text(c.source_language, 50, problems),
            date: cells.date(c.source_date, &mut nulls, problems),
            reliability: None,
        };
        let mut person = self.person.read(cells, source.country, problems);
        let place = self.place.read(cells, &mut nulls, problems);
        let found = cells.date_range([c.found_date, c.found_from, c.found_to], &mut nulls, problems);
        self.person.check_times(cells, &mut person, found, problems);
        let kind_verbatim = cells.text(c.kind.or(c.setting), 100, problems);
        let kind = self.kind(cells, kind_verbatim.as_deref(), person.has_name(), &mut nulls, problems)?;
        let (pmi_days_min, pmi_days_max) = self.pmi(cells, &mut nulls, problems);
        let row = FoundRow {
            external_id,
            scheme: cells.text(c.scheme, 50, problems),
            kind,
            kind_verbatim,
            authority: cells.text(c.authority, 300, problems),
            sex_method: cells.text(c.sex_method, 200, problems),
            age_method: cells.text(c.age_method, 200, problems),
            found,
            body_state: coded(cells, c.body_state, Vocabulary::BodyState, &mut nulls, problems),
            completeness: cells.text(c.completeness, 200, problems),
            pmi_days_min,
            pmi_days_max,
            cause_text: cells.text(c.cause_text, 1_000, problems),
            manner_text: cells.text(c.manner_text, 1_000, problems),
            disposition: coded(cells, c.disposition, Vocabulary::Disposition, &mut nulls, problems),
            burial_place: cells.text(c.burial_place, 300, problems),
            plot: cells.text(c.plot, 100, problems),
            event_group: cells.text(c.event_group, 200, problems),
            sample_codes: words(cells, c.sample_codes, problems),
            dna_status: cells.text(c.dna_status, 100, problems),
            can_communicate: yes_no_cell(cells, c.can_communicate, &mut nulls, problems),
            wants_contact: wants_contact(cells, c.wants_contact, problems),
            minor: yes_no_cell(cells, c.minor, &mut nulls, problems),
            guardian_authority: cells.text(c.guardian_authority, 300, problems),
            source,
            extras,
            person,
            place,
            nulls,
        };
        Some(row)
    }

    fn key(row: &FoundRow) -> String {
        scheme_key(row.scheme.as_deref(), &row.external_id)
    }

    fn rename(row: &mut FoundRow, suffix: &str) {
        row.external_id.push_str(suffix);
    }
}

impl FoundKindReader {
    /// The kind by the kind column, else by the setting column, else by the file's other columns.
    fn kind(
        &self,
        cells: &Cells<'_>,
        verbatim: Option<&str>,
        named: bool,
        nulls: &mut Vec<(String, NullKind)>,
        problems: &mut Problems,
    ) -> Option<&'static str> {
        let column = self.columns.kind.or(self.columns.setting);
        let unnamed_or = |kind: &'static str| {
            if kind == "remains_unnamed" && named { "remains_named" } else { kind }
        };
        let Some(text) = verbatim.filter(|_| cells.value(column, nulls).is_some()) else {
            if self.remains_file {
                return Some(unnamed_or("remains_unnamed"));
            }
            if self.columns.wants_contact.is_some() || self.columns.can_communicate.is_some() {
                return Some("living");
            }
            problems.error(
                cells.header(column),
                "",
                Code::Missing,
                "say what kind of record it is: living, hospital, detention, shelter or remains",
            );
            return None;
        };
        let Some(kind) = super::vocab::codes(Vocabulary::FoundKind, text).first() else {
            let message =
                "this is no kind of found record; write living, hospital, detention, shelter, remains_named, remains_unnamed or foreign_case";
            problems.error(cells.header(column), text, Code::UnknownWord, message);
            return None;
        };
        Some(unnamed_or(kind))
    }

    fn pmi(&self, cells: &Cells<'_>, nulls: &mut Vec<(String, NullKind)>, problems: &mut Problems) -> (Option<u32>, Option<u32>) {
        let mut days = |column: Option<usize>, problems: &mut Problems| -> Option<u32> {
            let text = cells.value(column, nulls)?;
            match integer(text) {
                Some(days) => {
                    let days = u32::try_from(days).ok().filter(|d| *d <= 73_050);
                    if days.is_none() {
                        problems.error(cells.header(column), text, Code::OutOfRange, "the days since death lie between 0 and 73050 (200 years)");
                    }
                    days
                }
                None => {
                    problems.error(cells.header(column), text, Code::NotANumber, "this is not a number of days");
                    None
                }
            }
        };
        let (min, max) = (days(self.columns.pmi_days_min, problems), days(self.columns.pmi_days_max, problems));
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let message = "the least days since death are above the most; are they exchanged?";
            problems.error(cells.header(self.columns.pmi_days_min), &format!("{min}-{max}"), Code::Inverted, message);
            return (None, None);
        }
        (min, max)
    }
}

/// Here `not asked` is an answer of the vocabulary, not an absence.
fn wants_contact(cells: &Cells<'_>, column: Option<usize>, problems: &mut Problems) -> Option<Coded> {
    let verbatim = cells.text(column, 100, problems)?;
    let codes = super::vocab::codes(Vocabulary::WantsContact, &verbatim);
    if codes.is_empty() {
        let message = "whether the person wants contact is yes, no, undecided or not_asked";
        problems.error(cells.header(column), &verbatim, Code::UnknownWord, message);
        return None;
    }
    Some(Coded { codes, verbatim })
}

/// Opens a file of found records.
///
/// # Errors
/// [`ImportError`] when it cannot be read or a required column is missing.
pub fn open<R: Read>(reader: R, options: ImportOptions) -> Result<FoundImport<R>, ImportError> {
    Import::open(reader, options)
}

/// The fields this reader fills of its own; a test holds them against the alias table.
#[cfg(test)]
pub(super) const FIELDS: &[&str] = Columns::FIELDS;
