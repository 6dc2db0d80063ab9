//! Small things that several pages show: an event of a timeline, a line of "who has seen it".

use super::page::Page;
use crate::db::audit::AccessLine;
use crate::db::consents::SightLine;
use std::collections::BTreeMap;

/// A line of a summary list.
#[derive(Debug, Clone)]
pub struct Row {
    /// What.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Where it is changed; may be empty.
    pub href: String,
    /// Words of that link.
    pub action: String,
}

/// Lines of a summary list; those without a value are left out.
#[must_use]
pub fn rows(pairs: Vec<(String, String)>) -> Vec<Row> {
    pairs.into_iter().filter(|(_, v)| !v.is_empty()).map(|(key, value)| Row { key, value, href: String::new(), action: String::new() }).collect()
}

/// An event, as `display::timeline` reads it.
#[derive(Debug, Clone)]
pub struct TimelineEvent {
    /// When, in words.
    pub when: String,
    /// What.
    pub title: String,
    /// More; may be empty.
    pub text: String,
    /// done, due or empty.
    pub state: &'static str,
}

/// A line of "who has seen it".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessView {
    /// When.
    pub when: String,
    /// Which institution, and who where that may be known.
    pub who: String,
    /// What was done.
    pub what: String,
    /// What for.
    pub why: String,
}

/// Who has seen or changed something, in words.
#[must_use]
pub fn access(p: &Page, lines: &[AccessLine]) -> Vec<AccessView> {
    let mut all: Vec<AccessView> = lines
        .iter()
        .map(|line| {
            let person = match line.actor_kind.as_str() {
                "family" => Some(p.t("accessed-family")),
                "api_client" | "system" => Some(p.t("accessed-program")),
                "operator" => Some(p.t("accessed-console")),
                _ => line.user.clone(),
            };
            let key = format!("deed-{}", line.action.replace('_', "-"));
            AccessView {
                when: p.moment(line.at),
                who: person.map_or_else(|| line.authority.clone(), |who| format!("{}, {who}", line.authority)),
                what: if p.language.has(&key) { p.t(&key) } else { p.t("deed-other") },
                why: p.word("purpose", &line.purpose),
            }
        })
        .collect();
    // A page and its map are one look.
    all.dedup();
    all
}

/// Who else sees a record: the institutions that see the same for the same purposes.
#[derive(Debug, Clone)]
pub(super) struct Sharing {
    pub purposes: String,
    pub categories: String,
    pub authorities: Vec<String>,
}

/// Who else sees a record, those with the same sight together.
pub(super) fn sharing(p: &Page, lines: &[SightLine]) -> Vec<Sharing> {
    let mut purposes: BTreeMap<(&str, &[String]), Vec<&str>> = BTreeMap::new();
    for line in lines {
        purposes.entry((&line.authority, &line.categories)).or_default().push(&line.purpose);
    }
    let mut same: BTreeMap<(Vec<&str>, &[String]), Vec<String>> = BTreeMap::new();
    for ((authority, categories), purposes) in purposes {
        same.entry((purposes, categories)).or_default().push(authority.to_owned());
    }
    let words = |family: &str, all: &mut dyn Iterator<Item = &str>| all.map(|w| p.word(family, w).to_lowercase()).collect::<Vec<_>>().join(", ");
    same.into_iter()
        .map(|((purposes, categories), authorities)| Sharing {
            purposes: p.t1("desk-sharing-for", "purposes", words("purpose", &mut purposes.iter().copied())),
            categories: words("data-category", &mut categories.iter().map(String::as_str)),
            authorities,
        })
        .collect()
}
