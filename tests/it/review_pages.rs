//! The review page: two people of two institutions decide with a reason, the second blind to the first; strangers learn nothing.

use crate::support::{Session, TestNode, consent_to, person};
use actix_web::http::StatusCode;
use rastro::db::hypotheses::QueueFilter;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::hypothesis::HypothesisState;
use rastro::domain::ids::HypothesisId;
use rastro::services::hypotheses::{list, read};

struct Scene {
    node: TestNode,
    officer: Actor,
    forensic: Actor,
    first: Session,
    colleague: Session,
    second: Session,
    stranger: Session,
    id: HypothesisId,
}

async fn scene() -> Scene {
    let node = TestNode::start().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    let third = node.authority("TER", "GTM", AuthorityKind::SearchCommission).await;
    node.agreement(commission, bank).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer, Role::Reviewer]).await;
    let colleague = node.user(commission, "colleague", &[Role::Reviewer]).await;
    let forensic = node.user(bank, "forensic", &[Role::ForensicOfficer, Role::Reviewer]).await;
    let stranger = node.user(third, "stranger", &[Role::SearchOfficer, Role::Reviewer]).await;
    node.remains(&forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    // The case tells one thing that the remains do not.
    let mut told = person("Xiomara Inventada", "Zelaya", "Prueba");
    told.marks = vec![serde_json::from_value(serde_json::json!({ "text": "cicatriz en la ceja izquierda" })).unwrap()];
    node.case(&officer, told, Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    node.work().await;
    let id = HypothesisId(list(&node.app, &officer, &QueueFilter::default(), None, 10).await.unwrap()[0].id);
    let first = node.browser(&officer, "officer").await;
    let colleague = node.browser(&colleague, "colleague").await;
    let second = node.browser(&forensic, "forensic").await;
    let stranger = node.browser(&stranger, "stranger").await;
    Scene { node, officer, forensic, first, colleague, second, stranger, id }
}

impl Scene {
    async fn rev(&self) -> i32 {
        read(&self.node.app, &self.officer, self.id).await.unwrap().row.rev
    }

    async fn state(&self) -> HypothesisState {
        self.node.work().await;
        read(&self.node.app, &self.officer, self.id).await.unwrap().row.state.parse().unwrap()
    }
}

#[actix_web::test]
async fn two_institutions_decide_on_the_page_and_the_second_does_not_see_the_first_verdict() {
    let s = scene().await;
    let page = format!("/hipotesis/{}", s.id);
    let verdict = format!("{page}/dictamen");
    assert!(s.node.open(&s.first, "/hipotesis").await.body.contains(&page));

    // Without a reason nothing is decided, and what was typed stays.
    let rev = s.rev().await;
    let bare = s.node.send(&s.first, &verdict, &format!("rev={rev}&verdict=support&note=")).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bare.body.contains("govuk-error-summary"));
    assert_eq!(s.rev().await, rev);

    let given = s.node.send(&s.first, &verdict, &format!("rev={rev}&verdict=support&reasons=mark&note=Motivo+secreto+inventado")).await;
    assert_eq!(given.status, StatusCode::SEE_OTHER);
    assert_eq!(s.state().await, HypothesisState::SecondReview);
    let rev = s.rev().await;
    for again in [&s.first, &s.colleague] {
        let refused = s.node.send(again, &verdict, &format!("rev={rev}&verdict=support&reasons=mark&note=otra+vez")).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "the same person, and a colleague of the same institution");
    }
    let blind = s.node.open(&s.second, &page).await;
    assert_eq!(blind.status, StatusCode::OK);
    assert!(!blind.body.contains("Motivo secreto inventado"));

    let agreed = s.node.send(&s.second, &verdict, &format!("rev={rev}&verdict=support&reasons=mark&note=segunda+opinion")).await;
    assert_eq!(agreed.status, StatusCode::SEE_OTHER);
    assert_eq!(s.state().await, HypothesisState::Board);
}

#[actix_web::test]
async fn a_stale_revision_is_refused_and_decides_nothing() {
    let s = scene().await;
    let rev = s.rev().await;
    let verdict = format!("/hipotesis/{}/dictamen", s.id);
    let stale = s.node.send(&s.first, &verdict, &format!("rev={}&verdict=support&reasons=mark&note=vieja", rev - 1)).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(s.rev().await, rev);
}

#[actix_web::test]
async fn a_stranger_gets_what_a_random_id_gets() {
    let s = scene().await;
    let random = uuid::Uuid::now_v7();
    for suffix in ["", "/mapa.json"] {
        let theirs = s.node.open(&s.stranger, &format!("/hipotesis/{}{suffix}", s.id)).await;
        let nothing = s.node.open(&s.stranger, &format!("/hipotesis/{random}{suffix}")).await;
        assert_eq!((theirs.status, nothing.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND), "{suffix}");
    }
    let fields = "rev=1&verdict=support&reasons=mark&note=x";
    for id in [s.id.0, random] {
        assert_eq!(s.node.send(&s.stranger, &format!("/hipotesis/{id}/dictamen"), fields).await.status, StatusCode::NOT_FOUND);
    }
    assert!(!s.node.open(&s.stranger, "/hipotesis").await.body.contains(&s.id.to_string()));
}

#[actix_web::test]
async fn any_pair_is_explained_on_its_page_in_both_languages_and_a_stranger_gets_what_a_random_folio_gets() {
    let s = scene().await;
    let view = read(&s.node.app, &s.officer, s.id).await.unwrap();
    let (case, found) = (view.case.unwrap().row, view.found.unwrap().row);
    for lang in ["es", "en"] {
        for (session, asked) in
            [(&s.first, format!("caso={}&hallazgo={}", case.id, found.folio)), (&s.second, format!("caso={}&hallazgo={}", case.folio, found.id))]
        {
            let page = s.node.open(session, &format!("/explicacion?{asked}&lang={lang}")).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(
                page.body.contains("data-weight") && page.body.contains(&format!("/hipotesis/{}", s.id)) && !page.body.contains('⟦'),
                "{lang}"
            );
        }
    }
    let unseen = s.node.open(&s.stranger, &format!("/explicacion?caso={}&hallazgo={}", case.folio, found.folio)).await;
    let random = s.node.open(&s.stranger, "/explicacion?caso=HN-0&hallazgo=MX-0").await;
    assert_eq!((unseen.status, random.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    let told = |body: &str, case: &str, found: &str| body.replace(case, "C").replace(found, "F");
    let csrf = |body: String| body.lines().filter(|l| !l.contains("csrf") && !l.contains("lang=")).collect::<Vec<_>>().join("\n");
    assert_eq!(csrf(told(&unseen.body, &case.folio, &found.folio)), csrf(told(&random.body, "HN-0", "MX-0")));
    assert_eq!(s.node.open(&s.first, "/explicacion").await.status, StatusCode::OK);
    assert_eq!(s.node.open(&s.first, "/explicacion?caso=HN-0").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[actix_web::test]
async fn the_file_of_a_case_says_what_comparing_can_tell_and_asks_why_not() {
    let s = scene().await;
    let case = read(&s.node.app, &s.officer, s.id).await.unwrap().row.case_id;
    for lang in ["es", "en"] {
        let page = s.node.open(&s.first, &format!("/casos/{case}?lang={lang}")).await.body;
        assert!(page.contains("ra-worth__told") && page.contains("action=\"/explicacion\"") && !page.contains('⟦'), "{lang}");
    }
}

#[actix_web::test]
async fn the_review_page_says_what_is_missing_how_common_what_agrees_is_and_what_each_field_weighs() {
    let s = scene().await;
    for (lang, said) in [("es", ["Lo que falta para comparar", "Por azar"]), ("en", ["What is missing to compare", "chance"])] {
        let page = s.node.open(&s.first, &format!("/hipotesis/{}?lang={lang}", s.id)).await.body;
        for words in said {
            assert!(page.contains(words), "{lang}: {words}");
        }
        let weights = page.matches("ra-num ra-compare__weight\"><strong>").count();
        assert!(weights >= 4, "{weights}");
    }
}

#[actix_web::test]
async fn the_waterfall_has_its_table() {
    let s = scene().await;
    let page = s.node.open(&s.first, &format!("/hipotesis/{}", s.id)).await.body;
    let bars = page.matches("<rect class=\"ra-wf__bar").count();
    assert!(bars > 2);
    assert_eq!(page.matches("data-weight").count(), bars, "a row of the table for every bar");
}

#[actix_web::test]
async fn remains_that_two_commissions_claim_are_weighed_between_them_for_who_sees_both_and_for_nobody_else() {
    let s = scene().await;
    let forensic = &s.forensic;
    let third = s.node.authority("CBT", "GTM", AuthorityKind::SearchCommission).await;
    s.node.agreement(third, forensic.authority).await;
    let other = s.node.user(third, "other", &[Role::SearchOfficer, Role::Reviewer]).await;
    let case = s.node.case(&other, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    s.node.work().await;
    let folio = rastro::services::cases::read(&s.node.app, &other, case).await.unwrap().row.folio;
    let page = format!("/hipotesis/{}", s.id);
    // The bank sees both, with links to the other, in both languages.
    let seen = s.node.open(&s.second, &format!("{page}?lang=es")).await.body;
    assert!(seen.contains("Junto a sus rivales") && seen.contains(&folio), "{seen}");
    assert!(s.node.open(&s.second, &format!("{page}?lang=en")).await.body.contains("Together with its rivals"));
    let beside = read(&s.node.app, forensic, s.id).await.unwrap().rivalry.unwrap();
    assert_eq!(beside.rivals.len(), 1);
    let sum = beside.probability + beside.rivals[0].probability + beside.none_of_record;
    assert!((sum - 1.0).abs() < 2e-3, "{sum}");
    // The commission sees its own pair as if the other were not there.
    let mine = s.node.open(&s.first, &format!("{page}?lang=es")).await.body;
    assert!(!mine.contains("Junto a sus rivales") && !mine.contains(&folio));
    let alone = read(&s.node.app, &s.officer, s.id).await.unwrap();
    let beside_none = alone.rivalry.unwrap();
    assert!(beside_none.rivals.is_empty() && (beside_none.probability - alone.row.probability).abs() < 2e-3);
    // Which pairs were shown is in the audit.
    let shown = "SELECT count(*) FROM audit_event WHERE action = 'list' AND subject_kind = 'hypothesis' AND $1 = ANY (subject_ids)";
    let n: i64 = s.node.everything().await.query_one(shown, &[&beside.rivals[0].id]).await.unwrap().get(0);
    assert!(n >= 1);
}
