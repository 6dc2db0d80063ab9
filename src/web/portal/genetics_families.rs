//! Families: the list of pedigrees, and the page of one with its drawing and what remains weigh for its missing persons.

use super::genetics::geneticist;
use super::genetics_results::{self, ResultView};
use super::page::Page;
use super::pedigree_chart::{Member, PedigreeChart, Standing, pedigree_chart};
use super::respond::{self, Answer, escape_query};
use super::session::SignedIn;
use crate::app::App;
use crate::db::cases::Keyset;
use crate::db::profiles::PedigreeLine;
use crate::domain::authority::Right;
use crate::domain::ids::PedigreeId;
use crate::services::bank::donors::DonorSex;
use crate::services::bank::pedigrees::{self, DrawnIndividual, PedigreeFile};
use crate::web::portal::forms::Fields;
use actix_web::web;
use askama::Template;
use chrono::{DateTime, Utc};

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.route("/banco/familias", web::get().to(list)).route("/banco/familias/{id}", web::get().to(show));
}

const PAGE_SIZE: usize = 50;

struct Line {
    href: String,
    code: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    missing: i64,
    donors: i64,
    since: String,
}

#[derive(Template)]
#[template(path = "pages/genetics_families.html")]
struct ListPage {
    p: Page,
    lines: Vec<Line>,
    columns: Vec<String>,
    summary: String,
    first: String,
    next: String,
}

/// Tone and shape of a pedigree's state.
pub(super) fn state_look(state: &str) -> (&'static str, &'static str) {
    match state {
        "validated" => ("teal", "dot"),
        "draft" => ("violet", "half"),
        _ => ("plain", "square"),
    }
}

fn line(p: &Page, line: &PedigreeLine) -> Line {
    let (tone, mark) = state_look(&line.state);
    Line {
        href: format!("/banco/familias/{}", line.id),
        code: line.code.clone(),
        tone,
        mark,
        state: p.word("pedigree-state", &line.state),
        missing: line.missing,
        donors: line.donors,
        since: p.day(line.created_at.date_naive()),
    }
}

async fn list(app: web::Data<App>, who: SignedIn) -> Answer {
    geneticist(&who)?;
    let query = Fields::read(&who.visit.query)?;
    let after = query.get("despues").split_once('_').and_then(|(at, id)| {
        let at: DateTime<Utc> = at.parse().ok()?;
        Some(Keyset { at, id: id.parse().ok()? })
    });
    let begins = after.is_none();
    let mut lines = pedigrees::list(&app, who.actor(), after, i64::try_from(PAGE_SIZE + 1).unwrap_or(51)).await?;
    let more = lines.len() > PAGE_SIZE;
    lines.truncate(PAGE_SIZE);
    let p = who.page();
    let next = lines.last().filter(|_| more).map(|l| format!("{}_{}", l.created_at.to_rfc3339(), l.id));
    respond::page(&ListPage {
        lines: lines.iter().map(|l| line(&p, l)).collect(),
        columns: ["genetics-family", "col-state", "genetics-missing-count", "genetics-donor-count", "genetics-since"].map(|k| p.t(k)).to_vec(),
        summary: p.t1("genetics-families-shown", "n", lines.len()),
        first: if begins { String::new() } else { "/banco/familias".to_owned() },
        next: next.map(|after| format!("/banco/familias?despues={}", escape_query(&after))).unwrap_or_default(),
        p,
    })
}

/// Somebody of the pedigree, as the table beside the drawing tells it.
struct Person {
    id: String,
    sex: String,
    father: String,
    mother: String,
    adoptive: String,
    who: String,
    href: String,
    standing: String,
}

#[derive(Template)]
#[template(path = "pages/genetics_family.html")]
struct FamilyPage {
    p: Page,
    here: String,
    code: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    state_text: String,
    chart: PedigreeChart,
    chart_text: String,
    people: Vec<Person>,
    columns: Vec<String>,
    remains: String,
    results: Vec<ResultView>,
    others: Vec<ResultView>,
    others_text: String,
}

/// What stands below a symbol.
pub(super) fn standing_word(p: &Page, standing: Standing) -> String {
    match standing {
        Standing::Missing => p.t("genetics-standing-missing"),
        Standing::Typed => p.t("genetics-standing-typed"),
        Standing::Sampled => p.t("genetics-standing-sampled"),
        Standing::Nobody => String::new(),
    }
}

/// People as the drawing takes them; `standing` tells of each how they stand in the search.
pub(super) fn members(p: &Page, people: &[DrawnIndividual], standing: impl Fn(&str) -> Standing) -> Vec<Member> {
    let number = |name: &String| people.iter().position(|i| i.id == *name);
    people
        .iter()
        .map(|one| {
            let standing = standing(&one.id);
            Member {
                name: one.id.clone(),
                note: standing_word(p, standing),
                female: one.sex == DonorSex::Female,
                father: one.father.as_ref().and_then(number),
                mother: one.mother.as_ref().and_then(number),
                adoptive: one.adoptive_parents.iter().filter_map(number).collect(),
                standing,
            }
        })
        .collect()
}

/// One sentence that says what the drawing says.
pub(super) fn chart_text(p: &Page, chart: &PedigreeChart) -> String {
    let names =
        |standing: Standing| chart.symbols.iter().filter(|s| s.standing == standing).map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut text = p.t2("genetics-chart-text", "people", chart.symbols.len(), "generations", chart.generations);
    for (standing, key) in [(Standing::Missing, "genetics-chart-missing"), (Standing::Typed, "genetics-chart-typed")] {
        let names = names(standing);
        if !names.is_empty() {
            text = format!("{text} {}", p.t1(key, "names", names));
        }
    }
    text
}

fn standing_of(file: &PedigreeFile, individual: &str) -> Standing {
    if file.view.missing.iter().any(|m| m.individual == individual) {
        return Standing::Missing;
    }
    let Some(donor) = file.view.donors.iter().find(|d| d.individual == individual) else { return Standing::Nobody };
    if file.donors.iter().any(|d| d.id == donor.donor && d.typed) { Standing::Typed } else { Standing::Sampled }
}

/// Who somebody is outside the pedigree, and where that is read: the case's folio, or the donor's code and relation.
fn identity(p: &Page, file: &PedigreeFile, individual: &str, may_read_cases: bool) -> (String, String) {
    if let Some(missing) = file.view.missing.iter().find(|m| m.individual == individual) {
        let folio = file.cases.iter().find(|c| c.id == missing.case).map(|c| c.folio.clone());
        let href = if may_read_cases && folio.is_some() { format!("/casos/{}", missing.case) } else { String::new() };
        return (p.t1("genetics-who-missing", "folio", folio.unwrap_or_else(|| p.t("review-reserved"))), href);
    }
    let Some(donor) = file.view.donors.iter().find(|d| d.individual == individual) else { return (String::new(), String::new()) };
    let known = file.donors.iter().find(|d| d.id == donor.donor);
    let told = known.map_or_else(|| p.t("review-reserved"), |d| format!("{} · {}", d.code, p.word("donor-relation", &d.relation)));
    (told, known.map(|_| format!("/banco/donantes/{}", donor.donor)).unwrap_or_default())
}

fn person(p: &Page, file: &PedigreeFile, one: &DrawnIndividual, may_read_cases: bool) -> Person {
    let (who, href) = identity(p, file, &one.id, may_read_cases);
    let standing = standing_of(file, &one.id);
    let none = |name: &Option<String>| name.clone().unwrap_or_else(|| "–".to_owned());
    Person {
        id: one.id.clone(),
        sex: p.t(if one.sex == DonorSex::Female { "genetics-female" } else { "genetics-male" }),
        father: none(&one.father),
        mother: none(&one.mother),
        adoptive: one.adoptive_parents.join(", "),
        who,
        href,
        standing: standing_word(p, standing),
    }
}

fn page(who: &SignedIn, file: &PedigreeFile) -> FamilyPage {
    let (p, view) = (who.page(), &file.view);
    let (tone, mark) = state_look(&view.state);
    let chart = pedigree_chart(&members(&p, &view.individuals, |name| standing_of(file, name)));
    let folio = |case| file.cases.iter().find(|c| c.id.0 == case).map_or("", |c| c.folio.as_str());
    let results = view.results.iter().map(|r| genetics_results::result(&p, r, folio(r.case_id), file.remains));
    let (results, others): (Vec<ResultView>, Vec<ResultView>) = results.partition(|r| r.first);
    let may_read_cases = who.actor().may(Right::ReadCases);
    FamilyPage {
        here: format!("/banco/familias/{}", view.id),
        code: view.code.clone(),
        tone,
        mark,
        state: p.word("pedigree-state", &view.state),
        state_text: p.word("pedigree-text", &view.state),
        chart_text: chart_text(&p, &chart),
        chart,
        people: view.individuals.iter().map(|i| person(&p, file, i, may_read_cases)).collect(),
        columns: ["genetics-person", "genetics-sex", "genetics-father", "genetics-mother", "genetics-adoptive", "genetics-who", "genetics-dna"]
            .map(|k| p.t(k))
            .to_vec(),
        remains: p.t1("genetics-remains-compared", "n", file.remains),
        others_text: p.t1("genetics-results-against", "n", others.len()),
        results,
        others,
        p,
    }
}

async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<PedigreeId>) -> Answer {
    geneticist(&who)?;
    let file = pedigrees::file(&app, who.actor(), id.into_inner()).await?;
    respond::page(&page(&who, &file))
}
