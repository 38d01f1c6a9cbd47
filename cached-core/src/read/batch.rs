//! Batches: many keys of one template are read at once, and what is missing is loaded at once. Each key is cached,
//! flown and invalidated as if it had been read alone.
//!
//! A batch waits for nobody while it holds a flight or a lease that others may wait for: what others load already is
//! waited for first. So two batches that overlap cannot wait for each other, and a body runs once.

mod each;
mod load;
mod tiers;

pub use each::BatchMap;
use each::{Each, Id, Ids, Value};

use super::call::{Call, Met};
use super::plan::Plan;
use super::{AtOnce, Read};
use crate::codec::{CacheValue, Codec};
use crate::engine::EngineRef;
use crate::events::Timer;
use crate::key::{EarlyPart, Key, KeyBuf};
use crate::local::Entry;
use crate::outcome::Outcome;
use crate::scope::{self, Wish};
use crate::site::Site;
use crate::ttl::Ttl;
use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::sync::{Arc, OnceLock};

/// A read of many keys: asked of the local tier at once, of everything else by [`Batch::load`].
#[must_use = "a batch does nothing more until it is loaded"]
pub struct Batch<'a, O: Outcome>
where
    O::Value: BatchMap,
{
    engine: EngineRef<'a>,
    site: &'a Site,
    found: Vec<Found<O>>,
    missing: Vec<Missing<'a, O>>,
}

/// The ids of a key and its entry.
type Found<O> = (Ids<O>, Arc<Entry<Value<O>>>);

/// A key that the local tier has not answered.
struct Missing<'a, O: Outcome>
where
    O::Value: BatchMap,
{
    ids: Ids<O>,
    key: Key,
    hash: u64,
    plan: Plan<'a, Value<O>>,
}

impl<'a, O: Outcome> Batch<'a, O>
where
    O::Value: BatchMap,
    Value<O>: CacheValue,
{
    /// Ids that share a key are read once, as the first of them.
    pub(crate) fn begin(
        engine: EngineRef<'a>,
        site: &'a Site,
        ids: Vec<Id<O>>,
        mut write: impl FnMut(&Id<O>, &mut KeyBuf),
    ) -> Self {
        let mut batch = Self { engine, site, found: Vec::new(), missing: Vec::new() };
        let mut places: HashMap<Key, usize> = HashMap::with_capacity(ids.len());
        let mut keys: Vec<(Key, Ids<O>)> = Vec::with_capacity(ids.len());
        for id in ids {
            let key = Key::render(|k| write(&id, k));
            match places.entry(key) {
                Slot::Occupied(place) => keys[*place.get()].1.others.push(id),
                Slot::Vacant(place) => {
                    keys.push((place.key().clone(), Ids { first: id, others: Vec::new() }));
                    place.insert(keys.len() - 1);
                }
            }
        }
        keys.into_iter().for_each(|(key, ids)| batch.ask(ids, key));
        batch
    }

    fn ask(&mut self, ids: Ids<O>, key: Key) {
        let (engine, site) = (&self.engine, self.site);
        let timer = Timer::of(&engine.events);
        let hash = engine.local.hash(key.as_str());
        let wish = scope::wish(engine.id, key.as_str().into());
        let at_once = match wish {
            Wish::Usual => Read::<Each<O>>::at_once(engine, site, key.as_str().into(), hash, timer),
            Wish::Refresh | Wish::Revalidate | Wish::Bypass => None,
        };
        match at_once {
            Some(AtOnce::Entry(entry)) => self.found.push((ids, entry)),
            // No batch is refreshed early.
            Some(AtOnce::Early(_)) | None => {
                let plan = Plan::new(site.ttl, wish);
                self.missing.push(Missing { ids, key, hash, plan });
            }
        }
    }

    fn on_each(mut self, mut change: impl FnMut(&Id<O>, &mut Plan<'a, Value<O>>)) -> Self {
        for missing in &mut self.missing {
            change(&missing.ids.first, &mut missing.plan);
        }
        self
    }

    /// The entries' lifetime.
    pub fn ttl(self, ttl: impl Into<Ttl>) -> Self {
        let ttl = ttl.into();
        self.on_each(|_, plan| plan.ttl = ttl)
    }

    /// Each entry's lifetime, by its value.
    pub fn ttl_with<W: Into<Ttl>>(self, ttl: impl Fn(&Value<O>) -> W + Send + Sync + 'a) -> Self {
        let ttl = Arc::new(ttl);
        self.on_each(|_, plan| {
            let ttl = ttl.clone();
            plan.ttl_with = Some(Box::new(move |value| ttl(value).into()));
        })
    }

    /// Stores only values that a function accepts.
    pub fn cache_if(self, accept: impl Fn(&Value<O>) -> bool + Send + Sync + 'a) -> Self {
        let accept = Arc::new(accept);
        self.on_each(|_, plan| {
            let accept = accept.clone();
            plan.cache_if = Some(Box::new(move |value| accept(value)));
        })
    }

    /// Tells which values are "none", for the site's `none` option.
    pub fn none_if(self, is_none: fn(&Value<O>) -> bool) -> Self {
        self.on_each(|_, plan| plan.is_none = Some(is_none))
    }

    /// How the values are written in the remote tier.
    pub fn codec(self, codec: Codec) -> Self {
        self.on_each(|_, plan| plan.codec = Some(codec))
    }

    /// A tag of each entry that is known before the load.
    pub fn tag(self, mut write: impl FnMut(&Id<O>, &mut KeyBuf)) -> Self {
        self.on_each(|id, plan| plan.tags.push(Key::render(|k| write(id, k))))
    }

    /// A tag of each entry that depends on its value.
    pub fn return_tag(self, write: impl Fn(&Value<O>, &mut KeyBuf) + Send + Sync + 'a) -> Self {
        self.return_tag_with(|_| [], move |_, value, k| write(value, k))
    }

    /// A tag of each entry that depends on its value, and on parts rendered before the load.
    pub fn return_tag_with<const N: usize>(
        self,
        parts: impl FnMut(&Id<O>) -> [EarlyPart; N],
        write: impl Fn(&[EarlyPart; N], &Value<O>, &mut KeyBuf) + Send + Sync + 'a,
    ) -> Self {
        self.return_tags(parts, move |parts, value, tags| {
            tags.push(Key::render(|k| write(parts, value, k)));
        })
    }

    /// Tags of each entry that depend on its value, and on parts rendered before the load.
    pub fn return_tags<const N: usize>(
        self,
        mut parts: impl FnMut(&Id<O>) -> [EarlyPart; N],
        add: impl Fn(&[EarlyPart; N], &Value<O>, &mut Vec<Key>) + Send + Sync + 'a,
    ) -> Self {
        let add = Arc::new(add);
        self.on_each(|id, plan| {
            let (parts, add) = (parts(id), add.clone());
            plan.late_tags.push(Box::new(move |value, tags| add(&parts, value, tags)));
        })
    }

    /// Gives the values that the tiers have, and those that `body` returns for the ids that are missing. It runs at most
    /// once, and gets one id of each key. An id that it returns nothing for is not in the result, and not cached.
    ///
    /// # Cancel safety
    /// Dropping the future drops the body. Who waits for one of its keys goes on, and loads that.
    pub async fn load<F, Fut>(self, body: F) -> O::Return
    where
        F: FnOnce(Vec<Id<O>>) -> Fut,
        Fut: Future<Output = O::Return>,
    {
        let Self { engine, site, found, missing } = self;
        if missing.is_empty() {
            return O::close(Ok(gather::<O>(values::<O>(found))));
        }
        let (mut names, mut keys, mut plans) = (Vec::new(), Vec::new(), Vec::new());
        for Missing { ids, key, hash, plan } in missing {
            names.push(ids);
            keys.push(key);
            plans.push((hash, plan));
        }
        let calls = keys.iter().zip(&plans).map(|(key, (hash, plan))| Call::<Each<O>> {
            engine: &engine,
            site,
            key: key.as_str(),
            rendered: key,
            hash: *hash,
            plan,
            at_hand: OnceLock::new(),
            met: Met::default(),
            stale_if: None,
            limit: None,
        });
        let wanted = names.into_iter().zip(calls).collect();
        let loaded = Box::pin(load::run::<O, _, _>(wanted, body)).await;
        O::close(loaded.map(|loaded| {
            let mut all = values::<O>(found);
            all.extend(loaded);
            gather::<O>(all)
        }))
    }
}

/// Gives each id of a key the key's value.
fn gather<O: Outcome>(values: Vec<(Ids<O>, Value<O>)>) -> O::Value
where
    O::Value: BatchMap,
    Value<O>: CacheValue,
{
    let mut found = Vec::with_capacity(values.len());
    for (Ids { first, others }, value) in values {
        found.extend(others.into_iter().map(|id| (id, value.clone())));
        found.push((first, value));
    }
    O::Value::gather(found)
}

fn values<O: Outcome>(found: Vec<Found<O>>) -> Vec<(Ids<O>, Value<O>)>
where
    O::Value: BatchMap,
    Value<O>: CacheValue,
{
    found.into_iter().map(|(ids, entry)| (ids, entry.value.clone())).collect()
}
