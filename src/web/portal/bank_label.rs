//! The label of a sample, to be printed: its code in words, as QR code and as Code 128. No name, no folio.

use super::bank_sample;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::domain::ids::SampleId;
use crate::services::bank::desk;
use actix_web::web;
use askama::Template;
use barcoders::sym::code128::Code128;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write;

/// Light modules that scanners need around a code: four of a QR code (ISO/IEC 18004), ten beside Code 128 (ISO/IEC 15417).
const QR_MARGIN: usize = 4;
const BAR_MARGIN: usize = 10;
const BAR_HEIGHT: usize = 60;

/// Dark modules as one path of SVG, in modules.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Drawn {
    width: usize,
    height: usize,
    path: String,
}

/// The dark runs of a row, as rectangles of `height` at `y`.
fn runs(row: impl Iterator<Item = bool>, x: usize, y: usize, height: usize, path: &mut String) {
    let mut start = None;
    for (at, dark) in row.chain(std::iter::once(false)).enumerate() {
        match (start, dark) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                // Writing to a text cannot fail.
                let _ = write!(path, "M{} {y}h{}v{height}h-{}z", x + from, at - from, at - from);
                start = None;
            }
            _ => {}
        }
    }
}

/// A text as QR code, with the middle level of repair; `None` for one that is too long.
fn qr(text: &str) -> Option<Drawn> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (side, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colors.chunks(side).enumerate() {
        runs(row.iter().map(|c| *c == Color::Dark), QR_MARGIN, QR_MARGIN + y, 1, &mut path);
    }
    let side = side + 2 * QR_MARGIN;
    Some(Drawn { width: side, height: side, path })
}

/// A text as Code 128, code set B; `None` for one with characters that the set lacks.
fn bars(text: &str) -> Option<Drawn> {
    // U+0181 names code set B to the encoder.
    let modules = Code128::new(format!("\u{0181}{text}")).ok()?.encode();
    let mut path = String::new();
    runs(modules.iter().map(|m| *m == 1), BAR_MARGIN, 0, BAR_HEIGHT, &mut path);
    Some(Drawn { width: modules.len() + 2 * BAR_MARGIN, height: BAR_HEIGHT, path })
}

#[derive(Template)]
#[template(path = "pages/bank_label.html")]
struct LabelPage {
    p: Page,
    id: SampleId,
    code: String,
    what: String,
    taken: String,
    institution: String,
    qr: Option<Drawn>,
    bars: Option<Drawn>,
}

pub(super) async fn show(app: web::Data<App>, who: SignedIn, id: web::Path<SampleId>) -> Answer {
    let id = id.into_inner();
    let file = desk::sample(&app, who.actor(), id).await?;
    if let Some(reception) = bank_sample::awaited(&who, &file) {
        return Ok(respond::see(&reception));
    }
    let (p, row) = (who.page(), &file.view.row);
    respond::page(&LabelPage {
        id,
        what: format!("{} · {}", p.word("material", &row.material), p.word("sample-source", &row.source)),
        taken: row.taken_on.map(|day| p.day(day)).unwrap_or_default(),
        institution: file.institutions.get(&row.authority_id).cloned().unwrap_or_default(),
        qr: qr(&row.code),
        bars: bars(&row.code),
        code: row.code.clone(),
        p,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// The modules of a drawing of one row.
    fn row(drawn: &Drawn) -> Vec<bool> {
        let mut modules = vec![false; drawn.width];
        for run in drawn.path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let n = rest.split_once('h').unwrap().1.split('v').next().unwrap();
            let (x, n): (usize, usize) = (x.parse().unwrap(), n.parse().unwrap());
            modules[x..x + n].fill(true);
        }
        modules
    }

    /// Code 128 read back by ISO/IEC 15417: each character of set B is three bars and three spaces over eleven modules; widths of the patterns 0 to 105.
    fn read(drawn: &Drawn) -> (String, bool) {
        const WIDTHS: &str = "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 \
            123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 \
            132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 \
            312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 \
            413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 \
            411113 411311 113141 114131 311141 411131 211412 211214 211232";
        let modules = row(drawn);
        let inner = &modules[BAR_MARGIN..modules.len() - BAR_MARGIN];
        let (body, stop) = inner.split_at(inner.len() - 13);
        let widths = |modules: &[bool]| modules.chunk_by(|a, b| a == b).map(|run| run.len().to_string()).collect::<String>();
        assert_eq!(widths(stop), "2331112");
        let values: Vec<usize> = body.chunks(11).map(|c| WIDTHS.split_whitespace().position(|w| w == widths(c)).unwrap()).collect();
        let (check, told) = values.split_last().unwrap();
        let sum: usize = told.iter().enumerate().map(|(at, value)| value * at.max(1)).sum();
        let text = told[1..].iter().map(|v| char::from(u8::try_from(v + 32).unwrap())).collect();
        (text, told[0] == 104 && sum % 103 == *check)
    }

    #[test]
    fn the_bars_read_back_as_the_code_with_a_right_check_character_and_light_margins() {
        let code = "MEX-BFMX-2026-M000012-7";
        let drawn = bars(code).unwrap();
        assert_eq!(read(&drawn), (code.to_owned(), true));
        let modules = row(&drawn);
        assert!(modules[..BAR_MARGIN].iter().chain(&modules[modules.len() - BAR_MARGIN..]).all(|dark| !dark));
        assert_eq!(bars("Muéstra"), None, "what the set lacks is not drawn as something else");
    }

    #[test]
    fn the_qr_code_of_a_sample_is_small_and_stands_in_a_light_margin() {
        let drawn = qr("MEX-BFMX-2026-M000012-7").unwrap();
        // Version 2 holds 38 capitals and digits at this level.
        assert_eq!((drawn.width, drawn.height), (25 + 8, 25 + 8));
        assert!(drawn.path.starts_with("M4 4h7v1h-7z"), "a finder pattern begins each code");
    }
}
