//! A lease on a key of the remote tier: used for one fill, or given back, also when its holder is cancelled.

use crate::codec::{Envelope, Payload};
use crate::engine::{Engine, Shared};
use crate::key::Key;
use crate::remote::{Fill, GivenBack, Held};
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(super) struct Lease {
    engine: Arc<Engine>,
    /// The index of the function's template.
    of: usize,
    key: Box<str>,
    /// Behind a pointer: what a look-up brings is handed up through futures, and seldom is a lease.
    held: Option<Box<Held>>,
}

impl Lease {
    pub(super) fn new(engine: Arc<Engine>, of: usize, key: &str, held: Held) -> Self {
        if let Some(shared) = &engine.shared {
            shared.leases.fetch_add(1, Ordering::Relaxed);
        }
        Self { engine, of, key: key.into(), held: Some(Box::new(held)) }
    }

    pub(super) fn held(&self) -> Option<&Held> {
        self.held.as_deref()
    }

    /// It was used, or given back: nothing is left to do.
    pub(super) fn spent(mut self) {
        self.held = None;
    }

    /// Stores an entry if the lease still stands and no invalidation of it waits to be delivered.
    pub(super) async fn fill(
        mut self,
        tags: &[Key],
        late_tags: &[Key],
        header: Envelope,
        payload: &Payload,
        ttl_ms: u64,
    ) -> bool {
        let engine = self.engine.clone();
        let Some(shared) = &engine.shared else { return false };
        if shared.pending.affects(&self.key, tags.iter().map(Key::as_str)) {
            engine.events.refused(self.of, &self.key);
            return false;
        }
        let Some(permit) = shared.permit() else { return false };
        let Some(held) = &self.held else { return false };
        let filled = shared.remote.fill(&self.key, held, late_tags, header, payload, ttl_ms).await;
        let Some(fill) = engine.settle(permit, "fill", filled) else { return false };
        // Used up: there is nothing to give back.
        self.held = None;
        match fill {
            Fill::Stored => engine.events.filled(self.of),
            Fill::Refused => engine.events.refused(self.of, &self.key),
        }
        fill == Fill::Stored
    }

    /// Removes the entry that others go on with meanwhile, for the load brought nothing to put there; then gives the
    /// lease back.
    pub(super) async fn discard(mut self) {
        if !self.held().is_some_and(Held::is_beside_entry) {
            return;
        }
        let engine = self.engine.clone();
        let Some(shared) = &engine.shared else { return };
        let (Some(permit), Some(held)) = (shared.permit(), &self.held) else { return };
        let discarded = shared.remote.discard(&self.key, held).await;
        if engine.settle(permit, "discard", discarded).is_some() {
            self.held = None;
        }
    }
}

/// Others who wait for the key need not wait for the lease's end.
impl Drop for Lease {
    fn drop(&mut self) {
        let Some(shared) = &self.engine.shared else { return };
        shared.leases.fetch_sub(1, Ordering::Relaxed);
        let held = self.held.take().filter(|held| held.is_lease());
        let (Some(held), Ok(runtime)) = (held, tokio::runtime::Handle::try_current()) else {
            return;
        };
        if shared.unused.add(std::mem::take(&mut self.key), held) {
            runtime.spawn(GiveBack(Some(shared.clone())).run());
        }
    }
}

/// Gives back all leases that are not used, in one pipeline; those of a runtime that has ended before it could are left to
/// their ends.
struct GiveBack(Option<Arc<Shared>>);

impl GiveBack {
    async fn run(mut self) {
        let Some(shared) = self.0.take() else { return };
        let unused = shared.unused.take();
        let Some(permit) = shared.permit() else { return };
        let given_back: Vec<GivenBack<'_>> =
            unused.iter().map(|(key, held)| GivenBack { key, held, with_entry: false }).collect();
        match shared.remote.fill_many(Vec::new(), &given_back).await {
            Ok(_) => permit.succeeded(),
            Err(_) => permit.failed(),
        }
    }
}

impl Drop for GiveBack {
    fn drop(&mut self) {
        if let Some(shared) = self.0.take() {
            drop(shared.unused.take());
        }
    }
}
