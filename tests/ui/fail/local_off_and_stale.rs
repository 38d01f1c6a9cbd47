//! Early refresh looks at the copy in this process; stale windows hold in the shared tier too.

use cached_core::cached;

#[cached(local = off, stale_while_revalidate = "10s", stale_if_error = "10m", early_refresh)]
async fn course(id: u32) -> Result<u32, std::io::Error> {
    Ok(id)
}

fn main() {}
