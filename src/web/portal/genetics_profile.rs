//! The page of a sample's profile: where it stands, the grid in which an analyst enters a reading, and what was read, as far as this analyst may see it.

use super::error::PortalError;
use super::forms::{Errors, FieldError, Fields, Posted, fault_text};
use super::genetics::geneticist;
use super::i18n::{Argument, Lang};
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::forms::OnceKey;
use crate::domain::ids::SampleId;
use crate::domain::violations::Violation;
use crate::services::ServiceError;
use crate::services::bank::profiles::{self, GridPart, NewReading, ProfileSheet, ProfileStanding, ProfileView};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use std::collections::{BTreeMap, BTreeSet};

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.route("/banco/muestras/{id}/perfil", web::get().to(show)).route("/banco/muestras/{id}/perfil", web::post().to(enter));
}

/// A field of the grid.
struct Cell {
    field: String,
    label: String,
    value: String,
    optional: bool,
}

/// A locus of the grid.
struct GridRow {
    locus: &'static str,
    cells: Vec<Cell>,
    error_id: String,
    error: String,
}

/// A part of the grid.
struct Grid {
    title: String,
    open: bool,
    rows: Vec<GridRow>,
}

/// A reading that was entered, above its column of the table.
struct Reading {
    who: String,
    what: String,
    when: String,
}

/// A locus of what was read: the profile's alleles, then each reading's.
struct ReadRow {
    locus: String,
    agreed: String,
    readings: Vec<String>,
    note: String,
}

/// Where the profile stands, in words.
struct Standing {
    code: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    text: String,
    flags: Vec<String>,
    loci: String,
    differing: String,
    once: String,
}

#[derive(Template)]
#[template(path = "pages/genetics_profile.html")]
struct ProfilePage {
    p: Page,
    here: String,
    sample_href: String,
    code: String,
    source: String,
    sample_state: String,
    usable: bool,
    errors: Errors,
    typed: Fields,
    once: String,
    kits: Vec<&'static str>,
    standing: Option<Standing>,
    held_back: String,
    own: bool,
    grids: Vec<Grid>,
    readings: Vec<Reading>,
    columns: Vec<String>,
    read: Vec<ReadRow>,
    noted: bool,
    ranges: String,
    differences: String,
}

/// The beginning of the names of a locus' fields: `Penta D` is `locus-penta-d`.
fn stem(locus: &str) -> String {
    format!("locus-{}", locus.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-"))
}

fn grid_row(lang: Lang, locus: profiles::GridLocus, typed: &Fields, errors: &Errors) -> GridRow {
    let stem = stem(locus.name);
    let cell = |n: usize| {
        let field = format!("{stem}-{n}");
        let label = lang.text_with("genetics-cell", [("locus", locus.name.value()), ("n", n.value())]);
        Cell { value: typed.get(&field).to_owned(), label, optional: n > locus.alleles, field }
    };
    let most = if locus.part == GridPart::Autosomal { 3 } else { locus.alleles };
    let first = format!("{stem}-1");
    GridRow { locus: locus.name, cells: (1..=most).map(cell).collect(), error_id: format!("{first}-error"), error: errors.of(&first).to_owned() }
}

fn grids(lang: Lang, typed: &Fields, errors: &Errors) -> Vec<Grid> {
    let loci = profiles::grid();
    [(GridPart::Autosomal, "genetics-grid-autosomal"), (GridPart::Y, "genetics-grid-y"), (GridPart::MoreY, "genetics-grid-more-y")]
        .into_iter()
        .map(|(part, title)| {
            let rows: Vec<GridRow> = loci.iter().filter(|l| l.part == part).map(|l| grid_row(lang, *l, typed, errors)).collect();
            let used = rows.iter().any(|r| !r.error.is_empty() || r.cells.iter().any(|c| !c.value.is_empty()));
            Grid { title: lang.text(title), open: part != GridPart::MoreY || used, rows }
        })
        .collect()
}

fn standing(p: &Page, of: &ProfileStanding) -> Standing {
    let (tone, mark) = match of.state.as_str() {
        "searchable" => ("teal", "dot"),
        "concordant" => ("teal", "ring"),
        "draft" => ("violet", "half"),
        "discordant" => ("honey", "triangle"),
        _ => ("brick", "cross"),
    };
    Standing {
        code: of.code.clone(),
        tone,
        mark,
        state: p.word("profile-state", &of.state),
        text: p.word("profile-text", &of.state),
        flags: of.flags.iter().map(|f| p.word("profile-flag", f)).collect(),
        loci: if of.state == "draft" { String::new() } else { p.t1("genetics-loci-agreed", "n", of.loci) },
        differing: of.differing.join(", "),
        once: of.once.join(", "),
    }
}

fn reading_heads(p: &Page, who: &SignedIn, view: &ProfileView) -> Vec<Reading> {
    let of = |reading: &profiles::ReadingView| Reading {
        who: p.t(if reading.analyst == who.actor().user.0 { "genetics-reading-yours" } else { "genetics-reading-other" }),
        what: p.t2("genetics-reading-kit", "kit", &reading.kit, "laboratory", &reading.laboratory),
        when: p.t2("genetics-reading-when", "run", p.day(reading.run_on), "entered", p.moment(reading.at)),
    };
    view.readings.iter().map(of).collect()
}

fn read_rows(p: &Page, view: &ProfileView) -> Vec<ReadRow> {
    let names: BTreeSet<&String> = view.loci.keys().chain(view.readings.iter().flat_map(|r| r.loci.keys())).collect();
    let order: Vec<&str> = profiles::grid().iter().map(|l| l.name).collect();
    let mut names: Vec<&String> = names.into_iter().collect();
    names.sort_by_key(|name| (order.iter().position(|o| o == name).unwrap_or(order.len()), (*name).clone()));
    let told = |alleles: Option<&Vec<String>>| alleles.map_or_else(|| "–".to_owned(), |a| a.join(", "));
    let note = |name: &String| {
        if view.standing.differing.contains(name) {
            p.t("genetics-locus-differs")
        } else if view.standing.once.contains(name) {
            p.t("genetics-locus-once")
        } else {
            String::new()
        }
    };
    let row = |name: &String| ReadRow {
        locus: name.clone(),
        agreed: told(view.loci.get(name)),
        readings: view.readings.iter().map(|r| told(r.loci.get(name))).collect(),
        note: note(name),
    };
    names.into_iter().map(row).collect()
}

fn page(app: &App, who: &SignedIn, id: SampleId, sheet: &ProfileSheet, typed: Fields, errors: Errors) -> ProfilePage {
    let p = who.page();
    let profile = sheet.profile.as_ref();
    let readings = profile.map(|v| reading_heads(&p, who, v)).unwrap_or_default();
    let mut columns = vec![p.t("genetics-locus"), p.t("genetics-agreed")];
    columns.extend((1..=readings.len()).map(|n| p.t1("genetics-reading-number", "n", n)));
    let read = profile.map(|v| read_rows(&p, v)).unwrap_or_default();
    let noted = read.iter().any(|r| !r.note.is_empty());
    if noted {
        columns.push(p.t("genetics-note"));
    }
    let held_back = profile.map_or(0, |v| v.held_back);
    let ranges = profile.map(|v| v.mitochondrial_ranges.iter().map(|(from, to)| format!("{from}–{to}")).collect::<Vec<_>>().join(", "));
    ProfilePage {
        here: format!("/banco/muestras/{id}/perfil"),
        sample_href: format!("/banco/muestras/{id}"),
        code: sheet.code.clone(),
        source: p.word("sample-source", &sheet.source),
        sample_state: p.word("sample-state", &sheet.sample_state),
        usable: sheet.usable,
        once: once(app, &typed),
        kits: profiles::kits(),
        standing: profile.map(|v| standing(&p, &v.standing)),
        held_back: if held_back > 0 { p.t1("genetics-held-back", "n", held_back) } else { String::new() },
        own: profile.is_some_and(|v| v.readings.iter().any(|r| r.analyst == who.actor().user.0)),
        grids: grids(p.language, &typed, &errors),
        read,
        noted,
        ranges: ranges.unwrap_or_default(),
        differences: profile.map(|v| v.mitochondrial_differences.join(", ")).unwrap_or_default(),
        readings,
        columns,
        errors,
        typed,
        p,
    }
}

/// The key that came with the form; one that is none gets a new one.
fn once(app: &App, form: &Fields) -> String {
    form.get("once").parse::<uuid::Uuid>().map_or_else(|_| app.ids.next().to_string(), |id| id.to_string())
}

async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<SampleId>) -> Answer {
    geneticist(&who)?;
    let id = id.into_inner();
    let sheet = profiles::sheet(&app, who.actor(), id).await?;
    respond::page(&page(&app, &who, id, &sheet, Fields::default(), Errors::default()))
}

/// Loci typed below the grid, one a line: a name and its alleles, with a colon after a name of several words.
fn further(lang: Lang, typed: &Fields, loci: &mut BTreeMap<String, Vec<String>>, errors: &mut Errors) {
    for line in typed.lines("more-loci") {
        let (name, rest) = line.split_once(':').or_else(|| line.split_once(char::is_whitespace)).unwrap_or((&line, ""));
        let calls: Vec<String> = rest.split([' ', ',', ';', '\t']).filter(|c| !c.is_empty()).map(str::to_owned).collect();
        if calls.is_empty() || loci.insert(name.trim().to_owned(), calls).is_some() {
            errors.add(lang, "more-loci", "genetics-more-loci-error");
        }
    }
}

/// First and last positions, as `16024-16365, 73-340`.
fn ranges(lang: Lang, typed: &Fields, errors: &mut Errors) -> Vec<(u32, u32)> {
    let mut ranges = Vec::new();
    for part in typed.get("mt-ranges").split([',', ';', '\n', ' ']).map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once(['-', '–']).map(|(from, to)| (from.trim().parse(), to.trim().parse())) {
            Some((Ok(from), Ok(to))) => ranges.push((from, to)),
            _ => {
                errors.add(lang, "mt-ranges", "genetics-mt-ranges-error");
                break;
            }
        }
    }
    ranges
}

/// Reads the form; faults of form go to `errors`.
fn read(lang: Lang, typed: &Fields, errors: &mut Errors) -> Option<NewReading> {
    let mut loci = BTreeMap::new();
    for locus in profiles::grid() {
        let stem = stem(locus.name);
        let calls: Vec<String> = (1..=3).filter_map(|n| typed.opt(&format!("{stem}-{n}"))).collect();
        if !calls.is_empty() {
            loci.insert(locus.name.to_owned(), calls);
        }
    }
    further(lang, typed, &mut loci, errors);
    let run_on = typed.day(lang, "run-on", errors);
    if run_on.is_none() && errors.of("run-on").is_empty() {
        errors.add(lang, "run-on", "error-required");
    }
    let mitochondrial_ranges = ranges(lang, typed, errors);
    let differences = typed.get("mt-differences").split([',', ';', '\n', ' ']).map(str::trim).filter(|d| !d.is_empty());
    Some(NewReading {
        kit: typed.get("kit").to_owned(),
        laboratory: typed.get("laboratory").to_owned(),
        run_on: run_on?,
        loci,
        mitochondrial_ranges,
        mitochondrial_differences: differences.map(str::to_owned).collect(),
    })
}

/// A fault of the service on the form's field.
fn fault(lang: Lang, fault: &Violation) -> FieldError {
    if let Some(locus) = fault.pointer.strip_prefix("/loci/") {
        let locus = locus.replace("~1", "/").replace("~0", "~");
        let key = match fault.code {
            "too_many_alleles" => "genetics-fault-too-many-alleles",
            "allele" => "genetics-fault-allele",
            "twice" => "genetics-fault-twice",
            _ => "genetics-fault-form",
        };
        let text = lang.text_with(key, [("locus", locus.value())]);
        let in_grid = profiles::grid().iter().any(|l| l.name == locus);
        return FieldError { field: if in_grid { format!("{}-1", stem(&locus)) } else { "more-loci".to_owned() }, text };
    }
    let (field, key) = match fault.pointer.as_str() {
        "/kit" => ("kit", ""),
        "/laboratory" => ("laboratory", ""),
        "/run_on" => ("run-on", ""),
        "/sample" => ("", "genetics-no-consent"),
        "/loci" => ("locus-amelogenin-1", "genetics-nothing-read"),
        pointer if pointer.starts_with("/mitochondrial_ranges") => ("mt-ranges", "genetics-mt-ranges-error"),
        pointer if pointer.starts_with("/mitochondrial_differences") => ("mt-differences", "genetics-mt-differences-error"),
        _ => ("", ""),
    };
    FieldError { field: field.to_owned(), text: if key.is_empty() { fault_text(lang, fault) } else { lang.text(key) } }
}

async fn enter(app: web::Data<App>, who: SignedIn, id: web::Path<SampleId>, form: Posted) -> Answer {
    geneticist(&who)?;
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let sheet = profiles::sheet(&app, who.actor(), id).await?;
    let key = once(&app, &form);
    let mut errors = Errors::default();
    let new = read(lang, &form, &mut errors);
    if form.get("do") != "save" {
        return respond::page(&page(&app, &who, id, &sheet, form.0, errors));
    }
    let Some(new) = new.filter(|_| errors.is_empty()) else {
        return respond::page_with(&page(&app, &who, id, &sheet, form.0, errors), StatusCode::UNPROCESSABLE_ENTITY);
    };
    match profiles::enter(&app, who.actor(), id, Some(&OnceKey::of_form(&format!("reading {key}"))), new).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &format!("/banco/muestras/{id}/perfil"), "success", "flash-reading-saved")),
        Err(ServiceError::Invalid(faults)) => {
            for one in &faults.0 {
                let error = fault(lang, one);
                if !errors.0.contains(&error) {
                    errors.0.push(error);
                }
            }
            respond::page_with(&page(&app, &who, id, &sheet, form.0, errors), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(PortalError::from(other)),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_locus_of_the_grid_has_fields_of_its_own() {
        let grid = profiles::grid();
        let stems: BTreeSet<String> = grid.iter().map(|l| stem(l.name)).collect();
        assert_eq!(stems.len(), grid.len());
        assert!(grid.len() > 40 && grid[0].name == "Amelogenin" && grid.iter().filter(|l| l.part == GridPart::Autosomal).count() == 25);
    }

    #[test]
    fn a_form_becomes_a_reading_with_further_loci_and_mitochondrial_parts() {
        let typed = Fields::read(
            "kit=GlobalFiler&laboratory=L&run-on=2026-03-04&locus-fga-1=20&locus-fga-2=21&locus-penta-d-1=9&more-loci=Penta+C%3A+9+11%0AD2S1360+21,22\
             &mt-ranges=16024-16365,+73-340&mt-differences=16223T+263G",
        )
        .unwrap();
        let mut errors = Errors::default();
        let new = read(Lang::Es, &typed, &mut errors).unwrap();
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(new.loci["FGA"], ["20", "21"]);
        assert_eq!((new.loci["Penta C"].len(), new.loci["D2S1360"].len(), new.loci["Penta D"].len()), (2, 2, 1));
        assert_eq!((new.mitochondrial_ranges, new.mitochondrial_differences.len()), (vec![(16_024, 16_365), (73, 340)], 2));
        let bad = Fields::read("run-on=2026-03-04&mt-ranges=from+here&more-loci=FGA").unwrap();
        assert!(read(Lang::Es, &bad, &mut errors).is_some());
        assert!(!errors.of("mt-ranges").is_empty() && !errors.of("more-loci").is_empty());
    }
}
