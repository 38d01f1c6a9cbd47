//! What the modelled files take from the rest of cached-core: the real keys and patterns, and the least of the others.

/// Locks and atomics at whose steps the scheduler may turn to another thread.
pub(crate) mod sync {
    pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    pub(crate) use shuttle::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
    pub(crate) use std::sync::PoisonError;

    pub(crate) const KEY_TICKS: usize = 2;
    pub(crate) const FLIGHT_SHARDS: usize = 2;
}

/// Time stands still.
pub(crate) mod clock {
    #[derive(Clone, Debug)]
    pub(crate) struct Clock;

    impl Clock {
        #[allow(clippy::unused_self, reason = "as the real one")]
        pub(crate) fn now(&self) -> u64 {
            0
        }

        #[allow(clippy::unused_self, reason = "as the real one")]
        pub(crate) fn grain(&self) -> u64 {
            0
        }
    }
}

pub(crate) mod invalidation {
    use cached_core::{Key, Pattern};

    #[derive(Debug, Default)]
    pub(crate) struct Invalidation {
        pub(crate) keys: Vec<Key>,
        pub(crate) tags: Vec<Key>,
        pub(crate) patterns: Vec<Pattern>,
        pub(crate) everything: bool,
    }

    impl Invalidation {
        pub(crate) fn new() -> Self {
            Self::default()
        }

        pub(crate) fn key(mut self, key: &str) -> Self {
            self.keys.push(key.into());
            self
        }

        pub(crate) fn tag(mut self, tag: &str) -> Self {
            self.tags.push(tag.into());
            self
        }

        pub(crate) fn pattern(mut self, glob: &str) -> Self {
            self.patterns.push(Pattern::parse(glob).expect("a valid glob"));
            self
        }

        pub(crate) fn everything(mut self) -> Self {
            self.everything = true;
            self
        }
    }
}

/// Bugs on purpose, for one test thread: a model is worth what it finds.
pub mod mutation {
    use std::cell::Cell;

    /// A bug.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Mutation {
        /// Entries are served and kept whatever was invalidated since.
        NoTicks,
        /// Whoever comes joins any flight that is in the air.
        JoinsAnyFlight,
        /// A put takes no second tick.
        NoSecondTick,
        /// A leader that brings nothing does not say so.
        SilentLeader,
    }

    thread_local! {
        static ON: Cell<Option<Mutation>> = const { Cell::new(None) };
    }

    /// Switches a bug on for this thread, and with it for the runs of a model.
    pub fn mutate(mutation: Mutation) {
        ON.set(Some(mutation));
    }

    pub(crate) fn is_on(mutation: Mutation) -> bool {
        ON.get() == Some(mutation)
    }
}
