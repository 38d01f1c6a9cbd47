//! What the tests that cross crates share: the consistency harness, whose processes a binary of this package runs.

pub mod consistency;

/// The examples of docs/OPTIONS.md, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/OPTIONS.md")]
pub struct Options;

/// The examples of docs/GUIDE.md.
#[cfg(doctest)]
#[doc = include_str!("../../docs/GUIDE.md")]
pub struct Guide;
