//! What the family of a case has to be told: the list of a case, opening one by hand, and the routes of their pages. No family reads any of this.

use super::forms::{Choice, Errors, Posted};
use super::notification;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::notifications::NotificationLine;
use crate::domain::authority::Right;
use crate::domain::ids::CaseId;
use crate::domain::notification::{NotificationKind, NotificationState};
use crate::services::ServiceError;
use crate::services::cases;
use crate::services::notification::{self as service, NewNotification};
use crate::services::restitution;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/casos/{id}/avisos", web::get().to(list))
        .route("/casos/{id}/avisos", web::post().to(open))
        .route("/casos/{id}/avisos/{notification}", web::get().to(notification::show))
        .route("/casos/{id}/avisos/{notification}/plan", web::post().to(notification::plan))
        .route("/casos/{id}/avisos/{notification}/entrega", web::post().to(notification::deliver))
        .route("/casos/{id}/avisos/{notification}/paso", web::post().to(notification::command));
}

/// Tone and shape of a state.
#[must_use]
pub(super) const fn state_look(state: NotificationState) -> (&'static str, &'static str) {
    use NotificationState as S;
    match state {
        S::NeedIdentified => ("honey", "triangle"),
        S::Planned | S::Authorised => ("violet", "half"),
        S::Scheduled => ("violet", "dot"),
        S::FamilyPostponed | S::FailedAttempt => ("honey", "half"),
        S::Contested | S::IndependentReview => ("brick", "diamond"),
        S::Delivered | S::Reaffirmed | S::Acknowledged | S::FollowUp => ("teal", "dot"),
        S::Completed => ("plain", "square"),
        S::Cancelled => ("plain", "cross"),
    }
}

/// One notification in the list.
#[derive(Debug, Clone)]
struct Line {
    href: String,
    kind: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    when: String,
}

/// A restitution of the case: address and state.
type Restitution = (String, String);

#[derive(Template)]
#[template(path = "pages/notifications.html")]
struct ListPage {
    p: Page,
    errors: Errors,
    case: String,
    folio: String,
    lines: Vec<Line>,
    columns: Vec<String>,
    may_open: bool,
    kinds: Vec<Choice>,
    restitutions: Vec<Restitution>,
}

/// When it was told, is agreed, or is due, in words.
pub(super) fn when(
    p: &Page,
    delivered: Option<chrono::DateTime<chrono::Utc>>,
    scheduled: Option<chrono::DateTime<chrono::Utc>>,
    due: chrono::DateTime<chrono::Utc>,
) -> String {
    match (delivered, scheduled) {
        (Some(at), _) => p.t1("notification-told-at", "at", p.moment(at)),
        (None, Some(at)) => p.t1("notification-agreed-at", "at", p.moment(at)),
        (None, None) => p.t1("notification-due-at", "at", p.moment(due)),
    }
}

fn line(p: &Page, l: &NotificationLine) -> Line {
    let state: Option<NotificationState> = l.state.parse().ok();
    let (tone, mark) = state.map_or(("plain", "ring"), state_look);
    let ended = state == Some(NotificationState::Cancelled);
    Line {
        href: format!("/casos/{}/avisos/{}", l.case_id, l.id),
        kind: p.word("notification-kind", &l.kind),
        tone,
        mark,
        state: p.word("notification-state", &l.state),
        when: if ended { String::new() } else { when(p, l.delivered_at, l.scheduled_at, l.due_at) },
    }
}

/// The list; the case must be the reader's institution's own.
async fn list_page(app: &App, who: &SignedIn, case: CaseId, typed: &str, errors: Errors) -> Result<ListPage, ServiceError> {
    who.actor().require(Right::ReadCases)?;
    let view = cases::read(app, who.actor(), case).await?;
    if view.row.owner() != who.actor().authority {
        return Err(ServiceError::NotFound);
    }
    let lines = service::list(app, who.actor(), Some(case), false).await?;
    let restitutions = restitution::list(app, who.actor(), Some(case)).await?;
    let p = who.page();
    let kinds: Vec<&str> = NotificationKind::ALL.iter().filter(|k| k.by_hand()).map(|k| k.as_str()).collect();
    Ok(ListPage {
        case: case.to_string(),
        folio: view.row.folio,
        lines: lines.iter().map(|l| line(&p, l)).collect(),
        columns: ["notification-what", "col-state", "notification-when"].iter().map(|k| p.t(k)).collect(),
        may_open: who.actor().may(Right::WriteCases),
        kinds: Choice::words(p.language, "notification-kind", &kinds, &[typed]),
        restitutions: restitutions
            .iter()
            .map(|r| (format!("/restituciones/{}", r.id), format!("{}: {}", r.number, p.word("restitution-state", &r.state))))
            .collect(),
        errors,
        p,
    })
}

async fn list(app: web::Data<App>, who: SignedIn, case: web::Path<CaseId>) -> Answer {
    respond::page(&list_page(&app, &who, case.into_inner(), "", Errors::default()).await?)
}

async fn open(app: web::Data<App>, who: SignedIn, case: web::Path<CaseId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteCases).map_err(ServiceError::from)?;
    let (case, lang) = (case.into_inner(), who.visit.lang);
    let mut errors = Errors::default();
    let kind: Option<NotificationKind> = form.word(lang, "kind", &mut errors);
    let Some(kind) = kind else {
        if errors.is_empty() {
            errors.add(lang, "kind", "error-bad-choice");
        }
        return respond::page_with(&list_page(&app, &who, case, "", errors).await?, StatusCode::UNPROCESSABLE_ENTITY);
    };
    match service::open(&app, who.actor(), None, NewNotification { case, kind }).await {
        Ok(done) => {
            let to = format!("/casos/{case}/avisos/{}", done.made);
            Ok(respond::see_with(&app.settings, &to, "success", "flash-notification-opened"))
        }
        Err(ServiceError::Refused(_)) => {
            errors.add(lang, "kind", "notification-not-located");
            respond::page_with(&list_page(&app, &who, case, form.get("kind"), errors).await?, StatusCode::CONFLICT)
        }
        Err(other) => Err(other.into()),
    }
}
