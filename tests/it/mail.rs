//! The mail job over real SMTP: a small server on loopback speaks the protocol, takes what is neutral, refuses, and asks to wait.

use crate::support::{TestNode, consent_to, person};
use rastro::app::App;
use rastro::config::{MailTransport, Secret};
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::jobs::runner::Worker;
use rastro::mail::Mailer;
use rastro::services::cases;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What a session brought: envelope and the lines of the message.
#[derive(Debug, Clone, Default)]
struct Received {
    from: String,
    to: Vec<String>,
    lines: Vec<String>,
}

/// How the server answers a recipient.
type Policy = Arc<Mutex<Box<dyn Fn(&str) -> &'static str + Send>>>;

struct Smtp {
    url: String,
    inbox: Arc<Mutex<Vec<Received>>>,
    asked: Arc<Mutex<Vec<String>>>,
    policy: Policy,
}

impl Smtp {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = Self { url, inbox: Arc::default(), asked: Arc::default(), policy: Arc::new(Mutex::new(Box::new(|_| "250 OK"))) };
        let (inbox, asked, policy) = (server.inbox.clone(), server.asked.clone(), server.policy.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, inbox.clone(), asked.clone(), policy.clone()));
            }
        });
        server
    }

    fn answer(&self, policy: impl Fn(&str) -> &'static str + Send + 'static) {
        *self.policy.lock().unwrap() = Box::new(policy);
    }
}

async fn talk(stream: TcpStream, inbox: Arc<Mutex<Vec<Received>>>, asked: Arc<Mutex<Vec<String>>>, policy: Policy) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut now = Received::default();
    write.write_all(b"220 mail.invalid ESMTP\r\n").await.ok()?;
    while let Some(line) = lines.next_line().await.ok()? {
        let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let word = line.get(..4).unwrap_or(&line).to_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-mail.invalid\r\n250 8BITMIME",
            "MAIL" => {
                now = Received { from: address(), ..Received::default() };
                "250 OK"
            }
            "RCPT" => {
                let to = address();
                asked.lock().unwrap().push(to.clone());
                let answer = policy.lock().unwrap()(&to);
                now.to.push(to);
                answer
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await.ok()?;
                while let Some(line) = lines.next_line().await.ok()? {
                    if line == "." {
                        break;
                    }
                    now.lines.push(line);
                }
                inbox.lock().unwrap().push(now.clone());
                "250 taken"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await.ok()?;
                return None;
            }
            _ => "250 OK",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    None
}

/// A worker whose mail leaves to `url`.
fn worker(node: &TestNode, url: &str) -> Worker {
    let mut settings = node.app.settings.clone();
    settings.mail.transport = MailTransport::Smtp;
    settings.mail.url = Secret(url.to_owned());
    let app = App {
        mailer: Mailer::new(&settings.mail, "https://portal.invalid").unwrap(),
        pool: node.app.pool.clone(),
        clock: node.app.clock.clone(),
        ids: node.app.ids.clone(),
        random: node.app.random.clone(),
        token_key: None,
        bank_key: None,
        happenings: node.app.happenings.clone(),
        space: node.app.space.clone(),
        metrics: node.app.metrics.clone(),
        engine: std::sync::OnceLock::new(),
        stopping: node.app.stopping.clone(),
        settings,
    };
    Worker { app: Arc::new(app), ..node.worker.clone() }
}

/// A commission, a consulate with two consuls, and a national's case that makes a notice; its folio.
async fn scene(node: &TestNode) -> (String, [String; 2]) {
    let commission = node.authority("CBM", "MEX", AuthorityKind::SearchCommission).await;
    let consulate = node.authority("CON", "HND", AuthorityKind::Consulate).await;
    node.agreement(commission, consulate).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer]).await;
    for name in ["first", "second"] {
        node.user(consulate, name, &[Role::ConsularOfficer]).await;
    }
    let case = node.case(&officer, person("Xiomara Inventada", "Zelaya", "Prueba"), Some(consent_to(&[AuthorityKind::Consulate]))).await;
    let folio = cases::read(&node.app, &officer, case).await.unwrap().row.folio;
    (folio, ["first", "second"].map(|name| format!("{name}@{}.invalid", consulate.0.simple())))
}

struct State {
    sent: i64,
    refused: i64,
    waiting: i64,
    jobs: i64,
    set_aside: i64,
}

async fn state(node: &TestNode) -> State {
    let row = node
        .everything()
        .await
        .query_one(
            "SELECT count(*) FILTER (WHERE sent_at IS NOT NULL), count(*) FILTER (WHERE failed_at IS NOT NULL), \
                    count(*) FILTER (WHERE sent_at IS NULL AND failed_at IS NULL), \
                    (SELECT count(*) FROM job WHERE kind = 'send_mail' AND failed_at IS NULL), \
                    (SELECT count(*) FROM job WHERE failed_at IS NOT NULL) FROM mail_message",
            &[],
        )
        .await
        .unwrap();
    State { sent: row.get(0), refused: row.get(1), waiting: row.get(2), jobs: row.get(3), set_aside: row.get(4) }
}

/// The waiting time of a job that did not succeed is over.
async fn time_passes(node: &TestNode) {
    node.everything().await.execute("UPDATE job SET run_after = now()", &[]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_over_smtp_says_only_that_something_waits() {
    let node = TestNode::start().await;
    let (folio, addresses) = scene(&node).await;
    let smtp = Smtp::start().await;
    worker(&node, &smtp.url).run_until_empty().await.unwrap();
    let inbox = smtp.inbox.lock().unwrap().clone();
    let mut to: Vec<String> = inbox.iter().flat_map(|m| m.to.clone()).collect();
    to.sort();
    assert_eq!(to, addresses);
    for mail in &inbox {
        assert_eq!(mail.from, "portal@rastro.invalid");
        let text = mail.lines.join("\n");
        assert!(mail.lines.iter().any(|l| l == "Subject: Portal"), "{text}");
        assert!(text.contains("https://portal.invalid/"));
        // Written out, the body may be quoted-printable; soft breaks and escapes hide nothing from these words.
        let plain = text.replace("=\n", "").to_lowercase();
        for word in [
            "xiomara",
            "inventada",
            "zelaya",
            &folio.to_lowercase(),
            "caso",
            "desapar",
            "muert",
            "restos",
            "hipótesis",
            "registered",
            "hnd",
            "consul",
        ] {
            let body = plain.split_once("\n\n").unwrap().1;
            assert!(!body.contains(word), "the mail says {word}: {body}");
            let subject = plain.lines().find(|l| l.starts_with("subject:")).unwrap();
            assert!(!subject.contains(word));
        }
    }
    let state = state(&node).await;
    assert_eq!((state.sent, state.refused, state.waiting, state.jobs, state.set_aside), (2, 0, 0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_recipient_is_given_up_at_once_and_stops_nobody_elses_mail() {
    let node = TestNode::start().await;
    let (_, addresses) = scene(&node).await;
    let smtp = Smtp::start().await;
    smtp.answer(|to| if to.starts_with("first") { "550 5.1.1 no such mailbox" } else { "250 OK" });
    let worker = worker(&node, &smtp.url);
    worker.run_until_empty().await.unwrap();
    let after = state(&node).await;
    assert_eq!((after.sent, after.refused, after.waiting, after.jobs, after.set_aside), (1, 1, 0, 0, 0));
    assert_eq!(smtp.inbox.lock().unwrap()[0].to, [addresses[1].clone()]);
    time_passes(&node).await;
    worker.run_until_empty().await.unwrap();
    assert_eq!(smtp.asked.lock().unwrap().len(), 2, "nobody was asked again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_busy_or_away_is_asked_again_until_every_mail_has_left() {
    let node = TestNode::start().await;
    scene(&node).await;
    let smtp = Smtp::start().await;
    smtp.answer(|_| "451 4.7.1 try again later");
    let busy = worker(&node, &smtp.url);
    // Far more often than a job is tried before it is set aside.
    busy.run_until_empty().await.unwrap();
    for _ in 0..14 {
        time_passes(&node).await;
        busy.run_until_empty().await.unwrap();
        let waiting = state(&node).await;
        assert_eq!((waiting.sent, waiting.refused, waiting.waiting, waiting.set_aside), (0, 0, 2, 0));
        assert_eq!(waiting.jobs, 1, "one job waits, with a growing pause");
    }
    // Nobody listens on this port any more.
    let closed = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    let away = worker(&node, &format!("smtp://{closed}"));
    time_passes(&node).await;
    away.run_until_empty().await.unwrap();
    // A server that refuses everybody's credentials is no reason to give a mail up either.
    smtp.answer(|_| "535 5.7.8 credentials");
    time_passes(&node).await;
    busy.run_until_empty().await.unwrap();
    assert_eq!(state(&node).await.waiting, 2);

    smtp.answer(|_| "250 OK");
    time_passes(&node).await;
    busy.run_until_empty().await.unwrap();
    let left = state(&node).await;
    assert_eq!((left.sent, left.refused, left.waiting, left.jobs, left.set_aside), (2, 0, 0, 0, 0));
    assert_eq!(smtp.inbox.lock().unwrap().len(), 2, "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_could_not_leave_for_three_days_is_given_up_and_the_notice_still_waits() {
    let node = TestNode::start().await;
    scene(&node).await;
    let smtp = Smtp::start().await;
    smtp.answer(|_| "451 4.7.1 try again later");
    let worker = worker(&node, &smtp.url);
    worker.run_until_empty().await.unwrap();
    let everything = node.everything().await;
    everything.execute("UPDATE mail_message SET created_at = created_at - interval '3 days'", &[]).await.unwrap();
    time_passes(&node).await;
    worker.run_until_empty().await.unwrap();
    let after = state(&node).await;
    assert_eq!((after.sent, after.refused, after.waiting, after.jobs, after.set_aside), (0, 2, 0, 0, 0));
    let notices: i64 = everything.query_one("SELECT count(*) FROM notice WHERE read_at IS NULL", &[]).await.unwrap().get(0);
    assert_eq!(notices, 1);
}
