//! An identification: what it says, what it rests on, the alternatives it was compared with, who signed, its sealed reports, and what can be done with it now.

use super::compare::outcome_look;
use super::error::PortalError;
use super::forms::{Choice, Errors, Fields};
use super::identifications::state_look;
use super::life::{self, MoveForm, Step};
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use super::views::{Row, TimelineEvent, rows};
use crate::app::App;
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::identification::{IdentificationCommand, IdentificationState, Method};
use crate::domain::ids::IdentificationId;
use crate::services::identification::{self, Alternative, GeneticOpinion, IdentificationView, Snapshot};
use crate::web::sealed;
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;
use uuid::Uuid;

/// The family of the texts.
pub(super) const FAMILY: &str = "identification";

/// Another open hypothesis.
#[derive(Debug, Clone)]
struct AlternativeView {
    /// Its form's field.
    field: String,
    href: String,
    action: String,
    name: String,
    band: String,
    ours: String,
    theirs: String,
    typed: String,
    error: String,
}

/// A signature.
#[derive(Debug, Clone)]
struct SignatureView {
    name: String,
    office: String,
    institution: String,
    when: String,
    counts: bool,
}

/// A line of the evidence.
#[derive(Debug, Clone)]
struct EvidenceRow {
    what: String,
    finding: String,
    tone: &'static str,
    mark: &'static str,
    weight: String,
}

/// A sealed report.
#[derive(Debug, Clone)]
struct ReportView {
    href: String,
    title: String,
    when: String,
    sha256: String,
    verify: String,
}

#[derive(Template)]
#[template(path = "pages/identification.html")]
struct IdentificationPage {
    p: Page,
    errors: Errors,
    id: Uuid,
    rev: i32,
    number: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    about: Vec<Row>,
    hypothesis: String,
    /// Whether the reader may write the draft.
    may_edit: bool,
    methods: Vec<Choice>,
    texts: Vec<(&'static str, String, String, String, String)>,
    said: Vec<Row>,
    opinion: Vec<Row>,
    opinion_words: String,
    may_give_opinion: bool,
    typed_words: String,
    alternatives: Vec<AlternativeView>,
    elsewhere: String,
    evidence: Vec<EvidenceRow>,
    figures: Vec<Row>,
    lacking: Vec<String>,
    signatures: Vec<SignatureView>,
    stand: String,
    moves: Vec<MoveForm>,
    reports: Vec<ReportView>,
    /// The case's page of what its family is told.
    tell: String,
    may_offer: bool,
    history: Vec<TimelineEvent>,
}

fn weight(log10: f64) -> String {
    format!("{log10:+.2}").replace('-', "\u{2212}")
}

fn opinion(p: &Page, o: &GeneticOpinion) -> Vec<Row> {
    rows(vec![
        (p.t("identification-opinion-by"), format!("{}, {}. {}", o.by, o.institution, p.moment(o.at))),
        (p.t("identification-markers"), p.t2("identification-markers-of", "n", o.markers.to_string(), "excluding", o.excluding.to_string())),
        (p.t("identification-weight-dna"), format!("{:+.1}", o.log10_lr).replace('-', "\u{2212}")),
        (p.t("identification-frequencies"), o.frequencies.clone()),
        (p.t("identification-mutation"), o.mutation.clone()),
    ])
}

fn figures(p: &Page, s: &Snapshot) -> Vec<Row> {
    let lr = s.log10_lr_nongenetic + s.log10_lr_genetic;
    rows(vec![
        (
            p.t("identification-compared"),
            p.t2("identification-compared-of", "cases", s.cases_compared.to_string(), "remains", s.remains_compared.to_string()),
        ),
        (p.t("identification-prior"), weight(s.log10_prior)),
        (p.t("identification-weight-other"), weight(s.log10_lr_nongenetic)),
        (p.t("identification-weight-dna"), weight(s.log10_lr_genetic)),
        (p.t("identification-weight-joint"), weight(lr)),
        (p.t("identification-posterior"), format!("{} ({})", p.word("band", &s.band), weight(s.log10_joint))),
        (p.t("identification-coverage"), format!("{:.0} %", (s.coverage * 100.0).clamp(0.0, 100.0))),
        (p.t("identification-model"), [Some(s.model.clone()), s.genetic_model.clone()].into_iter().flatten().collect::<Vec<_>>().join("; ")),
    ])
}

fn evidence(p: &Page, s: &Snapshot) -> Vec<EvidenceRow> {
    let row = |e| {
        let line = sealed::line(p.language, e);
        let (tone, mark) = outcome_look(&e.comparison);
        EvidenceRow { what: line.what, finding: line.finding, tone, mark, weight: line.log10_lr.map(weight).unwrap_or_default() }
    };
    s.evidence.iter().map(row).collect()
}

fn alternative(p: &Page, id: Uuid, a: &Alternative, typed: &Fields, errors: &Errors) -> AlternativeView {
    let field = format!("comparison-{}", a.hypothesis);
    let reserved = || p.t("review-reserved");
    let other = if a.shares == "case" { a.found_folio.clone() } else { a.case_folio.clone() }.unwrap_or_else(reserved);
    let seen = a.case_folio.is_some() || a.found_folio.is_some();
    let sent = typed.0.iter().any(|(name, _)| *name == field);
    AlternativeView {
        href: if seen { format!("/hipotesis/{}", a.hypothesis) } else { String::new() },
        action: format!("/identificaciones/{id}/alternativas/{}", a.hypothesis),
        name: p.t2("identification-alternative-of", "other", other, "shares", p.word("identification-shares", &a.shares)),
        band: p.word("band", &a.band),
        ours: a.ours.clone().unwrap_or_default(),
        theirs: a.theirs.clone().unwrap_or_default(),
        typed: if sent { typed.get(&field).to_owned() } else { a.ours.clone().unwrap_or_default() },
        error: errors.of(&field).to_owned(),
        field,
    }
}

/// The fields of a move: name and kind.
const fn fields_of(command: IdentificationCommand) -> &'static [(&'static str, &'static str)] {
    use IdentificationCommand as C;
    match command {
        C::Sign | C::Reissue => &[("language", "select")],
        C::ReturnToDraft | C::ProposeRevocation | C::Keep | C::Revoke => &[("reason", "area")],
        C::Edit | C::Submit => &[],
    }
}

/// The moves that the reader's institution can make now: not the word that the other has to give.
fn moves(p: &Page, view: &IdentificationView, typed: &Fields, errors: &Errors) -> Vec<MoveForm> {
    use IdentificationCommand as C;
    view.legal
        .iter()
        .filter(|c| match c {
            C::Edit => false,
            C::Sign | C::Revoke => view.waits_for_us,
            _ => true,
        })
        .map(|c| life::move_form(p, FAMILY, c.as_str(), fields_of(*c), typed, errors))
        .collect()
}

/// Where the decision stands, in a sentence.
fn stand(p: &Page, actor: &Actor, view: &IdentificationView) -> String {
    use IdentificationState as S;
    let key = match (view.row.state(), view.waits_for_us) {
        _ if !actor.may(Right::Identify) => "identification-no-right",
        (S::Draft, _) => "identification-stand-draft",
        (S::InReview, _) => "identification-stand-in-review",
        (S::Signed, true) => "identification-stand-signed-us",
        (S::Signed, false) => "identification-stand-signed-them",
        (S::Issued, _) => "identification-stand-issued",
        (S::RevocationProposed, true) => "identification-stand-doubt-us",
        (S::RevocationProposed, false) => "identification-stand-doubt-them",
        (S::Revoked, _) => "identification-stand-revoked",
    };
    p.t(key)
}

/// The texts of a draft: field, label, hint, value, error.
fn texts(p: &Page, view: &IdentificationView, typed: &Fields, errors: &Errors) -> Vec<(&'static str, String, String, String, String)> {
    let sent = typed.0.iter().any(|(name, _)| name == "conclusion");
    [("reasoning", &view.row.reasoning), ("conclusion", &view.row.conclusion), ("limits", &view.row.limits)]
        .into_iter()
        .map(|(name, kept)| {
            let value = if sent { typed.get(name).to_owned() } else { kept.clone() };
            (name, p.t(&format!("identification-{name}")), p.t(&format!("identification-{name}-hint")), value, errors.of(name).to_owned())
        })
        .collect()
}

fn methods(p: &Page, view: &IdentificationView, typed: &Fields) -> Vec<Choice> {
    let sent = typed.0.iter().any(|(name, _)| name == "conclusion");
    let kept: Vec<&str> = if sent { typed.all("methods") } else { view.row.methods().iter().map(|m| m.as_str()).collect() };
    let words: Vec<&str> = Method::ALL.iter().map(|m| m.as_str()).collect();
    Choice::words(p.language, "identification-method", &words, &kept)
}

fn said(p: &Page, view: &IdentificationView) -> Vec<Row> {
    rows(vec![
        (
            p.t("identification-methods"),
            view.row.methods().iter().map(|m| p.word("identification-method", m.as_str())).collect::<Vec<_>>().join(", "),
        ),
        (p.t("identification-reasoning"), view.row.reasoning.clone()),
        (p.t("identification-conclusion"), view.row.conclusion.clone()),
        (p.t("identification-limits"), view.row.limits.clone()),
    ])
}

fn about(p: &Page, actor: &Actor, view: &IdentificationView) -> Vec<Row> {
    let row = &view.row;
    let open = |right: bool, href: String| if right { href } else { String::new() };
    let linked = |key: &str, folio: &str, institution: &str, href: String| Row {
        key: p.t(key),
        value: format!("{folio} · {institution}"),
        href,
        action: p.t("bank-open"),
    };
    let own_case = row.case_authority == actor.authority.0 && actor.may(Right::ReadCases);
    let own_found = row.found_authority == actor.authority.0 && actor.may(Right::ReadFound);
    let mut all = vec![
        linked("identification-case", &row.case_folio, &view.case_institution, open(own_case, format!("/casos/{}", row.case_id))),
        linked("identification-remains", &row.found_folio, &view.found_institution, open(own_found, format!("/hallazgos/{}", row.found_id))),
    ];
    all.extend(rows(vec![
        (p.t("identification-drafted-by"), format!("{}. {}", row.drafted_name, p.moment(row.created_at))),
        (p.t("identification-issued-at"), row.issued_at.map(|at| p.moment(at)).unwrap_or_default()),
    ]));
    all
}

fn report_views(p: &Page, view: &IdentificationView) -> Vec<ReportView> {
    let one = |r: &identification::ReportSeen| ReportView {
        href: format!("/identificaciones/{}/informes/{}", view.row.id, r.version),
        title: p.t2("identification-report-version", "version", r.version.to_string(), "language", p.word("report-language", &r.language)),
        when: p.moment(r.issued_at),
        sha256: r.sha256.clone(),
        verify: format!("/verificar/{}", r.code),
    };
    view.reports.iter().rev().map(one).collect()
}

fn page(who: &SignedIn, view: &IdentificationView, typed: &Fields, errors: Errors) -> IdentificationPage {
    let (p, actor, row) = (who.page(), who.actor(), &view.row);
    let draft = row.state() == IdentificationState::Draft;
    let (tone, mark) = state_look(row.state());
    let may = actor.may(Right::Identify);
    let own_case = row.case_authority == actor.authority.0;
    let told = own_case && actor.may(Right::ReadCases) && !view.reports.is_empty();
    let signature = |s: &identification::SignatureSeen| SignatureView {
        name: s.name.clone(),
        office: p.word("role", &s.office),
        institution: s.institution.clone(),
        when: p.moment(s.at),
        counts: s.counts,
    };
    let steps = view.steps.iter().map(|s| Step {
        command: &s.command,
        to: &s.to,
        reason: &s.reason,
        who: [Some(s.institution.as_str()), s.user.as_deref()].into_iter().flatten().collect(),
        at: s.at,
    });
    IdentificationPage {
        id: row.id,
        rev: row.rev,
        number: row.number.clone(),
        tone,
        mark,
        state: p.word("identification-state", &row.state),
        about: about(&p, actor, view),
        hypothesis: format!("/hipotesis/{}", row.hypothesis_id),
        may_edit: draft && may,
        methods: methods(&p, view, typed),
        texts: texts(&p, view, typed, &errors),
        said: said(&p, view),
        opinion: view.opinion.as_ref().map(|o| opinion(&p, o)).unwrap_or_default(),
        opinion_words: view.opinion.as_ref().map(|o| o.words.clone()).unwrap_or_default(),
        may_give_opinion: draft && actor.may(Right::Genetics),
        typed_words: typed.get("words").to_owned(),
        alternatives: view.alternatives.iter().map(|a| alternative(&p, row.id, a, typed, &errors)).collect(),
        elsewhere: if view.elsewhere > 0 { p.t1("identification-elsewhere", "n", view.elsewhere) } else { String::new() },
        evidence: view.snapshot.as_ref().map(|s| evidence(&p, s)).unwrap_or_default(),
        figures: view.snapshot.as_ref().map(|s| figures(&p, s)).unwrap_or_default(),
        lacking: view.lacking.0.iter().map(|fault| life::words(p.language, FAMILY, fault)).collect(),
        signatures: view.signatures.iter().map(signature).collect(),
        stand: stand(&p, actor, view),
        moves: if may { moves(&p, view, typed, &errors) } else { Vec::new() },
        reports: report_views(&p, view),
        tell: if told { format!("/casos/{}/avisos", row.case_id) } else { String::new() },
        may_offer: own_case && row.state() == IdentificationState::Issued && actor.may(Right::WriteCases),
        history: life::history(&p, FAMILY, steps),
        errors,
        p,
    }
}

pub(super) async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<IdentificationId>) -> Answer {
    let view = identification::read(&app, who.actor(), id.into_inner()).await?;
    respond::page(&page(&who, &view, &Fields::default(), Errors::default()))
}

/// The page again, with what was typed and what is wrong.
pub(super) async fn again(
    app: &App,
    who: &SignedIn,
    id: IdentificationId,
    typed: &Fields,
    (errors, status): (Errors, StatusCode),
) -> Result<actix_web::HttpResponse, PortalError> {
    let view = identification::read(app, who.actor(), id).await?;
    respond::page_with(&page(who, &view, typed, errors), status)
}
