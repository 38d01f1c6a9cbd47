//! Invalidations that have not reached the remote tier yet: bounded, coalescing, and asked before remote entries
//! are trusted or filled. Who delivers them is `write`'s to say.

use crate::invalidation::Invalidation;
use crate::key::{Key, Pattern};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot, watch};

/// More targets than this widen to the whole namespace: nothing is dropped.
const MAX_TARGETS: usize = 10_000;

#[derive(Default)]
pub(crate) struct Pending {
    state: Mutex<State>,
    /// Targets waiting or on their way. Zero is the common case, and costs a reader one load.
    count: AtomicUsize,
    news: Notify,
    ended: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    waiting: Targets,
    /// Taken by the deliverer, not acknowledged yet.
    underway: Targets,
    acknowledge: Vec<oneshot::Sender<()>>,
    closed: bool,
}

#[derive(Default, Clone)]
struct Targets {
    keys: HashSet<Key>,
    tags: HashSet<Key>,
    patterns: HashSet<Pattern>,
    everything: bool,
}

/// What the deliverer has taken.
pub(crate) struct Batch {
    pub(crate) invalidation: Invalidation,
    acknowledge: Vec<oneshot::Sender<()>>,
}

impl Pending {
    /// Adds an invalidation; the receiver hears when it has reached the remote tier.
    pub(crate) fn push(&self, what: &Invalidation) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.lock();
        state.waiting.add(what);
        state.acknowledge.push(sender);
        self.recount(&state);
        drop(state);
        self.news.notify_one();
        receiver
    }

    /// Waits until there is something to deliver, and takes it. `None` once closed and empty.
    pub(crate) async fn take(&self) -> Option<Batch> {
        loop {
            {
                let mut state = self.lock();
                if state.waiting.len() > 0 {
                    state.underway = std::mem::take(&mut state.waiting);
                    let acknowledge = std::mem::take(&mut state.acknowledge);
                    return Some(Batch {
                        invalidation: state.underway.invalidation(),
                        acknowledge,
                    });
                }
                if state.closed {
                    return None;
                }
            }
            self.news.notified().await;
        }
    }

    /// The batch has reached the remote tier.
    pub(crate) fn delivered(&self, batch: Batch) {
        let mut state = self.lock();
        state.underway = Targets::default();
        self.recount(&state);
        drop(state);
        for waiter in batch.acknowledge {
            // A caller that stopped waiting loses nothing.
            let _ = waiter.send(());
        }
    }

    /// The batch did not get through: it waits again, together with what came meanwhile.
    pub(crate) fn returned(&self, batch: Batch) {
        let mut state = self.lock();
        let underway = std::mem::take(&mut state.underway);
        state.waiting.merge(underway);
        state.acknowledge.extend(batch.acknowledge);
        self.recount(&state);
    }

    /// No more will come: `take` ends when all is delivered.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.ended.send_replace(true);
        self.news.notify_one();
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
        let state = self.lock();
        let key = Key::verbatim(key);
        let tags: Vec<Key> = tags.into_iter().map(Key::verbatim).collect();
        [&state.waiting, &state.underway].iter().any(|targets| targets.affect(&key, &tags))
    }

    /// The tags that wait or are on their way: what carries one of them may be older than its invalidation.
    pub(crate) fn tags(&self) -> Vec<Key> {
        if self.count.load(Ordering::SeqCst) == 0 {
            return Vec::new();
        }
        let state = self.lock();
        state.waiting.tags.iter().chain(&state.underway.tags).cloned().collect()
    }

    /// How many targets wait or are on their way.
    pub(crate) fn len(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    fn recount(&self, state: &State) {
        self.count.store(state.waiting.len() + state.underway.len(), Ordering::SeqCst);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Targets {
    fn add(&mut self, what: &Invalidation) {
        self.merge(Self {
            keys: what.keys.iter().cloned().collect(),
            tags: what.tags.iter().cloned().collect(),
            patterns: what.patterns.iter().cloned().collect(),
            everything: what.everything,
        });
    }

    fn merge(&mut self, other: Self) {
        self.everything |= other.everything;
        self.keys.extend(other.keys);
        self.tags.extend(other.tags);
        self.patterns.extend(other.patterns);
        if self.everything || self.keys.len() + self.tags.len() + self.patterns.len() > MAX_TARGETS
        {
            *self = Self { everything: true, ..Self::default() };
        }
    }

    fn len(&self) -> usize {
        usize::from(self.everything) + self.keys.len() + self.tags.len() + self.patterns.len()
    }

    fn affect(&self, key: &Key, tags: &[Key]) -> bool {
        self.everything
            || self.keys.contains(key)
            || tags.iter().any(|tag| self.tags.contains(tag))
            || self.patterns.iter().any(|pattern| pattern.matches(key.as_str()))
    }

    fn invalidation(&self) -> Invalidation {
        let mut what = Invalidation::new();
        what.keys = self.keys.iter().cloned().collect();
        what.tags = self.tags.iter().cloned().collect();
        what.patterns = self.patterns.iter().cloned().collect();
        what.everything = self.everything;
        what
    }
}
