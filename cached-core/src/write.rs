//! The invalidation path, top to bottom: run the body, then make everything that it names unservable, here at
//! once and in the remote tier before the caller goes on.
//!
//! Delivery is not done by the caller's task: the invalidation waits in `pending`, and a task of the cache takes it
//! from there. So a caller that is cancelled, or does not wait any longer, loses nothing.

mod set;

pub(crate) use set::set;

use crate::engine::{Engine, EngineRef, Shared};
use crate::events::Timer;
use crate::invalidation::{Invalidation, Target};
use crate::key::Key;
use crate::mutation::{Mutation, is_on};
use crate::outcome::Outcome;
use crate::remote::Announced;
use crate::site::WriteSite;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::oneshot::error::TryRecvError;
use tracing::Instrument as _;

/// Whether an invalidation has reached the remote tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// It holds in every tier that this cache has; where invalidations are synchronous, in every process.
    Done,
    /// It holds in this process, and waits for a remote tier that does not answer.
    Queued,
}

type OnSuccess<'a, T> = Box<dyn FnOnce(&T, Invalidation) -> Invalidation + Send + 'a>;

/// One write: a body, and what it makes untrue.
#[must_use = "a write does nothing until it is run"]
pub struct Write<'a, O: Outcome> {
    engine: EngineRef<'a>,
    invalidation: Invalidation,
    site: Option<&'static WriteSite>,
    on_success: Vec<OnSuccess<'a, O::Value>>,
}

impl<'a, O: Outcome> Write<'a, O> {
    pub(crate) fn begin(engine: EngineRef<'a>, invalidation: Invalidation) -> Self {
        Self { engine, invalidation, site: None, on_success: Vec::new() }
    }

    /// The annotated function.
    pub fn site(mut self, site: &'static WriteSite) -> Self {
        self.site = Some(site);
        self
    }

    /// Adds targets that depend on the value; an error adds none.
    pub fn on_success(
        mut self,
        add: impl FnOnce(&O::Value, Invalidation) -> Invalidation + Send + 'a,
    ) -> Self {
        self.on_success.push(Box::new(add));
        self
    }

    /// Runs the body, then invalidates, whatever it returned: an error can hide a commit.
    ///
    /// # Cancel safety
    /// Once polled, a future that is dropped (or whose body panics) still invalidates: in this process at once, in
    /// the remote tier from the queue.
    pub async fn run<F>(self, body: F) -> O::Return
    where
        F: Future<Output = O::Return>,
    {
        let Self { engine, invalidation, site, on_success } = self;
        let mut guard = Guard { engine: &engine, invalidation: Some(invalidation) };
        let returned = body.await;
        if let Some(value) = O::peek(&returned) {
            for add in on_success {
                // The user's code: should it panic, what is known by then is still invalidated.
                let more = add(value, Invalidation::new());
                guard.invalidation = guard.invalidation.take().map(|known| known.and(more));
            }
        }
        let invalidation = guard.invalidation.take().unwrap_or_default();
        if let Some(site) = site {
            site.ran(&invalidation);
        }
        apply(&engine, invalidation).await;
        returned
    }
}

/// Invalidates if its owner ends without having done so.
struct Guard<'e> {
    engine: &'e Arc<Engine>,
    invalidation: Option<Invalidation>,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if is_on(Mutation::NoDropGuard) {
            return;
        }
        if let Some(invalidation) = self.invalidation.take() {
            begin_detached(self.engine, invalidation);
        }
    }
}

/// Invalidates, and waits until the remote tier has it or the operation timeout has passed; where invalidations are
/// synchronous, then until the other processes have heard.
///
/// # Cancel safety
/// From its first poll on, the invalidation happens.
pub(crate) async fn apply(engine: &Arc<Engine>, invalidation: Invalidation) -> Delivery {
    hand_over(engine, invalidation).await.delivery()
}

/// As [`apply`]; gives what the remote tier had not got by then.
///
/// # Cancel safety
/// From its first poll on, the invalidation happens.
pub(crate) async fn hand_over(engine: &Arc<Engine>, invalidation: Invalidation) -> Handed {
    let mut waiting = Vec::new();
    for (engine, mut acknowledged) in begin(engine, invalidation) {
        let Some(shared) = &engine.shared else { continue };
        let reached = async {
            if shared.breaker.is_open() {
                return false;
            }
            let delivered = tokio::time::timeout(shared.remote.timeout(), &mut acknowledged).await;
            let Ok(Ok(announced)) = delivered else { return false };
            heard(shared, announced).await;
            true
        };
        if !reached.instrument(crate::events::span_of_invalidation()).await {
            waiting.push(acknowledged);
            tracing::debug!(
                target: crate::events::TARGET, waiting = shared.pending.len(),
                "an invalidation waits for the remote tier"
            );
        }
    }
    Handed { waiting }
}

/// An invalidation that holds in this process, and was handed to the queue of the remote tier: for an outbox, whose rows
/// may go when it has got there, and need not be applied again before.
#[doc(hidden)]
#[derive(Debug)]
pub struct Handed {
    /// One for each cache where it waits.
    waiting: Vec<Acknowledged>,
}

impl Handed {
    /// Where it has got so far. `None` if nobody will ever tell: the queue ended with its cache.
    pub fn look(&mut self) -> Option<Delivery> {
        let mut ended = false;
        self.waiting.retain_mut(|acknowledged| match acknowledged.try_recv() {
            Ok(_) => false,
            Err(TryRecvError::Empty) => true,
            Err(TryRecvError::Closed) => {
                ended = true;
                true
            }
        });
        if ended { None } else { Some(self.delivery()) }
    }

    fn delivery(&self) -> Delivery {
        if self.waiting.is_empty() { Delivery::Done } else { Delivery::Queued }
    }
}

/// Where invalidations are synchronous, waits until no other process serves what was there before a message.
async fn heard(shared: &Shared, announced: Announced) {
    if let Some(life_ms) = shared.record_ms {
        shared.remote.heard_by_all(announced, &shared.origin, life_ms).await;
    }
}

/// Invalidates here at once; nobody waits for the remote tier, the queue has it.
pub(crate) fn begin_detached(engine: &Arc<Engine>, invalidation: Invalidation) {
    drop(begin(engine, invalidation));
}

type Acknowledged = tokio::sync::oneshot::Receiver<Announced>;

/// Takes effect in this process before it returns, and queues the rest; once per cache that is named.
fn begin(engine: &Arc<Engine>, mut invalidation: Invalidation) -> Vec<(Arc<Engine>, Acknowledged)> {
    let elsewhere = std::mem::take(&mut invalidation.elsewhere);
    let mut parts = vec![(engine.clone(), invalidation)];
    for Target { cache, key } in elsewhere {
        let Ok(named) = cache.downcast::<Engine>() else { continue };
        match parts.iter_mut().find(|(engine, _)| Arc::ptr_eq(engine, &named)) {
            Some((_, part)) => part.keys.push(key),
            None => parts.push((named, Invalidation::new().key(key))),
        }
    }
    let mut waiting = Vec::new();
    for (engine, part) in parts {
        if part.is_empty() {
            continue;
        }
        let timer = Timer::start();
        // Queued first, then ticked; a reader takes its tick first, then asks the queue. So a reader whose tick is
        // not older than this invalidation's finds it in the queue, or the remote tier clean.
        let acknowledged = engine.shared.as_ref().map(|shared| shared.pending.push(&part));
        engine.local.invalidate(&part);
        engine.events.invalidated(&part);
        match acknowledged {
            Some(acknowledged) => waiting.push((engine.clone(), acknowledged)),
            None => {
                let swept =
                    part.patterns.iter().map(|pattern| engine.local.sweep(pattern)).collect();
                report(&engine, &part, swept, timer);
            }
        }
    }
    waiting
}

/// The log lines of an invalidation that has reached every tier.
pub(crate) fn report(engine: &Engine, what: &Invalidation, removed: Vec<u64>, timer: Timer) {
    what.keys.iter().for_each(|key: &Key| engine.events.key_removed(key, timer));
    what.tags.iter().for_each(|tag| engine.events.tag_removed(tag, timer));
    for (pattern, keys) in what.patterns.iter().zip(removed) {
        engine.events.pattern_removed(pattern.as_str(), keys, timer);
    }
    if what.everything {
        engine.events.cleared(timer);
    }
}
