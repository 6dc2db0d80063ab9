//! Whether the process lives and is ready, and its figures on a listener of their own. None of it says anything of what is held.

use crate::app::App;
use crate::db::{Role, Scope};
use crate::db::{migrate, queue};
use crate::metrics::JobFigures;
use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::{HttpResponse, HttpServer, web};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

/// A database that does not answer within this is not there for whoever asks.
const PATIENCE: Duration = Duration::from_secs(2);

/// Registers the routes.
pub(super) fn configure(routes: &mut web::ServiceConfig) {
    routes.route("/health/live", web::get().to(live)).route("/health/ready", web::get().to(ready));
}

fn said(mut response: actix_web::HttpResponseBuilder, word: &'static str) -> HttpResponse {
    response.insert_header((header::CACHE_CONTROL, "no-store")).content_type("text/plain; charset=utf-8").body(word)
}

async fn live() -> HttpResponse {
    said(HttpResponse::Ok(), "live\n")
}

async fn ready(app: web::Data<App>) -> HttpResponse {
    if app.stopping.is_cancelled() {
        return said(HttpResponse::ServiceUnavailable(), "stopping\n");
    }
    match tokio::time::timeout(PATIENCE, pending(&app)).await {
        Ok(Ok(0)) => said(HttpResponse::Ok(), "ready\n"),
        Ok(Ok(_)) => said(HttpResponse::ServiceUnavailable(), "migrations are pending\n"),
        Ok(Err(())) | Err(_) => said(HttpResponse::ServiceUnavailable(), "the database does not answer\n"),
    }
}

/// Migrations that wait. Through the pool that pages use: a pool that is used up is not ready either.
async fn pending(app: &App) -> Result<usize, ()> {
    let mut tx = app.pool.begin(Role::Auth, &Scope::default()).await.map_err(drop)?;
    let waiting = migrate::waiting(&mut tx).await.map_err(drop)?;
    tx.commit().await.map_err(drop)?;
    Ok(waiting)
}

/// Starts the listener of the figures.
///
/// # Errors
/// When the listener cannot be used.
pub fn start_metrics(app: Arc<App>, listener: TcpListener) -> std::io::Result<Server> {
    let data = web::Data::from(app);
    let server = HttpServer::new(move || actix_web::App::new().app_data(data.clone()).route("/metrics", web::get().to(metrics)))
        .workers(1)
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(server)
}

async fn metrics(app: web::Data<App>) -> HttpResponse {
    match tokio::time::timeout(PATIENCE, jobs(&app)).await {
        Ok(Ok(figures)) => app.metrics.queue(&figures),
        // The other figures are worth having when the database is away.
        Ok(Err(_)) | Err(_) => app.metrics.queue(&[]),
    }
    match app.metrics.text() {
        Ok(text) => HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn jobs(app: &App) -> Result<Vec<JobFigures>, crate::db::DbError> {
    let mut tx = app.pool.begin(Role::Jobs, &Scope::default()).await?;
    let depths = queue::depths(&mut tx).await?;
    tx.commit().await?;
    Ok(depths.into_iter().map(|d| JobFigures { kind: d.kind, open: d.open, set_aside: d.failed, oldest_s: i64::from(d.oldest_s) }).collect())
}
