//! `remote = off`: nothing in the shared tier.

use cached_core::cached;

#[cached(remote = off, local = "10s")]
async fn in_process_only(name: &str) -> String {
    name.to_owned()
}

pub(crate) async fn run() {
    assert_eq!(in_process_only("a").await, "a");
}
