//! What a sealed report says, for whoever draws it. The drawer is handed in by the caller, because drawing belongs to `interop`, which stands above.

use super::opinion::GeneticOpinion;
use super::snapshot::Snapshot;
use crate::app::App;
use crate::db::identifications::{self, IdentificationRow, ReportRow, SignatureRow};
use crate::db::{Tx, accounts};
use crate::domain::actor::Actor;
use crate::domain::identification::{Method, ReportLanguage};
use crate::domain::ids::{AuthorityId, IdentificationId};
use crate::services::ServiceError;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Draws a report: the same content gives the same bytes.
pub type Draw = fn(&ReportContent) -> anyhow::Result<Vec<u8>>;

/// An institution as a report names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Institution {
    /// Its name.
    pub name: String,
    /// Its kind, a word of the closed list.
    pub kind: String,
    /// Its country, ISO 3166-1 alpha-3.
    pub country: String,
}

/// A signature as a report names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// Who.
    pub name: String,
    /// The role that they signed in, a word of the closed list.
    pub office: String,
    /// Of which institution.
    pub institution: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Everything a report says. No genotype, no name of the missing person or of the family.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportContent {
    /// In which language.
    pub language: ReportLanguage,
    /// The identification's number.
    pub number: String,
    /// Which version of its report.
    pub version: i16,
    /// When this version is sealed.
    pub sealed_at: DateTime<Utc>,
    /// When the identification was issued.
    pub issued_at: DateTime<Utc>,
    /// The case's institution.
    pub case_institution: Institution,
    /// The institution that keeps the remains.
    pub found_institution: Institution,
    /// The case's folio.
    pub case_folio: String,
    /// The remains' folio.
    pub found_folio: String,
    /// Who drafted it: name and institution.
    pub drafted_by: (String, String),
    /// The two signatures.
    pub signatures: Vec<Signed>,
    /// On what it rests.
    pub methods: Vec<Method>,
    /// Why that identifies.
    pub reasoning: String,
    /// What is concluded.
    pub conclusion: String,
    /// What it cannot say.
    pub limits: String,
    /// What DNA says.
    pub opinion: Option<GeneticOpinion>,
    /// Weights, prior, coverage, registries, models, alternatives.
    pub snapshot: Snapshot,
    /// SHA-256 of what both signed, hexadecimal.
    pub content_hash: String,
    /// Where anybody can ask whether it is authentic.
    pub verification_url: String,
}

/// SHA-256 of what is signed: everything the identification says and rests on, under its number and round.
pub(super) fn content_hash(row: &IdentificationRow) -> Vec<u8> {
    let content = serde_json::json!({
        "number": row.number, "round": row.round, "case": row.case_id, "found_record": row.found_id, "hypothesis": row.hypothesis_id,
        "methods": row.methods, "reasoning": row.reasoning, "conclusion": row.conclusion, "limits": row.limits,
        "opinion": row.opinion, "snapshot": row.snapshot,
    });
    Sha256::digest(content.to_string().as_bytes()).to_vec()
}

async fn institution(tx: &mut Tx, id: uuid::Uuid) -> Result<Institution, ServiceError> {
    let row = accounts::authority(tx, AuthorityId(id)).await?;
    Ok(Institution { name: row.name, kind: row.kind, country: row.country })
}

/// Draws and keeps the next version of an issued identification's report.
pub(super) async fn seal(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    row: &IdentificationRow,
    (language, draw): (ReportLanguage, Draw),
) -> Result<i16, ServiceError> {
    let id = IdentificationId(row.id);
    let inside = |what: &'static str| ServiceError::Internal(anyhow::anyhow!(what));
    let signatures: Vec<SignatureRow> = identifications::signatures(tx, id).await?.into_iter().filter(|s| s.round == row.round).collect();
    let [case, found] = [institution(tx, row.case_authority).await?, institution(tx, row.found_authority).await?];
    let name_of = |id: uuid::Uuid| if id == row.case_authority { case.name.clone() } else { found.name.clone() };
    let version = identifications::reports(tx, id).await?.last().map_or(0, |r| r.version).saturating_add(1);
    let mut bits = [0; 16];
    app.random.fill(&mut bits);
    let code = hex::encode(bits);
    let content = ReportContent {
        language,
        number: row.number.clone(),
        version,
        sealed_at: app.now(),
        issued_at: row.issued_at.ok_or_else(|| inside("a report is sealed once it is issued"))?,
        case_folio: row.case_folio.clone(),
        found_folio: row.found_folio.clone(),
        drafted_by: (row.drafted_name.clone(), name_of(row.drafted_authority)),
        signatures: signatures
            .iter()
            .map(|s| Signed { name: s.name.clone(), office: s.office.clone(), institution: name_of(s.authority_id), at: s.at })
            .collect(),
        methods: row.methods(),
        reasoning: row.reasoning.clone(),
        conclusion: row.conclusion.clone(),
        limits: row.limits.clone(),
        opinion: GeneticOpinion::kept(row.opinion.as_ref()),
        snapshot: Snapshot::kept(row).ok_or_else(|| inside("an issued identification has its snapshot"))?,
        content_hash: hex::encode(content_hash(row)),
        verification_url: format!("{}/verificar/{code}", app.settings.http.public_url.trim_end_matches('/')),
        case_institution: case,
        found_institution: found,
    };
    let bytes = tokio::task::spawn_blocking(move || draw(&content)).await.map_err(|e| ServiceError::Internal(e.into()))?;
    let bytes = bytes.map_err(ServiceError::Internal)?;
    let report = ReportRow {
        id: app.ids.next(),
        identification_id: row.id,
        authority_id: actor.authority.0,
        version,
        language: language.to_string(),
        sha256: Sha256::digest(&bytes).to_vec(),
        bytes,
        code,
        issued_at: app.now(),
    };
    identifications::insert_report(tx, &report).await?;
    Ok(version)
}
