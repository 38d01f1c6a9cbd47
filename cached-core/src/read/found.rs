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
    Hit {
        value: T,
        began: Start,
        lives_ms: u64,
        cost_ms: f64,
        bytes: u64,
        tags: Vec<Key>,
    },
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

/// Decodes an entry, and says how long it is fresh yet at a time on the wall.
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
    let stamps = &entry.envelope.stamps;
    let (value, length) = shared.remote.decode(call.key, entry)?;
    Ok(Looked::Hit {
        value,
        began,
        lives_ms: lives_ms(entry, wall),
        cost_ms: f64::from(entry.envelope.cost_us) / 1e3,
        bytes: length as u64,
        tags: stamps.iter().map(|stamp| Key::verbatim(&stamp.tag)).collect(),
    })
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
