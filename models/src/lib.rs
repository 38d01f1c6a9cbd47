//! The flights and the local tier of cached-core, compiled from their own files with locks and atomics whose every
//! step is a point at which another thread may go on, and run in many orders of these steps.
//!
//! What these parts need of the rest of cached-core is in `stand_ins`. Orders are sequentially consistent: what weaker
//! orderings of the processor could add is not searched here, which is why those parts use `SeqCst` where two
//! variables are compared.

// The files of cached-core bring their own unit tests, which need the rest of it.
#![cfg(not(test))]

mod protocol;
mod stand_ins;

pub use protocol::{Ends, Finding, Way, callers, nested, putters, readers};
pub use stand_ins::mutation;

use stand_ins::{clock, invalidation, sync};

mod key {
    pub(crate) use cached_core::Pattern;
}

#[allow(dead_code, reason = "the models use a part of it")]
#[path = "../../cached-core/src/flight.rs"]
mod flight;
#[allow(dead_code, reason = "the models use a part of it")]
#[path = "../../cached-core/src/local/mod.rs"]
mod local;
