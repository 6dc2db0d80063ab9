//! The pure words of the trade: no database, no network, no clock, no randomness.
//!
//! What a case, a found record, a hypothesis, a consent or an agreement *is*, which moves its life cycle allows, and who may
//! see which part of it. Everything else in the house uses these words and adds the machinery.

pub mod actor;
pub mod authority;
pub mod case;
pub mod country;
pub mod custody;
pub mod dates;
pub mod disclosure;
pub mod disposition;
pub mod duplicate;
pub mod folio;
pub mod found;
pub mod hypothesis;
pub mod identification;
pub mod identity_document;
pub mod ids;
pub mod import;
pub mod individuals;
pub mod known;
pub mod notification;
pub mod person;
pub mod place;
pub mod reassociation;
pub mod remains;
pub mod restitution;
pub mod sample;
pub mod skeleton;
pub mod time;
pub mod violations;
#[macro_use]
mod vocabulary;
pub use vocabulary::UnknownWord;
