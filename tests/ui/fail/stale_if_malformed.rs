//! `stale_if` takes a function of the error that gives a `bool`, beside `stale_if_error`.

use cached_core::cached;

#[cached(stale_if = |error| true)]
async fn no_window() -> Result<u32, String> {
    Ok(1)
}

#[cached(stale_if_error = "10m", stale_if = true)]
async fn boolean() -> Result<u32, String> {
    Ok(1)
}

#[cached(stale_if_error = "10m", stale_if = |a, b| a == b)]
async fn two_parameters() -> Result<u32, String> {
    Ok(1)
}

#[cached(stale_if_error = "10m", stale_if = |error| error.len())]
async fn no_bool() -> Result<u32, String> {
    Ok(1)
}

#[cached(stale_if_error = "10m", stale_if = |_| true)]
async fn no_error() -> u32 {
    1
}

fn main() {}
