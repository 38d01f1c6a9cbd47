//! The tasks of a cache with a remote tier: two deliver invalidations (what is named, and what is looked for), one
//! listens for those of others.
//!
//! All end with the cache. A deliverer first delivers what waits, or gives up at the first fault.

use crate::engine::{Engine, Shared};
use crate::events::{Events, Timer};
use crate::invalidation::Invalidation;
use crate::pending::Lane;
use crate::remote::backplane::{Listen, Message, Reader};
use crate::remote::transport::Fault;
use crate::write::{begin_detached, report};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::runtime::Handle;

/// The pause after a fault; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Starts the tasks of an engine that has a remote tier.
pub(crate) fn spawn(engine: &Arc<Engine>, runtime: &Handle) {
    if let Some(shared) = &engine.shared {
        for lane in [Lane::Named, Lane::Swept] {
            runtime.spawn(deliver(Arc::downgrade(engine), shared.clone(), lane));
        }
        runtime.spawn(listen(Arc::downgrade(engine), shared.clone()));
    }
}

/// Takes what waits in a lane and delivers it, over and over. Holds no engine while it waits, so that the engine can end.
async fn deliver(engine: Weak<Engine>, shared: Arc<Shared>, lane: Lane) {
    let mut pause = FIRST_PAUSE;
    while let Some(batch) = shared.pending.take(lane).await {
        let timer = Timer::start();
        let message = Message::new(&shared.origin, &batch.invalidation);
        match shared.remote.invalidate(&batch.invalidation, &message).await {
            Ok((removed, announced)) => {
                shared.answered();
                if let Some(engine) = engine.upgrade() {
                    report(&engine, &batch.invalidation, removed, timer);
                }
                shared.pending.delivered(batch, announced);
                pause = FIRST_PAUSE;
            }
            Err(fault) => {
                if let Some(engine) = engine.upgrade() {
                    engine.events.fault("invalidation", &fault);
                }
                shared.pending.returned(batch);
                if shared.pending.is_closed() {
                    Events::undelivered(shared.pending.len(), &fault);
                    return;
                }
                tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn listen(engine: Weak<Engine>, shared: Arc<Shared>) {
    let mut reader = Reader::new(shared.origin.clone(), shared.record_ms);
    let mut pause = FIRST_PAUSE;
    loop {
        let listener = Listener { engine: engine.clone(), shared: shared.clone() };
        let step = tokio::select! {
            step = reader.step(&shared.remote, &listener) => step,
            () = shared.pending.ended() => return,
        };
        match step {
            Ok(()) => {
                shared.answered();
                pause = FIRST_PAUSE;
            }
            Err(fault) => {
                listener.fault(&fault);
                tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        if engine.strong_count() == 0 {
            return;
        }
    }
}

struct Listener {
    engine: Weak<Engine>,
    shared: Arc<Shared>,
}

impl Listen for Listener {
    fn now(&self) -> u64 {
        self.shared.clock.now()
    }

    fn invalidated(&self, message: &Message) {
        let Some(engine) = self.engine.upgrade() else { return };
        let invalidation = message.invalidation();
        engine.local.invalidate(&invalidation);
        // Counted once it holds: who waits for the count may rely on it.
        engine.events.received(&invalidation);
    }

    fn complete_at(&self, millis: u64) {
        if let Some(engine) = self.engine.upgrade() {
            engine.local.trust_until(millis.saturating_add(self.shared.backplane_timeout_ms));
        }
    }

    fn missed(&self, why: &str) {
        if let Some(engine) = self.engine.upgrade() {
            engine.local.reset();
            engine.events.local_reset(why);
        }
    }

    fn rolled_back(&self, why: &str) {
        self.missed(why);
        // What the invalidations named that the server has forgotten is not known.
        if let Some(engine) = self.engine.upgrade() {
            begin_detached(&engine, Invalidation::new().everything());
        }
    }

    fn fault(&self, fault: &Fault) {
        if let Some(engine) = self.engine.upgrade() {
            engine.events.fault("backplane", fault);
        }
    }
}
