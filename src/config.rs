//! Typed settings: `config/default.toml` (compiled in), then a file of the operator's, then the environment. The only room that reads it.

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::Deserialize;
use std::path::{Path, PathBuf};

const DEFAULTS: &str = include_str!("../config/default.toml");

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The database.
    pub database: Database,
    /// The web server.
    pub http: Http,
    /// Sessions of staff and families.
    pub session: Session,
    /// The family portal.
    pub family: Family,
    /// Mail.
    pub mail: Mail,
    /// Key files.
    pub keys: Keys,
    /// The matcher.
    pub link: Link,
    /// The forensic bank.
    pub genetics: Genetics,
    /// Identifications.
    pub identification: Identification,
    /// Logs.
    pub log: Log,
    /// Figures.
    pub metrics: MetricsListener,
}

/// A text that is not printed with `Debug`.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "(empty)" } else { "(set)" })
    }
}

/// The database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// URL of the application's login role.
    pub url: Secret,
    /// URL of the owner, for migrating.
    pub owner_url: Secret,
    /// Most connections for pages and API.
    pub web_connections: usize,
    /// Most connections for jobs.
    pub work_connections: usize,
}

/// The web server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Address to listen on.
    pub host: String,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// What links begin with.
    pub public_url: String,
    /// Whether cookies are for https only.
    pub secure_cookies: bool,
    /// Threads.
    pub workers: usize,
    /// Proxies whose forwarded address is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
}

/// Sessions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Minutes without use after which a session ends.
    pub idle_minutes: i64,
    /// Hours after which it ends in any case.
    pub absolute_hours: i64,
}

/// The family portal.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// Where the quick exit leads.
    pub neutral_url: String,
    /// Emergency number.
    pub emergency: String,
    /// A telephone number for families who need help with the portal; empty shows none.
    pub help_line: String,
}

/// How mail leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// Over SMTP.
    Smtp,
    /// Into a folder, a file each.
    File,
    /// Not at all; mails wait.
    Off,
}

/// Mail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// How it leaves.
    pub transport: MailTransport,
    /// The sender, neutral.
    pub from: String,
    /// URL of the SMTP server.
    pub url: Secret,
    /// Folder for files.
    pub folder: PathBuf,
}

/// Key files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Signs access tokens; empty switches the token endpoint off.
    pub token_key: PathBuf,
    /// Seals profiles and pedigrees of the forensic bank; empty switches them off.
    pub bank_key: PathBuf,
}

/// The matcher.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Hypotheses kept per record.
    pub top: usize,
    /// Smallest log10 odds kept.
    pub floor: f64,
    /// How many in ten cases are expected to have a record here.
    pub expected_tenths: f64,
    /// A folder with another region's routes, rivers and reach parameters (config/routes/README.md); without it those that come with the program.
    #[serde(default)]
    pub routes: Option<PathBuf>,
    /// Possible duplicates kept per record.
    pub duplicate_top: usize,
    /// Smallest log10 odds of a possible duplicate kept.
    pub duplicate_floor: f64,
    /// Whether a process that works no queue holds the records too, to explain pairs.
    pub explain: bool,
    /// A model file (docs/linking.md); without it the model that comes with the program.
    #[serde(default)]
    pub model: Option<PathBuf>,
    /// A folder of further words (config/names/README.md), added to those that come with the program.
    #[serde(default)]
    pub names: Option<PathBuf>,
}

/// The forensic bank.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genetics {
    /// The frequency table that profiles are weighed with: one that comes with the program.
    pub frequencies: String,
    /// How mothers' and fathers' alleles mutate: `proportional`, `equal` or `none`.
    pub mutation: String,
    /// Mutations a marker and generation, mothers.
    pub mutation_female: f64,
    /// The same, fathers.
    pub mutation_male: f64,
    /// Smallest log10 LR of a pair that is kept and becomes evidence of its own.
    pub floor: f64,
    /// Fewest markers of a profile that is searched.
    pub fewest_markers: usize,
    /// Hours until a hand-over without a reception is told to both ends.
    pub transit_hours: i64,
}

/// Identifications.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identification {
    /// Smallest log10 LR with which DNA alone identifies while another hypothesis is plausible.
    pub genetic_log10_lr: f64,
    /// The same, of countries (ISO 3166-1 alpha-3) that have their own.
    pub countries: std::collections::BTreeMap<String, f64>,
}

impl Identification {
    /// The threshold of a country.
    #[must_use]
    pub fn threshold(&self, country: &str) -> f64 {
        self.countries.get(country).copied().unwrap_or(self.genetic_log10_lr)
    }
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// text or json.
    pub format: LogFormat,
    /// A filter as tracing-subscriber reads it.
    pub filter: String,
}

/// Form of the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For collectors.
    Json,
}

/// Where figures are given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsListener {
    /// Address to listen on.
    pub host: String,
    /// Port to listen on; 0 gives none.
    pub port: u16,
}

/// Settings that cannot be read; the text names file, key and fault, and all faults of a layer at once.
#[derive(Debug, thiserror::Error)]
#[error("the settings cannot be read")]
pub struct ConfigError(#[source] Box<figment::Error>);

impl Settings {
    /// The defaults alone: what tests and the demonstration start from.
    ///
    /// # Errors
    /// [`ConfigError`] when `config/default.toml` itself is wrong, which a test rules out.
    pub fn defaults() -> Result<Self, ConfigError> {
        Figment::from(Toml::string(DEFAULTS)).extract().map_err(|e| ConfigError(Box::new(e)))
    }

    /// Defaults, then `file` (or the file named by `RASTRO_CONFIG`), then the environment.
    ///
    /// # Errors
    /// [`ConfigError`], naming file and key.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        } else if let Some(file) = Env::var("RASTRO_CONFIG") {
            figment = figment.merge(Toml::file_exact(file));
        }
        if let Some(url) = Env::var("DATABASE_URL") {
            figment = figment.merge(("database.url", url));
        }
        if let Some(url) = Env::var("DATABASE_OWNER_URL") {
            figment = figment.merge(("database.owner_url", url));
        }
        figment.merge(Env::prefixed("RASTRO_").ignore(&["config"]).split("__")).extract().map_err(|e| ConfigError(Box::new(e)))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    #[test]
    fn the_defaults_that_ship_can_be_read() {
        let settings = super::Settings::defaults().unwrap();
        assert_eq!(settings.http.port, 8080);
        assert!(!format!("{settings:?}").contains("postgres://"));
    }
}
