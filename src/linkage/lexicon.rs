//! Words as data: name classes, abbreviations, particles and the concepts of descriptions, read from `config/names/*.toml`.

use rustc_hash::FxHashMap;
use std::collections::HashMap;

use serde::Deserialize;

use super::text::fold;

/// Why a lexicon file was refused.
#[derive(Debug, thiserror::Error)]
pub enum LexiconError {
    /// The text is not the expected TOML.
    #[error("word file {file} cannot be read: {reason}; compare it with config/names/README.md")]
    Syntax {
        /// Which file.
        file: String,
        /// The parser's words.
        reason: String,
    },
    /// `[similar]` or `[neighbours]` names a concept that its axis does not have.
    #[error("concepts file: `{concept}` is not a concept of axis `{axis}`; add it under [axes.{axis}] or remove it from the list")]
    UnknownConcept {
        /// The axis named.
        axis: String,
        /// The concept that is missing.
        concept: String,
    },
    /// A file speaks of an axis that descriptions do not have.
    #[error("word file {file}: there is no axis `{axis}`; the axes are those of config/names/concepts.toml")]
    UnknownAxis {
        /// Which file.
        file: String,
        /// The axis named.
        axis: String,
    },
    /// More classes or concepts than the engine numbers.
    #[error("word file {file}: more than 65,535 {what} in all files together; leave some out")]
    TooMany {
        /// The file at which the count ran over.
        file: String,
        /// Classes or concepts.
        what: &'static str,
    },
}

#[derive(Deserialize)]
struct ClassFile {
    classes: Vec<String>,
}

#[derive(Deserialize)]
struct AbbreviationFile {
    #[serde(default)]
    abbreviations: HashMap<String, Vec<String>>,
    #[serde(default)]
    particles: Particles,
}

#[derive(Deserialize, Default)]
struct Particles {
    #[serde(default)]
    drop: Vec<String>,
    #[serde(default)]
    unknown: Vec<String>,
}

#[derive(Deserialize)]
struct ConceptFile {
    #[serde(default)]
    stop: String,
    #[serde(default)]
    axes: HashMap<String, HashMap<String, String>>,
    #[serde(default)]
    similar: HashMap<String, Vec<Vec<String>>>,
    #[serde(default)]
    neighbours: HashMap<String, Vec<Vec<String>>>,
}

/// Which aspect of a description a word speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the axes of concepts.toml under their own names")]
pub enum Axis {
    Mark,
    Part,
    Side,
    Motif,
    Garment,
    Colour,
    Belonging,
    Dental,
    Hair,
    Eyes,
    Build,
}

impl Axis {
    /// Every axis with its name in the file.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::Mark, "mark"),
        (Self::Part, "part"),
        (Self::Side, "side"),
        (Self::Motif, "motif"),
        (Self::Garment, "garment"),
        (Self::Colour, "colour"),
        (Self::Belonging, "belonging"),
        (Self::Dental, "dental"),
        (Self::Hair, "hair"),
        (Self::Eyes, "eyes"),
        (Self::Build, "build"),
    ];
}

/// A concept: a number from 1 within the whole lexicon; 0 is "not said".
pub type ConceptId = u16;

/// The words the engine knows. Building it costs a few milliseconds; share one.
#[derive(Debug)]
pub struct Lexicon {
    classes: HashMap<String, Vec<u16>>,
    class_count: u16,
    particles: HashMap<String, ()>,
    unknown: HashMap<String, ()>,
    stop: HashMap<String, ()>,
    /// What each phrase means, on one axis or several.
    phrases: HashMap<String, Vec<(Axis, ConceptId)>>,
    names: Vec<String>,
    concepts: HashMap<(Axis, String), ConceptId>,
    longest_phrase: usize,
    similar: FxHashMap<(ConceptId, ConceptId), ()>,
    alike: FxHashMap<ConceptId, Vec<ConceptId>>,
}

macro_rules! word_files {
    ($($file:literal),* $(,)?) => { &[$(($file, include_str!(concat!("../../config/names/", $file)))),*] };
}

/// The class files that come with the program, by name; every file of `config/names` but the two below.
const CLASS_FILES: &[(&str, &str)] = word_files![
    "ar.toml",
    "central_east_africa.toml",
    "cognates.toml",
    "en.toml",
    "es.toml",
    "es_en.toml",
    "fr_ht.toml",
    "it.toml",
    "maya_nahuatl.toml",
    "other.toml",
    "pt.toml",
    "quechua_aymara.toml",
    "south_asia.toml",
    "west_africa.toml",
    "zh.toml",
];
const ABBREVIATIONS_FILE: &str = "abbreviations.toml";
const ABBREVIATIONS: &str = include_str!("../../config/names/abbreviations.toml");
const CONCEPTS_FILE: &str = "concepts.toml";
const CONCEPTS: &str = include_str!("../../config/names/concepts.toml");

impl Lexicon {
    /// The lexicon that comes with the program.
    ///
    /// # Errors
    /// [`LexiconError`] when a shipped file was damaged before the build; a test holds it together.
    pub fn standard() -> Result<Self, LexiconError> {
        let mut out = Self::empty();
        for (file, text) in CLASS_FILES {
            out.read_classes(file, text)?;
        }
        out.read_abbreviations(ABBREVIATIONS_FILE, ABBREVIATIONS)?;
        out.read_concepts(CONCEPTS_FILE, CONCEPTS)?;
        Ok(out)
    }

    /// The standard lexicon with an operator's own files added, each with its name and its text: class files, except `abbreviations.toml` and
    /// `concepts.toml`, which add to the files of that name. Nothing is taken away by adding; where one word is given two concepts on one axis, the
    /// operator's counts.
    ///
    /// # Errors
    /// [`LexiconError`] naming the file and what is wrong with it.
    pub fn with_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, LexiconError> {
        let mut out = Self::standard()?;
        for (file, text) in files {
            match file.rsplit('/').next() {
                Some(ABBREVIATIONS_FILE) => out.read_abbreviations(file, text)?,
                Some(CONCEPTS_FILE) => out.read_concepts(file, text)?,
                _ => out.read_classes(file, text)?,
            }
        }
        Ok(out)
    }

    /// Reads class files, the abbreviations file and the concepts file, each as TOML text.
    ///
    /// # Errors
    /// [`LexiconError::Syntax`] for text that does not parse, [`LexiconError::UnknownConcept`] for a dangling name.
    pub fn from_toml(class_files: &[&str], abbreviations: &str, concepts: &str) -> Result<Self, LexiconError> {
        let mut out = Self::empty();
        for text in class_files {
            out.read_classes("of name classes", text)?;
        }
        out.read_abbreviations(ABBREVIATIONS_FILE, abbreviations)?;
        out.read_concepts(CONCEPTS_FILE, concepts)?;
        Ok(out)
    }

    fn empty() -> Self {
        Self {
            classes: Default::default(),
            class_count: 0,
            particles: Default::default(),
            unknown: Default::default(),
            stop: Default::default(),
            phrases: Default::default(),
            names: vec![String::new()],
            concepts: Default::default(),
            longest_phrase: 1,
            similar: Default::default(),
            alike: Default::default(),
        }
    }

    fn read_classes(&mut self, name: &str, text: &str) -> Result<(), LexiconError> {
        let file: ClassFile = parse(name, text)?;
        file.classes.iter().try_for_each(|class| self.add_class(name, class.split_whitespace()))
    }

    fn read_abbreviations(&mut self, name: &str, text: &str) -> Result<(), LexiconError> {
        let file: AbbreviationFile = parse(name, text)?;
        let mut shorts: Vec<_> = file.abbreviations.into_iter().collect();
        shorts.sort();
        for (short, longs) in shorts {
            for long in longs {
                self.add_class(name, [short.as_str(), long.as_str()].into_iter())?;
            }
        }
        self.particles.extend(file.particles.drop.iter().map(|w| (fold(w), ())));
        self.unknown.extend(file.particles.unknown.iter().map(|w| (fold(w), ())));
        Ok(())
    }

    fn add_class<'a>(&mut self, file: &str, members: impl Iterator<Item = &'a str>) -> Result<(), LexiconError> {
        self.class_count = self.class_count.checked_add(1).ok_or_else(|| LexiconError::TooMany { file: file.to_owned(), what: "classes" })?;
        for member in members.map(fold).filter(|m| !m.is_empty()) {
            let list = self.classes.entry(member).or_default();
            if list.last() != Some(&self.class_count) {
                list.push(self.class_count);
            }
        }
        Ok(())
    }

    fn read_concepts(&mut self, name: &str, text: &str) -> Result<(), LexiconError> {
        let file: ConceptFile = parse(name, text)?;
        let known = |axis: &String| Axis::ALL.iter().any(|(_, known)| known == axis);
        if let Some(axis) = file.axes.keys().chain(file.similar.keys()).chain(file.neighbours.keys()).find(|a| !known(a)) {
            return Err(LexiconError::UnknownAxis { file: name.to_owned(), axis: axis.clone() });
        }
        self.stop.extend(file.stop.split('|').map(|w| (fold(w), ())));
        // The first of a file's words for a phrase counts, and a later file's before an earlier one's.
        let mut phrases: HashMap<(Axis, String), ConceptId> = HashMap::new();
        for (axis, axis_name) in Axis::ALL {
            let Some(table) = file.axes.get(axis_name) else { continue };
            let mut concepts: Vec<_> = table.iter().collect();
            concepts.sort();
            for (concept, words) in concepts {
                let id = self.concept(name, axis, axis_name, concept)?;
                for phrase in words.split('|') {
                    let key = stem_phrase(&fold(phrase));
                    if !key.is_empty() {
                        self.longest_phrase = self.longest_phrase.max(key.split(' ').count());
                        phrases.entry((axis, key)).or_insert(id);
                    }
                }
            }
        }
        for ((axis, phrase), id) in phrases {
            let meanings = self.phrases.entry(phrase).or_default();
            match meanings.iter_mut().find(|(known, _)| *known == axis) {
                Some(known) => known.1 = id,
                None => meanings.push((axis, id)),
            }
        }
        for section in [&file.similar, &file.neighbours] {
            for (axis, axis_name) in Axis::ALL {
                for group in section.get(axis_name).into_iter().flatten() {
                    let mut members = Vec::with_capacity(group.len());
                    for concept in group {
                        match self.concepts.get(&(axis, concept.clone())) {
                            Some(id) => members.push(*id),
                            None => return Err(LexiconError::UnknownConcept { axis: axis_name.to_owned(), concept: concept.clone() }),
                        }
                    }
                    for &a in &members {
                        for &b in &members {
                            if a != b && self.similar.insert((a, b), ()).is_none() {
                                self.alike.entry(a).or_default().push(b);
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The number of a concept, new if needed.
    fn concept(&mut self, file: &str, axis: Axis, axis_name: &str, concept: &str) -> Result<ConceptId, LexiconError> {
        if let Some(&id) = self.concepts.get(&(axis, concept.to_owned())) {
            return Ok(id);
        }
        let id = ConceptId::try_from(self.names.len()).map_err(|_| LexiconError::TooMany { file: file.to_owned(), what: "concepts" })?;
        self.names.push(format!("{axis_name}.{concept}"));
        self.concepts.insert((axis, concept.to_owned()), id);
        Ok(id)
    }

    /// Classes a folded name token belongs to.
    #[must_use]
    pub fn classes_of(&self, token: &str) -> &[u16] {
        self.classes.get(token).map_or(&[], Vec::as_slice)
    }

    /// True for a word that joins names but is none (`de`, `al`, `vda`).
    #[must_use]
    pub fn is_particle(&self, token: &str) -> bool {
        self.particles.contains_key(token)
    }

    /// True for a word that says that no name is known.
    #[must_use]
    pub fn is_unknown_marker(&self, token: &str) -> bool {
        self.unknown.contains_key(token)
    }

    /// True for two concepts that witnesses confuse or that lie side by side.
    #[must_use]
    pub fn similar(&self, a: ConceptId, b: ConceptId) -> bool {
        self.similar.contains_key(&(a, b))
    }

    /// The concepts that witnesses confuse with one; none for free words.
    pub fn similar_to(&self, id: u32) -> impl Iterator<Item = u32> + '_ {
        u16::try_from(id).ok().and_then(|id| self.alike.get(&id)).into_iter().flatten().map(|id| u32::from(*id))
    }

    /// The concept's name, `axis.concept`; empty for 0 and for free words.
    #[must_use]
    pub fn concept_name(&self, id: ConceptId) -> &str {
        self.names.get(usize::from(id)).map_or("", String::as_str)
    }

    /// The concept of a whole short text on one axis (hair, eyes, build): the whole phrase, else its first known word.
    #[must_use]
    pub fn category(&self, axis: Axis, text: &str) -> ConceptId {
        self.scan(&[axis], text).0.first().map_or(0, |(_, id)| *id)
    }

    /// Reads a text on several axes: concepts found, longest phrase first at each place and earlier axes first at equal length; and the
    /// words that nothing explains, as stems.
    #[must_use]
    pub fn scan(&self, axes: &[Axis], text: &str) -> (Vec<(Axis, ConceptId)>, Vec<String>) {
        let words: Vec<String> = fold(text).split(' ').filter(|w| !w.is_empty()).take(24).map(stem).collect();
        let text = words.join(" ");
        // By word, where it begins in the text, and where one after the last would.
        let starts: Vec<usize> = std::iter::once(0).chain(words.iter().scan(0, |end, word| (*end += word.len() + 1, Some(*end)).1)).collect();
        let (mut found, mut rest) = (Vec::new(), Vec::new());
        let mut i = 0;
        'words: while i < words.len() {
            let longest = self.longest_phrase.min(words.len() - i);
            for length in (1..=longest).rev() {
                let Some(meanings) = self.phrases.get(&text[starts[i]..starts[i + length] - 1]) else { continue };
                let meaning = axes.iter().find_map(|axis| meanings.iter().find(|(on, _)| on == axis));
                if let Some(meaning) = meaning {
                    found.push(*meaning);
                    i += length;
                    continue 'words;
                }
            }
            if !self.stop.contains_key(&words[i]) && words[i].len() > 1 {
                rest.push(words[i].clone());
            }
            i += 1;
        }
        (found, rest)
    }
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, LexiconError> {
    toml::from_str(text).map_err(|e| LexiconError::Syntax { file: file.to_owned(), reason: e.to_string() })
}

/// A light stem that joins singular and plural: a final `s` goes from words of four letters and more.
fn stem(word: &str) -> String {
    if word.len() >= 4 && word.ends_with('s') && !word.ends_with("ss") { word[..word.len() - 1].to_owned() } else { word.to_owned() }
}

fn stem_phrase(phrase: &str) -> String {
    phrase.split(' ').map(stem).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_files_hold_together() {
        let lexicon = Lexicon::standard().unwrap();
        assert!(lexicon.classes_of("pancho").iter().any(|c| lexicon.classes_of("francisco").contains(c)));
        assert!(lexicon.is_particle("de"));
    }

    #[test]
    fn one_nickname_does_not_join_two_names() {
        let lexicon = Lexicon::standard().unwrap();
        assert!(!lexicon.classes_of("alberto").iter().any(|c| lexicon.classes_of("roberto").contains(c)));
    }

    #[test]
    fn a_phrase_of_two_axes_means_what_the_axis_that_is_asked_first_says() {
        let mut lexicon = Lexicon::empty();
        let concepts = |words: &str| format!("stop = ''\n[axes.motif]\nrose = '{words}'\n[axes.colour]\npink = 'rosa'\n");
        lexicon.read_concepts("first.toml", &concepts("rosa")).unwrap();
        let first = |lexicon: &Lexicon, axes: [Axis; 2]| lexicon.scan(&axes, "Rosas").0[0].0;
        assert_eq!(first(&lexicon, [Axis::Motif, Axis::Colour]), Axis::Motif);
        assert_eq!(first(&lexicon, [Axis::Colour, Axis::Motif]), Axis::Colour);
        // A later file's word counts on its axis and leaves the other as it was.
        let rose = lexicon.scan(&[Axis::Motif], "rosa").0[0].1;
        lexicon.read_concepts("later.toml", "stop = ''\n[axes.motif]\nflower = 'rosa'\n").unwrap();
        assert_ne!(lexicon.scan(&[Axis::Motif], "rosa").0[0].1, rose);
        assert_eq!(first(&lexicon, [Axis::Colour, Axis::Motif]), Axis::Colour);
    }

    #[test]
    fn a_tattoo_reads_alike_in_five_languages() {
        let lexicon = Lexicon::standard().unwrap();
        let axes = [Axis::Mark, Axis::Motif, Axis::Part, Axis::Side];
        let read = |t: &str| {
            let mut c = lexicon.scan(&axes, t).0;
            c.sort();
            c
        };
        let first = read("tatuaje de mariposa en el hombro izquierdo");
        assert_eq!(first.len(), 4);
        for other in [
            "butterfly tattoo on left shoulder",
            "tatouage papillon sur épaule gauche",
            "tatuagem de borboleta no ombro esquerdo",
            "tatuaggio farfalla sulla spalla sinistra",
        ] {
            assert_eq!(read(other), first, "{other}");
        }
    }

    #[test]
    fn every_shipped_class_file_is_read() {
        let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/names");
        let Ok(entries) = std::fs::read_dir(directory) else { return };
        for entry in entries {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".toml") && ![ABBREVIATIONS_FILE, CONCEPTS_FILE].contains(&name.as_str()) {
                assert!(CLASS_FILES.iter().any(|(file, _)| *file == name), "{name} is missing from CLASS_FILES");
            }
        }
    }

    #[test]
    fn shipped_words_are_folded_and_no_class_stands_alone() {
        for (file, text) in CLASS_FILES {
            let classes: ClassFile = parse(file, text).unwrap();
            for class in classes.classes {
                assert!(class.contains(' '), "{file}: {class}");
                assert!(class.split(' ').all(|w| !w.is_empty() && fold(w) == w), "{file}: {class}");
            }
        }
    }

    #[test]
    fn an_operator_adds_names_and_words_by_files() {
        let own = ("own/garifuna.toml", "origin = \"gari\"\nkind = \"familiar\"\nclasses = [\"satuye satu\"]");
        let words = ("own/concepts.toml", "[axes.garment]\nsandals = \"bechete\"\nponcho = \"gaban\"");
        let lexicon = Lexicon::with_files([own, words]).unwrap();
        assert_eq!(lexicon.classes_of("satuye"), lexicon.classes_of("satu"));
        assert!(!lexicon.classes_of("pancho").is_empty());
        assert_eq!(lexicon.category(Axis::Garment, "bechetes"), lexicon.category(Axis::Garment, "chanclas"));
        assert_ne!(lexicon.category(Axis::Garment, "gaban"), 0);
        let wrong = Lexicon::with_files([own, ("own/bad.toml", "classes = 7")]).unwrap_err();
        assert!(wrong.to_string().contains("bad.toml"));
    }

    #[test]
    fn more_classes_than_numbers_are_refused() {
        let text = format!("classes = [{}]", "\"a b\",".repeat(65_536));
        assert!(matches!(Lexicon::from_toml(&[&text], ABBREVIATIONS, CONCEPTS), Err(LexiconError::TooMany { .. })));
    }

    #[test]
    fn an_axis_that_descriptions_do_not_have_is_refused() {
        let error = Lexicon::from_toml(&[], ABBREVIATIONS, "[axes.shoe]\nboot = \"bota\"").unwrap_err();
        assert!(matches!(error, LexiconError::UnknownAxis { axis, .. } if axis == "shoe"));
    }

    #[test]
    fn a_dangling_concept_is_refused_by_name() {
        let text = "stop = \"de\"\n[axes.mark]\nscar = \"cicatriz\"\n[similar]\nmark = [[\"scar\", \"burn\"]]\n[neighbours]\n";
        let error = Lexicon::from_toml(&[], ABBREVIATIONS, text).unwrap_err();
        assert!(error.to_string().contains("burn"));
    }
}
