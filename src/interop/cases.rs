//! Rows of case files: the template of the design's section 5.11, the corpus' own columns, and offices' own spellings of both.

use std::io::Read;

use super::countries;
use super::headers::{Mapping, Template};
use super::import::{Cells, Extra, Import, ImportOptions, OnRepeat, RowKind};
use super::person::{PersonCells, PersonColumns, coded, words};
use super::place::{PlaceCells, PlaceColumns, country_cell, country_list};
use super::problem::{Code, Problems};
use super::values::{DateSpan, NullKind, Phone, phone, yes_no};
use super::vocab::{Coded, Vocabulary};

/// Who reports or searches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InquirerCells {
    /// Name.
    pub name: Option<String>,
    /// Kinship, verbatim.
    pub relation: Option<String>,
    /// Phone number.
    pub phone: Option<Phone>,
    /// Language, verbatim.
    pub language: Option<String>,
}

/// What was consented to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConsentCells {
    /// Purposes, verbatim.
    pub purposes: Vec<String>,
    /// Recipients, verbatim.
    pub recipients: Vec<String>,
    /// Whether publication was consented to; nothing when not said.
    pub publication: Option<bool>,
    /// When.
    pub date: Option<DateSpan>,
    /// The language it was explained in, verbatim.
    pub language: Option<String>,
}

/// Where a row comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceCells {
    /// Institution or document, verbatim.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-3 of the country that registered it.
    pub country: Option<&'static str>,
    /// Language of the source, verbatim.
    pub language: Option<String>,
    /// Date of the source.
    pub date: Option<DateSpan>,
    /// Reliability, verbatim.
    pub reliability: Option<String>,
}

/// A missing person's case as a file tells it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CaseRow {
    /// The source's identifier.
    pub external_id: String,
    /// The identifier's scheme (`FUB`, `NAMUS_MP` …), verbatim.
    pub scheme: Option<String>,
    /// The person.
    pub person: PersonCells,
    /// When it was reported.
    pub report_date: Option<DateSpan>,
    /// Country of origin, alpha-3.
    pub origin_country: Option<&'static str>,
    /// Countries of transit, alpha-3.
    pub transit_countries: Vec<&'static str>,
    /// Country of destination, alpha-3.
    pub destination_country: Option<&'static str>,
    /// Place of destination, verbatim.
    pub destination_place: Option<String>,
    /// When the journey began.
    pub departure: Option<DateSpan>,
    /// When the last contact was.
    pub last_contact: Option<DateSpan>,
    /// How the last contact was made.
    pub last_contact_means: Option<Coded>,
    /// Where the last contact was.
    pub last_contact_place: PlaceCells,
    /// What happened, verbatim.
    pub circumstances: Option<String>,
    /// Corridor, verbatim.
    pub corridor: Option<String>,
    /// Means of transport.
    pub transport: Option<Coded>,
    /// Collective event, verbatim.
    pub event_group: Option<String>,
    /// Who searches.
    pub inquirer: InquirerCells,
    /// Consent; nothing when the file has no consent columns (such a case is restricted to its own authority).
    pub consent: Option<ConsentCells>,
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
    external_id, scheme, report_date, origin_country, transit_countries, destination_country, destination_place, departure_date_from,
    departure_date_to, last_contact_date, last_contact_from, last_contact_to, last_contact_means, circumstances, corridor, transport,
    event_group, inquirer_name, inquirer_relation, inquirer_phone, inquirer_language, consent_purposes, consent_recipients,
    consent_publication, consent_date, consent_language, source_name, source_country, source_language, source_date, reliability,
}

const CONSENT: &[&str] = &["consent_purposes", "consent_recipients", "consent_publication", "consent_date"];

/// The reader of case rows.
#[derive(Debug)]
pub struct CaseKind {
    columns: Columns,
    person: PersonColumns,
    place: PlaceColumns,
    has_consent: bool,
}

/// A case file being imported.
pub type CaseImport<R> = Import<R, CaseKind>;

impl RowKind for CaseKind {
    type Row = CaseRow;
    const TEMPLATE: Template = Template::Cases;
    const ON_REPEAT: OnRepeat = OnRepeat::Reject;

    fn new(mapping: &Mapping, options: &ImportOptions, sample: &dyn Fn(usize) -> Vec<String>, notes: &mut Problems) -> Self {
        Self {
            columns: Columns::find(mapping),
            person: PersonColumns::new(mapping, options, sample, notes),
            place: PlaceColumns::new(mapping, "last_contact_"),
            has_consent: mapping.has_any(CONSENT),
        }
    }

    fn read(&mut self, cells: &Cells<'_>, extras: Vec<Extra>, problems: &mut Problems) -> Option<CaseRow> {
        let c = &self.columns;
        let mut nulls = Vec::new();
        let external_id = required_id(cells, c.external_id, problems)?;
        let source = SourceCells {
            name: cells.text(c.source_name, 300, problems),
            country: country_cell(cells, c.source_country, &mut nulls, problems).map(|c| c.alpha3),
            language: cells.text(c.source_language, 50, problems),
            date: cells.date(c.source_date, &mut nulls, problems),
            reliability: cells.text(c.reliability, 50, problems),
        };
        let origin_country = country_cell(cells, c.origin_country, &mut nulls, problems).map(|c| c.alpha3);
        let home = source.country.or(origin_country);
        let mut person = self.person.read(cells, home, problems);
        let last_contact = cells.date_range([c.last_contact_date, c.last_contact_from, c.last_contact_to], &mut nulls, problems);
        let report_date = cells.date(c.report_date, &mut nulls, problems);
        self.person.check_times(cells, &mut person, last_contact.or(report_date), problems);
        if let (Some(contact), Some(report)) = (last_contact, report_date)
            && contact.from > report.to
        {
            let message = format!("the last contact lies after the report of {report}");
            problems.warn(cells.header(c.last_contact_date.or(c.last_contact_from)), &contact.to_string(), Code::Inverted, message);
        }
        if !person.has_name() && person.aliases.is_empty() && !problems.has_error() {
            problems.error("", "", Code::Missing, "a case needs a name or an alias of the person sought");
        }
        let (destination_country, destination_place) = destination(cells, c, &mut nulls, problems);
        let row = CaseRow {
            external_id,
            scheme: cells.text(c.scheme, 50, problems),
            report_date,
            origin_country,
            transit_countries: country_list(cells, c.transit_countries, &mut nulls, problems),
            destination_country,
            destination_place,
            departure: cells.date_range([None, c.departure_date_from, c.departure_date_to], &mut nulls, problems),
            last_contact,
            last_contact_means: coded(cells, c.last_contact_means, Vocabulary::ContactMeans, &mut nulls, problems),
            last_contact_place: self.place.read(cells, &mut nulls, problems),
            circumstances: cells.text(c.circumstances, 10_000, problems),
            corridor: cells.text(c.corridor, 100, problems),
            transport: coded(cells, c.transport, Vocabulary::Transport, &mut nulls, problems),
            event_group: cells.text(c.event_group, 200, problems),
            inquirer: InquirerCells {
                name: cells.text(c.inquirer_name, super::person::NAME_CHARS, problems),
                relation: cells.text(c.inquirer_relation, 100, problems),
                phone: cells.text(c.inquirer_phone, 100, problems).map(|raw| phone(&raw, home)),
                language: cells.text(c.inquirer_language, 50, problems),
            },
            consent: if self.has_consent { Some(consent(cells, c, &mut nulls, problems)) } else { None },
            source,
            extras,
            nulls,
            person,
        };
        Some(row)
    }

    fn key(row: &CaseRow) -> String {
        scheme_key(row.scheme.as_deref(), &row.external_id)
    }

    fn rename(row: &mut CaseRow, suffix: &str) {
        row.external_id.push_str(suffix);
    }
}

/// `scheme:id`, or the id alone: what names a row within a file.
pub(super) fn scheme_key(scheme: Option<&str>, id: &str) -> String {
    scheme.map_or_else(|| id.to_owned(), |scheme| format!("{scheme}:{id}"))
}

/// The identifier every row needs.
pub(super) fn required_id(cells: &Cells<'_>, column: Option<usize>, problems: &mut Problems) -> Option<String> {
    let id = cells.text(column, 100, problems);
    if id.is_none() && cells.raw(column).is_none() {
        problems.error(cells.header(column), "", Code::Missing, "every row needs the identifier its source gave it");
    }
    id
}

/// The destination column holds a country in some files and a place in others.
fn destination(
    cells: &Cells<'_>,
    c: &Columns,
    nulls: &mut Vec<(String, NullKind)>,
    problems: &mut Problems,
) -> (Option<&'static str>, Option<String>) {
    let place = cells.text(c.destination_place, 300, problems);
    let Some(text) = cells.value(c.destination_country, nulls) else {
        return (None, place);
    };
    match countries::country(text) {
        Some(country) => (Some(country.alpha3), place),
        None if place.is_none() => {
            let message = "this is no country; kept as the place of destination";
            problems.warn(cells.header(c.destination_country), text, Code::UnknownCountry, message);
            (None, cells.text(c.destination_country, 300, problems))
        }
        None => {
            let message = "this is no country; write its ISO 3166 code or its name in Spanish or English";
            problems.error(cells.header(c.destination_country), text, Code::UnknownCountry, message);
            (None, place)
        }
    }
}

fn consent(cells: &Cells<'_>, c: &Columns, nulls: &mut Vec<(String, NullKind)>, problems: &mut Problems) -> ConsentCells {
    ConsentCells {
        purposes: words(cells, c.consent_purposes, problems),
        recipients: words(cells, c.consent_recipients, problems),
        publication: yes_no_cell(cells, c.consent_publication, nulls, problems),
        date: cells.date(c.consent_date, nulls, problems),
        language: cells.text(c.consent_language, 50, problems),
    }
}

/// A yes or no; anything else is an error.
pub(super) fn yes_no_cell(
    cells: &Cells<'_>,
    column: Option<usize>,
    nulls: &mut Vec<(String, NullKind)>,
    problems: &mut Problems,
) -> Option<bool> {
    let text = cells.value(column, nulls)?;
    let answer = yes_no(text);
    if answer.is_none() {
        problems.error(cells.header(column), text, Code::UnknownWord, "this is yes or no");
    }
    answer
}

/// Opens a case file.
///
/// # Errors
/// [`super::import::ImportError`] when it cannot be read or a required column is missing.
pub fn open<R: Read>(reader: R, options: ImportOptions) -> Result<CaseImport<R>, super::import::ImportError> {
    Import::open(reader, options)
}

/// The fields this reader fills of its own; a test holds them against the alias table.
#[cfg(test)]
pub(super) const FIELDS: &[&str] = Columns::FIELDS;
