//! Taking a sample in: of a donor, of the missing person's own things, of remains, of staff, or a part of another sample.

use super::bank_donors::once;
use super::error::PortalError;
use super::forms::{Choice, Errors, FieldError, Fields, Posted, fault_text};
use super::i18n::Lang;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::forms::OnceKey;
use crate::domain::authority::Right;
use crate::domain::ids::{CaseId, DonorId, ElementId, FoundId, RemainsId, SampleId, UserId};
use crate::domain::sample::{Material, SampleSource};
use crate::domain::violations::Violation;
use crate::services::ServiceError;
use crate::services::bank::desk::{self, Origin, OriginNamed};
use crate::services::bank::samples::{self, NewSample, SampleNumber};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use uuid::Uuid;

/// Pairs of fields for numbers the sample has elsewhere.
const NUMBERS: usize = 3;

/// Whom the sample is of, as it came with the address or the form.
#[derive(Debug, Clone)]
struct Of {
    /// Name and value of the hidden field that says it.
    field: &'static str,
    id: String,
    /// In words: "Madre · HND-…".
    label: String,
    origin: Origin,
    named: OriginNamed,
}

/// Fields of a number elsewhere: their names and what was typed.
#[derive(Debug, Clone)]
struct NumberFields {
    scheme: String,
    scheme_typed: String,
    value: String,
    value_typed: String,
    error: String,
}

#[derive(Template)]
#[template(path = "pages/bank_sample_new.html")]
struct NewPage {
    p: Page,
    errors: Errors,
    typed: Fields,
    once: String,
    of: Option<Of>,
    part: bool,
    /// The donor whose consent does not cover this institution; empty otherwise.
    uncovered: String,
    sources: Vec<Choice>,
    staff: Vec<Choice>,
    materials: Vec<Choice>,
    numbers: Vec<NumberFields>,
}

fn parsed(fields: &Fields, name: &str) -> Result<Option<Uuid>, ServiceError> {
    fields.opt(name).map(|id| id.parse().map_err(|_| ServiceError::NotFound)).transpose()
}

/// Whom the fields say the sample is of: the first of part, donor, remains and case.
async fn of(app: &App, who: &SignedIn, fields: &Fields) -> Result<Option<Of>, PortalError> {
    let origin = if let Some(id) = parsed(fields, "de")? {
        ("de", Origin::Part(SampleId(id)))
    } else if let Some(id) = parsed(fields, "donante")? {
        ("donante", Origin::Donor(DonorId(id)))
    } else if let Some(id) = parsed(fields, "hallazgo")? {
        ("hallazgo", Origin::Found(FoundId(id)))
    } else if let Some(id) = parsed(fields, "caso")? {
        ("caso", Origin::Case(CaseId(id)))
    } else {
        return Ok(None);
    };
    Ok(Some(named(app, who, origin).await?))
}

async fn named(app: &App, who: &SignedIn, (field, origin): (&'static str, Origin)) -> Result<Of, PortalError> {
    let named = desk::origin(app, who.actor(), origin).await?;
    let lang = who.visit.lang;
    let what = match (&named.relation, origin) {
        (_, Origin::Part(_)) => lang.text("bank-part-of"),
        (Some(kin), _) => lang.word("donor-relation", kin),
        (None, _) => lang.word("sample-source", named.source.as_str()),
    };
    let id = match origin {
        Origin::Part(id) => id.0,
        Origin::Donor(id) => id.0,
        Origin::Found(id) => id.0,
        Origin::Case(id) => id.0,
    };
    Ok(Of { field, id: id.to_string(), label: format!("{what} · {}", named.number), origin, named })
}

fn number_fields(typed: &Fields, errors: &Errors) -> Vec<NumberFields> {
    (1..=NUMBERS)
        .map(|n| {
            let (scheme, value) = (format!("scheme-{n}"), format!("value-{n}"));
            NumberFields {
                scheme_typed: typed.get(&scheme).to_owned(),
                value_typed: typed.get(&value).to_owned(),
                error: errors.of(&value).to_owned(),
                scheme,
                value,
            }
        })
        .collect()
}

async fn page(app: &App, who: &SignedIn, typed: Fields, once: String, of: Option<Of>, errors: Errors) -> Result<NewPage, PortalError> {
    let p = who.page();
    let lang = p.language;
    let sources: Vec<&str> = SampleSource::ALL.iter().map(|s| s.as_str()).collect();
    let materials: Vec<&str> = Material::ALL.iter().map(|m| m.as_str()).collect();
    let staff = if of.is_none() { desk::colleagues(app, who.actor()).await? } else { Vec::new() };
    let uncovered = of.as_ref().filter(|o| !o.named.covered).and_then(|o| o.named.donor);
    Ok(NewPage {
        sources: Choice::words(lang, "sample-source", &sources, &[typed.get("source")]),
        materials: Choice::words(lang, "material", &materials, &[typed.get("material")]),
        staff: staff.into_iter().map(|(id, name)| Choice::new(id.to_string(), name, typed.get("staff") == id.to_string())).collect(),
        numbers: number_fields(&typed, &errors),
        part: of.as_ref().is_some_and(|o| matches!(o.origin, Origin::Part(_))),
        uncovered: uncovered.map(|id| id.to_string()).unwrap_or_default(),
        of,
        typed,
        once,
        errors,
        p,
    })
}

pub(super) async fn form(app: web::Data<App>, who: SignedIn) -> Answer {
    who.actor().require(Right::WriteSamples).map_err(ServiceError::from)?;
    let of = of(&app, &who, &Fields::read(&who.visit.query)?).await?;
    // Of the address only what the form carries on unseen.
    let mut typed = Fields::read(&who.visit.query)?;
    typed.0.retain(|(name, _)| name == "restos" || name == "elemento");
    respond::page(&page(&app, &who, typed, app.ids.next().to_string(), of, Errors::default()).await?)
}

/// Whom the typed source and number mean; faults go to `errors`.
async fn typed_of(app: &App, who: &SignedIn, typed: &Fields, errors: &mut Errors) -> Result<Option<Of>, PortalError> {
    let lang = who.visit.lang;
    let source: Option<SampleSource> = typed.word(lang, "source", errors);
    let Some(source) = source else {
        if errors.is_empty() {
            errors.add(lang, "source", "bank-error-source");
        }
        return Ok(None);
    };
    if source == SampleSource::Staff {
        if typed.get("staff").parse::<Uuid>().is_err() {
            errors.add(lang, "staff", "bank-error-staff");
        }
        return Ok(None);
    }
    let origin = desk::origin_by_number(app, who.actor(), source, typed.get("number")).await?;
    let field = match origin {
        Some(Origin::Donor(_)) => "donante",
        Some(Origin::Found(_)) => "hallazgo",
        _ => "caso",
    };
    match origin {
        Some(origin) => Ok(Some(named(app, who, (field, origin)).await?)),
        None => {
            errors.add(lang, "number", "bank-error-number");
            Ok(None)
        }
    }
}

/// Which remains or element of a found record the sample is of, as the way to the form said.
fn of_remains(typed: &Fields, origin: Option<Origin>, field: &str) -> Option<Uuid> {
    typed.opt(field).and_then(|id| id.parse().ok()).filter(|_| matches!(origin, Some(Origin::Found(_))))
}

fn numbers(typed: &Fields) -> Vec<SampleNumber> {
    (1..=NUMBERS)
        .map(|n| SampleNumber { scheme: typed.get(&format!("scheme-{n}")).to_owned(), value: typed.get(&format!("value-{n}")).to_owned() })
        .filter(|number| !(number.scheme.is_empty() && number.value.is_empty()))
        .collect()
}

/// Reads the sample; faults of form go to `errors`.
fn read(lang: Lang, typed: &Fields, of: Option<&Of>, errors: &mut Errors) -> Option<NewSample> {
    let material: Option<Material> = typed.word(lang, "material", errors);
    if material.is_none() && errors.of("material").is_empty() {
        errors.add(lang, "material", "bank-error-material");
    }
    let taken_on = typed.day(lang, "taken-on", errors);
    let staff = typed.get("staff").parse::<Uuid>().ok().filter(|_| of.is_none()).map(UserId);
    let origin = of.map(|o| o.origin);
    Some(NewSample {
        source: of.map_or(SampleSource::Staff, |o| o.named.source),
        donor: if let Some(Origin::Donor(id)) = origin { Some(id) } else { None },
        case: if let Some(Origin::Case(id)) = origin { Some(id) } else { None },
        found_record: if let Some(Origin::Found(id)) = origin { Some(id) } else { None },
        parent: if let Some(Origin::Part(id)) = origin { Some(id) } else { None },
        remains: of_remains(typed, origin, "restos").map(RemainsId),
        element: of_remains(typed, origin, "elemento").map(ElementId),
        staff,
        material: material?,
        amount: typed.opt("amount"),
        preservation: typed.opt("preservation"),
        kit_lot: typed.opt("kit-lot"),
        taken_on,
        taken_by: typed.opt("taken-by"),
        taken_where: typed.opt("taken-where"),
        note: typed.opt("note"),
        identifiers: numbers(typed),
    })
}

/// The pair of fields that the `n`-th number that was told came from.
fn number_field(typed: &Fields, n: usize) -> String {
    let filled = |n: &usize| !(typed.get(&format!("scheme-{n}")).is_empty() && typed.get(&format!("value-{n}")).is_empty());
    format!("value-{}", (1..=NUMBERS).filter(filled).nth(n).unwrap_or(1))
}

/// A fault of the service on the form's field.
fn fault(lang: Lang, typed: &Fields, fault: &Violation) -> FieldError {
    let (field, key) = match (fault.pointer.as_str(), fault.code) {
        (_, "no_consent") => (String::new(), "bank-error-no-consent"),
        ("/found_record", "living") => (String::new(), "bank-error-living"),
        ("/taken_on", _) => ("taken-on".to_owned(), ""),
        (pointer, _) => match pointer.strip_prefix("/identifiers/").and_then(|rest| rest.split('/').next()?.parse().ok()) {
            Some(n) => (number_field(typed, n), if fault.code == "empty" { "bank-error-pair" } else { "" }),
            None => (pointer.trim_start_matches('/').replace('_', "-"), ""),
        },
    };
    FieldError { field, text: if key.is_empty() { fault_text(lang, fault) } else { lang.text(key) } }
}

pub(super) async fn register(app: web::Data<App>, who: SignedIn, form: Posted) -> Answer {
    who.actor().require(Right::WriteSamples).map_err(ServiceError::from)?;
    let (lang, key) = (who.visit.lang, once(&app, &form));
    let mut errors = Errors::default();
    let of = match of(&app, &who, &form).await? {
        Some(of) => Some(of),
        None => typed_of(&app, &who, &form, &mut errors).await?,
    };
    let new = read(lang, &form, of.as_ref(), &mut errors).filter(|_| errors.is_empty());
    if let Some(new) = new {
        match samples::register(&app, who.actor(), Some(&OnceKey::of_form(&format!("sample {key}"))), new).await {
            Ok(done) => {
                return Ok(respond::see_with(&app.settings, &format!("/banco/muestras/{}", done.made.id), "success", "flash-bank-sample"));
            }
            Err(ServiceError::Invalid(faults)) => errors.0.extend(faults.0.iter().map(|f| fault(lang, &form, f))),
            Err(other) => return Err(other.into()),
        }
    }
    respond::page_with(&page(&app, &who, form.0.clone(), key, of, errors).await?, StatusCode::UNPROCESSABLE_ENTITY)
}
