//! The load that runs in this task, and those around it: what the reads inside it may rest on.
//!
//! A value that is stored in a remote tier answers for everybody from then on, so it must not rest on a copy of this
//! process that is older than its own load: the copy may have been invalidated elsewhere before that load began,
//! with the message still on its way. While a load that can fill a remote tier runs, its reads therefore take nothing
//! older than itself from this process. Other loads may, and are as old as what they rest on.
//!
//! Tasks that a load spawns are not within it.

use crate::engine::Engine;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use tokio::sync::OnceCell;

tokio::task_local! {
    static LEADING: Arc<Lead>;
}

/// How many loads run in this process: while none does, a hit does not look for the one around it. A task within a load sees
/// that load's own count at least.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// A load.
pub(crate) struct Lead {
    engine: Arc<Engine>,
    key: Box<str>,
    /// The other keys of a batch.
    others: Box<[Box<str>]>,
    outer: Option<Arc<Lead>>,
    /// Its place among flights and loads.
    order: u64,
    /// Reads within take nothing older than it from this process: it or a load around it can fill.
    is_within_fill: bool,
    /// Whether this load itself can fill.
    fills: bool,
    /// When the oldest value that it rests on was begun, on the clock of its cache.
    oldest: AtomicU64,
    /// Whether it rests on a copy of this process that may be older than itself.
    aged: AtomicBool,
    /// Whether keys were being removed one after the other when it first read cached values.
    amid_removal: OnceCell<bool>,
}

impl Lead {
    /// A load within those of this task. `order` is its place among flights and loads.
    pub(crate) fn new(
        engine: &Arc<Engine>,
        key: &str,
        others: Box<[Box<str>]>,
        order: u64,
        fills: bool,
    ) -> Arc<Self> {
        let outer = LEADING.try_with(Clone::clone).ok();
        RUNNING.fetch_add(1, Ordering::Relaxed);
        let is_within_fill = fills || outer.as_ref().is_some_and(|outer| outer.is_within_fill);
        Arc::new(Self {
            engine: engine.clone(),
            key: key.into(),
            others,
            outer,
            order,
            is_within_fill,
            fills,
            oldest: AtomicU64::new(u64::MAX),
            aged: AtomicBool::new(false),
            amid_removal: OnceCell::new(),
        })
    }

    /// Runs the load.
    pub(crate) async fn run<F: Future>(self: Arc<Self>, load: F) -> F::Output {
        LEADING.scope(self, load).await
    }

    /// Whether it may rest on what an invalidation was about to remove.
    pub(crate) fn is_amid_removal(&self) -> bool {
        self.amid_removal.get().is_some_and(|amid| *amid)
    }

    /// When the oldest value that it rests on was begun, if it rests on a copy of this process.
    pub(crate) fn rests_on_older(&self) -> Option<u64> {
        self.aged.load(Ordering::SeqCst).then(|| self.oldest.load(Ordering::SeqCst))
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The loads around this task, from the innermost on.
fn around() -> impl Iterator<Item = Arc<Lead>> {
    let innermost = LEADING.try_with(Clone::clone).ok();
    std::iter::successors(innermost, |lead| lead.outer.clone())
}

/// Whether this task is within a load at all.
pub(crate) fn is_in_load() -> bool {
    LEADING.try_with(|_| ()).is_ok()
}

/// Whether this task is within the load of a key.
pub(crate) fn is_leading(cache: usize, key: &str) -> bool {
    around().any(|lead| {
        let names = |key: &str| *lead.key == *key || lead.others.iter().any(|it| **it == *key);
        lead.engine.id == cache && names(key)
    })
}

/// What a read of this task may rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// It is in no load.
    NoLoad,
    /// Whatever may be served; the load is as old as that.
    Load,
    /// Nothing of this process that is not newer than this moment in the order of flights and loads.
    Fill(u64),
}

/// The load around a read.
#[inline]
pub(crate) fn within() -> Within {
    if RUNNING.load(Ordering::Relaxed) == 0 {
        return Within::NoLoad;
    }
    let of = |lead: &Arc<Lead>| match lead.is_within_fill {
        true => Within::Fill(lead.order),
        false => Within::Load,
    };
    LEADING.try_with(of).unwrap_or(Within::NoLoad)
}

/// Has each load around this read that can fill ask its own cache once, before anything cached is read, whether keys are
/// being removed on the server one after the other.
pub(crate) async fn before_reading<F: Future<Output = bool>>(ask: impl Fn(Arc<Engine>) -> F) {
    for lead in around().filter(|lead| lead.fills) {
        lead.amid_removal.get_or_init(|| ask(lead.engine.clone())).await;
    }
}

/// The loads around this task rest on a copy of this process that was begun so many milliseconds ago, but for those that
/// are older than its place in the order of flights and loads.
pub(crate) fn rests_on(age_ms: u64, order: u64) {
    for lead in around().filter(|lead| order <= lead.order) {
        let began = lead.engine.clock.now().saturating_sub(age_ms);
        lead.oldest.fetch_min(began, Ordering::SeqCst);
        lead.aged.store(true, Ordering::SeqCst);
    }
}

/// The places of the loads around this task in the order of flights and loads.
pub(super) fn places() -> Vec<u64> {
    around().map(|lead| lead.order).collect()
}
