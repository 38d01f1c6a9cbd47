//! What the runtime does with flights and the local tier, step by step as in cached-core's `read` and `write`, and
//! what must hold in every order of these steps.

use crate::flight::{Flights, Landing, Role, Start, order};
use crate::invalidation::Invalidation;
use crate::local::{AnyEntry, Bounds, Entry, Local, Meta, Tick};
use crate::mutation::{Mutation, is_on};
use crate::stand_ins::clock::Clock;
use crate::stand_ins::sync::{AtomicU64, Ordering};
use shuttle::future::block_on;
use shuttle::thread;
use std::sync::Arc;

const KEY: &str = "course:7";
/// A key whose value is made of the other one's.
const RESTS_ON_IT: &str = "course:7:page";
const TAG: &str = "courses";

/// How a write says what it changed.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    /// By the key.
    Key,
    /// By a tag of the entry.
    Tag,
    /// By a pattern that matches the key.
    Pattern,
    /// By naming everything.
    Everything,
}

/// How a load ends, for the model of flights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// With a value.
    Well,
    /// With an error that is handed to the followers.
    Failed,
    /// Without an outcome: cancelled, or in a panic.
    Gone,
}

/// What a model counted, over all of its runs.
pub type Finding = Arc<std::sync::atomic::AtomicU64>;

/// A process: a source of truth, its local tier and its flights.
struct Process {
    source: AtomicU64,
    /// How many loads are running.
    loading: AtomicU64,
    local: Local,
    flights: Flights,
}

impl Process {
    fn new() -> Arc<Self> {
        let bounds = Bounds { entries: 100, bytes: 1 << 20, untrusted_ms: 1000 };
        Arc::new(Self {
            source: AtomicU64::new(1),
            loading: AtomicU64::new(0),
            local: Local::new(Clock, bounds),
            flights: Flights::new(),
        })
    }

    /// Commits the next version and invalidates; the version.
    fn write(&self, way: Way) -> u64 {
        let version = self.source.fetch_add(1, Ordering::SeqCst) + 1;
        self.local.invalidate(&match way {
            // Those that rest on it first: the other order is the easier one.
            Way::Key => Invalidation::new().key(RESTS_ON_IT).key(KEY),
            Way::Tag => Invalidation::new().tag(TAG),
            Way::Pattern => Invalidation::new().pattern("course:*"),
            Way::Everything => Invalidation::new().everything(),
        });
        version
    }

    fn find(&self) -> Option<u64> {
        self.find_at(KEY)
    }

    fn find_at(&self, key: &str) -> Option<u64> {
        let entry = self.local.find::<u64>(self.local.hash(key), key, Some(0))?;
        Some(entry.value)
    }

    fn keep(&self, entry: &Arc<Entry<u64>>) -> bool {
        self.keep_at(KEY, entry)
    }

    fn keep_at(&self, key: &str, entry: &Arc<Entry<u64>>) -> bool {
        self.local.insert(self.local.hash(key), key, entry.clone() as Arc<dyn AnyEntry>)
    }

    fn start(&self) -> Start {
        Start { tick: self.local.tick(), at: 0, order: order() }
    }

    /// A read without flights: the tier, else a load whose value is kept if it may be.
    fn read_alone(&self) -> u64 {
        if let Some(version) = self.find() {
            return version;
        }
        let start = self.local.tick();
        let version = self.source.load(Ordering::SeqCst);
        thread::yield_now();
        self.keep(&entry(version, start));
        version
    }

    /// A read of the value that is made of the other one, which is read within its load.
    fn read_nested(&self) -> u64 {
        if let Some(version) = self.find_at(RESTS_ON_IT) {
            return version;
        }
        let start = self.local.tick();
        let version = self.read_alone();
        self.keep_at(RESTS_ON_IT, &entry(version, start));
        version
    }

    /// A read as the runtime does it. `None` if its own load, or the one that it shared, failed.
    fn read(&self, ends: Ends) -> Option<u64> {
        if let Some(version) = self.find() {
            return Some(version);
        }
        let hash = self.local.hash(KEY);
        loop {
            let start = self.start();
            let outdated = |other: Start| {
                !is_on(Mutation::JoinsAnyFlight) && self.local.outdated(hash, other.tick)
            };
            match self.flights.join::<u64>(hash, KEY.into(), 0, start, outdated) {
                Role::Lead(leader) => {
                    if let Some(version) = self.find() {
                        leader.land(Landing::Value(entry(version, start.tick), 0));
                        return Some(version);
                    }
                    let began = self.start();
                    leader.begins_at(began);
                    self.loading.fetch_add(1, Ordering::SeqCst);
                    let version = self.source.load(Ordering::SeqCst);
                    thread::yield_now();
                    self.loading.fetch_sub(1, Ordering::SeqCst);
                    match ends {
                        Ends::Well => {
                            let entry = entry(version, began.tick);
                            self.keep(&entry);
                            leader.land(Landing::Value(entry, began.order));
                            return Some(version);
                        }
                        Ends::Failed => leader.land(Landing::Failed(Arc::new("gone"))),
                        Ends::Gone if is_on(Mutation::SilentLeader) => std::mem::forget(leader),
                        Ends::Gone => drop(leader),
                    }
                    return None;
                }
                Role::Follow(flight) => match block_on(flight.landed()) {
                    Landing::Value(entry, _) => {
                        return entry.downcast::<u64>().map(|entry| entry.value);
                    }
                    Landing::Failed(_) => return None,
                    Landing::None
                    | Landing::Stale(..)
                    | Landing::Overdue
                    | Landing::Overtime(_) => {}
                },
            }
        }
    }

    /// Puts a version: in the source, which here is the shared tier, and in the local tier.
    fn put(&self, version: u64) {
        let hash = self.local.hash(KEY);
        let since = self.local.invalidate(&Invalidation::new().key(KEY));
        self.source.store(version, Ordering::SeqCst);
        let start = if is_on(Mutation::NoSecondTick) {
            Some(since)
        } else {
            self.local.renew(hash, KEY, since)
        };
        match start {
            Some(start) => {
                self.keep(&entry(version, start));
            }
            None => {
                self.local.invalidate(&Invalidation::new().key(KEY));
            }
        }
    }
}

fn entry(version: u64, start: Tick) -> Arc<Entry<u64>> {
    let meta = Meta {
        start,
        verified: AtomicU64::new(0),
        began: 0,
        expires: 1000,
        fresh_until: 1000,
        stale_until: 1000,
        cost_ms: 0.0,
        schema: 0,
        tags: Box::new([TAG.into()]),
        weight: 1,
    };
    Arc::new(Entry { meta, value: version })
}

/// Two readers and a writer: whoever reads after the write's invalidation gets its version, and so does everybody in
/// the end. Counts the runs in which the tier answered the last read.
pub fn readers(way: Way, answered: &Finding) {
    let process = Process::new();
    let writer = {
        let process = process.clone();
        thread::spawn(move || {
            let version = process.write(way);
            // Nothing more: each step here makes it less likely that a reader sleeps through all of them.
            let found = process.find();
            assert!(found.is_none_or(|found| found >= version), "what was overwritten is served");
        })
    };
    let readers = [0, 1].map(|_| {
        let process = process.clone();
        thread::spawn(move || process.read_alone())
    });
    readers.into_iter().for_each(|reader| drop(reader.join()));
    writer.join().expect("the writer's assertion holds");
    if let Some(version) = process.find() {
        assert_eq!(version, 2, "a value from before the write is still served");
        answered.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }
}

/// Three callers, of whom the first one's load ends like this, and a writer. Nobody hangs; without a write no two loads
/// run at once; who calls after the write gets its version. Counts the callers who shared what another one brought.
pub fn callers(ends: Ends, write: Option<Way>, shared: &Finding) {
    let process = Process::new();
    let callers = [ends, Ends::Well, Ends::Well].map(|ends| {
        let (process, shared) = (process.clone(), shared.clone());
        thread::spawn(move || {
            if write.is_none() {
                assert!(process.loading.load(Ordering::SeqCst) < 2, "two loads at once");
            }
            if process.read(ends).is_some() && ends != Ends::Well {
                shared.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            }
        })
    });
    if let Some(way) = write {
        let version = process.write(way);
        let read = process.read(Ends::Well);
        assert!(read.is_none_or(|read| read >= version), "a caller shared an older load");
    }
    callers.into_iter().for_each(|caller| caller.join().expect("the caller's assertion holds"));
    assert_eq!(process.flights.len(), 0, "a flight has never landed");
    let last = process.source.load(Ordering::SeqCst);
    assert!(process.find().is_none_or(|version| version == last), "an older value is served");
}

/// One who puts two versions, and a reader: what the tier serves in the end is the last version.
/// Counts the runs in which it serves it.
pub fn putters(answered: &Finding) {
    let process = Process::new();
    let reader = {
        let process = process.clone();
        thread::spawn(move || {
            process.read_alone();
            process.read_alone();
        })
    };
    process.put(2);
    process.put(3);
    reader.join().expect("a reader does not panic");
    if let Some(version) = process.find() {
        assert_eq!(version, 3, "an older value than the one that was put is served");
        answered.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }
}

/// A value that is kept, a reader of one that is made of it, and a write that makes both untrue: what is kept of the second
/// in the end is not made of the older first. Counts the runs in which something is kept of it.
pub fn nested(way: Way, answered: &Finding) {
    let process = Process::new();
    process.read_alone();
    let readers = [0, 1].map(|_| {
        let process = process.clone();
        thread::spawn(move || process.read_nested())
    });
    let version = process.write(way);
    let found = process.find_at(RESTS_ON_IT);
    assert!(
        found.is_none_or(|found| found >= version),
        "what rests on what was overwritten is served"
    );
    readers.into_iter().for_each(|reader| drop(reader.join()));
    if let Some(version) = process.find_at(RESTS_ON_IT) {
        assert_eq!(version, 2, "what rests on an older value is still served");
        answered.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }
}
