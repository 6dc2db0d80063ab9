//! Agreements of the own authority: propose, sign, suspend, resume, end. Only purposes of searching, identifying, helping and defending can be chosen.

use super::admin::faults_of;
use super::error::PortalError;
use super::forms::{Choice, Errors, Fields, Posted};
use super::i18n::Lang;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::accounts::AuthorityRow;
use crate::db::agreements::GrantRow;
use crate::domain::authority::Right;
use crate::domain::disclosure::Category;
use crate::domain::ids::AuthorityId;
use crate::services::ServiceError;
use crate::services::administration;
use crate::services::agreements::{self, Agreement, KINDS, Proposal, SHAREABLE, Share, Stop, is_ended};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/administracion/acuerdos", web::get().to(list))
        .route("/administracion/acuerdos", web::post().to(propose))
        .route("/administracion/acuerdos/{code}", web::get().to(show))
        .route("/administracion/acuerdos/{code}/firmar", web::post().to(sign))
        .route("/administracion/acuerdos/{code}/estado", web::post().to(stop));
}

/// An agreement in the list.
#[derive(Debug, Clone)]
struct Line {
    href: String,
    code: String,
    name: String,
    with: String,
    validity: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
}

/// What one party gives another.
#[derive(Debug, Clone)]
struct Given {
    from: String,
    to: String,
    purpose: String,
    kind: String,
    categories: String,
}

/// What can be ticked.
#[derive(Debug, Clone)]
struct ShareChoices {
    purposes: Vec<Choice>,
    kinds: Vec<Choice>,
    categories: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "pages/admin_agreements.html")]
struct ListPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    lines: Vec<Line>,
    columns: Vec<String>,
    others: Vec<Choice>,
    share: ShareChoices,
}

#[derive(Template)]
#[template(path = "pages/admin_agreement.html")]
struct AgreementPage {
    p: Page,
    errors: Errors,
    line: Line,
    basis: String,
    given: Vec<Given>,
    columns: Vec<String>,
    signed: bool,
    share: ShareChoices,
    may_suspend: bool,
    may_resume: bool,
    may_end: bool,
    ended: bool,
}

fn share_choices(lang: Lang, typed: &Fields) -> ShareChoices {
    let purposes: Vec<&str> = SHAREABLE.iter().map(|p| p.as_str()).collect();
    // That a record exists is known with any other category, so it is not one to choose.
    let categories: Vec<&str> = Category::ALL.iter().filter(|c| **c != Category::Existence).map(|c| c.as_str()).collect();
    ShareChoices {
        purposes: Choice::words(lang, "purpose", &purposes, &typed.all("purposes")),
        kinds: Choice::words(lang, "admin-kind", &KINDS, &typed.all("kinds")),
        categories: Choice::words(lang, "data-category", &categories, &typed.all("categories")),
    }
}

/// What the form shares; a word that is not of the vocabulary is a fault, not a silence.
fn share(lang: Lang, form: &Fields, errors: &mut Errors) -> Share {
    let (purposes, categories) = (form.all("purposes"), form.all("categories"));
    let share = Share {
        purposes: purposes.iter().filter_map(|w| w.parse().ok()).collect(),
        kinds: form.all("kinds").iter().map(|k| (*k).to_owned()).collect(),
        categories: categories.iter().filter_map(|w| w.parse().ok()).collect(),
    };
    if share.purposes.len() != purposes.len() {
        errors.add(lang, "purposes", "error-bad-choice");
    }
    if share.categories.len() != categories.len() {
        errors.add(lang, "categories", "error-bad-choice");
    }
    share
}

fn name_of(authorities: &[AuthorityRow], id: Uuid) -> String {
    authorities.iter().find(|a| a.id == id).map(|a| a.name.clone()).unwrap_or_default()
}

/// The other parties of an agreement.
fn others(agreement: &Agreement, own: Uuid) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = agreement.grants.iter().flat_map(|g| [g.from_authority, g.to_authority]).filter(|id| *id != own).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn line(app: &App, p: &Page, own: Uuid, authorities: &[AuthorityRow], agreement: &Agreement) -> Line {
    let row = &agreement.row;
    let gives = |ours: bool| agreement.grants.iter().any(|g| (g.from_authority == own) == ours);
    let (tone, mark, state) = if is_ended(row, app.clock.today()) {
        ("plain", "cross", "admin-agreement-ended")
    } else if row.suspended_at.is_some() {
        ("honey", "square", "admin-agreement-suspended")
    } else {
        match (gives(true), gives(false)) {
            (true, true) => ("teal", "dot", "admin-agreement-both"),
            (true, false) => ("violet", "half", "admin-agreement-ours"),
            _ => ("violet", "ring", "admin-agreement-theirs"),
        }
    };
    Line {
        href: format!("/administracion/acuerdos/{}", respond::escape_query(&row.code)),
        code: row.code.clone(),
        name: row.name.clone(),
        with: others(agreement, own).into_iter().map(|id| name_of(authorities, id)).collect::<Vec<_>>().join(", "),
        validity: match row.valid_to {
            Some(to) => p.t2("admin-valid-between", "from", p.day(row.valid_from), "to", p.day(to)),
            None => p.t1("admin-valid-from", "from", p.day(row.valid_from)),
        },
        tone,
        mark,
        state: p.t(state),
    }
}

/// What each party gives, those who receive the same for the same purposes together.
fn given(p: &Page, authorities: &[AuthorityRow], grants: &[GrantRow]) -> Vec<Given> {
    let mut purposes: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for g in grants {
        purposes.entry((g.from_authority, &g.subject_kind, &g.categories, g.to_authority)).or_default().push(&g.purpose);
    }
    let mut same: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for ((from, kind, categories, to), purposes) in purposes {
        same.entry((name_of(authorities, from), purposes, kind, categories)).or_default().push(name_of(authorities, to));
    }
    let words = |family: &str, all: &mut dyn Iterator<Item = &str>| all.map(|w| p.word(family, w)).collect::<Vec<_>>().join(", ");
    same.into_iter()
        .map(|((from, purposes, kind, categories), to)| Given {
            from,
            to: to.join(", "),
            purpose: words("purpose", &mut purposes.iter().copied()),
            kind: p.word("admin-kind", kind),
            categories: words("data-category", &mut categories.iter().map(String::as_str)),
        })
        .collect()
}

async fn list_page(app: &App, who: &SignedIn, typed: Fields, errors: Errors) -> Result<ListPage, ServiceError> {
    let (all, authorities) = (agreements::list(app, who.actor()).await?, administration::authorities(app, who.actor()).await?);
    let p = who.page();
    let own = who.actor().authority.0;
    Ok(ListPage {
        lines: all.iter().map(|a| line(app, &p, own, &authorities, a)).collect(),
        columns: ["admin-agreement", "admin-agreement-with", "admin-validity", "admin-state"].iter().map(|k| p.t(k)).collect(),
        others: authorities
            .iter()
            .filter(|a| a.id != own)
            .map(|a| {
                Choice::new(a.id.to_string(), format!("{} ({})", a.name, p.word("authority", &a.kind)), typed.get("with") == a.id.to_string())
            })
            .collect(),
        share: share_choices(p.language, &typed),
        typed,
        errors,
        p,
    })
}

async fn list(app: web::Data<App>, who: SignedIn) -> Answer {
    respond::page(&list_page(&app, &who, Fields::default(), Errors::default()).await?)
}

async fn propose(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    let lang = who.visit.lang;
    who.actor().require(Right::ManageUsers).map_err(ServiceError::from)?;
    let mut errors = Errors::default();
    let new = Proposal {
        code: form.get("code").to_owned(),
        name: form.get("name").to_owned(),
        legal_basis: form.get("legal_basis").to_owned(),
        with: form.word::<AuthorityId>(lang, "with", &mut errors),
        valid_from: form.day(lang, "valid_from", &mut errors),
        valid_to: form.day(lang, "valid_to", &mut errors),
        share: share(lang, &form, &mut errors),
    };
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if errors.is_empty() {
        match agreements::propose(&app, who.actor(), &new).await {
            Ok(()) => {
                let to = format!("/administracion/acuerdos/{}", respond::escape_query(new.code.trim()));
                return Ok(respond::see_with(&app.settings, &to, "success", "flash-agreement-proposed"));
            }
            Err(ServiceError::Invalid(faults)) => faults_of(lang, &faults, &mut errors),
            Err(ServiceError::Taken(_)) => {
                errors.add(lang, "code", "admin-error-code-taken");
                status = StatusCode::CONFLICT;
            }
            Err(other) => return Err(other.into()),
        }
    }
    respond::page_with(&list_page(&app, &who, form.0, errors).await?, status)
}

async fn page(app: &App, who: &SignedIn, code: &str, typed: Option<Fields>, errors: Errors) -> Result<AgreementPage, ServiceError> {
    let agreement = agreements::read(app, who.actor(), code).await?;
    let authorities = administration::authorities(app, who.actor()).await?;
    let p = who.page();
    let own = who.actor().authority.0;
    let row = &agreement.row;
    // Without anything typed the form proposes what is given already, or what the other side gives.
    let typed = typed.unwrap_or_else(|| {
        let ours = agreement.grants.iter().any(|g| g.from_authority == own);
        let like = agreement.grants.iter().filter(|g| !ours || g.from_authority == own);
        Fields(
            like.flat_map(|g| {
                let categories = g.categories.iter().map(|c| ("categories".to_owned(), c.clone()));
                [("purposes".to_owned(), g.purpose.clone()), ("kinds".to_owned(), g.subject_kind.clone())].into_iter().chain(categories)
            })
            .collect(),
        )
    });
    let ended = is_ended(row, app.clock.today());
    Ok(AgreementPage {
        line: line(app, &p, own, &authorities, &agreement),
        basis: row.legal_basis.clone(),
        given: given(&p, &authorities, &agreement.grants),
        columns: ["admin-gives", "admin-receives", "admin-purpose", "admin-kind", "admin-categories"].iter().map(|k| p.t(k)).collect(),
        signed: agreement.grants.iter().any(|g| g.from_authority == own),
        share: share_choices(p.language, &typed),
        may_suspend: !ended && row.suspended_at.is_none(),
        may_resume: !ended && row.suspended_by == Some(own),
        may_end: !ended && others(&agreement, own).len() == 1,
        ended,
        errors,
        p,
    })
}

async fn show(app: web::Data<App>, who: SignedIn, code: web::Path<String>) -> Answer {
    respond::page(&page(&app, &who, &code, None, Errors::default()).await?)
}

async fn sign(app: web::Data<App>, who: SignedIn, code: web::Path<String>, form: Posted) -> Answer {
    let lang = who.visit.lang;
    who.actor().require(Right::ManageUsers).map_err(ServiceError::from)?;
    let mut errors = Errors::default();
    let share = share(lang, &form, &mut errors);
    if errors.is_empty() {
        match agreements::sign(&app, who.actor(), &code, &share).await {
            Ok(()) => {
                let to = format!("/administracion/acuerdos/{}", respond::escape_query(&code));
                return Ok(respond::see_with(&app.settings, &to, "success", "flash-agreement-signed"));
            }
            Err(ServiceError::Invalid(faults)) => faults_of(lang, &faults, &mut errors),
            Err(other) => return Err(other.into()),
        }
    }
    respond::page_with(&page(&app, &who, &code, Some(form.0), errors).await?, StatusCode::UNPROCESSABLE_ENTITY)
}

async fn stop(app: web::Data<App>, who: SignedIn, code: web::Path<String>, form: Posted) -> Answer {
    let (how, flash) = match form.get("deed") {
        "suspend" => (Stop::Suspend, "flash-agreement-suspended"),
        "resume" => (Stop::Resume, "flash-agreement-resumed"),
        "end" => (Stop::End, "flash-agreement-ended"),
        _ => return Err(PortalError::Unreadable),
    };
    agreements::stop(&app, who.actor(), &code, how).await?;
    let to = format!("/administracion/acuerdos/{}", respond::escape_query(&code));
    Ok(respond::see_with(&app.settings, &to, "success", flash))
}
