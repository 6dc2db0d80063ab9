//! The forensic bank: donors and their consent, samples, custody, profiles, pedigrees, the search.

pub mod custody;
pub mod desk;
pub mod donors;
pub mod joint;
pub mod pedigrees;
pub mod power;
pub mod profiles;
pub mod runs;
pub mod samples;
pub mod seal;
pub mod weighing;
