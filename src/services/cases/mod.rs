//! Cases: intake, reading, correcting, moving.

mod correct;
mod moves;
mod read;
mod register;
mod report;

pub use correct::{CaseCorrection, Itinerary, correct};
pub use moves::{CaseMove, NewAction, command, finish_action, plan_action, renew_pin, set_family_phase};
pub use read::{CaseFile, CaseView, count, file, list, read};
pub use register::{Registered, register};
pub use report::{ConsentForm, ConsentGrant, Inquirer, Leg, NewCase};

pub(crate) use correct::{differing_fields, to_json};
pub(crate) use read::{sight, view};
pub(crate) use register::{Stamp, announce, first_action, inquirer_row, next_folio, register_in, row_of};
