//! The pages of geneticists: profiles, families with what remains weigh for them, searches of the bank. Nobody else opens any of them.

use super::session::SignedIn;
use super::{genetics_editor, genetics_families, genetics_joint, genetics_power, genetics_profile, genetics_runs};
use crate::domain::authority::Right;
use crate::services::ServiceError;
use actix_web::web;

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes
        .configure(genetics_runs::configure)
        .configure(genetics_joint::configure)
        .configure(genetics_profile::configure)
        .configure(genetics_editor::configure)
        .configure(genetics_power::configure)
        .configure(genetics_families::configure);
}

/// Refuses everybody but geneticists, before a form is read.
pub(super) fn geneticist(who: &SignedIn) -> Result<(), ServiceError> {
    Ok(who.actor().require(Right::Genetics)?)
}
