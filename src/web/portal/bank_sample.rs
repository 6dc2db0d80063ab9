//! A sample: what it is, every number it has, its parts, its ledger with what the check says, and what can be done with it now.

use super::bank::state_look;
use super::bank_custody::{self, MoveForm};
use super::error::PortalError;
use super::forms::{Errors, Fields};
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use super::views::{Row, rows};
use crate::app::App;
use crate::domain::authority::Right;
use crate::domain::custody::{BrokenLedger, CustodyKind, CustodyLine, KeptLine};
use crate::domain::ids::SampleId;
use crate::services::bank::custody::Ledger;
use crate::services::bank::desk::{self, SampleFile};
use actix_web::web;
use askama::Template;
use uuid::Uuid;

/// Hexadecimal digits of a hash that are shown: enough to compare by eye.
const HASH_DIGITS: usize = 12;

/// A line of the ledger; a gap where one is missing.
#[derive(Debug, Clone)]
struct LineView {
    /// "Falta el renglón 3"; empty for a line that is there.
    gap: String,
    /// Whether the check names this line.
    broken: bool,
    seq: i32,
    what: String,
    when: String,
    from: String,
    person: String,
    to: String,
    seal: String,
    condition: String,
    notes: Vec<Row>,
    hash: String,
}

/// A number with whose it is.
#[derive(Debug, Clone)]
struct NumberView {
    scheme: String,
    value: String,
}

/// Another sample that this page leads to.
#[derive(Debug, Clone)]
struct PartView {
    href: String,
    code: String,
    what: String,
}

#[derive(Template)]
#[template(path = "pages/bank_sample.html")]
struct SamplePage {
    p: Page,
    errors: Errors,
    typed: Fields,
    id: Uuid,
    rev: i32,
    code: String,
    material: String,
    tone: &'static str,
    mark: &'static str,
    state: String,
    rows: Vec<Row>,
    numbers: Vec<NumberView>,
    parts: Vec<PartView>,
    may_number: bool,
    /// Whether the reader works with profiles.
    geneticist: bool,
    may_part: bool,
    lines: Vec<LineView>,
    check_tone: &'static str,
    check_mark: &'static str,
    check: String,
    check_hint: String,
    where_now: String,
    moves: Vec<MoveForm>,
}

/// The number of the line that a broken ledger names.
const fn broken_line(broken: &BrokenLedger) -> i32 {
    match broken {
        BrokenLedger::Missing(n)
        | BrokenLedger::Changed(n)
        | BrokenLedger::OutOfOrder(n)
        | BrokenLedger::NotAsWitnessed(n)
        | BrokenLedger::Unwitnessed(n) => *n,
    }
}

/// What the check says: tone, shape, a sentence.
fn check(p: &Page, ledger: &Ledger) -> (&'static str, &'static str, String) {
    let broken = |broken: &BrokenLedger| match broken {
        BrokenLedger::Missing(n) => p.t1("bank-check-missing", "n", *n),
        BrokenLedger::Changed(n) => p.t1("bank-check-changed", "n", *n),
        BrokenLedger::OutOfOrder(n) => p.t1("bank-check-order", "n", *n),
        BrokenLedger::NotAsWitnessed(n) => p.t1("bank-check-witness", "n", *n),
        BrokenLedger::Unwitnessed(n) => p.t1("bank-check-unwitnessed", "n", *n),
    };
    match &ledger.check {
        Some(Ok(n)) => ("teal", "dot", p.t1("bank-check-holds", "n", *n)),
        Some(Err(fault)) => ("brick", "triangle", broken(fault)),
        None => ("plain", "ring", p.t("bank-check-elsewhere")),
    }
}

fn notes(p: &Page, line: &CustodyLine) -> Vec<Row> {
    let told = |text: &Option<String>| text.clone().unwrap_or_default();
    rows(vec![
        (p.t("bank-place"), told(&line.location)),
        (p.t("bank-temperature"), told(&line.temperature)),
        (p.t("bank-discrepancy"), told(&line.discrepancy)),
        (p.t("bank-reason"), told(&line.reason)),
        (p.t("bank-witness"), told(&line.witness)),
        (p.t("bank-due-by"), line.due_at.map(|due| p.day(due.date_naive())).unwrap_or_default()),
    ])
}

fn line(p: &Page, file: &SampleFile, kept: &KeptLine, broken: Option<i32>) -> LineView {
    let line = &kept.line;
    let name = |id: Uuid| file.institutions.get(&id).cloned().unwrap_or_default();
    let to = line.to_authority.map(|id| [name(id.0), line.to_name.clone().unwrap_or_default()]).unwrap_or_default();
    LineView {
        gap: String::new(),
        broken: broken == Some(line.seq),
        seq: line.seq,
        what: p.word("custody", &line.kind),
        when: p.moment(line.at),
        from: name(line.authority.0),
        // Who works in another institution stays with that institution.
        person: file.people.get(&line.user.0).cloned().unwrap_or_default(),
        to: to.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(", "),
        seal: line.seal.clone().unwrap_or_default(),
        condition: line.condition.as_deref().map(|c| p.word("condition", c)).unwrap_or_default(),
        notes: notes(p, line),
        hash: hex::encode(&kept.hash).chars().take(HASH_DIGITS).collect(),
    }
}

fn gap(p: &Page, n: i32) -> LineView {
    LineView {
        gap: p.t1("bank-gap", "n", n),
        broken: true,
        seq: n,
        what: String::new(),
        when: String::new(),
        from: String::new(),
        person: String::new(),
        to: String::new(),
        seal: String::new(),
        condition: String::new(),
        notes: Vec::new(),
        hash: String::new(),
    }
}

/// The ledger with a gap wherever a number is missing, also after the last line where the check misses one.
fn lines(p: &Page, file: &SampleFile) -> Vec<LineView> {
    let ledger = &file.view.ledger;
    let fault = ledger.check.as_ref().and_then(|c| c.as_ref().err());
    let broken = fault.map(broken_line);
    let (mut shown, mut next) = (Vec::new(), 1);
    for kept in &ledger.lines {
        // A number that somebody set high does not make the page long.
        shown.extend((next..kept.line.seq).take(20).map(|n| gap(p, n)));
        shown.push(line(p, file, kept, broken));
        next = next.max(kept.line.seq.saturating_add(1));
    }
    if let Some(BrokenLedger::Missing(n)) = fault
        && *n >= next
    {
        shown.push(gap(p, *n));
    }
    shown
}

fn linked(key: String, value: String, href: String, action: String) -> Row {
    Row { key, value, href, action }
}

/// What the sample is of, with ways there.
fn origin(p: &Page, file: &SampleFile) -> Vec<Row> {
    let row = &file.view.row;
    let open = p.t("bank-open");
    let mut all = rows(vec![(p.t("bank-col-of"), p.word("sample-source", &row.source))]);
    if let Some(donor) = &file.donor {
        let value = format!("{} · {}", p.word("donor-relation", &donor.relation), donor.code);
        all.push(linked(p.t("bank-donor"), value, format!("/banco/donantes/{}", donor.id), open.clone()));
    }
    if let Some((id, folio)) = &file.case {
        all.push(linked(p.t("bank-case"), folio.clone(), format!("/banco/casos/{id}"), open.clone()));
    }
    if let Some((id, folio, own)) = &file.found {
        let href = if *own { format!("/hallazgos/{id}") } else { String::new() };
        all.push(linked(p.t("bank-found"), folio.clone(), href, open.clone()));
    }
    if let Some((id, code)) = &file.remains {
        all.push(linked(p.t("remains-heading"), code.clone(), format!("/restos/{id}"), open.clone()));
    }
    all.extend(rows(vec![(p.t("remains-element"), file.element.clone().unwrap_or_default())]));
    if let Some((id, code)) = &file.parent {
        all.push(linked(p.t("bank-parent"), code.clone(), format!("/banco/muestras/{id}"), open));
    }
    all
}

fn data(p: &Page, file: &SampleFile) -> Vec<Row> {
    let row = &file.view.row;
    let told = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut all = origin(p, file);
    all.extend(rows(vec![
        (p.t("bank-owner"), file.institutions.get(&row.authority_id).cloned().unwrap_or_default()),
        (p.t("bank-amount"), told(&row.amount)),
        (p.t("bank-preservation"), told(&row.preservation)),
        (p.t("bank-kit-lot"), told(&row.kit_lot)),
        (p.t("bank-col-taken"), row.taken_on.map(|day| p.day(day)).unwrap_or_default()),
        (p.t("bank-taken-by"), told(&row.taken_by)),
        (p.t("bank-taken-where"), told(&row.taken_where)),
        (p.t("bank-note"), told(&row.note)),
        (p.t("found-registered"), p.moment(row.created_at)),
    ]));
    all
}

/// The last place it was put, and who has it.
fn where_now(p: &Page, file: &SampleFile) -> String {
    let ledger = &file.view.ledger;
    let Some(holder) = ledger.holder else {
        let to = ledger.lines.iter().rev().find_map(|l| l.line.to_authority).and_then(|id| file.institutions.get(&id.0));
        return p.t1("bank-on-its-way", "to", to.cloned().unwrap_or_default());
    };
    let who = file.institutions.get(&holder.0).cloned().unwrap_or_default();
    match ledger.lines.iter().rev().find_map(|l| l.line.location.clone()) {
        Some(place) => p.t2("bank-held-at", "who", who, "place", place),
        None => p.t1("bank-held", "who", who),
    }
}

fn page(who: &SignedIn, file: &SampleFile, typed: Fields, errors: Errors) -> SamplePage {
    let (p, actor) = (who.page(), who.actor());
    let (row, ledger) = (&file.view.row, &file.view.ledger);
    let (tone, mark) = state_look(row.state());
    let (check_tone, check_mark, check) = check(&p, ledger);
    let ours = row.owner() == actor.authority && actor.may(Right::WriteSamples);
    let scheme = |scheme: &str| if scheme == "OWN" { p.t("bank-own-number") } else { scheme.to_owned() };
    let part = |part: &crate::db::samples::SampleRow| PartView {
        href: format!("/banco/muestras/{}", part.id),
        code: part.code.clone(),
        what: format!("{} · {}", p.word("material", &part.material), p.word("sample-state", &part.state)),
    };
    let may_move = actor.may(Right::WriteSamples) && ledger.holder == Some(actor.authority);
    SamplePage {
        id: row.id,
        rev: row.rev,
        code: row.code.clone(),
        material: p.word("material", &row.material),
        tone,
        mark,
        state: p.word("sample-state", &row.state),
        rows: data(&p, file),
        numbers: file.view.identifiers.iter().map(|n| NumberView { scheme: scheme(&n.scheme), value: n.value.clone() }).collect(),
        parts: file.view.parts.iter().map(part).collect(),
        may_number: ours,
        geneticist: actor.may(Right::Genetics),
        may_part: may_move && row.state().is_usable(),
        lines: lines(&p, file),
        check_tone,
        check_mark,
        check,
        check_hint: p.t(if ledger.check.is_some() { "bank-check-hint" } else { "bank-check-elsewhere-hint" }),
        where_now: where_now(&p, file),
        moves: if may_move { bank_custody::moves(&p, file, &typed, &errors) } else { Vec::new() },
        typed,
        errors,
        p,
    }
}

/// The open hand-over by which a sample is on its way to the reader: until it is received, only the label says its code.
pub(super) fn awaited(who: &SignedIn, file: &SampleFile) -> Option<String> {
    let open = file.view.ledger.open?;
    let to_us = |l: &&KeptLine| l.line.id == open && l.line.to_authority == Some(who.actor().authority);
    let coming = file.view.ledger.lines.iter().find(to_us)?;
    (coming.line.kind == CustodyKind::HandedOver.as_str()).then(|| format!("/banco/entregas/{open}"))
}

pub(super) async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<SampleId>) -> Answer {
    let file = desk::sample(&app, who.actor(), id.into_inner()).await?;
    if let Some(reception) = awaited(&who, &file) {
        return Ok(respond::see(&reception));
    }
    respond::page(&page(&who, &file, Fields::default(), Errors::default()))
}

/// The page again, with what was typed and what is wrong.
pub(super) async fn again(
    app: &App,
    who: &SignedIn,
    id: SampleId,
    typed: Fields,
    errors: Errors,
    status: actix_web::http::StatusCode,
) -> Result<actix_web::HttpResponse, PortalError> {
    let file = desk::sample(app, who.actor(), id).await?;
    if let Some(reception) = awaited(who, &file) {
        return Ok(respond::see(&reception));
    }
    respond::page_with(&page(who, &file, typed, errors), status)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::domain::ids::{AuthorityId, CustodyEventId, UserId};
    use crate::services::bank::samples::SampleView;
    use chrono::DateTime;
    use std::collections::BTreeMap;

    fn kept(seq: i32) -> KeptLine {
        let line = CustodyLine {
            id: CustodyEventId(Uuid::from_u128(seq.unsigned_abs().into())),
            authority: AuthorityId(Uuid::nil()),
            user: UserId(Uuid::nil()),
            sample: SampleId(Uuid::nil()),
            seq,
            kind: "sealed".to_owned(),
            answers: None,
            to_authority: None,
            to_name: None,
            seal: None,
            condition: None,
            location: None,
            temperature: None,
            discrepancy: None,
            reason: None,
            witness: None,
            due_at: None,
            at: DateTime::UNIX_EPOCH,
        };
        KeptLine { line, before: vec![0; 32], hash: vec![0xAB; 32] }
    }

    fn file(seqs: &[i32], check: Result<usize, BrokenLedger>) -> SampleFile {
        let row = self::row();
        let ledger = Ledger { lines: seqs.iter().map(|n| kept(*n)).collect(), check: Some(check), open: None, holder: None };
        let (institutions, people) = (BTreeMap::new(), BTreeMap::new());
        let view = SampleView { row, identifiers: Vec::new(), parts: Vec::new(), ledger };
        SampleFile {
            view,
            donor: None,
            case: None,
            found: None,
            remains: None,
            element: None,
            parent: None,
            institutions,
            people,
            receivers: Vec::new(),
        }
    }

    fn row() -> crate::db::samples::SampleRow {
        let (none, at) = (None::<String>, DateTime::UNIX_EPOCH);
        crate::db::samples::SampleRow {
            id: Uuid::nil(),
            authority_id: Uuid::nil(),
            code: "MEX-BNK-2026-M000001-X".to_owned(),
            source: "remains".to_owned(),
            donor_id: None,
            case_id: None,
            found_id: None,
            staff_id: None,
            parent_id: None,
            material: "bone".to_owned(),
            amount: none.clone(),
            preservation: none.clone(),
            kit_lot: none.clone(),
            taken_on: None,
            taken_by: none.clone(),
            taken_where: none.clone(),
            state: "sealed".to_owned(),
            note: none,
            rev: 1,
            created_by: Uuid::nil(),
            created_at: at,
            updated_at: at,
            remains_id: None,
            element_id: None,
        }
    }

    #[test]
    fn a_missing_line_shows_as_a_gap_in_its_place_also_at_the_end() {
        let p = Page::default();
        let shown = |seqs: &[i32], check| lines(&p, &file(seqs, check)).iter().map(|l| (l.seq, l.gap.is_empty())).collect::<Vec<_>>();
        assert_eq!(shown(&[1, 2, 4], Err(BrokenLedger::Missing(3))), [(1, true), (2, true), (3, false), (4, true)]);
        assert_eq!(shown(&[1, 2], Err(BrokenLedger::Missing(3))), [(1, true), (2, true), (3, false)]);
        assert_eq!(shown(&[1, 2], Ok(2)), [(1, true), (2, true)]);
        let broken = lines(&p, &file(&[1, 2], Err(BrokenLedger::Changed(2))));
        assert_eq!(broken.iter().map(|l| l.broken).collect::<Vec<_>>(), [false, true]);
        assert_eq!(broken.first().unwrap().hash, "abababababab");
    }
}
