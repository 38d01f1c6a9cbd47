//! Putting a value under a key without loading it: in the remote tier under a lease of its own, then here.
//!
//! It takes a tick before and one after. What others invalidate or put in between is newer than this value, or may
//! be: then it is not kept here, and the next read asks the remote tier which one has won.

use crate::codec::{self, CacheValue, Envelope, Format};
use crate::engine::{Engine, Shared};
use crate::events::Timer;
use crate::identity;
use crate::invalidation::Invalidation;
use crate::key::Key;
use crate::local::{Entry, Meta, TOO_LARGE, Tick};
use crate::remote::backplane::Message;
use crate::remote::{Announced, Fill};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Puts a value under a key. Not a load: it joins no flight, and no scope changes it.
pub(crate) async fn set<T: CacheValue>(engine: &Arc<Engine>, key: &Key, value: T, ttl_ms: u64) {
    let timer = Timer::start();
    let hash = engine.local.hash(key.as_str());
    let gone = Invalidation::new().key(key);
    let since = engine.local.invalidate(&gone);
    let (won, announced) = match &engine.shared {
        Some(shared) => store(engine, shared, key, &gone, &value, ttl_ms).await,
        None => (true, None),
    };
    // What a reader has loaded meanwhile is older than the new value: a second tick.
    match engine.local.renew(hash, key.as_str(), since).filter(|_| won && ttl_ms > 0) {
        None => {
            engine.local.invalidate(&gone);
        }
        Some(start) => {
            let entry = entry(engine, key, value, ttl_ms, start);
            let is_kept = keep(engine, hash, key, entry);
            if !is_kept {
                // What a reader has kept meanwhile would stay.
                engine.local.invalidate(&gone);
            }
            if is_kept || engine.shared.is_some() {
                engine.events.stored(key.as_str(), ttl_ms, timer);
            }
        }
    }
    // Here all is done: who is cancelled while others have not heard of it leaves nothing undone.
    if let (Some(shared), Some(announced)) = (&engine.shared, announced) {
        super::heard(shared, announced).await;
    }
}

/// Puts an entry into the local tier. Not if its lifetime has ended, or it does not fit.
fn keep<T: CacheValue>(engine: &Engine, hash: u64, key: &Key, entry: Entry<T>) -> bool {
    if !engine.local.is_off() && !engine.local.fits(&entry.meta) {
        engine.events.unstorable(0, key.as_str(), &TOO_LARGE);
        return false;
    }
    engine.local.insert(hash, key.as_str(), Arc::new(entry))
}

fn entry<T: CacheValue>(
    engine: &Engine,
    key: &Key,
    value: T,
    ttl_ms: u64,
    start: Tick,
) -> Entry<T> {
    let now = engine.clock.now();
    let ends = now.saturating_add(ttl_ms);
    let bytes = codec::encoded_len(&value) + size_of::<T>() as u64;
    let meta = Meta {
        start,
        verified: AtomicU64::new(0),
        began: now,
        expires: ends,
        fresh_until: ends,
        stale_until: ends,
        cost_ms: 0.0,
        schema: 0,
        tags: Box::default(),
        weight: engine.local.weigh(key.as_str(), bytes),
    };
    Entry { meta, value }
}

/// Stores a value in the remote tier and tells the others; what fails becomes an invalidation that waits. Says whether
/// the value may be kept here, which it may not if another one has won there, and what the others were told.
async fn store<T: CacheValue>(
    engine: &Arc<Engine>,
    shared: &Arc<Shared>,
    key: &Key,
    gone: &Invalidation,
    value: &T,
    ttl_ms: u64,
) -> (bool, Option<Announced>) {
    let entry = encode(engine, shared, key, value, ttl_ms);
    // Whatever ends this before it is done leaves an invalidation, which is always right.
    let undone = Undone { engine, shared, gone };
    let (Some(entry), Some(permit)) = (entry, shared.permit()) else {
        undone.wait();
        return (true, None);
    };
    let message = Message::new(&shared.origin, gone);
    match shared.remote.put(key.as_str(), entry, ttl_ms, &message).await {
        Ok((fill, announced)) => {
            permit.succeeded();
            std::mem::forget(undone);
            (fill == Fill::Stored, Some(announced))
        }
        Err(fault) => {
            permit.failed();
            engine.events.fault("set", &fault);
            undone.wait();
            (true, None)
        }
    }
}

/// The bytes of an entry, if it can and may be stored in the remote tier.
fn encode<T: CacheValue>(
    engine: &Engine,
    shared: &Shared,
    key: &Key,
    value: &T,
    ttl_ms: u64,
) -> Option<Vec<u8>> {
    if ttl_ms == 0 {
        return None;
    }
    let payload = shared.remote.encode(None, value);
    let payload = payload.inspect_err(|why| engine.events.unstorable(0, key.as_str(), why)).ok()?;
    let created = engine.clock.wall();
    let header = Envelope {
        format: Format::default(),
        id: identity::unique(),
        created,
        fresh_until: created.saturating_add(ttl_ms),
        cost_us: 0,
        schema: 0,
        fingerprint: codec::fingerprint::<T>(),
        stamps: Vec::new(),
    };
    shared.remote.stored(key.as_str(), header, &payload)
}

/// A value that is not in the remote tier yet.
struct Undone<'a> {
    engine: &'a Engine,
    shared: &'a Shared,
    gone: &'a Invalidation,
}

impl Undone<'_> {
    /// It will not be; this process goes on with it.
    fn wait(self) {
        drop(self.shared.pending.push(self.gone));
        std::mem::forget(self);
    }
}

/// The caller is gone: nobody takes the second tick that readers since the first one need.
impl Drop for Undone<'_> {
    fn drop(&mut self) {
        drop(self.shared.pending.push(self.gone));
        self.engine.local.invalidate(self.gone);
    }
}
