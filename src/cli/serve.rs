//! `serve`, `work`, `migrate`: a node of one's own.

use super::Out;
use crate::app::App;
use crate::config::Settings;
use crate::db::{Pool, migrate as migrations};
use crate::jobs::listener::{Bells, listen};
use crate::jobs::runner::Worker;
use crate::jobs::{Explainer, Matcher, explainer, follower};
use crate::lifecycle::{GRACE, Lifecycle};
use anyhow::Context;
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only pages and API; another process works the queue.
    #[arg(long)]
    no_work: bool,
}

fn require_url(settings: &Settings) -> anyhow::Result<()> {
    anyhow::ensure!(
        !settings.database.url.0.is_empty(),
        "no database is set: set DATABASE_URL or [database] url, or try `rastro demo`, which brings its own"
    );
    Ok(())
}

/// Starts the parts of a node on a lifecycle: the server on `listener` if there is one, the worker if `work`. Returns when they run.
///
/// # Errors
/// When the database or the listener cannot be used.
pub async fn start_node(app: Arc<App>, life: &Lifecycle, listener: Option<TcpListener>, worker: Option<Worker>) -> anyhow::Result<()> {
    let bells = Bells::default();
    let url = app.settings.database.url.0.clone();
    {
        let (bells, soft) = (bells.clone(), life.soft());
        life.spawn("listener", async move {
            listen(&url, &bells, &soft).await;
            anyhow::Ok(())
        });
    }
    if let Some(listener) = listener {
        let cursor = app.space.load(&app.pool).await.context("the spatial index cannot be loaded")?;
        {
            let (app, bells, soft) = (app.clone(), bells.clone(), life.soft());
            life.spawn("follower", async move { follower::follow(&app, cursor, &bells, &soft).await });
        }
        let server = crate::web::start(app.clone(), listener).context("the server cannot start")?;
        let handle = server.handle();
        let (soft, app) = (life.soft(), app.clone());
        life.spawn("server", server);
        life.spawn("server-stop", async move {
            soft.cancelled().await;
            app.stopping.cancel();
            handle.stop(true).await;
            anyhow::Ok(())
        });
    }
    if worker.is_none() && app.engine.get().is_none() && app.settings.link.explain {
        let (app, soft) = (app.clone(), life.soft());
        life.spawn("engine", async move { explainer::keep(&app, &soft).await });
    }
    if let Some(worker) = worker {
        // The first engine stays: one process has one matcher.
        let _ = app.engine.set(Arc::new(Explainer { matcher: worker.matcher.clone(), pool: worker.pool.clone() }));
        let (bells, soft) = (bells.clone(), life.soft());
        life.spawn("worker", async move { worker.run(&bells, &soft).await });
    }
    let figures = &app.settings.metrics;
    if figures.port != 0 {
        let address = (figures.host.clone(), figures.port);
        let listener = TcpListener::bind(&address).with_context(|| format!("cannot give figures on {}:{}", address.0, address.1))?;
        let server = crate::web::health::start_metrics(app.clone(), listener).context("the figures' server cannot start")?;
        let (handle, soft) = (server.handle(), life.soft());
        life.spawn("metrics", server);
        life.spawn("metrics-stop", async move {
            soft.cancelled().await;
            handle.stop(true).await;
            anyhow::Ok(())
        });
    }
    Ok(())
}

/// A worker with a loaded matcher.
///
/// # Errors
/// When the database cannot be read.
pub async fn worker(app: &Arc<App>) -> anyhow::Result<Worker> {
    let pool = Pool::new(&app.settings.database.url.0, app.settings.database.work_connections, "rastro-work")?;
    let matcher = Arc::new(Matcher::load(&app.settings.link, &pool).await.context("the matcher cannot load the records")?);
    Ok(Worker { app: app.clone(), pool, matcher, name: format!("{}-{}", std::process::id(), app.ids.next()), loaded: Arc::default() })
}

/// `rastro serve`.
///
/// # Errors
/// With what to do about it.
pub async fn run(settings: Settings, options: Options) -> anyhow::Result<ExitCode> {
    require_url(&settings)?;
    crate::telemetry::start(&settings.log)?;
    let address = (settings.http.host.clone(), settings.http.port);
    let listener = TcpListener::bind(&address).with_context(|| format!("cannot listen on {}:{}", address.0, address.1))?;
    tracing::info!(http.address = %listener.local_addr()?, "serving");
    let app = Arc::new(App::from_settings(settings)?);
    let life = Lifecycle::start(GRACE)?;
    let worker = if options.no_work { None } else { Some(worker(&app).await?) };
    start_node(app, &life, Some(listener), worker).await?;
    Ok(life.ended().await.exit_code())
}

/// `rastro work`.
///
/// # Errors
/// With what to do about it.
pub async fn work(settings: Settings) -> anyhow::Result<ExitCode> {
    require_url(&settings)?;
    crate::telemetry::start(&settings.log)?;
    let app = Arc::new(App::from_settings(settings)?);
    let life = Lifecycle::start(GRACE)?;
    let worker = worker(&app).await?;
    tracing::info!(worker.name = %worker.name, "working");
    start_node(app, &life, None, Some(worker)).await?;
    Ok(life.ended().await.exit_code())
}

/// The user of a database URL.
pub(super) fn user_of(url: &str) -> anyhow::Result<String> {
    let config: tokio_postgres::Config = url.parse().context("the database URL cannot be read")?;
    config.get_user().map(str::to_owned).context("the database URL names no user")
}

/// `rastro migrate`.
///
/// # Errors
/// With the step that failed.
pub async fn migrate(settings: &Settings) -> anyhow::Result<ExitCode> {
    require_url(settings)?;
    let owner = if settings.database.owner_url.0.is_empty() { &settings.database.url.0 } else { &settings.database.owner_url.0 };
    let ran = migrations::run(owner, &user_of(&settings.database.url.0)?).await?;
    if ran.is_empty() {
        Out.line("the database is up to date");
    }
    for name in ran {
        Out.line(format!("ran {name}"));
    }
    Ok(ExitCode::SUCCESS)
}
