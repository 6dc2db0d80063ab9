//! Joint identification against the figures of the reference program (tests/data/genetics, NOTICE), and `rastro kinship joint` on files.

use crate::support::Folder;
use rastro::genetics::joint::assignments::Limits;
use rastro::interop::joint::{JointFile, JointOptions, identify};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

const SETS: [&str; 7] = ["KETPchap481", "KETPexer497", "example1", "example2", "fire", "planecrash", "symmetricSibs"];

/// Relative difference allowed. Allele frequencies in the files are rounded to ten digits, which a ratio of twenty markers shows.
const CLOSE: f64 = 1e-9;
const OF_ROUNDED: f64 = 2e-9;

fn data(set: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/genetics/dvir_{set}.json"))
}

fn json(set: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(data(set)).unwrap()).unwrap()
}

fn told(file: &Value, options: &JointOptions) -> Value {
    let file: JointFile = serde_json::from_value(file.clone()).unwrap();
    serde_json::to_value(identify(&file, options).unwrap()).unwrap()
}

/// Numbers by size, everything else by itself; how many numbers there were.
fn compare(got: &Value, wanted: &Value, allowed: f64, of: &str) -> usize {
    match (got, wanted) {
        (Value::Array(got), Value::Array(wanted)) => {
            assert_eq!(got.len(), wanted.len(), "{of}");
            got.iter().zip(wanted).enumerate().map(|(n, (got, wanted))| compare(got, wanted, allowed, &format!("{of} {n}"))).sum()
        }
        (Value::Object(got), Value::Object(wanted)) => {
            wanted.iter().map(|(key, wanted)| compare(&got[key], wanted, allowed, &format!("{of} {key}"))).sum()
        }
        (Value::Number(got), Value::Number(wanted)) => {
            let (got, wanted) = (got.as_f64().unwrap(), wanted.as_f64().unwrap());
            // What cannot be has to be 0 itself.
            let fits = if wanted == 0.0 { got == 0.0 } else { ((got - wanted) / wanted).abs() <= allowed };
            assert!(fits, "{of}: {got} is not {wanted}");
            1
        }
        _ => {
            assert_eq!(got, wanted, "{of}");
            0
        }
    }
}

#[test]
fn pairs_assignments_and_posteriors_are_those_of_the_reference_program() {
    let mut compared = 0;
    for set in SETS {
        let wanted = json(set);
        let got = told(&wanted, &JointOptions::default());
        for key in ["pairwise_LR", "exclusion_matrix", "grid_size"] {
            compared += compare(&got[key], &wanted[key], CLOSE, &format!("{set} {key}"));
        }
        // Of one set the figures leave out the assignments.
        let joint = ["joint_rows", "joint_table", "posterior_pairing_flat_prior", "glr"];
        for key in joint.into_iter().filter(|key| !wanted[*key].is_null()) {
            compared += compare(&got[key], &wanted[key], OF_ROUNDED, &format!("{set} {key}"));
        }
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn conclusions_are_those_of_the_reference_program() {
    for set in SETS {
        let mut wanted = json(set);
        let got = told(&wanted, &JointOptions::default());
        if set == "example1" {
            // The LR is 1, which says nothing either way; their rounding has it just below.
            wanted["solve_PM"][1]["Conclusion"] = "Inconclusive".into();
            wanted["solve_PM"][1]["Comment"] = "Best: M1".into();
        }
        for key in ["solve_AM", "solve_PM"] {
            compare(&got[key], &wanted[key], CLOSE, &format!("{set} {key}"));
        }
    }
}

#[test]
fn fragments_are_made_one_before_families_are_asked() {
    let whole = json("planecrash");
    let mut file = whole.clone();
    let part = |from: usize, to: usize| -> Value {
        let all = whole["pm_genotypes"]["V6"].as_object().unwrap().iter().enumerate();
        all.filter(|(n, _)| (from..to).contains(n)).map(|(_, (marker, call))| (marker.clone(), call.clone())).collect()
    };
    file["pm_genotypes"]["V6"] = part(0, 13);
    file["pm"]["V9"] = serde_json::json!({"id": "V9", "sex": "female"});
    file["pm_genotypes"]["V9"] = part(4, 15);
    let got = told(&file, &JointOptions::default());
    assert_eq!(got["fragments"], serde_json::json!({"V6+V9": ["V6", "V9"]}));
    compare(&got["pairwise_LR"]["values"], &whole["pairwise_LR"]["values"], CLOSE, "merged");
    assert_eq!(got["best"]["M2"], "V6+V9");
}

#[test]
fn conclusions_are_there_where_there_are_too_many_assignments() {
    let limits = Limits { width: 2, ..Limits::default() };
    let file = json("fire");
    let got = told(&file, &JointOptions { limits, ..JointOptions::default() });
    assert!(got["refused"].is_null() && got["joint_rows"].as_f64() == Some(34.0), "one family takes all there are");

    let mut three = json("planecrash");
    three["missing"] = serde_json::json!(["M1", "M2", "M5"]);
    // Siblings at four markers exclude nobody.
    three["markers"].as_array_mut().unwrap().truncate(4);
    let four: Vec<Value> = three["markers"].as_array().unwrap().iter().map(|m| m["name"].clone()).collect();
    for typed in ["am_genotypes", "pm_genotypes"] {
        for calls in three[typed].as_object_mut().unwrap().values_mut() {
            calls.as_object_mut().unwrap().retain(|marker, _| four.contains(&marker.as_str().into()));
        }
    }
    let got = told(&three, &JointOptions { limits, ..JointOptions::default() });
    assert!(got["refused"].as_str().unwrap().contains("in more than 2 ways"), "{}", got["refused"]);
    assert!(got["glr"].is_null() && got["joint_table"].is_null() && got["solve_PM"].as_array().unwrap().len() == 8);
}

#[test]
fn sexes_are_compared_across_only_if_asked() {
    let file = json("example2");
    let options = JointOptions { ignore_sex: true, ..JointOptions::default() };
    let (got, by_sex) = (told(&file, &options), told(&file, &JointOptions::default()));
    assert!(by_sex["pairwise_LR"]["values"][0][2].is_null() && got["pairwise_LR"]["values"][0][2].is_number());
    assert_eq!((by_sex["grid_size"].as_f64(), got["grid_size"].as_f64()), (Some(14.0), Some(34.0)));
}

#[test]
fn prior_odds_change_posteriors_and_nothing_else() {
    let file = json("example2");
    let got = told(&file, &JointOptions { prior_odds: 0.01, ..JointOptions::default() });
    let flat = told(&file, &JointOptions::default());
    assert_eq!((&got["glr"], &got["pairwise_LR"]), (&flat["glr"], &flat["pairwise_LR"]));
    let nobody = |told: &Value| told["posterior_pairing_flat_prior"]["values"][2][3].as_f64().unwrap();
    // One family with one who is missing, LR 5, and one woman among the remains.
    assert!((nobody(&flat) - 1.0 / 6.0).abs() < 1e-12 && (nobody(&got) - 1.0 / 1.05).abs() < 1e-12);
}

/// What is said of a file, and what was done to it.
type Fault<'a> = (&'a str, &'a dyn Fn(&mut Value));

fn rastro(arguments: &[&str]) -> (bool, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_rastro")).args(arguments).output().unwrap();
    (run.status.success(), format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr)))
}

#[test]
fn a_file_is_identified_and_one_that_cannot_be_is_named() {
    let folder = Folder::new();
    let out = folder.0.join("out.json");
    let (ok, said) = rastro(&["kinship", "joint", data("symmetricSibs").to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(ok && said.contains("5 remains weighed with 5 missing persons, in 63 assignments"), "{said}");
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    compare(&written["joint_table"], &json("symmetricSibs")["joint_table"], OF_ROUNDED, "written");

    let (ok, said) = rastro(&["kinship", "joint", data("symmetricSibs").to_str().unwrap(), "--out", out.to_str().unwrap(), "--cap", "20"]);
    assert!(ok && said.contains("more than 20"), "{said}");
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    assert!(written["joint_table"].is_null() && written["joint_rows"].as_f64() == Some(63.0));

    let faults: [Fault<'_>; 8] = [
        ("is in no family", &|f| f["missing"][0] = "nobody".into()),
        ("is missing and typed", &|f| f["missing"][0] = "R1".into()),
        ("not among those with a frequency", &|f| f["pm_genotypes"]["V1"]["L1"] = serde_json::json!(["zz", "1"])),
        ("typed and in no family", &|f| f["am_genotypes"]["nobody"] = serde_json::json!({})),
        ("typed and not among the remains", &|f| f["pm_genotypes"]["V9"] = serde_json::json!({})),
        ("cannot be named LR0", &|f| f["pm"]["V1"]["id"] = "LR0".into()),
        ("cannot be; correct the pedigree", &|f| {
            f["am_genotypes"]["R2"] = serde_json::json!({"L1": ["2", "2"]});
            f["am_families"][1][2]["id"] = "R3".into();
            f["am_genotypes"]["R3"] = serde_json::json!({"L1": ["1", "1"]});
            f["missing"] = serde_json::json!(["M1"]);
        }),
        ("missing field `pm`", &|f| drop(f.as_object_mut().unwrap().remove("pm"))),
    ];
    for (words, change) in faults {
        let mut spoilt = json("example2");
        change(&mut spoilt);
        let file = folder.file("spoilt.json", &spoilt.to_string());
        let never = folder.0.join("never.json");
        let (ok, said) = rastro(&["kinship", "joint", file.to_str().unwrap(), "--out", never.to_str().unwrap()]);
        assert!(!ok && said.contains(words) && !never.exists(), "{words}: {said}");
    }
}
