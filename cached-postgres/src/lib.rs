//! cached-postgres.
