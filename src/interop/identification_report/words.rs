//! What is printed around the content, in both languages. Part of what is signed, hence here and not with the texts of the pages, which may change.

use super::Language;
use chrono::{DateTime, Datelike, Utc};

/// The words of one language.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) subject: &'static str,
    pub(super) version: &'static str,
    pub(super) page: &'static str,
    pub(super) of: &'static str,
    pub(super) reserved_title: &'static str,
    pub(super) reserved: &'static str,
    pub(super) number: &'static str,
    pub(super) issued: &'static str,
    pub(super) case: &'static str,
    pub(super) remains: &'static str,
    pub(super) drafted_by: &'static str,
    pub(super) methods: &'static str,
    pub(super) evidence: &'static str,
    pub(super) evidence_text: &'static str,
    pub(super) compared: &'static str,
    pub(super) finding: &'static str,
    pub(super) weight: &'static str,
    pub(super) not_compared: &'static str,
    pub(super) figures: &'static str,
    pub(super) figures_text: &'static str,
    pub(super) nongenetic: &'static str,
    pub(super) genetic: &'static str,
    pub(super) joint: &'static str,
    pub(super) sealed: &'static str,
    pub(super) excluding: &'static str,
    pub(super) strength: &'static str,
    pub(super) hash: &'static str,
    pub(super) prior: &'static str,
    pub(super) searched: &'static str,
    pub(super) cases: &'static str,
    pub(super) found: &'static str,
    pub(super) coverage: &'static str,
    pub(super) posterior: &'static str,
    pub(super) opinion: &'static str,
    pub(super) opinion_by: &'static str,
    pub(super) markers: &'static str,
    pub(super) total: &'static str,
    pub(super) frequencies: &'static str,
    pub(super) mutation: &'static str,
    pub(super) alternatives: &'static str,
    pub(super) alternatives_text: &'static str,
    pub(super) no_alternatives: &'static str,
    pub(super) hypothesis: &'static str,
    pub(super) set_aside: &'static str,
    pub(super) reasoning: &'static str,
    pub(super) conclusion: &'static str,
    pub(super) limits: &'static str,
    pub(super) models: &'static str,
    pub(super) signatures: &'static str,
    pub(super) signatures_text: &'static str,
    pub(super) signed: &'static str,
    pub(super) verify: &'static str,
    pub(super) verify_text: &'static str,
    pub(super) verify_alt: &'static str,
}

const ES: Words = Words {
    title: "Dictamen de identificación",
    subject: "De restos humanos y una persona desaparecida",
    version: "versión",
    page: "Página",
    of: "de",
    reserved_title: "Reservado",
    reserved: "No se entrega, no se envía y no se comenta por ningún medio antes de que la familia haya recibido la noticia en persona.",
    number: "Número y versión",
    issued: "Emitido",
    case: "Caso",
    remains: "Restos",
    drafted_by: "Redactado por",
    methods: "Métodos",
    evidence: "Lo que se comparó",
    evidence_text: "Peso: logaritmo decimal de la razón de verosimilitud. Positivo habla a favor de que sean la misma persona, negativo en contra; lo que no se pudo comparar no pesa.",
    compared: "Qué",
    finding: "Resultado",
    weight: "Peso",
    not_compared: "sin peso",
    figures: "Cifras al decidir",
    figures_text: "Son las del momento en que se presentó a firma. Ordenan y miden lo comparado; la identificación es la decisión razonada de quienes firman.",
    nongenetic: "Peso sin genética",
    genetic: "Peso de la genética",
    joint: "Peso conjunto",
    sealed: "Sellado",
    excluding: "excluyen",
    strength: "Fuerza",
    hash: "Huella de lo firmado (SHA-256)",
    prior: "Antes de comparar",
    searched: "Se compararon",
    cases: "personas desaparecidas",
    found: "restos",
    coverage: "Cobertura",
    posterior: "Después de comparar",
    opinion: "Opinión genética",
    opinion_by: "La da",
    markers: "Marcadores comparados",
    total: "Peso total",
    frequencies: "Frecuencias alélicas",
    mutation: "Modelo de mutación",
    alternatives: "Otras hipótesis",
    alternatives_text: "Las demás hipótesis abiertas de este caso y de estos restos, y por qué se dejaron de lado.",
    no_alternatives: "No había otra hipótesis abierta de este caso ni de estos restos.",
    hypothesis: "Hipótesis",
    set_aside: "Comparación",
    reasoning: "Razonamiento",
    conclusion: "Conclusión",
    limits: "Límites",
    models: "Programas y modelos",
    signatures: "Firmas",
    signatures_text: "Firman personas distintas de instituciones distintas. La segunda firma emite el dictamen.",
    signed: "Firmó el",
    verify: "Verificar",
    verify_text: "La dirección dice si el archivo es auténtico y sigue vigente; no dice de quién trata.",
    verify_alt: "Código QR con la dirección",
};

const EN: Words = Words {
    title: "Identification report",
    subject: "Of human remains and a missing person",
    version: "version",
    page: "Page",
    of: "of",
    reserved_title: "Reserved",
    reserved: "Not to be handed over, sent or spoken of by any means before the family has been told in person.",
    number: "Number and version",
    issued: "Issued",
    case: "Case",
    remains: "Remains",
    drafted_by: "Drafted by",
    methods: "Methods",
    evidence: "What was compared",
    evidence_text: "Weight: common logarithm of the likelihood ratio. Positive speaks for one and the same person, negative against; what could not be compared weighs nothing.",
    compared: "What",
    finding: "Result",
    weight: "Weight",
    not_compared: "no weight",
    figures: "Figures at the decision",
    figures_text: "As they were when the report was put forward for signature. They rank and measure what was compared; the identification is the reasoned decision of those who sign.",
    nongenetic: "Weight without genetics",
    genetic: "Weight of genetics",
    joint: "Joint weight",
    sealed: "Sealed",
    excluding: "exclude",
    strength: "Strength",
    hash: "Digest of what was signed (SHA-256)",
    prior: "Before comparing",
    searched: "Compared",
    cases: "missing persons",
    found: "remains",
    coverage: "Coverage",
    posterior: "After comparing",
    opinion: "Genetic opinion",
    opinion_by: "Given by",
    markers: "Markers compared",
    total: "Total weight",
    frequencies: "Allele frequencies",
    mutation: "Mutation model",
    alternatives: "Other hypotheses",
    alternatives_text: "The other open hypotheses of this case and of these remains, and why they were set aside.",
    no_alternatives: "There was no other open hypothesis of this case or of these remains.",
    hypothesis: "Hypothesis",
    set_aside: "Comparison",
    reasoning: "Reasoning",
    conclusion: "Conclusion",
    limits: "Limits",
    models: "Programs and models",
    signatures: "Signatures",
    signatures_text: "Different people of different institutions sign. The second signature issues the report.",
    signed: "Signed on",
    verify: "Verify",
    verify_text: "The address says whether the file is authentic and still valid; it does not say whom it is about.",
    verify_alt: "QR code with the address",
};

const MESES: [&str; 12] =
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"];
const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

impl Language {
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::Es => &ES,
            Self::En => &EN,
        }
    }

    /// "28 de noviembre de 2026, 10:42 UTC".
    pub(super) fn moment(self, at: DateTime<Utc>) -> String {
        let (day, year, time) = (at.day(), at.year(), at.format("%H:%M"));
        let month = |names: [&'static str; 12]| names.get(at.month0() as usize).copied().unwrap_or_default();
        match self {
            Self::Es => format!("{day} de {} de {year}, {time} UTC", month(MESES)),
            Self::En => format!("{day} {} {year}, {time} UTC", month(MONTHS)),
        }
    }
}

/// A weight with its sign and two decimals, the sign of minus as typographers write it.
pub(super) fn weight(log10: f64) -> String {
    let sign = if log10 < 0.0 { '\u{2212}' } else { '+' };
    format!("{sign}{:.2}", log10.abs())
}

/// A logarithm with its name, for where no table head says what the figure is.
pub(super) fn odds(log10: f64) -> String {
    format!("log10 = {}", weight(log10))
}

/// A whole number in groups of three, parted by a thin fixed space.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digits.len() > 4 {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

/// A weight in tenths, for figures that are told no finer.
pub(super) fn tenths(log10: i64) -> String {
    let sign = if log10 < 0 { '\u{2212}' } else { '+' };
    let size = log10.unsigned_abs();
    format!("log10 = {sign}{}.{}", size / 10, size % 10)
}
