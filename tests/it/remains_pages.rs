//! The pages of remains: from a found record to an inventory, its individuals, a burial; faults at their row; images blurred until asked for.

use crate::remains::board;
use crate::support::{Session, TestNode, consent_to, person};
use actix_web::http::StatusCode;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::ids::FoundId;

struct Scene {
    node: TestNode,
    officer: Actor,
    bank: Session,
    record: FoundId,
}

async fn scene() -> Scene {
    let node = TestNode::start().await;
    let ours = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    let doctor = node.user(ours, "doctor", &[Role::ForensicOfficer]).await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    let record = node.remains(&doctor, person("Ignacia", "Zelaya", "Prueba")).await;
    let bank = node.browser(&doctor, "doctor").await;
    Scene { node, officer, bank, record }
}

impl Scene {
    async fn register(&self, kind: &str) -> String {
        let saved = self.node.send(&self.bank, &format!("/hallazgos/{}/restos", self.record), &format!("kind={kind}&location=Gaveta+4")).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
        saved.location
    }

    async fn page(&self, path: &str) -> String {
        let page = self.node.open(&self.bank, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        page.body
    }
}

/// The values of every field of a name.
fn values<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    page.split(&format!("name=\"{name}\" value=\"")).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[actix_web::test]
async fn a_set_is_inventoried_by_rows_sorted_into_people_and_buried_with_what_was_lacking_said() {
    let s = scene().await;
    let record = format!("/hallazgos/{}", s.record);
    assert!(s.page(&record).await.contains(&format!("{record}/restos")), "the record leads to its remains");
    let set = s.register("commingled_set").await;
    let rows = "bone-1=femur&side-1=left&count-1=2&age-1=adult&bone-2=rib&side-2=right&count-2=12&bone-4=tibia&completeness-4=partial&zones-4=1+2&more=yes";
    let saved = s.node.send(&s.bank, &format!("{set}/elementos"), rows).await;
    assert_eq!((saved.status, saved.location), (StatusCode::SEE_OTHER, format!("{set}/elementos")), "{}", saved.body);
    let page = s.page(&set).await;
    assert!(page.contains("Al menos 2 personas") && page.contains("2 izquierdos"), "{page}");
    assert!(page.contains("Fémur, izquierdo: 2") && page.contains("Cráneo: no está"), "the drawing says each bone in words");
    assert!(page.contains("Sin lado, no dibujados: Tibia") && page.contains("extremo proximal, diáfisis proximal"), "{page}");
    assert!(page.contains("registre primero a cada persona") && !page.contains("name=\"individual\""));

    let one = s.register("incomplete_body").await;
    let page = s.page(&set).await;
    let elements = values(&page, "element");
    assert_eq!(elements.len(), 15);
    let id = one.rsplit('/').next().unwrap();
    let verdict = format!("individual={id}&verdict=inclusion&reason=articulation");
    // Both left femora: the first is written, of the second the page says why not.
    let both = format!("{verdict}&element={}&element={}", elements[0], elements[1]);
    let answer = s.node.send(&s.bank, &format!("{set}/asociaciones"), &both).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("esa persona ya tiene ese hueso"), "{}", answer.body);
    let page = s.page(&one).await;
    assert!(page.contains("Al menos 1 persona") && page.contains("Articulación") && page.contains("Hallado en"), "{page}");

    assert!(page.contains("Falta tomar una muestra"), "what is lacking is said before anybody asks: {page}");
    let bury = "rev=1&command=bury_individually&bury_individually-on=2026-04-02&bury_individually-cemetery=Panteón&bury_individually-plot=4";
    let refused = s.node.send(&s.bank, &format!("{one}/movimientos"), bury).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("href=\"#bury_individually-marker\"") && refused.body.contains("value=\"Panteón\""),
        "the typed stays: {}",
        refused.body
    );
    let unsampled = s.node.send(&s.bank, &format!("{one}/movimientos"), &format!("{bury}&bury_individually-marker=P-7")).await;
    assert_eq!(unsampled.status, StatusCode::UNPROCESSABLE_ENTITY);
    let none = "operation=sampling&sampling-state=not_possible&sampling-reason=Sin+material";
    assert_eq!(s.node.send(&s.bank, &format!("{one}/operaciones"), none).await.status, StatusCode::SEE_OTHER);
    let buried = s.node.send(&s.bank, &format!("{one}/movimientos"), &format!("{bury}&bury_individually-marker=P-7")).await;
    assert_eq!(buried.status, StatusCode::SEE_OTHER, "{}", buried.body);
    let page = s.page(&one).await;
    assert!(page.contains("En tumba individual") && page.contains("P-7") && page.contains("value=\"exhume\""), "{page}");
    let stale = s.node.send(&s.bank, &format!("{one}/movimientos"), &bury.replace("bury_individually", "report_missing")).await;
    assert!([StatusCode::PRECONDITION_FAILED, StatusCode::UNPROCESSABLE_ENTITY].contains(&stale.status));
}

#[actix_web::test]
async fn a_fault_stands_at_its_row_and_a_form_sent_twice_writes_once() {
    let s = scene().await;
    let set = s.register("commingled_set").await;
    let faulty = "bone-1=femur&side-1=left&bone-2=sternum&side-2=left&bone-3=femur&zones-3=9&completeness-3=partial";
    let answer = s.node.send(&s.bank, &format!("{set}/elementos"), faulty).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("href=\"#bone-3\""), "{}", answer.body);
    let answer = s.node.send(&s.bank, &format!("{set}/elementos"), "bone-1=femur&side-1=left&bone-2=sternum&side-2=left").await;
    assert!(answer.body.contains("href=\"#bone-2\"") && answer.body.contains("Ese hueso no tiene lado"), "{}", answer.body);
    let once = values(&s.page(&format!("{set}/elementos")).await, "once")[0].to_owned();
    for _ in 0..2 {
        let saved = s.node.send(&s.bank, &format!("{set}/elementos"), &format!("once={once}&bone-1=femur&side-1=left")).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    }
    assert!(s.page(&set).await.contains("1 elemento;"));
}

#[actix_web::test]
async fn an_element_is_detailed_on_its_own_page_and_faults_keep_what_was_typed() {
    let s = scene().await;
    let set = s.register("commingled_set").await;
    s.node.send(&s.bank, &format!("{set}/elementos"), "bone-1=femur&side-1=left&completeness-1=partial&zones-1=1").await;
    let page = s.page(&set).await;
    let element = page.split(&format!("href=\"{set}/elementos/")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let path = format!("{set}/elementos/{element}");
    assert!(s.page(&path).await.contains("value=\"proximal_end\" checked"));
    let told = "rev=1&bone=femur&side=left&completeness=partial&zones=proximal_end&zones=proximal_shaft&age=adult&taphonomy=weathering&trauma=perimortem_blunt&reason=Detalle";
    let refused = s.node.send(&s.bank, &path, &format!("{told}&measurements=Largo+4")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("href=\"#measurements\"") && refused.body.contains("value=\"weathering\" checked"), "{}", refused.body);
    let saved = s.node.send(&s.bank, &path, &format!("{told}&measurements=head_diameter+%3D+45%2C5")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let page = s.page(&set).await;
    assert!(page.contains("intemperie") && page.contains("head_diameter 45.5 mm") && page.contains("diáfisis proximal"), "{page}");
    let stale = s.node.send(&s.bank, &path, told).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_stands_blurred_on_the_page_and_sharp_only_as_the_answer_to_who_asked() {
    let s = scene().await;
    let body = s.register("complete_body").await;
    let served = s.node.serve_pages().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let part = |name: &str, value: &str| format!("--part\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let upload = async |file: Vec<u8>| {
        let mut form = format!("{}{}", part("csrf", &s.bank.csrf), part("purpose", "recovery")).into_bytes();
        form.extend_from_slice(
            b"--part\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\ncontent-type: image/png\r\n\r\n",
        );
        form.extend_from_slice(&file);
        form.extend_from_slice(b"\r\n--part--\r\n");
        let request =
            client.post(format!("{}{body}/imagenes", served.url)).header("content-type", "multipart/form-data; boundary=part").body(form);
        request.header("cookie", &s.bank.cookie).header("sec-fetch-site", "same-origin").send().await.unwrap()
    };
    let refused = upload(b"not an image at all".to_vec()).await;
    assert_eq!(refused.status().as_u16(), 422);
    assert!(refused.text().await.unwrap().contains("no es una imagen JPEG ni PNG"));
    assert_eq!(upload(board()).await.status().as_u16(), 303);

    let page = client.get(format!("{}{body}", served.url)).header("cookie", &s.bank.cookie).send().await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("img-src 'self'"));
    let page = page.text().await.unwrap();
    let src = page.split("src=\"/restos/imagenes/").nth(1).unwrap().split('"').next().unwrap();
    let url = format!("{}/restos/imagenes/{src}", served.url);
    let contrast = async |answer: reqwest::Response| {
        assert_eq!(answer.headers()["content-type"], "image/jpeg");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let pixels = image::load_from_memory(&answer.bytes().await.unwrap()).unwrap().to_luma8().into_raw();
        pixels.iter().max().unwrap() - pixels.iter().min().unwrap()
    };
    assert!(contrast(client.get(&url).header("cookie", &s.bank.cookie).send().await.unwrap()).await < 100);
    let ask = |csrf: &str| {
        let form =
            client.post(format!("{url}/mostrar")).header("content-type", "application/x-www-form-urlencoded").body(format!("csrf={csrf}"));
        form.header("cookie", &s.bank.cookie).header("sec-fetch-site", "same-origin").send()
    };
    assert_eq!(ask("guessed").await.unwrap().status().as_u16(), 403);
    assert!(contrast(ask(&s.bank.csrf).await.unwrap()).await > 200);

    // Neither a family nor another institution has a way here.
    let case = s.node.case(&s.officer, person("Xiomara", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    let family = s.node.family(&s.officer, case).await;
    let officer = s.node.browser(&s.officer, "officer").await;
    for (session, wanted) in [(&family, 303), (&officer, 404)] {
        for path in [body.clone(), format!("/restos/imagenes/{src}")] {
            let answer = client.get(format!("{}{path}", served.url)).header("cookie", &session.cookie).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), wanted, "{path}");
        }
    }
}
