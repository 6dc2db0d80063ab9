//! The use cases. Each checks the right, opens the transaction, writes, audits, enqueues, commits. A handler calls one of these, and so does
//! an importer, a job and a command.

pub mod accounts;
pub mod admin;
pub mod administration;
pub mod agreements;
pub mod association;
pub mod bank;
pub mod bulk;
pub mod cases;
pub mod consents;
pub mod desk;
pub mod duplicates;
pub mod engine;
pub mod error;
pub mod explanations;
pub mod family;
pub mod found;
pub mod hypotheses;
pub mod identification;
pub mod imports;
pub mod layers;
pub mod notification;
pub mod once;
pub mod partners;
pub mod patterns;
pub mod reach;
pub mod remains;
pub mod restitution;
pub mod rivalry;
pub mod space;

pub use error::ServiceError;
