//! The bank's pages: from a donor's consent to a sample that is received elsewhere, what they keep of a form with faults, and what they tell nobody else.

use crate::bank::{Nature, reading};
use crate::support::{Reply, Session, TestNode, consent_to, person};
use actix_web::http::StatusCode;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::ids::{AuthorityId, CaseId, SampleId};
use rastro::services::bank::profiles;
use rastro::services::desk;

struct Scene {
    node: TestNode,
    bank: AuthorityId,
    officer: Actor,
    doctor: Actor,
    genetics: [Actor; 2],
    /// A commission's forensic officer, and the bank's.
    commission: Session,
    banker: Session,
    case: CaseId,
}

async fn scene() -> Scene {
    let node = TestNode::start().await;
    let ours = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    node.agreement(ours, bank).await;
    let officer = node.user(ours, "officer", &[Role::SearchOfficer, Role::ForensicOfficer]).await;
    let doctor = node.user(bank, "doctor", &[Role::ForensicOfficer]).await;
    let one = node.user(bank, "one", &[Role::Geneticist]).await;
    let two = node.user(bank, "two", &[Role::Geneticist]).await;
    let case = node.case(&officer, person("Xiomara", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    let (commission, banker) = (node.browser(&officer, "officer").await, node.browser(&doctor, "doctor").await);
    Scene { node, bank, officer, doctor, genetics: [one, two], commission, banker, case }
}

const CONSENT: &str =
    "institutions=forensic_bank&institutions=search_commission&consent-language=es&explained-by=Una+persona&granted-by=donor&form-version=3";

/// The id at the end of an address.
fn id(address: &str) -> String {
    address.rsplit('/').next().unwrap().to_owned()
}

/// The code that a page has for its heading.
fn heading(page: &str) -> String {
    page.split("<h1 class=\"govuk-heading-l\">").nth(1).unwrap().split('<').next().unwrap().trim().to_owned()
}

/// The first `value="…"` of a field.
fn value(page: &str, name: &str) -> String {
    let after = page.split(&format!("name=\"{name}\"")).nth(1).unwrap();
    after.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

impl Scene {
    async fn donor(&self) -> String {
        let fields = format!("caso={}&relation=mother&name=Donante+Inventada&sex=female&{CONSENT}", self.case);
        let saved = self.node.send(&self.commission, "/banco/donantes/nuevo", &fields).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
        id(&saved.location)
    }

    /// A sample of a donor, by the address of its page.
    async fn sample(&self, donor: &str) -> String {
        let fields = format!("donante={donor}&material=saliva&taken-on=2026-03-01&scheme-2=kit&value-2=HN-kit/0041");
        let saved = self.node.send(&self.commission, "/banco/muestras/nueva", &fields).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
        saved.location
    }

    /// Writes a line of custody, with the revision that the page shows.
    async fn line(&self, who: &Session, sample: &str, fields: &str) -> Reply {
        let rev = value(&self.node.open(who, sample).await.body, "rev");
        self.node.send(who, &format!("{sample}/custodia"), &format!("rev={rev}&{fields}")).await
    }

    /// Seals and hands over to the bank; the address of the reception.
    async fn sent(&self, sample: &str, due: &str) -> String {
        let sealed = self.line(&self.commission, sample, "kind=sealed&sealed-seal=S-1").await;
        assert_eq!(sealed.status, StatusCode::SEE_OTHER, "{}", sealed.body);
        let page = self.node.open(&self.commission, sample).await.body;
        assert_eq!(value(&page, "handed_over-seal"), "S-1", "the seal it carries is not typed twice");
        let fields =
            format!("kind=handed_over&handed_over-to={}&handed_over-seal=S-1&handed_over-to-name=correo&handed_over-due={due}", self.bank);
        let handed = self.line(&self.commission, sample, &fields).await;
        assert_eq!(handed.status, StatusCode::SEE_OTHER, "{}", handed.body);
        let bench = self.node.open(&self.banker, "/banco").await.body;
        let link = bench.split("href=\"/banco/entregas/").nth(1).unwrap();
        format!("/banco/entregas/{}", link.split('"').next().unwrap())
    }
}

#[actix_web::test]
async fn a_sample_goes_from_the_donor_s_consent_to_a_reception_with_a_discrepancy_that_is_cleared_up() {
    let s = scene().await;
    let case = s.node.open(&s.commission, &format!("/casos/{}", s.case)).await.body;
    assert!(case.contains(&format!("/banco/casos/{}", s.case)), "the case leads to its donors");
    let donor = s.donor().await;
    let page = s.node.open(&s.commission, &format!("/banco/donantes/{donor}")).await.body;
    assert!(page.contains("Banco forense, Comisión de búsqueda") && page.contains("Formato 3."), "one form is one consent: {page}");
    let sample = s.sample(&donor).await;
    let page = s.node.open(&s.commission, &sample).await.body;
    let code = heading(&page);
    assert!(page.contains("Integridad verificada: 1 renglón"), "{page}");
    let found = s.node.open(&s.commission, "/banco?q=hnkit%200041").await.body;
    assert!(found.contains(&code), "any number finds it");

    let label = s.node.open(&s.commission, &format!("{sample}/etiqueta")).await.body;
    assert!(label.contains(&code) && label.matches("<svg").count() == 2 && !label.contains("ra-nav"), "{label}");
    assert!(!label.contains("Donante Inventada"));

    let reception = s.sent(&sample, "2030-01-15").await;
    let page = s.node.open(&s.commission, &sample).await.body;
    assert!(page.contains("En camino a Authority BNK") && !page.contains("name=\"kind\""), "nobody writes while it is on its way: {page}");
    let bench = s.node.open(&s.commission, "/banco").await.body;
    assert!(bench.contains("Se espera el 15 de enero de 2030"), "{bench}");

    // The receiver reads the code from the label: no page tells it whole, and the seal neither.
    let tail = &code[code.len() - 5..];
    for path in ["/banco", &reception] {
        let page = s.node.open(&s.banker, path).await;
        assert!(page.status == StatusCode::OK && !page.body.contains(tail) && !page.body.contains("S-1"), "{path}: {}", page.body);
    }
    for path in [sample.clone(), format!("{sample}/etiqueta")] {
        assert_eq!(s.node.open(&s.banker, &path).await.location, reception, "until it is received there is only its reception");
    }
    let receive = format!("{reception}/recibir");
    let wrong = s.node.send(&s.banker, &receive, "code=MEX-1&seal=S-2&condition=opened&location=Reja+4").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("No es el código") && wrong.body.contains("Reja 4"), "{}", wrong.body);
    let came = s.node.send(&s.banker, &receive, &format!("code={code}&seal=S-2&condition=opened&location=Reja+4")).await;
    assert_eq!((came.status, came.location.as_str()), (StatusCode::SEE_OTHER, sample.as_str()), "{}", came.body);
    assert_eq!(s.node.send(&s.banker, &receive, &format!("code={code}&condition=intact")).await.status, StatusCode::CONFLICT, "received once");
    assert_eq!(s.node.open(&s.banker, &reception).await.status, StatusCode::CONFLICT);

    let page = s.node.open(&s.banker, &sample).await.body;
    assert!(page.contains("No llegó como se envió") && page.contains("Sello abierto") && page.contains("S-2"), "{page}");
    let nothing = s.line(&s.banker, &sample, "kind=discrepancy_resolved").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.body.contains("Escriba cómo se aclaró"), "{}", nothing.body);
    let cleared = s.line(&s.banker, &sample, "kind=discrepancy_resolved&discrepancy_resolved-reason=aduana").await;
    assert_eq!(cleared.status, StatusCode::SEE_OTHER, "{}", cleared.body);
    let whole = s.node.open(&s.commission, &sample).await.body;
    assert!(whole.contains("Integridad verificada: 5 renglones") && whole.contains("aduana"), "{whole}");
    assert!(whole.contains("La tiene Authority BNK"), "{whole}");
}

#[actix_web::test]
async fn a_form_with_faults_keeps_what_was_typed_and_says_what_is_missing() {
    let s = scene().await;
    let new = "/banco/donantes/nuevo";
    let fields = format!("caso={}&relation=&name=Donante+Inventada&explained-by=Una+persona&until=2020-01-01", s.case);
    let refused = s.node.send(&s.commission, new, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Elija qué es de la persona que se busca") && refused.body.contains("Donante Inventada"), "{}", refused.body);
    let nameless = s.node.send(&s.commission, new, &format!("caso={}", s.case)).await;
    assert!(nameless.body.contains("Escriba el nombre") && nameless.body.contains("Elija qué es"), "every fault at once: {}", nameless.body);
    let fields = format!("caso={}&relation=mother&name=Donante+Inventada&explained-by=Una+persona&until=2020-01-01", s.case);
    let refused = s.node.send(&s.commission, new, &fields).await;
    for kept in
        ["value=\"Donante Inventada\"", "value=\"Una persona\"", "value=\"2020-01-01\"", "Esa fecha ya pasó", "Marque al menos una clase"]
    {
        assert!(refused.body.contains(kept), "{kept}: {}", refused.body);
    }
    let unknown = s.node.send(&s.commission, new, "case-folio=HND-1&relation=mother&name=Donante+Inventada").await;
    assert!(unknown.body.contains("No hay un caso con ese folio"), "{}", unknown.body);

    // Without consent the donor is on record, nothing is taken, and the page leads to where consent is recorded.
    let fields = format!("caso={}&relation=mother&name=Donante+Inventada", s.case);
    let donor = id(&s.node.send(&s.commission, new, &fields).await.location);
    let intake = s.node.open(&s.commission, &format!("/banco/muestras/nueva?donante={donor}")).await.body;
    assert!(intake.contains(&format!("href=\"/banco/donantes/{donor}\"")), "{intake}");
    let fields = format!("donante={donor}&material=saliva&amount=dos+hisopos&scheme-1=kit");
    let refused = s.node.send(&s.commission, "/banco/muestras/nueva", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in ["value=\"dos hisopos\"", "Escriba de quién es el número", "<option value=\"saliva\" selected>"] {
        assert!(refused.body.contains(kept), "{kept}: {}", refused.body);
    }
    let refused = s.node.send(&s.commission, "/banco/muestras/nueva", &format!("donante={donor}&material=saliva")).await;
    assert!(refused.body.contains("Falta el consentimiento de la persona donante"), "{}", refused.body);
    let unknown = s.node.send(&s.commission, "/banco/muestras/nueva", "source=remains&number=X&material=bone&note=apunte").await;
    assert!(unknown.body.contains("No hay nadie con ese código") && unknown.body.contains("apunte"), "{}", unknown.body);

    let given = s.node.send(&s.commission, &format!("/banco/donantes/{donor}/consentimiento"), "institutions=search_commission").await;
    assert_eq!(given.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(given.body.contains("value=\"search_commission\" checked"), "{}", given.body);
    let given = s.node.send(&s.commission, &format!("/banco/donantes/{donor}/consentimiento"), CONSENT).await;
    assert_eq!(given.status, StatusCode::SEE_OTHER);
    let sample = s.sample(&donor).await;
    let stale = s.node.send(&s.commission, &format!("{sample}/custodia"), "rev=99&kind=sealed&sealed-seal=S-77").await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert!(stale.body.contains("value=\"S-77\""), "{}", stale.body);
    let nowhere = s.line(&s.commission, &sample, "kind=sealed").await;
    assert!(nowhere.body.contains("Escriba el número del sello"), "{}", nowhere.body);
    let number = s.node.send(&s.commission, &format!("{sample}/numeros"), "scheme=laboratorio&value=").await;
    assert_eq!(number.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(number.body.contains("value=\"laboratorio\""), "{}", number.body);
    assert_eq!(s.node.send(&s.commission, &format!("{sample}/numeros"), "scheme=laboratorio&value=LAB-7").await.status, StatusCode::SEE_OTHER);
    assert!(s.node.open(&s.commission, &sample).await.body.contains("LAB-7"));
}

#[actix_web::test]
async fn a_donor_s_consent_is_withdrawn_after_it_was_said_what_that_means_and_the_sample_is_destroyed_before_a_witness() {
    let s = scene().await;
    let donor = s.donor().await;
    let sample = s.sample(&donor).await;
    let withdraw = format!("/banco/donantes/{donor}/retirar");
    let page = s.node.open(&s.commission, &withdraw).await.body;
    assert!(page.contains("La búsqueda de su familiar sigue."), "{page}");
    let unsure = s.node.send(&s.commission, &withdraw, "reason=lo+pidio").await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsure.body.contains("lo pidio") && unsure.body.contains("Confirme que la persona lo pidió"), "{}", unsure.body);
    assert_eq!(s.node.send(&s.commission, &withdraw, "sure=yes").await.status, StatusCode::SEE_OTHER);
    let page = s.node.open(&s.commission, &format!("/banco/donantes/{donor}")).await.body;
    assert!(page.contains("Sin consentimiento para su institución") && page.contains("Retirado:"), "{page}");

    // The notice of it leads to the sample.
    let day = s.node.open(&s.commission, "/inicio").await.body;
    assert!(day.contains(&format!("href=\"{sample}\"")), "{day}");
    let stopped = s.line(&s.commission, &sample, "kind=search_stopped").await;
    assert_eq!(stopped.status, StatusCode::SEE_OTHER, "{}", stopped.body);
    let alone = s.line(&s.commission, &sample, "kind=destroyed").await;
    assert!(alone.body.contains("Escriba quién fue testigo"), "{}", alone.body);
    let destroyed = s.line(&s.commission, &sample, "kind=destroyed&destroyed-witness=Testigo+Inventado").await;
    assert_eq!(destroyed.status, StatusCode::SEE_OTHER, "{}", destroyed.body);
    let page = s.node.open(&s.commission, &sample).await.body;
    assert!(page.contains("Destruida") && page.contains("Testigo Inventado"), "{page}");
}

#[actix_web::test]
async fn no_page_shows_a_genotype_and_another_institution_sees_neither_a_donor_s_name_nor_a_sample_it_was_not_handed() {
    let s = scene().await;
    let donor = s.donor().await;
    let sample = s.sample(&donor).await;
    let random = format!("/banco/muestras/{}", uuid::Uuid::now_v7());
    for path in
        [&sample, &format!("{sample}/etiqueta"), &format!("/banco/donantes/{donor}"), &format!("/banco/donantes/{donor}/retirar"), &random]
    {
        assert_eq!(s.node.open(&s.banker, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for (path, fields) in [
        (format!("{sample}/custodia"), "rev=1&kind=sealed&sealed-seal=S-9"),
        (format!("{sample}/numeros"), "scheme=x&value=y"),
        (format!("/banco/donantes/{donor}/retirar"), "sure=yes"),
        (format!("/banco/donantes/{donor}/consentimiento"), CONSENT),
    ] {
        assert_eq!(s.node.send(&s.banker, &path, fields).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(s.node.open(&s.commission, &format!("/banco/donantes/{donor}")).await.body.contains("Donante Inventada"));

    let code = heading(&s.node.open(&s.commission, &sample).await.body);
    let reception = s.sent(&sample, "").await;
    let came = s.node.send(&s.banker, &format!("{reception}/recibir"), &format!("code={code}&seal=S-1&condition=intact")).await;
    assert_eq!(came.status, StatusCode::SEE_OTHER, "{}", came.body);
    // Alleles that nothing else says.
    let genome = Nature::new(6).founder().into_keys().map(|locus| (locus, ["77.7".to_owned(), "88.8".to_owned()])).collect();
    let handed: SampleId = id(&sample).parse::<uuid::Uuid>().map(SampleId).unwrap();
    for analyst in &s.genetics {
        let read = serde_json::from_value(reading(&genome)).unwrap();
        profiles::enter(&s.node.app, analyst, handed, None, read).await.unwrap();
    }
    let genetics = s.node.browser(&s.genetics[0], "one").await;
    let paths = [
        "/banco".to_owned(),
        sample.clone(),
        format!("{sample}/etiqueta"),
        format!("/banco/donantes/{donor}"),
        format!("/banco/casos/{}", s.case),
    ];
    for (session, ours) in [(&s.commission, true), (&s.banker, false), (&genetics, false)] {
        for path in &paths {
            let page = s.node.open(session, path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(!page.body.contains("77.7") && !page.body.contains("88.8"), "{path}: {}", page.body);
            assert!(ours || !page.body.contains("Donante Inventada"), "{path}: {}", page.body);
        }
    }
    // Who works in the commission is not the bank's to know.
    let page = s.node.open(&s.banker, &sample).await.body;
    assert!(page.contains("Authority CBA") && !page.contains("officer") && page.contains("doctor"), "{page}");
}

#[actix_web::test]
async fn remains_lead_to_their_samples_and_a_part_is_of_the_same_source() {
    let s = scene().await;
    let found = s.node.remains(&s.doctor, person("Ignacia", "Nadie", "Prueba")).await;
    let record = s.node.open(&s.banker, &format!("/hallazgos/{found}")).await.body;
    assert!(record.contains(&format!("/banco/muestras/nueva?hallazgo={found}")), "{record}");
    let saved = s.node.send(&s.banker, "/banco/muestras/nueva", &format!("hallazgo={found}&material=bone&taken-on=2026-03-01")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let whole = id(&saved.location);
    let form = s.node.open(&s.banker, &format!("/banco/muestras/nueva?de={whole}")).await.body;
    assert!(form.contains("Parte de ·"), "{form}");
    let part = s.node.send(&s.banker, "/banco/muestras/nueva", &format!("de={whole}&material=extract&taken-on=2026-03-02")).await;
    assert_eq!(part.status, StatusCode::SEE_OTHER, "{}", part.body);
    let page = s.node.open(&s.banker, &saved.location).await.body;
    assert!(page.contains(&part.location), "the whole names its part");
    assert!(s.node.open(&s.banker, &part.location).await.body.contains(&saved.location), "and the part the whole");
    let list = s.node.open(&s.banker, &format!("/banco?hallazgo={found}")).await.body;
    assert!(list.contains("2 muestras en esta página"), "{list}");
    // Typed by its folio it is the same.
    let folio = page.split("Hallazgo</dt>").nth(1).unwrap().split("value\">").nth(1).unwrap().split('<').next().unwrap().trim().to_lowercase();
    let typed = s.node.send(&s.banker, "/banco/muestras/nueva", &format!("source=remains&number={folio}&material=tooth")).await;
    assert_eq!(typed.status, StatusCode::SEE_OTHER, "{}", typed.body);
}

#[actix_web::test]
async fn a_ledger_with_a_line_taken_out_shows_the_gap() {
    let s = scene().await;
    let sample = s.sample(&s.donor().await).await;
    for seal in ["S-1", "S-2"] {
        let sealed = s.line(&s.commission, &sample, &format!("kind=sealed&sealed-seal={seal}")).await;
        assert_eq!(sealed.status, StatusCode::SEE_OTHER, "{}", sealed.body);
        let stored = s.line(&s.commission, &sample, "kind=stored&stored-location=A-1").await;
        assert_eq!(stored.status, StatusCode::SEE_OTHER, "{}", stored.body);
    }
    let client = s.node.everything().await;
    client.batch_execute("ALTER TABLE custody_event DISABLE TRIGGER custody_append_only").await.unwrap();
    client.execute("DELETE FROM custody_event WHERE seq = 3", &[]).await.unwrap();
    let page = s.node.open(&s.commission, &sample).await.body;
    assert!(page.contains("Integridad rota: falta el renglón 3") && page.contains("ra-ledger__gap"), "{page}");
}

#[actix_web::test]
async fn both_ends_are_reminded_once_of_a_hand_over_that_nobody_answered() {
    let s = scene().await;
    let sample = s.sample(&s.donor().await).await;
    s.sent(&sample, "").await;
    let now = s.node.app.clock.now();
    let hours = |n| chrono::Duration::hours(n);
    assert_eq!(s.node.worker.remind_hand_overs(now + hours(70)).await.unwrap(), 0);
    assert_eq!(s.node.worker.remind_hand_overs(now + hours(73)).await.unwrap(), 2);
    assert_eq!(s.node.worker.remind_hand_overs(now + hours(100)).await.unwrap(), 0, "whoever was told is not told again");
    for actor in [&s.officer, &s.doctor] {
        let notices = desk::day(&s.node.app, actor).await.unwrap().notices;
        assert!(notices.iter().any(|n| n.kind == "hand_over_overdue"), "{notices:?}");
    }
    let code = heading(&s.node.open(&s.commission, &sample).await.body);
    let told = async |session| s.node.open(session, "/inicio").await.body;
    let (ours, theirs) = (told(&s.commission).await, told(&s.banker).await);
    assert!(ours.contains(&code) && ours.contains(&format!("href=\"{sample}\"")), "{ours}");
    assert!(!theirs.contains(&code) && theirs.contains(&format!("href=\"{sample}\"")), "the receiver is told where, not the code: {theirs}");
}
