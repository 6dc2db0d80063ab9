//! A case whole: each pair by itself, all assignments together, and what is concluded.

use super::assignments::{Candidates, Limits, Row, Sums, factors, sums, table};
use super::solve::{Solution, Thresholds, solve, undisputed};
use super::{Case, JointError, Model, Mutations, incompatible};

/// All assignments of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Joint {
    /// Sums over them.
    pub sums: Sums,
    /// Each, the likeliest first; nothing where they are more than may be listed.
    pub rows: Option<Vec<Row>>,
    /// log10 likelihood of nobody being anybody, without what is settled.
    pub nobody: f64,
}

/// What a case says.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// By remains and missing person, log10 LR of the pair by itself; nothing of pairs that are not compared.
    pub pairwise: Vec<Vec<Option<f64>>>,
    /// Markers at which a pair is incompatible without mutation.
    pub incompatible: Vec<Vec<Option<u32>>>,
    /// All assignments, or why they are more than may be computed.
    pub joint: Result<Joint, JointError>,
    /// Conclusions, which are there in any case.
    pub solution: Solution,
}

/// Weighs a case. `pairs` are those to compare, by remains and missing person; `prior` is log10 of how many times likelier, before anything is typed, an assignment
/// is with one more identified.
///
/// # Errors
/// What cannot be observed, and a family with more to compute than may be.
pub fn weigh(case: &Case, pairs: &[Vec<bool>], prior: f64, limits: Limits) -> Result<Weighed, JointError> {
    let thresholds = Thresholds::default();
    let pairwise = Model::new(case, Mutations::AsGiven)?.pairwise(pairs)?;
    let joint = match joint(case, pairs, (prior, limits), thresholds.sure) {
        Err(e) if !matches!(e, JointError::TooMany { .. } | JointError::TooWide { .. }) => return Err(e),
        all => all,
    };
    Ok(Weighed { pairwise, incompatible: incompatible(case, pairs)?, joint, solution: solve(case, pairs, thresholds, limits)? })
}

fn joint(case: &Case, pairs: &[Vec<bool>], (prior, limits): (f64, Limits), sure: f64) -> Result<Joint, JointError> {
    let model = Model::new(case, Mutations::WhereNeeded)?;
    let candidates = Candidates::possible(&model.pairwise(pairs)?);
    let found = undisputed(case, Mutations::WhereNeeded, &candidates.pairs, sure)?;
    let candidates = found.iter().fold(candidates, |all, found| all.with(found.remains, found.missing));
    let factors = factors(&model, &candidates, limits)?;
    let sums = sums(&model, &factors, prior, limits)?;
    let rows = match table(&model, &factors, &sums, prior, limits) {
        Ok(rows) => Some(rows),
        Err(JointError::TooMany { .. }) => None,
        Err(e) => return Err(e),
    };
    Ok(Joint { nobody: model.log10_of_nobody() - settled(&model, &candidates.fixed)?, sums, rows })
}

/// log10 likelihood of families whose missing are all found, with their remains.
fn settled(model: &Model<'_>, fixed: &[(usize, usize)]) -> Result<f64, JointError> {
    let (case, mut sum) = (model.case(), 0.0);
    for family in 0..case.families().len() {
        let found = |m: usize| fixed.iter().find(|(_, other)| *other == m).map(|(v, _)| (m, *v));
        let placed: Vec<(usize, usize)> = case.missing_of(family).filter_map(found).collect();
        if !placed.is_empty() && placed.len() == case.missing_of(family).count() {
            sum += model.log10_of(family, &placed)?;
        }
    }
    Ok(sum)
}
