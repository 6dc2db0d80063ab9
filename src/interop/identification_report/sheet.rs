//! Pages being filled: marks at places, and beside them the structure that a screen reader follows. Lengths are points (1/72 inch), from the top left corner.

use super::typeface::{Line, Typefaces, Weight};
use krilla::tagging::{ListNumbering, TableHeaderScope, Tag, TagKind};
use std::num::NonZeroU16;

/// A4.
pub(super) const PAGE_WIDTH: f32 = 595.28;
pub(super) const PAGE_HEIGHT: f32 = 841.89;
/// 20 mm left and right.
pub(super) const MARGIN: f32 = 56.7;
/// Width of the text.
pub(super) const MEASURE: f32 = PAGE_WIDTH - 2.0 * MARGIN;
const TOP: f32 = 70.0;
const BOTTOM: f32 = PAGE_HEIGHT - 66.0;

/// A colour of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Text,
    Quiet,
    Violet,
    Hairline,
    Tint,
}

impl Ink {
    pub(super) fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Text => (0x1d, 0x1a, 0x21),
            Self::Quiet => (0x5c, 0x57, 0x66),
            Self::Violet => (0x5b, 0x2c, 0x83),
            Self::Hairline => (0xcf, 0xc7, 0xd9),
            Self::Tint => (0xf5, 0xf1, 0xf9),
        }
    }
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) weight: Weight,
    pub(super) size: f32,
    /// From one baseline to the next.
    pub(super) leading: f32,
    pub(super) ink: Ink,
}

impl Style {
    pub(super) const BODY: Self = Self { weight: Weight::Regular, size: 9.6, leading: 14.2, ink: Ink::Text };
    pub(super) const STRONG: Self = Self { weight: Weight::Bold, ..Self::BODY };
    pub(super) const SMALL: Self = Self { weight: Weight::Regular, size: 8.2, leading: 11.8, ink: Ink::Quiet };
    pub(super) const LABEL: Self = Self { weight: Weight::Bold, ..Self::SMALL };
    pub(super) const HEADING: Self = Self { weight: Weight::Bold, size: 12.4, leading: 17.0, ink: Ink::Violet };
    pub(super) const TITLE: Self = Self { weight: Weight::Bold, size: 23.0, leading: 28.0, ink: Ink::Violet };
}

/// Something drawn.
pub(super) enum Mark {
    /// A line of text from its left end on its baseline.
    Text { line: Line, x: f32, y: f32, style: Style },
    /// Filled rectangles: x, y, width, height.
    Fill { boxes: Vec<(f32, f32, f32, f32)>, ink: Ink },
}

/// A mark, and the leaf of the structure that it is; `None` for what a screen reader passes over.
pub(super) struct Placed {
    pub(super) mark: Mark,
    pub(super) leaf: Option<usize>,
}

/// The structure: what belongs together and what it is.
pub(super) enum Node {
    Leaf(usize),
    Group(TagKind, Vec<Node>),
}

/// A heading, for the outline: text, page from 0, height on it.
pub(super) struct Entry {
    pub(super) title: String,
    pub(super) page: usize,
    pub(super) y: f32,
}

/// Everything laid out.
pub(super) struct Laid {
    pub(super) pages: Vec<Vec<Placed>>,
    pub(super) tree: Vec<Node>,
    pub(super) leaves: usize,
    pub(super) outline: Vec<Entry>,
}

/// A column of a table.
pub(super) struct Column {
    pub(super) title: &'static str,
    pub(super) width: f32,
    /// Figures stand at the right.
    pub(super) right: bool,
}

/// Space between the columns of a table, and beside its first and last.
const GUTTER: f32 = 8.0;

/// The pages so far and the place of the next line.
pub(super) struct Sheet<'a> {
    fonts: &'a Typefaces,
    laid: Laid,
    y: f32,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(fonts: &'a Typefaces) -> Self {
        let laid = Laid { pages: vec![Vec::new()], tree: Vec::new(), leaves: 0, outline: Vec::new() };
        Self { fonts, laid, y: TOP }
    }

    pub(super) fn finish(self) -> Laid {
        self.laid
    }

    pub(super) fn y(&self) -> f32 {
        self.y
    }

    /// Goes down, or to a place on this page.
    pub(super) fn skip(&mut self, height: f32) {
        self.y += height;
    }

    pub(super) fn move_to(&mut self, y: f32) {
        self.y = y;
    }

    /// Begins a page unless `height` still fits on this one; says whether it did.
    pub(super) fn need(&mut self, height: f32) -> bool {
        if self.y + height <= BOTTOM {
            return false;
        }
        self.laid.pages.push(Vec::new());
        self.y = TOP;
        true
    }

    pub(super) fn push(&mut self, node: Node) {
        self.laid.tree.push(node);
    }

    fn place(&mut self, mark: Mark, leaf: Option<usize>) {
        if let Some(page) = self.laid.pages.last_mut() {
            page.push(Placed { mark, leaf });
        }
    }

    fn leaf(&mut self) -> usize {
        self.laid.leaves += 1;
        self.laid.leaves - 1
    }

    /// Rectangles that only adorn.
    pub(super) fn fill(&mut self, boxes: Vec<(f32, f32, f32, f32)>, ink: Ink) {
        self.place(Mark::Fill { boxes, ink }, None);
    }

    /// A thin line over the width of the text.
    pub(super) fn rule(&mut self) {
        self.fill(vec![(MARGIN, self.y, MEASURE, 0.6)], Ink::Hairline);
    }

    /// A figure: rectangles that say something, told in words by `alt`.
    pub(super) fn figure(&mut self, boxes: Vec<(f32, f32, f32, f32)>, alt: &str) -> Node {
        let leaf = self.leaf();
        self.place(Mark::Fill { boxes, ink: Ink::Text }, Some(leaf));
        Node::Group(Tag::Figure(Some(alt.to_owned())).into(), vec![Node::Leaf(leaf)])
    }

    /// One line at a place of this page, its baseline at `y`.
    pub(super) fn text_at(&mut self, text: &str, style: Style, x: f32, y: f32) -> Node {
        let leaf = self.leaf();
        let line = self.fonts.shape(text, style.weight);
        self.place(Mark::Text { line, x, y, style }, Some(leaf));
        Node::Leaf(leaf)
    }

    pub(super) fn wrapped(&self, text: &str, style: Style, width: f32) -> Vec<String> {
        text.split('\n').flat_map(|part| self.fonts.wrap(part, style.weight, style.size, width)).collect()
    }

    /// Lines below each other from the present place, over pages where they must; keeps its first two lines together.
    pub(super) fn lines(&mut self, text: &str, style: Style, x: f32, width: f32) -> Vec<Node> {
        let lines = self.fonts.wrap(text, style.weight, style.size, width);
        #[expect(clippy::cast_precision_loss, reason = "at most two lines")]
        self.need(style.leading * lines.len().min(2) as f32);
        let last = lines.len().saturating_sub(1);
        lines
            .iter()
            .enumerate()
            .map(|(at, line)| {
                self.need(style.leading);
                self.y += style.leading;
                // The space that the break took away parts the words for whoever reads the text out of the file.
                let line = if at == last { line.clone() } else { format!("{line} ") };
                self.text_at(&line, style, x, self.y - (style.leading - style.size) / 2.0 - 1.0)
            })
            .collect()
    }

    /// A text in paragraphs over the whole width.
    pub(super) fn paragraphs(&mut self, text: &str) {
        for paragraph in text.split('\n').filter(|p| !p.trim().is_empty()) {
            let lines = self.lines(paragraph, Style::BODY, MARGIN, MEASURE);
            self.push(Node::Group(Tag::P.into(), lines));
            self.y += 5.0;
        }
    }

    /// A heading of a section, with room for what follows below it.
    pub(super) fn heading(&mut self, text: &str) {
        self.y += 13.0;
        self.need(Style::HEADING.leading + 4.0 * Style::BODY.leading);
        let (page, y) = (self.laid.pages.len() - 1, self.y);
        // At the top of a page the line of its head is enough.
        if y > TOP {
            self.rule();
            self.y += 7.0;
        }
        let lines = self.lines(text, Style::HEADING, MARGIN, MEASURE);
        self.push(Node::Group(Tag::Hn(level(2), Some(text.to_owned())).into(), lines));
        self.laid.outline.push(Entry { title: text.to_owned(), page, y });
        self.y += 4.0;
    }

    /// A list with dots.
    pub(super) fn list(&mut self, items: &[String]) {
        const INDENT: f32 = 12.0;
        let mut nodes = Vec::new();
        for item in items {
            self.need(Style::BODY.leading);
            let middle = self.y + Style::BODY.leading / 2.0;
            self.fill(vec![(MARGIN + 2.0, middle - 1.4, 2.8, 2.8)], Ink::Violet);
            let lines = self.lines(item, Style::BODY, MARGIN + INDENT, MEASURE - INDENT);
            nodes.push(Node::Group(Tag::LI.into(), vec![Node::Group(Tag::LBody.into(), lines)]));
            self.y += 2.0;
        }
        self.push(Node::Group(Tag::L(ListNumbering::Disc).into(), nodes));
        self.y += 3.0;
    }

    /// Facts: a label at the left, what it says at the right; a table for whoever hears it.
    pub(super) fn facts(&mut self, facts: &[(&str, String)], width: f32) {
        const LABEL: f32 = 122.0;
        let mut rows = Vec::new();
        for (label, value) in facts {
            let (label, value) = (self.wrapped(label, Style::LABEL, LABEL - 8.0), self.wrapped(value, Style::BODY, width - LABEL));
            let style = Style { leading: Style::BODY.leading, ..Style::LABEL };
            let columns = [(MARGIN, label, style), (MARGIN + LABEL, value, Style::BODY)];
            let [label, value] = self.side_by_side(columns, |_| ());
            rows.push(Node::Group(
                Tag::TR.into(),
                vec![Node::Group(Tag::TH(TableHeaderScope::Row).into(), label), Node::Group(Tag::TD.into(), value)],
            ));
            self.y += 2.4;
        }
        self.push(Node::Group(Tag::Table.into(), vec![Node::Group(Tag::TBody.into(), rows)]));
    }

    /// Texts beside each other, line by line, together on a page where they fit on one; `begun` is told of each page that begins in between.
    fn side_by_side<const N: usize>(&mut self, columns: [(f32, Vec<String>, Style); N], mut begun: impl FnMut(&mut Self)) -> [Vec<Node>; N] {
        let leading = columns.iter().map(|(_, _, style)| style.leading).fold(0.0, f32::max);
        let tall = columns.iter().map(|(_, lines, _)| lines.len()).max().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "lines of a page, not millions")]
        let height = tall as f32 * leading;
        if height <= BOTTOM - TOP - 40.0 && self.need(height) {
            begun(self);
        }
        let mut nodes = std::array::from_fn(|_| Vec::new());
        for at in 0..tall {
            if self.need(leading) {
                begun(self);
            }
            self.y += leading;
            for ((x, lines, style), nodes) in columns.iter().zip(&mut nodes) {
                if let Some(line) = lines.get(at) {
                    let text = if at + 1 == lines.len() { line.clone() } else { format!("{line} ") };
                    nodes.push(self.text_at(&text, *style, *x, self.y - (leading - style.size) / 2.0 - 1.0));
                }
            }
        }
        nodes
    }

    fn table_head<const N: usize>(&mut self, columns: &[Column; N]) -> [Node; N] {
        let height = 18.0;
        self.fill(vec![(MARGIN, self.y, MEASURE, height)], Ink::Tint);
        self.fill(vec![(MARGIN, self.y + height, MEASURE, 0.8)], Ink::Violet);
        let baseline = self.y + height - 6.0;
        let style = Style { ink: Ink::Violet, ..Style::LABEL };
        let mut x = MARGIN + GUTTER;
        let head = std::array::from_fn(|at| {
            let column = &columns[at];
            let left = if column.right { x + column.width - self.fonts.width(column.title, style.weight, style.size) } else { x };
            x += column.width + GUTTER;
            self.text_at(column.title, style, left, baseline)
        });
        self.y += height + 3.0;
        head
    }

    /// A table; its head stands again on every page that it goes on. The widths of the columns and the gutters around them are the measure.
    pub(super) fn table<const N: usize>(&mut self, columns: &[Column; N], rows: Vec<[String; N]>) {
        self.need(18.0 + 3.0 * Style::BODY.leading);
        let head = self.table_head(columns);
        let head = head.map(|node| Node::Group(Tag::TH(TableHeaderScope::Column).into(), vec![node])).into();
        let mut body = Vec::new();
        for row in rows {
            let mut x = MARGIN + GUTTER;
            let mut at = 0;
            let cells = row.map(|text| {
                let column = &columns[at];
                let lines = self.wrapped(&text, Style::BODY, column.width);
                let width = lines.first().map_or(0.0, |line| self.fonts.width(line, Weight::Regular, Style::BODY.size));
                let left = if column.right { x + column.width - width } else { x };
                x += column.width + GUTTER;
                at += 1;
                (left, lines, Style::BODY)
            });
            let cells = self.side_by_side(cells, |sheet| sheet.repeat_head(columns));
            self.y += 3.0;
            self.rule();
            self.y += 3.0;
            let cells = cells.into_iter().map(|lines| Node::Group(Tag::TD.into(), lines)).collect();
            body.push(Node::Group(Tag::TR.into(), cells));
        }
        let head = Node::Group(Tag::THead.into(), vec![Node::Group(Tag::TR.into(), head)]);
        self.push(Node::Group(Tag::Table.into(), vec![head, Node::Group(Tag::TBody.into(), body)]));
        self.y += 4.0;
    }

    /// The head again, for the eye: it was read out once.
    fn repeat_head<const N: usize>(&mut self, columns: &[Column; N]) {
        let leaves = self.laid.leaves;
        self.table_head(columns);
        self.laid.leaves = leaves;
        if let Some(page) = self.laid.pages.last_mut() {
            for placed in page.iter_mut().filter(|p| p.leaf.is_some_and(|leaf| leaf >= leaves)) {
                placed.leaf = None;
            }
        }
    }

    /// Writes on every page what depends on how many there are.
    pub(super) fn on_every_page(&mut self, mut draw: impl FnMut(&Typefaces, usize, usize) -> Vec<Mark>) {
        let count = self.laid.pages.len();
        for (at, page) in self.laid.pages.iter_mut().enumerate() {
            page.extend(draw(self.fonts, at, count).into_iter().map(|mark| Placed { mark, leaf: None }));
        }
    }
}

/// A level of headings.
pub(super) fn level(of: u16) -> NonZeroU16 {
    NonZeroU16::new(of).unwrap_or(NonZeroU16::MIN)
}
