//! Kinship from DNA: markers and their frequencies, pedigrees, mutation, and how likely what was typed is if a pedigree holds. Pure; see the design's
//! sources in each file.

pub mod bank;
mod elimination;
pub mod frequency;
pub mod identity;
pub mod kinship;
pub mod likelihood;
pub mod marker;
pub mod mutation;
pub mod pedigree;
pub mod power;
pub mod search;
mod urn;
