//! The pages: staff, families, associations, partners. Every page's route stands inside the frame, which knows who asks.

mod admin;
mod admin_agreements;
mod admin_audit;
mod assets;
mod association;
mod bank;
mod bank_bench;
mod bank_consent;
mod bank_custody;
mod bank_donors;
mod bank_intake;
mod bank_label;
mod bank_reception;
mod bank_sample;
mod bank_withdraw;
mod case_consent;
mod case_correct;
mod case_deeds;
mod case_file;
mod case_fill;
mod case_form;
mod case_history;
mod case_information;
mod case_list;
mod case_merge;
mod case_new;
mod case_places;
mod case_saved;
mod case_views;
mod cases;
pub mod charts;
mod compare;
mod day;
mod density_chart;
pub mod duplicates;
pub mod error;
mod evidence;
mod explanations;
mod family;
mod family_data;
pub mod forms;
mod found;
mod found_correct;
mod found_file;
mod found_form;
mod found_list;
mod frame;
mod genetics;
mod genetics_editor;
mod genetics_families;
mod genetics_joint;
mod genetics_power;
mod genetics_profile;
mod genetics_results;
mod genetics_runs;
mod hypotheses;
pub mod i18n;
mod identification;
mod identification_deeds;
mod identifications;
mod imports;
mod life;
mod mapdata;
mod notification;
mod notifications;
pub mod page;
mod partner;
mod patterns;
mod pedigree_chart;
mod pedigree_layout;
mod person_form;
mod remains;
mod remains_chart;
mod remains_element;
mod remains_elements;
mod remains_file;
mod remains_forms;
mod remains_images;
mod remains_new;
pub mod respond;
mod restitution;
mod restitution_deeds;
mod restitutions;
mod routes;
mod routes_map;
pub mod session;
mod start;
mod upload;
mod verification;
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
            .configure(family::configure)
            .configure(association::configure)
            .configure(imports::configure)
            .configure(hypotheses::configure)
            .configure(duplicates::configure)
            .configure(identifications::configure)
            .configure(notifications::configure)
            .configure(restitutions::configure)
            .configure(explanations::configure)
            .configure(found::configure)
            .configure(remains::configure)
            .configure(cases::configure)
            .configure(bank::configure)
            .configure(day::configure)
            .configure(routes::configure)
            .configure(patterns::configure)
            .configure(genetics::configure)
            .configure(partner::configure)
            .configure(admin::configure)
            .default_service(web::to(nowhere)),
    );
}

async fn nowhere() -> respond::Answer {
    Err(PortalError::Service(crate::services::ServiceError::NotFound))
}
