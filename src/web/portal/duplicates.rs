//! Possible duplicates: the list, the page of one with both records side by side, linking by folio, and what the file of a record shows of them.

use super::compare::{Side, Sides, band_look, field_name};
use super::error::PortalError;
use super::evidence::{EvidenceView, Weighing};
use super::forms::{Choice, Errors, FieldError, Fields, Posted, fault_text};
use super::i18n::Lang;
use super::page::Page;
use super::respond::{self, Answer, escape_query};
use super::session::SignedIn;
use super::views::TimelineEvent;
use crate::app::App;
use crate::db::duplicates::{DuplicateFilter, DuplicateLine};
use crate::db::hypotheses::{OddsKey, StoredEvidence};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::duplicate::{DuplicateCommand, DuplicateKind, DuplicateState};
use crate::domain::ids::DuplicateId;
use crate::domain::violations::Violation;
use crate::services::ServiceError;
use crate::services::duplicates::{self, DuplicateMove, DuplicateView, NewDuplicate, RecordView};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use uuid::Uuid;

const PAGE_SIZE: usize = 25;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/duplicados", web::get().to(queue))
        .route("/duplicados/vincular", web::get().to(link_form))
        .route("/duplicados/vincular", web::post().to(link))
        .route("/duplicados/{id}", web::get().to(show))
        .route("/duplicados/{id}/paso", web::post().to(command));
}

/// Where the own file of a record stands.
fn file_of(kind: DuplicateKind, id: Uuid) -> String {
    match kind {
        DuplicateKind::Case => format!("/casos/{id}"),
        DuplicateKind::FoundRecord => format!("/hallazgos/{id}"),
    }
}

/// One pair in the list.
#[derive(Debug, Clone)]
struct Line {
    href: String,
    kind: String,
    one: String,
    one_note: String,
    two: String,
    two_note: String,
    tone: &'static str,
    mark: &'static str,
    band: String,
    speaks_for: Vec<String>,
    state: String,
    since: String,
}

#[derive(Template)]
#[template(path = "pages/duplicates.html")]
struct QueuePage {
    p: Page,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    record: String,
    filtered: bool,
    may_link: Vec<(String, String)>,
    lines: Vec<Line>,
    columns: Vec<String>,
    summary: String,
    first: String,
    next: String,
}

#[derive(Debug, Clone, Default)]
struct Wanted {
    filter: DuplicateFilter,
    after: Option<OddsKey>,
}

/// What the address asks for; words that are none are left out.
fn wanted(query: &Fields) -> Wanted {
    let filter = DuplicateFilter {
        kind: query.get("tipo").parse().ok(),
        state: query.get("estado").parse().ok(),
        record: query.get("registro").parse().ok(),
    };
    let after = query.get("despues").split_once('_').and_then(|(odds, id)| {
        let log10_odds: f64 = odds.parse().ok()?;
        Some(OddsKey { log10_odds: Some(log10_odds).filter(|o| o.is_finite())?, id: id.parse().ok()? })
    });
    Wanted { filter, after }
}

fn address(filter: &DuplicateFilter, after: Option<OddsKey>) -> String {
    let mut parts = Vec::new();
    for (name, value) in [
        ("tipo", filter.kind.map(|k| k.to_string())),
        ("estado", filter.state.map(|s| s.to_string())),
        ("registro", filter.record.map(|r| r.to_string())),
        ("despues", after.map(|a| format!("{}_{}", a.log10_odds, a.id))),
    ] {
        if let Some(value) = value {
            parts.push(format!("{name}={}", escape_query(&value)));
        }
    }
    if parts.is_empty() { "/duplicados".to_owned() } else { format!("/duplicados?{}", parts.join("&")) }
}

fn line(p: &Page, line: &DuplicateLine) -> Line {
    let evidence: Vec<StoredEvidence> = serde_json::from_value(line.evidence.clone()).unwrap_or_default();
    let mut strongest: Vec<&StoredEvidence> = evidence.iter().filter(|e| e.log10_lr >= 0.05 && e.field != "reserved").collect();
    strongest.sort_by(|a, b| b.log10_lr.total_cmp(&a.log10_lr));
    let (tone, mark) = band_look(&line.band);
    let reserved = |folio: &Option<String>| folio.clone().unwrap_or_else(|| p.t("review-reserved"));
    Line {
        href: format!("/duplicados/{}", line.id),
        kind: p.word("duplicate-kind", &line.kind),
        one: reserved(&line.one_folio),
        one_note: line.one_institution.clone(),
        two: reserved(&line.two_folio),
        two_note: line.two_institution.clone(),
        tone,
        mark,
        band: p.word("band", &line.band),
        speaks_for: strongest.iter().take(4).map(|e| field_name(p, &e.field)).collect(),
        state: p.word("duplicate-state", &line.state),
        since: p.day(line.created_at.date_naive()),
    }
}

/// The kinds whose records the actor may read.
fn readable(actor: &Actor) -> Vec<&'static str> {
    [(DuplicateKind::Case, Right::ReadCases), (DuplicateKind::FoundRecord, Right::ReadFound)]
        .into_iter()
        .filter(|(_, right)| actor.may(*right))
        .map(|(kind, _)| kind.as_str())
        .collect()
}

fn queue_page(p: Page, actor: &Actor, wanted: &Wanted, mut lines: Vec<DuplicateLine>) -> QueuePage {
    let more = lines.len() > PAGE_SIZE;
    lines.truncate(PAGE_SIZE);
    let filter = &wanted.filter;
    let next = match lines.last() {
        Some(last) if more => address(filter, Some(OddsKey { log10_odds: last.log10_odds, id: last.id })),
        _ => String::new(),
    };
    let states: Vec<&str> = DuplicateState::ALL.iter().map(|s| s.as_str()).collect();
    let chosen = |word: Option<&'static str>| [word.unwrap_or_default()];
    QueuePage {
        kinds: Choice::words(p.language, "duplicate-kind", &readable(actor), &chosen(filter.kind.map(DuplicateKind::as_str))),
        states: Choice::words(p.language, "duplicate-state", &states, &chosen(filter.state.map(DuplicateState::as_str))),
        record: filter.record.map(|r| r.to_string()).unwrap_or_default(),
        filtered: address(filter, None) != "/duplicados",
        may_link: [(DuplicateKind::Case, Right::WriteCases), (DuplicateKind::FoundRecord, Right::WriteFound)]
            .into_iter()
            .filter(|(_, right)| actor.may(*right))
            .map(|(kind, _)| (format!("/duplicados/vincular?tipo={kind}"), p.word("duplicate-kind", kind.as_str())))
            .collect(),
        lines: lines.iter().map(|l| line(&p, l)).collect(),
        columns: ["duplicates-one", "duplicates-two", "duplicates-strength", "col-reasons", "col-state", "queue-since"]
            .iter()
            .map(|k| p.t(k))
            .collect(),
        summary: p.t1("duplicates-shown", "n", lines.len()),
        first: if wanted.after.is_some() { address(filter, None) } else { String::new() },
        next,
        p,
    }
}

async fn queue(app: web::Data<App>, who: SignedIn) -> Answer {
    let wanted = wanted(&Fields::read(&who.visit.query)?);
    let limit = i64::try_from(PAGE_SIZE + 1).unwrap_or(26);
    let lines = duplicates::list(&app, who.actor(), &wanted.filter, wanted.after, limit).await?;
    respond::page(&queue_page(who.page(), who.actor(), &wanted, lines))
}

/// One of the two records above the comparison.
#[derive(Debug, Clone)]
struct Record {
    folio: String,
    institution: String,
    href: String,
}

#[derive(Template)]
#[template(path = "pages/duplicate.html")]
struct DuplicatePage {
    p: Page,
    id: Uuid,
    rev: i32,
    errors: Errors,
    kind: String,
    tone: &'static str,
    mark: &'static str,
    band: String,
    state: String,
    state_text: String,
    rule: String,
    reason_hint: String,
    records: [Record; 2],
    hidden: bool,
    weighed: bool,
    evidence: EvidenceView,
    alone: bool,
    may_decide: bool,
    commands: Vec<Choice>,
    reason: String,
    history: Vec<TimelineEvent>,
}

/// What the state means for this reader.
fn state_text(p: &Page, actor: &Actor, view: &DuplicateView) -> String {
    p.t(match view.row.state() {
        DuplicateState::Proposed => "duplicate-text-proposed",
        DuplicateState::LinkProposed if view.row.agreed_by == Some(actor.authority.0) => "duplicate-text-link-ours",
        DuplicateState::LinkProposed => "duplicate-text-link-theirs",
        DuplicateState::Linked => "duplicate-text-linked",
        DuplicateState::NotDuplicate => "duplicate-text-not-duplicate",
        DuplicateState::Unlinked => "duplicate-text-unlinked",
        DuplicateState::Superseded => "duplicate-text-superseded",
        DuplicateState::Withdrawn => "duplicate-text-withdrawn",
    })
}

fn side(record: Option<&RecordView>) -> Side<'_> {
    match record {
        Some(RecordView::Case(view)) => Side::from(&**view),
        Some(RecordView::Found(view)) => Side::from(&**view),
        None => Side::default(),
    }
}

fn page(who: &SignedIn, view: &DuplicateView, typed: &Fields, errors: Errors) -> DuplicatePage {
    let (p, actor) = (who.page(), who.actor());
    let (row, kind) = (&view.row, view.row.kind());
    let [one, two] = [&view.records[0], &view.records[1]];
    let sides = Sides { left: side(one.as_ref()), right: side(two.as_ref()), evidence: &view.evidence };
    let evidence = EvidenceView::new(&p, &sides, &Weighing { log10_prior: row.log10_prior, coverage: Some(row.coverage), model: &row.model });
    let (tone, mark) = band_look(&row.band);
    let head = |record: &Option<RecordView>, id: Uuid, institution: &str| Record {
        folio: record.as_ref().map_or_else(|| p.t("review-reserved"), |r| r.folio().to_owned()),
        institution: institution.to_owned(),
        href: if record.as_ref().is_some_and(|r| r.sight().is_owner()) { file_of(kind, id) } else { String::new() },
    };
    let across = row.one_authority != row.two_authority;
    let commands: Vec<&str> = view.legal.iter().map(|c| c.as_str()).collect();
    let may = match kind {
        DuplicateKind::Case => actor.may(Right::WriteCases),
        DuplicateKind::FoundRecord => actor.may(Right::WriteFound),
    };
    DuplicatePage {
        id: row.id,
        rev: row.rev,
        errors,
        kind: p.word("duplicate-kind", &row.kind),
        tone,
        mark,
        band: p.word("band", &row.band),
        state: p.word("duplicate-state", &row.state),
        state_text: state_text(&p, actor, view),
        rule: p.t(if across { "duplicate-rule-two" } else { "duplicate-rule-one" }),
        // Within an institution nobody else reads it.
        reason_hint: p.t(if across { "duplicate-reason-hint" } else { "review-note-hint" }),
        records: [head(one, row.one_id, &view.institutions[0]), head(two, row.two_id, &view.institutions[1])],
        hidden: one.is_none() || two.is_none(),
        weighed: !view.evidence.is_empty(),
        evidence,
        alone: across && row.visible_to.len() < 2,
        may_decide: may,
        commands: Choice::words(p.language, "duplicate-command", &commands, &[typed.get("command")]),
        reason: typed.get("reason").to_owned(),
        history: history(&p, view),
        p,
    }
}

fn history(p: &Page, view: &DuplicateView) -> Vec<TimelineEvent> {
    view.steps
        .iter()
        .map(|step| {
            let ended = step.command == DuplicateCommand::Withdraw.as_str();
            let nobody = if ended { "duplicate-history-permission" } else { "duplicate-history-engine" };
            let who = step.institution.clone().unwrap_or_else(|| p.t(nobody));
            let title = p.t2("duplicate-told", "what", p.word("duplicate-command", &step.command), "who", who);
            TimelineEvent { when: p.moment(step.at), title, text: step.reason.clone(), state: "done" }
        })
        .collect()
}

async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<DuplicateId>) -> Answer {
    let view = duplicates::read(&app, who.actor(), id.into_inner()).await?;
    respond::page(&page(&who, &view, &Fields::default(), Errors::default()))
}

/// What went wrong with a decision, on its form; errors that concern no form go on.
fn decision_errors(lang: Lang, command: DuplicateCommand, error: ServiceError) -> Result<(Errors, StatusCode), PortalError> {
    let mut errors = Errors::default();
    let status = match error {
        ServiceError::Invalid(faults) => {
            for fault in &faults.0 {
                let text = if fault.code == "empty" { lang.text("duplicate-error-reason") } else { fault_text(lang, fault) };
                errors.0.push(FieldError { field: "reason".to_owned(), text });
            }
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ServiceError::Stale(_) => {
            errors.add(lang, "", "duplicate-stale");
            StatusCode::PRECONDITION_FAILED
        }
        ServiceError::IllegalDuplicate(_) => {
            errors.add(lang, "", "review-illegal");
            StatusCode::CONFLICT
        }
        ServiceError::Refused(_) => {
            errors.add(lang, "", if command == DuplicateCommand::Unlink { "duplicate-rests" } else { "duplicate-said-already" });
            StatusCode::CONFLICT
        }
        other => return Err(other.into()),
    };
    Ok((errors, status))
}

async fn command(app: web::Data<App>, who: SignedIn, id: web::Path<DuplicateId>, form: Posted) -> Answer {
    duplicates::may_decide_any(who.actor()).map_err(ServiceError::from)?;
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let rev: i32 = form.get("rev").parse().map_err(|_| PortalError::Unreadable)?;
    let mut errors = Errors::default();
    let chosen: Option<DuplicateCommand> = form.word(lang, "command", &mut errors);
    let (errors, status) = match chosen {
        Some(command) => {
            let wanted = DuplicateMove { command, reason: form.get("reason").to_owned() };
            match duplicates::command(&app, who.actor(), id, rev, wanted).await {
                Ok(_) => return Ok(respond::see_with(&app.settings, &format!("/duplicados/{id}"), "success", "flash-duplicate-decided")),
                Err(error) => decision_errors(lang, command, error)?,
            }
        }
        None => {
            if errors.is_empty() {
                errors.add(lang, "command", "duplicate-error-step");
            }
            (errors, StatusCode::UNPROCESSABLE_ENTITY)
        }
    };
    let view = duplicates::read(&app, who.actor(), id).await?;
    respond::page_with(&page(&who, &view, &form, errors), status)
}

#[derive(Template)]
#[template(path = "pages/duplicate_link.html")]
struct LinkPage {
    p: Page,
    errors: Errors,
    kinds: Vec<Choice>,
    folio: String,
    other: String,
    reason: String,
}

fn link_page(who: &SignedIn, typed: &Fields, errors: Errors) -> LinkPage {
    let p = who.page();
    let kinds: Vec<&str> = [(DuplicateKind::Case, Right::WriteCases), (DuplicateKind::FoundRecord, Right::WriteFound)]
        .into_iter()
        .filter(|(_, right)| who.actor().may(*right))
        .map(|(kind, _)| kind.as_str())
        .collect();
    let chosen = if kinds.len() == 1 { kinds.first().copied().unwrap_or_default() } else { typed.get("tipo") };
    LinkPage {
        kinds: Choice::words(p.language, "duplicate-kind", &kinds, &[chosen]),
        folio: typed.get("folio").to_owned(),
        other: typed.get("otro").to_owned(),
        reason: typed.get("reason").to_owned(),
        errors,
        p,
    }
}

async fn link_form(who: SignedIn) -> Answer {
    duplicates::may_decide_any(who.actor()).map_err(ServiceError::from)?;
    respond::page(&link_page(&who, &Fields::read(&who.visit.query)?, Errors::default()))
}

/// A fault of a link by folio, on its field.
fn link_fault(lang: Lang, fault: &Violation) -> FieldError {
    let (field, key) = match (fault.pointer.as_str(), fault.code) {
        ("/folio", _) => ("folio", "duplicate-link-unknown-own"),
        ("/other_folio", "not_comparable") => ("otro", "duplicate-link-incomparable"),
        ("/other_folio", _) => ("otro", "duplicate-link-unknown-other"),
        (_, "empty") => ("reason", "duplicate-error-reason"),
        _ => return FieldError { field: "reason".to_owned(), text: fault_text(lang, fault) },
    };
    FieldError { field: field.to_owned(), text: lang.text(key) }
}

async fn link(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    duplicates::may_decide_any(who.actor()).map_err(ServiceError::from)?;
    let lang = who.visit.lang;
    let mut errors = Errors::default();
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let kind: Option<DuplicateKind> = form.word(lang, "tipo", &mut errors);
    match kind {
        Some(kind) => {
            let new = NewDuplicate {
                kind,
                folio: form.get("folio").to_owned(),
                other_folio: form.get("otro").to_owned(),
                reason: form.get("reason").to_owned(),
            };
            match duplicates::link(&app, who.actor(), None, &new).await {
                Ok(done) => {
                    return Ok(respond::see_with(&app.settings, &format!("/duplicados/{}", done.made), "success", "flash-duplicate-decided"));
                }
                Err(ServiceError::Invalid(faults)) => errors.0.extend(faults.0.iter().map(|f| link_fault(lang, f))),
                Err(ServiceError::IllegalDuplicate(_) | ServiceError::Taken(_) | ServiceError::Refused(_)) => {
                    errors.add(lang, "otro", "duplicate-link-done");
                    status = StatusCode::CONFLICT;
                }
                Err(other) => return Err(other.into()),
            }
        }
        None if errors.is_empty() => errors.add(lang, "tipo", "error-required"),
        None => {}
    }
    respond::page_with(&link_page(&who, &form, errors), status)
}

/// What the file of a record shows of another that may be, or is, of the same person.
#[derive(Debug, Clone)]
pub struct RelatedDuplicate {
    /// Its page.
    pub href: String,
    /// The other record's folio.
    pub folio: String,
    /// The other record's institution.
    pub institution: String,
    /// Tone of the badge.
    pub tone: &'static str,
    /// Shape of the badge.
    pub mark: &'static str,
    /// The state, or the strength while nobody decided.
    pub badge: String,
    /// Whether the case rests under that one.
    pub rests_under: bool,
}

/// The possible and linked duplicates of a record, for its file; none for who may not see any.
pub(super) async fn of_record(app: &App, who: &SignedIn, kind: DuplicateKind, id: Uuid) -> Result<Vec<DuplicateLine>, PortalError> {
    if !who.actor().may(Right::ReadHypotheses) {
        return Ok(Vec::new());
    }
    let filter = DuplicateFilter { kind: Some(kind), record: Some(id), state: None };
    Ok(duplicates::list(app, who.actor(), &filter, None, 10).await?)
}

/// Those lines as the file of `id` shows them, what is linked first; `master` is the case under which it rests.
pub(super) fn related(p: &Page, lines: &[DuplicateLine], id: Uuid, master: Option<Uuid>) -> Vec<RelatedDuplicate> {
    let mut shown: Vec<RelatedDuplicate> = lines
        .iter()
        .map(|line| {
            let (other, folio, institution) = if line.one_id == id {
                (line.two_id, &line.two_folio, &line.two_institution)
            } else {
                (line.one_id, &line.one_folio, &line.one_institution)
            };
            let linked = line.state == "linked";
            let (tone, mark) = if linked { ("teal", "dot") } else { band_look(&line.band) };
            let badge = if line.state == "proposed" { p.word("band", &line.band) } else { p.word("duplicate-state", &line.state) };
            RelatedDuplicate {
                href: format!("/duplicados/{}", line.id),
                folio: folio.clone().unwrap_or_else(|| p.t("review-reserved")),
                institution: institution.clone(),
                tone,
                mark,
                badge,
                rests_under: master == Some(other),
            }
        })
        .collect();
    shown.sort_by_key(|s| s.mark != "dot" || s.tone != "teal");
    shown
}
