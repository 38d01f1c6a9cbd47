//! `version`: entries of another version are misses.

use cached_core::cached;

#[cached(version = 2)]
async fn course(id: u32) -> u32 {
    id
}

#[cached(version = 0x_ff)]
async fn other() -> u32 {
    0
}

pub(crate) async fn run() {
    assert_eq!(course(1).await + other().await, 1);
}
