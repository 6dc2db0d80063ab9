//! Hypotheses: the queue, the review page, verdicts of two people of two institutions, exclusions.

use super::ServiceError;
use super::cases::CaseView;
use super::found::FoundView;
use super::rivalry::{self, Rivalry};
use crate::app::App;
use crate::db::audit::{self, AccessLine, Event, Who};
use crate::db::duplicates::DuplicateLine;
use crate::db::hypotheses::{self, EarlierScore, HypothesisLine, HypothesisRow, NewExclusion, OddsKey, QueueFilter, ReviewRow, StoredEvidence};
use crate::db::{Tx, feed, messages};
use crate::domain::actor::Actor;
use crate::domain::authority::Right;
use crate::domain::disclosure::Sight;
use crate::domain::duplicate::DuplicateKind;
use crate::domain::hypothesis::{
    ExclusionStrength, GivenVerdict, HypothesisCommand, HypothesisState, Reason, RoundOutcome, Verdict, add_verdict,
};
use crate::domain::ids::{AuthorityId, CaseId, FoundId, HypothesisId};
use crate::domain::violations::Violations;
use crate::linkage::model::Millibans;
use crate::matching::score::Field;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One page of the authority's queue, audited.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: &QueueFilter,
    after: Option<OddsKey>,
    limit: i64,
) -> Result<Vec<HypothesisLine>, ServiceError> {
    actor.require(Right::ReadHypotheses)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let lines = lines(&mut tx, actor, filter, after, limit.clamp(1, 200)).await?;
    let event = Event::on_many("list", "hypothesis", lines.iter().map(|l| l.id).collect(), None);
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok(lines)
}

/// One page of the queue with its evidence cut as on the review page: a level beside one's own record tells the other's value.
pub(super) async fn lines(
    tx: &mut Tx,
    actor: &Actor,
    filter: &QueueFilter,
    after: Option<OddsKey>,
    limit: i64,
) -> Result<Vec<HypothesisLine>, ServiceError> {
    let mut lines = hypotheses::list(tx, actor.authority, actor.user, filter, after, limit).await?;
    for line in &mut lines {
        let sight =
            |owner: Uuid, shared: &[String]| Sight::decide(AuthorityId(owner), actor.authority, shared.iter().filter_map(|c| c.parse().ok()));
        let (case, found) = (sight(line.case_authority, &line.case_shared), sight(line.found_authority, &line.found_shared));
        let stored: Vec<StoredEvidence> = serde_json::from_value(std::mem::take(&mut line.evidence)).unwrap_or_default();
        line.evidence = super::cases::to_json(&cut_evidence(&stored, Some(&case), Some(&found)));
    }
    Ok(lines)
}

/// How many open hypotheses the authority may see, by band.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn open_by_band(app: &App, actor: &Actor) -> Result<Vec<(String, i64)>, ServiceError> {
    actor.require(Right::ReadHypotheses)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let bands = hypotheses::open_by_band(&mut tx, actor.authority).await?;
    tx.commit().await?;
    Ok(bands)
}

/// One compared field as the reviewer may see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SeenEvidence {
    /// The field; `reserved` where a side is not disclosed to this audience.
    pub field: String,
    /// agree, partial, disagree, explainable, `not_comparable` or reserved.
    pub comparison: String,
    /// Stable code of the level.
    pub level: String,
    /// Weight: log10 of the likelihood ratio. All weights and the prior add up to the total.
    pub log10_lr: f64,
    /// The frequency the weight rests on: share of comparable records that agree as well by chance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<f64>,
    /// When it could not be compared, who lacks it: case, `found_record` or both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lacking: Option<String>,
    /// And what it usually brings at most where both tell it, log10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worth: Option<f64>,
}

impl From<&StoredEvidence> for SeenEvidence {
    fn from(e: &StoredEvidence) -> Self {
        Self {
            field: e.field.clone(),
            comparison: e.comparison.clone(),
            level: e.level.clone(),
            log10_lr: e.log10_lr,
            frequency: e.frequency,
            lacking: e.lacking.clone(),
            worth: e.worth,
        }
    }
}

/// A hypothesis as the review page shows it.
#[derive(Debug, Clone)]
pub struct HypothesisView {
    /// The row.
    pub row: HypothesisRow,
    /// The case, cut; `None` when this audience may not see it.
    pub case: Option<CaseView>,
    /// The found record, cut; `None` when this audience may not see it.
    pub found: Option<FoundView>,
    /// The evidence, cut the same way; it adds up all the same.
    pub evidence: Vec<SeenEvidence>,
    /// What it is worth beside its rivals; none once it is decided or ended.
    pub rivalry: Option<Rivalry>,
    /// What it weighed before, with the model of each time; newest first.
    pub earlier_scores: Vec<EarlierScore>,
    /// The verdicts this reviewer may see: their own, and all once it is decided.
    pub reviews: Vec<ReviewRow>,
    /// How many verdicts the present round has.
    pub given: i64,
    /// Whether this reviewer has given theirs in the present round.
    pub mine_given: bool,
    /// Whether the reader's institution has given its verdict in the present round, whoever it was.
    pub ours_given: bool,
    /// The moves that are possible now.
    pub legal: Vec<HypothesisCommand>,
    /// What was done with it, as far as the reader's institution may know; newest first.
    pub history: Vec<AccessLine>,
    /// Names of the institutions that appear here.
    pub institutions: Vec<(Uuid, String)>,
    /// Records linked to one of the two as the same person's, as far as the reader may see the link.
    pub linked: Vec<DuplicateLine>,
}

/// Earlier scores that are shown.
const EARLIER: i64 = 20;

/// Evidence as an audience may see it: a field that either side reserves is told neither by its level nor by how common it is nor by who lacks it;
/// the weights of all reserved fields are one sum, exact in thousandths.
pub(super) fn cut_evidence(stored: &[StoredEvidence], case: Option<&Sight>, found: Option<&Sight>) -> Vec<SeenEvidence> {
    let covers = |sight: Option<&Sight>, field: &str| sight.is_some_and(|s| s.covers_field(field));
    let mut seen = Vec::new();
    let mut reserved = Millibans(0);
    let mut any_reserved = false;
    for e in stored {
        // What follows from the other fields comes last and is no field of a person; it goes with what is reserved.
        let open = if Field::is_derived_code(&e.field) { !any_reserved } else { covers(case, &e.field) && covers(found, &e.field) };
        if open {
            seen.push(e.into());
        } else if e.log10_lr != 0.0 || e.comparison != "not_comparable" {
            reserved += Millibans::from_log10(e.log10_lr);
            any_reserved = true;
        }
    }
    if any_reserved {
        seen.push(SeenEvidence {
            field: "reserved".to_owned(),
            comparison: "reserved".to_owned(),
            level: "reserved".to_owned(),
            log10_lr: reserved.log10(),
            frequency: None,
            lacking: None,
            worth: None,
        });
    }
    seen
}

async fn view(tx: &mut Tx, actor: &Actor, id: HypothesisId) -> Result<HypothesisView, ServiceError> {
    let row = hypotheses::get(tx, id).await?;
    let optional = |r: Result<_, ServiceError>| match r {
        Ok(v) => Ok(Some(v)),
        Err(ServiceError::NotFound) => Ok(None),
        Err(e) => Err(e),
    };
    let case = optional(super::cases::view(tx, actor, CaseId(row.case_id)).await)?;
    let found = match super::found::view(tx, actor, FoundId(row.found_id)).await {
        Ok(v) => Some(v),
        Err(ServiceError::NotFound) => None,
        Err(e) => return Err(e),
    };
    let stored: Vec<StoredEvidence> = serde_json::from_value(row.evidence.clone()).unwrap_or_default();
    let evidence = cut_evidence(&stored, case.as_ref().map(|c| &c.sight), found.as_ref().map(|f| &f.sight));
    let reviews = hypotheses::reviews(tx, id).await?;
    let earlier_scores = hypotheses::earlier_scores(tx, id, EARLIER).await?;
    let round = hypotheses::round(tx, id).await?;
    let given = hypotheses::review_count(tx, id, round).await?;
    let mine_given = reviews.iter().any(|r| r.round == round && r.reviewer == actor.user.0);
    let ours_given = mine_given || hypotheses::institution_gave(tx, id, actor.authority, round).await?;
    let history = audit::of_subject(tx, id.0, 50).await?;
    let mut involved: Vec<Uuid> = reviews.iter().map(|r| r.authority_id).chain([row.case_authority, row.found_authority]).collect();
    involved.sort_unstable();
    involved.dedup();
    let mut institutions = Vec::with_capacity(involved.len());
    for authority in involved {
        institutions.push((authority, crate::db::accounts::authority(tx, AuthorityId(authority)).await?.name));
    }
    let mut linked = super::duplicates::links_of(tx, actor, DuplicateKind::Case, row.case_id).await?;
    linked.extend(super::duplicates::links_of(tx, actor, DuplicateKind::FoundRecord, row.found_id).await?);
    let legal = row.state().legal();
    let rivalry = rivalry::of(tx, &row).await?;
    Ok(HypothesisView {
        linked,
        rivalry,
        row,
        case,
        found,
        evidence,
        earlier_scores,
        reviews,
        given,
        mine_given,
        ours_given,
        legal,
        history,
        institutions,
    })
}

/// Reads a hypothesis with both sides as far as the actor may see them, audited for both owners.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is none that the actor may know of.
pub async fn read(app: &App, actor: &Actor, id: HypothesisId) -> Result<HypothesisView, ServiceError> {
    actor.require(Right::ReadHypotheses)?;
    let mut tx = app.pool.begin_for(actor).await?;
    let view = view(&mut tx, actor, id).await?;
    for (kind, subject, owner) in
        [("case", view.row.case_id, view.row.case_authority), ("found_record", view.row.found_id, view.row.found_authority)]
    {
        let event = Event::on("read_in_hypothesis", kind, subject, AuthorityId(owner));
        audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    }
    audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), Event::on("read", "hypothesis", id, actor.authority)).await?;
    let rivals: Vec<Uuid> = view.rivalry.iter().flat_map(|r| &r.rivals).map(|r| r.id).collect();
    if !rivals.is_empty() {
        let event = Event::on_many("list", "hypothesis", rivals, None);
        audit::append(&mut tx, &*app.ids, app.now(), &Who::from(actor), event).await?;
    }
    tx.commit().await?;
    Ok(view)
}

/// A verdict as given on the review page.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVerdict {
    /// What.
    pub verdict: Verdict,
    /// On what it rests.
    pub reasons: Vec<Reason>,
    /// In words.
    pub note: String,
    /// For a rejection: how far it reaches.
    #[serde(default)]
    pub strength: Option<ExclusionStrength>,
    /// Whether the reviewer declares a conflict of interest.
    #[serde(default)]
    pub conflict_of_interest: bool,
}

fn check_verdict(new: &NewVerdict) -> Result<(), Violations> {
    let mut faults = Violations::default();
    if new.reasons.is_empty() {
        faults.add("/reasons", "empty", "name at least one reason");
    }
    if new.note.trim().is_empty() {
        faults.add("/note", "empty", "write down on what the verdict rests");
    }
    faults.check_text("/note", &new.note, 4000);
    if new.verdict == Verdict::Reject && new.strength.is_none() {
        faults.add("/strength", "empty", "say how far the rejection reaches");
    }
    if new.conflict_of_interest {
        faults.add("/conflict_of_interest", "conflict", "with a conflict of interest somebody else of your institution must review");
    }
    faults.into_result()
}

/// Gives a verdict. The first opens the review; the second, of another person of another institution and blind to the first, moves the
/// hypothesis to the board, rejects it or sends it back. A rejection by both is remembered as an exclusion. Returns the new state and revision.
///
/// # Errors
/// [`ServiceError::Verdict`] for the same person or institution twice; [`ServiceError::IllegalHypothesis`]; [`ServiceError::Stale`];
/// [`ServiceError::Invalid`].
pub async fn give_verdict(
    app: &App,
    actor: &Actor,
    id: HypothesisId,
    rev: i32,
    new: NewVerdict,
) -> Result<(HypothesisState, i32), ServiceError> {
    use HypothesisCommand as C;
    actor.require(Right::Review)?;
    check_verdict(&new)?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let row = hypotheses::get(&mut tx, id).await?;
    let state = row.state();
    if row.rev != rev {
        return Err(ServiceError::Stale(row.rev));
    }
    if !state.takes_verdicts() {
        return Err(state.apply(C::BeginReview).err().map_or(ServiceError::NotFound, ServiceError::from));
    }
    let round = hypotheses::round(&mut tx, id).await?;
    let review = ReviewRow {
        id: app.ids.next(),
        hypothesis_id: id.0,
        authority_id: actor.authority.0,
        reviewer: actor.user.0,
        round,
        verdict: new.verdict.as_str().to_owned(),
        reason_codes: new.reasons.iter().map(ToString::to_string).collect(),
        strength: new.strength.map(|s| s.to_string()),
        note: new.note.clone(),
        conflict_of_interest: new.conflict_of_interest,
        at: now,
    };
    hypotheses::insert_review(&mut tx, &review).await.map_err(|e| match e {
        crate::db::DbError::Unique(_) => ServiceError::Verdict(crate::domain::hypothesis::VerdictRefused::SamePerson),
        other => other.into(),
    })?;
    // Only now, with the own verdict given, does the database show the others of the round.
    let mine = GivenVerdict { reviewer: actor.user, authority: actor.authority, verdict: new.verdict };
    let others: Vec<GivenVerdict> =
        hypotheses::round_verdicts(&mut tx, id, round).await?.into_iter().filter(|v| v.reviewer != actor.user).collect();
    let outcome = add_verdict(&others, mine)?;
    let mut commands = Vec::new();
    if matches!(state, HypothesisState::Proposed | HypothesisState::Reopened | HypothesisState::NeedsInformation | HypothesisState::Returned) {
        commands.push(C::BeginReview);
    }
    match outcome {
        RoundOutcome::AwaitSecond => commands.push(C::SendToSecondReview),
        RoundOutcome::BothSupport => commands.push(C::SendToBoard),
        RoundOutcome::Disagree | RoundOutcome::NeedsMore => commands.push(C::Return),
        RoundOutcome::BothReject => commands.push(C::Reject),
    }
    let mut next = state;
    for command in commands {
        next = next.apply(command)?;
    }
    if next == HypothesisState::Rejected {
        // Both have rejected: the exclusion reaches as far as both say.
        let given = hypotheses::reviews(&mut tx, id).await?;
        let strength = given
            .iter()
            .filter(|r| r.round == round)
            .map(|r| r.strength.as_deref().and_then(|s| s.parse().ok()).unwrap_or(ExclusionStrength::Provisional))
            .reduce(ExclusionStrength::weaker)
            .unwrap_or(ExclusionStrength::Provisional);
        let exclusion = NewExclusion {
            id: app.ids.next(),
            authority_id: actor.authority.0,
            case_id: row.case_id,
            found_id: row.found_id,
            hypothesis_id: Some(id.0),
            basis: new.reasons.first().copied().unwrap_or(Reason::Other).as_str().to_owned(),
            strength: strength.as_str().to_owned(),
            case_rev: row.case_rev,
            found_rev: row.found_rev,
            created_by: actor.user.0,
            created_at: now,
        };
        hypotheses::insert_exclusion(&mut tx, &exclusion).await?;
    }
    if !hypotheses::set_state(&mut tx, id, rev, next, now).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    let event = Event::on("verdict", "hypothesis", id, actor.authority).detail(serde_json::json!({ "round": round, "to": next }));
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), event).await?;
    tx.commit().await?;
    Ok((next, rev + 1))
}

/// A named move of a hypothesis other than a verdict.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HypothesisMove {
    /// The move.
    pub command: HypothesisCommand,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// For a rejection at triage or an exclusion by verification: on what it rests.
    #[serde(default)]
    pub basis: Option<Reason>,
    /// And how far it reaches.
    #[serde(default)]
    pub strength: Option<ExclusionStrength>,
}

/// Moves a hypothesis: triage, asking for information or verification and their results, reopening, and the board's confirmation, which the two
/// institutions' verdicts have opened. Returns the new state and revision.
///
/// # Errors
/// [`ServiceError::IllegalHypothesis`] with the legal moves; [`ServiceError::Stale`]; [`ServiceError::Refused`] when a guard does not hold.
pub async fn command(
    app: &App,
    actor: &Actor,
    id: HypothesisId,
    rev: i32,
    wanted: HypothesisMove,
) -> Result<(HypothesisState, i32), ServiceError> {
    use HypothesisCommand as C;
    actor.require(Right::Review)?;
    let mut faults = Violations::default();
    faults.check_text("/reason", &wanted.reason, 4000);
    let excludes = matches!(wanted.command, C::RejectAtTriage | C::RecordExclusion | C::Reject);
    if (excludes || matches!(wanted.command, C::Reopen | C::Confirm | C::Return)) && wanted.reason.trim().is_empty() {
        faults.add("/reason", "empty", "this move needs a reason");
    }
    if excludes && wanted.basis.is_none() {
        faults.add("/basis", "empty", "say on what it rests");
    }
    if excludes && wanted.strength == Some(ExclusionStrength::Absolute) {
        faults.add("/strength", "two_needed", "an exclusion for ever needs the verdicts of two institutions");
    }
    faults.into_result()?;
    let now = app.now();
    let mut tx = app.pool.begin_for(actor).await?;
    let row = hypotheses::get(&mut tx, id).await?;
    let next = row.state().apply(wanted.command)?;
    if row.rev != rev {
        return Err(ServiceError::Stale(row.rev));
    }
    if !row.state().by_hand(wanted.command) {
        return Err(ServiceError::Refused("this move follows from verdicts, consents or the engine; it is not made by hand".to_owned()));
    }
    if wanted.command == C::Confirm {
        confirm_guard(&mut tx, &row).await?;
    }
    if excludes {
        let exclusion = NewExclusion {
            id: app.ids.next(),
            authority_id: actor.authority.0,
            case_id: row.case_id,
            found_id: row.found_id,
            hypothesis_id: Some(id.0),
            basis: wanted.basis.unwrap_or(Reason::Other).as_str().to_owned(),
            strength: wanted.strength.unwrap_or(ExclusionStrength::Provisional).as_str().to_owned(),
            case_rev: row.case_rev,
            found_rev: row.found_rev,
            created_by: actor.user.0,
            created_at: now,
        };
        hypotheses::insert_exclusion(&mut tx, &exclusion).await?;
    }
    if !hypotheses::set_state(&mut tx, id, rev, next, now).await? {
        return Err(ServiceError::Stale(row.rev));
    }
    let detail = serde_json::json!({ "command": wanted.command, "from": row.state(), "to": next, "reason": wanted.reason });
    audit::append(&mut tx, &*app.ids, now, &Who::from(actor), Event::on("command", "hypothesis", id, actor.authority).detail(detail)).await?;
    tx.commit().await?;
    Ok((next, rev + 1))
}

/// A confirmation needs two institutions' support in the last round, and no other open hypothesis as strong on either side: remains with two
/// candidates are an alarm, not a tie-break.
async fn confirm_guard(tx: &mut Tx, row: &HypothesisRow) -> Result<(), ServiceError> {
    let id = HypothesisId(row.id);
    let round = hypotheses::round(tx, id).await?;
    let last = round.saturating_sub(1);
    let given = hypotheses::review_count(tx, id, last).await?;
    if given < 2 {
        return Err(ServiceError::Refused("two people of two institutions must have supported it".to_owned()));
    }
    if hypotheses::has_rival(tx, id).await? {
        return Err(ServiceError::Rival);
    }
    Ok(())
}

/// Asks the matcher to compare a subject again.
///
/// # Errors
/// [`ServiceError::Forbidden`].
pub async fn compare_again(app: &App, actor: &Actor, kind: &'static str, id: Uuid) -> Result<(), ServiceError> {
    actor.require(Right::ReadHypotheses)?;
    let mut tx = app.pool.begin_for(actor).await?;
    feed::append(&mut tx, kind, &[id]).await?;
    crate::db::queue::enqueue(&mut tx, "match_records", serde_json::json!({ "kind": kind, "ids": [id] }), None, 10).await?;
    tx.commit().await?;
    Ok(())
}

/// Marks a notice read.
///
/// # Errors
/// [`ServiceError::NotFound`] when the authority has none of that id.
pub async fn read_notice(app: &App, actor: &Actor, notice: Uuid) -> Result<(), ServiceError> {
    let mut tx = app.pool.begin_for(actor).await?;
    if !messages::read_notice(&mut tx, notice, app.now()).await? {
        return Err(ServiceError::NotFound);
    }
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::disclosure::Category;
    use proptest::prelude::*;

    fn stored(field: &str, weight: f64) -> StoredEvidence {
        StoredEvidence {
            field: field.to_owned(),
            comparison: "agree".to_owned(),
            level: "x".to_owned(),
            log10_lr: weight,
            frequency: Some(0.01),
            lacking: None,
            worth: None,
        }
    }

    fn lacking(field: &str) -> StoredEvidence {
        let comparison = "not_comparable".to_owned();
        StoredEvidence { comparison, frequency: None, lacking: Some("case".to_owned()), worth: Some(1.2), ..stored(field, 0.0) }
    }

    #[test]
    fn evidence_cut_for_an_audience_still_adds_up_and_names_no_reserved_field() {
        let all = [stored("name", 2.5), stored("phone", 1.25), stored("sex", 0.25)];
        let partner = Sight::partner([Category::Identity]);
        let seen = cut_evidence(&all, Some(&Sight::owner()), Some(&partner));
        assert!(seen.iter().all(|e| e.field != "phone"));
        let sum = |weights: Vec<f64>| weights.iter().sum::<f64>();
        assert_eq!(sum(seen.iter().map(|e| e.log10_lr).collect()), sum(all.iter().map(|e| e.log10_lr).collect()));
    }

    #[test]
    fn neither_frequency_nor_worth_nor_who_lacks_it_tells_of_a_reserved_field() {
        let all = [stored("phone", 1.25), lacking("document"), stored("name", 2.0), lacking("birth")];
        let seen = cut_evidence(&all, Some(&Sight::owner()), Some(&Sight::partner([Category::Identity])));
        let told: Vec<(&str, bool, bool)> = seen.iter().map(|e| (e.field.as_str(), e.frequency.is_some(), e.worth.is_some())).collect();
        assert_eq!(told, [("name", true, false), ("birth", false, true), ("reserved", false, false)]);
    }

    #[test]
    fn what_a_document_says_of_its_holder_is_told_to_nobody_who_may_not_see_documents_or_who_the_other_is() {
        let all = [stored("birth", 0.5), stored("document", 0.25), stored("holder", 1.5)];
        let open = |categories: &[Category]| {
            let partner = Sight::partner(categories.iter().copied());
            cut_evidence(&all, Some(&Sight::owner()), Some(&partner)).iter().any(|e| e.field == "holder")
        };
        assert!(!open(&[Category::Identity]) && !open(&[Category::Identifiers]));
        assert!(open(&[Category::Identity, Category::Identifiers]));
    }

    #[test]
    fn what_follows_from_a_reserved_field_is_reserved_too_even_where_the_field_weighs_nothing() {
        let all = [stored("name", 0.0), stored("sex", 0.25), stored("dependence", -0.5), stored("relative", -0.75)];
        let fields = |categories: &[Category]| -> Vec<String> {
            let partner = Sight::partner(categories.iter().copied());
            cut_evidence(&all, Some(&Sight::owner()), Some(&partner)).into_iter().map(|e| e.field).collect()
        };
        assert_eq!(fields(&[Category::Identity]), ["name", "sex", "dependence", "relative"]);
        assert!(fields(&[]).iter().all(|field| field != "relative" && field != "dependence" && field != "name"));
    }

    proptest! {
        #[test]
        fn whatever_is_cut_the_weights_add_up_to_the_last_digit(
            weights in proptest::collection::vec(-1500..1500i32, Field::ALL.len()),
            mask in 0u8..128,
        ) {
            let all: Vec<StoredEvidence> =
                Field::ALL.iter().zip(&weights).map(|(field, w)| stored(field.1, Millibans(*w).log10())).collect();
            let categories = Category::ALL.iter().copied().enumerate().filter(|(i, _)| mask & (1 << i) != 0).map(|(_, c)| c);
            let seen = cut_evidence(&all, Some(&Sight::owner()), Some(&Sight::partner(categories)));
            let sum: i32 = seen.iter().map(|e| Millibans::from_log10(e.log10_lr).0).sum();
            prop_assert_eq!(sum, weights.iter().sum::<i32>());
        }
    }
}
