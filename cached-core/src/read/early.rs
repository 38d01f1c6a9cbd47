//! Early refresh: one caller loads a value anew a little before its lifetime ends, so that nobody waits at the end.
//!
//! XFetch (Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede Prevention, VLDB 2015): a read at
//! time `t` of a value that cost `c` refreshes if `t - c * ln(random)` is past its end. The dearer the load and the nearer
//! the end, the likelier; no coordination is needed.

use super::call::Call;
use crate::engine::Engine;
use crate::events::{Tier, Timer};
use crate::flight::Background;
use crate::local::Entry;
use crate::outcome::Outcome;
use crate::scope::ReadSource;
use std::sync::Arc;

/// Whether this read of the local tier's entry is the one; how long before the end of a value it refreshes, then.
#[cold]
pub(super) fn is_due(engine: &Engine, hash: u64, key: &[u8]) -> Option<f64> {
    let (left_ms, cost_ms) = engine.local.lifetime(hash, key)?;
    // In (0, 1]: the logarithm of zero would refresh always.
    let ahead_ms = ahead(cost_ms, 1.0 - fastrand::f64());
    // At its end it is an ordinary miss: the remote tier may have a newer one.
    (left_ms > 0 && ahead_ms >= left_ms as f64).then_some(ahead_ms)
}

fn ahead(cost_ms: f64, random: f64) -> f64 {
    -cost_ms * random.ln()
}

impl<O: Outcome> Call<'_, O>
where
    O::Value: crate::codec::CacheValue,
{
    /// The right to load early: one caller a key in this process.
    pub(super) fn claim_early(&self) -> Option<Background> {
        Background::claim(self.engine.clone(), self.key)
    }

    /// The value at hand, if it may be served still.
    pub(super) fn at_hand(&self, timer: Timer) -> Option<(Arc<Entry<O::Value>>, ReadSource)> {
        let entry = self.servable()?;
        self.engine.events.hit(self.of(), self.key.into(), Tier::Local, timer);
        Some((entry.clone(), ReadSource::Local))
    }

    /// The same, uncounted.
    pub(super) fn servable(&self) -> Option<&Arc<Entry<O::Value>>> {
        let entry = self.plan.early.as_ref().map(|early| &early.at_hand)?;
        let fresh = self.engine.clock.now() < entry.meta.fresh_until;
        let serve = fresh && self.engine.local.still_true(self.hash, self.key, &entry.meta);
        serve.then_some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::ahead;

    /// The share of reads that refresh is `exp(-left / cost)`.
    #[test]
    fn the_nearer_the_end_and_the_dearer_the_load_the_likelier() {
        let share = |left: f64, cost: f64| {
            let hits = (1..=10_000).filter(|i| ahead(cost, f64::from(*i) / 10_000.0) >= left);
            hits.count() as f64 / 10_000.0
        };
        assert!((share(100.0, 100.0) - (-1.0_f64).exp()).abs() < 0.01);
        assert!((share(300.0, 100.0) - (-3.0_f64).exp()).abs() < 0.01);
        assert!(share(60_000.0, 10.0) == 0.0, "far from the end nobody refreshes");
        assert!(share(0.0, 10.0) == 1.0);
    }
}
