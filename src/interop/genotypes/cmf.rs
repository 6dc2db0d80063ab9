//! CODIS common message format (CMF) 3.2, XML: how CODIS laboratories send each other profiles.
//!
//! The shape is that of the interface specification's schema (published with NCBI OSIRIS), which [`read`] holds a message to: names, order and numbers of elements,
//! lengths, unique specimens and loci. Of categories only those of missing persons and their families are taken. What could make a reader work for a stranger
//! is refused: document types, entities beyond the five of XML, processing instructions, elements that the shape does not have (so nothing is deeper than it), and
//! more than [`super::MAX_BYTES`].
//!
//! What it does not tell: sex, pedigrees, sizes, heights and frequencies. A homozygote is one `ALLELE`, and so is one allele beside one that dropped out; what a
//! reading stands for has to follow from `PARTIAL` and the rule ([`super::report::Rules`]).

use std::collections::HashSet;
use std::fmt::Write as _;

use chrono::{NaiveDate, NaiveDateTime};
use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use thiserror::Error;

use super::{MAX_BYTES, ReadAllele, Reading, SampleGenotypes, loci};
use crate::interop::problem::shown;

/// The namespace of every element.
pub const NAMESPACE: &str = "urn:CODISImportFile-schema";

/// The version that is read and written.
pub const VERSION: &str = "3.2";

/// Categories that are taken and written: those of missing persons, remains and families.
pub const CATEGORIES: &[&str] = &[
    "Alleged Father",
    "Alleged Mother",
    "Biological Child",
    "Biological Father",
    "Biological Mother",
    "Biological Sibling",
    "Deduced Missing Person",
    "Maternal Relative",
    "Missing Person",
    "Paternal Relative",
    "Spouse",
    "Unidentified Person",
];

/// Names of loci in the schema of 2017. `THO1` and `TP0X` stand in it as well and are read.
pub const LOCUS_NAMES: &[&str] = &[
    "Amelogenin",
    "CSF1PO",
    "D10S1248",
    "D12S391",
    "D13S317",
    "D16S539",
    "D18S51",
    "D19S433",
    "D1S1656",
    "D21S11",
    "D22S1045",
    "D2S1338",
    "D2S441",
    "D3S1358",
    "D5S818",
    "D7S820",
    "D8S1179",
    "FGA",
    "Penta D",
    "Penta E",
    "SE33",
    "TH01",
    "TPOX",
    "vWA",
    "DYF387S1",
    "DYS19",
    "DYS385",
    "DYS389 I",
    "DYS389 II",
    "DYS390",
    "DYS391",
    "DYS392",
    "DYS393",
    "DYS437",
    "DYS438",
    "DYS439",
    "DYS448",
    "DYS449",
    "DYS456",
    "DYS458",
    "DYS460",
    "DYS481",
    "DYS518",
    "DYS533",
    "DYS549",
    "DYS570",
    "DYS576",
    "DYS627",
    "DYS635",
    "DYS643",
    "YGATAH4",
    "Yindel",
];

/// Kits in the schema of 2017. Others are read, and not written.
pub const KITS: &[&str] = &[
    "AmpFLSTR NGM",
    "AmpFLSTR NGM SElect",
    "AmpFlSTR Yfiler Plus",
    "COfiler",
    "GlobalFiler",
    "GlobalFiler Express",
    "Identifiler",
    "Identifiler Direct",
    "Identifiler Plus",
    "Investigator 24plex GO! Kit",
    "Investigator 24plex QS Kit",
    "MiniFiler",
    "Monoplex CSF1PO",
    "Monoplex D13S317",
    "Monoplex D16S539",
    "Monoplex D5S818",
    "Monoplex D7S820",
    "Monoplex TH01",
    "Monoplex TPOX",
    "Monoplex vWA",
    "PowerPlex 1.1",
    "PowerPlex 1.2",
    "PowerPlex 16",
    "PowerPlex 16 HS",
    "PowerPlex 2.1",
    "PowerPlex ESI 16",
    "PowerPlex ESI 17 Pro",
    "PowerPlex ESX 16",
    "PowerPlex ESX 17",
    "PowerPlex Fusion",
    "PowerPlex Fusion 6C",
    "Powerplex Y",
    "Powerplex Y23",
    "Profiler Plus",
    "SGM Plus",
    "Y-PLEX 5",
    "Y-PLEX 6",
    "Yfiler",
];

const SOURCES: &[&str] = &["Yes", "No", "N/A"];
const TIME: &str = "%Y-%m-%dT%H:%M:%S";
const MAX_LOCI: usize = 32;
/// The schema of 2017 has twice as many.
const MAX_LOCI_READ: usize = 64;
const MAX_ALLELES: usize = 8;
/// Of one element, with its namespaces; the shape has three at most.
const MAX_ATTRIBUTES: usize = 16;

/// Who sends what to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The laboratory that it goes to, up to 10 characters.
    pub destination: String,
    /// The laboratory that it comes from, up to 10.
    pub source_lab: String,
    /// Who sends it, up to 20.
    pub user: String,
    /// When, in the laboratory's time, between 1900 and June 2079.
    pub submitted: NaiveDateTime,
    /// The batch, up to 32.
    pub batch: Option<String>,
    /// The kit that everything was typed with, up to 32; written if it is one of [`KITS`].
    pub kit: Option<String>,
}

/// A message: its header and specimens.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Who sends what to whom.
    pub header: Header,
    /// Specimens: `name`, `source`, `case`, `partial`, `category` and `comment` of each; of readings `locus`, `batch`, `kit`, `by`, `at` and alleles with `required`.
    pub specimens: Vec<SampleGenotypes>,
}

/// What is wrong with an element.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// Not XML, or cut off.
    #[error("not well-formed XML ({0})")]
    Malformed(String),
    /// Something that a message does not need and readers have been harmed by.
    #[error("{0} are refused")]
    Refused(&'static str),
    /// Not the element that comes here.
    #[error("expected {wanted}, found {found}")]
    Order {
        /// What comes here.
        wanted: String,
        /// What stands there.
        found: String,
    },
    /// An element of another vocabulary.
    #[error("it is not in the namespace {NAMESPACE}")]
    Namespace,
    /// A version that is not known.
    #[error("version {0:?} is not known; {VERSION} is read")]
    Version(String),
    /// An attribute that the shape does not have.
    #[error("attribute {0} is not known here")]
    Attribute(String),
    /// Text beside elements.
    #[error("there is text between elements")]
    Text,
    /// Nothing where something is needed.
    #[error("it is empty or missing")]
    Missing,
    /// Longer than allowed.
    #[error("it has {length} characters, at most {most} are allowed")]
    Length {
        /// How many there are.
        length: usize,
        /// How many may be.
        most: usize,
    },
    /// Blanks around it, or characters that do not print.
    #[error("it has blanks at its ends or characters that do not print")]
    Characters,
    /// Not one of a list, or of a form.
    #[error("{value:?} is not {wanted}")]
    Value {
        /// The value, cut.
        value: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// Unique and there twice.
    #[error("{0:?} is there twice")]
    Twice(String),
    /// More than allowed.
    #[error("there are more than {0}")]
    TooMany(usize),
}

/// Why a message cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CmfError {
    /// Larger than is read.
    #[error("the message has {0} bytes; at most {MAX_BYTES} are read")]
    TooLarge(usize),
    /// Not text in UTF-8, UTF-16 or the encoding that it declares.
    #[error("the message is not text in the encoding that it declares")]
    Encoding,
    /// Something wrong at an element.
    #[error("line {line}, {element}: {fault}")]
    At {
        /// The line.
        line: u64,
        /// The element, or the one around it.
        element: String,
        /// What is wrong.
        fault: Fault,
    },
}

/// Why a message cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{element}: {fault}", of(sample))]
pub struct CmfWriteError {
    /// The specimen; empty where it is the header's.
    pub sample: String,
    /// The element, with its locus where it has one.
    pub element: String,
    /// What is wrong.
    pub fault: Fault,
}

fn of(sample: &str) -> String {
    if sample.is_empty() { String::new() } else { format!("specimen {sample:?}, ") }
}

/// Reads a message.
///
/// # Errors
/// [`CmfError`] with the line and element of the first thing that is not as it has to be; nothing is taken then.
pub fn read(bytes: &[u8]) -> Result<Message, CmfError> {
    if bytes.len() > MAX_BYTES {
        return Err(CmfError::TooLarge(bytes.len()));
    }
    let text = decode(bytes)?;
    let mut reader = NsReader::from_str(&text);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_comments = true;
    Parser { reader, text: &text, around: vec!["the message".to_owned()], peeked: None, begun: false }.message()
}

/// Text of a message: a byte order mark decides, else what it declares, else UTF-8.
fn decode(bytes: &[u8]) -> Result<String, CmfError> {
    let marked = encoding_rs::Encoding::for_bom(bytes);
    let declared = || {
        let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(200)).unwrap_or_default()).into_owned();
        let declaration = head.strip_prefix("<?xml")?.split("?>").next()?;
        let (_, after) = declaration.split_once("encoding=")?;
        let label = after.trim_start_matches(['"', '\'']).split(['"', '\'']).next()?;
        Some(encoding_rs::Encoding::for_label(label.as_bytes()))
    };
    let (encoding, mark) = match marked {
        Some((encoding, mark)) => (encoding, mark),
        None => (declared().unwrap_or(Some(encoding_rs::UTF_8)).ok_or(CmfError::Encoding)?, 0),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes.get(mark..).unwrap_or_default());
    text.map(std::borrow::Cow::into_owned).ok_or(CmfError::Encoding)
}

/// What comes next: an element with its attributes, the end of one, or of the message.
#[derive(Debug, Clone)]
enum Token {
    Open(String, Vec<(String, String)>),
    Close,
    End,
}

struct Parser<'t> {
    reader: NsReader<&'t [u8]>,
    text: &'t str,
    /// Elements that are open, and the message itself.
    around: Vec<String>,
    peeked: Option<Token>,
    begun: bool,
}

impl Parser<'_> {
    fn error(&self, fault: Fault) -> CmfError {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX).min(self.text.len());
        let lines = self.text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count();
        CmfError::At { line: lines as u64 + 1, element: self.around.last().cloned().unwrap_or_default(), fault }
    }

    /// The next token and the text before it.
    fn step(&mut self) -> Result<(String, Token), CmfError> {
        let mut text = String::new();
        loop {
            let (namespace, event) = match self.reader.read_resolved_event() {
                Ok((namespace, event)) => (matches!(namespace, ResolveResult::Bound(Namespace(NAMESPACE))), event),
                Err(e) => {
                    let fault = Fault::Malformed(shown(&e.to_string()));
                    return Err(self.error(fault));
                }
            };
            let first = !std::mem::replace(&mut self.begun, true);
            match event {
                Event::Start(start) if namespace => {
                    let token = self.open(&start)?;
                    return Ok((text, token));
                }
                Event::Start(start) => {
                    self.around.push(shown(start.name().0));
                    return Err(self.error(Fault::Namespace));
                }
                Event::End(_) => return Ok((text, Token::Close)),
                Event::Eof if self.around.len() > 1 => return Err(self.error(Fault::Malformed("it is cut off".into()))),
                Event::Eof => return Ok((text, Token::End)),
                Event::Text(part) => text.push_str(&part.xml10_content()),
                Event::CData(part) => text.push_str(&part.xml10_content()),
                Event::GeneralRef(reference) => text.push(self.character(&reference)?),
                Event::Comment(_) => {}
                Event::Decl(_) if first => {}
                Event::Decl(_) | Event::PI(_) => return Err(self.error(Fault::Refused("processing instructions"))),
                Event::DocType(_) => return Err(self.error(Fault::Refused("document types"))),
                Event::Empty(_) => return Err(self.error(Fault::Malformed("an empty element".into()))),
            }
        }
    }

    /// The character of a reference; only those that XML itself has.
    fn character(&self, reference: &quick_xml::events::BytesRef<'_>) -> Result<char, CmfError> {
        let known = match &**reference {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => reference.resolve_char_ref().ok().flatten(),
        };
        known.ok_or_else(|| self.error(Fault::Refused("entities")))
    }

    fn open(&self, start: &BytesStart<'_>) -> Result<Token, CmfError> {
        let name = start.local_name().as_ref().to_owned();
        let mut attributes = Vec::new();
        for (at, attribute) in start.attributes().enumerate() {
            // Each is compared with those before it.
            if at == MAX_ATTRIBUTES {
                return Err(self.error(Fault::TooMany(MAX_ATTRIBUTES)));
            }
            let attribute = attribute.map_err(|e| self.error(Fault::Malformed(shown(&e.to_string()))))?;
            let key = attribute.key.0;
            if key == "xmlns" || key.starts_with("xmlns:") || key == "xsi:schemaLocation" {
                continue;
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| self.error(Fault::Refused("entities")))?;
            attributes.push((key.to_owned(), value.into_owned()));
        }
        Ok(Token::Open(name, attributes))
    }

    /// The next token where only elements may stand.
    fn next(&mut self) -> Result<Token, CmfError> {
        if let Some(token) = self.peeked.take() {
            return Ok(token);
        }
        let (text, token) = self.step()?;
        if text.trim().is_empty() { Ok(token) } else { Err(self.error(Fault::Text)) }
    }

    /// Whether the next token opens this element.
    fn is_next(&mut self, name: &str) -> Result<bool, CmfError> {
        let token = self.next()?;
        let is = matches!(&token, Token::Open(found, _) if found == name);
        self.peeked = Some(token);
        Ok(is)
    }

    /// Opens the element that has to come here.
    fn enter(&mut self, name: &str) -> Result<Vec<(String, String)>, CmfError> {
        let found = match self.next()? {
            Token::Open(found, attributes) if found == name => {
                self.around.push(name.to_owned());
                return Ok(attributes);
            }
            Token::Open(found, _) => shown(&found),
            Token::Close => "the end of the element".to_owned(),
            Token::End => "the end of the message".to_owned(),
        };
        Err(self.error(Fault::Order { wanted: name.to_owned(), found }))
    }

    fn leave(&mut self) -> Result<(), CmfError> {
        match self.next()? {
            Token::Open(found, _) => Err(self.error(Fault::Order { wanted: "the end of the element".into(), found: shown(&found) })),
            Token::Close | Token::End => {
                self.around.pop();
                Ok(())
            }
        }
    }

    /// The text of an element that has to come here, checked.
    fn text<T>(&mut self, name: &str, check: impl Fn(&str) -> Result<T, Fault>) -> Result<T, CmfError> {
        let attributes = self.enter(name)?;
        self.no_more(&attributes, &[])?;
        let (text, token) = self.step()?;
        if let Token::Open(found, _) = token {
            return Err(self.error(Fault::Order { wanted: "text".into(), found: shown(&found) }));
        }
        // White space around a value is layout; a comment's own may not begin with it.
        let text = if name == "SPECIMENCOMMENT" { text.as_str() } else { text.trim() };
        let checked = check(text).map_err(|fault| self.error(fault))?;
        self.around.pop();
        Ok(checked)
    }

    fn optional<T>(&mut self, name: &str, check: impl Fn(&str) -> Result<T, Fault>) -> Result<Option<T>, CmfError> {
        if self.is_next(name)? { self.text(name, check).map(Some) } else { Ok(None) }
    }

    /// Refuses attributes that are not among these.
    fn no_more(&self, attributes: &[(String, String)], known: &[&str]) -> Result<(), CmfError> {
        match attributes.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, _)) => Err(self.error(Fault::Attribute(shown(key)))),
            None => Ok(()),
        }
    }

    fn attribute<T>(&self, attributes: &[(String, String)], key: &str, check: impl Fn(&str) -> Result<T, Fault>) -> Result<Option<T>, CmfError> {
        let value = attributes.iter().find(|(of, _)| of == key).map(|(_, value)| value.trim());
        value.map(|value| check(value).map_err(|fault| self.error(fault))).transpose()
    }

    fn message(mut self) -> Result<Message, CmfError> {
        let attributes = self.enter("CODISImportFile")?;
        self.no_more(&attributes, &[])?;
        self.text("HEADERVERSION", |text| if text == VERSION { Ok(()) } else { Err(Fault::Version(shown(text))) })?;
        self.text("MESSAGETYPE", |text| one_of(text, &["Import"], "Import"))?;
        let header = Header {
            destination: self.text("DESTINATIONORI", filled(10))?,
            source_lab: self.text("SOURCELAB", filled(10))?,
            user: self.text("SUBMITBYUSERID", filled(20))?,
            submitted: self.text("SUBMITDATETIME", time)?,
            batch: self.optional("BATCHID", up_to(32))?.filter(|text| !text.is_empty()),
            kit: self.optional("KIT", up_to(32))?.filter(|text| !text.is_empty()),
        };
        let mut seen = HashSet::new();
        let mut specimens = vec![self.specimen(&mut seen)?];
        while self.is_next("SPECIMEN")? {
            specimens.push(self.specimen(&mut seen)?);
        }
        self.leave()?;
        match self.next()? {
            Token::End => Ok(Message { header, specimens }),
            _ => Err(self.error(Fault::Order { wanted: "the end of the message".into(), found: "an element".into() })),
        }
    }

    /// A name that was not there before.
    fn new_name(&mut self, element: &str, most: usize, seen: &mut HashSet<String>, normal: fn(&str) -> &str) -> Result<String, CmfError> {
        let name = self.text(element, filled(most))?;
        if seen.insert(normal(&name).to_owned()) {
            return Ok(normal(&name).to_owned());
        }
        self.around.push(element.to_owned());
        Err(self.error(Fault::Twice(shown(normal(&name)))))
    }

    fn specimen(&mut self, seen: &mut HashSet<String>) -> Result<SampleGenotypes, CmfError> {
        let attributes = self.enter("SPECIMEN")?;
        self.no_more(&attributes, &["SOURCEID", "CASEID", "PARTIAL"])?;
        let source = self.attribute(&attributes, "SOURCEID", |text| one_of(text, SOURCES, "Yes, No or N/A"))?;
        let case = self.attribute(&attributes, "CASEID", up_to(32))?.filter(|text| !text.is_empty());
        let partial = self.attribute(&attributes, "PARTIAL", boolean)?;
        let name = self.new_name("SPECIMENID", 24, seen, |name| name)?;
        let category = self.text("SPECIMENCATEGORY", category)?;
        let comment = self.optional("SPECIMENCOMMENT", comment)?.filter(|text| !text.is_empty());
        let mut loci = HashSet::new();
        let mut readings = vec![self.locus(&mut loci)?];
        while self.is_next("LOCUS")? {
            if readings.len() == MAX_LOCI_READ {
                return Err(self.error(Fault::TooMany(MAX_LOCI_READ)));
            }
            readings.push(self.locus(&mut loci)?);
        }
        self.leave()?;
        Ok(SampleGenotypes { name, source, case, partial, category: Some(category), comment, readings, ..SampleGenotypes::default() })
    }

    fn locus(&mut self, seen: &mut HashSet<String>) -> Result<Reading, CmfError> {
        let attributes = self.enter("LOCUS")?;
        self.no_more(&attributes, &["BATCHID", "KIT"])?;
        let batch = self.attribute(&attributes, "BATCHID", up_to(32))?.filter(|text| !text.is_empty());
        let kit = self.attribute(&attributes, "KIT", up_to(32))?.filter(|text| !text.is_empty());
        let locus = self.new_name("LOCUSNAME", 10, seen, loci::normal_name)?;
        let by = self.text("READINGBY", filled(20))?;
        let at = self.text("READINGDATETIME", time)?;
        let mut alleles = vec![self.allele()?];
        while self.is_next("ALLELE")? {
            if alleles.len() == MAX_ALLELES {
                return Err(self.error(Fault::TooMany(MAX_ALLELES)));
            }
            alleles.push(self.allele()?);
        }
        self.leave()?;
        Ok(Reading { locus, batch, kit, by: Some(by), at: Some(at), alleles, ..Reading::default() })
    }

    fn allele(&mut self) -> Result<ReadAllele, CmfError> {
        let attributes = self.enter("ALLELE")?;
        self.no_more(&attributes, &["ALLELEREQUIRED"])?;
        let required = self.attribute(&attributes, "ALLELEREQUIRED", boolean)?;
        let label = self.text("ALLELEVALUE", filled(10))?;
        self.leave()?;
        Ok(ReadAllele { required, ..ReadAllele::new(&label) })
    }
}

/// A text of at most so many characters, none of which does not print.
fn up_to(most: usize) -> impl Fn(&str) -> Result<String, Fault> {
    move |text| {
        let length = text.chars().count();
        if length > most {
            return Err(Fault::Length { length, most });
        }
        let prints = |c: char| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
        if text.trim() != text || !text.chars().all(prints) { Err(Fault::Characters) } else { Ok(text.to_owned()) }
    }
}

fn filled(most: usize) -> impl Fn(&str) -> Result<String, Fault> {
    move |text| if text.is_empty() { Err(Fault::Missing) } else { up_to(most)(text) }
}

/// A comment may end with blanks and hold line ends, but not begin with a blank.
fn comment(text: &str) -> Result<String, Fault> {
    let length = text.chars().count();
    if length > 255 {
        return Err(Fault::Length { length, most: 255 });
    }
    let prints = |c: char| (!c.is_control() || matches!(c, '\n' | '\t')) && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if text.starts_with(char::is_whitespace) || !text.chars().all(prints) { Err(Fault::Characters) } else { Ok(text.to_owned()) }
}

fn one_of(text: &str, known: &[&str], wanted: &'static str) -> Result<String, Fault> {
    if known.contains(&text) { Ok(text.to_owned()) } else { Err(Fault::Value { value: shown(text), wanted }) }
}

fn category(text: &str) -> Result<String, Fault> {
    one_of(text, CATEGORIES, "a category of missing persons, remains or families, which alone are taken")
}

fn kit_name(text: &str) -> Result<String, Fault> {
    one_of(text, KITS, "a kit of CMF")
}

fn boolean(text: &str) -> Result<bool, Fault> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Fault::Value { value: shown(text), wanted: "true or false" }),
    }
}

fn time(text: &str) -> Result<NaiveDateTime, Fault> {
    let form = text.len() == 19;
    let time = NaiveDateTime::parse_from_str(text, TIME).ok().filter(|at| form && is_in_range(*at));
    time.ok_or_else(|| Fault::Value { value: shown(text), wanted: "a time such as 2026-03-01T10:30:00 between 1900 and June 2079" })
}

/// The schema's bounds, which are those of a column type.
fn is_in_range(at: NaiveDateTime) -> bool {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).map(NaiveDateTime::from);
    day(1900, 1, 1).is_some_and(|first| at > first)
        && day(2079, 6, 6).is_some_and(|last| at < last)
        && at.and_utc().timestamp_subsec_nanos() == 0
}

/// Whether CMF has a name for a locus.
#[must_use]
pub fn has_locus(locus: &str) -> bool {
    locus_name(locus).is_some()
}

/// The schema's spelling of a locus.
fn locus_name(locus: &str) -> Option<&'static str> {
    LOCUS_NAMES.iter().copied().find(|name| loci::normal_name(name) == locus)
}

impl Message {
    /// The samples, with the header's kit where they tell none.
    #[must_use]
    pub fn samples(&self) -> Vec<SampleGenotypes> {
        let with_kit = |s: &SampleGenotypes| SampleGenotypes { kit: s.kit.clone().or_else(|| self.header.kit.clone()), ..s.clone() };
        self.specimens.iter().map(with_kit).collect()
    }

    /// Writes the message. A homozygote's allele is written once; nothing is cut to fit.
    ///
    /// # Errors
    /// [`CmfWriteError`] naming the specimen and element that does not fit the schema.
    pub fn write(&self) -> Result<String, CmfWriteError> {
        let mut out = Writer { text: String::new(), sample: String::new() };
        out.header(&self.header)?;
        let mut seen = HashSet::new();
        if self.specimens.is_empty() {
            return Err(out.error("SPECIMEN", Fault::Missing));
        }
        for specimen in &self.specimens {
            out.sample = shown(&specimen.name);
            if !seen.insert(specimen.name.as_str()) {
                return Err(out.error("SPECIMENID", Fault::Twice(shown(&specimen.name))));
            }
            out.specimen(specimen)?;
        }
        out.text.push_str("</CODISImportFile>\n");
        Ok(out.text)
    }
}

struct Writer {
    text: String,
    sample: String,
}

impl Writer {
    fn error(&self, element: &str, fault: Fault) -> CmfWriteError {
        CmfWriteError { sample: self.sample.clone(), element: element.to_owned(), fault }
    }

    fn check<T>(&self, element: &str, checked: Result<T, Fault>) -> Result<T, CmfWriteError> {
        checked.map_err(|fault| self.error(element, fault))
    }

    fn element(&mut self, indent: &str, name: &str, checked: Result<String, Fault>) -> Result<(), CmfWriteError> {
        let value = self.check(name, checked)?;
        // Writing to a text cannot fail.
        let _ = writeln!(self.text, "{indent}<{name}>{}</{name}>", escape(&*value));
        Ok(())
    }

    fn header(&mut self, header: &Header) -> Result<(), CmfWriteError> {
        self.text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let _ = writeln!(self.text, "<CODISImportFile xmlns=\"{NAMESPACE}\">");
        self.element("  ", "HEADERVERSION", Ok(VERSION.to_owned()))?;
        self.element("  ", "MESSAGETYPE", Ok("Import".to_owned()))?;
        self.element("  ", "DESTINATIONORI", filled(10)(&header.destination))?;
        self.element("  ", "SOURCELAB", filled(10)(&header.source_lab))?;
        self.element("  ", "SUBMITBYUSERID", filled(20)(&header.user))?;
        self.element("  ", "SUBMITDATETIME", written(header.submitted))?;
        if let Some(batch) = &header.batch {
            self.element("  ", "BATCHID", filled(32)(batch))?;
        }
        if let Some(kit) = &header.kit {
            self.element("  ", "KIT", kit_name(kit))?;
        }
        Ok(())
    }

    fn attribute(&mut self, name: &str, checked: Option<Result<String, Fault>>) -> Result<(), CmfWriteError> {
        if let Some(checked) = checked {
            let value = self.check(name, checked)?;
            let _ = write!(self.text, " {name}=\"{}\"", escape(&*value));
        }
        Ok(())
    }

    fn specimen(&mut self, specimen: &SampleGenotypes) -> Result<(), CmfWriteError> {
        self.text.push_str("  <SPECIMEN");
        self.attribute("SOURCEID", specimen.source.as_deref().map(|text| one_of(text, SOURCES, "Yes, No or N/A")))?;
        self.attribute("CASEID", specimen.case.as_deref().map(filled(32)))?;
        self.attribute("PARTIAL", specimen.partial.map(|partial| Ok(partial.to_string())))?;
        self.text.push_str(">\n");
        self.element("    ", "SPECIMENID", filled(24)(&specimen.name))?;
        self.element("    ", "SPECIMENCATEGORY", specimen.category.as_deref().map_or(Err(Fault::Missing), category))?;
        if let Some(text) = &specimen.comment {
            let checked = if text.is_empty() { Err(Fault::Missing) } else { comment(text) };
            self.element("    ", "SPECIMENCOMMENT", checked)?;
        }
        let typed: Vec<&Reading> = specimen.readings.iter().filter(|reading| !reading.alleles.is_empty()).collect();
        match typed.len() {
            0 => return Err(self.error("LOCUS", Fault::Missing)),
            n if n > MAX_LOCI => return Err(self.error("LOCUS", Fault::TooMany(MAX_LOCI))),
            _ => {}
        }
        let mut seen = HashSet::new();
        for reading in typed {
            if !seen.insert(reading.locus.as_str()) {
                return Err(self.error("LOCUSNAME", Fault::Twice(shown(&reading.locus))));
            }
            self.locus(reading)?;
        }
        self.text.push_str("  </SPECIMEN>\n");
        Ok(())
    }

    fn locus(&mut self, reading: &Reading) -> Result<(), CmfWriteError> {
        let of = |element: &str| format!("{element} of {}", shown(&reading.locus));
        let unknown = || Fault::Value { value: shown(&reading.locus), wanted: "a locus of CMF" };
        let name = self.check("LOCUSNAME", locus_name(&reading.locus).ok_or_else(unknown))?;
        let by = self.check(&of("READINGBY"), reading.by.as_deref().map_or(Err(Fault::Missing), filled(20)))?;
        let at = self.check(&of("READINGDATETIME"), reading.at.map_or(Err(Fault::Missing), written))?;
        self.text.push_str("    <LOCUS");
        self.attribute("BATCHID", reading.batch.as_deref().map(filled(32)))?;
        self.attribute("KIT", reading.kit.as_deref().map(kit_name))?;
        let _ =
            write!(self.text, "><LOCUSNAME>{name}</LOCUSNAME><READINGBY>{}</READINGBY><READINGDATETIME>{at}</READINGDATETIME>", escape(&*by));
        let mut alleles: Vec<&ReadAllele> = Vec::with_capacity(reading.alleles.len());
        for allele in &reading.alleles {
            if !alleles.iter().any(|before| before.label == allele.label) {
                alleles.push(allele);
            }
        }
        if alleles.len() > MAX_ALLELES {
            return Err(self.error(&of("ALLELE"), Fault::TooMany(MAX_ALLELES)));
        }
        for allele in alleles {
            let label = self.check(&of("ALLELEVALUE"), filled(10)(&allele.label))?;
            self.text.push_str("<ALLELE");
            self.attribute("ALLELEREQUIRED", allele.required.map(|required| Ok(required.to_string())))?;
            let _ = write!(self.text, "><ALLELEVALUE>{}</ALLELEVALUE></ALLELE>", escape(&*label));
        }
        self.text.push_str("</LOCUS>\n");
        Ok(())
    }
}

fn written(at: NaiveDateTime) -> Result<String, Fault> {
    let text = at.format(TIME).to_string();
    if is_in_range(at) { Ok(text) } else { Err(Fault::Value { value: shown(&text), wanted: "a whole second between 1900 and June 2079" }) }
}
