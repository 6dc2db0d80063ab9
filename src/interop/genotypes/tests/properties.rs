use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::super::cmf::{CATEGORIES, LOCUS_NAMES, Message};
use super::super::{cmf, familias, frequencies, genemapper, linkage, wide};
use super::*;
use crate::genetics::frequency::{FrequencyTable, LocusFrequencies};

fn a_label() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[1-9][0-9]?(\\.[1-9])?", 1 => Just("OL".to_owned()), 1 => ">[1-9][0-9]?"]
}

fn a_text() -> impl Strategy<Value = String> {
    "[A-Za-zñé0-9][A-Za-z0-9_,;\"'&<>é-]{0,12}( [a-zñ]{1,6})?"
}

fn a_time() -> impl Strategy<Value = NaiveDateTime> {
    (0i64..3_400_000_000).prop_map(|seconds| DateTime::from_timestamp(seconds, 0).unwrap().naive_utc())
}

fn a_sex() -> impl Strategy<Value = Option<GeneticSex>> {
    option::of(prop_oneof![Just(GeneticSex::Female), Just(GeneticSex::Male)])
}

/// By number of its locus, alleles with the height of their peaks.
type Drawn = BTreeMap<usize, Vec<(String, Option<f64>)>>;

/// Samples with other names each, of loci that every format knows, with up to this many alleles.
fn samples(most: usize) -> impl Strategy<Value = Vec<(SampleGenotypes, NaiveDateTime)>> {
    let peaks = vec((a_label(), option::of((1u32..100_000).prop_map(|tenths| f64::from(tenths) / 10.0))), 1..=most);
    let readings = btree_map(0..LOCUS_NAMES.len(), peaks, 1..20);
    let one = (a_sex(), option::of(a_text()), 0..CATEGORIES.len(), option::of(a_text()), option::of(any::<bool>()), readings, a_time());
    btree_map("[A-Z][A-Z0-9-]{0,20}[A-Z0-9]", one, 1..6).prop_map(|all| all.into_iter().map(|(name, drawn)| sample(&name, drawn)).collect())
}

type Told = (Option<GeneticSex>, Option<String>, usize, Option<String>, Option<bool>, Drawn, NaiveDateTime);

fn sample(name: &str, (sex, case, category, comment, partial, drawn, at): Told) -> (SampleGenotypes, NaiveDateTime) {
    let allele = |(label, height): (String, Option<f64>)| ReadAllele { height, label, ..ReadAllele::default() };
    let reading = |(locus, peaks): (usize, Vec<(String, Option<f64>)>)| Reading {
        locus: loci::normal_name(LOCUS_NAMES[locus]).to_owned(),
        alleles: peaks.into_iter().map(allele).collect(),
        ..Reading::default()
    };
    let readings = drawn.into_iter().map(reading).collect();
    let category = Some(CATEGORIES[category].to_owned());
    (SampleGenotypes { sex, case, category, comment, partial, readings, ..SampleGenotypes::new(name) }, at)
}

fn without_peaks(sample: &SampleGenotypes) -> SampleGenotypes {
    let mut sample = sample.clone();
    sample.readings.iter_mut().flat_map(|reading| &mut reading.alleles).for_each(|allele| allele.height = None);
    sample
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_samples_come_back_from_a_wide_table(drawn in samples(4)) {
        // Every sample in the order of loci as they come first.
        let given: Vec<SampleGenotypes> = drawn.iter().map(|(s, _)| SampleGenotypes { partial: None, ..without_peaks(s) }).collect();
        let order: Vec<String> = rows::loci_of(&given).into_iter().map(str::to_owned).collect();
        let sorted = given.into_iter().map(|mut s| {
            s.readings.sort_by_key(|r| order.iter().position(|locus| *locus == r.locus));
            s
        });
        let sorted: Vec<SampleGenotypes> = sorted.collect();
        let text = wide::write(&sorted).unwrap();
        let (contents, findings) = wide::read(text.as_bytes()).unwrap();
        prop_assert!(contents.samples == sorted, "{text}");
        prop_assert_eq!(findings, []);
    }

    #[test]
    fn any_samples_come_back_from_a_genemapper_table(drawn in samples(6), blank in any::<bool>()) {
        let bare = |s: &SampleGenotypes| SampleGenotypes { readings: s.readings.clone(), ..SampleGenotypes::new(&s.name) };
        let mut given: Vec<SampleGenotypes> = drawn.iter().map(|(s, _)| bare(s)).collect();
        if blank {
            given[0].readings[0].alleles.clear();
        }
        let text = genemapper::write(&given).unwrap();
        let (contents, findings) = genemapper::read(text.as_bytes()).unwrap();
        prop_assert!(contents.samples == given, "{text}");
        prop_assert_eq!(findings, []);
    }

    #[test]
    fn any_samples_make_a_valid_message_and_come_back(drawn in samples(4)) {
        let specimen = |(s, at): &(SampleGenotypes, NaiveDateTime)| {
            let mut s = SampleGenotypes { sex: None, ..without_peaks(s) };
            s.readings.iter_mut().for_each(|r| {
                (r.by, r.at) = (Some("analyst".into()), Some(*at));
                // A homozygote is one allele there.
                let mut seen = std::collections::HashSet::new();
                r.alleles.retain(|a| seen.insert(a.label.clone()));
            });
            s
        };
        let message = Message { header: super::cmf::header(), specimens: drawn.iter().map(specimen).collect() };
        let text = message.write().unwrap();
        super::cmf::assert_valid(&text);
        let again = cmf::read(text.as_bytes()).unwrap();
        prop_assert!(again == message, "{text}");
        prop_assert_eq!(again.write().unwrap(), text);
    }

    #[test]
    fn any_samples_come_back_from_linkage_files_by_their_legend(drawn in samples(2)) {
        let given: Vec<SampleGenotypes> = drawn.iter().map(|(s, _)| SampleGenotypes { case: Some("F1".into()), sex: s.sex, readings: without_peaks(s).readings, ..SampleGenotypes::new(&s.name) }).collect();
        let members = given.iter().map(|s| Member { name: s.name.clone(), sex: s.sex, parents: vec![] }).collect();
        let order: Vec<String> = rows::loci_of(&given).into_iter().map(str::to_owned).collect();
        let mut given = Contents { samples: given, pedigrees: vec![FilePedigree { name: "F1".into(), members }], tables: vec![] };
        given.samples.iter_mut().for_each(|s| s.readings.sort_by_key(|r| order.iter().position(|locus| *locus == r.locus)));
        let written = linkage::write(&given, &BTreeMap::new()).unwrap();
        let files = linkage::LinkageFiles {
            ped: written.ped.as_bytes(), dat: written.dat.as_bytes(), legend: written.legend.as_bytes(), ..linkage::LinkageFiles::default()
        };
        let (contents, findings) = linkage::read(&files).unwrap();
        prop_assert!(contents == given, "{written:?}");
        prop_assert_eq!(findings, []);
    }

    #[test]
    fn any_samples_with_two_alleles_come_back_from_a_project(drawn in samples(1)) {
        let typed = |(s, _): &(SampleGenotypes, NaiveDateTime)| {
            let mut readings = without_peaks(s).readings;
            readings.iter_mut().for_each(|r| r.alleles.push(ReadAllele::new("9.3")));
            SampleGenotypes { sex: Some(s.sex.unwrap_or(GeneticSex::Male)), readings, ..SampleGenotypes::new(&s.name) }
        };
        let given: Vec<SampleGenotypes> = drawn.iter().map(typed).collect();
        let locus = |name: &str| {
            let labels = given.iter().filter_map(|s| s.reading(name)).flat_map(Reading::labels);
            let labels = rows::in_order(labels);
            let alleles = labels.iter().map(|label| ((*label).to_owned(), 1.0 / labels.len() as f64)).collect();
            LocusFrequencies::new(name, alleles, Some(100)).unwrap().0
        };
        let table = FrequencyTable::new("invented", "", rows::loci_of(&given).into_iter().map(locus).collect()).unwrap();
        let project = familias::Project::new(&given, &[], &table).unwrap();
        let text = project.write().unwrap();
        let again = familias::read(text.as_bytes()).unwrap();
        prop_assert!(again == project, "{text}");
        let contents = again.contents().unwrap().0;
        prop_assert!(contents.samples == given && contents.tables == [table], "{text}");
        prop_assert_eq!(again.write().unwrap(), text);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..400)) {
        every_reader(&bytes);
    }

    #[test]
    fn an_example_with_any_bytes_in_it_is_read_or_refused(which in 0usize..6, at in any::<prop::sample::Index>(), bytes in vec(any::<u8>(), 0..12), cut in 0usize..12) {
        let example = [
            example!("cmf32_example.xml"), example!("familias_example.fam"), example!("familias_dvi_example.fam"),
            example!("genemapper_example.txt"), example!("genotype_wide_example.csv"), example!("linkage_example.ped"),
        ][which];
        let at = at.index(example.len());
        let changed = [&example[..at], &bytes, &example[(at + cut).min(example.len())..]].concat();
        every_reader(&changed);
    }
}

/// Nothing may panic, and what a project reads as can be told or is refused.
fn every_reader(bytes: &[u8]) {
    let _ = read(bytes, &Rules::default());
    let _ = cmf::read(bytes).map(|message| message.write());
    if let Ok(project) = familias::read(bytes) {
        let _ = project.contents();
        if let Ok(text) = project.write() {
            assert!(familias::read(text.as_bytes()).is_ok_and(|again| again.write().is_ok_and(|more| more == text)), "{text}");
        }
    }
    let _ = genemapper::read(bytes);
    let _ = wide::read(bytes).map(|(contents, _)| wide::write(&contents.samples));
    let _ = frequencies::read(bytes, "invented");
    let files = super::linkage::files();
    for changed in [
        linkage::LinkageFiles { ped: bytes, ..files },
        linkage::LinkageFiles { dat: bytes, ..files },
        linkage::LinkageFiles { map: bytes, ..files },
        linkage::LinkageFiles { freq: bytes, ..files },
        linkage::LinkageFiles { legend: bytes, ..files },
    ] {
        let _ = linkage::read(&changed);
    }
}
