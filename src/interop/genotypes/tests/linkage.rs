use std::collections::BTreeMap;

use super::super::linkage::*;
use super::*;
use crate::genetics::frequency::{FrequencyTable, LocusFrequencies};
use crate::genetics::pedigree::Pedigree;

pub(super) fn files() -> LinkageFiles<'static> {
    LinkageFiles {
        ped: example!("linkage_example.ped"),
        dat: example!("linkage_example.dat"),
        map: example!("linkage_example.map"),
        freq: example!("linkage_example.freq"),
        legend: b"",
    }
}

fn again(written: &WrittenLinkage) -> Result<(Contents, Vec<Finding>), LinkageError> {
    let [ped, dat, map, freq, legend] = [&written.ped, &written.dat, &written.map, &written.freq, &written.legend].map(|text| text.as_bytes());
    super::super::linkage::read(&LinkageFiles { ped, dat, map, freq, legend })
}

#[test]
fn the_example_reads_as_it_stands_and_comes_back_as_it_was() {
    let (contents, findings) = super::super::linkage::read(&files()).unwrap();
    assert_eq!(findings.iter().map(|f| f.code).collect::<Vec<_>>(), [FindingCode::Recoded]);
    assert_eq!(contents.samples.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["FA", "MO", "MP", "S1"]);
    assert_eq!(
        (labels(&contents.samples[3], "TH01"), labels(&contents.samples[3], "FGA")),
        (vec!["1".into(), "3".into()], vec!["2".into(), "3".into()])
    );
    assert_eq!(contents.samples[0].readings, []);
    let pedigree = Pedigree::new(&contents.pedigrees[0].entries().unwrap()).unwrap();
    assert_eq!(pedigree.individuals().len(), 4);
    assert_eq!(contents.tables[0].locus("FGA").unwrap().alleles()[2], ("3".to_owned(), 0.4));
    let positions = BTreeMap::from([("TH01".to_owned(), ("11".to_owned(), 3.6)), ("FGA".to_owned(), ("4".to_owned(), 153.0))]);
    let written = super::super::linkage::write(&contents, &positions).unwrap();
    assert_eq!(written.dat.as_bytes(), example!("linkage_example.dat"));
    assert_eq!(again(&written).unwrap(), (contents, Vec::new()));
}

#[test]
fn microvariants_are_recoded_in_the_order_of_repeats_and_come_back_by_the_legend() {
    let locus = |name: &str, alleles: &[(&str, f64)]| {
        LocusFrequencies::new(name, alleles.iter().map(|(a, p)| ((*a).to_owned(), *p)).collect(), None).unwrap().0
    };
    let table = FrequencyTable::new("", "", vec![locus("Penta D", &[("10", 0.5), ("2.2", 0.5)])]).unwrap();
    let sample = SampleGenotypes {
        case: Some("F1".into()),
        sex: Some(GeneticSex::Male),
        readings: vec![Reading::new("TH01", &["9.3", "10"]), Reading::new("Penta D", &["OL", "9"])],
        ..SampleGenotypes::new("A")
    };
    let pedigree = FilePedigree { name: "F1".into(), members: vec![Member { name: "A".into(), sex: Some(GeneticSex::Male), parents: vec![] }] };
    let contents = Contents { samples: vec![sample], pedigrees: vec![pedigree], tables: vec![table] };
    let written = super::super::linkage::write(&contents, &BTreeMap::new()).unwrap();
    assert_eq!(written.ped, "F1 A 0 0 1 1 2 4 2\n");
    assert_eq!(written.legend, "marker,code,allele\nTH01,1,9.3\nTH01,2,10\nPenta D,1,2.2\nPenta D,2,9\nPenta D,3,10\nPenta D,4,OL\n");
    assert_eq!(written.freq, "M Penta_D\nA 3 0.5\nA 1 0.5\n");
    assert_eq!(again(&written).unwrap().0, contents);
}

#[test]
fn what_is_wrong_in_a_data_set_is_told_by_file_and_line() {
    let wrong = |change: fn(&mut LinkageFiles<'static>), file: &str, line: u64| {
        let mut changed = files();
        change(&mut changed);
        match super::super::linkage::read(&changed) {
            Err(LinkageError::Line { file: f, line: l, message }) => assert_eq!((f, l), (file, line), "{message}"),
            other => panic!("{other:?}"),
        }
    };
    wrong(|f| f.ped = b"F A 0 0 1 0 0 0 0\nF B A 0 1 0 0 0 0\n", ".ped", 2);
    wrong(|f| f.ped = b"F A 0 0 1 0 0 0 0\nF B A X 1 0 0 0 0\n", ".ped", 2);
    wrong(|f| f.ped = b"F A 0 0 1 0 0 0 0\nF A 0 0 1 0 0 0 0\n", ".ped", 2);
    wrong(|f| f.ped = b"F A 0 0 2 0 0 0 0\nF M 0 0 2 0 0 0 0\nF B A M 1 0 0 0 0\n", ".ped", 3);
    wrong(|f| f.ped = b"F A 0 0 1 0 0 0\n", ".ped", 1);
    wrong(|f| f.ped = b"F A 0 0 1 0 0 0 0 0\n", ".ped", 1);
    wrong(|f| f.ped = b"F A 0 0 boy 0 0 0 0\n", ".ped", 1);
    wrong(|f| f.dat = b"M TH01\nM THO1\n", ".dat", 2);
    wrong(|f| f.dat = b"Q TH01\n", ".dat", 1);
    wrong(|f| f.map = b"11 vWA 3.6\n", ".map", 1);
    wrong(|f| f.map = b"11 TH01 far\n", ".map", 1);
    wrong(|f| f.freq = b"A 1 0.5\n", ".freq", 1);
    wrong(|f| f.freq = b"M TH01\nA 1 half\n", ".freq", 2);
    wrong(|f| f.legend = b"marker,code,allele\nTH01,1,6\n", ".ped", 2);
    let sum = super::super::linkage::read(&LinkageFiles { freq: b"M TH01\nF 0.5 0.2\n", ..files() }).unwrap_err();
    assert!(sum.to_string().contains("locus TH01"));
}

#[test]
fn what_linkage_cannot_tell_is_refused_when_written() {
    let of = |sample: SampleGenotypes| {
        super::super::linkage::write(&Contents { samples: vec![sample], ..Contents::default() }, &BTreeMap::new()).unwrap_err()
    };
    let three = SampleGenotypes { readings: vec![Reading::new("vWA", &["15", "16", "17"])], ..SampleGenotypes::new("A") };
    assert_eq!(of(three), LinkageWriteError::Alleles("A".into(), "vWA".into(), 3));
    for name in ["a b", "", "0", "#a"] {
        assert_eq!(of(SampleGenotypes::new(name)), LinkageWriteError::Name(name.into()));
    }
    let alone = FilePedigree {
        name: "F".into(),
        members: vec![
            Member { name: "A".into(), sex: Some(GeneticSex::Male), parents: vec![] },
            Member { name: "B".into(), sex: Some(GeneticSex::Male), parents: vec!["A".into()] },
        ],
    };
    let error = super::super::linkage::write(&Contents { pedigrees: vec![alone], ..Contents::default() }, &BTreeMap::new()).unwrap_err();
    assert_eq!(error, LinkageWriteError::Parents("F".into(), "B".into()));
}
