//! Bugs on purpose, so that the consistency tests can show that they would find them. Off unless the feature
//! `mutations` is on and a test switches one on for its process; without the feature nothing of it is compiled in.

/// A bug.
#[cfg_attr(not(feature = "mutations"), allow(unreachable_pub, reason = "public with the feature"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum Mutation {
    /// A fill does not ask whether its lease still stands.
    UnconditionalFill = 1,
    /// A write that is cancelled invalidates nothing.
    NoDropGuard = 2,
    /// The local tier does not compare ticks.
    NoTicks = 3,
}

#[cfg(feature = "mutations")]
mod switch {
    use super::Mutation;
    use std::sync::atomic::{AtomicU8, Ordering};

    static ON: AtomicU8 = AtomicU8::new(0);

    /// Switches a bug on, for good, in this process.
    pub fn mutate(mutation: Mutation) {
        ON.store(mutation as u8, Ordering::SeqCst);
    }

    pub(crate) fn is_on(mutation: Mutation) -> bool {
        ON.load(Ordering::Relaxed) == mutation as u8
    }
}

#[cfg(feature = "mutations")]
pub use switch::mutate;

#[cfg(feature = "mutations")]
pub(crate) use switch::is_on;

#[cfg(not(feature = "mutations"))]
#[inline(always)]
pub(crate) const fn is_on(_: Mutation) -> bool {
    false
}
