//! The arrow test: which room may name which (docs/architecture.md). It reads the sources and says which file and line breaks which rule.

use std::path::{Path, PathBuf};

/// A room and the rooms it may name besides itself. Rooms not listed here (cli) may name everything.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("geo", &[]),
    ("genetics", &["domain"]),
    ("linkage", &["domain", "geo"]),
    ("matching", &["geo", "linkage", "domain"]),
    ("config", &[]),
    ("cluster", &[]),
    ("lifecycle", &[]),
    ("telemetry", &["config", "domain"]),
    ("metrics", &[]),
    ("mail", &["config", "domain"]),
    ("db", &["domain"]),
    ("app", &["config", "db", "domain", "geo", "mail", "metrics", "services"]),
    ("services", &["app", "config", "db", "domain", "geo", "linkage", "mail", "matching", "genetics"]),
    ("interop", &["app", "services", "db", "domain", "genetics"]),
    ("jobs", &["app", "config", "db", "domain", "geo", "interop", "linkage", "mail", "matching", "services", "genetics"]),
    ("web", &["app", "config", "db", "domain", "geo", "interop", "linkage", "matching", "metrics", "services"]),
];

const PURE: &[&str] = &["domain", "genetics", "geo", "linkage", "matching"];

struct Source {
    file: PathBuf,
    room: String,
    text: String,
}

fn sources() -> Vec<Source> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let inside = file.strip_prefix(&root).unwrap().to_path_buf();
            let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
            let room = first.trim_end_matches(".rs").to_owned();
            Source { text: std::fs::read_to_string(&file).unwrap(), file: inside, room }
        })
        .collect()
}

/// The lines of code before the tests of a file, without comments.
fn code(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    source
        .text
        .lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .map(|(n, line)| (n + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The rooms a line names as `crate::room`.
fn named(line: &str) -> Vec<&str> {
    line.split("crate::").skip(1).map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("")).collect()
}

#[test]
fn arrows_between_rooms_only_run_down() {
    let mut broken = Vec::new();
    for source in sources() {
        let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == source.room) else { continue };
        for (line, text) in code(&source) {
            for room in named(text) {
                let known = ROOMS.iter().any(|(r, _)| *r == room) || room == "cli";
                if known && room != source.room && !allowed.contains(&room) {
                    broken.push(format!("src/{}:{line}: {} may not name {room}", source.file.display(), source.room));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_room_has_its_place_in_the_table() {
    for source in sources() {
        let known = ROOMS.iter().any(|(r, _)| *r == source.room) || ["cli", "main", "lib"].contains(&source.room.as_str());
        assert!(known, "src/{} is in no room of the table; add it with what it may name", source.file.display());
    }
}

#[test]
fn pure_rooms_know_no_database_no_network_no_clock_and_no_randomness() {
    let forbidden =
        ["async fn", ".await", "diesel", "actix", "tokio", "Utc::now", "SystemTime", "Instant::now", "rand::", "std::fs", "std::env"];
    let mut broken = Vec::new();
    for source in sources().into_iter().filter(|s| PURE.contains(&s.room.as_str())) {
        for (line, text) in code(&source) {
            for word in forbidden.iter().filter(|w| text.contains(**w)) {
                broken.push(format!("src/{}:{line}: a pure room may not use {word}", source.file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn only_db_names_diesel_only_web_names_actix_and_only_config_reads_the_environment() {
    let rules: [(&str, &[&str]); 3] = [("diesel", &["db"]), ("actix_web", &["web"]), ("env::var", &["config", "cluster"])];
    let mut broken = Vec::new();
    for source in sources() {
        for (word, rooms) in rules {
            if rooms.contains(&source.room.as_str()) {
                continue;
            }
            for (line, _) in code(&source).filter(|(_, text)| text.contains(word)) {
                broken.push(format!("src/{}:{line}: only {} may use {word}", source.file.display(), rooms.join(" and ")));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
