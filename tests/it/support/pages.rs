//! Calling pages as a browser would: a signed-in session with its form token, a query, a form.

use super::TestNode;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, COOKIE, LOCATION};
use actix_web::{App, test, web};
use rastro::domain::actor::Actor;
use rastro::domain::ids::CaseId;
use rastro::services::{accounts, cases};

/// A signed-in person.
pub struct Session {
    pub cookie: String,
    pub csrf: String,
}

/// What a page answered.
pub struct Reply {
    pub status: StatusCode,
    pub location: String,
    pub body: String,
}

impl TestNode {
    /// Signs `actor` in under the name they were registered with.
    pub async fn browser(&self, actor: &Actor, name: &str) -> Session {
        let token = self.session(actor, name).await;
        let csrf = accounts::find_staff(&self.app, &token).await.unwrap().unwrap().csrf;
        Session { cookie: format!("rastro_session={token}"), csrf }
    }

    /// Signs the family of a case of `officer`'s in.
    pub async fn family(&self, officer: &Actor, case: CaseId) -> Session {
        let pin = cases::renew_pin(&self.app, officer, case).await.unwrap();
        let folio = cases::read(&self.app, officer, case).await.unwrap().row.folio;
        let token = accounts::family_sign_in(&self.app, &folio, &pin, "127.0.0.1").await.unwrap().token;
        let csrf = accounts::find_family(&self.app, &token).await.unwrap().unwrap().csrf;
        Session { cookie: format!("rastro_familia={token}"), csrf }
    }

    async fn answer(&self, request: test::TestRequest) -> Reply {
        let service = test::init_service(App::new().app_data(web::Data::from(self.app.clone())).configure(rastro::web::configure)).await;
        let response = test::call_service(&service, request.to_request()).await;
        let location = response.headers().get(LOCATION).map(|l| l.to_str().unwrap().to_owned()).unwrap_or_default();
        let status = response.status();
        let body = String::from_utf8(test::read_body(response).await.to_vec()).unwrap();
        Reply { status, location, body }
    }

    /// Opens a page.
    pub async fn open(&self, session: &Session, path: &str) -> Reply {
        self.answer(test::TestRequest::get().uri(path).insert_header((COOKIE, session.cookie.clone()))).await
    }

    /// Sends a form with its token.
    pub async fn send(&self, session: &Session, path: &str, fields: &str) -> Reply {
        let request = test::TestRequest::post()
            .uri(path)
            .insert_header((COOKIE, session.cookie.clone()))
            .insert_header(("sec-fetch-site", "same-origin"))
            .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
            .set_payload(format!("csrf={}&{fields}", session.csrf));
        self.answer(request).await
    }
}
