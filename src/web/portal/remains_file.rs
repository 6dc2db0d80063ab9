//! Remains as their owner reads them: what is there on a drawn skeleton and as a list, how many people at least and why, whose the elements are, what was done,
//! what is still needed before anybody is laid down, images.

use super::error::PortalError;
use super::forms::{Choice, Errors, Fields};
use super::page::Page;
use super::remains::{self as pages, RemainsItem, bone_words, disposition_look, element_words};
use super::remains_chart::{self, skeleton};
use super::remains_forms::{self, MoveForm};
use super::respond::{self, Answer};
use super::session::SignedIn;
use super::views::{Row, TimelineEvent, rows};
use crate::app::App;
use crate::db::remains::{AssociationRow, ElementRow, OperationRow};
use crate::domain::authority::Right;
use crate::domain::disposition::{DispositionCommand, Need};
use crate::domain::ids::{ElementId, RemainsId};
use crate::domain::individuals::Repeated;
use crate::domain::reassociation::{AssociationReason, AssociationVerdict};
use crate::domain::remains::{ImagePurpose, OperationState, PostMortemOperation};
use crate::domain::skeleton::Anatomy;
use crate::services::remains::associations::standing;
use crate::services::remains::{self, RemainsFile};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use uuid::Uuid;

/// A bone of the drawing, with words.
#[derive(Debug, Clone)]
struct BoneView {
    d: String,
    class: &'static str,
    title: String,
    /// The number beside it; empty when none is written.
    count: String,
    x: i32,
    y: i32,
}

/// What was said of whose an element is.
#[derive(Debug, Clone)]
struct AssociationView {
    /// Whether it is the last word on that individual.
    stands: bool,
    text: String,
    doubts: Vec<String>,
}

/// An element in the list.
#[derive(Debug, Clone)]
struct ElementView {
    id: Uuid,
    code: String,
    what: String,
    zones: String,
    age: String,
    more: Vec<Row>,
    associations: Vec<AssociationView>,
    sample_href: String,
    href: String,
    chosen: bool,
}

/// An operation of the checklist.
#[derive(Debug, Clone)]
struct OperationView {
    word: &'static str,
    name: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    detail: String,
    open: bool,
    states: Vec<Choice>,
    done_on: String,
    done_by: String,
    reference: String,
    reason: String,
    state_error: String,
    done_on_error: String,
    reason_error: String,
}

/// An image, blurred unless it is no sensitive one.
#[derive(Debug, Clone)]
struct ImageView {
    src: String,
    ask: String,
    purpose: String,
    caption: String,
    when: String,
    sensitive: bool,
}

/// A sample of the remains.
#[derive(Debug, Clone)]
struct SampleView {
    href: String,
    code: String,
    what: String,
}

#[derive(Template)]
#[template(path = "pages/remains.html")]
struct FilePage {
    p: Page,
    errors: Errors,
    typed: Fields,
    id: Uuid,
    rev: i32,
    once: String,
    code: String,
    kind: String,
    found_href: String,
    folio: String,
    tone: &'static str,
    mark: &'static str,
    disposition: String,
    rows: Vec<Row>,
    may_write: bool,
    may_sample: bool,
    siblings: Vec<RemainsItem>,
    width: i32,
    height: i32,
    bones: Vec<BoneView>,
    drawing: String,
    unsided: String,
    minimum: String,
    because: Vec<String>,
    several: bool,
    elements: Vec<ElementView>,
    individuals: Vec<Choice>,
    verdicts: Vec<Choice>,
    reasons: Vec<Choice>,
    operations: Vec<OperationView>,
    open_operations: usize,
    needed: Vec<String>,
    moves: Vec<MoveForm>,
    history: Vec<TimelineEvent>,
    samples: Vec<SampleView>,
    sample_href: String,
    images: Vec<ImageView>,
    purposes: Vec<Choice>,
    open_image: bool,
    open_associate: bool,
}

fn told(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}

fn summary(p: &Page, file: &RemainsFile) -> Vec<Row> {
    let row = &file.row;
    let pmi = match (row.pmi_from.as_deref(), row.pmi_to.as_deref()) {
        (Some(from), Some(to)) if from == to => p.word("pmi", from),
        (Some(from), Some(to)) => p.t2("remains-pmi-range", "from", p.word("pmi", from), "to", p.word("pmi", to)),
        _ => String::new(),
    };
    let mut all = rows(vec![
        (p.t("remains-completeness"), row.completeness.as_deref().map(|c| p.word("bone-completeness", c)).unwrap_or_default()),
        (p.t("found-body-state"), row.body_state.as_deref().map(|b| p.word("body-state", b)).unwrap_or_default()),
        (p.t("remains-pmi"), pmi),
        (p.t("remains-location"), told(&row.location)),
        (p.t("bank-note"), told(&row.note)),
        (p.t("found-registered"), p.moment(row.created_at)),
    ]);
    if let Some((set, code)) = row.set_id.and_then(|set| Some((set, file.codes.get(&set)?))) {
        all.push(Row { key: p.t("remains-set"), value: code.clone(), href: format!("/restos/{set}"), action: p.t("bank-open") });
    }
    if let Some(burial) = file.burials.last() {
        let place = [Some(burial.cemetery.clone()), burial.section.clone(), Some(burial.plot.clone())];
        all.extend(rows(vec![
            (p.t("remains-burial"), place.into_iter().flatten().collect::<Vec<_>>().join(", ")),
            (p.t("remains-field-marker"), burial.marker.clone()),
            (p.t("remains-field-inscription"), told(&burial.inscription)),
            (p.t("remains-field-ficha"), told(&burial.ficha)),
            (p.t("remains-field-register-ref"), told(&burial.register_ref)),
            (p.t("remains-exhumable"), p.t(if burial.exhumable { "remains-exhumable-yes" } else { "remains-exhumable-no" })),
        ]));
    }
    all
}

fn bones(p: &Page, anatomy: &[Anatomy]) -> Vec<BoneView> {
    skeleton(anatomy)
        .into_iter()
        .map(|shape| {
            let name = bone_words(p, shape.bone.as_str(), shape.side.map(|s| s.as_str()));
            let title = if shape.count == 0 {
                p.t1("remains-bone-absent", "bone", name)
            } else {
                p.t2("remains-bone-count", "bone", name, "n", shape.count)
            };
            BoneView {
                title,
                count: if shape.counted { shape.count.to_string() } else { String::new() },
                d: shape.d,
                class: shape.class,
                x: shape.x,
                y: shape.y,
            }
        })
        .collect()
}

/// A reason of the minimum number in words.
fn because(p: &Page, repeated: &Repeated) -> String {
    let bone = p.word("bone", repeated.bone.as_str());
    let place = repeated.zone.map(|z| p.word("bone-zone", z.as_str())).unwrap_or_default();
    let counted =
        [("remains-because-left", repeated.left), ("remains-because-right", repeated.right), ("remains-because-unsided", repeated.unsided)];
    let paired = repeated.bone.is_paired();
    let sides: Vec<String> = counted
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(key, n)| if paired { p.t1(key, "n", n) } else { p.t1("remains-because-many", "n", n) })
        .collect();
    let ages = if (repeated.from_stage, repeated.to_stage) == (0, 6) {
        String::new()
    } else if repeated.from_stage == repeated.to_stage {
        p.t(&format!("remains-stage-{}", repeated.from_stage))
    } else {
        let stage = |n: usize| p.t(&format!("remains-stage-{n}"));
        p.t2("remains-stages", "from", stage(repeated.from_stage), "to", stage(repeated.to_stage))
    };
    let what = [bone, place, sides.join(", "), ages].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · ");
    p.t2("remains-because", "n", repeated.individuals, "what", what)
}

fn association(p: &Page, file: &RemainsFile, line: &AssociationRow, stands: bool) -> AssociationView {
    let code = file.codes.get(&line.remains_id).cloned().unwrap_or_default();
    let who = file.people.get(&line.analyst).cloned().unwrap_or_default();
    let verdict = p.word("association-verdict", &line.verdict);
    let parts = [format!("{verdict} {code}"), p.word("association-reason", &line.reason), told(&line.note), who, p.day(line.at.date_naive())];
    AssociationView {
        stands,
        text: parts.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · "),
        doubts: line.doubts.iter().map(|d| p.word("contradiction", d)).collect(),
    }
}

fn element(p: &Page, file: &RemainsFile, row: &ElementRow, last: &[&AssociationRow], typed: &Fields) -> ElementView {
    let anatomy = row.anatomy();
    let whole = anatomy.present().len() == anatomy.bone.zones().len();
    let zones = anatomy.present().iter().map(|z| p.word("bone-zone", z.as_str())).collect::<Vec<_>>().join(", ");
    let words = |all: &[String], family: &str| all.iter().map(|w| p.word(family, w)).collect::<Vec<_>>().join(", ");
    let measured = row.measurements.as_object().map(|m| m.iter().map(|(k, v)| format!("{k} {v} mm")).collect::<Vec<_>>().join(", "));
    let elsewhere = (row.remains_id != file.row.id).then(|| file.codes.get(&row.remains_id).cloned()).flatten();
    let stands = |a: &AssociationRow| last.iter().any(|l| l.id == a.id);
    ElementView {
        id: row.id,
        code: row.code.clone(),
        what: element_words(p, row),
        zones: if whole || zones.is_empty() { p.word("bone-completeness", &row.completeness) } else { zones },
        age: p.word("bone-age", &row.age_class),
        more: rows(vec![
            (p.t("remains-found-in"), elsewhere.unwrap_or_default()),
            (p.t("remains-taphonomy"), words(&row.taphonomy, "taphonomy")),
            (p.t("remains-trauma"), words(&row.trauma, "bone-trauma")),
            (p.t("remains-measurements"), measured.unwrap_or_default()),
            (p.t("bank-note"), told(&row.note)),
        ]),
        associations: file.associations.iter().filter(|a| a.element_id == row.id).map(|a| association(p, file, a, stands(a))).collect(),
        sample_href: format!("/banco/muestras/nueva?hallazgo={}&elemento={}", file.row.found_id, row.id),
        href: format!("/restos/{}/elementos/{}", file.row.id, row.id),
        chosen: typed.ticked("element", &row.id.to_string()),
    }
}

const fn operation_look(state: OperationState) -> (&'static str, &'static str) {
    match state {
        OperationState::NotDone => ("honey", "ring"),
        OperationState::Done => ("teal", "dot"),
        OperationState::NotPossible => ("plain", "cross"),
    }
}

fn operation(p: &Page, of: PostMortemOperation, line: Option<&OperationRow>, typed: &Fields, errors: &Errors) -> OperationView {
    let state = line.map_or("not_done", |l| l.state.as_str());
    let (tone, mark) = operation_look(state.parse().unwrap_or(OperationState::NotDone));
    let field = |name: &str| format!("{of}-{name}");
    let states: Vec<&str> = OperationState::ALL.iter().map(|s| s.as_str()).collect();
    let detail = line.map(|l| {
        let parts = [l.done_on.map(|d| p.day(d)).unwrap_or_default(), told(&l.done_by), told(&l.reference), told(&l.reason)];
        parts.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · ")
    });
    OperationView {
        word: of.as_str(),
        name: p.word("pm-operation", of.as_str()),
        tone,
        mark,
        state: p.word("pm-operation-state", state),
        detail: detail.unwrap_or_default(),
        open: typed.get("operation") == of.as_str(),
        states: Choice::words(p.language, "pm-operation-state", &states, &[typed.get(&field("state"))]),
        done_on: typed.get(&field("done-on")).to_owned(),
        done_by: typed.get(&field("done-by")).to_owned(),
        reference: typed.get(&field("reference")).to_owned(),
        reason: typed.get(&field("reason")).to_owned(),
        state_error: errors.of(&field("state")).to_owned(),
        done_on_error: errors.of(&field("done-on")).to_owned(),
        reason_error: errors.of(&field("reason")).to_owned(),
    }
}

fn history(p: &Page, file: &RemainsFile) -> Vec<TimelineEvent> {
    let event = |m: &crate::db::remains::DispositionRow| {
        let burial = m.burial_id.and_then(|id| file.burials.iter().find(|b| b.id == id));
        let place = burial.map(|b| format!("{}, {}, {}", b.cemetery, b.plot, b.marker)).unwrap_or_default();
        let person = file.people.get(&m.user_id).cloned().unwrap_or_default();
        let parts = [place, told(&m.receiver), told(&m.order_ref), told(&m.reason), person];
        TimelineEvent {
            when: p.day(m.on_day),
            title: p.word("remains-command", &m.command),
            text: parts.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · "),
            state: "done",
        }
    };
    file.moves.iter().rev().map(event).collect()
}

fn images(p: &Page, file: &RemainsFile) -> Vec<ImageView> {
    file.images
        .iter()
        .map(|line| ImageView {
            src: format!("/restos/imagenes/{}", line.id),
            ask: format!("/restos/imagenes/{}/mostrar", line.id),
            purpose: p.word("image-purpose", &line.purpose),
            caption: told(&line.caption),
            when: p.day(line.at.date_naive()),
            sensitive: line.sensitive,
        })
        .collect()
}

/// What stands between these remains and a burial, marker and place included: these are written with the burial itself.
fn needed(p: &Page, file: &RemainsFile) -> Vec<String> {
    let mut needs = file.readiness.needs(DispositionCommand::BuryIndividually);
    if file.readiness.needs(DispositionCommand::Cremate).contains(&Need::Operations) {
        needs.push(Need::Operations);
    }
    needs.into_iter().map(|n| p.word("remains-need", n.as_str())).chain([p.t("remains-need-place")]).collect()
}

fn page(app: &App, who: &SignedIn, file: &RemainsFile, typed: Fields, errors: Errors) -> FilePage {
    let (p, actor) = (who.page(), who.actor());
    let row = &file.row;
    let (tone, mark) = disposition_look(row.disposition());
    let last = standing(&file.associations);
    let shown: Vec<&ElementRow> = file.elements.iter().chain(file.included.iter().filter(|i| i.remains_id != row.id)).collect();
    let anatomy: Vec<Anatomy> = shown.iter().map(|e| e.anatomy()).collect();
    let unsided: Vec<String> = shown
        .iter()
        .filter(|e| e.side.is_none() && e.anatomy().bone.is_paired())
        .map(|e| format!("{} ({})", p.word("bone", &e.bone), e.code))
        .collect();
    let words = |all: Vec<&str>, family: &str, name: &str| Choice::words(p.language, family, &all, &[typed.get(name)]);
    let can_be_laid_down = row.disposition().legal().contains(&DispositionCommand::BuryIndividually);
    let may_write = actor.may(Right::WriteFound);
    let present = anatomy.len();
    let sample = |s: &crate::db::remains::RemainsSample| SampleView {
        href: format!("/banco/muestras/{}", s.id),
        code: s.code.clone(),
        what: format!("{} · {}", p.word("material", &s.material), p.word("sample-state", &s.state)),
    };
    FilePage {
        id: row.id,
        rev: row.rev,
        once: app.ids.next().to_string(),
        code: row.code.clone(),
        kind: p.word("remains-kind", &row.kind),
        found_href: format!("/hallazgos/{}", row.found_id),
        folio: file.folio.clone(),
        tone,
        mark,
        disposition: p.word("disposition", &row.disposition),
        rows: summary(&p, file),
        may_write,
        may_sample: may_write && actor.may(Right::WriteSamples),
        siblings: pages::items(&p, &file.siblings, Some(row.id)),
        width: remains_chart::WIDTH,
        height: remains_chart::HEIGHT,
        bones: bones(&p, &anatomy),
        drawing: p.t1("remains-drawing", "n", present),
        unsided: if unsided.is_empty() { String::new() } else { p.t1("remains-unsided", "what", unsided.join(", ")) },
        minimum: p.t1("remains-minimum", "n", file.minimum.individuals),
        because: file.minimum.because.iter().map(|b| because(&p, b)).collect(),
        several: row.kind().is_individual() && file.minimum.individuals > 1,
        elements: shown.iter().map(|e| element(&p, file, e, &last, &typed)).collect(),
        individuals: remains_forms::individuals(file, &typed),
        verdicts: words(AssociationVerdict::ALL.iter().map(|w| w.as_str()).collect(), "association-verdict", "verdict"),
        reasons: words(AssociationReason::ALL.iter().map(|w| w.as_str()).collect(), "association-reason", "reason"),
        operations: file.checklist.iter().map(|(o, line)| operation(&p, *o, line.as_ref(), &typed, &errors)).collect(),
        open_operations: file.readiness.undecided.len(),
        needed: if can_be_laid_down { needed(&p, file) } else { Vec::new() },
        moves: if may_write { remains_forms::moves(&p, file, &typed, &errors) } else { Vec::new() },
        history: history(&p, file),
        samples: file.samples.iter().map(sample).collect(),
        sample_href: format!("/banco/muestras/nueva?hallazgo={}&restos={}", row.found_id, row.id),
        images: images(&p, file),
        purposes: words(ImagePurpose::ALL.iter().map(|w| w.as_str()).collect(), "image-purpose", "purpose"),
        open_image: ["purpose", "file", "caption"].iter().any(|f| !errors.of(f).is_empty()),
        open_associate: ["element", "individual", "verdict", "reason", "despite-doubts", "note"].iter().any(|f| !errors.of(f).is_empty()),
        typed,
        errors,
        p,
    }
}

pub(super) async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<RemainsId>) -> Answer {
    let file = remains::file(&app, who.actor(), *id).await?;
    respond::page(&page(&app, &who, &file, Fields::default(), Errors::default()))
}

/// The page again, with what was typed and what is wrong.
pub(super) async fn again(
    app: &App,
    who: &SignedIn,
    id: RemainsId,
    typed: Fields,
    errors: Errors,
    status: StatusCode,
) -> Result<HttpResponse, PortalError> {
    let file = remains::file(app, who.actor(), id).await?;
    respond::page_with(&page(app, who, &file, typed, errors), status)
}

/// The code of an element on the page of these remains.
pub(super) async fn element_code(app: &App, who: &SignedIn, id: RemainsId, element: ElementId) -> Result<String, PortalError> {
    let file = remains::file(app, who.actor(), id).await?;
    Ok(file.elements.iter().chain(&file.included).find(|e| e.id == element.0).map(|e| e.code.clone()).unwrap_or_default())
}
