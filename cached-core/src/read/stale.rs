//! Entries of the remote tier whose lifetime has ended: they stay there as long as the function's windows allow, and are
//! served while one process loads anew.

use super::call::Call;
use super::found::{Looked, serve};
use crate::codec::{self, CacheValue};
use crate::engine::Shared;
use crate::flight::Start;
use crate::local::Entry;
use crate::outcome::Outcome;
use crate::remote::Found;
use crate::remote::transport::Fault;
use crate::scope::Wish;
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
    /// How long ago the lifetime of an entry ended, in milliseconds, if it did. Asked without windows too: another version
    /// of the function may have had some, and the server keeps its entries for as long as those allowed.
    pub(super) fn ended(&self, entry: &codec::Entry) -> Option<u64> {
        let ended_ms = self.engine.clock.wall().checked_sub(entry.envelope.fresh_until);
        ended_ms.inspect(|_| self.met.ended.store(true, Ordering::Relaxed))
    }
}

impl<O: Outcome> Call<'_, O>
where
    O::Value: CacheValue,
{
    /// Serves a stale entry, or keeps it at hand and takes the right to load anew.
    pub(super) async fn renew(
        &self,
        shared: &Shared,
        entry: &codec::Entry,
        ended_ms: u64,
        began: Start,
    ) -> Stale<O::Value> {
        let within = |window: Option<Ttl>| {
            window.is_some_and(|window| ended_ms < self.engine.tiers.millis(window))
        };
        let background = within(self.site.stale_while_revalidate);
        let instead_of_error = within(self.site.stale_if_error);
        let late = !self.plan.late_tags.is_empty();
        let remote = &shared.remote;
        if !(background || instead_of_error) {
            return Stale::Renew(remote.acquire_over(self.key, &self.plan.tags, late, entry).await);
        }
        let stale = match serve(self, shared, entry, began) {
            Ok(Looked::Hit { value, began, cost_ms, bytes, tags, .. }) => {
                self.entry(value, began, &tags, (0, cost_ms), bytes)
            }
            Ok(_) => return Stale::Renew(Ok(Found::Busy(None))),
            Err(why) => {
                self.engine.events.undecodable(self.of(), self.key, &why);
                let over = remote.acquire_over(self.key, &self.plan.tags, late, entry).await;
                return Stale::Renew(over);
            }
        };
        let usual = self.plan.wish == Wish::Usual && self.newer_than().is_none();
        if background && usual && self.plan.has_refresh() {
            return Stale::Serve(stale);
        }
        if instead_of_error {
            // The first that was seen is at hand for the whole of the call.
            let _ = self.at_hand.set(stale);
        }
        Stale::Renew(remote.acquire_renewal(self.key, &self.plan.tags, late, entry).await)
    }

    /// The stale entry of the remote tier to serve in place of an error, unless it was invalidated meanwhile.
    pub(super) fn stale_at_hand(&self) -> Option<Arc<Entry<O::Value>>> {
        let entry = self.at_hand.get()?;
        self.engine.local.still_true(self.hash, self.key, &entry.meta).then(|| entry.clone())
    }
}
