//! An expression that is no lifetime.

use cached_core::cached;

#[cached(ttl = 1.5 * 60.0)]
async fn float() -> u32 {
    1
}

#[cached(ttl = |value| *value)]
async fn by_value() -> u32 {
    1
}

fn main() {}
