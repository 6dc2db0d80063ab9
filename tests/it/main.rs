//! The integration tests: one binary, a database per test, cloned from a migrated template.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests stop where they fail and ask the machine itself")]

mod admin_pages;
mod api;
mod api_bounds;
mod architecture;
mod bank;
mod cluster;
mod consent;
mod desk;
mod duplicates;
mod explanations;
mod families;
mod found_pages;
mod genetics;
mod genetics_pages;
mod import_pages;
mod imports;
mod joint;
mod link_files;
mod live;
mod mail;
mod menu;
mod models;
mod operations;
mod page_rights;
mod partner_pages;
mod patterns;
mod review_pages;
mod reviews;
mod rights;
mod route_files;
mod route_pages;
mod schema;
mod support;
mod tenancy;
mod texts;
