//! Relatives who give samples, and their consent: executable, not a note. Without one that covers the institution nothing of theirs is kept, and with its
//! withdrawal every search ends in the same transaction.

use crate::app::App;
use crate::db::audit::{self, Event, Who};
use crate::db::consents::{self, ConsentRow};
use crate::db::forms::OnceKey;
use crate::db::samples::{self, DonorRow};
use crate::db::{Tx, cases, feed, queue};
use crate::domain::actor::Actor;
use crate::domain::authority::{AuthorityKind, Purpose, Right};
use crate::domain::ids::{CaseId, DonorId};
use crate::domain::sample::Kin;
use crate::domain::violations::Violations;
use crate::services::ServiceError;
use crate::services::cases::next_folio;
use crate::services::once::{self, Done};
use chrono::Datelike;
use serde::{Deserialize, Serialize};

/// Sex, as far as a pedigree asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the variants say it")]
pub enum DonorSex {
    Female,
    Male,
}

/// A donor's consent to sampling, typing and search: for identification only, by institutions of these kinds.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DonorConsent {
    /// Kinds of institutions that may keep the sample and its profile and search with it. A bank that is not of them cannot.
    pub institutions: Vec<AuthorityKind>,
    /// Language it was explained in.
    pub language: String,
    /// Who explained it.
    pub explained_by: String,
    /// Who gave it: the donor, or a guardian.
    pub granted_by: String,
    /// Version of the form.
    pub form_version: String,
    /// Day after which it no longer holds.
    #[serde(default)]
    pub until: Option<chrono::NaiveDate>,
}

impl DonorConsent {
    fn check(&self, at: &str, today: chrono::NaiveDate, faults: &mut Violations) {
        if self.institutions.is_empty() {
            faults.add(&format!("{at}/institutions"), "empty", "name at least one kind of institution that may keep and search the sample");
        }
        if self.institutions.len() > AuthorityKind::ALL.len() {
            faults.add(&format!("{at}/institutions"), "too_many", "names an institution twice");
        }
        let texts = [
            ("language", &self.language),
            ("explained_by", &self.explained_by),
            ("granted_by", &self.granted_by),
            ("form_version", &self.form_version),
        ];
        for (field, text) in texts {
            if text.trim().is_empty() {
                faults.add(&format!("{at}/{field}"), "empty", "is part of a consent");
            }
            faults.check_text(&format!("{at}/{field}"), text, 200);
        }
        if self.until.is_some_and(|day| day < today) {
            faults.add(&format!("{at}/until"), "past", "the consent would have ended already");
        }
    }

    fn rows(&self, app: &App, actor: &Actor, donor: DonorId) -> Vec<ConsentRow> {
        let form_id = app.ids.next();
        let mut institutions = self.institutions.clone();
        institutions.sort_unstable();
        institutions.dedup();
        let row = |kind: &AuthorityKind| ConsentRow {
            id: app.ids.next(),
            authority_id: actor.authority.0,
            subject_kind: "donor".to_owned(),
            subject_id: donor.0,
            form_id,
            purpose: Purpose::Identification.as_str().to_owned(),
            recipient_kind: kind.as_str().to_owned(),
            categories: vec!["genetics".to_owned()],
            basis: "consent".to_owned(),
            language: self.language.clone(),
            explained_by: self.explained_by.clone(),
            granted_by: self.granted_by.clone(),
            form_version: self.form_version.clone(),
            granted_at: app.now(),
            expires_at: self.until.and_then(|day| day.succ_opt()).and_then(|day| day.and_hms_opt(0, 0, 0)).map(|end| end.and_utc()),
            withdrawn_at: None,
            withdrawn_reason: None,
        };
        institutions.iter().map(row).collect()
    }
}

/// A donor as registered.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDonor {
    /// The case of the missing person.
    pub case: CaseId,
    /// What the donor is to the missing person.
    pub relation: Kin,
    /// Name; the bank that types the sample does not see it.
    pub name: String,
    /// Sex.
    #[serde(default)]
    pub sex: Option<DonorSex>,
    /// Consent. Without one the donor is on record and nothing can be taken.
    #[serde(default)]
    pub consent: Option<DonorConsent>,
}

/// A donor just registered.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct RegisteredDonor {
    /// Id.
    pub id: DonorId,
    /// Code: what stands on samples.
    pub code: String,
}

/// Registers a donor, once per key.
///
/// # Errors
/// [`ServiceError::Invalid`] with every fault; [`ServiceError::NotFound`] for a case the actor may not know of; [`ServiceError::Reused`].
pub async fn register(app: &App, actor: &Actor, key: Option<&OnceKey>, new: NewDonor) -> Result<Done<RegisteredDonor>, ServiceError> {
    actor.require(Right::WriteSamples)?;
    let mut faults = Violations::default();
    if new.name.trim().is_empty() {
        faults.add("/name", "empty", "write the donor's name");
    }
    faults.check_text("/name", &new.name, 400);
    if let Some(consent) = &new.consent {
        consent.check("/consent", app.clock.today(), &mut faults);
    }
    faults.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let id = DonorId::new(&*app.ids);
    if let Some(made) = once::claim(&mut tx, app, actor, key, id.0).await? {
        let row = samples::donor(&mut tx, DonorId(made)).await?;
        return Ok(Done::again(RegisteredDonor { id: DonorId(row.id), code: row.code }));
    }
    let case = cases::get(&mut tx, new.case).await?;
    let code = next_folio(&mut tx, actor.authority, "D", now.year()).await?.to_string();
    let row = DonorRow {
        id: id.0,
        authority_id: actor.authority.0,
        code: code.clone(),
        case_id: case.id,
        relation: new.relation.as_str().to_owned(),
        name: new.name.clone(),
        sex: new.sex.map(|s| if s == DonorSex::Female { "female" } else { "male" }.to_owned()),
        created_by: actor.user.0,
        created_at: now,
    };
    samples::insert_donor(&mut tx, &row).await?;
    if let Some(consent) = &new.consent {
        consents::insert(&mut tx, &consent.rows(app, actor, id)).await?;
    }
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("create", "donor", id, actor.authority)).await?;
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("register_donor", "case", case.id, case.owner())).await?;
    tx.commit().await?;
    Ok(Done::first(RegisteredDonor { id, code }))
}

/// A donor as an institution may see one.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DonorView {
    /// Id.
    pub id: DonorId,
    /// Code.
    pub code: String,
    /// The case of the missing person.
    pub case: CaseId,
    /// What the donor is to the missing person.
    pub relation: String,
    /// Sex, if told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
    /// Name, for the institution that registered the donor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Consents, for the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consents: Option<Vec<ConsentRow>>,
    /// Whether a consent covers the reading institution's keeping and searching the sample.
    pub covered: bool,
}

async fn view(tx: &mut Tx, actor: &Actor, row: DonorRow) -> Result<DonorView, ServiceError> {
    let own = row.authority_id == actor.authority.0;
    let covered = samples::donor_consents(tx, DonorId(row.id), actor.authority).await?;
    let consents = if own { Some(consents::of_subject(tx, row.id).await?) } else { None };
    Ok(DonorView {
        id: DonorId(row.id),
        code: row.code,
        case: CaseId(row.case_id),
        relation: row.relation,
        sex: row.sex,
        name: own.then_some(row.name),
        consents,
        covered,
    })
}

/// Reads a donor, audited.
///
/// # Errors
/// [`ServiceError::NotFound`].
pub async fn read(app: &App, actor: &Actor, id: DonorId) -> Result<DonorView, ServiceError> {
    actor.require(Right::ReadSamples)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let row = samples::donor(&mut tx, id).await?;
    let owner = crate::domain::ids::AuthorityId(row.authority_id);
    let view = view(&mut tx, actor, row).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "donor", id, owner)).await?;
    tx.commit().await?;
    Ok(view)
}

/// The donors of a case that the actor may see, audited.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn of_case(app: &App, actor: &Actor, case: CaseId) -> Result<Vec<DonorView>, ServiceError> {
    actor.require(Right::ReadSamples)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let mut donors = Vec::new();
    for row in samples::donors_of_case(&mut tx, case.0).await? {
        donors.push(view(&mut tx, actor, row).await?);
    }
    let event = Event::on_many("list", "donor", donors.iter().map(|d| d.id.0).collect(), None);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(donors)
}

async fn own(tx: &mut Tx, actor: &Actor, id: DonorId) -> Result<DonorRow, ServiceError> {
    let row = samples::donor(tx, id).await?;
    if row.authority_id == actor.authority.0 { Ok(row) } else { Err(ServiceError::NotFound) }
}

/// Records a donor's consent.
///
/// # Errors
/// [`ServiceError::Invalid`]; [`ServiceError::NotFound`] for anybody but the institution that registered the donor; [`ServiceError::Reused`].
pub async fn give_consent(
    app: &App,
    actor: &Actor,
    id: DonorId,
    key: Option<&OnceKey>,
    consent: DonorConsent,
) -> Result<Done<()>, ServiceError> {
    actor.require(Right::WriteSamples)?;
    let mut faults = Violations::default();
    consent.check("", app.clock.today(), &mut faults);
    faults.into_result()?;
    let mut tx = app.pool.begin_for(actor).await?;
    own(&mut tx, actor, id).await?;
    if once::claim(&mut tx, app, actor, key, id.0).await?.is_some() {
        return Ok(Done::again(()));
    }
    consents::insert(&mut tx, &consent.rows(app, actor, id)).await?;
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("give_consent", "donor", id, actor.authority)).await?;
    feed::append(&mut tx, "donor", &[id.0]).await?;
    queue::enqueue(&mut tx, "search_bank", serde_json::json!({ "donors": [id] }), None, 20).await?;
    tx.commit().await?;
    Ok(Done::first(()))
}

/// Withdraws a donor's consent, whole. In one transaction: the consent ends, the profiles leave the search wherever they are kept, what they weighed is taken
/// back, whoever has a sample is called upon to end what is done with it, and the families are weighed anew without the donor. Returns how many pairs rested on
/// the donor.
///
/// # Errors
/// [`ServiceError::Invalid`]; [`ServiceError::NotFound`] for anybody but the institution that registered the donor.
pub async fn withdraw_consent(app: &App, actor: &Actor, id: DonorId, reason: &str) -> Result<usize, ServiceError> {
    actor.require(Right::WriteSamples)?;
    let mut faults = Violations::default();
    faults.check_text("/reason", reason, 1000);
    faults.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    own(&mut tx, actor, id).await?;
    let ended = consents::withdraw(&mut tx, id.0, None, None, reason, now).await?;
    let pairs = samples::stop_search(&mut tx, id, now).await?;
    let detail = serde_json::json!({ "ended": ended, "pairs": pairs.len() });
    let event = Event::on("withdraw_consent", "donor", id, actor.authority).detail(detail);
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), event).await?;
    feed::append(&mut tx, "donor", &[id.0]).await?;
    queue::enqueue(&mut tx, "search_bank", serde_json::json!({ "donors": [id] }), None, 20).await?;
    tx.commit().await?;
    Ok(pairs.len())
}
