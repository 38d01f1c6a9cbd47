//! Options that this version has not.

use cached_core::cached;

#[cached(stale_while_revalidate = "10s", stale_if_error = "1h", early_refresh = true, timeout = "2s", codec = Json)]
async fn course(id: u32) -> u32 {
    id
}

fn main() {}
