//! cached-macros.
