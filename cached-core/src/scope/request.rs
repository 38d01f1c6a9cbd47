//! One request: the values that it has read, and the account of its reads.

use super::report::{ReadReport, RequestReport};
use crate::local::AnyEntry;
use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// A request keeps no more accounts than this; it counts the others.
const MAX_ACCOUNTS: usize = 64;

pub(crate) struct Request {
    began: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    values: HashMap<Slot, Arc<dyn AnyEntry>>,
    reads: Vec<ReadReport>,
    unlisted: usize,
}

/// Which cache (its address), type and key.
#[derive(PartialEq, Eq, Hash)]
struct Slot(usize, TypeId, Box<str>);

impl Default for Request {
    fn default() -> Self {
        Self { began: Instant::now(), state: Mutex::default() }
    }
}

impl Request {
    /// The entry that this request has read before.
    pub(crate) fn recall<T: 'static>(&self, cache: usize, key: &str) -> Option<Arc<dyn AnyEntry>> {
        let slot = Slot(cache, TypeId::of::<T>(), key.into());
        self.lock().values.get(&slot).cloned()
    }

    pub(crate) fn remember<T: 'static>(&self, cache: usize, key: &str, entry: Arc<dyn AnyEntry>) {
        self.lock().values.insert(Slot(cache, TypeId::of::<T>(), key.into()), entry);
    }

    pub(crate) fn account(&self, read: ReadReport) {
        let mut state = self.lock();
        if state.reads.len() < MAX_ACCOUNTS {
            state.reads.push(read);
        } else {
            state.unlisted += 1;
        }
    }

    pub(super) fn report(&self) -> RequestReport {
        let mut state = self.lock();
        RequestReport {
            reads: std::mem::take(&mut state.reads),
            unlisted: state.unlisted,
            took: self.began.elapsed(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
