//! The pages of importing over HTTP: who gets in, what a bad upload answers, what the error file holds.

use crate::support::TestNode;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, COOKIE, LOCATION};
use actix_web::{App, test, web};
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::import::ImportState;
use rastro::services::accounts::{self, SignIn};
use rastro::services::imports;

const FILE: &str = "folio,tipo,nombre,edad,lugar\nR-1,shelter,Inventada Una,30,Tapachula\nR-2,shelter,=Inventada Dos,treinta,Tapachula\n";

struct Session {
    cookie: String,
    csrf: String,
}

async fn sign_in(node: &TestNode, actor: &Actor, name: &str) -> Session {
    let form = SignIn {
        email: format!("{name}@{}.invalid", actor.authority.0.simple()),
        password: "a long enough password".to_owned(),
        code: None,
        address: "127.0.0.1".to_owned(),
    };
    let token = accounts::sign_in(&node.app, form).await.unwrap().token;
    let staff = accounts::find_staff(&node.app, &token).await.unwrap().unwrap();
    Session { cookie: format!("rastro_session={token}"), csrf: staff.csrf.clone() }
}

fn form(csrf: &str, kind: &str, file: &str) -> String {
    format!(
        "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--x\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"hallazgos.csv\"\r\nContent-Type: text/csv\r\n\r\n{file}\r\n--x--\r\n"
    )
}

fn upload(session: &Session, body: String) -> test::TestRequest {
    test::TestRequest::post()
        .uri("/importar")
        .insert_header((COOKIE, session.cookie.clone()))
        .insert_header(("sec-fetch-site", "same-origin"))
        .insert_header((CONTENT_TYPE, "multipart/form-data; boundary=x"))
        .set_payload(body)
}

fn get(session: &Session, path: &str) -> test::TestRequest {
    test::TestRequest::get().uri(path).insert_header((COOKIE, session.cookie.clone()))
}

#[actix_web::test]
async fn a_file_goes_through_the_pages_and_only_its_authority_sees_it() {
    let node = TestNode::start().await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    let actor = node.user(bank, "forensic", &[Role::ForensicOfficer]).await;
    let reviewer = node.user(bank, "reviewer", &[Role::Reviewer]).await;
    let other = node.authority("OTH", "GTM", AuthorityKind::ForensicBank).await;
    let stranger = node.user(other, "stranger", &[Role::ForensicOfficer]).await;
    let (own, may_not, strange) =
        (sign_in(&node, &actor, "forensic").await, sign_in(&node, &reviewer, "reviewer").await, sign_in(&node, &stranger, "stranger").await);
    let service = test::init_service(App::new().app_data(web::Data::from(node.app.clone())).configure(rastro::web::configure)).await;
    macro_rules! call {
        ($request:expr) => {
            test::call_service(&service, $request.to_request()).await
        };
    }

    // Nobody signed in, nobody without the right, no form of another session.
    assert_eq!(call!(test::TestRequest::get().uri("/importar")).status(), StatusCode::SEE_OTHER);
    assert_eq!(call!(get(&may_not, "/importar")).status(), StatusCode::FORBIDDEN);
    assert_eq!(call!(upload(&own, form(&strange.csrf, "records", FILE))).status(), StatusCode::FORBIDDEN);
    assert_eq!(call!(upload(&may_not, form(&may_not.csrf, "mmp", FILE))).status(), StatusCode::FORBIDDEN);
    // A forensic officer registers found records, not cases.
    assert_eq!(call!(upload(&own, form(&own.csrf, "cases", FILE))).status(), StatusCode::FORBIDDEN);
    // Faults of the form.
    for body in [form(&own.csrf, "records", ""), form(&own.csrf, "", FILE), form(&own.csrf, "ships", FILE)] {
        assert_eq!(call!(upload(&own, body)).status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    for body in ["", "--x", "csrf=1&kind=records"] {
        assert_eq!(call!(upload(&own, body.to_owned())).status(), StatusCode::BAD_REQUEST);
    }
    assert!(imports::runs(&node.app, &actor, 10).await.unwrap().is_empty());

    let response = call!(upload(&own, form(&own.csrf, "records", FILE)));
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let address = response.headers().get(LOCATION).unwrap().to_str().unwrap().to_owned();
    node.work().await;
    let page = String::from_utf8(test::call_and_read_body(&service, get(&own, &address).to_request()).await.to_vec()).unwrap();
    assert!(page.contains("hallazgos.csv") && page.contains("No es un número") && page.contains(&format!("{address}/confirmar")));
    let stream = test::call_and_read_body(&service, get(&own, &format!("{address}/avance")).to_request()).await;
    let stream = String::from_utf8(stream.to_vec()).unwrap();
    assert!(stream.starts_with("data: <") || stream.starts_with("data:  <"), "{stream}");
    assert!(stream.ends_with("event: done\ndata: {}\n\n"));
    let errors = test::call_and_read_body(&service, get(&own, &format!("{address}/errores.csv")).to_request()).await;
    let errors = String::from_utf8(errors.to_vec()).unwrap();
    assert!(errors.contains("3,edad,treinta,not_a_number,error,"), "{errors}");
    for path in [address.clone(), format!("{address}/avance"), format!("{address}/errores.csv")] {
        assert_eq!(call!(get(&strange, &path)).status(), StatusCode::NOT_FOUND, "{path}");
    }

    let post = |session: &Session, path: &str, fields: &str| {
        test::TestRequest::post()
            .uri(path)
            .insert_header((COOKIE, session.cookie.clone()))
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
            .set_payload(format!("csrf={}&{fields}", session.csrf))
    };
    assert_eq!(call!(post(&strange, &format!("{address}/confirmar"), "")).status(), StatusCode::NOT_FOUND);
    assert_eq!(call!(post(&own, &format!("{address}/confirmar"), "")).status(), StatusCode::SEE_OTHER);
    assert_eq!(call!(post(&own, &format!("{address}/confirmar"), "")).status(), StatusCode::CONFLICT);
    node.work().await;
    let id = address.rsplit('/').next().unwrap().parse().unwrap();
    let run = imports::run(&node.app, &actor, id).await.unwrap();
    assert_eq!((run.state(), run.counts().written(), run.counts().rejected), (ImportState::Finished, 1, 1));

    // A changed row waits on the page until somebody decides with a reason.
    call!(upload(&own, form(&own.csrf, "records", &FILE.replace("Tapachula", "Suchiate"))));
    node.work().await;
    let second = imports::runs(&node.app, &actor, 1).await.unwrap().remove(0);
    imports::confirm(&node.app, &actor, second.id).await.unwrap();
    node.work().await;
    let waiting = imports::differences::list(&node.app, &actor, second.id, 0, 10).await.unwrap();
    let decide = format!("/importar/{}/diferencias/{}", second.id, waiting[0].id);
    assert_eq!(call!(post(&strange, &decide, "decision=accept&reason=x")).status(), StatusCode::NOT_FOUND);
    assert_eq!(call!(post(&own, &decide, "decision=accept&reason=")).status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(call!(post(&own, &decide, "decision=accept&reason=dato+corregido")).status(), StatusCode::SEE_OTHER);
    assert_eq!(call!(post(&own, &decide, "decision=refuse&reason=x")).status(), StatusCode::CONFLICT);
}
