//! The sealed report of an identification in words: what the content says in codes is said in the report's language, then drawn.

use super::portal::i18n::{Argument, Lang};
use crate::domain::identification::ReportLanguage;
use crate::interop::identification_report::{
    self as drawing, Alternative, EvidenceLine, Figures, GeneticOpinion, IdentificationReport, Language, Signatory,
};
use crate::services::hypotheses::SeenEvidence;
use crate::services::identification::{ComparedAlternative, ReportContent, Snapshot};

/// The media type of a report.
pub const MEDIA_TYPE: &str = "application/pdf";
/// What the name of its file ends in.
pub const ENDING: &str = "pdf";

/// Draws a report; what a use case is given that seals one.
///
/// # Errors
/// What hinders the drawing.
pub fn draw(content: &ReportContent) -> anyhow::Result<Vec<u8>> {
    Ok(drawing::pdf(&report(content))?)
}

fn report(content: &ReportContent) -> IdentificationReport {
    let (lang, language) = match content.language {
        ReportLanguage::Es => (Lang::Es, Language::Es),
        ReportLanguage::En => (Lang::En, Language::En),
    };
    let snapshot = &content.snapshot;
    let (drafter, drafters) = &content.drafted_by;
    let institution = |i: &crate::services::identification::Institution| format!("{} ({})", i.name, lang.country(&i.country));
    IdentificationReport {
        language,
        number: content.number.clone(),
        version: u32::try_from(content.version).unwrap_or_default(),
        issued_at: content.issued_at,
        sealed_at: content.sealed_at,
        case_folio: content.case_folio.clone(),
        case_institution: institution(&content.case_institution),
        remains_folio: content.found_folio.clone(),
        remains_institution: institution(&content.found_institution),
        drafted_by: format!("{drafter}, {drafters}"),
        signatories: content
            .signatures
            .iter()
            .map(|s| Signatory { name: s.name.clone(), office: lang.word("role", &s.office), institution: s.institution.clone(), at: s.at })
            .collect(),
        methods: content.methods.iter().map(|m| lang.word("identification-method", m.as_str())).collect(),
        evidence: snapshot.evidence.iter().map(|e| line(lang, e)).collect(),
        figures: figures(lang, snapshot),
        genetic: content.opinion.as_ref().map(|o| GeneticOpinion {
            by: format!("{}, {}", o.by, o.institution),
            at: o.at,
            markers: (u32::try_from(o.markers).unwrap_or_default(), u32::try_from(o.excluding).unwrap_or_default()),
            tenths: tenths(o.log10_lr),
            frequency_table: o.frequencies.clone(),
            mutation_model: o.mutation.clone(),
            words: o.words.clone(),
        }),
        alternatives: snapshot.alternatives.iter().enumerate().map(|(at, a)| alternative(lang, at + 1, a)).collect(),
        reasoning: content.reasoning.clone(),
        conclusion: content.conclusion.clone(),
        limits: content.limits.clone(),
        models: [Some(format!("Rastro {}", snapshot.program)), Some(snapshot.model.clone()), snapshot.genetic_model.clone()]
            .into_iter()
            .flatten()
            .filter(|m| !m.is_empty())
            .collect(),
        content_hash: content.content_hash.clone(),
        verification_address: content.verification_url.clone(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "log10 of a likelihood ratio in tenths, some hundreds at most")]
fn tenths(log10: f64) -> i64 {
    (log10 * 10.0).round() as i64
}

/// The evidence in words, as the review page says it.
pub fn line(lang: Lang, e: &SeenEvidence) -> EvidenceLine {
    let outcome = if e.comparison == "reserved" { lang.text("review-reserved") } else { lang.word("outcome", &e.comparison) };
    let level = lang.level(&e.level);
    EvidenceLine {
        what: lang.word("field", &e.field),
        finding: if level.is_empty() { outcome } else { format!("{outcome}. {level}") },
        log10_lr: (e.comparison != "not_comparable").then_some(e.log10_lr),
    }
}

fn figures(lang: Lang, snapshot: &Snapshot) -> Figures {
    Figures {
        log10_nongenetic: snapshot.log10_lr_nongenetic,
        log10_genetic: snapshot.log10_lr_genetic,
        log10_prior_odds: snapshot.log10_prior,
        log10_posterior_odds: snapshot.log10_joint,
        posterior_words: lang.word("band", &snapshot.band),
        coverage: snapshot.coverage,
        cases_compared: u64::try_from(snapshot.cases_compared).unwrap_or_default(),
        remains_compared: u64::try_from(snapshot.remains_compared).unwrap_or_default(),
    }
}

fn alternative(lang: Lang, number: usize, a: &ComparedAlternative) -> Alternative {
    let shares = lang.word("identification-shares", &a.shares);
    Alternative {
        name: lang.text_with("identification-alternative", [("n", number.to_string().value()), ("shares", shares.value())]),
        comparison: a.comparisons.iter().map(|(who, words)| format!("{who}: {words}")).collect::<Vec<_>>().join("\n"),
        strength: lang.word("band", &a.band),
    }
}
