//! What the remote tier has of a key, as what a read makes of it. How it is asked is in `lookup`.

use super::call::Call;
use super::lease::Lease;
use crate::codec::{CacheValue, CodecError, Entry};
use crate::engine::Shared;
use crate::flight::Start;
use crate::key::Key;
use crate::local;
use crate::outcome::Outcome;
use crate::remote::Held;
use std::sync::Arc;

/// What the remote tier brought.
pub(super) enum Looked<T> {
    /// A copy of what it has: made at once, since values are large and this is handed up through futures.
    Hit { entry: Arc<local::Entry<T>>, order: u64, lives_ms: u64 },
    /// Its lifetime has ended, but it is served, and loaded anew in the background.
    Stale(Arc<local::Entry<T>>),
    /// This caller loads, and may fill.
    Lead(Lease),
    /// Somebody else loads, and this caller need not wait.
    Busy,
    /// Somebody else's load was waited for as long as the caller may.
    Overtime,
    /// Load without filling: no remote tier, or it cannot be used for this key now.
    Nothing,
}

/// What is wrong with bytes that are no entry of use.
pub(super) const UNREADABLE: &str = "foreign, damaged or of another version";

/// This caller loads, perhaps in place of bytes that nobody here can read.
pub(super) fn lead<O: Outcome>(call: &Call<'_, O>, held: Held) -> Looked<O::Value> {
    if held.unreadable() {
        call.engine.events.undecodable(call.of(), call.key, &UNREADABLE);
    }
    Looked::Lead(Lease::new(call.engine.clone(), call.of(), call.key, held))
}

/// Decodes an entry into a hit that is fresh for what is left at a time on the wall.
pub(super) fn serve<O: Outcome>(
    call: &Call<'_, O>,
    shared: &Shared,
    entry: &Entry,
    began: Start,
    wall: u64,
) -> Result<Looked<O::Value>, CodecError>
where
    O::Value: CacheValue,
{
    let lives_ms = lives_ms(entry, wall);
    let entry = copy(call, shared, entry, began, lives_ms)?;
    Ok(Looked::Hit { entry, order: began.order, lives_ms })
}

/// Decodes an entry into one of this process that is fresh for so long.
pub(super) fn copy<O: Outcome>(
    call: &Call<'_, O>,
    shared: &Shared,
    entry: &Entry,
    began: Start,
    lives_ms: u64,
) -> Result<Arc<local::Entry<O::Value>>, CodecError>
where
    O::Value: CacheValue,
{
    let (value, length) = shared.remote.decode(call.key, entry)?;
    let tags = entry.envelope.stamps.iter().map(|stamp| Arc::from(&*stamp.tag)).collect();
    let cost_ms = f64::from(entry.envelope.cost_us) / 1e3;
    Ok(call.entry(value, began, tags, (lives_ms, cost_ms), length as u64))
}

/// How long an entry is fresh yet, at a time on the wall.
pub(super) fn lives_ms(entry: &Entry, wall: u64) -> u64 {
    let header = &entry.envelope;
    // Another machine's clock wrote these times: however far ours is behind, a copy lives one TTL at most.
    let whole = header.fresh_until.saturating_sub(header.created);
    header.fresh_until.saturating_sub(wall).min(whole)
}

/// Whether an invalidation waits, or waited when the entry was asked for, that the entry may be older than.
pub(super) fn is_due(shared: &Shared, key: &str, entry: &Entry, tags_due: &[Key]) -> bool {
    let tags = || entry.envelope.stamps.iter().map(|stamp| &*stamp.tag);
    tags().any(|tag| tags_due.iter().any(|due| due.as_str() == tag))
        || shared.pending.affects(key, tags())
}
