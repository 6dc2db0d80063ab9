//! The identification report (dictamen) as a PDF to be kept: PDF/A-2a (ISO 19005-2, conformance level A) and PDF/UA-1 (ISO 14289-1).
//!
//! A pure function from [`IdentificationReport`] to bytes: the same content gives the same bytes, so that a kept report can be told by its SHA-256. The date
//! is the one given, the document id is derived from number and version, nothing else of the machine gets in. The properties of the file (what a
//! search index or a mail program shows) name the number only, never a person or a folio.
//!
//! Genotypes have no place in the content: of genetics it knows how many markers were compared, what they weigh together, and the words of the opinion.
//!
//! [`words`] are what is printed around the content, in both languages; [`body`] is the order of the sections; [`sheet`] breaks lines and pages; [`typeface`]
//! measures and shapes text; [`pdf`] writes what was laid out.

mod body;
mod pdf;
mod sheet;
mod typeface;
mod words;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

/// Language that a report is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Spanish.
    Es,
    /// English.
    En,
}

/// Somebody who signed the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatory {
    /// Name as the person signs.
    pub name: String,
    /// Office: the role that it was signed in, in words.
    pub office: String,
    /// The person's institution.
    pub institution: String,
    /// When it was signed.
    pub at: DateTime<Utc>,
}

/// One line of the evidence: what was compared, what came of it, what it weighs.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceLine {
    /// What was compared, in words ("stature", "healed fracture of the left radius").
    pub what: String,
    /// What came of it, in words.
    pub finding: String,
    /// Common logarithm of the likelihood ratio; `None` where it could not be compared, which weighs nothing.
    pub log10_lr: Option<f64>,
}

/// The figures the decision stands on, as they were when the report was put forward for signature (OB-31).
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// log10 LR of everything but genetics.
    pub log10_nongenetic: f64,
    /// log10 LR of genetics; 0 where none was compared.
    pub log10_genetic: f64,
    /// log10 of the odds before the comparison.
    pub log10_prior_odds: f64,
    /// log10 of the odds after it.
    pub log10_posterior_odds: f64,
    /// What the odds after it mean, in words ("very strong").
    pub posterior_words: String,
    /// Share of the fields that could be compared, 0 to 1.
    pub coverage: f64,
    /// Missing persons that were compared.
    pub cases_compared: u64,
    /// Remains that were compared.
    pub remains_compared: u64,
}

/// The opinion of the geneticist: totals and words, never genotypes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneticOpinion {
    /// Who gave it: name and institution.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Markers compared, and those among them that exclude.
    pub markers: (u32, u32),
    /// Total log10 LR in tenths.
    pub tenths: i64,
    /// Name of the table of allele frequencies.
    pub frequency_table: String,
    /// Name of the mutation model.
    pub mutation_model: String,
    /// The opinion in words.
    pub words: String,
}

/// Another open hypothesis of either side, and why it was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// Which, in words: its number, and which side both want.
    pub name: String,
    /// The written comparisons, each with the institution that wrote it.
    pub comparison: String,
    /// Its strength in words.
    pub strength: String,
}

/// The whole content of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentificationReport {
    /// Language that it is written in.
    pub language: Language,
    /// Number of the report, without any part of a folio; the title of the file.
    pub number: String,
    /// Version, from 1; a version never replaces the bytes of another.
    pub version: u32,
    /// When it was issued: the moment of the second signature.
    pub issued_at: DateTime<Utc>,
    /// When this version was sealed.
    pub sealed_at: DateTime<Utc>,
    /// Folio of the case.
    pub case_folio: String,
    /// Institution of the case.
    pub case_institution: String,
    /// Folio of the remains.
    pub remains_folio: String,
    /// Institution that keeps the remains.
    pub remains_institution: String,
    /// Who drafted it: name and institution.
    pub drafted_by: String,
    /// Who signed, in order of time.
    pub signatories: Vec<Signatory>,
    /// Methods the identification rests on, in words.
    pub methods: Vec<String>,
    /// Everything compared, the heaviest first.
    pub evidence: Vec<EvidenceLine>,
    /// The figures.
    pub figures: Figures,
    /// The genetic opinion, if there is one.
    pub genetic: Option<GeneticOpinion>,
    /// Alternatives that were compared.
    pub alternatives: Vec<Alternative>,
    /// Reasoning, in paragraphs.
    pub reasoning: String,
    /// Conclusion, in paragraphs.
    pub conclusion: String,
    /// What the conclusion does not say and could change it.
    pub limits: String,
    /// Programs and models with their versions.
    pub models: Vec<String>,
    /// SHA-256 of what was signed, hexadecimal.
    pub content_hash: String,
    /// Public address where the file can be verified; printed as QR code too.
    pub verification_address: String,
}

/// A report could not be drawn. Names no content.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// A typeface of the program cannot be read.
    #[error("the typeface of the report cannot be read")]
    Typeface,
    /// The verification address is longer than a QR code holds.
    #[error("the verification address is too long for a QR code")]
    AddressTooLong,
    /// The file would not be PDF/A; the kinds of fault only.
    #[error("the report cannot be written as PDF/A: {0}")]
    NotArchival(String),
}

/// The report as PDF/A-2a.
///
/// Characters that the typeface lacks (it has Latin script with all its accents) are transliterated.
///
/// # Errors
/// [`DrawError`] where the address does not fit into a QR code, or the writer refuses the file.
pub fn pdf(report: &IdentificationReport) -> Result<Vec<u8>, DrawError> {
    let fonts = typeface::Typefaces::load()?;
    let laid = body::lay_out(report, &fonts)?;
    pdf::write(report, &fonts, laid)
}
