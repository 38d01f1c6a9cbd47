//! What tests start from: a small data set, a database, a running application.

pub(crate) mod app;
pub(crate) mod fixture;
pub(crate) mod pressing;
