//! `remote = off`: nothing in the shared tier.

use cached_core::remote::transport::Memory;
use cached_core::{Cache, cached};
use std::sync::atomic::{AtomicU32, Ordering};

static LOADS: AtomicU32 = AtomicU32::new(0);

#[cached(remote = off, local = "10s")]
async fn in_process_only(name: &str) -> String {
    format!("{name}{}", LOADS.fetch_add(1, Ordering::Relaxed))
}

#[cached]
async fn shared(name: &str) -> String {
    format!("{name}{}", LOADS.fetch_add(1, Ordering::Relaxed))
}

pub(crate) async fn run() {
    // Two processes with one server between them.
    let server = Memory::default();
    let cache = || Cache::builder().transport(server.clone()).build().unwrap();
    let (one, other) = (cache(), cache());
    for _ in 0..2 {
        assert_eq!(one.scope(in_process_only("a")).await, "a0");
    }
    assert_eq!(other.scope(in_process_only("a")).await, "a1");
    assert_eq!(one.scope(shared("a")).await, "a2");
    assert_eq!(other.scope(shared("a")).await, "a2");
}
