//! Random numbers that tell one thing from another, in this process and in others: caches, leases, entries, generations.
//!
//! What need only be spread, such as pauses, is drawn from `fastrand` itself.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};

thread_local! {
    /// Not the thread's generator of `fastrand`: an application may seed that one, and two processes would draw the same.
    static OWN: RefCell<fastrand::Rng> = RefCell::new(seeded());
}

/// A number that nobody else draws.
pub(crate) fn unique() -> u64 {
    draw(|own| own.u64(..))
}

/// The same, for what must not be met by chance in any length of time.
pub(crate) fn unique_wide() -> u128 {
    draw(|own| own.u128(..))
}

fn draw<N>(from: impl FnOnce(&mut fastrand::Rng) -> N) -> N {
    OWN.with(|own| from(&mut own.borrow_mut()))
}

/// The keys of a `RandomState` are the operating system's, and no two of a thread are equal.
fn seeded() -> fastrand::Rng {
    fastrand::Rng::with_seed(RandomState::new().hash_one(std::thread::current().id()))
}
