//! Durations that say too little, nothing, or nonsense.

use cached_core::cached;

#[cached(ttl = 60)]
async fn number() -> u32 {
    1
}

#[cached(ttl = "90")]
async fn no_unit() -> u32 {
    1
}

#[cached(ttl = "90 seconds")]
async fn words() -> u32 {
    1
}

#[cached(ttl = "30m1h")]
async fn order() -> u32 {
    1
}

#[cached(ttl = "0s")]
async fn zero() -> u32 {
    1
}

#[cached(ttl = medium)]
async fn no_quotes() -> u32 {
    1
}

#[cached(ttl = || "1h")]
async fn no_parameter() -> u32 {
    1
}

fn main() {}
