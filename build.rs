//! Looks whether the page assets are there; never runs npm. In debug builds an empty manifest stands in, so that `cargo check` needs no Node.

use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script the profile by the environment")]
fn is_release() -> bool {
    std::env::var("PROFILE").is_ok_and(|p| p == "release")
}

fn main() -> Result<(), String> {
    let manifest = Path::new("src/web/dist/manifest.json");
    println!("cargo::rerun-if-changed=src/web/dist/manifest.json");
    println!("cargo::rerun-if-changed=config/locales");
    if manifest.exists() {
        return Ok(());
    }
    if is_release() {
        return Err("the page assets are missing (src/web/dist/manifest.json): run scripts/build-assets first".to_owned());
    }
    std::fs::create_dir_all("src/web/dist")
        .and_then(|()| std::fs::write(manifest, "{}\n"))
        .map_err(|e| format!("src/web/dist cannot be written: {e}"))
}
