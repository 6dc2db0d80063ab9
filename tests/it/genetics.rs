//! Kinship against the figures of the reference programs (tests/data/genetics, NOTICE), and `rastro kinship` and `rastro bank` on files.

use crate::support::Folder;
use rastro::genetics::identity::{condensed, kinship};
use rastro::genetics::kinship::observed;
use rastro::genetics::likelihood::{Observation, likelihood};
use rastro::genetics::marker::{Call, Chromosome, Marker};
use rastro::genetics::pedigree::{Entry, GeneticSex, Pedigree};
use rastro::genetics::power;
use rastro::genetics::search::Weights;
use rastro::interop::kinship::{Genotypes, KinshipCase, KinshipFile, MarkerLine, MutationLine, PersonLine, evaluate, pedigree, typed};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

/// Relative difference allowed.
const CLOSE: f64 = 1e-9;

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/genetics").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(data(name)).unwrap()
}

fn json<T: serde::de::DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&text(name)).unwrap()
}

fn assert_close(got: f64, wanted: f64, of: &str) {
    // What cannot be has to be 0 itself.
    let fits = if wanted == 0.0 { got == 0.0 } else { ((got - wanted) / wanted).abs() <= CLOSE };
    assert!(fits, "{of}: {got} is not {wanted}");
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(all) => all.iter().map(|x| x.as_f64().unwrap()).collect(),
        Value::Number(one) => vec![one.as_f64().unwrap()],
        _ => Vec::new(),
    }
}

/// Compares every likelihood and ratio of a file; how many there were.
fn agrees(name: &str) -> usize {
    let file: KinshipFile = json(name);
    let wanted: Value = json(name);
    let mut compared = 0;
    for (case, wanted) in file.cases.iter().zip(wanted["cases"].as_array().unwrap()) {
        let (got, wanted) = (evaluate(case).unwrap(), &wanted["result"]);
        let mut check = |got: &[f64], wanted: Vec<f64>, what: &str| {
            for (got, wanted) in got.iter().zip(wanted) {
                assert_close(*got, wanted, &format!("{name} {} {what}", case.id));
                compared += 1;
            }
        };
        let second = if wanted["likelihood_H2"].is_null() { &wanted["likelihood_unrelated"] } else { &wanted["likelihood_H2"] };
        check(&got.first, numbers(&wanted["likelihood_H1"]), "likelihood_H1");
        check(&got.second, numbers(second), "likelihood_H2");
        let ratios: Vec<f64> = got.ratios.iter().map(|r| r.unwrap()).collect();
        check(&ratios, numbers(&wanted["LR_per_marker"]), "LR_per_marker");
        let total = if wanted["LR_total"].is_null() { &wanted["LR"] } else { &wanted["LR_total"] };
        check(&[got.total.unwrap()], numbers(total), "LR_total");
        check(&got.log10.into_iter().collect::<Vec<_>>(), numbers(&wanted["log10_LR"]), "log10_LR");
    }
    compared
}

#[test]
fn every_likelihood_of_the_reference_programs_comes_out_to_nine_digits() {
    let files =
        ["pairwise_multilocus", "missing_person", "inbred", "mutation", "mutation_multilocus", "partial_genotype", "silent_allele", "x_markers"];
    let compared: usize = files.iter().map(|name| agrees(&format!("{name}.json"))).sum();
    assert!(compared > 3000, "{compared}");
}

#[test]
fn the_correction_for_subpopulations_and_linked_markers_come_out_to_nine_digits() {
    assert!(agrees("theta.json") > 600 && agrees("linked_pair.json") == 60);
}

#[test]
fn mutation_matrices_are_those_of_the_reference_program() {
    let wanted: Value = json("mutation_matrices.json");
    let matrices = wanted["matrices"].as_array().unwrap();
    assert_eq!(matrices.len(), 14);
    for m in matrices {
        let mut line = m["parameters"].clone();
        line["model"] = m["model"].clone();
        let line: MutationLine = serde_json::from_value(line).unwrap();
        let alleles: Vec<String> = serde_json::from_value(m["alleles"].clone()).unwrap();
        let frequencies = numbers(&m["frequencies"]);
        let got = line.mutation().unwrap().matrix(&alleles, &frequencies).unwrap();
        for (i, row) in m["matrix"].as_array().unwrap().iter().enumerate() {
            for (j, wanted) in numbers(row).into_iter().enumerate() {
                assert!((got.at(i, j) - wanted).abs() < 1e-14, "{} {} {i} {j}", m["model"], m["parameters"]);
            }
        }
        assert!((got.overall_rate(&frequencies) - m["overall_rate"].as_f64().unwrap()).abs() < 1e-12);
    }
}

#[test]
fn copies_of_one_allele_are_counted_as_the_reference_program_does() {
    let wanted: Value = json("relatedness.json");
    for case in wanted["cases"].as_array().unwrap() {
        let people: Vec<PersonLine> = serde_json::from_value(case["pedigree"].clone()).unwrap();
        let pedigree = pedigree(&people).unwrap();
        let number = |name: &Value| pedigree.number(name.as_str().unwrap()).unwrap();
        for pair in case["pairs"].as_array().unwrap() {
            let states = condensed(&pedigree, number(&pair["id1"]), number(&pair["id2"]));
            for (n, got) in states.iter().enumerate() {
                assert!((got - pair[format!("D{}", n + 1)].as_f64().unwrap()).abs() < 1e-12, "{} {pair} D{}", case["id"], n + 1);
            }
            assert!((kinship(&states) - pair["phi"].as_f64().unwrap()).abs() < 1e-12, "{pair}");
        }
        for (name, inbreeding) in case["inbreeding"].as_object().unwrap() {
            let own = pedigree.number(name).unwrap();
            assert!((condensed(&pedigree, own, own)[0] - inbreeding[0].as_f64().unwrap()).abs() < 1e-12, "{name}");
        }
    }
}

/// `child:father,mother ...`; whoever is not named as a child is a founder.
fn related(words: &str) -> Pedigree {
    let mut entries: Vec<Entry> = Vec::new();
    // A man's name is written with a capital letter.
    let sex = |name: &str| if name.starts_with(char::is_uppercase) { GeneticSex::Male } else { GeneticSex::Female };
    let entry = |name: &str, parents: Option<(&str, &str)>| Entry::new(name, sex(name), parents);
    for word in words.split(' ') {
        let (child, parents) = word.split_once(':').unwrap();
        entries.push(entry(child, parents.split_once(',')));
    }
    let named: Vec<String> = words.split([' ', ':', ',']).map(str::to_owned).collect();
    for name in named {
        if entries.iter().all(|e| e.name != name) {
            entries.push(entry(&name, None));
        }
    }
    Pedigree::new(&entries).unwrap()
}

#[test]
fn two_people_at_one_marker_weigh_as_in_the_published_tables() {
    let pedigrees: BTreeMap<&str, Pedigree> = [
        ("parent-child", "B:A,m"),
        ("full-sibs", "A:F,m B:F,m"),
        ("half-sibs", "A:F,m B:F,n"),
        ("grandparent", "P:A,m B:P,n"),
        ("great-grandparent", "P:A,m Q:P,n B:Q,o"),
        ("uncle-nephew", "A:F,m P:F,m B:P,n"),
        ("half-uncle", "A:F,m P:F,n B:P,o"),
        ("first-cousins", "P:F,m Q:F,m A:P,n B:Q,o"),
        ("second-cousins", "P:F,m Q:F,m R:P,n S:Q,o A:R,p B:S,q"),
        ("double-first-cousins", "P:F,m Q:F,m n:G,h o:G,h A:P,n B:Q,o"),
        ("three-quarter-sibs", "m:F,g n:F,g A:P,m B:P,n"),
    ]
    .map(|(name, words)| (name, related(words)))
    .into();
    let table = text("single_locus_pairwise.csv");
    // The pair of genotypes stands in two columns under one name.
    let mut rows = csv::ReaderBuilder::new().comment(Some(b'#')).flexible(true).from_reader(table.as_bytes());
    let mut compared = 0;
    for row in rows.records() {
        let row = row.unwrap();
        let p: Vec<f64> = (8..12).map(|at| row[at].parse().unwrap()).collect();
        let alleles = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        let frequencies = p.iter().copied().chain([1.0 - p.iter().sum::<f64>()]).collect();
        let marker = Marker::new("L", Chromosome::Autosomal, alleles, frequencies).unwrap();
        let pedigree = &pedigrees[&row[0]];
        let call = |text: &str| {
            let (a, b) = text.split_once('/').unwrap();
            Call::Both(marker.allele(a).unwrap(), marker.allele(b).unwrap())
        };
        let of = |name: &str, text: &str| Observation::sure(pedigree.number(name).unwrap(), call(text));
        let got = likelihood(pedigree, &marker, &[of("A", &row[6]), of("B", &row[7])], 0.0).unwrap();
        assert_close(got, row[12].parse().unwrap(), &format!("{row:?}"));
        compared += 1;
    }
    assert_eq!(compared, 77);
}

#[derive(Deserialize)]
struct PowerFile {
    cases: Vec<PowerCase>,
}

#[derive(Deserialize)]
struct PowerCase {
    pedigree: Vec<PersonLine>,
    missing_person: String,
    markers: Vec<MarkerLine>,
    genotypes: BTreeMap<String, Genotypes>,
    result: Value,
}

#[test]
fn what_a_family_excludes_and_reaches_is_what_the_reference_program_finds() {
    let file: PowerFile = json("family_power.json");
    assert_eq!(file.cases.len(), 6);
    for case in file.cases {
        let (pedigree, result) = (pedigree(&case.pedigree).unwrap(), &case.result);
        let markers: Vec<Marker> = case.markers.iter().map(|m| m.marker(None).unwrap()).collect();
        let observed = observed(&pedigree, markers.len(), &typed(&case.genotypes, &markers).unwrap()).unwrap();
        let at: Vec<(&Marker, &[Observation])> = markers.iter().zip(observed.iter().map(Vec::as_slice)).collect();
        let weights = Weights::new(&pedigree, pedigree.number(&case.missing_person).unwrap(), &at).unwrap();
        let of: Vec<&Marker> = markers.iter().collect();
        let told = power::of_markers(&weights, &of);
        for (got, wanted) in told.iter().zip(numbers(&result["EP_per_marker"])) {
            // The program's own figures carry rounding of 1e-12, also where nothing is excluded.
            assert!((got.exclusion - wanted).abs() < 1e-9, "{} {wanted}", got.exclusion);
        }
        assert_close(power::exclusion(&told), result["EP_total"].as_f64().unwrap(), "EP_total");
        let chances = power::mismatches(&told);
        let expected: f64 = chances.iter().enumerate().map(|(k, chance)| k as f64 * chance).sum();
        assert!((expected - result["expected_mismatches"].as_f64().unwrap()).abs() < 1e-8);
        assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-12);

        // The program drew 500 times; by 20,000 draws of ours and its own spread, five standard errors of its mean.
        let mut state = 7_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let drawn = power::drawn(&weights, &of, 20_000, &mut random);
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let expected: f64 = told.iter().map(|m| m.expected_if_true).sum();
        let (theirs, spread) = (result["mean_log10_LR_sim_500"].as_f64().unwrap(), result["sd_log10_LR_sim_500"].as_f64().unwrap());
        assert!((expected - theirs).abs() < 5.0 * spread / 500_f64.sqrt(), "{expected} {theirs}");
        assert!((mean - expected).abs() < 5.0 * spread / 20_000_f64.sqrt(), "{mean} {expected}");
        for (threshold, share) in numbers(&result["IP_thresholds"]).into_iter().zip(numbers(&result["IP_sim_500"])) {
            let reached = drawn.iter().filter(|log10| **log10 >= threshold.log10()).count() as f64 / drawn.len() as f64;
            let error = (reached * (1.0 - reached) / 500.0).sqrt().max(0.002);
            assert!((reached - share).abs() < 5.0 * error, "{threshold}: {reached} {share}");
        }
    }
}

fn rastro(arguments: &[&str]) -> (bool, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_rastro")).args(arguments).output().unwrap();
    (run.status.success(), format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr)))
}

#[test]
fn a_bank_of_remains_is_searched_on_files_and_comes_out_to_nine_digits() {
    let folder = Folder::new();
    for (name, pairs) in [("blind_40x20", 800), ("blind_24x12_mut", 288)] {
        let out = folder.0.join(format!("{name}.csv"));
        let (ok, said) =
            rastro(&["bank", "search", "--vectors", data(&format!("{name}.json")).to_str().unwrap(), "--out", out.to_str().unwrap()]);
        assert!(ok && said.contains(&format!("{pairs} pairs")), "{said}");
        let rows = |text: &str| -> BTreeMap<(String, String), f64> {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            assert_eq!(reader.headers().unwrap(), ["remains", "missing", "LR"].as_slice());
            reader.deserialize::<(String, String, f64)>().map(|row| row.unwrap()).map(|(r, m, lr)| ((r, m), lr)).collect()
        };
        let (got, wanted) = (rows(&std::fs::read_to_string(&out).unwrap()), rows(&text(&format!("{name}_LR.csv"))));
        assert_eq!((got.len(), wanted.len()), (pairs, pairs));
        for (pair, wanted) in &wanted {
            assert_close(got[pair], *wanted, &format!("{name} {pair:?}"));
        }
    }
}

/// What is said of a file, and what was done to it.
type Fault<'a> = (&'a str, &'a dyn Fn(&mut Value));

#[test]
fn cases_are_weighed_on_files_and_one_that_cannot_be_is_named() {
    let folder = Folder::new();
    let (file, out) = (data("silent_allele.json"), folder.0.join("out.json"));
    let (ok, said) = rastro(&["kinship", "evaluate", file.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(ok, "{said}");
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!(written["cases"][0]["id"], "SI-O-01");
    assert_close(written["cases"][0]["result"]["LR_total"].as_f64().unwrap(), 0.625, "SI-O-01");

    let two = |change: &dyn Fn(&mut Value)| {
        let mut all: Value = json("x_markers.json");
        let cases = all["cases"].as_array_mut().unwrap();
        cases.truncate(2);
        change(&mut cases[1]);
        folder.file("spoilt.json", &all.to_string())
    };
    let faults: [Fault<'_>; 10] = [
        ("is in the pedigree twice", &|c| c["H1"][1]["id"] = c["H1"][0]["id"].clone()),
        ("not among those with a frequency", &|c| c["genotypes"]["A"]["X1"] = serde_json::json!(["zz", "a"])),
        ("not among the markers", &|c| c["genotypes"]["A"]["X9"] = serde_json::json!(["a", "a"])),
        ("add up to", &|c| c["markers"][0]["frequencies"][0] = serde_json::json!(0.9)),
        ("not in both pedigrees", &|c| c["genotypes"]["nobody"] = serde_json::json!({})),
        ("two are read", &|c| c["genotypes"]["A"]["X1"] = serde_json::json!(["a", "b", "c"])),
        ("is listed twice", &|c| c["markers"][1]["name"] = c["markers"][0]["name"].clone()),
        ("is an allele of no marker", &|c| c["silent_allele"] = serde_json::json!("null")),
        ("rho lies between", &|c| c["rho"] = serde_json::json!(0.7)),
        ("missing field `alleles`", &|c| drop(c["markers"][0].as_object_mut().unwrap().remove("alleles"))),
    ];
    for (words, change) in faults {
        let file = two(change);
        let never = folder.0.join("never.json");
        let (ok, said) = rastro(&["kinship", "evaluate", file.to_str().unwrap(), "--out", never.to_str().unwrap()]);
        assert!(!ok && said.contains(words) && !never.exists(), "{words}: {said}");
    }
}

#[test]
fn a_case_can_do_without_a_second_pedigree() {
    let mut case: Value = json::<Value>("pairwise_multilocus.json")["cases"][0].clone();
    let with = evaluate(&serde_json::from_value::<KinshipCase>(case.clone()).unwrap()).unwrap();
    case.as_object_mut().unwrap().remove("H2");
    let without = evaluate(&serde_json::from_value::<KinshipCase>(case).unwrap()).unwrap();
    assert_eq!(with, without);
}
