//! Early refresh: one caller loads a value anew a little before its lifetime ends, so that nobody waits at the end.
//!
//! XFetch (Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede Prevention, VLDB 2015): a read at
//! time `t` of a value that cost `c` refreshes if `t - c * ln(random)` is past its end. The dearer the load and the nearer
//! the end, the likelier; no coordination is needed.

use crate::engine::Engine;

/// Whether this read of the local tier's entry is the one.
#[cold]
pub(super) fn is_due(engine: &Engine, hash: u64, key: &str) -> bool {
    engine.local.lifetime(hash, key).is_some_and(|(left_ms, cost_ms)| {
        // In (0, 1]: the logarithm of zero would refresh always.
        let random = 1.0 - fastrand::f64();
        // At its end it is an ordinary miss: the remote tier may have a newer one.
        left_ms > 0 && is_early(left_ms, cost_ms, random)
    })
}

fn is_early(left_ms: u64, cost_ms: f64, random: f64) -> bool {
    -cost_ms * random.ln() >= left_ms as f64
}

#[cfg(test)]
mod tests {
    use super::is_early;

    /// The share of reads that refresh is `exp(-left / cost)`.
    #[test]
    fn the_nearer_the_end_and_the_dearer_the_load_the_likelier() {
        let share = |left, cost| {
            let hits = (1..=10_000).filter(|i| is_early(left, cost, f64::from(*i) / 10_000.0));
            hits.count() as f64 / 10_000.0
        };
        assert!((share(100, 100.0) - (-1.0_f64).exp()).abs() < 0.01);
        assert!((share(300, 100.0) - (-3.0_f64).exp()).abs() < 0.01);
        assert!(share(60_000, 10.0) == 0.0, "far from the end nobody refreshes");
        assert!(share(0, 10.0) == 1.0);
    }
}
