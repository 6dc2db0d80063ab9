//! The audit of the own authority, and the authorities of the node.

use super::forms::Fields;
use super::page::Page;
use super::respond::{self, Answer};
use super::session::SignedIn;
use crate::app::App;
use crate::db::audit::AuditLine;
use crate::db::cases::Keyset;
use crate::services::administration;
use actix_web::web;
use askama::Template;

const PAGE_SIZE: usize = 50;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.route("/administracion/accesos", web::get().to(audit)).route("/administracion/instituciones", web::get().to(authorities));
}

/// What was done, by whom.
#[derive(Debug, Clone)]
struct Line {
    when: String,
    who: String,
    authority: String,
    action: String,
    what: String,
    purpose: String,
}

#[derive(Template)]
#[template(path = "pages/admin_audit.html")]
struct AuditPage {
    p: Page,
    lines: Vec<Line>,
    columns: Vec<String>,
    summary: String,
    first: String,
    next: String,
}

/// An authority of the node.
#[derive(Debug, Clone)]
struct Authority {
    code: String,
    name: String,
    kind: String,
    country: String,
    phone: String,
}

#[derive(Template)]
#[template(path = "pages/admin_authorities.html")]
struct AuthoritiesPage {
    p: Page,
    lines: Vec<Authority>,
    columns: Vec<String>,
}

/// A word of the audit in the reader's language; the word itself where it has no text, so that nothing is hidden.
fn word(p: &Page, family: &str, word: &str) -> String {
    let key = format!("{family}-{}", word.replace('_', "-"));
    if p.language.has(&key) { p.t(&key) } else { word.replace('_', " ") }
}

fn line(p: &Page, l: AuditLine) -> Line {
    let subject = word(p, "audit-subject", &l.subject_kind);
    Line {
        when: p.moment(l.at),
        who: l.user.unwrap_or_else(|| word(p, "audit-actor", &l.actor_kind)),
        authority: l.authority,
        action: word(p, "audit", &l.action),
        what: if l.subjects > 1 { format!("{subject} ({})", l.subjects) } else { subject },
        purpose: p.word("purpose", &l.purpose),
    }
}

fn before(query: &Fields) -> Option<Keyset> {
    let (at, id) = query.get("antes").rsplit_once('_')?;
    Some(Keyset { at: at.parse().ok()?, id: id.parse().ok()? })
}

async fn audit(app: web::Data<App>, who: SignedIn) -> Answer {
    let query = Fields::read(&who.visit.query)?;
    let before = before(&query);
    let mut lines = administration::audit_log(&app, who.actor(), before, i64::try_from(PAGE_SIZE + 1).unwrap_or(51)).await?;
    let more = lines.len() > PAGE_SIZE;
    lines.truncate(PAGE_SIZE);
    let p = who.page();
    let next = match lines.last() {
        Some(l) if more => {
            let at = l.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
            format!("/administracion/accesos?antes={}", respond::escape_query(&format!("{at}_{}", l.id)))
        }
        _ => String::new(),
    };
    respond::page(&AuditPage {
        columns: ["audit-when", "audit-who", "audit-action", "audit-what", "admin-purpose"].iter().map(|k| p.t(k)).collect(),
        summary: p.t1("audit-shown", "n", lines.len()),
        first: if before.is_some() { "/administracion/accesos".to_owned() } else { String::new() },
        next,
        lines: lines.into_iter().map(|l| line(&p, l)).collect(),
        p,
    })
}

async fn authorities(app: web::Data<App>, who: SignedIn) -> Answer {
    let all = administration::authorities(&app, who.actor()).await?;
    let p = who.page();
    respond::page(&AuthoritiesPage {
        columns: ["admin-authority", "admin-authority-kind", "admin-country", "admin-phone"].iter().map(|k| p.t(k)).collect(),
        lines: all
            .into_iter()
            .map(|a| Authority {
                kind: p.word("authority", &a.kind),
                country: p.country(&a.country),
                phone: a.contact_phone.unwrap_or_default(),
                code: a.code,
                name: a.name,
            })
            .collect(),
        p,
    })
}
