//! What a likelihood ratio of kinship says, in words that can be read aloud: how many times more probable, how strong on a verbal scale, out of how many remains.
//!
//! Verbal scale: European Network of Forensic Science Institutes, "ENFSI guideline for evaluative reporting in forensic science" (2015), read both ways.

use super::i18n::{Argument, Lang};
use super::page::Page;
use crate::db::profiles::ResultLine;

/// What remains weigh for a missing person.
#[derive(Debug, Clone)]
pub(super) struct ResultView {
    pub title: String,
    /// Whether it is shown at once: it speaks for kinship, has to be looked at, or was withdrawn.
    pub first: bool,
    pub found: String,
    pub href: String,
    pub tone: &'static str,
    pub mark: &'static str,
    pub badge: String,
    /// The figure in words, and what it supports.
    pub sentences: Vec<String>,
    pub log10: String,
    pub compared: String,
    pub excluding: String,
    /// How it was weighed.
    pub model: Vec<String>,
    pub when: String,
}

/// The degree of support of a log10 LR's size.
fn degree(size: f64) -> &'static str {
    match size {
        s if s < 0.005 => "none",
        s if s < 1.0 => "weak",
        s if s < 2.0 => "moderate",
        s if s < 3.0 => "moderately-strong",
        s if s < 4.0 => "strong",
        s if s < 6.0 => "very-strong",
        _ => "extremely-strong",
    }
}

/// How many times, of a size in log10 units, in two digits: "3.2", "12 000", "2.4 million", from 10^15 on as a power of ten.
pub(super) fn times(lang: Lang, size: f64) -> String {
    let two = |n: f64| if n < 10.0 { format!("{n:.1}") } else { format!("{:.0}", rounded(n)) };
    let unit = |key: &str, below: f64| lang.text_with(key, [("n", two(10f64.powf(size - below)).value())]);
    match size {
        s if s < 6.0 => lang.thousands(&two(10f64.powf(s))),
        s if s < 9.0 => unit("genetics-millions", 6.0),
        s if s < 12.0 => unit("genetics-thousand-millions", 9.0),
        s if s < 15.0 => unit("genetics-million-millions", 12.0),
        s => lang.text_with("genetics-power-of-ten", [("n", format!("{:.0}", s.floor()).value())]),
    }
}

/// A number of 10 and more to two digits.
fn rounded(n: f64) -> f64 {
    let unit = 10f64.powf(n.log10().floor() - 1.0);
    (n / unit).round() * unit
}

/// How likely remains are a missing person's when, before, they were as likely any of `remains` compared or none of them: odds of 1 to `remains`.
pub(super) fn posterior(log10: f64, remains: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count of remains")]
    let remains = remains.max(1) as f64;
    1.0 / (1.0 + 10f64.powf(remains.log10() - log10))
}

/// A share of 0 to 1 in per cent, never 0 and never 100.
pub(super) fn per_cent(lang: Lang, share: f64) -> String {
    match share {
        s if s > 0.9999 => lang.text("genetics-above-9999"),
        s if s < 0.0001 => lang.text("genetics-below-0001"),
        s => format!("{:.2} %", s * 100.0),
    }
}

/// What was weighed with, of a stamp `release; table; rare alleles; mutation …; theta …`; a stamp of another form as it is.
pub(super) fn stamp(lang: Lang, stamp: &str) -> Vec<String> {
    let parts: Vec<&str> = stamp.split("; ").collect();
    let [release, table, rare, mutation, theta] = parts[..] else { return vec![stamp.to_owned()] };
    let table = lang.text_with("genetics-stamp-table", [("table", lang.word("frequency-table", table).value()), ("name", table.value())]);
    let rare = if rare == "5/2N" { lang.text("genetics-stamp-rare") } else { rare.to_owned() };
    let mut words = mutation.split([' ', '/']).skip(1);
    let model = words.next().unwrap_or_default();
    let mutation = match (words.next(), words.next()) {
        (Some(women), Some(men)) => {
            let model = lang.word("mutation-model", model);
            lang.text_with("genetics-stamp-mutation", [("model", model.value()), ("women", women.value()), ("men", men.value())])
        }
        _ => lang.text("genetics-stamp-no-mutation"),
    };
    let theta = match theta.strip_prefix("theta ") {
        Some("0") => lang.text("genetics-stamp-no-theta"),
        Some(value) => lang.text_with("genetics-stamp-theta", [("n", value.value())]),
        None => theta.to_owned(),
    };
    vec![table, rare, mutation, theta, lang.text_with("genetics-stamp-release", [("release", release.value())])]
}

/// log10 LR with its sign and two decimals.
pub(super) fn signed(log10: f64) -> String {
    let text = format!("{:.2}", log10.abs());
    match log10 {
        _ if text == "0.00" => text,
        l if l < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

fn sentences(lang: Lang, line: &ResultLine, who: &str, found: &str, remains: i64) -> Vec<String> {
    let mut all = Vec::new();
    if line.basis == "direct" {
        all.push(lang.text("genetics-direct"));
    }
    all.extend(figures(lang, line, who, found, remains));
    all.extend(line.lines.iter().map(|told| lang.text(&format!("genetics-line-{}", told.replace('_', "-")))));
    all
}

fn figures(lang: Lang, line: &ResultLine, who: &str, found: &str, remains: i64) -> Vec<String> {
    let size = line.log10_lr.abs();
    let degree = degree(size);
    let of = |key: &str| lang.text_with(key, [("n", times(lang, size).value()), ("who", who.value()), ("found", found.value())]);
    if line.excluding > 0 {
        let own = line.basis == "direct";
        let mismatch = lang.text_with(
            if own { "genetics-mismatch-own" } else { "genetics-mismatch" },
            [("n", line.excluding.value()), ("of", line.compared.value())],
        );
        let rest = of(if line.log10_lr < 0.0 { "genetics-rest-against" } else { "genetics-rest-for" });
        let many = if own { "genetics-mismatch-many-own" } else { "genetics-mismatch-many" };
        return vec![mismatch, rest, lang.text(if line.excluding > 2 { many } else { "genetics-mismatch-few" })];
    }
    if degree == "none" {
        return vec![lang.text("genetics-lr-none")];
    }
    let (figure, supports) =
        if line.log10_lr > 0.0 { ("genetics-lr-for", "genetics-supports-for") } else { ("genetics-lr-against", "genetics-supports-against") };
    let degree = lang.text(&format!("genetics-degree-{degree}"));
    let mut all = vec![of(figure), lang.text_with(supports, [("degree", degree.value())])];
    if remains > 0 {
        let share = per_cent(lang, posterior(line.log10_lr, remains));
        all.push(lang.text_with("genetics-posterior", [("n", remains.value()), ("share", share.value())]));
    }
    all
}

/// Whether sex, Y or mtDNA speak against it.
fn contradicted(line: &ResultLine) -> bool {
    line.lines.iter().any(|told| told.ends_with("_excludes"))
}

/// A result in words. `folio` of the case may be empty; `remains` is how many were compared.
pub(super) fn result(p: &Page, line: &ResultLine, folio: &str, remains: i64) -> ResultView {
    let lang = p.language;
    let found = line.found_folio.clone().unwrap_or_else(|| p.t("genetics-found-reserved"));
    let withdrawn = line.state == "withdrawn";
    let (tone, mark, badge) = match line {
        _ if withdrawn => ("brick", "cross", "genetics-badge-withdrawn"),
        l if l.excluding > 0 || contradicted(l) => ("honey", "triangle", "genetics-badge-mismatch"),
        l if l.log10_lr >= 4.0 => ("teal", "dot", "genetics-badge-for"),
        l if l.log10_lr >= 0.005 => ("teal", "ring", "genetics-badge-weak"),
        l if l.log10_lr <= -0.005 => ("honey", "square", "genetics-badge-against"),
        _ => ("plain", "ring", "genetics-badge-none"),
    };
    let name = if folio.is_empty() { line.individual.clone() } else { format!("{} ({folio})", line.individual) };
    ResultView {
        title: p.t2("genetics-result-title", "found", &found, "who", &name),
        first: withdrawn || (1..=2).contains(&line.excluding) || (line.excluding == 0 && line.log10_lr >= 0.005),
        href: line.found_folio.as_ref().map(|_| format!("/hallazgos/{}", line.found_id)).unwrap_or_default(),
        tone,
        mark,
        badge: p.t(badge),
        sentences: if withdrawn { vec![p.t("genetics-withdrawn")] } else { sentences(lang, line, &line.individual, &found, remains) },
        log10: if withdrawn { String::new() } else { signed(line.log10_lr) },
        compared: line.compared.to_string(),
        excluding: line.excluding.to_string(),
        model: stamp(lang, &line.model),
        when: p.moment(line.at),
        found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_has_the_bounds_of_the_guideline_and_is_the_same_both_ways() {
        let at = |log10: f64| degree(log10.abs());
        assert_eq!(
            [0.0, 0.3, 1.0, 2.0, 3.0, 4.0, 6.0].map(at),
            ["none", "weak", "moderate", "moderately-strong", "strong", "very-strong", "extremely-strong"]
        );
        assert_eq!(
            [-0.3, -1.5, -2.5, -3.5, -5.0, -9.0].map(at),
            ["weak", "moderate", "moderately-strong", "strong", "very-strong", "extremely-strong"]
        );
    }

    #[test]
    fn a_figure_is_told_in_two_digits_and_words_for_what_is_large() {
        assert_eq!([0.5, 1.2, 3.345, 5.999].map(|s| times(Lang::En, s)), ["3.2", "16", "2200", "1,000,000"]);
        assert_eq!(times(Lang::En, 7.0), "10 million");
        assert_eq!(times(Lang::Es, 10.5), "32 mil millones de");
        assert!(times(Lang::Es, 17.4).contains("17"));
        assert_eq!([0.004, -0.004, 2.345, -1.0].map(signed), ["0.00", "0.00", "+2.35", "−1.00"].map(str::to_owned));
    }

    #[test]
    fn a_posterior_falls_with_the_number_of_remains_and_is_never_certain() {
        assert!((posterior(3.0, 1000) - 0.5).abs() < 1e-12);
        assert!(posterior(3.0, 10) > posterior(3.0, 1000));
        assert_eq!(per_cent(Lang::En, posterior(40.0, 5)), Lang::En.text("genetics-above-9999"));
        assert_eq!(per_cent(Lang::En, posterior(-300.0, 5)), Lang::En.text("genetics-below-0001"));
    }

    #[test]
    fn a_stamp_is_told_in_words_and_one_of_another_form_as_it_is() {
        let told = stamp(Lang::En, "kinship-1; fbi2015_sw_hispanic; 5/2N; mutation proportional 0.0005/0.002; theta 0");
        assert_eq!(told.len(), 5);
        assert!(told[2].contains("0.0005") && told[2].contains("0.002"), "{told:?}");
        assert!(!told.concat().contains('⟦'), "{told:?}");
        assert_eq!(stamp(Lang::En, "other"), ["other"]);
    }
}
