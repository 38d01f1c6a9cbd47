//! The locks and atomics of the parts whose interleavings are searched by models: the workspace's `models` compiles
//! those parts with others in their place.

pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
pub(crate) use std::sync::{
    Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

/// How many atomics hold the ticks of keys, and how many locks the flights. Models have few, since each costs them time.
pub(crate) const KEY_TICKS: usize = 1 << 14;
pub(crate) const FLIGHT_SHARDS: usize = 64;
