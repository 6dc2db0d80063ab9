//! The rights of the pages: every route of the portal with every role, with a family and with nobody. A route without a row fails the test.

use crate::support::{Session, TestNode, person};
use rastro::domain::authority::{AuthorityKind, Role};
use reqwest::StatusCode;
use std::collections::BTreeSet;
use std::path::Path;
use uuid::Uuid;

use Role::{
    Administrator as Admin, AssociationMember as Member, ConsularOfficer as Consul, ForensicOfficer as Forensic, Geneticist,
    PublicDefender as Defender, Reviewer, SearchOfficer as Officer,
};

const EVERYBODY: &[Role] = &[Officer, Reviewer, Forensic, Geneticist, Consul, Defender, Member, Admin];
const CASE_READERS: &[Role] = &[Officer, Reviewer];
const FOUND_READERS: &[Role] = &[Officer, Reviewer, Forensic, Geneticist];
const SAMPLE_READERS: &[Role] = &[Officer, Forensic, Geneticist];
const SAMPLE_WRITERS: &[Role] = &[Forensic, Geneticist];
const IMPORTERS: &[Role] = &[Officer, Forensic];
const ASKERS: &[Role] = &[Officer, Consul, Defender];
const IDENTIFIERS: &[Role] = &[Reviewer, Forensic];
const ROUTE_READERS: &[Role] = &[Officer, Reviewer, Forensic, Consul, Defender];

/// Who may open or send to a route.
#[derive(Clone, Copy, PartialEq)]
enum May {
    /// Whoever comes.
    Anybody,
    /// A family that signed in.
    Family,
    /// Staff in these roles; the others hear 403.
    Staff(&'static [Role]),
}
use May::{Anybody, Family, Staff};

const MATRIX: &[(&str, May)] = &[
    ("GET /", Anybody),
    ("GET /entrar", Anybody),
    ("POST /entrar", Anybody),
    ("GET /salir", Anybody),
    ("POST /salir", Anybody),
    ("GET /assets/{name}", Anybody),
    ("GET /familia/entrar", Anybody),
    ("POST /familia/entrar", Anybody),
    ("POST /familia/cerrar", Anybody),
    ("GET /familia", Family),
    ("GET /familia/llamada", Family),
    ("POST /familia/llamada", Family),
    ("GET /familia/mensaje", Family),
    ("POST /familia/mensaje", Family),
    ("GET /familia/datos", Family),
    ("GET /familia/datos/retirar", Family),
    ("POST /familia/datos/retirar", Family),
    ("GET /inicio", Staff(EVERYBODY)),
    ("POST /inicio/avisos/{id}", Staff(EVERYBODY)),
    ("GET /novedades", Staff(FOUND_READERS)),
    ("GET /proposito", Staff(EVERYBODY)),
    ("POST /proposito", Staff(EVERYBODY)),
    ("GET /casos", Staff(CASE_READERS)),
    ("GET /casos/nuevo", Staff(&[Officer])),
    ("POST /casos/nuevo", Staff(&[Officer])),
    ("GET /casos/{id}", Staff(CASE_READERS)),
    ("GET /casos/{id}/mapa.json", Staff(CASE_READERS)),
    ("GET /casos/{id}/corregir", Staff(&[Officer])),
    ("POST /casos/{id}/corregir", Staff(&[Officer])),
    ("POST /casos/{id}/consentimiento", Staff(&[Officer])),
    ("POST /casos/{id}/retirar", Staff(&[Officer])),
    ("POST /casos/{id}/paso", Staff(&[Officer])),
    ("POST /casos/{id}/acciones", Staff(&[Officer])),
    ("POST /casos/{id}/acciones/{action}", Staff(&[Officer])),
    ("POST /casos/{id}/mensajes/{message}", Staff(&[Officer])),
    ("POST /casos/{id}/fase", Staff(&[Officer])),
    ("POST /casos/{id}/clave", Staff(&[Officer])),
    ("POST /casos/{id}/comparar", Staff(CASE_READERS)),
    ("GET /hallazgos", Staff(FOUND_READERS)),
    ("GET /hallazgos/nuevo", Staff(&[Forensic])),
    ("POST /hallazgos/nuevo", Staff(&[Forensic])),
    ("GET /hallazgos/{id}", Staff(FOUND_READERS)),
    ("GET /hallazgos/{id}/mapa.json", Staff(FOUND_READERS)),
    ("GET /hallazgos/{id}/corregir", Staff(&[Forensic])),
    ("POST /hallazgos/{id}/corregir", Staff(&[Forensic])),
    ("POST /hallazgos/{id}/consentimiento", Staff(&[Forensic])),
    ("POST /hallazgos/{id}/retirar", Staff(&[Forensic])),
    ("POST /hallazgos/{id}/comparar", Staff(FOUND_READERS)),
    ("GET /hallazgos/{id}/restos", Staff(&[Forensic])),
    ("POST /hallazgos/{id}/restos", Staff(&[Forensic])),
    ("GET /restos/{id}", Staff(FOUND_READERS)),
    ("GET /restos/{id}/elementos", Staff(&[Forensic])),
    ("POST /restos/{id}/elementos", Staff(&[Forensic])),
    ("GET /restos/{id}/elementos/{element}", Staff(&[Forensic])),
    ("POST /restos/{id}/elementos/{element}", Staff(&[Forensic])),
    ("POST /restos/{id}/asociaciones", Staff(&[Forensic])),
    ("POST /restos/{id}/operaciones", Staff(&[Forensic])),
    ("POST /restos/{id}/movimientos", Staff(&[Forensic])),
    ("POST /restos/{id}/imagenes", Staff(&[Forensic])),
    ("GET /restos/imagenes/{id}", Staff(FOUND_READERS)),
    ("POST /restos/imagenes/{id}/mostrar", Staff(FOUND_READERS)),
    ("GET /banco", Staff(SAMPLE_READERS)),
    ("GET /banco/casos/{id}", Staff(SAMPLE_READERS)),
    ("GET /banco/donantes/nuevo", Staff(SAMPLE_WRITERS)),
    ("POST /banco/donantes/nuevo", Staff(SAMPLE_WRITERS)),
    ("GET /banco/donantes/{id}", Staff(SAMPLE_READERS)),
    ("POST /banco/donantes/{id}/consentimiento", Staff(SAMPLE_WRITERS)),
    ("GET /banco/donantes/{id}/retirar", Staff(SAMPLE_WRITERS)),
    ("POST /banco/donantes/{id}/retirar", Staff(SAMPLE_WRITERS)),
    ("GET /banco/muestras/nueva", Staff(SAMPLE_WRITERS)),
    ("POST /banco/muestras/nueva", Staff(SAMPLE_WRITERS)),
    ("GET /banco/muestras/{id}", Staff(SAMPLE_READERS)),
    ("GET /banco/muestras/{id}/etiqueta", Staff(SAMPLE_READERS)),
    ("POST /banco/muestras/{id}/custodia", Staff(SAMPLE_WRITERS)),
    ("POST /banco/muestras/{id}/numeros", Staff(SAMPLE_WRITERS)),
    ("GET /banco/entregas/{id}", Staff(SAMPLE_READERS)),
    ("POST /banco/entregas/{id}/recibir", Staff(SAMPLE_WRITERS)),
    ("GET /explicacion", Staff(FOUND_READERS)),
    ("GET /hipotesis", Staff(FOUND_READERS)),
    ("GET /hipotesis/{id}", Staff(FOUND_READERS)),
    ("GET /hipotesis/{id}/mapa.json", Staff(FOUND_READERS)),
    ("POST /hipotesis/{id}/dictamen", Staff(&[Reviewer])),
    ("POST /hipotesis/{id}/paso", Staff(&[Reviewer])),
    ("GET /duplicados", Staff(FOUND_READERS)),
    ("GET /duplicados/vincular", Staff(IMPORTERS)),
    ("POST /duplicados/vincular", Staff(IMPORTERS)),
    ("GET /duplicados/{id}", Staff(FOUND_READERS)),
    ("POST /duplicados/{id}/paso", Staff(IMPORTERS)),
    ("GET /identificaciones", Staff(FOUND_READERS)),
    ("POST /identificaciones", Staff(IDENTIFIERS)),
    ("GET /identificaciones/{id}", Staff(FOUND_READERS)),
    ("POST /identificaciones/{id}/texto", Staff(IDENTIFIERS)),
    ("POST /identificaciones/{id}/opinion", Staff(&[Geneticist])),
    ("POST /identificaciones/{id}/alternativas/{hypothesis}", Staff(IDENTIFIERS)),
    ("POST /identificaciones/{id}/paso", Staff(IDENTIFIERS)),
    ("GET /identificaciones/{id}/informes/{version}", Staff(FOUND_READERS)),
    ("GET /verificar/{code}", Anybody),
    ("GET /casos/{id}/avisos", Staff(CASE_READERS)),
    ("POST /casos/{id}/avisos", Staff(&[Officer])),
    ("GET /casos/{id}/avisos/{notification}", Staff(CASE_READERS)),
    ("POST /casos/{id}/avisos/{notification}/plan", Staff(&[Officer])),
    ("POST /casos/{id}/avisos/{notification}/entrega", Staff(&[Officer])),
    ("POST /casos/{id}/avisos/{notification}/paso", Staff(&[Officer])),
    ("GET /restituciones", Staff(FOUND_READERS)),
    ("POST /restituciones", Staff(&[Officer])),
    ("GET /restituciones/{id}", Staff(FOUND_READERS)),
    ("POST /restituciones/{id}/datos", Staff(IMPORTERS)),
    ("POST /restituciones/{id}/cosas", Staff(IMPORTERS)),
    ("POST /restituciones/{id}/cosas/{item}/recibo", Staff(IMPORTERS)),
    ("POST /restituciones/{id}/paso", Staff(IMPORTERS)),
    ("GET /importar", Staff(IMPORTERS)),
    ("POST /importar", Staff(IMPORTERS)),
    ("GET /importar/{id}", Staff(IMPORTERS)),
    ("GET /importar/{id}/avance", Staff(IMPORTERS)),
    ("POST /importar/{id}/confirmar", Staff(IMPORTERS)),
    ("POST /importar/{id}/cancelar", Staff(IMPORTERS)),
    ("GET /importar/{id}/errores.csv", Staff(IMPORTERS)),
    ("POST /importar/{id}/diferencias/{difference}", Staff(IMPORTERS)),
    ("GET /banco/muestras/{id}/perfil", Staff(&[Geneticist])),
    ("POST /banco/muestras/{id}/perfil", Staff(&[Geneticist])),
    ("GET /banco/familias", Staff(&[Geneticist])),
    ("GET /banco/familias/nueva", Staff(&[Geneticist])),
    ("POST /banco/familias/nueva", Staff(&[Geneticist])),
    ("GET /banco/familias/{id}", Staff(&[Geneticist])),
    ("GET /banco/familias/{id}/editar", Staff(&[Geneticist])),
    ("POST /banco/familias/{id}/editar", Staff(&[Geneticist])),
    ("GET /banco/familias/{id}/poder", Staff(&[Geneticist])),
    ("GET /banco/busquedas", Staff(&[Geneticist])),
    ("GET /banco/conjunta", Staff(&[Geneticist])),
    ("POST /banco/conjunta", Staff(&[Geneticist])),
    ("GET /banco/conjunta/{id}", Staff(&[Geneticist])),
    ("POST /banco/busquedas", Staff(&[Geneticist])),
    ("POST /banco/busquedas/{id}/cancelar", Staff(&[Geneticist])),
    ("GET /asociacion", Staff(&[Member])),
    ("GET /asociacion/{case}", Staff(&[Member])),
    ("POST /asociacion/{case}", Staff(&[Member])),
    ("GET /rutas", Staff(ROUTE_READERS)),
    ("GET /rutas/mapa.json", Staff(ROUTE_READERS)),
    ("GET /patrones", Staff(ROUTE_READERS)),
    ("GET /consulta", Staff(ASKERS)),
    ("POST /consulta", Staff(ASKERS)),
    ("GET /consulta/{id}", Staff(ASKERS)),
    ("POST /consulta/avisos/{id}/leido", Staff(ASKERS)),
    ("GET /administracion", Staff(&[Admin])),
    ("POST /administracion/usuarios", Staff(&[Admin])),
    ("GET /administracion/usuarios/{id}", Staff(&[Admin])),
    ("POST /administracion/usuarios/{id}/roles", Staff(&[Admin])),
    ("POST /administracion/usuarios/{id}/clave", Staff(&[Admin])),
    ("POST /administracion/usuarios/{id}/estado", Staff(&[Admin])),
    ("GET /administracion/programas", Staff(&[Admin])),
    ("POST /administracion/programas", Staff(&[Admin])),
    ("POST /administracion/programas/{id}/desactivar", Staff(&[Admin])),
    ("GET /administracion/acuerdos", Staff(&[Admin])),
    ("POST /administracion/acuerdos", Staff(&[Admin])),
    ("GET /administracion/acuerdos/{code}", Staff(&[Admin])),
    ("POST /administracion/acuerdos/{code}/firmar", Staff(&[Admin])),
    ("POST /administracion/acuerdos/{code}/estado", Staff(&[Admin])),
    ("GET /administracion/accesos", Staff(&[Admin])),
    ("GET /administracion/instituciones", Staff(&[Admin])),
];

/// Every route that a file of the portal registers, read from its source: a page cannot be added without being found here.
fn registered() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/portal");
    let mut routes = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|e| e != "rs") {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let ways: Vec<&str> = source.split(".route(\"").skip(1).collect();
        assert!(!source.contains("#[get(") && !source.contains("#[post("), "{}: a page is registered by .route()", path.display());
        for way in ways {
            let (page, rest) = way.split_once('"').unwrap();
            let method = rest.split_once("web::").unwrap().1.split('(').next().unwrap();
            assert!(["get", "post"].contains(&method), "{page}: {method}");
            routes.insert(format!("{} {page}", method.to_uppercase()));
        }
    }
    routes
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let rows: BTreeSet<String> = MATRIX.iter().map(|(route, _)| (*route).to_owned()).collect();
    assert_eq!(rows, registered());
}

/// A path of a route: the record that is there where reading it is what is asked for, otherwise one that nobody has.
fn path_of(route: &str, case: &str, found: &str) -> String {
    let mut path = route.split_once(' ').unwrap().1.to_owned();
    if route.starts_with("GET /casos/{id}") {
        path = path.replace("{id}", case);
    } else if route.starts_with("GET /hallazgos/{id}") {
        path = path.replace("{id}", found);
    }
    path = path.replace("{version}", "1");
    for name in
        ["{id}", "{action}", "{message}", "{difference}", "{case}", "{name}", "{code}", "{element}", "{hypothesis}", "{notification}", "{item}"]
    {
        path = path.replace(name, &Uuid::now_v7().to_string());
    }
    path
}

/// Fields that are read without a fault, so that the right is what is asked for.
fn fields(route: &str) -> &'static str {
    match route {
        "POST /casos/{id}/fase" => "phase=2",
        "POST /hipotesis/{id}/dictamen" => "rev=1&verdict=support&reasons=mark&note=x",
        "POST /restos/{id}/elementos/{element}" => "rev=1&bone=femur&completeness=complete&age=adult&reason=x",
        "POST /restos/{id}/operaciones" => "operation=sampling&sampling-state=not_done",
        "POST /restos/{id}/movimientos" => "rev=1&command=report_missing&report_missing-on=2026-01-01&report_missing-reason=x",
        "POST /hipotesis/{id}/paso" => "rev=1&command=begin_review",
        "POST /duplicados/{id}/paso" => "rev=1&command=link&reason=x",
        "POST /importar/{id}/diferencias/{difference}" => "decision=accept",
        "POST /administracion/usuarios/{id}/estado" => "state=disabled",
        "POST /administracion/acuerdos/{code}/estado" => "deed=suspend",
        _ => "x=y",
    }
}

/// A browser with the cookie and the form token of a session.
struct Browser<'a> {
    client: reqwest::Client,
    url: &'a str,
    session: Session,
}

impl<'a> Browser<'a> {
    fn of(url: &'a str, session: Session) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, url, session }
    }

    /// The status this session hears on a route.
    async fn hears(&self, route: &str, path: &str) -> StatusCode {
        let url = format!("{}{path}", self.url);
        let csrf = &self.session.csrf;
        let request = if route.starts_with("GET") {
            self.client.get(url)
        } else if ["POST /importar", "POST /restos/{id}/imagenes"].contains(&route) {
            let part = |name: &str, value: &str| format!("--part\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            let body = format!("{}{}--part--\r\n", part("csrf", csrf), part("kind", "cases"));
            self.client.post(url).header("content-type", "multipart/form-data; boundary=part").body(body)
        } else {
            let form = self.client.post(url).header("content-type", "application/x-www-form-urlencoded");
            form.body(format!("csrf={csrf}&{}", fields(route)))
        };
        request.header("cookie", &self.session.cookie).header("sec-fetch-site", "same-origin").send().await.unwrap().status()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_opens_and_sends_what_its_row_says_and_nothing_else() {
    let node = TestNode::start().await;
    let authority = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let maker = node.user(authority, "maker", &[Officer, Forensic]).await;
    let case = node.case(&maker, person("Xiomara", "Zelaya", "Prueba"), None).await.to_string();
    let found = node.remains(&maker, person("Ignacia", "Zelaya", "Prueba")).await.to_string();
    let served = node.serve_pages().await;
    let mut wrong = Vec::new();
    for role in EVERYBODY {
        let actor = node.user(authority, role.as_str(), &[*role]).await;
        let browser = Browser::of(&served.url, node.browser(&actor, role.as_str()).await);
        for (route, may) in MATRIX {
            let (roles, others) = match *may {
                Staff(roles) => (roles, StatusCode::FORBIDDEN),
                Anybody => continue,
                // A member of staff is no family: they are shown its door.
                Family => (&[][..], StatusCode::SEE_OTHER),
            };
            let heard = browser.hears(route, &path_of(route, &case, &found)).await;
            let may = roles.contains(role);
            let refused = heard == StatusCode::FORBIDDEN || heard == StatusCode::UNAUTHORIZED || heard.as_u16() >= 500;
            if if may { refused } else { heard != others } {
                wrong.push(format!("{route} by {role}: {heard}, may: {may}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_and_no_family_opens_or_sends_to_what_is_the_staff_s_and_a_form_without_its_token_is_refused() {
    let node = TestNode::start().await;
    let authority = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let officer = node.user(authority, "officer", &[Officer]).await;
    let case = node.case(&officer, person("Xiomara", "Zelaya", "Prueba"), None).await;
    let served = node.serve_pages().await;
    let family = Browser::of(&served.url, node.family(&officer, case).await);
    let nobody = Browser::of(&served.url, Session { cookie: String::new(), csrf: String::new() });
    let cookie = node.browser(&officer, "officer").await.cookie;
    let forger = Browser::of(&served.url, Session { cookie, csrf: "guessed".to_owned() });
    let kept_out = [StatusCode::SEE_OTHER, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
    let mut wrong = Vec::new();
    for (route, may) in MATRIX {
        let path = path_of(route, &case.to_string(), "none");
        let heard = nobody.hears(route, &path).await;
        if *may != Anybody && !kept_out.contains(&heard) {
            wrong.push(format!("{route} by nobody: {heard}"));
        }
        if *may != Anybody {
            let heard = family.hears(route, &path).await;
            let refused = heard == StatusCode::FORBIDDEN || heard == StatusCode::UNAUTHORIZED || heard.as_u16() >= 500;
            if if *may == Family { refused } else { !kept_out.contains(&heard) } {
                wrong.push(format!("{route} by a family: {heard}"));
            }
        }
        // With a family's cookie missing, a family's form leads to its door whatever the token.
        if route.starts_with("POST") && *may != Family {
            let heard = forger.hears(route, &path).await;
            if heard != StatusCode::FORBIDDEN {
                wrong.push(format!("{route} with a guessed token: {heard}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
