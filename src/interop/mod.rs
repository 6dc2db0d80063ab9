//! Files in and out: reading other people's tables, and demonstration data.
//!
//! The readers are pure: bytes in, typed rows and a list of problems out. [`run`] drives one and hands its rows to the service; what is done
//! with them there (COPY into the database, difference to accept, audit) is the service's business.
//!
//! The promises every reader of this room keeps:
//! - a bad row never stops a good one, and every input row ends as accepted, accepted with warnings, rejected or skipped
//!   ([`problem::Tally`] adds up);
//! - no column and no value is dropped in silence: what is not understood is reported and kept verbatim;
//! - memory is bounded by the limits of [`table::TableLimits`], whatever the file.

pub mod cases;
pub mod countries;
pub mod errors_csv;
pub mod gazetteer;
pub mod genotypes;
pub mod headers;
pub mod identification_report;
pub mod identifiers;
pub mod import;
pub mod joint;
pub mod kinship;
pub mod mmp;
pub mod person;
pub mod place;
pub mod problem;
pub mod profiles;
pub mod records;
pub mod register;
pub mod run;
pub mod table;
pub mod values;
pub mod vocab;

#[cfg(test)]
mod tests;
