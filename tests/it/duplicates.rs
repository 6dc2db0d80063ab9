//! Possible duplicates: proposed by the live matcher, linked by a word of every owner, never merged, remembered for good, hidden where agreement or
//! consent is missing.

use crate::api::Program;
use crate::support::{TestNode, consent_to, person};
use actix_web::http::StatusCode;
use rastro::db::duplicates::{DuplicateFilter, DuplicateLine};
use rastro::db::hypotheses::QueueFilter;
use rastro::domain::actor::{Actor, FamilyActor};
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::case::CaseCommand;
use rastro::domain::duplicate::{DuplicateCommand, DuplicateKind, DuplicateState};
use rastro::domain::ids::{CaseId, DuplicateId, FoundId};
use rastro::domain::person::Description;
use rastro::services::cases::CaseMove;
use rastro::services::consents::{Subject, Withdrawal};
use rastro::services::duplicates::{DuplicateMove, NewDuplicate, command, link, list, read};
use rastro::services::{ServiceError, admin, cases, consents, family, found, hypotheses};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use DuplicateCommand::{Link, MarkNotDuplicate, Unlink};

/// Two commissions with an agreement, and a report of one person at each.
struct Scene {
    node: TestNode,
    agreement: String,
    here: Actor,
    there: Actor,
    case: CaseId,
    other: CaseId,
}

fn sought() -> Description {
    Description { documents: vec!["0801199412345".to_owned()], ..person("Xiomara Inventada", "Zelaya", "Prueba") }
}

async fn scene() -> Scene {
    let node = TestNode::start().await;
    let a = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let b = node.authority("CBM", "MEX", AuthorityKind::SearchCommission).await;
    let agreement = node.agreement(a, b).await;
    let here = node.user(a, "here", &[Role::SearchOfficer, Role::Reviewer, Role::ForensicOfficer]).await;
    let there = node.user(b, "there", &[Role::SearchOfficer]).await;
    let consent = || Some(consent_to(&[AuthorityKind::SearchCommission]));
    let case = node.case(&here, sought(), consent()).await;
    let other = node.case(&there, sought(), consent()).await;
    node.work().await;
    Scene { node, agreement, here, there, case, other }
}

async fn seen(node: &TestNode, actor: &Actor) -> Vec<DuplicateLine> {
    list(&node.app, actor, &DuplicateFilter::default(), None, 50).await.unwrap()
}

fn word(command: DuplicateCommand) -> DuplicateMove {
    DuplicateMove { command, reason: "the same document and the same mother".to_owned() }
}

impl Scene {
    async fn pair(&self) -> DuplicateId {
        let lines = seen(&self.node, &self.here).await;
        assert_eq!(lines.len(), 1);
        DuplicateId(lines[0].id)
    }

    async fn says(&self, actor: &Actor, pair: DuplicateId, what: DuplicateCommand) -> Result<DuplicateState, ServiceError> {
        let rev = read(&self.node.app, actor, pair).await?.row.rev;
        command(&self.node.app, actor, pair, rev, word(what)).await.map(|(state, _)| state)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_reports_of_one_person_in_two_authorities_are_proposed_once_to_both() {
    let s = scene().await;
    let (mine, theirs) = (seen(&s.node, &s.here).await, seen(&s.node, &s.there).await);
    assert_eq!((mine.len(), theirs.len()), (1, 1));
    assert_eq!(mine[0].id, theirs[0].id);
    assert_eq!((mine[0].kind.as_str(), mine[0].state.as_str()), ("case", "proposed"));
    let mut ids = [mine[0].one_id, mine[0].two_id];
    ids.sort_unstable();
    let mut expected = [s.case.0, s.other.0];
    expected.sort_unstable();
    assert_eq!(ids, expected);
    // Documents are not shared: the evidence names them nowhere, and still adds up.
    let view = read(&s.node.app, &s.here, DuplicateId(mine[0].id)).await.unwrap();
    assert!(view.evidence.iter().all(|e| e.field != "document") && view.evidence.iter().any(|e| e.field == "reserved"));
    let sum: f64 = view.evidence.iter().map(|e| e.log10_lr).sum();
    assert!((view.row.log10_prior + sum - view.row.log10_odds).abs() < 1e-6);
    // Compared again nothing changes.
    hypotheses::compare_again(&s.node.app, &s.here, "case", s.case.0).await.unwrap();
    s.node.work().await;
    assert_eq!(seen(&s.node, &s.here).await.len(), 1);
    assert_eq!(read(&s.node.app, &s.here, DuplicateId(mine[0].id)).await.unwrap().row.rev, view.row.rev);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_takes_a_word_of_both_authorities_and_leaves_both_records_as_they_were() {
    let s = scene().await;
    let app = &s.node.app;
    let pair = s.pair().await;
    let before = (cases::file(app, &s.here, s.case).await.unwrap(), cases::file(app, &s.there, s.other).await.unwrap());
    assert_eq!(s.says(&s.here, pair, Link).await.unwrap(), DuplicateState::LinkProposed);
    // The own word twice does not make two.
    assert!(matches!(s.says(&s.here, pair, Link).await, Err(ServiceError::Refused(_))));
    assert!(!read(app, &s.here, pair).await.unwrap().legal.contains(&Link));
    assert_eq!(s.says(&s.there, pair, Link).await.unwrap(), DuplicateState::Linked);
    let after = (cases::file(app, &s.here, s.case).await.unwrap(), cases::file(app, &s.there, s.other).await.unwrap());
    for (was, is) in [(before.0, after.0), (before.1, after.1)] {
        assert_eq!((was.view.row.state, was.view.row.rev), (is.view.row.state, is.view.row.rev));
        assert_eq!((was.view.person, was.consents.len()), (is.view.person, is.consents.len()));
    }
    // Either takes it back; every step stands in the log, newest first.
    assert_eq!(s.says(&s.here, pair, Unlink).await.unwrap(), DuplicateState::Unlinked);
    let steps = read(app, &s.there, pair).await.unwrap().steps;
    let told: Vec<&str> = steps.iter().map(|s| s.command.as_str()).collect();
    assert_eq!(told, ["unlink", "link", "link", "propose"]);
    assert!(steps[0].institution.is_some() && steps[3].institution.is_none() && !steps[0].reason.is_empty());
    let client = s.node.everything().await;
    assert!(client.execute("DELETE FROM duplicate_step", &[]).await.is_err(), "the log is append-only");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_decided_is_not_proposed_again_but_can_be_decided_otherwise() {
    let s = scene().await;
    let pair = s.pair().await;
    assert_eq!(s.says(&s.there, pair, MarkNotDuplicate).await.unwrap(), DuplicateState::NotDuplicate);
    assert!(matches!(s.says(&s.here, pair, Unlink).await, Err(ServiceError::IllegalDuplicate(_))));
    hypotheses::compare_again(&s.node.app, &s.here, "case", s.case.0).await.unwrap();
    hypotheses::compare_again(&s.node.app, &s.there, "case", s.other.0).await.unwrap();
    s.node.work().await;
    assert!(seen(&s.node, &s.here).await.is_empty());
    assert_eq!(s.says(&s.here, pair, Link).await.unwrap(), DuplicateState::LinkProposed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_decision_and_one_without_a_reason_are_refused() {
    let s = scene().await;
    let pair = s.pair().await;
    let rev = read(&s.node.app, &s.here, pair).await.unwrap().row.rev;
    let stale = command(&s.node.app, &s.here, pair, rev + 3, word(Link)).await.unwrap_err();
    assert!(matches!(stale, ServiceError::Stale(r) if r == rev));
    let silent = DuplicateMove { command: Link, reason: " ".to_owned() };
    assert!(matches!(command(&s.node.app, &s.here, pair, rev, silent).await, Err(ServiceError::Invalid(_))));
    assert_eq!(read(&s.node.app, &s.here, pair).await.unwrap().row.state, "proposed");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_agreement_or_consent_nobody_hears_of_a_duplicate_elsewhere() {
    let s = scene().await;
    let app = &s.node.app;
    let pair = s.pair().await;
    // A third institution never sees a pair of others' records, also with agreements to both.
    let third = s.node.authority("CBT", "GTM", AuthorityKind::SearchCommission).await;
    s.node.agreement(third, s.here.authority).await;
    s.node.agreement(third, s.there.authority).await;
    let stranger = s.node.user(third, "stranger", &[Role::SearchOfficer, Role::Reviewer]).await;
    s.node.work().await;
    assert!(seen(&s.node, &stranger).await.is_empty());
    assert!(matches!(read(app, &stranger, pair).await, Err(ServiceError::NotFound)));
    // The agreement stopped: out of sight at once.
    admin::suspend_agreement(app, &s.agreement, true).await.unwrap();
    assert!(seen(&s.node, &s.here).await.is_empty() && seen(&s.node, &s.there).await.is_empty());
    assert!(matches!(read(app, &s.here, pair).await, Err(ServiceError::NotFound)));
    admin::suspend_agreement(app, &s.agreement, false).await.unwrap();
    // The family withdrew: whoever owns the other record loses sight of it in the same transaction, also of a link.
    s.says(&s.here, pair, Link).await.unwrap();
    s.says(&s.there, pair, Link).await.unwrap();
    consents::withdraw(app, &s.here, Subject::Case(s.case), Withdrawal::default()).await.unwrap();
    assert!(matches!(read(app, &s.there, pair).await, Err(ServiceError::NotFound)));
    assert_eq!(read(app, &s.here, pair).await.unwrap().row.state, "withdrawn");
    // And the matcher does not bring it back.
    hypotheses::compare_again(app, &s.there, "case", s.other.0).await.unwrap();
    s.node.work().await;
    assert!(seen(&s.node, &s.there).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agreement_that_begins_brings_duplicates_of_both_kinds() {
    let node = TestNode::start().await;
    let a = node.authority("BNA", "HND", AuthorityKind::ForensicBank).await;
    let b = node.authority("BNB", "MEX", AuthorityKind::ForensicBank).await;
    let here = node.user(a, "here", &[Role::ForensicOfficer]).await;
    let there = node.user(b, "there", &[Role::ForensicOfficer]).await;
    node.remains(&here, sought()).await;
    node.remains(&there, sought()).await;
    node.work().await;
    assert!(seen(&node, &here).await.is_empty() && seen(&node, &there).await.is_empty());
    node.agreement(a, b).await;
    node.work().await;
    let lines = seen(&node, &here).await;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].kind, "found_record");
    assert_eq!(seen(&node, &there).await.len(), 1);
}

async fn shelter(node: &TestNode, actor: &Actor) -> FoundId {
    let new = serde_json::from_value(serde_json::json!({ "kind": "shelter", "person": sought() })).unwrap();
    found::register(&node.app, actor, None, new).await.unwrap().made.id
}

#[tokio::test(flavor = "multi_thread")]
async fn remains_are_no_duplicate_of_a_person_registered_alive() {
    let node = TestNode::start().await;
    let bank = node.authority("BNA", "HND", AuthorityKind::ForensicBank).await;
    let officer = node.user(bank, "officer", &[Role::ForensicOfficer]).await;
    let remains = node.remains(&officer, sought()).await;
    let alive = shelter(&node, &officer).await;
    let again = shelter(&node, &officer).await;
    node.work().await;
    let lines = seen(&node, &officer).await;
    assert_eq!(lines.len(), 1, "only the two of the living");
    assert!([lines[0].one_id, lines[0].two_id].iter().all(|id| *id == alive.0 || *id == again.0));
    // Nor by hand.
    let app = &node.app;
    let folio = |id: FoundId| {
        let officer = &officer;
        async move { found::read(app, officer, id).await.unwrap().row.folio }
    };
    let new =
        NewDuplicate { kind: DuplicateKind::FoundRecord, folio: folio(remains).await, other_folio: folio(alive).await, reason: "x".to_owned() };
    assert!(matches!(link(app, &officer, None, &new).await, Err(ServiceError::Invalid(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_officer_links_within_an_authority_and_a_case_can_then_rest_under_the_other() {
    let node = TestNode::start().await;
    let app = &node.app;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    let first = node.case(&officer, sought(), None).await;
    let second = node.case(&officer, sought(), None).await;
    node.work().await;
    let rev = |id: CaseId| {
        let officer = &officer;
        async move { cases::read(app, officer, id).await.unwrap().row.rev }
    };
    let rests = |command: CaseCommand| CaseMove { command, reason: "the aunt reported too".to_owned() };
    let refused = cases::command(app, &officer, second, rev(second).await, rests(CaseCommand::LinkDuplicate)).await;
    assert!(matches!(refused, Err(ServiceError::Refused(_))), "nothing to rest under yet");
    let pair = DuplicateId(seen(&node, &officer).await[0].id);
    let at = read(app, &officer, pair).await.unwrap().row.rev;
    assert_eq!(command(app, &officer, pair, at, word(Link)).await.unwrap(), (DuplicateState::Linked, at + 1));
    cases::command(app, &officer, second, rev(second).await, rests(CaseCommand::LinkDuplicate)).await.unwrap();
    assert_eq!(cases::read(app, &officer, second).await.unwrap().row.duplicate_of, Some(first.0));
    // Two cases do not rest under each other, and the link holds while one does.
    assert!(matches!(
        cases::command(app, &officer, first, rev(first).await, rests(CaseCommand::LinkDuplicate)).await,
        Err(ServiceError::Refused(_))
    ));
    assert!(matches!(command(app, &officer, pair, at + 1, word(Unlink)).await, Err(ServiceError::Refused(_))));
    cases::command(app, &officer, second, rev(second).await, rests(CaseCommand::Reopen)).await.unwrap();
    assert_eq!(cases::read(app, &officer, second).await.unwrap().row.duplicate_of, None);
    node.work().await;
    let at = read(app, &officer, pair).await.unwrap().row.rev;
    assert_eq!(command(app, &officer, pair, at, word(Unlink)).await.unwrap().0, DuplicateState::Unlinked);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cases_that_the_engine_did_not_propose_are_linked_by_folio_and_weighed_afterwards() {
    let node = TestNode::start().await;
    let app = &node.app;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    let first = node.case(&officer, sought(), None).await;
    let named = Description { names: person("Otra", "Distinta", "Inventada").names, ..Description::default() };
    let second = node.case(&officer, named, None).await;
    node.work().await;
    assert!(seen(&node, &officer).await.is_empty());
    let (one, two) = (cases::read(app, &officer, first).await.unwrap().row.folio, cases::read(app, &officer, second).await.unwrap().row.folio);
    let new = |a: &str, b: &str| NewDuplicate {
        kind: DuplicateKind::Case,
        folio: a.to_owned(),
        other_folio: b.to_owned(),
        reason: "she used another name".to_owned(),
    };
    for (a, b) in [(&one, &one), (&one, &"HND-CBA-2026-999999-9".to_owned())] {
        assert!(matches!(link(app, &officer, None, &new(a, b)).await, Err(ServiceError::Invalid(_))));
    }
    let pair = link(app, &officer, None, &new(&one, &two)).await.unwrap().made;
    assert_eq!(read(app, &officer, pair).await.unwrap().row.state, "linked");
    node.work().await;
    let row = read(app, &officer, pair).await.unwrap().row;
    assert_eq!((row.state.as_str(), row.origin.as_str()), ("linked", "manual"));
    assert_ne!(row.model, "unweighed");
    assert!(matches!(link(app, &officer, None, &new(&two, &one)).await, Err(ServiceError::IllegalDuplicate(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn linked_found_records_are_no_rivals_of_each_other() {
    let s = scene().await;
    let app = &s.node.app;
    let one = s.node.remains(&s.here, sought()).await;
    let two = s.node.remains(&s.here, sought()).await;
    s.node.work().await;
    let filter = QueueFilter { case: Some(s.case.0), ..QueueFilter::default() };
    let lines = hypotheses::list(app, &s.here, &filter, None, 10).await.unwrap();
    assert_eq!(lines.len(), 2);
    let rival = |id: Uuid| {
        let s = &s;
        async move {
            let mut tx = s.node.app.pool.begin_for(&s.here).await.unwrap();
            let there = rastro::db::hypotheses::has_rival(&mut tx, rastro::domain::ids::HypothesisId(id)).await.unwrap();
            tx.commit().await.unwrap();
            there
        }
    };
    // The case of the other commission is a rival as well: linked away first.
    let pair = s.pair_of_cases().await;
    s.says(&s.here, pair, Link).await.unwrap();
    s.says(&s.there, pair, Link).await.unwrap();
    assert!(rival(lines[0].id).await || rival(lines[1].id).await);
    let folios = [found::read(app, &s.here, one).await.unwrap().row.folio, found::read(app, &s.here, two).await.unwrap().row.folio];
    let [folio, other_folio] = folios;
    let new = NewDuplicate { kind: DuplicateKind::FoundRecord, folio, other_folio, reason: "one body, two registers".to_owned() };
    link(app, &s.here, None, &new).await.unwrap();
    assert!(!rival(lines[0].id).await && !rival(lines[1].id).await);
}

impl Scene {
    async fn pair_of_cases(&self) -> DuplicateId {
        let filter = DuplicateFilter { kind: Some(DuplicateKind::Case), ..DuplicateFilter::default() };
        DuplicateId(list(&self.node.app, &self.here, &filter, None, 10).await.unwrap()[0].id)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_no_cases_sees_no_pair_of_them_and_who_changes_none_decides_nothing() {
    let s = scene().await;
    let app = &s.node.app;
    let pair = s.pair().await;
    let reviewer = s.node.user(s.here.authority, "reviewer", &[Role::Reviewer]).await;
    let forensic = s.node.user(s.here.authority, "forensic", &[Role::ForensicOfficer]).await;
    let consul = s.node.user(s.here.authority, "consul", &[Role::ConsularOfficer]).await;
    let view = read(app, &reviewer, pair).await.unwrap();
    assert!(view.legal.is_empty());
    assert!(matches!(command(app, &reviewer, pair, view.row.rev, word(Link)).await, Err(ServiceError::Forbidden(_))));
    assert!(seen(&s.node, &forensic).await.is_empty());
    assert!(matches!(read(app, &forensic, pair).await, Err(ServiceError::NotFound)));
    assert!(matches!(command(app, &forensic, pair, view.row.rev, word(Link)).await, Err(ServiceError::NotFound)));
    assert!(matches!(list(app, &consul, &DuplicateFilter::default(), None, 5).await, Err(ServiceError::Forbidden(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_is_told_nothing_of_a_duplicate() {
    let s = scene().await;
    let app = &s.node.app;
    let family_actor = FamilyActor { authority: s.here.authority, case: s.case };
    let told = |at: &str| format!("{at}: a duplicate moves nothing a family reads");
    let before = format!("{:?}", family::status(app, &family_actor).await.unwrap());
    let pair = s.pair().await;
    s.says(&s.here, pair, Link).await.unwrap();
    s.says(&s.there, pair, Link).await.unwrap();
    assert_eq!(before, format!("{:?}", family::status(app, &family_actor).await.unwrap()), "{}", told("linked"));
    let session = s.node.family(&s.here, s.case).await;
    let folio = cases::read(app, &s.there, s.other).await.unwrap().row.folio;
    for path in ["/familia", "/familia/datos"] {
        let page = s.node.open(&session, path).await.body;
        assert!(!page.contains(&folio) && !page.contains("duplicad"), "{path}");
    }
}

#[actix_web::test]
async fn a_pair_is_found_in_the_list_read_linked_and_shown_on_the_files_of_both() {
    let s = scene().await;
    let (here, there) = (s.node.browser(&s.here, "here").await, s.node.browser(&s.there, "there").await);
    let pair = s.pair().await;
    let path = format!("/duplicados/{pair}");
    let list = s.node.open(&here, "/duplicados").await;
    assert!(list.status == StatusCode::OK && list.body.contains(&path));
    let folio = cases::read(&s.node.app, &s.there, s.other).await.unwrap().row.folio;
    let page = s.node.open(&here, &path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(&folio) && page.body.contains("Reservado"));
    assert!(!page.body.contains('⟦'));
    // Without a reason, or with none chosen, the form comes back with what was typed.
    let rev = read(&s.node.app, &s.here, pair).await.unwrap().row.rev;
    let empty = s.node.send(&here, &format!("{path}/paso"), &format!("rev={rev}&command=link&reason=")).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unchosen = s.node.send(&here, &format!("{path}/paso"), &format!("rev={rev}&reason=la+misma+madre")).await;
    assert!(unchosen.status == StatusCode::UNPROCESSABLE_ENTITY && unchosen.body.contains("la misma madre"));
    let stale = s.node.send(&here, &format!("{path}/paso"), &format!("rev={}&command=link&reason=la+misma", rev + 5)).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    let sent = s.node.send(&here, &format!("{path}/paso"), &format!("rev={rev}&command=link&reason=la+misma+madre")).await;
    assert_eq!((sent.status, sent.location.as_str()), (StatusCode::SEE_OTHER, path.as_str()));
    // The other institution reads the reason and says its word.
    let page = s.node.open(&there, &path).await.body;
    assert!(page.contains("la misma madre") && page.contains("Falta la palabra de la suya"));
    let rev = read(&s.node.app, &s.there, pair).await.unwrap().row.rev;
    s.node.send(&there, &format!("{path}/paso"), &format!("rev={rev}&command=link&reason=de+acuerdo")).await;
    let file = s.node.open(&here, &format!("/casos/{}", s.case)).await.body;
    assert!(file.contains(&path) && file.contains(&folio) && file.contains("Vinculados"));
    // A stranger to the pair hears what they hear of one that never was.
    let third = s.node.authority("CBT", "GTM", AuthorityKind::SearchCommission).await;
    let stranger = s.node.user(third, "stranger", &[Role::SearchOfficer]).await;
    let stranger = s.node.browser(&stranger, "stranger").await;
    for path in [path, format!("/duplicados/{}", Uuid::now_v7())] {
        assert_eq!(s.node.open(&stranger, &path).await.status, StatusCode::NOT_FOUND);
        let sent = s.node.send(&stranger, &format!("{path}/paso"), "rev=1&command=link&reason=x").await;
        assert_eq!(sent.status, StatusCode::NOT_FOUND);
    }
}

#[actix_web::test]
async fn two_records_are_linked_by_folio_on_a_page_that_says_which_folio_is_wrong() {
    let node = TestNode::start().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    let (first, second) = (node.case(&officer, sought(), None).await, node.case(&officer, Description::default(), None).await);
    let folio = |id: CaseId| {
        let (node, officer) = (&node, &officer);
        async move { cases::read(&node.app, officer, id).await.unwrap().row.folio }
    };
    let (one, two) = (folio(first).await, folio(second).await);
    let browser = node.browser(&officer, "officer").await;
    let form = node.open(&browser, &format!("/duplicados/vincular?tipo=case&folio={one}")).await;
    assert!(form.status == StatusCode::OK && form.body.contains(&one));
    let wrong = node.send(&browser, "/duplicados/vincular", &format!("tipo=case&folio={one}&otro=nada&reason=x")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("no hay otro registro que usted pueda ver"));
    let fields = format!("tipo=case&folio={one}&otro={}&reason=la+t%C3%ADa+report%C3%B3+tambi%C3%A9n", two.to_lowercase());
    let sent = node.send(&browser, "/duplicados/vincular", &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let page = node.open(&browser, &sent.location).await.body;
    assert!(page.contains(&one) && page.contains(&two) && page.contains("Vinculados"));
    assert_eq!(node.send(&browser, "/duplicados/vincular", &fields).await.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_list_read_and_decide_with_the_revision_and_link_once_per_key() {
    let node = TestNode::start_with_key().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    let (first, second) = (node.case(&officer, sought(), None).await, node.case(&officer, sought(), None).await);
    node.work().await;
    let served = node.serve_pages().await;
    let program = Program::of(&node, &served, &officer).await;
    let answer = program.ask(Method::GET, "/possible-duplicates?kind=case").send().await.unwrap();
    let lines: Value = answer.json().await.unwrap();
    let id = lines["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/possible-duplicates/{id}");
    let answer = program.ask(Method::GET, &path).send().await.unwrap();
    let etag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let body: Value = answer.json().await.unwrap();
    assert_eq!((body["state"].as_str().unwrap(), body["records"].as_array().unwrap().len()), ("proposed", 2));
    assert_eq!(body["legal"], json!(["link", "mark_not_duplicate"]));
    let moves = format!("{path}/moves");
    let word = json!({ "command": "link", "reason": "one document" });
    let without = program.ask(Method::POST, &moves).json(&word).send().await.unwrap().status();
    assert_eq!(without.as_u16(), 428);
    let done = program.ask(Method::POST, &moves).header("if-match", &etag).json(&word).send().await.unwrap();
    assert_eq!(done.status().as_u16(), 200);
    let again = program.ask(Method::POST, &moves).header("if-match", &etag).json(&word).send().await.unwrap();
    assert_eq!(again.status().as_u16(), 409, "linked already: the legal moves are told");
    let unlink = json!({ "command": "unlink", "reason": "a cousin" });
    let etag = done.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(program.ask(Method::POST, &moves).header("if-match", &etag).json(&unlink).send().await.unwrap().status().as_u16(), 200);
    let folio = |id: CaseId| {
        let (node, officer) = (&node, &officer);
        async move { cases::read(&node.app, officer, id).await.unwrap().row.folio }
    };
    let by_folio = json!({ "kind": "case", "folio": folio(first).await, "other_folio": folio(second).await, "reason": "it was her after all" });
    let key = Uuid::now_v7().to_string();
    let mut made = Vec::new();
    for expected in [201, 200] {
        let answer = program.ask(Method::POST, "/possible-duplicates").header("idempotency-key", &key).json(&by_folio).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), expected);
        made.push(answer.json::<Value>().await.unwrap()["id"].clone());
    }
    assert_eq!(made, [json!(id), json!(id)]);
}
