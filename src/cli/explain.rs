//! `explain`: why the engine puts two records together or does not, in words and to the last digit.

use super::Out;
use super::sources::{Loaded, Sources};
use crate::linkage::model::Millibans;
use crate::linkage::record::{RecordKey, Side};
use crate::matching::explain::{fill_values, information, standing, usual_worth};
use crate::matching::score::{Comparison, Lacking};
use crate::web::portal::i18n::{Argument, Lang};
use std::process::ExitCode;

/// Options of `explain`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Identifier of the case (in the other modes, of the first record).
    case: String,
    /// Identifier of the found record (of the second).
    record: String,
    #[command(flatten)]
    sources: Sources,
    /// Language of the words: es or en.
    #[arg(long, default_value = "es")]
    lang: String,
}

/// `rastro explain`.
///
/// # Errors
/// Naming the file that cannot be read, or the identifier that is in none.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let lang = Lang::of_tag(&options.lang).ok_or_else(|| anyhow::anyhow!("--lang is es or en"))?;
    let sources = options.sources.load()?;
    let (left, right) = sources.mode.sides();
    let key = |side: Side, id: &str| {
        let at = sources.file(side).ids.iter().position(|known| known == id);
        at.map(|at| RecordKey(at as u128))
            .ok_or_else(|| anyhow::anyhow!("`{id}` is in none of the files; give the identifier as it stands there"))
    };
    let pair = ((left, key(left, &options.case)?), (right, key(right, &options.record)?));
    for line in lines(&sources, pair, lang) {
        Out.line(line);
    }
    if let Some(stands) = standing(&sources.store, pair.0, pair.1, &|_| true) {
        Out.line(lang.text_with("explain-standing", [("place", stands.place.value()), ("of", stands.of.value())]));
    }
    Ok(ExitCode::SUCCESS)
}

/// Two records with their sides.
pub(super) type Pair = ((Side, RecordKey), (Side, RecordKey));

fn decibans(weight: Millibans) -> String {
    format!("{:+.2}", weight.decibans())
}

/// The whole explanation of a pair: the start, every field, the total, what is missing and what it would be worth.
pub(super) fn lines(sources: &Loaded, pair: Pair, lang: Lang) -> Vec<String> {
    let store = &sources.store;
    let Some(mut assessment) = store.assess_any(pair.0, pair.1) else { return Vec::new() };
    let written = |(side, key): (Side, RecordKey)| usize::try_from(key.0).ok().and_then(|at| sources.file(side).records.get(at));
    if let (Some(a), Some(b)) = (written(pair.0), written(pair.1)) {
        fill_values(&mut assessment, a, b);
    }
    let name = |(side, key): (Side, RecordKey)| sources.file(side).id(key).unwrap_or_default().to_owned();
    let mut out = vec![format!("{} · {}", name(pair.0), name(pair.1)), String::new()];
    out.push(format!("{:>9}  {}", decibans(assessment.prior), lang.text("evidence-prior")));
    let mut missing = Vec::new();
    for e in &assessment.evidence {
        let field = lang.word("field", e.field.code());
        if e.comparison == Comparison::NotComparable && !e.field.is_derived() {
            missing.push((e.field, field, e.lacking));
            continue;
        }
        if e.field.is_derived() && e.log10_lr == Millibans(0) {
            continue;
        }
        let outcome = if e.field.is_derived() { String::new() } else { lang.word("outcome", e.comparison.code()) };
        let chance = e.frequency.map(|share| lang.chance(e.field.code(), share)).unwrap_or_default();
        let words = [outcome, lang.level(e.level), chance].into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(". ");
        let values = [&e.left_value, &e.right_value].into_iter().flatten().cloned().collect::<Vec<_>>().join(" / ");
        out.push(format!("{:>9}  {field}: {values}{}{words}", decibans(e.log10_lr), if values.is_empty() { "" } else { " — " }));
    }
    out.push(format!("{:>9}  {}", decibans(assessment.log10_odds), lang.text("evidence-total")));
    out.push(String::new());
    out.push(lang.text_with(
        "explain-odds",
        [
            ("probability", format!("{:.6}", assessment.probability).value()),
            ("band", lang.word("band", assessment.band.code()).value()),
            ("model", assessment.model.value()),
        ],
    ));
    let worth = usual_worth(store, pair.0.0);
    let usual = |field| worth.iter().find(|w| w.0 == field).and_then(|w| w.1);
    let mut missing: Vec<_> = missing.into_iter().filter_map(|(field, name, lacking)| Some((usual(field)?, name, lacking?))).collect();
    missing.sort_by_key(|(usual, ..)| std::cmp::Reverse(*usual));
    for (usual, name, lacking) in missing {
        let key = match lacking {
            Lacking::Record => "explain-missing-right",
            Lacking::Case => "explain-missing-left",
            Lacking::Both => "explain-missing-both",
        };
        out.push(lang.text_with(key, [("field", name.value()), ("decibans", decibans(usual).value())]));
    }
    for one in [pair.0, pair.1] {
        let all = information(store, one.0, one.1).map(|i| i.total()).unwrap_or_default();
        out.push(lang.text_with("explain-information", [("id", name(one).value()), ("decibans", decibans(all).value())]));
    }
    out
}
