//! Stale values are served from the local tier.

use cached_core::cached;

#[cached(local = off, stale_while_revalidate = "10s", stale_if_error = "10m", early_refresh)]
async fn course(id: u32) -> Result<u32, std::io::Error> {
    Ok(id)
}

fn main() {}
