//! The read-through path behind the local tier, top to bottom: flight, remote tier, load, fill.

use super::call::{self, Call};
use super::found::Looked;
use super::keep::{Loaded, ToFill};
use super::lease::Lease;
use super::limit::Limit;
use super::lookup::look_up;
use super::overtime::{Flown, Unserved};
use crate::codec::CacheValue;
use crate::events::{self, Tier, Timer};
use crate::flight::{Background, Landing, Leader, Role, Start};
use crate::local::{Entry, Meta};
use crate::outcome::Outcome;
use crate::scope::{self, Lead, ReadSource, Wish, Within};
use crate::site::Keep;
use crate::ttl::Ttl;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::Instrument as _;

/// What becomes of a caller that joins its key's flight.
enum Joined<'a, O: Outcome> {
    Leads(Leader<'a>),
    Flown(Flown<O>),
}

impl<O: Outcome> Call<'_, O>
where
    O::Value: CacheValue,
{
    /// The value of a read that the local tier did not answer.
    pub(super) async fn run<F: Future<Output = O::Return>>(&self, body: F) -> O::Return {
        // A load that reads its own key would wait for itself: the inner read is a plain call.
        let cache = self.engine.id;
        if self.plan.wish == Wish::Bypass {
            let (request, clock) = (scope::request(), Instant::now());
            let returned = body.await;
            if let Some(request) = request {
                self.account(&request, clock.elapsed(), ReadSource::Bypass, None);
            }
            return returned;
        }
        if scope::is_in_load() {
            if scope::is_leading(cache, self.key) {
                return body.await;
            }
            call::before_reading().await;
        }
        let clock = Instant::now();
        let (timer, request) = (Timer::since(clock), scope::request());
        if request.is_some() {
            self.look_for_ended();
        }
        let stale = self.stale();
        let right = self.plan.early.as_ref().and_then(|_| self.claim_early());
        // Without the right: somebody else does so already.
        let fresh = if right.is_none() { self.at_hand(timer) } else { None };
        let outcome = match fresh.or(stale.map(|entry| (entry, ReadSource::Stale))) {
            Some(served) => Ok(served),
            None => self.ask(body, timer).await,
        };
        drop(right);
        if self.plan.wish == Wish::Revalidate {
            scope::revalidated(match &outcome {
                Ok((entry, source)) => self.landing(entry, *source),
                Err(error) => O::share(error).map_or(Landing::None, Landing::Failed),
            });
        }
        if let Some(request) = request {
            match &outcome {
                Ok((entry, source)) => {
                    self.account(&request, clock.elapsed(), *source, Some(entry));
                    request.remember::<O::Value>(cache, self.key, entry.clone());
                }
                Err(_) => self.account(&request, clock.elapsed(), ReadSource::Failed, None),
            }
        }
        // Nobody else may have it.
        let value = |entry: Arc<Entry<O::Value>>| match Arc::try_unwrap(entry) {
            Ok(entry) => entry.value,
            Err(shared) => shared.value.clone(),
        };
        O::close(outcome.map(|(entry, _)| value(entry)))
    }

    /// A value whose lifetime has ended, where the site allows to serve it and somebody loads it anew.
    fn stale(&self) -> Option<Arc<Entry<O::Value>>> {
        let window = self.site.stale_while_revalidate.filter(|_| self.is_usual())?;
        let entry = self.find_stale(window)?;
        // A copy that ended before its value did: the remote tier has the value.
        if self.engine.clock.now() < entry.meta.fresh_until {
            return None;
        }
        self.revalidate()?;
        self.engine.events.stale(self.of(), self.key, "revalidated");
        self.rest_on(&entry.meta);
        Some(entry)
    }

    /// The local tier's entry, fresh or within a window after its lifetime.
    pub(super) fn find_stale(&self, window: Ttl) -> Option<Arc<Entry<O::Value>>> {
        let window_ms = self.engine.tiers.millis(window);
        self.engine.local.find_stale(self.hash, self.key, self.site.version, window_ms)
    }

    /// The moment in the order of flights and loads that a value of this process must be newer than, if any: see
    /// `scope::Within`.
    pub(super) fn newer_than(&self) -> Option<u64> {
        match scope::within() {
            Within::Fill(order) if self.engine.shared.is_some() => Some(order),
            _ => None,
        }
    }

    /// Whether a value that this process or the remote tier has will do: neither is it to be loaded anew, nor to be newer than
    /// a load around this read.
    pub(super) fn is_usual(&self) -> bool {
        self.plan.wish == Wish::Usual && self.newer_than().is_none()
    }

    /// A load around this read, if any, rests on a copy of this process.
    pub(super) fn rest_on(&self, meta: &Meta) {
        call::rest_on(self.engine, meta);
    }

    /// Has the key loaded anew in the background, once. `None` if nobody can; what will come of it unless somebody else
    /// does it already.
    pub(super) fn revalidate(&self) -> Option<Option<JoinHandle<Option<Landing>>>> {
        let (task, runtime) = (self.plan.take_refresh()?, Handle::try_current().ok()?);
        let right = Background::claim(self.engine.clone(), self.key);
        Some(right.map(|right| {
            let (cache, key) = (self.engine.id, self.key.into());
            let around = scope::engine();
            runtime.spawn(async move {
                let landing = scope::revalidating(cache, key, around, task).await;
                drop(right);
                landing
            })
        }))
    }

    /// A value to serve in place of an error; of none, if the load takes too long.
    pub(super) fn instead_of_error(
        &self,
        error: Option<&O::Error>,
        timer: Timer,
        why: &str,
    ) -> Option<(Arc<Entry<O::Value>>, ReadSource)> {
        if let Some(fresh) = self.at_hand(timer) {
            return Some(fresh);
        }
        let window = self.site.stale_if_error?;
        if let (Some(accept), Some(error)) = (&self.stale_if, error)
            && !accept(error)
        {
            return None;
        }
        self.met.failure.store(true, Ordering::Relaxed);
        let entry = self.find_stale(window).or_else(|| self.stale_at_hand())?;
        self.served_stale(why);
        self.rest_on(&entry.meta);
        Some((entry, ReadSource::Stale))
    }

    /// Waits for a load in the background where there is one; else for the key's flight, or leads it.
    async fn ask<F: Future<Output = O::Return>>(&self, body: F, timer: Timer) -> Flown<O> {
        // Each of these ends before the next begins, so that the caller's future is as large as the largest of them.
        if let (Some(limit), Some(window)) = (self.limit, self.site.stale_if_error)
            && let Some(flown) = self.waited(limit, window, timer).await
        {
            return flown;
        }
        let leader = match self.join(timer).await {
            Joined::Leads(leader) => leader,
            Joined::Flown(flown) => return flown,
        };
        self.lead(leader, timer, body).await
    }

    /// What a load in the background brought, if one is waited for and that is this caller's outcome.
    async fn waited(
        &self,
        limit: &Limit<'_, O::Error>,
        window: Ttl,
        timer: Timer,
    ) -> Option<Flown<O>> {
        match self.in_background(limit, window, timer).await? {
            Ok(found) => Some(Ok(found)),
            Err(Unserved::Overtime(waited)) => {
                self.limit_up_to(waited).map(|limit| self.overtime(limit, timer))
            }
            Err(Unserved::Refused(error)) => O::unshare(&error).map(Err),
        }
    }

    /// Follows the key's flight, or begins it; a follower whose leader brought nothing tries again.
    async fn join(&self, timer: Timer) -> Joined<'_, O> {
        let engine = self.engine;
        let newer_than = self.newer_than();
        let is_older = |order| newer_than.is_some_and(|least| order <= least);
        // A stale entry is what it is to replace.
        let loads_anew = self.plan.wish == Wish::Revalidate;
        let (mut overdue, mut arrived) = (0, None);
        loop {
            let start = call::begin(engine);
            let arrived = *arrived.get_or_insert(start.order);
            // Who wants a fresh value joins nobody.
            let refresh = self.plan.wish == Wish::Refresh || self.plan.early.is_some();
            let outdated = |other: Start| {
                refresh
                    || other.order <= overdue
                    || is_older(other.order)
                    || engine.local.outdated(self.hash, other.tick)
            };
            match engine.flights.join::<O::Value>(
                self.hash,
                self.rendered.shared(),
                self.site.version,
                start,
                outdated,
            ) {
                Role::Lead(leader) => return Joined::Leads(leader),
                Role::Follow(flight) => {
                    let Some(_waiting) = scope::wait_for(&flight) else {
                        overdue = flight.start().order;
                        continue;
                    };
                    let (landing, is_stale) = match self.landed_within(&flight).await {
                        // How old it is, the leader knows: by the clock on the wall, where it is a remote entry.
                        Landing::Stale(entry, windows) if windows == self.windows() => {
                            (Landing::Value(entry, 0), true)
                        }
                        landing => (landing, false),
                    };
                    // Where messages of others are missed, what began before this caller came may be too old for it. It
                    // waits all the same: all who come meanwhile take what one of them then loads, instead of loading
                    // each for itself.
                    let trusts = |began| {
                        flight.start().order > arrived || engine.local.may_trust(began, start.at)
                    };
                    match landing {
                        // It may rest on copies older than the flight itself.
                        Landing::Value(entry, order)
                            if is_older(order)
                                || (loads_anew && entry.meta().fresh_until <= start.at)
                                || !trusts(entry.meta().began) => {}
                        Landing::Value(entry, order) => {
                            if let Some(entry) = entry.downcast::<O::Value>() {
                                call::rest_on_flight(engine, &entry.meta, order);
                                return Joined::Flown(Ok((entry, self.shared(is_stale, timer))));
                            }
                        }
                        // The error of a load of many keys may be another key's.
                        Landing::Failed(error) if !flight.is_of_many() => {
                            if let Some(error) = O::unshare(&error) {
                                return Joined::Flown(self.failed_by_other(error, timer));
                            }
                        }
                        // Who may wait for longer leads.
                        Landing::Overtime(waited) => {
                            if let Some(limit) = self.limit_up_to(waited) {
                                Box::pin(self.look_for_stale()).await;
                                return Joined::Flown(self.overtime(limit, timer));
                            }
                        }
                        Landing::Failed(_) | Landing::Stale(..) | Landing::None => {}
                        // Still in the air: its load may wait for this very read.
                        Landing::Overdue => overdue = flight.start().order,
                    }
                }
            }
        }
    }

    /// What a follower has of its leader's error. The leader's function may have no window, and this one has.
    fn failed_by_other(&self, error: O::Error, timer: Timer) -> Flown<O> {
        let stale = self.instead_of_error(Some(&error), timer, "in place of an error");
        if stale.is_none() {
            self.unanswered();
        }
        stale.ok_or(error)
    }

    /// Asks the tiers, and loads what they do not have.
    async fn lead<F>(&self, leader: Leader<'_>, timer: Timer, body: F) -> Flown<O>
    where
        F: Future<Output = O::Return>,
    {
        // An earlier flight may have landed between the local tier's answer and the beginning of this one.
        if self.site.local != Keep::No
            && self.is_usual()
            && self.plan.early.is_none()
            && let Some(entry) =
                self.engine.local.find::<O::Value>(self.hash, self.key, Some(self.site.version))
        {
            self.engine.events.hit(self.of(), self.key.into(), Tier::Local, timer);
            self.rest_on(&entry.meta);
            leader.land(Landing::Value(entry.clone(), 0));
            return Ok((entry, ReadSource::Local));
        }
        self.engine.events.key(self.of(), self.hash);
        let lease = match look_up(self, &leader).await {
            Looked::Hit { entry, order, lives_ms } => {
                self.answered(Tier::Remote, timer);
                self.keep(&entry, lives_ms);
                leader.land(Landing::Value(entry.clone(), order));
                return Ok((entry, ReadSource::Remote));
            }
            Looked::Busy => match self.at_hand(timer) {
                Some((entry, source)) => {
                    leader.land(Landing::Value(entry.clone(), 0));
                    return Ok((entry, source));
                }
                None => None,
            },
            Looked::Stale(entry) => {
                self.engine.events.stale(self.of(), self.key, "revalidated");
                self.rest_on(&entry.meta);
                // First: who loads anew must not be given this one.
                leader.land(Landing::Stale(entry.clone(), self.windows()));
                self.revalidate();
                return Ok((entry, ReadSource::Stale));
            }
            Looked::Lead(lease) => Some(lease),
            Looked::Overtime => match self.limit {
                Some(limit) => return self.give_up(leader, limit, timer),
                None => None,
            },
            Looked::Nothing => None,
        };
        Box::pin(self.load(leader, lease, timer, body)).await
    }

    /// Runs the body, and stores what it returns.
    async fn load<F>(
        &self,
        leader: Leader<'_>,
        lease: Option<Lease>,
        timer: Timer,
        body: F,
    ) -> Flown<O>
    where
        F: Future<Output = O::Return>,
    {
        let mut missed = self.engine.events.miss(self.of(), self.key);
        if !self.is_read() {
            // Whoever has it loaded in the background was.
            missed.answered();
        }
        let mut began = call::begin(self.engine);
        leader.begins_at(began);
        let clock = Instant::now();
        let lead = Lead::new(self.engine, self.key, Box::default(), began.order, lease.is_some());
        let span = events::span_of_load(self.site.template);
        // The error ends within this statement: a cached future is `Send` although its error is not.
        let load = lead.clone().run(body).instrument(span);
        let (value, cost) = match self.within_limit(load).await.map(O::open) {
            Ok(Ok(value)) => (value, clock.elapsed()),
            Err(limit) => {
                self.engine.events.loaded(self.of(), self.key, clock.elapsed(), false);
                // Counted there.
                missed.answered();
                let flown = self.give_up(leader, limit, timer);
                self.load_on();
                return flown;
            }
            Ok(Err(error)) => {
                self.engine.events.loaded(self.of(), self.key, clock.elapsed(), false);
                let why = "in place of an error";
                if let Some((entry, source)) = self.instead_of_error(Some(&error), timer, why) {
                    missed.answered();
                    leader.land(self.landing(&entry, source));
                    return Ok((entry, source));
                }
                leader.land(O::share(&error).map_or(Landing::None, Landing::Failed));
                return Err(error);
            }
        };
        drop(missed);
        self.engine.events.loaded(self.of(), self.key, cost, true);
        let lease = match lead.rests_on_older() {
            // As old as what it rests on; and too old for everybody.
            Some(at) => {
                (began.at, began.order) = (began.at.min(at), 0);
                None
            }
            None => lease.filter(|_| !lead.is_amid_removal()),
        };
        Ok((self.store(value, began, cost, leader, lease).await, ReadSource::Load))
    }

    /// Stores a loaded value where the plan and the serving rule allow it.
    async fn store(
        &self,
        value: O::Value,
        began: Start,
        cost: Duration,
        leader: Leader<'_>,
        lease: Option<Lease>,
    ) -> Arc<Entry<O::Value>> {
        let timer = Timer::start();
        let Loaded { entry, kept, ttl_ms, to_fill } =
            self.keep_loaded(value, began, cost, leader, lease.is_some());
        let filled = match (lease, to_fill) {
            (Some(lease), Some(fill)) => {
                let ToFill { tags, late, header, payload } = fill;
                let keep_ms = ttl_ms.saturating_add(self.stale_ms());
                lease.fill(&tags, &late, header, &payload, keep_ms).await
            }
            // Others are not to go on with an entry that nothing takes the place of.
            (Some(lease), None) => {
                lease.discard().await;
                false
            }
            (None, _) => false,
        };
        if kept || filled {
            self.engine.events.stored(self.key, ttl_ms, timer);
        }
        entry
    }
}
