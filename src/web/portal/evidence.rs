//! The evidence of a pair as pages show it: both values of every field in the order of their weights, the waterfall, what is missing and what it
//! would bring.

use super::charts::{self, Step, Waterfall};
use super::compare::{self, CompareRow, LackingRow, Sides, field_name, in_hundred, level_text};
use super::page::Page;
use crate::linkage::model::Millibans;
use crate::matching::relative;
use crate::matching::score::{Field, probability};
use std::collections::HashMap;

/// What weighed a pair.
pub(super) struct Weighing<'a> {
    /// log10 of the prior odds.
    pub log10_prior: f64,
    /// Share of the fields that could be compared; `None` where it would tell of reserved ones.
    pub coverage: Option<f64>,
    /// The model.
    pub model: &'a str,
}

/// The evidence of a pair, ready for a page.
#[derive(Debug, Clone)]
pub(super) struct EvidenceView {
    pub rows: Vec<CompareRow>,
    pub any_reserved: bool,
    pub chart: Waterfall,
    /// What speaks against, in a sentence; may be empty.
    pub minus: String,
    /// That it may be a relative of the person, in a sentence; empty where that is not likely, or cannot be told.
    pub relative: String,
    pub coverage: String,
    pub model: String,
    /// What could not be compared, worth most first.
    pub lacking: Vec<LackingRow>,
    /// The same in a sentence; empty when nothing is missing.
    pub lacking_text: String,
}

impl EvidenceView {
    /// Of the sides and their evidence as this reader may see them.
    pub(super) fn new(p: &Page, sides: &Sides<'_>, weighing: &Weighing<'_>) -> Self {
        let (chart, minus, weights) = waterfall(p, sides, weighing.log10_prior);
        let rows = compare::rows(p, sides, &weights);
        let lacking = compare::lacking(p, sides);
        let percent = |share: f64| format!("{:.0}", (share * 100.0).clamp(0.0, 100.0));
        Self {
            any_reserved: rows.iter().any(|r| r.mark == "square"),
            rows,
            chart,
            minus,
            relative: relative_text(p, sides, weighing.log10_prior),
            coverage: weighing.coverage.map(|share| p.t1("evidence-coverage", "percent", percent(share))).unwrap_or_default(),
            model: p.t1("evidence-model", "model", weighing.model),
            lacking_text: lacking_text(p, &lacking),
            lacking,
        }
    }
}

/// Bars and sentences of the evidence, and by field the weight as its bar tells it.
fn waterfall(p: &Page, sides: &Sides<'_>, log10_prior: f64) -> (Waterfall, String, HashMap<String, String>) {
    let mut seen: Vec<_> = sides.evidence.iter().filter(|e| e.log10_lr != 0.0).collect();
    seen.sort_by(|a, b| b.log10_lr.total_cmp(&a.log10_lr));
    let steps: Vec<Step> = seen
        .iter()
        .map(|e| Step {
            label: if e.field == "reserved" { p.t("evidence-reserved") } else { field_name(p, &e.field) },
            note: level_text(p, &e.level),
            log10: e.log10_lr,
        })
        .collect();
    let prior = Step { label: p.t("evidence-prior"), note: String::new(), log10: log10_prior };
    let mut chart = charts::waterfall(&prior, &steps, p.t("evidence-total"), String::new());
    // The prior's bar comes first.
    let weights = seen.iter().zip(chart.bars.iter().skip(1)).map(|(e, bar)| (e.field.clone(), bar.weight.clone())).collect();
    let of_kind = |kind: &str, strongest_last: bool| {
        let mut named: Vec<String> = chart
            .bars
            .iter()
            .filter(|b| b.kind == kind && b.weight != "0.0")
            .map(|b| format!("{} ({})", b.label.to_lowercase(), b.weight))
            .collect();
        if strongest_last {
            named.reverse();
        }
        named.truncate(3);
        named.join(", ")
    };
    let (plus, minus) = (of_kind("plus", false), of_kind("minus", true));
    let sentence = |key: &str, list: String| if list.is_empty() { String::new() } else { p.t1(key, "list", list) };
    let (plus, minus) = (sentence("evidence-sentence-plus", plus), sentence("evidence-sentence-minus", minus));
    chart.summary = if plus.is_empty() && minus.is_empty() { p.t("evidence-sentence-none") } else { plus };
    (chart, minus, weights)
}

/// Share of pairs from which on it is said that the record may be a relative's.
const WORTH_SAYING: f64 = 0.05;

fn relative_text(p: &Page, sides: &Sides<'_>, log10_prior: f64) -> String {
    let Some(taken) = sides.evidence_of(Field::Relative.code()).map(|e| Millibans::from_log10(e.log10_lr)) else { return String::new() };
    let odds = Millibans::from_log10(log10_prior) + sides.evidence.iter().map(|e| Millibans::from_log10(e.log10_lr)).sum();
    let share = relative::probability(1.0 - probability(odds), taken);
    if share < WORTH_SAYING { String::new() } else { p.t1("evidence-relative", "share", in_hundred(p, share)) }
}

fn lacking_text(p: &Page, lacking: &[LackingRow]) -> String {
    let most: Vec<String> =
        lacking.iter().filter(|l| !l.worth.is_empty()).take(3).map(|l| format!("{} ({})", l.field.to_lowercase(), l.worth)).collect();
    match (lacking.len(), most.is_empty()) {
        (0, _) => String::new(),
        (n, true) => p.t1("lacking-count", "n", n),
        (n, false) => p.t2("lacking-sentence", "n", n, "list", most.join(", ")),
    }
}
