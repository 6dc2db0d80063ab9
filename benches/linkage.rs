//! How fast one new record finds its counterparts among very many, whether it finds exactly those that weighing every pair would give, and how much
//! memory the store takes.
//!
//!     cargo bench --bench linkage -- FOLDER [--found N] [--queries N] [--exact N] [--top N] [--floor X]
//!
//! FOLDER holds `cases.csv` and `records.csv` (or `.csv.gz`) as `rastro link` reads them. Where N is more than the file has, further found records are
//! made by drawing every group of fields (name, birth, look, things, numbers, place and time) from another record of the file, so that shares and
//! frequencies stay those of the file while nobody is there twice. Prints `name value` a line; `scripts/bench-linkage` makes the table.
#![expect(clippy::print_stdout, reason = "a program that prints what it measured")]

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use flate2::read::GzDecoder;
use mimalloc::MiMalloc;
use rastro::geo::reach::Reach;
use rastro::linkage::corpus_csv::{ColumnMap, read_cases, read_records};
use rastro::linkage::lexicon::Lexicon;
use rastro::linkage::model::Model;
use rastro::linkage::record::{PersonRecord, RecordKey, Side};
use rastro::matching::rank::{RankOptions, Scratch, Sought, rank_exhaustive, rank_with};
use rastro::matching::store::Store;

/// As in the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const SEED: u64 = 20_261_126;
/// Key of the case that comes in.
const NEW: RecordKey = RecordKey(u128::MAX);

/// SplitMix64: small, and the same everywhere.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

struct Wanted {
    folder: PathBuf,
    found: usize,
    queries: usize,
    exact: usize,
    options: RankOptions,
}

fn wanted() -> anyhow::Result<Wanted> {
    // A node's own settings: `link.top` and `link.floor` of config/default.toml.
    let mut wanted = Wanted {
        folder: PathBuf::new(),
        found: 0,
        queries: 1000,
        exact: 0,
        options: RankOptions { top: 10, floor: -2.5, ..RankOptions::default() },
    };
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--found" => wanted.found = value()?.parse()?,
            "--queries" => wanted.queries = value()?.parse()?,
            "--exact" => wanted.exact = value()?.parse()?,
            "--top" => wanted.options.top = value()?.parse()?,
            "--floor" => wanted.options.floor = value()?.parse()?,
            other if other.starts_with('-') => bail!("there is no option {other}"),
            folder => wanted.folder = PathBuf::from(folder),
        }
    }
    ensure!(!wanted.folder.as_os_str().is_empty(), "name the folder of cases.csv and records.csv");
    Ok(wanted)
}

fn open(folder: &Path, name: &str) -> anyhow::Result<Box<dyn Read>> {
    let plain = folder.join(format!("{name}.csv"));
    if plain.exists() {
        return Ok(Box::new(File::open(plain)?));
    }
    let packed = folder.join(format!("{name}.csv.gz"));
    Ok(Box::new(GzDecoder::new(File::open(&packed).with_context(|| format!("cannot read {}", packed.display()))?)))
}

/// Another invented person: every group of fields from another record of the same kind of finding.
fn mixed(base: &[PersonRecord], key: usize, seeded: &mut Seeded) -> PersonRecord {
    let of = |seeded: &mut Seeded| &base[seeded.below(base.len())];
    let (whole, name, look, things, numbers) = (of(seeded), of(seeded), of(seeded), of(seeded), of(seeded));
    let mut record = whole.clone();
    record.key = RecordKey(key as u128);
    if !record.names.is_empty() && !name.names.is_empty() {
        // One half of the name from each, so that full names do not repeat.
        record.nationalities.clone_from(&name.nationalities);
        let given = record.names[0].given.clone();
        record.names.clone_from(&name.names);
        if given.is_some() && record.names[0].given.is_some() {
            record.names[0].given = given;
        }
    }
    record.stature_cm = look.stature_cm.filter(|_| record.stature_cm.is_some());
    record.hair.clone_from(&look.hair);
    record.eyes.clone_from(&look.eyes);
    record.marks.clone_from(&things.marks);
    record.dental.clone_from(&things.dental);
    record.clothing.clone_from(&look.clothing);
    record.belongings.clone_from(&numbers.belongings);
    let digits = |text: &str, seeded: &mut Seeded| -> String {
        text.chars().map(|c| if c.is_ascii_digit() { char::from(b'0' + u8::try_from(seeded.below(10)).unwrap_or(0)) } else { c }).collect()
    };
    for number in record.phones.iter_mut().chain(&mut record.documents) {
        *number = digits(number, seeded);
    }
    record.companions.clone_from(&numbers.companions);
    record
}

/// Resident memory, bytes.
fn resident() -> anyhow::Result<usize> {
    let text = fs::read_to_string("/proc/self/status").context("memory is read from /proc (Linux)")?;
    let line = text.lines().find(|l| l.starts_with("VmRSS:")).context("no VmRSS")?;
    Ok(line.split_whitespace().nth(1).context("VmRSS is empty")?.parse::<usize>()? * 1024)
}

fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = ((sorted.len() as f64 - 1.0) * share).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

fn main() -> anyhow::Result<()> {
    let wanted = wanted()?;
    let map = ColumnMap::default();
    let cases = read_cases(&mut open(&wanted.folder, "cases")?, &map)?.records;
    let mut records = read_records(&mut open(&wanted.folder, "records")?, &map)?.records;
    ensure!(!cases.is_empty() && !records.is_empty(), "the files hold no records");
    let mut seeded = Seeded(SEED);
    if wanted.found > records.len() {
        let base = records.clone();
        records.extend((base.len()..wanted.found).map(|key| mixed(&base, key, &mut seeded)));
    } else if wanted.found > 0 {
        records.truncate(wanted.found);
    }
    let before = resident()?;
    let began = Instant::now();
    let mut store = Store::new(Model::standard()?, Lexicon::standard()?, Reach::standard()?);
    store.load(&records);
    let load_s = began.elapsed().as_secs_f64();
    let bytes = resident()?.saturating_sub(before);
    println!("found {}", records.len());
    println!("load_s {load_s:.2}");
    println!("mb_per_million {:.0}", bytes as f64 / records.len() as f64);

    let mut scratch = Scratch::<1>::default();
    let sought = Sought { side: Side::Case, key: NEW, among: Side::Found };
    let mut took = Vec::with_capacity(wanted.queries);
    let (mut weighed, mut kept) = (0, 0);
    for _ in 0..wanted.queries {
        let mut case = cases[seeded.below(cases.len())].clone();
        case.key = NEW;
        let began = Instant::now();
        store.insert(&case);
        let ranking = rank_with(&store, sought, wanted.options, &|_, _| true, None, &mut scratch).unwrap_or_default();
        took.push(began.elapsed().as_secs_f64() * 1e3);
        ensure!(!ranking.budget_hit, "a search was ended by its budget");
        weighed += ranking.weighed;
        kept += ranking.found.len();
        store.remove(Side::Case, NEW);
    }
    took.sort_by(f64::total_cmp);
    let each = |n: usize| n as f64 / wanted.queries.max(1) as f64;
    println!("weighed_each {:.1}\nkept_each {:.1}", each(weighed), each(kept));
    for (name, share) in [("p50_ms", 0.5), ("p90_ms", 0.9), ("p99_ms", 0.99), ("worst_ms", 1.0)] {
        println!("{name} {:.2}", percentile(&took, share));
    }

    let mut exhaustive_s = 0.0;
    for n in 0..wanted.exact {
        let mut case = cases[seeded.below(cases.len())].clone();
        case.key = NEW;
        store.insert(&case);
        let quick = rank_with(&store, sought, wanted.options, &|_, _| true, None, &mut scratch).unwrap_or_default();
        let began = Instant::now();
        let oracle = rank_exhaustive(&store, sought, wanted.options, &|_, _| true).unwrap_or_default();
        exhaustive_s += began.elapsed().as_secs_f64();
        ensure!(quick.found == oracle.found, "search {n} differs from weighing every pair");
        store.remove(Side::Case, NEW);
    }
    if wanted.exact > 0 {
        println!("exact {}", wanted.exact);
        println!("exhaustive_us_per_pair {:.2}", exhaustive_s * 1e6 / wanted.exact as f64 / records.len() as f64);
    }
    Ok(())
}
