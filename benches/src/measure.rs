//! Timing variants in turns, so that a machine that slows down slows all of them. Knows no variant.

use std::time::{Duration, Instant};

/// One round of a variant: does its operations and says how long they took.
pub(crate) type Round<'a> = Box<dyn FnMut() -> Duration + 'a>;

/// What a variant's rounds took.
#[derive(Clone, Copy, Default)]
pub(crate) struct Spread {
    pub(crate) median: Duration,
    /// The least disturbed round: the figure to look at on a machine that has other work.
    pub(crate) least: Duration,
}

/// What each variant's rounds took.
///
/// Every round runs every variant once; the order turns by one each time, so that nobody always runs behind the same
/// neighbour. The first two rounds warm up and are not counted.
pub(crate) fn spread_in_turns(rounds: usize, variants: &mut [Round<'_>]) -> Vec<Spread> {
    in_turns(2, rounds, variants)
}

/// The same without a warm-up: for what begins anew each time.
pub(crate) fn cold_in_turns(rounds: usize, variants: &mut [Round<'_>]) -> Vec<Spread> {
    in_turns(0, rounds, variants)
}

fn in_turns(warm_up: usize, rounds: usize, variants: &mut [Round<'_>]) -> Vec<Spread> {
    let count = variants.len();
    let mut times = vec![Vec::with_capacity(rounds); count];
    for round in 0..rounds + warm_up {
        for turn in 0..count {
            let which = (round + turn) % count;
            let took = variants[which]();
            if round >= warm_up {
                times[which].push(took);
            }
        }
    }
    times.into_iter().map(spread).collect()
}

/// How long something takes.
pub(crate) fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn spread(mut times: Vec<Duration>) -> Spread {
    times.sort_unstable();
    let at = |at: usize| times.get(at).copied().unwrap_or_default();
    Spread { median: at(times.len() / 2), least: at(0) }
}
