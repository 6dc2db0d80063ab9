//! Page assets out of the program: hashed names, pre-compressed, cached for ever. The manifest tells a page which name is meant.

use actix_web::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, VARY, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;
use std::collections::HashMap;
use std::sync::OnceLock;

/// What `scripts/build-assets` made; read from disk in debug builds.
#[derive(RustEmbed)]
#[folder = "src/web/dist"]
struct Dist;

/// Where assets are served.
const ROOT: &str = "/assets/";

fn manifest() -> &'static HashMap<String, String> {
    static MANIFEST: OnceLock<HashMap<String, String>> = OnceLock::new();
    MANIFEST.get_or_init(|| Dist::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default())
}

/// The address of an asset by its logical name; the name itself when the assets were not built.
#[must_use]
pub fn href(name: &str) -> String {
    let file = manifest().get(name).map_or(name, String::as_str);
    format!("{ROOT}{file}")
}

/// `GET /assets/NAME.HASH.ext`.
async fn serve(name: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let name = name.into_inner();
    // The build's own notes and the twins are not for asking by name.
    if name == "inputs.txt" || name.ends_with(".br") || name.ends_with(".gz") {
        return HttpResponse::NotFound().finish();
    }
    let accepted = request.headers().get(ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let twin = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(coding, _)| accepted.split(',').any(|a| a.split(';').next().is_some_and(|a| a.trim() == *coding)))
        .find_map(|(coding, suffix)| Dist::get(&format!("{name}{suffix}")).map(|file| (coding, file)));
    let (coding, file) = match twin {
        Some((coding, file)) => (Some(coding), file),
        None => match Dist::get(&name) {
            Some(file) => (None, file),
            None => return HttpResponse::NotFound().finish(),
        },
    };
    let mime = mime_of(&name);
    let mut response = HttpResponse::Ok();
    response
        .content_type(mime)
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((VARY, "Accept-Encoding"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if let Some(coding) = coding {
        response.insert_header((CONTENT_ENCODING, coding));
    }
    response.body(file.data.into_owned())
}

fn mime_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Registers the assets' route.
pub fn configure(routes: &mut web::ServiceConfig) {
    routes.route("/assets/{name}", web::get().to(serve));
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use actix_web::{App, test};

    #[actix_web::test]
    async fn an_asset_comes_compressed_and_cached_for_ever() {
        let Some(file) = manifest().get("family.css") else { return };
        let app = test::init_service(App::new().configure(configure)).await;
        let ask = test::TestRequest::get().uri(&format!("/assets/{file}")).insert_header(("accept-encoding", "gzip, br;q=1")).to_request();
        let answer = test::call_service(&app, ask).await;
        assert_eq!(answer.headers().get("content-encoding").unwrap(), "br");
        assert!(answer.headers().get("cache-control").unwrap().to_str().unwrap().contains("immutable"));
    }

    #[actix_web::test]
    async fn nothing_outside_the_built_assets_is_served() {
        let app = test::init_service(App::new().configure(configure)).await;
        for path in ["/assets/inputs.txt", "/assets/..%2F..%2FCargo.toml", "/assets/nothing.css"] {
            let answer = test::call_service(&app, test::TestRequest::get().uri(path).to_request()).await;
            assert_eq!(answer.status(), 404, "{path}");
        }
    }
}
