//! Remains of a found record: taken in, inventoried, re-associated, examined, laid down. All of it is the holding authority's own; partners see what the found
//! record's disclosure gives and nothing of this.

pub mod associations;
pub mod elements;
pub mod images;
pub mod moves;
pub mod operations;
pub mod picture;
pub mod read;
pub mod register;

pub use read::{RemainsFile, file};
pub use register::{NewRemains, RegisteredRemains, of_found, register};

use super::ServiceError;
use super::cases::next_folio;
use crate::db::Tx;
use crate::domain::ids::AuthorityId;
use crate::domain::violations::Violations;

/// One fault, at its place.
fn fault(pointer: &str, code: &'static str, message: &str) -> ServiceError {
    let mut faults = Violations::default();
    faults.add(pointer, code, message);
    ServiceError::Invalid(faults)
}

/// Notes texts that are too long or hold what no field holds.
fn check_texts(texts: &[(&str, &Option<String>, usize)], faults: &mut Violations) {
    for (pointer, text, most) in texts {
        if let Some(text) = text {
            faults.check_text(pointer, text, *most);
        }
    }
}

/// A text without blanks around; `None` when nothing is left.
fn told(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

/// The next code of a series: `H` for remains, `E` for elements.
async fn next_code(tx: &mut Tx, owner: AuthorityId, series: &str, year: i32) -> Result<String, ServiceError> {
    Ok(next_folio(tx, owner, series, year).await?.to_string())
}
