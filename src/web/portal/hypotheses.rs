//! Hypotheses: the queue and the review page. A score ranks work; the page says on every line of it that it identifies nobody.

use super::compare::{self, Side, Sides, band_look, field_name, in_hundred};
use super::error::PortalError;
use super::evidence::{EvidenceView, Weighing};
use super::forms::{Choice, Errors, Fields, Posted};
use super::i18n::{Argument, Lang};
use super::mapdata::{MapData, MapPoint};
use super::page::Page;
use super::respond::{self, Answer, escape_query};
use super::session::SignedIn;
use super::views::TimelineEvent;
use crate::app::App;
use crate::db::duplicates::DuplicateLine;
use crate::db::hypotheses::{EarlierScore, HypothesisLine, OddsKey, QueueFilter, StoredEvidence};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::hypothesis::{Band, ExclusionStrength, HypothesisCommand, HypothesisState, Reason, Verdict, VerdictRefused};
use crate::domain::ids::HypothesisId;
use crate::matching::score::Field;
use crate::services::ServiceError;
use crate::services::hypotheses::{self, HypothesisMove, HypothesisView, NewVerdict};
use crate::services::rivalry::{Rival, Rivalry};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use uuid::Uuid;

const PAGE_SIZE: usize = 25;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/hipotesis", web::get().to(queue))
        .route("/hipotesis/{id}", web::get().to(review))
        .route("/hipotesis/{id}/mapa.json", web::get().to(map))
        .route("/hipotesis/{id}/dictamen", web::post().to(verdict))
        .route("/hipotesis/{id}/paso", web::post().to(command));
}

/// One band's heading with its lines.
#[derive(Debug, Clone)]
struct Group {
    text: String,
    band: String,
    tone: &'static str,
    mark: &'static str,
    lines: Vec<Line>,
}

/// One hypothesis in the queue.
#[derive(Debug, Clone)]
struct Line {
    href: String,
    case: String,
    found: String,
    found_kind: String,
    speaks_for: Vec<String>,
    speaks_against: Vec<String>,
    detail_hidden: bool,
    state: String,
    mine: String,
    since: String,
}

/// How many are open in a band.
#[derive(Debug, Clone)]
struct BandCount {
    label: String,
    tone: &'static str,
    mark: &'static str,
    count: String,
    href: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "pages/hypotheses.html")]
struct QueuePage {
    p: Page,
    bands: Vec<BandCount>,
    states: Vec<Choice>,
    band: String,
    case: String,
    found: String,
    only: String,
    filtered: bool,
    groups: Vec<Group>,
    columns: Vec<String>,
    summary: String,
    here: String,
    first: String,
    next: String,
}

#[derive(Debug, Clone, Default)]
struct Wanted {
    filter: QueueFilter,
    after: Option<OddsKey>,
}

/// What the address asks for; words that are none are left out.
fn wanted(query: &Fields) -> Wanted {
    let word = |name: &str, known: bool| query.opt(name).filter(|_| known);
    let filter = QueueFilter {
        band: word("fuerza", query.get("fuerza").parse::<Band>().is_ok()),
        state: word("estado", query.get("estado").parse::<HypothesisState>().is_ok()),
        case: query.get("caso").parse().ok(),
        found: query.get("hallazgo").parse().ok(),
    };
    let after = query.get("despues").split_once('_').and_then(|(odds, id)| {
        let log10_odds: f64 = odds.parse().ok()?;
        Some(OddsKey { log10_odds: Some(log10_odds).filter(|o| o.is_finite())?, id: id.parse().ok()? })
    });
    Wanted { filter, after }
}

fn address(filter: &QueueFilter, after: Option<OddsKey>) -> String {
    let mut parts = Vec::new();
    for (name, value) in [
        ("fuerza", filter.band.clone()),
        ("estado", filter.state.clone()),
        ("caso", filter.case.map(|c| c.to_string())),
        ("hallazgo", filter.found.map(|f| f.to_string())),
        ("despues", after.map(|a| format!("{}_{}", a.log10_odds, a.id))),
    ] {
        if let Some(value) = value {
            parts.push(format!("{name}={}", escape_query(&value)));
        }
    }
    if parts.is_empty() { "/hipotesis".to_owned() } else { format!("/hipotesis?{}", parts.join("&")) }
}

fn line(p: &Page, actor: &Actor, line: &HypothesisLine) -> Line {
    let evidence: Vec<StoredEvidence> = serde_json::from_value(line.evidence.clone()).unwrap_or_default();
    // Corrections are no data of a person: they would push out what speaks against.
    let speaks = |e: &&StoredEvidence| e.log10_lr.abs() >= 0.05 && e.field != "reserved" && !Field::is_derived_code(&e.field);
    let mut strongest: Vec<&StoredEvidence> = evidence.iter().filter(speaks).collect();
    strongest.sort_by(|a, b| b.log10_lr.abs().total_cmp(&a.log10_lr.abs()));
    let chips = |positive: bool, most: usize| {
        strongest.iter().filter(|e| (e.log10_lr > 0.0) == positive).take(most).map(|e| field_name(p, &e.field)).collect::<Vec<_>>()
    };
    let state: HypothesisState = line.state.parse().unwrap_or(HypothesisState::Withdrawn);
    let mine = if line.mine_given {
        p.t("queue-mine-given")
    } else if state.takes_verdicts() && actor.may(Right::Review) {
        p.t("queue-waiting")
    } else {
        String::new()
    };
    Line {
        href: format!("/hipotesis/{}", line.id),
        case: line.case_folio.clone().unwrap_or_else(|| p.t("review-reserved")),
        found: line.found_folio.clone().unwrap_or_else(|| p.t("review-reserved")),
        found_kind: line.found_kind.as_deref().map(|k| p.word("found-kind", k)).unwrap_or_default(),
        speaks_for: chips(true, 4),
        speaks_against: chips(false, 2),
        detail_hidden: strongest.is_empty(),
        state: p.word("hypothesis-state", &line.state),
        mine,
        since: p.day(line.created_at.date_naive()),
    }
}

fn queue_page(p: Page, actor: &Actor, wanted: &Wanted, mut lines: Vec<HypothesisLine>, counts: &[(String, i64)]) -> QueuePage {
    let more = lines.len() > PAGE_SIZE;
    lines.truncate(PAGE_SIZE);
    let filter = &wanted.filter;
    let next = match lines.last() {
        Some(last) if more => address(filter, Some(OddsKey { log10_odds: last.log10_odds, id: last.id })),
        _ => String::new(),
    };
    let mut groups: Vec<Group> = Vec::new();
    for one in &lines {
        let text = p.word("band-text", &one.band);
        match groups.last_mut() {
            Some(group) if group.text == text => group.lines.push(line(&p, actor, one)),
            _ => {
                let (tone, mark) = band_look(&one.band);
                groups.push(Group { text, band: p.word("band", &one.band), tone, mark, lines: vec![line(&p, actor, one)] });
            }
        }
    }
    let bands = Band::ALL
        .iter()
        .rev()
        .map(|band| {
            let n = counts.iter().find(|(b, _)| b == band.as_str()).map_or(0, |(_, n)| *n);
            let current = filter.band.as_deref() == Some(band.as_str());
            let chosen = (!current).then(|| band.as_str().to_owned());
            let (tone, mark) = band_look(band.as_str());
            BandCount {
                tone,
                mark,
                label: p.word("band", band.as_str()),
                count: p.t1("queue-count-band", "n", n),
                href: address(&QueueFilter { band: chosen, ..filter.clone() }, None),
                current,
            }
        })
        .collect();
    let words: Vec<&str> = HypothesisState::ALL.iter().map(|s| s.as_str()).collect();
    let only = match (filter.case, filter.found, lines.first()) {
        (Some(_), _, Some(first)) => first.case_folio.as_deref().map(|f| p.t1("queue-only-case", "folio", f)).unwrap_or_default(),
        (_, Some(_), Some(first)) => first.found_folio.as_deref().map(|f| p.t1("queue-only-found", "folio", f)).unwrap_or_default(),
        _ => String::new(),
    };
    QueuePage {
        states: Choice::words(p.language, "hypothesis-state", &words, &[filter.state.as_deref().unwrap_or_default()]),
        bands,
        band: filter.band.clone().unwrap_or_default(),
        case: filter.case.map(|c| c.to_string()).unwrap_or_default(),
        found: filter.found.map(|f| f.to_string()).unwrap_or_default(),
        only,
        filtered: address(filter, None) != "/hipotesis",
        groups,
        columns: ["hypothesis-case-side", "hypothesis-record-side", "col-reasons", "col-state", "queue-since"].iter().map(|k| p.t(k)).collect(),
        summary: p.t1("queue-shown", "n", lines.len()),
        here: address(filter, None),
        first: if wanted.after.is_some() { address(filter, None) } else { String::new() },
        next,
        p,
    }
}

async fn queue(app: web::Data<App>, who: SignedIn) -> Answer {
    let wanted = wanted(&Fields::read(&who.visit.query)?);
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(26);
    let lines = hypotheses::list(&app, who.actor(), &wanted.filter, wanted.after, limit).await?;
    let counts = hypotheses::open_by_band(&app, who.actor()).await?;
    respond::page(&queue_page(who.page(), who.actor(), &wanted, lines, &counts))
}

/// The verdict as it stands in the form.
#[derive(Debug, Clone)]
struct VerdictForm {
    verdicts: Vec<Choice>,
    reasons: Vec<Choice>,
    note: String,
    strengths: Vec<Choice>,
    conflict: Vec<Choice>,
}

/// Another move as it stands in the form.
#[derive(Debug, Clone)]
struct MoveForm {
    commands: Vec<Choice>,
    reason: String,
    bases: Vec<Choice>,
    strengths: Vec<Choice>,
}

/// What the reader may do about the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    /// Give one.
    Open,
    /// They gave theirs.
    MineGiven,
    /// Somebody of their institution gave it.
    OursGiven,
    /// The state takes none.
    Closed,
    /// Their role gives none.
    NoRight,
}

/// What the pair is worth beside its rivals, in words.
#[derive(Debug, Clone)]
struct TogetherView {
    sentences: Vec<String>,
    rivals: Vec<RivalLine>,
    /// How many more there are than are shown.
    more: String,
}

/// One rival.
#[derive(Debug, Clone)]
struct RivalLine {
    href: String,
    /// Folio of the side that differs.
    other: String,
    /// What both want, its state and how likely it is.
    words: String,
}

/// Rivals that are shown; the rest are counted.
const RIVALS: usize = 8;

#[derive(Template)]
#[template(path = "pages/hypothesis.html")]
struct ReviewPage {
    p: Page,
    id: Uuid,
    rev: i32,
    errors: Errors,
    band: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    case_name: String,
    case_href: String,
    found_name: String,
    found_href: String,
    /// Page of the link, words and folios.
    linked: Vec<(String, String)>,
    hidden: bool,
    evidence: EvidenceView,
    has_map: bool,
    map_src: String,
    places: Vec<(String, String)>,
    together: Option<TogetherView>,
    /// What it weighed before, newest first.
    earlier: Vec<String>,
    stand: Stand,
    given: String,
    /// Whether no second institution sees it, so that nobody could give the other verdict.
    alone: bool,
    verdict: VerdictForm,
    board: bool,
    board_reason: String,
    /// Whether an identification can be read here, and begun.
    identified: bool,
    may_identify: bool,
    may_move: bool,
    other: MoveForm,
    history: Vec<TimelineEvent>,
}

fn verdict_form(lang: Lang, typed: &Fields) -> VerdictForm {
    let hinted = |word: &str, name: &str, key: &str| {
        let hint = format!("{key}-hint");
        Choice {
            hint: if lang.has(&hint) { lang.text(&hint) } else { String::new() },
            ..Choice::new(word, lang.text(key), typed.ticked(name, word))
        }
    };
    let reasons: Vec<&str> = Reason::ALL.iter().map(|r| r.as_str()).collect();
    VerdictForm {
        verdicts: Verdict::ALL
            .iter()
            .map(|v| hinted(v.as_str(), "verdict", &format!("review-verdict-{}", v.as_str().replace('_', "-"))))
            .collect(),
        reasons: Choice::words(lang, "reason", &reasons, &typed.all("reasons")),
        note: typed.get("note").to_owned(),
        strengths: ExclusionStrength::ALL.iter().map(|s| hinted(s.as_str(), "strength", &format!("review-strength-{s}"))).collect(),
        conflict: vec![hinted("yes", "conflict_of_interest", "review-conflict")],
    }
}

fn move_form(lang: Lang, typed: &Fields, legal: &[HypothesisCommand]) -> MoveForm {
    // Confirming has a form of its own.
    let commands: Vec<&str> = legal.iter().filter(|c| **c != HypothesisCommand::Confirm).map(|c| c.as_str()).collect();
    let reasons: Vec<&str> = Reason::ALL.iter().map(|r| r.as_str()).collect();
    // For ever is said by two institutions' verdicts only.
    let one_says = ExclusionStrength::ALL.iter().filter(|s| **s != ExclusionStrength::Absolute);
    let strengths: Vec<&str> = one_says.map(|s| s.as_str()).collect();
    MoveForm {
        commands: Choice::words(lang, "hypothesis-command", &commands, &[typed.get("command")]),
        reason: typed.get("reason").to_owned(),
        bases: Choice::words(lang, "reason", &reasons, &[typed.get("basis")]),
        strengths: Choice::words(lang, "review-strength", &strengths, &[typed.get("move-strength")]),
    }
}

fn history(p: &Page, actor: &Actor, view: &HypothesisView) -> Vec<TimelineEvent> {
    let institution = |id: Uuid| view.institutions.iter().find(|(a, _)| *a == id).map(|(_, name)| name.clone());
    let mut dated: Vec<(chrono::DateTime<chrono::Utc>, String, String)> = Vec::new();
    for review in &view.reviews {
        let who = if review.reviewer == actor.user.0 {
            p.t("review-you")
        } else {
            institution(review.authority_id).unwrap_or_else(|| p.t("review-other-institution"))
        };
        let reasons: Vec<String> = review.reason_codes.iter().map(|r| p.word("reason", r)).collect();
        let title = p.t2("review-history-verdict", "who", who, "verdict", p.word("verdict", &review.verdict));
        dated.push((review.at, title, format!("{}. {}", reasons.join(", "), review.note)));
    }
    for access in &view.history {
        let told = access.action == "verdict" && view.reviews.iter().any(|r| r.at == access.at);
        if matches!(access.action.as_str(), "command" | "verdict") && !told {
            dated.push((access.at, p.word("deed", &access.action), access.authority.clone()));
        }
    }
    let origin = if view.row.origin == "automatic" { "review-history-proposed" } else { "review-history-proposed-person" };
    dated.push((view.row.created_at, p.t(origin), String::new()));
    dated.sort_by_key(|d| std::cmp::Reverse(d.0));
    dated.into_iter().map(|(at, title, text)| TimelineEvent { when: p.moment(at), title, text, state: "done" }).collect()
}

/// The page of a link and "FOLIO is linked with FOLIO".
fn linked_to(p: &Page, view: &HypothesisView, line: &DuplicateLine) -> (String, String) {
    let reserved = |folio: &Option<String>| folio.clone().unwrap_or_else(|| p.t("review-reserved"));
    let (one, two) = (reserved(&line.one_folio), reserved(&line.two_folio));
    let first = line.one_id == view.row.case_id || line.one_id == view.row.found_id;
    let (this, other) = if first { (one, two) } else { (two, one) };
    (format!("/duplicados/{}", line.id), p.t2("review-linked", "this", this, "other", other))
}

fn review_page(p: Page, actor: &Actor, view: &HypothesisView, typed: &Fields, errors: Errors) -> ReviewPage {
    let lang = p.language;
    let state = view.row.state();
    let [left, right] = [view.case.as_ref().map(Side::from), view.found.as_ref().map(Side::from)].map(Option::unwrap_or_default);
    let sides = Sides { left, right, evidence: &view.evidence };
    let weighing = Weighing { log10_prior: view.row.log10_prior, coverage: Some(view.row.coverage), model: &view.row.model };
    let mut evidence = EvidenceView::new(&p, &sides, &weighing);
    if view.rivalry.is_none() {
        // Decided: people know better.
        evidence.relative.clear();
    }
    let (tone, mark) = band_look(&view.row.band);
    let may = actor.may(Right::Review);
    let stand = if !may {
        Stand::NoRight
    } else if view.mine_given {
        Stand::MineGiven
    } else if view.ours_given {
        Stand::OursGiven
    } else if state.takes_verdicts() {
        Stand::Open
    } else {
        Stand::Closed
    };
    let data = map_data(&p, view);
    let confirmed_remains = state == HypothesisState::Confirmed && view.found.as_ref().is_some_and(|f| f.row.kind().is_remains());
    let reserved = p.t("review-reserved");
    let own_case = view.case.as_ref().is_some_and(|c| c.sight.is_owner());
    let own_found = view.found.as_ref().is_some_and(|f| f.sight.is_owner());
    ReviewPage {
        id: view.row.id,
        rev: view.row.rev,
        errors,
        band: p.word("band", &view.row.band),
        tone,
        mark,
        state: p.word("hypothesis-state", &view.row.state),
        case_name: view.case.as_ref().map_or_else(|| reserved.clone(), |c| c.row.folio.clone()),
        case_href: if own_case && actor.may(Right::ReadCases) { format!("/casos/{}", view.row.case_id) } else { String::new() },
        found_name: view.found.as_ref().map_or_else(|| reserved.clone(), |f| f.row.folio.clone()),
        found_href: if own_found && actor.may(Right::ReadFound) { format!("/hallazgos/{}", view.row.found_id) } else { String::new() },
        linked: view.linked.iter().map(|l| linked_to(&p, view, l)).collect(),
        hidden: view.case.is_none() || view.found.is_none(),
        evidence,
        has_map: !data.points.is_empty(),
        map_src: format!("/hipotesis/{}/mapa.json", view.row.id),
        places: data.points.iter().map(|point| (point.kind_label.clone(), point.label.clone())).collect(),
        together: view.rivalry.as_ref().and_then(|r| together(&p, view.row.probability, r)),
        earlier: view.earlier_scores.iter().map(|s| earlier_score(&p, s)).collect(),
        stand,
        given: p.t1("review-given", "n", view.given),
        alone: view.row.visible_to.len() < 2,
        verdict: verdict_form(lang, typed),
        board: may && view.legal.contains(&HypothesisCommand::Confirm),
        board_reason: typed.get("board-reason").to_owned(),
        identified: confirmed_remains,
        may_identify: confirmed_remains && actor.may(Right::Identify),
        may_move: may,
        other: move_form(lang, typed, &view.legal),
        history: history(&p, actor, view),
        p,
    }
}

/// What the pair is worth beside its rivals; nothing where nobody competes.
fn together(p: &Page, alone: f64, rivalry: &Rivalry) -> Option<TogetherView> {
    if rivalry.rivals.is_empty() {
        return None;
    }
    let mut sentences = vec![
        p.t2("together-pair", "alone", in_hundred(p, alone), "together", in_hundred(p, rivalry.probability)),
        p.t1("together-none-record", "share", in_hundred(p, rivalry.none_of_record)),
    ];
    sentences.extend(rivalry.no_remains_of_case.map(|none| p.t1("together-none-case", "share", in_hundred(p, none))));
    let reserved = || p.t("review-reserved");
    let line = |rival: &Rival| RivalLine {
        href: format!("/hipotesis/{}", rival.id),
        other: if rival.shares == "case" { rival.found_folio.clone() } else { rival.case_folio.clone() }.unwrap_or_else(reserved),
        words: p.t2(
            &format!("together-wants-{}", rival.shares.replace('_', "-")),
            "state",
            p.word("hypothesis-state", rival.state.as_str()),
            "share",
            in_hundred(p, rival.probability),
        ),
    };
    let more = rivalry.rivals.len().saturating_sub(RIVALS);
    Some(TogetherView {
        sentences,
        rivals: rivalry.rivals.iter().take(RIVALS).map(line).collect(),
        more: if more > 0 { p.t1("together-more", "n", more) } else { String::new() },
    })
}

/// An earlier score in words.
fn earlier_score(p: &Page, score: &EarlierScore) -> String {
    let decibans = format!("{:+.1}", score.log10_odds * 10.0);
    let (band, at) = (p.word("band", &score.band), p.moment(score.replaced_at));
    let values = [("decibans", decibans.value()), ("model", score.model.as_str().value()), ("band", band.value()), ("at", at.value())];
    p.language.text_with("evidence-earlier-score", values)
}

async fn review(app: web::Data<App>, who: SignedIn, id: web::Path<HypothesisId>) -> Answer {
    let view = hypotheses::read(&app, who.actor(), id.into_inner()).await?;
    respond::page(&review_page(who.page(), who.actor(), &view, &Fields::default(), Errors::default()))
}

fn map_data(p: &Page, view: &HypothesisView) -> MapData {
    let mut data = MapData::default();
    let contact = view.case.as_ref().and_then(|c| c.last_contact.as_ref());
    let sides = [
        (contact.map(|c| &c.place), contact.and_then(|c| c.at), "missing", "review-map-case"),
        (
            view.found.as_ref().and_then(|f| f.place.as_ref()),
            view.found.as_ref().and_then(|f| f.found_at),
            view.found.as_ref().map_or("living", |f| f.row.kind().as_str()),
            "review-map-found",
        ),
    ];
    for (place, when, kind, key) in sides {
        let Some((place, (lat, lon))) = place.and_then(|pl| Some((pl, pl.position()?))) else { continue };
        let words = compare::place_text(p, place);
        let when = when.map(|w| p.partial(w)).unwrap_or_default();
        let label = [words, when].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(", ");
        data.points.push(MapPoint { lat, lon, kind, label, kind_label: p.t(key), href: None, radius_m: Some(place.radius_m()) });
    }
    data
}

async fn map(app: web::Data<App>, who: SignedIn, id: web::Path<HypothesisId>) -> Answer {
    let view = hypotheses::read(&app, who.actor(), id.into_inner()).await?;
    Ok(HttpResponse::Ok().json(map_data(&who.page(), &view)))
}

fn verdict_refused(error: VerdictRefused) -> &'static str {
    match error {
        VerdictRefused::SamePerson => "review-same-person",
        VerdictRefused::SameInstitution => "review-same-institution",
    }
}

/// What went wrong, on the form that was sent; errors that concern no form go on.
fn form_errors(
    lang: Lang,
    error: ServiceError,
    keys: impl Fn(&str) -> Option<(&'static str, &'static str)>,
) -> Result<(Errors, StatusCode), PortalError> {
    let mut errors = Errors::default();
    let status = match error {
        ServiceError::Invalid(faults) => {
            for fault in &faults.0 {
                match keys(&fault.pointer).filter(|_| fault.code == "empty" || fault.code == "conflict") {
                    Some((field, key)) => errors.add(lang, field, key),
                    None => {
                        let field = keys(&fault.pointer).map_or("", |(field, _)| field);
                        errors.0.push(super::forms::FieldError { field: field.to_owned(), text: super::forms::fault_text(lang, fault) });
                    }
                }
            }
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ServiceError::Verdict(refused) => {
            errors.add(lang, "", verdict_refused(refused));
            StatusCode::CONFLICT
        }
        ServiceError::Stale(_) => {
            errors.add(lang, "", "review-stale");
            StatusCode::PRECONDITION_FAILED
        }
        ServiceError::IllegalHypothesis(_) => {
            errors.add(lang, "", "review-illegal");
            StatusCode::CONFLICT
        }
        ServiceError::Rival => {
            errors.add(lang, "", "review-rival");
            StatusCode::CONFLICT
        }
        ServiceError::Refused(_) => {
            errors.add(lang, "", "review-refused");
            StatusCode::CONFLICT
        }
        other => return Err(other.into()),
    };
    Ok((errors, status))
}

async fn again(app: &App, who: &SignedIn, id: HypothesisId, typed: &Fields, errors: Errors, status: StatusCode) -> Answer {
    let view = hypotheses::read(app, who.actor(), id).await?;
    respond::page_with(&review_page(who.page(), who.actor(), &view, typed, errors), status)
}

/// The revision that the form was made from.
fn revision(form: &Fields) -> Result<i32, PortalError> {
    form.get("rev").parse().map_err(|_| PortalError::Unreadable)
}

async fn verdict(app: web::Data<App>, who: SignedIn, id: web::Path<HypothesisId>, form: Posted) -> Answer {
    let (id, lang, rev) = (id.into_inner(), who.visit.lang, revision(&form)?);
    let mut errors = Errors::default();
    let chosen: Option<Verdict> = form.word(lang, "verdict", &mut errors);
    let strength = form.word(lang, "strength", &mut errors);
    let reasons: Vec<Reason> = form.all("reasons").iter().filter_map(|r| r.parse().ok()).collect();
    let Some(chosen) = chosen.filter(|_| errors.is_empty()) else {
        if errors.of("verdict").is_empty() {
            errors.add(lang, "verdict", "review-error-verdict");
        }
        if reasons.is_empty() {
            errors.add(lang, "reasons", "review-error-reasons");
        }
        if form.get("note").is_empty() {
            errors.add(lang, "note", "review-error-note");
        }
        return again(&app, &who, id, &form, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let new = NewVerdict {
        verdict: chosen,
        reasons,
        note: form.get("note").to_owned(),
        strength: strength.filter(|_| chosen == Verdict::Reject),
        conflict_of_interest: form.ticked("conflict_of_interest", "yes"),
    };
    match hypotheses::give_verdict(&app, who.actor(), id, rev, new).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &format!("/hipotesis/{id}"), "success", "flash-verdict-given")),
        Err(error) => {
            let (errors, status) = form_errors(lang, error, |pointer| {
                Some(match pointer {
                    "/reasons" => ("reasons", "review-error-reasons"),
                    "/note" => ("note", "review-error-note"),
                    "/strength" => ("strength", "review-error-strength"),
                    "/conflict_of_interest" => ("conflict_of_interest", "review-error-conflict"),
                    _ => return None,
                })
            })?;
            again(&app, &who, id, &form, errors, status).await
        }
    }
}

async fn command(app: web::Data<App>, who: SignedIn, id: web::Path<HypothesisId>, form: Posted) -> Answer {
    let (id, lang, rev) = (id.into_inner(), who.visit.lang, revision(&form)?);
    let mut errors = Errors::default();
    let chosen: Option<HypothesisCommand> = form.word(lang, "command", &mut errors);
    let basis: Option<Reason> = form.word(lang, "basis", &mut errors);
    let strength = form.word(lang, "move-strength", &mut errors);
    let Some(chosen) = chosen.filter(|_| errors.is_empty()) else {
        if errors.is_empty() {
            errors.add(lang, "command", "review-error-move");
        }
        return again(&app, &who, id, &form, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let confirms = chosen == HypothesisCommand::Confirm;
    let reason_field = if confirms { "board-reason" } else { "reason" };
    let wanted = HypothesisMove { command: chosen, reason: form.get(reason_field).to_owned(), basis, strength };
    match hypotheses::command(&app, who.actor(), id, rev, wanted).await {
        Ok(_) => {
            let key = if confirms { "flash-hypothesis-confirmed" } else { "flash-hypothesis-moved" };
            Ok(respond::see_with(&app.settings, &format!("/hipotesis/{id}"), "success", key))
        }
        Err(error) => {
            let (errors, status) = form_errors(lang, error, |pointer| {
                Some(match pointer {
                    "/reason" => (reason_field, "review-error-reason"),
                    "/basis" => ("basis", "review-error-basis"),
                    _ => return None,
                })
            })?;
            again(&app, &who, id, &form, errors, status).await
        }
    }
}
