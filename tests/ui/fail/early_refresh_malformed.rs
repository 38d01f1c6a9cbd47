//! `early_refresh` is a bare name.

use cached_core::cached;

#[cached(early_refresh = true, ttl = "1s")]
async fn value() -> u32 {
    1
}

#[cached(early_refresh("1s"))]
async fn arguments() -> u32 {
    1
}

#[cached(early_refresh, early_refresh)]
async fn twice() -> u32 {
    1
}

fn main() {}
