//! What becomes of a loaded value: whether and how long it is kept, as an entry of the local tier and as bytes for the
//! remote one. Who may fill that is decided in `lease`.

use super::call::Call;
use crate::codec::{self, CacheValue, Envelope, Format, MAX_TAGS, Payload};
use crate::flight::{Landing, Leader, Start};
use crate::identity;
use crate::key::Key;
use crate::local::{AnyEntry, Entry, Meta, TOO_LARGE};
use crate::outcome::Outcome;
use crate::site::Keep;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// A loaded value, and what is left to do with it.
pub(super) struct Loaded<T> {
    pub(super) entry: Arc<Entry<T>>,
    /// It is in the local tier.
    pub(super) kept: bool,
    pub(super) ttl_ms: u64,
    pub(super) to_fill: Option<ToFill>,
}

/// What the remote tier is to store.
pub(super) struct ToFill {
    pub(super) tags: Vec<Key>,
    pub(super) late: Vec<Key>,
    pub(super) header: Envelope,
    pub(super) payload: Payload,
}

/// What became of a value in the local tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    Yes,
    /// Invalidated since it was begun.
    Refused,
    /// It is not to be kept, or cannot be.
    No,
}

impl<O: Outcome> Call<'_, O>
where
    O::Value: CacheValue,
{
    /// Keeps a loaded value here and hands it to those who wait for it; says what is left to do for the remote tier.
    pub(super) fn keep_loaded(
        &self,
        value: O::Value,
        began: Start,
        cost: Duration,
        leader: Leader<'_>,
        can_fill: bool,
    ) -> Loaded<O::Value> {
        let ttl_ms = self.lifetime(&value);
        let late = self.plan.late_tags(&value);
        let payload = match can_fill && ttl_ms > 0 {
            true => self.encode(&value),
            false => None,
        };
        let bytes = match &payload {
            Some(payload) => payload.length as u64,
            None if self.site.local == Keep::No || ttl_ms == 0 => 0,
            None => codec::encoded_len(&value),
        };
        let tags: Vec<Key> = self.plan.tags.iter().chain(&late).cloned().collect();
        let lives = (ttl_ms, cost.as_secs_f64() * 1e3);
        let names = tags.iter().map(Key::shared).collect();
        let entry = self.entry(value, began, names, lives, bytes);
        let outcome = self.keep(&entry, ttl_ms);
        let kept = outcome == Kept::Yes;
        if !kept {
            // What was there before is not the source's answer any more.
            self.engine.local.forget(self.hash, self.key, began.tick);
        }
        // Followers need not wait for the remote tier.
        leader.land(Landing::Value(entry.clone(), began.order));
        let header = || self.header(ttl_ms, cost);
        let payload = payload.filter(|_| self.may_carry(&tags));
        let to_fill = payload.map(|payload| ToFill { tags, late, header: header(), payload });
        // Where the remote tier is filled too, that is what says what became of the value.
        if outcome == Kept::Refused && to_fill.is_none() {
            self.engine.events.refused(self.of(), self.key);
        }
        Loaded { entry, kept, ttl_ms, to_fill }
    }

    /// How long a value is kept, in milliseconds; 0 if it is not.
    fn lifetime(&self, value: &O::Value) -> u64 {
        if !O::is_cacheable() {
            let why = "a `Result` behind a type parameter: write `-> Result<T, E>`";
            self.engine.events.unstorable(self.of(), self.key, &why);
            return 0;
        }
        self.engine.jittered(self.plan.lifetime(value, self.site, &self.engine.tiers))
    }

    /// The payload for the remote tier, if it can and may be stored there.
    fn encode(&self, value: &O::Value) -> Option<Payload> {
        let payload = self.engine.shared.as_ref()?.remote.encode(self.plan.codec, value);
        payload.inspect_err(|why| self.engine.events.unstorable(self.of(), self.key, why)).ok()
    }

    /// Whether an entry of the remote tier can have so many tags.
    fn may_carry(&self, tags: &[Key]) -> bool {
        let few = tags.len() <= MAX_TAGS;
        if !few {
            let why = format!(
                "{} tags, more than the {MAX_TAGS} of an entry: name many by one tag",
                tags.len()
            );
            self.engine.events.unstorable(self.of(), self.key, &why);
        }
        few
    }

    fn header(&self, ttl_ms: u64, cost: Duration) -> Envelope {
        let created = self.engine.clock.wall();
        Envelope {
            format: Format::default(),
            id: identity::unique(),
            created,
            fresh_until: created.saturating_add(ttl_ms),
            cost_us: u32::try_from(cost.as_micros()).unwrap_or(u32::MAX),
            schema: self.site.version,
            fingerprint: codec::fingerprint::<O::Value>(),
            stamps: Vec::new(),
        }
    }

    pub(super) fn entry(
        &self,
        value: O::Value,
        began: Start,
        tags: Box<[Arc<str>]>,
        (lives_ms, cost_ms): (u64, f64),
        bytes: u64,
    ) -> Arc<Entry<O::Value>> {
        let local_ms = match self.site.local {
            Keep::AtMost(ttl) => self.engine.tiers.millis(ttl).min(lives_ms),
            Keep::Entry => lives_ms,
            Keep::No => 0,
        };
        let now = self.engine.clock.now();
        let fresh_until = now.saturating_add(lives_ms);
        let meta = Meta {
            start: began.tick,
            verified: AtomicU64::new(0),
            began: began.at,
            expires: now.saturating_add(local_ms),
            fresh_until,
            stale_until: fresh_until.saturating_add(self.stale_ms()),
            cost_ms,
            schema: self.site.version,
            tags,
            weight: self.engine.local.weigh(self.key, bytes + size_of::<O::Value>() as u64),
        };
        Arc::new(Entry { meta, value })
    }

    /// How long a value is of use after its lifetime.
    pub(super) fn stale_ms(&self) -> u64 {
        let windows = [self.site.stale_while_revalidate, self.site.stale_if_error];
        windows.into_iter().flatten().map(|ttl| self.engine.tiers.millis(ttl)).max().unwrap_or(0)
    }

    /// Puts an entry into the local tier.
    pub(super) fn keep(&self, entry: &Arc<Entry<O::Value>>, lives_ms: u64) -> Kept {
        if self.site.local == Keep::No || lives_ms == 0 || self.engine.local.is_off() {
            return Kept::No;
        }
        if !self.engine.local.fits(&entry.meta) {
            self.engine.events.unstorable(self.of(), self.key, &TOO_LARGE);
            return Kept::No;
        }
        if self.engine.local.insert(self.hash, self.key, entry.clone() as Arc<dyn AnyEntry>) {
            Kept::Yes
        } else if self.engine.clock.now() < entry.meta.stale_until {
            Kept::Refused
        } else {
            // Its lifetime ended while others of its batch were waited for.
            Kept::No
        }
    }
}
