//! What happened: counts that can be read at any time, and log lines through `tracing`.
//!
//! Keys are logged at `debug` only. Nothing here decides anything.

mod keys;
mod latency;
mod spans;
mod stats;
mod tally;
mod watch;

pub use latency::Latency;
pub(crate) use spans::{span_of_invalidation, span_of_load, span_of_lookup};
pub use stats::{Stats, TemplateStats};
pub use watch::{Event, EventKind, HotKey, Watching};

use crate::clock::Clock;
use crate::invalidation::Invalidation;
use crate::key::{Key, Rendered};
use crate::site;
use keys::Keys;
use latency::Histogram;
use stats::Counters;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tally::{Tally, What};
use watch::{Told, Watch};

/// The tier that answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    Local,
    Remote,
    Shared,
    Request,
}

/// What no tier has answered: counted as a miss when this ends, unless a stale value was served.
#[must_use = "it is counted when it ends"]
pub(crate) struct Missed<'a> {
    tally: &'a Tally,
    of: usize,
    is_counted: bool,
}

impl Missed<'_> {
    /// It is none: a stale value was served, which is counted as such.
    pub(crate) fn answered(&mut self) {
        self.is_counted = false;
    }
}

impl Drop for Missed<'_> {
    fn drop(&mut self) {
        if self.is_counted {
            self.tally.add(self.of, What::Miss);
        }
    }
}

/// Counts and logs for one cache. `of` is the index of a function's template.
pub(crate) struct Events {
    pub(crate) count: Counters,
    tally: Tally,
    latencies: Box<[Latencies]>,
    keys: Box<[OnceLock<Keys>]>,
    /// A template with more keys than this is warned of.
    keys_limit: u64,
    clock: Clock,
    /// When values of each template that cannot be stored may be warned of again, on the clock.
    warns_from: Box<[AtomicU64]>,
    is_watched: AtomicBool,
    watch: OnceLock<Watch>,
}

/// The durations of one template; a histogram is made when the first is measured.
#[derive(Default)]
struct Latencies {
    local: OnceLock<Box<Histogram>>,
    remote: OnceLock<Box<Histogram>>,
    load: OnceLock<Box<Histogram>>,
}

/// A stopwatch that may stand still.
#[derive(Clone, Copy)]
pub(crate) struct Timer(Option<Instant>);

impl Timer {
    /// Runs only if somebody listens.
    #[inline]
    pub(crate) fn start() -> Self {
        Self(tracing::enabled!(target: TARGET, tracing::Level::DEBUG).then(Instant::now))
    }

    /// Runs only if somebody listens or watches.
    #[inline]
    pub(crate) fn of(events: &Events) -> Self {
        if events.is_watched.load(Ordering::Relaxed) {
            return Self::running();
        }
        Self::start()
    }

    /// Runs: where a clock more does not count.
    pub(crate) fn running() -> Self {
        Self::since(Instant::now())
    }

    pub(crate) fn since(start: Instant) -> Self {
        Self(Some(start))
    }

    fn elapsed(self) -> Option<Elapsed> {
        self.0.map(|start| Elapsed(start.elapsed()))
    }
}

pub(crate) const TARGET: &str = "cached_core";

impl Events {
    pub(crate) fn new(clock: Clock, keys_limit: u64) -> Self {
        let templates = site::reads().len();
        Self {
            count: Counters::default(),
            tally: Tally::new(templates),
            latencies: (0..=templates).map(|_| Latencies::default()).collect(),
            keys: (0..=templates).map(|_| OnceLock::new()).collect(),
            keys_limit,
            clock,
            warns_from: (0..=templates).map(|_| AtomicU64::new(0)).collect(),
            is_watched: AtomicBool::new(false),
            watch: OnceLock::new(),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.count.snapshot(self.tally.all())
    }

    /// What was counted for each template, that of reads without the macros last.
    pub(crate) fn templates(&self) -> Vec<TemplateStats> {
        let snapshot = |histogram: &OnceLock<Box<Histogram>>| {
            histogram.get().map(|histogram| histogram.snapshot()).unwrap_or_default()
        };
        let stats = |of: usize, template, function| {
            let mut stats = TemplateStats::new(template, function, self.tally.of(of));
            stats.keys = self.keys.get(of).and_then(OnceLock::get).map_or(0, Keys::count);
            if let Some(latencies) = self.latencies.get(of) {
                stats.local = snapshot(&latencies.local);
                stats.remote = snapshot(&latencies.remote);
                stats.load = snapshot(&latencies.load);
            }
            stats
        };
        let reads = site::reads().iter().enumerate();
        let mut all: Vec<TemplateStats> = reads
            .map(|(at, site)| {
                stats(at + 1, site.template, format!("{}::{}", site.module, site.function))
            })
            .collect();
        all.push(stats(0, "", String::new()));
        all
    }

    pub(crate) fn watch(&self, options: Watching) {
        self.watch.get_or_init(|| Watch::new(options));
        self.is_watched.store(true, Ordering::Relaxed);
    }

    /// The events after a number; none without a watch.
    pub(crate) fn events_after(&self, number: u64) -> Vec<Event> {
        self.watch.get().map(|watch| watch.events_after(number)).unwrap_or_default()
    }

    pub(crate) fn hottest(&self, most: usize) -> Vec<HotKey> {
        self.watch.get().map(|watch| watch.hottest(most)).unwrap_or_default()
    }

    fn tell(&self, kind: EventKind, of: usize, key: &str, took: Option<Duration>, detail: String) {
        if let Some(watch) = self.watch.get() {
            watch.tell(Told { kind, template: template(of), key, took, detail }, self.clock.wall());
        }
    }

    fn record(&self, of: usize, pick: fn(&Latencies) -> &OnceLock<Box<Histogram>>, took: Duration) {
        if let Some(latencies) = self.latencies.get(of) {
            pick(latencies).get_or_init(Box::default).record(took);
        }
    }

    /// Part of every hit's way, so that it is no call of its own.
    #[inline(always)]
    pub(crate) fn hit(&self, of: usize, key: Rendered<'_>, tier: Tier, timer: Timer) {
        let what = match tier {
            Tier::Local => What::LocalHit,
            Tier::Remote => What::RemoteHit,
            Tier::Shared => What::Shared,
            Tier::Request => What::RequestHit,
        };
        self.tally.add(of, what);
        if let Some(start) = timer.0 {
            self.timed_hit(of, key, tier, start);
        }
    }

    #[cold]
    fn timed_hit(&self, of: usize, key: Rendered<'_>, tier: Tier, start: Instant) {
        let (took, key) = (Elapsed(start.elapsed()), key.text());
        let name = match tier {
            Tier::Local => "local",
            Tier::Remote => "remote",
            Tier::Shared => "shared",
            Tier::Request => "request",
        };
        match tier {
            Tier::Local => self.record(of, |latencies| &latencies.local, took.0),
            Tier::Remote => self.record(of, |latencies| &latencies.remote, took.0),
            Tier::Shared | Tier::Request => {}
        }
        if let Some(watch) = self.watch.get() {
            watch.read(key);
        }
        tracing::debug!(
            target: TARGET, op = "GET", key, outcome = "hit", tier = name, us = took.micros(),
            "GET {key}: HIT {name} ({took})"
        );
    }

    /// A key that the local tier had not: looked up remotely, or loaded.
    pub(crate) fn key(&self, of: usize, hash: u64) {
        let Some(keys) = self.keys.get(of).map(|keys| keys.get_or_init(Keys::default)) else {
            return;
        };
        let Some(count) = keys.note(hash, self.keys_limit) else { return };
        // Reads without the macros have no template in common.
        if let Some(site) = of.checked_sub(1).and_then(|at| site::reads().get(at)) {
            let (template, limit) = (site.template, self.keys_limit);
            tracing::warn!(
                target: TARGET, template, keys = count, limit,
                "`{template}` has had about {count} keys in this process, more than `max_keys_per_template`: does something \
                 in it differ in every call?"
            );
        }
    }

    /// No tier has answered a read.
    pub(crate) fn miss(&self, of: usize, key: &str) -> Missed<'_> {
        if let Some(watch) = self.watch.get() {
            watch.read(key);
        }
        tracing::debug!(target: TARGET, op = "GET", key, outcome = "miss", "GET {key}: MISS");
        Missed { tally: &self.tally, of, is_counted: true }
    }

    pub(crate) fn stale(&self, of: usize, key: &str, why: &str) {
        self.tally.add(of, What::StaleHit);
        self.tell(EventKind::Stale, of, key, None, why.to_owned());
        tracing::debug!(target: TARGET, op = "GET", key, outcome = "stale", "GET {key}: STALE, {why}");
    }

    pub(crate) fn loaded(&self, of: usize, key: &str, took: Duration, ok: bool) {
        self.tally.add(of, What::Load);
        if !ok {
            self.tally.add(of, What::LoadError);
        }
        self.record(of, |latencies| &latencies.load, took);
        let kind = if ok { EventKind::Loaded } else { EventKind::LoadFailed };
        self.tell(kind, of, key, Some(took), String::new());
        let (took, verb) = (Elapsed(took), if ok { "LOADED" } else { "FAILED" });
        tracing::debug!(target: TARGET, op = "LOAD", key, ok, us = took.micros(), "LOAD {key}: {verb} ({took})");
    }

    /// A caller has waited for a load as long as it may.
    pub(crate) fn overtime(&self, of: usize, key: &str, limit: Duration) {
        self.tally.add(of, What::LoadTimeout);
        let limit = Elapsed(limit);
        tracing::debug!(target: TARGET, op = "LOAD", key, outcome = "timeout", "LOAD {key}: not waited for beyond {limit}");
    }

    pub(crate) fn filled(&self, of: usize) {
        self.tally.add(of, What::Fill);
    }

    pub(crate) fn stored(&self, key: &str, ttl_ms: u64, timer: Timer) {
        if let Some(took) = timer.elapsed() {
            let ttl = Seconds(ttl_ms);
            tracing::debug!(
                target: TARGET, op = "SET", key, ttl_ms, us = took.micros(), "SET {key}: {ttl} TTL ({took})"
            );
        }
    }

    pub(crate) fn refused(&self, of: usize, key: &str) {
        self.tally.add(of, What::FillRefused);
        self.tell(EventKind::Refused, of, key, None, String::new());
        tracing::debug!(target: TARGET, op = "SET", key, outcome = "refused", "SET {key}: refused, invalidated meanwhile");
    }

    pub(crate) fn undecodable(&self, of: usize, key: &str, why: &dyn fmt::Display) {
        self.tally.add(of, What::Undecodable);
        // The reason may quote the value.
        self.tell(EventKind::Undecodable, of, key, None, String::new());
        tracing::debug!(target: TARGET, op = "GET", key, outcome = "undecodable", "GET {key}: undecodable entry, a miss: {why}");
    }

    pub(crate) fn unstorable(&self, of: usize, key: &str, why: &dyn fmt::Display) {
        self.tally.add(of, What::Unstorable);
        self.tell(EventKind::Unstorable, of, key, None, why.to_string());
        tracing::debug!(target: TARGET, op = "SET", key, outcome = "unstorable", "SET {key}: not stored: {why}");
        if self.warns_now(of) {
            let template = template(of);
            tracing::warn!(target: TARGET, template, outcome = "unstorable", "a value was not stored: {why}");
        }
    }

    /// Whether to warn of a template's values now. As a rule each load of one has the same to say.
    fn warns_now(&self, of: usize) -> bool {
        const PAUSE_MS: u64 = 60_000;
        let (Some(from), now) = (self.warns_from.get(of), self.clock.now()) else { return true };
        let next = |from| (from <= now).then(|| now.saturating_add(PAUSE_MS));
        from.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }

    pub(crate) fn fault(&self, what: &str, why: &dyn fmt::Display) {
        self.count.remote_faults.add(1);
        self.tell(EventKind::RemoteFault, 0, "", None, format!("{what}: {why}"));
        tracing::warn!(target: TARGET, operation = what, "the remote tier failed at {what}: {why}");
    }

    /// This process invalidates.
    pub(crate) fn invalidated(&self, what: &Invalidation) {
        let (keys, tags) = (what.keys.len() as u64, what.tags.len() as u64);
        let (patterns, clears) = (what.patterns.len() as u64, u64::from(what.everything));
        self.count.keys_invalidated.add(keys);
        self.count.tags_invalidated.add(tags);
        self.count.patterns_invalidated.add(patterns);
        self.count.clears.add(clears);
        self.count.invalidations.add(keys + tags + patterns + clears);
        self.tell_invalidation(EventKind::Invalidated, what);
    }

    /// Another process has invalidated.
    pub(crate) fn received(&self, what: &Invalidation) {
        self.count.invalidations_received.add(1);
        self.tell_invalidation(EventKind::Received, what);
    }

    fn tell_invalidation(&self, kind: EventKind, what: &Invalidation) {
        if self.watch.get().is_none() {
            return;
        }
        let named = what.keys().map(|key| ("key", key)).chain(what.tags().map(|tag| ("tag", tag)));
        let named = named.chain(what.patterns().map(|pattern| ("pattern", pattern)));
        for (sort, text) in named.chain(what.everything.then_some(("everything", ""))) {
            self.tell(kind, 0, text, None, sort.to_owned());
        }
    }

    /// The cache has ended with invalidations in its queue: nobody is left to deliver them, or to count this.
    pub(crate) fn undelivered(waiting: usize, why: &dyn fmt::Display) {
        tracing::error!(
            target: TARGET, waiting,
            "a cache was dropped with {waiting} invalidations that the remote tier has not got: other processes may serve \
             older values until their lifetimes end ({why})"
        );
    }

    pub(crate) fn key_removed(&self, key: &Key, timer: Timer) {
        if let Some(took) = timer.elapsed() {
            tracing::debug!(target: TARGET, op = "DEL", key = key.as_str(), us = took.micros(), "DEL {key} ({took})");
        }
    }

    pub(crate) fn tag_removed(&self, tag: &Key, timer: Timer) {
        if let Some(took) = timer.elapsed() {
            tracing::debug!(target: TARGET, op = "DEL", tag = tag.as_str(), us = took.micros(), "DEL tag {tag} ({took})");
        }
    }

    pub(crate) fn pattern_removed(&self, pattern: &str, keys: u64, timer: Timer) {
        if let Some(took) = timer.elapsed() {
            tracing::debug!(
                target: TARGET, op = "DEL", pattern, keys, us = took.micros(),
                "DEL pattern {pattern}: {keys} keys ({took})"
            );
        }
    }

    pub(crate) fn cleared(&self, timer: Timer) {
        if let Some(took) = timer.elapsed() {
            tracing::debug!(target: TARGET, op = "CLEAR", us = took.micros(), "CLEAR ({took})");
        }
    }

    pub(crate) fn local_reset(&self, why: &str) {
        self.count.local_resets.add(1);
        self.tell(EventKind::LocalReset, 0, "", None, why.to_owned());
        tracing::debug!(target: TARGET, "the local tier was dropped: {why}");
    }
}

/// Prints `0.4 µs`, `1.2 ms`, `3.4 s`.
#[derive(Clone, Copy)]
struct Elapsed(Duration);

impl Elapsed {
    fn micros(self) -> f64 {
        self.0.as_nanos() as f64 / 1000.0
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.micros() {
            us if us < 1_000.0 => write!(f, "{us:.1} µs"),
            us if us < 1_000_000.0 => write!(f, "{:.1} ms", us / 1_000.0),
            us => write!(f, "{:.1} s", us / 1_000_000.0),
        }
    }
}

/// A template by its index; empty for reads without the macros.
fn template(of: usize) -> &'static str {
    of.checked_sub(1).and_then(|at| site::reads().get(at)).map_or("", |site| site.template)
}

/// Prints `300s`, `0.5s`.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) {
            write!(f, "{}s", self.0 / 1000)
        } else {
            write!(f, "{}s", self.0 as f64 / 1000.0)
        }
    }
}
