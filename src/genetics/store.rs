//! A bank in memory: families with the tables of their missing persons, remains as places in them. What is new is weighed at once: remains against every table,
//! a family against all remains.
//!
//! Frequencies are those of one table. An allele that it does not have comes in at its least frequency (`genetics/frequency`), which changes the locus for all:
//! the tables are then made anew. Markers are independent, subpopulations and linkage are left to the weighing of single pairs.

use super::bank::{Profiles, Table};
use super::frequency::{FrequencyError, FrequencyTable, Minimum, is_one_allele};
use super::likelihood::{LikelihoodError, Observation};
use super::lineage::{Kin, Lines};
use super::loci::{self, Kind};
use super::marker::{Call, Chromosome, Marker, MarkerError};
use super::mutation::Mutation;
use super::pedigree::Pedigree;
use super::profile::{self, Alleles, Profile};
use super::search::Weights;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use thiserror::Error;

/// What everything is weighed with.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighing {
    /// The frequency table, by a name of its own.
    pub table: String,
    /// Its frequencies.
    pub frequencies: Arc<FrequencyTable>,
    /// The rule for rare and unseen alleles.
    pub minimum: Minimum,
    /// How mothers' alleles mutate; nothing mutates without.
    pub mothers: Option<Mutation>,
    /// How fathers' do.
    pub fathers: Option<Mutation>,
    /// Table, rule, mutation and release, as they are kept with what was weighed.
    pub stamp: String,
}

/// Why nothing can be weighed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The frequencies do not do.
    #[error(transparent)]
    Frequency(#[from] FrequencyError),
    /// The mutation model does not fit the frequencies.
    #[error(transparent)]
    Marker(#[from] MarkerError),
    /// What was read cannot be.
    #[error(transparent)]
    Likelihood(#[from] LikelihoodError),
}

/// A key of the caller's: what it calls remains, pedigrees and cases.
pub type Key = u128;

/// A family as it is weighed.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Who descends from whom.
    pub pedigree: Pedigree,
    /// Who is missing, with the case; by name in the pedigree.
    pub missing: Vec<(String, Key)>,
    /// What was read of whom; one profile each.
    pub typed: Vec<(String, Profile)>,
}

/// What a pair is weighed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Basis {
    /// By what was typed of relatives.
    Kinship,
    /// By what was typed of the missing person's own things.
    Direct,
}

impl Basis {
    /// Its word in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kinship => "kinship",
            Self::Direct => "direct",
        }
    }
}

/// What remains weigh for a missing person.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// The pedigree.
    pub pedigree: Key,
    /// The missing person in it.
    pub individual: Arc<str>,
    /// The missing person's case.
    pub case: Key,
    /// The remains.
    pub remains: Key,
    /// Relatives, or the person's own things.
    pub basis: Basis,
    /// log10 LR of the markers that do not exclude.
    pub log10: f64,
    /// Markers that exclude.
    pub excluding: usize,
    /// Markers at which both the remains and somebody of the family were typed.
    pub compared: usize,
    /// What sex, Y and mtDNA say; not part of `log10`.
    pub lines: Lines,
}

/// Which markers, a bit each. A table of frequencies has fewer than 64 loci, or the rest is not counted.
type Mask = u64;

struct Missing {
    individual: Arc<str>,
    case: Key,
    basis: Basis,
    table: Table,
    typed: Mask,
    kin: Kin,
}

struct Kept {
    family: Family,
    missing: Vec<Missing>,
}

/// The store.
pub struct Store {
    weighing: Weighing,
    markers: Vec<Marker>,
    /// By locus, alleles that somebody was read with and the table does not have.
    added: BTreeMap<String, BTreeSet<String>>,
    families: BTreeMap<Key, Kept>,
    remains: BTreeMap<Key, Profile>,
    /// The remains in their order as places in tables; made when asked for.
    profiles: Option<(Profiles, Vec<(Key, Mask)>)>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("families", &self.families.len()).field("remains", &self.remains.len()).finish_non_exhaustive()
    }
}

impl Store {
    /// An empty store.
    ///
    /// # Errors
    /// Frequencies or mutation that cannot be.
    pub fn new(weighing: Weighing) -> Result<Self, StoreError> {
        let mut store =
            Self { weighing, markers: Vec::new(), added: BTreeMap::new(), families: BTreeMap::new(), remains: BTreeMap::new(), profiles: None };
        store.markers = store.made_markers()?;
        Ok(store)
    }

    /// What everything is weighed with.
    #[must_use]
    pub const fn weighing(&self) -> &Weighing {
        &self.weighing
    }

    /// The markers, as they stand with the alleles read so far.
    #[must_use]
    pub fn markers(&self) -> &[Marker] {
        &self.markers
    }

    /// Families and remains.
    #[must_use]
    pub fn len(&self) -> (usize, usize) {
        (self.families.len(), self.remains.len())
    }

    /// Whether there are neither families nor remains.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == (0, 0)
    }

    /// The pedigrees, in order.
    #[must_use]
    pub fn pedigrees(&self) -> Vec<Key> {
        self.families.keys().copied().collect()
    }

    fn made_markers(&self) -> Result<Vec<Marker>, StoreError> {
        let autosomal = |name: &str| loci::find(name).is_some_and(|l| l.kind == Kind::Autosomal);
        let of = |name: &str| -> Result<Marker, StoreError> {
            let observed: Vec<&str> = self.added.get(name).into_iter().flatten().map(String::as_str).collect();
            let counted = self.weighing.frequencies.marker(name, Chromosome::Autosomal, &observed, self.weighing.minimum)?;
            match (&self.weighing.mothers, &self.weighing.fathers) {
                (Some(mothers), Some(fathers)) => Ok(counted.marker.with_mutation(mothers, fathers)?),
                _ => Ok(counted.marker),
            }
        };
        let names = self.weighing.frequencies.loci().iter().map(super::frequency::LocusFrequencies::locus);
        names.filter(|name| autosomal(name)).map(of).collect()
    }

    /// Notes alleles that the markers do not have; whether there were any.
    fn note_alleles<'a>(&mut self, profiles: impl IntoIterator<Item = &'a Alleles>) -> bool {
        let mut grown = false;
        for (name, alleles) in profiles.into_iter().flatten() {
            let Some(marker) = self.markers.iter().find(|m| m.name() == name) else { continue };
            for label in alleles.iter().filter(|label| is_one_allele(label) && marker.allele(label).is_err()) {
                grown |= self.added.entry(name.clone()).or_default().insert(label.clone());
            }
        }
        grown
    }

    /// Takes remains in, or another profile of them; of several samples one, put together. Cost: nothing until they are weighed, or every table anew where an
    /// allele comes up that nobody had.
    ///
    /// # Errors
    /// Mutation that does not fit a locus with the new allele; the store is then as it was.
    pub fn put_remains(&mut self, remains: Vec<(Key, Profile)>) -> Result<(), StoreError> {
        self.grow(remains.iter().map(|(_, p)| &p.alleles))?;
        self.remains.extend(remains);
        self.profiles = None;
        Ok(())
    }

    /// Forgets remains.
    pub fn remove_remains(&mut self, remains: Key) {
        if self.remains.remove(&remains).is_some() {
            self.profiles = None;
        }
    }

    /// Takes families in, or as they are now. Those that cannot be weighed come back with the reason; they are not in the store then. Cost: the tables of each,
    /// about a millisecond, on all cores.
    ///
    /// # Errors
    /// As [`Self::put_remains`].
    pub fn put_families(&mut self, families: Vec<(Key, Family)>) -> Result<Vec<(Key, StoreError)>, StoreError> {
        self.grow(families.iter().flat_map(|(_, f)| f.typed.iter().map(|(_, p)| &p.alleles)))?;
        let markers = &self.markers;
        let made: Vec<(Key, Result<Kept, StoreError>)> = families.into_par_iter().map(|(key, family)| (key, kept(family, markers))).collect();
        let mut refused = Vec::new();
        for (key, made) in made {
            match made {
                Ok(kept) => drop(self.families.insert(key, kept)),
                Err(error) => {
                    self.families.remove(&key);
                    refused.push((key, error));
                }
            }
        }
        Ok(refused)
    }

    /// Forgets a family.
    pub fn remove_family(&mut self, pedigree: Key) {
        self.families.remove(&pedigree);
    }

    fn grow<'a>(&mut self, profiles: impl IntoIterator<Item = &'a Alleles>) -> Result<(), StoreError> {
        let before = self.added.clone();
        if !self.note_alleles(profiles) {
            return Ok(());
        }
        match self.made_markers() {
            Ok(markers) => self.markers = markers,
            Err(error) => {
                self.added = before;
                return Err(error);
            }
        }
        let markers = &self.markers;
        let families = std::mem::take(&mut self.families);
        self.families = families.into_par_iter().filter_map(|(key, old)| Some((key, kept(old.family, markers).ok()?))).collect();
        self.profiles = None;
        Ok(())
    }

    fn calls(&self, alleles: &Alleles) -> (Vec<Option<Call>>, Mask) {
        let calls: Vec<Option<Call>> = self.markers.iter().map(|m| profile::call(alleles, m)).collect();
        let typed = mask(&calls);
        (calls, typed)
    }

    /// What remains weigh for every missing person. About 0.2 µs a missing person.
    #[must_use]
    pub fn of_remains(&self, remains: Key) -> Vec<Weighed> {
        let Some(profile) = self.remains.get(&remains) else { return Vec::new() };
        let (calls, typed) = self.calls(&profile.alleles);
        let one = Profiles::new(&self.markers, [calls.as_slice()]);
        let each = self.families.iter().flat_map(|(key, kept)| kept.missing.iter().map(move |m| (*key, m)));
        let weigh = |(pedigree, missing): (Key, &Missing)| {
            let pair = one.weigh(&missing.table).next()?;
            Some(Weighed { lines: missing.kin.lines(profile), ..weighed(pedigree, missing, remains, typed, pair) })
        };
        each.filter_map(weigh).collect()
    }

    /// What every remains weigh for the missing persons of families; those that `wanted` says no to, by all but sex, Y and mtDNA, are left out. About 10 ns a pair.
    pub fn of_families(&mut self, pedigrees: &[Key], wanted: impl Fn(&Weighed) -> bool + Sync) -> Vec<Weighed> {
        if self.profiles.is_none() {
            let made: Vec<(Key, Vec<Option<Call>>, Mask)> = self
                .remains
                .iter()
                .map(|(key, profile)| {
                    let (calls, typed) = self.calls(&profile.alleles);
                    (*key, calls, typed)
                })
                .collect();
            let profiles = Profiles::new(&self.markers, made.iter().map(|(_, calls, _)| calls.as_slice()));
            self.profiles = Some((profiles, made.into_iter().map(|(key, _, typed)| (key, typed)).collect()));
        }
        let Some((profiles, remains)) = &self.profiles else { return Vec::new() };
        let (families, of_key) = (&self.families, &self.remains);
        let of = |pedigree: &Key| -> Vec<Weighed> {
            let Some(kept) = families.get(pedigree) else { return Vec::new() };
            let of_missing = |missing: &Missing| -> Vec<Weighed> {
                let pairs = profiles.weigh(&missing.table).zip(remains);
                let found = pairs.map(|(pair, (key, typed))| weighed(*pedigree, missing, *key, *typed, pair)).filter(|w| wanted(w));
                let lines = |w: &Weighed| of_key.get(&w.remains).map(|profile| missing.kin.lines(profile)).unwrap_or_default();
                found.map(|w| Weighed { lines: lines(&w), ..w }).collect()
            };
            kept.missing.iter().flat_map(of_missing).collect()
        };
        pedigrees.par_iter().flat_map_iter(of).collect()
    }
}

fn mask(calls: &[Option<Call>]) -> Mask {
    calls.iter().take(64).enumerate().filter(|(_, c)| c.is_some()).fold(0, |mask, (n, _)| mask | 1 << n)
}

fn weighed(pedigree: Key, missing: &Missing, remains: Key, typed: Mask, pair: super::bank::Pair) -> Weighed {
    Weighed {
        pedigree,
        individual: missing.individual.clone(),
        case: missing.case,
        remains,
        basis: missing.basis,
        log10: pair.others,
        excluding: pair.excluded as usize,
        compared: (missing.typed & typed).count_ones() as usize,
        lines: Lines::default(),
    }
}

/// A family with the tables of its missing persons.
fn kept(family: Family, markers: &[Marker]) -> Result<Kept, StoreError> {
    let mut observed: Vec<Vec<Observation>> = vec![Vec::new(); markers.len()];
    let (mut calls, mut profiles) = (BTreeMap::new(), BTreeMap::new());
    for (name, profile) in &family.typed {
        let Some(who) = family.pedigree.number(name) else { continue };
        let read: Vec<Option<Call>> = markers.iter().map(|m| profile::call(&profile.alleles, m)).collect();
        for (at, call) in observed.iter_mut().zip(&read) {
            at.extend(call.map(|call| Observation::sure(who, call)));
        }
        calls.insert(who, read);
        profiles.insert(who, profile.clone());
    }
    let mut missing = Vec::new();
    for (name, case) in &family.missing {
        let Some(who) = family.pedigree.number(name) else { continue };
        // What was read of the missing person's own things speaks for the others who are missing; beside the person it is weighed apart from the relatives, so
        // that things of somebody else do not hide what the relatives say.
        let others: Vec<Vec<Observation>> = observed.iter().map(|at| at.iter().filter(|o| o.individual != who).copied().collect()).collect();
        let at: Vec<(&Marker, &[Observation])> = markers.iter().zip(others.iter().map(Vec::as_slice)).collect();
        let relatives = calls.iter().filter(|(n, _)| **n != who).fold(0, |all, (_, read)| all | mask(read));
        let kin = Kin::relatives(&family.pedigree, who, &profiles);
        let of_relatives = (Basis::Kinship, Weights::new(&family.pedigree, who, &at)?, relatives, kin);
        let own = calls.get(&who).zip(profiles.get(&who));
        let of_own =
            own.map(|(read, things)| (Basis::Direct, Weights::direct(markers, read), mask(read), Kin::own(&family.pedigree, who, things)));
        missing.extend(std::iter::once(of_relatives).chain(of_own).map(|(basis, weights, typed, kin)| {
            let table = Table::new(&weights, markers);
            Missing { individual: name.as_str().into(), case: *case, basis, table, typed, kin }
        }));
    }
    Ok(Kept { family, missing })
}
