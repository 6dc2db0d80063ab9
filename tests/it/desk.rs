//! The case desk over HTTP: registering through the form, the record, corrections, consents, moves, and what others may not know.

use crate::support::{TestNode, consent_to, person};
use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, COOKIE, LOCATION};
use actix_web::{App, test, web};
use rastro::domain::actor::{Actor, FamilyActor};
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::ids::CaseId;
use rastro::services::cases::{self, CaseCorrection};
use rastro::services::{accounts, family};
use rastro::web::portal::forms::Fields;
use rastro::web::portal::respond::escape_query;

/// The end of an action's address in a page.
const ACTION: &str = "/acciones/";

struct Session {
    cookie: String,
    csrf: String,
}

async fn sign_in(node: &TestNode, actor: &Actor, name: &str) -> Session {
    let token = node.session(actor, name).await;
    let staff = accounts::find_staff(&node.app, &token).await.unwrap().unwrap();
    Session { cookie: format!("rastro_session={token}"), csrf: staff.csrf.clone() }
}

fn get(session: &Session, path: &str) -> test::TestRequest {
    test::TestRequest::get().uri(path).insert_header((COOKIE, session.cookie.clone()))
}

fn post(session: &Session, path: &str, fields: &str) -> test::TestRequest {
    test::TestRequest::post()
        .uri(path)
        .insert_header((COOKIE, session.cookie.clone()))
        .insert_header(("sec-fetch-site", "same-origin"))
        .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
        .set_payload(format!("csrf={}&{fields}", session.csrf))
}

/// Status, address of a redirection, and text of an answer.
async fn answer(response: ServiceResponse<impl MessageBody>) -> (StatusCode, String, String) {
    let status = response.status();
    let to = response.headers().get(LOCATION).map(|l| l.to_str().unwrap().to_owned()).unwrap_or_default();
    let body = actix_web::body::to_bytes(response.into_body()).await.ok().unwrap();
    (status, to, String::from_utf8(body.to_vec()).unwrap())
}

macro_rules! call {
    ($service:expr, $request:expr) => {
        answer(test::call_service(&$service, $request.to_request()).await).await
    };
}

/// What stands between two texts of a page.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    page.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map(|(found, _)| found).unwrap_or_else(|| panic!("no {from} in {page}"))
}

macro_rules! service {
    ($node:expr) => {
        test::init_service(App::new().app_data(web::Data::from($node.app.clone())).configure(rastro::web::configure)).await
    };
}

struct Desk {
    node: TestNode,
    officer: Actor,
    own: Session,
}

async fn desk() -> Desk {
    let node = TestNode::start().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    let own = sign_in(&node, &officer, "officer").await;
    Desk { node, officer, own }
}

#[actix_web::test]
async fn a_report_through_the_form_becomes_a_case_with_its_pin_shown_once() {
    let Desk { node, officer, own } = desk().await;
    let service = service!(node);
    let (status, _, form) = call!(service, get(&own, "/casos/nuevo"));
    assert_eq!(status, StatusCode::OK);
    let once = between(&form, "name=\"once\" value=\"", "\"").to_owned();
    let fields = format!(
        "once={once}&who-name=Invented+Mother&who-relation=mother&given=Xiomara+Inventada&surname1=Z%C3%BA%C3%B1iga&birth-year=1994&birth-month=3\
         &absent-height_min_cm=not_asked&absent-marks=refused&contact-on-year=2024&contact-place=Tapachula&contact-country=MEX&contact-lat=14.9\
         &contact-lon=-92.26&contact-precision=municipality&legs=2&leg0-kind=departure&leg0-place=Tocoa&leg0-country=HND&leg0-lat=15.68&leg0-lon=-86\
         &leg1-kind=contact&leg1-place=Tapachula&leg1-lat=14.9&leg1-lon=-92.26&leg1-certainty=confirmed&search-to=consulate&search-to=forensic_bank\
         &search-what=identity&search-what=description&consent-language=quc&explained-by=An+officer&granted-by=mother"
    );
    let (status, _, saved) = call!(service, post(&own, "/casos/nuevo", &fields));
    assert_eq!(status, StatusCode::OK, "{saved}");
    let id: CaseId = between(&saved, "govuk-button\" href=\"/casos/", "\"").parse().unwrap();
    let folio = between(&saved, "<dt>Folio</dt><dd>", "<").to_owned();
    let pin = between(&saved, "<dt>Clave de la familia</dt><dd>", "<").to_owned();
    assert!(folio.starts_with("HND-CBA-") && pin.len() >= 6, "{folio} {pin}");

    // Sent again, it is the same case, and the PIN is not told again.
    let (status, to, again) = call!(service, post(&own, "/casos/nuevo", &fields));
    assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("/casos/{id}")));
    assert!(!again.contains(&pin));
    assert_eq!(cases::count(&node.app, &officer, &Default::default()).await.unwrap(), 1);

    let file = cases::file(&node.app, &officer, id).await.unwrap();
    assert_eq!(file.view.person.birth.unwrap().to_string(), "1994-03");
    assert_eq!(file.view.person.absent["height_min_cm"].as_str(), "not_asked");
    assert_eq!(file.view.journey.len(), 2);
    assert_eq!(file.consents.len(), 2);
    assert!(file.consents.iter().all(|c| c.language == "quc" && c.categories == ["identity", "description"]));

    let (status, _, page) = call!(service, get(&own, &format!("/casos/{id}")));
    assert_eq!(status, StatusCode::OK);
    for text in
        ["Xiomara Inventada Zúñiga", &folio, "Invented Mother", "marzo de 1994", "No se preguntó", "Prefirió no decirlo", "Tocoa", "k’iche’"]
    {
        assert!(page.contains(text), "no {text}");
    }
    assert!(!page.contains('⟦') && !page.contains(&pin));
    let (_, _, map) = call!(service, get(&own, &format!("/casos/{id}/mapa.json")));
    let map: serde_json::Value = serde_json::from_str(&map).unwrap();
    assert_eq!(map["journey"]["line"].as_array().unwrap().len(), 2);
    assert_eq!(map["points"][0]["radius_m"], 15_000.0);

    // The list finds it without accents, in any order, and by folio; the day shows what is due.
    for query in
        ["q=zuniga+xiomara".to_owned(), format!("q={folio}"), "pais=MEX&mias=si&desde=2024-06-01".to_owned(), "estado=registered".to_owned()]
    {
        let (_, _, list) = call!(service, get(&own, &format!("/casos?{query}")));
        assert!(list.contains(&format!("/casos/{id}")), "{query}");
    }
    for query in ["q=zuniga+pedro", "pais=GTM", "vencidas=si", "hasta=2023-12-31", "estado=closed"] {
        let (_, _, list) = call!(service, get(&own, &format!("/casos?{query}")));
        assert!(!list.contains(&format!("/casos/{id}")) && list.contains("No hay expedientes con esos filtros"), "{query}");
    }
    assert_eq!(call!(service, get(&own, "/casos?desde=yesterday")).0, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, _, day) = call!(service, get(&own, "/inicio"));
    assert!(day.contains("Entrevista con la familia") && day.contains(&folio));
}

#[actix_web::test]
async fn a_faulty_report_names_every_field_and_loses_nothing_typed() {
    let Desk { node, officer, own } = desk().await;
    let service = service!(node);
    let long = "a".repeat(10_000);
    let faults = [
        ("birth-day=31&birth-month=2&birth-year=1990", "birth"),
        ("age-from=abc", "age-from"),
        ("contact-on-year=2090", "contact-on"),
        ("contact-lat=-92.2&contact-lon=14.9&leg0-kind=departure&leg0-lat=100&leg0-lon=10", "leg0-lat"),
        ("legs=3&leg2-place=Tocoa", "leg2-kind"),
        ("who-phone=1", "who-name"),
        ("search-to=consulate", "search-what"),
        ("search-to=consulate&search-what=identity", "explained-by"),
        ("explained-by=Someone", "search-to"),
        ("given=%00", "given"),
        ("given=%E2%80%AEabc", "given"),
        ("absent-marks=never", "absent-marks"),
        ("destination-country=XX", "destination-country"),
        (&format!("given={long}"), "given"),
    ];
    for (fields, field) in faults {
        let (status, _, page) = call!(service, post(&own, "/casos/nuevo", &format!("surname1=Zelaya+Typed&circumstances=said+so&{fields}")));
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{fields}");
        assert!(page.contains(&format!("href=\"#{field}\"")), "{field} is not in the summary of {}", &fields[..fields.len().min(60)]);
        assert!(page.contains(&format!("id=\"{field}-error\"")), "{field} has no message");
        assert!(page.contains("Zelaya Typed") && page.contains("said so"));
    }
    assert_eq!(cases::count(&node.app, &officer, &Default::default()).await.unwrap(), 0);
    // Buttons of the form save nothing either and keep what was typed.
    for button in ["do=leg", "do=find-contact&contact-place=Tapach", "do=find-leg0", "do=take&contact-pick=99", "do=find-nothing"] {
        let (status, _, page) = call!(service, post(&own, "/casos/nuevo", &format!("surname1=Zelaya+Typed&{button}")));
        assert_eq!(status, StatusCode::OK, "{button}");
        assert!(page.contains("Zelaya Typed"));
        assert_eq!(page.contains("leg1-kind"), button == "do=leg");
    }
    assert_eq!(cases::count(&node.app, &officer, &Default::default()).await.unwrap(), 0);
}

#[actix_web::test]
async fn a_place_of_the_gazetteer_is_offered_and_fills_the_fields() {
    let Desk { node, own, .. } = desk().await;
    let row = rastro::db::places::PlaceRow {
        id: 7,
        name: "Tenosique".to_owned(),
        norm: "tenosique".to_owned(),
        country: "MEX".to_owned(),
        admin1: Some("Tabasco".to_owned()),
        lat: 17.47,
        lon: -91.42,
        population: 34_000,
    };
    rastro::services::layers::add_places(&node.app, &[row]).await.unwrap();
    let service = service!(node);
    let (_, _, page) = call!(service, post(&own, "/casos/nuevo", "do=find-contact&contact-place=tenos"));
    assert!(page.contains("Tenosique, Tabasco, México") && page.contains("name=\"contact-pick\""));
    let (_, _, page) = call!(service, post(&own, "/casos/nuevo", "do=take&contact-place=tenos&contact-pick=7"));
    assert!(page.contains("value=\"Tenosique\"") && page.contains("value=\"17.47\"") && page.contains("value=\"-91.42\""));
    let (_, _, page) = call!(service, post(&own, "/casos/nuevo", "do=find-contact&contact-place=zzzz"));
    assert!(page.contains("No hay un lugar con ese nombre"));
}

#[actix_web::test]
async fn what_another_authority_may_not_know_answers_like_a_random_id() {
    let Desk { node, officer, own } = desk().await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::SearchCommission).await;
    let stranger = node.user(bank, "stranger", &[Role::SearchOfficer]).await;
    let reader = node.user(officer.authority, "reader", &[Role::Reviewer]).await;
    let strange = sign_in(&node, &stranger, "stranger").await;
    let reads = sign_in(&node, &reader, "reader").await;
    let id = node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), None).await;
    let random = uuid::Uuid::now_v7();
    let service = service!(node);
    for path in ["", "/mapa.json", "/corregir"] {
        let (status, _, body) = call!(service, get(&strange, &format!("/casos/{id}{path}")));
        let (_, _, other) = call!(service, get(&strange, &format!("/casos/{random}{path}")));
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        let (real, invented) = (id.to_string(), random.to_string());
        assert_eq!(body.replace(&real, ""), other.replace(&invented, ""), "{path}");
    }
    assert_eq!(call!(service, get(&strange, "/casos/nothing")).0, StatusCode::NOT_FOUND);
    assert!(!call!(service, get(&strange, "/casos")).2.contains("Zelaya"));
    assert!(!call!(service, get(&strange, "/inicio")).2.contains("Zelaya"));
    let deeds = [
        ("/corregir", "rev=1&why=x&given=Other"),
        ("/consentimiento", "search-to=consulate&search-what=identity&consent-language=es&explained-by=x&granted-by=mother"),
        ("/retirar", "withdraw-reason=x"),
        ("/paso", "rev=1&command=activate_search"),
        ("/acciones", "action-kind=other&action-due=2030-01-01"),
        ("/fase", "phase=2"),
        ("/clave", ""),
        ("/comparar", ""),
    ];
    for (path, fields) in deeds {
        let address = format!("/casos/{id}{path}");
        assert_eq!(call!(service, post(&strange, &address, fields)).0, StatusCode::NOT_FOUND, "{path} by a stranger");
        // Of the same authority, but without the right to write; asking for a comparison is reading.
        if path != "/comparar" {
            assert_eq!(call!(service, post(&reads, &address, fields)).0, StatusCode::FORBIDDEN, "{path} by a reader");
        }
        let forged = post(&Session { cookie: own.cookie.clone(), csrf: strange.csrf.clone() }, &address, fields);
        assert_eq!(call!(service, forged).0, StatusCode::FORBIDDEN, "{path} forged");
        let nobody = test::TestRequest::get().uri("/casos");
        assert_eq!(call!(service, nobody).0, StatusCode::SEE_OTHER);
    }
    assert_eq!(cases::read(&node.app, &officer, id).await.unwrap().row.rev, 1);
    let (status, _, page) = call!(service, get(&reads, &format!("/casos/{id}")));
    assert_eq!(status, StatusCode::OK);
    assert!(!page.contains("/corregir") && !page.contains("name=\"command\""));
    assert_eq!(call!(service, get(&reads, "/casos/nuevo")).0, StatusCode::FORBIDDEN);
}

/// The fields of a correction form as they were served.
fn served(page: &str) -> (String, String) {
    (
        between(page, "name=\"rev\" value=\"", "\"").to_owned(),
        between(page, "name=\"base\" value=\"", "\"").replace("&amp;", "&").replace("&#38;", "&"),
    )
}

fn form(rev: &str, base: &str, changes: &[(&str, &str)]) -> String {
    let mut fields = Fields::read(base).unwrap().0;
    for (name, value) in changes {
        fields.retain(|(n, _)| n != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields.extend([("rev".to_owned(), rev.to_owned()), ("base".to_owned(), base.to_owned())]);
    fields.iter().map(|(name, value)| format!("{name}={}", escape_query(value))).collect::<Vec<_>>().join("&")
}

#[actix_web::test]
async fn a_stale_correction_shows_both_values_and_loses_neither() {
    let Desk { node, officer, own } = desk().await;
    let colleague = node.user(officer.authority, "colleague", &[Role::SearchOfficer]).await;
    let id = node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), None).await;
    let service = service!(node);
    let address = format!("/casos/{id}/corregir");
    let (_, _, page) = call!(service, get(&own, &address));
    let (rev, base) = served(&page);
    assert_eq!(rev, "1");

    // Nothing changed, or no reason: said so, nothing written.
    let (status, _, page) = call!(service, post(&own, &address, &form(&rev, &base, &[("why", "none")])));
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("No cambió ningún dato"), "{page}");
    let (status, _, page) = call!(service, post(&own, &address, &form(&rev, &base, &[("surname1", "Celaya")])));
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("href=\"#why\""));

    // A colleague corrects the surname and adds the eyes meanwhile.
    let mut by_colleague = person("Xiomara Inventada", "Selaya", "Prueba");
    by_colleague.eye_color = Some("miel".to_owned());
    let change = CaseCorrection { reason: "her document".to_owned(), person: Some(by_colleague), ..CaseCorrection::default() };
    cases::correct(&node.app, &colleague, id, 1, change).await.unwrap();

    let typed = form(&rev, &base, &[("surname1", "Celaya"), ("hair", "negro"), ("why", "the mother said")]);
    let (status, _, page) = call!(service, post(&own, &address, &typed));
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    assert!(page.contains("colleague") && page.contains("Selaya") && page.contains("value=\"Celaya\""), "{page}");
    assert!(page.contains("value=\"miel\"") && page.contains("value=\"negro\"") && page.contains("the mother said"));
    let kept = cases::read(&node.app, &officer, id).await.unwrap();
    assert_eq!((kept.row.rev, kept.person.display_name().unwrap().as_str()), (2, "Xiomara Inventada Selaya Prueba"));

    // Decided and sent again, from the page that was shown.
    let (rev, base) = served(&page);
    assert_eq!(rev, "2");
    let decided = form(&rev, &base, &[("surname1", "Celaya"), ("hair", "negro"), ("why", "the mother said")]);
    let (status, to, page) = call!(service, post(&own, &address, &decided));
    assert_eq!((status, to), (StatusCode::SEE_OTHER, format!("/casos/{id}")), "{page}");
    let kept = cases::read(&node.app, &officer, id).await.unwrap();
    assert_eq!(kept.person.display_name().unwrap(), "Xiomara Inventada Celaya Prueba");
    assert_eq!((kept.person.eye_color.as_deref(), kept.person.hair_color.as_deref()), (Some("miel"), Some("negro")));

    let (_, _, page) = call!(service, get(&own, &format!("/casos/{id}")));
    for text in ["her document", "the mother said", "Selaya", "colleague"] {
        assert!(page.contains(text), "the history has no {text}");
    }
    assert_eq!(call!(service, post(&own, &address, "rev=many")).0, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn everything_of_a_report_can_be_corrected_and_what_it_was_stays_to_be_read() {
    let Desk { node, officer, own } = desk().await;
    let new: cases::NewCase = serde_json::from_value(serde_json::json!({
        "person": person("Xiomara Inventada", "Zelaya", "Prueba"), "origin_country": "HND", "transit_countries": ["GTM", "ECU"],
        "destination_country": "USA", "destination_place": "Houston",
        "inquirer": { "name": "Invented Mother", "relation": "mother", "phone": "+50400000000" },
    }))
    .unwrap();
    let id = cases::register(&node.app, &officer, None, new).await.unwrap().made.id;
    let service = service!(node);
    let address = format!("/casos/{id}/corregir");
    let (_, _, page) = call!(service, get(&own, &address));
    assert!(page.contains("value=\"ECU\""), "a country that is not on the list of the form is kept");
    let (rev, base) = served(&page);
    let changes = [
        ("origin-country", "SLV"),
        ("transit", "MEX"),
        ("destination-place", ""),
        ("risks", "ransom_demand"),
        ("who-phone", "+50411111111"),
        ("why", "the mother called"),
    ];
    let (status, _, page) = call!(service, post(&own, &address, &form(&rev, &base, &changes)));
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    let file = cases::file(&node.app, &officer, id).await.unwrap();
    let row = &file.view.row;
    assert_eq!((row.origin_country.as_deref(), row.transit_countries.clone()), (Some("SLV"), vec!["MEX".to_owned()]));
    assert_eq!((row.destination_country.as_deref(), row.destination_place.as_deref()), (Some("USA"), None));
    assert_eq!(row.risk_flags, ["ransom_demand"]);
    assert_eq!((file.inquirers.len(), file.inquirers[0].phone.as_deref()), (1, Some("+50411111111")));
    let urgent = |a: &rastro::db::cases::ActionRow| (a.due_at - a.requested_at).num_minutes() == 60;
    assert!(file.actions.iter().any(urgent), "a risk that is feared from now on is due within the hour");
    let (_, _, page) = call!(service, get(&own, &format!("/casos/{id}")));
    for text in ["Houston", "Ecuador", "+50400000000", "the mother called", "Quien busca"] {
        assert!(page.contains(text), "the history has no {text}");
    }
    // Nobody is left to call: refused.
    let (_, _, page) = call!(service, get(&own, &address));
    let (rev, base) = served(&page);
    let nobody = [("who-name", ""), ("who-relation", ""), ("who-phone", ""), ("why", "x")];
    let (status, _, page) = call!(service, post(&own, &address, &form(&rev, &base, &nobody)));
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("href=\"#who-name\""));
}

#[actix_web::test]
async fn a_withdrawn_consent_ends_sharing_and_only_legal_moves_are_offered() {
    let Desk { node, officer, own } = desk().await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    node.agreement(officer.authority, bank).await;
    let id = node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
    let service = service!(node);
    let address = format!("/casos/{id}");
    let (_, _, page) = call!(service, get(&own, &address));
    assert!(page.contains("<li>Authority BNK</li>"), "the bank sees it");
    let (status, _, _) =
        call!(service, post(&own, &format!("{address}/retirar"), "withdraw-purpose=&withdraw-recipient=&withdraw-reason=as+asked"));
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, _, page) = call!(service, get(&own, &address));
    assert!(!page.contains("<li>Authority BNK</li>") && page.contains("as asked") && page.contains("Solo su institución."));
    for bad in ["withdraw-purpose=immigration", "withdraw-recipient=police"] {
        assert_eq!(call!(service, post(&own, &format!("{address}/retirar"), bad)).0, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Given again on the page.
    let consent = "search-to=forensic_bank&search-what=identity&consent-language=es&explained-by=An+officer&granted-by=mother";
    assert_eq!(call!(service, post(&own, &format!("{address}/consentimiento"), "")).0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(call!(service, post(&own, &format!("{address}/consentimiento"), consent)).0, StatusCode::SEE_OTHER);
    assert!(call!(service, get(&own, &address)).2.contains("<li>Authority BNK</li>"));

    let offers = |page: &str, command: &str| page.contains(&format!("name=\"command\" type=\"radio\" value=\"{command}\""));
    let (_, _, page) = call!(service, get(&own, &address));
    assert!(offers(&page, "activate_search") && !offers(&page, "close") && !offers(&page, "confirm_identified"));
    let step = format!("{address}/paso");
    assert_eq!(call!(service, post(&own, &step, "rev=1&command=")).0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(call!(service, post(&own, &step, "rev=1&command=close&move-reason=x")).0, StatusCode::CONFLICT);
    assert_eq!(call!(service, post(&own, &step, "rev=9&command=activate_search")).0, StatusCode::PRECONDITION_FAILED);
    let rev = |page: &str| between(page, "name=\"rev\" value=\"", "\"").to_owned();
    let (status, ..) = call!(service, post(&own, &step, &format!("rev={}&command=activate_search", rev(&page))));
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, _, page) = call!(service, get(&own, &address));
    assert!(offers(&page, "suspend_search") && page.contains("Plan de búsqueda"));
    let (status, _, refused) = call!(service, post(&own, &step, &format!("rev={}&command=suspend_search", rev(&page))));
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && refused.contains("href=\"#move-reason\""));
    let (status, _, refused) = call!(service, post(&own, &step, &format!("rev={}&command=open_possible_location", rev(&page))));
    assert!(status == StatusCode::CONFLICT && refused.contains("hace falta una hipótesis en verificación"));
    let (status, ..) = call!(service, post(&own, &step, &format!("rev={}&command=suspend_search&move-reason=the+family+asked", rev(&page))));
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, _, page) = call!(service, get(&own, &address));
    assert!(page.contains("the family asked") && page.contains("Búsqueda suspendida"));
}

#[actix_web::test]
async fn what_a_family_writes_is_answered_and_what_is_due_is_closed() {
    let Desk { node, officer, own } = desk().await;
    let new: cases::NewCase = serde_json::from_value(serde_json::json!({
        "person": person("Xiomara Inventada", "Zelaya", "Prueba"),
        "inquirer": { "name": "Invented Mother", "relation": "mother" },
    }))
    .unwrap();
    let id = cases::register(&node.app, &officer, None, new).await.unwrap().made.id;
    let relative = FamilyActor { authority: officer.authority, case: id };
    family::write(&node.app, &relative, true, "please call <b>me</b>").await.unwrap();
    let service = service!(node);
    let (_, _, day) = call!(service, get(&own, "/inicio"));
    let calls = between(&day, "id=\"s-calls\"", "</section>");
    assert!(calls.contains(&format!("/casos/{id}#mensajes")));
    let notice = between(calls, "/inicio/avisos/", "\"").to_owned();
    let address = format!("/casos/{id}");
    let (_, _, page) = call!(service, get(&own, &address));
    assert!(page.contains("please call &#60;b&#62;me") || page.contains("please call &lt;b&gt;me"), "what was written is shown as text");
    let message = between(&page, "/mensajes/", "\"").to_owned();
    let answer = format!("{address}/mensajes/{message}");
    let (status, _, refused) = call!(service, post(&own, &answer, &format!("answer-{message}=")));
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && refused.contains(&format!("id=\"answer-{message}-error\"")));
    assert_eq!(call!(service, post(&own, &answer, &format!("answer-{message}=we+call+on+Monday"))).0, StatusCode::SEE_OTHER);
    assert_eq!(call!(service, post(&own, &answer, &format!("answer-{message}=twice"))).0, StatusCode::CONFLICT);
    let seen = family::status(&node.app, &relative).await.unwrap();
    assert!(seen.messages.iter().any(|m| m.body == "we call on Monday"));
    assert_eq!(call!(service, post(&own, &format!("/inicio/avisos/{notice}"), "")).0, StatusCode::SEE_OTHER);
    assert!(!call!(service, get(&own, "/inicio")).2.contains(&notice));

    let action = between(&page, &format!("{address}{ACTION}"), "\"").to_owned();
    let finish = format!("{address}{ACTION}{action}");
    assert_eq!(call!(service, post(&own, &finish, "result=perhaps")).0, StatusCode::CONFLICT);
    assert_eq!(call!(service, post(&own, &finish, "result=lead")).0, StatusCode::SEE_OTHER);
    assert_eq!(call!(service, post(&own, &finish, "result=lead")).0, StatusCode::NOT_FOUND);
    for bad in ["action-kind=other", "action-due=2030-01-01", "action-kind=other&action-due=soon"] {
        assert_eq!(call!(service, post(&own, &format!("{address}/acciones"), bad)).0, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    let plan = "action-kind=check_shelters&action-due=2030-01-01&action-note=two+shelters";
    assert_eq!(call!(service, post(&own, &format!("{address}/acciones"), plan)).0, StatusCode::SEE_OTHER);
    let (_, _, page) = call!(service, get(&own, &address));
    assert!(page.contains("two shelters") && page.contains("Dio una pista"));

    assert_eq!(call!(service, post(&own, &format!("{address}/fase"), "phase=2")).0, StatusCode::SEE_OTHER);
    // Nobody sets by hand that the family was told.
    assert_eq!(call!(service, post(&own, &format!("{address}/fase"), "phase=4")).0, StatusCode::CONFLICT);
    assert_eq!(family::status(&node.app, &relative).await.unwrap().phase, 2);
    let (status, _, slip) = call!(service, post(&own, &format!("{address}/clave"), ""));
    assert!(status == StatusCode::OK && slip.contains("Clave nueva"));
}
