//! Patterns: own records in full, of others' only what five or more share; who may ask, what is remembered of it, the API's shape, the command.

use crate::api::Program;
use crate::support::{TestNode, consent_to, person};
use actix_web::http::StatusCode;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::ids::CaseId;
use rastro::services::cases::{self, NewCase};
use rastro::services::patterns::{self, PatternQuery, Told};
use rastro::services::space::PointKind;
use serde_json::{Value, json};
use std::path::Path;

/// Registers a case last heard of near a place on a day; shared with commissions when `shared`.
async fn case_at(node: &TestNode, actor: &Actor, (lat, lon): (f64, f64), day: &str, shared: bool) -> CaseId {
    let mut new: NewCase = serde_json::from_value(json!({
        "person": person("Inventada", "Prueba", "Prueba"),
        "last_contact": {
            "at": day,
            "transport": "train_freight",
            "place": { "name": "Lugar inventado", "country": "MEX", "lat": lat, "lon": lon, "precision": "gps" },
        },
    }))
    .unwrap();
    new.consent = shared.then(|| consent_to(&[AuthorityKind::SearchCommission]));
    cases::register(&node.app, actor, None, new).await.unwrap().made.id
}

/// Around Arriaga, on the southern Pacific branch, in May 2024: the n-th of a group.
fn arriaga(n: u32) -> ((f64, f64), String) {
    ((16.236 + 0.001 * f64::from(n), -93.9), format!("2024-05-{:02}", 10 + n))
}

struct Scene {
    node: TestNode,
    officer: Actor,
    partner: Actor,
}

/// `own` cases of one commission and `others` of another, all near Arriaga within days; with an agreement between the two.
async fn scene(own: u32, others: u32) -> Scene {
    let node = TestNode::start().await;
    let house = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let other = node.authority("CBB", "GTM", AuthorityKind::SearchCommission).await;
    node.agreement(house, other).await;
    let officer = node.user(house, "officer", &[Role::SearchOfficer]).await;
    let partner = node.user(other, "partner", &[Role::SearchOfficer]).await;
    for n in 0..own {
        let (place, day) = arriaga(n);
        case_at(&node, &officer, place, &day, true).await;
    }
    for n in 0..others {
        let (place, day) = arriaga(n);
        case_at(&node, &partner, place, &day, true).await;
    }
    Scene { node, officer, partner }
}

async fn told(s: &Scene, actor: &Actor, shared: bool) -> Told {
    let query = PatternQuery { corridor: Some("bestia_south_pacific".to_owned()), shared, ..PatternQuery::of(PointKind::Case) };
    patterns::patterns(&s.node.app, actor, &query).await.unwrap().told
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_sees_a_cluster_of_its_own_cases_with_every_member_and_the_density_along_the_corridor() {
    let s = scene(6, 3).await;
    let told = told(&s, &s.officer, false).await;
    assert!(told.exact);
    let [cluster] = &told.clusters[..] else { panic!("one cluster: {:?}", told.clusters) };
    assert_eq!((cluster.persons.own, cluster.persons.others_at_least, cluster.members.len()), (6, None, 6));
    assert!((cluster.lat - 16.2385).abs() < 1e-3 && cluster.radius_km < 1.0, "{cluster:?}");
    assert_eq!((cluster.from.to_string(), cluster.to.to_string()), ("2024-05-10".to_owned(), "2024-05-15".to_owned()));
    let [along] = &told.along[..] else { panic!("the chosen corridor alone") };
    let peak = along.density.iter().max_by(|a, b| a.per_km.total_cmp(&b.per_km)).unwrap();
    assert!(peak.per_km > 0.1 && peak.events == 6);
    let stretches: usize = along.stretches.iter().map(|stretch| stretch.persons.own).sum();
    assert_eq!(stretches, 6);
    let pair = told.lift.iter().find(|lift| lift.persons.own > 0);
    assert!(pair.is_none(), "what all share is no pattern");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_others_cases_four_are_told_as_none_and_five_only_as_at_least_five() {
    for (others, at_least) in [(0, None), (4, None), (6, Some(5))] {
        let s = scene(7, others).await;
        let told = told(&s, &s.officer, true).await;
        assert!(!told.exact && told.along.iter().all(|along| along.density.is_empty()), "no smoothed line where others take part");
        let stretches: Vec<_> =
            told.along.iter().flat_map(|along| &along.stretches).map(|s| (s.persons.own, s.persons.others_at_least)).collect();
        let own: usize = stretches.iter().map(|(own, _)| own).sum();
        assert_eq!(own, 7, "{others}: own ones stay exact");
        assert_eq!(stretches.iter().filter_map(|(_, others)| *others).collect::<Vec<_>>(), at_least.into_iter().collect::<Vec<_>>(), "{others}");
        let corridors: Vec<_> = told.corridors.iter().filter_map(|corridor| corridor.persons.others_at_least).collect();
        assert!(corridors.iter().all(|n| Some(*n) == at_least), "{others}: sums tell no more: {corridors:?}");
        assert_eq!(told.clusters.len(), usize::from(at_least.is_some()), "{others}: a cluster with too few of others is not told");
        for cluster in &told.clusters {
            assert_eq!((cluster.persons.others_at_least, cluster.members.len()), (Some(5), 7), "members are own ones");
            assert_eq!(((cluster.lat * 4.0).fract(), (cluster.lon * 4.0).fract()), (0.0, 0.0), "coarse: {cluster:?}");
            assert_eq!((cluster.from.to_string(), cluster.to.to_string()), ("2024-05-01".to_owned(), "2024-05-31".to_owned()));
        }
        assert!(told.scan.iter().all(|excess| excess.expected.is_none() && excess.llr.is_none()));
        assert!(told.lift.iter().all(|lift| lift.counts.is_none()));
        // Nothing that goes out holds a record of the partner.
        let text = serde_json::to_string(&told).unwrap();
        for line in cases::list(&s.node.app, &s.partner, &Default::default(), None, 100).await.unwrap() {
            assert!(!text.contains(&line.folio) && !text.contains(&line.id.to_string()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_agreement_or_consent_nothing_of_others_takes_part() {
    let s = scene(0, 6).await;
    let stranger = s.node.authority("CBC", "SLV", AuthorityKind::SearchCommission).await;
    let stranger = s.node.user(stranger, "stranger", &[Role::SearchOfficer]).await;
    assert!(told(&s, &stranger, true).await.corridors.is_empty(), "no agreement");
    for n in 0..8 {
        let (place, day) = arriaga(n);
        case_at(&s.node, &s.officer, place, &day, false).await;
    }
    assert!(told(&s, &s.partner, true).await.corridors.iter().all(|corridor| corridor.persons.others_at_least.is_none()), "no consent");
    assert!(told(&s, &s.officer, true).await.corridors.iter().any(|corridor| corridor.persons.others_at_least == Some(5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_read_cases_hears_of_its_own_house_s_only_coarsely_too() {
    let s = scene(6, 0).await;
    let forensic = s.node.user(s.officer.authority, "forensic", &[Role::ForensicOfficer]).await;
    let told = told(&s, &forensic, false).await;
    assert!(!told.exact && told.own == 0);
    assert!(told.clusters.iter().all(|cluster| cluster.members.is_empty() && cluster.persons.own == 0));
    assert!(told.corridors.iter().any(|corridor| corridor.persons.others_at_least == Some(5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_question_is_remembered_with_the_members_shown_and_with_every_partner_alike() {
    let s = scene(6, 4).await;
    told(&s, &s.officer, true).await;
    let all = s.node.everything().await;
    let sql = "SELECT subject_owner, cardinality(subject_ids), result_count, detail FROM audit_event WHERE action = 'patterns' ORDER BY id";
    let rows = all.query(sql, &[]).await.unwrap();
    let lines: Vec<(uuid::Uuid, i32, Option<i32>)> = rows.iter().map(|r| (r.get(0), r.get(1), r.get(2))).collect();
    let [own, partner] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((own.0, partner.0), (s.officer.authority.0, s.partner.authority.0));
    assert_eq!((partner.1, partner.2), (0, None), "not even a number of what the partner holds");
    let detail: Value = rows[0].get(3);
    assert_eq!((&detail["kind"], &detail["corridor"], &detail["shared"]), (&json!("case"), &json!("bestia_south_pacific"), &json!(true)));
    told(&s, &s.officer, false).await;
    let rows = all.query(sql, &[]).await.unwrap();
    let newest = rows.iter().rfind(|r| r.get::<_, uuid::Uuid>(0) == s.officer.authority.0).unwrap();
    assert_eq!((newest.get::<_, i32>(1), rows.len()), (6, 3), "its six members, and no partner was asked");
}

#[actix_web::test]
async fn the_page_shows_the_drawing_with_a_table_the_members_linked_and_chance_in_words() {
    let s = scene(6, 0).await;
    for n in 0..20 {
        case_at(&s.node, &s.officer, (19.0 + 0.3 * f64::from(n), -99.0), &format!("2023-{:02}-05", 1 + n % 12), false).await;
    }
    let browser = s.node.browser(&s.officer, "officer").await;
    let empty = s.node.open(&browser, "/patrones").await;
    assert_eq!(empty.status, StatusCode::OK);
    assert!(empty.body.contains("Son conteos, no riesgos") && !empty.body.contains("<svg viewBox=\"0 0 320"));
    let page = s.node.open(&browser, "/patrones?tipo=casos&ruta=bestia_south_pacific").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("<path class=\"ra-density__area\"") && page.body.contains("Arriaga"));
    assert!(page.body.contains("<details") && page.body.contains("6 personas"));
    assert!(page.body.matches("href=\"/casos/").count() >= 6, "members are linked");
    let all = s.node.open(&browser, "/patrones?tipo=casos").await.body;
    assert!(all.contains("surgiría por azar en ") && all.contains("de cada 1000 repartos"));
    assert!(all.contains("/patrones?ruta=bestia_south_pacific"), "corridors lead to their density");
    let english = s.node.open(&browser, "/patrones?tipo=casos&ruta=bestia_south_pacific&lang=en").await.body;
    assert!(english.contains("These are counts, not risks"));
}

#[actix_web::test]
async fn faults_of_the_question_stand_on_their_fields() {
    let s = scene(0, 0).await;
    let browser = s.node.browser(&s.officer, "officer").await;
    for query in [
        "tipo=otros",
        "tipo=casos&ruta=no_such_route",
        "tipo=casos&del=2024-13-01",
        "tipo=casos&del=2024-06-01&al=2024-05-01",
        "tipo=casos&al=9999-01-01",
    ] {
        let reply = s.node.open(&browser, &format!("/patrones?{query}")).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(reply.body.contains("govuk-error-summary"), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_the_same_answer_and_problem_details_for_what_it_asks_wrongly() {
    let node = TestNode::start_with_key().await;
    let house = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let officer = node.user(house, "officer", &[Role::SearchOfficer]).await;
    for n in 0..6 {
        let (place, day) = arriaga(n);
        case_at(&node, &officer, place, &day, false).await;
    }
    let served = node.serve_pages().await;
    let program = Program::of(&node, &served, &officer).await;
    let ask = async |query: &str| {
        let reply = program.ask(reqwest::Method::GET, &format!("/patterns?{query}")).send().await.unwrap();
        (reply.status().as_u16(), reply.json::<Value>().await.unwrap())
    };
    let (status, body) = ask("kind=case&corridor=bestia_south_pacific&from=2024-05-01&to=2024-05-31").await;
    assert_eq!(status, 200, "{body}");
    assert_eq!((body["kind"].as_str(), body["shared"].as_bool(), body["cut_off"].as_bool()), (Some("case"), Some(false), Some(false)));
    assert!(body["caution"].as_str().unwrap().starts_with("counts, not risk"));
    assert_eq!(body["found"]["exact"], json!(true));
    assert_eq!(body["found"]["clusters"][0]["members"].as_array().unwrap().len(), 6);
    assert!(body["found"]["along"][0]["density"][0]["per_km"].is_number());
    let (_, shared) = ask("kind=case&shared=true&from=2024-05-12&to=2024-05-13").await;
    assert_eq!((&shared["from"], &shared["to"]), (&json!("2024-05-01"), &json!("2024-05-31")), "whole months where others take part");
    for (query, status, pointer) in [
        ("kind=case&corridor=nowhere", 422, "/corridor"),
        ("kind=case&bandwidth_km=400", 422, "/settings"),
        ("kind=case&eps_km=2", 422, "/settings"),
        ("kind=case&from=2024-06-01&to=2024-05-01", 422, "/from"),
        ("kind=incident&shared=true", 422, "/shared"),
    ] {
        let (heard, body) = ask(query).await;
        assert_eq!((heard, body["errors"][0]["pointer"].as_str()), (status, Some(pointer)), "{query}: {body}");
    }
    assert_eq!(ask("kind=person").await.0, 400);
}

/// Runs the command on a file and gives what it wrote on standard output and standard error.
fn command(folder: &Path, more: &[&str]) -> (String, String) {
    let out = std::process::Command::new(env!("CARGO_BIN_EXE_rastro"))
        .args(["patterns", "--events", "events.csv", "--out", "out", "--shuffles", "99"])
        .args(more)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(out.status.success(), "{}", text(&out.stderr));
    (text(&out.stdout), text(&out.stderr))
}

fn rows(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(folder.join("out").join(name)).unwrap();
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_command_reads_a_file_reports_bad_rows_by_line_and_column_and_publishes_nothing_under_five() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("patterns-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut text = "id,lat,lon,date,uncertainty_m,train\n".to_owned();
    for n in 0..7 {
        let ((lat, lon), day) = arriaga(n);
        text.push_str(&format!("A{n},{lat},{lon},{day},500,x\n"));
    }
    for n in 0..4 {
        text.push_str(&format!("B{n},14.9,-92.26,2023-0{}-01,500,y\n", n + 1));
    }
    text.push_str("C1,north,-92,2024-01-01,,\nC2,-92.15,14.68,2024-01-01,,\nC3,15,-92,yesterday,,\n");
    std::fs::write(folder.join("events.csv"), text).unwrap();
    let (said, warned) = command(&folder, &[]);
    assert!(said.contains("14 rows, 11 taken, 3 left out for faults") && said.contains("1 clusters"), "{said}");
    for fault in ["line 13, lat: is not a number", "line 14, lat: ", "look swapped", "line 15, date: is not a day"] {
        assert!(warned.contains(fault), "{fault}: {warned}");
    }
    assert_eq!(rows(&folder, "problems.csv").iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["line", "13", "14", "15"]);
    let clusters = rows(&folder, "clusters.csv");
    assert_eq!((clusters.len(), clusters[1][1].as_str(), clusters[1][7].as_str()), (2, "7", "A0 A1 A2 A3 A4 A5 A6"));
    assert_eq!(rows(&folder, "density.csv")[0], ["corridor", "from_km", "to_km", "events_per_km", "events"]);
    let lift = rows(&folder, "lift.csv");
    assert!(lift.iter().any(|row| row.contains(&"train".to_owned()) && row.contains(&"2024-05".to_owned())), "{lift:?}");
    assert_eq!(rows(&folder, "scan.csv")[0].last().unwrap(), "p");

    let (said, _) = command(&folder, &["--publish"]);
    assert!(!said.contains("taken"), "{said}");
    for name in ["density.csv", "clusters.csv", "scan.csv", "lift.csv"] {
        let published = rows(&folder, name);
        assert!(published.iter().flatten().all(|cell| !cell.starts_with("A0") && !cell.starts_with("B0")), "{name}");
        let column = published[0].iter().position(|c| c == "events_at_least").unwrap();
        assert!(published[1..].iter().all(|row| row[column].parse::<u32>().is_ok_and(|n| n >= 5 && n % 5 == 0)), "{name}: {published:?}");
    }
    assert_eq!(rows(&folder, "clusters.csv")[1][1], "5");
    std::fs::remove_dir_all(&folder).unwrap();
}
