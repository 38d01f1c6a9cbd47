//! A learning-management system on cached: Postgres, Redis, an HTTP API, and the Open University's
//! learning analytics data set to fill it. The program is `lms`; this library is for its tests.

/// The examples of docs/OPERATIONS.md.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/OPERATIONS.md")]
struct Operations;

pub mod client;
pub mod commands;
pub mod dataset;
pub mod http;
pub mod ids;
pub mod input;
pub mod load;
pub mod model;
pub mod oulad;
pub mod pressure;
pub mod repository;
pub mod service;
