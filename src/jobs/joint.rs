//! Joint identification in the bank of this process: which pedigrees and profiles take part, and what comes of it.

use super::bank::{Held, Of, of_subject};
use super::runner::{JobError, Worker};
use crate::db::kinship::{self, JointAsked};
use crate::db::{Role, Scope};
use crate::domain::ids::{CaseId, FoundId};
use crate::genetics::joint::assignments::Limits;
use crate::genetics::joint::solve::{Conclusion, Finding};
use crate::genetics::joint::weigh::weigh;
use crate::genetics::joint::{Case, Family, JointError, Reading, Remains, fragments};
use crate::genetics::likelihood::Observation;
use crate::genetics::marker::Marker;
use crate::genetics::pedigree::{Entry, GeneticSex, Pedigree, PedigreeError};
use crate::genetics::profile::{self, Profile};
use crate::services::bank::joint::{JointCandidate, JointGroup, JointMissing, JointOutcome};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// log10 LR from which remains are of one person: the weaker of both alternatives, nobody's relative and a sibling.
const ONE_PERSON: f64 = 4.0;

/// Job `identify_jointly`. Done twice it does the same again; what was ended is left.
pub(super) async fn identify(worker: &Worker, payload: &serde_json::Value) -> Result<(), JobError> {
    #[derive(serde::Deserialize)]
    struct Wanted {
        run: Uuid,
    }
    let wanted: Wanted = serde_json::from_value(payload.clone()).map_err(|e| JobError::Fail(e.to_string()))?;
    let bank = worker.bank().await?;
    bank.catch_up(&worker.pool, worker.app.now()).await?;
    let mut tx = worker.pool.begin(Role::Kinship, &Scope::default()).await?;
    let asked = kinship::joint(&mut tx, wanted.run).await?;
    tx.commit().await?;
    let Some(asked) = asked else { return Ok(()) };
    let (part, stamp) = bank.with(|store, held| (Part::new(held, store.markers(), &asked), store.weighing().stamp.clone()));
    // A long sum must not stop the process' other work.
    let outcome = tokio::task::spawn_blocking(move || part.and_then(Part::outcome)).await.map_err(|e| JobError::Retry(e.to_string()))?;
    let outcome = match outcome {
        Ok(outcome) => Ok(serde_json::to_value(outcome).map_err(|e| JobError::Fail(e.to_string()))?),
        // What it says of markers can tell an allele.
        Err(JointError::TooMany { .. } | JointError::TooWide { .. }) => Err("too_many".to_owned()),
        Err(_) => Err("impossible".to_owned()),
    };
    let mut tx = worker.pool.begin(Role::Kinship, &Scope::default()).await?;
    kinship::joint_done(&mut tx, wanted.run, outcome, &stamp, worker.app.now()).await?;
    Ok(tx.commit().await?)
}

/// Who takes part.
struct Part {
    markers: Vec<Marker>,
    families: Vec<Family>,
    /// Cases, by their names in the families.
    missing: Vec<(String, Uuid)>,
    remains: Vec<(Uuid, Option<GeneticSex>, Remains)>,
    left_out: Vec<Uuid>,
}

impl Part {
    fn new(held: &Held, markers: &[Marker], asked: &JointAsked) -> Result<Self, JointError> {
        let mut part = Self { markers: markers.to_vec(), families: Vec::new(), missing: Vec::new(), remains: Vec::new(), left_out: Vec::new() };
        let wanted: BTreeSet<Uuid> = asked.cases.iter().copied().collect();
        let mut taken: BTreeSet<Uuid> = BTreeSet::new();
        for id in &asked.pedigrees {
            let Some(drawn) = held.pedigrees.get(id) else { continue };
            let Ok(pedigree) = drawn.drawn.pedigree() else { continue };
            // A case that two pedigrees are of takes part in the first.
            let of = drawn.missing.iter().filter(|(_, case)| wanted.contains(case) && !taken.contains(case));
            let missing: BTreeMap<usize, Uuid> = of.filter_map(|(name, case)| Some((pedigree.number(name)?, *case))).collect();
            if missing.is_empty() {
                continue;
            }
            let typed: Vec<(usize, Profile)> = drawn
                .donors
                .iter()
                .filter_map(|(name, donor)| Some((pedigree.number(name)?, of_subject(held, Of::Donor(*donor))?)))
                .chain(drawn.missing.iter().filter_map(|(name, case)| {
                    // Those who are missing and not asked of may have left things that were typed.
                    let who = pedigree.number(name).filter(|who| !missing.contains_key(who))?;
                    Some((who, of_subject(held, Of::Case(*case))?))
                }))
                .collect();
            taken.extend(missing.values());
            part.missing.extend(missing.values().map(|case| (case.to_string(), *case)));
            part.families.push(Family {
                name: id.to_string(),
                pedigree: renamed(&pedigree, &missing, part.families.len())?,
                observed: markers.iter().map(|marker| observed(marker, &typed)).collect(),
            });
        }
        for id in &asked.founds {
            let Some(profile) = of_subject(held, Of::Found(*id)) else {
                part.left_out.push(*id);
                continue;
            };
            let sex = profile::sex(&profile.alleles);
            let readings = markers.iter().map(|marker| profile::call(&profile.alleles, marker).map(Reading::sure)).collect();
            part.remains.push((*id, sex, Remains { name: id.to_string(), sex: GeneticSex::Female, readings }));
        }
        part.left_out.extend(wanted.difference(&taken));
        Ok(part)
    }

    fn outcome(self) -> Result<JointOutcome, JointError> {
        let all: Vec<Remains> = self.remains.iter().map(|(_, _, remains)| remains.clone()).collect();
        let groups = fragments::groups(&all, &self.markers, ONE_PERSON)?;
        // What is alike and of both sexes is not one person's.
        let sexes = |group: &[usize]| group.iter().filter_map(|n| self.remains[*n].1).collect::<BTreeSet<_>>();
        let groups: Vec<Vec<usize>> = groups
            .into_iter()
            .flat_map(|group| if sexes(&group).len() > 1 { group.into_iter().map(|n| vec![n]).collect() } else { vec![group] })
            .collect();
        let merged = |group: &Vec<usize>| fragments::merge(&group.iter().map(|n| &all[*n]).collect::<Vec<_>>());
        let names: Vec<String> = self.missing.iter().map(|(name, _)| name.clone()).collect();
        let case = Case::new(self.markers.clone(), self.families.clone(), groups.iter().map(merged).collect(), &names)?;
        let fits = |group: &Vec<usize>, m: usize| sexes(group).first().is_none_or(|sex| *sex == case.sex(m));
        let pairs: Vec<Vec<bool>> = groups.iter().map(|group| (0..names.len()).map(|m| fits(group, m)).collect()).collect();
        let weighed = weigh(&case, &pairs, 0.0, Limits::default())?;
        let joint = weighed.joint.as_ref().ok();
        let records = |group: usize| groups[group].iter().map(|n| FoundId(self.remains[*n].0)).collect::<Vec<_>>();
        let case_of = |m: usize| CaseId(self.missing[m].1);
        let concluded = |of: usize, all: &[Finding]| all.iter().find(|f| f.of == of).map(|f| code(f.conclusion).to_owned()).unwrap_or_default();
        let posterior = |v: usize, m: Option<usize>| joint.map(|joint| in_tenths(joint.sums.posterior(v, m)));
        let group = |v: usize| {
            let candidate = |m: usize| {
                let log10_lr = weighed.pairwise[v][m].filter(|lr| lr.is_finite())?;
                let incompatible = weighed.incompatible[v][m].unwrap_or(0);
                Some(JointCandidate { case: case_of(m), log10_lr: rounded(log10_lr, 10.0), incompatible, posterior: posterior(v, Some(m)) })
            };
            let mut candidates: Vec<JointCandidate> = (0..names.len()).filter_map(candidate).collect();
            candidates.sort_by(|a, b| (b.posterior, b.log10_lr).partial_cmp(&(a.posterior, a.log10_lr)).unwrap_or(std::cmp::Ordering::Equal));
            JointGroup { found_records: records(v), candidates, nobody: posterior(v, None), conclusion: concluded(v, &weighed.solution.remains) }
        };
        let missing = |m: usize| {
            let is = weighed.solution.missing.iter().find(|f| f.of == m).map(|f| f.is.clone()).unwrap_or_default();
            JointMissing {
                case: case_of(m),
                found_records: is.into_iter().flat_map(records).collect(),
                conclusion: concluded(m, &weighed.solution.missing),
            }
        };
        #[expect(clippy::cast_precision_loss, reason = "a count that is told as a number")]
        let ties = joint.map(|joint| joint.sums.all.ties as f64);
        Ok(JointOutcome {
            groups: (0..groups.len()).map(group).collect(),
            missing: (0..names.len()).map(missing).collect(),
            ties,
            left_out: self.left_out.clone(),
        })
    }
}

fn rounded(x: f64, parts: f64) -> f64 {
    (x * parts).round() / parts
}

/// A probability whose odds are in tenths of log10, as LRs are told: of one pair alone it would tell the LR otherwise.
fn in_tenths(p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 { p.clamp(0.0, 1.0) } else { 1.0 / (1.0 + 10f64.powf(-rounded((p / (1.0 - p)).log10(), 10.0))) }
}

fn observed(marker: &Marker, typed: &[(usize, Profile)]) -> Vec<Observation> {
    typed.iter().filter_map(|(who, profile)| Some(Observation::sure(*who, profile::call(&profile.alleles, marker)?))).collect()
}

/// The same pedigree with names that no other family has: those missing by their cases. Everybody keeps their number.
fn renamed(pedigree: &Pedigree, missing: &BTreeMap<usize, Uuid>, family: usize) -> Result<Pedigree, PedigreeError> {
    let name = |n: usize| missing.get(&n).map_or_else(|| format!("{family}.{n}"), Uuid::to_string);
    let entry = |(n, individual): (usize, &crate::genetics::pedigree::Individual)| {
        let parents = individual.parents.map(|[father, mother]| (name(father), name(mother)));
        let parents = parents.as_ref().map(|(father, mother)| (father.as_str(), mother.as_str()));
        Entry { inbreeding: individual.inbreeding, ..Entry::new(&name(n), individual.sex, parents) }
    };
    Pedigree::new(&pedigree.individuals().iter().enumerate().map(entry).collect::<Vec<_>>())
}

const fn code(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Undisputed => "undisputed",
        Conclusion::Match => "match",
        Conclusion::ProbableMatch => "probable_match",
        Conclusion::Symmetric => "symmetric",
        Conclusion::Disputed => "disputed",
        Conclusion::Probable => "probable",
        Conclusion::Inconclusive => "inconclusive",
        Conclusion::NoMatch => "no_match",
        Conclusion::Excluded => "excluded",
    }
}
