//! The forensic bank: its bench, donors and their consent, samples and their custody. No genotype stands on these pages.

use super::page::Page;
use super::{bank_bench, bank_custody, bank_donors, bank_intake, bank_label, bank_reception, bank_sample, bank_withdraw};
use crate::db::samples::SampleLine;
use crate::domain::sample::SampleState;
use actix_web::web;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .route("/banco", web::get().to(bank_bench::show))
        .route("/banco/casos/{id}", web::get().to(bank_donors::family))
        .route("/banco/donantes/nuevo", web::get().to(bank_donors::form))
        .route("/banco/donantes/nuevo", web::post().to(bank_donors::register))
        .route("/banco/donantes/{id}", web::get().to(bank_donors::show))
        .route("/banco/donantes/{id}/consentimiento", web::post().to(bank_donors::give_consent))
        .route("/banco/donantes/{id}/retirar", web::get().to(bank_withdraw::form))
        .route("/banco/donantes/{id}/retirar", web::post().to(bank_withdraw::withdraw))
        .route("/banco/muestras/nueva", web::get().to(bank_intake::form))
        .route("/banco/muestras/nueva", web::post().to(bank_intake::register))
        .route("/banco/muestras/{id}", web::get().to(bank_sample::show))
        .route("/banco/muestras/{id}/etiqueta", web::get().to(bank_label::show))
        .route("/banco/muestras/{id}/custodia", web::post().to(bank_custody::write))
        .route("/banco/muestras/{id}/numeros", web::post().to(bank_custody::add_number))
        .route("/banco/entregas/{id}", web::get().to(bank_reception::form))
        .route("/banco/entregas/{id}/recibir", web::post().to(bank_reception::receive));
}

/// Tone and shape of a state, so that what needs somebody differs without colour.
#[must_use]
pub(super) const fn state_look(state: SampleState) -> (&'static str, &'static str) {
    use SampleState as S;
    match state {
        S::Planned | S::Consented => ("plain", "ring"),
        S::Collected | S::Sealed | S::Received | S::Stored | S::Extraction => ("violet", "half"),
        S::InTransit => ("honey", "triangle"),
        S::Typed | S::ProfileReviewed | S::Banked => ("teal", "dot"),
        S::Exhausted => ("plain", "square"),
        S::ConsentWithdrawn | S::SearchStopped | S::Destroyed => ("brick", "cross"),
        S::Discrepancy | S::RejectedAtReception | S::Failed | S::LowTemplate | S::Mixture | S::Contaminated | S::ResampleRecommended => {
            ("brick", "diamond")
        }
    }
}

/// A sample in a list.
#[derive(Debug, Clone)]
pub(super) struct SampleItem {
    pub href: String,
    pub code: String,
    pub source: String,
    pub folio: String,
    pub material: String,
    pub tone: &'static str,
    pub mark: &'static str,
    pub state: String,
    pub taken: String,
}

/// Samples as a list shows them.
pub(super) fn items(p: &Page, lines: Vec<SampleLine>) -> Vec<SampleItem> {
    lines
        .into_iter()
        .map(|line| {
            let (tone, mark) = state_look(line.state.parse().unwrap_or(SampleState::SearchStopped));
            SampleItem {
                href: format!("/banco/muestras/{}", line.id),
                source: line.relation.as_deref().map_or_else(|| p.word("sample-source", &line.source), |kin| p.word("donor-relation", kin)),
                folio: line.folio.unwrap_or_default(),
                material: p.word("material", &line.material),
                tone,
                mark,
                state: p.word("sample-state", &line.state),
                taken: line.taken_on.map(|day| p.day(day)).unwrap_or_default(),
                code: line.code,
            }
        })
        .collect()
}

/// The columns of such a list.
pub(super) fn item_columns(p: &Page) -> Vec<String> {
    ["bank-col-code", "bank-col-of", "bank-material", "col-state", "bank-col-taken"].iter().map(|k| p.t(k)).collect()
}
