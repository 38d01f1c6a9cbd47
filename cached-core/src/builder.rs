//! `CacheBuilder`: the settings of a cache, checked when it is built.

mod servers;
mod stored;

use crate::breaker::Breaker;
use crate::cache::Cache;
use crate::clock::Clock;
use crate::codec::Coding;
use crate::engine::{Engine, Shared};
use crate::error::{Error, ErrorKind};
use crate::events::Events;
use crate::flight::Flights;
use crate::identity;
use crate::local::{Bounds, Local};
use crate::pending::Pending;
use crate::remote::transport::server::Server;
use crate::remote::transport::settings::Settings;
use crate::remote::{Layout, Remote};
use crate::ttl::{Tier, Tiers};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The settings of a [`Cache`]. Every one has a default.
#[must_use = "a builder does nothing until `build`"]
pub struct CacheBuilder {
    namespace: String,
    server: Server,
    #[cfg(feature = "tls")]
    tls: crate::remote::transport::Tls,
    tiers: Tiers,
    ttl_jitter: f64,
    coding: Coding,
    local: bool,
    max_keys_per_template: u64,
    local_entries: u64,
    local_bytes: u64,
    operation_timeout: Duration,
    lease: Duration,
    backplane_timeout: Duration,
    backplane_poll: Duration,
    synchronous: bool,
    clock: Clock,
}

impl Cache {
    /// Begins the description of a cache.
    pub fn builder() -> CacheBuilder {
        CacheBuilder::new()
    }
}

impl CacheBuilder {
    fn new() -> Self {
        Self {
            namespace: "cached".into(),
            server: Server::None,
            #[cfg(feature = "tls")]
            tls: Default::default(),
            tiers: Tiers::default(),
            ttl_jitter: 0.1,
            coding: Coding::default(),
            local: true,
            max_keys_per_template: 100_000,
            local_entries: 10_000,
            local_bytes: 64 << 20,
            operation_timeout: Duration::from_millis(500),
            lease: Duration::from_secs(2),
            backplane_timeout: Duration::from_secs(2),
            backplane_poll: Duration::from_millis(250),
            synchronous: false,
            clock: Clock::system(),
        }
    }

    /// Leads every key in the remote tier: the application and its environment, as in `lms:prod`. Default `cached`.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Adjusts a TTL tier.
    pub fn ttl(mut self, tier: Tier, duration: Duration) -> Self {
        self.tiers.set(tier, duration);
        self
    }

    /// The largest share by which each lifetime is shortened at random, from 0 to 1, so that what was stored together does
    /// not end together. Default 0.1.
    pub fn ttl_jitter(mut self, share: f64) -> Self {
        self.ttl_jitter = share;
        self
    }

    /// How many different keys of one template this process may look up remotely or load before a warning is logged, once.
    /// Nothing is refused; the number is counted approximately. Default 100,000; `u64::MAX` for no warning.
    pub fn max_keys_per_template(mut self, keys: u64) -> Self {
        self.max_keys_per_template = keys;
        self
    }

    /// The most entries that the local tier holds. Default 10,000.
    pub fn local_entries(mut self, entries: u64) -> Self {
        self.local_entries = entries;
        self
    }

    /// The most bytes that the local tier holds, with values counted at the length of their JSON. Default 64 MiB.
    pub fn local_bytes(mut self, bytes: u64) -> Self {
        self.local_bytes = bytes;
        self
    }

    /// Leaves the local tier out: every read asks the remote tier, so that a write which has answered is seen by every process
    /// at once. It costs each hit a round trip. `local = off` of `#[cached]` says the same of one function.
    pub fn local_off(mut self) -> Self {
        self.local = false;
        self
    }

    /// How long one operation of the remote tier may take before the read goes on without it. Default 500 ms.
    pub fn operation_timeout(mut self, timeout: Duration) -> Self {
        self.operation_timeout = timeout;
        self
    }

    /// How long one process may hold the right to fill a key, and others wait for it. Default 2 s: longer than the
    /// longest load that should be shared across processes.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// After how long without news from the backplane the local tier is not trusted any more. Default 2 s.
    pub fn backplane_timeout(mut self, timeout: Duration) -> Self {
        self.backplane_timeout = timeout;
        self
    }

    /// How often a transport that cannot wait for news asks for them, as Upstash' REST API: two requests each time. Redis
    /// connections wait and need none of this. Default 250 ms; above `backplane_timeout` the local tier is not trusted for long.
    pub fn backplane_poll(mut self, pause: Duration) -> Self {
        self.backplane_poll = pause;
        self
    }

    /// An invalidation returns only when no process serves the older value from its local tier any more: when all have
    /// heard it, which takes a few milliseconds, or `backplane_timeout` after it was sent, by which a process that has not
    /// heard trusts no local copy. Each process of the namespace must say so, with the same `backplane_timeout`.
    ///
    /// The price: a process that hears no backplane uses no local copies at all; and while one that died is on record, for
    /// `backplane_timeout` at the longest, invalidations wait for it.
    pub fn synchronous_invalidation(mut self) -> Self {
        self.synchronous = true;
        self
    }

    /// The clock, for tests.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Builds the cache. With a remote tier it must be called inside a tokio runtime, whose tasks it uses; the
    /// server need not answer.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a setting that cannot be used; the message says which, and what to write.
    pub fn build(self) -> Result<Cache, Error> {
        let settings = Settings {
            timeout: self.operation_timeout,
            #[cfg(feature = "tls")]
            tls: self.tls,
        };
        let transport = self.server.transport(&settings)?;
        let has_remote = transport.is_some();
        let millis = |duration: Duration| duration.as_millis().try_into().unwrap_or(u64::MAX);
        if !self.local && !has_remote {
            return Err(config(
                "`local_off` leaves no tier at all: name a server, such as `.redis(url)`, or keep the local tier",
            ));
        }
        let entries = positive("local_entries", self.local_entries)?;
        let bounds = Bounds {
            entries: if self.local { entries } else { 0 },
            bytes: positive("local_bytes", self.local_bytes)?,
            untrusted_ms: if self.synchronous { 0 } else { millis(self.backplane_timeout) },
        };
        if !(0.0..=1.0).contains(&self.ttl_jitter) {
            return Err(config(
                "`ttl_jitter` is a share from 0 to 1: 0.1 shortens lifetimes by up to a tenth",
            ));
        }
        let timeout_ms = time("operation_timeout", self.operation_timeout)?;
        let lease_ms = time("lease", self.lease)?;
        let backplane_timeout_ms = time("backplane_timeout", self.backplane_timeout)?;
        time("backplane_poll", self.backplane_poll)?;
        self.coding.check()?;
        let layout = layout(&self.namespace)?;
        let local = Local::new(self.clock.clone(), bounds);
        if has_remote {
            // Not before the backplane was heard once.
            local.trust_until(0);
        }
        let shared = transport.map(|transport| {
            let remote = Remote::new(
                transport,
                layout,
                self.coding,
                self.operation_timeout,
                self.backplane_poll,
                lease_ms,
            );
            Arc::new(Shared {
                breaker: Breaker::new(self.clock.clone(), timeout_ms),
                pending: Pending::bounded(remote.bound_of_names()),
                remote,
                leases: Default::default(),
                unused: Default::default(),
                origin: format!("{:016x}", identity::unique()),
                backplane_timeout_ms,
                record_ms: self.synchronous.then_some(backplane_timeout_ms),
                clock: self.clock.clone(),
            })
        });
        let engine = Arc::new(Engine {
            id: Engine::next_id(),
            events: Events::new(self.clock.clone(), self.max_keys_per_template),
            clock: self.clock,
            tiers: self.tiers,
            ttl_jitter: self.ttl_jitter,
            local,
            flights: Flights::new(),
            shared,
        });
        if has_remote {
            let runtime = tokio::runtime::Handle::try_current().map_err(|error| {
                config("a cache with a remote tier is built inside a tokio runtime: call `build` in an async fn")
                    .with(error)
            })?;
            crate::background::spawn(&engine, &runtime);
        }
        Ok(Cache { engine })
    }
}

impl fmt::Debug for CacheBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheBuilder").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

/// The names in a namespace.
fn layout(namespace: &str) -> Result<Layout, Error> {
    let layout = Layout::new(namespace).ok_or_else(|| {
        config("the namespace may hold letters, digits and `-_.:/`, and is 1 to 128 bytes long")
    })?;
    match within_another(namespace) {
        None => Ok(layout),
        Some((outer, part)) => Err(config(&format!(
            "what is in the namespace `{namespace}` would lie among the keys of `{outer}`, whose `clear` removes them: name \
             the part `{part}` otherwise"
        ))),
    }
}

/// A namespace that this one would lie in: parts called `k`, `t` and `l` are in names between a namespace and a key. And the
/// part.
fn within_another(namespace: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    namespace.split(':').find_map(|part| {
        let outer = namespace[..at].strip_suffix(':');
        at += part.len() + 1;
        Some((outer?, part)).filter(|(_, part)| matches!(*part, "k" | "t" | "l"))
    })
}

fn config(message: &str) -> Error {
    Error::new(ErrorKind::Config, message)
}

fn positive(setting: &str, value: u64) -> Result<u64, Error> {
    if value == 0 {
        return Err(config(&format!("`{setting}` is zero: give it at least 1, or 1 ms")));
    }
    Ok(value)
}

/// A time that is waited for, in milliseconds. Bounded: times are added up, and Redis takes no lifetime near the end of
/// 64 bits.
fn time(setting: &str, value: Duration) -> Result<u64, Error> {
    const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
    if value > LONGEST {
        return Err(config(&format!(
            "`{setting}` is longer than a day: nothing is waited for so long"
        )));
    }
    positive(setting, value.as_millis().try_into().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn times_that_cannot_be_waited_for_are_refused() {
        let set: [fn(CacheBuilder, Duration) -> CacheBuilder; 4] = [
            CacheBuilder::operation_timeout,
            CacheBuilder::lease,
            CacheBuilder::backplane_timeout,
            CacheBuilder::backplane_poll,
        ];
        for set in set {
            for time in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
                let error = set(Cache::builder(), time).build().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Config, "{error}");
            }
            set(Cache::builder(), Duration::from_secs(24 * 60 * 60)).build().unwrap();
        }
    }

    #[test]
    fn a_namespace_among_the_keys_of_another_is_refused() {
        let build = |namespace: &str| Cache::builder().namespace(namespace).build();
        for namespace in ["lms:k", "lms:t", "lms:l", "lms:prod:k", "lms:k:prod", "lms::k"] {
            let error = build(namespace).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{error}");
            assert!(error.to_string().contains(namespace), "{error}");
        }
        for namespace in ["k", "t:lms", "lms:kt", "lms:K", "lms/k", "lms:seq", ":", "lms:"] {
            build(namespace).unwrap();
        }
    }

    #[cfg(all(feature = "redis", feature = "tls"))]
    #[test]
    fn certificates_without_tls_are_refused() {
        let tls = crate::remote::transport::Tls::new().ca_pem("");
        let error = Cache::builder().redis("redis://host").tls(tls).build().unwrap_err();
        assert!(error.to_string().contains("rediss://"), "{error}");
    }
}
