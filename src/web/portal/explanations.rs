//! "Why, why not?": any case and found record side by side, with everything the engine says of them and where they stand.

use super::compare::{Side, Sides, band_look};
use super::error::PortalError;
use super::evidence::{EvidenceView, Weighing};
use super::forms::{Errors, Fields};
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::hypotheses::ExclusionLine;
use crate::domain::authority::Right;
use crate::services::ServiceError;
use crate::services::explanations::{self, Explanation, Named, SeenWeighing};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.route("/explicacion", web::get().to(explain));
}

/// What the engine says of the pair.
#[derive(Debug, Clone)]
struct WeighedView {
    tone: &'static str,
    mark: &'static str,
    /// Empty where not all fields may count.
    band: String,
    evidence: EvidenceView,
}

/// The pair that was asked for.
#[derive(Debug, Clone)]
struct PairView {
    case_name: String,
    found_name: String,
    /// Where it stands and what is known of it, in sentences.
    stands: Vec<String>,
    hypothesis: String,
    hypothesis_href: String,
    weighed: Option<WeighedView>,
}

#[derive(Template)]
#[template(path = "pages/explanation.html")]
struct ExplanationPage {
    p: Page,
    errors: Errors,
    case: String,
    found: String,
    pair: Option<PairView>,
}

fn exclusion(p: &Page, line: &ExclusionLine) -> String {
    let what = [p.word("reason", &line.basis), p.word("review-strength", &line.strength)].join("; ");
    let said = p.language.text_with(
        "why-excluded",
        [("day", p.day(line.at.date_naive()).into()), ("authority", line.authority.clone().into()), ("what", what.into())],
    );
    match line.reopened_at {
        Some(at) => format!("{said} {}", p.t1("why-reopened", "day", p.day(at.date_naive()))),
        None => said,
    }
}

fn standing(p: &Page, weighed: Option<&SeenWeighing>) -> Vec<String> {
    let Some(w) = weighed else { return vec![p.t("why-not-compared")] };
    let Some(w) = &w.whole else { return vec![p.t("why-reserved"), p.t("why-not-left-out")] };
    vec![
        p.t2("why-among-found", "place", w.among_found.place, "of", w.among_found.of),
        p.t2("why-among-cases", "place", w.among_cases.place, "of", w.among_cases.of),
        p.word("why-outlook", w.outlook.code()),
        p.t(if w.left_out { "why-left-out" } else { "why-not-left-out" }),
    ]
}

fn pair(p: &Page, e: &Explanation) -> PairView {
    let mut stands = standing(p, e.weighed.as_ref());
    stands.extend(e.exclusions.iter().map(|line| exclusion(p, line)));
    if e.exclusions.is_empty() {
        stands.push(p.t("why-no-exclusion"));
    }
    let weighed = e.weighed.as_ref().map(|w| {
        let band = w.whole.as_ref().map(|w| w.band.as_str()).unwrap_or_default();
        let (tone, mark) = band_look(band);
        let sides = Sides { left: Side::from(&e.case), right: Side::from(&e.found), evidence: &w.evidence };
        let weighing = Weighing { log10_prior: w.log10_prior, coverage: w.whole.as_ref().map(|w| w.coverage), model: &w.model };
        let band = if band.is_empty() { String::new() } else { p.word("band", band) };
        WeighedView { tone, mark, band, evidence: EvidenceView::new(p, &sides, &weighing) }
    });
    PairView {
        case_name: e.case.row.folio.clone(),
        found_name: e.found.row.folio.clone(),
        stands,
        hypothesis: e
            .hypothesis
            .map(|(_, state)| p.t1("why-hypothesis", "state", p.word("hypothesis-state", state.as_str())))
            .unwrap_or_default(),
        hypothesis_href: e.hypothesis.map(|(id, _)| format!("/hipotesis/{id}")).unwrap_or_default(),
        weighed,
    }
}

async fn explain(app: web::Data<App>, who: SignedIn) -> Answer {
    who.actor().require(Right::ReadHypotheses).map_err(ServiceError::from)?;
    let p = who.page();
    let asked = Fields::read(&who.visit.query)?;
    let (case, found) = (asked.get("caso").to_owned(), asked.get("hallazgo").to_owned());
    let mut page = ExplanationPage { p, errors: Errors::default(), case, found, pair: None };
    if page.case.is_empty() && page.found.is_empty() {
        return respond::page(&page);
    }
    for (field, value) in [("caso", &page.case), ("hallazgo", &page.found)] {
        if value.is_empty() {
            page.errors.add(who.visit.lang, field, "why-error-empty");
        }
    }
    if !page.errors.is_empty() {
        return respond::page_with(&page, StatusCode::UNPROCESSABLE_ENTITY);
    }
    match explanations::explain(&app, who.actor(), &Named::read(&page.case), &Named::read(&page.found)).await {
        Ok(e) => {
            // Ids from links give way to the folios people know.
            page.case.clone_from(&e.case.row.folio);
            page.found.clone_from(&e.found.row.folio);
            page.pair = Some(pair(&page.p, &e));
            respond::page(&page)
        }
        Err(ServiceError::NotFound) => {
            page.errors.add(who.visit.lang, "hallazgo", "why-error-unseen");
            respond::page_with(&page, StatusCode::NOT_FOUND)
        }
        Err(other) => Err(PortalError::from(other)),
    }
}
