//! Invalidations that have not reached the remote tier yet: bounded, coalescing, and asked before remote entries
//! are trusted or filled. Who delivers them is `background`'s to say.
//!
//! They wait in two lanes, so that keys and tags, which take one round trip, need not wait for patterns, which take
//! as many as there are thousands of keys on the server. An invalidation is delivered when its parts in both are.

mod targets;
#[cfg(test)]
mod tests;

use crate::invalidation::Invalidation;
use crate::key::Key;
use crate::remote::{Announced, Bound};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use targets::Targets;
use tokio::sync::{Notify, oneshot, watch};

/// Where a part of an invalidation waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Keys and tags.
    Named = 0,
    /// Patterns, and everything: what the server is searched for; with the names that came with them.
    Swept = 1,
}

#[derive(Default)]
pub(crate) struct Pending {
    state: Mutex<State>,
    /// For the names in a lane, where requests are bounded.
    bound: Option<Bound>,
    /// Targets waiting or on their way. Zero is the common case, and costs a reader one load.
    count: AtomicUsize,
    news: [Notify; 2],
    ended: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    lanes: [Waiting; 2],
    closed: bool,
}

#[derive(Default)]
struct Waiting {
    targets: Targets,
    /// Taken by the deliverer, not acknowledged yet.
    underway: Targets,
    acknowledge: Vec<Arc<Caller>>,
}

/// Who waits for an invalidation, and for how many parts of it yet.
struct Caller {
    parts: AtomicUsize,
    /// The latest message that tells of a part, and whom to tell.
    done: Mutex<(Announced, Option<oneshot::Sender<Announced>>)>,
}

/// What the deliverer of a lane has taken.
pub(crate) struct Batch {
    pub(crate) invalidation: Invalidation,
    lane: Lane,
    acknowledge: Vec<Arc<Caller>>,
}

impl Pending {
    /// More names than a request may have widen to everything.
    pub(crate) fn bounded(bound: Option<Bound>) -> Self {
        Self { bound, ..Self::default() }
    }

    /// Adds an invalidation; the receiver hears when it has reached the remote tier, and in which message others hear of it.
    pub(crate) fn push(&self, what: &Invalidation) -> oneshot::Receiver<Announced> {
        let (sender, receiver) = oneshot::channel();
        let parts = Targets::split(what);
        let count = parts.iter().filter(|part| part.len() > 0).count();
        let done = Mutex::new((Announced::default(), Some(sender)));
        let caller = Arc::new(Caller { parts: AtomicUsize::new(count), done });
        let mut state = self.lock();
        for (lane, part) in [Lane::Named, Lane::Swept].into_iter().zip(parts) {
            if part.len() > 0 {
                state.lanes[lane as usize].acknowledge.push(caller.clone());
                state.add(lane, part, self.bound);
            }
        }
        self.recount(&state);
        drop(state);
        self.news.iter().for_each(Notify::notify_one);
        receiver
    }

    /// Waits until there is something to deliver in a lane, and takes it. `None` once closed and empty.
    pub(crate) async fn take(&self, lane: Lane) -> Option<Batch> {
        loop {
            {
                let mut state = self.lock();
                let closed = state.closed;
                let waiting = &mut state.lanes[lane as usize];
                if waiting.targets.len() > 0 {
                    waiting.underway = std::mem::take(&mut waiting.targets);
                    let acknowledge = std::mem::take(&mut waiting.acknowledge);
                    let invalidation = waiting.underway.invalidation();
                    return Some(Batch { invalidation, lane, acknowledge });
                }
                if closed {
                    return None;
                }
            }
            self.news[lane as usize].notified().await;
        }
    }

    /// The batch has reached the remote tier; others hear of it in this message.
    pub(crate) fn delivered(&self, batch: Batch, announced: Announced) {
        let mut state = self.lock();
        state.lanes[batch.lane as usize].underway = Targets::default();
        self.recount(&state);
        drop(state);
        batch.acknowledge.iter().for_each(|caller| caller.part_is_done(announced));
    }

    /// The batch did not get through: it waits again, together with what came meanwhile.
    pub(crate) fn returned(&self, batch: Batch) {
        let mut state = self.lock();
        let waiting = &mut state.lanes[batch.lane as usize];
        let underway = std::mem::take(&mut waiting.underway);
        waiting.acknowledge.extend(batch.acknowledge);
        state.add(batch.lane, underway, self.bound);
        self.recount(&state);
        drop(state);
        // It may have widened into the other lane.
        self.news.iter().for_each(Notify::notify_one);
    }

    /// No more will come: `take` ends when all is delivered.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.ended.send_replace(true);
        self.news.iter().for_each(Notify::notify_one);
    }

    /// Waits until no more will come.
    pub(crate) async fn ended(&self) {
        let mut ended = self.ended.subscribe();
        // The sender lives as long as this, so the wait cannot fail.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Whether the remote tier's entry of a key may be older than an invalidation that is not there yet.
    #[inline]
    pub(crate) fn affects<'t>(&self, key: &str, tags: impl IntoIterator<Item = &'t str>) -> bool {
        if self.count.load(Ordering::SeqCst) == 0 {
            return false;
        }
        let key = Key::verbatim(key);
        let tags: Vec<Key> = tags.into_iter().map(Key::verbatim).collect();
        self.lock().all().any(|targets| targets.affect(&key, &tags))
    }

    /// The tags that wait or are on their way: what carries one of them may be older than its invalidation.
    pub(crate) fn tags(&self) -> Vec<Key> {
        if self.count.load(Ordering::SeqCst) == 0 {
            return Vec::new();
        }
        self.lock().all().flat_map(|targets| &targets.tags).cloned().collect()
    }

    /// How many targets wait or are on their way.
    pub(crate) fn len(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    fn recount(&self, state: &State) {
        self.count.store(state.all().map(Targets::len).sum(), Ordering::SeqCst);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Adds targets to those that wait in a lane. Too many names widen to everything, which is looked for.
    fn add(&mut self, lane: Lane, targets: Targets, bound: Option<Bound>) {
        self.lanes[lane as usize].targets.merge(targets, bound);
        let [named, swept] = &mut self.lanes;
        if named.targets.everything {
            swept.targets.merge(std::mem::take(&mut named.targets), bound);
            swept.acknowledge.append(&mut named.acknowledge);
        }
    }

    fn all(&self) -> impl Iterator<Item = &Targets> {
        self.lanes.iter().flat_map(|waiting| [&waiting.targets, &waiting.underway])
    }
}

impl Caller {
    fn part_is_done(&self, announced: Announced) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.0 = done.0.max(announced);
        if self.parts.fetch_sub(1, Ordering::SeqCst) == 1
            && let Some(sender) = done.1.take()
        {
            // A caller that stopped waiting loses nothing.
            let _ = sender.send(done.0);
        }
    }
}
