//! Map and routes: what lies along a part of a route, in order, of the own authority only; not even the number of what others hold.

use crate::support::{TestNode, person};
use actix_web::http::StatusCode;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::services::found::{self, NewFound};
use serde_json::json;

const ALONG: &str = "/rutas?ruta=bestia_south_pacific&km=20";

/// Registers remains at a place, and gives their folio.
async fn remains_at(node: &TestNode, actor: &Actor, (lat, lon): (f64, f64), day: &str) -> String {
    let new: NewFound = serde_json::from_value(json!({
        "kind": "remains_unnamed",
        "person": person("Inventada", "Prueba", "Prueba"),
        "found_at": day,
        "place": { "name": "Lugar inventado", "country": "MEX", "lat": lat, "lon": lon, "precision": "gps" },
    }))
    .unwrap();
    found::register(&node.app, actor, None, new).await.unwrap().made.folio
}

struct Scene {
    node: TestNode,
    bank: Actor,
    stranger: Actor,
    /// Near Huixtla, then near Arriaga, further along the route.
    first: String,
    second: String,
    foreign: String,
}

async fn scene() -> Scene {
    let node = TestNode::start().await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    let other = node.authority("OTR", "GTM", AuthorityKind::ForensicBank).await;
    let bank = node.user(bank, "forensic", &[Role::ForensicOfficer]).await;
    let stranger = node.user(other, "stranger", &[Role::ForensicOfficer]).await;
    let second = remains_at(&node, &bank, (16.236, -93.9), "2024-06-02").await;
    let first = remains_at(&node, &bank, (15.14, -92.463), "2024-05-17").await;
    let foreign = remains_at(&node, &stranger, (16.235, -93.901), "2024-06-01").await;
    node.app.space.load(&node.app.pool).await.unwrap();
    Scene { node, bank, stranger, first, second, foreign }
}

#[actix_web::test]
async fn results_stand_in_order_along_the_route_and_stops_and_dates_narrow_them() {
    let s = scene().await;
    let bank = s.node.browser(&s.bank, "forensic").await;
    let page = s.node.open(&bank, ALONG).await;
    assert_eq!(page.status, StatusCode::OK);
    let (first, second) = (page.body.find(&s.first).unwrap(), page.body.find(&s.second).unwrap());
    assert!(first < second, "Huixtla comes before Arriaga");
    assert!(page.body.contains("2 resultados"));
    for narrower in ["&desde=Tonal%C3%A1", "&del=2024-06-01&al=2024-06-30"] {
        let page = s.node.open(&bank, &format!("{ALONG}{narrower}")).await.body;
        assert!(!page.contains(&s.first) && page.contains(&s.second) && page.contains("1 resultado."), "{narrower}");
    }
    let map = s.node.open(&bank, "/rutas/mapa.json?ruta=bestia_south_pacific&km=20&ver=incidentes").await.body;
    assert!(!map.contains(&s.first), "a layer that is not wanted is not drawn");
}

#[actix_web::test]
async fn records_of_others_appear_neither_in_lists_nor_counts_nor_maps_whether_or_not_an_agreement_stands() {
    let s = scene().await;
    let bank = s.node.browser(&s.bank, "forensic").await;
    for agreed in [false, true] {
        if agreed {
            s.node.agreement(s.bank.authority, s.stranger.authority).await;
        }
        for path in [ALONG, "/rutas/mapa.json?ruta=bestia_south_pacific&km=20", "/rutas/mapa.json", "/rutas"] {
            let page = s.node.open(&bank, path).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(!page.body.contains(&s.foreign), "{path}, agreed: {agreed}");
        }
        assert!(s.node.open(&bank, ALONG).await.body.contains("2 resultados"));
    }
}

#[actix_web::test]
async fn a_point_gets_all_its_routes_with_weights_and_the_chance_of_none() {
    let s = scene().await;
    let bank = s.node.browser(&s.bank, "forensic").await;
    let page = s.node.open(&bank, "/rutas?lat=16.2&lon=-93.9&radio=5").await.body;
    assert!(page.contains("La Bestia, southern Pacific branch") && page.contains("Fuera de toda ruta conocida"));
    let far = s.node.open(&bank, "/rutas?lat=60&lon=10").await.body;
    assert!(far.contains("100.0 %"), "far away it is off every route");
}

#[actix_web::test]
async fn faults_of_the_query_stand_on_their_fields() {
    let s = scene().await;
    let bank = s.node.browser(&s.bank, "forensic").await;
    for query in [
        "ruta=no_such_route",
        "ruta=bestia_south_pacific&desde=Nowhere",
        "ruta=bestia_south_pacific&km=0",
        "ruta=bestia_south_pacific&km=NaN",
        "ruta=bestia_south_pacific&km=9999",
        "ruta=bestia_south_pacific&del=2024-13-01",
        "ruta=bestia_south_pacific&del=2024-06-01&al=2024-05-01",
        "lat=95&lon=10",
        "lat=north&lon=west",
    ] {
        let reply = s.node.open(&bank, &format!("/rutas?{query}")).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(reply.body.contains("govuk-error-summary"), "{query}");
    }
}

#[actix_web::test]
async fn routes_open_to_nobody_without_the_right() {
    let s = scene().await;
    let admin = s.node.user(s.bank.authority, "admin", &[Role::Administrator]).await;
    let admin = s.node.browser(&admin, "admin").await;
    for path in ["/rutas", "/rutas/mapa.json", ALONG] {
        assert_eq!(s.node.open(&admin, path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}
