//! A read on its way through the tiers: what it carries. What is done with it is in `path` and `lookup`.

use super::limit::Limit;
use super::plan::{Plan, StaleIf};
use crate::codec;
use crate::engine::Engine;
use crate::flight::{self, Start};
use crate::key::Key;
use crate::local::{Entry, Meta};
use crate::outcome::Outcome;
use crate::remote::Expect;
use crate::scope;
use crate::site::Site;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

/// A read that the local tier did not answer.
pub(super) struct Call<'a, O: Outcome> {
    pub(super) engine: &'a Arc<Engine>,
    pub(super) site: &'a Site,
    pub(super) key: &'a str,
    /// The same, to be shared.
    pub(super) rendered: &'a Key,
    pub(super) hash: u64,
    pub(super) plan: &'a Plan<'a, O::Value>,
    /// A stale entry of the remote tier, for an error.
    pub(super) at_hand: OnceLock<Arc<Entry<O::Value>>>,
    pub(super) met: Met,
    /// In place of which errors a stale value is served; of all, if nothing is said.
    pub(super) stale_if: Option<&'a StaleIf<'a, O::Error>>,
    /// How long this caller waits for loads.
    pub(super) limit: Option<&'a Limit<'a, O::Error>>,
}

/// What a read met on its way that its account tells of.
#[derive(Default)]
pub(super) struct Met {
    /// An entry whose lifetime had ended.
    pub(super) ended: AtomicBool,
    /// An error in the background for which no stale value is served, and which could not be told.
    pub(super) refusal: AtomicBool,
    /// The source had nothing to give, or not in time.
    pub(super) failure: AtomicBool,
}

/// The present moment, for what a value rests on.
pub(super) fn begin(engine: &Engine) -> Start {
    // The tick first: an invalidation in between makes it older than need be, never newer.
    Start { tick: engine.local.tick(), at: engine.clock.now(), order: flight::order() }
}

impl<O: Outcome> Call<'_, O> {
    /// The index of the function's template.
    pub(super) fn of(&self) -> usize {
        self.site.index.get()
    }

    /// What an entry of the remote tier must be to be of use to this read.
    pub(super) fn expect(&self) -> Expect {
        let fingerprint = codec::fingerprint::<O::Value>();
        Expect { schema: Some(self.site.version), fingerprint }
    }
}

/// The loads around this read, if any, rest on a copy of this process. Of a cache that no other process shares it is
/// as good as any.
pub(super) fn rest_on(engine: &Engine, copy: &Meta) {
    rest_on_flight(engine, copy, 0);
}

/// The loads around this read, if any, rest on what a flight brought: on a copy of this process for those that are not older
/// than its place in the order of flights and loads.
pub(super) fn rest_on_flight(engine: &Engine, copy: &Meta, order: u64) {
    if engine.shared.is_some() {
        scope::rests_on(engine.clock.now().saturating_sub(copy.began), order);
    }
}

/// The loads around this read, if any, first learn whether keys are being removed one after the other where they fill.
pub(super) async fn before_reading() {
    scope::before_reading(is_amid_removal).await;
}

async fn is_amid_removal(engine: Arc<Engine>) -> bool {
    // Who cannot know must not store.
    let Some((shared, permit)) = engine.shared.as_ref().and_then(|it| Some((it, it.permit()?)))
    else {
        return true;
    };
    let answer = shared.remote.is_sweeping().await;
    engine.settle(permit, "look for removals", answer).unwrap_or(true)
}
