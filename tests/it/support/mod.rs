//! A node for a test: its own database cloned from a migrated template, an application, a worker, invented authorities and people.

pub mod identified;
mod pages;

pub use pages::{Reply, Session};
use rastro::app::{App, SystemClock, SystemIds, SystemRandom};
use rastro::cluster::{Cluster, Durability, Options};
use rastro::config::Settings;
use rastro::db::{Pool, migrate};
use rastro::domain::actor::Actor;
use rastro::domain::authority::{AuthorityKind, Purpose, Role};
use rastro::domain::disclosure::Category;
use rastro::domain::ids::{AuthorityId, CaseId, FoundId};
use rastro::domain::person::{Description, NameKind, PersonName, Sex};
use rastro::jobs::runner::Worker;
use rastro::jobs::{Explainer, Matcher};
use rastro::lifecycle::Lifecycle;
use rastro::mail::{Letter, Mailer};
use rastro::services::accounts::{self, SignIn};
use rastro::services::admin::{self, NewAgreement, NewAuthority, NewGrant, NewUser};
use rastro::services::cases::{self, ConsentForm, ConsentGrant, NewCase};
use rastro::services::found::{self, NewFound};
use rastro::services::space::Space;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A running node; dropped, it begins to stop.
pub struct Served {
    pub life: Lifecycle,
    pub url: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.life.shutdown();
    }
}

pub struct TestNode {
    pub app: Arc<App>,
    pub worker: Worker,
    pub letters: Arc<Mutex<Vec<Letter>>>,
    pub owner_url: String,
    pub superuser_url: String,
    pub app_url: String,
}

fn cluster_folder() -> PathBuf {
    std::env::var_os("TEST_CLUSTER").map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("test-cluster"), PathBuf::from)
}

fn template_name() -> String {
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).unwrap() {
        let folder = folder.unwrap().path();
        if folder.is_dir() {
            files.extend(std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()));
        }
    }
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        digest.update(std::fs::read(file).unwrap());
    }
    format!("template_{}", hex::encode(&digest.finalize()[..6]))
}

/// The cluster that the tests of a run share, and the name of its migrated template. Held for the process's life.
pub async fn shared_cluster() -> (Cluster, String) {
    let folder = cluster_folder();
    std::fs::create_dir_all(&folder).unwrap();
    let options = Options { durability: Durability::Volatile, database: "rastro".to_owned(), max_connections: 400, stop_on_drop: false };
    let cluster = Cluster::join(&folder, options).await.unwrap();
    let template = template_name();
    // One process makes the template; the others wait. Nobody may be connected to it while it is cloned.
    let lock = std::fs::File::create(folder.join("template.lock")).unwrap();
    lock.lock().unwrap();
    // A name that only begins so is a template whose making was cut off.
    if !cluster.databases(&template).await.unwrap().contains(&template) {
        let building = format!("{template}_new");
        cluster.drop_database(&building).await.unwrap();
        cluster.ensure_database(&building).await.unwrap();
        // Migrations block their thread, which a test on one thread does not allow.
        let owner_url = cluster.owner_url(&building);
        let migrating = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(migrate::run(&owner_url, rastro::cluster::APP_ROLE)).unwrap();
        });
        migrating.join().unwrap();
        cluster.clone_database(&building, &template).await.unwrap();
        cluster.drop_database(&building).await.unwrap();
    }
    drop(lock);
    (cluster, template)
}

impl TestNode {
    pub async fn start() -> Self {
        Self::start_from(None).await
    }

    /// A node that gives API tokens, signed by a key of its own.
    pub async fn start_with_key() -> Self {
        use ed25519_dalek::pkcs8::EncodePrivateKey;
        let seed: [u8; 32] = rand::random();
        let pem = ed25519_dalek::SigningKey::from_bytes(&seed).to_pkcs8_pem(ed25519_dalek::pkcs8::spki::der::pem::LineEnding::LF).unwrap();
        Self::start_from(Some(pem.as_bytes().to_vec())).await
    }

    async fn start_from(token_key: Option<Vec<u8>>) -> Self {
        let (cluster, template) = shared_cluster().await;
        let name = format!("t_{}", uuid::Uuid::now_v7().simple());
        cluster.clone_database(&template, &name).await.unwrap();
        let mut settings = Settings::defaults().unwrap();
        settings.database.url.0 = cluster.app_url(&name);
        let (mailer, letters) = Mailer::memory();
        let app = Arc::new(App {
            pool: Pool::new(&cluster.app_url(&name), 8, "rastro-test").unwrap(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            random: Arc::new(SystemRandom),
            mailer,
            token_key,
            bank_key: Some(rastro::services::bank::seal::Key::new(&[7; 32])),
            happenings: tokio::sync::broadcast::channel(1024).0,
            space: Arc::new(Space::new().unwrap()),
            metrics: Arc::default(),
            engine: std::sync::OnceLock::new(),
            stopping: tokio_util::sync::CancellationToken::new(),
            settings,
        });
        let pool = Pool::new(&cluster.app_url(&name), 4, "rastro-test-work").unwrap();
        let matcher = Arc::new(Matcher::load(&app.settings.link, &pool).await.unwrap());
        let worker = Worker { app: app.clone(), pool, matcher, name: "test".to_owned(), loaded: Arc::default() };
        let engine = Explainer { matcher: worker.matcher.clone(), pool: worker.pool.clone() };
        assert!(app.engine.set(Arc::new(engine)).is_ok());
        Self {
            app,
            worker,
            letters,
            owner_url: cluster.owner_url(&name),
            superuser_url: cluster.superuser_url(&name),
            app_url: cluster.app_url(&name),
        }
    }

    /// A client that may see everything, to look at what the program wrote.
    pub async fn everything(&self) -> tokio_postgres::Client {
        rastro::db::tx::connect(&self.superuser_url, "test", &tokio::runtime::Handle::current()).await.unwrap()
    }

    pub async fn authority(&self, code: &str, country: &str, kind: AuthorityKind) -> AuthorityId {
        let represents = (kind == AuthorityKind::Consulate).then(|| country.to_owned());
        let new = NewAuthority {
            code: code.to_owned(),
            name: format!("Authority {code}"),
            country: country.to_owned(),
            kind,
            represents,
            phone: Some("+000000".to_owned()),
        };
        admin::put_authority(&self.app, &new).await.unwrap()
    }

    pub async fn user(&self, authority: AuthorityId, name: &str, roles: &[Role]) -> Actor {
        let new = NewUser {
            authority,
            email: format!("{name}@{}.invalid", authority.0.simple()),
            name: name.to_owned(),
            roles: roles.to_vec(),
            password: "a long enough password".to_owned(),
            language: "es".to_owned(),
            phone: None,
        };
        let user = admin::add_user(&self.app, new).await.unwrap();
        Actor { authority, user, roles: roles.to_vec(), purpose: roles[0].default_purpose(), via_api: false }
    }

    /// Both let each other see cases and found records for every purpose that concerns persons.
    pub async fn agreement(&self, a: AuthorityId, b: AuthorityId) -> String {
        let code = format!("AGR-{}", uuid::Uuid::now_v7().simple());
        let mut grants = Vec::new();
        for (from, to) in [(a, b), (b, a)] {
            for purpose in [Purpose::Search, Purpose::Identification, Purpose::ConsularAssistance, Purpose::LegalDefence] {
                for subject_kind in ["case", "found_record"] {
                    grants.push(NewGrant {
                        from,
                        to,
                        purpose,
                        subject_kind,
                        categories: vec![Category::Identity, Category::Description, Category::Circumstances, Category::Health],
                    });
                }
            }
        }
        let new = NewAgreement {
            code: code.clone(),
            name: "Invented agreement".to_owned(),
            legal_basis: "test".to_owned(),
            valid_from: "2020-01-01".parse().unwrap(),
            valid_to: None,
            grants,
        };
        admin::add_agreement(&self.app, &new).await.unwrap();
        code
    }

    pub async fn case(&self, actor: &Actor, person: Description, consent: Option<ConsentForm>) -> CaseId {
        let new = NewCase { person, consent, ..NewCase::default() };
        cases::register(&self.app, actor, None, new).await.unwrap().made.id
    }

    pub async fn remains(&self, actor: &Actor, person: Description) -> FoundId {
        let new: NewFound = serde_json::from_value(serde_json::json!({ "kind": "remains_named", "person": person })).unwrap();
        found::register(&self.app, actor, None, new).await.unwrap().made.id
    }

    /// The node with its server, follower and worker running, as `rastro serve` runs them.
    pub async fn serve(&self) -> Served {
        self.serve_with(Some(self.worker.clone())).await
    }

    /// The node with its server alone; the test itself does the worker's part by [`Self::work`].
    pub async fn serve_pages(&self) -> Served {
        self.serve_with(None).await
    }

    /// The application of a process that works no queue: it has no comparison engine.
    pub fn without_engine(&self) -> Arc<App> {
        let mut settings = self.app.settings.clone();
        settings.link.explain = false;
        Arc::new(App {
            pool: Pool::new(&self.app_url, 4, "rastro-test").unwrap(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            random: Arc::new(SystemRandom),
            mailer: Mailer::memory().0,
            token_key: self.app.token_key.clone(),
            bank_key: self.app.bank_key.clone(),
            happenings: tokio::sync::broadcast::channel(16).0,
            space: self.app.space.clone(),
            engine: std::sync::OnceLock::new(),
            metrics: Arc::default(),
            stopping: tokio_util::sync::CancellationToken::new(),
            settings,
        })
    }

    /// The server alone of another application of the node.
    pub async fn serve_app(&self, app: Arc<App>) -> Served {
        Self::serve_of(app, None).await
    }

    async fn serve_with(&self, worker: Option<Worker>) -> Served {
        Self::serve_of(self.app.clone(), worker).await
    }

    async fn serve_of(app: Arc<App>, worker: Option<Worker>) -> Served {
        let life = Lifecycle::quiet();
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        rastro::cli::serve::start_node(app, &life, Some(listener), worker).await.unwrap();
        Served { life, url }
    }

    /// Signs a user of `user` in and returns the session's token.
    pub async fn session(&self, actor: &Actor, name: &str) -> String {
        let form = SignIn {
            email: format!("{name}@{}.invalid", actor.authority.0.simple()),
            password: "a long enough password".to_owned(),
            code: None,
            address: "127.0.0.1".to_owned(),
        };
        accounts::sign_in(&self.app, form).await.unwrap().token
    }

    pub async fn work(&self) {
        self.worker.run_until_empty().await.unwrap();
    }
}

/// A folder of a test's own, gone with it.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        let folder = std::env::temp_dir().join(format!("rastro-files-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Consent to search with the given classes of recipients.
pub fn consent_to(recipients: &[AuthorityKind]) -> ConsentForm {
    let purposes = [Purpose::Search, Purpose::Identification, Purpose::ConsularAssistance];
    ConsentForm {
        grants: recipients
            .iter()
            .flat_map(|recipient| {
                purposes.map(|purpose| ConsentGrant {
                    purpose,
                    recipient: *recipient,
                    categories: vec![Category::Identity, Category::Description, Category::Circumstances],
                })
            })
            .collect(),
        language: "es".to_owned(),
        explained_by: "An officer".to_owned(),
        granted_by: "mother".to_owned(),
        form_version: "1".to_owned(),
    }
}

/// An invented person whom the matcher can recognise.
pub fn person(given: &str, first: &str, second: &str) -> Description {
    Description {
        names: vec![PersonName {
            kind: NameKind::Legal,
            given_names: Some(given.to_owned()),
            first_surname: Some(first.to_owned()),
            second_surname: Some(second.to_owned()),
            full_text: String::new(),
        }],
        sex: Some(Sex::Female),
        birth: "1994-03-17".parse().ok(),
        nationalities: vec!["HND".to_owned()],
        height_min_cm: Some(158.0),
        height_max_cm: Some(160.0),
        ..Description::default()
    }
}
