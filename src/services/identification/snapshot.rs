//! What an identification rests on, held fast when it is handed in, and what it lacks before it can be.

use super::opinion::GeneticOpinion;
use crate::app::App;
use crate::db::hypotheses::{self, StoredEvidence};
use crate::db::identifications::{self, AlternativeLine, ComparisonRow, IdentificationRow};
use crate::db::{Tx, accounts, consents};
use crate::domain::actor::Actor;
use crate::domain::disclosure::Sight;
use crate::domain::hypothesis::Band;
use crate::domain::identification::{FEWEST, Method, check_methods, genetic_weight, genetics_suffice};
use crate::domain::ids::{AuthorityId, HypothesisId, IdentificationId};
use crate::domain::violations::Violations;
use crate::linkage::model::Millibans;
use crate::services::ServiceError;
use crate::services::hypotheses::{SeenEvidence, cut_evidence};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The code of DNA among the evidence of a hypothesis.
const DNA: &str = "dna";

/// What an identification rested on when it was handed in (OB-31). Weights are log10 of likelihood ratios or odds, exact in thousandths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Snapshot {
    /// What everything but DNA weighs.
    pub log10_lr_nongenetic: f64,
    /// What DNA weighs, as far as the hypothesis has it.
    pub log10_lr_genetic: f64,
    /// Prior odds.
    pub log10_prior: f64,
    /// Prior and all weights together.
    pub log10_joint: f64,
    /// Share of the comparable fields that could be compared, 0 to 1.
    pub coverage: f64,
    /// The joint odds as a band in words.
    pub band: String,
    /// Missing persons that the node compares.
    pub cases_compared: i64,
    /// Remains that the node compares.
    pub remains_compared: i64,
    /// The model that weighed the hypothesis.
    pub model: String,
    /// What weighed the DNA, where an opinion is attached.
    pub genetic_model: Option<String>,
    /// The program's version.
    pub program: String,
    /// The evidence as both institutions may see it; what one of them reserves is one sum.
    pub evidence: Vec<SeenEvidence>,
    /// The other open hypotheses, each with what was written of it.
    pub alternatives: Vec<ComparedAlternative>,
}

/// Another open hypothesis, and why it was not the one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ComparedAlternative {
    /// The hypothesis.
    pub hypothesis: Uuid,
    /// What both want: case or `found_record`.
    pub shares: String,
    /// Its strength in words.
    pub band: String,
    /// What the institutions that may see it wrote: the institution and its words.
    pub comparisons: Vec<(String, String)>,
}

impl Snapshot {
    /// As an identification keeps it.
    pub(super) fn kept(row: &IdentificationRow) -> Option<Self> {
        row.snapshot.as_ref().and_then(|v| serde_json::from_value(v.clone()).ok())
    }
}

/// What stands beside a draft: the alternatives and what was written of them.
pub(super) struct Beside {
    pub alternatives: Vec<AlternativeLine>,
    pub comparisons: Vec<ComparisonRow>,
}

impl Beside {
    pub async fn of(tx: &mut Tx, row: &IdentificationRow) -> Result<Self, ServiceError> {
        let alternatives = identifications::alternatives(tx, HypothesisId(row.hypothesis_id)).await?;
        let comparisons = identifications::comparisons(tx, IdentificationId(row.id)).await?;
        Ok(Self { alternatives, comparisons })
    }

    fn is_compared(&self, alternative: &AlternativeLine) -> bool {
        self.comparisons.iter().any(|c| c.hypothesis_id == alternative.hypothesis_id)
    }

    /// Alternatives out of the asking institution's sight of which nothing is written.
    pub fn elsewhere(&self) -> usize {
        self.alternatives.iter().filter(|a| !a.seen && !self.is_compared(a)).count()
    }

    /// Whether any of them could be the one: all but the weakest band.
    fn plausible(&self) -> bool {
        self.alternatives.iter().any(|a| a.band != Band::VeryWeak.as_str())
    }
}

/// Everything a draft lacks before it can be handed in, each with its place. `country` is the case's institution's: its threshold counts.
pub(super) fn lacking(app: &App, row: &IdentificationRow, beside: &Beside, country: &str) -> Violations {
    let mut faults = Violations::default();
    let methods = row.methods();
    check_methods(&methods, &row.reasoning, &mut faults);
    if row.conclusion.trim().chars().count() < FEWEST {
        faults.add("/conclusion", "empty", "write what is concluded");
    }
    if row.limits.trim().is_empty() {
        faults.add("/limits", "empty", "write what the identification cannot say");
    }
    let opinion = GeneticOpinion::kept(row.opinion.as_ref());
    if methods.contains(&Method::Dna) && opinion.is_none() {
        faults.add("/genetic_opinion", "empty", "DNA is named: a geneticist of the institution that holds the result attaches the opinion");
    }
    for alternative in beside.alternatives.iter().filter(|a| a.seen && !beside.is_compared(a)) {
        let told = |folio: &Option<String>| folio.clone().unwrap_or_else(|| "(reserved)".to_owned());
        let message = format!(
            "the hypothesis on case {} and record {} is open too: write why it is not the one, or decide it first",
            told(&alternative.case_folio),
            told(&alternative.found_folio)
        );
        faults.add(&format!("/alternatives/{}", alternative.hypothesis_id), "not_compared", message);
    }
    let elsewhere = beside.elsewhere();
    if elsewhere > 0 {
        let message = format!("{elsewhere} open hypotheses that only the other institution may see are not compared; it has to write of them");
        faults.add("/alternatives", "elsewhere", message);
    }
    if let Some(opinion) = &opinion {
        let threshold = app.settings.identification.threshold(country);
        let weight = genetic_weight(opinion.log10_lr, opinion.excluding, opinion.conflicts);
        if !genetics_suffice(&methods, weight, threshold, beside.plausible()) {
            let message = format!(
                "DNA alone does not identify here with a log10 LR of {}, {} markers that exclude, and {} of sex, Y and mtDNA: more than 0 is asked in any case, and {threshold} while another hypothesis is plausible; decide that one, or add another method",
                opinion.log10_lr, opinion.excluding, opinion.conflicts
            );
            faults.add("/methods", "weak_dna", message);
        }
    }
    faults
}

/// What one institution's record shows the other.
async fn sight(tx: &mut Tx, actor: &Actor, (owner, recipient): (Uuid, Uuid), subject: (&str, Uuid)) -> Result<Sight, ServiceError> {
    let (owner, recipient) = (AuthorityId(owner), AuthorityId(recipient));
    let shared = consents::shared_categories(tx, owner, subject.0, subject.1, recipient, actor.purpose).await?;
    Ok(Sight::decide(owner, recipient, shared))
}

/// Takes the snapshot.
pub(super) async fn take(tx: &mut Tx, actor: &Actor, row: &IdentificationRow, beside: &Beside) -> Result<Snapshot, ServiceError> {
    let pair = hypotheses::get(tx, HypothesisId(row.hypothesis_id)).await?;
    let stored: Vec<StoredEvidence> = serde_json::from_value(pair.evidence.clone()).unwrap_or_default();
    let sum = |dna: bool| {
        stored.iter().filter(|e| (e.field == DNA) == dna).map(|e| Millibans::from_log10(e.log10_lr)).fold(Millibans(0), |mut all, w| {
            all += w;
            all
        })
    };
    let case = sight(tx, actor, (row.case_authority, row.found_authority), ("case", row.case_id)).await?;
    let found = sight(tx, actor, (row.found_authority, row.case_authority), ("found_record", row.found_id)).await?;
    let (cases_compared, remains_compared) = identifications::sizes(tx).await?;
    let mut names = Vec::new();
    for authority in [row.case_authority, row.found_authority] {
        names.push((authority, accounts::authority(tx, AuthorityId(authority)).await?.name));
    }
    let name_of = |id: Uuid| names.iter().find(|(a, _)| *a == id).map(|(_, name)| name.clone()).unwrap_or_default();
    let alternatives = beside.alternatives.iter().map(|a| ComparedAlternative {
        hypothesis: a.hypothesis_id,
        shares: a.shares.clone(),
        band: a.band.clone(),
        comparisons: beside
            .comparisons
            .iter()
            .filter(|c| c.hypothesis_id == a.hypothesis_id)
            .map(|c| (name_of(c.authority_id), c.comparison.clone()))
            .collect(),
    });
    Ok(Snapshot {
        log10_lr_nongenetic: sum(false).log10(),
        log10_lr_genetic: sum(true).log10(),
        log10_prior: pair.log10_prior,
        log10_joint: pair.log10_odds,
        coverage: pair.coverage,
        band: pair.band,
        cases_compared,
        remains_compared,
        model: pair.model,
        genetic_model: GeneticOpinion::kept(row.opinion.as_ref()).map(|o| o.stamp),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        evidence: cut_evidence(&stored, Some(&case), Some(&found)),
        alternatives: alternatives.collect(),
    })
}
