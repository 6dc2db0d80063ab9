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
        /// Which of the five files.
        file: &'static str,
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
}

#[derive(Deserialize)]
struct ClassFile {
    classes: Vec<String>,
}

#[derive(Deserialize)]
struct AbbreviationFile {
    abbreviations: HashMap<String, Vec<String>>,
    particles: Particles,
}

#[derive(Deserialize)]
struct Particles {
    drop: Vec<String>,
    unknown: Vec<String>,
}

#[derive(Deserialize)]
struct ConceptFile {
    stop: String,
    axes: HashMap<String, HashMap<String, String>>,
    similar: HashMap<String, Vec<Vec<String>>>,
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
    phrases: HashMap<(Axis, String), ConceptId>,
    names: Vec<String>,
    longest_phrase: usize,
    similar: FxHashMap<(ConceptId, ConceptId), ()>,
    alike: FxHashMap<ConceptId, Vec<ConceptId>>,
}

const ES: &str = include_str!("../../config/names/es.toml");
const LATIN: &str = include_str!("../../config/names/latin.toml");
const FAMILIAR: &str = include_str!("../../config/names/familiar.toml");
const ABBREVIATIONS: &str = include_str!("../../config/names/abbreviations.toml");
const CONCEPTS: &str = include_str!("../../config/names/concepts.toml");

impl Lexicon {
    /// The lexicon that comes with the program.
    ///
    /// # Errors
    /// [`LexiconError`] when a shipped file was damaged before the build; a test holds it together.
    pub fn standard() -> Result<Self, LexiconError> {
        Self::from_toml(&[ES, LATIN, FAMILIAR], ABBREVIATIONS, CONCEPTS)
    }

    /// Reads class files, the abbreviations file and the concepts file, each as TOML text.
    ///
    /// # Errors
    /// [`LexiconError::Syntax`] for text that does not parse, [`LexiconError::UnknownConcept`] for a dangling name.
    pub fn from_toml(class_files: &[&str], abbreviations: &str, concepts: &str) -> Result<Self, LexiconError> {
        let mut out = Self {
            classes: Default::default(),
            class_count: 0,
            particles: Default::default(),
            unknown: Default::default(),
            stop: Default::default(),
            phrases: Default::default(),
            names: vec![String::new()],
            longest_phrase: 1,
            similar: Default::default(),
            alike: Default::default(),
        };
        for text in class_files {
            let file: ClassFile = toml::from_str(text).map_err(|e| LexiconError::Syntax { file: "of name classes", reason: e.to_string() })?;
            for class in &file.classes {
                out.add_class(class.split(' '));
            }
        }
        let file: AbbreviationFile =
            toml::from_str(abbreviations).map_err(|e| LexiconError::Syntax { file: "abbreviations", reason: e.to_string() })?;
        let mut shorts: Vec<_> = file.abbreviations.into_iter().collect();
        shorts.sort();
        for (short, longs) in shorts {
            for long in longs {
                out.add_class([short.as_str(), long.as_str()].into_iter());
            }
        }
        out.particles = file.particles.drop.iter().map(|w| (fold(w), ())).collect();
        out.unknown = file.particles.unknown.iter().map(|w| (fold(w), ())).collect();
        out.read_concepts(concepts)?;
        Ok(out)
    }

    fn add_class<'a>(&mut self, members: impl Iterator<Item = &'a str>) {
        self.class_count += 1;
        for member in members.map(fold).filter(|m| !m.is_empty()) {
            let list = self.classes.entry(member).or_default();
            if list.last() != Some(&self.class_count) {
                list.push(self.class_count);
            }
        }
    }

    fn read_concepts(&mut self, text: &str) -> Result<(), LexiconError> {
        let file: ConceptFile = toml::from_str(text).map_err(|e| LexiconError::Syntax { file: "concepts", reason: e.to_string() })?;
        self.stop = file.stop.split('|').map(|w| (fold(w), ())).collect();
        let mut ids: FxHashMap<(Axis, &str), ConceptId> = Default::default();
        for (axis, axis_name) in Axis::ALL {
            let Some(table) = file.axes.get(axis_name) else { continue };
            let mut concepts: Vec<_> = table.iter().collect();
            concepts.sort();
            for (concept, words) in concepts {
                let id = ConceptId::try_from(self.names.len()).unwrap_or(ConceptId::MAX);
                self.names.push(format!("{axis_name}.{concept}"));
                ids.insert((axis, concept.as_str()), id);
                for phrase in words.split('|') {
                    let key = stem_phrase(&fold(phrase));
                    self.longest_phrase = self.longest_phrase.max(key.split(' ').count());
                    self.phrases.entry((axis, key)).or_insert(id);
                }
            }
        }
        for section in [&file.similar, &file.neighbours] {
            for (axis, axis_name) in Axis::ALL {
                for group in section.get(axis_name).into_iter().flatten() {
                    let mut members = Vec::with_capacity(group.len());
                    for concept in group {
                        match ids.get(&(axis, concept.as_str())) {
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
        let (mut found, mut rest) = (Vec::new(), Vec::new());
        let mut i = 0;
        'words: while i < words.len() {
            let longest = self.longest_phrase.min(words.len() - i);
            for length in (1..=longest).rev() {
                let phrase = words[i..i + length].join(" ");
                for &axis in axes {
                    if let Some(&id) = self.phrases.get(&(axis, phrase.clone())) {
                        found.push((axis, id));
                        i += length;
                        continue 'words;
                    }
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
    fn a_dangling_concept_is_refused_by_name() {
        let text = "stop = \"de\"\n[axes.mark]\nscar = \"cicatriz\"\n[similar]\nmark = [[\"scar\", \"burn\"]]\n[neighbours]\n";
        let error = Lexicon::from_toml(&[], ABBREVIATIONS, text).unwrap_err();
        assert!(error.to_string().contains("burn"));
    }
}
