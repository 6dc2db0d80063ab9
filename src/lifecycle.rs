//! Starts and ends the process: signals, two stages of stopping, a tracker of tasks, and whether one of them died.
//!
//! The first signal, a task's failure or [`Lifecycle::shutdown`] cancels the *soft* token: take nothing new, finish the work in hand. A
//! second signal or the end of the grace period cancels the *hard* token: tracked tasks are dropped where they stand.

use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// How long the work in hand may take after the first signal.
pub const GRACE: Duration = Duration::from_secs(30);

/// The life of the process. Clones share it.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
    failed: Arc<Mutex<Vec<&'static str>>>,
    forced: Arc<AtomicBool>,
    /// Ends when the last clone is dropped.
    _watch: Option<Arc<AbortOnDropHandle<()>>>,
}

/// How the process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The tasks that returned an error or panicked.
    pub failed: Vec<&'static str>,
    /// Whether tasks were dropped before they had finished.
    pub forced: bool,
}

impl Ending {
    /// Success only when every task ended well and by itself.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        if self.failed.is_empty() && !self.forced { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

impl Lifecycle {
    /// Takes over SIGINT, SIGTERM and SIGHUP (a closed terminal) and begins to watch them. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the system does not let us handle a signal.
    pub fn start(grace: Duration) -> std::io::Result<Self> {
        Ok(Self::watching(grace, Signals::install()?.stream()))
    }

    /// A life without signals: for tests and for commands that run within another one's life. It has no second stage.
    #[must_use]
    pub fn quiet() -> Self {
        let hard = CancellationToken::new();
        // A child: cancelling the hard token cancels the soft one too.
        let soft = hard.child_token();
        Self { soft, hard, tasks: TaskTracker::new(), failed: Arc::default(), forced: Arc::default(), _watch: None }
    }

    /// A life that ends as `signals` (their names) say.
    fn watching(grace: Duration, mut signals: BoxStream<'static, &'static str>) -> Self {
        let life = Self::quiet();
        let (soft, hard) = (life.soft(), life.hard());
        let watch = async move {
            tokio::select! {
                Some(name) = signals.next() => {
                    tracing::info!(signal = name, "stopping; a second signal stops at once");
                    soft.cancel();
                }
                () = soft.cancelled() => {}
            }
            tokio::select! {
                Some(name) = signals.next() => tracing::warn!(signal = name, "stopping at once"),
                () = tokio::time::sleep(grace) => tracing::warn!("the work in hand took too long; stopping at once"),
            }
            hard.cancel();
        };
        let watch = AbortOnDropHandle::new(tokio::runtime::Handle::current().spawn(watch));
        Self { _watch: Some(Arc::new(watch)), ..life }
    }

    /// Cancelled when the process should take nothing new. A clone each.
    #[must_use]
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Cancelled when the process ends whatever is in hand. A clone each.
    #[must_use]
    pub fn hard(&self) -> CancellationToken {
        self.hard.clone()
    }

    /// Begins to stop, as the first signal does.
    pub fn shutdown(&self) {
        self.soft.cancel();
    }

    /// Runs `task` beside the others. It should end soon after the soft token; the hard token drops it. When it returns an error or panics,
    /// the whole process stops with a failure: a process that lost a part must be started again, not limp on. Ending well stops nothing.
    pub fn spawn<F, E>(&self, name: &'static str, task: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: std::fmt::Display + Send + 'static,
    {
        let life = self.clone_without_watch();
        self.tasks.spawn(async move {
            let ended = tokio::select! {
                biased;
                ended = AssertUnwindSafe(task).catch_unwind() => ended,
                () = life.hard.cancelled() => {
                    tracing::warn!(task = name, "dropped before it had finished");
                    life.forced.store(true, Ordering::Release);
                    return;
                }
            };
            match ended {
                Ok(Ok(())) => return,
                Ok(Err(error)) => tracing::error!(task = name, %error, "a task failed; the process stops"),
                Err(_) => tracing::error!(task = name, "a task panicked; the process stops"),
            }
            life.failed.lock().unwrap_or_else(PoisonError::into_inner).push(name);
            life.soft.cancel();
        });
    }

    /// A task that holds the watch would keep it alive for ever.
    fn clone_without_watch(&self) -> Self {
        Self { _watch: None, ..self.clone() }
    }

    /// Waits for the soft token, then for the tasks or the hard token, and says how it went.
    pub async fn ended(&self) -> Ending {
        self.soft.cancelled().await;
        self.tasks.close();
        // Each task ends by itself or is dropped at the hard token.
        self.tasks.wait().await;
        let forced = self.forced.load(Ordering::Acquire);
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ending { failed, forced }
    }
}

/// The signals that ask a process to stop.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn install() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.hangup.recv() => "SIGHUP",
        }
    }

    fn stream(self) -> BoxStream<'static, &'static str> {
        stream::unfold(self, async |mut signals| Some((signals.next().await, signals))).boxed()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use tokio::sync::{mpsc, oneshot};

    /// Long enough that a test which waits for it fails by nextest's limit.
    const NEVER: Duration = Duration::from_secs(3600);

    fn by_hand(grace: Duration) -> (Lifecycle, mpsc::UnboundedSender<&'static str>) {
        let (send, receive) = mpsc::unbounded_channel();
        let signals = stream::unfold(receive, async |mut receive| receive.recv().await.map(|name| (name, receive))).boxed();
        (Lifecycle::watching(grace, signals), send)
    }

    #[tokio::test]
    async fn the_first_signal_lets_the_work_in_hand_finish() {
        let (life, signal) = by_hand(NEVER);
        let (finished, soft) = (Arc::new(AtomicBool::new(false)), life.soft());
        let flag = finished.clone();
        life.spawn("worker", async move {
            soft.cancelled().await;
            tokio::task::yield_now().await;
            flag.store(true, Ordering::Release);
            Ok::<_, Infallible>(())
        });
        signal.send("test").unwrap();
        assert_eq!(life.ended().await, Ending { failed: vec![], forced: false });
        assert!(finished.load(Ordering::Acquire));
        assert!(!life.hard().is_cancelled());
    }

    #[tokio::test]
    async fn the_second_signal_drops_what_does_not_end() {
        let (life, signal) = by_hand(NEVER);
        life.spawn("stuck", std::future::pending::<Result<(), Infallible>>());
        signal.send("first").unwrap();
        life.soft().cancelled().await;
        signal.send("second").unwrap();
        assert_eq!(life.ended().await, Ending { failed: vec![], forced: true });
    }

    #[tokio::test]
    async fn the_grace_period_drops_what_does_not_end() {
        let (life, _signal) = by_hand(Duration::from_millis(1));
        life.spawn("stuck", std::future::pending::<Result<(), Infallible>>());
        life.shutdown();
        assert!(life.ended().await.forced);
    }

    #[tokio::test]
    async fn a_failed_task_stops_the_process_with_a_failure() {
        let (life, _signal) = by_hand(NEVER);
        let soft = life.soft();
        life.spawn("other", async move {
            soft.cancelled().await;
            Ok::<_, Infallible>(())
        });
        life.spawn("broken", async { Err("no disk") });
        let ending = life.ended().await;
        assert_eq!(ending, Ending { failed: vec!["broken"], forced: false });
        assert_eq!(format!("{:?}", ending.exit_code()), format!("{:?}", ExitCode::FAILURE));
    }

    #[tokio::test]
    async fn a_panicking_task_stops_the_process_with_a_failure() {
        let (life, _signal) = by_hand(NEVER);
        life.spawn("panicking", async {
            let mut none = std::iter::empty::<Result<(), Infallible>>();
            none.next().unwrap()
        });
        assert_eq!(life.ended().await.failed, vec!["panicking"]);
    }

    #[tokio::test]
    async fn a_task_that_ends_well_stops_nothing() {
        let life = Lifecycle::quiet();
        let (send, receive) = oneshot::channel();
        life.spawn("short", async move { send.send(()).map_err(|()| "nobody listens") });
        receive.await.unwrap();
        assert!(!life.soft().is_cancelled());
        life.shutdown();
        let ending = life.ended().await;
        assert_eq!(format!("{:?}", ending.exit_code()), format!("{:?}", ExitCode::SUCCESS));
    }
}
