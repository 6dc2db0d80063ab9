//! `rastro link` and `rastro explain` on files: duplicates, columns of others, and an explanation that adds up.

use crate::support::Folder;
use std::path::Path;
use std::process::Command;

fn rastro(arguments: &[&str]) -> (bool, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_rastro")).args(arguments).output().unwrap();
    (run.status.success(), format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr)))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const REGISTER: &str = "nr,first,last,born,town\n1,Ana Lucía,Zelaya,02/03/1990,Choluteca\n2,Pedro,Quispe,11/12/1985,Puno\n3,Ana Lucia,Selaya,02/03/1990,Choluteca\n";
const MAP: &str = "date = '%d/%m/%Y'\n[columns]\nid = 'nr'\ngiven_names = 'first'\nsurname_1 = 'last'\ndob = 'born'\nresidence = ['town']\n";

#[test]
fn two_registrations_of_one_person_are_found_in_a_file_of_other_columns() {
    let folder = Folder::new();
    let (file, map, out) = (folder.file("register.csv", REGISTER), folder.file("map.toml", MAP), folder.0.join("out.csv"));
    let (ok, said) =
        rastro(&["link", "--mode", "record-record", "--records", text(&file), "--map", text(&map), "--out", text(&out), "--floor", "0"]);
    assert!(ok, "{said}");
    let pairs = std::fs::read_to_string(&out).unwrap();
    assert_eq!(
        pairs.lines().filter_map(|l| l.rsplit_once(',')?.0.rsplit_once(',')).map(|l| l.0).collect::<Vec<_>>(),
        ["case_id,record_id", "1,3"]
    );
}

#[test]
fn weighing_every_pair_writes_the_same_file() {
    let folder = Folder::new();
    let demo = format!("{}/config/demo/corpus-1k", env!("CARGO_MANIFEST_DIR"));
    let file = |name: &str, rows: usize| {
        let all = std::fs::read_to_string(format!("{demo}/{name}")).unwrap();
        folder.file(name, &all.lines().take(rows).collect::<Vec<_>>().join("\n"))
    };
    let (cases, records) = (file("cases.csv", 120), file("records.csv", 300));
    let written = |out: &Path, more: &[&str]| {
        let files = ["link", "--cases", text(&cases), "--records", text(&records), "--out", text(out)];
        let (ok, said) = rastro(&[&files[..], &["--top", "50", "--floor", "-4.5"], more].concat());
        assert!(ok, "{said}");
        std::fs::read_to_string(out).unwrap()
    };
    let quick = written(&folder.0.join("quick.csv"), &[]);
    assert!(quick.lines().count() > 1000);
    assert_eq!(quick, written(&folder.0.join("every.csv"), &["--exhaustive"]));
}

#[test]
fn a_mapping_of_a_column_that_is_not_there_is_refused_by_name() {
    let folder = Folder::new();
    let (file, map) = (folder.file("register.csv", "nr,first\n1,Ana\n"), folder.file("map.toml", MAP));
    let (ok, said) = rastro(&["link", "--mode", "case-case", "--cases", text(&file), "--map", text(&map), "--out", "never.csv"]);
    assert!(!ok && said.contains("`last` is missing"), "{said}");
}

#[test]
fn an_explanation_adds_up_to_the_last_digit() {
    let folder = Folder::new();
    let (file, map) = (folder.file("register.csv", REGISTER), folder.file("map.toml", MAP));
    for lang in ["es", "en"] {
        let (ok, said) =
            rastro(&["explain", "1", "3", "--mode", "record-record", "--records", text(&file), "--map", text(&map), "--lang", lang]);
        assert!(ok && !said.contains('⟦'), "{said}");
        let weights: Vec<i64> =
            said.lines().filter_map(|line| line.get(..9)?.trim().replace('.', "").parse().ok().filter(|_| line.starts_with(' '))).collect();
        let (total, parts) = weights.split_last().unwrap();
        assert!(parts.len() >= 4 && parts.iter().sum::<i64>() == *total, "{said}");
        let chance = if lang == "es" { "Por azar" } else { "chance" };
        assert!(said.lines().any(|l| l.starts_with(' ') && l.contains(chance)), "how common what agrees is: {said}");
    }
    let (ok, said) = rastro(&["explain", "1", "9", "--mode", "record-record", "--records", text(&file), "--map", text(&map)]);
    assert!(!ok && said.contains("`9`"), "{said}");
}

#[test]
fn an_operators_words_are_refused_by_the_name_of_the_file_that_is_wrong() {
    let folder = Folder::new();
    let (file, map, out) = (folder.file("register.csv", REGISTER), folder.file("map.toml", MAP), folder.0.join("out.csv"));
    std::fs::create_dir(folder.0.join("names")).unwrap();
    std::fs::write(folder.0.join("names/own.toml"), "origin = \"x\"\nkind = \"familiar\"\nclasses = [\"satuye satu\"]").unwrap();
    let link = |names: &str| {
        let names = folder.0.join(names);
        let arguments = ["link", "--mode", "record-record", "--records", text(&file), "--map", text(&map), "--out", text(&out), "--names"];
        rastro(&[&arguments[..], &[text(&names)]].concat())
    };
    let (ok, said) = link("names");
    assert!(ok, "{said}");
    std::fs::write(folder.0.join("names/bad.toml"), "classes = 7").unwrap();
    let (ok, said) = link("names");
    assert!(!ok && said.contains("bad.toml"), "{said}");
    let (ok, said) = link("nowhere");
    assert!(!ok && said.contains("nowhere"), "{said}");
}

const LISTED: &str = "case_id,given_names,surname_1,surname_2\nC1,Rolando,Quispe,Mamani\nC2,Edgardo,Quispe,Mamani\nC3,Wilmer,Zelaya,Discua\n";
const FOUND: &str = "record_id,kind,given_names,surname_1,surname_2\nR1,remains_named,Rolando,Quispe,Mamani\nR2,remains_named,,Quispe,Mamani\nR3,foreign_case,Edgardo,Quispe,Mamani\n";

#[test]
fn an_incident_is_weighed_as_one_list_of_who_was_there_and_who_was_found() {
    let folder = Folder::new();
    let (cases, records) = (folder.file("cases.csv", LISTED), folder.file("records.csv", FOUND));
    let (list, out) = (folder.file("list.csv", "case_id,record_id\nC1,R1\nC2,R2\n"), folder.0.join("out.csv"));
    let run = |list: &Path, more: &[&str]| {
        let given = ["incident", "--cases", text(&cases), "--records", text(&records), "--list", text(list), "--out", text(&out)];
        rastro(&[&given, more].concat())
    };
    let (ok, said) = run(&list, &["--listed", "0.95"]);
    assert!(ok && said.contains("2 cases, 2 remains and 0 survivors"), "{said}");
    let written = std::fs::read_to_string(&out).unwrap();
    let chance = |case: &str, record: &str| {
        let start = format!("{case},{record},");
        let line = written.lines().find(|l| l.starts_with(&start)).unwrap_or_else(|| panic!("{start} in {written}"));
        line.rsplit(',').next().unwrap().parse::<f64>().unwrap()
    };
    // Who is recognised by the given name leaves the other to the brother; C3 is not on the list.
    assert!(chance("C1", "R1") > 0.9 && chance("C2", "R2") > 0.8, "{written}");
    assert!(!written.contains("C3"));
    for record in ["R1", "R2"] {
        assert!((chance("C1", record) + chance("C2", record) + chance("", record) - 1.0).abs() < 0.002, "{written}");
    }
    assert!((chance("C1", "R1") + chance("C1", "R2") + chance("C1", "") - 1.0).abs() < 0.002, "{written}");

    for (wrong, told) in [
        ("case_id,record_id\r\nC1,R1\r\n\r\nC9,\r\n", "line 4: `C9` is not in the file of cases"),
        ("case_id,record_id\nC1,R1\n,\n", "line 3 names nobody"),
        ("case_id,record_id\nC1,R1,R2\n", "line: 2"),
        ("case_id,record_id\nC1,R3\n", "line 2: `R3` is a report"),
        ("case_id,case_id,record_id\nC1,C2,R2\n", "`case_id` stands there twice"),
        ("case_id\nC1\n", "names no records"),
    ] {
        let (ok, said) = run(&folder.file("wrong.csv", wrong), &[]);
        assert!(!ok && said.contains(told), "{wrong}: {said}");
    }
    let (ok, said) = run(&list, &["--listed", "1"]);
    assert!(!ok && said.contains("between 0 and 1"), "{said}");
}
