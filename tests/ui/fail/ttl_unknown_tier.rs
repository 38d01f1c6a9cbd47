//! A TTL tier that is mistyped or unknown.

use cached_core::cached;

#[cached(ttl = "medum")]
async fn mistyped() -> u32 {
    1
}

#[cached(ttl = "forever")]
async fn unknown() -> u32 {
    1
}

fn main() {}
