//! Positions in the stream of invalidations. Who reads or writes the stream is not known here.

use super::transport::Reply;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A position in the stream: an id as Redis orders them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position(pub(super) u64, pub(super) u64);

impl Position {
    pub(super) fn parse(reply: &Reply) -> Option<Self> {
        let Reply::Bytes(bytes) = reply else { return None };
        let (ms, seq) = std::str::from_utf8(bytes).ok()?.split_once('-')?;
        Some(Self(ms.parse().ok()?, seq.parse().ok()?))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

/// The latest position that this process was answered for a message of its own: the stream has it, read or not.
#[derive(Default)]
pub(super) struct Told(Mutex<Position>);

impl Told {
    pub(super) fn latest(&self) -> Position {
        *self.lock()
    }

    pub(super) fn advance(&self, at: Position) {
        let mut told = self.lock();
        *told = at.max(*told);
    }

    /// The stream has no more what was the latest; more may have been told meanwhile.
    pub(super) fn retreat(&self, from: Position, to: Position) {
        let mut told = self.lock();
        if *told == from {
            *told = to;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Position> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
