//! Windows that are no text, no duration, zero, or off.

use cached_core::cached;

#[cached(stale_while_revalidate = 10)]
async fn number() -> u32 {
    1
}

#[cached(stale_while_revalidate = "soon")]
async fn no_duration() -> u32 {
    1
}

#[cached(stale_while_revalidate = off)]
async fn off() -> u32 {
    1
}

#[cached(stale_while_revalidate)]
async fn no_value() -> u32 {
    1
}

#[cached(stale_while_revalidate = "0s", stale_while_revalidate = "1s")]
async fn zero_and_twice() -> u32 {
    1
}

fn main() {}
