//! Who descends from whom.

use thiserror::Error;

/// Sex as far as genetics asks: who can be whose mother, and how many X chromosomes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants say it")]
pub enum GeneticSex {
    Female,
    Male,
}

/// Somebody in a pedigree, by numbers of the pedigree's list.
#[derive(Debug, Clone, PartialEq)]
pub struct Individual {
    /// A name that is the pedigree's own; empty of a parent who is not named.
    pub name: String,
    /// Sex.
    pub sex: GeneticSex,
    /// Father and mother; nobody of a founder.
    pub parents: Option<[usize; 2]>,
    /// How likely both alleles of a founder are copies of one.
    pub inbreeding: f64,
}

/// People with their parents, parents before children; people who are in no way related may stand side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Pedigree {
    individuals: Vec<Individual>,
}

/// One line of a pedigree as people write it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// A name that nobody else has.
    pub name: String,
    /// Sex.
    pub sex: GeneticSex,
    /// The father's name.
    pub father: Option<String>,
    /// The mother's name.
    pub mother: Option<String>,
    /// How likely both alleles are copies of one; of a founder only.
    pub inbreeding: f64,
}

impl Entry {
    /// Somebody who is not inbred, with father and mother; nobody of a founder.
    #[must_use]
    pub fn new(name: &str, sex: GeneticSex, parents: Option<(&str, &str)>) -> Self {
        let [father, mother] = [parents.map(|p| p.0), parents.map(|p| p.1)].map(|parent| parent.map(str::to_owned));
        Self { name: name.to_owned(), sex, father, mother, inbreeding: 0.0 }
    }
}

/// Why people do not make a pedigree.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PedigreeError {
    /// Somebody without a name.
    #[error("somebody in the pedigree has no name")]
    NoName,
    /// One name for two.
    #[error("{0} is in the pedigree twice")]
    Twice(String),
    /// A parent who is not there.
    #[error("{0} has a parent, {1}, who is not in the pedigree")]
    UnknownParent(String, String),
    /// A father who is a woman, or a mother who is a man.
    #[error("{0} cannot be {1}: the sex does not fit")]
    ParentsSex(String, &'static str),
    /// Somebody is his or her own ancestor.
    #[error("{0} would be an ancestor of himself or herself")]
    Cycle(String),
    /// Inbreeding that cannot be.
    #[error("{0}: inbreeding lies between 0 and 1, and is given of founders only")]
    Inbreeding(String),
}

impl Pedigree {
    /// A pedigree of people in any order. A parent who is not named is a founder of nobody else.
    ///
    /// # Errors
    /// What cannot be a pedigree.
    pub fn new(entries: &[Entry]) -> Result<Self, PedigreeError> {
        let number = |name: &str| entries.iter().position(|e| e.name == name);
        if entries.iter().any(|e| e.name.is_empty()) {
            return Err(PedigreeError::NoName);
        }
        if let Some((_, twice)) = entries.iter().enumerate().find(|(at, e)| number(&e.name) != Some(*at)) {
            return Err(PedigreeError::Twice(twice.name.clone()));
        }
        let parent = |e: &Entry, name: &Option<String>, sex: GeneticSex, role: &'static str| match name {
            None => Ok(None),
            Some(name) => {
                let at = number(name).ok_or_else(|| PedigreeError::UnknownParent(e.name.clone(), name.clone()))?;
                if entries[at].sex == sex { Ok(Some(at)) } else { Err(PedigreeError::ParentsSex(name.clone(), role)) }
            }
        };
        let mut parents = Vec::with_capacity(entries.len());
        for e in entries {
            let both = [parent(e, &e.father, GeneticSex::Male, "a father")?, parent(e, &e.mother, GeneticSex::Female, "a mother")?];
            let founder = both == [None, None];
            if !(0.0..=1.0).contains(&e.inbreeding) || (!founder && e.inbreeding != 0.0) {
                return Err(PedigreeError::Inbreeding(e.name.clone()));
            }
            parents.push(both);
        }
        let mut made = Self { individuals: Vec::with_capacity(entries.len()) };
        let mut placed: Vec<Option<usize>> = vec![None; entries.len()];
        // Parents first: as often as somebody can be placed.
        while placed.iter().any(Option::is_none) {
            let before = made.individuals.len();
            for (at, e) in entries.iter().enumerate() {
                let known = parents[at].iter().flatten().all(|parent| placed[*parent].is_some());
                if placed[at].is_some() || !known {
                    continue;
                }
                let of = parents[at].map(|parent| parent.and_then(|p| placed[p]));
                let of = (of != [None, None]).then(|| {
                    let [father, mother] = of;
                    [(father, GeneticSex::Male), (mother, GeneticSex::Female)].map(|(parent, sex)| parent.unwrap_or_else(|| made.unnamed(sex)))
                });
                placed[at] = Some(made.individuals.len());
                made.individuals.push(Individual { name: e.name.clone(), sex: e.sex, parents: of, inbreeding: e.inbreeding });
            }
            if made.individuals.len() == before {
                let cyclic = placed.iter().position(Option::is_none).map_or_else(String::new, |at| entries[at].name.clone());
                return Err(PedigreeError::Cycle(cyclic));
            }
        }
        Ok(made)
    }

    fn unnamed(&mut self, sex: GeneticSex) -> usize {
        self.individuals.push(Individual { name: String::new(), sex, parents: None, inbreeding: 0.0 });
        self.individuals.len() - 1
    }

    /// Everybody, parents before children.
    #[must_use]
    pub fn individuals(&self) -> &[Individual] {
        &self.individuals
    }

    /// The number of somebody.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<usize> {
        self.individuals.iter().position(|i| !name.is_empty() && i.name == name)
    }

    /// Whether each is one of these or an ancestor of one: nobody else changes what is likely.
    #[must_use]
    pub fn of_concern(&self, these: &[usize]) -> Vec<bool> {
        let mut concerned = vec![false; self.individuals.len()];
        for at in these {
            concerned[*at] = true;
        }
        for (at, individual) in self.individuals.iter().enumerate().rev() {
            if concerned[at] {
                for parent in individual.parents.iter().flatten() {
                    concerned[*parent] = true;
                }
            }
        }
        concerned
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn entry(name: &str, sex: GeneticSex, father: Option<&str>, mother: Option<&str>) -> Entry {
        Entry { father: father.map(str::to_owned), mother: mother.map(str::to_owned), ..Entry::new(name, sex, None) }
    }

    const M: GeneticSex = GeneticSex::Male;
    const F: GeneticSex = GeneticSex::Female;

    #[test]
    fn people_come_in_any_order_and_a_parent_who_is_not_named_is_somebody() {
        let made = Pedigree::new(&[entry("child", F, Some("father"), None), entry("father", M, None, None)]).unwrap();
        let child = &made.individuals()[made.number("child").unwrap()];
        let [father, mother] = child.parents.unwrap();
        assert_eq!((made.number("father"), made.individuals()[mother].sex), (Some(father), F));
        assert_eq!(made.of_concern(&[father]).iter().filter(|concerned| **concerned).count(), 1);
    }

    #[test]
    fn what_cannot_be_a_pedigree_is_refused_by_name() {
        let error = |entries: &[Entry]| Pedigree::new(entries).unwrap_err();
        assert_eq!(error(&[entry("a", M, None, None), entry("a", F, None, None)]), PedigreeError::Twice("a".into()));
        assert_eq!(error(&[entry("a", M, Some("b"), None)]), PedigreeError::UnknownParent("a".into(), "b".into()));
        assert_eq!(error(&[entry("a", M, None, None), entry("b", M, None, Some("a"))]), PedigreeError::ParentsSex("a".into(), "a mother"));
        assert_eq!(error(&[entry("a", M, Some("b"), None), entry("b", M, Some("a"), None)]), PedigreeError::Cycle("a".into()));
        assert_eq!(error(&[entry("a", M, Some("a"), None)]), PedigreeError::Cycle("a".into()));
        let inbred = Entry { inbreeding: 0.25, ..entry("a", M, Some("b"), None) };
        assert_eq!(error(&[entry("b", M, None, None), inbred]), PedigreeError::Inbreeding("a".into()));
    }
}
