//! Flights: one look-up or load of a key in this process, shared by all who ask for it meanwhile.
//!
//! The leader's own task runs the load; nothing is spawned. However a leader ends, its followers go on:
//!
//! | the leader | its followers |
//! |---|---|
//! | has a value | take a clone |
//! | serves a stale one | take a clone if their function has the same windows; else one of them leads |
//! | has an error that can be cloned | take a clone; but of a load of many keys only those who want many |
//! | has another error | lead one after the other |
//! | has waited for its load as long as its `timeout` says | have waited for it too, if theirs is not longer; who came late leads |
//! | is cancelled, or panics | one of them leads |
//!
//! Who comes after an invalidation does not join a flight that began before it: see [`Flights::join`].

use crate::sync::{AtomicBool, AtomicU64, FLIGHT_SHARDS, Mutex, MutexGuard, Ordering, PoisonError};
use std::any::{Any, TypeId};
use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::SetOnce;

/// An error that followers can take a clone of.
pub(crate) type SharedError = Arc<dyn Any + Send + Sync>;
/// A value, as its local entry.
pub(crate) type SharedValue = Arc<dyn crate::local::AnyEntry>;

/// For how many milliseconds after their lifetime a function's values are served while they are loaded anew, and in place
/// of an error.
pub(crate) type Windows = [Option<u64>; 2];

/// A moment at which a flight, a read or a load begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    /// Among invalidations.
    pub(crate) tick: u64,
    /// On the cache's clock, in milliseconds.
    pub(crate) at: u64,
    /// Among the flights and loads of this process: see [`order`].
    pub(crate) order: u64,
}

/// The next place in the order of this process' flights and loads; 0 is before all of them.
pub(crate) fn order() -> u64 {
    // Not of `sync`: a static outlives each run of a model.
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::SeqCst)
}

/// How a flight ended.
#[derive(Clone)]
pub(crate) enum Landing {
    /// A value, and the place in the [`order`] that it is not older than.
    Value(SharedValue, u64),
    /// One whose lifetime has ended: the leader's function allows it, by these windows.
    Stale(SharedValue, Windows),
    Failed(SharedError),
    /// Its load took longer than this, and was given up.
    Overtime(Duration),
    /// No outcome that can be shared: lead yourself.
    None,
    /// It has not ended: the follower has waited for long enough.
    Overdue,
}

pub(crate) struct Flights {
    shards: Box<[Mutex<Shard>]>,
    /// Keys that a background task loads anew.
    background: Mutex<HashSet<Box<str>>>,
}

/// The right to load a key anew in the background; given back when dropped.
pub(crate) struct Background {
    engine: Arc<dyn HasFlights>,
    key: Box<str>,
}

/// Whatever holds the flights, so that a background task can.
pub(crate) trait HasFlights: Send + Sync {
    fn flights(&self) -> &Flights;
}

impl Background {
    /// Takes the right, if nobody has it.
    pub(crate) fn claim(engine: Arc<dyn HasFlights>, key: &str) -> Option<Self> {
        let first = engine.flights().background().insert(key.into());
        first.then(|| Self { engine, key: key.into() })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.engine.flights().background().remove(&self.key);
    }
}

type Shard = HashSet<Flying, foldhash::fast::RandomState>;

#[derive(PartialEq, Eq)]
struct FlightKey {
    /// The key's hash, which whoever asks has already.
    hash: u64,
    value: TypeId,
    schema: u32,
    key: Arc<str>,
}

impl Hash for FlightKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl FlightKey {
    fn of<T: 'static>(hash: u64, key: Arc<str>, schema: u32) -> Self {
        Self { hash, value: TypeId::of::<T>(), schema, key }
    }
}

/// A flight in the air, found by its key.
struct Flying(Arc<Flight>);

impl Borrow<FlightKey> for Flying {
    fn borrow(&self) -> &FlightKey {
        &self.0.key
    }
}

impl Hash for Flying {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}

impl PartialEq for Flying {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for Flying {}

pub(crate) struct Flight {
    key: FlightKey,
    /// When what it returns began: a [`Start`].
    tick: AtomicU64,
    at: AtomicU64,
    order: AtomicU64,
    landing: SetOnce<Landing>,
    /// Set when the tiers were asked and the load begins.
    loads: SetOnce<()>,
    /// Whether one load brings the values of many keys.
    of_many: AtomicBool,
}

/// What a caller is to do.
pub(crate) enum Role<'a> {
    Lead(Leader<'a>),
    Follow(Arc<Flight>),
}

/// The duty to end a flight. Dropped without an outcome (cancelled, panicked), it lets a follower lead.
pub(crate) struct Leader<'a> {
    flights: &'a Flights,
    flight: Arc<Flight>,
    /// It ends once.
    ended: AtomicBool,
}

impl Flights {
    pub(crate) fn new() -> Self {
        Self {
            shards: (0..FLIGHT_SHARDS).map(|_| Mutex::default()).collect(),
            background: Mutex::default(),
        }
    }

    /// Joins the flight of a key, or begins one.
    ///
    /// `start` is that of a flight that begins now. `outdated` says of another one's whether an invalidation came
    /// since, or may have: then the caller, who may have come after it, must not be given what that flight brings. It
    /// begins its own.
    pub(crate) fn join<T: 'static>(
        &self,
        hash: u64,
        key: Arc<str>,
        schema: u32,
        start: Start,
        outdated: impl Fn(Start) -> bool,
    ) -> Role<'_> {
        let key = FlightKey::of::<T>(hash, key, schema);
        let mut flights = self.shard(hash);
        if let Some(Flying(flight)) = flights.get(&key)
            && flight.landing.get().is_none()
            && !outdated(flight.start())
        {
            return Role::Follow(flight.clone());
        }
        let flight = Arc::new(Flight {
            key,
            tick: AtomicU64::new(start.tick),
            at: AtomicU64::new(start.at),
            order: AtomicU64::new(start.order),
            landing: SetOnce::new(),
            loads: SetOnce::new(),
            of_many: AtomicBool::new(false),
        });
        // In the place of one that has ended or is outdated.
        flights.replace(Flying(flight.clone()));
        Role::Lead(Leader { flights: self, flight, ended: AtomicBool::new(false) })
    }

    /// The flight of a key, if there is one to join.
    pub(crate) fn find<T: 'static>(
        &self,
        hash: u64,
        key: Arc<str>,
        schema: u32,
        outdated: impl Fn(Start) -> bool,
    ) -> Option<Arc<Flight>> {
        let key = FlightKey::of::<T>(hash, key, schema);
        let flights = self.shard(hash);
        let Flying(flight) = flights.get(&key).filter(|it| it.0.landing.get().is_none())?;
        (!outdated(flight.start())).then(|| flight.clone())
    }

    /// How many flights are in the air.
    pub(crate) fn len(&self) -> usize {
        (0..FLIGHT_SHARDS).map(|shard| self.lock(shard).len()).sum()
    }

    fn background(&self) -> MutexGuard<'_, HashSet<Box<str>>> {
        self.background.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those whose keys have such a hash.
    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        self.lock(hash as usize % FLIGHT_SHARDS)
    }

    fn lock(&self, shard: usize) -> MutexGuard<'_, Shard> {
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    pub(crate) fn start(&self) -> Start {
        Start {
            tick: self.tick.load(Ordering::SeqCst),
            at: self.at.load(Ordering::SeqCst),
            order: self.order.load(Ordering::SeqCst),
        }
    }

    /// Whether its load is one of many keys: a failure is then not of this key alone, or not of this key at all.
    pub(crate) fn is_of_many(&self) -> bool {
        self.of_many.load(Ordering::SeqCst)
    }

    /// Waits for the load to begin, the leader's or one elsewhere that it waits for: before, it is busy with the tiers.
    ///
    /// # Cancel safety
    /// Safe: nothing is changed.
    pub(crate) async fn loads(&self) {
        self.loads.wait().await;
    }

    /// Waits for the end.
    ///
    /// # Cancel safety
    /// A follower that is cancelled leaves the flight as it is.
    pub(crate) async fn landed(&self) -> Landing {
        self.landing.wait().await.clone()
    }
}

impl Leader<'_> {
    /// The load is one of many keys.
    pub(crate) fn leads_many(&self) {
        self.flight.of_many.store(true, Ordering::SeqCst);
    }

    /// Another process loads, and the leader waits for that.
    pub(crate) fn waits(&self) {
        // Once is enough.
        let _ = self.flight.loads.set(());
    }

    /// The load begins only now: who comes after an invalidation before this moment may join.
    pub(crate) fn begins_at(&self, start: Start) {
        // A caller between the stores sees an older moment than need be, and begins a flight of its own.
        self.flight.tick.store(start.tick, Ordering::SeqCst);
        self.flight.at.store(start.at, Ordering::SeqCst);
        self.flight.order.store(start.order, Ordering::SeqCst);
        // Unless somebody else's load was waited for.
        let _ = self.flight.loads.set(());
    }

    /// Ends the flight.
    pub(crate) fn land(self, landing: Landing) {
        self.end(landing);
    }

    fn end(&self, landing: Landing) {
        let flight = &self.flight;
        if self.ended.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut flights = self.flights.shard(flight.key.hash);
        if let Some(Flying(later)) = flights.take(&flight.key)
            && !Arc::ptr_eq(&later, flight)
        {
            // It has taken the place, and keeps it.
            flights.insert(Flying(later));
        }
        drop(flights);
        // Nobody follows it, nor can any more.
        if Arc::strong_count(flight) > 1 {
            let _ = flight.landing.set(landing);
        }
    }
}

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        self.end(Landing::None);
    }
}
