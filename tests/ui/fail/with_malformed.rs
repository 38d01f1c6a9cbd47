//! `with` is an `Invalidation`, or a closure from the returned value to one.

use cached_core::{Invalidation, invalidates};

#[invalidates(with = "course:1")]
async fn text() {}

#[invalidates(with = || Invalidation::new())]
async fn no_parameter() {}

#[invalidates(with = async |value| Invalidation::new())]
async fn asynchronous() {}

#[invalidates(with = |id| *id)]
async fn no_invalidation() -> u32 {
    1
}

fn main() {}
