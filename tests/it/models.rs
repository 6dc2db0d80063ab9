//! Models: trained on files and on the node, another one weighs open hypotheses anew, and what they weighed before is kept with its model.

use crate::support::{Folder, TestNode, consent_to, person};
use rastro::db::hypotheses::QueueFilter;
use rastro::db::{Role as DbRole, Scope, queue};
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Role};
use rastro::domain::ids::HypothesisId;
use rastro::jobs::Matcher;
use rastro::jobs::runner::Worker;
use rastro::linkage::model::Model;
use rastro::matching::rank::Watch;
use rastro::services::hypotheses::{list, read};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// More cases than one piece of the job holds.
const CASES: usize = 60;

struct Scene {
    node: TestNode,
    officer: Actor,
    stranger: Actor,
}

async fn scene(cases: usize) -> Scene {
    let node = TestNode::start().await;
    let commission = node.authority("CBHN", "HND", AuthorityKind::SearchCommission).await;
    let bank = node.authority("BFMX", "MEX", AuthorityKind::ForensicBank).await;
    let other = node.authority("CBSV", "SLV", AuthorityKind::SearchCommission).await;
    node.agreement(commission, bank).await;
    let officer = node.user(commission, "officer", &[Role::SearchOfficer, Role::Reviewer]).await;
    let doctor = node.user(bank, "doctor", &[Role::ForensicOfficer, Role::Reviewer]).await;
    let stranger = node.user(other, "stranger", &[Role::SearchOfficer, Role::Reviewer]).await;
    for n in 0..cases {
        let (given, surname) = (format!("Zoilo{n}"), format!("Quezaltepe{n}"));
        node.case(&officer, person(&given, &surname, "Umanzor"), Some(consent_to(&[AuthorityKind::ForensicBank]))).await;
        node.remains(&doctor, person(&given, &surname, "Umanzor")).await;
    }
    node.work().await;
    Scene { node, officer, stranger }
}

/// A worker of the node with another model.
async fn worker_with(node: &TestNode, model: &Path) -> Worker {
    let mut settings = node.app.settings.link.clone();
    settings.model = Some(model.to_owned());
    let matcher = Arc::new(Matcher::load(&settings, &node.worker.pool).await.unwrap());
    Worker { matcher, name: format!("test-{}", model.display()), ..node.worker.clone() }
}

fn another_model(folder: &Folder) -> std::path::PathBuf {
    let mut model = Model::standard().unwrap();
    model.id = "other-1".to_owned();
    model.sex.error = 0.2;
    model.name.false_name = 0.05;
    folder.file("other.toml", &toml::to_string(&model).unwrap())
}

async fn count(node: &TestNode, of: &str) -> i64 {
    node.everything().await.query_one(&format!("SELECT count(*) FROM {of}"), &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn another_model_weighs_every_open_hypothesis_anew_and_goes_on_after_a_kill() {
    let s = scene(CASES).await;
    let folder = Folder::new();
    let model = another_model(&folder);
    let before = count(&s.node, "hypothesis WHERE state = 'proposed'").await;
    assert!(before >= 60 && !s.node.worker.reweigh_if_due().await.unwrap());
    let first = worker_with(&s.node, &model).await;
    assert!(first.reweigh_if_due().await.unwrap());
    assert_eq!(first.run_ready(&[], &tokio_util::sync::CancellationToken::new()).await.unwrap(), 1);
    assert_eq!(count(&s.node, "reweighing WHERE done = 50 AND ended_at IS NULL").await, 1);
    // The next piece is claimed by a process that is killed.
    let mut tx = s.node.worker.pool.begin(DbRole::Jobs, &Scope::default()).await.unwrap();
    assert_eq!(queue::claim(&mut tx, "killed", 1, &[]).await.unwrap()[0].kind, "reweigh");
    tx.commit().await.unwrap();
    s.node.everything().await.execute("UPDATE job SET lease_until = now() - interval '1 second'", &[]).await.unwrap();
    let second = worker_with(&s.node, &model).await;
    assert!(!second.reweigh_if_due().await.unwrap());
    second.run_until_empty().await.unwrap();
    assert_eq!(count(&s.node, "reweighing WHERE done = total AND ended_at IS NOT NULL AND model = 'other-1'").await, 1);
    assert_eq!(count(&s.node, "hypothesis WHERE state = 'proposed' AND model <> 'other-1'").await, 0);
    let kept = "hypothesis_score k JOIN hypothesis h ON h.id = k.hypothesis_id WHERE k.model <> h.model AND k.replaced_at = h.updated_at";
    assert!(count(&s.node, kept).await >= before);
    assert!(!second.reweigh_if_due().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn earlier_scores_are_read_by_who_sees_the_hypothesis_and_never_changed() {
    let s = scene(1).await;
    let folder = Folder::new();
    let hypothesis = list(&s.node.app, &s.officer, &QueueFilter::default(), None, 50).await.unwrap()[0].id;
    let score = read(&s.node.app, &s.officer, HypothesisId(hypothesis)).await.unwrap();
    assert!(score.earlier_scores.is_empty());
    let other = worker_with(&s.node, &another_model(&folder)).await;
    assert!(other.reweigh_if_due().await.unwrap());
    other.run_until_empty().await.unwrap();
    let now = read(&s.node.app, &s.officer, HypothesisId(hypothesis)).await.unwrap();
    assert_eq!((now.earlier_scores.len(), now.row.model.as_str()), (1, "other-1"));
    assert_eq!((&now.earlier_scores[0].model, now.earlier_scores[0].log10_odds), (&score.row.model, score.row.log10_odds));
    let mut tx = s.node.app.pool.begin_for(&s.stranger).await.unwrap();
    assert!(rastro::db::hypotheses::earlier_scores(&mut tx, HypothesisId(hypothesis), 9).await.unwrap().is_empty());
    drop(tx);
    assert!(s.node.everything().await.execute("UPDATE hypothesis_score SET log10_odds = 0", &[]).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_trains_on_what_people_decided() {
    let s = scene(3).await;
    let client = s.node.everything().await;
    client.execute("UPDATE hypothesis SET state = 'confirmed' WHERE log10_odds = (SELECT max(log10_odds) FROM hypothesis)", &[]).await.unwrap();
    let watch = Watch { progress: &|_| {}, cancelled: &|| false };
    let trained = s.node.worker.matcher.train(&s.node.worker.pool, watch).await.unwrap().unwrap();
    assert!(trained.labels[0] >= 1, "{:?}", trained.labels);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_refuses_a_model_that_cannot_be_with_file_line_and_reason() {
    let node = TestNode::start().await;
    let folder = Folder::new();
    let text = toml::to_string(&Model::standard().unwrap()).unwrap().replace("[sex]\n", "[sex]\nguessed = 1.0\n");
    let mut settings = node.app.settings.link.clone();
    settings.model = Some(folder.file("wrong.toml", &text));
    let refused = Matcher::load(&settings, &node.worker.pool).await.err().unwrap().to_string();
    assert!(refused.contains("wrong.toml") && refused.contains("line ") && refused.contains("guessed"), "{refused}");
}

fn rastro(arguments: &[&str]) -> (bool, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_rastro")).args(arguments).output().unwrap();
    (run.status.success(), format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr)))
}

#[test]
fn a_model_is_trained_on_files_told_in_words_and_compared() {
    let folder = Folder::new();
    let demo = format!("{}/config/demo/corpus-1k", env!("CARGO_MANIFEST_DIR"));
    let file = |name: &str, rows: usize| {
        let all = std::fs::read_to_string(format!("{demo}/{name}")).unwrap();
        folder.file(name, &all.lines().take(rows).collect::<Vec<_>>().join("\n")).to_str().unwrap().to_owned()
    };
    let (cases, records, truth) = (file("cases.csv", 150), file("records.csv", 500), file("truth.csv", 1000));
    let out = folder.0.join("trained.toml");
    let out = out.to_str().unwrap();
    let files = ["--cases", &cases, "--records", &records, "--labels", &truth];
    let (ok, said) = rastro(&[&["model", "train", "--out", out, "--id", "own-1"], &files[..]].concat());
    assert!(ok && std::fs::read_to_string(out).unwrap().contains("id = \"own-1\""), "{said}");
    let (ok, said) = rastro(&["model", "show", out, "--lang", "en"]);
    assert!(ok && said.contains("own-1") && said.contains("for every 10 cases") && !said.contains('⟦'), "{said}");
    let (ok, said) = rastro(&[&["model", "compare", "standard", out], &files[..]].concat());
    assert!(ok && said.contains("kinds.shelter.kept") && said.contains("log loss, bits per true pair"), "{said}");
    let (ok, said) = rastro(&["model", "show", &cases]);
    assert!(!ok && said.contains("cases.csv"), "{said}");
}
