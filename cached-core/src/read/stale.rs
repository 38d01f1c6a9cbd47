//! Entries of the remote tier that stay there, for others to serve, while one process loads anew: those whose lifetime
//! has ended, for as long as the function's windows allow, and those that a refresh scope wants anew.

use super::call::{self, Call};
use super::found::copy;
use super::peek::look;
use crate::codec::{self, CacheValue};
use crate::engine::Shared;
use crate::flight::Start;
use crate::local::Entry;
use crate::outcome::Outcome;
use crate::remote::transport::Fault;
use crate::remote::{Found, Peeked};
use crate::ttl::Ttl;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What is to be done about a stale entry.
pub(super) enum Stale<T> {
    /// It is served, and loaded anew in the background.
    Serve(Arc<Entry<T>>),
    /// This caller loads, or somebody else does.
    Renew(Result<Found, Fault>),
}

impl<O: Outcome> Call<'_, O> {
    /// How long before a time on the wall the lifetime of an entry ended, in milliseconds, if it did. Asked without windows
    /// too: another version of the function may have had some, and the server keeps its entries for as long as those allowed.
    pub(super) fn ended(&self, entry: &codec::Entry, wall: u64) -> Option<u64> {
        let ended_ms = wall.checked_sub(entry.envelope.fresh_until);
        ended_ms.inspect(|_| self.met.ended.store(true, Ordering::Relaxed))
    }
}

impl<O: Outcome> Call<'_, O>
where
    O::Value: CacheValue,
{
    /// Serves a stale entry, or keeps it at hand and takes the right to load anew. One that is fresh yet is not served: a
    /// refresh scope asks for another.
    pub(super) async fn renew(
        &self,
        shared: &Shared,
        entry: &codec::Entry,
        ended_ms: Option<u64>,
        began: Start,
    ) -> Stale<O::Value> {
        let within = |window: Option<Ttl>| {
            window.is_some_and(|window| ended_ms.unwrap_or(0) < self.engine.tiers.millis(window))
        };
        let background = within(self.site.stale_while_revalidate);
        let instead_of_error = within(self.site.stale_if_error);
        let late = !self.plan.late_tags.is_empty();
        let remote = &shared.remote;
        if !(background || instead_of_error) {
            if ended_ms.is_none() {
                return Stale::Renew(self.take_renewal(shared, entry).await);
            }
            return Stale::Renew(remote.acquire_over(self.key, &self.plan.tags, late, entry).await);
        }
        let Some(stale) = self.as_stale(shared, entry, began) else {
            let over = remote.acquire_over(self.key, &self.plan.tags, late, entry).await;
            return Stale::Renew(over);
        };
        if background && self.is_usual() && self.plan.has_refresh() {
            return Stale::Serve(stale);
        }
        if instead_of_error {
            // The first that was seen is at hand for the whole of the call.
            let _ = self.at_hand.set(stale);
        }
        Stale::Renew(self.take_renewal(shared, entry).await)
    }

    /// A value that is not fresh, unless it is undecodable.
    fn as_stale(
        &self,
        shared: &Shared,
        entry: &codec::Entry,
        began: Start,
    ) -> Option<Arc<Entry<O::Value>>> {
        copy(self, shared, entry, began, 0)
            .inspect_err(|why| self.engine.events.undecodable(self.of(), self.key, why))
            .ok()
    }

    /// Looks for a stale entry of the remote tier, to serve in place of an error: for who has waited for a flight of another
    /// caller, and has not asked itself.
    pub(super) async fn look_for_stale(&self) {
        let Some(window) = self.site.stale_if_error else { return };
        let Some(shared) = self.engine.shared.as_ref().filter(|_| self.site.remote) else { return };
        if self.at_hand.get().is_some() || self.find_stale(window).is_some() {
            return;
        }
        // The tick before the look: see `lookup`.
        let began = call::begin(self.engine);
        if let Some(Peeked::Entry(entry)) = look(self.engine, shared, self.key, self.expect()).await
            && self.ended(&entry, self.engine.clock.wall()).unwrap_or(0)
                < self.engine.tiers.millis(window)
            && let Some(stale) = self.as_stale(shared, &entry, began)
        {
            let _ = self.at_hand.set(stale);
        }
    }

    /// Takes the right to load anew what stays where it is.
    async fn take_renewal(&self, shared: &Shared, entry: &codec::Entry) -> Result<Found, Fault> {
        let late = !self.plan.late_tags.is_empty();
        shared.remote.acquire_renewal(self.key, &self.plan.tags, late, entry).await
    }

    /// The stale entry of the remote tier to serve in place of an error, unless it was invalidated meanwhile.
    pub(super) fn stale_at_hand(&self) -> Option<Arc<Entry<O::Value>>> {
        let entry = self.at_hand.get()?;
        self.engine.local.still_true(self.hash, self.key, &entry.meta).then(|| entry.clone())
    }
}
