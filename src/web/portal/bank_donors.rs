//! Donors: registering one with consent, the donor's page, and the donors and samples of a family.

use super::bank::{self, SampleItem};
use super::bank_consent::{self, DonorConsentChoices, GIVERS};
use super::error::PortalError;
use super::forms::{Choice, Errors, FieldError, Fields, Posted, fault_text};
use super::i18n::Lang;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use super::views::{Row, TimelineEvent, rows};
use crate::app::App;
use crate::db::consents::ConsentRow;
use crate::db::forms::OnceKey;
use crate::domain::authority::Right;
use crate::domain::ids::{CaseId, DonorId};
use crate::domain::sample::{Kin, SampleSource};
use crate::domain::violations::Violation;
use crate::services::ServiceError;
use crate::services::bank::desk::{self, DonorFile, Origin};
use crate::services::bank::donors::{self, DonorSex, DonorView, NewDonor};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

const SEXES: [&str; 2] = ["female", "male"];

/// The key that came with a form; one that is none gets a new one.
pub(super) fn once(app: &App, form: &Fields) -> String {
    form.get("once").parse::<Uuid>().map_or_else(|_| app.ids.next().to_string(), |id| id.to_string())
}

#[derive(Template)]
#[template(path = "pages/bank_donor_new.html")]
struct NewPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    once: String,
    case: String,
    folio: String,
    relations: Vec<Choice>,
    sexes: Vec<Choice>,
    consent: DonorConsentChoices,
}

fn new_page(p: Page, typed: Fields, once: String, case: Option<(CaseId, String)>, errors: Errors) -> NewPage {
    let lang = p.language;
    let relations: Vec<&str> = Kin::ALL.iter().map(|k| k.as_str()).collect();
    let (case, folio) = case.map(|(id, folio)| (id.to_string(), folio)).unwrap_or_default();
    NewPage {
        relations: Choice::words(lang, "donor-relation", &relations, &[typed.get("relation")]),
        sexes: Choice::words(lang, "sex", &SEXES, &[typed.get("sex")]),
        consent: DonorConsentChoices::of(lang, &typed),
        case,
        folio,
        typed,
        errors,
        once,
        p,
    }
}

/// The case that a form is about: by id, or by the folio that was typed.
async fn case_of(app: &App, who: &SignedIn, typed: &Fields) -> Result<Option<(CaseId, String)>, PortalError> {
    let actor = who.actor();
    let id = match typed.opt("caso") {
        Some(id) => Some(id.parse::<Uuid>().map(CaseId).map_err(|_| ServiceError::NotFound)?),
        None => match desk::origin_by_number(app, actor, SampleSource::DirectReference, typed.get("case-folio")).await? {
            Some(Origin::Case(id)) => Some(id),
            _ => None,
        },
    };
    match id {
        Some(id) => Ok(Some((id, desk::case_folio(app, actor, id).await?))),
        None => Ok(None),
    }
}

pub(super) async fn form(app: web::Data<App>, who: SignedIn) -> Answer {
    who.actor().require(Right::WriteSamples).map_err(ServiceError::from)?;
    let query = Fields::read(&who.visit.query)?;
    let case = case_of(&app, &who, &query).await?;
    respond::page(&new_page(who.page(), Fields::default(), app.ids.next().to_string(), case, Errors::default()))
}

/// Reads the donor; faults of form go to `errors`.
fn read(lang: Lang, typed: &Fields, case: Option<CaseId>, errors: &mut Errors) -> Option<NewDonor> {
    let relation: Option<Kin> = typed.word(lang, "relation", errors);
    if relation.is_none() && errors.of("relation").is_empty() {
        errors.add(lang, "relation", "bank-error-relation");
    }
    if case.is_none() {
        errors.add(lang, "case-folio", "bank-error-case");
    }
    if typed.get("name").is_empty() {
        errors.add(lang, "name", "bank-error-name");
    }
    let sex = match typed.get("sex") {
        "female" => Some(DonorSex::Female),
        "male" => Some(DonorSex::Male),
        _ => None,
    };
    let consent = bank_consent::is_begun(typed).then(|| bank_consent::read(lang, typed, errors));
    Some(NewDonor { case: case?, relation: relation?, name: typed.get("name").to_owned(), sex, consent })
}

/// A fault of the service on the form's field.
fn fault(lang: Lang, fault: &Violation) -> FieldError {
    if let Some(below) = fault.pointer.strip_prefix("/consent") {
        return bank_consent::fault(lang, below, fault);
    }
    FieldError { field: "name".to_owned(), text: fault_text(lang, fault) }
}

pub(super) async fn register(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    who.actor().require(Right::WriteSamples).map_err(ServiceError::from)?;
    let lang = who.visit.lang;
    let key = once(&app, &form);
    let case = case_of(&app, &who, &form).await?;
    let mut errors = Errors::default();
    let new = read(lang, &form, case.as_ref().map(|c| c.0), &mut errors).filter(|_| errors.is_empty());
    if let Some(new) = new {
        let consented = new.consent.is_some();
        match donors::register(&app, who.actor(), Some(&OnceKey::of_form(&format!("donor {key}"))), new).await {
            Ok(done) => {
                let (kind, said) = if consented { ("success", "flash-bank-donor") } else { ("notice", "flash-bank-donor-no-consent") };
                return Ok(respond::see_with(&app.settings, &format!("/banco/donantes/{}", done.made.id), kind, said));
            }
            Err(ServiceError::Invalid(faults)) => errors.0.extend(faults.0.iter().map(|f| fault(lang, f))),
            Err(other) => return Err(other.into()),
        }
    }
    respond::page_with(&new_page(who.page(), form.0.clone(), key, case, errors), StatusCode::UNPROCESSABLE_ENTITY)
}

#[derive(Template)]
#[template(path = "pages/bank_donor.html")]
struct DonorPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    once: String,
    id: DonorId,
    code: String,
    name: String,
    case: CaseId,
    covered: bool,
    /// Whether the reading institution registered the donor.
    own: bool,
    may_write: bool,
    may_withdraw: bool,
    rows: Vec<Row>,
    consents: Vec<TimelineEvent>,
    consent: DonorConsentChoices,
    open_give: bool,
    samples: Vec<SampleItem>,
    columns: Vec<String>,
}

/// Who gave a consent, in words where they are of the form's.
fn giver(p: &Page, given_by: &str) -> String {
    if GIVERS.contains(&given_by) { p.word("consent-giver", given_by) } else { given_by.to_owned() }
}

fn consent_text(p: &Page, row: &ConsentRow, now: DateTime<Utc>) -> (String, &'static str) {
    if let Some(at) = row.withdrawn_at {
        return (p.t1("found-consent-withdrawn", "when", p.moment(at)), "");
    }
    let mut text = vec![
        p.t2("bank-consent-told", "language", p.word("spoken", &row.language), "who", row.explained_by.as_str()),
        p.t2("bank-consent-given", "who", giver(p, &row.granted_by), "version", row.form_version.as_str()),
    ];
    let ended = row.expires_at.is_some_and(|end| end <= now);
    if let Some(end) = row.expires_at {
        let last = p.day((end - chrono::Duration::seconds(1)).date_naive());
        text.push(p.t1(if ended { "bank-consent-ended" } else { "bank-consent-until" }, "when", last));
    }
    (text.join(" "), if ended { "" } else { "done" })
}

/// Consents by form: one event each, with the institutions it names.
fn consents(p: &Page, all: &[ConsentRow], now: DateTime<Utc>) -> Vec<TimelineEvent> {
    // Ids of forms grow with time.
    let mut forms: BTreeMap<Uuid, Vec<&ConsentRow>> = BTreeMap::new();
    for row in all {
        forms.entry(row.form_id).or_default().push(row);
    }
    let event = |rows: &Vec<&ConsentRow>| {
        let first = rows.first()?;
        let kinds: Vec<String> = rows.iter().map(|r| p.word("authority", &r.recipient_kind)).collect();
        let (text, state) = consent_text(p, first, now);
        Some(TimelineEvent { when: p.day(first.granted_at.date_naive()), title: kinds.join(", "), text, state })
    };
    forms.values().rev().filter_map(event).collect()
}

fn in_force(row: &ConsentRow, now: DateTime<Utc>) -> bool {
    row.withdrawn_at.is_none() && row.expires_at.is_none_or(|end| end > now)
}

fn donor_page(app: &App, who: &SignedIn, file: DonorFile, typed: Fields, once: String, errors: Errors) -> DonorPage {
    let (p, now) = (who.page(), app.now());
    let DonorFile { donor, folio, samples } = file;
    let DonorView { id, code, case, relation, sex, name, consents: given, covered } = donor;
    let may_write = who.actor().may(Right::WriteSamples);
    let given_rows = given.as_deref().unwrap_or_default();
    DonorPage {
        rows: rows(vec![
            (p.t("bank-relation"), p.word("donor-relation", &relation)),
            (p.t("bank-sex"), sex.as_deref().map(|s| p.word("sex", s)).unwrap_or_default()),
            (p.t("bank-case"), folio.unwrap_or_else(|| p.t("review-reserved"))),
        ]),
        own: given.is_some(),
        may_withdraw: may_write && given_rows.iter().any(|c| in_force(c, now)),
        consents: consents(&p, given_rows, now),
        consent: DonorConsentChoices::of(p.language, &typed),
        open_give: !errors.is_empty(),
        columns: bank::item_columns(&p),
        samples: bank::items(&p, samples),
        name: name.unwrap_or_default(),
        id,
        code,
        case,
        covered,
        may_write,
        typed,
        once,
        errors,
        p,
    }
}

pub(super) async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<DonorId>) -> Answer {
    let file = desk::donor(&app, who.actor(), id.into_inner()).await?;
    let once = app.ids.next().to_string();
    respond::page(&donor_page(&app, &who, file, Fields::default(), once, Errors::default()))
}

pub(super) async fn give_consent(app: web::Data<App>, who: SignedIn, id: web::Path<DonorId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteSamples).map_err(ServiceError::from)?;
    let (id, lang, key) = (id.into_inner(), who.visit.lang, once(&app, &form));
    let mut errors = Errors::default();
    let consent = bank_consent::read(lang, &form, &mut errors);
    if errors.is_empty() {
        let once = OnceKey::of_form(&format!("donor consent {key}"));
        match donors::give_consent(&app, who.actor(), id, Some(&once), consent).await {
            Ok(_) => return Ok(respond::see_with(&app.settings, &format!("/banco/donantes/{id}"), "success", "flash-consent-given")),
            Err(ServiceError::Invalid(faults)) => errors = bank_consent::faults(lang, &faults),
            Err(other) => return Err(other.into()),
        }
    }
    let file = desk::donor(&app, who.actor(), id).await?;
    respond::page_with(&donor_page(&app, &who, file, form.0.clone(), key, errors), StatusCode::UNPROCESSABLE_ENTITY)
}

/// A donor in the list of a family.
#[derive(Debug, Clone)]
struct DonorItem {
    href: String,
    code: String,
    name: String,
    relation: String,
    covered: bool,
}

#[derive(Template)]
#[template(path = "pages/bank_family.html")]
struct FamilyPage {
    p: Page,
    case: CaseId,
    folio: String,
    may_write: bool,
    reads_cases: bool,
    donors: Vec<DonorItem>,
    donor_columns: Vec<String>,
    samples: Vec<SampleItem>,
    columns: Vec<String>,
}

pub(super) async fn family(app: web::Data<App>, who: SignedIn, case: web::Path<CaseId>) -> Answer {
    let case = case.into_inner();
    let family = desk::family(&app, who.actor(), case).await?;
    let p = who.page();
    let donor = |d: DonorView| DonorItem {
        href: format!("/banco/donantes/{}", d.id),
        name: d.name.unwrap_or_default(),
        relation: p.word("donor-relation", &d.relation),
        covered: d.covered,
        code: d.code,
    };
    respond::page(&FamilyPage {
        case,
        folio: family.folio,
        may_write: who.actor().may(Right::WriteSamples),
        reads_cases: who.actor().may(Right::ReadCases),
        donors: family.donors.into_iter().map(donor).collect(),
        donor_columns: ["bank-donor", "bank-relation", "bank-consent"].iter().map(|k| p.t(k)).collect(),
        samples: bank::items(&p, family.samples),
        columns: bank::item_columns(&p),
        p,
    })
}
