//! `version`: entries of another version are misses.

use cached_core::remote::transport::Memory;
use cached_core::{Cache, cached};

// The price in euros, and one release later in cents.
#[cached(key = "price:<course>")]
async fn in_euros(course: u32) -> u32 {
    course
}

#[cached(version = 2, key = "price:<course>")]
async fn in_cents(course: u32) -> u32 {
    course * 100
}

#[cached(version = 0x_ff)]
async fn other() -> u32 {
    0
}

pub(crate) async fn run() {
    let server = Memory::default();
    let cache = || Cache::builder().transport(server.clone()).build().unwrap();
    let (old, new) = (cache(), cache());
    assert_eq!(old.scope(in_euros(7)).await, 7);
    assert_eq!(new.scope(in_cents(7)).await, 700);
    // Nor do they meet in one process, with or without a server.
    assert_eq!(new.scope(in_euros(7)).await, 7);
    for _ in 0..2 {
        assert_eq!((in_euros(7).await, in_cents(7).await), (7, 700));
    }
    let together = async { tokio::join!(in_euros(8), in_cents(8)) };
    assert_eq!(cached_core::request_scope(together).await, (8, 800));
    assert_eq!(other().await, 0);
}
