//! Many remains and families at once as JSON, with the keys of the reference program's figures, and what comes of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize as DeserializeDerive, Serialize};

use super::kinship::{Cause, Genotypes, KinshipFileError, MarkerLine, PersonLine, Sex, each_once, pedigree, typed};
use crate::genetics::joint::assignments::{Limits, Row, Sums};
use crate::genetics::joint::solve::{Conclusion, Finding, Grounds};
use crate::genetics::joint::weigh::{Joint, Weighed, weigh};
use crate::genetics::joint::{Case, Family, JointError, Reading, Remains, fragments};
use crate::genetics::kinship::{Typed, observed};
use crate::genetics::marker::Marker;

/// Things by name, in the order of the file; of a list without names, numbered from 1.
#[derive(Debug)]
pub struct Named<T>(Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Of<T> {
            type Value = Named<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, or a list")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    all.push(entry);
                }
                Ok(Named(all))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(value) = list.next_element()? {
                    all.push((format!("F{}", all.len() + 1), value));
                }
                Ok(Named(all))
            }
        }
        deserializer.deserialize_any(Of(PhantomData))
    }
}

/// One name or several.
#[derive(Debug, DeserializeDerive)]
#[serde(untagged)]
enum Names {
    One(String),
    Several(Vec<String>),
}

/// A file of families, each with one or several who are missing, and of remains.
#[derive(Debug, DeserializeDerive)]
pub struct JointFile {
    markers: Vec<MarkerLine>,
    am_families: Named<Vec<PersonLine>>,
    #[serde(default)]
    am_genotypes: Named<Genotypes>,
    pm: Named<RemainsLine>,
    #[serde(default)]
    pm_genotypes: Named<Genotypes>,
    missing: Names,
    /// By remains, how likely one copy of an allele was not read.
    #[serde(default)]
    drop_out: BTreeMap<String, f64>,
}

#[derive(Debug, DeserializeDerive)]
struct RemainsLine {
    id: String,
    sex: Sex,
}

/// What is asked for besides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JointOptions {
    /// Remains may be missing persons of the other sex.
    pub ignore_sex: bool,
    /// How many times likelier, before anything is typed, an assignment is with one more identified.
    pub prior_odds: f64,
    /// LR from which remains are of one person.
    pub fragments: f64,
    /// Rows of the table of assignments that are written.
    pub rows: usize,
    /// How much may be computed.
    pub limits: Limits,
}

impl Default for JointOptions {
    fn default() -> Self {
        Self { ignore_sex: false, prior_odds: 1.0, fragments: 1e4, rows: 200, limits: Limits::default() }
    }
}

/// A table of numbers; null of pairs that are not compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures<T> {
    /// Remains.
    pub rows: Vec<String>,
    /// Missing persons.
    pub cols: Vec<String>,
    /// By row and column.
    pub values: Vec<Vec<T>>,
}

/// One assignment: by remains the missing person or `*`, and its figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assignment {
    /// By remains.
    #[serde(flatten)]
    pub who: BTreeMap<String, String>,
    /// Natural logarithm of the likelihood of everything but families whose missing are all beyond dispute, and the remains found to be theirs; null of
    /// what cannot be.
    pub loglik: Option<f64>,
    /// Against nobody being anybody missing.
    #[serde(rename = "LR")]
    pub ratio: Option<f64>,
    /// How likely it is among all assignments.
    pub posterior: f64,
    /// LR of the identified being related as they would be, by their own profiles and nobody else's.
    #[serde(rename = "LR0")]
    pub among: Option<f64>,
}

/// How the likeliest assignments with a pair compare to the likeliest without; null where there are none without.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GeneralizedRatio {
    /// `remains=missing`, `remains=*`.
    #[serde(rename = "H0")]
    pub pair: String,
    /// The largest with over the largest without.
    #[serde(rename = "GLR")]
    pub ratio: Option<f64>,
    /// The smallest with over the largest without.
    #[serde(rename = "GLRmin")]
    pub smallest: Option<f64>,
}

/// What was concluded of somebody missing or of remains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conclusions {
    /// The family, where somebody missing is named.
    #[serde(rename = "Family")]
    pub family: Option<String>,
    /// Who is missing.
    #[serde(rename = "Missing")]
    pub missing: Option<String>,
    /// The remains.
    #[serde(rename = "Sample")]
    pub remains: Option<String>,
    /// LR of the pair, or of the best.
    #[serde(rename = "LR")]
    pub ratio: Option<f64>,
    /// Of the likeliest assignments within the family.
    #[serde(rename = "GLR")]
    pub generalized: Option<f64>,
    /// In the reference program's words.
    #[serde(rename = "Conclusion")]
    pub conclusion: &'static str,
    /// Why.
    #[serde(rename = "Comment")]
    pub comment: Option<String>,
}

/// What comes of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JointResult {
    /// Remains that are of one person, by the name that all of them have below.
    pub fragments: BTreeMap<String, Vec<String>>,
    /// Assignments there are by sex.
    pub grid_size: f64,
    /// Why there is nothing joint: more than can be computed. Conclusions are there still.
    pub refused: Option<String>,
    /// LR of each pair by itself.
    #[serde(rename = "pairwise_LR")]
    pub pairwise: Figures<Option<f64>>,
    /// Markers at which a pair is incompatible without mutation.
    pub exclusion_matrix: Figures<Option<u32>>,
    /// Assignments, the likeliest first; null where they are more than may be listed.
    pub joint_table: Option<Vec<Assignment>>,
    /// How many there are.
    pub joint_rows: Option<f64>,
    /// Who each missing person is in one of the likeliest assignments; null of nobody.
    pub best: BTreeMap<String, Option<String>>,
    /// How many assignments are as likely as the likeliest.
    pub ties: Option<f64>,
    /// How likely remains are each missing person, or nobody.
    #[serde(rename = "posterior_pairing_flat_prior")]
    pub posterior: Option<Figures<f64>>,
    /// By pair.
    pub glr: Option<Vec<GeneralizedRatio>>,
    /// By missing person.
    #[serde(rename = "solve_AM")]
    pub by_missing: Vec<Conclusions>,
    /// By remains.
    #[serde(rename = "solve_PM")]
    pub by_remains: Vec<Conclusions>,
}

/// Identifies the remains of a file.
///
/// # Errors
/// Naming what in the file cannot be, and families with more to compute than may be.
pub fn identify(file: &JointFile, options: &JointOptions) -> Result<JointResult, KinshipFileError> {
    let positive = |x: f64| x > 0.0 && x.is_finite();
    if !(positive(options.prior_odds) && positive(options.fragments)) {
        return Err(Cause::Odds.of("options"));
    }
    let markers = || each_once(file.markers.iter().map(|line| line.marker(None)).collect::<Result<Vec<_>, _>>()?);
    let markers = markers().map_err(|cause| cause.of("markers"))?;
    let families = families(file, &markers)?;
    let all = remains(file, &markers).map_err(|cause| cause.of("remains"))?;
    let made = || -> Result<JointResult, Cause> {
        let groups = fragments::groups(&all, &markers, options.fragments.log10())?;
        let merged = groups.iter().map(|group| fragments::merge(&group.iter().map(|n| &all[*n]).collect::<Vec<_>>())).collect();
        let missing = match &file.missing {
            Names::One(one) => vec![one.clone()],
            Names::Several(several) => several.clone(),
        };
        let case = Case::new(markers, families, merged, &missing)?;
        let several = groups.iter().zip(case.remains()).filter(|(group, _)| group.len() > 1);
        let fragments = several.map(|(group, of)| (of.name.clone(), group.iter().map(|n| all[*n].name.clone()).collect()));
        Ok(Told::new(&case, options)?.result(fragments.collect()))
    };
    made().map_err(|cause| cause.of("joint identification"))
}

fn of_name<'a>(all: &'a Named<Genotypes>, names: impl Iterator<Item = &'a str>) -> BTreeMap<String, Genotypes> {
    let names: BTreeSet<&str> = names.collect();
    all.0.iter().filter(|(name, _)| names.contains(name.as_str())).cloned().collect()
}

fn families(file: &JointFile, markers: &[Marker]) -> Result<Vec<Family>, KinshipFileError> {
    let known = |name: &str| file.am_families.0.iter().any(|(_, people)| people.iter().any(|line| line.id() == name));
    if let Some((name, _)) = file.am_genotypes.0.iter().find(|(name, _)| !known(name)) {
        return Err(Cause::NoFamily(name.clone()).of("am_genotypes"));
    }
    let family = |(name, people): &(String, Vec<PersonLine>)| -> Result<Family, Cause> {
        let pedigree = pedigree(people)?;
        let typed = typed(&of_name(&file.am_genotypes, people.iter().map(PersonLine::id)), markers)?;
        let observed = observed(&pedigree, markers.len(), &typed)?;
        Ok(Family { name: name.clone(), pedigree, observed })
    };
    file.am_families.0.iter().map(|of| family(of).map_err(|cause| cause.of(&of.0))).collect()
}

/// Columns of the table of assignments beside those of remains.
const COLUMNS: [&str; 4] = ["loglik", "LR", "posterior", "LR0"];

fn remains(file: &JointFile, markers: &[Marker]) -> Result<Vec<Remains>, Cause> {
    if let Some((_, line)) = file.pm.0.iter().find(|(_, line)| COLUMNS.contains(&line.id.as_str())) {
        return Err(Cause::Reserved(line.id.clone()));
    }
    let known = |name: &str| file.pm.0.iter().any(|(_, line)| line.id == name);
    let named = file.pm_genotypes.0.iter().map(|(name, _)| name).chain(file.drop_out.keys());
    if let Some(name) = named.into_iter().find(|name| !known(name)) {
        return Err(Cause::NoRemains(name.clone()));
    }
    let all = typed(&of_name(&file.pm_genotypes, file.pm.0.iter().map(|(_, line)| line.id.as_str())), markers)?;
    let of = |(_, line): &(String, RemainsLine)| {
        let drop_out = file.drop_out.get(&line.id).copied().unwrap_or(0.0);
        let calls =
            all.iter().find(|typed| typed.name == line.id).map_or_else(|| vec![None; markers.len()], |Typed { calls, .. }| calls.clone());
        let readings = calls.into_iter().map(|call| Some(Reading { drop_out, ..Reading::sure(call?) })).collect();
        Remains { name: line.id.clone(), sex: line.sex.into(), readings }
    };
    Ok(file.pm.0.iter().map(of).collect())
}

/// A number that JSON has.
fn number(x: f64) -> Option<f64> {
    Some(x).filter(|x| x.is_finite())
}

fn ratio(log10: f64) -> Option<f64> {
    number(10f64.powf(log10))
}

fn number_of(count: u128) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact as far as it can be listed")]
    let number = count as f64;
    number
}

/// A case with everything that is computed of it.
struct Told<'a> {
    case: &'a Case,
    options: &'a JointOptions,
    by_sex: Vec<Vec<bool>>,
    weighed: Weighed,
}

impl<'a> Told<'a> {
    fn new(case: &'a Case, options: &'a JointOptions) -> Result<Self, JointError> {
        let by_sex = case.by_sex(options.ignore_sex);
        let weighed = weigh(case, &by_sex, options.prior_odds.log10(), options.limits)?;
        Ok(Self { case, options, by_sex, weighed })
    }

    fn result(self, fragments: BTreeMap<String, Vec<String>>) -> JointResult {
        let (case, weighed) = (self.case, &self.weighed);
        let joint = weighed.joint.as_ref().ok();
        let ratios = weighed.pairwise.iter().map(|row| row.iter().map(|lr| lr.and_then(ratio)).collect()).collect();
        let concluded = |all: &[Finding], of_missing: bool| all.iter().map(|finding| conclusions(case, finding, of_missing)).collect();
        JointResult {
            fragments,
            grid_size: case.assignments_by_sex(self.options.ignore_sex),
            refused: weighed.joint.as_ref().err().map(ToString::to_string),
            pairwise: self.figures(false, ratios),
            exclusion_matrix: self.figures(false, weighed.incompatible.clone()),
            joint_table: joint.and_then(|joint| self.table(joint)),
            joint_rows: joint.map(|joint| number_of(joint.sums.all.count)),
            best: joint.map_or_else(BTreeMap::new, |joint| self.best(&joint.sums)),
            ties: joint.map(|joint| number_of(joint.sums.all.ties)),
            posterior: joint.map(|joint| self.posterior(&joint.sums)),
            glr: joint.map(|joint| self.generalized(&joint.sums)),
            by_missing: concluded(&weighed.solution.missing, true),
            by_remains: concluded(&weighed.solution.remains, false),
        }
    }

    fn table(&self, joint: &Joint) -> Option<Vec<Assignment>> {
        Some(joint.rows.as_ref()?.iter().take(self.options.rows).map(|row| self.assignment(joint, row)).collect())
    }

    fn best(&self, sums: &Sums) -> BTreeMap<String, Option<String>> {
        let remains = |v: usize| self.case.remains()[v].name.clone();
        self.case.missing().iter().zip(&sums.best).map(|(m, v)| (m.name.clone(), v.map(remains))).collect()
    }

    fn posterior(&self, sums: &Sums) -> Figures<f64> {
        let row = |v: usize| self.anybody().map(|m| sums.posterior(v, m)).collect();
        self.figures(true, (0..self.case.remains().len()).map(row).collect())
    }

    /// Everybody missing, and nobody.
    fn anybody(&self) -> impl Iterator<Item = Option<usize>> {
        (0..self.case.missing().len()).map(Some).chain([None])
    }

    fn figures<T>(&self, nobody: bool, values: Vec<Vec<T>>) -> Figures<T> {
        let cols = self.case.missing().iter().map(|m| m.name.clone()).chain(nobody.then(|| "*".to_owned()));
        Figures { rows: self.case.remains().iter().map(|v| v.name.clone()).collect(), cols: cols.collect(), values }
    }

    fn missing(&self, m: Option<usize>) -> String {
        m.map_or_else(|| "*".to_owned(), |m| self.case.missing()[m].name.clone())
    }

    fn assignment(&self, joint: &Joint, row: &Row) -> Assignment {
        let who = self.case.remains().iter().zip(&row.who).map(|(v, m)| (v.name.clone(), self.missing(*m)));
        Assignment {
            who: who.collect(),
            loglik: number((joint.nobody + row.log10) * std::f64::consts::LN_10),
            ratio: ratio(row.log10),
            posterior: 10f64.powf(row.weighted - joint.sums.all.sum),
            among: ratio(row.among),
        }
    }

    fn generalized(&self, sums: &Sums) -> Vec<GeneralizedRatio> {
        let of = |v: usize, m: Option<usize>| {
            let told = sums.generalized(v, m);
            let pair = format!("{}={}", self.case.remains()[v].name, self.missing(m));
            GeneralizedRatio { pair, ratio: ratio(told.log10), smallest: ratio(told.smallest) }
        };
        let by_sex = |v: usize| (0..self.case.missing().len()).filter(move |m| self.by_sex[v][*m]);
        (0..self.case.remains().len()).flat_map(|v| [None].into_iter().chain(by_sex(v).map(Some)).map(move |m| of(v, m))).collect()
    }
}

const fn words(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Undisputed => "Undisputed",
        Conclusion::Match => "Match (GLR)",
        Conclusion::ProbableMatch => "Probable (GLR)",
        Conclusion::Symmetric => "Symmetric match",
        Conclusion::Disputed => "Disputed",
        Conclusion::Probable => "Probable",
        Conclusion::Inconclusive => "Inconclusive",
        Conclusion::NoMatch => "No match",
        Conclusion::Excluded => "Excluded",
    }
}

/// An LR in two digits, as `%.2g` has it.
fn two_digits(log10: f64) -> String {
    let text = format!("{:.1e}", 10f64.powf(log10));
    let Some((digits, power)) = text.split_once('e') else { return text };
    let digits = digits.trim_end_matches(".0");
    match power.parse::<i32>() {
        Ok(power @ (0 | 1)) => format!("{}", digits.parse::<f64>().unwrap_or(0.0) * 10f64.powi(power)),
        Ok(power) if power < 0 => format!("{digits}e-{:02}", -power),
        Ok(power) => format!("{digits}e+{power:02}"),
        Err(_) => text,
    }
}

fn conclusions(case: &Case, finding: &Finding, of_missing: bool) -> Conclusions {
    let missing = |m: &usize| case.missing()[*m].name.clone();
    let remains = |v: &usize| case.remains()[*v].name.clone();
    let other = |n: &usize| if of_missing { remains(n) } else { missing(n) };
    let is = finding.is.iter().map(other).collect::<Vec<_>>().join("/");
    let family = |m: &usize| case.families()[case.missing()[*m].family].name.clone();
    let nothing = finding.conclusion == Conclusion::Excluded;
    // Remains that are nobody by what is known are nobody by an empty name, those that are excluded by none.
    let (family, missing_name, remains_name) = if of_missing {
        (Some(family(&finding.of)), Some(missing(&finding.of)), Some(is).filter(|is| !is.is_empty()))
    } else {
        let none = || (!nothing).then(String::new);
        let open = finding.conclusion == Conclusion::Inconclusive;
        let those = finding.is.first().filter(|_| !open);
        (those.map(family).or_else(none), those.map(|_| is).or_else(none), Some(remains(&finding.of)))
    };
    Conclusions {
        family,
        missing: missing_name,
        remains: remains_name,
        ratio: finding.log10.and_then(ratio),
        generalized: finding.generalized.and_then(ratio),
        conclusion: words(finding.conclusion),
        comment: comment(case, finding, of_missing),
    }
}

fn comment(case: &Case, finding: &Finding, of_missing: bool) -> Option<String> {
    let missing = |all: &[usize]| all.iter().map(|m| case.missing()[*m].name.clone()).collect::<Vec<_>>();
    let remains = |all: &[usize]| all.iter().map(|v| case.remains()[*v].name.clone()).collect::<Vec<_>>();
    let other = |n: usize| if of_missing { case.remains()[n].name.clone() } else { case.missing()[n].name.clone() };
    let weighed = |(n, log10): &(usize, f64)| format!("{} (LR={})", other(*n), two_digits(*log10));
    Some(match &finding.grounds {
        Grounds::None => return None,
        Grounds::Step(n) => format!("Step {n}"),
        Grounds::Joint(all) => format!("Joint: {{{}}}", missing(all).join(",")),
        Grounds::Siblings { missing: m, remains: v } => {
            let (m, v) = (missing(m).join(", "), remains(v).join(", "));
            let (left, right) = if of_missing { (m, v) } else { (v, m) };
            format!("Full siblings: {{{left}}} = {{{right}}}")
        }
        Grounds::AnyOf { remains: v, missing: m } if of_missing => {
            let others: Vec<usize> = m.iter().copied().filter(|m| *m != finding.of).collect();
            format!("{} also matches {} (full siblings)", other(*v), missing(&others).join(", "))
        }
        Grounds::AnyOf { missing: m, .. } => format!("{} are full siblings", missing(m).join(" and ")),
        Grounds::Also(all) => format!("Also: {}", all.iter().map(weighed).collect::<Vec<_>>().join(", ")),
        Grounds::RunnerUp(next) => format!("Runner-up: {}", next.as_ref().map_or_else(|| "-".to_owned(), weighed)),
        Grounds::Best(n) => format!("Best: {}", other(*n)),
        Grounds::NoPairing => "No compatible pairings".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::two_digits;

    #[test]
    fn an_lr_is_written_in_two_digits() {
        let written = [29077.3_f64, 12.4, 4.98, 4.0, 0.0909, 123.0].map(|lr| two_digits(lr.log10()));
        assert_eq!(written, ["2.9e+04", "12", "5", "4", "9.1e-02", "1.2e+02"]);
    }
}
