//! Wakes the process when the database says that there is work or a change: one connection of its own, LISTEN, reconnect with backoff.

use crate::db::tx::connect_listening;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The bells of a process. Ringing twice before anybody looks is once.
#[derive(Debug, Clone, Default)]
pub struct Bells {
    /// A job was added. Whoever waits registers before looking at the queue, so waking those that wait now is enough.
    pub job: Arc<Notify>,
    /// The change feed grew.
    pub change: Arc<Notify>,
}

impl Bells {
    fn ring(&self, channel: &str) {
        match channel {
            "rastro_job" => self.job.notify_waiters(),
            "rastro_change" => self.change.notify_one(),
            _ => {}
        }
    }
}

/// Listens until `stop`. A lost connection is made again after one to thirty seconds; both bells ring then, as something may have been missed.
pub async fn listen(url: &str, bells: &Bells, stop: &CancellationToken) {
    let mut wait = Duration::from_secs(1);
    while !stop.is_cancelled() {
        match connect_listening(url, &["rastro_job", "rastro_change"]).await {
            Ok(mut notifications) => {
                wait = Duration::from_secs(1);
                bells.job.notify_waiters();
                bells.change.notify_one();
                loop {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        heard = notifications.next() => match heard {
                            Some(channel) => bells.ring(&channel),
                            None => break,
                        },
                    }
                }
                tracing::warn!("the listening connection ended; making it again");
            }
            Err(error) => tracing::warn!(%error, "cannot listen; polling goes on"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = (wait * 2).min(Duration::from_secs(30));
    }
}
