//! What every page knows: its language, who is signed in, the menu, the form token. Templates call it `p`.

use super::assets;
use super::i18n::{Argument, Lang};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::dates::PartialDate;
use crate::services::accounts::Staff;
use chrono::{DateTime, NaiveDate, Utc};

/// The signed-in person, as the header shows them.
#[derive(Debug, Clone, Default)]
pub struct PageUser {
    /// Name.
    pub name: String,
    /// Their authority.
    pub authority: String,
    /// What the session works for, in words.
    pub purpose: String,
}

/// An entry of the menu.
#[derive(Debug, Clone, Default)]
pub struct NavItem {
    /// Where it leads.
    pub href: &'static str,
    /// Its name.
    pub label: String,
    /// Whether it is this page.
    pub current: bool,
    /// What waits there; 0 shows nothing.
    pub count: i64,
}

/// A message shown once, on the page after the deed.
#[derive(Debug, Clone, Default)]
pub struct Flash {
    /// success, notice, warning or error.
    pub kind: String,
    /// The sentence.
    pub text: String,
}

/// What every page knows.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Tag of the language.
    pub lang: &'static str,
    /// The language.
    pub language: Lang,
    /// The form token.
    pub csrf: String,
    /// Who is signed in.
    pub user: Option<PageUser>,
    /// The menu; empty for families and the public.
    pub nav: Vec<NavItem>,
    /// Where the brand leads.
    pub home: &'static str,
    /// Whether the browser asked to save data: then no web fonts.
    pub save_data: bool,
    /// A message shown once.
    pub flash: Option<Flash>,
    /// A telephone number for families, empty when there is none.
    pub help_line: String,
    /// Path and query of this page without `lang`, for switching the language.
    pub address: String,
}

impl Page {
    /// A text.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.language.text(key)
    }

    /// A text with one value.
    #[must_use]
    pub fn t1(&self, key: &str, name: &'static str, value: impl Argument) -> String {
        self.language.text_with(key, [(name, value.value())])
    }

    /// A text with two values.
    #[must_use]
    pub fn t2(&self, key: &str, a: &'static str, a_value: impl Argument, b: &'static str, b_value: impl Argument) -> String {
        self.language.text_with(key, [(a, a_value.value()), (b, b_value.value())])
    }

    /// The text of a closed word, e.g. `word("case-state", "search_active")`.
    #[must_use]
    pub fn word(&self, family: &str, word: &str) -> String {
        self.language.word(family, word)
    }

    /// The text of an optional closed word; "not known" without one.
    #[must_use]
    pub fn word_or_unknown(&self, family: &str, word: Option<&str>) -> String {
        word.map_or_else(|| self.t("absent-unknown"), |w| self.word(family, w))
    }

    /// A country by code.
    #[must_use]
    pub fn country(&self, code: &str) -> String {
        self.language.country(code)
    }

    /// Countries by code, separated by commas.
    #[must_use]
    pub fn countries(&self, codes: &[String]) -> String {
        codes.iter().map(|c| self.country(c)).collect::<Vec<_>>().join(", ")
    }

    /// A day in words.
    #[must_use]
    pub fn day(&self, date: NaiveDate) -> String {
        self.language.day(date)
    }

    /// A date with its precision in words.
    #[must_use]
    pub fn partial(&self, date: PartialDate) -> String {
        self.language.partial(date)
    }

    /// An instant in words (UTC).
    #[must_use]
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        self.language.moment(at)
    }

    /// The address of an asset by its logical name.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::href(name)
    }

    /// This page in another language.
    #[must_use]
    pub fn lang_href(&self, tag: &str) -> String {
        let separator = if self.address.contains('?') { '&' } else { '?' };
        format!("{}{separator}lang={tag}", self.address)
    }
}

/// Path and query without the parameter `lang`.
#[must_use]
pub(super) fn address_without_lang(path: &str, query: &str) -> String {
    let rest: Vec<&str> = query.split('&').filter(|p| !p.is_empty() && *p != "lang" && !p.starts_with("lang=")).collect();
    if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) }
}

/// Where somebody lands after signing in.
#[must_use]
pub fn landing(actor: &Actor) -> &'static str {
    if actor.may(Right::ReadCases) || actor.may(Right::ReadFound) || actor.may(Right::ReadHypotheses) {
        "/inicio"
    } else if actor.may(Right::PartnerQuery) {
        "/consulta"
    } else if actor.may(Right::FollowMandates) {
        "/asociacion"
    } else if actor.may(Right::ManageUsers) || actor.may(Right::ReadAudit) {
        "/administracion"
    } else {
        "/inicio"
    }
}

/// The menu of a member of staff: what their rights open.
#[must_use]
pub(super) fn menu(lang: Lang, staff: &Staff, path: &str) -> Vec<NavItem> {
    let may = |right| staff.actor.may(right);
    let at_desk = may(Right::ReadCases) || may(Right::ReadFound) || may(Right::ReadHypotheses);
    let entries = [
        ("/inicio", "nav-my-day", at_desk),
        ("/casos", "nav-cases", may(Right::ReadCases)),
        ("/hallazgos", "nav-records", may(Right::ReadFound)),
        ("/hipotesis", "nav-hypotheses", may(Right::ReadHypotheses)),
        ("/duplicados", "nav-duplicates", may(Right::ReadHypotheses)),
        ("/identificaciones", "nav-identifications", may(Right::ReadHypotheses)),
        ("/banco", "nav-bank", may(Right::ReadSamples)),
        ("/rutas", "nav-map", may(Right::ReadRoutes)),
        ("/patrones", "nav-patterns", may(Right::ReadRoutes)),
        ("/consulta", "nav-query", may(Right::PartnerQuery)),
        ("/asociacion", "nav-association", may(Right::FollowMandates)),
        ("/importar", "nav-import", may(Right::Import)),
        ("/administracion", "nav-admin", may(Right::ManageUsers) || may(Right::ReadAudit)),
    ];
    entries
        .into_iter()
        .filter(|(_, _, shown)| *shown)
        .map(|(href, key, _)| NavItem {
            href,
            label: lang.text(key),
            current: path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')),
            count: 0,
        })
        .collect()
}
