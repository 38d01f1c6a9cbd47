//! Reads: the local tier is asked when a read is described; `path` tells what happens when it has nothing.
//!
//! What invalidates is not here; what an invalidation means for a read is asked of the tiers.

mod account;
mod batch;
mod call;
mod early;
mod found;
mod keep;
mod lease;
mod limit;
mod lookup;
mod overtime;
mod path;
mod patience;
mod peek;
mod plan;
mod stale;

pub use batch::{Batch, BatchMap};

use crate::codec::{CacheValue, Codec};
use crate::engine::{Engine, EngineRef};
use crate::error::LoadTimeout;
use crate::events::{Tier, Timer};
use crate::key::{EarlyPart, Key, KeyBuf, Rendered};
use crate::local::Entry;
use crate::outcome::Outcome;
use crate::scope::{self, ReadReport, ReadSource, Request, Wish, Within};
use crate::site::{Keep, Site};
use crate::ttl::Ttl;
use call::{Call, Met};
use limit::Limit;
use plan::{Early, Plan, StaleIf};
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

/// One read of one key: asked of the local tier at once, of everything else by [`Read::load`].
///
/// It is two words, which stay in registers: a hit is a pointer to the entry, whose value is cloned where it is returned and
/// moved nowhere; what a miss needs is behind a pointer, its key included, so that the buffer that the key was rendered
/// into ends before the future waits for anything.
#[must_use = "a read does nothing more until it is loaded"]
pub struct Read<'a, O: Outcome>(Answer<'a, O>);

/// What the local tier says at once.
enum AtOnce<T> {
    Entry(Arc<Entry<T>>),
    /// There is one, and this caller is to load it anew before its lifetime ends.
    Early(Early<T>),
}

/// The request around a read, and since when the read asks.
struct Asking {
    request: Arc<Request>,
    since: Instant,
}

impl Asking {
    #[cold]
    fn now(request: Arc<Request>) -> Self {
        Self { request, since: Instant::now() }
    }
}

/// A plan is made only where the local tier has no value: a hit carries and drops nothing of it.
enum Answer<'a, O: Outcome> {
    Hit(Arc<Entry<O::Value>>),
    Miss(Box<Miss<'a, O>>),
}

struct Miss<'a, O: Outcome> {
    engine: EngineRef<'a>,
    site: &'a Site,
    key: Key,
    hash: u64,
    plan: Plan<'a, O::Value>,
    stale_if: Option<StaleIf<'a, O::Error>>,
    limit: Option<Limit<'a, O::Error>>,
}

impl<'a, O: Outcome> Read<'a, O>
where
    O::Value: CacheValue,
{
    #[inline]
    pub(crate) fn begin(engine: EngineRef<'a>, site: &'a Site, key: Rendered<'_>) -> Self {
        let timer = Timer::of(&engine.events);
        let hash = engine.local.hash(key.bytes());
        let wish = scope::wish(engine.id, key);
        let hit = match wish {
            Wish::Usual => Self::at_once(&engine, site, key, hash, timer),
            Wish::Refresh | Wish::Revalidate | Wish::Bypass => None,
        };
        match hit {
            Some(AtOnce::Entry(entry)) => Self(Answer::Hit(entry)),
            Some(AtOnce::Early(early)) => Self::miss(engine, site, key, hash, wish, Some(early)),
            None => Self::miss(engine, site, key, hash, wish, None),
        }
    }

    #[cold]
    fn miss(
        engine: EngineRef<'a>,
        site: &'a Site,
        key: Rendered<'_>,
        hash: u64,
        wish: Wish,
        early: Option<Early<O::Value>>,
    ) -> Self {
        let plan = Plan { early, ..Plan::new(site.ttl, wish) };
        let key = Key::verbatim(key.text());
        Self(Answer::Miss(Box::new(Miss {
            engine,
            site,
            key,
            hash,
            plan,
            stale_if: None,
            limit: None,
        })))
    }

    /// What is known in this process: read before in this request, or in the local tier.
    #[inline]
    fn at_once(
        engine: &Arc<Engine>,
        site: &Site,
        key: Rendered<'_>,
        hash: u64,
        timer: Timer,
    ) -> Option<AtOnce<O::Value>> {
        let within = scope::within();
        if matches!(within, Within::Fill(_)) && engine.shared.is_some() {
            return None;
        }
        let request = scope::request().map(Asking::now);
        let recalled =
            request.as_ref().and_then(|asking| Self::recall(engine, asking, site, key, hash));
        let (entry, tier) = match recalled {
            Some(entry) => (entry, Tier::Request),
            None if site.local == Keep::No => return None,
            None => {
                let ahead_ms = match within {
                    Within::NoLoad if site.early_refresh => {
                        early::is_due(engine, hash, key.bytes())
                    }
                    _ => None,
                };
                let entry = engine.local.find::<O::Value>(hash, key.bytes(), Some(site.version))?;
                if let Some(ahead_ms) = ahead_ms {
                    return Some(AtOnce::Early(Early { at_hand: entry, ahead_ms }));
                }
                (entry, Tier::Local)
            }
        };
        engine.events.hit(site.index.get(), key, tier, timer);
        if let Some(asking) = request {
            Self::note(engine, &asking, site, key, tier, &entry);
        }
        if within != Within::NoLoad {
            // The load around it is then as old as the value.
            call::rest_on(engine, &entry.meta);
        }
        Some(AtOnce::Entry(entry))
    }

    /// What was read before in this request, if it is still true.
    #[cold]
    fn recall(
        engine: &Engine,
        asking: &Asking,
        site: &Site,
        key: Rendered<'_>,
        hash: u64,
    ) -> Option<Arc<Entry<O::Value>>> {
        let (cache, text) = (engine.id, key.text());
        let known = asking.request.recall::<O::Value>(cache, text)?;
        let meta = known.meta();
        let serves = meta.schema == site.version && engine.local.still_true(hash, text, meta);
        known.downcast::<O::Value>().filter(|_| serves)
    }

    /// Puts a hit on the request's account, and keeps it for later reads.
    #[cold]
    fn note(
        engine: &Engine,
        asking: &Asking,
        site: &Site,
        key: Rendered<'_>,
        tier: Tier,
        entry: &Arc<Entry<O::Value>>,
    ) {
        let Asking { request, since } = asking;
        let source = match tier {
            Tier::Request => ReadSource::Request,
            _ => {
                let cache = engine.id;
                request.remember::<O::Value>(cache, key.text(), entry.clone());
                ReadSource::Local
            }
        };
        let report = ReadReport::new(site.template, source, since.elapsed());
        request.account(report.fresh_until(entry.meta.fresh_until, engine.clock.now()));
    }

    /// Changes what is done on a miss; on a hit nothing is asked for.
    #[inline]
    fn on_miss(mut self, change: impl FnOnce(&mut Plan<'a, O::Value>)) -> Self {
        if let Answer::Miss(miss) = &mut self.0 {
            change(&mut miss.plan);
        }
        self
    }

    /// The entry's lifetime.
    pub fn ttl(self, ttl: impl Into<Ttl>) -> Self {
        self.on_miss(|plan| plan.ttl = ttl.into())
    }

    /// The entry's lifetime, by its value.
    pub fn ttl_with<W: Into<Ttl>>(self, ttl: impl Fn(&O::Value) -> W + Send + Sync + 'a) -> Self {
        self.on_miss(|plan| plan.ttl_with = Some(Box::new(move |value| ttl(value).into())))
    }

    /// Stores only values that a function accepts.
    pub fn cache_if(self, accept: impl Fn(&O::Value) -> bool + Send + Sync + 'a) -> Self {
        self.on_miss(|plan| plan.cache_if = Some(Box::new(accept)))
    }

    /// Tells which values are "none", for the site's `none` option.
    pub fn none_if(self, is_none: fn(&O::Value) -> bool) -> Self {
        self.on_miss(|plan| plan.is_none = Some(is_none))
    }

    /// How the value is written in the remote tier.
    pub fn codec(self, codec: Codec) -> Self {
        self.on_miss(|plan| plan.codec = Some(codec))
    }

    /// A tag that is known before the load.
    pub fn tag(self, write: impl FnOnce(&mut KeyBuf)) -> Self {
        self.on_miss(|plan| plan.tags.push(Key::render(write)))
    }

    /// A tag that depends on the value.
    pub fn return_tag(self, write: impl Fn(&O::Value, &mut KeyBuf) + Send + Sync + 'a) -> Self {
        self.return_tag_with(|| [], move |_, value, k| write(value, k))
    }

    /// A tag that depends on the value and on parts rendered before the load.
    pub fn return_tag_with<const N: usize>(
        self,
        parts: impl FnOnce() -> [EarlyPart; N],
        write: impl Fn(&[EarlyPart; N], &O::Value, &mut KeyBuf) + Send + Sync + 'a,
    ) -> Self {
        self.return_tags(parts, move |parts, value, tags| {
            tags.push(Key::render(|k| write(parts, value, k)));
        })
    }

    /// Tags that depend on elements of the value, and on parts rendered before the load.
    pub fn return_tags<const N: usize>(
        self,
        parts: impl FnOnce() -> [EarlyPart; N],
        add: impl Fn(&[EarlyPart; N], &O::Value, &mut Vec<Key>) + Send + Sync + 'a,
    ) -> Self {
        self.on_miss(|plan| {
            let parts = parts();
            plan.late_tags.push(Box::new(move |value, tags| add(&parts, value, tags)));
        })
    }

    /// A task that calls the annotated function again, owning its arguments: run where a stale value is served.
    pub fn refresh<R>(self, task: impl FnOnce() -> R) -> Self
    where
        R: Future<Output = ()> + Send + 'static,
    {
        self.on_miss(|plan| plan.refresh = Mutex::new(Some(Box::pin(task()))))
    }

    /// In place of which errors a stale value is served.
    pub fn stale_if(mut self, accept: impl Fn(&O::Error) -> bool + Send + Sync + 'a) -> Self {
        if let Answer::Miss(miss) = &mut self.0 {
            miss.stale_if = Some(Box::new(accept));
        }
        self
    }

    /// The error of a caller that has waited for a load as long as the site's `timeout` says.
    pub(crate) fn timeout_with(
        mut self,
        error: impl Fn(LoadTimeout) -> O::Error + Send + Sync + 'a,
    ) -> Self {
        if let Answer::Miss(miss) = &mut self.0
            && let Some(whole) = miss.site.timeout
            // A load in the background goes on.
            && miss.plan.wish != Wish::Revalidate
        {
            miss.limit = Some(Limit::new(whole, error));
        }
        self
    }

    /// Gives the cached value, or runs `body` (at most once) and stores what it returns.
    ///
    /// Concurrent calls of one key share one load, in this process and, through the lease, across processes.
    ///
    /// # Cancel safety
    /// Dropping the future drops the body. Waiting callers go on: one of them loads.
    pub fn load<F>(self, body: F) -> impl Future<Output = O::Return>
    where
        F: Future<Output = O::Return>,
    {
        // Taken apart before the future is made: of a hit that carries the entry alone.
        let answer = match self.0 {
            Answer::Hit(entry) => Ok(entry),
            // Boxed: the way behind the local tier is long, and its state would be part of every caller's future, which
            // is written and moved on a hit too.
            Answer::Miss(miss) => Err(Box::pin(async move {
                // What it says stays where it is.
                let call = Call::<O> {
                    engine: &miss.engine,
                    site: miss.site,
                    key: miss.key.as_str(),
                    rendered: &miss.key,
                    hash: miss.hash,
                    plan: &miss.plan,
                    at_hand: OnceLock::new(),
                    met: Met::default(),
                    stale_if: miss.stale_if.as_ref(),
                    limit: miss.limit.as_ref(),
                };
                call.run(body).await
            })),
        };
        async move {
            match answer {
                Ok(entry) => O::close(Ok(taken(entry))),
                Err(miss) => miss.await,
            }
        }
    }
}

/// A hit's value. Never part of its caller, so that the clone is made where it is returned to and not moved there.
#[inline(never)]
fn taken<T: Clone>(entry: Arc<Entry<T>>) -> T {
    entry.value.clone()
}

/// The value of a key, if a tier has one that may be served. Loads nothing, takes no lease.
pub(crate) async fn peek<T: CacheValue>(engine: &Engine, key: &str) -> Option<T> {
    let timer = Timer::of(&engine.events);
    let within = scope::within();
    let older = !matches!(within, Within::Fill(_)) || engine.shared.is_none();
    if let Some(entry) = engine.local.find::<T>(engine.local.hash(key), key, None).filter(|_| older)
    {
        if within != Within::NoLoad {
            call::rest_on(engine, &entry.meta);
        }
        engine.events.hit(0, key.into(), Tier::Local, timer);
        return Some(entry.value.clone());
    }
    let value = peek::peek(engine, key).await;
    match value {
        Some(_) => engine.events.hit(0, key.into(), Tier::Remote, timer),
        None => drop(engine.events.miss(0, key)),
    }
    value
}
