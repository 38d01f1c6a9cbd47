//! `crate` is a path.

use cached_core::cached;

#[cached(crate = "cached_core")]
async fn text() -> u32 {
    1
}

#[cached(crate = ::no_such_crate)]
async fn unknown() -> u32 {
    1
}

fn main() {}
