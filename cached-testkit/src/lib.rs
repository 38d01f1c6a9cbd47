//! cached-testkit.
