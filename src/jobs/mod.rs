//! Work behind the pages: a runner that claims jobs, a listener that wakes it, followers that keep the in-memory indexes in step.
//!
//! A notification only shortens the wait: the same code runs when it polls, after a crash and with two processes.

pub mod bank;
pub mod explainer;
pub mod follower;
mod joint;
pub mod kinds;
pub mod listener;
pub mod matcher;
pub mod reminders;
pub mod runner;

pub use explainer::Explainer;
pub use matcher::Matcher;
