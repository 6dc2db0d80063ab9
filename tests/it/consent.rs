//! Withdrawing a consent takes the record out of matching and of every other authority's sight in the same transaction.

use crate::support::{TestNode, consent_to, person};
use rastro::db::hypotheses::QueueFilter;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::services::consents::{Subject, Withdrawal};
use rastro::services::{ServiceError, cases, consents, hypotheses};

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_consent_ends_sight_and_matching_at_once() {
    let node = TestNode::start().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    node.agreement(commission, bank).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer, Role::Reviewer]).await;
    let forensic = node.user(bank, "forensic", &[Role::ForensicOfficer, Role::Reviewer]).await;
    let found = node.remains(&forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    let case = node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    node.work().await;
    let filter = QueueFilter { found: Some(found.0), ..QueueFilter::default() };
    let seen = hypotheses::list(&node.app, &forensic, &filter, None, 10).await.unwrap();
    assert_eq!(seen.len(), 1, "the pair should be proposed to both");
    let pair = rastro::domain::ids::HypothesisId(seen[0].id);

    let ended = consents::withdraw(&node.app, &officer, Subject::Case(case), Withdrawal { reason: "as asked".into(), ..Default::default() })
        .await
        .unwrap();
    assert_eq!(ended, 3);
    // Before any worker ran.
    assert!(matches!(hypotheses::read(&node.app, &forensic, pair).await, Err(ServiceError::NotFound)));
    assert!(hypotheses::list(&node.app, &forensic, &filter, None, 10).await.unwrap().is_empty());
    assert_eq!(hypotheses::read(&node.app, &officer, pair).await.unwrap().row.state, "withdrawn");
    // The engine may compare neither now nor after the record changes.
    let change = cases::CaseCorrection { reason: "test".into(), person: Some(person("Xiomara", "Zelaya", "Prueba")), ..Default::default() };
    cases::correct(&node.app, &officer, case, 1, change).await.unwrap();
    node.work().await;
    let open = QueueFilter { case: Some(case.0), ..QueueFilter::default() };
    assert!(hypotheses::list(&node.app, &officer, &open, None, 10).await.unwrap().is_empty());
}
