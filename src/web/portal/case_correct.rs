//! Correcting a case: with a reason, against the revision that was read. What was typed is never lost, and what another person saved in the
//! meantime is never undone unseen.

use super::case_fill;
use super::case_form::{self, ReportChoices};
use super::case_merge::{self, Clash};
use super::case_places::{self, Ask};
use super::error::PortalError;
use super::forms::{Errors, Fields, Posted};
use super::i18n::Lang;
use super::page::Page;
use super::respond::{self, Answer, escape_query};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::authority::Right;
use crate::domain::ids::CaseId;
use crate::services::ServiceError;
use crate::services::cases::{self, CaseCorrection, CaseFile, Leg};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "pages/case_correct.html")]
struct CorrectPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    choices: ReportChoices,
    id: Uuid,
    here: String,
    folio: String,
    rev: i32,
    /// The fields as they were when the form was made, as a query.
    base: String,
    /// Who saved in the meantime and when, in words; empty when nobody did.
    saved: String,
    clashes: Vec<Clash>,
    clash_columns: Vec<String>,
}

/// The form filled with what is held.
fn filled(file: &CaseFile) -> Fields {
    let view = &file.view;
    let mut fields = case_fill::filled_person(&view.person);
    fields.0.extend(case_fill::filled_contact(&view.last_contact.clone().unwrap_or_default()).0);
    fields.0.extend(case_fill::filled_journey(&view.journey).0);
    fields.0.extend(case_fill::filled_report(&view.row, file.inquirers.first()).0);
    fields
}

fn as_query(fields: &Fields) -> String {
    fields.0.iter().map(|(name, value)| format!("{name}={}", escape_query(value))).collect::<Vec<_>>().join("&")
}

fn page(p: Page, file: &CaseFile, typed: Fields, errors: Errors) -> CorrectPage {
    let row = &file.view.row;
    CorrectPage {
        choices: ReportChoices::of(p.language, &typed),
        id: row.id,
        here: format!("/casos/{}/corregir", row.id),
        folio: row.folio.clone(),
        rev: row.rev,
        base: as_query(&filled(file)),
        saved: String::new(),
        clashes: Vec::new(),
        clash_columns: ["desk-corrected-field", "desk-clash-now", "desk-clash-typed"].iter().map(|k| p.t(k)).collect(),
        typed,
        errors,
        p,
    }
}

pub(super) async fn form(app: web::Data<App>, who: SignedIn, id: web::Path<CaseId>) -> Answer {
    who.actor().require(Right::WriteCases).map_err(ServiceError::from)?;
    let file = cases::file(&app, who.actor(), id.into_inner()).await?;
    respond::page(&page(who.page(), &file, filled(&file), Errors::default()))
}

/// What was read from the form: the correction, and the numbers of the form's legs.
struct Wanted {
    change: CaseCorrection,
    legs: Vec<usize>,
}

/// Reads what differs from what is held.
fn read(lang: Lang, typed: &Fields, file: &CaseFile, today: chrono::NaiveDate, errors: &mut Errors) -> Wanted {
    let view = &file.view;
    let held_contact = view.last_contact.clone().unwrap_or_default();
    let contact = case_form::contact(lang, typed, &held_contact, errors);
    let as_of = contact.at.map_or(today, |d| d.from);
    let person = case_form::person(lang, typed, &view.person, as_of, errors);
    let (legs, journey): (Vec<usize>, Vec<Leg>) = case_form::journey(lang, typed, &view.journey, errors).into_iter().unzip();
    let held_journey: Vec<Leg> = case_form::journey(lang, &case_fill::filled_journey(&view.journey), &view.journey, &mut Errors::default())
        .into_iter()
        .map(|(_, l)| l)
        .collect();
    let held = filled(file);
    let itinerary = case_form::itinerary(typed);
    let risks = case_form::risks(typed);
    let inquirer = case_form::inquirer(typed);
    if inquirer.is_none() && !file.inquirers.is_empty() {
        errors.add(lang, "who-name", "desk-error-no-inquirer");
    }
    let change = CaseCorrection {
        reason: typed.get("why").to_owned(),
        person: Some(person).filter(|p| *p != view.person),
        last_contact: Some(contact).filter(|c| *c != held_contact),
        journey: Some(journey).filter(|j| *j != held_journey),
        itinerary: Some(itinerary).filter(|i| *i != case_form::itinerary(&held)),
        risk_flags: Some(risks).filter(|r| *r != view.row.risk_flags),
        inquirer: inquirer.filter(|i| Some(i) != case_form::inquirer(&held).as_ref()),
    };
    if errors.is_empty() && change.is_empty() {
        errors.add(lang, "", "desk-error-unchanged");
    }
    Wanted { change, legs }
}

/// The page for whoever was slower: what only the other changed is in the form, what both did is shown.
fn conflict(who: &SignedIn, file: &CaseFile, typed: &Fields) -> Result<CorrectPage, PortalError> {
    let p = who.page();
    let base = Fields::read(typed.get("base"))?;
    let (merged, conflicts) = case_merge::merge(&base, &filled(file), typed);
    let last = file.access.iter().find(|a| matches!(a.action.as_str(), "change" | "command" | "give_consent"));
    let saved = match last {
        Some(line) => p.t2("desk-clash-saved", "who", line.user.clone().unwrap_or_else(|| line.authority.clone()), "when", p.moment(line.at)),
        None => p.t("error-stale-title"),
    };
    let clashes = case_merge::clashes(&p, &conflicts);
    Ok(CorrectPage { saved, clashes, ..page(p, file, merged, Errors::default()) })
}

pub(super) async fn save(app: web::Data<App>, who: SignedIn, id: web::Path<CaseId>, form: Posted) -> Answer {
    let (id, lang, actor) = (id.into_inner(), who.visit.lang, who.actor());
    actor.require(Right::WriteCases).map_err(ServiceError::from)?;
    let rev: i32 = form.get("rev").parse().map_err(|_| PortalError::Unreadable)?;
    let ask = Ask::of(&form);
    let mut typed = form.0;
    let file = cases::file(&app, actor, id).await?;
    case_places::settle(&app, actor, &ask, &mut typed).await?;
    let mut errors = Errors::default();
    if ask != Ask::Send {
        let base = typed.get("base").to_owned();
        let mut page = CorrectPage { rev, base, ..page(who.page(), &file, typed.clone(), errors) };
        case_places::offer(&app, actor, &ask, &typed, &mut page.choices, lang).await?;
        return respond::page(&page);
    }
    if file.view.row.rev != rev {
        return respond::page_with(&conflict(&who, &file, &typed)?, StatusCode::PRECONDITION_FAILED);
    }
    let wanted = read(lang, &typed, &file, app.clock.today(), &mut errors);
    if errors.is_empty() {
        match cases::correct(&app, actor, id, rev, wanted.change).await {
            Ok(_) => return Ok(respond::see_with(&app.settings, &format!("/casos/{id}"), "success", "flash-desk-corrected")),
            Err(ServiceError::Invalid(faults)) => case_form::put_faults(lang, &faults, &wanted.legs, &mut errors),
            Err(ServiceError::Stale(_)) => {
                let file = cases::file(&app, actor, id).await?;
                return respond::page_with(&conflict(&who, &file, &typed)?, StatusCode::PRECONDITION_FAILED);
            }
            Err(other) => return Err(other.into()),
        }
    }
    respond::page_with(&page(who.page(), &file, typed, errors), StatusCode::UNPROCESSABLE_ENTITY)
}
