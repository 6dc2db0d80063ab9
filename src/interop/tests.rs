//! Whole files through the importers: what offices send, what attackers send, and the demonstration's own files.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Write;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::cases::CaseRow;
use super::gazetteer::Gazetteer;
use super::headers::{AliasTable, Template};
use super::import::{Import, ImportError, ImportOptions, OnFault, Parsed, RowKind, SexLetters};
use super::mmp::IncidentRow;
use super::place::CoordinateDoubt;
use super::problem::{Code, Outcome, Severity, Tally};
use super::records::FoundRow;
use super::table::{Table, TableError, TableLimits};
use super::{cases, mmp, records};

fn options() -> ImportOptions {
    ImportOptions::new(NaiveDate::from_ymd_opt(2026, 11, 24).unwrap())
}

fn all<R: std::io::Read, K: RowKind>(mut import: Import<R, K>) -> (Vec<Parsed<K::Row>>, Tally) {
    let rows: Vec<_> = import.by_ref().map(Result::unwrap).collect();
    let tally = import.tally().clone();
    assert_eq!(tally.rows, tally.accepted + tally.accepted_with_warnings + tally.rejected + tally.skipped);
    assert_eq!(tally.rows, rows.len() as u64);
    for row in &rows {
        let error = row.problems.iter().any(|p| p.severity == Severity::Error);
        assert_eq!(row.row.is_some(), matches!(row.outcome, Outcome::Accepted | Outcome::AcceptedWithWarnings));
        assert_eq!(row.outcome == Outcome::Rejected, error);
        assert_eq!(row.outcome == Outcome::Accepted, row.problems.is_empty());
    }
    (rows, tally)
}

fn read_cases(file: &str) -> Vec<Parsed<CaseRow>> {
    all(cases::open(file.as_bytes(), options()).unwrap()).0
}

fn read_records(file: &str) -> Vec<Parsed<FoundRow>> {
    all(records::open(file.as_bytes(), options()).unwrap()).0
}

fn read_mmp(file: &str) -> Vec<Parsed<IncidentRow>> {
    all(mmp::open(file.as_bytes(), options()).unwrap()).0
}

fn codes<T>(row: &Parsed<T>) -> Vec<Code> {
    row.problems.iter().map(|p| p.code).collect()
}

fn cells(bytes: &[u8]) -> (Vec<Vec<String>>, &'static str, char) {
    let mut table = Table::open(bytes, TableLimits::default(), None).unwrap();
    let (encoding, delimiter) = (table.encoding(), table.delimiter());
    let mut rows = vec![table.headers().to_vec()];
    while let Some(row) = table.next_row().unwrap() {
        rows.push((0..row.len()).map(|c| row.cell(c).unwrap().to_owned()).collect());
    }
    (rows, encoding, delimiter)
}

fn utf16(text: &str, bom: bool, little: bool) -> Vec<u8> {
    let mark = bom.then_some(0xFEFF);
    mark.into_iter().chain(text.encode_utf16()).flat_map(|u: u16| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
}

#[test]
fn every_encoding_an_office_saves_in_reads_the_same() {
    let text = "nombre;apellido\nJosé;Núñez\nÁngel;Peña\n";
    let want = vec![vec!["nombre", "apellido"], vec!["José", "Núñez"], vec!["Ángel", "Peña"]];
    let bom = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    let latin = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    for (bytes, encoding) in [
        (text.as_bytes().to_vec(), "UTF-8"),
        (bom, "UTF-8"),
        (latin, "windows-1252"),
        (utf16(text, true, true), "UTF-16LE"),
        (utf16(text, true, false), "UTF-16BE"),
        (utf16(text, false, true), "UTF-16LE"),
        (utf16(text, false, false), "UTF-16BE"),
        (gzip, "UTF-8"),
    ] {
        let (rows, found, delimiter) = cells(&bytes);
        assert_eq!(rows, want, "{encoding}");
        assert_eq!((found, delimiter), (encoding, ';'));
    }
}

#[test]
fn every_delimiter_is_found_and_the_spreadsheet_s_own_line_is_obeyed() {
    for delimiter in [',', ';', '\t', '|'] {
        let (rows, _, found) = cells(format!("a{delimiter}b{delimiter}c\n1{delimiter}\"x{delimiter}y\"{delimiter}3\n").as_bytes());
        assert_eq!(found, delimiter);
        assert_eq!(rows[1][1], format!("x{delimiter}y"));
    }
    assert_eq!(cells(b"sep=;\r\na;b,c\r\n1;2\r\n").0[0], ["a", "b,c"]);
}

#[test]
fn a_row_in_another_encoding_is_read_and_remarked() {
    let mut bytes = "case_id,nombre\nA,José\nB,Peña\n".as_bytes().to_vec();
    bytes.extend_from_slice(b"C,Mu\xf1oz\n");
    let rows = all(cases::open(bytes.as_slice(), options()).unwrap()).0;
    assert_eq!(rows[2].row.as_ref().unwrap().person.given_names.as_deref(), Some("Muñoz"));
    assert_eq!(codes(&rows[2]), [Code::MixedEncoding]);
}

#[test]
fn ragged_rows_stay_out_and_their_neighbours_go_in() {
    let rows = read_cases("case_id,nombre,sexo\nA,Ana,F\nB,Beto\nC,Cruz,M,extra\nD,Dora,F,,\nE,Eva,F\n");
    let outcomes: Vec<Outcome> = rows.iter().map(|r| r.outcome).collect();
    assert_eq!(outcomes, [Outcome::Accepted, Outcome::Rejected, Outcome::Rejected, Outcome::Accepted, Outcome::Accepted]);
    assert_eq!(codes(&rows[1]), [Code::Ragged]);
    assert_eq!(rows[4].row_no, 6);
}

#[test]
fn a_quote_never_closed_costs_its_own_line_only() {
    let rows = read_cases("case_id,nombre,hechos\nA,Ana,x\nB,\"Beto,y\nC,Cruz,\"dos\nlineas\"\nD,Dora,z\nE,Eva,\"fin\nF,Flor,w\n");
    let found: Vec<(u64, bool)> = rows.iter().map(|r| (r.line, r.row.is_some())).collect();
    assert_eq!(found, [(2, true), (3, false), (4, true), (6, true), (7, false), (8, true)]);
    assert_eq!(codes(&rows[1]), [Code::UnclosedQuote]);
    assert_eq!(rows[2].row.as_ref().unwrap().circumstances.as_deref(), Some("dos lineas"));
}

#[test]
fn row_numbers_are_those_of_a_spreadsheet() {
    let rows = read_cases("case_id,nombre\r\n\r\nA,Ana\r\n,\r\nB,Beto\r\n");
    let found: Vec<(u64, Outcome)> = rows.iter().map(|r| (r.row_no, r.outcome)).collect();
    assert_eq!(found, [(3, Outcome::Accepted), (4, Outcome::Skipped), (5, Outcome::Accepted)]);
    let old_mac = read_cases("case_id,nombre\rA,Ana\r\rB,Beto\r");
    assert_eq!(old_mac.iter().map(|r| r.row_no).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn control_characters_are_an_error_that_names_the_column() {
    let rows = read_cases("case_id,nombre,sexo\nA,An\0a,F\nB,Be\u{1b}to,M\nC,Cruz,M\n");
    assert_eq!((codes(&rows[0]), codes(&rows[1])), (vec![Code::ControlCharacter], vec![Code::ControlCharacter]));
    assert_eq!(rows[0].problems[0].column, "nombre");
    assert!(!rows[0].problems[0].value.contains('\0'));
    assert!(rows[2].row.is_some());
}

#[test]
fn direction_overrides_are_removed_with_a_warning() {
    let rows = read_cases("case_id,nombre\nA,\u{202e}anA\u{202c}\nB,\u{645}\u{200c}\u{627}\n");
    assert_eq!(codes(&rows[0]), [Code::DirectionMarks]);
    assert_eq!(rows[0].row.as_ref().unwrap().person.given_names.as_deref(), Some("anA"));
    assert_eq!(rows[1].outcome, Outcome::Accepted);
}

#[test]
fn a_name_of_ten_thousand_characters_is_an_error_of_its_row() {
    let long = "ñ".repeat(10_000);
    let rows = read_cases(&format!("case_id,nombre\nA,{long}\nB,{long}x\nC,Ana\n"));
    assert_eq!((codes(&rows[0]), codes(&rows[1])), (vec![Code::TooLong], vec![Code::TooLong]));
    assert_eq!(rows[0].problems[0].value.chars().count(), 81);
    assert!(rows[2].row.is_some());
}

#[test]
fn the_limits_of_a_file_hold() {
    let limits = |max_rows, max_bytes, max_row_bytes| TableLimits { max_rows, max_bytes, max_row_bytes, ..TableLimits::default() };
    let read = |limits: TableLimits, bytes: &[u8]| -> Result<u64, TableError> {
        let mut table = Table::open(bytes, limits, None)?;
        let mut good = 0;
        while let Some(row) = table.next_row()? {
            good += u64::from(row.problems.is_empty());
        }
        Ok(good)
    };
    let file = format!("a,b\n1,2\n3,{}\n5,6\n", "x".repeat(200_000));
    assert!(matches!(read(limits(2, 1 << 30, 1 << 20), file.as_bytes()), Err(TableError::TooManyRows(2))));
    assert!(matches!(read(limits(10, 100_000, 1 << 20), file.as_bytes()), Err(TableError::TooLarge(_))));
    assert_eq!(read(limits(10, 1 << 30, 1000), file.as_bytes()).unwrap(), 2);
    let open_quote = format!("a,b\n1,2\n3,\"{}\n5,6\n", "x\n".repeat(100));
    assert_eq!(read(limits(1000, 1 << 30, 64), open_quote.as_bytes()).unwrap(), 2);
    assert!(matches!(read(TableLimits::default(), b""), Err(TableError::Empty)));
    assert!(matches!(read(TableLimits::default(), b"\n\n"), Err(TableError::Empty)));
    assert!(matches!(read(TableLimits::default(), b"\x1f\x8bgarbage"), Err(TableError::Read { .. })));
}

#[test]
fn columns_nobody_knows_are_reported_and_kept() {
    let import = cases::open("case_id,nombre,Talla de zapato\nA,Ana,37\n".as_bytes(), options()).unwrap();
    assert!(import.notes().iter().any(|n| n.code == Code::UnknownColumn && n.column == "Talla de zapato"));
    let rows = all(import).0;
    assert_eq!(rows[0].row.as_ref().unwrap().extras, [("Talla de zapato".to_owned(), "37".to_owned())]);
    let refused = cases::open("x,y\n1,2\n".as_bytes(), options());
    assert!(matches!(refused, Err(ImportError::Headers(_))));
}

#[test]
fn an_impossible_value_names_row_column_and_reason() {
    for (column, value, code) in [
        ("dob", "2031-01-01", Code::FutureDate),
        ("dob", "1990-02-30", Code::NoSuchDay),
        ("dob", "ayer", Code::NotADate),
        ("dob", "2024-01-01", Code::BirthAfterEvent),
        ("dob", "1790", Code::AncientDate),
        ("edad", "cuarenta", Code::NotANumber),
        ("edad", "131", Code::OutOfRange),
        ("edad", "30-20", Code::Inverted),
        ("estatura", "17", Code::OutOfRange),
        ("estatura", "260", Code::OutOfRange),
        ("estatura", "alto", Code::NotANumber),
        ("nacionalidad", "Atlantis", Code::UnknownCountry),
        ("sexo", "azul", Code::UnknownWord),
        ("marks_json", "[{", Code::BadJson),
        ("lat", "17.5", Code::IncompleteCoordinates),
        ("consent_publication", "quizás", Code::UnknownWord),
    ] {
        let rows = read_cases(&format!("case_id,nombre,last_contact_date,{column}\nA,Ana,2020-05-01,{value}\nB,Beto,2020-05-01,\n"));
        assert_eq!(codes(&rows[0]), [code], "{column} {value}");
        assert_eq!(rows[0].outcome, Outcome::Rejected);
        assert_eq!((rows[0].problems[0].row, rows[0].problems[0].column.as_str()), (2, column));
        assert_eq!(rows[1].outcome, Outcome::Accepted, "{column}");
    }
}

#[test]
fn coordinates_that_cannot_be_are_refused_and_doubtful_ones_remarked() {
    let file = "case_id,nombre,pais,lat,lon\nA,a,MEX,-99.1,19.4\nB,b,MEX,91,200\nC,c,MEX,19.4,99.1\nD,d,LBY,13.2,32.9\nE,e,Mali,-4.1,14.5\nF,f,MEX,\"19,4\",99.1 W\n";
    let rows = read_cases(file);
    let found: Vec<Vec<Code>> = rows.iter().map(codes).collect();
    assert_eq!(
        found,
        [vec![Code::Swapped], vec![Code::OutOfRange], vec![Code::SignLost], vec![], vec![Code::Swapped], vec![]],
        "32.9 N 13.2 E swapped is still near Libya's box"
    );
    assert!(rows[0].problems[0].message.contains("look swapped"));
    assert_eq!(rows[5].row.as_ref().unwrap().last_contact_place.lon, Some(-99.1));
}

#[test]
fn a_value_that_is_dropped_leaves_the_rest_of_its_row() {
    let lenient = ImportOptions { on_fault: OnFault::DropValue, ..options() };
    let file = "case_id,nombre,dob,estatura\nA,Ana,2031-01-01,170\n,Beto,1990,170\nA,Otra,1990,170\n";
    let rows = all(cases::open(file.as_bytes(), lenient).unwrap()).0;
    let row = rows[0].row.as_ref().unwrap();
    assert_eq!((row.person.birth, row.person.height_min_cm), (None, Some(170.0)));
    assert_eq!(rows[0].outcome, Outcome::AcceptedWithWarnings);
    assert_eq!((codes(&rows[1]), codes(&rows[2])), (vec![Code::Missing], vec![Code::RepeatedId]));
}

#[test]
fn the_letter_m_means_what_the_other_letters_say() {
    let sexes = |file: &str| read_cases(file).iter().map(|r| r.row.as_ref().and_then(|c| c.person.sex)).collect::<Vec<_>>();
    assert_eq!(sexes("case_id,nombre,sexo\nA,a,H\nB,b,M\n"), [Some("male"), Some("female")]);
    assert_eq!(sexes("case_id,nombre,sexo\nA,a,F\nB,b,M\nC,c,\n"), [Some("female"), Some("male"), None]);
    assert_eq!(sexes("case_id,nombre,sexo\nA,a,Mujer\nB,b,Masculino\n"), [Some("female"), Some("male")]);
    let only_m = "case_id,nombre,sexo\nA,a,M\n";
    let import = cases::open(only_m.as_bytes(), options()).unwrap();
    assert!(import.notes().iter().any(|n| n.code == Code::AmbiguousSex));
    let told = ImportOptions { sex_letters: SexLetters::HombreMujer, ..options() };
    let rows = all(cases::open(only_m.as_bytes(), told).unwrap()).0;
    assert_eq!(rows[0].row.as_ref().unwrap().person.sex, Some("female"));
}

#[test]
fn a_repeated_identifier_is_skipped_when_equal_and_refused_when_not() {
    let rows = read_cases("case_id,nombre\nA,Ana\nA,Ana\nA,Otra\n");
    assert_eq!(rows.iter().map(codes).collect::<Vec<_>>(), [vec![], vec![Code::FullDuplicate], vec![Code::RepeatedId]]);
    assert_eq!(rows[1].outcome, Outcome::Skipped);
    assert_eq!(rows[2].outcome, Outcome::Rejected);
    let by_scheme = read_cases("case_id,scheme,nombre\nA,FUB,Ana\nA,NAMUS_MP,Otra\n");
    assert!(by_scheme.iter().all(|r| r.row.is_some()));
}

#[test]
fn the_case_template_fills_every_field() {
    let file = "external_id,scheme,given_names,first_surname,second_surname,aliases,sex_registered,gender_identity,birth_date_from,birth_date_to,age_min,age_max,age_as_of,nationality,languages,birth_place,doc_type,doc_number,phones,origin_country,transit_countries,destination_country,destination_place,departure_date_from,departure_date_to,last_contact_from,last_contact_to,last_contact_means,last_contact_country,last_contact_admin1,last_contact_place,last_contact_lat,last_contact_lon,last_contact_uncertainty_m,corridor,transport,companions,event_group,height_cm_min,height_cm_max,hair_color,eye_color,marks_json,medical_json,dental_json,clothing_json,belongings_json,inquirer_name,inquirer_relation,inquirer_phone,inquirer_language,consent_purposes,consent_recipients,consent_publication,consent_date,source_name,source_date,reliability\n\
        H-1,FUB,Ana María,Paz,,Anita|La Güera,female,,1990-01,1990-03,28,30,2019-06-01,HN|Guatemala,es|hnd,Yoro,DNI,0801199012345,9999 8888,Honduras,\"GTM, MEX\",USA,Houston,2019-05-01,,2019-05-20,2019-06-02,llamada,México,Veracruz,Orizaba,18.85,-97.1,5000,mx_gulf,la bestia,Luis Mejía,,158,162,castaño,café,\"[{\"\"kind\"\":\"\"tattoo\"\",\"\"motif\"\":\"\"rosa\"\"},\"\"cicatriz\"\"]\",,diente de oro,blusa roja | jeans,,Rosa Paz,madre,+50433332222,es,search,commission|forensic,no,2019-07-01,CONADEH,2019-07-02,B\n";
    let import = cases::open(file.as_bytes(), options()).unwrap();
    assert!(import.notes().is_empty(), "{:?}", import.notes());
    let rows = all(import).0;
    assert_eq!(rows[0].problems, []);
    let row = rows[0].row.as_ref().unwrap();
    let person = &row.person;
    assert_eq!(person.display_name().as_deref(), Some("Ana María Paz"));
    assert_eq!(person.birth.unwrap().to_string(), "1990-01-01..1990-03-31");
    assert_eq!(person.nationalities, ["HND", "GTM"]);
    assert_eq!(person.phones[0].e164.as_deref(), Some("+50499998888"));
    assert_eq!(person.marks.iter().map(|m| m.text.as_str()).collect::<Vec<_>>(), ["tattoo rosa", "cicatriz"]);
    assert_eq!(person.clothing.len(), 2);
    assert_eq!(person.hair.as_ref().unwrap().code(), Some("brown"));
    assert_eq!(row.transit_countries, ["GTM", "MEX"]);
    assert_eq!(row.last_contact.unwrap().to_string(), "2019-05-20..2019-06-02");
    assert_eq!(row.transport.as_ref().unwrap().code(), Some("train_freight"));
    let consent = row.consent.as_ref().unwrap();
    assert_eq!((consent.publication, consent.recipients.len()), (Some(false), 2));
}

#[test]
fn the_templates_of_remains_and_of_the_living_need_no_kind_column() {
    let remains = read_records(
        "remains_code,authority,found_from,country,body_state,pmi_days_min,pmi_days_max,sex_estimate,stature_cm_min,stature_cm_max\nX1,SEMEFO,2021-03,MEX,esqueletizado,100,400,unknown,160,168\nX2,SEMEFO,2021-03,MEX,brillante,9,4,male,,\n",
    );
    let row = remains[0].row.as_ref().unwrap();
    assert_eq!((row.kind, row.person.sex, row.person.nulls.len()), ("remains_unnamed", None, 1));
    assert_eq!(row.body_state.as_ref().unwrap().code(), Some("skeletal"));
    assert_eq!(codes(&remains[1]), [Code::Inverted, Code::UnknownWord]);
    let living = read_records(
        "external_id,setting,country,found_from,found_to,declared_name,sex_observed,can_communicate,wants_contact,minor\nL1,hospital,MEX,2021-03-01,2021-03-02,Juan,male,no,not_asked,no\nL2,,MEX,2021,,,female,si,yes,\n",
    );
    let row = living[0].row.as_ref().unwrap();
    assert_eq!((row.kind, row.wants_contact.as_ref().unwrap().code()), ("hospital", Some("not_asked")));
    assert_eq!(living[1].row.as_ref().unwrap().kind, "living");
}

#[test]
fn an_unknown_word_of_a_description_is_kept_with_a_warning() {
    let rows = read_cases("case_id,nombre,cabello\nA,Ana,tornasol\n");
    let hair = rows[0].row.as_ref().unwrap().person.hair.clone().unwrap();
    assert_eq!((hair.codes.len(), hair.verbatim.as_str()), (0, "tornasol"));
    assert_eq!(codes(&rows[0]), [Code::UnknownWord]);
}

#[test]
fn the_demonstration_s_corpus_is_read_without_a_mapping() {
    let file: &[u8] = include_bytes!("../../config/demo/corpus-1k/cases.csv");
    let import = cases::open(file, options()).unwrap();
    assert!(import.notes().is_empty(), "{:?}", import.notes());
    let (rows, tally) = all(import);
    assert_eq!((tally.rows, tally.count(Code::UnknownWord), tally.count(Code::UnknownCountry)), (1000, 0, 0));
    assert!(tally.rejected < 5, "{tally:?}");
    let first = rows[0].row.as_ref().unwrap();
    assert_eq!(first.person.second_surname.as_deref(), Some("Hidalgo"));
    assert_eq!((first.person.sex, first.source.country, first.destination_country), (Some("male"), Some("MEX"), Some("USA")));
    let file: &[u8] = include_bytes!("../../config/demo/corpus-1k/records.csv");
    let import = records::open(file, options()).unwrap();
    assert!(import.notes().is_empty(), "{:?}", import.notes());
    let (_, tally) = all(import);
    assert_eq!((tally.rows, tally.count(Code::UnknownWord), tally.count(Code::UnknownCountry)), (1284, 0, 0));
    assert!(tally.rejected < 8, "{tally:?}");
    let lenient = ImportOptions { on_fault: OnFault::DropValue, ..options() };
    assert_eq!(all(records::open(file, lenient).unwrap()).1.rejected, 0);
}

#[test]
fn the_demonstration_s_incidents_keep_every_fault_and_lose_no_row() {
    let file: &[u8] = include_bytes!("../../config/demo/mmp-americas-2014-2022.csv.gz");
    let (rows, tally) = all(mmp::open(file, options()).unwrap());
    assert_eq!((tally.rows, tally.rejected), (4554, 0));
    assert_eq!(tally.skipped, tally.count(Code::FullDuplicate));
    assert_eq!(tally.count(Code::BlankDate), 14);
    let mut ids: Vec<&str> = rows.iter().filter_map(|r| r.row.as_deref()).map(|r| r.external_id.as_str()).collect();
    let kept = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), kept as u64), (kept, 4554 - tally.skipped));
    let lost_sign = rows.iter().filter_map(|r| r.row.as_deref()).find(|r| r.external_id == "2022.MMP1369").unwrap();
    assert_eq!(lost_sign.coordinate_doubt, Some(CoordinateDoubt::SignLost));
}

#[test]
fn incidents_of_every_generation_of_headers_are_read() {
    let rows = read_mmp(
        "Main ID,Incident ID,Incident Type,Region of Incident,Incident Date,Incident Year,Month,Number of Dead,Minmum Estimated Number of Missing,Total Number of Dead and Missing,Number of Survivors,Cause of Death,Country of Incidet,Location of Incident,Coordinates,UNSD Geographical Grouping ,Source Quality\n2024.MMP0001,2024.MMP0001.1,Split Incident,Central America,,2024,March,,-3,\"1,022\",4,Drowning,Côte d&#039;Ivoire,Off the coast,\"5.3, -4.0\",x,9\n2024.MMP0001,2024.MMP0001.1,Split Incident,Central America,,2024,March,2,,2,4,Drowning,Mexico,River,\"-99.1, 19.4\",x,3\n",
    );
    let first = rows[0].row.as_ref().unwrap();
    assert_eq!((first.dead, first.missing, first.total, first.country), (None, None, Some(1022), Some("CIV")));
    assert_eq!(first.date.unwrap().to_string(), "2024-03");
    assert_eq!(first.main_id.as_deref(), Some("2024.MMP0001"));
    assert_eq!(first.extras.len(), 2);
    for code in [Code::BlankDate, Code::BlankDead, Code::NegativeCount, Code::OutOfRange] {
        assert!(codes(&rows[0]).contains(&code), "{code}");
    }
    let second = rows[1].row.as_ref().unwrap();
    assert_eq!((second.external_id.as_str(), second.coordinate_doubt), ("2024.MMP0001.1#2", Some(CoordinateDoubt::Swapped)));
    assert_eq!((second.lat, second.extras[0].1.as_str()), (None, "-99.1, 19.4"));
}

#[test]
fn equal_incidents_under_another_identifier_are_kept_and_remarked() {
    let rows = read_mmp(
        "web_id,reported_date,number_dead,location_coordinates\n1,2020-01-01,1,\"20, -100\"\n2,2020-01-01,1,\"20, -100\"\n2,2020-01-01,1,\"20, -100\"\n",
    );
    assert_eq!(rows.iter().map(codes).collect::<Vec<_>>(), [vec![], vec![Code::SameContent], vec![Code::FullDuplicate]]);
}

#[test]
fn the_readers_fields_are_those_of_the_alias_tables() {
    let place = ["place", "country", "admin1", "admin2", "lat", "lon", "uncertainty_m"];
    let person = super::person::PersonColumns::FIELDS;
    for (template, own, prefix) in [
        (Template::Cases, cases::FIELDS, Some("last_contact_")),
        (Template::Records, records::FIELDS, Some("")),
        (Template::Mmp, mmp::FIELDS, None),
    ] {
        let table = AliasTable::load(template).unwrap();
        let mut read: Vec<String> = own.iter().map(|f| (*f).to_owned()).collect();
        if let Some(prefix) = prefix {
            read.extend(person.iter().map(|f| (*f).to_owned()));
            read.extend(place.iter().map(|f| format!("{prefix}{f}")));
        }
        for field in table.fields() {
            assert!(read.contains(field), "{template:?}: nobody reads {field}");
        }
        for field in read.iter().filter(|f| *f != "last_contact_admin2") {
            assert!(table.fields().contains(field), "{template:?}: no alias line for {field}");
        }
    }
}

#[test]
fn a_place_is_found_by_name_without_accents_and_the_larger_one_first() {
    let file = "geonameid,name,latitude,longitude,countrycode,admin1code,population,timezone,alternatenames\n1,San Fernando,24.8,-98.1,MX,28,30000,x,\n2,San Fernando,16.8,-93.2,MX,05,400,x,\n3,Ciudad Juárez,31.7,-106.5,MX,06,1500000,x,Juarez|El Paso del Norte\n4,nowhere,x,y,ZZ,,,,\n";
    let (gazetteer, left_out) = Gazetteer::read(file.as_bytes()).unwrap();
    assert_eq!((gazetteer.places().len(), left_out), (3, 1));
    let id = |name, country, admin1| gazetteer.find(name, country, admin1).map(|m| (m.place.geonameid, m.others));
    assert_eq!(id("san fernando", "MEX", None), Some((1, 1)));
    assert_eq!(id("San Fernando", "MX", Some("05")), Some((2, 1)));
    assert_eq!(id("JUÁREZ", "México", None), Some((3, 0)));
    assert_eq!(id("San Fernando", "USA", None), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_a_table_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(mut table) = Table::open(bytes.as_slice(), TableLimits { max_row_bytes: 64, ..TableLimits::default() }, None) {
            while let Ok(Some(row)) = table.next_row() {
                let _ = (0..row.len()).map(|c| row.cell(c).map(str::len)).collect::<Vec<_>>();
            }
        }
    }

    #[test]
    fn no_cells_make_an_importer_panic_or_lose_a_row(body in "[a-z0-9\"|,;\n\r\t+=@ñé/.:\\[\\]{}-]{0,300}", mut junk in proptest::collection::vec(any::<u8>(), 0..40)) {
        let mut file = b"case_id,nombre,dob,edad,estatura,lat,lon,marks,telefono,curp,pais,sexo,consent_date,foo\n".to_vec();
        file.extend_from_slice(body.as_bytes());
        file.append(&mut junk);
        let _ = all(cases::open(file.as_slice(), options()).unwrap());
        let mut file = b"web_id,reported_date,number_dead,location_coordinates,country_of_incident,source_quality\n".to_vec();
        file.extend_from_slice(body.as_bytes());
        let _ = all(mmp::open(file.as_slice(), options()).unwrap());
    }

    #[test]
    fn what_a_csv_writer_writes_reads_back(rows in proptest::collection::vec(proptest::collection::vec("[a-zñ \",;|\n]{1,8}x", 3), 0..8)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let (read, ..) = cells(&writer.into_inner().unwrap());
        prop_assert_eq!(&read[1..], rows.as_slice());
    }
}
