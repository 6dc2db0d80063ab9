//! Time as an argument: whoever needs "now" is handed a clock.

use chrono::{DateTime, NaiveDate, Utc};

/// Tells the time. The real one is made in `app`; tests use one they can set.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> DateTime<Utc>;

    /// The present date in UTC.
    fn today(&self) -> NaiveDate {
        self.now().date_naive()
    }
}
