//! A found record as its owner reads it: the person, the place, the consents, who can see it, who has seen it, its hypotheses.

use super::compare::{self, band_look, place_text};
use super::duplicates::{self, RelatedDuplicate};
use super::error::PortalError;
use super::forms::{Choice, Errors, Fields, Posted, fault_text};
use super::found_form::{self, ConsentChoices};
use super::mapdata::{MapData, MapPoint};
use super::page::Page;
use super::remains::{self, RemainsItem};
use super::respond::{self, Answer};
use super::session::SignedIn;
use super::views::{self, AccessView, Row, Sharing, TimelineEvent, rows};
use crate::app::App;
use crate::db::consents::ConsentRow;
use crate::db::corrections::CorrectionRow;
use crate::db::duplicates::DuplicateLine;
use crate::db::hypotheses::{HypothesisLine, QueueFilter};
use crate::db::remains::RemainsRow;
use crate::domain::authority::{AuthorityKind, Right};
use crate::domain::duplicate::DuplicateKind;
use crate::domain::found::FoundKind;
use crate::domain::ids::FoundId;
use crate::services::ServiceError;
use crate::services::consents::{self, Subject, Withdrawal};
use crate::services::found::{self, FoundFile, FoundView};
use crate::services::hypotheses;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use uuid::Uuid;

/// A hypothesis of the record.
#[derive(Debug, Clone)]
struct Related {
    href: String,
    tone: &'static str,
    mark: &'static str,
    band: String,
    case: String,
    state: String,
}

#[derive(Template)]
#[template(path = "pages/found_file.html")]
struct FilePage {
    p: Page,
    errors: Errors,
    typed: Fields,
    id: Uuid,
    folio: String,
    name: String,
    kind: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    wish: String,
    may_write: bool,
    may_compare: bool,
    sees_samples: bool,
    may_sample: bool,
    remains: Vec<RemainsItem>,
    living: bool,
    summary: Vec<Row>,
    description: Vec<Row>,
    sensitive: Vec<Row>,
    has_map: bool,
    map_src: String,
    place: String,
    corrections: Vec<TimelineEvent>,
    hypotheses: Vec<Related>,
    duplicates: Vec<RelatedDuplicate>,
    sharing: Vec<Sharing>,
    consents: Vec<TimelineEvent>,
    in_force: bool,
    in_force_with: Vec<Choice>,
    consent: ConsentChoices,
    open_give: bool,
    open_withdraw: bool,
    access: Vec<AccessView>,
    access_columns: Vec<String>,
}

/// Tone and shape of a kind: the living and the dead differ by shape.
const fn kind_look(kind: FoundKind) -> (&'static str, &'static str) {
    match kind {
        FoundKind::RemainsNamed | FoundKind::RemainsUnnamed => ("brick", "diamond"),
        FoundKind::ForeignCase => ("violet", "dot"),
        _ => ("teal", "triangle"),
    }
}

/// The shown name: respectful words where there is none.
fn name_of(p: &Page, view: &FoundView) -> String {
    view.person.display_name().unwrap_or_else(|| p.word("found-kind", &view.row.kind))
}

fn uncertain_place(p: &Page, view: &FoundView) -> String {
    let Some(place) = &view.place else { return String::new() };
    let words = place_text(p, place);
    if place.position().is_none() {
        return words;
    }
    let km = place.radius_m() / 1000.0;
    let km = if km < 10.0 { format!("{km:.1}") } else { format!("{km:.0}") };
    [words, p.t1("found-uncertainty", "km", km)].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(", ")
}

fn summary(p: &Page, view: &FoundView) -> Vec<Row> {
    let row = &view.row;
    rows(vec![
        (p.t("found-own-number"), row.external_id.clone().unwrap_or_default()),
        (p.t("found-on"), view.found_at.map(|w| p.partial(w)).unwrap_or_default()),
        (p.t("found-place"), uncertain_place(p, view)),
        (p.t("found-confidentiality"), p.word("confidentiality", &row.confidentiality)),
        (p.t("found-registered"), p.moment(row.created_at)),
    ])
}

fn fields(p: &Page, view: &FoundView, names: &[&str]) -> Vec<(String, String)> {
    names.iter().map(|f| (compare::field_name(p, f), compare::value(p, f, &view.person, None, None))).collect()
}

fn sensitive(p: &Page, view: &FoundView) -> Vec<Row> {
    let row = &view.row;
    let pmi = match (row.pmi_min_days, row.pmi_max_days) {
        (None, None) => String::new(),
        (min, max) => {
            let days = |d: Option<i32>| d.map_or_else(|| "?".to_owned(), |d| d.to_string());
            p.t2("found-pmi-range", "min", days(min), "max", days(max))
        }
    };
    let mut all = fields(p, view, &["marks", "dental", "medical", "phone", "document"]);
    all.push((p.t("found-body-state"), row.body_state.as_deref().map(|b| p.word("body-state", b)).unwrap_or_default()));
    all.push((p.t("found-pmi"), pmi));
    all.push((p.t("found-held-at"), row.held_at.clone().unwrap_or_default()));
    rows(all)
}

/// Consents by form: one event per form and class of recipient.
fn consent_events(p: &Page, rows: &[ConsentRow]) -> Vec<TimelineEvent> {
    let mut events: Vec<(chrono::DateTime<chrono::Utc>, TimelineEvent)> = Vec::new();
    for row in rows {
        let title = format!("{}: {}", p.word("authority", &row.recipient_kind), p.word("purpose", &row.purpose));
        let told = p.t2("found-consent-told", "language", p.word("spoken", &row.language), "who", row.explained_by.as_str());
        let (text, state) = match row.withdrawn_at {
            Some(at) => (p.t1("found-consent-withdrawn", "when", p.moment(at)), ""),
            None => (told, "done"),
        };
        events.push((row.granted_at, TimelineEvent { when: p.moment(row.granted_at), title, text, state }));
    }
    events.sort_by_key(|e| std::cmp::Reverse(e.0));
    events.into_iter().map(|(_, e)| e).collect()
}

fn correction_events(p: &Page, rows: &[CorrectionRow]) -> Vec<TimelineEvent> {
    rows.iter()
        .map(|row| {
            let field = match row.field.as_str() {
                "names" => "name",
                "age_min" | "age_max" | "age_as_of" => "age",
                "height_min_cm" | "height_max_cm" => "stature",
                "nationalities" => "nationality",
                "hair_color" => "hair",
                "eye_color" => "eyes",
                "phones" => "phone",
                "documents" => "document",
                other => other,
            };
            TimelineEvent { when: p.moment(row.at), title: compare::field_name(p, field), text: row.reason.clone(), state: "done" }
        })
        .collect()
}

fn related(p: &Page, line: &HypothesisLine) -> Related {
    let (tone, mark) = band_look(&line.band);
    Related {
        href: format!("/hipotesis/{}", line.id),
        tone,
        mark,
        band: p.word("band", &line.band),
        case: line.case_folio.clone().unwrap_or_else(|| p.t("review-reserved")),
        state: p.word("hypothesis-state", &line.state),
    }
}

/// What the page is made from.
struct Parts {
    file: FoundFile,
    hypotheses: Vec<HypothesisLine>,
    duplicates: Vec<DuplicateLine>,
    corrections: Vec<CorrectionRow>,
    remains: Vec<RemainsRow>,
}

async fn parts(app: &App, who: &SignedIn, id: FoundId) -> Result<Parts, PortalError> {
    let actor = who.actor();
    let file = found::file(app, actor, id).await?;
    let filter = QueueFilter { found: Some(id.0), ..QueueFilter::default() };
    let hypotheses = if actor.may(Right::ReadHypotheses) { hypotheses::list(app, actor, &filter, None, 10).await? } else { Vec::new() };
    let duplicates = duplicates::of_record(app, who, DuplicateKind::FoundRecord, id.0).await?;
    let corrections = consents::corrections_of(app, actor, Subject::Found(id)).await?;
    let of_remains = file.view.row.kind().is_remains();
    let remains = if of_remains { crate::services::remains::of_found(app, actor, id).await? } else { Vec::new() };
    Ok(Parts { file, hypotheses, duplicates, corrections, remains })
}

fn page(who: &SignedIn, parts: &Parts, typed: Fields, errors: Errors) -> FilePage {
    let p = who.page();
    let actor = who.actor();
    let FoundFile { view, consents, sharing, access } = &parts.file;
    let row = &view.row;
    let kind = row.kind();
    let (tone, mark) = kind_look(kind);
    let living = !kind.is_remains();
    let wish = row.wants_contact.as_deref().filter(|_| living).map(|w| p.word("wants-contact", w)).unwrap_or_default();
    let mut recipients: Vec<&str> = consents.iter().filter(|c| c.withdrawn_at.is_none()).map(|c| c.recipient_kind.as_str()).collect();
    recipients.sort_unstable();
    recipients.dedup();
    FilePage {
        id: row.id,
        folio: row.folio.clone(),
        name: name_of(&p, view),
        kind: p.word("found-kind", &row.kind),
        tone,
        mark,
        state: p.word("found-state", &row.state),
        wish,
        may_write: actor.may(Right::WriteFound),
        may_compare: actor.may(Right::ReadHypotheses),
        sees_samples: !living && actor.may(Right::ReadSamples),
        may_sample: actor.may(Right::WriteSamples),
        remains: remains::items(&p, &parts.remains, None),
        living,
        summary: summary(&p, view),
        description: rows(fields(
            &p,
            view,
            &["name", "birth", "sex", "nationality", "stature", "build", "hair", "eyes", "clothing", "belongings", "companions"],
        )),
        sensitive: sensitive(&p, view),
        has_map: view.place.as_ref().is_some_and(|place| place.position().is_some()),
        map_src: format!("/hallazgos/{}/mapa.json", row.id),
        place: uncertain_place(&p, view),
        corrections: correction_events(&p, &parts.corrections),
        hypotheses: parts.hypotheses.iter().map(|h| related(&p, h)).collect(),
        duplicates: duplicates::related(&p, &parts.duplicates, row.id, None),
        sharing: views::sharing(&p, sharing),
        consents: consent_events(&p, consents),
        in_force: !recipients.is_empty(),
        in_force_with: Choice::words(p.language, "authority", &recipients, &[typed.get("recipient")]),
        consent: ConsentChoices::of(p.language, &typed),
        open_give: ["consent", "consent-language", "explained-by"].iter().any(|f| !errors.of(f).is_empty()),
        open_withdraw: !errors.of("withdraw-reason").is_empty(),
        access: views::access(&p, access),
        access_columns: ["accessed-who", "accessed-what", "accessed-when", "accessed-purpose"].iter().map(|k| p.t(k)).collect(),
        typed,
        errors,
        p,
    }
}

pub(super) async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<FoundId>) -> Answer {
    let parts = parts(&app, &who, id.into_inner()).await?;
    respond::page(&page(&who, &parts, Fields::default(), Errors::default()))
}

pub(super) async fn map(app: web::Data<App>, who: SignedIn, id: web::Path<FoundId>) -> Answer {
    let file = found::file(&app, who.actor(), id.into_inner()).await?;
    let p = who.page();
    let mut data = MapData::default();
    if let Some((place, (lat, lon))) = file.view.place.as_ref().and_then(|place| Some((place, place.position()?))) {
        data.points.push(MapPoint {
            lat,
            lon,
            kind: file.view.row.kind().as_str(),
            label: uncertain_place(&p, &file.view),
            kind_label: p.word("found-kind", &file.view.row.kind),
            href: None,
            radius_m: Some(place.radius_m()),
        });
    }
    Ok(HttpResponse::Ok().json(data))
}

async fn again(app: &App, who: &SignedIn, id: FoundId, form: &Posted, errors: Errors) -> Answer {
    let parts = parts(app, who, id).await?;
    respond::page_with(&page(who, &parts, form.0.clone(), errors), StatusCode::UNPROCESSABLE_ENTITY)
}

pub(super) async fn give_consent(app: web::Data<App>, who: SignedIn, id: web::Path<FoundId>, form: Posted) -> Answer {
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let mut errors = Errors::default();
    let Some(consent) = found_form::consent(&form) else {
        who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
        errors.add(lang, "consent", "found-error-recipient");
        return again(&app, &who, id, &form, errors).await;
    };
    match consents::give(&app, who.actor(), Subject::Found(id), None, consent).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &format!("/hallazgos/{id}"), "success", "flash-consent-given")),
        Err(ServiceError::Invalid(faults)) => {
            let errors = Errors::take_violations(lang, &faults, |pointer| {
                match pointer {
                    "/language" => "consent-language",
                    "/explained_by" => "explained-by",
                    _ => "consent",
                }
                .to_owned()
            });
            again(&app, &who, id, &form, errors).await
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn withdraw(app: web::Data<App>, who: SignedIn, id: web::Path<FoundId>, form: Posted) -> Answer {
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let mut errors = Errors::default();
    let recipient: Option<AuthorityKind> = form.word(lang, "recipient", &mut errors);
    let mut faults = crate::domain::violations::Violations::default();
    faults.check_text("/reason", form.get("withdraw-reason"), 1000);
    for fault in &faults.0 {
        errors.0.push(super::forms::FieldError { field: "withdraw-reason".to_owned(), text: fault_text(lang, fault) });
    }
    if !errors.is_empty() {
        return again(&app, &who, id, &form, errors).await;
    }
    let withdrawal = Withdrawal { purpose: None, recipient, reason: form.get("withdraw-reason").to_owned() };
    consents::withdraw(&app, who.actor(), Subject::Found(id), withdrawal).await?;
    Ok(respond::see_with(&app.settings, &format!("/hallazgos/{id}"), "success", "flash-found-consent-withdrawn"))
}

pub(super) async fn compare_again(app: web::Data<App>, who: SignedIn, id: web::Path<FoundId>, _form: Posted) -> Answer {
    let id = id.into_inner();
    found::file(&app, who.actor(), id).await?;
    hypotheses::compare_again(&app, who.actor(), "found_record", id.0).await?;
    Ok(respond::see_with(&app.settings, &format!("/hallazgos/{id}"), "success", "flash-compare-asked"))
}
