//! What ran through a proxy, in numbers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
pub(super) struct Counts {
    connections: AtomicU64,
    open: AtomicU64,
    round_trips: AtomicU64,
    commands: Mutex<BTreeMap<String, u64>>,
}

/// Counts a connection as open until it is dropped.
#[derive(Debug)]
pub(super) struct Open<'a>(&'a Counts);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Counts {
    pub(super) fn add_connection(&self) {
        self.connections.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn open(&self) -> Open<'_> {
        self.open.fetch_add(1, Ordering::SeqCst);
        Open(self)
    }

    pub(super) fn add_round_trip(&self) {
        self.round_trips.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn add_commands(&self, names: &[String]) {
        let mut commands = self.lock();
        for name in names {
            *commands.entry(name.clone()).or_default() += 1;
        }
    }

    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::SeqCst)
    }

    pub(super) fn open_connections(&self) -> u64 {
        self.open.load(Ordering::SeqCst)
    }

    pub(super) fn round_trips(&self) -> u64 {
        self.round_trips.load(Ordering::SeqCst)
    }

    pub(super) fn commands(&self) -> BTreeMap<String, u64> {
        self.lock().clone()
    }

    pub(super) fn reset(&self) {
        self.connections.store(0, Ordering::SeqCst);
        self.round_trips.store(0, Ordering::SeqCst);
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
