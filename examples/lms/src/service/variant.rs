//! The variants of caching that the load compares.

use clap::ValueEnum;

/// Who caches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    /// Nobody: the same code in a bypass scope, where every read asks Postgres
    None,
    /// Code written by hand: cache-aside over redis-rs
    ByHand,
    /// cached with the shared tier alone: what a write changed is seen in every process at once
    Shared,
    /// cached with both tiers: a write waits until every process has heard of it
    Cached,
}

impl Variant {
    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ByHand => "by-hand",
            Self::Shared => "shared",
            Self::Cached => "cached",
        }
    }

    /// Whether the annotations do anything.
    pub fn uses_annotations(self) -> bool {
        matches!(self, Self::Shared | Self::Cached)
    }
}
