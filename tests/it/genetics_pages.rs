//! The pages of geneticists: two blind readings, a family drawn row by row and shown with what remains weigh, searches of the bank; and nobody else sees any of it.

use crate::bank::{Genome, Nature, reading};
use crate::support::{Session, TestNode, consent_to, person};
use actix_web::http::StatusCode;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::ids::{CaseId, DonorId, FoundId, SampleId};
use rastro::services::bank::{donors, profiles, samples};
use rastro::services::cases;
use rastro::web::portal::respond::escape_query;
use serde_json::{Value, json};
use std::sync::Arc;

/// Alleles that nothing else on a page says.
const MARKS: [&str; 2] = ["43.2", "44.2"];

struct Scene {
    node: TestNode,
    commission: Actor,
    doctor: Actor,
    one: Actor,
    two: Actor,
    first: Session,
    second: Session,
}

async fn scene() -> Scene {
    let node = TestNode::start().await;
    let ours = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    node.agreement(ours, bank).await;
    let commission = node.user(ours, "officer", &[Role::SearchOfficer, Role::Reviewer]).await;
    let doctor = node.user(bank, "doctor", &[Role::ForensicOfficer, Role::Reviewer]).await;
    let one = node.user(bank, "one", &[Role::Geneticist]).await;
    let two = node.user(bank, "two", &[Role::Geneticist]).await;
    let (first, second) = (node.browser(&one, "one").await, node.browser(&two, "two").await);
    Scene { node, commission, doctor, one, two, first, second }
}

fn form(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| format!("{name}={}", escape_query(value))).collect::<Vec<_>>().join("&")
}

/// A genome as the grid takes it.
fn typed(genome: &Genome) -> String {
    let field = |locus: &str, n: usize| format!("locus-{}-{n}", locus.to_lowercase().replace(' ', "-"));
    let mut fields = vec![
        ("kit".to_owned(), "GlobalFiler"),
        ("laboratory".to_owned(), "Inventado"),
        ("run-on".to_owned(), "2026-03-04"),
        ("do".to_owned(), "save"),
    ];
    for (locus, [a, b]) in genome {
        fields.push((field(locus, 1), a));
        fields.push((field(locus, 2), b));
    }
    form(&fields.iter().map(|(n, v)| (n.as_str(), *v)).collect::<Vec<_>>())
}

impl Scene {
    async fn case(&self, given: &str) -> (CaseId, String) {
        let consent = Some(consent_to(&[AuthorityKind::ForensicBank]));
        let id = self.node.case(&self.commission, person(given, "Zelaya", "Prueba"), consent).await;
        let folio = cases::read(&self.node.app, &self.commission, id).await.unwrap().row.folio;
        (id, folio)
    }

    async fn sample(&self, of: Value) -> SampleId {
        let mut new = json!({ "material": "bone", "taken_on": "2026-03-01" });
        new.as_object_mut().unwrap().extend(of.as_object().unwrap().clone());
        samples::register(&self.node.app, &self.doctor, None, serde_json::from_value(new).unwrap()).await.unwrap().made.id
    }

    async fn remains(&self) -> (FoundId, SampleId) {
        let found = self.node.remains(&self.doctor, person("Desconocida", "Nadie", "Prueba")).await;
        (found, self.sample(json!({ "source": "remains", "found_record": found })).await)
    }

    async fn donor(&self, case: CaseId, relation: &str, sex: &str) -> DonorId {
        let consent =
            json!({ "institutions": ["forensic_bank"], "language": "es", "explained_by": "x", "granted_by": "x", "form_version": "1" });
        let new = json!({ "case": case, "relation": relation, "name": "Donante Inventada", "sex": sex, "consent": consent });
        donors::register(&self.node.app, &self.doctor, None, serde_json::from_value(new).unwrap()).await.unwrap().made.id
    }

    /// Both analysts read the same, without the pages.
    async fn read_twice(&self, sample: SampleId, genome: &Genome) {
        for analyst in [&self.one, &self.two] {
            let new = serde_json::from_value(reading(genome)).unwrap();
            profiles::enter(&self.node.app, analyst, sample, None, new).await.unwrap();
        }
    }

    async fn relative(&self, case: CaseId, relation: &str, sex: &str, genome: &Genome) -> DonorId {
        let donor = self.donor(case, relation, sex).await;
        let sample = self.sample(json!({ "source": "relative", "donor": donor, "material": "saliva" })).await;
        self.read_twice(sample, genome).await;
        donor
    }
}

fn marked(seed: u64) -> Genome {
    let mut genome = Nature::new(seed).founder();
    genome.insert("FGA".to_owned(), MARKS.map(str::to_owned));
    genome
}

#[actix_web::test]
async fn two_analysts_enter_their_readings_and_the_second_does_not_see_the_first_before() {
    let s = scene().await;
    let (_, sample) = s.remains().await;
    let path = format!("/banco/muestras/{sample}/perfil");
    let genome = marked(11);
    let empty = s.node.open(&s.first, &path).await;
    assert_eq!(empty.status, StatusCode::OK, "{}", empty.body);
    assert!(empty.body.contains("Todavía no hay ninguna lectura") && empty.body.contains("name=\"locus-penta-d-2\""));
    // Enter in a field checks, and keeps nothing but what is on the page.
    let checked = s.node.send(&s.first, &path, &typed(&genome).replace("do=save", "do=check")).await;
    assert!(
        checked.status == StatusCode::OK && checked.body.contains("value=\"43.2\"") && checked.body.contains("Todavía no hay ninguna lectura")
    );

    let saved = s.node.send(&s.first, &path, &typed(&genome)).await;
    assert_eq!((saved.status, saved.location.as_str()), (StatusCode::SEE_OTHER, path.as_str()), "{}", saved.body);
    let own = s.node.open(&s.first, &path).await.body;
    assert!(own.contains("Falta la lectura de otra persona") && own.contains("43.2, 44.2") && own.contains("Lectura de usted"));
    let blind = s.node.open(&s.second, &path).await.body;
    assert!(blind.contains("Hay una lectura de otra persona.") && !MARKS.iter().any(|m| blind.contains(m)), "{blind}");
    // Nor through the API's use case.
    let view = profiles::read(&s.node.app, &s.two, sample).await.unwrap();
    assert_eq!((view.readings.len(), view.held_back, view.standing.once.len()), (0, 1, 0));

    let mut other = genome.clone();
    other.insert("TH01".to_owned(), ["6".to_owned(), "6".to_owned()]);
    assert_eq!(s.node.send(&s.second, &path, &typed(&other)).await.status, StatusCode::SEE_OTHER);
    let differs = s.node.open(&s.second, &path).await.body;
    assert!(
        differs.contains("Las lecturas difieren en: TH01") && differs.contains("43.2") && differs.contains("Lectura de otra persona"),
        "{differs}"
    );
    assert_eq!(s.node.send(&s.second, &path, &typed(&genome)).await.status, StatusCode::SEE_OTHER);
    let agreed = s.node.open(&s.second, &path).await.body;
    assert!(
        agreed.contains("el perfil se compara con el banco") && agreed.contains("fuera de la escalera") == agreed.contains("Mirar dos veces")
    );
}

#[actix_web::test]
async fn faults_stand_at_their_locus_and_nothing_typed_is_lost() {
    let s = scene().await;
    let (_, sample) = s.remains().await;
    let path = format!("/banco/muestras/{sample}/perfil");
    let bad = form(&[
        ("do", "save"),
        ("kit", "Un kit"),
        ("laboratory", "Un laboratorio"),
        ("run-on", "2026-03-04"),
        ("locus-vwa-1", "diecisiete"),
        ("locus-vwa-2", "18"),
        ("locus-fga-1", "20"),
        ("locus-fga-2", "21"),
        ("more-loci", "FIBRA: 20 21"),
        ("mt-ranges", "16024-16365"),
        ("mt-differences", "73G"),
    ]);
    let answer = s.node.send(&s.first, &path, &bad).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in ["value=\"diecisiete\"", "value=\"18\"", "value=\"20\"", "FIBRA: 20 21", "value=\"Un kit\"", "73G", "value=\"16024-16365\""] {
        assert!(answer.body.contains(kept), "{kept}: {}", answer.body);
    }
    assert!(answer.body.contains("href=\"#locus-vwa-1\"") && answer.body.contains("vWA: un alelo es un número"), "{}", answer.body);
    assert!(answer.body.contains("está dos veces") && answer.body.contains("href=\"#mt-differences\""), "{}", answer.body);
    assert!(profiles::sheet(&s.node.app, &s.one, sample).await.unwrap().profile.is_none(), "nothing was kept");
    let nothing = s.node.send(&s.first, &path, "do=save&kit=&run-on=").await;
    assert!(nothing.status == StatusCode::UNPROCESSABLE_ENTITY && nothing.body.contains("href=\"#run-on\""));
    assert_eq!(s.node.open(&s.first, &format!("/banco/muestras/{}/perfil", uuid::Uuid::now_v7())).await.status, StatusCode::NOT_FOUND);
}

fn trio(folio: &str, mother: &str, father: &str) -> String {
    form(&[
        ("do", "save"),
        ("state", "validated"),
        ("caso", folio),
        ("rows", "4"),
        ("id-0", "madre"),
        ("sex-0", "female"),
        ("who-0", mother),
        ("id-1", "padre"),
        ("sex-1", "male"),
        ("who-1", father),
        ("id-2", "hija"),
        ("sex-2", "female"),
        ("father-2", "padre"),
        ("mother-2", "madre"),
        ("who-2", "missing"),
    ])
}

#[actix_web::test]
async fn a_family_is_drawn_row_by_row_and_shown_with_what_remains_weigh_in_words() {
    let s = scene().await;
    let mut nature = Nature::new(12);
    let (mother, father) = (nature.founder(), nature.founder());
    let daughter = nature.child(&mother, &father);
    let (case, folio) = s.case("Xiomara").await;
    let m = s.relative(case, "mother", "female", &mother).await;
    let f = s.relative(case, "father", "male", &father).await;
    let (found, sample) = s.remains().await;
    s.read_twice(sample, &daughter).await;

    // Without a case one is asked for; with one, usual families are offered, and donors stand where they fit.
    assert!(s.node.open(&s.first, "/banco/familias/nueva").await.body.contains("name=\"caso\""));
    assert_eq!(s.node.open(&s.first, "/banco/familias/nueva?caso=HND-CBA-2026-999999-9").await.status, StatusCode::NOT_FOUND);
    let begun = s.node.open(&s.first, &format!("/banco/familias/nueva?caso={folio}&comienzo=parents")).await;
    assert!(
        begun.body.contains(&format!("value=\"{m}\" selected")) && begun.body.contains(&format!("value=\"{f}\" selected")),
        "{}",
        begun.body
    );
    assert!(begun.body.contains("<svg viewBox") && !begun.body.contains("Donante Inventada\""));

    // More rows keep what was typed; faults stand at their rows.
    let all = trio(&folio, &m.to_string(), &f.to_string());
    let more = s.node.send(&s.first, "/banco/familias/nueva", &all.replace("do=save", "do=more")).await;
    assert!(more.status == StatusCode::OK && more.body.contains("value=\"hija\"") && more.body.contains("name=\"id-6\""));
    let wrong = all.replace("mother-2=madre", "mother-2=abuela").replace("who-2=missing", "who-2=").replace("sex-0=female", "sex-0=");
    let refused = s.node.send(&s.first, "/banco/familias/nueva", &wrong).await;
    assert!(
        refused.status == StatusCode::UNPROCESSABLE_ENTITY
            && refused.body.contains("href=\"#sex-0\"")
            && refused.body.contains("value=\"abuela\"")
    );
    let wrong = wrong.replace("sex-0=", "sex-0=male");
    let refused = s.node.send(&s.first, "/banco/familias/nueva", &wrong).await;
    for told in ["href=\"#mother-2\"", "Fila 3: Nadie del árbol tiene ese nombre", "Diga a quién se busca"] {
        assert!(refused.body.contains(told), "{told}: {}", refused.body);
    }
    let refused =
        s.node.send(&s.first, "/banco/familias/nueva", &all.replace("sex-0=female", "sex-0=male").replace("mother-2=madre", "mother-2=")).await;
    assert!(refused.body.contains("Fila 1: Quien donó es de otro sexo"), "{}", refused.body);

    let saved = s.node.send(&s.first, "/banco/familias/nueva", &all).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let path = saved.location;
    s.node.work().await;
    let page = s.node.open(&s.second, &path).await;
    assert_eq!(page.status, StatusCode::OK);
    for told in [
        "Las pruebas genéticas son",
        "más de 10 elevado a 1",
        "veces más probables si",
        "extremadamente fuerte",
        "Se compara con un solo resto",
        "la probabilidad de que lo sea es más de 99.99 %",
        "log10 de la razón de verosimilitud",
        "hispanos del suroeste de Estados Unidos",
        "Se busca a: hija.",
        "Con perfil: madre, padre.",
        folio.as_str(),
    ] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    assert!(!page.body.contains("style=\"") && !page.body.contains("Donante Inventada"));
    assert!(s.node.open(&s.second, "/banco/familias").await.body.contains(&path));

    // What it can tell, and whom to ask.
    let power = s.node.open(&s.first, &format!("{path}/poder")).await;
    assert_eq!(power.status, StatusCode::OK);
    assert!(power.body.contains("log10 de 6 o más") && power.body.contains("Todas las personas del árbol tienen perfil"), "{}", power.body);

    // Changed by two at once: the second hears of it and loses nothing.
    let edit = s.node.open(&s.first, &format!("{path}/editar")).await;
    assert!(edit.body.contains("name=\"rev\" value=\"1\"") && edit.body.contains("value=\"hija\""), "{}", edit.body);
    let change =
        all.replace("rows=4", "rows=5&rev=1&id-3=hermano&sex-3=male&father-3=padre&mother-3=madre").replace(&format!("caso={folio}&"), "");
    assert_eq!(s.node.send(&s.first, &format!("{path}/editar"), &change).await.status, StatusCode::SEE_OTHER);
    let late = s.node.send(&s.second, &format!("{path}/editar"), &change.replace("hermano", "hermana")).await;
    assert!(late.status == StatusCode::PRECONDITION_FAILED && late.body.contains("value=\"hermana\""));
    let power = s.node.open(&s.first, &format!("{path}/poder")).await;
    assert!(power.body.contains("hermano"), "{}", power.body);

    // Consent withdrawn is said plainly.
    for donor in [m, f] {
        donors::withdraw_consent(&s.node.app, &s.doctor, donor, "").await.unwrap();
    }
    s.node.work().await;
    let page = s.node.open(&s.first, &path).await.body;
    assert!(page.contains("Ya no dice nada, ni a favor ni en contra") && !page.contains("veces más probables"), "{page}");
    let _ = found;
}

#[actix_web::test]
async fn a_search_of_the_bank_is_begun_watched_and_cancelled() {
    let s = scene().await;
    let path = "/banco/busquedas";
    assert!(s.node.open(&s.first, path).await.body.contains("Todavía no se ha pedido ninguna búsqueda"));
    let (case, folio) = s.case("Xiomara").await;
    let mother = s.donor(case, "mother", "female").await;
    let father = s.donor(case, "father", "male").await;
    assert_eq!(
        s.node.send(&s.first, "/banco/familias/nueva", &trio(&folio, &mother.to_string(), &father.to_string())).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(s.node.send(&s.first, path, "").await.status, StatusCode::SEE_OTHER);
    let running = s.node.open(&s.first, path).await.body;
    assert!(running.contains("En curso") && running.contains("0 de 1 partes; 1 familia") && running.contains("<progress"), "{running}");
    let cancel = running.split("action=\"/banco/busquedas/").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(s.node.send(&s.first, &format!("{path}/{cancel}"), "").await.status, StatusCode::SEE_OTHER);
    assert!(s.node.open(&s.first, path).await.body.contains("Cancelada"));
    // Once more: it has ended, and the page says no more than that.
    assert_eq!(s.node.send(&s.first, &format!("{path}/{cancel}"), "").await.location, path);
    s.node.send(&s.first, path, "").await;
    s.node.work().await;
    assert!(s.node.open(&s.second, path).await.body.contains("1 de 1 partes"));
}

#[actix_web::test]
async fn nobody_but_a_geneticist_opens_them_and_no_other_page_shows_a_genotype() {
    let s = scene().await;
    let (found, sample) = s.remains().await;
    s.read_twice(sample, &marked(13)).await;
    let (case, folio) = s.case("Xiomara").await;
    let mother = s.donor(case, "mother", "female").await;
    let father = s.donor(case, "father", "male").await;
    let family = s.node.send(&s.first, "/banco/familias/nueva", &trio(&folio, &mother.to_string(), &father.to_string())).await.location;
    s.node.work().await;
    let profile = format!("/banco/muestras/{sample}/perfil");
    let pages = [profile.clone(), "/banco/familias".to_owned(), format!("/banco/familias/nueva?caso={folio}"), family.clone()];
    let more = [format!("{family}/editar"), format!("{family}/poder"), "/banco/busquedas".to_owned()];
    for (actor, name) in [(&s.commission, "officer"), (&s.doctor, "doctor")] {
        let session = s.node.browser(actor, name).await;
        for path in pages.iter().chain(&more) {
            assert_eq!(s.node.open(&session, path).await.status, StatusCode::FORBIDDEN, "{path} by {name}");
        }
        for path in ["/inicio", "/hallazgos", &format!("/hallazgos/{found}"), "/hipotesis", "/duplicados", &format!("/casos/{case}")] {
            let body = s.node.open(&session, path).await.body;
            assert!(!MARKS.iter().any(|m| body.contains(m)), "{path} by {name}");
        }
    }
    // Of the geneticists' own pages, that of the profile alone.
    assert!(s.node.open(&s.first, &profile).await.body.contains(MARKS[0]));
    for path in pages.iter().chain(&more).filter(|p| **p != profile) {
        let answer = s.node.open(&s.first, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(!MARKS.iter().any(|m| answer.body.contains(m)), "{path}");
    }
    // A geneticist of another institution finds nothing.
    let elsewhere = s.node.authority("OTH", "GTM", AuthorityKind::ForensicBank).await;
    let stranger = s.node.user(elsewhere, "stranger", &[Role::Geneticist]).await;
    let stranger = s.node.browser(&stranger, "stranger").await;
    for path in [&profile, &family, &more[0], &more[1]] {
        assert_eq!(s.node.open(&stranger, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[actix_web::test]
async fn a_node_without_a_bank_key_says_so() {
    let s = scene().await;
    let (_, sample) = s.remains().await;
    let mut app = s.node.without_engine();
    Arc::get_mut(&mut app).unwrap().bank_key = None;
    let served = s.node.serve_app(app).await;
    let url = format!("{}/banco/muestras/{sample}/perfil", served.url);
    let answer = reqwest::Client::new().get(url).header("cookie", &s.first.cookie).send().await.unwrap();
    assert_eq!(answer.status(), reqwest::StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text().await.unwrap().contains("Este nodo no guarda perfiles"));
}
