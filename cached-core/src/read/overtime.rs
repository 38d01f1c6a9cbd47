//! `timeout`: a caller waits for loads, its own and others', and what it gets when the time is over: a stale value where
//! there is one, else an error of its choice.
//!
//! The time that the tiers take does not count: a slow cache is never the caller's error.

use super::call::{self, Call};
use super::limit::Limit;
use crate::alarm;
use crate::codec::CacheValue;
use crate::events::{Tier, Timer};
use crate::flight::{Flight, Landing, Leader, SharedError, Windows};
use crate::local::Entry;
use crate::outcome::Outcome;
use crate::scope::{ReadSource, Wish};
use crate::ttl::Ttl;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// For how many lives of a lease a follower waits for its leader. Then it leads itself, and others may follow it.
const PATIENCE: u32 = 10;

/// A value as an entry and where it came from, or the loader's error.
pub(super) type Flown<O> =
    Result<(Arc<Entry<<O as Outcome>::Value>>, ReadSource), <O as Outcome>::Error>;

/// A value and where it came from, or why there is none.
pub(super) type Waited<O> = Result<(Arc<Entry<<O as Outcome>::Value>>, ReadSource), Unserved>;

/// Why a caller that waited for a load in the background has no value.
pub(super) enum Unserved {
    /// It has waited for as long as it may.
    Overtime(Duration),
    /// The load's error is not one that a stale value is served for.
    Refused(SharedError),
}

impl<'a, O: Outcome> Call<'a, O> {
    /// Waits for somebody's load. Gives the limit if the caller has waited for as long as it may.
    pub(super) async fn within_limit<F: Future>(
        &self,
        load: F,
    ) -> Result<F::Output, &Limit<'a, O::Error>> {
        match self.limit {
            Some(limit) => limit.within(load).await.ok_or(limit),
            None => Ok(load.await),
        }
    }

    /// Waits for a flight; where there is a remote tier (and so a timer), not for ever.
    pub(super) async fn landed(&self, flight: &Flight) -> Landing {
        let Some(shared) = &self.engine.shared else { return flight.landed().await };
        let patience = Duration::from_millis(shared.remote.lease_ms()).saturating_mul(PATIENCE);
        let landed = std::pin::pin!(flight.landed());
        alarm::within(patience, landed).await.unwrap_or(Landing::Overdue)
    }

    /// Waits for what comes of a flight; as long as its leader asks the tiers, the limit does not run.
    async fn landed_in_time(&self, flight: &Flight, limit: &Limit<'_, O::Error>) -> Landing {
        let mut landed = std::pin::pin!(self.landed(flight));
        tokio::select! {
            biased;
            landing = &mut landed => return landing,
            () = flight.loads() => {}
        }
        limit.within(landed).await.unwrap_or(Landing::Overtime(limit.whole()))
    }

    /// Waits for what comes of a flight, in as much time as this caller has.
    pub(super) async fn landed_within(&self, flight: &Flight) -> Landing {
        match self.limit {
            // Behind a pointer: most callers have none.
            Some(limit) => Box::pin(self.landed_in_time(flight, limit)).await,
            None => self.landed(flight).await,
        }
    }

    /// The limit, unless the caller may wait for longer than a load was waited for, or has joined that late: then it loads
    /// anew. Who has little time left does not, or a source that hangs would be asked for each of them in turn.
    pub(super) fn limit_up_to(&self, waited: Duration) -> Option<&Limit<'a, O::Error>> {
        self.limit.filter(|limit| limit.whole() <= waited && !limit.is_young())
    }
}

impl<O: Outcome> Call<'_, O>
where
    O::Value: CacheValue,
{
    /// Where a stale value is at hand and somebody can load in the background: what comes of that in time. If it takes
    /// longer, it goes on.
    pub(super) async fn in_background(
        &self,
        limit: &Limit<'_, O::Error>,
        window: Ttl,
        timer: Timer,
    ) -> Option<Waited<O>> {
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
            None => Some(Err(Unserved::Overtime(limit.whole()))),
            Some(Ok(Some(Landing::Value(entry, _)))) => {
                let entry = entry.downcast::<O::Value>()?;
                let source = self.shared(false, timer);
                call::rest_on(self.engine, &entry.meta);
                Some(Ok((entry, source)))
            }
            Some(Ok(Some(Landing::Stale(entry, windows)))) if windows == self.windows() => {
                let entry = entry.downcast::<O::Value>()?;
                let source = self.shared(true, timer);
                call::rest_on(self.engine, &entry.meta);
                Some(Ok((entry, source)))
            }
            Some(Ok(Some(Landing::Failed(shared)))) => {
                let error = O::unshare(&shared)?;
                let served = self.instead_of_error(Some(&error), timer, "in place of an error");
                if served.is_none() {
                    self.unanswered();
                }
                Some(served.ok_or(Unserved::Refused(shared)))
            }
            // An error that cannot be told, for which the task itself served nothing: this caller asks to hear it, and is
            // not served what that error was refused for when its time is over.
            Some(Ok(Some(Landing::None))) if self.stale_if.is_some() => {
                self.met.refusal.store(true, Ordering::Relaxed);
                None
            }
            Some(_) => self.instead_of_error(None, timer, "in place of an error").map(Ok),
        }
    }

    /// Whether this is a read that somebody asked for: a load in the background is none.
    pub(super) fn is_read(&self) -> bool {
        self.plan.wish != Wish::Revalidate
    }

    /// Counts a read that ends without a value, and without a load of its own.
    pub(super) fn unanswered(&self) {
        if self.is_read() {
            drop(self.engine.events.miss(self.of(), self.key));
        }
    }

    /// Counts a read that a tier has answered.
    pub(super) fn answered(&self, tier: Tier, timer: Timer) {
        if self.is_read() {
            self.engine.events.hit(self.of(), self.key.into(), tier, timer);
        }
    }

    /// Counts a read that is served a stale value.
    pub(super) fn served_stale(&self, why: &str) {
        if self.is_read() {
            self.engine.events.stale(self.of(), self.key, why);
        }
    }

    /// Counts a read that is given what another caller's load brought, or a stale value that this one was served.
    pub(super) fn shared(&self, is_stale: bool, timer: Timer) -> ReadSource {
        if is_stale {
            self.served_stale("as to who loads");
            return ReadSource::Stale;
        }
        self.answered(Tier::Shared, timer);
        ReadSource::Shared
    }

    /// For how long this function's values are served after their lifetime.
    pub(super) fn windows(&self) -> Windows {
        let windows = [self.site.stale_while_revalidate, self.site.stale_if_error];
        windows.map(|window| window.map(|window| self.engine.tiers.millis(window)))
    }

    /// What others get of a value that stands in for a load.
    pub(super) fn landing(&self, entry: &Arc<Entry<O::Value>>, source: ReadSource) -> Landing {
        match source {
            ReadSource::Stale => Landing::Stale(entry.clone(), self.windows()),
            _ => Landing::Value(entry.clone(), 0),
        }
    }

    /// What a caller gets that has waited for as long as it may.
    pub(super) fn overtime(&self, limit: &Limit<'_, O::Error>, timer: Timer) -> Flown<O> {
        self.engine.events.overtime(self.of(), self.key, limit.whole());
        let stale = match self.met.refusal.load(Ordering::Relaxed) {
            true => None,
            false => self.instead_of_error(None, timer, "in place of a load that takes too long"),
        };
        if stale.is_none() {
            self.unanswered();
        }
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
            Ok((entry, source)) => self.landing(entry, *source),
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
