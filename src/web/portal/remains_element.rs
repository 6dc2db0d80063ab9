//! An element by itself: its inventory corrected or told in detail.

use super::error::PortalError;
use super::forms::{Choice, Errors, Fields, Posted};
use super::i18n::Lang;
use super::page::Page;
use super::remains_new::fault;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::remains::ElementRow;
use crate::domain::authority::Right;
use crate::domain::ids::{ElementId, RemainsId};
use crate::domain::skeleton::{AgeClass, Bone, Completeness, Side, Taphonomy, Trauma, Zone};
use crate::services::ServiceError;
use crate::services::remains::elements::{self, NewElement};
use crate::services::remains::file;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "pages/remains_element.html")]
struct ElementPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    id: Uuid,
    remains: String,
    element: Uuid,
    code: String,
    rev: i32,
    bones: Vec<Choice>,
    sides: Vec<Choice>,
    completeness: Vec<Choice>,
    ages: Vec<Choice>,
    zones: Vec<Choice>,
    taphonomy: Vec<Choice>,
    trauma: Vec<Choice>,
}

/// The form filled with what is held.
fn filled(row: &ElementRow) -> Fields {
    let mut fields = Fields::default();
    let mut put = |name: &str, value: &str| fields.0.push((name.to_owned(), value.to_owned()));
    put("bone", &row.bone);
    put("side", row.side.as_deref().unwrap_or_default());
    put("completeness", &row.completeness);
    put("age", &row.age_class);
    for (name, words) in [("zones", &row.zones), ("taphonomy", &row.taphonomy), ("trauma", &row.trauma)] {
        words.iter().for_each(|word| put(name, word));
    }
    let measured = row.measurements.as_object().map(|m| m.iter().map(|(name, mm)| format!("{name} = {mm}")).collect::<Vec<_>>().join("\n"));
    put("measurements", &measured.unwrap_or_default());
    put("note", row.note.as_deref().unwrap_or_default());
    fields
}

/// The page; of what was typed, or of what is held.
async fn page(app: &App, who: &SignedIn, at: (RemainsId, ElementId), typed: Option<Fields>, errors: Errors) -> Result<ElementPage, PortalError> {
    let (id, element) = at;
    let file = file(app, who.actor(), id).await?;
    let row = file.elements.iter().chain(&file.included).find(|e| e.id == element.0).ok_or(ServiceError::NotFound)?;
    let typed = typed.unwrap_or_else(|| filled(row));
    let p = who.page();
    let words = |all: Vec<&str>, family: &str, name: &str| Choice::words(p.language, family, &all, &typed.all(name));
    let bone: Bone = typed.get("bone").parse().unwrap_or(row.anatomy().bone);
    Ok(ElementPage {
        bones: words(Bone::ALL.iter().map(|w| w.as_str()).collect(), "bone", "bone"),
        sides: words(Side::ALL.iter().map(|w| w.as_str()).collect(), "bone-side", "side"),
        completeness: words(Completeness::ALL.iter().map(|w| w.as_str()).collect(), "bone-completeness", "completeness"),
        ages: words(AgeClass::ALL.iter().map(|w| w.as_str()).collect(), "bone-age", "age"),
        zones: words(bone.zones().iter().map(|w| w.as_str()).collect(), "bone-zone", "zones"),
        taphonomy: words(Taphonomy::ALL.iter().map(|w| w.as_str()).collect(), "taphonomy", "taphonomy"),
        trauma: words(Trauma::ALL.iter().map(|w| w.as_str()).collect(), "bone-trauma", "trauma"),
        id: id.0,
        remains: file.row.code.clone(),
        element: row.id,
        code: row.code.clone(),
        rev: row.rev,
        typed,
        errors,
        p,
    })
}

pub(super) async fn form(app: web::Data<App>, who: SignedIn, at: web::Path<(RemainsId, ElementId)>) -> Answer {
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    respond::page(&page(&app, &who, at.into_inner(), None, Errors::default()).await?)
}

/// Measurements, one a line: `maximum_length = 441`, with a comma or a point.
fn measurements(lines: &[String]) -> Option<BTreeMap<String, f64>> {
    lines
        .iter()
        .map(|line| {
            let (name, millimetres) = line.split_once('=')?;
            Some((name.trim().to_owned(), millimetres.trim().replace(',', ".").parse().ok()?))
        })
        .collect()
}

fn all<T: std::str::FromStr>(form: &Fields, name: &str) -> Vec<T> {
    form.all(name).iter().filter_map(|w| w.parse().ok()).collect()
}

fn read(lang: Lang, form: &Fields, errors: &mut Errors) -> Option<NewElement> {
    let bone: Option<Bone> = form.word(lang, "bone", errors);
    let completeness: Option<Completeness> = form.word(lang, "completeness", errors);
    let age: Option<AgeClass> = form.word(lang, "age", errors);
    for (field, lacking) in [("bone", bone.is_none()), ("completeness", completeness.is_none()), ("age", age.is_none())] {
        if lacking && errors.of(field).is_empty() {
            errors.add(lang, field, "error-required");
        }
    }
    let measurements = measurements(&form.lines("measurements"));
    if measurements.is_none() {
        errors.add(lang, "measurements", "remains-fault-measurement-name");
    }
    let completeness = completeness?;
    // What a change of bone left ticked is none of the new bone's.
    let zones: Vec<Zone> = if completeness == Completeness::Complete { Vec::new() } else { all(form, "zones") };
    Some(NewElement {
        bone: bone?,
        side: form.word(lang, "side", errors),
        zones,
        completeness,
        age_class: age?,
        taphonomy: all(form, "taphonomy"),
        trauma: all(form, "trauma"),
        measurements: measurements?,
        note: form.opt("note"),
    })
}

pub(super) async fn correct(app: web::Data<App>, who: SignedIn, at: web::Path<(RemainsId, ElementId)>, form: Posted) -> Answer {
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    let (lang, at) = (who.visit.lang, at.into_inner());
    let rev: i32 = form.get("rev").parse().map_err(|_| PortalError::Unreadable)?;
    let mut errors = Errors::default();
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if let Some(new) = read(lang, &form, &mut errors).filter(|_| errors.is_empty()) {
        match elements::correct(&app, who.actor(), at.1, rev, form.get("reason"), new).await {
            Ok(_) => return Ok(respond::see_with(&app.settings, &format!("/restos/{}#inventario", at.0), "success", "flash-remains-corrected")),
            Err(ServiceError::Invalid(faults)) => {
                for one in &faults.0 {
                    let field = match one.pointer.trim_start_matches('/').trim_start_matches("element/").split('/').next().unwrap_or_default() {
                        "element" => "bone",
                        "age_class" => "age",
                        field => field,
                    };
                    errors.0.push(fault(lang, one, field.to_owned()));
                }
            }
            Err(ServiceError::Stale(_)) => {
                errors.add(lang, "", "remains-stale");
                status = StatusCode::PRECONDITION_FAILED;
            }
            Err(other) => return Err(other.into()),
        }
    }
    respond::page_with(&page(&app, &who, at, Some(form.0.clone()), errors).await?, status)
}
