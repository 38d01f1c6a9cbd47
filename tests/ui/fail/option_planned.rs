//! Options that this version has not.

use cached_core::cached;

#[cached(codec = Json)]
async fn course(id: u32) -> u32 {
    id
}

fn main() {}
