//! Asking the remote tier for one key: a value, the right to load, or nothing; waiting while somebody else loads.

use super::call::{self, Call};
use super::found::{Looked, is_due, lead, lives_ms, serve};
use super::patience::{FIRST_PAUSE, LONGEST_PAUSE, Patience, Waiting, end_outlived};
use super::stale::Stale;
use crate::breaker::Permit;
use crate::codec::{CacheValue, Entry};
use crate::engine::Shared;
use crate::events;
use crate::flight::{Leader, Start};
use crate::key::Key;
use crate::outcome::Outcome;
use crate::remote::transport::Fault;
use crate::remote::{Found, Sighting};
use crate::scope::Wish;
use std::pin::Pin;
use std::sync::Arc;
use tracing::Instrument as _;

/// Asks within a span, if somebody listens.
///
/// A hit's future carries nothing of the span, of what waits and of what asks once more: that stands behind a pointer.
pub(super) async fn look_up<O: Outcome>(call: &Call<'_, O>, leader: &Leader<'_>) -> Looked<O::Value>
where
    O::Value: CacheValue,
{
    let Some(shared) = call.engine.shared.as_ref().filter(|_| call.site.remote) else {
        return Looked::Nothing;
    };
    if let Some(traced) = traced(call, shared, leader) {
        return traced.await;
    }
    let lease = match once(call, shared).await {
        Once::Done(looked) => return looked,
        Once::Busy(lease) => lease,
    };
    leader.waits();
    Box::pin(wait(call, shared, lease)).await
}

fn traced<O: Outcome>(
    call: &Call<'_, O>,
    shared: &Arc<Shared>,
    leader: &Leader<'_>,
) -> Option<Pin<Box<impl Future<Output = Looked<O::Value>>>>>
where
    O::Value: CacheValue,
{
    let span = events::span_of_lookup(call.site.template);
    let asking = async move {
        match once(call, shared).await {
            Once::Done(looked) => looked,
            Once::Busy(lease) => {
                leader.waits();
                wait(call, shared, lease).await
            }
        }
    };
    (!span.is_disabled()).then(|| Box::pin(asking.instrument(span)))
}

/// Waits while somebody else loads, each time a little longer before it asks again.
async fn wait<O: Outcome>(
    call: &Call<'_, O>,
    shared: &Arc<Shared>,
    mut lease: Option<u64>,
) -> Looked<O::Value>
where
    O::Value: CacheValue,
{
    let mut patience = Patience::new(shared.remote.lease_ms());
    let mut pause = FIRST_PAUSE;
    loop {
        if call.servable().is_some() {
            return Looked::Busy;
        }
        let asks_on = match patience.with(lease) {
            Waiting::GoesOn => true,
            Waiting::Outlived(lease) => end_outlived(shared, &[(call, lease)]).await,
            Waiting::Over => false,
        };
        if !asks_on {
            return Looked::Nothing;
        }
        let pausing = tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64()));
        if call.within_limit(pausing).await.is_err() {
            return Looked::Overtime;
        }
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        lease = match once(call, shared).await {
            Once::Done(looked) => return looked,
            Once::Busy(lease) => lease,
        };
    }
}

enum Once<T> {
    Done(Looked<T>),
    Busy(Option<u64>),
}

async fn once<O: Outcome>(call: &Call<'_, O>, shared: &Arc<Shared>) -> Once<O::Value>
where
    O::Value: CacheValue,
{
    // The tick before the queue is asked: see `write::begin`.
    let began = call::begin(call.engine);
    // The tags of an entry are known when it is there. By then their invalidation may be delivered, but the entry
    // may be from before. So they are taken now; and before the queue is asked for what is known already, so that
    // nothing is missed that is delivered in between.
    let tags_due = shared.pending.tags();
    // An invalidation of ours that is not there yet: the entry may be older than it.
    if shared.pending.affects(call.key, call.plan.tags.iter().map(Key::as_str)) {
        return Once::Done(Looked::Nothing);
    }
    let Some(permit) = shared.permit() else { return Once::Done(Looked::Nothing) };
    let late = !call.plan.late_tags.is_empty();
    let outlived = |tick| !call.engine.local.outdated(call.hash, tick);
    let is_there = shared.remote.there.holds(call.hash, began.at, outlived);
    let found = shared.remote.acquire(call.key, is_there, &call.plan.tags, late, call.expect());
    let found = found.await;
    if !is_there {
        shared.remote.there.learn(&found);
    }
    let anew = match found {
        Ok(Found::Hit(entry)) => {
            if let Some(looked) = as_it_is(call, shared, &entry, began, &tags_due) {
                permit.succeeded();
                return Once::Done(looked);
            }
            Box::pin(anew(call, shared, entry, began, permit))
        }
        found => {
            if is_there {
                shared.remote.there.forget(call.hash);
            }
            return without_value(call, permit, found);
        }
    };
    anew.await
}

/// What an entry is to this caller, where nothing more is to be asked: a value, or nothing while an invalidation of it
/// waits. `None` if it is to be loaded anew.
fn as_it_is<O: Outcome>(
    call: &Call<'_, O>,
    shared: &Shared,
    entry: &Entry,
    began: Start,
    tags_due: &[Key],
) -> Option<Looked<O::Value>>
where
    O::Value: CacheValue,
{
    // Asked once: a precise clock takes longer than all of the rest here.
    let wall = call.engine.clock.wall();
    let (is_early, is_wanted_anew) = (call.plan.early.is_some(), is_wanted_anew(call, entry, wall));
    if is_early && is_wanted_anew {
        return None;
    }
    let has_ended = !is_early && call.ended(entry, wall).is_some();
    if is_due(shared, call.key, entry, tags_due) {
        return Some(Looked::Nothing);
    }
    if is_wanted_anew || has_ended {
        return None;
    }
    let served = serve(call, shared, entry, began, wall);
    if let Ok(Looked::Hit { lives_ms, .. }) = &served {
        let until = began.at.saturating_add(*lives_ms);
        shared.remote.there.note(&Sighting { hash: call.hash, tick: began.tick, until });
    }
    served.inspect_err(|why| call.engine.events.undecodable(call.of(), call.key, why)).ok()
}

/// Whether this caller loads although there is a value.
fn is_wanted_anew<O: Outcome>(call: &Call<'_, O>, entry: &Entry, wall: u64) -> bool {
    match &call.plan.early {
        Some(early) => lives_ms(entry, wall) as f64 <= early.ahead_ms,
        None => call.plan.wish == Wish::Refresh,
    }
}

/// Takes the right to load what an entry holds anew, or serves the entry while somebody does.
async fn anew<O: Outcome>(
    call: &Call<'_, O>,
    shared: &Arc<Shared>,
    entry: Entry,
    began: Start,
    permit: Permit<'_>,
) -> Once<O::Value>
where
    O::Value: CacheValue,
{
    let entry = &entry;
    let (tags, late) = (&call.plan.tags, !call.plan.late_tags.is_empty());
    let (remote, wall) = (&shared.remote, call.engine.clock.wall());
    let stale = match &call.plan.early {
        // Others go on with what is there, in this process and elsewhere.
        Some(_) if is_wanted_anew(call, entry, wall) => {
            Stale::Renew(remote.acquire_renewal(call.key, tags, late, entry).await)
        }
        None if let ended_ms = call.ended(entry, wall)
            && (ended_ms.is_some() || call.plan.wish == Wish::Refresh) =>
        {
            call.renew(shared, entry, ended_ms, began).await
        }
        _ => Stale::Renew(remote.acquire_over(call.key, tags, late, entry).await),
    };
    match stale {
        Stale::Serve(entry) => {
            permit.succeeded();
            Once::Done(Looked::Stale(entry))
        }
        Stale::Renew(found) => without_value(call, permit, found),
    }
}

/// What is to be done where there is no value to serve.
fn without_value<O: Outcome>(
    call: &Call<'_, O>,
    permit: Permit<'_>,
    found: Result<Found, Fault>,
) -> Once<O::Value> {
    let found = call.engine.settle(permit, "look-up", found.or_else(Fault::unless_closed));
    let Some(found) = found else { return Once::Done(Looked::Nothing) };
    match found {
        Found::Held(held) => Once::Done(lead(call, held)),
        Found::Busy(lease) => Once::Busy(lease),
        Found::Hit(_) => Once::Busy(None),
        Found::Closed(why) => {
            call.engine.events.unstorable(call.of(), call.key, &why);
            Once::Done(Looked::Nothing)
        }
    }
}
