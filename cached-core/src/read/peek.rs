//! A look at what the remote tier has of a key, for who takes no lease and waits for nobody.

use super::call;
use super::found::{UNREADABLE, is_due};
use crate::codec::{self, CacheValue};
use crate::engine::{Engine, Shared};
use crate::remote::{Expect, Peeked};
use std::sync::Arc;

/// The remote tier's value of a key.
pub(super) async fn peek<T: CacheValue>(engine: &Engine, key: &str) -> Option<T> {
    call::before_reading().await;
    let shared = engine.shared.as_ref()?;
    let expect = Expect { schema: None, fingerprint: codec::fingerprint::<T>() };
    match look(engine, shared, key, expect).await? {
        // Stale ones are for who loads.
        Peeked::Entry(entry) if engine.clock.wall() < entry.envelope.fresh_until => {
            let value = shared.remote.decode(key, &entry).map(|(value, _)| value);
            value.inspect_err(|why| engine.events.undecodable(0, key, why)).ok()
        }
        Peeked::Entry(_) | Peeked::Nothing => None,
        Peeked::Unreadable => {
            engine.events.undecodable(0, key, &UNREADABLE);
            None
        }
    }
}

/// What is at a key, fresh or not. `None` if the tier does not answer, or an invalidation of the key waits.
pub(super) async fn look(
    engine: &Engine,
    shared: &Arc<Shared>,
    key: &str,
    expect: Expect,
) -> Option<Peeked> {
    // The tags before the queue is asked: see `lookup`.
    let tags_due = shared.pending.tags();
    if shared.pending.affects(key, []) {
        return None;
    }
    let permit = shared.permit()?;
    let answer = shared.remote.peek(key, expect).await;
    Some(match engine.settle(permit, "look-up", answer)? {
        Peeked::Entry(entry) if is_due(shared, key, &entry, &tags_due) => Peeked::Nothing,
        peeked => peeked,
    })
}
