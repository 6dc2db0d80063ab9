//! Figures of the process for whoever watches it (Prometheus, OpenMetrics text): counts and times, never a person's data.

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use std::time::Duration;

/// A request by its route's pattern, so that no id becomes a label.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// Method.
    pub method: String,
    /// Pattern of the route, e.g. `/casos/{id}`.
    pub route: String,
    /// Status code.
    pub status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

/// A kind of job.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct JobLabels {
    /// The kind.
    pub kind: String,
}

/// How one kind of job stands.
#[derive(Debug, Clone)]
pub struct JobFigures {
    /// The kind.
    pub kind: String,
    /// Waiting or running.
    pub open: i64,
    /// Set aside after too many failures.
    pub set_aside: i64,
    /// Age of the oldest open one in seconds.
    pub oldest_s: i64,
}

/// The figures.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram>,
    /// Open event streams.
    pub streams: Gauge,
    open_jobs: Family<JobLabels, Gauge>,
    set_aside_jobs: Family<JobLabels, Gauge>,
    oldest_job: Family<JobLabels, Gauge>,
    /// Cases in the matcher's store.
    pub store_cases: Gauge,
    /// Found records in the matcher's store.
    pub store_found_records: Gauge,
    /// Pairs the matcher looked at.
    pub pairs: Counter,
    /// Hypotheses proposed.
    pub proposed: Counter,
    /// Possible duplicates proposed.
    pub duplicates: Counter,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn times() -> Histogram {
    // One millisecond to about eight seconds.
    Histogram::new(exponential_buckets(0.001, 2.0, 14))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("rastro"),
            requests: Family::default(),
            seconds: Family::new_with_constructor(times),
            streams: Gauge::default(),
            open_jobs: Family::default(),
            set_aside_jobs: Family::default(),
            oldest_job: Family::default(),
            store_cases: Gauge::default(),
            store_found_records: Gauge::default(),
            pairs: Counter::default(),
            proposed: Counter::default(),
            duplicates: Counter::default(),
        };
        let r = &mut metrics.registry;
        r.register("http_requests", "Requests answered", metrics.requests.clone());
        r.register_with_unit("http_request_duration", "Time to the head of the answer", Unit::Seconds, metrics.seconds.clone());
        r.register("open_streams", "Open event streams", metrics.streams.clone());
        r.register("jobs_open", "Jobs that wait or run", metrics.open_jobs.clone());
        r.register("jobs_set_aside", "Jobs set aside after too many failures", metrics.set_aside_jobs.clone());
        r.register_with_unit("job_oldest_age", "Age of the oldest open job", Unit::Seconds, metrics.oldest_job.clone());
        r.register("store_cases", "Cases in the matcher's store", metrics.store_cases.clone());
        r.register("store_found_records", "Found records in the matcher's store", metrics.store_found_records.clone());
        r.register("pairs_considered", "Pairs the matcher looked at", metrics.pairs.clone());
        r.register("hypotheses_proposed", "Hypotheses proposed", metrics.proposed.clone());
        r.register("possible_duplicates_proposed", "Possible duplicates proposed", metrics.duplicates.clone());
        metrics
    }
}

impl Metrics {
    /// Counts an answered request.
    pub fn answered(&self, labels: RequestLabels, took: Duration) {
        self.seconds.get_or_create(&RouteLabels { route: labels.route.clone() }).observe(took.as_secs_f64());
        self.requests.get_or_create(&labels).inc();
    }

    /// Takes over how the queue stands; kinds that are not in `jobs` have none.
    pub fn queue(&self, jobs: &[JobFigures]) {
        for family in [&self.open_jobs, &self.set_aside_jobs, &self.oldest_job] {
            family.clear();
        }
        for job in jobs {
            let labels = JobLabels { kind: job.kind.clone() };
            self.open_jobs.get_or_create(&labels).set(job.open);
            self.set_aside_jobs.get_or_create(&labels).set(job.set_aside);
            self.oldest_job.get_or_create(&labels).set(job.oldest_s);
        }
    }

    /// The figures as OpenMetrics text.
    ///
    /// # Errors
    /// Never in practice: writing into a string does not fail.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut body = String::new();
        text::encode(&mut body, &self.registry)?;
        Ok(body)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn figures_are_given_by_route_pattern_and_kind() {
        let metrics = Metrics::default();
        let labels = RequestLabels { method: "GET".into(), route: "/casos/{id}".into(), status: 200 };
        metrics.answered(labels, Duration::from_millis(3));
        metrics.queue(&[JobFigures { kind: "match_records".into(), open: 2, set_aside: 0, oldest_s: 7 }]);
        let text = metrics.text().unwrap();
        assert!(text.contains("rastro_http_requests_total{method=\"GET\",route=\"/casos/{id}\",status=\"200\"} 1"), "{text}");
        assert!(text.contains("rastro_job_oldest_age_seconds{kind=\"match_records\"} 7"), "{text}");
        metrics.queue(&[]);
        assert!(!metrics.text().unwrap().contains("match_records"));
    }
}
