//! What ran through a proxy, in numbers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
pub(super) struct Counts {
    connections: AtomicU64,
    open: AtomicU64,
    /// Round trips and commands change together, so that who reads both sees both or neither.
    traffic: Mutex<Traffic>,
}

#[derive(Debug, Default)]
struct Traffic {
    round_trips: u64,
    commands: BTreeMap<String, u64>,
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

    pub(super) fn add(&self, names: &[String], begins_a_round_trip: bool) {
        let mut traffic = self.lock();
        traffic.round_trips += u64::from(begins_a_round_trip);
        for name in names {
            *traffic.commands.entry(name.clone()).or_default() += 1;
        }
    }

    pub(super) fn connections(&self) -> u64 {
        self.connections.load(Ordering::SeqCst)
    }

    pub(super) fn open_connections(&self) -> u64 {
        self.open.load(Ordering::SeqCst)
    }

    pub(super) fn traffic(&self) -> (u64, BTreeMap<String, u64>) {
        let traffic = self.lock();
        (traffic.round_trips, traffic.commands.clone())
    }

    pub(super) fn reset(&self) {
        self.connections.store(0, Ordering::SeqCst);
        *self.lock() = Traffic::default();
    }

    fn lock(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
