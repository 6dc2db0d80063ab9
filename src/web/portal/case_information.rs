//! How much comparing can tell of a case: in words, as a bar of what is recorded and what could be added, and by field.

use super::page::Page;
use crate::db::information::CaseInformation;

/// Width of the bar's drawing.
const WIDTH: f64 = 300.0;
/// Missing fields that are named.
const NAMED: usize = 3;

/// One field of the table.
#[derive(Debug, Clone)]
pub(super) struct WorthRow {
    pub field: String,
    /// Whether it is recorded, in words.
    pub state: String,
    pub worth: String,
}

/// The information content of a case, ready for its page.
#[derive(Debug, Clone)]
pub(super) struct InformationView {
    pub total: String,
    pub band: String,
    /// What would help most; empty when nothing is missing.
    pub help: String,
    /// Units of the bar that are recorded.
    pub told: i32,
    /// Units that what would help most would add.
    pub more: i32,
    pub rows: Vec<WorthRow>,
    pub when: String,
}

#[expect(clippy::cast_possible_truncation, reason = "within the drawing's width")]
fn units(part: f64, whole: f64) -> i32 {
    (part / whole.max(0.1) * WIDTH).clamp(0.0, WIDTH) as i32
}

/// The information content in the reader's language.
pub(super) fn view(p: &Page, i: &CaseInformation) -> InformationView {
    let decibans = |log10: f64| p.t1("lacking-decibans", "n", format!("{:.0}", log10 * 10.0));
    let missing: Vec<_> = i.fields.iter().filter(|f| !f.told && f.log10 > 0.0).take(NAMED).collect();
    let added: f64 = missing.iter().map(|f| f.log10).sum();
    let list: Vec<String> = missing.iter().map(|f| format!("{} ({})", p.word("field", &f.field).to_lowercase(), decibans(f.log10))).collect();
    let told = i.log10_told.max(0.0);
    InformationView {
        total: p.t1("information-total", "n", format!("{:.0}", told * 10.0)),
        band: p.t1("information-band", "band", p.word("band", &i.band).to_lowercase()),
        help: if list.is_empty() { String::new() } else { p.t1("information-help", "list", list.join(", ")) },
        told: units(told, told + added),
        more: units(added, told + added),
        rows: i
            .fields
            .iter()
            .map(|f| WorthRow {
                field: p.word("field", &f.field),
                state: p.t(if f.told { "information-told" } else { "information-missing" }),
                worth: decibans(f.log10),
            })
            .collect(),
        when: p.t1("information-when", "day", p.day(i.at.date_naive())),
    }
}
