use super::super::{genemapper, wide};
use super::*;

#[test]
fn the_wide_example_reads_as_it_stands_and_comes_back_as_it_was() {
    let (contents, findings) = wide::read(example!("genotype_wide_example.csv")).unwrap();
    assert_eq!(findings, []);
    let [remains, mother] = contents.samples.as_slice() else { panic!() };
    assert_eq!((remains.name.as_str(), remains.sex, mother.sex), ("SYN-UHR-0001-A", Some(GeneticSex::Male), Some(GeneticSex::Female)));
    assert_eq!(labels(remains, "TH01"), ["6", "9.3"]);
    assert_eq!(labels(remains, "FGA"), ["22"], "a blank is not a second 22");
    assert_eq!(labels(remains, "D21S11"), ["30", "30"]);
    let text = wide::write(&contents.samples).unwrap();
    assert_eq!(wide::read(text.as_bytes()).unwrap(), (contents, Vec::new()));
}

#[test]
fn two_columns_of_a_locus_are_found_by_any_of_their_headers() {
    for headers in [
        "TH01_1,TH01_2",
        "TH01 1,TH01 2",
        "THO1-1,THO1-2",
        "TH01.1,TH01.2",
        "TH01 Allele 1,TH01 Allele 2",
        "TH01_Allele1,TH01_Allele2",
        "TH01,TH01",
        "TH01,,Sex",
    ] {
        let text = format!("Sample Name,{headers}\nS1,6,9.3{}\n", if headers.ends_with("Sex") { ",F" } else { "" });
        let (contents, findings) = wide::read(text.as_bytes()).unwrap();
        assert_eq!(findings, [], "{headers}");
        assert_eq!(labels(&contents.samples[0], "TH01"), ["6", "9.3"], "{headers}");
    }
    let (contents, _) =
        wide::read("muestra;sexo;DYS385 a;DYS385 b;DYS391;Penta D 1;Penta D 2;vWA\nS1;H;11;14;10;9,2;13;15/16\n".as_bytes()).unwrap();
    let sample = &contents.samples[0];
    assert_eq!((labels(sample, "DYS385"), labels(sample, "DYS391")), (vec!["11".into(), "14".into()], vec!["10".into()]));
    assert_eq!((labels(sample, "Penta D"), labels(sample, "vWA")), (vec!["9.2".into(), "13".into()], vec!["15".into(), "16".into()]));
}

#[test]
fn what_a_wide_table_holds_besides_is_kept_and_told() {
    let text =
        "Sample,Sex,TH01_1,TH01_2,TH01_3,D99S1_1,D99S1_2,Bone\nS1,M,6,7,8,10,11,femur\nS1,F,6,7,,,,\n,F,6,7,,,,\nS2,what,6,7,,,,\nS3,F,6,7\n";
    let (contents, findings) = wide::read(text.as_bytes()).unwrap();
    assert_eq!(contents.samples.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["S1", "S2"]);
    let first = &contents.samples[0];
    assert_eq!((labels(first, "TH01").len(), labels(first, "D99S1").len()), (3, 2));
    assert_eq!(first.extra, [("Bone".to_owned(), "femur".to_owned())]);
    let lines = |code| findings.iter().filter(|f| f.code == code).map(|f| f.line).collect::<Vec<_>>();
    assert_eq!(lines(FindingCode::UnknownColumn), [1]);
    assert_eq!(lines(FindingCode::Repeated), [3]);
    assert_eq!(lines(FindingCode::BadRow), [6, 4]);
    assert_eq!(lines(FindingCode::BadValue), [5]);
}

#[test]
fn the_letter_m_is_a_man_beside_f_a_woman_beside_h_and_a_guess_alone() {
    let sexes = |rows: &str| {
        let (contents, findings) = wide::read(format!("Sample,Sex,TH01_1,TH01_2\n{rows}").as_bytes()).unwrap();
        (contents.samples[0].sex.unwrap(), found(&findings, FindingCode::AmbiguousSex).len())
    };
    assert_eq!(sexes("A,M,6,7\nB,F,6,7\n"), (GeneticSex::Male, 0));
    assert_eq!(sexes("A,M,6,7\nB,H,6,7\n"), (GeneticSex::Female, 0));
    assert_eq!(sexes("A,M,6,7\nB,,6,7\n"), (GeneticSex::Male, 1));
}

#[test]
fn a_wide_table_in_another_encoding_is_read() {
    let (contents, _) = wide::read(b"Sample;Sex;Comment;TH01_1;TH01_2\nS1;F;f\xE9mur;6;9,3\n").unwrap();
    assert_eq!(
        (contents.samples[0].comment.as_deref(), labels(&contents.samples[0], "TH01")),
        (Some("fémur"), vec!["6".to_owned(), "9.3".to_owned()])
    );
}

#[test]
fn what_would_not_come_back_or_is_a_formula_is_not_written() {
    let of = |name: &str| SampleGenotypes { readings: vec![Reading::new("TH01", &["6", "7"])], ..SampleGenotypes::new(name) };
    for name in ["=1+1", "+1", "-1", "@x", " S", "S ", "", "a\u{202E}b", "a\u{7}"] {
        assert!(wide::write(&[of(name)]).is_err() && genemapper::write(&[of(name)]).is_err(), "{name:?}");
    }
    let formula = wide::write(&[of("=1+1")]).unwrap_err();
    assert_eq!(formula, rows::RowsWriteError::Formula { sample: "=1+1".into(), column: "Sample".into() });
    assert_eq!(wide::write(&[of("S1"), of("S1")]).unwrap_err(), rows::RowsWriteError::Twice { sample: "S1".into(), locus: String::new() });
    let odd = SampleGenotypes { readings: vec![Reading { locus: "DYS39".into(), ..Reading::default() }], ..of("S1") };
    assert_eq!(wide::write(&[odd]).unwrap_err(), rows::RowsWriteError::Header("DYS39_1".into()), "it would be read as DYS391");
    let extra = SampleGenotypes { extra: vec![("TH01".into(), "6".into())], ..of("S1") };
    assert_eq!(wide::write(&[extra]).unwrap_err(), rows::RowsWriteError::Header("TH01".into()));
}

#[test]
fn the_genemapper_example_reads_as_it_stands_and_comes_back_as_it_was() {
    let (contents, findings) = genemapper::read(example!("genemapper_example.txt")).unwrap();
    assert_eq!(findings, []);
    let [sample] = contents.samples.as_slice() else { panic!() };
    assert_eq!(labels(sample, "Amelogenin"), ["X", "Y"]);
    assert_eq!(labels(sample, "FGA"), ["22", "OL"]);
    let alone = sample.reading("D21S11").unwrap();
    assert_eq!((alone.alleles[0].size, alone.alleles[0].height, alone.alleles.len()), (Some(201.7), Some(150.0), 1));
    assert_eq!((alone.panel.as_deref(), alone.dye.as_deref()), (Some("GlobalFiler_Panel"), Some("B")));
    assert_eq!(alone.extra, [("AE Overall".to_owned(), "Check".to_owned())]);
    let text = genemapper::write(&contents.samples).unwrap();
    assert_eq!(genemapper::read(text.as_bytes()).unwrap(), (contents, Vec::new()));
}

#[test]
fn columns_of_a_genemapper_table_come_in_any_order_and_number() {
    let text = "Marker\tHeight 1\tAllele 4\tAllele 1\tAllele 2\tAllele 3\tSample Name\t\nTH01\t12,5\t9\t6\t7\t8\tS1\t\nFGA\t\t\t\t\t\tS1\t\nTH01\t1\t\t6\t\t\tS1\t\nvWA\thigh\t\t\t15\t\tS2\t\nTPOX\t700\t\t\t8\t\tS2\t\n";
    let (contents, findings) = genemapper::read(text.as_bytes()).unwrap();
    let [first, second] = contents.samples.as_slice() else { panic!() };
    assert_eq!(labels(first, "TH01"), ["6", "7", "8", "9"]);
    assert_eq!((first.readings[0].alleles[0].height, first.readings[0].alleles[1].height), (Some(12.5), None));
    assert_eq!(first.reading("FGA").unwrap().alleles, [], "nothing was read there, which is kept");
    assert_eq!(labels(second, "vWA"), ["15"]);
    let lines: Vec<(u64, FindingCode)> = findings.iter().map(|f| (f.line, f.code)).collect();
    assert_eq!(lines, [(4, FindingCode::Repeated), (5, FindingCode::BadValue), (6, FindingCode::PeakWithoutAllele)]);
    assert!(matches!(genemapper::read(b"Sample Name\tMarker\nS1\tTH01\n"), Err(RowsError::Column { wanted: "the first allele", .. })));
}
