//! How fast a bank of remains is searched against families: tables of families, then every pair, on one core.
//!
//!     cargo bench --bench bank -- [--families N] [--remains N] [--mutation none|equal|stepwise]
//!
//! Families of one to four typed relatives and remains are made by dropping alleles down pedigrees (no mutation in the drop, as a few alleles matter to no
//! measurement); half the remains are the missing person of a family. Markers and frequencies are those of tests/data/genetics/blind_40x20.json. Prints
//! `name value` a line; `scripts/bench-bank` makes the table.
#![expect(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use mimalloc::MiMalloc;
use rastro::genetics::bank::{Profiles, Table};
use rastro::genetics::likelihood::Observation;
use rastro::genetics::marker::{Call, Chromosome, Marker};
use rastro::genetics::mutation::{Model, Mutation};
use rastro::genetics::pedigree::{Entry, GeneticSex, Pedigree};
use rastro::genetics::search::Weights;
use serde_json::Value;

/// As in the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const SEED: u64 = 20_261_128;
const MISSING: &str = "missing";

/// SplitMix64: small, and the same everywhere.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 on and below 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn allele(&mut self, marker: &Marker) -> usize {
        let mut left = self.share();
        let p = marker.frequencies();
        p.iter()
            .position(|p| {
                left -= p;
                left < 0.0
            })
            .unwrap_or(p.len() - 1)
    }
}

struct Wanted {
    families: usize,
    remains: usize,
    mutation: Option<Mutation>,
}

fn wanted() -> anyhow::Result<Wanted> {
    let mut wanted = Wanted { families: 5000, remains: 5000, mutation: None };
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    while let Some(argument) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{argument} needs a value"))?;
        match (argument.as_str(), value.as_str()) {
            ("--families", n) => wanted.families = n.parse()?,
            ("--remains", n) => wanted.remains = n.parse()?,
            ("--mutation", "none") => wanted.mutation = None,
            ("--mutation", "equal") => wanted.mutation = Some(Mutation { model: Model::Equal { rate: 0.001 }, stationary: None }),
            ("--mutation", "stepwise") => {
                wanted.mutation = Some(Mutation { model: Model::Stepwise { rate: 0.001, rate2: 1e-6, range: 0.1 }, stationary: None });
            }
            _ => bail!("there is no {argument} {value}"),
        }
    }
    Ok(wanted)
}

fn markers(mutation: Option<&Mutation>) -> anyhow::Result<Vec<Marker>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/genetics/blind_40x20.json");
    let file: Value = serde_json::from_str(&fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?)?;
    let lines = file["markers"].as_array().context("the file has no markers")?;
    lines
        .iter()
        .map(|line| {
            let alleles: Vec<String> = serde_json::from_value(line["alleles"].clone())?;
            let frequencies: Vec<f64> = serde_json::from_value(line["frequencies"].clone())?;
            let marker = Marker::new(line["name"].as_str().unwrap_or_default(), Chromosome::Autosomal, alleles, frequencies)?;
            Ok(match mutation {
                Some(m) => marker.with_mutation(m, m)?,
                None => marker,
            })
        })
        .collect()
}

/// Kinds of family: a pedigree, and who of it is typed.
fn families() -> anyhow::Result<Vec<(Pedigree, Vec<&'static str>)>> {
    let (m, f) = (GeneticSex::Male, GeneticSex::Female);
    let parents = || vec![Entry::new("father", m, None), Entry::new("mother", f, None)];
    let child = |name: &str, sex| Entry::new(name, sex, Some(("father", "mother")));
    let close = |typed: &[&'static str]| -> anyhow::Result<_> {
        let siblings = [child(MISSING, f), child("brother", m), child("sister", f)];
        Ok((Pedigree::new(&[parents(), siblings.to_vec()].concat())?, typed.to_vec()))
    };
    // A grandmother, an uncle, an aunt and a half brother by another mother.
    let far = [
        Entry::new("grandfather", m, None),
        Entry::new("grandmother", f, None),
        Entry::new("uncle", m, Some(("grandfather", "grandmother"))),
        Entry::new("aunt", f, Some(("grandfather", "grandmother"))),
        Entry::new("father", m, Some(("grandfather", "grandmother"))),
        Entry::new("mother", f, None),
        Entry::new("other", f, None),
        Entry::new(MISSING, f, Some(("father", "mother"))),
        Entry::new("half brother", m, Some(("father", "other"))),
    ];
    Ok(vec![
        close(&["mother"])?,
        close(&["brother", "sister"])?,
        close(&["mother", "father", "brother"])?,
        (Pedigree::new(&far)?, vec!["grandmother", "uncle", "aunt", "half brother"]),
    ])
}

/// Everybody's alleles at a marker, the father's first.
fn dropped(pedigree: &Pedigree, marker: &Marker, seeded: &mut Seeded) -> Vec<[usize; 2]> {
    let mut have: Vec<[usize; 2]> = Vec::new();
    for individual in pedigree.individuals() {
        let alleles = match individual.parents {
            None => [seeded.allele(marker), seeded.allele(marker)],
            Some(parents) => parents.map(|parent| have[parent][usize::from(seeded.share() < 0.5)]),
        };
        have.push(alleles);
    }
    have
}

fn call([a, b]: [usize; 2]) -> Call {
    Call::Both(a.min(b), a.max(b))
}

/// Memory that was resident at most, bytes.
fn peak() -> anyhow::Result<usize> {
    let text = fs::read_to_string("/proc/self/status").context("memory is read from /proc (Linux)")?;
    let line = text.lines().find(|l| l.starts_with("VmHWM:")).context("no VmHWM")?;
    Ok(line.split_whitespace().nth(1).context("VmHWM is empty")?.parse::<usize>()? * 1024)
}

/// Seconds of this thread's processor.
fn cpu_s() -> anyhow::Result<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").context("processor time is read from /proc (Linux)")?;
    Ok(text.split_whitespace().next().context("schedstat is empty")?.parse::<f64>()? / 1e9)
}

/// How many places a second can be read and added up and nothing looked up: what memory and arithmetic alone allow.
fn places_alone(places: usize) -> anyhow::Result<f64> {
    const TIMES: usize = 1000;
    let places: Vec<u32> = (0..places).map(|n| u32::try_from(n % 2000)).collect::<Result<_, _>>()?;
    let began = cpu_s()?;
    for _ in 0..TIMES {
        black_box(black_box(&places).iter().fold(0_u32, |sum, place| sum.wrapping_add(*place)));
    }
    Ok((places.len() * TIMES) as f64 / (cpu_s()? - began))
}

fn main() -> anyhow::Result<()> {
    let wanted = wanted()?;
    ensure!(wanted.families > 0 && wanted.remains > 0, "at least one family and one profile");
    let markers = markers(wanted.mutation.as_ref())?;
    let mut seeded = Seeded(SEED);
    let kinds = families()?;
    let mut families = Vec::with_capacity(wanted.families);
    let mut remains: Vec<Vec<Option<Call>>> = Vec::with_capacity(wanted.remains);
    for n in 0..wanted.families {
        let (pedigree, typed) = &kinds[n % kinds.len()];
        let number = |name: &str| pedigree.number(name).context("nobody of that name");
        let have: Vec<Vec<[usize; 2]>> = markers.iter().map(|marker| dropped(pedigree, marker, &mut seeded)).collect();
        let typed = typed.iter().map(|name| number(name)).collect::<anyhow::Result<Vec<_>>>()?;
        let seen: Vec<Vec<Observation>> =
            have.iter().map(|have| typed.iter().map(|who| Observation::sure(*who, call(have[*who]))).collect()).collect();
        let missing = number(MISSING)?;
        if n % 2 == 0 && remains.len() < wanted.remains {
            remains.push(have.iter().map(|have| Some(call(have[missing]))).collect());
        }
        families.push((pedigree, missing, seen));
    }
    let of_family = remains.len();
    while remains.len() < wanted.remains {
        remains.push(markers.iter().map(|m| Some(call([seeded.allele(m), seeded.allele(m)]))).collect());
    }
    println!("families {}\nremains {}\nmarkers {}", families.len(), remains.len(), markers.len());

    let began = (Instant::now(), cpu_s()?);
    let profiles = Profiles::new(&markers, remains.iter().map(Vec::as_slice));
    let (mut in_tables, mut excluded, mut first) = (0.0, 0_usize, 0);
    let mut strongest = Vec::new();
    for (n, (pedigree, missing, seen)) in families.iter().enumerate() {
        let before = cpu_s()?;
        let at: Vec<(&Marker, &[Observation])> = markers.iter().zip(seen.iter().map(Vec::as_slice)).collect();
        let table = Table::new(&Weights::new(pedigree, *missing, &at)?, &markers);
        in_tables += cpu_s()? - before;
        let (mut best, mut at) = (f64::NEG_INFINITY, 0);
        for (r, pair) in profiles.weigh(&table).enumerate() {
            excluded += usize::from(pair.excluded > 0);
            if pair.log10() > best {
                (best, at) = (pair.log10(), r);
            }
        }
        if n % 2 == 0 && n / 2 < of_family {
            first += usize::from(at == n / 2);
            strongest.push(best);
        }
    }
    let (wall, cpu) = (began.0.elapsed().as_secs_f64(), cpu_s()? - began.1);
    let pairs = (families.len() * remains.len()) as f64;
    println!("wall_s {wall:.2}\ncpu_s {cpu:.2}\ntables_s {in_tables:.2}\ntables_ms_each {:.3}", in_tables * 1e3 / families.len() as f64);
    println!("pairs_per_cpu_s {:.0}\npairs_per_cpu_s_with_tables {:.0}", pairs / (cpu - in_tables), pairs / cpu);
    println!("lookups_per_cpu_s {:.0}", pairs * markers.len() as f64 / (cpu - in_tables));
    println!("places_alone_per_cpu_s {:.0}", places_alone(remains.len() * markers.len())? / markers.len() as f64);
    println!("excluded {:.4}\nown_remains_first {:.4}", excluded as f64 / pairs, first as f64 / strongest.len().max(1) as f64);
    println!("peak_mb {:.0}", peak()? as f64 / 1e6);
    Ok(())
}
