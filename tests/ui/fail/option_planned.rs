//! Options that this version has not.

use cached_core::cached;

#[cached(timeout = "2s", codec = Json)]
async fn course(id: u32) -> u32 {
    id
}

fn main() {}
