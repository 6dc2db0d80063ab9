//! The menu shows to each role what that role may open, and nothing else.

use crate::support::TestNode;
use actix_web::http::StatusCode;
use rastro::domain::authority::{AuthorityKind, Role};

#[actix_web::test]
async fn every_entry_of_every_role_s_menu_answers_and_so_does_where_it_lands() {
    let node = TestNode::start().await;
    let house = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    for role in Role::ALL {
        let name = role.as_str().replace('_', "-");
        let actor = node.user(house, &name, &[*role]).await;
        let session = node.browser(&actor, &name).await;
        let landing = rastro::web::portal::page::landing(&actor);
        let page = node.open(&session, landing).await;
        assert_eq!(page.status, StatusCode::OK, "{role} lands on {landing}");
        let menu = page.body.split("<nav class=\"ra-nav\"").nth(1).unwrap().split("</nav>").next().unwrap();
        let entries: Vec<&str> = menu.split("href=\"").skip(1).map(|p| p.split('"').next().unwrap()).collect();
        assert!(!entries.is_empty(), "{role}");
        for entry in &entries {
            assert_eq!(node.open(&session, entry).await.status, StatusCode::OK, "{role}: {entry}");
        }
        // What the menu leaves out does not open by typing it.
        for entry in [
            "/casos",
            "/hallazgos",
            "/hipotesis",
            "/duplicados",
            "/identificaciones",
            "/banco",
            "/rutas",
            "/patrones",
            "/consulta",
            "/asociacion",
            "/importar",
            "/administracion",
        ] {
            if !entries.contains(&entry) {
                assert_eq!(node.open(&session, entry).await.status, StatusCode::FORBIDDEN, "{role}: {entry}");
            }
        }
    }
}
