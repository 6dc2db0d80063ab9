//! Public Sans in two weights: measures, shapes and breaks text.

use super::DrawError;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Face, UnicodeBuffer};
use unicode_normalization::UnicodeNormalization;

// SIL Open Font License 1.1 (config/fonts/OFL.txt).
const REGULAR: &[u8] = include_bytes!("../../../config/fonts/PublicSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../config/fonts/PublicSans-Bold.ttf");

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Text.
    Regular,
    /// Headings and labels.
    Bold,
}

/// One weight: for shaping and for embedding.
struct Cut {
    face: Face<'static>,
    font: Font,
}

/// A shaped line, ready to be drawn.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
}

/// Both weights.
pub(super) struct Typefaces {
    regular: Cut,
    bold: Cut,
}

impl Typefaces {
    pub(super) fn load() -> Result<Self, DrawError> {
        let cut = |bytes: &'static [u8]| -> Result<Cut, DrawError> {
            let face = Face::from_slice(bytes, 0).ok_or(DrawError::Typeface)?;
            let font = Font::new(bytes.into(), 0).ok_or(DrawError::Typeface)?;
            Ok(Cut { face, font })
        };
        Ok(Self { regular: cut(REGULAR)?, bold: cut(BOLD)? })
    }

    fn cut(&self, weight: Weight) -> &Cut {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// What is embedded.
    pub(super) fn font(&self, weight: Weight) -> Font {
        self.cut(weight).font.clone()
    }

    /// The text with precomposed letters, without control characters, and with what the typeface lacks transliterated.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        for c in text.nfc().map(|c| if c.is_whitespace() && c != '\u{a0}' { ' ' } else { c }) {
            if self.regular.face.glyph_index(c).is_some() && self.bold.face.glyph_index(c).is_some() {
                clean.push(c);
            } else if !c.is_control() {
                clean.push_str(deunicode::deunicode_char(c).unwrap_or("?"));
            }
        }
        clean
    }

    /// A line shaped as it stands.
    pub(super) fn shape(&self, text: &str, weight: Weight) -> Line {
        let text = self.clean(text);
        let face = &self.cut(weight).face;
        let units = f64::from(face.units_per_em());
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.guess_segment_properties();
        buffer.set_direction(Direction::LeftToRight);
        let shaped = rustybuzz::shape(face, &[], buffer);
        let (infos, positions) = (shaped.glyph_infos(), shaped.glyph_positions());
        // Units of a typeface are small whole numbers.
        #[expect(clippy::cast_possible_truncation, reason = "a part of an em, which f32 holds")]
        let em = |units_of: i32| (f64::from(units_of) / units) as f32;
        let glyphs = infos
            .iter()
            .zip(positions)
            .enumerate()
            .map(|(at, (info, position))| {
                let start = info.cluster as usize;
                let end = infos.iter().skip(at + 1).map(|i| i.cluster as usize).find(|next| *next > start).unwrap_or(text.len());
                let (advance, x, y) = (em(position.x_advance), em(position.x_offset), em(position.y_offset));
                KrillaGlyph::new(GlyphId::new(info.glyph_id), advance, x, y, em(position.y_advance), start..end, None)
            })
            .collect();
        Line { text, glyphs }
    }

    /// Width of a text in points.
    pub(super) fn width(&self, text: &str, weight: Weight, size: f32) -> f32 {
        self.shape(text, weight).glyphs.iter().map(|glyph| glyph.x_advance * size).sum()
    }

    /// The lines of a paragraph no wider than `width` points. Words that are wider than a line (addresses, digests) break anywhere.
    pub(super) fn wrap(&self, text: &str, weight: Weight, size: f32, width: f32) -> Vec<String> {
        let space = self.width(" ", weight, size);
        let mut lines = Vec::new();
        let (mut line, mut filled) = (String::new(), 0.0);
        for word in self.clean(text).split(' ').filter(|w| !w.is_empty()) {
            let wide = self.width(word, weight, size);
            if !line.is_empty() && filled + space + wide <= width {
                line.push(' ');
                line.push_str(word);
                filled += space + wide;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            if wide <= width {
                line.push_str(word);
                filled = wide;
                continue;
            }
            for c in word.chars() {
                let mut longer = line.clone();
                longer.push(c);
                if !line.is_empty() && self.width(&longer, weight, size) > width {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(c);
            }
            filled = self.width(&line, weight, size);
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }
}
