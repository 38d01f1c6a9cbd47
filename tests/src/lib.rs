//! What the tests that cross crates share: the consistency harness, whose processes a binary of this package runs.

pub mod consistency;
