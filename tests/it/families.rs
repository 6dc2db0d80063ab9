//! The families' and associations' pages: signing in, writing, withdrawing, and that no byte of them moves with a hypothesis, an
//! identification or a result until a person recorded that the family was told.

use crate::support::{TestNode, consent_to, identified, person};
use rastro::db::hypotheses::QueueFilter;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::case::{CaseCommand, CaseState};
use rastro::domain::hypothesis::{HypothesisCommand, Reason, Verdict};
use rastro::domain::identification::IdentificationCommand;
use rastro::domain::ids::{AuthorityId, CaseId, FoundId, HypothesisId};
use rastro::services::cases::{CaseMove, ConsentForm};
use rastro::services::consents::{Subject, Withdrawal};
use rastro::services::hypotheses::{HypothesisMove, NewVerdict};
use rastro::services::{association, cases, consents, found, hypotheses, notification, partners};
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Client, StatusCode, redirect};

struct Scene {
    node: TestNode,
    served: crate::support::Served,
    commission: AuthorityId,
    officer: Actor,
    forensic: Actor,
    consul: Actor,
    companion: Actor,
    case: CaseId,
    folio: String,
    pin: String,
}

fn consent() -> ConsentForm {
    consent_to(&[AuthorityKind::ForensicBank, AuthorityKind::Consulate])
}

async fn scene() -> Scene {
    let node = TestNode::start().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    let consulate = node.authority("CON", "HND", AuthorityKind::Consulate).await;
    let committee = node.authority("AFA", "HND", AuthorityKind::Association).await;
    node.agreement(commission, bank).await;
    node.agreement(commission, consulate).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer, Role::Reviewer]).await;
    let forensic = node.user(bank, "forensic", &[Role::ForensicOfficer, Role::Reviewer]).await;
    let consul = node.user(consulate, "consul", &[Role::ConsularOfficer]).await;
    let companion = node.user(committee, "companion", &[Role::AssociationMember]).await;
    let case = node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent())).await;
    association::mandate(&node.app, &officer, case, committee, "2030-01-15".parse().ok()).await.unwrap();
    let pin = cases::renew_pin(&node.app, &officer, case).await.unwrap();
    let folio = cases::read(&node.app, &officer, case).await.unwrap().row.folio;
    // The server alone: what the worker does happens when a test says so.
    let served = node.serve_pages().await;
    Scene { node, served, commission, officer, forensic, consul, companion, case, folio, pin }
}

fn browser() -> Client {
    Client::builder().cookie_store(true).redirect(redirect::Policy::none()).build().unwrap()
}

impl Scene {
    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.served.url)
    }

    async fn get(&self, client: &Client, path: &str) -> (StatusCode, String) {
        let answer = client.get(self.url(path)).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    async fn post(&self, client: &Client, path: &str, fields: &[(&str, &str)]) -> reqwest::Response {
        // The token of whichever page this browser may see.
        let (_, page) = self.get(client, "/familia/entrar").await;
        let page = if page.is_empty() { self.get(client, "/familia").await.1 } else { page };
        let token = token_of(&page);
        let mut form = vec![("csrf", token.as_str())];
        form.extend_from_slice(fields);
        client.post(self.url(path)).form(&form).send().await.unwrap()
    }

    async fn sign_in(&self, client: &Client, folio: &str, pin: &str) -> reqwest::Response {
        self.post(client, "/familia/entrar", &[("folio", folio), ("pin", pin)]).await
    }

    async fn family(&self) -> Client {
        let client = browser();
        let answer = self.sign_in(&client, &self.folio, &self.pin).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers().get(LOCATION).unwrap(), "/familia");
        client
    }

    async fn staff(&self, actor: &Actor, name: &str) -> Client {
        let token = self.node.session(actor, name).await;
        let mut headers = HeaderMap::new();
        headers.insert("cookie", format!("rastro_session={token}").parse().unwrap());
        Client::builder().default_headers(headers).redirect(redirect::Policy::none()).build().unwrap()
    }

    /// Everything a family's browser can receive: status, headers and bytes of each page in both languages.
    async fn sights(&self, client: &Client) -> Vec<String> {
        let mut seen = Vec::new();
        for path in [
            "/familia",
            "/familia?lang=en",
            "/familia?lang=es",
            "/familia/datos",
            "/familia/datos/retirar?purpose=search",
            "/familia/datos/retirar?purpose=todos",
            "/familia/datos/retirar?purpose=statistics",
            "/familia/entrar",
            "/familia/nada",
        ] {
            let answer = client.get(self.url(path)).send().await.unwrap();
            let (status, mut headers) = (answer.status(), answer.headers().clone());
            for moving in ["date", "x-request-id"] {
                headers.remove(moving);
            }
            let mut headers: Vec<String> = headers.iter().map(|(n, v)| format!("{n}: {}", v.to_str().unwrap())).collect();
            headers.sort();
            seen.push(format!("{path}\n{status}\n{}\n\n{}", headers.join("\n"), answer.text().await.unwrap()));
        }
        seen
    }

    async fn association_sights(&self, client: &Client) -> Vec<String> {
        let mut seen = Vec::new();
        for path in ["/asociacion".to_owned(), format!("/asociacion/{}", self.case)] {
            let (status, body) = self.get(client, &path).await;
            assert_eq!(status, StatusCode::OK);
            seen.push(body);
        }
        seen
    }

    async fn command(&self, wanted: CaseCommand) -> CaseState {
        let rev = cases::read(&self.node.app, &self.officer, self.case).await.unwrap().row.rev;
        let wanted = CaseMove { command: wanted, reason: "as the plan says".to_owned() };
        cases::command(&self.node.app, &self.officer, self.case, rev, wanted).await.unwrap().0
    }

    async fn verdict(&self, actor: &Actor, id: HypothesisId) {
        let rev = hypotheses::read(&self.node.app, actor, id).await.unwrap().row.rev;
        let verdict = NewVerdict {
            verdict: Verdict::Support,
            reasons: vec![Reason::Mark],
            note: "the marks agree".to_owned(),
            strength: None,
            conflict_of_interest: false,
        };
        hypotheses::give_verdict(&self.node.app, actor, id, rev, verdict).await.unwrap();
    }

    async fn hypothesis_on(&self, found: FoundId) -> HypothesisId {
        let filter = QueueFilter { found: Some(found.0), ..QueueFilter::default() };
        let lines = hypotheses::list(&self.node.app, &self.officer, &filter, None, 10).await.unwrap();
        HypothesisId(lines.first().unwrap().id)
    }
}

fn token_of(page: &str) -> String {
    page.split_once("name=\"csrf\" value=\"").map(|(_, rest)| rest.split('"').next().unwrap().to_owned()).unwrap_or_default()
}

fn same(before: &[String], after: &[String], what: &str) {
    for (a, b) in before.iter().zip(after) {
        let differing = a.lines().zip(b.lines()).find(|(x, y)| x != y);
        assert_eq!(a.len(), b.len(), "after {what}, a page is longer or shorter: {differing:?}");
        assert!(a == b, "after {what}, a page reads otherwise: {differing:?}");
    }
    assert_eq!(before.len(), after.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_of_a_family_page_moves_on_the_way_to_an_identification_until_a_person_told_the_family() {
    let s = scene().await;
    let app = &s.node.app;
    let (client, companion) = (s.family().await, s.staff(&s.companion, "companion").await);
    // The first look in each language sets a cookie; after that nothing may change.
    s.sights(&client).await;
    s.association_sights(&companion).await;
    // The association's own looks are told to the family (they cannot know of a hypothesis), by day: these two are of today already.
    let (before, association_before) = (s.sights(&client).await, s.association_sights(&companion).await);
    assert!(before[0].contains("La búsqueda de Xiomara Inventada Zelaya Prueba sigue activa") || before[1].contains("Xiomara"));
    let check = async |what: &str| {
        same(&before, &s.sights(&client).await, what);
        same(&association_before, &s.association_sights(&companion).await, what);
    };
    check("nothing").await;

    s.command(CaseCommand::ActivateSearch).await;
    let found = s.node.remains(&s.forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    s.node.work().await;
    let id = s.hypothesis_on(found).await;
    check("a hypothesis was proposed").await;

    // Institutions that never looked before look now, again and again: more than any list would hold.
    cases::read(app, &s.forensic, s.case).await.unwrap();
    cases::read(app, &s.consul, s.case).await.unwrap();
    for _ in 0..120 {
        hypotheses::read(app, &s.forensic, id).await.unwrap();
    }
    cases::file(app, &s.officer, s.case).await.unwrap();
    partners::desk(app, &s.consul).await.unwrap();
    check("the bank and the consulate looked").await;

    s.verdict(&s.officer, id).await;
    check("the first verdict").await;
    s.command(CaseCommand::OpenPossibleLocation).await;
    check("a possible location").await;
    s.verdict(&s.forensic, id).await;
    check("the second verdict").await;
    let rev = hypotheses::read(app, &s.forensic, id).await.unwrap().row.rev;
    let confirm = HypothesisMove { command: HypothesisCommand::Confirm, reason: "dental chart".to_owned(), basis: None, strength: None };
    hypotheses::command(app, &s.forensic, id, rev, confirm).await.unwrap();
    check("the hypothesis was confirmed").await;
    let letters = s.node.letters.lock().unwrap().len();
    let report = identified::drafted(&s.node, &s.forensic, id).await;
    check("an identification was drafted").await;
    for command in [IdentificationCommand::Submit, IdentificationCommand::Sign] {
        identified::step(&s.node, &s.forensic, report, command).await.unwrap();
        check("it was handed in and signed once").await;
    }
    identified::step(&s.node, &s.officer, report, IdentificationCommand::Sign).await.unwrap();
    s.node.work().await;
    check("it was issued").await;
    assert_eq!(s.command(CaseCommand::ConfirmIdentified).await, CaseState::IdentifiedDeceased);
    s.node.work().await;
    check("the case was identified").await;

    // Work that follows: a planned visit, a corrected found record, another association's question and its answer.
    let visit = cases::NewAction { kind: "notification".into(), addressee: None, note: None, due: "2030-02-01".parse().unwrap() };
    let visit = cases::plan_action(app, &s.officer, s.case, None, visit).await.unwrap().made;
    cases::finish_action(app, &s.officer, s.case, visit, "done").await.unwrap();
    let mut named = person("Xiomara Inventada", "Zelaya", "Prueba");
    named.eye_color = Some("negro".into());
    found::correct(app, &s.forensic, found, 1, "named", &named).await.unwrap();
    s.node.work().await;
    check("the record was corrected").await;
    let reread = s.family().await;
    s.sights(&reread).await;
    // A new session sees the same pages, but for its own form token.
    let fresh: Vec<String> = s.sights(&reread).await;
    let token = |pages: &[String]| token_of(&pages[0]);
    let untoken = |pages: &[String]| pages.iter().map(|p| p.replace(&token(pages), "TOKEN")).collect::<Vec<_>>();
    same(&untoken(&before), &untoken(&fresh), "signing in again");

    let [telling] = identified::pending(&s.node, &s.officer, s.case).await[..] else { panic!("one thing is to be told") };
    let rev = identified::scheduled(&s.node, &s.officer, telling).await;
    check("it was planned, authorised and agreed on how the family is told").await;
    s.node.work().await;
    assert_eq!(s.node.letters.lock().unwrap().len(), letters, "no mail leaves for an identification or a plan to tell it");

    // Only this moves it, and then the looks of all offices up to this moment are told.
    notification::deliver(app, &s.officer, telling, rev, identified::in_person()).await.unwrap();
    assert_eq!(cases::read(app, &s.officer, s.case).await.unwrap().row.state, "family_notified");
    let after = s.sights(&client).await;
    assert!(after[0].contains("Su persona de contacto está en comunicación con usted") || after[0].contains("in touch with you"));
    assert!(after[3].contains("Authority BNK consultó los datos") && after[3].contains("Authority CON consultó los datos"), "{}", after[3]);
    cases::read(app, &s.forensic, s.case).await.unwrap();
    same(&after, &s.sights(&client).await, "a look after the conversation");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_families_cannot_tell_from_their_pages_whose_relative_was_identified() {
    let s = scene().await;
    let app = &s.node.app;
    // The same report, but nothing in the world fits it.
    let other = s.node.case(&s.officer, person("Yolanda Inventada", "Oquendo", "Ensayo"), Some(consent())).await;
    association::mandate(app, &s.officer, other, s.companion.authority, "2030-01-15".parse().ok()).await.unwrap();
    let pin = cases::renew_pin(app, &s.officer, other).await.unwrap();
    let folio = cases::read(app, &s.officer, other).await.unwrap().row.folio;
    let (mine, theirs) = (s.family().await, browser());
    assert_eq!(s.sign_in(&theirs, &folio, &pin).await.status(), StatusCode::SEE_OTHER);

    s.command(CaseCommand::ActivateSearch).await;
    let found = s.node.remains(&s.forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    s.node.work().await;
    let id = s.hypothesis_on(found).await;
    s.verdict(&s.officer, id).await;
    s.command(CaseCommand::OpenPossibleLocation).await;
    s.verdict(&s.forensic, id).await;
    cases::read(app, &s.consul, s.case).await.unwrap();

    let plain = async |client: &Client, folio: &str, name: &str| {
        s.sights(client).await;
        let pages = s.sights(client).await;
        let token = token_of(&pages[0]);
        pages.into_iter().map(|p| p.replace(&token, "TOKEN").replace(folio, "FOLIO").replace(name, "NAME")).collect::<Vec<_>>()
    };
    let a = plain(&mine, &s.folio, "Xiomara Inventada Zelaya Prueba").await;
    let b = plain(&theirs, &folio, "Yolanda Inventada Oquendo Ensayo").await;
    // Sizes differ by the names alone, so the length header is left out here.
    let sizeless = |pages: Vec<String>| {
        pages.into_iter().map(|p| p.lines().filter(|l| !l.starts_with("content-length")).collect::<Vec<_>>().join("\n")).collect::<Vec<_>>()
    };
    same(&sizeless(a), &sizeless(b), "one was identified");

    // Both withdraw everything; what they are told is the same again, though for one a hypothesis ended.
    for client in [&mine, &theirs] {
        let answer = s.post(client, "/familia/datos/retirar", &[("purpose", "todos"), ("reason", "lo pensamos mejor")]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    }
    assert_eq!(hypotheses::read(app, &s.officer, id).await.unwrap().row.state, "withdrawn");
    let a = plain(&mine, &s.folio, "Xiomara Inventada Zelaya Prueba").await;
    let b = plain(&theirs, &folio, "Yolanda Inventada Oquendo Ensayo").await;
    same(&sizeless(a), &sizeless(b), "both withdrew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_withdrawn_on_the_other_side_moves_nothing_either() {
    let s = scene().await;
    let app = &s.node.app;
    let client = s.family().await;
    s.command(CaseCommand::ActivateSearch).await;
    let new = serde_json::json!({ "kind": "hospital", "person": person("Xiomara Inventada", "Zelaya", "Prueba"),
        "consent": consent_to(&[AuthorityKind::SearchCommission]) });
    let found = found::register(app, &s.forensic, None, serde_json::from_value(new).unwrap()).await.unwrap().made.id;
    s.sights(&client).await;
    let before = s.sights(&client).await;
    s.node.work().await;
    s.hypothesis_on(found).await;
    same(&before, &s.sights(&client).await, "a person was found alive");
    consents::withdraw(app, &s.forensic, Subject::Found(found), Withdrawal { reason: "asked".into(), ..Withdrawal::default() }).await.unwrap();
    s.node.work().await;
    same(&before, &s.sights(&client).await, "that person withdrew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_folio_a_mistyped_one_and_a_wrong_pin_are_one_answer_and_five_tries_are_all_there_are() {
    let s = scene().await;
    let client = browser();
    let unknown = "HND-CBA-2019-000777";
    let check = ('0'..='9').chain('A'..='Z').find(|c| format!("{unknown}-{c}").parse::<rastro::domain::folio::Folio>().is_ok()).unwrap();
    let attempts = [(s.folio.clone(), "00000000"), (format!("{unknown}-{check}"), "12345678"), ("no es un folio".to_owned(), "12345678")];
    let mut answers = Vec::new();
    for (folio, pin) in &attempts {
        let answer = s.sign_in(&client, folio, pin).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        answers.push(answer.text().await.unwrap().replace(folio.as_str(), "FOLIO"));
    }
    assert!(answers.iter().all(|text| *text == answers[0]));
    assert!(answers[0].contains("No pudimos abrir con esos datos") && !answers[0].contains("00000000"));

    // Spelled otherwise it is the same folio: capitals and blanks give no further tries. An unknown folio waits all the same.
    for folio in [s.folio.clone(), format!("{unknown}-{check}")] {
        let spellings = [folio.to_lowercase(), format!(" {folio}"), folio.clone(), format!("{folio} "), folio.to_lowercase()];
        let mut last = StatusCode::OK;
        for spelling in &spellings {
            last = s.sign_in(&client, spelling, "11111111").await.status();
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    }
    let waiting = s.sign_in(&client, &s.folio, &s.pin).await;
    assert_eq!(waiting.status(), StatusCode::TOO_MANY_REQUESTS, "even the right PIN waits");
    assert!(waiting.headers().contains_key(RETRY_AFTER));
    assert!(waiting.text().await.unwrap().contains("Espere unos minutos"));
    assert_eq!(s.sign_in(&client, "", "").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(s.sign_in(&client, "a\0b", "\0").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_in_groups_and_a_folio_in_small_letters_open_the_portal_and_leave_by_the_way_they_came() {
    let s = scene().await;
    let client = browser();
    let grouped = format!("{} {}-{}", &s.pin[..3], &s.pin[3..5], &s.pin[5..]);
    let answer = s.post(&client, "/familia/entrar", &[("folio", &s.folio.to_lowercase()), ("pin", &grouped), ("next", "/familia/datos")]).await;
    assert_eq!((answer.status(), answer.headers().get(LOCATION).unwrap().to_str().unwrap()), (StatusCode::SEE_OTHER, "/familia/datos"));
    // A way back that is none of the family's pages is forgotten.
    let stranger = browser();
    let answer = s.post(&stranger, "/familia/entrar", &[("folio", &s.folio), ("pin", &s.pin), ("next", "/casos")]).await;
    assert_eq!(answer.headers().get(LOCATION).unwrap(), "/familia");

    let exit = client.get(s.url("/salir")).send().await.unwrap();
    assert_eq!(exit.status(), StatusCode::SEE_OTHER);
    assert_eq!(exit.headers().get(LOCATION).unwrap().to_str().unwrap(), s.node.app.settings.family.neutral_url);
    assert!(exit.headers().get("clear-site-data").unwrap().to_str().unwrap().contains("storage"));
    let (status, body) = s.get(&client, "/familia").await;
    assert_eq!((status, body.as_str()), (StatusCode::SEE_OTHER, ""));
    let (status, _) = s.get(&client, "/familia/mensaje").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    // A family's session is none of the staff's, and the other way round.
    let (status, _) = s.get(&stranger, "/casos").await;
    assert_ne!(status, StatusCode::OK);
    let officer = s.staff(&s.officer, "officer").await;
    assert_eq!(s.get(&officer, "/familia").await.0, StatusCode::SEE_OTHER);
    // Leaving by the button ends the session too.
    assert_eq!(s.post(&stranger, "/familia/cerrar", &[]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(s.get(&stranger, "/familia").await.0, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_family_writes_waits_for_its_contact_person_once_and_the_answer_comes_back() {
    let s = scene().await;
    let app = &s.node.app;
    let client = s.family().await;
    let call = [("when", "evening"), ("number", "504 0000"), ("quiet", "yes"), ("note", "después de las seis\n<b>por favor</b>")];
    for _ in 0..2 {
        assert_eq!(s.post(&client, "/familia/llamada", &call).await.status(), StatusCode::SEE_OTHER);
    }
    assert_eq!(s.post(&client, "/familia/mensaje", &[("text", "Recordamos un tatuaje.")]).await.status(), StatusCode::SEE_OTHER);
    let everything = s.node.everything().await;
    let rows = everything.query("SELECT id, kind, body FROM case_message ORDER BY created_at", &[]).await.unwrap();
    assert_eq!(rows.len(), 2, "sent twice within minutes is one message");
    let body: String = rows[0].get("body");
    assert_eq!(body, "Por la noche\nTeléfono: 504 0000\nNo dejen recados\ndespués de las seis\n<b>por favor</b>");
    let notices: i64 = everything.query_one("SELECT count(*) FROM notice WHERE kind = 'call_request'", &[]).await.unwrap().get(0);
    assert_eq!(notices, 1);

    association::answer(app, &s.officer, s.case, rows[1].get("id"), "Gracias, lo anotamos.").await.unwrap();
    // Another conversation about the same case is not the family's.
    association::ask(app, &s.companion, s.case, None, "¿Cuándo es la próxima reunión?").await.unwrap();
    let question = everything.query_one("SELECT id FROM case_message WHERE kind = 'association_question'", &[]).await.unwrap().get("id");
    association::answer(app, &s.officer, s.case, question, "El jueves, con ustedes.").await.unwrap();
    let (_, page) = s.get(&client, "/familia").await;
    assert!(page.contains("Gracias, lo anotamos.") && page.contains("&#60;b&#62;por favor") && page.contains("Usted pidió una llamada"));
    assert!(!page.contains("El jueves") && !page.contains("próxima reunión"));

    for (path, fields, says) in [
        ("/familia/mensaje", vec![("text", "  ".to_owned())], "Escriba algo antes de enviar"),
        ("/familia/mensaje", vec![("text", "a".repeat(2001))], "El mensaje es muy largo"),
        ("/familia/mensaje", vec![("text", "a\0b".to_owned())], "carácter invisible"),
        ("/familia/llamada", vec![("when", "at once".to_owned())], "Elija una de las opciones"),
        ("/familia/llamada", vec![("number", "9".repeat(41))], "demasiado largo"),
        ("/familia/llamada", vec![("note", format!("{}\u{202E}", "n".repeat(20)))], "carácter invisible"),
    ] {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let answer = s.post(&client, path, &fields).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{path} {says}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(says), "{path}: {says}");
    }
    // A form of another session, and one without a token.
    let bare = client.post(s.url("/familia/mensaje")).form(&[("text", "hola")]).send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_reads_what_happens_before_it_withdraws_and_then_it_has_happened() {
    let s = scene().await;
    let client = s.family().await;
    let (_, data) = s.get(&client, "/familia/datos").await;
    for there in ["Xiomara Inventada", "Authority BNK", "Authority CON", "Authority AFA", "Para: ", "Búsqueda", "Banco forense", "Consulado"] {
        assert!(data.contains(there), "the data page lacks {there}");
    }
    let (_, page) = s.get(&client, "/familia/datos/retirar?purpose=consular_assistance").await;
    assert!(page.contains("Dejan de ver los datos:") && page.contains("Authority CON") && !page.contains("Ya no compararemos"));
    let (_, page) = s.get(&client, "/familia/datos/retirar?purpose=search").await;
    assert!(page.contains("Authority BNK") && page.contains("Ya no compararemos estos datos"));
    // Looking at it withdraws nothing.
    assert!(s.get(&client, "/familia/datos").await.1.contains("retirar?purpose=search"));
    for none in ["statistics", "administration", "", "x'--"] {
        let (status, _) = s.get(&client, &format!("/familia/datos/retirar?purpose={none}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{none}");
    }
    let long = "a".repeat(1001);
    let refused = s.post(&client, "/familia/datos/retirar", &[("purpose", "search"), ("reason", &long)]).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);

    for _ in 0..2 {
        let answer = s.post(&client, "/familia/datos/retirar", &[("purpose", "search")]).await;
        assert_eq!((answer.status(), answer.headers().get(LOCATION).unwrap().to_str().unwrap()), (StatusCode::SEE_OTHER, "/familia/datos"));
    }
    let (_, data) = s.get(&client, "/familia/datos").await;
    assert!(!data.contains("Búsqueda") && data.contains("Para: Asistencia consular"));
    assert!(cases::read(&s.node.app, &s.consul, s.case).await.is_ok(), "the other purposes stand");
    s.post(&client, "/familia/datos/retirar", &[("purpose", "todos"), ("reason", "")]).await;
    let (_, data) = s.get(&client, "/familia/datos").await;
    assert!(data.contains("No hay permisos activos") && !data.contains("Authority BNK") && !data.contains("Authority CON"));
    assert!(cases::read(&s.node.app, &s.consul, s.case).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_association_sees_its_mandates_phase_and_next_contact_and_nothing_else_of_a_case() {
    let s = scene().await;
    let app = &s.node.app;
    let secret = s.node.case(&s.officer, person("Yolanda Inventada", "Oquendo", "Ensayo"), Some(consent())).await;
    let found = s.node.remains(&s.forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    s.node.work().await;
    s.hypothesis_on(found).await;
    let companion = s.staff(&s.companion, "companion").await;
    let (_, page) = s.get(&companion, "/asociacion").await;
    assert!(page.contains("Xiomara Inventada Zelaya Prueba") && page.contains("Recibieron el reporte") && page.contains("15 de enero de 2030"));
    assert!(!page.contains("Yolanda"));
    let path = format!("/asociacion/{}", s.case);
    let (status, page) = s.get(&companion, &path).await;
    assert_eq!(status, StatusCode::OK);
    for other in ["hipótesis", "17 de marzo de 1994", "158 cm", "HND-BNK", "registered", "/casos", "/hipotesis"] {
        assert!(!page.to_lowercase().contains(&other.to_lowercase()), "the association reads {other}");
    }
    for elsewhere in [format!("/asociacion/{secret}"), format!("/asociacion/{}", uuid::Uuid::now_v7()), "/asociacion/nada".to_owned()] {
        assert_eq!(s.get(&companion, &elsewhere).await.0, StatusCode::NOT_FOUND, "{elsewhere}");
    }
    let token = token_of(&page);
    let send = async |client: &Client, to: &str, text: &str| {
        client.post(s.url(to)).form(&[("csrf", token.as_str()), ("text", text)]).send().await.unwrap()
    };
    assert_eq!(send(&companion, &path, "¿Cuándo es la próxima visita?").await.status(), StatusCode::SEE_OTHER);
    let (long, empty) = (send(&companion, &path, &"a".repeat(2001)).await, send(&companion, &path, " ").await);
    assert_eq!((long.status(), empty.status()), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
    assert_eq!(send(&companion, &format!("/asociacion/{secret}"), "¿Y ella?").await.status(), StatusCode::NOT_FOUND);
    // What the family wrote is not the association's, and its question is answered once.
    let family = s.family().await;
    s.post(&family, "/familia/mensaje", &[("text", "Esto es solo para ustedes.")]).await;
    let question =
        s.node.everything().await.query_one("SELECT id FROM case_message WHERE kind = 'association_question'", &[]).await.unwrap().get("id");
    association::answer(app, &s.officer, s.case, question, "El jueves.").await.unwrap();
    let (_, page) = s.get(&companion, &path).await;
    assert!(page.contains("El jueves.") && page.contains("¿Cuándo es la próxima visita?") && !page.contains("solo para ustedes"));
    // Nobody else has this page, and the mandate's end closes it.
    for (actor, name) in [(&s.officer, "officer"), (&s.forensic, "forensic"), (&s.consul, "consul")] {
        let client = s.staff(actor, name).await;
        assert_eq!(s.get(&client, "/asociacion").await.0, StatusCode::FORBIDDEN, "{name}");
        assert_eq!(s.get(&client, &path).await.0, StatusCode::FORBIDDEN, "{name}");
    }
    s.node.everything().await.execute("UPDATE mandate SET revoked_at = now()", &[]).await.unwrap();
    assert_eq!(s.get(&companion, &path).await.0, StatusCode::NOT_FOUND);
    assert!(s.get(&companion, "/asociacion").await.1.contains("Aún no hay familias"));
    assert_eq!(s.commission, s.officer.authority);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_visit_weighs_at_most_50_kilobytes_and_fetches_no_fonts_where_data_are_dear() {
    let s = scene().await;
    let token = rastro::services::accounts::family_sign_in(&s.node.app, &s.folio, &s.pin, "127.0.0.1").await.unwrap().token;
    // Nothing is unpacked, so that what is counted is what crosses the wire.
    let raw = Client::builder().no_gzip().redirect(redirect::Policy::none()).build().unwrap();
    let fetch = async |path: &str, saving: bool, signed_in: bool, packed: bool| {
        let mut request = raw.get(s.url(path)).header("accept-encoding", if packed { "br, gzip" } else { "identity" });
        if saving {
            request = request.header("save-data", "on");
        }
        if signed_in {
            request = request.header("cookie", format!("rastro_familia={token}"));
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.bytes().await.unwrap()
    };
    for (path, signed_in) in [("/familia/entrar", false), ("/familia", true), ("/familia/datos", true)] {
        for saving in [false, true] {
            let mut total = fetch(path, saving, signed_in, true).await.len();
            let page = String::from_utf8(fetch(path, saving, signed_in, false).await.to_vec()).unwrap();
            let assets: Vec<&str> = page.split('"').filter(|part| part.starts_with("/assets/")).collect();
            assert!(assets.len() >= 2, "{path}");
            let mut fonts = Vec::new();
            for asset in assets {
                total += fetch(asset, saving, false, true).await.len();
                let text = String::from_utf8_lossy(&fetch(asset, saving, false, false).await).into_owned();
                // Pages in Spanish and English need the Latin subset only; a browser fetches no other.
                fonts.extend(text.split(['(', ')', '"']).filter(|u| u.contains(".woff2") && !u.contains("latin-ext")).map(str::to_owned));
            }
            fonts.sort();
            fonts.dedup();
            assert!(!saving || fonts.is_empty(), "{path} fetches fonts: {fonts:?}");
            for font in fonts {
                let font = if font.starts_with('/') { font } else { format!("/assets/{font}") };
                total += fetch(&font, saving, false, true).await.len();
            }
            assert!(total <= 50_000, "{path} weighs {total} bytes (saving data: {saving})");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_pin_ends_the_sessions_that_the_old_one_opened() {
    let s = scene().await;
    let client = s.family().await;
    assert_eq!(s.get(&client, "/familia").await.0, StatusCode::OK);
    let pin = cases::renew_pin(&s.node.app, &s.officer, s.case).await.unwrap();
    assert_eq!(s.get(&client, "/familia").await.0, StatusCode::SEE_OTHER);
    assert_eq!(s.sign_in(&browser(), &s.folio, &pin).await.status(), StatusCode::SEE_OTHER);
}
