//! Kinship from DNA: markers and their frequencies, pedigrees, mutation, and how likely what was typed is if a pedigree holds. Pure; see the design's
//! sources in each file.

pub mod bank;
mod elimination;
pub mod frequency;
pub mod identity;
pub mod joint;
pub mod kinship;
pub mod likelihood;
pub mod lineage;
pub mod loci;
pub mod marker;
pub mod mutation;
pub mod pedigree;
pub mod power;
pub mod profile;
pub mod search;
pub mod store;
pub mod tables;
mod urn;
