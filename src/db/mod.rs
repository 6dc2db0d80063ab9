//! The only room that names diesel. Functions take a connection or a [`Tx`], return a typed outcome, and never commit.

pub mod accounts;
pub mod agreements;
pub mod audit;
pub mod cases;
pub mod consents;
pub mod corrections;
pub mod feed;
pub mod found;
pub mod hypotheses;
pub mod messages;
pub mod migrate;
pub mod partners;
pub mod persons;
pub mod places;
pub mod queue;
#[expect(missing_docs, reason = "generated from the catalogue; the migrations say what each column is")]
pub mod schema;
pub mod subjects;
pub mod tx;

pub use tx::{DbError, Pool, Role, Scope, Tx};
