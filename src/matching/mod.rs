//! Pure: candidates, evidence, posterior and explanation over the in-memory store of everything the node may compare.
//!
//! [`store::Store`] holds compiled features of both sides; [`rank`] finds a record's best counterparts; [`score`] weighs one pair;
//! [`link`] compares two whole files; [`incident`] weighs a closed list; [`train`] fits the model to pairs; [`explain`] holds the code tables for translations.

mod bounds;
pub mod explain;
mod hits;
pub mod incident;
mod index;
pub mod joint;
mod lanes;
pub mod link;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod properties;
pub mod rank;
pub mod relative;
pub mod score;
pub mod store;
pub mod train;
