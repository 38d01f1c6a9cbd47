//! `timeout`: a caller waits for loads, its own and others', and what it gets when the time is over: a stale value where
//! there is one, else an error of its choice.
//!
//! The time that the tiers take does not count: a slow cache is never the caller's error.

use super::call::{self, Call};
use super::limit::Limit;
use crate::codec::CacheValue;
use crate::events::{Tier, Timer};
use crate::flight::{Flight, Landing, Leader};
use crate::local::Entry;
use crate::outcome::Outcome;
use crate::scope::ReadSource;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// A value as an entry and where it came from, or the loader's error.
pub(super) type Flown<O> =
    Result<(Arc<Entry<<O as Outcome>::Value>>, ReadSource), <O as Outcome>::Error>;

/// A value and where it came from; or the caller has waited for as long as it may.
pub(super) type Waited<O> = Result<(Arc<Entry<<O as Outcome>::Value>>, ReadSource), Duration>;

impl<'a, O: Outcome> Call<'a, O> {
    /// Waits for somebody's load. Gives the limit if the caller has waited for as long as it may.
    pub(super) async fn within_limit<F: Future>(
        &self,
        load: F,
    ) -> Result<F::Output, &Limit<'a, O::Error>> {
        match &self.limit {
            Some(limit) => limit.within(load).await.ok_or(limit),
            None => Ok(load.await),
        }
    }

    /// Waits for what comes of a flight; as long as its leader asks the tiers, the limit does not run.
    pub(super) async fn landed_within(
        &self,
        flight: &Flight,
        landed: impl Future<Output = Landing>,
    ) -> Landing {
        let Some(limit) = &self.limit else { return landed.await };
        let mut landed = std::pin::pin!(landed);
        tokio::select! {
            biased;
            landing = &mut landed => return landing,
            () = flight.loads() => {}
        }
        limit.within(landed).await.unwrap_or(Landing::Overtime(limit.whole()))
    }

    /// The limit, unless the caller may wait for longer than a load was waited for.
    pub(super) fn limit_up_to(&self, waited: Duration) -> Option<&Limit<'a, O::Error>> {
        self.limit.as_ref().filter(|limit| limit.whole() <= waited)
    }
}

impl<O: Outcome> Call<'_, O>
where
    O::Value: CacheValue,
{
    /// Where a stale value is at hand and somebody can load in the background: what comes of that in time. If it takes
    /// longer, it goes on.
    pub(super) async fn in_background(&self, timer: Timer) -> Option<Waited<O>> {
        let (limit, window) = (self.limit.as_ref()?, self.site.stale_if_error?);
        if !self.is_usual() {
            return None;
        }
        let stale = self.find_stale(window)?;
        if self.engine.clock.now() < stale.meta.fresh_until {
            return None;
        }
        // Where somebody else has it loaded, theirs is the flight to join.
        let landing = self.revalidate()??;
        match limit.within(landing).await {
            None => Some(Err(limit.whole())),
            Some(Ok(Some(Landing::Value(entry, _)))) => {
                let entry = entry.downcast::<O::Value>()?;
                self.engine.events.hit(self.of(), self.key.into(), Tier::Shared, timer);
                call::rest_on(self.engine, &entry.meta);
                Some(Ok((entry, ReadSource::Shared)))
            }
            // Its error is not told: this caller asks for itself whether it is one to serve a stale value for.
            Some(_) if self.stale_if.is_some() => None,
            Some(_) => self.instead_of_error(None, timer, "in place of an error").map(Ok),
        }
    }

    /// What a caller gets that has waited for as long as it may.
    pub(super) fn overtime(&self, limit: &Limit<'_, O::Error>, timer: Timer) -> Flown<O> {
        self.engine.events.overtime(self.of(), self.key, limit.whole());
        let stale = self.instead_of_error(None, timer, "in place of a load that takes too long");
        stale.ok_or_else(|| limit.error())
    }

    /// The same, for the leader of a flight.
    pub(super) fn give_up(
        &self,
        leader: Leader<'_>,
        limit: &Limit<'_, O::Error>,
        timer: Timer,
    ) -> Flown<O> {
        let flown = self.overtime(limit, timer);
        leader.land(match &flown {
            Ok((entry, _)) => Landing::Value(entry.clone(), 0),
            Err(_) => Landing::Overtime(limit.whole()),
        });
        flown
    }

    /// Has the key loaded in the background, where the caller's own load ends with its patience and a stale value of the
    /// remote tier is served. Else a source that is always slower would never be heard; while the task has the lease nobody
    /// begins another load.
    pub(super) fn load_on(&self) {
        if self.is_usual() && self.stale_at_hand().is_some() {
            self.revalidate();
        }
    }
}
