//! What holds for a stretch of one task: a request in which each key is read once, scopes that refresh or bypass the
//! cache, and the cache that a test puts in place. Which cache serves without a scope is decided in `current`.

mod lead;
mod report;
mod request;
mod waits;

pub(crate) use lead::{Lead, Within, before_reading, is_in_load, is_leading, rests_on, within};
pub use report::{Forwarded, ReadReport, ReadSource, RequestReport};
pub(crate) use request::Request;
pub(crate) use waits::wait_for;

use crate::engine::Engine;
use crate::flight::Landing;
use crate::key::Rendered;
use std::collections::HashSet;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Whether any scope was ever entered: without one, a hit does not look for it.
static USED: AtomicBool = AtomicBool::new(false);

tokio::task_local! {
    static REQUEST: Arc<Request>;
    static MODE: Arc<Mode>;
    static ENGINE: Arc<Engine>;
}

/// How reads behave.
enum Mode {
    /// Each key is loaded anew, once.
    Refresh(Mutex<HashSet<(usize, Box<str>)>>),
    /// One key of one cache is loaded anew: the background task of a stale value. What came of it is left in the slot.
    Revalidate(usize, Box<str>, Slot),
    /// The cache is neither asked nor filled.
    Bypass,
}

/// What came of a background task's load, for a caller that waits for it.
pub(crate) type Slot = Arc<OnceLock<Landing>>;

/// What a scope asks of one read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    Usual,
    /// Whatever the tiers have, load.
    Refresh,
    /// Load, unless another process has done so meanwhile.
    Revalidate,
    Bypass,
}

/// Runs a future in which every key is read once: later reads of it give the same value, whatever the tiers have
/// by then, unless it was invalidated meanwhile. For one request of a web service.
///
/// Tasks spawned inside are not in the scope.
///
/// # Cancel safety
/// That of the future.
pub async fn request_scope<F: Future>(future: F) -> F::Output {
    request_scope_with_report(future).await.0
}

/// Like [`request_scope`], and tells what the cache did for the request.
///
/// # Cancel safety
/// That of the future; there is no report then.
pub async fn request_scope_with_report<F: Future>(future: F) -> (F::Output, RequestReport) {
    USED.store(true, Ordering::Relaxed);
    let request = Arc::new(Request::default());
    let output = REQUEST.scope(request.clone(), future).await;
    (output, request.report())
}

/// Runs a future in which every key that is read is loaded anew, once, and stored: for warming, and for reads that
/// must see a transaction's surroundings as they are now.
///
/// Others are served what is there until the new value takes its place; a load that fails leaves it.
///
/// # Cancel safety
/// That of the future.
pub async fn refresh_scope<F: Future>(future: F) -> F::Output {
    USED.store(true, Ordering::Relaxed);
    MODE.scope(Arc::new(Mode::Refresh(Mutex::default())), future).await
}

/// Runs the future of a background task in which one key of one cache is loaded anew. Gives what came of that, if the task
/// did read the key.
///
/// `around` is the cache of the scope that the task was begun in: of the functions that its load calls, those that name no
/// cache use what they use where the caller loads, which need not be the cache of the key.
pub(crate) async fn revalidating<F: Future>(
    cache: usize,
    key: Box<str>,
    around: Option<Arc<Engine>>,
    future: F,
) -> Option<Landing> {
    USED.store(true, Ordering::Relaxed);
    let slot = Slot::default();
    let mode = Arc::new(Mode::Revalidate(cache, key, slot.clone()));
    let revalidating = MODE.scope(mode, future);
    match around {
        Some(engine) => drop(in_engine(engine, revalidating).await),
        None => drop(revalidating.await),
    }
    slot.get().cloned()
}

/// Says what came of the load of a background task.
pub(crate) fn revalidated(landing: Landing) {
    let leave = |mode: &Arc<Mode>| {
        if let Mode::Revalidate(.., slot) = &**mode {
            // The first is that of the task's own call.
            let _ = slot.set(landing);
        }
    };
    let _ = MODE.try_with(leave);
}

/// Runs a future in which annotated functions that name no cache use this one.
pub(crate) async fn in_engine<F: Future>(engine: Arc<Engine>, future: F) -> F::Output {
    USED.store(true, Ordering::Relaxed);
    ENGINE.scope(engine, future).await
}

/// The cache of the scope, if there is one.
#[inline]
pub(crate) fn engine() -> Option<Arc<Engine>> {
    if !USED.load(Ordering::Relaxed) {
        return None;
    }
    ENGINE.try_with(Clone::clone).ok()
}

/// Runs a future in which annotated functions run their bodies as if they were not annotated.
///
/// # Cancel safety
/// That of the future.
pub async fn bypass_scope<F: Future>(future: F) -> F::Output {
    USED.store(true, Ordering::Relaxed);
    MODE.scope(Arc::new(Mode::Bypass), future).await
}

/// What the scope around a read asks of it. The first asking of a key in a refresh scope refreshes it.
#[inline]
pub(crate) fn wish(cache: usize, key: Rendered<'_>) -> Wish {
    if !USED.load(Ordering::Relaxed) {
        return Wish::Usual;
    }
    wish_of_scope(cache, key.text())
}

#[cold]
fn wish_of_scope(cache: usize, key: &str) -> Wish {
    let ask = |mode: &Arc<Mode>| match &**mode {
        Mode::Bypass => Wish::Bypass,
        Mode::Revalidate(of, wanted, _) if *of == cache && **wanted == *key => Wish::Revalidate,
        Mode::Revalidate(..) => Wish::Usual,
        Mode::Refresh(done) => {
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            if done.insert((cache, key.into())) { Wish::Refresh } else { Wish::Usual }
        }
    };
    MODE.try_with(ask).unwrap_or(Wish::Usual)
}

/// The request around a read.
#[inline]
pub(crate) fn request() -> Option<Arc<Request>> {
    if !USED.load(Ordering::Relaxed) {
        return None;
    }
    REQUEST.try_with(Clone::clone).ok()
}
