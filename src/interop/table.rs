//! Streaming reader of delimited tables: compression, encoding, delimiter, limits; never more than one row in memory.
//!
//! Rules, in the order they apply:
//! - gzip is recognised by its magic bytes (several members are read one after another);
//! - encoding: a byte order mark decides; else UTF-16 by its zero bytes; else UTF-8 when the first 64 KiB are (mostly)
//!   UTF-8; else what `chardetng` guesses for a Spanish-language country. In a UTF-8 file a row that is not UTF-8 is read
//!   as Windows-1252 and reported (files glued together from several offices);
//! - delimiter: `,` `;` tab or `|`, whichever gives the header most cells; Excel's `sep=` line is obeyed;
//! - a row whose cells do not fit the header is reported and stays out; blank cells too many at the end are only remarked;
//! - a quote that is never closed costs its own line only: reading resumes at the next line;
//! - NUL and control characters (other than tab and line ends inside quotes) are an error of the row;
//! - characters that override the direction of writing, and invisible ones, are **removed with a warning**: refusing the row
//!   would lose a record for a character nobody can see, keeping them would let a page show another name than is stored.

use std::borrow::Cow;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv_core::ReadRecordResult;
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::MultiGzDecoder;
use thiserror::Error;

use super::problem::{Code, Problem, Problems};

const CHUNK: usize = 64 * 1024;

/// What a table may cost at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableLimits {
    /// Characters in one cell; a longer cell is an error of its row.
    pub max_cell_chars: usize,
    /// Bytes in one row; a longer row is an error of that row and is skipped unread.
    pub max_row_bytes: usize,
    /// Columns in the header; more is an error of the file.
    pub max_columns: usize,
    /// Data rows; more is an error of the file at that row.
    pub max_rows: u64,
    /// Bytes after decompression; more is an error of the file (a small gzip file can unpack to terabytes).
    pub max_bytes: u64,
}

impl Default for TableLimits {
    fn default() -> Self {
        Self { max_cell_chars: 10_000, max_row_bytes: 1 << 20, max_columns: 512, max_rows: 1_000_000, max_bytes: 4 << 30 }
    }
}

/// Why a table cannot be read (any further).
#[derive(Debug, Error)]
pub enum TableError {
    /// The source failed, or its compression is damaged.
    #[error("the file cannot be read after {bytes} bytes: {source}")]
    Read {
        /// Bytes taken from the source so far.
        bytes: u64,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing in it.
    #[error("the file is empty: it needs a header row and at least the columns of the template")]
    Empty,
    /// The first row is not a header.
    #[error("the header row cannot be used: {0}")]
    Header(String),
    /// The encoding asked for is not known.
    #[error("encoding {0:?} is not known; use a name such as utf-8, windows-1252 or utf-16le")]
    Encoding(String),
    /// More rows than allowed.
    #[error("the file has more than {0} rows; split it and import the parts")]
    TooManyRows(u64),
    /// More bytes than allowed.
    #[error("the file is larger than {0} bytes when unpacked; split it and import the parts")]
    TooLarge(u64),
}

/// Bytes taken from the source so far (compressed bytes for a compressed file); cheap to clone and to read from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct BytesRead(Arc<AtomicU64>);

impl BytesRead {
    /// The count.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug)]
struct Counting<R> {
    inner: R,
    count: BytesRead,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.count.0.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

type Opened<R> = Chain<Cursor<Vec<u8>>, Counting<R>>;

enum Source<R: Read> {
    Plain(Opened<R>),
    Gzip(Box<MultiGzDecoder<BufReader<Opened<R>>>>),
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(r) => r.read(buf),
            Self::Gzip(r) => r.read(buf),
        }
    }
}

/// A table being read. Open with [`Table::open`], then call [`Table::next_row`] until it yields nothing.
pub struct Table<R: Read> {
    source: Source<R>,
    count: BytesRead,
    limits: TableLimits,
    encoding: &'static Encoding,
    decoder: Option<Decoder>,
    csv: csv_core::Reader,
    delimiter: u8,
    headers: Vec<String>,
    notes: Vec<Problem>,
    /// Text not yet consumed: UTF-8 (or nearly, see the module's rules).
    buf: Vec<u8>,
    pos: usize,
    decoded: u64,
    eof: bool,
    after_cr: bool,
    row_no: u64,
    line: u64,
    data_rows: u64,
    text: String,
    spare: Vec<u8>,
    ends: Vec<usize>,
    cells: usize,
}

impl<R: Read> std::fmt::Debug for Table<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("encoding", &self.encoding.name()).field("row_no", &self.row_no).finish_non_exhaustive()
    }
}

/// One data row. Cells are borrowed from the table and live until the next row is asked for.
#[derive(Debug)]
pub struct Row<'t> {
    /// Row as a spreadsheet numbers it: the header is row 1, blank lines count.
    pub row_no: u64,
    /// Line of the file at which the row starts, from 1.
    pub line: u64,
    /// What is wrong with the row as a row; an error among them means the cells must not be used.
    pub problems: Vec<Problem>,
    text: &'t str,
    ends: &'t [usize],
}

impl<'t> Row<'t> {
    /// Cell `index` as it stands, or nothing beyond the row's end.
    pub fn cell(&self, index: usize) -> Option<&'t str> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? };
        self.text.get(start..end)
    }

    /// Number of cells.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no cells at all.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether every cell is blank.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// All cells' text joined, and where each ends: what makes two rows equal.
    pub const fn content(&self) -> (&'t str, &'t [usize]) {
        (self.text, self.ends)
    }
}

enum Found {
    /// A record in `spare`/`ends`, unescaped bytes.
    Record {
        output: usize,
        cells: usize,
    },
    /// A row that must be given up, already consumed.
    Abandoned {
        code: Code,
        shown: Vec<u8>,
    },
    End,
}

impl<R: Read> Table<R> {
    /// Opens a table and reads its header row.
    ///
    /// `encoding` overrides the detection (a WHATWG label such as `windows-1252`).
    ///
    /// # Errors
    /// [`TableError`] when nothing can be read, the header is unusable or the encoding's name is unknown.
    pub fn open(reader: R, limits: TableLimits, encoding: Option<&str>) -> Result<Self, TableError> {
        let count = BytesRead::default();
        let mut counting = Counting { inner: reader, count: count.clone() };
        let mut magic = Vec::with_capacity(2);
        (&mut counting).take(2).read_to_end(&mut magic).map_err(|source| TableError::Read { bytes: 0, source })?;
        let gzip = magic == [0x1f, 0x8b];
        let opened = Cursor::new(magic).chain(counting);
        let mut source =
            if gzip { Source::Gzip(Box::new(MultiGzDecoder::new(BufReader::with_capacity(CHUNK, opened)))) } else { Source::Plain(opened) };
        let mut head = Vec::with_capacity(CHUNK);
        (&mut source).take(CHUNK as u64).read_to_end(&mut head).map_err(|source| TableError::Read { bytes: count.get(), source })?;
        let (encoding, bom) = match encoding {
            Some(label) => {
                let chosen = Encoding::for_label(label.as_bytes()).ok_or_else(|| TableError::Encoding(label.to_owned()))?;
                let bom = Encoding::for_bom(&head).filter(|(e, _)| *e == chosen).map_or(0, |(_, n)| n);
                (chosen, bom)
            }
            None => sniff_encoding(&head),
        };
        head.drain(..bom.min(head.len()));
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        let mut table = Self {
            source,
            count,
            limits,
            encoding,
            decoder,
            csv: csv_core::Reader::new(),
            delimiter: b',',
            headers: Vec::new(),
            notes: Vec::new(),
            buf: Vec::with_capacity(2 * CHUNK),
            pos: 0,
            decoded: 0,
            eof: false,
            after_cr: false,
            row_no: 0,
            line: 1,
            data_rows: 0,
            text: String::new(),
            spare: Vec::new(),
            ends: vec![0; 64],
            cells: 0,
        };
        let short = head.len() < CHUNK - bom;
        table.take_in(&head, false)?;
        if short {
            table.fill()?;
        }
        table.read_header()?;
        Ok(table)
    }

    /// The header's cells, trimmed, as the file spells them.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// Name of the encoding the file is read in.
    pub fn encoding(&self) -> &'static str {
        self.encoding.name()
    }

    /// The delimiter found.
    pub const fn delimiter(&self) -> char {
        self.delimiter as char
    }

    /// Bytes taken from the source so far; compare with the file's length for progress.
    pub fn bytes_read(&self) -> BytesRead {
        self.count.clone()
    }

    /// Up to `rows` values of column `index` from the part of the file already in memory (the first 64 KiB after opening).
    /// For looking at a column's habits before the first row is parsed.
    pub fn sample_column(&self, index: usize, rows: usize) -> Vec<String> {
        let mut csv = self.fresh_csv();
        let (mut output, mut ends) = (vec![0; CHUNK], vec![0; self.limits.max_columns + 1]);
        let mut input = self.buf.get(self.pos..).unwrap_or_default();
        let mut values = Vec::new();
        while values.len() < rows && !input.is_empty() {
            let (result, read, _, cells) = csv.read_record(input, &mut output, &mut ends);
            if !matches!(result, ReadRecordResult::Record) {
                break;
            }
            input = input.get(read..).unwrap_or_default();
            if index < cells {
                let start = if index == 0 { 0 } else { ends.get(index - 1).copied().unwrap_or(0) };
                let end = ends.get(index).copied().unwrap_or(0);
                values.push(String::from_utf8_lossy(output.get(start..end).unwrap_or_default()).trim().to_owned());
            }
        }
        values
    }

    /// The next data row, or nothing at the end. A row with an error among its problems must not be used.
    ///
    /// # Errors
    /// [`TableError`] when the source fails or a limit of the file is passed; nothing more can be read then.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, TableError> {
        let expected = self.headers.len();
        let (found, row_no, line) = self.next_record(Some(expected))?;
        if !matches!(found, Found::End) {
            self.data_rows += 1;
            if self.data_rows > self.limits.max_rows {
                return Err(TableError::TooManyRows(self.limits.max_rows));
            }
        }
        let mut problems = Problems::new(row_no);
        match found {
            Found::End => return Ok(None),
            Found::Abandoned { code, shown } => {
                let value = String::from_utf8_lossy(&shown);
                problems.error("", &value, code, abandoned_message(code, self.limits.max_row_bytes));
                self.text.clear();
                self.cells = 0;
            }
            Found::Record { output, cells } => {
                self.decode(output, cells, &mut problems);
                self.check(expected, &mut problems);
            }
        }
        let ends = self.ends.get(..self.cells).unwrap_or_default();
        Ok(Some(Row { row_no, line, problems: problems.into_vec(), text: &self.text, ends }))
    }

    fn fresh_csv(&self) -> csv_core::Reader {
        csv_core::ReaderBuilder::new().delimiter(self.delimiter).build()
    }

    fn read_header(&mut self) -> Result<(), TableError> {
        if self.buf.iter().all(u8::is_ascii_whitespace) && self.eof {
            return Err(TableError::Empty);
        }
        self.delimiter = self.separator_line().unwrap_or_else(|| sniff_delimiter(&self.buf));
        self.csv = self.fresh_csv();
        let (found, row_no, _) = self.next_record(None)?;
        let mut problems = Problems::new(row_no);
        match found {
            Found::End => return Err(TableError::Empty),
            Found::Abandoned { code, .. } => {
                return Err(TableError::Header(abandoned_message(code, self.limits.max_row_bytes)));
            }
            Found::Record { output, cells } => {
                if cells > self.limits.max_columns {
                    return Err(TableError::Header(format!("it has more than {} columns", self.limits.max_columns)));
                }
                self.decode(output, cells, &mut problems);
                self.check(cells, &mut problems);
            }
        }
        if problems.has_error() {
            let first = problems.into_vec().swap_remove(0);
            return Err(TableError::Header(first.message));
        }
        let mut headers = Vec::with_capacity(self.cells);
        let mut start = 0;
        for end in self.ends.iter().take(self.cells) {
            headers.push(self.text.get(start..*end).unwrap_or_default().trim().to_owned());
            start = *end;
        }
        while headers.last().is_some_and(String::is_empty) {
            headers.pop();
        }
        if headers.is_empty() {
            return Err(TableError::Empty);
        }
        self.headers = headers;
        self.notes = problems.into_vec();
        Ok(())
    }

    /// Obeys Excel's first line `sep=;`.
    fn separator_line(&mut self) -> Option<u8> {
        let start = self.buf.get(..4)?;
        if !start.eq_ignore_ascii_case(b"sep=") {
            return None;
        }
        let delimiter = *self.buf.get(4)?;
        let rest = self.buf.get(5..)?;
        let skip = if rest.starts_with(b"\r\n") {
            2
        } else if rest.starts_with(b"\n") || rest.starts_with(b"\r") {
            1
        } else {
            return None;
        };
        self.pos = 5 + skip;
        self.row_no += 1;
        self.line += 1;
        Some(delimiter)
    }

    /// Reads one record into `spare` and `ends`. With `expected`, a record over several lines that does not have that many
    /// cells (or has an odd number of quotes) is taken for an unclosed quote and only its first line is consumed.
    fn next_record(&mut self, expected: Option<usize>) -> Result<(Found, u64, u64), TableError> {
        self.skip_line_ends()?;
        let row_no = self.row_no + 1;
        let line = self.line;
        self.row_no = row_no;
        self.csv.reset();
        let mut scan = self.pos;
        let (mut output, mut cells) = (0, 0);
        self.spare = std::mem::take(&mut self.text).into_bytes();
        let capacity = self.spare.capacity().max(1024);
        self.spare.resize(capacity, 0);
        loop {
            let input = self.buf.get(scan..).unwrap_or_default();
            if input.is_empty() && !self.eof {
                let done = scan - self.pos;
                self.fill()?;
                scan = self.pos + done;
                continue;
            }
            let (result, read, wrote, ended) =
                self.csv.read_record(input, self.spare.get_mut(output..).unwrap_or_default(), self.ends.get_mut(cells..).unwrap_or_default());
            scan += read;
            output += wrote;
            cells += ended;
            let too_long = scan - self.pos > self.limits.max_row_bytes || cells > self.limits.max_columns.saturating_mul(4);
            match result {
                _ if too_long => return Ok((self.abandon(Code::RowTooLong)?, row_no, line)),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.spare.resize(self.spare.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => {
                    self.pos = scan;
                    return Ok((Found::End, row_no, line));
                }
            }
        }
        let raw = self.buf.get(self.pos..scan).unwrap_or_default();
        let lines = raw.iter().filter(|b| **b == b'\n').count();
        if let Some(expected) = expected
            && lines + raw.iter().filter(|b| **b == b'\r').count() > 0
            && is_multi_line(raw)
            && (cells != expected || raw.iter().filter(|b| **b == b'"').count() % 2 == 1)
        {
            return Ok((self.abandon(Code::UnclosedQuote)?, row_no, line));
        }
        self.after_cr = raw.last() == Some(&b'\r');
        self.line += lines as u64 + u64::from(self.after_cr);
        self.pos = scan;
        Ok((Found::Record { output, cells }, row_no, line))
    }

    /// Consumes blank lines, so that row numbers agree with a spreadsheet's.
    fn skip_line_ends(&mut self) -> Result<(), TableError> {
        loop {
            match self.buf.get(self.pos) {
                None if self.eof => return Ok(()),
                None => self.fill()?,
                Some(b'\n') if self.after_cr => {
                    self.after_cr = false;
                    self.pos += 1;
                }
                Some(byte @ (b'\n' | b'\r')) => {
                    self.after_cr = *byte == b'\r';
                    self.pos += 1;
                    self.row_no += 1;
                    self.line += 1;
                }
                Some(_) => {
                    self.after_cr = false;
                    return Ok(());
                }
            }
        }
    }

    /// Gives up the row at `pos`: consumes up to the end of its first line, however far that is.
    fn abandon(&mut self, code: Code) -> Result<Found, TableError> {
        let shown: Vec<u8> = self.buf.iter().skip(self.pos).take(400).copied().collect();
        loop {
            let rest = self.buf.get(self.pos..).unwrap_or_default();
            if let Some(at) = rest.iter().position(|b| matches!(b, b'\n' | b'\r')) {
                self.after_cr = rest.get(at) == Some(&b'\r');
                self.pos += at + 1;
                self.line += 1;
                break;
            }
            self.pos = self.buf.len();
            if self.eof {
                break;
            }
            self.fill()?;
        }
        let end = shown.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(shown.len());
        Ok(Found::Abandoned { code, shown: shown.get(..end).unwrap_or_default().to_vec() })
    }

    /// Reads one more chunk behind the text not yet consumed.
    fn fill(&mut self) -> Result<(), TableError> {
        if self.eof {
            return Ok(());
        }
        self.buf.drain(..self.pos);
        self.pos = 0;
        let mut chunk = vec![0; CHUNK];
        let read = loop {
            match self.source.read(&mut chunk) {
                Ok(n) => break n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    return Err(TableError::Read { bytes: self.count.get(), source });
                }
            }
        };
        self.take_in(chunk.get(..read).unwrap_or_default(), read == 0)
    }

    fn take_in(&mut self, bytes: &[u8], last: bool) -> Result<(), TableError> {
        self.decoded += bytes.len() as u64;
        if self.decoded > self.limits.max_bytes {
            return Err(TableError::TooLarge(self.limits.max_bytes));
        }
        self.eof = last;
        let Some(decoder) = self.decoder.as_mut() else {
            self.buf.extend_from_slice(bytes);
            return Ok(());
        };
        let mut input = bytes;
        let mut chunk = vec![0; CHUNK];
        loop {
            let (result, read, wrote, _) = decoder.decode_to_utf8(input, &mut chunk, last);
            self.buf.extend_from_slice(chunk.get(..wrote).unwrap_or_default());
            input = input.get(read..).unwrap_or_default();
            if result == CoderResult::InputEmpty {
                return Ok(());
            }
        }
    }

    /// Turns the record's bytes into text; a row that is not UTF-8 is read cell by cell as Windows-1252.
    fn decode(&mut self, output: usize, cells: usize, problems: &mut Problems) {
        self.spare.truncate(output);
        self.cells = cells.min(self.ends.len());
        let bytes = std::mem::take(&mut self.spare);
        match String::from_utf8(bytes) {
            Ok(text) if self.ends.iter().take(self.cells).all(|end| text.is_char_boundary(*end)) => self.text = text,
            other => {
                let bytes = other.map_or_else(std::string::FromUtf8Error::into_bytes, String::into_bytes);
                let mut text = String::with_capacity(bytes.len() * 2);
                let mut start = 0;
                for end in self.ends.iter_mut().take(self.cells) {
                    let cell = bytes.get(start..*end).unwrap_or_default();
                    start = *end;
                    match std::str::from_utf8(cell) {
                        Ok(cell) => text.push_str(cell),
                        Err(_) => text.push_str(&WINDOWS_1252.decode_without_bom_handling(cell).0),
                    }
                    *end = text.len();
                }
                self.text = text;
                problems.warn(
                    "",
                    "",
                    Code::MixedEncoding,
                    "the row is not UTF-8 like the rest of the file and was read as Windows-1252; look at its accents",
                );
            }
        }
    }

    /// The checks every row gets: number of cells, their length, the characters in them.
    fn check(&mut self, expected: usize, problems: &mut Problems) {
        let unknown = String::new();
        if self.cells != expected {
            let kept = self.ends.get(expected.wrapping_sub(1)).copied().unwrap_or(0);
            let spill_is_blank = self.cells > expected && self.text.get(kept..).is_some_and(|t| t.trim().is_empty());
            if spill_is_blank {
                self.text.truncate(kept);
                self.cells = expected;
            } else if !(self.cells == 1 && self.text.trim().is_empty()) {
                problems.error(
                    "",
                    &self.text,
                    Code::Ragged,
                    format!("the row has {} cells, the header has {expected}: look for a missing or extra delimiter or quote", self.cells),
                );
                return;
            }
        }
        let bytes = self.text.as_bytes();
        let suspicious = bytes.iter().any(|b| *b < 0x20 || *b == 0x7f || *b == 0xc2 || *b == 0xe2 || *b == 0xef);
        if !suspicious && self.text.len() <= self.limits.max_cell_chars {
            return;
        }
        let mut strip = false;
        let mut start = 0;
        for index in 0..self.cells {
            let end = self.ends.get(index).copied().unwrap_or(start);
            let cell = self.text.get(start..end).unwrap_or_default();
            start = end;
            let column = self.headers.get(index).unwrap_or(&unknown);
            if cell.len() > self.limits.max_cell_chars && cell.chars().count() > self.limits.max_cell_chars {
                problems.error(
                    column,
                    cell,
                    Code::TooLong,
                    format!("the value has {} characters, at most {} are taken", cell.chars().count(), self.limits.max_cell_chars),
                );
            }
            if !suspicious {
                continue;
            }
            if let Some(c) = cell.chars().find(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
                problems.error(
                    column,
                    cell,
                    Code::ControlCharacter,
                    format!("the value contains the control character U+{:04X}; remove it", u32::from(c)),
                );
            }
            if cell.chars().any(is_invisible) {
                strip = true;
                problems.warn(
                    column,
                    cell,
                    Code::DirectionMarks,
                    "characters that change the direction of writing or are invisible were removed; check that the value reads as meant",
                );
            }
        }
        if strip {
            let mut text = String::with_capacity(self.text.len());
            let mut start = 0;
            for end in self.ends.iter_mut().take(self.cells) {
                text.extend(self.text.get(start..*end).unwrap_or_default().chars().filter(|c| !is_invisible(*c)));
                start = *end;
                *end = text.len();
            }
            self.text = text;
        }
    }

    /// Remarks about the header row (direction marks removed, another encoding).
    pub fn notes(&self) -> &[Problem] {
        &self.notes
    }
}

/// Characters that reorder text or cannot be seen: direction marks, embeddings, overrides and isolates, zero-width space,
/// word joiner, byte order mark. The joiners U+200C and U+200D are not among them: Persian and Indic names need them.
pub const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{061C}' | '\u{FEFF}')
}

fn abandoned_message(code: Code, max_row_bytes: usize) -> String {
    match code {
        Code::RowTooLong => format!("the row is longer than {max_row_bytes} bytes or has far too many cells; its line was skipped"),
        _ => "a quote is opened in this line and not closed where it should be; the line was skipped, reading resumed at the next".into(),
    }
}

fn is_multi_line(raw: &[u8]) -> bool {
    let body = raw.strip_suffix(b"\n").unwrap_or(raw);
    let body = body.strip_suffix(b"\r").unwrap_or(body);
    body.iter().any(|b| matches!(b, b'\n' | b'\r'))
}

fn sniff_encoding(head: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, bom)) = Encoding::for_bom(head) {
        return (encoding, bom);
    }
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let pairs = head.len() / 2;
    if pairs > 1 && odd * 2 > pairs && even * 10 < pairs {
        return (UTF_16LE, 0);
    }
    if pairs > 1 && even * 2 > pairs && odd * 10 < pairs {
        return (UTF_16BE, 0);
    }
    let (good, bad) = utf8_sequences(head);
    if bad == 0 || (good > 0 && good * 2 >= bad) {
        return (UTF_8, 0);
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(head, true);
    let guess = detector.guess(Some(b"mx"), chardetng::Utf8Detection::Deny);
    (guess, 0)
}

/// Counts the valid sequences beyond ASCII and the invalid ones; a sequence cut at the end counts as neither.
fn utf8_sequences(mut bytes: &[u8]) -> (usize, usize) {
    let (mut good, mut bad) = (0, 0);
    loop {
        match std::str::from_utf8(bytes) {
            Ok(text) => return (good + text.chars().filter(|c| !c.is_ascii()).count(), bad),
            Err(e) => {
                let (valid, rest) = bytes.split_at(e.valid_up_to());
                good += String::from_utf8_lossy(valid).chars().filter(|c| !c.is_ascii()).count();
                let Some(len) = e.error_len() else { return (good, bad) };
                bad += 1;
                bytes = rest.get(len..).unwrap_or_default();
            }
        }
    }
}

fn sniff_delimiter(head: &[u8]) -> u8 {
    let mut best = (b',', 1);
    for delimiter in [b',', b';', b'\t', b'|'] {
        let mut csv = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let (mut output, mut ends) = (vec![0; CHUNK], vec![0; 4096]);
        let (_, _, _, cells) = csv.read_record(head, &mut output, &mut ends);
        if cells > best.1 {
            best = (delimiter, cells);
        }
    }
    best.0
}

/// The text of a cell as a field wants it: trimmed, runs of white space as one blank, composed (NFC).
pub fn tidy(cell: &str) -> Cow<'_, str> {
    use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
    let cell = cell.trim();
    let plain = cell.is_ascii() || is_nfc_quick(cell.chars()) == IsNormalized::Yes;
    let spaced = cell.as_bytes().windows(2).any(|w| w == b"  ") || cell.chars().any(|c| c != ' ' && c.is_whitespace());
    if plain && !spaced {
        return Cow::Borrowed(cell);
    }
    let words: Vec<&str> = cell.split_whitespace().collect();
    Cow::Owned(words.join(" ").nfc().collect())
}
