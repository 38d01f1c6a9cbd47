//! The parts of one cache, wired together. What they do for a read or a write is told in `read` and `write`.

use crate::breaker::{Breaker, Permit};
use crate::clock::Clock;
use crate::events::Events;
use crate::flight::{Flights, HasFlights};
use crate::local::Local;
use crate::pending::Pending;
use crate::remote::transport::Fault;
use crate::remote::{Held, Remote};
use crate::ttl::Tiers;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;

pub(crate) struct Engine {
    /// Tells this cache from all others of the process, those that have ended too.
    pub(crate) id: usize,
    pub(crate) clock: Clock,
    pub(crate) tiers: Tiers,
    /// The largest share by which a lifetime is shortened at random, from 0 to 1.
    pub(crate) ttl_jitter: f64,
    pub(crate) events: Events,
    pub(crate) local: Local,
    pub(crate) flights: Flights,
    pub(crate) shared: Option<Arc<Shared>>,
}

/// What a cache with a remote tier has besides.
pub(crate) struct Shared {
    pub(crate) remote: Remote,
    pub(crate) breaker: Breaker,
    pub(crate) pending: Pending,
    /// Leases that this process holds.
    pub(crate) leases: AtomicUsize,
    pub(crate) unused: Unused,
    /// Names this cache among those that share the namespace.
    pub(crate) origin: String,
    /// How long an unheard backplane is still trusted, in milliseconds.
    pub(crate) backplane_timeout_ms: u64,
    /// Where invalidations are synchronous: how long a listener's record holds, in milliseconds.
    pub(crate) record_ms: Option<u64>,
    pub(crate) clock: Clock,
}

/// Leases that nothing will be stored under, and their keys, until a task gives them back: a batch leaves many at once.
#[derive(Default)]
pub(crate) struct Unused(Mutex<Vec<(Box<str>, Box<Held>)>>);

impl Unused {
    /// Adds one. Says whether it is the first: then nobody is about to take them.
    pub(crate) fn add(&self, key: Box<str>, held: Box<Held>) -> bool {
        let mut unused = self.lock();
        unused.push((key, held));
        unused.len() == 1
    }

    pub(crate) fn take(&self) -> Vec<(Box<str>, Box<Held>)> {
        std::mem::take(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Box<str>, Box<Held>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// The number of a cache that is built now.
    pub(crate) fn next_id() -> usize {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }

    /// A lifetime, shortened at random: what was stored at one moment does not end at one moment.
    pub(crate) fn jittered(&self, ttl_ms: u64) -> u64 {
        let shortened = ttl_ms as f64 * (1.0 - self.ttl_jitter * fastrand::f64());
        // Shortened to nothing it would not be stored at all.
        (shortened as u64).max(ttl_ms.min(1))
    }

    /// What the remote tier has answered, if it has: the breaker and the log are told how a step ended.
    pub(crate) fn settle<T>(
        &self,
        permit: Permit<'_>,
        step: &'static str,
        answer: Result<T, Fault>,
    ) -> Option<T> {
        match answer {
            Ok(answer) => {
                permit.succeeded();
                Some(answer)
            }
            Err(fault) => {
                permit.failed();
                self.events.fault(step, &fault);
                None
            }
        }
    }
}

impl HasFlights for Engine {
    fn flights(&self) -> &Flights {
        &self.flights
    }
}

impl Shared {
    /// The right to ask the remote tier, unless the breaker is open. Then nobody waits to find out whether it is well again:
    /// once its pause is over, a task does.
    pub(crate) fn permit(self: &Arc<Self>) -> Option<Permit<'_>> {
        let permit = self.breaker.permit();
        if permit.is_none() {
            self.try_in_background();
        }
        permit
    }

    /// A task was answered: a reason to find out whether the tier is well, where nobody asks it. It says no more than that one
    /// node of a cluster is.
    pub(crate) fn answered(self: &Arc<Self>) {
        if self.breaker.is_open() {
            self.try_in_background();
        }
    }

    #[cold]
    fn try_in_background(self: &Arc<Self>) {
        let Ok(runtime) = Handle::try_current() else { return };
        if !self.breaker.claim_trial() {
            return;
        }
        let trial = Trial { shared: self.clone(), well: None };
        runtime.spawn(trial.run());
    }
}

/// Tells the breaker what came of a trial, also if the runtime ends before it does.
struct Trial {
    shared: Arc<Shared>,
    well: Option<bool>,
}

impl Trial {
    async fn run(mut self) {
        // Any question will do that changes nothing.
        self.well = Some(self.shared.remote.is_sweeping().await.is_ok());
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        self.shared.breaker.tried(self.well);
    }
}

/// A cache's engine, borrowed where that is possible: a hit then counts no reference.
pub(crate) enum EngineRef<'a> {
    Borrowed(&'a Arc<Engine>),
    Owned(Arc<Engine>),
}

impl std::ops::Deref for EngineRef<'_> {
    type Target = Arc<Engine>;
    fn deref(&self) -> &Arc<Engine> {
        match self {
            Self::Borrowed(engine) => engine,
            Self::Owned(engine) => engine,
        }
    }
}

/// A cache dropped with invalidations waiting still delivers them: the deliverer ends when all is done.
impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(shared) = &self.shared {
            shared.pending.close();
        }
    }
}
