use super::super::familias::*;
use super::*;
use crate::genetics::pedigree::Pedigree;

fn example() -> String {
    String::from_utf8(example!("familias_example.fam").to_vec()).unwrap()
}

fn dvi() -> String {
    String::from_utf8(example!("familias_dvi_example.fam").to_vec()).unwrap()
}

fn changed(text: &str, line: usize, to: &str) -> Result<Project, FamiliasError> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines[line - 1] = to;
    super::super::familias::read((lines.join("\r\n") + "\r\n").as_bytes())
}

#[test]
fn the_example_reads_as_it_stands_and_comes_back_byte_for_byte() {
    let project = super::super::familias::read(example!("familias_example.fam")).unwrap();
    assert_eq!(project.write().unwrap(), example());
    assert_eq!((project.loci[0].models, project.loci[0].rates, project.loci[0].rates2), ([4, 4], [0.0005, 0.002], [1e-6, 1e-6]));
    let (contents, findings) = project.contents().unwrap();
    assert_eq!(findings, []);
    let [father, mother, child] = contents.samples.as_slice() else { panic!() };
    assert_eq!((father.name.as_str(), father.sex, mother.sex), ("AF", Some(GeneticSex::Male), Some(GeneticSex::Female)));
    assert_eq!((labels(father, "TH01"), labels(father, "FGA")), (vec!["6".into(), "9.3".into()], vec!["21".into(), "22".into()]));
    assert_eq!((labels(child, "TH01"), mother.readings.len()), (vec!["9.3".into(), "8".into()], 0));
    assert_eq!(contents.tables[0].locus("TH01").unwrap().sampled(), Some(400));
    let pedigrees: Vec<usize> = contents.pedigrees.iter().map(|p| Pedigree::new(&p.entries().unwrap()).unwrap().individuals().len()).collect();
    assert_eq!(pedigrees, [3, 4], "without a father there is somebody else");
}

#[test]
fn the_part_for_disaster_victims_reads_as_it_stands_and_comes_back_byte_for_byte() {
    let project = super::super::familias::read(example!("familias_dvi_example.fam")).unwrap();
    assert_eq!(project.write().unwrap(), dvi());
    let victims = project.dvi.as_ref().unwrap();
    assert_eq!((victims.unidentified.len(), victims.families.len(), victims.other.len()), (2, 1, 3));
    let (contents, findings) = project.contents().unwrap();
    assert_eq!(found(&findings, FindingCode::NotUnderstood).len(), 1);
    let cases: Vec<(&str, Option<&str>)> = contents.samples.iter().map(|s| (s.name.as_str(), s.case.as_deref())).collect();
    assert_eq!(cases, [("V1", None), ("V2", None), ("Mother", Some("F1")), ("Sister", Some("F1"))]);
    assert_eq!(labels(&contents.samples[1], "TH01"), ["7", "7"]);
    let pedigree = &contents.pedigrees[1];
    assert_eq!(pedigree.name, "F1: F1");
    assert!(pedigree.members.iter().any(|m| m.name == MISSING && m.parents == ["Mother", "Father"]));
    let error = pedigree.entries().unwrap_err();
    assert_eq!(error, FilePedigreeError::Sex("F1: F1".into(), MISSING.into()), "the sex of the missing person is not in the file");
}

#[test]
fn what_is_not_as_it_has_to_be_is_told_by_its_line() {
    let value = |line: usize, to: &str| match changed(&example(), line, to) {
        Err(FamiliasError::Value { line: told, .. }) => assert_eq!(told as usize, line),
        other => panic!("line {line}: {other:?}"),
    };
    for (line, to) in [
        (5, "three"),
        (6, "AF"),
        (7, "maybe"),
        (8, ""),
        (11, "-1"),
        (36, "\"Relations\""),
        (57, "#FALSE#"),
        (62, "fast"),
        (64, "5"),
        (72, "x"),
        (74, "NaN"),
    ] {
        value(line, to);
    }
    assert_eq!(changed(&example(), 1, "\"Output from Word\"").unwrap_err(), FamiliasError::Banner);
}

#[test]
fn numbers_that_point_nowhere_are_told_by_their_line() {
    let index = |line: usize, to: &str, what: &str, count: usize| match changed(&example(), line, to) {
        Err(FamiliasError::Index { line: l, what: w, number, count: c }) => {
            assert_eq!((l as usize, w, number.to_string().as_str(), c), (line, what, to, count));
        }
        other => panic!("line {line}: {other:?}"),
    };
    index(12, "5", "allele", 5);
    index(13, "9", "allele", 5);
    index(14, "2", "marker", 2);
    index(15, "3", "allele", 3);
    index(46, "3", "person", 3);
    index(55, "4294967295", "person", 3);
}

#[test]
fn counts_that_lie_are_found_without_room_being_made_for_them() {
    for (line, to) in [
        (5, "4294967295"),
        (11, "4294967295"),
        (38, "4294967295"),
        (39, "4294967295"),
        (40, "4294967295"),
        (58, "4294967295"),
        (66, "6"),
        (73, "4294967295\t(DatabaseSize = 400 )"),
    ] {
        assert!(changed(&example(), line, to).is_err(), "line {line}");
    }
    assert!(matches!(changed(&example(), 66, "6"), Err(FamiliasError::Count { line: 66, told: 6, found: 5, .. })));
    assert!(matches!(changed(&example(), 37, "1001"), Err(FamiliasError::Value { line: 37, .. })));
    let lines: Vec<String> = dvi().lines().map(str::to_owned).collect();
    for (at, text) in lines.iter().enumerate().filter(|(_, text)| text.starts_with('n') && !text.contains("nFamilies= 1")) {
        let (key, _) = text.split_once('=').unwrap();
        for lie in ["0", "7", "4294967295"] {
            let error = changed(&dvi(), at + 1, &format!("{key}= {lie}")).unwrap_err();
            assert!(matches!(error, FamiliasError::Count { line, .. } if line as usize == at + 1) || lie == "0", "{error}");
        }
    }
}

#[test]
fn members_of_pedigrees_cannot_be_multiplied_without_bound() {
    let mut text =
        "\"Output from Familias, version 3.3.1\"\r\n\"\"\r\n3.3.1\r\n\"\"\r\n0\r\n\"Known relations\"\r\n1000\r\n1000\r\n0\r\n10000\r\n"
            .to_owned();
    for at in 0..10_000 {
        text.push_str(&format!("{at}\r\n\"p\"\r\n0\r\n0\r\n0\r\n"));
    }
    assert!(matches!(super::super::familias::read(text.as_bytes()), Err(FamiliasError::TooMany { what: "places in pedigrees", .. })));
}

#[test]
fn names_twice_a_third_parent_and_a_second_database_are_refused() {
    assert!(matches!(changed(&example(), 18, "\"AF\""), Err(FamiliasError::Twice { line: 18, what: "person", .. })));
    assert!(matches!(changed(&example(), 84, "\"THO1\""), Err(FamiliasError::Twice { what: "locus", .. })));
    assert!(matches!(changed(&example(), 35, "0"), Err(FamiliasError::Twice { line: 35, what: "reading of marker", .. })));
    let three = example().replace("relations\"\r\n0\r\n0\r\n0\r\n", "relations\"\r\n0\r\n1\r\n3\r\n0\r\n2\r\n1\r\n2\r\n3\r\n2\r\n");
    let error = super::super::familias::read(three.as_bytes()).unwrap_err();
    assert_eq!(error, FamiliasError::TooMany { line: 45, what: "parents of one person", most: 2 });
    assert!(matches!(changed(&example(), 76, "\"6.0\""), Err(FamiliasError::Twice { line: 76, what: "allele", .. })));
    let two = "#FALSE# (#Databases: 2 ;Theta/Kinship/Fst: 0 )";
    assert_eq!(changed(&example(), 57, two).unwrap_err(), FamiliasError::Databases { line: 57, count: 2 });
    let sum = changed(&example(), 75, "0.9").unwrap().contents().unwrap_err();
    assert!(sum.to_string().contains("locus TH01"), "{sum}");
}

#[test]
fn a_silent_allele_counts_beside_the_others_and_comes_back() {
    let text = example().replace(
        "\r\n5\r\n0.1\r\n0.1\r\n1e-006\r\n1e-006\r\n#FALSE#\r\n0\r\n5\t",
        "\r\n6\r\n0.1\r\n0.1\r\n1e-006\r\n1e-006\r\n#TRUE#\r\n0.004\r\n5\t",
    );
    let project = super::super::familias::read(text.as_bytes()).unwrap();
    assert_eq!((project.loci[0].silent, project.write().unwrap()), (Some(0.004), text));
    let (contents, findings) = project.contents().unwrap();
    assert_eq!(contents.tables[0].loci()[0].alleles().last().unwrap().0, "silent");
    assert_eq!(found(&findings, FindingCode::Renormalised), [pair("", "TH01")]);
}

#[test]
fn samples_pedigrees_and_a_table_make_a_project_that_reads_as_the_same() {
    let (contents, _) = super::super::familias::read(example!("familias_example.fam")).unwrap().contents().unwrap();
    let project = Project::new(&contents.samples, &contents.pedigrees, &contents.tables[0]).unwrap();
    let again = super::super::familias::read(project.write().unwrap().as_bytes()).unwrap();
    assert_eq!(again, project);
    assert_eq!(again.contents().unwrap().0, contents);
}

#[test]
fn what_familias_cannot_tell_is_refused_when_a_project_is_made() {
    let (contents, _) = super::super::familias::read(example!("familias_example.fam")).unwrap().contents().unwrap();
    let of = |sample: SampleGenotypes| Project::new(&[sample], &[], &contents.tables[0]).unwrap_err();
    let typed = |locus: &str, alleles: &[&str]| SampleGenotypes {
        sex: Some(GeneticSex::Male),
        readings: vec![Reading::new(locus, alleles)],
        ..SampleGenotypes::new("S")
    };
    assert_eq!(of(SampleGenotypes::new("S")), FamiliasWriteError::Sex("S".into()));
    assert_eq!(of(typed("vWA", &["15", "16"])), FamiliasWriteError::Locus("S".into(), "vWA".into()));
    assert_eq!(of(typed("TH01", &["6", "11"])), FamiliasWriteError::Allele("S".into(), "TH01".into(), "11".into()));
    assert_eq!(of(typed("TH01", &["6"])), FamiliasWriteError::Alleles("S".into(), "TH01".into(), 1));
    let mut project = super::super::familias::read(example!("familias_example.fam")).unwrap();
    project.persons[0].name = "say \"no\"".into();
    assert!(matches!(project.write(), Err(FamiliasWriteError::Text { .. })));
    project.persons[0].name = "AF".into();
    project.theta = f64::NAN;
    assert!(matches!(project.write(), Err(FamiliasWriteError::Number(_))));
    project.theta = 0.0;
    project.persons[0].genotypes[0][0] = 99;
    assert!(matches!(project.write(), Err(FamiliasWriteError::Index(_))));
}
