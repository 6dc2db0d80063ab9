//! Whether a sealed document is authentic: anybody may ask by its code, and learns of nobody. A code that is none gets the same sober page.

use super::page::Page;
use super::respond::{self, Answer};
use super::session::Visit;
use super::views::{Row, rows};
use crate::app::App;
use crate::services::ServiceError;
use crate::services::identification::{self, Verification};
use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

#[derive(Template)]
#[template(path = "pages/verification.html")]
struct VerificationPage {
    p: Page,
    standing: String,
    text: String,
    rows: Vec<Row>,
}

fn known(p: &Page, v: &Verification) -> VerificationPage {
    VerificationPage {
        standing: p.word("report-standing", v.standing.as_str()),
        text: p.t(&format!("verification-{}-text", v.standing)),
        rows: rows(vec![
            (p.t("verification-sealed"), p.moment(v.issued_at)),
            (p.t("verification-institutions"), v.institutions.join(", ")),
            (p.t("verification-sha256"), v.sha256.clone()),
        ]),
        p: p.clone(),
    }
}

pub(super) async fn show(app: web::Data<App>, visit: Visit, code: web::Path<String>) -> Answer {
    let p = visit.public_page();
    match identification::verify(&app, &code).await {
        Ok(found) => respond::page(&known(&p, &found)),
        Err(ServiceError::NotFound) => {
            let unknown =
                VerificationPage { standing: p.t("verification-unknown"), text: p.t("verification-unknown-text"), rows: Vec::new(), p };
            respond::page_with(&unknown, StatusCode::NOT_FOUND)
        }
        Err(other) => Err(other.into()),
    }
}
