//! The one actix application used by `serve` and by tests: pages, API, health. Handlers parse, call one use case, and turn its answer into a page
//! or a body.

pub mod api;
mod even;
pub mod health;
mod live;
pub mod observe;
pub mod portal;
mod problem;
pub mod sealed;

use crate::app::App;
use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{HttpServer, web};
use observe::Observed;
use std::net::TcpListener;
use std::sync::Arc;
use tracing_actix_web::TracingLogger;

/// Registers every route. The application's state must be there as `web::Data<App>`.
pub fn configure(routes: &mut web::ServiceConfig) {
    routes.configure(health::configure).configure(api::configure).configure(portal::configure);
}

/// Starts a server on a bound listener; signals are the caller's. Needs a tokio runtime.
///
/// # Errors
/// When the listener cannot be used.
pub fn start(app: Arc<App>, listener: TcpListener) -> std::io::Result<Server> {
    let workers = app.settings.http.workers;
    let data = web::Data::from(app);
    let pages = move || {
        let app = actix_web::App::new().app_data(data.clone());
        app.wrap(from_fn(even::even)).wrap(TracingLogger::<Observed>::new()).configure(configure)
    };
    let server = HttpServer::new(pages).workers(workers).disable_signals().shutdown_timeout(25).listen(listener)?.run();
    Ok(server)
}
