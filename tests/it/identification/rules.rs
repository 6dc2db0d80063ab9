//! What an identification may rest on: rivals compared, DNA in words.

use super::{faults, refused, scene};
use crate::support::identified::{drafted, issued, rev, step, text};
use rastro::domain::authority::Role;
use rastro::domain::hypothesis::HypothesisState;
use rastro::domain::identification::{IdentificationCommand as C, IdentificationState as S, Method};
use rastro::domain::ids::IdentificationId;
use rastro::services::identification::{self, Comparison, NewIdentification, NewOpinion};
use rastro::services::{ServiceError, hypotheses};
use std::sync::Arc;

fn words() -> Comparison {
    Comparison { comparison: "Its dental chart differs at four teeth.".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rival_that_nobody_compared_stops_the_submission_which_names_it() {
    let s = scene().await;
    let app = &s.node.app;
    let rival = s.rival().await;
    let id = drafted(&s.node, &s.officer, s.hypothesis).await;
    let refusal = step(&s.node, &s.officer, id, C::Submit).await;
    let Err(ServiceError::Invalid(told)) = &refusal else { panic!("{refusal:?}") };
    let folio = hypotheses::read(app, &s.officer, rival).await.unwrap().found.unwrap().row.folio;
    assert!(told.0[0].message.contains(&folio), "{told:?}");
    assert_eq!(faults(refusal), [(format!("/alternatives/{rival}"), "not_compared")]);
    let now = rev(&s.node, &s.officer, id).await;
    let short = Comparison { comparison: "no".to_owned() };
    assert_eq!(faults(identification::compare(app, &s.officer, id, now, rival, short).await), [("/comparison".to_owned(), "empty")]);
    let own = identification::compare(app, &s.officer, id, now, s.hypothesis, words()).await;
    assert!(matches!(own, Err(ServiceError::NotFound)), "it is no alternative to itself");
    identification::compare(app, &s.officer, id, now, rival, words()).await.unwrap();
    step(&s.node, &s.officer, id, C::Submit).await.unwrap();
    let snapshot = identification::read(app, &s.forensic, id).await.unwrap().snapshot.unwrap();
    assert_eq!(snapshot.alternatives[0].comparisons, [("Authority CBA".to_owned(), words().comparison)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rival_that_only_the_other_institution_may_see_is_compared_there() {
    let s = scene().await;
    let app = &s.node.app;
    let rival = s.rival_out_of_sight().await;
    let id = drafted(&s.node, &s.officer, s.hypothesis).await;
    let view = identification::read(app, &s.officer, id).await.unwrap();
    assert_eq!((view.alternatives.len(), view.elsewhere), (0, 1), "that it is there is told, and nothing more");
    assert_eq!(faults(step(&s.node, &s.officer, id, C::Submit).await), [("/alternatives".to_owned(), "elsewhere")]);
    let now = rev(&s.node, &s.officer, id).await;
    assert!(matches!(identification::compare(app, &s.officer, id, now, rival, words()).await, Err(ServiceError::NotFound)));
    identification::compare(app, &s.forensic, id, now, rival, words()).await.unwrap();
    assert_eq!(step(&s.node, &s.officer, id, C::Submit).await.unwrap(), S::InReview);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hypothesis_that_opens_after_it_was_handed_in_stops_the_signature() {
    let s = scene().await;
    let id = drafted(&s.node, &s.officer, s.hypothesis).await;
    step(&s.node, &s.officer, id, C::Submit).await.unwrap();
    step(&s.node, &s.officer, id, C::Sign).await.unwrap();
    let rival = s.rival().await;
    assert!(refused(step(&s.node, &s.forensic, id, C::Sign).await));
    s.set_hypothesis(rival, HypothesisState::Rejected).await;
    assert_eq!(step(&s.node, &s.forensic, id, C::Sign).await.unwrap(), S::Issued);
}

#[tokio::test(flavor = "multi_thread")]
async fn remains_that_are_identified_as_one_person_are_not_identified_as_another() {
    let s = scene().await;
    issued(&s.node, (&s.officer, &s.forensic), s.hypothesis).await;
    let other = s.rival_out_of_sight().await;
    s.set_hypothesis(other, HypothesisState::Confirmed).await;
    assert!(refused(identification::draft(&s.node.app, &s.stranger, None, NewIdentification { hypothesis: other }).await));
}

/// A result of the bank's for the pair of the scene.
async fn weighed(s: &super::Scene, log10_lr: f64) {
    let client = s.node.everything().await;
    let pedigree = uuid::Uuid::now_v7();
    client
        .execute(
            "INSERT INTO bank.pedigree (id, authority_id, code, state, content, created_at, updated_at) VALUES ($1, $2, $3, 'validated', 'x', now(), now())",
            &[&pedigree, &s.forensic.authority.0, &pedigree.to_string()],
        )
        .await
        .unwrap();
    client
        .execute(
            "INSERT INTO bank.kinship_result (pedigree_id, authority_id, individual, case_id, found_id, basis, state, log10_lr, excluding, compared, model, at) \
             VALUES ($1, $2, 'x', $3, $4, 'kinship', 'weighed', $5, 0, 21, 'kinship-1; fbi2015_sw_hispanic; 5/2N; mutation proportional 0.0005/0.002; theta 0', now())",
            &[&pedigree, &s.forensic.authority.0, &s.case.0, &s.found.0, &log10_lr],
        )
        .await
        .unwrap();
}

async fn opinion(s: &super::Scene, actor: &rastro::domain::actor::Actor, id: IdentificationId) -> Result<i32, ServiceError> {
    let now = rev(&s.node, actor, id).await;
    let new = NewOpinion { words: "The result supports that the remains are a child of the donor.".to_owned() };
    identification::attach_opinion(&s.node.app, actor, id, now, new).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_genetic_opinion_comes_from_the_bank_that_holds_the_result_and_tells_sums_alone() {
    let s = scene().await;
    let id = drafted(&s.node, &s.officer, s.hypothesis).await;
    assert!(matches!(opinion(&s, &s.officer, id).await, Err(ServiceError::Forbidden(_))));
    assert!(refused(opinion(&s, &s.geneticist, id).await), "no result, no opinion");
    weighed(&s, 6.279).await;
    let elsewhere = s.node.user(s.officer.authority, "elsewhere", &[Role::Geneticist]).await;
    assert!(refused(opinion(&s, &elsewhere, id).await), "the result is the bank's");
    opinion(&s, &s.geneticist, id).await.unwrap();
    let told = identification::read(&s.node.app, &s.officer, id).await.unwrap().opinion.unwrap();
    assert_eq!((told.markers, told.log10_lr, told.frequencies.as_str()), (21, 6.3, "fbi2015_sw_hispanic"));
    assert_eq!(
        (told.mutation.as_str(), told.institution.as_str(), told.by.as_str()),
        ("mutation proportional 0.0005/0.002", "Authority BNK", "geneticist")
    );
    let kept = serde_json::to_value(&told).unwrap();
    let fields: Vec<&String> = kept.as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        ["at", "basis", "by", "conflicts", "excluding", "frequencies", "institution", "log10_lr", "markers", "mutation", "stamp", "words"]
    );
    step(&s.node, &s.officer, id, C::Submit).await.unwrap();
    assert!(matches!(opinion(&s, &s.geneticist, id).await, Err(ServiceError::IllegalIdentification(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn weak_dna_alone_is_refused_while_an_alternative_is_plausible_by_the_countrys_threshold() {
    let mut s = scene().await;
    weighed(&s, 3.4).await;
    let rival = s.rival().await;
    let id = drafted(&s.node, &s.officer, s.hypothesis).await;
    opinion(&s, &s.geneticist, id).await.unwrap();
    let now = rev(&s.node, &s.officer, id).await;
    let now = identification::edit(&s.node.app, &s.officer, id, now, text(&[Method::Dna])).await.unwrap();
    identification::compare(&s.node.app, &s.officer, id, now, rival, words()).await.unwrap();
    s.sql(&format!("UPDATE hypothesis SET band = 'moderate' WHERE id = '{rival}'")).await;
    assert_eq!(faults(step(&s.node, &s.officer, id, C::Submit).await), [("/methods".to_owned(), "weak_dna")]);
    // Another country's threshold changes nothing here; the case's own does.
    for (country, passes) in [("MEX", false), ("HND", true)] {
        let mut settings = s.node.app.settings.clone();
        settings.identification.countries.insert(country.to_owned(), 3.0);
        let mut app = Arc::try_unwrap(s.node.without_engine()).unwrap();
        app.settings = settings;
        s.node.app = Arc::new(app);
        let tried = step(&s.node, &s.officer, id, C::Submit).await;
        assert_eq!(tried.is_ok(), passes, "{country}: {tried:?}");
    }
}
