//! From pages laid out to the bytes of a file.

use super::sheet::{Ink, Laid, Mark, Node, PAGE_HEIGHT, PAGE_WIDTH, Placed};
use super::typeface::Typefaces;
use super::{DrawError, IdentificationReport, Language};
use chrono::{DateTime, Datelike, Timelike, Utc};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime as PdfDate, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TagGroup, TagTree};
use sha2::{Digest, Sha256};

fn refused(fault: impl std::fmt::Debug) -> DrawError {
    // Only the kind of a fault: its text may quote what was being written.
    let text = format!("{fault:?}");
    DrawError::NotArchival(text.chars().take_while(char::is_ascii_alphanumeric).collect())
}

pub(super) fn write(report: &IdentificationReport, fonts: &Typefaces, laid: Laid) -> Result<Vec<u8>, DrawError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(refused)?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    document.set_metadata(properties(report));
    let mut leaves: Vec<Option<Identifier>> = vec![None; laid.leaves];
    for placed in &laid.pages {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT).ok_or_else(|| refused("PageSize"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for Placed { mark, leaf } in placed {
            let tag = match (leaf, mark) {
                (None, _) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other)),
                (Some(_), Mark::Text { .. }) => ContentTag::Span(SpanTag::empty()),
                (Some(_), Mark::Fill { .. }) => ContentTag::Other,
            };
            let identifier = surface.start_tagged(tag);
            draw(&mut surface, mark, fonts);
            surface.end_tagged();
            if let Some(slot) = leaf.and_then(|at| leaves.get_mut(at)) {
                *slot = Some(identifier);
            }
        }
        surface.finish();
        page.finish();
    }
    let mut outline = Outline::new();
    for entry in laid.outline {
        outline.push_child(OutlineNode::new(entry.title, XyzDestination::new(entry.page, Point::from_xy(0.0, entry.y))));
    }
    document.set_outline(outline);
    let mut tree = TagTree::new().with_lang(Some(language(report.language).to_owned()));
    for node in laid.tree {
        if let Some(node) = tag(node, &leaves) {
            tree.push(node);
        }
    }
    document.set_tag_tree(tree);
    document.finish().map_err(|fault| match fault {
        KrillaError::Validation(faults) => refused(faults.first().map(|(fault, _)| fault.clone())),
        fault => refused(fault),
    })
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, fonts: &Typefaces) {
    match mark {
        Mark::Text { line, x, y, style } => {
            surface.set_fill(Some(fill(style.ink)));
            surface.draw_glyphs(Point::from_xy(*x, *y), &line.glyphs, fonts.font(style.weight), &line.text, style.size, false);
        }
        Mark::Fill { boxes, ink } => {
            let mut path = PathBuilder::new();
            for rect in boxes.iter().filter_map(|(x, y, width, height)| Rect::from_xywh(*x, *y, *width, *height)) {
                path.push_rect(rect);
            }
            if let Some(path) = path.finish() {
                surface.set_fill(Some(fill(*ink)));
                surface.draw_path(&path);
            }
        }
    }
}

fn fill(ink: Ink) -> Fill {
    let (red, green, blue) = ink.rgb();
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

fn tag(node: Node, leaves: &[Option<Identifier>]) -> Option<krilla::tagging::Node> {
    match node {
        Node::Leaf(at) => leaves.get(at).copied().flatten().map(Into::into),
        Node::Group(kind, children) => {
            Some(TagGroup::with_children(kind, children.into_iter().filter_map(|child| tag(child, leaves)).collect()).into())
        }
    }
}

fn language(language: Language) -> &'static str {
    match language {
        Language::Es => "es",
        Language::En => "en",
    }
}

/// What programs show of a file without opening it: number, date and language.
fn properties(report: &IdentificationReport) -> Metadata {
    let id = Sha256::digest(format!("{}/{}", report.number, report.version));
    Metadata::new()
        .title(report.number.clone())
        .language(language(report.language).to_owned())
        .creator("Rastro".to_owned())
        .producer("Rastro".to_owned())
        .creation_date(date(report.sealed_at))
        .document_id(hex::encode(id))
}

fn date(at: DateTime<Utc>) -> PdfDate {
    // Parts of a date are small.
    let part = |value: u32| u8::try_from(value).unwrap_or_default();
    PdfDate::new(u16::try_from(at.year()).unwrap_or_default())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}
