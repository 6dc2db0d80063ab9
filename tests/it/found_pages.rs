//! Found records on the pages: a living person's wish and consent, corrections against a revision, strangers.

use crate::support::{TestNode, person};
use actix_web::http::StatusCode;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::services::found::{self, NewFound};
use serde_json::json;

#[actix_web::test]
async fn a_living_person_s_record_is_kept_by_its_authority_until_they_consent_and_again_when_they_withdraw() {
    let node = TestNode::start().await;
    let hospital = node.authority("HOS", "MEX", AuthorityKind::Hospital).await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    node.agreement(hospital, commission).await;
    let nurse = node.user(hospital, "nurse", &[Role::ForensicOfficer]).await;
    let new: NewFound = serde_json::from_value(
        json!({ "kind": "hospital", "wants_contact": "undecided", "person": person("Rosa Inventada", "Zelaya", "Prueba") }),
    )
    .unwrap();
    let id = found::register(&node.app, &nurse, None, new).await.unwrap().made.id;
    let session = node.browser(&nurse, "nurse").await;
    let page = format!("/hallazgos/{id}");
    assert_eq!(node.open(&session, &page).await.status, StatusCode::OK);
    let seen = async || -> i32 {
        let sql = "SELECT cardinality(shared_categories($1, 'found_record', $2, $3, 'search'))";
        node.everything().await.query_one(sql, &[&hospital.0, &id.0, &commission.0]).await.unwrap().get(0)
    };
    assert_eq!(seen().await, 0, "without consent nothing of a living person is shared");
    let fields = "consent=search_commission&consent-language=es&explained-by=Una+persona";
    assert_eq!(node.send(&session, &format!("{page}/consentimiento"), fields).await.status, StatusCode::SEE_OTHER);
    assert!(seen().await > 0);
    let withdrawn = node.send(&session, &format!("{page}/retirar"), "recipient=search_commission&withdraw-reason=lo+pidio").await;
    assert_eq!(withdrawn.status, StatusCode::SEE_OTHER);
    assert_eq!(seen().await, 0, "withdrawn, it is out of sight at once");

    let other = node.authority("OTR", "GTM", AuthorityKind::Hospital).await;
    let stranger = node.user(other, "stranger", &[Role::ForensicOfficer]).await;
    let stranger = node.browser(&stranger, "stranger").await;
    let random = format!("/hallazgos/{}", uuid::Uuid::now_v7());
    for suffix in ["", "/mapa.json", "/corregir"] {
        for path in [&page, &random] {
            assert_eq!(node.open(&stranger, &format!("{path}{suffix}")).await.status, StatusCode::NOT_FOUND, "{path}{suffix}");
        }
    }
    assert_eq!(node.send(&stranger, &format!("{page}/retirar"), "withdraw-reason=x").await.status, StatusCode::NOT_FOUND);
    let stale = node.send(&session, &format!("{page}/corregir"), "rev=99&why=nada").await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
}
