//! A window that is no text, and functions that cannot fail.

use cached_core::cached;

#[cached(stale_if_error = 600)]
async fn number() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[cached(stale_if_error = "10m")]
async fn plain(id: u32) -> u32 {
    id
}

#[cached(stale_if_error = "10m")]
async fn option(id: u32) -> Option<u32> {
    Some(id)
}

fn main() {}
