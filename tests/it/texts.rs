//! The pages' texts: every key that is used exists in both languages with the same variables, none lies about, and no page shows a missing one.

use crate::support::{TestNode, consent_to, person};
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::services::bank::{donors, pedigrees, samples};
use rastro::services::{association, cases, remains};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Texts = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn variables(text: &str) -> BTreeSet<String> {
    text.split('$').skip(1).map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()).collect()
}

/// The keys of a language with the variables of each; Fluent's own parser must find no fault.
fn texts(language: &str) -> Texts {
    let mut all = Texts::new();
    for file in files(&format!("config/locales/{language}"), "ftl") {
        let text = std::fs::read_to_string(&file).unwrap();
        if let Err((_, faults)) = fluent_templates::fluent_bundle::FluentResource::try_new(text.clone()) {
            panic!("{}: {faults:?}", file.display());
        }
        let mut key = String::new();
        for line in text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
            if !line.starts_with([' ', '}']) {
                key = line.split_once('=').unwrap().0.trim().to_owned();
                assert!(!all.contains_key(&key), "{}: {key} stands twice", file.display());
            }
            all.entry(key.clone()).or_default().extend(variables(line));
        }
    }
    all
}

/// Levels that the word for their outcome says already.
fn is_plain(level: &str) -> bool {
    level.ends_with(".equal") || level.ends_with(".disagree")
}

#[test]
fn every_level_of_every_field_has_words_in_both_languages() {
    for language in ["es", "en"] {
        let texts = texts(language);
        for level in rastro::matching::explain::LEVELS.iter().filter(|l| !is_plain(l)) {
            let key = format!("level-{}", level.replace(['.', '_'], "-"));
            assert!(texts.contains_key(&key), "{language}: {key}");
        }
        for (_, field, _) in rastro::matching::score::Field::ALL {
            let key = format!("field-{}", field.replace('_', "-"));
            assert!(texts.contains_key(&key), "{language}: {key}");
        }
    }
}

/// The words in quotes of the pages' sources and templates: keys among them, whole or as beginnings.
fn quoted() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for file in files("src/web/portal", "rs").into_iter().chain(files("src/web/templates", "html")) {
        let text = std::fs::read_to_string(file).unwrap();
        for word in text.split('"') {
            if !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '{' | '}')) {
                words.insert(word.to_owned());
            }
        }
    }
    words
}

/// The keys that a call names outright: `t("…")`, `t1("…"`, `text("…")`, `add(lang, field, "…")`, `see_with(…, "flash-…")`.
fn called() -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    for file in files("src/web/portal", "rs").into_iter().chain(files("src/web/templates", "html")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for call in [".t(\"", ".t1(\"", ".t2(\"", ".text(\"", ".text_with(\""] {
            for rest in text.split(call).skip(1) {
                keys.insert(rest.split('"').next().unwrap().to_owned(), file.display().to_string());
            }
        }
        for word in text.split('"').filter(|w| w.starts_with("flash-") || (w.starts_with("error-") && !w.contains("summary"))) {
            if word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !word.ends_with('-') {
                keys.insert(word.to_owned(), file.display().to_string());
            }
        }
    }
    keys
}

#[test]
fn both_languages_hold_the_same_keys_with_the_same_variables() {
    let (es, en) = (texts("es"), texts("en"));
    let only = |a: &Texts, b: &Texts| a.keys().filter(|k| !b.contains_key(*k)).cloned().collect::<Vec<_>>();
    assert_eq!((only(&es, &en), only(&en, &es)), (Vec::new(), Vec::new()), "keys of one language only");
    let differing: Vec<_> = es.iter().filter(|(key, variables)| en[*key] != **variables).map(|(key, _)| key).collect();
    assert!(differing.is_empty(), "other variables in the other language: {differing:?}");
    assert!(es.len() > 500);
}

#[test]
fn every_key_that_a_page_names_exists() {
    let es = texts("es");
    let missing: Vec<_> = called().into_iter().filter(|(key, _)| !es.contains_key(key)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn no_text_for_families_lies_about_unused() {
    let quoted = quoted();
    // `format!("family-phase-{word}-text")` uses every key that begins and ends so; `word("purpose", …)` every key below `purpose-`.
    let patterns: Vec<(&str, &str)> = quoted.iter().filter_map(|w| Some((w.split_once('{')?.0, w.rsplit_once('}')?.1))).collect();
    let used = |key: &str| {
        quoted.contains(key)
            || patterns.iter().any(|(head, tail)| !head.is_empty() && key.starts_with(head) && key.ends_with(tail))
            || quoted.iter().any(|family| {
                key.strip_prefix(family.as_str()).is_some_and(|rest| rest.starts_with('-')) && !family.contains('{') && is_family(family)
            })
    };
    for file in ["family.ftl", "portal-family.ftl"] {
        let text = std::fs::read_to_string(root().join("config/locales/es").join(file)).unwrap();
        let unused: Vec<&str> = text
            .lines()
            .filter(|l| !l.starts_with([' ', '#', '}']))
            .filter_map(|l| Some(l.split_once('=')?.0.trim()))
            .filter(|k| !used(k))
            .collect();
        assert!(unused.is_empty(), "{file}: {unused:?}");
    }
}

/// The families of closed words that pages show through `word`.
fn is_family(word: &str) -> bool {
    matches!(word, "purpose" | "authority" | "data-category" | "phase")
}

#[test]
fn no_text_for_families_speaks_of_death_results_or_hurry() {
    for (language, words) in [
        (
            "es",
            &["muert", "fallec", "cadáver", "cuerpo", "restos", "víctima", "occiso", "coincidencia", "hipótesis", "identific", "pronto", "%"][..],
        ),
        ("en", &["death", "dead", "deceased", "body", "remains", "victim", "match", "hypothes", "identif", "soon", "%"][..]),
    ] {
        for file in ["family.ftl", "portal-family.ftl"] {
            let text = std::fs::read_to_string(root().join("config/locales").join(language).join(file)).unwrap();
            for line in text.lines().filter(|l| !l.starts_with('#')) {
                let value = line.split_once('=').map_or(line, |(_, value)| value).to_lowercase();
                for said in value.split(|c: char| !c.is_alphabetic() && c != '%') {
                    assert!(!words.iter().any(|w| said.starts_with(w)), "{language}/{file} says {said}: {line}");
                }
            }
        }
    }
}

/// Follows every link of ours from a page on, in one language, and returns the addresses that were read.
async fn walk(url: &str, cookie: &str, language: &str, starts: &[String]) -> Vec<String> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut waiting: Vec<String> = starts.to_vec();
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut read = Vec::new();
    while let Some(path) = waiting.pop() {
        let answer = client.get(format!("{url}{path}")).header("cookie", format!("{cookie}; rastro_idioma={language}")).send().await.unwrap();
        let status = answer.status();
        assert!(!status.is_server_error(), "{path} in {language}: {status}");
        let is_page = answer.headers().get("content-type").is_some_and(|t| t.to_str().unwrap().starts_with("text/html"));
        if !is_page {
            continue;
        }
        let text = answer.text().await.unwrap();
        assert!(!text.contains('⟦'), "{path} in {language} lacks {:?}", text.split('⟦').nth(1).map(|rest| rest.split('⟧').next()));
        assert!(text.contains(&format!("lang=\"{language}\"")), "{path} is not in {language}");
        for rest in text.split("href=\"/").skip(1) {
            let link = format!("/{}", rest.split(['"', '#']).next().unwrap().replace("&#38;", "&").replace("&amp;", "&"));
            let skip = ["/assets/", "/salir", "/novedades"].iter().any(|s| link.starts_with(s)) || link.contains("lang=");
            if !skip && seen.len() < 400 && seen.insert(link.clone()) {
                waiting.push(link);
            }
        }
        read.push(path);
    }
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_that_can_be_reached_is_written_in_both_languages() {
    let node = TestNode::start().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BNK", "MEX", AuthorityKind::ForensicBank).await;
    let consulate = node.authority("CON", "HND", AuthorityKind::Consulate).await;
    let committee = node.authority("AFA", "HND", AuthorityKind::Association).await;
    node.agreement(commission, bank).await;
    node.agreement(commission, consulate).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer, Role::Reviewer, Role::Administrator]).await;
    let forensic = node.user(bank, "forensic", &[Role::ForensicOfficer, Role::Reviewer]).await;
    let consul = node.user(consulate, "consul", &[Role::ConsularOfficer]).await;
    let geneticist = node.user(bank, "geneticist", &[Role::Geneticist]).await;
    let companion = node.user(committee, "companion", &[Role::AssociationMember]).await;
    let consent = consent_to(&[AuthorityKind::ForensicBank, AuthorityKind::Consulate]);
    let case = node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent)).await;
    let found = node.remains(&forensic, person("Xiomara Inventada", "Zelaya", "Prueba")).await;
    let bone = serde_json::json!({ "source": "remains", "found_record": found, "material": "bone", "taken_on": "2026-03-01" });
    let bone = samples::register(&node.app, &forensic, None, serde_json::from_value(bone).unwrap()).await.unwrap().made.id;
    let family = serde_json::json!({
        "individuals": [{ "id": "madre", "sex": "female" }, { "id": "hija", "sex": "female", "mother": "madre" }],
        "missing": [{ "individual": "hija", "case": case }],
        "state": "validated",
    });
    pedigrees::draw(&node.app, &geneticist, None, serde_json::from_value(family).unwrap()).await.unwrap();
    let profile = format!("/banco/muestras/{bone}/perfil");
    node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), None).await;
    let donor = serde_json::from_value(serde_json::json!({ "case": case, "relation": "mother", "name": "Donante Inventada" })).unwrap();
    let donor = donors::register(&node.app, &forensic, None, donor).await.unwrap().made.id;
    let sample =
        serde_json::from_value(serde_json::json!({ "source": "remains", "found_record": found, "material": "bone", "taken_on": "2026-03-01" }))
            .unwrap();
    samples::register(&node.app, &forensic, None, sample).await.unwrap();
    let set = serde_json::from_value(serde_json::json!({ "kind": "commingled_set" })).unwrap();
    let set = remains::register(&node.app, &forensic, found, None, set).await.unwrap().made.id;
    let femur = serde_json::from_value(serde_json::json!({ "bone": "femur", "completeness": "complete", "age_class": "adult" })).unwrap();
    remains::elements::add(&node.app, &forensic, set, None, vec![femur]).await.unwrap();
    association::mandate(&node.app, &officer, case, committee, "2030-01-15".parse().ok()).await.unwrap();
    node.work().await;
    let pin = cases::renew_pin(&node.app, &officer, case).await.unwrap();
    let folio = cases::read(&node.app, &officer, case).await.unwrap().row.folio;
    let family = rastro::services::accounts::family_sign_in(&node.app, &folio, &pin, "127.0.0.1").await.unwrap().token;
    let served = node.serve_pages().await;

    for language in ["es", "en"] {
        let starts = |paths: &[&str]| paths.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>();
        let mut read = walk(&served.url, "", language, &starts(&["/", "/entrar", "/familia/entrar", "/nada"])).await;
        read.extend(walk(&served.url, &format!("rastro_familia={family}"), language, &starts(&["/familia"])).await);
        for (actor, name) in
            [(&officer, "officer"), (&forensic, "forensic"), (&geneticist, "geneticist"), (&consul, "consul"), (&companion, "companion")]
        {
            let token = node.session(actor, name).await;
            let donor = format!("/banco/donantes/{donor}");
            let first = ["/inicio", "/hallazgos/nuevo", "/proposito", "/asociacion", "/consulta", "/banco/familias", &profile, &donor];
            read.extend(walk(&served.url, &format!("rastro_session={token}"), language, &starts(&first)).await);
        }
        let reached = |beginning: &str| read.iter().any(|path| path.starts_with(beginning));
        for beginning in [
            "/familia/datos/retirar",
            "/asociacion/",
            "/hallazgos/",
            "/hipotesis/",
            "/duplicados/",
            "/banco/muestras/",
            "/banco/donantes/",
            "/banco/casos/",
            "/importar",
            "/banco/muestras/",
            "/banco/familias/",
            "/banco/busquedas",
            "/restos/",
            "/rutas",
            "/patrones",
            "/proposito",
        ] {
            assert!(reached(beginning), "no page under {beginning} was reached in {language}: {read:?}");
        }
    }
}
