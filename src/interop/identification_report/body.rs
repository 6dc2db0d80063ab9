//! The sections of a report in their order.

use super::sheet::{Column, Ink, Laid, MARGIN, MEASURE, Mark, Node, PAGE_HEIGHT, PAGE_WIDTH, Sheet, Style, level};
use super::typeface::{Typefaces, Weight};
use super::words::{self, Words};
use super::{Alternative, DrawError, EvidenceLine, GeneticOpinion, IdentificationReport, Signatory};
use krilla::tagging::Tag;
use qrcode::{Color, EcLevel, QrCode};

/// Side of the QR code with its quiet zone: 28 mm, which a telephone reads off paper for an address of 100 characters.
const QR_SIDE: f32 = 80.0;
/// Light modules around a QR code (ISO/IEC 18004).
const QR_MARGIN: usize = 4;
/// Space between the first lines and the QR code.
const ASIDE: f32 = 24.0;

pub(super) fn lay_out(report: &IdentificationReport, fonts: &Typefaces) -> Result<Laid, DrawError> {
    let words = report.language.words();
    let mut sheet = Sheet::new(fonts);
    opening(&mut sheet, report, words)?;
    sheet.heading(words.methods);
    sheet.list(&report.methods);
    evidence(&mut sheet, &report.evidence, words);
    figures(&mut sheet, report, words);
    if let Some(opinion) = &report.genetic {
        genetics(&mut sheet, opinion, report, words);
    }
    alternatives(&mut sheet, &report.alternatives, words);
    for (title, text) in [(words.reasoning, &report.reasoning), (words.conclusion, &report.conclusion), (words.limits, &report.limits)] {
        sheet.heading(title);
        sheet.paragraphs(text);
    }
    sheet.heading(words.models);
    sheet.list(&report.models);
    small(&mut sheet, &format!("{}: {}", words.hash, report.content_hash));
    signatures(&mut sheet, report, words);
    let name = format!("{} · {} {}", report.number, words.version, report.version);
    sheet.on_every_page(|fonts, at, count| running(fonts, &name, words, at, count));
    Ok(sheet.finish())
}

/// Title, QR code, what it is about.
fn opening(sheet: &mut Sheet<'_>, report: &IdentificationReport, words: &Words) -> Result<(), DrawError> {
    let top = sheet.y();
    let width = MEASURE - QR_SIDE - ASIDE;
    sheet.skip(-4.0);
    let title = sheet.lines(words.title, Style::TITLE, MARGIN, width);
    sheet.push(Node::Group(Tag::Hn(level(1), Some(words.title.to_owned())).into(), title));
    let style = Style { ink: Ink::Quiet, size: 11.0, leading: 15.0, ..Style::BODY };
    let subject = sheet.lines(words.subject, style, MARGIN, width);
    sheet.push(Node::Group(Tag::P.into(), subject));
    let code = qr(&report.verification_address, MARGIN + MEASURE - QR_SIDE, top - 8.0)?;
    let code = sheet.figure(code, &format!("{}: {}", words.verify_alt, report.verification_address));
    sheet.push(code);
    sheet.move_to(top + QR_SIDE - 2.0);
    let verify = sheet.lines(&format!("{}: {}", words.verify, report.verification_address), Style::LABEL, MARGIN, MEASURE);
    sheet.push(Node::Group(Tag::P.into(), verify));
    let verify = sheet.lines(words.verify_text, Style::SMALL, MARGIN, MEASURE);
    sheet.push(Node::Group(Tag::P.into(), verify));
    sheet.skip(8.0);
    reserved(sheet, words);
    sheet.skip(10.0);
    sheet.facts(
        &[
            (words.number, format!("{}, {} {}", report.number, words.version, report.version)),
            (words.issued, report.language.moment(report.issued_at)),
            (words.sealed, report.language.moment(report.sealed_at)),
            (words.case, format!("{}, {}", report.case_folio, report.case_institution)),
            (words.remains, format!("{}, {}", report.remains_folio, report.remains_institution)),
            (words.drafted_by, report.drafted_by.clone()),
        ],
        MEASURE,
    );
    Ok(())
}

/// The rule that the report must not run ahead of the conversation with the family.
fn reserved(sheet: &mut Sheet<'_>, words: &Words) {
    const INSET: f32 = 12.0;
    let style = Style { leading: 13.0, ..Style::BODY };
    let lines = sheet.wrapped(words.reserved, style, MEASURE - 2.0 * INSET);
    #[expect(clippy::cast_precision_loss, reason = "a few lines")]
    let height = (lines.len() + 1) as f32 * style.leading + 12.0;
    let top = sheet.y();
    sheet.fill(vec![(MARGIN, top, MEASURE, height)], Ink::Tint);
    sheet.fill(vec![(MARGIN, top, 2.4, height)], Ink::Violet);
    sheet.skip(5.0);
    let title = Style { ink: Ink::Violet, leading: 13.0, ..Style::STRONG };
    let mut nodes = sheet.lines(words.reserved_title, title, MARGIN + INSET, MEASURE - 2.0 * INSET);
    nodes.extend(sheet.lines(words.reserved, style, MARGIN + INSET, MEASURE - 2.0 * INSET));
    sheet.push(Node::Group(Tag::P.into(), nodes));
    sheet.move_to(top + height);
}

fn evidence(sheet: &mut Sheet<'_>, lines: &[EvidenceLine], words: &Words) {
    sheet.heading(words.evidence);
    small(sheet, words.evidence_text);
    let columns = [
        Column { title: words.compared, width: 132.0, right: false },
        Column { title: words.finding, width: MEASURE - 132.0 - 56.0 - 32.0, right: false },
        Column { title: words.weight, width: 56.0, right: true },
    ];
    let rows = lines
        .iter()
        .map(|line| [line.what.clone(), line.finding.clone(), line.log10_lr.map_or_else(|| words.not_compared.to_owned(), words::weight)])
        .collect();
    sheet.table(&columns, rows);
}

fn figures(sheet: &mut Sheet<'_>, report: &IdentificationReport, words: &Words) {
    let figures = &report.figures;
    sheet.heading(words.figures);
    small(sheet, words.figures_text);
    let searched =
        format!("{} {}, {} {}", words::count(figures.cases_compared), words.cases, words::count(figures.remains_compared), words.found);
    sheet.facts(
        &[
            (words.searched, searched),
            (words.prior, words::odds(figures.log10_prior_odds)),
            (words.nongenetic, words::odds(figures.log10_nongenetic)),
            (words.genetic, words::odds(figures.log10_genetic)),
            (words.joint, words::odds(figures.log10_nongenetic + figures.log10_genetic)),
            (words.coverage, format!("{:.0} %", (figures.coverage * 100.0).clamp(0.0, 100.0))),
            (words.posterior, format!("{}; {}", figures.posterior_words, words::odds(figures.log10_posterior_odds))),
        ],
        MEASURE,
    );
}

fn genetics(sheet: &mut Sheet<'_>, opinion: &GeneticOpinion, report: &IdentificationReport, words: &Words) {
    sheet.heading(words.opinion);
    let by = format!("{}, {}", opinion.by, report.language.moment(opinion.at));
    let (compared, excluding) = opinion.markers;
    sheet.facts(
        &[
            (words.opinion_by, by),
            (words.markers, format!("{compared}; {excluding} {}", words.excluding)),
            (words.total, words::tenths(opinion.tenths)),
            (words.frequencies, opinion.frequency_table.clone()),
            (words.mutation, opinion.mutation_model.clone()),
        ],
        MEASURE,
    );
    sheet.skip(4.0);
    sheet.paragraphs(&opinion.words);
}

fn alternatives(sheet: &mut Sheet<'_>, alternatives: &[Alternative], words: &Words) {
    sheet.heading(words.alternatives);
    if alternatives.is_empty() {
        sheet.paragraphs(words.no_alternatives);
        return;
    }
    small(sheet, words.alternatives_text);
    let columns = [
        Column { title: words.hypothesis, width: 132.0, right: false },
        Column { title: words.set_aside, width: MEASURE - 132.0 - 56.0 - 32.0, right: false },
        Column { title: words.strength, width: 56.0, right: true },
    ];
    let rows = alternatives.iter().map(|a| [a.name.clone(), a.comparison.clone(), a.strength.clone()]).collect();
    sheet.table(&columns, rows);
}

/// Boxes beside each other, two in a row; never apart from their heading.
fn signatures(sheet: &mut Sheet<'_>, report: &IdentificationReport, words: &Words) {
    const GAP: f32 = 16.0;
    const INSET: f32 = 12.0;
    const WIDTH: f32 = (MEASURE - GAP) / 2.0;
    let texts = |who: &Signatory| {
        [
            (who.name.clone(), Style { size: 10.6, leading: 15.0, ..Style::STRONG }),
            (who.office.clone(), Style::BODY),
            (who.institution.clone(), Style::BODY),
            (format!("{} {}", words.signed, report.language.moment(who.at)), Style::SMALL),
        ]
    };
    let height_of = |sheet: &Sheet<'_>, who: &Signatory| {
        let height = texts(who).into_iter().map(|(text, style)| {
            #[expect(clippy::cast_precision_loss, reason = "a few lines")]
            let lines = sheet.wrapped(&text, style, WIDTH - 2.0 * INSET).len() as f32;
            lines * style.leading
        });
        height.sum::<f32>() + 22.0
    };
    let tallest = report.signatories.iter().map(|who| height_of(sheet, who)).fold(0.0, f32::max);
    sheet.need(13.0 + 28.0 + 20.0 + tallest);
    sheet.heading(words.signatures);
    small(sheet, words.signatures_text);
    for pair in report.signatories.chunks(2) {
        sheet.need(tallest);
        let top = sheet.y();
        for (who, x) in pair.iter().zip([MARGIN, MARGIN + WIDTH + GAP]) {
            sheet.move_to(top);
            let edges =
                vec![(x, top, WIDTH, 0.6), (x, top + tallest - 0.6, WIDTH, 0.6), (x, top, 0.6, tallest), (x + WIDTH - 0.6, top, 0.6, tallest)];
            sheet.fill(edges, Ink::Hairline);
            sheet.fill(vec![(x, top, WIDTH, 2.4)], Ink::Violet);
            sheet.skip(11.0);
            for (text, style) in texts(who) {
                let lines = sheet.lines(&text, style, x + INSET, WIDTH - 2.0 * INSET);
                sheet.push(Node::Group(Tag::P.into(), lines));
            }
        }
        sheet.move_to(top + tallest + GAP);
    }
}

/// Head and foot of a page.
fn running(fonts: &Typefaces, name: &str, words: &Words, at: usize, count: usize) -> Vec<Mark> {
    let style = Style::SMALL;
    let text = |text: &str, x: f32, y: f32, style: Style| Mark::Text { line: fonts.shape(text, style.weight), x, y, style };
    let foot = PAGE_HEIGHT - 44.0;
    let page = format!("{} {} {} {count}", words.page, at + 1, words.of);
    let right = |line: &str| PAGE_WIDTH - MARGIN - fonts.width(line, Weight::Regular, style.size);
    let mut marks = vec![
        Mark::Fill { boxes: vec![(MARGIN, foot, MEASURE, 0.6)], ink: Ink::Hairline },
        text(name, MARGIN, foot + 14.0, style),
        text(&page, right(&page), foot + 14.0, style),
    ];
    if at == 0 {
        marks.push(Mark::Fill { boxes: vec![(0.0, 0.0, PAGE_WIDTH, 7.0)], ink: Ink::Violet });
    } else {
        marks.push(text(words.title, MARGIN, 44.0, style));
        marks.push(text(words.reserved_title, right(words.reserved_title), 44.0, style));
        marks.push(Mark::Fill { boxes: vec![(MARGIN, 50.0, MEASURE, 0.6)], ink: Ink::Hairline });
    }
    marks
}

fn small(sheet: &mut Sheet<'_>, text: &str) {
    let lines = sheet.lines(text, Style::SMALL, MARGIN, MEASURE);
    sheet.push(Node::Group(Tag::P.into(), lines));
    sheet.skip(5.0);
}

/// The dark runs of the code's rows as rectangles.
fn qr(address: &str, x: f32, y: f32) -> Result<Vec<(f32, f32, f32, f32)>, DrawError> {
    let code = QrCode::with_error_correction_level(address, EcLevel::M).map_err(|_| DrawError::AddressTooLong)?;
    let side = code.width();
    #[expect(clippy::cast_precision_loss, reason = "a QR code has at most 177 modules")]
    let module: f32 = QR_SIDE / (side + 2 * QR_MARGIN) as f32;
    #[expect(clippy::cast_precision_loss, reason = "a QR code has at most 177 modules")]
    let place = |at: usize| (at + QR_MARGIN) as f32 * module;
    // The quiet zone reaches into the margin, so that the dark modules end where the lines of text do.
    let x = x + place(0);
    let mut boxes = Vec::new();
    for (row, colors) in code.to_colors().chunks(side).enumerate() {
        let mut from = None;
        for (at, dark) in colors.iter().map(|c| *c == Color::Dark).chain(std::iter::once(false)).enumerate() {
            match (from, dark) {
                (None, true) => from = Some(at),
                (Some(start), false) => {
                    boxes.push((x + place(start), y + place(row), place(at) - place(start), module));
                    from = None;
                }
                _ => {}
            }
        }
    }
    Ok(boxes)
}
