//! The demonstration's forensic bank: a few families of whom some gave samples, and remains that are their missing person. Everybody is drawn from a
//! frequency table.

use crate::app::App;
use crate::db::cases::CaseFilter;
use crate::db::found::FoundFilter;
use crate::db::samples::SampleFilter;
use crate::domain::actor::Actor;
use crate::domain::authority::AuthorityKind;
use crate::domain::custody::CustodyKind;
use crate::domain::ids::{CaseId, FoundId, SampleId};
use crate::domain::sample::{Kin, Material, SampleSource};
use crate::genetics::frequency::FrequencyTable;
use crate::genetics::tables;
use crate::services::bank::custody::{self, NewCustody};
use crate::services::bank::donors::{self, DonorConsent, DonorSex, NewDonor};
use crate::services::bank::pedigrees::{self, DonorIndividual, DrawnIndividual, MissingIndividual, NewPedigree, PedigreeState};
use crate::services::bank::profiles::{self, NewReading};
use crate::services::bank::samples::{self, NewSample};
use crate::services::{cases, found};
use anyhow::Context;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;

/// Cases and the remains that are their missing person, by the numbers of the demonstration's files, and which relatives gave a sample.
const FAMILIES: [(&str, &str, &[Relative]); 5] = [
    ("C0b7d6e08821", "R2669890eea0", &[Relative::Mother, Relative::Father]),
    ("C0b2c1b17bf0", "R58bab79789f", &[Relative::Mother]),
    ("C062a22a796d", "R272580198b6", &[Relative::Sister, Relative::Brother]),
    ("C09da37f1126", "Rdad6d8b485b", &[Relative::Father, Relative::Sister]),
    ("C0aafc9350a8", "R0a40178629b", &[Relative::Brother]),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Relative {
    Mother,
    Father,
    Sister,
    Brother,
}

impl Relative {
    const fn told(self) -> (&'static str, Kin, DonorSex) {
        match self {
            Self::Mother => ("madre", Kin::Mother, DonorSex::Female),
            Self::Father => ("padre", Kin::Father, DonorSex::Male),
            Self::Sister => ("hermana", Kin::FullSibling, DonorSex::Female),
            Self::Brother => ("hermano", Kin::FullSibling, DonorSex::Male),
        }
    }
}

type Genome = BTreeMap<String, Vec<String>>;

/// Who works at the demonstration's bank.
pub(super) struct Staff {
    /// Takes samples.
    pub keeper: Actor,
    /// The two analysts.
    pub analysts: [Actor; 2],
    /// An officer of each commission, to find cases.
    pub officers: Vec<Actor>,
}

fn founder(table: &FrequencyTable, random: &mut StdRng) -> Genome {
    let mut one = |alleles: &[(String, f64)]| {
        let mut at: f64 = random.random();
        let hit = alleles.iter().find(|(_, p)| {
            at -= p;
            at < 0.0
        });
        hit.or(alleles.last()).map(|(allele, _)| allele.clone()).unwrap_or_default()
    };
    table.loci().iter().map(|l| (l.locus().to_owned(), vec![one(l.alleles()), one(l.alleles())])).collect()
}

fn child(mother: &Genome, father: &Genome, random: &mut StdRng) -> Genome {
    let mut pick = |of: Option<&Vec<String>>| of.and_then(|of| of.get(usize::from(random.random::<bool>()))).cloned().unwrap_or_default();
    mother.keys().map(|locus| (locus.clone(), vec![pick(mother.get(locus)), pick(father.get(locus))])).collect()
}

async fn case_of(app: &App, staff: &Staff, number: &str) -> anyhow::Result<Option<CaseId>> {
    for officer in &staff.officers {
        let filter = CaseFilter { q: Some(number.to_owned()), ..CaseFilter::default() };
        if let Some(line) = cases::list(app, officer, &filter, None, 1).await?.first() {
            return Ok(Some(CaseId(line.id)));
        }
    }
    Ok(None)
}

/// Fills the bank, unless there are samples already. How many families and samples.
pub(super) async fn fill(app: &App, staff: &Staff) -> anyhow::Result<(usize, usize)> {
    if !samples::list(app, &staff.keeper, &SampleFilter::default(), None, 1).await?.is_empty() {
        return Ok((0, 0));
    }
    let (_, table) = tables::shipped(tables::DEFAULT)?;
    let mut random = StdRng::seed_from_u64(4);
    let (mut families, mut count) = (0, 0);
    for (case, record, typed) in FAMILIES {
        let filter = FoundFilter { q: Some(record.to_owned()), ..FoundFilter::default() };
        let lines = found::list(app, &staff.keeper, &filter, None, 1).await?;
        let (Some(case), Some(line)) = (case_of(app, staff, case).await?, lines.first()) else { continue };
        count += family(app, staff, (case, FoundId(line.id)), typed, (&table, &mut random)).await?;
        families += 1;
    }
    Ok((families, count))
}

async fn family(
    app: &App,
    staff: &Staff,
    (case, remains): (CaseId, FoundId),
    typed: &[Relative],
    (table, random): (&FrequencyTable, &mut StdRng),
) -> anyhow::Result<usize> {
    let parents = [founder(table, random), founder(table, random)];
    let [mother, father] = &parents;
    let mut born = || child(mother, father, random);
    let genomes =
        [(Relative::Mother, mother.clone()), (Relative::Father, father.clone()), (Relative::Sister, born()), (Relative::Brother, born())];
    let missing = born();
    let mut given = Vec::new();
    for (relative, genome) in genomes.iter().filter(|(relative, _)| typed.contains(relative)) {
        let (individual, relation, sex) = relative.told();
        let new = NewDonor { case, relation, name: format!("{individual} (ficticia)"), sex: Some(sex), consent: Some(consent()) };
        let donor = donors::register(app, &staff.keeper, None, new).await?.made.id;
        let new = NewSample { donor: Some(donor), ..sample(SampleSource::Relative, Material::Saliva, app) };
        read_twice(app, staff, new, genome).await?;
        given.push(DonorIndividual { individual: individual.to_owned(), donor });
    }
    let samples = given.len() + 1;
    pedigrees::draw(app, &staff.analysts[0], None, pedigree(case, given)).await?;
    let new = NewSample { found_record: Some(remains), ..sample(SampleSource::Remains, Material::Bone, app) };
    read_twice(app, staff, new, &missing).await?;
    Ok(samples)
}

fn pedigree(case: CaseId, donors: Vec<DonorIndividual>) -> NewPedigree {
    let one = |id: &str, sex, parents: bool| DrawnIndividual {
        id: id.to_owned(),
        sex,
        father: parents.then(|| "padre".to_owned()),
        mother: parents.then(|| "madre".to_owned()),
        adoptive_parents: Vec::new(),
        inbreeding: 0.0,
    };
    NewPedigree {
        individuals: vec![
            one("madre", DonorSex::Female, false),
            one("padre", DonorSex::Male, false),
            one("persona desaparecida", DonorSex::Male, true),
            one("hermana", DonorSex::Female, true),
            one("hermano", DonorSex::Male, true),
        ],
        missing: vec![MissingIndividual { individual: "persona desaparecida".to_owned(), case }],
        donors,
        state: PedigreeState::Validated,
    }
}

fn consent() -> DonorConsent {
    DonorConsent {
        institutions: vec![AuthorityKind::ForensicBank, AuthorityKind::Laboratory],
        language: "es".to_owned(),
        explained_by: "Personal del banco (ficticio)".to_owned(),
        granted_by: "la persona".to_owned(),
        form_version: "demo-1".to_owned(),
        until: None,
    }
}

fn sample(source: SampleSource, material: Material, app: &App) -> NewSample {
    NewSample {
        source,
        donor: None,
        case: None,
        found_record: None,
        remains: None,
        element: None,
        staff: None,
        parent: None,
        material,
        amount: None,
        preservation: None,
        kit_lot: None,
        taken_on: Some(app.clock.today()),
        taken_by: None,
        taken_where: None,
        note: None,
        identifiers: Vec::new(),
    }
}

/// A sample, stored, and both analysts' readings of it.
async fn read_twice(app: &App, staff: &Staff, new: NewSample, genome: &Genome) -> anyhow::Result<SampleId> {
    let made = samples::register(app, &staff.keeper, None, new).await?.made;
    let stored = NewCustody {
        kind: CustodyKind::Stored,
        to: None,
        to_name: None,
        seal: None,
        location: Some("Congelador 1".to_owned()),
        temperature: Some("-20 °C".to_owned()),
        reason: None,
        witness: None,
        due_at: None,
    };
    custody::write(app, &staff.keeper, made.id, made.rev, stored).await.context("a sample of the demonstration cannot be stored")?;
    for analyst in &staff.analysts {
        let reading = NewReading {
            kit: "GlobalFiler".to_owned(),
            laboratory: "Laboratorio ficticio".to_owned(),
            run_on: app.clock.today(),
            loci: genome.clone(),
            mitochondrial_ranges: Vec::new(),
            mitochondrial_differences: Vec::new(),
        };
        profiles::enter(app, analyst, made.id, None, reading).await?;
    }
    Ok(made.id)
}
