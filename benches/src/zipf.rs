//! Which keys are popular: Zipf's law, as page reads follow it (Breslau et al., INFOCOM 1999).

use crate::value::id;
use std::sync::Arc;
use uuid::Uuid;

/// So many draws of ids, of which the nth most popular is drawn `n^-1` times as often as the first. The same in every run.
pub(crate) fn draws(ids: u64, count: usize) -> Arc<[Uuid]> {
    let mut sums = Vec::with_capacity(ids as usize);
    let mut sum = 0.0;
    for rank in 1..=ids {
        sum += 1.0 / rank as f64;
        sums.push(sum);
    }
    let mut random = fastrand::Rng::with_seed(1);
    let mut draw = || {
        let at = random.f64() * sum;
        id(sums.partition_point(|sum| *sum < at) as u64)
    };
    (0..count).map(|_| draw()).collect()
}
