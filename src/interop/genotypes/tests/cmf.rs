use chrono::NaiveDate;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::cmf::*;
use super::*;

/// An element as it stands: what the validator below walks.
#[derive(Debug, Default)]
struct Node {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Node>,
    text: String,
}

fn tree(text: &str) -> Node {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let attributes = start
                    .attributes()
                    .map(|a| a.unwrap())
                    .map(|a| (a.key.0.to_owned(), quick_xml::escape::unescape(&a.value).unwrap().into_owned()));
                open.push(Node { name: start.name().0.to_owned(), attributes: attributes.collect(), ..Node::default() });
            }
            Event::End(_) => {
                let node = open.pop().unwrap();
                open.last_mut().unwrap().children.push(node);
            }
            Event::Text(part) => open.last_mut().unwrap().text.push_str(&part.xml10_content()),
            Event::GeneralRef(reference) => {
                let text = quick_xml::escape::unescape(&format!("&{};", &*reference)).unwrap().into_owned();
                open.last_mut().unwrap().text.push_str(&text);
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    let mut document = open.pop().unwrap();
    assert_eq!((open.len(), document.children.len()), (0, 1));
    document.children.pop().unwrap()
}

/// Children in their order with how often, attributes with their longest value, and of texts the longest. The schema of 3.2, as a table of its own.
type Shape = (&'static str, &'static [(&'static str, usize, usize)], &'static [(&'static str, usize)], Option<(usize, usize)>);

const SHAPES: &[Shape] = &[
    (
        "CODISImportFile",
        &[
            ("HEADERVERSION", 1, 1),
            ("MESSAGETYPE", 1, 1),
            ("DESTINATIONORI", 1, 1),
            ("SOURCELAB", 1, 1),
            ("SUBMITBYUSERID", 1, 1),
            ("SUBMITDATETIME", 1, 1),
            ("BATCHID", 0, 1),
            ("KIT", 0, 1),
            ("SPECIMEN", 1, usize::MAX),
        ],
        &[("xmlns", 26)],
        None,
    ),
    (
        "SPECIMEN",
        &[("SPECIMENID", 1, 1), ("SPECIMENCATEGORY", 1, 1), ("SPECIMENCOMMENT", 0, 1), ("LOCUS", 1, 32)],
        &[("SOURCEID", 3), ("CASEID", 32), ("PARTIAL", 5)],
        None,
    ),
    ("LOCUS", &[("LOCUSNAME", 1, 1), ("READINGBY", 1, 1), ("READINGDATETIME", 1, 1), ("ALLELE", 1, 8)], &[("BATCHID", 32), ("KIT", 32)], None),
    ("ALLELE", &[("ALLELEVALUE", 1, 1)], &[("ALLELEREQUIRED", 5)], None),
    ("HEADERVERSION", &[], &[], Some((3, 3))),
    ("MESSAGETYPE", &[], &[], Some((6, 6))),
    ("DESTINATIONORI", &[], &[], Some((1, 10))),
    ("SOURCELAB", &[], &[], Some((1, 10))),
    ("SUBMITBYUSERID", &[], &[], Some((1, 20))),
    ("SUBMITDATETIME", &[], &[], Some((19, 19))),
    ("BATCHID", &[], &[], Some((0, 32))),
    ("KIT", &[], &[], Some((0, 32))),
    ("SPECIMENID", &[], &[], Some((1, 24))),
    ("SPECIMENCATEGORY", &[], &[], Some((1, 32))),
    ("SPECIMENCOMMENT", &[], &[], Some((0, 255))),
    ("LOCUSNAME", &[], &[], Some((1, 10))),
    ("READINGBY", &[], &[], Some((1, 20))),
    ("READINGDATETIME", &[], &[], Some((19, 19))),
    ("ALLELEVALUE", &[], &[], Some((1, 10))),
];

/// Values that elements and attributes may have.
fn is_value(name: &str, value: &str) -> bool {
    match name {
        "HEADERVERSION" => value == "3.2",
        "MESSAGETYPE" => value == "Import",
        "PARTIAL" | "ALLELEREQUIRED" => matches!(value, "true" | "false" | "1" | "0"),
        "SOURCEID" => matches!(value, "Yes" | "No" | "N/A"),
        "xmlns" => value == "urn:CODISImportFile-schema",
        "SPECIMENCATEGORY" => matches!(
            value,
            "Alleged Father"
                | "Alleged Mother"
                | "Biological Child"
                | "Biological Father"
                | "Biological Mother"
                | "Biological Sibling"
                | "Deduced Missing Person"
                | "Maternal Relative"
                | "Missing Person"
                | "Paternal Relative"
                | "Spouse"
                | "Unidentified Person"
        ),
        "SUBMITDATETIME" | "READINGDATETIME" => {
            let digits = |c: char| if c.is_ascii_digit() { 'd' } else { c };
            value.chars().map(digits).collect::<String>() == "dddd-dd-ddTdd:dd:dd" && ("1900-01-01T00:00:01".."2079-06-06").contains(&value)
        }
        _ => true,
    }
}

/// What does not fit the schema, by element.
fn faults(node: &Node) -> Vec<String> {
    let Some((_, sequence, attributes, text)) = SHAPES.iter().find(|(name, ..)| *name == node.name) else {
        return vec![format!("{} is unknown", node.name)];
    };
    let mut faults = Vec::new();
    let mut children = node.children.iter().map(|child| child.name.as_str()).peekable();
    for (name, least, most) in *sequence {
        let mut count = 0;
        while children.next_if_eq(name).is_some() {
            count += 1;
        }
        if count < *least || count > *most {
            faults.push(format!("{}: {count} {name}", node.name));
        }
    }
    faults.extend(children.map(|name| format!("{}: {name} is not in its place", node.name)));
    for (key, value) in &node.attributes {
        let longest = attributes.iter().find(|(known, _)| known == key).map(|(_, most)| *most);
        if longest.is_none_or(|most| value.chars().count() > most) || !is_value(key, value) {
            faults.push(format!("{} @{key}", node.name));
        }
    }
    match text {
        Some((least, most)) if (*least..=*most).contains(&node.text.chars().count()) && is_value(&node.name, &node.text) => {}
        None if node.text.trim().is_empty() => {}
        _ => faults.push(format!("{}: its text", node.name)),
    }
    for (parent, child, key) in [("CODISImportFile", "SPECIMEN", "SPECIMENID"), ("SPECIMEN", "LOCUS", "LOCUSNAME")] {
        let of = |n: &Node| n.children.iter().find(|c| c.name == key).map(|c| c.text.clone());
        let keys: Vec<Option<String>> = node.children.iter().filter(|c| node.name == parent && c.name == child).map(of).collect();
        if keys.iter().collect::<std::collections::HashSet<_>>().len() != keys.len() {
            faults.push(format!("{parent}: {key} is not unique"));
        }
    }
    faults.extend(node.children.iter().flat_map(self::faults));
    faults
}

/// Asserts that a message fits the schema.
pub(super) fn assert_valid(text: &str) {
    assert_eq!(faults(&tree(text)), Vec::<String>::new(), "{text}");
}

fn example() -> String {
    String::from_utf8(example!("cmf32_example.xml").to_vec()).unwrap()
}

fn of_example(from: &str, to: &str) -> Result<Message, CmfError> {
    let text = example();
    assert!(text.contains(from), "{from}");
    super::super::cmf::read(text.replacen(from, to, 1).as_bytes())
}

fn fault(from: &str, to: &str) -> (u64, String, Fault) {
    match of_example(from, to) {
        Err(CmfError::At { line, element, fault }) => (line, element, fault),
        other => panic!("{other:?}"),
    }
}

pub(super) fn header() -> Header {
    let submitted = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap().and_hms_opt(10, 30, 0).unwrap();
    Header { destination: "XX1".into(), source_lab: "XX2".into(), user: "analyst".into(), submitted, batch: None, kit: None }
}

fn message(change: impl Fn(&mut SampleGenotypes)) -> Message {
    let mut reading = Reading::new("TH01", &["6", "9.3"]);
    (reading.by, reading.at) = (Some("analyst".into()), Some(header().submitted));
    let mut specimen = SampleGenotypes { category: Some("Missing Person".into()), readings: vec![reading], ..SampleGenotypes::new("S1") };
    change(&mut specimen);
    Message { header: header(), specimens: vec![specimen] }
}

#[test]
fn the_example_reads_as_it_stands_and_what_is_written_is_valid_and_stable() {
    let message = super::super::cmf::read(example!("cmf32_example.xml")).unwrap();
    assert_eq!((message.header.batch.as_deref(), message.header.kit.as_deref()), (Some("SYN-0001"), Some("PowerPlex 16")));
    let [remains, mother] = message.specimens.as_slice() else { panic!() };
    assert_eq!((remains.case.as_deref(), remains.partial, remains.source.as_deref()), (Some("SYN-CASE-17"), Some(true), Some("No")));
    assert_eq!(mother.category.as_deref(), Some("Biological Mother"));
    assert_eq!(labels(remains, "FGA"), ["22", ">30"]);
    assert_eq!(labels(remains, "D21S11"), ["30"]);
    let alone = remains.reading("D21S11").unwrap();
    assert_eq!((alone.kit.as_deref(), alone.batch.as_deref(), alone.alleles[0].required), (Some("Identifiler"), Some("SYN-0002"), Some(false)));
    assert_eq!(message.samples()[1].kit.as_deref(), Some("PowerPlex 16"));
    let text = message.write().unwrap();
    assert_valid(&text);
    assert_valid(&example().replace(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"", ""));
    let again = super::super::cmf::read(text.as_bytes()).unwrap();
    assert_eq!(again, message);
    assert_eq!(again.write().unwrap(), text);
}

#[test]
fn the_validator_sees_what_does_not_fit() {
    let text = message(|_| {}).write().unwrap();
    for (from, to) in [
        ("<HEADERVERSION>3.2</HEADERVERSION>", ""),
        ("<SOURCELAB>XX2</SOURCELAB>", "<SOURCELAB>XX234567890</SOURCELAB>"),
        ("Missing Person", "Missing Dog"),
        ("<READINGBY>analyst</READINGBY>", ""),
        ("<ALLELEVALUE>6</ALLELEVALUE>", ""),
        ("2026-03-01T10:30:00", "yesterday"),
        ("<SPECIMEN>", "<SPECIMEN SEX=\"F\">"),
    ] {
        assert!(!faults(&tree(&text.replacen(from, to, 1))).is_empty(), "{from}");
    }
}

#[test]
fn a_prefix_an_encoding_and_white_space_of_ones_own_are_read() {
    let prefixed =
        example().replace("xmlns=", "xmlns:c=").replace("</", "</c:").replace('<', "<c:").replace("<c:/c:", "</c:").replace("<c:?", "<?");
    assert_eq!(super::super::cmf::read(prefixed.as_bytes()).unwrap(), super::super::cmf::read(example().as_bytes()).unwrap());
    assert!(of_example("<SPECIMENID>SYN-UHR-0001-A", "<!-- the femur -->\n<SPECIMENID>\n  SYN-UHR-0001-A ").is_ok());
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(example().replace("UTF-8", "UTF-16").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(super::super::cmf::read(&wide).unwrap(), super::super::cmf::read(example().as_bytes()).unwrap());
    let latin = example().replace("UTF-8", "ISO-8859-1").replace("synthetic", "SYNTH").into_bytes();
    let latin: Vec<u8> = latin.iter().map(|b| if *b == b'H' { 0xE9 } else { *b }).collect();
    assert!(super::super::cmf::read(&latin).is_err(), "the tags are broken, not the encoding");
    assert_eq!(super::super::cmf::read(b"<?xml version=\"1.0\" encoding=\"made-up\"?>").unwrap_err(), CmfError::Encoding);
    assert_eq!(super::super::cmf::read(b"<CODISImportFile>\xFF").unwrap_err(), CmfError::Encoding);
}

#[test]
fn document_types_entities_and_processing_instructions_are_refused() {
    let bomb = "<!DOCTYPE lolz [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>\n<CODISImportFile";
    assert_eq!(fault("<CODISImportFile", bomb).2, Fault::Refused("document types"));
    assert_eq!(fault("<CODISImportFile", "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">\n<CODISImportFile").2, Fault::Refused("document types"));
    assert_eq!(fault("XX0000001", "&c;"), (5, "DESTINATIONORI".into(), Fault::Refused("entities")));
    assert_eq!(fault("SYN-CASE-17", "&c;"), (11, "CODISImportFile".into(), Fault::Refused("entities")));
    assert_eq!(fault("XX0000001", "&#0;").2, Fault::Refused("entities"));
    assert_eq!(fault("XX0000001", "a&#7;b").2, Fault::Characters);
    assert_eq!(fault("  <HEADERVERSION", "<?php echo 1 ?><HEADERVERSION").2, Fault::Refused("processing instructions"));
    assert_eq!(fault("<CODISImportFile", "<?xml-stylesheet href=\"x\"?><CODISImportFile").2, Fault::Refused("processing instructions"));
    assert!(of_example("XX0000001", "X&#x26;&amp;Y").is_ok());
}

#[test]
fn attributes_without_number_are_refused_before_they_are_compared() {
    let many: String = (0..200_000).map(|n| format!(" a{n}=\"\"")).collect();
    assert_eq!(fault("<HEADERVERSION", &format!("<HEADERVERSION{many}")).2, Fault::TooMany(16));
    let names: String = (0..200).map(|n| format!(" xmlns:a{n}=\"x\"")).collect();
    assert!(matches!(fault("<HEADERVERSION", &format!("<HEADERVERSION{names}")).2, Fault::Malformed(_) | Fault::TooMany(16)));
}

#[test]
fn depth_that_the_shape_does_not_have_is_refused_at_its_first_element() {
    let deep = "<a>".repeat(100_000);
    assert!(matches!(fault("<HEADERVERSION>3.2", &format!("<HEADERVERSION>{deep}")), (3, _, Fault::Order { .. })));
    let own = "<SPECIMEN>".repeat(50_000);
    assert!(matches!(fault("<SPECIMENID>", &own), (12, _, Fault::Order { .. })));
}

#[test]
fn what_is_not_as_it_has_to_be_is_told_by_line_and_element() {
    assert!(matches!(fault("SUBMITBYUSERID>analyst1</SUBMITBYUSERID", "X>y</X"), (7, e, Fault::Order { .. }) if e == "CODISImportFile"));
    assert!(matches!(fault("<SOURCELAB>XX0000002</SOURCELAB>", ""), (7, _, Fault::Order { wanted, .. }) if wanted == "SOURCELAB"));
    assert_eq!(fault("3.2<", "3.3<"), (3, "HEADERVERSION".into(), Fault::Version("3.3".into())));
    assert!(matches!(fault("<MESSAGETYPE>Import", "<MESSAGETYPE>Delete"), (4, e, Fault::Value { .. }) if e == "MESSAGETYPE"));
    assert_eq!(fault("XX0000001", "XX123456789"), (5, "DESTINATIONORI".into(), Fault::Length { length: 11, most: 10 }));
    assert_eq!(fault("<SOURCELAB>XX0000002</SOURCELAB>", "<SOURCELAB/>"), (6, "SOURCELAB".into(), Fault::Missing));
    assert!(matches!(fault("2026-03-01T10:30:00", "2026-03-01"), (8, e, Fault::Value { .. }) if e == "SUBMITDATETIME"));
    assert!(matches!(fault("2026-03-01T10:30:00", "1899-03-01T10:30:00"), (8, _, Fault::Value { .. })));
    assert!(matches!(fault("Unidentified Person", "Convicted Offender"), (13, e, Fault::Value { .. }) if e == "SPECIMENCATEGORY"));
    assert_eq!(fault("SYN-FRS-0042-1", "SYN-UHR-0001-A"), (21, "SPECIMENID".into(), Fault::Twice("SYN-UHR-0001-A".into())));
    assert_eq!(fault("<LOCUSNAME>TH01", "<LOCUSNAME>AMEL"), (16, "LOCUSNAME".into(), Fault::Twice("Amelogenin".into())));
    assert_eq!(fault("PARTIAL=\"true\"", "PARTIAL=\"maybe\"").1, "SPECIMEN");
    assert_eq!(fault("PARTIAL=\"true\"", "SEX=\"F\"").2, Fault::Attribute("SEX".into()));
    assert!(matches!(fault("PARTIAL=\"true\"", "PARTIAL=\"true\" PARTIAL=\"true\"").2, Fault::Malformed(_)));
    assert_eq!(fault("<SPECIMENCOMMENT>s", "<SPECIMENCOMMENT> s").2, Fault::Characters);
    assert_eq!(fault("  <SPECIMEN S", "stray <SPECIMEN S").2, Fault::Text);
    assert_eq!(fault("urn:CODISImportFile-schema", "urn:other"), (2, "CODISImportFile".into(), Fault::Namespace));
    assert_eq!(fault("xmlns=\"urn:CODISImportFile-schema\"", "").2, Fault::Namespace);
    assert!(matches!(fault("</SPECIMEN>", "</CODISImportFile>").2, Fault::Malformed(_)));
    assert!(matches!(fault("</CODISImportFile>", "").2, Fault::Malformed(_)));
    assert!(of_example("</CODISImportFile>", "</CODISImportFile><x/>").is_err());
    let allele = "<ALLELE><ALLELEVALUE>22</ALLELEVALUE></ALLELE>";
    assert_eq!(fault(allele, &allele.repeat(8)).2, Fault::TooMany(8));
    let error = of_example("XX0000001", "XX123456789").unwrap_err().to_string();
    assert_eq!(error, "line 5, DESTINATIONORI: it has 11 characters, at most 10 are allowed");
}

#[test]
fn a_locus_that_is_not_known_is_kept_and_read_again_is_not_lost() {
    let message = of_example("<LOCUSNAME>FGA", "<LOCUSNAME>D99S1").unwrap();
    assert_eq!(labels(&message.specimens[0], "D99S1"), ["22", ">30"]);
    let error = message.write().unwrap_err();
    assert_eq!((error.sample.as_str(), error.element.as_str()), ("SYN-UHR-0001-A", "LOCUSNAME"));
}

#[test]
fn what_does_not_fit_is_not_written_and_never_cut() {
    let error = |change: fn(&mut SampleGenotypes)| message(change).write().unwrap_err();
    let long = error(|s| s.name = "A-NAME-OF-TWENTY-FIVE-XXX".into());
    assert_eq!(
        (long.sample.as_str(), long.element.as_str(), long.fault),
        ("A-NAME-OF-TWENTY-FIVE-XXX", "SPECIMENID", Fault::Length { length: 25, most: 24 })
    );
    assert_eq!(error(|s| s.category = None).element, "SPECIMENCATEGORY");
    assert_eq!(error(|s| s.category = Some("Suspect, Known".into())).element, "SPECIMENCATEGORY");
    assert_eq!(error(|s| s.case = Some("C".repeat(33))).element, "CASEID");
    assert_eq!(error(|s| s.comment = Some("x".repeat(256))).fault, Fault::Length { length: 256, most: 255 });
    assert_eq!(error(|s| s.comment = Some(" x".into())).fault, Fault::Characters);
    assert_eq!(error(|s| s.readings.clear()), CmfWriteError { sample: "S1".into(), element: "LOCUS".into(), fault: Fault::Missing });
    assert_eq!(error(|s| s.readings[0].by = None).element, "READINGBY of TH01");
    assert_eq!(error(|s| s.readings[0].at = None).element, "READINGDATETIME of TH01");
    assert_eq!(error(|s| s.readings[0].alleles[0].label = "12345678901".into()).element, "ALLELEVALUE of TH01");
    assert_eq!(error(|s| s.readings[0].kit = Some("home-made".into())).element, "KIT");
    assert_eq!(error(|s| s.readings.push(s.readings[0].clone())).fault, Fault::Twice("TH01".into()));
    assert_eq!(error(|s| s.name = "a\u{1}b".into()).fault, Fault::Characters);
    let mut twice = message(|_| {});
    twice.specimens.push(twice.specimens[0].clone());
    assert_eq!(twice.write().unwrap_err().to_string(), "specimen \"S1\", SPECIMENID: \"S1\" is there twice");
    assert_eq!(Message { specimens: vec![], ..twice }.write().unwrap_err().element, "SPECIMEN");
}

#[test]
fn more_than_32_loci_are_not_written() {
    let all = message(|s| {
        let one = s.readings[0].clone();
        s.readings = LOCUS_NAMES.iter().map(|name| Reading { locus: loci::normal_name(name).into(), ..one.clone() }).collect();
    });
    assert_eq!(all.write().unwrap_err().fault, Fault::TooMany(32));
    let some =
        Message { specimens: vec![SampleGenotypes { readings: all.specimens[0].readings[..32].to_vec(), ..all.specimens[0].clone() }], ..all };
    let text = some.write().unwrap();
    assert_valid(&text);
    assert_eq!(super::super::cmf::read(text.as_bytes()).unwrap(), some);
}

#[test]
fn every_locus_name_and_category_of_the_lists_is_written_as_the_schema_spells_it() {
    for name in LOCUS_NAMES {
        let text = message(|s| s.readings[0].locus = loci::normal_name(name).into()).write().unwrap();
        assert!(text.contains(&format!("<LOCUSNAME>{name}</LOCUSNAME>")), "{name}");
        assert!(loci::find(name).is_some());
    }
    for category in CATEGORIES {
        assert_valid(&message(|s| s.category = Some((*category).into())).write().unwrap());
    }
}

#[test]
fn a_homozygote_is_one_allele_and_marks_are_escaped() {
    let text = message(|s| {
        s.readings[0].alleles = vec![ReadAllele::new("9.3"), ReadAllele::new("9.3")];
        s.comment = Some("<femur> & \"tibia\"".into());
        s.readings.push(Reading { locus: "FGA".into(), alleles: vec![ReadAllele::new(">30")], ..s.readings[0].clone() });
    });
    let text = text.write().unwrap();
    assert_eq!(text.matches("<ALLELEVALUE>9.3</ALLELEVALUE>").count(), 1);
    assert!(text.contains("&gt;30") && text.contains("&lt;femur&gt; &amp; "));
    assert_valid(&text);
}
