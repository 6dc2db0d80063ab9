//! The pages of identification, notification and restitution: from a confirmed hypothesis to a sealed report that anybody can verify, a family that a person
//! speaks with, and what is given back; faults beside their fields; and nothing of it on a family's page.

use crate::support::{Reply, Session, TestNode, consent_to, identified, person};
use actix_web::http::StatusCode;
use chrono::{Duration, Utc};
use rastro::db::hypotheses::QueueFilter;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::case::CaseCommand;
use rastro::domain::ids::{CaseId, HypothesisId};
use rastro::services::cases::{self, CaseMove};
use rastro::services::hypotheses;

struct Scene {
    node: TestNode,
    officer: Actor,
    forensic: Actor,
    /// The case's commission and the bank that keeps the remains, signed in.
    commission: Session,
    bank: Session,
    case: CaseId,
    hypothesis: HypothesisId,
}

async fn scene() -> Scene {
    let node = TestNode::start().await;
    let ours = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    node.agreement(ours, bank).await;
    let officer = node.user(ours, "officer", &[Role::SearchOfficer, Role::Reviewer]).await;
    let forensic = node.user(bank, "forensic", &[Role::ForensicOfficer, Role::Reviewer]).await;
    node.remains(&forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    let case = node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    node.work().await;
    let lines = hypotheses::list(&node.app, &officer, &QueueFilter::default(), None, 10).await.unwrap();
    let hypothesis = HypothesisId(lines[0].id);
    let confirm = format!("UPDATE hypothesis SET state = 'confirmed', rev = rev + 1 WHERE id = '{hypothesis}'");
    node.everything().await.execute(&confirm, &[]).await.unwrap();
    let (commission, bank) = (node.browser(&officer, "officer").await, node.browser(&forensic, "forensic").await);
    let s = Scene { node, officer, forensic, commission, bank, case, hypothesis };
    for command in [CaseCommand::ActivateSearch, CaseCommand::OpenPossibleLocation] {
        s.case_move(command).await;
    }
    s
}

/// The value of a hidden field, or of an input.
fn rev(page: &str) -> String {
    page.split("name=\"rev\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

impl Scene {
    async fn case_move(&self, command: CaseCommand) {
        let rev = cases::read(&self.node.app, &self.officer, self.case).await.unwrap().row.rev;
        let wanted = CaseMove { command, reason: "as the plan says".to_owned() };
        cases::command(&self.node.app, &self.officer, self.case, rev, wanted).await.unwrap();
    }

    /// Sends a form of a page with the revision that the page shows.
    async fn form(&self, who: &Session, page: &str, part: &str, fields: &str) -> Reply {
        let rev = rev(&self.node.open(who, page).await.body);
        self.node.send(who, &format!("{page}/{part}"), &format!("rev={rev}&{fields}")).await
    }

    /// The same, and it went well.
    async fn done(&self, who: &Session, page: &str, part: &str, fields: &str) {
        let reply = self.form(who, page, part, fields).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{part} {fields}: {}", reply.body);
    }

    /// A draft that lacks nothing, begun and written on the pages.
    async fn drafted(&self) -> String {
        let begun = self.node.send(&self.commission, "/identificaciones", &format!("hypothesis={}", self.hypothesis)).await;
        assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
        let text = "methods=dental&reasoning=Coincide+pieza+por+pieza&conclusion=Los+restos+son+de+la+persona&limits=Nada+de+la+causa";
        self.done(&self.commission, &begun.location, "texto", text).await;
        begun.location
    }
}

#[actix_web::test]
async fn a_draft_says_what_it_lacks_is_signed_by_two_institutions_and_becomes_a_sealed_file_that_anybody_can_verify() {
    let s = scene().await;
    let review = s.node.open(&s.commission, &format!("/hipotesis/{}", s.hypothesis)).await.body;
    assert!(review.contains("Empezar o abrir el dictamen"), "a confirmed hypothesis on remains leads there");
    let page = s.drafted().await;
    let again = s.node.send(&s.bank, "/identificaciones", &format!("hypothesis={}", s.hypothesis)).await;
    assert_eq!(again.location, page, "whoever begins a second one is led to the first");
    s.done(&s.commission, &page, "texto", "methods=visual_recognition&conclusion=&limits=").await;
    let shown = s.node.open(&s.commission, &page).await.body;
    assert!(shown.contains("Nadie se identifica solo a la vista") && shown.contains("Escriba la conclusión"), "{shown}");
    let early = s.form(&s.commission, &page, "paso", "command=submit").await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(early.body.contains("id=\"conclusion-error\"") && early.body.contains("id=\"methods-error\""), "beside the fields: {}", early.body);
    s.done(
        &s.commission,
        &page,
        "texto",
        "methods=dental&conclusion=Los+restos+son+de+la+persona&limits=Nada+de+la+causa&reasoning=Pieza+por+pieza",
    )
    .await;
    s.done(&s.commission, &page, "paso", "command=submit").await;
    let day = s.node.open(&s.bank, "/inicio").await.body;
    assert!(day.contains("/identificaciones?espera=si") && day.contains(&page), "it waits on the other's start page: {day}");
    let waiting = s.node.open(&s.bank, "/identificaciones?espera=si").await.body;
    assert!(waiting.contains("Espera la palabra de su institución"), "{waiting}");
    let bare = s.form(&s.bank, &page, "paso", "command=return_to_draft").await;
    assert!(bare.status == StatusCode::UNPROCESSABLE_ENTITY && bare.body.contains("id=\"return_to_draft-reason-error\""), "{}", bare.body);
    s.done(&s.commission, &page, "paso", "command=sign").await;
    let shown = s.node.open(&s.commission, &page).await.body;
    assert!(!shown.contains("value=\"sign\""), "who has signed is not asked again");
    let rev = rev(&shown);
    let twice = s.node.send(&s.commission, &format!("{page}/paso"), &format!("rev={rev}&command=sign")).await;
    assert!(twice.status == StatusCode::CONFLICT && twice.body.contains("Usted ya dio su palabra"), "{}", twice.body);
    s.done(&s.bank, &page, "paso", "command=sign&sign-language=en").await;

    let shown = s.node.open(&s.bank, &page).await.body;
    let code = shown.split("/verificar/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let nobody = Session { cookie: String::new(), csrf: String::new() };
    let verified = s.node.open(&nobody, &format!("/verificar/{code}")).await;
    assert!(verified.status == StatusCode::OK && verified.body.contains("Vigente"), "{}", verified.body);
    let folio = cases::read(&s.node.app, &s.officer, s.case).await.unwrap().row.folio;
    for kept_out in [folio.as_str(), "Xiomara", "dictamen", "identific", "restos"] {
        let main = verified.body.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
        assert!(!main.contains(kept_out), "{kept_out}: {main}");
    }
    let unknown = s.node.open(&nobody, "/verificar/00000000000000000000000000000000").await;
    assert!(unknown.status == StatusCode::NOT_FOUND && unknown.body.contains("Código desconocido"));
}

#[actix_web::test]
async fn the_sealed_file_is_a_pdf_and_every_version_is_read_as_it_was_sealed() {
    let s = scene().await;
    let page = s.drafted().await;
    for (who, fields) in [(&s.commission, "command=submit"), (&s.commission, "command=sign"), (&s.bank, "command=sign&sign-language=es")] {
        s.done(who, &page, "paso", fields).await;
    }
    s.done(&s.bank, &page, "paso", "command=reissue&reissue-language=en").await;
    let served = s.node.serve_pages().await;
    let mut files = Vec::new();
    for version in [1, 2, 1] {
        let url = format!("{}{page}/informes/{version}", served.url);
        let answer = reqwest::Client::new().get(url).header("cookie", &s.commission.cookie).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/pdf");
        files.push(answer.bytes().await.unwrap());
    }
    assert!(files[0].starts_with(b"%PDF-") && files[0] == files[2] && files[0] != files[1]);
}

#[actix_web::test]
async fn a_family_is_told_by_a_plan_that_names_what_it_needs_and_reads_nothing_before_a_person_spoke_with_them() {
    let s = scene().await;
    let family = s.node.family(&s.officer, s.case).await;
    let before = s.node.open(&family, "/familia").await.body;
    identified::issued(&s.node, (&s.officer, &s.forensic), s.hypothesis).await;
    s.case_move(CaseCommand::ConfirmIdentified).await;
    let list = s.node.open(&s.commission, &format!("/casos/{}/avisos", s.case)).await.body;
    let page = list.split(&format!("href=\"/casos/{}/avisos/", s.case)).nth(1).unwrap().split('"').next().unwrap();
    let page = format!("/casos/{}/avisos/{page}", s.case);
    let day = s.node.open(&s.commission, "/inicio").await.body;
    assert!(day.contains(&page), "it waits on the start page: {day}");
    let empty = s.form(&s.commission, &page, "plan", "notifier=").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["notifier", "language", "place", "psychosocial", "first_told"] {
        assert!(empty.body.contains(&format!("id=\"{field}-error\"")), "{field}: {}", empty.body);
    }
    let plan = "notifier=Persona+Inventada&language=es&place=En+casa&psychosocial=Psic%C3%B3loga+Inventada&first_told=La+madre";
    s.done(&s.commission, &page, "plan", plan).await;
    s.done(&s.commission, &page, "paso", "command=authorise").await;
    let unset = s.form(&s.commission, &page, "paso", "command=schedule").await;
    assert!(unset.status == StatusCode::UNPROCESSABLE_ENTITY && unset.body.contains("id=\"schedule-day-error\""), "{}", unset.body);
    let day = (Utc::now() + Duration::days(3)).format("%Y-%m-%d");
    s.done(&s.commission, &page, "paso", &format!("command=schedule&schedule-day={day}&schedule-time=10%3A00")).await;
    let told = (Utc::now() - Duration::hours(1)).format("told-day=%Y-%m-%d&told-time=%H%%3A%M").to_string();
    let remote = format!("mode=remote&{told}&present=La+madre&follow_up_on=2030-01-15");
    let alone = s.form(&s.commission, &page, "entrega", &remote).await;
    assert!(alone.status == StatusCode::UNPROCESSABLE_ENTITY && alone.body.contains("id=\"family_decision-error\""), "{}", alone.body);
    assert_eq!(s.node.open(&family, "/familia").await.body, before, "nothing moved on the family's page");
    s.done(&s.commission, &page, "entrega", &remote.replace("remote", "in_person")).await;
    assert_ne!(s.node.open(&family, "/familia").await.body, before, "it says that a person spoke with them");
    assert_eq!(s.node.open(&s.bank, &page).await.status, StatusCode::NOT_FOUND, "the case's institution alone reads it");
    for path in [&page, &format!("/casos/{}/avisos", s.case), &"/identificaciones".to_owned(), &"/restituciones".to_owned()] {
        assert_eq!(s.node.open(&family, path).await.status, StatusCode::SEE_OTHER, "{path}");
    }
}

#[actix_web::test]
async fn a_restitution_follows_the_conversation_says_what_lacks_and_stops_when_the_report_is_revoked() {
    let s = scene().await;
    let id = identified::issued(&s.node, (&s.officer, &s.forensic), s.hypothesis).await;
    s.case_move(CaseCommand::ConfirmIdentified).await;
    let offer = format!("identification={id}");
    let early = s.node.send(&s.commission, "/restituciones", &offer).await;
    assert_eq!(early.location, format!("/identificaciones/{id}"), "nothing is offered before a person told the family");
    identified::told(&s.node, &s.officer, s.case).await;
    let page = s.node.send(&s.commission, "/restituciones", &offer).await.location;
    assert!(page.starts_with("/restituciones/"), "{page}");
    assert!(s.node.open(&s.bank, "/restituciones").await.body.contains(&page), "the keeper of the remains sees it");
    let refused = s.form(&s.bank, &page, "paso", "command=accept").await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "what the family decides is recorded by who speaks with it");
    s.done(&s.commission, &page, "paso", "command=accept").await;
    s.done(&s.commission, &page, "paso", "command=begin_paperwork").await;
    let bare = s.form(&s.bank, &page, "cosas", "kind=remains&description=").await;
    assert!(bare.status == StatusCode::UNPROCESSABLE_ENTITY && bare.body.contains("id=\"description-error\""), "{}", bare.body);
    s.done(&s.bank, &page, "cosas", "kind=remains&description=Restos+R-1").await;
    let lacks = s.form(&s.commission, &page, "paso", "command=begin_transfer").await;
    assert_eq!(lacks.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(lacks.body.contains("id=\"carrier-error\"") && lacks.body.contains("id=\"transit_permit-reference-error\""), "{}", lacks.body);
    let papers: String = ["death_certificate_apostille", "transit_permit", "embalming_or_cremation_certificate", "consular_visa"]
        .map(|paper| format!("&{paper}-state=not_needed&{paper}-reference=En+el+pa%C3%ADs&{paper}-on="))
        .concat();
    let way = format!("receiver=La+madre&destination=Tegucigalpa&carrier=Consulado&payer=Comisi%C3%B3n&wishes={papers}");
    s.done(&s.commission, &page, "datos", &way).await;
    s.done(&s.commission, &page, "paso", "command=begin_transfer").await;
    let shown = s.node.open(&s.bank, &page).await.body;
    let item = shown.split("/cosas/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let early = s.form(&s.commission, &page, "paso", "command=deliver").await;
    assert!(early.body.contains(&format!("id=\"{item}-receipt-error\"")), "everything has its receipt: {}", early.body);
    let receipt = |part: &str| format!("{item}-{part}");
    let fields = format!(
        "{}=La+madre&{}=Forense&{}=R-77&{}=2026-01-09&{}=09%3A00",
        receipt("received_by"),
        receipt("handed_over_by"),
        receipt("receipt"),
        receipt("day"),
        receipt("time")
    );
    s.done(&s.bank, &page, &format!("cosas/{item}/recibo"), &fields).await;
    let report = format!("/identificaciones/{id}");
    s.done(&s.bank, &report, "paso", "command=propose_revocation&propose_revocation-reason=Un+error+de+etiqueta").await;
    s.done(&s.commission, &report, "paso", "command=revoke&revoke-reason=Se+comprob%C3%B3").await;
    let frozen = s.node.open(&s.commission, &page).await.body;
    assert!(frozen.contains("El dictamen fue revocado") && !frozen.contains("name=\"command\""), "{frozen}");
}
