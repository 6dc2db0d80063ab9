//! Vocabularies of descriptions and records: words of several languages to the project's codes.
//!
//! The codes are those of the design's section 5.6. A word that covers several codes (`dark` hair is black or dark brown)
//! yields all of them; a word nobody listed yields none and is kept verbatim.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::values::key;

/// A value of a vocabulary as the file has it, with the codes it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coded {
    /// The codes; none when the word is not in the vocabulary.
    pub codes: &'static [&'static str],
    /// The word as the file has it.
    pub verbatim: String,
}

impl Coded {
    /// The code when there is exactly one.
    pub const fn code(&self) -> Option<&'static str> {
        match self.codes {
            [one] => Some(one),
            _ => None,
        }
    }
}

/// A vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vocabulary {
    /// Build of the body (V-BUILD).
    Build,
    /// Hair colour (V-HAIRC).
    Hair,
    /// Eye colour (V-EYE).
    Eyes,
    /// State of remains (V-BODYSTATE).
    BodyState,
    /// Where remains are now (V-DISPOSITION).
    Disposition,
    /// Means of transport (V-TRANSPORT).
    Transport,
    /// Means of the last contact.
    ContactMeans,
    /// Kind of a found record, by the words of the kind or setting column.
    FoundKind,
    /// Whether a living person wants contact.
    WantsContact,
    /// Cause of an incident (V-CAUSE); see [`cause_class`] for free texts.
    Cause,
}

type Entry = (&'static [&'static str], &'static str);

const BUILD: &[Entry] = &[
    (&["slim"], "slim|delgada|delgado|flaco|flaca|thin|slender|skinny|mince|maigre|magro|magra|lean|esbelto|esbelta"),
    (&["thin_muscular"], "thin muscular|atletica|atletico|athletic|athletique|musculoso|muscular|fit"),
    (&["average"], "average|media|medio|mediana|mediano|medium|moyenne|moyen|normal|regular|complexion media|medium build"),
    (&["robust"], "robust|robusta|robusto|stocky|fornido|forte|corpulento|corpulenta|robuste|tarchiato"),
    (&["robust", "obese"], "heavy|gordo|gorda|grueso|gruesa|heavyset|large|corpulent|gros|grosse|gordito|llenito"),
    (&["obese"], "obese|obesa|obeso"),
];

const HAIR: &[Entry] = &[
    (&["black"], "black|negro|negra|negros|noir|noirs|preto|pretos|nero|neri"),
    (&["dark_brown"], "dark brown|castano oscuro|cafe oscuro|brun fonce|castanho escuro"),
    (&["black", "dark_brown"], "dark|oscuro|oscuros|fonce|escuro|scuri|moreno"),
    (&["brown"], "brown|castano|castana|cafe|marron|chatain|chatains|castanho|castani|brun"),
    (&["light_brown"], "light brown|castano claro|cafe claro|chatain clair|castanho claro"),
    (&["light_brown", "blond"], "light|claro|claros|clair|clairs"),
    (&["blond"], "blond|blonde|blonds|rubio|rubia|guero|guera|loiro|loira|biondi|biondo|blond hair"),
    (&["red"], "red|pelirrojo|pelirroja|rojo|roux|ruivo|rossi|auburn"),
    (&["grey"], "grey|gray|graying|greying|canoso|canosa|entrecano|entrecana|gris|grises|grigi|grigio|grisalho|grisonnant"),
    (&["white"], "white|blanco|blanca|blancs|branco|bianchi"),
    (&["dyed"], "dyed|tenido|tenida|pintado|teint|tingido"),
    (&["none"], "none|calvo|calva|bald|sin cabello|chauve|careca"),
];

const EYES: &[Entry] = &[
    (&["black"], "black|negro|negros|noir|noirs|preto|pretos|neri"),
    (&["dark_brown"], "dark brown|cafe oscuro|cafes oscuros|marron oscuro|marron fonce"),
    (&["black", "dark_brown"], "dark|oscuro|oscuros|fonces|escuros|scuri"),
    (&["brown"], "brown|cafe|cafes|marron|marrons|marroni|castanhos|castanho|castanos|castano"),
    (&["light_brown"], "light brown|miel|cafe claro|cafes claros|hazel|avellana|noisette|mel"),
    (&["light_brown", "green", "blue", "grey"], "light|claro|claros|clairs|chiari"),
    (&["green"], "green|verde|verdes|verts|vert|verdi"),
    (&["blue"], "blue|azul|azules|bleu|bleus|azuis|azzurri"),
    (&["grey"], "grey|gray|gris|grises|cinza"),
    (&["two_colours"], "two colours|two colors|heterochromia|dos colores"),
    (&["missing"], "missing|ausente|ausentes"),
];

const BODY_STATE: &[Entry] = &[
    (&["fresh"], "fresh|reciente|fully fleshed"),
    (&["early_decomp"], "early decomp|early decomposition|descomposicion temprana|descomposicion inicial|decomposed"),
    (
        &["advanced_decomp"],
        "advanced decomp|advanced decomposition|descomposicion avanzada|avanzado estado de descomposicion|decomposed with skeletal exposure",
    ),
    (&["mummified"], "mummified|momificado|momificados|mummified remains"),
    (&["adipocere"], "adipocere|adipocira"),
    (&["skeletal"], "skeletal|esqueletizado|esqueletizados|skeletal remains|restos oseos|osamenta|skeletonized|complete skeletonization"),
    (&["burned"], "burned|calcinado|calcinados|quemado|burnt"),
    (&["dismembered"], "dismembered|desmembrado|desmembrados"),
    (&["commingled"], "commingled|mezclado|mezclados"),
];

const DISPOSITION: &[Entry] = &[
    (&["in_custody"], "in custody|en resguardo|semefo|morgue|en custodia"),
    (&["individual_grave"], "individual grave|fosa individual|tumba individual|inhumado"),
    (&["common_grave"], "common grave|fosa comun"),
    (&["cremated"], "cremated|cremado|incinerado"),
    (&["repatriated"], "repatriated|repatriado"),
    (&["returned_to_family"], "returned to family|entregado a familia|entregado a la familia"),
    (&["unknown_location"], "unknown location|ubicacion desconocida"),
];

const TRANSPORT: &[Entry] = &[
    (&["walking"], "walking|a pie|caminando|foot|on foot"),
    (&["bus"], "bus|autobus|camion de pasajeros|camioneta de pasajeros"),
    (&["lorry_container"], "lorry container|lorry|truck|trailer|trailer container|trailer de carga|camion|contenedor"),
    (&["car"], "car|carro|auto|automovil|taxi|camioneta|van"),
    (&["motorcycle"], "motorcycle|moto|motocicleta"),
    (&["train_freight"], "train freight|freight train|la bestia|tren de carga|tren|train|bestia"),
    (&["boat"], "boat|lancha|barco|patera|cayuco|bote|panga|pirogue"),
    (&["river_raft"], "river raft|raft|balsa|camara"),
    (&["plane"], "plane|avion|vuelo"),
    (&["horse"], "horse|caballo"),
];

const CONTACT_MEANS: &[Entry] = &[
    (&["call"], "call|llamada|telefono|phone|phone call|llamada telefonica"),
    (&["message"], "message|mensaje|whatsapp|sms|text|texto|mensaje de texto"),
    (&["in_person"], "in person|en persona|personal"),
    (&["social_network"], "social network|red social|redes sociales|facebook|messenger|instagram"),
    (&["remittance"], "remittance|remesa|envio de dinero"),
    (&["border_control"], "border control|control fronterizo"),
    (&["detention_record"], "detention record|registro de detencion"),
    (&["third_party"], "third party|tercero|terceros|un tercero"),
];

const FOUND_KIND: &[Entry] = &[
    (&["living"], "living|viva|vivo|con vida|street|calle|self presented|returned|retornado|psychiatric|psiquiatrico|alive|found living"),
    (&["hospital"], "hospital|hospitalised|hospitalized|hospitalizado|hospitalizada|hospitalizados|clinic|clinica"),
    (&["detention"], "detention|detained|detenido|detenida|detencion|migration detention|prison|carcel|estacion migratoria|prision"),
    (&["shelter"], "shelter|albergue|casa del migrante|refugio"),
    (&["remains_named"], "remains named|restos con nombre|deceased named|fallecido identificado por documentos"),
    (
        &["remains_unnamed"],
        "remains anon|remains unnamed|remains|restos|restos sin nombre|deceased|fallecido|fallecida|cadaver|cuerpo|complete body|incomplete body|isolated element|commingled set|cremains|cuerpo completo|cuerpo incompleto|elemento aislado|conjunto mezclado|cenizas",
    ),
    (&["foreign_case"], "foreign case|caso extranjero|case|caso|missing person case"),
];

const WANTS_CONTACT: &[Entry] = &[
    (&["yes"], "yes|si|true|1"),
    (&["no"], "no|false|0"),
    (&["undecided"], "undecided|indeciso|indecisa|no decidido"),
    (&["not_asked"], "not asked|no preguntado|no se pregunto"),
];

const CAUSE: &[Entry] = &[
    (&["unknown"], "unknown|desconocida|desconocido|mixed or unknown"),
    (&["drowning"], "drowning|ahogamiento|presumed drowning"),
    (&["violence"], "violence|violencia"),
    (&["accident"], "accident|accidente|vehicle accident|accidental death|vehicle accident death linked to hazardous transport"),
    (&["environment"], "environment|harsh environmental conditions lack of adequate shelter food water|ambiente"),
    (&["illness"], "illness|enfermedad|sickness lack of access to adequate healthcare"),
    (&["lost_contact"], "lost contact|perdida de contacto"),
    (&["kidnapping"], "kidnapping|secuestro"),
    (&["enforced_disappearance"], "enforced disappearance|desaparicion forzada"),
    (&["detention_incommunicado"], "detention incommunicado|detencion incomunicada"),
    (&["trafficking"], "trafficking|trata"),
    (&["voluntary"], "voluntary|voluntaria"),
];

type Words = HashMap<String, &'static [&'static str]>;

fn words(vocabulary: Vocabulary) -> &'static Words {
    static ALL: OnceLock<[Words; 10]> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        [BUILD, HAIR, EYES, BODY_STATE, DISPOSITION, TRANSPORT, CONTACT_MEANS, FOUND_KIND, WANTS_CONTACT, CAUSE].map(|entries| {
            let mut map = Words::new();
            for (codes, words) in entries {
                for word in words.split('|') {
                    map.entry(word.to_owned()).or_insert(codes);
                }
            }
            map
        })
    });
    let [build, hair, eyes, body, disposition, transport, means, kind, wants, cause] = all;
    match vocabulary {
        Vocabulary::Build => build,
        Vocabulary::Hair => hair,
        Vocabulary::Eyes => eyes,
        Vocabulary::BodyState => body,
        Vocabulary::Disposition => disposition,
        Vocabulary::Transport => transport,
        Vocabulary::ContactMeans => means,
        Vocabulary::FoundKind => kind,
        Vocabulary::WantsContact => wants,
        Vocabulary::Cause => cause,
    }
}

/// The codes a word stands for; none when it is not in the vocabulary. Case, accents and punctuation do not matter.
pub fn codes(vocabulary: Vocabulary, word: &str) -> &'static [&'static str] {
    let map = words(vocabulary);
    map.get(word).or_else(|| map.get(key(word).as_str())).copied().unwrap_or(&[])
}

/// The class (V-CAUSE) of a cause of death told in words, as the IOM incidents have it (1,400 spellings): the first class
/// whose stems begin a word of the text, in the order of the list below; `unknown` otherwise. A stem of up to four letters must be the
/// whole word.
pub fn cause_class(text: &str) -> &'static str {
    if let [code] = codes(Vocabulary::Cause, text) {
        return code;
    }
    const STEMS: &[(&str, &str)] = &[
        ("illness", "heart cardiac"),
        (
            "violence",
            "violen shot shoot gunsh murder kill beat stab homicid executi torture assault strangl bomb explos airstrike landmine rape abuse attack weapon bullet grenade mine",
        ),
        ("drowning", "drown water shipwreck capsiz ahog sank sunk boat"),
        (
            "accident",
            "vehicle car accident truck train crush fell fall electrocut collision hit motor suffocat asphyx fire landslide avalanche trampl overturn crash railway traffic blunt trauma burns",
        ),
        (
            "illness",
            "sick ill disease heart cardi medic infect malaria pneumonia covid respiratory stroke fever diarrh hospital diabet ebola tubercul pregnan childbirth health organ hepat meningit cholera poison hemorr",
        ),
        (
            "environment",
            "dehydrat hypotherm hyperth exposure starv hunger heat cold environment thirst exhaust frost froze sun food lightning harsh snake animal hippo crocod scorpion",
        ),
    ];
    let folded = key(text);
    STEMS
        .iter()
        .find(|(_, stems)| {
            stems.split(' ').any(|stem| {
                let short = stem.len() <= 4;
                folded.split(' ').any(|word| word == stem || (!short && word.starts_with(stem)))
            })
        })
        .map_or("unknown", |(class, _)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_four_languages_reach_the_same_code() {
        for word in ["delgado", "THIN", "mince", "Magra"] {
            assert_eq!(codes(Vocabulary::Build, word), ["slim"]);
        }
        for word in ["Café", "brown", "marrón", "castanhos"] {
            assert_eq!(codes(Vocabulary::Eyes, word), ["brown"]);
        }
        assert_eq!(codes(Vocabulary::Hair, "oscuro"), ["black", "dark_brown"]);
        assert!(codes(Vocabulary::Hair, "fosforescente").is_empty());
    }

    #[test]
    fn every_listed_word_is_written_as_its_key() {
        for entries in [BUILD, HAIR, EYES, BODY_STATE, DISPOSITION, TRANSPORT, CONTACT_MEANS, FOUND_KIND, WANTS_CONTACT, CAUSE] {
            for word in entries.iter().flat_map(|(_, words)| words.split('|')) {
                assert_eq!(key(word), word);
            }
        }
    }

    #[test]
    fn found_kinds_are_the_domain_s_words() {
        for (codes, _) in FOUND_KIND {
            for code in *codes {
                assert!(code.parse::<crate::domain::found::FoundKind>().is_ok(), "{code}");
            }
        }
    }

    #[test]
    fn causes_told_in_words_have_a_class() {
        for (text, class) in [
            ("Presumed drowning", "drowning"),
            ("Vehicle accident", "accident"),
            ("Shot", "violence"),
            ("Shot or Stabbed", "violence"),
            ("Heart attack", "illness"),
            ("Sickness and lack of access to medicines", "illness"),
            ("Environmental Exposure-Heat", "environment"),
            ("Dehydration", "environment"),
            ("Unknown (skeletal remains)", "unknown"),
            ("Mixed or unknown", "unknown"),
            ("", "unknown"),
        ] {
            assert_eq!(cause_class(text), class, "{text}");
        }
    }
}
