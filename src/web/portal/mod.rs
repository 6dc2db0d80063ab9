//! The pages: staff, families, associations, partners. Every page's route stands inside the frame, which knows who asks.

mod admin;
mod admin_agreements;
mod admin_audit;
mod assets;
pub mod charts;
mod compare;
pub mod error;
pub mod forms;
mod found;
mod found_correct;
mod found_file;
mod found_form;
mod found_list;
mod frame;
mod hypotheses;
pub mod i18n;
mod imports;
mod mapdata;
pub mod page;
mod partner;
mod person_form;
pub mod respond;
mod routes;
mod routes_map;
pub mod session;
mod start;
mod upload;
mod views;

use actix_web::middleware::{Compress, from_fn};
use actix_web::web;
use error::PortalError;

/// Registers the pages' routes. To be called after everything else: it answers whatever no other route took.
pub fn configure(routes: &mut web::ServiceConfig) {
    routes.configure(assets::configure).service(
        web::scope("")
            .wrap(from_fn(frame::frame))
            .wrap(Compress::default())
            .configure(start::configure)
            .configure(imports::configure)
            .configure(hypotheses::configure)
            .configure(found::configure)
            .configure(routes::configure)
            .configure(partner::configure)
            .configure(admin::configure)
            .default_service(web::to(nowhere)),
    );
}

async fn nowhere() -> respond::Answer {
    Err(PortalError::Service(crate::services::ServiceError::NotFound))
}
