//! What can be wrong with an imported row, and how the rows of a file ended.

use std::collections::BTreeMap;
use std::fmt;

/// Longest value shown in a [`Problem`], in characters.
pub const SHOWN_CHARS: usize = 80;

/// Whether a problem keeps the row out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The row goes in; somebody should look at it.
    Warning,
    /// The row stays out until it is corrected.
    Error,
}

impl Severity {
    /// The word used in files and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The kind of a problem: a stable word that pages translate and partners' programs test.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code there is, for the translations' completeness test.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// The row has more or fewer cells than the header.
    Ragged = "ragged_row",
    /// A quote is opened and never closed, so the row runs into the next ones.
    UnclosedQuote = "unclosed_quote",
    /// A row without any value.
    BlankRow = "blank_row",
    /// A row longer than the limit.
    RowTooLong = "row_too_long",
    /// A value longer than the limit.
    TooLong = "too_long",
    /// NUL or another control character.
    ControlCharacter = "control_character",
    /// Characters that change the direction of writing, or are invisible, were removed.
    DirectionMarks = "direction_marks_removed",
    /// The row is in another encoding than the file.
    MixedEncoding = "mixed_encoding",
    /// A required value is absent.
    Missing = "missing",
    /// Not a number.
    NotANumber = "not_a_number",
    /// Not a date.
    NotADate = "not_a_date",
    /// A day that does not exist.
    NoSuchDay = "no_such_day",
    /// Day and month could be the other way round.
    AmbiguousDate = "ambiguous_date",
    /// A spreadsheet's day number was read as a date.
    SerialDate = "serial_date",
    /// A date after today.
    FutureDate = "future_date",
    /// A date too long ago to be meant.
    AncientDate = "ancient_date",
    /// Born after the event.
    BirthAfterEvent = "birth_after_event",
    /// The age given and the birth date disagree.
    AgeAgainstBirth = "age_disagrees_with_birth_date",
    /// Lower end above upper end.
    Inverted = "inverted_range",
    /// A number outside what is possible.
    OutOfRange = "out_of_range",
    /// A unit had to be guessed.
    UnitGuessed = "unit_guessed",
    /// Latitude and longitude look swapped.
    Swapped = "coordinates_look_swapped",
    /// The sign of a coordinate looks lost.
    SignLost = "coordinate_sign_looks_lost",
    /// The coordinates are far from the country named.
    FarFromCountry = "coordinates_far_from_country",
    /// One coordinate of two, or none where the source usually has them.
    IncompleteCoordinates = "incomplete_coordinates",
    /// Two columns of the source give different coordinates.
    CoordinatesDisagree = "coordinates_disagree",
    /// A word outside the vocabulary, kept verbatim.
    UnknownWord = "unknown_word",
    /// Not a country.
    UnknownCountry = "unknown_country",
    /// JSON that cannot be read.
    BadJson = "bad_json",
    /// An identifier's form or check digit is wrong.
    DoubtfulIdentifier = "doubtful_identifier",
    /// A phone number that cannot be brought into international form.
    DoubtfulPhone = "doubtful_phone",
    /// The letter M stands for a man in one convention and a woman in another.
    AmbiguousSex = "ambiguous_sex",
    /// An identifier seen before in this file, with other content.
    RepeatedId = "repeated_id",
    /// A row identical to an earlier one.
    FullDuplicate = "full_duplicate",
    /// A row identical to an earlier one except for its identifier.
    SameContent = "same_content_other_id",
    /// A count below zero.
    NegativeCount = "negative_count",
    /// Parts that do not add up to the total given.
    TotalDisagrees = "total_disagrees",
    /// A date the source leaves out.
    BlankDate = "blank_date",
    /// The number of dead is blank: unknown, not zero.
    BlankDead = "blank_dead_is_unknown",
    /// A column the importer does not know; kept as an extra.
    UnknownColumn = "unknown_column",
    /// A column recognised only by similar spelling.
    SimilarColumn = "column_recognised_by_similar_spelling",
    /// A second column for the same field; kept as an extra.
    SecondColumn = "second_column_for_field",
    /// The value of an unknown column was cut.
    ExtraCut = "extra_cut",
    /// One thing is worded in very many ways.
    ManySpellings = "many_spellings",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing wrong in one cell (or row, or file).
///
/// `Debug` hides the value: it may be personal data, and debug output ends in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    /// Row as a spreadsheet numbers it: the header is row 1. 0 when the problem is the file's.
    pub row: u64,
    /// The column's header as the file spells it; empty when the problem is the whole row's.
    pub column: String,
    /// The value, cut to [`SHOWN_CHARS`] characters, control characters made visible.
    pub value: String,
    /// What kind of problem.
    pub code: Code,
    /// What is wrong and what to do, in English; pages translate by `code`.
    pub message: String,
    /// Whether it keeps the row out.
    pub severity: Severity,
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Problem(row {}, column {:?}, {}, {})", self.row, self.column, self.code, self.severity.as_str())
    }
}

/// `value` cut to [`SHOWN_CHARS`] characters, with control and direction characters replaced by U+FFFD so that an error
/// list cannot be made to show something else.
pub fn shown(value: &str) -> String {
    let mut out = String::with_capacity(value.len().min(SHOWN_CHARS * 2));
    for (i, c) in value.chars().enumerate() {
        if i == SHOWN_CHARS {
            out.push('…');
            break;
        }
        out.push(if c.is_control() || crate::interop::table::is_invisible(c) { '\u{FFFD}' } else { c });
    }
    out
}

/// How a row ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// In, without remark.
    Accepted,
    /// In, with at least one warning.
    AcceptedWithWarnings,
    /// Out, with at least one error.
    Rejected,
    /// Out because it says nothing new: a blank row or a full duplicate.
    Skipped,
}

/// Counts over a file. `rows` is always the sum of the four outcomes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Data rows read.
    pub rows: u64,
    /// Rows in without remark.
    pub accepted: u64,
    /// Rows in with warnings.
    pub accepted_with_warnings: u64,
    /// Rows out with errors.
    pub rejected: u64,
    /// Blank rows and full duplicates.
    pub skipped: u64,
    /// Number of problems by code.
    pub by_code: BTreeMap<Code, u64>,
}

impl Tally {
    /// Counts one row.
    pub fn add(&mut self, outcome: Outcome, problems: &[Problem]) {
        self.rows += 1;
        match outcome {
            Outcome::Accepted => self.accepted += 1,
            Outcome::AcceptedWithWarnings => self.accepted_with_warnings += 1,
            Outcome::Rejected => self.rejected += 1,
            Outcome::Skipped => self.skipped += 1,
        }
        for problem in problems {
            *self.by_code.entry(problem.code).or_default() += 1;
        }
    }

    /// How often a code was reported.
    pub fn count(&self, code: Code) -> u64 {
        self.by_code.get(&code).copied().unwrap_or(0)
    }
}

/// Collects the problems of one row.
#[derive(Debug, Default)]
pub struct Problems {
    row: u64,
    list: Vec<Problem>,
}

impl Problems {
    /// An empty list for row `row`.
    pub const fn new(row: u64) -> Self {
        Self { row, list: Vec::new() }
    }

    /// Adds an error: the row stays out.
    pub fn error(&mut self, column: &str, value: &str, code: Code, message: impl Into<String>) {
        self.push(column, value, code, message.into(), Severity::Error);
    }

    /// Adds a warning: the row goes in.
    pub fn warn(&mut self, column: &str, value: &str, code: Code, message: impl Into<String>) {
        self.push(column, value, code, message.into(), Severity::Warning);
    }

    fn push(&mut self, column: &str, value: &str, code: Code, message: String, severity: Severity) {
        self.list.push(Problem { row: self.row, column: column.to_owned(), value: shown(value), code, message, severity });
    }

    /// Whether any problem keeps the row out.
    pub fn has_error(&self) -> bool {
        self.list.iter().any(|p| p.severity == Severity::Error)
    }

    /// Turns every error into a warning.
    pub fn soften(&mut self) {
        for problem in &mut self.list {
            problem.severity = Severity::Warning;
        }
    }

    /// Whether nothing was found.
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds problems found elsewhere.
    pub fn extend(&mut self, more: Vec<Problem>) {
        self.list.extend(more);
    }

    /// The problems found.
    pub fn into_vec(self) -> Vec<Problem> {
        self.list
    }
}
