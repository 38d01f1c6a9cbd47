//! cached-core.
