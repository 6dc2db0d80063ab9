//! One thing that a family has to be told: how it is planned, the moves of its life cycle, and recording that a person told it.

use super::error::PortalError;
use super::forms::{Choice, Errors, Fields, Posted};
use super::life::{self, MoveForm, Step, failed, instant, revision};
use super::notifications::{state_look, when};
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use super::views::{Row, TimelineEvent, rows};
use crate::app::App;
use crate::domain::authority::Right;
use crate::domain::ids::{CaseId, NotificationId};
use crate::domain::notification::{DeliveryMode, NotificationCommand, NotificationKind};
use crate::services::ServiceError;
use crate::services::notification::{self, Delivery, NotificationMove, NotificationView, Plan};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use uuid::Uuid;

/// The family of the texts.
const FAMILY: &str = "notification";

/// A field of a form: name, label, hint, value, error.
type TextField = (&'static str, String, String, String, String);

#[derive(Template)]
#[template(path = "pages/notification.html")]
struct NotificationPage {
    p: Page,
    errors: Errors,
    case: Uuid,
    id: Uuid,
    rev: i32,
    kind: String,
    folio: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    when: String,
    in_person: bool,
    identification: String,
    may_plan: bool,
    plan_fields: Vec<TextField>,
    plan: Vec<Row>,
    may_deliver: bool,
    modes: Vec<Choice>,
    delivery_fields: Vec<TextField>,
    day: String,
    time: String,
    follow_up: String,
    delivery: Vec<Row>,
    lacking: Vec<String>,
    moves: Vec<MoveForm>,
    history: Vec<TimelineEvent>,
}

/// The parts of a plan by name.
fn plan_parts(plan: &Plan) -> [(&'static str, &String); 10] {
    [
        ("notifier", &plan.notifier),
        ("language", &plan.language),
        ("interpreter", &plan.interpreter),
        ("place", &plan.place),
        ("psychosocial", &plan.psychosocial),
        ("first_told", &plan.first_told),
        ("companions", &plan.companions),
        ("materials", &plan.materials),
        ("support", &plan.support),
        ("decision", &plan.decision),
    ]
}

/// The decision of the person located is asked only where somebody was.
fn asked(kind: NotificationKind, name: &str) -> bool {
    name != "decision" || kind == NotificationKind::LocatedAlive
}

fn text(key: &str, name: &str, tail: &str) -> String {
    format!("{key}-{}{tail}", name.replace('_', "-"))
}

fn field(p: &Page, name: &'static str, value: String, errors: &Errors) -> TextField {
    let hint = text("notification", name, "-hint");
    let hint = if p.language.has(&hint) { p.t(&hint) } else { String::new() };
    (name, p.t(&text("notification", name, "")), hint, value, errors.of(name).to_owned())
}

fn plan_fields(p: &Page, view: &NotificationView, typed: &Fields, errors: &Errors) -> Vec<TextField> {
    let sent = typed.0.iter().any(|(name, _)| name == "notifier");
    let kept = view.plan.clone().unwrap_or_default();
    plan_parts(&kept)
        .into_iter()
        .filter(|(name, _)| asked(view.row.kind(), name))
        .map(|(name, value)| field(p, name, if sent { typed.get(name).to_owned() } else { value.clone() }, errors))
        .collect()
}

fn delivery_rows(p: &Page, d: &Delivery) -> Vec<Row> {
    rows(vec![
        (p.t("notification-mode"), p.word("delivery-mode", d.mode.as_str())),
        (p.t("notification-told"), p.moment(d.at)),
        (p.t("notification-present"), d.present.clone()),
        (p.t("notification-documents"), d.documents.join(", ")),
        (p.t("notification-family-decision"), d.family_decision.clone()),
        (p.t("notification-note"), d.note.clone()),
        (p.t("notification-follow-up-on"), d.follow_up_on.map(|day| p.day(day)).unwrap_or_default()),
    ])
}

/// The fields of a move: name and kind.
const fn fields_of(command: NotificationCommand) -> &'static [(&'static str, &'static str)] {
    use NotificationCommand as C;
    match command {
        C::Schedule => &[("day", "date"), ("time", "time")],
        C::Authorise | C::Plan | C::RecordDelivery => &[],
        C::PostponeByFamily
        | C::RecordFailedAttempt
        | C::Contest
        | C::BeginIndependentReview
        | C::Reaffirm
        | C::Acknowledge
        | C::RecordFollowUp
        | C::Complete
        | C::Cancel => &[("reason", "area")],
    }
}

fn page(who: &SignedIn, view: &NotificationView, typed: &Fields, errors: Errors) -> NotificationPage {
    use NotificationCommand as C;
    let (p, actor, row) = (who.page(), who.actor(), &view.row);
    let kind = row.kind();
    let (tone, mark) = state_look(row.state());
    let may = actor.may(Right::WriteCases);
    let may_deliver = may && view.legal.contains(&C::RecordDelivery);
    let by_move = |c: &&C| match c {
        C::Plan | C::RecordDelivery => false,
        C::Cancel => !kind.in_person(),
        _ => true,
    };
    let moves = view.legal.iter().filter(by_move).map(|c| life::move_form(&p, FAMILY, c.as_str(), fields_of(*c), typed, &errors));
    let modes: Vec<&str> = DeliveryMode::ALL.iter().map(|m| m.as_str()).collect();
    let typed_of = |name: &'static str| field(&p, name, typed.get(name).to_owned(), &errors);
    let plan = view.plan.as_ref().map(|plan| {
        let parts = plan_parts(plan).into_iter().map(|(name, value)| (p.t(&text("notification", name, "")), value.clone()));
        rows(parts.collect())
    });
    let steps = view.steps.iter().map(|s| Step {
        command: &s.command,
        to: &s.to,
        reason: &s.reason,
        who: s.user.iter().map(String::as_str).collect(),
        at: s.at,
    });
    NotificationPage {
        case: row.case_id,
        id: row.id,
        rev: row.rev,
        kind: p.word("notification-kind", &row.kind),
        folio: view.case_folio.clone(),
        tone,
        mark,
        state: p.word("notification-state", &row.state),
        when: when(&p, row.delivered_at, row.scheduled_at, row.due_at),
        in_person: kind.in_person(),
        identification: match row.identification_id {
            Some(id) if actor.may(Right::ReadHypotheses) => format!("/identificaciones/{id}"),
            _ => String::new(),
        },
        may_plan: may && view.legal.contains(&C::Plan),
        plan_fields: plan_fields(&p, view, typed, &errors),
        plan: plan.unwrap_or_default(),
        may_deliver,
        modes: Choice::words(p.language, "delivery-mode", &modes, &[typed.get("mode")]),
        delivery_fields: ["present", "documents", "family_decision", "note"].into_iter().map(typed_of).collect(),
        day: typed.get("told-day").to_owned(),
        time: typed.get("told-time").to_owned(),
        follow_up: typed.get("follow_up_on").to_owned(),
        delivery: view.delivery.as_ref().map(|d| delivery_rows(&p, d)).unwrap_or_default(),
        lacking: if view.plan.is_some() && may {
            view.lacking.0.iter().map(|fault| life::words(p.language, FAMILY, fault)).collect()
        } else {
            Vec::new()
        },
        moves: if may { moves.collect() } else { Vec::new() },
        history: life::history(&p, FAMILY, steps),
        errors,
        p,
    }
}

type At = web::Path<(CaseId, NotificationId)>;

fn address((case, id): (CaseId, NotificationId)) -> String {
    format!("/casos/{case}/avisos/{id}")
}

/// Reads a notification under the address of its case.
async fn read(app: &App, who: &SignedIn, (case, id): (CaseId, NotificationId)) -> Result<NotificationView, ServiceError> {
    let view = notification::read(app, who.actor(), id).await?;
    if view.row.case_id == case.0 { Ok(view) } else { Err(ServiceError::NotFound) }
}

pub(super) async fn show(app: web::Data<App>, who: SignedIn, at: At) -> Answer {
    let view = read(&app, &who, at.into_inner()).await?;
    respond::page(&page(&who, &view, &Fields::default(), Errors::default()))
}

/// The page again, with what was typed and what is wrong.
async fn again(
    app: &App,
    who: &SignedIn,
    at: (CaseId, NotificationId),
    typed: &Fields,
    (errors, status): (Errors, StatusCode),
) -> Result<HttpResponse, PortalError> {
    let view = read(app, who, at).await?;
    respond::page_with(&page(who, &view, typed, errors), status)
}

pub(super) async fn plan(app: web::Data<App>, who: SignedIn, at: At, form: Posted) -> Answer {
    who.actor().require(Right::WriteCases).map_err(ServiceError::from)?;
    let (at, lang, rev) = (at.into_inner(), who.visit.lang, revision(&form)?);
    let told = |name: &str| form.get(name).to_owned();
    let new = Plan {
        notifier: told("notifier"),
        language: told("language"),
        interpreter: told("interpreter"),
        place: told("place"),
        psychosocial: told("psychosocial"),
        first_told: told("first_told"),
        companions: told("companions"),
        materials: told("materials"),
        support: told("support"),
        decision: told("decision"),
    };
    match notification::plan(&app, who.actor(), at.1, rev, new).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &address(at), "success", "flash-notification-planned")),
        Err(error) => {
            let wrong = failed(lang, FAMILY, error, |pointer| pointer.trim_start_matches('/').to_owned())?;
            again(&app, &who, at, &form, wrong).await
        }
    }
}

pub(super) async fn deliver(app: web::Data<App>, who: SignedIn, at: At, form: Posted) -> Answer {
    who.actor().require(Right::WriteCases).map_err(ServiceError::from)?;
    let (at, lang, rev) = (at.into_inner(), who.visit.lang, revision(&form)?);
    let mut errors = Errors::default();
    let mode: Option<DeliveryMode> = form.word(lang, "mode", &mut errors);
    let told_at = instant(lang, &form, "told", &mut errors);
    let follow_up_on = form.day(lang, "follow_up_on", &mut errors);
    if mode.is_none() && errors.of("mode").is_empty() {
        errors.add(lang, "mode", "error-bad-choice");
    }
    if told_at.is_none() && errors.of("told-day").is_empty() {
        errors.add(lang, "told-day", "life-day-and-time");
    }
    let (Some(mode), Some(told_at), true) = (mode, told_at, errors.is_empty()) else {
        return again(&app, &who, at, &form, (errors, StatusCode::UNPROCESSABLE_ENTITY)).await;
    };
    let new = Delivery {
        mode,
        at: told_at,
        present: form.get("present").to_owned(),
        documents: form.lines("documents"),
        family_decision: form.get("family_decision").to_owned(),
        note: form.get("note").to_owned(),
        follow_up_on,
    };
    match notification::deliver(&app, who.actor(), at.1, rev, new).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &address(at), "success", "flash-notification-told")),
        Err(error) => {
            let wrong = failed(lang, FAMILY, error, |pointer| match pointer {
                "/at" => "told-day".to_owned(),
                _ => pointer.trim_start_matches('/').split('/').next().unwrap_or_default().to_owned(),
            })?;
            again(&app, &who, at, &form, wrong).await
        }
    }
}

pub(super) async fn command(app: web::Data<App>, who: SignedIn, at: At, form: Posted) -> Answer {
    who.actor().require(Right::WriteCases).map_err(ServiceError::from)?;
    let (at, lang, rev) = (at.into_inner(), who.visit.lang, revision(&form)?);
    let command: NotificationCommand = form.get("command").parse().map_err(|_| PortalError::Unreadable)?;
    let mut errors = Errors::default();
    let scheduled_at = if command == NotificationCommand::Schedule { instant(lang, &form, "schedule", &mut errors) } else { None };
    if !errors.is_empty() {
        return again(&app, &who, at, &form, (errors, StatusCode::UNPROCESSABLE_ENTITY)).await;
    }
    let wanted = NotificationMove { command, reason: form.get(&format!("{command}-reason")).to_owned(), scheduled_at };
    match notification::command(&app, who.actor(), at.1, rev, wanted).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &address(at), "success", "flash-notification-moved")),
        Err(error) => {
            let wrong = failed(lang, FAMILY, error, |pointer| match pointer {
                "/scheduled_at" => "schedule-day".to_owned(),
                "/reason" => format!("{command}-reason"),
                _ => pointer.trim_start_matches('/').to_owned(),
            })?;
            again(&app, &who, at, &form, wrong).await
        }
    }
}
