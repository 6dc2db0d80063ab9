//! Drawing a family's pedigree without a program in the browser: a row for each person, more rows on request, beginnings for the usual families, and the drawing
//! as it stands. Whatever is wrong, nothing typed is lost.

use super::error::PortalError;
use super::forms::{Choice, Errors, FieldError, Fields, Posted, fault_text};
use super::genetics::geneticist;
use super::genetics_families::{chart_text, members};
use super::i18n::Lang;
use super::page::Page;
use super::pedigree_chart::{PedigreeChart, Standing, pedigree_chart};
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::forms::OnceKey;
use crate::domain::ids::{CaseId, PedigreeId};
use crate::domain::violations::Violation;
use crate::services::ServiceError;
use crate::services::bank::donors::{self, DonorSex, DonorView};
use crate::services::bank::pedigrees::{
    self, CaseName, DonorIndividual, DrawnIndividual, MissingIndividual, NewPedigree, PedigreeFile, PedigreeState,
};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/banco/familias/nueva", web::get().to(form))
        .route("/banco/familias/nueva", web::post().to(draw))
        .route("/banco/familias/{id}/editar", web::get().to(edit_form))
        .route("/banco/familias/{id}/editar", web::post().to(redraw));
}

/// Rows that a button adds.
const MORE: usize = 3;
/// Most rows of a form: as many as a pedigree has people.
const MOST: usize = 200;

/// A row as it was typed.
#[derive(Debug, Clone, Default, PartialEq)]
struct Typed {
    id: String,
    sex: String,
    father: String,
    mother: String,
    adoptive: String,
    /// Empty, `missing`, or a donor's id.
    who: String,
    case: String,
    inbreeding: String,
}

impl Typed {
    fn is_blank(&self) -> bool {
        [&self.id, &self.father, &self.mother, &self.adoptive, &self.who, &self.case].iter().all(|t| t.is_empty())
    }

    fn read(form: &Fields, n: usize) -> Self {
        let of = |name: &str| form.get(&format!("{name}-{n}")).to_owned();
        Self {
            id: of("id"),
            sex: of("sex"),
            father: of("father"),
            mother: of("mother"),
            adoptive: of("adoptive"),
            who: of("who"),
            case: of("case"),
            inbreeding: of("inbreeding"),
        }
    }

    fn names(list: &str) -> Vec<String> {
        list.split([',', ';']).map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned).collect()
    }

    fn drawn(&self) -> DrawnIndividual {
        let some = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        DrawnIndividual {
            id: self.id.clone(),
            sex: if self.sex == "male" { DonorSex::Male } else { DonorSex::Female },
            father: some(&self.father),
            mother: some(&self.mother),
            adoptive_parents: Self::names(&self.adoptive),
            inbreeding: self.inbreeding.parse().unwrap_or(0.0),
        }
    }
}

/// A row with what can be chosen and what is wrong with it.
struct Row {
    n: usize,
    number: usize,
    typed: Typed,
    sexes: Vec<Choice>,
    whos: Vec<Choice>,
    faults: Vec<Fault>,
}

/// What is wrong in a field of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    name: &'static str,
    text: String,
}

impl Row {
    fn fault(&self, name: &str) -> &str {
        self.faults.iter().find(|f| f.name == name).map_or("", |f| f.text.as_str())
    }
}

#[derive(Template)]
#[template(path = "pages/genetics_family_edit.html")]
struct EditPage {
    p: Page,
    here: String,
    back: String,
    title: String,
    errors: Errors,
    /// The case that whoever is missing is, where a row names no other; empty until one was found.
    case: String,
    asked: String,
    once: String,
    rev: i32,
    rows: Vec<Row>,
    columns: Vec<String>,
    names: Vec<String>,
    beginnings: Vec<(String, String)>,
    states: Vec<Choice>,
    chart: PedigreeChart,
    chart_text: String,
}

/// What the form is about beside what is typed in it.
struct Scene {
    here: String,
    back: String,
    case: Option<CaseName>,
    asked: String,
    once: String,
    rev: i32,
    donors: Vec<DonorView>,
    /// Donors of the saved pedigree whose case may not be seen: they stay choosable.
    kept: Vec<String>,
    /// Whether rows may begin from the usual families.
    fresh: bool,
}

const FIELDS: [&str; 8] = ["id", "sex", "father", "mother", "adoptive", "who", "case", "inbreeding"];

fn donor_choices(p: &Page, scene: &Scene, chosen: &str) -> Vec<Choice> {
    let mut all = vec![
        Choice::new("", p.t("genetics-who-nobody"), chosen.is_empty()),
        Choice::new("missing", p.t("genetics-who-is-missing"), chosen == "missing"),
    ];
    for donor in &scene.donors {
        let sex = donor.sex.as_deref().map(|s| p.t(if s == "female" { "genetics-female" } else { "genetics-male" }));
        let label = [Some(p.word("donor-relation", &donor.relation)), sex, Some(donor.code.clone())]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · ");
        let id = donor.id.to_string();
        all.push(Choice::new(id.clone(), label, id == chosen));
    }
    for id in scene.kept.iter().filter(|id| scene.donors.iter().all(|d| d.id.to_string() != **id)) {
        all.push(Choice::new(id.clone(), p.t("genetics-who-reserved"), id == chosen));
    }
    all
}

fn row(p: &Page, scene: &Scene, errors: &Errors, n: usize, typed: Typed) -> Row {
    let sexes = vec![
        Choice::new("", "–", typed.sex.is_empty()),
        Choice::new("female", p.t("genetics-female"), typed.sex == "female"),
        Choice::new("male", p.t("genetics-male"), typed.sex == "male"),
    ];
    let fault = |name: &'static str| Fault { name, text: errors.of(&format!("{name}-{n}")).to_owned() };
    let faults = FIELDS.map(fault).into_iter().filter(|f| !f.text.is_empty()).collect();
    Row { n, number: n + 1, sexes, whos: donor_choices(p, scene, &typed.who), typed, faults }
}

fn preview(p: &Page, rows: &[Typed]) -> PedigreeChart {
    let named: Vec<&Typed> = rows.iter().filter(|r| !r.id.is_empty()).collect();
    let people: Vec<DrawnIndividual> = named.iter().map(|r| r.drawn()).collect();
    let standing = |name: &str| match named.iter().find(|r| r.id == name).map(|r| r.who.as_str()) {
        Some("missing") => Standing::Missing,
        Some("") | None => Standing::Nobody,
        Some(_) => Standing::Sampled,
    };
    pedigree_chart(&members(p, &people, standing))
}

fn page(p: Page, scene: &Scene, rows: Vec<Typed>, state: &str, errors: Errors) -> EditPage {
    let chart = preview(&p, &rows);
    let states: Vec<&str> = PedigreeState::ALL.iter().map(|s| s.as_str()).collect();
    let mut states = Choice::words(p.language, "pedigree-state", &states, &[state]);
    states.iter_mut().for_each(|s| s.hint = p.word("pedigree-text", &s.value));
    let case = scene.case.as_ref().map(|c| c.folio.clone()).unwrap_or_default();
    let beginnings = if scene.fresh && !case.is_empty() {
        BEGINNINGS.iter().map(|b| (format!("{}?caso={case}&comienzo={b}", scene.here), p.t(&format!("genetics-begin-{b}")))).collect()
    } else {
        Vec::new()
    };
    EditPage {
        here: scene.here.clone(),
        back: scene.back.clone(),
        title: p.t(if scene.rev == 0 { "genetics-new-family" } else { "genetics-edit-family" }),
        case,
        asked: scene.asked.clone(),
        once: scene.once.clone(),
        rev: scene.rev,
        names: rows.iter().map(|r| r.id.clone()).filter(|n| !n.is_empty()).collect(),
        rows: rows.into_iter().enumerate().map(|(n, typed)| row(&p, scene, &errors, n, typed)).collect(),
        columns: [
            "genetics-person",
            "genetics-sex",
            "genetics-father",
            "genetics-mother",
            "genetics-adoptive",
            "genetics-who",
            "genetics-case-folio",
        ]
        .map(|k| p.t(k))
        .to_vec(),
        beginnings,
        states,
        chart_text: chart_text(&p, &chart),
        chart,
        errors,
        p,
    }
}

/// Usual families to begin from.
const BEGINNINGS: [&str; 4] = ["parents", "siblings", "grandparents", "uncle"];

/// The rows of a usual family; donors of the case that fit a row are put there.
fn beginning(p: &Page, which: &str, donors: &[DonorView]) -> Vec<Typed> {
    // Name, sex, father, mother, and what a donor there is to the missing person.
    let people: &[(&str, &str, &str, &str, &str)] = match which {
        "siblings" => &[
            ("father", "male", "", "", "father"),
            ("mother", "female", "", "", "mother"),
            ("sibling", "", "father", "mother", "full_sibling"),
            ("person", "", "father", "mother", "missing"),
        ],
        "grandparents" => &[
            ("grandfather", "male", "", "", "grandparent"),
            ("grandmother", "female", "", "", "grandparent"),
            ("father", "male", "grandfather", "grandmother", "father"),
            ("mother", "female", "", "", "mother"),
            ("person", "", "father", "mother", "missing"),
        ],
        "uncle" => &[
            ("grandfather", "male", "", "", "grandparent"),
            ("grandmother", "female", "", "", "grandparent"),
            ("father", "male", "grandfather", "grandmother", "father"),
            ("uncle", "", "grandfather", "grandmother", "uncle_or_aunt"),
            ("mother", "female", "", "", "mother"),
            ("person", "", "father", "mother", "missing"),
        ],
        _ => &[("father", "male", "", "", "father"), ("mother", "female", "", "", "mother"), ("person", "", "father", "mother", "missing")],
    };
    let name = |word: &str| if word.is_empty() { String::new() } else { p.t(&format!("genetics-name-{word}")) };
    let mut free: Vec<&DonorView> = donors.iter().collect();
    let mut row = |(id, sex, father, mother, kin): &(&str, &str, &str, &str, &str)| {
        let fits = |d: &&DonorView| d.relation == *kin && (sex.is_empty() || d.sex.as_deref().is_none_or(|s| s == *sex));
        let donor = free.iter().position(fits).map(|at| free.remove(at));
        let told = donor.and_then(|d| d.sex.clone()).unwrap_or_default();
        Typed {
            id: name(id),
            sex: if sex.is_empty() { told } else { (*sex).to_owned() },
            father: name(father),
            mother: name(mother),
            who: if *kin == "missing" { "missing".to_owned() } else { donor.map(|d| d.id.to_string()).unwrap_or_default() },
            ..Typed::default()
        }
    };
    people.iter().map(&mut row).collect()
}

async fn donors_of(app: &App, who: &SignedIn, cases: &[CaseId]) -> Result<Vec<DonorView>, ServiceError> {
    let mut all: Vec<DonorView> = Vec::new();
    for case in cases {
        for donor in donors::of_case(app, who.actor(), *case).await? {
            if all.iter().all(|d| d.id != donor.id) {
                all.push(donor);
            }
        }
    }
    Ok(all)
}

/// A case by folio or id; `None` for one that the reader may not know of.
async fn find_case(app: &App, who: &SignedIn, text: &str) -> Result<Option<CaseName>, ServiceError> {
    match pedigrees::case(app, who.actor(), text).await {
        Ok(case) => Ok(Some(case)),
        Err(ServiceError::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The key that came with the form; one that is none gets a new one.
fn once(app: &App, form: &Fields) -> String {
    form.get("once").parse::<uuid::Uuid>().map_or_else(|_| app.ids.next().to_string(), |id| id.to_string())
}

async fn new_scene(app: &App, who: &SignedIn, asked: &str, once: String) -> Result<Scene, ServiceError> {
    let case = if asked.is_empty() { None } else { find_case(app, who, asked).await? };
    Ok(Scene {
        here: "/banco/familias/nueva".to_owned(),
        back: "/banco/familias".to_owned(),
        donors: donors_of(app, who, &case.iter().map(|c| c.id).collect::<Vec<_>>()).await?,
        case,
        asked: asked.to_owned(),
        once,
        rev: 0,
        kept: Vec::new(),
        fresh: true,
    })
}

async fn form(app: web::Data<App>, who: SignedIn) -> Answer {
    geneticist(&who)?;
    let query = Fields::read(&who.visit.query)?;
    let p = who.page();
    let scene = new_scene(&app, &who, query.get("caso"), app.ids.next().to_string()).await?;
    let mut errors = Errors::default();
    let mut status = StatusCode::OK;
    if !scene.asked.is_empty() && scene.case.is_none() {
        errors.add(p.language, "caso", "genetics-no-case");
        status = StatusCode::NOT_FOUND;
    }
    let which = query.get("comienzo");
    let rows = if BEGINNINGS.contains(&which) { beginning(&p, which, &scene.donors) } else { vec![Typed::default(); MORE] };
    respond::page_with(&page(p, &scene, rows, "draft", errors), status)
}

fn saved_rows(file: &PedigreeFile) -> Vec<Typed> {
    let row = |one: &DrawnIndividual| {
        let missing = file.view.missing.iter().find(|m| m.individual == one.id);
        let donor = file.view.donors.iter().find(|d| d.individual == one.id);
        // A case that may not be seen keeps its id, which finds it again if it may be seen later.
        let folio = missing.map(|m| file.cases.iter().find(|c| c.id == m.case).map_or_else(|| m.case.to_string(), |c| c.folio.clone()));
        Typed {
            id: one.id.clone(),
            sex: if one.sex == DonorSex::Female { "female" } else { "male" }.to_owned(),
            father: one.father.clone().unwrap_or_default(),
            mother: one.mother.clone().unwrap_or_default(),
            adoptive: one.adoptive_parents.join(", "),
            who: if missing.is_some() { "missing".to_owned() } else { donor.map(|d| d.donor.to_string()).unwrap_or_default() },
            case: folio.unwrap_or_default(),
            inbreeding: if one.inbreeding == 0.0 { String::new() } else { one.inbreeding.to_string() },
        }
    };
    let mut rows: Vec<Typed> = file.view.individuals.iter().map(row).collect();
    if rows.len() < MOST {
        rows.push(Typed::default());
    }
    rows
}

async fn edit_scene(app: &App, who: &SignedIn, file: &PedigreeFile, rev: i32) -> Result<Scene, ServiceError> {
    Ok(Scene {
        here: format!("/banco/familias/{}/editar", file.view.id),
        back: format!("/banco/familias/{}", file.view.id),
        case: file.cases.first().cloned(),
        asked: String::new(),
        once: String::new(),
        rev,
        donors: donors_of(app, who, &file.cases.iter().map(|c| c.id).collect::<Vec<_>>()).await?,
        kept: file.view.donors.iter().map(|d| d.donor.to_string()).collect(),
        fresh: false,
    })
}

async fn edit_form(app: web::Data<App>, who: SignedIn, id: web::Path<PedigreeId>) -> Answer {
    geneticist(&who)?;
    let file = pedigrees::file(&app, who.actor(), id.into_inner()).await?;
    let scene = edit_scene(&app, &who, &file, file.view.rev).await?;
    respond::page(&page(who.page(), &scene, saved_rows(&file), &file.view.state, Errors::default()))
}

fn typed_rows(form: &Fields) -> Vec<Typed> {
    let n = form.get("rows").parse::<usize>().unwrap_or(0).min(MOST);
    (0..n).map(|n| Typed::read(form, n)).collect()
}

/// A form that was read: the pedigree, and of everybody in it, of the missing and of donors, in which row they stand.
struct Read {
    new: NewPedigree,
    rows: Vec<usize>,
    missing_rows: Vec<usize>,
    donor_rows: Vec<usize>,
}

/// Reads the rows; faults of form go to `errors`. Cases found on the way add their donors to those that can be chosen.
async fn read(app: &App, who: &SignedIn, scene: &mut Scene, rows: &[Typed], form: &Fields, errors: &mut Errors) -> Result<Read, ServiceError> {
    let lang = who.visit.lang;
    let state = form.word(lang, "state", errors).unwrap_or(PedigreeState::Draft);
    let new = NewPedigree { individuals: Vec::new(), missing: Vec::new(), donors: Vec::new(), state };
    let mut read = Read { new, rows: Vec::new(), missing_rows: Vec::new(), donor_rows: Vec::new() };
    for (n, typed) in rows.iter().enumerate().filter(|(_, r)| !r.is_blank()) {
        if typed.id.is_empty() {
            errors.add(lang, &format!("id-{n}"), "genetics-error-name");
        }
        if typed.sex.is_empty() {
            errors.add(lang, &format!("sex-{n}"), "genetics-error-sex");
        }
        read.new.individuals.push(typed.drawn());
        read.rows.push(n);
        match typed.who.as_str() {
            "" => {}
            "missing" => {
                let case = if typed.case.is_empty() { scene.case.clone() } else { find_case(app, who, &typed.case).await? };
                match case {
                    Some(case) => {
                        scene.donors.extend(donors_of(app, who, &[case.id]).await?);
                        read.new.missing.push(MissingIndividual { individual: typed.id.clone(), case: case.id });
                        read.missing_rows.push(n);
                    }
                    None => errors.add(lang, &format!("case-{n}"), "genetics-no-case"),
                }
            }
            donor => match donor.parse() {
                Ok(donor) if read.new.donors.iter().any(|d| d.donor == donor) => {
                    errors.add(lang, &format!("who-{n}"), "genetics-error-donor-twice")
                }
                Ok(donor) => {
                    read.new.donors.push(DonorIndividual { individual: typed.id.clone(), donor });
                    read.donor_rows.push(n);
                }
                Err(_) => errors.add(lang, &format!("who-{n}"), "error-bad-choice"),
            },
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    scene.donors.retain(|d| seen.insert(d.id));
    Ok(read)
}

/// A fault of the service on the row it is about.
fn fault(lang: Lang, read: &Read, fault: &Violation) -> FieldError {
    let parts: Vec<&str> = fault.pointer.split('/').skip(1).collect();
    let at = |rows: &[usize]| parts.get(1).and_then(|n| n.parse::<usize>().ok()).and_then(|n| Some((n, *rows.get(n)?)));
    let known = |name: &Option<String>| name.as_ref().is_none_or(|n| read.new.individuals.iter().any(|i| i.id == *n));
    let (field, key) = match (parts.first().copied(), fault.code) {
        (Some("individuals"), code) => match at(&read.rows) {
            None => (String::new(), ""),
            Some((_, row)) if parts.get(2) == Some(&"adoptive_parents") => (format!("adoptive-{row}"), "genetics-error-unknown"),
            Some((n, row)) => match code {
                "unknown" if !known(&read.new.individuals[n].father) => (format!("father-{row}"), "genetics-error-unknown"),
                "unknown" => (format!("mother-{row}"), "genetics-error-unknown"),
                "sex" => (format!("father-{row}"), "genetics-error-parent-sex"),
                "cycle" => (format!("id-{row}"), "genetics-error-cycle"),
                "twice" => (format!("id-{row}"), "genetics-error-twice"),
                "out_of_range" => (format!("id-{row}"), "genetics-error-inbreeding"),
                _ => (format!("id-{row}"), ""),
            },
        },
        (Some("missing"), "empty") => ("who-0".to_owned(), "genetics-error-nobody-missing"),
        (Some("missing"), _) => (at(&read.missing_rows).map(|(_, row)| format!("who-{row}")).unwrap_or_default(), "genetics-error-twice"),
        (Some("donors"), "sex") => (at(&read.donor_rows).map(|(_, row)| format!("sex-{row}")).unwrap_or_default(), "genetics-error-donor-sex"),
        (Some("donors"), _) => (at(&read.donor_rows).map(|(_, row)| format!("who-{row}")).unwrap_or_default(), "genetics-error-twice"),
        _ => (String::new(), ""),
    };
    let text = if key.is_empty() { fault_text(lang, fault) } else { lang.text(key) };
    let row = field.rsplit('-').next().and_then(|n| n.parse::<usize>().ok());
    let text =
        row.map_or_else(|| text.clone(), |n| lang.text_with("genetics-error-in-row", [("n", (n + 1).into()), ("text", text.clone().into())]));
    FieldError { field, text }
}

/// What the service refused, on the form; errors that concern no form go on.
fn refused(lang: Lang, read: &Read, error: ServiceError, errors: &mut Errors) -> Result<StatusCode, PortalError> {
    match error {
        ServiceError::Invalid(faults) => {
            for one in &faults.0 {
                let error = fault(lang, read, one);
                if !errors.0.contains(&error) {
                    errors.0.push(error);
                }
            }
            Ok(StatusCode::UNPROCESSABLE_ENTITY)
        }
        ServiceError::Stale(_) => {
            errors.add(lang, "", "genetics-stale");
            Ok(StatusCode::PRECONDITION_FAILED)
        }
        other => Err(other.into()),
    }
}

/// The form again, with more rows if they were asked for.
fn again(who: &SignedIn, scene: &Scene, mut rows: Vec<Typed>, form: &Fields, (errors, status): (Errors, StatusCode)) -> Answer {
    if form.get("do") == "more" {
        let many = (rows.len() + MORE).min(MOST);
        rows.resize(many, Typed::default());
    }
    respond::page_with(&page(who.page(), scene, rows, form.get("state"), errors), status)
}

async fn draw(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    geneticist(&who)?;
    let lang = who.visit.lang;
    let mut scene = new_scene(&app, &who, form.get("caso"), once(&app, &form)).await?;
    scene.fresh = false;
    let rows = typed_rows(&form);
    let mut errors = Errors::default();
    let read = read(&app, &who, &mut scene, &rows, &form, &mut errors).await?;
    if form.get("do") != "save" {
        return again(&who, &scene, rows, &form, (Errors::default(), StatusCode::OK));
    }
    if !errors.is_empty() {
        return again(&who, &scene, rows, &form, (errors, StatusCode::UNPROCESSABLE_ENTITY));
    }
    match pedigrees::draw(&app, who.actor(), Some(&OnceKey::of_form(&format!("pedigree {}", scene.once))), read.new.clone()).await {
        Ok(done) => Ok(respond::see_with(&app.settings, &format!("/banco/familias/{}", done.made.id), "success", "flash-family-saved")),
        Err(error) => {
            let status = refused(lang, &read, error, &mut errors)?;
            again(&who, &scene, rows, &form, (errors, status))
        }
    }
}

async fn redraw(app: web::Data<App>, who: SignedIn, id: web::Path<PedigreeId>, form: Posted) -> Answer {
    geneticist(&who)?;
    let (id, lang) = (id.into_inner(), who.visit.lang);
    let rev: i32 = form.get("rev").parse().map_err(|_| PortalError::Unreadable)?;
    let file = pedigrees::file(&app, who.actor(), id).await?;
    let mut scene = edit_scene(&app, &who, &file, rev).await?;
    let rows = typed_rows(&form);
    let mut errors = Errors::default();
    let read = read(&app, &who, &mut scene, &rows, &form, &mut errors).await?;
    if form.get("do") != "save" {
        return again(&who, &scene, rows, &form, (Errors::default(), StatusCode::OK));
    }
    if !errors.is_empty() {
        return again(&who, &scene, rows, &form, (errors, StatusCode::UNPROCESSABLE_ENTITY));
    }
    match pedigrees::redraw(&app, who.actor(), id, rev, read.new.clone()).await {
        Ok(_) => Ok(respond::see_with(&app.settings, &format!("/banco/familias/{id}"), "success", "flash-family-saved")),
        Err(error) => {
            let status = refused(lang, &read, error, &mut errors)?;
            again(&who, &scene, rows, &form, (errors, status))
        }
    }
}
