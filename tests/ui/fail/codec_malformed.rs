//! `codec` is a `Codec`, of values that reach the shared tier.

use cached_core::cached;

#[cached(codec = "postcard")]
async fn text() -> u32 {
    1
}

#[cached(codec = cached_core::Codec::Json, remote = off)]
async fn of_this_process() -> u32 {
    1
}

fn main() {}
