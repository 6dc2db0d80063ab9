//! A running node: what open pages hear while it happens, health, figures, and what its log does not say.

use crate::support::{Served, TestNode, consent_to, person};
use futures_util::StreamExt;
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_ENCODING, COOKIE};
use std::pin::Pin;

/// An open event stream, read event by event.
struct Stream {
    body: Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<Vec<u8>>> + Send>>,
    text: String,
}

/// An event with its number.
#[derive(Debug)]
struct Heard {
    id: String,
    hypotheses: Vec<String>,
}

impl Stream {
    async fn open(served: &Served, token: &str, after: Option<&str>) -> Self {
        let mut request = reqwest::Client::new().get(format!("{}/novedades", served.url)).header(COOKIE, format!("rastro_session={token}"));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers().get(CONTENT_ENCODING).map_or("identity", |v| v.to_str().unwrap()), "identity");
        Self { body: Box::pin(response.bytes_stream().map(|part| part.map(|b| b.to_vec()))), text: String::new() }
    }

    /// The next event; none when the stream has ended.
    async fn next(&mut self) -> Option<Heard> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| block.lines().find_map(|l| l.strip_prefix(name).map(|v| v.trim().to_owned()));
                if field("event:").as_deref() == Some("news") {
                    let data: serde_json::Value = serde_json::from_str(&field("data:").unwrap()).unwrap();
                    let hypotheses: Vec<String> =
                        data["hypotheses"].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect();
                    assert_eq!(data["n"], hypotheses.len());
                    return Some(Heard { id: field("id:").unwrap(), hypotheses });
                }
            }
            match self.body.next().await {
                Some(Ok(part)) => self.text.push_str(std::str::from_utf8(&part).unwrap()),
                Some(Err(_)) | None => return None,
            }
        }
    }
}

struct Pair {
    officer: Actor,
    doctor: Actor,
}

/// A commission and a bank that agreed with each other and with nobody else.
async fn pair(node: &TestNode, n: u8) -> Pair {
    let commission = node.authority(&format!("CB{n}"), "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority(&format!("BF{n}"), "MEX", AuthorityKind::ForensicBank).await;
    node.agreement(commission, bank).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer, Role::Reviewer]).await;
    let doctor = node.user(bank, "doctor", &[Role::ForensicOfficer, Role::Reviewer]).await;
    Pair { officer, doctor }
}

async fn partners(node: &TestNode, pair: &Pair, given: &str) {
    node.remains(&pair.doctor, person(given, "Zelaya", "Prueba")).await;
    node.case(&pair.officer, person(given, "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
}

async fn queue(node: &TestNode, actor: &Actor) -> Vec<String> {
    use rastro::db::hypotheses::QueueFilter;
    let lines = rastro::services::hypotheses::list(&node.app, actor, &QueueFilter::default(), None, 100).await.unwrap();
    lines.iter().map(|l| l.id.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_hypothesis_reaches_the_open_pages_of_those_who_may_see_it_and_nobody_else() {
    let node = TestNode::start().await;
    let (ours, theirs) = (pair(&node, 1).await, pair(&node, 2).await);
    let served = node.serve().await;
    let mut officer = Stream::open(&served, &node.session(&ours.officer, "officer").await, None).await;
    let mut doctor = Stream::open(&served, &node.session(&ours.doctor, "doctor").await, None).await;
    let mut stranger = Stream::open(&served, &node.session(&theirs.officer, "officer").await, None).await;

    partners(&node, &ours, "Xiomara Inventada").await;
    let heard = officer.next().await.unwrap();
    assert_eq!(heard.hypotheses, queue(&node, &ours.officer).await);
    assert_eq!(doctor.next().await.unwrap().hypotheses, heard.hypotheses);

    // The first thing the stranger hears is what concerns them, later: of the other they heard nothing.
    partners(&node, &theirs, "Ignacia Inventada").await;
    let first = stranger.next().await.unwrap();
    assert_eq!(first.hypotheses, queue(&node, &theirs.officer).await);
    assert!(!first.hypotheses.contains(&heard.hypotheses[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_with_the_last_number_hears_what_was_missed() {
    let node = TestNode::start().await;
    let ours = pair(&node, 1).await;
    let served = node.serve().await;
    let token = node.session(&ours.officer, "officer").await;
    let mut stream = Stream::open(&served, &token, None).await;
    partners(&node, &ours, "Xiomara Inventada").await;
    let first = stream.next().await.unwrap();
    drop(stream);

    // Another stream says when the second hypothesis is there, while the first reader is away.
    let mut witness = Stream::open(&served, &node.session(&ours.doctor, "doctor").await, None).await;
    partners(&node, &ours, "Ignacia Inventada").await;
    let second = witness.next().await.unwrap();

    let mut back = Stream::open(&served, &token, Some(&first.id)).await;
    let missed = back.next().await.unwrap();
    assert!(missed.hypotheses.contains(&second.hypotheses[0]), "{missed:?}");
    assert!(!missed.hypotheses.contains(&first.hypotheses[0]), "told already: {missed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_when_the_node_stops_and_the_node_stops_with_streams_open() {
    let node = TestNode::start().await;
    let ours = pair(&node, 1).await;
    let served = node.serve().await;
    let mut stream = Stream::open(&served, &node.session(&ours.officer, "officer").await, None).await;
    served.life.shutdown();
    assert!(stream.next().await.is_none());
    let ending = served.life.ended().await;
    assert!(ending.failed.is_empty() && !ending.forced, "{ending:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_without_the_right_and_nobody_signed_out_hears_anything() {
    let node = TestNode::start().await;
    let commission = node.authority("CBA", "HND", AuthorityKind::SearchCommission).await;
    let admin = node.user(commission, "admin", &[Role::Administrator]).await;
    let served = node.serve().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let url = format!("{}/novedades", served.url);
    assert_eq!(client.get(&url).send().await.unwrap().status(), StatusCode::SEE_OTHER);
    let token = node.session(&admin, "admin").await;
    let refused = client.get(&url).header(COOKIE, format!("rastro_session={token}")).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_says_live_and_ready_and_no_longer_ready_when_stopping_or_migrations_wait() {
    let node = TestNode::start().await;
    let served = node.serve().await;
    let status = async |path: &str| reqwest::get(format!("{}{path}", served.url)).await.unwrap().status();
    assert_eq!((status("/health/live").await, status("/health/ready").await), (StatusCode::OK, StatusCode::OK));
    let client = node.everything().await;
    client.batch_execute("CREATE TABLE kept AS SELECT * FROM __diesel_schema_migrations; DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM kept)").await.unwrap();
    assert_eq!(status("/health/ready").await, StatusCode::SERVICE_UNAVAILABLE);
    client.batch_execute("INSERT INTO __diesel_schema_migrations SELECT * FROM kept ON CONFLICT DO NOTHING").await.unwrap();
    assert_eq!(status("/health/ready").await, StatusCode::OK);
    node.app.stopping.cancel();
    assert_eq!((status("/health/live").await, status("/health/ready").await), (StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE));
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_count_requests_by_pattern_and_jobs_by_kind() {
    let node = TestNode::start().await;
    let ours = pair(&node, 1).await;
    partners(&node, &ours, "Xiomara Inventada").await;
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let figures = rastro::web::health::start_metrics(node.app.clone(), listener).unwrap();
    let handle = figures.handle();
    let running = tokio::task::spawn(figures);
    let read = async || reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
    assert!(read().await.contains("rastro_jobs_open{kind=\"match_records\"} 2"));
    node.work().await;
    let served = node.serve().await;
    reqwest::get(format!("{}/hipotesis/{}?q=Xiomara", served.url, uuid::Uuid::now_v7())).await.unwrap();
    let text = read().await;
    assert!(text.contains("route=\"/hipotesis/{id}\""), "{text}");
    assert!(!text.contains("Xiomara"));
    assert!(text.contains("rastro_store_cases 1") && text.contains("rastro_hypotheses_proposed_total 1"), "{text}");
    handle.stop(true).await;
    running.await.unwrap().unwrap();
}

/// Waits until a file holds a word and returns what it holds then.
async fn until(log: &std::path::Path, child: &mut tokio::process::Child, word: &str) -> String {
    loop {
        let text = std::fs::read_to_string(log).unwrap();
        if text.contains(word) {
            return text;
        }
        assert!(child.try_wait().unwrap().is_none(), "the node ended: {text}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_at_its_loudest_holds_no_personal_data() {
    let node = TestNode::start().await;
    let ours = pair(&node, 1).await;
    partners(&node, &ours, "Inventadisima").await;
    let id =
        rastro::services::hypotheses::list(&node.app, &ours.officer, &rastro::db::hypotheses::QueueFilter::default(), None, 1).await.unwrap();
    assert!(id.is_empty(), "the program under test finds the pair itself");
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("log-{}.json", uuid::Uuid::now_v7()));
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_rastro"))
        .arg("serve")
        .env("DATABASE_URL", &node.app_url)
        .env("RASTRO_HTTP__PORT", "0")
        .env("RASTRO_LOG__FORMAT", "json")
        .env("RASTRO_LOG__FILTER", "trace")
        .stderr(std::fs::File::create(&file).unwrap())
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let log = until(&file, &mut child, "\"message\":\"serving\"").await;
    let start = log.find("127.0.0.1:").unwrap();
    let address: String = log[start..].chars().take_while(|c| *c != '"').collect();
    let url = format!("http://{address}");

    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).cookie_store(true).build().unwrap();
    let form = client.get(format!("{url}/entrar")).send().await.unwrap().text().await.unwrap();
    let csrf = form.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let email = format!("officer@{}.invalid", ours.officer.authority.0.simple());
    let sign_in = async |password: &str| {
        let fields = [("csrf", csrf.as_str()), ("email", &email), ("password", password), ("next", ""), ("code", "")];
        client.post(format!("{url}/entrar")).form(&fields).send().await.unwrap().status()
    };
    assert!(sign_in("a secret mistyped").await.is_client_error());
    assert_eq!(sign_in("a long enough password").await, StatusCode::SEE_OTHER);
    for path in [
        "/casos?q=Inventadisima",
        "/hallazgos?q=Inventadisima",
        "/hipotesis?q=Inventadisima",
        "/nowhere/Inventadisima",
        "/familia/entrar?folio=Inventadisima",
    ] {
        let status = client
            .get(format!("{url}{path}"))
            .header("user-agent", "Inventadisima/1")
            .header("referer", "http://inventadisima.invalid")
            .send()
            .await
            .unwrap()
            .status();
        assert!(status.as_u16() < 500, "{path}: {status}");
    }
    until(&file, &mut child, "\"http.status\":404").await;
    terminate(&child);
    assert!(child.wait().await.unwrap().success());
    let log = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();

    assert!(log.contains("\"http.route\":\"/entrar\"") && log.contains("\"answered\""), "{log}");
    let low = log.to_lowercase();
    for word in ["inventadisima", "zelaya", "mistyped", "a long enough password", "1994-03-17", &email] {
        assert!(!low.contains(word), "the log says {word}");
    }
}

/// Asks a child to end, as the service manager does.
fn terminate(child: &tokio::process::Child) {
    let id = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
}
