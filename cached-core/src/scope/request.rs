//! One request: the values that it has read, and the account of its reads.

use super::report::{ReadReport, RequestReport};
use crate::local::AnyEntry;
use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

pub(crate) struct Request {
    began: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    values: HashMap<Slot, Arc<dyn AnyEntry>>,
    report: RequestReport,
}

/// Which cache (its number), type and key.
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
        self.lock().report.add(read);
    }

    pub(super) fn report(&self) -> RequestReport {
        let mut report = std::mem::take(&mut self.lock().report);
        report.took = self.began.elapsed();
        report
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
