//! What is gathered only while somebody watches a cache: recent events, and the keys that are read most. Both are
//! bounded. Keys may name people, so they are kept only if that is asked for.

use serde::Serialize;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What to gather while a cache is watched; see [`Cache::watch`](crate::Cache::watch).
#[derive(Debug, Clone, Copy)]
#[must_use = "options do nothing by themselves"]
pub struct Watching {
    events: usize,
    keys: bool,
}

impl Default for Watching {
    fn default() -> Self {
        Self { events: 256, keys: false }
    }
}

impl Watching {
    /// The latest 256 events, without keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many events are remembered.
    pub fn events(mut self, events: usize) -> Self {
        self.events = events;
        self
    }

    /// Whether keys, tags and patterns are told in events, and the keys that are read most counted. Keys may hold
    /// personal data: whoever sees the watch sees them.
    pub fn keys(mut self, keys: bool) -> Self {
        self.keys = keys;
        self
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// A body ran and returned a value.
    Loaded,
    /// A body returned an error.
    LoadFailed,
    /// A value was served after its lifetime.
    Stale,
    /// A value was not stored, because an invalidation or another writer came first.
    Refused,
    /// An entry in the remote tier could not be used.
    Undecodable,
    /// A value could not be stored.
    Unstorable,
    /// This process invalidated.
    Invalidated,
    /// Another process invalidated.
    Received,
    /// The remote tier failed or timed out.
    RemoteFault,
    /// The local tier was dropped.
    LocalReset,
}

/// Something that happened in a watched cache.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// Counts up by one from event to event, from 1.
    pub number: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What.
    pub kind: EventKind,
    /// The template of the function that it concerns; empty if none.
    pub template: &'static str,
    /// The key, tag or pattern, if keys are told.
    pub key: Option<String>,
    /// How long it took, in microseconds.
    pub took_us: Option<u64>,
    /// Why, in words; empty if there is nothing to say.
    pub detail: String,
}

/// A key that is read often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HotKey {
    /// The key.
    pub key: String,
    /// How often it was read since the watch began; at most this much.
    pub reads: u64,
    /// By how much that may be too high.
    pub error: u64,
}

/// What happened, as its callers tell it.
pub(super) struct Told<'a> {
    pub(super) kind: EventKind,
    pub(super) template: &'static str,
    pub(super) key: &'a str,
    pub(super) took: Option<Duration>,
    pub(super) detail: String,
}

/// The memory of a watch.
pub(super) struct Watch {
    options: Watching,
    events: Mutex<(u64, VecDeque<Event>)>,
    keys: Mutex<Sketch>,
}

impl Watch {
    pub(super) fn new(options: Watching) -> Self {
        Self { options, events: Mutex::default(), keys: Mutex::default() }
    }

    pub(super) fn tell(&self, told: Told<'_>, at_ms: u64) {
        let mut events = lock(&self.events);
        events.0 += 1;
        let key = (self.options.keys && !told.key.is_empty()).then(|| told.key.to_owned());
        let event = Event {
            number: events.0,
            at_ms,
            kind: told.kind,
            template: told.template,
            key,
            took_us: told.took.map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX)),
            detail: told.detail,
        };
        events.1.push_back(event);
        while events.1.len() > self.options.events {
            events.1.pop_front();
        }
    }

    /// The events after a number, oldest first.
    pub(super) fn events_after(&self, number: u64) -> Vec<Event> {
        lock(&self.events).1.iter().filter(|event| event.number > number).cloned().collect()
    }

    pub(super) fn read(&self, key: &str) {
        // A read that meets another here is not counted: it shall not wait.
        if self.options.keys
            && let Ok(mut sketch) = self.keys.try_lock()
        {
            sketch.count(key);
        }
    }

    pub(super) fn hottest(&self, most: usize) -> Vec<HotKey> {
        lock(&self.keys).hottest(most)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The most frequent keys of a stream in bounded room: Space-Saving (Metwally, Agrawal, El Abbadi: Efficient Computation
/// of Frequent and Top-k Elements in Data Streams, ICDT 2005).
#[derive(Default)]
struct Sketch(HashMap<Box<str>, (u64, u64)>);

impl Sketch {
    const ROOM: usize = 256;

    fn count(&mut self, key: &str) {
        if let Some((reads, _)) = self.0.get_mut(key) {
            *reads += 1;
            return;
        }
        let mut least = 0;
        if self.0.len() >= Self::ROOM
            && let Some(rarest) = self.0.iter().min_by_key(|(_, (reads, _))| *reads)
        {
            least = rarest.1.0;
            let rarest = rarest.0.clone();
            self.0.remove(&rarest);
        }
        self.0.insert(key.into(), (least + 1, least));
    }

    fn hottest(&self, most: usize) -> Vec<HotKey> {
        let mut keys: Vec<HotKey> = self
            .0
            .iter()
            .map(|(key, (reads, error))| HotKey {
                key: key.to_string(),
                reads: *reads,
                error: *error,
            })
            .collect();
        keys.sort_by(|a, b| b.reads.cmp(&a.reads).then_with(|| a.key.cmp(&b.key)));
        keys.truncate(most);
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(key: &str) -> Told<'_> {
        let kind = EventKind::Loaded;
        Told { kind, template: "course:<id>", key, took: None, detail: String::new() }
    }

    #[test]
    fn the_frequent_keys_survive_many_rare_ones() {
        let mut sketch = Sketch::default();
        for at in 0..10_000 {
            sketch.count(&format!("rare:{at}"));
            sketch.count("often");
            if at % 2 == 0 {
                sketch.count("half as often");
            }
        }
        assert!(sketch.0.len() <= Sketch::ROOM);
        let hottest = sketch.hottest(2);
        assert_eq!([&*hottest[0].key, &*hottest[1].key], ["often", "half as often"]);
        assert_eq!((hottest[0].reads, hottest[0].error), (10_000, 0));
    }

    #[test]
    fn keys_are_kept_only_if_asked_for() {
        let quiet = Watch::new(Watching::new());
        quiet.tell(told("course:7"), 1);
        quiet.read("course:7");
        assert_eq!(quiet.events_after(0)[0].key, None);
        assert_eq!(quiet.hottest(9), []);
        let open = Watch::new(Watching::new().keys(true).events(2));
        for _ in 0..3 {
            open.tell(told("course:7"), 1);
        }
        let numbers: Vec<u64> = open.events_after(0).iter().map(|event| event.number).collect();
        assert_eq!(numbers, [2, 3], "the latest two");
        assert_eq!(open.events_after(2).len(), 1);
        assert_eq!(open.events_after(0)[0].key.as_deref(), Some("course:7"));
    }
}
