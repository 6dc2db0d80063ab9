//! `doctor`: looks at the deployment from outside and says what to do about each fault.

use super::Out;
use crate::config::{MailTransport, Settings};
use crate::db::{Pool, Role, Scope, migrate, queue, reweighing};
use std::process::ExitCode;
use std::time::Duration;

struct Report {
    faults: usize,
}

impl Report {
    fn good(&self, what: &str, detail: &str) {
        Out.line(format!("  ok     {what}: {detail}"));
    }
    fn bad(&mut self, what: &str, advice: &str) {
        self.faults += 1;
        Out.line(format!("  FAULT  {what}: {advice}"));
    }
}

/// `rastro doctor`: exit code 1 when there is a fault.
///
/// # Errors
/// Only when it cannot look at all.
pub async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut report = Report { faults: 0 };
    database(settings, &mut report).await;
    queue(settings, &mut report).await;
    engine(settings, &mut report).await;
    keys(settings, &mut report);
    mail(settings, &mut report).await;
    disk(&mut report).await;
    if settings.http.public_url.starts_with("https://") && !settings.http.secure_cookies {
        report.bad("cookies", "pages are served over https but [http] secure_cookies is false; set it to true");
    } else {
        report.good("cookies", if settings.http.secure_cookies { "for https only" } else { "for http (behind TLS set secure_cookies)" });
    }
    Out.line(if report.faults == 0 { "all well".to_owned() } else { format!("{} fault(s)", report.faults) });
    Ok(if report.faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn database(settings: &Settings, report: &mut Report) {
    let url = &settings.database.url.0;
    if url.is_empty() {
        report.bad("database", "none is set; set DATABASE_URL or [database] url");
        return;
    }
    let client = match crate::db::tx::connect(url, "rastro-doctor", &tokio::runtime::Handle::current()).await {
        Ok(client) => client,
        Err(error) => {
            let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            report.bad("database", &format!("cannot connect ({why}); check the address, that the server runs and the password"));
            return;
        }
    };
    let asked = client
        .query_one(
            "SELECT current_setting('server_version_num')::int, current_setting('max_connections')::int, extract(epoch FROM now())::float8, \
             (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user), \
             pg_has_role('rastro_web', 'MEMBER') AND pg_has_role('rastro_auth', 'MEMBER') AND pg_has_role('rastro_jobs', 'MEMBER') \
             AND pg_has_role('rastro_matcher', 'MEMBER') AND pg_has_role('rastro_genetics', 'MEMBER') AND pg_has_role('rastro_kinship', 'MEMBER')",
            &[],
        )
        .await;
    match asked {
        Ok(row) => {
            let version: i32 = row.get(0);
            if version < 150_000 {
                report.bad("database version", "PostgreSQL 15 or newer is needed");
            } else {
                report.good("database version", &format!("PostgreSQL {}", version / 10_000));
            }
            let connections = settings.database.web_connections + settings.database.work_connections + 2;
            if usize::try_from(row.get::<_, i32>(1)).unwrap_or(0) < connections + 10 {
                report.bad("connections", "max_connections is below the pools' sum plus 10; raise it or make the pools smaller");
            } else {
                report.good("connections", &format!("{connections} at most"));
            }
            let skew = (row.get::<_, f64>(2) - seconds_now()).abs();
            if skew > 5.0 {
                report.bad("clock", &format!("it differs from the database's by {skew:.0} s; run a time service on both"));
            } else {
                report.good("clock", &format!("within {skew:.1} s of the database's"));
            }
            if row.get::<_, bool>(3) {
                report.bad("login role", "it is a superuser or bypasses row-level security; use a role made for the application");
            }
            if row.get::<_, bool>(4) {
                report.good("roles", "the login role may work under the program's roles");
            } else {
                report.bad("roles", "the login role is no member of the program's roles; run `rastro migrate`");
            }
        }
        Err(error) if error.code() == Some(&tokio_postgres::error::SqlState::UNDEFINED_OBJECT) => {
            report.bad("roles", "the program's roles are not there; run `rastro migrate`");
        }
        Err(error) => report.bad("database", &format!("cannot be asked ({error})")),
    }
    match migrate::pending(url).await {
        Ok(0) => report.good("migrations", "none pending"),
        Ok(n) => report.bad("migrations", &format!("{n} pending; run `rastro migrate`")),
        Err(error) => report.bad("migrations", &format!("cannot be counted ({error}); run `rastro migrate`")),
    }
}

/// Work that was set aside after too many failures, and letters that were given up: nobody sees them unless somebody looks.
async fn queue(settings: &Settings, report: &mut Report) {
    let depths = async {
        let pool = Pool::new(&settings.database.url.0, 1, "rastro-doctor")?;
        let mut tx = pool.begin(Role::Jobs, &Scope::default()).await?;
        let depths = queue::depths(&mut tx).await?;
        tx.commit().await?;
        Ok::<_, crate::db::DbError>(depths)
    };
    // A database that cannot be asked is reported above.
    let Ok(depths) = depths.await else { return };
    for d in depths.iter().filter(|d| d.failed > 0) {
        let what = if d.kind == "mail" {
            "letters were given up, so their addressees have not heard of the notice in the portal; see the log for why, and tell them"
        } else {
            "jobs were set aside after too many failures; see the log for why"
        };
        report.bad("queue", &format!("{}: {} {what}", d.kind, d.failed));
    }
    let oldest = depths.iter().map(|d| d.oldest_s).max().unwrap_or(0);
    if oldest > 600 {
        report.bad("queue", &format!("the oldest job waits for {} min; does `rastro serve` or `rastro work` run?", oldest / 60));
    } else if depths.iter().all(|d| d.failed == 0) {
        report.good("queue", &format!("{} waiting, none set aside", depths.iter().map(|d| d.open).sum::<i64>()));
    }
}

/// The model and the words in use, and how far hypotheses are weighed with them.
async fn engine(settings: &Settings, report: &mut Report) {
    use crate::services::engine;
    match engine::model(settings.link.model.as_deref()) {
        Ok(model) => {
            let origin = settings.link.model.as_ref().map_or_else(|| "comes with the program".to_owned(), |p| p.display().to_string());
            report.good("model", &format!("{} ({origin})", model.id));
        }
        Err(error) => report.bad("model", &format!("{error}; correct [link] model")),
    }
    if let Err(error) = engine::lexicon(settings.link.names.as_deref()) {
        report.bad("names", &format!("{error}; correct [link] names"));
    }
    let last = async {
        let pool = Pool::new(&settings.database.url.0, 1, "rastro-doctor")?;
        let mut tx = pool.begin(Role::Jobs, &Scope::default()).await?;
        let last = reweighing::last(&mut tx).await?;
        tx.commit().await?;
        Ok::<_, crate::db::DbError>(last)
    };
    if let Ok(Some(last)) = last.await
        && last.ended_at.is_none()
    {
        report.good("weighing anew", &format!("{} of {} cases with model {}", last.done, last.total, last.model));
    }
}

fn seconds_now() -> f64 {
    use crate::domain::time::Clock;
    crate::app::SystemClock.now().timestamp_millis() as f64 / 1000.0
}

fn keys(settings: &Settings, report: &mut Report) {
    let file = &settings.keys.token_key;
    if file.as_os_str().is_empty() {
        report.good("token key", "none: the API gives no tokens ([keys] token_key)");
        return;
    }
    match std::fs::read(file) {
        Ok(pem) if crate::app::is_token_key(&pem) => {
            use std::os::unix::fs::PermissionsExt;
            let open = std::fs::metadata(file).is_ok_and(|m| m.permissions().mode() & 0o077 != 0);
            if open {
                report.bad("token key", "others can read the key file; chmod 600 it");
            } else {
                report.good("token key", "readable by us only");
            }
        }
        Ok(_) => {
            report.bad("token key", "the file holds no Ed25519 private key in PEM form; make one with `openssl genpkey -algorithm ed25519`")
        }
        Err(error) => report.bad("token key", &format!("cannot be read ({error})")),
    }
}

async fn mail(settings: &Settings, report: &mut Report) {
    match settings.mail.transport {
        MailTransport::Off => report.good("mail", "switched off; notices wait in the portal"),
        MailTransport::File => {
            if settings.mail.folder.is_dir() {
                report.good("mail", "into a folder");
            } else {
                report.bad("mail", "the folder [mail] folder does not exist; make it");
            }
        }
        MailTransport::Smtp => {
            let transport = lettre::AsyncSmtpTransport::<lettre::Tokio1Executor>::from_url(&settings.mail.url.0);
            match transport {
                Err(error) => report.bad("mail", &format!("[mail] url cannot be read ({error})")),
                Ok(builder) => {
                    match tokio::time::timeout(Duration::from_secs(10), builder.build::<lettre::Tokio1Executor>().test_connection()).await {
                        Ok(Ok(true)) => report.good("mail", "the server answers"),
                        _ => report.bad("mail", "the server does not answer; check [mail] url and the firewall"),
                    }
                }
            }
        }
    }
}

async fn disk(report: &mut Report) {
    let free = tokio::process::Command::new("df").args(["-Pk", "."]).output().await.ok().and_then(|o| {
        let text = String::from_utf8(o.stdout).ok()?;
        text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()
    });
    match free {
        Some(kib) if kib < 1024 * 1024 => report.bad("disk", "less than 1 GiB is free here"),
        Some(kib) => report.good("disk", &format!("{} GiB free here", kib / 1024 / 1024)),
        None => report.good("disk", "could not be asked"),
    }
}
