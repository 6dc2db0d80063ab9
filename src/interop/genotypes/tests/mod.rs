//! Examples (tests/data/genetics/formats), round trips, and files that are not what they say.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cmf;
mod familias;
mod frequencies;
mod linkage;
mod properties;
mod report;
mod tables;

use super::report::{Finding, FindingCode};
use super::*;

macro_rules! example {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/data/genetics/formats/", $name)).as_slice()
    };
}
pub(super) use example;

fn labels(sample: &SampleGenotypes, locus: &str) -> Vec<String> {
    sample.reading(locus).unwrap().labels().map(str::to_owned).collect()
}

/// The findings of a kind as sample and locus.
fn found(findings: &[Finding], code: FindingCode) -> Vec<(String, String)> {
    findings.iter().filter(|f| f.code == code).map(|f| (f.sample.clone(), f.locus.clone())).collect()
}

fn pair(sample: &str, locus: &str) -> (String, String) {
    (sample.to_owned(), locus.to_owned())
}

#[test]
fn a_file_is_told_by_how_it_begins_and_keeps_the_hash_of_its_bytes() {
    for (bytes, format) in [
        (example!("cmf32_example.xml"), Format::Cmf),
        (example!("familias_example.fam"), Format::Familias),
        (example!("genemapper_example.txt"), Format::GeneMapper),
        (example!("genotype_wide_example.csv"), Format::Wide),
    ] {
        let file = read(bytes, &Rules::default()).unwrap();
        assert_eq!(file.format, format);
        assert!(!file.contents.samples.is_empty());
        assert_eq!(file.sha256, <[u8; 32]>::from(Sha256::digest(bytes)));
    }
    assert!(matches!(read(b"Dear laboratory,\n", &Rules::default()), Err(ReadError::Unknown)));
    assert!(matches!(read(b"", &Rules::default()), Err(ReadError::Unknown)));
}

#[test]
fn ten_megabytes_are_refused_before_they_are_looked_at() {
    let mut bytes = b"<CODISImportFile>".to_vec();
    bytes.resize(MAX_BYTES + 1, b' ');
    assert!(matches!(read(&bytes, &Rules::default()), Err(ReadError::TooLarge(n)) if n == MAX_BYTES + 1));
    assert!(matches!(super::cmf::read(&bytes), Err(super::cmf::CmfError::TooLarge(_))));
    assert!(matches!(super::familias::read(&bytes), Err(super::familias::FamiliasError::TooLarge(_))));
}

#[test]
fn an_example_cut_anywhere_is_refused_or_says_that_it_may_be_cut_off() {
    let text_ends = |bytes: &[u8]| bytes.ends_with(b"\n");
    for bytes in [
        example!("cmf32_example.xml"),
        example!("familias_example.fam"),
        example!("familias_dvi_example.fam"),
        example!("genemapper_example.txt"),
        example!("genotype_wide_example.csv"),
    ] {
        for end in 0..bytes.len() {
            let cut = &bytes[..end];
            let Ok(file) = read(cut, &Rules::default()) else { continue };
            // A line end at the place of the cut is the end of a smaller table.
            let told = file.problems.iter().any(|p| p.code == FindingCode::CutOff) || text_ends(cut);
            let whole = file.format == Format::Cmf && end + 1 == bytes.len();
            assert!(told || whole, "{:?} cut at {end}", file.format);
        }
    }
    for end in 0..example!("linkage_example.ped").len() {
        let files = linkage::files();
        let cut = super::linkage::LinkageFiles { ped: &files.ped[..end], ..files };
        let Ok(file) = read_linkage(&cut, &Rules::default()) else { continue };
        assert!(file.problems.iter().any(|p| p.code == FindingCode::CutOff) || cut.ped.ends_with(b"\n"), "cut at {end}");
    }
}

#[test]
fn genotypes_are_not_in_debug_output() {
    let sample = SampleGenotypes { readings: vec![Reading::new("TH01", &["6", "9.3"])], ..SampleGenotypes::new("S1") };
    assert_eq!(format!("{sample:?}"), "SampleGenotypes(\"S1\", [Reading(TH01, 2 alleles)])");
}

#[test]
fn a_parents_sex_follows_from_the_other_parent() {
    let member =
        |name: &str, sex, parents: &[&str]| Member { name: name.into(), sex, parents: parents.iter().map(|p| (*p).to_owned()).collect() };
    let female = Some(GeneticSex::Female);
    let pedigree = |members| FilePedigree { name: "F".into(), members };
    let known = pedigree(vec![member("mother", female, &[]), member("father", None, &[]), member("child", female, &["father", "mother"])]);
    let entries = known.entries().unwrap();
    assert_eq!(entries[1].sex, GeneticSex::Male);
    assert_eq!((entries[2].father.as_deref(), entries[2].mother.as_deref()), (Some("father"), Some("mother")));
    let unknown = pedigree(vec![member("parent", None, &[]), member("child", female, &["parent"])]);
    assert_eq!(unknown.entries().unwrap_err(), FilePedigreeError::Sex("F".into(), "parent".into()));
    let women = pedigree(vec![member("a", female, &[]), member("b", female, &[]), member("child", female, &["a", "b"])]);
    assert_eq!(women.entries().unwrap_err(), FilePedigreeError::Parents("F".into(), "child".into()));
}
