//! The sealed report of an identification as JSON: everything it says, in one fixed order, so that the same content gives the same bytes.

use crate::services::identification::ReportContent;

/// The media type of the bytes.
pub const MEDIA_TYPE: &str = "application/json";
/// What a file of them ends in.
pub const ENDING: &str = "json";

/// Draws a report.
///
/// # Errors
/// When the content cannot be written, which a number that is none would be.
pub fn bytes(content: &ReportContent) -> anyhow::Result<Vec<u8>> {
    Ok(serde_json::to_vec_pretty(content)?)
}
