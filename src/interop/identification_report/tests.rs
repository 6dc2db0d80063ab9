#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use chrono::TimeZone;
use std::collections::BTreeMap;

fn at(hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 28, hour, 42, 0).unwrap()
}

fn who(name: &str, office: &str, institution: &str, hour: u32) -> Signatory {
    Signatory { name: name.to_owned(), office: office.to_owned(), institution: institution.to_owned(), at: at(hour) }
}

/// A report about invented people, as long as the reports of practice.
fn report() -> IdentificationReport {
    let fgr = "Fiscalía General de Justicia, Unidad de Identificación Humana";
    let evidence =
        |what: &str, finding: &str, log10_lr: Option<f64>| EvidenceLine { what: what.to_owned(), finding: finding.to_owned(), log10_lr };
    IdentificationReport {
        language: Language::Es,
        number: "DI-2026-7Q4K-M2XD".to_owned(),
        version: 1,
        issued_at: at(16),
        case_folio: "MX-CDMX-26-000481-7".to_owned(),
        case_institution: "Comisión Nacional de Búsqueda".to_owned(),
        remains_folio: "MX-SON-26-R00077-3".to_owned(),
        remains_institution: fgr.to_owned(),
        sealed_at: at(16),
        drafted_by: format!("Begoña Núñez Güemes, {fgr}"),
        signatories: vec![
            who("Begoña Núñez Güemes", "Antropóloga forense", fgr, 10),
            who("José Ángel Ibáñez", "Coordinador de identificación", "Comisión Nacional de Búsqueda", 16),
        ],
        methods: vec!["ADN".to_owned(), "Combinación razonada".to_owned()],
        evidence: vec![
            evidence("Sexo", "Coincide: femenino, por morfología de la pelvis", Some(0.31)),
            evidence("Edad", "Compatible: 24 años declarados, intervalo óseo de 20 a 28", Some(0.52)),
            evidence("Estatura", "Compatible: 158 cm declarados, estimada en 156 a 162 cm con la fórmula de Genovés, corregida por edad", Some(0.44)),
            evidence("Fractura consolidada del radio izquierdo", "Coincide con la radiografía de 2019 en lugar, ángulo y edad del callo", Some(2.61)),
            evidence("Tatuaje", "No se pudo comparar: no se conserva piel", None),
            evidence("Lugar y ruta", "Hallazgo a 11 km del último contacto, sobre el corredor declarado", Some(1.2)),
            evidence("Prenda", "Chamarra de otra talla; las prendas se heredan y se cambian en la ruta", Some(-0.22)),
        ],
        figures: Figures {
            log10_nongenetic: 4.86,
            log10_genetic: 6.43,
            log10_prior_odds: -5.02,
            log10_posterior_odds: 6.27,
            posterior_words: "Muy fuerte".to_owned(),
            coverage: 0.71,
            cases_compared: 104_233,
            remains_compared: 72_118,
        },
        genetic: Some(GeneticOpinion {
            by: "Íñigo Peña, Laboratorio de Genética Forense".to_owned(),
            at: at(8),
            markers: (22, 0),
            tenths: 64,
            frequency_table: "Mexico 2020".to_owned(),
            mutation_model: "Extended stepwise, 0.002".to_owned(),
            words: "Los datos son unas 2.7 millones de veces más probables si los restos son de una hija biológica de ambos declarantes que si son de una persona sin parentesco con ellos.".to_owned(),
        }),
        alternatives: vec![Alternative {
            name: "Hipótesis 1, sobre los restos".to_owned(),
            strength: "Débil".to_owned(),
            comparison: "Coinciden sexo, edad y corredor. La excluye la estatura (171 cm) y no tiene la fractura; sus padres quedaron excluidos por genética.".to_owned(),
        }],
        reasoning: "Hallazgos de tres disciplinas, obtenidos por equipos distintos sin conocer los resultados de los demás, señalan a la misma persona.\nLa fractura del radio es infrecuente y fue documentada en vida.".to_owned(),
        conclusion: "Los restos corresponden a la persona del caso.".to_owned(),
        limits: "No se determinó la causa de muerte. Faltan dos falanges de la mano derecha.".to_owned(),
        models: vec!["Rastro 0.1.0".to_owned(), "americas-2026.2".to_owned()],
        content_hash: "9f".repeat(32),
        verification_address: "https://rastro.example.org/verificar/7f3a9c0d41e2b86a5d9e0c1f2a3b4c5d".to_owned(),
    }
}

/// The same with reasoning of several pages.
fn long() -> IdentificationReport {
    let mut long = report();
    let paragraph =
        "El análisis antropológico y el odontológico se hicieron por separado y sus resultados se integraron después, en sesión conjunta. "
            .repeat(6);
    long.reasoning = vec![paragraph; 9].join("\n");
    let more = (1..=30).map(|n| EvidenceLine {
        what: format!("Pieza dental {n}"),
        finding: "Sin hallazgo que contradiga".to_owned(),
        log10_lr: Some(0.05),
    });
    long.evidence.extend(more);
    long
}

/// Which character or characters a glyph of a font stands for, by the file's own table.
fn unicode(document: &lopdf::Document, font: &lopdf::Dictionary) -> BTreeMap<u16, String> {
    let table = document.dereference(font.get(b"ToUnicode").unwrap()).unwrap().1.as_stream().unwrap().decompressed_content().unwrap();
    let table = String::from_utf8_lossy(&table).into_owned();
    let words = |hex: &str| -> Vec<u16> {
        let digits: Vec<char> = hex.chars().filter(char::is_ascii_hexdigit).collect();
        digits.chunks(4).map(|four| u16::from_str_radix(&four.iter().collect::<String>(), 16).unwrap()).collect()
    };
    table
        .split("beginbfchar")
        .skip(1)
        .flat_map(|section| section.split("endbfchar").next().unwrap().lines())
        .filter_map(|line| line.split_once("> <"))
        .map(|(glyph, text)| (words(glyph)[0], String::from_utf16(&words(text)).unwrap()))
        .collect()
}

/// The text of a page, a line for each piece of text.
fn text(document: &lopdf::Document, page: lopdf::ObjectId) -> String {
    let fonts = document.get_page_fonts(page).unwrap();
    let fonts: BTreeMap<_, _> = fonts.into_iter().map(|(name, font)| (name, unicode(document, font))).collect();
    let (mut text, mut font) = (String::new(), None);
    for operation in document.get_and_decode_page_content(page).unwrap().operations {
        match (operation.operator.as_str(), operation.operands.as_slice()) {
            ("Tf", [name, _]) => font = fonts.get(name.as_name().unwrap()),
            ("Tj", [string]) => text.push_str(&glyphs(std::slice::from_ref(string), font)),
            ("TJ", [lopdf::Object::Array(strings)]) => text.push_str(&glyphs(strings, font)),
            ("ET", _) => text.push('\n'),
            _ => {}
        }
    }
    text
}

fn glyphs(strings: &[lopdf::Object], font: Option<&BTreeMap<u16, String>>) -> String {
    let bytes = strings.iter().filter_map(|s| s.as_str().ok()).flat_map(|s| s.chunks(2).map(|two| u16::from_be_bytes([two[0], two[1]])));
    bytes.map(|glyph| font.unwrap()[&glyph].as_str()).collect()
}

fn parsed(report: &IdentificationReport) -> (lopdf::Document, Vec<String>) {
    let document = lopdf::Document::load_mem(&pdf(report).unwrap()).unwrap();
    let texts = document.get_pages().values().map(|page| text(&document, *page)).collect();
    (document, texts)
}

/// The path of the page with the most rectangles: left, top, right, bottom of each.
fn most_boxes(document: &lopdf::Document, page: lopdf::ObjectId) -> Vec<[f32; 4]> {
    let (mut paths, mut path) = (Vec::new(), Vec::<[f32; 4]>::new());
    for operation in document.get_and_decode_page_content(page).unwrap().operations {
        let numbers: Vec<f32> = operation.operands.iter().filter_map(|o| o.as_float().ok()).collect();
        match (operation.operator.as_str(), numbers.as_slice()) {
            ("m", [x, y]) => path.push([*x, *y, *x, *y]),
            ("l", [x, y]) => {
                let last = path.last_mut().unwrap();
                *last = [last[0].min(*x), last[1].min(*y), last[2].max(*x), last[3].max(*y)];
            }
            ("re", [x, y, width, height]) => path.push([*x, *y, x + width, y + height]),
            ("f" | "f*", _) => paths.push(std::mem::take(&mut path)),
            _ => {}
        }
    }
    paths.into_iter().max_by_key(Vec::len).unwrap()
}

#[test]
fn its_code_leads_to_the_address_of_verification() {
    let (document, _) = parsed(&report());
    let boxes = most_boxes(&document, *document.get_pages().values().next().unwrap());
    let edge = |at: usize, pick: fn(f32, f32) -> f32| boxes.iter().map(|b| b[at]).reduce(pick).unwrap();
    let (left, top, right) = (edge(0, f32::min), edge(1, f32::min), edge(2, f32::max));
    // Four times the size of print, with white around.
    let side = ((right - left) * 4.0) as usize + 80;
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
        let (x, y) = (left + (x as f32 - 39.5) / 4.0, top + (y as f32 - 39.5) / 4.0);
        if boxes.iter().any(|b| b[0] <= x && x < b[2] && b[1] <= y && y < b[3]) { 0 } else { 255 }
    });
    let (_, said) = image.detect_grids()[0].decode().unwrap();
    assert_eq!(said, report().verification_address);
}

#[test]
fn its_text_can_be_read_back_with_accents() {
    let (_, pages) = parsed(&report());
    let text = pages.concat();
    for expected in [
        "Dictamen de identificación",
        "Begoña Núñez Güemes",
        "Opinión genética",
        "Fractura consolidada",
        "MX-SON-26-R00077-3",
        "log10 = +11.29",
        "104\u{a0}233 personas desaparecidas",
    ] {
        assert!(text.contains(expected), "{expected} is missing in {text}");
    }
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    assert_eq!(pdf(&report()).unwrap(), pdf(&report()).unwrap());
    let mut other = report();
    other.version = 2;
    assert_ne!(pdf(&report()).unwrap(), pdf(&other).unwrap());
}

#[test]
fn long_content_goes_on_over_pages_that_are_numbered_and_repeats_the_head_of_its_table() {
    let (_, pages) = parsed(&long());
    assert!(pages.len() >= 3, "{} pages", pages.len());
    for (at, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Página {} de {}", at + 1, pages.len())), "{page}");
    }
    let heads = pages.iter().filter(|page| page.contains("Resultado")).count();
    assert!(heads >= 2, "the head stands on {heads} pages");
}

#[test]
fn its_properties_name_the_number_and_nobody() {
    let bytes = pdf(&report()).unwrap();
    let document = lopdf::Document::load_mem(&bytes).unwrap();
    let info = document.trailer.get(b"Info").and_then(|r| document.dereference(r)).unwrap().1.as_dict().unwrap().clone();
    let title = lopdf::decode_text_string(info.get(b"Title").unwrap()).unwrap();
    assert_eq!(title, "DI-2026-7Q4K-M2XD");
    let said = format!("{info:?}{}", xmp(&document));
    for kept_out in ["Bego", "MX-CDMX", "MX-SON", "Fiscal"] {
        assert!(!said.contains(kept_out), "{kept_out} in {said}");
    }
    assert!(said.contains("pdfaid:part"), "{said}");
}

fn xmp(document: &lopdf::Document) -> String {
    let metadata = document.catalog().unwrap().get(b"Metadata").and_then(|r| document.dereference(r)).unwrap().1;
    let stream = metadata.as_stream().unwrap();
    String::from_utf8_lossy(&stream.get_plain_content().unwrap_or_else(|_| stream.content.clone())).into_owned()
}

#[test]
fn letters_that_the_typeface_lacks_do_not_stop_it() {
    let mut report = report();
    report.conclusion = "Ngũgĩ, Đỗ Thị, Шевченко, \u{feff}\u{1f540} n\u{303}andú\tfin".to_owned();
    let (_, pages) = parsed(&report);
    let text = pages.concat();
    assert!(text.contains("ñandú fin") && text.contains("Shevchenko"), "{text}");
}

#[test]
fn an_empty_report_is_still_a_file() {
    let mut bare = report();
    bare.genetic = None;
    bare.alternatives.clear();
    bare.evidence.clear();
    bare.methods.clear();
    bare.models.clear();
    bare.limits = String::new();
    bare.language = Language::En;
    let (_, pages) = parsed(&bare);
    assert!(pages.concat().contains("There was no other open hypothesis"));
}

#[test]
fn an_address_that_no_code_can_hold_is_refused() {
    let mut report = report();
    report.verification_address = "x".repeat(5000);
    assert!(matches!(pdf(&report), Err(DrawError::AddressTooLong)));
}
