//! What can be seen of a cache from outside: counts, durations, its state, and what its servers say of themselves.

use super::Cache;
use crate::breaker::BreakerState;
use crate::error::Error;
use crate::events::{Event, HotKey, Stats, TemplateStats, Watching};
use crate::remote::ServerInfo;
use serde::Serialize;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The state of a cache at one moment.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// Entries that the local tier holds, those that are no longer served included.
    pub local_entries: usize,
    /// Loads and look-ups under way.
    pub flights: usize,
    /// The remote tier's, if there is one.
    pub remote: Option<RemoteHealth>,
}

/// The state of the way to the remote tier.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct RemoteHealth {
    /// Whether it is asked.
    pub breaker: BreakerState,
    /// Invalidations that have not reached it.
    pub queued: usize,
    /// Rights to fill a key that this process holds.
    pub leases: usize,
    /// For how long, in milliseconds, other processes' invalidations may not have been heard: the backplane's lag. About
    /// half a second while all is well and nothing happens.
    pub backplane_lag_ms: u64,
    /// Whether that is too long for the local tier to be trusted.
    pub is_cut_off: bool,
}

impl Cache {
    /// Counts since the cache was built.
    pub fn stats(&self) -> Stats {
        self.engine.events.stats()
    }

    /// Counts and durations of each cached function of the program, in the order of
    /// [`Registry`](crate::registry::Registry), and last those of reads without the macros.
    pub fn template_stats(&self) -> Vec<TemplateStats> {
        self.engine.events.templates()
    }

    /// The state at this moment.
    pub fn health(&self) -> Health {
        let now = self.engine.clock.now();
        let trusted_until = self.engine.local.trusted_until();
        let remote = self.engine.shared.as_ref().map(|shared| RemoteHealth {
            breaker: shared.breaker.state(),
            queued: shared.pending.len(),
            leases: shared.leases.load(Ordering::Relaxed),
            backplane_lag_ms: now
                .saturating_sub(trusted_until.saturating_sub(shared.backplane_timeout_ms)),
            is_cut_off: now >= trusted_until,
        });
        Health { local_entries: self.local_len(), flights: self.flights(), remote }
    }

    /// How many entries the local tier holds, those that are no longer served included.
    pub fn local_len(&self) -> usize {
        self.engine.local.len()
    }

    /// How many loads and look-ups are under way.
    pub fn flights(&self) -> usize {
        self.engine.flights.len()
    }

    /// How many invalidations have not reached the remote tier.
    pub fn queued(&self) -> usize {
        self.engine.shared.as_ref().map_or(0, |shared| shared.pending.len())
    }

    /// Whether the remote tier is not asked at present, because it did not answer.
    pub fn is_remote_down(&self) -> bool {
        self.engine.shared.as_ref().is_some_and(|shared| shared.breaker.is_open())
    }

    /// Begins to gather recent events and durations of local hits and, if asked, keys. A hit costs two clock readings more
    /// from then on. The first call decides the options; a watch lasts as long as the cache.
    pub fn watch(&self, options: Watching) {
        self.engine.events.watch(options);
    }

    /// The remembered events after a number, oldest first; none of a cache that is not watched.
    pub fn events_after(&self, number: u64) -> Vec<Event> {
        self.engine.events.events_after(number)
    }

    /// The keys that were read most since the watch began, if it tells keys.
    pub fn hottest_keys(&self, most: usize) -> Vec<HotKey> {
        self.engine.events.hottest(most)
    }

    /// What the servers of the remote tier say of themselves (`INFO`): memory, evictions. `None` without a remote tier.
    ///
    /// # Errors
    /// [`ErrorKind::Remote`](crate::ErrorKind::Remote) if they do not answer within the operation timeout.
    ///
    /// # Cancel safety
    /// Safe: nothing is changed.
    pub async fn server_info(&self) -> Result<Option<ServerInfo>, Error> {
        let Some(shared) = &self.engine.shared else { return Ok(None) };
        shared.remote.server_info().await.map(Some).map_err(|fault| {
            Error::new(
                crate::error::ErrorKind::Remote,
                "the remote tier did not answer INFO: look whether the server runs and allows the command",
            )
            .with(fault)
        })
    }
}

impl RemoteHealth {
    /// The lag of the backplane.
    pub fn backplane_lag(&self) -> Duration {
        Duration::from_millis(self.backplane_lag_ms)
    }
}
