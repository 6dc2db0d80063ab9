//! A restitution: what is given back with its receipts, the way home with its papers, and what can be done now.

use super::error::PortalError;
use super::forms::{Choice, Errors, Fields};
use super::life::{self, MoveForm, Step};
use super::page::Page;
use super::respond::{self, Answer};
use super::restitutions::state_look;
use super::session::SignedIn;
use super::views::{Row, TimelineEvent, rows};
use crate::app::App;
use crate::db::restitutions::ItemRow;
use crate::domain::authority::Right;
use crate::domain::ids::RestitutionId;
use crate::domain::restitution::{ItemKind, Paper, PaperState, RestitutionCommand, RestitutionState};
use crate::services::restitution::{self, RestitutionView};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use uuid::Uuid;

/// The family of the texts.
pub(super) const FAMILY: &str = "restitution";

/// A paper with its fields, named `PAPER-state`, `PAPER-reference`, `PAPER-on`.
#[derive(Debug, Clone)]
struct PaperView {
    name: String,
    word: &'static str,
    states: Vec<Choice>,
    reference: String,
    on: String,
    /// Of the reference, or of the day.
    error: String,
    said: String,
}

/// Something that is given back, with the fields of its receipt.
#[derive(Debug, Clone)]
struct ItemView {
    kind: String,
    description: String,
    receipt: Vec<Row>,
    /// Where its receipt is written; empty when it has one or cannot be yet.
    action: String,
    fields: Vec<life::MoveField>,
    open: bool,
}

#[derive(Template)]
#[template(path = "pages/restitution.html")]
struct RestitutionPage {
    p: Page,
    errors: Errors,
    id: Uuid,
    rev: i32,
    number: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    frozen: String,
    about: Vec<Row>,
    may_edit: bool,
    fields: Vec<(&'static str, String, String, String)>,
    papers: Vec<PaperView>,
    details: Vec<Row>,
    items: Vec<ItemView>,
    kinds: Vec<Choice>,
    description: String,
    lacking: Vec<String>,
    moves: Vec<MoveForm>,
    history: Vec<TimelineEvent>,
}

/// The texts of the way home by name.
const DETAILS: [&str; 5] = ["receiver", "destination", "carrier", "payer", "wishes"];

fn kept<'a>(view: &'a RestitutionView, name: &str) -> Option<&'a String> {
    let d = &view.details;
    match name {
        "receiver" => d.receiver.as_ref(),
        "destination" => d.destination.as_ref(),
        "carrier" => d.carrier.as_ref(),
        "payer" => d.payer.as_ref(),
        _ => d.wishes.as_ref(),
    }
}

fn paper(p: &Page, paper: Paper, view: &RestitutionView, typed: &Fields, errors: &Errors) -> PaperView {
    let said = view.details.papers.get(&paper);
    let state = said.map_or(PaperState::Pending, |s| s.state);
    let field = |part: &str| format!("{paper}-{part}");
    let sent = typed.0.iter().any(|(name, _)| *name == field("state"));
    let value = |part: &str, kept: String| if sent { typed.get(&field(part)).to_owned() } else { kept };
    let words: Vec<&str> = PaperState::ALL.iter().map(|s| s.as_str()).collect();
    let reference = said.map(|s| s.reference.clone()).unwrap_or_default();
    let on = said.and_then(|s| s.on);
    let chosen = value("state", state.to_string());
    let told = [reference.clone(), on.map(|day| p.day(day)).unwrap_or_default()];
    let told: Vec<String> = told.into_iter().filter(|t| !t.is_empty()).collect();
    let state_words = p.word("paper-state", state.as_str());
    PaperView {
        name: p.word("restitution-paper", paper.as_str()),
        word: paper.as_str(),
        said: if told.is_empty() { state_words } else { format!("{state_words}: {}", told.join(", ")) },
        states: Choice::words(p.language, "paper-state", &words, &[&chosen]),
        reference: value("reference", reference),
        on: value("on", on.map(|day| day.to_string()).unwrap_or_default()),
        error: [errors.of(&field("reference")), errors.of(&field("on"))].concat(),
    }
}

/// Whether receipts are written now: when things are handed over.
const fn hands_over(state: RestitutionState) -> bool {
    matches!(state, RestitutionState::Transfer | RestitutionState::Delivered | RestitutionState::CeremonySupport)
}

/// The fields of a receipt: name and kind.
const RECEIPT: [(&str, &str); 5] = [("received_by", "text"), ("handed_over_by", "text"), ("receipt", "text"), ("day", "date"), ("time", "time")];

fn item(p: &Page, view: &RestitutionView, item: &ItemRow, may: bool, typed: &Fields, errors: &Errors) -> ItemView {
    let told = |text: &Option<String>| text.clone().unwrap_or_default();
    let writes = may && item.handed_over_at.is_none() && hands_over(view.row.state());
    let field = |(name, kind): &(&'static str, &'static str)| {
        let id = format!("{}-{name}", item.id);
        let label = match *name {
            "day" | "time" => p.t(&format!("life-{name}")),
            _ => p.t(&format!("restitution-{}", name.replace('_', "-"))),
        };
        let hint = if *name == "time" { p.t("life-time-hint") } else { String::new() };
        let (value, error) = (typed.get(&id).to_owned(), errors.of(&id).to_owned());
        life::MoveField { label, hint, value, error, kind, choices: Vec::new(), id }
    };
    let fields: Vec<life::MoveField> = if writes { RECEIPT.iter().map(field).collect() } else { Vec::new() };
    ItemView {
        kind: p.word("restitution-item", &item.kind),
        description: item.description.clone(),
        receipt: rows(vec![
            (p.t("restitution-received-by"), told(&item.received_by)),
            (p.t("restitution-handed-over-by"), told(&item.handed_over_by)),
            (p.t("restitution-receipt"), told(&item.receipt)),
            (p.t("accessed-when"), item.handed_over_at.map(|at| p.moment(at)).unwrap_or_default()),
        ]),
        action: if writes { format!("/restituciones/{}/cosas/{}/recibo", view.row.id, item.id) } else { String::new() },
        open: fields.iter().any(|f| !f.error.is_empty()),
        fields,
    }
}

fn about(p: &Page, view: &RestitutionView) -> Vec<Row> {
    let mut all = rows(vec![
        (p.t("identification-case"), format!("{} · {}", view.case_folio, view.institution)),
        (p.t("identification-remains"), format!("{} · {}", view.found_folio, view.keeper)),
        (p.t("restitution-delivered-at"), view.row.delivered_at.map(|at| p.moment(at)).unwrap_or_default()),
    ]);
    let href = format!("/identificaciones/{}", view.row.identification_id);
    all.insert(0, Row { key: p.t("identification-number"), value: view.number.clone(), href, action: p.t("bank-open") });
    all
}

fn page(who: &SignedIn, view: &RestitutionView, typed: &Fields, errors: Errors) -> RestitutionPage {
    use RestitutionCommand as C;
    let (p, actor, row) = (who.page(), who.actor(), &view.row);
    let (tone, mark) = state_look(row.state());
    let ours = row.authority_id == actor.authority.0;
    let may = actor.may(if ours { Right::WriteCases } else { Right::WriteFound });
    let may_edit = may && view.legal.contains(&C::Edit);
    let sent = typed.0.iter().any(|(name, _)| name == "receiver");
    let field = |name: &'static str| {
        let value = if sent { typed.get(name).to_owned() } else { kept(view, name).cloned().unwrap_or_default() };
        (name, p.t(&format!("restitution-{name}")), value, errors.of(name).to_owned())
    };
    let reason: &[(&str, &str)] = &[("reason", "area")];
    let moves = view.legal.iter().filter(|c| **c != C::Edit).map(|c| life::move_form(&p, FAMILY, c.as_str(), reason, typed, &errors));
    let detail = |name: &&str| (p.t(&format!("restitution-{name}")), kept(view, name).cloned().unwrap_or_default());
    let before_transfer = matches!(row.state(), RestitutionState::Accepted | RestitutionState::Paperwork);
    let kinds: Vec<&str> = ItemKind::ALL.iter().map(|k| k.as_str()).collect();
    let steps = view.steps.iter().map(|s| Step {
        command: &s.command,
        to: &s.to,
        reason: &s.reason,
        who: [Some(s.institution.as_str()), s.user.as_deref()].into_iter().flatten().collect(),
        at: s.at,
    });
    RestitutionPage {
        id: row.id,
        rev: row.rev,
        number: view.number.clone(),
        tone,
        mark,
        state: p.word("restitution-state", &row.state),
        frozen: row
            .frozen_from
            .as_deref()
            .map(|from| p.t1("restitution-frozen-text", "state", p.word("restitution-state", from)))
            .unwrap_or_default(),
        about: about(&p, view),
        may_edit,
        fields: DETAILS.into_iter().map(field).collect(),
        papers: Paper::ALL.iter().map(|one| paper(&p, *one, view, typed, &errors)).collect(),
        details: rows(DETAILS.iter().map(detail).collect()),
        items: view.items.iter().map(|one| item(&p, view, one, may, typed, &errors)).collect(),
        kinds: Choice::words(p.language, "restitution-item", &kinds, &[typed.get("kind")]),
        description: typed.get("description").to_owned(),
        lacking: if before_transfer { view.lacking.0.iter().map(|fault| words(&p, fault)).collect() } else { Vec::new() },
        moves: if may { moves.collect() } else { Vec::new() },
        history: life::history(&p, FAMILY, steps),
        errors,
        p,
    }
}

/// What lacks before it is sent; of a paper, which.
fn words(p: &Page, fault: &crate::domain::violations::Violation) -> String {
    match fault.pointer.strip_prefix("/papers/") {
        Some(paper) => p.t1("restitution-paper-pending", "paper", p.word("restitution-paper", paper)),
        None => life::words(p.language, FAMILY, fault),
    }
}

pub(super) async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<RestitutionId>) -> Answer {
    let view = restitution::read(&app, who.actor(), id.into_inner()).await?;
    respond::page(&page(&who, &view, &Fields::default(), Errors::default()))
}

/// The page again, with what was typed and what is wrong.
pub(super) async fn again(
    app: &App,
    who: &SignedIn,
    id: RestitutionId,
    typed: &Fields,
    (errors, status): (Errors, StatusCode),
) -> Result<HttpResponse, PortalError> {
    let view = restitution::read(app, who.actor(), id).await?;
    respond::page_with(&page(who, &view, typed, errors), status)
}
