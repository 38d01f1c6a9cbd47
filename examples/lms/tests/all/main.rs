//! Tests of the application on real servers, in one program so that they share one Postgres.

mod api;
mod browser;
mod commands;
mod import;
mod support;
