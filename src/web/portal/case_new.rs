//! Registering a missing person: one form in sections. Whatever is wrong or looked up, what was typed stays; the family's PIN is shown once.

use super::case_consent::{self, ConsentChoices};
use super::case_form::{self, ReportChoices};
use super::case_places::{self, Ask};
use super::case_saved::pin_page;
use super::error::PortalError;
use super::forms::{Errors, Fields, Posted};
use super::i18n::Lang;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::forms::OnceKey;
use crate::domain::authority::Right;
use crate::domain::person::Description;
use crate::services::ServiceError;
use crate::services::cases::{self, Leg, NewCase};
use crate::services::once::Done;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use chrono::NaiveDate;

const HERE: &str = "/casos/nuevo";

#[derive(Template)]
#[template(path = "pages/case_new.html")]
struct NewPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    once: String,
    here: &'static str,
    choices: ReportChoices,
    consent: ConsentChoices,
}

/// What every answer with the form needs.
struct Form<'a> {
    app: &'a App,
    who: &'a SignedIn,
    once: String,
    ask: Ask,
}

impl Form<'_> {
    async fn page(&self, typed: Fields, errors: Errors) -> Result<NewPage, PortalError> {
        let p = self.who.page();
        let lang = p.language;
        let mut choices = ReportChoices::of(lang, &typed);
        case_places::offer(self.app, self.who.actor(), &self.ask, &typed, &mut choices, lang).await?;
        let consent = ConsentChoices::of(lang, &typed, &errors);
        Ok(NewPage { p, errors, typed, once: self.once.clone(), here: HERE, choices, consent })
    }
}

pub(super) async fn form(app: web::Data<App>, who: SignedIn) -> Answer {
    who.actor().require(Right::WriteCases).map_err(ServiceError::from)?;
    let form = Form { app: &app, who: &who, once: app.ids.next().to_string(), ask: Ask::Send };
    respond::page(&form.page(Fields::default(), Errors::default()).await?)
}

/// Reads the report, with the numbers of the form's legs; faults of form go to `errors`.
fn read(lang: Lang, typed: &Fields, today: NaiveDate, errors: &mut Errors) -> (NewCase, Vec<usize>) {
    let last_contact = case_form::contact(lang, typed, &crate::db::cases::LastContact::default(), errors);
    let as_of = last_contact.at.map_or(today, |d| d.from);
    let person = case_form::person(lang, typed, &Description::default(), as_of, errors);
    let (legs, journey): (Vec<usize>, Vec<Leg>) = case_form::journey(lang, typed, &[], errors).into_iter().unzip();
    let itinerary = case_form::itinerary(typed);
    let new = NewCase {
        external_id: typed.opt("external-id"),
        scheme: None,
        channel: typed.word(lang, "channel", errors),
        report_language: typed.opt("report-language"),
        report_date: typed.day(lang, "reported", errors),
        person,
        last_contact,
        journey,
        origin_country: itinerary.origin_country,
        transit_countries: itinerary.transit_countries,
        destination_country: itinerary.destination_country,
        destination_place: itinerary.destination_place,
        risk_flags: case_form::risks(typed),
        inquirer: case_form::inquirer(typed),
        consent: case_consent::read(lang, typed, errors),
    };
    (new, legs)
}

pub(super) async fn register(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    let (lang, actor) = (who.visit.lang, who.actor());
    actor.require(Right::WriteCases).map_err(ServiceError::from)?;
    let once = form.get("once").parse::<uuid::Uuid>().unwrap_or_else(|_| app.ids.next()).to_string();
    let form_of = Form { app: &app, who: &who, once, ask: Ask::of(&form) };
    let mut typed = form.0;
    case_places::settle(&app, actor, &form_of.ask, &mut typed).await?;
    let mut errors = Errors::default();
    if form_of.ask != Ask::Send {
        return respond::page(&form_of.page(typed, errors).await?);
    }
    let (new, legs) = read(lang, &typed, app.clock.today(), &mut errors);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if errors.is_empty() {
        match cases::register(&app, actor, Some(&OnceKey::of_form(&format!("case {}", form_of.once))), new).await {
            Ok(Done { made, before: false }) => return respond::page(&pin_page(who.page(), made.id, &made.folio, made.family_pin, true)),
            Ok(Done { made, before: true }) => {
                return Ok(respond::see_with(&app.settings, &format!("/casos/{}", made.id), "notice", "flash-desk-before"));
            }
            Err(ServiceError::Invalid(faults)) => case_form::put_faults(lang, &faults, &legs, &mut errors),
            Err(ServiceError::Taken(_)) => {
                errors.add(lang, "external-id", "desk-error-taken");
                status = StatusCode::CONFLICT;
            }
            Err(other) => return Err(other.into()),
        }
    } else if let Err(faults) = new.check(app.clock.today()) {
        // All faults at once, those of the form and those of the report.
        case_form::put_faults(lang, &faults, &legs, &mut errors);
    }
    respond::page_with(&form_of.page(typed, errors).await?, status)
}
