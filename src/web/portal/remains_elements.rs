//! The inventory's form: a row an element, made for the keyboard. Zones are typed as the numbers of the key below the table; a row can stand for several alike.

use super::bank_donors::once;
use super::error::PortalError;
use super::forms::{Choice, Errors, Fields, Posted};
use super::i18n::Lang;
use super::page::Page;
use super::remains_new::fault;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::forms::OnceKey;
use crate::domain::authority::Right;
use crate::domain::ids::RemainsId;
use crate::domain::skeleton::{AgeClass, Bone, Completeness, Side, Zone};
use crate::services::ServiceError;
use crate::services::remains::elements::{self, MOST_ELEMENTS, NewElement};
use crate::services::remains::file;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Rows of the form.
const ROWS: usize = 12;
/// Most elements alike that a row stands for: bones of a hand.
const MOST_ALIKE: usize = 14;

/// A row of the form.
#[derive(Debug, Clone)]
struct RowFields {
    n: usize,
    bones: Vec<Choice>,
    sides: Vec<Choice>,
    completeness: Vec<Choice>,
    ages: Vec<Choice>,
    zones: String,
    count: String,
    note: String,
    error: String,
}

/// A bone with its numbered zones.
#[derive(Debug, Clone)]
struct KeyLine {
    bone: String,
    zones: String,
}

#[derive(Template)]
#[template(path = "pages/remains_elements.html")]
struct ElementsPage {
    p: Page,
    errors: Errors,
    once: String,
    id: Uuid,
    code: String,
    kind: String,
    rows: Vec<RowFields>,
    key: Vec<KeyLine>,
}

fn row(lang: Lang, n: usize, typed: &Fields, errors: &Errors) -> RowFields {
    let words = |all: Vec<&str>, family: &str, name: &str| Choice::words(lang, family, &all, &[typed.get(&format!("{name}-{n}"))]);
    let told = |name: &str| typed.get(&format!("{name}-{n}")).to_owned();
    RowFields {
        n,
        bones: words(Bone::ALL.iter().map(|w| w.as_str()).collect(), "bone", "bone"),
        sides: words(Side::ALL.iter().map(|w| w.as_str()).collect(), "bone-side", "side"),
        completeness: words(Completeness::ALL.iter().map(|w| w.as_str()).collect(), "bone-completeness", "completeness"),
        ages: words(AgeClass::ALL.iter().map(|w| w.as_str()).collect(), "bone-age", "age"),
        zones: told("zones"),
        count: told("count"),
        note: told("note"),
        error: errors.of(&format!("bone-{n}")).to_owned(),
    }
}

async fn page(app: &App, who: &SignedIn, id: RemainsId, typed: &Fields, once: String, errors: Errors) -> Result<ElementsPage, PortalError> {
    let row_of = file(app, who.actor(), id).await?.row;
    let p = who.page();
    let lang = p.language;
    // Bones with the same zones share a line.
    let mut key: Vec<(&[Zone], Vec<String>)> = Vec::new();
    for bone in Bone::ALL.iter().filter(|b| b.zones().len() > 1) {
        let name = lang.word("bone", bone.as_str());
        match key.iter_mut().find(|(zones, _)| *zones == bone.zones()) {
            Some((_, bones)) => bones.push(name),
            None => key.push((bone.zones(), vec![name])),
        }
    }
    let line = |(zones, bones): (&[Zone], Vec<String>)| KeyLine {
        bone: bones.join(", "),
        zones: zones.iter().zip(1..).map(|(z, n)| format!("{n} {}", lang.word("bone-zone", z.as_str()))).collect::<Vec<_>>().join(" · "),
    };
    Ok(ElementsPage {
        rows: (1..=ROWS).map(|n| row(lang, n, typed, &errors)).collect(),
        key: key.into_iter().map(line).collect(),
        kind: p.word("remains-kind", &row_of.kind),
        id: id.0,
        code: row_of.code,
        once,
        errors,
        p,
    })
}

pub(super) async fn form(app: web::Data<App>, who: SignedIn, id: web::Path<RemainsId>) -> Answer {
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    respond::page(&page(&app, &who, *id, &Fields::default(), app.ids.next().to_string(), Errors::default()).await?)
}

/// Zones by the numbers of the key: "1 2 3" or "1,2,3".
fn zones(bone: Bone, text: &str) -> Option<Vec<Zone>> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|n| !n.is_empty())
        .map(|n| n.parse::<usize>().ok()?.checked_sub(1).and_then(|n| bone.zones().get(n)).copied())
        .collect()
}

/// The elements of the rows, each with the row it came from.
fn read(lang: Lang, typed: &Fields, errors: &mut Errors) -> Vec<(usize, NewElement)> {
    let mut all = Vec::new();
    for n in 1..=ROWS {
        let at = format!("bone-{n}");
        let told = |name: &str| typed.opt(&format!("{name}-{n}"));
        let Some(bone) = typed.word::<Bone>(lang, &at, errors) else {
            if errors.of(&at).is_empty() && ["side", "zones", "completeness", "age", "note"].iter().any(|name| told(name).is_some()) {
                errors.add(lang, &at, "remains-error-bone");
            }
            continue;
        };
        let count = told("count").map_or(Some(1), |c| c.parse::<usize>().ok()).filter(|c| (1..=MOST_ALIKE).contains(c));
        let zones = zones(bone, &told("zones").unwrap_or_default());
        let completeness = told("completeness").map_or(Some(Completeness::Complete), |c| c.parse().ok());
        let (Some(count), Some(zones), Some(completeness)) = (count, zones.clone(), completeness) else {
            errors.add(lang, &at, if zones.is_none() { "remains-error-zones" } else { "remains-error-count" });
            continue;
        };
        let element = NewElement {
            bone,
            side: told("side").and_then(|s| s.parse().ok()),
            zones,
            completeness,
            age_class: told("age").and_then(|a| a.parse().ok()).unwrap_or(AgeClass::Unknown),
            taphonomy: Vec::new(),
            trauma: Vec::new(),
            measurements: BTreeMap::new(),
            note: told("note"),
        };
        all.extend(std::iter::repeat_n((n, element), count));
    }
    if all.is_empty() && errors.is_empty() {
        errors.add(lang, "bone-1", "remains-error-bone");
    }
    all.truncate(MOST_ELEMENTS);
    all
}

pub(super) async fn add(app: web::Data<App>, who: SignedIn, id: web::Path<RemainsId>, form: Posted) -> Answer {
    who.actor().require(Right::WriteFound).map_err(ServiceError::from)?;
    let (lang, key) = (who.visit.lang, once(&app, &form));
    let mut errors = Errors::default();
    let rows = read(lang, &form, &mut errors);
    if errors.is_empty() {
        let new = rows.iter().map(|(_, e)| e.clone()).collect();
        match elements::add(&app, who.actor(), *id, Some(&OnceKey::of_form(&format!("elements {key}"))), new).await {
            Ok(_) => {
                let to = if form.get("more").is_empty() { format!("/restos/{id}#inventario") } else { format!("/restos/{id}/elementos") };
                return Ok(respond::see_with(&app.settings, &to, "success", "flash-remains-elements"));
            }
            Err(ServiceError::Invalid(faults)) => {
                for one in &faults.0 {
                    let place = one.pointer.trim_start_matches("/elements/").split('/').next().and_then(|n| n.parse::<usize>().ok());
                    let n = place.and_then(|i| rows.get(i)).map_or(1, |(n, _)| *n);
                    let error = fault(lang, one, format!("bone-{n}"));
                    if !errors.0.contains(&error) {
                        errors.0.push(error);
                    }
                }
            }
            Err(other) => return Err(other.into()),
        }
    }
    respond::page_with(&page(&app, &who, *id, &form, key, errors).await?, StatusCode::UNPROCESSABLE_ENTITY)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn zones_are_the_numbers_of_the_key_however_they_are_parted() {
        assert_eq!(zones(Bone::Femur, "1 3,5").unwrap(), [Zone::ProximalEnd, Zone::MiddleShaft, Zone::DistalEnd]);
        assert_eq!(zones(Bone::Femur, "").unwrap(), []);
        assert_eq!(zones(Bone::Femur, "6"), None);
        assert_eq!(zones(Bone::Femur, "0"), None);
    }

    #[test]
    fn a_row_stands_for_as_many_as_it_says_and_one_without_a_bone_is_a_fault_of_that_row() {
        let mut errors = Errors::default();
        let typed = Fields::read("bone-1=rib&side-1=left&count-1=12&bone-3=femur&zones-3=1&completeness-3=partial").unwrap();
        let rows = read(Lang::Es, &typed, &mut errors);
        assert!(errors.is_empty());
        assert_eq!((rows.len(), rows[11].0, rows[12].0), (13, 1, 3));
        let typed = Fields::read("bone-1=femur&side-2=left").unwrap();
        read(Lang::Es, &typed, &mut errors);
        assert!(!errors.of("bone-2").is_empty());
    }
}
