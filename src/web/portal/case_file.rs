//! The record of a case, the heart of the desk: who is sought, where the trail leads, what is next, who can see it and who has.

use super::case_consent::ConsentChoices;
use super::case_history::{self, Corrected, Message};
use super::case_information::{self, InformationView};
use super::case_views::{self, Action, Searcher, Stop, state_look};
use super::compare::band_look;
use super::duplicates::{self, RelatedDuplicate};
use super::error::PortalError;
use super::forms::{Choice, Errors, Fields};
use super::mapdata::{MapData, MapLine, MapPoint};
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use super::views::{self, AccessView, Row, Sharing, TimelineEvent};
use crate::app::App;
use crate::db::corrections::CorrectionLine;
use crate::db::duplicates::DuplicateLine;
use crate::db::hypotheses::{HypothesisLine, QueueFilter};
use crate::domain::authority::Right;
use crate::domain::duplicate::DuplicateKind;
use crate::domain::ids::CaseId;
use crate::services::cases::{self, CaseFile};
use crate::services::consents::{self, Subject};
use crate::services::hypotheses;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What is to be done, as chosen from.
const ACTIONS: [&str; 10] = [
    "family_interview",
    "call_family",
    "search_plan",
    "check_hospitals",
    "check_shelters",
    "check_detention",
    "ask_authority",
    "collect_sample",
    "verification",
    "other",
];
const RESULTS: [&str; 5] = ["done", "lead", "no_result", "no_answer", "refused"];

/// A hypothesis of the case.
#[derive(Debug, Clone)]
struct Related {
    href: String,
    tone: &'static str,
    mark: &'static str,
    band: String,
    found: String,
    kind: String,
    state: String,
}

#[derive(Template)]
#[template(path = "pages/case.html")]
struct CasePage {
    p: Page,
    errors: Errors,
    typed: Fields,
    id: Uuid,
    rev: i32,
    folio: String,
    name: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    restricted: bool,
    may_write: bool,
    may_compare: bool,
    sees_samples: bool,
    names: Vec<Row>,
    description: Vec<Row>,
    marks: Vec<Row>,
    sensitive: Vec<Row>,
    missing: String,
    circumstances: Vec<Row>,
    stops: Vec<Stop>,
    has_map: bool,
    map_src: String,
    summary: Vec<Row>,
    searchers: Vec<Searcher>,
    phases: Vec<Choice>,
    phase: String,
    talked: bool,
    actions: Vec<Action>,
    results: Vec<Choice>,
    kinds: Vec<Choice>,
    open_plan: bool,
    hypotheses: Vec<Related>,
    duplicates: Vec<RelatedDuplicate>,
    information: Option<InformationView>,
    messages: Vec<Message>,
    sharing: Vec<Sharing>,
    consents: Vec<TimelineEvent>,
    in_force_for: Vec<Choice>,
    in_force_with: Vec<Choice>,
    consent: ConsentChoices,
    open_give: bool,
    open_withdraw: bool,
    moves: Vec<Choice>,
    timeline: Vec<TimelineEvent>,
    corrections: Vec<Corrected>,
    access: Vec<AccessView>,
    access_columns: Vec<String>,
    correction_columns: Vec<String>,
}

/// What the page is made from.
struct Parts {
    file: CaseFile,
    hypotheses: Vec<HypothesisLine>,
    duplicates: Vec<DuplicateLine>,
    corrections: Vec<CorrectionLine>,
    now: DateTime<Utc>,
}

async fn parts(app: &App, who: &SignedIn, id: CaseId) -> Result<Parts, PortalError> {
    let actor = who.actor();
    let file = cases::file(app, actor, id).await?;
    let filter = QueueFilter { case: Some(id.0), ..QueueFilter::default() };
    let hypotheses = if actor.may(Right::ReadHypotheses) { hypotheses::list(app, actor, &filter, None, 6).await? } else { Vec::new() };
    let duplicates = duplicates::of_record(app, who, DuplicateKind::Case, id.0).await?;
    let corrections = consents::correction_lines(app, actor, Subject::Case(id)).await?;
    Ok(Parts { file, hypotheses, duplicates, corrections, now: app.now() })
}

fn related(p: &Page, line: &HypothesisLine) -> Related {
    let (tone, mark) = band_look(&line.band);
    Related {
        href: format!("/hipotesis/{}", line.id),
        tone,
        mark,
        band: p.word("band", &line.band),
        found: line.found_folio.clone().unwrap_or_else(|| p.t("review-reserved")),
        kind: line.found_kind.as_deref().map(|k| p.word("found-kind", k)).unwrap_or_default(),
        state: p.word("hypothesis-state", &line.state),
    }
}

/// The moves that are possible now, those that need a reason say so.
fn moves(p: &Page, file: &CaseFile, chosen: &str) -> Vec<Choice> {
    file.legal
        .iter()
        .map(|command| Choice {
            value: command.as_str().to_owned(),
            label: p.word("case-command", command.as_str()),
            hint: if command.needs_reason() { p.t("desk-needs-reason") } else { String::new() },
            chosen: chosen == command.as_str(),
        })
        .collect()
}

fn live<'a>(file: &'a CaseFile, of: impl Fn(&'a crate::db::consents::ConsentRow) -> &'a str) -> Vec<&'a str> {
    let mut words: Vec<&str> = file.consents.iter().filter(|c| c.withdrawn_at.is_none()).map(of).collect();
    words.sort_unstable();
    words.dedup();
    words
}

const PHASES: [&str; 4] = ["report", "gathering", "comparing", "talking"];

/// The name of the phase the family sees.
fn phase_name(p: &Page, phase: i16) -> String {
    usize::try_from(phase - 1).ok().and_then(|i| PHASES.get(i)).map(|w| p.word("family-phase", w)).unwrap_or_default()
}

fn page(who: &SignedIn, parts: &Parts, typed: Fields, errors: Errors) -> CasePage {
    let p = who.page();
    let lang = p.language;
    let actor = who.actor();
    let file = &parts.file;
    let (view, row) = (&file.view, &file.view.row);
    let (tone, mark) = state_look(row.state());
    let wrong = |names: &[&str]| names.iter().any(|n| !errors.of(n).is_empty());
    let has_position = view.last_contact.as_ref().is_some_and(|c| c.place.position().is_some())
        || view.journey.iter().any(|l| case_views::leg_place(l).position().is_some());
    let columns = |keys: &[&str]| keys.iter().map(|k| p.t(k)).collect::<Vec<_>>();
    let consent = ConsentChoices::of(lang, &typed, &errors);
    let consent_wrong = consent.purposes.iter().any(|c| wrong(&[&c.to, &c.what])) || wrong(&["consent-language", "explained-by", "granted-by"]);
    CasePage {
        id: row.id,
        rev: row.rev,
        folio: row.folio.clone(),
        name: view.person.display_name().unwrap_or_else(|| p.t("desk-no-name")),
        tone,
        mark,
        state: p.word("case-state", &row.state),
        restricted: row.confidentiality != "normal",
        may_write: actor.may(Right::WriteCases),
        may_compare: actor.may(Right::ReadHypotheses),
        sees_samples: actor.may(Right::ReadSamples),
        names: case_views::names(&p, &view.person),
        description: case_views::described(
            &p,
            &view.person,
            &["birth", "sex", "nationality", "stature", "build", "hair", "eyes", "clothing", "belongings", "companions"],
        ),
        marks: case_views::described(&p, &view.person, &["marks", "dental", "medical"]),
        sensitive: case_views::described(&p, &view.person, &["phone", "document"]),
        missing: case_views::missing(&p, &view.person).join(", "),
        circumstances: case_views::circumstances(&p, view),
        stops: case_views::stops(&p, &view.journey),
        has_map: has_position,
        map_src: format!("/casos/{}/mapa.json", row.id),
        summary: case_views::summary(&p, view, file.contact.as_ref()),
        searchers: case_views::searchers(&p, &file.inquirers),
        phases: (1..=3).map(|n: i16| Choice::new(n.to_string(), phase_name(&p, n), n == row.family_phase)).collect(),
        phase: phase_name(&p, row.family_phase),
        talked: row.family_phase == 4,
        actions: case_views::open_actions(&p, &file.actions, parts.now),
        results: Choice::words(lang, "action-result", &RESULTS, &["done"]),
        kinds: Choice::words(lang, "action", &ACTIONS, &[typed.get("action-kind")]),
        open_plan: wrong(&["action-kind", "action-due", "action-addressee", "action-note"]),
        hypotheses: parts.hypotheses.iter().take(5).map(|h| related(&p, h)).collect(),
        duplicates: duplicates::related(&p, &parts.duplicates, row.id, row.duplicate_of),
        information: file.information.as_ref().map(|i| case_information::view(&p, i)),
        messages: case_history::messages(&p, &file.messages),
        sharing: views::sharing(&p, &file.sharing),
        consents: case_history::consents(&p, &file.consents),
        in_force_for: Choice::words(lang, "purpose", &live(file, |c| &c.purpose), &[typed.get("withdraw-purpose")]),
        in_force_with: Choice::words(lang, "authority", &live(file, |c| &c.recipient_kind), &[typed.get("withdraw-recipient")]),
        consent,
        open_give: consent_wrong,
        open_withdraw: wrong(&["withdraw-reason", "withdraw-purpose", "withdraw-recipient"]),
        moves: moves(&p, file, typed.get("command")),
        timeline: case_history::timeline(&p, file, parts.now),
        corrections: case_history::corrections(&p, &parts.corrections),
        access: views::access(&p, &file.access),
        access_columns: columns(&["accessed-who", "accessed-what", "accessed-when", "accessed-purpose"]),
        correction_columns: columns(&["desk-corrected-field", "desk-corrected-old", "desk-corrected-new", "desk-corrected-why", "accessed-who"]),
        typed,
        errors,
        p,
    }
}

pub(super) async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<CaseId>) -> Answer {
    let parts = parts(&app, &who, id.into_inner()).await?;
    respond::page(&page(&who, &parts, Fields::default(), Errors::default()))
}

/// The page again, with what was typed and what is wrong.
pub(super) async fn again(app: &App, who: &SignedIn, id: CaseId, typed: Fields, errors: Errors, status: StatusCode) -> Answer {
    let parts = parts(app, who, id).await?;
    respond::page_with(&page(who, &parts, typed, errors), status)
}

/// The least certain of the journey's legs.
fn certainty(legs: &[&crate::db::cases::LegRow]) -> &'static str {
    if legs.iter().any(|l| matches!(l.certainty.as_str(), "estimated" | "unknown")) {
        "estimated"
    } else if legs.iter().any(|l| l.certainty == "reported") {
        "reported"
    } else {
        "confirmed"
    }
}

pub(super) async fn map(app: web::Data<App>, who: SignedIn, id: web::Path<CaseId>) -> Answer {
    let file = cases::file(&app, who.actor(), id.into_inner()).await?;
    let p = who.page();
    let mut data = MapData::default();
    let mut point = |place: &crate::domain::place::Place, kind, kind_label: String| {
        if let Some((lat, lon)) = place.position() {
            let label = case_views::uncertain(&p, place);
            data.points.push(MapPoint { lat, lon, kind, label, kind_label, href: None, radius_m: Some(place.radius_m()) });
        }
    };
    if let Some(contact) = &file.view.last_contact {
        point(&contact.place, "missing", p.t("intake-last-contact"));
    }
    for leg in &file.view.journey {
        point(&case_views::leg_place(leg), "stop", p.word("leg-kind", &leg.kind));
    }
    let legs: Vec<_> = file.view.journey.iter().filter(|l| case_views::on_line(l)).collect();
    let line: Vec<[f64; 2]> = legs.iter().filter_map(|l| Some([l.lon?, l.lat?])).collect();
    if line.len() > 1 {
        data.journey = Some(MapLine { name: p.t("desk-journey"), certainty: certainty(&legs), line });
    }
    Ok(HttpResponse::Ok().json(data))
}
