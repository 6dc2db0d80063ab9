//! The application: everything a use case needs, put together once. No globals, so two nodes fit in one test; production and tests differ
//! only in what is put in.

use crate::config::Settings;
use crate::db::Pool;
use crate::domain::ids::IdSource;
use crate::domain::time::Clock;
use crate::mail::Mailer;
use crate::metrics::Metrics;
use chrono::{DateTime, Utc};
use std::sync::{Arc, OnceLock};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Makes secrets: session tokens, PINs, salts. Injected, so that tests are repeatable.
pub trait Random: Send + Sync {
    /// Fills a buffer with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// What happened that open pages may want to hear of: ids only.
#[derive(Debug, Clone)]
pub struct Happening {
    /// Number in the change feed, for clients that come back.
    pub seq: i64,
    /// The hypothesis.
    pub hypothesis: Uuid,
    /// The authorities that may see it.
    pub viewers: Vec<Uuid>,
}

/// The application.
pub struct App {
    /// Settings.
    pub settings: Settings,
    /// Connections for pages and API.
    pub pool: Pool,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
    /// Secrets.
    pub random: Arc<dyn Random>,
    /// Mail.
    pub mailer: Mailer,
    /// The key that signs access tokens (PKCS#8 PEM), if the node gives any.
    pub token_key: Option<Vec<u8>>,
    /// The key that seals profiles, if the node keeps any.
    pub bank_key: Option<crate::services::bank::seal::Key>,
    /// Tells open pages of this process what happened.
    pub happenings: tokio::sync::broadcast::Sender<Happening>,
    /// The spatial index of this process.
    pub space: Arc<crate::services::space::Space>,
    /// The comparison engine of this process, once there is one.
    pub engine: OnceLock<Arc<dyn crate::services::explanations::Engine>>,
    /// Figures of this process.
    pub metrics: Arc<Metrics>,
    /// Cancelled when the process takes nothing new: readiness turns, open streams end.
    pub stopping: CancellationToken,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Whether a file's content is a key that signs API tokens: an Ed25519 private key, PKCS#8 in PEM form.
#[must_use]
pub fn is_token_key(pem: &[u8]) -> bool {
    use ed25519_dalek::pkcs8::DecodePrivateKey;
    std::str::from_utf8(pem).is_ok_and(|text| ed25519_dalek::SigningKey::from_pkcs8_pem(text).is_ok())
}

impl App {
    /// The present instant.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        // The database keeps microseconds; what is compared with it must too.
        let now = Utc::now();
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }
}

/// UUIDv7 from the machine's clock and random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// The machine's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for randomness")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::Rng::fill_bytes(&mut rand::rng(), bytes);
    }
}

/// Why an application could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The pool.
    #[error(transparent)]
    Pool(#[from] crate::db::DbError),
    /// The mailer.
    #[error(transparent)]
    Mail(#[from] crate::mail::MailError),
    /// The corridors.
    #[error(transparent)]
    Corridors(#[from] crate::geo::CorridorError),
    /// The key file holds something else.
    #[error("the file named by [keys] token_key holds no Ed25519 private key; make one with `openssl genpkey -algorithm ed25519`")]
    NoTokenKey,
    /// The key file.
    #[error("the key file of API tokens cannot be read; check [keys] token_key")]
    Key(#[source] std::io::Error),
    /// The bank's key file.
    #[error("the bank's key file cannot be used; check [keys] bank_key")]
    BankKey(#[from] crate::services::bank::seal::KeyError),
}

impl App {
    /// The application of a process, from settings: the machine's clock, ids and randomness, an empty spatial index.
    ///
    /// # Errors
    /// [`BuildError`], naming the part.
    pub fn from_settings(settings: Settings) -> Result<Self, BuildError> {
        let token_key = if settings.keys.token_key.as_os_str().is_empty() {
            None
        } else {
            let pem = std::fs::read(&settings.keys.token_key).map_err(BuildError::Key)?;
            if !is_token_key(&pem) {
                return Err(BuildError::NoTokenKey);
            }
            Some(pem)
        };
        let file = &settings.keys.bank_key;
        let bank_key = if file.as_os_str().is_empty() { None } else { Some(crate::services::bank::seal::Key::read(file)?) };
        Ok(Self {
            bank_key,
            pool: Pool::new(&settings.database.url.0, settings.database.web_connections, "rastro-web")?,
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            random: Arc::new(SystemRandom),
            mailer: Mailer::new(&settings.mail, &settings.http.public_url)?,
            token_key,
            happenings: tokio::sync::broadcast::channel(1024).0,
            space: Arc::new(crate::services::space::Space::new()?),
            engine: OnceLock::new(),
            metrics: Arc::default(),
            stopping: CancellationToken::new(),
            settings,
        })
    }
}
