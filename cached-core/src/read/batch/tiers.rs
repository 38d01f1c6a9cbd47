//! A batch and the remote tier: all keys are looked up in one pipeline, and filled in one.

use super::super::call::{self, Call};
use super::super::found::{Looked, is_due, lead, serve};
use super::super::keep::ToFill;
use super::super::lease::Lease;
use super::super::patience::{FIRST_PAUSE, LONGEST_PAUSE, Patience, Waiting, end_outlived};
use crate::codec::{CacheValue, Entry};
use crate::engine::{Engine, Shared};
use crate::flight::Leader;
use crate::key::Key;
use crate::outcome::Outcome;
use crate::remote::{Fill, Filling, FoundOne, GivenBack, Held, Wanted};
use crate::scope::Wish;
use std::sync::Arc;

/// What the remote tier has of many keys, in their order. Leases are held for those that this caller may fill.
///
/// While others load some of the keys, their leases are waited for, and none is held that others could wait for; the
/// leaders' followers wait for loads then too.
pub(super) async fn look_up_all<O: Outcome>(
    calls: &[&Call<'_, O>],
    leaders: &[&Leader<'_>],
) -> Vec<Looked<O::Value>>
where
    O::Value: CacheValue,
{
    let shared = calls.first().and_then(|call| call.engine.shared.as_ref().map(|it| (call, it)));
    let Some((first, shared)) = shared.filter(|(call, _)| call.site.remote) else {
        return calls.iter().map(|_| Looked::Nothing).collect();
    };
    let mut done: Vec<Option<Looked<O::Value>>> = calls.iter().map(|_| None).collect();
    let mut patience = vec![Patience::new(shared.remote.lease_ms()).starting_now(); calls.len()];
    let mut pause = FIRST_PAUSE;
    loop {
        let busy = once(calls, &mut done, shared).await;
        let (mut waits, mut outlived) = (false, Vec::new());
        for (at, lease) in busy {
            match patience[at].with(Some(lease)) {
                Waiting::GoesOn => waits = true,
                Waiting::Outlived(lease) => outlived.push((calls[at], lease)),
                Waiting::Over => done[at] = Some(Looked::Nothing),
            }
        }
        let again = !outlived.is_empty() && end_outlived(shared, &outlived).await;
        if !(waits || again) {
            break;
        }
        leaders.iter().for_each(|leader| leader.waits());
        give_back(first.engine, calls, &mut done).await;
        tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64())).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
    // What others load still is loaded beside them.
    done.into_iter().map(|looked| looked.unwrap_or(Looked::Nothing)).collect()
}

/// Asks for what is open. Gives the places of keys that somebody else loads, and their leases.
async fn once<O: Outcome>(
    calls: &[&Call<'_, O>],
    done: &mut [Option<Looked<O::Value>>],
    shared: &Arc<Shared>,
) -> Vec<(usize, u64)>
where
    O::Value: CacheValue,
{
    let Some(first) = calls.first() else { return Vec::new() };
    // In the order of a look-up of one key: see `lookup`.
    let began = call::begin(first.engine);
    let tags_due = shared.pending.tags();
    for (call, done) in calls.iter().zip(&mut *done).filter(|(_, done)| done.is_none()) {
        if shared.pending.affects(call.key, call.plan.tags.iter().map(Key::as_str)) {
            *done = Some(Looked::Nothing);
        }
    }
    let open: Vec<usize> = (0..calls.len()).filter(|at| done[*at].is_none()).collect();
    let wanted: Vec<Wanted<'_>> =
        open.iter().map(|at| Wanted { key: calls[*at].key, tags: &calls[*at].plan.tags }).collect();
    let late = calls.iter().any(|call| !call.plan.late_tags.is_empty());
    let permit = if wanted.is_empty() { None } else { shared.permit() };
    let Some(permit) = permit else {
        open.into_iter().for_each(|at| done[at] = Some(Looked::Nothing));
        return Vec::new();
    };
    let mut found = Vec::new();
    let answer = shared.remote.acquire_many(&wanted, late, first.expect(), &mut found).await;
    if first.engine.settle(permit, "look-up", answer).is_none() {
        open.iter().for_each(|at| done[*at] = Some(Looked::Nothing));
        // What was taken before the fault, nobody is to wait for.
        for (at, found) in open.into_iter().zip(found) {
            if let FoundOne::Held(held) = found {
                drop(lead(calls[at], held));
            }
        }
        return Vec::new();
    }
    let mut busy = Vec::new();
    for (at, found) in open.into_iter().zip(found) {
        let call = calls[at];
        done[at] = match found {
            FoundOne::Busy(lease) => {
                busy.push((at, lease));
                None
            }
            FoundOne::Closed(why) => {
                call.engine.events.unstorable(call.of(), call.key, &why);
                Some(Looked::Nothing)
            }
            FoundOne::Held(held) => Some(lead(call, held)),
            FoundOne::Hit(entry, _) if is_due(shared, call.key, &entry, &tags_due) => {
                Some(Looked::Nothing)
            }
            FoundOne::Hit(entry, over) => {
                // Anew for each: those before it took their time to be decoded.
                let wall = call.engine.clock.wall();
                let served = match is_servable(call, &entry, wall) {
                    true => serve(call, shared, &entry, began, wall).map_err(Some),
                    false => Err(None),
                };
                Some(served.unwrap_or_else(|why| {
                    if let Some(why) = why {
                        call.engine.events.undecodable(call.of(), call.key, &why);
                    }
                    replace(call, over)
                }))
            }
        };
    }
    busy
}

/// Stale ones are for the function of one id, if it has windows.
fn is_servable<O: Outcome>(call: &Call<'_, O>, entry: &Entry, wall: u64) -> bool {
    call.plan.wish != Wish::Refresh && call.ended(entry, wall).is_none()
}

fn replace<O: Outcome>(call: &Call<'_, O>, over: Result<Held, &'static str>) -> Looked<O::Value> {
    match over {
        Ok(held) => lead(call, held),
        Err(why) => {
            call.engine.events.unstorable(call.of(), call.key, &why);
            Looked::Nothing
        }
    }
}

/// Gives back what others may wait for.
async fn give_back<O: Outcome>(
    engine: &Arc<Engine>,
    calls: &[&Call<'_, O>],
    done: &mut [Option<Looked<O::Value>>],
) {
    let mut leases = Vec::new();
    for (call, done) in calls.iter().zip(done) {
        if let Some(Looked::Lead(lease)) = done
            && lease.held().is_some_and(|held| held.is_lease())
            && let Some(Looked::Lead(lease)) = done.take()
        {
            leases.push(Unused { key: call.key, lease, with_entry: false });
        }
    }
    fill_all(engine, 0, Vec::new(), leases).await;
}

/// An entry to store, and the right to.
pub(super) struct ToStore<'a> {
    pub(super) key: &'a str,
    pub(super) lease: Lease,
    pub(super) fill: ToFill,
    pub(super) ttl_ms: u64,
    /// It is in the local tier already.
    pub(super) kept: bool,
}

/// A lease that nothing is stored under.
pub(super) struct Unused<'a> {
    pub(super) key: &'a str,
    pub(super) lease: Lease,
    /// The entry that others go on with meanwhile is removed: the load brought nothing to keep.
    pub(super) with_entry: bool,
}

/// Stores entries and gives other leases back, in one pipeline. Says which were stored. `of` is the index of the
/// function's template.
pub(super) async fn fill_all(
    engine: &Arc<Engine>,
    of: usize,
    stores: Vec<ToStore<'_>>,
    others: Vec<Unused<'_>>,
) -> Vec<bool> {
    let mut stored = vec![false; stores.len()];
    let Some(shared) = &engine.shared else { return stored };
    if stores.is_empty() && others.is_empty() {
        return stored;
    }
    let Some(permit) = shared.permit() else { return stored };
    let is_due = |store: &ToStore<'_>| {
        shared.pending.affects(store.key, store.fill.tags.iter().map(Key::as_str))
    };
    let mut fillings = Vec::new();
    let of_others = others.iter().filter_map(|Unused { key, lease, with_entry }| {
        Some(GivenBack { key, held: lease.held()?, with_entry: *with_entry })
    });
    let mut given_back: Vec<GivenBack<'_>> = of_others.collect();
    let mut asked = Vec::new();
    for (at, store) in stores.iter().enumerate() {
        let Some(held) = store.lease.held() else { continue };
        if is_due(store) {
            engine.events.refused(of, store.key);
            given_back.push(GivenBack { key: store.key, held, with_entry: false });
            continue;
        }
        asked.push(at);
        fillings.push(Filling {
            key: store.key,
            held,
            late_tags: &store.fill.late,
            header: store.fill.header.clone(),
            payload: &store.fill.payload,
            ttl_ms: store.ttl_ms,
        });
    }
    let filled = shared.remote.fill_many(fillings, &given_back).await;
    let Some(fills) = engine.settle(permit, "fill", filled) else { return stored };
    for (at, fill) in asked.into_iter().zip(fills) {
        stored[at] = fill == Fill::Stored;
        match fill {
            Fill::Stored => engine.events.filled(of),
            Fill::Refused => engine.events.refused(of, stores[at].key),
        }
    }
    // Used up, or given back.
    stores.into_iter().for_each(|store| store.lease.spent());
    others.into_iter().for_each(|unused| unused.lease.spent());
    stored
}
