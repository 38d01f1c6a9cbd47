//! The way of a batch behind the local tier, top to bottom: others' flights, own flights, remote tier, load, fill.

use super::super::call::{self, Call};
use super::super::found::Looked;
use super::super::keep::Loaded;
use super::super::lease::Lease;
use super::each::{BatchMap, Each, Id, Ids, Value};
use super::tiers::{self, ToStore, Unused};
use crate::codec::CacheValue;
use crate::events::{self, Tier, Timer};
use crate::flight::{Landing, Leader, Role, Start};
use crate::local::Entry;
use crate::outcome::Outcome;
use crate::scope::{self, Lead, ReadSource, Wish};
use crate::site::Keep;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Instrument as _;

/// The ids of a key and its read.
type Wanted<'a, O> = (Ids<O>, Call<'a, Each<O>>);

/// The same, with the duty to end the key's flight.
struct Led<'a, O: Outcome>
where
    O::Value: BatchMap,
{
    ids: Ids<O>,
    call: Call<'a, Each<O>>,
    leader: Leader<'a>,
}

struct Run<O: Outcome>
where
    O::Value: BatchMap,
{
    last: Instant,
    timer: Timer,
    values: Vec<(Ids<O>, Value<O>)>,
}

/// The values of keys that the local tier did not answer.
pub(super) async fn run<'a, O, F, Fut>(
    wanted: Vec<Wanted<'a, O>>,
    body: F,
) -> Result<Vec<(Ids<O>, Value<O>)>, O::Error>
where
    O: Outcome,
    O::Value: BatchMap,
    Value<O>: CacheValue,
    F: FnOnce(Vec<Id<O>>) -> Fut,
    Fut: Future<Output = O::Return>,
{
    let mut run = Run::<O> { last: Instant::now(), timer: Timer::running(), values: Vec::new() };
    // A load that reads its own key would wait for itself: such keys are loaded and not stored.
    let (alone, wanted): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|(_, call)| {
        let cache = call.engine.id;
        call.plan.wish == Wish::Bypass || scope::is_leading(cache, call.key)
    });
    call::before_reading().await;
    if scope::request().is_some() {
        wanted.iter().for_each(|(_, call)| call.look_for_ended());
    }
    let led = run.fly(wanted).await?;
    let (led, leases) = run.ask_remote(led).await;
    let (alone, calls): (Vec<_>, Vec<_>) = alone.into_iter().unzip();
    let loaded = run.load(led, leases, alone, body).await;
    run.account(calls.iter().filter(|call| call.plan.wish == Wish::Bypass), ReadSource::Bypass);
    loaded.map(|()| run.values)
}

impl<O: Outcome> Run<O>
where
    O::Value: BatchMap,
    Value<O>: CacheValue,
{
    fn take(
        &mut self,
        ids: Ids<O>,
        call: &Call<'_, Each<O>>,
        entry: Arc<Entry<Value<O>>>,
        source: ReadSource,
    ) {
        if let Some(request) = scope::request() {
            let cache = call.engine.id;
            call.account(&request, self.since_last(), source, Some(&entry));
            request.remember::<Value<O>>(cache, call.key, entry.clone());
        }
        self.values.push((ids, entry.value.clone()));
    }

    /// Puts reads that brought no entry on the request's account.
    fn account<'c, 'a: 'c>(
        &mut self,
        calls: impl Iterator<Item = &'c Call<'a, Each<O>>>,
        source: ReadSource,
    ) where
        O: 'c,
        O::Error: 'a,
    {
        if let Some(request) = scope::request() {
            calls.for_each(|call| call.account(&request, self.since_last(), source, None));
        }
    }

    /// How long the batch has taken since its last value: the values of a batch take as long together as the batch.
    fn since_last(&mut self) -> Duration {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.last, now))
    }

    /// Waits for what others load already, then leads the flights of all that is left.
    async fn fly<'a>(
        &mut self,
        mut wanted: Vec<Wanted<'a, O>>,
    ) -> Result<Vec<Led<'a, O>>, O::Error> {
        // Two batches take flights in one order, so that one of them gets all that both want.
        wanted.sort_unstable_by(|(_, a), (_, b)| a.key.cmp(b.key));
        let (mut overdue, mut arrived) = (0, None);
        loop {
            let mut open = Vec::new();
            let mut waited = false;
            let mut others = wanted.into_iter();
            while let Some((ids, call)) = others.next() {
                let start = call::begin(call.engine);
                let arrived = *arrived.get_or_insert(start.order);
                let outdated = |other| is_outdated(&call, other, overdue);
                let flight = call.engine.flights.find::<Value<O>>(
                    call.hash,
                    call.rendered.shared(),
                    call.site.version,
                    outdated,
                );
                let Some(flight) = flight else {
                    open.push((ids, call));
                    continue;
                };
                waited = true;
                let Some(_waiting) = scope::wait_for(&flight) else {
                    overdue = overdue.max(flight.start().order);
                    open.push((ids, call));
                    continue;
                };
                let landing = call.landed(&flight).await;
                let trusts = |began| {
                    flight.start().order > arrived || call.engine.local.may_trust(began, start.at)
                };
                match landing {
                    Landing::Value(entry, order)
                        if !is_outdated(&call, Start { order, ..flight.start() }, 0)
                            && trusts(entry.meta().began) =>
                    {
                        let Some(entry) = entry.downcast::<Value<O>>() else {
                            open.push((ids, call));
                            continue;
                        };
                        call::rest_on_flight(call.engine, &entry.meta, order);
                        call.engine.events.hit(
                            call.of(),
                            call.key.into(),
                            Tier::Shared,
                            self.timer,
                        );
                        self.take(ids, &call, entry, ReadSource::Shared);
                        continue;
                    }
                    // That of one key may be of that key alone: not found, say.
                    Landing::Failed(error) if flight.is_of_many() => {
                        if let Some(error) = O::unshare(&error) {
                            open.push((ids, call));
                            open.extend(others);
                            open.iter().for_each(|(_, call)| call.unanswered());
                            return Err(error);
                        }
                    }
                    Landing::Overdue => overdue = overdue.max(flight.start().order),
                    Landing::Value(..)
                    | Landing::Stale(..)
                    | Landing::Failed(_)
                    | Landing::Overtime(_)
                    | Landing::None => {}
                }
                open.push((ids, call));
            }
            // What others have begun meanwhile is waited for too.
            match if waited { Err(open) } else { lead_all::<O>(open, overdue) } {
                Ok(led) => return Ok(led),
                Err(open) => wanted = open,
            }
        }
    }

    /// Asks the local tier once more, and the remote one. Leases are in the order of what is left.
    async fn ask_remote<'a>(
        &mut self,
        led: Vec<Led<'a, O>>,
    ) -> (Vec<Led<'a, O>>, Vec<Option<Lease>>) {
        let mut open = Vec::new();
        for Led { ids, call, leader } in led {
            match landed_meanwhile(&call) {
                Some(entry) => {
                    call.engine.events.hit(call.of(), call.key.into(), Tier::Local, self.timer);
                    call.rest_on(&entry.meta);
                    leader.land(Landing::Value(entry.clone(), 0));
                    self.take(ids, &call, entry, ReadSource::Local);
                }
                None => {
                    call.engine.events.key(call.of(), call.hash);
                    open.push(Led { ids, call, leader });
                }
            }
        }
        let calls: Vec<&Call<'_, Each<O>>> = open.iter().map(|led| &led.call).collect();
        let template = calls.first().map_or("", |call| call.site.template);
        let leaders: Vec<&Leader<'_>> = open.iter().map(|led| &led.leader).collect();
        let span = events::span_of_lookup(template);
        let looked = tiers::look_up_all(&calls, &leaders).instrument(span).await;
        let (mut led, mut leases) = (Vec::new(), Vec::new());
        for (Led { ids, call, leader }, looked) in open.into_iter().zip(looked) {
            let lease = match looked {
                Looked::Hit { entry, order, lives_ms } => {
                    call.engine.events.hit(call.of(), call.key.into(), Tier::Remote, self.timer);
                    call.keep(&entry, lives_ms);
                    leader.land(Landing::Value(entry.clone(), order));
                    self.take(ids, &call, entry, ReadSource::Remote);
                    continue;
                }
                Looked::Lead(lease) => Some(lease),
                Looked::Stale(_) | Looked::Busy | Looked::Overtime | Looked::Nothing => None,
            };
            drop(call.engine.events.miss(call.of(), call.key));
            led.push(Led { ids, call, leader });
            leases.push(lease);
        }
        (led, leases)
    }

    /// Runs the body for what no tier has, and stores what it returns.
    async fn load<F, Fut>(
        &mut self,
        led: Vec<Led<'_, O>>,
        leases: Vec<Option<Lease>>,
        alone: Vec<Ids<O>>,
        body: F,
    ) -> Result<(), O::Error>
    where
        F: FnOnce(Vec<Id<O>>) -> Fut,
        Fut: Future<Output = O::Return>,
    {
        let names = led.iter().map(|led| &led.ids).chain(&alone);
        let ids: Vec<Id<O>> = names.map(|ids| ids.first.clone()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let Some(first) = led.first().map(|led| &led.call) else {
            let mut loaded = O::open(body(ids).await)?;
            self.take_alone(alone, &mut loaded);
            return Ok(());
        };
        let (engine, of, site, key) = (first.engine, first.of(), first.site, first.key);
        let mut began = call::begin(engine);
        led.iter().for_each(|led| led.leader.begins_at(began));
        let clock = Instant::now();
        let others = led[1..].iter().map(|led| led.call.key.into()).collect();
        let fills = leases.iter().any(Option::is_some);
        let lead = Lead::new(engine, key, others, began.order, fills);
        let span = events::span_of_load(site.template);
        let (mut loaded, cost) = match O::open(lead.clone().run(body(ids)).instrument(span).await) {
            Ok(loaded) => (loaded, clock.elapsed()),
            Err(error) => {
                engine.events.loaded(of, key, clock.elapsed(), false);
                self.account(led.iter().map(|led| &led.call), ReadSource::Failed);
                let shared = O::share(&error);
                for led in led {
                    led.leader.land(shared.clone().map_or(Landing::None, Landing::Failed));
                }
                return Err(error);
            }
        };
        engine.events.loaded(of, key, cost, true);
        let rests_on_older = lead.rests_on_older();
        let for_everybody = rests_on_older.is_none() && !lead.is_amid_removal();
        if let Some(at) = rests_on_older {
            (began.at, began.order) = (began.at.min(at), 0);
        }
        self.store(led, leases, for_everybody, &mut loaded, (began, cost)).await;
        self.take_alone(alone, &mut loaded);
        Ok(())
    }

    /// Takes what was loaded and is not stored.
    fn take_alone(&mut self, alone: Vec<Ids<O>>, loaded: &mut O::Value) {
        let found = |ids: Ids<O>| loaded.take(&ids.first).map(|value| (ids, value));
        self.values.extend(alone.into_iter().filter_map(found));
    }

    /// Takes what was loaded, and stores it where the serving rule allows that.
    async fn store(
        &mut self,
        led: Vec<Led<'_, O>>,
        leases: Vec<Option<Lease>>,
        for_everybody: bool,
        loaded: &mut O::Value,
        (began, cost): (Start, Duration),
    ) {
        let Some((engine, of)) = led.first().map(|led| (led.call.engine, led.call.of())) else {
            return;
        };
        let timer = Timer::start();
        let (mut stores, mut others, mut kept_only) = (Vec::new(), Vec::new(), Vec::new());
        for (Led { ids, call, leader }, lease) in led.into_iter().zip(leases) {
            let (lease, unused) = if for_everybody { (lease, None) } else { (None, lease) };
            let unused_as = |lease: Option<Lease>, with_entry| {
                lease.map(|lease| Unused { key: call.key, lease, with_entry })
            };
            others.extend(unused_as(unused, false));
            let Some(value) = loaded.take(&ids.first) else {
                // Nothing is known of it: who waits for it asks for it.
                others.extend(unused_as(lease, false));
                continue;
            };
            let Loaded { entry, kept, ttl_ms, to_fill } =
                call.keep_loaded(value, began, cost, leader, lease.is_some());
            match (lease, to_fill) {
                (Some(lease), Some(fill)) => {
                    stores.push(ToStore { key: call.key, lease, fill, ttl_ms, kept });
                }
                (lease, _) => {
                    others.extend(unused_as(lease, true));
                    kept_only.extend(kept.then_some((call.key, ttl_ms)));
                }
            }
            self.take(ids, &call, entry, ReadSource::Load);
        }
        let asked: Vec<_> = stores.iter().map(|it| (it.key, it.ttl_ms, it.kept)).collect();
        let filled = tiers::fill_all(engine, of, stores, others).await;
        let stored = asked.into_iter().zip(filled).filter(|((.., kept), filled)| *kept || *filled);
        kept_only.extend(stored.map(|((key, ttl_ms, _), _)| (key, ttl_ms)));
        kept_only.into_iter().for_each(|(key, ttl_ms)| engine.events.stored(key, ttl_ms, timer));
    }
}

/// Whether a flight, or what it brought, is too old for a read: see `path`.
fn is_outdated<O: Outcome>(call: &Call<'_, O>, other: Start, overdue: u64) -> bool
where
    O::Value: CacheValue,
{
    call.plan.wish == Wish::Refresh
        || (overdue > 0 && other.order <= overdue)
        || call.newer_than().is_some_and(|least| other.order <= least)
        || call.engine.local.outdated(call.hash, other.tick)
}

/// Leads the flights of all; or of none, if somebody else leads one.
fn lead_all<'a, O: Outcome>(
    wanted: Vec<Wanted<'a, O>>,
    overdue: u64,
) -> Result<Vec<Led<'a, O>>, Vec<Wanted<'a, O>>>
where
    O::Value: BatchMap,
    Value<O>: CacheValue,
{
    let mut leaders = Vec::with_capacity(wanted.len());
    for (_, call) in &wanted {
        let (engine, start) = (call.engine, call::begin(call.engine));
        let outdated = |other| is_outdated(call, other, overdue);
        match engine.flights.join::<Value<O>>(
            call.hash,
            call.rendered.shared(),
            call.site.version,
            start,
            outdated,
        ) {
            Role::Lead(leader) => {
                leader.leads_many();
                leaders.push(leader);
            }
            Role::Follow(_) => return Err(wanted),
        }
    }
    let led = wanted.into_iter().zip(leaders);
    Ok(led.map(|((ids, call), leader)| Led { ids, call, leader }).collect())
}

/// An earlier flight may have landed since the local tier was asked.
fn landed_meanwhile<O: Outcome>(call: &Call<'_, O>) -> Option<Arc<Entry<O::Value>>>
where
    O::Value: CacheValue,
{
    if call.site.local == Keep::No || !call.is_usual() {
        return None;
    }
    call.engine.local.find::<O::Value>(call.hash, call.key, Some(call.site.version))
}
