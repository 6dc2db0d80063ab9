//! Whether a sealed report is authentic: anybody may ask, and learns of nobody.

use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::{Role, Scope, identifications};
use crate::domain::authority::Purpose;
use crate::domain::identification::Standing;
use crate::domain::ids::AuthorityId;
use crate::services::ServiceError;
use chrono::{DateTime, Utc};
use serde::Serialize;

/// What a verification tells: no person, no folio, no kind of document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Verification {
    /// When it was sealed.
    pub issued_at: DateTime<Utc>,
    /// The institutions that signed it.
    pub institutions: Vec<String>,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Whether it stands.
    pub standing: Standing,
}

/// Verifies a code. A wrong one has 2^-128 to be right, so asking often helps nobody, and an unknown and an impossible one are one answer.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn verify(app: &App, code: &str) -> Result<Verification, ServiceError> {
    let code = code.trim().to_ascii_lowercase();
    let mut tx = app.pool.begin(Role::Auth, &Scope::default()).await?;
    let found = identifications::verify(&mut tx, &code.chars().take(64).collect::<String>()).await?.ok_or(ServiceError::NotFound)?;
    let drafted = AuthorityId(found.drafted);
    let event = Event::on("verify", "identification_report", found.report_id, drafted);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::system(drafted, Purpose::Identification), event).await?;
    tx.commit().await?;
    let standing = found.standing.parse().unwrap_or(Standing::Consult);
    Ok(Verification { issued_at: found.issued_at, institutions: found.institutions, sha256: hex::encode(found.sha256), standing })
}
