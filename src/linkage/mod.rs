//! Pure: what the engine knows of a described person, and what agreement or disagreement of two descriptions is worth.
//!
//! A record ([`record::PersonRecord`]) is compiled once into [`features::Features`]; [`compare`] weighs one field of two feature
//! sets as a log10 likelihood ratio with a stable level code. No I/O beyond an `std::io::Read` argument, no clock, no randomness.

pub mod birth;
pub mod chance;
pub mod compare;
pub mod corpus_csv;
pub mod features;
pub mod lexicon;
pub mod model;
pub mod phonetic;
pub mod population;
pub mod record;
pub mod spacetime;
pub mod text;
pub mod tokens;
