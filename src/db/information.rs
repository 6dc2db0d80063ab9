//! How much comparing can tell of a case with what is recorded: written by the matcher, read by the case's owner.

use super::schema::case_information;
use super::tx::DbError;
use crate::domain::ids::CaseId;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Jsonb, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// One field of a case: what it brings at most.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct FieldWorth {
    /// The field.
    pub field: String,
    /// Whether the case tells it.
    pub told: bool,
    /// log10 of the weight against a record that says the very same; of a field that is not told, what it usually brings.
    pub log10: f64,
}

/// The information content of a case.
#[derive(Debug, Clone, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct CaseInformation {
    /// The model that weighed it.
    pub model: String,
    /// How strong a hypothesis with a record that says the very same would be.
    pub band: String,
    /// What the fields that are told bring at most together, log10.
    pub log10_told: f64,
    /// Every field with a worth, greatest first.
    pub fields: Vec<FieldWorth>,
    /// When it changed last.
    pub at: DateTime<Utc>,
}

/// The information content of an own case; `None` before it was compared.
///
/// # Errors
/// [`DbError`].
pub async fn of_case(conn: &mut AsyncPgConnection, case: CaseId) -> Result<Option<CaseInformation>, DbError> {
    use case_information::dsl;
    let row: Option<(String, String, serde_json::Value, DateTime<Utc>)> =
        dsl::case_information.find(case.0).select((dsl::model, dsl::band, dsl::fields, dsl::at)).first(conn).await.optional()?;
    Ok(row.map(|(model, band, fields, at)| {
        let mut fields: Vec<FieldWorth> = serde_json::from_value(fields).unwrap_or_default();
        fields.sort_by(|a, b| b.log10.total_cmp(&a.log10));
        let log10_told = fields.iter().filter(|f| f.told).map(|f| f.log10).sum();
        CaseInformation { model, band, log10_told, fields, at }
    }))
}

/// What the matcher found of one case.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Informed {
    /// The case.
    pub case: CaseId,
    /// How strong a hypothesis with a record that says the very same would be.
    pub band: String,
    /// What its fields bring.
    pub fields: Vec<FieldWorth>,
}

/// Writes the information content of cases through the matcher's narrow function.
///
/// # Errors
/// [`DbError`].
pub async fn inform(conn: &mut AsyncPgConnection, model: &str, cases: &[Informed], at: DateTime<Utc>) -> Result<(), DbError> {
    let cases = serde_json::to_value(cases).map_err(|e| DbError::Other(diesel::result::Error::SerializationError(Box::new(e))))?;
    diesel::sql_query("SELECT matcher_inform($1, $2, $3)")
        .bind::<Text, _>(model)
        .bind::<Jsonb, _>(cases)
        .bind::<Timestamptz, _>(at)
        .execute(conn)
        .await?;
    Ok(())
}
