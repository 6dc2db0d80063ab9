//! Rastro coordinates the search for missing migrants across borders.
//!
//! The rooms and the direction of the arrows between them are drawn in `docs/architecture.md`; a test reads the `use` lines and
//! says which file breaks which rule.

pub mod app;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod db;
pub mod domain;
pub mod genetics;
pub mod geo;
pub mod interop;
pub mod jobs;
pub mod lifecycle;
pub mod linkage;
pub mod mail;
pub mod matching;
pub mod metrics;
pub mod services;
pub mod telemetry;
pub mod web;
