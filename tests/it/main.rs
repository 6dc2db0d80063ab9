//! The integration tests: one binary, a database per test, cloned from a migrated template.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod architecture;
mod cluster;
mod consent;
mod reviews;
mod schema;
mod support;
mod tenancy;
