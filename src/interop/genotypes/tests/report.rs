use super::super::report::*;
use super::*;

fn typed(name: &str, sex: Option<GeneticSex>, readings: &[(&str, &[&str])]) -> SampleGenotypes {
    let readings = readings.iter().map(|(locus, alleles)| Reading::new(locus, alleles)).collect();
    SampleGenotypes { sex, readings, ..SampleGenotypes::new(name) }
}

const MALE: Option<GeneticSex> = Some(GeneticSex::Male);
const FEMALE: Option<GeneticSex> = Some(GeneticSex::Female);

#[test]
fn what_to_look_at_is_told_by_sample_and_locus() {
    let sample = typed(
        "S1",
        FEMALE,
        &[
            ("AMEL", &["X", "Y"]),
            ("D99S1", &["10", "11"]),
            ("FGA", &["22", "OL"]),
            ("SE33", &[">49", "20"]),
            ("vWA", &["15", "16", "17"]),
            ("TH01", &["6", "44"]),
            ("DYS391", &["10"]),
            ("TPOX", &["8"]),
        ],
    );
    let findings = report(&[sample], &Rules::default());
    let of = |code| found(&findings, code);
    assert_eq!(of(FindingCode::UnknownLocus), [pair("S1", "D99S1")]);
    assert_eq!(of(FindingCode::OffLadder), [pair("S1", "FGA"), pair("S1", "SE33")]);
    assert_eq!(of(FindingCode::TooManyAlleles), [pair("S1", "vWA")]);
    assert_eq!(of(FindingCode::Implausible), [pair("S1", "TH01")]);
    assert_eq!(of(FindingCode::SexConflict), [pair("S1", "Amelogenin")]);
    assert_eq!(of(FindingCode::YOfWoman), [pair("S1", "DYS391")]);
    assert_eq!(of(FindingCode::OneAllele), [pair("S1", "TPOX")]);
}

#[test]
fn one_allele_alone_is_decided_by_its_height_and_always_told() {
    let mut sample = typed("S1", None, &[("TH01", &["6"]), ("FGA", &["22"]), ("vWA", &["16"])]);
    sample.readings[0].alleles[0].height = Some(900.0);
    sample.readings[1].alleles[0].height = Some(120.0);
    let rules = Rules { homozygote_from: Some(300.0), otherwise: None };
    let taken = |sample: &SampleGenotypes, at: usize, rules: &Rules| match genotype(sample, &sample.readings[at], rules) {
        Genotype::Two(a, b) => a == b,
        Genotype::One(_) => false,
        other => panic!("{other:?}"),
    };
    assert!(taken(&sample, 0, &rules));
    assert!(!taken(&sample, 1, &rules));
    assert!(!taken(&sample, 2, &rules), "nothing says that it is a homozygote");
    assert!(taken(&sample, 2, &rules.of(Format::Cmf)), "CMF writes homozygotes so");
    sample.partial = Some(true);
    assert!(!taken(&sample, 2, &rules.of(Format::Cmf)), "but not of an incomplete sample");
    let findings = report(&[sample], &rules);
    assert_eq!(found(&findings, FindingCode::OneAllele).len(), 3);
    assert!(findings.iter().any(|f| f.locus == "TH01" && f.message.contains("taken for a homozygote") && f.message.contains("900")));
    assert!(findings.iter().any(|f| f.locus == "FGA" && f.message.contains("may have dropped out")));
}

#[test]
fn one_allele_of_a_man_on_x_and_y_and_of_a_woman_at_amelogenin_is_no_finding() {
    let man = typed("M", MALE, &[("DYS391", &["10"]), ("DXS8378", &["11"]), ("DYS385", &["11", "14"]), ("AMEL", &["X", "Y"])]);
    let woman = typed("W", FEMALE, &[("AMEL", &["X"]), ("DXS8378", &["10", "11"])]);
    assert_eq!(report(&[man.clone(), woman], &Rules::default()), []);
    assert_eq!(genotype(&man, &man.readings[0], &Rules::default()), Genotype::Haploid("10"));
    let two = typed("M", MALE, &[("DXS8378", &["10", "11"])]);
    assert_eq!(found(&report(&[two], &Rules::default()), FindingCode::TooManyAlleles), [pair("M", "DXS8378")]);
}

#[test]
fn an_off_ladder_call_and_three_alleles_are_not_weighed_and_nothing_read_is_no_exclusion() {
    let sample = typed("S1", None, &[("FGA", &["22", "OL"]), ("vWA", &["15", "16", "17"]), ("TH01", &[])]);
    let of = |at: usize| genotype(&sample, &sample.readings[at], &Rules::default());
    assert_eq!([of(0), of(1), of(2)], [Genotype::Unclear, Genotype::Unclear, Genotype::Blank]);
}

#[test]
fn two_samples_with_the_same_readings_are_told_whatever_the_order() {
    let one = typed("S1", MALE, &[("TH01", &["6", "9.3"]), ("FGA", &["22", "22"]), ("vWA", &["15", "16"]), ("TPOX", &["8", "11"])]);
    let two = typed("S2", MALE, &[("TPOX", &["11", "8"]), ("vWA", &["16", "15"]), ("FGA", &["22"]), ("TH01", &["9.3", "6"]), ("SE33", &[])]);
    let three = typed("S3", MALE, &[("TH01", &["6", "9.3"]), ("FGA", &["22", "23"]), ("vWA", &["15", "16"]), ("TPOX", &["8", "11"])]);
    let findings = report(&[one, two, three], &Rules::default());
    assert_eq!(found(&findings, FindingCode::DuplicateProfile), [pair("S2", "")]);
    let few = |name: &str| typed(name, None, &[("AMEL", &["X"]), ("TH01", &["6", "9.3"])]);
    assert_eq!(found(&report(&[few("A"), few("B")], &Rules::default()), FindingCode::DuplicateProfile), []);
}

#[test]
fn a_file_made_of_findings_tells_some_and_how_many_more() {
    let samples: Vec<SampleGenotypes> = (0..MAX_FINDINGS + 7).map(|n| typed(&n.to_string(), None, &[("TH01", &["6"])])).collect();
    let findings = report(&samples, &Rules::default());
    assert_eq!((findings.len(), findings.last().unwrap().code), (MAX_FINDINGS + 1, FindingCode::More));
    assert!(findings.last().unwrap().message.contains(" 7 more"));
    let rows = "x,y,z\n".repeat(MAX_FINDINGS + 7);
    let (_, findings) = wide::read(format!("Sample,TH01_1\n{rows}").as_bytes()).unwrap();
    assert_eq!((findings.len(), findings.last().unwrap().code), (MAX_FINDINGS + 1, FindingCode::More));
}

#[test]
fn every_code_has_a_word_of_its_own() {
    let words: std::collections::HashSet<&str> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(words.len(), FindingCode::ALL.len());
}
