//! `cache_if` takes a function of the value that gives a `bool`.

use cached_core::cached;

#[cached(cache_if = true)]
async fn boolean() -> u32 {
    1
}

#[cached(cache_if = |a, b| a > b)]
async fn two_parameters() -> u32 {
    1
}

#[cached(cache_if = |value| *value)]
async fn no_bool() -> u32 {
    1
}

fn main() {}
