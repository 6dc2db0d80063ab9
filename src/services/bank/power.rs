//! What a family's samples can tell before there are remains, and which relative to ask next.
//!
//! Source of the idea: Vigeland, Marsico, Herrera Piñero and Egeland, "Prioritising family members for genotyping in missing person cases", Forensic Sci. Int.
//! Genet. 49 (2020), 102376.

use super::pedigrees::Drawn;
use super::profiles::{begin, key};
use super::weighing::weighing;
use crate::app::{App, Random};
use crate::db::audit::{self, Event, Who};
use crate::db::profiles;
use crate::domain::actor::Actor;
use crate::domain::ids::PedigreeId;
use crate::genetics::likelihood::{LikelihoodError, Observation};
use crate::genetics::marker::{Call, Marker};
use crate::genetics::pedigree::Pedigree;
use crate::genetics::power::{self, MarkerPower};
use crate::genetics::profile::{self, Alleles, Profile, consensus};
use crate::genetics::search::Weights;
use crate::genetics::store::{Family, Store};
use crate::services::ServiceError;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Profiles drawn of the missing person.
const DRAWN: usize = 1_000;
/// Profiles drawn of each relative who may be asked.
const DRAWN_OF_RELATIVE: usize = 20;
/// log10 LR of which it is told how likely they are reached.
const THRESHOLDS: [f64; 3] = [2.0, 4.0, 6.0];

/// What a family can tell of one missing person.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FamilyPower {
    /// Who is missing, in the pedigree.
    pub individual: String,
    /// How likely somebody unrelated is excluded at one marker or more, if nothing mutates.
    pub exclusion: f64,
    /// At how many markers somebody unrelated is expected to be excluded.
    pub expected_exclusions: f64,
    /// log10 LR expected of the missing person.
    pub expected_if_true: f64,
    /// log10 LR expected of somebody unrelated.
    pub expected_if_not: f64,
    /// How likely the missing person reaches log10 LR 2, 4 and 6: of 1,000 profiles drawn.
    pub reaches: Vec<Reached>,
    /// Relatives who have given no sample, with what theirs would add to the expected log10 LR; the most helpful first.
    pub next_donors: Vec<NextDonor>,
}

/// How likely a threshold is reached.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct Reached {
    /// log10 LR.
    pub log10: f64,
    /// How likely, 0 to 1.
    pub probability: f64,
}

/// A relative who may be asked for a sample.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct NextDonor {
    /// Who, in the pedigree.
    pub individual: String,
    /// What the sample would add to the expected log10 LR of the missing person: the mean of 20 profiles drawn.
    pub gain: f64,
}

/// What a pedigree's family can tell of each missing person, audited. Cost: for each relative who may be asked some 20 ms.
///
/// # Errors
/// [`ServiceError::Forbidden`] for anybody but geneticists; [`ServiceError::NotFound`]; [`ServiceError::NoBank`].
pub async fn of_pedigree(app: &App, actor: &Actor, id: PedigreeId) -> Result<Vec<FamilyPower>, ServiceError> {
    let mut tx = begin(app, actor).await?;
    let row = profiles::pedigree(&mut tx, id).await?;
    let drawn: Drawn = key(app)?.open(row.id, &row.content)?;
    let (missing, donors) = profiles::individuals(&mut tx, id).await?;
    let sealed = profiles::of_donors(&mut tx, &donors.iter().map(|d| d.1).collect::<Vec<_>>()).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read_power", "pedigree", id, actor.authority)).await?;
    tx.commit().await?;
    let mut of_donor: BTreeMap<Uuid, Vec<Alleles>> = BTreeMap::new();
    for (donor, profile, content) in sealed {
        of_donor.entry(donor).or_default().push(key(app)?.open::<Profile>(profile, &content)?.alleles);
    }
    let typed: Vec<(String, Alleles)> =
        donors.iter().filter_map(|(name, donor)| Some((name.clone(), consensus(of_donor.get(donor)?)))).collect();
    let pedigree = drawn.pedigree().map_err(|e| ServiceError::Internal(e.into()))?;
    let weighing = weighing(&app.settings.genetics).map_err(|e| ServiceError::Internal(e.into()))?;
    let seed = seed(&*app.random);
    let work = move || -> Result<Vec<FamilyPower>, anyhow::Error> {
        let mut store = Store::new(weighing)?;
        // The markers with every allele that was read.
        store.put_families(vec![(
            0,
            Family {
                pedigree: pedigree.clone(),
                missing: Vec::new(),
                typed: typed.iter().map(|(name, alleles)| (name.clone(), Profile { alleles: alleles.clone(), mitochondrial: None })).collect(),
            },
        )])?;
        let family = Typed { pedigree: &pedigree, markers: store.markers(), typed: &typed };
        missing.iter().filter_map(|(name, _)| family.power(name, &missing, seed).transpose()).collect()
    };
    tokio::task::spawn_blocking(work).await.map_err(|e| ServiceError::Internal(e.into()))?.map_err(ServiceError::Internal)
}

fn seed(random: &dyn Random) -> u64 {
    let mut seed = [0; 8];
    random.fill(&mut seed);
    u64::from_le_bytes(seed)
}

/// Numbers from 0 on and below 1, of a seed.
fn numbers(seed: u64) -> impl FnMut() -> f64 {
    let mut random = StdRng::seed_from_u64(seed);
    move || random.random()
}

struct Typed<'a> {
    pedigree: &'a Pedigree,
    markers: &'a [Marker],
    typed: &'a [(String, Alleles)],
}

impl Typed<'_> {
    fn observed(&self) -> Vec<Vec<Observation>> {
        let mut observed = vec![Vec::new(); self.markers.len()];
        for (name, alleles) in self.typed {
            let Some(who) = self.pedigree.number(name) else { continue };
            for (at, marker) in observed.iter_mut().zip(self.markers) {
                at.extend(profile::call(alleles, marker).map(|call| Observation::sure(who, call)));
            }
        }
        observed
    }

    fn weights(&self, individual: usize, observed: &[Vec<Observation>]) -> Result<Weights, LikelihoodError> {
        let at: Vec<(&Marker, &[Observation])> = self.markers.iter().zip(observed.iter().map(Vec::as_slice)).collect();
        Weights::new(self.pedigree, individual, &at)
    }

    fn power(&self, name: &str, missing: &[(String, Uuid)], seed: u64) -> Result<Option<FamilyPower>, anyhow::Error> {
        let Some(who) = self.pedigree.number(name) else { return Ok(None) };
        let observed = self.observed();
        let markers: Vec<&Marker> = self.markers.iter().collect();
        let weights = self.weights(who, &observed)?;
        let here = power::of_markers(&weights, &markers);
        let expected = expected(&here);
        // Whether nothing could mutate is what exclusion asks.
        let still: Vec<Marker> = self.markers.iter().map(Marker::without_mutation).collect();
        let fixed = Typed { markers: &still, ..*self };
        let fixed = power::of_markers(&fixed.weights(who, &observed)?, &still.iter().collect::<Vec<_>>());
        let drawn = power::drawn(&weights, &markers, DRAWN, &mut numbers(seed));
        #[expect(clippy::cast_precision_loss, reason = "counts of a thousand")]
        let share = |log10: f64| (drawn.len() - drawn.partition_point(|d| *d < log10)) as f64 / drawn.len() as f64;
        let asked: Vec<&str> = self
            .pedigree
            .individuals()
            .iter()
            .map(|i| i.name.as_str())
            .filter(|i| !i.is_empty() && missing.iter().all(|(m, _)| m != i) && self.typed.iter().all(|(t, _)| t != i))
            .collect();
        let gain = |(n, relative): (usize, &&str)| self.gain(who, relative, &observed, expected, seed.wrapping_add(n as u64 + 1));
        let mut next_donors: Vec<NextDonor> = asked.par_iter().enumerate().map(gain).collect::<Result<_, LikelihoodError>>()?;
        next_donors.sort_by(|a, b| b.gain.total_cmp(&a.gain).then_with(|| a.individual.cmp(&b.individual)));
        Ok(Some(FamilyPower {
            individual: name.to_owned(),
            exclusion: power::exclusion(&fixed),
            expected_exclusions: fixed.iter().map(|m| m.exclusion).sum(),
            expected_if_true: expected,
            expected_if_not: here.iter().map(|m| m.expected_if_not).sum(),
            reaches: THRESHOLDS.iter().map(|log10| Reached { log10: *log10, probability: share(*log10) }).collect(),
            next_donors,
        }))
    }

    /// What a relative's sample would add: profiles are drawn as the family makes them likely, and the family weighed anew with each.
    fn gain(&self, who: usize, relative: &str, observed: &[Vec<Observation>], now: f64, seed: u64) -> Result<NextDonor, LikelihoodError> {
        let markers: Vec<&Marker> = self.markers.iter().collect();
        let at = self.pedigree.number(relative).unwrap_or(who);
        let weights = self.weights(at, observed)?;
        let mut random = numbers(seed);
        let mut sum = 0.0;
        for _ in 0..DRAWN_OF_RELATIVE {
            let calls: Vec<Option<Call>> = power::profile(&weights, &markers, &mut random);
            let mut with = observed.to_vec();
            for (of, call) in with.iter_mut().zip(calls) {
                of.extend(call.map(|call| Observation::sure(at, call)));
            }
            sum += expected(&power::of_markers(&self.weights(who, &with)?, &markers));
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of twenty")]
        let gain = sum / DRAWN_OF_RELATIVE as f64 - now;
        Ok(NextDonor { individual: relative.to_owned(), gain })
    }
}

fn expected(markers: &[MarkerPower]) -> f64 {
    markers.iter().map(|m| m.expected_if_true).sum()
}
