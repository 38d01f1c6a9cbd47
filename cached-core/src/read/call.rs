//! A read on its way through the tiers: what it carries. What is done with it is in `path` and `lookup`.

use super::plan::Plan;
use crate::engine::Engine;
use crate::local::Tick;
use crate::outcome::Outcome;
use crate::site::Site;
use std::sync::Arc;

/// A read that the local tier did not answer.
pub(super) struct Call<'a, O: Outcome> {
    pub(super) engine: &'a Arc<Engine>,
    pub(super) site: &'a Site,
    pub(super) key: &'a str,
    pub(super) hash: u64,
    pub(super) plan: Box<Plan<'a, O::Value>>,
}

/// When what a value rests on was begun: in ticks for the serving rule, in milliseconds for lifetimes.
#[derive(Clone, Copy)]
pub(super) struct Began {
    pub(super) tick: Tick,
    pub(super) at: u64,
}

impl Began {
    pub(super) fn now(engine: &Engine) -> Self {
        // The tick first: an invalidation in between makes it older than need be, never newer.
        Self { tick: engine.local.tick(), at: engine.clock.now() }
    }

    pub(super) fn pair(self) -> (Tick, u64) {
        (self.tick, self.at)
    }
}
